//! `references.bib` → one HTML fragment a reference.
//!
//! biblatex reads the file; hayagriva would bring citation style files and their interpreter for a list that has one
//! form in this book.

use crate::{
    complaint::{Complaints, line_at},
    glossary::Glossary,
    html::{escaped, push_escaped},
    math::Converter,
    typography::{self, FORMULA},
    words,
};
use biblatex::{Bibliography as Parsed, Chunk, ChunksRef, DateValue, Entry, PermissiveType, Person};
use labs::text::{Language, Text};
use std::fmt::Write as _;

/// Authors named before “et al.”; a list one longer is given in full.
const NAMED_AUTHORS: usize = 8;

/// What `references.bib` says of a work in each language, in one sentence.
const ANNOTATIONS: [(Language, &str); 2] = [(Language::English, "annotation_en"), (Language::Chinese, "annotation_zh")];

/// A work in the bibliography.
#[derive(Clone, Debug)]
pub struct Work {
    /// Its key in `references.bib`.
    pub key: String,
    /// The reference, without an element around it.
    pub html: String,
    /// One sentence on it, as HTML.
    pub annotation_html: Text,
    /// Its entry, without what only this book needs.
    pub bibtex: String,
}

/// The references of the book.
#[derive(Default)]
pub(crate) struct Bibliography(Parsed);

impl Bibliography {
    pub(crate) fn read(text: &str, complaints: &mut Complaints) -> Self {
        let parsed = Parsed::parse(text).unwrap_or_else(|error| {
            complaints
                .add(line_at(text, error.span.start), format!("this bibliography does not parse: {}", error.kind));
            Parsed::new()
        });
        for entry in parsed.iter() {
            let line = line_of(text, &entry.key);
            for (field, missing) in [
                ("title", entry.title().is_err()),
                ("author", authors(entry).is_empty()),
                ("year", year(entry).is_none()),
            ] {
                if missing {
                    complaints.add(line, format!("reference {} has no {field}", entry.key));
                }
            }
        }
        Self(parsed)
    }

    /// Every work, with complaints about those that lack a sentence.
    pub(crate) fn works(
        &self,
        text: &str,
        math: &Converter,
        glossary: &Glossary,
        complaints: &mut Complaints,
    ) -> Vec<Work> {
        let work = |entry: &Entry| {
            let line = line_of(text, &entry.key);
            let [en, zh] = ANNOTATIONS.map(|(language, field)| {
                let Some(chunks) = entry.get(field).filter(|chunks| !plain(chunks).trim().is_empty()) else {
                    let reason = format!("reference {} has no {field}: one sentence on what the work did", entry.key);
                    complaints.add(line, reason);
                    return String::new();
                };
                check(chunks, language, line, glossary, complaints);
                let mut html = String::new();
                push_chunks(&mut html, chunks, math);
                html
            });
            Work {
                key: entry.key.clone(),
                html: self.full(&entry.key, math),
                annotation_html: Text::owned(en, zh),
                bibtex: bibtex(text, &entry.key),
            }
        };
        self.0.iter().map(work).collect()
    }

    pub(crate) fn contains(&self, key: &str) -> bool {
        self.0.get(key).is_some()
    }

    pub(crate) fn keys(&self) -> impl Iterator<Item = &str> {
        self.0.keys()
    }

    /// `Hastie et al., 2022`: what a citation shows when pointed at.
    pub(crate) fn short(&self, key: &str, language: Language) -> String {
        let Some(entry) = self.0.get(key) else { return String::new() };
        let names: Vec<String> = authors(entry).iter().map(family_name).collect();
        let who = match names.as_slice() {
            [] => String::new(),
            [one] => one.clone(),
            [one, two] => format!("{one} & {two}"),
            [one, ..] => format!("{one}{}", words::ET_AL.get(language)),
        };
        [who, year(entry).unwrap_or_default()].join(", ")
    }

    /// The reference as it stands in the list, in English on every page: that is the language of the works.
    pub(crate) fn full(&self, key: &str, math: &Converter) -> String {
        let Some(entry) = self.0.get(key) else { return String::new() };
        let mut out = escaped(&author_list(entry));
        out.push_str(". ");
        if let Ok(title) = entry.title() {
            out.push_str("<cite>");
            push_chunks(&mut out, title, math);
            out.push_str("</cite>. ");
        }
        let venue = venue(entry, math);
        out.push_str(&venue);
        out.push_str(if venue.is_empty() { "" } else { ", " });
        push_escaped(&mut out, &year(entry).unwrap_or_default());
        out.push('.');
        for (name, address) in links(entry) {
            let _ = write!(out, " <a href=\"{}\">{}</a>", escaped(&address), escaped(&name));
        }
        out
    }
}

/// The line on which an entry begins.
fn line_of(text: &str, key: &str) -> usize {
    text.find(&format!("{{{key},")).map_or(1, |offset| line_at(text, offset))
}

