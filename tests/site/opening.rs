//! A page that opens at its beginning lays out what is near first, and the rest before anybody misses it.

use crate::{
    Tests,
    support::{
        Page, Site,
        driver::Browser,
        server::{Answer, Host},
    },
};
use anyhow::{Result, ensure};
use labs::text::Language;
use serde_json::{Value, json};

/// The tests of this module.
pub fn add(tests: &mut Tests) -> Result<()> {
    for language in Language::ALL {
        for path in tests.site.chapters(language)? {
            for browser in tests.site.browsers(language, &path)? {
                let name = |what: &str| format!("{}::/{path}::opening::{what}", browser.name());
                let (jumps, rests) = (path.clone(), path.clone());
                tests.add(name("far_paragraphs_wait_and_a_jump_finds_its_place"), move |site| {
                    jump(site, browser, &jumps)
                });
                tests.add(name("at_rest_every_place_is_where_a_page_laid_out_at_once_has_it"), move |site| {
                    rest(site, browser, &rests)
                });
            }
        }
    }
    Ok(())
}

const HELPERS: &str = "
    const expect = (holds, what) => { if (!holds) throw new Error(what); };
    const { dataset } = document.documentElement;
    // Whether a paragraph is laid out shows in what it holds.
    const paragraphs = Array.from(document.querySelectorAll('.text > p')).filter(paragraph => paragraph.firstElementChild);
    const isLaid = paragraph => paragraph.firstElementChild.checkVisibility({ contentVisibilityAuto: true });
    const headings = Array.from(document.querySelectorAll('article h2[id]'));
";

fn run(page: &Page, body: &str, arguments: &[Value]) -> Result<Value> {
    page.run_script(&format!("{HELPERS}{body}"), arguments)
}

/// The site without the page's program, so that no lab comes to life and the page is not at rest for a while.
fn host(site: &Site) -> Result<Host> {
    site.host_with(Box::new(|path, bytes| {
        if path.contains("main-") { Answer::Refused("404 Not Found") } else { Answer::Whole(bytes) }
    }))
}

fn jump(site: &Site, browser: Browser, path: &str) -> Result<()> {
    let host = host(site)?;
    let page = site.blank(browser)?;
    page.session().go(&format!("{}{path}", host.address))?;
    let place = run(
        &page,
        "expect('opening' in dataset, 'the page lays everything out at once');
         expect(isLaid(paragraphs[0]), 'the first paragraph is missing');
         expect(!isLaid(paragraphs.at(-1)), 'the last paragraph is laid out before the first lab lives');
         const heading = headings.at(-3);
         document.querySelector(`nav.contents a[href$='#${CSS.escape(heading.id)}']`).click();
         const top = () => heading.getBoundingClientRect().top;
         await probe.until(() => top() >= 0 && top() < innerHeight / 3, 5000, () => `the section, which is at ${top()}`);
         expect(paragraphs.every(isLaid), 'a paragraph is left out');
         await probe.until(() => 'study' in dataset, 20000, () => 'what helps to study');
         expect(top() >= 0 && top() < innerHeight / 3, `the section has gone to ${top()}`);
         return heading.id;",
        &[],
    )?;
    // Who comes to a section, comes to a page that is laid out.
    let id = place.as_str().unwrap_or_default();
    page.session().go("about:blank")?;
    page.session().go(&format!("{}{path}#{id}", host.address))?;
    run(
        &page,
        "expect(!('opening' in dataset) && paragraphs.every(isLaid), 'a page that opens at a section is not laid out');
         const top = () => document.getElementById(args[0]).getBoundingClientRect().top;
         await probe.until(() => top() >= 0 && top() < innerHeight / 3, 5000, () => `the section, which is at ${top()}`);",
        &[json!(id)],
    )?;
    Ok(())
}

fn rest(site: &Site, browser: Browser, path: &str) -> Result<()> {
    let page = site.visit(browser, path)?;
    let places = "await probe.until(() => 'study' in dataset, 20000, () => 'what helps to study');
        expect(!('opening' in dataset) && paragraphs.every(isLaid), 'a paragraph is left out');
        // The formulas' font moves what follows them, too. Which are near enough to take it depends on the moment when it
        // comes: here, all take it.
        await probe.until(() => 'dressed' in dataset, 20000, () => 'the formulas');
        for (const block of document.querySelectorAll('[data-far]')) block.removeAttribute('data-far');
        await document.fonts.ready;
        return headings.map(heading => Math.round(heading.getBoundingClientRect().top + scrollY));";
    let opened = run(&page, places, &[])?;
    // Of an address with a fragment the page cannot know where it leads: this one leads nowhere, and so to the beginning.
    page.session().go("about:blank")?;
    page.go(&format!("{path}#nowhere"))?;
    let at_once = run(&page, places, &[])?;
    ensure!(opened == at_once, "the sections are at {opened}, and when all is laid out at once at {at_once}");
    page.expect_no_errors()
}
