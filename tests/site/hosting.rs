//! What a host needs to know of the site, and what it need not: names that change with their content, addresses that lead
//! back to each other, compressed twins, any path, no headers, a disk instead of a host.

use crate::{
    Tests,
    support::{
        Page, Site,
        driver::Browser,
        html::{self, Tag},
        server::{Host, find},
    },
};
use anyhow::{Context, Result, bail, ensure};
use flate2::read::GzDecoder;
use labs::text::Language;
use serde_json::json;
use std::{
    collections::{BTreeMap, BTreeSet},
    env, fs,
    io::Read,
    path::Path,
};
use xxhash_rust::xxh3::xxh3_64;

/// The files that are looked for by their names, besides pages: by hosts, crawlers, browsers and the service worker.
const FIXED: [&str; 7] =
    ["404.html", "robots.txt", "sitemap.xml", "manifest.webmanifest", "sw.js", "offline/en.html", "offline/zh.html"];
/// Endings of files that no compression makes smaller, and of what it makes.
const DENSE: [&str; 2] = ["png", "woff2"];
const TWINS: [&str; 2] = ["br", "gz"];
/// The length of a content's name: its hash in hexadecimal digits.
const DIGITS: usize = 16;
/// A path that a careless teacher might choose, as browsers ask for it: `/a b/ü/`.
const ODD: &str = "/a%20b/%C3%BC/";

/// The tests of this module.
pub fn add(tests: &mut Tests) {
    tests.add("hosting::every_file_but_pages_is_named_after_its_content".into(), names);
    tests.add("hosting::every_named_content_is_there_and_is_referred_to".into(), mentions);
    tests.add("hosting::every_page_names_its_whole_address_and_its_editions_name_each_other".into(), editions);
    tests.add("hosting::the_sitemap_lists_exactly_the_pages".into(), sitemap);
    tests.add("hosting::compressed_twins_hold_their_file".into(), twins);
    tests.add("hosting::every_page_has_a_preview_image_and_chapters_one_for_each_language".into(), previews);
    tests.add("hosting::the_page_for_wrong_addresses_keeps_search_engines_away".into(), not_found);
    tests.add("chromium::hosting::a_lab_runs_under_an_odd_path_without_any_header".into(), odd_path);
    for browser in Browser::ALL {
        let name = browser.name();
        tests.add(format!("{name}::hosting::a_page_from_a_disk_says_what_works_there"), move |site| {
            from_disk(site, browser)
        });
    }
}

/// Every file of the site, by its path below the root.
fn files(site: &Site) -> Result<BTreeMap<String, Vec<u8>>> {
    let mut files = BTreeMap::new();
    let mut folders = vec![site.folder.clone()];
    while let Some(folder) = folders.pop() {
        for entry in fs::read_dir(&folder)? {
            let path = entry?.path();
            if path.is_dir() {
                folders.push(path);
                continue;
            }
            let name = path.strip_prefix(&site.folder)?.to_string_lossy().replace('\\', "/");
            files.insert(name, fs::read(&path)?);
        }
    }
    Ok(files)
}

fn ending(name: &str) -> &str {
    Path::new(name).extension().and_then(|ending| ending.to_str()).unwrap_or_default()
}

fn is_twin(name: &str) -> bool {
    TWINS.contains(&ending(name))
}

fn is_page(name: &str) -> bool {
    name == "index.html" || name.ends_with("/index.html")
}

fn names(site: &Site) -> Result<()> {
    let mut faults = Vec::new();
    for (name, bytes) in files(site)? {
        if is_twin(&name) || is_page(&name) || FIXED.contains(&name.as_str()) {
            continue;
        }
        let end = format!("-{:016x}.{}", xxh3_64(&bytes), ending(&name));
        if !name.ends_with(&end) {
            faults.push(format!("{name} should end in {end}"));
        }
    }
    ensure!(faults.is_empty(), "{}", faults.join("\n"));
    Ok(())
}

