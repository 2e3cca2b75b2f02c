//! Benign overfitting in linear regression: what interpolating noise costs under three covariance spectra.
//!
//! Samples `x ~ N(0, diag λ)`, labels `y = xᵀβ + e` with `β = 1/√5` on the first five coordinates and noise `e` of
//! variance `σ²`; `b̂ = Xᵀ(XXᵀ)⁻¹y` interpolates them with the least norm. The excess risk is `Σ λᵢ(b̂ᵢ − βᵢ)²`. Bartlett,
//! Long, Lugosi and Tsigler (2020, "Benign overfitting in linear regression") bound it by the effective ranks of the
//! spectrum's tail; `spectrum` has them, and the sharp formula for large sizes.

mod simulation;
mod spectrum;

use crate::{
    course::Course,
    declarations, excess_risk,
    lab::Along,
    numerals::{decade_below, plain, short},
    prelude::*,
};
use simulation::Simulation;
pub use simulation::{Fit, Spec};
use spectrum::{EffectiveRanks, Family, Spectrum, Tail, Theory};

/// The lab.
pub static LAB: BenignRegression = BenignRegression;

/// See the module's description.
pub struct BenignRegression;

const FAMILIES: [Family; 3] = [Family::Spike, Family::Power, Family::Heavy];
const SPECTRA: &[Choice] = &[
    Choice::new("spike", Text::new("spikes and a long flat tail", "尖峰加平坦长尾")),
    Choice::new("power", Text::new("power law i⁻²", "幂律 i⁻²")),
    Choice::new("heavy", Text::new("spikes and a heavy tail", "尖峰加重尾")),
];

static SCHEMA: Schema = Schema {
    id: Cow::Borrowed("benign-regression"),
    title: Text::new("Benign overfitting in linear regression", "线性回归中的良性过拟合"),
    about: Text::new(
        "Fit noisy labels exactly by least squares: a long flat tail of small features makes the noise harmless, other spectra do not.",
        "用最小二乘精确拟合含噪标签：由大量微小特征组成的平坦长尾让噪声变得无害，换一种谱则不然。",
    ),
    parameters: Cow::Borrowed(&[
        Parameter::choice(
            "spectrum",
            Text::new("Spectrum", "协方差谱"),
            Text::new(
                "How the variances of the features fall. Only the first five features carry signal.",
                "各特征的方差如何下降。只有前五个特征带有信号。",
            ),
            SPECTRA,
            0,
        ),
        Parameter::integer(
            "tail_ratio",
            "c",
            Text::new("Tail features per sample", "每个样本的尾部特征数"),
            Text::new(
                "There are cn features beyond the first few, none of use for prediction. Raise it with the flat tail: useless features make the fit better.",
                "前几个特征之外另有 cn 个特征，对预测都毫无用处。在平坦长尾下调大它：无用的特征反而改善拟合。",
            ),
            [1, 40, 1],
            20,
        )
        .scaled(Scale::Logarithmic),
        declarations::samples(Text::new(
                "The point of the curves that the numbers report. Watch which spectra let more samples help.",
                "下方数值所报告的曲线位置。看看在哪些谱下，增加样本有帮助。",
            ), [25, 200, 1], 100)
        .scaled(Scale::Logarithmic),
        declarations::noise_variance(Text::new(
                "The variance of the noise in the labels, all of which is fitted.",
                "标签噪声的方差；这些噪声全部被拟合。",
            ), [0.0, 1.0, 0.01], 0.25),
        Parameter::seeds(10, 100),
    ]),
    outputs: Cow::Borrowed(&[
        declarations::excess_risk(Text::new(
                "Squared error on new data above the noise; predicting zero would have an excess risk of the signal's variance.",
                "新数据上超出噪声的平方误差；恒预测零的超额风险等于信号的方差。",
            )),
        declarations::bias(Text::new(
                "The part that remains without noise: signal that leaks into the tail.",
                "没有噪声时仍留下的部分：泄漏到尾部的信号。",
            )),
        declarations::variance(Text::new(
                "The part that comes from fitting noise, exact for the drawn features.",
                "来自拟合噪声的部分，对所抽特征精确计算。",
            )),
        declarations::median_excess_risk(Text::new("The middle excess risk over the seeds.", "各随机种子下超额风险的中位数。")),
        declarations::theory_excess_risk(Text::new(
                "What the sharp formula for large sizes says; infinite where there are no more features than samples.",
                "大规模下的精确公式给出的值；特征数不多于样本数时为无穷大。",
            )),
        declarations::theory_bias(Text::new("The bias by the same formula.", "同一公式给出的偏差。")),
        declarations::theory_variance(Text::new("The variance by the same formula.", "同一公式给出的方差。")),
        Output::new(
            "k_star",
            Text::new("k*", "k*"),
            Text::new(
                "How many of the greatest eigenvalues do not belong to the tail: the least k with r_k ≥ n; infinite if there is none.",
                "不属于尾部的最大特征值的个数：满足 r_k ≥ n 的最小 k；若不存在则为无穷大。",
            ),
            Aggregate::Exact,
        ),
        Output::new(
            "effective_rank_r",
            Text::new("Effective rank r", "有效秩 r"),
            Text::new(
                "At k*: the tail's mass in units of its greatest eigenvalue.",
                "在 k* 处：以尾部最大特征值为单位的尾部总质量。",
            ),
            Aggregate::Exact,
        ),
        Output::new(
            "effective_rank_R",
            Text::new("Effective rank R", "有效秩 R"),
            Text::new(
                "At k*: over how many directions the tail spreads the noise, its squared mass over its sum of squares.",
                "在 k* 处：尾部把噪声摊到多少个方向上，即尾部质量的平方除以特征值平方和。",
            ),
            Aggregate::Exact,
        ),
        Output::new(
            "rank_formula_variance",
            Text::new("Variance by effective ranks", "由有效秩估计的方差"),
            Text::new(
                "σ²(k*/n + n/R): the variance up to constants. Here the constants are set to one.",
                "σ²(k*/n + n/R)：方差在常数因子意义下的大小，此处常数取 1。",
            ),
            Aggregate::Exact,
        ),
        Output::new(
            "null_risk",
            Text::new("Null risk", "空模型风险"),
            Text::new("The excess risk of predicting zero.", "恒预测零的超额风险。"),
            Aggregate::Exact,
        ),
    ]),
};

