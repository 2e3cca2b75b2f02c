//! Rectifiers, their powers, and their derivatives. [`tanh`](super::tanh) is a module of its own.
//!
//! The derivative of max(x, 0) can be told from the output, which may therefore take the input's place. That of
//! max(x, 0)^q is q max(x, 0)^(q − 1): from the output it would take a root, so that here the input is kept, and the output
//! has a place of its own. Either way forward and backward go through memory once.

use super::{slices, vector::Lanes};

#[inline(always)]
pub(super) fn relu_lanes<L: Lanes>(x: L) -> L {
    // The argument stands second, so that a NaN stays one.
    L::splat(0.0).maximum(x)
}

#[inline(always)]
pub(super) fn relu_gradient_lanes<L: Lanes>(gradient: L, output: L) -> L {
    L::splat(0.0).less(output).and_bits(gradient)
}

/// `x = max(x, 0)`, elementwise. A NaN stays one, and −0 stays −0.
pub fn relu(x: &mut [f32]) {
    slices::map(x, relu_lanes);
}

/// The scalar twin of [`relu`].
pub fn relu_scalar(x: &mut [f32]) {
    for x in x {
        *x = relu_lanes(*x);
    }
}

/// The gradient before a rectifier from the gradient after it: kept where the rectifier's output is positive, zero elsewhere
/// (the derivative at 0 is taken as 0).
pub fn relu_gradient(gradient: &mut [f32], output: &[f32]) {
    slices::map_with(gradient, output, relu_gradient_lanes);
}

/// The scalar twin of [`relu_gradient`].
pub fn relu_gradient_scalar(gradient: &mut [f32], output: &[f32]) {
    for (gradient, &output) in gradient.iter_mut().zip(output) {
        *gradient = relu_gradient_lanes(*gradient, output);
    }
}

/// max(x, 0)^Q, multiplied out one factor after the other.
#[inline(always)]
fn relu_power_lanes<const Q: u32, L: Lanes>(x: L) -> L {
    let base = relu_lanes(x);
    (1..Q).fold(base, |power, _| power * base)
}

/// The gradient times Q x^(Q − 1) where x is positive.
#[inline(always)]
fn relu_power_gradient_lanes<const Q: u32, L: Lanes>(gradient: L, input: L) -> L {
    let slope = (1..Q).fold(L::splat(Q as f32), |slope, _| slope * input);
    let gradient = if Q == 1 { gradient } else { gradient * slope };
    relu_gradient_lanes(gradient, input)
}

/// The powers of a rectifier that there are kernels for.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Power {
    /// max(x, 0) itself.
    One,
    /// max(x, 0)².
    Two,
    /// max(x, 0)³.
    Three,
    /// max(x, 0)⁴.
    Four,
}

impl Power {
    /// The power with exponent `q`, if there is a kernel for it.
    pub const fn new(q: u32) -> Option<Self> {
        Some(match q {
            1 => Self::One,
            2 => Self::Two,
            3 => Self::Three,
            4 => Self::Four,
            _ => return None,
        })
    }
}

/// `$function::<q>` of the power at hand.
macro_rules! with_exponent {
    ($power:expr, $function:ident, $($argument:expr),*) => {
        match $power {
            Power::One => $function::<1>($($argument),*),
            Power::Two => $function::<2>($($argument),*),
            Power::Three => $function::<3>($($argument),*),
            Power::Four => $function::<4>($($argument),*),
        }
    };
}

/// `output = max(input, 0)^q`, elementwise. A NaN stays one, as does −0 if q is odd.
///
/// Error: a relative (q − 1) · 2⁻²⁴ at most, unless the result is subnormal or overflows to infinity.
pub fn relu_power(power: Power, input: &[f32], output: &mut [f32]) {
    fn with<const Q: u32>(input: &[f32], output: &mut [f32]) {
        slices::map_with(output, input, |_, x| relu_power_lanes::<Q, _>(x));
    }
    with_exponent!(power, with, input, output);
}

/// The scalar twin of [`relu_power`].
pub fn relu_power_scalar(power: Power, input: &[f32], output: &mut [f32]) {
    fn with<const Q: u32>(input: &[f32], output: &mut [f32]) {
        for (output, &input) in output.iter_mut().zip(input) {
            *output = relu_power_lanes::<Q, _>(input);
        }
    }
    with_exponent!(power, with, input, output);
}

/// The gradient before the power of a rectifier from the gradient after it: times q x^(q − 1) where the *input* x is positive,
/// zero elsewhere.
///
/// Error: a relative q · 2⁻²⁴ at most, unless a product is subnormal or overflows.
pub fn relu_power_gradient(power: Power, gradient: &mut [f32], input: &[f32]) {
    fn with<const Q: u32>(gradient: &mut [f32], input: &[f32]) {
        slices::map_with(gradient, input, relu_power_gradient_lanes::<Q, _>);
    }
    with_exponent!(power, with, gradient, input);
}

