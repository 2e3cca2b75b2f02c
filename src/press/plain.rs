//! The plain text of a chapter's HTML, as search shows and reads it: formulas on one line, citations left out.

/// Elements after which a new line begins.
const BLOCKS: [&str; 18] = [
    "p",
    "div",
    "section",
    "li",
    "ol",
    "ul",
    "tr",
    "table",
    "h2",
    "h3",
    "h4",
    "summary",
    "details",
    "aside",
    "figcaption",
    "legend",
    "dd",
    "label",
];
/// Elements that say nothing.
const SILENT: [&str; 6] = ["button", "svg", "script", "style", "input", "annotation"];
/// Classes of elements that are no part of the text, or would give an exercise away.
const SILENT_CLASSES: [&str; 5] = ["citation", "number", "footnote-ref", "solution", "answer"];

/// A piece of HTML.
enum Node {
    Text(String),
    Element { name: String, class: String, children: Vec<Node> },
}

/// The text of a piece of HTML, a line for each block.
pub fn text(html: &str) -> String {
    let mut rest = html;
    let mut out = String::new();
    for node in &nodes(&mut rest, &mut Vec::new()) {
        write(node, &mut out);
    }
    let lines = out.lines().map(|line| {
        let mut line = line.split_whitespace().collect::<Vec<_>>().join(" ");
        // Where a citation stood before a stop.
        for stop in ["。", "，", "；", "、", "：", "）", ".", ",", ";", ":", ")"] {
            line = line.replace(&format!(" {stop}"), stop);
        }
        line
    });
    lines.filter(|line| !line.is_empty()).collect::<Vec<_>>().join("\n")
}

/// Reads up to the end of the innermost element of those around, whose end may be left to another's.
fn nodes<'a>(rest: &mut &'a str, around: &mut Vec<&'a str>) -> Vec<Node> {
    let mut all = Vec::new();
    while !rest.is_empty() {
        let (text, tag) = rest.split_at(rest.find('<').unwrap_or(rest.len()));
        if !text.is_empty() {
            all.push(Node::Text(unescaped(text)));
        }
        let from_tag = tag;
        let (tag, after) = tag.split_at(tag_length(tag));
        *rest = after;
        if let Some(closing) = tag.strip_prefix("</") {
            let closing = closing.trim_end_matches('>').trim();
            if around.last() == Some(&closing) {
                break;
            }
            if around.contains(&closing) {
                *rest = from_tag;
                break;
            }
            continue;
        }
        let inner = tag.trim_start_matches('<').trim_end_matches('>');
        let name = inner.split(|c: char| c.is_whitespace() || c == '/').next().unwrap_or_default();
        if name.is_empty() || name.starts_with('!') {
            continue;
        }
        if name == "li" && around.last() == Some(&"li") {
            *rest = from_tag;
            break;
        }
        let class = inner.split_once("class=\"").and_then(|(_, rest)| rest.split('"').next()).unwrap_or_default();
        let is_empty =
            inner.ends_with('/') || matches!(name, "br" | "hr" | "img" | "input" | "mspace" | "wbr" | "meta");
        let mut children = Vec::new();
        if !is_empty {
            around.push(name);
            children = nodes(rest, around);
            around.pop();
        }
        all.push(Node::Element { name: name.into(), class: class.into(), children });
    }
    all
}

/// The length of the tag that a text begins with: a `>` in quotes does not end it.
fn tag_length(text: &str) -> usize {
    let mut quoted = false;
    for (at, c) in text.char_indices() {
        match c {
            '"' => quoted = !quoted,
            '>' if !quoted => return at + 1,
            _ => {}
        }
    }
    text.len()
}

fn unescaped(text: &str) -> String {
    let text = text.replace("&lt;", "<").replace("&gt;", ">").replace("&quot;", "\"").replace("&#39;", "'");
    text.replace("&nbsp;", "\u{a0}").replace("&amp;", "&")
}

fn write(node: &Node, out: &mut String) {
    match node {
        Node::Text(text) => out.push_str(&text.replace('\n', " ")),
        Node::Element { name, class, children } => {
            if SILENT.contains(&name.as_str()) || class.split(' ').any(|class| SILENT_CLASSES.contains(&class)) {
                return;
            }
            if name == "math" {
                out.push_str(&row(children));
                return;
            }
            for child in children {
                write(child, out);
            }
            if matches!(name.as_str(), "td" | "th" | "dt" | "br") || class == "label" {
                out.push(' ');
            }
            if BLOCKS.contains(&name.as_str()) {
                out.push('\n');
            }
        }
    }
}

fn row(nodes: &[Node]) -> String {
    nodes.iter().map(formula).collect()
}

