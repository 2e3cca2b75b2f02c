//! Networks that learn the same digits in batches of several sizes, and how sharp the loss is where they are.

use crate::{
    curvature::{Activation, EpsilonSharpness, Loss, Model, Objective, Tape, TopEigenvalue, sam_gradient},
    data::Digits,
    digits::{self, CLASSES, CenteredDigits},
    random::Random,
};
use kernels::double::{Lanczos, Progress};
use serde::{Deserialize, Serialize};

/// Digits that are trained on.
pub const SAMPLES: usize = 300;
const PIXELS: usize = 64;
const HIDDEN: usize = 64;
/// The deviation of the first weights, over that which keeps the size of what passes through a layer.
const INITIAL_SCALE: f64 = 0.5;
/// The step size.
pub const LEARNING_RATE: f64 = 0.2;
/// Test digits that are judged at once.
const BLOCK: usize = SAMPLES;
/// What a step takes beside the arithmetic of its gradients, in operations of the same duration.
const OVERHEAD: f64 = 5e4;

/// The uses of a seed.
mod stream {
    pub const SPLIT: u64 = 0;
    pub const LABELS: u64 = 1;
    pub const WEIGHTS: u64 = 2;
    pub const LANCZOS: u64 = 3;
    /// The order of examples in batches of size b is drawn from this and b.
    pub const BATCHES: u64 = 4;
}

/// What is learned: labeled digits, by squared loss.
#[derive(Clone, Debug)]
pub struct Problem {
    /// The network, 64-64-10 with tanh, and its loss.
    pub model: Model,
    /// The digits that are trained on, `SAMPLES × 64`.
    pub inputs: Vec<f32>,
    /// Their labels, some of them redrawn.
    pub labels: Vec<u32>,
    test_inputs: Vec<f32>,
    test_labels: Vec<u32>,
    seed: u64,
}

/// The network and its loss.
pub fn model() -> Model {
    Model::new(&[PIXELS, HIDDEN, CLASSES], Activation::Tanh, Loss::Squared)
}

impl Problem {
    /// Draws digits, and redraws each label trained on with that probability.
    pub fn new(label_noise: f64, seed: u64, digits: &Digits) -> Self {
        let drawn = CenteredDigits::new(digits, SAMPLES, &mut Random::new(seed, stream::SPLIT));
        let clean = digits::labels(digits, &drawn.split.train);
        let labels = digits::redrawn_labels(&clean, label_noise, &mut Random::new(seed, stream::LABELS));
        let narrow = |values: &[f64]| values.iter().map(|&value| value as f32).collect();
        let wide = |labels: Vec<u8>| labels.into_iter().map(u32::from).collect();
        Self {
            model: model(),
            inputs: narrow(&drawn.train),
            labels: wide(labels),
            test_inputs: narrow(&drawn.test),
            test_labels: wide(digits::labels(digits, &drawn.split.test)),
            seed,
        }
    }

    /// The training loss.
    pub fn objective(&self) -> Objective<'_, f32> {
        Objective { model: &self.model, inputs: &self.inputs, labels: &self.labels }
    }

    /// Some of the test digits from this one on.
    fn test_block(&self, from: usize) -> Objective<'_, f32> {
        let to = (from + BLOCK).min(self.test_labels.len());
        Objective {
            model: &self.model,
            inputs: &self.test_inputs[from * PIXELS..to * PIXELS],
            labels: &self.test_labels[from..to],
        }
    }
}

/// Where a training is after some steps.
#[derive(Clone, Copy, Debug, PartialEq, Serialize, Deserialize)]
pub struct Moment {
    /// Steps so far.
    pub step: usize,
    /// The largest eigenvalue of the training loss's Hessian.
    pub lambda_max: f64,
    /// The Hessian's trace.
    pub trace: f64,
    /// Mean loss on the training labels.
    pub train_loss: f64,
    /// Share of training labels that are met.
    pub train_accuracy: f64,
    /// Mean loss on the test digits.
    pub test_loss: f64,
    /// Share of test digits that are got right.
    pub test_accuracy: f64,
}

/// The course of one training.
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize)]
pub struct Course {
    /// Examples of a step.
    pub batch: usize,
    /// Some steps, ever further apart; the last one is among them.
    pub moments: Vec<Moment>,
    /// ε-sharpness after the last step; none before.
    pub eps_sharpness: Option<f64>,
}

