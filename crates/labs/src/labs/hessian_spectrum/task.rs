//! Training one network, and its Hessian's spectrum twice over.

use crate::{
    curvature::{Activation, DenseHessian, Loss, Model, Objective, SpectralMeasure, Tape, rademacher},
    data::Data,
    digits::{self, CLASSES, CenteredDigits},
    lab::{Work, slice},
    random::Random,
};
use kernels::double::{Eigenvalues, Lanczos, Progress};
use serde::{Deserialize, Serialize};

/// The uses of a seed.
mod stream {
    pub const POINTS: u64 = 0;
    pub const CENTERS: u64 = 1;
    pub const WEIGHTS: u64 = 2;
    pub const PROBES: u64 = 3;
}

/// Dimensions of the clouds' space, points of a cloud, distance of their centers from the origin, and deviation.
const DIMENSION: usize = 20;
const POINTS_PER_CLASS: usize = 60;
const DISTANCE: f64 = 2.0;
const DEVIATION: f64 = 0.3;
/// Digits that are trained on.
const DIGITS: usize = 300;
const PIXELS: usize = 64;
const HIDDEN: usize = 12;
const LEARNING_RATE: f64 = 0.2;
/// Random vectors of the quadrature, and Lanczos steps from each.
const PROBES: usize = 10;
const LANCZOS_STEPS: usize = 80;
/// Operations of one slice.
const SLICE: f64 = 6e6;

/// What a network learns.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub(super) enum Examples {
    /// That many clouds of points.
    Blobs(usize),
    /// Handwritten digits, all ten.
    Digits,
}

/// One network.
#[derive(Clone, Debug, Serialize, Deserialize)]
pub struct Spec {
    /// What it learns.
    pub(super) examples: Examples,
    /// By squared loss; by cross-entropy otherwise.
    pub(super) is_squared: bool,
    /// The seed of data, weights and probes.
    pub(super) seed: u64,
}

impl Spec {
    /// `C`.
    pub fn classes(&self) -> usize {
        match self.examples {
            Examples::Blobs(classes) => classes,
            Examples::Digits => CLASSES,
        }
    }

    /// `C²` or `C − 1`.
    pub fn expected_outliers(&self) -> usize {
        if self.is_squared { self.classes() * self.classes() } else { self.classes() - 1 }
    }

    /// The gap is looked for above so many eigenvalues at most.
    pub fn most_outliers(&self) -> usize {
        self.classes() * self.classes() + 3
    }

    /// `P`.
    pub fn parameters(&self) -> usize {
        self.model().parameters()
    }

    /// Estimated operations.
    pub fn cost(&self) -> f64 {
        let (count, parameters) = (self.count() as f64, self.parameters() as f64);
        let gradient = self.model().gradient_cost() * count;
        let lanczos = (PROBES * LANCZOS_STEPS) as f64;
        let products = lanczos * (2.0 * gradient + 4.0 * parameters * LANCZOS_STEPS as f64);
        self.steps() as f64 * gradient + products + parameters * (2.0 * gradient + 1.5 * parameters * parameters)
    }

    fn model(&self) -> Model {
        let inputs = match self.examples {
            Examples::Blobs(_) => DIMENSION,
            Examples::Digits => PIXELS,
        };
        let loss = if self.is_squared { Loss::Squared } else { Loss::CrossEntropy };
        Model::new(&[inputs, HIDDEN, self.classes()], Activation::Tanh, loss)
    }

    fn count(&self) -> usize {
        match self.examples {
            Examples::Blobs(classes) => classes * POINTS_PER_CLASS,
            Examples::Digits => DIGITS,
        }
    }

    fn steps(&self) -> usize {
        if self.is_squared { 300 } else { 100 }
    }
}

/// What has been found of a network.
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize)]
pub struct Record {
    /// The loss before the last step so far.
    pub train_loss: f64,
    /// Nodes and weights of the quadratures so far.
    nodes: Vec<f64>,
    weights: Vec<f64>,
    /// Every eigenvalue, greatest first; empty until they are known.
    pub spectrum: Vec<f64>,
}

impl Record {
    /// The spectrum by the quadratures so far.
    pub fn estimate(&self) -> SpectralMeasure {
        let sum: f64 = self.weights.iter().sum();
        let weights = self.weights.iter().map(|weight| weight / sum).collect();
        SpectralMeasure { nodes: self.nodes.clone(), weights }
    }
}

/// What a task does next.
enum Stage {
    Train(usize),
    /// The index of the probe, and its iteration.
    Probe(usize, Lanczos),
    Dense(DenseHessian),
    Decompose(Eigenvalues),
    Finished,
}

