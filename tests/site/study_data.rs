//! Every lab explains itself without sight: its numbers as tables, its summary in words.

use crate::{
    PATIENCE, Tests,
    support::{Page, Site, driver::Browser},
};
use anyhow::Result;
use labs::{labs::ALL, text::Language};
use serde_json::Value;

/// The lab of the page and its tables.
const HELPERS: &str = "
    const figure = document.querySelector('figure[data-lab]');
    const expect = (holds, what) => { if (!holds) throw new Error(what); };
    const until = (test, what) => probe.until(test, patience, () => what);
    const details = figure.querySelector('.lab-data');
    const tables = () => Array.from(details.querySelectorAll('table'));
    const charts = () => figure.lab('read', '').filter(({ kind }) => kind === 'chart');
    const column = (table, label) => {
        const place = Array.from(table.tHead.rows[0].cells).findIndex(({ textContent }) => textContent === label);
        return place < 0 ? null : Array.from(table.tBodies[0].rows, ({ cells }) => Number(cells[place].dataset.value));
    };
    const isSame = (one, other) => one && one.length === other.length
        && one.every((value, index) => Object.is(value, other[index] === 0 ? value : other[index]));
    // Every named curve of the figure has its column, with all its digits.
    const holds = () => charts().every(({ marks }) => marks
        .filter(({ kind, name, y }) => kind === 'line' && name && y.some(value => !Number.isNaN(value)))
        .every(({ label, name, x, y }) => tables().some(table =>
            isSame(column(table, label || name), y)
            && isSame(column(table, table.tHead.rows[0].cells[0].textContent), x))));
    const open = async () => {
        details.querySelector('summary').click();
        await until(() => tables().length, 'tables');
    };
    const quick = async () => {
        figure.lab('set', 'seeds=2');
        await until(() => figure.dataset.state === 'done', 'the run');
    };
    const words = () => figure.querySelector('.lab-words p').textContent;
    const voice = () => figure.querySelector('.lab-voice').textContent;
";

/// The tests of this module.
pub fn add(tests: &mut Tests) {
    for &lab in ALL {
        let id = &lab.schema().id;
        for language in Language::ALL {
            let path = format!("/{}/lab/{id}/", language.code());
            let name = format!("chromium::{path}::data::tables_hold_all_digits_of_the_curves");
            tests.add(name, move |site| with(site, Browser::Chromium, &path, digits));
        }
    }
    let Some(first) = ALL.first() else { return };
    for browser in Browser::ALL {
        let path = format!("/{}/lab/{}/", Language::English.code(), first.schema().id);
        let mut add = |what: &str, body: fn(&Page) -> Result<()>| {
            let path = path.clone();
            let name = format!("{}::{path}::data::{what}", browser.name());
            tests.add(name, move |site| with(site, browser, &path, body));
        };
        add("open_tables_are_filled_anew_when_a_run_has_ended", anew);
        add("tables_are_named_and_a_key_scrolls_them", regions);
        add("the_summary_describes_the_figure_and_is_told_once_a_run", told);
        if browser == Browser::Chromium {
            add("copied_values_read_back_to_the_same_bits", copied);
            add("tables_have_what_each_kind_of_mark_means", kinds);
        }
    }
}

fn with(site: &Site, browser: Browser, path: &str, body: fn(&Page) -> Result<()>) -> Result<()> {
    let page = site.visit(browser, path)?;
    page.run_script(
        &format!(
            "await probe.ready(document.querySelector('figure[data-lab]').dataset.lab, {PATIENCE});
             probe.touch();
             await probe.until(() => document.querySelector('.lab-data'), {PATIENCE}, () => 'the tables');"
        ),
        &[],
    )?;
    body(&page)?;
    page.expect_no_errors()
}

/// Runs a script with the helpers.
fn run(page: &Page, body: &str) -> Result<Value> {
    page.run_script(&format!("const patience = {PATIENCE};{HELPERS}{body}"), &[])
}

