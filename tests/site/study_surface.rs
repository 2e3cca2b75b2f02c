//! A map of a plane is also a surface that the reader turns, with level lines on both.

use crate::{
    PATIENCE, Tests,
    support::{Page, Site, driver::Browser},
};
use anyhow::{Context, Result, ensure};
use labs::text::Language;
use serde_json::{Value, json};

const TAB: char = '\u{E004}';
const HOME: char = '\u{E011}';
const LEFT: char = '\u{E012}';
const UP: char = '\u{E013}';
const RIGHT: char = '\u{E014}';
const DOWN: char = '\u{E015}';

/// The lab with maps of planes.
const LAB: &str = "loss-slice";

/// The lab's surfaces and its maps.
const HELPERS: &str = "
    const figure = document.querySelector('figure[data-lab=loss-slice]');
    const expect = (holds, what) => { if (!holds) throw new Error(what); };
    const until = (test, what) => probe.until(test, patience, () => what);
    const maps = () => figure.lab('read', '').filter(({ marks }) => marks.some(({ kind }) => kind === 'heat_map'))
        .map(panel => ({ ...panel, map: panel.marks.find(({ kind }) => kind === 'heat_map') }));
    const stage = () => figure.querySelector('.surface-stage');
    const canvases = () => Array.from(stage().querySelectorAll('canvas'));
    const pictures = () => canvases().map(canvas => canvas.toDataURL());
    const frame = () => new Promise(done => requestAnimationFrame(() => requestAnimationFrame(done)));
    // The share of a picture that the colors of heights cover: ink and paper are gray.
    const covered = canvas => {
        const { data } = canvas.getContext('2d').getImageData(0, 0, canvas.width, canvas.height);
        let count = 0;
        for (let at = 0; at < data.length; at += 4) {
            const [red, green, blue] = data.subarray(at, at + 3);
            count += data[at + 3] > 200 && Math.max(red, green, blue) - Math.min(red, green, blue) > 40;
        }
        return count / (data.length / 4);
    };
    const changed = async (before, what) => {
        await until(() => pictures().every((picture, index) => picture !== before[index]), what);
        return pictures();
    };
    const known = ({ map }) => map.values.filter(value => Number.isFinite(value)).length;
    const least = ({ map }) => Math.min(...map.values.filter(value => Number.isFinite(value)));
    const elements = () => Array.from(figure.querySelectorAll('.lab-panel')).filter(panel => panel.querySelector('[data-layer=contours]'));
    const written = value => String(Number((10 ** value).toPrecision(3)));
";

/// The tests of this module.
pub fn add(tests: &mut Tests) {
    for browser in Browser::ALL {
        let mut add = |language: Language, what: &str, body: fn(&Page) -> Result<()>| {
            let path = format!("/{}/lab/{LAB}/", language.code());
            tests.add(format!("{}::{path}::surface::{what}", browser.name()), move |site| {
                let page = visit(site, browser, &path)?;
                body(&page)?;
                page.expect_no_errors()
            });
        };
        add(Language::English, "is_reached_and_turned_by_keys_and_home_gives_back_the_same_picture", keys);
        if browser == Browser::Chromium {
            add(Language::Chinese, "all_turn_together_under_a_pointer_and_a_button_turns_them_back", drag);
            add(Language::English, "a_finger_turns_sideways_and_scrolls_the_page_downward", finger);
            add(Language::English, "follows_a_run_as_it_is_computed", follow);
            add(Language::Chinese, "level_lines_of_the_map_lie_where_the_loss_has_their_value", levels);
        }
    }
    let path = format!("/en/lab/{LAB}/");
    tests.add(format!("chromium::{path}::surface::fits_a_narrow_window_and_the_theme"), move |site| {
        let page = site.blank(Browser::Chromium)?;
        page.session().resize(390, 844)?;
        page.go(&path)?;
        ready(&page)?;
        room(&page)?;
        page.expect_no_errors()
    });
}

fn visit<'a>(site: &'a Site, browser: Browser, path: &str) -> Result<Page<'a>> {
    let page = site.visit(browser, path)?;
    ready(&page)?;
    Ok(page)
}

/// Waits until the surfaces of the open page are drawn.
fn ready(page: &Page) -> Result<()> {
    run(
        page,
        "await probe.ready(figure.dataset.lab, patience);
         await until(() => stage() && canvases().length === maps().length && covered(canvases()[0]) > 0.1, 'the surfaces');
         stage().scrollIntoView({ block: 'center', behavior: 'instant' });",
    )
    .map(drop)
}

