//! Gradients, exact products with the Hessian, and exact traces.
//!
//! With a the outputs of a layer, z its sums, δ = ∂L/∂z and R{·} the derivative along a direction V in parameter space,
//! Pearlmutter's operator goes forward by
//!
//! `R{z} = R{a'} W + a' V + v`, `R{a} = σ'(z) R{z}` (a' the outputs of the layer before),
//!
//! and back by
//!
//! `R{∂L/∂W} = R{a'}ᵀ δ + a'ᵀ R{δ}`, `R{δ'} = σ'(z') (R{δ} Wᵀ + δ Vᵀ) + (σ''/σ')(z') δ' R{z'}`,
//!
//! which is the Hessian times the direction, without approximation (Pearlmutter, "Fast exact multiplication by the
//! Hessian", 1994).

use super::{
    model::{Activation, Layer, Loss, Model},
    real::Real,
};

/// A loss as a function of the parameters: the model and the examples that it is averaged over.
#[derive(Clone, Copy, Debug)]
pub struct Objective<'a, R> {
    /// What is learned.
    pub model: &'a Model,
    /// The inputs, one example a row.
    pub inputs: &'a [R],
    /// A label an example, below the number of classes.
    pub labels: &'a [u32],
}

/// What a pass through a network leaves behind, in buffers planned once.
///
/// [`Tape::hessian_times`] and [`Tape::layer_traces`] belong to the point where the last [`Tape::gradient`] was taken.
#[derive(Clone, Debug)]
pub struct Tape<R: Real> {
    /// Of each layer; the last has the network's own.
    outputs: Vec<Vec<R>>,
    /// Softmax of the network's outputs; empty for squared loss.
    probabilities: Vec<R>,
    /// The gradient by each layer's sums.
    deltas: Vec<Vec<R>>,
    /// R{z} of each layer.
    moved_sums: Vec<Vec<R>>,
    /// R{a} of each hidden layer.
    moved_outputs: Vec<Vec<R>>,
    /// R{δ} of each layer.
    moved_deltas: Vec<Vec<R>>,
    direction: Vec<R>,
    image: Vec<R>,
    products: R::Products,
}

impl<R: Real> Tape<R> {
    /// Buffers for up to `rows` examples at once.
    pub fn new(model: &Model, rows: usize) -> Self {
        let outputs: Vec<Vec<R>> = model.layers.iter().map(|layer| vec![R::ZERO; rows * layer.outputs]).collect();
        let parameters = model.parameters();
        Self {
            probabilities: vec![R::ZERO; if model.loss == Loss::CrossEntropy { rows * model.classes() } else { 0 }],
            deltas: outputs.clone(),
            moved_sums: outputs.clone(),
            moved_outputs: outputs.clone(),
            moved_deltas: outputs.clone(),
            direction: vec![R::ZERO; parameters],
            image: vec![R::ZERO; parameters],
            products: R::Products::default(),
            outputs,
        }
    }

    /// The network's outputs for the examples of the last pass, `rows × classes` at the front.
    pub fn outputs(&self) -> &[R] {
        self.outputs.last().map_or(&[], |outputs| outputs)
    }

    /// How many of the examples of the last pass are misclassified.
    pub fn misclassified(&self, objective: &Objective<R>) -> usize {
        let rows = self.outputs().chunks_exact(objective.model.classes());
        let is_wrong = |(row, label): &(&[R], &u32)| {
            let best = (1..row.len()).fold(0, |best, class| if row[class] > row[best] { class } else { best });
            best != **label as usize
        };
        rows.zip(objective.labels).filter(is_wrong).count()
    }

    /// The mean loss.
    pub fn loss(&mut self, objective: &Objective<R>, parameters: &[R]) -> f64 {
        self.forward(objective, parameters);
        self.judge(objective)
    }

