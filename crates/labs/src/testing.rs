//! What the labs' tests share.

pub use crate::run::{complete, probe};
use crate::{
    figure::Series,
    frame::{OutputValue, Report},
    lab::AnyLab,
    settings::Settings,
};

/// A lab's settings with some parameters set.
pub fn settings(lab: &dyn AnyLab, pairs: &[(&str, &str)]) -> Settings {
    let (settings, refusals) = Settings::read(lab.schema(), pairs.iter().copied());
    assert!(refusals.is_empty(), "{refusals:?}");
    settings
}

/// One output.
pub fn output<'a>(report: &'a Report, name: &str) -> &'a OutputValue {
    report.outputs.iter().find(|output| output.name == name).unwrap_or_else(|| panic!("no output {name}"))
}

/// The value of one output.
pub fn value(report: &Report, name: &str) -> f64 {
    output(report, name).value
}

/// One series of the figure.
pub fn series(report: &Report, name: &str) -> Series {
    let mut all = report.figure.series().into_iter();
    all.find(|series| series.name == name).unwrap_or_else(|| panic!("no series {name}"))
}
