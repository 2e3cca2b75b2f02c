//! Draws a chart: axes and marks.

use super::{
    geometry::{Point, Rect, clip_line, clip_polygon, simplify},
    layout::{LABEL, Layout, Line, SMALL, TITLE},
    palette::{Rgb, color_scale},
    pen::{Align, Drawn, Pen, Tint, Type},
    scale::Scale,
};
use labs::figure::{Chart, Mark, Stroke};
use plotters::prelude::DrawingBackend;

/// What cannot be seen of a curve, in CSS pixels.
const TOLERANCE: f64 = 0.12;

/// The steps of a color scale that the eye still tells apart.
const SHADES: f64 = 48.0;

/// How far a cell reaches under its neighbor, in CSS pixels: where edges fall between pixels, paper would shine through.
const OVERLAP: f64 = 0.5;

/// What stands still while a lab runs: title, axes, grid, thresholds.
pub(super) fn draw_axes<DB: DrawingBackend>(pen: &Pen<DB>, layout: &Layout) -> Drawn<DB> {
    let palette = &pen.style.palette;
    let Layout { plot, .. } = layout;
    let label = Type { size: LABEL, color: palette.ink, bold: false };
    let number = Type { size: SMALL, color: palette.muted, bold: false };
    let grid = Tint(palette.grid, 1.0);
    let axis = Tint(palette.muted, 0.55);

    for tick in layout.y_ticks.iter().filter(|tick| !tick.label.is_empty()) {
        let y = snap(layout.y.pixel(tick.value));
        pen.line(&[(plot.left, y), (plot.right, y)], 1.0, grid)?;
    }
    for tick in layout.x_ticks.iter().filter(|tick| !tick.label.is_empty()) {
        let x = snap(layout.x.pixel(tick.value));
        pen.line(&[(x, plot.top), (x, plot.bottom)], 1.0, grid)?;
    }
    for tick in &layout.x_ticks {
        let x = snap(layout.x.pixel(tick.value));
        let length = if tick.label.is_empty() { 3.0 } else { 5.0 };
        pen.line(&[(x, plot.bottom), (x, plot.bottom + length)], 1.0, axis)?;
    }
    pen.line(&[(plot.left, snap(plot.bottom)), (plot.right, snap(plot.bottom))], 1.0, axis)?;
    for (label, at) in &layout.thresholds {
        let x = snap(layout.x.pixel(*at));
        let top = if label.text.is_empty() { plot.top } else { label.y + 8.0 };
        pen.line(&[(x, top), (x, plot.bottom)], 1.0, Tint(palette.muted, 0.8))?;
    }
    if let Some(bar) = &layout.color_bar {
        let at = |step: f64| bar.rect.bottom - bar.rect.height() * (step / SHADES).clamp(0.0, 1.0);
        for step in (0..=SHADES as usize).map(|step| step as f64) {
            let end = (at(step - 0.5) + OVERLAP).min(bar.rect.bottom);
            pen.rectangle(
                (bar.rect.left, at(step + 0.5)),
                (bar.rect.right, end),
                Tint(color_scale(step / SHADES), 1.0),
            )?;
        }
    }

    for tick in layout.y_ticks.iter().filter(|tick| !tick.label.is_empty()) {
        pen.text(&tick.label, (plot.left - 8.0, layout.y.pixel(tick.value)), Align::Right, number)?;
    }
    for tick in layout.x_ticks.iter().filter(|tick| !tick.label.is_empty()) {
        pen.text(&tick.label, (layout.x.pixel(tick.value), plot.bottom + 14.0), Align::Center, number)?;
    }
    for (line, _) in layout.thresholds.iter().filter(|(line, _)| !line.text.is_empty()) {
        pen.text(&line.text, (line.x, line.y), Align::Center, number)?;
    }
    if let Some(bar) = &layout.color_bar {
        for (share, text) in [0.0, 0.5, 1.0].into_iter().zip(&bar.ticks) {
            let y = bar.rect.bottom - share * bar.rect.height();
            pen.text(text, (bar.rect.right + 6.0, y), Align::Left, number)?;
        }
        lines(pen, &bar.label, Align::Right, label)?;
    }
    lines(pen, &layout.y_label, Align::Left, label)?;
    lines(pen, &layout.x_label, Align::Right, label)?;
    lines(pen, &layout.title, Align::Left, Type { size: TITLE, bold: true, ..label })
}

