//! The picture, the numbers and the words of a run.

use super::{Mistake, Outcome, Setup};
use crate::{
    course::Course,
    figure::{Axis, AxisScale, Chart, Figure, Images, Mark, Panel, Role, Stroke},
    frame::{OutputValue, Report},
    lab::Entry,
    numerals::{fixed, percent, plain},
    settings::Settings,
    statistics::{mean, standard_deviation, standard_error, sums},
    text::{Language, Text},
};
use std::borrow::Cow;

type Record = Entry<Option<Outcome>>;
type Metric = fn(&Outcome) -> f64;

/// The outputs, in schema order.
const METRICS: [(&str, Metric); 5] = [
    ("test_error", |outcome| outcome.test_error),
    ("train_error", |outcome| outcome.train_error),
    ("train_mse", |outcome| outcome.train_mse),
    ("log10_test_mse", |outcome| outcome.log10_test_mse),
    ("log10_squared_norm", |outcome| outcome.log10_squared_norm),
];

/// Turns the records so far into what is shown.
pub fn report(settings: &Settings, setup: &Setup, records: &[Record]) -> Report {
    let findings = Findings::new(setup, records);
    Report {
        figure: Figure {
            panels: vec![
                Panel::Chart(errors(settings, setup, &findings)),
                Panel::Chart(sizes(settings, setup, &findings)),
                Panel::Images(mistakes(setup, &findings)),
            ],
        },
        outputs: outputs(&findings),
        description: description(settings, setup, &findings),
    }
}

/// The finished fits, sorted by what they are for.
struct Findings<'a> {
    /// At the probed size, one a seed.
    probe: Vec<&'a Outcome>,
    /// The first seed's among them, once it is there.
    first: Option<&'a Outcome>,
    /// Along the curve: by size, one a seed.
    curve: Vec<Vec<&'a Outcome>>,
    /// The unregularized curve beside it; empty where the curve itself is unregularized.
    plain: Vec<Vec<&'a Outcome>>,
}

impl<'a> Findings<'a> {
    fn new(setup: &Setup, records: &'a [Record]) -> Self {
        let outcome = |index: usize| records.get(index)?.done()?.as_ref();
        let (seeds, points) = (setup.seeds.len(), setup.grid.len());
        let stride = 1 + points;
        let gather = |start: usize, stride: usize| -> Vec<&Outcome> {
            (0..seeds).filter_map(|seed| outcome(start + seed * stride)).collect()
        };
        let plain = if setup.regularized { points } else { 0 };
        Self {
            probe: gather(0, stride),
            first: outcome(0),
            curve: (0..points).map(|point| gather(1 + point, stride)).collect(),
            plain: (0..plain).map(|point| gather(seeds * stride + point, points)).collect(),
        }
    }
}

fn values(outcomes: &[&Outcome], metric: Metric) -> Vec<f64> {
    outcomes.iter().map(|outcome| metric(outcome)).collect()
}

/// The mean over seeds at each point of a curve; NaN where nothing is known yet.
fn means(curve: &[Vec<&Outcome>], metric: Metric) -> Vec<f64> {
    curve.iter().map(|outcomes| mean(&values(outcomes, metric))).collect()
}

fn outputs(findings: &Findings) -> Vec<OutputValue> {
    let output = |&(name, metric): &(&str, Metric)| {
        let values = values(&findings.probe, metric);
        OutputValue::mean(name, &values)
    };
    METRICS.iter().map(output).collect()
}

/// The number of features, from the least to the most that the control offers and the curve has.
fn features_axis(setup: &Setup) -> Axis {
    let least = setup.grid.first().map_or(15.0, |&size| size.min(15) as f64);
    let range = [least, super::MOST_FEATURES as f64];
    Axis::new(Text::new("random features N", "随机特征数 N"), AxisScale::Log, range)
}

fn abscissas(setup: &Setup) -> Vec<f64> {
    setup.grid.iter().map(|&size| size as f64).collect()
}

fn line(name: &'static str, label: Text, role: Role, stroke: Stroke, setup: &Setup, y: Vec<f64>) -> Mark {
    Mark::line(name, label, role, stroke, &abscissas(setup), y)
}

/// The threshold and the probed size, which both charts have.
fn landmarks(setup: &Setup) -> [Mark; 2] {
    [
        Mark::Threshold { label: Text::same("N = n"), x: setup.samples as f64 },
        Mark::Probe { parameter: Cow::Borrowed("features"), x: setup.features as f64 },
    ]
}

