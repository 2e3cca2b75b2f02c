//! Both languages at once, as readers meet them.

use crate::{
    PATIENCE, Tests,
    support::{Page, driver::Browser},
};
use anyhow::{Context, Result, ensure};
use labs::text::Language;
use serde_json::{Value, json};

const ENTER: char = '\u{E007}';
const WIDE: (u32, u32) = (1440, 900);
const PHONE: (u32, u32) = (390, 844);

const HELPERS: &str = "
    const article = document.querySelector('article');
    const button = document.querySelector('button.pairs');
    const twins = Array.from(document.querySelectorAll('.twin'));
    const visible = element => element.getClientRects().length > 0;
    const expect = (holds, what) => { if (!holds) throw new Error(what); };
    const own = twin => { let block = twin; do block = block.previousElementSibling; while (!block.matches('.with-twin')); return block; };
    const paired = on => probe.until(() => article.matches('.paired') === on, 20000, () => `both languages: ${on}`);
    const calm = () => probe.pause(300);
";

/// The tests of this module.
pub fn add(tests: &mut Tests) -> Result<()> {
    for language in Language::ALL {
        for path in tests.site.chapters(language)? {
            let browsers = tests.site.browsers(language, &path)?;
            let mut add = |browser: Browser, size: (u32, u32), what: &str, body: fn(&Page, &str) -> Result<()>| {
                let path = path.clone();
                tests.add(format!("{}::/{path}::pairs::{what}", browser.name()), move |site| {
                    let page = site.blank(browser)?;
                    page.session().resize(size.0, size.1)?;
                    page.go(&path)?;
                    ready(&page)?;
                    body(&page, &path)?;
                    page.expect_no_errors()
                });
            };
            for browser in browsers {
                add(browser, WIDE, "blocks_stand_beside_their_twins", side_by_side);
                add(browser, WIDE, "the_place_stays_and_the_page_comes_back", there_and_back);
            }
            add(Browser::Chromium, WIDE, "the_choice_is_kept_in_both_editions", kept);
            add(Browser::Chromium, WIDE, "storage_is_not_needed", without_storage);
            add(Browser::Chromium, WIDE, "a_failure_is_told_and_can_be_mended", failure);
            add(Browser::Chromium, WIDE, "a_twin_has_cards_in_its_own_language", cards);
            add(Browser::Chromium, PHONE, "a_tap_or_a_key_shows_and_hides_a_twin", tap);
        }
    }
    Ok(())
}

fn run(page: &Page, body: &str) -> Result<Value> {
    page.run_script(&format!("{HELPERS}{body}"), &[])
}

/// Waits until the page offers both languages.
fn ready(page: &Page) -> Result<()> {
    let body = format!(
        "probe.touch(); await probe.until(() => document.querySelector('button.pairs'), {PATIENCE}, () => 'the button');"
    );
    page.run_script(&body, &[]).map(drop)
}

/// Presses the button by keyboard.
fn switch(page: &Page, on: bool) -> Result<()> {
    run(page, "button.focus({ preventScroll: true });")?;
    page.session().keys(&ENTER.to_string())?;
    run(page, &format!("await paired({on}); await calm();")).map(drop)
}

