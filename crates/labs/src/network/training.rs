//! Mini-batch training of a classifier on softmax cross-entropy.

use super::{
    examples::Examples,
    mlp::{Mlp, Pass},
    optimizer::{Optimizer, Rule},
};
use crate::random::Random;
use kernels::single::softmax;

/// A network in training. All buffers are planned at the start.
#[derive(Clone, Debug)]
pub struct Training {
    /// The network as it is now.
    pub network: Mlp,
    optimizer: Optimizer,
    examples: Examples,
    batch: usize,
    random: Random,
    order: Vec<usize>,
    /// How much of `order` this epoch has used.
    used: usize,
    epochs: usize,
    pass: Pass,
    /// By all parameters, or by those of one layer where layers step one after the other.
    gradient: Vec<f32>,
    batch_inputs: Vec<f32>,
    batch_labels: Vec<u32>,
}

impl Training {
    /// Prepares to train `network` on `examples`, `batch` of them a step, in an order that `random` shuffles for
    /// every epoch. The last batch of an epoch holds what is left.
    pub fn new(network: Mlp, rule: Rule, examples: Examples, batch: usize, random: Random) -> Self {
        let count = examples.len();
        let batch = batch.clamp(1, count.max(1));
        let optimizer = Optimizer::new(rule, network.parameters.len());
        let slopes = if optimizer.descent().is_some() { network.largest_layer() } else { network.parameters.len() };
        Self {
            optimizer,
            batch,
            random,
            order: (0..count).collect(),
            used: count,
            epochs: 0,
            pass: Pass::new(&network, batch),
            gradient: vec![0.0; slopes],
            batch_inputs: Vec::with_capacity(batch * examples.dimension),
            batch_labels: Vec::with_capacity(batch),
            network,
            examples,
        }
    }

    /// What it trains on.
    pub const fn examples(&self) -> &Examples {
        &self.examples
    }

    /// Examples of a step; the last of an epoch may have fewer.
    pub const fn batch(&self) -> usize {
        self.batch
    }

    /// Epochs that have been completed.
    pub const fn epochs(&self) -> usize {
        self.epochs
    }

    /// One step on the next batch; true if it was the last of its epoch.
    pub fn step(&mut self) -> bool {
        if self.used == self.order.len() {
            self.random.shuffle(&mut self.order);
            self.used = 0;
        }
        let end = (self.used + self.batch).min(self.order.len());
        self.gather(self.used..end);
        self.used = end;
        let scale = 1.0 / self.batch_labels.len() as f32;
        let logits = self.network.forward(&self.batch_inputs, &mut self.pass);
        softmax::cross_entropy_gradient(logits, self.examples.classes, &self.batch_labels, scale);
        if let Some(descent) = self.optimizer.descent() {
            self.network.descend(&self.batch_inputs, &mut self.pass, &descent, &mut self.gradient);
        } else {
            self.network.backward(&self.batch_inputs, &mut self.pass, &mut self.gradient);
            self.optimizer.step(&mut self.network.parameters, &self.gradient);
        }
        let last = end == self.order.len();
        self.epochs += usize::from(last);
        last
    }

    fn gather(&mut self, range: std::ops::Range<usize>) {
        self.batch_inputs.clear();
        self.batch_labels.clear();
        for &index in &self.order[range] {
            self.batch_inputs.extend_from_slice(self.examples.rows(index..index + 1));
            self.batch_labels.push(self.examples.labels[index]);
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::network::{Activation, Score};

    /// Two classes on either side of a circle, which no linear classifier separates.
    fn circle(count: usize) -> Examples {
        let mut random = Random::new(2, 0);
        let mut examples = Examples { dimension: 2, classes: 2, inputs: Vec::new(), labels: Vec::new() };
        for _ in 0..count {
            let (x, y) = (random.normal(), random.normal());
            examples.inputs.extend([x as f32, y as f32]);
            examples.labels.push(u32::from(x * x + y * y > 1.4));
        }
        examples
    }

    fn error(training: &Training) -> f64 {
        let (examples, mut score) = (training.examples(), Score::default());
        let mut pass = Pass::new(&training.network, examples.len());
        examples.judge(0..examples.len(), &training.network, &mut pass, None, &mut score);
        score.error()
    }

    #[test]
    fn every_rule_learns_a_circle() {
        let sgd = Rule::Sgd { learning_rate: 0.1, momentum: 0.9, weight_decay: 0.0 };
        for rule in [sgd, Rule::adam(0.01)] {
            let network = Mlp::new(&[2, 32, 2], Activation::Relu, &mut Random::new(1, 0));
            let mut training = Training::new(network, rule, circle(203), 20, Random::new(1, 1));
            let before = error(&training);
            while training.epochs() < 60 {
                training.step();
            }
            assert!(before > 0.2 && error(&training) < 0.05, "{rule:?}: {before} {}", error(&training));
        }
    }

    #[test]
    fn an_epoch_ends_after_every_example_was_used_once() {
        let network = Mlp::new(&[2, 3, 2], Activation::Relu, &mut Random::new(1, 0));
        let mut training = Training::new(network, Rule::adam(0.01), circle(45), 20, Random::new(1, 1));
        assert_eq!([(); 6].map(|()| training.step()), [false, false, true, false, false, true]);
        assert_eq!(training.epochs(), 2);
    }
}
