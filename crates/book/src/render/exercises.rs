//! Exercises that the page can check: options with their responses, and numbers that a lab computes.
//!
//! What is printed reads without script: the question first, then, folded away, the answer with every response. The
//! script `exercises.js` takes from there what it says to a reader's answer, so no word and no number stands twice.

use super::{Display, Writer, blocks, inlines};
use crate::{
    answer::Number,
    html::escaped,
    names,
    source::{DirectiveKind, Kind, Piece, pieces},
    value::{self, Request},
    words,
};
use comrak::nodes::{Node, NodeValue};
use labs::text::Language;
use std::fmt::Write as _;

/// Whether an exercise can be answered, in one way.
pub(super) fn check(writer: &mut Writer, exercise: Node<'_>, line: usize) {
    let kinds = exercise.children().filter_map(|child| blocks::directive_of(writer.context, child));
    let (mut choices, mut numbers, mut solutions) = (0, 0, 0);
    for (_, directive) in kinds {
        match directive.kind {
            DirectiveKind::Choices => choices += 1,
            DirectiveKind::Number(_) => numbers += 1,
            DirectiveKind::Solution => solutions += 1,
            _ => {}
        }
    }
    if choices + numbers > 1 || solutions > 1 {
        writer.complaints.add(line, "an exercise has one :::choices or one :::number at most, and one :::solution");
    } else if choices + solutions == 0 {
        writer.complaints.add(line, "this exercise has no :::solution; only one with :::choices may go without");
    }
}

/// The token that a block's text begins with.
fn first_token<'a>(writer: &Writer<'a>, block: Node<'_>) -> Option<&'a Kind> {
    let first = block.first_child()?;
    let NodeValue::Text(text) = &first.data().value else { return None };
    let Some(Piece::Token(index)) = pieces(text).into_iter().next() else { return None };
    writer.context.source.tokens.get(index).map(|token| &token.kind)
}

/// The items of the one list that a block is made of, or a complaint.
fn items<'n>(writer: &mut Writer, node: Node<'n>, line: usize, what: &str) -> Vec<Node<'n>> {
    let mut lists = node.children();
    match (lists.next(), lists.next()) {
        (Some(list), None) if matches!(list.data().value, NodeValue::List(_)) => list.children().collect(),
        _ => {
            writer.complaints.add(line, format!("{what}, and nothing else"));
            Vec::new()
        }
    }
}

/// Writes `:::choices`.
pub(super) fn choices(writer: &mut Writer, node: Node<'_>, line: usize) {
    let items = items(writer, node, line, ":::choices holds a list of options, - [x] right or - [ ] wrong");
    let mut marks = Vec::new();
    for item in &items {
        let line = writer.line(item);
        let Some(Kind::Choice(right)) = item.first_child().and_then(|first| first_token(writer, first)) else {
            writer.complaints.add(line, "an option begins with [x] if it is right, or with [ ]");
            continue;
        };
        if item.children().count() < 2 {
            let reason = "this option has no response: after a blank line, indented, say why it is right or wrong";
            writer.complaints.add(line, reason);
        }
        marks.push(*right);
    }
    if marks.len() == items.len() && !items.is_empty() && (!marks.contains(&true) || !marks.contains(&false)) {
        writer.complaints.add(line, "at least one option is right, - [x], and at least one wrong, - [ ]");
    }
    let written: String = marks.iter().map(|right| if *right { " [x]" } else { " [ ]" }).collect();
    writer.fact(line, &format!("the choices{written}"));
    let language = writer.context.language;
    let several = marks.iter().filter(|right| **right).count() > 1;
    let (legend, kind) = if several { (&words::CHOOSE_ALL, "checkbox") } else { (&words::CHOOSE_ONE, "radio") };
    let legend = legend.get(language);
    let _ = write!(writer.out, "<form class=\"check\"><fieldset><legend>{legend}</legend><ol>");
    for item in &items {
        let _ = write!(writer.out, "<li><label><input type=\"{kind}\" name=\"choice\"><span>");
        if let Some(option) = item.first_child() {
            text(writer, option, "an option is one paragraph");
        }
        writer.out.push_str("</span></label>");
    }
    let _ = write!(writer.out, "</ol>{}</fieldset>", button(writer));
    let _ = write!(writer.out, "<details class=\"answer\"><summary>{}</summary><ol>", words::ANSWER.get(language));
    let space = if language == Language::English { " " } else { "" };
    for (item, right) in items.iter().zip(&marks) {
        let (mark, word) = if *right { (" data-right", &words::RIGHT) } else { ("", &words::WRONG) };
        let _ = write!(writer.out, "<li{mark}><strong>{}</strong>{space}", word.get(language));
        for (index, block) in item.children().skip(1).enumerate() {
            // The first paragraph goes on in the line of its verdict.
            blocks::block(writer, block, index == 0);
        }
    }
    writer.out.push_str("</ol></details></form>");
}

