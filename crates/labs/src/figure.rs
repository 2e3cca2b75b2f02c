//! A figure is a value: what to draw, not how. One drawing function turns it into pixels or into SVG, and every named
//! mark is a data series of the run.

use crate::{settings::Settings, text::Text};
use serde::{Deserialize, Serialize};
use std::borrow::Cow;

/// The palette of meanings. A role has one color in formulas, prose and figures throughout the book.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize)]
pub enum Role {
    /// What is measured on data that was trained on.
    Train,
    /// What is measured on data never seen.
    Test,
    /// A formula's prediction; drawn dashed.
    Theory,
    /// The bias part of a risk.
    Bias,
    /// The variance part of a risk.
    Variance,
    /// The signal in data or weights.
    Signal,
    /// The noise in data or weights.
    Noise,
    /// The size of weights.
    Norm,
    /// A regularized or early-stopped counterpart.
    Regularized,
    /// Reference lines and everything without a meaning of its own.
    Neutral,
}

impl Role {
    /// All roles, in the order of the palette.
    pub const ALL: [Self; 10] = [
        Self::Train,
        Self::Test,
        Self::Theory,
        Self::Bias,
        Self::Variance,
        Self::Signal,
        Self::Noise,
        Self::Norm,
        Self::Regularized,
        Self::Neutral,
    ];

    /// The name that authors and style sheets use: `train`, `test`, ….
    pub const fn name(self) -> &'static str {
        match self {
            Self::Train => "train",
            Self::Test => "test",
            Self::Theory => "theory",
            Self::Bias => "bias",
            Self::Variance => "variance",
            Self::Signal => "signal",
            Self::Noise => "noise",
            Self::Norm => "norm",
            Self::Regularized => "regularized",
            Self::Neutral => "neutral",
        }
    }
}

/// What a lab shows: one or more panels, side by side where there is room.
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize)]
pub struct Figure {
    /// The panels, in reading order.
    pub panels: Vec<Panel>,
}

/// One part of a figure.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub enum Panel {
    /// Marks on a pair of axes.
    Chart(Chart),
    /// A row of small gray images, such as digits.
    Images(Images),
}

/// Marks on a pair of axes.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct Chart {
    /// The panel's title.
    pub title: Text,
    /// The horizontal axis.
    pub x: Axis,
    /// The vertical axis.
    pub y: Axis,
    /// What is drawn, first to last.
    pub marks: Vec<Mark>,
}

/// An axis with a fixed range: frames of one run share it, so that a curve grows and the axes stand still.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct Axis {
    /// What is measured along it, with its symbol.
    pub label: Text,
    /// Linear or logarithmic.
    pub scale: AxisScale,
    /// The ends, least first. Marks are clipped to it.
    pub range: [f64; 2],
}

/// How an axis spreads its values.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub enum AxisScale {
    /// Evenly.
    Linear,
    /// Evenly, by the unit of the other axis: for a plane, whose angles are seen.
    Equal,
    /// By decades; the range is positive.
    Log,
    /// By ratio of `1 + value`, so that zero has a place; for times from zero over decades.
    LogFromZero,
}

/// How a line is drawn. Theory is dashed throughout the book.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub enum Stroke {
    /// ———
    Solid,
    /// – – –
    Dashed,
    /// · · ·
    Dotted,
    /// A thin solid line: one seed among many.
    Thin,
}

/// One thing drawn on a chart. Non-finite values leave a gap.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub enum Mark {
    /// A polyline through (x, y).
    Line {
        /// Its name as a series, or empty for decoration.
        name: Cow<'static, str>,
        /// Its entry in the legend, or empty to leave it out.
        label: Text,
        /// Its color.
        role: Role,
        /// Its stroke.
        stroke: Stroke,
        /// Abscissas.
        x: Vec<f64>,
        /// Ordinates, as many.
        y: Vec<f64>,
    },
    /// The region between two curves: light for a spread over seeds, filled for a part of a stack.
    Band {
        /// Its name as a series: it yields `<name>_low` and `<name>_high`.
        name: Cow<'static, str>,
        /// Its entry in the legend, or empty to leave it out.
        label: Text,
        /// Its color.
        role: Role,
        /// Whether it is a filled part of a stack rather than a light spread.
        filled: bool,
        /// Abscissas.
        x: Vec<f64>,
        /// Lower curve, as many.
        low: Vec<f64>,
        /// Upper curve, as many.
        high: Vec<f64>,
    },
    /// Points at (x, y).
    Points {
        /// Their name as a series.
        name: Cow<'static, str>,
        /// Their entry in the legend, or empty to leave it out.
        label: Text,
        /// Their color.
        role: Role,
        /// Abscissas.
        x: Vec<f64>,
        /// Ordinates, as many.
        y: Vec<f64>,
    },
    /// A vertical line at a value with a meaning, such as the interpolation threshold.
    Threshold {
        /// What happens there.
        label: Text,
        /// Where.
        x: f64,
    },
    /// The point that the outputs report, movable by its parameter.
    Probe {
        /// The parameter that moves it.
        parameter: Cow<'static, str>,
        /// Where.
        x: f64,
    },
    /// Colored cells over a grid.
    HeatMap {
        /// Its name as a series; x is the running index, row by row.
        name: Cow<'static, str>,
        /// What the color means.
        label: Text,
        /// Centers of the columns.
        x: Vec<f64>,
        /// Centers of the rows.
        y: Vec<f64>,
        /// Values row by row, NaN for a cell not yet computed: `y.len() * x.len()`.
        values: Vec<f64>,
        /// The values at the ends of the color scale.
        range: [f64; 2],
        /// The lab that a cell opens, if any.
        opens: Option<Opens>,
    },
}