/// The training sets at which the curves are measured.
const GRID: [usize; 10] = [25, 32, 40, 50, 64, 80, 100, 126, 160, 200];
/// The ends of the axis of training sets.
const SAMPLE_RANGE: [f64; 2] = [25.0, 200.0];
/// Points on the theory's curves.
const THEORY_POINTS: usize = 28;

struct Model {
    family: Family,
    tail_ratio: usize,
    noise_variance: f64,
}

impl Model {
    fn new(settings: &Settings) -> Self {
        Self {
            family: FAMILIES[settings.choice("spectrum")],
            tail_ratio: settings.count("tail_ratio"),
            noise_variance: settings.real("noise_variance"),
        }
    }

    fn spec(&self, samples: usize, seed: u64) -> Spec {
        Spec { family: self.family, tail_ratio: self.tail_ratio, samples, seed }
    }

    fn spectrum(&self, samples: usize) -> Spectrum {
        self.family.spectrum(samples, self.tail_ratio)
    }

    fn theory(&self, samples: usize) -> Theory {
        self.spectrum(samples).theory(samples, self.noise_variance)
    }

    fn ranks(&self, samples: usize) -> EffectiveRanks {
        self.spectrum(samples).effective_ranks(samples)
    }

    /// `E(xᵀβ)²`.
    fn null_risk(&self) -> f64 {
        self.spectrum(100).head.iter().map(|eigenvalue| spectrum::SQUARED_WEIGHT * eigenvalue).sum()
    }

    fn excess_risk(&self, fit: &Fit) -> f64 {
        fit.risk.at(1.0, self.noise_variance)
    }

    fn variance(&self, fit: &Fit) -> f64 {
        if self.noise_variance == 0.0 { 0.0 } else { self.noise_variance * fit.variance }
    }

