//! What prose and labs have to do with each other: phrases that drive a figure, and guesses at its next run.

use super::{Display, Span, Writer, inlines};
use crate::{
    TaskKind,
    guess::{Asked, Guess},
    html::escaped,
    names,
    phrase::{At, Phrase},
    source::Directive,
};
use comrak::nodes::{Node, NodeValue};
use labs::{
    figure::{Axis, Chart, Figure, Mark, Panel},
    schema::Schema,
    settings::Settings,
};
use std::fmt::Write as _;

/// `name=value` joined by `&`, the values as links carry them.
pub(super) fn query(schema: &Schema, settings: &Settings, pairs: &[(String, String)]) -> String {
    let written = |(name, _): &(String, String)| {
        let value = match schema.parameter(name) {
            Some(parameter) => settings.text(parameter),
            None => settings.seed.to_string(),
        };
        format!("{name}={value}")
    };
    pairs.iter().map(written).collect::<Vec<_>>().join("&")
}

/// The figure of a lab's run, or a complaint.
fn figure(writer: &mut Writer, schema: &Schema, settings: &Settings, line: usize) -> Option<Figure> {
    let found = writer.context.values.figure(&schema.id, settings);
    found.map_err(|reason| writer.complaints.add(line, format!("the figure of {}: {reason}", schema.id))).ok()
}

fn charts(figure: &Figure) -> impl Iterator<Item = (usize, &Chart)> {
    figure.panels.iter().enumerate().filter_map(|(index, panel)| match panel {
        Panel::Chart(chart) => Some((index, chart)),
        Panel::Images(_) => None,
    })
}

/// A mark's name as a series, empty for what is no series.
fn name(mark: &Mark) -> &str {
    match mark {
        Mark::Line { name, .. } | Mark::Band { name, .. } | Mark::Points { name, .. } | Mark::HeatMap { name, .. } => {
            name
        }
        Mark::Threshold { .. } | Mark::Probe { .. } => "",
    }
}

/// The points of a curve; a band and a heat map are none.
fn curve<'f>(chart: &'f Chart, series: &str) -> Option<impl Iterator<Item = (f64, f64)> + use<'f>> {
    chart.marks.iter().find_map(|mark| match mark {
        Mark::Line { name, x, y, .. } | Mark::Points { name, x, y, .. } if name == series => {
            Some(x.iter().copied().zip(y.iter().copied()))
        }
        _ => None,
    })
}

/// What a guess at a heat map needs to stay the same: the grid's columns and rows and the ends of the color scale.
fn grid<'f>(chart: &'f Chart, series: &str) -> Option<(&'f [f64], &'f [f64], [f64; 2])> {
    chart.marks.iter().find_map(|mark| match mark {
        Mark::HeatMap { name, x, y, range, .. } if name == series => Some((x.as_slice(), y.as_slice(), *range)),
        _ => None,
    })
}

fn has(chart: &Chart, series: &str) -> bool {
    !series.is_empty() && chart.marks.iter().any(|mark| name(mark) == series)
}

/// The names of all marks for which something holds, each once.
fn listed(figure: &Figure, holds: impl Fn(&Mark) -> bool) -> String {
    let mut names: Vec<&str> = Vec::new();
    for mark in charts(figure).flat_map(|(_, chart)| &chart.marks).filter(|mark| holds(mark)) {
        if !name(mark).is_empty() && !names.contains(&name(mark)) {
            names.push(name(mark));
        }
    }
    names.join(", ")
}

fn on(axis: &Axis, at: At) -> bool {
    at.ends().iter().all(|place| (axis.range[0]..=axis.range[1]).contains(place))
}

/// Opens a phrase; [`close`] ends it.
pub(super) fn open(writer: &mut Writer, phrase: Option<&Phrase>, line: usize) {
    inlines::break_line(writer, None);
    writer.out.push_str("<a class=\"phrase\"");
    if let Some(phrase) = phrase {
        attributes(writer, phrase, line);
    }
    writer.out.push('>');
    let text = writer.out.len();
    writer.run.spans.push(Span::Phrase { text });
}

/// Ends the phrase whose text begins at `text`.
pub(super) fn close(writer: &mut Writer, text: usize, line: usize) {
    let inside = writer.out.get(text..).unwrap_or_default();
    if inside.trim().is_empty() {
        writer.complaints.add(line, "this phrase has no text");
    } else if inside.contains("<a ") {
        writer.complaints.add(line, "a phrase is a link and holds no other link, citation or phrase");
    }
    writer.out.push_str("</a>");
}

