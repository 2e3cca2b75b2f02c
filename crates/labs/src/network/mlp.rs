//! Fully connected networks of any depth.
//!
//! Layer l maps its input x (row vectors) to z = x W + b; hidden layers pass z through the activation, the last layer
//! gives z itself, the logits.

use super::optimizer::Descent;
use crate::random::Random;
use kernels::single::{
    gemm::{Finish, Gemm, Start},
    sum,
};
use std::ops::Range;

/// What hidden layers pass their sums through.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Activation {
    /// max(z, 0).
    Relu,
}

impl Activation {
    /// What turns the sums of a layer into its output.
    const fn finish(self) -> Finish<'static> {
        match self {
            Self::Relu => Finish::Relu,
        }
    }

    /// What turns the gradient by an output into the gradient by its sum.
    const fn finish_gradient(self, output: &[f32]) -> Finish<'_> {
        match self {
            Self::Relu => Finish::WherePositive(output),
        }
    }
}

/// A fully connected network.
#[derive(Clone, Debug)]
pub struct Mlp {
    layers: Vec<Layer>,
    activation: Activation,
    /// Every weight and bias: for each layer the weights, inputs × outputs row by row, then the biases.
    pub parameters: Vec<f32>,
}

/// One layer: its size, and where its parameters stand.
#[derive(Clone, Debug)]
struct Layer {
    inputs: usize,
    outputs: usize,
    weights: Range<usize>,
    biases: Range<usize>,
}

/// What the gradient by a layer's parameters is made of.
struct Factors<'a> {
    /// The layer's inputs.
    input: &'a [f32],
    /// The gradient by its sums.
    delta: &'a [f32],
    gemm: &'a mut Gemm,
}

impl Layer {
    /// Where its parameters stand, the weights before the biases.
    const fn parameters(&self) -> Range<usize> {
        self.weights.start..self.biases.end
    }

    /// The gradient by its parameters.
    fn gradient(&self, rows: usize, factors: Factors, gradient: &mut [f32]) {
        let Factors { input, delta, gemm } = factors;
        let (weights, biases) = gradient.split_at_mut(self.weights.len());
        gemm.multiply_transposed_left([self.inputs, rows, self.outputs], input, delta, weights, Start::Zero);
        sum::column_sums(delta, biases);
    }
}

impl Mlp {
    /// A network of the given sizes, inputs first and logits last, with weights and biases drawn from
    /// U(−1/√inputs, 1/√inputs) of their layer.
    pub fn new(sizes: &[usize], activation: Activation, random: &mut Random) -> Self {
        let mut layers = Vec::new();
        let mut parameters = Vec::new();
        for pair in sizes.windows(2) {
            let (inputs, outputs) = (pair[0], pair[1]);
            let first = parameters.len();
            let middle = first + inputs * outputs;
            let last = middle + outputs;
            layers.push(Layer { inputs, outputs, weights: first..middle, biases: middle..last });
            let bound = 1.0 / (inputs as f64).sqrt();
            parameters.extend((first..last).map(|_| random.between(-bound, bound) as f32));
        }
        Self { layers, activation, parameters }
    }

    /// ‖w‖² over all weights and biases, in `f64`.
    pub fn squared_norm(&self) -> f64 {
        self.parameters.iter().map(|&w| f64::from(w) * f64::from(w)).sum()
    }

    /// The number of parameters of the layer with the most of them.
    pub fn largest_layer(&self) -> usize {
        self.layers.iter().map(|layer| layer.parameters().len()).max().unwrap_or(0)
    }

    /// Floating-point operations of the forward pass of one example (a multiply-add counts two).
    pub fn forward_cost(&self) -> f64 {
        self.layers.iter().map(|layer| 2.0 * (layer.inputs * layer.outputs) as f64).sum()
    }

