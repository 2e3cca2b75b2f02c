//! Logistic regression on points `zᵢ = yᵢxᵢ`, in log space.
//!
//! The loss is `L = (1/n) Σᵢ ln(1 + exp(−⟨w, zᵢ⟩))`, from `w = 0`, without bias. Once the least margin `u` is positive,
//! every weight `σ(−uᵢ)` and the loss are kept in units of `exp(−u)`: their ratios stay exact however small they become,
//! and no optimizer that divides by the loss or by the gradient sees a zero.

use crate::max_margin::{MaxMargin, Norm, dot, least_margin};
use serde::{Deserialize, Serialize};

/// How weights are moved.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub enum Optimizer {
    /// `w −= η∇L`.
    Gradient,
    /// `w −= η∇L/L`.
    Normalized,
    /// The coordinate of the largest derivative alone, `wₖ −= η∂ₖL/L`: steepest descent in ℓ1.
    Coordinate,
    /// `w −= η·sign ∇L`: steepest descent in ℓ∞.
    Sign,
    /// Adam with `β₁ = 0.9`, `β₂ = 0.99` and correction of the bias.
    Adam,
}

/// What an optimizer is set to. The learning rate at step `t` is `learning_rate · t^(−decay_exponent)`.
#[derive(Clone, Copy, Debug, PartialEq, Serialize, Deserialize)]
pub struct Recipe {
    /// Which one.
    pub optimizer: Optimizer,
    /// `η`.
    pub learning_rate: f64,
    /// `a`.
    pub decay_exponent: f64,
    /// Adam's `ε`.
    pub epsilon: f64,
}

/// Adam's decay of the mean of gradients.
const BETA_1: f64 = 0.9;
/// Adam's decay of the mean of their squares.
const BETA_2: f64 = 0.99;
/// Adam's means are kept in a unit in which they lie between this and its inverse.
const SMALL: f64 = 1e-60;

/// Points, and their greatest margins if they can be separated.
#[derive(Clone, Debug)]
pub struct Problem {
    /// `z`, point by point.
    pub points: Vec<f64>,
    /// Coordinates of a point.
    pub dimension: usize,
    /// The greatest margins in the order of [`Norm::ALL`].
    pub best: [Option<MaxMargin>; 3],
}

impl Problem {
    /// Solves for the exact directions.
    pub fn new(points: Vec<f64>, dimension: usize) -> Self {
        let best = Norm::ALL.map(|norm| norm.max_margin(&points, dimension));
        Self { points, dimension, best }
    }

    /// How many points there are.
    pub fn count(&self) -> usize {
        self.points.len() / self.dimension
    }
}

/// Weights in the middle of their training.
pub struct Training {
    recipe: Recipe,
    problem: Problem,
    weights: Vec<f64>,
    /// Steps so far.
    steps: u32,
    /// `⟨w, zᵢ⟩`, then `σ(−uᵢ)` in the unit `exp(log_unit)`.
    pulls: Vec<f64>,
    /// In the same unit.
    gradient: Vec<f64>,
    /// Adam's mean of gradients, in the unit `exp(moment_unit)`.
    first: Vec<f64>,
    /// Its mean of squares, in the square of that.
    second: Vec<f64>,
    moment_unit: f64,
    /// `β₁ᵗ` and `β₂ᵗ`.
    decays: [f64; 2],
}

/// What is seen of weights.
#[derive(Clone, Copy, Debug, PartialEq, Serialize, Deserialize)]
pub struct Snapshot {
    /// The first two weights.
    pub plane: [f64; 2],
    /// Euclidean length of the weights.
    pub norm: f64,
    /// The margin of the normalized weights over the greatest one, in the order of [`Norm::ALL`]; not a number if there is
    /// none.
    pub ratios: [f64; 3],
    /// Degrees between the weights and the ℓ2 max-margin direction; not a number if there is none.
    pub angle_to_l2: f64,
    /// The decimal logarithm of the loss.
    pub log10_loss: f64,
}

