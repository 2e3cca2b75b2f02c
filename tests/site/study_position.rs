//! Where the reader is, and the theme: contents, progress, the way back to the system's colors.

use crate::{
    PATIENCE, Tests,
    support::{Page, driver::Browser},
};
use anyhow::{Context, Result, ensure};
use labs::text::Language;
use serde_json::Value;

const HELPERS: &str = "
    const expect = (holds, what) => { if (!holds) throw new Error(what); };
    const visible = element => element.getClientRects().length > 0;
    const goTo = async id => {
        document.getElementById(id).scrollIntoView({ behavior: 'instant' });
        await probe.pause(300);
    };
    const marked = selector => Array.from(document.querySelectorAll(`${selector} [aria-current]`), link => link.hash.slice(1));
    const read = () => new DOMMatrix(getComputedStyle(document.querySelector('.read-line')).transform).a;
";

/// The tests of this module.
pub fn add(tests: &mut Tests) -> Result<()> {
    for language in Language::ALL {
        for path in tests.site.chapters(language)? {
            for browser in tests.site.browsers(language, &path)? {
                let path = path.clone();
                tests.add(format!("{}::/{path}::position::is_marked_in_the_contents", browser.name()), move |site| {
                    let page = site.visit(browser, &path)?;
                    ready(&page)?;
                    marks(&page)?;
                    page.expect_no_errors()
                });
            }
            let switched = path.clone();
            tests.add(format!("chromium::/{path}::position::contents_are_one_tap_away_on_a_phone"), move |site| {
                let page = site.blank(Browser::Chromium)?;
                page.session().resize(390, 844)?;
                page.go(&path)?;
                ready(&page)?;
                menu(&page)?;
                page.expect_no_errors()
            });
            tests.add(format!("chromium::/{switched}::theme::can_go_back_to_the_system"), move |site| {
                let page = site.visit(Browser::Chromium, &switched)?;
                theme(&page, &switched)
            });
        }
    }
    Ok(())
}

fn run(page: &Page, body: &str) -> Result<Value> {
    page.run_script(&format!("{HELPERS}{body}"), &[])
}

fn ready(page: &Page) -> Result<()> {
    let body = format!(
        "probe.touch(); await probe.until(() => document.querySelector('.read-line'), {PATIENCE}, () => 'the progress');"
    );
    page.run_script(&body, &[]).map(drop)
}

fn marks(page: &Page) -> Result<()> {
    run(
        page,
        "const ids = Array.from(document.querySelectorAll('nav.contents a'), link => link.hash.slice(1));
         const [second, late] = [ids[1], ids.at(-1)];
         const height = document.documentElement.scrollHeight;
         expect(!marked('nav.contents').length && read() === 0, 'something is marked before the first section');
         for (const id of [second, late]) {
             await goTo(id);
             for (const list of ['nav.contents', '.contents-menu']) {
                 expect(marked(list).join() === id, `in ${id}, ${list} marks ${marked(list)}`);
             }
         }
         const far = read();
         await goTo(second);
         expect(read() > 0 && read() < far && far <= 1, `the progress is ${read()} and ${far}`);
         expect(marked('nav.contents').join() === second, 'the mark does not come back');
         scrollTo({ top: 0, behavior: 'instant' });
         await probe.pause(300);
         expect(!marked('nav.contents').length, 'the first section is marked above it');",
    )
    .map(drop)
}

fn menu(page: &Page) -> Result<()> {
    let middle = |selector: &str| -> Result<(i64, i64)> {
        let place = run(
            page,
            &format!(
                "const box = document.querySelector('{selector}').getBoundingClientRect();
                 expect(box.height >= 44, 'the target is too small for a finger');
                 return [Math.round(box.x + box.width / 2), Math.round(box.y + box.height / 2)];"
            ),
        )?;
        let number = |index: usize| place[index].as_i64().context("no place");
        Ok((number(0)?, number(1)?))
    };
    run(page, "await goTo(document.querySelectorAll('.contents-menu a')[3].hash.slice(1));")?;
    let (x, y) = middle(".contents-menu summary")?;
    page.session().point("touch", x, y, true)?;
    run(page, "expect(visible(document.querySelector('.contents-menu [aria-current]')), 'the place is not shown');")?;
    let (x, y) = middle(".contents-menu li:nth-child(2) a")?;
    page.session().point("touch", x, y, true)?;
    run(
        page,
        "await probe.pause(1500);
         const link = document.querySelectorAll('.contents-menu a')[1];
         expect(!document.querySelector('.contents-menu').open, 'the menu stays open');
         expect(location.hash === link.hash && marked('.contents-menu').join() === link.hash.slice(1), 'the tap leads elsewhere');",
    )
    .map(drop)
}

fn theme(page: &Page, path: &str) -> Result<()> {
    let system = |scheme: &str| page.session().emulate_media("", &[("prefers-color-scheme", scheme)]);
    let scheme = || page.text("getComputedStyle(document.documentElement).colorScheme");
    let press = || page.value("void document.querySelector('button.theme').click()");
    let pressed = || page.text("document.querySelector('button.theme').getAttribute('aria-pressed')");
    system("light")?;
    page.go(path)?;
    ensure!(scheme()? == "light" && pressed()? == "false", "the page does not follow a light system");
    press()?;
    ensure!(scheme()? == "dark" && pressed()? == "true", "the theme does not change");
    page.go(path)?;
    ensure!(scheme()? == "dark" && pressed()? == "true", "the theme is forgotten");
    press()?;
    ensure!(scheme()? == "light" && pressed()? == "false", "the theme does not change back");
    system("dark")?;
    ensure!(scheme()? == "dark" && pressed()? == "true", "the page no longer follows the system");
    page.go(path)?;
    ensure!(scheme()? == "dark", "the page does not follow a dark system");
    Ok(())
}
