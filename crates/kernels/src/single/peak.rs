//! The most that the vector unit does, for comparison: multiplications and additions without loads or stores.
//!
//! Seven chains of multiplications and seven of additions run side by side: enough to hide the latency of each, and
//! few enough to stay in registers, of which the least processors have sixteen.

use super::{F32x4, vector::Lanes};

/// Chains of each kind.
const CHAINS: usize = 7;
/// Links of a chain in one repetition.
const LINKS: usize = 1000;

/// Floating-point operations of one repetition.
pub const OPERATIONS: f64 = (2 * CHAINS * LINKS * F32x4::LANES) as f64;

/// Repeats the chains and returns the sum of their ends. Each product is the square of the last, each sum twice the last;
/// for `one` and `zero` they stay what they are, but a program cannot know that these are 1 and 0.
#[inline(never)]
pub fn run(times: usize, one: f32, zero: f32) -> f32 {
    let mut products = [F32x4::splat(one); CHAINS];
    let mut sums = [F32x4::splat(zero); CHAINS];
    for _ in 0..times {
        for _ in 0..LINKS {
            for (product, sum) in products.iter_mut().zip(&mut sums) {
                *product = *product * *product;
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
        assert_eq!(super::run(2, 1.0, 0.0), (super::CHAINS * 4) as f32);
    }
}
