//! Writing HTML.

/// Appends text with the characters that HTML reserves escaped; fit for elements and for quoted attributes.
pub(crate) fn push_escaped(out: &mut String, text: &str) {
    for c in text.chars() {
        push_escaped_char(out, c);
    }
}

/// Appends one character, escaped if HTML reserves it.
pub(crate) fn push_escaped_char(out: &mut String, c: char) {
    match c {
        '&' => out.push_str("&amp;"),
        '<' => out.push_str("&lt;"),
        '>' => out.push_str("&gt;"),
        '"' => out.push_str("&quot;"),
        _ => out.push(c),
    }
}

/// Text with the characters that HTML reserves escaped.
pub(crate) fn escaped(text: &str) -> String {
    let mut out = String::with_capacity(text.len());
    push_escaped(&mut out, text);
    out
}

/// HTML with the words of its links, but without the links.
pub(crate) fn without_links(html: &str) -> String {
    let mut out = String::with_capacity(html.len());
    let mut rest = html;
    while let Some(start) = rest.find("<a ") {
        out.push_str(&rest[..start]);
        rest = rest[start..].split_once('>').map_or("", |(_, rest)| rest);
    }
    out.push_str(rest);
    out.replace("</a>", "")
}

/// The `id` of an element for an author's label: `eq:peak` → `eq-peak`.
pub(crate) fn anchor(label: &str) -> String {
    label.replace(':', "-")
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn words_stay_where_links_go() {
        let html = "At <a class=\"term\" href=\"x\">the peak</a>, see <a href=\"#eq\">(2)</a>.";
        assert_eq!(without_links(html), "At the peak, see (2).");
        assert_eq!(without_links("no <abbr>link</abbr>"), "no <abbr>link</abbr>");
    }
}
