//! Means, medians and their spread over seeds, summed in index order.

/// Arithmetic mean; NaN for no values.
pub fn mean(values: &[f64]) -> f64 {
    values.iter().sum::<f64>() / values.len() as f64
}

/// Standard deviation with n − 1; zero for fewer than two values.
pub fn standard_deviation(values: &[f64]) -> f64 {
    if values.len() < 2 {
        return 0.0;
    }
    let center = mean(values);
    let squares: f64 = values.iter().map(|v| (v - center) * (v - center)).sum();
    (squares / (values.len() - 1) as f64).sqrt()
}

/// Standard error of the mean; zero for fewer than two values.
pub fn standard_error(values: &[f64]) -> f64 {
    if values.len() < 2 {
        return 0.0;
    }
    standard_deviation(values) / (values.len() as f64).sqrt()
}

/// The quantile at `level` in 0..1 by linear interpolation between order statistics; NaN for no values.
pub fn quantile(values: &[f64], level: f64) -> f64 {
    if values.is_empty() {
        return f64::NAN;
    }
    let mut sorted = values.to_vec();
    sort(&mut sorted);
    let position = level * (sorted.len() - 1) as f64;
    let below = position.floor() as usize;
    let above = position.ceil() as usize;
    sorted[below] + (sorted[above] - sorted[below]) * (position - below as f64)
}

/// The median; NaN for no values.
pub fn median(values: &[f64]) -> f64 {
    quantile(values, 0.5)
}

/// The standard error of a median over seeds, from the spread of the middle half as for normal values:
/// `1.2533·IQR / (1.349·√k)`; zero for fewer than two.
pub fn standard_error_of_median(values: &[f64]) -> f64 {
    if values.len() < 2 {
        return 0.0;
    }
    let middle_half = quantile(values, 0.75) - quantile(values, 0.25);
    0.929 * middle_half / (values.len() as f64).sqrt()
}

/// The value that a tenth of the values lie below; NaN for no values.
pub fn low(values: &[f64]) -> f64 {
    quantile(values, 0.1)
}

/// The value that a tenth of the values lie above; NaN for no values.
pub fn high(values: &[f64]) -> f64 {
    quantile(values, 0.9)
}

/// The mean of the greatest of `count` independent standard normals: the trapezoidal rule on `∫ 1 − Φᵐ` from zero up less
/// `∫ Φᵐ` up to zero.
pub fn expected_maximum(count: usize) -> f64 {
    const HALF: usize = 512;
    const STEP: f64 = 1.0 / 64.0;
    let power = |x: f64| libm::pow(0.5 * libm::erfc(-x * std::f64::consts::FRAC_1_SQRT_2), count as f64);
    let at_zero = power(0.0);
    let tails: f64 = (1..=HALF).map(|k| k as f64 * STEP).map(|x| 1.0 - power(x) - power(-x)).sum();
    STEP * (0.5 * (1.0 - 2.0 * at_zero) + tails)
}

/// Sums, element by element.
pub fn sums(a: &[f64], b: &[f64]) -> Vec<f64> {
    a.iter().zip(b).map(|(a, b)| a + b).collect()
}

/// Sorts, least first, NaN after everything (by sign: see [`f64::total_cmp`]). By insertion: for the few hundred values
/// of a lab that takes no time, and the standard library's general sorts would be a tenth of the workers' program.
pub fn sort(values: &mut [f64]) {
    for end in 1..values.len() {
        let value = values[end];
        let place = values[..end].partition_point(|other| other.total_cmp(&value).is_le());
        values.copy_within(place..end, place + 1);
        values[place] = value;
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::random::Random;

    #[test]
    fn sorting_orders_every_number() {
        let mut values = vec![0.0; 300];
        Random::new(1, 0).fill_normal(&mut values);
        values.extend([f64::INFINITY, f64::NAN, 0.0, -0.0, values[7], f64::NEG_INFINITY]);
        let mut expected = values.clone();
        expected.sort_by(f64::total_cmp);
        sort(&mut values);
        let bits = |values: &[f64]| values.iter().map(|value| value.to_bits()).collect::<Vec<_>>();
        assert_eq!(bits(&values), bits(&expected));
        sort(&mut []);
    }

    #[test]
    fn the_greatest_of_some_normals_has_its_known_mean() {
        for (count, expected) in [(1, 0.0), (2, 0.564_189_583_5), (10, 1.538_752_730_8), (100, 2.507_593_638_4)] {
            assert!((expected_maximum(count) - expected).abs() < 1e-8, "{count}: {}", expected_maximum(count));
        }
    }
}
