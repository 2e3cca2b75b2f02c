//! The built site, served under a folder as any static host would, with a record of what was asked for.

use anyhow::Result;
use flate2::{Compression, write::GzEncoder};
use std::{
    fs,
    io::{self, BufRead, BufReader, Write},
    net::{Ipv4Addr, TcpListener, TcpStream},
    path::{Component, Path, PathBuf},
    sync::{Arc, Mutex, PoisonError},
    thread,
};

/// A request that was answered with a file of the site.
#[derive(Clone, Debug)]
pub struct Visit {
    /// The path and query that were asked for.
    pub url: String,
    /// The file.
    pub file: PathBuf,
}

/// What a meddler makes of a file.
pub enum Answer {
    /// These bytes, as if they were the file's.
    Whole(Vec<u8>),
    /// The beginning of these bytes, and then the connection breaks.
    Broken(Vec<u8>),
    /// A status other than 200, with nothing.
    Refused(&'static str),
}

/// Spoils a host's answers: given a path below the site's root and its file, or the test's own script.
pub type Meddler = Box<dyn Fn(&str, Vec<u8>) -> Answer + Send + Sync>;

/// How a host answers.
#[derive(Clone, Copy, PartialEq, Eq)]
enum Manner {
    /// Pages have the tests' probe in them.
    Probed,
    /// Every byte is as it is in the folder.
    AsItIs,
    /// Pages have the probe, and no answer has a header but the content's type.
    Headless,
}

/// A running server.
pub struct Host {
    /// Where the site's root is: `http://127.0.0.1:PORT/some/path/`.
    pub address: String,
    visits: Arc<Mutex<Vec<Visit>>>,
    /// The folder that is served; none while the server gives no answer.
    folder: Arc<Mutex<Option<PathBuf>>>,
}

/// The script that every page is given while it is tested; see there.
const PROBE: &str = include_str!("probe.js");
/// The name under which it is served.
pub const PROBE_NAME: &str = "__probe.js";

impl Host {
    /// Serves a folder under a path such as `/some/path/`, until the process ends.
    pub fn start(folder: &Path, base: &str) -> Result<Self> {
        Self::open(folder, base, Manner::Probed, Box::new(|_, bytes| Answer::Whole(bytes)))
    }

    /// The same, with every byte as it is in the folder.
    pub fn bare(folder: &Path, base: &str) -> Result<Self> {
        Self::open(folder, base, Manner::AsItIs, Box::new(|_, bytes| Answer::Whole(bytes)))
    }

    /// The same as [`Self::start`], with no header but the content's type.
    pub fn start_bare(folder: &Path, base: &str) -> Result<Self> {
        Self::open(folder, base, Manner::Headless, Box::new(|_, bytes| Answer::Whole(bytes)))
    }

    /// The same as [`Self::start`], with answers that a meddler has a hand in.
    pub fn start_with(folder: &Path, base: &str, meddler: Meddler) -> Result<Self> {
        Self::open(folder, base, Manner::Probed, meddler)
    }

    /// Serves another folder from now on; with none, it breaks off every connection.
    pub fn show(&self, folder: Option<&Path>) {
        *self.folder.lock().unwrap_or_else(PoisonError::into_inner) = folder.map(Path::to_path_buf);
    }

    fn open(folder: &Path, base: &str, manner: Manner, meddler: Meddler) -> Result<Self> {
        let meddler = Arc::new(meddler);
        let listener = TcpListener::bind((Ipv4Addr::LOCALHOST, 0))?;
        let address = format!("http://{}{base}", listener.local_addr()?);
        let visits = Arc::new(Mutex::new(Vec::new()));
        let folder = Arc::new(Mutex::new(Some(folder.to_path_buf())));
        let (record, shown, base) = (visits.clone(), folder.clone(), base.to_owned());
        thread::spawn(move || {
            for stream in listener.incoming().flatten() {
                let (record, shown) = (record.clone(), shown.clone());
                let (base, meddler) = (base.clone(), meddler.clone());
                // One thread a connection: browsers open some that they never use, and none may keep others waiting.
                thread::spawn(move || {
                    // A browser that has gone away misses nothing.
                    let _ = answer(&stream, &shown, &base, &record, manner, &meddler);
                });
            }
        });
        Ok(Self { address, visits, folder })
    }

