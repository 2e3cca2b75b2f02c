//! The cells of a heat map: read by pointer, finger and keys, and opened in the lab that each stands for.

use crate::{
    PATIENCE, Tests,
    support::{Page, Site, driver::Browser},
};
use anyhow::{Context, Result, ensure};
use labs::text::Language;
use serde_json::Value;
use std::fs;

const ENTER: char = '\u{E007}';
const ESCAPE: char = '\u{E00C}';
const PAGE_DOWN: char = '\u{E00F}';
const RIGHT: char = '\u{E014}';
const DOWN: char = '\u{E015}';

/// The lab with heat maps whose cells open another lab.
const LAB: &str = "benign-phase";

/// The first panel of the lab, its map and what is said of a cell, measured anew from the lab's own data.
const HELPERS: &str = "
    const figure = document.querySelector('figure[data-lab=benign-phase]');
    const expect = (holds, what) => { if (!holds) throw new Error(what); };
    const until = (test, what) => probe.until(test, patience, () => what);
    const element = () => figure.querySelector('.lab-panel');
    const read = () => {
        const panel = figure.lab('read', '')[0];
        return { ...panel, map: panel.marks.find(({ kind }) => kind === 'heat_map') };
    };
    const tip = () => figure.querySelector('.cells-tip');
    const outline = () => element().querySelector('[data-layer=cell] .cells-outline');
    const written = (value, digits) => String(Number(value.toPrecision(digits)));
    // The middle of a cell in the window.
    const middle = (row, column) => {
        const { x, y, plot: [start, head, end, foot], map } = read();
        const share = ({ range }, value) => Math.log(value / range[0]) / Math.log(range[1] / range[0]);
        const { left, top } = element().getBoundingClientRect();
        return [
            left + start + share(x, map.x[column]) * (end - start),
            top + foot - share(y, map.y[row]) * (foot - head),
        ];
    };
    const isRead = (row, column) => {
        const { x, y, map } = read();
        const value = map.values[row * map.x.length + column];
        const said = [[x.label, written(map.x[column], 4)], [y.label, written(map.y[row], 4)], [map.label, written(value, 3)]];
        const text = tip().textContent;
        expect(!tip().hidden, 'nothing is read');
        expect(said.every(([label, number]) => text.includes(label) && text.includes(number)), `${said}: ${text}`);
        const [across, down] = middle(row, column);
        const { left, right, top, bottom } = outline().getBoundingClientRect();
        expect(left < across && across < right && top < down && down < bottom, 'another cell is outlined');
        expect(Array.from(figure.querySelectorAll('.lab-tip')).every(other => other === tip() || other.hidden),
            'the curves are read as well');
        return said;
    };
    const way = other => other?.querySelector('.shown[role=group]:not([hidden])');
    const settings = () => Object.fromEntries(new URLSearchParams(opened().lab('settings', '')));
    const opened = () => document.querySelector(`figure[data-lab=${read().map.opens.lab}]`);
    // The opened lab shows the very cell.
    const isOpen = async (row, column) => {
        const { map } = read();
        const { opens, values } = map;
        const wanted = { ...opens.settings, [opens.x]: map.x[column], [opens.y]: map.y[row] };
        const isSet = () => opened().lab && Object.entries(wanted).every(([name, value]) => Number(settings()[name]) === Number(value));
        await until(isSet, 'the settings of the cell');
        await until(() => opened().dataset.state === 'done', 'the run of the cell');
        const { value } = opened().querySelector(`[data-output=${map.name}]`).dataset;
        expect(Number(value) === values[row * map.x.length + column], `the cell's ${values[row * map.x.length + column]} is ${value}`);
    };
";

