//! What a reader has typed, and where a text has it.

use crate::{
    index::is_telling,
    tokens::{Form, Token, beginnings, is_empty_han, is_empty_word, split, stem},
};

/// Letters of a query that are looked at.
const LONGEST: usize = 200;
/// A word that is still being typed, or that stands for longer ones, counts so much of a whole one.
const BEGINNING: f32 = 0.6;
/// Words that are shorter stand for longer ones only where they are the last of the query.
const SHORTEST_BEGINNING: usize = 3;
/// Longer words that are nowhere are tried without their ending.
const SHORTEST_WITH_ENDING: usize = 6;

/// A word of the query.
#[derive(Clone, Debug)]
pub struct Word {
    /// The form that is compared.
    pub stem: String,
    /// Beginnings of words that it may stand for.
    pub beginnings: Vec<String>,
}

/// What is looked for as one.
#[derive(Clone, Debug)]
pub enum Unit {
    /// A Latin word or a symbol.
    Word(Word),
    /// Neighboring Chinese characters.
    Run(Vec<char>),
}

/// A query.
#[derive(Clone, Debug, Default)]
pub struct Query {
    /// Its units, in order.
    pub units: Vec<Unit>,
}

/// A place in a text that a unit of the query is found at.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub struct Span {
    /// The first byte.
    pub start: usize,
    /// The byte after the last.
    pub end: usize,
    /// The unit's index.
    pub unit: usize,
}

/// Puts places in the order of the text. They come nearly so, and few; the standard library's sorts would be a tenth of
/// the program.
pub fn in_order(spans: &mut [Span]) {
    for end in 1..spans.len() {
        let mut at = end;
        while at > 0 && spans[at] < spans[at - 1] {
            spans.swap(at, at - 1);
            at -= 1;
        }
    }
}

/// Adds the places at which a whole run of Chinese characters stands; whether there is one.
fn run_spans(run: &[char], unit: usize, tokens: &[Token], spans: &mut Vec<Span>) -> bool {
    let before = spans.len();
    for window in tokens.windows(run.len()) {
        let stands = window.iter().zip(run).all(|(token, c)| token.form == Form::Han(*c))
            && window.windows(2).all(|two| two[0].end == two[1].start);
        if stands {
            spans.push(Span { start: window[0].start, end: window[run.len() - 1].end, unit });
        }
    }
    spans.len() > before
}

/// Adds the places of the pairs of a run of Chinese characters where all of it is in pairs, and else of any three in a row.
fn pair_spans(run: &[char], unit: usize, tokens: &[Token], spans: &mut Vec<Span>) {
    let before = spans.len();
    let mut covered = vec![false; run.len()];
    for (at, pair) in run.windows(2).enumerate() {
        if run_spans(pair, unit, tokens, spans) {
            covered[at] = true;
            covered[at + 1] = true;
        }
    }
    if !run.iter().zip(&covered).all(|(c, covered)| *covered || is_empty_han(*c)) {
        spans.truncate(before);
        for three in run.windows(3) {
            run_spans(three, unit, tokens, spans);
        }
    }
}

impl Word {
    /// How much of the word a token is: all, a beginning, nothing.
    pub fn strength(&self, word: &str) -> f32 {
        if word == self.stem {
            1.0
        } else if self.beginnings.iter().any(|beginning| word.starts_with(beginning.as_str())) {
            BEGINNING
        } else {
            0.0
        }
    }

    /// The word without its ending, if it has one and enough is left.
    pub fn without_ending(&self) -> Option<Self> {
        let endings = ["ations", "ation", "ating", "ators", "ator", "ated", "ates", "ate", "ions", "ion"];
        let endings = endings.into_iter().chain(["ings", "ing", "ers", "er", "ors", "or", "ed", "es", "ly", "al", "e"]);
        let word = self.stem.as_str();
        let mut shorter = endings.filter_map(|ending| word.strip_suffix(ending));
        let shorter = shorter.find(|shorter| word.len() >= SHORTEST_WITH_ENDING && shorter.len() >= 4)?;
        Some(Self { stem: self.stem.clone(), beginnings: vec![shorter.into()] })
    }
}

