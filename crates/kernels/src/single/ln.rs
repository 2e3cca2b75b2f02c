//! The natural logarithm.
//!
//! 1. x = 2ᵏ m with m in [√½, √2), read off the bits; subnormals are scaled up first.
//! 2. f = m − 1, s = f / (2 + f), ln m = 2 artanh s = 2 s + s R with R = ⅔ s² + ⅖ s⁴ + …, cut where the next term
//!    is below 3 · 10⁻⁹ s. Written as f − (½ f² − s (½ f² + R)), it keeps the leading term f exact.
//! 3. ln x = k ln 2 + ln m, with ln 2 in two parts.
//!
//! Error: at most 0.86 ulp (tested against `f64` at every number), subnormal arguments included. ln 1 = 0, ln ±0 = −∞,
//! ln ∞ = ∞; NaN and negative numbers give NaN.

use super::{
    exp::{LN2_HIGH, LN2_LOW},
    slices,
    vector::Lanes,
};

/// 2 / 9, 2 / 7, 2 / 5, 2 / 3.
const SERIES: [f32; 4] = [2.0 / 9.0, 2.0 / 7.0, 2.0 / 5.0, 2.0 / 3.0];
const SUBNORMAL_SCALE: f32 = 8_388_608.0;
const SUBNORMAL_EXPONENT: f32 = -23.0;

#[inline(always)]
pub(super) fn lanes<L: Lanes>(x: L) -> L {
    let zero = L::splat(0.0);
    let subnormal = x.less(L::splat(f32::MIN_POSITIVE));
    let scaled = subnormal.select(x * L::splat(SUBNORMAL_SCALE), x);
    let exponent = scaled.sub_bits(L::splat(core::f32::consts::FRAC_1_SQRT_2)).shift_right::<23>();
    let m = scaled.sub_bits(exponent.shift_left::<23>());
    let k = exponent.integer_to_number() + subnormal.select(L::splat(SUBNORMAL_EXPONENT), zero);
    let f = m - L::splat(1.0);
    let s = f / (L::splat(2.0) + f);
    let z = s * s;
    let mut series = L::splat(SERIES[0]);
    for coefficient in &SERIES[1..] {
        series = series * z + L::splat(*coefficient);
    }
    let half = L::splat(0.5) * f * f;
    let correction = s * (half + series * z) + k * L::splat(LN2_LOW);
    let value = k * L::splat(LN2_HIGH) - ((half - correction) - f);
    let outside = x.less(zero).select(L::splat(f32::NAN), L::splat(f32::NEG_INFINITY));
    let value = zero.less(x).select(value, outside);
    x.less(L::splat(f32::INFINITY)).select(value, x)
}

/// `x = ln x`, elementwise.
pub fn ln(x: &mut [f32]) {
    slices::map(x, lanes);
}

/// The scalar twin of [`ln`].
pub fn ln_scalar(x: &mut [f32]) {
    for x in x {
        *x = lanes(*x);
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::single::testing::{Function, same_bits};
    use proptest::prelude::*;

    const BOUND: f64 = 0.86;
    const LN: Function = Function { kernel: ln, twin: ln_scalar, exact: libm::log };

    #[test]
    fn ln_keeps_to_its_bound_over_all_positive_numbers() {
        LN.check(
            BOUND,
            &[1.0, core::f32::consts::FRAC_1_SQRT_2, core::f32::consts::SQRT_2, f32::MIN_POSITIVE, f32::MAX, 0.0],
        );
    }

    #[test]
    fn ln_outside_the_positive_numbers_says_so() {
        let mut x = [1.0, 0.0, -0.0, f32::INFINITY, -1.0, f32::NEG_INFINITY, f32::NAN];
        ln(&mut x);
        assert_eq!(x[..4], [0.0, f32::NEG_INFINITY, f32::NEG_INFINITY, f32::INFINITY]);
        assert!(x[4..].iter().all(|v| v.is_nan()));
    }

    proptest! {
        #[test]
        fn ln_gives_the_bits_of_its_scalar_twin(mut x in prop::collection::vec(any::<u32>().prop_map(f32::from_bits), 0..40)) {
            let mut twin = x.clone();
            ln(&mut x);
            ln_scalar(&mut twin);
            prop_assert!(same_bits(&x, &twin));
        }
    }
}
