//! Lanczos' method: the extreme eigenvalues of a symmetric operator that is known only by what it does to vectors, and
//! Gauss quadrature for its spectrum.
//!
//! After `m` steps from a vector `v` there are orthonormal `v₁ = v/‖v‖, …, v_m` and a tridiagonal `T` with
//! `A·V = V·T + β_m·v_{m+1}·e_mᵀ`. For an eigenpair `T·s = θ·s`, the *Ritz pair* `θ`, `V·s` has the residual
//! `‖A·V·s − θ·V·s‖ = β_m·|s_m|`, and some eigenvalue of `A` lies within that of `θ` (Bai, Demmel, Dongarra, Ruhe and van
//! der Vorst, eds., *Templates for the Solution of Algebraic Eigenvalue Problems*, 2000, chapter 4).
//!
//! The `θ` are also the nodes, and the `s₁²` the weights, of the Gauss quadrature of the measure that `v` makes of `A`'s
//! spectrum: `Σ s₁²·f(θ)` is `vᵀ·f(A)·v / vᵀ·v` for every polynomial `f` of degree up to `2m − 1` (Golub and Welsch,
//! "Calculation of Gauss quadrature rules", 1969). Averaged over random `v` that gives traces and the density of the
//! spectrum (Ubaru, Chen and Saad, "Fast estimation of tr(f(A)) via stochastic Lanczos quadrature", 2017).

use super::{
    eigen::symmetric_eigen,
    product::{View, dot, gemv, squared_norm},
};

/// What remains of an image after orthogonalization is rounding error if it is at most this, times the square root of
/// the dimension, times the operator's norm as far as it is known.
const ROUNDING: f64 = 8.0 * f64::EPSILON;

/// Where an iteration stands.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Progress {
    /// Further steps can be taken.
    Going,
    /// As many steps are done as were asked for.
    Done,
    /// The steps so far span an invariant subspace: each Ritz pair is an eigenpair up to rounding, the quadrature is
    /// exact for every function, and there is nowhere to go. Eigenvectors orthogonal to the start stay unseen.
    Invariant,
    /// The start or an image was zero, too large or small to be squared, or not a number. The image's step does not
    /// count.
    NotFinite,
}

/// A Lanczos iteration with full reorthogonalization, step by step.
#[derive(Clone, Debug)]
pub struct Lanczos {
    dimension: usize,
    /// `v₁, v₂, …` as rows; one row more than there can be steps.
    basis: Vec<f64>,
    /// `T`'s diagonal; its length is the number of steps.
    diagonal: Vec<f64>,
    /// `coupling[k]` stands beside `diagonal[k]`; the last is the residual's norm `β_m`.
    coupling: Vec<f64>,
    /// Scratch: a number for each vector.
    projections: Vec<f64>,
    /// The largest norm of an image so far: a lower bound for the operator's.
    norm: f64,
    progress: Progress,
}

impl Lanczos {
    /// Begins with a vector, of any length but zero, for at most `steps` steps (no more than the dimension make sense,
    /// and no more are taken). It keeps all vectors: `steps + 1` of them. A warm start is the last eigenvector; if that
    /// was exact, there is only it to be found.
    pub fn new(start: &[f64], steps: usize) -> Self {
        let dimension = start.len();
        let steps = steps.min(dimension);
        let mut basis = vec![0.0; (steps + 1) * dimension];
        let norm = squared_norm(start).sqrt();
        let progress = if !(norm.is_finite() && norm > 0.0) {
            Progress::NotFinite
        } else if steps == 0 {
            Progress::Done
        } else {
            Progress::Going
        };
        if progress != Progress::NotFinite {
            basis.iter_mut().zip(start).for_each(|(slot, value)| *slot = value / norm);
        }
        Self {
            dimension,
            basis,
            diagonal: Vec::with_capacity(steps),
            coupling: Vec::with_capacity(steps),
            projections: vec![0.0; steps],
            norm: 0.0,
            progress,
        }
    }

