//! The built site in real browsers: what readers, teachers and links rely on.
//!
//! `cargo xtask test` builds the site and runs this; `cargo xtask bench` does so with `--bench` for tables of times.
//! Pages and labs are found by looking, so a new one is tested without a word here.

mod axe;
mod bench;
mod controls;
mod embed;
mod faults;
mod figures;
mod files;
mod hosting;
mod offline;
mod opening;
mod pages;
mod runs;
mod security;
mod speed;
mod study_cells;
mod study_challenges;
mod study_compare;
mod study_data;
mod study_exercises;
mod study_journey;
mod study_pairs;
mod study_phrases;
mod study_points;
mod study_position;
mod study_predict;
mod study_print;
mod study_search;
mod study_surface;
mod study_terms;
#[path = "../support/mod.rs"]
mod support;
mod take;
mod timings;

use anyhow::Result;
use libtest_mimic::{Arguments, Failed, Trial};
use std::{
    fs,
    path::Path,
    process::ExitCode,
    sync::{Arc, Mutex, PoisonError, RwLock},
    time::Instant,
};
use support::Site;

/// How long anything in a page may take that is not timed for its own sake, in milliseconds.
const PATIENCE: u32 = 60_000;

/// The tests that have been found, and what they share.
struct Tests {
    site: Arc<Site>,
    /// Held by all who run beside others, and alone by those who measure time or traffic.
    floor: Arc<RwLock<()>>,
    /// Seconds and names of the tests that are over.
    times: Times,
    trials: Vec<Trial>,
}

type Times = Arc<Mutex<Vec<(f64, String)>>>;

impl Tests {
    /// Adds a test that runs beside others.
    fn add(&mut self, name: String, body: impl FnOnce(&Site) -> Result<()> + Send + 'static) {
        let (site, floor, times) = (self.site.clone(), self.floor.clone(), self.times.clone());
        self.trials.push(Trial::test(name.clone(), move || {
            let _shared = floor.read().unwrap_or_else(PoisonError::into_inner);
            timed(&times, name, || body(&site))
        }));
    }

    /// Adds a test that has the machine to itself.
    fn add_alone(&mut self, name: String, body: impl FnOnce(&Site) -> Result<()> + Send + 'static) {
        let (site, floor, times) = (self.site.clone(), self.floor.clone(), self.times.clone());
        self.trials.push(Trial::test(name.clone(), move || {
            let _alone = floor.write().unwrap_or_else(PoisonError::into_inner);
            timed(&times, name, || body(&site))
        }));
    }
}

/// Runs the body of a test and notes how long it took.
fn timed(times: &Times, name: String, body: impl FnOnce() -> Result<()>) -> Result<(), Failed> {
    let begun = Instant::now();
    let outcome = body().map_err(|error| Failed::from(format!("{error:#}")));
    times.lock().unwrap_or_else(PoisonError::into_inner).push((begun.elapsed().as_secs_f64(), name));
    outcome
}

/// Writes down which tests took how long, the longest first.
fn keep(times: &Times) -> Result<()> {
    let mut times = times.lock().unwrap_or_else(PoisonError::into_inner).clone();
    times.sort_by(|one, other| other.0.total_cmp(&one.0));
    let lines: String = times.iter().map(|(seconds, name)| format!("{seconds:.1}\t{name}\n")).collect();
    fs::write(Path::new(env!("CARGO_TARGET_TMPDIR")).join("site-times.tsv"), lines)?;
    Ok(())
}

fn collect(site: &Arc<Site>, times: &Times) -> Result<Vec<Trial>> {
    let mut tests = Tests { site: site.clone(), floor: Arc::default(), times: times.clone(), trials: Vec::new() };
    files::add(&mut tests);
    hosting::add(&mut tests);
    bench::add(&mut tests);
    opening::add(&mut tests)?;
    pages::add(&mut tests)?;
    runs::add(&mut tests);
    controls::add(&mut tests)?;
    study_terms::add(&mut tests)?;
    speed::add(&mut tests)?;
    study_exercises::add(&mut tests)?;
    study_cells::add(&mut tests)?;
    study_points::add(&mut tests);
    study_surface::add(&mut tests);
    study_challenges::add(&mut tests)?;
    study_compare::add(&mut tests);
    study_journey::add(&mut tests)?;
    axe::add(&mut tests)?;
    offline::add(&mut tests);
    security::add(&mut tests)?;
    faults::add(&mut tests);
    figures::add(&mut tests);
    study_predict::add(&mut tests)?;
    study_search::add(&mut tests)?;
    study_phrases::add(&mut tests)?;
    study_data::add(&mut tests);
    study_pairs::add(&mut tests)?;
    study_position::add(&mut tests)?;
    study_print::add(&mut tests)?;
    take::add(&mut tests);
    embed::add(&mut tests);
    Ok(tests.trials)
}

fn run(mut arguments: Arguments) -> Result<ExitCode> {
    let site = Arc::new(Site::open()?);
    if arguments.bench {
        let outcome = timings::print(&site, arguments.filter.as_deref().unwrap_or_default());
        site.close();
        return outcome.map(|()| ExitCode::SUCCESS);
    }
    // A browser keeps more than one core busy.
    arguments.test_threads = arguments.test_threads.or(Some(2));
    let times = Times::default();
    let conclusion = libtest_mimic::run(&arguments, collect(&site, &times)?);
    site.close();
    keep(&times)?;
    Ok(conclusion.exit_code())
}

fn main() -> ExitCode {
    run(Arguments::from_args()).unwrap_or_else(|error| {
        eprintln!("{error:#}");
        ExitCode::FAILURE
    })
}
