//! Training time: epoch-wise double descent of gradient descent in a linear model with two feature scales.
//!
//! `n = 600` samples of `d₁ = 60` features with variance 1, which carry a signal power `A₁ = 1`, and `d₂ = 5` features with variance
//! `v₂ = 0.001`, which carry `A₂ = 1.5`; labels with noise `s²`. Gradient descent from zero on `‖Xw − y‖²/2n` with step `η = 0.5`
//! learns each eigendirection of `XᵀX/n` with its own speed: after `t` steps
//!
//! `w(t) = Σₖ (1 − (1 − ηλₖ)ᵗ)·ŵₖ·vₖ`, with `ŵ` the least-squares solution and `λₖ, vₖ` the eigenpairs,
//!
//! so that one decomposition gives every `t`. The fast features are learned first, signal and then noise; the slow ones
//! bring the second descent (the mechanism of Heckel and Yilmaz 2020, arXiv 2007.10099). To first order in
//! `g = d₁/n`, with `f = (1 − η)ᵗ`, `q = (1 − ηv₂(1 − g))ᵗ` and `S = A₂q²`, this project's own approximation is
//!
//! `R(t) ≈ A₁f² + g/(1 − g)·(s² + S)(1 − f)² + S + d₂s²/(n − d₁ − d₂)·(1 − q)²`.

use crate::{
    course::Course,
    declarations, excess_risk,
    lab::Along,
    linear_models::Quadratic,
    numerals::{plain, round_up, short},
    prelude::*,
    random::Random,
};
use kernels::double::{SymmetricEigen, View, gemv, squared_norm, symmetric_eigen, syrk};
use serde::{Deserialize, Serialize};

/// The lab.
pub static LAB: TrainingTime = TrainingTime;

/// See the module's description.
pub struct TrainingTime;

/// `n`.
const SAMPLES: usize = 600;
/// `d₁`: features with variance 1.
const FAST: usize = 60;
/// `d₂`: features with a small variance.
const SLOW: usize = 5;
/// All features.
const FEATURES: usize = FAST + SLOW;
/// `v₂`: the variance of the slow features.
const SLOW_VARIANCE: f64 = 1e-3;
/// `A₁`: the power that the fast features carry.
const FAST_POWER: f64 = 1.0;
/// `A₂`: the power that the slow features carry.
const SLOW_POWER: f64 = 1.5;
/// `η`.
const LEARNING_RATE: f64 = 0.5;
/// The last step that can be asked for.
const LAST_STEP: u32 = 30_000;

static SCHEMA: Schema = Schema {
    id: Cow::Borrowed("training-time"),
    title: Text::new("Training time", "训练时间"),
    about: Text::new(
        "Gradient descent on strong and weak features: the risk falls, rises and falls again while the training error only falls.",
        "对强弱两类特征做梯度下降：训练误差一路下降，风险却先降、后升、再降。",
    ),
    parameters: Cow::Borrowed(&[
        declarations::noise_variance(
            Text::new(
                "The variance of the noise in the labels. It makes the hump: turn it down and the second rise goes.",
                "标签噪声的方差。隆起由它而来：调小它，中途的上升便消失。",
            ),
            [0.0, 30.0, 0.5],
            10.0,
        ),
        declarations::steps(
            Text::new(
                "When training stops: the point of the curve that the numbers report. Compare 1, 20 and 4000.",
                "何时停止训练，即下方数值所报告的曲线位置。比较 1、20 与 4000。",
            ),
            [0, LAST_STEP as i64, 1],
            20,
        )
        .scaled(Scale::LogarithmicFromZero),
        Parameter::seeds(20, 100),
    ]),
    outputs: Cow::Borrowed(&[
        declarations::excess_risk(Text::new(
            "Squared error on new data above the noise: both parts together.",
            "新数据上超出噪声的平方误差，为以下两部分之和。",
        )),
        Output::new(
            "fast_part",
            Text::new("Part of the fast features", "快特征部分"),
            Text::new(
                "The excess risk from wrong weights on the features with variance 1: signal first, fitted noise later.",
                "方差为 1 的特征上权重错误所致的超额风险：起初是未学到的信号，后来是拟合进去的噪声。",
            ),
            Aggregate::Mean,
        ),
        Output::new(
            "slow_part",
            Text::new("Part of the slow features", "慢特征部分"),
            Text::new(
                "The excess risk from wrong weights on the features with small variance, which take thousands of steps to learn.",
                "方差很小的特征上权重错误所致的超额风险；学到它们需要数千步。",
            ),
            Aggregate::Mean,
        ),
        declarations::train_mse(declarations::ON_TRAINING_POINTS),
        Output::new(
            "theory_excess_risk",
            Text::new("Excess risk, approximate theory", "超额风险（近似理论）"),
            Text::new(
                "A first-order formula that treats all fast directions alike: within a few percent, and too high at steps 2 and 3.",
                "把所有快方向视作相同的一阶公式：误差约百分之几，在第 2、3 步偏高。",
            ),
            Aggregate::Exact,
        ),
        Output::new(
            "theory_dip_steps",
            Text::new("First dip, step", "首个谷底的步数"),
            Text::new(
                "Where the formula has its first minimum: the place to stop early.",
                "公式首次达到极小值的步数，即早停的位置。",
            ),
            Aggregate::Exact,
        ),
        Output::new(
            "theory_dip_risk",
            Text::new("Risk at the first dip", "首个谷底的风险"),
            Text::new("The formula's value there.", "公式在该处的值。"),
            Aggregate::Exact,
        ),
        Output::new(
            "theory_peak_steps",
            Text::new("Hump, step", "隆起的步数"),
            Text::new("Where the formula is greatest after that dip.", "公式在该谷底之后达到最大值的步数。"),
            Aggregate::Exact,
        ),
        Output::new(
            "theory_peak_risk",
            Text::new("Risk at the hump", "隆起的风险"),
            Text::new("The formula's value there.", "公式在该处的值。"),
            Aggregate::Exact,
        ),
        Output::new(
            "theory_final_risk",
            Text::new("Risk at the end", "训练结束时的风险"),
            Text::new("The formula's value after 30,000 steps.", "公式在 30000 步时的值。"),
            Aggregate::Exact,
        ),
    ]),
};

