//! What goes wrong for readers: after each fault they are told in their language what happened, and there is one way on.

use crate::{
    PATIENCE, Tests,
    support::{
        Page, Site,
        driver::Browser,
        expect_same, query,
        server::{Answer, Host, PROBE_NAME},
        three_settings,
    },
};
use anyhow::{Context, Result, ensure};
use labs::{
    labs::{ALL, find},
    settings::Settings,
    text::Language,
};
use serde_json::json;
use std::sync::{Arc, Mutex, PoisonError};

type Lab = &'static dyn labs::lab::AnyLab;

/// A lab whose run lasts for seconds.
const LONG: &str = "network-width";
/// The lab that loads a data set.
const WITH_DATA: &str = "edge-noise";
/// Settings with which a run diverges.
const DIVERGING: (&str, &str) = (
    "signal-noise-cnn",
    "activation_power=4&learning_rate=20&init_scale=0.2&snr=1.2&dimension=4000&label_flip=0.2&seeds=3&seed=1",
);

/// The tests of this module.
pub fn add(tests: &mut Tests) {
    for browser in Browser::ALL {
        let name = |what: &str| format!("{}::faults::{what}", browser.name());
        tests
            .add(name("worker_that_dies_in_mid_run_is_told_of_and_run_begins_anew"), move |site| killed(site, browser));
        tests.add(name("helper_that_dies_in_mid_run_leaves_its_work_to_the_others"), move |site| {
            helper_killed(site, browser)
        });
        tests.add(name("worker_program_that_does_not_load_is_told_of_and_run_loads_it"), move |site| {
            no_worker_program(site, browser)
        });
        tests.add(name("page_program_that_does_not_load_is_told_of_and_a_reload_heals"), move |site| {
            no_page_program(site, browser)
        });
        tests.add(name("lab_out_of_memory_is_told_of_and_smaller_settings_run"), move |site| {
            out_of_memory(site, browser)
        });
        tests.add(name("run_that_diverges_is_told_of_and_reset_leads_back"), move |site| diverges(site, browser));
        tests.add(name("lab_in_a_hidden_tab_ends_with_the_same_numbers"), move |site| hidden(site, browser));
        tests.add(name("two_tabs_run_at_once_and_keep_what_the_other_kept"), move |site| two_tabs(site, browser));
        tests.add(name("back_and_forward_through_ten_labs"), move |site| back_and_forward(site, browser));
        tests.add(name("page_without_storage_works_and_says_what_it_forgets"), move |site| {
            storage(site, browser, NO_STORAGE)
        });
        for &lab in ALL {
            let id = &lab.schema().id;
            tests.add(
                format!("{}::{id}::every_end_and_200_random_settings_leave_it_alive", browser.name()),
                move |site| any_settings(site, browser, lab),
            );
        }
    }
    tests.add("chromium::faults::full_storage_works_and_says_what_it_forgets".into(), |site| {
        storage(site, Browser::Chromium, FULL_STORAGE)
    });
    tests.add("chromium::faults::clock_that_jumps_changes_no_number".into(), clock);
    tests.add("chromium::faults::helpers_that_retire_leave_their_work_to_a_paused_run".into(), helpers_retire);
    tests.add("chromium::faults::network_that_goes_in_mid_load_is_told_of_and_its_return_heals".into(), offline);
    tests.add("chromium::faults::program_that_breaks_down_is_told_of".into(), broken_down);
    tests.add("chromium::faults::every_page_fits_320_pixels_and_200_percent".into(), narrow);
    tests.add("chromium::faults::high_contrast_keeps_figures_and_controls_in_sight".into(), high_contrast);
}

/// How a file is spoiled.
#[derive(Clone, Copy, Debug)]
enum Spoiled {
    Missing,
    Failing,
    Garbage,
    Cut,
}

const WAYS: [Spoiled; 4] = [Spoiled::Missing, Spoiled::Failing, Spoiled::Garbage, Spoiled::Cut];

/// A host on which things go wrong.
struct Trouble {
    host: Host,
    spoiled: Arc<Mutex<Vec<(String, Spoiled)>>>,
}

impl Trouble {
    /// Serves the site; `script` runs in every page before its own, `worker` in every worker. The workers' programs may
    /// have so much more memory than they begin with, in pages of 64 KiB.
    fn begin(site: &Site, script: &str, worker: &str, memory: Option<u32>) -> Result<Self> {
        let spoiled: Arc<Mutex<Vec<(String, Spoiled)>>> = Arc::default();
        let (plan, script, worker) = (spoiled.clone(), script.to_owned(), worker.to_owned());
        let host = site.host_with(Box::new(move |path, bytes| {
            let plan = plan.lock().unwrap_or_else(PoisonError::into_inner);
            let named = |ending: &str| path.rsplit('.').next() == Some(ending);
            match plan.iter().find(|(part, _)| path.contains(part.as_str())) {
                Some((_, Spoiled::Missing)) => Answer::Refused("404 Not Found"),
                Some((_, Spoiled::Failing)) => Answer::Refused("500 Internal Server Error"),
                Some((_, Spoiled::Garbage)) => Answer::Whole(b"<!doctype html><title>Log in</title>".to_vec()),
                Some((_, Spoiled::Cut)) => Answer::Broken(bytes),
                None if path == PROBE_NAME => Answer::Whole([&bytes, script.as_bytes()].concat()),
                None if path.contains("load-worker") => Answer::Whole([worker.as_bytes(), &bytes].concat()),
                None if path.contains("worker-") && named("wasm") => {
                    let limited = memory.and_then(|pages| with_limit(&bytes, pages));
                    Answer::Whole(limited.unwrap_or(bytes))
                }
                None => Answer::Whole(bytes),
            }
        }))?;
        Ok(Self { host, spoiled })
    }

