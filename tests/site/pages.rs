//! Every page in every browser.

use crate::{
    Tests,
    support::{Page, Site, driver::Browser},
};
use anyhow::{Result, ensure};
use labs::text::Language;
use serde_json::json;

/// The tests of this module.
pub fn add(tests: &mut Tests) -> Result<()> {
    let pages: Vec<String> = tests.site.pages()?.into_iter().map(|(path, _)| path).collect();
    for browser in Browser::ALL {
        for path in pages.clone() {
            tests.add(format!("{}::/{path}::opens_without_errors", browser.name()), move |site| {
                opens(site, browser, &path)
            });
        }
    }
    for path in pages {
        let readable = path.clone();
        tests.add(format!("chromium::/{path}::reads_without_script"), move |site| without_script(site, &readable));
        tests.add(format!("chromium::/{path}::fits_a_phone"), move |site| fits(site, &path));
    }
    for language in Language::ALL {
        for path in tests.site.chapters(language)? {
            tests.add(format!("chromium::/{path}::language_link_keeps_the_section"), move |site| {
                keeps_section(site, &path)
            });
        }
    }
    for browser in Browser::ALL {
        for language in Language::ALL {
            for path in tests.site.chapters(language)? {
                let name = format!("{}::/{path}::formulas_take_their_font_where_the_reader_is", browser.name());
                tests.add(name, move |site| dresses(site, browser, &path));
            }
        }
    }
    for language in Language::ALL {
        for path in tests.site.chapters(language)? {
            for browser in tests.site.browsers(language, &path)? {
                let path = path.clone();
                let name =
                    format!("{}::/{path}::large_delimiters_stand_at_the_height_of_their_partners", browser.name());
                tests.add(name, move |site| delimiters(site, browser, &path));
            }
        }
    }
    if let Some(path) = tests.site.chapters(Language::Chinese)?.into_iter().next() {
        tests.add("chromium::a_program_that_does_not_load_is_told_of".into(), move |site| without_program(site, &path));
    }
    for browser in Browser::ALL {
        let name = format!("{}::what_another_page_kept_is_followed_and_found_on_coming_back", browser.name());
        tests.add(name, move |site| follows(site, browser));
    }
    tests.add("chromium::a_wrong_address_is_answered_in_both_languages".into(), wrong_address);
    Ok(())
}

/// A page beside others of the book, or put aside and come back to, has the theme and the progress that they kept.
fn follows(site: &Site, browser: Browser) -> Result<()> {
    let page = site.visit(browser, "/zh/")?;
    page.run_script(
        "const expect = (holds, what) => { if (!holds) throw new Error(what); };
         const root = document.documentElement;
         await probe.until(() => 'study' in root.dataset, 20000, () => 'what helps to study');
         const { name } = performance.getEntriesByType('resource').find(({ name }) => name.includes('/study/progress-'));
         const { get } = await import(name);
         const ways = {
             beside: () => { for (const key of ['theme', 'why-it-generalizes.progress']) dispatchEvent(new StorageEvent('storage', { key })); },
             back: () => dispatchEvent(new PageTransitionEvent('pageshow', { persisted: true })),
         };
         const isDark = () => document.querySelector('button.theme').getAttribute('aria-pressed') === 'true';
         const before = isDark();
         for (const [way, come] of Object.entries(ways)) {
             localStorage.setItem('theme', before ? 'light' : 'dark');
             localStorage.setItem('why-it-generalizes.progress', JSON.stringify({ version: 1, kinds: { section: { [way]: 1 } } }));
             expect(isDark() === before, `${way}: it follows by itself`);
             come();
             expect(isDark() !== before && root.dataset.theme === (before ? 'light' : 'dark'), `${way}: the theme stays`);
             expect(get('section', way) === 1, `${way}: the progress is the old one`);
             localStorage.clear();
             come();
             expect(isDark() === before && !('theme' in root.dataset), `${way}: the system's theme does not come back`);
         }",
        &[],
    )?;
    page.expect_no_errors()
}

/// Brings every lab of a page into view and waits until it is alive.
fn wake(page: &Page) -> Result<()> {
    page.run_script(
        "for (const lab of document.querySelectorAll('figure[data-lab]')) await probe.ready(lab.dataset.lab, 60000);",
        &[],
    )?;
    Ok(())
}

