//! Digits with noise on the border: a network that fits its training set by the noise.
//!
//! A 784-h-10 network, logits = relu(x W₁ + b₁) W₂ + b₂, is trained on n MNIST digits whose 4-pixel borders are replaced by
//! `σ·N(0, 1)`, fresh for every image: softmax cross-entropy, full-batch gradient descent with step 0.2/(1 + σ²), biases
//! zero and `W₁ ~ 0.1·√(2/784)·N(0, 1)`, `W₂ ~ N(0, 1/h)` at first, until the training loss is below 0.01 (looked at
//! every 25 steps) or for 2000 steps (800 000/n where that is less). The test set is 2000 other digits.
//!
//! The setting is that of Cao, Chen, Belkin and Gu (2022) on real images: the digit is the signal, the border the noise.

mod task;

use crate::{
    declarations,
    figure::Images,
    histories::{Histories, Snapshot},
    numerals::{percent, plain, round_up},
    prelude::*,
};
use task::{DRAWN_UNITS, PIXELS, SIDE, Sheet};
pub use task::{Moment, Record, Spec};

/// The lab.
pub static LAB: EdgeNoise = EdgeNoise;

/// See the module's description.
pub struct EdgeNoise;

/// The choices of what is shown, parallel to [`task::View::ALL`].
const VIEWS: &[Choice] = &[
    Choice::new("test", Text::new("test digits", "测试数字")),
    Choice::new("test_border_zeroed", Text::new("test digits, border zeroed", "测试数字，边框清零")),
    Choice::new("train", Text::new("training digits", "训练数字")),
    Choice::new("train_fresh_noise", Text::new("training digits, noise redrawn", "训练数字，重抽噪声")),
    Choice::new("train_border_only", Text::new("training borders only", "只留训练数字的边框")),
];

static SCHEMA: Schema = Schema {
    id: Cow::Borrowed("edge-noise"),
    title: Text::new("Noise on the border", "边框上的噪声"),
    about: Text::new(
        "A network fits real digits with noise around them, every one: by the digits or by the noise. Zero the border or redraw the noise, and see.",
        "真实的手写数字四周加上噪声，网络照样全部拟合：靠数字，还是靠噪声？把边框清零，或重抽噪声，便见分晓。",
    ),
    parameters: Cow::Borrowed(&PARAMETERS),
    outputs: Cow::Borrowed(&OUTPUTS),
};

static PARAMETERS: [Parameter; 5] = [
    Parameter::integer(
        "samples",
        "n",
        Text::new("Training digits", "训练数字数"),
        Text::new(
            "How many digits are trained on. With more of them the same noise does less harm.",
            "用多少个数字训练。数字越多，同样的噪声危害越小。",
        ),
        [100, 1000, 50],
        200,
    ),
    Parameter::real(
        "noise_scale",
        "σ",
        Text::new("Noise on the border", "边框噪声强度"),
        Text::new(
            "The standard deviation of the border's pixels; the digits' own lie between 0 and 1. Training accuracy stays 1 all the way.",
            "边框像素的标准差；数字自身的像素介于 0 与 1 之间。无论多大，训练准确率始终为 1。",
        ),
        [0.0, 3.0, 0.05],
        1.0,
    ),
    Parameter::integer(
        "hidden",
        "h",
        Text::new("Hidden units", "隐藏单元数"),
        Text::new("The width of the network's one hidden layer.", "网络唯一隐藏层的宽度。"),
        [16, 128, 8],
        64,
    )
    .scaled(Scale::Logarithmic),
    Parameter::choice(
        "view",
        Text::new("Digits shown", "展示的数字"),
        Text::new(
            "What the trained network is asked about: zero the border, or redraw the noise on the very digits that it was trained on.",
            "拿什么去问训练好的网络：把边框清零，或者在训练过的数字上重抽噪声。",
        ),
        VIEWS,
        0,
    ),
    Parameter::seeds(5, 30),
];

