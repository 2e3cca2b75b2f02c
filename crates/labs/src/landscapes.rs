//! One-dimensional losses with two minima, and what is known about leaving one of them.
//!
//! The *linear-stability* loss is the mean of two samples' losses, `f₁ = min{x², 0.1(x − 1)²}` and
//! `f₂ = min{x², 1.9(x − 1)²}`. Both its minima have curvature 2; at `x = 0` so have both samples, at `x = 1` they have
//! 0.2 and 3.8 (Wu, Ma and E 2018).
//!
//! The *double well* is the soft minimum `L = −τ ln(e^(−8(w + 1)²/τ) + e^(−(w − 1.5)²/2τ))` of two parabolas, with
//! curvature 16 at `w = −1` and 1 at `w = 1.5`, both at depth zero. Its gradient has independent normal noise of
//! deviation `σ`.
//!
//! The descent is `v ← βv − ηg`, `w ← w + v`.

use crate::random::Random;

/// How far from one the balls on the linear-stability loss begin: the deviation of their normal places.
pub const START_DEVIATION: f64 = 1e-3;
/// `τ`.
const TEMPERATURE: f64 = 0.05;
/// Below `−CERTAIN·τ` and above `CERTAIN·τ` the smaller parabola is the whole soft minimum to the last bit.
const CERTAIN: f64 = 40.0;
/// The second derivatives of the samples' losses at `x = 1`.
pub const CURVATURES: [f64; 2] = [0.2, 3.8];
/// The places of the double well's minima.
pub const SHARP: f64 = -1.0;
/// See [`SHARP`].
pub const FLAT: f64 = 1.5;
/// The second derivative at the sharp minimum.
pub const SHARPNESS: f64 = 16.0;

/// The loss of one sample of the linear-stability loss.
pub fn sample_loss(sample: usize, x: f64) -> f64 {
    let far = x - 1.0;
    (x * x).min(CURVATURES[sample] / 2.0 * far * far)
}

/// Its derivative.
pub fn sample_slope(sample: usize, x: f64) -> f64 {
    let far = x - 1.0;
    let curvature = CURVATURES[sample];
    if x * x < curvature / 2.0 * far * far { 2.0 * x } else { curvature * far }
}

/// Where one sample's loss changes from the parabola around zero to that around one, between the two.
fn switch(sample: usize) -> f64 {
    let root = (CURVATURES[sample] / 2.0).sqrt();
    root / (1.0 + root)
}

/// How near to zero both samples pull towards it, on either side.
pub fn capture() -> f64 {
    switch(0)
}

/// How far from one the first sample that lets go does so.
pub fn reach() -> f64 {
    1.0 - switch(1)
}

/// The parabolas of the double well.
fn parabolas(w: f64) -> [f64; 2] {
    let (sharp, flat) = (w - SHARP, w - FLAT);
    [SHARPNESS / 2.0 * sharp * sharp, 0.5 * flat * flat]
}

/// The double well.
pub fn well_loss(w: f64) -> f64 {
    let [sharp, flat] = parabolas(w);
    let gap = (sharp - flat).abs() / TEMPERATURE;
    let least = sharp.min(flat);
    if gap > CERTAIN { least } else { least - TEMPERATURE * libm::log1p(libm::exp(-gap)) }
}

/// Its derivative.
pub fn well_slope(w: f64) -> f64 {
    let [sharp, flat] = parabolas(w);
    let gap = (sharp - flat) / TEMPERATURE;
    let [to_sharp, to_flat] = [SHARPNESS * (w - SHARP), w - FLAT];
    if gap > CERTAIN {
        to_flat
    } else if gap < -CERTAIN {
        to_sharp
    } else {
        let share = 1.0 / (1.0 + libm::exp(-gap));
        share * to_flat + (1.0 - share) * to_sharp
    }
}

/// The top of the barrier between the wells.
pub fn barrier() -> f64 {
    let (mut low, mut high) = (SHARP, FLAT);
    for _ in 0..60 {
        let middle = f64::midpoint(low, high);
        if well_slope(middle) > 0.0 { low = middle } else { high = middle }
    }
    f64::midpoint(low, high)
}

