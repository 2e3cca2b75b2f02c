//! Adam against gradient descent: both fit the training set, and one of them by its noise.
//!
//! The data of Zou, Cao, Li and Gu (2021, "Understanding the Generalization of Adam in Learning Neural Networks with Proper
//! Regularization", arXiv 2108.11371). A sample with the label `y = ±1` has two patches of `d = 1000` pixels: the feature
//! `y·v` with `v = e₁`, and noise `ξ` with `s = 20` random pixels `N(0, 1/s)` and `−α·y` at the feature's own pixel. The
//! network is `f = F₊ − F₋`, `F_j = Σ_r [σ(⟨w_jr, y·v⟩) + σ(⟨w_jr, ξ⟩)]` over `m` filters of either sign,
//! `σ(z) = max(z, 0)³`; its loss the mean of `log(1 + exp(−y·f))` and `λ‖W‖²/2`; its first weights `N(0, 0.01²)`. Both
//! optimizers see all samples at every step: gradient descent with step 0.2, Adam with 0.001, decays 0.9 and 0.99, and the
//! penalty's gradient as part of the loss's. Without weight decay training ends at a training loss of 0.01.
//!
//! Early in training every loss derivative is one half. Gradient descent then grows the greatest inner product with the
//! feature by `dx/dt = ¾η(1 − α³)x²`, `−α³` being what the other class takes away, and that with a sample's noise by
//! `dx/dt = 3η(1 + α²)x²/2n`: the feature, which all samples share, is far ahead. Adam moves every weight by about `η` a
//! step, whatever its gradient's size: by `η` along the feature, and by `η‖ξ‖₁ ≈ η√(2s/π)` along the noise; measured, up to half
//! as much again, since the root of its longer mean of squares lags behind gradients that grow. Once the noise is fitted,
//! the feature's own pixel in it turns the feature around, for either class by itself.
//!
//! A pixel on which no training sample has noise gets no gradient but that of the penalty, so that the work of a step goes
//! with `n·s` and not with `d`.

mod task;

use crate::{
    declarations,
    histories::{Histories, Snapshot, one_seed, seeds_done},
    numerals::{fixed, percent, plain, round_up, short},
    prelude::*,
    statistics::expected_maximum,
};
use task::{ADAM_RATE, DESCENT_RATE, INIT_SCALE, Optimizer, SPARSITY, TARGET_LOSS};
pub use task::{Moment, Record, Spec};

/// The lab.
pub static LAB: AdamVsGd = AdamVsGd;

/// See the module's description.
pub struct AdamVsGd;

const OPTIMIZERS: &[Choice] =
    &[Choice::new("gd", Text::new("gradient descent", "梯度下降")), Choice::new("adam", Text::same("Adam"))];

static SCHEMA: Schema = Schema {
    id: Cow::Borrowed("adam-vs-gd"),
    title: Text::new("Adam against gradient descent", "Adam 与梯度下降"),
    about: Text::new(
        "Gradient descent and Adam fit the same images, one by their feature, the other by their noise: on new images Adam is worse than a coin, until weight decay rescues it.",
        "梯度下降和 Adam 都拟合了同一批图像：前者靠特征，后者靠噪声。在新图像上 Adam 比掷硬币还差，直到权重衰减来救它。",
    ),
    parameters: Cow::Borrowed(&PARAMETERS),
    outputs: Cow::Borrowed(&OUTPUTS),
};

