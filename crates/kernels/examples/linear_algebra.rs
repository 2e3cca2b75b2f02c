//! How long the `f64` decompositions take beside nalgebra's: `cargo run --release -p kernels --example linear_algebra`.
//! Milliseconds, the best of many repetitions, on one thread.

use kernels::double::{Cholesky, Qr, Svd, View, gemm, singular_values, symmetric_eigen, symmetric_eigenvalues, syrk};
use nalgebra::DMatrix;
use std::{hint::black_box, time::Instant};

fn main() {
    println!("milliseconds, own / nalgebra = ratio");
    println!(
        "   n | product               | Cholesky              | eigenvectors          | eigenvalues           | SVD                   | singular values       | QR"
    );
    for order in [20, 50, 100, 200, 400] {
        let values = numbers(2 * order * order);
        let square = View::new(&values[..order * order], order, order);
        let mut gram = vec![0.0; order * order];
        syrk(&mut gram, View::new(&values, order, 2 * order));
        let symmetric = View::new(&gram, order, order);
        let gram_copy = DMatrix::from_row_slice(order, order, &gram);
        let square_copy = DMatrix::from_row_slice(order, order, &values[..order * order]);
        let mut out = vec![0.0; order * order];
        let product = compare(|| gemm(&mut out, symmetric, symmetric), || &gram_copy * &gram_copy);
        let cholesky = compare(|| Cholesky::new(gram.clone(), order), || nalgebra::Cholesky::new(gram_copy.clone()));
        let eigen = compare(
            || symmetric_eigen(&gram, order),
            || nalgebra::SymmetricEigen::try_new(gram_copy.clone(), f64::EPSILON, 0),
        );
        let eigenvalues = compare(|| symmetric_eigenvalues(&gram, order), || gram_copy.symmetric_eigenvalues());
        let epsilon = 5.0 * f64::EPSILON;
        let svd = compare(|| Svd::new(square), || nalgebra::SVD::try_new(square_copy.clone(), true, true, epsilon, 0));
        let singular = compare(
            || singular_values(square),
            || nalgebra::SVD::try_new(square_copy.clone(), false, false, epsilon, 0),
        );
        let qr = best(|| Qr::new(square));
        println!("{order:4} | {product} | {cholesky} | {eigen} | {eigenvalues} | {svd} | {singular} | {qr:8.3}");
    }
}

/// Numbers in [−1, 1) (xorshift).
fn numbers(count: usize) -> Vec<f64> {
    let mut state = 0x9e37_79b9_7f4a_7c15_u64;
    let mut next = || {
        state ^= state << 13;
        state ^= state >> 7;
        state ^= state << 17;
        (state >> 11) as f64 / (1u64 << 52) as f64 - 1.0
    };
    (0..count).map(|_| next()).collect()
}

fn compare<A, B>(own: impl FnMut() -> A, other: impl FnMut() -> B) -> String {
    let (own, other) = (best(own), best(other));
    format!("{own:8.3}/{other:8.3}={:3.1}", other / own)
}

/// The shortest time that a call takes, in milliseconds.
fn best<T>(mut call: impl FnMut() -> T) -> f64 {
    let mut shortest = f64::INFINITY;
    let begin = Instant::now();
    while begin.elapsed().as_secs_f64() < 0.3 {
        let start = Instant::now();
        black_box(call());
        shortest = shortest.min(start.elapsed().as_secs_f64());
    }
    1e3 * shortest
}
