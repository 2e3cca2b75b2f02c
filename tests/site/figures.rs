//! The living figures: what keys read off them, and how sharp they are.

use crate::{
    PATIENCE, Tests,
    support::{Site, driver::Browser},
};
use anyhow::Result;
use serde_json::json;

/// A lab with curves.
const CURVES: &str = "ridgeless";

/// The tests of this module.
pub fn add(tests: &mut Tests) {
    for browser in Browser::ALL {
        tests.add(
            format!("{}::figures::keys_read_along_the_curves_and_leave_the_browser_its_own", browser.name()),
            move |site| keys(site, browser),
        );
    }
    tests.add("chromium::figures::a_zoomed_page_is_drawn_with_as_many_dots".into(), dots);
}

fn keys(site: &Site, browser: Browser) -> Result<()> {
    let page = site.visit(browser, &format!("/en/lab/{CURVES}/"))?;
    page.lab(CURVES).ready()?;
    page.run_script(
        "const expect = (holds, what) => { if (!holds) throw new Error(what); };
         const panel = document.querySelector('.lab-plot[tabindex=\"0\"]');
         panel.focus();
         expect(document.activeElement === panel, 'the panel takes no focus');
         const tip = panel.querySelector('.lab-tip');
         const voice = panel.nextElementSibling;
         const press = (key, held = {}) => {
             const event = new KeyboardEvent('keydown', { key, bubbles: true, cancelable: true, ...held });
             panel.dispatchEvent(event);
             return event.defaultPrevented;
         };
         expect(press('Home') && !tip.hidden && voice.textContent, 'Home reads nothing');
         const first = voice.textContent;
         expect(press('ArrowRight') && voice.textContent !== first, 'the right arrow key stays');
         expect(press('ArrowLeft') && voice.textContent === first, 'the left arrow key does not lead back');
         expect(press('End') && voice.textContent !== first, 'End stays');
         const last = voice.textContent;
         for (const held of [{ altKey: true }, { ctrlKey: true }, { metaKey: true }]) {
             expect(!press('ArrowLeft', held) && voice.textContent === last, `a key of the browser is taken: ${Object.keys(held)}`);
         }
         expect(press('Escape') && tip.hidden, 'Escape leaves the reading');
         expect(!press('Tab'), 'Tab is taken');",
        &[],
    )?;
    page.expect_no_errors()
}

fn dots(site: &Site) -> Result<()> {
    const SIZE: (u32, u32) = (1280, 900);
    let page = site.visit(Browser::Chromium, &format!("/zh/lab/{CURVES}/"))?;
    page.session().zoom(SIZE.0, SIZE.1, 1)?;
    page.lab(CURVES).ready()?;
    for ratio in [1, 2, 1, 3] {
        // The driver tells the page of new dots only with a new size; the figures keep theirs, for the page is no wider.
        page.session().zoom(SIZE.0 + ratio, SIZE.1, ratio)?;
        page.run_script(
            "const sharp = canvas => Math.abs(canvas.width - canvas.clientWidth * args[0]) <= args[0];
             const canvases = Array.from(document.querySelectorAll('.lab-plot canvas'));
             await probe.until(() => canvases.length && canvases.every(sharp), args[1],
                 () => `${args[0]} dots a pixel; there are ${canvases.map(canvas => canvas.width / canvas.clientWidth)}`);",
            &[json!(ratio), json!(PATIENCE)],
        )?;
    }
    page.expect_no_errors()
}
