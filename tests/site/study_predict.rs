//! Guesses that readers make before a lab runs.

use crate::{
    PATIENCE, Tests,
    support::{Page, Site, driver::Browser},
};
use anyhow::{Context, Result, ensure};
use labs::text::Language;
use serde_json::{Value, json};
use std::fs;

const ENTER: char = '\u{E007}';
const ESCAPE: char = '\u{E00C}';
const PAGE_UP: char = '\u{E00E}';
const PAGE_DOWN: char = '\u{E00F}';
const END: char = '\u{E010}';
const HOME: char = '\u{E011}';
const UP: char = '\u{E013}';
const RIGHT: char = '\u{E014}';
const SPACE: char = ' ';

/// The first prompt of a page for a curve, and what a run shows, measured anew from the lab's own data.
const HELPERS: &str = "
    const block = document.querySelector('.predict[data-curve]');
    const figure = block.closest('figure[data-lab]');
    const button = kind => block.querySelector(`[data-predict=${kind}]`);
    const state = () => block.dataset.state;
    const words = () => Array.from(block.querySelectorAll('.predict-words p'), line => line.textContent);
    const surface = () => figure.querySelector('.predict-surface');
    const dots = () => figure.querySelectorAll('.predict-drawing circle:not(.predict-ring)').length;
    const reached = wanted => probe.until(() => state() === wanted, patience, () => `${wanted}; it is ${state()}`);
    const expect = (holds, what) => { if (!holds) throw new Error(what); };
    const spread = { linear: value => value, log: Math.log, log_from_zero: Math.log1p };
    const share = ({ scale, range }, value) => {
        const [low, high, at] = [...range, value].map(spread[scale]);
        return (at - low) / (high - low);
    };
    const curve = () => {
        for (const panel of figure.lab('read', '')) {
            const mark = panel.marks?.find(({ kind, name }) => kind === 'line' && name === block.dataset.curve);
            if (mark) return { panel, points: Array.from(mark.x, (x, index) => ({ x, y: mark.y[index] })) };
        }
        throw new Error(`no line ${block.dataset.curve}`);
    };
    const written = value => String(value < 1000 ? Number(value.toPrecision(3)) : Math.round(value));
    const isWanted = () => {
        const settings = new URLSearchParams(figure.lab('settings', ''));
        return Array.from(new URLSearchParams(block.dataset.set)).every(([name, value]) => settings.get(name) === value);
    };
    // A page may begin to glide a while after it was asked to.
    const rests = async () => {
        let [last, still] = [null, 0];
        await probe.until(() => {
            const now = surface().getBoundingClientRect().top;
            still = now === last ? still + 1 : 0;
            last = now;
            return still > 25;
        }, patience, () => 'the page to rest');
    };
";

/// The map of a prompt, and its cells on the surface.
const CELLS: &str = "
    const heat = () => figure.lab('read', '').flatMap(({ marks }) => marks ?? [])
        .find(({ kind, name }) => kind === 'heat_map' && name === block.dataset.region);
    const cells = () => Array.from(surface().querySelectorAll('[role=gridcell]'));
    const marked = () => cells().filter(cell => cell.getAttribute('aria-selected') === 'true').length;
    const crosses = () => figure.querySelectorAll('.predict-drawing .predict-wrong').length;
    const number = text => Number(text.match(/\\d+/)[0]);
";

/// Waits until the prompt can be answered.
const ALIVE: &str = "
    probe.touch();
    await probe.until(() => {
        block.scrollIntoView({ block: 'center', behavior: 'instant' });
        return state() === 'ready' && probe.visible(button('draw'));
    }, patience, () => 'the prompt');
";

