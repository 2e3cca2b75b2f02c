//! Compressed twins beside the files of the site, for hosts that send a `.br` or `.gz` in a file's place.

use super::{cores, site::Site};
use anyhow::Result;
use brotli::enc::BrotliEncoderParams;
use flate2::{Compression, write::GzEncoder};
use std::{
    io::Write,
    sync::atomic::{AtomicUsize, Ordering},
};

/// The endings of files that are compressed by their nature, or are such twins themselves.
const DENSE: [&str; 4] = [".png", ".woff2", ".br", ".gz"];

/// Writes `.br` and `.gz` beside every file that both make smaller; returns what was saved.
pub fn write(site: &Site) -> Result<String> {
    let files = site.files()?;
    let files: Vec<&String> = files.iter().filter(|file| !DENSE.iter().any(|ending| file.ends_with(ending))).collect();
    let [plain, short, shorter] = [const { AtomicUsize::new(0) }; 3];
    cores::for_each(&files, |file| {
        let bytes = site.read_bytes(file)?;
        let brotli = brotli(&bytes)?;
        let gzip = gzip(&bytes)?;
        if brotli.len().max(gzip.len()) < bytes.len() {
            site.write(&format!("{file}.br"), &brotli)?;
            site.write(&format!("{file}.gz"), &gzip)?;
        }
        for (sum, length) in [(&plain, bytes.len()), (&short, gzip.len()), (&shorter, brotli.len())] {
            sum.fetch_add(length, Ordering::Relaxed);
        }
        Ok(())
    })?;
    let megabytes = |sum: AtomicUsize| sum.into_inner() as f64 / 1e6;
    let [plain, short, shorter] = [plain, short, shorter].map(megabytes);
    Ok(format!("{plain:.1} MB compressed to {short:.1} MB (gzip) and {shorter:.1} MB (brotli)"))
}

/// A text or a program as gzip, as small as it gets.
pub fn gzip(bytes: &[u8]) -> Result<Vec<u8>> {
    let mut encoder = GzEncoder::new(Vec::new(), Compression::best());
    encoder.write_all(bytes)?;
    Ok(encoder.finish()?)
}

fn brotli(bytes: &[u8]) -> Result<Vec<u8>> {
    let mut compressed = Vec::new();
    let best = BrotliEncoderParams { quality: 11, size_hint: bytes.len(), ..BrotliEncoderParams::default() };
    brotli::BrotliCompress(&mut &*bytes, &mut compressed, &best)?;
    Ok(compressed)
}