/// The ends of names that hold a hash, in a text: `-0123456789abcdef.` and what follows.
fn hashed_ends(text: &str) -> impl Iterator<Item = &str> {
    let is_hash = |hash: &str| hash.bytes().all(|digit| matches!(digit, b'0'..=b'9' | b'a'..=b'f'));
    text.match_indices('-').filter_map(move |(at, _)| {
        let end = &text[at..];
        let hash = end.get(1..=DIGITS).filter(|hash| is_hash(hash))?;
        end[1 + hash.len()..].starts_with('.').then_some(end)
    })
}

/// The end of a name from its hash on.
fn end_of(name: &str) -> &str {
    hashed_ends(name).last().unwrap_or_default()
}

fn mentions(site: &Site) -> Result<()> {
    let files = files(site)?;
    let there: BTreeSet<&str> = files.keys().filter(|name| !is_twin(name)).map(|name| end_of(name)).collect();
    let mut mentioned = BTreeSet::new();
    for (name, bytes) in files.iter().filter(|(name, _)| !is_twin(name) && !DENSE.contains(&ending(name))) {
        let text = String::from_utf8_lossy(bytes);
        for end in hashed_ends(&text) {
            // Names stand close together in the index of the search, so what follows a name may look like more of it.
            let file = there.iter().find(|file| !file.is_empty() && end.starts_with(**file));
            let start: String = end.chars().take(DIGITS + 6).collect();
            mentioned.insert(*file.with_context(|| format!("{name} refers to …{start}, which is not there"))?);
        }
        // What a script loads from beside itself has a hash in its name, too.
        if ending(name) == "js" {
            for call in ["from \"./", "from './", "import(\"./", "importScripts(\"./", "fetch(\"./"] {
                for rest in text.split(call).skip(1) {
                    let target = rest.split(['"', '\'']).next().unwrap_or_default();
                    ensure!(!end_of(target).is_empty(), "{name} loads {target}");
                }
            }
        }
    }
    let is_idle = |name: &&String| {
        let end = end_of(name);
        !is_twin(name) && !end.is_empty() && !mentioned.contains(end)
    };
    let idle: Vec<&String> = files.keys().filter(is_idle).collect();
    ensure!(idle.is_empty(), "no page loads {idle:?}");
    Ok(())
}

/// The address that the site says it is at, checked against the path that the tests serve it under.
fn whole_address(site: &Site) -> Result<String> {
    let landing = fs::read_to_string(site.folder.join("index.html"))?;
    let tags = html::tags(&landing);
    let canonical = link(&tags, "canonical").first().map(|(_, href)| href.clone()).context("no canonical link")?;
    let base = env::var("SITE_BASE").unwrap_or_else(|_| "/".into());
    ensure!(
        canonical.starts_with("https://") && canonical.ends_with(&base),
        "the site under test was built for {canonical}, not for a whole address; `cargo xtask test` does that"
    );
    Ok(canonical)
}

/// The links of a kind: their languages and addresses.
fn link(tags: &[Tag], rel: &str) -> Vec<(String, String)> {
    let links = tags.iter().filter(|tag| tag.name == "link" && tag.get("rel") == Some(rel));
    let text = |tag: &Tag, name: &str| tag.get(name).unwrap_or_default().to_owned();
    links.map(|tag| (text(tag, "hreflang"), text(tag, "href"))).collect()
}

fn meta<'a>(tags: &'a [Tag], name: &str) -> Option<&'a str> {
    let is_named =
        |tag: &&Tag| tag.name == "meta" && (tag.get("property") == Some(name) || tag.get("name") == Some(name));
    tags.iter().find(is_named).and_then(|tag| tag.get("content"))
}

