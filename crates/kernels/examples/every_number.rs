//! The errors of the elementwise functions at all 2³² numbers, in units of the last place, against `libm`'s functions in
//! double precision. Takes some minutes: `cargo run --release -p kernels --example every_number`.

use kernels::single::{exp::exp, ln::ln, tanh::tanh};
use std::thread;

/// The distance of neighbors at the exact value.
fn ulp(exact: f64) -> f64 {
    let near = (exact as f32).abs().min(f32::MAX);
    f64::from(f32::from_bits((near.to_bits() + 1).min(f32::INFINITY.to_bits() - 1)))
        - f64::from(f32::from_bits((near.to_bits() + 1).min(f32::INFINITY.to_bits() - 1) - 1))
}

/// The error of a result; zero where both are NaN or infinite.
fn error(result: f32, exact: f64) -> f64 {
    let rounded = exact as f32;
    if result == rounded || result.is_nan() && exact.is_nan() {
        return if exact.is_finite() && rounded.is_finite() {
            (f64::from(result) - exact).abs() / ulp(exact)
        } else {
            0.0
        };
    }
    let error = (f64::from(result) - exact).abs() / ulp(exact);
    if error.is_nan() { f64::INFINITY } else { error }
}

/// A function with its name, as a kernel and in double precision.
type Function = (&'static str, fn(&mut [f32]), fn(f64) -> f64);

/// The greatest error over a quarter of all numbers, and where.
fn greatest(part: u32, kernel: fn(&mut [f32]), exact: fn(f64) -> f64) -> (f64, f32) {
    let mut worst = (0.0, 0.0);
    for first in (0..1u32 << 30).step_by(64) {
        let numbers: [f32; 64] = std::array::from_fn(|index| f32::from_bits((part << 30) + first + index as u32));
        let mut results = numbers;
        kernel(&mut results);
        for (number, result) in numbers.into_iter().zip(results) {
            let error = error(result, exact(f64::from(number)));
            if error > worst.0 {
                worst = (error, number);
            }
        }
    }
    worst
}

fn main() {
    let functions: [Function; 3] = [("exp", exp, libm::exp), ("ln", ln, libm::log), ("tanh", tanh, libm::tanh)];
    for (name, kernel, exact) in functions {
        let parts = thread::scope(|scope| {
            let parts = [0, 1, 2, 3].map(|part| scope.spawn(move || greatest(part, kernel, exact)));
            parts.map(|part| part.join().unwrap_or((f64::NAN, f32::NAN)))
        });
        let (error, number) = parts.into_iter().fold((0.0, 0.0), |a, b| if b.0 > a.0 { b } else { a });
        println!("{name}: at most {error:.4} ulp, at {number:e}");
    }
}
