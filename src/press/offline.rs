//! What lets the book be installed and read without a network: the manifest with its icons, and the service worker with
//! the list of all files.

use super::{
    lean,
    site::{Site, asset},
};
use crate::{
    figure::{Theme, palette::Palette},
    page::words,
};
use anyhow::{Context, Result, ensure};
use labs::text::{Language, Text};
use resvg::{
    tiny_skia::{Color, Pixmap, Transform},
    usvg,
};
use serde_json::json;
use sha2::{Digest, Sha256};
use std::collections::{BTreeMap, BTreeSet};

/// The service worker. Its name says nothing of its content: browsers look for the next version under it.
const WORKER: &str = "sw.js";
const MANIFEST: &str = "manifest.webmanifest";
const ICON: &str = "favicon.svg";
/// Pages that are always on the device, once any is.
const SHELL_PAGES: [&str; 3] = ["", "en/", "zh/"];
/// How the names of the program begin that is loaded when a reader takes a run away.
const ON_REQUEST: &str = "take-";
/// The kinds of files that pages are made of. Others in the folder are for hosts and search engines.
const ENDINGS: [&str; 8] = ["html", "css", "js", "wasm", "bin", "json", "woff2", "svg"];

static SHORT: Text = Text::new("Generalizes", "为何泛化");

/// The file of the page that is shown for one that is neither here nor to be had, below the site's root.
pub fn page(language: Language) -> String {
    format!("offline/{}.html", language.code())
}

/// Writes the manifest, in both languages as far as its format goes, and its icons; `vector` is the one that the site has.
pub fn write_manifest(site: &Site, vector: &str) -> Result<()> {
    let icon = |size: u32, purpose: &str| -> Result<serde_json::Value> {
        let png = draw_icon(&asset(ICON)?, size, purpose == "maskable")?;
        let file = site.write_hashed(&format!("icon-{purpose}-{size}"), "png", &png)?;
        Ok(json!({ "src": file, "sizes": format!("{size}x{size}"), "type": "image/png", "purpose": purpose }))
    };
    let icons = [
        icon(192, "any")?,
        icon(512, "any")?,
        icon(512, "maskable")?,
        json!({ "src": vector, "sizes": "any", "type": "image/svg+xml", "purpose": "any" }),
    ];
    let localized = |text: &Text| {
        let of = |language: Language| (language.tag().to_string(), text.get(language).into());
        serde_json::Value::Object(Language::ALL.map(of).into_iter().collect())
    };
    // Around the icon while the book opens.
    let paper = Palette::of(Theme::Light).paper.css();
    let manifest = json!({
        "name": format!("{} · {}", words::BOOK.en, words::BOOK.zh),
        "name_localized": localized(&words::BOOK),
        "short_name": SHORT.en,
        "short_name_localized": localized(&SHORT),
        "description": format!("{} {}", words::DESCRIPTION.en, words::DESCRIPTION.zh),
        "description_localized": localized(&words::DESCRIPTION),
        "lang": Language::English.tag(),
        "start_url": "./",
        "scope": "./",
        "display": "standalone",
        "display_override": ["minimal-ui"],
        "background_color": paper,
        "theme_color": paper,
        "icons": icons,
        "shortcuts": Language::ALL.map(|language| json!({
            "name": words::BOOK.get(language),
            "url": format!("{}/", language.code()),
        })),
    });
    site.write(MANIFEST, &serde_json::to_vec(&manifest)?)
}

