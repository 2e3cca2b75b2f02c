//! The labs against what independent implementations measured (`tests/reference`). The costly cases run with
//! `lab check --all`.

use labs::max_margin::Norm;
use std::{fs, num::NonZeroUsize, path::Path, thread};
use why_it_generalizes::terminal::{
    check::{Request, Summary, check},
    reference::{self, Reference},
};

/// Checks every lab against the data in `directory`; the summary and what was printed.
fn checked(directory: &Path) -> (Summary, String) {
    let jobs = thread::available_parallelism().unwrap_or(NonZeroUsize::MIN);
    let mut printed = Vec::new();
    let summary = check(&Request { labs: Vec::new(), all: false, jobs }, directory, &mut printed).unwrap();
    (summary, String::from_utf8(printed).unwrap())
}

/// A folder of reference data of its own for one test.
fn folder(name: &str, files: &[(&str, &str)]) -> std::path::PathBuf {
    let path = Path::new(env!("CARGO_TARGET_TMPDIR")).join(name);
    // Left over from an earlier run; absent on the first.
    let _ = fs::remove_dir_all(&path);
    fs::create_dir_all(&path).unwrap();
    for (file, text) in files {
        fs::write(path.join(file), text).unwrap();
    }
    path
}

/// One case of `training-time` at step 0, where the risk is the signal power 2.5 exactly.
fn training_time(mean: f64, params: &str) -> String {
    format!(
        r#"{{"lab": "training-time", "cases": [{{"params": {params}, "outputs": {{"excess_risk":
        {{"mean": {mean}, "standard_error": 0, "seeds": 2, "tolerance": 0.01, "theory": 2.5}}}}}}]}}"#
    )
}

#[test]
fn every_lab_agrees_with_independent_measurements() {
    let (summary, printed) = checked(&reference::directory());
    assert!(summary.passed(), "{printed}");
}

#[test]
fn all_reference_data_can_be_read() {
    let directory = reference::directory();
    let ids = reference::labs(&directory).unwrap();
    assert_ne!(ids, Vec::<String>::new());
    for id in ids {
        assert!(!Reference::read(&directory, &id).unwrap().cases.is_empty(), "{id} has no cases");
    }
}

#[test]
fn a_value_outside_its_tolerance_fails_the_check() {
    let right = folder("right", &[("training-time.json", &training_time(2.5, r#"{"steps": 0}"#))]);
    let (summary, printed) = checked(&right);
    assert_eq!((summary.within, summary.outside), (1, 0), "{printed}");
    let wrong = folder("wrong", &[("training-time.json", &training_time(2.6, r#"{"steps": 0}"#))]);
    let (summary, printed) = checked(&wrong);
    assert_eq!((summary.within, summary.outside), (0, 1), "{printed}");
    assert!(printed.contains("expected 2.6 ± 0.01 (2 seeds)"), "{printed}");
}

#[test]
fn reference_data_that_no_lab_answers_to_fails_the_check() {
    let unknown_parameter = training_time(2.5, r#"{"patience": 0}"#);
    let unknown_lab = r#"{"lab": "no-such-lab", "cases": []}"#;
    let strays = folder("strays", &[("training-time.json", &unknown_parameter), ("no-such-lab.json", unknown_lab)]);
    let (summary, printed) = checked(&strays);
    assert_eq!((summary.within, summary.outside), (0, 2), "{printed}");
    assert!(printed.contains("unknown parameter “patience”"), "{printed}");
    assert!(printed.contains("no-such-lab: there is reference data, but no such lab"), "{printed}");
}

#[test]
fn a_check_of_nothing_does_not_pass() {
    let (summary, printed) = checked(&folder("nothing", &[]));
    assert!(!summary.passed(), "{printed}");
}

#[test]
fn the_sets_in_twenty_dimensions_are_the_reference_s_and_so_are_their_margins() {
    let text = fs::read_to_string(reference::directory().join("data/max-margin-datasets.json")).unwrap();
    let sets: serde_json::Value = serde_json::from_str(&text).unwrap();
    let bytes = fs::read(Path::new(env!("CARGO_MANIFEST_DIR")).join("crates/labs/data/gaussian20.bin")).unwrap();
    let numbers = |value: &serde_json::Value| -> Vec<f64> {
        value.as_array().unwrap().iter().map(|number| number.as_f64().unwrap()).collect()
    };
    let mut embedded = bytes.as_chunks().0.iter().map(|pair| f64::from(i16::from_le_bytes(*pair)) / 1000.0);
    for index in 0..10 {
        let set = &sets[format!("G20_{index}")];
        let points: Vec<f64> = set["Z"].as_array().unwrap().iter().flat_map(numbers).collect();
        assert!(points.iter().all(|value| Some(*value) == embedded.next()), "set {index}");
        for (norm, name) in [(Norm::L2, "l2"), (Norm::L1, "l1"), (Norm::LInf, "linf")] {
            let found = norm.max_margin(&points, 20).unwrap();
            let margin = set[format!("gamma_{name}")].as_f64().unwrap();
            assert!((found.margin - margin).abs() < 1e-9, "{name} of set {index}: {} and {margin}", found.margin);
        }
        let direction = numbers(&set["w_l2"]);
        let length = Norm::L2.of(&direction);
        let found = Norm::L2.max_margin(&points, 20).unwrap().direction;
        assert!(found.iter().zip(&direction).all(|(a, b)| (a - b / length).abs() < 1e-6), "set {index}");
    }
    assert_eq!(embedded.next(), None);
}
