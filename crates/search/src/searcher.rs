//! Answers to queries.

use crate::{
    index::{Edition, Index, Kind, open_volume},
    packing::Damage,
    query::{Query, RunStrength, Span, Unit, Word, in_order, run_strength},
    snippet::{Piece, marked, snippet},
    tokens::{Form, Token, find, tokens},
};
use labs::text::Language;

/// Results of one answer.
const MOST: usize = 20;
/// What a word counts in the title of a chapter, a section, a lab, a term, a page; in prose; in the titles above.
const TITLES: [f32; 5] = [10.0, 8.0, 6.5, 5.0, 4.0];
const PROSE: f32 = 1.0;
const PROSE_OFTEN: f32 = 1.6;
const ABOVE: f32 = 0.5;
/// What is found in the other language counts so much.
const OTHER: f32 = 0.8;
/// What a word counts that says little.
const EMPTY: f32 = 0.1;
/// What Chinese characters count of which some are missing.
const INCOMPLETE: f32 = 0.02;
/// What the other name of a term counts, where the query is one of its names.
const OTHER_NAME: f32 = 0.5;

/// Something that was found.
#[derive(Clone, Debug)]
pub struct Found {
    /// What it is.
    pub kind: Kind,
    /// Its address below the site's root.
    pub address: String,
    /// Its title after those above it, the outermost first.
    pub titles: Vec<Vec<Piece>>,
    /// Where its text shows what was looked for; empty while the volume is not loaded, or where there is no text.
    pub snippet: Vec<Piece>,
    /// The snippet's language, which is the other one where only that edition has what was looked for.
    pub language: Language,
}

/// What a query finds.
#[derive(Clone, Debug, Default)]
pub struct Answer {
    /// The best first.
    pub found: Vec<Found>,
    /// Files of volumes whose text is shown once they are loaded.
    pub wanted: Vec<String>,
}

/// An index with the volumes that have been loaded.
pub struct Searcher {
    index: Index,
    /// The titles' tokens, for each document and language.
    titles: Vec<[Vec<Token>; 2]>,
    /// The files of the volumes that are loaded, with their texts.
    volumes: Vec<(String, Vec<String>)>,
}

/// How well a unit of a query fits a document.
#[derive(Clone, Copy, Default)]
struct Fit {
    /// In the title and in the prose, in each language.
    title: [f32; 2],
    prose: [f32; 2],
    above: f32,
    /// Of Chinese characters some are missing.
    partial: bool,
}

impl Fit {
    fn own(&self) -> bool {
        self.title.iter().chain(&self.prose).any(|strength| *strength > 0.0)
    }
}

/// What each language counts for a reader of one.
fn factors(language: Language) -> [f32; 2] {
    Language::ALL.map(|one| if one == language { 1.0 } else { OTHER })
}

/// What a word counts that stands in one document of so many: one more for each doubling, in straight pieces.
fn rarity(documents: f32) -> f32 {
    let (mut doublings, mut rest) = (1.0, documents);
    while rest >= 2.0 {
        rest /= 2.0;
        doublings += 1.0;
    }
    doublings + (rest - 1.0).max(0.0)
}

fn best(strengths: [f32; 2], factors: [f32; 2]) -> f32 {
    (strengths[0] * factors[0]).max(strengths[1] * factors[1])
}

impl Searcher {
    /// Opens an index.
    pub fn open(index: &[u8]) -> Result<Self, Damage> {
        let index = Index::open(index)?;
        let titles = index.entries.iter().map(|entry| [0, 1].map(|edition| tokens(&entry.titles[edition]))).collect();
        Ok(Self { index, titles, volumes: Vec::new() })
    }

    /// Takes a volume that an answer wanted.
    pub fn add_volume(&mut self, file: &str, bytes: &[u8]) -> Result<(), Damage> {
        self.volumes.push((file.into(), open_volume(bytes)?));
        Ok(())
    }

