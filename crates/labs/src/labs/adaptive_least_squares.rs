//! Adaptive methods on least squares: the example of Wilson, Roelofs, Stern, Srebro and Recht (2017, arXiv 1705.08292).
//!
//! `n` samples with labels `y = ±1`, `y = 1` with probability `p > 1/2`. The first feature is `y` itself, the next two are
//! always 1, and each sample has features of its own, which are 1 for it and 0 for all others: one of them if `y = 1`, five
//! if `y = −1`. Least squares `‖Xw − y‖²/2n` from `w = 0` has infinitely many solutions.
//!
//! If the positive samples are the majority, `sign(Xᵀy)` has the entries 1, 1, 1, and `y` on each own feature, so that
//! `X·sign(Xᵀy) = 4y`: a method that divides every coordinate of the gradient by its own history moves along `sign(Xᵀy)`
//! throughout and ends at a quarter of it. On new data, whose own features were never seen, that answers
//! `y/4 + 1/4 + 1/4 > 0`: always the majority's label, and its test accuracy is `p` exactly. Gradient descent ends at the
//! minimum-norm solution, which relies on the first feature. As in the paper, samples are drawn until the positive ones are
//! the majority.
//!
//! Samples of a class are alike up to the names of their own features, and so are the weights: four numbers are the whole
//! state of every method, the weight of `y`, that of each constant feature, and that of an own feature in either class.
//! Test accuracy is the probability of a right answer on new data, computed and not sampled.

use crate::{
    course::Course,
    declarations,
    lab::AtOnce,
    numerals::{plain, short},
    prelude::*,
    random::Random,
};
use serde::{Deserialize, Serialize};

/// The lab.
pub static LAB: AdaptiveLeastSquares = AdaptiveLeastSquares;

/// See the module's description.
pub struct AdaptiveLeastSquares;

static SCHEMA: Schema = Schema {
    id: Cow::Borrowed("adaptive-least-squares"),
    title: Text::new("A trap for adaptive methods", "自适应方法的陷阱"),
    about: Text::new(
        "All methods fit the training set. On new data gradient descent is always right; Adam and AdaGrad always answer with the majority's label.",
        "各种方法都拟合了训练集。在新数据上，梯度下降全部答对；Adam 和 AdaGrad 永远回答多数类的标签。",
    ),
    parameters: Cow::Borrowed(&[
        Parameter::real(
            "positive_probability",
            "p",
            Text::new("Share of the majority class", "多数类的比例"),
            Text::new(
                "How probable the label +1 is. The test accuracy of the adaptive methods follows it exactly.",
                "标签为 +1 的概率。自适应方法的测试准确率恰好等于它。",
            ),
            [0.55, 0.95, 0.01],
            0.7,
        ),
        declarations::samples(
            Text::new(
                "More of them do not help the adaptive methods. With few, a sample may hold no negative one at all.",
                "增加样本帮不了自适应方法。样本太少时，可能一个负样本都没有。",
            ),
            [20, 200, 1],
            50,
        )
        .scaled(Scale::Logarithmic),
        Parameter::seeds(20, 200),
    ]),
    outputs: Cow::Borrowed(&[
        Output::new(
            "test_accuracy_gd",
            Text::new("Test accuracy, gradient descent", "测试准确率（梯度下降）"),
            Text::new("The probability of a right answer on new data.", "在新数据上答对的概率。"),
            Aggregate::Mean,
        ),
        Output::new(
            "test_accuracy_min_norm",
            Text::new("Test accuracy, minimum-norm solution", "测试准确率（最小范数解）"),
            Text::new("The same for the exact minimum-norm solution.", "精确的最小范数解答对的概率。"),
            Aggregate::Mean,
        ),
        Output::new(
            "test_accuracy_adam",
            Text::new("Test accuracy, Adam", "测试准确率（Adam）"),
            Text::new("The same after training by Adam.", "用 Adam 训练之后答对的概率。"),
            Aggregate::Mean,
        ),
        Output::new(
            "test_accuracy_adagrad",
            Text::new("Test accuracy, AdaGrad", "测试准确率（AdaGrad）"),
            Text::new("The same after training by AdaGrad.", "用 AdaGrad 训练之后答对的概率。"),
            Aggregate::Mean,
        ),
        Output::new(
            "theory_test_accuracy_adam",
            Text::new("Test accuracy, adaptive methods, theory", "测试准确率（自适应方法，理论）"),
            Text::new("The share of the majority class, p.", "多数类的比例 p。"),
            Aggregate::Exact,
        ),
        Output::new(
            "min_norm_w2_over_w1",
            Text::new("w₂/w₁ of the minimum-norm solution", "最小范数解的 w₂/w₁"),
            Text::new(
                "The weight of a constant feature over that of the label; below one half every answer is right.",
                "常数特征的权重与标签特征的权重之比；小于二分之一时答案全对。",
            ),
            Aggregate::Mean,
        ),
        Output::new(
            "adam_w2_over_w1",
            Text::new("w₂/w₁ of Adam", "Adam 的 w₂/w₁"),
            Text::new("The same after training by Adam; theory says 1.", "用 Adam 训练之后的同一比值；理论值为 1。"),
            Aggregate::Mean,
        ),
        Output::new(
            "train_mse_gd",
            Text::new("Training error, gradient descent", "训练误差（梯度下降）"),
            Text::new("Mean squared error on the training samples.", "训练样本上的均方误差。"),
            Aggregate::Mean,
        ),
        Output::new(
            "train_mse_adam",
            Text::new("Training error, Adam", "训练误差（Adam）"),
            Text::new("The same after training by Adam.", "用 Adam 训练之后的均方误差。"),
            Aggregate::Mean,
        ),
        Output::new(
            "train_mse_adagrad",
            Text::new("Training error, AdaGrad", "训练误差（AdaGrad）"),
            Text::new("The same after training by AdaGrad.", "用 AdaGrad 训练之后的均方误差。"),
            Aggregate::Mean,
        ),
    ]),
};