    fn values(&self, fits: &[Fit], read: Reading) -> Vec<f64> {
        fits.iter().map(|fit| read(self, fit)).collect()
    }
}

/// A quantity that a fit measures.
type Reading = fn(&Model, &Fit) -> f64;

/// The measured curve: one column a training set, each holding the finished seeds.
struct Curve {
    samples: Vec<f64>,
    columns: Vec<Vec<Fit>>,
    first: Vec<f64>,
}

impl Curve {
    fn new(model: &Model, records: &Along<Fit>) -> Self {
        let first = |index| records.first(index).map_or(f64::NAN, |fit| model.excess_risk(fit));
        Self {
            samples: GRID.map(|samples| samples as f64).to_vec(),
            columns: (0..GRID.len()).map(|index| records.column(index).copied().collect()).collect(),
            first: (0..GRID.len()).map(first).collect(),
        }
    }

    fn over_seeds(&self, model: &Model, statistic: fn(&[f64]) -> f64, read: Reading) -> Vec<f64> {
        self.columns.iter().map(|fits| statistic(&model.values(fits, read))).collect()
    }

    fn mean(&self, model: &Model, read: Reading) -> Vec<f64> {
        self.over_seeds(model, statistics::mean, read)
    }
}

impl Lab for BenignRegression {
    type Spec = Spec;
    type Record = Fit;

    const SCHEMA: &'static Schema = &SCHEMA;

    fn plan(&self, settings: &Settings) -> Plan<Spec> {
        let model = Model::new(settings);
        let curve = |seed| GRID.map(|samples| model.spec(samples, seed)).to_vec();
        Plan::along(settings, curve, |seed| model.spec(settings.count("samples"), seed))
    }

    fn cost(&self, spec: &Spec) -> f64 {
        spec.cost()
    }

    fn begin<'a>(&self, spec: &Spec, _data: &'a Data) -> Box<dyn Work<Fit> + 'a> {
        Box::new(Simulation::new(spec))
    }

    fn report(&self, settings: &Settings, records: &[Entry<Fit>]) -> Report {
        let model = Model::new(settings);
        let records = Along::new(settings, GRID.len(), records);
        let curve = Curve::new(&model, &records);
        let probed: Vec<Fit> = records.point().copied().collect();
        let outputs = outputs(&model, settings.count("samples"), &probed);
        let description = describe(&model, settings, &curve, &outputs);
        let theory = TheoryCurve::new(&model);
        let panels = vec![
            risk_panel(&model, settings, &curve, &theory),
            spectrum_panel(&model, settings.count("samples")),
            ranks_panel(settings, &theory),
        ];
        Report { figure: Figure { panels }, outputs, description }
    }
}

fn outputs(model: &Model, samples: usize, probed: &[Fit]) -> Vec<OutputValue> {
    let (theory, ranks) = (model.theory(samples), model.ranks(samples));
    let mean = |name, read| OutputValue::mean(name, &model.values(probed, read));
    vec![
        mean("excess_risk", Model::excess_risk),
        mean("bias", |_, fit| fit.risk.signal),
        mean("variance", Model::variance),
        OutputValue::median("median_excess_risk", &model.values(probed, Model::excess_risk)),
        OutputValue::exact("theory_excess_risk", theory.excess_risk()),
        OutputValue::exact("theory_bias", theory.bias),
        OutputValue::exact("theory_variance", theory.variance),
        OutputValue::exact("k_star", ranks.k_star),
        OutputValue::exact("effective_rank_r", ranks.r),
        OutputValue::exact("effective_rank_R", ranks.big_r),
        OutputValue::exact("rank_formula_variance", ranks.variance(samples, model.noise_variance)),
        OutputValue::exact("null_risk", model.null_risk()),
    ]
}

/// Theory and effective ranks along the axis of training sets.
struct TheoryCurve {
    samples: Vec<f64>,
    theory: Vec<Theory>,
    ranks: Vec<EffectiveRanks>,
    rank_formula: Vec<f64>,
}

