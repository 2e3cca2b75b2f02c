//! Where was I: what readers have read and done, shown in the contents and on a page of its own, kept in their browser.

use crate::{
    PATIENCE, Tests,
    support::{Page, Site, driver::Browser},
};
use anyhow::{Context, Result, ensure};
use labs::text::Language;
use serde_json::{Value, json};

/// The characters of `WebDriver` for keys that write nothing.
const ENTER: char = '\u{E007}';
const ESCAPE: char = '\u{E00C}';

/// Where the progress is kept, and what holds it before anything is done.
const KEY: &str = "why-it-generalizes.progress";

/// Words for what the page shows.
const HELPERS: &str = "
    const expect = (holds, what) => { if (!holds) throw new Error(what); };
    const PATIENCE = 60000;
    const links = Array.from(document.querySelectorAll('nav.contents a'));
    const read = () => links.filter(link => link.querySelector('[role=img][aria-label]')?.textContent === '✓')
        .map(link => link.hash.slice(1));
    const main = document.querySelector('main[data-journey]');
    const buttons = Array.from(main?.querySelectorAll('button') ?? []);
    const [take, bring, forget] = buttons;
    const status = () => main.querySelector('[role=status]').textContent;
    // The chapter that the tests read is the book's first.
    const chapter = main?.querySelector('section[data-chapter]');
    const items = kind => Array.from(chapter.querySelectorAll(`ul[data-kind=${kind}] li`));
    const count = kind => main.querySelectorAll(`ul[data-kind=${kind}] li`).length;
    const isDone = item => item.querySelector('[role=img]').textContent === '✓';
    const done = kind => items(kind).filter(isDone).map(item => item.dataset.id);
    const exported = async () => {
        let blob;
        let name;
        const make = URL.createObjectURL;
        const click = HTMLAnchorElement.prototype.click;
        URL.createObjectURL = content => { blob = content; return make.call(URL, content); };
        HTMLAnchorElement.prototype.click = function() { name = this.download; };
        take.click();
        URL.createObjectURL = make;
        HTMLAnchorElement.prototype.click = click;
        return { name, text: await blob.text() };
    };
    const imported = async text => {
        const input = main.querySelector('input[type=file]');
        const files = new DataTransfer();
        files.items.add(new File([text], 'progress.json', { type: 'application/json' }));
        input.files = files.files;
        main.querySelector('[role=status]').textContent = '';
        input.dispatchEvent(new Event('change', { bubbles: true }));
        return probe.until(status, 5000, () => 'a word on the file');
    };
";

/// The tests of this module.
pub fn add(tests: &mut Tests) -> Result<()> {
    for language in Language::ALL {
        let Some(chapter) = tests.site.chapter_with("ridgeless", language)? else { continue };
        for browser in Browser::ALL {
            let mut add = |what: &str, body: fn(&Page, &Place) -> Result<()>| {
                let place = Place::of(language, &chapter);
                tests.add(format!("{}::/{chapter}::journey::{what}", browser.name()), move |site| {
                    let page = site.blank(browser)?;
                    body(&page, &place)?;
                    page.expect_no_errors()
                });
            };
            add("a_section_is_read_once_time_was_spent_in_it_and_its_end_was_seen", reading);
            add("the_page_lists_all_there_is_in_the_chapter", lists);
            add("the_page_leads_on_from_the_last_section_read", leads_on);
            add("what_is_exported_comes_back_by_import", round_trip);
            add("import_adds_and_takes_nothing_away", merging);
            add("bad_files_change_nothing", bad_files);
            add("forgetting_asks_and_can_be_undone_by_keyboard", forgetting);
        }
        let place = Place::of(language, &chapter);
        tests.add(format!("chromium::/{chapter}::journey::scrolling_past_is_not_reading"), move |site| {
            let page = site.blank(Browser::Chromium)?;
            scrolling(&page, &place)
        });
        let place = Place::of(language, &chapter);
        tests.add(format!("chromium::/{chapter}::journey::without_storage_it_works_and_says_so"), move |site| {
            without_storage(site, &place)
        });
    }
    Ok(())
}

/// Where the pages are.
struct Place {
    /// `/en/`
    home: String,
    /// `/en/double-descent/`
    chapter: String,
    /// `double-descent`
    slug: String,
}

impl Place {
    fn of(language: Language, chapter: &str) -> Self {
        let home = format!("/{}/", language.code());
        let slug = chapter.trim_end_matches('/').rsplit('/').next().unwrap_or_default().to_owned();
        Self { home, chapter: format!("/{chapter}"), slug }
    }

    fn journey(&self) -> String {
        format!("{}journey/", self.home)
    }
}

