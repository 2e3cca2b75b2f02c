//! The files of the page on embedding.

use super::{lean, site};
use crate::page::embed::Files;
use anyhow::{Context, Result};
use site::Site;

/// Writes its script and its style sheet under names that change with their content.
pub fn write(site: &Site) -> Result<Files> {
    let source = |name: &str| {
        let path = site::root().join("assets/embed").join(name);
        std::fs::read_to_string(&path).with_context(|| format!("cannot read {}", path.display()))
    };
    Ok(Files {
        script: site.write_hashed("embed-page", "js", lean(&source("page.js")?).as_bytes())?,
        style: site.write_hashed("embed", "css", lean(&source("page.css")?).as_bytes())?,
    })
}
