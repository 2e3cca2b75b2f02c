//! Phrases of the text that drive a figure, and colors that light up in prose, formulas and curves.

use crate::{
    PATIENCE, Tests,
    support::{Page, Site, driver::Browser},
};
use anyhow::{Result, ensure};
use labs::text::Language;
use serde_json::Value;

const TAB: char = '\u{E004}';
const ENTER: char = '\u{E007}';
const ESCAPE: char = '\u{E00C}';

/// Phrases about the first lab of the page, after the text that follows it: what they show is read off the lab.
const HELPERS: &str = "
    const figure = document.querySelector('figure[data-lab]');
    const expect = (holds, what) => { if (!holds) throw new Error(what); };
    const until = (test, what) => probe.until(test, patience, () => what);
    const charts = () => figure.lab('read', '').filter(({ kind }) => kind === 'chart');
    const series = () => charts()[0].marks.filter(({ kind, name }) => kind === 'line' && name);
    const seeds = () => new URLSearchParams(figure.lab('settings', '')).get('seeds');
    const layer = () => figure.querySelector('[data-layer=shown]');
    const isDrawn = () => Boolean(layer()?.hasAttribute('data-on') && layer().querySelector('path'));
    const drawn = () => layer().querySelector('path[stroke^=\"var(--role\"]').getAttribute('d');
    const phrase = id => document.getElementById(id);
    const bar = () => figure.querySelector('.shown');
    const top = element => element.getBoundingClientRect().top;
    const write = (id, { set, show, at }) => {
        const { lab } = figure.dataset;
        const made = document.createElement('a');
        Object.assign(made, { id, className: 'phrase', textContent: `phrase ${id}` });
        made.href = `?${lab}.${set ?? ''}&run=1#lab-${lab}`;
        Object.assign(made.dataset, { for: lab, ...(set && { set }), ...(show && { show }), ...(at && { at }) });
        const after = Array.from(document.querySelectorAll('.text > p')).filter(other =>
            figure.compareDocumentPosition(other) & Node.DOCUMENT_POSITION_FOLLOWING);
        after[Math.min(3, after.length - 1)].append(' ', made);
    };
    const see = element => element.scrollIntoView({ block: 'center', behavior: 'instant' });
    const symbols = () => Array.from(document.querySelectorAll('.text [class^=role-]'))
        .filter(symbol => !symbol.closest('figure'));
    const roleOf = symbol => symbol.getAttribute('class').match(/role-([a-z]+)/)[1];
    const isLit = symbol => symbol.classList.contains('lit');
";

/// The tests of this module.
pub fn add(tests: &mut Tests) -> Result<()> {
    for language in Language::ALL {
        let Some(path) = tests.site.chapter_with("ridgeless", language)? else { continue };
        for browser in Browser::ALL {
            let mut add = |what: &str, body: fn(&Page) -> Result<()>| {
                let path = path.clone();
                tests.add(format!("{}::/{path}::phrases::{what}", browser.name()), move |site| {
                    let page = visit(site, browser, &path)?;
                    body(&page)?;
                    page.expect_no_errors()
                });
            };
            add("keys_lead_to_the_figure_and_back_to_the_line", keys);
            if browser == Browser::Chromium {
                add("a_color_is_lit_by_keys_in_formulas_and_curves", colors);
                add("an_entry_of_the_legend_lights_its_curve_and_words", legend);
            }
            // The rest is the same in either language and browser.
            if browser == Browser::Chromium && language == Language::English {
                add("what_stands_out_is_drawn_anew_with_every_run", follows);
                add("one_phrase_gives_way_to_another_and_to_the_figure", ends);
                add("a_value_out_of_range_is_told", refusals);
                add("a_click_for_another_tab_goes_its_way", modified);
                add("a_phone_has_the_way_back_in_sight", phone);
                add("an_address_of_a_place_stands_on_its_value", places);
            }
        }
    }
    Ok(())
}

/// Runs a script with the helpers.
fn run(page: &Page, body: &str) -> Result<Value> {
    page.run_script(&format!("const patience = {PATIENCE};{HELPERS}{body}"), &[])
}

fn alive(page: &Page) -> Result<()> {
    run(
        page,
        "await probe.ready(figure.dataset.lab, patience);
         probe.touch();
         await until(() => 'study' in document.documentElement.dataset, 'what helps to study');
         await until(() => figure.querySelector('.legend-entry'), 'the legend');
         const [first, second] = series();
         write('one', { set: 'seeds=2', show: first.name, at: String(first.x[2]) });
         write('two', { show: (second ?? first).name });
         write('three', { set: 'seeds=100000' });",
    )
    .map(drop)
}

fn visit<'a>(site: &'a Site, browser: Browser, path: &str) -> Result<Page<'a>> {
    let page = site.visit(browser, path)?;
    alive(&page)?;
    Ok(page)
}