/// Looks at the typography and the terms of a sentence of ours.
fn check(chunks: ChunksRef, language: Language, line: usize, glossary: &Glossary, complaints: &mut Complaints) {
    let flow: String = chunks
        .iter()
        .map(|chunk| match &chunk.v {
            Chunk::Math(_) => FORMULA.to_string(),
            Chunk::Normal(text) | Chunk::Verbatim(text) => text.clone(),
        })
        .collect();
    for misnomer in glossary.misnomers(flow.chars(), language) {
        complaints.add(line, misnomer.reason);
    }
    typography::check(flow.chars().map(|c| (c, line)), language, complaints);
}

/// The length of a text up to the brace that closes its first one.
fn braced(text: &str) -> usize {
    let mut depth = 0_usize;
    for (index, c) in text.char_indices() {
        match c {
            '{' => depth += 1,
            '}' if depth <= 1 => return index + 1,
            '}' => depth -= 1,
            _ => {}
        }
    }
    text.len()
}

/// An entry as written, without its annotations.
fn bibtex(text: &str, key: &str) -> String {
    let Some(open) = text.find(&format!("{{{key},")) else { return String::new() };
    let begin = text[..open].rfind('@').unwrap_or(open);
    let mut entry = text[begin..open + braced(&text[open..])].to_string();
    for (_, field) in ANNOTATIONS {
        let Some(name) = entry.find(field) else { continue };
        let begin = entry[..name].rfind('\n').unwrap_or(name);
        let value = name + braced(&entry[name..]);
        let end = value + usize::from(entry[value..].starts_with(','));
        entry.replace_range(begin..end, "");
    }
    entry
}

fn authors(entry: &Entry) -> Vec<Person> {
    entry
        .author()
        .or_else(|_| entry.editors().map(|groups| groups.into_iter().flat_map(|(people, _)| people).collect()))
        .unwrap_or_default()
}

fn join(parts: &[&str]) -> String {
    parts.iter().copied().filter(|part| !part.is_empty()).collect::<Vec<_>>().join(" ")
}

fn family_name(person: &Person) -> String {
    join(&[&person.prefix, &person.name])
}

fn author_list(entry: &Entry) -> String {
    let names: Vec<String> =
        authors(entry).iter().map(|p| join(&[&p.given_name, &p.prefix, &p.name, &p.suffix])).collect();
    let shown = if names.len() > NAMED_AUTHORS + 1 { NAMED_AUTHORS } else { names.len() };
    let mut list = names[..shown].join(", ");
    if shown < names.len() {
        list.push_str(words::ET_AL.get(Language::English));
    }
    list
}

fn year(entry: &Entry) -> Option<String> {
    match entry.date() {
        Ok(PermissiveType::Typed(date)) => {
            let (DateValue::At(day) | DateValue::After(day) | DateValue::Before(day) | DateValue::Between(day, _)) =
                date.value;
            Some(day.year.to_string())
        }
        Ok(PermissiveType::Chunks(chunks)) => Some(plain(&chunks)),
        Err(_) => None,
    }
}

fn plain(chunks: ChunksRef) -> String {
    chunks.iter().map(|chunk| chunk.v.get()).collect()
}

fn push_chunks(out: &mut String, chunks: ChunksRef, math: &Converter) {
    for chunk in chunks {
        match &chunk.v {
            Chunk::Math(latex) => match math.convert(latex, false) {
                Ok(mathml) => out.push_str(&mathml),
                Err(_) => push_escaped(out, latex),
            },
            Chunk::Normal(text) | Chunk::Verbatim(text) => push_escaped(out, text),
        }
    }
}

/// Journal with volume and number, or proceedings, or publisher.
fn venue(entry: &Entry, math: &Converter) -> String {
    let mut out = String::new();
    let field = |name: &str| entry.get(name).map(plain).unwrap_or_default();
    let container = entry.get("journaltitle").or_else(|| entry.get("journal")).or_else(|| entry.get("booktitle"));
    if let Some(container) = container {
        push_chunks(&mut out, container, math);
        let (volume, number) = (field("volume"), field("number"));
        if !volume.is_empty() {
            push_escaped(&mut out, &format!(" {volume}"));
        }
        if !number.is_empty() {
            push_escaped(&mut out, &format!("({number})"));
        }
    } else {
        let names = ["publisher", "institution", "school", "howpublished"];
        push_escaped(&mut out, &names.iter().map(|name| field(name)).find(|text| !text.is_empty()).unwrap_or_default());
    }
    out
}

/// Where the work can be read, as (name, address): DOI, arXiv, or else any other address.
fn links(entry: &Entry) -> Vec<(String, String)> {
    let field = |name: &str| entry.get(name).map(plain).filter(|text| !text.is_empty());
    let mut links = Vec::new();
    if let Some(doi) = field("doi") {
        links.push((format!("doi:{doi}"), format!("https://doi.org/{doi}")));
    }
    if let Some(eprint) = field("eprint") {
        links.push((format!("arXiv:{eprint}"), format!("https://arxiv.org/abs/{eprint}")));
    }
    if let (true, Some(url)) = (links.is_empty(), field("url")) {
        let name = url.split('/').nth(2).unwrap_or(&url).to_string();
        links.push((name, url));
    }
    links
}
