//! Terms and citations: cards where they stand, the glossary, the bibliography.

use crate::{
    PATIENCE, Tests,
    support::{Page, Site, driver::Browser, html},
};
use anyhow::{Context, Result, ensure};
use labs::text::Language;
use serde_json::{Value, json};
use std::{collections::BTreeSet, fs};

const TAB: &str = "\u{E004}";
const ENTER: &str = "\u{E007}";
const ESCAPE: &str = "\u{E00C}";

/// The tests of this module.
pub fn add(tests: &mut Tests) -> Result<()> {
    for language in Language::ALL {
        for path in tests.site.chapters(language)? {
            for browser in tests.site.browsers(language, &path)? {
                let mut add = |name: &str, body: fn(&Site, Browser, &str) -> Result<()>| {
                    let path = path.clone();
                    tests.add(format!("{}::/{path}::{name}", browser.name()), move |site| body(site, browser, &path));
                };
                add("a_term_is_looked_up_by_keyboard", by_keyboard);
                add("a_citation_shows_its_work_to_the_pointer", by_pointer);
                add("a_tap_opens_the_card_of_a_term_and_its_link_goes_on", by_touch);
            }
        }
        for browser in Browser::ALL {
            let path = format!("{}/references/", language.code());
            tests.add(format!("{}::/{path}::bibtex_is_copied_or_selected", browser.name()), move |site| {
                copies(site, browser, &path)
            });
        }
    }
    tests.add("files::glossary_and_bibliography_list_the_same_in_both_languages".into(), lists);
    Ok(())
}

/// Waits for a condition in the page.
fn wait(page: &Page, condition: &str) -> Result<()> {
    page.run_script(&format!("await probe.until(() => {condition}, {PATIENCE}, () => `{condition}`);"), &[]).map(drop)
}

/// A chapter whose cards can open.
fn open<'a>(site: &'a Site, browser: Browser, path: &str) -> Result<Page<'a>> {
    let page = site.visit(browser, &format!("/{path}"))?;
    cards(&page)?;
    Ok(page)
}

/// Waits until cards can open.
fn cards(page: &Page) -> Result<()> {
    page.run_script("probe.touch();", &[])?;
    wait(page, "document.querySelector('link[href*=\"study/terms-\"]')?.sheet")
}

/// Puts an element in the middle of the window and gives the place of its beginning.
fn show(page: &Page, element: &str) -> Result<(i64, i64)> {
    // Labs that come to life nearby may still move it.
    let place = page.run_script(
        &format!(
            "const element = {element};
             let place;
             for (let still = 0; still < 4; ) {{
                 if (!still) element.scrollIntoView({{ block: 'center', behavior: 'instant' }});
                 await probe.pause(100);
                 const line = element.getClientRects()[0];
                 const now = [Math.round(line.left + Math.min(line.width, 16) / 2), Math.round(line.top + line.height / 2)];
                 still = String(now) === String(place) ? still + 1 : 0;
                 place = now;
             }}
             return place;"
        ),
        &[],
    )?;
    Ok((place[0].as_i64().context("no place")?, place[1].as_i64().context("no place")?))
}

fn ensure_true(page: &Page, condition: &str) -> Result<()> {
    ensure!(page.value(condition)? == json!(true), "it is not so that {condition}");
    Ok(())
}

