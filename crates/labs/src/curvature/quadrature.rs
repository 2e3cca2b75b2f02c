//! Stochastic Lanczos quadrature: the whole spectrum of an operator from a few random vectors.
//!
//! Each random vector with `E[v vᵀ] = 1` makes a Gauss quadrature of the spectrum ([`kernels::double::Lanczos`]); their mean
//! stands for the distribution of all eigenvalues, each with weight 1/order (Ubaru, Chen and Saad 2017; Ghorbani, Krishnan
//! and Xiao 2019).

use crate::random::Random;
use kernels::double::Quadrature;

/// Weights on a line that add up to one: a spectrum, or what stands for it.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct SpectralMeasure {
    /// Where.
    pub nodes: Vec<f64>,
    /// How much.
    pub weights: Vec<f64>,
}

/// A vector of independent signs, to begin a quadrature with: of all vectors with independent entries of variance 1 it has
/// the least variance in the trace.
pub fn rademacher(order: usize, random: &mut Random) -> Vec<f64> {
    (0..order).map(|_| if random.uniform() < 0.5 { -1.0 } else { 1.0 }).collect()
}

impl SpectralMeasure {
    /// A spectrum that is known.
    pub fn exact(spectrum: &[f64]) -> Self {
        Self { nodes: spectrum.to_vec(), weights: vec![1.0 / spectrum.len() as f64; spectrum.len()] }
    }

    /// The mean of quadratures.
    pub fn mean(quadratures: &[Quadrature]) -> Self {
        let share = 1.0 / quadratures.len() as f64;
        Self {
            nodes: quadratures.iter().flat_map(|quadrature| quadrature.nodes.iter().copied()).collect(),
            weights: quadratures.iter().flat_map(|q| q.weights.iter().map(move |weight| share * weight)).collect(),
        }
    }

    /// The mean of a power of the eigenvalues: times the order, the trace of that power.
    pub fn moment(&self, power: u32) -> f64 {
        let raised = |node: f64| (0..power).fold(1.0, |product, _| product * node);
        self.nodes.iter().zip(&self.weights).map(|(&node, weight)| weight * raised(node)).sum()
    }

    /// The greatest node; NaN for none.
    pub fn greatest(&self) -> f64 {
        self.nodes.iter().copied().fold(f64::NAN, f64::max)
    }

    /// The density at the places `x` after each node was spread to a normal distribution of that deviation.
    pub fn density(&self, x: &[f64], deviation: f64) -> Vec<f64> {
        let height = 1.0 / (deviation * (2.0 * std::f64::consts::PI).sqrt());
        let at = |place: &f64| {
            let near = self.nodes.iter().zip(&self.weights).filter_map(|(node, weight)| {
                let distance = (place - node) / deviation;
                // Farther away even a weight of one is lost in the rounding of anything that can be drawn.
                (distance.abs() < 12.0).then(|| weight * height * libm::exp(-0.5 * distance * distance))
            });
            near.sum()
        };
        x.iter().map(at).collect()
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use kernels::double::{Lanczos, Progress};

    #[test]
    fn a_spectrum_is_found_again_by_quadrature() {
        // A diagonal operator is as good as any: random vectors know nothing of its axes.
        let order = 300;
        let spectrum: Vec<f64> = (0..order).map(|k| if k < 5 { 10.0 - k as f64 } else { 1.0 / k as f64 }).collect();
        let mut random = Random::new(3, 0);
        let quadratures: Vec<Quadrature> = (0..10)
            .map(|_| {
                let mut lanczos = Lanczos::new(&rademacher(order, &mut random), 60);
                while lanczos.step(|v, out| {
                    out.iter_mut().zip(v).zip(&spectrum).for_each(|((slot, v), value)| *slot = v * value);
                }) == Progress::Going
                {}
                lanczos.quadrature()
            })
            .collect();
        let (found, exact) = (SpectralMeasure::mean(&quadratures), SpectralMeasure::exact(&spectrum));
        assert!((found.weights.iter().sum::<f64>() - 1.0).abs() < 1e-12);
        assert!((found.greatest() / 10.0 - 1.0).abs() < 1e-12);
        // Signs see the trace of a diagonal operator without error.
        for power in [1, 2] {
            assert!((found.moment(power) / exact.moment(power) - 1.0).abs() < 1e-12, "{power}");
        }
        let grid: Vec<f64> = (0..1400).map(|k| -1.0 + 0.01 * f64::from(k)).collect();
        let (density, truth) = (found.density(&grid, 0.1), exact.density(&grid, 0.1));
        assert!((density.iter().sum::<f64>() * 0.01 - 1.0).abs() < 1e-6);
        let mut missed: f64 = 0.0;
        let (mut one, mut other) = (0.0, 0.0);
        for (a, b) in density.iter().zip(&truth) {
            (one, other) = (one + 0.01 * a, other + 0.01 * b);
            missed = missed.max((one - other).abs());
        }
        assert!(missed < 0.02, "{missed}");
    }

    #[test]
    fn signs_are_balanced() {
        let signs = rademacher(10_000, &mut Random::new(1, 0));
        assert!(signs.iter().all(|sign| sign.abs() == 1.0));
        assert!(signs.iter().sum::<f64>().abs() < 400.0);
    }
}
