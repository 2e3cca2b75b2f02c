//! What a reader can do with a lab, and what a link can say to it.

use crate::{
    PATIENCE, Tests,
    support::{LabOnPage, Site, driver::Browser, expect_same, moved, query, three_settings},
};
use anyhow::{Context, Result, ensure};
use labs::{
    labs::{ALL, find},
    schema::Domain,
    settings::Settings,
    text::Language,
};
use serde_json::{Value, json};

type Lab = &'static dyn labs::lab::AnyLab;

/// The tests of this module.
pub fn add(tests: &mut Tests) -> Result<()> {
    for &lab in ALL {
        let id = &lab.schema().id;
        for browser in Browser::ALL {
            let name = |what: &str| format!("{}::{id}::{what}", browser.name());
            tests.add(name("dragged_slider_ends_at_the_newest_value"), move |site| drag(site, browser, lab));
            tests.add(name("paused_run_stands_still_and_goes_on_to_the_same_numbers"), move |site| {
                pause(site, browser, lab)
            });
        }
        let name = |what: &str| format!("chromium::{id}::{what}");
        tests.add(name("copied_link_restores_the_settings"), move |site| copy_link(site, lab));
        tests.add(name("bad_values_in_a_link_are_clamped_and_told"), move |site| bad_link(site, lab));
        tests.add(name("hidden_controls_are_left_out"), move |site| hide(site, lab));
        tests.add(name("language_link_keeps_the_settings"), move |site| language_link(site, lab));
        tests.add(name("downloaded_file_has_the_numbers"), move |site| download(site, lab));
    }
    for language in Language::ALL {
        for path in tests.site.chapters(language)? {
            tests.add(format!("chromium::/{path}::link_runs_each_lab_of_the_chapter"), move |site| {
                in_chapter(site, &path)
            });
        }
    }
    Ok(())
}

fn quick(lab: Lab) -> Settings {
    let [_, quick, _] = three_settings(lab.schema());
    quick
}

fn address(lab: Lab, language: Language, query: &str) -> String {
    format!("/{}/lab/{}/?{query}", language.code(), lab.schema().id)
}

/// What the controls of a lab say.
fn settings_of(lab: Lab, shown: &LabOnPage) -> Result<Settings> {
    let values = shown.ask("settings", &[])?;
    let values = values.as_object().context("no controls")?;
    let pairs: Vec<(&str, &str)> =
        values.iter().map(|(name, value)| (&**name, value.as_str().unwrap_or_default())).collect();
    let (settings, refusals) = Settings::read(lab.schema(), pairs);
    ensure!(refusals.is_empty(), "the controls say what the lab does not take: {refusals:?}");
    Ok(settings)
}

fn drag(site: &Site, browser: Browser, lab: Lab) -> Result<()> {
    let schema = lab.schema();
    let Some(name) = moved(schema) else { return Ok(()) };
    let page = site.visit(browser, &address(lab, Language::English, &(query(schema, &quick(lab)) + "&run=1")))?;
    let shown = page.lab(&schema.id);
    let first = shown.expect_done()?;
    let before = settings_of(lab, &shown)?;
    shown.ask("drag", &[json!(name), json!(12)])?;
    shown.ask("settled", &[json!(first.digest), json!(PATIENCE)])?;
    let after = settings_of(lab, &shown)?;
    ensure!(after.real(name) != before.real(name), "{name} did not move");
    expect_same(&shown.shown()?, &site.native(lab, &after)?)?;
    page.expect_no_errors()
}