/// The shares at which the curves are measured.
const SHARES: [f64; 9] = [0.55, 0.6, 0.65, 0.7, 0.75, 0.8, 0.85, 0.9, 0.95];
/// The ends of their axis.
const SHARE_RANGE: [f64; 2] = [0.55, 0.95];
/// Steps of training.
const STEPS: usize = 3000;
/// Own features of a sample, by its class: positive, negative.
const OWN: [f64; 2] = [1.0, 5.0];
/// Labels, by class.
const LABELS: [f64; 2] = [1.0, -1.0];
/// Adam's step size.
const ADAM_RATE: f64 = 1e-3;
/// Adam's decay of the mean of the gradients and of that of their squares.
const ADAM_DECAYS: [f64; 2] = [0.9, 0.999];
/// The step size of `AdaGrad`.
const ADAGRAD_RATE: f64 = 0.1;
/// What keeps a division from being one by zero.
const EPSILON: f64 = 1e-8;
/// Least value on the axis of the training error.
const FLOOR: f64 = 1e-16;

/// One training set.
#[derive(Clone, Copy, Debug, Serialize, Deserialize)]
pub struct Spec {
    samples: usize,
    positive_probability: f64,
    seed: u64,
}

/// `[w₁, w₂ = w₃, own weight of a positive sample, own weight of a negative one]`
type Weights = [f64; 4];

/// The answer to a new sample of a class, positive or negative.
fn answer(weights: &Weights, class: usize) -> f64 {
    LABELS[class] * weights[0] + 2.0 * weights[1]
}

/// `f(x) − y` on a training sample of either class.
fn residuals(weights: &Weights) -> [f64; 2] {
    [0, 1].map(|class| answer(weights, class) + OWN[class] * weights[2 + class] - LABELS[class])
}

/// A training set, up to the order of its samples.
#[derive(Clone, Copy, Debug, PartialEq)]
struct Counts {
    /// Samples of either class, positive ones first.
    of_class: [f64; 2],
}

