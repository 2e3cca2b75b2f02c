//! Ridgeless least squares: risk against the number of features, with the exact curve on the same axes.
//!
//! The model is that of [`crate::linear_models`]: `n` samples, `p` observed isotropic Gaussian features, `γ = p/n`. With
//! least squares of least norm, exactly and for every `|p − n| > 1`,
//!
//! - `p < n`: bias 0, variance `s²·p/(n − p − 1)`;
//! - `p > n`: bias `r²·(1 − n/p)`, variance `s²·n/(p − n − 1)`.
//!
//! In the misspecified model `κ² = r²·(1 + γ)^(−decay)` of the signal power lies in features that are not observed. It acts as noise
//! and is missed itself: `R(γ) = κ² + R(γ; r² − κ², s² + κ²)` (Hastie, Montanari, Rosset and Tibshirani 2019).

use crate::{
    course::Course,
    declarations, excess_risk,
    lab::Along,
    linear_models::{self, Draw, Fit, Nested, Simulation, Theory},
    numerals::{decade_below, plain, round_up, short},
    prelude::*,
};

/// The lab.
pub static LAB: Ridgeless = Ridgeless;

/// See the module's description.
pub struct Ridgeless;

const ESTIMATORS: &[Choice] = &[
    Choice::new("min_norm", Text::new("minimum norm", "最小范数")),
    Choice::new("optimal_ridge", Text::new("optimal ridge", "最优岭回归")),
];