/// The scalar twin of [`relu_power_gradient`].
pub fn relu_power_gradient_scalar(power: Power, gradient: &mut [f32], input: &[f32]) {
    fn with<const Q: u32>(gradient: &mut [f32], input: &[f32]) {
        for (gradient, &input) in gradient.iter_mut().zip(input) {
            *gradient = relu_power_gradient_lanes::<Q, _>(*gradient, input);
        }
    }
    with_exponent!(power, with, gradient, input);
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::single::testing::same_bits;
    use proptest::prelude::*;

    #[test]
    fn relu_keeps_positive_numbers_and_nan_and_passes_gradients_where_it_is_positive() {
        let mut x = [-1.0, 0.0, 2.0, f32::NAN, 3.0];
        relu(&mut x);
        assert!(same_bits(&x, &[0.0, 0.0, 2.0, f32::NAN, 3.0]));
        let mut gradient = [5.0, 6.0, 7.0, 8.0, -9.0];
        relu_gradient(&mut gradient, &x);
        assert_eq!(gradient, [0.0, 0.0, 7.0, 0.0, -9.0]);
    }

    const POWERS: [Power; 4] = [Power::One, Power::Two, Power::Three, Power::Four];

    #[test]
    fn powers_of_relu_and_their_slopes_are_exact_on_small_integers() {
        let input = [-2.0, 0.0, 1.0, 2.0, 3.0, f32::NAN, -0.0];
        let (mut output, mut gradient) = ([9.0; 7], [2.0; 7]);
        relu_power(Power::Three, &input, &mut output);
        assert!(same_bits(&output, &[0.0, 0.0, 1.0, 8.0, 27.0, f32::NAN, -0.0]));
        relu_power_gradient(Power::Three, &mut gradient, &input);
        assert!(same_bits(&gradient, &[0.0, 0.0, 6.0, 24.0, 54.0, 0.0, 0.0]));
        assert_eq!(
            [0, 1, 2, 3, 4, 5].map(Power::new),
            [None, Some(Power::One), Some(Power::Two), Some(Power::Three), Some(Power::Four), None]
        );
    }

    proptest! {
        #[test]
        fn powers_of_relu_keep_to_their_bounds_and_give_the_bits_of_their_scalar_twins(
            pairs in prop::collection::vec((-1e3f32..1e3, -1e3f32..1e3), 0..40),
        ) {
            let (x, after): (Vec<f32>, Vec<f32>) = pairs.into_iter().unzip();
            for (q, power) in (1i32..).zip(POWERS) {
                let (mut y, mut twin) = (vec![f32::NAN; x.len()], vec![f32::NAN; x.len()]);
                relu_power(power, &x, &mut y);
                relu_power_scalar(power, &x, &mut twin);
                prop_assert!(same_bits(&y, &twin));
                let (mut before, mut before_twin) = (after.clone(), after.clone());
                relu_power_gradient(power, &mut before, &x);
                relu_power_gradient_scalar(power, &mut before_twin, &x);
                prop_assert!(same_bits(&before, &before_twin));
                for (((x, y), before), after) in x.iter().zip(y).zip(before).zip(&after) {
                    let (x, after) = (f64::from(x.max(0.0)), f64::from(*after));
                    let power = |times: i32| (0..times).fold(1.0, |power, _| power * x);
                    let slope = if x > 0.0 { after * f64::from(q) * power(q - 1) } else { 0.0 };
                    let unit = f64::from(f32::EPSILON) / 2.0;
                    let close = |value: f32, exact: f64, roundings: i32| {
                        (f64::from(value) - exact).abs() <= exact.abs() * (f64::from(roundings) + 1e-6) * unit + 1e-45
                    };
                    prop_assert!(close(y, power(q), q - 1));
                    prop_assert!(close(before, slope, q));
                }
            }
        }

        #[test]
        fn the_first_power_is_relu_itself(pairs in prop::collection::vec((any::<f32>(), any::<f32>()), 0..40)) {
            let (x, mut gradient): (Vec<f32>, Vec<f32>) = pairs.into_iter().unzip();
            let (mut y, mut power) = (x.clone(), x.clone());
            relu(&mut y);
            relu_power(Power::One, &x, &mut power);
            prop_assert!(same_bits(&y, &power));
            let mut power_gradient = gradient.clone();
            relu_gradient(&mut gradient, &y);
            relu_power_gradient(Power::One, &mut power_gradient, &x);
            prop_assert!(same_bits(&gradient, &power_gradient));
        }

        #[test]
        fn relu_and_its_gradient_give_the_bits_of_their_scalar_twins(
            pairs in prop::collection::vec((any::<f32>(), any::<f32>()), 0..40),
        ) {
            let (mut x, mut gradient): (Vec<f32>, Vec<f32>) = pairs.into_iter().unzip();
            let (mut twin, mut gradient_twin) = (x.clone(), gradient.clone());
            relu(&mut x);
            relu_scalar(&mut twin);
            prop_assert!(same_bits(&x, &twin));
            relu_gradient(&mut gradient, &x);
            relu_gradient_scalar(&mut gradient_twin, &x);
            prop_assert!(same_bits(&gradient, &gradient_twin));
        }
    }
}