impl Counts {
    /// Drawn until the positive samples are the majority.
    fn draw(spec: &Spec) -> Self {
        let mut random = Random::new(spec.seed, 0);
        loop {
            let positive = (0..spec.samples).filter(|_| random.uniform() < spec.positive_probability).count();
            if 2 * positive > spec.samples {
                return Self { of_class: [positive as f64, (spec.samples - positive) as f64] };
            }
        }
    }

    fn samples(&self) -> f64 {
        self.of_class[0] + self.of_class[1]
    }

    fn train_mse(&self, weights: &Weights) -> f64 {
        let [positive, negative] = residuals(weights);
        (self.of_class[0] * positive * positive + self.of_class[1] * negative * negative) / self.samples()
    }

    /// Of `‖Xw − y‖²/2n`, for each single weight of the four kinds.
    fn gradient(&self, weights: &Weights) -> Weights {
        let [positive, negative] = residuals(weights);
        let (all_positive, all_negative) = (self.of_class[0] * positive, self.of_class[1] * negative);
        let sums = [all_positive - all_negative, all_positive + all_negative, positive, negative];
        sums.map(|sum| sum / self.samples())
    }

    /// `Σⱼ x·xⱼ` over the other class for a sample of one class is `n'`, over its own `3n' + own`; between the square roots
    /// of the counts that is symmetric: its diagonal and its corner.
    fn gram(&self) -> ([f64; 2], f64) {
        let diagonal = [0, 1].map(|class| 3.0 * self.of_class[class] + OWN[class]);
        (diagonal, (self.of_class[0] * self.of_class[1]).sqrt())
    }

    /// The greatest eigenvalue of `XᵀX/n`.
    fn smoothness(&self) -> f64 {
        let ([a, b], corner) = self.gram();
        (f64::midpoint(a, b) + (0.25 * (a - b) * (a - b) + corner * corner).sqrt()) / self.samples()
    }

    /// `Xᵀ(XXᵀ)⁻¹y`.
    fn min_norm(&self) -> Weights {
        let [positive, negative] = self.of_class;
        let ([a, b], _) = self.gram();
        // a·r + n₋·s = 1 and n₊·r + b·s = −1 for the dual weights r, s of a sample of either class.
        let determinant = a * b - positive * negative;
        let (r, s) = ((b + negative) / determinant, -(a + positive) / determinant);
        [positive * r - negative * s, positive * r + negative * s, r, s]
    }
}

/// A way of training.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Method {
    GradientDescent,
    Adam,
    AdaGrad,
}

const METHODS: [Method; 3] = [Method::GradientDescent, Method::Adam, Method::AdaGrad];

/// Weights on their way.
struct Trainer {
    method: Method,
    counts: Counts,
    weights: Weights,
    means: Weights,
    squares: Weights,
    /// What is left of the start in Adam's averages.
    left: [f64; 2],
}

impl Trainer {
    fn new(method: Method, counts: Counts) -> Self {
        Self { method, counts, weights: [0.0; 4], means: [0.0; 4], squares: [0.0; 4], left: [1.0; 2] }
    }

    fn step(&mut self) {
        let gradient = self.counts.gradient(&self.weights);
        let rate = 1.0 / self.counts.smoothness();
        for (left, decay) in self.left.iter_mut().zip(ADAM_DECAYS) {
            *left *= decay;
        }
        for (k, slope) in gradient.into_iter().enumerate() {
            self.weights[k] -= match self.method {
                Method::GradientDescent => rate * slope,
                Method::Adam => {
                    let [of_mean, of_square] = ADAM_DECAYS;
                    self.means[k] = of_mean * self.means[k] + (1.0 - of_mean) * slope;
                    self.squares[k] = of_square * self.squares[k] + (1.0 - of_square) * slope * slope;
                    let (mean, square) = (self.means[k] / (1.0 - self.left[0]), self.squares[k] / (1.0 - self.left[1]));
                    ADAM_RATE * mean / (square.sqrt() + EPSILON)
                }
                Method::AdaGrad => {
                    self.squares[k] += slope * slope;
                    ADAGRAD_RATE * slope / (self.squares[k].sqrt() + EPSILON)
                }
            };
        }
    }
}