impl TheoryCurve {
    fn new(model: &Model) -> Self {
        let [low, high] = SAMPLE_RANGE;
        let ratio = libm::log(high / low) / (THEORY_POINTS - 1) as f64;
        let sizes = (0..THEORY_POINTS).map(|k| (low * libm::exp(ratio * k as f64)).round() as usize);
        let mut curve = Self { samples: Vec::new(), theory: Vec::new(), ranks: Vec::new(), rank_formula: Vec::new() };
        for samples in sizes {
            let ranks = model.ranks(samples);
            curve.samples.push(samples as f64);
            curve.theory.push(model.theory(samples));
            curve.rank_formula.push(ranks.variance(samples, model.noise_variance));
            curve.ranks.push(ranks);
        }
        curve
    }

    fn of_theory(&self, read: fn(&Theory) -> f64) -> Vec<f64> {
        self.theory.iter().map(read).collect()
    }

    fn of_ranks(&self, read: fn(&EffectiveRanks) -> f64) -> Vec<f64> {
        self.ranks.iter().map(read).collect()
    }
}

fn sample_axis() -> Axis {
    Axis::new(Text::new("samples n", "样本数 n"), AxisScale::Log, SAMPLE_RANGE)
}

fn risk_panel(model: &Model, settings: &Settings, curve: &Curve, theory: &TheoryCurve) -> Panel {
    let x = &curve.samples;
    let reference =
        |label: Text, value: f64| Mark::line("", label, Role::Neutral, Stroke::Dotted, &SAMPLE_RANGE, vec![value; 2]);
    let mut marks = vec![reference(Text::new("predicting zero", "恒预测零"), model.null_risk())];
    if model.noise_variance > 0.0 {
        marks.push(reference(Text::new("noise variance σ²", "噪声方差 σ²"), model.noise_variance));
    }
    if settings.seeds() > 1 {
        marks.push(excess_risk::spread(x, |statistic| curve.over_seeds(model, statistic, Model::excess_risk)));
        marks.push(excess_risk::first_seed(x, curve.first.clone()));
    }
    let mut solid = |name: &'static str, label: Text, role: Role, read: Reading| {
        marks.push(Mark::line(name, label, role, Stroke::Solid, x, curve.mean(model, read)));
    };
    solid("bias", Text::new("bias", "偏差"), Role::Bias, |_, fit| fit.risk.signal);
    solid("variance", Text::new("variance", "方差"), Role::Variance, Model::variance);
    marks.push(excess_risk::measured(x, curve.mean(model, Model::excess_risk)));
    let mut dashed = |name: &'static str, label: Text, role: Role, stroke: Stroke, y: Vec<f64>| {
        marks.push(Mark::line(name, label, role, stroke, &theory.samples, y));
    };
    let nameless = Text::same("");
    dashed("theory_bias", nameless.clone(), Role::Bias, Stroke::Dashed, theory.of_theory(|theory| theory.bias));
    dashed("theory_variance", nameless, Role::Variance, Stroke::Dashed, theory.of_theory(|theory| theory.variance));
    let risks = theory.of_theory(Theory::excess_risk);
    dashed("theory_excess_risk", excess_risk::THEORY, Role::Theory, Stroke::Dashed, risks);
    let label = Text::new("σ²(k*/n + n/R)", "σ²(k*/n + n/R)");
    dashed("rank_formula_variance", label, Role::Variance, Stroke::Dotted, theory.rank_formula.clone());
    marks.push(Mark::probe("samples", settings));
    // One range for all spectra, so that they can be compared.
    let y = Axis::new(Text::new("excess risk", "超额风险"), AxisScale::Log, [0.003, 3.0]);
    Panel::chart(Text::new("Risk", "风险"), sample_axis(), y, marks)
}