static OUTPUTS: [Output; 12] = [
    declarations::train_accuracy(Text::new("The share of training digits that are got right.", "训练数字的分对比例。")),
    declarations::train_loss(Text::new(
        "Mean cross-entropy on the training digits at the end.",
        "训练结束时训练数字上的平均交叉熵。",
    )),
    declarations::test_accuracy(Text::new(
        "The share of 2000 other digits, with noise of their own, that are got right. Guessing gets 0.1.",
        "另外 2000 个数字（各带新的噪声）的分对比例。瞎猜为 0.1。",
    )),
    declarations::test_loss(Text::new(
        "Mean cross-entropy on the test digits at the end.",
        "训练结束时测试数字上的平均交叉熵。",
    )),
    Output::new(
        "test_accuracy_border_zeroed",
        Text::new("Test accuracy, border zeroed", "测试准确率，边框清零"),
        Text::new(
            "The same digits without border: how much of the digit was learned although the noise drowns it.",
            "同样的数字，去掉边框：数字学到了多少，尽管噪声将其淹没。",
        ),
        Aggregate::Mean,
    ),
    Output::new(
        "train_accuracy_border_only",
        Text::new("Training accuracy by the border alone", "只凭边框的训练准确率"),
        Text::new(
            "The middle of every training digit is replaced by the mean of all middles: only the noise can tell them apart.",
            "每个训练数字的中央都换成所有数字中央的均值：只有噪声能把它们区分开。",
        ),
        Aggregate::Mean,
    ),
    Output::new(
        "train_accuracy_fresh_noise",
        Text::new("Training accuracy, noise redrawn", "训练准确率，重抽噪声"),
        Text::new(
            "The training digits with new noise: the one measurement on training digits that shows what has been memorized.",
            "训练数字换上新的噪声：在训练数字上，唯有此量能揭示网络记住了什么。",
        ),
        Aggregate::Mean,
    ),
    Output::new(
        "border_share_of_update",
        Text::new("Border's share of the update", "边框占权重变化的份额"),
        Text::new(
            "The border's share of ‖W₁ − W₁(0)‖², all that training has changed in the first layer.",
            "边框在 ‖W₁ − W₁(0)‖² 中所占份额，即训练对第一层的全部改变。",
        ),
        Aggregate::Mean,
    ),
    Output::new(
        "border_share_of_weights",
        Text::new("Border's share of the weights", "边框占权重的份额"),
        Text::new("The border's share of ‖W₁‖² at the end.", "训练结束时边框在 ‖W₁‖² 中所占份额。"),
        Aggregate::Mean,
    ),
    Output::new(
        "steps",
        Text::new("Steps", "步数"),
        Text::new("Steps of gradient descent until the training set was fitted.", "拟合训练集所用的梯度下降步数。"),
        Aggregate::Mean,
    ),
    Output::new(
        "noise_to_digit",
        Text::new("Noise power over digit power", "噪声与数字的能量比"),
        Text::new(
            "384σ²/85.5: the border's mean squared length over that of the middle.",
            "384σ²/85.5：边框与中央的平均长度平方之比。",
        ),
        Aggregate::Exact,
    ),
    declarations::diverged(),
];

/// Pixels of the border.
const BORDER_PIXELS: f64 = 384.0;
/// The mean squared length of the middles of MNIST digits, measured over ten thousand.
const DIGIT_POWER: f64 = 85.5;
/// The accuracy of guessing.
const CHANCE: f64 = 0.1;

fn spec(settings: &Settings, seed: u64) -> Spec {
    Spec {
        samples: settings.count("samples"),
        noise_scale: settings.real("noise_scale"),
        hidden: settings.count("hidden"),
        pictures: seed == settings.seed,
        seed,
    }
}

impl Lab for EdgeNoise {
    type Spec = Spec;
    type Record = Record;

    const SCHEMA: &'static Schema = &SCHEMA;
    const DATA: &'static [DataSet] = &[DataSet::Mnist20x20];

    fn plan(&self, settings: &Settings) -> Plan<Spec> {
        Plan::of_seeds(settings, |seed| spec(settings, seed))
    }

    fn cost(&self, spec: &Spec) -> f64 {
        spec.cost()
    }

    fn begin<'a>(&self, spec: &Spec, data: &'a Data) -> Box<dyn Work<Record> + 'a> {
        Box::new(task::Task::new(spec, data.mnist_20x20()))
    }

    fn report(&self, settings: &Settings, records: &[Entry<Record>]) -> Report {
        let done: Vec<&Record> = records.iter().filter_map(Entry::done).collect();
        let first = records.first().and_then(Entry::latest);
        // Until a training is over, the one that is under way.
        let visible: Vec<&Record> = if done.is_empty() { first.into_iter().collect() } else { done.clone() };
        let visible: Vec<&[Moment]> = visible.into_iter().map(|record| &*record.history).collect();
        let histories = Histories::new(&visible);
        let outputs = outputs(settings, &done);
        let mut panels = vec![accuracy_panel(settings, &histories), loss_panel(settings, &histories)];
        if let Some(first) = first {
            panels.push(weights_panel(first));
            panels.extend(first.sheets.get(settings.choice("view")).map(|sheet| digits_panel(settings, sheet)));
        }
        let description = describe(settings, &done, first, &outputs);
        Report { figure: Figure { panels }, outputs, description }
    }
}

