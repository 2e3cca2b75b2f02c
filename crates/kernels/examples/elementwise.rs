//! Nanoseconds a number that elementwise kernels and reductions take, next to their scalar twins:
//! `cargo run --release --package kernels --example elementwise`.

use kernels::single::{activation, activation::Power, exp, linear, ln, optimizer, softmax, sum, tanh};
use std::{hint::black_box, time::Instant};

/// Numbers: some that stay in the first cache, and more than fit into the second.
const LENGTHS: [usize; 2] = [4096, 1_000_000];
/// Numbers that go through a kernel in one measurement.
const WORK: usize = 1 << 22;
const MEASUREMENTS: usize = 7;
const CLASSES: usize = 10;

/// The least nanoseconds a number over some measurements.
fn nanoseconds(length: usize, mut run: impl FnMut()) -> f64 {
    let repetitions = WORK.div_ceil(length);
    let mut measure = || {
        let start = Instant::now();
        (0..repetitions).for_each(|_| run());
        start.elapsed().as_secs_f64() * 1e9 / (repetitions * length) as f64
    };
    (0..MEASUREMENTS).map(|_| measure()).fold(f64::INFINITY, f64::min)
}

/// What kernels work on. They change it in place, again and again; nothing in it becomes subnormal by that.
struct Data {
    x: Vec<f32>,
    y: Vec<f32>,
    means: Vec<f32>,
    squares: Vec<f32>,
    zeros: Vec<f32>,
    labels: Vec<u32>,
    losses: Vec<f32>,
}

impl Data {
    fn new(length: usize) -> Self {
        let number = |index: usize| ((index as u32).wrapping_mul(0x9e37_79b9) >> 8) as f32 / 16_777_216.0;
        // Whole rows, for the losses.
        let x: Vec<f32> = (0..length / CLASSES * CLASSES).map(number).collect();
        let labels: Vec<u32> = (0..length / CLASSES).map(|row| (row % CLASSES) as u32).collect();
        Self {
            y: x.iter().map(|x| 0.5 - x).collect(),
            means: x.clone(),
            squares: x.clone(),
            zeros: vec![0.0; x.len()],
            losses: vec![0.0; labels.len()],
            labels,
            x,
        }
    }

    fn cross_entropy(&mut self, losses: fn(&[f32], usize, &[u32], &mut [f32])) {
        losses(&self.x, CLASSES, &self.labels, &mut self.losses);
    }

    fn gradient(&mut self, gradient: fn(&mut [f32], usize, &[u32], f32)) {
        gradient(&mut self.x, CLASSES, &self.labels, 1.0);
    }
}

/// A kernel, or its scalar twin.
type Kernel = fn(&mut Data);

const ADAM: optimizer::AdamStep =
    optimizer::AdamStep { beta1: 0.9, beta2: 0.999, rate: 1e-3, root_correction: 1.0, epsilon: 1e-8, keep: 1.0 };
const SGD: optimizer::SgdStep = optimizer::SgdStep { rate: 1e-3, momentum: 0.9, weight_decay: 0.0 };

fn columns<const COLUMNS: usize>(data: &mut Data, sums: fn(&[f32], &mut [f32])) {
    let whole = data.y.len() / COLUMNS * COLUMNS;
    sums(&data.y[..whole], &mut data.x[..COLUMNS]);
}

