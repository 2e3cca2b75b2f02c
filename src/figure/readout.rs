//! What a figure says at one place: the numbers under the pointer or the keyboard's cursor.

use super::{geometry::Rect, layout::Layout, number::format_number, scale::Scale};
use labs::{
    figure::{Chart, Mark, Role},
    text::Language,
};

/// The significant digits of a read-out.
const DIGITS: usize = 3;

/// The numbers at one abscissa.
#[derive(Clone, Debug, PartialEq)]
pub struct ReadOut {
    /// The abscissa: that of a computed point.
    pub x_value: f64,
    /// The abscissa in print.
    pub x_text: String,
    /// One row for each labeled mark that has a value there.
    pub rows: Vec<Row>,
}

/// One number of a read-out.
#[derive(Clone, Debug, PartialEq)]
pub struct Row {
    /// What it is.
    pub label: String,
    /// Its color.
    pub role: Role,
    /// Its value; of a band, its middle.
    pub value: f64,
    /// Its value in print; of a band, both ends.
    pub text: String,
}

/// A chart drawn at one size: where its values lie.
#[derive(Clone, Debug, PartialEq)]
pub struct Frame {
    /// The region of the marks, in CSS pixels.
    pub plot: Rect,
    x: Scale,
    y: Scale,
}

impl Frame {
    /// The frame of a chart drawn `width` by `height` CSS pixels large.
    pub fn of(chart: &Chart, language: Language, width: f64, height: f64) -> Self {
        Self::from_layout(&Layout::of(chart, language, width, height))
    }

    pub(super) fn from_layout(layout: &Layout) -> Self {
        Self { plot: layout.plot, x: layout.x, y: layout.y }
    }

    /// The abscissa at a pixel, counted from the left edge of the panel.
    pub fn x_at_pixel(&self, pixel: f64) -> f64 {
        self.x.value(pixel.clamp(self.plot.left, self.plot.right))
    }

    /// The pixel of an abscissa.
    pub fn pixel_at_x(&self, x: f64) -> f64 {
        self.x.pixel(x)
    }

    /// The ordinate at a pixel, counted from the upper edge of the panel.
    pub fn y_at_pixel(&self, pixel: f64) -> f64 {
        self.y.value(pixel.clamp(self.plot.top, self.plot.bottom))
    }

    /// The pixel of an ordinate.
    pub fn pixel_at_y(&self, y: f64) -> f64 {
        self.y.pixel(y)
    }
}

/// The abscissas at which something was computed, least first: the stops of the keyboard's cursor. Those of labeled
/// measurements if there are any, otherwise of every labeled curve.
pub fn abscissas(chart: &Chart) -> Vec<f64> {
    let stops = |with_theory: bool| {
        let curves = chart.marks.iter().filter_map(samples);
        let curves = curves.filter(|samples| with_theory || samples.role != Role::Theory);
        let points = curves.flat_map(|samples| samples.x.iter().zip(samples.y));
        let mut stops: Vec<f64> = Vec::new();
        for (&x, y) in points {
            if (chart.x.range[0]..=chart.x.range[1]).contains(&x) && y.is_finite() {
                let place = stops.partition_point(|stop| *stop < x);
                if stops.get(place) != Some(&x) {
                    stops.insert(place, x);
                }
            }
        }
        stops
    };
    let measured = stops(false);
    if measured.is_empty() { stops(true) } else { measured }
}

/// The stop `steps` to the right of the one nearest to `x` (to the left if negative), no farther than the last.
pub fn neighbor(chart: &Chart, x: f64, steps: isize) -> Option<f64> {
    let stops = abscissas(chart);
    let scale = Scale::new(&chart.x, [0.0, 1.0]);
    let nearest = nearest(&stops, scale.pixel(x), &scale)?;
    stops.get(nearest.saturating_add_signed(steps).min(stops.len() - 1)).copied()
}

/// The numbers at the computed abscissa nearest to `x`. Nothing for a chart without labeled curves or points.
pub fn read_out(chart: &Chart, x: f64, language: Language) -> Option<ReadOut> {
    let x_value = neighbor(chart, x, 0)?;
    let rows = chart.marks.iter().filter_map(|mark| row(chart, mark, x_value, language)).collect();
    Some(ReadOut { x_value, x_text: format_number(x_value, DIGITS), rows })
}

