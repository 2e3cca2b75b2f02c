//! The most that the vector unit does, for comparison: multiplications and additions without loads or stores.
//!
//! Nine chains of multiplications and six of additions run side by side, in fifteen registers, of which the least
//! processors have sixteen. A round has eighteen of each: every product is squared twice and every sum doubled three
//! times, which hides latencies of three cycles at two multiplications and two additions a cycle.

use super::{F32x4, vector::Lanes};

const PRODUCTS: usize = 9;
const SUMS: usize = 6;
/// Multiplications of a round, and additions.
const LINKS: usize = 2 * PRODUCTS;
/// Rounds of one repetition.
const ROUNDS: usize = 1000;

/// Floating-point operations of one repetition.
pub const OPERATIONS: f64 = (2 * LINKS * ROUNDS * F32x4::LANES) as f64;

/// Repeats the chains and returns the sum of their ends. Each product is the square of the last, each sum twice the last;
/// for `one` and `zero` they stay what they are, but a program cannot know that these are 1 and 0.
#[inline(never)]
pub fn run(times: usize, one: f32, zero: f32) -> f32 {
    let mut products = [F32x4::splat(one); PRODUCTS];
    let mut sums = [F32x4::splat(zero); SUMS];
    for _ in 0..times {
        for _ in 0..ROUNDS {
            // In two loops over an array each, which compilers write out.
            for (link, product) in products.iter_mut().enumerate() {
                *product = *product * *product;
                let sum = &mut sums[link % SUMS];
                *sum = *sum + *sum;
            }
            for (link, product) in products.iter_mut().enumerate() {
                *product = *product * *product;
                let sum = &mut sums[(PRODUCTS + link) % SUMS];
                *sum = *sum + *sum;
            }
        }
    }
    let all = products.into_iter().chain(sums).fold(F32x4::splat(0.0), |all, chain| all + chain);
    all.to_array().iter().sum()
}

#[cfg(test)]
mod tests {
    #[test]
    fn every_chain_keeps_its_number() {
        assert_eq!(super::run(2, 1.0, 0.0), (super::PRODUCTS * 4) as f32);
    }
}
