//! One fit, in slices: draw, features, Gram matrix, solution, weights, test.

use super::{
    Mistake, Outcome, Spec,
    features::{Activation, FeatureMap},
    solver::{Solver, System, rows_per_slice},
};
use crate::{
    data::Digits,
    digits::{CLASSES, labels, noisy_labels, pixels, split},
    lab::Work,
    random::Random,
};
use kernels::double::{View, gemm, mirror_lower, squared_norm, syrk_lower_rows};

/// Test images.
const TEST_IMAGES: usize = 1200;
/// Wrongly answered test images that are kept to be shown.
const SHOWN_MISTAKES: usize = 10;
/// Pixels of an image.
const PIXELS: usize = 64;

/// What a cosine costs beside an addition.
const COSINE: f64 = 30.0;

/// The uses of one seed.
mod stream {
    pub const SPLIT: u64 = 0;
    pub const LABEL_NOISE: u64 = 1;
    pub const PROJECTIONS: u64 = 2;
    pub const PHASES: u64 = 3;
}

/// Floating-point operations of one fit.
pub fn cost(spec: &Spec) -> f64 {
    let (n, size) = (spec.samples as f64, spec.features as f64);
    let order = n.min(size);
    let a_feature = 2.0 * PIXELS as f64
        + 2.0 * CLASSES as f64
        + match spec.activation {
            Activation::Relu => 2.0,
            Activation::Fourier => COSINE,
        };
    let gram = order * n * size;
    let solution = match spec.gd_steps {
        0 => order * order * order / 3.0,
        steps => f64::from(steps.ilog2()) * order * order * order,
    };
    (n + TEST_IMAGES as f64) * size * a_feature + gram + solution
}

/// A fit under way.
pub struct Task<'a> {
    spec: Spec,
    digits: &'a Digits,
    stage: Stage,
    outcome: Option<Outcome>,
}

enum Stage {
    Draw,
    /// The training images' features, some rows at a time.
    Features(Box<Problem>, usize),
    /// The Gram matrix, some rows at a time.
    Gram(Box<Problem>, Vec<f64>, usize),
    Solve(Box<Problem>, Solver),
    /// The weights from the system's solution.
    Weigh(Box<Problem>, Vec<f64>),
    /// The training images' outputs.
    Train(Box<Problem>, Vec<f64>),
    /// The test images, some at a time.
    Test(Box<Problem>, Box<Test>),
    Finished,
}

/// What is drawn for a fit.
struct Problem {
    map: FeatureMap,
    /// The training images, standardized, `n × 64`.
    inputs: Vec<f64>,
    /// Their noisy labels.
    labels: Vec<u8>,
    /// Their features, `n × N`.
    features: Vec<f64>,
    /// Indices of the test images.
    test: Vec<usize>,
    /// The training images' mean image, and one standard deviation for all pixels around it.
    mean_image: Vec<f64>,
    deviation: f64,
}

/// The test so far.
struct Test {
    /// `N × 10`.
    weights: Vec<f64>,
    tested: usize,
    wrong: usize,
    squared_error: f64,
    train_wrong: usize,
    train_squared_error: f64,
    mistakes: Vec<Mistake>,
}

impl<'a> Task<'a> {
    pub const fn new(spec: Spec, digits: &'a Digits) -> Self {
        Self { spec, digits, stage: Stage::Draw, outcome: None }
    }

    /// Images whose features make one slice.
    fn images_per_slice(&self) -> usize {
        // A slice of features costs what a slice of a product does, and a cosine some thirty operations.
        (rows_per_slice(self.spec.features, PIXELS) / 2).max(8)
    }

