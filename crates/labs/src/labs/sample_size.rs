//! Sample size: the risk of least squares at a fixed number of features while the training set grows.
//!
//! The model and the formulas are those of [`crate::linear_models`]. With least squares of least norm the curve of
//! [`super::ridgeless`] is walked from right to left: as `n` rises to `p`, the variance `s²·n/(p − n − 1)` grows faster
//! than the bias `r²·(1 − n/p)` falls, and more data hurt (Nakkiran 2019, arXiv 1912.07242).

use crate::{
    data::Data,
    figure::{Axis, AxisScale, Chart, Figure, Mark, Panel, Role, Stroke},
    frame::{OutputValue, Report},
    lab::{Entry, Lab, Plan, Work},
    linear_models::{self, Draw, Fit, Nested, Simulation, Theory},
    numerals::{plain, round_up, short},
    schema::{Aggregate, Output, Parameter, Scale, Schema},
    settings::Settings,
    statistics,
    text::Text,
};
use std::borrow::Cow;

/// The lab.
pub static LAB: SampleSize = SampleSize;

/// See the module's description.
pub struct SampleSize;

static SCHEMA: Schema = Schema {
    id: Cow::Borrowed("sample-size"),
    title: Text::new("More data can hurt", "样本越多越差"),
    about: Text::new(
        "Keep the model and let the training set grow: on the way to as many samples as features, the risk rises.",
        "固定模型，让训练集增大：当样本数逐渐接近特征数时，风险反而上升。",
    ),
    parameters: Cow::Borrowed(&[
        Parameter::integer(
            "features",
            "p",
            Text::new("Features", "特征数"),
            Text::new(
                "How many weights the model has. The risk peaks where the training set is as large.",
                "模型的权重个数。训练集与它一样大时，风险达到峰值。",
            ),
            [20, 400, 10],
            100,
        ),
        Parameter::integer(
            "samples",
            "n",
            Text::new("Samples", "样本数"),
            Text::new(
                "The point of the curve that the numbers report. Go from 75 to 95 with 100 features: twenty more samples, and a worse model.",
                "下方数值所报告的曲线位置。在 100 个特征下从 75 移到 95：多了二十个样本，模型反而更差。",
            ),
            [10, 800, 1],
            95,
        )
        .scaled(Scale::Logarithmic),
        Parameter::real(
            "signal_power",
            "r²",
            Text::new("Signal power", "信号功率"),
            Text::new(
                "The squared length of the true weights, and the risk of predicting zero.",
                "真实权重的长度平方，也是恒预测零的风险。",
            ),
            [0.1, 20.0, 0.1],
            1.0,
        ),
        Parameter::real(
            "noise_variance",
            "σ²",
            Text::new("Noise variance", "噪声方差"),
            Text::new(
                "The variance of the noise in the labels. With less of it the dip before the peak is deeper; with none there is no peak.",
                "标签噪声的方差。噪声越小，峰前的谷越深；没有噪声便没有峰。",
            ),
            [0.0, 10.0, 0.01],
            0.04,
        ),
        Parameter::seeds(100, 200),
    ]),
    outputs: Cow::Borrowed(&[
        Output::new(
            "excess_risk",
            Text::new("Excess risk", "超额风险"),
            Text::new(
                "Squared error on new data above the noise: the squared distance from the fitted weights to the true ones.",
                "新数据上超出噪声的平方误差：拟合权重与真实权重之距离的平方。",
            ),
            Aggregate::Mean,
        ),
        Output::new(
            "bias",
            Text::new("Bias", "偏差"),
            Text::new(
                "The part that remains if the noise is averaged out: signal in directions that no sample has shown.",
                "把噪声平均掉之后仍留下的部分：没有样本触及的方向上的信号。",
            ),
            Aggregate::Mean,
        ),
        Output::new(
            "variance",
            Text::new("Variance", "方差"),
            Text::new(
                "The part that comes from fitting noise, exact for the drawn samples.",
                "来自拟合噪声的部分，对所抽样本精确计算。",
            ),
            Aggregate::Mean,
        ),
        Output::new(
            "median_excess_risk",
            Text::new("Median excess risk", "超额风险中位数"),
            Text::new(
                "The middle excess risk over the seeds: what to read at n = p, where the mean does not exist.",
                "各随机种子下超额风险的中位数：在 n = p 处均值不存在，应看此数。",
            ),
            Aggregate::Median,
        ),
        Output::new(
            "theory_excess_risk",
            Text::new("Excess risk, theory", "超额风险（理论）"),
            Text::new(
                "Its expectation, exact at this n and p; infinite for |p − n| ≤ 1 with noise.",
                "超额风险的期望，对当前 n、p 精确；有噪声且 |p − n| ≤ 1 时为无穷大。",
            ),
            Aggregate::Exact,
        ),
        Output::new(
            "theory_bias",
            Text::new("Bias, theory", "偏差（理论）"),
            Text::new("The expectation of the bias.", "偏差的期望。"),
            Aggregate::Exact,
        ),
        Output::new(
            "theory_variance",
            Text::new("Variance, theory", "方差（理论）"),
            Text::new("The expectation of the variance.", "方差的期望。"),
            Aggregate::Exact,
        ),
        Output::new(
            "theory_dip_samples",
            Text::new("Samples at the dip", "谷底处的样本数"),
            Text::new(
                "The n below p with the least theoretical risk: from there to p, every further sample hurts.",
                "n < p 一侧理论风险最低的 n：从那里到 p，每多一个样本都更糟。",
            ),
            Aggregate::Exact,
        ),
        Output::new(
            "theory_dip_risk",
            Text::new("Risk at the dip", "谷底处的风险"),
            Text::new("The theoretical excess risk there.", "该处的理论超额风险。"),
            Aggregate::Exact,
        ),
        Output::new(
            "theory_recovery_samples",
            Text::new("Samples to recover", "恢复所需的样本数"),
            Text::new(
                "The least n above p at which theory is as good as at the dip; unknown if that takes more than 800.",
                "p 之后理论风险首次不高于谷底所需的 n；若超过 800 则未知。",
            ),
            Aggregate::Exact,
        ),
        Output::new(
            "mean_exists",
            Text::new("The mean exists", "均值存在"),
            Text::new(
                "1 where the excess risk has a finite mean; 0 for |p − n| ≤ 1, where an average over seeds settles on nothing.",
                "超额风险的均值有限时为 1；|p − n| ≤ 1 时为 0，此时对随机种子取平均不会收敛。",
            ),
            Aggregate::Exact,
        ),
    ]),
};

