//! Signal against noise: a two-layer convolutional network that fits its training set either way.
//!
//! The model and its exact simulation are those of [`crate::patch_cnn`]. Early in training the filters' inner products with
//! the signal and with each sample's noise grow by `dx/dt ∝ x^(q−1)`, each blowing up at a time of its own; whichever
//! comes first fits the training set and stops the other. The ratio of both times is `n·SNR^q/2`.

use crate::{
    declarations,
    histories::{Histories, Snapshot, one_seed, seeds_done},
    numerals::{fixed, plain, round_up, short},
    patch_cnn::{BENIGN_TEST_LOSS, EarlyGrowth, Moment, Record, Spec, Training, first_blow_up},
    prelude::*,
};

/// The lab.
pub static LAB: SignalNoiseCnn = SignalNoiseCnn;

/// See the module's description.
pub struct SignalNoiseCnn;

/// The powers `q` by the index of their choice.
const POWERS: [u32; 3] = [1, 3, 4];
const POWER_CHOICES: &[Choice] = &[
    Choice::new("1", Text::new("1 (ReLU)", "1（ReLU）")),
    Choice::new("3", Text::same("3")),
    Choice::new("4", Text::same("4")),
];

static SCHEMA: Schema = Schema {
    id: Cow::Borrowed("signal-noise-cnn"),
    title: Text::new("Signal learning against noise memorization", "信号学习与噪声记忆"),
    about: Text::new(
        "A convolutional network fits the same training set by learning its signal or by memorizing its noise: equal training loss, opposite test loss.",
        "同一个卷积网络拟合训练集有两条路：学到信号，或记住噪声。训练损失相同，测试损失相反。",
    ),
    parameters: Cow::Borrowed(&PARAMETERS),
    outputs: Cow::Borrowed(&OUTPUTS),
};

static PARAMETERS: [Parameter; 11] = [
    Parameter::choice(
        "activation_power",
        Text::new("Activation power q", "激活函数的幂次 q"),
        Text::new(
            "The activation is max(z, 0)^q. For ReLU the papers take small first weights and large steps: try 0.001 and 8 with d = 2000 and 2500 steps.",
            "激活函数为 max(z, 0)^q。ReLU 的情形宜取很小的初始权重和较大的步长：可试 0.001 与 8，并取 d = 2000、2500 步。",
        ),
        POWER_CHOICES,
        1,
    ),
    declarations::samples(
        Text::new(
            "Training samples, half of either class. Each has noise of its own; the signal is the same in all of them.",
            "训练样本数，两类各半。每个样本的噪声各不相同，信号则人人一样。",
        ),
        [10, 80, 2],
        20,
    )
    .scaled(Scale::Logarithmic),
    Parameter::real(
        "snr",
        "SNR",
        Text::new("Signal-to-noise ratio", "信噪比"),
        Text::new(
            "‖μ‖/(σ√d), the length of the signal patch over that of a noise patch. Go from 0.8 to 0.3 with 20 samples.",
            "‖μ‖/(σ√d)，即信号块与噪声块的长度之比。取 20 个样本，把它从 0.8 调到 0.3。",
        ),
        [0.03, 1.2, 0.001],
        0.8,
    )
    .scaled(Scale::Logarithmic),
    declarations::filters(
        Text::new(
            "With more of them the luckiest first weights are larger, and seeds differ less.",
            "滤波器越多，最幸运的初始权重越大，不同种子之间的差别越小。",
        ),
        [2, 20, 1],
        10,
    ),
    Parameter::integer(
        "dimension",
        "d",
        Text::new("Dimension", "维数"),
        Text::new(
            "Pixels of a patch. The larger it is, the nearer to orthogonal are the noises of two samples.",
            "每个图像块的像素数。维数越大，两个样本的噪声越接近正交。",
        ),
        [200, 4000, 100],
        1000,
    )
    .scaled(Scale::Logarithmic),
    Parameter::real(
        "init_scale",
        "σ₀",
        Text::new("Initialization scale", "初始化尺度"),
        Text::new(
            "The standard deviation of the first weights. Where it is not small, signal and noise are both learned.",
            "初始权重的标准差。若不够小，信号和噪声会同时被学到。",
        ),
        [0.0005, 0.2, 0.0005],
        0.01,
    )
    .scaled(Scale::Logarithmic),
    declarations::learning_rate(
        Text::new(
            "The step of full-batch gradient descent. It scales time and leaves the winner alone.",
            "全批量梯度下降的步长。它只改变时间的快慢，不改变谁胜出。",
        ),
        [0.1, 20.0, 0.1],
        2.0,
    )
    .scaled(Scale::Logarithmic),
    Parameter::real(
        "label_flip",
        "",
        Text::new("Flipped labels", "标签翻转比例"),
        Text::new(
            "The share of training labels that are flipped. Signal cannot fit them; noise has to.",
            "被翻转的训练标签所占的比例。它们无法靠信号拟合，只能靠噪声。",
        ),
        [0.0, 0.2, 0.05],
        0.0,
    ),
    Parameter::real(
        "target_loss",
        "",
        Text::new("Target training loss", "目标训练损失"),
        Text::new("Training stops when its loss is as low as this.", "训练损失降到此值时停止训练。"),
        [0.001, 0.3, 0.001],
        0.01,
    )
    .scaled(Scale::Logarithmic),
    declarations::max_steps([100, 50_000, 100], 20_000).scaled(Scale::Logarithmic),
    Parameter::seeds(12, 50),
];