fn attributes(writer: &mut Writer, phrase: &Phrase, line: usize) {
    let mut written = vec![phrase.lab.clone()];
    written.extend(phrase.pairs.iter().map(|(name, value)| format!("{name}={value}")));
    written.extend((!phrase.show.is_empty()).then(|| format!("show={}", phrase.show.join(","))));
    written.extend(phrase.at.map(|at| format!("at={at}")));
    writer.phrased.push(written.join(" "));

    let (schema, printed) = match writer.names.printed(&phrase.lab) {
        Ok(found) => found,
        Err(reason) => return writer.complaints.add(line, reason),
    };
    let settings = match names::changed(schema, printed, &phrase.pairs) {
        Ok(settings) => settings,
        Err(reasons) => return writer.complaints.add_all(line, reasons),
    };
    check(writer, phrase, schema, &settings, line);
    let lab = escaped(&phrase.lab);
    let set = escaped(&query(schema, &settings, &phrase.pairs));
    if phrase.pairs.is_empty() {
        let _ = write!(writer.out, " href=\"#lab-{lab}\" data-for=\"{lab}\"");
    } else {
        let address = set.split("&amp;").fold(String::new(), |address, pair| format!("{address}{lab}.{pair}&amp;"));
        let _ = write!(writer.out, " href=\"?{address}{lab}.run=1#lab-{lab}\" data-for=\"{lab}\" data-set=\"{set}\"");
    }
    if !phrase.show.is_empty() {
        let _ = write!(writer.out, " data-show=\"{}\"", escaped(&phrase.show.join(",")));
    }
    if let Some(at) = phrase.at {
        let _ = write!(writer.out, " data-at=\"{at}\"");
    }
}

/// Whether the figure of the run has the series and the place that a phrase points at.
fn check(writer: &mut Writer, phrase: &Phrase, schema: &Schema, settings: &Settings, line: usize) {
    if phrase.show.is_empty() && phrase.at.is_none() {
        return;
    }
    let Some(figure) = figure(writer, schema, settings, line) else { return };
    for series in &phrase.show {
        let shown: Vec<&Chart> = charts(&figure).map(|(_, chart)| chart).filter(|chart| has(chart, series)).collect();
        if shown.is_empty() {
            let there = listed(&figure, |_| true);
            let reason = format!("the lab {} has no series “{series}” with these settings; it has {there}", schema.id);
            writer.complaints.add(line, reason);
        } else if let Some(at) = phrase.at
            && let Some(chart) = shown.iter().find(|chart| !on(&chart.x, at))
        {
            let axis = &chart.x;
            writer.complaints.add(line, format!("at={at} is not on the axis of {series}, {}", axis_words(axis)));
        }
    }
    if let (true, Some(at)) = (phrase.show.is_empty(), phrase.at)
        && !charts(&figure).any(|(_, chart)| on(&chart.x, at))
    {
        let axes: Vec<String> = charts(&figure).map(|(_, chart)| axis_words(&chart.x)).collect();
        let reason = format!("at={at} is on no axis of the lab {}: {}", schema.id, axes.join("; "));
        writer.complaints.add(line, reason);
    }
}

/// `“features per sample γ = p/n”, 0.1..10`
fn axis_words(axis: &Axis) -> String {
    format!("“{}”, {}..{}", axis.label.en, axis.range[0], axis.range[1])
}