/// The lab that a cell of a heat map opens, with its settings there.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct Opens {
    /// The lab's id.
    pub lab: Cow<'static, str>,
    /// The parameter of that lab that the cell's abscissa is a value of.
    pub x: Cow<'static, str>,
    /// The parameter that its ordinate is a value of.
    pub y: Cow<'static, str>,
    /// Further parameters (and `seed`) with their written values, the same for all cells.
    pub settings: Vec<(Cow<'static, str>, Cow<'static, str>)>,
}

/// A row of small gray images.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct Images {
    /// The panel's title.
    pub title: Text,
    /// Width of each image in pixels.
    pub width: usize,
    /// Height of each image in pixels.
    pub height: usize,
    /// One image after the other, row by row, 0 = background, 255 = full ink.
    pub pixels: Vec<u8>,
    /// A caption for each image.
    pub captions: Vec<Text>,
}

/// A named sequence of points that a lab produced.
#[derive(Clone, Debug, PartialEq)]
pub struct Series {
    /// Its name.
    pub name: String,
    /// Abscissas.
    pub x: Vec<f64>,
    /// Ordinates, as many.
    pub y: Vec<f64>,
}

impl Figure {
    /// The data behind the figure: every named mark, in drawing order.
    pub fn series(&self) -> Vec<Series> {
        let mut series = Vec::new();
        for panel in &self.panels {
            if let Panel::Chart(chart) = panel {
                for mark in &chart.marks {
                    mark.add_series(&mut series);
                }
            }
        }
        series
    }
}

impl Panel {
    /// Marks on a pair of axes.
    pub fn chart(title: Text, x: Axis, y: Axis, marks: Vec<Mark>) -> Self {
        Self::Chart(Chart { title, x, y, marks })
    }
}

impl Axis {
    /// An axis of that spread.
    pub const fn new(label: Text, scale: AxisScale, range: [f64; 2]) -> Self {
        Self { label, scale, range }
    }
}

impl Mark {
    /// A polyline.
    pub fn line(name: &'static str, label: Text, role: Role, stroke: Stroke, x: &[f64], y: Vec<f64>) -> Self {
        Self::Line { name: Cow::Borrowed(name), label, role, stroke, x: x.to_vec(), y }
    }

    /// The spread of a quantity over seeds, from `low` to `high`.
    pub fn spread(name: &'static str, label: Text, role: Role, x: &[f64], low: Vec<f64>, high: Vec<f64>) -> Self {
        Self::Band { name: Cow::Borrowed(name), label, role, filled: false, x: x.to_vec(), low, high }
    }

    /// A part of a stack, from `low` to `high`.
    pub fn part(name: &'static str, label: Text, role: Role, x: &[f64], low: &[f64], high: &[f64]) -> Self {
        let (x, low, high) = (x.to_vec(), low.to_vec(), high.to_vec());
        Self::Band { name: Cow::Borrowed(name), label, role, filled: true, x, low, high }
    }

    /// The value that a parameter has.
    pub fn probe(parameter: &'static str, settings: &Settings) -> Self {
        Self::Probe { parameter: Cow::Borrowed(parameter), x: settings.real(parameter) }
    }

    fn add_series(&self, all: &mut Vec<Series>) {
        let mut add = |name: &str, suffix: &str, x: &[f64], y: &[f64]| {
            if !name.is_empty() {
                all.push(Series { name: [name, suffix].concat(), x: x.to_vec(), y: y.to_vec() });
            }
        };
        match self {
            Self::Line { name, x, y, .. } | Self::Points { name, x, y, .. } => add(name, "", x, y),
            Self::Band { name, x, low, high, .. } => {
                add(name, "_low", x, low);
                add(name, "_high", x, high);
            }
            Self::HeatMap { name, values, .. } => {
                add(name, "", &(0..values.len()).map(|index| index as f64).collect::<Vec<_>>(), values);
            }
            Self::Threshold { .. } | Self::Probe { .. } => {}
        }
    }
}
