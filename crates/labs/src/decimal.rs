//! Numbers from written decimals, the same bits in the terminal and in the page.
//!
//! The standard library's parser brings eleven kilobytes of tables into a page that has to load fast. The decimals that
//! sliders and links carry are short, and for these exact integer arithmetic does: with at most 19 digits D and a power
//! of ten up to 10¹⁹, D·10^k is a quotient of two integers below 2⁶⁴ or a product below 2¹²⁸, and rounds once.

/// Greatest power of ten below 2⁶⁴.
const EXACT_POWER: i32 = 19;

/// Reads `12`, `-0.5`, `.5`, `2e-3`: correctly rounded for up to 19 digits and powers of ten up to 10^±19 after the last
/// digit, otherwise within a few units in the last place. Anything else, and what overflows, is nothing.
pub fn parse(text: &str) -> Option<f64> {
    let (negative, text) = match text.strip_prefix('-') {
        Some(rest) => (true, rest),
        None => (false, text.strip_prefix('+').unwrap_or(text)),
    };
    let (mantissa, exponent) = match text.find(['e', 'E']) {
        Some(at) => (&text[..at], parse_exponent(&text[at + 1..])?),
        None => (text, 0),
    };
    let (digits, dropped) = read_digits(mantissa)?;
    let magnitude = scale(digits, exponent.checked_add(dropped)?);
    if !magnitude.is_finite() {
        return None;
    }
    Some(if negative { -magnitude } else { magnitude })
}

fn parse_exponent(text: &str) -> Option<i32> {
    // Longer ones are beyond every range; the limit keeps the sums below far from overflow.
    text.parse::<i32>().ok().filter(|exponent| exponent.abs() < 10_000)
}

/// The first 19 significant digits as an integer, and the power of ten that belongs to it.
fn read_digits(mantissa: &str) -> Option<(u64, i32)> {
    let (mut digits, mut power, mut seen, mut after_point) = (0u64, 0i32, false, false);
    for byte in mantissa.bytes() {
        match byte {
            b'0'..=b'9' => {
                seen = true;
                if digits < 10u64.pow(18) {
                    digits = digits * 10 + u64::from(byte - b'0');
                    power -= i32::from(after_point);
                } else {
                    power += i32::from(!after_point);
                }
            }
            b'.' if !after_point => after_point = true,
            _ => return None,
        }
    }
    seen.then_some((digits, power))
}

/// digits · 10^power.
fn scale(digits: u64, power: i32) -> f64 {
    if digits == 0 {
        return 0.0;
    }
    let exact = power.clamp(-EXACT_POWER, EXACT_POWER);
    let ten = 10u64.pow(exact.unsigned_abs());
    let mut value = if exact < 0 { quotient(digits, ten) } else { (u128::from(digits) * u128::from(ten)) as f64 };
    // Beyond the exact range, one power of ten after the other.
    for _ in EXACT_POWER..power.abs() {
        value = if power < 0 { value / 10.0 } else { value * 10.0 };
    }
    value
}

/// numerator / denominator, rounded once to nearest, ties to even.
fn quotient(numerator: u64, denominator: u64) -> f64 {
    // The numerator fills 128 bits, so the integer quotient has at least 64, of which the last also says whether
    // anything remains: the conversion then rounds as the exact quotient would.
    let shift = 64 + numerator.leading_zeros();
    let wide = u128::from(numerator) << shift;
    let (whole, rest) = (wide / u128::from(denominator), wide % u128::from(denominator));
    let sticky = u128::from(rest != 0);
    let mut value = (whole | sticky) as f64;
    for _ in 0..shift {
        value *= 0.5;
    }
    value
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::random::Random;

    #[test]
    fn decimals_of_up_to_nineteen_digits_have_the_bits_of_the_standard_library() {
        let mut random = Random::new(1, 1);
        for _ in 0..200_000 {
            let digits = 1 + random.below(18);
            let number = random.below(10usize.pow(digits as u32));
            let power = i32::try_from(random.below(38)).expect("it is small") - 19;
            let text = format!("{number}e{power}");
            assert_eq!(parse(&text).map(f64::to_bits), text.parse::<f64>().ok().map(f64::to_bits), "{text}");
        }
    }

    #[test]
    fn what_is_written_is_read_back() {
        let mut random = Random::new(2, 1);
        for _ in 0..100_000 {
            let value = (random.uniform() - 0.5) * [0.1, 1.0, 100.0, 1e6][random.below(4)];
            let text = format!("{value}");
            // Twenty decimals are beyond what is promised.
            if text.split_once('.').is_none_or(|(_, decimals)| decimals.len() <= 19) {
                assert_eq!(parse(&text), Some(value), "{text}");
            }
        }
    }

    #[test]
    fn forms_that_people_write_are_read() {
        for (text, value) in [("12", 12.0), ("+3.50", 3.5), (".5", 0.5), ("5.", 5.0), ("1e3", 1000.0), ("2E-3", 0.002)]
        {
            assert_eq!(parse(text), Some(value), "{text}");
        }
        assert_eq!(parse("-0.0").map(f64::to_bits), Some((-0.0f64).to_bits()));
        assert!(parse("1e-30").is_some_and(|tiny| (tiny / 1e-30 - 1.0).abs() < 1e-14));
    }

    #[test]
    fn what_is_no_number_is_nothing() {
        for text in ["", "-", ".", "e5", "1e", "1e5.5", "0x10", "1,5", "NaN", "inf", "1e999", "--1", "1 2", "１"] {
            assert_eq!(parse(text), None, "{text}");
        }
    }
}
