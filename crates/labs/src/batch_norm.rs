//! Gradient descent on a linear model with batch normalization, and on the same model without.
//!
//! Sample `i` has `P` patches `x_ip` and a label `yᵢ = ±1`; `z_ip = yᵢx_ip` and `zᵢ = Σₚ z_ip`. The model
//! `f(xᵢ) = γ·Σₚ ⟨w, x_ip⟩/N` with `N² = wᵀSw`, `S = Σ_ip z_ip z_ipᵀ/nP` (scaled by the batch, not centered) is trained on
//! `w` and `γ` by the logistic loss over all samples (Cao, Zou, Li and Gu 2023, arXiv 2306.11680). With `mᵢ = ⟨w, zᵢ⟩/N` and
//! `ℓᵢ = −1/(n(1 + exp(γmᵢ)))`
//!
//! `∂L/∂γ = Σᵢ ℓᵢmᵢ`, `∂L/∂w = (γ/N)·(Σᵢ ℓᵢzᵢ − (Σᵢ ℓᵢmᵢ)·Sw/N)`.
//!
//! The model without has `f(xᵢ) = Σₚ ⟨w, x_ip⟩`. How far either is from one margin for all patches is told by the margin
//! discrepancy `D = Σ (m_ip − m_i'p')²/(nP)²` over all pairs, `m_ip = ⟨w, z_ip⟩/N`.

use crate::{
    figure::{Axis, AxisScale, Mark, Role, Stroke},
    max_margin::{MaxMargin, Norm},
    statistics,
    text::Text,
};
use kernels::double::{View, dot, gemv, syrk};

/// Differences of margins that are rounding alone leave a discrepancy of about this: smaller ones are reported as this.
pub const DISCREPANCY_FLOOR: f64 = 1e-29;

/// What a slice of training may cost, in operations.
const SLICE: f64 = 1e7;
/// Steps of the first slice, after which the first frame is drawn.
const FIRST_SLICE: usize = 100;

/// The points of a training set, times their labels.
#[derive(Clone, Debug)]
pub struct Points {
    /// `z_ip`, a row each, the patches of a sample together.
    values: Vec<f64>,
    samples: usize,
    dimension: usize,
    /// `zᵢ`, a row each.
    sums: Vec<f64>,
    /// `S`.
    second_moment: Vec<f64>,
}

impl Points {
    /// From `z_ip`, a row each.
    ///
    /// # Panics
    /// If `values` is not a whole number of patches for every sample.
    pub fn new(values: Vec<f64>, samples: usize, dimension: usize) -> Self {
        let rows = values.len() / dimension;
        assert!(rows * dimension == values.len() && rows.is_multiple_of(samples), "as many patches in every sample");
        let mut sums = vec![0.0; samples * dimension];
        for (sum, patches) in sums.chunks_exact_mut(dimension).zip(values.chunks_exact(rows / samples * dimension)) {
            for patch in patches.chunks_exact(dimension) {
                sum.iter_mut().zip(patch).for_each(|(slot, value)| *slot += value);
            }
        }
        let mut second_moment = vec![0.0; dimension * dimension];
        syrk(&mut second_moment, View::new(&values, rows, dimension).transposed());
        for value in &mut second_moment {
            *value /= rows as f64;
        }
        Self { values, samples, dimension, sums, second_moment }
    }

    /// `n`.
    pub const fn samples(&self) -> usize {
        self.samples
    }

    /// `zᵢ`, a row each.
    pub fn sums(&self) -> View<'_> {
        View::new(&self.sums, self.samples, self.dimension)
    }

    /// `⟨w, z_ip⟩` and `N`.
    fn products(&self, weights: &[f64]) -> (Vec<f64>, f64) {
        let products: Vec<f64> = self.values.chunks_exact(self.dimension).map(|row| dot(row, weights)).collect();
        let norm = (dot(&products, &products) / products.len() as f64).sqrt();
        (products, norm)
    }

    /// `N`.
    pub fn norm(&self, weights: &[f64]) -> f64 {
        self.products(weights).1
    }

    /// `m_ip`: their squares have a mean of 1.
    pub fn margins(&self, weights: &[f64]) -> Vec<f64> {
        let (products, norm) = self.products(weights);
        products.iter().map(|product| product / norm).collect()
    }

    /// `D`, which is twice the variance of the margins.
    pub fn discrepancy(&self, weights: &[f64]) -> f64 {
        discrepancy(&self.margins(weights))
    }

    /// The separator of the samples with the greatest ℓ2 margin.
    pub fn max_margin(&self) -> Option<MaxMargin> {
        Norm::L2.max_margin(&self.sums, self.dimension)
    }
}

/// `D` of margins.
pub fn discrepancy(margins: &[f64]) -> f64 {
    let center = statistics::mean(margins);
    let squares: f64 = margins.iter().map(|margin| (margin - center) * (margin - center)).sum();
    2.0 * squares / margins.len() as f64
}