/// The tests of this module.
pub fn add(tests: &mut Tests) -> Result<()> {
    let mut first = None;
    for language in Language::ALL {
        for path in tests.site.chapters(language)? {
            let file = tests.site.folder.join(&path).join("index.html");
            if !fs::read_to_string(file)?.contains("data-curve=") {
                continue;
            }
            first.get_or_insert_with(|| path.clone());
            for browser in tests.site.browsers(language, &path)? {
                let mut add = |what: &str, body: fn(&Page, &str) -> Result<()>| {
                    let path = path.clone();
                    tests.add(format!("{}::/{path}::predict::{what}", browser.name()), move |site| {
                        let page = visit(site, browser, &path)?;
                        body(&page, &path)?;
                        page.expect_no_errors()
                    });
                };
                add("a_guess_by_keys_is_compared_with_the_run_it_is_about", keys);
                // The rest is the same in either language.
                if language == Language::English {
                    add("skipping_shows_the_run_at_once", skip);
                    add("a_guess_is_shown_again_after_a_reload_in_both_languages", again);
                    add("no_other_run_is_compared_with_a_guess", other);
                    add("a_fast_stroke_draws_all_that_it_passes", stroke);
                    add("what_is_drawn_can_be_taken_back", undo);
                }
            }
        }
    }
    regions(tests)?;
    if let Some(path) = first {
        tests.add("chromium::predict::curves_part_and_turn_where_their_numbers_do".into(), move |site| {
            numbers(site, &path)
        });
    }
    Ok(())
}

/// The tests of prompts about heat maps.
fn regions(tests: &mut Tests) -> Result<()> {
    for language in Language::ALL {
        for path in tests.site.chapters(language)? {
            let file = tests.site.folder.join(&path).join("index.html");
            if !fs::read_to_string(file)?.contains("data-region=") {
                continue;
            }
            for browser in tests.site.browsers(language, &path)? {
                let mut add = |what: &str, body: fn(&Page, &str) -> Result<()>| {
                    let path = path.clone();
                    tests.add(format!("{}::/{path}::predict::{what}", browser.name()), move |site| {
                        let page = site.visit(browser, &path)?;
                        page.value("localStorage.clear()")?;
                        page.go(&path)?;
                        map(&page, ALIVE)?;
                        body(&page, &path)?;
                        page.expect_no_errors()
                    });
                };
                add("cells_marked_by_keys_are_compared_with_the_run_row_by_row", mark);
                if language == Language::English {
                    add("a_stroke_marks_all_that_it_passes_and_clears_what_is_marked", brush);
                }
            }
        }
    }
    Ok(())
}

/// Runs a script with the helpers, about the first prompt for a heat map.
fn map(page: &Page, body: &str) -> Result<Value> {
    let helpers = HELPERS.replace("data-curve]", "data-region]");
    page.run_script(&format!("const patience = {PATIENCE};{helpers}{CELLS}{body}"), &[])
}

/// Runs a script with the helpers.
fn run(page: &Page, body: &str) -> Result<Value> {
    page.run_script(&format!("const patience = {PATIENCE};{HELPERS}{body}"), &[])
}

/// Waits until the prompt of the open page can be answered.
fn alive(page: &Page) -> Result<()> {
    run(page, ALIVE).map(drop)
}

/// A page whose reader has guessed nothing yet.
fn visit<'a>(site: &'a Site, browser: Browser, path: &str) -> Result<Page<'a>> {
    let page = site.visit(browser, path)?;
    page.value("localStorage.clear()")?;
    page.go(path)?;
    alive(&page)?;
    Ok(page)
}

fn press(page: &Page, keys: &[char]) -> Result<()> {
    page.session().keys(&keys.iter().collect::<String>())
}

/// Opens the sketch by keys.
fn begin(page: &Page) -> Result<()> {
    run(page, "button('draw').focus();")?;
    press(page, &[ENTER])?;
    run(page, "await reached('drawing'); expect(document.activeElement === surface(), 'the sketch has no focus');")
        .map(drop)
}

/// Sketches the diagonal of the chart by keys, and runs.
fn guess(page: &Page) -> Result<()> {
    begin(page)?;
    press(page, &[HOME])?;
    press(page, &[PAGE_DOWN; 9])?;
    press(page, &[END])?;
    press(page, &[PAGE_UP; 9])?;
    run(
        page,
        "const text = surface().getAttribute('aria-valuetext');
         const { panel } = curve();
         expect(surface().getAttribute('role') === 'slider' && /25.*25/.test(text), `the last place says ${text}`);
         expect(text.includes(written(panel.x.range[1])) && text.includes(written(panel.y.range[1])), text);",
    )?;
    press(page, &[ENTER])?;
    run(page, "await reached('revealed');").map(drop)
}