    /// Spoils every file whose path contains one of these.
    fn spoil(&self, parts: &[&str], way: Spoiled) {
        let mut plan = self.spoiled.lock().unwrap_or_else(PoisonError::into_inner);
        *plan = parts.iter().map(|part| ((*part).to_owned(), way)).collect();
    }

    fn heal(&self) {
        self.spoil(&[], Spoiled::Missing);
    }

    fn go(&self, page: &Page, path: &str) -> Result<()> {
        page.session().go(&format!("{}{path}", self.host.address))
    }
}

/// Reads a number of a WebAssembly module, and how many bytes it takes.
fn number(bytes: &[u8]) -> Option<(u32, usize)> {
    let length = bytes.iter().position(|byte| byte & 0x80 == 0)? + 1;
    let value = bytes[..length].iter().rev().fold(0_u64, |value, byte| value << 7 | u64::from(byte & 0x7f));
    Some((u32::try_from(value).ok()?, length))
}

/// Writes one, in as few bytes as it takes.
fn written(mut value: u32) -> Vec<u8> {
    let mut bytes = Vec::new();
    loop {
        let low = (value & 0x7f) as u8;
        value >>= 7;
        if value == 0 {
            bytes.push(low);
            return bytes;
        }
        bytes.push(low | 0x80);
    }
}

/// A WebAssembly module whose memory cannot grow by more than so many pages; nothing if it is none or has a limit.
fn with_limit(module: &[u8], pages: u32) -> Option<Vec<u8>> {
    const MEMORY: u8 = 5;
    let mut at = 8;
    loop {
        let kind = *module.get(at)?;
        let (size, length) = number(module.get(at + 1..)?)?;
        let start = at + 1 + length;
        let end = start + size as usize;
        if kind == MEMORY {
            // One memory, without a limit.
            let [1, 0, least @ ..] = module.get(start..end)? else { return None };
            let (least, _) = number(least)?;
            let section = [vec![1, 1], written(least), written(least + pages)].concat();
            let size = written(u32::try_from(section.len()).ok()?);
            return Some([&module[..at], &[MEMORY], &size, &section, &module[end..]].concat());
        }
        at = end;
    }
}

/// Errors if a lab does not say, in the page's language, that and why it stopped, or leaves no way on.
fn told(page: &Page, lab: &str, words: &str) -> Result<()> {
    let shown = page.lab(lab);
    shown.expect_state("error").context("the lab does not say that it stopped")?;
    let seen = page.run_script(
        "const figure = document.querySelector(`figure[data-lab=\"${args[0]}\"]`);
         const line = figure.querySelector('.lab-failure');
         return {
             why: probe.visible(line) ? line.textContent : '',
             role: line.getAttribute('role'),
             state: figure.querySelector('.lab-state').textContent,
             // The picture is that of the printed run, and the note says so.
             numbers: figure.dataset.digest,
             run: await probe.canPress(args[0], 'Run'),
         };",
        &[json!(lab)],
    )?;
    let state = if page.text("document.documentElement.lang")?.starts_with("zh") {
        "因错误而停止"
    } else {
        "Stopped by an error"
    };
    ensure!(seen["why"].as_str().unwrap_or_default().contains(words), "“{words}” is not said, but {}", seen["why"]);
    ensure!(seen["role"] == json!("alert"), "the words are not spoken");
    ensure!(seen["state"] == json!(state), "the state is {}", seen["state"]);
    ensure!(seen["numbers"] == json!(""), "what is shown passes for a finished run");
    ensure!(seen["run"] == json!(true), "there is no way on");
    Ok(())
}

/// Errors if a lab does not run to its end, with the numbers that it gives natively.
fn runs(site: &Site, page: &Page, lab: Lab, settings: &Settings) -> Result<()> {
    let shown = page.lab(&lab.schema().id);
    shown.press("Run")?;
    expect_same(&shown.expect_done()?, &site.native(lab, settings)?)?;
    let silent = page.value("Array.from(document.querySelectorAll('.lab-failure')).every(line => line.hidden)")?;
    ensure!(silent == json!(true), "the lab runs and still says that it stopped");
    Ok(())
}

fn lab(id: &str) -> Result<Lab> {
    find(id).with_context(|| format!("there is no lab {id}"))
}

fn quick(lab: Lab) -> Settings {
    let [_, quick, _] = three_settings(lab.schema());
    quick
}

/// Each browser has its language.
const fn language(browser: Browser) -> Language {
    match browser {
        Browser::Chromium => Language::Chinese,
        Browser::Firefox => Language::English,
    }
}