    /// Where it stands.
    pub const fn progress(&self) -> Progress {
        self.progress
    }

    /// The number of steps done.
    pub const fn steps(&self) -> usize {
        self.diagonal.len()
    }

    /// One step: asks for the image of a unit vector, which `operator` writes over its second argument (all of it; it
    /// is not cleared). Allocates nothing. Does nothing unless the iteration is going. Takes about `8·n·m` operations
    /// beside the operator's.
    pub fn step(&mut self, operator: impl FnOnce(&[f64], &mut [f64])) -> Progress {
        if self.progress == Progress::Going {
            let (known, rest) = self.basis.split_at_mut((self.diagonal.len() + 1) * self.dimension);
            operator(&known[self.diagonal.len() * self.dimension..], &mut rest[..self.dimension]);
            self.take_in();
        }
        self.progress
    }

    /// The unit vector whose image the next step wants, for operators that are themselves worked off in slices; `None`
    /// unless the iteration is going. [`Lanczos::accept`] takes the image.
    pub fn direction(&self) -> Option<&[f64]> {
        let start = self.diagonal.len() * self.dimension;
        (self.progress == Progress::Going).then(|| &self.basis[start..start + self.dimension])
    }

    /// One step with the image of [`Lanczos::direction`].
    ///
    /// # Panics
    /// If the image has another length.
    pub fn accept(&mut self, image: &[f64]) -> Progress {
        self.step(|_, slot| slot.copy_from_slice(image))
    }

    /// Orthogonalizes the image that stands behind the last vector, and makes it the next one.
    fn take_in(&mut self) {
        let count = self.diagonal.len() + 1;
        let (known, rest) = self.basis.split_at_mut(count * self.dimension);
        let image = &mut rest[..self.dimension];
        let length = squared_norm(image).sqrt();
        if !length.is_finite() {
            self.progress = Progress::NotFinite;
            return;
        }
        self.norm = self.norm.max(length);
        // Classical Gram-Schmidt against all vectors, twice: that leaves them orthogonal to working precision (Giraud,
        // Langou, Rozložník and van den Eshof, "Rounding error analysis of the classical Gram-Schmidt
        // orthogonalization process", 2005).
        let projections = &mut self.projections[..count];
        let mut diagonal = 0.0;
        for _ in 0..2 {
            gemv(projections, View::new(known, count, self.dimension), image);
            for (vector, &factor) in known.chunks_exact(self.dimension).zip(&*projections) {
                image.iter_mut().zip(vector).for_each(|(slot, value)| *slot -= factor * value);
            }
            diagonal += projections[count - 1];
        }
        let residual = squared_norm(image).sqrt();
        if !residual.is_finite() {
            self.progress = Progress::NotFinite;
            return;
        }
        self.diagonal.push(diagonal);
        let invariant = residual <= ROUNDING * (self.dimension as f64).sqrt() * self.norm || count == self.dimension;
        self.coupling.push(if invariant { 0.0 } else { residual });
        if invariant {
            self.progress = Progress::Invariant;
            return;
        }
        for value in image.iter_mut() {
            *value /= residual;
        }
        if count == self.projections.len() {
            self.progress = Progress::Done;
        }
    }

    /// The eigenvalues and eigenvectors of `T`: for `m` steps about `9·m³` operations. Empty before the first step.
    pub fn ritz(&self) -> Ritz {
        let steps = self.steps();
        let mut matrix = vec![0.0; steps * steps];
        for (k, &value) in self.diagonal.iter().enumerate() {
            matrix[k * steps + k] = value;
            if k + 1 < steps {
                matrix[k * steps + k + 1] = self.coupling[k];
                matrix[(k + 1) * steps + k] = self.coupling[k];
            }
        }
        let eigen = symmetric_eigen(&matrix, steps);
        let residual = self.coupling.last().copied().unwrap_or(0.0);
        Ritz { values: eigen.values, vectors: eigen.vectors, residual }
    }

