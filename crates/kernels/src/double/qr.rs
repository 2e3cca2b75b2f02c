//! The QR factorization and least squares by it.

use super::{
    dense::{LinearAlgebraError, scaled, unscale},
    product::{View, gemv},
};

/// `A = Q·R` for an `m × n` matrix, in its thin form: with `k = min(m, n)`, `Q` is `m × k` with orthonormal columns and
/// `R` is `k × n`, zero below its diagonal and not negative on it. If `A` has rank `n`, that determines both.
///
/// Householder reflections (Golub and Van Loan, *Matrix Computations*, section 5.2) by nalgebra, without pivoting. The
/// product of the factors differs from `A` by a few units of 2⁻⁵² times `A`'s norm.
#[derive(Clone, Debug)]
pub struct Qr {
    rows: usize,
    columns: usize,
    /// `Q`, column by column.
    q: Vec<f64>,
    /// `R`, column by column.
    r: Vec<f64>,
}

impl Qr {
    /// Factors a matrix. Takes about `4·m·n·k` operations. Without rows or columns the factors are empty.
    ///
    /// # Errors
    /// [`LinearAlgebraError::NotFinite`] if an element is not finite, or one of `R` is too large for `f64`.
    pub fn new(a: View) -> Result<Self, LinearAlgebraError> {
        let (rows, columns) = (a.rows(), a.columns());
        let (copy, scale) = scaled(a)?;
        let factored = nalgebra::QR::new(copy);
        let q = factored.q().as_slice().to_vec();
        let mut r = factored.unpack_r().as_slice().to_vec();
        unscale(&mut r, scale)?;
        Ok(Self { rows, columns, q, r })
    }

    /// `Q`: `m × min(m, n)`.
    pub fn q(&self) -> View<'_> {
        View::new(&self.q, self.rank_bound(), self.rows).transposed()
    }

    /// `R`: `min(m, n) × n`.
    pub fn r(&self) -> View<'_> {
        View::new(&self.r, self.columns, self.rank_bound()).transposed()
    }

    /// The `x` (`n` numbers) for which `‖A·x − b‖` is least; `b` has `m` numbers. What is not finite in `b` is not
    /// finite in `x`.
    ///
    /// # Errors
    /// [`LinearAlgebraError::RankDeficient`] if an element on `R`'s diagonal is at most `m·2⁻⁵²` times the largest.
    /// Without pivoting that misses some matrices that are nearly singular; `Svd` misses none.
    ///
    /// # Panics
    /// If `A` has fewer rows than columns, or `b` another length.
    pub fn least_squares(&self, b: &[f64]) -> Result<Vec<f64>, LinearAlgebraError> {
        assert!(self.rows >= self.columns, "at least as many equations as unknowns");
        self.require_full_rank()?;
        let mut x = vec![0.0; self.columns];
        gemv(&mut x, self.q().transposed(), b);
        // Back substitution, a column of `R` at a time.
        for column in (0..self.columns).rev() {
            let factors = self.column_of_r(column);
            x[column] /= factors[column];
            let solved = x[column];
            x.iter_mut().zip(&factors[..column]).for_each(|(slot, factor)| *slot -= solved * factor);
        }
        Ok(x)
    }

    /// The shortest `x` (`m` numbers) with `Aᵀ·x = b`; `b` has `n` numbers. What is not finite in `b` is not finite
    /// in `x`.
    ///
    /// # Errors
    /// As for [`Qr::least_squares`].
    ///
    /// # Panics
    /// If `A` has fewer rows than columns, or `b` another length.
    pub fn transposed_least_norm(&self, b: &[f64]) -> Result<Vec<f64>, LinearAlgebraError> {
        assert!(self.rows >= self.columns, "at least as many unknowns as equations");
        assert!(b.len() == self.columns, "a right-hand side of another length");
        self.require_full_rank()?;
        // Forward substitution: the columns of `R` are the rows of its transpose.
        let mut y = b.to_vec();
        for row in 0..self.columns {
            let factors = self.column_of_r(row);
            let known: f64 = y.iter().zip(&factors[..row]).map(|(value, factor)| value * factor).sum();
            y[row] = (y[row] - known) / factors[row];
        }
        let mut x = vec![0.0; self.rows];
        gemv(&mut x, self.q(), &y);
        Ok(x)
    }

    fn rank_bound(&self) -> usize {
        self.rows.min(self.columns)
    }

    fn column_of_r(&self, column: usize) -> &[f64] {
        let height = self.rank_bound();
        &self.r[column * height..(column + 1) * height]
    }

    fn require_full_rank(&self) -> Result<(), LinearAlgebraError> {
        let diagonal = || (0..self.columns).map(|k| self.column_of_r(k)[k]);
        let tolerance = self.rows as f64 * f64::EPSILON * diagonal().fold(0.0, f64::max);
        if diagonal().all(|value| value > tolerance) { Ok(()) } else { Err(LinearAlgebraError::RankDeficient) }
    }
}

