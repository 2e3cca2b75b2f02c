//! What a reader takes away of a lab is all there, and what is brought back is met with suspicion.

use crate::{
    PATIENCE, Tests,
    support::{Page, Site, driver::Browser, query},
};
use anyhow::{Context, Result, ensure};
use biblatex::{Bibliography, ChunksExt};
use labs::{labs::find, settings::Settings, text::Language};
use serde_json::{Value, json};

/// A lab that is quick to run with few samples and seeds.
const LAB: &str = "ridgeless";
const ODD: [(&str, &str); 5] = [
    ("samples", "61"),
    ("gamma", "1.37"),
    ("estimator", "optimal_ridge"),
    ("seeds", "2"),
    ("seed", "9007199254740991"),
];

const HELPERS: &str = "
    const figure = document.querySelector('figure[data-lab]');
    const expect = (holds, what) => { if (!holds) throw new Error(what); };
    const until = (test, what) => probe.until(test, patience, typeof what === 'function' ? what : () => what);
    probe.touch();
    const panel = await until(() => figure.querySelector('.lab-take'), 'the panel');
    if (!panel.open) panel.querySelector('summary').click();
    const button = text => Array.from(panel.querySelectorAll('button')).find(({ textContent }) => text.test(textContent));
    const voice = panel.querySelector('[data-part=open] .take-answer');
    const settings = () => figure.lab('settings', '');
    const look = () => JSON.stringify([settings(), figure.dataset.state, figure.dataset.digest]);
    const idle = () => new Promise(resolve => requestAnimationFrame(() => requestAnimationFrame(resolve)));
    // What a button saves, and under which name.
    const saved = async text => {
        const found = {};
        const { createObjectURL } = URL;
        const { click } = HTMLAnchorElement.prototype;
        URL.createObjectURL = content => { found.blob = content; return createObjectURL.call(URL, content); };
        HTMLAnchorElement.prototype.click = function () { found.name = this.download; };
        button(text).click();
        await until(() => found.name, () => `a file; the panel says ${panel.innerText}`);
        URL.createObjectURL = createObjectURL;
        HTMLAnchorElement.prototype.click = click;
        return found;
    };
    const files = text => {
        const held = new DataTransfer();
        held.items.add(new File([text], 'run.json', { type: 'application/json' }));
        return held;
    };
    const bring = text => {
        const picker = panel.querySelector('input[type=file]');
        picker.files = files(text).files;
        picker.dispatchEvent(new Event('change', { bubbles: true }));
    };
    const module = async name => {
        const part = new RegExp(`study.${name}-`);
        return import(performance.getEntriesByType('resource').find(({ name }) => part.test(name)).name);
    };
";

/// The tests of this module.
pub fn add(tests: &mut Tests) {
    for (browser, language) in [(Browser::Chromium, Language::English), (Browser::Firefox, Language::Chinese)] {
        let mut add = |what: &str, body: fn(&Site, Browser, Language) -> Result<()>| {
            let name = format!("{}::{}::take::{what}", browser.name(), language.code());
            tests.add(name, move |site| body(site, browser, language));
        };
        add("a_saved_run_comes_back_to_the_same_digest", round_trip);
        add("pictures_have_the_size_that_the_reader_sees", pictures);
    }
    tests.add("chromium::zh::take::a_file_that_is_no_run_changes_nothing_and_is_told".into(), hostile);
    tests.add("chromium::en::take::a_run_that_gives_other_numbers_is_told_with_the_reason".into(), disagreement);
    tests.add("chromium::en::take::a_file_asked_for_at_once_is_not_forgotten".into(), early);
    for language in Language::ALL {
        let name = format!("chromium::{}::take::a_citation_is_an_entry_for_this_very_run", language.code());
        tests.add(name, move |site| citation(site, language));
    }
}

fn odd() -> Result<Settings> {
    let lab = find(LAB).context("the lab is gone")?;
    let (settings, refusals) = Settings::read(lab.schema(), ODD);
    ensure!(refusals.is_empty(), "{refusals:?}");
    Ok(settings)
}