const fn either(language: Language, english: &'static str, chinese: &'static str) -> &'static str {
    match language {
        Language::English => english,
        Language::Chinese => chinese,
    }
}

fn lab_page(language: Language, lab: Lab, settings: &Settings) -> String {
    format!("{}/lab/{}/?{}", language.code(), lab.schema().id, query(lab.schema(), settings))
}

/// Keeps a list of the page's workers.
const LISTED: &str = "
    probe.workers = [];
    window.Worker = class extends Worker { constructor(...words) { super(...words); probe.workers.push(this); } };";

fn killed(site: &Site, browser: Browser) -> Result<()> {
    let trouble = Trouble::begin(site, LISTED, "", None)?;
    let page = site.blank(browser)?;
    let language = language(browser);
    trouble.go(&page, &format!("{}/lab/{LONG}/", language.code()))?;
    let shown = page.lab(LONG);
    let begin = "
        const figure = document.querySelector('figure[data-lab]');
        const before = Number(figure.dataset.frame);
        await probe.press(args[0], 'Run');
        await probe.until(() => figure.dataset.state === 'running' && figure.dataset.frame > before + 1, args[1], () => 'frames');";
    shown.ready()?;
    page.run_script(
        &format!("{begin} for (const worker of probe.workers) worker.terminate();"),
        &[json!(LONG), json!(PATIENCE)],
    )?;
    told(&page, LONG, either(language, "broke down", "已崩溃"))?;
    page.run_script(begin, &[json!(LONG), json!(PATIENCE)])?;
    shown.press("Reset")?.expect_state("idle")?;
    page.expect_no_errors()
}

/// The lead has long nothing left to do when it hears that the helper's work is its own again.
fn helper_killed(site: &Site, browser: Browser) -> Result<()> {
    let lab = find(LONG).context("the lab is gone")?;
    let script =
        format!("{LISTED} Object.defineProperty(Navigator.prototype, 'hardwareConcurrency', {{ get: () => 4 }});");
    let trouble = Trouble::begin(site, &script, "", None)?;
    let page = site.blank(browser)?;
    trouble.go(&page, &format!("{}/lab/{LONG}/", language(browser).code()))?;
    let shown = page.lab(LONG);
    shown.ready()?.press("Run")?;
    page.run_script(
        "await probe.until(() => probe.workers.length > 2, args[0], () => 'helpers');
         await probe.pause(300);
         probe.workers.at(-1).terminate();",
        &[json!(PATIENCE)],
    )?;
    expect_same(&shown.expect_done()?, &site.native(lab, &Settings::defaults(lab.schema()))?)?;
    page.expect_no_errors()
}

/// Helpers without anything to do are let go some seconds after a run has ended or begun anew.
fn helpers_retire(site: &Site) -> Result<()> {
    let lab = find(LONG).context("the lab is gone")?;
    // Helpers whose words the page no longer hears.
    let script = format!(
        "{LISTED} probe.isDeaf = false;
         probe.asked = 0;
         window.Worker = class extends window.Worker {{
             constructor(...words) {{
                 super(...words);
                 this.addEventListener('message', event => {{
                     if (probe.isDeaf && this !== probe.workers[0]) event.stopImmediatePropagation();
                 }});
             }}
             postMessage(...words) {{
                 if (this !== probe.workers[0]) probe.asked += 1;
                 super.postMessage(...words);
             }}
         }};
         Object.defineProperty(Navigator.prototype, 'hardwareConcurrency', {{ get: () => 4 }});"
    );
    let trouble = Trouble::begin(site, &script, "", None)?;
    let page = site.blank(Browser::Chromium)?;
    trouble.go(&page, &format!("en/lab/{LONG}/"))?;
    let shown = page.lab(LONG);
    shown.ready()?.press("Run")?;
    page.run_script(
        "await probe.until(() => probe.workers.length > 2, args[0], () => 'helpers');",
        &[json!(PATIENCE)],
    )?;
    // A run that begins anew lets go of its helpers and has them again.
    page.run_script(
        "await probe.pause(500);
         probe.isDeaf = true;
         await probe.press(args[0], 'Run');
         probe.asked = 0;
         await probe.until(() => probe.asked, args[1], () => 'an errand');",
        &[json!(LONG), json!(PATIENCE)],
    )?;
    shown.press("Pause")?.expect_state("paused")?;
    page.run_script("await probe.pause(11000); probe.isDeaf = false;", &[])?;
    shown.press("Resume")?;
    expect_same(&shown.expect_done()?, &site.native(lab, &Settings::defaults(lab.schema()))?)?;
    page.expect_no_errors()
}

fn no_worker_program(site: &Site, browser: Browser) -> Result<()> {
    let lab = ALL[0];
    let (language, settings) = (language(browser), quick(lab));
    let trouble = Trouble::begin(site, "", "", None)?;
    let page = site.blank(browser)?;
    let ways = WAYS.map(|way| ("/worker-", way));
    for (part, way) in
        ways.into_iter().chain([("/load-worker-", Spoiled::Missing), ("/load-worker-", Spoiled::Garbage)])
    {
        trouble.spoil(&[part.trim_start_matches('/')], way);
        let outcome = trouble
            .go(&page, &lab_page(language, lab, &settings))
            .and_then(|()| page.lab(&lab.schema().id).ready()?.press("Run").map(drop))
            .and_then(|()| told(&page, &lab.schema().id, either(language, "did not load", "未能载入")));
        trouble.heal();
        outcome.and_then(|()| runs(site, &page, lab, &settings)).with_context(|| format!("{part} {way:?}"))?;
    }
    Ok(())
}

