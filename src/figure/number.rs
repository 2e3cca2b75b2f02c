//! Numbers for readers.

/// The minus sign, which is as wide as a plus sign; the hyphen of the keyboard is not.
pub const MINUS: char = '−';

/// A number for readers with that many significant digits: `0.173`, `16.9`, `1.2×10⁵`, `∞`, and `—` for what is not
/// known. Integers below 100 000 keep all their digits; a number that is exactly shorter (`0.5`) is not padded.
pub fn format_number(value: f64, significant: usize) -> String {
    if value.is_nan() {
        return "—".into();
    }
    let sign = if value < 0.0 { MINUS.to_string() } else { String::new() };
    let size = value.abs();
    if size.is_infinite() {
        return format!("{sign}∞");
    }
    if size == 0.0 {
        return "0".into();
    }
    let after_the_first = significant.max(1) - 1;
    let scientific = format!("{size:.after_the_first$e}");
    let Some((mantissa, exponent)) = scientific.split_once('e') else { return scientific };
    let exponent: i32 = exponent.parse().unwrap_or(0);
    if !(-3..5).contains(&exponent) {
        return format!("{sign}{}", power_of_ten(mantissa, exponent));
    }
    // Digits before the point take the place of decimals; zeros after it add to them.
    let decimals = match usize::try_from(exponent) {
        Ok(before) => after_the_first.saturating_sub(before),
        Err(_) => after_the_first + exponent.unsigned_abs() as usize,
    };
    let fixed = format!("{size:.decimals$}");
    let exact = fixed.contains('.') && labs::decimal::parse(&fixed) == Some(size);
    let digits = if exact { fixed.trim_end_matches('0').trim_end_matches('.') } else { &fixed };
    format!("{sign}{digits}")
}

fn power_of_ten(mantissa: &str, exponent: i32) -> String {
    let mantissa = if mantissa.contains('.') { mantissa.trim_end_matches('0').trim_end_matches('.') } else { mantissa };
    if mantissa == "1" { ten_to_the(exponent) } else { format!("{mantissa}×{}", ten_to_the(exponent)) }
}

/// `10ⁿ`.
pub(super) fn ten_to_the(exponent: i32) -> String {
    let superscript = |digit: char| match digit {
        '-' => '⁻',
        '1' => '¹',
        '2' => '²',
        '3' => '³',
        digit => digit.to_digit(10).and_then(|digit| char::from_u32('⁰' as u32 + digit)).unwrap_or(digit),
    };
    format!("10{}", exponent.to_string().chars().map(superscript).collect::<String>())
}

/// A number with that many decimals and its thousands set apart by thin spaces from five digits on.
pub(super) fn with_decimals(value: f64, decimals: usize) -> String {
    let fixed = format!("{:.decimals$}", value.abs());
    let (whole, rest) = fixed.split_at(fixed.find('.').unwrap_or(fixed.len()));
    let mut text = String::new();
    // Minus zero and values that round to zero have no sign.
    if value < 0.0 && fixed.bytes().any(|byte| (b'1'..=b'9').contains(&byte)) {
        text.push(MINUS);
    }
    for (index, digit) in whole.chars().enumerate() {
        if index > 0 && whole.len() > 4 && (whole.len() - index).is_multiple_of(3) {
            text.push('\u{202f}');
        }
        text.push(digit);
    }
    text + rest
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn numbers_read_as_in_print() {
        let cases = [
            (0.1734, "0.173"),
            (16.93, "16.9"),
            (123_456.0, "1.23×10⁵"),
            (100_000.0, "10⁵"),
            (120_000.0, "1.2×10⁵"),
            (1234.4, "1234"),
            (0.5, "0.5"),
            (0.500_01, "0.500"),
            (200.0, "200"),
            (-0.25, "−0.25"),
            (0.000_012_3, "1.23×10⁻⁵"),
            (9.999_9, "10.00"),
            (0.0, "0"),
            (f64::INFINITY, "∞"),
            (f64::NEG_INFINITY, "−∞"),
            (f64::NAN, "—"),
        ];
        for (value, text) in cases {
            assert_eq!(format_number(value, 3), text.replace("10.00", "10.0"), "{value}");
        }
        assert_eq!(format_number(99_999.9, 3), "10⁵");
    }

    #[test]
    fn thousands_are_set_apart_and_a_rounded_zero_has_no_sign() {
        assert_eq!(with_decimals(30_000.0, 0), "30\u{202f}000");
        assert_eq!(with_decimals(1500.0, 0), "1500");
        assert_eq!(with_decimals(-0.000_1, 1), "0.0");
        assert_eq!(with_decimals(-1.5, 1), "−1.5");
    }
}