fn digits(page: &Page) -> Result<()> {
    run(
        page,
        "await open();
         expect(holds(), 'a curve has no column of its own numbers');
         for (const cell of details.querySelectorAll('td')) {
             const exact = Number(cell.dataset.value);
             const shown = Number(cell.textContent.replace('−', '-').replace(/×10(.*)/, (_, power) =>
                 'e' + Array.from(power, digit => '⁻⁰¹²³⁴⁵⁶⁷⁸⁹'.indexOf(digit)).map(at => at ? at - 1 : '-').join('')));
             expect(!Number.isFinite(exact) || Math.abs(shown - exact) <= 6e-4 * Math.abs(exact),
                 `${exact} is shown as ${cell.textContent}`);
         }",
    )
    .map(drop)
}

fn anew(page: &Page) -> Result<()> {
    run(
        page,
        "await open();
         const before = details.querySelector('tbody').textContent;
         const region = details.querySelector('.lab-data-table');
         region.focus();
         region.scrollTo(0, 60);
         await quick();
         await until(() => details.querySelector('tbody').textContent !== before && holds(), 'the numbers of the new run');
         const next = details.querySelector('.lab-data-table');
         expect(document.activeElement === next && next.scrollTop === 60, 'the reader has lost the place');
         await probe.press(figure.dataset.lab, 'Reset');
         await until(() => details.querySelector('tbody').textContent === before, 'the printed numbers');",
    )
    .map(drop)
}

fn regions(page: &Page) -> Result<()> {
    run(
        page,
        "await open();
         for (const region of details.querySelectorAll('.lab-data-table')) {
             const name = document.getElementById(region.getAttribute('aria-labelledby'));
             expect(region.getAttribute('role') === 'group' && region.tabIndex === 0, 'a key does not reach it');
             expect(name?.matches('caption') && name.textContent && region.contains(name), 'it has no name');
         }
         const names = tables().map(({ caption }) => caption.textContent);
         expect(new Set(names).size === names.length, `names are used twice: ${names}`);
         for (const table of tables()) {
             expect(Array.from(table.querySelectorAll('thead th')).every(({ scope }) => scope === 'col'), 'no heads');
             expect(Array.from(table.querySelectorAll('tbody th')).every(({ scope }) => scope === 'row'), 'no row heads');
         }
         const long = Array.from(details.querySelectorAll('.lab-data-table')).find(({ scrollHeight, clientHeight }) =>
             scrollHeight > clientHeight);
         window.long = long;
         long.focus();",
    )?;
    page.session().keys("\u{E00F}")?;
    run(page, "await until(() => window.long.scrollTop > 0, 'a key to scroll');").map(drop)
}

fn told(page: &Page) -> Result<()> {
    run(
        page,
        "const described = document.getElementById(figure.getAttribute('aria-describedby'));
         expect(described?.textContent === words(), 'the figure is not described by its summary');
         expect(voice() === '', 'the printed run is told');
         const heard = [];
         new MutationObserver(() => voice() && heard.push(voice()))
             .observe(figure.querySelector('.lab-voice'), { childList: true, characterData: true, subtree: true });
         const before = words();
         figure.lab('set', 'seeds=4');
         await quick();
         await until(() => voice(), 'the summary');
         await probe.pause(1500);
         expect(words() !== before && heard.length === 1 && heard[0] === words(), `${heard.length} summaries are told`);",
    )
    .map(drop)
}

