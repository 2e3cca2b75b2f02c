//! The singular value decomposition, and what follows from it: rank, condition, least squares without full rank.
//!
//! nalgebra reduces to bidiagonal form by Householder reflections; the iteration that makes that diagonal is our own
//! (Golub and Van Loan, *Matrix Computations*, section 8.6). nalgebra's (0.35) ends each block with formulas for 2 × 2
//! matrices that lose all digits when both diagonal elements are small, so that for matrices of low rank its factors
//! are sometimes far from the matrix.

use super::{
    dense::{LinearAlgebraError, scaled, unscale},
    product::{View, gemm, gemv},
};
use nalgebra::{Bidiagonal, DMatrix};

/// Iterations after which a singular value is given up on; two or three are the rule.
const MAX_STEPS_PER_VALUE: usize = 60;

/// `A = Σ σⱼ·uⱼ·vⱼᵀ` for an `m × n` matrix, in its thin form, `k = min(m, n)` terms.
///
/// The singular values are right to a few units of 2⁻⁵² times the largest, and the factors' product differs from `A` by
/// as little. Of the two signs of each pair of vectors, that is taken for which the element of `vⱼ` with the largest
/// absolute value (the first of several) is positive.
#[derive(Clone, Debug)]
pub struct Svd {
    rows: usize,
    columns: usize,
    values: Vec<f64>,
    /// The left singular vectors as rows.
    left: Vec<f64>,
    /// The right singular vectors as rows.
    right: Vec<f64>,
}

impl Svd {
    /// Decomposes a matrix. Takes about `25·n³` operations if it is square. Without rows or columns all is empty.
    ///
    /// # Errors
    /// [`LinearAlgebraError::NotFinite`] if an element is not finite, or a singular value is too large for `f64`;
    /// [`LinearAlgebraError::NoConvergence`] if the iteration takes many times its usual number of steps.
    pub fn new(a: View) -> Result<Self, LinearAlgebraError> {
        let wide = a.rows() < a.columns();
        let tall = if wide { a.transposed() } else { a };
        let (reduced, scale) = Bidiagonalized::new(tall, true)?;
        let Diagonalized { mut values, left: outer, right: inner } = reduced.diagonalized()?;
        unscale(&mut values, scale)?;
        let (left, right) = if wide { (inner, outer) } else { (outer, inner) };
        let mut svd = Self { rows: a.rows(), columns: a.columns(), values, left, right };
        svd.fix_signs();
        Ok(svd)
    }

    /// The `min(m, n)` singular values, largest first.
    pub fn values(&self) -> &[f64] {
        &self.values
    }