/// The icon as a PNG. A maskable one may be cut to a circle of four fifths of its width: it is drawn smaller, on a ground
/// of its own color that fills the square.
fn draw_icon(svg: &str, size: u32, is_maskable: bool) -> Result<Vec<u8>> {
    let tree = usvg::Tree::from_str(svg, &usvg::Options::default()).context("the icon is no SVG")?;
    let mut pixmap = Pixmap::new(size, size).context("the icon has no size")?;
    let share = if is_maskable { 0.75 } else { 1.0 };
    if is_maskable {
        let ground = svg.split_once("fill=\"#").and_then(|(_, rest)| u32::from_str_radix(rest.get(..6)?, 16).ok());
        let [_, red, green, blue] = ground.context("the icon's ground has no color")?.to_be_bytes();
        pixmap.fill(Color::from_rgba8(red, green, blue, 255));
    }
    let side = size as f32;
    let margin = side * (1.0 - share) / 2.0;
    let scale = side * share / tree.size().width();
    resvg::render(&tree, Transform::from_scale(scale, scale).post_translate(margin, margin), &mut pixmap.as_mut());
    pixmap.encode_png().context("the icon cannot be written")
}

/// Writes the service worker that clears away what another has kept.
pub fn retire(site: &Site) -> Result<()> {
    let worker = lean(&asset("offline/retired.js")?);
    site.write(WORKER, worker.as_bytes())
}

/// Writes the service worker for a site that is otherwise finished; each change of a file asks for another.
pub fn seal(site: &Site) -> Result<()> {
    let list = list(site)?;
    let worker = lean(&asset("offline/sw.js")?);
    ensure!(worker.contains("__BOOK__"), "the service worker takes no list");
    let worker = worker.replacen("__BOOK__", &list.to_string(), 1);
    site.write(WORKER, worker.as_bytes())
}

/// A file of the version.
struct File {
    path: String,
    bytes: Vec<u8>,
}

impl File {
    /// Its name's beginning, the hash of its content and what comes after that, if its name has such a hash.
    fn parts(&self) -> Option<(&str, &str, &str)> {
        let name = self.path.rsplit('/').next()?;
        let (stem, rest) = name.rsplit_once('-')?;
        let (hash, ending) = rest.split_at_checked(HASH)?;
        hash.bytes().all(|byte| byte.is_ascii_hexdigit()).then_some((stem, hash, ending))
    }

    /// Whether others are loaded because of what it says. Search has its own texts loaded as they are found.
    fn asks_for_others(&self) -> bool {
        let ending = self.path.rsplit('.').next().unwrap_or_default();
        ["html", "css", "js"].contains(&ending) || self.path.starts_with("labs/")
    }
}

/// How many digits the hash in a file's name has.
const HASH: usize = 16;

/// The version: its files, the shell, and what each page needs beside the shell, as the service worker reads it.
fn list(site: &Site) -> Result<serde_json::Value> {
    let parts = site.files()?.into_iter().filter(|path| is_part(path));
    let files = parts.map(|path| Ok(File { bytes: site.read_bytes(&path)?, path })).collect::<Result<Vec<_>>>()?;
    let needs = needs(&files);
    let place = |path: &str| files.iter().position(|file| file.path == path);
    let mut shell = BTreeSet::new();
    let pages_of_shell = SHELL_PAGES.iter().map(|page| format!("{page}index.html"));
    let plain = [MANIFEST.to_string()].into_iter();
    for path in pages_of_shell.chain(Language::ALL.map(page)).chain(plain) {
        let index = place(&path).with_context(|| format!("the site has no {path}"))?;
        follow(index, &needs, &mut shell);
    }
    // What makes files of a run comes with the first page that is kept: the shell is for readers who asked for nothing.
    shell.retain(|&index| !files[index].path.starts_with(ON_REQUEST));
    let mut pages = serde_json::Map::new();
    for (index, file) in files.iter().enumerate() {
        let Some(page) = file.path.strip_suffix("index.html") else { continue };
        let mut parts = BTreeSet::new();
        follow(index, &needs, &mut parts);
        let others = parts.into_iter().filter(|part| !shell.contains(part) && *part != index);
        pages.insert(page.to_string(), others.chain([index]).collect());
    }
    let described: Vec<_> =
        files.iter().map(|file| json!([file.path, digest(&file.bytes), file.bytes.len()])).collect();
    let version = digest(serde_json::to_string(&described)?.as_bytes());
    Ok(json!({ "version": version[..HASH], "files": described, "shell": shell, "pages": pages }))
}

