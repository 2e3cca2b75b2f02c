//! Runs side by side: pinned ones over the figure and in a table, and seeds one by one.

use crate::{
    PATIENCE, Tests,
    support::{Page, Site, driver::Browser},
};
use anyhow::{Context, Result, ensure};
use labs::{labs::find, settings::Settings, text::Language};
use serde_json::{Value, json};
use why_it_generalizes::figure::format_number;

const ENTER: char = '\u{E007}';

/// A lab that is quick to run with few samples and seeds.
const LAB: &str = "ridgeless";
const QUICK: &str = "samples=50&seeds=3&gamma=1.2";

const HELPERS: &str = "
    const figure = document.querySelector('figure[data-lab]');
    const named = (place, text) =>
        Array.from(place.querySelectorAll('button')).find(button => text.test(button.textContent) && probe.visible(button));
    const pinButton = () => named(figure.querySelector('.lab-buttons'), /^(Pin this run|固定此次结果)$/);
    const spreadButton = () => named(figure.querySelector('.lab-buttons'), /over seeds|按种子/);
    const said = () => figure.querySelector('.compare-voice').textContent;
    const lab = changes => figure.lab('set', changes);
    const settings = () => figure.lab('settings', '');
    const expect = (holds, what) => { if (!holds) throw new Error(what); };
    const until = (test, what) => probe.until(test, patience, () => what);
    const done = async () => {
        await until(() => figure.dataset.state === 'done', 'a run');
        // The picture comes after the numbers.
        for (let frame = 0; frame < 3; frame += 1) await new Promise(requestAnimationFrame);
    };
    const set = async changes => { lab(changes); await done(); };
    const pin = async () => {
        const before = figure.dataset.pins;
        pinButton().click();
        await until(() => figure.dataset.pins !== before, `another pin than ${before}; it says ${said()}`);
    };
    const curves = letter => Array.from(figure.querySelectorAll(`.lab-overlay [data-pin=${letter}]`));
    const rows = () => Object.fromEntries(Array.from(figure.querySelectorAll('.lab-pins tbody tr'), row =>
        [row.cells[0].textContent, Array.from(row.cells).slice(1).map(cell => cell.textContent)]));
    const heads = () => Array.from(figure.querySelectorAll('.lab-pins thead th'), head => head.textContent).slice(1);
    const result = name => {
        const row = figure.querySelector(`[data-output=${name}]`).closest('tr');
        const numbers = Array.from(row.querySelectorAll('[data-output]'), each => each.textContent.trim());
        return [row.querySelector('th').firstChild.textContent.trim(), numbers.join(' ')];
    };
    const survey = () => figure.querySelector('.lab-spread')?.dataset.survey;
";

/// The tests of this module.
pub fn add(tests: &mut Tests) {
    for (browser, language) in [
        (Browser::Chromium, Language::English),
        (Browser::Chromium, Language::Chinese),
        (Browser::Firefox, Language::English),
    ] {
        let mut add = |what: &str, body: fn(&Site, &Page) -> Result<()>| {
            let name = format!("{}::{LAB}::compare::{what}_in_{}", browser.name(), language.code());
            tests.add(name, move |site| {
                let page = visit(site, browser, language)?;
                body(site, &page)?;
                page.expect_no_errors()
            });
        };
        add("a_pinned_run_stays_beside_the_next_one", beside);
        add("seeds_one_by_one_are_the_runs_of_those_seeds", seeds);
        if browser == Browser::Firefox {
            continue;
        }
        add("three_runs_are_pinned_at_most_and_letters_come_back", letters);
        add("pinned_settings_come_back_with_their_numbers", restored);
        add("what_lies_outside_the_axes_is_told", outside);
        add("a_run_under_way_is_not_pinned", busy);
        add("the_printed_run_is_pinned_as_printed", printed);
        add("cancelled_seeds_leave_the_settings_as_they_were", cancelled);
        add("a_setting_moved_meanwhile_stays", moved);
    }
}

fn run(page: &Page, body: &str) -> Result<Value> {
    run_with(page, body, &[])
}

fn run_with(page: &Page, body: &str, arguments: &[Value]) -> Result<Value> {
    page.run_script(&format!("const patience = {PATIENCE};{HELPERS}{body}"), arguments)
}

fn alive(page: &Page) -> Result<()> {
    page.lab(LAB).ready()?;
    run(page, "probe.touch(); await until(pinButton, 'the button to pin');").map(drop)
}

fn visit(site: &Site, browser: Browser, language: Language) -> Result<Page<'_>> {
    let page = site.visit(browser, &format!("/{}/lab/{LAB}/?{QUICK}&run=1", language.code()))?;
    alive(&page)?;
    run(&page, "await done();")?;
    Ok(page)
}