/// The lab's page with a run at odd settings that is over.
fn visit(site: &Site, browser: Browser, language: Language) -> Result<Page<'_>> {
    let lab = find(LAB).context("the lab is gone")?;
    let query = query(lab.schema(), &odd()?);
    let page = site.visit(browser, &format!("/{}/lab/{LAB}/?{query}&run=1", language.code()))?;
    page.lab(LAB).expect_done()?;
    Ok(page)
}

fn run(page: &Page, body: &str, arguments: &[Value]) -> Result<Value> {
    page.run_script(&format!("const patience = {PATIENCE};{HELPERS}{body}"), arguments)
}

fn round_trip(site: &Site, browser: Browser, language: Language) -> Result<()> {
    let native = site.native(find(LAB).context("the lab is gone")?, &odd()?)?;
    let page = visit(site, browser, language)?;
    run(
        &page,
        "const { blob, name } = await saved(/^(Save JSON|保存 JSON)$/);
         expect(name === `${figure.dataset.lab}.json`, name);
         const text = await blob.text();
         const file = JSON.parse(text);
         expect(file.digest === args[0], 'the file has another digest');
         for (const { dataset: { output, value } } of figure.querySelectorAll('[data-output]')) {
             const [written, shown] = [file.outputs[output], Number(value)];
             expect(Number.isFinite(shown) ? Object.is(written, shown) : written === null, `${output} = ${value} is ${written} in the file`);
         }
         expect(file.series.length === args[1], `${file.series.length} series`);
         for (const part of ['version', 'program', 'address']) expect(file[part].length > 3, `the file does not name its ${part}`);
         const before = settings();
         figure.lab('press', 'reset');
         await idle();
         expect(settings() !== before, 'it is not reset');
         bring(text);
         await until(() => voice.textContent.includes(args[0]), () => `an answer with the digest; it says ${voice.textContent}`);
         expect(settings() === before && figure.dataset.digest === args[0], 'the run is not the saved one');
         // Dropped on the lab from another place.
         figure.lab('press', 'reset');
         const answer = figure.querySelector('.lab-buttons ~ .take-answer');
         figure.querySelector('.lab-panels').dispatchEvent(
             new DragEvent('drop', { dataTransfer: files(text), bubbles: true, cancelable: true }));
         await until(() => answer.textContent.includes(args[0]), () => `an answer beside the buttons; it says ${answer.textContent}`);
         expect(settings() === before, 'a dropped file does not restore the settings');",
        &[json!(native.digest), json!(native.report.figure.series().len())],
    )?;
    page.expect_no_errors()
}

/// What makes files comes late, and comes for the first that is asked for.
fn early(site: &Site) -> Result<()> {
    let page = site.visit(Browser::Chromium, &format!("/en/lab/{LAB}/"))?;
    let shown = page.lab(LAB);
    let text = shown.ready()?.ask("saved", &[json!("Download")])?;
    let digest = shown.shown()?.digest;
    ensure!(
        text.as_str().is_some_and(|text| text.contains(&digest)),
        "the file is not that of the printed run: {text}"
    );
    page.expect_no_errors()
}

