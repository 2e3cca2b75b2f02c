//! Training one network on digits with noisy borders, and probing it.

use crate::{
    data::Digits,
    digits::{self, CLASSES},
    histories::Snapshot,
    lab::{Work, slice},
    network::{Activation, Examples, Mlp, Optimizer, Pass, Rule, Score},
    random::Random,
};
use kernels::single::{linear::axpy, softmax};
use serde::{Deserialize, Serialize};

/// Pixels of an image's side.
pub const SIDE: usize = 28;
/// Pixels of an image.
pub const PIXELS: usize = SIDE * SIDE;
/// Pixels of the middle's side.
const MIDDLE: usize = 20;
/// Width of the border.
const BORDER: usize = (SIDE - MIDDLE) / 2;
/// Digits in the test set.
pub const TEST_DIGITS: usize = 2000;
/// Training stops at this training loss.
pub const TARGET_LOSS: f64 = 0.01;
/// Steps between looks at the training loss.
const CHECK: usize = 25;
/// Examples that pass through the network at once.
const BLOCK: usize = 100;
/// Operations of one slice.
const SLICE: f64 = 2e7;
/// Hidden units whose weights are drawn.
pub const DRAWN_UNITS: usize = 10;
/// Digits that are drawn.
pub const DRAWN_DIGITS: usize = 10;

/// The uses of a seed.
mod stream {
    pub const SPLIT: u64 = 0;
    pub const TRAIN_NOISE: u64 = 1;
    pub const TEST_NOISE: u64 = 2;
    pub const WEIGHTS: u64 = 3;
    pub const FRESH_NOISE: u64 = 4;
}

/// One training.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct Spec {
    /// Digits that are trained on.
    pub samples: usize,
    /// The standard deviation of the border's pixels.
    pub noise_scale: f64,
    /// Hidden units.
    pub hidden: usize,
    /// Whether weights and digits are kept for drawing.
    pub pictures: bool,
    /// The seed.
    pub seed: u64,
}

/// A moment of training.
#[derive(Clone, Copy, Debug, PartialEq, Serialize, Deserialize)]
pub struct Moment {
    /// Steps so far.
    pub step: usize,
    /// Mean cross-entropy on the training digits.
    pub train_loss: f64,
    /// The share of training digits that are got right.
    pub train_accuracy: f64,
    /// Mean cross-entropy on the test digits, whose borders have noise of their own.
    pub test_loss: f64,
    /// The share of test digits that are got right.
    pub test_accuracy: f64,
}

impl Snapshot for Moment {
    fn step(&self) -> usize {
        self.step
    }

    fn losses(&self) -> [f64; 2] {
        [self.train_loss, self.test_loss]
    }
}

/// What a trained network does with changed borders, and where its weights lie.
#[derive(Clone, Copy, Debug, PartialEq, Serialize, Deserialize)]
pub struct Probes {
    /// Accuracy on the test digits, borders set to zero.
    pub test_border_zeroed: f64,
    /// Accuracy on the training borders, the middle replaced by the mean of all middles.
    pub train_border_only: f64,
    /// Accuracy on the training digits, the noise drawn anew.
    pub train_fresh_noise: f64,
    /// The border's share of `‖W₁ − W₁(0)‖²`.
    pub share_of_update: f64,
    /// The border's share of `‖W₁‖²`.
    pub share_of_weights: f64,
}

/// What a digit may be shown with.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum View {
    /// Test digits with noise of their own.
    Test,
    /// Test digits without border.
    TestZeroed,
    /// Training digits as they were trained on.
    Train,
    /// Training digits with new noise.
    TrainFresh,
    /// The borders of training digits around the mean middle.
    TrainBorder,
}

/// Some digits as the network got them, with its answers.
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize)]
pub struct Sheet {
    /// Image after image, 0 = least, 255 = most ink.
    pub pixels: Vec<u8>,
    /// The true classes.
    pub labels: Vec<u8>,
    /// The network's answers.
    pub answers: Vec<u8>,
}

/// What a training has found.
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize)]
pub struct Record {
    /// Some moments, ever further apart; after the end the end is the last.
    pub history: Vec<Moment>,
    /// The probes, after the end.
    pub probes: Option<Probes>,
    /// First-layer weights of some hidden units, image after image, 128 for zero.
    pub weights: Vec<u8>,
    /// What each [`View`] shows, in order, after the end.
    pub sheets: Vec<Sheet>,
}