static SCHEMA: Schema = Schema {
    id: Cow::Borrowed("ridgeless"),
    title: Text::new("Ridgeless least squares", "无岭回归"),
    about: Text::new(
        "Fit random linear data with more and more features: the risk climbs without bound where the fit becomes exact, and comes down again beyond.",
        "用越来越多的特征拟合随机线性数据：恰好能够完全拟合之处，风险无界上升；越过之后，风险再次下降。",
    ),
    parameters: Cow::Borrowed(&[
        declarations::samples(Text::new(
                "How many training points there are. More of them leave the shape of the curve alone and make the measured points scatter less.",
                "训练样本的个数。样本更多时曲线形状不变，测量值的起伏更小。",
            ), [50, 400, 10], 200),
        Parameter::real(
            "gamma",
            "γ",
            Text::new("Features per sample", "特征数与样本数之比"),
            Text::new(
                "The point of the curve that the numbers report, with p = γn features. Take it through 1 and watch the variance.",
                "下方数值所报告的曲线位置，特征数 p = γn。把它移过 1，留意方差的变化。",
            ),
            [0.05, 10.0, 0.01],
            1.1,
        )
        .scaled(Scale::Logarithmic),
        declarations::signal_power(Text::new(
                "The squared length of the true weights. It is also the risk of predicting zero, so a model above it is worse than none.",
                "真实权重的长度平方。它也是恒预测零的风险：高于它的模型还不如没有模型。",
            ), 5.0),
        declarations::noise_variance(Text::new(
                "The variance of the noise in the labels. Where the signal does not decay, set it to 0 and the peak is gone: it is noise, magnified, that makes it.",
                "标签噪声的方差。信号不衰减时，把它设为 0，峰便消失：峰是被放大的噪声。",
            ), [0.0, 10.0, 0.1], 1.0),
        Parameter::real(
            "signal_decay",
            "a",
            Text::new("Signal decay", "信号衰减"),
            Text::new(
                "Above 0, a share (1 + γ)^−a of the signal lies in features the model does not see, and more features uncover it. At 0 the model sees all of the signal at every γ.",
                "大于 0 时，信号中占 (1 + γ)^−a 的部分位于模型看不到的特征里，特征越多，露出的信号越多。等于 0 时，无论 γ 为何，模型都能看到全部信号。",
            ),
            [0.0, 4.0, 0.1],
            0.0,
        ),
        Parameter::choice(
            "estimator",
            Text::new("Estimator", "估计量"),
            Text::new(
                "Least squares of least norm, or ridge regression with the best penalty for each γ, which takes the peak away.",
                "最小范数最小二乘，或对每个 γ 取最优惩罚的岭回归；后者使峰消失。",
            ),
            ESTIMATORS,
            0,
        ),
        Parameter::seeds(10, 100),
    ]),
    outputs: Cow::Borrowed(&[
        declarations::excess_risk(Text::new(
                "Squared error on new data above the noise: squared distance from the fitted weights to the true ones, plus the signal that is not observed.",
                "新数据上超出噪声的平方误差：拟合权重与真实权重之距离的平方，加上未观测到的信号。",
            )),
        declarations::bias(Text::new(
                "The part of the excess risk that remains if the noise is averaged out: signal that the fit misses or shrinks.",
                "把噪声平均掉之后仍留下的超额风险：拟合漏掉或压缩的信号。",
            )),
        declarations::variance(Text::new(
                "The part of the excess risk that comes from fitting noise, exact for the drawn features.",
                "来自拟合噪声的超额风险，对所抽特征精确计算。",
            )),
        Output::new(
            "squared_norm",
            Text::new("Squared norm of the weights", "权重范数平方"),
            Text::new("The squared length of the fitted weights.", "拟合权重的长度平方。"),
            Aggregate::Mean,
        ),
        declarations::train_mse(declarations::ON_TRAINING_POINTS),
        declarations::median_excess_risk(Text::new(
                "The middle excess risk over the seeds: what to read at p = n, where the mean does not exist.",
                "各随机种子下超额风险的中位数：在 p = n 处均值不存在，应看此数。",
            )),
        declarations::theory_excess_risk(Text::new(
                "Its expectation: exact at this n and p for the minimum norm, the large-n limit for ridge; infinite for |p − n| ≤ 1 with noise.",
                "超额风险的期望：最小范数时对当前 n、p 精确，岭回归时取大 n 极限；有噪声且 |p − n| ≤ 1 时为无穷大。",
            )),
        declarations::theory_bias(declarations::EXPECTED_BIAS),
        declarations::theory_variance(declarations::EXPECTED_VARIANCE),
        Output::new(
            "theory_squared_norm",
            Text::new("Squared norm, theory", "权重范数平方（理论）"),
            Text::new("The expectation of the squared length of the fitted weights.", "拟合权重长度平方的期望。"),
            Aggregate::Exact,
        ),
        Output::new(
            "unobserved_signal",
            Text::new("Unobserved signal", "未观测信号"),
            Text::new(
                "Signal power in features that the model does not see: a part of the excess risk that no fit removes.",
                "位于模型看不到的特征中的信号功率：任何拟合都无法消除的那部分超额风险。",
            ),
            Aggregate::Exact,
        ),
        Output::new(
            "null_risk",
            Text::new("Null risk", "空模型风险"),
            Text::new("The excess risk of predicting zero: the signal power.", "恒预测零的超额风险，即信号功率。"),
            Aggregate::Exact,
        ),
        Output::new(
            "theory_classical_gamma",
            Text::new("Best γ below 1", "γ < 1 一侧的最优 γ"),
            Text::new(
                "Where theory puts the least risk on the drawn range with fewer features than samples.",
                "所画范围内，特征少于样本时理论风险最低之处。",
            ),
            Aggregate::Exact,
        ),
        Output::new(
            "theory_classical_risk",
            Text::new("Least risk below γ = 1", "γ < 1 一侧的最低风险"),
            Text::new("The theoretical excess risk there.", "该处的理论超额风险。"),
            Aggregate::Exact,
        ),
        Output::new(
            "theory_best_gamma",
            Text::new("Best γ above 1", "γ > 1 一侧的最优 γ"),
            Text::new(
                "Where theory puts the least risk on the drawn range with more features than samples.",
                "所画范围内，特征多于样本时理论风险最低之处。",
            ),
            Aggregate::Exact,
        ),
        Output::new(
            "theory_best_risk",
            Text::new("Least risk above γ = 1", "γ > 1 一侧的最低风险"),
            Text::new("The theoretical excess risk there.", "该处的理论超额风险。"),
            Aggregate::Exact,
        ),
        declarations::mean_exists(),
    ]),
};

/// The ratios `p/n` at which the curve is measured: close together about the threshold, none where the mean risk hardly
/// exists.
const GRID: [f64; 22] =
    [0.05, 0.1, 0.15, 0.2, 0.3, 0.4, 0.5, 0.6, 0.7, 0.8, 0.9, 0.95, 1.05, 1.1, 1.2, 1.4, 1.7, 2.2, 3.0, 4.5, 7.0, 10.0];