static OUTPUTS: [Output; 13] = [
    Output::new(
        "test_loss",
        Text::new("Test loss", "测试损失"),
        Text::new(
            "Mean logistic loss on fresh samples with true labels at the end, for the middle seed; a coin has 0.693.",
            "训练结束时，在带真实标签的新样本上的平均逻辑损失，取居中的种子；掷硬币为 0.693。",
        ),
        Aggregate::Median,
    ),
    Output::new(
        "test_error",
        Text::new("Test error", "测试误差"),
        Text::new(
            "The share of fresh samples misclassified at the end, for the middle seed.",
            "训练结束时新样本的错分比例，取居中的种子。",
        ),
        Aggregate::Median,
    ),
    declarations::train_loss(Text::new(
        "Mean logistic loss on the training samples at the end.",
        "训练结束时训练样本上的平均逻辑损失。",
    )),
    Output::new(
        "signal",
        Text::new("Signal learned", "学到的信号"),
        Text::new(
            "The greatest inner product of a filter with the signal of its class, for the class that has learned less.",
            "某一类的滤波器与该类信号的内积之最大值，取两类中学得较少的一类。",
        ),
        Aggregate::Median,
    ),
    Output::new(
        "noise",
        Text::new("Noise memorized", "记住的噪声"),
        Text::new(
            "The greatest inner product of a filter with a training sample's noise, averaged over the samples.",
            "滤波器与某个训练样本噪声的内积之最大值，对样本取平均。",
        ),
        Aggregate::Median,
    ),
    Output::new(
        "log10_steps",
        Text::new("Steps (log₁₀)", "步数（log₁₀）"),
        Text::new("The decimal logarithm of the steps of training.", "训练步数的常用对数。"),
        Aggregate::Median,
    ),
    Output::new(
        "benign_fraction",
        Text::new("Benign share", "良性比例"),
        Text::new(
            "The share of seeds whose test loss ends below 0.35, half of a coin's.",
            "最终测试损失低于 0.35（掷硬币的一半）的种子所占比例。",
        ),
        Aggregate::Mean,
    ),
    Output::new(
        "mean_test_loss",
        Text::new("Mean test loss", "测试损失均值"),
        Text::new(
            "The mean over the seeds. A few seeds that learn one class and memorize the other pull it up.",
            "对各随机种子取的均值。少数种子只学会一类、另一类靠记忆，会把它拉高。",
        ),
        Aggregate::Mean,
    ),
    Output::new(
        "condition",
        Text::new("Samples times a power of SNR", "样本数乘信噪比之幂"),
        Text::new(
            "The product of n and the power q of SNR; the line between benign and harmful is near 2. For ReLU: n·SNR⁴·d, whose line is not sharp.",
            "n 与 SNR 的 q 次方之积，良性与恶性的分界在 2 附近。ReLU 时为 n·SNR⁴·d，其分界并不锐利。",
        ),
        Aggregate::Exact,
    ),
    Output::new(
        "boundary_snr",
        Text::new("SNR on the line", "分界处的信噪比"),
        Text::new(
            "The signal-to-noise ratio at which that product is 2; unknown for ReLU.",
            "使这个乘积等于 2 的信噪比；ReLU 时未知。",
        ),
        Aggregate::Exact,
    ),
    Output::new(
        "theory_signal_steps",
        Text::new("Steps to learn the signal, theory", "学到信号的步数（理论）"),
        Text::new(
            "When the early growth of the signal would blow up; for ReLU, when it would reach one.",
            "信号的早期增长趋于无穷的时刻；ReLU 时为增长到 1 的时刻。",
        ),
        Aggregate::Exact,
    ),
    Output::new(
        "theory_noise_steps",
        Text::new("Steps to memorize the noise, theory", "记住噪声的步数（理论）"),
        Text::new(
            "When the early growth of the noise would blow up; for ReLU, when it would reach one.",
            "噪声的早期增长趋于无穷的时刻；ReLU 时为增长到 1 的时刻。",
        ),
        Aggregate::Exact,
    ),
    declarations::diverged(),
];