    /// What was asked for since the last call, by whom ever.
    pub fn take_visits(&self) -> Vec<Visit> {
        self.visits.lock().map(|mut visits| std::mem::take(&mut *visits)).unwrap_or_default()
    }
}

/// Answers one request and closes the connection.
fn answer(
    stream: &TcpStream,
    shown: &Mutex<Option<PathBuf>>,
    base: &str,
    visits: &Mutex<Vec<Visit>>,
    manner: Manner,
    meddler: &Meddler,
) -> io::Result<()> {
    let mut lines = BufReader::new(stream).lines();
    let Some(first) = lines.next().transpose()? else { return Ok(()) };
    for header in lines {
        if header?.is_empty() {
            break;
        }
    }
    // Asked as late as this: browsers open connections long before they use them.
    let shown = shown.lock().unwrap_or_else(PoisonError::into_inner).clone();
    let Some(folder) = shown.as_deref() else { return Ok(()) };
    let url = first.split(' ').nth(1).unwrap_or_default().to_owned();
    let path = url.split(['?', '#']).next().unwrap_or_default();
    let (status, name, bytes) = match path.strip_prefix(base) {
        Some(PROBE_NAME) => ("200 OK", PathBuf::from(PROBE_NAME), PROBE.as_bytes().to_vec()),
        inside => match inside.and_then(|inside| find(folder, inside)) {
            Some(file) => {
                if let Ok(mut visits) = visits.lock() {
                    visits.push(Visit { url: url.clone(), file: file.clone() });
                }
                ("200 OK", file.clone(), fs::read(&file)?)
            }
            None => ("404 Not Found", PathBuf::from("404.html"), fs::read(folder.join("404.html")).unwrap_or_default()),
        },
    };
    let (status, bytes, is_broken) = match meddler(path.strip_prefix(base).unwrap_or_default(), bytes) {
        Answer::Whole(bytes) => (status, bytes, false),
        Answer::Broken(bytes) => (status, bytes, true),
        Answer::Refused(status) => (status, Vec::new(), false),
    };
    let kind = media_type(&name);
    let is_probed = manner != Manner::AsItIs && kind.starts_with("text/html");
    let bytes = if is_probed { with_probe(bytes, base) } else { bytes };
    // Where no length is told, the end of the connection is the end of the file.
    let mut head = format!("HTTP/1.1 {status}\r\nContent-Type: {kind}\r\n");
    if manner != Manner::Headless {
        for (name, value) in
            [("Cache-Control", "no-store"), ("Connection", "close"), ("Content-Length", &*bytes.len().to_string())]
        {
            head.extend([name, ": ", value, "\r\n"]);
        }
        // Pages are isolated on request only: a static host sends no such headers. They say nothing beside other files.
        if !kind.starts_with("text/html") || url.contains("isolate=1") {
            head += "Cross-Origin-Opener-Policy: same-origin\r\nCross-Origin-Embedder-Policy: require-corp\r\n";
        }
    }
    let mut stream = stream;
    stream.write_all(format!("{head}\r\n").as_bytes())?;
    stream.write_all(if is_broken { &bytes[..bytes.len() / 2] } else { &bytes })
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

/// What a host says of a file by its name.
pub fn media_type(file: &Path) -> &'static str {
    match file.extension().and_then(|extension| extension.to_str()) {
        Some("html") => "text/html; charset=utf-8",
        Some("css") => "text/css; charset=utf-8",
        Some("js") => "text/javascript; charset=utf-8",
        Some("json") => "application/json",
        Some("wasm") => "application/wasm",
        Some("svg") => "image/svg+xml",
        Some("webmanifest") => "application/manifest+json",
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