    /// The left singular vectors as columns: `m × min(m, n)`.
    pub fn u(&self) -> View<'_> {
        View::new(&self.left, self.values.len(), self.rows).transposed()
    }

    /// The right singular vectors as columns: `n × min(m, n)`.
    pub fn v(&self) -> View<'_> {
        View::new(&self.right, self.values.len(), self.columns).transposed()
    }

    /// What rounding alone can make of a singular value that is zero: `max(m, n)·2⁻⁵²` times the largest.
    pub fn tolerance(&self) -> f64 {
        self.rows.max(self.columns) as f64 * f64::EPSILON * self.values.first().copied().unwrap_or(0.0)
    }

    /// How many singular values are greater than a tolerance, say [`Svd::tolerance`].
    pub fn rank(&self, tolerance: f64) -> usize {
        self.values.partition_point(|&value| value > tolerance)
    }

    /// The largest singular value over the smallest: infinite if that is zero, 1 for an empty matrix. Above about 2⁵²
    /// it says only that the matrix is singular in `f64`.
    pub fn condition_number(&self) -> f64 {
        match (self.values.first(), self.values.last()) {
            (Some(_), Some(0.0)) => f64::INFINITY,
            (Some(largest), Some(smallest)) => largest / smallest,
            _ => 1.0,
        }
    }

    /// The `x` (`n` numbers) for which `‖A·x − b‖` is least, and of many the shortest, if singular values up to
    /// `tolerance` count as zero; `b` has `m` numbers. What is not finite in `b` is not finite in `x`.
    ///
    /// # Panics
    /// If `b` has another length.
    pub fn solve(&self, b: &[f64], tolerance: f64) -> Vec<f64> {
        let rank = self.rank(tolerance);
        let mut coefficients = vec![0.0; rank];
        gemv(&mut coefficients, View::new(&self.left[..rank * self.rows], rank, self.rows), b);
        coefficients.iter_mut().zip(&self.values).for_each(|(slot, value)| *slot /= value);
        let mut x = vec![0.0; self.columns];
        gemv(&mut x, View::new(&self.right[..rank * self.columns], rank, self.columns).transposed(), &coefficients);
        x
    }

    /// The pseudo-inverse, row-major, `n × m`, if singular values up to `tolerance` count as zero.
    pub fn pseudo_inverse(&self, tolerance: f64) -> Vec<f64> {
        let rank = self.rank(tolerance);
        let mut inverse = vec![0.0; self.columns * self.rows];
        if rank == 0 {
            return inverse;
        }
        let mut divided = self.left[..rank * self.rows].to_vec();
        for (vector, value) in divided.chunks_exact_mut(self.rows).zip(&self.values) {
            for slot in vector {
                *slot /= value;
            }
        }
        let right = View::new(&self.right[..rank * self.columns], rank, self.columns);
        gemm(&mut inverse, right.transposed(), View::new(&divided, rank, self.rows));
        inverse
    }

    fn fix_signs(&mut self) {
        if self.values.is_empty() {
            return;
        }
        let pairs = self.left.chunks_exact_mut(self.rows).zip(self.right.chunks_exact_mut(self.columns));
        for (left, right) in pairs {
            let mut leading = 0.0_f64;
            for &value in right.iter() {
                if value.abs() > leading.abs() {
                    leading = value;
                }
            }
            if leading < 0.0 {
                left.iter_mut().chain(right).for_each(|value| *value = -*value);
            }
        }
    }
}

/// The `min(m, n)` singular values alone, largest first. Takes about `8/3·n³` operations if the matrix is square.
///
/// # Errors
/// As for [`Svd::new`].
pub fn singular_values(a: View) -> Result<Vec<f64>, LinearAlgebraError> {
    let tall = if a.rows() < a.columns() { a.transposed() } else { a };
    let (reduced, scale) = Bidiagonalized::new(tall, false)?;
    let Diagonalized { mut values, .. } = reduced.diagonalized()?;
    unscale(&mut values, scale)?;
    Ok(values)
}

/// `A = Uᵀ·B·V` for a tall `A`, with `B` upper bidiagonal and orthonormal rows in `U` and `V`, which become the
/// singular vectors.
struct Bidiagonalized {
    diagonal: Vec<f64>,
    /// `above[k]` stands to the right of `diagonal[k]`.
    above: Vec<f64>,
    left: Rows,
    right: Rows,
}

impl Bidiagonalized {
    /// Householder's reduction of the matrix divided by the scale that comes back beside it.
    fn new(tall: View, vectors: bool) -> Result<(Self, f64), LinearAlgebraError> {
        let (height, order) = (tall.rows(), tall.columns());
        let (copy, scale) = scaled(tall)?;
        if order == 0 {
            let none = || Rows { values: Vec::new(), width: 0 };
            return Ok((Self { diagonal: Vec::new(), above: Vec::new(), left: none(), right: none() }, scale));
        }
        let reduced = Bidiagonal::new(copy);
        let row = |matrix: DMatrix<f64>, width| Rows { values: matrix.as_slice().to_vec(), width };
        let (left, right) = if vectors {
            // Column-major, so that columns lie in memory as rows do here.
            (row(reduced.u(), height), row(reduced.v_t().transpose(), order))
        } else {
            (row(DMatrix::zeros(0, 0), 0), row(DMatrix::zeros(0, 0), 0))
        };
        let diagonal = reduced.diagonal().as_slice().to_vec();
        let above = reduced.off_diagonal().as_slice().to_vec();
        Ok((Self { diagonal, above, left, right }, scale))
    }