fn editions(site: &Site) -> Result<()> {
    let root = whole_address(site)?;
    let mut sets = BTreeMap::new();
    for (path, file) in site.pages()? {
        let tags = html::tags(&fs::read_to_string(file)?);
        let own = format!("{root}{path}");
        ensure!(link(&tags, "canonical") == [(String::new(), own.clone())], "/{path} has another canonical address");
        ensure!(meta(&tags, "og:url") == Some(&own), "/{path} is previewed under another address");
        sets.insert(path, link(&tags, "alternate"));
    }
    for (path, editions) in &sets {
        let languages: Vec<&str> = editions.iter().map(|(language, _)| language.as_str()).collect();
        let all: Vec<&str> = Language::ALL.iter().map(|language| language.tag()).chain(["x-default"]).collect();
        ensure!(languages == all, "/{path} has editions in {languages:?}");
        ensure!(editions.iter().any(|(_, href)| *href == format!("{root}{path}")), "/{path} is not among its editions");
        for (language, href) in editions {
            let other = href.strip_prefix(&root).and_then(|other| sets.get(other));
            let other = other.with_context(|| format!("/{path}: {href} ({language}) is no page"))?;
            ensure!(other == editions, "/{path} and {href} do not name the same editions");
        }
    }
    Ok(())
}

fn sitemap(site: &Site) -> Result<()> {
    let root = whole_address(site)?;
    let text = fs::read_to_string(site.folder.join("sitemap.xml")).context("there is no sitemap.xml")?;
    let listed: BTreeSet<&str> =
        text.split("<loc>").skip(1).filter_map(|rest| rest.split_once("</loc>").map(|(address, _)| address)).collect();
    let pages: Vec<String> = site.pages()?.into_iter().map(|(path, _)| format!("{root}{path}")).collect();
    let pages: BTreeSet<&str> = pages.iter().map(String::as_str).collect();
    let apart: Vec<_> = listed.symmetric_difference(&pages).collect();
    ensure!(apart.is_empty(), "the sitemap and the site differ in {apart:?}");
    let robots = fs::read_to_string(site.folder.join("robots.txt")).context("there is no robots.txt")?;
    ensure!(robots.contains(&format!("\nSitemap: {root}sitemap.xml\n")), "robots.txt does not name the sitemap");
    ensure!(!robots.contains("Disallow"), "robots.txt keeps search engines away");
    Ok(())
}

fn twins(site: &Site) -> Result<()> {
    let files = files(site)?;
    let mut lonely = Vec::new();
    for (name, bytes) in files.iter().filter(|(name, _)| !is_twin(name) && !DENSE.contains(&ending(name))) {
        let [brotli, gzip] = TWINS.map(|ending| files.get(&format!("{name}.{ending}")));
        // Files of a few hundred bytes may grow, and what is dense already.
        if (brotli.is_none() || gzip.is_none()) && (bytes.len() > 500 && ending(name) != "bin") {
            lonely.push(name);
        }
        if let Some(brotli) = brotli {
            let mut whole = Vec::new();
            brotli::BrotliDecompress(&mut brotli.as_slice(), &mut whole)?;
            ensure!(whole == *bytes && brotli.len() < bytes.len(), "{name}.br does not hold {name}");
        }
        if let Some(gzip) = gzip {
            let mut whole = Vec::new();
            GzDecoder::new(gzip.as_slice()).read_to_end(&mut whole)?;
            ensure!(whole == *bytes && gzip.len() < bytes.len(), "{name}.gz does not hold {name}");
        }
    }
    ensure!(lonely.is_empty(), "not compressed: {lonely:?}");
    for name in files.keys().filter(|name| is_twin(name)) {
        let of = name.rsplit_once('.').map_or("", |(of, _)| of);
        ensure!(files.contains_key(of), "{name} stands for a file that is not there");
    }
    Ok(())
}

