//! Softmax cross-entropy over rows of logits.
//!
//! For logits z of which y belongs to the label: loss = ln Σₖ exp(zₖ − max z) − (y − max z), and its gradient is
//! softmax(z) minus the one-hot label. Within a row every sum runs from the first class to the last.
//!
//! Four rows are worked at once, in three steps over memory that the first brings into the cache:
//! 1. the greatest logit of each row, along the rows;
//! 2. block by block of classes, the logits, transposed in registers so that a vector holds one class of the four rows; their
//!    exponentials, each worked out once; and the sums of these;
//! 3. for a gradient, the exponentials over their sums, transposed back.
//!
//! A row with a NaN or +∞ among its logits has a loss of NaN, and a gradient of NaN in every class; −∞ is a
//! probability of zero, unless all logits are.
//!
//! Error: with d = max z − min z and c classes, the loss errs by less than (c + 2 + d) 2⁻²³ and an entry of the gradient by
//! less than scale · (c + 4) 2⁻²³, unless they overflow or are subnormal. Of the distances z − max z, rounded at first, only
//! the label's counts in full: a great distance makes its exponential small, so that its error hardly shows in the sum.

use super::{F32x4, exp, linear, ln, slices::store_part, vector::Lanes};

/// Classes of a block.
const BLOCK: usize = 32;

/// Four rows of a matrix of logits, one a lane.
#[derive(Clone, Copy)]
struct Four {
    /// Where each row begins; the last row stands in for those beyond the end.
    starts: [usize; 4],
    classes: usize,
}

impl Four {
    /// The rows from `first` on, of `rows` in all; `length` numbers hold them.
    #[inline(always)]
    fn new(first: usize, rows: usize, classes: usize, length: usize) -> Self {
        assert!(
            rows > 0 && rows.checked_mul(classes).is_some_and(|count| count <= length),
            "rows lie within the matrix"
        );
        Self { starts: core::array::from_fn(|lane| (first + lane).min(rows - 1) * classes), classes }
    }

    /// Four classes along each row.
    ///
    /// # Safety
    /// `logits` is the matrix that `self` was made for, and `class + 4 <= classes`.
    #[inline(always)]
    unsafe fn load(self, logits: &[f32], class: usize) -> [F32x4; 4] {
        // SAFETY: the row holds `classes` numbers from its start on.
        self.starts.map(|start| unsafe { F32x4::load(logits.as_ptr().add(start + class)) })
    }

    /// One number of each row.
    ///
    /// # Safety
    /// `logits` is the matrix that `self` was made for, and `columns` are below `classes`.
    #[inline(always)]
    unsafe fn gather(self, logits: &[f32], columns: [usize; 4]) -> F32x4 {
        // SAFETY: the row holds `classes` numbers from its start on.
        let number = |row: usize| unsafe { *logits.get_unchecked(self.starts[row] + columns[row]) };
        F32x4::from_array(core::array::from_fn(number))
    }

    /// The greatest logit of each row.
    #[inline(always)]
    fn greatest(self, logits: &[f32]) -> F32x4 {
        let whole = self.classes - self.classes % F32x4::LANES;
        // SAFETY: `logits` is the matrix, `whole` is a multiple of four, and every class is below `classes`.
        unsafe {
            let (mut greatest, rest) = if whole == 0 {
                (self.gather(logits, [0; 4]), 1)
            } else {
                let mut along = self.load(logits, 0);
                let mut class = F32x4::LANES;
                while class < whole {
                    let next = self.load(logits, class);
                    along = core::array::from_fn(|row| along[row].maximum(next[row]));
                    class += F32x4::LANES;
                }
                let [a, b, c, d] = F32x4::transpose(along);
                (a.maximum(b).maximum(c.maximum(d)), whole)
            };
            for class in rest..self.classes {
                greatest = greatest.maximum(self.gather(logits, [class; 4]));
            }
            greatest
        }
    }

    /// The classes from `first` on, a vector each.
    #[inline(always)]
    fn read(self, logits: &[f32], first: usize, block: &mut [F32x4]) {
        assert!(first + block.len() <= self.classes, "a block lies within a row");
        let (fours, rest) = block.as_chunks_mut::<4>();
        let mut class = first;
        for four in fours {
            // SAFETY: `logits` is the matrix, and the block ends within the row.
            *four = F32x4::transpose(unsafe { self.load(logits, class) });
            class += F32x4::LANES;
        }
        for (column, class) in rest.iter_mut().zip(class..) {
            // SAFETY: as above.
            *column = unsafe { self.gather(logits, [class; 4]) };
        }
    }

