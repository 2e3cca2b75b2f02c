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

/// Images moved so that those trained on have mean zero in every pixel and a given mean squared length.
#[derive(Clone, Debug, PartialEq)]
pub struct Centering {
    mean: Vec<f64>,
    scale: f64,
}

impl Centering {
    /// Measures images of so many pixels, one a row; there is one at least.
    pub fn of(images: &[f64], pixels: usize, squared_length: f64) -> Self {
        let count = (images.len() / pixels) as f64;
        let mut mean = vec![0.0; pixels];
        for image in images.chunks_exact(pixels) {
            mean.iter_mut().zip(image).for_each(|(slot, value)| *slot += value / count);
        }
        let squares: f64 =
            images.chunks_exact(pixels).flat_map(|image| image.iter().zip(&mean)).map(|(v, m)| (v - m) * (v - m)).sum();
        let scale = if squares > 0.0 { (squared_length * count / squares).sqrt() } else { 1.0 };
        Self { mean, scale }
    }

    /// The images, one a row, after the move.
    pub fn apply(&self, images: &[f64]) -> Vec<f64> {
        let rows = images.chunks_exact(self.mean.len());
        rows.flat_map(|image| image.iter().zip(&self.mean).map(|(v, m)| self.scale * (v - m))).collect()
    }
}

/// Images for networks with curvature to be measured: centered.
#[derive(Clone, Debug)]
pub struct CenteredDigits {
    /// Which are trained on.
    pub split: Split,
    /// The images trained on, one a row, of mean squared length 16.
    pub train: Vec<f64>,
    /// The others, moved likewise.
    pub test: Vec<f64>,
}

impl CenteredDigits {
    /// Draws `train` images to learn from.
    pub fn new(digits: &Digits, train: usize, random: &mut Random) -> Self {
        const SQUARED_LENGTH: f64 = 16.0;
        let split = split(digits, train, random);
        let images = pixels(digits, &split.train);
        let centering = Centering::of(&images, digits.pixels, SQUARED_LENGTH);
        Self { train: centering.apply(&images), test: centering.apply(&pixels(digits, &split.test)), split }
    }
}

/// The labels, each replaced with that probability by a uniformly drawn class, which may be its own.
pub fn redrawn_labels(labels: &[u8], probability: f64, random: &mut Random) -> Vec<u8> {
    let redraw = |&label: &u8| {
        // Both are drawn in any case, so that the same labels are redrawn, and more of them, at a higher probability.
        let (chance, other) = (random.uniform(), random.below(CLASSES) as u8);
        if chance < probability { other } else { label }
    };
    labels.iter().map(redraw).collect()
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

    #[test]
    fn centered_images_have_mean_zero_and_the_length_asked_for() {
        let data = Data::bundled();
        let (train, test) = ([3, 7, 100, 1500], [4, 5]);
        let images = pixels(data.digits_8x8(), &train);
        let centering = Centering::of(&images, 64, 16.0);
        let centered = centering.apply(&images);
        for pixel in 0..64 {
            assert!(centered.iter().skip(pixel).step_by(64).sum::<f64>().abs() < 1e-12);
        }
        assert!((centered.iter().map(|value| value * value).sum::<f64>() / 4.0 - 16.0).abs() < 1e-12);
        // The same map for other images.
        let others = pixels(data.digits_8x8(), &test);
        let (a, b) = (centering.apply(&others), centering.apply(&[others.clone(), images].concat()));
        assert_eq!(a, b[..a.len()]);
        assert_eq!(Centering::of(&[1.0, 2.0], 2, 16.0).apply(&[1.0, 3.0]), [0.0, 1.0]);
    }

    #[test]
    fn redrawn_labels_are_wrong_nine_times_in_ten_and_grow_with_the_probability() {
        let clean = vec![4u8; 10_000];
        let redrawn = |probability| redrawn_labels(&clean, probability, &mut Random::new(1, 0));
        let wrong = |labels: &[u8]| labels.iter().filter(|&&label| label != 4).count() as f64 / 10_000.0;
        assert_eq!(wrong(&redrawn(0.0)), 0.0);
        let (some, more) = (redrawn(0.2), redrawn(0.4));
        assert!((wrong(&some) - 0.18).abs() < 0.01 && (wrong(&more) - 0.36).abs() < 0.01);
        assert!(some.iter().zip(&more).all(|(some, more)| *some == 4 || some == more));
    }
}
