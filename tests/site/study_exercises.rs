//! Exercises with checked answers, as readers meet them.

use crate::{
    PATIENCE, Tests,
    support::{Page, Site, driver::Browser},
};
use anyhow::{Context, Result, ensure};
use labs::text::Language;
use serde_json::{Value, json};

/// The characters of `WebDriver` for keys that write nothing.
const TAB: char = '\u{E004}';
const ENTER: char = '\u{E007}';

/// What readers type, and the number that it says; nothing where it says none.
const WRITTEN: [(&str, Option<f64>); 24] = [
    ("0.33", Some(0.33)),
    (" .5 ", Some(0.5)),
    ("1/4", Some(0.25)),
    ("33%", Some(33.0)),
    ("3.3e-1", Some(0.33)),
    ("3.3×10^-1", Some(0.33)),
    ("3.3 × 10⁻¹", Some(0.33)),
    ("10^3", Some(1000.0)),
    ("−2", Some(-2.0)),
    ("３．５", Some(3.5)),
    ("３。５", Some(3.5)),
    ("１／４", Some(0.25)),
    ("３３％", Some(33.0)),
    ("0,33", Some(0.33)),
    ("1,797", Some(1797.0)),
    ("1，797.5", Some(1797.5)),
    ("0.33。", Some(0.33)),
    ("约 79", Some(79.0)),
    ("≈79", Some(79.0)),
    ("abc", None),
    ("1/0", None),
    ("1.2.3", None),
    ("12 3x", None),
    ("/", None),
];

/// Finds the exercises of a page by what they ask for.
const HELPERS: &str = "
    const exercises = Array.from(document.querySelectorAll('.exercise'));
    const one = exercises.find(exercise => exercise.querySelector('input[type=radio]'));
    const all = exercises.find(exercise => exercise.querySelector('input[type=checkbox]'));
    const number = exercises.find(exercise => exercise.querySelector('form p input'));
    const derivation = exercises.find(exercise => !exercise.querySelector('form'));
    const items = exercise => Array.from(exercise.querySelectorAll('.answer > ol > li'));
    const inputs = exercise => Array.from(exercise.querySelectorAll('form input'));
    const check = exercise => exercise.querySelector('form button').click();
    const status = exercise => exercise.querySelector('[role=status]').textContent.trim();
    const response = item => item.textContent;
    const words = text => text.replace(/\\s+/g, '');
    const isDone = exercise => /✓/.test(exercise.querySelector('.label').innerText);
    const type = (exercise, text) => { inputs(exercise)[0].value = text; check(exercise); return status(exercise); };
    const expect = (holds, what) => { if (!holds) throw new Error(what); };
";

/// The tests of this module.
pub fn add(tests: &mut Tests) -> Result<()> {
    for language in Language::ALL {
        for path in tests.site.chapters(language)? {
            for browser in tests.site.browsers(language, &path)? {
                let mut add = |what: &str, body: fn(&Page, &str) -> Result<()>| {
                    let path = path.clone();
                    tests.add(format!("{}::/{path}::exercises::{what}", browser.name()), move |site| {
                        let page = visit(site, browser, &path)?;
                        body(&page, &path)?;
                        page.expect_no_errors()
                    });
                };
                add("a_wrong_option_is_answered_and_a_right_one_done", options);
                add("all_right_options_and_no_others_are_right", several);
                add("numbers_are_read_compared_and_answered", numbers);
                add("what_is_done_is_marked_after_a_reload_in_both_languages", done);
                add("keys_are_enough", keys);
                add("full_storage_changes_nothing_but_memory", full_storage);
            }
            let (blocked, unscripted) = (path.clone(), path.clone());
            tests.add(format!("chromium::/{path}::exercises::work_without_storage"), move |site| {
                without_storage(site, &blocked)
            });
            tests.add(format!("chromium::/{path}::exercises::read_without_script"), move |site| {
                without_script(site, &unscripted)
            });
        }
    }
    if let Some(path) = tests.site.chapters(Language::English)?.into_iter().next() {
        tests.add("chromium::exercises::numbers_are_read_as_they_are_written".into(), move |site| written(site, &path));
    }
    Ok(())
}

/// Runs a script with the helpers.
fn run(page: &Page, body: &str) -> Result<Value> {
    page.run_script(&format!("{HELPERS}{body}"), &[])
}

/// Waits until the exercises of the open page are alive.
fn alive(page: &Page) -> Result<()> {
    let body = format!(
        "probe.touch(); await probe.until(() => !document.querySelector('form.check button').disabled, {PATIENCE}, () => 'exercises');"
    );
    page.run_script(&body, &[]).map(drop)
}