fn opens(site: &Site, browser: Browser, path: &str) -> Result<()> {
    let page = site.visit(browser, path)?;
    wake(&page)?;
    page.run_script("scrollTo(0, document.body.scrollHeight); await probe.pause(200);", &[])?;
    page.expect_no_errors()?;
    let unlabelled = page.text(
        "Array.from(document.querySelectorAll('input, select, button')).filter(probe.visible).filter(element => \
         !(element.labels && element.labels.length) && !element.getAttribute('aria-label') \
         && !element.getAttribute('aria-labelledby') && !element.textContent.trim()).map(element => element.outerHTML).join()",
    )?;
    ensure!(unlabelled.is_empty(), "controls without a name: {unlabelled}");
    Ok(())
}

fn without_script(site: &Site, path: &str) -> Result<()> {
    let page = site.blank(Browser::Chromium)?;
    page.session().devtools("Emulation.setScriptExecutionDisabled", &json!({ "value": true }))?;
    let outcome = page.go(path).and_then(|()| reads(&page));
    page.session().devtools("Emulation.setScriptExecutionDisabled", &json!({ "value": false }))?;
    outcome
}

fn reads(page: &Page) -> Result<()> {
    let seen = page.value(
        "(() => {
            const visible = element => element.getClientRects().length > 0;
            const labs = Array.from(document.querySelectorAll('figure[data-lab]'));
            return {
                script: Boolean(window.probe),
                text: document.body.innerText.trim().length,
                dead: Array.from(document.querySelectorAll('button, input, select, textarea')).filter(visible)
                    .map(element => element.outerHTML.slice(0, 80)),
                unprinted: labs.filter(lab => !Array.from(lab.querySelectorAll('svg')).some(visible))
                    .map(lab => lab.dataset.lab),
                numberless: labs.filter(lab => !Array.from(lab.querySelectorAll('[data-output]')).some(output =>
                    visible(output) && output.textContent.trim() && Number.isFinite(Number(output.dataset.value))))
                    .map(lab => lab.dataset.lab),
                bare: Array.from(document.querySelectorAll('math')).filter(formula =>
                    !getComputedStyle(formula).fontFamily.includes('Book Math')).length,
            };
        })()",
    )?;
    ensure!(seen["script"] == json!(false), "scripts ran although they were off");
    ensure!(seen["text"].as_u64() > Some(40), "there is next to no text");
    ensure!(seen["dead"] == json!([]), "controls that do nothing: {}", seen["dead"]);
    ensure!(seen["unprinted"] == json!([]), "labs without a printed figure: {}", seen["unprinted"]);
    ensure!(seen["bare"] == json!(0), "{} formulas without their font", seen["bare"]);
    ensure!(seen["numberless"] == json!([]), "labs without printed numbers: {}", seen["numberless"]);
    Ok(())
}

fn fits(site: &Site, path: &str) -> Result<()> {
    let page = site.blank(Browser::Chromium)?;
    page.session().resize(390, 844)?;
    page.go(path)?;
    wake(&page)?;
    let wide = page.text(
        "document.documentElement.scrollWidth <= innerWidth ? '' : Array.from(document.querySelectorAll('body *'))\
         .filter(element => element.getBoundingClientRect().right > innerWidth + 0.5)\
         .slice(-3).map(element => element.outerHTML.slice(0, 120)).join('\\n') || 'something unseen'",
    )?;
    ensure!(wide.is_empty(), "wider than 390 pixels:\n{wide}");
    Ok(())
}

