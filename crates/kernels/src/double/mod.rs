//! `f64` kernels: dense linear algebra.
//!
//! Every result is the same to the last bit on every machine: sums run in a fixed order that depends on shapes alone,
//! no multiplication is fused with an addition, and of the functions of the real line only the square root is used,
//! which IEEE 754 rounds correctly. Matrices are row-major slices seen through a [`View`], whose transpose is free.

mod cholesky;
mod eigen;
mod product;
#[cfg(test)]
mod testing;
mod vector;

pub use cholesky::{Cholesky, Factorization, InverseFactor, NotPositiveDefinite};
pub use eigen::{SymmetricEigen, symmetric_eigen};
pub use product::{
    View, dot, gemm, gemm_add, gemm_reference, gemm_subtract, gemv, mirror_lower, squared_norm, syrk, syrk_add_lower,
    syrk_lower_rows,
};
pub use vector::F64x2;