fn no_page_program(site: &Site, browser: Browser) -> Result<()> {
    let lab = ALL[0];
    let language = language(browser);
    let trouble = Trouble::begin(site, "", "", None)?;
    let page = site.blank(browser)?;
    for (part, way) in ["main-", "boot-"].into_iter().flat_map(|part| WAYS.map(|way| (part, way))) {
        trouble.spoil(&[part], way);
        let path = format!("{}/lab/{}/", language.code(), lab.schema().id);
        trouble.go(&page, &path)?;
        let seen = page.run_script(
            "const line = await probe.until(() => Array.from(document.querySelectorAll('.notice.failed')).find(probe.visible),
                 args[0], () => 'a word on the labs');
             const figure = document.querySelector('figure[data-lab]');
             return {
                 words: line.textContent,
                 picture: probe.visible(figure.querySelector('svg')),
                 number: Number.isFinite(Number(figure.querySelector('[data-output]').dataset.value)),
             };",
            &[json!(PATIENCE)],
        )?;
        let words = seen["words"].as_str().unwrap_or_default();
        ensure!(words.contains(either(language, "reloading the page", "重新加载页面")), "{part} {way:?}: {words}");
        ensure!(
            seen["picture"] == json!(true) && seen["number"] == json!(true),
            "{part} {way:?}: the printed run is gone"
        );
        trouble.heal();
        trouble.go(&page, &path)?;
        page.lab(&lab.schema().id).ready().with_context(|| format!("{part} {way:?}"))?;
    }
    Ok(())
}

fn out_of_memory(site: &Site, browser: Browser) -> Result<()> {
    let lab = lab("sample-size")?;
    let language = language(browser);
    let trouble = Trouble::begin(site, "", "", Some(32))?;
    let page = site.blank(browser)?;
    let largest = lab.schema().parameters.iter().filter(|parameter| parameter.name != "seeds");
    let mut large = quick(lab);
    for parameter in largest {
        if let labs::schema::Domain::Integer { max, .. } = parameter.domain {
            // The range holds its end.
            let _ = large.set(lab.schema(), &parameter.name, &max.to_string());
        }
    }
    trouble.go(&page, &lab_page(language, lab, &large))?;
    page.lab(&lab.schema().id).ready()?.press("Run")?;
    told(&page, &lab.schema().id, either(language, "out of memory", "内存不足"))?;
    trouble.go(&page, &lab_page(language, lab, &quick(lab)))?;
    page.lab(&lab.schema().id).ready()?;
    runs(site, &page, lab, &quick(lab))
}

fn diverges(site: &Site, browser: Browser) -> Result<()> {
    let (id, link) = DIVERGING;
    let (lab, language) = (lab(id)?, language(browser));
    let pairs = link.split('&').filter_map(|pair| pair.split_once('='));
    let (settings, refusals) = Settings::read(lab.schema(), pairs);
    ensure!(refusals.is_empty(), "the settings are not the lab's: {refusals:?}");
    let page = site.visit(browser, &format!("/{}/lab/{id}/?{link}&run=1", language.code()))?;
    let shown = page.lab(id).expect_done()?;
    expect_same(&shown, &site.native(lab, &settings)?)?;
    ensure!(shown.outputs.get("diverged").is_some_and(|value| value != "0"), "the run does not diverge");
    let words = page.run_script(
        "const line = await probe.until(() => document.querySelector('[data-diverged]:not([hidden])'), args[0], () => 'a word');
         return { words: line.textContent, numbers: document.querySelector('figure[data-lab]').innerText };",
        &[json!(PATIENCE)],
    )?;
    let text = words["words"].as_str().unwrap_or_default();
    ensure!(text.contains(either(language, "diverged", "发散")), "the page says {text}");
    ensure!(!words["numbers"].as_str().unwrap_or_default().contains("NaN"), "the page shows NaN");
    page.lab(id).press("Reset")?.expect_state("idle")?;
    page.run_script(
        "await probe.until(() => document.querySelector('[data-diverged]').hidden, 5000, () => 'silence');",
        &[],
    )?;
    page.expect_no_errors()
}

fn hidden(site: &Site, browser: Browser) -> Result<()> {
    let lab = lab("random-features")?;
    let settings = Settings::defaults(lab.schema());
    let page = site.visit(browser, &format!("/en/lab/{}/", lab.schema().id))?;
    let shown = page.lab(&lab.schema().id);
    shown.ready()?;
    page.run_script(
        "window.wasHidden = false; document.addEventListener('visibilitychange', () => { window.wasHidden ||= document.hidden; });",
        &[],
    )?;
    let session = page.session();
    let first = session.tabs()?.into_iter().next().context("no tab")?;
    shown.press("Run")?;
    let other = session.open_tab()?;
    session.turn_to(&other)?;
    session.go("about:blank")?;
    session.script_async("await new Promise(done => setTimeout(done, 1500));", &[])?;
    session.close_tab()?;
    session.turn_to(&first)?;
    let outcome = shown.expect_done()?;
    ensure!(page.value("window.wasHidden")? == json!(true), "the tab was never hidden");
    expect_same(&outcome, &site.native(lab, &settings)?)?;
    page.expect_no_errors()
}

