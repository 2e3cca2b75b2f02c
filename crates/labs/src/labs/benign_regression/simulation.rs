//! One draw of data and its interpolation of least norm.
//!
//! With `G = XXᵀ` the fit to labels `y` is `b̂ = XᵀG⁻¹y`. Only products of rows are kept, so that the features are drawn,
//! used and forgotten block by block.

use super::spectrum::{Family, SIGNAL_COORDINATES, SQUARED_WEIGHT, Spectrum, Tail};
use crate::{lab::Work, linear_models::Quadratic, random::Random};
use kernels::double::{Cholesky, Factorization, View, dot, gemm, gemv, mirror_lower, syrk_add_lower};
use serde::{Deserialize, Serialize};

/// What a draw depends on. Noise has unit strength, so that a record serves every noise variance.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Spec {
    /// The spectrum's family.
    pub family: Family,
    /// Tail eigenvalues per sample.
    pub tail_ratio: usize,
    /// `n`.
    pub samples: usize,
    /// The seed.
    pub seed: u64,
}

/// What a draw gave.
#[derive(Clone, Copy, Debug, PartialEq, Serialize, Deserialize)]
pub struct Fit {
    /// `Σ λᵢ·(b̂ᵢ − βᵢ)²`. Its signal part is the bias, given the features.
    pub risk: Quadratic,
    /// The variance for unit noise, given the features: `tr(G⁻¹·XΛXᵀ·G⁻¹)`.
    pub variance: f64,
}

impl Spec {
    fn spectrum(&self) -> Spectrum {
        self.family.spectrum(self.samples, self.tail_ratio)
    }

    /// About how many operations a simulation takes.
    pub fn cost(&self) -> f64 {
        let (n, p) = (self.samples as f64, self.spectrum().features() as f64);
        let products = if self.family == Family::Power { 2.0 } else { 1.0 };
        n * p * (products * n + 100.0) + 5.0 * n * n * n
    }
}

/// A simulation under way, in slices of about ten million operations.
pub struct Simulation {
    spectrum: Spectrum,
    samples: usize,
    stream: Random,
    noise: Vec<f64>,
    /// Standard normals of the coordinates that carry signal, one coordinate a row.
    head: Vec<f64>,
    /// Lower triangle of `Σ λᵢzᵢzᵢᵀ` over the tail coordinates that have been drawn.
    gram: Vec<f64>,
    /// Lower triangle of `Σ λᵢ²zᵢzᵢᵀ` over the same; empty while it is a multiple of `gram`.
    squares: Vec<f64>,
    stage: Stage,
    fit: Fit,
}

enum Stage {
    /// So many tail coordinates are drawn.
    Draw(usize),
    Factor(Factorization),
    Solve(Cholesky),
    Invert(Cholesky),
    Trace {
        inverse: Vec<f64>,
    },
    Done,
}

impl Simulation {
    /// Begins.
    pub fn new(spec: &Spec) -> Self {
        let n = spec.samples;
        let spectrum = spec.spectrum();
        let mut stream = Random::new(spec.seed, 0);
        let mut head = vec![0.0; SIGNAL_COORDINATES * n];
        stream.fill_normal(&mut head);
        let mut noise = vec![0.0; n];
        Random::new(spec.seed, 1).fill_normal(&mut noise);
        let squares = match spectrum.tail {
            Tail::Flat { .. } => Vec::new(),
            Tail::Power { .. } => vec![0.0; n * n],
        };
        let unknown = Quadratic { signal: f64::NAN, cross: f64::NAN, noise: f64::NAN };
        Self {
            spectrum,
            samples: n,
            stream,
            noise,
            head,
            gram: vec![0.0; n * n],
            squares,
            stage: Stage::Draw(0),
            fit: Fit { risk: unknown, variance: f64::NAN },
        }
    }

    /// Draws some tail coordinates and adds their products.
    fn draw_some(&mut self, drawn: usize) -> Stage {
        let n = self.samples;
        let all = self.spectrum.features() - SIGNAL_COORDINATES;
        let count = (6_000_000 / (n * n)).clamp(32, 512).min(all - drawn);
        let mut block = vec![0.0; count * n];
        self.stream.fill_normal(&mut block);
        match self.spectrum.tail {
            Tail::Flat { .. } => syrk_add_lower(&mut self.gram, View::new(&block, count, n).transposed()),
            Tail::Power { .. } => {
                for out in [&mut self.gram, &mut self.squares] {
                    // Once the square roots of the eigenvalues, then the eigenvalues.
                    for (row, index) in block.chunks_exact_mut(n).zip(drawn + SIGNAL_COORDINATES + 1..) {
                        for value in row {
                            *value /= index as f64;
                        }
                    }
                    syrk_add_lower(out, View::new(&block, count, n).transposed());
                }
            }
        }
        if drawn + count < all {
            return Stage::Draw(drawn + count);
        }
        let mut gram = std::mem::take(&mut self.gram);
        if let Tail::Flat { eigenvalue, .. } = self.spectrum.tail {
            for value in &mut gram {
                *value *= eigenvalue;
            }
            self.squares = gram.iter().map(|value| value * eigenvalue).collect();
        }
        mirror_lower(&mut self.squares, n);
        self.add_head(&mut gram, |eigenvalue| eigenvalue);
        Stage::Factor(Factorization::new(gram, n))
    }

