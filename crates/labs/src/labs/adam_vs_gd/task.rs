//! One training: the data, the network in its sparse form, and both optimizers.

use crate::{histories::Snapshot, lab::Work, losses, random::Random};
use serde::{Deserialize, Serialize};

/// `d`, pixels of a patch.
const DIMENSION: usize = 1000;
/// `s`, pixels of a noise patch that are not zero, besides the feature noise.
pub const SPARSITY: usize = 20;
/// `σ₀`, the standard deviation of the first weights.
pub const INIT_SCALE: f64 = 0.01;
/// Without weight decay training ends at this training loss.
pub const TARGET_LOSS: f64 = 0.01;
/// The step size of gradient descent.
pub const DESCENT_RATE: f64 = 0.2;
/// Adam's step size.
pub const ADAM_RATE: f64 = 1e-3;
/// Adam's decay of the mean of the gradients and of that of their squares.
const ADAM_DECAYS: [f64; 2] = [0.9, 0.99];
/// What keeps Adam's division from being one by zero.
const EPSILON: f64 = 1e-8;
/// Test points: half of them of either class.
const TEST_POINTS: usize = 2000;
/// Numbers touched in one slice.
const SLICE: usize = 3_000_000;

/// What updates the weights.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub enum Optimizer {
    /// Full-batch gradient descent.
    GradientDescent,
    /// Full-batch Adam.
    Adam,
}

/// All that a training depends on.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct Spec {
    /// The optimizer.
    pub optimizer: Optimizer,
    /// `α`.
    pub feature_noise: f64,
    /// `λ`.
    pub weight_decay: f64,
    /// `n`.
    pub samples: usize,
    /// `m`, filters of either sign.
    pub filters: usize,
    /// Training ends after so many steps at the latest.
    pub max_steps: usize,
    /// The most steps between two moments.
    pub longest_gap: usize,
    /// The seed.
    pub seed: u64,
}

/// A moment of training.
#[derive(Clone, Copy, Debug, PartialEq, Serialize, Deserialize)]
pub struct Moment {
    /// Steps that have been done.
    pub step: usize,
    /// Mean loss on the training samples, without the penalty on weights.
    pub train_loss: f64,
    /// The share of training samples that are misclassified.
    pub train_error: f64,
    /// Mean loss on fresh samples.
    pub test_loss: f64,
    /// The share of fresh samples that are misclassified.
    pub test_error: f64,
    /// `max_r ⟨w_jr, j·v⟩` for the sign `j` that has learned less.
    pub feature: f64,
    /// `max_r ⟨w_jr, −j·v⟩` for the sign `j` that has learned more of it.
    pub reversed_feature: f64,
    /// `max_r ⟨w_jr, ξᵢ⟩` for the sign `j` of the sample's label, averaged over the samples.
    pub noise: f64,
}

impl Snapshot for Moment {
    fn step(&self) -> usize {
        self.step
    }

    fn losses(&self) -> [f64; 2] {
        [self.train_loss, self.test_loss]
    }
}

/// What a training has found: its course, the end last.
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize)]
pub struct Record {
    /// The moments.
    pub moments: Vec<Moment>,
}

impl Spec {
    /// About how many numbers one step touches.
    fn step_size(&self) -> usize {
        let rows = 2 * self.filters;
        let products = 2 * self.samples * SPARSITY * rows;
        let seen = if self.weight_decay > 0.0 { DIMENSION } else { DIMENSION.min(SPARSITY * self.samples) };
        products + 4 * rows * seen
    }

    /// About how many operations a training takes.
    pub fn cost(&self) -> f64 {
        let steps = if self.weight_decay > 0.0 { self.max_steps } else { self.max_steps.min(400) };
        let tests = 70 * TEST_POINTS * SPARSITY * 2 * self.filters;
        2.0 * (steps * self.step_size() + tests) as f64
    }
}

/// Samples whose second patches are sparse: labels alternate from +1 on.
struct Samples {
    count: usize,
    /// Places of the noise, [`SPARSITY`] a sample.
    places: Vec<usize>,
    /// The noise there.
    values: Vec<f64>,
}

