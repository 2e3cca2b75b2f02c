//! Softmax cross-entropy over rows of logits.
//!
//! For logits z of which y belongs to the label: loss = ln Σₖ exp(zₖ − max z) − (y − max z), and its gradient is
//! softmax(z) minus the one-hot label. Four rows are worked at once, one a lane; within a row every sum runs from the
//! first class to the last.

use super::{F32x4, exp, ln, vector::Lanes};

/// Rows of logits that are worked at once: how lanes read and write one class of them.
trait Rows<L> {
    fn read(&self, class: usize) -> L;
}

/// One row, for the scalar twin.
impl Rows<f32> for &[f32] {
    fn read(&self, class: usize) -> f32 {
        self[class]
    }
}

/// Four rows, one after the other.
struct Four<'a> {
    logits: &'a [f32],
    /// Where each row begins; the last row stands in for those beyond the end.
    starts: [usize; 4],
}

impl Rows<F32x4> for Four<'_> {
    #[inline(always)]
    fn read(&self, class: usize) -> F32x4 {
        F32x4::from_array(self.starts.map(|start| self.logits[start + class]))
    }
}

/// The greatest logit of each row, and the sum of the exponentials of the logits' distances from it.
#[inline(always)]
fn normalizer<L: Lanes>(rows: &impl Rows<L>, classes: usize) -> (L, L) {
    let greatest = (1..classes).fold(rows.read(0), |greatest, class| greatest.maximum(rows.read(class)));
    let sum = (0..classes).fold(L::splat(0.0), |sum, class| sum + exp::lanes(rows.read(class) - greatest));
    (greatest, sum)
}

fn starts(first: usize, rows: usize, classes: usize) -> [usize; 4] {
    core::array::from_fn(|lane| (first + lane).min(rows - 1) * classes)
}

/// The loss of every row. `logits` holds `labels.len()` rows of `classes`; every label is below `classes`.
pub fn cross_entropy(logits: &[f32], classes: usize, labels: &[u32], losses: &mut [f32]) {
    let rows = labels.len();
    assert_eq!((logits.len(), losses.len()), (rows * classes, rows));
    for (block, losses) in losses.chunks_mut(4).enumerate() {
        let four = Four { logits, starts: starts(block * 4, rows, classes) };
        let (greatest, sum) = normalizer(&four, classes);
        let labeled = core::array::from_fn(|lane| {
            let label = labels[(block * 4 + lane).min(rows - 1)] as usize;
            logits[four.starts[lane] + label]
        });
        let loss = ln::lanes(sum) - (F32x4::from_array(labeled) - greatest);
        losses.copy_from_slice(&loss.to_array()[..losses.len()]);
    }
}

/// The scalar twin of [`cross_entropy`].
pub fn cross_entropy_scalar(logits: &[f32], classes: usize, labels: &[u32], losses: &mut [f32]) {
    for ((row, &label), loss) in logits.chunks(classes).zip(labels).zip(losses) {
        let (greatest, sum) = normalizer(&row, classes);
        *loss = ln::lanes(sum) - (row[label as usize] - greatest);
    }
}

/// Turns logits into `scale` times the gradient of the summed loss: `scale · (softmax − one-hot)`. With `scale` one
/// over the number of rows, it is the gradient of the mean loss.
pub fn cross_entropy_gradient(logits: &mut [f32], classes: usize, labels: &[u32], scale: f32) {
    let rows = labels.len();
    assert_eq!(logits.len(), rows * classes);
    for first in (0..rows).step_by(4) {
        let starts = starts(first, rows, classes);
        let (greatest, sum) = normalizer(&Four { logits, starts }, classes);
        let share = F32x4::splat(scale) / sum;
        for class in 0..classes {
            let gradient = exp::lanes(Four { logits, starts }.read(class) - greatest) * share;
            for (lane, value) in gradient.to_array().into_iter().enumerate().take(rows - first) {
                logits[starts[lane] + class] = value;
            }
        }
        for (lane, &label) in labels[first..].iter().take(4).enumerate() {
            logits[starts[lane] + label as usize] -= scale;
        }
    }
}