static PARAMETERS: [Parameter; 7] = [
    Parameter::choice(
        "optimizer",
        Text::new("Optimizer", "优化器"),
        Text::new(
            "What updates the weights, each time from all samples. Data and first weights are the same for both.",
            "用什么更新权重，每步都用全部样本。两者的数据和初始权重相同。",
        ),
        OPTIMIZERS,
        1,
    ),
    Parameter::real(
        "feature_noise",
        "α",
        Text::new("Feature noise", "特征噪声"),
        Text::new(
            "How much of the opposite class's feature hides in the noise patch. Near 0.1 Adam's seeds split: some end nearly right, some no better than a coin.",
            "噪声块里混入了多少对立类的特征。在 0.1 附近，Adam 的种子分化：有的几乎全对，有的不比掷硬币强。",
        ),
        [0.1, 0.5, 0.01],
        0.3,
    ),
    Parameter::real(
        "weight_decay",
        "λ",
        Text::new("Weight decay", "权重衰减"),
        Text::new(
            "The penalty λ‖W‖²/2. At this size 0.0001 rescues Adam, against the paper's claim for far larger d and tiny λ; at 0.000001 its seeds split. With any, training goes on to the last step.",
            "惩罚项 λ‖W‖²/2。在这样的规模下，0.0001 就能救回 Adam，与论文在大得多的 d、极小的 λ 下的结论相反；取 0.000001 时，各种子走向分化。λ 不为零时训练会走满全部步数。",
        ),
        [0.0, 0.001, 1e-6],
        0.0,
    ),
    declarations::samples(
        Text::new(
            "Training images, half of either class. Each has noise of its own on 20 of 1000 pixels.",
            "训练图像数，两类各半。每幅图像在 1000 个像素中的 20 个上有自己的噪声。",
        ),
        [10, 80, 2],
        40,
    ),
    declarations::filters(
        Text::new(
            "With few of them gradient descent can stall: a class whose first feature weights are all zero or below never starts on its feature, and fits its noise late or not at all.",
            "滤波器太少时，梯度下降可能停滞：某一类的初始特征权重若全都不大于零，就永远无法开始学习特征，只能很晚才靠噪声拟合，甚至拟合不了。",
        ),
        [2, 40, 1],
        20,
    ),
    declarations::max_steps([100, 6000, 100], 6000),
    Parameter::seeds(12, 50),
];

static OUTPUTS: [Output; 12] = [
    Output::new(
        "train_error",
        Text::new("Training error", "训练误差"),
        Text::new("The share of training samples misclassified at the end.", "训练结束时训练样本的错分比例。"),
        Aggregate::Mean,
    ),
    declarations::train_loss(Text::new(
        "Mean logistic loss on the training samples at the end, without the penalty.",
        "训练结束时训练样本上的平均逻辑损失，不含惩罚项。",
    )),
    Output::new(
        "test_error",
        Text::new("Test error", "测试误差"),
        Text::new(
            "The share of 2000 new samples misclassified at the end; a coin has 0.5.",
            "训练结束时 2000 个新样本的错分比例；掷硬币为 0.5。",
        ),
        Aggregate::Mean,
    ),
    declarations::test_loss(Text::new("Mean logistic loss on the same new samples.", "同样的新样本上的平均逻辑损失。")),
    Output::new(
        "feature",
        Text::new("Feature learned", "学到的特征"),
        Text::new(
            "The greatest inner product of a filter with the feature of its class, for the class that has learned less.",
            "某一类的滤波器与该类特征的内积之最大值，取两类中学得较少的一类。",
        ),
        Aggregate::Median,
    ),
    Output::new(
        "reversed_feature",
        Text::new("Feature learned in reverse", "反向学到的特征"),
        Text::new(
            "The greatest inner product of a filter with the other class's feature. The middle seed: with weight decay a few take long to let go of it.",
            "某一类的滤波器与另一类特征的内积之最大值。取居中的种子：有权重衰减时，少数种子很久才放下它。",
        ),
        Aggregate::Median,
    ),
    Output::new(
        "noise",
        Text::new("Noise memorized", "记住的噪声"),
        Text::new(
            "The greatest inner product of a filter of its class with a training sample's noise patch, averaged over samples.",
            "同类滤波器与某个训练样本噪声块的内积之最大值，对样本取平均。",
        ),
        Aggregate::Median,
    ),
    Output::new(
        "steps",
        Text::new("Steps", "步数"),
        Text::new("The steps of training.", "训练的步数。"),
        Aggregate::Mean,
    ),
    Output::new(
        "worse_than_coin_fraction",
        Text::new("Share of seeds worse than a coin", "比掷硬币还差的种子比例"),
        Text::new(
            "The share of seeds whose test error ends above one half. Between 0 and 1 the mean stands for no seed.",
            "最终测试误差高于二分之一的种子所占比例。介于 0 与 1 之间时，均值不代表任何一个种子。",
        ),
        Aggregate::Mean,
    ),
    Output::new(
        "theory_feature_growth",
        Text::new("Early growth of the feature, theory", "特征的早期增长（理论）"),
        Text::new(
            "What the first step adds to the greatest inner product with the feature.",
            "第一步给与特征的最大内积增加多少。",
        ),
        Aggregate::Exact,
    ),
    Output::new(
        "theory_noise_growth",
        Text::new("Early growth of the noise, theory", "噪声的早期增长（理论）"),
        Text::new(
            "What the first step adds to the greatest inner product with a sample's noise.",
            "第一步给与一个样本噪声的最大内积增加多少。",
        ),
        Aggregate::Exact,
    ),
    declarations::diverged(),
];

