//! The files of the page that times the labs' arithmetic.

use super::{
    lean,
    site::{Site, asset},
    write_program,
};
use crate::page::bench::Files;
use anyhow::Result;

/// Writes its program, its scripts and its style sheet under names that change with their content.
pub fn write(site: &Site) -> Result<Files> {
    let (bindings, program) = write_program(site, "bench", "bench")?;
    let plain = site.write_hashed("bench-plain", "js", lean(&asset("bench/plain.js")?).as_bytes())?;
    let worker = asset("bench/worker.js")?
        .replace("__BENCH_JS__", &bindings)
        .replace("__BENCH_WASM__", &program)
        .replace("__PLAIN_JS__", &plain);
    let worker = site.write_hashed("bench-worker", "js", lean(&worker).as_bytes())?;
    let page = asset("bench/page.js")?.replace("__BENCH_WORKER__", &worker);
    Ok(Files {
        style: site.write_hashed("bench", "css", lean(&asset("bench/page.css")?).as_bytes())?,
        script: site.write_hashed("bench-page", "js", lean(&page).as_bytes())?,
    })
}
