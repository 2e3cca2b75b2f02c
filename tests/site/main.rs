//! The built site in real browsers: what readers, teachers and links rely on.
//!
//! `cargo xtask test` builds the site and runs this; `cargo xtask bench` does so with `--bench` for tables of times.
//! Pages and labs are found by looking, so a new one is tested without a word here.

mod axe;
mod bench;
mod controls;
mod faults;
mod files;
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
mod study_terms;
#[path = "../support/mod.rs"]
mod support;
mod timings;

use anyhow::Result;
use libtest_mimic::{Arguments, Failed, Trial};
use std::{
    process::ExitCode,
    sync::{Arc, PoisonError, RwLock},
};
use support::Site;

/// How long anything in a page may take that is not timed for its own sake, in milliseconds.
const PATIENCE: u32 = 60_000;

/// The tests that have been found, and what they share.
struct Tests {
    site: Arc<Site>,
    /// Held by all who run beside others, and alone by those who measure time or traffic.
    floor: Arc<RwLock<()>>,
    trials: Vec<Trial>,
}

impl Tests {
    /// Adds a test that runs beside others.
    fn add(&mut self, name: String, body: impl FnOnce(&Site) -> Result<()> + Send + 'static) {
        let (site, floor) = (self.site.clone(), self.floor.clone());
        self.trials.push(Trial::test(name, move || {
            let _shared = floor.read().unwrap_or_else(PoisonError::into_inner);
            body(&site).map_err(|error| Failed::from(format!("{error:#}")))
        }));
    }

    /// Adds a test that has the machine to itself.
    fn add_alone(&mut self, name: String, body: impl FnOnce(&Site) -> Result<()> + Send + 'static) {
        let (site, floor) = (self.site.clone(), self.floor.clone());
        self.trials.push(Trial::test(name, move || {
            let _alone = floor.write().unwrap_or_else(PoisonError::into_inner);
            body(&site).map_err(|error| Failed::from(format!("{error:#}")))
        }));
    }
}

fn collect(site: &Arc<Site>) -> Result<Vec<Trial>> {
    let mut tests = Tests { site: site.clone(), floor: Arc::default(), trials: Vec::new() };
    files::add(&mut tests);
    bench::add(&mut tests);
    pages::add(&mut tests)?;
    runs::add(&mut tests);
    controls::add(&mut tests)?;
    study_terms::add(&mut tests)?;
    speed::add(&mut tests)?;
    study_exercises::add(&mut tests)?;
    study_cells::add(&mut tests)?;
    study_points::add(&mut tests);
    study_challenges::add(&mut tests)?;
    study_compare::add(&mut tests);
    study_journey::add(&mut tests)?;
    axe::add(&mut tests)?;
    security::add(&mut tests)?;
    faults::add(&mut tests);
    study_predict::add(&mut tests)?;
    study_search::add(&mut tests)?;
    study_phrases::add(&mut tests)?;
    study_data::add(&mut tests);
    study_pairs::add(&mut tests)?;
    study_position::add(&mut tests)?;
    study_print::add(&mut tests)?;
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
    let conclusion = libtest_mimic::run(&arguments, collect(&site)?);
    site.close();
    Ok(conclusion.exit_code())
}

fn main() -> ExitCode {
    run(Arguments::from_args()).unwrap_or_else(|error| {
        eprintln!("{error:#}");
        ExitCode::FAILURE
    })
}
