//! Covariance spectra: their effective ranks, and the risk that they give least squares of least norm.

use serde::{Deserialize, Serialize};

/// Coordinates that carry signal, `1/√5` each, so that `‖β‖ = 1`.
pub const SIGNAL_COORDINATES: usize = 5;
/// The square of each of the true weights that are not zero.
pub const SQUARED_WEIGHT: f64 = 1.0 / SIGNAL_COORDINATES as f64;
/// The mass of the heavy tail, in units of the number of samples.
const HEAVY_MASS: f64 = 10.0;

/// How the eigenvalues `λᵢ` of the covariance fall. `n` samples and a tail ratio `c` make about `c·n` of them.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub enum Family {
    /// Five ones, then `c·n` equal eigenvalues of total mass 1.
    Spike,
    /// `λᵢ = i⁻²` for `i ≤ c·n`.
    Power,
    /// Five ones, then `c·n` equal eigenvalues of total mass `10·n`.
    Heavy,
}

/// The eigenvalues beyond those of the coordinates that carry signal.
#[derive(Clone, Copy, Debug, PartialEq)]
pub enum Tail {
    /// So many equal ones.
    Flat {
        /// Their value.
        eigenvalue: f64,
        /// Their number.
        count: usize,
    },
    /// `i⁻²` for `i` up to this.
    Power {
        /// The last index.
        last: usize,
    },
}

/// The eigenvalues at one size.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct Spectrum {
    /// Those of the coordinates that carry signal.
    pub head: [f64; SIGNAL_COORDINATES],
    /// All others.
    pub tail: Tail,
}

/// Equal eigenvalues.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct Level {
    /// Their value.
    pub eigenvalue: f64,
    /// Their number.
    pub count: usize,
}

/// `k*` and the effective ranks there (Bartlett, Long, Lugosi and Tsigler 2020).
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct EffectiveRanks {
    /// The least `k` with `r_k ≥ n`; infinite if there is none.
    pub k_star: f64,
    /// `r_k = Σ_{i>k} λᵢ / λ_{k+1}` at `k*`; NaN without one.
    pub r: f64,
    /// `R_k = (Σ_{i>k} λᵢ)² / Σ_{i>k} λᵢ²` at `k*`; NaN without one.
    pub big_r: f64,
}

impl EffectiveRanks {
    /// `σ²·(k*/n + n/R)`: what the variance is up to constants. Infinite without a `k*`.
    pub fn variance(&self, samples: usize, noise_variance: f64) -> f64 {
        if self.k_star.is_infinite() {
            return f64::INFINITY;
        }
        let n = samples as f64;
        noise_variance * (self.k_star / n + n / self.big_r)
    }
}

/// What the theory says of the expected excess risk.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct Theory {
    /// The signal that the fit misses.
    pub bias: f64,
    /// The noise that it takes in; infinite where there are no more eigenvalues than samples.
    pub variance: f64,
}

impl Theory {
    /// Bias plus variance.
    pub fn excess_risk(&self) -> f64 {
        self.bias + self.variance
    }
}

impl Family {
    /// The eigenvalues at `samples` samples and a tail ratio; both at least 1, and `samples` above five.
    pub fn spectrum(self, samples: usize, tail_ratio: usize) -> Spectrum {
        let count = samples * tail_ratio;
        let flat = |mass: f64| Tail::Flat { eigenvalue: mass / count as f64, count };
        match self {
            Self::Spike => Spectrum { head: [1.0; SIGNAL_COORDINATES], tail: flat(1.0) },
            Self::Heavy => Spectrum { head: [1.0; SIGNAL_COORDINATES], tail: flat(HEAVY_MASS * samples as f64) },
            Self::Power => {
                let mut head = [1.0; SIGNAL_COORDINATES];
                head.iter_mut().zip(1..).for_each(|(eigenvalue, index)| *eigenvalue = inverse_square(index));
                Spectrum { head, tail: Tail::Power { last: count } }
            }
        }
    }
}

/// `i⁻²`.
pub fn inverse_square(index: usize) -> f64 {
    1.0 / (index * index) as f64
}