impl Training {
    /// Begins at zero.
    pub fn new(recipe: Recipe, problem: Problem) -> Self {
        let (count, dimension) = (problem.count(), problem.dimension);
        Self {
            recipe,
            problem,
            weights: vec![0.0; dimension],
            steps: 0,
            pulls: vec![0.0; count],
            gradient: vec![0.0; dimension],
            first: vec![0.0; dimension],
            second: vec![0.0; dimension],
            moment_unit: 0.0,
            decays: [1.0; 2],
        }
    }

    /// Steps so far.
    pub const fn steps(&self) -> u32 {
        self.steps
    }

    /// About how many operations a step takes.
    pub fn cost(&self) -> f64 {
        (self.problem.count() * (4 * self.problem.dimension + 20)) as f64
    }

    /// Computes the pulls of the points and returns the logarithm of their unit, `min(0, −minᵢ uᵢ)`, and the loss in that
    /// unit if it is wanted.
    fn pull(&mut self, with_loss: bool) -> (f64, f64) {
        let points = self.problem.points.chunks_exact(self.problem.dimension);
        let mut least = f64::INFINITY;
        for (pull, point) in self.pulls.iter_mut().zip(points) {
            *pull = dot(&self.weights, point);
            least = least.min(*pull);
        }
        let shift = least.max(0.0);
        let unit = libm::exp(-shift);
        let mut loss = 0.0;
        for pull in &mut self.pulls {
            let margin = *pull;
            if margin < 0.0 {
                // Then the unit is one.
                let odds = libm::exp(margin);
                *pull = 1.0 / (1.0 + odds);
                loss += if with_loss { libm::log1p(odds) - margin } else { 0.0 };
            } else {
                let relative = libm::exp(shift - margin);
                let odds = unit * relative;
                *pull = relative / (1.0 + odds);
                if with_loss {
                    // ln(1 + x)/x is one to the last bit, long before the unit vanishes.
                    loss += if odds > 1e-17 { libm::log1p(odds) / unit } else { relative };
                }
            }
        }
        (-shift, loss / self.pulls.len() as f64)
    }

    /// The logarithm of the loss.
    fn log_loss(&mut self) -> f64 {
        let (log_unit, loss) = self.pull(true);
        log_unit + libm::log(loss)
    }

    /// Takes one step.
    pub fn step(&mut self) {
        let Recipe { optimizer, learning_rate, decay_exponent, epsilon } = self.recipe;
        let (log_unit, loss) = self.pull(matches!(optimizer, Optimizer::Normalized | Optimizer::Coordinate));
        self.gradient.fill(0.0);
        let share = -1.0 / self.pulls.len() as f64;
        for (pull, point) in self.pulls.iter().zip(self.problem.points.chunks_exact(self.problem.dimension)) {
            self.gradient.iter_mut().zip(point).for_each(|(sum, z)| *sum += share * pull * z);
        }
        self.steps += 1;
        let rate = if decay_exponent == 0.0 {
            learning_rate
        } else {
            learning_rate * libm::pow(f64::from(self.steps), -decay_exponent)
        };
        let moved = self.weights.iter_mut().zip(&self.gradient);
        match optimizer {
            Optimizer::Gradient => {
                let rate = rate * libm::exp(log_unit);
                moved.for_each(|(weight, slope)| *weight -= rate * slope);
            }
            Optimizer::Normalized => moved.for_each(|(weight, slope)| *weight -= rate / loss * slope),
            Optimizer::Coordinate => {
                let steeper = |best: usize, k: usize| if self.gradient[k].abs() > self.gradient[best].abs() { k } else { best };
                let steepest = (0..self.gradient.len()).fold(0, steeper);
                self.weights[steepest] -= rate / loss * self.gradient[steepest];
            }
            Optimizer::Sign => moved.filter(|(_, slope)| **slope != 0.0).for_each(|(weight, slope)| {
                *weight -= rate * slope.signum();
            }),
            Optimizer::Adam => self.adam(rate, epsilon, log_unit),
        }
    }