    /// What a query finds, for a reader of one language.
    pub fn answer(&self, typed: &str, language: Language) -> Answer {
        let query = self.with_known_words(Query::read(typed));
        let mut scores = self.scores(&query, language);
        let names = self.other_names(&query);
        for name in &names {
            for (score, other) in scores.iter_mut().zip(self.scores(name, language)) {
                score.0 = score.0.max(OTHER_NAME * other.0);
                score.1 = [score.1[0] || other.1[0], score.1[1] || other.1[1]];
            }
        }
        // The best, one after the other; of equals the first.
        let mut order = Vec::new();
        while order.len() < MOST {
            let mut best = (0.0, 0);
            for (at, (score, _)) in scores.iter().enumerate() {
                if *score > best.0 && !order.contains(&at) {
                    best = (*score, at);
                }
            }
            if best.0 <= 0.0 {
                break;
            }
            order.push(best.1);
        }
        let queries: Vec<&Query> = std::iter::once(&query).chain(&names).collect();
        let mut answer = Answer::default();
        for at in order {
            let found = self.show(at, &queries, scores[at].1, language, &mut answer.wanted);
            answer.found.push(found);
        }
        answer
    }

    /// Words that are nowhere lose their endings.
    fn with_known_words(&self, mut query: Query) -> Query {
        let is_known = |word: &Word| {
            let in_title = |token: &Token| match &token.form {
                Form::Word(form) | Form::Joined(form) => word.strength(form) > 0.0,
                Form::Han(_) => false,
            };
            let known = |edition: &Edition| {
                edition.terms.binary_search(&word.stem).is_ok()
                    || word.beginnings.iter().any(|beginning| !edition.beginning(beginning).is_empty())
            };
            self.index.editions.iter().any(known) || self.titles.iter().flatten().flatten().any(in_title)
        };
        for unit in &mut query.units {
            if let Unit::Word(word) = unit
                && !is_known(word)
                && let Some(shorter) = word.without_ending()
            {
                *word = shorter;
            }
        }
        query
    }

    /// How well each unit fits each document.
    fn fits(&self, unit: &Unit) -> Vec<Fit> {
        let mut fits = vec![Fit::default(); self.index.entries.len()];
        for edition in 0..2 {
            match unit {
                Unit::Word(word) => self.fit_word(word, edition, &mut fits),
                Unit::Run(run) => self.fit_run(run, edition, &mut fits),
            }
        }
        for at in 0..fits.len() {
            // A document's titles above are those above its parent and the parent's own.
            if let Some(parent) = self.index.entries[at].parent {
                let parent = fits[parent];
                fits[at].above = parent.above.max(parent.title[0]).max(parent.title[1]);
            }
        }
        fits
    }

    fn fit_word(&self, word: &Word, edition: usize, fits: &mut [Fit]) {
        for (fit, titles) in fits.iter_mut().zip(&self.titles) {
            for token in &titles[edition] {
                if let Form::Word(form) | Form::Joined(form) = &token.form {
                    fit.title[edition] = fit.title[edition].max(word.strength(form));
                }
            }
        }
        let own = &self.index.editions[edition];
        let exact = own.terms.binary_search(&word.stem).ok();
        let beginning = word.beginnings.iter().flat_map(|beginning| own.beginning(beginning));
        for term in exact.into_iter().chain(beginning) {
            let strength = word.strength(&own.terms[term]);
            for &(at, often) in &own.places[term] {
                let prose = &mut fits[at as usize].prose[edition];
                *prose = prose.max(strength * if often { PROSE_OFTEN } else { PROSE });
            }
        }
    }

