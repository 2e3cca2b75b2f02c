//! The files of the page on embedding.

use super::{
    lean,
    site::{Site, asset},
};
use crate::page::embed::Files;
use anyhow::Result;

/// Writes its script and its style sheet under names that change with their content.
pub fn write(site: &Site) -> Result<Files> {
    Ok(Files {
        script: site.write_hashed("embed-page", "js", lean(&asset("embed/page.js")?).as_bytes())?,
        style: site.write_hashed("embed", "css", lean(&asset("embed/page.css")?).as_bytes())?,
    })
}