/// The ends of the horizontal axis.
const GAMMA_RANGE: [f64; 2] = [0.05, 10.0];

/// The model and the estimator, as the settings give them.
struct Model {
    samples: usize,
    signal_power: f64,
    noise_variance: f64,
    decay: f64,
    ridge: bool,
}

/// The strengths that the observed features meet.
struct Strengths {
    signal: f64,
    noise: f64,
    unobserved: f64,
}

impl Model {
    fn new(settings: &Settings) -> Self {
        Self {
            samples: settings.count("samples"),
            signal_power: settings.real("signal_power"),
            noise_variance: settings.real("noise_variance"),
            decay: settings.real("signal_decay"),
            ridge: settings.choice("estimator") == 1,
        }
    }

    /// `p = γn`, rounded, at least 1.
    fn features(&self, gamma: f64) -> usize {
        ((gamma * self.samples as f64).round() as usize).max(1)
    }

    /// `p/n` as it is after rounding.
    fn gamma(&self, features: usize) -> f64 {
        features as f64 / self.samples as f64
    }

    fn strengths(&self, gamma: f64) -> Strengths {
        let unobserved = linear_models::unobserved_signal(gamma, self.signal_power, self.decay);
        Strengths { signal: self.signal_power - unobserved, noise: self.noise_variance + unobserved, unobserved }
    }

    fn draw(&self, features: usize, seed: u64) -> Draw {
        let strengths = self.strengths(self.gamma(features));
        // nλ for λ = s²γ/r².
        let ridge = if self.ridge { strengths.noise * features as f64 / strengths.signal } else { 0.0 };
        Draw { samples: self.samples, features, ridge, nested: Nested::Features, seed }
    }

    /// Bias and variance in theory, without the unobserved signal. `γ` need not make a whole number of features.
    fn theory(&self, gamma: f64) -> Theory {
        let Strengths { signal, noise, .. } = self.strengths(gamma);
        if self.ridge {
            linear_models::optimal_ridge_limit(gamma, signal, noise)
        } else {
            let samples = self.samples as f64;
            linear_models::min_norm(samples, gamma * samples, signal, noise)
        }
    }

    fn theory_risk(&self, gamma: f64) -> f64 {
        self.theory(gamma).excess_risk() + self.strengths(gamma).unobserved
    }

    /// Whether the excess risk has a mean at this size.
    fn mean_exists(&self, features: usize) -> bool {
        let noiseless = self.strengths(self.gamma(features)).noise == 0.0;
        self.ridge || noiseless || linear_models::min_norm_mean_exists(self.samples, features)
    }

    /// The least theoretical risk over whole numbers of features: its γ and its value.
    fn least_risk(&self, features: impl Iterator<Item = usize>) -> (f64, f64) {
        let risks = features.map(|p| self.gamma(p)).map(|gamma| (gamma, self.theory_risk(gamma)));
        risks.fold((f64::NAN, f64::INFINITY), |best, next| if next.1 < best.1 { next } else { best })
    }

    fn least_classical_risk(&self) -> (f64, f64) {
        self.least_risk(self.features(GAMMA_RANGE[0])..self.samples)
    }

    fn least_modern_risk(&self) -> (f64, f64) {
        self.least_risk(self.samples + 1..=self.features(GAMMA_RANGE[1]))
    }

    /// One measured quantity of one fit.
    fn measure(&self, features: usize, fit: &Fit) -> Measurement {
        let Strengths { signal, noise, unobserved } = self.strengths(self.gamma(features));
        Measurement {
            excess_risk: fit.risk.at(signal, noise) + unobserved,
            bias: signal * fit.risk.signal,
            variance: if noise == 0.0 { 0.0 } else { noise * fit.variance },
            squared_norm: fit.squared_norm.at(signal, noise),
            train_mse: fit.train_mse.at(signal, noise),
        }
    }
}

/// What one fit measured, at the strengths of the settings.
#[derive(Clone, Copy)]
struct Measurement {
    excess_risk: f64,
    bias: f64,
    variance: f64,
    squared_norm: f64,
    train_mse: f64,
}

/// The measured curve: one column a ratio, each holding the finished seeds.
struct Curve {
    gamma: Vec<f64>,
    columns: Vec<Vec<Measurement>>,
    unobserved: Vec<f64>,
    first: Vec<f64>,
}