    /// Iterates until nothing stands above the diagonal.
    fn diagonalized(mut self) -> Result<Diagonalized, LinearAlgebraError> {
        let Some(mut high) = self.diagonal.len().checked_sub(1) else {
            return Ok(self.sorted());
        };
        // What is smaller than the matrix's rounding errors is zero.
        let largest = self.diagonal.iter().chain(&self.above).fold(0.0_f64, |most, value| most.max(value.abs()));
        let negligible = f64::EPSILON * largest;
        let mut budget = MAX_STEPS_PER_VALUE * self.diagonal.len();
        while high > 0 {
            if self.above[high - 1].abs() <= negligible {
                self.above[high - 1] = 0.0;
                high -= 1;
                continue;
            }
            if budget == 0 {
                return Err(LinearAlgebraError::NoConvergence);
            }
            budget -= 1;
            let low = (0..high - 1).rev().find(|&k| self.above[k].abs() <= negligible).map_or(0, |k| k + 1);
            if let Some(zero) = (low..=high).rev().find(|&k| self.diagonal[k].abs() <= negligible) {
                self.diagonal[zero] = 0.0;
                if zero == high { self.clear_column(low, high) } else { self.clear_row(zero, high) }
            } else {
                self.step(low, high);
            }
        }
        Ok(self.sorted())
    }

    /// One implicitly shifted step on the block `low..=high`, which has no zeros.
    fn step(&mut self, low: usize, high: usize) {
        let (d, e) = (&mut self.diagonal, &mut self.above);
        // Wilkinson's shift: the eigenvalue of the last 2 × 2 block of BᵀB that is closer to its last element.
        let before = if high - 1 > low { e[high - 2] } else { 0.0 };
        let last = d[high] * d[high] + e[high - 1] * e[high - 1];
        let coupling = d[high - 1] * e[high - 1];
        let half = 0.5 * (d[high - 1] * d[high - 1] + before * before - last);
        let root = (half * half + coupling * coupling).sqrt();
        let shift = last - coupling * coupling / (half + if half < 0.0 { -root } else { root });
        let (mut y, mut z) = (d[low] * d[low] - shift, d[low] * e[low]);
        for k in low..high {
            let (c, s, length) = rotation(y, z);
            if k > low {
                e[k - 1] = length;
            }
            (y, e[k]) = (c * d[k] + s * e[k], c * e[k] - s * d[k]);
            (z, d[k + 1]) = (s * d[k + 1], c * d[k + 1]);
            self.right.rotate(k, k + 1, c, s);
            let (c, s, length) = rotation(y, z);
            d[k] = length;
            (e[k], d[k + 1]) = (c * e[k] + s * d[k + 1], c * d[k + 1] - s * e[k]);
            self.left.rotate(k, k + 1, c, s);
            if k + 1 < high {
                (y, z) = (e[k], s * e[k + 1]);
                e[k + 1] *= c;
            }
        }
    }

    /// `diagonal[zero]` is zero: rotates what stands right of it out of its row, past `high`.
    fn clear_row(&mut self, zero: usize, high: usize) {
        let mut moving = std::mem::take(&mut self.above[zero]);
        for k in zero + 1..=high {
            let (c, s, length) = rotation(self.diagonal[k], moving);
            self.diagonal[k] = length;
            self.left.rotate(k, zero, c, s);
            if k < high {
                moving = -s * self.above[k];
                self.above[k] *= c;
            }
        }
    }

    /// `diagonal[high]` is zero: rotates what stands above it out of its column, past `low`.
    fn clear_column(&mut self, low: usize, high: usize) {
        let mut moving = std::mem::take(&mut self.above[high - 1]);
        for k in (low..high).rev() {
            let (c, s, length) = rotation(self.diagonal[k], moving);
            self.diagonal[k] = length;
            self.right.rotate(k, high, c, s);
            if k > low {
                moving = -s * self.above[k - 1];
                self.above[k - 1] *= c;
            }
        }
    }

    fn sorted(mut self) -> Diagonalized {
        for (k, value) in self.diagonal.iter_mut().enumerate() {
            if *value < 0.0 {
                *value = -*value;
                self.right.negate(k);
            }
        }
        let mut order: Vec<usize> = (0..self.diagonal.len()).collect();
        order.sort_by(|&a, &b| self.diagonal[b].total_cmp(&self.diagonal[a]));
        let values = order.iter().map(|&k| self.diagonal[k].abs()).collect();
        Diagonalized { values, left: self.left.in_order(&order), right: self.right.in_order(&order) }
    }
}

