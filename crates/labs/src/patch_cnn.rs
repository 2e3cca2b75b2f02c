//! A two-layer convolutional network on data of two patches, trained by full-batch gradient descent.
//!
//! The model of Cao, Chen, Belkin and Gu (2022, "Benign Overfitting in Two-layer Convolutional Neural Networks", arXiv
//! 2202.06526), with `q = 1` that of Kou, Chen, Chen and Gu (2023, arXiv 2303.04145). A sample with the label `y = ±1`
//! has the patches `y·μ`, the signal, and `ξ ~ N(0, σ_p²(I − μμᵀ/‖μ‖²))`, noise. The network is
//! `f = F₊ − F₋`, `F_j = (1/m)·Σ_r [σ(⟨w_jr, y·μ⟩) + σ(⟨w_jr, ξ⟩)]` with `σ(z) = max(z, 0)^q`, its loss the mean of
//! `log(1 + exp(−y·f))`, its first weights `N(0, σ₀²I)`. Here `σ_p = 1/√d`, so that `‖ξ‖ ≈ 1` and `‖μ‖` is the
//! signal-to-noise ratio `‖μ‖/(σ_p·√d)`.
//!
//! Every update lies in the span of `μ` and the `ξᵢ`. So training needs the inner products `s_k = ⟨w_k, μ⟩/‖μ‖` and
//! `B_ki = ⟨w_k, ξᵢ⟩ = (K₀ + A·G)_ki` alone, with `G = ξξᵀ`, `K₀ = W₀ξᵀ` and the coefficients `A` of the `ξᵢ` in the weights:
//! exactly the same steps, without the dimension. Fresh noise meets the filters as a Gaussian vector with covariance
//! `σ_p²·WWᵀ`, which the same matrices give.

use crate::{histories::Snapshot, lab::Work, losses, random::Random, statistics::expected_maximum};
use kernels::double::{Cholesky, View, gemm_add, mirror_lower, syrk_add_lower};
use serde::{Deserialize, Serialize};

/// Test points: half of them of either class.
const TEST_POINTS: usize = 2000;
/// A network whose test loss is below this has learned the signal: half of what a coin is charged, `ln 2`.
pub const BENIGN_TEST_LOSS: f64 = 0.35;

/// All that a training depends on.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct Spec {
    /// `q`: 1, 3 or 4.
    pub activation_power: u32,
    /// `n`.
    pub samples: usize,
    /// `‖μ‖/(σ_p·√d)`.
    pub snr: f64,
    /// `m`, filters of each sign.
    pub filters: usize,
    /// `d`.
    pub dimension: usize,
    /// `σ₀`.
    pub init_scale: f64,
    /// The step size.
    pub learning_rate: f64,
    /// The share of training labels that are flipped: exactly the rounded number of them.
    pub label_flip: f64,
    /// Training ends at this training loss.
    pub target_loss: f64,
    /// Training ends after so many steps at the latest.
    pub max_steps: usize,
    /// Whether the course of training is recorded, not its end alone.
    pub history: bool,
    /// The seed.
    pub seed: u64,
}

/// A moment of training.
#[derive(Clone, Copy, Debug, PartialEq, Serialize, Deserialize)]
pub struct Moment {
    /// Steps that have been done.
    pub step: usize,
    /// Mean loss on the training samples with the labels that are trained on.
    pub train_loss: f64,
    /// Mean loss on fresh samples with true labels.
    pub test_loss: f64,
    /// The share of fresh samples that are misclassified.
    pub test_error: f64,
    /// `max_r ⟨w_jr, j·μ⟩` for the sign `j` that has learned less.
    pub signal: f64,
    /// `max_r ⟨w_jr, ξᵢ⟩` for the sign `j` of the sample's label, averaged over the samples.
    pub noise: f64,
}

/// What a training has found.
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize)]
pub struct Record {
    /// The course of training, spread by ratio of steps; the last is the end. Without history the end alone.
    pub moments: Vec<Moment>,
}

impl Record {
    /// The latest moment.
    pub fn last(&self) -> Option<&Moment> {
        self.moments.last()
    }
}

