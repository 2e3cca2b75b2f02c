//! The hyperbolic tangent.
//!
//! 1. y = −2 |x|, cut at −20, where the result has long been 1.
//! 2. y = n ln 2 + r and p = eʳ − 1, as for [`exp`](mod@super::exp).
//! 3. t = e^y − 1 = 2ⁿ p + (2ⁿ − 1). Near zero n is 0 and t = p, so that nothing cancels.
//! 4. tanh |x| = −t / (2 + t), and the sign of x.
//!
//! Error: at most 2.5 ulp (tested against `f64` at every number). The function is odd to the last bit. Subnormal numbers and
//! zeros are their own tangents, infinities give ±1, NaN gives NaN.

use super::{
    exp::{power_of_two, reduce},
    slices,
    vector::Lanes,
};

/// The greatest −2 |x| beyond which the result is ±1 in every case.
const RANGE: f32 = -20.0;
const SIGN: u32 = 1 << 31;

#[inline(always)]
pub(super) fn lanes<L: Lanes>(x: L) -> L {
    let magnitude = x.and_bits(L::splat_bits(!SIGN));
    // A NaN falls through, because it stands second.
    let y = L::splat(RANGE).maximum(magnitude * L::splat(-2.0));
    let (n, p) = reduce(y);
    let power = power_of_two(n);
    let t = power * p + (power - L::splat(1.0));
    L::splat_bits(SIGN).select(x, t / (L::splat(-2.0) - t))
}

/// The gradient before a hyperbolic tangent: (1 − y) (1 + y), more exact than 1 − y² where y is close to ±1.
#[inline(always)]
fn gradient_lanes<L: Lanes>(gradient: L, output: L) -> L {
    let one = L::splat(1.0);
    gradient * ((one - output) * (one + output))
}

/// `x = tanh x`, elementwise.
pub fn tanh(x: &mut [f32]) {
    slices::map(x, lanes);
}

/// The scalar twin of [`tanh`].
pub fn tanh_scalar(x: &mut [f32]) {
    for x in x {
        *x = lanes(*x);
    }
}

/// The gradient before a hyperbolic tangent from the gradient after it and the tangent's output y: times 1 − y².
///
/// Error: a relative 2⁻²² at most, four roundings, unless the result is subnormal.
pub fn tanh_gradient(gradient: &mut [f32], output: &[f32]) {
    slices::map_with(gradient, output, gradient_lanes);
}

/// The scalar twin of [`tanh_gradient`].
pub fn tanh_gradient_scalar(gradient: &mut [f32], output: &[f32]) {
    for (gradient, &output) in gradient.iter_mut().zip(output) {
        *gradient = gradient_lanes(*gradient, output);
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::single::testing::{Function, same_bits};
    use proptest::prelude::*;

    const TANH: Function = Function { kernel: tanh, twin: tanh_scalar, exact: libm::tanh };
    const BOUND: f64 = 2.5;

    #[test]
    fn tanh_keeps_to_its_bound() {
        TANH.check(BOUND, &[0.0, -0.0, f32::MIN_POSITIVE, 0.173_286_8, 0.519_860_4, 9.010_913, 10.0, -10.0]);
    }

    #[test]
    fn tanh_is_odd_to_the_last_bit() {
        for bits in (0..=f32::INFINITY.to_bits() - 3).step_by(4 * 251) {
            let x: [f32; 4] = core::array::from_fn(|lane| f32::from_bits(bits + lane as u32));
            let (mut positive, mut negative) = (x, x.map(|x| -x));
            tanh(&mut positive);
            tanh(&mut negative);
            assert!(same_bits(&positive, &negative.map(|y| -y)), "{x:?}");
        }
    }

    #[test]
    fn tanh_of_the_extremes_is_exact() {
        let mut x = [f32::INFINITY, f32::NEG_INFINITY, f32::MAX, f32::MIN, 10.0, -10.0, f32::NAN];
        tanh(&mut x);
        assert_eq!(x[..6], [1.0, -1.0, 1.0, -1.0, 1.0, -1.0]);
        assert!(x[6].is_nan());
        let mut x = [0.0, -0.0, 1e-45, -1e-45, 1e-40, -3e-39, f32::MIN_POSITIVE];
        let old = x;
        tanh(&mut x);
        assert!(same_bits(&x, &old));
    }

    proptest! {
        #[test]
        fn tanh_and_its_gradient_give_the_bits_of_their_scalar_twins(
            pairs in prop::collection::vec((any::<u32>().prop_map(f32::from_bits), any::<u32>().prop_map(f32::from_bits)), 0..40),
        ) {
            let (mut x, mut gradient): (Vec<f32>, Vec<f32>) = pairs.into_iter().unzip();
            let (mut twin, mut gradient_twin) = (x.clone(), gradient.clone());
            tanh(&mut x);
            tanh_scalar(&mut twin);
            prop_assert!(same_bits(&x, &twin));
            tanh_gradient(&mut gradient, &x);
            tanh_gradient_scalar(&mut gradient_twin, &x);
            prop_assert!(same_bits(&gradient, &gradient_twin));
        }

        #[test]
        fn tanh_is_odd(x: u32) {
            let x = f32::from_bits(x);
            let mut pair = [x, -x];
            tanh(&mut pair);
            prop_assert!(same_bits(&[pair[0]], &[-pair[1]]));
        }

        #[test]
        fn the_gradient_of_tanh_is_its_slope(gradient in -3f32..3.0, y in -1f32..=1.0) {
            let mut value = [gradient];
            tanh_gradient(&mut value, &[y]);
            let exact = f64::from(gradient) * (1.0 - f64::from(y)) * (1.0 + f64::from(y));
            prop_assert!((f64::from(value[0]) - exact).abs() <= exact.abs() * (2.0 * f64::from(f32::EPSILON)));
        }
    }
}
