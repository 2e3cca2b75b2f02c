//! A run's numbers as a file.

use labs::{frame::Report, schema::Schema, settings::Settings};
use std::fmt::Write;

/// Comma-separated values in long form: settings, outputs with their standard errors, and every point of every
/// series, each number with all its digits.
pub fn csv(schema: &Schema, settings: &Settings, report: &Report, digest: &str) -> String {
    let mut text = String::from("kind,name,x,value,standard_error\n");
    let mut row = |kind: &str, name: &str, x: &str, value: &str, error: &str| {
        // Writing to a string cannot fail.
        let _ = writeln!(text, "{kind},{name},{x},{value},{error}");
    };
    row("lab", &schema.id, "", "", "");
    for (name, value) in settings.written(schema) {
        // A list of points has commas.
        row("parameter", &name, "", &format!("\"{value}\""), "");
    }
    row("parameter", "seed", "", &settings.seed.to_string(), "");
    if !digest.is_empty() {
        row("digest", digest, "", "", "");
    }
    for output in &report.outputs {
        let error = output.standard_error.map_or_else(String::new, |error| error.to_string());
        row("output", &output.name, "", &output.value.to_string(), &error);
    }
    for series in report.figure.series() {
        for (x, y) in series.x.iter().zip(&series.y) {
            row("series", &series.name, &x.to_string(), &y.to_string(), "");
        }
    }
    text
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_number_of_a_run_is_in_its_file() {
        let lab = labs::labs::ALL[0];
        let settings = Settings::defaults(lab.schema());
        let frame = labs::run::complete(lab, settings.clone(), &labs::data::Data::bundled());
        let text = csv(lab.schema(), &settings, &frame.report, &frame.digest);
        let points: usize = frame.report.figure.series().iter().map(|series| series.x.len()).sum();
        assert_eq!(text.lines().filter(|line| line.starts_with("series,")).count(), points);
        for output in &frame.report.outputs {
            assert!(text.contains(&format!("output,{},,{},", output.name, output.value)), "{}", output.name);
        }
        assert!(text.lines().all(|line| line.matches(',').count() == 4));
    }
}
