//! `glossary.toml`: the book's one list of terms.
//!
//! It serves three ends: the page that explains the terms, the links from each chapter's first use of a term to that
//! page, and the check that prose and interface call a thing by its one name.

use crate::{
    complaint::{Complaints, line_at},
    html::{escaped, push_escaped},
    math::Converter,
    source::is_label,
    typography::{self, FORMULA, is_han},
};
use labs::text::{Language, Text};
use serde::Deserialize;
use std::{
    collections::{BTreeMap, BTreeSet},
    fmt::Write as _,
    ops::Range,
};
use toml::Spanned;

/// Elements whose text is no running text, or may hold no link.
const UNLINKED: [&str; 9] = ["a", "code", "math", "data", "pre", "button", "label", "summary", "sup"];

/// `glossary.toml` as written.
#[derive(Debug, Default, Deserialize)]
#[serde(deny_unknown_fields)]
struct Written {
    #[serde(default, rename = "term")]
    terms: Vec<WrittenTerm>,
}

#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields)]
struct WrittenTerm {
    /// ASCII letters, digits and `-`: the address on the glossary's page.
    id: Spanned<String>,
    en: String,
    zh: String,
    /// The pronunciation of the Chinese name: words with tone marks.
    #[serde(default)]
    pinyin: String,
    /// Other forms of the names in running text: plurals, verbs.
    #[serde(default)]
    forms: Lists,
    /// Other names in the literature, which the glossary mentions and the book does not use.
    #[serde(default)]
    also: Lists,
    /// What prose and interface must not write instead.
    #[serde(default)]
    avoid: Lists,
    /// Forms that are everyday words too, so that no link is made where they stand.
    #[serde(default)]
    everyday: Vec<String>,
    definition: Definition,
    /// Ids of related terms.
    #[serde(default)]
    see: Vec<String>,
}

#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields)]
struct Definition {
    en: Spanned<String>,
    zh: Spanned<String>,
}

#[derive(Clone, Debug, Default, Deserialize)]
#[serde(deny_unknown_fields)]
struct Lists {
    #[serde(default)]
    en: Vec<String>,
    #[serde(default)]
    zh: Vec<String>,
}

impl Lists {
    fn get(&self, language: Language) -> &[String] {
        match language {
            Language::English => &self.en,
            Language::Chinese => &self.zh,
        }
    }
}

/// A term of the book.
#[derive(Clone, Debug)]
pub struct Term {
    /// Its address on the glossary's page.
    pub id: String,
    /// Its one name in each language, as plain text.
    pub name: Text,
    /// The pronunciation of the Chinese name: words with tone marks.
    pub pinyin: String,
    /// What it means, in each language, as HTML with formulas.
    pub definition_html: Text,
    /// Ids of related terms.
    pub see: Vec<String>,
    forms: Lists,
    also: Lists,
}

impl Term {
    /// Other forms of the name in running text.
    pub fn forms(&self, language: Language) -> &[String] {
        self.forms.get(language)
    }

    /// Other names in the literature, which the book does not use.
    pub fn also(&self, language: Language) -> &[String] {
        self.also.get(language)
    }

    /// What the term is sorted by in a language's list: the letters first, tones and spaces after them.
    fn order(&self, language: Language) -> (String, &str) {
        let name = match language {
            Language::English => &*self.name.en,
            Language::Chinese => &self.pinyin,
        };
        (name.chars().filter_map(letter).collect(), name)
    }

    /// The letter under which a language's list has the term, as a capital.
    pub fn initial(&self, language: Language) -> char {
        self.order(language).0.chars().next().unwrap_or('#').to_ascii_uppercase()
    }
}

/// All terms of the book, and what finds them in text.
#[derive(Clone, Debug, Default)]
pub struct Glossary {
    terms: Vec<Term>,
    english: Finder,
    chinese: Finder,
}

/// Something wrong with a piece of text: it has another word for a term.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Misnomer {
    /// Where it begins, in characters.
    pub at: usize,
    /// What is wrong and what to write instead.
    pub reason: String,
}

/// Finds the forms of one language. Forms are kept by their first character, in lower case, longest form first.
#[derive(Clone, Debug, Default)]
struct Finder(BTreeMap<char, Vec<Form>>);