/// Runs a script with the helpers.
fn run(page: &Page, body: &str) -> Result<Value> {
    page.run_script(&format!("const patience = {PATIENCE};{HELPERS}{body}"), &[])
}

fn press(page: &Page, keys: &[char]) -> Result<()> {
    page.session().keys(&keys.iter().collect::<String>())
}

/// The middle of the surfaces in the window.
fn middle(page: &Page) -> Result<(i64, i64)> {
    let found = run(
        page,
        "const { left, top, width, height } = canvases()[0].getBoundingClientRect();
         return [Math.round(left + width / 2), Math.round(top + height / 2)];",
    )?;
    Ok((found[0].as_i64().context("no surface")?, found[1].as_i64().context("no surface")?))
}

fn keys(page: &Page) -> Result<()> {
    run(
        page,
        "const named = stage().getAttribute('aria-label');
         expect(stage().getAttribute('role') === 'application', 'it has no role');
         expect(maps().every(({ title }) => named.includes(title)) && /training loss/.test(named), named);
         const described = document.getElementById(stage().getAttribute('aria-describedby')).textContent;
         expect(/arrow keys/.test(described) && /Home/.test(described), described);
         expect(maps().every((map, index) => covered(canvases()[index]) > 0.1), 'a surface is not drawn');
         const last = elements().at(-1);
         expect(last.tabIndex === 0, 'keys do not reach the map');
         last.focus();
         window.first = pictures();",
    )?;
    press(page, &[TAB])?;
    run(page, "expect(document.activeElement === stage(), 'the next stop is not the surfaces');")?;
    press(page, &[RIGHT, RIGHT, UP])?;
    run(
        page,
        "window.second = await changed(window.first, 'another view');
         const told = figure.querySelector('.surface > [aria-live]').textContent;
         expect(/44°/.test(told) && /57°/.test(told), told);",
    )?;
    press(page, &[LEFT, LEFT, DOWN, DOWN])?;
    run(page, "await changed(window.second, 'a third view'); await changed(window.first, 'a lower eye');")?;
    press(page, &[HOME])?;
    run(
        page,
        "await until(() => pictures().every((picture, index) => picture === window.first[index]), 'the first view');",
    )
    .map(drop)
}

fn drag(page: &Page) -> Result<()> {
    run(
        page,
        "const named = stage().getAttribute('aria-label');
         expect(/训练损失的曲面/.test(named) && maps().every(({ title }) => named.includes(title)), named);
         window.first = pictures();",
    )?;
    let (x, y) = middle(page)?;
    page.session().stroke("mouse", (x, y), (x + 60, y + 25))?;
    run(
        page,
        "window.turned = await changed(window.first, 'another view');
         expect(figure.dataset.state === 'idle', 'turning ran the lab');",
    )?;
    // A pointer that holds nothing turns nothing.
    page.session().point("mouse", x - 40, y, false)?;
    run(
        page,
        "await frame();
         expect(pictures().every((picture, index) => picture === window.turned[index]), 'it turns by itself');
         const button = figure.querySelector('.surface-tools button');
         expect(button.textContent === '初始视角', button.textContent);
         button.click();
         await until(() => pictures().every((picture, index) => picture === window.first[index]), 'the first view');",
    )
    .map(drop)
}

fn finger(page: &Page) -> Result<()> {
    run(page, "window.first = pictures(); window.from = scrollY;")?;
    let (x, y) = middle(page)?;
    let way = |step: i64, across: i64, down: i64| (x + step * across, y + step * down);
    let through = |across: i64, down: i64| (1..=12).map(|step| way(step, across, down)).collect::<Vec<_>>();
    page.session().path("touch", (x, y), &through(0, -10))?;
    run(
        page,
        "await until(() => scrollY > window.from + 20, 'the page to scroll');
         expect(pictures().every((picture, index) => picture === window.first[index]), 'it turns as the page scrolls');",
    )?;
    run(page, "stage().scrollIntoView({ block: 'center', behavior: 'instant' });")?;
    let (x, y) = middle(page)?;
    let sideways: Vec<_> = (1..=12).map(|step| (x + 6 * step, y + 2 * step)).collect();
    page.session().path("touch", (x, y), &sideways)?;
    run(page, "await changed(window.first, 'another view');").map(drop)
}