    /// The Ritz pair of the largest Ritz value, which is never above the largest eigenvalue but for rounding: what is
    /// called sharpness, if the operator is a loss's Hessian. `None` before the first step.
    pub fn top(&self) -> Option<RitzPair> {
        let ritz = self.ritz();
        self.pair(&ritz, ritz.values.len().checked_sub(1)?)
    }

    /// One Ritz pair, with its vector in the operator's space: of unit length, and at an acute angle to the start.
    /// `None` if there are not so many, or `ritz` is from another number of steps.
    pub fn pair(&self, ritz: &Ritz, index: usize) -> Option<RitzPair> {
        let steps = self.steps();
        if ritz.values.len() != steps || index >= steps {
            return None;
        }
        let combination = ritz.combination(index);
        let basis = View::new(&self.basis[..steps * self.dimension], steps, self.dimension);
        let mut vector = vec![0.0; self.dimension];
        gemv(&mut vector, basis.transposed(), combination);
        let sign = if dot(&vector, &self.basis[..self.dimension]) < 0.0 { -1.0 } else { 1.0 };
        let scale = sign / squared_norm(&vector).sqrt();
        for value in &mut vector {
            *value *= scale;
        }
        Some(RitzPair { value: ritz.values[index], residual: ritz.residual(index), vector })
    }

    /// The Gauss quadrature of the spectrum as the start sees it.
    pub fn quadrature(&self) -> Quadrature {
        let Ritz { values, vectors, .. } = self.ritz();
        let weights = vectors.iter().step_by(values.len().max(1)).map(|first| first * first).collect();
        Quadrature { nodes: values, weights }
    }
}

/// The Ritz values after some steps, and how they combine the steps' vectors.
#[derive(Clone, Debug)]
pub struct Ritz {
    values: Vec<f64>,
    /// The eigenvectors of `T` as rows.
    vectors: Vec<f64>,
    /// `β_m`.
    residual: f64,
}

impl Ritz {
    /// The Ritz values, least first.
    pub fn values(&self) -> &[f64] {
        &self.values
    }

    /// How far at most the nearest eigenvalue of the operator is from this Ritz value (but for rounding): the norm of
    /// the Ritz pair's residual.
    ///
    /// # Panics
    /// If there are not so many Ritz values.
    pub fn residual(&self, index: usize) -> f64 {
        self.combination(index).last().map_or(0.0, |last| self.residual * last.abs())
    }

    /// The coefficients of a Ritz vector in the steps' vectors.
    fn combination(&self, index: usize) -> &[f64] {
        let steps = self.values.len();
        &self.vectors[index * steps..(index + 1) * steps]
    }
}

/// An approximate eigenvalue with its vector.
#[derive(Clone, Debug)]
pub struct RitzPair {
    /// The Ritz value.
    pub value: f64,
    /// An eigenvalue of the operator is no farther than this from the value, but for rounding.
    pub residual: f64,
    /// The Ritz vector, of unit length.
    pub vector: Vec<f64>,
}

/// Nodes and weights: `Σ weights·f(nodes)` stands for `vᵀ·f(A)·v / vᵀ·v`.
#[derive(Clone, Debug)]
pub struct Quadrature {
    /// The nodes, least first: the Ritz values.
    pub nodes: Vec<f64>,
    /// The weights, which are not negative and sum to one.
    pub weights: Vec<f64>,
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::double::testing::{distance_from_orthonormal, numbers};
    use crate::double::{SymmetricEigen, syrk};
    use proptest::prelude::*;