/// Runs a script with the helpers.
fn run(page: &Page, body: &str, arguments: &[Value]) -> Result<Value> {
    page.run_script(&format!("{HELPERS}{body}"), arguments)
}

/// Opens a page and waits until what helps to study is alive.
fn open(page: &Page, path: &str) -> Result<()> {
    page.go(path)?;
    let body = "probe.touch(); await probe.until(() => 'study' in document.documentElement.dataset, args[0], () => 'what helps to study');";
    page.run_script(body, &[json!(PATIENCE)]).map(drop)
}

/// Opens the page that shows the journey, with this done in the chapter: sections in their order, and exercises.
fn open_journey(page: &Page, place: &Place, sections: &[&str], exercises: &[&str]) -> Result<()> {
    page.go(&place.journey())?;
    let id = |id: &&str| format!("{}/{id}", place.slug);
    let sections: serde_json::Map<_, _> =
        sections.iter().zip(1..).map(|(name, order)| (id(name), json!(order))).collect();
    let exercises: serde_json::Map<_, _> = exercises.iter().map(|name| (id(name), json!(true))).collect();
    let kept = json!({ "version": 1, "kinds": { "section": sections, "exercise": exercises } });
    page.run_script("localStorage.setItem(args[0], args[1]);", &[json!(KEY), json!(kept.to_string())])?;
    open(page, &place.journey())
}

/// The ids of the chapter's sections and exercises, as the journey lists them.
fn listed(page: &Page, kind: &str) -> Result<Vec<String>> {
    let ids = run(page, "return items(args[0]).map(item => item.dataset.id);", &[json!(kind)])?;
    Ok(serde_json::from_value(ids)?)
}

fn reading(page: &Page, place: &Place) -> Result<()> {
    open(page, &place.chapter)?;
    // The last section but one is short, and its end is in view together with all of it.
    let section = run(
        page,
        "expect(!read().length, `${read()} are read before anyone was here`);
         const heights = links.slice(1).map((link, index) => {
             const top = id => document.getElementById(id).getBoundingClientRect().top;
             return [top(link.hash.slice(1)) - top(links[index].hash.slice(1)), index];
         });
         const [, shortest] = heights.sort((a, b) => a[0] - b[0])[0];
         const next = document.getElementById(links[shortest + 1].hash.slice(1));
         const stay = () => next.scrollIntoView({ block: 'end', behavior: 'instant' });
         stay();
         // Labs above may still grow.
         const id = links[shortest].hash.slice(1);
         await probe.until(() => { stay(); return read().includes(id); }, 90000, () => `${id} to be read`);
         expect(read().length <= 3, `${read()} are read`);
         return id;",
        &[],
    )?;
    open(page, &place.chapter)?;
    run(
        page,
        "expect(read().includes(args[0]), `after a reload ${read()} are read`);",
        std::slice::from_ref(&section),
    )?;
    page.follow_language_link()?;
    page.run_script(
        "probe.touch(); await probe.until(() => 'study' in document.documentElement.dataset, 60000, () => 'what helps to study');",
        &[],
    )?;
    run(
        page,
        "expect(read().includes(args[0]), `in the other language ${read()} are read`);",
        std::slice::from_ref(&section),
    )?;
    open(page, &place.home)?;
    run(
        page,
        "const line = document.querySelector(`li[data-chapter=\"${args[0]}\"]`);
         const [, part, whole] = /(\\d+)\\/(\\d+)/.exec(line.textContent);
         expect(part >= 1 && part <= 3 && whole === line.dataset.journey, line.textContent);
         expect(line.querySelector('[role=img]').ariaLabel.includes(part), 'it is not told without sight');",
        &[json!(place.slug)],
    )?;
    open(page, &place.journey())?;
    run(page, "expect(done('section').includes(args[0]), `${done('section')} are read`);", &[section]).map(drop)
}

fn scrolling(page: &Page, place: &Place) -> Result<()> {
    open(page, &place.chapter)?;
    run(
        page,
        "for (let at = 0; at < document.body.scrollHeight; at += innerHeight / 2) {
             scrollTo({ top: at, behavior: 'instant' });
             await probe.pause(60);
         }
         await probe.pause(1500);
         expect(!read().length, `${read()} count as read`);",
        &[],
    )
    .map(drop)
}

