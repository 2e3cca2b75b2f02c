//! One training, and the loss around where it ends.

use crate::{
    curvature::{Activation, Loss, Model, Objective, Tape, TopEigenvalue, filter_normalized},
    data::Digits,
    digits::{self, CLASSES, Centering, Split},
    lab::Work,
    random::Random,
};
use kernels::double::{Lanczos, Progress};
use serde::{Deserialize, Serialize};

/// Training examples.
pub const SAMPLES: usize = 300;
/// Pixels of an image.
const PIXELS: usize = 64;
/// Hidden units.
const HIDDEN: usize = 64;
/// The mean squared length of the training images.
const SQUARED_LENGTH: f64 = 16.0;
/// The scale of the initial weights.
const INIT_SCALE: f64 = 0.5;
/// `η`.
pub const LEARNING_RATE: f64 = 0.2;
/// Random directions that the curves and the curvature are means over.
pub const DIRECTIONS: usize = 5;
/// Operations of one slice of work.
const SLICE: f64 = 1.5e7;

/// The uses of a seed.
mod stream {
    pub const SPLIT: u64 = 0;
    pub const LABELS: u64 = 1;
    pub const WEIGHTS: u64 = 2;
    pub const BATCHES: u64 = 3;
    pub const LANCZOS: u64 = 4;
    pub const DIRECTIONS: u64 = 5;
}

/// All that one task depends on.
#[derive(Clone, Copy, Debug, PartialEq, Serialize, Deserialize)]
pub struct Spec {
    pub seed: u64,
    pub batch_size: usize,
    pub label_noise: f64,
    pub steps: usize,
    /// Distances along a direction.
    pub resolution: usize,
    /// Whether the plane of the first two directions is mapped, too.
    pub is_mapped: bool,
}

impl Spec {
    /// About how many operations it takes.
    pub fn cost(&self) -> f64 {
        let gradient = network(PIXELS).gradient_cost();
        let map = if self.is_mapped { self.resolution * self.resolution } else { 0 };
        let looks = 4 + 60 + 2 * DIRECTIONS + DIRECTIONS * self.resolution / 2 + map / 2;
        gradient * (self.steps * self.batch_size + looks * SAMPLES) as f64
    }
}

fn network(pixels: usize) -> Model {
    Model::new(&[pixels, HIDDEN, CLASSES], Activation::Tanh, Loss::Squared)
}

/// What has been found.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct Record {
    /// Some moments of training, and the training loss there: of the batch, as training sees it.
    pub steps: Vec<f64>,
    pub losses: Vec<f64>,
    /// After training, of all training examples and of the test examples.
    pub train_loss: f64,
    pub test_accuracy: f64,
    pub lambda_max: f64,
    /// The mean of `dᵀHd` over the directions.
    pub curvature: f64,
    /// The mean loss over the directions at each distance.
    pub line: Vec<f64>,
    /// The loss on the plane, row by row, as far as it is known.
    pub map: Vec<f64>,
}

/// The examples and the network.
struct Problem {
    model: Model,
    inputs: Vec<f32>,
    labels: Vec<u32>,
    test_inputs: Vec<f32>,
    test_labels: Vec<u32>,
}

impl Problem {
    fn new(spec: &Spec, digits: &Digits) -> Self {
        let Split { train, test } = digits::split(digits, SAMPLES, &mut Random::new(spec.seed, stream::SPLIT));
        let images = digits::pixels(digits, &train);
        let centering = Centering::of(&images, digits.pixels, SQUARED_LENGTH);
        let inputs = |images: &[f64]| centering.apply(images).into_iter().map(|value| value as f32).collect();
        let labels = digits::labels(digits, &train);
        let noisy = digits::redrawn_labels(&labels, spec.label_noise, &mut Random::new(spec.seed, stream::LABELS));
        Self {
            model: network(digits.pixels),
            inputs: inputs(&images),
            labels: noisy.into_iter().map(u32::from).collect(),
            test_inputs: inputs(&digits::pixels(digits, &test)),
            test_labels: digits::labels(digits, &test).into_iter().map(u32::from).collect(),
        }
    }

    fn training(&self) -> Objective<'_, f32> {
        Objective { model: &self.model, inputs: &self.inputs, labels: &self.labels }
    }

    fn testing(&self) -> Objective<'_, f32> {
        Objective { model: &self.model, inputs: &self.test_inputs, labels: &self.test_labels }
    }
}

/// A batch of examples, redrawn every step without replacement.
struct Batch {
    random: Random,
    order: Vec<usize>,
    inputs: Vec<f32>,
    labels: Vec<u32>,
}