/// The tests of this module.
pub fn add(tests: &mut Tests) -> Result<()> {
    for language in Language::ALL {
        for path in tests.site.chapters(language)? {
            let file = tests.site.folder.join(&path).join("index.html");
            if !fs::read_to_string(file)?.contains(&format!("data-lab=\"{LAB}\"")) {
                continue;
            }
            for browser in tests.site.browsers(language, &path)? {
                let mut add = |what: &str, body: fn(&Page) -> Result<()>| {
                    let path = path.clone();
                    tests.add(format!("{}::/{path}::cells::{what}", browser.name()), move |site| {
                        let page = visit(site, browser, &path)?;
                        body(&page)?;
                        page.expect_no_errors()
                    });
                };
                add("keys_walk_over_cells_and_open_one_with_a_way_back", keys);
                if language == Language::English {
                    add("a_pointer_reads_a_cell_and_a_click_opens_it_as_it_was_run", pointer);
                    add("a_cell_without_a_value_says_so_and_stays_shut", pending);
                }
                // A finger of Firefox's driver does not click.
                if language == Language::English && browser == Browser::Chromium {
                    add("a_finger_reads_before_it_opens", finger);
                }
            }
        }
        let path = format!("/{}/lab/{LAB}/", language.code());
        tests.add(format!("chromium::{path}::cells::a_cell_opens_the_page_of_its_lab"), move |site| {
            let page = visit(site, Browser::Chromium, &path)?;
            away(&page)?;
            page.expect_no_errors()
        });
    }
    Ok(())
}

/// Runs a script with the helpers.
fn run(page: &Page, body: &str) -> Result<Value> {
    page.run_script(&format!("const patience = {PATIENCE};{HELPERS}{body}"), &[])
}

fn visit<'a>(site: &'a Site, browser: Browser, path: &str) -> Result<Page<'a>> {
    let page = site.visit(browser, path)?;
    run(
        &page,
        "await probe.ready(figure.dataset.lab, patience);
         probe.touch();
         await until(() => 'study' in document.documentElement.dataset, 'what helps to study');
         await until(() => element().matches('[data-cells]'), 'the cells');
         element().scrollIntoView({ block: 'center', behavior: 'instant' });",
    )?;
    Ok(page)
}

fn press(page: &Page, keys: &[char]) -> Result<()> {
    page.session().keys(&keys.iter().collect::<String>())
}

/// The middle of a cell, where a pointer can be sent.
fn place(page: &Page, row: &str, column: &str) -> Result<(i64, i64)> {
    let found = run(
        page,
        &format!(
            "let last;
             await until(() => {{
                 const now = element().getBoundingClientRect().top;
                 const rests = now === last;
                 last = now;
                 return rests;
             }}, 'the page to rest');
             const {{ map }} = read();
             return middle({row}, {column}).map(Math.round);"
        ),
    )?;
    let at = |index: usize| found[index].as_i64().context("no cell");
    Ok((at(0)?, at(1)?))
}

fn keys(page: &Page) -> Result<()> {
    run(page, "element().focus();")?;
    press(page, &[RIGHT, RIGHT, DOWN])?;
    run(
        page,
        "const said = isRead(read().map.y.length - 2, 1);
         const voices = Array.from(figure.querySelectorAll('.lab-panels > [aria-live=polite]'), voice => voice.textContent);
         expect(voices.some(voice => said.every(words => words.every(word => voice.includes(word)))), `it is told ${voices}`);
         const help = document.getElementById(element().getAttribute('aria-describedby'));
         expect(/Enter/.test(help.textContent), 'the keys are not told');",
    )?;
    press(page, &[ESCAPE])?;
    run(page, "expect(tip().hidden && !outline(), 'the cell stays');")?;
    press(page, &[RIGHT, RIGHT, ENTER])?;
    run(
        page,
        "await isOpen(read().map.y.length - 1, 1);
         await until(() => way(opened())?.contains(document.activeElement), 'the way back');",
    )?;
    press(page, &[ENTER])?;
    run(
        page,
        "await until(() => document.activeElement === element(), 'the map');
         await until(() => {
             const { top, bottom } = element().getBoundingClientRect();
             return top > -1 && bottom < innerHeight + 1;
         }, 'the map in sight');",
    )
    .map(drop)
}

