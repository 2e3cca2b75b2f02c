//! What the files of the built site are like, before any browser opens them.

use crate::{
    Tests,
    support::{
        Site, html,
        server::{find, gzip_size},
    },
};
use anyhow::{Context, Result, ensure};
use labs::{labs::ALL, text::Language};
use std::{
    collections::BTreeMap,
    env, fs,
    path::{Component, Path, PathBuf},
};

/// HTML and style of a page, compressed: what is there before any program.
const READABLE_BYTES: usize = 110_000;

/// What each WebAssembly program may take, compressed, by the beginnings of their names: first those that a page must
/// load before its first lab lives.
const PROGRAMS: [(&str, usize); 6] = [
    ("main-", 100_000),
    ("worker-", 90_000),
    ("bench", 40_000),
    ("search-", 35_000),
    ("directions-", 15_000),
    ("take-", 70_000),
];

/// What each data set may take, compressed, in bytes.
const DATA_BYTES: usize = 400_000;

/// The tests of this module.
pub fn add(tests: &mut Tests) {
    tests.add("files::every_page_names_its_language_title_description_and_counterpart".into(), heads);
    tests.add("files::every_link_leads_somewhere_under_any_path".into(), links);
    tests.add("files::every_lab_has_a_page_and_printed_numbers_in_both_languages".into(), lab_pages);
    tests.add("files::every_page_is_readable_within_110_kb".into(), readable);
    tests.add("files::every_program_keeps_to_its_size".into(), programs);
    tests.add("files::every_data_set_keeps_to_its_size".into(), data_sets);
    tests.add("files::style_sheets_point_to_files_that_are_there".into(), style_sheets);
}

fn heads(site: &Site) -> Result<()> {
    for (path, file) in site.pages()? {
        let text = fs::read_to_string(&file)?;
        let tags = html::tags(&text);
        let lang = tags.iter().find(|tag| tag.name == "html").and_then(|tag| tag.get("lang"));
        let lang = lang.with_context(|| format!("/{path} does not name its language"))?;
        let title =
            text.split_once("<title>").and_then(|(_, rest)| rest.split_once("</title>")).map(|(title, _)| title);
        ensure!(title.is_some_and(|title| !title.trim().is_empty()), "/{path} has no title");
        let described = tags.iter().any(|tag| {
            tag.name == "meta"
                && tag.get("name") == Some("description")
                && tag.get("content").is_some_and(|content| !content.trim().is_empty())
        });
        ensure!(described, "/{path} has no description");
        let Some(language) =
            Language::ALL.into_iter().find(|language| path.starts_with(&format!("{}/", language.code())))
        else {
            continue;
        };
        ensure!(lang == language.tag(), "/{path} is said to be in {lang}");
        let other = language.other();
        let counterpart = format!("{}{}", other.code(), &path[language.code().len()..]);
        ensure!(find(&site.folder, &counterpart).is_some(), "/{path} has no counterpart /{counterpart}");
        let alternate =
            |tag: &&html::Tag| tag.get("rel") == Some("alternate") && tag.get("hreflang") == Some(other.tag());
        let link = tags.iter().find(alternate).and_then(|tag| tag.get("href"));
        let link = link.with_context(|| format!("/{path} does not name its counterpart by hreflang"))?;
        ensure!(link.contains(&counterpart), "/{path} names {link} as its counterpart");
    }
    Ok(())
}

/// The addresses that a page's tags refer to.
fn references(text: &str) -> Vec<String> {
    let mut found = Vec::new();
    for tag in html::tags(text) {
        for attribute in ["href", "src", "poster", "data-worker", "data-sheet", "data-src"] {
            found.extend(tag.get(attribute).map(str::to_owned));
        }
        found.extend(
            tag.get("srcset")
                .into_iter()
                .flat_map(|set| set.split(','))
                .filter_map(|one| one.split_whitespace().next().map(str::to_owned)),
        );
    }
    found
}

