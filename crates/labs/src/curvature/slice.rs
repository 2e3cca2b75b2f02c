//! Slices of the loss: lines through parameter space, and the directions that make two networks comparable.

use super::{
    model::{Layer, Model},
    real::Real,
};

/// Scales a direction filter by filter to the parameters' own lengths: a filter is all that a unit reads with, its column of
/// weights, and its bias counts as a filter of one number (Li, Xu, Taylor, Studer and Goldstein 2018). Filters of length zero
/// get no direction.
///
/// A network whose units are rescaled, one layer against the next, is then moved to rescaled ones: its slices are the same.
pub fn filter_normalized<R: Real>(model: &Model, parameters: &[R], direction: &[R]) -> Vec<R> {
    let mut normalized = direction.to_vec();
    for layer in model.layers() {
        for unit in 0..layer.outputs {
            let length =
                |values: &[R]| filter(layer, unit).map(|place| values[place].wide() * values[place].wide()).sum();
            let (own, drawn): (f64, f64) = (length(parameters), length(direction));
            let scale = R::of(if drawn > 0.0 { (own / drawn).sqrt() } else { 0.0 });
            filter(layer, unit).for_each(|place| normalized[place] = scale * direction[place]);
        }
        for place in layer.biases.clone() {
            let size = parameters[place].wide().abs();
            normalized[place] = R::of(if direction[place] < R::ZERO { -size } else { size });
        }
    }
    normalized
}

/// The places of the weights that a unit reads with.
fn filter(layer: &Layer, unit: usize) -> impl Iterator<Item = usize> {
    layer.weights.clone().skip(unit).step_by(layer.outputs)
}

/// `w + distance · d`.
pub fn moved<R: Real>(parameters: &[R], direction: &[R], distance: f64) -> Vec<R> {
    let distance = R::of(distance);
    parameters.iter().zip(direction).map(|(&value, &along)| value + distance * along).collect()
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::{
        curvature::{Activation, Loss},
        random::Random,
    };

    #[test]
    fn every_filter_of_a_normalized_direction_is_as_long_as_the_parameters_own() {
        let model = Model::new(&[5, 4, 3], Activation::Relu, Loss::Squared);
        let mut random = Random::new(1, 0);
        let mut parameters: Vec<f64> = model.draw(1.0, &mut random);
        for value in &mut parameters {
            *value += 0.1;
        }
        let direction = random.on_sphere(parameters.len(), 1.0);
        let normalized = filter_normalized(&model, &parameters, &direction);
        for layer in model.layers() {
            for unit in 0..layer.outputs {
                let length = |values: &[f64]| filter(layer, unit).map(|k| values[k] * values[k]).sum::<f64>().sqrt();
                assert!((length(&normalized) - length(&parameters)).abs() < 1e-14);
                let ratios: Vec<f64> = filter(layer, unit).map(|k| normalized[k] / direction[k]).collect();
                assert!(ratios.iter().all(|ratio| *ratio > 0.0 && (ratio / ratios[0] - 1.0).abs() < 1e-12));
            }
            for bias in layer.biases.clone() {
                assert_eq!(normalized[bias].abs(), parameters[bias].abs());
                assert_eq!(normalized[bias] < 0.0, direction[bias] < 0.0);
            }
        }
        let places: Vec<usize> = (0..4).flat_map(|unit| filter(&model.layers()[0], unit).collect::<Vec<_>>()).collect();
        assert_eq!(places.len(), 20);
    }

    #[test]
    fn a_filter_of_zeros_stays_where_it_is() {
        let model = Model::without_biases(&[2, 2], Activation::Relu, Loss::Squared);
        let normalized = filter_normalized(&model, &[0.0, 3.0, 0.0, 4.0], &[1.0, 0.6, 1.0, -0.8]);
        assert_eq!(normalized, [0.0, 3.0, 0.0, -4.0]);
        assert_eq!(moved(&[1.0, 2.0, 3.0, 4.0], &normalized, 0.5), [1.0, 3.5, 3.0, 2.0]);
    }
}