fn keys(page: &Page, _: &str) -> Result<()> {
    guess(page)?;
    run(
        page,
        "expect(isWanted() && figure.dataset.state === 'done', 'another run is shown');
         expect(block.contains(document.activeElement), 'the focus is lost');
         expect(dots() === 25, `${dots()} dots`);
         const { panel, points } = curve();
         const clip = share => Math.min(1, Math.max(0, share));
         const rows = points.filter(({ x, y }) => Number.isFinite(y) && x >= panel.x.range[0] && x <= panel.x.range[1])
             .map(({ x, y }) => ({ x, y, apart: Math.abs(clip(share(panel.y, y)) - share(panel.x, x)) }));
         const ends = (text, number) => new RegExp(`[\\\\s\\u00a0]${number}(?![\\\\d.])`).test(text);
         const most = Math.max(...rows.map(({ apart }) => apart));
         const farthest = rows.filter(({ apart }) => apart > most - 1e-3);
         const said = words();
         expect(farthest.some(({ x, y }) => ends(said.at(-1), written(x)) && said.at(-1).includes(written(y))),
             `the largest difference is at ${farthest[0].x}: ${said.at(-1)}`);
         const first = rows.findIndex(({ apart }) => apart > 0.1);
         if (first > 0 && first < rows.length - 1) {
             expect(said.some(text => /first|首次/.test(text) && ends(text, written(rows[first].x))),
                 `they part at ${rows[first].x}: ${said}`);
         } else if (first === 0) {
             expect(said.some(text => /begin|every place|一开始|所有/.test(text)), `they begin apart: ${said}`);
         }",
    )
    .map(drop)
}

fn skip(page: &Page, _: &str) -> Result<()> {
    run(
        page,
        "button('skip').click();
         await reached('revealed');
         expect(isWanted() && figure.dataset.state === 'done', 'another run is shown');
         expect(!dots() && !button('show').getClientRects().length, 'there is a guess');
         expect(!/guess/i.test(localStorage.getItem('why-it-generalizes.progress') ?? ''), 'a guess is kept');",
    )
    .map(drop)
}

fn again(page: &Page, path: &str) -> Result<()> {
    guess(page)?;
    let said = run(page, "return words();")?;
    let shown = "expect(!dots() && !words().length, 'the guess shows unasked');
         button('show').click();
         expect(dots() === 25, `${dots()} dots`);
         expect(!words().length, `the printed run is compared: ${words()}`);";
    page.go(path)?;
    alive(page)?;
    run(page, shown)?;
    run(page, "button('skip').click(); await reached('revealed');")?;
    ensure!(run(page, "return words();")? == said, "the words differ after a reload");
    run(page, "figure.lab('press', 'reset'); await reached('ready');")?;
    page.follow_language_link()?;
    // The link carries the run along.
    run(
        page,
        "probe.touch();
         await probe.until(() => {
             block.scrollIntoView({ block: 'center', behavior: 'instant' });
             return figure.lab && state() && probe.visible(button('draw'));
         }, patience, () => 'the prompt');
         figure.lab('press', 'reset');
         await reached('ready');",
    )?;
    run(page, shown).map(drop)
}

fn other(page: &Page, _: &str) -> Result<()> {
    guess(page)?;
    run(
        page,
        "const said = words();
         const seed = Number(new URLSearchParams(figure.lab('settings', '')).get('seed'));
         figure.lab('set', `seed=${seed + 1}`);
         await reached('ready');
         // A short run may be over by now.
         expect(figure.dataset.state === 'done' || !words().length, `a run under way is compared: ${words()}`);
         await probe.until(() => figure.dataset.state === 'done' && words().length, patience, () => 'a word');
         expect(words().length === 1 && !/\\d/.test(words()[0]), `another run is compared: ${words()}`);
         figure.lab('set', `seed=${seed}`);
         await reached('revealed');
         await probe.until(() => words().join() === said.join(), patience, () => `the words again; they are ${words()}`);",
    )
    .map(drop)
}