fn two_tabs(site: &Site, browser: Browser) -> Result<()> {
    let lab = ALL[0];
    let settings = quick(lab);
    let path = "en/journey/";
    let keep = "
        await probe.until(() => 'study' in document.documentElement.dataset, args[1], () => 'what helps to study');
        const { name } = performance.getEntriesByType('resource').find(({ name }) => name.includes('/study/progress-'));
        const { set, get } = await import(name);
        set('section', `test/${args[0]}`, 1);
        return ['one', 'two'].filter(id => get('section', `test/${id}`) === 1);";
    let page = site.visit(browser, path)?;
    let session = page.session();
    let first = session.tabs()?.into_iter().next().context("no tab")?;
    let second = session.open_tab()?;
    let outcome = (|| {
        session.turn_to(&second)?;
        page.go(path)?;
        for (tab, id) in [(&first, "one"), (&second, "two")] {
            session.turn_to(tab)?;
            page.run_script(keep, &[json!(id), json!(PATIENCE)])?;
        }
        session.turn_to(&first)?;
        let kept = page.run_script(keep, &[json!("one"), json!(PATIENCE)])?;
        ensure!(kept == json!(["one", "two"]), "of both tabs' entries there are {kept}");
        // The same lab in both at once.
        for tab in [&first, &second] {
            session.turn_to(tab)?;
            page.go(&format!("{}&run=1", lab_page(Language::English, lab, &settings)))?;
        }
        for tab in [&first, &second] {
            session.turn_to(tab)?;
            expect_same(&page.lab(&lab.schema().id).expect_done()?, &site.native(lab, &settings)?)?;
            page.expect_no_errors()?;
        }
        Ok(())
    })();
    session.turn_to(&second)?;
    session.close_tab()?;
    session.turn_to(&first)?;
    outcome
}

fn back_and_forward(site: &Site, browser: Browser) -> Result<()> {
    const LABS: usize = 10;
    let page = site.blank(browser)?;
    let labs: Vec<Lab> = ALL.iter().copied().take(LABS).collect();
    let settings: Vec<Settings> = labs.iter().map(|&lab| quick(lab)).collect();
    let stops: Vec<String> = labs
        .iter()
        .zip(&settings)
        .map(|(lab, settings)| lab_page(Language::Chinese, *lab, settings) + "&run=1")
        .collect();
    let look = |at: usize| -> Result<()> {
        let shown = page.lab(&labs[at].schema().id).expect_done()?;
        expect_same(&shown, &site.native(labs[at], &settings[at])?)?;
        page.expect_no_errors()
    };
    for (at, stop) in stops.iter().enumerate() {
        page.go(stop)?;
        // Every other one is left in mid-run.
        if at % 2 == 0 || at + 1 == stops.len() {
            look(at)?;
        }
    }
    for at in (0..stops.len() - 1).rev() {
        page.session().step("back")?;
        look(at).with_context(|| format!("back at {}", stops[at]))?;
    }
    for (at, stop) in stops.iter().enumerate().skip(1) {
        page.session().step("forward")?;
        if at % 3 == 0 {
            look(at).with_context(|| format!("forward at {stop}"))?;
        }
    }
    Ok(())
}

const NO_STORAGE: &str = "
    Object.defineProperty(window, 'localStorage', { get() { throw new DOMException('closed', 'SecurityError'); } });
    Object.defineProperty(window, 'sessionStorage', { get() { throw new DOMException('closed', 'SecurityError'); } });";
const FULL_STORAGE: &str = "
    Storage.prototype.setItem = () => { throw new DOMException('full', 'QuotaExceededError'); };";

fn storage(site: &Site, browser: Browser, script: &str) -> Result<()> {
    let language = language(browser);
    let trouble = Trouble::begin(site, script, "", None)?;
    let page = site.blank(browser)?;
    let chapter = site.chapters(language)?.into_iter().next().context("there is no chapter")?;
    trouble.go(&page, &chapter)?;
    page.run_script(
        "const id = document.querySelector('figure[data-lab]').dataset.lab;
         await probe.ready(id, args[0]);
         await probe.press(id, 'Run');
         await probe.until(() => 'study' in document.documentElement.dataset, args[0], () => 'what helps to study');
         await probe.awaitState(id, 'done', args[0]);
         const theme = document.querySelector('button.theme');
         const before = theme.getAttribute('aria-pressed');
         theme.click();
         if (theme.getAttribute('aria-pressed') === before) throw new Error('the theme stays');
         theme.click();
         document.querySelector('button.pairs')?.click();",
        &[json!(PATIENCE)],
    )?;
    page.expect_no_errors()?;
    trouble.go(&page, &format!("{}/journey/", language.code()))?;
    let seen = page.run_script(
        "const line = await probe.until(() => Array.from(document.querySelectorAll('main .notice')).find(probe.visible),
             args[0], () => 'a word on storage');
         const ways = Array.from(document.querySelectorAll('main button')).filter(probe.visible).map(way => way.textContent);
         return [line.textContent, ways];",
        &[json!(PATIENCE)],
    )?;
    let says = seen[0].as_str().unwrap_or_default();
    ensure!(says.contains(either(language, "keeps nothing", "不为本站保存")), "the page says {says}");
    let way = json!(either(language, "Export", "导出"));
    ensure!(seen[1].as_array().is_some_and(|ways| ways.contains(&way)), "there is no {way} among {}", seen[1]);
    page.expect_no_errors()
}

