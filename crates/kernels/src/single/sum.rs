//! Sums and norms with a fixed order.
//!
//! Sixteen partial sums: term `i` goes to partial sum `i mod 16`, in the order of the terms, and at the end the partial sums
//! are brought together, halves onto halves. A term thus passes at most ⌈n / 16⌉ + 3 additions, so that with u = 2⁻²⁴
//! the sum of n terms errs by at most (⌈n / 16⌉ + 3) u Σ |term|, to first order in u (Higham 2002, §4.2), and by as much more
//! as the terms themselves were rounded. Only [`column_sums`] adds one after the other. Infinities and NaNs among the
//! numbers end up in the sum as in any order; a partial sum beyond the greatest number is infinite.

use super::{F32x4, slices::load_part, vector::Lanes};

const PARTS: usize = 16;
/// Vectors of partial sums.
const VECTORS: usize = PARTS / F32x4::LANES;
const ABSOLUTE: u32 = !(1 << 31);

/// `parts[i mod 16] = add(parts[i mod 16], x[i], y[i])` for each i in order, beginning at zero. A pair of zeros changes
/// nothing.
#[inline(always)]
fn gather(x: &[f32], y: &[f32], add: impl Fn(F32x4, F32x4, F32x4) -> F32x4) -> [F32x4; VECTORS] {
    assert!(x.len() == y.len(), "slices of one length");
    let mut parts = [F32x4::splat(0.0); VECTORS];
    let whole = x.len() - x.len() % PARTS;
    let mut at = 0;
    while at < whole {
        for (part, first) in parts.iter_mut().zip((at..).step_by(F32x4::LANES)) {
            // SAFETY: both slices hold at least `whole` numbers, and `first + 4 <= at + 16 <= whole`.
            let (x, y) = unsafe { (F32x4::load(x.as_ptr().add(first)), F32x4::load(y.as_ptr().add(first))) };
            *part = add(*part, x, y);
        }
        at += PARTS;
    }
    let tails = x[whole..].chunks(F32x4::LANES).zip(y[whole..].chunks(F32x4::LANES));
    for (part, (x, y)) in parts.iter_mut().zip(tails) {
        *part = add(*part, load_part(x), load_part(y));
    }
    parts
}

fn gather_scalar(x: &[f32], y: &[f32], add: impl Fn(f32, f32, f32) -> f32) -> [f32; PARTS] {
    let mut parts = [0.0; PARTS];
    for (index, (&x, &y)) in x.iter().zip(y).enumerate() {
        parts[index % PARTS] = add(parts[index % PARTS], x, y);
    }
    parts
}

/// Halves onto halves, until one lane is left.
#[inline(always)]
fn together(
    [a, b, c, d]: [F32x4; VECTORS],
    join: impl Fn(f32, f32) -> f32,
    joins: impl Fn(F32x4, F32x4) -> F32x4,
) -> f32 {
    let [e, f, g, h] = joins(joins(a, c), joins(b, d)).to_array();
    join(join(e, g), join(f, h))
}

fn together_scalar(mut parts: [f32; PARTS], join: impl Fn(f32, f32) -> f32) -> f32 {
    let mut width = PARTS / 2;
    while width > 0 {
        for part in 0..width {
            parts[part] = join(parts[part], parts[part + width]);
        }
        width /= 2;
    }
    parts[0]
}

#[inline(always)]
fn sum_with(x: &[f32], y: &[f32], term: impl Fn(F32x4, F32x4) -> F32x4) -> f32 {
    // Partial sums begin at +0 and so are never −0: adding the zeros beyond the end keeps their bits.
    together(gather(x, y, |part, x, y| part + term(x, y)), |a, b| a + b, |a, b| a + b)
}

fn sum_scalar_with(x: &[f32], y: &[f32], term: impl Fn(f32, f32) -> f32) -> f32 {
    together_scalar(gather_scalar(x, y, |part, x, y| part + term(x, y)), |a, b| a + b)
}

#[inline(always)]
fn absolute<L: Lanes>(x: L) -> L {
    x.and_bits(L::splat_bits(ABSOLUTE))
}

/// The greater of two numbers without signs, a NaN being greater than all: their order is that of their bits.
#[inline(always)]
fn greater<L: Lanes>(a: L, b: L) -> L {
    b.sub_bits(a).shift_right::<31>().select(a, b)
}

/// Σ x.
pub fn sum(x: &[f32]) -> f32 {
    sum_with(x, x, |x, _| x)
}