impl Snapshot for Moment {
    fn step(&self) -> usize {
        self.step
    }

    fn losses(&self) -> [f64; 2] {
        [self.train_loss, self.test_loss]
    }
}

/// The paper's heuristic for the early phase, in which all loss derivatives are one half: the strongest filter's inner
/// product with the signal or with a sample's noise grows by `dx/dt = rate·x^(q−1)`.
#[derive(Clone, Copy, Debug)]
pub struct EarlyGrowth {
    /// `rate`.
    rate: f64,
    /// The inner product at the beginning.
    start: f64,
    /// `q`.
    power: f64,
}

impl EarlyGrowth {
    /// The growth of the signal.
    pub fn of_signal(spec: &Spec) -> Self {
        let q = f64::from(spec.activation_power);
        let rate = spec.learning_rate * q * spec.snr * spec.snr / (4.0 * spec.filters as f64);
        Self { rate, start: spec.init_scale * spec.snr * expected_maximum(spec.filters), power: q }
    }

    /// The growth of the noise of one sample.
    pub fn of_noise(spec: &Spec) -> Self {
        let q = f64::from(spec.activation_power);
        let rate = spec.learning_rate * q / (2.0 * spec.samples as f64 * spec.filters as f64);
        Self { rate, start: spec.init_scale * expected_maximum(spec.filters), power: q }
    }

    /// The steps after which `x` would be infinite; for `q = 1`, one.
    pub fn steps(&self) -> f64 {
        if self.power < 2.0 {
            return (1.0 - self.start) / self.rate;
        }
        libm::pow(self.start, 2.0 - self.power) / (self.rate * (self.power - 2.0))
    }

    /// `x` after so many steps; infinite from the blow-up on.
    pub fn at(&self, steps: f64) -> f64 {
        if self.power < 2.0 {
            return self.start + self.rate * steps;
        }
        let left = 1.0 - steps / self.steps();
        if left > 0.0 { self.start * libm::pow(left, -1.0 / (self.power - 2.0)) } else { f64::INFINITY }
    }
}

/// The steps after which the first of both would blow up; none for `q = 1`, whose growth is steady: infinite.
pub fn first_blow_up(spec: &Spec) -> f64 {
    if spec.activation_power == 1 {
        return f64::INFINITY;
    }
    EarlyGrowth::of_signal(spec).steps().min(EarlyGrowth::of_noise(spec).steps())
}

impl Spec {
    /// About how many steps the training takes.
    fn expected_steps(&self) -> f64 {
        let growth = EarlyGrowth::of_signal(self).steps().min(EarlyGrowth::of_noise(self).steps());
        (1.6 * growth).min(self.max_steps as f64)
    }

    /// About how many operations a training takes.
    pub fn cost(&self) -> f64 {
        let (n, rows) = (self.samples as f64, 2.0 * self.filters as f64);
        let all = n + rows;
        let setup = all * self.dimension as f64 * (all + 100.0);
        let step = rows * n * (n + 10.0) + 100.0 * n;
        let test = TEST_POINTS as f64 * (rows * (rows + 5.0) + 50.0);
        let tests = if self.history { 80.0 } else { 1.0 };
        setup + self.expected_steps() * step + tests * test
    }
}

/// `max(z, 0)^q`.
#[inline]
fn activation<const Q: u32>(z: f64) -> f64 {
    let z = if z > 0.0 { z } else { 0.0 };
    match Q {
        1 => z,
        3 => z * z * z,
        _ => (z * z) * (z * z),
    }
}

/// Its derivative; zero at zero.
#[inline]
fn derivative<const Q: u32>(z: f64) -> f64 {
    let positive = if z > 0.0 { z } else { 0.0 };
    match Q {
        1 => f64::from(u8::from(z > 0.0)),
        3 => 3.0 * positive * positive,
        _ => 4.0 * positive * (positive * positive),
    }
}

