//! What the bench page and `cargo xtask bench` time: the labs' own training step, one matrix product, and the most that
//! the vector unit does.
//!
//! Data and weights are random, so that any shape can be timed. Nothing here looks at a clock: the caller does.

use kernels::single::{
    gemm::{Finish, Gemm, Start},
    peak,
};
use labs::{
    network::{Activation, Examples, Mlp, Rule, Training},
    random::Random,
};

/// Most numbers that a job may hold: a quarter of what a 32-bit program can address.
const MOST_NUMBERS: usize = 1 << 28;
/// The step size of a training.
pub const LEARNING_RATE: f64 = 0.01;

/// Why a job cannot be done.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Refusal {
    /// A network has an input and an output layer, and no layer, batch or side of a product is empty.
    Empty,
    /// It does not fit into memory.
    TooLarge,
}

/// Something to repeat, and how many floating-point operations one repetition counts.
pub enum Job {
    /// Steps of plain gradient descent on a network of rectifiers with softmax cross-entropy; 6 · parameters · batch operations.
    Training(Box<Training>),
    /// Products of two matrices; 2 m k n operations.
    Product(Box<Product>),
    /// Multiplications and additions in registers; see [`peak`].
    Peak,
}

/// Two matrices and their product.
pub struct Product {
    shape: [usize; 3],
    gemm: Gemm,
    left: Vec<f32>,
    right: Vec<f32>,
    out: Vec<f32>,
}

fn random_numbers(count: usize, random: &mut Random) -> Vec<f32> {
    (0..count).map(|_| random.normal() as f32).collect()
}

/// The sum of products, or nothing if it is beyond what memory holds.
fn numbers(parts: &[&[usize]]) -> Option<usize> {
    let sum = parts.iter().try_fold(0usize, |sum, factors| {
        let product = factors.iter().try_fold(1usize, |product, &factor| product.checked_mul(factor))?;
        sum.checked_add(product)
    });
    sum.filter(|&sum| sum <= MOST_NUMBERS)
}

impl Job {
    /// A training of the given layer sizes, inputs first and logits last.
    pub fn training(sizes: &[usize], batch: usize) -> Result<Self, Refusal> {
        if sizes.len() < 2 || sizes.contains(&0) || batch == 0 {
            return Err(Refusal::Empty);
        }
        let (inputs, classes) = (sizes[0], sizes[sizes.len() - 1]);
        let weights: Vec<&[usize]> = sizes.windows(2).collect();
        let outputs: Vec<[usize; 2]> = sizes[1..].iter().map(|&size| [batch, size]).collect();
        let outputs = outputs.iter().map(|pair| &pair[..]);
        let examples = [inputs, batch, 2];
        let parts: Vec<&[usize]> = weights.iter().copied().cycle().take(3 * weights.len()).chain(outputs).collect();
        numbers(&[&parts[..], &[&examples]].concat()).ok_or(Refusal::TooLarge)?;
        let mut random = Random::new(1, 0);
        let network = Mlp::new(sizes, Activation::Relu, &mut random);
        let examples = Examples {
            dimension: inputs,
            classes,
            inputs: random_numbers(batch * inputs, &mut random),
            labels: (0..batch).map(|_| random.below(classes) as u32).collect(),
        };
        let rule = Rule::Sgd { learning_rate: LEARNING_RATE, momentum: 0.0, weight_decay: 0.0 };
        Ok(Self::Training(Box::new(Training::new(network, rule, examples, batch, random))))
    }

    /// A product of an m × k and a k × n matrix; `shape` is [m, k, n].
    pub fn product(shape: [usize; 3]) -> Result<Self, Refusal> {
        let [m, k, n] = shape;
        if shape.contains(&0) {
            return Err(Refusal::Empty);
        }
        numbers(&[&[m, k], &[k, n], &[m, n]]).ok_or(Refusal::TooLarge)?;
        let mut random = Random::new(1, 0);
        Ok(Self::Product(Box::new(Product {
            shape,
            gemm: Gemm::new(k),
            left: random_numbers(m * k, &mut random),
            right: random_numbers(k * n, &mut random),
            out: vec![0.0; m * n],
        })))
    }

    /// Floating-point operations that one repetition counts.
    pub fn operations(&self) -> f64 {
        match self {
            Self::Training(training) => 6.0 * training.network.parameters.len() as f64 * training.batch() as f64,
            Self::Product(product) => 2.0 * product.shape.iter().map(|&side| side as f64).product::<f64>(),
            Self::Peak => peak::OPERATIONS,
        }
    }