/// The scalar twin of [`sum`].
pub fn sum_scalar(x: &[f32]) -> f32 {
    sum_scalar_with(x, x, |x, _| x)
}

/// Σ x y, the inner product of two slices of one length. Error: at most (⌈n / 16⌉ + 4) u Σ |x y|.
pub fn dot(x: &[f32], y: &[f32]) -> f32 {
    sum_with(x, y, |x, y| x * y)
}

/// The scalar twin of [`dot`].
pub fn dot_scalar(x: &[f32], y: &[f32]) -> f32 {
    sum_scalar_with(x, y, |x, y| x * y)
}

/// ‖x‖₂² = Σ x². Error: a relative (⌈n / 16⌉ + 4) u at most.
pub fn squared_norm(x: &[f32]) -> f32 {
    sum_with(x, x, |x, _| x * x)
}

/// The scalar twin of [`squared_norm`].
pub fn squared_norm_scalar(x: &[f32]) -> f32 {
    sum_scalar_with(x, x, |x, _| x * x)
}

/// ‖x‖₁ = Σ |x|. Error: a relative (⌈n / 16⌉ + 3) u at most.
pub fn l1_norm(x: &[f32]) -> f32 {
    sum_with(x, x, |x, _| absolute(x))
}

/// The scalar twin of [`l1_norm`].
pub fn l1_norm_scalar(x: &[f32]) -> f32 {
    sum_scalar_with(x, x, |x, _| absolute(x))
}

/// ‖x‖∞ = max |x|, exact; 0 of nothing, NaN if there is one.
pub fn max_norm(x: &[f32]) -> f32 {
    together(gather(x, x, |part, x, _| greater(part, absolute(x))), greater, greater)
}

/// The scalar twin of [`max_norm`].
pub fn max_norm_scalar(x: &[f32]) -> f32 {
    together_scalar(gather_scalar(x, x, |part, x, _| greater(part, absolute(x))), greater)
}

/// The sum of each column of a row-major matrix with `sums.len()` columns, added up from the first row down, beginning at
/// zero. Error: at most (rows − 1) u Σ |entry of the column|, to first order in u.
pub fn column_sums(matrix: &[f32], sums: &mut [f32]) {
    let columns = sums.len();
    assert!(matrix.is_empty() || columns > 0 && matrix.len().is_multiple_of(columns), "whole rows");
    match columns {
        0 => {}
        1 => few_column_sums::<1>(matrix, sums),
        2 => few_column_sums::<2>(matrix, sums),
        3 => few_column_sums::<3>(matrix, sums),
        _ => {
            const WIDE: usize = 8;
            const NARROW: usize = 4;
            let mut first = 0;
            while columns - first >= WIDE * F32x4::LANES {
                panel_sums::<WIDE>(matrix, sums, |vector| first + vector * F32x4::LANES);
                first += WIDE * F32x4::LANES;
            }
            while first < columns {
                // Vectors that would reach beyond the last column add up the last four once more.
                panel_sums::<NARROW>(matrix, sums, |vector| {
                    (first + vector * F32x4::LANES).min(columns - F32x4::LANES)
                });
                first += NARROW * F32x4::LANES;
            }
        }
    }
}

/// The sums of `V` vectors of columns; vector `v` begins at column `column(v)`.
#[inline(always)]
fn panel_sums<const V: usize>(matrix: &[f32], sums: &mut [f32], column: impl Fn(usize) -> usize) {
    let columns = sums.len();
    let offsets: [usize; V] = core::array::from_fn(column);
    assert!(offsets.iter().all(|offset| offset + F32x4::LANES <= columns), "a vector lies within a row");
    let mut totals = [F32x4::splat(0.0); V];
    for row in matrix.chunks_exact(columns) {
        for (total, offset) in totals.iter_mut().zip(offsets) {
            // SAFETY: a row holds `columns` numbers, and `offset + 4 <= columns`.
            *total = *total + unsafe { F32x4::load(row.as_ptr().add(offset)) };
        }
    }
    for (total, offset) in totals.into_iter().zip(offsets) {
        sums[offset..offset + F32x4::LANES].copy_from_slice(&total.to_array());
    }
}

/// The sums of fewer columns than a vector has lanes.
fn few_column_sums<const C: usize>(matrix: &[f32], sums: &mut [f32]) {
    let mut totals = [0.0; C];
    for row in matrix.as_chunks::<C>().0 {
        for (total, x) in totals.iter_mut().zip(row) {
            *total += x;
        }
    }
    sums.copy_from_slice(&totals);
}