/// A training under way, in slices of some million operations. The rows of its matrices are the filters, those of the
/// positive sign first.
pub struct Training {
    spec: Spec,
    /// The samples' true classes, ±1: half of them each.
    classes: Vec<f64>,
    /// The labels that are trained on.
    labels: Vec<f64>,
    stage: Stage,
    record: Record,
    /// The step at which the next moment is due.
    next_moment: usize,
    /// The most steps between two moments.
    longest_gap: usize,
}

enum Stage {
    Draw(Setup),
    Train(Box<State>),
    Done,
}

/// The inner products of all noise patches and first weights, summed over the coordinates drawn so far.
struct Setup {
    stream: Random,
    /// Lower triangle; samples first, then filters; all of unit variance.
    products: Vec<f64>,
    /// Coordinates drawn so far, of `d − 1`: those orthogonal to the signal.
    drawn: usize,
}

/// What gradient descent changes, and what that needs.
struct State {
    step: usize,
    /// `G`, n × n.
    gram: Vec<f64>,
    /// `K₀`, 2m × n.
    first: Vec<f64>,
    /// `W₀W₀ᵀ` orthogonal to the signal, lower triangle, 2m × 2m.
    first_gram: Vec<f64>,
    /// `A`, 2m × n.
    coefficients: Vec<f64>,
    /// `B`, 2m × n.
    products: Vec<f64>,
    /// `s`, 2m.
    signal: Vec<f64>,
    /// Standard normals of the test points, 2m × points.
    test_normals: Vec<f64>,
    /// Room for the n outputs, then for the n residuals.
    outputs: Vec<f64>,
    /// Room for the indices and steps of the coefficients of one filter that change.
    changes: Vec<(usize, f64)>,
}

impl Training {
    /// Begins.
    pub fn new(spec: &Spec) -> Self {
        let n = spec.samples;
        let classes: Vec<f64> = (0..n).map(|index| if index % 2 == 0 { 1.0 } else { -1.0 }).collect();
        let mut labels = classes.clone();
        let flipped = (spec.label_flip * n as f64).round() as usize;
        for &index in &Random::new(spec.seed, 2).permutation(n)[..flipped.min(n)] {
            labels[index] = -labels[index];
        }
        let all = n + 2 * spec.filters;
        let setup = Setup { stream: Random::new(spec.seed, 0), products: vec![0.0; all * all], drawn: 0 };
        let stage = Stage::Draw(setup);
        Self {
            classes,
            labels,
            stage,
            record: Record::default(),
            next_moment: 0,
            longest_gap: (first_blow_up(spec) / 20.0) as usize,
            spec: spec.clone(),
        }
    }

    /// Draws some coordinates.
    fn draw(&self, mut setup: Setup) -> Stage {
        let all = self.spec.samples + 2 * self.spec.filters;
        let wanted = self.spec.dimension - 1;
        let count = (4_000_000 / (all * all)).clamp(32, 512).min(wanted - setup.drawn);
        let mut block = vec![0.0; count * all];
        setup.stream.fill_normal(&mut block);
        syrk_add_lower(&mut setup.products, View::new(&block, count, all).transposed());
        setup.drawn += count;
        if setup.drawn < wanted { Stage::Draw(setup) } else { Stage::Train(Box::new(self.first_state(setup))) }
    }

    fn first_state(&self, mut setup: Setup) -> State {
        let spec = &self.spec;
        let (n, rows) = (spec.samples, 2 * spec.filters);
        let all = n + rows;
        mirror_lower(&mut setup.products, all);
        let noise = 1.0 / (spec.dimension as f64).sqrt();
        let block = |first_row: usize, count: usize, first_column: usize, width: usize, scale: f64| -> Vec<f64> {
            let line = |row: usize| &setup.products[row * all + first_column..][..width];
            (first_row..first_row + count).flat_map(line).map(|value| scale * value).collect()
        };
        let first = block(n, rows, 0, n, spec.init_scale * noise);
        let mut signal = vec![0.0; rows];
        Random::new(spec.seed, 1).fill_normal(&mut signal);
        for value in &mut signal {
            *value *= spec.init_scale;
        }
        let mut test_normals = vec![0.0; rows * TEST_POINTS];
        Random::new(spec.seed, 3).fill_normal(&mut test_normals);
        State {
            step: 0,
            gram: block(0, n, 0, n, noise * noise),
            products: first.clone(),
            first,
            first_gram: block(n, rows, n, rows, spec.init_scale * spec.init_scale),
            coefficients: vec![0.0; rows * n],
            signal,
            test_normals,
            outputs: vec![0.0; n],
            changes: Vec::with_capacity(n),
        }
    }