/// The `x` for which `‖A·x − b‖` is least, and if many reach that, the shortest of them: by [`Qr`] of `A`, or of `Aᵀ` if
/// `A` has fewer rows than columns.
///
/// # Errors
/// As for [`Qr::new`] and [`Qr::least_squares`]: a matrix without full rank is refused. `Svd::solve` takes it.
///
/// # Panics
/// If `b` has another length than `A` has rows.
pub fn least_squares(a: View, b: &[f64]) -> Result<Vec<f64>, LinearAlgebraError> {
    if a.rows() >= a.columns() {
        Qr::new(a)?.least_squares(b)
    } else {
        Qr::new(a.transposed())?.transposed_least_norm(b)
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::double::testing::{difference, distance_from_orthonormal, numbers};
    use crate::double::{gemm, squared_norm};
    use proptest::prelude::*;

    fn product(qr: &Qr) -> Vec<f64> {
        let mut product = vec![0.0; qr.rows * qr.columns];
        gemm(&mut product, qr.q(), qr.r());
        product
    }

    proptest! {
        #[test]
        fn orthonormal_times_triangular_with_positive_diagonal_is_the_matrix(
            m in 1usize..50, n in 1usize..50, seed in 0u64..500, flip: bool, exponent in -300i32..300,
        ) {
            let values: Vec<f64> = numbers(m * n, seed).iter().map(|v| v * libm::exp10(f64::from(exponent))).collect();
            let a = if flip { View::new(&values, n, m).transposed() } else { View::new(&values, m, n) };
            let qr = Qr::new(a).unwrap();
            prop_assert!(distance_from_orthonormal(qr.q().transposed()) < 1e-14);
            prop_assert!(difference(View::new(&product(&qr), m, n), a) < 1e-14 * libm::exp10(f64::from(exponent)));
            for row in 0..m.min(n) {
                prop_assert!(qr.r().at(row, row) >= 0.0);
                prop_assert!((0..row.min(n)).all(|column| qr.r().at(row, column) == 0.0));
            }
        }

        #[test]
        fn a_least_squares_residual_is_orthogonal_to_the_columns(n in 1usize..30, more in 0usize..30, seed in 0u64..500) {
            let m = n + more;
            let (values, b) = (numbers(m * n, seed), numbers(m, seed + 1));
            let a = View::new(&values, m, n);
            let x = least_squares(a, &b).unwrap();
            let mut residual = vec![0.0; m];
            gemv(&mut residual, a, &x);
            residual.iter_mut().zip(&b).for_each(|(slot, wanted)| *slot = wanted - *slot);
            let mut correlations = vec![0.0; n];
            gemv(&mut correlations, a.transposed(), &residual);
            let size = 1.0 + squared_norm(&x).sqrt();
            prop_assert!(correlations.iter().all(|value| value.abs() < 1e-13 * size * m as f64));
        }

        #[test]
        fn with_fewer_equations_than_unknowns_the_solution_is_exact_and_a_combination_of_the_rows(
            m in 1usize..20, more in 1usize..30, seed in 0u64..500,
        ) {
            let n = m + more;
            let (values, b) = (numbers(m * n, seed), numbers(m, seed + 1));
            let a = View::new(&values, m, n);
            let x = least_squares(a, &b).unwrap();
            let size = 1.0 + squared_norm(&x).sqrt();
            let mut image = vec![0.0; m];
            gemv(&mut image, a, &x);
            prop_assert!(image.iter().zip(&b).all(|(left, right)| (left - right).abs() < 1e-13 * size * n as f64));
            // What is in the row space is its own projection onto it.
            let qr = Qr::new(a.transposed()).unwrap();
            let (mut inside, mut projected) = (vec![0.0; m], vec![0.0; n]);
            gemv(&mut inside, qr.q().transposed(), &x);
            gemv(&mut projected, qr.q(), &inside);
            prop_assert!(projected.iter().zip(&x).all(|(left, right)| (left - right).abs() < 1e-14 * size));
        }
    }

    #[test]
    fn a_worked_example() {
        // Columns (3, 4) and (1, 2): R = [5, 2.2; 0, 0.4].
        let qr = Qr::new(View::new(&[3.0, 1.0, 4.0, 2.0], 2, 2)).unwrap();
        let r = [[5.0, 2.2], [0.0, 0.4]];
        for (row, line) in r.iter().enumerate() {
            for (column, value) in line.iter().enumerate() {
                assert!((qr.r().at(row, column) - value).abs() < 1e-15);
            }
        }
        let x = qr.least_squares(&[5.0, 8.0]).unwrap();
        assert!((x[0] - 1.0).abs() < 1e-14 && (x[1] - 2.0).abs() < 1e-14);
    }

    #[test]
    fn dependent_columns_are_refused_in_both_directions() {
        let values = [1.0, 2.0, 2.0, 4.0, 3.0, 6.0];
        let (tall, b) = (View::new(&values, 3, 2), [1.0, 1.0, 1.0]);
        assert_eq!(least_squares(tall, &b).unwrap_err(), LinearAlgebraError::RankDeficient);
        assert_eq!(least_squares(tall.transposed(), &b[..2]).unwrap_err(), LinearAlgebraError::RankDeficient);
        assert_eq!(least_squares(View::new(&[0.0; 4], 2, 2), &[1.0, 1.0]), Err(LinearAlgebraError::RankDeficient));
    }

    #[test]
    fn what_is_not_finite_is_refused() {
        for bad in [f64::NAN, f64::INFINITY, f64::NEG_INFINITY] {
            assert_eq!(Qr::new(View::new(&[1.0, bad], 2, 1)).unwrap_err(), LinearAlgebraError::NotFinite);
        }
        assert_eq!(Qr::new(View::new(&[f64::MAX; 4], 4, 1)).unwrap_err(), LinearAlgebraError::NotFinite);
    }

    #[test]
    fn empty_matrices_have_empty_factors() {
        for (m, n) in [(0, 0), (3, 0), (0, 3)] {
            let qr = Qr::new(View::new(&[], m, n)).unwrap();
            assert_eq!((qr.q().rows(), qr.q().columns(), qr.r().rows(), qr.r().columns()), (m, 0, 0, n));
        }
        assert_eq!(least_squares(View::new(&[], 3, 0), &[1.0; 3]).unwrap(), [0.0; 0]);
        assert_eq!(least_squares(View::new(&[], 0, 3), &[]).unwrap(), [0.0; 3]);
    }
}
