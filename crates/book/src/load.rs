//! Reading the whole book.

use crate::{
    Book, Chapter, Contents, Edition, Part, Reference, Values, Wanted,
    bibliography::Bibliography,
    complaint::{Complaint, Complaints},
    front_matter,
    glossary::Glossary,
    html::anchor,
    math::Converter,
    names::Names,
    outline::{Outline, line_of},
    parity::{self, Fact},
    render::{Context, render},
    source::Source,
};
use labs::{
    figure::Figure,
    settings::Settings,
    text::{Language, Text},
};
use std::{cell::RefCell, collections::BTreeSet, fs, path::Path};

const OUTLINE: &str = "book.toml";
const REFERENCES: &str = "references.bib";
const GLOSSARY: &str = "glossary.toml";

/// Reads the book in a folder of chapters: `book.toml`, `references.bib`, `glossary.toml`, and `<slug>/en.md` and `<slug>/zh.md` for
/// each chapter that is not planned only.
///
/// # Errors
/// Everything that is wrong with any of these files, file by file, first line first.
pub fn load(chapters_dir: &Path, values: &dyn Values) -> Result<Book, Vec<Complaint>> {
    let (book, complaints) = read(chapters_dir, values);
    if complaints.is_empty() { Ok(book) } else { Err(complaints) }
}

/// Every result that the book asks for, each once, in order of first appearance. What is wrong with the book is left
/// to [`load`] to report.
pub fn wanted_values(chapters_dir: &Path) -> Vec<Wanted> {
    let wanted = Recorder::default();
    read(chapters_dir, &wanted);
    wanted.0.into_inner()
}

/// Answers every request with nothing and remembers it.
#[derive(Default)]
struct Recorder(RefCell<Vec<Wanted>>);

impl Recorder {
    fn remember(&self, lab: &str, settings: &Settings, output: Option<&str>) {
        let wanted = Wanted { lab: lab.into(), settings: settings.clone(), output: output.map(str::to_string) };
        let mut list = self.0.borrow_mut();
        if !list.contains(&wanted) {
            list.push(wanted);
        }
    }
}

impl Values for Recorder {
    fn value(&self, lab: &str, settings: &Settings, output: &str) -> Result<f64, String> {
        self.remember(lab, settings, Some(output));
        Ok(0.0)
    }

    fn figure(&self, lab: &str, settings: &Settings) -> Result<Figure, String> {
        self.remember(lab, settings, None);
        Ok(Figure::default())
    }
}

/// The slugs of the chapters that are written, in order; what is wrong with the outline, if anything is.
pub(crate) fn slugs(dir: &Path) -> Result<Vec<String>, String> {
    let mut complaints = Complaints::new(OUTLINE);
    let outline = Outline::read(&read_file(dir, OUTLINE, &mut complaints), &mut complaints);
    let fault = complaints.into_list().into_iter().next();
    fault.map_or_else(|| Ok(written(&outline)), |fault| Err(fault.to_string()))
}

/// The slugs of an outline's chapters that are not only planned.
fn written<T: FromIterator<String>>(outline: &Outline) -> T {
    let chapters = outline.parts.iter().flat_map(|part| &part.chapters);
    chapters.filter(|chapter| chapter.planned.is_none()).map(|chapter| chapter.slug.clone()).collect()
}

/// What an edition's text says of itself, whatever is wrong with it; see [`parity`].
pub(crate) fn facts(dir: &Path, language: Language, text: &str) -> Vec<Fact> {
    let unheard = &mut Complaints::new("");
    let (math, values) = (Converter::new(), Recorder::default());
    let bibliography = Bibliography::read(&read_file(dir, REFERENCES, unheard), unheard);
    let glossary = Glossary::read(&read_file(dir, GLOSSARY, unheard), &math, unheard);
    let library = Library { dir, values: &values, bibliography, glossary, math, chapters: BTreeSet::new() };
    library.edition(language, text, unheard).1
}

/// What every edition is read with.
struct Library<'a> {
    dir: &'a Path,
    values: &'a dyn Values,
    bibliography: Bibliography,
    glossary: Glossary,
    math: Converter,
    chapters: BTreeSet<String>,
}

