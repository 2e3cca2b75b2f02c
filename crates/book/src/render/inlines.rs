//! Running text: words, formulas, values, citations, links.

use super::{
    Display, Span, Writer,
    blocks::{changes, close_paragraph, open_paragraph},
    phrases,
};
use crate::{
    html::{anchor, escaped, push_escaped_char},
    math, names,
    names::is_label,
    parity::Fact,
    source::{Kind, Mention, Piece, is_label as is_name, pieces},
    typography::{FORMULA, OBJECT, is_wide},
    value, words,
};
use comrak::nodes::{Node, NodeValue};
use labs::{figure::Role, schema::Schema, settings::Settings, text::Language};
use std::fmt::Write as _;

/// Writes the inline children of a block.
pub(super) fn children(writer: &mut Writer, node: Node<'_>) {
    node.children().for_each(|child| inline(writer, child));
}

fn inline(writer: &mut Writer, node: Node<'_>) {
    let line = writer.line(node);
    let value = node.data().value.clone();
    match value {
        NodeValue::Text(text) => {
            for piece in pieces(&text) {
                match piece {
                    Piece::Text(text) => words_of(writer, text, line),
                    Piece::Token(index) => token(writer, index),
                }
            }
        }
        NodeValue::SoftBreak => writer.run.pending_break = true,
        NodeValue::LineBreak => writer.out.push_str("<br>"),
        NodeValue::Code(code) => {
            object(writer, FORMULA, line);
            let _ = write!(writer.out, "<code>{}</code>", escaped(&code.literal));
        }
        NodeValue::Emph => within(writer, node, "<em>", "</em>"),
        NodeValue::Strong => within(writer, node, "<strong>", "</strong>"),
        NodeValue::Link(link) => self::link(writer, node, &link.url, line),
        NodeValue::FootnoteReference(reference) => {
            object(writer, OBJECT, line);
            let name = escaped(&reference.name);
            let id = if reference.ref_num == 1 { name.clone() } else { format!("{name}-{}", reference.ref_num) };
            let _ = write!(
                writer.out,
                "<sup><a href=\"#fn-{name}\" id=\"fnref-{id}\" role=\"doc-noteref\">{}</a></sup>",
                reference.ix
            );
        }
        NodeValue::Image(_) => {
            writer.complaints.add(line, "a picture has no place in a chapter; what is shown is a lab");
        }
        NodeValue::HtmlInline(_) => writer.complaints.add(line, "raw HTML has no place in a chapter"),
        _ => writer.complaints.add(line, "this kind of text has no place in a chapter"),
    }
}

/// Writes the children between two tags.
fn within(writer: &mut Writer, node: Node<'_>, open: &str, close: &str) {
    let spans = writer.run.spans.len();
    break_line(writer, None);
    writer.out.push_str(open);
    writer.run.depth += 1;
    children(writer, node);
    writer.run.depth -= 1;
    if writer.run.spans.len() != spans {
        let line = writer.line(node);
        writer.complaints.add(line, "[…]{…} begins or ends within emphasis or a link");
        writer.run.spans.truncate(spans);
    }
    writer.out.push_str(close);
}

/// Writes a line break of the author's, now that what follows is known. Beside Chinese text it is no space.
pub(super) fn break_line(writer: &mut Writer, next: Option<char>) {
    if !std::mem::take(&mut writer.run.pending_break) {
        return;
    }
    let last = writer.run.flow.last().map(|(c, _)| *c);
    let punctuation = |c: char| is_wide(c) && !crate::typography::is_han(c);
    let joined = match (last, next) {
        (Some(last), Some(next)) => is_wide(last) && is_wide(next) || punctuation(last) || punctuation(next),
        (Some(last), None) => is_wide(last),
        (None, _) => true,
    };
    if !(joined && (writer.context.language == Language::Chinese || last.is_none())) {
        writer.out.push('\n');
        let line = writer.run.flow.last().map_or(1, |(_, line)| *line);
        writer.run.flow.push(('\n', line));
    }
}

fn words_of(writer: &mut Writer, text: &str, line: usize) {
    let text = if writer.run.flow.is_empty() { text.trim_start() } else { text };
    let given = writer.run.spans.iter().any(|span| matches!(span, Span::Given));
    if text.contains("[^") {
        writer.complaints.add(line, "this footnote is not defined");
    }
    for c in text.chars() {
        break_line(writer, Some(c));
        push_escaped_char(&mut writer.out, c);
        writer.run.flow.push((if given && c == '.' { OBJECT } else { c }, line));
    }
}

