//! Least squares on isotropic Gaussian features: exact finite-size theory, its limits, and the simulation.
//!
//! The model (Hastie, Montanari, Rosset and Tibshirani 2019, arXiv 1903.08560): `y = X·β + e` with `X` an `n × p`
//! matrix of independent standard normals, `β` of squared length `r²` in a uniform direction, and independent normal
//! noise `e` of variance `s²`. The estimator is `b̂ = (XᵀX + nλ·I)⁻¹ Xᵀy`, and for `λ = 0` the least-squares solution,
//! of least norm where there are many. As the features are isotropic, the excess risk on new data is `‖b̂ − β‖²`.

use crate::{lab::Work, random::Random};
use kernels::double::{
    Cholesky, Factorization, InverseFactor, View, dot, gemv, squared_norm, syrk_add_lower, syrk_lower_rows,
};
use serde::{Deserialize, Serialize};

/// Expectations over features, signal direction and noise.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct Theory {
    /// `E‖E[b̂ | X, β] − β‖²`.
    pub bias: f64,
    /// `E‖b̂ − E[b̂ | X, β]‖²`.
    pub variance: f64,
    /// `E‖b̂‖²`.
    pub squared_norm: f64,
}

impl Theory {
    /// Bias plus variance: the expected excess risk.
    pub fn excess_risk(&self) -> f64 {
        self.bias + self.variance
    }
}

/// Least squares of least norm, exactly, at finite size: moments of the Wishart distribution. The sizes may be real
/// numbers, for curves. With noise, the mean does not exist for `|p − n| ≤ 1`: infinite there.
pub fn min_norm(samples: f64, features: f64, signal_power: f64, noise_variance: f64) -> Theory {
    let (n, p) = (samples, features);
    let kept = (n / p).min(1.0);
    let ratio = if p < n - 1.0 {
        p / (n - p - 1.0)
    } else if p > n + 1.0 {
        n / (p - n - 1.0)
    } else {
        f64::INFINITY
    };
    // No noise makes no variance, whatever multiplies it.
    let variance = if noise_variance == 0.0 { 0.0 } else { noise_variance * ratio };
    Theory { bias: signal_power * (1.0 - kept), variance, squared_norm: signal_power * kept + variance }
}

/// Whether the mean of the squared error exists for least squares of least norm at this size.
pub const fn min_norm_mean_exists(samples: usize, features: usize) -> bool {
    samples.abs_diff(features) > 1
}

/// Least squares of least norm in the limit of large `n` and `p` with `γ = p/n` (Hastie et al., theorem 1).
pub fn min_norm_limit(gamma: f64, signal_power: f64, noise_variance: f64) -> Theory {
    let kept = (1.0 / gamma).min(1.0);
    let ratio = if gamma < 1.0 { gamma / (1.0 - gamma) } else { 1.0 / (gamma - 1.0) };
    let variance = if noise_variance == 0.0 { 0.0 } else { noise_variance * ratio };
    Theory { bias: signal_power * (1.0 - kept), variance, squared_norm: signal_power * kept + variance }
}

/// Ridge regression with penalty `λ > 0` in the same limit (Hastie et al., theorem 5), by the Stieltjes transform
/// `m(−λ)` of the Marchenko–Pastur law and its derivative.
pub fn ridge_limit(gamma: f64, signal_power: f64, noise_variance: f64, lambda: f64) -> Theory {
    let b = 1.0 - gamma + lambda;
    let root = (b * b + 4.0 * gamma * lambda).sqrt();
    // λ·m(−λ): of the two equal forms, the one without cancellation.
    let missed = if b > 0.0 { 2.0 * lambda / (b + root) } else { (root - b) / (2.0 * gamma) };
    // λ²·m′(−λ), from γλ·m² + b·m = 1 differentiated.
    let bias = missed * (lambda + gamma * missed) / root;
    // γ·(m − λ·m′), with m put in; this form stays exact as λ vanishes.
    let variance = noise_variance * (1.0 + gamma + lambda - root) / (2.0 * root);
    Theory { bias: signal_power * bias, variance, squared_norm: signal_power * (1.0 - 2.0 * missed + bias) + variance }
}