fn pointer(page: &Page) -> Result<()> {
    let (x, y) = place(page, "map.y.length - 1", "map.x.length - 1")?;
    page.session().point("mouse", x, y, false)?;
    run(page, "isRead(read().map.y.length - 1, read().map.x.length - 1);")?;
    page.session().point("mouse", 1, 1, false)?;
    run(page, "await until(() => tip().hidden && !outline(), 'no cell');")?;
    // What the reader has changed in the other lab is no part of the cell.
    run(
        page,
        "await probe.ready(opened().dataset.lab, patience);
         opened().lab('set', 'max_steps=200&filters=5');
         await until(() => opened().dataset.state === 'done', 'a run of the reader');
         element().scrollIntoView({ block: 'center', behavior: 'instant' });",
    )?;
    let (x, y) = place(page, "map.y.length - 1", "map.x.length - 1")?;
    page.session().point("mouse", x, y, true)?;
    run(
        page,
        "await isOpen(read().map.y.length - 1, read().map.x.length - 1);
         expect(settings().filters !== '5' && settings().max_steps !== '200', 'it keeps what the reader had changed');",
    )
    .map(drop)
}

fn finger(page: &Page) -> Result<()> {
    let (x, y) = place(page, "map.y.length - 1", "2")?;
    page.session().point("touch", x, y, true)?;
    run(
        page,
        "await until(() => !tip().hidden, 'the cell');
         isRead(read().map.y.length - 1, 2);
         expect(!way(opened()), 'the first touch opens');",
    )?;
    let corner = run(
        page,
        "const { left, top, width, height } = tip().querySelector('button').getBoundingClientRect();
         expect(width >= 44 && height >= 44, `${width} by ${height}`);
         return [left + width / 2, top + height / 2].map(Math.round);",
    )?;
    let at = |index: usize| corner[index].as_i64().context("no button");
    page.session().point("touch", at(0)?, at(1)?, true)?;
    run(page, "await isOpen(read().map.y.length - 1, 2);").map(drop)
}

fn pending(page: &Page) -> Result<()> {
    run(page, "element().focus(); figure.lab('set', 'grid=12&seeds=12');")?;
    run(page, "await until(() => read().map.x.length === 12 && Number.isNaN(read().map.values[0]), 'an empty map');")?;
    press(page, &[RIGHT, PAGE_DOWN])?;
    run(
        page,
        "expect(Number.isNaN(read().map.values[0]), 'the last row came too early');
         expect(!tip().hidden && /not computed yet/.test(tip().textContent), tip().textContent);
         expect(!/Enter/.test(tip().textContent), 'it offers to open');",
    )?;
    press(page, &[ENTER])?;
    run(page, "await probe.pause(300); expect(!way(document), 'it opens');").map(drop)
}

fn away(page: &Page) -> Result<()> {
    run(page, "element().focus();")?;
    press(page, &[RIGHT])?;
    let wanted = run(
        page,
        "const { map: { opens, x, y, values, name } } = read();
         return [opens.lab, { ...opens.settings, [opens.x]: x[0], [opens.y]: y[y.length - 1], run: 1 },
             name, values[(y.length - 1) * x.length], location.href];",
    )?;
    press(page, &[ENTER])?;
    let lab = wanted[0].as_str().context("no lab")?;
    for _ in 0..200 {
        std::thread::sleep(std::time::Duration::from_millis(50));
        if page.text("document.readyState === 'complete' ? location.href : ''").unwrap_or_default().contains(lab) {
            break;
        }
    }
    let shown = page.lab(lab).expect_done()?;
    // The address of a lab's page leaves out what is the same as in its printed run.
    let found = page.run_script(
        "const [lab, { run, ...wanted }, , , before] = args[0];
         const figure = document.querySelector(`figure[data-lab=${lab}]`);
         const settings = new URLSearchParams(figure.lab('settings', ''));
         const isBeside = new URL('..', location.href).href === new URL('..', before).href;
         return isBeside && Object.entries(wanted).every(([name, value]) => Number(settings.get(name)) === Number(value));",
        std::slice::from_ref(&wanted),
    )?;
    ensure!(found == Value::Bool(true), "{wanted} leads to {}", page.text("location.href")?);
    let output = wanted[2].as_str().context("no name")?;
    let value: f64 = shown.outputs.get(output).context("no such output")?.parse()?;
    ensure!(wanted[3].as_f64() == Some(value), "{output} is {value}, but {} in the map", wanted[3]);
    Ok(())
}