/// What is done against the peak, for labels: `λ = 0.3`, `T = 1000`, or both.
fn remedy(settings: &Settings) -> String {
    let ridge = (settings.real("ridge") > 0.0).then(|| format!("λ = {}", plain(settings.real("ridge"))));
    let steps = (settings.count("gd_steps") > 0).then(|| format!("T = {}", settings.count("gd_steps")));
    ridge.into_iter().chain(steps).collect::<Vec<_>>().join(", ")
}

/// Panel 1: the shares of images that are classified wrongly.
fn errors(settings: &Settings, setup: &Setup, findings: &Findings) -> Chart {
    let metric: Metric = |outcome| outcome.test_error;
    let test = means(&findings.curve, metric);
    let spread: Vec<f64> =
        findings.curve.iter().map(|outcomes| standard_deviation(&values(outcomes, metric))).collect();
    let role = if setup.regularized { Role::Regularized } else { Role::Test };
    let label = if setup.regularized {
        let remedy = remedy(settings);
        Text::owned(format!("test error, {remedy}"), format!("测试错误率，{remedy}"))
    } else {
        Text::new("test error", "测试错误率")
    };
    let mut marks = vec![Mark::spread(
        "test_error_spread",
        Text::new("± 1 standard deviation", "± 1 个标准差"),
        role,
        &abscissas(setup),
        test.iter().zip(&spread).map(|(center, spread)| center - spread).collect(),
        sums(&test, &spread),
    )];
    if setup.regularized {
        let label = Text::new("test error, unregularized", "测试错误率，无正则化");
        let plain = means(&findings.plain, metric);
        marks.push(line("test_error_unregularized", label, Role::Test, Stroke::Dotted, setup, plain));
    }
    let train = means(&findings.curve, |outcome| outcome.train_error);
    marks.push(line(
        "train_error",
        Text::new("training error", "训练错误率"),
        Role::Train,
        Stroke::Solid,
        setup,
        train,
    ));
    marks.push(line("test_error", label, role, Stroke::Solid, setup, test));
    marks.extend(landmarks(setup));
    Chart {
        title: Text::new("Error", "错误率"),
        x: features_axis(setup),
        y: Axis::new(Text::new("share of images got wrong", "分错的图像比例"), AxisScale::Linear, [0.0, 1.0]),
        marks,
    }
}

/// Panel 2: the squared norm and the test MSE, geometric means over seeds.
fn sizes(settings: &Settings, setup: &Setup, findings: &Findings) -> Chart {
    let geometric = |curve: &[Vec<&Outcome>], metric: Metric| -> Vec<f64> {
        means(curve, metric).into_iter().map(libm::exp10).collect()
    };
    let norm: Metric = |outcome| outcome.log10_squared_norm;
    let error: Metric = |outcome| outcome.log10_test_mse;
    let mut marks = Vec::new();
    if setup.regularized {
        let plain = geometric(&findings.plain, norm);
        let label = Text::new("squared norm, unregularized", "平方范数，无正则化");
        marks.push(line("squared_norm_unregularized", label, Role::Norm, Stroke::Dotted, setup, plain));
    }
    let norm_label = if setup.regularized {
        let remedy = remedy(settings);
        Text::owned(format!("squared norm ‖W‖², {remedy}"), format!("平方范数 ‖W‖²，{remedy}"))
    } else {
        Text::new("squared norm ‖W‖²", "平方范数 ‖W‖²")
    };
    let norms = geometric(&findings.curve, norm);
    marks.push(line("squared_norm", norm_label, Role::Norm, Stroke::Solid, setup, norms));
    let role = if setup.regularized { Role::Regularized } else { Role::Test };
    let squared_errors = geometric(&findings.curve, error);
    marks.push(line("test_mse", Text::new("test MSE", "测试均方误差"), role, Stroke::Solid, setup, squared_errors));
    marks.extend(landmarks(setup));
    Chart {
        title: Text::new("Norm and squared error", "范数与平方误差"),
        x: features_axis(setup),
        y: Axis::new(Text::new("geometric mean over seeds", "对随机种子的几何平均"), AxisScale::Log, [0.1, 1e8]),
        marks,
    }
}

/// Panel 3: digits that the first seed's probed model gets wrong, as `true→answer`.
fn mistakes(setup: &Setup, findings: &Findings) -> Images {
    let shown: &[Mistake] = findings.first.map_or(&[], |outcome| &outcome.mistakes);
    let ink = |value: &u8| (u16::from(*value) * 255 / 16) as u8;
    let size = setup.features;
    Images {
        title: Text::owned(
            format!("Digits it gets wrong at N = {size} (true → answer)"),
            format!("N = {size} 时分错的数字（真实 → 预测）"),
        ),
        width: 8,
        height: 8,
        pixels: shown.iter().flat_map(|mistake| mistake.pixels.iter().map(ink)).collect(),
        captions: shown
            .iter()
            .map(|mistake| {
                let caption = format!("{}→{}", mistake.label, mistake.answer);
                Text::owned(caption.clone(), caption)
            })
            .collect(),
    }
}