fn pictures(site: &Site, browser: Browser, language: Language) -> Result<()> {
    let page = visit(site, browser, language)?;
    run(
        &page,
        "Object.defineProperty(window, 'devicePixelRatio', { value: 1.5, configurable: true });
         const { width } = figure.querySelector('.lab-panels').getBoundingClientRect();
         for (const theme of ['dark', 'light']) {
             document.documentElement.dataset.theme = theme;
             const paper = getComputedStyle(document.documentElement).getPropertyValue('--paper').trim();
             const text = await (await saved(/^(Save SVG|保存 SVG)$/)).blob.text();
             const svg = new DOMParser().parseFromString(text, 'image/svg+xml').documentElement;
             expect(svg.tagName === 'svg', `not an SVG: ${text.slice(0, 200)}`);
             expect(!/<script|<foreignObject|href|var\\(/.test(text), 'more than a drawing');
             expect(Math.abs(svg.getAttribute('width') - 40 - width) < 1, `${svg.getAttribute('width')} wide, the figure ${width}`);
             expect(text.includes(paper), `the paper is not ${paper}`);
             for (const { textContent } of figure.querySelectorAll('.lab-legend li')) {
                 expect(svg.textContent.includes(textContent), `no ${textContent} in the legend`);
             }
             const { blob, name } = await saved(/^(Save PNG|保存 PNG)$/);
             const image = await createImageBitmap(blob);
             const sides = ['width', 'height'].map(side => Math.round(svg.getAttribute(side) * 1.5));
             expect(image.width === sides[0] && image.height === sides[1], `${image.width} × ${image.height}, not ${sides}`);
             const canvas = new OffscreenCanvas(image.width, image.height).getContext('2d');
             canvas.drawImage(image, 0, 0);
             const pixels = canvas.getImageData(0, 0, image.width, image.height).data;
             const corner = '#' + Array.from(pixels.subarray(0, 3), value => value.toString(16).padStart(2, '0')).join('');
             expect(corner === paper, `the picture begins with ${corner}`);
             const colors = new Set(new Uint32Array(pixels.buffer));
             expect(colors.size > 20, `${colors.size} colors`);
         }",
        &[],
    )?;
    page.expect_no_errors()
}

fn hostile(site: &Site) -> Result<()> {
    let page = visit(site, Browser::Chromium, Language::Chinese)?;
    run(
        &page,
        "const good = await (await saved(/^保存 JSON$/)).blob.text();
         const file = JSON.parse(good);
         const before = look();
         const wrong = [
             ['', /不是 JSON/], ['{', /不是 JSON/], [good.slice(0, -30), /不是 JSON/], ['[]', /不是实验/], ['null', /不是实验/],
             ['{\"format\":\"x\"}', /不是实验/],
             [JSON.stringify({ ...file, format: 'why-it-generalizes/2' }), /不认识/],
             [JSON.stringify({ ...file, lab: 'max-margin' }), /max-margin/],
             [JSON.stringify({ ...file, lab: '<img src=x onerror=alert(1)>' }), /已损坏/],
             [JSON.stringify({ ...file, params: { ...file.params, gamma: 99 } }), /超出范围/],
             [JSON.stringify({ ...file, params: { ...file.params, gamma: 'one' } }), /不接受/],
             [JSON.stringify({ ...file, params: { ...file.params, run: 1 } }), /没有 run/],
             [JSON.stringify({ ...file, params: { ...file.params, hide: 'seed' } }), /没有 hide/],
             [JSON.stringify({ ...file, params: { gamma: 1 } }), /没有给出/],
             [good.replace('\"params\":{', '\"params\":{\"__proto__\":{\"gamma\":1},'), /已损坏/],
             [JSON.stringify({ ...file, seed: -1 }), /已损坏/], [JSON.stringify({ ...file, seed: 1e300 }), /已损坏/],
             [JSON.stringify({ ...file, digest: {} }), /已损坏/],
             [' '.repeat(1.1e7), /更大|都大/],
         ];
         for (const [text, sentence] of wrong) {
             voice.textContent = '';
             bring(text);
             await until(() => voice.textContent, 'an answer');
             expect(sentence.test(voice.textContent), `${text.slice(0, 80)} is answered with ${voice.textContent}`);
             await idle();
             expect(look() === before, `${text.slice(0, 80)} changes the lab`);
         }
         const [{ read, Refusal }, { live }] = await Promise.all([module('restore'), module('plot')]);
         const lab = await live(figure);
         // The same in every run.
         let state = 1;
         const below = count => { state = (state * 48271) % 2147483647; return state % count; };
         const odd = ['null', '-1', '1e999', '[]', '{}', '\"\"', '\"\\\\u0000\"', 'true', '1e-320', '99999999999999999999', '\"<b>\"', '\"&run=1\"'];
         const mutate = text => {
             const at = below(600);
             switch (below(5)) {
                 case 0: return text.slice(0, at) + text.slice(at + 1 + below(40));
                 case 1: return text.slice(0, at) + String.fromCharCode(below(200)) + text.slice(at + 1);
                 case 2: return text.slice(0, at) + text.slice(below(600));
                 case 3: return text.replace(/:(\"[^\"]*\"|[-\\d.e]+)/g, found => (below(9) ? found : `:${odd[below(odd.length)]}`));
                 default: return text.replace(/\"(\\w+)\":/g, (found, name) => (below(12) ? found : `\"${name}${below(3) ? 's' : ''}\":`));
             }
         };
         const told = { taken: 0, refused: 0 };
         for (let round = 0; round < 300; round += 1) {
             const text = mutate(below(3) ? good : mutate(good));
             try {
                 const saved = read(text, lab);
                 told.taken += 1;
                 expect(!lab.check(saved.settings).length, `${text.slice(0, 600)} is taken`);
             } catch (error) {
                 told.refused += 1;
                 expect(error instanceof Refusal && /[\\u4e00-\\u9fff].*。$/.test(error.message), `${error}: ${text.slice(0, 600)}`);
             }
         }
         expect(told.refused > 100 && told.taken > 0, JSON.stringify(told));
         expect(look() === before, 'reading files changes the lab');",
        &[],
    )?;
    page.expect_no_errors()
}

fn disagreement(site: &Site) -> Result<()> {
    let page = visit(site, Browser::Chromium, Language::English)?;
    run(
        &page,
        "const file = JSON.parse(await (await saved(/^Save JSON$/)).blob.text());
         const answer = async changed => {
             voice.textContent = '';
             bring(JSON.stringify({ ...file, ...changed }));
             await until(() => /^Restored/.test(voice.textContent), () => `an answer; it says ${voice.textContent}`);
             return voice.textContent;
         };
         const wanted = [
             [{ digest: 'f'.repeat(16) }, /other numbers: digest f{16} in the file.*Version and program are the same/],
             [{ digest: 'f'.repeat(16), version: '0.0.1' }, /saved by version 0\\.0\\.1 of the book/],
             [{ digest: 'f'.repeat(16), program: 'linear-0' }, /program is another: linear-0 then, linear-[0-9a-f]{16} now/],
             [{ digest: '' }, /no digest to compare/],
             [{ outputs: { ...file.outputs, bias: 0 } }, /other numbers than the run for bias/],
             [{}, /same numbers to the last bit/],
         ];
         for (const [changed, sentence] of wanted) {
             const said = await answer(changed);
             expect(sentence.test(said), `${JSON.stringify(changed)} is answered with ${said}`);
         }",
        &[],
    )?;
    page.expect_no_errors()
}

fn citation(site: &Site, language: Language) -> Result<()> {
    let page = visit(site, Browser::Chromium, language)?;
    let entry = run(
        &page,
        "const field = await until(() => Array.from(panel.querySelectorAll('textarea')).find(({ value }) => value.startsWith('@')), 'an entry');
         const { blob, name } = await saved(/^(Save .bib|保存 .bib)$/);
         expect(name === `${figure.dataset.lab}.bib` && await blob.text() === field.value, 'the file is not the entry');
         return field.value;",
        &[],
    )?;
    let text = entry.as_str().context("no text")?;
    let works = Bibliography::parse(text).map_err(|error| anyhow::anyhow!("{error}: {text}"))?;
    let [work] = &works.clone().into_vec()[..] else { anyhow::bail!("not one entry: {text}") };
    let field = |name: &str| work.get(name).map(ChunksExt::format_verbatim).unwrap_or_default();
    let lab = find(LAB).context("the lab is gone")?;
    let native = site.native(lab, &odd()?)?;
    ensure!(field("title") == lab.schema().title.get(language), "the title is {}", field("title"));
    let note = field("note");
    for (name, value) in ODD {
        let said = if name == "seed" { format!(" {value}") } else { format!("{name} = {value}") };
        ensure!(note.contains(&said), "{said} is not in the note {note}");
    }
    ensure!(note.contains(&native.digest), "the digest is not in the note {note}");
    let year = field("urldate").split('-').next().unwrap_or_default().to_owned();
    ensure!(year.len() == 4 && year == field("year"), "the date is {}", field("urldate"));
    // The address is the run.
    let address = field("url");
    ensure!(address.contains(&format!("/{}/lab/{LAB}/?", language.code())), "the address is {address}");
    page.session().go(&address)?;
    let shown = page.lab(LAB).expect_done()?;
    ensure!(shown.digest == native.digest, "the address leads to another run: {address}");
    page.expect_no_errors()
}