pub(super) fn lines<DB: DrawingBackend>(pen: &Pen<DB>, lines: &[Line], align: Align, look: Type) -> Drawn<DB> {
    lines.iter().try_for_each(|line| pen.text(&line.text, (line.x, line.y), align, look))
}

/// A position in the middle of a pixel, where a thin line is sharp.
fn snap(position: f64) -> f64 {
    position.floor() + 0.5
}

/// What moves while a lab runs.
pub(super) fn draw_marks<DB: DrawingBackend>(pen: &Pen<DB>, chart: &Chart, layout: &Layout) -> Drawn<DB> {
    chart.marks.iter().try_for_each(|mark| draw_mark(pen, mark, layout))
}

fn draw_mark<DB: DrawingBackend>(pen: &Pen<DB>, mark: &Mark, layout: &Layout) -> Drawn<DB> {
    let palette = &pen.style.palette;
    match mark {
        Mark::Line { role, stroke, x, y, .. } => {
            let points: Vec<Point> = x.iter().zip(y).map(|(&x, &y)| (layout.x.pixel(x), layout.y.pixel(y))).collect();
            draw_line(pen, &points, *stroke, palette.role(*role), &layout.plot)
        }
        Mark::Band { role, filled, x, low, high, .. } => {
            let tint = Tint(palette.role(*role), if *filled { 0.42 } else { 0.18 });
            draw_band(pen, x, low, high, tint, layout)
        }
        Mark::Points { role, x, y, .. } => {
            let points = x.iter().zip(y).map(|(&x, &y)| (layout.x.pixel(x), layout.y.pixel(y)));
            let radius = if x.len() > 120 { 2.0 } else { 3.0 };
            let mut inside = points.filter(|&point| layout.plot.contains(point));
            inside.try_for_each(|point| pen.disk(point, radius, Tint(palette.role(*role), 0.85)))
        }
        // Thresholds stand still and are drawn with the axes.
        Mark::Threshold { .. } => Ok(()),
        Mark::Probe { x, .. } => draw_probe(pen, layout.x.pixel(*x), &layout.plot),
        Mark::HeatMap { x, y, values, range, .. } => draw_heat_map(pen, x, y, values, *range, layout),
    }
}

fn draw_line<DB: DrawingBackend>(
    pen: &Pen<DB>,
    points: &[Point],
    stroke: Stroke,
    color: Rgb,
    plot: &Rect,
) -> Drawn<DB> {
    let (width, cover) = match stroke {
        Stroke::Solid | Stroke::Dotted => (2.0, 1.0),
        Stroke::Dashed => (1.75, 1.0),
        Stroke::Thin => (1.0, 0.45),
    };
    let tint = Tint(color, cover);
    for part in clip_line(points, plot) {
        if let [point] = part[..] {
            pen.disk(point, width, tint)?;
            continue;
        }
        let part = simplify(&part, TOLERANCE);
        match stroke {
            Stroke::Solid | Stroke::Thin => pen.line(&part, width, tint)?,
            // Round caps lengthen each dash by its width.
            Stroke::Dashed => pen.dashed_line(&part, [4.5, 5.0], width, tint)?,
            Stroke::Dotted => pen.dashed_line(&part, [0.3, 4.2], width, tint)?,
        }
    }
    Ok(())
}

