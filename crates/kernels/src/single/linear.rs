//! Multiples and sums of vectors, elementwise.

use super::{F32x4, slices, vector::Lanes};

/// `y = y + a x`, elementwise: two roundings, of the product and of the sum.
pub fn axpy(a: f32, x: &[f32], y: &mut [f32]) {
    let a = F32x4::splat(a);
    slices::map_with(y, x, |y, x| y + a * x);
}

/// The scalar twin of [`axpy`].
pub fn axpy_scalar(a: f32, x: &[f32], y: &mut [f32]) {
    for (y, &x) in y.iter_mut().zip(x) {
        *y += a * x;
    }
}

/// `x = a x`, elementwise: one rounding.
pub fn scale(a: f32, x: &mut [f32]) {
    let a = F32x4::splat(a);
    slices::map(x, |x| a * x);
}

/// The scalar twin of [`scale`].
pub fn scale_scalar(a: f32, x: &mut [f32]) {
    for x in x {
        *x *= a;
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::single::testing::same_bits;
    use proptest::prelude::*;

    #[test]
    fn products_and_sums_are_rounded_apart() {
        // Fused, the sum would be what the product's rounding takes away, ε².
        let x = 1.0 + f32::EPSILON;
        let mut y = [-(x * x); 5];
        axpy(x, &[x; 5], &mut y);
        assert_eq!(y, [0.0; 5]);
    }

    proptest! {
        #[test]
        fn multiples_and_sums_give_the_bits_of_their_scalar_twins(
            pairs in prop::collection::vec((any::<f32>(), any::<f32>()), 0..40), a: f32,
        ) {
            let (mut x, mut y): (Vec<f32>, Vec<f32>) = pairs.into_iter().unzip();
            let (mut x_twin, mut y_twin) = (x.clone(), y.clone());
            axpy(a, &x, &mut y);
            axpy_scalar(a, &x, &mut y_twin);
            prop_assert!(same_bits(&y, &y_twin));
            scale(a, &mut x);
            scale_scalar(a, &mut x_twin);
            prop_assert!(same_bits(&x, &x_twin));
        }
    }
}