    /// The logits of `inputs`, one example a row; they stay in `pass`, with all that [`Self::backward`] needs.
    pub fn forward<'a>(&self, inputs: &[f32], pass: &'a mut Pass) -> &'a mut [f32] {
        let rows = inputs.len() / self.layers[0].inputs;
        let last = self.layers.len() - 1;
        for (index, layer) in self.layers.iter().enumerate() {
            let (before, rest) = pass.outputs.split_at_mut(index);
            let input = before.last().map_or(inputs, |output| &output[..rows * layer.inputs]);
            let output = &mut rest[0][..rows * layer.outputs];
            let bias = Start::Bias(&self.parameters[layer.biases.clone()]);
            let weights = &self.parameters[layer.weights.clone()];
            let finish = if index < last { self.activation.finish() } else { Finish::Keep };
            pass.gemm.multiply([rows, layer.inputs, layer.outputs], input, weights, output, bias, finish);
        }
        &mut pass.outputs[last][..rows * self.layers[last].outputs]
    }

    /// The gradient by every parameter, once the logits that [`Self::forward`] left in `pass` have been turned into
    /// the gradient by them. `inputs` are those of that forward pass.
    pub fn backward(&self, inputs: &[f32], pass: &mut Pass, gradient: &mut [f32]) {
        let rows = inputs.len() / self.layers[0].inputs;
        for index in (0..self.layers.len()).rev() {
            self.propagate(index, rows, pass);
            let layer = &self.layers[index];
            layer.gradient(rows, pass.factors(index, layer, rows, inputs), &mut gradient[layer.parameters()]);
        }
    }

    /// [`Self::backward`] and a step of gradient descent in one: every layer steps once the gradient by its inputs is
    /// there, with the bits of a step of all after the backward pass. `gradient` has room for that of the layer with the
    /// most parameters; of a single example it is not written.
    pub fn descend(&mut self, inputs: &[f32], pass: &mut Pass, descent: &Descent, gradient: &mut [f32]) {
        let rows = inputs.len() / self.layers[0].inputs;
        for index in (0..self.layers.len()).rev() {
            self.propagate(index, rows, pass);
            let layer = &self.layers[index];
            let factors = pass.factors(index, layer, rows, inputs);
            if rows == 1 {
                let (input, delta) = (factors.input, factors.delta);
                descent.step_by_outer_product(&mut self.parameters[layer.weights.clone()], input, delta);
                descent.step_by_outer_product(&mut self.parameters[layer.biases.clone()], &[1.0], delta);
            } else {
                let parameters = &mut self.parameters[layer.parameters()];
                let gradient = &mut gradient[..parameters.len()];
                layer.gradient(rows, factors, gradient);
                descent.step(parameters, gradient);
            }
        }
    }

    /// From the gradient by the sums of a layer to the one by the sums of the layer before, if there is one.
    fn propagate(&self, index: usize, rows: usize, pass: &mut Pass) {
        let layer = &self.layers[index];
        let (earlier, later) = pass.deltas.split_at_mut(index);
        if let (Some(earlier), Some(output)) = (earlier.last_mut(), pass.outputs[..index].last()) {
            // As in `Pass::factors`, which would hold on to the gradients of the layer before, too.
            let delta = later.first().unwrap_or(&pass.outputs[index]);
            let shape = [rows, layer.outputs, layer.inputs];
            let finish = self.activation.finish_gradient(&output[..rows * layer.inputs]);
            pass.gemm.multiply_transposed_right(
                shape,
                &delta[..rows * layer.outputs],
                &self.parameters[layer.weights.clone()],
                &mut earlier[..rows * layer.inputs],
                Start::Zero,
                finish,
            );
        }
    }
}

/// The buffers of a forward and a backward pass, planned once for a number of rows.
#[derive(Clone, Debug)]
pub struct Pass {
    /// Outputs of each layer.
    outputs: Vec<Vec<f32>>,
    /// Gradients by the sums of each hidden layer.
    deltas: Vec<Vec<f32>>,
    gemm: Gemm,
}

impl Pass {
    /// Buffers for up to `rows` examples at once.
    pub fn new(network: &Mlp, rows: usize) -> Self {
        let outputs: Vec<Vec<f32>> = network.layers.iter().map(|layer| vec![0.0; rows * layer.outputs]).collect();
        let deltas = outputs[..outputs.len() - 1].to_vec();
        let widest = network.layers.iter().map(|layer| layer.inputs.max(layer.outputs)).max().unwrap_or(0);
        Self { outputs, deltas, gemm: Gemm::new(widest.max(rows)) }
    }

