//! A hash of the bits of every number a lab produced.

use xxhash_rust::xxh3::Xxh3Default;

/// A running hash over named numbers.
pub struct Digest(Xxh3Default);

impl Default for Digest {
    fn default() -> Self {
        Self::new()
    }
}

impl Digest {
    /// An empty one.
    pub fn new() -> Self {
        Self(Xxh3Default::new())
    }

    /// Takes in a name, so that equal numbers under other names differ.
    pub fn name(&mut self, name: &str) {
        self.0.update(&(name.len() as u64).to_le_bytes());
        self.0.update(name.as_bytes());
    }

    /// Takes in a number's bits. All NaNs count as one: their payload bits are the one thing that WebAssembly leaves
    /// to the engine.
    pub fn number(&mut self, number: f64) {
        let bits = if number.is_nan() { f64::NAN.to_bits() } else { number.to_bits() };
        self.0.update(&bits.to_le_bytes());
    }

    /// Sixteen hexadecimal digits.
    pub fn hex(&self) -> String {
        format!("{:016x}", self.0.digest())
    }
}
