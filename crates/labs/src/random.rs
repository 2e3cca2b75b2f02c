//! Random numbers that are the same on every machine: xoshiro256++ and Marsaglia's polar method on `libm`'s logarithm.

use rand_core::{Rng, SeedableRng};
use rand_xoshiro::Xoshiro256PlusPlus;

/// A stream of random numbers.
#[derive(Clone, Debug)]
pub struct Random {
    generator: Xoshiro256PlusPlus,
    /// The second normal of the last pair.
    spare: Option<f64>,
}

impl Random {
    /// The stream of a seed. `stream` separates the uses of one seed (data, noise, weights), so that changing one
    /// does not reshuffle the others.
    pub fn new(seed: u64, stream: u64) -> Self {
        // Golden-ratio steps keep the states of neighboring seeds and streams far apart before SplitMix64 mixes them.
        let mixed = seed.wrapping_mul(0x9e37_79b9_7f4a_7c15) ^ stream.wrapping_mul(0xd1b5_4a32_d192_ed03);
        Self { generator: Xoshiro256PlusPlus::seed_from_u64(mixed), spare: None }
    }

    /// Uniform on [0, 1) with 53 bits.
    pub fn uniform(&mut self) -> f64 {
        (self.generator.next_u64() >> 11) as f64 * (1.0 / (1u64 << 53) as f64)
    }

    /// Uniform on [low, high).
    pub fn between(&mut self, low: f64, high: f64) -> f64 {
        low + (high - low) * self.uniform()
    }

    /// Uniform on 0..n without bias (Lemire's rejection).
    ///
    /// # Panics
    /// If `n` is zero.
    pub fn below(&mut self, n: usize) -> usize {
        assert!(n > 0, "no number lies below zero");
        let n = n as u64;
        let threshold = n.wrapping_neg() % n;
        loop {
            let product = u128::from(self.generator.next_u64()) * u128::from(n);
            if product as u64 >= threshold {
                return (product >> 64) as usize;
            }
        }
    }

    /// Standard normal (Marsaglia and Bray 1964).
    pub fn normal(&mut self) -> f64 {
        if let Some(second) = self.spare.take() {
            return second;
        }
        loop {
            let u = 2.0 * self.uniform() - 1.0;
            let v = 2.0 * self.uniform() - 1.0;
            let s = u * u + v * v;
            if s > 0.0 && s < 1.0 {
                let factor = (-2.0 * libm::log(s) / s).sqrt();
                self.spare = Some(v * factor);
                return u * factor;
            }
        }
    }

    /// Fills with independent standard normals.
    pub fn fill_normal(&mut self, values: &mut [f64]) {
        for value in values {
            *value = self.normal();
        }
    }

    /// A uniform point on the sphere of the given radius.
    pub fn on_sphere(&mut self, dimension: usize, radius: f64) -> Vec<f64> {
        let mut point = vec![0.0; dimension];
        self.fill_normal(&mut point);
        let norm = point.iter().map(|v| v * v).sum::<f64>().sqrt();
        for coordinate in &mut point {
            *coordinate *= radius / norm;
        }
        point
    }

    /// Shuffles in place (Fisher and Yates).
    pub fn shuffle<T>(&mut self, items: &mut [T]) {
        for last in (1..items.len()).rev() {
            items.swap(last, self.below(last + 1));
        }
    }

    /// A uniform permutation of 0..n.
    pub fn permutation(&mut self, n: usize) -> Vec<usize> {
        let mut order: Vec<usize> = (0..n).collect();
        self.shuffle(&mut order);
        order
    }
}