    /// The mean loss, and its gradient.
    pub fn gradient(&mut self, objective: &Objective<R>, parameters: &[R], gradient: &mut [R]) -> f64 {
        let loss = self.loss(objective, parameters);
        let Objective { model, inputs, labels } = *objective;
        let rows = labels.len();
        for (index, layer) in model.layers.iter().enumerate().rev() {
            let input = self.outputs[..index].last().map_or(inputs, |outputs| &outputs[..rows * layer.inputs]);
            let (earlier, later) = self.deltas.split_at_mut(index);
            let delta = &later[0][..rows * layer.outputs];
            let shape = [layer.inputs, rows, layer.outputs];
            let weights = &mut gradient[layer.weights.clone()];
            R::multiply_transposed_left(&mut self.products, shape, input, delta, weights, false);
            column_sums(delta, &mut gradient[layer.biases.clone()]);
            if let Some(before) = earlier.last_mut() {
                let before = &mut before[..rows * layer.inputs];
                let shape = [rows, layer.outputs, layer.inputs];
                let weights = &parameters[layer.weights.clone()];
                R::multiply_transposed_right(&mut self.products, shape, delta, weights, before, false);
                for (slot, &output) in before.iter_mut().zip(input) {
                    *slot = *slot * model.activation.slope(output);
                }
            }
        }
        loss
    }

    /// The Hessian times a direction, at the objective and the parameters of the last gradient.
    pub fn hessian_times(&mut self, objective: &Objective<R>, parameters: &[R], direction: &[R], product: &mut [R]) {
        self.move_forward(objective, parameters, direction);
        self.move_delta(objective);
        let Objective { model, inputs, labels } = *objective;
        let rows = labels.len();
        for (index, layer) in model.layers.iter().enumerate().rev() {
            let input = self.outputs[..index].last().map_or(inputs, |outputs| &outputs[..rows * layer.inputs]);
            let (earlier, later) = self.moved_deltas.split_at_mut(index);
            let moved_delta = &later[0][..rows * layer.outputs];
            let shape = [layer.inputs, rows, layer.outputs];
            let weights = &mut product[layer.weights.clone()];
            R::multiply_transposed_left(&mut self.products, shape, input, moved_delta, weights, false);
            column_sums(moved_delta, &mut product[layer.biases.clone()]);
            let Some(before) = earlier.last_mut() else { break };
            let delta = &self.deltas[index][..rows * layer.outputs];
            let moved_input = &self.moved_outputs[index - 1][..rows * layer.inputs];
            let weights = &mut product[layer.weights.clone()];
            R::multiply_transposed_left(&mut self.products, shape, moved_input, delta, weights, true);
            let before = &mut before[..rows * layer.inputs];
            let shape = [rows, layer.outputs, layer.inputs];
            let weights = &parameters[layer.weights.clone()];
            R::multiply_transposed_right(&mut self.products, shape, moved_delta, weights, before, false);
            let moved_weights = &direction[layer.weights.clone()];
            R::multiply_transposed_right(&mut self.products, shape, delta, moved_weights, before, true);
            let others = input.iter().zip(&self.deltas[index - 1]).zip(&self.moved_sums[index - 1]);
            for (slot, ((&output, &delta), &moved_sum)) in before.iter_mut().zip(others) {
                *slot = *slot * model.activation.slope(output) + model.activation.bend(output) * delta * moved_sum;
            }
        }
    }

    /// [`Tape::hessian_times`] as an operator on `f64` vectors, for Lanczos' method.
    pub fn hessian_operator(
        &mut self,
        objective: &Objective<R>,
        parameters: &[R],
        vector: &[f64],
        product: &mut [f64],
    ) {
        let mut direction = std::mem::take(&mut self.direction);
        let mut image = std::mem::take(&mut self.image);
        direction.iter_mut().zip(vector).for_each(|(slot, &value)| *slot = R::of(value));
        self.hessian_times(objective, parameters, &direction, &mut image);
        product.iter_mut().zip(&image).for_each(|(slot, value)| *slot = value.wide());
        self.direction = direction;
        self.image = image;
    }

