//! Matrix products of other crates, for the peers' page: `matrixmultiply` as ndarray calls it, `gemm` as faer does.

use faer::{Accum, Mat, Par, linalg::matmul::matmul};
use ndarray::{Array2, linalg::general_mat_mul};
use wasm_bindgen::prelude::wasm_bindgen;

/// Numbers of ordinary size, without a pattern that matters.
fn number(row: usize, column: usize) -> f32 {
    ((row * 7 + column * 3) % 11) as f32 - 5.0
}

/// Products by `matrixmultiply`.
#[wasm_bindgen]
pub struct Matrixmultiply {
    left: Array2<f32>,
    right: Array2<f32>,
    product: Array2<f32>,
}

#[wasm_bindgen]
impl Matrixmultiply {
    /// An m × k and a k × n matrix.
    #[wasm_bindgen(constructor)]
    pub fn new(m: usize, k: usize, n: usize) -> Self {
        let filled = |rows, columns| Array2::from_shape_fn((rows, columns), |(row, column)| number(row, column));
        Self { left: filled(m, k), right: filled(k, n), product: Array2::zeros((m, n)) }
    }

    /// Multiplies them so many times.
    pub fn repeat(&mut self, times: usize) {
        for _ in 0..times {
            general_mat_mul(1.0, &self.left, &self.right, 0.0, &mut self.product);
        }
    }

    /// One entry of the product.
    pub fn entry(&self, row: usize, column: usize) -> f32 {
        self.product[[row, column]]
    }
}

/// Products by `gemm`.
#[wasm_bindgen]
pub struct Gemm {
    left: Mat<f32>,
    right: Mat<f32>,
    product: Mat<f32>,
}

#[wasm_bindgen]
impl Gemm {
    /// An m × k and a k × n matrix.
    #[wasm_bindgen(constructor)]
    pub fn new(m: usize, k: usize, n: usize) -> Self {
        Self { left: Mat::from_fn(m, k, number), right: Mat::from_fn(k, n, number), product: Mat::zeros(m, n) }
    }

    /// Multiplies them so many times.
    pub fn repeat(&mut self, times: usize) {
        for _ in 0..times {
            matmul(&mut self.product, Accum::Replace, &self.left, &self.right, 1.0, Par::Seq);
        }
    }

    /// One entry of the product.
    pub fn entry(&self, row: usize, column: usize) -> f32 {
        self.product[(row, column)]
    }
}