/// A part of a formula on one line.
fn formula(node: &Node) -> String {
    let (name, children) = match node {
        Node::Text(text) => return text.trim().to_string(),
        Node::Element { name, children, .. } => (name.as_str(), children),
    };
    let part = |index: usize| children.get(index).map(formula).unwrap_or_default();
    match name {
        "mo" => {
            let operator = row(children);
            let is_relation = matches!(
                operator.as_str(),
                "=" | "<"
                    | ">"
                    | "≤"
                    | "≥"
                    | "≪"
                    | "≫"
                    | "≈"
                    | "∼"
                    | "∝"
                    | "∈"
                    | "→"
                    | "↦"
                    | "≠"
                    | ":="
                    | "+"
                    | "−"
            );
            if is_relation { format!(" {operator} ") } else { operator }
        }
        "mtext" => children
            .iter()
            .map(|child| if let Node::Text(text) = child { text.clone() } else { formula(child) })
            .collect(),
        "msup" => format!("{}{}", part(0), script(&part(1), '^', '⁰')),
        "msub" => format!("{}{}", part(0), script(&part(1), '_', '₀')),
        "msubsup" => format!("{}{}{}", part(0), script(&part(1), '_', '₀'), script(&part(2), '^', '⁰')),
        "mfrac" => format!("{}/{}", whole(&part(0)), whole(&part(1))),
        "msqrt" => format!("√{}", whole(&row(children))),
        "mover" | "munder" | "munderover" => {
            let (base, other) = (part(0), part(1));
            match other.as_str() {
                "ˆ" | "^" => format!("{base}\u{302}"),
                "¯" | "‾" => format!("{base}\u{304}"),
                "˜" | "~" => format!("{base}\u{303}"),
                "⏟" | "⏞" => base,
                // Limits of a sum say little on one line; the name under a brace says what it is.
                _ if base.chars().count() <= 3 => base,
                _ => format!("{base} ({other})"),
            }
        }
        "mtr" => format!("{}; ", row(children)),
        "mtd" => format!("{} ", row(children)),
        _ => row(children),
    }
}

/// Digits as raised or lowered ones, anything else after a sign.
fn script(text: &str, sign: char, zero: char) -> String {
    let text = text.trim();
    let digit = |c: char| {
        let value = c.to_digit(10)?;
        if zero == '₀' {
            return char::from_u32(u32::from('₀') + value);
        }
        Some(['⁰', '¹', '²', '³', '⁴', '⁵', '⁶', '⁷', '⁸', '⁹'][value as usize])
    };
    match text.chars().map(digit).collect::<Option<String>>() {
        Some(digits) => digits,
        None if text.chars().count() == 1 => format!("{sign}{text}"),
        None => format!("{sign}({text})"),
    }
}

/// In brackets, unless it is one thing.
fn whole(text: &str) -> String {
    let text = text.trim();
    if text.contains([' ', '·', '/']) { format!("({text})") } else { text.into() }
}

#[cfg(test)]
mod tests {
    use super::text;

    #[test]
    fn markup_citations_and_buttons_are_left_out() {
        let html = "<p>Labels<br/>at <em>random</em> <span class=\"citation\">[<a href=\"#r\" title=\"Zhang > others\">1</a>]</span>.\n\
                    More &amp; more.</p><p>Next <button>Run</button></p>";
        assert_eq!(text(html), "Labels at random. More & more.\nNext");
    }

    #[test]
    fn choices_are_lines_and_their_answers_are_not_given_away() {
        let html = "<div><form class=\"check\"><ol><li><label><input type=\"radio\">One</label><li><label>Two</label></ol></form>\
                    <details class=\"answer\"><summary>Answer</summary><ol><li>Right.<li>Wrong.</ol></details></div><p>Next</p>";
        assert_eq!(text(html), "One\nTwo\nNext");
    }

    #[test]
    fn challenges_and_guesses_are_lines_and_phrases_are_words() {
        let html = "<p>Drag it.</p><div class=\"predict\" data-curve=\"risk\"><p>Sketch it.</p></div>\
                    <section class=\"challenge\" data-goal=\"[[&quot;a&quot;,&quot;&gt;&quot;,1]]\"><p class=\"label\">Challenge 1: Up</p>\
                    <p>Reach <a class=\"phrase\" href=\"#lab-a\">the top</a>.</p>\
                    <details class=\"solution\"><summary>Solution</summary><p>Climb.</p></details></section>Next";
        assert_eq!(text(html), "Drag it.\nSketch it.\nChallenge 1: Up\nReach the top.\nNext");
    }

    #[test]
    fn formulas_stand_on_one_line() {
        for (mathml, expected) in [
            ("<mi>γ</mi><mo>=</mo><mi>p</mi><mo lspace=\"0\">/</mo><mi>n</mi>", "γ = p/n"),
            ("<msup><mi>r</mi><mn>2</mn></msup><mo>=</mo><msup><mo>‖</mo><mn>2</mn></msup>", "r² = ‖²"),
            (
                "<mover accent=\"true\"><mi>β</mi><mo stretchy=\"false\">ˆ</mo></mover><mo>=</mo>\
                 <msup><mi>X</mi><mo>+</mo></msup><mi>y</mi>",
                "β\u{302} = X^+y",
            ),
            ("<mi>x</mi><mo>∈</mo><msup><mi>ℝ</mi><mrow><mi>n</mi><mo>×</mo><mi>p</mi></mrow></msup>", "x ∈ ℝ^(n×p)"),
            ("<mfrac><mi>k</mi><mrow><mi>m</mi><mo>−</mo><mi>k</mi></mrow></mfrac>", "k/(m − k)"),
            (
                "<munderover><mo>∑</mo><mrow><mi>i</mi><mo>=</mo><mn>1</mn></mrow><mi>k</mi></munderover>\
                 <msub><mi>s</mi><mi>i</mi></msub>",
                "∑s_i",
            ),
            (
                "<munder><munder><mrow><mi>V</mi><mo>(</mo><mi>x</mi><mo>)</mo></mrow><mo>⏟</mo></munder>\
                 <mrow><mtext>variance</mtext></mrow></munder>",
                "V(x) (variance)",
            ),
        ] {
            assert_eq!(text(&format!("<math>{mathml}</math>")), expected, "{mathml}");
        }
    }
}
