//! One training, and the loss around where it ends.

use super::super::batch_size::training::{Course, Moment, Problem, Rule, SAMPLES, Training, model};
use crate::{
    curvature::{Tape, filter_normalized},
    data::Digits,
    lab::{Work, slice},
    random::Random,
};
use serde::{Deserialize, Serialize};

/// Random directions that the curves and the curvature are means over.
pub const DIRECTIONS: usize = 5;
/// Operations of one slice of work.
const SLICE: f64 = 1.5e7;
/// The stream that directions are drawn from, beyond those of the training.
const STREAM: u64 = 1000;

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
    fn rule(&self) -> Rule {
        Rule { sam_radius: 0.0, steps: self.steps }
    }

    /// About how many operations it takes.
    pub fn cost(&self) -> f64 {
        let model = model();
        let map = if self.is_mapped { self.resolution * self.resolution } else { 0 };
        // The loss is half of a gradient.
        let losses = DIRECTIONS * self.resolution + map;
        let looks = 2 * DIRECTIONS + losses / 2;
        Training::cost(&model, self.batch_size, self.rule()) + model.gradient_cost() * (looks * SAMPLES) as f64
    }
}

/// What has been found.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct Record {
    /// The training.
    pub course: Course,
    /// The mean of `dᵀHd` over the directions.
    pub curvature: f64,
    /// The mean loss over the directions at each distance.
    pub line: Vec<f64>,
    /// The loss on the plane, row by row, as far as it is known.
    pub map: Vec<f64>,
}

impl Record {
    /// A quantity at the end of training.
    pub fn last(&self, read: fn(&Moment) -> f64) -> f64 {
        self.course.moments.last().map_or(f64::NAN, read)
    }
}

/// What is being done.
#[derive(Clone, Copy)]
enum Stage {
    Train,
    Curvature,
    Line,
    Map,
    Done,
}

/// The work of one task.
pub struct Study {
    spec: Spec,
    problem: Problem,
    training: Training,
    tape: Tape<f32>,
    /// A point of a slice.
    point: Vec<f32>,
    /// Normalized to the filters of where training ended.
    directions: Vec<Vec<f32>>,
    stage: Stage,
    curvature: f64,
    line: Vec<f64>,
    map: Vec<f64>,
}

impl Study {
    /// Begins.
    pub fn new(spec: Spec, digits: &Digits) -> Self {
        let problem = Problem::new(spec.label_noise, spec.seed, digits);
        let training = Training::new(&problem, spec.batch_size, spec.rule());
        Self {
            tape: Tape::new(&problem.model, SAMPLES),
            point: training.parameters.clone(),
            directions: Vec::new(),
            stage: Stage::Train,
            curvature: f64::NAN,
            line: Vec::new(),
            map: Vec::new(),
            training,
            problem,
            spec,
        }
    }

    fn draw_directions(&mut self) {
        let mut random = Random::new(self.spec.seed, STREAM);
        let parameters = &self.training.parameters;
        for _ in 0..DIRECTIONS {
            let drawn: Vec<f32> = parameters.iter().map(|_| random.normal() as f32).collect();
            self.directions.push(filter_normalized(&self.problem.model, parameters, &drawn));
        }
    }

    fn mean_curvature(&mut self) -> f64 {
        let parameters = &self.training.parameters;
        let mut image = vec![0.0; parameters.len()];
        // Products with the Hessian are taken where the last gradient was.
        self.tape.gradient(&self.problem.objective(), parameters, &mut image);
        let mut sum = 0.0;
        for direction in &self.directions {
            self.tape.hessian_times(&self.problem.objective(), parameters, direction, &mut image);
            sum += direction.iter().zip(&image).map(|(a, b)| f64::from(*a) * f64::from(*b)).sum::<f64>();
        }
        sum / DIRECTIONS as f64
    }

    /// The loss at some distances along two of the directions.
    fn loss_at(&mut self, directions: [usize; 2], distances: [f64; 2]) -> f64 {
        let [first, second] = directions.map(|index| &self.directions[index]);
        let [a, b] = distances.map(|distance| distance as f32);
        for (((slot, &weight), &u), &v) in self.point.iter_mut().zip(&self.training.parameters).zip(first).zip(second) {
            *slot = weight + a * u + b * v;
        }
        self.tape.loss(&self.problem.objective(), &self.point)
    }

    /// Does a part of the work and returns about how many operations it took.
    fn go_on(&mut self) -> f64 {
        let gradient = self.problem.model.gradient_cost() * SAMPLES as f64;
        let resolution = self.spec.resolution;
        match self.stage {
            Stage::Train => {
                if !self.training.is_finished() {
                    return self.training.piece(&self.problem);
                }
                self.draw_directions();
                self.stage = Stage::Curvature;
                gradient
            }
            Stage::Curvature => {
                self.curvature = self.mean_curvature();
                self.stage = Stage::Line;
                2.0 * DIRECTIONS as f64 * gradient
            }
            Stage::Line => {
                let place = [distance(self.line.len(), resolution), 0.0];
                let sum: f64 = (0..DIRECTIONS).map(|k| self.loss_at([k, k], place)).sum();
                self.line.push(sum / DIRECTIONS as f64);
                if self.line.len() == resolution {
                    self.stage = if self.spec.is_mapped { Stage::Map } else { Stage::Done };
                }
                0.5 * DIRECTIONS as f64 * gradient
            }
            Stage::Map => {
                let index = self.map.len();
                let place = [index % resolution, index / resolution].map(|k| distance(k, resolution));
                let loss = self.loss_at([0, 1], place);
                self.map.push(loss);
                if self.map.len() == resolution * resolution {
                    self.stage = Stage::Done;
                }
                0.5 * gradient
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
        slice(SLICE, || self.go_on());
        matches!(self.stage, Stage::Done)
    }

    fn record(&self) -> Record {
        let course = self.training.course().clone();
        Record { course, curvature: self.curvature, line: self.line.clone(), map: self.map.clone() }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::data::Data;

    #[test]
    fn at_distance_one_every_unit_has_moved_by_the_length_of_its_weights() {
        let data = Data::bundled();
        let spec = Spec { seed: 2, batch_size: 16, label_noise: 0.2, steps: 50, resolution: 11, is_mapped: false };
        let mut study = Study::new(spec, data.digits_8x8());
        while !study.advance() {}
        let layer = &study.problem.model.layers()[0];
        for direction in &study.directions {
            for unit in [0, layer.outputs - 1] {
                let length = |values: &[f32]| -> f32 {
                    let weights = values[layer.weights.clone()].iter().skip(unit).step_by(layer.outputs);
                    weights.map(|weight| weight * weight).sum()
                };
                assert!((length(direction) / length(&study.training.parameters) - 1.0).abs() < 1e-4);
            }
        }
        assert_eq!((study.line.len(), study.map.len()), (11, 0));
    }
}
