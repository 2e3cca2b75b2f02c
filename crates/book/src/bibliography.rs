//! `references.bib` → one HTML fragment a reference.
//!
//! biblatex reads the file; hayagriva would bring citation style files and their interpreter for a list that has one
//! form in this book.

use crate::{
    complaint::{Complaints, line_at},
    html::{escaped, push_escaped},
    math::Converter,
    words,
};
use biblatex::{Bibliography as Parsed, Chunk, ChunksRef, DateValue, Entry, PermissiveType, Person};
use labs::text::Language;
use std::fmt::Write as _;

/// Authors named before “et al.”; a list one longer is given in full.
const NAMED_AUTHORS: usize = 8;

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
            let line = text.find(&format!("{{{},", entry.key)).map_or(1, |offset| line_at(text, offset));
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