#[derive(Clone, Debug)]
struct Form {
    text: Vec<char>,
    /// Index of the term.
    term: usize,
    standing: Standing,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Standing {
    Linked,
    Everyday,
    Avoided,
}

impl Glossary {
    pub(crate) fn read(text: &str, math: &Converter, complaints: &mut Complaints) -> Self {
        let written: Written = toml::from_str(text).unwrap_or_else(|error: toml::de::Error| {
            complaints.add(error.span().map_or(1, |span| line_at(text, span.start)), error.message());
            Written::default()
        });
        let line = |span: Range<usize>| line_at(text, span.start);
        let mut glossary = Self::default();
        let mut ids = BTreeSet::new();
        for term in &written.terms {
            let at = line(term.id.span());
            let id = term.id.get_ref();
            if !ids.insert(id.as_str()) {
                complaints.add(at, format!("the term {id} is listed twice"));
            }
            if !is_label(id) || id.contains(':') {
                complaints.add(at, format!("“{id}” is not an id; use lower-case ASCII letters, digits and -"));
            }
            check_pinyin(term, at, complaints);
            for language in Language::ALL {
                glossary.add_forms(term, language, at, complaints);
            }
            let definition = |of: &Spanned<String>, language, complaints: &mut Complaints| {
                definition(of.get_ref(), line(of.span()), language, math, complaints)
            };
            let definition_html = Text::owned(
                definition(&term.definition.en, Language::English, complaints),
                definition(&term.definition.zh, Language::Chinese, complaints),
            );
            glossary.terms.push(Term {
                id: id.clone(),
                name: Text::owned(term.en.clone(), term.zh.clone()),
                pinyin: term.pinyin.clone(),
                definition_html,
                see: term.see.clone(),
                forms: term.forms.clone(),
                also: term.also.clone(),
            });
        }
        for term in &written.terms {
            for unknown in term.see.iter().filter(|id| !ids.contains(id.as_str())) {
                complaints.add(line(term.id.span()), format!("there is no term {unknown} to see"));
            }
            for (of, language) in [(&term.definition.en, Language::English), (&term.definition.zh, Language::Chinese)] {
                for misnomer in glossary.misnomers(of.get_ref().chars(), language) {
                    complaints.add(line(of.span()), misnomer.reason);
                }
            }
        }
        glossary
    }

    fn add_forms(&mut self, term: &WrittenTerm, language: Language, line: usize, complaints: &mut Complaints) {
        let index = self.terms.len();
        let name = match language {
            Language::English => &term.en,
            Language::Chinese => &term.zh,
        };
        let right = std::iter::once(name)
            .chain(term.forms.get(language))
            .map(|form| (form, if term.everyday.contains(form) { Standing::Everyday } else { Standing::Linked }));
        let wrong = term.also.get(language).iter().chain(term.avoid.get(language));
        for (form, standing) in right.chain(wrong.map(|form| (form, Standing::Avoided))) {
            let text: Vec<char> = form.chars().collect();
            let Some(first) = text.first().copied().map(lower) else {
                complaints.add(line, format!("the term {} has an empty form", term.id.get_ref()));
                continue;
            };
            let forms = self.finder_mut(language).0.entry(first).or_default();
            if forms.iter().any(|other| other.text == text) {
                complaints.add(line, format!("“{form}” stands in the glossary twice"));
                continue;
            }
            let place = forms.partition_point(|other| other.text.len() >= text.len());
            forms.insert(place, Form { text, term: index, standing });
        }
    }

    fn finder_mut(&mut self, language: Language) -> &mut Finder {
        match language {
            Language::English => &mut self.english,
            Language::Chinese => &mut self.chinese,
        }
    }

    fn finder(&self, language: Language) -> &Finder {
        match language {
            Language::English => &self.english,
            Language::Chinese => &self.chinese,
        }
    }

    /// The terms as a language lists them: by the English name, or by pinyin.
    pub fn terms(&self, language: Language) -> Vec<&Term> {
        let mut terms: Vec<&Term> = self.terms.iter().collect();
        terms.sort_by(|one, other| one.order(language).cmp(&other.order(language)));
        terms
    }

    /// The term with that id.
    pub fn term(&self, id: &str) -> Option<&Term> {
        self.terms.iter().find(|term| term.id == id)
    }

