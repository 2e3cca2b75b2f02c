//! The pages trust nobody: they load nothing but the site's own files, run nothing that stands in a page, a link or a file,
//! and keep nothing that could follow a reader.

use crate::{
    PATIENCE, Tests,
    support::{Page, Site, driver::Browser, html, random_link},
};
use anyhow::{Context, Result, bail, ensure};
use labs::{labs::ALL, text::Language};
use serde_json::{Value, json};
use std::{
    collections::BTreeSet,
    fs,
    path::{Path, PathBuf},
};

/// What the policy of every page says.
const DIRECTIVES: [&str; 11] = [
    "default-src 'none'",
    "script-src 'self' 'wasm-unsafe-eval'",
    "style-src 'self'",
    "img-src 'self' blob:",
    "font-src 'self'",
    "connect-src 'self'",
    "worker-src 'self'",
    "manifest-src 'self'",
    "frame-src 'self'",
    "base-uri 'none'",
    "form-action 'none'",
];

/// Addresses that name a kind of markup, and load nothing.
const NAMESPACES: &[&str] = &[
    // The reader's own machine, to which a page from a disk sends.
    "http://localhost:8000/",
    "http://www.w3.org/1998/Math/MathML",
    "http://www.w3.org/1999/xhtml",
    "http://www.w3.org/1999/xlink",
    "http://www.w3.org/2000/svg",
];

/// The tests of this module.
pub fn add(tests: &mut Tests) -> Result<()> {
    tests.add("files::every_page_states_its_policy_before_it_loads_anything".into(), policies);
    tests.add("files::no_page_has_a_script_or_a_style_of_its_own".into(), inline);
    tests.add("files::no_file_loads_from_another_host".into(), addresses);
    let mut has_chapter = false;
    for path in kinds(&tests.site)? {
        // Firefox sees one chapter, and what is not a chapter.
        let is_chapter = fs::read_to_string(tests.site.folder.join(&path).join("index.html"))
            .is_ok_and(|html| html.contains("<article"));
        let browsers = if is_chapter && has_chapter { &Browser::ALL[..1] } else { &Browser::ALL };
        has_chapter |= is_chapter;
        for &browser in browsers {
            let path = path.clone();
            let name = format!("{}::/{path}::in_use_it_keeps_to_its_policy_and_its_own_host", browser.name());
            tests.add(name, move |site| keeps_to_itself(site, browser, &path));
        }
    }
    for browser in Browser::ALL {
        tests.add(format!("{}::policy_refuses_what_others_might_slip_in", browser.name()), move |site| {
            refuses(site, browser)
        });
        tests.add(format!("{}::hostile_links_are_refused_in_words", browser.name()), move |site| {
            hostile_links(site, browser)
        });
    }
    tests.add("chromium::hostile_files_of_progress_change_nothing".into(), hostile_files);
    Ok(())
}

/// A page of every kind, so that each language has half of them.
fn kinds(site: &Site) -> Result<Vec<String>> {
    let mut found = BTreeSet::new();
    let paths = site.pages()?.into_iter().map(|(path, _)| path).chain(["404.html".to_owned()]);
    let mut kinds = Vec::new();
    for path in paths {
        let parts: Vec<&str> = path.split('/').collect();
        let kind = match &parts[..] {
            ["en" | "zh", "lab", ..] => "lab".to_owned(),
            ["en" | "zh", rest @ ..] => rest.join("/"),
            _ => path.clone(),
        };
        if found.insert(kind.clone()) {
            // The same page in the other language, for every other kind.
            let other = path.replacen("en/", "zh/", 1);
            let turned = found.len() % 2 == 0 && path.starts_with("en/") && site.folder.join(&other).is_dir();
            kinds.push(if turned { other } else { path });
        }
    }
    Ok(kinds)
}

