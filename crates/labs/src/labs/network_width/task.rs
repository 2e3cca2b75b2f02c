//! Training one network.

use crate::{
    data::Digits,
    digits::{self, CLASSES, Standardization},
    lab::{Work, slice},
    network::{Activation, Examples, Mlp, Pass, Rule, Score, Training},
    random::Random,
};
use serde::{Deserialize, Serialize};

const BATCH: usize = 50;
const LEARNING_RATE: f64 = 0.01;
/// Examples that are judged at once.
const BLOCK: usize = 128;
/// Operations of one slice.
const SLICE: f64 = 3e7;
/// What one example costs beside its matrix products, in operations of the same duration.
const OVERHEAD: f64 = 5e3;

/// The uses of a seed.
mod stream {
    pub const SPLIT: u64 = 0;
    pub const NOISE: u64 = 1;
    pub const WEIGHTS: u64 = 2;
    pub const ORDER: u64 = 3;
}

/// One network and its training.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct Spec {
    /// Digits that are trained on.
    pub samples: usize,
    /// Share of wrong training labels.
    pub label_noise: f64,
    /// Hidden units.
    pub width: usize,
    /// Passes over the training set.
    pub epochs: usize,
    /// The seed of split, noise, weights and order.
    pub seed: u64,
}

/// How a training has gone.
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize)]
pub struct Record {
    /// Some epochs, ever further apart; the last epoch is among them.
    pub history: Vec<Moment>,
    /// The least test error after any epoch.
    pub best_epoch_test_error: f64,
    /// The first epoch that had it.
    pub best_epoch: u32,
    /// ‖w‖² at the last moment of the history.
    pub squared_norm: f64,
}

/// The state of a network after an epoch.
#[derive(Clone, Copy, Debug, PartialEq, Serialize, Deserialize)]
pub struct Moment {
    /// Epochs so far.
    pub epoch: u32,
    /// Share of training examples whose noisy label is not predicted.
    pub train_error: f64,
    /// Share of test examples misclassified.
    pub test_error: f64,
    /// Mean cross-entropy on the test set.
    pub test_loss: f64,
}

impl Record {
    /// The latest moment; all NaN before the first epoch is over.
    pub fn last(&self) -> Moment {
        let unknown = Moment { epoch: 0, train_error: f64::NAN, test_error: f64::NAN, test_loss: f64::NAN };
        self.history.last().copied().unwrap_or(unknown)
    }

    /// Whether weights or loss are no longer finite.
    pub fn diverged(&self) -> bool {
        !(self.squared_norm.is_finite() && self.last().test_loss.is_finite())
    }
}

/// The epoch after `epoch` whose state is kept: every one up to ten, then a tenth more each time.
pub fn next_kept(epoch: usize, epochs: usize) -> usize {
    (epoch + 1).max(epoch + epoch / 10).min(epochs)
}

impl Spec {
    /// Estimated operations.
    pub fn cost(&self) -> f64 {
        let forward = 2.0 * ((64 + CLASSES) * self.width) as f64;
        let test = 1797usize.saturating_sub(self.samples) as f64 * (forward + 0.1 * OVERHEAD);
        let train = self.samples as f64 * (2.2 * forward + OVERHEAD);
        self.epochs as f64 * (test + train)
    }
}

/// What a task does next.
#[derive(Clone, Copy)]
enum Stage {
    /// Steps on batches, until the epoch is over.
    Train,
    /// Judging the training examples from this one on.
    JudgeTrain(usize),
    /// Judging the test examples from this one on.
    JudgeTest(usize),
    /// Nothing.
    Finished,
}

/// A training under way.
pub struct Task {
    epochs: usize,
    training: Training,
    test: Examples,
    pass: Pass,
    losses: Vec<f32>,
    stage: Stage,
    /// The next epoch whose state is kept.
    kept: usize,
    train_score: Score,
    test_score: Score,
    record: Record,
}