/// The center and the value of a heat map's cell nearest to a place.
pub fn read_cell(chart: &Chart, at: (f64, f64)) -> Option<(f64, f64, f64)> {
    let (x_scale, y_scale) = (Scale::new(&chart.x, [0.0, 1.0]), Scale::new(&chart.y, [0.0, 1.0]));
    chart.marks.iter().find_map(|mark| {
        let Mark::HeatMap { x, y, values, .. } = mark else { return None };
        let column = nearest(x, x_scale.pixel(at.0), &x_scale)?;
        let row = nearest(y, y_scale.pixel(at.1), &y_scale)?;
        Some((x[column], y[row], *values.get(row * x.len() + column)?))
    })
}

/// The index of the value nearest to a place on an axis.
fn nearest(values: &[f64], place: f64, scale: &Scale) -> Option<usize> {
    let distance = |index: &usize| {
        let distance = (scale.pixel(values[*index]) - place).abs();
        if distance.is_nan() { f64::INFINITY } else { distance }
    };
    (0..values.len()).min_by(|a, b| distance(a).total_cmp(&distance(b)))
}

/// The labeled points of a mark.
struct Samples<'a> {
    role: Role,
    label: &'a labs::text::Text,
    x: &'a [f64],
    y: &'a [f64],
    /// The upper curve of a band.
    high: Option<&'a [f64]>,
    /// Whether values between the points are drawn too.
    joined: bool,
}

fn samples(mark: &Mark) -> Option<Samples<'_>> {
    let samples = match mark {
        Mark::Line { label, role, x, y, .. } => Samples { role: *role, label, x, y, high: None, joined: true },
        Mark::Points { label, role, x, y, .. } => Samples { role: *role, label, x, y, high: None, joined: false },
        Mark::Band { label, role, x, low, high, .. } => {
            Samples { role: *role, label, x, y: low, high: Some(high), joined: true }
        }
        Mark::Threshold { .. } | Mark::Probe { .. } | Mark::HeatMap { .. } => return None,
    };
    (!samples.label.is_empty()).then_some(samples)
}

fn row(chart: &Chart, mark: &Mark, at: f64, language: Language) -> Option<Row> {
    let samples = samples(mark)?;
    let x = Scale::new(&chart.x, [0.0, 1.0]);
    let y = Scale::new(&chart.y, [0.0, 1.0]);
    let read =
        |values: &[f64]| value_at(samples.x, values, at, samples.joined, &x, &y).filter(|value| value.is_finite());
    let low = read(samples.y)?;
    let (value, text) = match samples.high {
        None => (low, format_number(low, DIGITS)),
        Some(high) => {
            let high = read(high)?;
            let text = format!("{} … {}", format_number(low, DIGITS), format_number(high, DIGITS));
            (f64::midpoint(low, high), text)
        }
    };
    Some(Row { label: samples.label.get(language).to_owned(), role: samples.role, value, text })
}

/// The value at an abscissa: the computed one where there is one, otherwise what the drawn line shows there.
fn value_at(xs: &[f64], ys: &[f64], at: f64, joined: bool, x: &Scale, y: &Scale) -> Option<f64> {
    let place = x.pixel(at);
    let points = || xs.iter().zip(ys).filter(|(x, y)| x.is_finite() && y.is_finite());
    if let Some((_, &value)) = points().find(|&(&x, _)| x == at) {
        return Some(value);
    }
    if !joined {
        let (_, &value) = points().find(|&(&other, _)| (x.pixel(other) - place).abs() < 0.005)?;
        return Some(value);
    }
    let pair = xs.windows(2).zip(ys.windows(2)).find(|(xs, _)| xs[0].min(xs[1]) <= at && at <= xs[0].max(xs[1]))?;
    let ((x0, x1), (y0, y1)) = ((x.pixel(pair.0[0]), x.pixel(pair.0[1])), (y.pixel(pair.1[0]), y.pixel(pair.1[1])));
    let share = if x0 == x1 { 0.0 } else { (place - x0) / (x1 - x0) };
    Some(y.value(y0 + share * (y1 - y0)))
}