#[rustfmt::skip]
const KERNELS: [(&str, Kernel, Kernel); 27] = [
    ("exp", |d| exp::exp(&mut d.x), |d| exp::exp_scalar(&mut d.x)),
    ("ln", |d| ln::ln(&mut d.x), |d| ln::ln_scalar(&mut d.x)),
    ("tanh", |d| tanh::tanh(&mut d.x), |d| tanh::tanh_scalar(&mut d.x)),
    ("tanh_gradient", |d| tanh::tanh_gradient(&mut d.x, &d.zeros), |d| tanh::tanh_gradient_scalar(&mut d.x, &d.zeros)),
    ("relu", |d| activation::relu(&mut d.x), |d| activation::relu_scalar(&mut d.x)),
    ("relu_gradient", |d| activation::relu_gradient(&mut d.x, &d.y), |d| activation::relu_gradient_scalar(&mut d.x, &d.y)),
    ("relu_power, q = 2", |d| activation::relu_power(Power::Two, &d.y, &mut d.x), |d| activation::relu_power_scalar(Power::Two, &d.y, &mut d.x)),
    ("relu_power_gradient, q = 2", |d| activation::relu_power_gradient(Power::Two, &mut d.x, &d.zeros), |d| activation::relu_power_gradient_scalar(Power::Two, &mut d.x, &d.zeros)),
    ("relu_power, q = 3", |d| activation::relu_power(Power::Three, &d.y, &mut d.x), |d| activation::relu_power_scalar(Power::Three, &d.y, &mut d.x)),
    ("relu_power_gradient, q = 3", |d| activation::relu_power_gradient(Power::Three, &mut d.x, &d.zeros), |d| activation::relu_power_gradient_scalar(Power::Three, &mut d.x, &d.zeros)),
    ("axpy", |d| linear::axpy(1e-3, &d.y, &mut d.x), |d| linear::axpy_scalar(1e-3, &d.y, &mut d.x)),
    ("scale", |d| linear::scale(-1.0, &mut d.x), |d| linear::scale_scalar(-1.0, &mut d.x)),
    ("sum", |d| { black_box(sum::sum(&d.x)); }, |d| { black_box(sum::sum_scalar(&d.x)); }),
    ("squared_norm", |d| { black_box(sum::squared_norm(&d.x)); }, |d| { black_box(sum::squared_norm_scalar(&d.x)); }),
    ("l1_norm", |d| { black_box(sum::l1_norm(&d.x)); }, |d| { black_box(sum::l1_norm_scalar(&d.x)); }),
    ("max_norm", |d| { black_box(sum::max_norm(&d.x)); }, |d| { black_box(sum::max_norm_scalar(&d.x)); }),
    ("dot", |d| { black_box(sum::dot(&d.x, &d.y)); }, |d| { black_box(sum::dot_scalar(&d.x, &d.y)); }),
    ("column_sums, 10 columns", |d| columns::<10>(d, sum::column_sums), |d| columns::<10>(d, sum::column_sums_scalar)),
    ("column_sums, 64 columns", |d| columns::<64>(d, sum::column_sums), |d| columns::<64>(d, sum::column_sums_scalar)),
    ("column_sums, 256 columns", |d| columns::<256>(d, sum::column_sums), |d| columns::<256>(d, sum::column_sums_scalar)),
    ("cross_entropy", |d| d.cross_entropy(softmax::cross_entropy), |d| d.cross_entropy(softmax::cross_entropy_scalar)),
    ("cross_entropy_gradient", |d| d.gradient(softmax::cross_entropy_gradient), |d| d.gradient(softmax::cross_entropy_gradient_scalar)),
    ("cross_entropy_with_gradient", |d| softmax::cross_entropy_with_gradient(&mut d.x, CLASSES, &d.labels, 1.0, &mut d.losses), |d| { d.cross_entropy(softmax::cross_entropy_scalar); d.gradient(softmax::cross_entropy_gradient_scalar); }),
    ("misclassified", |d| { black_box(softmax::misclassified(&d.x, CLASSES, &d.labels)); }, |d| { black_box(softmax::misclassified(&d.x, CLASSES, &d.labels)); }),
    ("adam", |d| optimizer::adam(&ADAM, &mut d.x, &d.y, &mut d.means, &mut d.squares), |d| optimizer::adam_scalar(&ADAM, &mut d.x, &d.y, &mut d.means, &mut d.squares)),
    ("sgd", |d| optimizer::sgd(&SGD, &mut d.x, &d.y, &mut d.means), |d| optimizer::sgd_scalar(&SGD, &mut d.x, &d.y, &mut d.means)),
    ("gradient_descent", |d| optimizer::gradient_descent(1e-3, 0.0, &mut d.x, &d.y), |d| optimizer::gradient_descent_scalar(1e-3, 0.0, &mut d.x, &d.y)),
];

fn main() {
    println!("{:<32}{:>12}{:>12}{:>12}{:>12}", "ns a number", "4096", "twin", "1000000", "twin");
    for (name, kernel, twin) in KERNELS {
        print!("{name:<32}");
        for length in LENGTHS {
            for run in [kernel, twin] {
                let mut data = Data::new(length);
                print!("{:>12.3}", nanoseconds(length, || run(black_box(&mut data))));
            }
        }
        println!();
    }
}
