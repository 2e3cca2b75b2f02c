//! `book.toml`: the parts of the book and the order of its chapters.

use crate::complaint::{Complaints, line_at};
use labs::text::Text;
use serde::Deserialize;

/// `book.toml` as written.
#[derive(Debug, Default, Deserialize)]
#[serde(deny_unknown_fields)]
pub(crate) struct Outline {
    /// `[[part]]`.
    #[serde(default, rename = "part")]
    pub(crate) parts: Vec<OutlinePart>,
}

#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub(crate) struct OutlinePart {
    pub(crate) title: Pair,
    /// `[[part.chapter]]`.
    #[serde(default, rename = "chapter")]
    pub(crate) chapters: Vec<OutlineChapter>,
}

#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub(crate) struct OutlineChapter {
    pub(crate) slug: String,
    /// The title of a chapter that is not written yet; a written one has its title in its own files.
    pub(crate) planned: Option<Pair>,
}

/// One text in both languages.
#[derive(Clone, Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub(crate) struct Pair {
    en: String,
    zh: String,
}

impl From<Pair> for Text {
    fn from(pair: Pair) -> Self {
        Self::owned(pair.en, pair.zh)
    }
}

impl Outline {
    pub(crate) fn read(text: &str, complaints: &mut Complaints) -> Self {
        toml::from_str(text).unwrap_or_else(|error: toml::de::Error| {
            let line = error.span().map_or(1, |span| line_at(text, span.start));
            complaints.add(line, error.message());
            Self::default()
        })
    }
}

/// The line of `book.toml` that names a chapter.
pub(crate) fn line_of(text: &str, slug: &str) -> usize {
    text.find(&format!("\"{slug}\"")).map_or(1, |offset| line_at(text, offset))
}