    fn step(&self, stage: Stage) -> Result<Stage, Outcome> {
        Ok(match stage {
            Stage::Draw => Stage::Features(Box::new(Problem::draw(&self.spec, self.digits)), 0),
            Stage::Features(mut problem, row) => {
                let end = (row + self.images_per_slice()).min(self.spec.samples);
                problem.add_features(row, end, self.spec.features);
                if end < self.spec.samples {
                    Stage::Features(problem, end)
                } else {
                    let order = self.spec.samples.min(self.spec.features);
                    Stage::Gram(problem, vec![0.0; order * order], 0)
                }
            }
            Stage::Gram(problem, mut gram, row) => {
                let (rows, order) = (problem.gram_rows(&self.spec), self.spec.samples.min(self.spec.features));
                let end = (row + rows_per_slice(order, rows.columns())).min(order);
                syrk_lower_rows(&mut gram, rows, row..end);
                if end < order {
                    Stage::Gram(problem, gram, end)
                } else {
                    let system = problem.system(&self.spec, gram);
                    Stage::Solve(problem, Solver::new(system, self.spec.gd_steps))
                }
            }
            Stage::Solve(problem, solver) => match solver.advance() {
                Solver::Solved(solution) => Stage::Weigh(problem, solution),
                unfinished => Stage::Solve(problem, unfinished),
            },
            Stage::Weigh(problem, solution) => {
                let weights = problem.weights(&self.spec, solution);
                Stage::Train(problem, weights)
            }
            Stage::Train(problem, weights) => {
                let test = Box::new(Test::new(&problem, weights));
                Stage::Test(problem, test)
            }
            Stage::Test(problem, mut test) => {
                let end = (test.tested + self.images_per_slice()).min(problem.test.len());
                test.add(&problem, self.digits, end);
                if end == problem.test.len() {
                    return Err(test.outcome(&problem));
                }
                Stage::Test(problem, test)
            }
            Stage::Finished => Stage::Finished,
        })
    }
}

impl Work<Option<Outcome>> for Task<'_> {
    fn advance(&mut self) -> bool {
        let stage = std::mem::replace(&mut self.stage, Stage::Finished);
        match self.step(stage) {
            Ok(stage) => self.stage = stage,
            Err(outcome) => self.outcome = Some(outcome),
        }
        self.outcome.is_some()
    }

    fn record(&self) -> Option<Outcome> {
        self.outcome.clone()
    }
}

impl Problem {
    fn draw(spec: &Spec, digits: &Digits) -> Self {
        let random = |stream| Random::new(spec.seed, stream);
        let mut parts = split(digits, spec.samples, &mut random(stream::SPLIT));
        parts.test.truncate(TEST_IMAGES);
        let labels = noisy_labels(&labels(digits, &parts.train), spec.label_noise, &mut random(stream::LABEL_NOISE));
        let mut inputs = pixels(digits, &parts.train);
        // Without centering some ReLU features see no training image at all, and the Gram matrix is singular.
        let mean_image: Vec<f64> = (0..PIXELS)
            .map(|pixel| inputs.iter().skip(pixel).step_by(PIXELS).sum::<f64>() / spec.samples as f64)
            .collect();
        center(&mut inputs, &mean_image, 1.0);
        let deviation = (squared_norm(&inputs) / inputs.len() as f64).sqrt();
        for value in &mut inputs {
            *value /= deviation;
        }
        let map = FeatureMap::draw(
            spec.activation,
            PIXELS,
            spec.features,
            &mut random(stream::PROJECTIONS),
            &mut random(stream::PHASES),
        );
        let features = vec![0.0; spec.samples * spec.features];
        Self { map, inputs, labels, features, test: parts.test, mean_image, deviation }
    }

    fn add_features(&mut self, begin: usize, end: usize, features: usize) {
        let out = &mut self.features[begin * features..end * features];
        self.map.apply(&self.inputs[begin * PIXELS..end * PIXELS], out);
    }

    /// `Z`, `n × N`.
    fn matrix(&self, spec: &Spec) -> View<'_> {
        View::new(&self.features, spec.samples, spec.features)
    }

    /// The matrix whose rows' scalar products are the Gram matrix: `Z` if there are at least as many features as
    /// images, `Zᵀ` otherwise. So the Gram matrix is the smaller of the two, and regular.
    fn gram_rows(&self, spec: &Spec) -> View<'_> {
        let matrix = self.matrix(spec);
        if spec.features >= spec.samples { matrix } else { matrix.transposed() }
    }

    /// One-hot labels minus 0.1, `n × 10`.
    fn targets(&self) -> Vec<f64> {
        let target = |label: u8, class: usize| if usize::from(label) == class { 0.9 } else { -0.1 };
        self.labels.iter().flat_map(|&label| (0..CLASSES).map(move |class| target(label, class))).collect()
    }

    /// The equations for the weights (`Zᵀ·Z·W = Zᵀ·Y`), or for `A` with `W = Zᵀ·A` (`Z·Zᵀ·A = Y`).
    fn system(&self, spec: &Spec, mut gram: Vec<f64>) -> System {
        let order = spec.samples.min(spec.features);
        mirror_lower(&mut gram, order);
        for k in 0..order {
            gram[k * order + k] += spec.ridge;
        }
        let mut right = self.targets();
        if spec.features < spec.samples {
            let mut moments = vec![0.0; order * CLASSES];
            gemm(&mut moments, self.matrix(spec).transposed(), View::new(&right, spec.samples, CLASSES));
            right = moments;
        }
        System { order, matrix: gram, right, columns: CLASSES }
    }

    /// The weights, `N × 10`, from the solution of the system.
    fn weights(&self, spec: &Spec, solution: Vec<f64>) -> Vec<f64> {
        if spec.features < spec.samples {
            return solution;
        }
        let mut weights = vec![0.0; spec.features * CLASSES];
        gemm(&mut weights, self.matrix(spec).transposed(), View::new(&solution, spec.samples, CLASSES));
        weights
    }
}

