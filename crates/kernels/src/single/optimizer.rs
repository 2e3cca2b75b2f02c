//! Parameter updates, elementwise.

use super::{slices, thin, vector::Lanes};

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
    slices::update([parameters, means, squares], [gradient], |[parameter, mean, square], [gradient]| {
        adam_lanes(step, [parameter, gradient, mean, square])
    });
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
    slices::update([parameters, velocities], [gradient], |[parameter, velocity], [gradient]| {
        sgd_lanes(step, [parameter, gradient, velocity])
    });
}

/// The scalar twin of [`sgd`].
pub fn sgd_scalar(step: &SgdStep, parameters: &mut [f32], gradient: &[f32], velocities: &mut [f32]) {
    for ((parameter, &gradient), velocity) in parameters.iter_mut().zip(gradient).zip(velocities) {
        [*parameter, *velocity] = sgd_lanes(step, [*parameter, gradient, *velocity]);
    }
}

/// The new parameter; by the gradient of the loss alone if there is no `penalty`.
#[inline(always)]
fn gradient_descent_lanes<L: Lanes>(rate: f32, penalty: Option<f32>, parameter: L, gradient: L) -> L {
    let slope = penalty.map_or(gradient, |weight_decay| gradient + L::splat(weight_decay) * parameter);
    parameter - L::splat(rate) * slope
}

/// A `weight_decay` of 0 is no penalty.
fn penalty(weight_decay: f32) -> Option<f32> {
    (weight_decay != 0.0).then_some(weight_decay)
}

/// One step of gradient descent without a velocity: w ← w − rate · (gradient + `weight_decay` · w). At a `weight_decay` of 0
/// the second term is left out.
///
/// It has the bits of [`sgd`] without momentum, with two exceptions. A parameter of −0 becomes +0 here at a slope of −0
/// too, and stays −0 there; no step turns another number into −0. And where there is no penalty, an infinite parameter
/// stays what it is at a finite gradient, instead of becoming NaN.
pub fn gradient_descent(rate: f32, weight_decay: f32, parameters: &mut [f32], gradient: &[f32]) {
    // A loop for each, that none asks in every step.
    if let Some(weight_decay) = penalty(weight_decay) {
        slices::map_with(parameters, gradient, |parameter, gradient| {
            gradient_descent_lanes(rate, Some(weight_decay), parameter, gradient)
        });
    } else {
        slices::map_with(parameters, gradient, |parameter, gradient| {
            gradient_descent_lanes(rate, None, parameter, gradient)
        });
    }
}

/// [`gradient_descent`] with the gradient x · yᵀ, as one example gives by a matrix of weights: `x` belongs to its rows, `y`
/// to its columns. The gradient is neither written nor read, and the bits are those of
/// [`super::gemm::Gemm::multiply_transposed_left`] with [`gradient_descent`] after it.
pub fn outer_product_descent(rate: f32, weight_decay: f32, parameters: &mut [f32], x: &[f32], y: &[f32]) {
    if let Some(weight_decay) = penalty(weight_decay) {
        thin::map_with_outer_product(x, y, parameters, |parameter, gradient| {
            gradient_descent_lanes(rate, Some(weight_decay), parameter, gradient)
        });
    } else {
        thin::map_with_outer_product(x, y, parameters, |parameter, gradient| {
            gradient_descent_lanes(rate, None, parameter, gradient)
        });
    }
}