    fn train<const Q: u32>(&mut self, mut state: Box<State>) -> Stage {
        const OPERATIONS: usize = 6_000_000;
        let (n, rows) = (self.spec.samples, 2 * self.spec.filters);
        let steps = (OPERATIONS / (rows * n * (n + 10) + 100 * n)).max(1);
        for _ in 0..steps {
            let loss = state.forward::<Q>(&self.spec, &self.classes, &self.labels);
            let ends = loss <= self.spec.target_loss || state.step >= self.spec.max_steps || !loss.is_finite();
            let is_due = self.spec.history && state.step >= self.next_moment;
            if ends || is_due {
                let moment = state.moment::<Q>(&self.spec, &self.labels, loss);
                self.record.moments.push(moment);
                self.next_moment = state.step + (state.step / 10).min(self.longest_gap).max(1);
            }
            if ends {
                return Stage::Done;
            }
            state.descend::<Q>(&self.spec, &self.classes, &self.labels);
            if is_due {
                // A test takes as long as many steps.
                break;
            }
        }
        Stage::Train(state)
    }
}

impl Work<Record> for Training {
    fn advance(&mut self) -> bool {
        self.stage = match std::mem::replace(&mut self.stage, Stage::Done) {
            Stage::Draw(setup) => self.draw(setup),
            Stage::Train(state) => match self.spec.activation_power {
                1 => self.train::<1>(state),
                3 => self.train::<3>(state),
                _ => self.train::<4>(state),
            },
            Stage::Done => Stage::Done,
        };
        matches!(self.stage, Stage::Done)
    }

    fn record(&self) -> Record {
        self.record.clone()
    }
}

/// The sign of a filter in the network's output.
fn sign(row: usize, filters: usize) -> f64 {
    if row < filters { 1.0 } else { -1.0 }
}

/// What the signal patch of a class adds to the output, without the factor `1/m`.
fn from_signal<const Q: u32>(signal: &[f64], strength: f64, class: f64) -> f64 {
    let filters = signal.len() / 2;
    let one = |(row, s): (usize, &f64)| sign(row, filters) * activation::<Q>(s * strength * class);
    signal.iter().enumerate().map(one).sum()
}

impl State {
    /// Computes the outputs and leaves `1/(1 + exp(y·f))` in their place; returns the mean loss.
    fn forward<const Q: u32>(&mut self, spec: &Spec, classes: &[f64], labels: &[f64]) -> f64 {
        let of_class = [1.0, -1.0].map(|class| from_signal::<Q>(&self.signal, spec.snr, class));
        for (output, class) in self.outputs.iter_mut().zip(classes) {
            *output = of_class[usize::from(*class < 0.0)];
        }
        for (row, products) in self.products.chunks_exact(spec.samples).enumerate() {
            let sign = sign(row, spec.filters);
            for (output, &product) in self.outputs.iter_mut().zip(products) {
                *output += sign * activation::<Q>(product);
            }
        }
        let mut loss = 0.0;
        for (output, label) in self.outputs.iter_mut().zip(labels) {
            let margin = label * *output / spec.filters as f64;
            loss += losses::logistic(margin);
            *output = 1.0 / (1.0 + libm::exp(margin));
        }
        loss / spec.samples as f64
    }

