//! Solving `(G + λI)·C = B` for a Gram matrix `G`, exactly or by gradient descent, in bounded slices.

use crate::random::Random;
use kernels::double::{
    Factorization, View, dot, gemm, gemm_add, gemv, mirror_lower, squared_norm, symmetric_eigen, syrk_lower_rows,
};

/// Operations of one slice.
const SLICE: usize = 8_000_000;

/// Rows of an `order × order` symmetric product over `depth` terms that make one slice.
pub fn rows_per_slice(order: usize, depth: usize) -> usize {
    (SLICE / (2 * order * depth).max(1)).max(4)
}

/// A positive semidefinite matrix with its right-hand sides.
pub struct System {
    /// Number of unknowns.
    pub order: usize,
    /// `G + λI`, `order × order`.
    pub matrix: Vec<f64>,
    /// `B`, `order × columns`; becomes the solution.
    pub right: Vec<f64>,
    /// Number of right-hand sides.
    pub columns: usize,
}

/// A solution under way.
pub enum Solver {
    /// By Cholesky factorization, with the system for what remains to be done after it.
    Exact(System, Factorization),
    /// By gradient descent.
    Descent(Descent),
    /// Found: `order × columns`.
    Solved(Vec<f64>),
}

impl Solver {
    /// Begins; `steps` of gradient descent, or none for the exact solution.
    pub fn new(system: System, steps: u64) -> Self {
        if steps > 0 {
            return Self::Descent(Descent::new(system, steps));
        }
        let factorization = Factorization::new(system.matrix.clone(), system.order);
        Self::Exact(system, factorization)
    }

    /// Does the next slice.
    pub fn advance(self) -> Self {
        match self {
            Self::Exact(mut system, mut factorization) => match factorization.advance() {
                Ok(false) => Self::Exact(system, factorization),
                Ok(true) => {
                    factorization.finish().solve_many(&mut system.right, system.columns);
                    Self::Solved(system.right)
                }
                Err(_) => Self::Solved(pseudo_inverse_times(&system)),
            },
            Self::Descent(mut descent) => {
                if descent.advance() {
                    Self::Solved(descent.iterate)
                } else {
                    Self::Descent(descent)
                }
            }
            solved @ Self::Solved(_) => solved,
        }
    }
}

/// `G⁺·B` for a matrix that is singular as far as `f64` can tell (features that no training image excites): what
/// minimum-norm least squares means then. Eigenvalues below `order·2⁻⁵²` of the greatest count as zero. One long
/// slice, for a case that hardly occurs.
fn pseudo_inverse_times(system: &System) -> Vec<f64> {
    let System { order, matrix, right, columns } = system;
    let eigen = symmetric_eigen(matrix, *order);
    let greatest = eigen.values.last().copied().unwrap_or(0.0);
    let cutoff = greatest * *order as f64 * f64::EPSILON;
    let vectors = View::new(&eigen.vectors, *order, *order);
    let mut coordinates = vec![0.0; order * columns];
    gemm(&mut coordinates, vectors, View::new(right, *order, *columns));
    for (row, &value) in coordinates.chunks_exact_mut(*columns).zip(&eigen.values) {
        for slot in row {
            *slot = if value > cutoff { *slot / value } else { 0.0 };
        }
    }
    let mut solution = vec![0.0; order * columns];
    gemm(&mut solution, vectors.transposed(), View::new(&coordinates, *order, *columns));
    solution
}

/// The `T`-th iterate `C ← P·C + η·B`, `P = I − η·A`, from zero: gradient descent on `½ tr CᵀAC − tr CᵀB` with
/// `η = 1/λ_max(A)`.
///
/// The iterate after `2k` steps is `P^k` times the one after `k` steps plus that one, so the powers `P, P², P⁴, …`
/// and the binary digits of `T` give it in about `log₂ T` products. Each squaring at most doubles the rounding error
/// of the eigenvalues next to 1, which leaves it below `T·2⁻⁵²`, as `T` single steps would.
pub struct Descent {
    order: usize,
    columns: usize,
    stage: Stage,
    /// `A`, then `P` to the power of `2^digit`.
    matrix: Vec<f64>,
    /// `B`, then the iterate after `2^digit` steps.
    block: Vec<f64>,
    /// The binary digits of `T` that are still to come, lowest first.
    digits: u64,
    iterate: Vec<f64>,
}

enum Stage {
    /// The greatest eigenvalue, by power iteration.
    Step { vector: Vec<f64>, eigenvalue: f64, rounds: usize },
    /// The next digit of `T`.
    Digit,
    /// The square of the matrix, rows of it at a time.
    Square { square: Vec<f64>, row: usize },
}

/// Power iterations of one slice, and how many slices at most.
const POWER_ITERATIONS: usize = 10;
const POWER_ROUNDS: usize = 200;

impl Descent {
    fn new(system: System, steps: u64) -> Self {
        let System { order, matrix, right, columns } = system;
        let mut vector = vec![0.0; order];
        // Any start will do that is not orthogonal to the first eigenvector.
        Random::new(0, 0).fill_normal(&mut vector);
        let stage = Stage::Step { vector, eigenvalue: 0.0, rounds: 0 };
        Self { order, columns, stage, matrix, block: right, digits: steps, iterate: vec![0.0; order * columns] }
    }