/// The scalar twin of [`gradient_descent`].
pub fn gradient_descent_scalar(rate: f32, weight_decay: f32, parameters: &mut [f32], gradient: &[f32]) {
    for (parameter, &gradient) in parameters.iter_mut().zip(gradient) {
        *parameter = gradient_descent_lanes(rate, penalty(weight_decay), *parameter, gradient);
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::single::{
        gemm::{Finish, Gemm, Start, multiply_scalar},
        testing::{numbers, same_bits},
    };
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

    #[test]
    fn without_momentum_a_zero_keeps_its_sign_in_one_case_only() {
        let step = SgdStep { rate: 0.1, momentum: 0.0, weight_decay: 0.5 };
        for (w, gradient) in
            [(0.0, 0.0), (0.0, -0.0), (-0.0, 0.0), (1.0, -0.5), (1e-45, 0.0), (0.05, 0.5), (-0.0, -0.0)]
        {
            let (mut plain, mut with_velocity) = ([w], [w]);
            gradient_descent(step.rate, step.weight_decay, &mut plain, &[gradient]);
            sgd(&step, &mut with_velocity, &[gradient], &mut [0.0]);
            let expected: [f32; 1] =
                if w.to_bits() == gradient.to_bits() && w.is_sign_negative() { [0.0] } else { with_velocity };
            assert!(same_bits(&plain, &expected), "{w} {gradient} {plain:?} {with_velocity:?}");
        }
    }

    #[test]
    fn without_weight_decay_infinite_parameters_stay() {
        let mut w = [f32::INFINITY, f32::NEG_INFINITY, f32::NAN, 1.0, f32::INFINITY];
        gradient_descent(0.5, 0.0, &mut w, &[1.0; 5]);
        assert!(same_bits(&w, &[f32::INFINITY, f32::NEG_INFINITY, f32::NAN, 0.5, f32::INFINITY]));
        gradient_descent(0.5, 1e-3, &mut w, &[1.0; 5]);
        assert!(same_bits(&w[..2], &[f32::NAN; 2]));
    }

    /// Numbers with zeros of both signs among them, and those whose products vanish, overflow and are NaN.
    fn awkward(count: usize, salt: u32) -> Vec<f32> {
        let special = [0.0, -0.0, 1e-30, -1e-30, 1e30, f32::INFINITY, f32::NEG_INFINITY, f32::NAN];
        let mut values = numbers(count, salt);
        for (index, value) in values.iter_mut().enumerate() {
            let draw = (*value + 1.0) * 1e4 % 16.0;
            *value = special.get(draw as usize + usize::from(index % 3 == 0)).copied().unwrap_or(*value);
        }
        values
    }

    #[test]
    fn a_step_along_an_outer_product_has_the_bits_of_the_product_and_a_step_after_it() {
        let sizes = (1..12).chain([15, 16, 17, 31, 32, 33, 35, 36, 37, 40, 41, 67, 68, 69, 100, 131]);
        for (rows, columns) in sizes.clone().flat_map(|rows| sizes.clone().map(move |columns| (rows, columns))) {
            for (make, weight_decay) in [(numbers as fn(usize, u32) -> Vec<f32>, 0.0), (awkward, 0.0), (awkward, 0.01)]
            {
                let (x, y) = (make(rows, 1), make(columns, 2));
                let (mut fused, mut gradient) = (make(rows * columns, 3), vec![f32::NAN; rows * columns]);
                let mut apart = fused.clone();
                outer_product_descent(0.1, weight_decay, &mut fused, &x, &y);
                let mut gemm = Gemm::new(1);
                gemm.multiply_transposed_left([rows, 1, columns], &x, &y, &mut gradient, Start::Zero);
                gradient_descent(0.1, weight_decay, &mut apart, &gradient);
                assert!(same_bits(&fused, &apart), "{rows} × {columns}, {weight_decay}");
                multiply_scalar([rows, 1, columns], |i, _| x[i], |_, j| y[j], &mut gradient, Start::Zero, Finish::Keep);
                let mut twin = make(rows * columns, 3);
                gradient_descent_scalar(0.1, weight_decay, &mut twin, &gradient);
                assert!(same_bits(&fused, &twin), "{rows} × {columns}, {weight_decay}");
            }
        }
    }

    proptest! {
        #[test]
        fn gradient_descent_is_sgd_without_momentum(
            values in prop::collection::vec([-2f32..2.0, -2f32..2.0, -2f32..2.0], 0..40),
        ) {
            let column = |c: usize| values.iter().map(|row| row[c]).collect::<Vec<f32>>();
            let (mut plain, mut twin, mut with_velocity, mut velocity) = (column(0), column(0), column(0), column(1));
            let step = SgdStep { rate: 0.1, momentum: 0.0, weight_decay: 0.01 };
            gradient_descent(step.rate, step.weight_decay, &mut plain, &column(2));
            gradient_descent_scalar(step.rate, step.weight_decay, &mut twin, &column(2));
            sgd(&step, &mut with_velocity, &column(2), &mut velocity);
            prop_assert!(same_bits(&plain, &twin) && same_bits(&plain, &with_velocity));
        }

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