/// How a network is trained.
#[derive(Clone, Copy, Debug)]
pub struct Rule {
    /// The radius of sharpness-aware minimization; 0 for none.
    pub sam_radius: f64,
    /// Steps.
    pub steps: usize,
}

/// What a training does next.
#[derive(Clone)]
enum Stage {
    Step,
    /// Looks at the gradient.
    Look,
    Sharpen(Box<Lanczos>),
    /// Judges the test digits from this one on.
    Judge(usize),
    Ascend(Box<EpsilonSharpness<f32>>),
    Finished,
}

/// One network in training.
#[derive(Clone)]
pub struct Training {
    rule: Rule,
    /// The weights as they are now.
    pub parameters: Vec<f32>,
    gradient: Vec<f32>,
    scratch: Vec<f32>,
    tape: Tape<f32>,
    top: TopEigenvalue,
    random: Random,
    /// The examples in an order of which the next batch takes the front.
    order: Vec<usize>,
    inputs: Vec<f32>,
    labels: Vec<u32>,
    step: usize,
    /// The next step that is looked at.
    due: usize,
    stage: Stage,
    /// Losses and errors on the test digits so far.
    test: (f64, usize),
    course: Course,
}

/// The step that is looked at after `step`: about eight a decade.
fn next_due(step: usize, steps: usize) -> usize {
    (step + step / 3).max(10).min(steps)
}

impl Training {
    /// Prepares to train in batches of that size, the whole set if it is as large.
    pub fn new(problem: &Problem, batch: usize, rule: Rule) -> Self {
        let parameters: Vec<f32> = problem.model.draw(INITIAL_SCALE, &mut Random::new(problem.seed, stream::WEIGHTS));
        Self {
            rule,
            gradient: vec![0.0; parameters.len()],
            scratch: vec![0.0; parameters.len()],
            tape: Tape::new(&problem.model, SAMPLES),
            top: TopEigenvalue::new(Random::new(problem.seed, stream::LANCZOS)),
            random: Self::batches(problem, batch),
            order: (0..SAMPLES).collect(),
            inputs: Vec::with_capacity(batch * PIXELS),
            labels: Vec::with_capacity(batch),
            step: 0,
            due: 0,
            stage: Stage::Look,
            test: (0.0, 0),
            course: Course { batch, ..Course::default() },
            parameters,
        }
    }

    /// The same network before its first step, to be trained in batches of another size.
    pub fn with_batch(&self, problem: &Problem, batch: usize) -> Self {
        let mut other = self.clone();
        other.random = Self::batches(problem, batch);
        other.course.batch = batch;
        other
    }

    fn batches(problem: &Problem, batch: usize) -> Random {
        Random::new(problem.seed, stream::BATCHES + batch as u64)
    }

    /// Steps so far.
    pub const fn step(&self) -> usize {
        self.step
    }

    /// Whether the next piece is a step.
    pub const fn is_ready(&self) -> bool {
        matches!(self.stage, Stage::Step)
    }

    /// Whether it is over.
    pub const fn is_finished(&self) -> bool {
        matches!(self.stage, Stage::Finished)
    }

    /// What has been seen so far.
    pub const fn course(&self) -> &Course {
        &self.course
    }

    /// About how many operations the whole training takes.
    pub fn cost(model: &Model, batch: usize, rule: Rule) -> f64 {
        let gradients = if rule.sam_radius > 0.0 { 2.0 } else { 1.0 };
        let step = gradients * model.gradient_cost() * batch as f64 + OVERHEAD;
        let (mut looks, mut due) = (1.0, 0);
        while due < rule.steps {
            due = next_due(due, rule.steps);
            looks += 1.0;
        }
        rule.steps as f64 * step + looks * 32.0 * model.gradient_cost() * SAMPLES as f64
    }