/// The inner product up to which the early growth is drawn: beyond it the loss derivatives are no longer one half.
const EARLY_END: f64 = 1.0;

fn spec(settings: &Settings, seed: u64) -> Spec {
    Spec {
        activation_power: POWERS[settings.choice("activation_power")],
        samples: settings.count("samples"),
        snr: settings.real("snr"),
        filters: settings.count("filters"),
        dimension: settings.count("dimension"),
        init_scale: settings.real("init_scale"),
        learning_rate: settings.real("learning_rate"),
        label_flip: settings.real("label_flip"),
        target_loss: settings.real("target_loss"),
        max_steps: settings.count("max_steps"),
        history: true,
        seed,
    }
}

impl Lab for SignalNoiseCnn {
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
        Box::new(Training::new(spec))
    }

    fn report(&self, settings: &Settings, records: &[Entry<Record>]) -> Report {
        let spec = spec(settings, settings.seed);
        let done: Vec<&Record> = records.iter().filter_map(Entry::done).collect();
        let ends: Vec<&Moment> = done.iter().filter_map(|record| record.last()).collect();
        let outputs = outputs(&spec, &ends);
        let histories = Histories::new(&done.iter().map(|record| &*record.moments).collect::<Vec<_>>());
        let first = records.first().and_then(Entry::latest);
        let panels = vec![patterns_panel(&spec, &histories, first), loss_panel(&spec, &histories, &ends, first)];
        let description = describe(&spec, settings, &histories, first, &ends, &outputs);
        Report { figure: Figure { panels }, outputs, description }
    }
}

fn outputs(spec: &Spec, ends: &[&Moment]) -> Vec<OutputValue> {
    let mean = |name, read| OutputValue::mean_of(name, ends, read);
    let median = |name, read| OutputValue::median_of(name, ends, read);
    let (n, d) = (spec.samples as f64, spec.dimension as f64);
    let q = f64::from(spec.activation_power);
    let (condition, boundary) = if spec.activation_power == 1 {
        (n * libm::pow(spec.snr, 4.0) * d, f64::NAN)
    } else {
        (n * libm::pow(spec.snr, q), libm::pow(2.0 / n, 1.0 / q))
    };
    vec![
        median("test_loss", |end| end.test_loss),
        median("test_error", |end| end.test_error),
        mean("train_loss", |end| end.train_loss),
        median("signal", |end| end.signal),
        median("noise", |end| end.noise),
        median("log10_steps", |end| libm::log10(end.step.max(1) as f64)),
        mean("benign_fraction", |end| f64::from(u8::from(end.test_loss < BENIGN_TEST_LOSS))),
        mean("mean_test_loss", |end| end.test_loss),
        OutputValue::exact("condition", condition),
        OutputValue::exact("boundary_snr", boundary),
        OutputValue::exact("theory_signal_steps", EarlyGrowth::of_signal(spec).steps()),
        OutputValue::exact("theory_noise_steps", EarlyGrowth::of_noise(spec).steps()),
        OutputValue::diverged(ends, Moment::diverged),
    ]
}