    fn adam(&mut self, rate: f64, epsilon: f64, log_unit: f64) {
        if self.steps == 1 {
            self.moment_unit = log_unit;
        }
        let scale = libm::exp(log_unit - self.moment_unit);
        self.decays[0] *= BETA_1;
        self.decays[1] *= BETA_2;
        let [first_share, second_share] = self.decays.map(|decay| 1.0 - decay);
        // The true ε in the moments' unit: where that is tiny, ε is immense, and the step nothing.
        let epsilon = if epsilon > 0.0 { epsilon * libm::exp(-self.moment_unit) } else { 0.0 };
        let mut greatest = 0.0_f64;
        let moments = self.first.iter_mut().zip(&mut self.second);
        for ((weight, slope), (first, second)) in self.weights.iter_mut().zip(&self.gradient).zip(moments) {
            let slope = scale * slope;
            *first = BETA_1 * *first + (1.0 - BETA_1) * slope;
            *second = BETA_2 * *second + (1.0 - BETA_2) * slope * slope;
            // A coordinate that was never pulled stays.
            if *second > 0.0 {
                *weight -= rate * (*first / first_share) / ((*second / second_share).sqrt() + epsilon);
            }
            greatest = greatest.max(*second);
        }
        let size = greatest.sqrt();
        if size > 0.0 && !(SMALL..=1.0 / SMALL).contains(&size) {
            self.first.iter_mut().for_each(|first| *first /= size);
            self.second.iter_mut().for_each(|second| *second = *second / size / size);
            self.moment_unit += libm::log(size);
        }
    }

    /// What is seen of the weights now.
    pub fn snapshot(&mut self) -> Snapshot {
        let log10_loss = self.log_loss() / std::f64::consts::LN_10;
        let (weights, problem) = (&self.weights, &self.problem);
        let norm = Norm::L2.of(weights);
        let margin = least_margin(weights, &problem.points);
        let ratio = |index: usize| {
            let best = problem.best[index].as_ref()?;
            Some(margin / Norm::ALL[index].of(weights) / best.margin)
        };
        let angle = problem.best[0].as_ref().map(|best| degrees_between(weights, &best.direction));
        Snapshot {
            plane: [weights[0], weights.get(1).copied().unwrap_or(0.0)],
            norm,
            ratios: [0, 1, 2].map(|index| ratio(index).unwrap_or(f64::NAN)),
            angle_to_l2: angle.unwrap_or(f64::NAN),
            log10_loss,
        }
    }
}

/// The angle between two vectors in degrees; from both their difference and their sum, so that small ones are exact.
fn degrees_between(a: &[f64], b: &[f64]) -> f64 {
    let (long, wide) = (Norm::L2.of(a), Norm::L2.of(b));
    let length = |sign: f64| a.iter().zip(b).map(|(a, b)| a / long - sign * b / wide).map(|d| d * d).sum::<f64>().sqrt();
    (2.0 * libm::atan2(length(1.0), length(-1.0))).to_degrees()
}

#[cfg(test)]
mod tests {
    use super::*;

    const A: [f64; 16] = [1.0, 0.5, 1.2, 3.0, 2.0, 2.5, 1.5, 4.0, 1.4, 2.0, 1.1, 1.2, 2.0, 3.0, 1.3, 0.6];

    fn recipe(optimizer: Optimizer, learning_rate: f64) -> Recipe {
        Recipe { optimizer, learning_rate, decay_exponent: 0.0, epsilon: 0.0 }
    }

    fn trained(recipe: Recipe, points: &[f64], steps: usize) -> Training {
        let mut training = Training::new(recipe, Problem::new(points.to_vec(), 2));
        (0..steps).for_each(|_| training.step());
        training
    }

