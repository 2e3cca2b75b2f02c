//! What a sentence asks of a lab, as written: `[text]{ridgeless gamma=1 show=variance at=0.9..1.1}`.

use crate::value;
use std::fmt;

/// `[…]{lab name=value … show=series at=place}`; at least one of settings, series and place is there.
#[derive(Clone, Debug, PartialEq)]
pub(crate) struct Phrase {
    pub(crate) lab: String,
    /// Settings that the lab takes on.
    pub(crate) pairs: Vec<(String, String)>,
    /// Series of the figure that stand out.
    pub(crate) show: Vec<String>,
    /// Where on the horizontal axis to look.
    pub(crate) at: Option<At>,
}

/// A place on a horizontal axis.
#[derive(Clone, Copy, Debug, PartialEq)]
pub(crate) enum At {
    Point(f64),
    Range(f64, f64),
}

impl At {
    fn parse(text: &str) -> Option<Self> {
        let number = |text: &str| text.parse().ok().filter(|number: &f64| number.is_finite());
        match text.split_once("..") {
            Some((from, to)) => Some(Self::Range(number(from)?, number(to)?)).filter(|at| at.ends()[0] < at.ends()[1]),
            None => number(text).map(Self::Point),
        }
    }

    /// The first and the last place.
    pub(crate) fn ends(self) -> [f64; 2] {
        match self {
            Self::Point(at) => [at, at],
            Self::Range(from, to) => [from, to],
        }
    }
}

impl fmt::Display for At {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Point(at) => write!(f, "{at}"),
            Self::Range(from, to) => write!(f, "{from}..{to}"),
        }
    }
}

/// Takes the place out of `name=value` words.
pub(crate) fn take_at(pairs: &mut Vec<(String, String)>) -> Result<Option<At>, String> {
    let Some(written) = value::take(pairs, "at") else { return Ok(None) };
    let reason = || format!("“{written}” is not a place; at takes a number, at=1, or a range, at=0.5..2");
    At::parse(&written).map(Some).ok_or_else(reason)
}

impl Phrase {
    /// Reads what stands between the braces.
    pub(crate) fn parse(text: &str) -> Result<Self, String> {
        let shape = "a phrase is written [text]{lab name=value … show=series at=place}; \
                     it sets something, shows a series or points at a place";
        let mut words = text.split_whitespace();
        let lab = words.next().filter(|lab| !lab.contains('=')).ok_or(shape)?.to_string();
        let mut pairs = value::pairs(words)?;
        let at = take_at(&mut pairs)?;
        let show = value::take(&mut pairs, "show").unwrap_or_default();
        let show: Vec<String> = show.split(',').filter(|name| !name.is_empty()).map(str::to_string).collect();
        if pairs.is_empty() && show.is_empty() && at.is_none() {
            return Err(shape.into());
        }
        Ok(Self { lab, pairs, show, at })
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_part_of_a_phrase_is_optional_but_one() {
        let phrase = Phrase::parse("ridgeless gamma=1 show=bias,variance at=0.5..2").expect("well formed");
        assert_eq!((phrase.lab.as_str(), phrase.pairs.len(), phrase.show.len()), ("ridgeless", 1, 2));
        assert_eq!(phrase.at, Some(At::Range(0.5, 2.0)));
        for part in ["gamma=1", "show=bias", "at=1e3"] {
            assert!(Phrase::parse(&format!("ridgeless {part}")).is_ok(), "{part}");
        }
        for text in ["ridgeless", "ridgeless show=", "gamma=1", "ridgeless gamma", ""] {
            assert!(Phrase::parse(text).is_err(), "{text}");
        }
    }

    #[test]
    fn a_place_is_a_number_or_a_rising_range() {
        assert_eq!(At::parse("-1.5..2").map(|at| at.to_string()).as_deref(), Some("-1.5..2"));
        for text in ["", "x", "inf", "1..", "..1", "2..1", "1..1", "1..2..3"] {
            assert_eq!(At::parse(text), None, "{text}");
        }
    }
}
