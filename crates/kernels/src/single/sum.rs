//! Sums with a fixed order: sixteen partial sums, number `i` going to partial sum `i mod 16`, brought together
//! pairwise at the end.

use super::{
    F32x4,
    slices::{load_part, map_with},
    vector::Lanes,
};

const PARTS: usize = 16;

/// The partial sums, brought together: halves onto halves.
fn together(mut parts: [f32; PARTS]) -> f32 {
    let mut width = PARTS / 2;
    while width > 0 {
        for part in 0..width {
            parts[part] += parts[part + width];
        }
        width /= 2;
    }
    parts[0]
}

/// The sum of `f(x, y)` over both slices.
#[inline(always)]
fn sum_with(x: &[f32], y: &[f32], f: impl Fn(F32x4, F32x4) -> F32x4) -> f32 {
    assert_eq!(x.len(), y.len());
    let mut sums = [F32x4::splat(0.0); PARTS / 4];
    let ((blocks, tail), (others, other_tail)) = (x.as_chunks::<PARTS>(), y.as_chunks::<PARTS>());
    for (block, other) in blocks.iter().zip(others) {
        let (block, other) = (block.as_chunks::<4>().0, other.as_chunks::<4>().0);
        for (sum, (a, b)) in sums.iter_mut().zip(block.iter().zip(other)) {
            *sum = *sum + f(F32x4::from_array(*a), F32x4::from_array(*b));
        }
    }
    let mut parts = [0.0; PARTS];
    for (part, sum) in parts.as_chunks_mut::<4>().0.iter_mut().zip(sums) {
        *part = sum.to_array();
    }
    for ((part, a), b) in parts.chunks_mut(4).zip(tail.chunks(4)).zip(other_tail.chunks(4)) {
        let terms = f(load_part(a), load_part(b)).to_array();
        part.iter_mut().zip(terms).take(a.len()).for_each(|(part, term)| *part += term);
    }
    together(parts)
}

fn sum_scalar_with(x: &[f32], y: &[f32], f: impl Fn(f32, f32) -> f32) -> f32 {
    let mut parts = [0.0; PARTS];
    for (index, (&x, &y)) in x.iter().zip(y).enumerate() {
        parts[index % PARTS] += f(x, y);
    }
    together(parts)
}

/// The sum of all numbers.
pub fn sum(x: &[f32]) -> f32 {
    sum_with(x, x, |x, _| x)
}

/// The scalar twin of [`sum`].
pub fn sum_scalar(x: &[f32]) -> f32 {
    sum_scalar_with(x, x, |x, _| x)
}

/// The inner product of two slices of the same length; `dot(x, x)` is the squared norm.
pub fn dot(x: &[f32], y: &[f32]) -> f32 {
    sum_with(x, y, |x, y| x * y)
}

/// The scalar twin of [`dot`].
pub fn dot_scalar(x: &[f32], y: &[f32]) -> f32 {
    sum_scalar_with(x, y, |x, y| x * y)
}

/// The sum of each column of a row-major matrix with `sums.len()` columns, added up from the first row down.
pub fn column_sums(matrix: &[f32], sums: &mut [f32]) {
    sums.fill(0.0);
    if !sums.is_empty() {
        matrix.chunks_exact(sums.len()).for_each(|row| map_with(sums, row, |sum, x| sum + x));
    }
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
    use proptest::prelude::*;

    #[test]
    fn sums_of_small_integers_are_exact() {
        let x: Vec<f32> = (1..=101u8).map(f32::from).collect();
        assert_eq!(sum(&x), 5151.0);
        assert_eq!(dot(&x, &x), 348_551.0);
        let mut sums = [0.0; 2];
        column_sums(&x[..6], &mut sums);
        assert_eq!(sums, [9.0, 12.0]);
    }

    proptest! {
        #[test]
        fn sums_give_the_bits_of_their_scalar_twins(
            pairs in prop::collection::vec((-1e3f32..1e3, -1e3f32..1e3), 0..120),
            columns in 1usize..9,
        ) {
            let (x, y): (Vec<f32>, Vec<f32>) = pairs.into_iter().unzip();
            prop_assert_eq!(sum(&x), sum_scalar(&x));
            prop_assert_eq!(dot(&x, &y), dot_scalar(&x, &y));
            let matrix = &x[..x.len() / columns * columns];
            let (mut sums, mut twin) = (vec![0.0; columns], vec![0.0; columns]);
            column_sums(matrix, &mut sums);
            column_sums_scalar(matrix, &mut twin);
            prop_assert_eq!(sums, twin);
        }
    }
}