impl Batch {
    fn draw(&mut self, size: usize, problem: &Problem) {
        let pixels = problem.inputs.len() / problem.labels.len();
        self.inputs.clear();
        self.labels.clear();
        for place in 0..size {
            let other = place + self.random.below(self.order.len() - place);
            self.order.swap(place, other);
            let example = self.order[place];
            self.inputs.extend(&problem.inputs[example * pixels..][..pixels]);
            self.labels.push(problem.labels[example]);
        }
    }
}

/// What is being done.
enum Stage {
    Train,
    Sharpness(Lanczos),
    Curvature,
    Line(usize),
    Map,
    Done,
}

/// The work of one task.
pub struct Study {
    spec: Spec,
    problem: Problem,
    tape: Tape<f32>,
    parameters: Vec<f32>,
    gradient: Vec<f32>,
    /// A point of a slice.
    point: Vec<f32>,
    batch: Batch,
    top: TopEigenvalue,
    /// Normalized to the filters of where training ended.
    directions: Vec<Vec<f32>>,
    step: usize,
    due: usize,
    stage: Stage,
    record: Record,
}

impl Study {
    /// Begins.
    pub fn new(spec: Spec, digits: &Digits) -> Self {
        let problem = Problem::new(&spec, digits);
        let parameters = problem.model.draw(INIT_SCALE, &mut Random::new(spec.seed, stream::WEIGHTS));
        Self {
            tape: Tape::new(&problem.model, problem.test_labels.len().max(SAMPLES)),
            gradient: vec![0.0; parameters.len()],
            point: parameters.clone(),
            batch: Batch {
                random: Random::new(spec.seed, stream::BATCHES),
                order: (0..problem.labels.len()).collect(),
                inputs: Vec::new(),
                labels: Vec::new(),
            },
            top: TopEigenvalue::new(Random::new(spec.seed, stream::LANCZOS)),
            directions: Vec::new(),
            step: 0,
            due: 0,
            stage: Stage::Train,
            record: Record {
                steps: Vec::new(),
                losses: Vec::new(),
                train_loss: f64::NAN,
                test_accuracy: f64::NAN,
                lambda_max: f64::NAN,
                curvature: f64::NAN,
                line: Vec::new(),
                map: Vec::new(),
            },
            parameters,
            problem,
            spec,
        }
    }

    fn train(&mut self) {
        let size = self.spec.batch_size.min(self.problem.labels.len());
        let objective = if size < self.problem.labels.len() {
            self.batch.draw(size, &self.problem);
            Objective { model: &self.problem.model, inputs: &self.batch.inputs, labels: &self.batch.labels }
        } else {
            self.problem.training()
        };
        let loss = self.tape.gradient(&objective, &self.parameters, &mut self.gradient);
        if self.step == self.due {
            self.due = (self.due + 1).max(self.due + self.due / 8);
            self.record.steps.push(self.step as f64);
            self.record.losses.push(loss);
        }
        let rate = LEARNING_RATE as f32;
        self.parameters.iter_mut().zip(&self.gradient).for_each(|(weight, slope)| *weight -= rate * slope);
        self.step += 1;
    }

    /// Looks at what training has come to.
    fn arrive(&mut self) {
        self.tape.loss(&self.problem.testing(), &self.parameters);
        let wrong = self.tape.misclassified(&self.problem.testing());
        self.record.test_accuracy = 1.0 - wrong as f64 / self.problem.test_labels.len() as f64;
        let mut random = Random::new(self.spec.seed, stream::DIRECTIONS);
        for _ in 0..DIRECTIONS {
            let drawn: Vec<f32> = self.parameters.iter().map(|_| random.normal() as f32).collect();
            self.directions.push(filter_normalized(&self.problem.model, &self.parameters, &drawn));
        }
        // What follows asks for products with the Hessian at this gradient.
        self.record.train_loss = self.tape.gradient(&self.problem.training(), &self.parameters, &mut self.gradient);
    }

    fn curvature(&mut self) -> f64 {
        let mut image = vec![0.0; self.parameters.len()];
        let mut sum = 0.0;
        for direction in &self.directions {
            self.tape.hessian_times(&self.problem.training(), &self.parameters, direction, &mut image);
            sum += direction.iter().zip(&image).map(|(a, b)| f64::from(*a) * f64::from(*b)).sum::<f64>();
        }
        sum / DIRECTIONS as f64
    }

