//! SIMD arithmetic.