impl Samples {
    fn draw(count: usize, random: &mut Random) -> Self {
        let mut places: Vec<usize> = Vec::with_capacity(count * SPARSITY);
        let mut values = vec![0.0; count * SPARSITY];
        for sample in 0..count {
            while places.len() < (sample + 1) * SPARSITY {
                let place = 1 + random.below(DIMENSION - 1);
                if !places[sample * SPARSITY..].contains(&place) {
                    places.push(place);
                }
            }
        }
        random.fill_normal(&mut values);
        let scale = 1.0 / (SPARSITY as f64).sqrt();
        for value in &mut values {
            *value *= scale;
        }
        Self { count, places, values }
    }

    /// The noise of one sample: places and values.
    fn noise(&self, sample: usize) -> impl Iterator<Item = (usize, f64)> + '_ {
        let range = sample * SPARSITY..(sample + 1) * SPARSITY;
        self.places[range.clone()].iter().copied().zip(self.values[range].iter().copied())
    }

    fn rename(&mut self, names: &[usize]) {
        for place in &mut self.places {
            *place = names[*place];
        }
    }
}

/// The label of a sample, ±1.
fn label(sample: usize) -> f64 {
    if sample.is_multiple_of(2) { 1.0 } else { -1.0 }
}

/// New names for the pixels: the feature's first, then those that training samples have noise on, then the rest; and how
/// many there are of the first two kinds.
fn names_by_use(train: &Samples) -> (Vec<usize>, usize) {
    let mut is_seen = vec![false; DIMENSION];
    is_seen[0] = true;
    train.places.iter().for_each(|&place| is_seen[place] = true);
    let seen = is_seen.iter().filter(|seen| **seen).count();
    let mut next = [seen, 0];
    let name = |&is_seen: &bool| {
        let next = &mut next[usize::from(is_seen)];
        *next += 1;
        *next - 1
    };
    (is_seen.iter().map(name).collect(), seen)
}

/// `max(z, 0)³`.
fn activation(z: f64) -> f64 {
    let z = if z > 0.0 { z } else { 0.0 };
    z * z * z
}

/// Its derivative.
fn derivative(z: f64) -> f64 {
    let z = if z > 0.0 { z } else { 0.0 };
    3.0 * z * z
}

/// A training under way. Matrices have a row a pixel and a column a filter, those of the positive sign first.
pub struct Training {
    spec: Spec,
    train: Samples,
    test: Samples,
    weights: Vec<f64>,
    /// Of the first rows, those that training changes: of the pixels that it sees, or all with weight decay.
    gradient: Vec<f64>,
    /// Adam's means of gradients and of their squares.
    means: Vec<f64>,
    squares: Vec<f64>,
    /// What is left of the start in both.
    left: [f64; 2],
    /// The inner products of the training samples' second patches with the filters, sample by sample.
    products: Vec<f64>,
    /// The outputs, times labels.
    margins: Vec<f64>,
    step: usize,
    /// The step at which the next moment is due.
    due: usize,
    record: Record,
}

impl Training {
    /// Draws data and first weights.
    pub fn new(spec: &Spec) -> Self {
        let columns = 2 * spec.filters;
        let mut train = Samples::draw(spec.samples, &mut Random::new(spec.seed, 0));
        let mut test = Samples::draw(TEST_POINTS, &mut Random::new(spec.seed, 2));
        let (names, seen) = names_by_use(&train);
        train.rename(&names);
        test.rename(&names);
        let mut weights = vec![0.0; DIMENSION * columns];
        Random::new(spec.seed, 1).fill_normal(&mut weights);
        for weight in &mut weights {
            *weight *= INIT_SCALE;
        }
        let active = columns * if spec.weight_decay > 0.0 { DIMENSION } else { seen };
        let history = if spec.optimizer == Optimizer::Adam { active } else { 0 };
        Self {
            train,
            test,
            weights,
            gradient: vec![0.0; active],
            means: vec![0.0; history],
            squares: vec![0.0; history],
            left: [1.0; 2],
            products: vec![0.0; spec.samples * columns],
            margins: vec![0.0; spec.samples],
            step: 0,
            due: 0,
            record: Record::default(),
            spec: spec.clone(),
        }
    }

    fn columns(&self) -> usize {
        2 * self.spec.filters
    }

    /// The weights of the feature, filter by filter.
    fn feature_weights(&self) -> &[f64] {
        &self.weights[..self.columns()]
    }

