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

/// What must not be parted from the formula before it.
const CLOSING: &str = ",.;:!?)]’”，。；：！？）】》、";
/// What must not be parted from the formula after it.
const OPENING: &str = "([‘“（【《";

/// HTML in which no line breaks between a formula and the punctuation or the hyphenated ending that clings to it. Browsers
/// treat formulas as pictures, and would.
pub(crate) fn with_formulas_held(html: &str) -> String {
    let mut out = String::with_capacity(html.len());
    let mut rest = html;
    // A display equation has attributes, and a line of its own.
    while let Some(start) = rest.find("<math>") {
        let Some(length) = rest[start..].find("</math>") else { break };
        let end = start + length + "</math>".len();
        let (before, formula, after) = (&rest[..start], &rest[start..end], &rest[end..]);
        let head = before.trim_end_matches(|c| OPENING.contains(c)).len();
        let ending = match after.strip_prefix('-') {
            Some(word) => word.trim_start_matches(char::is_alphanumeric),
            None => after,
        };
        let tail = after.len() - ending.trim_start_matches(|c| CLOSING.contains(c)).len();
        out.push_str(&before[..head]);
        if head < start || tail > 0 {
            out.extend(["<span class=\"held\">", &before[head..], formula, &after[..tail], "</span>"]);
        } else {
            out.push_str(formula);
        }
        rest = &after[tail..];
    }
    out.push_str(rest);
    out
}

/// The `id` of an element for an author's label: `eq:peak` → `eq-peak`.
pub(crate) fn anchor(label: &str) -> String {
    label.replace(':', "-")
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn formulas_are_held_together_with_what_clings_to_them() {
        let held = |html: &str| with_formulas_held(html);
        assert_eq!(held("if <math>a</math>, then"), "if <span class=\"held\"><math>a</math>,</span> then");
        assert_eq!(held("（<math>a</math>）。"), "<span class=\"held\">（<math>a</math>）。</span>");
        assert_eq!(held("the <math>j</math>-th row"), "the <span class=\"held\"><math>j</math>-th</span> row");
        assert_eq!(held("as <math>a</math> and <math>b</math>"), "as <math>a</math> and <math>b</math>");
        let display = "<math display=\"block\">a</math>.";
        assert_eq!(held(display), display);
    }

    #[test]
    fn words_stay_where_links_go() {
        let html = "At <a class=\"term\" href=\"x\">the peak</a>, see <a href=\"#eq\">(2)</a>.";
        assert_eq!(without_links(html), "At the peak, see (2).");
        assert_eq!(without_links("no <abbr>link</abbr>"), "no <abbr>link</abbr>");
    }
}