/// The learning rate above which the mean of `(x − 1)²` grows under `x ← x − ηa(x − 1)` with momentum `β`, `a` drawn from
/// the samples: `2ā(1 − β²)/(s²(1 + β) + ā²(1 − β))`. With `β = 0` it is where `(1 − ηā)² + η²s² = 1` (Wu, Ma and E
/// 2018); with momentum `x` is an autoregression of order two that its own noise drives, and the formula is where its
/// variance for noise `η²s²` is one.
pub fn mean_square_threshold(momentum: f64) -> f64 {
    let mean = f64::midpoint(CURVATURES[0], CURVATURES[1]);
    let half = f64::midpoint(CURVATURES[1], -CURVATURES[0]);
    let damping = 1.0 - momentum * momentum;
    2.0 * mean * damping / (half * half * (1.0 + momentum) + mean * mean * (1.0 - momentum))
}

/// The learning rate above which `|x − 1|` itself grows along almost every path without momentum, where the mean of
/// `ln|1 − ηa|` is zero: the lesser root of `(1 − 0.2η)(3.8η − 1) = 1`.
pub fn almost_sure_threshold() -> f64 {
    let [flat, sharp] = CURVATURES;
    let (sum, product) = (flat + sharp, flat * sharp);
    (sum - (sum * sum - 8.0 * product).sqrt()) / (2.0 * product)
}

/// The learning rate above which gradient descent leaves a minimum of that curvature, without noise: `2(1 + β)/a`.
pub fn descent_threshold(curvature: f64, momentum: f64) -> f64 {
    2.0 * (1.0 + momentum) / curvature
}

/// The mean of `ln|z|` for a normal `z`: minus half of Euler's constant plus ln 2.
const MEAN_LOG_NORMAL: f64 = -0.635_181_422_730_739_1;

/// The walk of `ln|x − 1|`, without momentum, until `x` leaves the parabolas around one.
#[derive(Clone, Copy, Debug)]
pub struct LogWalk {
    /// The mean of a step.
    pub drift: f64,
    /// Its variance.
    variance: f64,
    is_mean_square_stable: bool,
}

impl LogWalk {
    /// At a learning rate.
    pub fn new(learning_rate: f64) -> Self {
        let steps = CURVATURES.map(|curvature| libm::log((1.0 - learning_rate * curvature).abs()));
        let half = (steps[0] - steps[1]) / 2.0;
        Self {
            drift: f64::midpoint(steps[0], steps[1]),
            variance: half * half,
            is_mean_square_stable: learning_rate <= mean_square_threshold(0.0),
        }
    }

    /// The mean number of steps until it has left, by Wald's identity: the mean distance to go over the drift. Infinite
    /// where it need not leave.
    pub fn mean_steps(&self) -> f64 {
        let distance = libm::log(reach() / START_DEVIATION) - MEAN_LOG_NORMAL;
        if self.drift > 0.0 { distance / self.drift } else { f64::INFINITY }
    }

    /// `|x − 1|` where its logarithm has its mean, up to where the parabolas end.
    pub fn typical_distance(&self, steps: f64) -> f64 {
        let distance = START_DEVIATION * libm::exp(MEAN_LOG_NORMAL + self.drift * steps);
        if distance <= reach() { distance } else { f64::NAN }
    }

    /// The share that has left after so many steps: the first passage of a Brownian motion with the same drift and
    /// variance, averaged over normal beginnings. Where squares shrink on average, Chebyshev's inequality leaves at most
    /// six in a million, and this is zero.
    pub fn left(&self, steps: f64) -> f64 {
        const POINTS: u32 = 48;
        const WIDEST: f64 = 5.0;
        if self.is_mean_square_stable || steps <= 0.0 {
            return 0.0;
        }
        let spread = (self.variance * steps).sqrt();
        let (mut sum, mut weight) = (0.0, 0.0);
        for index in 0..POINTS {
            let z = WIDEST * (f64::from(index) + 0.5) / f64::from(POINTS);
            let distance = libm::log(reach() / (START_DEVIATION * z));
            let drifted = self.drift * steps;
            let direct = normal_below((drifted - distance) / spread);
            let back = libm::exp(2.0 * self.drift * distance / self.variance);
            let density = libm::exp(-z * z / 2.0);
            sum += density * (direct + back * normal_below((-drifted - distance) / spread)).min(1.0);
            weight += density;
        }
        sum / weight
    }
}

/// The standard normal distribution function.
fn normal_below(z: f64) -> f64 {
    0.5 * libm::erfc(-z / std::f64::consts::SQRT_2)
}