/// The calendar's clock leaps by months with every look, in pages and workers.
const LEAPING: &str = "{
    const now = Date.now;
    let looks = 0;
    Date.now = () => now() + ((looks += 1) % 2 ? 1 : -1) * looks * 3e9;
    self.Date = new Proxy(Date, { construct: (date, words) => new date(...(words.length ? words : [date.now()])) });
}\n";

fn clock(site: &Site) -> Result<()> {
    let lab = lab("random-features")?;
    let settings = Settings::defaults(lab.schema());
    let trouble = Trouble::begin(site, LEAPING, LEAPING, None)?;
    let page = site.blank(Browser::Chromium)?;
    trouble.go(&page, &lab_page(Language::Chinese, lab, &settings))?;
    let leap = page.value("Math.abs(Date.now() - Date.now()) > 1e9 && Math.abs(new Date() - new Date()) > 1e9")?;
    ensure!(leap == json!(true), "the clock does not leap");
    page.lab(&lab.schema().id).ready()?;
    runs(site, &page, lab, &settings)?;
    page.expect_no_errors()
}

fn offline(site: &Site) -> Result<()> {
    let trouble = Trouble::begin(site, "", "", None)?;
    let page = site.blank(Browser::Chromium)?;
    // The lab's sheet: the lab stays as printed, and a reload brings it.
    let first = ALL[0];
    for way in WAYS {
        trouble.spoil(&["labs/"], way);
        trouble.go(&page, &format!("zh/lab/{}/", first.schema().id))?;
        page.lab(&first.schema().id).expect_state("error")?;
        let words = page.text("document.querySelector('.lab-failure:not([hidden])').textContent")?;
        ensure!(words.contains("重新加载页面"), "{way:?}: the page says {words}");
        let printed = page.value("probe.visible(document.querySelector('figure[data-lab] svg'))")?;
        ensure!(printed == json!(true), "{way:?}: the printed figure is gone");
    }
    trouble.heal();
    trouble.go(&page, &format!("zh/lab/{}/", first.schema().id))?;
    page.lab(&first.schema().id).ready()?;
    // In a chapter it comes at the second try, when the reader does, and nothing says any longer that it is missing.
    let chapter = site.chapters(Language::Chinese)?.into_iter().next().context("there is no chapter")?;
    trouble.spoil(&["labs/"], Spoiled::Failing);
    trouble.go(&page, &chapter)?;
    let look = "
        const figure = document.querySelector('figure[data-lab]');
        const line = figure.querySelector('.lab-failure');
        const come = () => figure.scrollIntoView({ behavior: 'instant' });";
    let failed = "come(); await probe.until(() => probe.visible(line), args[0], () => 'a word');
        document.querySelector('.foot').scrollIntoView({ behavior: 'instant' });
        await probe.pause(500);";
    page.run_script(&format!("{look}{failed}"), &[json!(PATIENCE)])?;
    trouble.heal();
    let healed = "come(); await probe.until(() => 'live' in figure.dataset, args[0], () => 'a live lab');
        return [probe.visible(line), figure.dataset.state, Boolean(figure.dataset.digest)];";
    let seen = page.run_script(&format!("{look}{healed}"), &[json!(PATIENCE)])?;
    ensure!(seen == json!([false, "idle", true]), "a lab that came at the second try says {seen}");
    // A data set: the run is told of, and the next has it.
    let lab = lab(WITH_DATA)?;
    trouble.spoil(&["data/"], Spoiled::Cut);
    trouble.go(&page, &lab_page(Language::English, lab, &quick(lab)))?;
    page.lab(WITH_DATA).ready()?.press("Run")?;
    told(&page, WITH_DATA, "could not be loaded. Check the connection")?;
    trouble.heal();
    runs(site, &page, lab, &quick(lab))?;
    // What helps to study: text and labs do without it, and the page says so.
    for (part, path) in [("study/", "zh/"), ("study/compare-", "en/"), ("study/study-", "zh/")] {
        trouble.spoil(&[part], Spoiled::Cut);
        trouble.go(&page, &format!("{path}lab/{}/", first.schema().id))?;
        let words = page.run_script(
            "await probe.ready(args[0], args[1]);
             const line = await probe.until(() => document.querySelector('main > .notice[role=alert]'), args[1], () => 'a word');
             await probe.press(args[0], 'Run');
             await probe.awaitState(args[0], 'done', args[1]);
             return line.textContent;",
            &[json!(first.schema().id), json!(PATIENCE)],
        )?;
        let words = words.as_str().unwrap_or_default();
        ensure!(words.contains("Reload the page") || words.contains("重新加载页面"), "{part}: the page says {words}");
    }
    // A page in both languages says it in both.
    trouble.spoil(&["study/study-"], Spoiled::Cut);
    trouble.go(&page, "")?;
    let words = page.run_script(
        "return (await probe.until(() => document.querySelector('main > .notice[role=alert]'), args[0], () => 'a word')).textContent;",
        &[json!(PATIENCE)],
    )?;
    let words = words.as_str().unwrap_or_default();
    ensure!(words.contains("Reload the page") && words.contains("重新加载页面"), "the first page says {words}");
    Ok(())
}