    /// A symmetric matrix with the given eigenvalues, and the reflection that turns it diagonal.
    fn with_spectrum(spectrum: &[f64], seed: u64) -> Vec<f64> {
        let order = spectrum.len();
        let axis = numbers(order, seed);
        let factor = 2.0 / squared_norm(&axis);
        let reflected = |row: usize, k: usize| f64::from(u8::from(row == k)) - factor * axis[row] * axis[k];
        let mut matrix = vec![0.0; order * order];
        for row in 0..order {
            for column in 0..=row {
                let value = (0..order).map(|k| reflected(row, k) * spectrum[k] * reflected(column, k)).sum();
                matrix[row * order + column] = value;
                matrix[column * order + row] = value;
            }
        }
        matrix
    }

    fn multiply(matrix: &[f64]) -> impl Fn(&[f64], &mut [f64]) {
        |x, out| gemv(out, View::new(matrix, x.len(), x.len()), x)
    }

    fn run(matrix: &[f64], start: &[f64], steps: usize) -> Lanczos {
        let mut lanczos = Lanczos::new(start, steps);
        while lanczos.step(multiply(matrix)) == Progress::Going {}
        lanczos
    }

    fn gram(order: usize, seed: u64) -> Vec<f64> {
        let mut matrix = vec![0.0; order * order];
        syrk(&mut matrix, View::new(&numbers(order * (order + 3), seed), order, order + 3));
        matrix
    }

    proptest! {
        #[test]
        fn as_many_steps_as_dimensions_find_the_whole_spectrum(order in 1usize..40, seed in 0u64..500) {
            let matrix = gram(order, seed);
            let lanczos = run(&matrix, &numbers(order, seed + 1), order + 5);
            prop_assert_eq!((lanczos.progress(), lanczos.steps()), (Progress::Invariant, order));
            let SymmetricEigen { values, .. } = symmetric_eigen(&matrix, order);
            let bound = 1e-13 * values[order - 1];
            prop_assert!(lanczos.ritz().values().iter().zip(&values).all(|(one, other)| (one - other).abs() < bound));
        }

        #[test]
        fn every_residual_is_what_it_says_and_bounds_the_distance_to_an_eigenvalue(
            order in 6usize..60, steps in 1usize..6, seed in 0u64..500,
        ) {
            let matrix = gram(order, seed);
            let start = numbers(order, seed + 1);
            let lanczos = run(&matrix, &start, steps);
            prop_assert_eq!((lanczos.progress(), lanczos.steps()), (Progress::Done, steps));
            let SymmetricEigen { values, .. } = symmetric_eigen(&matrix, order);
            let rounding = 1e-13 * values[order - 1];
            let ritz = lanczos.ritz();
            for index in 0..steps {
                let pair = lanczos.pair(&ritz, index).unwrap();
                let mut image = vec![0.0; order];
                gemv(&mut image, View::new(&matrix, order, order), &pair.vector);
                image.iter_mut().zip(&pair.vector).for_each(|(slot, x)| *slot -= pair.value * x);
                prop_assert!((squared_norm(&image).sqrt() - pair.residual).abs() < rounding);
                prop_assert!((squared_norm(&pair.vector) - 1.0).abs() < 1e-14 && dot(&pair.vector, &start) >= 0.0);
                let nearest = values.iter().map(|value| (value - pair.value).abs()).fold(f64::INFINITY, f64::min);
                prop_assert!(nearest <= pair.residual + rounding);
            }
            prop_assert!(lanczos.top().unwrap().value <= values[order - 1] + rounding);
        }

        #[test]
        fn the_quadrature_integrates_polynomials_up_to_degree_two_m_minus_one(
            order in 8usize..40, steps in 1usize..7, seed in 0u64..500,
        ) {
            let mut matrix = gram(order, seed);
            // Brought to norm below one, so that no moment dwarfs the others.
            let norm = symmetric_eigen(&matrix, order).values[order - 1];
            for value in &mut matrix {
                *value /= norm;
            }
            let start = numbers(order, seed + 1);
            let Quadrature { nodes, weights } = run(&matrix, &start, steps).quadrature();
            prop_assert!(weights.iter().all(|weight| *weight >= 0.0));
            let (mut powered, mut image) = (start.clone(), vec![0.0; order]);
            for degree in 0..2 * steps {
                let moment = dot(&start, &powered) / squared_norm(&start);
                let sum: f64 = nodes.iter().zip(&weights).map(|(node, weight)| {
                    weight * (0..degree).map(|_| node).product::<f64>()
                }).sum();
                prop_assert!((sum - moment).abs() < 1e-13, "degree {degree}: {sum} for {moment}");
                gemv(&mut image, View::new(&matrix, order, order), &powered);
                std::mem::swap(&mut powered, &mut image);
            }
        }

        #[test]
        fn the_vectors_stay_orthonormal_long_after_eigenvalues_have_converged(order in 60usize..90, seed in 0u64..20) {
            // One eigenvalue far out: without reorthogonalization it would come back as a ghost.
            let spectrum: Vec<f64> = (0..order).map(|k| if k == 0 { 1e4 } else { k as f64 / order as f64 }).collect();
            let lanczos = run(&with_spectrum(&spectrum, seed), &numbers(order, seed + 1), 50);
            prop_assert_eq!(lanczos.steps(), 50);
            prop_assert!(distance_from_orthonormal(View::new(&lanczos.basis, 51, order)) < 1e-14);
            let ritz = lanczos.ritz();
            prop_assert!((ritz.values()[49] - 1e4).abs() < 1e-9 && ritz.values()[48] < 1.0);
        }
    }

