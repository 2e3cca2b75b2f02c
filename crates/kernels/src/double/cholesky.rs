//! The Cholesky factorization `A = L·Lᵀ` and what follows from it: solutions, the inverse of the factor, traces.

use super::product::{View, gemm_subtract, squared_norm, subtract, subtract_lower};
use std::{error::Error, fmt};

/// Rows and columns that are worked on together.
const BLOCK: usize = 32;
/// Columns of the inverse that are worked on together.
const COLUMNS: usize = 128;

/// A matrix that is not positive definite, at least not in `f64`.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct NotPositiveDefinite {
    /// The row at which a pivot was not positive.
    pub row: usize,
}

impl fmt::Display for NotPositiveDefinite {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(formatter, "the matrix is not positive definite: the pivot in row {} is not positive", self.row)
    }
}

impl Error for NotPositiveDefinite {}

/// A Cholesky factorization under way, in steps of about `32·order²` operations.
#[derive(Clone, Debug)]
pub struct Factorization {
    order: usize,
    /// `L` where it is finished; what remains of `A` elsewhere.
    matrix: Vec<f64>,
    next: usize,
}

impl Factorization {
    /// Begins with a symmetric matrix, row-major, `order × order`; only its lower triangle is read.
    ///
    /// # Panics
    /// If the matrix has another size.
    pub fn new(matrix: Vec<f64>, order: usize) -> Self {
        assert!(matrix.len() == order * order, "a square matrix of another order");
        Self { order, matrix, next: 0 }
    }

    /// Does the next 32 columns; true when the factor is finished.
    ///
    /// # Errors
    /// If a pivot is not positive.
    pub fn advance(&mut self) -> Result<bool, NotPositiveDefinite> {
        let order = self.order;
        let (start, end) = (self.next, (self.next + BLOCK).min(order));
        self.factor_block(start, end)?;
        self.solve_panel(start, end);
        self.next = end;
        Ok(end == order)
    }

    /// The rows below a finished diagonal block: solved against its triangle, and their product taken off the rest.
    /// They are worked on as columns, so that one step of the substitution serves all of them at once.
    fn solve_panel(&mut self, start: usize, end: usize) {
        let (order, width, count) = (self.order, end - start, self.order - end);
        if count == 0 {
            return;
        }
        let mut panel = vec![0.0; width * count];
        for (row, line) in self.matrix[end * order..].chunks_exact(order).enumerate() {
            for (column, &value) in line[start..end].iter().enumerate() {
                panel[column * count + row] = value;
            }
        }
        for column in 0..width {
            let factors = &self.matrix[(start + column) * order + start..][..=column];
            let (solved, rest) = panel.split_at_mut(column * count);
            let line = &mut rest[..count];
            for (known, &factor) in solved.chunks_exact(count).zip(factors) {
                line.iter_mut().zip(known).for_each(|(slot, value)| *slot -= factor * value);
            }
            for slot in line.iter_mut() {
                *slot /= factors[column];
            }
        }
        for (row, line) in self.matrix[end * order..].chunks_exact_mut(order).enumerate() {
            for (column, slot) in line[start..end].iter_mut().enumerate() {
                *slot = panel[column * count + row];
            }
        }
        let columns = View::new(&panel, width, count);
        subtract_lower(&mut self.matrix[end * order + end..], order, columns.transposed(), columns, 0);
    }

    /// The triangle of one diagonal block, column by column.
    fn factor_block(&mut self, start: usize, end: usize) -> Result<(), NotPositiveDefinite> {
        let order = self.order;
        for column in start..end {
            let line = &self.matrix[column * order + start..=column * order + column];
            let pivot = line[column - start] - line[..column - start].iter().map(|v| v * v).sum::<f64>();
            // A NaN is not positive either.
            if pivot.is_nan() || pivot <= 0.0 || pivot.is_infinite() {
                return Err(NotPositiveDefinite { row: column });
            }
            let root = pivot.sqrt();
            self.matrix[column * order + column] = root;
            for row in column + 1..end {
                let known: f64 =
                    (start..column).map(|k| self.matrix[row * order + k] * self.matrix[column * order + k]).sum();
                self.matrix[row * order + column] = (self.matrix[row * order + column] - known) / root;
            }
        }
        Ok(())
    }