fn visit<'a>(site: &'a Site, browser: Browser, path: &str) -> Result<Page<'a>> {
    let page = site.visit(browser, path)?;
    alive(&page)?;
    Ok(page)
}

fn options(page: &Page, _: &str) -> Result<()> {
    run(
        page,
        "check(one);
         expect(status(one) && !one.querySelector('.right, .wrong'), 'nothing is said about no choice');
         const right = items(one).findIndex(item => 'right' in item.dataset);
         for (const [index, item] of items(one).entries()) {
             if (index === right) continue;
             inputs(one)[index].click();
             check(one);
             expect(words(status(one)) === words(response(item)), `the response is ${status(one)}`);
             expect(one.querySelector('[role=status].wrong') && !isDone(one), 'a wrong option passes');
             expect(!one.querySelector('.answer').getClientRects().length, 'the answer shows too early');
         }
         inputs(one)[right].click();
         check(one);
         expect(words(status(one)) === words(response(items(one)[right])), `the response is ${status(one)}`);
         expect(one.querySelector('[role=status].right') && isDone(one), 'the right option does not pass');
         expect(one.querySelector('.answer').getClientRects().length, 'the other responses cannot be read');",
    )
    .map(drop)
}

fn several(page: &Page, _: &str) -> Result<()> {
    run(
        page,
        "if (!all) return;
         const right = items(all).flatMap((item, index) => 'right' in item.dataset ? [index] : []);
         const wrong = items(all).findIndex(item => !('right' in item.dataset));
         inputs(all)[right[0]].click();
         check(all);
         expect(!isDone(all) && all.querySelector('.wrong'), 'a part of the right options passes');
         for (const index of right.slice(1)) inputs(all)[index].click();
         inputs(all)[wrong].click();
         check(all);
         expect(!isDone(all) && words(status(all)).includes(words(response(items(all)[wrong]))), 'a wrong one passes');
         inputs(all)[wrong].click();
         check(all);
         expect(isDone(all), 'all right options do not pass');",
    )
    .map(drop)
}

fn numbers(page: &Page, _: &str) -> Result<()> {
    run(
        page,
        "const answer = number.querySelector('.answer');
         const right = Number(answer.querySelector('p data').value);
         const tolerance = Number(answer.dataset.tolerance);
         expect(type(number, '') && !number.querySelector('.right, .wrong'), 'nothing is said about nothing');
         expect(type(number, 'abc').includes('abc'), 'what is no number is not told');
         expect(inputs(number)[0].value === 'abc', 'what was typed is lost');
         for (const item of answer.querySelectorAll('li')) {
             const said = type(number, item.querySelector('data').value);
             expect(words(said).includes(words(item.textContent)) && !isDone(number), `the known error gets ${said}`);
         }
         const above = type(number, String(right + 3.7 * tolerance));
         const below = type(number, String(right - 3.7 * tolerance));
         expect(above !== below && !isDone(number), `too large: ${above}, too small: ${below}`);
         const said = type(number, String(right + 0.9 * tolerance));
         expect(isDone(number) && number.querySelector('.right'), `the right number gets ${said}`);
         const wide = right.toFixed(6).replace(/[0-9.]/g, c => String.fromCharCode(c.charCodeAt(0) + 0xfee0));
         type(number, wide);
         expect(number.querySelector('.right'), `${wide} is not read`);",
    )
    .map(drop)
}

fn done(page: &Page, path: &str) -> Result<()> {
    run(
        page,
        "inputs(one)[items(one).findIndex(item => 'right' in item.dataset)].click();
         check(one);
         if (derivation) {
             derivation.querySelector('summary').click();
             derivation.querySelector('details button').click();
         }",
    )?;
    let expect_marks = "expect(isDone(one) && (!derivation || isDone(derivation)), 'no mark');
         expect(exercises.filter(isDone).length === (derivation ? 2 : 1), 'other exercises are marked');";
    run(page, expect_marks)?;
    page.go(path)?;
    alive(page)?;
    run(page, expect_marks)?;
    page.follow_language_link()?;
    alive(page)?;
    run(page, expect_marks)?;
    run(
        page,
        "if (!derivation) return;
         derivation.querySelector('summary').click();
         derivation.querySelector('details button').click();
         expect(!isDone(derivation), 'a derivation cannot be taken back');",
    )?;
    Ok(())
}

