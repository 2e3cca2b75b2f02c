//! Eigenvalues and eigenvectors of a symmetric matrix: Householder reflections to tridiagonal form, then implicitly
//! shifted QR with Wilkinson's shift (Golub and Van Loan, *Matrix Computations*, algorithms 8.3.1 to 8.3.3). Eigenvalues
//! are right to a few units of 2⁻⁵² times the matrix norm.

use super::product::{View, dot, gemv};

/// QR steps after which an off-diagonal element is given up on; two or three are the rule.
const MAX_STEPS_PER_EIGENVALUE: usize = 60;

/// `A = Σ λᵢ·vᵢ·vᵢᵀ`.
#[derive(Clone, Debug)]
pub struct SymmetricEigen {
    /// The eigenvalues, least first.
    pub values: Vec<f64>,
    /// The orthonormal eigenvectors as rows, in the order of the values: `order × order`, row-major.
    pub vectors: Vec<f64>,
}

/// Decomposes a symmetric matrix, row-major, `order × order`. Takes about `9·order³` operations. Numbers that are not
/// finite come back as eigenvalues that are not finite.
///
/// # Panics
/// If the matrix has another size.
pub fn symmetric_eigen(matrix: &[f64], order: usize) -> SymmetricEigen {
    let mut reduction = Reduction::new(matrix.to_vec(), order);
    let mut reflections = Vec::with_capacity(order);
    while let Some(reflection) = reduction.reflect() {
        reflections.push(reflection);
    }
    let mut tridiagonal = reduction.finish();
    tridiagonal.accumulate(&reflections);
    tridiagonal.diagonalize();
    tridiagonal.sorted()
}

/// The eigenvalues alone, least first, with the same bits as those of [`symmetric_eigen`] but in about `4/3·order³`
/// operations.
///
/// # Panics
/// If the matrix has another size.
pub fn symmetric_eigenvalues(matrix: &[f64], order: usize) -> Vec<f64> {
    let mut eigenvalues = Eigenvalues::new(matrix.to_vec(), order);
    while !eigenvalues.advance() {}
    eigenvalues.finish()
}

/// [`symmetric_eigenvalues`] in slices, with the same bits.
#[derive(Clone, Debug)]
pub struct Eigenvalues {
    reduction: Reduction,
}

impl Eigenvalues {
    /// Begins with a symmetric matrix, row-major, `order × order`.
    ///
    /// # Panics
    /// If the matrix has another size.
    pub fn new(matrix: Vec<f64>, order: usize) -> Self {
        Self { reduction: Reduction::new(matrix, order) }
    }

    /// The next column's reduction, at most `6·order²` operations; true when none is left.
    pub fn advance(&mut self) -> bool {
        self.reduction.reflect().is_none()
    }

    /// The eigenvalues, least first: what is left of the reduction, and some `100·order²` operations.
    pub fn finish(mut self) -> Vec<f64> {
        while !self.advance() {}
        let mut tridiagonal = self.reduction.finish();
        tridiagonal.diagonalize();
        tridiagonal.sorted().values
    }
}

/// Vector `v` and factor of a reflection `1 − factor·v·vᵀ`.
type Reflection = (Vec<f64>, f64);

/// Householder's reduction to tridiagonal form under way.
#[derive(Clone, Debug)]
struct Reduction {
    order: usize,
    /// The matrix; its leading columns are not of use any more.
    a: Vec<f64>,
    off: Vec<f64>,
    /// Columns that are reduced.
    done: usize,
}

/// `A = Vᵀ·T·V` with `T` tridiagonal; the rows of `V` become the eigenvectors.
struct Tridiagonal {
    order: usize,
    diagonal: Vec<f64>,
    /// `off[k]` couples `k` and `k + 1`.
    off: Vec<f64>,
    /// Empty if the eigenvectors are not wanted.
    rows: Vec<f64>,
}

impl Reduction {
    fn new(a: Vec<f64>, order: usize) -> Self {
        assert!(a.len() == order * order, "a square matrix of another order");
        Self { order, a, off: vec![0.0; order.saturating_sub(1)], done: 0 }
    }