/// Ridge regression with the penalty that makes the risk least, `λ = s²·γ/r²`, in the same limit.
pub fn optimal_ridge_limit(gamma: f64, signal_power: f64, noise_variance: f64) -> Theory {
    if noise_variance == 0.0 {
        // The optimal penalty is none.
        return min_norm_limit(gamma, signal_power, 0.0);
    }
    ridge_limit(gamma, signal_power, noise_variance, noise_variance * gamma / signal_power)
}

/// How much of the signal lies in features that are not observed: `κ² = r²·(1 + γ)^(−decay)`. To the observed features it
/// is noise. A decay of zero stands for the well-specified model: everything is observed.
pub fn unobserved_signal(gamma: f64, signal_power: f64, decay: f64) -> f64 {
    if decay == 0.0 { 0.0 } else { signal_power * libm::exp(-decay * libm::log1p(gamma)) }
}

/// Which sizes share their random numbers, so that a curve is drawn from one growing experiment.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub enum Nested {
    /// The features of a smaller `p` are the first of a larger one, at the same `n`.
    Features,
    /// The samples of a smaller `n` are the first of a larger one, at the same `p`.
    Samples,
}

/// One draw of data and the estimator that is fitted to it. Signal and noise have unit strength: every quantity is a
/// quadratic form in their strengths (see [`Quadratic`]), so that a record serves all of them.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct Draw {
    /// `n`.
    pub samples: usize,
    /// `p`, at least 1.
    pub features: usize,
    /// `nλ`; zero for least squares of least norm.
    pub ridge: f64,
    /// How sizes share random numbers.
    pub nested: Nested,
    /// The seed.
    pub seed: u64,
}

impl Draw {
    /// About how many operations a simulation takes.
    pub fn cost(&self) -> f64 {
        let (n, p) = (self.samples as f64, self.features as f64);
        let (small, large) = (n.min(p), n.max(p));
        let inverse = if self.ridge > 0.0 { 1.0 } else { 1.0 / 3.0 };
        small * large * (small + 100.0) + small * small * small * (1.0 / 3.0 + inverse)
    }
}

/// A quantity at signal strength `r` and noise strength `s`: `r²·signal + 2·r·s·cross + s²·noise`.
#[derive(Clone, Copy, Debug, PartialEq, Serialize, Deserialize)]
pub struct Quadratic {
    /// The part of the signal.
    pub signal: f64,
    /// What couples both.
    pub cross: f64,
    /// The part of the noise.
    pub noise: f64,
}

impl Quadratic {
    /// The form `‖r·a + s·b‖²`.
    pub fn of(a: &[f64], b: &[f64]) -> Self {
        Self { signal: squared_norm(a), cross: dot(a, b), noise: squared_norm(b) }
    }

    /// Its value at a signal power `r²` and a noise variance `s²`.
    pub fn at(&self, signal_power: f64, noise_variance: f64) -> f64 {
        let mixed = 2.0 * (signal_power * noise_variance).sqrt() * self.cross;
        signal_power * self.signal + mixed + noise_variance * self.noise
    }

    /// The form, multiplied by a number.
    #[must_use]
    pub fn scaled(self, factor: f64) -> Self {
        Self { signal: factor * self.signal, cross: factor * self.cross, noise: factor * self.noise }
    }
}

/// What one draw gave.
#[derive(Clone, Copy, Debug, PartialEq, Serialize, Deserialize)]
pub struct Fit {
    /// `‖b̂ − β‖²`. Its signal part is the bias, given the features and the signal.
    pub risk: Quadratic,
    /// `‖b̂‖²`.
    pub squared_norm: Quadratic,
    /// `‖y − X·b̂‖²/n`.
    pub train_mse: Quadratic,
    /// The variance for unit noise, given the features: `tr((XᵀX + nλI)⁻¹ XᵀX (XᵀX + nλI)⁻¹)`.
    pub variance: f64,
}

impl Fit {
    /// What stands for a fit that has not been computed.
    pub const UNKNOWN: Self = {
        let unknown = Quadratic { signal: f64::NAN, cross: f64::NAN, noise: f64::NAN };
        Self { risk: unknown, squared_norm: unknown, train_mse: unknown, variance: f64::NAN }
    };
}

