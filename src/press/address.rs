//! Where the site will be: the path below its host, and the host, if that is known.

/// The address that the site is built for.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Address {
    /// The path below the host, with a `/` at both ends.
    pub path: String,
    /// The whole address of the site's root with a final `/`; none if the host is not known.
    pub whole: Option<String>,
}

impl Address {
    /// Reads what `--public-url` was given: `/path/` or `https://host/path/`.
    pub fn read(public_url: &str) -> Self {
        let url = public_url.trim_end_matches('/').to_string() + "/";
        let after_host = ["https://", "http://"].iter().find_map(|scheme| url.strip_prefix(scheme)?.find('/'));
        let Some(at) = after_host else { return Self { path: url, whole: None } };
        let scheme = url.find("//").map_or(0, |slashes| slashes + 2);
        Self { path: url[scheme + at..].to_string(), whole: Some(url) }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn an_address_with_a_host_is_whole_and_one_without_is_a_path() {
        let read = |url| {
            let address = Address::read(url);
            (address.path, address.whole)
        };
        let whole = |url: &str| Some(url.to_string());
        assert_eq!(read("/"), ("/".into(), None));
        assert_eq!(read("/some/path"), ("/some/path/".into(), None));
        assert_eq!(read("https://a.example"), ("/".into(), whole("https://a.example/")));
        assert_eq!(read("http://a.example:80/b/c/"), ("/b/c/".into(), whole("http://a.example:80/b/c/")));
    }
}
