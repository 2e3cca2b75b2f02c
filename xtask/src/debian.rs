//! Debian's package manager, where it is there and may be used.

use crate::workshop::{Workshop, run, say};
use anyhow::Result;

/// The right to install packages without asking anyone.
pub struct Debian {
    /// The words before a command that make it run as root.
    prefix: &'static [&'static str],
}

impl Debian {
    /// apt-get, run by root or through a `sudo` that wants no password.
    pub fn of(workshop: &Workshop) -> Option<Self> {
        workshop.find("apt-get")?;
        if workshop.output("id", &["-u"])?.trim() == "0" {
            return Some(Self { prefix: &[] });
        }
        workshop.output("sudo", &["-n", "true"]).map(|_| Self { prefix: &["sudo", "-n"] })
    }

    /// Installs packages.
    pub fn install(&self, workshop: &Workshop, packages: &[&str]) -> Result<()> {
        say(&format!("installing {} with apt-get", packages.join(", ")));
        self.apt(workshop, &["update", "-q"])?;
        self.apt(workshop, &[&["install", "-q", "-y", "--no-install-recommends"], packages].concat())
    }

    fn apt(&self, workshop: &Workshop, arguments: &[&str]) -> Result<()> {
        let words = [self.prefix, &["env", "DEBIAN_FRONTEND=noninteractive", "apt-get"], arguments].concat();
        // What it says goes to standard error, where the other progress is.
        run(workshop.command(words[0]).args(&words[1..]).stdout(std::io::stderr()))
    }
}