    /// Those of the filters of a sample's class.
    fn own<'a>(&self, products: &'a [f64], sample: usize) -> &'a [f64] {
        let (positive, negative) = products.split_at(self.spec.filters);
        if sample.is_multiple_of(2) { positive } else { negative }
    }

    /// `⟨w_jr, j·v⟩` of the filters of either sign `j`, positive first.
    pub fn learned(&self) -> [Vec<f64>; 2] {
        [0, 1].map(|class| self.own(self.feature_weights(), class).iter().map(|x| label(class) * x).collect())
    }

    /// `F₊ − F₋` over some inner products, one a filter.
    fn output(&self, products: impl Iterator<Item = f64>) -> f64 {
        let one = |(column, product)| sign(column, self.spec.filters) * activation(product);
        products.enumerate().map(one).sum()
    }

    /// What the first patch adds to the output, for either class, positive first.
    fn of_feature(&self) -> [f64; 2] {
        [1.0, -1.0].map(|class| self.output(self.feature_weights().iter().map(|weight| class * weight)))
    }

    /// The inner products of a sample's second patch with the filters.
    fn noise_products(&self, samples: &Samples, sample: usize, products: &mut [f64]) {
        let columns = self.columns();
        let factor = -self.spec.feature_noise * label(sample);
        products.iter_mut().zip(self.feature_weights()).for_each(|(product, weight)| *product = factor * weight);
        for (place, value) in samples.noise(sample) {
            let weights = &self.weights[place * columns..][..columns];
            products.iter_mut().zip(weights).for_each(|(product, weight)| *product += value * weight);
        }
    }

    /// Computes the margins of the training samples; returns the mean loss.
    fn forward(&mut self) -> f64 {
        let columns = self.columns();
        let of_feature = self.of_feature();
        let mut all = std::mem::take(&mut self.products);
        let mut margins = std::mem::take(&mut self.margins);
        let mut loss = 0.0;
        for (sample, (products, margin)) in all.chunks_exact_mut(columns).zip(&mut margins).enumerate() {
            self.noise_products(&self.train, sample, products);
            *margin = label(sample) * (of_feature[sample % 2] + self.output(products.iter().copied()));
            loss += losses::logistic(*margin);
        }
        (self.products, self.margins) = (all, margins);
        loss / self.spec.samples as f64
    }

    /// Computes the gradient of the penalized loss, after [`Training::forward`].
    fn backward(&mut self) {
        let columns = self.columns();
        let decay = self.spec.weight_decay;
        for (slope, weight) in self.gradient.iter_mut().zip(&self.weights) {
            *slope = decay * weight;
        }
        let mut of_class = [0.0; 2];
        let mut pulls = vec![0.0; columns];
        for (sample, products) in self.products.chunks_exact(columns).enumerate() {
            let label = label(sample);
            let pull = -label / (1.0 + libm::exp(self.margins[sample])) / self.spec.samples as f64;
            of_class[sample % 2] += pull;
            for (column, (slope, product)) in pulls.iter_mut().zip(products).enumerate() {
                *slope = sign(column, self.spec.filters) * pull * derivative(*product);
            }
            let factor = -self.spec.feature_noise * label;
            let mut add = |place: usize, value: f64| {
                let slopes = &mut self.gradient[place * columns..][..columns];
                slopes.iter_mut().zip(&pulls).for_each(|(slope, pull)| *slope += value * pull);
            };
            add(0, factor);
            self.train.noise(sample).for_each(|(place, value)| add(place, value));
        }
        for (column, (slope, &weight)) in self.gradient.iter_mut().zip(&self.weights[..columns]).enumerate() {
            let pull = of_class[0] * derivative(weight) - of_class[1] * derivative(-weight);
            *slope += sign(column, self.spec.filters) * pull;
        }
    }

    /// One step, after [`Training::backward`].
    fn update(&mut self) {
        let changing = self.weights.iter_mut().zip(&self.gradient);
        match self.spec.optimizer {
            Optimizer::GradientDescent => changing.for_each(|(weight, slope)| *weight -= DESCENT_RATE * slope),
            Optimizer::Adam => {
                let [of_mean, of_square] = ADAM_DECAYS;
                self.left = [self.left[0] * of_mean, self.left[1] * of_square];
                let (rate, scale) = (ADAM_RATE / (1.0 - self.left[0]), 1.0 / (1.0 - self.left[1]));
                let histories = self.means.iter_mut().zip(&mut self.squares);
                for ((weight, slope), (mean, square)) in changing.zip(histories) {
                    *mean = of_mean * *mean + (1.0 - of_mean) * slope;
                    *square = of_square * *square + (1.0 - of_square) * (slope * slope);
                    *weight -= rate * *mean / ((scale * *square).sqrt() + EPSILON);
                }
            }
        }
        self.step += 1;
    }

    fn moment(&self, train_loss: f64) -> Moment {
        let (n, m) = (self.spec.samples, self.spec.filters);
        let own = |products: &[f64], sample: usize| greatest(self.own(products, sample).iter().copied());
        let noise = self.products.chunks_exact(2 * m).enumerate().map(|(sample, products)| own(products, sample));
        let [positive, negative] = self.learned();
        let learned = |factor: f64| [&positive, &negative].map(|class| greatest(class.iter().map(|x| factor * x)));
        let ([feature, other_feature], [reversed, other_reversed]) = (learned(1.0), learned(-1.0));
        let (test_loss, test_error) = self.test();
        let wrong = self.margins.iter().filter(|margin| is_wrong(**margin)).count();
        Moment {
            step: self.step,
            train_loss,
            train_error: wrong as f64 / n as f64,
            test_loss,
            test_error,
            feature: feature.min(other_feature),
            reversed_feature: reversed.max(other_reversed),
            noise: noise.sum::<f64>() / n as f64,
        }
    }

    /// Mean loss and error on the test points.
    fn test(&self) -> (f64, f64) {
        let of_feature = self.of_feature();
        let mut products = vec![0.0; self.columns()];
        let (mut loss, mut wrong) = (0.0, 0usize);
        for sample in 0..self.test.count {
            self.noise_products(&self.test, sample, &mut products);
            let margin = label(sample) * (of_feature[sample % 2] + self.output(products.iter().copied()));
            loss += losses::logistic(margin);
            wrong += usize::from(is_wrong(margin));
        }
        (loss / TEST_POINTS as f64, wrong as f64 / TEST_POINTS as f64)
    }

    /// Looks at where training is, and takes a step unless this is the end.
    fn advance_step(&mut self) -> Stop {
        let loss = self.forward();
        let is_fitted = self.spec.weight_decay == 0.0 && loss <= TARGET_LOSS;
        let ends = is_fitted || self.step >= self.spec.max_steps || !loss.is_finite();
        let is_due = self.step >= self.due;
        if ends || is_due {
            self.record.moments.push(self.moment(loss));
            self.due = self.step + (self.step / 12).min(self.spec.longest_gap).max(1);
        }
        if ends {
            return Stop::End;
        }
        self.backward();
        self.update();
        if is_due { Stop::Tested } else { Stop::No }
    }
}