/// Singular values, the largest first, and the left and right singular vectors as rows.
struct Diagonalized {
    values: Vec<f64>,
    left: Vec<f64>,
    right: Vec<f64>,
}

/// Cosine, sine and length: `c·y + s·z = length`, `c·z − s·y = 0`.
fn rotation(y: f64, z: f64) -> (f64, f64, f64) {
    let length = (y * y + z * z).sqrt();
    if length > 0.0 { (y / length, z / length, length) } else { (1.0, 0.0, 0.0) }
}

/// Vectors as rows, or nothing (of width zero) if they are not wanted.
struct Rows {
    values: Vec<f64>,
    width: usize,
}

impl Rows {
    /// Row `a` becomes `c·a + s·b`, row `b` becomes `c·b − s·a`.
    fn rotate(&mut self, a: usize, b: usize, c: f64, s: f64) {
        if self.width == 0 {
            return;
        }
        let (head, tail) = self.values.split_at_mut(a.max(b) * self.width);
        let lower = &mut head[a.min(b) * self.width..][..self.width];
        let upper = &mut tail[..self.width];
        let (one, other) = if a < b { (lower, upper) } else { (upper, lower) };
        for (x, y) in one.iter_mut().zip(other) {
            (*x, *y) = (c * *x + s * *y, c * *y - s * *x);
        }
    }

    fn negate(&mut self, row: usize) {
        self.values.iter_mut().skip(row * self.width).take(self.width).for_each(|value| *value = -*value);
    }

