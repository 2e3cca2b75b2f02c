//! The spectrum of the Hessian: a bulk at zero, and a few eigenvalues far out that count the classes.
//!
//! `C` classes are clouds of 60 points with standard deviation 0.3 around random points at distance 2 from the origin of a
//! space of 20 dimensions. A 20-12-C tanh network, weights `N(0, 1/inputs)` and biases zero at first, is trained by gradient
//! descent with step 0.2: 300 steps on squared loss, or 100 on cross-entropy. Its Hessian has P ≤ 356 rows, few enough to be
//! computed whole, by P exact products with unit vectors, and decomposed. The spectrum is estimated too by stochastic Lanczos
//! quadrature: 80 steps from each of ten random vectors of signs, each node spread to a normal distribution whose deviation is
//! a hundredth of the largest eigenvalue. For networks of any size only the estimate can be had.
//!
//! With squared loss the Gauss-Newton matrix, `JᵀJ/n`, has a mean for every pair of a class and an output: `C²` eigenvalues
//! stand out. With cross-entropy `C − 1` of them dominate (Papyan 2019).

mod task;

use crate::{
    curvature::{SpectralMeasure, largest_gap},
    declarations,
    numerals::plain,
    prelude::*,
};
use task::{Examples, Task};
pub use task::{Record, Spec};

/// The lab.
pub static LAB: HessianSpectrum = HessianSpectrum;

/// See the module's description.
pub struct HessianSpectrum;

static SCHEMA: Schema = Schema {
    id: Cow::Borrowed("hessian-spectrum"),
    title: Text::new("The Hessian's spectrum", "海森谱"),
    about: Text::new(
        "Nearly all curvature lies in a few directions. For well-separated classes their number counts the classes; for handwritten digits with cross-entropy no gap sets them apart.",
        "曲率几乎全集中在少数几个方向上。类别分得很开时，这些方向的个数数出了类别数；手写数字配交叉熵时，则没有间隙把它们分开。",
    ),
    parameters: Cow::Borrowed(&PARAMETERS),
    outputs: Cow::Borrowed(&OUTPUTS),
};

const LOSSES: &[Choice] = &[
    Choice::new("mse", Text::new("squared", "平方损失")),
    Choice::new("cross_entropy", Text::new("cross-entropy", "交叉熵")),
];
const DATA: &[Choice] = &[
    Choice::new("blobs", Text::new("clouds of points", "成团的点")),
    Choice::new("digits", Text::new("handwritten digits", "手写数字")),
];

static PARAMETERS: [Parameter; 4] = [
    Parameter::integer(
        "classes",
        "C",
        Text::new("Classes", "类别数"),
        Text::new(
            "How many clouds there are to tell apart. The number of outliers follows; their distance from the bulk shrinks. Digits always have ten classes.",
            "要区分多少团数据点。离群特征值的个数随之而变，与主体的距离则越来越小。手写数字始终是十类。",
        ),
        [2, 8, 1],
        3,
    ),
    Parameter::choice(
        "loss",
        Text::new("Loss", "损失"),
        Text::new(
            "Squared loss has C² outliers, cross-entropy C − 1 that stand out less.",
            "平方损失有 C² 个离群特征值；交叉熵有 C − 1 个，离主体也更近。",
        ),
        LOSSES,
        0,
    ),
    Parameter::choice(
        "data",
        Text::new("Data", "数据"),
        Text::new(
            "Clouds of points, or 300 handwritten digits, for which the spectrum has no gap at the number of classes.",
            "成团的数据点，或 300 个手写数字；对后者，谱在类别数处没有间隙。",
        ),
        DATA,
        0,
    ),
    Parameter::seeds(6, 20),
];

