//! What a run shows at one moment.

use crate::{digest::Digest, figure::Figure, numerals::short, statistics, text::Text};
use serde::{Deserialize, Serialize};

/// One reported number.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct OutputValue {
    /// The output's name in the schema.
    pub name: String,
    /// Its value; not finite where the quantity does not exist (the mean risk at p = n) or is not known yet.
    pub value: f64,
    /// The standard error over seeds, for averaged outputs.
    pub standard_error: Option<f64>,
}

/// What a lab makes of the records so far.
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize)]
pub struct Report {
    /// The picture.
    pub figure: Figure,
    /// The numbers, in schema order.
    pub outputs: Vec<OutputValue>,
    /// The picture and the numbers in two or three sentences, for those who do not see them.
    pub description: Text,
}

impl OutputValue {
    /// A value without chance.
    pub fn exact(name: &str, value: f64) -> Self {
        Self { name: name.into(), value, standard_error: None }
    }

    /// The mean over seeds, with its standard error.
    pub fn mean(name: &str, values: &[f64]) -> Self {
        let standard_error = Some(statistics::standard_error(values));
        Self { name: name.into(), value: statistics::mean(values), standard_error }
    }

    /// The median over seeds, with its standard error.
    pub fn median(name: &str, values: &[f64]) -> Self {
        let standard_error = Some(statistics::standard_error_of_median(values));
        Self { name: name.into(), value: statistics::median(values), standard_error }
    }

    /// The value of one of several outputs as prose writes it.
    pub fn written(outputs: &[Self], name: &str) -> String {
        short(outputs.iter().find(|output| output.name == name).map_or(f64::NAN, |output| output.value))
    }
}

impl Report {
    /// The digest of every number in it: outputs, their standard errors, and the series of the figure.
    pub fn digest(&self) -> Digest {
        let mut digest = Digest::new();
        for output in &self.outputs {
            digest.name(&output.name);
            digest.number(output.value);
            digest.number(output.standard_error.unwrap_or(0.0));
        }
        for series in self.figure.series() {
            digest.name(&series.name);
            series.x.iter().chain(&series.y).for_each(|&number| digest.number(number));
        }
        digest
    }
}

/// What a run shows at one moment, as a worker sends it to the page.
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize)]
pub struct Frame {
    /// Picture, numbers and words.
    pub report: Report,
    /// The share of the work that is done, 0 to 1.
    pub progress: f64,
    /// The digest of the finished run; empty before.
    pub digest: String,
}