fn policies(site: &Site) -> Result<()> {
    let mut pages = site.pages()?;
    pages.push(("404.html".into(), site.folder.join("404.html")));
    for (path, file) in pages {
        let text = fs::read_to_string(&file)?;
        let tags = html::tags(&text);
        let is_policy = |tag: &&html::Tag| tag.get("http-equiv") == Some("Content-Security-Policy");
        let place = tags.iter().position(|tag| is_policy(&tag));
        let place = place.with_context(|| format!("/{path} has no policy"))?;
        let loads = ["script", "link", "style", "base", "body", "img"];
        if let Some(early) = tags[..place].iter().find(|tag| loads.contains(&&*tag.name)) {
            bail!("/{path} has its policy after <{}>", early.name);
        }
        let directives: Vec<&str> = tags[place].get("content").unwrap_or_default().split("; ").collect();
        ensure!(directives == DIRECTIVES, "/{path} has the policy {directives:?}");
    }
    Ok(())
}

fn inline(site: &Site) -> Result<()> {
    let mut pages = site.pages()?;
    pages.push(("404.html".into(), site.folder.join("404.html")));
    let mut faults = Vec::new();
    for (path, file) in pages {
        for tag in html::tags(&fs::read_to_string(&file)?) {
            if tag.name == "style" || (tag.name == "script" && tag.get("src").is_none()) {
                faults.push(format!("/{path}: <{}> of its own", tag.name));
            }
            for (name, value) in tag.attributes() {
                if name == "style" || name.starts_with("on") || name == "srcdoc" {
                    faults.push(format!("/{path}: <{} {name}=\"{value}\">", tag.name));
                }
                if value.trim_start().to_ascii_lowercase().starts_with("javascript:") {
                    faults.push(format!("/{path}: <{}> has code for an address", tag.name));
                }
            }
        }
    }
    ensure!(faults.is_empty(), "{}", faults.join("\n"));
    Ok(())
}

/// All files of the site.
fn files(folder: &Path, found: &mut Vec<PathBuf>) -> Result<()> {
    for entry in fs::read_dir(folder)? {
        let path = entry?.path();
        if path.is_dir() {
            files(&path, found)?;
        } else {
            found.push(path);
        }
    }
    Ok(())
}

/// What a page loads by itself, of whatever kind. Links are followed by readers; `canonical` and `alternate` name pages.
fn loaded(tag: &html::Tag) -> Vec<&str> {
    let named = matches!(tag.name.as_str(), "a" | "area");
    let related =
        tag.name == "link" && matches!(tag.get("rel"), Some("canonical" | "alternate" | "license" | "author"));
    if named || related {
        return Vec::new();
    }
    let names =
        ["src", "href", "data", "poster", "srcset", "action", "formaction", "xlink:href", "data-worker", "data-sheet"];
    names.into_iter().filter_map(|name| tag.get(name)).collect()
}

fn is_foreign(address: &str) -> bool {
    address.contains("://") || address.starts_with("//")
}

fn addresses(site: &Site) -> Result<()> {
    let mut found = Vec::new();
    files(&site.folder, &mut found)?;
    let mut faults = Vec::new();
    for file in found {
        let name = file.strip_prefix(&site.folder).unwrap_or(&file).display().to_string();
        let bytes = fs::read(&file)?;
        let text = String::from_utf8_lossy(&bytes);
        match file.extension().and_then(|extension| extension.to_str()) {
            Some("html") => {
                for tag in html::tags(&text) {
                    let foreign = loaded(&tag).into_iter().filter(|address| is_foreign(address));
                    faults.extend(foreign.map(|address| format!("{name}: <{}> loads {address}", tag.name)));
                }
            }
            Some("css" | "js" | "mjs" | "wasm" | "svg" | "webmanifest") => {
                for beginning in ["http://", "https://", "ws://", "wss://"] {
                    for (offset, _) in text.match_indices(beginning) {
                        let rest = &text[offset..];
                        if !NAMESPACES.iter().any(|namespace| rest.starts_with(namespace)) {
                            let address: String = rest.chars().take(60).collect();
                            faults.push(format!("{name}: {address}"));
                        }
                    }
                }
            }
            _ => {}
        }
    }
    ensure!(faults.is_empty(), "{}", faults.join("\n"));
    Ok(())
}