static OUTPUTS: [Output; 5] = [
    Output::new(
        "gap_position",
        Text::new("Outliers found", "找到的离群特征值个数"),
        Text::new(
            "How many eigenvalues stand above the largest ratio between neighbors, looked for among the first C² + 3.",
            "相邻特征值之比最大处以上有多少个特征值；只在前 C² + 3 个中寻找。",
        ),
        Aggregate::Mean,
    ),
    Output::new(
        "theory_gap_position",
        Text::new("Outliers expected", "预期的离群特征值个数"),
        Text::new("C² for squared loss, C − 1 for cross-entropy.", "平方损失为 C²，交叉熵为 C − 1。"),
        Aggregate::Exact,
    ),
    Output::new(
        "gap_ratio",
        Text::new("Gap where it is expected", "预期位置的间隙"),
        Text::new(
            "The last expected outlier over the eigenvalue below it. 1 would be no gap.",
            "最后一个预期的离群特征值与其下一个特征值之比。等于 1 即没有间隙。",
        ),
        Aggregate::Mean,
    ),
    declarations::train_loss(Text::new("Where the Hessian is taken.", "计算海森矩阵处的训练损失。")),
    Output::new(
        "slq_lambda_max_error",
        Text::new("Error of the estimate's largest eigenvalue", "估计的最大特征值的误差"),
        Text::new(
            "Relative error of the largest eigenvalue by Lanczos quadrature. Nothing but rounding is left of it.",
            "兰乔斯求积所得最大特征值的相对误差，只剩舍入误差。",
        ),
        Aggregate::Mean,
    ),
];

/// The deviation that eigenvalues are spread to, over the largest one.
const WIDTH: f64 = 0.01;
/// The ends of the axis of λ/λ₁.
const EIGENVALUE_RANGE: [f64; 2] = [-0.15, 1.1];
/// Points of the density's curves.
const POINTS: usize = 501;
/// The ends of the density's axis.
const DENSITY_RANGE: [f64; 2] = [1e-3, 100.0];
/// The least λ/λ₁ that is drawn by rank.
const LEAST: f64 = 1e-6;

fn spec(settings: &Settings, seed: u64) -> Spec {
    let is_digits = settings.choice("data") == 1;
    Spec {
        examples: if is_digits { Examples::Digits } else { Examples::Blobs(settings.count("classes")) },
        is_squared: settings.choice("loss") == 0,
        seed,
    }
}

impl Lab for HessianSpectrum {
    type Spec = Spec;
    type Record = Record;

    const SCHEMA: &'static Schema = &SCHEMA;
    const DATA: &'static [DataSet] = &[DataSet::Digits8x8];

    fn plan(&self, settings: &Settings) -> Plan<Spec> {
        let tasks: Vec<Spec> = settings.seed_list().map(|seed| spec(settings, seed)).collect();
        Plan { probe: (0..tasks.len()).collect(), tasks }
    }

    fn cost(&self, spec: &Spec) -> f64 {
        spec.cost()
    }

    fn begin<'a>(&self, spec: &Spec, data: &'a Data) -> Box<dyn Work<Record> + 'a> {
        Box::new(Task::new(spec, data))
    }

    fn report(&self, settings: &Settings, records: &[Entry<Record>]) -> Report {
        let spec = spec(settings, settings.seed);
        let done: Vec<&Record> = records.iter().filter_map(Entry::done).collect();
        let first = records.first().and_then(Entry::latest);
        let outputs = outputs(&spec, &done);
        let description = describe(&spec, first, &done, &outputs);
        let panels = vec![density_panel(first), rank_panel(&spec, first), ratio_panel(&spec, &done)];
        Report { figure: Figure { panels }, outputs, description }
    }
}

/// The ratio of each eigenvalue to the next, for the first so many.
fn ratios(spectrum: &[f64], count: usize) -> Vec<f64> {
    spectrum.windows(2).take(count).map(|pair| if pair[1] > 0.0 { pair[0] / pair[1] } else { f64::NAN }).collect()
}

fn outputs(spec: &Spec, done: &[&Record]) -> Vec<OutputValue> {
    let found = |name, read: &dyn Fn(&Record) -> f64| {
        OutputValue::mean(name, &done.iter().map(|record| read(record)).collect::<Vec<_>>())
    };
    let (most, expected) = (spec.most_outliers(), spec.expected_outliers());
    vec![
        found("gap_position", &|record| {
            largest_gap(&record.spectrum, most).map_or(f64::NAN, |gap| gap.position as f64)
        }),
        OutputValue::exact("theory_gap_position", expected as f64),
        found("gap_ratio", &|record| ratios(&record.spectrum, expected).last().copied().unwrap_or(f64::NAN)),
        found("train_loss", &|record| record.train_loss),
        found("slq_lambda_max_error", &|record| match record.spectrum.first() {
            Some(greatest) => (record.estimate().greatest() / greatest - 1.0).abs(),
            None => f64::NAN,
        }),
    ]
}

