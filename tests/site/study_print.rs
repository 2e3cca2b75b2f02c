//! A chapter on paper.

use crate::{
    PATIENCE, Tests,
    support::{Page, driver::Browser},
};
use anyhow::{Context, Result, ensure};
use labs::text::Language;
use serde_json::{Value, json};

/// The fewest pages of a chapter with its figures and solutions.
const PAGES: u64 = 5;

const HELPERS: &str = "
    const article = document.querySelector('article');
    const exercises = Array.from(document.querySelectorAll('.exercise'));
    const visible = element => element.getClientRects().length > 0 && getComputedStyle(element).visibility === 'visible';
    const expect = (holds, what) => { if (!holds) throw new Error(what); };
    // The text, and of the labs, of which others may come to life meanwhile, what printing changes.
    const state = () => ({
        parts: Array.from(article.querySelectorAll('.title, .text > :not(figure), .references'), part => part.outerHTML),
        children: article.children.length,
        unfolded: document.querySelectorAll('.print-settings, .lab-words[open]').length,
        root: [document.documentElement.dataset.theme ?? '', document.documentElement.className],
        canvases: Array.from(document.querySelector('figure[data-lab]').querySelectorAll('canvas'), ({ width, height }) => [width, height]),
        dots: devicePixelRatio,
        sheets: document.adoptedStyleSheets.length,
    });
    const differences = (one, other) => Object.keys(one).filter(key => JSON.stringify(one[key]) !== JSON.stringify(other[key]));
    const shortly = value => JSON.stringify(value).slice(0, 400);
    const unchanged = (before, after) => expect(!differences(before, after).length, 'the page is not what it was before it was \
        printed: ' + differences(before, after).map(key => `${key} ${shortly(before[key])}, ${shortly(after[key])}`).join('; '));
";

/// The tests of this module.
pub fn add(tests: &mut Tests) -> Result<()> {
    for language in Language::ALL {
        for path in tests.site.chapters(language)? {
            for browser in tests.site.browsers(language, &path)? {
                let path = path.clone();
                tests.add(
                    format!("{}::/{path}::print::gives_a_handout_and_the_page_back", browser.name()),
                    move |site| {
                        let page = site.visit(browser, &path)?;
                        ready(&page)?;
                        handout(&page)?;
                        page.expect_no_errors()
                    },
                );
            }
            tests.add(format!("chromium::/{path}::print::shows_text_figures_and_solutions_alone"), move |site| {
                let page = site.visit(Browser::Chromium, &path)?;
                ready(&page)?;
                page.session().emulate_media("print", &[])?;
                on_paper(&page)?;
                page.expect_no_errors()
            });
        }
    }
    tests.add("chromium::/en/lab/ridgeless/::print::is_printed_in_light_colors_with_its_settings".into(), |site| {
        let page = site.visit(Browser::Chromium, "/en/lab/ridgeless/")?;
        ready(&page)?;
        alone(&page)?;
        page.expect_no_errors()
    });
    Ok(())
}

/// The page of one lab.
fn alone(page: &Page) -> Result<()> {
    page.run_script(
        "const expect = (holds, what) => { if (!holds) throw new Error(what); };
         const root = document.documentElement;
         const [figure] = document.querySelectorAll('figure[data-lab]');
         const look = () => [root.dataset.theme, Array.from(figure.querySelectorAll('canvas'), canvas => canvas.width).join(),
             document.querySelectorAll('.print-source, .print-settings, .lab-words[open]').length].join(' ');
         const before = look();
         expect(before.startsWith('dark'), before);
         dispatchEvent(new Event('beforeprint'));
         await probe.pause(300);
         expect(root.dataset.theme === 'light', 'figures are printed in the colors of the screen');
         const seed = figure.querySelector('[name=seed]').value;
         expect(figure.querySelector('.print-settings').textContent.trim().endsWith(`= ${seed}`), 'the settings are not printed');
         expect(document.querySelector('.print-source').textContent.includes(location.pathname), 'the address is not printed');
         dispatchEvent(new Event('afterprint'));
         await probe.pause(300);
         expect(look() === before, `the page is not what it was: ${before}, ${look()}`);",
        &[],
    )
    .map(drop)
}

fn run(page: &Page, body: &str, arguments: &[Value]) -> Result<Value> {
    page.run_script(&format!("{HELPERS}{body}"), arguments)
}

