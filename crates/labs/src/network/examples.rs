//! Labeled examples as the kernels read them, and how well a network does on them.

use super::mlp::{Mlp, Pass};
use kernels::single::softmax;
use std::ops::Range;

/// Examples with class labels.
#[derive(Clone, Debug)]
pub struct Examples {
    /// Numbers of one example.
    pub dimension: usize,
    /// Number of classes.
    pub classes: usize,
    /// `labels.len() * dimension` numbers, one example a row.
    pub inputs: Vec<f32>,
    /// The label of each example, below `classes`.
    pub labels: Vec<u32>,
}

/// What a network got wrong, so far.
#[derive(Clone, Copy, Debug, Default, PartialEq)]
pub struct Score {
    /// Examples that were looked at.
    pub count: usize,
    /// Misclassified examples.
    pub wrong: usize,
    /// The sum of the losses, where they were asked for.
    pub loss: f64,
}

impl Score {
    /// The share of misclassified examples.
    pub fn error(&self) -> f64 {
        self.wrong as f64 / self.count as f64
    }

    /// The mean loss.
    pub fn mean_loss(&self) -> f64 {
        self.loss / self.count as f64
    }
}

impl Examples {
    /// The number of examples.
    pub fn len(&self) -> usize {
        self.labels.len()
    }

    /// Whether there are none.
    pub fn is_empty(&self) -> bool {
        self.labels.is_empty()
    }

    /// The inputs of a range of examples.
    pub fn rows(&self, range: Range<usize>) -> &[f32] {
        &self.inputs[range.start * self.dimension..range.end * self.dimension]
    }

    /// Counts the errors on a range of examples into `score`; with `losses`, a buffer at least as long as the range,
    /// adds up their cross-entropies too. The range fits into `pass`.
    pub fn judge(
        &self,
        range: Range<usize>,
        network: &Mlp,
        pass: &mut Pass,
        losses: Option<&mut [f32]>,
        score: &mut Score,
    ) {
        let labels = &self.labels[range.clone()];
        let logits = network.forward(self.rows(range), pass);
        score.count += labels.len();
        score.wrong += softmax::misclassified(logits, self.classes, labels);
        if let Some(losses) = losses {
            let losses = &mut losses[..labels.len()];
            softmax::cross_entropy(logits, self.classes, labels, losses);
            score.loss += losses.iter().map(|&loss| f64::from(loss)).sum::<f64>();
        }
    }
}