impl View {
    /// All of them, in the order of [`Record::sheets`].
    pub const ALL: [Self; 5] = [Self::Test, Self::TestZeroed, Self::Train, Self::TrainFresh, Self::TrainBorder];

    const fn is_of_test_digits(self) -> bool {
        matches!(self, Self::Test | Self::TestZeroed)
    }
}

impl Spec {
    /// Training ends after so many steps at the latest.
    pub fn max_steps(&self) -> usize {
        2000.min(800_000 / self.samples)
    }

    /// The step size: the curvature grows with the power of the noise.
    fn learning_rate(&self) -> f64 {
        0.2 / (1.0 + self.noise_scale * self.noise_scale)
    }

    /// Estimated operations; of the matrix products a multiplication with its addition counts one, as fast as they are.
    pub fn cost(&self) -> f64 {
        let weights = (PIXELS * self.hidden) as f64;
        let (n, test) = (self.samples as f64, TEST_DIGITS as f64);
        let steps = (280.0 * (n / 200.0).sqrt()).min(self.max_steps() as f64);
        2.0 * weights * n * steps + 9.0 * weights * test + 4e4 * (test + n)
    }
}

/// What a task does next.
#[derive(Clone, Copy)]
enum Stage {
    /// Drawing borders for the training digits from this one on.
    DrawTrain(usize),
    /// Drawing borders for the test digits from this one on.
    DrawTest(usize),
    /// Gathering the loss and its gradient from the training digits from this one on.
    Gather(usize),
    /// Judging the test digits from this one on; then the end, or the step.
    JudgeTest { from: usize, is_end: bool },
    /// Judging a view from this digit on.
    Probe(View, usize),
    /// Nothing.
    Finished,
}

/// A training under way.
pub struct Task<'a> {
    spec: Spec,
    digits: &'a Digits,
    split: digits::Split,
    train_noise: Random,
    test_noise: Random,
    fresh_noise: Random,
    train: Examples,
    test: Examples,
    network: Mlp,
    /// `W₁(0)`.
    first_weights: Vec<f32>,
    optimizer: Optimizer,
    pass: Pass,
    gradient: Vec<f32>,
    block_gradient: Vec<f32>,
    losses: Vec<f32>,
    /// A block of digits with changed borders.
    changed: Vec<f32>,
    /// The mean of all middles.
    mean_middle: Vec<f32>,
    stage: Stage,
    step: usize,
    /// The step after which the test digits are judged next.
    next_judged: usize,
    train_score: Score,
    test_score: Score,
    probes: [f64; View::ALL.len()],
    record: Record,
}

/// Whether a pixel belongs to the border.
fn is_border(pixel: usize) -> bool {
    let inside = BORDER..BORDER + MIDDLE;
    !inside.contains(&(pixel / SIDE)) || !inside.contains(&(pixel % SIDE))
}

/// Writes a middle into an image.
fn put_middle(image: &mut [f32], middle: impl Iterator<Item = f32>) {
    let places = (0..MIDDLE).flat_map(|y| (0..MIDDLE).map(move |x| (y + BORDER) * SIDE + x + BORDER));
    places.zip(middle).for_each(|(place, value)| image[place] = value);
}

/// Sets the border of an image, pixel after pixel.
fn set_border(image: &mut [f32], mut value: impl FnMut() -> f64) {
    for (pixel, place) in image.iter_mut().enumerate() {
        if is_border(pixel) {
            *place = value() as f32;
        }
    }
}

/// The border's share of the squared length of first-layer weights, one row of hidden units a pixel.
fn border_share(weights: impl Iterator<Item = f32>, hidden: usize) -> f64 {
    let (mut border, mut all) = (0.0, 0.0);
    for (index, weight) in weights.enumerate() {
        let square = f64::from(weight) * f64::from(weight);
        all += square;
        if is_border(index / hidden) {
            border += square;
        }
    }
    if all > 0.0 { border / all } else { 0.0 }
}

