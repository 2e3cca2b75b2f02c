//! The built site, served under a folder as any static host would, with a record of what was asked for.

use anyhow::{Result, anyhow};
use flate2::{Compression, write::GzEncoder};
use std::{
    fs,
    io::Write,
    path::{Component, Path, PathBuf},
    sync::{Arc, Mutex},
    thread,
};
use tiny_http::{Header, Request, Response, Server};

/// A request that was answered.
#[derive(Clone, Debug)]
pub struct Visit {
    /// The path and query that were asked for.
    pub url: String,
    /// The status of the answer.
    pub status: u16,
    /// The size of the file with gzip, in bytes.
    pub gzip: usize,
}

/// A running server.
pub struct Host {
    /// Where the site's root is: `http://127.0.0.1:PORT/some/path/`.
    pub address: String,
    visits: Arc<Mutex<Vec<Visit>>>,
}

/// The script that every page is given while it is tested; see there.
const PROBE: &str = include_str!("probe.js");
const PROBE_NAME: &str = "__probe.js";

impl Host {
    /// Serves a folder under a path such as `/some/path/`, until the process ends.
    pub fn start(folder: &Path, base: &str) -> Result<Self> {
        let server = Server::http("127.0.0.1:0").map_err(|error| anyhow!("no port to serve the site on: {error}"))?;
        let port = server.server_addr().to_ip().map_or(0, |address| address.port());
        let visits = Arc::new(Mutex::new(Vec::new()));
        let server = Arc::new(server);
        // A page asks for several files at once.
        for _ in 0..4 {
            let (server, visits, folder, base) =
                (server.clone(), visits.clone(), folder.to_path_buf(), base.to_owned());
            thread::spawn(move || {
                while let Ok(request) = server.recv() {
                    answer(request, &folder, &base, &visits);
                }
            });
        }
        Ok(Self { address: format!("http://127.0.0.1:{port}{base}"), visits })
    }

    /// What was asked for since the last call, by whom ever.
    pub fn take_visits(&self) -> Vec<Visit> {
        self.visits.lock().map(|mut visits| std::mem::take(&mut *visits)).unwrap_or_default()
    }
}

fn answer(request: Request, folder: &Path, base: &str, visits: &Mutex<Vec<Visit>>) {
    let url = request.url().to_owned();
    let path = url.split(['?', '#']).next().unwrap_or_default();
    let (status, name, bytes) = match path.strip_prefix(base) {
        Some(PROBE_NAME) => (200, PathBuf::from(PROBE_NAME), PROBE.as_bytes().to_vec()),
        inside => match inside.and_then(|inside| find(folder, inside)) {
            Some(file) => (200, file.clone(), fs::read(&file).unwrap_or_default()),
            None => (404, PathBuf::from("404.html"), fs::read(folder.join("404.html")).unwrap_or_default()),
        },
    };
    if name != Path::new(PROBE_NAME)
        && let Ok(mut visits) = visits.lock()
    {
        visits.push(Visit { url: url.clone(), status, gzip: gzip_size(&bytes) });
    }
    let kind = media_type(&name);
    let bytes = if kind.starts_with("text/html") { with_probe(bytes, base) } else { bytes };
    let mut response = Response::from_data(bytes).with_status_code(status);
    let mut fields = vec![("Content-Type", kind), ("Cache-Control", "no-store")];
    // Pages are isolated on request only: a static host sends no such headers. They say nothing beside other files.
    if !kind.starts_with("text/html") || url.contains("isolate=1") {
        fields.push(("Cross-Origin-Opener-Policy", "same-origin"));
        fields.push(("Cross-Origin-Embedder-Policy", "require-corp"));
    }
    for (field, value) in fields {
        if let Ok(header) = Header::from_bytes(field, value) {
            response.add_header(header);
        }
    }
    // A browser that has gone away misses nothing.
    let _ = request.respond(response);
}

/// The file behind a path: itself, or `index.html` of a folder.
pub fn find(folder: &Path, path: &str) -> Option<PathBuf> {
    let relative = Path::new(path);
    if !relative.components().all(|part| matches!(part, Component::Normal(_))) {
        return None;
    }
    let file = folder.join(relative);
    if path.is_empty() || path.ends_with('/') {
        return Some(file.join("index.html")).filter(|file| file.is_file());
    }
    Some(file).filter(|file| file.is_file())
}

fn with_probe(bytes: Vec<u8>, base: &str) -> Vec<u8> {
    let Ok(html) = String::from_utf8(bytes.clone()) else { return bytes };
    html.replacen("<head>", &format!("<head><script src=\"{base}{PROBE_NAME}\"></script>"), 1).into_bytes()
}

fn media_type(file: &Path) -> &'static str {
    match file.extension().and_then(|extension| extension.to_str()) {
        Some("html") => "text/html; charset=utf-8",
        Some("css") => "text/css; charset=utf-8",
        Some("js") => "text/javascript; charset=utf-8",
        Some("json") => "application/json",
        Some("wasm") => "application/wasm",
        Some("svg") => "image/svg+xml",
        Some("png") => "image/png",
        Some("woff2") => "font/woff2",
        Some("xml") => "application/xml",
        Some("txt") => "text/plain; charset=utf-8",
        _ => "application/octet-stream",
    }
}

/// The number of bytes that a file takes on the wire.
pub fn gzip_size(bytes: &[u8]) -> usize {
    let mut encoder = GzEncoder::new(Vec::new(), Compression::best());
    // Writing to memory does not fail.
    let _ = encoder.write_all(bytes);
    encoder.finish().map(|compressed| compressed.len()).unwrap_or_default()
}