    /// The loss at some distances along two of the directions.
    fn loss_at(&mut self, directions: [usize; 2], distances: [f64; 2]) -> f64 {
        let [first, second] = directions.map(|index| &self.directions[index]);
        let [a, b] = distances.map(|distance| distance as f32);
        for (((slot, &weight), &u), &v) in self.point.iter_mut().zip(&self.parameters).zip(first).zip(second) {
            *slot = weight + a * u + b * v;
        }
        self.tape.loss(&self.problem.training(), &self.point)
    }

    /// Does a part of the work and returns about how many operations it took.
    fn go_on(&mut self) -> f64 {
        let gradient = self.problem.model.gradient_cost();
        let all = gradient * SAMPLES as f64;
        match &mut self.stage {
            Stage::Train if self.step < self.spec.steps => {
                self.train();
                gradient * self.spec.batch_size as f64
            }
            Stage::Train => {
                self.arrive();
                self.stage = Stage::Sharpness(self.top.begin(self.parameters.len()));
                4.0 * all
            }
            Stage::Sharpness(lanczos) => {
                let (tape, objective) = (&mut self.tape, self.problem.training());
                let progress = lanczos
                    .step(|vector, image| tape.hessian_operator(&objective, &self.parameters, vector, image));
                if progress != Progress::Going {
                    self.record.lambda_max = self.top.finish(lanczos);
                    self.stage = Stage::Curvature;
                }
                2.0 * all
            }
            Stage::Curvature => {
                self.record.curvature = self.curvature();
                self.stage = Stage::Line(0);
                2.0 * DIRECTIONS as f64 * all
            }
            &mut Stage::Line(index) => {
                let distance = distance(index, self.spec.resolution);
                let sum: f64 = (0..DIRECTIONS).map(|k| self.loss_at([k, k], [distance, 0.0])).sum();
                self.record.line.push(sum / DIRECTIONS as f64);
                self.stage = match index + 1 {
                    next if next < self.spec.resolution => Stage::Line(next),
                    _ if self.spec.is_mapped => Stage::Map,
                    _ => Stage::Done,
                };
                DIRECTIONS as f64 * all / 2.0
            }
            Stage::Map => {
                let (index, resolution) = (self.record.map.len(), self.spec.resolution);
                let place = [index % resolution, index / resolution].map(|k| distance(k, resolution));
                let loss = self.loss_at([0, 1], place);
                self.record.map.push(loss);
                if self.record.map.len() == resolution * resolution {
                    self.stage = Stage::Done;
                }
                all / 2.0
            }
            Stage::Done => SLICE,
        }
    }
}

/// The distances that are looked at: from −1 to 1, where 1 is as far as the weights are from zero.
pub fn distance(index: usize, resolution: usize) -> f64 {
    2.0 * index as f64 / (resolution - 1) as f64 - 1.0
}

impl Work<Record> for Study {
    fn advance(&mut self) -> bool {
        let mut operations = 0.0;
        while operations < SLICE {
            operations += self.go_on();
        }
        matches!(self.stage, Stage::Done)
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
    fn at_distance_one_every_unit_has_moved_by_the_length_of_its_weights() {
        let data = Data::bundled();
        let spec =
            Spec { seed: 2, batch_size: 16, label_noise: 0.2, steps: 50, resolution: 11, is_mapped: false };
        let mut study = Study::new(spec, data.digits_8x8());
        while !study.advance() {}
        let layer = &study.problem.model.layers()[0];
        for direction in &study.directions {
            for unit in [0, HIDDEN - 1] {
                let length = |values: &[f32]| -> f32 {
                    let weights = values[layer.weights.clone()].iter().skip(unit).step_by(HIDDEN);
                    weights.map(|weight| weight * weight).sum()
                };
                assert!((length(direction) / length(&study.parameters) - 1.0).abs() < 1e-4);
            }
        }
        assert_eq!(study.record.line.len(), 11);
    }

    #[test]
    fn a_batch_has_no_example_twice_and_every_example_has_its_turn() {
        let data = Data::bundled();
        let spec = Spec { seed: 0, batch_size: 64, label_noise: 0.0, steps: 1, resolution: 11, is_mapped: false };
        let mut study = Study::new(spec, data.digits_8x8());
        let mut seen = [false; SAMPLES];
        for _ in 0..60 {
            study.batch.draw(64, &study.problem);
            let mut drawn = study.batch.order[..64].to_vec();
            for &example in &drawn {
                seen[example] = true;
            }
            drawn.sort_unstable();
            drawn.dedup();
            assert_eq!(drawn.len(), 64);
        }
        assert!(seen.iter().all(|&seen| seen));
    }
}
