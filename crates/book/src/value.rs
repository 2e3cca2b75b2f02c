//! Numbers in prose: what an author asks for, and how the number is printed.
//!
//! Printing is a pure function of the number's bits: Rust's formatting is exact decimal arithmetic, rounded half to
//! even on the exact binary value, and the same on every machine.

use crate::html;

/// How a number is printed.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Format {
    /// `| 2`: a fixed number of decimals.
    Decimals(usize),
    /// `| %1`: per cent, with a number of decimals.
    Percent(usize),
    /// `| s2`: a number of significant digits, without exponent.
    Significant(usize),
    /// `| e1`: mantissa with a number of decimals, times a power of ten.
    Scientific(usize),
}

/// `{{lab.output name=value … | format}}`, as written.
#[derive(Clone, Debug, PartialEq)]
pub(crate) struct Request {
    pub(crate) lab: String,
    pub(crate) output: String,
    pub(crate) pairs: Vec<(String, String)>,
    pub(crate) format: Format,
    pub(crate) written_format: String,
}

/// More digits than a reader can use, or than an `f64` holds.
const MOST_DIGITS: usize = 12;

impl Format {
    fn parse(text: &str) -> Option<Self> {
        let (make, digits): (fn(usize) -> Self, &str) = match text.as_bytes().first()? {
            b'%' => (Self::Percent, &text[1..]),
            b's' => (Self::Significant, &text[1..]),
            b'e' => (Self::Scientific, &text[1..]),
            _ => (Self::Decimals, text),
        };
        let count = digits.parse().ok().filter(|&count| count <= MOST_DIGITS)?;
        (count > 0 || !text.starts_with('s')).then(|| make(count))
    }

    /// The number as HTML, with a true minus sign. `number` is finite.
    pub(crate) fn print(self, number: f64) -> String {
        match self {
            Self::Decimals(digits) => signed(&format!("{number:.digits$}")),
            Self::Percent(digits) => signed(&format!("{:.digits$}%", number * 100.0)),
            Self::Significant(digits) => signed(&significant(number, digits)),
            Self::Scientific(digits) => {
                let written = format!("{number:.digits$e}");
                let (mantissa, exponent) = written.split_once('e').unwrap_or((&written, "0"));
                format!("{}×10<sup>{}</sup>", signed(mantissa), signed(exponent))
            }
        }
    }
}

/// A decimal with `digits` significant digits: 20.83 → 21, 0.02083 → 0.021, 2083 → 2100.
fn significant(number: f64, digits: usize) -> String {
    let written = format!("{number:.*e}", digits - 1);
    let exponent = written.split_once('e').and_then(|(_, e)| e.parse::<i64>().ok()).unwrap_or(0);
    let decimals = usize::try_from(i64::try_from(digits).unwrap_or(0) - 1 - exponent).unwrap_or(0);
    // Read back, the rounded number prints its trailing places as zeros.
    let rounded: f64 = written.parse().unwrap_or(number);
    format!("{rounded:.decimals$}")
}

/// Writes a minus sign for a hyphen, and none before a zero.
fn signed(decimal: &str) -> String {
    match decimal.strip_prefix('-') {
        Some(digits) if digits.contains(|c: char| ('1'..='9').contains(&c)) => format!("−{digits}"),
        Some(zero) => zero.to_string(),
        None => decimal.to_string(),
    }
}

impl Request {
    /// Reads what stands between `{{` and `}}`.
    pub(crate) fn parse(text: &str) -> Result<Self, String> {
        let shape = "a value is written {{lab.output name=value … | format}}";
        let (request, format) = text.rsplit_once('|').ok_or_else(|| format!("{shape}; the format is missing"))?;
        let written_format = format.trim().to_string();
        let format = Format::parse(&written_format).ok_or_else(|| {
            format!("“{written_format}” is not a format, such as 2 (decimals), %1 (per cent), s2 (significant), e1")
        })?;
        let mut words = request.split_whitespace();
        let (lab, output) = words.next().and_then(|word| word.split_once('.')).ok_or(shape)?;
        let pairs = pairs(words)?;
        Ok(Self { lab: lab.into(), output: output.into(), pairs, format, written_format })
    }
}

/// Reads `name=value` words, each name once.
pub(crate) fn pairs<'a>(words: impl Iterator<Item = &'a str>) -> Result<Vec<(String, String)>, String> {
    let mut pairs: Vec<(String, String)> = Vec::new();
    for word in words {
        let (name, value) = word.split_once('=').ok_or_else(|| format!("“{word}” is not of the form name=value"))?;
        if pairs.iter().any(|(other, _)| other == name) {
            return Err(format!("“{name}” stands twice"));
        }
        pairs.push((name.to_string(), value.to_string()));
    }
    Ok(pairs)
}

/// Takes the value of a name out of `name=value` words.
pub(crate) fn take(pairs: &mut Vec<(String, String)>, name: &str) -> Option<String> {
    let index = pairs.iter().position(|(other, _)| other == name)?;
    Some(pairs.remove(index).1)
}

/// The element for a computed number.
pub(crate) fn element(number: f64, format: Format, source: &str) -> String {
    format!(
        "<data class=\"value\" value=\"{number}\" title=\"{}\">{}</data>",
        html::escaped(source),
        format.print(number)
    )
}

#[cfg(test)]
mod tests {
    use super::*;

    fn print(format: &str, number: f64) -> String {
        Format::parse(format).expect("a format").print(number)
    }

    #[test]
    fn decimals_are_fixed() {
        assert_eq!(print("1", 20.8333), "20.8");
        assert_eq!(print("3", 2.0), "2.000");
        assert_eq!(print("0", 1234.5), "1234");
    }

    #[test]
    fn per_cent_multiplies_by_a_hundred() {
        assert_eq!(print("%1", 0.377_2), "37.7%");
        assert_eq!(print("%0", 1.0), "100%");
    }

    #[test]
    fn significant_digits_hold_on_both_sides_of_one() {
        assert_eq!(print("s2", 20.83), "21");
        assert_eq!(print("s2", 0.020_83), "0.021");
        assert_eq!(print("s2", 2083.0), "2100");
        assert_eq!(print("s2", 0.099_7), "0.10");
        assert_eq!(print("s2", 0.0), "0.0");
    }

    #[test]
    fn scientific_is_a_power_of_ten() {
        assert_eq!(print("e1", 62_000.0), "6.2×10<sup>4</sup>");
        assert_eq!(print("e2", 0.000_123_4), "1.23×10<sup>−4</sup>");
    }

    #[test]
    fn a_rounded_zero_has_no_sign() {
        assert_eq!(print("1", -0.01), "0.0");
        assert_eq!(print("1", -0.31), "−0.3");
    }

    #[test]
    fn a_request_names_lab_output_settings_and_format() {
        let request = Request::parse("ridgeless.variance gamma=0.95 seeds=40 | 1").expect("well formed");
        assert_eq!((request.lab.as_str(), request.output.as_str()), ("ridgeless", "variance"));
        assert_eq!(request.pairs[1], ("seeds".to_string(), "40".to_string()));
        assert_eq!(request.format, Format::Decimals(1));
        assert!(Request::parse("ridgeless.variance").is_err());
        assert!(Request::parse("ridgeless.variance | x").is_err());
        assert!(Request::parse("ridgeless.variance gamma | 1").is_err());
        assert!(Request::parse("ridgeless.variance gamma=1 gamma=2 | 1").is_err());
    }
}