/// The error of a coin.
const COIN: f64 = 0.5;
/// Below this test error a seed has learned the feature.
const RIGHT: f64 = 0.05;
/// Seeds whose test errors lie farther apart than this are of different kinds.
const SPLIT: f64 = 0.3;
/// Below this inner product gradient descent has not learned the feature of a class.
const LEARNED: f64 = 0.5;
/// Least value on the axis of the loss.
const LOSS_FLOOR: f64 = 1e-6;

fn spec(settings: &Settings, seed: u64) -> Spec {
    let mut spec = Spec {
        optimizer: [Optimizer::GradientDescent, Optimizer::Adam][settings.choice("optimizer")],
        feature_noise: settings.real("feature_noise"),
        weight_decay: settings.real("weight_decay"),
        samples: settings.count("samples"),
        filters: settings.count("filters"),
        max_steps: settings.count("max_steps"),
        longest_gap: 0,
        seed,
    };
    spec.longest_gap = (step_axis(&spec).range[1] / 60.0) as usize;
    spec
}

impl Lab for AdamVsGd {
    type Spec = Spec;
    type Record = Record;

    const SCHEMA: &'static Schema = &SCHEMA;

    fn plan(&self, settings: &Settings) -> Plan<Spec> {
        Plan::of_seeds(settings, |seed| spec(settings, seed))
    }

    fn cost(&self, spec: &Spec) -> f64 {
        spec.cost()
    }

    fn begin<'a>(&self, spec: &Spec, _data: &'a Data) -> Box<dyn Work<Record> + 'a> {
        Box::new(task::Training::new(spec))
    }

    fn report(&self, settings: &Settings, records: &[Entry<Record>]) -> Report {
        let spec = spec(settings, settings.seed);
        let done: Vec<&[Moment]> = records.iter().filter_map(Entry::done).map(|record| &*record.moments).collect();
        let ends: Vec<&Moment> = done.iter().filter_map(|moments| moments.last()).collect();
        let first = records.first().and_then(Entry::latest).map(|record| &*record.moments);
        let shown = Shown { histories: Histories::new(&done), ends, first };
        let outputs = outputs(&spec, &shown.ends);
        let description = describe(&spec, settings, &shown, &outputs);
        let panels = vec![patterns_panel(&spec, &shown), error_panel(&spec, &shown), loss_panel(&spec, &shown)];
        Report { figure: Figure { panels }, outputs, description }
    }
}

/// The growth of an inner product while all loss derivatives are one half.
enum EarlyGrowth {
    /// `dx/dt = rate·x²`.
    Quadratic { start: f64, rate: f64 },
    /// `dx/dt = rate`.
    Steady { start: f64, rate: f64 },
}

impl EarlyGrowth {
    fn new(spec: &Spec, start: f64, descent_rate: f64, steady_length: f64) -> Self {
        let start = start * INIT_SCALE * expected_maximum(spec.filters);
        match spec.optimizer {
            Optimizer::GradientDescent => Self::Quadratic { start, rate: DESCENT_RATE * descent_rate },
            Optimizer::Adam => Self::Steady { start, rate: ADAM_RATE * steady_length },
        }
    }

    fn of_feature(spec: &Spec) -> Self {
        let noise = spec.feature_noise;
        Self::new(spec, 1.0, 0.75 * (1.0 - noise * noise * noise), 1.0)
    }

