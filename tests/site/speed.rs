//! The budgets of time, memory and traffic; time and traffic are measured with the machine to themselves.

use crate::{
    PATIENCE, Tests,
    support::{
        Page, Site,
        driver::Browser,
        median, moved, query,
        server::{find, gzip_size},
        three_settings,
    },
};
use anyhow::{Context, Result, bail, ensure};
use labs::{labs::ALL, text::Language};
use serde_json::json;
use std::{collections::BTreeMap, fs, thread, time::Duration};

/// Everything that is transferred until the first lab of a chapter can be run, compressed, in bytes.
const INTERACTIVE_BYTES: usize = 250_000;
/// The longest time that a run may hold the page's main thread, in milliseconds.
const LONGEST_TASK: f64 = 50.0;
/// The longest time from a slider's move to the first new frame, in milliseconds.
const LATENCY: f64 = 100.0;
/// How often a time is measured; the median counts.
const TRIES: usize = 5;
/// How often a lab is run again to see whether its memory grows.
const RERUNS: usize = 200;
/// How long that may take, in milliseconds; slow labs are run less often.
const RERUN_TIME: u32 = 20_000;
/// What two measurements of the same memory may differ by, in bytes: the browser's own bookkeeping.
const MEMORY_NOISE: f64 = 1_000_000.0;

type Lab = &'static dyn labs::lab::AnyLab;

/// The tests of this module.
pub fn add(tests: &mut Tests) -> Result<()> {
    for &lab in ALL {
        let id = &lab.schema().id;
        tests.add_alone(format!("chromium::{id}::run_never_holds_the_page_for_50_ms"), move |site| {
            longest_task(site, lab)
        });
        tests.add_alone(format!("chromium::{id}::moved_slider_gives_a_frame_within_100_ms"), move |site| {
            latency(site, lab)
        });
        // A page's memory is its own, whatever runs beside it.
        tests.add(format!("chromium::{id}::reruns_do_not_take_more_memory"), move |site| memory(site, lab));
    }
    for language in Language::ALL {
        for path in tests.site.chapters(language)? {
            tests.add_alone(format!("chromium::/{path}::first_lab_is_live_within_250_kb"), move |site| {
                traffic(site, &path)
            });
        }
        for path in tests.site.chapters(language)? {
            let text = fs::read_to_string(find(&tests.site.folder, &path).context("a chapter without a file")?)?;
            let stands = |lab: &&Lab| text.contains(&format!("data-lab=\"{}\"", lab.schema().id));
            for &lab in ALL.iter().filter(|lab| !lab.data().is_empty()).filter(stands) {
                let (id, path) = (&lab.schema().id, path.clone());
                let name = format!("chromium::/{path}::{id}::data_is_loaded_when_the_lab_comes_near");
                tests.add_alone(name, move |site| data_traffic(site, &path, lab));
            }
        }
    }
    Ok(())
}

fn longest_task(site: &Site, lab: Lab) -> Result<()> {
    let id = &lab.schema().id;
    let page = site.visit(Browser::Chromium, &format!("/en/lab/{id}/"))?;
    let shown = page.lab(id);
    shown.ready()?;
    let longest = (0..3).map(|_| shown.ask("time", &[json!(PATIENCE)])?["longest"].as_f64().context("no time"));
    let longest = longest.collect::<Result<Vec<f64>>>()?;
    ensure!(median(longest.clone()) <= LONGEST_TASK, "the main thread was held for {longest:?} ms");
    Ok(())
}

fn latency(site: &Site, lab: Lab) -> Result<()> {
    let id = &lab.schema().id;
    let Some(name) = moved(lab.schema()) else { return Ok(()) };
    let page = site.visit(Browser::Chromium, &format!("/en/lab/{id}/?run=1"))?;
    let shown = page.lab(id);
    shown.expect_done()?;
    // From a finished run first; each later move comes into a run that is under way.
    let mut times = Vec::new();
    for _ in 0..TRIES {
        times.push(shown.ask("latency", &[json!(name), json!(1), json!(PATIENCE)])?.as_f64().context("no time")?);
        page.run_script("await probe.pause(60);", &[])?;
    }
    ensure!(median(times.clone()) <= LATENCY, "the first new frame came after {times:.0?} ms");
    Ok(())
}

fn memory(site: &Site, lab: Lab) -> Result<()> {
    let schema = lab.schema();
    let [_, quick, _] = three_settings(schema);
    // The page is isolated from other origins, which it takes to measure its memory.
    let address = format!("/en/lab/{}/?isolate=1&{}", schema.id, query(schema, &quick));
    let page = site.visit(Browser::Chromium, &address)?;
    let shown = page.lab(&schema.id);
    shown.ready()?;
    let rerun = |times: usize, limit: u32| shown.ask("rerun", &[json!(times), json!(limit), json!(PATIENCE)]);
    let measure = || shown.ask("memory", &[])?.as_f64().context("no measurement");
    rerun(2, PATIENCE)?;
    let before = measure()?;
    let times = rerun(RERUNS, RERUN_TIME)?;
    let after = measure()?;
    ensure!(after <= before + MEMORY_NOISE, "{before} bytes after two runs, {after} after {times} more");
    Ok(())
}

/// Brings the first lab of a page to life, and gives whatever else is loaded then its time.
fn wake_first(page: &Page) -> Result<()> {
    page.run_script(
        "await probe.ready(document.querySelector('figure[data-lab]').dataset.lab, 60000); await probe.pause(1000);",
        &[],
    )?;
    Ok(())
}

/// What has been loaded from the site's folder of data since the server was last asked.
fn data_visits(site: &Site) -> Vec<String> {
    let folder = site.folder.join("data");
    let visits = site.take_visits().into_iter();
    visits.filter(|visit| visit.file.starts_with(&folder)).map(|visit| visit.url).collect()
}

fn data_traffic(site: &Site, path: &str, lab: Lab) -> Result<()> {
    let page = site.blank(Browser::Chromium)?;
    site.take_visits();
    page.go(path)?;
    wake_first(&page)?;
    let early = data_visits(site);
    ensure!(early.is_empty(), "data was loaded for a reader at the first lab: {early:?}");
    page.lab(&lab.schema().id).ready()?.press("Run")?;
    let stems = lab.data().iter().map(|set| set.file_name().trim_end_matches(".bin"));
    let mut missing: Vec<&str> = stems.collect();
    for _ in 0..PATIENCE / 50 {
        let visits = data_visits(site);
        missing.retain(|stem| !visits.iter().any(|url| url.contains(&format!("/{stem}-"))));
        if missing.is_empty() {
            return Ok(());
        }
        thread::sleep(Duration::from_millis(50));
    }
    bail!("a run went without {missing:?}")
}

fn traffic(site: &Site, path: &str) -> Result<()> {
    let page = site.blank(Browser::Chromium)?;
    site.take_visits();
    page.go(path)?;
    wake_first(&page)?;
    let mut files = BTreeMap::new();
    for visit in site.take_visits() {
        files.insert(visit.url, gzip_size(&fs::read(visit.file)?));
    }
    let sum: usize = files.values().sum();
    let table: Vec<String> = files.iter().map(|(url, bytes)| format!("{bytes:>9}  {url}")).collect();
    let table = format!("{}\n{sum:>9}  in all (at most {INTERACTIVE_BYTES})", table.join("\n"));
    eprintln!("\nbytes with gzip until the first lab of /{path} is live:\n{table}");
    ensure!(sum <= INTERACTIVE_BYTES, "more than {INTERACTIVE_BYTES} bytes:\n{table}");
    Ok(())
}