    /// Does the next slice; true when the iterate is found.
    fn advance(&mut self) -> bool {
        let order = self.order;
        match &mut self.stage {
            Stage::Step { vector, eigenvalue, rounds } => {
                let before = *eigenvalue;
                for _ in 0..POWER_ITERATIONS {
                    *eigenvalue = power_iteration(&self.matrix, vector);
                }
                *rounds += 1;
                // The estimate is never above the eigenvalue and the error of the step size is squared in the
                // estimate's, so the iteration ends long before it could matter.
                if (*eigenvalue - before).abs() <= 1e-13 * *eigenvalue || *rounds == POWER_ROUNDS {
                    let eigenvalue = *eigenvalue;
                    self.take_step_size(eigenvalue);
                    self.stage = Stage::Digit;
                }
                false
            }
            Stage::Digit => {
                let power = View::new(&self.matrix, order, order);
                if self.digits & 1 == 1 {
                    let mut next = self.block.clone();
                    gemm_add(&mut next, power, View::new(&self.iterate, order, self.columns));
                    self.iterate = next;
                }
                self.digits >>= 1;
                if self.digits == 0 {
                    return true;
                }
                let mut doubled = self.block.clone();
                gemm_add(&mut doubled, power, View::new(&self.block, order, self.columns));
                self.block = doubled;
                self.stage = Stage::Square { square: vec![0.0; order * order], row: 0 };
                false
            }
            Stage::Square { square, row } => {
                let end = (*row + rows_per_slice(order, order)).min(order);
                syrk_lower_rows(square, View::new(&self.matrix, order, order), *row..end);
                *row = end;
                if end == order {
                    mirror_lower(square, order);
                    self.matrix = std::mem::take(square);
                    self.stage = Stage::Digit;
                }
                false
            }
        }
    }

    /// Turns `A` into `P` and `B` into the first iterate.
    fn take_step_size(&mut self, eigenvalue: f64) {
        let step = if eigenvalue > 0.0 { 1.0 / eigenvalue } else { 0.0 };
        for value in &mut self.matrix {
            *value *= -step;
        }
        for k in 0..self.order {
            self.matrix[k * self.order + k] += 1.0;
        }
        for value in &mut self.block {
            *value *= step;
        }
    }
}

/// One step of the power iteration; the norm of the image of the unit vector.
fn power_iteration(matrix: &[f64], vector: &mut Vec<f64>) -> f64 {
    let order = vector.len();
    let norm = squared_norm(vector).sqrt();
    if norm > 0.0 {
        for value in vector.iter_mut() {
            *value /= norm;
        }
    }
    let mut image = vec![0.0; order];
    gemv(&mut image, View::new(matrix, order, order), vector);
    *vector = image;
    dot(vector, vector).sqrt()
}

#[cfg(test)]
mod tests {
    use super::*;
    use kernels::double::syrk;

    /// A Gram matrix of `order` vectors of length `depth`, with three right-hand sides.
    fn system(order: usize, depth: usize) -> System {
        let mut random = Random::new(5, 0);
        let mut x = vec![0.0; order * depth];
        random.fill_normal(&mut x);
        let mut right = vec![0.0; order * 3];
        random.fill_normal(&mut right);
        let mut matrix = vec![0.0; order * order];
        syrk(&mut matrix, View::new(&x, order, depth));
        System { order, matrix, right, columns: 3 }
    }

    fn solve(system: System, steps: u64) -> Vec<f64> {
        let mut solver = Solver::new(system, steps);
        loop {
            match solver.advance() {
                Solver::Solved(solution) => return solution,
                unfinished => solver = unfinished,
            }
        }
    }

    fn distance(a: &[f64], b: &[f64]) -> f64 {
        a.iter().zip(b).map(|(x, y)| (x - y) * (x - y)).sum::<f64>().sqrt()
    }

    #[test]
    fn doubling_gives_the_iterate_of_single_steps() {
        let System { order, matrix, right, columns } = system(40, 60);
        let eigenvalues = symmetric_eigen(&matrix, order).values;
        let step = 1.0 / eigenvalues[order - 1];
        let mut iterate = vec![0.0; order * columns];
        for steps in 1..=37 {
            let mut gradient = right.iter().map(|value| -value).collect::<Vec<_>>();
            gemm_add(&mut gradient, View::new(&matrix, order, order), View::new(&iterate, order, columns));
            iterate.iter_mut().zip(&gradient).for_each(|(value, slope)| *value -= step * slope);
            let doubled = solve(system(40, 60), steps);
            assert!(distance(&doubled, &iterate) < 1e-12, "{steps} steps");
        }
    }

    #[test]
    fn long_descent_reaches_the_exact_solution() {
        let exact = solve(system(40, 60), 0);
        assert!(distance(&solve(system(40, 60), 1_000_000), &exact) < 1e-9);
        assert!(distance(&solve(system(40, 60), 10), &exact) > 1e-3);
    }

    #[test]
    fn a_singular_system_gets_its_minimum_norm_solution() {
        // The last unknown stands in no equation.
        let mut singular = system(30, 50);
        let mut regular = system(29, 1);
        regular.matrix = (0..29).flat_map(|row| singular.matrix[row * 30..row * 30 + 29].to_vec()).collect();
        regular.right = singular.right[..29 * 3].to_vec();
        for k in 0..30 {
            singular.matrix[29 * 30 + k] = 0.0;
            singular.matrix[k * 30 + 29] = 0.0;
        }
        let solution = solve(singular, 0);
        assert!(distance(&solution[..29 * 3], &solve(regular, 0)) < 1e-10);
        assert_eq!(solution[29 * 3..], [0.0; 3]);
    }
}