impl Curve {
    fn over_seeds(&self, statistic: fn(&[f64]) -> f64, read: fn(&Measurement) -> f64) -> Vec<f64> {
        self.columns.iter().map(|fits| statistic(&values(fits, read))).collect()
    }

    fn mean(&self, read: fn(&Measurement) -> f64) -> Vec<f64> {
        self.over_seeds(statistics::mean, read)
    }
}

fn values(fits: &[Measurement], read: fn(&Measurement) -> f64) -> Vec<f64> {
    fits.iter().map(read).collect()
}

impl Lab for Ridgeless {
    type Spec = Draw;
    type Record = Fit;

    const SCHEMA: &'static Schema = &SCHEMA;

    fn plan(&self, settings: &Settings) -> Plan<Draw> {
        let model = Model::new(settings);
        let probed = model.features(settings.real("gamma"));
        let curve = |seed| GRID.map(|gamma| model.draw(model.features(gamma), seed)).to_vec();
        Plan::along(settings, curve, |seed| model.draw(probed, seed))
    }

    fn cost(&self, spec: &Draw) -> f64 {
        spec.cost()
    }

    fn begin<'a>(&self, spec: &Draw, _data: &'a Data) -> Box<dyn Work<Fit> + 'a> {
        Box::new(Simulation::new(spec.clone()))
    }

    fn report(&self, settings: &Settings, records: &[Entry<Fit>]) -> Report {
        let model = Model::new(settings);
        let records = Along::new(settings, GRID.len(), records);
        let curve = measured_curve(&model, &records);
        let features = model.features(settings.real("gamma"));
        let probed: Vec<Measurement> = records.point().map(|fit| model.measure(features, fit)).collect();
        let outputs = outputs(&model, features, &probed);
        let description = describe(&model, features, &curve, &outputs);
        let figure =
            Figure { panels: vec![risk_panel(&model, settings, &curve), norm_panel(&model, settings, &curve)] };
        Report { figure, outputs, description }
    }
}

fn measured_curve(model: &Model, records: &Along<Fit>) -> Curve {
    let mut curve = Curve { gamma: Vec::new(), columns: Vec::new(), unobserved: Vec::new(), first: Vec::new() };
    for (index, &wanted) in GRID.iter().enumerate() {
        let features = model.features(wanted);
        let gamma = model.gamma(features);
        // Nothing is measured at the threshold, so no line may be drawn across it.
        if gamma > 1.0 && !model.ridge && curve.gamma.last().is_some_and(|&last| last < 1.0) {
            curve.gamma.push(1.0);
            curve.columns.push(Vec::new());
            curve.unobserved.push(f64::NAN);
            curve.first.push(f64::NAN);
        }
        let fits: Vec<Measurement> = records.column(index).map(|fit| model.measure(features, fit)).collect();
        curve.gamma.push(gamma);
        curve.columns.push(fits);
        curve.unobserved.push(model.strengths(gamma).unobserved);
        curve.first.push(records.first(index).map_or(f64::NAN, |fit| model.measure(features, fit).excess_risk));
    }
    curve
}

fn outputs(model: &Model, features: usize, probed: &[Measurement]) -> Vec<OutputValue> {
    let gamma = model.gamma(features);
    let theory = model.theory(gamma);
    let (classical, modern) = (model.least_classical_risk(), model.least_modern_risk());
    let mean = |name, read| OutputValue::mean(name, &values(probed, read));
    vec![
        mean("excess_risk", |fit| fit.excess_risk),
        mean("bias", |fit| fit.bias),
        mean("variance", |fit| fit.variance),
        mean("squared_norm", |fit| fit.squared_norm),
        mean("train_mse", |fit| fit.train_mse),
        OutputValue::median("median_excess_risk", &values(probed, |fit| fit.excess_risk)),
        OutputValue::exact("theory_excess_risk", model.theory_risk(gamma)),
        OutputValue::exact("theory_bias", theory.bias),
        OutputValue::exact("theory_variance", theory.variance),
        OutputValue::exact("theory_squared_norm", theory.squared_norm),
        OutputValue::exact("unobserved_signal", model.strengths(gamma).unobserved),
        OutputValue::exact("null_risk", model.signal_power),
        OutputValue::exact("theory_classical_gamma", classical.0),
        OutputValue::exact("theory_classical_risk", classical.1),
        OutputValue::exact("theory_best_gamma", modern.0),
        OutputValue::exact("theory_best_risk", modern.1),
        OutputValue::exact("mean_exists", f64::from(u8::from(model.mean_exists(features)))),
    ]
}