/// Waits until everything is there that helps to study, with one lab alive and a dark screen.
fn ready(page: &Page) -> Result<()> {
    let body = format!(
        "document.documentElement.dataset.theme = 'dark';
         await probe.until(() => 'study' in document.documentElement.dataset, {PATIENCE}, () => 'the modules');
         document.querySelector('figure[data-lab]').scrollIntoView({{ behavior: 'instant' }});
         await probe.until(() => document.querySelector('canvas'), {PATIENCE}, () => 'a live lab');
         // The formulas' font comes last, and with it some of them begin to scroll.
         await probe.until(() => 'dressed' in document.documentElement.dataset, {PATIENCE}, () => 'the formulas');
         await document.fonts.ready;
         await probe.pause(500);"
    );
    page.run_script(&body, &[]).map(drop)
}

fn handout(page: &Page) -> Result<()> {
    run(
        page,
        "window.before = state();
         addEventListener('beforeprint', () => {
             const solutions = Array.from(document.querySelectorAll('details.solution, details.answer'));
             const last = exercises.at(-1);
             window.printed = {
                 theme: document.documentElement.dataset.theme,
                 apart: solutions.every(solution => !solution.closest('.exercise') && solution.open
                     && last.compareDocumentPosition(solution) & Node.DOCUMENT_POSITION_FOLLOWING),
                 solutions: solutions.length,
             };
         });",
        &[],
    )?;
    let pdf = page.session().print()?;
    let read = run(
        page,
        "const pdf = atob(args[0]);
         await probe.pause(500);
         return [pdf.slice(0, 4), pdf.length, (pdf.match(/\\/Type\\s*\\/Page(?![a-zA-Z])/g) ?? []).length];",
        &[json!(pdf)],
    )?;
    ensure!(read[0] == json!("%PDF"), "what is printed is no PDF");
    let pages = read[2].as_u64().context("no pages")?;
    // Firefox keeps the list of pages in compressed objects.
    ensure!(page.session().browser == Browser::Firefox || pages >= PAGES, "the handout has {pages} pages");
    let printed = page.value("window.printed")?;
    ensure!(printed["theme"] == json!("light"), "figures are printed in the colors of the screen");
    ensure!(printed["solutions"].as_u64() > Some(0), "there are no solutions");
    ensure!(printed["apart"] == json!(true), "a solution is printed beside its exercise, or folded");
    run(page, "unchanged(before, state());", &[]).map(drop)
}

fn on_paper(page: &Page) -> Result<()> {
    run(
        page,
        "let before = state();
         // Figures follow the width of the sheet a moment after it has changed, and modules the labs that come to life.
         for (let still = 0; still < 5; ) {
             await probe.pause(100);
             const now = state();
             still = differences(before, now).length ? 0 : still + 1;
             before = now;
         }
         dispatchEvent(new Event('beforeprint'));
         await probe.pause(500);
         const shown = Array.from(document.querySelectorAll(
             '.bar, nav.contents, .foot, .lab-controls, input[type=range], input[type=radio], input[type=checkbox], select, \
              .lab-run, form button'
         )).filter(visible);
         expect(!shown.length, `${shown[0]?.className || shown[0]?.outerHTML} is printed`);
         for (const lab of document.querySelectorAll('figure[data-lab]')) {
             const seed = lab.querySelector('[name=seed]').value;
             const settings = lab.querySelector('.print-settings');
             expect(visible(settings) && settings.textContent.trim().endsWith(`= ${seed}`), `${lab.id} has no settings`);
             expect(visible(lab.querySelector('.lab-words p')), `the words of ${lab.id} are folded`);
             expect(getComputedStyle(lab).breakInside === 'avoid', `${lab.id} may be torn apart`);
         }
         const solutions = document.querySelector('.print-solutions');
         for (const exercise of exercises) {
             const label = exercise.querySelector('.label').firstChild.textContent.trim();
             expect(visible(exercise), `${label} is not printed`);
             expect(solutions.textContent.includes(label), `the solution of ${label} has no name`);
         }
         for (const solution of solutions.querySelectorAll('details')) {
             expect(visible(solution.querySelector(':scope > :not(summary, button)')), 'a solution is folded');
         }
         expect(solutions.querySelectorAll('details').length >= exercises.length, 'an exercise has no solution');
         dispatchEvent(new Event('afterprint'));
         await probe.pause(500);
         unchanged(before, state());",
        &[],
    )
    .map(drop)
}