/// The median over seeds with the spread around it, and the first seed live.
fn curve(histories: &Histories<Moment>, quantity: Quantity, first: Option<&Record>) -> impl Iterator<Item = Mark> {
    let Quantity { name, first_name, spread_label, label, role, read } = quantity;
    let spread_label = spread_label.map_or(Text::same(""), |(en, zh)| Text::new(en, zh));
    let spread = histories.spread(name, spread_label, role, read);
    let first = first.map(|first| one_seed(first_name, role, &first.moments, read));
    let median = histories.over_seeds(statistics::median, read);
    let median = Mark::line(name, label, role, Stroke::Solid, &histories.steps, median);
    spread.into_iter().chain(first).chain([median])
}

/// A quantity of a moment, and how it is drawn.
struct Quantity {
    name: &'static str,
    first_name: &'static str,
    /// The legend's entry of the spread, where it has one.
    spread_label: Option<(&'static str, &'static str)>,
    label: Text,
    role: Role,
    read: fn(&Moment) -> f64,
}

/// The axis of training: four times the first blow-up, by which all but the slowest seeds have ended, or all steps where
/// there is none.
fn step_axis(spec: &Spec) -> Axis {
    let label = Text::new("steps t", "步数 t");
    let all = spec.max_steps as f64;
    let first = first_blow_up(spec);
    if first.is_infinite() {
        return Axis::new(label, AxisScale::LogFromZero, [0.0, all]);
    }
    Axis::new(label, AxisScale::Linear, [0.0, round_up(4.0 * first).min(all)])
}

fn patterns_panel(spec: &Spec, histories: &Histories<Moment>, first: Option<&Record>) -> Panel {
    let mut marks = Vec::new();
    marks.extend(curve(
        histories,
        Quantity {
            name: "noise",
            first_name: "noise_first_seed",
            spread_label: None,
            label: Text::new("noise memorized", "记住的噪声"),
            role: Role::Noise,
            read: |moment| moment.noise,
        },
        first,
    ));
    marks.extend(curve(
        histories,
        Quantity {
            name: "signal",
            first_name: "signal_first_seed",
            spread_label: Some(("10 to 90% of seeds", "10–90% 的种子")),
            label: Text::new("signal learned", "学到的信号"),
            role: Role::Signal,
            read: |moment| moment.signal,
        },
        first,
    ));
    let theories = [
        ("theory_noise", Role::Noise, EarlyGrowth::of_noise(spec)),
        ("theory_signal", Role::Signal, EarlyGrowth::of_signal(spec)),
    ];
    for (name, role, growth) in theories {
        let (x, y) = early_course(spec, &growth);
        marks.push(Mark::line(name, Text::same(""), role, Stroke::Dashed, &x, y));
    }
    // A key for both dashed lines.
    marks.push(Mark::line(
        "",
        Text::new("early growth, theory", "早期增长（理论）"),
        Role::Theory,
        Stroke::Dashed,
        &[],
        vec![],
    ));
    let y = Axis::new(Text::new("greatest inner product", "内积的最大值"), AxisScale::Log, [1e-4, 20.0]);
    Panel::chart(Text::new("What the filters learn", "滤波器学到了什么"), step_axis(spec), y, marks)
}

/// The early growth up to where it stops being early.
fn early_course(spec: &Spec, growth: &EarlyGrowth) -> (Vec<f64>, Vec<f64>) {
    const POINTS: usize = 120;
    let end = growth.steps().min(spec.max_steps as f64);
    let ratio = libm::log1p(end) / (POINTS - 1) as f64;
    let early = |step: &f64| growth.at(*step) <= EARLY_END;
    // By ratio and evenly, for both axes.
    let by_ratio = (0..POINTS).map(|k| libm::expm1(ratio * k as f64));
    let evenly = (1..POINTS).map(|k| end * k as f64 / POINTS as f64);
    let mut steps: Vec<f64> = by_ratio.chain(evenly).filter(early).collect();
    // Towards the blow-up closer and closer.
    let mut left = 0.02 * end;
    while left > 1e-5 * end {
        steps.extend(Some(end - left).filter(early));
        left *= 0.7;
    }
    statistics::sort(&mut steps);
    let values = steps.iter().map(|&step| growth.at(step)).collect();
    (steps, values)
}