/// The width and height of a PNG image.
fn png_size(bytes: &[u8]) -> Option<(u32, u32)> {
    let header = bytes.strip_prefix(b"\x89PNG\r\n\x1a\n\0\0\0\x0dIHDR")?;
    let number = |at: usize| Some(u32::from_be_bytes(header.get(at..at + 4)?.try_into().ok()?));
    Some((number(0)?, number(4)?))
}

fn previews(site: &Site) -> Result<()> {
    let root = whole_address(site)?;
    let mut images: BTreeMap<String, String> = BTreeMap::new();
    let mut bytes_of_all = 0;
    for (path, file) in site.pages()? {
        let tags = html::tags(&fs::read_to_string(file)?);
        for name in ["og:title", "og:description"] {
            ensure!(meta(&tags, name).is_some_and(|text| !text.trim().is_empty()), "/{path} has no {name}");
        }
        ensure!(meta(&tags, "twitter:card") == Some("summary_large_image"), "/{path} is previewed without its image");
        let image = meta(&tags, "og:image").and_then(|image| image.strip_prefix(&root));
        let image = image.with_context(|| format!("/{path} has no preview image"))?;
        let bytes = fs::read(site.folder.join(image)).with_context(|| format!("/{path}: {image} is not there"))?;
        ensure!(png_size(&bytes) == Some((1200, 630)), "{image} is not a PNG of 1200 × 630");
        if images.values().all(|known| known != image) {
            bytes_of_all += bytes.len();
        }
        images.insert(path, image.to_owned());
    }
    eprintln!("\npreview images: {:.2} MB", bytes_of_all as f64 / 1e6);
    ensure!(bytes_of_all < 4_000_000, "the preview images take {bytes_of_all} bytes");
    let mut seen = BTreeSet::new();
    for language in Language::ALL {
        let chapters = site.chapters(language)?;
        ensure!(!chapters.is_empty(), "no chapter in {}", language.code());
        let lab_pages = images.keys().filter(|path| path.starts_with(&format!("{}/lab/", language.code()))).cloned();
        for path in chapters.into_iter().chain(lab_pages) {
            // The name is that of the content, so another name is another picture.
            let image = images.get(&path).with_context(|| format!("/{path} has no preview"))?;
            ensure!(seen.insert(image), "/{path} has the preview of another page, {image}");
        }
    }
    Ok(())
}

fn not_found(site: &Site) -> Result<()> {
    let tags = html::tags(&fs::read_to_string(site.folder.join("404.html"))?);
    ensure!(meta(&tags, "robots") == Some("noindex"), "404.html may be indexed");
    ensure!(link(&tags, "canonical").is_empty() && link(&tags, "alternate").is_empty(), "404.html names an address");
    // A path below the host, not a whole address: it leads home on whatever host the site is looked at.
    let base = env::var("SITE_BASE").unwrap_or_else(|_| "/".into());
    let styles = link(&tags, "stylesheet");
    ensure!(styles.iter().any(|(_, href)| href.starts_with(&base)), "404.html has its style at {styles:?}");
    let page = site.visit(Browser::Chromium, "/en/double-descent/no/such/page/at/any/depth")?;
    let styled = page.value("getComputedStyle(document.querySelector('main')).display")?;
    ensure!(styled == json!("block"), "404.html has no style at another depth");
    let home = page.text("document.querySelector('main a').href")?;
    page.session().go(&home)?;
    ensure!(page.text("document.title")?.starts_with("Why It Generalizes"), "404.html leads to {home}");
    Ok(())
}

/// The chapter that the browsers open.
fn first_chapter(site: &Site, language: Language) -> Result<String> {
    site.chapters(language)?.into_iter().next().context("there is no chapter")
}

