//! SGD on a parabola: descent with noisy gradients does not arrive.
//!
//! One weight, the loss `w²/2`, and a gradient that is seen through noise: `w(t+1) = w(t) − η(w(t) + ξ(t))` with `ξ(t)`
//! standard normal and `w(0) = 3`. With `a = (1 − η)²`, exactly and at every `t`,
//!
//! `E w(t)² = 9aᵗ + η²(1 − aᵗ)/(1 − a)`,
//!
//! which forgets the start and stays at `η/(2 − η)`.

use crate::{lab::AtOnce, numerals::plain, prelude::*, random::Random};
use serde::{Deserialize, Serialize};

/// The lab.
pub static LAB: LabType = LabType;

/// See the module's description.
pub struct LabType;

/// Where descent begins.
const START: f64 = 3.0;
/// How many steps are drawn.
const STEPS: usize = 200;

static SCHEMA: Schema = Schema {
    id: Cow::Borrowed("lab-id"),
    title: Text::new("English title", "中文标题"),
    about: Text::new(
        "Descent with noisy gradients forgets where it began and never arrives; a smaller learning rate ends nearer.",
        "梯度带噪声的下降会忘掉起点，却永远到不了终点；学习率越小，最后停得越近。",
    ),
    parameters: Cow::Borrowed(&[
        Parameter::real(
            "learning_rate",
            "η",
            Text::new("Learning rate", "学习率"),
            Text::new(
                "The length of a step. Small ones take long and end near the minimum, large ones the reverse.",
                "一步的长度。小则走得久、停得近，大则相反。",
            ),
            [0.02, 1.9, 0.02],
            0.1,
        ),
        Parameter::integer(
            "steps",
            "t",
            Text::new("Steps", "步数"),
            Text::new("The point of the curve that the numbers report.", "下方数值所报告的曲线位置。"),
            [0, STEPS as i64, 1],
            100,
        ),
        Parameter::seeds(50, 200),
    ]),
    outputs: Cow::Borrowed(&[
        Output::new(
            "squared_distance",
            Text::new("Squared distance", "平方距离"),
            Text::new("From the weight to the minimum, squared.", "权重到极小点的距离的平方。"),
            Aggregate::Mean,
        ),
        Output::new(
            "theory_squared_distance",
            Text::new("Squared distance, theory", "平方距离（理论）"),
            Text::new("Its expectation.", "它的期望。"),
            Aggregate::Exact,
        ),
    ]),
};

/// All that one descent depends on.
#[derive(Clone, Debug, Serialize, Deserialize)]
pub struct Spec {
    learning_rate: f64,
    seed: u64,
}

/// The squared weight before each step and after the last.
type Descent = Vec<f64>;

fn descend(spec: &Spec) -> Descent {
    let mut random = Random::new(spec.seed, 0);
    let mut weight = START;
    let mut squares = vec![weight * weight];
    for _ in 0..STEPS {
        weight -= spec.learning_rate * (weight + random.normal());
        squares.push(weight * weight);
    }
    squares
}

/// The expectation of the squared weight before each step and after the last.
fn theory(learning_rate: f64) -> Vec<f64> {
    let contraction = (1.0 - learning_rate) * (1.0 - learning_rate);
    let step = |square: &f64| Some(contraction * square + learning_rate * learning_rate);
    std::iter::successors(Some(START * START), step).take(STEPS + 1).collect()
}

impl Lab for LabType {
    type Spec = Spec;
    type Record = Descent;

    const SCHEMA: &'static Schema = &SCHEMA;

    fn plan(&self, settings: &Settings) -> Plan<Spec> {
        let learning_rate = settings.real("learning_rate");
        Plan::of_seeds(settings, |seed| Spec { learning_rate, seed })
    }

    fn cost(&self, _spec: &Spec) -> f64 {
        30.0 * STEPS as f64
    }

