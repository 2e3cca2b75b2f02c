//! What the tests of this folder share.

use super::{View, gemm_reference};

/// Numbers in [−1, 1), the same for the same seed (xorshift).
pub fn numbers(count: usize, seed: u64) -> Vec<f64> {
    let mut state = seed.wrapping_mul(0x9e37_79b9_7f4a_7c15) | 1;
    let mut next = || {
        state ^= state << 13;
        state ^= state >> 7;
        state ^= state << 17;
        (state >> 11) as f64 / (1u64 << 52) as f64 - 1.0
    };
    (0..count).map(|_| next()).collect()
}

/// The largest absolute difference of two matrices' elements; infinite if one is NaN.
pub fn difference(a: View, b: View) -> f64 {
    assert!((a.rows(), a.columns()) == (b.rows(), b.columns()), "matrices of one shape");
    let mut worst = 0.0_f64;
    for row in 0..a.rows() {
        for column in 0..a.columns() {
            let apart = (a.at(row, column) - b.at(row, column)).abs();
            worst = worst.max(if apart.is_nan() { f64::INFINITY } else { apart });
        }
    }
    worst
}

/// How far the rows are from orthonormal: the largest absolute element of `X·Xᵀ − 1`.
pub fn distance_from_orthonormal(rows: View) -> f64 {
    let order = rows.rows();
    let (mut gram, mut unit) = (vec![0.0; order * order], vec![0.0; order * order]);
    gemm_reference(&mut gram, rows, rows.transposed());
    unit.iter_mut().step_by(order + 1).for_each(|slot| *slot = 1.0);
    difference(View::new(&gram, order, order), View::new(&unit, order, order))
}