    /// One step of gradient descent, after [`State::forward`].
    fn descend<const Q: u32>(&mut self, spec: &Spec, classes: &[f64], labels: &[f64]) {
        let n = spec.samples;
        let rate = spec.learning_rate / (n * spec.filters) as f64;
        let mut of_class = [0.0; 2];
        for ((residual, class), label) in self.outputs.iter_mut().zip(classes).zip(labels) {
            *residual *= rate * label;
            of_class[usize::from(*class < 0.0)] += *residual;
        }
        for (row, s) in self.signal.iter_mut().enumerate() {
            let inner = *s * spec.snr;
            let pull = derivative::<Q>(inner) * of_class[0] - derivative::<Q>(-inner) * of_class[1];
            *s += sign(row, spec.filters) * spec.snr * pull;
        }
        let rows = self.products.chunks_exact_mut(n).zip(self.coefficients.chunks_exact_mut(n));
        for (row, (products, coefficients)) in rows.enumerate() {
            let sign = sign(row, spec.filters);
            self.changes.clear();
            for (index, (product, residual)) in products.iter().zip(&self.outputs).enumerate() {
                // The filter does not see samples on which it is not active.
                if *product > 0.0 {
                    let change = sign * residual * derivative::<Q>(*product);
                    coefficients[index] += change;
                    self.changes.push((index, change));
                }
            }
            add_rows(products, &self.gram, &self.changes);
        }
        self.step += 1;
    }

    fn moment<const Q: u32>(&self, spec: &Spec, labels: &[f64], train_loss: f64) -> Moment {
        let (n, m) = (spec.samples, spec.filters);
        let (positive, negative) = self.signal.split_at(m);
        let greatest = |values: &mut dyn Iterator<Item = f64>| values.fold(f64::NEG_INFINITY, f64::max);
        let learned = |side: &[f64], sign: f64| greatest(&mut side.iter().map(|s| sign * s * spec.snr));
        let signal = learned(positive, 1.0).min(learned(negative, -1.0));
        let of_sample = |(index, label): (usize, &f64)| {
            let rows = if *label > 0.0 { 0..m } else { m..2 * m };
            greatest(&mut rows.map(|row| self.products[row * n + index]))
        };
        let noise = labels.iter().enumerate().map(of_sample).sum::<f64>() / n as f64;
        let (test_loss, test_error) = self.test::<Q>(spec);
        Moment { step: self.step, train_loss, test_loss, test_error, signal, noise }
    }

    /// Mean loss and error on the test points.
    fn test<const Q: u32>(&self, spec: &Spec) -> (f64, f64) {
        let (n, rows) = (spec.samples, 2 * spec.filters);
        // W·Wᵀ = W₀W₀ᵀ + A·K₀ᵀ + B·Aᵀ.
        let mut covariance = self.first_gram.clone();
        let view = |values| View::new(values, rows, n);
        gemm_add(&mut covariance, view(&self.coefficients), view(&self.first).transposed());
        gemm_add(&mut covariance, view(&self.products), view(&self.coefficients).transposed());
        for value in &mut covariance {
            *value /= spec.dimension as f64;
        }
        let Ok(root) = Cholesky::new(covariance, rows) else { return (f64::NAN, f64::NAN) };
        let of_class = [1.0, -1.0].map(|class| from_signal::<Q>(&self.signal, spec.snr, class));
        let mut outputs: Vec<f64> = (0..TEST_POINTS).map(|point| of_class[point % 2]).collect();
        let mut products = vec![0.0; TEST_POINTS];
        for (row, weights) in root.lower().chunks_exact(rows).enumerate() {
            products.fill(0.0);
            let (normals, _) = self.test_normals.as_chunks::<TEST_POINTS>();
            for (weight, normals) in weights[..=row].iter().zip(normals) {
                products.iter_mut().zip(normals).for_each(|(product, normal)| *product += weight * normal);
            }
            let sign = sign(row, spec.filters);
            for (output, product) in outputs.iter_mut().zip(&products) {
                *output += sign * activation::<Q>(*product);
            }
        }
        let (mut loss, mut wrong) = (0.0, 0usize);
        for (point, output) in outputs.iter().enumerate() {
            let class = if point % 2 == 0 { 1.0 } else { -1.0 };
            let margin = class * output / spec.filters as f64;
            loss += losses::logistic(margin);
            wrong += usize::from(margin <= 0.0);
        }
        (loss / TEST_POINTS as f64, wrong as f64 / TEST_POINTS as f64)
    }
}