/// Abscissas of the theory: even by ratio, and closer and closer to the threshold from both sides.
fn theory_gammas(model: &Model) -> Vec<f64> {
    const POINTS: usize = 140;
    let [low, high] = GAMMA_RANGE;
    let ratio = libm::log(high / low) / (POINTS - 1) as f64;
    let mut gammas: Vec<f64> = (0..POINTS).map(|k| low * libm::exp(ratio * k as f64)).collect();
    gammas[POINTS - 1] = high;
    if !model.ridge {
        let edge = 1.0 / model.samples as f64;
        let mut distance = 0.05;
        while distance > 0.01 * edge {
            gammas.extend([1.0 - edge - distance, 1.0 + edge + distance]);
            distance *= 0.7;
        }
        gammas.push(1.0);
    }
    statistics::sort(&mut gammas);
    gammas
}

fn gamma_axis() -> Axis {
    Axis::new(Text::new("features per sample γ = p/n", "特征数与样本数之比 γ = p/n"), AxisScale::Log, GAMMA_RANGE)
}

fn risk_panel(model: &Model, settings: &Settings, curve: &Curve) -> Panel {
    let mut marks = stack(model, curve);
    marks.push(Mark::line(
        "",
        Text::new("null risk r²", "空模型风险 r²"),
        Role::Neutral,
        Stroke::Dotted,
        &GAMMA_RANGE,
        vec![model.signal_power; 2],
    ));
    if settings.seeds() > 1 {
        let over_seeds = |statistic: fn(&[f64]) -> f64| curve.over_seeds(statistic, |fit| fit.excess_risk);
        marks.push(excess_risk::spread(&curve.gamma, over_seeds));
        marks.push(excess_risk::first_seed(&curve.gamma, curve.first.clone()));
    }
    marks.push(excess_risk::measured(&curve.gamma, curve.mean(|fit| fit.excess_risk)));
    marks.extend(theory_lines(model));
    marks.push(Mark::Threshold { label: Text::same("p = n"), x: 1.0 });
    marks.push(Mark::probe("gamma", settings));
    // One range for both estimators, so that they can be compared; the divergence leaves it at the top.
    let top = round_up(1.25 * model.signal_power + 5.0 * model.noise_variance);
    Panel::chart(Text::new("Risk", "风险"), gamma_axis(), excess_risk::linear_axis(top), marks)
}

/// Unobserved signal, bias and variance, one on the other: together the expected risk given the drawn features.
fn stack(model: &Model, curve: &Curve) -> Vec<Mark> {
    let x = &curve.gamma;
    let with_bias = statistics::sums(&curve.unobserved, &curve.mean(|fit| fit.bias));
    let with_variance = statistics::sums(&with_bias, &curve.mean(|fit| fit.variance));
    let mut marks = Vec::new();
    if model.decay > 0.0 {
        let zero = vec![0.0; x.len()];
        let label = Text::new("unobserved signal", "未观测信号");
        marks.push(Mark::part("unobserved_signal", label, Role::Signal, x, &zero, &curve.unobserved));
    }
    marks.push(Mark::part("bias", Text::new("bias", "偏差"), Role::Bias, x, &curve.unobserved, &with_bias));
    let label = Text::new("variance", "方差");
    marks.push(Mark::part("variance", label, Role::Variance, x, &with_bias, &with_variance));
    marks
}

fn theory_lines(model: &Model) -> Vec<Mark> {
    let gammas = theory_gammas(model);
    let risks = gammas.iter().map(|&gamma| model.theory_risk(gamma)).collect();
    let label = if model.ridge {
        Text::new("excess risk, theory (large n)", "超额风险（理论，大 n 极限）")
    } else {
        excess_risk::THEORY
    };
    let mut lines = vec![excess_risk::theory(label, &gammas, risks)];
    if model.ridge {
        let without = Model { ridge: false, ..*model };
        let gammas = theory_gammas(&without);
        let risks = gammas.iter().map(|&gamma| without.theory_risk(gamma)).collect();
        let label = Text::new("minimum norm, theory", "最小范数（理论）");
        lines.push(Mark::line("theory_min_norm_excess_risk", label, Role::Neutral, Stroke::Dotted, &gammas, risks));
    }
    lines
}