    fn of_noise(spec: &Spec) -> Self {
        let squared_length = 1.0 + spec.feature_noise * spec.feature_noise;
        let mean_length = (2.0 * SPARSITY as f64 / std::f64::consts::PI).sqrt();
        Self::new(spec, squared_length.sqrt(), 1.5 * squared_length / spec.samples as f64, mean_length)
    }

    /// What the first step adds.
    fn first(&self) -> f64 {
        match self {
            Self::Quadratic { start, rate } => rate * start * start,
            Self::Steady { rate, .. } => *rate,
        }
    }

    /// The step at which the inner product would be `value`.
    fn reaches(&self, value: f64) -> f64 {
        match self {
            Self::Quadratic { start, rate } => (1.0 / start - 1.0 / value) / rate,
            Self::Steady { start, rate } => (value - start) / rate,
        }
    }

    /// The inner product after so many steps; infinite from the blow-up on.
    fn at(&self, step: f64) -> f64 {
        match self {
            Self::Quadratic { start, rate } if rate * start * step < 1.0 => start / (1.0 - rate * start * step),
            Self::Quadratic { .. } => f64::INFINITY,
            Self::Steady { start, rate } => start + rate * step,
        }
    }

    /// The course from the start to an inner product of `end` or to the last step: steps and values.
    fn course(&self, end: f64, last: f64) -> (Vec<f64>, Vec<f64>) {
        const POINTS: usize = 120;
        let start = self.at(0.0);
        // By ratio of values: closer and closer toward a blow-up.
        let ratio = libm::log(end.min(self.at(last)) / start) / (POINTS - 1) as f64;
        let points = (0..POINTS).map(|index| start * libm::exp(ratio * index as f64));
        points.map(|value| (self.reaches(value), value)).unzip()
    }
}

/// The inner product that fits the training set: `F = log(1/0.01)`, made by one filter of a class under gradient descent,
/// which the strongest wins, and by half of them under Adam, which moves all that are active.
fn fitting_product(spec: &Spec) -> f64 {
    let share = match spec.optimizer {
        Optimizer::GradientDescent => 1.0,
        Optimizer::Adam => (0.5 * spec.filters as f64).max(1.0),
    };
    libm::cbrt(-libm::log(TARGET_LOSS) / share)
}

/// The axis of training: with weight decay all steps; without, what theory expects until the training set is fitted and
/// more.
fn step_axis(spec: &Spec) -> Axis {
    let label = Text::new("steps t", "步数 t");
    let all = spec.max_steps as f64;
    if spec.weight_decay > 0.0 {
        return Axis::new(label, AxisScale::LogFromZero, [0.0, all]);
    }
    let end = match spec.optimizer {
        Optimizer::GradientDescent => 3.0 * EarlyGrowth::of_feature(spec).reaches(f64::INFINITY),
        Optimizer::Adam => 1.3 * EarlyGrowth::of_noise(spec).reaches(fitting_product(spec)),
    };
    Axis::new(label, AxisScale::Linear, [0.0, round_up(end).min(all)])
}

fn outputs(spec: &Spec, ends: &[&Moment]) -> Vec<OutputValue> {
    let mean = |name, read| OutputValue::mean_of(name, ends, read);
    let median = |name, read| OutputValue::median_of(name, ends, read);
    vec![
        mean("train_error", |end| end.train_error),
        mean("train_loss", |end| end.train_loss),
        mean("test_error", |end| end.test_error),
        mean("test_loss", |end| end.test_loss),
        median("feature", |end| end.feature),
        median("reversed_feature", |end| end.reversed_feature),
        median("noise", |end| end.noise),
        mean("steps", |end| end.step as f64),
        mean("worse_than_coin_fraction", |end| f64::from(u8::from(end.test_error > COIN))),
        OutputValue::exact("theory_feature_growth", EarlyGrowth::of_feature(spec).first()),
        OutputValue::exact("theory_noise_growth", EarlyGrowth::of_noise(spec).first()),
        OutputValue::diverged(ends, Moment::diverged),
    ]
}

/// What is drawn and told.
struct Shown<'a> {
    /// The finished seeds.
    histories: Histories<'a, Moment>,
    ends: Vec<&'a Moment>,
    /// The first seed, finished or not.
    first: Option<&'a [Moment]>,
}

