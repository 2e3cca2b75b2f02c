//! The browsers that the site is tested in, and the drivers that come with them.

use crate::workshop::{Workshop, run, say};
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
    let Some(prefix) = root_prefix(workshop).filter(|_| workshop.find("apt-get").is_some()) else { bail!(by_hand) };
    say(&format!("installing {names} with apt-get"));
    apt(workshop, &prefix, &["update", "-q"]).context(by_hand.clone())?;
    let install = ["install", "-q", "-y", "--no-install-recommends"];
    apt(workshop, &prefix, &[&install[..], &packages].concat()).context(by_hand.clone())?;
    if !self::missing(workshop).is_empty() {
        bail!(by_hand);
    }
    Ok(())
}

fn missing(workshop: &Workshop) -> Vec<(&'static str, &'static str)> {
    let lacks = |names: &[&str]| names.iter().all(|name| workshop.find(name).is_none());
    NEEDED.iter().filter(|(_, names, _)| lacks(names)).map(|&(name, _, package)| (name, package)).collect()
}

/// The words before a command that make it run as root without asking anyone; nothing if there are none.
fn root_prefix(workshop: &Workshop) -> Option<Vec<&'static str>> {
    if workshop.output("id", &["-u"])?.trim() == "0" {
        return Some(Vec::new());
    }
    workshop.output("sudo", &["-n", "true"]).map(|_| vec!["sudo", "-n"])
}

fn apt(workshop: &Workshop, prefix: &[&str], arguments: &[&str]) -> Result<()> {
    let words = [prefix, &["env", "DEBIAN_FRONTEND=noninteractive", "apt-get"], arguments].concat();
    run(workshop.command(words[0]).args(&words[1..]))
}
