//! The curvature of a network's loss: gradients and exact products with the Hessian, its largest eigenvalue, its whole
//! spectrum, its trace, and what is made of them: sharpness within a ball, steps that avoid it, slices of the loss.
//!
//! Everything is written over [`Real`], so that a lab trains and measures in `f32` where the figures ask for a few digits,
//! and in `f64` where they ask for eigenvalues many orders below the largest.

pub mod dense;
pub mod model;
pub mod quadrature;
pub mod real;
pub mod sharpness;
pub mod slice;
pub mod tape;

pub use dense::{DenseHessian, Gap, largest_gap};
pub use model::{Activation, Loss, Model};
pub use quadrature::{SpectralMeasure, rademacher};
pub use real::Real;
pub use sharpness::{EpsilonSharpness, TopEigenvalue, sam_gradient};
pub use slice::{filter_normalized, moved};
pub use tape::{Objective, Tape};