/// Where one method led.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
struct Path {
    /// At [`curve_steps`].
    train_mse: Vec<f64>,
    /// The answer to a new negative sample, at the same steps.
    negative_answer: Vec<f64>,
    /// At the end.
    weights: Weights,
}

/// What one training set showed.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct Outcome {
    min_norm: Weights,
    /// By [`METHODS`].
    paths: [Path; 3],
}

impl Outcome {
    fn new(spec: &Spec) -> Self {
        let counts = Counts::draw(spec);
        let marked = curve_steps();
        let paths = METHODS.map(|method| {
            let mut trainer = Trainer::new(method, counts);
            let mut path = Path { train_mse: Vec::new(), negative_answer: Vec::new(), weights: [0.0; 4] };
            for step in 0..=STEPS {
                if marked.get(path.train_mse.len()) == Some(&step) {
                    path.train_mse.push(counts.train_mse(&trainer.weights));
                    path.negative_answer.push(answer(&trainer.weights, 1));
                }
                if step < STEPS {
                    trainer.step();
                }
            }
            path.weights = trainer.weights;
            path
        });
        Self { min_norm: counts.min_norm(), paths }
    }
}

/// The steps on the curves: all at first, then about eight an e-fold.
fn curve_steps() -> Vec<usize> {
    let mut steps = vec![0];
    while let Some(&last) = steps.last()
        && last < STEPS
    {
        steps.push((last + 1).max(last + last / 8).min(STEPS));
    }
    steps
}

/// The probability of a right answer on new data.
fn test_accuracy(weights: &Weights, positive_probability: f64) -> f64 {
    let mut accuracy = 0.0;
    if answer(weights, 0) > 0.0 {
        accuracy += positive_probability;
    }
    if answer(weights, 1) < 0.0 {
        accuracy += 1.0 - positive_probability;
    }
    accuracy
}

impl Lab for AdaptiveLeastSquares {
    type Spec = Spec;
    type Record = Outcome;

    const SCHEMA: &'static Schema = &SCHEMA;

    fn plan(&self, settings: &Settings) -> Plan<Spec> {
        let samples = settings.count("samples");
        let spec = |seed: u64, positive_probability: f64| Spec { samples, positive_probability, seed };
        let here = settings.real("positive_probability");
        let mut tasks: Vec<Spec> = settings.seed_list().map(|seed| spec(seed, here)).collect();
        tasks.extend(settings.seed_list().flat_map(|seed| SHARES.map(|share| spec(seed, share))));
        Plan { tasks, probe: (0..settings.seeds()).collect() }
    }

    fn cost(&self, _spec: &Spec) -> f64 {
        (3 * STEPS * 100) as f64
    }

    fn begin<'a>(&self, spec: &Spec, _data: &'a Data) -> Box<dyn Work<Outcome> + 'a> {
        let spec = *spec;
        Box::new(AtOnce::new(move || Outcome::new(&spec)))
    }

    fn report(&self, settings: &Settings, records: &[Entry<Outcome>]) -> Report {
        let (probed, rest) = records.split_at(settings.seeds());
        let probed: Vec<&Outcome> = probed.iter().filter_map(Entry::done).collect();
        let columns: Vec<Vec<&Outcome>> = (0..SHARES.len())
            .map(|index| rest.iter().skip(index).step_by(SHARES.len()).filter_map(Entry::done).collect())
            .collect();
        let outputs = outputs(settings, &probed);
        let description = describe(settings, &probed, &columns, &outputs);
        let panels = vec![accuracy_panel(settings, &columns), answer_panel(&probed), training_panel(&probed)];
        Report { figure: Figure { panels }, outputs, description }
    }
}

