//! Points of the plane in the reader's hand: dragged, added, deleted, by pointer, finger and keys.

use crate::{
    PATIENCE, Tests,
    support::{Page, Site, driver::Browser},
};
use anyhow::{Context, Result, ensure};
use labs::{labs::find, settings::Settings, text::Language};
use serde_json::{Value, json};

const DELETE: char = '\u{E017}';
const ENTER: char = '\u{E007}';
const PAGE_DOWN: char = '\u{E00F}';
const RIGHT: char = '\u{E014}';
const UP: char = '\u{E013}';
const SPACE: char = ' ';

/// The lab whose points can be moved.
const LAB: &str = "max-margin";

/// A frame at 60 frames a second, in milliseconds.
const FRAME: f64 = 16.0;

/// The lab's points, and what is proved of the directions that are drawn: each margin is measured anew over a circle of
/// directions.
const HELPERS: &str = "
    const figure = document.querySelector('figure[data-lab=max-margin]');
    const expect = (holds, what) => { if (!holds) throw new Error(what); };
    const until = (test, what) => probe.until(test, patience, () => what);
    const settings = () => Object.fromEntries(new URLSearchParams(figure.lab('settings', '')));
    const points = () => settings().points.split(';').map(piece => {
        const [x, y, sign] = piece.split(',');
        return { x: Number(x), y: Number(y), plus: sign !== '-' };
    });
    const surface = () => figure.querySelector('.points-surface');
    const handles = () => Array.from(surface().querySelectorAll('.points-handle'));
    const buttons = () => Array.from(figure.querySelectorAll('.points-tools button'));
    const words = () => figure.querySelector('.points-words').textContent;
    const output = name => Number(figure.querySelector(`[data-output=${name}]`).dataset.value);
    const middle = element => {
        const { left, right, top, bottom } = element.getBoundingClientRect();
        return [Math.round((left + right) / 2), Math.round((top + bottom) / 2)];
    };
    const drawn = () => surface().dataset.exact.split(' ').map(Number);
    const norms = [w => Math.hypot(...w), ([a, b]) => Math.abs(a) + Math.abs(b), ([a, b]) => Math.max(Math.abs(a), Math.abs(b))];
    const margin = (set, angle, norm) => {
        const w = [Math.cos(angle), Math.sin(angle)];
        return Math.min(...set.map(({ x, y, plus }) => (plus ? 1 : -1) * (w[0] * x + w[1] * y))) / norm(w);
    };
    const isGreatest = set => drawn().forEach((degrees, at) => {
        const found = margin(set, degrees / 180 * Math.PI, norms[at]);
        let best = -Infinity;
        for (let step = 0; step < 7200; step += 1) best = Math.max(best, margin(set, step / 3600 * Math.PI, norms[at]));
        expect(found > 0 && found > best - 1e-6, `direction ${at} at ${degrees} has margin ${found}, and another ${best}`);
    });
    const isRun = () => until(() => figure.dataset.state === 'done' && !figure.querySelector('[data-ahead]'), 'the run');
";

/// The tests of this module.
pub fn add(tests: &mut Tests) {
    for language in Language::ALL {
        let code = language.code();
        let path = format!("/{code}/lab/{LAB}/");
        for browser in Browser::ALL {
            let mut add = |what: &str, query: &str, body: fn(&Page) -> Result<()>| {
                let (path, query) = (path.clone(), query.to_owned());
                tests.add(format!("{}::{path}::points::{what}", browser.name()), move |site| {
                    let page = visit(site, browser, &format!("{path}{query}"))?;
                    body(&page)?;
                    page.expect_no_errors()
                });
            };
            add("a_dragged_point_moves_and_the_link_carries_it", "", drag);
            if language == Language::English {
                add("keys_move_turn_delete_and_add_points", "", keys);
                add("reset_brings_the_printed_points_back", "", reset);
            }
            add(
                "points_that_no_line_separates_are_said_to_have_no_direction",
                "?dataset=points&points=1,1;1,1,-",
                none,
            );
        }
        let bad = path.clone();
        tests.add(
            format!("chromium::{path}::points::a_bad_list_in_a_link_is_said_and_nothing_else_is_lost"),
            move |site| refused(site, &bad, language),
        );
    }
    let path = format!("/en/lab/{LAB}/");
    let phone = path.clone();
    tests.add(format!("chromium::{path}::points::a_finger_has_handles_of_44_pixels"), move |site| finger(site, &phone));
    tests.add_alone(
        format!("chromium::{path}::points::directions_of_forty_points_follow_within_a_frame"),
        move |site| frames(site, &path),
    );
}

/// Runs a script with the helpers.
fn run(page: &Page, body: &str) -> Result<Value> {
    page.run_script(&format!("const patience = {PATIENCE};{HELPERS}{body}"), &[])
}