/// `log₁₀ D`, not below that of the floor.
pub fn log10_discrepancy(discrepancy: f64) -> f64 {
    // What is not known stays so.
    libm::log10(if discrepancy < DISCREPANCY_FLOOR { DISCREPANCY_FLOOR } else { discrepancy })
}

/// How training begins and goes on.
#[derive(Clone, Copy, Debug)]
pub struct Rule {
    /// The step size with batch normalization, of `w` and `γ`.
    pub learning_rate: f64,
    /// The step size without.
    pub plain_learning_rate: f64,
    /// `γ` at the start.
    pub gamma: f64,
    /// Whether `γ` is trained.
    pub trains_gamma: bool,
}

/// Both models in training from the same weights.
#[derive(Clone, Debug)]
pub struct Descents {
    points: Points,
    rule: Rule,
    /// `w` of the model with batch normalization.
    pub normalized: Vec<f64>,
    /// Its `γ`.
    pub gamma: f64,
    /// `w` of the model without.
    pub plain: Vec<f64>,
    taken: usize,
    /// The next step that is looked at.
    due: usize,
    image: Vec<f64>,
    slopes: Vec<f64>,
    gradient: Vec<f64>,
}

impl Descents {
    /// At the start.
    pub fn new(points: Points, start: Vec<f64>, rule: Rule) -> Self {
        let (samples, dimension) = (points.samples, points.dimension);
        Self {
            points,
            rule,
            normalized: start.clone(),
            gamma: rule.gamma,
            plain: start,
            taken: 0,
            due: 0,
            image: vec![0.0; dimension],
            slopes: vec![0.0; samples],
            gradient: vec![0.0; dimension],
        }
    }

    /// The training set.
    pub const fn points(&self) -> &Points {
        &self.points
    }

    /// About how many operations a step takes.
    pub fn cost_of_step(samples: usize, dimension: usize) -> f64 {
        let (n, d) = (samples as f64, dimension as f64);
        2.0 * d * d + 8.0 * n * d + 100.0 * n
    }

    /// Goes on for a slice. `watch` sees step 0, the last step, and between them every step at first, then about twelve an
    /// e-fold. True once `steps` have been taken.
    pub fn advance(&mut self, steps: usize, mut watch: impl FnMut(usize, &Self)) -> bool {
        let cost = Self::cost_of_step(self.points.samples, self.points.dimension);
        let slice = if self.taken == 0 { FIRST_SLICE } else { (SLICE / cost) as usize + 1 };
        for _ in 0..slice {
            if self.taken == self.due || self.taken == steps {
                self.due = (self.due + 1).max(self.due + self.due / 12);
                watch(self.taken, self);
            }
            if self.taken == steps {
                return true;
            }
            self.step();
            self.taken += 1;
        }
        false
    }

    fn step(&mut self) {
        let Self { points, rule, normalized, gamma, plain, image, slopes, gradient, .. } = self;
        let (d, rate) = (points.dimension, rule.learning_rate);
        let sums = View::new(&points.sums, points.samples, d);
        gemv(image, View::new(&points.second_moment, d, d), normalized);
        let norm = dot(normalized, image).sqrt();
        gemv(slopes, sums, normalized);
        let mut along = 0.0;
        for slope in slopes.iter_mut() {
            let margin = *slope / norm;
            *slope = -logistic(-*gamma * margin) / points.samples as f64;
            along += *slope * margin;
        }
        gemv(gradient, sums.transposed(), slopes);
        for ((weight, slope), image) in normalized.iter_mut().zip(&*gradient).zip(&*image) {
            *weight -= rate * *gamma / norm * (slope - along / norm * image);
        }
        if rule.trains_gamma {
            *gamma -= rate * along;
        }
        gemv(slopes, sums, plain);
        for slope in slopes.iter_mut() {
            *slope = -logistic(-*slope) / points.samples as f64;
        }
        gemv(gradient, sums.transposed(), slopes);
        plain.iter_mut().zip(&*gradient).for_each(|(weight, slope)| *weight -= rule.plain_learning_rate * slope);
    }
}

/// `1/(1 + e⁻ᶻ)`.
pub fn logistic(z: f64) -> f64 {
    1.0 / (1.0 + libm::exp(-z))
}

/// The color of what is trained with batch normalization.
pub const NORMALIZED: Role = Role::Regularized;
/// The color of what is trained without.
pub const PLAIN: Role = Role::Train;

/// What is trained with batch normalization, in legends.
pub const fn normalized_label() -> Text {
    Text::new("batch normalization", "批归一化")
}

/// What is trained without.
pub const fn plain_label() -> Text {
    Text::new("gradient descent alone", "普通梯度下降")
}