/// Subtracts an image from each row and divides by a number.
fn center(rows: &mut [f64], image: &[f64], deviation: f64) {
    for row in rows.chunks_exact_mut(image.len()) {
        row.iter_mut().zip(image).for_each(|(value, mean)| *value = (*value - mean) / deviation);
    }
}

/// The ten outputs for images with these features, one image a row.
fn predictions(features: &[f64], weights: &[f64]) -> Vec<f64> {
    let size = weights.len() / CLASSES;
    let images = features.len() / size;
    let mut outputs = vec![0.0; images * CLASSES];
    gemm(&mut outputs, View::new(features, images, size), View::new(weights, size, CLASSES));
    outputs
}

/// The class of the greatest output; the first of equals.
fn answer(outputs: &[f64]) -> u8 {
    let best = (1..outputs.len()).fold(0, |best, class| if outputs[class] > outputs[best] { class } else { best });
    best as u8
}

/// The squared distance of ten outputs to the target of a label.
fn squared_error(outputs: &[f64], label: u8) -> f64 {
    let target = |class: usize| if class == usize::from(label) { 0.9 } else { -0.1 };
    outputs.iter().enumerate().map(|(class, output)| (output - target(class)) * (output - target(class))).sum()
}

impl Test {
    /// Begins with the training images, whose features are at hand.
    fn new(problem: &Problem, weights: Vec<f64>) -> Self {
        let outputs = predictions(&problem.features, &weights);
        let pairs = || outputs.as_chunks::<CLASSES>().0.iter().zip(&problem.labels);
        Self {
            tested: 0,
            wrong: 0,
            squared_error: 0.0,
            train_wrong: pairs().filter(|&(outputs, &label)| answer(outputs) != label).count(),
            train_squared_error: pairs().map(|(outputs, &label)| squared_error(outputs, label)).sum(),
            mistakes: Vec::new(),
            weights,
        }
    }

    /// Tests the images up to `end`.
    fn add(&mut self, problem: &Problem, digits: &Digits, end: usize) {
        let images = &problem.test[self.tested..end];
        let mut inputs = pixels(digits, images);
        center(&mut inputs, &problem.mean_image, problem.deviation);
        let mut features = vec![0.0; images.len() * (self.weights.len() / CLASSES)];
        problem.map.apply(&inputs, &mut features);
        let outputs = predictions(&features, &self.weights);
        for (outputs, &image) in outputs.as_chunks::<CLASSES>().0.iter().zip(images) {
            let (label, answer) = (digits.labels[image], answer(outputs));
            self.squared_error += squared_error(outputs, label);
            if answer == label {
                continue;
            }
            self.wrong += 1;
            if self.mistakes.len() < SHOWN_MISTAKES {
                let pixels = digits.values[image * PIXELS..(image + 1) * PIXELS].to_vec();
                self.mistakes.push(Mistake { pixels, label, answer });
            }
        }
        self.tested = end;
    }

    fn outcome(self, problem: &Problem) -> Outcome {
        let (trained, tested) = (problem.labels.len() as f64, problem.test.len() as f64);
        Outcome {
            test_error: self.wrong as f64 / tested,
            train_error: self.train_wrong as f64 / trained,
            train_mse: self.train_squared_error / trained,
            log10_test_mse: libm::log10(self.squared_error / tested),
            log10_squared_norm: libm::log10(squared_norm(&self.weights)),
            mistakes: self.mistakes,
        }
    }
}