impl Spectrum {
    /// The number of eigenvalues, `p`.
    pub const fn features(&self) -> usize {
        match self.tail {
            Tail::Flat { count, .. } => SIGNAL_COORDINATES + count,
            Tail::Power { last } => last,
        }
    }

    /// The eigenvalues, greatest first.
    pub fn levels(&self) -> Vec<Level> {
        let one = |eigenvalue| Level { eigenvalue, count: 1 };
        match self.tail {
            Tail::Power { last } => (1..=last).map(|index| one(inverse_square(index))).collect(),
            Tail::Flat { eigenvalue, count } => {
                let mut levels =
                    vec![Level { eigenvalue: 1.0, count: SIGNAL_COORDINATES }, Level { eigenvalue, count }];
                if eigenvalue > 1.0 {
                    levels.swap(0, 1);
                }
                levels
            }
        }
    }

    /// `k*` with its effective ranks.
    pub fn effective_ranks(&self, samples: usize) -> EffectiveRanks {
        let levels = self.levels();
        let mut best = EffectiveRanks { k_star: f64::INFINITY, r: f64::NAN, big_r: f64::NAN };
        let (mut mass, mut square_mass, mut first) = (0.0, 0.0, self.features());
        // From the least eigenvalue up, so that the sums lose nothing. Among equal eigenvalues `r_k` is greatest at the
        // first, and once it has been too small it stays so.
        for Level { eigenvalue, count } in levels.into_iter().rev() {
            let r = count as f64 + mass / eigenvalue;
            mass += count as f64 * eigenvalue;
            square_mass += count as f64 * eigenvalue * eigenvalue;
            first -= count;
            if r >= samples as f64 {
                best = EffectiveRanks { k_star: first as f64, r, big_r: mass * mass / square_mass };
            }
        }
        best
    }

    /// The risk of least squares of least norm, sharp for large sizes: with `κ` from `Σ λᵢ/(λᵢ + κ) = n` and
    /// `G = (1/n)·Σ (λᵢ/(λᵢ + κ))²`, the bias is `κ²·Σ λᵢβᵢ²/(λᵢ + κ)² / (1 − G)` and the variance `σ²·G/(1 − G)`.
    pub fn theory(&self, samples: usize, noise_variance: f64) -> Theory {
        if self.features() <= samples {
            let variance = if noise_variance == 0.0 { 0.0 } else { f64::INFINITY };
            return Theory { bias: 0.0, variance };
        }
        let levels = self.levels();
        let kappa = threshold(&levels, samples as f64);
        let squares: f64 = levels
            .iter()
            .map(|level| {
                let kept = level.eigenvalue / (level.eigenvalue + kappa);
                level.count as f64 * kept * kept
            })
            .sum();
        let g = squares / samples as f64;
        let missed: f64 = self
            .head
            .iter()
            .map(|eigenvalue| {
                let share = kappa / (eigenvalue + kappa);
                SQUARED_WEIGHT * eigenvalue * share * share
            })
            .sum();
        Theory { bias: missed / (1.0 - g), variance: noise_variance * g / (1.0 - g) }
    }
}

/// The `κ` at which `Σ λᵢ/(λᵢ + κ) = n`, for more eigenvalues than `n`: Newton's method on the logarithms of both,
/// inside a bracket.
fn threshold(levels: &[Level], samples: f64) -> f64 {
    let mass: f64 = levels.iter().map(|level| level.count as f64 * level.eigenvalue).sum();
    // At this the sum is below n; towards zero it is the number of eigenvalues, which is above.
    let (mut low, mut high) = (0.0, mass / samples);
    let mut kappa = high;
    for _ in 0..100 {
        let (mut sum, mut slope) = (0.0, 0.0);
        for level in levels {
            let kept = level.eigenvalue / (level.eigenvalue + kappa);
            sum += level.count as f64 * kept;
            slope += level.count as f64 * kept * (1.0 - kept);
        }
        if sum < samples {
            high = kappa;
        } else {
            low = kappa;
        }
        let newton = kappa * libm::exp(libm::log(sum / samples) * sum / slope);
        let next = if newton > low && newton < high { newton } else { f64::midpoint(low, high) };
        if (next - kappa).abs() <= 1e-14 * kappa {
            return next;
        }
        kappa = next;
    }
    kappa
}