fn copied(page: &Page) -> Result<()> {
    run(
        page,
        "let text;
         let isAllowed = true;
         const writeText = async written => {
             if (!isAllowed) throw new DOMException('no', 'NotAllowedError');
             text = written;
         };
         Object.defineProperty(navigator, 'clipboard', { value: { writeText } });
         await open();
         details.querySelector('.lab-data-copy button').click();
         await until(() => text && details.querySelector('.lab-data-copy [role=status]').textContent, 'the copy');
         const [head, ...rows] = text.split('\\n').map(line => line.split('\\t'));
         const [table] = tables();
         expect(head.length === table.tHead.rows[0].cells.length && rows.length === table.tBodies[0].rows.length, text);
         const { x } = charts()[0].marks.find(({ x }) => x.length === rows.length);
         expect(rows.every(([value], row) => Object.is(Number(value), x[row])), 'abscissas are not the same');
         head.forEach((label, place) => {
             const wanted = Array.from(table.tBodies[0].rows, ({ cells }) => Number(cells[place].dataset.value));
             expect(isSame(rows.map(cells => Number(cells[place])), wanted), `${label} is not the same`);
         });
         isAllowed = false;
         details.querySelector('.lab-data-copy button').click();
         const field = await until(() => details.querySelector('.lab-data-copy textarea'), 'a text to copy by hand');
         expect(field.value === text && field.selectionEnd === text.length, 'it is not all selected');",
    )
    .map(drop)
}

fn kinds(page: &Page) -> Result<()> {
    run(
        page,
        "const file = performance.getEntriesByType('resource').find(({ name }) => /study.data/.test(name));
         const { brief, digest, separated } = await import(file.name);
         const shown = [0, 12345, 0.00012345, 1234.56, -2.5, NaN, Infinity, 6.02e23].map(brief);
         expect(shown.join(' ') === '0 12345 1.234×10⁻⁴ 1235 −2.5 — ∞ 6.02×10²³', shown.join(' '));
         const say = {
             ends: ['low', 'high'], spread: (label, end) => `${label} ${end}`, caption: (...parts) => parts.join('|'),
             part: (index, count) => ` ${index}/${count}`, constant: (...parts) => parts.join('='),
             threshold: (...parts) => parts.join('@'),
         };
         const x = Float64Array.of(1, 2);
         const [low, high] = [Float64Array.of(1, 1), Float64Array.of(1.5, 3)];
         const { tables: found, remarks } = digest({
             title: 'T', x: { label: 'X' }, y: { label: 'Y' },
             marks: [
                 { kind: 'band', name: 'part', label: 'part', filled: true, x, low, high },
                 { kind: 'band', name: 'spread', label: 'spread', filled: false, x, low, high },
                 { kind: 'line', name: 'theory', label: '', x: Float64Array.of(5), y: Float64Array.of(6) },
                 { kind: 'line', name: '', label: 'null', x, y: Float64Array.of(5, 5) },
                 { kind: 'threshold', label: 'here', x: 2 },
                 { kind: 'probe', parameter: 'p', x: 2 },
                 { kind: 'heat_map', name: 'map', label: 'map', x, y: low, values: Float64Array.of(1, 2, 3, 4) },
             ],
         }, say);
         expect(found.map(({ caption }) => caption).join() === 'T|Y 1/2,T|Y 2/2,map|Y × X', 'captions');
         expect(remarks.join() === 'null=5,here@X@2', remarks.join());
         expect(separated(found[0]) === 'X\\tpart\\tspread low\\tspread high\\n1\\t0.5\\t1\\t1.5\\n2\\t2\\t1\\t3', separated(found[0]));
         expect(separated(found[1]) === 'X\\ttheory\\n5\\t6', separated(found[1]));
         expect(separated(found[2]) === 'Y\\t1\\t2\\n1\\t1\\t2\\n1\\t3\\t4', separated(found[2]));
         const spread = name => [{ kind: 'band', name, label: 'spread', x, low, high }, { kind: 'line', name, label: `curve ${name}`, x, y: low }];
         const marks = [...spread('a'), ...spread('b')];
         const [{ columns }] = digest({ title: 'T', x: { label: 'X' }, y: { label: 'Y' }, marks }, say).tables;
         const heads = columns.map(({ label }) => label).join();
         expect(heads === 'curve a|spread low,curve a|spread high,curve a,curve b|spread low,curve b|spread high,curve b', heads);",
    )
    .map(drop)
}