/// The scalar twin of [`column_sums`].
pub fn column_sums_scalar(matrix: &[f32], sums: &mut [f32]) {
    let columns = sums.len();
    for (column, sum) in sums.iter_mut().enumerate() {
        *sum = matrix.iter().skip(column).step_by(columns).fold(0.0, |sum, x| sum + x);
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::single::testing::{numbers, same_bits};
    use proptest::prelude::*;

    #[test]
    fn sums_of_small_integers_are_exact() {
        let x: Vec<f32> = (1..=101u8).map(|k| f32::from(k) * if k % 2 == 0 { -1.0 } else { 1.0 }).collect();
        assert_eq!([sum(&x), l1_norm(&x), max_norm(&x)], [51.0, 5151.0, 101.0]);
        assert_eq!([dot(&x, &x), squared_norm(&x)], [348_551.0; 2]);
        let mut sums = [0.0; 2];
        column_sums(&x[..6], &mut sums);
        assert_eq!(sums, [9.0, -12.0]);
    }

    #[test]
    fn sums_of_nothing_are_zero() {
        assert_eq!([sum(&[]), l1_norm(&[]), squared_norm(&[]), max_norm(&[])], [0.0; 4]);
        let mut sums = [5.0; 7];
        column_sums(&[], &mut sums);
        assert_eq!(sums, [0.0; 7]);
        column_sums(&[], &mut []);
    }

    #[test]
    fn one_nan_anywhere_is_in_every_norm_and_outdoes_infinity() {
        for place in 0..40 {
            let mut x = [f32::NEG_INFINITY; 40];
            assert_eq!([l1_norm(&x), squared_norm(&x), max_norm(&x)], [f32::INFINITY; 3]);
            x[place] = -f32::NAN;
            assert!([sum(&x), l1_norm(&x), squared_norm(&x), max_norm(&x)].iter().all(|norm| norm.is_nan()));
        }
    }

    proptest! {
        #[test]
        fn sums_give_the_bits_of_their_scalar_twins(
            pairs in prop::collection::vec((any::<u32>().prop_map(f32::from_bits), any::<f32>()), 0..120),
        ) {
            let (x, y): (Vec<f32>, Vec<f32>) = pairs.into_iter().unzip();
            let kernels = [sum(&x), dot(&x, &y), squared_norm(&y), l1_norm(&y), max_norm(&x), max_norm(&y)];
            let twins = [
                sum_scalar(&x),
                dot_scalar(&x, &y),
                squared_norm_scalar(&y),
                l1_norm_scalar(&y),
                max_norm_scalar(&x),
                max_norm_scalar(&y),
            ];
            prop_assert!(same_bits(&kernels, &twins), "{kernels:?} {twins:?}");
        }

        #[test]
        fn column_sums_give_the_bits_of_their_scalar_twin(rows in 0usize..12, columns in 1usize..90, salt: u32) {
            let matrix = numbers(rows * columns, salt);
            let (mut sums, mut twin) = (vec![f32::NAN; columns], vec![f32::NAN; columns]);
            column_sums(&matrix, &mut sums);
            column_sums_scalar(&matrix, &mut twin);
            prop_assert!(same_bits(&sums, &twin));
        }

        #[test]
        fn sums_keep_to_their_error_bounds(pairs in prop::collection::vec((-1e3f32..1e3, -1e3f32..1e3), 0..400)) {
            let (x, y): (Vec<f32>, Vec<f32>) = pairs.into_iter().unzip();
            let check = |value: f32, terms: Vec<f64>, roundings: usize| {
                let bound = (terms.len().div_ceil(16) + roundings) as f64 * (f64::from(f32::EPSILON) / 2.0) * (1.0 + 1e-4);
                let scale: f64 = terms.iter().map(|term| term.abs()).sum();
                (f64::from(value) - terms.iter().sum::<f64>()).abs() <= bound * scale
            };
            let wide = |x: &[f32]| x.iter().map(|&x| f64::from(x)).collect::<Vec<f64>>();
            let products = |x: &[f32], y: &[f32]| x.iter().zip(y).map(|(&x, &y)| f64::from(x) * f64::from(y)).collect::<Vec<f64>>();
            prop_assert!(check(sum(&x), wide(&x), 3));
            prop_assert!(check(l1_norm(&x), wide(&x).into_iter().map(f64::abs).collect(), 3));
            prop_assert!(check(dot(&x, &y), products(&x, &y), 4));
            prop_assert!(check(squared_norm(&x), products(&x, &x), 4));
        }
    }
}