/// The least and the greatest training set.
const SAMPLE_RANGE: [usize; 2] = [10, 800];
/// Training sets on the curve, in units of the number of features: close together about the threshold.
const GRID: [f64; 21] =
    [0.1, 0.2, 0.3, 0.4, 0.5, 0.6, 0.7, 0.75, 0.8, 0.85, 0.9, 0.95, 1.05, 1.1, 1.15, 1.25, 1.5, 2.0, 3.0, 4.0, 6.0];

struct Model {
    features: usize,
    signal_power: f64,
    noise_variance: f64,
}

impl Model {
    fn new(settings: &Settings) -> Self {
        Self {
            features: settings.count("features"),
            signal_power: settings.real("signal_power"),
            noise_variance: settings.real("noise_variance"),
        }
    }

    /// The training sets on the curve, least first.
    fn grid(&self) -> Vec<usize> {
        let [least, greatest] = SAMPLE_RANGE;
        let inner = GRID.iter().map(|share| (share * self.features as f64).round() as usize);
        let mut sizes: Vec<usize> = inner
            .filter(|&n| least < n && n < greatest && linear_models::min_norm_mean_exists(n, self.features))
            .collect();
        sizes.insert(0, least);
        sizes.push(greatest);
        sizes
    }

    fn draw(&self, samples: usize, seed: u64) -> Draw {
        Draw { samples, features: self.features, ridge: 0.0, nested: Nested::Samples, seed }
    }

