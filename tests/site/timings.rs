//! How long each lab takes at its defaults: natively on one core, and in headless Chromium on all of them.

use crate::{
    PATIENCE,
    support::{Site, driver::Browser, median, moved},
};
use anyhow::{Context, Result};
use labs::{
    data::Data,
    labs::ALL,
    run::{Memory, Run, Scope},
    settings::Settings,
};
use serde_json::json;
use std::time::Instant;

/// How often each time is measured; the median is printed.
const TRIES: usize = 3;

type Lab = &'static dyn labs::lab::AnyLab;

/// Prints a table of the labs whose ids contain `filter`.
pub fn print(site: &Site, filter: &str) -> Result<()> {
    let cores = std::thread::available_parallelism().map_or(1, usize::from);
    println!("times in ms, medians of {TRIES}; native on one core, Chromium on {cores}");
    println!(
        "{:<20} {:>9} {:>9} | {:>9} {:>9} {:>9} {:>9} | {:>11}",
        "lab", "native", "native", "Chromium", "Chromium", "longest", "slider to", "Chromium /"
    );
    println!(
        "{:<20} {:>9} {:>9} | {:>9} {:>9} {:>9} {:>9} | {:>11}",
        "", "first", "done", "first", "done", "task", "frame", "native done"
    );
    for lab in ALL.iter().copied().filter(|lab| lab.schema().id.contains(filter)) {
        let native = measure(|| Ok(native(lab)))?;
        let page = site.visit(Browser::Chromium, &format!("/en/lab/{}/", lab.schema().id))?;
        let shown = page.lab(&lab.schema().id);
        shown.ready()?;
        let browser = measure(|| {
            let times = shown.ask("time", &[json!(PATIENCE)])?;
            let time = |name: &str| times[name].as_f64().context("no time");
            Ok([time("first")?, time("done")?, time("longest")?])
        })?;
        let latency = match moved(lab.schema()) {
            Some(name) => measure(|| {
                let time = shown.ask("latency", &[json!(name), json!(1), json!(PATIENCE)])?;
                Ok([time.as_f64().context("no time")?])
            })?[0],
            None => f64::NAN,
        };
        println!(
            "{:<20} {:>9.1} {:>9.0} | {:>9.1} {:>9.0} {:>9} {:>9.0} | {:>11.2}",
            lab.schema().id,
            native[0],
            native[1],
            browser[0],
            browser[1],
            // The browser reports only tasks of 50 ms and more.
            if browser[2] > 0.0 { format!("{:.0}", browser[2]) } else { "< 50".into() },
            latency,
            browser[1] / native[1]
        );
    }
    Ok(())
}

/// The medians of several measurements.
fn measure<const N: usize>(mut once: impl FnMut() -> Result<[f64; N]>) -> Result<[f64; N]> {
    let all = (0..TRIES).map(|_| once()).collect::<Result<Vec<_>>>()?;
    Ok(std::array::from_fn(|which| median(all.iter().map(|times| times[which]).collect())))
}

/// First frame and end of a run at the defaults.
fn native(lab: Lab) -> [f64; 2] {
    let data = Data::bundled();
    let begun = Instant::now();
    let milliseconds = || begun.elapsed().as_secs_f64() * 1e3;
    let mut run = Run::new(lab, Settings::defaults(lab.schema()), Scope::Full, &data, &Memory::new());
    let mut over = run.advance();
    std::hint::black_box(run.frame());
    let first = milliseconds();
    while !over {
        over = run.advance();
    }
    std::hint::black_box(run.frame());
    [first, milliseconds()]
}