impl Work<Fit> for Simulation {
    fn advance(&mut self) -> bool {
        Self::advance(self)
    }

    fn record(&self) -> Fit {
        self.fit
    }
}

/// Normals drawn in one slice.
const NORMALS_PER_SLICE: usize = 1 << 16;
/// Operations of one slice of a symmetric product.
const OPERATIONS_PER_SLICE: usize = 10_000_000;

/// A simulation under way, in slices of about ten million operations.
///
/// It works with the smaller of the two Gram matrices, `G = XᵀX + nλI` for `p ≤ n` and `G = XXᵀ + nλI` for `p > n`:
/// `b̂ = G⁻¹Xᵀy` or `XᵀG⁻¹y`, and either way the variance for unit noise is `tr G⁻¹ − nλ·‖G⁻¹‖²`.
pub struct Simulation {
    draw: Draw,
    stage: Stage,
    stream: Random,
    /// The features as they were drawn: by feature or by sample, whichever is nested.
    design: Vec<f64>,
    gram: Vec<f64>,
    fit: Fit,
}

enum Stage {
    Draw,
    Gram { depth: usize },
    Factor(Factorization),
    Solve(Cholesky),
    Inverse(Cholesky, InverseFactor),
    InverseNorm { trace: f64, factor: InverseFactor, row: usize },
    Done,
}

impl Simulation {
    /// Begins.
    pub fn new(draw: Draw) -> Self {
        let small = draw.samples.min(draw.features);
        let stream = Random::new(draw.seed, 0);
        let design = Vec::with_capacity(draw.samples * draw.features);
        Self { draw, stage: Stage::Draw, stream, design, gram: vec![0.0; small * small], fit: Fit::UNKNOWN }
    }

    /// Runs to the end.
    pub fn complete(draw: Draw) -> Fit {
        let mut simulation = Self::new(draw);
        while !simulation.advance() {}
        simulation.fit
    }

    /// What has been found so far; not finite before the end, and at the end only if the Gram matrix was singular to
    /// the last bit.
    pub const fn fit(&self) -> Fit {
        self.fit
    }

    /// Does the next slice; true at the end.
    pub fn advance(&mut self) -> bool {
        self.stage = match std::mem::replace(&mut self.stage, Stage::Done) {
            Stage::Draw => self.draw_some(),
            Stage::Gram { depth } => self.add_to_gram(depth),
            Stage::Factor(mut factorization) => match factorization.advance() {
                Ok(false) => Stage::Factor(factorization),
                Ok(true) => Stage::Solve(factorization.finish()),
                Err(_) => Stage::Done,
            },
            Stage::Solve(cholesky) => {
                self.solve(&cholesky);
                let inverse = InverseFactor::new(cholesky.order());
                Stage::Inverse(cholesky, inverse)
            }
            Stage::Inverse(cholesky, mut inverse) => {
                if inverse.advance(&cholesky) {
                    self.take_trace(inverse)
                } else {
                    Stage::Inverse(cholesky, inverse)
                }
            }
            Stage::InverseNorm { trace, factor, row } => self.take_inverse_norm(trace, factor, row),
            Stage::Done => Stage::Done,
        };
        matches!(self.stage, Stage::Done)
    }

    fn draw_some(&mut self) -> Stage {
        let wanted = self.draw.samples * self.draw.features;
        let count = NORMALS_PER_SLICE.min(wanted - self.design.len());
        for _ in 0..count {
            let normal = self.stream.normal();
            self.design.push(normal);
        }
        if self.design.len() < wanted { Stage::Draw } else { Stage::Gram { depth: 0 } }
    }

