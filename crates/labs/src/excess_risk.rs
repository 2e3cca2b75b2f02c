//! The excess risk along a curve, as all labs on regression draw it.

use crate::{
    figure::{Axis, AxisScale, Mark, Role, Stroke},
    statistics,
    text::Text,
};

/// Its spread over seeds; `over_seeds` gives a statistic over the seeds along the curve.
pub fn spread(x: &[f64], over_seeds: impl Fn(fn(&[f64]) -> f64) -> Vec<f64>) -> Mark {
    let label = Text::new("excess risk, 10 to 90% of seeds", "超额风险，10–90% 的种子");
    Mark::spread("excess_risk", label, Role::Test, x, over_seeds(statistics::low), over_seeds(statistics::high))
}

/// That of the first seed.
pub fn first_seed(x: &[f64], y: Vec<f64>) -> Mark {
    let label = Text::new("first seed", "第一个种子");
    Mark::line("excess_risk_first_seed", label, Role::Test, Stroke::Thin, x, y)
}

/// Its mean over seeds.
pub fn measured(x: &[f64], y: Vec<f64>) -> Mark {
    let label = Text::new("excess risk, measured", "超额风险（测量）");
    Mark::line("excess_risk", label, Role::Test, Stroke::Solid, x, y)
}

/// What a formula says.
pub fn theory(label: Text, x: &[f64], y: Vec<f64>) -> Mark {
    Mark::line("theory_excess_risk", label, Role::Theory, Stroke::Dashed, x, y)
}

/// A theory's entry in the legend.
pub const THEORY: Text = Text::new("excess risk, theory", "超额风险（理论）");

/// The axis of it from zero up.
pub fn linear_axis(top: f64) -> Axis {
    Axis::new(Text::new("excess risk", "超额风险"), AxisScale::Linear, [0.0, top])
}