    /// What it multiplies from the left: the examples, one a row, or the left factor.
    pub fn left(&self) -> &[f32] {
        match self {
            Self::Training(training) => &training.examples().inputs,
            Self::Product(product) => &product.left,
            Self::Peak => &[],
        }
    }

    /// What it multiplies from the right: the parameters as they are now, in the order of [`Mlp`], or the right factor.
    pub fn right(&self) -> &[f32] {
        match self {
            Self::Training(training) => &training.network.parameters,
            Self::Product(product) => &product.right,
            Self::Peak => &[],
        }
    }

    /// The examples' labels.
    pub fn labels(&self) -> &[u32] {
        match self {
            Self::Training(training) => &training.examples().labels,
            Self::Product(_) | Self::Peak => &[],
        }
    }

    /// The matrices' product, as the last repetition left it.
    pub fn product_matrix(&self) -> &[f32] {
        match self {
            Self::Product(product) => &product.out,
            Self::Training(_) | Self::Peak => &[],
        }
    }

    /// Does it so many times.
    pub fn repeat(&mut self, times: usize) {
        match self {
            Self::Training(training) => {
                for _ in 0..times {
                    training.step();
                }
            }
            Self::Product(job) => {
                let Product { shape, gemm, left, right, out } = &mut **job;
                for _ in 0..times {
                    gemm.multiply(*shape, std::hint::black_box(left), right, out, Start::Zero, Finish::Keep);
                }
                std::hint::black_box(out);
            }
            Self::Peak => {
                let [one, zero] = std::hint::black_box([1.0, 0.0]);
                std::hint::black_box(peak::run(times, one, zero));
            }
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn any_shape_can_be_timed_and_its_operations_are_counted() {
        for (sizes, batch, parameters) in
            [(&[3, 2][..], 1, 8), (&[784, 128, 10], 128, 101_770), (&[5, 4, 3, 2, 1], 7, 24 + 15 + 8 + 3)]
        {
            let mut job = Job::training(sizes, batch).unwrap_or_else(|refusal| panic!("{sizes:?}: {refusal:?}"));
            assert_eq!(job.operations(), 6.0 * f64::from(parameters) * batch as f64);
            job.repeat(2);
        }
        let mut job = Job::product([3, 4, 5]).unwrap_or_else(|refusal| panic!("{refusal:?}"));
        job.repeat(3);
        assert_eq!(job.operations(), 120.0);
    }

    #[test]
    fn a_step_moves_the_parameters_and_no_other_number_that_can_be_read() {
        let mut job = Job::training(&[3, 4, 2], 5).unwrap_or_else(|refusal| panic!("{refusal:?}"));
        let (left, right, labels) = (job.left().to_vec(), job.right().to_vec(), job.labels().to_vec());
        assert_eq!((left.len(), right.len(), labels.len()), (15, 3 * 4 + 4 + 4 * 2 + 2, 5));
        assert!(labels.iter().all(|&label| label < 2));
        job.repeat(1);
        assert_eq!((job.left(), job.labels()), (&left[..], &labels[..]));
        assert_ne!(job.right(), right);
    }

    #[test]
    fn a_product_is_that_of_the_factors_that_can_be_read() {
        let mut job = Job::product([2, 3, 2]).unwrap_or_else(|refusal| panic!("{refusal:?}"));
        job.repeat(2);
        let (a, b) = (job.left(), job.right());
        for (index, &entry) in job.product_matrix().iter().enumerate() {
            let exact: f32 = (0..3).map(|k| a[index / 2 * 3 + k] * b[k * 2 + index % 2]).sum();
            assert!((entry - exact).abs() < 1e-6, "{entry} {exact}");
        }
    }

    #[test]
    fn empty_and_boundless_shapes_are_refused() {
        assert_eq!(Job::training(&[3], 1).err(), Some(Refusal::Empty));
        assert_eq!(Job::training(&[3, 0, 2], 1).err(), Some(Refusal::Empty));
        assert_eq!(Job::training(&[3, 2], 0).err(), Some(Refusal::Empty));
        assert_eq!(Job::product([1, 0, 1]).err(), Some(Refusal::Empty));
        assert_eq!(Job::training(&[usize::MAX, 2], 1).err(), Some(Refusal::TooLarge));
        assert_eq!(Job::training(&[100_000, 100_000, 2], 1).err(), Some(Refusal::TooLarge));
        assert_eq!(Job::product([1 << 20, 1 << 20, 1]).err(), Some(Refusal::TooLarge));
    }
}
