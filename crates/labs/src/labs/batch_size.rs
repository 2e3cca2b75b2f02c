//! Batch size: small batches end in flatter minima. Whether flat is better is another matter.
//!
//! A 64-64-10 tanh network, weights `0.5·N(0, 1/inputs)` and biases zero at first, learns 300 handwritten digits (pixels
//! centered, mean squared length 16; each label redrawn from all ten classes with some probability) by squared loss,
//! `½ ‖f − e‖²` on average, and stochastic gradient descent with step 0.2, in batches of several sizes for the same number of
//! steps. The Hessian of the whole training loss is looked at along the way: its largest eigenvalue by Lanczos' method from
//! the last eigenvector, its trace exactly; at the end ε-sharpness (Keskar et al. 2017). The other 1497 digits are for
//! testing, with true labels. With a radius above zero each gradient is taken where sharpness-aware minimization takes it
//! (Foret et al. 2021).
//!
//! Gradient descent on the whole set is driven to where `λₘₐₓ` is about `2/η = 10`, beyond which it would not be stable.

pub(super) mod training;

use crate::{declarations, lab::slice, numerals::plain, prelude::*};
use serde::{Deserialize, Serialize};
use training::{Course, LEARNING_RATE, Moment, Problem, Rule, SAMPLES, Training};

/// The lab.
pub static LAB: BatchSize = BatchSize;

/// See the module's description.
pub struct BatchSize;

/// The sizes, smallest first: one a choice.
const SIZES: [usize; 6] = [4, 8, 16, 32, 64, SAMPLES];
const CHOICES: &[Choice] = &[
    Choice::new("4", Text::same("4")),
    Choice::new("8", Text::same("8")),
    Choice::new("16", Text::same("16")),
    Choice::new("32", Text::same("32")),
    Choice::new("64", Text::same("64")),
    Choice::new("300", Text::new("300, the whole set", "300（整个训练集）")),
];
/// The names of the sizes' series.
const LAMBDA_NAMES: [&str; 6] =
    ["lambda_max_4", "lambda_max_8", "lambda_max_16", "lambda_max_32", "lambda_max_64", "lambda_max_300"];
const TRACE_NAMES: [&str; 6] = ["trace_4", "trace_8", "trace_16", "trace_32", "trace_64", "trace_300"];

static SCHEMA: Schema = Schema {
    id: Cow::Borrowed("batch-size"),
    title: Text::new("Batch size", "批量大小"),
    about: Text::new(
        "Small batches end in flatter minima. With noisy labels the flatter ends test better than the sharpest; with clean labels the link is reversed.",
        "小批量最终落在更平坦的极小值。标签有噪声时，平坦处的测试表现好于最尖锐处；标签干净时，这一联系恰好反过来。",
    ),
    parameters: Cow::Borrowed(&PARAMETERS),
    outputs: Cow::Borrowed(&OUTPUTS),
};

static PARAMETERS: [Parameter; 5] = [
    Parameter::choice(
        "batch_size",
        Text::new("Batch size", "批量大小"),
        Text::new(
            "How many examples a step sees: the curve that the numbers report. All sizes are trained, for the same number of steps.",
            "每一步看多少个样本，即下方数值所报告的曲线。所有批量大小都会训练同样的步数。",
        ),
        CHOICES,
        2,
    ),
    declarations::label_noise(
        "q",
        Text::new(
            "The probability that a training label is redrawn from all ten classes. At 0, look which end tests better.",
            "每个训练标签从十个类别中重新抽取的概率。取 0 时，看哪一端的测试表现更好。",
        ),
        [0.0, 0.4, 0.05],
    ),
    Parameter::real(
        "sam_radius",
        "ρ",
        Text::new("SAM radius", "SAM 半径"),
        Text::new(
            "How far uphill sharpness-aware minimization goes before it takes each gradient; 0 is plain descent.",
            "锐度感知最小化在取每个梯度之前先往上坡走多远；取 0 即普通下降。",
        ),
        [0.0, 0.5, 0.05],
        0.0,
    ),
    declarations::steps(
        Text::new(
            "How long all sizes train. Small batches have seen fewer examples by then and have not fitted the noise.",
            "所有批量大小各训练多久。到那时小批量看过的样本更少，还没有拟合噪声。",
        ),
        [500, 6000, 100],
        4000,
    )
    .scaled(Scale::Logarithmic),
    Parameter::seeds(1, 10),
];

