//! Parameter updates, elementwise.

use super::{
    F32x4,
    slices::{load_part, store_part},
    vector::Lanes,
};

/// What one step of Adam multiplies by; the bias corrections of step t are already in it.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct AdamStep {
    /// β₁, the memory of the mean gradient.
    pub beta1: f32,
    /// β₂, the memory of the mean squared gradient.
    pub beta2: f32,
    /// Learning rate / (1 − β₁ᵗ).
    pub rate: f32,
    /// 1 / √(1 − β₂ᵗ).
    pub root_correction: f32,
    /// ε, added to the root.
    pub epsilon: f32,
    /// 1 − learning rate · weight decay: what is kept of a parameter (Loshchilov and Hutter 2017); 1 for plain Adam.
    pub keep: f32,
}

/// The new parameter, mean and mean square.
#[inline(always)]
fn adam_lanes<L: Lanes>(step: &AdamStep, [parameter, gradient, mean, square]: [L; 4]) -> [L; 3] {
    let mean = L::splat(step.beta1) * mean + L::splat(1.0 - step.beta1) * gradient;
    let square = L::splat(step.beta2) * square + L::splat(1.0 - step.beta2) * (gradient * gradient);
    let denominator = square.sqrt() * L::splat(step.root_correction) + L::splat(step.epsilon);
    [L::splat(step.keep) * parameter - L::splat(step.rate) * mean / denominator, mean, square]
}

/// One step of Adam (Kingma and Ba 2014) on parameters of any number; the slices have one length.
pub fn adam(step: &AdamStep, parameters: &mut [f32], gradient: &[f32], means: &mut [f32], squares: &mut [f32]) {
    let length = parameters.len();
    assert_eq!([gradient.len(), means.len(), squares.len()], [length; 3]);
    let (blocks, parameter_tail) = parameters.as_chunks_mut::<4>();
    let (gradients, gradient_tail) = gradient.as_chunks::<4>();
    let (mean_blocks, mean_tail) = means.as_chunks_mut::<4>();
    let (square_blocks, square_tail) = squares.as_chunks_mut::<4>();
    let whole = blocks.iter_mut().zip(gradients).zip(mean_blocks).zip(square_blocks);
    for (((parameter, gradient), mean), square) in whole {
        let old = [*parameter, *gradient, *mean, *square].map(F32x4::from_array);
        [*parameter, *mean, *square] = adam_lanes(step, old).map(F32x4::to_array);
    }
    let old = [&*parameter_tail, gradient_tail, mean_tail, square_tail].map(load_part);
    let [parameter, mean, square] = adam_lanes(step, old);
    store_part(parameter, parameter_tail);
    store_part(mean, mean_tail);
    store_part(square, square_tail);
}

/// The scalar twin of [`adam`].
pub fn adam_scalar(step: &AdamStep, parameters: &mut [f32], gradient: &[f32], means: &mut [f32], squares: &mut [f32]) {
    for (((parameter, &gradient), mean), square) in parameters.iter_mut().zip(gradient).zip(means).zip(squares) {
        [*parameter, *mean, *square] = adam_lanes(step, [*parameter, gradient, *mean, *square]);
    }
}

/// What one step of stochastic gradient descent multiplies by.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct SgdStep {
    /// The learning rate.
    pub rate: f32,
    /// The share of the velocity that is kept; 0 for plain gradient descent.
    pub momentum: f32,
    /// λ of the penalty ½ λ ‖w‖², whose gradient joins that of the loss.
    pub weight_decay: f32,
}

/// The new parameter and velocity.
#[inline(always)]
fn sgd_lanes<L: Lanes>(step: &SgdStep, [parameter, gradient, velocity]: [L; 3]) -> [L; 2] {
    let slope = gradient + L::splat(step.weight_decay) * parameter;
    let velocity = L::splat(step.momentum) * velocity + slope;
    [parameter - L::splat(step.rate) * velocity, velocity]
}