    /// What the gradient by the parameters of a layer is made of, for `rows` examples.
    fn factors<'a>(&'a mut self, index: usize, layer: &Layer, rows: usize, inputs: &'a [f32]) -> Factors<'a> {
        let input = self.outputs[..index].last().map_or(inputs, |output| &output[..rows * layer.inputs]);
        // The gradient by the logits stands in the place of the logits, those by hidden layers in their own.
        let delta = self.deltas.get(index).unwrap_or(&self.outputs[index]);
        Factors { input, delta: &delta[..rows * layer.outputs], gemm: &mut self.gemm }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::network::{Optimizer, Rule};
    use kernels::single::softmax;

    #[test]
    fn the_gradient_is_the_slope_of_the_loss_in_every_layer() {
        let mut random = Random::new(5, 0);
        let mut network = Mlp::new(&[3, 6, 5, 4], Activation::Relu, &mut random);
        let inputs: Vec<f32> = (0..7 * 3).map(|_| random.normal() as f32).collect();
        let labels: Vec<u32> = (0..7).map(|_| random.below(4) as u32).collect();
        let mut pass = Pass::new(&network, 7);
        let mut gradient = vec![0.0; network.parameters.len()];
        let logits = network.forward(&inputs, &mut pass);
        softmax::cross_entropy_gradient(logits, 4, &labels, 1.0 / 7.0);
        network.backward(&inputs, &mut pass, &mut gradient);
        let mut loss = |network: &Mlp| {
            let mut losses = [0.0; 7];
            softmax::cross_entropy(network.forward(&inputs, &mut pass), 4, &labels, &mut losses);
            losses.iter().map(|&loss| f64::from(loss)).sum::<f64>() / 7.0
        };
        for (index, &slope) in gradient.iter().enumerate() {
            let middle = network.parameters[index];
            network.parameters[index] = middle + 1e-3;
            let up = loss(&network);
            network.parameters[index] = middle - 1e-3;
            let down = loss(&network);
            network.parameters[index] = middle;
            let measured = (up - down) / 2e-3;
            assert!((measured - f64::from(slope)).abs() < 1e-3, "parameter {index}: {measured} {slope}");
        }
        assert!(gradient.iter().filter(|slope| slope.abs() > 1e-3).count() > gradient.len() / 2);
    }

    #[test]
    fn layers_that_step_one_after_the_other_end_where_a_step_of_all_does() {
        for sizes in [&[1, 1][..], &[3, 1], &[1, 7, 1], &[5, 3, 7, 2], &[64, 100, 10], &[33, 41, 37, 13, 3]] {
            for (rows, weight_decay) in [(1, 0.0), (1, 0.03), (2, 0.0), (7, 0.03)] {
                let mut random = Random::new(5, 0);
                let mut network = Mlp::new(sizes, Activation::Relu, &mut random);
                let mut twin = network.clone();
                let (classes, count) = (sizes[sizes.len() - 1], network.parameters.len());
                let rule = Rule::Sgd { learning_rate: 0.1, momentum: 0.0, weight_decay };
                let mut optimizer = Optimizer::new(rule, count);
                let descent = optimizer.descent().expect("plain gradient descent needs no state");
                let (mut pass, mut layer_gradient) = (Pass::new(&network, rows), vec![0.0; network.largest_layer()]);
                let mut gradient = vec![0.0; count];
                for step in 0..5 {
                    let inputs: Vec<f32> = (0..rows * sizes[0]).map(|_| random.normal() as f32).collect();
                    let labels: Vec<u32> = (0..rows).map(|_| random.below(classes) as u32).collect();
                    softmax::cross_entropy_gradient(network.forward(&inputs, &mut pass), classes, &labels, 1.0);
                    network.descend(&inputs, &mut pass, &descent, &mut layer_gradient);
                    softmax::cross_entropy_gradient(twin.forward(&inputs, &mut pass), classes, &labels, 1.0);
                    twin.backward(&inputs, &mut pass, &mut gradient);
                    optimizer.step(&mut twin.parameters, &gradient);
                    let bits = |network: &Mlp| network.parameters.iter().map(|w| w.to_bits()).collect::<Vec<u32>>();
                    assert!(bits(&network) == bits(&twin), "{sizes:?}, {rows} rows, step {step}");
                }
            }
        }
    }

    #[test]
    fn initial_parameters_fill_the_interval_of_their_layer() {
        let network = Mlp::new(&[64, 100, 10], Activation::Relu, &mut Random::new(0, 0));
        assert_eq!(network.parameters.len(), 64 * 100 + 100 + 100 * 10 + 10);
        for (part, bound) in [(0..6500, 0.125), (6500..7510, 0.1)] {
            let greatest = network.parameters[part].iter().fold(0.0, |max: f32, w| max.max(w.abs()));
            assert!(greatest <= bound && greatest > 0.98 * bound, "{greatest}");
        }
    }
}