/// How well a run of Chinese characters is found, given which of its pairs and single characters are there: the share
/// of its telling pairs. Nothing unless each telling character is in a pair that is there, or stands alone.
pub fn run_strength(
    run: &[char],
    mut has_pair: impl FnMut((char, char)) -> bool,
    mut has: impl FnMut(char) -> bool,
) -> RunStrength {
    let pairs: Vec<Option<bool>> = run
        .windows(2)
        .map(|two| {
            let pair = (two[0], two[1]);
            is_telling(pair).then(|| has_pair(pair))
        })
        .collect();
    let mut covered = 0;
    let mut telling = 0;
    for (at, &c) in run.iter().enumerate() {
        if is_empty_han(c) {
            continue;
        }
        telling += 1;
        let mut around = [at.checked_sub(1), Some(at)].into_iter().filter_map(|at| *pairs.get(at?)?).peekable();
        covered += usize::from(if around.peek().is_some() { around.any(|found| found) } else { has(c) });
    }
    let known = pairs.iter().flatten().count();
    let found = pairs.iter().flatten().filter(|found| **found).count();
    if telling == 0 || covered == 0 {
        return RunStrength::default();
    }
    let share = if known == 0 { 1.0 } else { found as f32 / known as f32 };
    RunStrength { share, complete: covered == telling, half: 2 * covered >= telling }
}

/// How well a run of Chinese characters is found.
#[derive(Clone, Copy, Debug, Default, PartialEq)]
pub struct RunStrength {
    /// The share of pairs that are there.
    pub share: f32,
    /// Whether no character is missing.
    pub complete: bool,
    /// Whether at least half of them are there.
    pub half: bool,
}

impl Query {
    /// Reads what has been typed.
    pub fn read(typed: &str) -> Self {
        let typed: String = typed.chars().take(LONGEST).collect();
        let tokens: Vec<Token> =
            split(&typed).into_iter().filter(|token| !matches!(token.form, Form::Joined(_))).collect();
        let mut units: Vec<Unit> = Vec::new();
        let last = tokens.len().saturating_sub(1);
        let mut end = None;
        for (at, token) in tokens.into_iter().enumerate() {
            match token.form {
                Form::Word(word) | Form::Joined(word) => {
                    let open = at == last || word.len() >= SHORTEST_BEGINNING;
                    let beginnings = if open { beginnings(&word) } else { Vec::new() };
                    units.push(Unit::Word(Word { stem: stem(&word), beginnings }));
                }
                Form::Han(c) => match units.last_mut() {
                    Some(Unit::Run(run)) if end == Some(token.start) => run.push(c),
                    _ => units.push(Unit::Run(vec![c])),
                },
            }
            end = Some(token.end);
        }
        Self { units }
    }

    /// Whether a unit says too little to be looked for in prose.
    pub fn is_empty_unit(unit: &Unit) -> bool {
        match unit {
            Unit::Word(word) => is_empty_word(&word.stem),
            Unit::Run(run) => run.iter().all(|c| is_empty_han(*c)),
        }
    }

    /// The places in a text, given its tokens, at which units stand.
    pub fn spans(&self, tokens: &[Token]) -> Vec<Span> {
        let mut spans = Vec::new();
        for (unit, wanted) in self.units.iter().enumerate() {
            match wanted {
                Unit::Word(word) => {
                    let found = tokens.iter().filter(|token| match &token.form {
                        Form::Word(form) | Form::Joined(form) => word.strength(form) > 0.0,
                        Form::Han(_) => false,
                    });
                    spans.extend(found.map(|token| Span { start: token.start, end: token.end, unit }));
                }
                Unit::Run(run) if run_spans(run, unit, tokens, &mut spans) => {}
                Unit::Run(run) => pair_spans(run, unit, tokens, &mut spans),
            }
        }
        in_order(&mut spans);
        spans
    }
}