/// Weights that training led to.
type Choose = fn(&Outcome) -> &Weights;

const GRADIENT_DESCENT: Choose = |outcome| &outcome.paths[0].weights;
const ADAM: Choose = |outcome| &outcome.paths[1].weights;
const ADAGRAD: Choose = |outcome| &outcome.paths[2].weights;
const MIN_NORM: Choose = |outcome| &outcome.min_norm;

fn outputs(settings: &Settings, probed: &[&Outcome]) -> Vec<OutputValue> {
    let share = settings.real("positive_probability");
    let accuracy = |name, choose: Choose| OutputValue::mean(name, &accuracies(probed, share, choose));
    let ratio = |name, choose: Choose| {
        let ratios = probed.iter().map(|outcome| choose(outcome)).map(|weights| weights[1] / weights[0]);
        OutputValue::mean(name, &ratios.collect::<Vec<_>>())
    };
    let train = |name, index: usize| {
        let errors = probed.iter().filter_map(|outcome| outcome.paths[index].train_mse.last()).copied();
        OutputValue::mean(name, &errors.collect::<Vec<_>>())
    };
    vec![
        accuracy("test_accuracy_gd", GRADIENT_DESCENT),
        accuracy("test_accuracy_min_norm", MIN_NORM),
        accuracy("test_accuracy_adam", ADAM),
        accuracy("test_accuracy_adagrad", ADAGRAD),
        OutputValue::exact("theory_test_accuracy_adam", share),
        ratio("min_norm_w2_over_w1", MIN_NORM),
        ratio("adam_w2_over_w1", ADAM),
        train("train_mse_gd", 0),
        train("train_mse_adam", 1),
        train("train_mse_adagrad", 2),
    ]
}

fn accuracies(outcomes: &[&Outcome], share: f64, choose: Choose) -> Vec<f64> {
    outcomes.iter().map(|outcome| test_accuracy(choose(outcome), share)).collect()
}

/// A statistic over seeds of the test accuracy, along the shares.
fn along_shares(columns: &[Vec<&Outcome>], statistic: fn(&[f64]) -> f64, choose: Choose) -> Vec<f64> {
    columns.iter().zip(SHARES).map(|(outcomes, share)| statistic(&accuracies(outcomes, share, choose))).collect()
}

fn accuracy_panel(settings: &Settings, columns: &[Vec<&Outcome>]) -> Panel {
    let mut marks = Vec::new();
    if settings.seeds() > 1 {
        marks.push(Mark::spread(
            "test_accuracy_gd",
            Text::new("gradient descent, 10 to 90% of seeds", "梯度下降，10–90% 的种子"),
            Role::Test,
            &SHARES,
            along_shares(columns, statistics::low, GRADIENT_DESCENT),
            along_shares(columns, statistics::high, GRADIENT_DESCENT),
        ));
    }
    let line = |name, label, role, stroke, choose| {
        Mark::line(name, label, role, stroke, &SHARES, along_shares(columns, statistics::mean, choose))
    };
    let label = Text::new("gradient descent", "梯度下降");
    marks.push(line("test_accuracy_gd", label, Role::Test, Stroke::Solid, GRADIENT_DESCENT));
    let label = Text::new("minimum-norm solution", "最小范数解");
    marks.push(line("test_accuracy_min_norm", label, Role::Norm, Stroke::Dotted, MIN_NORM));
    marks.push(line("test_accuracy_adam", Text::same("Adam"), Role::Noise, Stroke::Solid, ADAM));
    marks.push(line("test_accuracy_adagrad", Text::same("AdaGrad"), Role::Variance, Stroke::Dotted, ADAGRAD));
    let label = Text::new("adaptive methods, theory", "自适应方法（理论）");
    let ends = SHARE_RANGE.to_vec();
    marks.push(Mark::line("theory_test_accuracy_adam", label, Role::Theory, Stroke::Dashed, &SHARE_RANGE, ends));
    marks.push(Mark::probe("positive_probability", settings));
    let x = Axis::new(Text::new("share of the majority class p", "多数类的比例 p"), AxisScale::Linear, SHARE_RANGE);
    let y = Axis::new(Text::new("test accuracy", "测试准确率"), AxisScale::Linear, [0.5, 1.02]);
    Panel::chart(Text::new("Test accuracy", "测试准确率"), x, y, marks)
}

