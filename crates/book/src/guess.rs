//! What a reader guesses before a lab runs, as written: `:::predict curve=excess_risk estimator=optimal_ridge {#g:ridge}`.

use crate::{phrase, phrase::At, value};

/// What follows `:::predict`.
#[derive(Clone, Debug, PartialEq)]
pub(crate) struct Guess {
    pub(crate) asked: Asked,
    /// The series of the figure that is guessed.
    pub(crate) series: String,
    /// The settings of the run that the guess is about.
    pub(crate) pairs: Vec<(String, String)>,
}

/// What is guessed of a series.
#[derive(Clone, Copy, Debug, PartialEq)]
pub(crate) enum Asked {
    /// Its whole course.
    Curve,
    /// Its value at one place.
    Value { at: f64 },
    /// The cells of a heat map with values above the middle of its color scale.
    Region,
}

impl Guess {
    pub(crate) fn parse(words: &str) -> Result<Self, String> {
        let shape = "a guess is written :::predict curve=series name=value … {#g:name}, \
                     or :::predict value=series at=1 name=value … {#g:name}, \
                     or, for a heat map, :::predict region=series name=value … {#g:name}";
        let mut pairs = value::pairs(words.split_whitespace())?;
        let at = phrase::take_at(&mut pairs)?;
        let [curve, value, region] = ["curve", "value", "region"].map(|kind| value::take(&mut pairs, kind));
        let (asked, series) = match (curve, value, region, at) {
            (Some(series), None, None, None) => (Asked::Curve, series),
            (None, Some(series), None, Some(At::Point(at))) => (Asked::Value { at }, series),
            (None, None, Some(series), None) => (Asked::Region, series),
            _ => return Err(shape.into()),
        };
        Ok(Self { asked, series, pairs })
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_guess_is_about_a_curve_or_its_value_at_one_place_or_the_high_cells_of_a_map() {
        let guess = Guess::parse(" curve=risk gamma=2").expect("well formed");
        assert_eq!((guess.asked, guess.series.as_str(), guess.pairs.len()), (Asked::Curve, "risk", 1));
        assert_eq!(Guess::parse("value=risk at=1 gamma=2").map(|guess| guess.asked), Ok(Asked::Value { at: 1.0 }));
        assert_eq!(Guess::parse("region=loss power=4").map(|guess| guess.asked), Ok(Asked::Region));
        let wrong = ["", "gamma=2", "curve=a value=b", "curve=a at=1", "value=a", "value=a at=1..2", "curve"];
        for words in wrong.into_iter().chain(["region=a at=1", "region=a curve=b", "region"]) {
            assert!(Guess::parse(words).is_err(), "{words}");
        }
    }
}