#[cfg(test)]
mod tests {
    use super::*;
    use labs::{
        figure::{Axis, AxisScale, Stroke},
        text::Text,
    };
    use std::borrow::Cow;

    fn line(role: Role, label: &'static str, x: Vec<f64>, y: Vec<f64>) -> Mark {
        Mark::Line { name: Cow::Borrowed(""), label: Text::same(label), role, stroke: Stroke::Solid, x, y }
    }

    fn chart() -> Chart {
        let axis = |range| Axis { label: Text::same(""), scale: AxisScale::Log, range };
        let band = Mark::Band {
            name: Cow::Borrowed(""),
            label: Text::same("spread"),
            role: Role::Test,
            filled: false,
            x: vec![0.1, 1.0, 10.0],
            low: vec![0.5, 1.0, 1.5],
            high: vec![2.0, 3.0, 4.0],
        };
        let marks = vec![
            band,
            line(Role::Test, "test", vec![0.1, 1.0, 10.0], vec![1.0, 2.0, f64::NAN]),
            line(Role::Theory, "theory", vec![0.01, 100.0], vec![1.0, 100.0]),
            line(Role::Test, "", vec![0.3], vec![1.0]),
        ];
        Chart { title: Text::same(""), x: axis([0.01, 100.0]), y: axis([0.1, 100.0]), marks }
    }

    #[test]
    fn a_read_out_stops_at_computed_points_and_reads_every_labeled_curve_there() {
        let read = read_out(&chart(), 1.9, Language::English).unwrap();
        assert_eq!(read.x_value, 1.0);
        let rows: Vec<_> = read.rows.iter().map(|row| (row.label.as_str(), row.text.as_str())).collect();
        // Between its own points a curve reads as it is drawn: on logarithmic axes, a straight line.
        assert_eq!(rows, [("spread", "1 … 3"), ("test", "2"), ("theory", "10.0")]);
    }

    #[test]
    fn a_curve_without_a_value_there_has_no_row() {
        let read = read_out(&chart(), 10.0, Language::English).unwrap();
        assert_eq!(read.x_value, 10.0);
        assert!(read.rows.iter().all(|row| row.label != "test"), "{:?}", read.rows);
    }

    #[test]
    fn the_keyboard_moves_from_point_to_point_and_stops_at_the_ends() {
        let chart = chart();
        assert_eq!(abscissas(&chart), [0.1, 1.0, 10.0]);
        assert_eq!(neighbor(&chart, 1.0, 1), Some(10.0));
        assert_eq!(neighbor(&chart, 10.0, 1), Some(10.0));
        assert_eq!(neighbor(&chart, 0.1, -1), Some(0.1));
        assert_eq!(neighbor(&Chart { marks: Vec::new(), ..chart }, 1.0, 0), None);
    }

    #[test]
    fn pixels_and_abscissas_map_both_ways() {
        let frame = Frame::of(&chart(), Language::English, 480.0, 300.0);
        assert!((frame.pixel_at_x(frame.x_at_pixel(200.0)) - 200.0).abs() < 1e-9);
        assert!((frame.pixel_at_y(frame.y_at_pixel(100.0)) - 100.0).abs() < 1e-9);
        assert!((frame.x_at_pixel(-5.0) - 0.01).abs() < 1e-12, "the pointer beside the plot reads its end");
    }

    #[test]
    fn a_heat_map_is_read_at_the_nearest_cell() {
        let mut chart = chart();
        chart.marks = vec![Mark::HeatMap {
            name: Cow::Borrowed("map"),
            label: Text::same(""),
            x: vec![0.1, 1.0],
            y: vec![1.0, 10.0],
            values: vec![1.0, 2.0, 3.0, 4.0],
            range: [0.0, 4.0],
            opens: None,
        }];
        assert_eq!(read_cell(&chart, (0.2, 20.0)), Some((0.1, 10.0, 3.0)));
    }
}