/// One step of gradient descent with heavy-ball momentum: v ← momentum · v + slope, w ← w − rate · v.
pub fn sgd(step: &SgdStep, parameters: &mut [f32], gradient: &[f32], velocities: &mut [f32]) {
    assert_eq!([gradient.len(), velocities.len()], [parameters.len(); 2]);
    let (blocks, parameter_tail) = parameters.as_chunks_mut::<4>();
    let (gradients, gradient_tail) = gradient.as_chunks::<4>();
    let (velocity_blocks, velocity_tail) = velocities.as_chunks_mut::<4>();
    for ((parameter, gradient), velocity) in blocks.iter_mut().zip(gradients).zip(velocity_blocks) {
        let old = [*parameter, *gradient, *velocity].map(F32x4::from_array);
        [*parameter, *velocity] = sgd_lanes(step, old).map(F32x4::to_array);
    }
    let [parameter, velocity] = sgd_lanes(step, [&*parameter_tail, gradient_tail, velocity_tail].map(load_part));
    store_part(parameter, parameter_tail);
    store_part(velocity, velocity_tail);
}

/// The scalar twin of [`sgd`].
pub fn sgd_scalar(step: &SgdStep, parameters: &mut [f32], gradient: &[f32], velocities: &mut [f32]) {
    for ((parameter, &gradient), velocity) in parameters.iter_mut().zip(gradient).zip(velocities) {
        [*parameter, *velocity] = sgd_lanes(step, [*parameter, gradient, *velocity]);
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::single::ln::tests::same_bits;
    use proptest::prelude::*;

    const ADAM: AdamStep =
        AdamStep { beta1: 0.9, beta2: 0.999, rate: 0.1, root_correction: 31.622_776, epsilon: 1e-8, keep: 0.99 };

    #[test]
    fn the_first_step_of_adam_has_the_size_of_the_learning_rate() {
        let mut w = [1.0f32; 5];
        let step = AdamStep { keep: 1.0, ..ADAM };
        adam(&step, &mut w, &[3.0, -0.2, 70.0, -1e-3, 0.0], &mut [0.0; 5], &mut [0.0; 5]);
        // A rate of 0.1 is a learning rate of 0.01 at t = 1.
        for (w, expected) in w.into_iter().zip([0.99, 1.01, 0.99, 1.01, 1.0]) {
            assert!((w - expected).abs() < 2e-6, "{w}");
        }
    }

    #[test]
    fn momentum_gathers_speed_and_weight_decay_pulls_to_zero() {
        let step = SgdStep { rate: 0.1, momentum: 0.5, weight_decay: 1.0 };
        let (mut w, mut v) = ([1.0f32], [0.0f32]);
        sgd(&step, &mut w, &[1.0], &mut v);
        assert!((w[0] - 0.8).abs() < 1e-6);
        sgd(&step, &mut w, &[1.0], &mut v);
        assert!((v[0] - 2.8).abs() < 1e-6 && (w[0] - 0.52).abs() < 1e-6);
    }

    proptest! {
        #[test]
        fn steps_give_the_bits_of_their_scalar_twins(
            values in prop::collection::vec([-2f32..2.0, -2f32..2.0, -2f32..2.0, 0f32..4.0], 0..40),
        ) {
            let column = |c: usize| values.iter().map(|row| row[c]).collect::<Vec<f32>>();
            let (gradient, state) = (column(1), || (column(0), column(2), column(3)));
            let (mut w, mut m, mut v) = state();
            adam(&ADAM, &mut w, &gradient, &mut m, &mut v);
            let (mut w2, mut m2, mut v2) = state();
            adam_scalar(&ADAM, &mut w2, &gradient, &mut m2, &mut v2);
            prop_assert!(same_bits(&w, &w2) && same_bits(&m, &m2) && same_bits(&v, &v2));
            let step = SgdStep { rate: 0.1, momentum: 0.9, weight_decay: 0.01 };
            sgd(&step, &mut w, &gradient, &mut m);
            sgd_scalar(&step, &mut w2, &gradient, &mut m2);
            prop_assert!(same_bits(&w, &w2) && same_bits(&m, &m2));
        }
    }
}
