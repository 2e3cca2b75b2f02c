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

/// The `id` of an element for an author's label: `eq:peak` → `eq-peak`.
pub(crate) fn anchor(label: &str) -> String {
    label.replace(':', "-")
}