fn keys(page: &Page) -> Result<()> {
    let press = |keys: String| page.session().keys(&keys);
    // Where the line stands when the key is pressed: until then, labs that come to life may move it.
    run(
        page,
        "window.stays = true; see(phrase('one')); phrase('one').focus();
         addEventListener('click', () => window.before = top(phrase('one')), { capture: true, once: true });",
    )?;
    press(ENTER.to_string())?;
    run(
        page,
        "await until(() => bar() && !bar().hidden, 'the bar');
         await until(() => figure.dataset.state === 'done' && seeds() === '2', 'the run');
         const [first] = series();
         expect(window.stays, 'the page was left');
         expect(figure.dataset.shown === first.name, `it shows ${figure.dataset.shown}`);
         await until(() => isDrawn() && layer().querySelector('.shown-veil') && layer().querySelector('.shown-place'),
             'what stands out');
         expect(phrase('one').getAttribute('aria-current') === 'true', 'the phrase does not say that it is shown');
         expect(bar().textContent.includes('phrase one') && bar().textContent.includes(first.label), bar().textContent);
         expect(bar().contains(document.activeElement), `the focus is on ${document.activeElement.outerHTML}`);
         const { top: above, bottom: below } = figure.querySelector('.lab-panel').getBoundingClientRect();
         expect(above < innerHeight && below > 0, 'the figure is not in sight');",
    )?;
    press(ENTER.to_string())?;
    run(
        page,
        "await until(() => Math.abs(top(phrase('one')) - window.before) < 3, `the line at ${window.before}`);
         expect(document.activeElement === phrase('one'), 'the phrase has no focus');
         expect(figure.dataset.shown, 'what was shown is gone');",
    )?;
    press(ENTER.to_string())?;
    run(page, "await until(() => bar().contains(document.activeElement), 'the bar again');")?;
    press(ESCAPE.to_string())?;
    run(
        page,
        "expect(!('shown' in figure.dataset) && !isDrawn() && bar().hidden, 'Escape leaves something');
         expect(!document.querySelector('[aria-current=true]'), 'the phrase is still current');
         expect(document.activeElement === phrase('one'), 'Escape loses the place');",
    )
    .map(drop)
}

fn follows(page: &Page) -> Result<()> {
    run(
        page,
        "phrase('one').click();
         await until(() => figure.dataset.state === 'done' && isDrawn(), 'the run');
         await probe.pause(200);
         const before = drawn();
         figure.lab('set', 'seed=7');
         await until(() => figure.dataset.state === 'done' && drawn() !== before, 'another curve');
         const { x, y } = series()[0];
         expect(x.length === y.length && figure.dataset.shown, 'nothing stands out');
         const narrow = drawn();
         document.querySelector('.lab-panels').style.width = '300px';
         await until(() => drawn() !== narrow, 'the curve in a narrow panel');",
    )
    .map(drop)
}

fn ends(page: &Page) -> Result<()> {
    run(
        page,
        "phrase('one').click();
         await until(() => figure.dataset.shown && figure.dataset.state === 'done', 'the first phrase');
         const [first, second] = series();
         phrase('two').click();
         await until(() => figure.dataset.shown === (second ?? first).name, 'the second phrase');
         expect(!phrase('one').hasAttribute('aria-current') && phrase('two').hasAttribute('aria-current'), 'two are current');
         expect(seeds() === '2', 'a phrase that only shows has set something');
         figure.querySelector('.lab-title').click();
         expect(!('shown' in figure.dataset) && bar().hidden, 'a click in the figure ends nothing');",
    )
    .map(drop)
}

fn refusals(page: &Page) -> Result<()> {
    run(
        page,
        "phrase('three').click();
         await until(() => bar() && !bar().hidden, 'the bar');
         expect(/100000/.test(bar().textContent), `nothing is said: ${bar().textContent}`);
         expect(seeds() !== '100000', 'the value was taken');",
    )
    .map(drop)
}

fn modified(page: &Page) -> Result<()> {
    run(
        page,
        "let prevented;
         addEventListener('click', event => { prevented = event.defaultPrevented; event.preventDefault(); });
         const click = keys => phrase('two').dispatchEvent(
             new MouseEvent('click', { bubbles: true, cancelable: true, ...keys }));
         for (const keys of [{ ctrlKey: true }, { metaKey: true }, { shiftKey: true }, { button: 1 }]) {
             click(keys);
             expect(prevented === false, `${JSON.stringify(keys)} is caught`);
         }
         click({});
         expect(prevented === true, 'a plain click is not');",
    )
    .map(drop)
}

fn phone(page: &Page) -> Result<()> {
    page.session().resize(390, 844)?;
    run(
        page,
        "see(phrase('one'));
         await probe.pause(300);
         const before = top(phrase('one'));
         phrase('one').click();
         await until(() => figure.dataset.state === 'done' && bar() && !bar().hidden, 'the run');
         await until(() => {
             const back = figure.querySelector('.shown-back').getBoundingClientRect();
             return back.top > 0 && back.bottom <= innerHeight && back.left >= 0 && back.right <= innerWidth
                 && back.height >= 44;
         }, 'the way back');
         const panel = figure.querySelector('.lab-panel').getBoundingClientRect();
         expect(panel.top >= 0 && panel.bottom <= innerHeight, 'the chart is not in sight');
         figure.querySelector('.shown-back').click();
         await until(() => Math.abs(top(phrase('one')) - before) < 3, 'the line');
         expect(document.documentElement.scrollWidth <= innerWidth, 'the page is wider than the phone');",
    )
    .map(drop)
}