fn outputs(settings: &Settings, done: &[&Record]) -> Vec<OutputValue> {
    let ends: Vec<&Moment> = done.iter().filter_map(|record| record.history.last()).collect();
    let probes: Vec<&task::Probes> = done.iter().filter_map(|record| record.probes.as_ref()).collect();
    let end = |name, read| OutputValue::mean_of(name, &ends, read);
    let probe = |name, read| OutputValue::mean_of(name, &probes, read);
    let sigma = settings.real("noise_scale");
    vec![
        end("train_accuracy", |end| end.train_accuracy),
        end("train_loss", |end| end.train_loss),
        end("test_accuracy", |end| end.test_accuracy),
        end("test_loss", |end| end.test_loss),
        probe("test_accuracy_border_zeroed", |probes| probes.test_border_zeroed),
        probe("train_accuracy_border_only", |probes| probes.train_border_only),
        probe("train_accuracy_fresh_noise", |probes| probes.train_fresh_noise),
        probe("border_share_of_update", |probes| probes.share_of_update),
        probe("border_share_of_weights", |probes| probes.share_of_weights),
        end("steps", |end| end.step as f64),
        OutputValue::exact("noise_to_digit", BORDER_PIXELS * sigma * sigma / DIGIT_POWER),
        OutputValue::diverged(&ends, Moment::diverged),
    ]
}

/// The mean over seeds and the spread around it.
fn curve(
    histories: &Histories<Moment>,
    name: &'static str,
    label: Text,
    role: Role,
    read: fn(&Moment) -> f64,
) -> Vec<Mark> {
    let mean = histories.over_seeds(statistics::mean, read);
    let line = Mark::line(name, label, role, Stroke::Solid, &histories.steps, mean);
    histories.spread(name, Text::same(""), role, read).into_iter().chain([line]).collect()
}

fn step_axis(settings: &Settings) -> Axis {
    let end = spec(settings, settings.seed).max_steps() as f64;
    Axis::new(Text::new("steps", "步数"), AxisScale::LogFromZero, [0.0, end])
}

fn reference(settings: &Settings, label: Text, value: f64) -> Mark {
    Mark::line("", label, Role::Neutral, Stroke::Dotted, &step_axis(settings).range, vec![value; 2])
}

fn accuracy_panel(settings: &Settings, histories: &Histories<Moment>) -> Panel {
    let mut marks = vec![reference(settings, Text::new("guessing", "瞎猜"), CHANCE)];
    let label = Text::new("training accuracy", "训练准确率");
    marks.extend(curve(histories, "train_accuracy", label, Role::Train, |moment| moment.train_accuracy));
    let label = Text::new("test accuracy", "测试准确率");
    marks.extend(curve(histories, "test_accuracy", label, Role::Test, |moment| moment.test_accuracy));
    let y = Axis::new(Text::new("accuracy", "准确率"), AxisScale::Linear, [0.0, 1.02]);
    Panel::chart(Text::new("Accuracy", "准确率"), step_axis(settings), y, marks)
}

fn loss_panel(settings: &Settings, histories: &Histories<Moment>) -> Panel {
    let mut marks = vec![reference(settings, Text::new("guessing, ln 10", "瞎猜，ln 10"), std::f64::consts::LN_10)];
    let label = Text::new("training loss", "训练损失");
    marks.extend(curve(histories, "train_loss", label, Role::Train, |moment| moment.train_loss));
    let label = Text::new("test loss", "测试损失");
    marks.extend(curve(histories, "test_loss", label, Role::Test, |moment| moment.test_loss));
    // Strong noise makes the first outputs large.
    let sigma = settings.real("noise_scale");
    let top = round_up(2.5 + 0.3 * sigma);
    let y = Axis::new(Text::new("cross-entropy", "交叉熵"), AxisScale::Linear, [0.0, top]);
    Panel::chart(Text::new("Loss", "损失"), step_axis(settings), y, marks)
}

fn weights_panel(record: &Record) -> Panel {
    let count = record.weights.len() / PIXELS;
    let caption = |unit: usize| Text::owned(format!("unit {}", unit + 1), format!("单元 {}", unit + 1));
    Panel::Images(Images {
        title: Text::new("First-layer weights (middle gray: zero)", "第一层权重（中灰为零）"),
        width: SIDE,
        height: SIDE,
        pixels: record.weights.clone(),
        captions: (0..count.min(DRAWN_UNITS)).map(caption).collect(),
    })
}

fn digits_panel(settings: &Settings, sheet: &Sheet) -> Panel {
    let view = &VIEWS[settings.choice("view")].label;
    let capital = view.en.chars().next().map(|first| first.to_ascii_uppercase()).into_iter();
    let english: String = capital.chain(view.en.chars().skip(1)).collect();
    let caption = |(label, answer): (&u8, &u8)| {
        let caption = format!("{label}→{answer}");
        Text::owned(caption.clone(), caption)
    };
    Panel::Images(Images {
        title: Text::owned(format!("{english} (true → answer)"), format!("{}（真实 → 预测）", view.zh)),
        width: SIDE,
        height: SIDE,
        pixels: sheet.pixels.clone(),
        captions: sheet.labels.iter().zip(&sheet.answers).map(caption).collect(),
    })
}