/// A network under way.
pub(super) struct Task {
    spec: Spec,
    model: Model,
    inputs: Vec<f64>,
    labels: Vec<u32>,
    parameters: Vec<f64>,
    gradient: Vec<f64>,
    tape: Tape<f64>,
    probes: Random,
    stage: Stage,
    record: Record,
}

/// Clouds of points around random centers, class after class.
fn blobs(classes: usize, seed: u64) -> (Vec<f64>, Vec<u32>) {
    let (mut centers, mut points) = (Random::new(seed, stream::CENTERS), Random::new(seed, stream::POINTS));
    let mut inputs = Vec::with_capacity(classes * POINTS_PER_CLASS * DIMENSION);
    for _ in 0..classes {
        let center = centers.on_sphere(DIMENSION, DISTANCE);
        for _ in 0..POINTS_PER_CLASS {
            inputs.extend(center.iter().map(|place| place + DEVIATION * points.normal()));
        }
    }
    let labels = (0..classes as u32).flat_map(|class| [class; POINTS_PER_CLASS]).collect();
    (inputs, labels)
}

impl Task {
    /// Draws data and weights.
    pub fn new(spec: &Spec, data: &Data) -> Self {
        let (inputs, labels) = match spec.examples {
            Examples::Blobs(classes) => blobs(classes, spec.seed),
            Examples::Digits => {
                let digits = data.digits_8x8();
                let drawn = CenteredDigits::new(digits, DIGITS, &mut Random::new(spec.seed, stream::POINTS));
                let labels = digits::labels(digits, &drawn.split.train);
                (drawn.train, labels.into_iter().map(u32::from).collect())
            }
        };
        let model = spec.model();
        let parameters = model.draw(1.0, &mut Random::new(spec.seed, stream::WEIGHTS));
        Self {
            spec: spec.clone(),
            gradient: vec![0.0; parameters.len()],
            tape: Tape::new(&model, labels.len()),
            probes: Random::new(spec.seed, stream::PROBES),
            stage: Stage::Train(0),
            record: Record { train_loss: f64::NAN, ..Record::default() },
            model,
            inputs,
            labels,
            parameters,
        }
    }

    /// Does the next indivisible piece and returns about how many operations it took.
    fn piece(&mut self) -> f64 {
        let objective = Objective { model: &self.model, inputs: &self.inputs, labels: &self.labels };
        let gradient_cost = self.model.gradient_cost() * self.labels.len() as f64;
        let order = self.parameters.len();
        let (stage, cost) = match std::mem::replace(&mut self.stage, Stage::Finished) {
            Stage::Train(step) => {
                self.record.train_loss = self.tape.gradient(&objective, &self.parameters, &mut self.gradient);
                if step < self.spec.steps() {
                    for (value, slope) in self.parameters.iter_mut().zip(&self.gradient) {
                        *value -= LEARNING_RATE * slope;
                    }
                    (Stage::Train(step + 1), gradient_cost)
                } else {
                    let start = rademacher(order, &mut self.probes);
                    (Stage::Probe(0, Lanczos::new(&start, LANCZOS_STEPS)), gradient_cost)
                }
            }
            Stage::Probe(index, mut lanczos) => {
                let (tape, parameters) = (&mut self.tape, &self.parameters);
                let progress = lanczos.step(|v, out| tape.hessian_operator(&objective, parameters, v, out));
                let next = if progress == Progress::Going {
                    Stage::Probe(index, lanczos)
                } else {
                    let quadrature = lanczos.quadrature();
                    self.record.nodes.extend(quadrature.nodes);
                    self.record.weights.extend(quadrature.weights);
                    if index + 1 < PROBES {
                        let start = rademacher(order, &mut self.probes);
                        Stage::Probe(index + 1, Lanczos::new(&start, LANCZOS_STEPS))
                    } else {
                        Stage::Dense(DenseHessian::new(order))
                    }
                };
                (next, 2.0 * gradient_cost + (8 * order * LANCZOS_STEPS) as f64)
            }
            Stage::Dense(mut dense) => {
                let next = if dense.advance(&mut self.tape, &objective, &self.parameters) {
                    Stage::Decompose(dense.eigenvalues())
                } else {
                    Stage::Dense(dense)
                };
                (next, 2.0 * gradient_cost)
            }
            Stage::Decompose(mut eigenvalues) => {
                let next = if eigenvalues.advance() {
                    self.record.spectrum = eigenvalues.finish();
                    self.record.spectrum.reverse();
                    Stage::Finished
                } else {
                    Stage::Decompose(eigenvalues)
                };
                (next, (6 * order * order) as f64)
            }
            Stage::Finished => (Stage::Finished, f64::INFINITY),
        };
        self.stage = stage;
        cost
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