static OUTPUTS: [Output; 8] = [
    declarations::lambda_max(Text::new(
        "The largest eigenvalue of the Hessian of the whole training loss, after the last step.",
        "最后一步之后，整个训练损失的海森矩阵的最大特征值。",
    )),
    declarations::trace(Text::new("The sum of all its eigenvalues, computed exactly.", "全部特征值之和，精确计算。")),
    Output::new(
        "eps_sharpness",
        Text::new("ε-sharpness", "ε 锐度"),
        Text::new(
            "By how many percent of 1 + loss the loss rises at most within a ball of 2% of the weights' length.",
            "在半径为权重长度 2% 的球内，损失最多升高 1 + 损失的百分之多少。",
        ),
        Aggregate::Mean,
    ),
    declarations::train_loss(Text::new(
        "On the training labels, the redrawn ones among them.",
        "在训练标签（含重抽的标签）上的损失。",
    )),
    declarations::train_accuracy(Text::new("The share of training labels that are met.", "符合训练标签的比例。")),
    declarations::test_accuracy(Text::new(
        "The share of the other 1497 digits that are got right.",
        "其余 1497 个数字的分对比例。",
    )),
    declarations::test_loss(Text::new("On the same digits.", "在同样这些数字上的损失。")),
    declarations::diverged(),
];

/// Operations of one slice of work.
const SLICE: f64 = 2e7;
/// The ends of the axis of batch sizes.
const SIZE_RANGE: [f64; 2] = [3.0, 400.0];

/// Some trainings on the same digits from the same weights.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct Spec {
    /// Examples of a step, for each training.
    batches: Vec<usize>,
    label_noise: f64,
    sam_radius: f64,
    steps: usize,
    seed: u64,
}

/// Their courses, in the same order; none before the first look.
pub type Record = Vec<Course>;

impl Spec {
    const fn rule(&self) -> Rule {
        Rule { sam_radius: self.sam_radius, steps: self.steps }
    }
}

/// Trainings under way, all of them about equally far.
struct Task {
    batches: Vec<usize>,
    problem: Problem,
    /// Only the first before its first look, which is that of all.
    trainings: Vec<Training>,
}

impl Task {
    /// Works on the training that is least far; about how many operations it took.
    fn piece(&mut self) -> f64 {
        let Self { batches, problem, trainings } = self;
        let least =
            trainings.iter_mut().filter(|training| !training.is_finished()).min_by_key(|training| training.step());
        let cost = least.map_or(f64::INFINITY, |training| training.piece(problem));
        if let [first] = &trainings[..]
            && first.is_ready()
        {
            let others: Vec<Training> = batches[1..].iter().map(|&batch| first.with_batch(problem, batch)).collect();
            trainings.extend(others);
        }
        cost
    }
}

impl Work<Record> for Task {
    fn advance(&mut self) -> bool {
        slice(SLICE, || self.piece());
        self.trainings.iter().all(Training::is_finished)
    }

    fn record(&self) -> Record {
        self.trainings.iter().map(|training| training.course().clone()).collect()
    }
}

impl Lab for BatchSize {
    type Spec = Spec;
    type Record = Record;

    const SCHEMA: &'static Schema = &SCHEMA;
    const DATA: &'static [DataSet] = &[DataSet::Digits8x8];

    fn plan(&self, settings: &Settings) -> Plan<Spec> {
        let spec = |batches: &[usize], seed: u64| Spec {
            batches: batches.to_vec(),
            label_noise: settings.real("label_noise"),
            sam_radius: settings.real("sam_radius"),
            steps: settings.count("steps"),
            seed,
        };
        let chosen = SIZES[settings.choice("batch_size")];
        // On the first seed all sizes advance together. What the outputs alone need of it is worked off once more: it is
        // little, and a number in the prose then costs one size and not six.
        let mut tasks = vec![spec(&SIZES, settings.seed)];
        for seed in settings.seed_list().filter(|&seed| seed != settings.seed) {
            tasks.extend(SIZES.map(|batch| spec(&[batch], seed)));
        }
        tasks.push(spec(&[chosen], settings.seed));
        let probe = (0..tasks.len()).filter(|&index| tasks[index].batches == [chosen]).collect();
        Plan { tasks, probe }
    }