/// Waits until the points of the open page can be moved.
fn ready(page: &Page) -> Result<()> {
    run(
        page,
        "await probe.ready(figure.dataset.lab, patience);
         probe.touch();
         await until(() => 'study' in document.documentElement.dataset, 'what helps to study');
         await until(() => surface()?.dataset.exact !== 'unknown' && handles().length, 'the points');
         surface().scrollIntoView({ block: 'center', behavior: 'instant' });",
    )
    .map(drop)
}

fn visit<'a>(site: &'a Site, browser: Browser, path: &str) -> Result<Page<'a>> {
    let page = site.visit(browser, path)?;
    ready(&page)?;
    Ok(page)
}

/// Where a handle is in the window.
fn place(page: &Page, index: usize) -> Result<(i64, i64)> {
    let found = run(page, &format!("return middle(handles()[{index}]);"))?;
    Ok((found[0].as_i64().context("no handle")?, found[1].as_i64().context("no handle")?))
}

fn press(page: &Page, keys: &[char]) -> Result<()> {
    page.session().keys(&keys.iter().collect::<String>())
}

fn drag(page: &Page) -> Result<()> {
    let (x, y) = place(page, 0)?;
    page.session().stroke("mouse", (x, y), (x + 20, y - 15))?;
    let moved = run(
        page,
        "await until(() => settings().dataset === 'points', 'points of one\\'s own');
         await isRun();
         const [first, ...rest] = points();
         expect(first.x > 1.2 && first.x < 2.5 && first.y > 0.6 && first.y < 1.8, `the point is at ${first.x}, ${first.y}`);
         expect(rest.length === 7 && rest[0].x === 1.2 && rest[0].y === 3, 'other points moved');
         isGreatest(points());
         const angles = ['l2', 'l1', 'linf'].map(norm => output(`${norm}_angle_degrees`));
         angles.forEach((angle, at) => expect(Math.abs(angle - drawn()[at]) < 1e-4, `${angles} and ${drawn()}`));
         await until(() => location.search.includes('points='), 'the address');
         return settings().points;",
    )?;
    let name = run(page, "return figure.querySelector('[data-action=copy_link]').textContent;")?;
    let link = page.lab(LAB).ask("copied", &[name])?;
    page.session().go(link.as_str().context("the clipboard holds no text")?)?;
    ready(page)?;
    let again = run(page, "await isRun(); return settings().points;")?;
    ensure!(again == moved, "the link brings {again} instead of {moved}");
    Ok(())
}

fn keys(page: &Page) -> Result<()> {
    run(page, "handles()[0].focus();")?;
    press(page, &[RIGHT, RIGHT, UP])?;
    run(
        page,
        "await until(() => settings().dataset === 'points', 'points of one\\'s own');
         await until(() => points()[0].x === 1.2 && points()[0].y === 0.6, 'the moved point');
         await isRun();
         expect(document.activeElement === handles()[0], 'the focus is lost');
         expect(handles()[0].getAttribute('aria-label').includes('1.2, 0.6'), handles()[0].getAttribute('aria-label'));
         isGreatest(points());
         expect(handles().filter(handle => handle.tabIndex === 0).length === 1, 'every point is a stop');",
    )?;
    press(page, &[PAGE_DOWN, PAGE_DOWN])?;
    run(page, "expect(document.activeElement === handles()[2], 'no way to another point'); handles()[0].focus();")?;
    press(page, &[SPACE])?;
    run(page, "await until(() => !points()[0].plus, 'the other class');")?;
    press(page, &[SPACE])?;
    run(page, "await until(() => points()[0].plus, 'its class');")?;
    press(page, &[DELETE])?;
    run(
        page,
        "await until(() => points().length === 7, 'one point less');
         expect(document.activeElement === handles()[0], 'the focus is lost');
         buttons()[1].focus();",
    )?;
    press(page, &[ENTER])?;
    run(
        page,
        "await until(() => points().length === 8, 'a new point');
         expect(!points()[7].plus && document.activeElement === handles()[7], 'the new point is not held');
         await isRun();
         isGreatest(points());",
    )
    .map(drop)
}

fn reset(page: &Page) -> Result<()> {
    run(page, "handles()[3].focus();")?;
    press(page, &[DELETE])?;
    run(page, "await until(() => points().length === 7, 'one point less'); await isRun();")?;
    page.lab(LAB).press("Reset")?.expect_state("idle")?;
    run(
        page,
        "await until(() => handles().length === 8, 'the printed points');
         expect(settings().dataset === 'A', settings().dataset);
         expect(Math.abs(drawn()[0] - 26.565051) < 1e-5, drawn());",
    )
    .map(drop)
}

fn none(page: &Page) -> Result<()> {
    run(
        page,
        "expect(surface().dataset.exact === '' && figure.querySelector('.points-words[data-none]'), words());
         expect(/No line|没有/.test(words()), words());
         figure.querySelector('[data-action=run]').click();
         await until(() => figure.dataset.state === 'done', 'a run');
         expect(output('separable') === 0 && Number.isFinite(output('norm')), 'the run has no end');
         expect(/No line|没有/.test(figure.querySelector('.lab-words p').textContent), 'the words do not say so');
         handles()[1].focus();",
    )?;
    press(page, &[SPACE])?;
    run(page, "await until(() => drawn().length === 3 && !/No line|没有/.test(words()), 'a direction');").map(drop)
}

