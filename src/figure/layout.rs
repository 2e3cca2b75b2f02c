//! Where the parts of a chart go.

use super::{
    geometry::Rect,
    lettering::{width_of, wrap},
    scale::Scale,
    ticks::{Direction, Tick, ticks},
};
use labs::{
    figure::{Chart, Mark},
    text::Language,
};

/// Size of titles, in CSS pixels.
pub(super) const TITLE: f64 = 14.0;
/// Size of axis labels.
pub(super) const LABEL: f64 = 13.0;
/// Size of tick labels and of labels of thresholds.
pub(super) const SMALL: f64 = 12.0;
/// Height of a line of text.
pub(super) const LINE: f64 = 18.0;
/// Width of the color bar of a heat map.
pub(super) const BAR: f64 = 10.0;

/// A line of text.
#[derive(Clone, Debug, PartialEq)]
pub(super) struct Line {
    pub text: String,
    pub x: f64,
    /// The middle of the line.
    pub y: f64,
}

/// The color bar of a heat map.
#[derive(Clone, Debug, PartialEq)]
pub(super) struct ColorBar {
    pub rect: Rect,
    /// Lines of its label, which end at the right edge of the panel.
    pub label: Vec<Line>,
    /// Its ends and its middle as numbers, least first.
    pub ticks: [String; 3],
}

/// A chart laid out for one size.
#[derive(Clone, Debug, PartialEq)]
pub(super) struct Layout {
    pub plot: Rect,
    pub x: Scale,
    pub y: Scale,
    pub x_ticks: Vec<Tick>,
    pub y_ticks: Vec<Tick>,
    pub title: Vec<Line>,
    pub y_label: Vec<Line>,
    pub x_label: Vec<Line>,
    /// The labels of the thresholds, centered on `x`, with the abscissa each belongs to.
    pub thresholds: Vec<(Line, f64)>,
    pub color_bar: Option<ColorBar>,
}

/// The height that suits a chart of that width.
pub(super) fn chart_height(width: f64) -> f64 {
    (width * 0.62).clamp(250.0, 400.0).round()
}

impl Layout {
    pub fn of(chart: &Chart, language: Language, width: f64, height: f64) -> Self {
        let label = |text: &str| wrap(text, width - 8.0, LABEL);
        let mut top = 2.0;
        let mut rows = |texts: Vec<String>, size: f64| -> Vec<Line> {
            let lines = texts.into_iter().map(|text| {
                top += size * 1.4;
                Line { text, x: 0.0, y: top - size * 0.7 }
            });
            lines.collect()
        };
        let title = rows(wrap(chart.title.get(language), width, TITLE), TITLE);
        let heat_map = heat_map(chart);
        let bar_label = heat_map.map(|(label, _)| label.get(language)).unwrap_or_default();
        let y_text = chart.y.label.get(language);
        let share_row = width_of(y_text, LABEL) + width_of(bar_label, LABEL) + 24.0 < width;
        let y_label = rows(label(y_text), LABEL);
        let bar_label = if share_row {
            let y = y_label.last().map_or(LABEL, |line| line.y);
            vec![Line { text: bar_label.to_owned(), x: width, y }]
        } else {
            let lines = rows(label(bar_label), LABEL);
            lines.into_iter().map(|line| Line { x: width, ..line }).collect()
        };
        let bar_ticks = heat_map.map(|(_, [low, high])| {
            [low, f64::midpoint(low, high), high].map(|value| super::number::format_number(value, 2))
        });
        let bar_room = bar_ticks.as_ref().map_or(0.0, |ticks| {
            let widest = ticks.iter().map(|tick| width_of(tick, SMALL)).fold(0.0, f64::max);
            14.0 + BAR + 6.0 + widest
        });

        let x_label = wrap(chart.x.label.get(language), width - 16.0, LABEL);
        let bottom = height - 24.0 - LINE * x_label.len() as f64;
        // The ticks decide the margins and the margins the length of the axes: once around is enough.
        let y_ticks = ticks(&chart.y, Direction::Vertical, bottom - top - LINE, SMALL);
        let widest = y_ticks.iter().map(|tick| width_of(&tick.label, SMALL)).fold(12.0, f64::max);
        let left = (widest + 8.0).ceil();
        let mut right = width - bar_room - 10.0;
        let x_ticks = ticks(&chart.x, Direction::Horizontal, right - left, SMALL);
        if bar_room == 0.0
            && let Some(last) = x_ticks.iter().rfind(|tick| !tick.label.is_empty())
        {
            let end = Scale::new(&chart.x, [left, right]).pixel(last.value) + width_of(&last.label, SMALL) / 2.0;
            right -= (end - width).max(0.0);
        }
        let x = Scale::new(&chart.x, [left, right]);
        let (thresholds, threshold_rows) = place_thresholds(chart, language, &x, width);
        let top = (top + 6.0 + threshold_rows as f64 * 16.0).round();
        let thresholds = thresholds
            .into_iter()
            .map(|(line, row, at)| (Line { y: top - 9.0 - row as f64 * 16.0, ..line }, at))
            .collect();
        let plot = Rect { left, top, right, bottom };
        let y = Scale::new(&chart.y, [bottom, top]);
        let x_label = x_label
            .into_iter()
            .enumerate()
            .map(|(row, text)| Line { text, x: right, y: bottom + 24.0 + LINE * (row as f64 + 0.4) })
            .collect();
        let color_bar = bar_ticks.map(|ticks| ColorBar {
            rect: Rect { left: right + 14.0, top, right: right + 14.0 + BAR, bottom },
            label: bar_label,
            ticks,
        });
        Self { plot, x, y, x_ticks, y_ticks, title, y_label, x_label, thresholds, color_bar }
    }
}

/// The first heat map's label and range.
fn heat_map(chart: &Chart) -> Option<(&labs::text::Text, [f64; 2])> {
    chart.marks.iter().find_map(|mark| match mark {
        Mark::HeatMap { label, range, .. } => Some((label, *range)),
        _ => None,
    })
}

/// Puts each threshold's label above its line, in the lowest row in which it touches no other; returns the rows used.
fn place_thresholds(chart: &Chart, language: Language, scale: &Scale, width: f64) -> (Vec<(Line, usize, f64)>, usize) {
    let mut placed: Vec<(Line, usize, f64)> = Vec::new();
    let mut taken: Vec<(usize, f64, f64)> = Vec::new();
    for mark in &chart.marks {
        let Mark::Threshold { label, x: at } = mark else { continue };
        let text = label.get(language);
        let inside = (chart.x.range[0]..=chart.x.range[1]).contains(at);
        let center = scale.pixel(*at);
        if !inside || center.is_nan() {
            continue;
        }
        if text.is_empty() {
            placed.push((Line { text: String::new(), x: center, y: 0.0 }, 0, *at));
            continue;
        }
        let half = width_of(text, SMALL) / 2.0 + 2.0;
        let x = center.min(width - half).max(half);
        let free = |row: usize| taken.iter().all(|&(other, from, to)| other != row || x + half < from || x - half > to);
        // Among n labels one of the first n + 1 rows is free.
        let row = (0..=taken.len()).find(|&row| free(row)).unwrap_or(0);
        taken.push((row, x - half - 4.0, x + half + 4.0));
        placed.push((Line { text: text.to_owned(), x, y: 0.0 }, row, *at));
    }
    let rows = taken.iter().map(|&(row, ..)| row + 1).max().unwrap_or(0);
    (placed, rows)
}