fn loss_panel(spec: &Spec, histories: &Histories<Moment>, ends: &[&Moment], first: Option<&Record>) -> Panel {
    let mut marks = vec![Mark::line(
        "",
        Text::new("a coin, ln 2", "掷硬币，ln 2"),
        Role::Neutral,
        Stroke::Dotted,
        &[0.0, spec.max_steps as f64],
        vec![std::f64::consts::LN_2; 2],
    )];
    marks.extend(curve(
        histories,
        Quantity {
            name: "train_loss",
            first_name: "train_loss_first_seed",
            spread_label: None,
            label: Text::new("training loss", "训练损失"),
            role: Role::Train,
            read: |moment| moment.train_loss,
        },
        first,
    ));
    marks.extend(curve(
        histories,
        Quantity {
            name: "test_loss",
            first_name: "test_loss_first_seed",
            spread_label: None,
            label: Text::new("test loss", "测试损失"),
            role: Role::Test,
            read: |moment| moment.test_loss,
        },
        first,
    ));
    marks.push(Mark::Points {
        name: Cow::Borrowed("test_loss_at_end"),
        label: Text::new("where each seed ends", "各种子的终点"),
        role: Role::Test,
        x: ends.iter().map(|end| end.step as f64).collect(),
        y: ends.iter().map(|end| end.test_loss).collect(),
    });
    let y = Axis::new(Text::new("logistic loss", "逻辑损失"), AxisScale::Linear, [0.0, 1.0]);
    Panel::chart(Text::new("Loss", "损失"), step_axis(spec), y, marks)
}

