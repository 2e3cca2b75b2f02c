//! Every lab takes all the settings that it says it takes: at both ends of every range and at settings drawn at random, a
//! run comes to its end without a panic, and what it reports are numbers.

use labs::{
    data::Data,
    lab::AnyLab,
    labs::ALL,
    points::{self, MOST, Point, REACH},
    random::Random,
    run::complete,
    schema::{Domain, Parameter},
    settings::{Settings, write},
    text::Language,
};
use std::{
    num::NonZeroUsize,
    panic::{AssertUnwindSafe, catch_unwind},
    sync::{
        Mutex,
        atomic::{AtomicUsize, Ordering},
    },
    thread,
};

/// How many random settings each lab is given: at most so many,
const DRAWS: u64 = 200;
/// fewer where they come to cost more than this together, in floating-point operations,
const TOGETHER: f64 = 3e9;
/// but at least so many. In browsers, every lab is given them all, and none of them to the end.
const LEAST: u64 = 10;
/// What a run may cost by the lab's own estimate, in floating-point operations: some milliseconds.
const COST: f64 = 5e6;
/// How often settings are drawn anew, each time cheaper ones, if they cost more.
const TRIES: i32 = 24;

fn cost(lab: &dyn AnyLab, settings: &Settings) -> f64 {
    lab.plan(settings).tasks.iter().map(|spec| lab.cost(spec)).sum()
}

/// A value at a share of a parameter's range.
fn value(parameter: &Parameter, share: f64, random: &mut Random) -> String {
    match &parameter.domain {
        Domain::Integer { min, max, .. } => {
            write(&parameter.domain, (*min as f64 + share * (max - min) as f64).round())
        }
        Domain::Real { min, max, .. } => write(&parameter.domain, min + share * (max - min)),
        Domain::Choice { choices, .. } => {
            let place = (share * choices.len() as f64) as usize;
            choices[place.min(choices.len() - 1)].name.to_string()
        }
        Domain::Points { .. } => {
            let count = 2 + random.below(MOST - 1);
            let mut point = |index: usize| Point {
                x: random.between(-REACH, REACH),
                y: random.between(-REACH, REACH),
                is_positive: !index.is_multiple_of(2),
            };
            points::write(&(0..count).map(&mut point).collect::<Vec<_>>())
        }
    }
}

/// Settings with one parameter at an end and all others as they are by default, or cheaper.
fn at_end(lab: &dyn AnyLab, name: &str, share: f64) -> Settings {
    let schema = lab.schema();
    let mut random = Random::new(3, 1);
    let mut settings = Settings::defaults(schema);
    for cheapness in 0.. {
        for parameter in schema.parameters.iter() {
            let is_it = parameter.name == name;
            // Counts of all other parameters are halved until the run is cheap enough.
            if let (false, Domain::Integer { min, default, .. }) = (is_it, &parameter.domain) {
                let count = (default - min) >> cheapness.min(20);
                let _ = settings.set(schema, &parameter.name, &(min + count).to_string());
            }
            if is_it {
                let text = value(parameter, share, &mut random);
                assert!(settings.set(schema, name, &text).is_ok(), "{} does not take {name}={text}", schema.id);
            }
        }
        if cost(lab, &settings) <= COST || cheapness > 20 {
            break;
        }
    }
    settings
}

fn drawn(lab: &dyn AnyLab, index: u64) -> Settings {
    let schema = lab.schema();
    let mut random = Random::new(11, index);
    let mut settings = Settings::defaults(schema);
    for attempt in 0..TRIES {
        for parameter in schema.parameters.iter() {
            let share = random.between(0.0, 1.0);
            // What is counted gets smaller from one attempt to the next.
            let is_counted = matches!(parameter.domain, Domain::Integer { .. });
            let share = if is_counted { libm::pow(share, f64::from(1 + attempt / 2)) } else { share };
            // More seeds are more of the same.
            let value = if parameter.name == "seeds" { "1".into() } else { value(parameter, share, &mut random) };
            let taken = settings.set(schema, &parameter.name, &value);
            assert!(taken.is_ok(), "{} takes no {} within its range: {taken:?}", schema.id, parameter.name);
        }
        settings.seed = random.below(1000) as u64;
        if cost(lab, &settings) <= COST {
            break;
        }
    }
    settings
}

fn draws(lab: &dyn AnyLab) -> Vec<Settings> {
    let mut all = Vec::new();
    let mut together = 0.0;
    for index in 0..DRAWS {
        let settings = drawn(lab, index);
        together += cost(lab, &settings);
        all.push(settings);
        if together > TOGETHER && index + 1 >= LEAST {
            break;
        }
    }
    all
}

/// What is wrong with a run, a line each.
fn faults(lab: &'static dyn AnyLab, settings: &Settings, data: &Data) -> Vec<String> {
    // A lab holds no state that a panic could leave half changed.
    let run = AssertUnwindSafe(|| complete(lab, settings.clone(), data));
    let Ok(frame) = catch_unwind(run) else { return vec!["panic".into()] };
    let mut faults = Vec::new();
    if frame.digest.is_empty() {
        faults.push("the run has no end".into());
    }
    for language in Language::ALL {
        let words = frame.report.description.get(language);
        let spelled = words.split(|c: char| !c.is_ascii_alphabetic());
        faults.extend(spelled.filter(|word| ["NaN", "inf"].contains(word)).map(|bad| format!("{bad} in “{words}”")));
    }
    faults
}

#[test]
fn every_lab_runs_at_the_ends_of_its_ranges_and_at_random_settings() {
    let data = Data::bundled();
    let jobs: Vec<(&'static dyn AnyLab, Settings)> = ALL
        .iter()
        .flat_map(|&lab| {
            let names = lab.schema().parameters.iter().map(|parameter| parameter.name.clone());
            let ends = names.flat_map(move |name| [0.0, 1.0].map(|share| (lab, at_end(lab, &name, share))));
            ends.chain(draws(lab).into_iter().map(move |settings| (lab, settings)))
        })
        .collect();
    let (next, found) = (AtomicUsize::new(0), Mutex::new(Vec::new()));
    thread::scope(|scope| {
        for _ in 0..thread::available_parallelism().map_or(1, NonZeroUsize::get) {
            scope.spawn(|| {
                while let Some((lab, settings)) = jobs.get(next.fetch_add(1, Ordering::Relaxed)) {
                    let id = &lab.schema().id;
                    let lines = faults(*lab, settings, &data).into_iter();
                    let lines = lines.map(|fault| format!("{id} {:?}: {fault}", settings.written(lab.schema())));
                    found.lock().unwrap().extend(lines);
                }
            });
        }
    });
    let found = found.into_inner().unwrap();
    assert!(found.is_empty(), "{} faults:\n{}", found.len(), found[..found.len().min(20)].join("\n"));
}