fn side_by_side(page: &Page, _: &str) -> Result<()> {
    let labs = page.value("document.querySelectorAll('figure[data-lab], canvas').length")?;
    switch(page, true)?;
    ensure!(page.value("document.querySelectorAll('figure[data-lab], canvas').length")? == labs, "a lab is doubled");
    run(
        page,
        "expect(button.getAttribute('aria-pressed') === 'true', 'the button does not say so');
         const languages = new Set(twins.map(twin => twin.lang));
         expect(languages.size === 1 && !languages.has(document.documentElement.lang), `twins in ${[...languages]}`);
         for (const twin of twins) {
             const [a, b] = [own(twin), twin].map(block => block.getBoundingClientRect());
             const name = own(twin).textContent.slice(0, 30);
             expect(visible(twin), `${name} has a hidden twin`);
             if (twin.closest('figure')) continue;
             expect(b.left >= a.right, `${name} is not first`);
             expect(Math.min(a.bottom, b.bottom) > Math.max(a.top, b.top), `${name} and its twin are in two rows`);
         }
         for (const block of document.querySelectorAll('.text > :is(p, h2, h3, ul, ol, .theorem, .exercise):not(.twin)')) {
             expect(block.matches('.with-twin'), `${block.textContent.slice(0, 30)} has no twin`);
         }
         const ids = Array.from(document.querySelectorAll('[id]'), ({ id }) => id);
         expect(new Set(ids).size === ids.length, 'an id is doubled');
         for (const twin of twins) {
             expect(!twin.querySelector('button, input, select, form, figure, [id]'), 'a twin has controls');
             for (const link of twin.querySelectorAll('a[href^=\"#\"]')) {
                 expect(document.getElementById(decodeURIComponent(link.hash.slice(1))), `${link.hash} leads nowhere`);
             }
         }
         const formulas = Array.from(document.querySelectorAll('.text > .equation'));
         expect(formulas.some(formula => !formula.matches('.with-twin, .twin')), 'formulas without words are doubled');
         expect(document.documentElement.scrollWidth <= innerWidth, 'the page is wider than the window');",
    )
    .map(drop)
}

fn there_and_back(page: &Page, _: &str) -> Result<()> {
    // Labs that come to life meanwhile change the page for reasons of their own.
    run(
        page,
        "document.documentElement.style.scrollBehavior = 'auto';
         for (const lab of document.querySelectorAll('figure[data-lab]')) { lab.scrollIntoView(); await probe.pause(150); }
         await probe.pause(2000);
         window.read = Array.from(document.querySelectorAll('.text > p')).at(-4);
         read.scrollIntoView({ block: 'center' });
         await calm();
         window.printed = document.querySelector('.title').outerHTML + document.querySelector('.text').outerHTML;
         window.place = read.getBoundingClientRect().top;",
    )?;
    // What is read is the first block in the window, which stays; what is under it may move with its height alone.
    let first = "const bar = document.querySelector('.bar').getBoundingClientRect().bottom;
         const first = Array.from(document.querySelectorAll('.text > :not(.twin)'))
             .find(block => block.getBoundingClientRect().bottom > bar + 1);";
    run(page, &format!("{first} window.first = first; window.top0 = first.getBoundingClientRect();"))?;
    let stays = "const bar = document.querySelector('.bar').getBoundingClientRect().bottom;
         const now = first.getBoundingClientRect();
         const share = rect => Math.max(0, bar - rect.top) / rect.height;
         const off = top0.top > bar ? Math.abs(now.top - top0.top) : Math.abs(share(now) - share(top0)) * now.height;
         expect(off <= 3, `the text moves by ${off} pixels`);";
    switch(page, true)?;
    run(page, stays)?;
    switch(page, false)?;
    run(page, stays)?;
    run(
        page,
        "const now = document.querySelector('.title').outerHTML + document.querySelector('.text').outerHTML;
         expect(!twins.length, 'twins are left');
         expect(now === printed, 'the text is not what it was');",
    )
    .map(drop)
}

fn kept(page: &Page, path: &str) -> Result<()> {
    switch(page, true)?;
    page.go(path)?;
    ready(page)?;
    run(page, "await paired(true);")?;
    page.follow_language_link()?;
    ready(page)?;
    run(page, "await paired(true); expect(twins.length || document.querySelector('.twin'), 'no twins');")?;
    run(
        page,
        "expect(document.querySelector('.twin').lang !== document.documentElement.lang, 'the columns are swapped');",
    )?;
    switch(page, false)?;
    page.go(path)?;
    ready(page)?;
    run(page, "await calm(); expect(!article.matches('.paired'), 'the choice cannot be taken back');").map(drop)
}