    /// Every place where a text has another word for a term than the glossary.
    pub fn misnomers(&self, text: impl IntoIterator<Item = char>, language: Language) -> Vec<Misnomer> {
        let text: Vec<char> = text.into_iter().collect();
        let found = self.finder(language).all(&text).into_iter().filter(|(_, form)| form.standing == Standing::Avoided);
        found
            .map(|(at, form)| {
                let written: String = text[at..at + form.text.len()].iter().collect();
                let right = self.terms[form.term].name.get(language);
                Misnomer {
                    at, reason: format!("“{written}” is not this book's word: the glossary has “{right}”")
                }
            })
            .collect()
    }

    /// Links the first use of each term in a fragment of HTML to the glossary, passing over the terms in `seen` and
    /// adding to them.
    pub(crate) fn link(&self, html: &str, language: Language, seen: &mut Vec<String>) -> String {
        let mut out = String::with_capacity(html.len());
        let mut closed_to_links = 0_usize;
        let mut rest = html;
        while !rest.is_empty() {
            let (text, tag) = rest.split_at(rest.find('<').unwrap_or(rest.len()));
            if closed_to_links > 0 {
                out.push_str(text);
            } else {
                self.link_text(text, language, seen, &mut out);
            }
            let (tag, after) = tag.split_at(tag.find('>').map_or(tag.len(), |end| end + 1));
            out.push_str(tag);
            let closing = tag.starts_with("</");
            let name = tag.trim_start_matches(['<', '/']);
            let name = &name[..name.find(|c: char| !c.is_ascii_alphanumeric()).unwrap_or(name.len())];
            if UNLINKED.contains(&name) {
                closed_to_links = if closing { closed_to_links.saturating_sub(1) } else { closed_to_links + 1 };
            }
            rest = after;
        }
        out
    }