fn refused(site: &Site, path: &str, language: Language) -> Result<()> {
    let schema = find(LAB).context("the lab")?.schema();
    let (_, refusals) = Settings::read(schema, [("points", "1,2;3,x")]);
    let page = visit(site, Browser::Chromium, &format!("{path}?optimizer=sign&points=1,2;3,x"))?;
    let sentence = refusals.first().context("a refusal")?.sentence();
    let notice = page.text("document.querySelector('.lab-notice').innerText")?;
    ensure!(notice.contains(sentence.get(language)), "{notice} does not say {}", sentence.get(language));
    run(
        &page,
        "expect(settings().optimizer === 'sign', 'the optimizer is lost');
         const field = figure.querySelector('[data-control=points] [name=points]');
         field.value = '1,2;9,9';
         field.dispatchEvent(new Event('input', { bubbles: true }));
         const said = field.closest('[data-control]').querySelector('.lab-refusal').textContent;
         expect(said.includes('9,9') && points().length === 8, `it says ${said}`);
         expect(field.value === '1,2;9,9', 'what was typed is lost');",
    )?;
    page.expect_no_errors()
}

fn finger(site: &Site, path: &str) -> Result<()> {
    let page = site.visit(Browser::Chromium, path)?;
    page.session().resize(390, 844)?;
    page.session().devtools("Emulation.setTouchEmulationEnabled", &json!({ "enabled": true }))?;
    page.session().devtools("Emulation.setEmitTouchEventsForMouse", &json!({ "enabled": false }))?;
    page.go(path)?;
    ready(&page)?;
    let (x, y) = place(&page, 0)?;
    page.session().stroke("touch", (x, y), (x + 12, y - 12))?;
    let done = run(
        &page,
        "await until(() => settings().dataset === 'points' && points()[0].x > 1, 'the moved point');
         const coarse = matchMedia('(pointer: coarse)').matches;
         const { width, height } = handles()[0].getBoundingClientRect();
         return [coarse, width, height];",
    );
    page.session().devtools("Emulation.setTouchEmulationEnabled", &json!({ "enabled": false }))?;
    let done = done?;
    if done[0] == json!(true) {
        ensure!(done[1].as_f64() >= Some(44.0) && done[2].as_f64() >= Some(44.0), "the handle measures {done}");
    }
    page.expect_no_errors()
}

/// Moves one of forty points by a hundred real movements, and measures from each event to the frame after it: the
/// directions drawn by then are those of the moved point.
fn frames(site: &Site, path: &str) -> Result<()> {
    let points: Vec<String> = (0..40)
        .map(|index| {
            let (across, up) = (f64::from(index % 8) * 0.35 + 0.8, f64::from(index / 8) * 0.6 - 0.4);
            if index % 2 == 0 { format!("{across:.2},{up:.2}") } else { format!("{:.2},{:.2},-", -across, -up) }
        })
        .collect();
    let page = visit(site, Browser::Chromium, &format!("{path}?dataset=points&run=1&points={}", points.join(";")))?;
    run(
        &page,
        "await isRun();
         expect(handles().length === 40, `${handles().length} points`);
         window.measured = [];
         let begun = 0;
         window.addEventListener('pointermove', () => { begun = performance.now(); }, true);
         window.addEventListener('pointermove', () => {
             if (!figure.querySelector('[data-ahead]')) return;
             const work = performance.now() - begun;
             const shown = surface().dataset.exact;
             const at = handles()[0].getAttribute('aria-label');
             requestAnimationFrame(() => window.measured.push({ work, shown, at, isKept: surface().dataset.exact === shown }));
         });",
    )?;
    let (x, y) = place(&page, 0)?;
    let steps: Vec<(i64, i64)> = (1..=100).map(|step| (x + step % 25, y - step / 2)).collect();
    page.session().path("mouse", (x, y), &steps)?;
    let measured = run(
        &page,
        "await isRun();
         isGreatest(points());
         expect(new Set(window.measured.map(({ shown }) => shown)).size > 5, 'the directions stand still');
         expect(window.measured.every(({ isKept }) => isKept), 'the directions lag behind the point');
         return window.measured.map(({ work }) => work);",
    )?;
    let mut times: Vec<f64> = measured.as_array().context("times")?.iter().filter_map(Value::as_f64).collect();
    ensure!(times.len() > 20, "only {} movements were seen", times.len());
    times.sort_by(f64::total_cmp);
    let (typical, slow) = (times[times.len() / 2], times[times.len() * 95 / 100]);
    println!("directions of 40 points: {typical:.1} ms a movement, {slow:.1} ms for the slowest in twenty");
    ensure!(slow <= FRAME, "a movement takes {typical} ms, the slowest in twenty {slow} ms");
    page.expect_no_errors()
}