    fn cost(&self, spec: &Spec) -> f64 {
        let model = training::model();
        spec.batches.iter().map(|&batch| Training::cost(&model, batch, spec.rule())).sum()
    }

    fn begin<'a>(&self, spec: &Spec, data: &'a Data) -> Box<dyn Work<Record> + 'a> {
        let problem = Problem::new(spec.label_noise, spec.seed, data.digits_8x8());
        let first = spec.batches.first().map(|&batch| Training::new(&problem, batch, spec.rule()));
        Box::new(Task { batches: spec.batches.clone(), trainings: first.into_iter().collect(), problem })
    }

    fn report(&self, settings: &Settings, records: &[Entry<Record>]) -> Report {
        let found = Found::new(records);
        let outputs = found.outputs(settings);
        let description = found.describe(settings, &outputs);
        let panels = vec![
            found.course_panel(settings, &SHARPNESS),
            found.course_panel(settings, &TRACE),
            found.end_panel(settings),
            found.accuracy_panel(settings),
        ];
        Report { figure: Figure { panels }, outputs, description }
    }
}

/// A quantity along training.
struct Quantity {
    title: Text,
    axis: Text,
    range: [f64; 2],
    names: [&'static str; 6],
    read: fn(&Moment) -> f64,
    /// A value with a meaning.
    limit: Option<(Text, f64)>,
}

static SHARPNESS: Quantity = Quantity {
    title: Text::new("Sharpness during training, first seed", "训练中的锐度（第一个种子）"),
    axis: Text::new("sharpness λₘₐₓ", "锐度 λₘₐₓ"),
    range: [0.5, 20.0],
    names: LAMBDA_NAMES,
    read: |moment| moment.lambda_max,
    limit: Some((Text::new("2/η, limit of gradient descent", "2/η，梯度下降的极限"), 2.0 / LEARNING_RATE)),
};

static TRACE: Quantity = Quantity {
    title: Text::new("Trace during training, first seed", "训练中的迹（第一个种子）"),
    axis: Text::new("trace of the Hessian", "海森矩阵的迹"),
    range: [30.0, 1000.0],
    names: TRACE_NAMES,
    read: |moment| moment.trace,
    limit: None,
};

/// The courses so far, by batch size.
struct Found<'a> {
    /// Of the first seed, under way or done, parallel to [`SIZES`].
    first: Vec<Option<&'a Course>>,
    /// Of all seeds, done.
    done: Vec<Vec<&'a Course>>,
}

impl<'a> Found<'a> {
    fn new(records: &'a [Entry<Record>]) -> Self {
        let together = records.first().and_then(Entry::latest);
        let alone = records.last().and_then(Entry::latest);
        let of = |record: Option<&'a Record>, batch: usize| record?.iter().find(|course| course.batch == batch);
        let others = records.get(1..records.len().max(2) - 1).unwrap_or_default();
        let first: Vec<Option<&Course>> = SIZES
            .iter()
            .map(|&batch| {
                // Whichever is done, or else farther: they are the same.
                let (one, other) = (of(together, batch), of(alone, batch));
                let length = |course: Option<&Course>| course.map_or(0, |course| course.moments.len());
                if length(other) > length(one) || other.is_some_and(Course::is_over) { other } else { one }
            })
            .collect();
        let done = SIZES
            .iter()
            .zip(&first)
            .map(|(&batch, first)| {
                let others = others.iter().filter_map(|entry| of(entry.done(), batch));
                first.iter().copied().chain(others).filter(|course| course.is_over()).collect()
            })
            .collect();
        Self { first, done }
    }

