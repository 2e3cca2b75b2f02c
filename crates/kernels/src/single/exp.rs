//! The exponential function.
//!
//! 1. `n` = the integer nearest to x / ln 2, by adding and subtracting 1.5 · 2²³.
//! 2. r = x − n ln 2 in [−½ ln 2, ½ ln 2], with ln 2 in two parts, so that the leading product is exact.
//! 3. eʳ by its Taylor polynomial of degree 7, whose remainder is below 6 · 10⁻⁹.
//! 4. eˣ = eʳ 2ⁿ, with 2ⁿ in two factors, so that results among the subnormals and beyond the greatest number come
//!    out by ordinary rounding.
//!
//! Error: at most 1.03 ulp (tested against `f64` at every number), results among the subnormals included. From 88.72284 on
//! the result is infinity, below −103.972 zero; infinities go there too, and NaN gives NaN.

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

/// x in two parts, eˣ = 2ⁿ (1 + p): the integer n, as bits, and p = eʳ − 1 in [√½ − 1, √2 − 1], to within an ulp of p
/// where n = 0. |x| is below 2²¹.
#[inline(always)]
pub(super) fn reduce<L: Lanes>(x: L) -> (L, L) {
    let shifted = x * L::splat(core::f32::consts::LOG2_E) + L::splat(ROUND);
    let n = shifted - L::splat(ROUND);
    let r = x - n * L::splat(LN2_HIGH) - n * L::splat(LN2_LOW);
    let mut series = L::splat(TAYLOR[0]);
    for coefficient in &TAYLOR[1..] {
        series = series * r + L::splat(*coefficient);
    }
    (shifted.sub_bits(L::splat(ROUND)), r + r * r * series)
}

/// 2ⁿ for an integer n in [−126, 127], given as bits.
#[inline(always)]
pub(super) fn power_of_two<L: Lanes>(n: L) -> L {
    n.add_bits(L::splat_bits(EXPONENT_BIAS)).shift_left::<23>()
}

#[inline(always)]
pub(super) fn lanes<L: Lanes>(x: L) -> L {
    // A NaN falls through both comparisons, because it stands second.
    let x = L::splat(RANGE[1]).minimum(x);
    let x = L::splat(RANGE[0]).maximum(x);
    let (n, p) = reduce(x);
    let half = n.shift_right::<1>();
    (L::splat(1.0) + p) * power_of_two(half) * power_of_two(n.sub_bits(half))
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
    use crate::single::testing::{Function, same_bits};
    use proptest::prelude::*;

    const BOUND: f64 = 1.03;
    const EXP: Function = Function { kernel: exp, twin: exp_scalar, exact: libm::exp };

    #[test]
    fn exp_keeps_to_its_bound_from_subnormals_to_overflow() {
        EXP.check(BOUND, &[0.0, -0.0, 0.346_573_6, -0.346_573_6, 88.722_84, -87.336_54, -103.972_08, 89.0, -104.0]);
    }

    #[test]
    fn exp_of_the_extremes_is_exact() {
        let mut x = [0.0, -0.0, f32::INFINITY, f32::NEG_INFINITY, 89.0, -104.0, f32::MAX, f32::MIN, f32::NAN];
        exp(&mut x);
        assert_eq!(x[..8], [1.0, 1.0, f32::INFINITY, 0.0, f32::INFINITY, 0.0, f32::INFINITY, 0.0]);
        assert!(x[8].is_nan());
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
