//! The files of the page that times the labs' arithmetic.

use super::{lean, site};
use crate::page::bench::Files;
use anyhow::{Context, Result};
use site::Site;

/// Writes its program, its scripts and its style sheet under names that change with their content.
pub fn write(site: &Site) -> Result<Files> {
    let source = |name: &str| {
        let path = site::root().join("assets/bench").join(name);
        std::fs::read_to_string(&path).with_context(|| format!("cannot read {}", path.display()))
    };
    let bindings = site.write_hashed("bench", "js", lean(&site.read("bench.js")?).as_bytes())?;
    site.remove("bench.js")?;
    let program = site.rename_hashed("bench_bg.wasm", "bench", "wasm")?;
    let plain = site.write_hashed("bench-plain", "js", lean(&source("plain.js")?).as_bytes())?;
    let worker = source("worker.js")?
        .replace("__BENCH_JS__", &bindings)
        .replace("__BENCH_WASM__", &program)
        .replace("__PLAIN_JS__", &plain);
    let worker = site.write_hashed("bench-worker", "js", lean(&worker).as_bytes())?;
    let page = source("page.js")?.replace("__BENCH_WORKER__", &worker);
    Ok(Files {
        style: site.write_hashed("bench", "css", lean(&source("page.css")?).as_bytes())?,
        script: site.write_hashed("bench-page", "js", lean(&page).as_bytes())?,
    })
}
