//! The Hessian as a matrix, for small networks, and where its spectrum has its largest gap.

use super::{
    real::Real,
    tape::{Objective, Tape},
};
use kernels::double::Eigenvalues;

/// A Hessian under way, column by column.
#[derive(Clone, Debug)]
pub struct DenseHessian {
    order: usize,
    /// The columns so far, one after the other.
    columns: Vec<f64>,
    unit: Vec<f64>,
}

impl DenseHessian {
    /// Begins, for so many parameters.
    pub fn new(order: usize) -> Self {
        Self { order, columns: Vec::with_capacity(order * order), unit: vec![0.0; order] }
    }

    /// The next column, at the objective and the parameters of the tape's last gradient; true when all are there.
    pub fn advance<R: Real>(&mut self, tape: &mut Tape<R>, objective: &Objective<R>, parameters: &[R]) -> bool {
        let column = self.columns.len() / self.order;
        if column < self.order {
            let first = self.columns.len();
            self.columns.resize(first + self.order, 0.0);
            self.unit[column] = 1.0;
            tape.hessian_operator(objective, parameters, &self.unit, &mut self.columns[first..]);
            self.unit[column] = 0.0;
        }
        self.columns.len() == self.order * self.order
    }

    /// The matrix, symmetric to the last bit: the mean of what was computed with its transpose.
    ///
    /// # Panics
    /// If columns are missing.
    pub fn matrix(mut self) -> Vec<f64> {
        assert!(self.columns.len() == self.order * self.order, "a Hessian with all its columns");
        for row in 0..self.order {
            for column in 0..row {
                let (one, other) = (row * self.order + column, column * self.order + row);
                let mean = f64::midpoint(self.columns[one], self.columns[other]);
                self.columns[one] = mean;
                self.columns[other] = mean;
            }
        }
        self.columns
    }

    /// The eigenvalues, least first, to be worked off in slices.
    ///
    /// # Panics
    /// If columns are missing.
    pub fn eigenvalues(self) -> Eigenvalues {
        let order = self.order;
        Eigenvalues::new(self.matrix(), order)
    }
}

/// Where a spectrum falls off.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct Gap {
    /// How many eigenvalues stand above the gap.
    pub position: usize,
    /// The last one above over the first one below.
    pub ratio: f64,
}

/// The largest ratio between neighbors among the greatest eigenvalues, above at most `most` of them. Without a bound one
/// would find the ratios among the tiniest eigenvalues, which are rounding errors. `None` if the first two are not
/// positive.
pub fn largest_gap(spectrum: &[f64], most: usize) -> Option<Gap> {
    let pairs = spectrum.windows(2).take(most).take_while(|pair| pair[1] > 0.0);
    let gaps = pairs.enumerate().map(|(index, pair)| Gap { position: index + 1, ratio: pair[0] / pair[1] });
    gaps.reduce(|best, gap| if gap.ratio > best.ratio { gap } else { best })
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::{
        curvature::{Activation, Loss, Model},
        random::Random,
    };

    #[test]
    fn the_matrix_is_symmetric_and_gives_the_product_with_every_direction() {
        let model = Model::new(&[4, 5, 3], Activation::Tanh, Loss::CrossEntropy);
        let mut random = Random::new(2, 0);
        let inputs: Vec<f64> = (0..4 * 11).map(|_| random.normal()).collect();
        let labels: Vec<u32> = (0..11).map(|_| random.below(3) as u32).collect();
        let parameters: Vec<f64> = model.draw(1.0, &mut random);
        let objective = Objective { model: &model, inputs: &inputs, labels: &labels };
        let (mut tape, mut gradient) = (Tape::new(&model, 11), vec![0.0; parameters.len()]);
        tape.gradient(&objective, &parameters, &mut gradient);
        let mut dense = DenseHessian::new(parameters.len());
        while !dense.advance(&mut tape, &objective, &parameters) {}
        let order = parameters.len();
        let skew = (0..order * order)
            .map(|place| (dense.columns[place] - dense.columns[place % order * order + place / order]).abs())
            .fold(0.0, f64::max);
        assert!(skew < 1e-15, "{skew}");
        let direction = random.on_sphere(order, 1.0);
        let mut product = vec![0.0; order];
        tape.hessian_operator(&objective, &parameters, &direction, &mut product);
        for (row, expected) in dense.clone().matrix().chunks_exact(order).zip(&product) {
            let sum: f64 = row.iter().zip(&direction).map(|(a, b)| a * b).sum();
            assert!((sum - expected).abs() < 1e-14);
        }
        let (spectrum, traces) = (dense.eigenvalues().finish(), tape.layer_traces(&objective, &parameters));
        assert!((spectrum.iter().sum::<f64>() - traces.iter().sum::<f64>()).abs() < 1e-13);
    }

    #[test]
    fn the_largest_gap_is_looked_for_among_the_greatest_positive_eigenvalues_only() {
        let spectrum = [9.0, 8.0, 7.0, 1.0, 0.9, 0.8, 1e-9, -0.5];
        assert_eq!(largest_gap(&spectrum, 5), Some(Gap { position: 3, ratio: 7.0 }));
        assert_eq!(largest_gap(&spectrum, 6).unwrap().position, 6);
        assert_eq!(largest_gap(&spectrum, 60).unwrap().position, 6);
        assert_eq!(largest_gap(&[1.0, -1.0], 4), None);
        assert_eq!(largest_gap(&[], 4), None);
    }
}