/// Adds multiples of some rows of a square matrix to a row, four at a time.
fn add_rows(out: &mut [f64], matrix: &[f64], changes: &[(usize, f64)]) {
    let n = out.len();
    let row = |index: usize| &matrix[index * n..][..n];
    let (groups, rest) = changes.as_chunks();
    for &[(i, a), (j, b), (k, c), (l, d)] in groups {
        let (p, q, r, s) = (row(i), row(j), row(k), row(l));
        for t in 0..n {
            out[t] += (a * p[t] + b * q[t]) + (c * r[t] + d * s[t]);
        }
    }
    for &(index, change) in rest {
        out.iter_mut().zip(row(index)).for_each(|(value, other)| *value += change * other);
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn spec(snr: f64) -> Spec {
        Spec {
            activation_power: 3,
            samples: 8,
            snr,
            filters: 3,
            dimension: 40,
            init_scale: 0.05,
            learning_rate: 1.0,
            label_flip: 0.25,
            target_loss: 0.0,
            max_steps: 50,
            history: false,
            seed: 4,
        }
    }

    /// The same training in d dimensions, on the vectors themselves.
    struct Direct {
        inputs: Vec<[Vec<f64>; 2]>,
        weights: Vec<Vec<f64>>,
    }

    impl Direct {
        fn new(spec: &Spec) -> Self {
            let (n, rows, d) = (spec.samples, 2 * spec.filters, spec.dimension);
            let mut stream = Random::new(spec.seed, 0);
            let mut vectors = vec![vec![0.0; d]; n + rows];
            for coordinate in 1..d {
                for vector in &mut vectors {
                    vector[coordinate] = stream.normal();
                }
            }
            let mut signal = vec![0.0; rows];
            Random::new(spec.seed, 1).fill_normal(&mut signal);
            let noise = 1.0 / (d as f64).sqrt();
            let mut weights = vectors.split_off(n);
            for (weight, s) in weights.iter_mut().zip(signal) {
                weight[0] = s;
                for value in weight.iter_mut() {
                    *value *= spec.init_scale;
                }
            }
            let patches = |(index, vector): (usize, Vec<f64>)| {
                let mut signal = vec![0.0; d];
                signal[0] = if index % 2 == 0 { spec.snr } else { -spec.snr };
                [signal, vector.into_iter().map(|value| noise * value).collect()]
            };
            Self { inputs: vectors.into_iter().enumerate().map(patches).collect(), weights }
        }

        fn train<const Q: u32>(&mut self, spec: &Spec, labels: &[f64]) {
            let m = spec.filters;
            let inner = |a: &[f64], b: &[f64]| a.iter().zip(b).map(|(a, b)| a * b).sum::<f64>();
            for _ in 0..spec.max_steps {
                let mut gradient = vec![vec![0.0; spec.dimension]; 2 * m];
                for (patches, label) in self.inputs.iter().zip(labels) {
                    let output: f64 = self
                        .weights
                        .iter()
                        .enumerate()
                        .flat_map(|(row, w)| patches.iter().map(move |x| (row, inner(w, x))))
                        .map(|(row, z)| sign(row, m) * activation::<Q>(z) / m as f64)
                        .sum();
                    let slope = -label / (1.0 + libm::exp(label * output)) / (spec.samples * m) as f64;
                    for (row, w) in self.weights.iter().enumerate() {
                        for x in patches {
                            let factor = slope * sign(row, m) * derivative::<Q>(inner(w, x));
                            gradient[row].iter_mut().zip(x).for_each(|(g, x)| *g += factor * x);
                        }
                    }
                }
                for (w, g) in self.weights.iter_mut().zip(&gradient) {
                    w.iter_mut().zip(g).for_each(|(w, g)| *w -= spec.learning_rate * g);
                }
            }
        }
    }

    fn state_after(spec: &Spec) -> (Box<State>, Vec<f64>) {
        let mut training = Training::new(spec);
        loop {
            match std::mem::replace(&mut training.stage, Stage::Done) {
                Stage::Draw(setup) => training.stage = training.draw(setup),
                Stage::Train(mut state) => {
                    for _ in 0..spec.max_steps {
                        if spec.activation_power == 1 {
                            state.forward::<1>(spec, &training.classes, &training.labels);
                            state.descend::<1>(spec, &training.classes, &training.labels);
                        } else {
                            state.forward::<3>(spec, &training.classes, &training.labels);
                            state.descend::<3>(spec, &training.classes, &training.labels);
                        }
                    }
                    return (state, training.labels);
                }
                Stage::Done => unreachable!("training begins with a state"),
            }
        }
    }

    #[test]
    fn inner_products_follow_the_training_of_the_weights_themselves() {
        for (power, snr) in [(3, 2.0), (3, 0.3), (1, 0.5)] {
            let spec = Spec { activation_power: power, ..spec(snr) };
            let (state, labels) = state_after(&spec);
            let mut direct = Direct::new(&spec);
            if power == 1 {
                direct.train::<1>(&spec, &labels);
            } else {
                direct.train::<3>(&spec, &labels);
            }
            let covariance_of = |a: usize, b: usize| {
                let pairs = direct.weights[a].iter().zip(&direct.weights[b]).skip(1);
                pairs.map(|(a, b)| a * b).sum::<f64>()
            };
            let rows = 2 * spec.filters;
            for (row, weights) in direct.weights.iter().enumerate() {
                assert!((state.signal[row] - weights[0]).abs() < 1e-12);
                for (index, patches) in direct.inputs.iter().enumerate() {
                    let product: f64 = weights.iter().zip(&patches[1]).map(|(w, x)| w * x).sum();
                    assert!((state.products[row * spec.samples + index] - product).abs() < 1e-12);
                }
            }
            let mut covariance = state.first_gram.clone();
            let view = |values| View::new(values, rows, spec.samples);
            gemm_add(&mut covariance, view(&state.coefficients), view(&state.first).transposed());
            gemm_add(&mut covariance, view(&state.products), view(&state.coefficients).transposed());
            for (index, value) in covariance.iter().enumerate() {
                assert!((value - covariance_of(index / rows, index % rows)).abs() < 1e-12);
            }
        }
    }

    #[test]
    fn exactly_the_rounded_share_of_labels_is_flipped() {
        let training = Training::new(&spec(1.0));
        let flipped = training.labels.iter().zip(&training.classes).filter(|(label, class)| label != class).count();
        assert_eq!(flipped, 2);
        assert_eq!(training.classes.iter().sum::<f64>(), 0.0);
    }

    #[test]
    fn early_growth_has_the_published_times_and_solves_its_equation() {
        let spec =
            Spec { samples: 20, filters: 10, dimension: 1000, init_scale: 0.01, learning_rate: 2.0, ..spec(0.8) };
        let (signal, noise) = (EarlyGrowth::of_signal(&spec), EarlyGrowth::of_noise(&spec));
        assert_eq!((signal.steps().round(), noise.steps().round()), (846.0, 4333.0));
        let ratio = noise.steps() / signal.steps();
        assert!((ratio - 20.0 * 0.8 * 0.8 * 0.8 / 2.0).abs() < 1e-9, "n·SNR^q/2");
        for power in [1, 3, 4] {
            let growth = EarlyGrowth::of_noise(&Spec { activation_power: power, ..spec.clone() });
            let (x, h) = (growth.at(50.0), 1e-3);
            let slope = (growth.at(50.0 + h) - growth.at(50.0 - h)) / (2.0 * h);
            assert!((slope / (growth.rate * libm::pow(x, f64::from(power) - 1.0)) - 1.0).abs() < 1e-5);
        }
    }

    #[test]
    fn rows_are_added_whatever_their_number() {
        let matrix: Vec<f64> = (0..49).map(f64::from).collect();
        for count in 0..=7 {
            let changes: Vec<(usize, f64)> = (0..count).map(|k| (k, 0.5 * k as f64)).collect();
            let mut out = vec![1.0; 7];
            add_rows(&mut out, &matrix, &changes);
            for (t, value) in out.iter().enumerate() {
                let expected: f64 = changes.iter().map(|&(k, a)| a * matrix[k * 7 + t]).sum();
                assert!((value - 1.0 - expected).abs() < 1e-12);
            }
        }
    }
}