fn by_keyboard(site: &Site, browser: Browser, path: &str) -> Result<()> {
    let page = open(site, browser, path)?;
    ensure_true(&page, "performance.getEntriesByType('resource').every(file => !file.name.includes('glossary-'))")?;
    show(&page, "document.querySelector('a.term')")?;
    // The keyboard comes from what stands before the first term.
    page.run_script(
        "const before = document.createElement('button');
         document.querySelector('a.term').before(before);
         before.focus();",
        &[],
    )?;
    page.session().keys(TAB)?;
    wait(&page, "document.querySelector('.card')?.textContent.trim()")?;
    ensure_true(&page, "document.activeElement.matches('a.term')")?;
    ensure_true(
        &page,
        "document.activeElement.getAttribute('aria-describedby') === document.querySelector('.card').id",
    )?;
    ensure_true(&page, r"/\p{Script=Han}/u.test(document.querySelector('.card [lang=zh-Hans]').textContent)")?;
    ensure_true(&page, "/[a-z]/.test(document.querySelector('.card b[lang=en]').textContent)")?;
    ensure_true(&page, "/[āáǎàēéěèīíǐìōóǒòūúǔùǖǘǚǜ]/.test(document.querySelector('.card .pinyin').textContent)")?;
    ensure_true(&page, "document.querySelector('.card p + p').textContent.length > 5")?;
    page.session().keys(ESCAPE)?;
    wait(&page, "!document.querySelector('.card')")?;
    ensure_true(&page, "document.activeElement.matches('a.term:not([aria-describedby])')")?;
    let id = page.text("document.activeElement.hash.slice(1)")?;
    page.session().keys(ENTER)?;
    wait_for_path(&page, "/glossary/")?;
    ensure_true(&page, &format!("document.querySelector(':target')?.id === '{id}'"))?;
    page.expect_no_errors()
}

/// Waits until the page is another.
fn wait_for_path(page: &Page, part: &str) -> Result<()> {
    for _ in 0..200 {
        std::thread::sleep(std::time::Duration::from_millis(50));
        // While the page changes there is none to ask.
        let path = page.text("document.readyState === 'complete' ? location.pathname : ''").unwrap_or_default();
        if path.contains(part) {
            return Ok(());
        }
    }
    anyhow::bail!("the link leads nowhere")
}

fn by_pointer(site: &Site, browser: Browser, path: &str) -> Result<()> {
    let page = open(site, browser, path)?;
    let (x, y) = show(&page, "document.querySelector('.text [role=doc-biblioref]')")?;
    page.session().point("mouse", x, y, false)?;
    wait(&page, "document.querySelector('.card cite')")?;
    let card = page.value(
        "(() => { const text = document.querySelector('.card').textContent;
            const link = document.querySelector('.text [role=doc-biblioref]');
            return { item: document.getElementById(link.hash.slice(1)).textContent === text, year: /\\d{4}/.test(text),
                     link: document.querySelector('.card a[href^=http]') !== null, label: link.title }; })()",
    )?;
    ensure!(card == json!({ "item": true, "year": true, "link": true, "label": "" }), "the card is {card}");
    let (x, y) = card_place(&page)?;
    page.session().point("mouse", x, y, false)?;
    page.run_script("await probe.pause(600);", &[])?;
    ensure_true(&page, "document.querySelector('.card') !== null")?;
    page.session().point("mouse", 2, 2, false)?;
    wait(&page, "!document.querySelector('.card')")?;
    page.expect_no_errors()
}

/// A point within the card, away from its links.
fn card_place(page: &Page) -> Result<(i64, i64)> {
    let place = page.value(
        "(() => { const card = document.querySelector('.card').getBoundingClientRect();
            return [Math.round(card.left + 6), Math.round(card.top + 6)]; })()",
    )?;
    Ok((place[0].as_i64().context("no card")?, place[1].as_i64().context("no card")?))
}

fn by_touch(site: &Site, browser: Browser, path: &str) -> Result<()> {
    let page = site.blank(browser)?;
    page.session().resize(390, 844)?;
    page.go(&format!("/{path}"))?;
    taps(&page)
}