    #[test]
    fn steps_from_zero_are_those_of_the_definition() {
        // At zero every weight is 1/2 and the loss ln 2.
        let (mean, log_2) = ([1.4375, 2.1], std::f64::consts::LN_2);
        for (optimizer, expected) in [
            (Optimizer::Gradient, [0.05 * mean[0], 0.05 * mean[1]]),
            (Optimizer::Normalized, [0.05 * mean[0] / log_2, 0.05 * mean[1] / log_2]),
            (Optimizer::Coordinate, [0.0, 0.05 * mean[1] / log_2]),
            (Optimizer::Sign, [0.1, 0.1]),
            (Optimizer::Adam, [0.1, 0.1]),
        ] {
            let training = trained(recipe(optimizer, 0.1), &A, 1);
            let apart = training.weights.iter().zip(expected).map(|(a, b)| (a - b).abs());
            assert!(apart.fold(0.0, f64::max) < 1e-14, "{optimizer:?} {:?}", training.weights);
        }
    }

    #[test]
    fn losses_far_below_the_least_number_are_told() {
        let mut training = trained(recipe(Optimizer::Normalized, 0.2), &A, 10_000);
        let snapshot = training.snapshot();
        // The loss is about exp(−margin)/8, of a margin of 2500.
        let margin = least_margin(&training.weights, &A);
        assert!(margin > 2000.0);
        assert!((snapshot.log10_loss + (margin + libm::log(8.0)) / std::f64::consts::LN_10).abs() < 0.01);
        assert!(snapshot.ratios[0] > 0.999_999);
    }

    #[test]
    fn adam_without_epsilon_moves_the_same_however_small_its_gradients_are() {
        // Beginning far along the direction, the same steps follow as with gradients 10^400 times as large.
        let run = |start: f64| {
            let mut training =
                Training::new(Recipe { decay_exponent: 0.5, ..recipe(Optimizer::Adam, 0.02) }, Problem::new(A.to_vec(), 2));
            training.weights = vec![start, start];
            (0..3000).for_each(|_| training.step());
            [training.weights[0] - start, training.weights[1] - start]
        };
        let (near, far) = (run(40.0), run(1000.0));
        assert!((near[0] - far[0]).abs() < 1e-6 && (near[1] - far[1]).abs() < 1e-6, "{near:?} {far:?}");
    }

    #[test]
    fn epsilon_stops_adam_where_the_true_gradient_is_below_it() {
        let run = |epsilon: f64| {
            let training = trained(Recipe { epsilon, ..recipe(Optimizer::Adam, 0.02) }, &A, 30_000);
            Norm::L2.of(&training.weights)
        };
        let [none, small, large] = [0.0, 1e-8, 1e-3].map(run);
        assert!(none > 4.0 * small && small > 1.5 * large, "{none} {small} {large}");
    }

    #[test]
    fn points_that_cannot_be_separated_stop_gradient_descent_at_a_finite_length() {
        let points = [1.0, 0.5, -0.5, 1.0, 0.2, -1.0, -0.3, 0.1];
        let norm = |steps| Norm::L2.of(&trained(recipe(Optimizer::Gradient, 0.5), &points, steps).weights);
        assert!((norm(20_000) - norm(10_000)).abs() < 1e-9 && norm(20_000) < 10.0);
        for optimizer in [Optimizer::Normalized, Optimizer::Coordinate, Optimizer::Sign, Optimizer::Adam] {
            let mut training = trained(recipe(optimizer, 0.02), &points, 10_000);
            let snapshot = training.snapshot();
            assert!(snapshot.norm < 10.0 && snapshot.log10_loss.is_finite(), "{optimizer:?} {snapshot:?}");
            assert!(snapshot.ratios.iter().all(|ratio| ratio.is_nan()));
        }
    }

    #[test]
    fn small_angles_keep_their_digits() {
        assert!((degrees_between(&[1.0, 1e-9], &[3.0, 0.0]) / 1e-9_f64.to_degrees() - 1.0).abs() < 1e-12);
        assert!((degrees_between(&[1.0, 0.0], &[-2.0, 0.0]) - 180.0).abs() < 1e-12);
    }
}