/// The path that a relative address leads to from a page, both below the site's root; none if it leads out of it.
fn resolve(page: &str, address: &str) -> Option<String> {
    let folder = if page.ends_with('/') || page.is_empty() { Path::new(page) } else { Path::new(page).parent()? };
    let mut parts: Vec<String> = Vec::new();
    for part in folder.join(address).components() {
        match part {
            Component::Normal(name) => parts.push(name.to_string_lossy().into_owned()),
            Component::ParentDir => drop(parts.pop()?),
            Component::CurDir => {}
            Component::RootDir | Component::Prefix(_) => return None,
        }
    }
    let folder = address.is_empty() || address.ends_with('/') || address.ends_with("..") || address == ".";
    let path = parts.join("/");
    Some(if folder && !path.is_empty() { path + "/" } else { path })
}

fn links(site: &Site) -> Result<()> {
    let mut ids = BTreeMap::new();
    let mut faults = Vec::new();
    for (path, file) in site.pages()? {
        for reference in references(&fs::read_to_string(&file)?) {
            let external = ["https://", "http://", "mailto:", "data:"].iter().any(|start| reference.starts_with(start));
            if external {
                continue;
            }
            if reference.starts_with('/') {
                faults.push(format!("/{path}: {reference} works at the root only"));
                continue;
            }
            let (address, fragment) = reference.split_once('#').unwrap_or((&reference, ""));
            let address = address.split('?').next().unwrap_or_default();
            let target = if address.is_empty() { Some(path.clone()) } else { resolve(&path, address) };
            let Some(target) = target.and_then(|target| find(&site.folder, &target)) else {
                faults.push(format!("/{path}: {reference} leads nowhere"));
                continue;
            };
            if !fragment.is_empty() && !ids_of(&mut ids, &target)?.iter().any(|id| id == fragment) {
                faults.push(format!("/{path}: {reference} leads to no place on its page"));
            }
        }
    }
    ensure!(faults.is_empty(), "{}", faults.join("\n"));
    // The page for wrong addresses is shown at any depth, so it alone spells out where the site is.
    let base = env::var("SITE_BASE").unwrap_or_else(|_| "/".into());
    let missing = fs::read_to_string(site.folder.join("404.html")).context("there is no 404.html")?;
    for reference in references(&missing).iter().filter(|reference| !reference.starts_with(['#', 'd'])) {
        let inside = reference.strip_prefix(base.as_str()).with_context(|| format!("404.html links to {reference}"))?;
        ensure!(find(&site.folder, inside).is_some(), "404.html: {reference} leads nowhere");
    }
    Ok(())
}

fn ids_of<'a>(known: &'a mut BTreeMap<PathBuf, Vec<String>>, file: &Path) -> Result<&'a [String]> {
    if !known.contains_key(file) {
        let tags = html::tags(&fs::read_to_string(file)?);
        known.insert(file.into(), tags.iter().filter_map(|tag| tag.get("id").map(str::to_owned)).collect());
    }
    Ok(known.get(file).map(Vec::as_slice).unwrap_or_default())
}

fn lab_pages(site: &Site) -> Result<()> {
    for lab in ALL {
        let schema = lab.schema();
        for language in Language::ALL {
            let path = format!("{}/lab/{}/", language.code(), schema.id);
            let file = find(&site.folder, &path).with_context(|| format!("/{path} is not there"))?;
            let text = fs::read_to_string(file)?;
            let tags = html::tags(&text);
            let figures = tags.iter().filter(|tag| tag.name == "figure" && tag.get("data-lab") == Some(&*schema.id));
            ensure!(figures.count() == 1, "/{path} does not have its lab once");
            ensure!(text.contains("<svg"), "/{path} has no printed figure");
            for output in schema.outputs.iter() {
                let printed = tags.iter().find(|tag| tag.get("data-output") == Some(&*output.name));
                let value = printed.and_then(|tag| tag.get("data-value"));
                let value = value.with_context(|| format!("/{path} prints no {}", output.name))?;
                ensure!(value.parse::<f64>().is_ok(), "/{path} prints {value} for {}", output.name);
            }
        }
    }
    Ok(())
}