fn press(page: &Page, button: &str) -> Result<()> {
    run(page, &format!("{button}.focus();"))?;
    page.session().keys(&ENTER.to_string())
}

fn beside(_: &Site, page: &Page) -> Result<()> {
    let before = run(page, "return result('excess_risk');")?;
    press(page, "pinButton()")?;
    run(page, "await until(() => figure.dataset.pins === 'A', 'a pin'); expect(/A/.test(said()), said());")?;
    run_with(
        page,
        "const [name, old] = args[0];
         const table = () => rows()[name] ?? [];
         expect(heads().length === 2 && table().join() === [old, old].join(), `the table has ${table()}`);
         expect(!curves('A').length, 'the same curve is drawn twice');
         const differing = () => figure.querySelectorAll('.pin-settings tr').length;
         expect(differing() === 0, 'settings differ from themselves');
         await set('noise_variance=2');
         const now = result('excess_risk')[1];
         expect(now !== old && table().join() === [old, now].join(), `the table has ${table()}, not ${old} and ${now}`);
         expect(differing() === 1, `${differing()} settings differ`);
         expect(Object.values(rows())[0].join() === '1,2', 'not the noise differs');
         const measured = curves('A').find(curve => curve.dataset.series === 'excess_risk');
         expect(measured?.getAttribute('d').length > 50, 'the pinned curve is not drawn');
         const letters = Array.from(figure.querySelectorAll('.pin-letter'), letter => letter.textContent);
         expect(letters.length && letters.every(letter => letter === 'A'), `the curves are called ${letters}`);",
        &[before],
    )?;
    run(page, "named(figure.querySelector('.pin-list'), /^(Unpin|取消固定)$/).focus();")?;
    page.session().keys(&ENTER.to_string())?;
    run(
        page,
        "expect(!('pins' in figure.dataset) && !figure.querySelector('.lab-pins'), 'the pin stays');
         expect(!curves('A').length && !figure.querySelector('.pin-letter'), 'its curve stays');
         expect(document.activeElement === pinButton(), 'the focus is lost');",
    )
    .map(drop)
}

fn letters(_: &Site, page: &Page) -> Result<()> {
    run(
        page,
        "await pin();
         pinButton().click();
         await until(() => /A/.test(said()) && /already|已经/.test(said()), 'word that it is pinned already');
         await set('noise_variance=2');
         await pin();
         await set('noise_variance=3');
         await pin();
         expect(figure.dataset.pins === 'A B C' && heads().length === 4, `pinned are ${figure.dataset.pins}`);
         await set('noise_variance=4');
         const patterns = ['A', 'B', 'C'].map(letter => {
             const curve = curves(letter).find(curve => curve.dataset.series === 'excess_risk');
             return getComputedStyle(curve).strokeDasharray;
         });
         expect(new Set(patterns).size === 3, `the patterns are ${patterns}`);
         pinButton().click();
         expect(figure.dataset.pins === 'A B C' && pinButton().getAttribute('aria-disabled') === 'true', 'a fourth');
         figure.querySelectorAll('.pin-list li')[1].querySelectorAll('button')[1].click();
         expect(figure.dataset.pins === 'A C', `left are ${figure.dataset.pins}`);
         await pin();
         expect(figure.dataset.pins === 'A B C', `pinned are ${figure.dataset.pins}`);
         expect(Object.values(rows())[0].join() === '1,4,3,4', `the noise is ${Object.values(rows())[0]}`);
         named(figure.querySelector('.pin-list'), /all|全部/).click();
         expect(!('pins' in figure.dataset) && !figure.querySelector('.lab-pins'), 'pins are left');",
    )
    .map(drop)
}

fn restored(_: &Site, page: &Page) -> Result<()> {
    run(
        page,
        "const before = [settings(), figure.dataset.digest];
         await pin();
         await set('gamma=3&noise_variance=2&estimator=optimal_ridge');
         expect(figure.dataset.digest !== before[1], 'nothing was changed');
         named(figure.querySelector('.pin-list'), /Restore|恢复/).click();
         await done();
         expect([settings(), figure.dataset.digest].join() === before.join(), 'it is another run');
         await until(() => figure.querySelector('.pin-notes').textContent.includes('A'), 'word that A is shown');",
    )
    .map(drop)
}

fn outside(_: &Site, page: &Page) -> Result<()> {
    run(
        page,
        "await set('signal_power=20&noise_variance=0');
         await pin();
         const notes = () => figure.querySelector('.pin-notes').textContent;
         expect(!/axes|坐标/.test(notes()), `its own axes are told: ${notes()}`);
         await set('signal_power=0.1');
         await until(() => /axes|坐标/.test(notes()), 'word of the axes');",
    )
    .map(drop)
}

