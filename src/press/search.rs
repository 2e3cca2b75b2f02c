//! What search finds, gathered from the book, and the files that it is loaded from.

use super::{
    lean, plain,
    site::{Site, asset},
    write_program,
};
use crate::page;
use anyhow::Result;
use book::{Block, Book, Chapter, Edition};
use labs::{
    schema::Schema,
    text::{Language, Text},
};
use search::{Document, Kind, Library};
use std::collections::BTreeMap;

/// Writes the index, the volumes and the program, and returns the name of the module that loads them.
pub fn write(site: &Site, book: &Book) -> Result<String> {
    let library = gather(book);
    let files = (0..library.volumes.len()).map(|volume| {
        let file = |language: Language| {
            let stem = format!("search/{}-{}", library.volumes[volume], language.code());
            site.write_hashed(&stem, "bin", &library.volume(volume, language))
        };
        Ok([file(Language::English)?, file(Language::Chinese)?])
    });
    let files = files.collect::<Result<Vec<_>>>()?;
    let index = site.write_hashed("search", "bin", &library.index(&files))?;
    let (bindings, program) = write_program(site, "search", "search")?;
    let style = site.write_hashed("study/search", "css", lean(&asset("study/search.css")?).as_bytes())?;
    let script = lean(&asset("study/search.js")?)
        .replace("__STYLE__", &style)
        .replace("__BINDINGS__", &bindings)
        .replace("__PROGRAM__", &program)
        .replace("__INDEX__", &index)
        .replace("__WORDS__", &page::search::words_as_json());
    site.write_hashed("study/search", "js", script.as_bytes())
}

/// Everything that can be found.
pub fn gather(book: &Book) -> Library {
    let mut library = Library::default();
    let mut homes = BTreeMap::new();
    for chapter in &book.chapters {
        let volume = library.add_volume(&chapter.slug);
        let top = add_sections(&mut library, chapter, volume);
        for block in &chapter.edition(Language::English).blocks {
            if let Block::Lab(place) = block {
                homes.entry(place.id.clone()).or_insert((top, chapter.slug.clone()));
            }
        }
    }
    let volume = library.add_volume("labs");
    for lab in labs::labs::ALL {
        let schema = lab.schema();
        let home = homes.get(&*schema.id);
        library.add(Document {
            kind: Kind::Lab,
            parent: home.map(|(top, _)| *top),
            path: match home {
                Some((_, slug)) => format!("{slug}/#lab-{}", schema.id),
                None => format!("lab/{}/", schema.id),
            },
            title: schema.title.clone(),
            prose: both(|language| lab_text(schema, language)),
            volume,
        });
    }
    let volume = library.add_volume("glossary");
    for term in book.glossary.terms(Language::English) {
        library.add(Document {
            kind: Kind::Term,
            parent: None,
            path: format!("glossary/#{}", term.id),
            title: term.name.clone(),
            prose: both(|language| term_text(term, language)),
            volume,
        });
    }
    let volume = library.add_volume("pages");
    for (path, title, about) in page::search::pages() {
        let (title, prose) = (title.clone(), about.clone());
        library.add(Document { kind: Kind::Page, parent: None, path: path.into(), title, prose, volume });
    }
    library
}

fn both(of: impl Fn(Language) -> String) -> Text {
    Text::owned(of(Language::English), of(Language::Chinese))
}

/// A chapter's opening and its sections, each under the one above; returns the chapter's own document.
fn add_sections(library: &mut Library, chapter: &Chapter, volume: usize) -> usize {
    let texts = Language::ALL.map(|language| section_texts(chapter.edition(language)));
    let text = |id: Option<&str>| {
        let of = |texts: &BTreeMap<Option<String>, String>| texts.get(&id.map(str::to_string)).cloned();
        Text::owned(of(&texts[0]).unwrap_or_default(), of(&texts[1]).unwrap_or_default())
    };
    let slug = &chapter.slug;
    let title = both(|language| chapter.edition(language).title.clone());
    let prose = text(None);
    let top =
        library.add(Document { kind: Kind::Chapter, parent: None, path: format!("{slug}/"), title, prose, volume });
    // The last document of each level so far.
    let mut above: Vec<(u8, usize)> = vec![(1, top)];
    let [english, chinese] = &chapter.editions;
    for (heading, twin) in english.headings.iter().zip(&chinese.headings) {
        above.retain(|(level, _)| *level < heading.level);
        let at = library.add(Document {
            kind: Kind::Section,
            parent: above.last().map(|(_, at)| *at),
            path: format!("{slug}/#{}", heading.id),
            title: Text::owned(plain::text(&heading.html_text), plain::text(&twin.html_text)),
            prose: text(Some(&heading.id)),
            volume,
        });
        above.push((heading.level, at));
    }
    top
}

