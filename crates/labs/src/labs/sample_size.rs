//! Sample size: the risk of least squares at a fixed number of features while the training set grows.
//!
//! The model and the formulas are those of [`crate::linear_models`]. With least squares of least norm the curve of
//! [`super::ridgeless`] is walked from right to left: as `n` rises to `p`, the variance `s²·n/(p − n − 1)` grows faster
//! than the bias `r²·(1 − n/p)` falls, and more data hurt (Nakkiran 2019, arXiv 1912.07242).

use crate::{
    course::Course,
    declarations, excess_risk,
    lab::Along,
    linear_models::{self, Draw, Fit, Nested, Simulation, Theory},
    numerals::{plain, round_up, short},
    prelude::*,
};

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
        declarations::features("p", Text::new(
                "How many weights the model has. The risk peaks where the training set is as large.",
                "模型的权重个数。训练集与它一样大时，风险达到峰值。",
            ), [20, 400, 10], 100),
        declarations::samples(Text::new(
                "The point of the curve that the numbers report. Go from 75 to 95 with 100 features: twenty more samples, and a worse model.",
                "下方数值所报告的曲线位置。在 100 个特征下从 75 移到 95：多了二十个样本，模型反而更差。",
            ), [10, 800, 1], 95)
        .scaled(Scale::Logarithmic),
        declarations::signal_power(Text::new(
                "The squared length of the true weights, and the risk of predicting zero.",
                "真实权重的长度平方，也是恒预测零的风险。",
            ), 1.0),
        declarations::noise_variance(Text::new(
                "The variance of the noise in the labels. With less of it the dip before the peak is deeper; with none there is no peak.",
                "标签噪声的方差。噪声越小，峰前的谷越深；没有噪声便没有峰。",
            ), [0.0, 10.0, 0.01], 0.04),
        Parameter::seeds(100, 200),
    ]),
    outputs: Cow::Borrowed(&[
        declarations::excess_risk(Text::new(
                "Squared error on new data above the noise: the squared distance from the fitted weights to the true ones.",
                "新数据上超出噪声的平方误差：拟合权重与真实权重之距离的平方。",
            )),
        declarations::bias(Text::new(
                "The part that remains if the noise is averaged out: signal in directions that no sample has shown.",
                "把噪声平均掉之后仍留下的部分：没有样本触及的方向上的信号。",
            )),
        declarations::variance(Text::new(
                "The part that comes from fitting noise, exact for the drawn samples.",
                "来自拟合噪声的部分，对所抽样本精确计算。",
            )),
        declarations::median_excess_risk(Text::new(
                "The middle excess risk over the seeds: what to read at n = p, where the mean does not exist.",
                "各随机种子下超额风险的中位数：在 n = p 处均值不存在，应看此数。",
            )),
        declarations::theory_excess_risk(Text::new(
                "Its expectation, exact at this n and p; infinite for |p − n| ≤ 1 with noise.",
                "超额风险的期望，对当前 n、p 精确；有噪声且 |p − n| ≤ 1 时为无穷大。",
            )),
        declarations::theory_bias(declarations::EXPECTED_BIAS),
        declarations::theory_variance(declarations::EXPECTED_VARIANCE),
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
        declarations::mean_exists(),
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

    fn values(&self, fits: &[Fit], read: Reading) -> Vec<f64> {
        fits.iter().map(|fit| read(self, fit)).collect()
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

/// A quantity that a fit measures.
type Reading = fn(&Model, &Fit) -> f64;

/// The measured curve: one column a training set, each holding the finished seeds.
struct Curve {
    samples: Vec<f64>,
    columns: Vec<Vec<Fit>>,
    first: Vec<Option<Fit>>,
}

impl Curve {
    fn over_seeds(&self, model: &Model, statistic: fn(&[f64]) -> f64, read: Reading) -> Vec<f64> {
        self.columns.iter().map(|fits| statistic(&model.values(fits, read))).collect()
    }

    fn mean(&self, model: &Model, read: Reading) -> Vec<f64> {
        self.over_seeds(model, statistics::mean, read)
    }
}

impl Lab for SampleSize {
    type Spec = Draw;
    type Record = Fit;

    const SCHEMA: &'static Schema = &SCHEMA;

    fn plan(&self, settings: &Settings) -> Plan<Draw> {
        let model = Model::new(settings);
        let grid = model.grid();
        let probed = settings.count("samples");
        let curve = |seed| grid.iter().map(|&samples| model.draw(samples, seed)).collect();
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
        let records = Along::new(settings, model.grid().len(), records);
        let curve = measured_curve(&model, &records);
        let samples = settings.count("samples");
        let probed: Vec<Fit> = records.point().copied().collect();
        let outputs = outputs(&model, samples, &probed);
        let description = describe(&model, samples, &curve, &outputs);
        Report { figure: Figure { panels: vec![panel(&model, settings, &curve)] }, outputs, description }
    }
}

fn measured_curve(model: &Model, records: &Along<Fit>) -> Curve {
    let mut curve = Curve { samples: Vec::new(), columns: Vec::new(), first: Vec::new() };
    for (index, &samples) in model.grid().iter().enumerate() {
        // Nothing is measured at the threshold, so no line may be drawn across it.
        if samples > model.features && curve.samples.last().is_some_and(|&last| last < model.features as f64) {
            curve.samples.push(model.features as f64);
            curve.columns.push(Vec::new());
            curve.first.push(None);
        }
        curve.samples.push(samples as f64);
        curve.columns.push(records.column(index).copied().collect());
        curve.first.push(records.first(index).copied());
    }
    curve
}

fn outputs(model: &Model, samples: usize, probed: &[Fit]) -> Vec<OutputValue> {
    let theory = model.theory(samples as f64);
    let (dip, dip_risk) = model.dip();
    let mean = |name, read| OutputValue::mean(name, &model.values(probed, read));
    vec![
        mean("excess_risk", Model::excess_risk),
        mean("bias", Model::bias),
        mean("variance", Model::variance),
        OutputValue::median("median_excess_risk", &model.values(probed, Model::excess_risk)),
        OutputValue::exact("theory_excess_risk", theory.excess_risk()),
        OutputValue::exact("theory_bias", theory.bias),
        OutputValue::exact("theory_variance", theory.variance),
        OutputValue::exact("theory_dip_samples", dip as f64),
        OutputValue::exact("theory_dip_risk", dip_risk),
        OutputValue::exact("theory_recovery_samples", model.recovery(dip_risk).map_or(f64::NAN, |n| n as f64)),
        OutputValue::exact("mean_exists", f64::from(u8::from(model.mean_exists(samples)))),
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
    let x = &curve.samples;
    let bias = curve.mean(model, Model::bias);
    let both = statistics::sums(&bias, &curve.mean(model, Model::variance));
    let range = SAMPLE_RANGE.map(|n| n as f64);
    let null_risk = Text::new("null risk r²", "空模型风险 r²");
    let mut marks = vec![
        Mark::part("bias", Text::new("bias", "偏差"), Role::Bias, x, &vec![0.0; x.len()], &bias),
        Mark::part("variance", Text::new("variance", "方差"), Role::Variance, x, &bias, &both),
        Mark::line("", null_risk, Role::Neutral, Stroke::Dotted, &range, vec![model.signal_power; 2]),
    ];
    if settings.seeds() > 1 {
        marks.push(excess_risk::spread(x, |statistic| curve.over_seeds(model, statistic, Model::excess_risk)));
        let first = curve.first.iter().map(|fit| fit.map_or(f64::NAN, |fit| model.excess_risk(&fit))).collect();
        marks.push(excess_risk::first_seed(x, first));
    }
    marks.push(excess_risk::measured(x, curve.mean(model, Model::excess_risk)));
    let x = theory_samples(model);
    let y = x.iter().map(|&samples| model.theory(samples).excess_risk()).collect();
    marks.push(excess_risk::theory(excess_risk::THEORY, &x, y));
    marks.push(Mark::Threshold { label: Text::same("n = p"), x: model.features as f64 });
    marks.push(Mark::probe("samples", settings));
    let top = round_up(1.25 * model.signal_power + 6.0 * model.noise_variance);
    Panel::chart(
        Text::new("Risk", "风险"),
        Axis::new(Text::new("samples n", "样本数 n"), AxisScale::Log, range),
        excess_risk::linear_axis(top),
        marks,
    )
}

/// The curve's course and the probed point in words.
fn describe(model: &Model, samples: usize, curve: &Curve, outputs: &[OutputValue]) -> Text {
    let p = model.features;
    let risk = curve.mean(model, Model::excess_risk);
    let known = |index: &usize| risk[*index].is_finite();
    let below = curve.samples.partition_point(|&samples| samples < p as f64);
    let Some(dip) = (0..below).filter(known).reduce(|best, k| if risk[k] < risk[best] { k } else { best }) else {
        return declarations::NOTHING_YET;
    };
    let peak = (dip..risk.len()).filter(known).fold(dip, |best, k| if risk[k] > risk[best] { k } else { best });
    let error = curve.over_seeds(model, statistics::standard_error, Model::excess_risk);
    let course = Course { x: &curve.samples, mean: &risk, error: &error, least: 0.0 }.words("n", short);
    let at = |read| short(statistics::mean(&model.values(&curve.columns[peak], read)));
    let (top, bias, variance) = (plain(curve.samples[peak]), at(Model::bias), at(Model::variance));
    let value = |name| OutputValue::written(outputs, name);
    let (excess, median, theory) = (value("excess_risk"), value("median_excess_risk"), value("theory_excess_risk"));
    let here = if model.mean_exists(samples) {
        Text::owned(
            format!("With {samples} samples the excess risk is {excess}; theory says {theory}."),
            format!("样本数为 {samples} 时，超额风险为 {excess}，理论值为 {theory}。"),
        )
    } else {
        Text::owned(
            format!(
                "With {samples} samples, within one of p, the mean excess risk is infinite; the median over the seeds is {median}."
            ),
            format!("样本数为 {samples}（与 p 相差不超过 1）时，均值为无穷大；各种子的中位数为 {median}。"),
        )
    };
    Text::owned(
        format!(
            "Minimum-norm least squares with p = {p} features. The measured excess risk {}. At its peak, n = {top}, averaging over the noise makes the bias {bias} and the variance {variance}; at n = p its mean is infinite. {}",
            course.en, here.en
        ),
        format!(
            "最小范数最小二乘，特征数 p = {p}。测得的超额风险{}。在峰值 n = {top} 处，对噪声取平均，偏差为 {bias}，方差为 {variance}；在 n = p 处，其均值为无穷大。{}",
            course.zh, here.zh
        ),
    )
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::testing::{self, complete, probe, series, value};

    fn settings(pairs: &[(&str, &str)]) -> Settings {
        testing::settings(&LAB, pairs)
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
            let series = series(&report, "excess_risk");
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