fn broken_down(site: &Site) -> Result<()> {
    // The page's program stops on an instruction that never succeeds, as it does after a fault of its own.
    let page = site.visit(Browser::Chromium, &format!("/en/lab/{}/", ALL[0].schema().id))?;
    page.lab(&ALL[0].schema().id).ready()?;
    let words = page.run_script(
        "const module = new WebAssembly.Module(Uint8Array.from(
             [0, 97, 115, 109, 1, 0, 0, 0, 1, 4, 1, 96, 0, 0, 3, 2, 1, 0, 7, 5, 1, 1, 97, 0, 0, 10, 5, 1, 3, 0, 0, 11]));
         const { a } = new WebAssembly.Instance(module).exports;
         dispatchEvent(new ErrorEvent('error', { error: (() => { try { a(); } catch (error) { return error; } })() }));
         const line = await probe.until(() => Array.from(document.querySelectorAll('.notice.failed')).find(probe.visible),
             args[0], () => 'a word on the labs');
         return line.textContent;",
        &[json!(PATIENCE)],
    )?;
    let words = words.as_str().unwrap_or_default();
    ensure!(words.contains("broke down") && words.contains("reloading the page"), "the page says {words}");
    page.session().console()?;
    Ok(())
}

/// Sets a living lab to both ends of each of its parameters, and to random settings that follow one another from one
/// frame of the screen to the next, as in a wild drag. After each end and every eighth draw it waits until one is painted.
const ANY_SETTINGS: &str = "
    const figure = document.querySelector('figure[data-lab]');
    const [times, patience] = args;
    // A small generator of its own, so that every run of the test draws the same settings.
    let seed = 20260;
    const random = () => {
        seed = (Math.imul(seed, 1664525) + 1013904223) >>> 0;
        return seed / 2 ** 32;
    };
    const fields = Array.from(figure.querySelectorAll('[data-control] [name]')).filter(field => field.name !== 'seeds');
    const value = (field, share) => {
        if (field.options) return field.options[Math.min(field.options.length - 1, Math.floor(share * field.options.length))].value;
        if (field.name === 'seed') return String(Math.floor(share * 1000));
        if (field.name === 'points') {
            const point = () => `${(random() * 4 - 2).toFixed(2)},${(random() * 4 - 2).toFixed(2)},${random() < 0.5 ? '-' : '+'}`;
            return Array.from({ length: 2 + Math.floor(share * 10) }, point).join(';');
        }
        const [low, high] = [Number(field.min), Number(field.max)];
        const isWhole = field.step !== 'any' && Number.isInteger(Number(field.step)) && Number.isInteger(low);
        const number = low + share * (high - low);
        return String(isWhole ? Math.round(number) : Number(number.toPrecision(4)));
    };
    const few = figure.querySelector('[name=seeds]') ? { seeds: figure.querySelector('[name=seeds]').min || 1 } : {};
    const faults = [];
    let frames = 0;
    const set = async (settings, isAwaited) => {
        const before = Number(figure.dataset.frame);
        const query = new URLSearchParams({ ...few, ...settings }).toString();
        const refusals = figure.lab('set', query);
        if (refusals.length) faults.push(`${query}: ${refusals}`);
        if (!isAwaited) return new Promise(requestAnimationFrame);
        const changed = figure.dataset.state === 'running';
        const begun = performance.now();
        while (changed && (figure.dataset.frame === before || !['running', 'done'].includes(figure.dataset.state))) {
            if (figure.dataset.state === 'error') {
                faults.push(`${query}: ${figure.querySelector('.lab-failure').textContent}`);
                return;
            }
            if (performance.now() - begun > patience) {
                faults.push(`${query}: no frame; ${figure.dataset.state}`);
                return;
            }
            await new Promise(requestAnimationFrame);
        }
        frames += 1;
        if (figure.textContent.includes('NaN') || figure.textContent.includes('undefined')) faults.push(`${query}: NaN`);
    };
    const begun = performance.now();
    for (const field of fields) for (const share of [0, 1]) await set({ [field.name]: value(field, share) }, true);
    for (let count = 0; count < times && !faults.length; count += 1) {
        await set(Object.fromEntries(fields.map(field => [field.name, value(field, random())])), count % 8 === 7);
    }
    return { faults, frames, took: Math.round(performance.now() - begun) };";

