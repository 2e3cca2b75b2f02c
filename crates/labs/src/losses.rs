//! Losses of single samples, in double precision.

/// The logistic loss `log(1 + exp(−margin))`, without overflow.
pub fn logistic(margin: f64) -> f64 {
    if margin > 0.0 { libm::log1p(libm::exp(-margin)) } else { libm::log1p(libm::exp(margin)) - margin }
}