/// The learning rate at which `|x − 1|` neither grows nor shrinks along a path with momentum: the rate of growth of a
/// long random product is brought to zero by halving the interval. Good to about half a percent.
pub fn almost_sure_threshold_with(momentum: f64) -> f64 {
    const HALVINGS: usize = 16;
    if momentum == 0.0 {
        return almost_sure_threshold();
    }
    // Where squares shrink, so does almost every path; where even a sample of the mean's curvature flies off, none does.
    let (mut low, mut high) = (mean_square_threshold(momentum), descent_threshold(2.0, momentum));
    for _ in 0..HALVINGS {
        let middle = f64::midpoint(low, high);
        if growth(middle, momentum) < 0.0 { low = middle } else { high = middle }
    }
    f64::midpoint(low, high)
}

/// The mean growth of `ln|(x − 1, v)|` a step.
fn growth(learning_rate: f64, momentum: f64) -> f64 {
    const STEPS: u32 = 40_000;
    /// Between two rescalings, too few for a number to overflow.
    const STRETCH: u32 = 20;
    let mut random = Random::new(0, 7);
    let (mut place, mut speed, mut sum) = (1.0, 0.0, 0.0);
    for step in 1..=STEPS {
        speed = momentum * speed - learning_rate * CURVATURES[usize::from(random.uniform() < 0.5)] * place;
        place += speed;
        if step % STRETCH == 0 {
            let size = (place * place + speed * speed).sqrt();
            sum += libm::log(size);
            place /= size;
            speed /= size;
        }
    }
    sum / f64::from(STEPS)
}

/// Langevin's equation on the double well, the limit of small steps: temperature `T = ησ²/2(1 − β)`, time
/// `η/(1 − β)` a step.
#[derive(Clone, Copy, Debug)]
pub struct Langevin {
    /// `T`.
    pub temperature: f64,
    /// `η/(1 − β)`.
    time: f64,
}

impl Langevin {
    /// For descent with these.
    pub fn new(learning_rate: f64, noise_scale: f64, momentum: f64) -> Self {
        let time = learning_rate / (1.0 - momentum);
        Self { temperature: time * noise_scale * noise_scale / 2.0, time }
    }

    /// The mean number of steps from the bottom of the sharp well to that of the flat one:
    /// `1/(time·T) ∫ e^(L(y)/T) ∫ e^(−L(z)/T) dz dy`, `y` from one bottom to the other, `z` from −∞ to `y`. Infinite
    /// without noise and where it is too large for a number.
    pub fn mean_steps(&self) -> f64 {
        /// `e^(−DEPTH)` of the density is left out.
        const DEPTH: f64 = 36.0;
        const TAIL: usize = 400;
        const POINTS: usize = 1200;
        let temperature = self.temperature;
        if temperature <= 0.0 {
            return f64::INFINITY;
        }
        let weight = |w: f64| libm::exp(-well_loss(w) / temperature);
        // The trapezoid rule on either side of the bottom.
        let width = (2.0 * DEPTH * temperature / SHARPNESS).sqrt();
        let step = width / TAIL as f64;
        let tail: f64 = (1..TAIL).map(|k| weight(SHARP - step * k as f64)).sum();
        let mut mass = step * (tail + 0.5 * weight(SHARP));
        let step = (FLAT - SHARP) / POINTS as f64;
        let (mut sum, mut last) = (0.0, weight(SHARP));
        for k in 1..=POINTS {
            let here = weight(SHARP + step * k as f64);
            let before = mass / last;
            mass += step * f64::midpoint(last, here);
            sum += step * f64::midpoint(before, mass / here);
            last = here;
        }
        let steps = sum / (self.time * temperature);
        // Densities below the least number leave 0/0.
        if steps.is_nan() { f64::INFINITY } else { steps }
    }

