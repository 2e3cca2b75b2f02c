//! First drafts: a lab and a chapter that stand from the first minute, to be rewritten piece by piece.
//!
//! Everything is looked at before anything is written, and what fails in the middle is taken back.

use anyhow::{Context, Result, bail};
use std::{fs, path::Path};

const LAB: &str = include_str!("../templates/lab.rs");
const ENGLISH: &str = include_str!("../templates/en.md");
const CHINESE: &str = include_str!("../templates/zh.md");

/// The labs' folder below the root, and their registry in it.
const LABS: &str = "crates/labs/src/labs";
const REGISTRY: &str = "crates/labs/src/labs/mod.rs";
const OUTLINE: &str = "chapters/book.toml";

/// Modules of these names would not compile, or would hide what the registry needs.
const NO_MODULES: &[&str] = &[
    "abstract", "alloc", "as", "async", "await", "become", "box", "break", "const", "continue", "core", "crate", "do",
    "dyn", "else", "enum", "extern", "false", "final", "fn", "for", "gen", "if", "impl", "in", "let", "loop", "macro",
    "match", "mod", "move", "mut", "override", "priv", "pub", "ref", "return", "self", "static", "std", "super",
    "struct", "test", "tests", "trait", "true", "try", "type", "typeof", "union", "unsafe", "unsized", "use",
    "virtual", "where", "while", "yield",
];
/// Folders of each edition that are no chapters.
const NO_CHAPTERS: [&str; 8] = ["bench", "data", "embed", "glossary", "journey", "lab", "references", "search"];

/// A title in both languages.
pub struct Title<'a> {
    /// In English.
    pub english: &'a str,
    /// In Chinese.
    pub chinese: &'a str,
}

/// A file and what is to stand in it.
struct Change {
    file: String,
    text: String,
}

/// Writes a lab's module and enters it in the registry and in a program; what was written.
pub fn lab(root: &Path, id: &str, title: &Title, program: &str) -> Result<Vec<String>> {
    expect_name("lab", id)?;
    if NO_MODULES.contains(&id) {
        bail!("a lab cannot be called “{id}”: its module would bear a name that Rust keeps for itself");
    }
    expect_title(title, id)?;
    let module = id.replace('-', "_");
    let file = format!("{LABS}/{module}.rs");
    if root.join(&file).exists() {
        bail!("there is a lab “{id}” already, in {file}");
    }
    let registry = read(root, REGISTRY)?;
    let registry = registered(&registry, &module, program)?;
    let text = LAB
        .replace("LabType", &type_name(id))
        .replace("lab-id", id)
        .replace("English title", title.english)
        .replace("中文标题", title.chinese);
    write(root, &[Change { file, text }, Change { file: REGISTRY.into(), text: registry }])
}

/// Writes both editions of a chapter and enters it in the outline, in the place of its planned title if it has one, else at
/// the end; what was written.
pub fn chapter(root: &Path, slug: &str, title: &Title, lab: &str) -> Result<Vec<String>> {
    expect_name("chapter", slug)?;
    if NO_CHAPTERS.contains(&slug) {
        bail!("a chapter cannot be called “{slug}”: each edition has a folder of that name for something else");
    }
    let folder = format!("chapters/{slug}");
    if root.join(&folder).exists() {
        bail!("there is a chapter “{slug}” already, in {folder}");
    }
    if !root.join(format!("{LABS}/{}.rs", lab.replace('-', "_"))).exists() {
        bail!("there is no lab “{lab}”; `lab list` has them all, and `cargo xtask new-lab {lab}` makes one");
    }
    let outline = read(root, OUTLINE)?;
    let (outline, planned) = outlined(&outline, slug)?;
    let titles = planned.unwrap_or_default();
    let english = if title.english.is_empty() { titles.0.as_str() } else { title.english };
    let chinese = if title.chinese.is_empty() { titles.1.as_str() } else { title.chinese };
    let title = Title { english, chinese };
    expect_title(&title, slug)?;
    let edition = |language: &str, template: &str| Change {
        file: format!("{folder}/{language}.md"),
        text: template
            .replace("lab-id", lab)
            .replace("English title", title.english)
            .replace("中文标题", title.chinese),
    };
    let changes = [edition("en", ENGLISH), edition("zh", CHINESE), Change { file: OUTLINE.into(), text: outline }];
    write(root, &changes)
}

/// Lower-case ASCII words joined by `-`, as they stand in addresses.
fn expect_name(what: &str, name: &str) -> Result<()> {
    let is_word =
        |word: &str| !word.is_empty() && word.bytes().all(|byte| byte.is_ascii_lowercase() || byte.is_ascii_digit());
    if name.split('-').all(is_word) && name.starts_with(|first: char| first.is_ascii_lowercase()) {
        return Ok(());
    }
    bail!("“{name}” is no name for a {what}: it takes lower-case ASCII words joined by “-”, such as noisy-descent")
}

/// Titles that can stand in Rust and in TOML as they are, in both languages.
fn expect_title(title: &Title, name: &str) -> Result<()> {
    for text in [title.english, title.chinese] {
        if text.contains(['"', '\\', '\n']) {
            bail!("a title stands in one line and has neither \" nor \\ in it; got {text}");
        }
    }
    if title.english.is_empty() || title.chinese.is_empty() {
        bail!("“{name}” needs a title in both languages: --en \"Noisy descent\" --zh 带噪声的下降");
    }
    Ok(())
}

