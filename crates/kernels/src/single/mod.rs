//! `f32` kernels: network training.
