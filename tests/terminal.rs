//! The program `lab` as its users meet it.

use serde_json::Value;
use std::{
    io::Read,
    process::{Command, Output, Stdio},
};

/// A lab that is quick to run, with settings that make it quicker.
const QUICK: [&str; 4] = ["run", "ridgeless", "samples=50", "seeds=2"];

fn lab(arguments: &[&str]) -> Output {
    Command::new(env!("CARGO_BIN_EXE_lab")).args(arguments).output().unwrap()
}

fn printed(arguments: &[&str]) -> String {
    let output = lab(arguments);
    assert!(output.status.success(), "{arguments:?}: {}", String::from_utf8_lossy(&output.stderr));
    String::from_utf8(output.stdout).unwrap()
}

fn json(arguments: &[&str]) -> Value {
    serde_json::from_str(&printed(arguments)).unwrap()
}

fn quick<'a>(more: &[&'a str]) -> Vec<&'a str> {
    QUICK.iter().chain(more).copied().collect()
}

/// The one line on standard error of a command line that is refused.
fn refusal(arguments: &[&str]) -> String {
    let output = lab(arguments);
    assert_eq!(output.status.code(), Some(2), "{arguments:?}");
    assert!(output.stdout.is_empty(), "{arguments:?}");
    let line = String::from_utf8(output.stderr).unwrap();
    assert_eq!(line.lines().count(), 1, "{line}");
    line
}

#[test]
fn the_list_gives_id_and_both_titles_of_every_lab() {
    let list = printed(&["list"]);
    assert_eq!(list.lines().count(), labs::labs::ALL.len());
    for (line, lab) in list.lines().zip(labs::labs::ALL) {
        let schema = lab.schema();
        assert_eq!(line, format!("{}\t{}\t{}", schema.id, schema.title.en, schema.title.zh));
    }
}

#[test]
fn every_declared_parameter_and_output_is_shown_in_both_languages() {
    let bilingual = |value: &Value| ["en", "zh"].iter().all(|code| value[code].as_str().is_some_and(|s| !s.is_empty()));
    for lab in labs::labs::ALL {
        let schema = lab.schema();
        let shown = json(&["show", &schema.id, "--json"]);
        assert_eq!(shown["lab"], *schema.id);
        assert!(bilingual(&shown["title"]));
        let parameters = shown["parameters"].as_array().unwrap();
        assert_eq!(parameters.len(), schema.parameters.len());
        for parameter in parameters {
            assert!(bilingual(&parameter["meaning"]) && bilingual(&parameter["label"]), "{parameter}");
            let keys: &[&str] = match parameter["type"].as_str().unwrap() {
                "choice" => &["default", "choices"],
                "points" => &["min", "max", "most", "default"],
                _ => &["min", "max", "step", "default", "unit"],
            };
            assert!(keys.iter().all(|key| !parameter[key].is_null()), "{parameter}");
        }
        let outputs = shown["outputs"].as_array().unwrap();
        for output in schema.outputs.iter() {
            let entry = outputs.iter().find(|entry| entry["name"] == *output.name).unwrap();
            assert!(bilingual(&entry["meaning"]), "{entry}");
        }
        assert!(printed(&["show", &schema.id]).contains(&*schema.outputs[0].name));
    }
}

#[test]
fn a_run_prints_what_show_declares() {
    for lab in labs::labs::ALL {
        let id = &*lab.schema().id;
        let ran = json(&["run", id, "seeds=1", "--seed", "7", "--json"]);
        assert_eq!((&ran["lab"], &ran["seed"]), (&Value::from(id), &Value::from(7)));
        let shown = json(&["show", id, "--json"]);
        let names = |list: &Value| -> Vec<String> {
            list.as_array().unwrap().iter().map(|entry| entry["name"].as_str().unwrap().to_owned()).collect()
        };
        let mut declared = names(&shown["outputs"]);
        let mut reported: Vec<String> = ran["outputs"].as_object().unwrap().keys().cloned().collect();
        declared.sort();
        reported.sort();
        assert_eq!(reported, declared, "{id}");
        assert!(names(&shown["parameters"]).iter().all(|name| !ran["params"][name].is_null()), "{id}");
        for series in ran["series"].as_array().unwrap() {
            assert_eq!(series["x"].as_array().unwrap().len(), series["y"].as_array().unwrap().len());
        }
        assert_eq!(ran["digest"].as_str().unwrap().len(), 16, "{id}");
    }
}

#[test]
fn the_digest_depends_on_the_settings_and_not_on_the_number_of_threads() {
    let digest = |more: &[&str]| json(&quick(more))["digest"].clone();
    let one = digest(&["--json", "--jobs", "1"]);
    assert_eq!(one, digest(&["--json", "--jobs", "2"]));
    assert_eq!(one, digest(&["--json"]));
    assert_ne!(one, digest(&["--json", "--seed", "1"]));
}

#[test]
fn a_wrong_command_line_is_answered_in_one_line_that_names_the_range() {
    assert!(refusal(&["run", "no-such-lab"]).contains("ridgeless"));
    assert!(refusal(&["show", "no-such-lab"]).contains("ridgeless"));
    assert!(refusal(&["check", "no-such-lab"]).contains("ridgeless"));
    assert!(refusal(&["run", "ridgeless", "beta=1"]).contains("gamma"));
    assert!(refusal(&["run", "ridgeless", "gamma=11"]).contains("0.05..10"));
    assert!(refusal(&["run", "ridgeless", "gamma=many"]).contains("0.05..10"));
    assert!(refusal(&["run", "ridgeless", "gamma=NaN"]).contains("0.05..10"));
    assert!(refusal(&["run", "ridgeless", "gamma"]).contains("name=value"));
    assert!(refusal(&["run", "ridgeless", "--seed", "-1"]).contains("0..9007199254740991"));
    assert!(refusal(&["run", "ridgeless", "gamma=11", "--language", "zh"]).contains("超出范围"));
}

#[test]
fn csv_holds_every_point_of_every_series() {
    let rows = printed(&quick(&["--csv", "-"]));
    let ran = json(&quick(&["--json"]));
    let points: usize =
        ran["series"].as_array().unwrap().iter().map(|series| series["x"].as_array().unwrap().len()).sum();
    assert_eq!(rows.lines().filter(|row| row.starts_with("series,")).count(), points);
}

#[test]
fn svg_is_written_to_the_named_file() {
    let path = std::path::Path::new(env!("CARGO_TARGET_TMPDIR")).join("ridgeless.svg");
    printed(&quick(&["--svg", path.to_str().unwrap()]));
    assert!(std::fs::read_to_string(path).unwrap().contains("<svg"));
}

#[test]
fn a_file_that_cannot_be_written_is_named() {
    let output = lab(&quick(&["--csv", "/no/such/folder/curve.csv"]));
    assert_eq!(output.status.code(), Some(1));
    assert!(String::from_utf8(output.stderr).unwrap().contains("/no/such/folder/curve.csv"));
}

#[test]
fn a_reader_who_leaves_early_ends_the_program_quietly() {
    let mut child = Command::new(env!("CARGO_BIN_EXE_lab"))
        .args(["show", "ridgeless", "--json"])
        .stdout(Stdio::piped())
        .stderr(Stdio::piped())
        .spawn()
        .unwrap();
    drop(child.stdout.take());
    assert!(child.wait().unwrap().success());
    let mut complaint = String::new();
    child.stderr.take().unwrap().read_to_string(&mut complaint).unwrap();
    assert_eq!(complaint, "");
}
