//! What Lighthouse and axe-core say of pages as phones show them, from hosts of two kinds.
//!
//! Lighthouse loads a page and reckons from that how a phone of middling speed on a slow network would: its times depend on
//! how busy this machine is, all else does not.

use super::{
    progress,
    table::{MISSED, Table, digits, mark},
};
use crate::{
    axe,
    support::{
        Site,
        driver::Browser,
        server::{find, media_type},
    },
};
use anyhow::{Context, Result, bail};
use flate2::{Compression, write::GzEncoder};
use labs::text::Language;
use serde_json::Value;
use std::{
    env, fs,
    io::{self, BufRead, BufReader, Write},
    net::{Ipv4Addr, TcpListener, TcpStream},
    path::{Path, PathBuf},
    process::Command,
    thread,
};

/// How a host sends files.
#[derive(Clone, Copy)]
enum Manner {
    /// As most do.
    Compressed,
    /// As they are, with no header but their type and length.
    Bare,
}

/// How often Lighthouse looks at a page. Its times depend on what else the machine does, and the middle one stands for all.
const ROUNDS: usize = 3;
/// The lab whose page is looked at.
const LAB: &str = "ridgeless";
/// The width of a phone.
const PHONE: u32 = 390;
/// The folder below which the site is served: no page may lean on standing at the root.
const BASE: &str = "/an/odd/path/";

/// What each page should reach.
mod target {
    pub const PERFORMANCE: f64 = 95.0;
    pub const ALL: f64 = 100.0;
    /// Milliseconds until the largest piece of content is painted.
    pub const LARGEST_PAINT: f64 = 1500.0;
    /// Milliseconds for which the main thread does not answer.
    pub const BLOCKING: f64 = 100.0;
}

/// Prints what is found on the landing page, on each chapter in both languages and on the page of a lab. Nothing without
/// Lighthouse, which `cargo xtask bench` installs.
pub fn print(site: &Site) -> Result<()> {
    let Some(script) = env::var_os("SITE_LIGHTHOUSE").map(PathBuf::from) else { return Ok(()) };
    let mut pages = vec![String::new()];
    for language in Language::ALL {
        pages.extend(site.chapters(language)?);
    }
    pages.push(format!("en/lab/{LAB}/"));
    let mut violations = Vec::new();
    for page in &pages {
        progress(&format!("axe-core in /{page}"));
        violations.push(axe::count(site, page, PHONE)?);
    }
    // The browsers that are there would take time from the one that is measured.
    site.close();
    for (manner, title) in [
        (Manner::Compressed, "Quality on a phone, from a host that compresses"),
        (Manner::Bare, "Quality on a phone, from a host that sends no header but the type, and so does not compress"),
    ] {
        let address = serve(&site.folder, manner)?;
        let mut table = Table::new([
            ["", "page"],
            ["perfor-", "mance"],
            ["accessi-", "bility"],
            ["best", "practices"],
            ["", "SEO"],
            ["largest", "paint, ms"],
            ["blocking", "time, ms"],
            ["axe", "violations"],
        ]);
        for (page, &violations) in pages.iter().zip(&violations) {
            progress(&format!("Lighthouse in /{page}"));
            let reports: Vec<Value> =
                (0..ROUNDS).map(|_| look(&script, &format!("{address}{page}"))).collect::<Result<_>>()?;
            let sorted = |number: &dyn Fn(&Value) -> Option<f64>| {
                let mut numbers: Vec<f64> = reports.iter().map(|report| number(report).unwrap_or(f64::NAN)).collect();
                numbers.sort_by(f64::total_cmp);
                numbers
            };
            // What does not hang on time must hold at every look.
            let score = |category: &str, least: f64| {
                let scores = sorted(&|report| report["categories"][category]["score"].as_f64());
                let is_lost = scores.iter().any(|score| score.is_nan());
                let score = 100.0 * scores[if category == "performance" { ROUNDS / 2 } else { 0 }];
                format!("{score:.0}{}", mark(is_lost || score < least))
            };
            let time = |audit: &str, most: f64| {
                let time = sorted(&|report| report["audits"][audit]["numericValue"].as_f64())[ROUNDS / 2];
                format!("{}{}", digits(time), mark(time.is_nan() || time > most))
            };
            table.row([
                format!("/{page}"),
                score("performance", target::PERFORMANCE),
                score("accessibility", target::ALL),
                score("best-practices", target::ALL),
                score("seo", target::ALL),
                time("largest-contentful-paint", target::LARGEST_PAINT),
                time("total-blocking-time", target::BLOCKING),
                format!("{violations}{}", mark(violations > 0)),
            ]);
        }
        table.print(title);
    }
    println!(
        "\nof {ROUNDS} looks the middle one for performance and times, the worst for the other scores; {MISSED} is below {} (performance) or {} (other scores), above {} ms or {} ms, or a violation",
        target::PERFORMANCE,
        target::ALL,
        target::LARGEST_PAINT,
        target::BLOCKING
    );
    Ok(())
}