fn pause(site: &Site, browser: Browser, lab: Lab) -> Result<()> {
    let schema = lab.schema();
    let settings = quick(lab);
    let native = site.native(lab, &settings)?;
    let page = site.visit(browser, &address(lab, Language::Chinese, &query(schema, &settings)))?;
    let shown = page.lab(&schema.id);
    // A first step starts a run that is held.
    let step = || shown.ask("pressAndSee", &[json!("Step"), json!(PATIENCE)]);
    shown.ready()?;
    step()?;
    ensure!(shown.shown()?.state == "paused", "a first step does not leave the lab paused");
    let still = |what: &str| -> Result<()> {
        let before = shown.appearance()?;
        page.run_script("await probe.pause(300);", &[])?;
        ensure!(shown.appearance()? == before, "{} moves {what}", schema.id);
        Ok(())
    };
    still("although it is held")?;
    step()?;
    let stepped = shown.shown()?.state;
    ensure!(["paused", "done"].contains(&&*stepped), "a step leaves the lab {stepped}");
    if stepped == "paused" {
        shown.press("Resume")?;
    }
    expect_same(&shown.expect_done()?, &native)?;
    if shown.ask("runAndPause", &[json!(PATIENCE)])? == json!("paused") {
        still("although it was paused while it ran")?;
        shown.press("Resume")?;
        expect_same(&shown.expect_done()?, &native)?;
    }
    shown.press("Reset")?.expect_state("idle")?;
    page.expect_no_errors()
}

fn copy_link(site: &Site, lab: Lab) -> Result<()> {
    let schema = lab.schema();
    let page = site.visit(Browser::Chromium, &address(lab, Language::English, &query(schema, &quick(lab))))?;
    let shown = page.lab(&schema.id);
    shown.ready()?;
    if let Some(name) = moved(schema) {
        shown.ask("move", &[json!(name), json!(2)])?;
    }
    let settings = settings_of(lab, &shown)?;
    let link = shown.ask("copied", &[json!("Copy link")])?;
    let link = link.as_str().context("the clipboard holds no text")?;
    page.session().go(link)?;
    shown.ready()?;
    ensure!(settings_of(lab, &shown)? == settings, "{link} does not restore the settings");
    if shown.shown()?.state == "idle" {
        shown.press("Run")?;
    }
    expect_same(&shown.expect_done()?, &site.native(lab, &settings)?)
}

fn bad_link(site: &Site, lab: Lab) -> Result<()> {
    let schema = lab.schema();
    let mut pairs: Vec<(&str, &str)> = vec![("nonsense", "1"), ("seed", "x")];
    for parameter in schema.parameters.iter() {
        let value = match parameter.domain {
            Domain::Choice { .. } | Domain::Points { .. } => "no_such_choice",
            Domain::Integer { .. } | Domain::Real { .. } => "999999999",
        };
        pairs.push((&parameter.name, value));
    }
    let (settings, refusals) = Settings::read(schema, pairs.iter().copied());
    let query: Vec<String> = pairs.iter().map(|(name, value)| format!("{name}={value}")).collect();
    for language in Language::ALL {
        let page = site.visit(Browser::Chromium, &address(lab, language, &query.join("&")))?;
        let shown = page.lab(&schema.id);
        shown.ready()?;
        let text = page.text(&format!("document.querySelector('figure[data-lab=\"{}\"]').innerText", schema.id))?;
        for refusal in &refusals {
            let sentence = refusal.sentence();
            ensure!(text.contains(sentence.get(language)), "the lab does not say “{}”", sentence.get(language));
        }
        ensure!(settings_of(lab, &shown)? == settings, "bad values are not clamped or dropped as they should be");
        page.expect_no_errors()?;
    }
    Ok(())
}

fn hide(site: &Site, lab: Lab) -> Result<()> {
    let schema = lab.schema();
    let Some(name) = schema.parameters.first().map(|parameter| &*parameter.name) else { return Ok(()) };
    let page = site.visit(Browser::Chromium, &address(lab, Language::English, &format!("hide={name},seed")))?;
    let shown = page.lab(&schema.id);
    shown.ready()?;
    let controls = shown.ask("controls", &[])?;
    let names: Vec<&str> = controls.as_array().into_iter().flatten().filter_map(Value::as_str).collect();
    ensure!(!names.contains(&name) && !names.contains(&"seed"), "{name} or seed is still there: {names:?}");
    let others = schema.parameters.iter().skip(1).all(|parameter| names.contains(&&*parameter.name));
    ensure!(others, "more is hidden than was asked for: {names:?} are left");
    page.expect_no_errors()
}