    /// The counterpart of [`Self::read`].
    #[inline(always)]
    fn write(self, logits: &mut [f32], first: usize, block: &[F32x4]) {
        assert!(first + block.len() <= self.classes, "a block lies within a row");
        let (fours, rest) = block.as_chunks::<4>();
        let mut class = first;
        for four in fours {
            for (row, start) in F32x4::transpose(*four).into_iter().zip(self.starts) {
                // SAFETY: `logits` is the matrix, and the block ends within the row.
                unsafe { row.store(logits.as_mut_ptr().add(start + class)) };
            }
            class += F32x4::LANES;
        }
        for (column, class) in rest.iter().zip(class..) {
            for (value, start) in column.to_array().into_iter().zip(self.starts) {
                logits[start + class] = value;
            }
        }
    }
}

/// Replaces logits by the exponentials of their distances from the greatest, and adds these to `sum`.
#[inline(always)]
fn exponentials(block: &mut [F32x4], greatest: F32x4, mut sum: F32x4) -> F32x4 {
    for value in block {
        *value = exp::lanes(*value - greatest);
        sum = sum + *value;
    }
    sum
}

/// The labels of four rows from `first` on; the last stands in for those beyond the end.
fn four_labels(labels: &[u32], first: usize, classes: usize) -> [usize; 4] {
    let labels = core::array::from_fn(|lane| labels[(first + lane).min(labels.len() - 1)] as usize);
    assert!(labels.iter().all(|&label| label < classes), "a label is a class");
    labels
}

/// The loss of every row. `logits` holds `labels.len()` rows of `classes`; every label is below `classes`.
pub fn cross_entropy(logits: &[f32], classes: usize, labels: &[u32], losses: &mut [f32]) {
    let rows = labels.len();
    assert!(logits.len() == rows * classes && losses.len() == rows, "a row of logits and a loss for each label");
    let mut block = [F32x4::splat(0.0); BLOCK];
    for (first, losses) in (0..).step_by(4).zip(losses.chunks_mut(4)) {
        let four = Four::new(first, rows, classes, logits.len());
        // SAFETY: `logits` is the matrix, and labels were seen to be classes.
        let labeled = unsafe { four.gather(logits, four_labels(labels, first, classes)) };
        let greatest = four.greatest(logits);
        let mut sum = F32x4::splat(0.0);
        for class in (0..classes).step_by(BLOCK) {
            let block = &mut block[..BLOCK.min(classes - class)];
            four.read(logits, class, block);
            sum = exponentials(block, greatest, sum);
        }
        store_part(ln::lanes(sum) - (labeled - greatest), losses);
    }
}

/// The scalar twin of [`cross_entropy`].
pub fn cross_entropy_scalar(logits: &[f32], classes: usize, labels: &[u32], losses: &mut [f32]) {
    for ((row, &label), loss) in logits.chunks(classes).zip(labels).zip(losses) {
        let (greatest, sum) = normalizer(row);
        *loss = ln::lanes(sum) - (row[label as usize] - greatest);
    }
}

/// Turns logits into `scale` times the gradient of the summed loss: `scale · (softmax − one-hot)`. With `scale` one
/// over the number of rows, it is the gradient of the mean loss.
pub fn cross_entropy_gradient(logits: &mut [f32], classes: usize, labels: &[u32], scale: f32) {
    to_gradient(logits, classes, labels, scale, None);
}

/// [`cross_entropy`] and [`cross_entropy_gradient`] at once, with the bits of both.
pub fn cross_entropy_with_gradient(logits: &mut [f32], classes: usize, labels: &[u32], scale: f32, losses: &mut [f32]) {
    to_gradient(logits, classes, labels, scale, Some(losses));
}

/// Turns logits into the gradient, with the losses where they are asked for.
fn to_gradient(logits: &mut [f32], classes: usize, labels: &[u32], scale: f32, mut losses: Option<&mut [f32]>) {
    let rows = labels.len();
    let losses_fit = losses.as_ref().is_none_or(|losses| losses.len() == rows);
    assert!(logits.len() == rows * classes && losses_fit, "a row of logits and a loss for each label");
    let mut block = [F32x4::splat(0.0); BLOCK];
    for first in (0..rows).step_by(4) {
        let four = Four::new(first, rows, classes, logits.len());
        let labels = four_labels(labels, first, classes);
        // SAFETY: `logits` is the matrix, and labels were seen to be classes.
        let labeled = unsafe { four.gather(logits, labels) };
        let greatest = four.greatest(logits);
        let mut sum = F32x4::splat(0.0);
        for class in (0..classes).step_by(BLOCK) {
            let block = &mut block[..BLOCK.min(classes - class)];
            four.read(logits, class, block);
            sum = exponentials(block, greatest, sum);
            if classes > BLOCK {
                four.write(logits, class, block);
            }
        }
        let share = F32x4::splat(scale) / sum;
        let rows_here = four.starts.into_iter().take(rows - first);
        if classes > BLOCK {
            for (start, share) in rows_here.clone().zip(share.to_array()) {
                linear::scale(share, &mut logits[start..start + classes]);
            }
        } else {
            let block = &mut block[..classes];
            for value in &mut *block {
                *value = *value * share;
            }
            four.write(logits, 0, block);
        }
        if let Some(losses) = &mut losses {
            let end = rows.min(first + 4);
            store_part(ln::lanes(sum) - (labeled - greatest), &mut losses[first..end]);
        }
        for (start, label) in rows_here.zip(labels) {
            logits[start + label] -= scale;
        }
    }
}