/// The eigenvalues at the probed size.
fn spectrum_panel(model: &Model, samples: usize) -> Panel {
    const POINTS: usize = 60;
    let spectrum = model.spectrum(samples);
    let ranks = model.ranks(samples);
    let features = spectrum.features();
    let levels = spectrum.levels();
    let (mut x, mut y) = (Vec::new(), Vec::new());
    match spectrum.tail {
        Tail::Flat { .. } => {
            // Both ends of each run of equal eigenvalues.
            let mut index = 0;
            for level in &levels {
                x.extend([index as f64 + 1.0, (index + level.count) as f64]);
                y.extend([level.eigenvalue; 2]);
                index += level.count;
            }
        }
        Tail::Power { last } => {
            let ratio = libm::log(last as f64) / (POINTS - 1) as f64;
            x.extend((0..POINTS).map(|k| libm::exp(ratio * k as f64).min(last as f64)));
            y.extend(x.iter().map(|index| 1.0 / (index * index)));
        }
    }
    let least = levels.last().map_or(1.0, |level| level.eigenvalue);
    let greatest = levels.first().map_or(1.0, |level| level.eigenvalue);
    let label = Text::new("eigenvalue", "特征值");
    let mut marks = vec![Mark::line("eigenvalue", label, Role::Norm, Stroke::Solid, &x, y)];
    if ranks.k_star.is_finite() && ranks.k_star >= 1.0 {
        marks.push(Mark::Threshold { label: Text::new("tail from k*", "k* 起为尾部"), x: ranks.k_star });
    }
    marks.push(Mark::Threshold { label: Text::same("n"), x: samples as f64 });
    let x = Axis::new(Text::new("index i", "序号 i"), AxisScale::Log, [1.0, features as f64]);
    let range = [decade_below(least), 10.0 * decade_below(greatest)];
    let y = Axis::new(Text::new("eigenvalue λᵢ", "特征值 λᵢ"), AxisScale::Log, range);
    Panel::chart(Text::new("Spectrum", "协方差谱"), x, y, marks)
}

fn ranks_panel(settings: &Settings, theory: &TheoryCurve) -> Panel {
    let x = &theory.samples;
    let line = |name: &'static str, label: Text, role: Role, stroke: Stroke, y: Vec<f64>| {
        Mark::line(name, label, role, stroke, x, y)
    };
    // On a logarithmic axis a k* of zero has no place.
    let k_star = theory.of_ranks(|ranks| if ranks.k_star > 0.0 { ranks.k_star } else { f64::NAN });
    let marks = vec![
        line("", Text::new("samples n", "样本数 n"), Role::Neutral, Stroke::Dotted, x.clone()),
        line(
            "effective_rank_R",
            Text::same("R"),
            Role::Regularized,
            Stroke::Solid,
            theory.of_ranks(|ranks| ranks.big_r),
        ),
        line("effective_rank_r", Text::same("r"), Role::Norm, Stroke::Solid, theory.of_ranks(|ranks| ranks.r)),
        line("k_star", Text::same("k*"), Role::Variance, Stroke::Solid, k_star),
        Mark::probe("samples", settings),
    ];
    let y = Axis::new(Text::new("number of directions", "方向数"), AxisScale::Log, [1.0, 10_000.0]);
    Panel::chart(Text::new("Effective ranks", "有效秩"), sample_axis(), y, marks)
}