fn density_panel(first: Option<&Record>) -> Panel {
    let [low, high] = EIGENVALUE_RANGE;
    let x: Vec<f64> = (0..POINTS).map(|k| low + (high - low) * k as f64 / (POINTS - 1) as f64).collect();
    let mut marks = Vec::new();
    if let Some(record) = first {
        let estimate = record.estimate();
        let greatest = record.spectrum.first().copied().unwrap_or_else(|| estimate.greatest());
        let curve = |measure: &SpectralMeasure| {
            let places: Vec<f64> = x.iter().map(|place| place * greatest).collect();
            let mut density = measure.density(&places, WIDTH * greatest);
            for value in &mut density {
                *value *= greatest;
            }
            density
        };
        if greatest > 0.0 {
            let label = Text::new("estimate, Lanczos quadrature", "估计（兰乔斯求积）");
            marks.push(Mark::line("slq_density", label, Role::Norm, Stroke::Solid, &x, curve(&estimate)));
        }
        if greatest > 0.0 && !record.spectrum.is_empty() {
            let exact = curve(&SpectralMeasure::exact(&record.spectrum));
            let label = Text::new("exact, all eigenvalues", "精确（全部特征值）");
            marks.push(Mark::line("exact_density", label, Role::Theory, Stroke::Dashed, &x, exact));
        }
    }
    let x = Axis::new(Text::new("eigenvalue λ/λ₁", "特征值 λ/λ₁"), AxisScale::Linear, EIGENVALUE_RANGE);
    let y = Axis::new(Text::new("density", "密度"), AxisScale::Log, DENSITY_RANGE);
    Panel::chart(Text::new("Density of the spectrum, first seed", "谱密度（第一个种子）"), x, y, marks)
}

fn rank_panel(spec: &Spec, first: Option<&Record>) -> Panel {
    let mut marks = vec![Mark::Threshold { label: expected_words(spec), x: spec.expected_outliers() as f64 + 0.5 }];
    let spectrum = first.map_or(&[][..], |record| &record.spectrum);
    if let Some(&greatest) = spectrum.first() {
        let gap = largest_gap(spectrum, spec.most_outliers()).map_or(0, |gap| gap.position);
        let mut part = |name: &'static str, label, role, ranks: std::ops::Range<usize>| {
            let ranks = ranks.filter(|&rank| spectrum[rank] > 0.0);
            let (x, y) = ranks.map(|rank| ((rank + 1) as f64, spectrum[rank] / greatest)).unzip();
            marks.push(Mark::Points { name: Cow::Borrowed(name), label, role, x, y });
        };
        part("outliers", Text::new("outliers", "离群特征值"), Role::Signal, 0..gap);
        part("bulk", Text::new("bulk", "主体"), Role::Neutral, gap..spectrum.len());
    }
    let x = Axis::new(Text::new("rank k", "名次 k"), AxisScale::Log, [0.9, spec.parameters() as f64]);
    let y = Axis::new(Text::new("eigenvalue λₖ/λ₁", "特征值 λₖ/λ₁"), AxisScale::Log, [LEAST, 2.0]);
    Panel::chart(Text::new("Positive eigenvalues, first seed", "正特征值（第一个种子）"), x, y, marks)
}