fn readable(site: &Site) -> Result<()> {
    let mut table = Vec::new();
    let mut heavy = Vec::new();
    for (path, file) in site.pages()? {
        let text = fs::read_to_string(&file)?;
        let page = gzip_size(text.as_bytes());
        let mut style = 0;
        for tag in html::tags(&text).iter().filter(|tag| tag.get("rel") == Some("stylesheet")) {
            let sheet = resolve(&path, tag.get("href").unwrap_or_default()).and_then(|path| find(&site.folder, &path));
            style += gzip_size(&fs::read(sheet.with_context(|| format!("/{path} lacks its style sheet"))?)?);
        }
        let line = format!("{:>9} {:>9} {:>9}  /{path}", page, style, page + style);
        if page + style > READABLE_BYTES {
            heavy.push(line.clone());
        }
        table.push(line);
    }
    eprintln!(
        "\nbytes with gzip before any program (at most {READABLE_BYTES}):\n     HTML       CSS       sum\n{}",
        table.join("\n")
    );
    ensure!(heavy.is_empty(), "more than {READABLE_BYTES} bytes:\n{}", heavy.join("\n"));
    Ok(())
}

fn programs(site: &Site) -> Result<()> {
    let mut table = Vec::new();
    let mut heavy = false;
    for entry in fs::read_dir(&site.folder)? {
        let file = entry?.path();
        let name = file.file_name().unwrap_or_default().to_string_lossy().into_owned();
        if file.extension().is_some_and(|extension| extension == "wasm") {
            let most = PROGRAMS.iter().find(|(beginning, _)| name.starts_with(beginning));
            let (_, most) = most.with_context(|| format!("{name} has no budget"))?;
            let bytes = gzip_size(&fs::read(&file)?);
            heavy |= bytes > *most;
            table.push(format!("{bytes:>9} of {most:>7}  {name}"));
        }
    }
    table.sort();
    let table = table.join("\n");
    eprintln!("\nbytes of the programs with gzip:\n{table}");
    ensure!(!heavy, "a program is too large:\n{table}");
    Ok(())
}

fn data_sets(site: &Site) -> Result<()> {
    let mut table = Vec::new();
    let mut heavy = false;
    for entry in fs::read_dir(site.folder.join("data"))? {
        let file = entry?.path();
        let bytes = gzip_size(&fs::read(&file)?);
        heavy |= bytes > DATA_BYTES;
        table.push(format!("{bytes:>9}  {}", file.file_name().unwrap_or_default().to_string_lossy()));
    }
    table.sort();
    let table = table.join("\n");
    eprintln!("\nbytes of the data sets with gzip (at most {DATA_BYTES}):\n{table}");
    ensure!(!table.is_empty(), "there are no data sets");
    ensure!(!heavy, "a data set is too large:\n{table}");
    Ok(())
}

fn style_sheets(site: &Site) -> Result<()> {
    for entry in fs::read_dir(&site.folder)? {
        let file = entry?.path();
        if file.extension().is_none_or(|extension| extension != "css") {
            continue;
        }
        let text = fs::read_to_string(&file)?;
        for (_, rest) in text.match_indices("url(").map(|(at, found)| (at, &text[at + found.len()..])) {
            let address = rest.split(')').next().unwrap_or_default().trim_matches(['"', '\'', ' ']);
            if address.starts_with("data:") || address.starts_with('#') {
                continue;
            }
            let target = resolve("", address).and_then(|path| find(&site.folder, &path));
            ensure!(target.is_some(), "{}: {address} leads nowhere", file.display());
        }
    }
    Ok(())
}
