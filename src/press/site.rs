//! The files of the site: hashed names for what is shared, one real file a page.

use super::compress::gzip;
use anyhow::{Context, Result, bail};
use std::{
    fmt, fs,
    path::{Path, PathBuf},
};
use xxhash_rust::xxh3::xxh3_64;

/// The folder that becomes `dist`.
pub struct Site {
    folder: PathBuf,
}

impl Site {
    /// The staged site.
    pub const fn at(folder: PathBuf) -> Self {
        Self { folder }
    }

    /// Reads a staged file.
    pub fn read(&self, name: &str) -> Result<String> {
        let path = self.folder.join(name);
        fs::read_to_string(&path).with_context(|| format!("cannot read {}", path.display()))
    }

    /// Reads a file that need not be text.
    pub fn read_bytes(&self, name: &str) -> Result<Vec<u8>> {
        let path = self.folder.join(name);
        fs::read(&path).with_context(|| format!("cannot read {}", path.display()))
    }

    /// The names of all files, in order.
    pub fn files(&self) -> Result<Vec<String>> {
        let mut files = Vec::new();
        let mut folders = vec![String::new()];
        while let Some(folder) = folders.pop() {
            let path = self.folder.join(&folder);
            for entry in fs::read_dir(&path).with_context(|| format!("cannot read {}", path.display()))? {
                let entry = entry?;
                let name = format!("{folder}{}", entry.file_name().to_string_lossy());
                if entry.file_type()?.is_dir() {
                    folders.push(name + "/");
                } else {
                    files.push(name);
                }
            }
        }
        files.sort();
        Ok(files)
    }

    /// Whether there is a file of that name.
    pub fn has(&self, name: &str) -> bool {
        self.folder.join(name).exists()
    }

    /// Writes a file below the root, with its folders.
    pub fn write(&self, name: &str, bytes: &[u8]) -> Result<()> {
        let path = self.folder.join(name);
        if let Some(parent) = path.parent() {
            fs::create_dir_all(parent).with_context(|| format!("cannot make the folder {}", parent.display()))?;
        }
        fs::write(&path, bytes).with_context(|| format!("cannot write {}", path.display()))
    }

    /// Writes a file under a name that changes with its content, and returns that name: browsers may keep it forever.
    pub fn write_hashed(&self, stem: &str, ending: &str, bytes: &[u8]) -> Result<String> {
        let name = format!("{stem}-{:016x}.{ending}", xxh3_64(bytes));
        self.write(&name, bytes)?;
        Ok(name)
    }

    /// Gives a staged file a name that changes with its content.
    pub fn rename_hashed(&self, name: &str, stem: &str, ending: &str) -> Result<String> {
        let bytes = self.read_bytes(name)?;
        let hashed = self.write_hashed(stem, ending, &bytes)?;
        self.remove(name)?;
        Ok(hashed)
    }

    /// Removes a staged file.
    pub fn remove(&self, name: &str) -> Result<()> {
        let path = self.folder.join(name);
        fs::remove_file(&path).with_context(|| format!("cannot remove {}", path.display()))
    }

    /// The WebAssembly programs, by name.
    pub fn programs(&self) -> Result<Vec<Program>> {
        let mut programs = Vec::new();
        for entry in fs::read_dir(&self.folder).context("cannot read the staged site")? {
            let path = entry?.path();
            let Some(stem) = path.file_name().and_then(|name| name.to_str()?.strip_suffix(".wasm")) else { continue };
            let bytes = fs::read(&path).with_context(|| format!("cannot read {}", path.display()))?;
            // The hash is left out.
            let stem = stem.trim_end_matches("_bg");
            let name = stem.rsplit_once('-').map_or(stem, |(name, _)| name).to_string();
            programs.push(Program { name, bytes: bytes.len(), compressed: gzip(&bytes)?.len() });
        }
        programs.sort_by(|one, other| one.name.cmp(&other.name));
        Ok(programs)
    }

    /// The one staged file with this beginning and ending, without the ending.
    pub fn find(&self, beginning: &str, ending: &str) -> Result<String> {
        let entries = fs::read_dir(&self.folder).context("cannot read the staged site")?;
        let names = entries.filter_map(|entry| entry.ok()?.file_name().into_string().ok());
        let mut found: Vec<String> = names
            .filter_map(|name| Some(name.strip_suffix(ending)?.to_string()))
            .filter(|name| name.starts_with(beginning))
            .collect();
        match (found.pop(), found.is_empty()) {
            (Some(name), true) => Ok(name),
            (None, _) => bail!("Trunk left no file {beginning}…{ending}"),
            (Some(_), false) => bail!("Trunk left several files {beginning}…{ending}"),
        }
    }
}

/// A WebAssembly program of the site and its size.
pub struct Program {
    name: String,
    bytes: usize,
    compressed: usize,
}

impl fmt::Display for Program {
    fn fmt(&self, f: &mut fmt::Formatter) -> fmt::Result {
        write!(f, "{} {:.1} kB ({:.1} kB gzip)", self.name, self.bytes as f64 / 1e3, self.compressed as f64 / 1e3)
    }
}

/// The book's root folder: where its `Cargo.toml` is.
pub fn root() -> &'static Path {
    Path::new(env!("CARGO_MANIFEST_DIR"))
}

/// Reads a text of `assets`.
pub fn asset(name: &str) -> Result<String> {
    let path = root().join("assets").join(name);
    fs::read_to_string(&path).with_context(|| format!("cannot read {}", path.display()))
}

/// Cargo's target folder.
pub fn target() -> PathBuf {
    std::env::var_os("CARGO_TARGET_DIR").map_or_else(|| root().join("target"), PathBuf::from)
}
