//! The shell of every page: the head, and the frame around the body.

use super::words;
use crate::html::escape;
use labs::text::Language;
use std::fmt::Write;

/// The files that every page links to, by their names in the site's root.
#[derive(Clone, Debug)]
pub struct Assets {
    /// The style sheet.
    pub style: String,
    /// The script that runs before the first paint.
    pub early: String,
    /// The module that starts the program.
    pub boot: String,
    /// The icon of the site.
    pub icon: String,
    /// The style sheet of the glossary and the bibliography, and of the cards that show what is in them.
    pub terms: String,
    /// The loader of each workers' program, by the program's name.
    pub workers: Vec<(&'static str, String)>,
}

/// One page to be written.
#[derive(Clone, Debug)]
pub struct Document<'a> {
    /// The files it links to.
    pub assets: &'a Assets,
    /// Its language.
    pub language: Language,
    /// Its folder below the site's root: `en/double-descent/`, or empty for the landing page.
    pub path: &'a str,
    /// The same page for readers of each language, by its tag, as folders below the root; empty where search engines are
    /// to keep away.
    pub editions: &'a [(&'a str, String)],
    /// The title, without the book's.
    pub title: &'a str,
    /// What search engines and link previews say.
    pub description: &'a str,
    /// The way from the page to the site's root.
    pub root: &'a str,
    /// The body's HTML.
    pub body: &'a str,
    /// The body's class.
    pub class: &'a str,
    /// The absolute address of the site's root, if it is known, with a final `/`.
    pub address: Option<&'a str>,
    /// The image that stands for the page where it is linked to, by its name in the site's root.
    pub preview: Option<&'a str>,
    /// Whether the page starts the program.
    pub live: bool,
}

/// What a page may load and run: nothing but the site's own files, no script and no style that stands in the page itself.
/// It is said in the page, so that it holds on every host. Who may frame a page is not, since labs are there to be
/// embedded. Figures become pictures by way of `blob:` addresses, which lead nowhere else.
const POLICY: &str = "default-src 'none'; script-src 'self' 'wasm-unsafe-eval'; style-src 'self'; img-src 'self' blob:; \
                      font-src 'self'; connect-src 'self'; worker-src 'self'; manifest-src 'self'; frame-src 'self'; \
                      base-uri 'none'; form-action 'none'";

/// Whether `trunk serve` shows the site while it is being written: then a script of its own, which loads the page again,
/// stands in the template.
pub fn is_preview(template: &str) -> bool {
    template.contains("trunk/ws")
}

/// Where the template takes the head and the body.
const HEAD: &str = "<!-- press:head -->";
const BODY: &str = "<!-- press:body -->";

/// `../` for each folder of a path below the root.
pub fn to_root(path: &str) -> String {
    let depth = path.matches('/').count();
    if depth == 0 { "./".into() } else { "../".repeat(depth) }
}

