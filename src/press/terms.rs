//! The glossary's files, and the check that the interface uses its words.

use super::site::{self, Site};
use anyhow::{Context, Result};
use book::Glossary;
use labs::text::Language;
use std::{
    collections::BTreeMap,
    fs,
    path::{Path, PathBuf},
};

/// Where the words of the interface stand: folders and files below the root.
const INTERFACE: [&str; 4] = ["src", "crates/labs/src", "crates/book/src/words.rs", "assets"];

/// The files that cards of terms need.
pub struct Files {
    /// The style sheet of cards, glossary and bibliography.
    pub style: String,
    /// The terms of each language: id to English name, Chinese name, pinyin, definition.
    pub glossaries: [(Language, String); 2],
}

/// Writes them.
pub fn write(site: &Site, glossary: &Glossary, style: &str) -> Result<Files> {
    let write = |language: Language| -> Result<(Language, String)> {
        let terms: BTreeMap<&str, [&str; 4]> = glossary
            .terms(language)
            .into_iter()
            .map(|term| {
                let definition = term.definition_html.get(language);
                (term.id.as_str(), [&*term.name.en, &*term.name.zh, term.pinyin.as_str(), definition])
            })
            .collect();
        let stem = format!("study/glossary-{}", language.code());
        Ok((language, site.write_hashed(&stem, "json", &serde_json::to_vec(&terms)?)?))
    };
    let [english, chinese] = Language::ALL.map(write);
    Ok(Files {
        style: site.write_hashed("study/terms", "css", super::lean(style).as_bytes())?,
        glossaries: [english?, chinese?],
    })
}

impl Files {
    /// A module in `study` with the names of these files in it.
    pub fn named_in(&self, module: &str) -> String {
        let beside = |file: &str| file.replacen("study/", "./", 1);
        let module = module.replace("__TERMS_STYLE__", &beside(&self.style));
        self.glossaries.iter().fold(module, |module, (language, file)| {
            module.replace(&format!("__GLOSSARY_{}__", language.code()), &beside(file))
        })
    }
}

/// Everything in the interface that has another word for a term than the glossary, as `file:line: reason`.
pub fn check(glossary: &Glossary) -> Result<Vec<String>> {
    let root = site::root();
    let mut files = Vec::new();
    for place in INTERFACE {
        gather(&root.join(place), &mut files)?;
    }
    files.sort();
    let mut faults = Vec::new();
    for file in files {
        let source = fs::read_to_string(&file).with_context(|| format!("cannot read {}", file.display()))?;
        let name = file.strip_prefix(root).unwrap_or(&file).display();
        for (line, reason) in misnomers(&source, glossary) {
            faults.push(format!("{name}:{line}: {reason}"));
        }
    }
    Ok(faults)
}

/// All sources in a folder and below, or the one file.
fn gather(path: &Path, files: &mut Vec<PathBuf>) -> Result<()> {
    if path.is_dir() {
        for entry in fs::read_dir(path).with_context(|| format!("cannot read {}", path.display()))? {
            gather(&entry?.path(), files)?;
        }
    } else if path.extension().is_some_and(|extension| extension == "rs" || extension == "js") {
        files.push(path.to_path_buf());
    }
    Ok(())
}

/// Lines and reasons, for the texts in a source.
fn misnomers(source: &str, glossary: &Glossary) -> Vec<(usize, String)> {
    let mut found = Vec::new();
    for text in texts(source) {
        let chinese = text.iter().any(|(c, _)| matches!(c, '\u{4E00}'..='\u{9FFF}'));
        let language = if chinese { Language::Chinese } else { Language::English };
        for misnomer in glossary.misnomers(text.iter().map(|(c, _)| *c), language) {
            found.push((text.get(misnomer.at).map_or(1, |(_, line)| *line), misnomer.reason));
        }
    }
    found
}

/// The texts in double quotes, outside comments, each character with its line. A line that ends in `\` goes on in the
/// next.
fn texts(source: &str) -> Vec<Vec<(char, usize)>> {
    let mut texts = Vec::new();
    let mut line = 1;
    let mut rest = source.chars().peekable();
    let mut before = ' ';
    while let Some(c) = rest.next() {
        line += usize::from(c == '\n');
        match c {
            '/' if rest.peek() == Some(&'/') && before != ':' => {
                while rest.peek().is_some_and(|c| *c != '\n') {
                    rest.next();
                }
            }
            // A quotation mark as a character.
            '"' if before == '\'' && rest.peek() == Some(&'\'') => {}
            '"' => {
                let mut text = Vec::new();
                while let Some(c) = rest.next() {
                    line += usize::from(c == '\n');
                    match c {
                        '"' => break,
                        '\\' if rest.peek() == Some(&'\n') => {
                            while let Some(c) = rest.next_if(|c| c.is_whitespace()) {
                                line += usize::from(c == '\n');
                            }
                        }
                        '\\' => drop(rest.next()),
                        c => text.push((c, line)),
                    }
                }
                texts.push(text);
            }
            _ => {}
        }
        before = c;
    }
    texts
}

#[cfg(test)]
mod tests {
    use super::texts;

    #[test]
    fn texts_are_read_with_their_lines_and_comments_are_not() {
        let source = "// a \"comment\"\nlet c = '\"';\nsay(\"one \\\n     two\", \"三\\\"四\"); // \"five\"\n";
        let found: Vec<(String, usize)> = texts(source)
            .iter()
            .map(|text| (text.iter().map(|(c, _)| *c).collect(), text.last().map_or(0, |(_, line)| *line)))
            .collect();
        assert_eq!(found, [("one two".to_string(), 4), ("三四".to_string(), 4)]);
    }
}