fn busy(_: &Site, page: &Page) -> Result<()> {
    run(
        page,
        "lab('noise_variance=2');
         expect(figure.dataset.state === 'running', 'nothing runs');
         pinButton().click();
         await done();
         expect(!('pins' in figure.dataset), 'half a run is pinned');
         expect(pinButton().getAttribute('aria-disabled') === 'false', 'a finished run cannot be pinned');",
    )
    .map(drop)
}

fn printed(_: &Site, page: &Page) -> Result<()> {
    // The link has other settings, which were never run.
    let path = page.text("location.pathname")?;
    let path = path.find("/lab/").map(|at| path[at - 3..].to_string()).context("not the lab's page")?;
    page.go(&format!("{path}?gamma=5"))?;
    alive(page)?;
    run(
        page,
        "expect(figure.dataset.state === 'idle', 'it has run');
         const printed = figure.querySelector('[name=gamma]').defaultValue;
         await pin();
         await set('gamma=6');
         const [pinned, now] = Object.values(rows())[0];
         expect(pinned === printed && now === '6', `pinned is γ = ${pinned}, printed was ${printed}`);",
    )
    .map(drop)
}

fn seeds(site: &Site, page: &Page) -> Result<()> {
    press(page, "spreadButton()")?;
    let seen = run(
        page,
        "const before = [settings(), 'study'];
         await until(() => ['done', 'stopped', 'asking'].includes(survey()), 'six seeds');
         expect(survey() === 'done', `the seeds are ${survey()}: ${figure.querySelector('.spread-status').textContent}`);
         await done();
         expect(figure.lab('settings', '').includes('seeds=3') && /seed=0/.test(settings()), settings());
         expect(!('surveying' in figure.dataset), 'it goes on');
         const items = Array.from(figure.querySelectorAll('.spread-grid li'));
         expect(items.every(item => item.querySelectorAll('svg path[stroke]').length > 1), 'a chart is empty');
         const axes = items.map(item => Array.from(item.querySelectorAll('text'), text => text.textContent).join());
         expect(new Set(axes).size === 1, `the axes differ: ${axes}`);
         return { digest: figure.dataset.digest, values: items.map(item => item.querySelector('b').textContent) };",
    )?;
    let lab = find(LAB).context("no lab")?;
    let schema = lab.schema();
    let settings = |seeds: &str, seed: u64| -> Result<Settings> {
        let mut settings = Settings::defaults(schema);
        for (name, value) in [("samples", "50"), ("gamma", "1.2"), ("seeds", seeds)] {
            settings.set(schema, name, value).map_err(|refusal| anyhow::anyhow!("{refusal:?}"))?;
        }
        settings.seed = seed;
        Ok(settings)
    };
    for seed in 0..6 {
        let native = site.native(lab, &settings("1", seed)?)?;
        let risk = native.report.outputs.first().context("no outputs")?;
        let native = format_number(risk.value, 4);
        ensure!(seen["values"][seed as usize] == json!(native), "seed {seed} gives {native}, not {}", seen["values"]);
    }
    let native = site.native(lab, &settings("3", 0)?)?;
    ensure!(seen["digest"] == json!(native.digest), "the lab does not show its run again");
    Ok(())
}

fn cancelled(_: &Site, page: &Page) -> Result<()> {
    run(
        page,
        "await set('samples=400&seeds=2&seed=7');
         const before = [settings(), figure.dataset.digest].join();
         await pin();
         spreadButton().click();
         if (survey() === 'asking') named(figure.querySelector('.lab-spread'), /^(Start|开始)$/).click();
         await until(() => survey() === 'running' && settings().includes('seeds=1&'), 'seeds');
         expect(pinButton().getAttribute('aria-disabled') === 'true', 'a single seed can be pinned');
         named(figure.querySelector('.lab-spread'), /^(Cancel|取消)$/).click();
         await until(() => survey() === 'stopped', 'the end');
         await done();
         expect([settings(), figure.dataset.digest].join() === before, `the settings are ${settings()}`);
         expect(figure.querySelectorAll('.spread-grid li').length < 6, 'nothing was cancelled');
         named(figure.querySelector('.lab-spread'), /^(Close|关闭)$/).click();
         expect(!figure.querySelector('.lab-spread') && document.activeElement === spreadButton(), 'it stays');",
    )
    .map(drop)
}

fn moved(_: &Site, page: &Page) -> Result<()> {
    run(
        page,
        "await set('samples=400&seeds=2&seed=7');
         spreadButton().click();
         if (survey() === 'asking') named(figure.querySelector('.lab-spread'), /^(Start|开始)$/).click();
         await until(() => survey() === 'running' && settings().includes('seeds=1&'), 'seeds');
         lab('samples=50');
         await until(() => survey() === 'stopped', 'the end');
         await done();
         const now = new URLSearchParams(settings());
         expect(['samples', 'seeds', 'seed'].map(name => now.get(name)).join() === '50,2,7', settings());",
    )
    .map(drop)
}