fn stroke(page: &Page, _: &str) -> Result<()> {
    run(page, "button('draw').click(); await reached('drawing');")?;
    let corners = run(
        page,
        "await rests();
         const { left, right, top, bottom } = surface().getBoundingClientRect();
         return [left + 2, bottom - 2, right - 2, top + 2].map(Math.round);",
    )?;
    let corner = |index: usize| corners[index].as_i64().context("no sketch");
    page.session().stroke("mouse", (corner(0)?, corner(1)?), (corner(2)?, corner(3)?))?;
    run(
        page,
        "expect(dots() === 25, `${dots()} dots`);
         const across = Array.from(figure.querySelectorAll('.predict-drawing circle:not(.predict-ring)'));
         const heights = across.map(dot => Number(dot.getAttribute('cy')));
         expect(heights.every((height, index) => !index || height < heights[index - 1]), `heights ${heights}`);
         button('undo').click();
         expect(dots() === 0, 'a stroke is taken back in parts');",
    )
    .map(drop)
}

fn undo(page: &Page, _: &str) -> Result<()> {
    begin(page)?;
    press(page, &[ENTER])?;
    run(page, "expect(state() === 'drawing' && words().length === 1, 'nothing is said about no guess');")?;
    press(page, &[PAGE_UP, PAGE_UP, RIGHT, PAGE_UP])?;
    run(page, "expect(dots() === 2 && !words().length, `${dots()} dots, ${words()}`);")?;
    run(page, "button('undo').click(); expect(dots() === 1, `${dots()} dots`);")?;
    run(
        page,
        "button('clear').click(); expect(dots() === 0, `${dots()} dots`); button('undo').click(); surface().focus();",
    )?;
    press(page, &[ESCAPE])?;
    run(
        page,
        "expect(state() === 'ready' && !surface() && !dots(), 'the sketch does not close');
         expect(document.activeElement === button('draw'), 'the focus is lost');
         expect(figure.dataset.state === 'idle', 'something was run');
         button('draw').click();
         await reached('drawing');
         expect(dots() === 1, 'the sketch is lost');
         figure.lab('set', 'seed=5');
         await reached('ready');
         expect(words().length === 1 && !surface(), 'a sketch lies over another run');",
    )
    .map(drop)
}

/// Marks the ends of the lowest row and the first cell above it, and runs.
fn mark(page: &Page, path: &str) -> Result<()> {
    map(page, "button('draw').focus();")?;
    press(page, &[ENTER])?;
    map(page, "await reached('drawing'); expect(document.activeElement === surface(), 'the map has no focus');")?;
    press(page, &[ENTER])?;
    map(page, "expect(state() === 'drawing' && words().length === 1, 'nothing is said about no guess');")?;
    press(page, &[PAGE_DOWN, SPACE, UP, SPACE, UP, SPACE, SPACE, PAGE_DOWN, END, SPACE, SPACE])?;
    map(
        page,
        "const { x, y } = heat();
         expect(marked() === 2, `${marked()} cells are marked`);
         const cell = document.getElementById(surface().getAttribute('aria-activedescendant'));
         const name = cell.getAttribute('aria-label');
         expect([x[x.length - 1], y[0]].every(value => name.includes(written(value))), `the last of the row says ${name}`);",
    )?;
    press(page, &[SPACE])?;
    map(page, "expect(marked() === 3, `${marked()} cells are marked`);")?;
    press(page, &[ENTER])?;
    map(
        page,
        "await reached('revealed');
         expect(isWanted() && figure.dataset.state === 'done', 'another run is shown');
         expect(block.contains(document.activeElement), 'the focus is lost');
         const { x, y, values, range } = heat();
         const last = x.length - 1;
         const isMarked = cell => cell === 0 || cell === last || cell === x.length;
         const isAbove = cell => values[cell] > (range[0] + range[1]) / 2;
         const all = Array.from(values.keys()).filter(cell => Number.isFinite(values[cell]));
         const wrong = all.filter(cell => isMarked(cell) !== isAbove(cell));
         const bold = wrong.filter(isMarked).length;
         const said = words();
         const first = said[0].match(/\\d+/g).map(Number).sort((a, b) => a - b);
         expect(wrong.length ? first[0] === all.length - wrong.length && first[1] === all.length : first[0] === all.length, said[0]);
         expect(crosses() === wrong.length, `${crosses()} crosses, ${wrong.length} wrong`);
         const told = (what, count) => {
             const sentence = said.find(text => what.test(text));
             expect(count ? number(sentence) === count : !sentence, `${count}: ${sentence}`);
             return sentence;
         };
         told(/bold|大胆/, bold);
         const timid = told(/timid|谨慎/, wrong.length - bold);
         const rows = new Set(wrong.filter(cell => !isMarked(cell)).map(cell => Math.floor(cell / x.length)));
         if (rows.size < 6) expect(Array.from(rows).every(row => timid.includes(written(y[row]))), timid);",
    )?;
    let said = map(page, "return words();")?;
    page.go(path)?;
    map(page, ALIVE)?;
    map(page, "button('skip').click(); await reached('revealed');")?;
    ensure!(map(page, "return words();")? == said, "the words differ after a reload");
    Ok(())
}

