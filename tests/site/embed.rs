//! A lab in a frame tells the page around it what it does, and stands there as that page asked.

use crate::{
    PATIENCE, Tests,
    support::{Page, Site, driver::Browser},
};
use anyhow::{Context, Result, ensure};
use labs::{labs::find, settings::Settings, text::Language};
use serde_json::{Value, json};
use std::{
    io::{Read, Write},
    net::TcpListener,
    thread,
};

const HELPERS: &str = "
    const expect = (holds, what) => { if (!holds) throw new Error(what); };
    const until = (test, what) => probe.until(test, patience, typeof what === 'function' ? what : () => what);
    const examples = Array.from(document.querySelectorAll('.example'));
    const frameOf = example => example.querySelector('iframe');
    const inside = example => frameOf(example).contentDocument;
    const stateOf = example => example.querySelector('[data-cell=state]').textContent;
    const digestOf = example => example.querySelector('[data-cell=digest]').textContent;
    const heard = async example => {
        example.scrollIntoView({ behavior: 'instant' });
        await until(() => example.dataset.heard, () => `word from ${example.dataset.example}`);
    };
    const say = (example, message) =>
        frameOf(example).contentWindow.postMessage({ target: 'why-it-generalizes', version: 1, ...message }, '*');
    const told = [];
    addEventListener('message', ({ source, data }) => told.push({ example: examples.find(one => frameOf(one).contentWindow === source), data }));
";

/// The tests of this module.
pub fn add(tests: &mut Tests) {
    for (browser, language) in [(Browser::Chromium, Language::English), (Browser::Firefox, Language::Chinese)] {
        let mut add = |what: &str, body: fn(&Site, Browser, Language) -> Result<()>| {
            let name = format!("{}::{}::embed::{what}", browser.name(), language.code());
            tests.add(name, move |site| body(site, browser, language));
        };
        add("frames_tell_their_height_and_the_numbers_of_their_runs", frames);
    }
    tests.add("chromium::embed::a_frame_takes_what_a_reader_could_type_and_nothing_else".into(), messages);
    tests.add("chromium::embed::what_is_set_runs_even_where_the_address_has_set_it".into(), set_twice);
    tests.add("chromium::embed::a_cell_that_opens_another_lab_leaves_the_frame_its_own".into(), cell);
    tests.add("chromium::embed::a_run_asked_for_early_begins_when_the_frame_is_ready".into(), early);
    tests.add("chromium::embed::a_frame_of_320_pixels_has_room_for_everything".into(), narrow);
    tests.add("chromium::embed::an_address_sets_the_theme_for_this_visit_alone".into(), theme);
    for (browser, language) in [(Browser::Chromium, Language::Chinese), (Browser::Firefox, Language::English)] {
        let name =
            format!("{}::{}::embed::the_snippet_stands_in_a_page_of_another_site", browser.name(), language.code());
        tests.add(name, move |site| snippet(site, browser, language));
    }
}

fn run(page: &Page, body: &str, arguments: &[Value]) -> Result<Value> {
    page.run_script(&format!("const patience = {PATIENCE};{HELPERS}{body}"), arguments)
}

/// Runs a script on the page with the examples once its first frame has been heard of, as `example`.
fn with_example(site: &Site, body: &str, arguments: &[Value]) -> Result<()> {
    let page = site.visit(Browser::Chromium, "/en/embed/")?;
    run(&page, &format!("const [example] = examples; await heard(example); told.length = 0; {body}"), arguments)?;
    page.expect_no_errors()
}

/// The settings that an address gives a lab.
fn settings_of(lab: &str, pairs: &[(&str, &str)]) -> Result<Settings> {
    let (settings, refusals) = Settings::read(find(lab).context("the lab is gone")?.schema(), pairs.iter().copied());
    ensure!(refusals.is_empty(), "{refusals:?}");
    Ok(settings)
}