fn lists(page: &Page, place: &Place) -> Result<()> {
    open(page, &place.chapter)?;
    let there = page.value(
        "(() => { const ids = query => Array.from(document.querySelectorAll(query), element => element.id);
            return {
                section: Array.from(document.querySelectorAll('nav.contents a'), link => link.hash.slice(1)),
                guess: ids('.predict[id]'), challenge: ids('.challenge[id]'), exercise: ids('.exercise[id]'),
            }; })()",
    )?;
    open_journey(page, place, &[], &[])?;
    let kinds = there.as_object().context("the chapter has nothing")?;
    for (kind, ids) in kinds {
        ensure!(json!(listed(page, kind)?) == *ids, "of each {kind} the chapter has {ids}");
    }
    run(
        page,
        "expect(!main.querySelector('li a a'), 'a link stands in a link');
         for (const kind of ['section', 'guess', 'challenge', 'exercise']) expect(!done(kind).length, `a ${kind} is done`);",
        &[],
    )
    .map(drop)
}

fn leads_on(page: &Page, place: &Place) -> Result<()> {
    open_journey(page, place, &[], &[])?;
    let sections = listed(page, "section")?;
    let exercises = listed(page, "exercise")?;
    let [first, second, third, ..] = sections.as_slice() else { return Ok(()) };
    let [exercise, ..] = exercises.as_slice() else { return Ok(()) };
    let hashes = "Array.from(main.querySelectorAll('.resume a'), link => link.hash.slice(1))";
    run(page, &format!("expect({hashes}.join() === args[0], {hashes}.join());"), &[json!(first)])?;
    // In the order in which they were read, not that of the book.
    open_journey(page, place, &[third, first], &[exercise])?;
    let expected = json!([first, second]);
    run(
        page,
        &format!(
            "expect({hashes}.join() === args[0].join(), {hashes}.join());
             const sums = main.querySelector('.sums').textContent;
             expect(sums.includes(`2/${{count('section')}}`) && sums.includes(`1/${{count('exercise')}}`), sums);
             expect(done('exercise').join() === args[1], `${{done('exercise')}} are done`);"
        ),
        &[expected, json!(exercise)],
    )?;
    // Another page of the book, which has the same storage.
    run(
        page,
        "const frame = document.createElement('iframe');
         document.body.append(frame);
         const kept = JSON.parse(localStorage.getItem(args[0]));
         kept.kinds.section[args[1]] = 3;
         frame.contentWindow.localStorage.setItem(args[0], JSON.stringify(kept));
         await probe.until(() => done('section').length === 3, 5000, () => 'what another page did');
         frame.remove();",
        &[json!(KEY), json!(format!("{}/{second}", place.slug))],
    )
    .map(drop)
}

fn round_trip(page: &Page, place: &Place) -> Result<()> {
    open_journey(page, place, &[], &[])?;
    let (sections, exercises) = (listed(page, "section")?, listed(page, "exercise")?);
    let [section, other, ..] = sections.as_slice() else { return Ok(()) };
    let Some(exercise) = exercises.first() else { return Ok(()) };
    open_journey(page, place, &[section, other], &[exercise])?;
    run(
        page,
        "const before = performance.getEntriesByType('resource').length;
         const { name, text } = await exported();
         expect(name.endsWith('.json'), `the file is called ${name}`);
         localStorage.removeItem(args[0]);
         dispatchEvent(new StorageEvent('storage', { key: args[0] }));
         expect(!done('section').length && !done('exercise').length, 'it is all there still');
         const said = await imported(text);
         expect(said.includes('3'), said);
         expect(done('section').length === 2 && done('exercise').length === 1, 'not all came back');
         const parts = text => { const { section, exercise } = JSON.parse(text).kinds; return JSON.stringify([section, exercise]); };
         expect(parts((await exported()).text) === parts(text), 'it is not the same any more');
         const entries = performance.getEntriesByType('resource').slice(before);
         expect(entries.every(({ name }) => name.startsWith('blob:')), `asked for ${entries.map(({ name }) => name)}`);",
        &[json!(KEY)],
    )
    .map(drop)
}

fn merging(page: &Page, place: &Place) -> Result<()> {
    open_journey(page, place, &[], &[])?;
    let (sections, exercises) = (listed(page, "section")?, listed(page, "exercise")?);
    let [first, second, third, ..] = sections.as_slice() else { return Ok(()) };
    let Some(exercise) = exercises.first() else { return Ok(()) };
    open_journey(page, place, &[first, second], &[])?;
    let text = run(page, "return (await exported()).text;", &[])?;
    open_journey(page, place, &[third, second], &[exercise])?;
    run(
        page,
        "const said = await imported(args[0]);
         expect(said.includes('1'), said);
         expect(done('section').length === 3 && done('exercise').length === 1, 'something was taken away or left out');
         const again = await imported(args[0]);
         expect(again !== said && done('section').length === 3, again);
         const [last] = main.querySelectorAll('.resume a');
         expect(last.hash === `#${args[1]}`, `last read is ${last.hash}`);",
        &[text, json!(first)],
    )
    .map(drop)
}

