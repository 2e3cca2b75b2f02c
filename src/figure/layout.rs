//! Where the parts of a chart go.

use super::{
    geometry::Rect,
    lettering::{width_of, wrap},
    scale::Scale,
    ticks::{Direction, Tick, ticks},
};
use labs::{
    figure::{AxisScale, Chart, Mark},
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
/// Room between the words above a plot and the plot.
const PLOT_GAP: f64 = 8.0;
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

/// The height that suits a chart of that width: that of a plane is about as high as it is wide.
pub(super) fn chart_height(chart: &Chart, width: f64) -> f64 {
    let share = if chart.y.scale == AxisScale::Equal { 0.96 } else { 0.62 };
    (width * share).clamp(250.0, 400.0).round()
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
        let [across, up] = [&chart.x, &chart.y].map(|axis| axis.range[1] - axis.range[0]);
        let unit =
            (chart.y.scale == AxisScale::Equal).then(|| ((right - left) / across).min((bottom - top - PLOT_GAP) / up));
        right = unit.map_or(right, |unit| left + unit * across);
        let x = Scale::new(&chart.x, [left, right]);
        let (thresholds, threshold_rows) = place_thresholds(chart, language, &x, width);
        let top = (top + PLOT_GAP + threshold_rows as f64 * 16.0).round();
        let top = unit.map_or(top, |unit| bottom - unit * up);
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

/// Puts each threshold's label above its line, or beginning or ending there, so that all stand in one row without
/// touching; in a row each if that cannot be. Returns each label with its row and its abscissa, and the rows used.
fn place_thresholds(chart: &Chart, language: Language, scale: &Scale, width: f64) -> (Vec<(Line, usize, f64)>, usize) {
    let [low, high] = chart.x.range;
    let marks = chart.marks.iter().filter_map(|mark| match mark {
        Mark::Threshold { label, x } if (low..=high).contains(x) => Some((label.get(language), *x)),
        _ => None,
    });
    let marks: Vec<(&str, f64)> = marks.filter(|&(_, at)| !scale.pixel(at).is_nan()).collect();
    let half = |text: &str| if text.is_empty() { 0.0 } else { width_of(text, SMALL) / 2.0 + 3.0 };
    let center = |(text, at): (&str, f64), shift: usize| {
        let half = half(text);
        (scale.pixel(at) + [0.0, half, -half][shift]).min(width - half).max(half)
    };
    let places = |code: usize| -> Vec<f64> {
        let digits = std::iter::successors(Some(code), |code| Some(code / 3)).map(|code| code % 3);
        marks.iter().zip(digits).map(|(&mark, shift)| center(mark, shift)).collect()
    };
    let are_apart = |places: &[f64]| {
        let extents: Vec<(f64, f64)> =
            marks.iter().zip(places).map(|(mark, &x)| (x - half(mark.0), x + half(mark.0))).collect();
        (1..extents.len()).all(|i| (0..i).all(|j| extents[i].1 <= extents[j].0 || extents[j].1 <= extents[i].0))
    };
    // A chart has one threshold or two; beyond four the search would be long and the row full.
    let one_row = (0..3_usize.pow(marks.len().min(4) as u32)).map(places).find(|places| are_apart(places));
    let rows = if one_row.is_some() { usize::from(marks.iter().any(|mark| !mark.0.is_empty())) } else { marks.len() };
    let places = one_row.clone().unwrap_or_else(|| marks.iter().map(|&mark| center(mark, 0)).collect());
    let placed = marks.iter().zip(places).enumerate().map(|(index, (&(text, at), x))| {
        let row = if one_row.is_some() { 0 } else { index };
        (Line { text: text.to_owned(), x, y: 0.0 }, row, at)
    });
    (placed.collect(), rows)
}

#[cfg(test)]
mod tests {
    use super::*;
    use labs::{
        figure::{Axis, AxisScale},
        text::Text,
    };

    fn labels(at: &[f64]) -> Vec<(f64, f64)> {
        let axis = || Axis { label: Text::same("x"), scale: AxisScale::Linear, range: [0.0, 1.0] };
        let marks = at.iter().map(|&x| Mark::Threshold { label: Text::same("interpolation"), x }).collect();
        let chart = Chart { title: Text::same(""), x: axis(), y: axis(), marks };
        let layout = Layout::of(&chart, Language::English, 480.0, 300.0);
        assert!(layout.thresholds.iter().all(|(line, _)| line.y < layout.plot.top));
        layout.thresholds.iter().map(|(line, _)| (line.x, line.y)).collect()
    }

    #[test]
    fn labels_of_thresholds_near_each_other_stand_side_by_side_and_else_one_above_the_other() {
        let wide = width_of("interpolation", SMALL);
        let near = labels(&[0.45, 0.55]);
        assert_eq!(near[0].1, near[1].1);
        assert!((near[0].0 - near[1].0).abs() >= wide, "{near:?}");
        let crowded = labels(&[0.5, 0.5, 0.5, 0.51]);
        assert!(crowded.windows(2).all(|pair| (pair[0].1 - pair[1].1).abs() > SMALL), "{crowded:?}");
    }
}