    #[test]
    fn a_diagonal_operator_gives_its_top_eigenpair() {
        let order = 500;
        let mut lanczos = Lanczos::new(&numbers(order, 4), 60);
        let diagonal = |x: &[f64], out: &mut [f64]| {
            for (k, (slot, value)) in out.iter_mut().zip(x).enumerate() {
                *slot = value * if k == 7 { 12.0 } else { (k % 10) as f64 };
            }
        };
        while lanczos.step(diagonal) == Progress::Going {}
        // Ten distinct eigenvalues and the one: as many steps.
        assert_eq!((lanczos.progress(), lanczos.steps()), (Progress::Invariant, 11));
        let top = lanczos.top().unwrap();
        assert!((top.value - 12.0).abs() < 1e-13 && top.residual < 1e-13);
        assert!((top.vector[7].abs() - 1.0).abs() < 1e-14);
        for (place, value) in lanczos.ritz().values()[..10].iter().enumerate() {
            assert!((value - place as f64).abs() < 1e-13);
        }
    }

    #[test]
    fn an_eigenvalue_many_times_over_is_found_once() {
        let spectrum: Vec<f64> = (0..40).map(|k| if k < 25 { 2.0 } else { -f64::from(k % 3) }).collect();
        let lanczos = run(&with_spectrum(&spectrum, 2), &numbers(40, 9), 40);
        assert_eq!((lanczos.progress(), lanczos.steps()), (Progress::Invariant, 4));
        let ritz = lanczos.ritz();
        assert!(ritz.values().iter().zip([-2.0, -1.0, 0.0, 2.0]).all(|(value, known)| (value - known).abs() < 1e-13));
        assert!((0..4).all(|index| ritz.residual(index) == 0.0));
    }

    #[test]
    fn weights_are_the_shares_of_the_start_in_the_eigenspaces() {
        let mut lanczos = Lanczos::new(&[3.0, 0.0, 4.0], 3);
        while lanczos.step(|x, out| out.copy_from_slice(&[5.0 * x[0], x[1], -x[2]])) == Progress::Going {}
        assert_eq!(lanczos.steps(), 2);
        let Quadrature { nodes, weights } = lanczos.quadrature();
        // Both are right to a few units of 2⁻⁵² times the norm, which is 5.
        for (found, known) in nodes.iter().chain(&weights).zip([-1.0, 5.0, 0.64, 0.36]) {
            assert!((found - known).abs() <= 4.0 * f64::EPSILON * 5.0, "{found} for {known}");
        }
    }