/// The scalar twin of [`cross_entropy_gradient`].
pub fn cross_entropy_gradient_scalar(logits: &mut [f32], classes: usize, labels: &[u32], scale: f32) {
    for (row, &label) in logits.chunks_mut(classes).zip(labels) {
        let (greatest, sum) = normalizer(row);
        let share = scale / sum;
        for logit in row.iter_mut() {
            *logit = exp::lanes(*logit - greatest) * share;
        }
        row[label as usize] -= scale;
    }
}

/// The greatest logit of a row, and the sum of the exponentials of the logits' distances from it.
fn normalizer(row: &[f32]) -> (f32, f32) {
    let greatest = row[1..].iter().fold(row[0], |greatest, &logit| Lanes::maximum(greatest, logit));
    (greatest, row.iter().fold(0.0, |sum, &logit| sum + exp::lanes(logit - greatest)))
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
    use crate::single::testing::{numbers, same_bits};
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
        fn losses_and_gradients_keep_to_their_error_bounds(
            classes in 1usize..40, spread in prop::sample::select(vec![0.1f32, 3.0, 30.0, 300.0]), salt: u32,
        ) {
            let labels: Vec<u32> = (0..9).map(|row| (row * 7 % classes) as u32).collect();
            let logits: Vec<f32> = numbers(9 * classes, salt).into_iter().map(|x| x * spread).collect();
            let (mut gradient, mut losses, scale) = (logits.clone(), [0.0; 9], 0.37f32);
            cross_entropy_with_gradient(&mut gradient, classes, &labels, scale, &mut losses);
            let rows = logits.chunks(classes).zip(gradient.chunks(classes)).zip(labels).zip(losses);
            for (((logits, gradient), label), loss) in rows {
                let logits: Vec<f64> = logits.iter().map(|&z| f64::from(z)).collect();
                let greatest = logits.iter().copied().fold(f64::NEG_INFINITY, f64::max);
                let least = logits.iter().copied().fold(f64::INFINITY, f64::min);
                let powers: Vec<f64> = logits.iter().map(|z| libm::exp(z - greatest)).collect();
                let sum: f64 = powers.iter().sum();
                let exact = libm::log(sum) - (logits[label as usize] - greatest);
                let bound = (classes as f64 + 2.0 + greatest - least) * f64::from(f32::EPSILON);
                prop_assert!((f64::from(loss) - exact).abs() < bound);
                for (class, (value, power)) in gradient.iter().zip(powers).enumerate() {
                    let target = if class == label as usize { 1.0 } else { 0.0 };
                    let exact = f64::from(scale) * (power / sum - target);
                    let bound = f64::from(scale) * (classes as f64 + 4.0) * f64::from(f32::EPSILON);
                    prop_assert!((f64::from(*value) - exact).abs() < bound);
                }
            }
        }

        #[test]
        fn cross_entropy_gives_the_bits_of_its_scalar_twin(
            classes in prop_oneof![1usize..23, 30usize..70],
            values in prop::collection::vec(prop_oneof![30 => -50f32..50.0, 1 => any::<u32>().prop_map(f32::from_bits)], 0..400),
            scale in 0.001f32..1.0,
        ) {
            let rows = values.len() / classes;
            let mut logits = values[..rows * classes].to_vec();
            let labels: Vec<u32> = (0..rows).map(|row| (row * 7 % classes) as u32).collect();
            let (mut losses, mut twin) = (vec![0.0; rows], vec![0.0; rows]);
            cross_entropy(&logits, classes, &labels, &mut losses);
            cross_entropy_scalar(&logits, classes, &labels, &mut twin);
            prop_assert!(same_bits(&losses, &twin));
            let (mut gradient_twin, mut with_losses) = (logits.clone(), logits.clone());
            cross_entropy_gradient(&mut logits, classes, &labels, scale);
            cross_entropy_gradient_scalar(&mut gradient_twin, classes, &labels, scale);
            prop_assert!(same_bits(&logits, &gradient_twin));
            losses.fill(f32::NAN);
            cross_entropy_with_gradient(&mut with_losses, classes, &labels, scale, &mut losses);
            prop_assert!(same_bits(&losses, &twin) && same_bits(&with_losses, &gradient_twin));
        }
    }
}