    /// The finished factorization.
    ///
    /// # Panics
    /// If [`Factorization::advance`] has not returned `Ok(true)`.
    pub fn finish(mut self) -> Cholesky {
        assert!(self.next == self.order, "the factorization is finished");
        for row in 0..self.order {
            self.matrix[row * self.order + row + 1..(row + 1) * self.order].fill(0.0);
        }
        Cholesky { order: self.order, lower: self.matrix }
    }
}

/// `A = L·Lᵀ` with `L` lower triangular.
#[derive(Clone, Debug)]
pub struct Cholesky {
    order: usize,
    lower: Vec<f64>,
}

impl Cholesky {
    /// Factors a symmetric matrix, row-major, `order × order`, at once; only its lower triangle is read.
    ///
    /// # Errors
    /// If the matrix is not positive definite.
    pub fn new(matrix: Vec<f64>, order: usize) -> Result<Self, NotPositiveDefinite> {
        let mut factorization = Factorization::new(matrix, order);
        if order > 0 {
            while !factorization.advance()? {}
        }
        Ok(factorization.finish())
    }

    /// The order of `A`.
    pub const fn order(&self) -> usize {
        self.order
    }

    /// `L`, row-major, zeros above the diagonal.
    pub fn lower(&self) -> &[f64] {
        &self.lower
    }

    /// Solves `A·x = b` in place.
    ///
    /// # Panics
    /// If `b` has another length than the order.
    pub fn solve(&self, b: &mut [f64]) {
        self.solve_many(b, 1);
    }

    /// Solves `A·X = B` in place for `columns` right-hand sides: `b` is row-major, `order × columns`.
    ///
    /// # Panics
    /// If `b` has another size.
    pub fn solve_many(&self, b: &mut [f64], columns: usize) {
        self.solve_lower(b, columns);
        self.solve_upper(b, columns);
    }

    /// Solves `L·Y = B` in place: `b` is row-major, `order × columns`.
    ///
    /// # Panics
    /// If `b` has another size.
    pub fn solve_lower(&self, b: &mut [f64], columns: usize) {
        let order = self.order;
        assert!(b.len() == order * columns, "right-hand sides of another length");
        let lower = View::new(&self.lower, order, order);
        for start in (0..order).step_by(BLOCK) {
            let end = (start + BLOCK).min(order);
            let (known, rest) = b.split_at_mut(start * columns);
            let block = &mut rest[..(end - start) * columns];
            gemm_subtract(block, lower.block(start..end, 0..start), View::new(known, start, columns));
            self.substitute_forward(block, columns, columns, start, end);
        }
    }

    /// Solves `Lᵀ·X = Y` in place: `y` is row-major, `order × columns`.
    ///
    /// # Panics
    /// If `y` has another size.
    pub fn solve_upper(&self, y: &mut [f64], columns: usize) {
        let order = self.order;
        assert!(y.len() == order * columns, "right-hand sides of another length");
        let upper = View::new(&self.lower, order, order).transposed();
        for start in (0..order).step_by(BLOCK).rev() {
            let end = (start + BLOCK).min(order);
            let (head, known) = y.split_at_mut(end * columns);
            let block = &mut head[start * columns..];
            gemm_subtract(block, upper.block(start..end, end..order), View::new(known, order - end, columns));
            for row in (start..end).rev() {
                let (above, below) = block.split_at_mut((row + 1 - start) * columns);
                let line = &mut above[(row - start) * columns..];
                for (next, solved) in (row + 1..end).zip(below.chunks_exact(columns.max(1))) {
                    let factor = self.lower[next * order + row];
                    line.iter_mut().zip(solved).for_each(|(slot, value)| *slot -= factor * value);
                }
                let pivot = self.lower[row * order + row];
                for slot in line.iter_mut() {
                    *slot /= pivot;
                }
            }
        }
    }