    fn begin<'a>(&self, spec: &Spec, _data: &'a Data) -> Box<dyn Work<Descent> + 'a> {
        let spec = spec.clone();
        Box::new(AtOnce::new(move || descend(&spec)))
    }

    fn report(&self, settings: &Settings, records: &[Entry<Descent>]) -> Report {
        let descents: Vec<&Descent> = records.iter().filter_map(Entry::done).collect();
        let theory = theory(settings.real("learning_rate"));
        let here = settings.count("steps");
        let at = |step: usize| descents.iter().map(|descent| descent[step]).collect::<Vec<f64>>();
        let outputs = vec![
            OutputValue::mean("squared_distance", &at(here)),
            OutputValue::exact("theory_squared_distance", theory[here]),
        ];
        let description = describe(settings, &outputs, descents.is_empty());
        let curve = |statistic: fn(&[f64]) -> f64| (0..=STEPS).map(|step| statistic(&at(step))).collect::<Vec<f64>>();
        let x: Vec<f64> = (0..=STEPS).map(|step| step as f64).collect();
        let measured = Text::new("measured", "测量");
        let spread = Text::new("10 to 90% of seeds", "10–90% 的种子");
        let (low, high) = (curve(statistics::low), curve(statistics::high));
        let marks = vec![
            Mark::spread("squared_distance", spread, Role::Norm, &x, low, high),
            Mark::line("squared_distance", measured, Role::Norm, Stroke::Solid, &x, curve(statistics::mean)),
            Mark::line(
                "theory_squared_distance",
                Text::new("theory", "理论"),
                Role::Theory,
                Stroke::Dashed,
                &x,
                theory,
            ),
            Mark::probe("steps", settings),
        ];
        let x = Axis::new(Text::new("steps t", "步数 t"), AxisScale::Linear, [0.0, STEPS as f64]);
        let y = Axis::new(Text::new("squared distance", "平方距离"), AxisScale::Log, [1e-4, 100.0]);
        let panel = Panel::chart(Text::new("Distance to the minimum", "到极小点的距离"), x, y, marks);
        Report { figure: Figure { panels: vec![panel] }, outputs, description }
    }
}

/// The probed point in words.
fn describe(settings: &Settings, outputs: &[OutputValue], is_empty: bool) -> Text {
    if is_empty {
        return Text::new("Nothing has been measured yet.", "尚无测量结果。");
    }
    let rate = plain(settings.real("learning_rate"));
    let steps = settings.count("steps");
    let value = |name| OutputValue::written(outputs, name);
    let (measured, theory) = (value("squared_distance"), value("theory_squared_distance"));
    Text::owned(
        format!(
            "Descent with noisy gradients at learning rate {rate}: after {steps} steps the squared distance to the minimum is {measured}, by the formula {theory}."
        ),
        format!("学习率为 {rate} 的带噪声梯度下降：{steps} 步之后，到极小点的平方距离为 {measured}，公式给出 {theory}。"),
    )
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::testing::{self, complete, output, probe, series, value};

    #[test]
    fn theory_lies_within_four_standard_errors_at_any_rate_and_time() {
        for rate in ["0.02", "0.5", "1.9"] {
            for steps in ["0", "10", "200"] {
                let settings = testing::settings(&LAB, &[("learning_rate", rate), ("steps", steps)]);
                let report = probe(&LAB, settings, &Data::none());
                let measured = output(&report, "squared_distance");
                let theory = value(&report, "theory_squared_distance");
                let error = measured.standard_error.unwrap_or_default().max(1e-12);
                assert!((measured.value - theory).abs() < 4.0 * error, "{rate}, {steps}: {measured:?}, {theory}");
            }
        }
    }

    #[test]
    fn descent_stays_where_the_noise_of_a_step_balances_its_pull() {
        for rate in [0.02, 0.5, 1.0] {
            let limit = rate / (2.0 - rate);
            let start = START * START * libm::pow(1.0 - rate, 2.0 * STEPS as f64);
            let end = theory(rate)[STEPS];
            assert!((end - limit - start).abs() < 0.01 * limit, "{rate}: {end} and {limit}");
        }
    }

    #[test]
    fn the_curve_passes_through_the_probed_point() {
        let report = complete(&LAB, testing::settings(&LAB, &[("steps", "7")]), &Data::none()).report;
        assert_eq!(series(&report, "squared_distance").y[7], value(&report, "squared_distance"));
    }
}