/// The text under each heading, by its id; the opening under none.
fn section_texts(edition: &Edition) -> BTreeMap<Option<String>, String> {
    let mut texts: BTreeMap<Option<String>, String> = BTreeMap::new();
    let mut current = None;
    texts.insert(None, format!("{}\n{}", edition.subtitle, edition.question));
    for block in &edition.blocks {
        let html = match block {
            Block::Html(html) => html.clone(),
            Block::Lab(place) => format!("<p>{}</p>{}", place.caption_html, place.predict_html),
        };
        let opened = html.strip_prefix("<h").and_then(|rest| rest.split_once("id=\"")?.1.split('"').next());
        if let Some(id) = opened.filter(|id| edition.headings.iter().any(|heading| heading.id == *id)) {
            current = Some(id.to_string());
            continue;
        }
        let text = texts.entry(current.clone()).or_default();
        if !text.is_empty() {
            text.push('\n');
        }
        text.push_str(&plain::text(&html));
    }
    texts
}

/// What a lab is, and what can be set and seen in it.
fn lab_text(schema: &Schema, language: Language) -> String {
    let labels = schema.parameters.iter().map(|parameter| &parameter.label);
    let labels: Vec<&str> =
        labels.chain(schema.outputs.iter().map(|output| &output.label)).map(|label| label.get(language)).collect();
    let (comma, stop) = match language {
        Language::English => (", ", "."),
        Language::Chinese => ("、", "。"),
    };
    format!("{}\n{}{stop}", schema.about.get(language), labels.join(comma))
}

/// What a term means, with its other names; in Chinese with its pronunciation, so that letters alone find it.
fn term_text(term: &book::glossary::Term, language: Language) -> String {
    let definition = plain::text(term.definition_html.get(language));
    let mut lines = vec![definition];
    if language == Language::Chinese && !term.pinyin.is_empty() {
        lines.push(term.pinyin.clone());
    }
    lines.extend(term.also(language).iter().cloned());
    lines.join("\n")
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::press;
    use search::Searcher;

    fn searcher() -> (Library, Searcher) {
        let library = gather(&press::read_book().unwrap_or_else(|error| panic!("{error}")));
        let files: Vec<[String; 2]> =
            (0..library.volumes.len()).map(|volume| [format!("{volume}-en"), format!("{volume}-zh")]).collect();
        let searcher = Searcher::open(&library.index(&files)).unwrap_or_else(|damage| panic!("{damage}"));
        (library, searcher)
    }

    #[test]
    fn every_heading_of_both_editions_finds_its_own_section_first() {
        let (library, searcher) = searcher();
        let mut asked = 0;
        for document in library.documents.iter().filter(|it| matches!(it.kind, Kind::Chapter | Kind::Section)) {
            for edition in Language::ALL {
                let typed = document.title.get(edition);
                let same = |other: &&Document| other.title.get(edition) == typed && other.kind <= document.kind;
                // A title that two sections share leads to the first.
                let first = library.documents.iter().find(same).map_or("", |first| &first.path);
                for reader in Language::ALL {
                    let answer = searcher.answer(typed, reader);
                    let found: Vec<&str> = answer.found.iter().map(|found| found.address.as_str()).collect();
                    let expected = format!("{}/{first}", reader.code());
                    assert_eq!(found.first(), Some(&expected.as_str()), "{typed}: {found:?}");
                    asked += 1;
                }
            }
        }
        assert!(asked > 20, "only {asked} headings");
    }

    #[test]
    fn every_lab_and_every_term_is_found_by_its_name_in_either_language() {
        let (library, searcher) = searcher();
        for document in library.documents.iter().filter(|it| matches!(it.kind, Kind::Lab | Kind::Term)) {
            for edition in Language::ALL {
                for reader in Language::ALL {
                    let answer = searcher.answer(document.title.get(edition), reader);
                    let expected = format!("{}/{}", reader.code(), document.path);
                    let place = answer.found.iter().position(|found| found.address == expected);
                    let title = document.title.get(edition);
                    assert!(place.is_some_and(|place| place < 5), "{title}: {place:?}");
                }
            }
        }
    }
}