/// A quantity of a moment, and how it is drawn.
struct Quantity {
    name: &'static str,
    first_name: &'static str,
    label: Text,
    role: Role,
    stroke: Stroke,
    /// The statistic over seeds that stands for them, as in the outputs.
    middle: fn(&[f64]) -> f64,
    read: fn(&Moment) -> f64,
}

impl Shown<'_> {
    /// The middle of the seeds with the spread around it, and the first seed live.
    fn marks(&self, quantity: Quantity) -> impl Iterator<Item = Mark> {
        let Quantity { name, first_name, label, role, stroke, middle, read } = quantity;
        let spread = self.histories.spread(name, Text::same(""), role, read);
        let first = self.first.map(|moments| one_seed(first_name, role, moments, read));
        let middle = self.histories.over_seeds(middle, read);
        let middle = Mark::line(name, label, role, stroke, &self.histories.steps, middle);
        spread.into_iter().chain(first).chain([middle])
    }

    /// The mean over seeds of a quantity of the training samples and of the test samples.
    fn train_and_test(
        &self,
        names: [(&'static str, &'static str); 2],
        labels: [Text; 2],
        reads: [fn(&Moment) -> f64; 2],
    ) -> impl Iterator<Item = Mark> {
        let quantities = names.into_iter().zip(labels).zip(reads).zip([Role::Train, Role::Test]);
        quantities.flat_map(|((((name, first_name), label), read), role)| {
            let (stroke, middle) = (Stroke::Solid, statistics::mean as fn(&[f64]) -> f64);
            self.marks(Quantity { name, first_name, label, role, stroke, middle, read })
        })
    }
}

fn patterns_panel(spec: &Spec, shown: &Shown) -> Panel {
    let quantities = [
        Quantity {
            name: "noise",
            first_name: "noise_first_seed",
            label: Text::new("noise memorized", "记住的噪声"),
            role: Role::Noise,
            stroke: Stroke::Solid,
            middle: statistics::median,
            read: |moment| moment.noise,
        },
        Quantity {
            name: "reversed_feature",
            first_name: "reversed_feature_first_seed",
            label: Text::new("feature in reverse", "反向的特征"),
            role: Role::Signal,
            stroke: Stroke::Dotted,
            middle: statistics::median,
            read: |moment| moment.reversed_feature,
        },
        Quantity {
            name: "feature",
            first_name: "feature_first_seed",
            label: Text::new("feature learned", "学到的特征"),
            role: Role::Signal,
            stroke: Stroke::Solid,
            middle: statistics::median,
            read: |moment| moment.feature,
        },
    ];
    let mut marks: Vec<Mark> = quantities.into_iter().flat_map(|quantity| shown.marks(quantity)).collect();
    let x = step_axis(spec);
    let theories = [
        ("theory_noise", Role::Noise, EarlyGrowth::of_noise(spec)),
        ("theory_feature", Role::Signal, EarlyGrowth::of_feature(spec)),
    ];
    for (name, role, growth) in theories {
        let (steps, values) = growth.course(fitting_product(spec), x.range[1]);
        marks.push(Mark::line(name, Text::same(""), role, Stroke::Dashed, &steps, values));
    }
    // A key for both dashed lines.
    let label = Text::new("early growth, theory", "早期增长（理论）");
    marks.push(Mark::line("", label, Role::Theory, Stroke::Dashed, &[], vec![]));
    // With weight decay training goes on for long, and every filter of a class may end on the wrong side.
    let range = if spec.weight_decay > 0.0 { [-0.5, 4.0] } else { [0.0, round_up(1.3 * fitting_product(spec))] };
    let y = Axis::new(Text::new("greatest inner product", "内积的最大值"), AxisScale::Linear, range);
    Panel::chart(Text::new("What the filters learn", "滤波器学到了什么"), x, y, marks)
}

fn level(spec: &Spec, label: Text, value: f64) -> Mark {
    Mark::line("", label, Role::Neutral, Stroke::Dotted, &[0.0, spec.max_steps as f64], vec![value; 2])
}

