//! What the decompositions share that nalgebra does part of: how matrices pass to it, and what can go wrong.

use super::product::View;
use nalgebra::DMatrix;
use std::{error::Error, fmt};

/// Why a decomposition or a solution was refused.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum LinearAlgebraError {
    /// The input holds a NaN or an infinity, or the result is too large for `f64`.
    NotFinite,
    /// The columns are linearly dependent, at least in `f64`, so that there is no unique answer.
    RankDeficient,
    /// The iteration has not come to an end within many times its usual number of steps.
    NoConvergence,
}

impl fmt::Display for LinearAlgebraError {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        formatter.write_str(match self {
            Self::NotFinite => "a number is not finite",
            Self::RankDeficient => "the columns of the matrix are linearly dependent",
            Self::NoConvergence => "the iteration does not converge",
        })
    }
}

impl Error for LinearAlgebraError {}

/// A copy of a matrix, divided by a power of two that brings its largest element into [1, 2), and that power. Neither
/// the division nor its undoing rounds (unless it underflows), and no square of an element overflows in between.
///
/// # Errors
/// If an element is not finite.
pub(super) fn scaled(a: View) -> Result<(DMatrix<f64>, f64), LinearAlgebraError> {
    let mut copy = DMatrix::from_fn(a.rows(), a.columns(), |row, column| a.at(row, column));
    let mut largest = 0.0_f64;
    for value in copy.as_slice() {
        if !value.is_finite() {
            return Err(LinearAlgebraError::NotFinite);
        }
        largest = largest.max(value.abs());
    }
    let scale = power_of_two(largest);
    for value in copy.as_mut_slice() {
        *value /= scale;
    }
    Ok((copy, scale))
}

/// Multiplies the scale of [`scaled`] back in.
///
/// # Errors
/// If a product is too large for `f64`.
pub(super) fn unscale(values: &mut [f64], scale: f64) -> Result<(), LinearAlgebraError> {
    for value in values.iter_mut() {
        *value *= scale;
    }
    if values.iter().all(|value| value.is_finite()) { Ok(()) } else { Err(LinearAlgebraError::NotFinite) }
}

/// The greatest power of two that is not above a positive number; 2⁻¹⁰²² below that, and 1 for zero.
fn power_of_two(value: f64) -> f64 {
    const EXPONENT: u64 = 0x7ff << 52;
    if value == 0.0 { 1.0 } else { f64::from_bits(value.to_bits() & EXPONENT).max(f64::MIN_POSITIVE) }
}

#[cfg(test)]
mod tests {
    use super::power_of_two;
    use crate::double::testing::numbers;
    use crate::double::{Lanczos, Progress, Qr, Svd, View, gemv, syrk};

    #[test]
    fn decompositions_have_these_bits_on_every_machine() {
        let (m, n) = (23, 17);
        let values = numbers(m * n, 1);
        let a = View::new(&values, m, n);
        let mut gram = vec![0.0; n * n];
        syrk(&mut gram, a.transposed());
        let (qr, svd) = (Qr::new(a).unwrap(), Svd::new(a).unwrap());
        let mut lanczos = Lanczos::new(&values[..n], 9);
        while lanczos.step(|x, out| gemv(out, View::new(&gram, n, n), x)) == Progress::Going {}
        let top = lanczos.top().unwrap();
        let quadrature = lanczos.quadrature();
        let solution = qr.least_squares(&values[..m]).unwrap();
        let inverse = svd.pseudo_inverse(svd.tolerance());
        let results: [&[f64]; 6] =
            [svd.values(), &solution, &inverse, &top.vector, &quadrature.nodes, &quadrature.weights];
        let digest = results.iter().copied().flatten().fold(0_u64, |digest, value| {
            (digest ^ value.to_bits()).wrapping_mul(0x0000_0100_0000_01b3).rotate_left(23)
        });
        assert_eq!(digest, 0x32df_e8f3_7092_1258);
    }

    #[test]
    fn no_crate_brings_in_matrixmultiply_whose_kernels_depend_on_the_machine() {
        let lock = std::fs::read_to_string(concat!(env!("CARGO_MANIFEST_DIR"), "/../../Cargo.lock")).unwrap();
        assert!(lock.contains("\"nalgebra\"") && !lock.contains("matrixmultiply"));
    }

    #[test]
    fn the_scale_is_the_power_of_two_at_or_below() {
        assert_eq!([1.0, 1.99, 2.0, 0.75, 3e300].map(power_of_two).map(f64::to_bits).map(|b| b << 12), [0; 5]);
        assert_eq!([1.0, 1.99, 2.0, 0.75].map(power_of_two), [1.0, 1.0, 2.0, 0.5]);
        assert_eq!([0.0, 5e-324].map(power_of_two), [1.0, f64::MIN_POSITIVE]);
    }
}