#[cfg(test)]
mod tests {
    use super::*;

    fn close(a: f64, b: f64, relative: f64) -> bool {
        (a - b).abs() <= relative * b.abs()
    }

    #[test]
    fn theory_has_the_values_of_an_independent_implementation() {
        // Family, tail ratio, samples; bias and variance at σ² = 0.25.
        for (family, ratio, samples, bias, variance) in [
            (Family::Spike, 20, 200, 2.54e-5, 0.019_483_95),
            (Family::Spike, 2, 200, 1.375e-5, 0.250_245_63),
            (Family::Power, 20, 200, 8e-8, 0.259_534_46),
            (Family::Heavy, 20, 25, 0.864_821_96, 0.013_129_27),
            (Family::Heavy, 20, 200, 0.862_078_05, 0.013_154_7),
        ] {
            let theory = family.spectrum(samples, ratio).theory(samples, 0.25);
            assert!(close(theory.bias, bias, if bias < 1e-4 { 0.05 } else { 1e-7 }), "{family:?}: {}", theory.bias);
            assert!(close(theory.variance, variance, 1e-6), "{family:?}: {}", theory.variance);
        }
    }

    #[test]
    fn the_threshold_solves_its_equation_at_every_setting() {
        for family in [Family::Spike, Family::Power, Family::Heavy] {
            for ratio in [2, 3, 9, 40] {
                for samples in [25, 101, 200] {
                    let levels = family.spectrum(samples, ratio).levels();
                    let kappa = threshold(&levels, samples as f64);
                    let sum: f64 = levels.iter().map(|l| l.count as f64 * l.eigenvalue / (l.eigenvalue + kappa)).sum();
                    assert!(close(sum, samples as f64, 1e-11), "{family:?} {ratio} {samples}: {sum}");
                }
            }
        }
    }

    #[test]
    fn effective_ranks_agree_with_their_definition() {
        for family in [Family::Spike, Family::Power, Family::Heavy] {
            for (samples, ratio) in [(25, 20), (25, 3), (60, 1)] {
                let spectrum = family.spectrum(samples, ratio);
                let all: Vec<f64> = spectrum
                    .levels()
                    .iter()
                    .flat_map(|level| std::iter::repeat_n(level.eigenvalue, level.count))
                    .collect();
                assert_eq!(all.len(), spectrum.features());
                assert!(all.is_sorted_by(|a, b| a >= b));
                let r = |k: usize| all[k..].iter().sum::<f64>() / all[k];
                let expected = (0..all.len()).find(|&k| r(k) >= samples as f64 - 1e-9);
                let ranks = spectrum.effective_ranks(samples);
                let Some(k) = expected else {
                    assert!(ranks.k_star.is_infinite() && ranks.r.is_nan(), "{family:?} {samples} {ratio}");
                    continue;
                };
                assert_eq!(ranks.k_star, k as f64, "{family:?} {samples} {ratio}");
                let mass = all[k..].iter().sum::<f64>();
                let big = mass * mass / all[k..].iter().map(|l| l * l).sum::<f64>();
                assert!(close(ranks.r, r(k), 1e-9) && close(ranks.big_r, big, 1e-9));
            }
        }
    }

    #[test]
    fn a_longer_flat_tail_takes_in_less_noise() {
        let variance = |ratio| Family::Spike.spectrum(200, ratio).theory(200, 0.25).variance;
        assert!(variance(20) < 0.1 * variance(2));
        let rank_formula = Family::Spike.spectrum(200, 20).effective_ranks(200).variance(200, 0.25);
        assert!((rank_formula - 0.018_75).abs() < 1e-12);
    }

    #[test]
    fn with_as_many_features_as_samples_the_risk_has_no_mean() {
        let theory = Family::Power.spectrum(50, 1).theory(50, 0.25);
        assert_eq!(theory.variance, f64::INFINITY);
        assert_eq!(Family::Power.spectrum(50, 1).theory(50, 0.0).excess_risk(), 0.0);
    }
}