    /// Does the next indivisible piece and returns about how many operations it took.
    pub fn piece(&mut self, problem: &Problem) -> f64 {
        let full = problem.model.gradient_cost() * SAMPLES as f64;
        let objective = problem.objective();
        let (stage, cost) = match std::mem::replace(&mut self.stage, Stage::Finished) {
            Stage::Step => {
                let cost = self.descend(problem);
                (if self.step == self.due { Stage::Look } else { Stage::Step }, cost)
            }
            Stage::Look => {
                let train_loss = self.tape.gradient(&objective, &self.parameters, &mut self.gradient);
                let wrong = self.tape.misclassified(&objective);
                self.course.moments.push(Moment {
                    step: self.step,
                    lambda_max: f64::NAN,
                    trace: self.tape.layer_traces(&objective, &self.parameters).iter().sum(),
                    train_loss,
                    train_accuracy: 1.0 - wrong as f64 / SAMPLES as f64,
                    test_loss: f64::NAN,
                    test_accuracy: f64::NAN,
                });
                (Stage::Sharpen(Box::new(self.top.begin(self.parameters.len()))), 3.0 * full)
            }
            Stage::Sharpen(mut lanczos) => {
                let (tape, parameters) = (&mut self.tape, &self.parameters);
                let progress = lanczos.step(|v, out| tape.hessian_operator(&objective, parameters, v, out));
                let next = if progress == Progress::Going {
                    Stage::Sharpen(lanczos)
                } else {
                    let value = self.top.finish(&lanczos);
                    self.course.moments.iter_mut().next_back().into_iter().for_each(|last| last.lambda_max = value);
                    self.test = (0.0, 0);
                    Stage::Judge(0)
                };
                (next, 2.0 * full)
            }
            Stage::Judge(from) => (self.judge(problem, from), 0.5 * full),
            Stage::Ascend(mut ascent) => {
                let is_over = ascent.advance(&mut self.tape, &objective, &self.parameters);
                self.course.eps_sharpness = is_over.then(|| ascent.value());
                (if is_over { Stage::Finished } else { Stage::Ascend(ascent) }, full)
            }
            Stage::Finished => (Stage::Finished, f64::INFINITY),
        };
        self.stage = stage;
        cost
    }

    /// One step on a batch drawn without replacement.
    fn descend(&mut self, problem: &Problem) -> f64 {
        let batch = self.course.batch;
        let (inputs, labels) = if batch < SAMPLES {
            self.inputs.clear();
            self.labels.clear();
            for place in 0..batch {
                // The front of a shuffle (Fisher and Yates).
                self.order.swap(place, place + self.random.below(SAMPLES - place));
                let example = self.order[place];
                self.inputs.extend_from_slice(&problem.inputs[example * PIXELS..(example + 1) * PIXELS]);
                self.labels.push(problem.labels[example]);
            }
            (&self.inputs, &self.labels)
        } else {
            (&problem.inputs, &problem.labels)
        };
        let objective = Objective { model: &problem.model, inputs, labels };
        let Rule { sam_radius, .. } = self.rule;
        let gradient = problem.model.gradient_cost() * labels.len() as f64 + OVERHEAD;
        let cost = if sam_radius > 0.0 {
            let buffers = (&mut self.scratch[..], &mut self.gradient[..]);
            sam_gradient(&mut self.tape, &objective, &self.parameters, sam_radius, buffers);
            2.0 * gradient
        } else {
            self.tape.gradient(&objective, &self.parameters, &mut self.gradient);
            gradient
        };
        kernels::single::linear::axpy(-LEARNING_RATE as f32, &self.gradient, &mut self.parameters);
        self.step += 1;
        cost
    }

