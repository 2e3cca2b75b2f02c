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