/// The exact separator of maximum margin.
pub const fn max_margin_label() -> Text {
    Text::new("maximum margin (SVM), exact", "最大间隔（SVM），精确解")
}

/// The axis of steps.
pub fn step_axis(steps: f64) -> Axis {
    Axis::new(Text::new("gradient steps t", "梯度下降步数 t"), AxisScale::LogFromZero, [0.0, steps])
}

/// The axis of a discrepancy.
pub const fn discrepancy_axis(least: f64) -> Axis {
    Axis::new(Text::new("margin discrepancy D", "间隔离散度 D"), AxisScale::Log, [least, 4.0])
}

/// A level line across an axis: a landmark, not a theory.
pub fn level(name: &'static str, label: Text, ends: [f64; 2], value: f64) -> Mark {
    Mark::line(name, label, Role::Neutral, Stroke::Dotted, &ends, vec![value; 2])
}

/// The level of margins that are all equal, relative to their root mean square.
pub fn equal_margins(ends: [f64; 2]) -> Mark {
    Mark::line("", Text::new("all margins equal", "所有间隔相等"), Role::Neutral, Stroke::Thin, &ends, vec![1.0; 2])
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::random::Random;

    const RULE: Rule = Rule { learning_rate: 0.1, plain_learning_rate: 0.1, gamma: 1.0, trains_gamma: true };

    fn points(samples: usize, patches: usize, dimension: usize) -> Points {
        let mut values = vec![0.0; samples * patches * dimension];
        Random::new(4, 0).fill_normal(&mut values);
        Points::new(values, samples, dimension)
    }

    /// The mean logistic loss of the model with batch normalization.
    fn loss(points: &Points, weights: &[f64], gamma: f64) -> f64 {
        let patches = points.values.len() / points.sums.len();
        let margins = points.margins(weights);
        let of_samples = margins.chunks_exact(patches).map(|margins| margins.iter().sum::<f64>());
        of_samples.map(|margin| libm::log1p(libm::exp(-gamma * margin))).sum::<f64>() / points.samples as f64
    }

    #[test]
    fn a_step_goes_along_the_gradient_of_the_loss() {
        let points = points(7, 3, 5);
        let start = Random::new(4, 1).on_sphere(5, 1.3);
        let mut descents = Descents::new(points.clone(), start.clone(), RULE);
        assert!(!descents.advance(1, |_, _| {}) || descents.taken == 1);
        let h = 1e-5;
        let slope_along = |change: &dyn Fn(f64) -> f64| (change(h) - change(-h)) / (2.0 * h);
        for feature in 0..5 {
            let slope = slope_along(&|h| {
                let mut moved = start.clone();
                moved[feature] += h;
                loss(&points, &moved, 1.0)
            });
            assert!((start[feature] - descents.normalized[feature] - 0.1 * slope).abs() < 1e-10);
        }
        let slope = slope_along(&|h| loss(&points, &start, 1.0 + h));
        assert!((1.0 - descents.gamma - 0.1 * slope).abs() < 1e-10);
    }

    #[test]
    fn the_norm_of_the_weights_never_falls_and_grows_by_the_squared_gradient() {
        let points = points(10, 1, 15);
        let start = Random::new(4, 1).on_sphere(15, 1.0);
        let mut descents = Descents::new(points, start, RULE);
        for _ in 0..50 {
            let before = descents.normalized.clone();
            descents.step();
            let moved: f64 = before.iter().zip(&descents.normalized).map(|(a, b)| (a - b) * (a - b)).sum();
            let growth = dot(&descents.normalized, &descents.normalized) - dot(&before, &before);
            assert!((growth - moved).abs() < 1e-14, "the gradient is orthogonal to the weights");
        }
    }

    #[test]
    fn the_discrepancy_is_the_mean_over_all_pairs() {
        let margins = [0.3, 1.2, -0.4, 2.0, 1.1];
        let pairs = margins.iter().flat_map(|a| margins.iter().map(move |b| (a - b) * (a - b)));
        assert!((discrepancy(&margins) - pairs.sum::<f64>() / 25.0).abs() < 1e-14);
        assert!(discrepancy(&[0.7; 6]) < DISCREPANCY_FLOOR);
        assert!((log10_discrepancy(0.0) + 29.0).abs() < 1e-12 && log10_discrepancy(f64::NAN).is_nan());
    }

    #[test]
    fn the_start_and_the_last_step_are_seen_and_more_between() {
        let mut descents = Descents::new(points(2, 1, 2), vec![0.3, 1.0], RULE);
        let mut seen = Vec::new();
        while !descents.advance(1000, |step, _| seen.push(step)) {}
        assert_eq!((seen[0], seen[1], *seen.last().unwrap()), (0, 1, 1000));
        assert!(seen.windows(2).all(|pair| pair[0] < pair[1]) && seen.len() > 50);
    }
}