/// A line for each method along training: the mean over seeds at the probed share.
fn along_training(
    probed: &[&Outcome],
    names: [&'static str; 3],
    read: fn(&Path) -> &Vec<f64>,
    floor: f64,
) -> impl Iterator<Item = Mark> {
    const LABELED: [(Text, Role, Stroke); 3] = [
        (Text::new("gradient descent", "梯度下降"), Role::Test, Stroke::Solid),
        (Text::same("Adam"), Role::Noise, Stroke::Solid),
        (Text::same("AdaGrad"), Role::Variance, Stroke::Dotted),
    ];
    let steps = curve_steps();
    let x: Vec<f64> = steps.iter().map(|&step| step as f64).collect();
    names.into_iter().zip(LABELED).enumerate().map(move |(index, (name, (label, role, stroke)))| {
        let mean = |step: usize| {
            let values = probed.iter().filter_map(|outcome| read(&outcome.paths[index]).get(step)).copied();
            let mean = statistics::mean(&values.collect::<Vec<_>>());
            if mean < floor { floor } else { mean }
        };
        Mark::line(name, label, role, stroke, &x, (0..x.len()).map(mean).collect())
    })
}

fn steps_axis() -> Axis {
    Axis::new(Text::new("steps t", "步数 t"), AxisScale::LogFromZero, [0.0, STEPS as f64])
}

fn answer_panel(probed: &[&Outcome]) -> Panel {
    let label = Text::new("above: wrong", "以上为错");
    let ends = [0.0, STEPS as f64];
    let mut marks = vec![Mark::line("", label, Role::Neutral, Stroke::Dotted, &ends, vec![0.0; 2])];
    let names = ["negative_answer_gd", "negative_answer_adam", "negative_answer_adagrad"];
    marks.extend(along_training(probed, names, |path| &path.negative_answer, f64::NEG_INFINITY));
    let label = Text::new("adaptive methods, theory", "自适应方法（理论）");
    marks.push(Mark::line("theory_negative_answer", label, Role::Theory, Stroke::Dashed, &ends, vec![0.25; 2]));
    let y = Axis::new(Text::new("answer f(x)", "回答 f(x)"), AxisScale::Linear, [-1.0, 0.5]);
    Panel::chart(Text::new("Answer to a new negative sample", "对一个新的负样本的回答"), steps_axis(), y, marks)
}

fn training_panel(probed: &[&Outcome]) -> Panel {
    let names = ["train_mse_gd", "train_mse_adam", "train_mse_adagrad"];
    let marks = along_training(probed, names, |path| &path.train_mse, FLOOR).collect();
    let y = Axis::new(Text::new("training error", "训练误差"), AxisScale::Log, [FLOOR, 2.0]);
    Panel::chart(Text::new("Training error", "训练误差"), steps_axis(), y, marks)
}

/// The courses along the share and the probed point in words.
fn describe(settings: &Settings, probed: &[&Outcome], columns: &[Vec<&Outcome>], outputs: &[OutputValue]) -> Text {
    if probed.is_empty() || columns.iter().any(Vec::is_empty) {
        return declarations::NOTHING_YET;
    }
    let course = |choose| {
        let mean = along_shares(columns, statistics::mean, choose);
        let error = along_shares(columns, statistics::standard_error, choose);
        Course { x: &SHARES, mean: &mean, error: &error, least: 0.02 }.words("p", short)
    };
    let (descent, adam) = (course(GRADIENT_DESCENT), course(ADAM));
    let value = |name| OutputValue::written(outputs, name);
    let [gd, min_norm, adam_here, adagrad] =
        ["test_accuracy_gd", "test_accuracy_min_norm", "test_accuracy_adam", "test_accuracy_adagrad"].map(value);
    let [gd_train, adam_train, adagrad_train] = ["train_mse_gd", "train_mse_adam", "train_mse_adagrad"].map(value);
    let (n, share) = (settings.count("samples"), plain(settings.real("positive_probability")));
    Text::owned(
        format!(
            "{n} training samples. As the share p of the majority class grows, the test accuracy of Adam {}; that of gradient descent {}. At p = {share} it is {gd} for gradient descent, {min_norm} for the minimum-norm solution, {adam_here} for Adam and {adagrad} for AdaGrad; the training errors are {gd_train}, {adam_train} (Adam) and {adagrad_train} (AdaGrad).",
            adam.en, descent.en
        ),
        format!(
            "{n} 个训练样本。随着多数类的比例 p 增大，Adam 的测试准确率{}；梯度下降的测试准确率{}。p = {share} 时，梯度下降为 {gd}，最小范数解为 {min_norm}，Adam 为 {adam_here}，AdaGrad 为 {adagrad}；训练误差分别为 {gd_train}（梯度下降）、{adam_train}（Adam）和 {adagrad_train}（AdaGrad）。",
            adam.zh, descent.zh
        ),
    )
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::testing::{self, complete, probe};
    use kernels::double::{Cholesky, View, gemv, symmetric_eigenvalues, syrk};

    fn settings(pairs: &[(&str, &str)]) -> Settings {
        testing::settings(&LAB, pairs)
    }

    const COUNTS: Counts = Counts { of_class: [13.0, 7.0] };

    /// The whole design matrix, positive samples first, with its labels and its number of features.
    fn design(counts: Counts) -> (Vec<f64>, Vec<f64>, usize) {
        let (n, positive) = (counts.samples() as usize, counts.of_class[0] as usize);
        let features = 3 + 5 * n;
        let mut design = vec![0.0; n * features];
        let mut labels = vec![0.0; n];
        for (sample, row) in design.chunks_exact_mut(features).enumerate() {
            let class = usize::from(sample >= positive);
            labels[sample] = LABELS[class];
            row[..3].copy_from_slice(&[LABELS[class], 1.0, 1.0]);
            row[3 + 5 * sample..][..OWN[class] as usize].fill(1.0);
        }
        (design, labels, features)
    }

    /// The four kinds of weights in a full vector.
    fn kinds(full: &[f64], counts: Counts) -> Weights {
        [full[0], full[1], full[3], full[3 + 5 * counts.of_class[0] as usize]]
    }

    fn close(a: &Weights, b: &Weights, distance: f64) {
        assert!(a.iter().zip(b).all(|(a, b)| (a - b).abs() < distance), "{a:?} {b:?}");
    }

    #[test]
    fn four_weights_stand_for_all() {
        let (design, labels, features) = design(COUNTS);
        let n = labels.len();
        let x = View::new(&design, n, features);
        for method in METHODS {
            let mut trainer = Trainer::new(method, COUNTS);
            let (mut weights, mut means, mut squares) = (vec![0.0; features], vec![0.0; features], vec![0.0; features]);
            let mut left = [1.0; 2];
            for _ in 0..60 {
                trainer.step();
                let mut residual = vec![0.0; n];
                gemv(&mut residual, x, &weights);
                residual.iter_mut().zip(&labels).for_each(|(fitted, label)| *fitted -= label);
                let mut gradient = vec![0.0; features];
                gemv(&mut gradient, x.transposed(), &residual);
                left = [left[0] * ADAM_DECAYS[0], left[1] * ADAM_DECAYS[1]];
                for k in 0..features {
                    let slope = gradient[k] / n as f64;
                    weights[k] -= match method {
                        Method::GradientDescent => slope / COUNTS.smoothness(),
                        Method::Adam => {
                            means[k] = ADAM_DECAYS[0] * means[k] + (1.0 - ADAM_DECAYS[0]) * slope;
                            squares[k] = ADAM_DECAYS[1] * squares[k] + (1.0 - ADAM_DECAYS[1]) * slope * slope;
                            let root = (squares[k] / (1.0 - left[1])).sqrt();
                            ADAM_RATE * means[k] / (1.0 - left[0]) / (root + EPSILON)
                        }
                        Method::AdaGrad => {
                            squares[k] += slope * slope;
                            ADAGRAD_RATE * slope / (squares[k].sqrt() + EPSILON)
                        }
                    };
                }
            }
            close(&trainer.weights, &kinds(&weights, COUNTS), 1e-12);
        }
    }

    #[test]
    fn min_norm_and_smoothness_are_those_of_the_whole_matrix() {
        let (design, labels, features) = design(COUNTS);
        let n = labels.len();
        let mut gram = vec![0.0; n * n];
        syrk(&mut gram, View::new(&design, n, features));
        let greatest = symmetric_eigenvalues(&gram, n).into_iter().fold(0.0, f64::max) / n as f64;
        assert!((greatest - COUNTS.smoothness()).abs() < 1e-12);
        let mut dual = labels.clone();
        Cholesky::new(gram, n).unwrap().solve(&mut dual);
        let mut full = vec![0.0; features];
        gemv(&mut full, View::new(&design, n, features).transposed(), &dual);
        close(&COUNTS.min_norm(), &kinds(&full, COUNTS), 1e-12);
    }

    #[test]
    fn adaptive_methods_end_at_a_quarter_of_the_sign_and_gradient_descent_at_the_minimum_norm_solution() {
        let outcome = Outcome::new(&Spec { samples: 50, positive_probability: 0.7, seed: 2 });
        for adaptive in [ADAM(&outcome), ADAGRAD(&outcome)] {
            close(adaptive, &[0.25, 0.25, 0.25, -0.25], 1e-4);
        }
        close(GRADIENT_DESCENT(&outcome), &outcome.min_norm, 1e-9);
    }

    #[test]
    fn the_test_accuracy_of_adaptive_methods_is_the_share_of_the_majority() {
        for share in ["0.55", "0.7", "0.95"] {
            for samples in ["20", "200"] {
                let pairs = [("positive_probability", share), ("samples", samples), ("seeds", "30")];
                let report = probe(&LAB, settings(&pairs), &Data::none());
                let value = |name: &str| testing::value(&report, name);
                for name in ["test_accuracy_adam", "test_accuracy_adagrad"] {
                    assert!((value(name) - value("theory_test_accuracy_adam")).abs() < 1e-12, "{share} {samples}");
                }
                for name in ["train_mse_gd", "train_mse_adam", "train_mse_adagrad"] {
                    assert!(value(name) < 1e-6, "{name} {share} {samples}: {}", value(name));
                }
                if samples == "200" {
                    assert_eq!(value("test_accuracy_gd"), 1.0);
                }
            }
        }
    }

    #[test]
    fn a_sample_without_a_negative_one_teaches_gradient_descent_nothing_either() {
        let counts = Counts { of_class: [20.0, 0.0] };
        assert_eq!(test_accuracy(&counts.min_norm(), 0.75), 0.75);
    }

    #[test]
    fn positive_samples_are_always_the_majority() {
        for seed in 0..200 {
            let counts = Counts::draw(&Spec { samples: 20, positive_probability: 0.55, seed });
            assert!(counts.of_class[0] > counts.of_class[1] && counts.samples() == 20.0);
        }
    }

    #[test]
    fn a_run_tells_the_course_of_the_accuracies() {
        let report = complete(&LAB, settings(&[("seeds", "4")]), &Data::none()).report;
        assert!(report.outputs.iter().all(|output| output.value.is_finite()));
        assert!(report.description.en.contains("Adam rises from"), "{}", report.description.en);
        assert!(report.description.zh.contains("升到"), "{}", report.description.zh);
    }
}