/// The curves' course and the probed point in words.
fn describe(model: &Model, settings: &Settings, curve: &Curve, outputs: &[OutputValue]) -> Text {
    let risk = curve.mean(model, Model::excess_risk);
    if risk.iter().all(|risk| risk.is_nan()) {
        return declarations::NOTHING_YET;
    }
    let error = curve.over_seeds(model, statistics::standard_error, Model::excess_risk);
    let course = Course { x: &curve.samples, mean: &risk, error: &error, least: 0.0 }.words("n", short);
    let value = |name| OutputValue::written(outputs, name);
    let choice = &SPECTRA[settings.choice("spectrum")].label;
    let (ratio, n) = (model.tail_ratio, settings.count("samples"));
    let (null, noise) = (value("null_risk"), plain(model.noise_variance));
    let (excess, bias, variance) = (value("excess_risk"), value("bias"), value("variance"));
    let theory = value("theory_excess_risk");
    let tail = model.ranks(n);
    let (k, r, big_r) = (plain(tail.k_star), plain(tail.r), plain(tail.big_r));
    let ranks = if tail.k_star.is_finite() {
        Text::owned(
            format!("The tail begins at k* = {k} and has effective ranks r = {r} and R = {big_r}."),
            format!("尾部从 k* = {k} 开始，有效秩 r = {r}，R = {big_r}。"),
        )
    } else {
        Text::new(
            "No tail of this spectrum has an effective rank of n, so there is no k*.",
            "此谱没有任何一段尾部的有效秩达到 n，因此 k* 不存在。",
        )
    };
    Text::owned(
        format!(
            "Least squares of least norm fits all noise exactly; spectrum: {}, c = {ratio}. The measured excess risk {}; the noise variance is {noise}, and predicting zero would cost {null}. At n = {n} the excess risk is {excess}: bias {bias}, variance {variance}; theory says {theory}. {}",
            choice.en, course.en, ranks.en
        ),
        format!(
            "最小范数最小二乘精确拟合了全部噪声；谱：{}，c = {ratio}。测得的超额风险{}；噪声方差为 {noise}，恒预测零的风险为 {null}。在 n = {n} 处超额风险为 {excess}：偏差 {bias}，方差 {variance}；理论值为 {theory}。{}",
            choice.zh, course.zh, ranks.zh
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

    #[test]
    fn outputs_agree_with_theory_within_their_standard_errors() {
        let places = [("spike", "10", "150"), ("heavy", "12", "160"), ("power", "15", "180")];
        for (spectrum, ratio, samples) in places {
            let pairs = [("spectrum", spectrum), ("tail_ratio", ratio), ("samples", samples), ("seeds", "40")];
            let report = probe(&LAB, settings(&pairs), &Data::none());
            let output = |name: &str| testing::output(&report, name);
            for name in ["excess_risk", "bias", "variance"] {
                let (measured, theory) = (output(name), value(&report, &format!("theory_{name}")));
                // The variance hardly differs between seeds, and the formula, a limit, is off by the order of 1/n.
                let allowed = 3.0 * measured.standard_error.unwrap() + theory / samples.parse::<f64>().unwrap();
                let distance = (measured.value - theory).abs();
                assert!(distance < allowed, "{spectrum} {name}: {} for {theory}", measured.value);
            }
        }
    }

    #[test]
    fn useless_features_cut_the_risk_by_ten_with_a_flat_tail() {
        let risk = |ratio| {
            let pairs = [("tail_ratio", ratio), ("samples", "200"), ("seeds", "5")];
            value(&probe(&LAB, settings(&pairs), &Data::none()), "excess_risk")
        };
        assert!(risk("2") > 8.0 * risk("20"));
    }

    #[test]
    fn every_curve_is_measured_at_every_size() {
        for spectrum in ["spike", "power", "heavy"] {
            let settings = settings(&[("spectrum", spectrum), ("tail_ratio", "6"), ("seeds", "2")]);
            let report = complete(&LAB, settings, &Data::none()).report;
            for series in report.figure.series() {
                let ranks = series.name == "k_star";
                assert!(ranks || series.y.iter().all(|y| y.is_finite()), "{spectrum} {}", series.name);
            }
            assert!(!report.description.is_empty());
        }
    }

    #[test]
    fn the_noise_variance_needs_no_new_draws() {
        let tasks = |pairs: &[(&str, &str)]| Lab::plan(&LAB, &settings(pairs)).tasks;
        assert_eq!(tasks(&[]), tasks(&[("noise_variance", "0.5")]));
    }

    #[test]
    fn with_as_many_features_as_samples_theory_says_infinite_and_the_run_ends() {
        let pairs = [("spectrum", "power"), ("tail_ratio", "1"), ("seeds", "2"), ("samples", "30")];
        let report = complete(&LAB, settings(&pairs), &Data::none()).report;
        assert_eq!(value(&report, "theory_excess_risk"), f64::INFINITY);
        assert!(value(&report, "median_excess_risk").is_finite());
        assert!(report.description.en.contains("no k*"));
    }
}
