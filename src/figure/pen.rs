//! A pen that draws in CSS pixels on any plotters backend.
//!
//! plotters' coordinates and widths are whole numbers. A backend is therefore driven in units finer than a CSS pixel
//! ([`Style::unit`] to the pixel), which its own transform or view box undoes, and curves stay smooth.

use super::{
    geometry::Point,
    palette::{Palette, Rgb},
};
use labs::text::Language;
use plotters::{
    coord::Shift,
    drawing::{DrawingArea, DrawingAreaErrorKind},
    element::{Circle, PathElement, Polygon, Rectangle, Text},
    prelude::DrawingBackend,
    style::{
        Color, FontDesc, FontFamily, FontStyle, RGBAColor, RGBColor, ShapeStyle, TextStyle,
        text_anchor::{HPos, Pos, VPos},
    },
};

/// How a panel is drawn.
#[derive(Clone, Copy, Debug)]
pub struct Style {
    /// The colors.
    pub palette: Palette,
    /// The language of labels.
    pub language: Language,
    /// Backend units to a CSS pixel.
    pub unit: f64,
    /// The font family, as style sheets list it.
    pub font: &'static str,
}

/// What a backend reports when it fails.
pub type Drawn<DB> = Result<(), DrawingAreaErrorKind<<DB as DrawingBackend>::ErrorType>>;

/// Where a text stands relative to its point.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Align {
    Left,
    Center,
    Right,
}

/// A color and how much of it covers what is beneath.
#[derive(Clone, Copy, Debug)]
pub(super) struct Tint(pub Rgb, pub f64);

impl Tint {
    fn rgba(self) -> RGBAColor {
        let Self(Rgb(red, green, blue), cover) = self;
        RGBColor(red, green, blue).mix(cover)
    }
}

/// How a text looks.
#[derive(Clone, Copy, Debug)]
pub(super) struct Type {
    pub size: f64,
    pub color: Rgb,
    pub bold: bool,
}

/// Tells a backend how long the dashes and the gaps of the lines that follow are, in its units; a solid line has none.
/// plotters' own dashed lines are a stroke for each dash.
pub type Dashes<'a> = &'a dyn Fn(&[f64]);

pub(super) struct Pen<'a, DB: DrawingBackend> {
    pub area: &'a DrawingArea<DB, Shift>,
    pub style: &'a Style,
    pub dashes: Dashes<'a>,
}

impl<DB: DrawingBackend> Pen<'_, DB> {
    fn units(&self, pixels: f64) -> i32 {
        (pixels * self.style.unit).round() as i32
    }

    fn point(&self, (x, y): Point) -> (i32, i32) {
        (self.units(x), self.units(y))
    }

    /// A width or radius, which is never nothing.
    fn extent(&self, pixels: f64) -> u32 {
        self.units(pixels).max(1).unsigned_abs()
    }

    /// The size of the area in CSS pixels.
    pub fn size(&self) -> (f64, f64) {
        let (width, height) = self.area.dim_in_pixel();
        (f64::from(width) / self.style.unit, f64::from(height) / self.style.unit)
    }

    pub fn line(&self, points: &[Point], width: f64, tint: Tint) -> Drawn<DB> {
        let style = ShapeStyle { color: tint.rgba(), filled: false, stroke_width: self.extent(width) };
        let points: Vec<_> = points.iter().map(|&point| self.point(point)).collect();
        self.area.draw(&PathElement::new(points, style))
    }

    /// A line of which `on` pixels are drawn and `off` left out, by turns.
    pub fn dashed_line(&self, points: &[Point], [on, off]: [f64; 2], width: f64, tint: Tint) -> Drawn<DB> {
        (self.dashes)(&[on * self.style.unit, off * self.style.unit]);
        let drawn = self.line(points, width, tint);
        (self.dashes)(&[]);
        drawn
    }

    pub fn polygon(&self, points: &[Point], tint: Tint) -> Drawn<DB> {
        let points: Vec<_> = points.iter().map(|&point| self.point(point)).collect();
        self.area.draw(&Polygon::new(points, tint.rgba()))
    }

    pub fn rectangle(&self, from: Point, to: Point, tint: Tint) -> Drawn<DB> {
        self.area.draw(&Rectangle::new([self.point(from), self.point(to)], tint.rgba().filled()))
    }

    /// One rectangle of many that are as high. The width of its stroke says so to the backend of print, which then draws
    /// it as a stroke.
    pub fn run(&self, from: Point, to: Point, tint: Tint) -> Drawn<DB> {
        let style = ShapeStyle { color: tint.rgba(), filled: true, stroke_width: self.extent(to.1 - from.1) };
        self.area.draw(&Rectangle::new([self.point(from), self.point(to)], style))
    }

    pub fn disk(&self, center: Point, radius: f64, tint: Tint) -> Drawn<DB> {
        self.area.draw(&Circle::new(self.point(center), self.extent(radius), tint.rgba().filled()))
    }

    /// A text whose middle is at the height of the point.
    pub fn text(&self, text: &str, at: Point, align: Align, look: Type) -> Drawn<DB> {
        let style = if look.bold { FontStyle::Bold } else { FontStyle::Normal };
        let h_pos = match align {
            Align::Left => HPos::Left,
            Align::Center => HPos::Center,
            Align::Right => HPos::Right,
        };
        let style = TextStyle {
            font: FontDesc::new(FontFamily::Name(self.style.font), look.size * self.style.unit, style),
            color: Tint(look.color, 1.0).rgba().to_backend_color(),
            pos: Pos::new(h_pos, VPos::Center),
        };
        self.area.draw(&Text::new(text, self.point(at), style))
    }
}
