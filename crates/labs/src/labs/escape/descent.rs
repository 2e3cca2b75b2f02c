//! What the balls roll on, how they descend, and what theory says of it.

use crate::{
    landscapes::{self, Langevin, LogWalk, SHARPNESS},
    settings::Settings,
};
use serde::{Deserialize, Serialize};

/// Learning rates of the double well's sweep.
const WELL_RATES: [f64; 19] = [
    0.004, 0.006, 0.008, 0.01, 0.0125, 0.016, 0.02, 0.025, 0.03, 0.04, 0.05, 0.065, 0.08, 0.1, 0.13, 0.17, 0.25, 0.5,
    1.0,
];
/// Points of the other sweep.
const STABILITY_POINTS: u32 = 25;

/// What the balls roll on.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub(super) enum Landscape {
    LinearStability,
    DoubleWell,
}

impl Landscape {
    fn of(settings: &Settings) -> Self {
        if settings.choice("landscape") == 0 { Self::LinearStability } else { Self::DoubleWell }
    }

    /// After so many steps a run ends.
    pub(super) const fn horizon(self) -> u32 {
        match self {
            Self::LinearStability => 2000,
            Self::DoubleWell => 20_000,
        }
    }

    /// Balls of a seed, and of a seed at a point of the sweep.
    pub(super) const fn balls(self) -> [usize; 2] {
        match self {
            Self::LinearStability => [4000, 400],
            Self::DoubleWell => [500, 60],
        }
    }

    pub(super) fn loss(self, place: f64) -> f64 {
        match self {
            Self::LinearStability => {
                f64::midpoint(landscapes::sample_loss(0, place), landscapes::sample_loss(1, place))
            }
            Self::DoubleWell => landscapes::well_loss(place),
        }
    }

    /// The part of the landscape that is drawn, and how high.
    pub(super) const fn window(self) -> ([f64; 2], f64) {
        match self {
            Self::LinearStability => ([-0.8, 2.4], 1.5),
            Self::DoubleWell => ([-2.2, 5.0], 6.0),
        }
    }

    /// Left of this is one minimum's side, right of it the other's.
    pub(super) fn border(self) -> f64 {
        match self {
            Self::LinearStability => 0.5,
            Self::DoubleWell => landscapes::barrier(),
        }
    }

    /// The steps at which a course is recorded: all at first, then about eight an e-fold.
    pub(super) fn moments(self) -> Vec<u32> {
        let horizon = self.horizon();
        let next = |&step: &u32| (step < horizon).then(|| (step + 1).max(step + step / 8).min(horizon));
        std::iter::successors(Some(0), next).collect()
    }

    /// The learning rates of the sweep.
    pub(super) fn rates(self, momentum: f64) -> Vec<f64> {
        match self {
            Self::LinearStability => {
                let [low, high] = stability_range(momentum);
                let share = |k: u32| f64::from(k) / f64::from(STABILITY_POINTS - 1);
                (0..STABILITY_POINTS).map(|k| low + (high - low) * share(k)).collect()
            }
            Self::DoubleWell => WELL_RATES.to_vec(),
        }
    }
}

/// The learning rates around both thresholds, which momentum lowers and drives apart.
pub(super) fn stability_range(momentum: f64) -> [f64; 2] {
    let threshold = landscapes::mean_square_threshold(momentum);
    [threshold * (0.96 - 0.5 * momentum), threshold * (1.06 + 2.0 * momentum * momentum)]
}

/// How balls descend.
#[derive(Clone, Copy, Debug, Serialize, Deserialize)]
pub(super) struct Descent {
    pub(super) landscape: Landscape,
    pub(super) learning_rate: f64,
    pub(super) noise_scale: f64,
    pub(super) momentum: f64,
}

impl Descent {
    pub(super) fn of(settings: &Settings) -> Self {
        let landscape = Landscape::of(settings);
        let noise_scale = match landscape {
            // So that what does not depend on it is not run again.
            Landscape::LinearStability => 0.0,
            Landscape::DoubleWell => settings.real("noise_scale"),
        };
        let (learning_rate, momentum) = (settings.real("learning_rate"), settings.real("momentum"));
        Self { landscape, learning_rate, noise_scale, momentum }
    }

    pub(super) fn langevin(&self) -> Langevin {
        Langevin::new(self.learning_rate, self.noise_scale, self.momentum)
    }

    /// The mean escape time in theory; NaN where there is none.
    pub(super) fn theory_mean_steps(&self) -> f64 {
        match self.landscape {
            Landscape::LinearStability if self.momentum > 0.0 => f64::NAN,
            Landscape::LinearStability => LogWalk::new(self.learning_rate).mean_steps(),
            Landscape::DoubleWell => self.langevin().mean_steps(),
        }
    }

    /// The share that theory lets escape within each of so many steps; NaN where there is none.
    pub(super) fn theory_escaped(&self, steps: &[f64]) -> Vec<f64> {
        match self.landscape {
            Landscape::LinearStability if self.momentum > 0.0 => vec![f64::NAN; steps.len()],
            Landscape::LinearStability => {
                let walk = LogWalk::new(self.learning_rate);
                steps.iter().map(|&steps| walk.left(steps)).collect()
            }
            Landscape::DoubleWell => {
                let mean = self.theory_mean_steps();
                steps.iter().map(|steps| -libm::expm1(-steps / mean)).collect()
            }
        }
    }

    pub(super) fn threshold(&self) -> f64 {
        match self.landscape {
            Landscape::LinearStability => landscapes::mean_square_threshold(self.momentum),
            Landscape::DoubleWell => landscapes::descent_threshold(SHARPNESS, self.momentum),
        }
    }

    fn sharpness(&self) -> f64 {
        match self.landscape {
            Landscape::LinearStability => f64::midpoint(landscapes::CURVATURES[0], landscapes::CURVATURES[1]),
            Landscape::DoubleWell => SHARPNESS,
        }
    }

    pub(super) fn step_times_sharpness(&self) -> f64 {
        let kept = 1.0 - self.momentum;
        self.learning_rate * self.sharpness() / (kept * kept)
    }
}
