//! Search: by keyboard from any page, in both languages, from an index that is loaded when it is first asked for.

use crate::{
    PATIENCE, Tests,
    support::{Page, Site, driver::Browser, median, server::gzip_size},
};
use anyhow::{Context, Result, ensure};
use labs::text::Language;
use serde_json::{Value, json};
use std::fs;

/// The index of the whole book, compressed.
const INDEX_BYTES: usize = 150_000;
/// An answer to what has been typed, once the index is there, in milliseconds.
const ANSWER: f64 = 50.0;

const ENTER: &str = "\u{E007}";
const ESCAPE: &str = "\u{E00C}";
const UP: &str = "\u{E013}";
const DOWN: &str = "\u{E015}";

/// The tests of this module.
pub fn add(tests: &mut Tests) -> Result<()> {
    let chapters = tests.site.chapters(Language::Chinese)?;
    let chapter = chapters.iter().find(|path| path.ends_with("/double-descent/"));
    let path = chapter.context("there is no chapter double-descent")?.clone();
    for browser in Browser::ALL {
        let mut add = |name: &str, body: fn(&Site, Browser, &str) -> Result<()>| {
            let path = path.clone();
            tests.add(format!("{}::search::{name}", browser.name()), move |site| body(site, browser, &path));
        };
        add("slash_opens_it_and_escape_closes_it_on_every_kind_of_page", opens);
        add("chinese_english_and_mixed_queries_find_the_chapter", finds);
        add("arrows_choose_and_enter_leads_to_the_section_under_any_path", leads);
        add("what_one_edition_alone_says_is_found_from_the_other", crosses);
        add("an_index_that_does_not_load_is_told_of_and_loads_later", offline);
    }
    let phone = path.clone();
    tests.add("chromium::search::it_fills_a_phone".into(), move |site| fills(site, &phone));
    let quick = path.clone();
    tests.add_alone("chromium::search::it_answers_within_50_ms".into(), move |site| answers(site, &quick));
    tests.add_alone("chromium::search::nothing_of_it_is_loaded_with_a_page".into(), move |site| waits(site, &path));
    tests.add("files::the_index_of_search_keeps_to_its_size".into(), sizes);
    Ok(())
}

/// Waits for a condition in the page.
fn wait(page: &Page, condition: &str) -> Result<()> {
    let told = "document.querySelector('dialog.search')?.innerText";
    page.run_script(
        &format!("await probe.until(() => {condition}, {PATIENCE}, () => `{condition}: ${{{told}}}`);"),
        &[],
    )
    .map(drop)
}

/// Opens search with its key; the field then has the focus.
fn open(page: &Page) -> Result<()> {
    page.session().keys("/")?;
    wait(page, "document.activeElement.matches('dialog.search[open] input')")
}

/// Types a query in place of the last one and waits for its answer.
fn ask(page: &Page, typed: &str) -> Result<Vec<Value>> {
    page.run_script("document.querySelector('dialog.search input').select();", &[])?;
    page.session().keys(typed)?;
    let settled = "await probe.until(() => document.querySelector('dialog.search input').value === args[0], args[1], \
                   () => args[0]); await probe.pause(50);";
    page.run_script(settled, &[json!(typed), json!(PATIENCE)])?;
    wait(page, "/[#\\d]|Nothing|没有|could not|未能/.test(document.querySelector('dialog.search .told').textContent)")?;
    let found = "Array.from(document.querySelectorAll('dialog.search li')).map(option => ({
        href: option.querySelector('a').href, title: option.querySelector('.title').textContent,
        snippet: option.querySelector('.snippet')?.textContent, label: option.querySelector('.snippet .label')?.textContent,
        marked: Array.from(option.querySelectorAll('mark')).map(mark => mark.textContent).join('|') }))";
    // Snippets come when their texts have.
    wait(
        page,
        "Array.from(document.querySelectorAll('dialog.search li')).every(option => option.querySelector('.snippet'))",
    )?;
    Ok(page.value(found)?.as_array().cloned().unwrap_or_default())
}

/// Whether one of the first results leads to a place and marks a text.
fn has(found: &[Value], path: &str, mark: &str) -> bool {
    found.iter().take(3).any(|result| {
        let text = |key: &str| result[key].as_str().unwrap_or_default();
        text("href").contains(path) && text("marked").contains(mark)
    })
}

fn opens(site: &Site, browser: Browser, chapter: &str) -> Result<()> {
    for path in ["", "en/", "en/data/", "zh/lab/ridgeless/", chapter] {
        let page = site.visit(browser, &format!("/{path}"))?;
        open(&page)?;
        page.session().keys(ESCAPE)?;
        wait(&page, "!document.querySelector('dialog.search').open")?;
        page.expect_no_errors()?;
    }
    let page = site.visit(browser, &format!("/{chapter}"))?;
    page.run_script(
        "const button = document.querySelector('button.search');
         if (!probe.visible(button)) throw new Error('the button is not there');
         button.focus(); button.click();",
        &[],
    )?;
    wait(&page, "document.activeElement.matches('dialog.search[open] input')")?;
    page.session().keys(ESCAPE)?;
    wait(&page, "document.activeElement.matches('button.search')")?;
    // A slash that is typed into a field is a slash.
    page.lab("ridgeless").ready()?;
    page.run_script(
        "Array.from(document.querySelectorAll('.lab input:not([type=range])')).find(probe.visible).focus();",
        &[],
    )?;
    page.session().keys("/")?;
    page.run_script("await probe.pause(200);", &[])?;
    ensure!(page.value("document.querySelector('dialog.search').open")? == json!(false), "it opened while typing");
    page.expect_no_errors()
}