fn bad_files(page: &Page, place: &Place) -> Result<()> {
    open_journey(page, place, &[], &[])?;
    let sections = listed(page, "section")?;
    let Some(section) = sections.first() else { return Ok(()) };
    open_journey(page, place, &[section], &[])?;
    run(
        page,
        "const before = localStorage.getItem(args[0]);
         const { text } = await exported();
         const change = change => { const whole = JSON.parse(text); change(whole); return JSON.stringify(whole); };
         const bad = [
             '', 'what is this', 'null', '7', '[]', '{}', text.slice(0, -5),
             change(whole => { whole.book = 'another'; }),
             change(whole => { whole.version = 2; }),
             change(whole => { whole.kinds = null; }),
             change(whole => { whole.kinds.section = { 'a/b': 'yes' }; }),
             change(whole => { whole.kinds.exercise = { '<b>': true }; }),
             ' '.repeat(5e6) + text,
         ];
         const said = new Set();
         for (const file of bad) said.add(await imported(file));
         expect(said.size === 1, `bad files are answered with ${[...said].join(' | ')}`);
         expect(localStorage.getItem(args[0]) === before && done('section').length === 1, 'something was changed');
         const good = change(whole => { whole.kinds.exercise = { 'a/b': true }; });
         expect(!said.has(await imported(good)), 'a good file is refused');",
        &[json!(KEY)],
    )
    .map(drop)
}

fn forgetting(page: &Page, place: &Place) -> Result<()> {
    open_journey(page, place, &[], &[])?;
    let (sections, exercises) = (listed(page, "section")?, listed(page, "exercise")?);
    let [section, other, ..] = sections.as_slice() else { return Ok(()) };
    let Some(exercise) = exercises.first() else { return Ok(()) };
    open_journey(page, place, &[section, other], &[exercise])?;
    let all = "done('section').length === 2 && done('exercise').length === 1";
    let press = |keys: &[char]| page.session().keys(&keys.iter().collect::<String>());
    run(page, "forget.focus();", &[])?;
    // The first answer that has the focus is the harmless one.
    press(&[ENTER])?;
    run(page, "expect(main.querySelector('dialog[open]'), 'it does not ask');", &[])?;
    press(&[ENTER])?;
    run(page, &format!("expect(!main.querySelector('dialog[open]') && {all}, 'it forgets at once');"), &[])?;
    press(&[ENTER, ESCAPE])?;
    run(page, &format!("expect(!main.querySelector('dialog[open]') && {all}, 'it forgets on Escape');"), &[])?;
    press(&[ENTER])?;
    run(page, "main.querySelector('dialog button').focus();", &[])?;
    press(&[ENTER])?;
    run(
        page,
        "expect(!done('section').length && !done('exercise').length && status(), 'it does not forget');
         expect(!localStorage.getItem(args[0]).includes(args[1]), 'the storage does not forget');",
        &[json!(KEY), json!(section)],
    )?;
    // The focus is on what takes it back.
    press(&[ENTER])?;
    run(page, &format!("expect({all}, 'it does not come back');"), &[])?;
    open(page, &place.journey())?;
    run(page, &format!("expect({all}, 'it does not stay');"), &[]).map(drop)
}

fn without_storage(site: &Site, place: &Place) -> Result<()> {
    let page = site.blank(Browser::Chromium)?;
    open_journey(&page, place, &[], &[])?;
    let Some(section) = listed(&page, "section")?.into_iter().next() else { return Ok(()) };
    run(&page, "expect(!probe.visible(main.querySelector('.notice')), 'it says that it forgets');", &[])?;
    // It stays with the browser, so it waits for an address that no other test uses.
    let script = "if (location.search === '?storage=no') Object.defineProperty(window, 'localStorage', \
                  { get() { throw new DOMException('none', 'SecurityError'); } });";
    page.session().devtools("Page.addScriptToEvaluateOnNewDocument", &json!({ "source": script }))?;
    open(&page, &format!("{}?storage=no", place.journey()))?;
    let file = json!({
        "book": "why-it-generalizes", "version": 1, "kinds": { "section": { format!("{}/{section}", place.slug): 1 } },
    });
    run(
        &page,
        "expect(probe.visible(main.querySelector('.notice')), 'it does not say that it forgets');
         await imported(args[0]);
         expect(done('section').length === 1, 'what is imported is not shown');
         expect(JSON.parse((await exported()).text).kinds.section, 'nothing can be exported');",
        &[json!(file.to_string())],
    )?;
    page.expect_no_errors()?;
    page.go(&place.journey())
}