/// Uses a page as a reader might: everything unfolded, every button of the page's own pressed that takes nothing away, the
/// labs run.
const USE: &str = "
    const patience = args[0];
    const labs = Array.from(document.querySelectorAll('figure[data-lab]'), figure => figure.dataset.lab);
    for (const lab of labs) await probe.ready(lab, patience);
    if (document.querySelector('script[src*=\"boot-\"]') && document.querySelector('main')) {
        await probe.until(() => 'study' in document.documentElement.dataset, patience, () => 'what helps to study');
    }
    for (const folded of document.querySelectorAll('details:not([open])')) folded.open = true;
    for (const theme of ['dark', 'light']) {
        document.querySelector('button.theme')?.click();
        await probe.pause(20);
    }
    for (const cited of document.querySelectorAll('a.term, [role=doc-biblioref]')) {
        cited.focus();
        cited.dispatchEvent(new PointerEvent('pointerover', { bubbles: true, pointerType: 'mouse' }));
        await probe.pause(200);
        if (document.querySelector('.card')) break;
    }
    const search = document.querySelector('button.search');
    if (search && probe.visible(search)) {
        search.click();
        const input = await probe.until(() => document.querySelector('dialog[open] input'), patience, () => 'the search');
        input.value = 'ridge';
        input.dispatchEvent(new Event('input', { bubbles: true }));
        await probe.until(() => document.querySelector('dialog[open] li'), patience, () => 'results');
        document.querySelector('dialog[open]').close();
    }
    document.querySelector('button.pairs')?.click();
    const first = document.querySelector('figure[data-lab]');
    if (first) {
        const tools = Array.from(first.querySelectorAll('button')).filter(button =>
            probe.visible(button) && !button.matches(':disabled') && !button.closest('.lab-controls'));
        for (const tool of tools.slice(0, 12)) {
            if (tool.isConnected) tool.click();
            await probe.pause(10);
        }
        first.scrollIntoView({ behavior: 'instant' });
        await probe.press(first.dataset.lab, 'Run');
        await probe.until(() => first.dataset.state !== 'idle', patience, () => 'a run');
    }
    const bench = document.querySelector('button[name=run]');
    if (bench && !first) {
        bench.click();
        await probe.pause(400);
    }
    scrollTo(0, document.body.scrollHeight);
    await probe.pause(200);";

/// Where the page has been: every resource with another origin, every cookie.
const LOOK: &str = "
    const elsewhere = performance.getEntriesByType('resource').map(({ name }) => name)
        .filter(name => new URL(name).origin !== location.origin && !name.startsWith(`blob:${location.origin}/`));
    const cookies = window.cookieStore ? (await cookieStore.getAll()).map(({ name }) => name) : [];
    const kept = Object.keys(localStorage).filter(key => !/^(theme|why-it-generalizes[.a-z-]*|[a-z-]+)$/.test(key));
    return [...elsewhere, ...cookies, ...kept, document.cookie].filter(Boolean);";

fn keeps_to_itself(site: &Site, browser: Browser, path: &str) -> Result<()> {
    let page = site.visit(browser, &format!("/{path}"))?;
    page.run_script(USE, &[json!(PATIENCE)])?;
    let found = page.run_script(LOOK, &[])?;
    ensure!(found == json!([]), "the page reaches or keeps {found}");
    page.expect_no_errors()
}

