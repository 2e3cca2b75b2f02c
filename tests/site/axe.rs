//! No page keeps anyone out: axe-core finds no violation of WCAG 2.0 to 2.2, levels A and AA, nor of what it calls best
//! practice, in either language and theme, at rest and in use.

use crate::{
    PATIENCE, Tests,
    support::{Page, Site, driver::Browser},
};
use anyhow::{Context, Result, bail, ensure};
use labs::text::Language;
use serde_json::{Value, json};
use std::{env, fs};

/// What is looked for.
const TAGS: [&str; 7] = ["wcag2a", "wcag2aa", "wcag21a", "wcag21aa", "wcag22a", "wcag22aa", "best-practice"];
const THEMES: [&str; 2] = ["light", "dark"];
const DESKTOP: u32 = 1280;
const PHONE: u32 = 390;

/// Waits until the labs and what helps to study are alive.
const WAKE: &str = "
    for (const lab of document.querySelectorAll('figure[data-lab]')) await probe.ready(lab.dataset.lab, args[0]);
    if (!document.querySelector('script[type=module]')) return;
    probe.touch();
    await probe.until(() => 'study' in document.documentElement.dataset, args[0], () => 'what helps to study');";

/// Unfolds everything, and runs the first lab to its end.
const UNFOLD: &str = "
    for (const folded of document.querySelectorAll('details:not([open])')) {
        if (folded.getClientRects().length) folded.querySelector('summary').click();
    }
    const figure = document.querySelector('figure[data-lab]');
    const lab = figure?.dataset.lab;
    if (lab) {
        // A lab that nobody looks at is held.
        figure.scrollIntoView({ behavior: 'instant' });
        await probe.press(lab, 'Run');
        await probe.awaitState(lab, 'done', args[0]);
    }
    return Boolean(lab || document.querySelector('details'));";

/// Opens the search and finds something.
const SEARCH: &str = "
    for (const menu of document.querySelectorAll('.contents-menu[open]')) menu.open = false;
    document.querySelector('button.search').click();
    const input = await probe.until(() => document.querySelector('dialog.search[open] input'), args[0], () => 'the search');
    input.value = 'ridge';
    input.dispatchEvent(new Event('input', { bubbles: true }));
    await probe.until(() => document.querySelector('dialog.search li'), args[0], () => 'results');";

/// Waits until nothing moves, and returns a line for each violation.
const LOOK: &str = "
    document.documentElement.dataset.theme = args[0];
    // Where the bar that stays on top lies over nothing.
    scrollTo({ top: 0, behavior: 'instant' });
    await probe.pause(150);
    const ends = document.getAnimations().filter(({ effect }) => effect?.getComputedTiming().endTime !== Infinity);
    await Promise.all(ends.map(({ finished }) => finished.catch(() => {})));
    const { violations } = await axe.run(document, { runOnly: { type: 'tag', values: args[1] }, resultTypes: ['violations'] });
    return violations.flatMap(({ id, help, nodes }) => nodes.map(({ target, html, any, all, none }) =>
        `${id}: ${help}\\n    ${target.join(' ')}\\n    ${html.slice(0, 160)}\\n    ${[...any, ...all, ...none].map(check => check.message).join('; ')}`));";

/// The tests of this module.
pub fn add(tests: &mut Tests) -> Result<()> {
    let mut chapters = Vec::new();
    for language in Language::ALL {
        chapters.extend(tests.site.chapters(language)?);
    }
    let mut paths: Vec<String> = tests.site.pages()?.into_iter().map(|(path, _)| path).collect();
    paths.push("404.html".into());
    for path in paths {
        let widths = if chapters.contains(&path) { vec![DESKTOP, PHONE] } else { vec![DESKTOP] };
        for width in widths {
            let path = path.clone();
            let name = format!("chromium::/{path}::axe_finds_nothing_at_{width}_pixels");
            tests.add(name, move |site| open_to_all(site, &path, width));
        }
    }
    if let Some(path) = chapters.into_iter().next() {
        tests.add("chromium::axe_finds_what_is_wrong".into(), move |site| sees(site, &path));
    }
    Ok(())
}

/// Opens a page in which axe-core can be asked.
fn visit<'a>(site: &'a Site, path: &str, width: u32) -> Result<Page<'a>> {
    let script = env::var_os("SITE_AXE").context("SITE_AXE does not name axe-core's script; run `cargo xtask test`")?;
    let script = fs::read_to_string(&script).with_context(|| format!("there is no {}", script.display()))?;
    let page = site.blank(Browser::Chromium)?;
    page.session().resize(width, 900)?;
    page.go(&format!("/{path}"))?;
    page.run_script(WAKE, &[json!(PATIENCE)])?;
    page.session().script(&script, &[])?;
    Ok(page)
}

/// The page's violations, in both themes.
fn violations(page: &Page, state: &str) -> Result<Vec<String>> {
    let mut found = Vec::new();
    for theme in THEMES {
        let seen = page.run_script(LOOK, &[json!(theme), json!(TAGS)])?;
        let lines = seen.as_array().with_context(|| format!("axe-core says {seen}"))?;
        found.extend(lines.iter().filter_map(Value::as_str).map(|line| format!("  {state}, {theme}: {line}")));
    }
    Ok(found)
}

/// How many violations a page has at rest, in both themes.
pub fn count(site: &Site, path: &str, width: u32) -> Result<usize> {
    Ok(violations(&visit(site, path, width)?, "at rest")?.len())
}

fn open_to_all(site: &Site, path: &str, width: u32) -> Result<()> {
    let page = visit(site, path, width)?;
    let mut found = violations(&page, "at rest")?;
    if page.run_script(UNFOLD, &[json!(PATIENCE)])? == json!(true) {
        found.extend(violations(&page, "unfolded and run")?);
    }
    if page.value("Boolean(document.querySelector('article, main[data-journey]'))")? == json!(true) {
        page.run_script(SEARCH, &[json!(PATIENCE)])?;
        found.extend(violations(&page, "searching")?);
    }
    ensure!(found.is_empty(), "/{path} at {width} pixels:\n{}", found.join("\n"));
    Ok(())
}

/// What axe-core would say of a page with a fault is not lost on the way.
fn sees(site: &Site, path: &str) -> Result<()> {
    let page = visit(site, path, DESKTOP)?;
    page.run_script(
        "const faint = document.createElement('p');
         faint.textContent = 'faint';
         faint.style.color = 'color-mix(in srgb, var(--ink) 30%, var(--paper))';
         document.querySelector('.text').prepend(document.createElement('button'), faint);",
        &[],
    )?;
    let found = violations(&page, "with faults")?.join("\n");
    for theme in THEMES {
        for rule in ["button-name", "color-contrast"] {
            if !found.contains(&format!("{theme}: {rule}")) {
                bail!("{rule} is not found in the {theme} theme, but\n{found}");
            }
        }
    }
    Ok(())
}