fn frames(site: &Site, browser: Browser, language: Language) -> Result<()> {
    let lab = find("ridgeless").context("the lab is gone")?;
    let first = site.native(lab, &settings_of("ridgeless", &[("gamma", "1.02"), ("seeds", "3")])?)?;
    let next = site.native(lab, &settings_of("ridgeless", &[("gamma", "1.02"), ("seeds", "3"), ("seed", "5")])?)?;
    let page = site.visit(browser, &format!("/{}/embed/", language.code()))?;
    run(
        &page,
        "expect(examples.length === 3, `${examples.length} examples`);
         for (const example of examples) {
             await heard(example);
             // As high as what is in it.
             await until(() => {
                 const wanted = Math.ceil(inside(example).documentElement.getBoundingClientRect().height);
                 return wanted > 300 && Math.abs(frameOf(example).clientHeight - wanted) <= 1;
             }, () => `the height of ${example.dataset.example}: ${frameOf(example).clientHeight}`);
             const seen = selector => Array.from(inside(example).querySelectorAll(selector)).some(element => element.checkVisibility());
             expect(!seen('.bar') && !seen('.foot') && !seen('h1') && seen('figure.lab'), 'more than the lab stands in the frame');
         }
         const [ridgeless, dark, other] = examples;
         ridgeless.scrollIntoView({ behavior: 'instant' });
         await until(() => digestOf(ridgeless) === args[0], () => `the digest ${args[0]}; it is ${digestOf(ridgeless)}`);
         expect(inside(dark).documentElement.dataset.theme === 'dark', 'the second is not dark');
         expect(inside(other).documentElement.lang !== document.documentElement.lang, 'the third is in the same language');
         // Folds change the height; what comes late has come by then.
         await until(() => inside(ridgeless).documentElement.dataset.study !== undefined, 'what helps to study');
         await until(() => Math.abs(frameOf(ridgeless).clientHeight - inside(ridgeless).documentElement.getBoundingClientRect().height) <= 1, 'the whole height');
         const before = frameOf(ridgeless).clientHeight;
         inside(ridgeless).querySelector('.lab-words summary').click();
         await until(() => frameOf(ridgeless).clientHeight > before, 'a greater height');
         inside(ridgeless).querySelector('.lab-words summary').click();
         await until(() => frameOf(ridgeless).clientHeight === before, 'the height as before');
         say(ridgeless, { type: 'set', settings: { seed: 5 } });
         await until(() => digestOf(ridgeless) === args[1], () => `the digest ${args[1]}; it is ${digestOf(ridgeless)}`);
         const cells = Array.from(ridgeless.querySelectorAll('tbody tr'), row => [row.cells[0].textContent, row.cells[1].dataset.value]);
         const labs = Object.fromEntries(Array.from(inside(ridgeless).querySelectorAll('[data-output]'), cell => [cell.dataset.output, cell.dataset.value]));
         expect(cells.length > 5 && cells.every(([name, value]) => Object.is(Number(labs[name]), Number(value))), 'other outputs than the lab shows');
         await until(() => stateOf(ridgeless) === 'done', () => `the state done; it is ${stateOf(ridgeless)}`);",
        &[json!(first.digest), json!(next.digest)],
    )?;
    page.expect_no_errors()
}