fn follow(page: &Page) -> Result<()> {
    run(
        page,
        "window.first = pictures();
         // How much of the map is known at most where how much of the picture is covered.
         const seen = [];
         const part = () => known(maps()[0]) / maps()[0].map.values.length;
         new MutationObserver(() => part() > 0.1 && frame().then(() => {
             if (part() < 0.8) seen.push(covered(canvases()[0]));
         })).observe(figure, { attributeFilter: ['data-frame'] });
         figure.lab('set', 'seeds=1&steps=500&resolution=81&batch_size=4');
         await until(() => figure.dataset.state === 'done', 'the run');
         await changed(window.first, 'the new surface');
         await until(() => seen.every(share => share < covered(canvases()[0])), 'the whole surface');
         expect(seen.some(share => share > 0), `it is not drawn while it is computed: ${seen}`);
         expect(elements().every((element, index) => element.querySelector('.contour-least-name').textContent
             === `minimum ${written(least(maps()[index]))}`), 'another minimum is marked');",
    )
    .map(drop)
}

fn levels(page: &Page) -> Result<()> {
    run(
        page,
        "for (const [index, { x, y, plot: [left, top, right, bottom], map }] of maps().entries()) {
             const element = elements()[index];
             const between = ([low, high], share) => low + share * (high - low);
             // The map between its points, which is linear along the edges of its cells.
             const value = (across, down) => {
                 const at = [[x, map.x, (across - left) / (right - left)], [y, map.y, (bottom - down) / (bottom - top)]];
                 const [[column, u], [row, v]] = at.map(([axis, points, share]) => {
                     const place = (between(axis.range, share) - points[0]) / (points[1] - points[0]);
                     const cell = Math.max(0, Math.min(points.length - 2, Math.floor(place)));
                     return [cell, place - cell];
                 });
                 const loss = (row, column) => map.values[row * map.x.length + column];
                 const line = row => loss(row, column) * (1 - u) + loss(row, column + 1) * u;
                 return line(row) * (1 - v) + line(row + 1) * v;
             };
             const lines = Array.from(element.querySelectorAll('.contour'));
             expect(lines.length > 2, `${lines.length} level lines`);
             for (const line of lines) {
                 const points = Array.from(line.getAttribute('d').matchAll(/[ML]([-\\d.]+) ([-\\d.]+)/g), ([, x, y]) => value(+x, +y));
                 const middle = points.toSorted((a, b) => a - b)[points.length >> 1];
                 const decade = Math.round(2 * middle) / 2;
                 expect(Math.abs(middle - (Number.isInteger(decade) ? decade : Math.floor(decade) + Math.log10(3))) < 0.01, `a line at ${middle}`);
                 expect(points.every(point => Math.abs(point - middle) < 0.03), `a line at ${middle} wanders to ${points}`);
             }
             const names = Array.from(element.querySelectorAll('.contour-name:not(.contour-least-name)'));
             expect(names.length > 1, `${names.length} names`);
             for (const name of names) {
                 const found = value(Number(name.getAttribute('x')), Number(name.getAttribute('y')));
                 expect(Math.abs(Math.log10(Number(name.textContent)) - found) < 0.03, `${name.textContent} at ${10 ** found}`);
             }
             const mark = element.querySelector('.contour-least');
             const found = value(Number(mark.getAttribute('cx')), Number(mark.getAttribute('cy')));
             expect(Math.abs(found - least({ map })) < 0.01, `the minimum is marked at ${found}`);
             expect(element.querySelector('.contour-least-name').textContent === `最小值 ${written(least({ map }))}`, 'its name');
         }",
    )
    .map(drop)
}

fn room(page: &Page) -> Result<()> {
    run(
        page,
        "expect(canvases().every(canvas => canvas.clientWidth < 390
             && canvas.width === Math.round(canvas.clientWidth * devicePixelRatio)), 'a surface of another size');
         expect(canvases()[0].getBoundingClientRect().bottom < canvases()[1].getBoundingClientRect().top, 'side by side');
         window.first = pictures();
         document.documentElement.dataset.theme = 'dark';
         await changed(window.first, 'the dark theme');
         document.documentElement.dataset.theme = 'light';
         await until(() => pictures().every((picture, index) => picture === window.first[index]), 'the light theme');",
    )?;
    ensure!(page.value("document.documentElement.scrollWidth <= innerWidth")? == json!(true), "the page is too wide");
    Ok(())
}