    /// `X`, `n × p`.
    fn features(&self) -> View<'_> {
        let (n, p) = (self.draw.samples, self.draw.features);
        match self.draw.nested {
            Nested::Features => View::new(&self.design, p, n).transposed(),
            Nested::Samples => View::new(&self.design, n, p),
        }
    }

    const fn is_overparametrized(&self) -> bool {
        self.draw.features > self.draw.samples
    }

    fn add_to_gram(&mut self, depth: usize) -> Stage {
        let mut gram = std::mem::take(&mut self.gram);
        let x = self.features();
        let flat = if self.is_overparametrized() { x } else { x.transposed() };
        let order = flat.rows();
        let end = (depth + (OPERATIONS_PER_SLICE / (order * order)).max(16)).min(flat.columns());
        syrk_add_lower(&mut gram, flat.block(0..order, depth..end));
        let finished = end == flat.columns();
        if finished {
            for row in 0..order {
                gram[row * order + row] += self.draw.ridge;
            }
            return Stage::Factor(Factorization::new(gram, order));
        }
        self.gram = gram;
        Stage::Gram { depth: end }
    }

    /// Everything but the variance.
    fn solve(&mut self, gram: &Cholesky) {
        let (n, p) = (self.draw.samples, self.draw.features);
        let signal = Random::new(self.draw.seed, 1).on_sphere(p, 1.0);
        let mut noise = vec![0.0; n];
        Random::new(self.draw.seed, 2).fill_normal(&mut noise);
        let x = self.features();
        let (mut from_signal, mut from_noise) = (vec![0.0; p], vec![0.0; p]);
        if self.is_overparametrized() {
            let mut labels = vec![0.0; n];
            gemv(&mut labels, x, &signal);
            gram.solve(&mut labels);
            gemv(&mut from_signal, x.transposed(), &labels);
            let mut labels = noise.clone();
            gram.solve(&mut labels);
            gemv(&mut from_noise, x.transposed(), &labels);
        } else {
            // G⁻¹XᵀX·u = u − nλ·G⁻¹u, which without ridge is u itself.
            let mut shrunk = signal.clone();
            gram.solve(&mut shrunk);
            for ((fitted, true_weight), lost) in from_signal.iter_mut().zip(&signal).zip(&shrunk) {
                *fitted = true_weight - self.draw.ridge * lost;
            }
            gemv(&mut from_noise, x.transposed(), &noise);
            gram.solve(&mut from_noise);
        }
        let missed: Vec<f64> = from_signal.iter().zip(&signal).map(|(fitted, weight)| fitted - weight).collect();
        let (mut signal_residual, mut noise_residual) = (vec![0.0; n], vec![0.0; n]);
        gemv(&mut signal_residual, x, &missed);
        gemv(&mut noise_residual, x, &from_noise);
        noise_residual.iter_mut().zip(&noise).for_each(|(fitted, noise)| *fitted -= noise);
        self.fit.risk = Quadratic::of(&missed, &from_noise);
        self.fit.squared_norm = Quadratic::of(&from_signal, &from_noise);
        self.fit.train_mse = Quadratic::of(&signal_residual, &noise_residual).scaled(1.0 / n as f64);
    }

    fn take_trace(&mut self, factor: InverseFactor) -> Stage {
        let trace = factor.trace_of_inverse();
        if self.draw.ridge == 0.0 {
            self.fit.variance = trace;
            return Stage::Done;
        }
        let order = self.draw.samples.min(self.draw.features);
        self.gram = vec![0.0; order * order];
        Stage::InverseNorm { trace, factor, row: 0 }
    }

    /// Rows of `G⁻¹ = WᵀW`, then its norm. Row `i` of `Wᵀ` begins with `i` zeros, which are left out.
    fn take_inverse_norm(&mut self, trace: f64, factor: InverseFactor, row: usize) -> Stage {
        const ROWS: usize = 32;
        let order = self.draw.samples.min(self.draw.features);
        let end = (row + ROWS).min(order);
        let transposed = View::new(factor.values(), order, order).transposed();
        syrk_lower_rows(&mut self.gram, transposed.block(0..order, row..order), row..end);
        if end < order {
            return Stage::InverseNorm { trace, factor, row: end };
        }
        let squares: f64 = (0..order)
            .map(|row| {
                let line = &self.gram[row * order..=row * order + row];
                2.0 * squared_norm(&line[..row]) + line[row] * line[row]
            })
            .sum();
        self.fit.variance = trace - self.draw.ridge * squares;
        Stage::Done
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::statistics;

    fn draw(samples: usize, features: usize, ridge: f64) -> Draw {
        Draw { samples, features, ridge, nested: Nested::Features, seed: 5 }
    }

    /// Within a relative distance.
    fn close(a: f64, b: f64, relative: f64) -> bool {
        (a - b).abs() <= relative * b.abs()
    }

    #[test]
    fn min_norm_limit_has_the_published_values() {
        // γ, r², s² and the excess risk, squared norm.
        for (gamma, signal, noise, risk, norm) in [
            (0.2, 1.0, 1.0, 0.25, 1.25),
            (0.5, 5.0, 1.0, 1.0, 6.0),
            (1.2, 5.0, 1.0, 5.833_333_33, 9.166_666_67),
            (2.0, 1.0, 1.0, 1.5, 1.5),
            (10.0, 5.0, 1.0, 4.611_111_11, 0.611_111_11),
        ] {
            let theory = min_norm_limit(gamma, signal, noise);
            assert!(close(theory.excess_risk(), risk, 1e-8), "risk at γ = {gamma}");
            assert!(close(theory.squared_norm, norm, 1e-8), "norm at γ = {gamma}");
        }
    }

    #[test]
    fn optimal_ridge_has_the_published_values() {
        for (gamma, signal, risk) in [
            (0.2, 1.0, 0.192_582_4),
            (0.5, 1.0, 0.414_213_56),
            (0.95, 5.0, 1.691_972_64),
            (1.2, 5.0, 2.154_286_93),
            (10.0, 1.0, 0.951_249_22),
        ] {
            assert!(close(optimal_ridge_limit(gamma, signal, 1.0).excess_risk(), risk, 1e-7), "γ = {gamma}");
        }
    }

    #[test]
    fn optimal_ridge_is_the_least_over_penalties_and_below_min_norm() {
        for gamma in [0.1, 0.5, 0.9, 1.1, 2.0, 8.0] {
            for noise in [0.01, 1.0, 9.0] {
                let best = optimal_ridge_limit(gamma, 5.0, noise).excess_risk();
                assert!(best <= min_norm_limit(gamma, 5.0, noise).excess_risk());
                let lambda = noise * gamma / 5.0;
                for factor in [0.5, 0.9, 1.1, 2.0] {
                    assert!(best < ridge_limit(gamma, 5.0, noise, factor * lambda).excess_risk());
                }
            }
        }
    }

    #[test]
    fn ridge_tends_to_min_norm_as_the_penalty_vanishes() {
        for gamma in [0.3, 0.8, 1.5, 6.0] {
            let (ridge, least) = (ridge_limit(gamma, 5.0, 1.0, 1e-9), min_norm_limit(gamma, 5.0, 1.0));
            assert!(close(ridge.excess_risk(), least.excess_risk(), 1e-6), "γ = {gamma}");
            assert!(close(ridge.squared_norm, least.squared_norm, 1e-6), "γ = {gamma}");
        }
    }

    #[test]
    fn finite_size_theory_tends_to_the_limit_and_is_above_it_near_the_peak() {
        for gamma in [0.2, 0.8, 1.3, 5.0] {
            let (finite, limit) = (min_norm(1e6, gamma * 1e6, 5.0, 1.0), min_norm_limit(gamma, 5.0, 1.0));
            assert!(close(finite.excess_risk(), limit.excess_risk(), 1e-4));
        }
        assert!(close(min_norm(200.0, 190.0, 1.0, 1.0).variance, 21.111_111_11, 1e-9));
        assert_eq!(min_norm_limit(0.95, 1.0, 1.0).variance.round(), 19.0);
    }

    #[test]
    fn the_mean_risk_is_infinite_within_one_of_the_threshold_unless_there_is_no_noise() {
        for features in [199.0, 200.0, 201.0] {
            assert_eq!(min_norm(200.0, features, 1.0, 1.0).excess_risk(), f64::INFINITY);
            assert!(min_norm(200.0, features, 1.0, 0.0).excess_risk() < 0.01);
        }
        assert!(min_norm(200.0, 198.0, 1.0, 1.0).excess_risk().is_finite());
        assert!(min_norm(200.0, 202.0, 1.0, 1.0).excess_risk().is_finite());
    }

    #[test]
    fn the_misspecified_model_is_best_beyond_the_threshold() {
        let risk = |gamma: f64| {
            let hidden = unobserved_signal(gamma, 5.0, 2.0);
            min_norm_limit(gamma, 5.0 - hidden, 1.0 + hidden).excess_risk() + hidden
        };
        let least = |from: u32, to: u32| {
            (from..to).map(|k| f64::from(k) * 1e-3).min_by(|a, b| risk(*a).total_cmp(&risk(*b))).unwrap()
        };
        let (under, over) = (least(1, 1000), least(1001, 20_000));
        assert!((under - 0.214).abs() < 0.002 && (over - 2.765).abs() < 0.003);
        assert!((risk(under) - 4.5885).abs() < 1e-4);
        assert!((risk(over) - 4.0857).abs() < 1e-4);
        assert!(risk(over) < risk(under));
    }

    #[test]
    fn signal_that_decays_at_no_rate_is_all_observed() {
        assert_eq!(unobserved_signal(2.0, 5.0, 0.0), 0.0);
        assert!(close(unobserved_signal(1.0, 5.0, 2.0), 1.25, 1e-12));
    }

    #[test]
    fn min_norm_interpolates_when_overparametrized() {
        let fit = Simulation::complete(draw(40, 90, 0.0));
        assert!(fit.train_mse.at(5.0, 1.0) < 1e-20);
        assert!(Simulation::complete(draw(40, 30, 0.0)).train_mse.at(5.0, 1.0) > 0.01);
    }

    #[test]
    fn min_norm_is_unbiased_when_underparametrized() {
        assert_eq!(Simulation::complete(draw(60, 30, 0.0)).risk.signal, 0.0);
    }

    #[test]
    fn min_norm_splits_the_signal_into_what_is_fitted_and_what_is_missed() {
        let fit = Simulation::complete(draw(40, 90, 0.0));
        assert!((fit.squared_norm.signal + fit.risk.signal - 1.0).abs() < 1e-12);
        assert!(
            fit.risk.cross.abs() < 1e-12,
            "noise is fitted within the span of the samples, signal is missed without"
        );
    }

    #[test]
    fn ridge_tends_to_min_norm_in_every_quantity() {
        for features in [30, 90] {
            let least = Simulation::complete(draw(50, features, 0.0));
            let ridge = Simulation::complete(draw(50, features, 1e-9));
            assert!((ridge.risk.at(5.0, 1.0) - least.risk.at(5.0, 1.0)).abs() < 1e-6);
            assert!(close(ridge.variance, least.variance, 1e-6));
            assert!(close(ridge.squared_norm.at(5.0, 1.0), least.squared_norm.at(5.0, 1.0), 1e-6));
        }
    }

    #[test]
    fn variance_is_the_mean_over_noise() {
        // ‖b̂‖² from noise alone is, in expectation over the noise, the variance that was computed from the features.
        for (features, ridge) in [(60, 0.0), (240, 0.0), (60, 30.0), (240, 60.0)] {
            let fits: Vec<Fit> =
                (0..200).map(|seed| Simulation::complete(Draw { seed, ..draw(120, features, ridge) })).collect();
            let ratios: Vec<f64> = fits.iter().map(|fit| fit.risk.noise / fit.variance).collect();
            let distance = (statistics::mean(&ratios) - 1.0).abs();
            assert!(distance < 4.0 * statistics::standard_error(&ratios), "p = {features}, ridge {ridge}: {distance}");
        }
    }

    #[test]
    fn both_nestings_see_the_same_law() {
        let mean = |nested: Nested| {
            let fits = (0..60).map(|seed| Simulation::complete(Draw { nested, seed, ..draw(60, 100, 0.0) }).variance);
            statistics::mean(&fits.collect::<Vec<_>>())
        };
        let expected = 60.0 / 39.0;
        assert!(close(mean(Nested::Features), expected, 0.05));
        assert!(close(mean(Nested::Samples), expected, 0.05));
    }

    #[test]
    fn one_sample_and_one_feature_are_enough() {
        for (samples, features) in [(1, 1), (1, 5), (5, 1)] {
            let fit = Simulation::complete(draw(samples, features, 0.0));
            assert!(fit.risk.at(1.0, 1.0).is_finite() && fit.variance.is_finite());
        }
    }
}
