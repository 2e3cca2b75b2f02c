//! The page that lists every work that the book cites.

use super::{
    body::{self, Place},
    glossary::separator,
};
use crate::html::escape;
use book::{Book, Work};
use labs::text::{Language, Text};
use leptos::prelude::*;
use std::fmt::Write;

/// The page's title, and the text of links to it.
pub static TITLE: Text = Text::new("References", "参考文献");
/// What the page is for.
pub static ABOUT: Text = Text::new(
    "Every work that this book cites: what it did, where it is cited, and its BibTeX entry to copy.",
    "本书引用的全部文献：各做了什么，在哪里引用，以及可复制的 BibTeX 条目。",
);

static CITED: Text = Text::new("Cited in ", "引用于：");
static COPY: Text = Text::new("Copy", "复制");
static COPIED: Text = Text::new("Copied", "已复制");
/// The clipboard is closed to this page.
static BY_HAND: Text = Text::new("Selected; copy it with Ctrl+C or the menu.", "已选中，请用 Ctrl+C 或菜单复制。");

/// The page, with its style sheet's name.
pub fn references(book: &Book, style: &str, place: &Place) -> String {
    let say = |text: &Text| text.get(place.language).to_string();
    let works: String = book.works.iter().map(|work| entry(book, work, place.language)).collect();
    let content = view! {
        <link rel="stylesheet" href=format!("{}{style}", place.root) />
        <main id="main" class="contents-page">
            <h1>{say(&TITLE)}</h1>
            <p>{say(&ABOUT)}</p>
            <ul class="works" data-copied=say(&COPIED) data-by-hand=say(&BY_HAND) inner_html=works></ul>
        </main>
    };
    body::framed(place, content)
}

fn entry(book: &Book, work: &Work, language: Language) -> String {
    let id = escape(&work.key);
    let (between, stop) = match language {
        Language::English => ("; ", "."),
        Language::Chinese => ("；", "。"),
    };
    let mut html = format!(
        "<li id=\"{id}\"><p lang=\"en\">{}</p><p class=\"annotation\">{}</p>",
        work.html,
        work.annotation_html.get(language)
    );
    let places: Vec<String> = book.chapters.iter().filter_map(|chapter| places(chapter, work, language)).collect();
    if !places.is_empty() {
        // Writing to a string cannot fail.
        let _ = write!(html, "<p class=\"notes\">{}{}{stop}</p>", CITED.get(language), places.join(between));
    }
    let _ = write!(
        html,
        "<details><summary>BibTeX</summary><p class=\"needs-script\"><button type=\"button\" aria-describedby=\"bibtex-{id}\">\
         {}</button> <span role=\"status\"></span></p><pre tabindex=\"0\" id=\"bibtex-{id}\" lang=\"en\">{}</pre></details></li>",
        COPY.get(language),
        escape(&work.bibtex)
    );
    html
}

/// Where a chapter cites a work: its own list, and the sections.
fn places(chapter: &book::Chapter, work: &Work, language: Language) -> Option<String> {
    let edition = chapter.edition(language);
    let cited: Vec<_> = edition.citations.iter().filter(|mention| mention.id == work.key).collect();
    let mut headings: Vec<usize> = cited.iter().filter_map(|mention| mention.heading).collect();
    headings.dedup();
    let slug = &chapter.slug;
    let title = escape(&edition.title);
    let mut html = format!("<a href=\"../{slug}/#ref-{}\">{title}</a>", escape(&work.key.replace(':', "-")));
    let sections: Vec<String> = headings
        .iter()
        .filter_map(|&index| edition.headings.get(index))
        .map(|heading| format!("<a href=\"../{slug}/#{}\">{}</a>", heading.id, heading.html_text))
        .collect();
    if !sections.is_empty() {
        let (open, close) = match language {
            Language::English => (" (", ")"),
            Language::Chinese => ("（", "）"),
        };
        let _ = write!(html, "{open}{}{close}", sections.join(separator(language)));
    }
    (!cited.is_empty()).then_some(html)
}