    /// Forward substitution with the diagonal block of rows `start..end`, on the first `width` of rows `stride` apart.
    fn substitute_forward(&self, block: &mut [f64], stride: usize, width: usize, start: usize, end: usize) {
        for row in start..end {
            let (above, below) = block.split_at_mut((row - start) * stride);
            let line = &mut below[..width];
            for (previous, solved) in (start..row).zip(above.chunks(stride.max(1))) {
                let factor = self.lower[row * self.order + previous];
                line.iter_mut().zip(&solved[..width]).for_each(|(slot, value)| *slot -= factor * value);
            }
            let pivot = self.lower[row * self.order + row];
            for slot in line.iter_mut() {
                *slot /= pivot;
            }
        }
    }

    /// The trace of `A⁻¹`, at once.
    pub fn trace_of_inverse(&self) -> f64 {
        let mut inverse = InverseFactor::new(self.order);
        while !inverse.advance(self) {}
        inverse.trace_of_inverse()
    }
}

/// `W = L⁻¹`, lower triangular, under way in steps of at most `32·order²` operations. `A⁻¹ = Wᵀ·W`.
#[derive(Clone, Debug)]
pub struct InverseFactor {
    order: usize,
    inverse: Vec<f64>,
    next: usize,
}

impl InverseFactor {
    /// Begins.
    pub fn new(order: usize) -> Self {
        let mut inverse = vec![0.0; order * order];
        for row in 0..order {
            inverse[row * order + row] = 1.0;
        }
        Self { order, inverse, next: 0 }
    }

    /// Does the next 32 rows; true when all are done.
    ///
    /// # Panics
    /// If `factor` has another order.
    pub fn advance(&mut self, factor: &Cholesky) -> bool {
        let order = self.order;
        assert!(factor.order == order, "the factor that was begun with");
        let (start, end) = (self.next, (self.next + BLOCK).min(order));
        let (known, rest) = self.inverse.split_at_mut(start * order);
        let block = &mut rest[..(end - start) * order];
        let lower = View::new(&factor.lower, order, order);
        let known = View::new(known, start, order);
        for first in (0..start).step_by(COLUMNS) {
            // Above its diagonal the inverse is zero.
            let last = (first + COLUMNS).min(start);
            let (factors, columns) = (lower.block(start..end, first..start), known.block(first..start, first..last));
            subtract(&mut block[first..], order, factors, columns);
        }
        // Nothing stands to the right of the block's own columns.
        factor.substitute_forward(block, order, end, start, end);
        self.next = end;
        end == order
    }

    /// `L⁻¹`, row-major, zeros above the diagonal.
    pub fn values(&self) -> &[f64] {
        &self.inverse
    }