fn taps(page: &Page) -> Result<()> {
    cards(page)?;
    // Some stand in solutions that are folded away.
    let terms = "Array.from(document.querySelectorAll('a.term')).filter(probe.visible)";
    let count = page.value(&format!("{terms}.length"))?.as_u64().context("no terms")?;
    let before = page.text("location.href")?;
    for index in [0, count / 2, count - 1] {
        let (x, y) = show(page, &format!("{terms}[{index}]"))?;
        page.session().point("touch", x, y, true)?;
        wait(page, "document.querySelector('.card .go')")?;
        let outside = page.value(
            "(() => { const card = document.querySelector('.card').getBoundingClientRect();
                return card.left < 0 || card.right > document.documentElement.clientWidth || card.top < 0 || card.bottom > innerHeight; })()",
        )?;
        ensure!(outside == json!(false), "the card of term {index} leaves the window");
        ensure!(page.text("location.href")? == before, "the first tap left the page");
    }
    let (x, y) = show(page, "document.querySelector('.card .go')")?;
    page.session().point("touch", x, y, true)?;
    wait_for_path(page, "/glossary/")?;
    page.expect_no_errors()
}

fn copies(site: &Site, browser: Browser, path: &str) -> Result<()> {
    let page = site.visit(browser, &format!("/{path}"))?;
    let press = "
        const list = document.querySelector('.works');
        const work = list.querySelector('li');
        Object.defineProperty(navigator, 'clipboard', { configurable: true, value: {
            writeText: async text => { if (args[0]) throw new Error('closed'); window.copied = text; } } });
        work.querySelector('details').open = true;
        const status = work.querySelector('[role=status]');
        status.textContent = '';
        // The script may come after the first press.
        for (let tries = 0; tries < 100 && !status.textContent; tries += 1) {
            work.querySelector('button').click();
            await probe.pause(50);
        }
        return { said: status.textContent, copied: window.copied ?? '', selected: String(getSelection()),
                 entry: work.querySelector('pre').textContent };";
    let copied = page.run_script(press, &[json!(false)])?;
    let text = |value: &Value, key: &str| value[key].as_str().unwrap_or_default().to_owned();
    let entry = text(&copied, "entry");
    ensure!(text(&copied, "copied").trim_end() == entry, "the clipboard has {copied}");
    ensure!(entry.starts_with('@') && entry.ends_with('}'), "the entry is {entry}");
    ensure!(!entry.contains("annotation"), "the entry has what only this book needs: {entry}");
    ensure!(!text(&copied, "said").is_empty(), "nothing is said of it");
    let selected = page.run_script(press, &[json!(true)])?;
    ensure!(text(&selected, "selected").trim() == entry, "the selection is {selected}");
    ensure!(text(&selected, "said") != text(&copied, "said"), "a closed clipboard is not told of");
    page.expect_no_errors()
}

fn lists(site: &Site) -> Result<()> {
    for (page, selector) in [("glossary", "<div id=\""), ("references", "<li id=\"")] {
        let ids = |language: Language| -> Result<BTreeSet<String>> {
            let file = site.folder.join(language.code()).join(page).join("index.html");
            let text = fs::read_to_string(&file).with_context(|| format!("cannot read {}", file.display()))?;
            let ids = text.split(selector).skip(1).filter_map(|rest| Some(rest.split_once('"')?.0.to_owned()));
            Ok(ids.collect())
        };
        let (english, chinese) = (ids(Language::English)?, ids(Language::Chinese)?);
        ensure!(english == chinese, "/{page}/: {:?}", english.symmetric_difference(&chinese));
        ensure!(!english.is_empty(), "/{page}/ lists nothing");
    }
    for language in Language::ALL {
        for path in site.chapters(language)? {
            let text = fs::read_to_string(site.folder.join(&path).join("index.html"))?;
            let terms: Vec<String> = html::tags(&text)
                .iter()
                .filter(|tag| tag.get("class") == Some("term"))
                .filter_map(|tag| tag.get("href").map(str::to_owned))
                .collect();
            let distinct: BTreeSet<&String> = terms.iter().collect();
            ensure!(!terms.is_empty() && distinct.len() == terms.len(), "/{path} links a term twice, or none");
        }
    }
    Ok(())
}
