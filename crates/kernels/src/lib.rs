//! Arithmetic that is fast and the same to the last bit everywhere: 128-bit vectors with a fixed lane order, no fused
//! multiply-add, no system math library. A scalar reference stands beside every kernel.

pub mod double;
pub mod single;
