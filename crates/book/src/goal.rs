//! The goal of a challenge, as written: `:::goal test_error<0.2 keep="features=300" seeds=10 answer="ridge=0.3"`.

use crate::value;
use std::fmt;

/// Fewer seeds leave too much to luck.
pub(crate) const LEAST_SEEDS: u64 = 5;

/// What follows `:::goal`.
#[derive(Clone, Debug, PartialEq)]
pub(crate) struct Goal {
    /// What must hold at once.
    pub(crate) conditions: Vec<Condition>,
    /// Settings that the reader may not change.
    pub(crate) keep: Vec<(String, String)>,
    /// How many seeds judge.
    pub(crate) seeds: u64,
    /// Settings that reach the goal.
    pub(crate) answer: Vec<(String, String)>,
}

/// `output<number`, `output>number` or `output=number`.
#[derive(Clone, Debug, PartialEq)]
pub(crate) struct Condition {
    pub(crate) output: String,
    pub(crate) relation: Relation,
    pub(crate) number: f64,
}

/// How an output stands to a number.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Relation {
    Below,
    Above,
    Equal,
}

impl Relation {
    const ALL: [Self; 3] = [Self::Below, Self::Above, Self::Equal];

    /// As authors and scripts write it.
    pub(crate) const fn sign(self) -> char {
        match self {
            Self::Below => '<',
            Self::Above => '>',
            Self::Equal => '=',
        }
    }
}

impl Condition {
    fn parse(word: &str) -> Option<Self> {
        let at = word.find(|c| Relation::ALL.iter().any(|relation| relation.sign() == c))?;
        let relation = *Relation::ALL.iter().find(|relation| word[at..].starts_with(relation.sign()))?;
        let number = word[at + 1..].parse().ok().filter(|number: &f64| number.is_finite())?;
        (at > 0).then(|| Self { output: word[..at].to_string(), relation, number })
    }

    /// Whether a mean with that standard error meets the condition; one without chance has none. Below and above hold
    /// with two standard errors to spare.
    pub(crate) fn holds(&self, mean: f64, standard_error: Option<f64>) -> bool {
        let spread = 2.0 * standard_error.unwrap_or(0.0);
        match self.relation {
            Relation::Below => mean + spread < self.number,
            Relation::Above => mean - spread > self.number,
            Relation::Equal => mean == self.number,
        }
    }
}

impl fmt::Display for Condition {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{}{}{}", self.output, self.relation.sign(), self.number)
    }
}

impl Goal {
    pub(crate) fn parse(text: &str) -> Result<Self, String> {
        let shape = "a goal is written :::goal output<number … keep=\"name=value …\" seeds=10 answer=\"name=value …\"; \
                     only keep may be left out";
        let (mut conditions, mut keep, mut seeds, mut answer) = (Vec::new(), None, None, None);
        for word in words(text) {
            let (name, value) = word.split_once('=').unwrap_or((&word, ""));
            let slot = match name {
                "keep" => &mut keep,
                "seeds" => &mut seeds,
                "answer" => &mut answer,
                _ => {
                    let reason =
                        || format!("“{word}” is not a condition, such as test_error<0.2, bias>1 or train_error=0");
                    conditions.push(Condition::parse(&word).ok_or_else(reason)?);
                    continue;
                }
            };
            if slot.replace(value.to_string()).is_some() {
                return Err(format!("“{name}” stands twice"));
            }
        }
        let (Some(seeds), Some(answer), false) = (seeds, answer, conditions.is_empty()) else {
            return Err(shape.into());
        };
        let seeds: u64 = seeds.parse().map_err(|_| format!("“{seeds}” is not a number of seeds"))?;
        if seeds < LEAST_SEEDS {
            return Err(format!("{seeds} seeds leave too much to luck; take at least {LEAST_SEEDS}"));
        }
        let pairs = |text: &str| value::pairs(text.split_whitespace());
        let (keep, answer) = (pairs(&keep.unwrap_or_default())?, pairs(&answer)?);
        if answer.is_empty() {
            return Err(shape.into());
        }
        if let Some((name, _)) = keep.iter().chain(&answer).find(|(name, _)| matches!(name.as_str(), "seed" | "seeds"))
        {
            return Err(format!("{name} belongs neither into keep nor into answer: a goal is no matter of luck"));
        }
        Ok(Self { conditions, keep, seeds, answer })
    }
}

/// The words of a text; what stands between quotation marks is no place to part them, and the marks are left out.
fn words(text: &str) -> Vec<String> {
    let mut words = vec![String::new()];
    for (index, part) in text.split('"').enumerate() {
        let quoted = index % 2 == 1;
        for (index, piece) in part.split(|c: char| c.is_whitespace() && !quoted).enumerate() {
            if index > 0 {
                words.push(String::new());
            }
            if let Some(last) = words.last_mut() {
                last.push_str(piece);
            }
        }
    }
    words.retain(|word| !word.is_empty());
    words
}

#[cfg(test)]
mod tests {
    use super::*;

    const GOAL: &str =
        "test_error<0.2 train_error=0 keep=\"features=300 label_noise=0.2\" seeds=10 answer=\"ridge=0.3\"";

    #[test]
    fn a_goal_has_conditions_seeds_and_an_answer() {
        let goal = Goal::parse(GOAL).expect("well formed");
        let conditions: Vec<String> = goal.conditions.iter().map(ToString::to_string).collect();
        assert_eq!(conditions, ["test_error<0.2", "train_error=0"]);
        assert_eq!((goal.keep.len(), goal.seeds, goal.answer.len()), (2, 10, 1));
        assert_eq!(Goal::parse("bias>-1 seeds=5 answer=\"a=1\"").map(|goal| goal.keep.len()), Ok(0));
    }

    #[test]
    fn a_goal_that_lacks_something_or_leaves_it_to_luck_is_refused() {
        for (old, new) in [
            ("test_error<0.2 train_error=0 ", ""),
            (" seeds=10", ""),
            ("seeds=10", "seeds=4"),
            ("seeds=10", "seeds=many"),
            (" answer=\"ridge=0.3\"", ""),
            ("ridge=0.3", ""),
            ("ridge=0.3", "ridge"),
            ("ridge=0.3", "seed=3"),
            ("features=300", "seeds=30"),
            ("<0.2", "<=0.2"),
            ("<0.2", "<low"),
            ("test_error", ""),
            ("seeds=10", "seeds=10 seeds=11"),
        ] {
            assert!(Goal::parse(&GOAL.replace(old, new)).is_err(), "{new} for {old}");
        }
    }

    #[test]
    fn below_and_above_hold_with_two_standard_errors_to_spare_and_equal_holds_exactly() {
        let condition = |word: &str| Condition::parse(word).expect("well formed");
        assert!(condition("a<1").holds(0.7, Some(0.1)) && !condition("a<1").holds(0.9, Some(0.1)));
        assert!(condition("a>1").holds(1.3, Some(0.1)) && !condition("a>1").holds(1.1, Some(0.1)));
        assert!(condition("a<1").holds(0.9, None) && !condition("a<1").holds(f64::NAN, None));
        assert!(condition("a=0").holds(0.0, Some(0.0)) && !condition("a=0").holds(0.001, Some(0.1)));
    }
}
