//! Labs run in the page give the very numbers that they give natively.

use crate::{
    Tests,
    support::{Site, driver::Browser, expect_same, query, random_settings, three_settings},
};
use anyhow::{Result, ensure};
use labs::{labs::ALL, settings::Settings, text::Language};

type Lab = &'static dyn labs::lab::AnyLab;

/// The tests of this module.
pub fn add(tests: &mut Tests) {
    for &lab in ALL {
        let id = &lab.schema().id;
        for browser in Browser::ALL {
            for (index, settings) in three_settings(lab.schema()).into_iter().enumerate() {
                // Both languages get their turn.
                let language = Language::ALL[(index + usize::from(browser == Browser::Firefox)) % 2];
                let name = format!(
                    "{}::{id}::link_{}_gives_the_native_digest_in_{}",
                    browser.name(),
                    index + 1,
                    language.code()
                );
                tests.add(name, move |site| from_link(site, browser, lab, &settings, language));
            }
            for index in 0..3 {
                let name = format!("{}::{id}::random_settings_{}_give_the_native_digest", browser.name(), index + 1);
                tests.add(name, move |site| {
                    let settings = random_settings(lab, index)?;
                    from_link(site, browser, lab, &settings, Language::English)
                });
            }
            let name = format!("{}::{id}::run_button_gives_the_native_digest_at_the_defaults", browser.name());
            tests.add(name, move |site| at_defaults(site, browser, lab));
        }
    }
}

fn from_link(site: &Site, browser: Browser, lab: Lab, settings: &Settings, language: Language) -> Result<()> {
    let schema = lab.schema();
    let path = format!("/{}/lab/{}/?{}&run=1", language.code(), schema.id, query(schema, settings));
    let native = site.native(lab, settings)?;
    let page = site.visit(browser, &path)?;
    let shown = page.lab(&schema.id).expect_done()?;
    expect_same(&shown, &native)?;
    page.expect_no_errors()
}

fn at_defaults(site: &Site, browser: Browser, lab: Lab) -> Result<()> {
    let schema = lab.schema();
    let native = site.native(lab, &Settings::defaults(schema))?;
    for output in &native.report.outputs {
        ensure!(output.value.is_finite(), "{} is {} at the defaults", output.name, output.value);
    }
    let page = site.visit(browser, &format!("/zh/lab/{}/", schema.id))?;
    let shown = page.lab(&schema.id).ready()?.press("Run")?.expect_done()?;
    expect_same(&shown, &native)?;
    page.expect_no_errors()
}
