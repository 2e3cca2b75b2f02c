//! Numbers as prose writes them.

/// Three significant digits or a little more: `21.3`, `0.0526`, `1640`. Beyond every bound it is `∞`; a value that is
/// not known is `–`.
pub fn short(value: f64) -> String {
    let size = value.abs();
    match size {
        _ if value.is_nan() => "–".into(),
        _ if value.is_infinite() => if value > 0.0 { "∞" } else { "−∞" }.into(),
        _ if size == 0.0 => "0".into(),
        _ if !(1e-4..1e6).contains(&size) => format!("{value:.2e}"),
        _ if size < 0.01 => format!("{value:.5}"),
        _ if size < 0.1 => format!("{value:.4}"),
        _ if size < 1.0 => format!("{value:.3}"),
        _ if size < 10.0 => format!("{value:.2}"),
        _ if size < 100.0 => format!("{value:.1}"),
        _ => format!("{value:.0}"),
    }
}

/// The same without the zeros at the end of a fraction, for settings and sizes: `0.05`, `80`.
pub fn plain(value: f64) -> String {
    let written = short(value);
    if !written.contains('.') || written.contains('e') {
        return written;
    }
    written.trim_end_matches('0').trim_end_matches('.').into()
}

/// A range's end that reads well: the least of 1, 1.2, 1.5, 2, 2.5, 3, 4, 5, 6, 8, 10 times a power of ten that is not
/// below `value`.
pub fn round_up(value: f64) -> f64 {
    const STEPS: [f64; 11] = [1.0, 1.2, 1.5, 2.0, 2.5, 3.0, 4.0, 5.0, 6.0, 8.0, 10.0];
    let decade = decade_below(value);
    STEPS.iter().map(|step| step * decade).find(|&end| end >= value).unwrap_or(10.0 * decade)
}

/// The greatest power of ten that is not above `value`; 1 for values that have none.
pub fn decade_below(value: f64) -> f64 {
    if !value.is_finite() || value <= 0.0 {
        return 1.0;
    }
    let mut decade = 1.0;
    while decade > value {
        decade /= 10.0;
    }
    while decade * 10.0 <= value {
        decade *= 10.0;
    }
    decade
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn short_numbers_keep_three_digits() {
        let written: Vec<String> =
            [21.345, 0.052_63, 1642.3, 0.0, 4.0857, f64::INFINITY, f64::NAN].into_iter().map(short).collect();
        assert_eq!(written, ["21.3", "0.0526", "1642", "0", "4.09", "∞", "–"]);
    }

    #[test]
    fn settings_are_written_without_idle_zeros() {
        let written: Vec<String> = [0.05, 80.0, 1.1, 0.335, 200.0, 1e-5].into_iter().map(plain).collect();
        assert_eq!(written, ["0.05", "80", "1.1", "0.335", "200", "1.00e-5"]);
    }

    #[test]
    fn round_ends_are_not_below_their_value() {
        assert_eq!(round_up(11.25), 12.0);
        assert_eq!(round_up(0.9), 1.0);
        assert_eq!(round_up(1.74), 2.0);
        assert_eq!(decade_below(0.02), 0.01);
        assert_eq!(decade_below(10.0), 10.0);
    }
}
