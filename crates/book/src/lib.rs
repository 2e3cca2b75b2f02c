//! The book on disk: chapters in Markdown, in two languages, and what a page is made of.
//!
//! The way of a chapter: `front_matter` splits off what the edition says of itself; `source` takes out formulas,
//! values, citations and `:::` blocks; comrak parses the Markdown that is left; `render` writes HTML fragments, with
//! formulas by [`math`], references by `bibliography`, and numbers asked of the labs through [`Values`]; `parity`
//! compares the editions. Everything wrong is gathered and reported at once, each [`Complaint`] with its file and line.
//!
//! What authors write is described in `chapters/STYLE.md`.

mod answer;
mod bibliography;
mod complaint;
mod front_matter;
pub mod glossary;
mod goal;
mod guess;
mod html;
mod load;
pub mod math;
mod names;
mod outline;
mod parity;
mod phrase;
mod render;
mod source;
pub mod translations;
mod typography;
mod value;
mod words;

pub use bibliography::Work;
pub use complaint::Complaint;
pub use glossary::Glossary;
pub use load::{load, wanted_values};

use labs::{
    figure::Figure,
    settings::Settings,
    text::{Language, Text},
};
use std::fmt::Write as _;

/// Computes what prose says of the labs.
pub trait Values {
    /// The output of that name (or `<output>_standard_error`) of a lab at these settings.
    fn value(&self, lab: &str, settings: &Settings, output: &str) -> Result<f64, String>;

    /// The figure of a lab's finished run at these settings.
    fn figure(&self, lab: &str, settings: &Settings) -> Result<Figure, String>;
}

/// A result that some chapter asks for.
#[derive(Clone, Debug, PartialEq)]
pub struct Wanted {
    /// The lab.
    pub lab: String,
    /// Its settings.
    pub settings: Settings,
    /// The output, or `<output>_standard_error`; none where the figure of the finished run is asked for.
    pub output: Option<String>,
}

/// The whole book.
#[derive(Clone, Debug, Default)]
pub struct Book {
    /// The table of contents: parts with all their chapters, written and planned.
    pub parts: Vec<Part>,
    /// The written chapters, in order.
    pub chapters: Vec<Chapter>,
    /// Keys in `references.bib` that no chapter cites.
    pub unused_references: Vec<String>,
    /// All works in `references.bib`, in its order.
    pub works: Vec<Work>,
    /// The book's terms.
    pub glossary: Glossary,
}

/// A part of the book.
#[derive(Clone, Debug)]
pub struct Part {
    /// Its title.
    pub title: Text,
    /// Its chapters, in order.
    pub entries: Vec<Contents>,
}

/// A line of the table of contents.
#[derive(Clone, Debug)]
pub struct Contents {
    /// The chapter's folder and address.
    pub slug: String,
    /// Its title.
    pub title: Text,
    /// Its index in [`Book::chapters`]; none for a chapter that is planned.
    pub chapter: Option<usize>,
}

/// A written chapter.
#[derive(Clone, Debug)]
pub struct Chapter {
    /// The chapter's folder and address.
    pub slug: String,
    /// Its editions, in the order of [`Language::ALL`].
    pub editions: [Edition; 2],
}

impl Chapter {
    /// The edition in one language.
    pub fn edition(&self, language: Language) -> &Edition {
        match language {
            Language::English => &self.editions[0],
            Language::Chinese => &self.editions[1],
        }
    }
}

/// A chapter in one language.
#[derive(Clone, Debug)]
pub struct Edition {
    /// The language.
    pub language: Language,
    /// Title, as plain text.
    pub title: String,
    /// Subtitle, as plain text.
    pub subtitle: String,
    /// What search engines show, as plain text.
    pub description: String,
    /// The question that the chapter opens with, as plain text.
    pub question: String,
    /// The headings, in order.
    pub headings: Vec<Heading>,
    /// The text, in order; footnotes come last.
    pub blocks: Vec<Block>,
    /// What there is to do, in order of the text.
    pub tasks: Vec<Task>,
    /// What is cited, number 1 first.
    pub references_html: Vec<Reference>,
    /// Where each term is first used, in order of the text.
    pub terms: Vec<Mention>,
    /// Where works are cited, in order of the text.
    pub citations: Vec<Mention>,
    /// Latin words plus Chinese characters.
    pub words: usize,
}

/// A heading.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Heading {
    /// 2, 3, ….
    pub level: u8,
    /// The element's `id`, the same in both editions.
    pub id: String,
    /// The heading's text as HTML, without links.
    pub html_text: String,
}

/// Something for readers to do.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Task {
    /// What it is.
    pub kind: TaskKind,
    /// The element's `id`, the same in both editions.
    pub id: String,
    /// What it is called, as HTML without links.
    pub html_text: String,
}

/// The kinds of tasks.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum TaskKind {
    /// `:::predict`, called by its prompt.
    Guess,
    /// `:::challenge`.
    Challenge,
    /// `:::exercise`.
    Exercise,
}

/// A piece of a chapter.
#[derive(Clone, Debug)]
pub enum Block {
    /// A complete element.
    Html(String),
    /// The place of a lab.
    Lab(LabPlace),
}

/// The place of a lab in a chapter.
#[derive(Clone, Debug)]
pub struct LabPlace {
    /// The lab. References in the text lead to the element with the `id` `lab-<id>`.
    pub id: String,
    /// Its settings on opening.
    pub settings: Settings,
    /// Its caption: text of one paragraph, or several `<p>`.
    pub caption_html: String,
    /// What readers may guess before it runs: a `<div class="predict">` each.
    pub predict_html: String,
}

/// A place where a chapter names a term or a work.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Mention {
    /// The term's id or the work's key.
    pub id: String,
    /// Index in [`Edition::headings`] of the section; none before the first heading.
    pub heading: Option<usize>,
}

/// An entry in a chapter's list of references.
#[derive(Clone, Debug)]
pub struct Reference {
    /// The element's `id`, to which citations lead.
    pub id: String,
    /// The entry, without an element around it.
    pub html: String,
}

impl Edition {
    /// The list of references as a section with its heading, or nothing for a chapter that cites nothing.
    pub fn references_section(&self) -> String {
        if self.references_html.is_empty() {
            return String::new();
        }
        let title = words::REFERENCES.get(self.language);
        let mut section = format!(
            "<section role=\"doc-bibliography\" aria-labelledby=\"references\"><h2 id=\"references\">\
             <a class=\"anchor\" href=\"#references\">{title}</a></h2><ol lang=\"en\">"
        );
        for entry in &self.references_html {
            let _ = write!(section, "<li id=\"{}\">{}</li>", html::escaped(&entry.id), entry.html);
        }
        section.push_str("</ol></section>");
        section
    }
}
