//! The exponential function.
//!
//! 1. `n` = the integer nearest to x / ln 2, by adding and subtracting 1.5 · 2²³.
//! 2. r = x − n ln 2 in [−½ ln 2, ½ ln 2], with ln 2 in two parts, so that the leading product is exact.
//! 3. eʳ by its Taylor polynomial of degree 7, whose remainder is below 6 · 10⁻⁹.
//! 4. eˣ = eʳ 2ⁿ, with 2ⁿ in two factors, so that results among the denormals and beyond the greatest number come
//!    out by ordinary rounding.
//!
//! Error: at most 1 ulp (tested against `f64` over the whole range). NaN gives NaN.

use super::{slices, vector::Lanes};

/// ln 2 to nine bits: its product with an integer of eight bits is exact.
pub(super) const LN2_HIGH: f32 = 355.0 / 512.0;
/// ln 2 − [`LN2_HIGH`].
pub(super) const LN2_LOW: f32 = -2.121_944_4e-4;
/// 1.5 · 2²³: the last bit of numbers of this size counts ones.
const ROUND: f32 = 12_582_912.0;
/// 1 / k! for k = 7, 6, …, 2.
const TAYLOR: [f32; 6] = [1.0 / 5040.0, 1.0 / 720.0, 1.0 / 120.0, 1.0 / 24.0, 1.0 / 6.0, 0.5];
/// Beyond these the result is infinity or zero.
const RANGE: [f32; 2] = [-104.0, 89.0];
const EXPONENT_BIAS: u32 = 127;

#[inline(always)]
pub(super) fn lanes<L: Lanes>(x: L) -> L {
    // A NaN falls through both comparisons, because it stands second.
    let x = L::splat(RANGE[1]).minimum(x);
    let x = L::splat(RANGE[0]).maximum(x);
    let shifted = x * L::splat(core::f32::consts::LOG2_E) + L::splat(ROUND);
    let n = shifted - L::splat(ROUND);
    let r = x - n * L::splat(LN2_HIGH) - n * L::splat(LN2_LOW);
    let mut series = L::splat(TAYLOR[0]);
    for coefficient in &TAYLOR[1..] {
        series = series * r + L::splat(*coefficient);
    }
    let mantissa = L::splat(1.0) + (r + r * r * series);
    let exponent = shifted.sub_bits(L::splat(ROUND));
    let half = exponent.shift_right::<1>();
    let power = |n: L| n.add_bits(L::splat_bits(EXPONENT_BIAS)).shift_left::<23>();
    mantissa * power(half) * power(exponent.sub_bits(half))
}

/// `x = eˣ`, elementwise.
pub fn exp(x: &mut [f32]) {
    slices::map(x, lanes);
}

/// The scalar twin of [`exp`].
pub fn exp_scalar(x: &mut [f32]) {
    for x in x {
        *x = lanes(*x);
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::single::ln::tests::{greatest_error, same_bits};
    use proptest::prelude::*;

    #[test]
    fn exp_is_within_one_ulp_from_denormals_to_overflow() {
        let (min, max) = (-103.0f32, 88.72);
        let points = (0..=2_000_000).map(|k| min + (max - min) * (k as f32 / 2e6));
        let error = greatest_error(points, exp, libm::exp);
        assert!(error <= 1.0, "{error} ulp");
    }

    #[test]
    fn exp_of_the_extremes_is_exact() {
        let mut x = [0.0, -0.0, f32::INFINITY, f32::NEG_INFINITY, 89.0, -104.0, f32::NAN];
        exp(&mut x);
        assert_eq!(x[..6], [1.0, 1.0, f32::INFINITY, 0.0, f32::INFINITY, 0.0]);
        assert!(x[6].is_nan());
    }

    proptest! {
        #[test]
        fn exp_gives_the_bits_of_its_scalar_twin(mut x in prop::collection::vec(any::<u32>().prop_map(f32::from_bits), 0..40)) {
            let mut twin = x.clone();
            exp(&mut x);
            exp_scalar(&mut twin);
            prop_assert!(same_bits(&x, &twin));
        }
    }
}