/// One seed, looked at after some numbers of steps.
#[derive(Debug, Serialize, Deserialize)]
pub struct Spec {
    seed: u64,
    steps: Vec<u32>,
}

/// What one seed showed after one number of steps, for unit noise.
#[derive(Clone, Copy, Debug, Serialize, Deserialize)]
pub struct Moment {
    fast_part: Quadratic,
    slow_part: Quadratic,
    train_mse: Quadratic,
}

impl Moment {
    fn fast_part(&self, noise_variance: f64) -> f64 {
        self.fast_part.at(1.0, noise_variance)
    }

    fn slow_part(&self, noise_variance: f64) -> f64 {
        self.slow_part.at(1.0, noise_variance)
    }

    fn excess_risk(&self, noise_variance: f64) -> f64 {
        self.fast_part(noise_variance) + self.slow_part(noise_variance)
    }

    fn train_mse(&self, noise_variance: f64) -> f64 {
        self.train_mse.at(1.0, noise_variance)
    }
}

/// The steps on the curve: all at first, then about twelve an e-fold.
fn curve_steps() -> Vec<u32> {
    let mut steps = vec![0];
    while let Some(&last) = steps.last()
        && last < LAST_STEP
    {
        steps.push((last + 1).max(last + last / 8).min(LAST_STEP));
    }
    steps
}

/// `baseᵏ` by repeated squaring, in an order of multiplications that `k` alone decides.
pub(super) fn power(base: f64, exponent: u32) -> f64 {
    let (mut result, mut square, mut left) = (1.0, base, exponent);
    while left > 0 {
        if left & 1 == 1 {
            result *= square;
        }
        square *= square;
        left >>= 1;
    }
    result
}

/// The approximate formula's two parts after `steps`.
struct Theory {
    fast_part: f64,
    slow_part: f64,
}

fn theory(steps: u32, noise_variance: f64) -> Theory {
    let ratio = FAST as f64 / SAMPLES as f64;
    let fast_left = power(1.0 - LEARNING_RATE, steps);
    let slow_left = power(1.0 - LEARNING_RATE * SLOW_VARIANCE * (1.0 - ratio), steps);
    let unlearned = SLOW_POWER * slow_left * slow_left;
    let fast_noise = ratio / (1.0 - ratio) * (noise_variance + unlearned);
    let slow_noise = SLOW as f64 * noise_variance / (SAMPLES - FEATURES) as f64;
    Theory {
        fast_part: FAST_POWER * fast_left * fast_left + fast_noise * (1.0 - fast_left) * (1.0 - fast_left),
        slow_part: unlearned + slow_noise * (1.0 - slow_left) * (1.0 - slow_left),
    }
}