    /// The share of time right of the barrier in equilibrium, `e^(−L/T)` normalized.
    pub fn flat_occupancy(&self) -> f64 {
        const POINTS: usize = 1500;
        if self.temperature <= 0.0 {
            return f64::NAN;
        }
        let top = barrier();
        let mass = |from: f64, width: f64| -> f64 {
            let step = width / POINTS as f64;
            (0..POINTS).map(|k| step * libm::exp(-well_loss(from + step * (k as f64 + 0.5)) / self.temperature)).sum()
        };
        let reach = |curvature: f64| (72.0 * self.temperature / curvature).sqrt();
        let (left, right) = (reach(SHARPNESS), reach(1.0));
        let sharp = mass(SHARP - left, top - SHARP + left);
        let flat = mass(top, FLAT - top + right);
        flat / (flat + sharp)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn slopes_are_the_derivatives_of_the_losses() {
        let close = |loss: &dyn Fn(f64) -> f64, slope: f64, x: f64| {
            let difference = (loss(x + 1e-6) - loss(x - 1e-6)) / 2e-6;
            assert!((difference - slope).abs() < 1e-6 * (1.0 + slope.abs()), "{x}: {difference} {slope}");
        };
        for x in [-3.0, -1.2, -0.6, -0.497, -0.49, 0.1, 0.3, 0.7, 2.0, 5.0] {
            close(&well_loss, well_slope(x), x);
            close(&|x| sample_loss(0, x), sample_slope(0, x), x);
            close(&|x| sample_loss(1, x), sample_slope(1, x), x);
        }
    }

    #[test]
    fn the_barrier_is_where_a_ball_stands_still_between_the_wells() {
        assert!((barrier() + 0.4931).abs() < 1e-4);
        assert!((well_loss(barrier()) - 1.9751).abs() < 1e-4);
    }

    #[test]
    fn nothing_leaves_the_neighborhood_of_zero_where_both_samples_pull_to_it() {
        for x in [capture() - 1e-9, 1e-9 - capture()] {
            assert!((0..2).all(|sample| sample_slope(sample, x) == 2.0 * x), "{x}");
        }
        assert!(sample_slope(0, capture() + 1e-9) < 0.0);
        assert!(sample_slope(1, 1.0 - reach() + 1e-9) < 0.0 && sample_slope(1, 1.0 - reach() - 1e-9) > 0.0);
    }

    #[test]
    fn squares_grow_on_average_before_paths_do() {
        assert!((mean_square_threshold(0.0) - 4.0 / 7.24).abs() < 1e-15);
        let rate = almost_sure_threshold();
        assert!((0.76 * rate * rate - 4.0 * rate + 2.0).abs() < 1e-12 && (rate - 0.559_472).abs() < 1e-6);
        assert!(LogWalk::new(rate).drift.abs() < 1e-12);
        for momentum in [0.3, 0.9] {
            assert!(mean_square_threshold(momentum) < almost_sure_threshold_with(momentum));
        }
        assert!((almost_sure_threshold_with(1e-9) / rate - 1.0).abs() < 0.01);
    }

    #[test]
    fn the_mean_of_squares_neither_grows_nor_shrinks_at_its_threshold_with_momentum() {
        for momentum in [0.0, 0.5, 0.9] {
            let rate = mean_square_threshold(momentum);
            // The moments E[x²], E[xv], E[v²] of (x, v) ← (x + βv − ηax, βv − ηax), iterated exactly.
            let growth = |rate: f64| {
                let mut moments = [1.0, 0.0, 0.0];
                let mut grown = 1.0;
                for _ in 0..4000 {
                    let mut next = [0.0; 3];
                    for curvature in CURVATURES {
                        let ([xx, xv, vv], pull) = (moments, rate * curvature);
                        let kept = 1.0 - pull;
                        let m = momentum;
                        next[0] += 0.5 * (kept * kept * xx + 2.0 * kept * m * xv + m * m * vv);
                        next[1] += 0.5 * (-pull * kept * xx + m * (kept - pull) * xv + m * m * vv);
                        let square = pull * pull * xx - 2.0 * pull * m * xv + m * m * vv;
                        next[2] += 0.5 * square;
                    }
                    grown = next[0] + next[2];
                    moments = next.map(|moment| moment / grown);
                }
                grown
            };
            assert!((growth(rate) - 1.0).abs() < 1e-9, "{}", growth(rate));
            assert!(growth(0.98 * rate) < 1.0 && growth(1.02 * rate) > 1.0);
        }
    }

    #[test]
    fn the_mean_escape_time_is_that_of_a_fine_quadrature() {
        // By a trapezoid rule with two million points.
        for (rate, noise, steps) in
            [(0.02, 6.0, 3521.46), (0.02, 8.0, 511.63), (0.04, 5.0, 491.0), (0.13, 2.0, 3641.79)]
        {
            let theory = Langevin::new(rate, noise, 0.0).mean_steps();
            assert!((theory / steps - 1.0).abs() < 2e-3, "{theory} {steps}");
        }
        assert_eq!(Langevin::new(0.02, 0.0, 0.0).mean_steps(), f64::INFINITY);
        assert_eq!(Langevin::new(0.002, 0.01, 0.0).mean_steps(), f64::INFINITY);
    }

    #[test]
    fn wells_of_equal_depth_are_occupied_by_the_roots_of_their_curvatures() {
        assert!((Langevin::new(0.02, 3.0, 0.0).flat_occupancy() - 0.8).abs() < 1e-3);
    }
}
