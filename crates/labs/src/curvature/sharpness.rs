//! Sharpness: the largest eigenvalue of the Hessian followed along a training, the rise of the loss within a ball, and the
//! gradient of sharpness-aware minimization.

use super::{
    real::Real,
    tape::{Objective, Tape},
};
use crate::random::Random;
use kernels::double::Lanczos;

/// Steps of Lanczos' method without a guess, and with the eigenvector of a point nearby.
const COLD_STEPS: usize = 30;
const WARM_STEPS: usize = 12;
/// The share of a random vector in a warm start: from an exact eigenvector nothing else is ever seen, not even an
/// eigenvalue that has grown past its own.
const FRESH: f64 = 0.05;

/// The largest eigenvalue of a Hessian that changes little by little.
#[derive(Clone, Debug)]
pub struct TopEigenvalue {
    vector: Vec<f64>,
    random: Random,
}

impl TopEigenvalue {
    /// Knows nothing yet.
    pub const fn new(random: Random) -> Self {
        Self { vector: Vec::new(), random }
    }

    /// Begins an iteration on vectors of `order` numbers, from the last eigenvector if there is one. Each of its steps asks
    /// for a product with the Hessian.
    pub fn begin(&mut self, order: usize) -> Lanczos {
        if self.vector.len() != order {
            return Lanczos::new(&self.random.on_sphere(order, 1.0), COLD_STEPS);
        }
        let mut start = self.random.on_sphere(order, FRESH);
        start.iter_mut().zip(&self.vector).for_each(|(slot, value)| *slot += value);
        Lanczos::new(&start, WARM_STEPS)
    }

    /// Takes an iteration's result: the eigenvalue, NaN if there is none.
    pub fn finish(&mut self, lanczos: &Lanczos) -> f64 {
        let Some(pair) = lanczos.top() else { return f64::NAN };
        self.vector = pair.vector;
        pair.value
    }

    /// The last eigenvector, of unit length; empty before the first.
    pub fn vector(&self) -> &[f64] {
        &self.vector
    }
}

/// ε-sharpness, `100 · max (L(w + d) − L(w)) / (1 + L(w))` over `‖d‖ ≤ 0.02 ‖w‖` (after Keskar et al. 2017, whose region is
/// a box), by projected ascent: from both ends of the ball along an eigenvector, 15 steps of 0.3 radii up the gradient.
#[derive(Clone, Debug)]
pub struct EpsilonSharpness<R> {
    radius: f64,
    axis: Vec<f64>,
    /// Where the ascent is, from the center.
    offset: Vec<f64>,
    point: Vec<R>,
    gradient: Vec<R>,
    /// Looks so far, of both ascents.
    looks: usize,
    base: f64,
    greatest: f64,
}

impl<R: Real> EpsilonSharpness<R> {
    /// The ball's radius over the parameters' length.
    pub const RADIUS: f64 = 0.02;
    /// The first look of an ascent, and one after each of 15 steps.
    const LOOKS: usize = 16;
    /// The length of a step over the radius.
    const STRIDE: f64 = 0.3;

    /// Begins around parameters, along a unit vector.
    pub fn new(parameters: &[R], axis: &[f64]) -> Self {
        let norm = parameters.iter().map(|value| value.wide() * value.wide()).sum::<f64>().sqrt();
        Self {
            radius: Self::RADIUS * norm,
            axis: axis.to_vec(),
            offset: vec![0.0; parameters.len()],
            point: parameters.to_vec(),
            gradient: parameters.to_vec(),
            looks: 0,
            base: f64::NAN,
            greatest: 0.0,
        }
    }