    fn fit_run(&self, run: &[char], edition: usize, fits: &mut [Fit]) {
        let own = &self.index.editions[edition];
        // Documents in which each character stands, and how often.
        let places: Vec<&[(u32, bool)]> = run
            .iter()
            .map(|c| {
                let mut buffer = [0; 4];
                let term = own.terms.binary_search_by(|term| term.as_str().cmp(c.encode_utf8(&mut buffer)));
                term.map_or(&[][..], |term| own.places[term].as_slice())
            })
            .collect();
        let place = |c: char, at: usize| {
            let index = run.iter().position(|other| *other == c)?;
            let found = places[index].binary_search_by_key(&(at as u32), |place| place.0).ok()?;
            Some(places[index][found].1)
        };
        for (at, fit) in fits.iter_mut().enumerate() {
            let title = &self.titles[at][edition];
            let in_title = run_strength(
                run,
                |(one, other)| {
                    title.windows(2).any(|two| {
                        two[0].end == two[1].start && two[0].form == Form::Han(one) && two[1].form == Form::Han(other)
                    })
                },
                |c| title.iter().any(|token| token.form == Form::Han(c)),
            );
            let text = self.text(at, edition);
            let in_prose = run_strength(
                run,
                |(one, other)| {
                    place(one, at).is_some()
                        && place(other, at).is_some()
                        && own.pairs[at].may_contain((one, other))
                        && text.is_none_or(|text| find(text, &String::from_iter([one, other])).is_some())
                },
                |c| place(c, at).is_some(),
            );
            let often = run.iter().all(|c| place(*c, at) == Some(true));
            // Characters that stand apart say less than together; where some are missing, next to nothing.
            let take = |found: RunStrength| match found {
                RunStrength { complete: true, share, .. } => (share * share).max(0.1),
                RunStrength { half: true, .. } => INCOMPLETE,
                RunStrength { .. } => 0.0,
            };
            fit.title[edition] = take(in_title);
            fit.prose[edition] = take(in_prose) * if often { PROSE_OFTEN } else { PROSE };
            let complete = in_title.complete || in_prose.complete;
            fit.partial = if edition == 0 { !complete } else { fit.partial && !complete };
        }
    }

    /// The score of each document, and whether it has anything whole of the query in each language.
    fn scores(&self, query: &Query, language: Language) -> Vec<(f32, [bool; 2])> {
        let count = self.index.entries.len();
        let mut scores = vec![(0.0, [false; 2]); count];
        if query.units.is_empty() {
            return scores;
        }
        let all_empty = query.units.iter().all(Query::is_empty_unit);
        let fits: Vec<Vec<Fit>> = query.units.iter().map(|unit| self.fits(unit)).collect();
        let weights: Vec<f32> = query
            .units
            .iter()
            .zip(&fits)
            .map(|(unit, fits)| {
                if Query::is_empty_unit(unit) && !all_empty {
                    return EMPTY;
                }
                let having = fits.iter().filter(|fit| fit.own()).count();
                rarity(count as f32 / having.max(1) as f32)
            })
            .collect();
        let needed: Vec<bool> = query.units.iter().map(|unit| all_empty || !Query::is_empty_unit(unit)).collect();
        let wanted = needed.iter().filter(|needed| **needed).count();
        // First those that have everything; if none has, those that have half.
        for enough in [wanted, wanted.div_ceil(2)] {
            let whole = enough == wanted;
            for (at, score) in scores.iter_mut().enumerate() {
                let fit = |unit: usize| fits[unit][at];
                let is_there = |unit: usize| {
                    let fit = fit(unit);
                    if fit.own() { !(whole && fit.partial) } else { fit.above > 0.0 }
                };
                let having = (0..fits.len()).filter(|unit| needed[*unit] && is_there(*unit)).count();
                let own = (0..fits.len()).any(|unit| needed[unit] && fit(unit).own());
                if having < enough.max(1) || !own {
                    continue;
                }
                let mut title = 0.0;
                let mut prose = 0.0;
                let factors = factors(language);
                for (unit, weight) in weights.iter().enumerate() {
                    let fit = fit(unit);
                    title += weight * best(fit.title, factors);
                    prose += weight * (best(fit.prose, factors) + ABOVE * fit.above);
                    for (edition, has) in score.1.iter_mut().enumerate() {
                        *has |= fit.title[edition].max(fit.prose[edition]) > 2.0 * INCOMPLETE;
                    }
                }
                let covered = (0..2).map(|edition| self.coverage(at, edition, query)).fold(0.0, f32::max);
                // A title that is the query, and nothing else, counts twice.
                let closeness = if covered >= 1.0 { 2.0 } else { 0.6 + 0.4 * covered };
                score.0 = TITLES[self.index.entries[at].kind as usize] * closeness * title + prose;
            }
            if scores.iter().any(|score| score.0 > 0.0) {
                break;
            }
        }
        scores
    }