fn keys(page: &Page, _: &str) -> Result<()> {
    let focus = |expression: &str| run(page, &format!("{expression}.focus();"));
    let press = |keys: String| page.session().keys(&keys);
    // The right option is reached from the first by arrows, and answered by Enter.
    let right = run(page, "return items(one).findIndex(item => 'right' in item.dataset);")?;
    let right = usize::try_from(right.as_u64().context("no right option")?)?;
    focus("inputs(one)[0]")?;
    press(format!(" {}", "\u{E015}".repeat(right)))?;
    press(format!("{TAB}{ENTER}"))?;
    run(page, "expect(isDone(one), `the keys lead to ${status(one)}`);")?;
    focus("inputs(number)[0]")?;
    press(format!("abc{ENTER}"))?;
    run(page, "expect(status(number).includes('abc'), `the keys lead to ${status(number)}`);")?;
    ensure!(page.value("location.search")? == json!(""), "the form is sent away");
    let number = run(page, "inputs(number)[0].select(); return number.querySelector('.answer data').value;")?;
    press(format!("{}{TAB} ", number.as_str().context("no number")?))?;
    run(page, "expect(isDone(number), `the keys lead to ${status(number)}`);").map(drop)
}

fn full_storage(page: &Page, path: &str) -> Result<()> {
    run(
        page,
        "Storage.prototype.setItem = () => { throw new DOMException('full', 'QuotaExceededError'); };
         inputs(one)[items(one).findIndex(item => 'right' in item.dataset)].click();
         check(one);
         type(number, number.querySelector('.answer data').value);
         expect(isDone(one) && isDone(number), 'what is done is not marked');",
    )?;
    page.go(path)?;
    alive(page)?;
    run(page, "expect(!exercises.some(isDone), 'something was kept after all');").map(drop)
}

fn without_storage(site: &Site, path: &str) -> Result<()> {
    let page = site.blank(Browser::Chromium)?;
    // It stays with the browser, so it waits for an address that no other test uses.
    let script = "if (location.search === '?storage=none') Object.defineProperty(window, 'localStorage', \
                  { get() { throw new DOMException('none', 'SecurityError'); } });";
    page.session().devtools("Page.addScriptToEvaluateOnNewDocument", &json!({ "source": script }))?;
    page.go(&format!("{path}?storage=none"))?;
    alive(&page)?;
    run(
        &page,
        "inputs(one)[items(one).findIndex(item => 'right' in item.dataset)].click();
         check(one);
         type(number, number.querySelector('.answer data').value);
         expect(isDone(one) && isDone(number), 'what is done is not marked');",
    )?;
    page.expect_no_errors()?;
    page.go(path)
}

fn without_script(site: &Site, path: &str) -> Result<()> {
    let page = site.blank(Browser::Chromium)?;
    page.session().devtools("Emulation.setScriptExecutionDisabled", &json!({ "value": true }))?;
    let seen = page.go(path).and_then(|()| {
        page.value(
            "Array.from(document.querySelectorAll('.exercise')).map(exercise => {
                const visible = element => element.getClientRects().length > 0;
                const options = Array.from(exercise.querySelectorAll('label > span'));
                const responses = exercise.querySelectorAll('.answer > ol > li');
                const answer = exercise.querySelector('.answer, .solution');
                return {
                    id: exercise.id,
                    read: options.every(visible) && options.length === responses.length,
                    answered: Boolean(answer) && !answer.open && visible(answer.querySelector('summary')),
                };
            })",
        )
    });
    page.session().devtools("Emulation.setScriptExecutionDisabled", &json!({ "value": false }))?;
    let seen = seen?;
    let exercises = seen.as_array().context("no exercises")?;
    ensure!(!exercises.is_empty(), "/{path} has no exercise");
    for exercise in exercises {
        ensure!(exercise["read"] == json!(true), "the options of {} cannot be read", exercise["id"]);
        ensure!(exercise["answered"] == json!(true), "{} has no folded answer", exercise["id"]);
    }
    Ok(())
}

fn written(site: &Site, path: &str) -> Result<()> {
    let page = visit(site, Browser::Chromium, path)?;
    let texts: Vec<&str> = WRITTEN.iter().map(|(text, _)| *text).collect();
    let read = page.run_script(
        "const file = performance.getEntriesByType('resource').find(({ name }) => name.includes('/study/exercises'));
         const { parse } = await import(file.name);
         return args[0].map(text => parse(text)?.value ?? null);",
        &[json!(texts)],
    )?;
    for (index, (text, number)) in WRITTEN.iter().enumerate() {
        let same = match (read[index].as_f64(), number) {
            (Some(read), Some(number)) => (read - number).abs() <= 1e-12 * number.abs(),
            (read, number) => read.is_none() && number.is_none(),
        };
        ensure!(same, "“{text}” is read as {}", read[index]);
    }
    Ok(())
}