impl Task {
    /// Draws data and weights.
    pub fn new(spec: &Spec, digits: &Digits) -> Self {
        let random = |stream| Random::new(spec.seed, stream);
        let split = digits::split(digits, spec.samples, &mut random(stream::SPLIT));
        let clean = digits::labels(digits, &split.train);
        let noisy = digits::noisy_labels(&clean, spec.label_noise, &mut random(stream::NOISE));
        let pixels = digits::pixels(digits, &split.train);
        let scale = Standardization::of(&pixels);
        let examples = |pixels: &[f64], labels: &[u8]| Examples {
            dimension: digits.pixels,
            classes: CLASSES,
            inputs: pixels.iter().map(|&pixel| scale.apply(pixel) as f32).collect(),
            labels: labels.iter().map(|&label| u32::from(label)).collect(),
        };
        let train = examples(&pixels, &noisy);
        let test = examples(&digits::pixels(digits, &split.test), &digits::labels(digits, &split.test));
        let sizes = [digits.pixels, spec.width, CLASSES];
        let network = Mlp::new(&sizes, Activation::Relu, &mut random(stream::WEIGHTS));
        Self {
            epochs: spec.epochs,
            pass: Pass::new(&network, BLOCK),
            training: Training::new(network, Rule::adam(LEARNING_RATE), train, BATCH, random(stream::ORDER)),
            test,
            losses: vec![0.0; BLOCK],
            stage: Stage::Train,
            kept: next_kept(0, spec.epochs),
            train_score: Score::default(),
            test_score: Score::default(),
            record: Record { best_epoch_test_error: f64::INFINITY, ..Record::default() },
        }
    }

    /// Whether the state after the epoch just completed is kept.
    fn keeps(&self) -> bool {
        self.training.epochs() == self.kept
    }

    /// Does the next indivisible piece and returns the operations it took.
    fn piece(&mut self) -> f64 {
        let forward = self.training.network.forward_cost();
        match self.stage {
            Stage::Train => {
                if self.training.step() {
                    (self.train_score, self.test_score) = (Score::default(), Score::default());
                    self.stage = if self.keeps() { Stage::JudgeTrain(0) } else { Stage::JudgeTest(0) };
                }
                BATCH as f64 * (2.2 * forward + OVERHEAD)
            }
            Stage::JudgeTrain(from) => {
                let examples = self.training.examples();
                let to = (from + BLOCK).min(examples.len());
                examples.judge(from..to, &self.training.network, &mut self.pass, None, &mut self.train_score);
                self.stage = if to == examples.len() { Stage::JudgeTest(0) } else { Stage::JudgeTrain(to) };
                (to - from) as f64 * (forward + 0.1 * OVERHEAD)
            }
            Stage::JudgeTest(from) => {
                let to = (from + BLOCK).min(self.test.len());
                let losses = self.keeps().then_some(&mut self.losses[..]);
                self.test.judge(from..to, &self.training.network, &mut self.pass, losses, &mut self.test_score);
                self.stage = Stage::JudgeTest(to);
                if to == self.test.len() {
                    self.end_epoch();
                }
                (to - from) as f64 * (forward + 0.1 * OVERHEAD)
            }
            Stage::Finished => f64::INFINITY,
        }
    }

    fn end_epoch(&mut self) {
        let epoch = self.training.epochs();
        let test_error = self.test_score.error();
        if test_error < self.record.best_epoch_test_error {
            self.record.best_epoch_test_error = test_error;
            self.record.best_epoch = epoch as u32;
        }
        if self.keeps() {
            self.record.history.push(Moment {
                epoch: epoch as u32,
                train_error: self.train_score.error(),
                test_error,
                test_loss: self.test_score.mean_loss(),
            });
            self.record.squared_norm = self.training.network.squared_norm();
            self.kept = next_kept(epoch, self.epochs);
        }
        self.stage = if epoch == self.epochs { Stage::Finished } else { Stage::Train };
    }
}

impl Work<Record> for Task {
    fn advance(&mut self) -> bool {
        slice(SLICE, || self.piece());
        matches!(self.stage, Stage::Finished)
    }

    fn record(&self) -> Record {
        self.record.clone()
    }
}