fn error_panel(spec: &Spec, shown: &Shown) -> Panel {
    let mut marks = vec![level(spec, Text::new("a coin", "掷硬币"), COIN)];
    let names = [("train_error", "train_error_first_seed"), ("test_error", "test_error_first_seed")];
    let labels = [Text::new("training error", "训练误差"), Text::new("test error", "测试误差")];
    marks.extend(shown.train_and_test(names, labels, [|moment| moment.train_error, |moment| moment.test_error]));
    marks.push(Mark::Points {
        name: Cow::Borrowed("test_error_at_end"),
        label: Text::new("where each seed ends", "各种子的终点"),
        role: Role::Test,
        x: shown.ends.iter().map(|end| end.step as f64).collect(),
        y: shown.ends.iter().map(|end| end.test_error).collect(),
    });
    let y = Axis::new(Text::new("share misclassified", "错分比例"), AxisScale::Linear, [-0.02, 1.02]);
    Panel::chart(Text::new("Error", "误差"), step_axis(spec), y, marks)
}

fn loss_panel(spec: &Spec, shown: &Shown) -> Panel {
    let mut marks = vec![level(spec, Text::new("a coin, ln 2", "掷硬币，ln 2"), std::f64::consts::LN_2)];
    let names = [("train_loss", "train_loss_first_seed"), ("test_loss", "test_loss_first_seed")];
    let labels = [Text::new("training loss", "训练损失"), Text::new("test loss", "测试损失")];
    marks.extend(shown.train_and_test(names, labels, [|moment| moment.train_loss, |moment| moment.test_loss]));
    let floor = if spec.weight_decay > 0.0 { LOSS_FLOOR } else { 0.5 * TARGET_LOSS };
    let y = Axis::new(Text::new("logistic loss", "逻辑损失"), AxisScale::Log, [floor, 10.0]);
    Panel::chart(Text::new("Loss", "损失"), step_axis(spec), y, marks)
}

/// Which optimizer, and with which weight decay.
fn method(spec: &Spec) -> Text {
    let (en, zh) = match spec.optimizer {
        Optimizer::GradientDescent => ("gradient descent", "梯度下降"),
        Optimizer::Adam => ("Adam", "Adam"),
    };
    if spec.weight_decay > 0.0 {
        let decay = plain(spec.weight_decay);
        return Text::owned(format!("{en} with weight decay {decay}"), format!("{zh}，权重衰减 {decay}"));
    }
    Text::owned(format!("{en} without weight decay"), format!("{zh}，无权重衰减"))
}

/// What became of the seeds.
fn verdict(spec: &Spec, ends: &[&Moment]) -> Text {
    let done = ends.len();
    let count = |is_so: fn(&Moment) -> bool| ends.iter().filter(|end| is_so(end)).count();
    let errors: Vec<f64> = ends.iter().map(|end| end.test_error).collect();
    let (least, greatest) = (statistics::quantile(&errors, 0.0), statistics::quantile(&errors, 1.0));
    let stalled = count(|end| end.feature < LEARNED);
    if spec.optimizer == Optimizer::GradientDescent && stalled > 0 {
        return Text::owned(
            format!(
                "In {stalled} of {done} seeds a class never gets to its feature: what it fits, it fits by its noise, and late."
            ),
            format!("{done} 个种子中有 {stalled} 个，其中一类始终没有学到特征：它能拟合的，都是很晚才靠噪声拟合的。"),
        );
    }
    if greatest - least > SPLIT {
        let (least, greatest) = (percent(least, 0), percent(greatest, 0));
        return Text::owned(
            format!(
                "The seeds split: their test errors go from {least} to {greatest}, as either class may end on the right side of its feature or on the wrong one. The mean stands for no seed."
            ),
            format!(
                "种子之间分化明显：测试误差从 {least} 到 {greatest} 不等，因为每一类都可能学对特征，也可能学反。均值不代表任何一个种子。"
            ),
        );
    }
    if least > COIN {
        return Text::new(
            "Every seed has fitted the noise, turned the feature around, and does worse than a coin on new samples.",
            "每个种子都拟合了噪声，把特征学反了，在新样本上比掷硬币还差。",
        );
    }
    if greatest < RIGHT && spec.optimizer == Optimizer::Adam && spec.weight_decay > 0.0 {
        return Text::new(
            "Every seed has learned the feature: at this size weight decay rescues Adam, which the theory for far larger dimensions denies.",
            "每个种子都学到了特征：在这样的规模下，权重衰减救回了 Adam，而针对大得多的维数的理论否认这一点。",
        );
    }
    if greatest < RIGHT {
        return Text::new("Every seed has learned the feature.", "每个种子都学到了特征。");
    }
    Text::same("")
}

