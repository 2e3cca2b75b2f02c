//! What is learned: the sizes of a fully connected network, its activation, and the loss.
//!
//! Layer l maps its input x (row vectors) to z = x W + b; hidden layers pass z through the activation, the last gives z
//! itself.

use super::real::Real;
use crate::random::Random;
use std::ops::Range;

/// What hidden layers pass their sums through.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Activation {
    /// tanh z.
    Tanh,
    /// max(z, 0). Its second derivative is taken as zero, which is exact almost everywhere.
    Relu,
}

impl Activation {
    /// The derivative, from the activation's output.
    #[inline]
    pub(super) fn slope<R: Real>(self, output: R) -> R {
        match self {
            Self::Tanh => (R::ONE - output) * (R::ONE + output),
            Self::Relu => {
                if output > R::ZERO {
                    R::ONE
                } else {
                    R::ZERO
                }
            }
        }
    }

    /// The second derivative over the first, from the activation's output.
    #[inline]
    pub(super) fn bend<R: Real>(self, output: R) -> R {
        match self {
            Self::Tanh => -(output + output),
            Self::Relu => R::ZERO,
        }
    }
}

/// The mean over examples of this is minimized.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Loss {
    /// ½ ‖f − e‖², e the unit vector of the label.
    Squared,
    /// −ln softmax(f) at the label.
    CrossEntropy,
}

/// A network without its parameters, and its loss. The parameters are one vector: for each layer the weights, inputs ×
/// outputs row by row, then the biases, if it has them.
#[derive(Clone, Debug)]
pub struct Model {
    pub(super) layers: Vec<Layer>,
    pub(super) activation: Activation,
    pub(super) loss: Loss,
}

/// One layer: its size, and where its parameters stand.
#[derive(Clone, Debug)]
pub struct Layer {
    /// Numbers that come in.
    pub inputs: usize,
    /// Numbers that go out.
    pub outputs: usize,
    /// Where the weights stand.
    pub weights: Range<usize>,
    /// Where the biases stand; empty without.
    pub biases: Range<usize>,
}

impl Layer {
    /// Where its parameters stand, the weights before the biases.
    pub const fn parameters(&self) -> Range<usize> {
        self.weights.start..self.biases.end
    }
}

impl Model {
    /// A network of the given sizes, inputs first and classes last.
    pub fn new(sizes: &[usize], activation: Activation, loss: Loss) -> Self {
        Self::with(sizes, activation, loss, true)
    }

    /// The same without biases.
    pub fn without_biases(sizes: &[usize], activation: Activation, loss: Loss) -> Self {
        Self::with(sizes, activation, loss, false)
    }

    fn with(sizes: &[usize], activation: Activation, loss: Loss, has_biases: bool) -> Self {
        let mut first = 0;
        let layers = sizes.windows(2).map(|pair| {
            let (inputs, outputs) = (pair[0], pair[1]);
            let middle = first + inputs * outputs;
            let last = if has_biases { middle + outputs } else { middle };
            let layer = Layer { inputs, outputs, weights: first..middle, biases: middle..last };
            first = last;
            layer
        });
        Self { layers: layers.collect(), activation, loss }
    }

    /// Its layers, the one that reads the inputs first.
    pub fn layers(&self) -> &[Layer] {
        &self.layers
    }

    /// The number of parameters.
    pub fn parameters(&self) -> usize {
        self.layers.last().map_or(0, |layer| layer.biases.end)
    }

    /// The number of classes.
    pub fn classes(&self) -> usize {
        self.layers.last().map_or(0, |layer| layer.outputs)
    }

    /// Floating-point operations of a gradient, for one example; a product with the Hessian takes twice as many.
    pub fn gradient_cost(&self) -> f64 {
        let products = self.layers.iter().map(|layer| 6.0 * (layer.inputs * layer.outputs) as f64);
        // The gradient by the inputs is not wanted.
        products.sum::<f64>() - self.layers.first().map_or(0.0, |layer| 2.0 * (layer.inputs * layer.outputs) as f64)
    }

    /// Parameters to begin with: biases zero, weights scale · N(0, g / inputs) with g = 2 before rectifiers and 1 elsewhere.
    pub fn draw<R: Real>(&self, scale: f64, random: &mut Random) -> Vec<R> {
        let mut parameters = vec![R::ZERO; self.parameters()];
        for (index, layer) in self.layers.iter().enumerate() {
            let is_rectified = self.activation == Activation::Relu && index + 1 < self.layers.len();
            let gain = if is_rectified { 2.0 } else { 1.0 };
            let deviation = scale * (gain / layer.inputs as f64).sqrt();
            parameters[layer.weights.clone()].iter_mut().for_each(|slot| *slot = R::of(deviation * random.normal()));
        }
        parameters
    }
}