fn theory_risk(steps: u32, noise_variance: f64) -> f64 {
    let parts = theory(steps, noise_variance);
    parts.fast_part + parts.slow_part
}

/// The formula's first minimum and the greatest value from there on: steps and risks.
fn dip_and_peak(noise_variance: f64) -> [(u32, f64); 2] {
    let steps = curve_steps();
    let risks: Vec<f64> = steps.iter().map(|&step| theory_risk(step, noise_variance)).collect();
    let dip = risks.windows(2).position(|pair| pair[1] > pair[0]).unwrap_or(risks.len() - 1);
    let peak = (dip..risks.len()).fold(dip, |best, next| if risks[next] > risks[best] { next } else { best });
    [(steps[dip], risks[dip]), (steps[peak], risks[peak])]
}

/// The work of one seed: one decomposition, then every number of steps.
struct Descent {
    spec: Spec,
    spectrum: Option<Spectrum>,
    moments: Vec<Moment>,
}

/// The problem in the eigenbasis of `XᵀX/n`.
struct Spectrum {
    eigen: SymmetricEigen,
    /// The true weights' coordinates.
    signal: Vec<f64>,
    /// The least-squares response to unit noise: `vₖᵀXᵀe/(nλₖ)`.
    noise: Vec<f64>,
    /// `‖e‖²/n` of the unit noise.
    noise_power: f64,
}

impl Spectrum {
    fn new(seed: u64) -> Self {
        let mut design = vec![0.0; SAMPLES * FEATURES];
        Random::new(seed, 0).fill_normal(&mut design);
        let slow_scale = SLOW_VARIANCE.sqrt();
        for row in design.as_chunks_mut::<FEATURES>().0 {
            for value in &mut row[FAST..] {
                *value *= slow_scale;
            }
        }
        let mut directions = Random::new(seed, 1);
        let mut weights = directions.on_sphere(FAST, FAST_POWER.sqrt());
        weights.extend(directions.on_sphere(SLOW, (SLOW_POWER / SLOW_VARIANCE).sqrt()));
        let mut errors = vec![0.0; SAMPLES];
        Random::new(seed, 2).fill_normal(&mut errors);

        let x = View::new(&design, SAMPLES, FEATURES);
        let mut covariance = vec![0.0; FEATURES * FEATURES];
        syrk(&mut covariance, x.transposed());
        for value in &mut covariance {
            *value /= SAMPLES as f64;
        }
        let eigen = symmetric_eigen(&covariance, FEATURES);
        let basis = View::new(&eigen.vectors, FEATURES, FEATURES);
        let mut signal = vec![0.0; FEATURES];
        gemv(&mut signal, basis, &weights);
        let mut correlation = vec![0.0; FEATURES];
        gemv(&mut correlation, x.transposed(), &errors);
        let mut noise = vec![0.0; FEATURES];
        gemv(&mut noise, basis, &correlation);
        for (response, eigenvalue) in noise.iter_mut().zip(&eigen.values) {
            *response /= SAMPLES as f64 * eigenvalue;
        }
        Self { eigen, signal, noise, noise_power: squared_norm(&errors) / SAMPLES as f64 }
    }

    fn after(&self, steps: u32) -> Moment {
        let left: Vec<f64> = self.eigen.values.iter().map(|value| power(1.0 - LEARNING_RATE * value, steps)).collect();
        // The error of the weights: the signal that is not learned yet, and the noise that is.
        let missed: Vec<f64> = left.iter().zip(&self.signal).map(|(left, weight)| -left * weight).collect();
        let fitted: Vec<f64> = left.iter().zip(&self.noise).map(|(left, response)| (1.0 - left) * response).collect();
        let back = View::new(&self.eigen.vectors, FEATURES, FEATURES).transposed();
        let (mut of_signal, mut of_noise) = (vec![0.0; FEATURES], vec![0.0; FEATURES]);
        gemv(&mut of_signal, back, &missed);
        gemv(&mut of_noise, back, &fitted);
        let slow = Quadratic::of(&of_signal[FAST..], &of_noise[FAST..]);
        Moment {
            fast_part: Quadratic::of(&of_signal[..FAST], &of_noise[..FAST]),
            slow_part: slow.scaled(SLOW_VARIANCE),
            train_mse: self.train_mse(&left),
        }
    }