/// Training in words.
fn describe(spec: &Spec, settings: &Settings, shown: &Shown, outputs: &[OutputValue]) -> Text {
    let (n, noise, method) = (spec.samples, plain(spec.feature_noise), method(spec));
    let setting = Text::owned(
        format!("{n} samples with feature noise α = {noise}, {}.", method.en),
        format!("{n} 个样本，特征噪声 α = {noise}，{}。", method.zh),
    );
    let Some(done) = Some(shown.ends.len()).filter(|&done| done > 0) else {
        let Some(now) = shown.first.and_then(<[Moment]>::last) else {
            return Text::paragraph(&[setting, declarations::NOTHING_YET]);
        };
        let (step, feature, reversed, noise) =
            (now.step, short(now.feature), short(now.reversed_feature), short(now.noise));
        let (train, test) = (percent(now.train_error, 0), percent(now.test_error, 0));
        let sentence = Text::owned(
            format!(
                "After {step} steps the first seed misclassifies {train} of the training samples and {test} of new ones; its greatest inner product with the feature is {feature}, with the reversed feature {reversed}, with the noise {noise}."
            ),
            format!(
                "{step} 步之后，第一个种子在训练样本上错分 {train}，在新样本上错分 {test}；与特征的最大内积为 {feature}，与反向特征为 {reversed}，与噪声为 {noise}。"
            ),
        );
        return Text::paragraph(&[setting, sentence]);
    };
    let count = seeds_done(done, settings.seeds());
    let number = |name| OutputValue::find(outputs, name);
    let value = |name| OutputValue::written(outputs, name);
    let steps = fixed(number("steps"), 0);
    let (train, test) = (percent(number("train_error"), 0), percent(number("test_error"), 0));
    let (loss, feature) = (value("train_loss"), value("feature"));
    let (reversed, noise) = (value("reversed_feature"), value("noise"));
    let sentence = Text::owned(
        format!(
            "In {steps} steps (mean over seeds) the training loss falls to {loss}; {train} of the training samples and {test} of new ones end misclassified. The greatest inner product with the feature ends at {feature}, with the reversed feature at {reversed}, with the noise at {noise}."
        ),
        format!(
            "经过 {steps} 步（对种子取均值），训练损失降到 {loss}；最终训练样本错分 {train}，新样本错分 {test}。与特征的最大内积最终为 {feature}，与反向特征为 {reversed}，与噪声为 {noise}。"
        ),
    );
    Text::paragraph(&[setting, count, sentence, verdict(spec, &shown.ends)])
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::testing::{self, complete, probe, series, value};

    fn settings(pairs: &[(&str, &str)]) -> Settings {
        testing::settings(&LAB, pairs)
    }

    #[test]
    fn both_fit_and_adam_alone_is_worse_than_a_coin() {
        let of = |optimizer| probe(&LAB, settings(&[("optimizer", optimizer), ("seeds", "4")]), &Data::none());
        let (descent, adam) = (of("gd"), of("adam"));
        for report in [&descent, &adam] {
            assert!(value(report, "train_error") == 0.0 && value(report, "train_loss") <= TARGET_LOSS);
        }
        assert!(value(&descent, "test_error") < 0.01 && value(&descent, "feature") > 1.5);
        assert!(value(&descent, "noise") < 0.03);
        assert!(value(&adam, "test_error") > 0.7 && value(&adam, "reversed_feature") > 0.15);
        assert!(value(&adam, "noise") > 0.7 && value(&adam, "worse_than_coin_fraction") == 1.0);
    }

    #[test]
    fn weight_decay_rescues_adam_and_the_words_say_so() {
        let pairs = [("weight_decay", "0.0001"), ("max_steps", "2000"), ("seeds", "2")];
        let report = complete(&LAB, settings(&pairs), &Data::none()).report;
        assert!(value(&report, "test_error") < 0.01 && value(&report, "steps") == 2000.0);
        assert!(report.description.en.contains("rescues Adam"), "{}", report.description.en);
        assert!(report.description.zh.contains("救回了 Adam"), "{}", report.description.zh);
    }

    #[test]
    fn little_feature_noise_splits_the_seeds_and_the_words_say_so() {
        let pairs = [("feature_noise", "0.1"), ("seeds", "8")];
        let report = complete(&LAB, settings(&pairs), &Data::none()).report;
        let share = value(&report, "worse_than_coin_fraction");
        assert!(share > 0.0 && share < 1.0, "{share}");
        assert!(report.description.en.contains("The seeds split"), "{}", report.description.en);
        assert!(report.description.zh.contains("分化明显"), "{}", report.description.zh);
    }

    #[test]
    fn a_class_without_a_filter_to_start_with_never_learns_its_feature_by_gradient_descent_and_the_words_say_so() {
        let stalls = (0..60).find(|seed| {
            let seed = seed.to_string();
            let few = [("optimizer", "gd"), ("filters", "2"), ("max_steps", "3000"), ("seeds", "1"), ("seed", &seed)];
            let settings = settings(&few);
            let learned = task::Training::new(&spec(&settings, settings.seed)).learned();
            let stalls = learned.iter().any(|class| class.iter().all(|&weight| weight <= 0.0));
            if stalls {
                let report = complete(&LAB, settings, &Data::none()).report;
                assert!(value(&report, "feature") < 0.05 && value(&report, "test_error") > 0.2, "{seed}");
                assert!(value(&report, "steps") > 1000.0, "{seed}");
                assert!(report.description.en.contains("never gets to its feature"), "{}", report.description.en);
                assert!(report.description.zh.contains("始终没有学到特征"), "{}", report.description.zh);
            }
            stalls
        });
        assert!(stalls.is_some());
    }

    #[test]
    fn theory_follows_adam_to_a_half_more_and_the_feature_under_gradient_descent() {
        for (optimizer, quantity, end, above) in
            [("adam", "noise", 100.0, 1.5), ("adam", "feature", 100.0, 1.5), ("gd", "feature", 250.0, 1.1)]
        {
            let settings = settings(&[("optimizer", optimizer), ("seeds", "6")]);
            let growth = if quantity == "noise" { EarlyGrowth::of_noise } else { EarlyGrowth::of_feature };
            let growth = growth(&spec(&settings, 0));
            let report = complete(&LAB, settings, &Data::none()).report;
            let measured = series(&report, quantity);
            // The class that has learned less begins a little lower than a class does on average.
            let start = measured.y[0];
            let own = match growth {
                EarlyGrowth::Quadratic { rate, .. } => EarlyGrowth::Quadratic { start, rate },
                EarlyGrowth::Steady { rate, .. } => EarlyGrowth::Steady { start, rate },
            };
            for (&step, &value) in measured.x.iter().zip(&measured.y).filter(|(step, _)| **step <= end) {
                let ratio = value / own.at(step);
                assert!((0.85..above).contains(&ratio), "{optimizer} {quantity}: {ratio} at {step}");
            }
            let theory = series(&report, &format!("theory_{quantity}"));
            assert!(theory.x.is_sorted() && theory.x[0] == 0.0 && theory.x.len() > 100);
            for (&step, &value) in theory.x.iter().zip(&theory.y) {
                assert!((growth.at(step) / value - 1.0).abs() < 1e-9);
            }
        }
    }

    #[test]
    fn outputs_are_known_after_any_number_of_steps() {
        for optimizer in ["gd", "adam"] {
            let pairs = [("optimizer", optimizer), ("max_steps", "100"), ("seeds", "2")];
            let report = complete(&LAB, settings(&pairs), &Data::none()).report;
            assert!(report.outputs.iter().all(|output| output.value.is_finite()), "{:?}", report.outputs);
        }
    }
}