fn norm_panel(model: &Model, settings: &Settings, curve: &Curve) -> Panel {
    let gammas = theory_gammas(model);
    let theory: Vec<f64> = gammas.iter().map(|&gamma| model.theory(gamma).squared_norm).collect();
    let measured = curve.mean(|fit| fit.squared_norm);
    let [low, high] = GAMMA_RANGE.map(|gamma| model.theory(gamma).squared_norm);
    // From below the smaller end to above what the least norm makes of the noise at γ = 0.95.
    let bottom = decade_below(0.9 * low.min(high));
    let top = round_up(1.5 * model.signal_power + 30.0 * model.noise_variance);
    let label = Text::new("squared norm ‖b̂‖²", "范数平方 ‖b̂‖²");
    let y = Axis::new(label, AxisScale::Log, [bottom, top]);
    Panel::chart(
        Text::new("Size of the weights", "权重的大小"),
        gamma_axis(),
        y,
        vec![
            Mark::line(
                "squared_norm",
                Text::new("squared norm, measured", "范数平方（测量）"),
                Role::Norm,
                Stroke::Solid,
                &curve.gamma,
                measured,
            ),
            Mark::line(
                "theory_squared_norm",
                Text::new("squared norm, theory", "范数平方（理论）"),
                Role::Theory,
                Stroke::Dashed,
                &gammas,
                theory,
            ),
            Mark::Threshold { label: Text::same("p = n"), x: 1.0 },
            Mark::probe("gamma", settings),
        ],
    )
}