    fn theory(&self, samples: f64) -> Theory {
        linear_models::min_norm(samples, self.features as f64, self.signal_power, self.noise_variance)
    }

    fn theory_risk(&self, samples: usize) -> f64 {
        self.theory(samples as f64).excess_risk()
    }

    fn mean_exists(&self, samples: usize) -> bool {
        self.noise_variance == 0.0 || linear_models::min_norm_mean_exists(samples, self.features)
    }

    /// The training set below the threshold with the least risk, and that risk.
    fn dip(&self) -> (usize, f64) {
        let sizes = SAMPLE_RANGE[0]..self.features;
        let risks = sizes.map(|n| (n, self.theory_risk(n)));
        risks.fold((SAMPLE_RANGE[0], f64::INFINITY), |best, next| if next.1 < best.1 { next } else { best })
    }

    /// The least training set above the threshold that is as good as the dip.
    fn recovery(&self, dip_risk: f64) -> Option<usize> {
        (self.features + 1..=SAMPLE_RANGE[1]).find(|&n| self.theory_risk(n) <= dip_risk)
    }

    fn excess_risk(&self, fit: &Fit) -> f64 {
        fit.risk.at(self.signal_power, self.noise_variance)
    }

    fn bias(&self, fit: &Fit) -> f64 {
        self.signal_power * fit.risk.signal
    }

    fn variance(&self, fit: &Fit) -> f64 {
        if self.noise_variance == 0.0 { 0.0 } else { self.noise_variance * fit.variance }
    }
}

/// The measured curve: one column a training set, each holding the finished seeds.
struct Curve {
    samples: Vec<f64>,
    columns: Vec<Vec<Fit>>,
    first: Vec<Option<Fit>>,
}

impl Curve {
    fn over_seeds(&self, statistic: impl Fn(&[f64]) -> f64, read: impl Fn(&Fit) -> f64) -> Vec<f64> {
        self.columns.iter().map(|fits| statistic(&fits.iter().map(&read).collect::<Vec<_>>())).collect()
    }
}

impl Lab for SampleSize {
    type Spec = Draw;
    type Record = Fit;

    fn schema(&self) -> &'static Schema {
        &SCHEMA
    }

    fn plan(&self, settings: &Settings) -> Plan<Draw> {
        let model = Model::new(settings);
        let grid = model.grid();
        let curve = |seed: u64| grid.iter().map(|&n| model.draw(n, seed)).collect::<Vec<_>>();
        let probed = settings.count("samples");
        // The first seed's curve, then the numbers, then what makes the band.
        let mut tasks = curve(settings.seed);
        let probe = tasks.len()..tasks.len() + settings.seeds();
        tasks.extend(settings.seed_list().map(|seed| model.draw(probed, seed)));
        tasks.extend(settings.seed_list().skip(1).flat_map(curve));
        Plan { tasks, probe: probe.collect() }
    }

    fn cost(&self, spec: &Draw) -> f64 {
        spec.cost()
    }

    fn begin<'a>(&self, spec: &Draw, _data: &'a Data) -> Box<dyn Work<Fit> + 'a> {
        Box::new(Simulation::new(spec.clone()))
    }

    fn report(&self, settings: &Settings, records: &[Entry<Fit>]) -> Report {
        let model = Model::new(settings);
        let curve = measured_curve(&model, settings, records);
        let samples = settings.count("samples");
        let first = model.grid().len();
        let fits = &records[first..first + settings.seeds()];
        let probed: Vec<Fit> = fits.iter().filter_map(Entry::done).copied().collect();
        let outputs = outputs(&model, samples, &probed);
        let description = describe(&model, samples, &curve, &outputs);
        Report { figure: Figure { panels: vec![panel(&model, settings, &curve)] }, outputs, description }
    }
}