    fn in_order(&self, order: &[usize]) -> Vec<f64> {
        order.iter().flat_map(|&row| &self.values[row * self.width..(row + 1) * self.width]).copied().collect()
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::double::testing::{difference, distance_from_orthonormal, numbers};
    use crate::double::{Qr, least_squares, squared_norm, symmetric_eigen, syrk};
    use proptest::prelude::*;

    /// How far the factors' product is from the matrix.
    fn residual(svd: &Svd, a: View) -> f64 {
        let (m, n, k) = (a.rows(), a.columns(), svd.values().len());
        let mut scaled = svd.left.clone();
        for (vector, value) in scaled.chunks_exact_mut(m).zip(svd.values()) {
            for slot in vector {
                *slot *= value;
            }
        }
        let mut product = vec![0.0; m * n];
        gemm(&mut product, View::new(&scaled, k, m).transposed(), svd.v().transposed());
        difference(View::new(&product, m, n), a)
    }

    fn low_rank(m: usize, n: usize, rank: usize, seed: u64) -> Vec<f64> {
        let (left, right) = (numbers(m * rank, seed), numbers(rank * n, seed + 1));
        let mut product = vec![0.0; m * n];
        gemm(&mut product, View::new(&left, m, rank), View::new(&right, rank, n));
        product
    }

    /// Matrices of the kinds that iterations stumble over.
    fn hard(kind: usize, m: usize, n: usize, seed: u64) -> Vec<f64> {
        let mut values = numbers(m * n, seed);
        let entries = values.iter_mut().enumerate().map(|(place, value)| (place / n, place % n, value));
        match kind {
            // Small integers: many exact zeros and ties.
            0 => entries.for_each(|(_, _, value)| *value = (*value * 1.5).round()),
            1 => return low_rank(m, n, 1 + seed as usize % 3, seed),
            // Columns, then rows, of very different size.
            2 => entries.for_each(|(_, column, value)| *value *= libm::exp10(-2.0 * column as f64)),
            3 => entries.for_each(|(row, _, value)| *value *= libm::exp10(-20.0 * row as f64)),
            // The identity, a shift, and a triangle of ones (which is close to singular).
            4 => entries.for_each(|(row, column, value)| *value = f64::from(u8::from(row == column))),
            5 => entries.for_each(|(row, column, value)| *value = f64::from(u8::from(row + 1 == column))),
            6 => entries.for_each(|(row, column, value)| {
                *value = if row < column { -1.0 } else { f64::from(u8::from(row == column)) };
            }),
            // Mostly zeros.
            7 => entries.for_each(|(_, _, value)| {
                if value.abs() < 0.7 {
                    *value = 0.0;
                }
            }),
            // The same singular value many times: a reflection.
            8 => {
                let axis = numbers(n, seed);
                let factor = 2.0 / squared_norm(&axis).max(1e-300);
                entries.for_each(|(row, column, value)| {
                    let unit = f64::from(u8::from(row == column));
                    *value = if row < n { unit - factor * axis[row] * axis[column] } else { 0.0 };
                });
            }
            _ => {}
        }
        values
    }

    proptest! {
        #![proptest_config(ProptestConfig { cases: 2000, ..ProptestConfig::default() })]

        #[test]
        fn orthonormal_vectors_and_descending_values_rebuild_the_matrix(
            m in 1usize..25, n in 1usize..25, kind in 0usize..10, seed in 0u64..2000, flip: bool,
        ) {
            let values = hard(kind, m, n, seed);
            let a = if flip { View::new(&values, m, n).transposed() } else { View::new(&values, m, n) };
            let svd = Svd::new(a).unwrap();
            let size = squared_norm(&values).sqrt();
            prop_assert!(residual(&svd, a) <= 1e-14 * size);
            prop_assert!(distance_from_orthonormal(svd.u().transposed()) < 2e-14);
            prop_assert!(distance_from_orthonormal(svd.v().transposed()) < 2e-14);
            prop_assert!(svd.values().is_sorted_by(|a, b| a >= b) && svd.values().iter().all(|value| *value >= 0.0));
            for vector in svd.right.chunks(a.columns()) {
                let largest = vector.iter().fold(0.0_f64, |most, value| most.max(value.abs()));
                prop_assert!(vector.iter().find(|value| value.abs() == largest).is_some_and(|value| *value > 0.0));
            }
            let alone = singular_values(a).unwrap();
            prop_assert!(alone.iter().zip(svd.values()).all(|(one, other)| (one - other).abs() <= 1e-14 * size));
        }
    }

    proptest! {
        #[test]
        fn squares_are_the_eigenvalues_of_the_gram_matrix(m in 1usize..60, n in 1usize..60, seed in 0u64..500) {
            let values = numbers(m * n, seed);
            let a = View::new(&values, m, n);
            let (thin, k) = if m < n { (a, m) } else { (a.transposed(), n) };
            let mut gram = vec![0.0; k * k];
            syrk(&mut gram, thin);
            let eigen = symmetric_eigen(&gram, k);
            // Rounding errors of the products and of both iterations grow with the shape.
            let bound = 5e-16 * (m + n) as f64 * eigen.values[k - 1];
            for (square, value) in eigen.values.iter().rev().zip(singular_values(a).unwrap()) {
                prop_assert!((square - value * value).abs() <= bound);
            }
        }

        #[test]
        fn with_full_rank_it_solves_as_qr_does(m in 1usize..30, n in 1usize..30, seed in 0u64..500) {
            let (values, b) = (numbers(m * n, seed), numbers(m, seed + 1));
            let a = View::new(&values, m, n);
            let svd = Svd::new(a).unwrap();
            let condition = svd.condition_number();
            prop_assume!(condition < 1e6);
            let (one, other) = (svd.solve(&b, svd.tolerance()), least_squares(a, &b).unwrap());
            let size = squared_norm(&other).sqrt();
            // What the residual contributes to the error grows with the square of the condition.
            let bound = 1e-14 * condition * (size + condition * squared_norm(&b).sqrt() / svd.values()[0]);
            prop_assert!(one.iter().zip(&other).all(|(x, y)| (x - y).abs() <= bound));
        }

        #[test]
        fn a_product_of_thin_factors_has_their_rank_and_moore_penrose_inverse(
            m in 4usize..30, n in 4usize..30, rank in 1usize..4, seed in 0u64..500,
        ) {
            let values = low_rank(m, n, rank, seed);
            let a = View::new(&values, m, n);
            let svd = Svd::new(a).unwrap();
            let tolerance = svd.tolerance();
            prop_assume!(svd.values()[rank - 1] > 1e-4 * svd.values()[0]);
            prop_assert_eq!(svd.rank(tolerance), rank);
            prop_assert!(svd.condition_number() > 1e14);
            let inverse = svd.pseudo_inverse(tolerance);
            let inverse = View::new(&inverse, n, m);
            let (mut onto, mut back) = (vec![0.0; m * m], vec![0.0; m * n]);
            gemm(&mut onto, a, inverse);
            // A·A⁺ is symmetric, and A·A⁺·A is A.
            let onto = View::new(&onto, m, m);
            prop_assert!(difference(onto, onto.transposed()) < 1e-10);
            gemm(&mut back, onto, a);
            prop_assert!(difference(View::new(&back, m, n), a) < 1e-10);
            // The solution is the pseudo-inverse times the right-hand side.
            let b = numbers(m, seed + 2);
            let mut x = vec![0.0; n];
            gemv(&mut x, inverse, &b);
            prop_assert!(svd.solve(&b, tolerance).iter().zip(&x).all(|(one, other)| (one - other).abs() < 1e-10 * (1.0 + one.abs())));
        }
    }

    #[test]
    fn the_hilbert_matrix_has_its_known_condition_number() {
        let values: Vec<f64> = (0..36).map(|place| 1.0 / f64::from(place / 6 + place % 6 + 1)).collect();
        let condition = Svd::new(View::new(&values, 6, 6)).unwrap().condition_number();
        assert!((condition / 1.495_105_864e7 - 1.0).abs() < 1e-8);
    }

    #[test]
    fn a_large_matrix_of_low_rank_is_rebuilt() {
        let values = low_rank(150, 120, 20, 3);
        let a = View::new(&values, 150, 120);
        let svd = Svd::new(a).unwrap();
        assert!(residual(&svd, a) < 1e-12);
        assert_eq!(svd.rank(svd.tolerance()), 20);
    }

    #[test]
    fn the_order_of_size_of_the_elements_does_not_matter() {
        let values = numbers(12, 5);
        for scale in [1e-290, 1e290] {
            let scaled: Vec<f64> = values.iter().map(|value| value * scale).collect();
            let (one, other) = (singular_values(View::new(&values, 4, 3)), singular_values(View::new(&scaled, 4, 3)));
            assert!(one.unwrap().iter().zip(other.unwrap()).all(|(a, b)| (a * scale / b - 1.0).abs() < 1e-14));
        }
    }

    #[test]
    fn zero_and_empty_matrices_have_rank_zero_and_solution_zero() {
        let zero = Svd::new(View::new(&[0.0; 6], 3, 2)).unwrap();
        assert_eq!((zero.values(), zero.rank(zero.tolerance())), (&[0.0, 0.0][..], 0));
        assert_eq!(zero.condition_number(), f64::INFINITY);
        assert_eq!(zero.solve(&[1.0; 3], zero.tolerance()), [0.0; 2]);
        assert_eq!(zero.pseudo_inverse(0.0), [0.0; 6]);
        assert!(distance_from_orthonormal(zero.u().transposed()) < 1e-15);
        for (m, n) in [(0, 0), (3, 0), (0, 3)] {
            let empty = Svd::new(View::new(&[], m, n)).unwrap();
            assert_eq!((empty.u().rows(), empty.v().rows(), empty.values().len()), (m, n, 0));
            assert_eq!((empty.condition_number(), empty.tolerance()), (1.0, 0.0));
            assert_eq!(empty.solve(&vec![1.0; m], 0.0), vec![0.0; n]);
            assert_eq!(singular_values(View::new(&[], m, n)).unwrap(), [0.0; 0]);
        }
    }

    #[test]
    fn what_is_not_finite_is_refused() {
        for bad in [f64::NAN, f64::INFINITY] {
            let a = [1.0, 2.0, bad, 4.0];
            assert_eq!(Svd::new(View::new(&a, 2, 2)).unwrap_err(), LinearAlgebraError::NotFinite);
            assert_eq!(singular_values(View::new(&a, 2, 2)).unwrap_err(), LinearAlgebraError::NotFinite);
        }
        assert_eq!(Svd::new(View::new(&[f64::MAX; 4], 2, 2)).unwrap_err(), LinearAlgebraError::NotFinite);
    }

    #[test]
    fn orthonormal_columns_have_singular_values_one() {
        let values = numbers(40 * 25, 8);
        let q = Qr::new(View::new(&values, 40, 25)).unwrap();
        assert!(singular_values(q.q()).unwrap().iter().all(|value| (value - 1.0).abs() < 1e-14));
    }
}