/// The button that only scripts bring to life.
fn button(writer: &Writer) -> String {
    format!("<button class=\"needs-script\" disabled>{}</button>", words::CHECK.get(writer.context.language))
}

/// Writes the text of a paragraph without `<p>`.
fn text(writer: &mut Writer, paragraph: Node<'_>, rule: &str) {
    let line = writer.line(paragraph);
    if !matches!(paragraph.data().value, NodeValue::Paragraph) {
        writer.complaints.add(line, rule);
        return;
    }
    writer.begin_run(Display::Refused);
    inlines::children(writer, paragraph);
    writer.end_run(line);
    writer.fact(line, "a paragraph");
}

/// Writes `:::number`.
pub(super) fn number(writer: &mut Writer, node: Node<'_>, number: Option<&Number>, line: usize) {
    // What could not be read was refused when it was scanned.
    let Some(number) = number else { return };
    let answer = inlines::evaluated(writer, &number.request, line);
    writer.fact(line, &format!("the number within {}", number.tolerance.written));
    let distance = answer.as_ref().map(|(right, _)| number.tolerance.around(*right));
    if let Some(distance) = distance {
        check_tolerance(writer, number, distance, line);
    }
    let language = writer.context.language;
    let unit = if number.unit.is_empty() { String::new() } else { format!(" {}", escaped(&number.unit)) };
    let (asked, button) = (words::YOUR_ANSWER.get(language), button(writer));
    let _ = write!(
        writer.out,
        "<form class=\"check\"><p><label>{asked} <input size=\"10\" autocomplete=\"off\">{unit}</label> {button}</p>\
         <details class=\"answer\" data-tolerance=\"{}\"><summary>{}</summary><p>{}{}{}</p>",
        distance.unwrap_or_default(),
        words::ANSWER.get(language),
        answer.as_ref().map_or("", |(_, element)| element),
        // A percentage is printed with its sign.
        if unit == " %" { "" } else { &unit },
        words::WITHIN.get(language).replace("{}", &number.tolerance.written),
    );
    if node.first_child().is_some() {
        let items = items(writer, node, line, ":::number holds a list of wrong numbers, - {{…}} and why it is wrong");
        writer.out.push_str("<ul>");
        for item in items {
            wrong_number(writer, item, answer.as_ref().map(|(right, _)| *right), distance);
        }
        writer.out.push_str("</ul>");
    }
    writer.out.push_str("</details></form>");
}

fn check_tolerance(writer: &mut Writer, number: &Number, distance: f64, line: usize) {
    if distance == 0.0 {
        writer.complaints.add(line, "the number is 0, so that its tolerance is no share of it; write tolerance=0.02");
    }
    let output = format!("{}_standard_error", number.request.output);
    let error = Request { output, ..number.request.clone() };
    // An exact output has none.
    let Ok((_, settings)) = names::request_settings(&error) else { return };
    match writer.context.values.value(&error.lab, &settings, &error.output) {
        Ok(error) if error <= distance => {}
        Ok(error) => writer.complaints.add(
            line,
            format!(
                "the tolerance, {distance}, is less than the standard error of the number, {error}; take more seeds"
            ),
        ),
        Err(reason) => writer.complaints.add(line, format!("{}.{}: {reason}", error.lab, error.output)),
    }
}

/// Writes a known wrong number and why it is wrong.
fn wrong_number(writer: &mut Writer, item: Node<'_>, right: Option<f64>, distance: Option<f64>) {
    let line = writer.line(item);
    let Some(Kind::Value(Some(request))) = item.first_child().and_then(|first| first_token(writer, first)) else {
        writer.complaints.add(line, "a wrong number is written - {{lab.output … | format}} and why it is wrong");
        return;
    };
    if let (Some(right), Some(distance), Some(wrong)) = (right, distance, quietly(writer, request))
        && (wrong - right).abs() <= distance
    {
        let reason = format!("{wrong} is as near to the right number, {right}, as the tolerance of {distance}");
        writer.complaints.add(line, reason);
    }
    let begins = writer.out.len();
    writer.out.push_str("<li>");
    for (index, block) in item.children().enumerate() {
        blocks::block(writer, block, index == 0);
    }
    if writer.out[begins..].ends_with("</data>") {
        writer.complaints.add(line, "this wrong number has no response: say why it is wrong");
    }
}

/// A requested number, where what may be wrong with it is told elsewhere.
fn quietly(writer: &Writer, request: &value::Request) -> Option<f64> {
    let (_, settings) = names::request_settings(request).ok()?;
    writer.context.values.value(&request.lab, &settings, &request.output).ok()
}
