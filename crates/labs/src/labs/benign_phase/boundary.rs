//! Where a probability passes one half, by logistic regression.

/// Trials at one place.
#[derive(Clone, Copy, Debug, PartialEq)]
pub(super) struct Trial {
    pub place: f64,
    pub successes: usize,
    pub count: usize,
}

/// `P(success at x) = 1/(1 + exp(−slope·(x − middle)))`.
#[derive(Clone, Copy, Debug, PartialEq)]
pub(super) struct Line {
    pub middle: f64,
    pub slope: f64,
}

impl Line {
    /// By which factor `exp x` grows while the probability rises from a tenth to nine tenths.
    pub fn width(&self) -> f64 {
        libm::exp(2.0 * libm::log(9.0) / self.slope)
    }
}

/// The standard deviation of a normal prior on the slope. It is so wide that data decide, and keeps the slope finite
/// where they are divided without overlap.
const SLOPE_SPREAD: f64 = 10.0;
/// The same on the intercept at the mean place.
const INTERCEPT_SPREAD: f64 = 30.0;

/// The most probable line; nothing if all trials, or none, succeeded, or success does not become more frequent.
pub(super) fn fit(trials: &[Trial]) -> Option<Line> {
    let count: usize = trials.iter().map(|trial| trial.count).sum();
    let successes: usize = trials.iter().map(|trial| trial.successes).sum();
    if successes == 0 || successes == count {
        return None;
    }
    let center = trials.iter().map(|trial| trial.place * trial.count as f64).sum::<f64>() / count as f64;
    let (mut a, mut b) = (0.0, 0.0);
    let mut value = penalized(trials, center, a, b);
    // Newton's method on a concave function, each step halved until it does not go down.
    for _ in 0..100 {
        let (da, db) = newton_step(trials, center, a, b);
        let mut share = 1.0;
        let mut next = penalized(trials, center, a + da, b + db);
        while next < value && share > 1e-6 {
            share *= 0.5;
            next = penalized(trials, center, a + share * da, b + share * db);
        }
        a += share * da;
        b += share * db;
        if next - value < 1e-13 * value.abs() {
            break;
        }
        value = next;
    }
    (b > 0.0).then(|| Line { middle: center - a / b, slope: b })
}

/// The logarithm of the posterior density, up to a constant.
fn penalized(trials: &[Trial], center: f64, a: f64, b: f64) -> f64 {
    let log_probability = |score: f64| {
        let loss = libm::log1p(libm::exp(-score.abs()));
        if score < 0.0 { score - loss } else { -loss }
    };
    let likelihood: f64 = trials
        .iter()
        .map(|trial| {
            let score = a + b * (trial.place - center);
            let failures = trial.count - trial.successes;
            trial.successes as f64 * log_probability(score) + failures as f64 * log_probability(-score)
        })
        .sum();
    likelihood - 0.5 * (a / INTERCEPT_SPREAD) * (a / INTERCEPT_SPREAD) - 0.5 * (b / SLOPE_SPREAD) * (b / SLOPE_SPREAD)
}

fn newton_step(trials: &[Trial], center: f64, a: f64, b: f64) -> (f64, f64) {
    let (priors_a, priors_b) = (1.0 / (INTERCEPT_SPREAD * INTERCEPT_SPREAD), 1.0 / (SLOPE_SPREAD * SLOPE_SPREAD));
    let mut gradient = [-a * priors_a, -b * priors_b];
    let mut curvature = [priors_a, 0.0, priors_b];
    for trial in trials {
        let x = trial.place - center;
        let probability = 1.0 / (1.0 + libm::exp(-(a + b * x)));
        let excess = trial.successes as f64 - trial.count as f64 * probability;
        let weight = trial.count as f64 * probability * (1.0 - probability);
        gradient[0] += excess;
        gradient[1] += excess * x;
        curvature[0] += weight;
        curvature[1] += weight * x;
        curvature[2] += weight * x * x;
    }
    let [p, q, r] = curvature;
    let determinant = p * r - q * q;
    ((r * gradient[0] - q * gradient[1]) / determinant, (p * gradient[1] - q * gradient[0]) / determinant)
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::random::Random;

    #[test]
    fn the_line_behind_many_trials_is_found() {
        let mut random = Random::new(5, 0);
        let trials: Vec<Trial> = (0..60)
            .map(|k| {
                let place = f64::from(k) * 0.1 - 2.0;
                let probability = 1.0 / (1.0 + libm::exp(-3.0 * (place - 0.7)));
                let successes = (0..200).filter(|_| random.uniform() < probability).count();
                Trial { place, successes, count: 200 }
            })
            .collect();
        let line = fit(&trials).unwrap();
        assert!((line.middle - 0.7).abs() < 0.03 && (line.slope - 3.0).abs() < 0.2, "{line:?}");
        assert!((line.width() - libm::exp(4.394_449 / line.slope)).abs() < 1e-6);
    }

    #[test]
    fn trials_without_overlap_have_their_line_between_them() {
        let trial = |place: f64, successes| Trial { place, successes, count: 3 };
        let line = fit(&[trial(-1.0, 0), trial(0.0, 0), trial(0.5, 3), trial(2.0, 3)]).unwrap();
        assert!((0.1..0.4).contains(&line.middle) && line.slope.is_finite());
        assert_eq!(fit(&[trial(0.0, 0), trial(1.0, 0)]), None);
        assert_eq!(fit(&[trial(0.0, 3), trial(1.0, 3)]), None);
        assert_eq!(fit(&[trial(0.0, 3), trial(1.0, 0)]), None);
        assert_eq!(fit(&[]), None);
    }
}