    /// The exact trace of each layer's block of the Hessian, at the objective and the parameters of the last gradient.
    ///
    /// A weight from input j to unit k meets the second derivative `a'ⱼ² ∂²L/∂zₖ²`, a bias the same with 1, so that an
    /// example adds `(‖a'‖² + 1) tr ∂²L/∂z²`. These matrices come down from `∂²L/∂f²` at the outputs by
    /// `σ' W (∂²L/∂z²) Wᵀ σ' + diag(σ''/σ' · δ')` (Botev, Ritter and Barber 2017).
    pub fn layer_traces(&self, objective: &Objective<R>, parameters: &[R]) -> Vec<f64> {
        let Objective { model, inputs, labels } = *objective;
        let mut traces = vec![0.0; model.layers.len()];
        let (mut curvature, mut next) = (Vec::new(), Vec::new());
        for row in 0..labels.len() {
            self.output_curvature(model, row, labels.len(), &mut curvature);
            for (index, layer) in model.layers.iter().enumerate().rev() {
                let input = self.outputs[..index].last().map_or(inputs, |outputs| outputs);
                let input = &input[row * layer.inputs..(row + 1) * layer.inputs];
                let bias = if layer.biases.is_empty() { 0.0 } else { 1.0 };
                let length = input.iter().map(|value| value.wide() * value.wide()).sum::<f64>() + bias;
                traces[index] += length * (0..layer.outputs).map(|k| curvature[k * layer.outputs + k]).sum::<f64>();
                if index > 0 {
                    let delta = &self.deltas[index - 1][row * layer.inputs..(row + 1) * layer.inputs];
                    let weights = &parameters[layer.weights.clone()];
                    // Of the first layer the diagonal is all that is needed.
                    carry(model.activation, layer, weights, (input, delta), &curvature, &mut next, index == 1);
                    std::mem::swap(&mut curvature, &mut next);
                }
            }
        }
        traces
    }

    /// `∂²L/∂f²` of an example.
    fn output_curvature(&self, model: &Model, row: usize, rows: usize, curvature: &mut Vec<f64>) {
        let classes = model.classes();
        let share = 1.0 / rows as f64;
        curvature.clear();
        curvature.resize(classes * classes, 0.0);
        let probability = |class: usize| match model.loss {
            Loss::Squared => 0.0,
            Loss::CrossEntropy => self.probabilities[row * classes + class].wide(),
        };
        for k in 0..classes {
            for j in 0..classes {
                let diagonal = match model.loss {
                    _ if j != k => 0.0,
                    Loss::Squared => 1.0,
                    Loss::CrossEntropy => probability(k),
                };
                curvature[k * classes + j] = share * (diagonal - probability(k) * probability(j));
            }
        }
    }

    fn forward(&mut self, objective: &Objective<R>, parameters: &[R]) {
        let Objective { model, inputs, labels } = *objective;
        let rows = labels.len();
        for (index, layer) in model.layers.iter().enumerate() {
            let (before, rest) = self.outputs.split_at_mut(index);
            let input = before.last().map_or(inputs, |outputs| &outputs[..rows * layer.inputs]);
            let sums = &mut rest[0][..rows * layer.outputs];
            let shape = [rows, layer.inputs, layer.outputs];
            fill_rows(sums, &parameters[layer.biases.clone()]);
            R::multiply(&mut self.products, shape, input, &parameters[layer.weights.clone()], sums, true);
            if index + 1 < model.layers.len() {
                match model.activation {
                    Activation::Tanh => R::tanh(sums),
                    // A NaN stays one.
                    Activation::Relu => sums.iter_mut().filter(|sum| **sum < R::ZERO).for_each(|sum| *sum = R::ZERO),
                }
            }
        }
    }

    /// The mean loss from the outputs, whose gradient by them becomes the last layer's.
    fn judge(&mut self, objective: &Objective<R>) -> f64 {
        let Objective { model, labels, .. } = *objective;
        let (Some(outputs), Some(deltas)) = (self.outputs.last(), self.deltas.last_mut()) else { return f64::NAN };
        let classes = model.classes();
        let count = labels.len() * classes;
        let share = R::of(1.0 / labels.len() as f64);
        let (outputs, deltas) = (&outputs[..count], &mut deltas[..count]);
        let mut loss = 0.0;
        match model.loss {
            Loss::Squared => {
                deltas.copy_from_slice(outputs);
                for (row, &label) in deltas.chunks_exact_mut(classes).zip(labels) {
                    row[label as usize] = row[label as usize] - R::ONE;
                    for residual in row {
                        loss += 0.5 * residual.wide() * residual.wide();
                        *residual = *residual * share;
                    }
                }
            }
            Loss::CrossEntropy => {
                let probabilities = &mut self.probabilities[..count];
                let lines = outputs.chunks_exact(classes).zip(probabilities.chunks_exact_mut(classes));
                for ((row, odds), &label) in lines.zip(labels) {
                    let greatest = row.iter().fold(row[0], |most, &value| if value > most { value } else { most });
                    odds.iter_mut().zip(row).for_each(|(slot, &value)| *slot = value - greatest);
                    let own = odds[label as usize].wide();
                    R::exp(odds);
                    let sum = odds.iter().fold(R::ZERO, |sum, &value| sum + value);
                    for value in odds.iter_mut() {
                        *value = *value / sum;
                    }
                    loss += libm::log(sum.wide()) - own;
                }
                for ((row, odds), &label) in
                    deltas.chunks_exact_mut(classes).zip(probabilities.chunks_exact(classes)).zip(labels)
                {
                    row.iter_mut().zip(odds).for_each(|(slot, &value)| *slot = value * share);
                    row[label as usize] = (odds[label as usize] - R::ONE) * share;
                }
            }
        }
        loss / labels.len() as f64
    }