    /// One gradient; true when both ascents are over.
    pub fn advance(&mut self, tape: &mut Tape<R>, objective: &Objective<R>, parameters: &[R]) -> bool {
        if self.base.is_nan() {
            self.base = tape.loss(objective, parameters);
            return self.base.is_nan();
        }
        if self.looks.is_multiple_of(Self::LOOKS) {
            let sign = if self.looks == 0 { self.radius } else { -self.radius };
            self.offset.iter_mut().zip(&self.axis).for_each(|(slot, value)| *slot = sign * value);
        }
        for ((slot, center), offset) in self.point.iter_mut().zip(parameters).zip(&self.offset) {
            *slot = R::of(center.wide() + offset);
        }
        let loss = tape.gradient(objective, &self.point, &mut self.gradient);
        self.greatest = self.greatest.max(loss - self.base);
        self.looks += 1;
        let slope = self.gradient.iter().map(|value| value.wide() * value.wide()).sum::<f64>().sqrt();
        if slope > 0.0 {
            let stride = Self::STRIDE * self.radius / slope;
            self.offset.iter_mut().zip(&self.gradient).for_each(|(slot, value)| *slot += stride * value.wide());
        }
        let length = self.offset.iter().map(|value| value * value).sum::<f64>().sqrt();
        if length > self.radius {
            let back = self.radius / length;
            self.offset.iter_mut().for_each(|value| *value *= back);
        }
        self.looks == 2 * Self::LOOKS
    }

    /// The sharpness so far; NaN where the loss is.
    pub fn value(&self) -> f64 {
        100.0 * self.greatest / (1.0 + self.base)
    }
}