    /// The trace of `A⁻¹ = Wᵀ·W`: the sum of the squares in `W`.
    pub fn trace_of_inverse(&self) -> f64 {
        squared_norm(&self.inverse)
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::double::testing::numbers;
    use crate::double::{gemm, gemm_reference, syrk};
    use proptest::prelude::*;

    /// A well-conditioned positive definite matrix.
    fn positive_definite(order: usize, seed: u64) -> Vec<f64> {
        let x = numbers(order * 2 * order, seed);
        let mut matrix = vec![0.0; order * order];
        syrk(&mut matrix, View::new(&x, order, 2 * order));
        for row in 0..order {
            matrix[row * order + row] += 1.0;
        }
        matrix
    }

    proptest! {
        #[test]
        fn the_factor_times_its_transpose_is_the_matrix(order in 1usize..110, seed in 0u64..500) {
            let matrix = positive_definite(order, seed);
            let cholesky = Cholesky::new(matrix.clone(), order).unwrap();
            let lower = View::new(cholesky.lower(), order, order);
            let mut product = vec![0.0; order * order];
            gemm_reference(&mut product, lower, lower.transposed());
            prop_assert!(product.iter().zip(&matrix).all(|(a, b)| (a - b).abs() < 1e-11));
        }

        #[test]
        fn solutions_satisfy_their_equations(order in 1usize..110, columns in 0usize..12, seed in 0u64..500) {
            let matrix = positive_definite(order, seed);
            let right = numbers(order * columns, seed + 7);
            let mut solution = right.clone();
            Cholesky::new(matrix.clone(), order).unwrap().solve_many(&mut solution, columns);
            let mut product = vec![0.0; order * columns];
            gemm(&mut product, View::new(&matrix, order, order), View::new(&solution, order, columns));
            prop_assert!(product.iter().zip(&right).all(|(a, b)| (a - b).abs() < 1e-10));
        }

        #[test]
        fn the_trace_of_the_inverse_sums_the_solutions_for_unit_vectors(order in 1usize..90, seed in 0u64..500) {
            let cholesky = Cholesky::new(positive_definite(order, seed), order).unwrap();
            let trace: f64 = (0..order)
                .map(|column| {
                    let mut unit = vec![0.0; order];
                    unit[column] = 1.0;
                    cholesky.solve(&mut unit);
                    unit[column]
                })
                .sum();
            prop_assert!((cholesky.trace_of_inverse() - trace).abs() < 1e-10 * trace);
        }
    }

    proptest! {
        #[test]
        fn factor_and_solution_agree_with_those_of_nalgebra(
            order in 1usize..110, spread in 0u32..13, seed in 0u64..500,
        ) {
            // Condition numbers up to about 10¹²: columns of very different size, and a ridge that keeps it definite.
            let x: Vec<f64> = numbers(order * (order + 1), seed)
                .iter()
                .enumerate()
                .map(|(place, value)| {
                    let row = place / (order + 1);
                    value * libm::exp10(-0.5 * f64::from(spread) * row as f64 / order as f64)
                })
                .collect();
            let mut matrix = vec![0.0; order * order];
            syrk(&mut matrix, View::new(&x, order, order + 1));
            let ridge = 1e-8 * libm::exp10(-0.3 * f64::from(spread)) * matrix[0];
            matrix.iter_mut().step_by(order + 1).for_each(|slot| *slot += ridge);
            let own = Cholesky::new(matrix.clone(), order).unwrap();
            let copy = nalgebra::DMatrix::from_row_slice(order, order, &matrix);
            let spectrum = copy.clone().symmetric_eigenvalues();
            let condition = spectrum.max() / spectrum.min();
            prop_assume!(condition > 0.0 && condition < 1e13);
            let other = nalgebra::Cholesky::new(copy).unwrap();
            let relative = |one: &[f64], other: &[f64]| {
                let apart: Vec<f64> = one.iter().zip(other).map(|(a, b)| a - b).collect();
                (squared_norm(&apart) / squared_norm(other)).sqrt()
            };
            // The factor and the solution are as sensitive as the matrix is ill-conditioned.
            let bound = 1e-15 * order as f64 * condition;
            prop_assert!(relative(own.lower(), other.l().transpose().as_slice()) <= bound);
            let right = numbers(order, seed + 3);
            let mut solution = right.clone();
            own.solve(&mut solution);
            prop_assert!(relative(&solution, other.solve(&nalgebra::DVector::from_vec(right)).as_slice()) <= bound);
        }
    }

    #[test]
    fn an_indefinite_matrix_is_refused_with_its_row() {
        let mut matrix = positive_definite(50, 3);
        matrix[40 * 50 + 40] = -1.0;
        assert_eq!(Cholesky::new(matrix, 50).unwrap_err(), NotPositiveDefinite { row: 40 });
    }

    #[test]
    fn numbers_that_are_not_finite_are_refused() {
        for bad in [f64::NAN, f64::INFINITY] {
            let mut matrix = positive_definite(5, 3);
            matrix[2 * 5 + 2] = bad;
            assert_eq!(Cholesky::new(matrix, 5).unwrap_err(), NotPositiveDefinite { row: 2 });
        }
    }

    #[test]
    fn a_matrix_of_order_zero_has_an_empty_factor() {
        assert_eq!(Cholesky::new(Vec::new(), 0).unwrap().trace_of_inverse(), 0.0);
    }
}
