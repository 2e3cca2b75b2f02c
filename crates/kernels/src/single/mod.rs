//! `f32` kernels: network training.
//!
//! Every kernel is written over [`F32x4`], four lanes that behave alike on every processor, in a fixed order of
//! operations. Its scalar twin, `…_scalar`, does the same operations one number at a time and gives the same bits.
//! Nothing here allocates but [`gemm::Gemm`], which plans its buffer once.

#![allow(clippy::inline_always, reason = "lanes are one or two instructions each, and kernels are chains of them")]

pub mod activation;
pub mod exp;
pub mod gemm;
pub mod linear;
pub mod ln;
pub mod optimizer;
pub mod peak;
mod slices;
pub mod softmax;
pub mod sum;
pub mod tanh;
#[cfg(test)]
mod testing;
mod thin;
pub mod vector;

pub use vector::F32x4;