    /// The courses that are done, or the one under way.
    fn visible(&self, size: usize) -> Vec<&'a Course> {
        if self.done[size].is_empty() { self.first[size].into_iter().collect() } else { self.done[size].clone() }
    }

    fn outputs(&self, settings: &Settings) -> Vec<OutputValue> {
        let done = &self.done[settings.choice("batch_size")];
        let ends: Vec<&Moment> = done.iter().filter_map(|course| course.moments.last()).collect();
        let end = |name, read: fn(&Moment) -> f64| {
            OutputValue::mean(name, &ends.iter().map(|moment| read(moment)).collect::<Vec<_>>())
        };
        let rises: Vec<f64> = done.iter().filter_map(|course| course.eps_sharpness).collect();
        let diverged = ends.iter().any(|moment| !(moment.train_loss.is_finite() && moment.test_loss.is_finite()));
        vec![
            end("lambda_max", |moment| moment.lambda_max),
            end("trace", |moment| moment.trace),
            OutputValue::mean("eps_sharpness", &rises),
            end("train_loss", |moment| moment.train_loss),
            end("train_accuracy", |moment| moment.train_accuracy),
            end("test_accuracy", |moment| moment.test_accuracy),
            end("test_loss", |moment| moment.test_loss),
            OutputValue::exact("diverged", if ends.is_empty() { f64::NAN } else { f64::from(u8::from(diverged)) }),
        ]
    }

    fn course_panel(&self, settings: &Settings, quantity: &Quantity) -> Panel {
        let ends = [0.0, settings.real("steps")];
        let mut marks = Vec::new();
        if let Some((label, value)) = &quantity.limit {
            marks.push(Mark::line("", label.clone(), Role::Theory, Stroke::Dashed, &ends, vec![*value; 2]));
        }
        // The extremes and the chosen size stand out; the others lie between them, in order.
        let (chosen, last) = (settings.choice("batch_size"), SIZES.len() - 1);
        let between = (1..last).find(|&size| size != chosen);
        for (size, course) in self.first.iter().enumerate() {
            let Some(course) = course else { continue };
            let x: Vec<f64> = course.moments.iter().map(|moment| moment.step as f64).collect();
            let y = course.moments.iter().map(quantity.read).collect();
            let role = match size {
                0 => Role::Signal,
                size if size == last => Role::Noise,
                size if size == chosen => Role::Norm,
                _ => Role::Neutral,
            };
            let (stroke, label) = if role == Role::Neutral {
                let label = Text::new("the sizes between, in order", "介于其间的批量大小，依次排列");
                (Stroke::Thin, if between == Some(size) { label } else { Text::same("") })
            } else {
                let label = format!("B = {}", SIZES[size]);
                (Stroke::Solid, Text::owned(label.clone(), label))
            };
            marks.push(Mark::line(quantity.names[size], label, role, stroke, &x, y));
        }
        let x = Axis::new(Text::new("steps t", "步数 t"), AxisScale::LogFromZero, ends);
        let y = Axis::new(quantity.axis.clone(), AxisScale::Log, quantity.range);
        Panel::chart(quantity.title.clone(), x, y, marks)
    }

    /// What is seen of the latest moment against the batch size: the mean, and the spread over seeds if there are several.
    fn marks(&self, name: &'static str, label: Text, role: Role, read: &dyn Fn(&Course) -> f64) -> Vec<Mark> {
        let x = SIZES.map(|batch| batch as f64);
        let over_seeds = |statistic: fn(&[f64]) -> f64| -> Vec<f64> {
            let values = |size: usize| self.visible(size).into_iter().map(read).collect::<Vec<_>>();
            (0..SIZES.len()).map(|size| statistic(&values(size))).collect()
        };
        let mut marks = Vec::new();
        if self.done.iter().any(|courses| courses.len() > 1) {
            let (low, high) = (over_seeds(statistics::low), over_seeds(statistics::high));
            marks.push(Mark::spread(name, Text::same(""), role, &x, low, high));
        }
        marks.push(Mark::line(name, label, role, Stroke::Solid, &x, over_seeds(statistics::mean)));
        marks
    }

    fn end_panel(&self, settings: &Settings) -> Panel {
        let mut marks = vec![chosen(settings)];
        let label = Text::new("sharpness λₘₐₓ", "锐度 λₘₐₓ");
        marks.extend(self.marks("lambda_max", label, Role::Norm, &|course| course.latest(|moment| moment.lambda_max)));
        let label = Text::new("ε-sharpness, %", "ε 锐度，%");
        let rise = |course: &Course| course.eps_sharpness.unwrap_or(f64::NAN);
        marks.extend(self.marks("eps_sharpness", label, Role::Variance, &rise));
        let label = Text::new("training loss", "训练损失");
        marks.extend(self.marks("train_loss", label, Role::Train, &|course| course.latest(|moment| moment.train_loss)));
        let y = Axis::new(Text::new("value", "数值"), AxisScale::Log, [0.003, 100.0]);
        Panel::chart(Text::new("Sharpness and loss at the end", "最终的锐度与损失"), size_axis(), y, marks)
    }

    fn accuracy_panel(&self, settings: &Settings) -> Panel {
        let mut marks = vec![chosen(settings)];
        let label = Text::new("training labels", "训练标签");
        let read = |course: &Course| course.latest(|moment| moment.train_accuracy);
        marks.extend(self.marks("train_accuracy", label, Role::Train, &read));
        let label = Text::new("test digits", "测试数字");
        let read = |course: &Course| course.latest(|moment| moment.test_accuracy);
        marks.extend(self.marks("test_accuracy", label, Role::Test, &read));
        let y = Axis::new(Text::new("accuracy", "准确率"), AxisScale::Linear, [0.5, 1.01]);
        Panel::chart(Text::new("Accuracy at the end", "最终的准确率"), size_axis(), y, marks)
    }

    /// The ends in words, small batch against whole set.
    fn describe(&self, settings: &Settings, outputs: &[OutputValue]) -> Text {
        let mean = |size: usize, read: fn(&Moment) -> f64| {
            let values: Vec<f64> =
                self.done[size].iter().filter_map(|course| course.moments.last()).map(read).collect();
            statistics::mean(&values)
        };
        let whole = SIZES.len() - 1;
        let [small_sharpness, large_sharpness] = [0, whole].map(|size| mean(size, |moment| moment.lambda_max));
        let [small_accuracy, large_accuracy] = [0, whole].map(|size| mean(size, |moment| moment.test_accuracy));
        let [small_loss, large_loss] = [0, whole].map(|size| mean(size, |moment| moment.train_loss));
        let value = |name| OutputValue::written(outputs, name);
        let noise = plain(settings.real("label_noise"));
        let steps = settings.count("steps");
        if !(small_accuracy.is_finite() && large_accuracy.is_finite()) {
            return Text::owned(
                format!("Batches of six sizes are being trained for {steps} steps each, label noise {noise}."),
                format!("六种批量大小正在各训练 {steps} 步，标签噪声 {noise}。"),
            );
        }
        let write = crate::numerals::short;
        let is_flatter = small_sharpness < large_sharpness;
        let is_better = small_accuracy > large_accuracy;
        let (verdict, verdict_zh) = match (is_flatter, is_better) {
            (true, true) => ("Here the flatter minimum tests better.", "这里更平坦的极小值测试表现更好。"),
            (true, false) => (
                "Here the flatter minimum tests worse: flat is not better by itself.",
                "这里更平坦的极小值测试表现更差：平坦本身并不等于更好。",
            ),
            (false, true) => ("Here the sharper minimum tests better.", "这里更尖锐的极小值测试表现更好。"),
            (false, false) => ("Here the small batch ends sharper.", "这里小批量反而落在更尖锐处。"),
        };
        let batch = SIZES[settings.choice("batch_size")];
        let (sharpness, trace, accuracy) = (value("lambda_max"), value("trace"), value("test_accuracy"));
        Text::owned(
            format!(
                "After {steps} steps with label noise {noise}, batches of 4 end at a sharpness of {}, a training loss of {} and a test accuracy of {}; the whole set at {}, {} and {}. {verdict} With noisy labels a small batch tests better because it has not fitted the noise yet; with clean labels the link between flatness and test accuracy is reversed. For batches of {batch}: sharpness {sharpness}, trace {trace}, test accuracy {accuracy}.",
                write(small_sharpness),
                write(small_loss),
                write(small_accuracy),
                write(large_sharpness),
                write(large_loss),
                write(large_accuracy),
            ),
            format!(
                "标签噪声为 {noise}，训练 {steps} 步之后：批量为 4 时，锐度 {}、训练损失 {}、测试准确率 {}；用整个训练集时分别为 {}、{} 和 {}。{verdict_zh}标签有噪声时，小批量测试更好，是因为还没有拟合噪声；标签干净时，平坦与测试准确率的联系恰好反过来。批量为 {batch} 时：锐度 {sharpness}，迹 {trace}，测试准确率 {accuracy}。",
                write(small_sharpness),
                write(small_loss),
                write(small_accuracy),
                write(large_sharpness),
                write(large_loss),
                write(large_accuracy),
            ),
        )
    }
}