/// The scalar twin of [`cross_entropy_gradient`].
pub fn cross_entropy_gradient_scalar(logits: &mut [f32], classes: usize, labels: &[u32], scale: f32) {
    for (row, &label) in logits.chunks_mut(classes).zip(labels) {
        let (greatest, sum) = normalizer(&&*row, classes);
        let share = scale / sum;
        for logit in row.iter_mut() {
            *logit = exp::lanes(*logit - greatest) * share;
        }
        row[label as usize] -= scale;
    }
}

/// How many rows do not have their greatest logit at their label. Of equal logits the first counts; a row with a NaN
/// at or against its label is wrong.
pub fn misclassified(logits: &[f32], classes: usize, labels: &[u32]) -> usize {
    let rows = logits.chunks_exact(classes).zip(labels);
    let right = |row: &[f32], label: usize| {
        let (before, rest) = row.split_at(label);
        let top = rest[0];
        before.iter().all(|&logit| logit < top) && rest.iter().all(|&logit| logit <= top)
    };
    rows.filter(|(row, label)| !right(row, **label as usize)).count()
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::single::ln::tests::same_bits;
    use proptest::prelude::*;

    #[test]
    fn equal_logits_lose_the_logarithm_of_the_number_of_classes() {
        let mut losses = [0.0; 5];
        cross_entropy(&[3.0; 50], 10, &[0, 1, 2, 3, 9], &mut losses);
        assert!(losses.iter().all(|loss| (loss - core::f32::consts::LN_10).abs() < 1e-6));
    }

    #[test]
    fn the_gradient_is_the_slope_of_the_loss() {
        let logits = [0.3, -1.2, 2.0, 0.7, 0.1, -0.4];
        let labels = [2, 0];
        let mut gradient = logits;
        cross_entropy_gradient(&mut gradient, 3, &labels, 0.5);
        let mean_loss = |logits: &[f32]| {
            let mut losses = [0.0; 2];
            cross_entropy(logits, 3, &labels, &mut losses);
            f64::midpoint(f64::from(losses[0]), f64::from(losses[1]))
        };
        for (index, slope) in gradient.into_iter().enumerate() {
            let (mut up, mut down) = (logits, logits);
            up[index] += 0.01;
            down[index] -= 0.01;
            let measured = (mean_loss(&up) - mean_loss(&down)) / f64::from(up[index] - down[index]);
            assert!((measured - f64::from(slope)).abs() < 2e-5, "{measured} {slope}");
        }
    }

    #[test]
    fn the_first_of_equal_logits_is_predicted_and_nan_is_wrong() {
        let logits = [1.0, 1.0, 0.0, 1.0, 1.0, 0.0, f32::NAN, 1.0, 0.0, 0.0, 1.0, 2.0];
        assert_eq!(misclassified(&logits, 3, &[0, 1, 1, 2]), 2);
    }

    proptest! {
        #[test]
        fn cross_entropy_gives_the_bits_of_its_scalar_twin(
            classes in 1usize..12,
            values in prop::collection::vec(-50f32..50.0, 0..150),
            scale in 0.001f32..1.0,
        ) {
            let rows = values.len() / classes;
            let mut logits = values[..rows * classes].to_vec();
            let labels: Vec<u32> = (0..rows).map(|row| (row * 7 % classes) as u32).collect();
            let (mut losses, mut twin) = (vec![0.0; rows], vec![0.0; rows]);
            cross_entropy(&logits, classes, &labels, &mut losses);
            cross_entropy_scalar(&logits, classes, &labels, &mut twin);
            prop_assert!(same_bits(&losses, &twin));
            let mut gradient_twin = logits.clone();
            cross_entropy_gradient(&mut logits, classes, &labels, scale);
            cross_entropy_gradient_scalar(&mut gradient_twin, classes, &labels, scale);
            prop_assert!(same_bits(&logits, &gradient_twin));
        }
    }
}
