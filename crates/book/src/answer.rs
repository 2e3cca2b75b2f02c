//! The number that an exercise asks for, as written: `:::number {{lab.output … | format}} tolerance=5% unit=steps`.

use crate::value::{Format, Request};

/// What counts as the right number.
#[derive(Clone, Debug, PartialEq)]
pub(crate) struct Number {
    pub(crate) request: Request,
    pub(crate) tolerance: Tolerance,
    /// What stands behind the field; empty for a pure number.
    pub(crate) unit: String,
}

/// How far from the computed number an answer may be.
#[derive(Clone, Debug, PartialEq)]
pub(crate) struct Tolerance {
    /// As the author wrote it, and as the reader sees it.
    pub(crate) written: String,
    /// The share of the number, or the distance from it.
    amount: f64,
    relative: bool,
}

impl Tolerance {
    fn parse(written: &str) -> Option<Self> {
        let (digits, relative) = written.strip_suffix('%').map_or((written, false), |digits| (digits, true));
        let number: f64 = digits.parse().ok()?;
        let amount = if relative { number / 100.0 } else { number };
        (amount > 0.0 && amount.is_finite()).then(|| Self { written: written.to_string(), amount, relative })
    }

    /// As a distance from a number.
    pub(crate) fn around(&self, number: f64) -> f64 {
        if self.relative { self.amount * number.abs() } else { self.amount }
    }
}

impl Number {
    /// Reads what follows `:::number`.
    pub(crate) fn parse(words: &str) -> Result<Self, String> {
        let shape = "a number is written :::number {{lab.output … | format}} tolerance=5% unit=steps; \
                     only the unit may be left out";
        let (request, rest) = words
            .trim()
            .strip_prefix("{{")
            .and_then(|words| words.split_once("}}"))
            .ok_or_else(|| shape.to_string())?;
        let request = Request::parse(request)?;
        let (tolerance, unit) = match rest.split_once("unit=") {
            Some((tolerance, unit)) => (tolerance.trim(), unit.trim()),
            None => (rest.trim(), ""),
        };
        let tolerance = tolerance.strip_prefix("tolerance=").ok_or_else(|| shape.to_string())?;
        let tolerance = Tolerance::parse(tolerance).ok_or_else(|| {
            format!("“{tolerance}” is not a tolerance, such as 5% (of the number) or 0.02 (from the number)")
        })?;
        let percent = matches!(request.format, Format::Percent(_));
        if percent && !(tolerance.relative && unit.is_empty()) {
            return Err("a number in per cent has a tolerance in per cent, and no other unit".into());
        }
        let unit = if percent { "%".to_string() } else { unit.to_string() };
        Ok(Self { request, tolerance, unit })
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_tolerance_is_a_share_or_a_distance() {
        let number = Number::parse(" {{lab.output a=1 | 2}} tolerance=5% unit=steps of size 2").expect("well formed");
        assert_eq!((number.tolerance.around(-20.0), number.unit.as_str()), (1.0, "steps of size 2"));
        let number = Number::parse("{{lab.output | 2}} tolerance=0.02").expect("well formed");
        assert_eq!((number.tolerance.around(-20.0), number.unit.as_str()), (0.02, ""));
    }

    #[test]
    fn a_number_without_a_true_tolerance_is_refused() {
        for words in ["", "{{lab.output | 2}}", "{{lab.output}} tolerance=5%", "{{lab.output | 2}} unit=m"] {
            assert!(Number::parse(words).is_err(), "{words}");
        }
        for tolerance in ["0", "-1%", "x", "inf", "NaN", ""] {
            assert!(Number::parse(&format!("{{{{lab.output | 2}}}} tolerance={tolerance}")).is_err(), "{tolerance}");
        }
    }

    #[test]
    fn per_cent_is_its_own_unit() {
        let number = Number::parse("{{lab.output | %1}} tolerance=5%").expect("well formed");
        assert_eq!(number.unit, "%");
        assert!(Number::parse("{{lab.output | %1}} tolerance=0.02").is_err());
        assert!(Number::parse("{{lab.output | %1}} tolerance=5% unit=steps").is_err());
    }
}