fn ratio_panel(spec: &Spec, done: &[&Record]) -> Panel {
    let most = spec.most_outliers();
    let x: Vec<f64> = (1..=most).map(|rank| rank as f64).collect();
    let seeds: Vec<Vec<f64>> = done.iter().map(|record| ratios(&record.spectrum, most)).collect();
    let over_seeds = |statistic: fn(&[f64]) -> f64| -> Vec<f64> {
        let column = |rank: usize| -> Vec<f64> {
            seeds.iter().filter_map(|ratios| ratios.get(rank)).copied().filter(|ratio| ratio.is_finite()).collect()
        };
        (0..most).map(|rank| statistic(&column(rank))).collect()
    };
    let mut marks = vec![Mark::Threshold { label: expected_words(spec), x: spec.expected_outliers() as f64 }];
    if seeds.len() > 1 {
        let label = declarations::SPREAD;
        let (low, high) = (over_seeds(statistics::low), over_seeds(statistics::high));
        marks.push(Mark::spread("gap_ratio", label, Role::Signal, &x, low, high));
    }
    if !seeds.is_empty() {
        let label = Text::new("λₖ/λₖ₊₁, mean", "λₖ/λₖ₊₁ 的平均");
        let mean = over_seeds(statistics::mean);
        marks.push(Mark::line("gap_ratio", label, Role::Signal, Stroke::Solid, &x, mean));
    }
    let x = Axis::new(Text::new("rank k", "名次 k"), AxisScale::Linear, [0.5, most as f64 + 0.5]);
    let y = Axis::new(Text::new("λₖ/λₖ₊₁", "λₖ/λₖ₊₁"), AxisScale::Log, [1.0, 20.0]);
    Panel::chart(Text::new("Ratios of neighbors", "相邻特征值之比"), x, y, marks)
}

/// `C² = 9`.
fn expected_words(spec: &Spec) -> Text {
    let count = spec.expected_outliers();
    let rule = if spec.is_squared { "C²" } else { "C − 1" };
    let words = format!("{rule} = {count}");
    Text::owned(words.clone(), words)
}

