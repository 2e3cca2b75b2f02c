//! Neural networks trained in `f32` on the SIMD kernels: the network, what it is trained by, and the loop.

pub mod examples;
pub mod mlp;
pub mod optimizer;
pub mod training;

pub use examples::{Examples, Score};
pub use mlp::{Activation, Mlp, Pass};
pub use optimizer::{Descent, Optimizer, Rule};
pub use training::Training;