fn brush(page: &Page, _: &str) -> Result<()> {
    map(page, "button('draw').click(); await reached('drawing');")?;
    let row = map(
        page,
        "surface().scrollIntoView({ block: 'center', behavior: 'instant' });
         await rests();
         const boxes = cells().slice(0, heat().x.length).map(cell => cell.getBoundingClientRect());
         const [first, last] = [boxes[0], boxes[boxes.length - 1]];
         return [first.left + 3, (first.top + first.bottom) / 2, last.right - 3].map(Math.round);",
    )?;
    let place = |index: usize| row[index].as_i64().context("no map");
    let ends = ((place(0)?, place(1)?), (place(2)?, place(1)?));
    page.session().stroke("mouse", ends.0, ends.1)?;
    map(page, "expect(marked() === heat().x.length, `${marked()} cells are marked`);")?;
    page.session().stroke("mouse", ends.0, ends.1)?;
    map(
        page,
        "expect(marked() === 0, `${marked()} cells are still marked`);
         button('undo').click();
         expect(marked() === heat().x.length, 'a stroke is taken back in parts');
         figure.lab('set', 'seed=5');
         await reached('ready');
         expect(words().length === 1 && !surface(), 'the marks lie over another run');",
    )
    .map(drop)
}

fn numbers(site: &Site, path: &str) -> Result<()> {
    let page = visit(site, Browser::Chromium, path)?;
    let found = page.run_script(
        "const file = performance.getEntriesByType('resource').find(({ name }) => name.includes('/study/predict'));
         const { compare, digits } = await import(file.name);
         const axis = range => ({ scale: 'linear', range, label: 'x' });
         const panel = {
             x: axis([0, 10]), y: axis([0, 1]), plot: { left: 0, right: 100, top: 0, bottom: 100 },
             px: value => 10 * value, vx: pixel => pixel / 10, py: value => 100 - 100 * value, vy: pixel => 1 - pixel / 100,
         };
         const level = { x: [0, 10], y: [0.5, 0.5] };
         const truth = [0.5, 0.5, 0.8, 0.9, 0.5, 0.5, 0.2, 0.5, 0.5, 0.5, NaN];
         const read = (guess, y) => {
             const { most, stretches, guess: own, truth } = compare(panel, guess, { x: y.map((_, x) => x), y });
             const ways = ({ course }) => course.map(({ up, until }) => [up, until ?? null]);
             return [stretches.map(({ first, last }) => [first, last]), most.x, ways(own), ways(truth), truth.highest.y];
         };
         return [
             read(level, truth),
             read({ x: [0, 5, 10], y: [0, 1, 0] }, [0, 0.2, 0.4, 0.6, 0.8, 7, 0.8, 0.6, 0.4, 0.2, 0]),
             [0.05996, 4.578, 1640, 12345.6, 0.00001234, -0.5, 0, Infinity].map(digits),
         ];",
        &[],
    )?;
    let expected = json!([
        [[[2, 3], [6, 6]], 3, [], [[true, 3], [false, 6], [true, null]], 0.9],
        [[], 0, [[true, 5], [false, null]], [[true, 5], [false, null]], 7],
        ["0.06", "4.58", "1640", "12346", "1.23×10⁻⁵", "−0.5", "0", "∞"],
    ]);
    ensure!(found == expected, "found {found}, expected {expected}");
    page.expect_no_errors()
}