    fn link_text(&self, text: &str, language: Language, seen: &mut Vec<String>, out: &mut String) {
        let text: Vec<char> = text.chars().collect();
        let mut written = 0;
        for (at, form) in self.finder(language).all(&text) {
            let id = &self.terms[form.term].id;
            if form.standing != Standing::Linked || seen.contains(id) {
                continue;
            }
            let end = at + form.text.len();
            out.extend(&text[written..at]);
            let _ = write!(out, "<a class=\"term\" href=\"../glossary/#{id}\">");
            out.extend(&text[at..end]);
            out.push_str("</a>");
            seen.push(id.clone());
            written = end;
        }
        out.extend(&text[written..]);
    }
}

impl Finder {
    /// All forms in a text from left to right with their places; where several begin, the longest.
    fn all(&self, text: &[char]) -> Vec<(usize, &Form)> {
        let mut found = Vec::new();
        let mut at = 0;
        while at < text.len() {
            let candidates = self.0.get(&lower(text[at])).map(Vec::as_slice).unwrap_or_default();
            let Some(form) = candidates.iter().find(|form| stands(&form.text, text, at)) else {
                at += 1;
                continue;
            };
            found.push((at, form));
            at += form.text.len();
        }
        found
    }
}

/// Whether a form stands at a place of a text, as words of its own if it is written in letters. The first letter may
/// be a capital, and a line may be broken where the form has a space.
fn stands(form: &[char], text: &[char], at: usize) -> bool {
    let end = at + form.len();
    let Some(found) = text.get(at..end) else { return false };
    let same = |index: usize, (form, found): (&char, &char)| {
        form == found || index == 0 && *form == lower(*found) || *form == ' ' && found.is_whitespace()
    };
    let in_word = |c: &char| c.is_alphanumeric() && !is_han(*c);
    let joined = |c: Option<&char>| c.is_some_and(|c| in_word(c) || *c == '-');
    let begins = form.first().is_some_and(in_word) && joined(at.checked_sub(1).and_then(|before| text.get(before)));
    let ends = form.last().is_some_and(in_word) && joined(text.get(end));
    form.iter().zip(found).enumerate().all(|(index, pair)| same(index, pair)) && !begins && !ends
}

fn lower(c: char) -> char {
    c.to_lowercase().next().unwrap_or(c)
}

/// A letter without its tone mark, in lower case; nothing for what is no letter.
fn letter(c: char) -> Option<char> {
    Some(match c {
        'ā' | 'á' | 'ǎ' | 'à' => 'a',
        'ē' | 'é' | 'ě' | 'è' => 'e',
        'ī' | 'í' | 'ǐ' | 'ì' => 'i',
        'ō' | 'ó' | 'ǒ' | 'ò' => 'o',
        'ū' | 'ú' | 'ǔ' | 'ù' => 'u',
        'ǖ' | 'ǘ' | 'ǚ' | 'ǜ' | 'ü' => 'v',
        _ => return c.is_ascii_alphanumeric().then(|| c.to_ascii_lowercase()),
    })
}

/// A syllable carries one tone mark. One without a tone of its own stands after `·`, as in dictionaries, or is 的.
fn check_pinyin(term: &WrittenTerm, line: usize, complaints: &mut Complaints) {
    let id = term.id.get_ref();
    if term.pinyin.trim().is_empty() {
        complaints.add(line, format!("the term {id} has no pinyin"));
        return;
    }
    let marked = |c: &char| !c.is_ascii() && *c != 'ü' && letter(*c).is_some();
    let syllables = term.pinyin.chars().filter(|c| marked(c) || *c == '·').count();
    let characters = term.zh.chars().filter(|c| is_han(*c) && *c != '的').count();
    if syllables != characters {
        let reason = format!(
            "the pinyin “{}” has {syllables} syllables, each with a tone mark or after “·”, and “{}” {characters} characters to read",
            term.pinyin, term.zh
        );
        complaints.add(line, reason);
    }
}

/// A definition as HTML, its formulas converted and its typography checked.
fn definition(text: &str, line: usize, language: Language, math: &Converter, complaints: &mut Complaints) -> String {
    if text.trim().is_empty() {
        complaints.add(line, "a definition is missing");
    }
    let mut html = String::new();
    let mut flow = String::new();
    for (index, part) in text.split('$').enumerate() {
        if index % 2 == 0 {
            push_escaped(&mut html, part);
            flow.push_str(part);
            continue;
        }
        flow.push(FORMULA);
        match math.convert(part, false) {
            Ok(mathml) => html.push_str(&mathml),
            Err(error) => complaints.add(line, error.reason),
        }
    }
    if text.matches('$').count() % 2 == 1 {
        complaints.add(line, "a formula in this definition is not closed by $");
    }
    typography::check(flow.chars().map(|c| (c, line)), language, complaints);
    html
}

/// The names of terms as a list in a language's own punctuation, each a link to its place on the page.
pub fn links(terms: &[&Term], language: Language) -> String {
    let link = |term: &&Term| format!("<a href=\"#{}\">{}</a>", term.id, escaped(term.name.get(language)));
    let separator = match language {
        Language::English => ", ",
        Language::Chinese => "、",
    };
    terms.iter().map(link).collect::<Vec<_>>().join(separator)
}

#[cfg(test)]
mod tests {
    use super::*;

    const SOURCE: &str = r#"
[[term]]
id = "risk"
en = "risk"
zh = "风险"
pinyin = "fēngxiǎn"
forms = { en = ["risks"] }
definition = { en = "A loss on average.", zh = "平均的损失。" }

[[term]]
id = "excess-risk"
en = "excess risk"
zh = "超额风险"
pinyin = "chāo'é fēngxiǎn"
avoid = { zh = ["超额损失"] }
definition = { en = "The $r$ beyond the noise.", zh = "扣除噪声之后的 $r$。" }
see = ["risk"]

[[term]]
id = "run"
en = "run"
zh = "运行"
pinyin = "yùnxíng"
everyday = ["run"]
definition = { en = "One go of a lab.", zh = "实验的一次计算。" }

[[term]]
id = "overparametrized"
en = "overparametrized"
zh = "过参数化"
pinyin = "guòcānshùhuà"
avoid = { en = ["overparameterised"], zh = ["过参数"] }
definition = { en = "With parameters to spare.", zh = "参数有余。" }
"#;

    fn read(source: &str) -> (Glossary, Vec<String>) {
        let mut complaints = Complaints::new("glossary.toml");
        let glossary = Glossary::read(source, &Converter::new(), &mut complaints);
        (glossary, complaints.into_list().iter().map(ToString::to_string).collect())
    }

    fn linked(html: &str, language: Language) -> String {
        read(SOURCE).0.link(html, language, &mut Vec::new())
    }

