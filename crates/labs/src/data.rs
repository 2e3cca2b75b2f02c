//! The real data that labs train on. A run is handed the sets that its lab names; nothing is loaded by itself.

use serde::{Deserialize, Serialize};

/// A data set that the book ships.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize)]
pub enum DataSet {
    /// 1797 handwritten digits, 8×8 (UCI "Optical Recognition of Handwritten Digits").
    Digits8x8,
}

impl DataSet {
    /// The file that holds it, in `crates/labs/data` and in the site's `data` folder.
    pub const fn file_name(self) -> &'static str {
        match self {
            Self::Digits8x8 => "digits-8x8.bin",
        }
    }

    /// The bytes of the file, for programs that carry the data with them.
    #[cfg(not(target_arch = "wasm32"))]
    pub const fn bundled(self) -> &'static [u8] {
        match self {
            Self::Digits8x8 => include_bytes!("../data/digits-8x8.bin"),
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
    /// `count * pixels` values in 0..=16, row by row, image after image.
    pub values: Vec<u8>,
    /// `count` labels in 0..=9.
    pub labels: Vec<u8>,
}

/// The data sets that have been loaded.
#[derive(Clone, Debug, Default)]
pub struct Data {
    digits_8x8: Option<Digits>,
}

impl Data {
    /// No data.
    pub const fn none() -> Self {
        Self { digits_8x8: None }
    }

    /// Every data set, from the bytes that the program carries.
    #[cfg(not(target_arch = "wasm32"))]
    pub fn bundled() -> Self {
        let mut data = Self::none();
        data.load(DataSet::Digits8x8, DataSet::Digits8x8.bundled());
        data
    }

    /// Reads one data set's file; false if the bytes are not such a file.
    pub fn load(&mut self, set: DataSet, bytes: &[u8]) -> bool {
        match set {
            DataSet::Digits8x8 => {
                self.digits_8x8 = unpack(bytes, 1797, 64);
                self.digits_8x8.is_some()
            }
        }
    }

    /// Whether a set is there.
    pub const fn has(&self, set: DataSet) -> bool {
        match set {
            DataSet::Digits8x8 => self.digits_8x8.is_some(),
        }
    }

    /// The 8×8 digits.
    ///
    /// # Panics
    /// If they were not loaded: whoever runs a lab loads what [`crate::lab::Lab::data`] names first.
    pub fn digits_8x8(&self) -> &Digits {
        self.digits_8x8.as_ref().expect("the runner loads the data sets that a lab names")
    }
}

/// Reads `count` labels of one byte, then `count * pixels` values of five bits each, lowest bit first.
fn unpack(bytes: &[u8], count: usize, pixels: usize) -> Option<Digits> {
    let (labels, packed) = bytes.split_at_checked(count)?;
    if packed.len() != (count * pixels * 5).div_ceil(8) || labels.iter().any(|&label| label > 9) {
        return None;
    }
    let bit = |index: usize| packed[index / 8] >> (index % 8) & 1;
    let value = |index: usize| (0..5).map(|k| bit(index * 5 + k) << k).sum();
    Some(Digits { count, pixels, values: (0..count * pixels).map(value).collect(), labels: labels.to_vec() })
}
