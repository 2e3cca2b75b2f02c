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

    /// The mean over seeds of what is read off their records.
    pub fn mean_of<R>(name: &str, records: &[&R], read: fn(&R) -> f64) -> Self {
        Self::mean(name, &read_off(records, read))
    }

    /// The median over seeds of what is read off their records.
    pub fn median_of<R>(name: &str, records: &[&R], read: fn(&R) -> f64) -> Self {
        Self::median(name, &read_off(records, read))
    }

    /// The output `diverged`: whether any record has; not known without records.
    pub fn diverged<R>(records: &[&R], has_diverged: fn(&R) -> bool) -> Self {
        let any = f64::from(u8::from(records.iter().any(|record| has_diverged(record))));
        Self::exact("diverged", if records.is_empty() { f64::NAN } else { any })
    }

    /// The value of one of several outputs; NaN if there is none of that name.
    pub fn find(outputs: &[Self], name: &str) -> f64 {
        outputs.iter().find(|output| output.name == name).map_or(f64::NAN, |output| output.value)
    }

    /// The value of one of several outputs as prose writes it.
    pub fn written(outputs: &[Self], name: &str) -> String {
        short(Self::find(outputs, name))
    }
}

fn read_off<R>(records: &[&R], read: fn(&R) -> f64) -> Vec<f64> {
    records.iter().map(|record| read(record)).collect()
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