/// Records something that is not text in the flow of the text.
fn object(writer: &mut Writer, stand_in: char, line: usize) {
    break_line(writer, Some(stand_in));
    writer.run.flow.push((stand_in, line));
}

fn token(writer: &mut Writer, index: usize) {
    let Some(token) = writer.context.source.tokens.get(index) else { return };
    let line = token.line;
    match &token.kind {
        Kind::Math { latex, display, label } => formula(writer, latex, *display, label.as_deref(), line),
        Kind::Value(Some(request)) => computed(writer, request, line),
        Kind::Cite(mentions) => cite(writer, mentions, line),
        Kind::SpanOpen(class) => open_span(writer, class, line),
        Kind::PhraseOpen(phrase) => phrases::open(writer, phrase.as_ref(), line),
        Kind::SpanClose => match writer.run.spans.pop() {
            Some(Span::Colored) => writer.out.push_str("</span>"),
            Some(Span::Phrase { text }) => phrases::close(writer, text, line),
            Some(Span::Given) | None => {}
        },
        Kind::HeadingId(_) => writer.out.truncate(writer.out.trim_end().len()),
        Kind::Value(None) | Kind::Title | Kind::Choice(_) => {}
    }
}

fn open_span(writer: &mut Writer, class: &str, line: usize) {
    let given = class == "given";
    if !given {
        if !Role::ALL.iter().any(|role| role.name() == class) {
            writer
                .complaints
                .add(line, format!("{}; or given, for a number that is not a result", math::unknown_role(class)));
        }
        break_line(writer, None);
        let _ = write!(writer.out, "<span class=\"role-{}\">", escaped(class));
    }
    writer.run.spans.push(if given { Span::Given } else { Span::Colored });
}

fn formula(writer: &mut Writer, latex: &str, display: bool, label: Option<&str>, line: usize) {
    let mathml = writer.context.math.convert(latex, display).unwrap_or_else(|error| {
        let first = line + usize::from(display);
        writer.complaints.add(first + error.line_offset, error.reason);
        String::new()
    });
    if !display {
        object(writer, FORMULA, line);
        writer.out.push_str(&mathml);
        return;
    }
    if writer.run.display == Display::Refused || writer.run.depth > 0 || !writer.run.spans.is_empty() {
        writer.complaints.add(line, "a display equation has no place here; write $…$");
        return;
    }
    let paragraph_line = writer.run.flow.first().map_or(line, |(_, line)| *line);
    close_paragraph(writer, paragraph_line);
    writer.run.pending_break = false;
    writer.check_flow();
    equation(writer, &mathml, label);
    let what = format!("the equation {} {}", label.unwrap_or_default(), math::skeleton(latex));
    writer.rendered.facts.push(Fact { line, what });
    open_paragraph(writer);
}

fn equation(writer: &mut Writer, mathml: &str, label: Option<&str>) {
    let target = label.and_then(|label| writer.names.target(label));
    match target {
        Some(target) => {
            let _ = write!(
                writer.out,
                "<div class=\"equation\" id=\"{}\">{mathml}<span class=\"number\">{}</span></div>",
                target.anchor, target.html
            );
        }
        None => {
            let _ = write!(writer.out, "<div class=\"equation\">{mathml}</div>");
        }
    }
}

fn computed(writer: &mut Writer, request: &value::Request, line: usize) {
    object(writer, '0', line);
    if let Some((_, element)) = evaluated(writer, request, line) {
        writer.out.push_str(&element);
    }
}

/// A requested number and the element that shows it, or complaints.
pub(super) fn evaluated(writer: &mut Writer, request: &value::Request, line: usize) -> Option<(f64, String)> {
    let (schema, settings) = match names::request_settings(request) {
        Ok(found) => found,
        Err(reasons) => {
            writer.computed.push(format!("{}.{}", request.lab, request.output));
            for reason in reasons {
                writer.complaints.add(line, reason);
            }
            return None;
        }
    };
    let changed = changes(&request.lab, &settings).join(" ");
    writer.computed.push(format!("{}.{} {changed} | {}", request.lab, request.output, request.written_format));
    let reason = match writer.context.values.value(&request.lab, &settings, &request.output) {
        Ok(number) if number.is_finite() => {
            let source = source_of(schema, request, &settings, writer.context.language);
            return Some((number, value::element(number, request.format, &source)));
        }
        Ok(number) => format!("{}.{} is {number} here", request.lab, request.output),
        Err(reason) => format!("{}.{}: {reason}", request.lab, request.output),
    };
    writer.complaints.add(line, reason);
    None
}