    /// The share of a title that the query has.
    fn coverage(&self, at: usize, edition: usize, query: &Query) -> f32 {
        let title = &self.titles[at][edition];
        let spans = query.spans(title);
        let all = |unit: usize| spans.iter().any(|span| span.unit == unit);
        if title.is_empty() || !(0..query.units.len()).all(all) {
            return 0.0;
        }
        let inside = |token: &&Token| spans.iter().any(|span| span.start <= token.start && token.end <= span.end);
        let parts = || title.iter().filter(|token| !matches!(token.form, Form::Joined(_)));
        parts().filter(inside).count() as f32 / parts().count() as f32
    }

    /// Where the query is a name in one language, its other name: of a term, a chapter, a section or a lab.
    fn other_names(&self, query: &Query) -> Vec<Query> {
        let several = query.units.len() > 1;
        let mut names = Vec::new();
        for (at, titles) in self.titles.iter().enumerate() {
            for (edition, own) in titles.iter().enumerate() {
                let covered = self.coverage(at, edition, query);
                // “min-norm” means the “minimum-norm solution”; “norm” does not mean the “spectral norm”.
                let close = several && covered > 0.0 && (1.0 - covered) * own.len() as f32 <= 1.5;
                if covered >= 1.0 || close && self.index.entries[at].kind == Kind::Term {
                    let other = &self.index.entries[at].titles[1 - edition];
                    let name = Query::read(other);
                    if *other != self.index.entries[at].titles[edition] && !name.units.is_empty() && names.len() < 3 {
                        names.push(name);
                    }
                }
            }
        }
        names
    }

    fn file(&self, at: usize, edition: usize) -> &str {
        &self.index.files[self.index.entries[at].volume][edition]
    }

    /// The text of a document, if it is loaded.
    fn text(&self, at: usize, edition: usize) -> Option<&str> {
        let file = self.file(at, edition);
        let (_, texts) = self.volumes.iter().find(|(loaded, _)| loaded == file)?;
        texts.get(self.index.entries[at].place).map(String::as_str)
    }

    fn show(
        &self,
        at: usize,
        queries: &[&Query],
        has: [bool; 2],
        language: Language,
        wanted: &mut Vec<String>,
    ) -> Found {
        let entry = &self.index.entries[at];
        let page = usize::from(language == Language::Chinese);
        let spans = |tokens: &[Token]| {
            let mut all: Vec<Span> = queries.iter().flat_map(|query| query.spans(tokens)).collect();
            in_order(&mut all);
            all
        };
        let mut chain = vec![at];
        while let Some(parent) = self.index.entries[chain[chain.len() - 1]].parent {
            chain.push(parent);
        }
        let titles = chain.iter().rev().map(|above| {
            let marks = if *above == at { spans(&self.titles[at][page]) } else { Vec::new() };
            marked(&self.index.entries[*above].titles[page], &marks)
        });
        let own = has[page] || !has[1 - page] || !self.title_spans(at, page, queries).is_empty();
        let (edition, shown) = if own { (page, language) } else { (1 - page, language.other()) };
        let mut snippet_of = |edition: usize| {
            let file = self.file(at, edition);
            let text = self.text(at, edition);
            if text.is_none() && !wanted.iter().any(|other| other == file) {
                wanted.push(file.into());
            }
            text.map(|text| (text, spans(&tokens(text))))
        };
        let pieces = match snippet_of(edition) {
            // Found in the other edition's title alone: that title says so.
            Some((_, spans)) if spans.is_empty() && !own => {
                marked(&entry.titles[edition], &self.title_spans(at, edition, queries))
            }
            Some((text, spans)) => snippet(text, &spans),
            None => Vec::new(),
        };
        let address = format!("{}/{}", language.code(), entry.path);
        Found { kind: entry.kind, address, titles: titles.collect(), snippet: pieces, language: shown }
    }

    fn title_spans(&self, at: usize, edition: usize, queries: &[&Query]) -> Vec<Span> {
        let mut all: Vec<Span> = queries.iter().flat_map(|query| query.spans(&self.titles[at][edition])).collect();
        in_order(&mut all);
        all
    }
}
