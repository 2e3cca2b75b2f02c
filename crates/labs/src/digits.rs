//! From the bundled digits to a learning problem: a random split, labels with noise, pixels as real numbers.

use crate::{data::Digits, random::Random};

/// Number of classes.
pub const CLASSES: usize = 10;

/// A random division of a data set. The order within each part is random too.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Split {
    /// Indices of the training images.
    pub train: Vec<usize>,
    /// Indices of all the others.
    pub test: Vec<usize>,
}

/// Draws `train` images to learn from, uniformly without replacement; the rest is for testing. With fewer images than
/// `train` all of them are trained on.
pub fn split(digits: &Digits, train: usize, random: &mut Random) -> Split {
    let mut train_indices = random.permutation(digits.count);
    let test = train_indices.split_off(train.min(digits.count));
    Split { train: train_indices, test }
}

/// The true labels of the images at `indices`.
pub fn labels(digits: &Digits, indices: &[usize]) -> Vec<u8> {
    indices.iter().map(|&index| digits.labels[index]).collect()
}

/// The labels with exactly `round(fraction · n)` of them, drawn without replacement, turned into a uniformly drawn
/// *wrong* class. `fraction` lies in 0..=1.
pub fn noisy_labels(labels: &[u8], fraction: f64, random: &mut Random) -> Vec<u8> {
    let mut noisy = labels.to_vec();
    let wrong = ((fraction * labels.len() as f64).round() as usize).min(labels.len());
    for &index in &random.permutation(labels.len())[..wrong] {
        let shift = 1 + random.below(CLASSES - 1);
        noisy[index] = ((usize::from(labels[index]) + shift) % CLASSES) as u8;
    }
    noisy
}

/// The pixels of the images at `indices` in 0..=1, one image a row: `indices.len() * digits.pixels` values.
pub fn pixels(digits: &Digits, indices: &[usize]) -> Vec<f64> {
    let image = |index: usize| &digits.values[index * digits.pixels..][..digits.pixels];
    indices.iter().flat_map(|&index| image(index)).map(|&value| f64::from(value) / 16.0).collect()
}

/// One mean and one standard deviation (with n) over all the values given.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct Standardization {
    /// The mean of the values.
    pub mean: f64,
    /// Their standard deviation; 1 where all are equal, so that dividing by it is always allowed.
    pub deviation: f64,
}

impl Standardization {
    /// Measures `values`, which are not empty.
    pub fn of(values: &[f64]) -> Self {
        let mean = values.iter().sum::<f64>() / values.len() as f64;
        let variance = values.iter().map(|v| (v - mean) * (v - mean)).sum::<f64>() / values.len() as f64;
        Self { mean, deviation: if variance > 0.0 { variance.sqrt() } else { 1.0 } }
    }

    /// `(value − mean) / deviation`.
    pub fn apply(&self, value: f64) -> f64 {
        (value - self.mean) / self.deviation
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::data::Data;

    #[test]
    fn a_split_uses_every_image_once() {
        let data = Data::bundled();
        let Split { train, test } = split(data.digits_8x8(), 500, &mut Random::new(3, 0));
        assert_eq!((train.len(), test.len()), (500, 1297));
        let mut all = [train, test].concat();
        all.sort_unstable();
        assert!(all.into_iter().eq(0..1797));
    }

    #[test]
    fn noise_changes_exactly_the_rounded_share_of_labels_and_reaches_every_wrong_class() {
        let clean = vec![4u8; 905];
        for (fraction, expected) in [(0.0, 0), (0.2, 181), (0.5, 453), (1.0, 905)] {
            let noisy = noisy_labels(&clean, fraction, &mut Random::new(1, 0));
            assert_eq!(noisy.iter().zip(&clean).filter(|(a, b)| a != b).count(), expected);
            assert!(noisy.iter().all(|&label| usize::from(label) < CLASSES));
        }
        let noisy = noisy_labels(&clean, 1.0, &mut Random::new(1, 0));
        assert!((0..10u8).filter(|&class| class != 4).all(|class| noisy.contains(&class)));
    }

    #[test]
    fn standardized_values_have_mean_zero_and_deviation_one() {
        let data = Data::bundled();
        let values = pixels(data.digits_8x8(), &[0, 5, 1796]);
        assert_eq!(values.len(), 3 * 64);
        let scale = Standardization::of(&values);
        let after: Vec<f64> = values.iter().map(|&v| scale.apply(v)).collect();
        let again = Standardization::of(&after);
        assert!(again.mean.abs() < 1e-12 && (again.deviation - 1.0).abs() < 1e-12);
        assert_eq!(Standardization::of(&[2.0, 2.0]).apply(2.0), 0.0);
    }
}