fn messages(site: &Site) -> Result<()> {
    with_example(
        site,
        "await until(() => stateOf(example) === 'done', 'the run that the address asks for');
         const figure = inside(example).querySelector('figure[data-lab]');
         const look = () => JSON.stringify([figure.lab('settings', ''), figure.dataset.state, figure.dataset.digest]);
         const before = look();
         const frame = frameOf(example).contentWindow;
         const refused = [{ gamma: 99 }, { gamma: 'x' }, { nonsense: 1 }, { run: '1' }, { hide: 'seed' }, { theme: 'dark' }, { __proto__x: 1 }];
         for (const settings of refused) {
             told.length = 0;
             say(example, { type: 'set', settings });
             await until(() => told.some(({ data }) => data.type === 'refused' && data.reasons.length && data.version === 1), `a refusal of ${JSON.stringify(settings)}`);
             const [{ data: { reasons } }] = told.filter(({ data }) => data.type === 'refused');
             expect(stateOf(example) === reasons.join(' ') && !/file/.test(reasons), `the page says ${stateOf(example)}`);
         }
         told.length = 0;
         for (const message of [null, 7, 'run', {}, { type: 'run' }, { target: 'why-it-generalizes', version: 2, type: 'run' },
             { target: 'why-it-generalizes', version: 1, type: 'constructor' }, { target: 'why-it-generalizes', version: 1, type: '__proto__' },
             { target: 'why-it-generalizes', version: 1, type: 'set', settings: null }, { target: 'why-it-generalizes', version: 1, type: 'set', settings: { gamma: {} } }]) {
             frame.postMessage(message, '*');
         }
         // Not from the page that holds the frame, but from the frame itself.
         const data = { target: 'why-it-generalizes', version: 1, type: 'reset' };
         frame.dispatchEvent(new frame.MessageEvent('message', { source: frame, data }));
         say(example, { type: 'ask' });
         await until(() => told.some(({ data }) => data.type === 'ready' && data.digest), 'an answer');
         expect(told.some(({ data }) => data.type === 'height' && data.height > 300), 'who listens late is not told the height');
         expect(look() === before, `what should be ignored changes the lab: ${before}, ${look()}`);
         say(example, { type: 'reset' });
         await until(() => figure.dataset.state === 'idle', 'a reset');
         say(example, { type: 'run' });
         await until(() => figure.dataset.state === 'done', 'a run');",
        &[],
    )
}

/// The address sets what is hidden, and does not run: what is shown is the printed run until the page asks.
fn set_twice(site: &Site) -> Result<()> {
    let lab = find("ridgeless").context("the lab is gone")?;
    let printed = site.native(lab, &Settings::defaults(lab.schema()))?;
    let set = site.native(lab, &settings_of("ridgeless", &[("gamma", "2"), ("seeds", "3")])?)?;
    with_example(
        site,
        "frameOf(example).src = frameOf(example).src.replace(/[?].*$/, '?gamma=2&seeds=3&hide=gamma,seeds');
         const word = async type => {
             await until(() => told.some(({ data }) => data.type === type), () => `${type}; told is ${told.map(({ data }) => data.type)}`);
             return told.find(({ data }) => data.type === type).data;
         };
         const ready = await word('ready');
         expect(ready.digest === args[0] && ready.state === 'idle', `${ready.state} ${ready.digest} is not the printed run`);
         expect(ready.settings.gamma === '1.1' && ready.settings.seeds === '10', `the printed run passes for ${JSON.stringify(ready.settings)}`);
         // Once it runs; once the run is there.
         for (const time of ['first', 'second']) {
             told.length = 0;
             say(example, { type: 'set', settings: { gamma: 2 } });
             const done = await word('done');
             expect(done.digest === args[1] && done.settings.gamma === '2', `at the ${time} time the page is told ${JSON.stringify(done)}`);
         }",
        &[json!(printed.digest), json!(set.digest)],
    )
}

fn cell(site: &Site) -> Result<()> {
    with_example(
        site,
        "const before = frameOf(example).src;
         frameOf(example).src = before.replace(/lab[/].*$/, 'lab/benign-phase/?theme=dark&hide=words');
         await until(() => told.some(({ data }) => data.type === 'ready' && data.lab === 'benign-phase'), 'the other frame');
         const frame = frameOf(example).contentWindow;
         await until(() => inside(example).querySelector('[data-cells]'), 'cells');
         const followed = [];
         frame.HTMLAnchorElement.prototype.click = function () { followed.push([this.href, this.target, this.rel]); };
         const panel = inside(example).querySelector('[data-cells]');
         panel.focus();
         for (const key of ['ArrowRight', 'Enter']) {
             panel.dispatchEvent(new frame.KeyboardEvent('keydown', { key, bubbles: true, cancelable: true }));
         }
         await until(() => followed.length, 'a way to the other lab');
         const [[href, target, rel]] = followed;
         expect(/[/]en[/]lab[/](?!benign-phase)[a-z-]+[/][?].*run=1/.test(href) && target === '_blank' && rel === 'noopener', `${href} ${target} ${rel}`);
         await probe.pause(500);
         expect(frame.location.pathname.endsWith('/lab/benign-phase/'), `the frame is at ${frame.location.href}`);",
        &[],
    )
}

