//! `f64` kernels: dense linear algebra.