/// The curves' course and the probed point in words.
fn describe(model: &Model, features: usize, curve: &Curve, outputs: &[OutputValue]) -> Text {
    let risk = curve.mean(|fit| fit.excess_risk);
    let highest =
        (0..risk.len()).filter(|&k| risk[k].is_finite()).reduce(|best, k| if risk[k] > risk[best] { k } else { best });
    let Some(highest) = highest else {
        return declarations::NOTHING_YET;
    };
    let course = |read, mean: &[f64]| {
        let error = curve.over_seeds(statistics::standard_error, read);
        Course { x: &curve.gamma, mean, error: &error, least: 0.0 }.words("γ", short)
    };
    let risk = course(|fit| fit.excess_risk, &risk);
    let norm = course(|fit| fit.squared_norm, &curve.mean(|fit| fit.squared_norm));
    let at = |read| short(statistics::mean(&values(&curve.columns[highest], read)));
    let (top, top_bias, top_variance) = (plain(curve.gamma[highest]), at(|fit| fit.bias), at(|fit| fit.variance));
    let threshold = short(model.theory_risk(1.0));
    let (n, null) = (model.samples, plain(model.signal_power));
    let (method, method_zh) = if model.ridge {
        ("Optimal ridge regression", "最优岭回归")
    } else {
        ("Minimum-norm least squares", "最小范数最小二乘")
    };
    let value = |name| OutputValue::written(outputs, name);
    let (probed, p) = (plain(model.gamma(features)), features);
    let (excess, median) = (value("excess_risk"), value("median_excess_risk"));
    let (bias, variance, theory) = (value("bias"), value("variance"), value("theory_excess_risk"));
    let here = if model.mean_exists(features) {
        Text::owned(
            format!(
                "At γ = {probed} (p = {p}) the excess risk is {excess}: bias {bias}, variance {variance}; theory says {theory}."
            ),
            format!(
                "在 γ = {probed}（p = {p}）处，超额风险为 {excess}：偏差 {bias}，方差 {variance}；理论值为 {theory}。"
            ),
        )
    } else {
        Text::owned(
            format!(
                "At γ = {probed} (p = {p}), within one of n, the mean excess risk is infinite; the median over the seeds is {median}."
            ),
            format!(
                "在 γ = {probed}（p = {p}，与 n 相差不超过 1）处，超额风险的均值为无穷大；各种子的中位数为 {median}。"
            ),
        )
    };
    Text::owned(
        format!(
            "{method} with n = {n} samples. The measured excess risk {}. Where it is highest, at γ = {top}, averaging over the noise makes the bias {top_bias} and the variance {top_variance}. At p = n theory says {threshold}; predicting zero would cost {null}. The squared norm of the weights {}. {}",
            risk.en, norm.en, here.en
        ),
        format!(
            "{method_zh}，样本数 n = {n}。测得的超额风险{}。在最高处（γ = {top}），对噪声取平均，偏差为 {top_bias}，方差为 {top_variance}。p = n 处的理论值为 {threshold}；恒预测零的风险为 {null}。权重的范数平方{}。{}",
            risk.zh, norm.zh, here.zh
        ),
    )
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::testing::{self, complete, probe, value};

    fn settings(pairs: &[(&str, &str)]) -> Settings {
        testing::settings(&LAB, pairs)
    }

    fn series(report: &Report, name: &str) -> (Vec<f64>, Vec<f64>) {
        let series = testing::series(report, name);
        (series.x, series.y)
    }

    #[test]
    fn optimal_ridge_never_exceeds_min_norm_risk() {
        for gamma in ["0.3", "0.9", "1.1", "4"] {
            let risk = |estimator| {
                let pairs = [("samples", "100"), ("gamma", gamma), ("seeds", "20"), ("estimator", estimator)];
                let report = probe(&LAB, settings(&pairs), &Data::none());
                value(&report, "bias") + value(&report, "variance")
            };
            assert!(risk("optimal_ridge") < risk("min_norm"), "γ = {gamma}");
        }
    }

    #[test]
    fn at_the_threshold_the_mean_is_declared_missing_and_the_median_stands_in() {
        let report = probe(&LAB, settings(&[("samples", "50"), ("gamma", "1"), ("seeds", "5")]), &Data::none());
        assert_eq!(value(&report, "mean_exists"), 0.0);
        assert_eq!(value(&report, "theory_excess_risk"), f64::INFINITY);
        assert!(value(&report, "median_excess_risk") > 10.0);
        assert!(report.outputs.iter().all(|output| !output.value.is_nan()));
    }

    #[test]
    fn without_noise_the_mean_exists_at_the_threshold() {
        let pairs = [("samples", "50"), ("gamma", "1"), ("seeds", "2"), ("noise_variance", "0")];
        let report = probe(&LAB, settings(&pairs), &Data::none());
        assert_eq!((value(&report, "mean_exists"), value(&report, "theory_excess_risk")), (1.0, 0.0));
    }

    #[test]
    fn the_measured_curve_has_a_gap_at_the_threshold_and_nowhere_else() {
        let report = complete(&LAB, settings(&[("samples", "60"), ("seeds", "3")]), &Data::none()).report;
        let (x, y) = series(&report, "excess_risk");
        for (gamma, risk) in x.iter().zip(&y) {
            assert_eq!(risk.is_finite(), *gamma != 1.0, "γ = {gamma}");
        }
        assert_eq!(x.len(), GRID.len() + 1);
    }

    #[test]
    fn the_theory_is_dense() {
        for estimator in ["min_norm", "optimal_ridge"] {
            let pairs = [("samples", "50"), ("seeds", "1"), ("estimator", estimator)];
            let (x, y) = series(&probe(&LAB, settings(&pairs), &Data::none()), "theory_excess_risk");
            assert!(x.len() >= 100 && x.is_sorted() && y.iter().all(|risk| !risk.is_nan()));
        }
    }

    #[test]
    fn a_signal_that_is_partly_unobserved_makes_the_second_descent_win() {
        let report = probe(&LAB, settings(&[("signal_decay", "2"), ("seeds", "1")]), &Data::none());
        assert!(value(&report, "theory_best_risk") < value(&report, "theory_classical_risk"));
        assert!((value(&report, "theory_best_gamma") - 2.77).abs() < 0.1);
        assert!((value(&report, "theory_classical_gamma") - 0.214).abs() < 0.01);
        let well_specified = probe(&LAB, settings(&[("seeds", "1")]), &Data::none());
        assert!(value(&well_specified, "theory_best_risk") > value(&well_specified, "theory_classical_risk"));
    }

    #[test]
    fn strengths_of_signal_and_noise_need_no_new_draws() {
        let tasks = |pairs: &[(&str, &str)]| Lab::plan(&LAB, &settings(pairs)).tasks;
        assert_eq!(tasks(&[]), tasks(&[("signal_power", "2"), ("noise_variance", "3"), ("signal_decay", "1")]));
    }
}