/// What a text might do that came to stand in a page: each must be refused, and is told to whoever listens.
const ATTACKS: &str = "
    window.broken = [];
    const refused = new Set();
    document.addEventListener('securitypolicyviolation', event => refused.add(event.effectiveDirective.split('-')[0]));
    const add = (name, properties, text = '') => {
        const made = Object.assign(document.createElement(name), properties);
        made.textContent = text;
        document.body.append(made);
        return made;
    };
    add('script', {}, 'broken.push(\"inline script\")');
    add('script', { src: 'data:text/javascript,broken.push(\"data script\")' });
    add('script', { src: 'https://example.invalid/a.js' });
    add('style', {}, 'body { --broken: 1 }');
    add('img', { src: 'https://example.invalid/a.png' });
    add('iframe', { src: 'https://example.invalid/' });
    add('link', { rel: 'stylesheet', href: 'https://example.invalid/a.css' });
    add('base', { href: 'https://example.invalid/' });
    const markup = add('div', {});
    markup.innerHTML = '<p style=\"color: red\" onclick=\"broken.push(1)\">';
    markup.firstChild.click();
    try { await fetch('https://example.invalid/'); broken.push('fetch'); } catch {}
    try { new WebSocket('wss://example.invalid/').onopen = () => broken.push('socket'); } catch {}
    try { navigator.sendBeacon('https://example.invalid/', 'x'); } catch {}
    const form = add('form', { action: 'https://example.invalid/', method: 'post' });
    try { form.submit(); } catch {}
    await probe.until(() => refused.size >= 7, args[0], () => `more than ${[...refused]}`);
    await probe.pause(100);
    if (getComputedStyle(document.body).getPropertyValue('--broken')) broken.push('inline style');
    if (markup.firstChild.style.length) broken.push('style attribute');
    if (document.baseURI !== location.href) broken.push('base');
    const reached = performance.getEntriesByType('resource').filter(({ name, transferSize }) =>
        name.includes('example.invalid') && transferSize > 0);
    return [...broken, ...reached.map(({ name }) => name)];";

fn refuses(site: &Site, browser: Browser) -> Result<()> {
    let lab = &ALL.first().context("there is no lab")?.schema().id;
    let page = site.visit(browser, &format!("/en/lab/{lab}/"))?;
    page.lab(lab).ready()?;
    let done = page.run_script(ATTACKS, &[json!(5000)])?;
    ensure!(done == json!([]), "the policy lets through {done}");
    // What was refused stands in the console: the next test is not to read it.
    page.session().console()?;
    Ok(())
}

/// Opens links of nonsense in which markup and code are hidden, and sees that the page takes none of them for more than
/// words, says so, and goes on.
fn hostile_links(site: &Site, browser: Browser) -> Result<()> {
    let seeds: Vec<u64> = (0..if browser == Browser::Chromium { 12 } else { 4 }).collect();
    for seed in seeds {
        let lab = ALL[usize::try_from(seed)? * 5 % ALL.len()];
        let language = Language::ALL[usize::try_from(seed)? % 2];
        let link = random_link(lab.schema(), seed);
        let page = site.visit(browser, &format!("/{}/lab/{}/?{link}", language.code(), lab.schema().id))?;
        let shown = page.lab(&lab.schema().id);
        shown.ready()?;
        let outcome = judge(&page).and_then(|()| page.expect_no_errors());
        outcome.with_context(|| format!("{}?{link}", lab.schema().id))?;
    }
    // Hundreds more go the same way as links do, through the function that the page's scripts have.
    let lab = ALL[0];
    let page = site.visit(browser, &format!("/en/lab/{}/", lab.schema().id))?;
    page.lab(&lab.schema().id).ready()?;
    let links: Vec<String> = (100..500).map(|seed| random_link(lab.schema(), seed)).collect();
    let answers = page.run_script(
        "const figure = document.querySelector('figure[data-lab]');
         let refused = 0;
         const before = figure.dataset.frame;
         for (const link of args[0]) refused += figure.lab('set', link).length;
         await probe.until(() => figure.dataset.frame !== before, args[1], () => `a frame; ${figure.dataset.state}`);
         return refused;",
        &[json!(links), json!(PATIENCE)],
    )?;
    ensure!(answers.as_u64() > Some(100), "only {answers} refusals");
    judge(&page)?;
    page.lab(&lab.schema().id).press("Reset")?.expect_state("idle")?;
    page.expect_no_errors()
}