fn places(page: &Page) -> Result<()> {
    run(
        page,
        "const { x, y } = series()[0];
         phrase('one').click();
         await until(() => isDrawn() && layer().querySelector('circle'), 'the place');
         const panel = charts()[0];
         const ring = layer().querySelector('circle');
         const [left, , right] = panel.plot;
         const spread = { linear: value => value, log: Math.log, log_from_zero: Math.log1p }[panel.x.scale];
         const [low, high, at] = [...panel.x.range, x[2]].map(spread);
         const place = left + (at - low) / (high - low) * (right - left);
         expect(Math.abs(ring.getAttribute('cx') - place) < 0.5, `${ring.getAttribute('cx')} is not ${place}`);
         expect(layer().querySelector('text').textContent.includes(String(x[2])), layer().textContent);
         write('range', { show: series()[0].name, at: `${x[1]}..${x[3]}` });
         phrase('range').click();
         await until(() => layer().querySelector('text')?.textContent.includes('≤'), 'a stretch');",
    )
    .map(drop)
}

fn colors(page: &Page) -> Result<()> {
    run(
        page,
        "const handle = document.querySelector('.text .role-handle');
         expect(/show in the figure|在图中显示/.test(handle.getAttribute('aria-label')), handle.outerHTML);
         const equation = handle.closest('.equation');
         expect(!equation.querySelector('math [tabindex]'), 'a formula holds something to focus');
         const roles = Array.from(equation.querySelectorAll('.role-handle'), ({ dataset }) => dataset.role);
         expect(new Set(roles).size === roles.length, 'a color has two stops in one formula');
         see(equation);
         // The keys come from the place before the formula.
         const before = document.createElement('button');
         equation.before(before);
         before.focus();",
    )?;
    page.session().keys(&TAB.to_string())?;
    // A formula that scrolls may have a stop of its own.
    if run(page, "return !document.activeElement.matches('.role-handle');")? == Value::Bool(true) {
        page.session().keys(&TAB.to_string())?;
    }
    run(
        page,
        "const handle = document.activeElement;
         expect(handle.matches('.role-handle'), `the focus is on ${handle.outerHTML}`);
         const { role } = handle.dataset;
         await until(() => symbols().some(isLit), 'symbols');
         expect(symbols().filter(isLit).every(symbol => roleOf(symbol) === role), 'another color is lit');
         const own = handle.closest('.equation').querySelector(`math .role-${role}`);
         expect(isLit(own), 'the symbol itself is not lit');
         await until(() => {
             const [inner, outer] = [own, handle].map(element => element.getBoundingClientRect());
             return Math.abs(inner.left - outer.left) < 2 && Math.abs(inner.top - outer.top) < 2;
         }, 'the stop over its symbol');",
    )?;
    page.session().keys(&ENTER.to_string())?;
    run(
        page,
        "await until(() => document.querySelector('figure[data-shown]'), 'a figure');
         const shown = document.querySelector('figure[data-shown]');
         await until(() => shown.querySelector('[data-layer=shown][data-on] path'), 'curves');",
    )?;
    page.session().keys(&ESCAPE.to_string())?;
    let back = run(page, "return document.activeElement.matches('.role-handle');")?;
    ensure!(back == Value::Bool(true), "Escape loses the formula");
    Ok(())
}

fn legend(page: &Page) -> Result<()> {
    run(
        page,
        "const entry = () => Array.from(figure.querySelectorAll('.legend-entry'))
             .find(button => symbols().some(symbol =>
                 button.querySelector(`.role-${roleOf(symbol)}`))) ?? figure.querySelector('.legend-entry');
         see(entry());
         entry().focus();",
    )?;
    page.session().keys(" ")?;
    run(
        page,
        "const pressed = () => figure.querySelector('.legend-entry[aria-pressed=true]');
         expect(pressed(), 'nothing is pressed');
         const role = roleOf(pressed().querySelector('[class*=role-]'));
         expect(figure.dataset.lit === role, `${figure.dataset.lit} is lit`);
         await until(() => figure.querySelector('[data-layer=shown][data-on] path'), 'the curve');
         expect(symbols().filter(isLit).every(symbol => roleOf(symbol) === role), 'another color is lit');
         const label = pressed().textContent;
         figure.lab('set', 'seeds=3');
         await until(() => figure.dataset.state === 'done' && seeds() === '3', 'a run');
         await until(() => pressed()?.textContent === label, 'the entry after a run');",
    )?;
    page.session().keys(" ")?;
    run(
        page,
        "expect(!figure.querySelector('.legend-entry[aria-pressed=true]'), 'it is still pressed');
         document.activeElement.blur();
         await until(() => !('lit' in figure.dataset) && !symbols().some(isLit), 'all as before');",
    )
    .map(drop)
}