fn describe(spec: &Spec, first: Option<&Record>, done: &[&Record], outputs: &[OutputValue]) -> Text {
    let (parameters, classes) = (spec.parameters(), spec.classes());
    let value = |name| plain(outputs.iter().find(|output| output.name == name).map_or(f64::NAN, |output| output.value));
    let (loss, loss_zh) =
        if spec.is_squared { ("squared loss", "平方损失") } else { ("cross-entropy", "交叉熵") };
    let (data, data_zh) = match spec.examples {
        Examples::Blobs(_) => (format!("{classes} clouds of points"), format!(" {classes} 团数据点")),
        Examples::Digits => ("ten classes of handwritten digits".into(), "十类手写数字".into()),
    };
    let en = format!("A network of {parameters} parameters trained on {data} with {loss}.");
    let zh = format!("一个有 {parameters} 个参数的网络，以{loss_zh}训练{data_zh}。");
    let Some(record) = first.filter(|_| !done.is_empty()) else {
        return Text::owned(en + " Its spectrum is being computed.", zh + "正在计算它的谱。");
    };
    let large = record
        .spectrum
        .first()
        .map_or(0, |greatest| record.spectrum.iter().filter(|&&value| value > 0.01 * greatest).count());
    let (found, expected, ratio) = (value("gap_position"), value("theory_gap_position"), value("gap_ratio"));
    let en = format!(
        "{en} On the first seed {large} eigenvalues are above a hundredth of the largest. Over all seeds the largest ratio between neighbors leaves {found} eigenvalues above it on average, where {expected} are expected; there the ratio is {ratio} on average. The estimate by Lanczos quadrature follows the exact density, peak by peak; the heights of single eigenvalues scatter, because ten random vectors see them more or less."
    );
    let zh = format!(
        "{zh}在第一个种子上，有 {large} 个特征值大于最大特征值的百分之一。对所有种子平均，相邻特征值之比最大处以上有 {found} 个特征值，预期为 {expected} 个；预期位置处的比值平均为 {ratio}。兰乔斯求积的估计逐峰跟随精确的密度；单个特征值的峰高有起伏，因为十个随机向量看到它们的程度不一。"
    );
    match (spec.examples, spec.is_squared) {
        (Examples::Digits, false) => Text::owned(
            en + " Digits with cross-entropy show no gap at the number of classes.",
            zh + "手写数字配交叉熵，在类别数处看不到间隙。",
        ),
        (Examples::Blobs(_), false) => Text::owned(
            en + " With cross-entropy the gap is weak, and in some seeds the largest one lies elsewhere.",
            zh + "交叉熵的间隙很弱，有些种子的最大间隙在别处。",
        ),
        (_, true) => Text::owned(en, zh),
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::testing::{self, complete, probe, value};

    fn settings(pairs: &[(&str, &str)]) -> Settings {
        testing::settings(&LAB, pairs)
    }

    #[test]
    fn squared_loss_has_as_many_outliers_as_the_square_of_the_classes() {
        for (classes, expected) in [("2", 4.0), ("3", 9.0)] {
            let report = probe(&LAB, settings(&[("classes", classes), ("seeds", "3")]), &Data::bundled());
            assert_eq!(value(&report, "gap_position"), expected);
            assert_eq!(value(&report, "theory_gap_position"), expected);
            assert!(value(&report, "gap_ratio") > 3.0);
        }
    }

    #[test]
    fn cross_entropy_has_a_weaker_gap_at_one_less_than_the_classes() {
        let pairs = [("classes", "5"), ("loss", "cross_entropy"), ("seeds", "3")];
        let report = probe(&LAB, settings(&pairs), &Data::bundled());
        assert_eq!(value(&report, "theory_gap_position"), 4.0);
        let ratio = value(&report, "gap_ratio");
        assert!((1.2..3.0).contains(&ratio), "{ratio}");
    }

    #[test]
    fn the_estimate_has_the_largest_eigenvalue_the_trace_and_the_density_of_the_spectrum() {
        let data = Data::bundled();
        for (classes, is_squared) in [(3, true), (4, false), (8, true)] {
            let spec = Spec { examples: Examples::Blobs(classes), is_squared, seed: 5 };
            let mut task = Task::new(&spec, &data);
            while !task.advance() {}
            let record = task.record();
            let (exact, estimate) = (SpectralMeasure::exact(&record.spectrum), record.estimate());
            assert!((estimate.greatest() / exact.greatest() - 1.0).abs() < 1e-6);
            assert!((estimate.moment(1) / exact.moment(1) - 1.0).abs() < 0.3);
            let width = WIDTH * exact.greatest();
            let grid: Vec<f64> = (-200..1300).map(|k| f64::from(k) * 1e-3 * exact.greatest()).collect();
            let (mut missed, mut sums): (f64, [f64; 2]) = (0.0, [0.0; 2]);
            for (a, b) in estimate.density(&grid, width).iter().zip(exact.density(&grid, width)) {
                sums = [sums[0] + a * 1e-3 * exact.greatest(), sums[1] + b * 1e-3 * exact.greatest()];
                missed = missed.max((sums[0] - sums[1]).abs());
            }
            assert!((sums[1] - 1.0).abs() < 1e-3 && missed < 0.02, "C = {classes}: {sums:?} {missed}");
        }
    }

    #[test]
    fn digits_with_cross_entropy_show_no_gap_and_the_words_say_so() {
        let pairs = [("data", "digits"), ("loss", "cross_entropy"), ("seeds", "2")];
        let report = complete(&LAB, settings(&pairs), &Data::bundled()).report;
        assert_eq!(value(&report, "theory_gap_position"), 9.0);
        assert!(value(&report, "gap_ratio") < 1.2, "{}", value(&report, "gap_ratio"));
        assert!(report.description.en.contains("no gap") && report.description.zh.contains("看不到间隙"));
    }

    #[test]
    fn a_run_draws_both_densities_and_the_spectrum_by_rank() {
        let report = complete(&LAB, settings(&[("seeds", "2")]), &Data::bundled()).report;
        let series = report.figure.series();
        let find = |name: &str| series.iter().find(|series| series.name == name).unwrap();
        let (exact, estimate) = (find("exact_density"), find("slq_density"));
        assert!(
            exact.y.iter().zip(&estimate.y).filter(|(exact, _)| **exact > 1.0).all(|(a, b)| (a / b - 1.0).abs() < 0.5)
        );
        assert_eq!(find("outliers").x.len(), 9);
        assert!(find("bulk").x.len() > 50);
        assert_eq!(find("gap_ratio").x.len(), 12);
        assert!(report.outputs.iter().all(|output| output.value.is_finite()));
    }
}
