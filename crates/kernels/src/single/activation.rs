//! Activation functions and their derivatives.

use super::{slices, vector::Lanes};

#[inline(always)]
fn relu_lanes<L: Lanes>(x: L) -> L {
    // The argument stands second, so that a NaN stays one.
    L::splat(0.0).maximum(x)
}

#[inline(always)]
fn relu_gradient_lanes<L: Lanes>(gradient: L, output: L) -> L {
    L::splat(0.0).less(output).and_bits(gradient)
}

/// `x = max(x, 0)`, elementwise. A NaN stays one.
pub fn relu(x: &mut [f32]) {
    slices::map(x, relu_lanes);
}

/// The scalar twin of [`relu`].
pub fn relu_scalar(x: &mut [f32]) {
    for x in x {
        *x = relu_lanes(*x);
    }
}

/// The gradient before a rectifier from the gradient after it: kept where the rectifier's output is positive, zero elsewhere
/// (the derivative at 0 is taken as 0).
pub fn relu_gradient(gradient: &mut [f32], output: &[f32]) {
    slices::map_with(gradient, output, relu_gradient_lanes);
}

/// The scalar twin of [`relu_gradient`].
pub fn relu_gradient_scalar(gradient: &mut [f32], output: &[f32]) {
    for (gradient, &output) in gradient.iter_mut().zip(output) {
        *gradient = relu_gradient_lanes(*gradient, output);
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::single::ln::tests::same_bits;
    use proptest::prelude::*;

    #[test]
    fn relu_keeps_positive_numbers_and_nan_and_passes_gradients_where_it_is_positive() {
        let mut x = [-1.0, 0.0, 2.0, f32::NAN, 3.0];
        relu(&mut x);
        assert!(same_bits(&x, &[0.0, 0.0, 2.0, f32::NAN, 3.0]));
        let mut gradient = [5.0, 6.0, 7.0, 8.0, -9.0];
        relu_gradient(&mut gradient, &x);
        assert_eq!(gradient, [0.0, 0.0, 7.0, 0.0, -9.0]);
    }

    proptest! {
        #[test]
        fn relu_and_its_gradient_give_the_bits_of_their_scalar_twins(
            pairs in prop::collection::vec((any::<f32>(), any::<f32>()), 0..40),
        ) {
            let (mut x, mut gradient): (Vec<f32>, Vec<f32>) = pairs.into_iter().unzip();
            let (mut twin, mut gradient_twin) = (x.clone(), gradient.clone());
            relu(&mut x);
            relu_scalar(&mut twin);
            prop_assert!(same_bits(&x, &twin));
            relu_gradient(&mut gradient, &x);
            relu_gradient_scalar(&mut gradient_twin, &x);
            prop_assert!(same_bits(&gradient, &gradient_twin));
        }
    }
}