fn judge(page: &Page) -> Result<()> {
    let found = page.value(
        "(() => {
            const figure = document.querySelector('figure[data-lab]');
            const markup = Array.from(document.querySelectorAll('img, iframe, object, embed, b, script:not([src])'));
            return {
                done: window.broken ?? null,
                markup: markup.map(element => element.outerHTML.slice(0, 80)),
                state: figure.dataset.state,
                values: Array.from(figure.querySelectorAll('input[name]')).filter(input => input.value === '').length,
            };
        })()",
    )?;
    ensure!(found["done"] == Value::Null, "code of the link ran");
    ensure!(found["markup"] == json!([]), "markup of the link stands in the page: {}", found["markup"]);
    ensure!(found["state"] != json!("error"), "the lab stopped");
    ensure!(found["values"] == json!(0), "a control lost its value");
    Ok(())
}

/// Files that are not, or not quite, a record of progress.
const FILES: [&str; 14] = [
    "",
    "null",
    "[]",
    "\"why-it-generalizes\"",
    "{}",
    "{\"book\":\"why-it-generalizes\",\"version\":1}",
    "{\"book\":\"why-it-generalizes\",\"version\":1,\"kinds\":null}",
    "{\"book\":\"why-it-generalizes\",\"version\":1,\"kinds\":{\"section\":{\"<img src=x onerror=broken=1>\":1}}}",
    "{\"book\":\"why-it-generalizes\",\"version\":1,\"kinds\":{\"section\":{\"a/b\":\"<b>1</b>\"}}}",
    "{\"book\":\"why-it-generalizes\",\"version\":1,\"kinds\":{\"section\":{\"a/b\":-1}}}",
    "{\"book\":\"why-it-generalizes\",\"version\":1,\"kinds\":{\"exercise\":{\"../../x\":true}}}",
    "{\"book\":\"why-it-generalizes\",\"version\":1e9,\"kinds\":{\"section\":{\"a/b\":1}}}",
    "{\"book\":\"another\",\"version\":1,\"kinds\":{\"section\":{\"a/b\":1}}}",
    "{\"__proto__\":{\"book\":\"why-it-generalizes\",\"version\":1,\"kinds\":{\"section\":{\"a/b\":1}}}}",
];

fn hostile_files(site: &Site) -> Result<()> {
    let page = site.visit(Browser::Chromium, "/en/journey/")?;
    let refused = page.run_script(
        "const input = await probe.until(() => document.querySelector('main input[type=file]'), args[1], () => 'the import');
         const told = document.querySelector('main [role=status]:not(.notice)');
         const before = localStorage.length;
         const refusals = [];
         const garbage = Array.from({ length: 40 }, (_, seed) => Uint8Array.from({ length: 300 }, (_, at) => (seed * 31 + at * at * 7) % 256));
         for (const content of [...args[0], ...garbage]) {
             told.textContent = '';
             const list = new DataTransfer();
             list.items.add(new File([content], 'progress.json', { type: 'application/json' }));
             input.files = list.files;
             input.dispatchEvent(new Event('change'));
             await probe.until(() => told.textContent, args[1], () => 'an answer');
             refusals.push(told.textContent);
         }
         if (localStorage.length !== before || window.broken) throw new Error('something was taken');
         return [...new Set(refusals)];",
        &[json!(FILES), json!(PATIENCE)],
    )?;
    ensure!(
        refused == json!(["This file holds no progress of this book. Nothing was changed."]),
        "the files are answered by {refused}"
    );
    judge_page(&page)?;
    page.expect_no_errors()
}

fn judge_page(page: &Page) -> Result<()> {
    let markup = page.value("document.querySelectorAll('main :is(img, iframe, script, b)').length")?;
    ensure!(markup == json!(0), "markup of a file stands in the page");
    Ok(())
}
