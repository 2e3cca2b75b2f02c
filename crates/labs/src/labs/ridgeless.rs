//! Ridgeless least squares.

use crate::{
    data::Data,
    figure::{Axis, AxisScale, Chart, Figure, Mark, Panel, Role, Stroke},
    frame::{OutputValue, Report},
    lab::{AtOnce, Entry, Lab, Plan, Work},
    schema::{Aggregate, Output, Parameter, Scale, Schema},
    settings::Settings,
    statistics,
    text::Text,
};
use serde::{Deserialize, Serialize};
use std::borrow::Cow;

/// The lab.
pub static LAB: Ridgeless = Ridgeless;

/// See the module's description.
pub struct Ridgeless;

static SCHEMA: Schema = Schema {
    id: Cow::Borrowed("ridgeless"),
    title: Text::new("Ridgeless least squares", "无岭回归"),
    about: Text::new("Risk against the number of features.", "风险随特征数的变化。"),
    parameters: Cow::Borrowed(&[
        Parameter::integer("samples", "n", Text::new("Samples", "样本数"), Text::new("Training points.", "训练样本的个数。"), [50, 400, 10], 200),
        Parameter::real("gamma", "γ", Text::new("Features per sample", "特征数与样本数之比"), Text::new("The probed ratio p/n.", "所探测的比值 p/n。"), [0.05, 10.0, 0.01], 1.1)
            .scaled(Scale::Logarithmic),
        Parameter::seeds(5, 100),
    ]),
    outputs: Cow::Borrowed(&[Output::new(
        "variance",
        Text::new("Variance", "方差"),
        Text::new("The part of the excess risk that comes from noise.", "超额风险中来自噪声的部分。"),
        Aggregate::Mean,
    )]),
};

/// One draw at one size.
#[derive(Serialize, Deserialize)]
pub struct Spec {
    n: usize,
    p: usize,
    seed: u64,
}

const GRID: [f64; 8] = [0.2, 0.5, 0.8, 0.95, 1.05, 1.3, 2.0, 4.0];

impl Lab for Ridgeless {
    type Spec = Spec;
    type Record = f64;

    fn schema(&self) -> &'static Schema {
        &SCHEMA
    }

    fn plan(&self, settings: &Settings) -> Plan<Spec> {
        let n = settings.count("samples");
        let size = |gamma: f64| ((gamma * n as f64).round() as usize).max(1);
        let mut tasks = Vec::new();
        for seed in settings.seed_list() {
            tasks.extend(GRID.iter().map(|&gamma| Spec { n, p: size(gamma), seed }));
        }
        let first = tasks.len();
        tasks.extend(settings.seed_list().map(|seed| Spec { n, p: size(settings.real("gamma")), seed }));
        let probe = (first..tasks.len()).collect();
        Plan { tasks, probe }
    }

    fn cost(&self, spec: &Spec) -> f64 {
        (spec.n * spec.n * spec.p) as f64
    }

    fn begin<'a>(&self, spec: &Spec, _data: &'a Data) -> Box<dyn Work<f64> + 'a> {
        let (n, p) = (spec.n as f64, spec.p as f64);
        Box::new(AtOnce::new(move || if p < n { p / (n - p - 1.0).max(1.0) } else { n / (p - n - 1.0).max(1.0) }))
    }

    fn report(&self, settings: &Settings, records: &[Entry<f64>]) -> Report {
        let seeds = settings.seeds();
        let at = |index: usize| -> Vec<f64> { (0..seeds).filter_map(|s| records[s * GRID.len() + index].latest().copied()).collect() };
        let y: Vec<f64> = (0..GRID.len()).map(|index| statistics::mean(&at(index))).collect();
        let probed: Vec<f64> = records[seeds * GRID.len()..].iter().filter_map(|entry| entry.done().copied()).collect();
        let line = Mark::Line {
            name: Cow::Borrowed("variance"),
            label: Text::new("variance", "方差"),
            role: Role::Variance,
            stroke: Stroke::Solid,
            x: GRID.to_vec(),
            y,
        };
        let chart = Chart {
            title: Text::same(""),
            x: Axis { label: Text::new("features per sample γ = p/n", "特征数与样本数之比 γ = p/n"), scale: AxisScale::Log, range: [0.1, 10.0] },
            y: Axis { label: Text::new("variance", "方差"), scale: AxisScale::Log, range: [0.1, 100.0] },
            marks: vec![line, Mark::Threshold { label: Text::same("p = n"), x: 1.0 }, Mark::Probe { parameter: Cow::Borrowed("gamma"), x: settings.real("gamma") }],
        };
        Report {
            figure: Figure { panels: vec![Panel::Chart(chart)] },
            outputs: vec![OutputValue { name: "variance".into(), value: statistics::mean(&probed), standard_error: Some(statistics::standard_error(&probed)) }],
            description: Text::new("The variance peaks at p = n.", "方差在 p = n 处达到峰值。"),
        }
    }
}
