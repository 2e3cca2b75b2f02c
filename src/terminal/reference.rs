//! The reference data: what independent implementations of the labs measured, in `tests/reference/<lab>.json`.

use serde::Deserialize;
use serde_json::{Map, Value};
use std::{
    collections::BTreeMap,
    fs, io,
    path::{Path, PathBuf},
};

/// The reference data of one lab.
#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Reference {
    /// The lab's id.
    pub lab: String,
    /// What was measured.
    pub cases: Vec<Case>,
}

/// One setting of the parameters and what was measured there.
#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Case {
    /// Values of parameters, as numbers or words; the others keep their defaults.
    pub params: Map<String, Value>,
    /// What was measured, by the output's name.
    pub outputs: BTreeMap<String, Expected>,
}

/// One measured output.
#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Expected {
    /// The mean (or what the lab's table says instead) over seeds.
    pub mean: f64,
    /// Its standard error.
    pub standard_error: f64,
    /// How many seeds there were.
    pub seeds: u64,
    /// How far another implementation's value may lie from `mean`.
    pub tolerance: f64,
    /// What a formula predicts for this output. It may be the limit of a formula that a lab has for finite sizes.
    pub theory: Option<f64>,
}

/// Where the reference data of this package lies: the program is built from a checkout and checks that checkout.
pub fn directory() -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).join("tests/reference")
}

/// The ids of the labs that have reference data, sorted.
pub fn labs(directory: &Path) -> io::Result<Vec<String>> {
    let mut ids = Vec::new();
    for entry in fs::read_dir(directory)? {
        let path = entry?.path();
        if path.extension().is_some_and(|extension| extension == "json") {
            ids.extend(path.file_stem().map(|stem| stem.to_string_lossy().into_owned()));
        }
    }
    ids.sort();
    Ok(ids)
}

impl Reference {
    /// Reads a lab's reference data.
    pub fn read(directory: &Path, id: &str) -> io::Result<Self> {
        let bytes = fs::read(directory.join(id).with_extension("json"))?;
        let reference: Self = serde_json::from_slice(&bytes)?;
        if reference.lab != id {
            return Err(io::Error::other(format!("the data in {id}.json belongs to the lab {}", reference.lab)));
        }
        Ok(reference)
    }
}

impl Case {
    /// The parameters as `name = value` words, as a command line would give them.
    pub fn words(&self) -> Vec<(&str, String)> {
        let word = |value: &Value| value.as_str().map_or_else(|| value.to_string(), str::to_owned);
        self.params.iter().map(|(name, value)| (name.as_str(), word(value))).collect()
    }

    /// The seeds that the best measured of its outputs was averaged over.
    pub fn seeds(&self) -> u64 {
        self.outputs.values().map(|expected| expected.seeds).max().unwrap_or(1)
    }
}