/// Where a number comes from, in words: `Lab: Ridgeless least squares, Variance, γ = 0.95`.
fn source_of(schema: &Schema, request: &value::Request, settings: &Settings, language: Language) -> String {
    let output = request.output.as_str();
    let (name, error) = output.strip_suffix("_standard_error").map_or((output, false), |name| (name, true));
    let mut parts = vec![format!("{}{}", words::LAB.get(language), schema.title.get(language))];
    let output = schema.output(name).map_or(name, |output| output.label.get(language));
    parts.push(if error { words::STANDARD_ERROR.get(language).replace("{}", output) } else { output.to_string() });
    for (name, value) in settings.written(schema) {
        if !request.pairs.iter().any(|(asked, _)| *asked == name) {
            continue;
        }
        let symbol =
            schema.parameter(&name).map(|parameter| parameter.symbol.clone()).filter(|symbol| !symbol.is_empty());
        parts.push(format!("{} = {value}", symbol.unwrap_or(name.into())));
    }
    parts.join(words::COMMA.get(language))
}

fn cite(writer: &mut Writer, mentions: &[Mention], line: usize) {
    object(writer, OBJECT, line);
    let (places, works): (Vec<&Mention>, Vec<&Mention>) = mentions.iter().partition(|mention| is_label(&mention.key));
    for (index, mention) in places.iter().enumerate() {
        writer.out.push_str(if index > 0 { ", " } else { "" });
        refer(writer, mention, line);
    }
    if works.is_empty() {
        return;
    }
    writer.out.push_str("<span class=\"citation\">[");
    for (index, mention) in works.iter().enumerate() {
        writer.out.push_str(if index > 0 { "; " } else { "" });
        cite_work(writer, mention, line);
    }
    writer.out.push_str("]</span>");
}

fn refer(writer: &mut Writer, mention: &Mention, line: usize) {
    writer.cited.push(mention.key.clone());
    let Some(target) = writer.names.target(&mention.key) else {
        writer.complaints.add(line, format!("nothing in this chapter has the id {}", mention.key));
        return;
    };
    let _ = write!(writer.out, "<a href=\"#{}\">{}</a>", target.anchor, target.html);
    locator(writer, mention);
}

fn cite_work(writer: &mut Writer, mention: &Mention, line: usize) {
    writer.cited.push(mention.key.clone());
    let key = &mention.key;
    if !writer.context.bibliography.contains(key) {
        writer.complaints.add(line, format!("unknown citation “{key}”; references.bib has no such entry"));
        return;
    }
    let place = writer.mention(key);
    writer.rendered.citations.push(place);
    let short = escaped(&writer.context.bibliography.short(key, writer.context.language));
    let number = writer.names.number(key).unwrap_or_default();
    let _ = write!(
        writer.out,
        "<a href=\"#ref-{}\" role=\"doc-biblioref\" title=\"{short}\">{number}</a>",
        escaped(&anchor(key))
    );
    locator(writer, mention);
}

fn locator(writer: &mut Writer, mention: &Mention) {
    if let Some(locator) = &mention.locator {
        writer.out.push_str(words::COMMA.get(writer.context.language));
        writer.out.push_str(locator);
    }
}

fn link(writer: &mut Writer, node: Node<'_>, url: &str, line: usize) {
    check_link(writer, url, line);
    let bare =
        node.first_child().is_some_and(|child| matches!(&child.data().value, NodeValue::Text(text) if text == url));
    let open = format!("<a href=\"{}\">", escaped(url));
    if bare {
        object(writer, OBJECT, line);
        let _ = write!(writer.out, "{open}{}</a>", escaped(url));
    } else {
        let start = writer.out.len() + open.len();
        within(writer, node, &open, "</a>");
        if writer.out.get(start..).is_some_and(|inside| inside.contains("<a ")) {
            writer.complaints.add(line, "a link holds no other link, citation or phrase");
        }
    }
}

/// A link leads to the web, to an id on this page, or to a chapter of this edition as `../slug/`.
fn check_link(writer: &mut Writer, url: &str, line: usize) {
    if url.starts_with("https://") || url.starts_with("http://") {
        return;
    }
    if let Some(id) = url.strip_prefix('#') {
        if !(is_name(id) && writer.names.has_anchor(id)) {
            writer.complaints.add(line, format!("nothing in this chapter has the id {id}"));
        }
        return;
    }
    let slug = url.strip_prefix("../").and_then(|rest| rest.split_once('/')).map(|(slug, _)| slug);
    if !slug.is_some_and(|slug| writer.context.chapters.contains(slug)) {
        writer.complaints.add(line, format!("“{url}” leads nowhere; a link is https://…, #id or ../chapter/"));
    }
}
