//! The course of a curve in words: where it falls and rises, as far as seeds let one tell.

use crate::{numerals::plain, statistics::median, text::Text};

/// A change below this share of the greater value is not told as one.
const LEAST_SHARE: f64 = 0.1;

/// More turns than these are noise, or at least not a story.
const MOST_TURNS: usize = 3;

/// A quantity along an axis, over seeds.
#[derive(Clone, Copy, Debug)]
pub struct Course<'a> {
    /// Abscissas, in order.
    pub x: &'a [f64],
    /// Means, as many; values that are not finite are passed over.
    pub mean: &'a [f64],
    /// Their standard errors, as many.
    pub error: &'a [f64],
    /// The least change that counts.
    pub least: f64,
}

impl Course<'_> {
    /// Where the curve begins, turns and ends, as indices. A turn counts once the curve has come back from it by
    /// `least`, by a tenth of the greater value, and by twice the standard error of the difference. Few seeds tell
    /// little about their own spread, so no standard error counts for less than the median along the curve. If there
    /// is no last point as clearly apart from the last turn, the curve ends with that turn.
    pub fn turns(&self) -> Vec<usize> {
        let known: Vec<usize> = (0..self.mean.len()).filter(|&index| self.mean[index].is_finite()).collect();
        let errors: Vec<f64> = known.iter().map(|&index| self.error[index]).collect();
        let mut least = self.least;
        loop {
            let turns = self.turns_beyond(&known, least, median(&errors));
            if turns.len() <= MOST_TURNS + 2 {
                return turns;
            }
            // Positive, or else there would be no end: a curve of zeros has no turns.
            least = (2.0 * least).max(f64::MIN_POSITIVE);
        }
    }

    fn turns_beyond(&self, known: &[usize], least: f64, typical: f64) -> Vec<usize> {
        let Some((&first, rest)) = known.split_first() else { return Vec::new() };
        let y = self.mean;
        let is_apart = |a: usize, b: usize| {
            let [first, second] = [a, b].map(|index| self.error[index].max(typical));
            let spread = (first * first + second * second).sqrt();
            (y[a] - y[b]).abs() > least.max(LEAST_SHARE * y[a].abs().max(y[b].abs())).max(2.0 * spread)
        };
        let mut turns = vec![first];
        // The farthest points below and above since the last turn, and which of them the curve makes for.
        let (mut low, mut high, mut is_rising) = (first, first, None);
        for &here in rest {
            if y[here] < y[low] {
                low = here;
            }
            if y[here] > y[high] {
                high = here;
            }
            if is_rising != Some(true) && y[here] > y[low] && is_apart(here, low) {
                if is_rising.is_some() {
                    turns.push(low);
                }
                (is_rising, high) = (Some(true), here);
            } else if is_rising != Some(false) && y[here] < y[high] && is_apart(here, high) {
                if is_rising.is_some() {
                    turns.push(high);
                }
                (is_rising, low) = (Some(false), here);
            }
        }
        turns.extend(is_rising.map(|is_rising| if is_rising { high } else { low }));
        turns
    }

    /// `falls from 0.91 at n = 10 to 0.37 at n = 80, rises to …`, without a subject and a full stop.
    pub fn words(&self, symbol: &str, write: fn(f64) -> String) -> Text {
        let turns = self.turns();
        let Some(last) = (0..self.mean.len()).rev().find(|&index| self.mean[index].is_finite()) else {
            return Text::new("is not known yet", "尚不清楚");
        };
        let tell = |index: usize| (write(self.mean[index]), format!("{symbol} = {}", plain(self.x[index])));
        let (value, place) = tell(turns[0]);
        if turns.len() < 2 {
            let (value, end) = tell(last);
            return Text::owned(
                format!("stays about {value} from {place} to {end}"),
                format!("从 {place} 到 {end} 大致保持在 {value}"),
            );
        }
        let (mut en, mut zh) = (format!(" from {value} at {place}"), format!("从 {value}（{place}）"));
        for (leg, pair) in turns.windows(2).enumerate() {
            let (value, place) = tell(pair[1]);
            let is_rise = self.mean[pair[1]] > self.mean[pair[0]];
            let (verb, verb_zh) = if is_rise { ("rises", "升到") } else { ("falls", "降到") };
            if leg == 0 {
                en.insert_str(0, verb);
            } else {
                en = en + if leg + 2 == turns.len() { " and " } else { ", " } + verb;
                zh += "，再";
            }
            en = en + " to " + &value + " at " + &place;
            zh = zh + verb_zh + " " + &value + "（" + &place + "）";
        }
        let turn = turns[turns.len() - 1];
        if turn != last {
            let (value, place) = tell(last);
            if value == write(self.mean[turn]) {
                en = en + ", and stays about there until " + &place;
                zh = zh + "，此后大致不变，直到 " + &place;
            } else {
                en = en + ", and is " + &value + " at " + &place;
                zh = zh + "，最后为 " + &value + "（" + &place + "）";
            }
        }
        Text::owned(en, zh)
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::{data::Data, labs, run, testing};

    const X: [f64; 8] = [1.0, 2.0, 4.0, 8.0, 16.0, 32.0, 64.0, 128.0];

    #[test]
    fn labs_with_curves_tell_their_course_in_both_languages() {
        let data = Data::bundled();
        for (id, pairs) in [
            ("ridgeless", &[("seeds", "2")] as &[(&str, &str)]),
            ("ridgeless", &[("seeds", "2"), ("estimator", "optimal_ridge")]),
            ("sample-size", &[("seeds", "1")]),
            ("random-features", &[("seeds", "1"), ("ridge", "0.3")]),
            ("network-width", &[("seeds", "1"), ("epochs", "2"), ("samples", "200")]),
            ("training-time", &[("seeds", "2")]),
        ] {
            let lab = labs::find(id).unwrap();
            let description = run::complete(lab, testing::settings(lab, pairs), &data).report.description;
            assert!(
                ["falls from", "rises from"].iter().any(|verb| description.en.contains(verb)),
                "{}",
                description.en
            );
            assert!(["降到", "升到"].iter().any(|verb| description.zh.contains(verb)), "{}", description.zh);
            assert!(!description.en.contains(['–', '{']) && !description.zh.contains(['–', '{']), "{}", description.en);
        }
    }
    fn course<'a>(mean: &'a [f64], error: &'a [f64]) -> Course<'a> {
        Course { x: &X, mean, error, least: 0.02 }
    }

    #[test]
    fn a_double_descent_is_told_from_turn_to_turn() {
        let mean = [0.8, 0.37, 0.17, 0.3, 0.88, 0.4, 0.3, 0.22];
        let words = course(&mean, &[0.0; 8]).words("N", plain);
        assert_eq!(
            words.en,
            "falls from 0.8 at N = 1 to 0.17 at N = 4, rises to 0.88 at N = 16 and falls to 0.22 at N = 128"
        );
        assert_eq!(words.zh, "从 0.8（N = 1）降到 0.17（N = 4），再升到 0.88（N = 16），再降到 0.22（N = 128）");
    }

    #[test]
    fn a_turn_within_the_scatter_of_seeds_is_none() {
        let mean = [0.6, 0.2, 0.3, 0.25, 0.1, 0.1, 0.1, 0.1];
        assert_eq!(course(&mean, &[0.0; 8]).turns(), [0, 1, 2, 4]);
        assert_eq!(course(&mean, &[0.05; 8]).turns(), [0, 4]);
        // One seed's luck is no certainty.
        assert_eq!(course(&mean, &[0.05, 0.0, 0.0, 0.05, 0.05, 0.05, 0.05, 0.05]).turns(), [0, 4]);
    }

    #[test]
    fn small_changes_are_no_turns_and_the_end_is_told_all_the_same() {
        let mean = [0.5, 0.3, 0.2, 0.205, 0.21, 0.2, 0.205, 0.21];
        let words = course(&mean, &[0.0; 8]).words("N", plain);
        assert_eq!(words.en, "falls from 0.5 at N = 1 to 0.2 at N = 4, and is 0.21 at N = 128");
        let mean = [0.5, 0.3, 0.2, 0.205, 0.21, 0.2, 0.205, 0.2];
        let words = course(&mean, &[0.0; 8]).words("N", plain);
        assert_eq!(words.en, "falls from 0.5 at N = 1 to 0.2 at N = 4, and stays about there until N = 128");
        assert_eq!(course(&[0.2; 8], &[0.0; 8]).words("N", plain).en, "stays about 0.2 from N = 1 to N = 128");
    }

    #[test]
    fn gaps_and_infinities_are_passed_over() {
        let mean = [f64::NAN, 1.0, 5.0, f64::INFINITY, 4.0, 2.0, 1.0, f64::NAN];
        assert_eq!(course(&mean, &[0.0; 8]).turns(), [1, 2, 6]);
        assert_eq!(course(&[f64::NAN; 8], &[0.0; 8]).words("N", plain).en, "is not known yet");
    }

    #[test]
    fn a_jagged_curve_is_told_by_its_great_turns() {
        let mean = [4.0, 0.5, 0.6, 0.4, 3.0, 2.0, 2.5, 0.1];
        let turns = course(&mean, &[0.0; 8]).turns();
        assert_eq!(turns, [0, 3, 4, 7]);
    }
}
