//! Challenges that the labs judge, as readers take them up, fail, pass and leave them.

use crate::{
    PATIENCE, Tests,
    support::{Page, Site, driver::Browser},
};
use anyhow::{Context, Result, ensure};
use labs::text::Language;
use serde_json::{Value, json};

const ENTER: char = '\u{E007}';

/// Challenges of their own, so that the tests know what reaches the goals: minimum norm at γ = 1.1 has an excess risk of
/// about 12, optimal ridge of about 2.
const HELPERS: &str = "
    const figure = document.querySelector('figure[data-lab=ridgeless]');
    const keep = 'gamma=1.1&samples=50';
    const module = async () => {
        const boot = document.querySelector('script[src*=\"boot-\"]').src;
        const [name] = /study\\/challenges-\\w+\\.js/.exec(await (await fetch(boot)).text());
        return import(new URL(name, boot));
    };
    const put = async (id, goal, kept = keep) => {
        const section = document.createElement('section');
        section.className = 'challenge';
        section.id = id;
        Object.assign(section.dataset, { for: 'ridgeless', keep: kept, seeds: '10', goal: JSON.stringify(goal) });
        section.innerHTML = `<p class=label>Challenge ${id}</p><p>?</p><details class=solution><summary>!</summary></details>`;
        figure.after(section);
        (await module()).start();
        return section;
    };
    const section = id => document.getElementById(id);
    const toggle = id => section(id).querySelector('.trial button');
    const strip = () => figure.querySelector('.lab-challenge');
    const actions = () => Array.from(strip().querySelectorAll('button'));
    const lab = changes => figure.lab('set', changes);
    const setting = name => figure.querySelector(`[name=${name}]`).value;
    const output = name => Number(figure.querySelector(`[data-output=${name}]`).dataset.value);
    const isDone = id => /✓/.test(section(id).querySelector('.label').innerText);
    const expect = (holds, what) => { if (!holds) throw new Error(what); };
    const verdict = (id, wanted) => probe.until(
        () => section(id).dataset.verdict === wanted && ['done', 'idle'].includes(figure.dataset.state), patience,
        () => `${id} to be ${wanted}; it is ${section(id).dataset.verdict}: ${strip()?.innerText}`);
    const done = () => probe.until(() => figure.dataset.state === 'done', patience, () => 'a run');
    const calm = () => probe.pause(50);
";

/// The tests of this module.
pub fn add(tests: &mut Tests) -> Result<()> {
    for (browser, language) in [
        (Browser::Chromium, Language::English),
        (Browser::Chromium, Language::Chinese),
        (Browser::Firefox, Language::Chinese),
    ] {
        let Some(path) = tests.site.chapter_with("ridgeless", language)? else { continue };
        let mut add = |what: &str, body: fn(&Page, &str) -> Result<()>| {
            let path = path.clone();
            tests.add(format!("{}::/{path}::challenges::{what}", browser.name()), move |site| {
                let page = visit(site, browser, &path)?;
                body(&page, &path)?;
                page.expect_no_errors()
            });
        };
        add("one_is_failed_and_then_passed_by_keys_and_stays_done_after_a_reload", walk);
        if browser == Browser::Firefox {
            continue;
        }
        add("luck_does_not_pass", luck);
        add("what_is_fixed_is_told_and_set_back", fixed);
        add("few_seeds_are_raised_before_anything_passes", few);
        add("another_one_or_stop_ends_one", one_at_a_time);
        add("a_run_without_a_finite_number_fails", diverged);
        add("every_printed_one_says_its_goal", printed);
    }
    Ok(())
}

fn run(page: &Page, body: &str) -> Result<Value> {
    page.run_script(&format!("const patience = {PATIENCE};{HELPERS}{body}"), &[])
}

fn alive(page: &Page) -> Result<()> {
    page.lab("ridgeless").ready()?;
    run(page, "probe.touch(); await probe.until(() => 'study' in document.documentElement.dataset, patience, () => 'modules');")
        .map(drop)
}