fn without_storage(page: &Page, _: &str) -> Result<()> {
    run(
        page,
        "for (const name of ['setItem', 'getItem', 'removeItem']) {
             Storage.prototype[name] = () => { throw new DOMException('none', 'SecurityError'); };
         }",
    )?;
    switch(page, true)?;
    switch(page, false)
}

fn failure(page: &Page, _: &str) -> Result<()> {
    run(
        page,
        "window.plainFetch = window.fetch;
         window.fetch = () => Promise.reject(new TypeError('no network'));
         button.click();
         const status = document.querySelector('.pairs-status');
         await probe.until(() => status.textContent, 5000, () => 'words about the failure');
         expect(status.getAttribute('role') === 'status' && visible(status), 'the failure cannot be seen');
         expect(button.getAttribute('aria-pressed') === 'false' && !twins.length, 'the button says that it worked');
         window.fetch = plainFetch;",
    )?;
    switch(page, true)
}

fn cards(page: &Page, _: &str) -> Result<()> {
    switch(page, true)?;
    let language = run(
        page,
        "const link = document.querySelector('.twin a.term');
         link.scrollIntoView({ block: 'center', behavior: 'instant' });
         link.focus({ focusVisible: true, preventScroll: true });
         const card = await probe.until(() => document.querySelector('.card'), 10000, () => 'a card');
         return [card.lang, link.closest('.twin').lang];",
    )?;
    ensure!(language[0] == language[1], "the card of a twin's term is in {}", language[0]);
    Ok(())
}

fn tap(page: &Page, _: &str) -> Result<()> {
    switch(page, true)?;
    let place = run(
        page,
        "const block = document.querySelector('.text > p.with-twin');
         block.scrollIntoView({ block: 'center', behavior: 'instant' });
         await calm();
         expect(!visible(block.nextElementSibling), 'a twin shows before it is asked for');
         // A place in the first line that is no link.
         const range = document.createRange();
         const text = Array.from(block.childNodes).find(node => node.nodeType === Node.TEXT_NODE && node.length > 5);
         range.setStart(text, 1);
         range.setEnd(text, 2);
         const { x, y, width, height } = range.getBoundingClientRect();
         return [Math.round(x + width / 2), Math.round(y + height / 2)];",
    )?;
    let number = |index: usize| place[index].as_i64().context("no place");
    let (x, y) = (number(0)?, number(1)?);
    let shown = |on: bool| {
        run(
            page,
            &format!(
                "const twin = document.querySelector('.text > p.with-twin').nextElementSibling;
                 await calm();
                 expect(twin.matches('.twin') && visible(twin) === {on}, 'the twin is not as asked: {on}');
                 const handle = document.querySelector('.text > p.with-twin .twin-handle');
                 expect(handle.getAttribute('aria-expanded') === '{on}', 'the handle does not say so');
                 const [a, b] = [twin.previousElementSibling, twin].map(block => block.getBoundingClientRect());
                 expect(!{on} || b.top >= a.bottom - 1, 'the twin is not under its block');"
            ),
        )
    };
    page.session().point("touch", x, y, true)?;
    shown(true)?;
    page.session().point("touch", x, y, true)?;
    shown(false)?;
    // A finger that meets selected text has something else in mind, and so has a mouse.
    run(page, "getSelection().selectAllChildren(document.querySelector('.text > p.with-twin'));")?;
    page.session().point("touch", x, y, true)?;
    shown(false)?;
    run(page, "getSelection().removeAllRanges();")?;
    page.session().point("mouse", x, y, true)?;
    shown(false)?;
    run(page, "document.querySelector('.text > p.with-twin .twin-handle').focus({ preventScroll: true });")?;
    page.session().keys(&ENTER.to_string())?;
    shown(true)?;
    page.session().keys(&ENTER.to_string())?;
    shown(false)?;
    ensure!(page.value("document.documentElement.scrollWidth <= innerWidth")? == json!(true), "the page is too wide");
    Ok(())
}
