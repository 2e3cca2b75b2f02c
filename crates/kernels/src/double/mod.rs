//! `f64` kernels: dense linear algebra.
//!
//! Every result is the same to the last bit on every machine: sums run in a fixed order that depends on shapes alone,
//! no multiplication is fused with an addition, and of the functions of the real line only the square root is used,
//! which IEEE 754 rounds correctly. Matrices are row-major slices seen through a [`View`], whose transpose is free.
//!
//! Householder reflections for [`Qr`] and [`Svd`] are nalgebra's, built so that the same holds for it; the tests compare
//! [`Cholesky`] and [`symmetric_eigen`] with nalgebra's.

mod cholesky;
mod dense;
mod eigen;
mod lanczos;
mod product;
mod qr;
mod svd;
#[cfg(test)]
mod testing;
mod vector;

pub use cholesky::{Cholesky, Factorization, InverseFactor, NotPositiveDefinite};
pub use dense::LinearAlgebraError;
pub use eigen::{Eigenvalues, SymmetricEigen, symmetric_eigen, symmetric_eigenvalues};
pub use lanczos::{Lanczos, Progress, Quadrature, Ritz, RitzPair};
pub use product::{
    View, dot, gemm, gemm_add, gemm_reference, gemm_subtract, gemv, mirror_lower, squared_norm, syrk, syrk_add_lower,
    syrk_lower_rows,
};
pub use qr::{Qr, least_squares};
pub use svd::{Svd, singular_values};
pub use vector::F64x2;