fn dresses(site: &Site, browser: Browser, path: &str) -> Result<()> {
    let page = site.visit(browser, path)?;
    page.run_script(
        "const expect = (holds, what) => { if (!holds) throw new Error(what); };
         const isDressed = formula => getComputedStyle(formula).fontFamily.includes('Book Math');
         const formulas = Array.from(document.querySelectorAll('.text > * math')).filter(probe.visible);
         const isInWindow = formula => {
             const { top, bottom } = formula.getBoundingClientRect();
             return bottom > 0 && top < innerHeight;
         };
         await probe.until(() => 'dressed' in document.documentElement.dataset, 30000, () => 'the formulas');
         expect(formulas.filter(isInWindow).every(isDressed), 'a formula in the window has another font');
         expect(!isDressed(formulas.at(-1)), 'a formula far away has its font already, which takes the reader time');
         for (const formula of [formulas.at(-1), formulas[Math.floor(formulas.length / 2)]]) {
             formula.scrollIntoView({ block: 'center', behavior: 'instant' });
             await probe.until(() => formulas.filter(isInWindow).every(isDressed), 5000, () => 'the font of a formula that was far away');
         }
         await document.fonts.ready;
         expect(document.fonts.check('1em \"Book Math\"'), 'the font is not there');",
        &[],
    )?;
    page.expect_no_errors()
}

/// Whatever they bear, as in `\bigl(x\bigr)^2`.
fn delimiters(site: &Site, browser: Browser, path: &str) -> Result<()> {
    let page = site.visit(browser, path)?;
    page.run_script(
        "const { dataset } = document.documentElement;
         dataset.dressed = '';
         delete dataset.opening;
         await document.fonts.load('1em \"Book Math\"');
         const middle = element => {
             const { top, bottom } = element.getBoundingClientRect();
             return (top + bottom) / 2;
         };
         const opened = [];
         for (const delimiter of Array.from(document.querySelectorAll('.text mo[minsize]')).filter(probe.visible)) {
             const sign = delimiter.textContent;
             if ('([{⟨'.includes(sign)) opened.push(delimiter);
             if (!')]}⟩'.includes(sign)) continue;
             const distance = middle(delimiter) - middle(opened.pop());
             if (Math.abs(distance) > 1) throw new Error(`${delimiter.closest('math').textContent}: ${distance} pixels`);
         }",
        &[],
    )?;
    page.expect_no_errors()
}

fn keeps_section(site: &Site, path: &str) -> Result<()> {
    let page = site.visit(Browser::Chromium, path)?;
    wake(&page)?;
    let section = page.run_script(
        "const headings = document.querySelectorAll('article h2[id]');
         const heading = headings[Math.min(2, headings.length - 1)];
         heading.scrollIntoView({ block: 'start', behavior: 'instant' });
         await probe.pause(100);
         return heading.id;",
        &[],
    )?;
    page.follow_language_link()?;
    wake(&page)?;
    let place = page.value(
        "(() => { const heading = document.getElementById(decodeURIComponent(location.hash.slice(1)));
            return { path: location.pathname, hash: location.hash.slice(1),
                     top: heading ? heading.getBoundingClientRect().top : null, height: innerHeight }; })()",
    )?;
    ensure!(!place["path"].as_str().unwrap_or_default().ends_with(path), "the link did not lead to the other language");
    ensure!(place["hash"] == section, "the section was {section}, and now it is {}", place["hash"]);
    Ok(())
}

fn wrong_address(site: &Site) -> Result<()> {
    let page = site.visit(Browser::Chromium, "/en/no-such-chapter/")?;
    let found = page.run_script("return (await fetch(location.href)).status;", &[])?;
    ensure!(found == json!(404), "the status is {found}");
    let links = page.value("['en', 'zh'].every(code => document.querySelector(`a[href$=\"/${code}/\"]`))")?;
    ensure!(links == json!(true), "there is no way back to both languages");
    Ok(())
}

fn without_program(site: &Site, path: &str) -> Result<()> {
    let page = site.blank(Browser::Chromium)?;
    let block = |urls: &[&str]| page.session().devtools("Network.setBlockedURLs", &json!({ "urls": urls }));
    page.session().devtools("Network.enable", &json!({}))?;
    block(&["*.wasm"])?;
    let outcome = page.go(path).and_then(|()| {
        let told = "await probe.until(() => Array.from(document.querySelectorAll('.notice.failed')).some(probe.visible), \
                    10000, () => 'a word on the labs');";
        page.run_script(told, &[])
    });
    block(&[])?;
    page.session().devtools("Network.disable", &json!({}))?;
    outcome?;
    ensure!(page.text("document.querySelector('article').innerText")?.len() > 1000, "the text is gone");
    Ok(())
}