fn early(site: &Site) -> Result<()> {
    let page = site.visit(Browser::Chromium, "/en/embed/")?;
    run(
        &page,
        "const far = examples.slice(1).filter(({ dataset }) => !dataset.heard);
         expect(far.length, 'the frames are ready too early for this test');
         document.querySelector('[name=run]').click();
         for (const example of far) {
             example.scrollIntoView({ behavior: 'instant' });
             await until(() => stateOf(example) === 'done', () => `a run in ${example.dataset.example}; it is ${stateOf(example)}`);
         }",
        &[],
    )?;
    page.expect_no_errors()
}

fn narrow(site: &Site) -> Result<()> {
    let page = site.visit(Browser::Chromium, "/zh/embed/")?;
    run(
        &page,
        "const [example] = examples;
         frameOf(example).style.width = '320px';
         await heard(example);
         await until(() => inside(example).querySelector('.lab-take'), 'the panel');
         for (const fold of inside(example).querySelectorAll('.lab details:not([open]) > summary')) fold.click();
         await until(() => inside(example).querySelector('.lab-take textarea').value, 'a snippet');
         const root = inside(example).documentElement;
         expect(frameOf(example).contentWindow.innerWidth === 320, `${frameOf(example).contentWindow.innerWidth} pixels`);
         const wide = Array.from(root.querySelectorAll('.lab *')).filter(element => element.checkVisibility()
             && !element.closest('.lab-data-table, .pin-table, .visually-hidden, svg') && element.getBoundingClientRect().right > 320.5);
         expect(root.scrollWidth <= 320, `${root.scrollWidth} pixels wide: ${wide.slice(-2).map(element => element.outerHTML.slice(0, 150))}`);
         expect(!wide.length, `beyond the edge: ${wide.slice(-2).map(element => element.outerHTML.slice(0, 150))}`);
         const small = Array.from(root.querySelectorAll('.lab-take :is(button, select, summary, a)')).filter(element =>
             element.checkVisibility() && element.getBoundingClientRect().height < 43.5);
         expect(!small.length, `hard to hit: ${small.map(element => element.outerHTML.slice(0, 150))}`);",
        &[],
    )?;
    page.expect_no_errors()
}

fn theme(site: &Site) -> Result<()> {
    let page = site.visit(Browser::Chromium, "/en/lab/ridgeless/?theme=dark&seeds=2&run=1")?;
    page.lab("ridgeless").expect_done()?;
    run(
        &page,
        "const dark = getComputedStyle(document.body).backgroundColor;
         expect(document.documentElement.dataset.theme === 'dark' && dark === 'rgb(20, 23, 26)', dark);
         expect(localStorage.getItem('theme') === null, 'the theme is kept');
         expect(location.search.includes('theme=dark'), 'the address loses the theme');
         expect(document.querySelector('.lab-notice').hidden, document.querySelector('.lab-notice').innerText);",
        &[],
    )?;
    page.go("/en/lab/ridgeless/?seeds=2&theme=darkest")?;
    page.lab("ridgeless").ready()?;
    run(&page, "expect(!document.documentElement.dataset.theme, 'the theme has stayed');", &[])?;
    page.expect_no_errors()
}