fn measured_curve(model: &Model, settings: &Settings, records: &[Entry<Fit>]) -> Curve {
    let grid = model.grid();
    let (first, rest) = records.split_at(grid.len());
    let rest = &rest[settings.seeds()..];
    let mut curve = Curve { samples: Vec::new(), columns: Vec::new(), first: Vec::new() };
    for (index, &samples) in grid.iter().enumerate() {
        // Nothing is measured at the threshold, so no line may be drawn across it.
        if samples > model.features && curve.samples.last().is_some_and(|&last| last < model.features as f64) {
            curve.samples.push(model.features as f64);
            curve.columns.push(Vec::new());
            curve.first.push(None);
        }
        let entries = std::iter::once(&first[index]).chain(rest.iter().skip(index).step_by(grid.len()));
        curve.samples.push(samples as f64);
        curve.columns.push(entries.filter_map(Entry::done).copied().collect());
        curve.first.push(first[index].done().copied());
    }
    curve
}

fn outputs(model: &Model, samples: usize, probed: &[Fit]) -> Vec<OutputValue> {
    let theory = model.theory(samples as f64);
    let (dip, dip_risk) = model.dip();
    let values = |read: &dyn Fn(&Fit) -> f64| probed.iter().map(read).collect::<Vec<f64>>();
    let measured = |name: &str, values: &[f64]| OutputValue {
        name: name.into(),
        value: statistics::mean(values),
        standard_error: Some(statistics::standard_error(values)),
    };
    let exact = |name: &str, value: f64| OutputValue { name: name.into(), value, standard_error: None };
    let risks = values(&|fit| model.excess_risk(fit));
    vec![
        measured("excess_risk", &risks),
        measured("bias", &values(&|fit| model.bias(fit))),
        measured("variance", &values(&|fit| model.variance(fit))),
        OutputValue {
            name: "median_excess_risk".into(),
            value: statistics::median(&risks),
            standard_error: Some(linear_models::standard_error_of_median(&risks)),
        },
        exact("theory_excess_risk", theory.excess_risk()),
        exact("theory_bias", theory.bias),
        exact("theory_variance", theory.variance),
        exact("theory_dip_samples", dip as f64),
        exact("theory_dip_risk", dip_risk),
        exact("theory_recovery_samples", model.recovery(dip_risk).map_or(f64::NAN, |n| n as f64)),
        exact("mean_exists", f64::from(u8::from(model.mean_exists(samples)))),
    ]
}

/// Abscissas of the theory: even by ratio, and closer and closer to the threshold from both sides.
fn theory_samples(model: &Model) -> Vec<f64> {
    const POINTS: usize = 120;
    let [low, high] = SAMPLE_RANGE.map(|n| n as f64);
    let p = model.features as f64;
    let ratio = libm::log(high / low) / (POINTS - 1) as f64;
    let mut samples: Vec<f64> = (0..POINTS).map(|k| low * libm::exp(ratio * k as f64)).collect();
    samples[POINTS - 1] = high;
    let mut distance = 0.05 * p;
    while distance > 0.005 {
        samples.extend([p - 1.0 - distance, p + 1.0 + distance]);
        distance *= 0.7;
    }
    samples.push(p);
    statistics::sort(&mut samples);
    samples
}

