//! Finished runs of labs, kept between builds by the labs' code, the parameters and the seed, so that editing prose
//! runs nothing again.

use super::cores;
use anyhow::{Context, Result};
use labs::{
    data::Data,
    figure::Figure,
    frame::{Frame, OutputValue},
    lab::{AnyLab, from_bytes, to_bytes},
    run,
    settings::Settings,
};
use std::{
    collections::BTreeMap,
    fs,
    path::{Path, PathBuf},
};
use xxhash_rust::xxh3::Xxh3Default;

/// Computes results, or remembers them.
pub struct Results {
    data: Data,
    folder: PathBuf,
    /// A hash of everything that a result depends on besides its settings.
    code: u64,
}

/// One result that a page needs.
#[derive(Clone)]
pub enum Wanted {
    /// The finished run of a printed lab, or of one that prose points at.
    Frame(&'static dyn AnyLab, Settings),
    /// The outputs behind a number in the prose.
    Outputs(&'static dyn AnyLab, Settings),
}

impl Results {
    /// Opens the store in `<target>/press`, for the labs' code below `root`.
    pub fn open(root: &Path, target: &Path) -> Result<Self> {
        let folder = target.join("press");
        fs::create_dir_all(&folder).with_context(|| format!("cannot make the folder {}", folder.display()))?;
        Ok(Self { data: Data::bundled(), folder, code: fingerprint(root)? })
    }

    fn file(&self, lab: &'static dyn AnyLab, settings: &Settings, kind: &str) -> PathBuf {
        let mut hash = Xxh3Default::new();
        hash.update(&self.code.to_le_bytes());
        hash.update(lab.schema().id.as_bytes());
        hash.update(&to_bytes(settings));
        self.folder.join(format!("{}-{:016x}.{kind}", lab.schema().id, hash.digest()))
    }

    /// The finished run.
    pub fn frame(&self, lab: &'static dyn AnyLab, settings: &Settings) -> Result<Frame> {
        Self::kept(&self.file(lab, settings, "frame"), || run::complete(lab, settings.clone(), &self.data))
    }

    /// The outputs alone.
    pub fn outputs(&self, lab: &'static dyn AnyLab, settings: &Settings) -> Result<Vec<OutputValue>> {
        Self::kept(&self.file(lab, settings, "outputs"), || run::probe(lab, settings.clone(), &self.data).outputs)
    }

    fn kept<T: serde::Serialize + serde::de::DeserializeOwned>(file: &Path, compute: impl FnOnce() -> T) -> Result<T> {
        if let Some(value) = fs::read(file).ok().and_then(|bytes| from_bytes(&bytes)) {
            return Ok(value);
        }
        let value = compute();
        fs::write(file, to_bytes(&value)).with_context(|| format!("cannot write {}", file.display()))?;
        Ok(value)
    }

    /// Computes everything that is wanted and not yet kept, on all cores.
    pub fn prepare(&self, wanted: &[Wanted]) -> Result<()> {
        let file = |want: &Wanted| match want {
            Wanted::Frame(lab, settings) => self.file(*lab, settings, "frame"),
            Wanted::Outputs(lab, settings) => self.file(*lab, settings, "outputs"),
        };
        // One run answers all that is asked of the same settings.
        let by_file: BTreeMap<PathBuf, &Wanted> = wanted.iter().map(|want| (file(want), want)).collect();
        let missing: Vec<&Wanted> =
            by_file.into_iter().filter(|(file, _)| !file.exists()).map(|(_, want)| want).collect();
        if missing.is_empty() {
            return Ok(());
        }
        eprintln!("press: running labs for {} printed results", missing.len());
        cores::for_each(&missing, |want| match want {
            Wanted::Frame(lab, settings) => self.frame(*lab, settings).map(drop),
            Wanted::Outputs(lab, settings) => self.outputs(*lab, settings).map(drop),
        })
    }
}

impl book::Values for Results {
    fn value(&self, lab: &str, settings: &Settings, output: &str) -> Result<f64, String> {
        let lab = labs::labs::find(lab).ok_or_else(|| format!("there is no lab “{lab}”"))?;
        let outputs = self.outputs(lab, settings).map_err(|error| format!("{error:#}"))?;
        let (name, is_error) = match output.strip_suffix("_standard_error") {
            Some(name) if lab.schema().output(output).is_none() => (name, true),
            _ => (output, false),
        };
        let found = outputs.iter().find(|value| value.name == name);
        let found = found.ok_or_else(|| format!("the lab {} has no output “{output}”", lab.schema().id))?;
        if is_error {
            return found.standard_error.ok_or_else(|| format!("{name} comes without a standard error"));
        }
        Ok(found.value)
    }

    fn figure(&self, lab: &str, settings: &Settings) -> Result<Figure, String> {
        let lab = labs::labs::find(lab).ok_or_else(|| format!("there is no lab “{lab}”"))?;
        Ok(self.frame(lab, settings).map_err(|error| format!("{error:#}"))?.report.figure)
    }
}

/// A hash of the sources and data that the labs are made of.
fn fingerprint(root: &Path) -> Result<u64> {
    let mut files = vec![root.join("Cargo.lock")];
    for folder in ["crates/kernels/src", "crates/labs/src", "crates/labs/data"] {
        list(&root.join(folder), &mut files)?;
    }
    let mut hash = Xxh3Default::new();
    for file in files {
        let bytes = fs::read(&file).with_context(|| format!("cannot read {}", file.display()))?;
        let name = file.strip_prefix(root).unwrap_or(&file).to_string_lossy();
        hash.update(name.as_bytes());
        hash.update(&(bytes.len() as u64).to_le_bytes());
        hash.update(&bytes);
    }
    Ok(hash.digest())
}

/// Every file below a folder, in the order of their names.
fn list(folder: &Path, files: &mut Vec<PathBuf>) -> Result<()> {
    let entries = fs::read_dir(folder).with_context(|| format!("cannot read the folder {}", folder.display()))?;
    let mut paths = entries.map(|entry| Ok(entry?.path())).collect::<std::io::Result<Vec<_>>>()?;
    paths.sort();
    for path in paths {
        if path.is_dir() {
            list(&path, files)?;
        } else {
            files.push(path);
        }
    }
    Ok(())
}