    /// Judges a block of test digits; after the last one the moment is complete.
    fn judge(&mut self, problem: &Problem, from: usize) -> Stage {
        let block = problem.test_block(from);
        let count = block.labels.len();
        let loss = self.tape.loss(&block, &self.parameters);
        self.test.0 += loss * count as f64;
        self.test.1 += self.tape.misclassified(&block);
        let all = problem.test_labels.len();
        if from + count < all {
            return Stage::Judge(from + count);
        }
        if let Some(last) = self.course.moments.last_mut() {
            last.test_loss = self.test.0 / all as f64;
            last.test_accuracy = 1.0 - self.test.1 as f64 / all as f64;
        }
        self.due = next_due(self.step, self.rule.steps);
        if self.step < self.rule.steps {
            Stage::Step
        } else {
            Stage::Ascend(Box::new(EpsilonSharpness::new(&self.parameters, self.top.vector())))
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::data::Data;

    const RULE: Rule = Rule { sam_radius: 0.0, steps: 40 };

    fn problem() -> Problem {
        Problem::new(0.2, 3, Data::bundled().digits_8x8())
    }

    fn finished(problem: &Problem, batch: usize, rule: Rule) -> Training {
        let mut training = Training::new(problem, batch, rule);
        while !training.is_finished() {
            training.piece(problem);
        }
        training
    }

    #[test]
    fn a_network_that_took_its_start_from_another_ends_where_one_of_its_own_does() {
        let problem = problem();
        let mut first = Training::new(&problem, 4, RULE);
        while !first.is_ready() {
            first.piece(&problem);
        }
        let mut other = first.with_batch(&problem, 16);
        while !other.is_finished() {
            other.piece(&problem);
        }
        let own = finished(&problem, 16, RULE);
        assert_eq!(other.course(), own.course());
        assert_eq!(other.parameters, own.parameters);
    }

    #[test]
    fn a_batch_has_every_example_once_at_most_and_all_of_them_come_up() {
        let problem = problem();
        let mut training = Training::new(&problem, 64, RULE);
        let mut seen = vec![false; SAMPLES];
        for _ in 0..40 {
            training.descend(&problem);
            let mut drawn = training.order[..64].to_vec();
            for &example in &drawn {
                seen[example] = true;
            }
            drawn.sort_unstable();
            drawn.dedup();
            assert_eq!(drawn.len(), 64);
        }
        assert!(seen.into_iter().all(|seen| seen));
    }

    #[test]
    fn a_step_on_the_whole_set_is_gradient_descent() {
        let problem = problem();
        let mut training = Training::new(&problem, SAMPLES, RULE);
        let (mut tape, mut gradient) = (Tape::new(&problem.model, SAMPLES), training.parameters.clone());
        tape.gradient(&problem.objective(), &training.parameters, &mut gradient);
        let expected: Vec<f32> = training.parameters.iter().zip(&gradient).map(|(w, g)| w - 0.2 * g).collect();
        training.descend(&problem);
        assert!(training.parameters.iter().zip(&expected).all(|(a, b)| (a - b).abs() < 1e-7));
    }

    #[test]
    fn moments_come_ever_further_apart_and_end_with_the_last_step() {
        let mut steps = vec![0];
        while *steps.last().unwrap() < 4000 {
            steps.push(next_due(*steps.last().unwrap(), 4000));
        }
        assert!(steps.len() < 30 && steps.is_sorted() && steps.last() == Some(&4000));
        let course = finished(&problem(), 64, RULE).course().clone();
        assert_eq!(
            course.moments.iter().map(|moment| moment.step).collect::<Vec<_>>(),
            [0, 10, 13, 17, 22, 29, 38, 40]
        );
        let is_whole = |moment: &Moment| moment.lambda_max.is_finite() && moment.test_loss.is_finite();
        assert!(course.moments.iter().all(is_whole));
        assert!(course.eps_sharpness.unwrap() > 0.0);
        assert!(course.moments.last().unwrap().train_loss < course.moments[0].train_loss);
    }

    #[test]
    fn single_precision_measures_what_double_does() {
        let problem = problem();
        let training = finished(&problem, 16, RULE);
        let last = *training.course().moments.last().unwrap();
        let wide = |values: &[f32]| values.iter().map(|&value| f64::from(value)).collect::<Vec<f64>>();
        let (inputs, parameters) = (wide(&problem.inputs), wide(&training.parameters));
        let exact = Objective { model: &problem.model, inputs: &inputs, labels: &problem.labels };
        let (mut tape, mut gradient) = (Tape::new(&problem.model, SAMPLES), parameters.clone());
        let loss = tape.gradient(&exact, &parameters, &mut gradient);
        assert!((last.train_loss / loss - 1.0).abs() < 1e-5);
        let trace: f64 = tape.layer_traces(&exact, &parameters).iter().sum();
        assert!((last.trace / trace - 1.0).abs() < 1e-5);
        let mut lanczos = Lanczos::new(&Random::new(1, 0).on_sphere(parameters.len(), 1.0), 80);
        while lanczos.step(|v, out| tape.hessian_operator(&exact, &parameters, v, out)) == Progress::Going {}
        let value = lanczos.top().unwrap().value;
        assert!((last.lambda_max / value - 1.0).abs() < 1e-3, "{} {value}", last.lambda_max);
    }
}