    /// `‖X(w − w*) − e‖²/n` in the eigenbasis.
    fn train_mse(&self, left: &[f64]) -> Quadratic {
        let mut sum = Quadratic { signal: 0.0, cross: 0.0, noise: self.noise_power };
        for (((left, value), signal), noise) in left.iter().zip(&self.eigen.values).zip(&self.signal).zip(&self.noise) {
            let kept = left * left;
            sum.signal += value * kept * signal * signal;
            sum.cross += value * kept * signal * noise;
            sum.noise -= value * (1.0 - kept) * noise * noise;
        }
        sum
    }
}

impl Work<Vec<Moment>> for Descent {
    fn advance(&mut self) -> bool {
        match &self.spectrum {
            None => self.spectrum = Some(Spectrum::new(self.spec.seed)),
            Some(spectrum) => self.moments = self.spec.steps.iter().map(|&steps| spectrum.after(steps)).collect(),
        }
        !self.moments.is_empty()
    }

    fn record(&self) -> Vec<Moment> {
        self.moments.clone()
    }
}

impl Lab for TrainingTime {
    type Spec = Spec;
    type Record = Vec<Moment>;

    const SCHEMA: &'static Schema = &SCHEMA;

    fn plan(&self, settings: &Settings) -> Plan<Spec> {
        let steps = settings.count("steps") as u32;
        let curve = |seed| vec![Spec { seed, steps: curve_steps() }];
        Plan::along(settings, curve, |seed| Spec { seed, steps: vec![steps] })
    }

    fn cost(&self, spec: &Spec) -> f64 {
        // Normals, covariance and eigenpairs, then two products a point.
        8e6 + 2e4 * spec.steps.len() as f64
    }

    fn begin<'a>(&self, spec: &Spec, _data: &'a Data) -> Box<dyn Work<Vec<Moment>> + 'a> {
        let spec = Spec { seed: spec.seed, steps: spec.steps.clone() };
        Box::new(Descent { spec, spectrum: None, moments: Vec::new() })
    }

    fn report(&self, settings: &Settings, records: &[Entry<Vec<Moment>>]) -> Report {
        let noise = settings.real("noise_variance");
        let records = Along::new(settings, 1, records);
        let probed: Vec<Moment> = records.point().filter_map(|found| found.first()).copied().collect();
        let curves: Vec<&Vec<Moment>> = records.column(0).collect();
        let curve = Curve { noise, steps: curve_steps(), curves };
        let outputs = outputs(settings, &probed);
        let description = describe(&curve, settings, &outputs);
        let figure = Figure { panels: vec![risk_panel(&curve, settings), training_panel(&curve, settings)] };
        Report { figure, outputs, description }
    }
}

/// A quantity that a moment shows at a noise variance.
type Reading = fn(&Moment, f64) -> f64;

/// The measured curves of the finished seeds.
struct Curve<'a> {
    noise: f64,
    steps: Vec<u32>,
    curves: Vec<&'a Vec<Moment>>,
}

impl Curve<'_> {
    fn x(&self) -> Vec<f64> {
        self.steps.iter().map(|&step| f64::from(step)).collect()
    }

    fn over_seeds(&self, statistic: fn(&[f64]) -> f64, read: Reading) -> Vec<f64> {
        (0..self.steps.len())
            .map(|index| {
                let moments = self.curves.iter().filter_map(|curve| curve.get(index));
                statistic(&moments.map(|moment| read(moment, self.noise)).collect::<Vec<_>>())
            })
            .collect()
    }

    fn mean(&self, read: Reading) -> Vec<f64> {
        self.over_seeds(statistics::mean, read)
    }
}

fn outputs(settings: &Settings, probed: &[Moment]) -> Vec<OutputValue> {
    let noise = settings.real("noise_variance");
    let mean = |name, read: Reading| {
        let values: Vec<f64> = probed.iter().map(|moment| read(moment, noise)).collect();
        OutputValue::mean(name, &values)
    };
    let [dip, peak] = dip_and_peak(noise);
    vec![
        mean("excess_risk", Moment::excess_risk),
        mean("fast_part", Moment::fast_part),
        mean("slow_part", Moment::slow_part),
        mean("train_mse", Moment::train_mse),
        OutputValue::exact("theory_excess_risk", theory_risk(settings.count("steps") as u32, noise)),
        OutputValue::exact("theory_dip_steps", f64::from(dip.0)),
        OutputValue::exact("theory_dip_risk", dip.1),
        OutputValue::exact("theory_peak_steps", f64::from(peak.0)),
        OutputValue::exact("theory_peak_risk", peak.1),
        OutputValue::exact("theory_final_risk", theory_risk(LAST_STEP, noise)),
    ]
}