fn finds(site: &Site, browser: Browser, chapter: &str) -> Result<()> {
    for language in Language::ALL {
        let path = format!("{}/double-descent/", language.code());
        let page =
            site.visit(browser, &format!("/{}", chapter.replacen("zh/", &format!("{}/", language.code()), 1)))?;
        open(&page)?;
        for (typed, place, mark) in [
            ("双下降", path.clone(), if language == Language::Chinese { "双下降" } else { "ouble" }),
            ("double descent", path.clone(), if language == Language::Chinese { "双下降" } else { "ouble" }),
            ("min-norm", language.code().into(), if language == Language::Chinese { "最小范数" } else { "inimum" }),
            ("γ 方差", path.clone(), "γ"),
            ("方差gamma", path.clone(), "γ"),
        ] {
            let found = ask(&page, typed)?;
            ensure!(has(&found, &place, mark), "{typed} in /{path} finds {found:#?}");
            let elsewhere = |result: &Value| {
                !result["href"].as_str().unwrap_or_default().contains(&format!("/{}/", language.code()))
            };
            ensure!(!found.iter().any(elsewhere), "{typed} leads out of the language: {found:#?}");
        }
        ensure!(ask(&page, "qzxv")?.is_empty(), "it finds what is nowhere");
        page.expect_no_errors()?;
    }
    Ok(())
}

fn leads(site: &Site, browser: Browser, chapter: &str) -> Result<()> {
    let page = site.visit(browser, "/zh/data/")?;
    open(&page)?;
    let found = ask(&page, "方差")?;
    ensure!(found.len() > 1, "too little is found: {found:#?}");
    let chosen =
        "document.getElementById(document.querySelector('dialog.search input').getAttribute('aria-activedescendant'))";
    for (keys, index) in [(DOWN, 1), (UP, 0), (UP, found.len() - 1), (DOWN, 0), (DOWN, 1)] {
        page.session().keys(keys)?;
        let option = page.value(&format!("[{chosen}.href, {chosen}.getAttribute('aria-selected')]"))?;
        ensure!(option == json!([found[index]["href"], "true"]), "{index} is not chosen: {option}");
    }
    let found = ask(&page, "峰从何来")?;
    let expected = found.first().and_then(|result| result["href"].as_str()).context("nothing is found")?.to_owned();
    ensure!(expected.ends_with(&format!("{chapter}#peak")), "it leads to {expected}");
    page.session().keys(ENTER)?;
    wait_for_address(&page, &expected)?;
    // From the section to another of the same page: the dialog goes.
    open(&page)?;
    let found = ask(&page, "U 形曲线")?;
    let expected = found.first().and_then(|result| result["href"].as_str()).context("nothing is found")?.to_owned();
    page.session().keys(ENTER)?;
    wait_for_address(&page, &expected)?;
    wait(&page, "!document.querySelector('dialog.search').open")?;
    page.expect_no_errors()
}

fn wait_for_address(page: &Page, expected: &str) -> Result<()> {
    for _ in 0..200 {
        // While the page changes there is none to ask.
        if page.text("document.readyState === 'complete' ? location.href : ''").unwrap_or_default() == expected {
            return Ok(());
        }
        std::thread::sleep(std::time::Duration::from_millis(50));
    }
    anyhow::bail!("the page is {} and not {expected}", page.text("location.href")?)
}

fn crosses(site: &Site, browser: Browser, chapter: &str) -> Result<()> {
    let page = site.visit(browser, &format!("/{chapter}"))?;
    open(&page)?;
    let found = ask(&page, "two hundred")?;
    let crossed = found.iter().any(|result| {
        result["label"] == json!("English") && result["href"].as_str().unwrap_or_default().contains("/zh/")
    });
    ensure!(crossed, "no result shows the English text: {found:#?}");
    page.expect_no_errors()
}

fn offline(site: &Site, browser: Browser, chapter: &str) -> Result<()> {
    let page = site.visit(browser, &format!("/{chapter}"))?;
    // The module that asks for the index is there before the network goes.
    open(&page)?;
    page.session().keys(ESCAPE)?;
    page.go("/en/data/")?;
    page.run_script(
        "window.online = window.fetch;
         window.fetch = (...words) => String(words[0]).includes('search-') ? Promise.reject(new TypeError('offline')) : online(...words);",
        &[],
    )?;
    open(&page)?;
    page.session().keys("ridge")?;
    wait(&page, "document.querySelector('dialog.search .told').textContent.includes('could not be loaded')")?;
    page.run_script("window.fetch = window.online;", &[])?;
    page.session().keys(" ")?;
    page.session().keys("regression")?;
    wait(&page, "document.querySelectorAll('dialog.search li').length > 0")?;
    page.expect_no_errors()
}