impl<'a> Task<'a> {
    /// Draws split and weights.
    pub fn new(spec: &Spec, digits: &'a Digits) -> Self {
        let random = |stream| Random::new(spec.seed, stream);
        let mut split = digits::split(digits, spec.samples, &mut random(stream::SPLIT));
        split.test.truncate(TEST_DIGITS);
        let examples = |indices: &[usize]| Examples {
            dimension: PIXELS,
            classes: CLASSES,
            inputs: Vec::with_capacity(indices.len() * PIXELS),
            labels: digits::labels(digits, indices).into_iter().map(u32::from).collect(),
        };
        let mut weights = random(stream::WEIGHTS);
        let mut network = Mlp::new(&[PIXELS, spec.hidden, CLASSES], Activation::Relu, &mut weights);
        let first = PIXELS * spec.hidden;
        let second = first + spec.hidden..first + spec.hidden + spec.hidden * CLASSES;
        let scales = [0.1 * (2.0 / PIXELS as f64).sqrt(), 1.0 / (spec.hidden as f64).sqrt()];
        network.parameters.fill(0.0);
        for (range, scale) in [(0..first, scales[0]), (second, scales[1])] {
            network.parameters[range].iter_mut().for_each(|weight| *weight = (scale * weights.normal()) as f32);
        }
        let count = network.parameters.len();
        let rule = Rule::Sgd { learning_rate: spec.learning_rate(), momentum: 0.0, weight_decay: 0.0 };
        let mut mean_middle = vec![0.0f32; MIDDLE * MIDDLE];
        for image in digits.values.as_chunks::<{ MIDDLE * MIDDLE }>().0 {
            mean_middle.iter_mut().zip(image).for_each(|(mean, &value)| *mean += f32::from(value));
        }
        for mean in &mut mean_middle {
            *mean /= 15.0 * digits.count as f32;
        }
        let mut task = Self {
            spec: spec.clone(),
            digits,
            train: examples(&split.train),
            test: examples(&split.test),
            split,
            train_noise: random(stream::TRAIN_NOISE),
            test_noise: random(stream::TEST_NOISE),
            fresh_noise: random(stream::FRESH_NOISE),
            first_weights: network.parameters[..first].to_vec(),
            optimizer: Optimizer::new(rule, count),
            pass: Pass::new(&network, BLOCK),
            gradient: vec![0.0; count],
            block_gradient: vec![0.0; count],
            losses: vec![0.0; BLOCK],
            changed: Vec::with_capacity(BLOCK * PIXELS),
            mean_middle,
            network,
            stage: Stage::DrawTrain(0),
            step: 0,
            next_judged: 0,
            train_score: Score::default(),
            test_score: Score::default(),
            probes: [f64::NAN; View::ALL.len()],
            record: Record::default(),
        };
        task.draw_weights();
        task
    }

    /// Appends a block of images with noisy borders; where the next begins.
    fn draw(&mut self, of_test: bool, from: usize) -> Option<usize> {
        let (indices, examples, noise) = if of_test {
            (&self.split.test, &mut self.test, &mut self.test_noise)
        } else {
            (&self.split.train, &mut self.train, &mut self.train_noise)
        };
        let to = (from + BLOCK).min(indices.len());
        for &index in &indices[from..to] {
            let mut image = [0.0; PIXELS];
            let middle = &self.digits.values[index * self.digits.pixels..][..self.digits.pixels];
            put_middle(&mut image, middle.iter().map(|&value| f32::from(value) / 15.0));
            set_border(&mut image, || self.spec.noise_scale * noise.normal());
            examples.inputs.extend_from_slice(&image);
        }
        (to < indices.len()).then_some(to)
    }

    /// Loss and gradient of a block.
    fn gather(&mut self, from: usize) -> Stage {
        let to = (from + BLOCK).min(self.train.len());
        let (inputs, labels) = (self.train.rows(from..to), &self.train.labels[from..to]);
        let losses = &mut self.losses[..labels.len()];
        let scale = 1.0 / self.train.len() as f32;
        let logits = self.network.forward(inputs, &mut self.pass);
        self.train_score.wrong += softmax::misclassified(logits, CLASSES, labels);
        softmax::cross_entropy_with_gradient(logits, CLASSES, labels, scale, losses);
        self.train_score.loss += losses.iter().map(|&loss| f64::from(loss)).sum::<f64>();
        self.train_score.count += labels.len();
        if from == 0 {
            self.network.backward(inputs, &mut self.pass, &mut self.gradient);
        } else {
            self.network.backward(inputs, &mut self.pass, &mut self.block_gradient);
            axpy(1.0, &self.block_gradient, &mut self.gradient);
        }
        if to < self.train.len() {
            return Stage::Gather(to);
        }
        let loss = self.train_score.mean_loss();
        let is_fitted = self.step.is_multiple_of(CHECK) && loss < TARGET_LOSS;
        let is_end = is_fitted || self.step >= self.spec.max_steps() || !loss.is_finite();
        if is_end || self.step == self.next_judged {
            self.test_score = Score::default();
            return Stage::JudgeTest { from: 0, is_end };
        }
        self.descend()
    }