    #[test]
    fn an_eigenvector_as_the_start_ends_the_iteration_at_once() {
        let mut lanczos = Lanczos::new(&[0.0, 2.0, 0.0], 3);
        let diagonal = |x: &[f64], out: &mut [f64]| out.copy_from_slice(&[5.0 * x[0], 3.0 * x[1], x[2]]);
        assert_eq!(lanczos.step(diagonal), Progress::Invariant);
        assert_eq!(lanczos.direction(), None);
        let top = lanczos.top().unwrap();
        assert_eq!((top.value, top.residual, top.vector), (3.0, 0.0, vec![0.0, 1.0, 0.0]));
        // Further steps change nothing.
        assert_eq!(lanczos.step(|_, _| unreachable!()), Progress::Invariant);
        assert_eq!(lanczos.steps(), 1);
    }

    #[test]
    fn the_zero_operator_is_invariant_after_one_step() {
        let mut lanczos = Lanczos::new(&[1.0, 1.0], 2);
        assert_eq!(lanczos.step(|_, out| out.fill(0.0)), Progress::Invariant);
        assert_eq!(lanczos.quadrature().nodes, [0.0]);
    }

    #[test]
    fn a_warm_start_needs_fewer_steps_than_a_cold_one() {
        let order = 200;
        let mut spectrum: Vec<f64> = (0..order).map(|k| k as f64 / order as f64).collect();
        spectrum[order - 1] = 1.1;
        let error = |seed: u64, start: &[f64], steps| {
            (run(&with_spectrum(&spectrum, seed), start, steps).top().unwrap().value - 1.1).abs()
        };
        let cold = numbers(order, 3);
        let mut warm = run(&with_spectrum(&spectrum, 1), &cold, 30).top().unwrap().vector;
        warm.iter_mut().zip(numbers(order, 8)).for_each(|(slot, noise)| *slot += 1e-3 * noise);
        assert!(error(1, &warm, 12) < 1e-3 * error(1, &cold, 12));
    }

    #[test]
    fn steps_in_two_halves_have_the_same_bits() {
        let matrix = gram(30, 6);
        let whole = run(&matrix, &numbers(30, 7), 12);
        let mut halves = Lanczos::new(&numbers(30, 7), 12);
        while let Some(direction) = halves.direction() {
            let mut image = vec![0.0; 30];
            multiply(&matrix)(direction, &mut image);
            halves.accept(&image);
        }
        assert_eq!(
            (&halves.diagonal, &halves.coupling, &halves.basis),
            (&whole.diagonal, &whole.coupling, &whole.basis)
        );
    }

    #[test]
    fn what_is_not_finite_stops_the_iteration_and_keeps_what_was_found() {
        for start in [&[0.0, 0.0][..], &[f64::NAN, 1.0], &[f64::INFINITY, 1.0], &[f64::MAX, 1.0], &[]] {
            let mut lanczos = Lanczos::new(start, 2);
            assert_eq!(lanczos.step(|_, _| unreachable!()), Progress::NotFinite);
            assert!(lanczos.top().is_none() && lanczos.quadrature().nodes.is_empty());
        }
        let matrix = gram(5, 2);
        let mut lanczos = Lanczos::new(&numbers(5, 1), 4);
        lanczos.step(multiply(&matrix));
        let before = lanczos.top().unwrap().value;
        for bad in [f64::NAN, f64::INFINITY, f64::MAX] {
            let mut lanczos = lanczos.clone();
            assert_eq!(lanczos.step(|_, out| out.fill(bad)), Progress::NotFinite);
            assert_eq!((lanczos.steps(), lanczos.top().unwrap().value), (1, before));
        }
    }

    #[test]
    fn no_steps_are_done_at_once() {
        let lanczos = Lanczos::new(&[1.0], 0);
        assert_eq!(lanczos.progress(), Progress::Done);
        assert!(lanczos.ritz().values().is_empty() && lanczos.top().is_none());
    }
}