/// Training and probes in words.
fn describe(settings: &Settings, done: &[&Record], first: Option<&Record>, outputs: &[OutputValue]) -> Text {
    let (n, sigma) = (settings.count("samples"), plain(settings.real("noise_scale")));
    let setting = Text::owned(
        format!("{n} digits with border noise σ = {sigma}."),
        format!("{n} 个数字，边框噪声 σ = {sigma}。"),
    );
    if done.is_empty() {
        let Some(now) = first.and_then(|record| record.history.last()) else {
            return Text::paragraph(&[setting, declarations::NOTHING_YET]);
        };
        let (step, train, test) = (now.step, percent(now.train_accuracy, 0), percent(now.test_accuracy, 0));
        return Text::owned(
            format!("{} After {step} steps training accuracy is {train}, test accuracy {test}.", setting.en),
            format!("{}{step} 步之后，训练准确率为 {train}，测试准确率为 {test}。", setting.zh),
        );
    }
    let share = |name: &str| percent(OutputValue::find(outputs, name), 1);
    let steps = OutputValue::written(outputs, "steps");
    let (train, test) = (share("train_accuracy"), share("test_accuracy"));
    let (loss, test_loss) = (OutputValue::written(outputs, "train_loss"), OutputValue::written(outputs, "test_loss"));
    let (zeroed, border) = (share("test_accuracy_border_zeroed"), share("train_accuracy_border_only"));
    let (fresh, update) = (share("train_accuracy_fresh_noise"), share("border_share_of_update"));
    Text::owned(
        format!(
            "{} In {steps} steps training accuracy rises to {train} and training loss falls to {loss}; test accuracy ends at {test}, test loss at {test_loss}. With the border zeroed, test accuracy is {zeroed}. By their borders alone {border} of the training digits are got right; with the noise redrawn, {fresh}. {update} of what training changed in the first layer lies on the border.",
            setting.en
        ),
        format!(
            "{}经过 {steps} 步，训练准确率升到 {train}，训练损失降到 {loss}；测试准确率最终为 {test}，测试损失为 {test_loss}。把边框清零后，测试准确率为 {zeroed}。只凭边框，训练数字分对 {border}；重抽噪声后分对 {fresh}。训练对第一层的改变有 {update} 落在边框上。",
            setting.zh
        ),
    )
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::testing::{self, complete, probe, value};

    fn settings(pairs: &[(&str, &str)]) -> Settings {
        let small = [("samples", "100"), ("hidden", "16"), ("seeds", "1")];
        testing::settings(&LAB, &[&small, pairs].concat())
    }

    #[test]
    fn strong_noise_is_memorized_and_redrawing_it_shows_that() {
        let data = Data::bundled();
        let clean = probe(&LAB, settings(&[("noise_scale", "0")]), &data);
        let noisy = probe(&LAB, settings(&[("noise_scale", "2")]), &data);
        assert_eq!((value(&clean, "train_accuracy"), value(&noisy, "train_accuracy")), (1.0, 1.0));
        assert_eq!(value(&clean, "train_accuracy_fresh_noise"), 1.0);
        assert!(value(&noisy, "train_accuracy_fresh_noise") < 0.6);
        assert!(value(&noisy, "test_accuracy") + 0.1 < value(&noisy, "test_accuracy_border_zeroed"));
        assert_eq!(value(&clean, "border_share_of_update"), 0.0);
        assert!(value(&noisy, "border_share_of_update") > 0.6);
    }

    #[test]
    fn what_is_shown_needs_no_new_training_and_has_the_same_digest() {
        let data = Data::bundled();
        let frame = |view| complete(&LAB, settings(&[("view", view)]), &data);
        let (test, train) = (frame("test"), frame("train_fresh_noise"));
        assert_eq!(test.digest, train.digest);
        assert_ne!(test.report.figure, train.report.figure);
        let tasks = |view| Lab::plan(&LAB, &settings(&[("view", view)])).tasks;
        assert_eq!(tasks("test"), tasks("train_border_only"));
        for frame in [&test, &train] {
            let images: Vec<&Images> = frame
                .report
                .figure
                .panels
                .iter()
                .filter_map(|panel| if let Panel::Images(images) = panel { Some(images) } else { None })
                .collect();
            assert_eq!(images.len(), 2);
            for images in images {
                assert_eq!(images.pixels.len(), images.captions.len() * PIXELS);
            }
        }
    }
}