    fn descend(&mut self) -> Stage {
        self.optimizer.step(&mut self.network.parameters, &self.gradient);
        self.step += 1;
        self.train_score = Score::default();
        Stage::Gather(0)
    }

    fn judge_test(&mut self, from: usize, is_end: bool) -> Stage {
        let to = (from + BLOCK).min(self.test.len());
        self.test.judge(from..to, &self.network, &mut self.pass, Some(&mut self.losses), &mut self.test_score);
        if to < self.test.len() {
            return Stage::JudgeTest { from: to, is_end };
        }
        self.record.history.push(Moment {
            step: self.step,
            train_loss: self.train_score.mean_loss(),
            train_accuracy: 1.0 - self.train_score.error(),
            test_loss: self.test_score.mean_loss(),
            test_accuracy: 1.0 - self.test_score.error(),
        });
        self.next_judged = self.step + (3 * self.step / 4).max(1);
        self.draw_weights();
        if is_end { Stage::Probe(View::ALL[0], 0) } else { self.descend() }
    }

    /// Judges a block of digits with changed borders.
    fn probe(&mut self, view: View, from: usize) -> Stage {
        let examples = if view.is_of_test_digits() { &self.test } else { &self.train };
        let to = (from + BLOCK).min(examples.len());
        self.changed.clear();
        self.changed.extend_from_slice(examples.rows(from..to));
        for image in self.changed.as_chunks_mut::<PIXELS>().0 {
            match view {
                View::Test | View::Train => {}
                View::TestZeroed => set_border(image, || 0.0),
                View::TrainFresh => set_border(image, || self.spec.noise_scale * self.fresh_noise.normal()),
                View::TrainBorder => put_middle(image, self.mean_middle.iter().copied()),
            }
        }
        let labels = &examples.labels[from..to];
        let logits = self.network.forward(&self.changed, &mut self.pass);
        if from == 0 && self.spec.pictures {
            self.record.sheets.push(sheet(&self.changed, labels, logits, self.spec.noise_scale as f32));
        }
        self.test_score.count += labels.len();
        self.test_score.wrong += softmax::misclassified(logits, CLASSES, labels);
        if to < examples.len() {
            return Stage::Probe(view, to);
        }
        let index = View::ALL.iter().position(|other| *other == view).unwrap_or(0);
        self.probes[index] = 1.0 - self.test_score.error();
        self.test_score = Score::default();
        if let Some(&next) = View::ALL.get(index + 1) {
            return Stage::Probe(next, 0);
        }
        let weights = &self.network.parameters[..self.first_weights.len()];
        let update = weights.iter().zip(&self.first_weights).map(|(now, first)| now - first);
        self.record.probes = Some(Probes {
            test_border_zeroed: self.probes[1],
            train_border_only: self.probes[4],
            train_fresh_noise: self.probes[3],
            share_of_update: border_share(update, self.spec.hidden),
            share_of_weights: border_share(weights.iter().copied(), self.spec.hidden),
        });
        Stage::Finished
    }

    /// Keeps the first-layer weights of the first hidden units, if they are drawn.
    fn draw_weights(&mut self) {
        if !self.spec.pictures {
            return;
        }
        let hidden = self.spec.hidden;
        let weight = |unit: usize, pixel: usize| self.network.parameters[pixel * hidden + unit];
        let all = || (0..DRAWN_UNITS.min(hidden)).flat_map(|unit| (0..PIXELS).map(move |pixel| (unit, pixel)));
        let greatest = all().map(|(unit, pixel)| weight(unit, pixel).abs()).fold(f32::MIN_POSITIVE, f32::max);
        let shade = |(unit, pixel)| (128.0 + 127.0 * weight(unit, pixel) / greatest).round() as u8;
        self.record.weights = all().map(shade).collect();
    }