fn panel(model: &Model, settings: &Settings, curve: &Curve) -> Panel {
    let mean = |read: &dyn Fn(&Fit) -> f64| curve.over_seeds(statistics::mean, read);
    let line = |name: &'static str, label: Text, role: Role, stroke: Stroke, x: Vec<f64>, y: Vec<f64>| Mark::Line {
        name: Cow::Borrowed(name),
        label,
        role,
        stroke,
        x,
        y,
    };
    let part = |name: &'static str, label: Text, role: Role, low: &[f64], high: &[f64]| Mark::Band {
        name: Cow::Borrowed(name),
        label,
        role,
        filled: true,
        x: curve.samples.clone(),
        low: low.to_vec(),
        high: high.to_vec(),
    };
    let risk = |fit: &Fit| model.excess_risk(fit);
    let bias = mean(&|fit| model.bias(fit));
    let both: Vec<f64> = bias.iter().zip(mean(&|fit| model.variance(fit))).map(|(a, b)| a + b).collect();
    let range = SAMPLE_RANGE.map(|n| n as f64);
    let mut marks = vec![
        part("bias", Text::new("bias", "偏差"), Role::Bias, &vec![0.0; bias.len()], &bias),
        part("variance", Text::new("variance", "方差"), Role::Variance, &bias, &both),
        line(
            "",
            Text::new("null risk r²", "零模型风险 r²"),
            Role::Neutral,
            Stroke::Dotted,
            range.to_vec(),
            vec![model.signal_power; 2],
        ),
    ];
    if settings.seeds() > 1 {
        marks.push(Mark::Band {
            name: Cow::Borrowed("excess_risk"),
            label: Text::new("excess risk, 10 to 90 % of seeds", "超额风险，10–90% 的种子"),
            role: Role::Test,
            filled: false,
            x: curve.samples.clone(),
            low: curve.over_seeds(|values| statistics::quantile(values, 0.1), risk),
            high: curve.over_seeds(|values| statistics::quantile(values, 0.9), risk),
        });
        let first = curve.first.iter().map(|fit| fit.as_ref().map_or(f64::NAN, risk)).collect();
        let label = Text::new("first seed", "第一个种子");
        marks.push(line("excess_risk_first_seed", label, Role::Test, Stroke::Thin, curve.samples.clone(), first));
    }
    let label = Text::new("excess risk, measured", "超额风险（测量）");
    marks.push(line("excess_risk", label, Role::Test, Stroke::Solid, curve.samples.clone(), mean(&risk)));
    let x = theory_samples(model);
    let y = x.iter().map(|&samples| model.theory(samples).excess_risk()).collect();
    let label = Text::new("excess risk, theory", "超额风险（理论）");
    marks.push(line("theory_excess_risk", label, Role::Theory, Stroke::Dashed, x, y));
    marks.push(Mark::Threshold { label: Text::same("n = p"), x: model.features as f64 });
    marks.push(Mark::Probe { parameter: Cow::Borrowed("samples"), x: settings.real("samples") });
    let top = round_up(1.25 * model.signal_power + 6.0 * model.noise_variance);
    Panel::Chart(Chart {
        title: Text::new("Risk", "风险"),
        x: Axis { label: Text::new("samples n", "样本数 n"), scale: AxisScale::Log, range },
        y: Axis { label: Text::new("excess risk", "超额风险"), scale: AxisScale::Linear, range: [0.0, top] },
        marks,
    })
}

