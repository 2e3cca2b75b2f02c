//! The arithmetic that curvature is computed in: `f32` on the kernels for training, `f64` on those for linear algebra.

use kernels::{
    double::{self, View},
    single::{
        self,
        gemm::{Finish, Gemm, Start},
    },
};
use std::{
    fmt::Debug,
    ops::{Add, AddAssign, Div, Mul, Neg, Sub},
};

/// A floating-point number with matrix products and the functions that networks take.
///
/// Matrices are row-major; `shape` is `[m, k, n]` for an `m × n` result with sums of `k` terms, which is written or, with
/// `add`, added.
pub trait Real:
    Copy
    + Debug
    + Default
    + PartialOrd
    + Add<Output = Self>
    + Sub<Output = Self>
    + Mul<Output = Self>
    + Div<Output = Self>
    + Neg<Output = Self>
    + AddAssign
    + 'static
{
    /// What matrix products keep between calls.
    type Products: Clone + Debug + Default;
    /// 0.
    const ZERO: Self;
    /// 1.
    const ONE: Self;

    /// The nearest number.
    fn of(value: f64) -> Self;

    /// The same number.
    fn wide(self) -> f64;

    /// C = A (m × k) · B (k × n).
    fn multiply(products: &mut Self::Products, shape: [usize; 3], a: &[Self], b: &[Self], c: &mut [Self], add: bool);

    /// C = Aᵀ · B, with A (k × m) and B (k × n).
    fn multiply_transposed_left(
        products: &mut Self::Products,
        shape: [usize; 3],
        a: &[Self],
        b: &[Self],
        c: &mut [Self],
        add: bool,
    );

    /// C = A · Bᵀ, with A (m × k) and B (n × k).
    fn multiply_transposed_right(
        products: &mut Self::Products,
        shape: [usize; 3],
        a: &[Self],
        b: &[Self],
        c: &mut [Self],
        add: bool,
    );

    /// x = tanh x, elementwise.
    fn tanh(values: &mut [Self]);

    /// x = eˣ, elementwise.
    fn exp(values: &mut [Self]);
}

impl Real for f32 {
    type Products = Gemm;
    const ZERO: Self = 0.0;
    const ONE: Self = 1.0;

    fn of(value: f64) -> Self {
        value as Self
    }

    fn wide(self) -> f64 {
        f64::from(self)
    }

    fn multiply(products: &mut Gemm, shape: [usize; 3], a: &[Self], b: &[Self], c: &mut [Self], add: bool) {
        products.multiply(shape, a, b, c, start(add), Finish::Keep);
    }

    fn multiply_transposed_left(
        products: &mut Gemm,
        shape: [usize; 3],
        a: &[Self],
        b: &[Self],
        c: &mut [Self],
        add: bool,
    ) {
        products.multiply_transposed_left(shape, a, b, c, start(add));
    }

    fn multiply_transposed_right(
        products: &mut Gemm,
        shape: [usize; 3],
        a: &[Self],
        b: &[Self],
        c: &mut [Self],
        add: bool,
    ) {
        products.multiply_transposed_right(shape, a, b, c, start(add), Finish::Keep);
    }

    fn tanh(values: &mut [Self]) {
        single::tanh::tanh(values);
    }

    fn exp(values: &mut [Self]) {
        single::exp::exp(values);
    }
}

const fn start(add: bool) -> Start<'static> {
    if add { Start::Sum } else { Start::Zero }
}

impl Real for f64 {
    type Products = ();
    const ZERO: Self = 0.0;
    const ONE: Self = 1.0;

    fn of(value: f64) -> Self {
        value
    }

    fn wide(self) -> f64 {
        self
    }

    fn multiply((): &mut (), [m, k, n]: [usize; 3], a: &[Self], b: &[Self], c: &mut [Self], add: bool) {
        product(View::new(a, m, k), View::new(b, k, n), c, add);
    }

    fn multiply_transposed_left((): &mut (), [m, k, n]: [usize; 3], a: &[Self], b: &[Self], c: &mut [Self], add: bool) {
        product(View::new(a, k, m).transposed(), View::new(b, k, n), c, add);
    }

    fn multiply_transposed_right(
        (): &mut (),
        [m, k, n]: [usize; 3],
        a: &[Self],
        b: &[Self],
        c: &mut [Self],
        add: bool,
    ) {
        product(View::new(a, m, k), View::new(b, n, k).transposed(), c, add);
    }

    fn tanh(values: &mut [Self]) {
        for value in values.iter_mut() {
            *value = libm::tanh(*value);
        }
    }

    fn exp(values: &mut [Self]) {
        for value in values.iter_mut() {
            *value = libm::exp(*value);
        }
    }
}

fn product(a: View, b: View, c: &mut [f64], add: bool) {
    if add {
        double::gemm_add(c, a, b);
    } else {
        double::gemm(c, a, b);
    }
}