    #[test]
    fn a_good_glossary_has_no_complaints_and_its_definitions_are_html() {
        let (glossary, complaints) = read(SOURCE);
        assert!(complaints.is_empty(), "{complaints:?}");
        let definition = &glossary.term("excess-risk").expect("listed").definition_html;
        assert!(definition.en.starts_with("The <math>") && definition.zh.ends_with("</math>。"), "{definition:?}");
    }

    #[test]
    fn only_the_first_use_is_linked_and_the_longest_term_wins() {
        let html = linked("<p>The excess risk is a risk, not the risk.</p>", Language::English);
        let excess = "<a class=\"term\" href=\"../glossary/#excess-risk\">excess risk</a>";
        let risk = "<a class=\"term\" href=\"../glossary/#risk\">risk</a>";
        assert_eq!(html, format!("<p>The {excess} is a {risk}, not the risk.</p>"));
        let html = linked("超额风险也是风险", Language::Chinese);
        assert!(
            html.contains("#excess-risk\">超额风险</a>也是<a class=\"term\" href=\"../glossary/#risk\">"),
            "{html}"
        );
    }

    #[test]
    fn english_terms_are_whole_words_and_may_open_a_sentence_or_run_over_a_line() {
        assert_eq!(linked("asterisks, risk-free, Risky", Language::English), "asterisks, risk-free, Risky");
        assert!(linked("Excess\nrisk", Language::English).contains(">Excess\nrisk</a>"));
        assert_eq!(linked("excess RISK", Language::English), "excess RISK");
    }

    #[test]
    fn links_code_formulas_and_everyday_words_are_left_alone() {
        let html = "<a href=\"#x\">risk</a> <code>risk</code> <math><mtext>risk</mtext></math> run";
        assert_eq!(linked(html, Language::English), html);
    }

    #[test]
    fn a_misnomer_is_found_and_the_right_name_around_it_is_not() {
        let glossary = read(SOURCE).0;
        assert_eq!(glossary.misnomers("过参数化的模型".chars(), Language::Chinese), []);
        let found = glossary.misnomers("模型过参数时".chars(), Language::Chinese);
        assert_eq!(found.len(), 1);
        assert_eq!((found[0].at, found[0].reason.contains("“过参数化”")), (2, true));
        assert_eq!(glossary.misnomers("Overparameterised models".chars(), Language::English).len(), 1);
    }

    #[test]
    fn english_is_sorted_by_name_and_chinese_by_pinyin() {
        let glossary = read(SOURCE).0;
        let ids = |language| glossary.terms(language).iter().map(|term| term.id.clone()).collect::<Vec<_>>();
        assert_eq!(ids(Language::English), ["excess-risk", "overparametrized", "risk", "run"]);
        assert_eq!(ids(Language::Chinese), ["excess-risk", "risk", "overparametrized", "run"]);
    }

    #[test]
    fn what_is_wrong_with_a_term_is_told_with_its_line() {
        let complaint = |old: &str, new: &str| {
            assert_eq!(SOURCE.matches(old).count(), 1, "{old}");
            read(&SOURCE.replace(old, new)).1
        };
        assert_eq!(complaint("id = \"run\"", "id = \"risk\""), ["glossary.toml:20: the term risk is listed twice"]);
        assert_eq!(complaint("[\"risk\"]", "[\"rusk\"]"), ["glossary.toml:11: there is no term rusk to see"]);
        assert_eq!(complaint("pinyin = \"yùnxíng\"\n", ""), ["glossary.toml:20: the term run has no pinyin"]);
        let short = complaint("yùnxíng", "yùn");
        assert!(short[0].starts_with("glossary.toml:20: the pinyin “yùn” has 1 syllables, each"), "{short:?}");
        let twice = complaint("[\"risks\"]", "[\"run\"]");
        assert_eq!(twice, ["glossary.toml:20: “run” stands in the glossary twice"]);
        let formula = complaint("$r$ beyond", "$\\\\rr$ beyond");
        assert!(formula[0].starts_with("glossary.toml:16: this formula does not convert"), "{formula:?}");
        let misnomer = complaint("参数有余。", "过参数。");
        assert!(misnomer[0].starts_with("glossary.toml:33: “过参数”"), "{misnomer:?}");
        let typography = complaint("扣除噪声之后的 $r$", "扣除噪声之后的$r$");
        assert!(typography[0].starts_with("glossary.toml:16: “的…”"), "{typography:?}");
    }
}