    /// Adds the part of the coordinates that carry signal to a sum over the tail.
    fn add_head(&self, sum: &mut [f64], weight: fn(f64) -> f64) {
        let n = self.samples;
        for (z, &eigenvalue) in self.head.chunks_exact(n).zip(&self.spectrum.head) {
            let weight = weight(eigenvalue);
            for (line, &a) in sum.chunks_exact_mut(n).zip(z) {
                line.iter_mut().zip(z).for_each(|(value, &b)| *value += weight * a * b);
            }
        }
    }

    /// Signal and noise, each fitted by itself.
    fn solve(&mut self, gram: &Cholesky) {
        let n = self.samples;
        let weight = SQUARED_WEIGHT.sqrt();
        let mut labels = vec![0.0; n];
        for (z, eigenvalue) in self.head.chunks_exact(n).zip(&self.spectrum.head) {
            let scale = weight * eigenvalue.sqrt();
            labels.iter_mut().zip(z).for_each(|(label, z)| *label += scale * z);
        }
        gram.solve(&mut labels);
        let mut noise = self.noise.clone();
        gram.solve(&mut noise);
        let squares = View::new(&self.squares, n, n);
        let (mut of_signal, mut of_noise) = (vec![0.0; n], vec![0.0; n]);
        gemv(&mut of_signal, squares, &labels);
        gemv(&mut of_noise, squares, &noise);
        let mut risk = Quadratic {
            signal: dot(&labels, &of_signal),
            cross: dot(&labels, &of_noise),
            noise: dot(&noise, &of_noise),
        };
        for (z, &eigenvalue) in self.head.chunks_exact(n).zip(&self.spectrum.head) {
            let root = eigenvalue.sqrt();
            let missed = root * dot(z, &labels) - weight;
            let taken_in = root * dot(z, &noise);
            risk.signal += eigenvalue * missed * missed;
            risk.cross += eigenvalue * missed * taken_in;
            risk.noise += eigenvalue * taken_in * taken_in;
        }
        self.fit.risk = risk;
    }

    fn trace(&mut self, inverse: &[f64]) {
        let n = self.samples;
        let mut squares = std::mem::take(&mut self.squares);
        self.add_head(&mut squares, |eigenvalue| eigenvalue * eigenvalue);
        let mut product = vec![0.0; n * n];
        gemm(&mut product, View::new(inverse, n, n), View::new(&squares, n, n));
        self.fit.variance = dot(&product, inverse);
    }
}

impl Work<Fit> for Simulation {
    fn advance(&mut self) -> bool {
        let n = self.samples;
        self.stage = match std::mem::replace(&mut self.stage, Stage::Done) {
            Stage::Draw(drawn) => self.draw_some(drawn),
            Stage::Factor(mut factorization) => match factorization.advance() {
                Ok(false) => Stage::Factor(factorization),
                Ok(true) => Stage::Solve(factorization.finish()),
                Err(_) => Stage::Done,
            },
            Stage::Solve(gram) => {
                self.solve(&gram);
                Stage::Invert(gram)
            }
            Stage::Invert(gram) => {
                let mut inverse = vec![0.0; n * n];
                inverse.iter_mut().step_by(n + 1).for_each(|value| *value = 1.0);
                gram.solve_many(&mut inverse, n);
                Stage::Trace { inverse }
            }
            Stage::Trace { inverse } => {
                self.trace(&inverse);
                Stage::Done
            }
            Stage::Done => Stage::Done,
        };
        matches!(self.stage, Stage::Done)
    }

    fn record(&self) -> Fit {
        self.fit
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::statistics;

    fn complete(family: Family, tail_ratio: usize, samples: usize, seed: u64) -> Fit {
        let mut simulation = Simulation::new(&Spec { family, tail_ratio, samples, seed });
        while !simulation.advance() {}
        simulation.fit
    }

    const FAMILIES: [Family; 3] = [Family::Spike, Family::Power, Family::Heavy];

    #[test]
    fn bias_and_variance_agree_with_the_sharp_theory_between_the_published_sizes() {
        for family in FAMILIES {
            for (ratio, samples) in [(4, 60), (11, 90)] {
                let fits: Vec<Fit> = (0..40).map(|seed| complete(family, ratio, samples, seed)).collect();
                let theory = family.spectrum(samples, ratio).theory(samples, 1.0);
                let biases: Vec<f64> = fits.iter().map(|fit| fit.risk.signal).collect();
                let variances: Vec<f64> = fits.iter().map(|fit| fit.variance).collect();
                for (values, expected) in [(biases, theory.bias), (variances, theory.variance)] {
                    let distance = (statistics::mean(&values) - expected).abs();
                    // The formula is a limit: at these sizes it is a few percent off.
                    let allowed = 4.0 * statistics::standard_error(&values) + 0.08 * expected;
                    assert!(distance < allowed, "{family:?} {ratio} {samples}: {expected} off by {distance}");
                }
            }
        }
    }

    #[test]
    fn variance_is_the_mean_over_noise() {
        for family in FAMILIES {
            let ratios: Vec<f64> = (0..200)
                .map(|seed| {
                    let fit = complete(family, 5, 40, seed);
                    fit.risk.noise / fit.variance
                })
                .collect();
            let distance = (statistics::mean(&ratios) - 1.0).abs();
            assert!(distance < 4.0 * statistics::standard_error(&ratios), "{family:?}: {distance}");
        }
    }

    #[test]
    fn a_tail_far_heavier_than_the_signal_hides_it() {
        let fit = complete(Family::Heavy, 40, 100, 1);
        assert!(fit.risk.signal > 0.8 && fit.variance < 0.05);
    }
}
