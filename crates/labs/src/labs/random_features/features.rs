//! The random feature maps.

use crate::random::Random;
use kernels::double::{View, gemm};
use serde::{Deserialize, Serialize};
use std::f64::consts::TAU;

/// What is applied to a random projection.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub enum Activation {
    /// `max(0, ·)`.
    Relu,
    /// `cos(· + u)` with a random phase `u`.
    Fourier,
}

impl Activation {
    /// The activation of the schema's choice.
    pub const fn of_choice(index: usize) -> Self {
        if index == 0 { Self::Relu } else { Self::Fourier }
    }
}

/// A draw of `N` random features of vectors of length `d`.
pub struct FeatureMap {
    activation: Activation,
    inputs: usize,
    features: usize,
    /// `features × inputs`, row-major.
    projections: Vec<f64>,
    /// One a feature; empty for `ReLU`.
    phases: Vec<f64>,
}

impl FeatureMap {
    /// Draws the features. The first `N` are the same however many follow, so that a curve over `N` adds features to
    /// those it has.
    pub fn draw(
        activation: Activation,
        inputs: usize,
        features: usize,
        projections: &mut Random,
        phases: &mut Random,
    ) -> Self {
        let mut drawn = vec![0.0; features * inputs];
        projections.fill_normal(&mut drawn);
        let deviation = 1.0 / (inputs as f64).sqrt();
        for value in &mut drawn {
            *value *= deviation;
        }
        let phases = match activation {
            Activation::Relu => Vec::new(),
            Activation::Fourier => (0..features).map(|_| phases.between(0.0, TAU)).collect(),
        };
        Self { activation, inputs, features, projections: drawn, phases }
    }

    /// Writes the features of every row of `inputs` (`rows × d`) into `out` (`rows × N`).
    pub fn apply(&self, inputs: &[f64], out: &mut [f64]) {
        let rows = inputs.len() / self.inputs;
        let projections = View::new(&self.projections, self.features, self.inputs);
        gemm(out, View::new(inputs, rows, self.inputs), projections.transposed());
        match self.activation {
            Activation::Relu => {
                let scale = 1.0 / (self.features as f64).sqrt();
                for value in out {
                    *value = if *value > 0.0 { *value * scale } else { 0.0 };
                }
            }
            Activation::Fourier => {
                let scale = (2.0 / self.features as f64).sqrt();
                for row in out.chunks_exact_mut(self.features) {
                    for (value, phase) in row.iter_mut().zip(&self.phases) {
                        *value = scale * libm::cos(*value + phase);
                    }
                }
            }
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn more_features_leave_the_first_ones_as_they_were_but_for_the_scale() {
        let inputs = [0.3, -1.2, 0.7, 2.0, 0.1, -0.4];
        for activation in [Activation::Relu, Activation::Fourier] {
            let features = |count: usize| {
                let map = FeatureMap::draw(activation, 3, count, &mut Random::new(4, 0), &mut Random::new(4, 1));
                let mut out = vec![0.0; 2 * count];
                map.apply(&inputs, &mut out);
                for value in &mut out {
                    *value *= (count as f64).sqrt();
                }
                out
            };
            let (few, many) = (features(5), features(9));
            assert!(few.iter().any(|value| *value != 0.0));
            for (row, line) in few.as_chunks::<5>().0.iter().enumerate() {
                let same = line.iter().zip(&many[row * 9..]).all(|(a, b)| (a - b).abs() < 1e-14);
                assert!(same, "{few:?} {many:?}");
            }
        }
    }
}