    /// R{z} and R{a} of every layer.
    fn move_forward(&mut self, objective: &Objective<R>, parameters: &[R], direction: &[R]) {
        let Objective { model, inputs, labels } = *objective;
        let rows = labels.len();
        for (index, layer) in model.layers.iter().enumerate() {
            let input = self.outputs[..index].last().map_or(inputs, |outputs| &outputs[..rows * layer.inputs]);
            let sums = &mut self.moved_sums[index][..rows * layer.outputs];
            let shape = [rows, layer.inputs, layer.outputs];
            fill_rows(sums, &direction[layer.biases.clone()]);
            R::multiply(&mut self.products, shape, input, &direction[layer.weights.clone()], sums, true);
            if let Some(moved_input) = self.moved_outputs[..index].last() {
                let weights = &parameters[layer.weights.clone()];
                R::multiply(&mut self.products, shape, &moved_input[..rows * layer.inputs], weights, sums, true);
            }
            let moved = self.moved_outputs[index].iter_mut().zip(&*sums).zip(&self.outputs[index]);
            for ((slot, &sum), &output) in moved {
                *slot = model.activation.slope(output) * sum;
            }
        }
    }

    /// R{δ} of the last layer.
    fn move_delta(&mut self, objective: &Objective<R>) {
        let Objective { model, labels, .. } = *objective;
        let (Some(sums), Some(deltas)) = (self.moved_sums.last(), self.moved_deltas.last_mut()) else { return };
        let classes = model.classes();
        let count = labels.len() * classes;
        let share = R::of(1.0 / labels.len() as f64);
        match model.loss {
            Loss::Squared => {
                deltas[..count].iter_mut().zip(sums).for_each(|(slot, &sum)| *slot = sum * share);
            }
            Loss::CrossEntropy => {
                let rows = deltas[..count].chunks_exact_mut(classes).zip(sums.chunks_exact(classes));
                for ((row, sums), odds) in rows.zip(self.probabilities.chunks_exact(classes)) {
                    let mean = odds.iter().zip(sums).fold(R::ZERO, |mean, (&odds, &sum)| mean + odds * sum);
                    for ((slot, &sum), &odds) in row.iter_mut().zip(sums).zip(odds) {
                        *slot = share * odds * (sum - mean);
                    }
                }
            }
        }
    }
}

/// From `∂²L/∂z²` of a layer to that of the layer before, whose outputs and δ are given; or its diagonal alone.
fn carry<R: Real>(
    activation: Activation,
    layer: &Layer,
    weights: &[R],
    (outputs, deltas): (&[R], &[R]),
    curvature: &[f64],
    next: &mut Vec<f64>,
    only_diagonal: bool,
) {
    let (width, classes) = (layer.inputs, layer.outputs);
    next.clear();
    next.resize(width * width, 0.0);
    let row = |unit: usize| &weights[unit * classes..(unit + 1) * classes];
    let mut weighted = vec![0.0; classes];
    for unit in 0..width {
        // Row `unit` of W (∂²L/∂z²).
        weighted.fill(0.0);
        for (&weight, line) in row(unit).iter().zip(curvature.chunks_exact(classes)) {
            weighted.iter_mut().zip(line).for_each(|(slot, value)| *slot += weight.wide() * value);
        }
        let slope = activation.slope(outputs[unit]).wide();
        let others = if only_diagonal { unit..unit + 1 } else { 0..width };
        for other in others {
            let sum: f64 = weighted.iter().zip(row(other)).map(|(value, weight)| value * weight.wide()).sum();
            next[unit * width + other] = slope * sum * activation.slope(outputs[other]).wide();
        }
        next[unit * width + unit] += (activation.bend(outputs[unit]) * deltas[unit]).wide();
    }
}

/// Every row the same, or zero for an empty one.
fn fill_rows<R: Real>(matrix: &mut [R], row: &[R]) {
    if row.is_empty() {
        matrix.fill(R::ZERO);
    } else {
        matrix.chunks_exact_mut(row.len()).for_each(|line| line.copy_from_slice(row));
    }
}

