//! The real data that labs train on. A run is handed the sets that its lab names; nothing is loaded by itself.

use serde::{Deserialize, Serialize};

/// A data set that the book ships.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize)]
pub enum DataSet {
    /// 1797 handwritten digits, 8×8 (UCI "Optical Recognition of Handwritten Digits").
    Digits8x8,
    /// The first 4000 of ten thousand shuffled MNIST digits: the 20×20 pixels in the middle, in 16 shades.
    Mnist20x20,
}

impl DataSet {
    /// The file that holds it, in `crates/labs/data` and in the site's `data` folder.
    pub const fn file_name(self) -> &'static str {
        match self {
            Self::Digits8x8 => "digits-8x8.bin",
            Self::Mnist20x20 => "mnist-20x20.bin",
        }
    }

    /// The bytes of the file, for programs that carry the data with them.
    #[cfg(not(target_arch = "wasm32"))]
    pub const fn bundled(self) -> &'static [u8] {
        match self {
            Self::Digits8x8 => include_bytes!("../data/digits-8x8.bin"),
            Self::Mnist20x20 => include_bytes!("../data/mnist-20x20.bin"),
        }
    }
}

/// Images with labels.
#[derive(Clone, Debug, Default)]
pub struct Digits {
    /// Number of images.
    pub count: usize,
    /// Pixels of one image.
    pub pixels: usize,
    /// `count * pixels` values in 0..=16 (8×8) or 0..=15 (20×20), row by row, image after image.
    pub values: Vec<u8>,
    /// `count` labels in 0..=9.
    pub labels: Vec<u8>,
}

/// The data sets that have been loaded.
#[derive(Clone, Debug, Default)]
pub struct Data {
    digits_8x8: Option<Digits>,
    mnist_20x20: Option<Digits>,
}

impl Data {
    /// No data.
    pub const fn none() -> Self {
        Self { digits_8x8: None, mnist_20x20: None }
    }

    /// Every data set, from the bytes that the program carries.
    #[cfg(not(target_arch = "wasm32"))]
    pub fn bundled() -> Self {
        let mut data = Self::none();
        for set in [DataSet::Digits8x8, DataSet::Mnist20x20] {
            data.load(set, set.bundled());
        }
        data
    }

    /// Reads one data set's file; false if the bytes are not such a file.
    pub fn load(&mut self, set: DataSet, bytes: &[u8]) -> bool {
        let (place, digits) = match set {
            DataSet::Digits8x8 => (&mut self.digits_8x8, unpack(bytes, 1797, 64, 5)),
            DataSet::Mnist20x20 => (&mut self.mnist_20x20, unpack(bytes, 4000, 400, 4)),
        };
        *place = digits;
        place.is_some()
    }

    /// Whether a set is there.
    pub const fn has(&self, set: DataSet) -> bool {
        match set {
            DataSet::Digits8x8 => self.digits_8x8.is_some(),
            DataSet::Mnist20x20 => self.mnist_20x20.is_some(),
        }
    }

    /// The 8×8 digits.
    ///
    /// # Panics
    /// If they were not loaded: whoever runs a lab loads what [`crate::lab::Lab::DATA`] names first.
    pub fn digits_8x8(&self) -> &Digits {
        self.digits_8x8.as_ref().expect("the runner loads the data sets that a lab names")
    }

    /// The middles of the MNIST digits.
    ///
    /// # Panics
    /// If they were not loaded, as above.
    pub fn mnist_20x20(&self) -> &Digits {
        self.mnist_20x20.as_ref().expect("the runner loads the data sets that a lab names")
    }
}

/// Reads `count` labels of one byte, then `count * pixels` values of so many bits each, lowest bit first.
fn unpack(bytes: &[u8], count: usize, pixels: usize, bits: usize) -> Option<Digits> {
    let (labels, packed) = bytes.split_at_checked(count)?;
    if packed.len() != (count * pixels * bits).div_ceil(8) || labels.iter().any(|&label| label > 9) {
        return None;
    }
    let bit = |index: usize| packed[index / 8] >> (index % 8) & 1;
    let value = |index: usize| (0..bits).map(|k| bit(index * bits + k) << k).sum();
    Some(Digits { count, pixels, values: (0..count * pixels).map(value).collect(), labels: labels.to_vec() })
}