impl Document<'_> {
    /// Fills the template: the whole HTML file, or what is wrong with the template.
    pub fn write(&self, template: &str) -> Result<String, String> {
        for mark in ["<html>", "<body>", HEAD, BODY] {
            if template.matches(mark).count() != 1 {
                return Err(format!("the template index.html must have {mark} exactly once"));
            }
        }
        let root = self.root;
        let mut head = self.head(root);
        if is_preview(template) {
            head = head.replace("script-src", "script-src 'unsafe-inline'");
        }
        let html = format!(r#"<html lang="{}" data-root="{root}">"#, self.language.tag());
        let page = template.replace("<html>", &html).replace("<body>", &format!(r#"<body class="{}">"#, self.class));
        let page: String = page
            .lines()
            .filter(|line| !line.is_empty() && !line.contains("data-trunk"))
            .fold(String::new(), |all, line| all + line + "\n");
        // The body goes in last: it is long, and it is not a template.
        Ok(page.replace(HEAD, &head).replace(BODY, self.body))
    }

    fn head(&self, root: &str) -> String {
        let book = words::BOOK.get(self.language);
        let title = if self.title.is_empty() { book.to_string() } else { format!("{} · {book}", self.title) };
        let (title, description) = (escape(&title), escape(self.description));
        let Assets { style, early, boot, icon, .. } = self.assets;
        let mut head = format!(
            "<meta http-equiv=\"Content-Security-Policy\" content=\"{POLICY}\">\n\
             <title>{title}</title>\n<meta name=\"description\" content=\"{description}\">\n\
             <meta property=\"og:title\" content=\"{title}\">\n<meta property=\"og:description\" content=\"{description}\">\n\
             <meta property=\"og:type\" content=\"article\">\n<meta property=\"og:locale\" content=\"{}\">\n\
             <meta name=\"color-scheme\" content=\"light dark\">\n\
             <link rel=\"icon\" href=\"{root}{icon}\" type=\"image/svg+xml\">\n\
             <link rel=\"manifest\" href=\"{root}manifest.webmanifest\">\n\
             <link rel=\"stylesheet\" href=\"{root}{style}\">\n<script src=\"{root}{early}\"></script>\n",
            match self.language {
                Language::English => "en_US",
                Language::Chinese => "zh_CN",
            },
        );
        self.addresses(&mut head, root);
        if self.live {
            let _ = writeln!(head, "<script type=\"module\" src=\"{root}{boot}\"></script>");
        }
        head
    }

    /// Where the page is and what stands for it. Relative where the host is not known: `boot.js` spells those out, since
    /// search engines want them whole.
    fn addresses(&self, head: &mut String, root: &str) {
        let address = self.address.map_or_else(|| root.to_string(), escape);
        if self.editions.is_empty() {
            head.push_str("<meta name=\"robots\" content=\"noindex\">\n");
            return;
        }
        for (tag, path) in self.editions {
            let _ = writeln!(head, r#"<link rel="alternate" hreflang="{tag}" href="{address}{path}">"#);
        }
        let _ = writeln!(head, r#"<link rel="canonical" href="{address}{}">"#, self.path);
        if self.address.is_some() {
            let _ = writeln!(head, r#"<meta property="og:url" content="{address}{}">"#, self.path);
        }
        if let Some(preview) = self.preview {
            let _ = writeln!(
                head,
                "<meta property=\"og:image\" content=\"{address}{preview}\">\n\
                 <meta name=\"twitter:card\" content=\"summary_large_image\">"
            );
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_root_is_as_many_folders_up_as_the_page_is_deep() {
        assert_eq!(to_root(""), "./");
        assert_eq!(to_root("en/"), "../");
        assert_eq!(to_root("en/lab/ridgeless/"), "../../../");
    }

    fn head(address: Option<&str>, editions: &[(&str, String)]) -> String {
        let [style, early, boot, icon, terms] = [const { String::new() }; 5];
        let assets = Assets { style, early, boot, icon, terms, workers: Vec::new() };
        let document = Document {
            assets: &assets,
            language: Language::English,
            path: "en/a/",
            editions,
            title: "A",
            description: "B",
            root: "../../",
            body: "",
            class: "",
            address,
            preview: Some("previews/a.png"),
            live: true,
        };
        document.head(document.root)
    }

    #[test]
    fn addresses_are_whole_where_the_host_is_known_and_relative_where_it_is_not() {
        let editions = [("en", "en/a/".to_string()), ("x-default", "en/a/".to_string())];
        let whole = head(Some("https://host.example/b/"), &editions);
        for part in [
            r#"hreflang="x-default" href="https://host.example/b/en/a/""#,
            r#"rel="canonical" href="https://host.example/b/en/a/""#,
            r#"content="https://host.example/b/previews/a.png""#,
            "og:url",
        ] {
            assert!(whole.contains(part), "{part}: {whole}");
        }
        let relative = head(None, &editions);
        for part in [r#"rel="canonical" href="../../en/a/""#, r#"content="../../previews/a.png""#] {
            assert!(relative.contains(part), "{part}: {relative}");
        }
        assert!(!relative.contains("og:url") && !relative.contains("://"), "{relative}");
    }

    #[test]
    fn a_page_without_editions_names_no_address() {
        let head = head(Some("https://host.example/"), &[]);
        assert!(head.contains("noindex") && !head.contains("host.example"), "{head}");
    }
}
