//! What an edition says of itself before its text begins, between two lines `+++`.

use crate::{
    complaint::{Complaints, line_at},
    glossary::Glossary,
    typography,
};
use labs::text::Language;
use serde::Deserialize;

/// The front matter of one edition.
#[derive(Clone, Debug, Default, Deserialize)]
#[serde(deny_unknown_fields)]
pub(crate) struct FrontMatter {
    pub(crate) title: String,
    pub(crate) subtitle: String,
    pub(crate) description: String,
    pub(crate) question: String,
}

/// Splits an edition into its front matter, its body, and the line on which the body begins.
pub(crate) fn split<'a>(
    text: &'a str,
    language: Language,
    glossary: &Glossary,
    complaints: &mut Complaints,
) -> (FrontMatter, &'a str, usize) {
    const FENCE: &str = "+++\n";
    let parts = text
        .strip_prefix(FENCE)
        .and_then(|rest| rest.find("\n+++\n").map(|end| (&rest[..=end], &rest[end + 1 + FENCE.len()..])));
    let Some((written, body)) = parts else {
        complaints.add(1, "a chapter opens with its front matter: TOML between two lines +++");
        return (FrontMatter::default(), text, 1);
    };
    let front = toml::from_str(written).unwrap_or_else(|error: toml::de::Error| {
        let line = error.span().map_or(1, |span| line_at(written, span.start));
        complaints.add(1 + line, error.message());
        FrontMatter::default()
    });
    for (index, line) in written.lines().enumerate() {
        let line_number = 2 + index;
        let Some((_, value)) = line.split_once('=') else { continue };
        let value = value.trim().trim_matches('"');
        typography::check(value.chars().map(|c| (c, line_number)), language, complaints);
        for misnomer in glossary.misnomers(value.chars(), language) {
            complaints.add(line_number, misnomer.reason);
        }
    }
    (front, body, line_at(text, text.len() - body.len()))
}