fn odd_path(site: &Site) -> Result<()> {
    let host = Host::start_bare(&site.folder, ODD)?;
    let path = first_chapter(site, Language::Chinese)?;
    let page = site.blank(Browser::Chromium)?;
    page.session().go(&format!("{}{path}", host.address))?;
    let id = page.text("document.querySelector('figure[data-lab]').dataset.lab")?;
    let lab = page.lab(&id);
    lab.ready()?.press("Run")?;
    lab.expect_done()?;
    // The late modules, the program that searches and its files are found, too.
    page.run_script(
        "document.querySelector('button.search').click();
         await probe.until(() => document.querySelector('dialog[open] input, [role=dialog] input'), 30000, () => 'search');
         await probe.until(() => 'study' in document.documentElement.dataset, 30000, () => 'the late modules');",
        &[],
    )?;
    page.follow_language_link()?;
    let place = page.text("location.pathname")?;
    ensure!(place.starts_with(ODD) && place.contains("/en/"), "the language link led to {place}");
    page.expect_no_errors()
}

/// The address of a file on this machine's disk.
fn disk_address(site: &Site, path: &str) -> Result<String> {
    let folder = fs::canonicalize(&site.folder)?;
    let file = find(&folder, path).with_context(|| format!("/{path} is not there"))?;
    Ok(format!("file://{}", file.to_string_lossy().replace('\\', "/")))
}

fn from_disk(site: &Site, browser: Browser) -> Result<()> {
    let page = site.blank(browser)?;
    let session = page.session();
    let notices = |page: &Page| -> Result<Vec<String>> {
        // The script that says it comes on its own.
        let shown = page.run_script(
            "const shown = () => [...document.querySelectorAll('.notice.disk')].filter(it => it.getClientRects().length);
             for (let tries = 0; !shown().length && tries < 400; tries++) await new Promise(next => setTimeout(next, 25));
             return shown().map(it => it.innerText);",
            &[],
        )?;
        Ok(serde_json::from_value(shown)?)
    };
    for (language, word) in [(Language::English, "opened from a disk"), (Language::Chinese, "从磁盘直接打开")] {
        session.go(&disk_address(site, &first_chapter(site, language)?)?)?;
        let said = notices(&page)?;
        ensure!(said.len() == 1 && said[0].contains(word), "the chapter says {said:?}");
        ensure!(said[0].contains("http://localhost:8000/"), "no way on: {said:?}");
        let state = page.value(
            "(() => {
                const visible = element => element.getClientRects().length > 0;
                const labs = [...document.querySelectorAll('figure[data-lab]')];
                return {
                    text: document.querySelector('article').innerText.length > 1000,
                    styled: getComputedStyle(document.querySelector('.bar')).position,
                    figures: labs.length > 0 && labs.every(lab => [...lab.querySelectorAll('svg')].some(visible)),
                    dead: [...document.querySelectorAll('button, input, select, textarea')]
                        .filter(it => visible(it) && !it.matches('.theme')).map(it => it.outerHTML.slice(0, 80)),
                };
            })()",
        )?;
        let sound = json!({ "text": true, "styled": "sticky", "figures": true, "dead": [] });
        ensure!(state == sound, "{state}");
    }
    let paper = "getComputedStyle(document.body).backgroundColor";
    let before = page.text(paper)?;
    page.value("document.querySelector('button.theme').click()")?;
    ensure!(page.text(paper)? != before, "the theme button does nothing");
    page.value("document.querySelector('button.theme').click()")?;
    // Folders are no pages on a disk, so links lead to their files.
    page.follow_language_link()?;
    let place = page.text("location.pathname")?;
    ensure!(
        place.ends_with(&format!("{}index.html", first_chapter(site, Language::English)?)),
        "the link led to {place}"
    );
    session.go(&disk_address(site, "")?)?;
    let said = notices(&page)?;
    ensure!(said.len() == 2 && said[0] != said[1], "the landing page says {said:?}");
    let lost = page.text(
        "[...document.querySelectorAll('a[href]')].filter(link => link.protocol === 'file:' \
         && !link.pathname.endsWith('.html')).map(link => link.outerHTML).join()",
    )?;
    if !lost.is_empty() {
        bail!("links to folders: {lost}");
    }
    Ok(())
}
