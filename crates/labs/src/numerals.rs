//! Numbers as prose writes them. The standard library's formatting of floating-point numbers is exact for any number of
//! digits and a tenth of what the workers' program would weigh with it; labs write their numbers with this instead.

/// Three significant digits or a little more: `21.3`, `0.0526`, `1640`. Beyond every bound it is `∞`; a value that is
/// not known is `–`.
pub fn short(value: f64) -> String {
    /// Below each of them one more decimal place is due.
    const ENDS: [f64; 5] = [100.0, 10.0, 1.0, 0.1, 0.01];
    let size = value.abs();
    if value.is_nan() {
        return "–".into();
    }
    if value.is_infinite() {
        return if value > 0.0 { "∞" } else { "−∞" }.into();
    }
    if size == 0.0 {
        return "0".into();
    }
    if !(1e-4..1e6).contains(&size) {
        return scientific(value);
    }
    fixed(value, ENDS.iter().filter(|&&end| size < end).count() as u32)
}

/// With so many decimal places, five at most: rounded to the nearest, halves to even. Sizes of 2⁴⁷
/// and beyond are written by powers of ten.
pub fn fixed(value: f64, places: u32) -> String {
    /// The fraction's bits, and what is added to exponents for them.
    const FRACTION: u32 = 52;
    const BIAS: u32 = 1023 + FRACTION;
    if !value.is_finite() {
        return short(value);
    }
    // So that all digits fit into 64 bits.
    if value.abs() >= (1u64 << 47) as f64 {
        return scientific(value);
    }
    let exponent = ((value.to_bits() >> FRACTION) & 0x7ff) as u32;
    let fraction = value.to_bits() & ((1 << FRACTION) - 1);
    let mantissa = if exponent == 0 { fraction } else { fraction | 1 << FRACTION };
    // The size times 10^places is `wide / 2^shift`, exactly; a shift beyond all of `wide` leaves less than a half.
    let wide = u128::from(mantissa) * u128::from(10u64.pow(places));
    let shift = (BIAS - exponent.max(1)).min(100);
    let whole = wide >> shift;
    let twice_rest = (wide - (whole << shift)) << 1;
    let is_up = twice_rest + (whole & 1) > 1 << shift;
    let digits = whole as u64 + u64::from(is_up);
    let sign = if value.is_sign_negative() { "-" } else { "" };
    if places == 0 {
        return format!("{sign}{digits}");
    }
    let unit = 10u64.pow(places);
    format!("{sign}{}.{:0width$}", digits / unit, digits % unit, width = places as usize)
}

/// Three digits and a power of ten: `1.00e-5`.
fn scientific(value: f64) -> String {
    let mut power = 0;
    let mut size = value.abs();
    while size >= 10.0 {
        size /= 10.0;
        power += 1;
    }
    while size < 1.0 {
        size *= 10.0;
        power -= 1;
    }
    let mut digits = fixed(size, 2);
    // Rounding may have carried.
    if digits.starts_with("10") {
        digits = "1.00".into();
        power += 1;
    }
    let sign = if value < 0.0 { "-" } else { "" };
    format!("{sign}{digits}e{power}")
}

/// A share in percent, with so many decimal places: `12.5%`.
pub fn percent(share: f64, places: u32) -> String {
    fixed(100.0 * share, places) + "%"
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
    use crate::random::Random;

    #[test]
    fn short_numbers_keep_three_digits() {
        let written: Vec<String> =
            [21.345, 0.052_63, 1642.3, 0.0, 4.0857, f64::INFINITY, f64::NAN].into_iter().map(short).collect();
        assert_eq!(written, ["21.3", "0.0526", "1642", "0", "4.09", "∞", "–"]);
    }

    #[test]
    fn fixed_places_are_rounded_like_the_standard_library_does() {
        let mut random = Random::new(1, 0);
        let mut values = vec![0.0, -0.0, 0.5, 1.5, 2.5, 0.125, 0.375, 99.95, 0.05, 1e-320, 1e-5, 140_737_488_355_327.0];
        values.extend((0..20_000).map(|_| random.normal() * libm::exp10(random.between(-8.0, 9.0))));
        for value in values {
            assert_eq!(fixed(value, 0), format!("{value:.0}"));
            assert_eq!(fixed(value, 1), format!("{value:.1}"));
            assert_eq!(fixed(value, 3), format!("{value:.3}"));
            assert_eq!(fixed(value, 5), format!("{value:.5}"));
        }
    }

    #[test]
    fn very_large_and_small_numbers_have_three_digits_and_a_power_of_ten() {
        let mut random = Random::new(2, 0);
        let values = (0..2000).map(|_| random.normal() * libm::exp10(random.between(-300.0, 300.0)));
        for value in values.chain([1e6, 9.996e7, -2.5e-5, 5e-324, f64::MAX]) {
            assert_eq!(scientific(value), format!("{value:.2e}"));
        }
        assert_eq!([fixed(-3e20, 1), short(1e6), short(f64::NEG_INFINITY)], ["-3.00e20", "1.00e6", "−∞"]);
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
