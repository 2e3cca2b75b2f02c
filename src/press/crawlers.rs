//! What search engines read: `robots.txt`, and `sitemap.xml` where the site's whole address is known.

use super::{address::Address, site::Site};
use crate::html::escape;
use anyhow::Result;

/// Writes both for the pages that have been printed; returns what there is to say about it.
pub fn write(site: &Site, address: &Address) -> Result<&'static str> {
    let Some(root) = &address.whole else {
        site.write("robots.txt", b"User-agent: *\nAllow: /\n")?;
        return Ok("no sitemap.xml, whose addresses need a host: build with --public-url https://host/path/");
    };
    let pages: String =
        pages(&site.files()?).map(|page| format!("<url><loc>{}{}</loc></url>\n", escape(root), escape(page))).collect();
    let sitemap = format!(
        "<?xml version=\"1.0\" encoding=\"UTF-8\"?>\n\
         <urlset xmlns=\"http://www.sitemaps.org/schemas/sitemap/0.9\">\n{pages}</urlset>\n"
    );
    site.write("sitemap.xml", sitemap.as_bytes())?;
    site.write("robots.txt", format!("User-agent: *\nAllow: /\nSitemap: {root}sitemap.xml\n").as_bytes())?;
    Ok("sitemap.xml lists every page")
}

/// The folders of the pages among all files.
fn pages(files: &[String]) -> impl Iterator<Item = &str> {
    files
        .iter()
        .filter_map(|file| file.strip_suffix("index.html"))
        .filter(|page| page.is_empty() || page.ends_with('/'))
}

#[cfg(test)]
mod tests {
    use super::pages;

    #[test]
    fn pages_are_the_folders_with_an_index() {
        let files = ["404.html", "en/index.html", "en/main.js", "index.html"].map(String::from);
        assert_eq!(pages(&files).collect::<Vec<_>>(), ["en/", ""]);
    }
}