/// Why a slice may end after a step.
#[derive(PartialEq, Eq)]
enum Stop {
    No,
    /// A test takes as long as several steps.
    Tested,
    End,
}

fn greatest(values: impl Iterator<Item = f64>) -> f64 {
    values.fold(f64::NEG_INFINITY, f64::max)
}

/// The sign of a filter in the network's output.
fn sign(column: usize, filters: usize) -> f64 {
    if column < filters { 1.0 } else { -1.0 }
}

/// A value that is not a number is wrong, too.
fn is_wrong(margin: f64) -> bool {
    margin <= 0.0 || margin.is_nan()
}

impl Work<Record> for Training {
    fn advance(&mut self) -> bool {
        let steps = (SLICE / self.spec.step_size()).max(1);
        for _ in 0..steps {
            match self.advance_step() {
                Stop::No => {}
                Stop::Tested => return false,
                Stop::End => return true,
            }
        }
        false
    }

    fn record(&self) -> Record {
        self.record.clone()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn spec(optimizer: Optimizer, weight_decay: f64) -> Spec {
        Spec {
            optimizer,
            feature_noise: 0.3,
            weight_decay,
            samples: 10,
            filters: 3,
            max_steps: 100,
            longest_gap: 10,
            seed: 5,
        }
    }

    /// Both patches of a sample and its label.
    type Dense = ([Vec<f64>; 2], f64);

    /// The training samples as full vectors.
    fn dense(training: &Training) -> Vec<Dense> {
        let of = |sample: usize| {
            let label = label(sample);
            let (mut feature, mut noise) = (vec![0.0; DIMENSION], vec![0.0; DIMENSION]);
            (feature[0], noise[0]) = (label, -training.spec.feature_noise * label);
            training.train.noise(sample).for_each(|(place, value)| noise[place] = value);
            ([feature, noise], label)
        };
        (0..training.train.count).map(of).collect()
    }

    /// The penalized loss by its formula; `weights` has a row a pixel.
    fn loss(spec: &Spec, samples: &[Dense], weights: &[f64]) -> f64 {
        let columns = 2 * spec.filters;
        let mean = samples.iter().map(|(patches, label)| {
            let inner = |column: usize, patch: &[f64]| {
                patch.iter().enumerate().map(|(pixel, value)| value * weights[pixel * columns + column]).sum::<f64>()
            };
            let of = |column: usize| patches.iter().map(|patch| activation(inner(column, patch))).sum::<f64>();
            let output: f64 = (0..columns).map(|column| sign(column, spec.filters) * of(column)).sum();
            libm::log1p(libm::exp(-label * output))
        });
        let penalty = 0.5 * spec.weight_decay * weights.iter().map(|weight| weight * weight).sum::<f64>();
        mean.sum::<f64>() / samples.len() as f64 + penalty
    }

    #[test]
    fn the_gradient_is_that_of_the_penalized_loss() {
        for weight_decay in [0.0, 0.01] {
            let spec = spec(Optimizer::GradientDescent, weight_decay);
            let mut training = Training::new(&spec);
            // Far enough for every term to count.
            for weight in &mut training.weights {
                *weight *= 40.0;
            }
            let samples = dense(&training);
            let measured = training.forward();
            let penalty = 0.5 * weight_decay * training.weights.iter().map(|weight| weight * weight).sum::<f64>();
            assert!((measured + penalty - loss(&spec, &samples, &training.weights)).abs() < 1e-12);
            training.backward();
            for index in (0..training.gradient.len()).step_by(7) {
                let at = |change: f64| {
                    let mut weights = training.weights.clone();
                    weights[index] += change;
                    loss(&spec, &samples, &weights)
                };
                let slope = (at(1e-5) - at(-1e-5)) / 2e-5;
                assert!((slope - training.gradient[index]).abs() < 1e-8, "{index}: {slope}");
            }
        }
    }

    #[test]
    fn weights_without_gradient_are_left_alone() {
        for optimizer in [Optimizer::GradientDescent, Optimizer::Adam] {
            let mut training = Training::new(&spec(optimizer, 0.0));
            let first = training.weights.clone();
            let changing = training.gradient.len();
            assert!(changing < first.len());
            while !training.advance() {}
            assert_eq!(training.weights[changing..], first[changing..]);
            assert_ne!(training.weights[..changing], first[..changing]);
        }
    }

    #[test]
    fn adams_first_step_is_its_rate_against_the_sign_of_the_gradient() {
        let mut training = Training::new(&spec(Optimizer::Adam, 0.01));
        let first = training.weights.clone();
        training.forward();
        training.backward();
        training.update();
        let slopes = training.gradient.iter();
        for ((weight, before), slope) in training.weights.iter().zip(&first).zip(slopes) {
            let expected = -ADAM_RATE * slope / (slope.abs() + EPSILON);
            assert!((weight - before - expected).abs() < 1e-12);
        }
    }

    #[test]
    fn noise_lies_on_distinct_pixels_apart_from_the_features_own() {
        let samples = Samples::draw(200, &mut Random::new(3, 0));
        for sample in 0..200 {
            let mut places: Vec<usize> = samples.noise(sample).map(|(place, _)| place).collect();
            places.sort_unstable();
            places.dedup();
            assert!(places.len() == SPARSITY && places[0] > 0 && places[SPARSITY - 1] < DIMENSION);
        }
        let power: f64 = samples.values.iter().map(|value| value * value).sum::<f64>() / 200.0;
        assert!((power - 1.0).abs() < 0.1, "{power}");
    }

    #[test]
    fn renaming_pixels_is_a_permutation_with_those_in_use_first() {
        let mut samples = Samples::draw(10, &mut Random::new(4, 0));
        let (names, seen) = names_by_use(&samples);
        let mut sorted = names.clone();
        sorted.sort_unstable();
        assert_eq!(sorted, (0..DIMENSION).collect::<Vec<_>>());
        assert_eq!(names[0], 0);
        samples.rename(&names);
        assert!(samples.places.iter().all(|&place| (1..seen).contains(&place)));
    }
}