/// The numbers and the shape of the curve in words, as far as they are known.
fn description(settings: &Settings, setup: &Setup, findings: &Findings) -> Text {
    let Some(probe) = probe_sentence(settings, setup, findings) else {
        return Text::new("The first fit is under way.", "第一次拟合正在进行。");
    };
    let sentences = [Some(probe), curve_sentence(setup, findings), plain_sentence(setup, findings)];
    let sentences: Vec<Text> = sentences.into_iter().flatten().collect();
    let join =
        |language, separator| sentences.iter().map(|text| text.get(language)).collect::<Vec<_>>().join(separator);
    Text::owned(join(Language::English, " "), join(Language::Chinese, ""))
}

fn probe_sentence(settings: &Settings, setup: &Setup, findings: &Findings) -> Option<Text> {
    if findings.probe.is_empty() {
        return None;
    }
    let (size, n) = (setup.features, setup.samples);
    let noise = plain(100.0 * settings.real("label_noise")) + "%";
    let test = percent(mean(&values(&findings.probe, |outcome| outcome.test_error)), 1);
    let train = percent(mean(&values(&findings.probe, |outcome| outcome.train_error)), 1);
    let norm = fixed(mean(&values(&findings.probe, |outcome| outcome.log10_squared_norm)), 1);
    let (with, with_zh) = match remedy(settings) {
        none if none.is_empty() => (String::new(), String::new()),
        remedy => (format!(" and {remedy}"), format!("、{remedy}")),
    };
    Some(Text::owned(
        format!(
            "With {size} random features fitted to {n} digits, {noise} of them labeled wrongly{with}, the test error is \
             {test}, the training error {train}, and the squared norm of the weights 10^{norm}."
        ),
        format!(
            "用 {size} 个随机特征拟合 {n} 个手写数字（其中 {noise} 标签有误{with_zh}），测试错误率为 {test}，\
             训练错误率为 {train}，权重的平方范数为 10^{norm}。"
        ),
    ))
}

/// The courses of a complete curve.
fn curve_sentence(setup: &Setup, findings: &Findings) -> Option<Text> {
    let test = share_course(setup, &findings.curve, |outcome| outcome.test_error)?;
    let train = share_course(setup, &findings.curve, |outcome| outcome.train_error)?;
    let norm = course(
        setup,
        &findings.curve,
        |outcome| outcome.log10_squared_norm,
        0.1,
        |power| format!("10^{}", fixed(power, 1)),
    )?;
    let n = setup.samples;
    Some(Text::owned(
        format!(
            "Along the curve, with n = {n}, the test error {}. The training error {}. The squared norm {}.",
            test.en, train.en, norm.en
        ),
        format!("沿曲线看（n = {n}），测试错误率{}。训练错误率{}。平方范数{}。", test.zh, train.zh, norm.zh),
    ))
}

/// The course of the unregularized curve, where one stands beside.
fn plain_sentence(setup: &Setup, findings: &Findings) -> Option<Text> {
    let test = share_course(setup, &findings.plain, |outcome| outcome.test_error)?;
    Some(Text::owned(
        format!("Without regularization the test error {}.", test.en),
        format!("若不加正则化，测试错误率{}。", test.zh),
    ))
}
/// The course of a share of images.
fn share_course(setup: &Setup, curve: &[Vec<&Outcome>], metric: Metric) -> Option<Text> {
    course(setup, curve, metric, 0.01, |share| percent(share, 1))
}

/// The course of a quantity, once each point of the curve has a fit.
fn course(
    setup: &Setup,
    curve: &[Vec<&Outcome>],
    metric: Metric,
    least: f64,
    write: fn(f64) -> String,
) -> Option<Text> {
    if curve.is_empty() || curve.iter().any(Vec::is_empty) {
        return None;
    }
    let error: Vec<f64> = curve.iter().map(|outcomes| standard_error(&values(outcomes, metric))).collect();
    let (x, mean) = (abscissas(setup), means(curve, metric));
    Some(Course { x: &x, mean: &mean, error: &error, least }.words("N", write))
}

#[cfg(test)]
mod tests {
    use super::{super::SCHEMA, *};

    #[test]
    fn every_declared_output_is_reported_in_order() {
        assert!(SCHEMA.outputs.iter().map(|output| &*output.name).eq(METRICS.iter().map(|(name, _)| *name)));
    }
}