    /// Reduces the next column; the reflection that it takes, or nothing if none is left.
    fn reflect(&mut self) -> Option<Reflection> {
        let (order, k) = (self.order, self.done);
        if k + 2 >= order {
            return None;
        }
        self.done += 1;
        let a = &mut self.a;
        let first = k + 1;
        let mut v: Vec<f64> = (first..order).map(|row| a[row * order + k]).collect();
        let norm = dot(&v, &v).sqrt();
        if norm == 0.0 {
            return Some((v, 0.0));
        }
        // The sign that adds, so that nothing cancels.
        self.off[k] = if v[0] > 0.0 { -norm } else { norm };
        v[0] -= self.off[k];
        let scale = 2.0 / dot(&v, &v);
        // A ← H·A·H on the trailing block, as A − v·wᵀ − w·vᵀ.
        let mut w = vec![0.0; v.len()];
        gemv(&mut w, View::new(a, order, order).block(first..order, first..order), &v);
        for value in &mut w {
            *value *= scale;
        }
        let half = 0.5 * scale * dot(&w, &v);
        w.iter_mut().zip(&v).for_each(|(value, reflected)| *value -= half * reflected);
        for row in first..order {
            let (vi, wi) = (v[row - first], w[row - first]);
            let line = &mut a[row * order + first..(row + 1) * order];
            for ((slot, vj), wj) in line.iter_mut().zip(&v).zip(&w) {
                // Both products are summed before they are taken off, so that the block stays symmetric.
                *slot -= vi * wj + wi * vj;
            }
        }
        Some((v, scale))
    }

    /// The tridiagonal form, once nothing is left to reflect.
    fn finish(mut self) -> Tridiagonal {
        let order = self.order;
        if order >= 2 {
            self.off[order - 2] = self.a[(order - 1) * order + order - 2];
        }
        let diagonal = (0..order).map(|k| self.a[k * order + k]).collect();
        Tridiagonal { order, diagonal, off: self.off, rows: Vec::new() }
    }
}

impl Tridiagonal {
    /// The transposed product of the reflections: row `k` is `Q`'s column `k`.
    fn accumulate(&mut self, reflections: &[Reflection]) {
        let order = self.order;
        let mut rows = vec![0.0; order * order];
        for k in 0..order {
            rows[k * order + k] = 1.0;
        }
        for (k, (v, scale)) in reflections.iter().enumerate().rev() {
            let first = k + 1;
            for line in rows.chunks_exact_mut(order) {
                let tail = &mut line[first..];
                let factor = scale * dot(tail, v);
                tail.iter_mut().zip(v).for_each(|(slot, value)| *slot -= factor * value);
            }
        }
        self.rows = rows;
    }

    /// QR steps until every coupling is negligible.
    fn diagonalize(&mut self) {
        let mut budget = MAX_STEPS_PER_EIGENVALUE * self.order;
        let mut high = self.order.saturating_sub(1);
        while high > 0 && budget > 0 {
            if self.negligible(high - 1) {
                self.off[high - 1] = 0.0;
                high -= 1;
                continue;
            }
            let low = (0..high).rev().find(|&k| self.negligible(k)).map_or(0, |k| k + 1);
            self.step(low, high);
            budget -= 1;
        }
    }

    fn negligible(&self, k: usize) -> bool {
        self.off[k].abs() <= f64::EPSILON * (self.diagonal[k].abs() + self.diagonal[k + 1].abs())
    }

    /// One implicitly shifted QR step on the unreduced block `low..=high`.
    fn step(&mut self, low: usize, high: usize) {
        let coupling = self.off[high - 1];
        let half = 0.5 * (self.diagonal[high - 1] - self.diagonal[high]);
        let root = (half * half + coupling * coupling).sqrt();
        let shift = self.diagonal[high] - coupling * coupling / (half + if half < 0.0 { -root } else { root });
        let (mut x, mut z) = (self.diagonal[low] - shift, self.off[low]);
        for k in low..high {
            let length = (x * x + z * z).sqrt();
            let (c, s) = if length > 0.0 { (x / length, z / length) } else { (1.0, 0.0) };
            if k > low {
                self.off[k - 1] = length;
            }
            let (a, b, g) = (self.diagonal[k], self.off[k], self.diagonal[k + 1]);
            self.diagonal[k] = c * c * a + 2.0 * c * s * b + s * s * g;
            self.diagonal[k + 1] = s * s * a - 2.0 * c * s * b + c * c * g;
            self.off[k] = c * s * (g - a) + (c * c - s * s) * b;
            if k + 1 < high {
                x = self.off[k];
                z = s * self.off[k + 1];
                self.off[k + 1] *= c;
            }
            self.rotate(k, c, s);
        }
    }

