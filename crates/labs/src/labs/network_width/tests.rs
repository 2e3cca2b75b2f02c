use super::*;
use crate::{
    figure::Panel,
    lab::AnyLab,
    run::{self, Memory, Run, Scope},
    testing::{self, value},
};

fn settings(pairs: &[(&str, &str)]) -> Settings {
    testing::settings(&LAB, pairs)
}

fn lab() -> &'static dyn AnyLab {
    &LAB
}

#[test]
fn a_width_is_planned_once_a_seed_and_the_probed_one_first() {
    for (width, count) in [("16", 11), ("17", 12)] {
        let plan = Lab::plan(&LAB, &settings(&[("width", width), ("seeds", "3")]));
        assert_eq!(plan.tasks.len(), 3 * count);
        assert_eq!(plan.probe, [0, count, 2 * count]);
        assert!(plan.probe.iter().all(|&index| plan.tasks[index].width.to_string() == width));
    }
}

#[test]
fn moving_the_probe_keeps_the_records_of_the_curve() {
    let data = Data::bundled();
    let pairs = |width| [("samples", "200"), ("epochs", "2"), ("seeds", "2"), ("width", width)];
    let mut first = Run::new(lab(), settings(&pairs("16")), Scope::Full, &data, &Memory::new());
    while !first.advance() {}
    let mut moved = Run::new(lab(), settings(&pairs("20")), Scope::Full, &data, &first.memory());
    let pending = std::iter::from_fn(|| moved.hand_out()).count();
    assert_eq!(pending, 2);
}

#[test]
fn slices_do_not_change_the_result_and_the_first_frame_draws_the_probed_network() {
    let data = Data::bundled();
    let settings = settings(&[("samples", "200"), ("epochs", "12"), ("seeds", "1"), ("width", "3")]);
    let mut run = Run::new(lab(), settings.clone(), Scope::Full, &data, &Memory::new());
    run.advance();
    let frame = run.frame();
    let drawn = frame.report.figure.series().into_iter().find(|series| series.name == "epoch_test_error");
    assert!(drawn.is_some_and(|series| !series.y.is_empty() && series.y.iter().all(|y| (0.0..=1.0).contains(y))));
    while !run.advance() {}
    assert_eq!(run.frame(), run::complete(lab(), settings, &data));
}

#[test]
fn a_training_is_recorded_at_every_early_epoch_and_at_the_last() {
    let data = Data::bundled();
    let spec = Spec { samples: 333, label_noise: 0.2, width: 5, epochs: 57, seed: 4 };
    let mut work = Lab::begin(&LAB, &spec, &data);
    while !work.advance() {}
    let record = work.record();
    let epochs: Vec<u32> = record.history.iter().map(|moment| moment.epoch).collect();
    assert_eq!(epochs[..10], [1, 2, 3, 4, 5, 6, 7, 8, 9, 10]);
    assert_eq!(epochs.last(), Some(&57));
    assert!(epochs.is_sorted_by(|a, b| a < b));
    let least = record.history.iter().map(|moment| moment.test_error).fold(f64::INFINITY, f64::min);
    assert!(record.best_epoch_test_error <= least && !record.diverged());
    let first = record.history[0];
    assert!(record.last().train_error < first.train_error && record.last().test_loss < first.test_loss);
}

#[test]
fn records_that_are_not_finite_report_divergence() {
    let settings = settings(&[("seeds", "1")]);
    let moment = Moment { epoch: 1, train_error: 1.0, test_error: 1.0, test_loss: f64::NAN };
    let broken = Record { history: vec![moment], best_epoch_test_error: 1.0, best_epoch: 1, squared_norm: f64::NAN };
    let report = Lab::report(&LAB, &settings, &[Entry::Done(broken)]);
    assert_eq!(value(&report, "diverged"), 1.0);
    assert!(report.description.en.contains("diverged"));
}

#[test]
fn every_panel_keeps_its_axes_while_the_run_goes_on() {
    let data = Data::bundled();
    let settings = settings(&[("samples", "200"), ("epochs", "3"), ("seeds", "1")]);
    let axes = |report: &Report| -> Vec<[f64; 4]> {
        let charts = report.figure.panels.iter().filter_map(|panel| match panel {
            Panel::Chart(chart) => Some([chart.x.range[0], chart.x.range[1], chart.y.range[0], chart.y.range[1]]),
            Panel::Images(_) => None,
        });
        charts.collect()
    };
    let mut run = Run::new(lab(), settings, Scope::Full, &data, &Memory::new());
    let empty = axes(&run.report());
    assert_eq!(empty.len(), 3);
    while !run.advance() {}
    assert_eq!(axes(&run.report()), empty);
}