fn fills(site: &Site, chapter: &str) -> Result<()> {
    let page = site.blank(Browser::Chromium)?;
    page.session().resize(390, 844)?;
    page.go(&format!("/{chapter}"))?;
    page.run_script("document.querySelector('button.search').click();", &[])?;
    wait(&page, "document.activeElement.matches('dialog.search[open] input')")?;
    ask(&page, "方差")?;
    let shape = page.value(
        "(() => { const box = document.querySelector('dialog.search').getBoundingClientRect();
            const small = Array.from(document.querySelectorAll('dialog.search :is(a, button, input)'))
              .filter(element => element.getBoundingClientRect().height < 44).length;
            return [box.left, box.top, box.width, box.height, small,
                    document.querySelector('dialog.search').scrollWidth]; })()",
    )?;
    ensure!(shape == json!([0, 0, 390, 844, 0, 390]), "left, top, width, height, small targets, content: {shape}");
    Ok(())
}

fn answers(site: &Site, chapter: &str) -> Result<()> {
    let page = site.visit(Browser::Chromium, &format!("/{chapter}"))?;
    open(&page)?;
    ask(&page, "方差")?;
    let times = page.run_script(
        "const input = document.querySelector('dialog.search input');
         const list = document.querySelector('dialog.search ul');
         const times = {};
         for (let round = 0; round < 3; round++) for (const typed of ['双', '双下', '双下降', 'v', 'va', 'variance', 'minimum norm solution', 'γ 方差']) {
           const changed = new Promise(done => new MutationObserver((_, self) => { self.disconnect(); done(); })
             .observe(list, { childList: true, attributes: true }));
           const begun = performance.now();
           input.value = typed;
           input.dispatchEvent(new InputEvent('input', { bubbles: true }));
           await changed;
           (times[typed] ??= []).push(performance.now() - begun);
           // Texts come, and are shown.
           await probe.pause(100);
         }
         return times;",
        &[],
    )?;
    let middle = |times: &Value| median(times.as_array().into_iter().flatten().filter_map(Value::as_f64).collect());
    let times: Vec<(&String, f64)> =
        times.as_object().into_iter().flatten().map(|(typed, times)| (typed, middle(times))).collect();
    eprintln!("\nmilliseconds to an answer: {times:.1?}");
    ensure!(times.len() == 8 && times.iter().all(|(_, time)| *time <= ANSWER), "{times:?}");
    Ok(())
}

fn waits(site: &Site, chapter: &str) -> Result<()> {
    let page = site.blank(Browser::Chromium)?;
    site.take_visits();
    page.go(&format!("/{chapter}"))?;
    let id = page.text("document.querySelector('figure[data-lab]').dataset.lab")?;
    page.lab(&id).ready()?;
    page.run_script("await probe.pause(1000);", &[])?;
    let early: Vec<String> =
        site.take_visits().into_iter().map(|visit| visit.url).filter(|url| url.contains("search")).collect();
    ensure!(early.is_empty(), "{early:?} came with the page");
    page.run_script("await probe.pause(5000);", &[])?;
    let late: Vec<String> =
        site.take_visits().into_iter().map(|visit| visit.url).filter(|url| url.contains("search")).collect();
    ensure!(late.iter().all(|url| url.contains("study/")), "{late:?} came without being asked for");
    open(&page)?;
    ask(&page, "方差")?;
    let mut table = Vec::new();
    let mut sum = 0;
    for visit in site.take_visits() {
        let bytes = gzip_size(&fs::read(&visit.file)?);
        sum += bytes;
        table.push(format!("{bytes:>9}  {}", visit.url));
    }
    eprintln!("\nbytes with gzip of a first search:\n{}\n{sum:>9}  in all", table.join("\n"));
    Ok(())
}

fn sizes(site: &Site) -> Result<()> {
    let mut table = Vec::new();
    let mut index = 0;
    for folder in ["", "search"] {
        for entry in fs::read_dir(site.folder.join(folder))? {
            let file = entry?.path();
            let name = file.file_name().unwrap_or_default().to_string_lossy().into_owned();
            if file.extension().is_some_and(|ending| ending == "bin") {
                let bytes = gzip_size(&fs::read(&file)?);
                index += if name.starts_with("search-") { bytes } else { 0 };
                table.push(format!("{bytes:>9}  {folder}/{name}"));
            }
        }
    }
    table.sort();
    eprintln!("\nbytes of search with gzip (the index at most {INDEX_BYTES}):\n{}", table.join("\n"));
    ensure!(index > 0, "there is no index");
    ensure!(index <= INDEX_BYTES, "the index takes {index} bytes");
    Ok(())
}
