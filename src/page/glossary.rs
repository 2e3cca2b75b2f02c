//! The page that explains the book's terms.

use super::body::{self, Place};
use crate::html::escape;
use book::{
    Book, Glossary,
    glossary::{Term, links},
};
use labs::text::{Language, Text};
use leptos::prelude::*;
use std::fmt::Write;

/// The page's title, and the text of links to it.
pub static TITLE: Text = Text::new("Glossary", "术语表");
/// What the page is for.
pub static ABOUT: Text = Text::new(
    "The terms of this book in English and Chinese, with their pronunciation, what they mean, and where they first \
     appear.",
    "本书的术语：中英文名称、读音、含义，以及首次出现的地方。",
);

static LETTERS: Text = Text::new("Letters", "字母索引");
static ALSO: Text = Text::new("also ", "又称");
static SEE: Text = Text::new("See also ", "参见：");
static USED: Text = Text::new("First used in ", "首次出现于：");

/// The page, with its style sheet's name.
pub fn glossary(book: &Book, style: &str, place: &Place) -> String {
    let language = place.language;
    let terms = book.glossary.terms(language);
    let letters: Vec<&[&Term]> =
        terms.chunk_by(|one, other| one.initial(language) == other.initial(language)).collect();
    let mut index = String::new();
    let mut list = String::new();
    for group in letters {
        let Some(letter) = group.first().map(|term| term.initial(language)) else { continue };
        let id = format!("letter-{}", letter.to_ascii_lowercase());
        // Writing to a string cannot fail.
        let _ = write!(index, "<a href=\"#{id}\">{letter}</a>");
        let _ = write!(list, "<h2 id=\"{id}\">{letter}</h2><dl>");
        for term in group {
            list.push_str(&entry(book, term, language));
        }
        list.push_str("</dl>");
    }
    let say = |text: &Text| text.get(language).to_string();
    let content = view! {
        <link rel="stylesheet" href=format!("{}{style}", place.root) />
        <main id="main" class="contents-page glossary">
            <h1>{say(&TITLE)}</h1>
            <p>{say(&ABOUT)}</p>
            <nav class="letters" aria-label=say(&LETTERS) inner_html=index></nav>
            <div inner_html=list></div>
        </main>
    };
    body::framed(place, content)
}

/// A name with the others that the literature has.
fn name(term: &Term, language: Language, on: Language) -> String {
    let mut html = escape(term.name.get(language));
    if !term.also(language).is_empty() {
        let (open, close, comma) = match on {
            Language::English => (" (", ")", ", "),
            Language::Chinese => ("（", "）", "、"),
        };
        let others = escape(&term.also(language).join(comma));
        let _ = write!(html, "<small>{open}<span lang=\"{}\">{}</span>", on.tag(), ALSO.get(on));
        let _ = write!(html, "{others}{close}</small>");
    }
    html
}

fn entry(book: &Book, term: &Term, language: Language) -> String {
    let other = language.other();
    let pinyin = format!("<span class=\"pinyin\" lang=\"zh-Latn-pinyin\">{}</span>", escape(&term.pinyin));
    let own = format!("<dfn>{}</dfn>", name(term, language, language));
    let translated = format!("<span lang=\"{}\">{}</span>", other.tag(), name(term, other, language));
    let names = match language {
        Language::English => [own, translated, pinyin],
        Language::Chinese => [own, pinyin, translated],
    };
    let definition = term.definition_html.get(language);
    let mut html = format!("<div id=\"{}\"><dt>{}</dt><dd><p>{definition}</p>", term.id, names.join(" "));
    let mut notes = Vec::new();
    if !term.see.is_empty() {
        notes.push(format!("{}{}", SEE.get(language), see(&book.glossary, term, language)));
    }
    let uses = uses(book, term, language);
    if !uses.is_empty() {
        notes.push(format!("{}{}", USED.get(language), uses.join(separator(language))));
    }
    if !notes.is_empty() {
        let (stop, space) = match language {
            Language::English => (".", " "),
            Language::Chinese => ("。", ""),
        };
        let _ = write!(html, "<p class=\"notes\">{}{stop}</p>", notes.join(&format!("{stop}{space}")));
    }
    html.push_str("</dd></div>");
    html
}

/// Between the links of a list.
pub fn separator(language: Language) -> &'static str {
    match language {
        Language::English => ", ",
        Language::Chinese => "、",
    }
}

fn see(glossary: &Glossary, term: &Term, language: Language) -> String {
    let related: Vec<&Term> = term.see.iter().filter_map(|id| glossary.term(id)).collect();
    links(&related, language)
}

/// Where each chapter first uses a term, as links.
fn uses(book: &Book, term: &Term, language: Language) -> Vec<String> {
    let mut uses = Vec::new();
    for chapter in &book.chapters {
        let edition = chapter.edition(language);
        let Some(first) = edition.terms.iter().find(|mention| mention.id == term.id) else { continue };
        let title = escape(&edition.title);
        let heading = first.heading.and_then(|index| edition.headings.get(index));
        uses.push(heading.map_or_else(
            || format!("<a href=\"../{}/\">{title}</a>", chapter.slug),
            |heading| {
                let colon = match language {
                    Language::English => ": ",
                    Language::Chinese => "：",
                };
                format!("<a href=\"../{}/#{}\">{title}{colon}{}</a>", chapter.slug, heading.id, heading.html_text)
            },
        ));
    }
    uses
}
