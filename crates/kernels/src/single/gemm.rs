//! Products of row-major matrices.
//!
//! C is computed in tiles of 4 × 8 that stay in registers. The eight columns of the right-hand matrix that a tile
//! needs are first gathered into a panel, contiguous in the order of use; rows of the left-hand matrix are read in
//! place, one number spread over four lanes. Each entry of C is one running sum from the first inner index to the
//! last, so a plain triple loop gives the same bits, whatever the shape.

use super::{
    F32x4,
    slices::{load_part, store_part},
    vector::Lanes,
};

/// Rows of a tile.
const ROWS: usize = 4;
/// Columns of a tile.
const COLUMNS: usize = 8;

/// What the sums begin with.
#[derive(Clone, Copy, Debug)]
pub enum Start<'a> {
    /// Zero: C = A B.
    Zero,
    /// A number for each column: C = A B + bias.
    Bias(&'a [f32]),
    /// What C holds: C = C + A B.
    Sum,
}

/// The buffer of matrix products.
#[derive(Clone, Debug, Default)]
pub struct Gemm {
    panel: Vec<f32>,
}

/// The left-hand matrix: entry (i, k) stands at `i * row + k * inner`.
#[derive(Clone, Copy)]
struct Left<'a> {
    values: &'a [f32],
    row: usize,
    inner: usize,
}