/// The address of an empty page of another site, which sends no headers but the content's type.
fn elsewhere() -> Result<String> {
    const PAGE: &str = "<!doctype html><title>A course</title><body>";
    let listener = TcpListener::bind("127.0.0.1:0")?;
    let address = format!("http://{}/", listener.local_addr()?);
    thread::spawn(move || {
        for mut stream in listener.incoming().flatten() {
            let head = format!("HTTP/1.1 200 OK\r\nContent-Type: text/html\r\nContent-Length: {}\r\n", PAGE.len());
            // A browser that has gone away wants no answer.
            let _ = stream.read(&mut [0; 4096]);
            let _ = write!(stream, "{head}Connection: close\r\n\r\n{PAGE}");
        }
    });
    Ok(address)
}

/// Copied by keyboard, and written into a page that is another site's to the frame.
fn snippet(site: &Site, browser: Browser, language: Language) -> Result<()> {
    let settings = settings_of("ridgeless", &[("gamma", "1.5"), ("samples", "60"), ("seeds", "2"), ("seed", "3")])?;
    let native = site.native(find("ridgeless").context("the lab is gone")?, &settings)?;
    let path = format!("/{}/lab/ridgeless/?gamma=1.5&samples=60&seeds=2&seed=3", language.code());
    let page = site.visit(browser, &path)?;
    page.lab("ridgeless").ready()?;
    run(
        &page,
        "const panel = await until(() => document.querySelector('.lab-take'), 'the panel');
         window.copied = '';
         Object.defineProperty(navigator, 'clipboard', { value: { writeText: async text => { window.copied = text; } } });
         panel.querySelector('summary').focus();",
        &[],
    )?;
    page.session().keys("\u{E007}")?;
    run(
        &page,
        "const panel = document.querySelector('.lab-take');
         await until(() => panel.open, 'the panel to open');
         panel.querySelector('.take-row input[type=checkbox]').focus();",
        &[],
    )?;
    page.session().keys(" ")?;
    run(
        &page,
        "const panel = document.querySelector('.lab-take');
         const theme = panel.querySelector('select');
         theme.value = 'dark';
         theme.dispatchEvent(new Event('change', { bubbles: true }));
         Array.from(panel.querySelectorAll('button')).find(({ textContent }) => /HTML/.test(textContent)).focus();",
        &[],
    )?;
    page.session().keys("\u{E007}")?;
    let copied = run(
        &page,
        "await until(() => window.copied, 'a snippet');
         // What is parsed here keeps to this page's policy, which is not that of the page that the snippet is for.
         const made = new DOMParser().parseFromString(window.copied.replace(/ style=.[^<>]*?; border: 0./, ''), 'text/html');
         const frame = made.querySelector('iframe');
         for (const name of ['src', 'title', 'width', 'height', 'loading']) expect(frame.getAttribute(name), `no ${name}`);
         expect(new URL(frame.src).origin === location.origin && made.querySelectorAll('body > *').length <= 2, window.copied);
         return window.copied;",
        &[],
    )?;
    page.expect_no_errors()?;
    page.session().go(&elsewhere()?)?;
    let digest = page.session().script_async(
        &format!(
            "const told = [];
             addEventListener('message', ({{ data }}) => told.push(data));
             const made = document.createElement('template');
             made.innerHTML = args[0];
             document.body.replaceChildren(made.content.querySelector('iframe'));
             // What is parsed apart does not run.
             const script = document.createElement('script');
             script.textContent = made.content.querySelector('script').textContent;
             document.body.append(script);
             const begun = performance.now();
             while (performance.now() - begun < {PATIENCE}) {{
                 const done = told.find(({{ type }}) => type === 'done');
                 const height = told.findLast(({{ type }}) => type === 'height')?.height;
                 if (done && height > 300 && document.querySelector('iframe').clientHeight === height) return done.digest;
                 await new Promise(resolve => setTimeout(resolve, 20));
             }}
             throw new Error(`the frame has told ${{JSON.stringify(told).slice(0, 600)}}`);"
        ),
        &[copied],
    )?;
    ensure!(digest == json!(native.digest), "the frame has run something else: {digest}");
    Ok(())
}
