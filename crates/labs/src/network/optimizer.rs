//! Update rules and their state.

use kernels::single::optimizer::{AdamStep, SgdStep, adam, gradient_descent, outer_product_descent, sgd};

/// How gradients become steps.
#[derive(Clone, Copy, Debug, PartialEq)]
pub enum Rule {
    /// Stochastic gradient descent with heavy-ball momentum and an ℓ2 penalty.
    Sgd {
        /// The step size.
        learning_rate: f64,
        /// The share of the last step that is kept; 0 for none.
        momentum: f64,
        /// λ of the penalty ½ λ ‖w‖².
        weight_decay: f64,
    },
    /// Adam (Kingma and Ba 2014) with decoupled weight decay (Loshchilov and Hutter 2017).
    Adam {
        /// The step size.
        learning_rate: f64,
        /// β₁ and β₂.
        betas: [f64; 2],
        /// ε.
        epsilon: f64,
        /// The share of a parameter that a step of size 1 takes away; 0 for plain Adam.
        weight_decay: f64,
    },
}

impl Rule {
    /// Adam with its authors' β₁ = 0.9, β₂ = 0.999, ε = 10⁻⁸ and no weight decay.
    pub const fn adam(learning_rate: f64) -> Self {
        Self::Adam { learning_rate, betas: [0.9, 0.999], epsilon: 1e-8, weight_decay: 0.0 }
    }
}

/// A step of gradient descent without momentum. Each parameter moves by its own slope only, at once and without a state,
/// so that a layer can step as soon as its gradient is there.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct Descent {
    rate: f32,
    weight_decay: f32,
}

impl Descent {
    /// Moves parameters down a gradient.
    pub fn step(&self, parameters: &mut [f32], gradient: &[f32]) {
        gradient_descent(self.rate, self.weight_decay, parameters, gradient);
    }

    /// [`Self::step`] with the gradient x · yᵀ, which is never written: that of one example by a matrix of weights.
    pub fn step_by_outer_product(&self, parameters: &mut [f32], x: &[f32], y: &[f32]) {
        outer_product_descent(self.rate, self.weight_decay, parameters, x, y);
    }
}

/// An update rule with the state of one training.
#[derive(Clone, Debug)]
pub struct Optimizer {
    rule: Rule,
    /// Velocities, none without momentum; or Adam's mean gradients.
    first: Vec<f32>,
    /// Adam's mean squared gradients.
    second: Vec<f32>,
    /// β₁ᵗ and β₂ᵗ.
    powers: [f64; 2],
}

impl Optimizer {
    /// A rule at rest, for that many parameters.
    pub fn new(rule: Rule, parameters: usize) -> Self {
        let second = if matches!(rule, Rule::Adam { .. }) { parameters } else { 0 };
        let first = if matches!(rule, Rule::Sgd { momentum: 0.0, .. }) { 0 } else { parameters };
        Self { rule, first: vec![0.0; first], second: vec![0.0; second], powers: [1.0; 2] }
    }

    /// The step as one that needs no state, where the rule is such.
    pub fn descent(&self) -> Option<Descent> {
        match self.rule {
            Rule::Sgd { learning_rate, momentum: 0.0, weight_decay } => {
                Some(Descent { rate: learning_rate as f32, weight_decay: weight_decay as f32 })
            }
            Rule::Sgd { .. } | Rule::Adam { .. } => None,
        }
    }

    /// One step.
    pub fn step(&mut self, parameters: &mut [f32], gradient: &[f32]) {
        if let Some(descent) = self.descent() {
            return descent.step(parameters, gradient);
        }
        match self.rule {
            Rule::Sgd { learning_rate, momentum, weight_decay } => {
                let step = SgdStep {
                    rate: learning_rate as f32,
                    momentum: momentum as f32,
                    weight_decay: weight_decay as f32,
                };
                sgd(&step, parameters, gradient, &mut self.first);
            }
            Rule::Adam { learning_rate, betas: [beta1, beta2], epsilon, weight_decay } => {
                self.powers = [self.powers[0] * beta1, self.powers[1] * beta2];
                let step = AdamStep {
                    beta1: beta1 as f32,
                    beta2: beta2 as f32,
                    rate: (learning_rate / (1.0 - self.powers[0])) as f32,
                    root_correction: (1.0 / (1.0 - self.powers[1]).sqrt()) as f32,
                    epsilon: epsilon as f32,
                    keep: (1.0 - learning_rate * weight_decay) as f32,
                };
                adam(&step, parameters, gradient, &mut self.first, &mut self.second);
            }
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn adam_follows_its_definition_in_double_precision() {
        let gradients = [[0.5, -2.0], [0.1, -1.0], [-0.3, 4.0], [0.0, 1e-3]];
        let mut optimizer = Optimizer::new(Rule::adam(0.01), 2);
        let mut w = [1.0f32, -1.0];
        let (mut exact, mut m, mut v) = ([1.0f64, -1.0], [0.0f64; 2], [0.0f64; 2]);
        let (mut power1, mut power2) = (1.0, 1.0);
        for gradient in gradients {
            optimizer.step(&mut w, &gradient.map(|g| g as f32));
            (power1, power2) = (power1 * 0.9, power2 * 0.999);
            for k in 0..2 {
                m[k] = 0.9 * m[k] + 0.1 * gradient[k];
                v[k] = 0.999 * v[k] + 0.001 * gradient[k] * gradient[k];
                exact[k] -= 0.01 * (m[k] / (1.0 - power1)) / ((v[k] / (1.0 - power2)).sqrt() + 1e-8);
                assert!((f64::from(w[k]) - exact[k]).abs() < 1e-6);
            }
        }
    }

    #[test]
    fn without_momentum_a_step_goes_down_the_penalized_slope() {
        let rule = Rule::Sgd { learning_rate: 0.1, momentum: 0.0, weight_decay: 0.5 };
        let mut w = [2.0, -1.0];
        let mut optimizer = Optimizer::new(rule, 2);
        for _ in 0..2 {
            optimizer.step(&mut w, &[1.0, 0.0]);
        }
        assert!((w[0] - 1.61).abs() < 1e-6 && (w[1] + 0.9025).abs() < 1e-6, "{w:?}");
    }

    #[test]
    fn decoupled_weight_decay_shrinks_parameters_even_without_a_gradient() {
        let rule = Rule::Adam { learning_rate: 0.1, betas: [0.9, 0.999], epsilon: 1e-8, weight_decay: 0.5 };
        let mut w = [2.0];
        Optimizer::new(rule, 1).step(&mut w, &[0.0]);
        assert!((w[0] - 1.9).abs() < 1e-6);
    }
}