fn read(dir: &Path, values: &dyn Values) -> (Book, Vec<Complaint>) {
    let mut complaints = Vec::new();
    let mut outline_complaints = Complaints::new(OUTLINE);
    let outline_text = read_file(dir, OUTLINE, &mut outline_complaints);
    let outline = Outline::read(&outline_text, &mut outline_complaints);
    let mut reference_complaints = Complaints::new(REFERENCES);
    let math = Converter::new();
    let references = read_file(dir, REFERENCES, &mut reference_complaints);
    let bibliography = Bibliography::read(&references, &mut reference_complaints);
    let mut glossary_complaints = Complaints::new(GLOSSARY);
    let terms = read_file(dir, GLOSSARY, &mut glossary_complaints);
    let glossary = Glossary::read(&terms, &math, &mut glossary_complaints);
    let works = bibliography.works(&references, &math, &glossary, &mut reference_complaints);
    let library = Library { dir, values, bibliography, glossary, math, chapters: written(&outline) };

    let mut book = Book { works, ..Book::default() };
    let mut seen = BTreeSet::new();
    for part in outline.parts {
        let mut entries = Vec::new();
        for listed in part.chapters {
            let line = line_of(&outline_text, &listed.slug);
            if !seen.insert(listed.slug.clone()) {
                outline_complaints.add(line, format!("the chapter {} is listed twice", listed.slug));
            }
            if let Some(title) = listed.planned {
                if dir.join(&listed.slug).join("en.md").exists() {
                    outline_complaints.add(line, format!("{} is written; delete its planned title", listed.slug));
                }
                entries.push(Contents { slug: listed.slug, title: title.into(), chapter: None });
                continue;
            }
            let chapter = library.chapter(&listed.slug, &mut complaints);
            let title = Text::owned(chapter.editions[0].title.clone(), chapter.editions[1].title.clone());
            entries.push(Contents { slug: listed.slug, title, chapter: Some(book.chapters.len()) });
            book.chapters.push(chapter);
        }
        book.parts.push(Part { title: part.title.into(), entries });
    }
    book.unused_references = library.unused(&book.chapters);
    book.glossary = library.glossary;
    let mut all = outline_complaints.into_list();
    all.extend(reference_complaints.into_list());
    all.extend(glossary_complaints.into_list());
    all.extend(complaints);
    (book, all)
}

fn read_file(dir: &Path, name: &str, complaints: &mut Complaints) -> String {
    match fs::read_to_string(dir.join(name)) {
        Ok(text) => text.replace("\r\n", "\n"),
        Err(error) => {
            complaints.add(1, format!("this file cannot be read: {error}"));
            String::new()
        }
    }
}

impl Library<'_> {
    fn chapter(&self, slug: &str, complaints: &mut Vec<Complaint>) -> Chapter {
        let mut missing = false;
        let mut read = |language: Language| {
            let mut own = Complaints::new(format!("{slug}/{}.md", language.code()));
            let text = read_file(self.dir, own.file().to_string().as_str(), &mut own);
            let (edition, facts) = self.edition(language, &text, &mut own);
            let file = own.file().to_string();
            missing |= !self.dir.join(&file).exists();
            complaints.extend(own.into_list());
            (edition, file, facts)
        };
        let (english, en_file, en_facts) = read(Language::English);
        let (chinese, zh_file, zh_facts) = read(Language::Chinese);
        if !missing {
            complaints.extend(parity::compare((&en_file, &en_facts), (&zh_file, &zh_facts)));
        }
        Chapter { slug: slug.into(), editions: [english, chinese] }
    }

    fn edition(&self, language: Language, text: &str, complaints: &mut Complaints) -> (Edition, Vec<Fact>) {
        let (front, body, first_line) = if text.is_empty() {
            (front_matter::FrontMatter::default(), "", 1)
        } else {
            front_matter::split(text, language, &self.glossary, complaints)
        };
        let source = Source::scan(body, first_line, complaints);
        let mut names = Names::gather(&source, language, complaints);
        let context = Context {
            language,
            source: &source,
            bibliography: &self.bibliography,
            glossary: &self.glossary,
            values: self.values,
            math: &self.math,
            chapters: &self.chapters,
        };
        let rendered = render(&context, &mut names, complaints);
        let references_html = names
            .cited
            .iter()
            .map(|key| Reference { id: format!("ref-{}", anchor(key)), html: self.bibliography.full(key, &self.math) })
            .collect();
        let edition = Edition {
            language,
            title: front.title,
            subtitle: front.subtitle,
            description: front.description,
            question: front.question,
            headings: rendered.headings,
            blocks: rendered.blocks,
            tasks: rendered.tasks,
            references_html,
            terms: rendered.terms,
            citations: rendered.citations,
            words: rendered.words,
        };
        (edition, rendered.facts)
    }

    fn unused(&self, chapters: &[Chapter]) -> Vec<String> {
        let cited: BTreeSet<&str> = chapters
            .iter()
            .flat_map(|chapter| &chapter.editions[0].references_html)
            .map(|entry| entry.id.as_str())
            .collect();
        let unused = self.bibliography.keys().filter(|key| !cited.contains(format!("ref-{}", anchor(key)).as_str()));
        unused.map(str::to_string).collect()
    }
}