    /// Does the next indivisible piece and returns about how many operations it took.
    fn piece(&mut self) -> f64 {
        let forward = self.network.forward_cost() * BLOCK as f64;
        let (stage, cost) = match self.stage {
            Stage::DrawTrain(from) => {
                let next = self.draw(false, from).map_or(Stage::DrawTest(0), Stage::DrawTrain);
                (next, 4e4 * BLOCK as f64)
            }
            Stage::DrawTest(from) => {
                let next = self.draw(true, from).map_or(Stage::Gather(0), Stage::DrawTest);
                (next, 4e4 * BLOCK as f64)
            }
            Stage::Gather(from) => (self.gather(from), 2.0 * forward),
            Stage::JudgeTest { from, is_end } => (self.judge_test(from, is_end), forward),
            Stage::Probe(view, from) => (self.probe(view, from), forward + 2e6),
            Stage::Finished => (Stage::Finished, f64::INFINITY),
        };
        self.stage = stage;
        cost
    }
}

/// The first digits of a block with the network's answers.
fn sheet(inputs: &[f32], labels: &[u32], logits: &[f32], noise_scale: f32) -> Sheet {
    let (least, most) = (-noise_scale, 1.0 + noise_scale);
    let shade = |value: &f32| (255.0 * (value - least) / (most - least)).clamp(0.0, 255.0).round() as u8;
    let answer = |logits: &[f32; CLASSES]| {
        (0..CLASSES).reduce(|best, class| if logits[class] > logits[best] { class } else { best }).unwrap_or(0) as u8
    };
    Sheet {
        pixels: inputs.iter().take(DRAWN_DIGITS * PIXELS).map(shade).collect(),
        labels: labels.iter().take(DRAWN_DIGITS).map(|&label| label as u8).collect(),
        answers: logits.as_chunks::<CLASSES>().0.iter().take(DRAWN_DIGITS).map(answer).collect(),
    }
}

impl Work<Record> for Task<'_> {
    fn advance(&mut self) -> bool {
        slice(SLICE, || self.piece());
        matches!(self.stage, Stage::Finished)
    }

    fn record(&self) -> Record {
        self.record.clone()
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::data::Data;

    #[test]
    fn the_border_has_384_pixels() {
        assert_eq!((0..PIXELS).filter(|&pixel| is_border(pixel)).count(), 384);
    }

    #[test]
    fn noise_stays_on_the_border_and_digits_in_the_middle() {
        let data = Data::bundled();
        let spec = Spec { samples: 150, noise_scale: 2.0, hidden: 8, pictures: false, seed: 3 };
        let mut task = Task::new(&spec, data.mnist_20x20());
        while matches!(task.stage, Stage::DrawTrain(_) | Stage::DrawTest(_)) {
            task.piece();
        }
        assert_eq!((task.train.inputs.len(), task.test.inputs.len()), (150 * PIXELS, TEST_DIGITS * PIXELS));
        let pixels = |border: bool| {
            let inputs = task.train.inputs.iter().enumerate();
            inputs.filter(move |(index, _)| is_border(index % PIXELS) == border).map(|(_, &value)| f64::from(value))
        };
        assert!(pixels(false).all(|value| (0.0..=1.0).contains(&value)));
        let power = pixels(true).map(|value| value * value).sum::<f64>() / pixels(true).count() as f64;
        assert!((power - 4.0).abs() < 0.1, "{power}");
    }

    #[test]
    fn a_block_at_a_time_gives_the_gradient_of_all() {
        let data = Data::bundled();
        let spec = Spec { samples: 250, noise_scale: 1.0, hidden: 8, pictures: false, seed: 1 };
        let mut task = Task::new(&spec, data.mnist_20x20());
        task.next_judged = 1;
        while task.step == 0 {
            task.piece();
        }
        let mut network = Task::new(&spec, data.mnist_20x20()).network;
        let mut pass = Pass::new(&network, 250);
        let mut gradient = vec![0.0; network.parameters.len()];
        let logits = network.forward(&task.train.inputs, &mut pass);
        softmax::cross_entropy_gradient(logits, CLASSES, &task.train.labels, 1.0 / 250.0);
        network.backward(&task.train.inputs, &mut pass, &mut gradient);
        axpy(-0.1, &gradient, &mut network.parameters);
        for (a, b) in network.parameters.iter().zip(&task.network.parameters) {
            assert!((a - b).abs() < 1e-6);
        }
    }
}