fn draw_band<DB: DrawingBackend>(
    pen: &Pen<DB>,
    x: &[f64],
    low: &[f64],
    high: &[f64],
    tint: Tint,
    layout: &Layout,
) -> Drawn<DB> {
    let place = |value: f64| layout.y.pixel_or_floor(value);
    let slices: Vec<[f64; 3]> = x
        .iter()
        .zip(low.iter().zip(high))
        .map(|(&x, (&low, &high))| [layout.x.pixel(x), place(low), place(high)])
        .collect();
    for run in slices.split(|slice| slice.iter().any(|pixel| pixel.is_nan())) {
        let lower: Vec<Point> = run.iter().map(|slice| (slice[0], slice[1])).collect();
        let upper: Vec<Point> = run.iter().map(|slice| (slice[0], slice[2])).collect();
        let mut outline = simplify(&upper, TOLERANCE);
        outline.extend(simplify(&lower, TOLERANCE).into_iter().rev());
        let outline = clip_polygon(&outline, &layout.plot);
        if outline.len() > 2 {
            pen.polygon(&outline, tint)?;
        }
    }
    Ok(())
}

fn draw_probe<DB: DrawingBackend>(pen: &Pen<DB>, x: f64, plot: &Rect) -> Drawn<DB> {
    if !(plot.left - 0.5..=plot.right + 0.5).contains(&x) {
        return Ok(());
    }
    let palette = &pen.style.palette;
    pen.line(&[(x, plot.top), (x, plot.bottom)], 1.25, Tint(palette.ink, 0.7))?;
    pen.disk((x, plot.bottom), 6.5, Tint(palette.paper, 1.0))?;
    pen.disk((x, plot.bottom), 5.0, Tint(palette.ink, 1.0))
}

fn draw_heat_map<DB: DrawingBackend>(
    pen: &Pen<DB>,
    x: &[f64],
    y: &[f64],
    values: &[f64],
    [low, high]: [f64; 2],
    layout: &Layout,
) -> Drawn<DB> {
    let plot = &layout.plot;
    let columns = edges(x, &layout.x, [plot.left, plot.right]);
    let rows = edges(y, &layout.y, [plot.top, plot.bottom]);
    let mut cells: Vec<(i64, usize, usize, usize)> = Vec::new();
    for row in 0..y.len() {
        for column in 0..x.len() {
            let share = (values.get(row * x.len() + column).copied().unwrap_or(f64::NAN) - low) / (high - low);
            if share.is_nan() {
                continue;
            }
            let level = (share.clamp(0.0, 1.0) * SHADES).round() as i64;
            match cells.last_mut() {
                Some((same, at, _, end)) if *same == level && *at == row && *end == column => *end += 1,
                _ => cells.push((level, row, column, column + 1)),
            }
        }
    }
    // Cells of one color together, which makes them one shape in print.
    for level in 0..=SHADES as i64 {
        let color = color_scale(level as f64 / SHADES);
        for &(_, row, from, to) in cells.iter().filter(|cell| cell.0 == level) {
            let corners = ((columns[from], rows[row]), (columns[to], rows[row + 1]));
            let (left, right) = (corners.0.0.min(corners.1.0), corners.0.0.max(corners.1.0));
            let (top, bottom) = (corners.0.1.min(corners.1.1), corners.0.1.max(corners.1.1));
            if right > left && bottom > top {
                let end = ((right + OVERLAP).min(plot.right), (bottom + OVERLAP).min(plot.bottom));
                pen.rectangle((left, top), end, Tint(color, 1.0))?;
            }
        }
    }
    Ok(())
}

/// The borders of cells with these centers, in pixels and inside `limits`: halfway between neighbors.
fn edges(centers: &[f64], scale: &Scale, limits: [f64; 2]) -> Vec<f64> {
    let at: Vec<f64> = centers.iter().map(|&center| scale.pixel(center)).collect();
    let edge = |index: usize| match (index.checked_sub(1).and_then(|before| at.get(before)), at.get(index)) {
        (Some(before), Some(after)) => f64::midpoint(*before, *after),
        (None, Some(first)) => at.get(1).map_or(limits[0], |second| first - (second - first) / 2.0),
        (Some(last), None) if at.len() > 1 => last + (last - at[at.len() - 2]) / 2.0,
        _ => limits[1],
    };
    (0..=at.len()).map(|index| edge(index).clamp(limits[0], limits[1])).collect()
}