/// Lighthouse's report on one page.
fn look(script: &Path, address: &str) -> Result<Value> {
    let folder = env::temp_dir().join(format!("why-it-generalizes-quality-{}", std::process::id()));
    fs::create_dir_all(&folder)?;
    let flags = [
        "--headless",
        "--no-sandbox",
        "--disable-gpu",
        "--disable-quic",
        "--no-first-run",
        "--disable-background-networking",
        "--disable-component-update",
        "--disable-sync",
    ];
    let mut command = Command::new("node");
    command.arg(script).arg(address).args(["--output=json", "--output-path=stdout", "--quiet", "--form-factor=mobile"]);
    command.arg("--only-categories=performance,accessibility,best-practices,seo");
    command.arg(format!("--chrome-flags={} --user-data-dir={}", flags.join(" "), folder.display()));
    // It asks nobody whether it may tell its makers of a failure.
    command.arg("--no-enable-error-reporting");
    command.env("CHROME_PATH", Browser::Chromium.program().context("there is no Chromium on PATH")?);
    let output = command.output().context("node, which runs Lighthouse, cannot be started")?;
    // A profile that stays behind harms nothing.
    let _ = fs::remove_dir_all(&folder);
    if !output.status.success() {
        bail!("Lighthouse failed in {address}:\n{}", String::from_utf8_lossy(&output.stderr));
    }
    let report: Value = serde_json::from_slice(&output.stdout).context("Lighthouse's report is no JSON")?;
    if let Some(error) = report["runtimeError"]["message"].as_str() {
        bail!("Lighthouse failed in {address}: {error}");
    }
    Ok(report)
}

/// Serves a folder below [`BASE`] until the process ends, and returns the address.
fn serve(folder: &Path, manner: Manner) -> Result<String> {
    let listener = TcpListener::bind((Ipv4Addr::LOCALHOST, 0))?;
    let address = format!("http://{}{BASE}", listener.local_addr()?);
    let folder = folder.to_path_buf();
    thread::spawn(move || {
        for stream in listener.incoming().flatten() {
            let folder = folder.clone();
            // A browser that has gone away misses nothing.
            thread::spawn(move || answer(&stream, &folder, manner));
        }
    });
    Ok(address)
}

/// A file with gzip: its twin where the site has one, so that no time is taken for the host's.
fn compressed(file: &Path) -> io::Result<Vec<u8>> {
    let mut twin = file.as_os_str().to_owned();
    twin.push(".gz");
    fs::read(twin).or_else(|_| {
        let mut encoder = GzEncoder::new(Vec::new(), Compression::default());
        encoder.write_all(&fs::read(file)?)?;
        encoder.finish()
    })
}

/// Answers the requests of one connection until the browser closes it.
fn answer(stream: &TcpStream, folder: &Path, manner: Manner) -> io::Result<()> {
    let mut lines = BufReader::new(stream).lines();
    while let Some(first) = lines.next().transpose()? {
        for header in lines.by_ref() {
            if header?.is_empty() {
                break;
            }
        }
        let path = first.split(' ').nth(1).unwrap_or_default().split(['?', '#']).next().unwrap_or_default();
        let file = path.strip_prefix(BASE).and_then(|inside| find(folder, inside));
        let (status, file) = file.map_or_else(|| ("404 Not Found", folder.join("404.html")), |file| ("200 OK", file));
        let (bytes, encoding) = match manner {
            Manner::Compressed => (compressed(&file)?, "Content-Encoding: gzip\r\n"),
            Manner::Bare => (fs::read(&file)?, ""),
        };
        let kind = media_type(&file);
        let head =
            format!("HTTP/1.1 {status}\r\nContent-Type: {kind}\r\n{encoding}Content-Length: {}\r\n\r\n", bytes.len());
        let mut stream = stream;
        stream.write_all(&[head.as_bytes(), &bytes].concat())?;
    }
    Ok(())
}