fn any_settings(site: &Site, browser: Browser, lab: Lab) -> Result<()> {
    let id = &lab.schema().id;
    let page = site.visit(browser, &format!("/en/lab/{id}/"))?;
    let shown = page.lab(id);
    shown.ready()?;
    let seen = page.run_script(ANY_SETTINGS, &[json!(200), json!(PATIENCE)])?;
    ensure!(seen["faults"] == json!([]), "{}", seen["faults"]);
    ensure!(seen["frames"].as_u64() >= Some(25), "only {} settings got a frame", seen["frames"]);
    // Nothing is stuck.
    shown.press("Reset")?.expect_state("idle")?;
    page.expect_no_errors()
}

/// What is wider than the window, if anything is.
const TOO_WIDE: &str = "
    const first = document.querySelector('figure[data-lab]');
    if (first) await probe.ready(first.dataset.lab, args[0]);
    for (let frame = 0; frame < 3; frame += 1) await new Promise(requestAnimationFrame);
    if (document.documentElement.scrollWidth <= innerWidth) return '';
    const wide = Array.from(document.querySelectorAll('body *'))
        .filter(element => element.getBoundingClientRect().right > innerWidth + 0.5);
    return wide.slice(-2).map(element => element.outerHTML.slice(0, 120)).join(' … ') || 'something unseen';";

/// A phone of 320 pixels, and a window of 1280 by 900 magnified to 200 %.
fn narrow(site: &Site) -> Result<()> {
    let page = site.blank(Browser::Chromium)?;
    let mut faults = Vec::new();
    for (turn, (path, _)) in site.pages()?.into_iter().enumerate() {
        // Every other lab in each language: the same page in other words.
        let is_chinese = path.starts_with("zh/");
        if path.contains("/lab/") && (turn % 2 == 0) == is_chinese {
            continue;
        }
        page.go(&path)?;
        for (width, height, scale) in [(320, 568, 1), (640, 450, 2)] {
            page.session().zoom(width, height, scale)?;
            let wide = page.run_script(TOO_WIDE, &[json!(PATIENCE)])?;
            if wide != json!("") {
                faults.push(format!("/{path} at {width} pixels: {wide}"));
            }
        }
    }
    ensure!(faults.is_empty(), "{}", faults.join("\n"));
    Ok(())
}

fn high_contrast(site: &Site) -> Result<()> {
    let page = site.blank(Browser::Chromium)?;
    for scheme in ["dark", "light"] {
        page.session().emulate_media("", &[("forced-colors", "active"), ("prefers-color-scheme", scheme)])?;
        // A theme that was chosen earlier must not draw dark on dark.
        page.go("en/journey/")?;
        page.run_script("localStorage.setItem('theme', args[0] === 'dark' ? 'light' : 'dark');", &[json!(scheme)])?;
        page.go(&format!("en/lab/{}/", ALL[0].schema().id))?;
        page.lab(&ALL[0].schema().id).ready()?;
        let faults = page.run_script(
            "if (!matchMedia('(forced-colors: active)').matches) throw new Error('no forced colors');
             await probe.pause(100);
             const rgb = color => color.match(/[\\d.]+/g).map(Number);
             const light = ([r, g, b]) => [r, g, b].map(c => c / 255).map(c => c <= 0.04045 ? c / 12.92 : ((c + 0.055) / 1.055) ** 2.4)
                 .reduce((sum, c, at) => sum + c * [0.2126, 0.7152, 0.0722][at], 0);
             const contrast = (a, b) => { const [low, high] = [light(a), light(b)].sort((x, y) => x - y); return (high + 0.05) / (low + 0.05); };
             const under = element => {
                 for (let at = element; at; at = at.parentElement) {
                     const color = rgb(getComputedStyle(at).backgroundColor);
                     if (color.length < 4 || color[3] === 1) return color;
                 }
                 return rgb(getComputedStyle(document.documentElement).backgroundColor);
             };
             const faults = [];
             if (probe.visible(document.querySelector('button.theme'))) faults.push('a theme can be chosen in vain');
             // What is drawn: the darkest or lightest pixel of each canvas against what lies under it.
             const panel = document.querySelector('.lab-panel');
             const ground = under(panel);
             let best = 1;
             for (const canvas of panel.querySelectorAll('canvas')) {
                 const { data } = canvas.getContext('2d').getImageData(0, 0, canvas.width, canvas.height);
                 for (let at = 0; at < data.length; at += 4) if (data[at + 3] > 200) best = Math.max(best, contrast([data[at], data[at + 1], data[at + 2]], ground));
             }
             if (best < 4.5) faults.push(`the figure has a contrast of ${best.toFixed(1)}`);
             for (const control of Array.from(document.querySelectorAll('figure button, figure select, figure input[type=number]')).filter(probe.visible)) {
                 const style = getComputedStyle(control);
                 const words = contrast(rgb(style.color), under(control));
                 if (words < 4.5) faults.push(`${control.outerHTML.slice(0, 80)} has a contrast of ${words.toFixed(1)}`);
             }
             return faults;",
            &[],
        )?;
        ensure!(faults == json!([]), "{scheme}: {faults}");
        page.lab(&ALL[0].schema().id).press("Run")?;
        page.lab(&ALL[0].schema().id).expect_done()?;
        page.expect_no_errors()?;
    }
    Ok(())
}