/// The first half of a file's SHA-256, which is enough to tell one version from another.
fn digest(bytes: &[u8]) -> String {
    Sha256::digest(bytes)[..16].iter().map(|byte| format!("{byte:02x}")).collect()
}

/// Whether the device keeps a file: the page for wrong addresses is the host's to give, and the worker does not keep
/// itself.
fn is_part(path: &str) -> bool {
    let ending = path.rsplit('.').next().unwrap_or_default();
    (ENDINGS.contains(&ending) || path == MANIFEST) && path != WORKER && path != "404.html"
}

/// Which files each file names: their hashes make their names unmistakable.
fn needs(files: &[File]) -> Vec<BTreeSet<usize>> {
    let mut by_hash: BTreeMap<&[u8], Vec<usize>> = BTreeMap::new();
    for (index, file) in files.iter().enumerate() {
        if let Some((_, hash, _)) = file.parts() {
            by_hash.entry(hash.as_bytes()).or_default().push(index);
        }
    }
    let named = |text: &[u8], at: usize| -> Vec<usize> {
        let (before, rest) = (&text[..at], &text[at + 1..]);
        let candidates = rest.get(..HASH).and_then(|hash| by_hash.get(hash)).map_or(&[][..], Vec::as_slice);
        let is_meant = |index: &&usize| {
            let Some((stem, _, ending)) = files[**index].parts() else { return false };
            before.ends_with(stem.as_bytes()) && rest[HASH..].starts_with(ending.as_bytes())
        };
        candidates.iter().filter(is_meant).copied().collect()
    };
    let of = |file: &File| {
        let text = if file.asks_for_others() { &file.bytes[..] } else { &[] };
        let hyphens = text.iter().enumerate().filter(|(_, byte)| **byte == b'-');
        hyphens.flat_map(|(at, _)| named(text, at)).collect()
    };
    files.iter().map(of).collect()
}

/// Adds a file and all that it needs.
fn follow(index: usize, needs: &[BTreeSet<usize>], found: &mut BTreeSet<usize>) {
    if found.insert(index) {
        for next in &needs[index] {
            follow(*next, needs, found);
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn file(path: &str, text: &str) -> File {
        File { path: path.into(), bytes: text.as_bytes().to_vec() }
    }

    #[test]
    fn a_page_needs_what_it_names_and_what_that_names() {
        let files = [
            file(
                "en/a/index.html",
                "src=\"../../boot-0123456789abcdef.js\" data-sheet=\"../../labs/x-1111111111111111.bin\"",
            ),
            file("boot-0123456789abcdef.js", "import './main-2222222222222222.js'; './main-2222222222222222_bg.wasm'"),
            file("labs/x-1111111111111111.bin", "\u{1}\u{2}data/mnist-3333333333333333.bin\u{1}"),
            file("main-2222222222222222.js", ""),
            file("main-2222222222222222_bg.wasm", "other-4444444444444444.js"),
            file("data/mnist-3333333333333333.bin", ""),
            file("other-4444444444444444.js", ""),
        ];
        let mut found = BTreeSet::new();
        follow(0, &needs(&files), &mut found);
        assert_eq!(found, BTreeSet::from([0, 1, 2, 3, 4, 5]));
    }

    #[test]
    fn a_maskable_icon_fills_its_square_and_the_other_has_clear_corners() {
        let svg = asset(ICON).unwrap_or_else(|error| panic!("{error:#}"));
        for (is_maskable, alpha) in [(false, 0), (true, 255)] {
            let png = draw_icon(&svg, 192, is_maskable).unwrap_or_else(|error| panic!("{error:#}"));
            let pixmap = Pixmap::decode_png(&png).unwrap_or_else(|error| panic!("{error}"));
            assert_eq!((pixmap.width(), pixmap.height()), (192, 192));
            assert_eq!(pixmap.pixel(0, 0).map(resvg::tiny_skia::PremultipliedColorU8::alpha), Some(alpha));
        }
    }
}