fn visit<'a>(site: &'a Site, browser: Browser, path: &str) -> Result<Page<'a>> {
    let page = site.visit(browser, path)?;
    alive(&page)?;
    Ok(page)
}

fn walk(page: &Page, path: &str) -> Result<()> {
    run(
        page,
        "await put('ch-a', [['excess_risk', '<', 3], ['mean_exists', '=', 1]]);
         expect(section('ch-a').dataset.verdict === '', 'it is judged before it is taken up');
         toggle('ch-a').focus();",
    )?;
    page.session().keys(&ENTER.to_string())?;
    run(
        page,
        "await verdict('ch-a', 'fail');
         expect(['gamma', 'samples', 'seeds'].map(setting).join() === '1.1,50,10', 'what is fixed is not set');
         const shown = figure.querySelector('[data-output=excess_risk]').textContent;
         for (const place of [strip(), section('ch-a')]) {
             expect(place.innerText.includes(shown), `${shown} is not said: ${place.innerText}`);
         }
         expect(!isDone('ch-a') && strip().contains(document.activeElement), 'the focus is not brought along');
         figure.querySelector('select[name=estimator]').focus();",
    )?;
    // The last option is the optimal ridge.
    page.session().keys("\u{E010}")?;
    let stored = run(
        page,
        "await verdict('ch-a', 'pass');
         expect(isDone('ch-a') && setting('estimator') === 'optimal_ridge', 'what is passed is not marked');
         lab('estimator=min_norm');
         await done();
         await calm();
         expect(section('ch-a').dataset.verdict === 'pass', 'a challenge that has ended is judged');
         actions()[0].click();
         expect(!strip() && setting('estimator') === 'min_norm', 'the settings are not kept');
         return localStorage['why-it-generalizes.progress'];",
    )?;
    let stored: Value = serde_json::from_str(stored.as_str().context("nothing is stored")?)?;
    let challenges = &stored["kinds"]["challenge"];
    let is_kept = challenges
        .as_object()
        .is_some_and(|kept| kept.iter().any(|(id, value)| id.ends_with("/ch-a") && value == &json!(true)));
    ensure!(is_kept, "the challenge is not in {stored}");
    page.go(path)?;
    alive(page)?;
    run(page, "await put('ch-a', [['excess_risk', '<', 3]]); expect(isDone('ch-a'), 'it is forgotten');").map(drop)
}

fn luck(page: &Page, _: &str) -> Result<()> {
    run(
        page,
        "lab(`${keep}&seeds=10`);
         await done();
         const [mean, error] = ['excess_risk', 'excess_risk_standard_error'].map(output);
         await put('ch-a', [['excess_risk', '<', mean + 1.9 * error]]);
         await put('ch-b', [['excess_risk', '>', mean - 1.9 * error]]);
         await put('ch-c', [['excess_risk', '<', mean + 2.1 * error], ['excess_risk', '>', mean - 2.1 * error]]);
         for (const id of ['ch-a', 'ch-b']) {
             toggle(id).click();
             await verdict(id, 'fail');
             expect(/luck|运气/.test(strip().innerText), `luck is not told: ${strip().innerText}`);
         }
         toggle('ch-c').click();
         await verdict('ch-c', 'pass');
         expect(isDone('ch-c') && !isDone('ch-a') && !isDone('ch-b'), 'luck passes');",
    )
    .map(drop)
}

fn fixed(page: &Page, _: &str) -> Result<()> {
    run(
        page,
        "await put('ch-a', [['excess_risk', '<', 3]]);
         toggle('ch-a').click();
         await verdict('ch-a', 'fail');
         lab('samples=100&estimator=optimal_ridge');
         await verdict('ch-a', 'fail');
         const name = figure.querySelector('[data-control=samples] label').firstChild.textContent.trim();
         expect(strip().innerText.includes(name), `${name} is not named: ${strip().innerText}`);
         actions()[0].click();
         await verdict('ch-a', 'pass');
         expect(setting('samples') === '50' && setting('estimator') === 'optimal_ridge', 'more or less is set back');",
    )
    .map(drop)
}