/// The gradient of sharpness-aware minimization: the one at `w + radius · g/‖g‖`, g the gradient at w (Foret et al. 2021).
/// `scratch` has room for the parameters. The loss returned is the one at w.
pub fn sam_gradient<R: Real>(
    tape: &mut Tape<R>,
    objective: &Objective<R>,
    parameters: &[R],
    radius: f64,
    (scratch, gradient): (&mut [R], &mut [R]),
) -> f64 {
    let loss = tape.gradient(objective, parameters, gradient);
    let norm = gradient.iter().map(|value| value.wide() * value.wide()).sum::<f64>().sqrt();
    if norm > 0.0 {
        let stride = R::of(radius / norm);
        for ((slot, &value), &slope) in scratch.iter_mut().zip(parameters).zip(&*gradient) {
            *slot = value + stride * slope;
        }
        tape.gradient(objective, scratch, gradient);
    }
    loss
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::curvature::{Activation, DenseHessian, Loss, Model};
    use kernels::double::Progress;

    struct Case {
        model: Model,
        inputs: Vec<f64>,
        labels: Vec<u32>,
        parameters: Vec<f64>,
    }

    impl Case {
        fn new() -> Self {
            let model = Model::new(&[6, 8, 4], Activation::Tanh, Loss::Squared);
            let mut random = Random::new(8, 0);
            let inputs = (0..6 * 40).map(|_| random.normal()).collect();
            let labels = (0..40).map(|_| random.below(4) as u32).collect();
            let parameters = model.draw(1.0, &mut random);
            Self { model, inputs, labels, parameters }
        }

        fn objective(&self) -> Objective<'_, f64> {
            Objective { model: &self.model, inputs: &self.inputs, labels: &self.labels }
        }

        fn greatest(&self, top: &mut TopEigenvalue, parameters: &[f64]) -> f64 {
            let (mut tape, mut gradient) = (Tape::new(&self.model, 40), parameters.to_vec());
            tape.gradient(&self.objective(), parameters, &mut gradient);
            let mut lanczos = top.begin(parameters.len());
            let objective = self.objective();
            while lanczos.step(|v, out| tape.hessian_operator(&objective, parameters, v, out)) == Progress::Going {}
            top.finish(&lanczos)
        }

        fn exact(&self, parameters: &[f64]) -> f64 {
            let (mut tape, mut gradient) = (Tape::new(&self.model, 40), parameters.to_vec());
            tape.gradient(&self.objective(), parameters, &mut gradient);
            let mut dense = DenseHessian::new(parameters.len());
            while !dense.advance(&mut tape, &self.objective(), parameters) {}
            dense.eigenvalues().finish()[parameters.len() - 1]
        }
    }

    #[test]
    fn the_top_eigenvalue_agrees_with_the_dense_spectrum_cold_and_warm() {
        let case = Case::new();
        let mut top = TopEigenvalue::new(Random::new(1, 0));
        let mut parameters = case.parameters.clone();
        for round in 0..6 {
            let (found, exact) = (case.greatest(&mut top, &parameters), case.exact(&parameters));
            assert!((found / exact - 1.0).abs() < 1e-6, "{round}: {found} {exact}");
            for value in &mut parameters {
                *value *= 1.02;
            }
        }
    }

    #[test]
    fn a_warm_start_sees_an_eigenvalue_that_has_outgrown_the_last() {
        let mut top = TopEigenvalue::new(Random::new(1, 0));
        let mut run = |diagonal: &[f64]| {
            let mut lanczos = top.begin(diagonal.len());
            while lanczos.step(|v, out| {
                out.iter_mut().zip(v).zip(diagonal).for_each(|((slot, v), value)| *slot = v * value);
            }) == Progress::Going
            {}
            top.finish(&lanczos)
        };
        // Of an operator of rank one the eigenvector is found to the last bit, with nothing else in it.
        let mut diagonal = vec![0.0; 200];
        diagonal[3] = 5.0;
        for _ in 0..3 {
            assert!((run(&diagonal) - 5.0).abs() < 1e-9);
        }
        diagonal[7] = 6.0;
        assert!((run(&diagonal) - 6.0).abs() < 1e-9);
    }

    #[test]
    fn epsilon_sharpness_exceeds_what_the_top_eigenvector_alone_gives_and_grows_with_curvature() {
        let case = Case::new();
        let mut top = TopEigenvalue::new(Random::new(1, 0));
        let value = case.greatest(&mut top, &case.parameters);
        let mut tape = Tape::new(&case.model, 40);
        let mut ascent = EpsilonSharpness::new(&case.parameters, top.vector());
        while !ascent.advance(&mut tape, &case.objective(), &case.parameters) {}
        let base = tape.loss(&case.objective(), &case.parameters);
        let radius = 0.02 * case.parameters.iter().map(|w| w * w).sum::<f64>().sqrt();
        let along = [1.0, -1.0].map(|sign| {
            let moved: Vec<f64> =
                case.parameters.iter().zip(top.vector()).map(|(w, v)| w + sign * radius * v).collect();
            100.0 * (tape.loss(&case.objective(), &moved) - base) / (1.0 + base)
        });
        assert!(ascent.value() >= along[0].max(along[1]), "{} {along:?}", ascent.value());
        // To second order nothing within the ball is higher than slope and curvature allow.
        let mut gradient = case.parameters.clone();
        tape.gradient(&case.objective(), &case.parameters, &mut gradient);
        let slope = gradient.iter().map(|g| g * g).sum::<f64>().sqrt();
        let bound = 100.0 * (slope * radius + 0.5 * value * radius * radius) / (1.0 + base);
        assert!(ascent.value() < 1.05 * bound, "{} {bound}", ascent.value());
        assert!(ascent.value() > 0.8 * bound, "{} {bound}", ascent.value());
    }

    #[test]
    fn sam_steps_by_the_slope_uphill() {
        let case = Case::new();
        let (mut tape, count) = (Tape::new(&case.model, 40), case.parameters.len());
        let (mut plain, mut scratch, mut aware) = (vec![0.0; count], vec![0.0; count], vec![0.0; count]);
        let loss = tape.gradient(&case.objective(), &case.parameters, &mut plain);
        let objective = case.objective();
        let told = sam_gradient(&mut tape, &objective, &case.parameters, 0.0, (&mut scratch, &mut aware));
        assert_eq!((told, &aware), (loss, &plain));
        sam_gradient(&mut tape, &objective, &case.parameters, 0.3, (&mut scratch, &mut aware));
        let norm = plain.iter().map(|g| g * g).sum::<f64>().sqrt();
        let moved: Vec<f64> = case.parameters.iter().zip(&plain).map(|(w, g)| w + 0.3 * g / norm).collect();
        let mut expected = vec![0.0; count];
        tape.gradient(&objective, &moved, &mut expected);
        assert!(aware.iter().zip(&expected).all(|(a, b)| (a - b).abs() < 1e-15));
    }
}