/// The sum of each column; nothing if no sums are asked for.
fn column_sums<R: Real>(matrix: &[R], sums: &mut [R]) {
    if sums.is_empty() {
        return;
    }
    sums.fill(R::ZERO);
    for row in matrix.chunks_exact(sums.len()) {
        sums.iter_mut().zip(row).for_each(|(sum, &value)| *sum += value);
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::random::Random;

    const KINDS: [(Activation, Loss, bool); 8] = [
        (Activation::Tanh, Loss::Squared, true),
        (Activation::Tanh, Loss::Squared, false),
        (Activation::Tanh, Loss::CrossEntropy, true),
        (Activation::Tanh, Loss::CrossEntropy, false),
        (Activation::Relu, Loss::Squared, true),
        (Activation::Relu, Loss::Squared, false),
        (Activation::Relu, Loss::CrossEntropy, true),
        (Activation::Relu, Loss::CrossEntropy, false),
    ];

    /// A network, examples, and parameters of every kind, biases among them.
    struct Case {
        model: Model,
        inputs: Vec<f64>,
        labels: Vec<u32>,
        parameters: Vec<f64>,
    }

    impl Case {
        fn new(sizes: &[usize], (activation, loss, has_biases): (Activation, Loss, bool)) -> Self {
            let build = if has_biases { Model::new } else { Model::without_biases };
            let model = build(sizes, activation, loss);
            let mut random = Random::new(4, 0);
            let inputs = (0..17 * sizes[0]).map(|_| random.normal()).collect();
            let labels = (0..17).map(|_| random.below(model.classes()) as u32).collect();
            let mut parameters: Vec<f64> = model.draw(1.0, &mut random);
            for value in &mut parameters {
                *value += 0.1 * random.normal();
            }
            Self { model, inputs, labels, parameters }
        }

        fn objective(&self) -> Objective<'_, f64> {
            Objective { model: &self.model, inputs: &self.inputs, labels: &self.labels }
        }

        fn direction(&self, seed: u64) -> Vec<f64> {
            Random::new(seed, 1).on_sphere(self.parameters.len(), 1.0)
        }

        fn along(&self, direction: &[f64], step: f64) -> Vec<f64> {
            self.parameters.iter().zip(direction).map(|(w, v)| w + step * v).collect()
        }
    }

    fn cases() -> impl Iterator<Item = Case> {
        let sizes: [&[usize]; 4] = [&[3, 4], &[5, 7, 3], &[4, 6, 5, 3], &[3, 5, 4, 6, 2]];
        sizes.into_iter().flat_map(|sizes| KINDS.map(|kind| Case::new(sizes, kind)))
    }

    fn distance(a: &[f64], b: &[f64]) -> f64 {
        let missed: f64 = a.iter().zip(b).map(|(a, b)| (a - b) * (a - b)).sum();
        (missed / b.iter().map(|b| b * b).sum::<f64>()).sqrt()
    }

    /// `(f(h) − f(−h))/2h`, extrapolated from two `h`.
    fn difference(step: f64, f: impl Fn(f64) -> Vec<f64>) -> Vec<f64> {
        let slope = |step: f64| f(step).iter().zip(&f(-step)).map(|(up, down)| (up - down) / (2.0 * step)).collect();
        let (wide, narrow): (Vec<f64>, Vec<f64>) = (slope(step), slope(0.5 * step));
        narrow.iter().zip(&wide).map(|(narrow, wide)| (4.0 * narrow - wide) / 3.0).collect()
    }

    #[test]
    fn the_gradient_is_the_slope_of_the_loss() {
        for case in cases() {
            let (objective, direction) = (case.objective(), case.direction(1));
            let mut tape = Tape::new(&case.model, 17);
            let mut gradient = vec![0.0; case.parameters.len()];
            tape.gradient(&objective, &case.parameters, &mut gradient);
            let slope: f64 = gradient.iter().zip(&direction).map(|(g, v)| g * v).sum();
            let measured = difference(1e-4, |step| vec![tape.clone().loss(&objective, &case.along(&direction, step))]);
            assert!((slope - measured[0]).abs() < 1e-9 * (1.0 + slope.abs()), "{:?}", case.model);
        }
    }

    #[test]
    fn a_product_with_the_hessian_is_the_derivative_of_the_gradient() {
        for case in cases() {
            let (objective, direction) = (case.objective(), case.direction(2));
            let mut tape = Tape::new(&case.model, 20);
            let mut gradient = vec![0.0; case.parameters.len()];
            let mut product = gradient.clone();
            tape.gradient(&objective, &case.parameters, &mut gradient);
            tape.hessian_times(&objective, &case.parameters, &direction, &mut product);
            let measured = difference(1e-4, |step| {
                let mut gradient = gradient.clone();
                tape.clone().gradient(&objective, &case.along(&direction, step), &mut gradient);
                gradient
            });
            assert!(distance(&product, &measured) < 1e-8, "{:?}: {}", case.model, distance(&product, &measured));
        }
    }

    #[test]
    fn single_precision_agrees_with_double() {
        for case in cases() {
            let narrow = |values: &[f64]| values.iter().map(|&value| value as f32).collect::<Vec<f32>>();
            let wide = |values: &[f32]| values.iter().map(|&value| f64::from(value)).collect::<Vec<f64>>();
            let (inputs, parameters, direction) =
                (narrow(&case.inputs), narrow(&case.parameters), narrow(&case.direction(3)));
            let coarse = Objective { model: &case.model, inputs: &inputs, labels: &case.labels };
            let mut tape = Tape::new(&case.model, 17);
            let mut gradient = vec![0.0f32; parameters.len()];
            let mut product = gradient.clone();
            tape.gradient(&coarse, &parameters, &mut gradient);
            tape.hessian_times(&coarse, &parameters, &direction, &mut product);
            let inputs = wide(&inputs);
            let exact = Objective { model: &case.model, inputs: &inputs, labels: &case.labels };
            let mut exact_tape = Tape::new(&case.model, 17);
            let mut exact_gradient = vec![0.0; parameters.len()];
            let mut exact_product = exact_gradient.clone();
            exact_tape.gradient(&exact, &wide(&parameters), &mut exact_gradient);
            exact_tape.hessian_times(&exact, &wide(&parameters), &wide(&direction), &mut exact_product);
            assert!(distance(&wide(&gradient), &exact_gradient) < 1e-5, "{:?}", case.model);
            assert!(distance(&wide(&product), &exact_product) < 1e-5, "{:?}", case.model);
            let (traces, exact_traces) =
                (tape.layer_traces(&coarse, &parameters), exact_tape.layer_traces(&exact, &wide(&parameters)));
            assert!(distance(&traces, &exact_traces) < 1e-5, "{:?}", case.model);
        }
    }

    #[test]
    fn traces_are_the_sums_of_the_diagonal() {
        for case in cases() {
            let objective = case.objective();
            let mut tape = Tape::new(&case.model, 17);
            let count = case.parameters.len();
            let mut product = vec![0.0; count];
            tape.gradient(&objective, &case.parameters, &mut product);
            let mut diagonal = vec![0.0; count];
            for (index, slot) in diagonal.iter_mut().enumerate() {
                let mut unit = vec![0.0; count];
                unit[index] = 1.0;
                tape.hessian_times(&objective, &case.parameters, &unit, &mut product);
                *slot = product[index];
            }
            let sums: Vec<f64> =
                case.model.layers().iter().map(|layer| diagonal[layer.parameters()].iter().sum()).collect();
            let traces = tape.layer_traces(&objective, &case.parameters);
            assert!(distance(&traces, &sums) < 1e-12, "{:?}: {traces:?} {sums:?}", case.model);
        }
    }

    #[test]
    fn fewer_examples_than_there_is_room_for_are_judged_alone() {
        let case = Case::new(&[5, 7, 3], KINDS[2]);
        let part = Objective { model: &case.model, inputs: &case.inputs[..5 * 4], labels: &case.labels[..4] };
        let mut gradient = vec![0.0; case.parameters.len()];
        let (mut wide, mut narrow) = (Tape::new(&case.model, 17), Tape::new(&case.model, 4));
        wide.gradient(&case.objective(), &case.parameters, &mut gradient);
        let one = wide.gradient(&part, &case.parameters, &mut gradient);
        let mut other = vec![0.0; case.parameters.len()];
        assert_eq!(narrow.gradient(&part, &case.parameters, &mut other).to_bits(), one.to_bits());
        assert_eq!(gradient, other);
        assert_eq!(wide.misclassified(&part), narrow.misclassified(&part));
    }
}
