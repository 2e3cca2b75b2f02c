//! How long the labs take, natively and in Chromium.

use super::{
    progress,
    table::{Series, Table, digits, mark},
    targets::{Kind, target},
};
use crate::{
    PATIENCE,
    support::{LabOnPage, Site, driver::Browser, median, moved},
};
use anyhow::{Context, Result, ensure};
use labs::{
    data::Data,
    labs::ALL,
    run::{Memory, Run, Scope},
    settings::Settings,
};
use serde_json::json;
use std::time::Instant;

/// How often each time is measured.
const TRIES: usize = 3;

type Lab = &'static dyn labs::lab::AnyLab;

/// Runs of labs that are also timed on one core: their ids, and what is not as by default.
const ON_ONE_CORE: [(&str, &[(&str, &str)]); 1] = [("network-width", &[("seeds", "1")])];

/// Prints a table of the labs whose ids contain `filter`, at their defaults.
pub fn print(site: &Site, filter: &str) -> Result<()> {
    let mut table = Table::new([
        ["lab", ""],
        ["native", "first frame"],
        ["native", "done"],
        ["Chromium", "first frame"],
        ["Chromium", "done"],
        ["longest", "task"],
        ["slider to", "frame"],
        ["Chromium /", "native done"],
    ]);
    for lab in ALL.iter().copied().filter(|lab| lab.schema().id.contains(filter)) {
        let id = &lab.schema().id;
        progress(id);
        let native = measure(|| Ok(native(lab, &Settings::defaults(lab.schema()))))?;
        let page = site.visit(Browser::Chromium, &format!("/en/lab/{id}/"))?;
        let shown = page.lab(id);
        shown.ready()?;
        let browser = measure(|| on_page(&shown))?;
        let latency = match moved(lab.schema()) {
            Some(name) => measure(|| {
                let time = shown.ask("latency", &[json!(name), json!(1), json!(PATIENCE)])?;
                Ok([time.as_f64().context("no time")?])
            })?[0],
            None => f64::NAN,
        };
        table.row([
            id.to_string(),
            format!("{:.1}", native[0]),
            format!("{:.0}", native[1]),
            format!("{:.1}", browser[0]),
            format!("{:.0}", browser[1]),
            // The browser reports only tasks of 50 ms and more.
            if browser[2] > 0.0 { format!("{:.0}", browser[2]) } else { "< 50".into() },
            format!("{latency:.0}"),
            digits(browser[1] / native[1]),
        ]);
    }
    progress("");
    let cores = std::thread::available_parallelism().map_or(1, usize::from);
    table.print(&format!("Labs, in ms, medians of {TRIES}; natively on one core, in Chromium on {cores}."));
    Ok(())
}

/// Prints a table of the runs that are timed on one core, where this program has been put.
pub fn print_on_one_core(site: &Site, filter: &str, place: &str) -> Result<()> {
    let mut table = Table::new([
        ["lab", ""],
        ["native", "done"],
        ["Chromium", "first frame"],
        ["Chromium", "done"],
        ["native /", "Chromium"],
    ]);
    let mut any = false;
    for (id, changes) in ON_ONE_CORE {
        let Some(lab) = ALL.iter().copied().find(|lab| lab.schema().id == id && id.contains(filter)) else { continue };
        let mut settings = Settings::defaults(lab.schema());
        for (name, value) in changes {
            ensure!(settings.set(lab.schema(), name, value).is_ok(), "{id} does not take {name}={value}");
        }
        let query = changes.iter().map(|(name, value)| format!("{name}={value}")).collect::<Vec<_>>().join("&");
        let name = format!("{id}?{query}");
        progress(&name);
        let page = site.visit(Browser::Chromium, &format!("/en/lab/{id}/?{query}"))?;
        let shown = page.lab(id);
        shown.ready()?;
        let [mut natively, mut first, mut done] = <[Series; 3]>::default();
        for _ in 0..TRIES {
            natively.push(native(lab, &settings)[1]);
            let times = on_page(&shown)?;
            first.push(times[0]);
            done.push(times[1]);
        }
        let missed = target(Kind::Milliseconds, &name).is_some_and(|most| done.median() > most);
        table.row([
            name,
            format!("{:.0}", natively.median()),
            format!("{:.0}", first.median()),
            format!("{:.0}{}", done.median(), mark(missed)),
            natively.over(&done).multiple(None),
        ]);
        any = true;
    }
    progress("");
    if any {
        table.print(&format!("Labs, in ms, medians of {TRIES}; {place}, natively and in Chromium."));
    }
    Ok(())
}

/// Runs a lab in the page: its first frame, its end, and the longest task of the main thread.
fn on_page(shown: &LabOnPage<'_>) -> Result<[f64; 3]> {
    let times = shown.ask("time", &[json!(PATIENCE)])?;
    let time = |name: &str| times[name].as_f64().context("no time");
    Ok([time("first")?, time("done")?, time("longest")?])
}

/// The medians of several measurements.
fn measure<const N: usize>(mut once: impl FnMut() -> Result<[f64; N]>) -> Result<[f64; N]> {
    let all = (0..TRIES).map(|_| once()).collect::<Result<Vec<_>>>()?;
    Ok(std::array::from_fn(|which| median(all.iter().map(|times| times[which]).collect())))
}

/// First frame and end of a run.
fn native(lab: Lab, settings: &Settings) -> [f64; 2] {
    let data = Data::bundled();
    let begun = Instant::now();
    let milliseconds = || begun.elapsed().as_secs_f64() * 1e3;
    let mut run = Run::new(lab, settings.clone(), Scope::Full, &data, &Memory::new());
    let mut over = run.advance();
    std::hint::black_box(run.frame());
    let first = milliseconds();
    while !over {
        over = run.advance();
    }
    std::hint::black_box(run.frame());
    [first, milliseconds()]
}