/// How the right-hand matrix is stored.
#[derive(Clone, Copy)]
enum Right<'a> {
    /// inner × columns.
    Plain(&'a [f32]),
    /// columns × inner.
    Transposed(&'a [f32]),
}

impl Gemm {
    /// A buffer for products with up to `inner` terms a sum. It grows if a longer product comes.
    pub fn new(inner: usize) -> Self {
        Self { panel: vec![0.0; inner * COLUMNS] }
    }

    /// C (m × n) = A (m × k) · B (k × n) + start; `shape` is [m, k, n].
    pub fn multiply(&mut self, shape: [usize; 3], a: &[f32], b: &[f32], c: &mut [f32], start: Start) {
        self.product(shape, Left { values: a, row: shape[1], inner: 1 }, Right::Plain(b), c, start);
    }

    /// C (m × n) = Aᵀ · B + start, with A (k × m) and B (k × n); `shape` is [m, k, n].
    pub fn multiply_transposed_left(&mut self, shape: [usize; 3], a: &[f32], b: &[f32], c: &mut [f32], start: Start) {
        self.product(shape, Left { values: a, row: 1, inner: shape[0] }, Right::Plain(b), c, start);
    }

    /// C (m × n) = A · Bᵀ + start, with A (m × k) and B (n × k); `shape` is [m, k, n].
    pub fn multiply_transposed_right(&mut self, shape: [usize; 3], a: &[f32], b: &[f32], c: &mut [f32], start: Start) {
        self.product(shape, Left { values: a, row: shape[1], inner: 1 }, Right::Transposed(b), c, start);
    }

    fn product(&mut self, [m, k, n]: [usize; 3], a: Left, b: Right, c: &mut [f32], start: Start) {
        let (Right::Plain(right) | Right::Transposed(right)) = b;
        assert_eq!((a.values.len(), right.len(), c.len()), (m * k, k * n, m * n), "shapes fit together");
        if let Start::Bias(bias) = start {
            assert_eq!(bias.len(), n, "a bias has a number for each column");
        }
        if self.panel.len() < k * COLUMNS {
            self.panel.resize(k * COLUMNS, 0.0);
        }
        for column in (0..n).step_by(COLUMNS) {
            let width = COLUMNS.min(n - column);
            let tile = if width > F32x4::LANES { panel_tiles::<2> } else { panel_tiles::<1> };
            tile(&mut self.panel[..], [m, k, n], a, b, c, start, column..column + width);
        }
    }
}

/// The columns `columns` of C, `V` vectors wide.
fn panel_tiles<const V: usize>(
    panel: &mut [f32],
    [m, k, n]: [usize; 3],
    a: Left,
    b: Right,
    c: &mut [f32],
    start: Start,
    columns: core::ops::Range<usize>,
) {
    let panel = &mut panel[..k * V * F32x4::LANES];
    gather::<V>(panel, b, k, n, columns.clone());
    let bias = match start {
        Start::Bias(bias) => split(&bias[columns.clone()]),
        Start::Zero | Start::Sum => [F32x4::splat(0.0); V],
    };
    let add = matches!(start, Start::Sum);
    let mut first = 0;
    while first < m {
        let place = Place { first, n, columns: columns.clone(), bias, add };
        // The few rows beyond the last whole tile go one by one; tiles of their size would double the program.
        if m - first >= ROWS {
            tile::<ROWS, V>(panel, a, c, &place);
            first += ROWS;
        } else {
            tile::<1, V>(panel, a, c, &place);
            first += 1;
        }
    }
}

/// Copies columns of B into the panel: for each inner index `V` vectors, zeros beyond the last column.
fn gather<const V: usize>(panel: &mut [f32], b: Right, k: usize, n: usize, columns: core::ops::Range<usize>) {
    let width = V * F32x4::LANES;
    match b {
        Right::Plain(b) if columns.len() == width => {
            for (to, row) in panel.chunks_exact_mut(width).zip(b.chunks_exact(n)) {
                to.copy_from_slice(&row[columns.clone()]);
            }
        }
        Right::Plain(b) => {
            for (to, row) in panel.chunks_exact_mut(width).zip(b.chunks_exact(n)) {
                to[..columns.len()].copy_from_slice(&row[columns.clone()]);
                to[columns.len()..].fill(0.0);
            }
        }
        Right::Transposed(b) => {
            for lane in 0..width {
                let to = panel.iter_mut().skip(lane).step_by(width);
                if lane < columns.len() {
                    let row = &b[(columns.start + lane) * k..][..k];
                    to.zip(row).for_each(|(to, &value)| *to = value);
                } else {
                    to.for_each(|to| *to = 0.0);
                }
            }
        }
    }
}

/// Where a tile lies in C, and what its sums begin with.
struct Place<const V: usize> {
    first: usize,
    n: usize,
    columns: core::ops::Range<usize>,
    bias: [F32x4; V],
    add: bool,
}

/// Up to `V` vectors from a slice, zeros beyond its end.
#[inline(always)]
fn split<const V: usize>(values: &[f32]) -> [F32x4; V] {
    core::array::from_fn(|v| {
        let rest = &values[(v * F32x4::LANES).min(values.len())..];
        rest.first_chunk().map_or_else(|| load_part(rest), |&four| F32x4::from_array(four))
    })
}

/// `R` rows of a panel's columns of C.
fn tile<const R: usize, const V: usize>(panel: &[f32], a: Left, c: &mut [f32], place: &Place<V>) {
    let row = |r: usize| (place.first + r) * place.n;
    let range = |r: usize| row(r) + place.columns.start..row(r) + place.columns.end;
    let mut sums: [[F32x4; V]; R] = core::array::from_fn(|r| if place.add { split(&c[range(r)]) } else { place.bias });
    let inner = panel.len() / (V * F32x4::LANES);
    if inner > 0 {
        assert!((place.first + R - 1) * a.row + (inner - 1) * a.inner < a.values.len(), "the tile lies within A");
        let corner = a.values[place.first * a.row..].as_ptr();
        // SAFETY: the greatest index read from A is the one asserted above, and the panel holds `inner` times `V`
        // vectors.
        sums = unsafe { accumulate(inner, corner, [a.row, a.inner], panel.as_ptr(), sums) };
    }
    for (r, sum) in sums.into_iter().enumerate() {
        let to = &mut c[range(r)];
        for (to, lanes) in to.chunks_mut(F32x4::LANES).zip(sum) {
            if let Ok(four) = <&mut [f32; 4]>::try_from(&mut *to) {
                *four = lanes.to_array();
            } else {
                store_part(lanes, to);
            }
        }
    }
}

/// The inner loop: `sums[r] += A(r, k) · panel(k)` for every k in order.
///
/// # Safety
/// `a + r · row + k · step` can be read for all r < `R` and k < `inner`, and `inner · V` vectors at `panel`.
#[inline(always)]
unsafe fn accumulate<const R: usize, const V: usize>(
    inner: usize,
    a: *const f32,
    [row, step]: [usize; 2],
    panel: *const f32,
    mut sums: [[F32x4; V]; R],
) -> [[F32x4; V]; R] {
    let mut from = a;
    let mut right = panel;
    for _ in 0..inner {
        // SAFETY: the caller's promise, for this k.
        let b: [F32x4; V] = core::array::from_fn(|v| unsafe { F32x4::load(right.add(v * F32x4::LANES)) });
        for (r, sums) in sums.iter_mut().enumerate() {
            // SAFETY: the caller's promise, for this r and k.
            let x = F32x4::splat(unsafe { *from.add(r * row) });
            for (sum, b) in sums.iter_mut().zip(b) {
                *sum = *sum + x * b;
            }
        }
        // Wrapping, because after the last k the pointers may leave their slices; they are not read there.
        from = from.wrapping_add(step);
        right = right.wrapping_add(V * F32x4::LANES);
    }
    sums
}

/// The scalar twin of [`Gemm::multiply`] and its transposed forms: `a(i, k)` and `b(k, j)` read the entries.
pub fn multiply_scalar(
    [m, k, n]: [usize; 3],
    a: impl Fn(usize, usize) -> f32,
    b: impl Fn(usize, usize) -> f32,
    c: &mut [f32],
    start: Start,
) {
    for i in 0..m {
        for j in 0..n {
            let first = match start {
                Start::Zero => 0.0,
                Start::Bias(bias) => bias[j],
                Start::Sum => c[i * n + j],
            };
            c[i * n + j] = (0..k).fold(first, |sum, k| sum + a(i, k) * b(k, j));
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::single::ln::tests::same_bits;
    use proptest::prelude::*;

    /// Numbers without a pattern that a wrong index could repeat.
    fn values(count: usize, salt: u32) -> Vec<f32> {
        let hash = |index: usize| (index as u32).wrapping_add(salt).wrapping_mul(0x9e37_79b9) >> 8;
        (0..count).map(|index| hash(index) as f32 / 8_388_608.0 - 1.0).collect()
    }

    proptest! {
        #![proptest_config(ProptestConfig::with_cases(400))]
        #[test]
        fn products_of_any_shape_give_the_bits_of_a_triple_loop(
            m in 0usize..14, k in 0usize..20, n in 0usize..22, salt: u32, mode in 0usize..3,
        ) {
            let (a, b, bias, old) = (values(m * k, salt), values(k * n, salt ^ 1), values(n, salt ^ 2), values(m * n, salt ^ 3));
            let start = [Start::Zero, Start::Bias(&bias), Start::Sum][mode];
            let shape = [m, k, n];
            let mut gemm = Gemm::new(7);
            let mut c = old.clone();
            let mut twin = old.clone();
            gemm.multiply(shape, &a, &b, &mut c, start);
            multiply_scalar(shape, |i, l| a[i * k + l], |l, j| b[l * n + j], &mut twin, start);
            prop_assert!(same_bits(&c, &twin));
            let mut c = old.clone();
            let mut twin = old.clone();
            gemm.multiply_transposed_left(shape, &a, &b, &mut c, start);
            multiply_scalar(shape, |i, l| a[l * m + i], |l, j| b[l * n + j], &mut twin, start);
            prop_assert!(same_bits(&c, &twin));
            let mut c = old.clone();
            let mut twin = old;
            gemm.multiply_transposed_right(shape, &a, &b, &mut c, start);
            multiply_scalar(shape, |i, l| a[i * k + l], |l, j| b[j * k + l], &mut twin, start);
            prop_assert!(same_bits(&c, &twin));
        }
    }
}