fn few(page: &Page, _: &str) -> Result<()> {
    run(
        page,
        "await put('ch-a', [['excess_risk', '<', 3]]);
         toggle('ch-a').click();
         await verdict('ch-a', 'fail');
         lab('seeds=1');
         await verdict('ch-a', 'fail');
         expect(setting('seeds') === '1' && output('excess_risk') > 3, 'a run that fails is run again with more seeds');
         const said = [];
         const ear = new MutationObserver(() => said.push(strip().innerText));
         ear.observe(strip(), { subtree: true, childList: true, characterData: true });
         lab('estimator=optimal_ridge&seeds=2');
         await verdict('ch-a', 'pass');
         ear.disconnect();
         expect(setting('seeds') === '10', 'it passes with few seeds');
         expect(said.some(text => /2 seeds|2 个种子/.test(text)), 'it is not said that there are more seeds now');",
    )
    .map(drop)
}

fn one_at_a_time(page: &Page, _: &str) -> Result<()> {
    run(
        page,
        "await put('ch-a', [['excess_risk', '<', 3]]);
         await put('ch-b', [['excess_risk', '<', 4]], 'gamma=1.2&samples=50');
         toggle('ch-a').click();
         await verdict('ch-a', 'fail');
         toggle('ch-b').click();
         await verdict('ch-b', 'fail');
         expect(section('ch-a').dataset.verdict === '' && setting('gamma') === '1.2', 'two are judged');
         expect(figure.querySelectorAll('.lab-challenge').length === 1, 'two stand in the figure');
         toggle('ch-b').click();
         expect(section('ch-b').dataset.verdict === '' && !strip(), 'it does not stop');
         lab('estimator=optimal_ridge');
         await done();
         await calm();
         expect(!isDone('ch-a') && !isDone('ch-b') && section('ch-b').dataset.verdict === '', 'it is still judged');",
    )
    .map(drop)
}

fn diverged(page: &Page, _: &str) -> Result<()> {
    run(
        page,
        "const { judge } = await module();
         const one = (sign, value, error) =>
             judge([['a', sign, 1]], { a: value, ...(error === undefined ? {} : { a_standard_error: error }) })[0];
         for (const value of [NaN, Infinity, -Infinity]) {
             for (const sign of ['<', '>', '=']) expect(one(sign, value, 0) === 'diverged', `${value} ${sign} 1`);
         }
         const table = [['<', 0.7, 0.1, 'met'], ['<', 0.8, 0.1, 'luck'], ['<', 0.9, 0.1, 'luck'], ['<', 1, 0, 'off'],
             ['<', 0.9, NaN, 'luck'], ['<', 0.9, undefined, 'met'], ['>', 1.3, 0.1, 'met'], ['>', 1.1, 0.1, 'luck'],
             ['>', 0.9, 0.01, 'off'], ['=', 1, 0, 'met'], ['=', 1.001, 0.1, 'off']];
         for (const [sign, value, error, wanted] of table) {
             expect(one(sign, value, error) === wanted, `${value} ± ${error} ${sign} 1 is ${one(sign, value, error)}`);
         }",
    )
    .map(drop)
}

fn printed(page: &Page, _: &str) -> Result<()> {
    run(
        page,
        "for (const challenge of document.querySelectorAll('section.challenge')) {
             const goal = JSON.parse(challenge.dataset.goal);
             const said = Array.from(challenge.querySelectorAll('.goal .what'), what => what.textContent);
             expect(said.length === goal.length, `${challenge.id} does not say its goal`);
             expect(!said.some((text, index) => text.startsWith(goal[index][0])), `${challenge.id}: ${said}`);
             expect(challenge.querySelector('.trial button') && challenge.querySelector('details'), `${challenge.id}`);
         }",
    )
    .map(drop)
}