/// The curve's course and the probed point in words.
fn describe(model: &Model, samples: usize, curve: &Curve, outputs: &[OutputValue]) -> Text {
    let p = model.features;
    let risk = curve.over_seeds(statistics::mean, |fit| model.excess_risk(fit));
    let points = || curve.samples.iter().copied().zip(risk.iter().copied()).filter(|(_, risk)| risk.is_finite());
    let below = points().filter(|point| point.0 < p as f64).min_by(|a, b| a.1.total_cmp(&b.1));
    let (Some(dip), Some(end)) = (below, points().next_back()) else {
        return Text::new("Nothing has been measured yet.", "尚无测量结果。");
    };
    let peak = points().filter(|point| point.0 >= dip.0).max_by(|a, b| a.1.total_cmp(&b.1)).unwrap_or(dip);
    let value = |name: &str| short(outputs.iter().find(|output| output.name == name).map_or(f64::NAN, |o| o.value));
    let [dx, hx, ex] = [dip.0, peak.0, end.0].map(plain);
    let [dy, hy, ey] = [dip.1, peak.1, end.1].map(short);
    let [excess, median, theory] = ["excess_risk", "median_excess_risk", "theory_excess_risk"].map(value);
    let here = if model.mean_exists(samples) {
        Text::owned(
            format!("With {samples} samples it is {excess}; theory says {theory}."),
            format!("样本数为 {samples} 时，超额风险为 {excess}，理论值为 {theory}。"),
        )
    } else {
        Text::owned(
            format!(
                "With {samples} samples, within one of p, its mean is infinite; the median over the seeds is {median}."
            ),
            format!("样本数为 {samples}（与 p 相差不超过 1）时，均值为无穷大；各种子的中位数为 {median}。"),
        )
    };
    Text::owned(
        format!(
            "Minimum-norm least squares with p = {p} features. With fewer samples than features the measured excess risk is lowest at n = {dx}, {dy}; from there it rises to {hy} at n = {hx}, the highest that was measured; at n = {ex} it is {ey}. {}",
            here.en
        ),
        format!(
            "最小范数最小二乘，特征数 p = {p}。样本少于特征时，测得的超额风险在 n = {dx} 处最低，为 {dy}；此后升高，测得的最高值在 n = {hx} 处，为 {hy}；在 n = {ex} 处为 {ey}。{}",
            here.zh
        ),
    )
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::run::{complete, probe};

    fn settings(pairs: &[(&str, &str)]) -> Settings {
        let (settings, refusals) = Settings::read(&SCHEMA, pairs.iter().copied());
        assert!(refusals.is_empty(), "{refusals:?}");
        settings
    }

    fn value(report: &Report, name: &str) -> f64 {
        report.outputs.iter().find(|output| output.name == name).unwrap().value
    }

    #[test]
    fn twenty_more_samples_make_it_worse() {
        let variance = |samples| {
            let report = probe(&LAB, settings(&[("samples", samples), ("seeds", "40")]), &Data::none());
            value(&report, "bias") + value(&report, "variance")
        };
        assert!(variance("95") > 1.5 * variance("75"));
        assert!(variance("125") < variance("75"));
    }

    #[test]
    fn theory_has_the_published_values() {
        let model = Model { features: 100, signal_power: 1.0, noise_variance: 0.04 };
        for (samples, risk) in
            [(10, 0.904_494_38), (50, 0.540_816_33), (75, 0.375), (95, 1.0), (150, 0.081_632_65), (800, 0.005_722_46)]
        {
            assert!((model.theory_risk(samples) - risk).abs() < 1e-8, "n = {samples}");
        }
    }

    #[test]
    fn recovery_is_the_first_training_set_as_good_as_the_dip() {
        let model = Model { features: 100, signal_power: 1.0, noise_variance: 0.04 };
        let (dip, risk) = model.dip();
        let recovery = model.recovery(risk).unwrap();
        assert!((70..90).contains(&dip));
        assert!(model.theory_risk(dip - 1) > risk && model.theory_risk(dip + 1) > risk);
        assert!(model.theory_risk(recovery) <= risk && model.theory_risk(recovery - 1) > risk);
    }

    #[test]
    fn every_number_of_features_has_a_whole_curve() {
        for features in ["20", "100", "400"] {
            let report = complete(&LAB, settings(&[("features", features), ("seeds", "1")]), &Data::none()).report;
            let series = report.figure.series().into_iter().find(|series| series.name == "excess_risk").unwrap();
            let threshold: f64 = features.parse().unwrap();
            assert!(series.x.is_sorted_by(|a, b| a < b));
            assert!(series.x.iter().zip(&series.y).all(|(&n, risk)| risk.is_finite() == (n != threshold)));
        }
    }

    #[test]
    fn at_the_threshold_the_mean_is_declared_missing() {
        let report = probe(&LAB, settings(&[("samples", "100"), ("seeds", "3")]), &Data::none());
        assert_eq!((value(&report, "mean_exists"), value(&report, "theory_excess_risk")), (0.0, f64::INFINITY));
        assert!(value(&report, "median_excess_risk").is_finite());
    }
}
