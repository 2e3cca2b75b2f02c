use super::*;
use crate::{
    figure::{Figure, Mark, Panel},
    run::{Memory, Run, Scope},
    testing::{self, complete, probe, value},
};

fn settings(pairs: &[(&str, &str)]) -> Settings {
    testing::settings(&LAB, pairs)
}

fn measured(pairs: &[(&str, &str)]) -> Report {
    probe(&LAB, settings(pairs), &Data::none())
}

fn well(pairs: &[(&str, &str)]) -> Report {
    measured(&[&[("landscape", "double_well")], pairs].concat())
}

#[test]
fn below_the_thresholds_no_ball_leaves_and_above_them_all_do() {
    for (rate, escaped) in [("0.52", 0.0), ("0.58", 1.0)] {
        assert_eq!(value(&measured(&[("learning_rate", rate), ("seeds", "1")]), "escaped_fraction"), escaped);
    }
    let between = measured(&[("learning_rate", "0.56"), ("seeds", "1")]);
    let (measured, theory) = (value(&between, "escaped_fraction"), value(&between, "theory_escaped_fraction"));
    assert!((measured - theory).abs() < 0.05, "{measured} {theory}");
}

#[test]
fn walds_identity_gives_the_escape_time() {
    for rate in ["0.57", "0.58", "0.6"] {
        let report = measured(&[("learning_rate", rate), ("seeds", "1")]);
        let ratio = value(&report, "mean_escape_steps") / value(&report, "theory_mean_escape_steps");
        assert!((0.98..1.1).contains(&ratio), "η = {rate}: {ratio}");
    }
}

#[test]
fn langevin_theory_is_approached_as_steps_get_shorter() {
    let ratio = |rate, noise| {
        let report = well(&[("learning_rate", rate), ("noise_scale", noise), ("seeds", "2")]);
        value(&report, "mean_escape_steps") / value(&report, "theory_mean_escape_steps")
    };
    let ratios = [ratio("0.13", "2"), ratio("0.02", "6"), ratio("0.008", "10")];
    assert!(ratios[0] < 0.02 && (0.6..0.8).contains(&ratios[1]) && (0.85..1.1).contains(&ratios[2]), "{ratios:?}");
}

#[test]
fn momentum_delays_escape_at_equal_learning_rate_over_one_minus_momentum() {
    let steps = |rate, momentum| {
        value(&well(&[("learning_rate", rate), ("momentum", momentum), ("seeds", "1")]), "mean_escape_steps")
    };
    let without = steps("0.02", "0");
    let ratios = [steps("0.01", "0.5") / without, steps("0.002", "0.9") / without];
    assert!((1.4..2.2).contains(&ratios[0]) && (2.8..5.0).contains(&ratios[1]), "{ratios:?}");
}

#[test]
fn without_noise_every_ball_stays_and_the_numbers_say_so() {
    let report = well(&[("noise_scale", "0"), ("learning_rate", "0.1"), ("seeds", "2")]);
    assert_eq!(value(&report, "escaped_fraction"), 0.0);
    assert_eq!(value(&report, "mean_escape_steps"), f64::INFINITY);
    assert_eq!(value(&report, "flat_occupancy"), 0.0);
    assert!(report.description.en.contains("not come to equilibrium"), "{}", report.description.en);
}

#[test]
fn balls_that_fly_off_are_counted_and_every_number_stays_finite() {
    let report = measured(&[("momentum", "0.95"), ("learning_rate", "1"), ("seeds", "1")]);
    assert!(value(&report, "diverged") > 0.0);
    assert!(value(&report, "escaped_fraction").is_finite() && value(&report, "flat_occupancy").is_finite());
}

#[test]
fn the_drawn_balls_are_those_of_the_first_seed_at_the_step_that_is_asked_for() {
    let data = Data::none();
    let figure = |step: &str| complete(&LAB, settings(&[("seeds", "1"), ("shown_step", step)]), &data).report.figure;
    let balls = |figure: &Figure, name: &str| {
        figure.series().into_iter().find(|series| series.name == name).map(|series| series.x).unwrap()
    };
    let start = figure("0");
    assert!(balls(&start, "balls").iter().all(|place| (place - 1.0).abs() < 0.01));
    assert_eq!((balls(&start, "balls").len(), balls(&start, "escaped_balls").len()), (DRAWN, 0));
    let end = figure("20000");
    assert_eq!((balls(&end, "balls").len(), balls(&end, "escaped_balls").len()), (0, DRAWN));
    assert!(balls(&end, "escaped_balls").iter().all(|place| place.abs() < 1e-3));
    let middle = figure("200");
    assert!(balls(&middle, "balls").len() > 40 && balls(&middle, "escaped_balls").len() > 40);
}

#[test]
fn the_balls_move_through_all_steps_while_the_work_goes_on() {
    let data = Data::none();
    let mut run = Run::new(&LAB, settings(&[("seeds", "2")]), Scope::Full, &data, &Memory::new());
    let mut labels = Vec::new();
    loop {
        let is_done = run.advance();
        let report = run.report();
        let Panel::Chart(chart) = &report.figure.panels[0] else { panic!("the landscape is a chart") };
        let shown = chart.marks.iter().find_map(|mark| match mark {
            Mark::Points { name, label, .. } if name == "balls" => Some(label.en.clone()),
            _ => None,
        });
        labels.extend(shown);
        if is_done {
            break;
        }
    }
    assert_eq!(labels.first().map(|label| &**label), Some("balls at step 0"));
    labels.dedup();
    assert!(labels.len() > 25, "{}", labels.len());
}
