//! The natural logarithm.
//!
//! 1. x = 2ᵏ m with m in [√½, √2), read off the bits; denormals are scaled up first.
//! 2. f = m − 1, s = f / (2 + f), ln m = 2 artanh s = 2 s + s R with R = ⅔ s² + ⅖ s⁴ + …, cut where the next term
//!    is below 3 · 10⁻⁹ s. Written as f − (½ f² − s (½ f² + R)), it keeps the leading term f exact.
//! 3. ln x = k ln 2 + ln m, with ln 2 in two parts.
//!
//! Error: at most 1 ulp (tested against `f64`). ln 0 = −∞; NaN and negative numbers give NaN.

use super::{
    exp::{LN2_HIGH, LN2_LOW},
    slices,
    vector::Lanes,
};

/// 2 / 9, 2 / 7, 2 / 5, 2 / 3.
const SERIES: [f32; 4] = [2.0 / 9.0, 2.0 / 7.0, 2.0 / 5.0, 2.0 / 3.0];
const DENORMAL_SCALE: f32 = 8_388_608.0;
const DENORMAL_EXPONENT: f32 = -23.0;

#[inline(always)]
pub(super) fn lanes<L: Lanes>(x: L) -> L {
    let zero = L::splat(0.0);
    let denormal = x.less(L::splat(f32::MIN_POSITIVE));
    let scaled = denormal.select(x * L::splat(DENORMAL_SCALE), x);
    let exponent = scaled.sub_bits(L::splat(core::f32::consts::FRAC_1_SQRT_2)).shift_right::<23>();
    let m = scaled.sub_bits(exponent.shift_left::<23>());
    let k = exponent.integer_to_number() + denormal.select(L::splat(DENORMAL_EXPONENT), zero);
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
pub(super) mod tests {
    use super::*;
    use proptest::prelude::*;

    /// The greatest distance of `kernel` from `exact`, in units of the last place of the exact result.
    pub fn greatest_error(points: impl Iterator<Item = f32>, kernel: fn(&mut [f32]), exact: fn(f64) -> f64) -> f64 {
        let points: Vec<f32> = points.collect();
        let mut values = points.clone();
        kernel(&mut values);
        let ulp = |exact: f64| {
            let near = (exact as f32).abs().max(f32::MIN_POSITIVE);
            f64::from(f32::from_bits(near.to_bits() + 1)) - f64::from(near)
        };
        let errors = points.iter().zip(&values).map(|(&x, &value)| {
            let exact = exact(f64::from(x));
            (f64::from(value) - exact).abs() / ulp(exact)
        });
        errors.fold(0.0, f64::max)
    }

    /// Equality of bits, any NaN being like any other.
    pub fn same_bits(a: &[f32], b: &[f32]) -> bool {
        let same = |(a, b): (&f32, &f32)| a.to_bits() == b.to_bits() || a.is_nan() && b.is_nan();
        a.len() == b.len() && a.iter().zip(b).all(same)
    }

    #[test]
    fn ln_is_within_one_ulp_over_all_positive_numbers() {
        let everywhere = (1..f32::INFINITY.to_bits()).step_by(1009).map(f32::from_bits);
        let near_one = (0..1_000_000).map(|k| 0.5 + k as f32 * 1.5e-6);
        let error = greatest_error(everywhere.chain(near_one), ln, libm::log);
        assert!(error <= 1.0, "{error} ulp");
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