/// Writes `:::predict` within a lab that is printed with these settings.
pub(super) fn predict(
    writer: &mut Writer,
    node: Node<'_>,
    directive: &Directive,
    guess: Option<&Guess>,
    lab: Option<(&'static Schema, &Settings)>,
) {
    let line = directive.line;
    let label = directive.label.as_deref().unwrap_or_default();
    let anchor = writer.names.target(label).map_or("", |target| &target.anchor);
    let _ = write!(writer.out, "<div class=\"predict\" id=\"{}\"", escaped(anchor));
    let mut what = format!("the guess {label}");
    if let Some(guess) = guess {
        let series = escaped(&guess.series);
        let asked = match guess.asked {
            Asked::Curve => format!(" data-curve=\"{series}\""),
            Asked::Value { at } => format!(" data-value=\"{series}\" data-at=\"{at}\""),
            Asked::Region => format!(" data-region=\"{series}\""),
        };
        let _ = write!(what, "{asked} {:?}", guess.pairs);
        writer.out.push_str(&asked);
        if let Some((schema, printed)) = lab
            && let Some(settings) = next_run(writer, guess, schema, printed, line)
        {
            let _ = write!(writer.out, " data-set=\"{}\"", escaped(&query(schema, &settings, &guess.pairs)));
        }
    }
    writer.out.push('>');
    if node.first_child().is_none() {
        writer.complaints.add(line, "this :::predict has no text: say what to guess");
    }
    for child in node.children() {
        let line = writer.line(child);
        if !matches!(child.data().value, NodeValue::Paragraph) {
            writer.complaints.add(line, "a :::predict is made of paragraphs");
            continue;
        }
        writer.begin_run(Display::Refused);
        writer.out.push_str("<p>");
        let start = writer.out.len();
        inlines::children(writer, child);
        if child.previous_sibling().is_none() {
            let prompt = writer.out.get(start..).unwrap_or_default().to_string();
            writer.task(TaskKind::Guess, anchor, &prompt);
        }
        writer.out.push_str("</p>");
        writer.end_run(line);
    }
    writer.fact(line, &what);
    writer.out.push_str("</div>");
}

/// The settings of the run that a guess is about, once everything is right with it.
fn next_run(
    writer: &mut Writer,
    guess: &Guess,
    schema: &'static Schema,
    printed: &Settings,
    line: usize,
) -> Option<Settings> {
    let settings = match names::changed(schema, printed, &guess.pairs) {
        Ok(settings) => settings,
        Err(reasons) => {
            writer.complaints.add_all(line, reasons);
            return None;
        }
    };
    if settings == *printed {
        let reason = "a guess is about the next run: give it a setting that differs from the printed run's";
        writer.complaints.add(line, reason);
        return None;
    }
    let next = figure(writer, schema, &settings, line);
    let before = figure(writer, schema, printed, line);
    if let Err(reason) = place_for_a_guess(guess, &schema.id, &before?, &next?) {
        writer.complaints.add(line, reason);
        return None;
    }
    Some(settings)
}

/// Whether a reader can guess in the printed figure what the figure of the next run will show.
fn place_for_a_guess(guess: &Guess, lab: &str, before: &Figure, next: &Figure) -> Result<(), String> {
    let series = &guess.series;
    let is_region = guess.asked == Asked::Region;
    let holds = |chart: &Chart| {
        if is_region { grid(chart, series).is_some() } else { curve(chart, series).is_some() }
    };
    let Some((panel, chart)) = charts(next).find(|(_, chart)| holds(chart)) else {
        let (what, there) = if is_region {
            ("heat map", listed(next, |mark| matches!(mark, Mark::HeatMap { .. })))
        } else {
            ("curve", listed(next, |mark| matches!(mark, Mark::Line { .. } | Mark::Points { .. })))
        };
        let there = if there.is_empty() { "none".into() } else { there };
        return Err(format!("the lab {lab} has no {what} “{series}” with these settings; it has {there}"));
    };
    let Some((_, old)) = charts(before).find(|(index, _)| *index == panel) else {
        return Err(format!("the printed run has no axes where “{series}” will be drawn"));
    };
    for (old, new) in [(&old.x, &chart.x), (&old.y, &chart.y)] {
        if old != new {
            return Err(format!(
                "the axes of “{series}” differ between the printed run and the one that is guessed, so that a guess \
                 has no place: {} and {}",
                axis_words(old),
                axis_words(new)
            ));
        }
    }
    match guess.asked {
        Asked::Curve => Ok(()),
        Asked::Value { at } => value_at(chart, series, at),
        Asked::Region if grid(old, series) == grid(chart, series) => Ok(()),
        Asked::Region => Err(format!(
            "the cells or the color scale of “{series}” differ between the printed run and the one that is guessed, \
             so that a guess has no place"
        )),
    }
}

/// Whether a curve has a value at a place.
fn value_at(chart: &Chart, series: &str, at: f64) -> Result<(), String> {
    if !on(&chart.x, At::Point(at)) {
        return Err(format!("at={at} is not on the axis of {series}, {}", axis_words(&chart.x)));
    }
    let points = curve(chart, series).into_iter().flatten();
    let drawn: Vec<f64> = points.filter(|(_, y)| y.is_finite()).map(|(x, _)| x).collect();
    let (first, last) = drawn.iter().fold((f64::INFINITY, f64::NEG_INFINITY), |(a, b), &x| (a.min(x), b.max(x)));
    if !(first..=last).contains(&at) {
        return Err(format!("“{series}” has no value at {at}: it is drawn from {first} to {last}"));
    }
    Ok(())
}