    /// Turns rows `k` and `k + 1` of the vectors.
    fn rotate(&mut self, k: usize, c: f64, s: f64) {
        if self.rows.is_empty() {
            return;
        }
        let (head, tail) = self.rows.split_at_mut((k + 1) * self.order);
        let upper = &mut head[k * self.order..];
        for (a, b) in upper.iter_mut().zip(&mut tail[..self.order]) {
            let (first, second) = (*a, *b);
            *a = c * first + s * second;
            *b = c * second - s * first;
        }
    }

    fn sorted(self) -> SymmetricEigen {
        let mut order: Vec<usize> = Vec::with_capacity(self.order);
        for k in 0..self.order {
            let place = order.partition_point(|&other| self.diagonal[other].total_cmp(&self.diagonal[k]).is_le());
            order.insert(place, k);
        }
        let values = order.iter().map(|&k| self.diagonal[k]).collect();
        let width = if self.rows.is_empty() { 0 } else { self.order };
        let vectors = order.iter().flat_map(|&k| &self.rows[k * width..(k + 1) * width]).copied().collect();
        SymmetricEigen { values, vectors }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::double::testing::numbers;
    use crate::double::{gemm_reference, squared_norm, syrk};
    use nalgebra::DMatrix;
    use proptest::prelude::*;

    fn symmetric(order: usize, seed: u64) -> Vec<f64> {
        let mut drawn = numbers(order * (order + 1) / 2, seed).into_iter();
        let mut next = || drawn.next().expect("one for each entry of the triangle");
        let mut matrix = vec![0.0; order * order];
        for row in 0..order {
            for column in 0..=row {
                let value = next();
                matrix[row * order + column] = value;
                matrix[column * order + row] = value;
            }
        }
        matrix
    }

    proptest! {
        #[test]
        fn the_vectors_are_orthonormal_and_rebuild_the_matrix(order in 1usize..70, seed in 0u64..400) {
            let matrix = symmetric(order, seed);
            let SymmetricEigen { values, vectors } = symmetric_eigen(&matrix, order);
            let rows = View::new(&vectors, order, order);
            let mut gram = vec![0.0; order * order];
            gemm_reference(&mut gram, rows, rows.transposed());
            for (index, value) in gram.iter().enumerate() {
                let expected = if index / order == index % order { 1.0 } else { 0.0 };
                prop_assert!((value - expected).abs() < 1e-13);
            }
            let scaled: Vec<f64> = vectors.chunks(order).zip(&values).flat_map(|(v, l)| v.iter().map(move |x| l * x)).collect();
            let mut rebuilt = vec![0.0; order * order];
            gemm_reference(&mut rebuilt, rows.transposed(), View::new(&scaled, order, order));
            prop_assert!(rebuilt.iter().zip(&matrix).all(|(a, b)| (a - b).abs() < 1e-12));
            prop_assert!(values.is_sorted());
            prop_assert_eq!(symmetric_eigenvalues(&matrix, order), values);
        }
    }

    /// Random, of condition 10¹⁶, with two clusters of eigenvalues 10⁻¹² wide, of low rank, graded, with many zeros.
    fn kind(kind: usize, order: usize, seed: u64) -> Vec<f64> {
        let spectrum = |value: &dyn Fn(usize) -> f64| {
            let axis = numbers(order, seed);
            let factor = 2.0 / squared_norm(&axis);
            let reflected = |row: usize, k: usize| f64::from(u8::from(row == k)) - factor * axis[row] * axis[k];
            let mut matrix = vec![0.0; order * order];
            for row in 0..order {
                for column in 0..=row {
                    let sum = (0..order).map(|k| reflected(row, k) * value(k) * reflected(column, k)).sum();
                    matrix[row * order + column] = sum;
                    matrix[column * order + row] = sum;
                }
            }
            matrix
        };
        match kind {
            1 => spectrum(&|k| libm::exp10(-16.0 * k as f64 / order as f64)),
            2 => spectrum(&|k| (k % 2) as f64 + 1e-12 * k as f64 / order as f64),
            3 => {
                let mut matrix = vec![0.0; order * order];
                syrk(&mut matrix, View::new(&numbers(order * 3, seed), order, 3));
                matrix
            }
            4 => {
                let mut matrix = symmetric(order, seed);
                for (place, value) in matrix.iter_mut().enumerate() {
                    *value *= libm::exp10(-0.5 * (place / order + place % order) as f64);
                }
                matrix
            }
            5 => symmetric(order, seed).into_iter().map(|value| if value.abs() < 0.8 { 0.0 } else { value }).collect(),
            _ => symmetric(order, seed),
        }
    }

    proptest! {
        #[test]
        fn eigenvalues_agree_with_those_of_nalgebra_and_so_do_the_spaces_apart(
            order in 1usize..60, which in 0usize..6, seed in 0u64..400,
        ) {
            let matrix = kind(which, order, seed);
            let own = symmetric_eigen(&matrix, order);
            let copy = DMatrix::from_row_slice(order, order, &matrix);
            let other = nalgebra::SymmetricEigen::try_new(copy, f64::EPSILON, 100 * order).unwrap();
            let mut ranks: Vec<usize> = (0..order).collect();
            ranks.sort_by(|&a, &b| other.eigenvalues[a].total_cmp(&other.eigenvalues[b]));
            let norm = own.values.iter().fold(0.0_f64, |most, value| most.max(value.abs()));
            let tolerance = 2e-15 * order as f64 * norm;
            for (place, &rank) in ranks.iter().enumerate() {
                let value = own.values[place];
                prop_assert!((value - other.eigenvalues[rank]).abs() <= tolerance);
                // Vectors of eigenvalues that stand apart are determined up to their sign.
                let gap = |other: Option<&f64>| other.map_or(f64::INFINITY, |other| (value - other).abs());
                let gap = gap(own.values.get(place + 1)).min(gap(place.checked_sub(1).map(|below| &own.values[below])));
                if gap > 1e-3 * norm {
                    let vector = &own.vectors[place * order..(place + 1) * order];
                    let overlap = dot(vector, other.eigenvectors.column(rank).as_slice()).abs();
                    prop_assert!((overlap - 1.0).abs() < 1e-13);
                }
            }
        }
    }

    #[test]
    fn the_second_difference_matrix_has_its_known_spectrum() {
        let order = 40;
        let mut matrix = vec![0.0; order * order];
        for k in 0..order {
            matrix[k * order + k] = 2.0;
            if k + 1 < order {
                matrix[k * order + k + 1] = -1.0;
                matrix[(k + 1) * order + k] = -1.0;
            }
        }
        let values = symmetric_eigen(&matrix, order).values;
        for (k, value) in values.iter().enumerate() {
            let angle = (k + 1) as f64 * std::f64::consts::PI / (2.0 * (order + 1) as f64);
            assert!((value - 4.0 * libm::sin(angle) * libm::sin(angle)).abs() < 1e-14);
        }
    }

    #[test]
    fn a_diagonal_matrix_is_its_own_spectrum() {
        let eigen = symmetric_eigen(&[3.0, 0.0, 0.0, 0.0, -1.0, 0.0, 0.0, 0.0, 2.0], 3);
        assert_eq!(eigen.values, [-1.0, 2.0, 3.0]);
        assert!(eigen.vectors.chunks(3).all(|v| (squared_norm(v) - 1.0).abs() < 1e-15));
    }

    #[test]
    fn numbers_that_are_not_finite_end_the_work_too() {
        let eigen = symmetric_eigen(&[f64::NAN, 1.0, 1.0, 1.0], 2);
        assert!(eigen.values.iter().any(|value| !value.is_finite()));
    }
}