/// The course of training in words.
fn describe(
    spec: &Spec,
    settings: &Settings,
    histories: &Histories<Moment>,
    first: Option<&Record>,
    ends: &[&Moment],
    outputs: &[OutputValue],
) -> Text {
    let value = |name| OutputValue::written(outputs, name);
    let (n, snr, condition) = (spec.samples, plain(spec.snr), value("condition"));
    let quantity = match spec.activation_power {
        1 => "n·SNR⁴·d",
        3 => "n·SNR³",
        _ => "n·SNR⁴",
    };
    let setting = Text::owned(
        format!("{n} samples at a signal-to-noise ratio of {snr}: {quantity} = {condition}."),
        format!("{n} 个样本，信噪比 {snr}：{quantity} = {condition}。"),
    );
    let Some(last) = histories.moments.len().checked_sub(1) else {
        let Some(moment) = first.and_then(Record::last) else {
            return Text::paragraph(&[setting, declarations::NOTHING_YET]);
        };
        let (step, signal, noise) = (moment.step, short(moment.signal), short(moment.noise));
        let (train, test) = (short(moment.train_loss), short(moment.test_loss));
        let sentence = Text::owned(
            format!(
                "After {step} steps the first seed has learned {signal} of the signal and memorized {noise} of the noise; its training loss is {train}, its test loss {test}."
            ),
            format!(
                "{step} 步之后，第一个种子学到的信号为 {signal}，记住的噪声为 {noise}；训练损失 {train}，测试损失 {test}。"
            ),
        );
        return Text::paragraph(&[setting, sentence]);
    };
    let median = |index: usize, read: fn(&Moment) -> f64| {
        let values: Vec<f64> = histories.moments[index].iter().map(|moment| read(moment)).collect();
        statistics::median(&values)
    };
    let (s0, s1) = (median(0, |m| m.signal), median(last, |m| m.signal));
    let (x0, x1) = (median(0, |m| m.noise), median(last, |m| m.noise));
    let winner = match (s1 > 20.0 * s0, x1 > 20.0 * x0) {
        (true, false) => {
            Text::new("The network has learned the signal and left the noise alone.", "网络学到了信号，没有碰噪声。")
        }
        (false, true) => {
            Text::new("The network has memorized the noise and left the signal alone.", "网络记住了噪声，没有碰信号。")
        }
        (true, true) => Text::new("Both signal and noise have grown.", "信号和噪声都增长了。"),
        (false, false) => Text::new("Neither has grown much yet.", "两者都还没有明显增长。"),
    };
    let done = ends.len();
    let benign = ends.iter().filter(|end| end.test_loss < BENIGN_TEST_LOSS).count();
    let steps: Vec<f64> = ends.iter().map(|end| end.step as f64).collect();
    let steps = fixed(statistics::median(&steps), 0);
    let (s0, s1, x0, x1) = (short(s0), short(s1), short(x0), short(x1));
    let (train, test, mean_test) = (value("train_loss"), value("test_loss"), value("mean_test_loss"));
    let count = seeds_done(done, settings.seeds());
    let growth = Text::owned(
        format!(
            "In {steps} steps (median) the strongest inner product with the signal goes from {s0} to {s1}, that with the noise from {x0} to {x1}."
        ),
        format!("经过 {steps} 步（中位数），与信号的最大内积由 {s0} 变为 {s1}，与噪声的最大内积由 {x0} 变为 {x1}。"),
    );
    let losses = Text::owned(
        format!(
            "The training loss ends at {train}, the test loss at {test} (median; mean {mean_test}); a coin has 0.693. {benign} of {done} seeds end benign."
        ),
        format!(
            "训练损失最终为 {train}，测试损失最终为 {test}（中位数；均值 {mean_test}）；掷硬币为 0.693。{done} 个种子中有 {benign} 个为良性。"
        ),
    );
    Text::paragraph(&[setting, count, growth, winner, losses])
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::testing::{self, complete, probe, value};

    fn settings(pairs: &[(&str, &str)]) -> Settings {
        testing::settings(&LAB, pairs)
    }

    #[test]
    fn the_same_training_loss_goes_with_opposite_test_losses() {
        let at = |snr| probe(&LAB, settings(&[("snr", snr), ("seeds", "5")]), &Data::none());
        let (benign, harmful) = (at("0.8"), at("0.29"));
        assert!(value(&benign, "train_loss") <= 0.01 && value(&harmful, "train_loss") < 0.03);
        assert!(value(&benign, "test_loss") < 0.02 && value(&harmful, "test_loss") > 0.68);
        assert!(value(&benign, "noise") < 0.05 && value(&harmful, "signal") < 0.05);
    }

    #[test]
    fn the_curves_begin_at_step_zero_and_end_where_the_last_seed_ends() {
        let report = complete(&LAB, settings(&[("seeds", "4")]), &Data::none()).report;
        let series = |name: &str| testing::series(&report, name);
        let ends = series("test_loss_at_end");
        let greatest = ends.x.iter().copied().fold(0.0, f64::max);
        let median = series("train_loss");
        assert_eq!((median.x[0], *median.x.last().unwrap()), (0.0, greatest));
        assert!(median.x.is_sorted() && median.y.iter().all(|loss| loss.is_finite()));
        assert_eq!(ends.x.len(), 4);
    }

    #[test]
    fn the_theory_follows_the_strongest_filters_early_in_training() {
        let report =
            complete(&LAB, settings(&[("samples", "40"), ("snr", "0.6"), ("seeds", "8")]), &Data::none()).report;
        let series = |name: &str| testing::series(&report, name);
        let measured = series("noise");
        for (step, value) in measured.x.iter().zip(&measured.y).filter(|(step, _)| **step < 300.0) {
            let growth = EarlyGrowth::of_noise(&spec(&settings(&[("samples", "40"), ("snr", "0.6")]), 0));
            assert!((value / growth.at(*step) - 1.0).abs() < 0.15, "at {step}");
        }
        assert!(series("theory_signal").y.iter().all(|&value| value <= EARLY_END));
    }

    #[test]
    fn a_training_that_cannot_finish_is_a_result() {
        let pairs = [("learning_rate", "20"), ("init_scale", "0.2"), ("max_steps", "300"), ("seeds", "2")];
        let report = complete(&LAB, settings(&pairs), &Data::none()).report;
        assert!(value(&report, "diverged") >= 0.0);
        assert!(value(&report, "log10_steps") <= 2.48);
    }
}