/// `noisy-descent` → `NoisyDescent`.
fn type_name(id: &str) -> String {
    let capital = |word: &str| word[..1].to_ascii_uppercase() + &word[1..];
    id.split('-').map(capital).collect()
}

/// The registry with one more module, in a program.
fn registered(registry: &str, module: &str, program: &str) -> Result<String> {
    let unknown = || format!("{REGISTRY} is not written as expected, so that “{module}” cannot be entered in it");
    let (before, list) = registry.split_once("\nregistry! {\n").with_context(unknown)?;
    let (labs, rest) = list.split_once("}\n").with_context(unknown)?;
    let (between, list) = rest.split_once("\nprograms! {\n").with_context(unknown)?;
    let (programs, after) = list.split_once("\n}\n").with_context(unknown)?;
    let mark = format!("(\"{program}\"): ");
    let Some(at) = programs.find(&mark) else {
        let names: Vec<&str> =
            programs.split("(\"").skip(1).filter_map(|rest| rest.split_once("\"): ")).map(|(name, _)| name).collect();
        bail!("there is no program “{program}”; the programs are {}", names.join(", "));
    };
    let end = at + programs[at..].find(';').with_context(unknown)?;
    let (first, last) = programs.split_at(end);
    Ok(format!(
        "{before}\nregistry! {{\n{labs}    {module},\n}}\n{between}\nprograms! {{\n{first}, {module}{last}\n}}\n{after}"
    ))
}

/// The outline with a chapter that is written, and its planned titles if it had any.
fn outlined(outline: &str, slug: &str) -> Result<(String, Option<(String, String)>)> {
    let entry = format!("slug = \"{slug}\"\n");
    let Some(at) = outline.find(&entry) else {
        return Ok((format!("{}\n\n[[part.chapter]]\n{entry}", outline.trim_end()), None));
    };
    let (before, after) = outline.split_at(at + entry.len());
    let (plan, rest) = after.split_once('\n').unwrap_or((after, ""));
    let titles = plan.strip_prefix("planned = { en = \"").and_then(|plan| {
        let (english, chinese) = plan.split_once("\", zh = \"")?;
        Some((english.to_owned(), chinese.strip_suffix("\" }")?.to_owned()))
    });
    let Some(titles) = titles else {
        bail!("{OUTLINE} lists “{slug}” as written; delete it there, or write its planned title in one line");
    };
    Ok((format!("{before}{rest}"), Some(titles)))
}

fn read(root: &Path, file: &str) -> Result<String> {
    fs::read_to_string(root.join(file)).with_context(|| format!("{file} cannot be read"))
}

/// Writes all files or none.
fn write(root: &Path, changes: &[Change]) -> Result<Vec<String>> {
    let mut undo = Vec::new();
    for Change { file, text } in changes {
        let path = root.join(file);
        let folder = path.parent().filter(|folder| !folder.exists()).map(Path::to_path_buf);
        undo.push((path.clone(), fs::read(&path).ok(), folder.clone()));
        let written = folder.map_or(Ok(()), fs::create_dir_all).and_then(|()| fs::write(&path, text));
        if let Err(error) = written {
            for (path, before, folder) in undo.iter().rev() {
                // The first error is the one to tell; what cannot be taken back is named by it.
                let _ = before.as_ref().map_or_else(|| fs::remove_file(path), |bytes| fs::write(path, bytes));
                let _ = folder.as_ref().map(fs::remove_dir);
            }
            return Err(error).with_context(|| format!("{file} cannot be written; nothing was changed"));
        }
    }
    Ok(changes.iter().map(|change| change.file.clone()).collect())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn names_are_lower_case_words_joined_by_hyphens() {
        for name in ["noisy-descent", "sgd", "w2-norm"] {
            expect_name("lab", name).unwrap();
        }
        for name in ["", "-", "Noisy", "noisy_descent", "noisy--descent", "2d", "-noisy", "noisy-", "下降", "../x"] {
            let said = expect_name("lab", name).unwrap_err().to_string();
            assert!(said.contains("no name for a lab"), "{said}");
        }
    }

    #[test]
    fn a_chapter_that_was_planned_takes_its_place_and_its_titles() {
        let outline =
            "[[part.chapter]]\nslug = \"a\"\nplanned = { en = \"A\", zh = \"甲\" }\n\n[[part.chapter]]\nslug = \"b\"\n";
        let (written, titles) = outlined(outline, "a").unwrap();
        assert_eq!(written, "[[part.chapter]]\nslug = \"a\"\n\n[[part.chapter]]\nslug = \"b\"\n");
        assert_eq!(titles, Some(("A".into(), "甲".into())));
        assert!(outlined(outline, "b").unwrap_err().to_string().contains("lists “b” as written"));
        let (written, titles) = outlined(outline, "c").unwrap();
        assert!(written.ends_with("slug = \"b\"\n\n[[part.chapter]]\nslug = \"c\"\n"), "{written}");
        assert_eq!(titles, None);
    }

    #[test]
    fn what_fails_in_the_middle_leaves_nothing() {
        let root = std::env::temp_dir().join(format!("scaffold-{}", std::process::id()));
        fs::create_dir_all(root.join("taken")).unwrap();
        let change = |file: &str| Change { file: file.into(), text: "new".into() };
        let error = write(&root, &[change("folder/first"), change("taken")]).unwrap_err().to_string();
        assert!(error.contains("taken cannot be written; nothing was changed"), "{error}");
        assert!(!root.join("folder").exists());
        fs::remove_dir_all(root).unwrap();
    }
}