fn steps_axis() -> Axis {
    let range = [0.0, f64::from(LAST_STEP)];
    Axis::new(Text::new("gradient steps t", "梯度下降步数 t"), AxisScale::LogFromZero, range)
}

fn risk_panel(curve: &Curve, settings: &Settings) -> Panel {
    let noise = curve.noise;
    let x = curve.x();
    let slow = curve.mean(Moment::slow_part);
    let both = statistics::sums(&slow, &curve.mean(Moment::fast_part));
    let slow_label = Text::new("slow features", "慢特征");
    let fast_label = Text::new("fast features", "快特征");
    let mut marks = vec![
        Mark::part("slow_part", slow_label, Role::Signal, &x, &vec![0.0; x.len()], &slow),
        Mark::part("fast_part", fast_label, Role::Noise, &x, &slow, &both),
    ];
    if settings.seeds() > 1 {
        marks.push(excess_risk::spread(&x, |statistic| curve.over_seeds(statistic, Moment::excess_risk)));
    }
    marks.push(excess_risk::measured(&x, both));
    let formula: Vec<f64> = curve.steps.iter().map(|&step| theory_risk(step, noise)).collect();
    let greatest = formula.iter().copied().fold(0.0, f64::max);
    let label = Text::new("excess risk, approximate theory", "超额风险（近似理论）");
    marks.push(excess_risk::theory(label, &x, formula));
    marks.push(Mark::probe("steps", settings));
    let y = excess_risk::linear_axis(round_up(1.25 * greatest));
    Panel::chart(Text::new("Risk", "风险"), steps_axis(), y, marks)
}

fn training_panel(curve: &Curve, settings: &Settings) -> Panel {
    let label = Text::new("training error, measured", "训练误差（测量）");
    let error = curve.mean(Moment::train_mse);
    let range = [0.0, round_up(1.1 * (FAST_POWER + SLOW_POWER + curve.noise))];
    let y = Axis::new(Text::new("training error", "训练误差"), AxisScale::Linear, range);
    let marks = vec![
        Mark::line("train_mse", label, Role::Train, Stroke::Solid, &curve.x(), error),
        Mark::probe("steps", settings),
    ];
    Panel::chart(Text::new("Training error", "训练误差"), steps_axis(), y, marks)
}