fn language_link(site: &Site, lab: Lab) -> Result<()> {
    let schema = lab.schema();
    let page = site.visit(Browser::Chromium, &address(lab, Language::English, &query(schema, &quick(lab))))?;
    let shown = page.lab(&schema.id);
    shown.ready()?;
    if let Some(name) = moved(schema) {
        shown.ask("move", &[json!(name), json!(3)])?;
    }
    let settings = settings_of(lab, &shown)?;
    page.follow_language_link()?;
    let language = page.text("document.documentElement.lang")?;
    ensure!(language == Language::Chinese.tag(), "the page is in {language}");
    shown.ready()?;
    ensure!(settings_of(lab, &shown)? == settings, "the settings are not kept");
    Ok(())
}

fn download(site: &Site, lab: Lab) -> Result<()> {
    let schema = lab.schema();
    let query = query(schema, &quick(lab)) + "&run=1";
    let page = site.visit(Browser::Chromium, &address(lab, Language::English, &query))?;
    let shown = page.lab(&schema.id);
    let done = shown.expect_done()?;
    let file = shown.ask("saved", &[json!("Download")])?;
    let text = file.as_str().unwrap_or_default();
    ensure!(text.contains(&done.digest), "the file does not name the run's digest");
    for (name, value) in &done.outputs {
        let (output, column) = name.strip_suffix("_standard_error").map_or((name.as_str(), 3), |output| (output, 4));
        let row = text.lines().find(|line| line.starts_with(&format!("output,{output},")));
        let saved = row.and_then(|row| row.split(',').nth(column));
        let saved = saved.with_context(|| format!("{name} is not in the file"))?;
        // By value: scripts and files do not spell infinity alike.
        let bits = |text: &str| text.parse().map(f64::to_bits);
        ensure!(bits(saved) == bits(value), "{name} = {value} is {saved} in the file");
    }
    page.run_script(
        &format!(
            "const panel = await probe.until(() => document.querySelector('.lab-take'), {PATIENCE}, () => 'the panel');
             panel.open = true;
             const file = JSON.parse(await probe.saved(args[0], 'Save JSON'));
             if (file.digest !== args[1]) throw new Error(`the digest in JSON is ${{file.digest}}`);
             const svg = await probe.saved(args[0], 'Save SVG');
             const read = new DOMParser().parseFromString(svg, 'image/svg+xml');
             if (read.documentElement.tagName !== 'svg') throw new Error(svg.slice(0, 300));"
        ),
        &[json!(schema.id), json!(done.digest)],
    )?;
    page.expect_no_errors()
}

fn in_chapter(site: &Site, path: &str) -> Result<()> {
    let page = site.visit(Browser::Chromium, path)?;
    let ids = page.value("Array.from(document.querySelectorAll('figure[data-lab]'), lab => lab.dataset.lab)")?;
    let ids: Vec<String> = ids.as_array().into_iter().flatten().filter_map(Value::as_str).map(str::to_owned).collect();
    for id in ids {
        let lab = find(&id).with_context(|| format!("/{path} has an unknown lab {id}"))?;
        let settings = quick(lab);
        let pairs = settings.written(lab.schema()).into_iter().chain([("seed".to_owned(), settings.seed.to_string())]);
        let query: Vec<String> = pairs.map(|(name, value)| format!("{id}.{name}={value}")).collect();
        page.go(&format!("{path}?{}&{id}.run=1", query.join("&")))?;
        let shown = page.lab(&id);
        shown.ready()?;
        expect_same(&shown.expect_done()?, &site.native(lab, &settings)?)?;
        ensure!(settings_of(lab, &shown)? == settings, "the controls of {id} do not say what the link says");
    }
    page.expect_no_errors()
}
