//! The browsers that the site is tested in, and the drivers that come with them.

use crate::{debian::Debian, workshop::Workshop};
use anyhow::{Context, Result, bail};

/// What is needed, under which names it is found, and the Debian package that has it.
const NEEDED: [(&str, &[&str], &str); 3] = [
    ("Chromium", &["chromium", "chromium-browser", "google-chrome", "chrome"], "chromium"),
    ("ChromeDriver", &["chromedriver"], "chromium-driver"),
    ("Firefox", &["firefox-esr", "firefox"], "firefox-esr"),
];

/// Sees to it that Chromium, its driver and Firefox are there, installing Debian's if it may.
pub fn ensure(workshop: &Workshop) -> Result<()> {
    let missing = missing(workshop);
    if missing.is_empty() {
        return Ok(());
    }
    let names = missing.iter().map(|(name, _)| *name).collect::<Vec<_>>().join(", ");
    let packages: Vec<&str> = missing.iter().map(|(_, package)| *package).collect();
    let by_hand = format!(
        "the browser tests need {names} on PATH. On Debian: `apt-get install {}` as root. Elsewhere install Chrome or \
         Chromium with the ChromeDriver of the same version, and Firefox",
        packages.join(" ")
    );
    let Some(debian) = Debian::of(workshop) else { bail!(by_hand) };
    debian.install(workshop, &packages).context(by_hand.clone())?;
    if !self::missing(workshop).is_empty() {
        bail!(by_hand);
    }
    Ok(())
}

fn missing(workshop: &Workshop) -> Vec<(&'static str, &'static str)> {
    let lacks = |names: &[&str]| names.iter().all(|name| workshop.find(name).is_none());
    NEEDED.iter().filter(|(_, names, _)| lacks(names)).map(|&(name, _, package)| (name, package)).collect()
}