impl Course {
    fn is_over(&self) -> bool {
        self.eps_sharpness.is_some()
    }

    fn latest(&self, read: fn(&Moment) -> f64) -> f64 {
        self.moments.iter().rev().map(read).find(|value| value.is_finite()).unwrap_or(f64::NAN)
    }
}

fn chosen(settings: &Settings) -> Mark {
    let batch = SIZES[settings.choice("batch_size")];
    let label = format!("B = {batch}");
    Mark::Threshold { label: Text::owned(label.clone(), label), x: batch as f64 }
}

fn size_axis() -> Axis {
    Axis::new(Text::new("batch size B", "批量大小 B"), AxisScale::Log, SIZE_RANGE)
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::testing::{self, complete, probe, value};

    fn settings(pairs: &[(&str, &str)]) -> Settings {
        testing::settings(&LAB, pairs)
    }

    #[test]
    fn a_size_alone_ends_where_it_does_among_all() {
        let pairs = [("steps", "500"), ("batch_size", "16")];
        let data = Data::bundled();
        let (alone, together) = (probe(&LAB, settings(&pairs), &data), complete(&LAB, settings(&pairs), &data).report);
        assert_eq!(alone.outputs, together.outputs);
        let plan = Lab::plan(&LAB, &settings(&pairs));
        let records: Vec<Record> = [0, 1]
            .map(|index| {
                let mut work = Lab::begin(&LAB, &plan.tasks[index], &data);
                while !work.advance() {}
                work.record()
            })
            .to_vec();
        assert_eq!(records[0][2], records[1][0]);
    }

    #[test]
    fn small_batches_end_flatter_and_aware_minimization_flatter_still() {
        let data = Data::bundled();
        let run = |batch: &str, radius: &str| {
            let pairs = [("steps", "1000"), ("batch_size", batch), ("sam_radius", radius)];
            value(&probe(&LAB, settings(&pairs), &data), "lambda_max")
        };
        let (small, large, aware) = (run("4", "0"), run("64", "0"), run("64", "0.5"));
        assert!(small < 0.7 * large && aware < 0.7 * large, "{small} {large} {aware}");
    }

    #[test]
    fn all_sizes_advance_together() {
        let data = Data::bundled();
        let plan = Lab::plan(&LAB, &settings(&[("steps", "500")]));
        let mut work = Lab::begin(&LAB, &plan.tasks[0], &data);
        let mut frames = 0;
        while !work.advance() {
            frames += 1;
            let steps: Vec<usize> =
                work.record().iter().map(|course| course.moments.last().map_or(0, |moment| moment.step)).collect();
            let (least, most) = (steps.iter().min().unwrap(), steps.iter().max().unwrap());
            assert!(*most <= 10.max(least + least / 3), "{steps:?}");
        }
        assert!(frames > 20);
    }

    #[test]
    fn a_run_draws_every_size_and_says_that_clean_labels_reverse_the_link() {
        let report = complete(&LAB, settings(&[("steps", "500"), ("label_noise", "0")]), &Data::bundled()).report;
        let names: Vec<String> = report.figure.series().into_iter().map(|series| series.name).collect();
        for name in LAMBDA_NAMES.iter().chain(&TRACE_NAMES).chain(&["lambda_max", "eps_sharpness", "test_accuracy"]) {
            assert!(names.iter().any(|other| other == name), "{name}");
        }
        assert!(report.outputs.iter().all(|output| output.value.is_finite()));
        assert!(report.description.en.contains("reversed") && report.description.zh.contains("反过来"));
        assert!(report.description.en.contains("tests worse"), "{}", report.description.en);
    }
}