/// The curve's course and the probed point in words.
fn describe(curve: &Curve, settings: &Settings, outputs: &[OutputValue]) -> Text {
    let risk = curve.mean(Moment::excess_risk);
    if risk.iter().any(|value| !value.is_finite()) {
        return declarations::NOTHING_YET;
    }
    let x = curve.x();
    let course = |read, mean: &[f64]| {
        let error = curve.over_seeds(statistics::standard_error, read);
        Course { x: &x, mean, error: &error, least: 0.0 }.words("t", short)
    };
    let risk = course(Moment::excess_risk, &risk);
    let train = course(Moment::train_mse, &curve.mean(Moment::train_mse));
    let noise = plain(curve.noise);
    let value = |name| OutputValue::written(outputs, name);
    let (excess, theory) = (value("excess_risk"), value("theory_excess_risk"));
    let (fast, slow) = (value("fast_part"), value("slow_part"));
    let t = settings.count("steps");
    Text::owned(
        format!(
            "Gradient descent of t steps with noise variance {noise}. The measured excess risk {}. The training error {}. After {t} steps the excess risk is {excess}: {fast} from the fast features, {slow} from the slow ones; the formula says {theory}.",
            risk.en, train.en
        ),
        format!(
            "噪声方差为 {noise} 时做 t 步梯度下降。测得的超额风险{}。训练误差{}。{t} 步之后，超额风险为 {excess}：其中快特征部分 {fast}，慢特征部分 {slow}；公式给出 {theory}。",
            risk.zh, train.zh
        ),
    )
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::testing::{self, complete, probe};
    use kernels::double::gemm;

    fn settings(pairs: &[(&str, &str)]) -> Settings {
        testing::settings(&LAB, pairs)
    }

    #[test]
    fn the_formula_has_the_published_values() {
        for (noise, steps, risk) in [
            (10.0, 0, 2.5),
            (10.0, 2, 2.278_383_26),
            (10.0, 40, 2.718_861_66),
            (10.0, 600, 2.087_474_86),
            (10.0, 30_000, 1.204_568_8),
            (0.0, 4000, 0.045_502_65),
            (30.0, 12, 4.980_393_14),
        ] {
            assert!((theory_risk(steps, noise) - risk).abs() < 1e-7, "σ² = {noise}, t = {steps}");
        }
    }

    #[test]
    fn closed_form_is_gradient_descent_from_zero() {
        let (seed, steps, noise_variance): (u64, u32, f64) = (3, 25, 10.0);
        let mut design = vec![0.0; SAMPLES * FEATURES];
        Random::new(seed, 0).fill_normal(&mut design);
        for row in design.as_chunks_mut::<FEATURES>().0 {
            for value in &mut row[FAST..] {
                *value *= SLOW_VARIANCE.sqrt();
            }
        }
        let mut directions = Random::new(seed, 1);
        let mut truth = directions.on_sphere(FAST, FAST_POWER.sqrt());
        truth.extend(directions.on_sphere(SLOW, (SLOW_POWER / SLOW_VARIANCE).sqrt()));
        let x = View::new(&design, SAMPLES, FEATURES);
        let mut labels = vec![0.0; SAMPLES];
        gemm(&mut labels, x, View::new(&truth, FEATURES, 1));
        let mut errors = vec![0.0; SAMPLES];
        Random::new(seed, 2).fill_normal(&mut errors);
        labels.iter_mut().zip(&errors).for_each(|(label, error)| *label += noise_variance.sqrt() * error);

        let mut weights = vec![0.0; FEATURES];
        let mut residual = vec![0.0; SAMPLES];
        for _ in 0..steps {
            gemv(&mut residual, x, &weights);
            residual.iter_mut().zip(&labels).for_each(|(fitted, label)| *fitted -= label);
            let mut gradient = vec![0.0; FEATURES];
            gemv(&mut gradient, x.transposed(), &residual);
            for (weight, slope) in weights.iter_mut().zip(&gradient) {
                *weight -= LEARNING_RATE * slope / SAMPLES as f64;
            }
        }
        gemv(&mut residual, x, &weights);
        residual.iter_mut().zip(&labels).for_each(|(fitted, label)| *fitted -= label);
        let missed: Vec<f64> = weights.iter().zip(&truth).map(|(weight, true_weight)| weight - true_weight).collect();

        let moment = Spectrum::new(seed).after(steps);
        let close = |a: f64, b: f64| (a - b).abs() < 1e-9 * b.abs();
        assert!(close(moment.fast_part(noise_variance), squared_norm(&missed[..FAST])));
        assert!(close(moment.slow_part(noise_variance), SLOW_VARIANCE * squared_norm(&missed[FAST..])));
        assert!(close(moment.train_mse(noise_variance), squared_norm(&residual) / SAMPLES as f64));
    }

    #[test]
    fn the_risk_falls_rises_and_falls_while_the_training_error_only_falls() {
        let report = complete(&LAB, settings(&[]), &Data::none()).report;
        let series = |name: &str| testing::series(&report, name);
        let risk = series("excess_risk");
        let at = |step: f64| risk.y[risk.x.iter().position(|&x| x >= step).unwrap()];
        assert!(at(1.0) < at(0.0) - 0.2 && at(16.0) > at(1.0) + 0.5 && at(30_000.0) < at(1.0) - 0.5);
        assert!(series("train_mse").y.is_sorted_by(|a, b| a > b));
    }

    #[test]
    fn parts_add_up_to_the_excess_risk() {
        let report = probe(&LAB, settings(&[("steps", "300"), ("seeds", "3")]), &Data::none());
        let value = |name: &str| testing::value(&report, name);
        assert!((value("fast_part") + value("slow_part") - value("excess_risk")).abs() < 1e-12);
    }

    #[test]
    fn stopping_early_is_best_at_the_dip_only_if_training_ends_before_the_second_descent() {
        let [dip, peak] = dip_and_peak(10.0);
        assert!(dip.0 < peak.0 && dip.1 < peak.1);
        assert!(theory_risk(LAST_STEP, 10.0) < dip.1, "with patience the second descent wins");
        assert!(theory_risk(LAST_STEP, 30.0) > dip_and_peak(30.0)[0].1, "with more noise it does not");
    }

    #[test]
    fn powers_are_those_of_repeated_multiplication() {
        assert_eq!(power(0.5, 10), 1.0 / 1024.0);
        assert_eq!((power(0.3, 0), power(-2.0, 3)), (1.0, -8.0));
    }
}
