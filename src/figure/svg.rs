//! SVG: a plotters backend that writes little, and the two documents made with it.
//!
//! Strokes and fills of one look become one path with relative whole-number coordinates, four to the CSS pixel. For the
//! page, colors are CSS custom properties, so that a printed figure follows the reader's theme.

use super::{
    draw,
    geometry::Point,
    layout::{LINE, SMALL},
    legend::{LegendEntry, Swatch, legend},
    lettering::width_of,
    palette::{Palette, Rgb, Theme},
    panel_height,
    pen::{Align, Pen, Style, Tint, Type},
};
use labs::{
    figure::{Figure, Panel},
    text::Language,
};
use plotters::{
    coord::Shift,
    drawing::{DrawingArea, IntoDrawingArea},
    prelude::DrawingBackend,
};
use plotters_backend::{
    BackendColor, BackendCoord, BackendStyle, BackendTextStyle, DrawingErrorKind, FontStyle,
    text_anchor::{HPos, VPos},
};
use std::{cell::RefCell, collections::BTreeMap, convert::Infallible, fmt::Write as _};

/// Coordinates to a CSS pixel: half a pixel is finer than a reader sees.
const UNIT: f64 = 2.0;

/// The width of a panel in a document of its own.
const PANEL: f64 = 480.0;

/// The room around and between panels there.
const MARGIN: f64 = 20.0;

const FONT: &str =
    "system-ui, 'Segoe UI', 'Noto Sans', 'PingFang SC', 'Microsoft YaHei', 'Noto Sans CJK SC', sans-serif";

/// A figure as an SVG document of its own: panels side by side, a legend beneath, on the paper of a theme.
pub fn svg(figure: &Figure, language: Language, theme: Theme) -> String {
    let mut places = Vec::with_capacity(figure.panels.len());
    let mut top = 0.0;
    for row in figure.panels.chunks(2) {
        places.extend((0..row.len()).map(|column| [column as f64 * (PANEL + MARGIN), top, PANEL]));
        top += row.iter().map(|panel| panel_height(panel, language, PANEL)).fold(0.0, f64::max) + MARGIN;
    }
    svg_laid_out(figure, language, theme, &places)
}

/// As [`svg`], with the panels where they are said to be: left, top and width of each, in CSS pixels within a margin. A
/// panel without a place is left out.
pub fn svg_laid_out(figure: &Figure, language: Language, theme: Theme, places: &[[f64; 3]]) -> String {
    let palette = Palette::of(theme);
    let placed = || {
        figure.panels.iter().zip(places).map(|(panel, &[left, top, width])| {
            let height = panel_height(panel, language, width);
            (panel, [MARGIN + left, MARGIN + top, width, height])
        })
    };
    let width = placed().map(|(_, [left, _, width, _])| left + width).fold(0.0, f64::max) + MARGIN;
    let below = placed().map(|(_, [_, top, _, height])| top + height).fold(0.0, f64::max) + MARGIN;
    let entries = place_legend(legend(figure, language), width - 2.0 * MARGIN);
    let height = below + entries.last().map_or(0.0, |(_, (_, y))| y + LINE);

    let style = Style { palette, language, unit: UNIT, font: FONT };
    let (mut body, rhythm) = (String::new(), Rhythm::default());
    let dashes = rhythm.teller();
    let area = SvgBackend::new(&mut body, &rhythm, (width, height), Rgb::css).into_drawing_area();
    for (panel, place) in placed() {
        let [left, top, width, height] = place.map(|length| (length * UNIT) as i32);
        let part = area.clone().shrink((left, top), (width, height));
        // This backend never fails.
        let Ok(()) = draw(panel, &part, &style, &dashes) else { continue };
    }
    let pen = Pen { area: &area, style: &style, dashes: &dashes };
    for (entry, (x, y)) in &entries {
        draw_entry(&pen, entry, (MARGIN + x, below + y));
    }
    finish(&area);
    drop(area);
    format!(
        "<svg xmlns=\"http://www.w3.org/2000/svg\" width=\"{width}\" height=\"{height}\" viewBox=\"0 0 {} {}\" \
         font-family=\"{FONT}\" lang=\"{}\"{ROOT}><path fill=\"{}\" d=\"M0 0h{0}v{1}H0z\"/>{body}</svg>\n",
        width * UNIT,
        height * UNIT,
        language.tag(),
        palette.paper.css(),
    )
}

/// A panel for a page, `width` CSS pixels wide where there is room: colors are the page's custom properties, the font is
/// the page's, and what [`ROOT`] says is said by its style sheet. `label` is what a screen reader says of it.
pub fn printed_svg(panel: &Panel, language: Language, width: f64, label: &str) -> String {
    let height = panel_height(panel, language, width);
    let (palette, names) = stand_ins();
    let name =
        |color: Rgb| names.get(&(color.0, color.1, color.2)).map_or_else(|| color.css(), |name| format!("var({name})"));
    let style = Style { palette, language, unit: UNIT, font: "inherit" };
    let (mut body, rhythm) = (String::new(), Rhythm::default());
    let area = SvgBackend::new(&mut body, &rhythm, (width, height), name).into_drawing_area();
    // This backend never fails.
    let Ok(()) = draw(panel, &area, &style, &rhythm.teller()) else { return String::new() };
    finish(&area);
    drop(area);
    let mut escaped = String::new();
    escape(&mut escaped, label);
    format!(
        "<svg class=\"plot\" viewBox=\"0 0 {} {}\" role=\"img\" aria-label=\"{escaped}\">{body}</svg>",
        width * UNIT,
        height * UNIT,
    )
}

/// What holds for all strokes, unless they say otherwise.
const ROOT: &str = " fill=\"none\" stroke-linecap=\"round\" stroke-linejoin=\"round\"";

/// Colors that stand for the custom properties while a panel is drawn: no color scale has them.
fn stand_ins() -> (Palette, BTreeMap<(u8, u8, u8), String>) {
    let mut names = BTreeMap::new();
    let palette = Palette::from_variables(|name| {
        let color = (0, names.len() as u8 + 1, 0);
        names.insert(color, name.to_owned());
        Rgb(color.0, color.1, color.2)
    });
    (palette, names)
}

fn finish<DB: DrawingBackend>(area: &DrawingArea<DB, Shift>) {
    // Presenting closes the last path, and the only backend here never fails.
    let _ = area.present();
}

/// Puts entries in rows no wider than `width`, and says where each begins.
fn place_legend(entries: Vec<LegendEntry>, width: f64) -> Vec<(LegendEntry, Point)> {
    let (mut x, mut y) = (0.0, 0.0);
    let mut placed = Vec::with_capacity(entries.len());
    for entry in entries {
        let wide = 30.0 + width_of(&entry.label, SMALL) + 18.0;
        if x > 0.0 && x + wide > width {
            (x, y) = (0.0, y + LINE);
        }
        placed.push((entry, (x, y)));
        x += wide;
    }
    placed
}

fn draw_entry<DB: DrawingBackend>(pen: &Pen<DB>, entry: &LegendEntry, (x, y): Point) {
    let color = pen.style.palette.role(entry.role);
    let line =
        |from: f64, to: f64, width: f64, cover: f64| pen.line(&[(x + from, y), (x + to, y)], width, Tint(color, cover));
    let swatch = match entry.swatch {
        Swatch::Line => line(1.0, 21.0, 2.0, 1.0),
        Swatch::Thin => line(1.0, 21.0, 1.0, 0.45),
        Swatch::Dashed => [1.0, 10.5].iter().try_for_each(|&at| line(at, at + 4.5, 1.75, 1.0)),
        Swatch::Dotted => [1.0, 6.0, 11.0, 16.0, 21.0].iter().try_for_each(|&at| line(at, at, 2.0, 1.0)),
        Swatch::Band => pen.rectangle((x, y - 5.0), (x + 22.0, y + 5.0), Tint(color, 0.18)),
        Swatch::Fill => pen.rectangle((x, y - 5.0), (x + 22.0, y + 5.0), Tint(color, 0.42)),
        Swatch::Points => pen.disk((x + 11.0, y), 3.0, Tint(color, 0.85)),
    };
    let look = Type { size: SMALL, color: pen.style.palette.ink, bold: false };
    // Two calls to a backend that never fails.
    let _ = swatch.and_then(|()| pen.text(&entry.label, (x + 30.0, y), Align::Left, look));
}

/// The element that is being written.
#[derive(Clone, Debug, PartialEq, Eq)]
enum Open {
    /// `<path … d="`, with the attributes.
    Path(String),
    /// A path of rectangles, in a group of such paths that shows no seam where cells touch.
    Cells(String),
    /// `<g …>` around texts, with the attributes.
    Texts(String),
}

/// The attribute that dashes the strokes that follow, if any.
#[derive(Default)]
struct Rhythm(RefCell<String>);

impl Rhythm {
    /// What a pen tells the lengths of dashes and gaps.
    fn teller(&self) -> impl Fn(&[f64]) {
        |lengths| {
            let lengths: Vec<String> = lengths.iter().map(f64::to_string).collect();
            let dashed = !lengths.is_empty();
            self.0.replace(if dashed { format!(" stroke-dasharray=\"{}\"", lengths.join(" ")) } else { String::new() });
        }
    }
}

/// A plotters backend that writes SVG elements to a string.
struct SvgBackend<'a, N> {
    out: &'a mut String,
    rhythm: &'a Rhythm,
    size: (u32, u32),
    name: N,
    open: Option<Open>,
    /// Where the current path's pen is.
    at: BackendCoord,
    /// The path command that a following pair of numbers repeats.
    command: char,
}

impl<'a, N: Fn(Rgb) -> String> SvgBackend<'a, N> {
    fn new(out: &'a mut String, rhythm: &'a Rhythm, (width, height): (f64, f64), name: N) -> Self {
        let size = ((width * UNIT).round() as u32, (height * UNIT).round() as u32);
        Self { out, rhythm, size, name, open: None, at: (0, 0), command: ' ' }
    }

    /// `fill` or `stroke` with its opacity.
    fn paint(&self, attribute: &str, color: BackendColor) -> String {
        let (red, green, blue) = color.rgb;
        let mut paint = format!(" {attribute}=\"{}\"", (self.name)(Rgb(red, green, blue)));
        if color.alpha < 1.0 {
            let cover = format!("{:.2}", color.alpha);
            let _ = write!(paint, " {attribute}-opacity=\"{}\"", cover.trim_start_matches('0').trim_end_matches('0'));
        }
        paint
    }

    fn stroke(&self, color: BackendColor, width: u32) -> String {
        format!("{} stroke-width=\"{width}\"{}", self.paint("stroke", color), self.rhythm.0.borrow())
    }

    fn close(&mut self) {
        match self.open.take() {
            Some(Open::Path(_)) => self.out.push_str("\"/>"),
            Some(Open::Cells(_)) => self.out.push_str("\"/></g>"),
            Some(Open::Texts(_)) => self.out.push_str("</g>"),
            None => {}
        }
    }

    /// Goes on with the open element if it looks like this one; otherwise begins it.
    fn ensure(&mut self, element: Open) {
        if self.open.as_ref() == Some(&element) {
            return;
        }
        match (&self.open, &element) {
            (Some(Open::Cells(_)), Open::Cells(_)) => self.out.push_str("\"/>"),
            (_, Open::Cells(_)) => {
                self.close();
                self.out.push_str("<g shape-rendering=\"crispEdges\" stroke-linecap=\"butt\">");
            }
            _ => self.close(),
        }
        match &element {
            Open::Path(look) | Open::Cells(look) => {
                let _ = write!(self.out, "<path{look} d=\"");
                self.command = ' ';
            }
            Open::Texts(look) => {
                let _ = write!(self.out, "<g{look}>");
            }
        }
        self.open = Some(element);
    }

    /// A command with one or two numbers; the letter is left out where it repeats, the space before a minus sign.
    fn command(&mut self, command: char, numbers: &[i32]) {
        let repeats = self.command == command && command != 'M';
        if !repeats {
            self.out.push(command);
        }
        for (index, number) in numbers.iter().enumerate() {
            if (index > 0 || repeats) && *number >= 0 {
                self.out.push(' ');
            }
            let _ = write!(self.out, "{number}");
        }
        self.command = command;
    }

    fn move_to(&mut self, to: BackendCoord) {
        if self.command == ' ' {
            self.command('M', &[to.0, to.1]);
        } else {
            // Repeated pairs after a move would be lines.
            self.command = 'M';
            self.command('m', &[to.0 - self.at.0, to.1 - self.at.1]);
            self.command = 'M';
        }
        self.at = to;
    }

    fn line_to(&mut self, to: BackendCoord) {
        match (to.0 - self.at.0, to.1 - self.at.1) {
            (0, 0) => return,
            (dx, 0) => self.command('h', &[dx]),
            (0, dy) => self.command('v', &[dy]),
            (dx, dy) => self.command('l', &[dx, dy]),
        }
        self.at = to;
    }

    fn polyline(&mut self, points: impl IntoIterator<Item = BackendCoord>) {
        let mut points = points.into_iter();
        let Some(first) = points.next() else { return };
        self.move_to(first);
        let before = self.out.len();
        points.for_each(|point| self.line_to(point));
        if self.out.len() == before {
            // A stroke without length still shows its round caps.
            self.command('h', &[0]);
        }
    }
}

impl<N: Fn(Rgb) -> String> DrawingBackend for SvgBackend<'_, N> {
    type ErrorType = Infallible;

    fn get_size(&self) -> (u32, u32) {
        self.size
    }

    fn ensure_prepared(&mut self) -> Result<(), DrawingErrorKind<Infallible>> {
        Ok(())
    }

    fn present(&mut self) -> Result<(), DrawingErrorKind<Infallible>> {
        self.close();
        Ok(())
    }

    fn draw_pixel(&mut self, at: BackendCoord, color: BackendColor) -> Result<(), DrawingErrorKind<Infallible>> {
        self.draw_rect(at, (at.0 + 1, at.1 + 1), &color, true)
    }

    fn draw_line<S: BackendStyle>(
        &mut self,
        from: BackendCoord,
        to: BackendCoord,
        style: &S,
    ) -> Result<(), DrawingErrorKind<Infallible>> {
        self.draw_path([from, to], style)
    }

    fn draw_rect<S: BackendStyle>(
        &mut self,
        (left, top): BackendCoord,
        (right, bottom): BackendCoord,
        style: &S,
        fill: bool,
    ) -> Result<(), DrawingErrorKind<Infallible>> {
        let (height, thickness) = (bottom - top, style.stroke_width());
        if fill && height > 1 && height.unsigned_abs() == thickness && height % 2 == 0 {
            // As a stroke it takes half as many letters.
            self.ensure(Open::Cells(self.stroke(style.color(), thickness)));
            self.move_to((left, top + height / 2));
            self.line_to((right, top + height / 2));
            return Ok(());
        }
        self.ensure(if fill {
            Open::Cells(self.paint("fill", style.color()))
        } else {
            Open::Path(self.stroke(style.color(), style.stroke_width()))
        });
        self.move_to((left, top));
        self.command('h', &[right - left]);
        self.command('v', &[bottom - top]);
        self.command('h', &[left - right]);
        self.command('z', &[]);
        Ok(())
    }

    fn draw_path<S: BackendStyle, I: IntoIterator<Item = BackendCoord>>(
        &mut self,
        path: I,
        style: &S,
    ) -> Result<(), DrawingErrorKind<Infallible>> {
        self.ensure(Open::Path(self.stroke(style.color(), style.stroke_width())));
        self.polyline(path);
        Ok(())
    }

    fn fill_polygon<S: BackendStyle, I: IntoIterator<Item = BackendCoord>>(
        &mut self,
        path: I,
        style: &S,
    ) -> Result<(), DrawingErrorKind<Infallible>> {
        // A path of its own: where polygons of one color overlap, both show.
        self.close();
        self.ensure(Open::Path(self.paint("fill", style.color())));
        self.polyline(path);
        self.command('z', &[]);
        self.close();
        Ok(())
    }

    fn draw_circle<S: BackendStyle>(
        &mut self,
        center: BackendCoord,
        radius: u32,
        style: &S,
        fill: bool,
    ) -> Result<(), DrawingErrorKind<Infallible>> {
        if fill {
            // The round caps of a stroke without length.
            self.ensure(Open::Path(self.stroke(style.color(), 2 * radius)));
            self.polyline([center]);
        } else {
            self.close();
            let look = self.stroke(style.color(), style.stroke_width());
            let _ = write!(self.out, "<circle{look} cx=\"{}\" cy=\"{}\" r=\"{radius}\"/>", center.0, center.1);
        }
        Ok(())
    }

    fn draw_text<S: BackendTextStyle>(
        &mut self,
        text: &str,
        style: &S,
        (x, y): BackendCoord,
    ) -> Result<(), DrawingErrorKind<Infallible>> {
        let mut look = self.paint("fill", style.color());
        let _ = write!(look, " font-size=\"{}\"", style.size());
        if matches!(style.style(), FontStyle::Bold) {
            look.push_str(" font-weight=\"600\"");
        }
        match style.anchor().h_pos {
            HPos::Left => {}
            HPos::Center => look.push_str(" text-anchor=\"middle\""),
            HPos::Right => look.push_str(" text-anchor=\"end\""),
        }
        // Digits and capitals are about 0.7 em high.
        let below = match style.anchor().v_pos {
            VPos::Top => 0.8,
            VPos::Center => 0.35,
            VPos::Bottom => -0.2,
        };
        let baseline = y + (below * style.size()).round() as i32;
        self.ensure(Open::Texts(look));
        let _ = write!(self.out, "<text x=\"{x}\" y=\"{baseline}\">");
        escape(self.out, text);
        self.out.push_str("</text>");
        Ok(())
    }

    fn estimate_text_size<S: BackendTextStyle>(
        &self,
        text: &str,
        style: &S,
    ) -> Result<(u32, u32), DrawingErrorKind<Infallible>> {
        Ok((width_of(text, style.size()).ceil() as u32, style.size().ceil() as u32))
    }
}

fn escape(out: &mut String, text: &str) {
    for letter in text.chars() {
        match letter {
            '<' => out.push_str("&lt;"),
            '>' => out.push_str("&gt;"),
            '&' => out.push_str("&amp;"),
            '"' => out.push_str("&quot;"),
            other => out.push(other),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use labs::{
        figure::{Axis, AxisScale, Chart, Images, Mark, Role, Stroke},
        text::Text,
    };
    use std::borrow::Cow;

    fn axis(scale: AxisScale, low: f64, high: f64) -> Axis {
        Axis { label: Text::new("risk <R>", "风险"), scale, range: [low, high] }
    }

    fn line(x: Vec<f64>, y: Vec<f64>) -> Mark {
        let (label, role) = (Text::new("test", "测试"), Role::Test);
        Mark::Line { name: Cow::Borrowed("risk"), label, role, stroke: Stroke::Solid, x, y }
    }

    fn chart(x: Axis, y: Axis, marks: Vec<Mark>) -> Panel {
        Panel::Chart(Chart { title: Text::same(""), x, y, marks })
    }

    fn unit_chart(marks: Vec<Mark>) -> Panel {
        chart(axis(AxisScale::Linear, 0.0, 1.0), axis(AxisScale::Linear, 0.0, 1.0), marks)
    }

    fn printed(panel: &Panel) -> String {
        printed_svg(panel, Language::English, 480.0, "a \"label\"")
    }

    /// The path drawn with that paint.
    fn path<'a>(svg: &'a str, paint: &str) -> &'a str {
        let rest = svg.split(paint).nth(1).expect("something has this paint");
        rest.split("d=\"").nth(1).and_then(|rest| rest.split('"').next()).expect("and is a path")
    }

    #[test]
    fn printed_colors_are_variables() {
        let images = Images {
            title: Text::same("digits"),
            width: 2,
            height: 1,
            pixels: vec![0, 200],
            captions: vec![Text::same("7")],
        };
        let probe = Mark::Probe { parameter: Cow::Borrowed("gamma"), x: 0.5 };
        for panel in [unit_chart(vec![line(vec![0.0, 1.0], vec![0.2, 0.8]), probe]), Panel::Images(images)] {
            let svg = printed(&panel);
            assert!(!svg.contains("=\"#"), "{svg}");
            assert!(svg.contains("var(--ink)") && svg.contains("var(--grid)"), "{svg}");
        }
        assert!(
            printed(&unit_chart(vec![line(vec![0.0, 1.0], vec![0.2, 0.8])])).contains("stroke=\"var(--role-test)\"")
        );
    }

    #[test]
    fn a_document_of_its_own_has_the_colors_of_its_theme_and_a_legend() {
        let figure = Figure { panels: vec![unit_chart(vec![line(vec![0.0, 1.0], vec![0.2, 0.8])])] };
        for theme in [Theme::Light, Theme::Dark] {
            let svg = svg(&figure, Language::Chinese, theme);
            let palette = Palette::of(theme);
            assert!(svg.contains(&palette.paper.css()) && svg.contains(&palette.role(Role::Test).css()));
            assert!(!svg.contains("var("));
            assert!(svg.contains(">测试</text>"));
        }
    }

    #[test]
    fn text_is_escaped() {
        let svg = printed(&unit_chart(Vec::new()));
        assert!(svg.contains("risk &lt;R&gt;") && svg.contains("aria-label=\"a &quot;label&quot;\""));
    }

    #[test]
    fn a_curve_beyond_the_axis_is_clipped_not_bent() {
        let inside = printed(&unit_chart(vec![line(vec![0.0, 0.5], vec![0.0, 1.0])]));
        let beyond = printed(&unit_chart(vec![line(vec![0.0, 0.5, 1.0], vec![0.0, 1.0, 2.0])]));
        let paint = "stroke=\"var(--role-test)\"";
        assert_eq!(path(&inside, paint), path(&beyond, paint));
    }

    #[test]
    fn a_dashed_curve_is_one_stroke_with_its_rhythm() {
        let with = |stroke| {
            let mut mark = line(vec![0.0, 1.0], vec![0.2, 0.8]);
            if let Mark::Line { stroke: kind, .. } = &mut mark {
                *kind = stroke;
            }
            // Its neighbor stays solid.
            printed(&unit_chart(vec![mark, line(vec![0.0, 1.0], vec![0.8, 0.2])]))
        };
        let solid = with(Stroke::Solid);
        let paint = "stroke=\"var(--role-test)\"";
        assert!(!solid.contains("dasharray"));
        for (stroke, rhythm) in [(Stroke::Dashed, "\"9 10\""), (Stroke::Dotted, "\"0.6 8.4\"")] {
            let dashed = with(stroke);
            assert_eq!(dashed.matches(&format!("stroke-dasharray={rhythm} d=")).count(), 1, "{dashed}");
            assert!(path(&solid, paint).starts_with(path(&dashed, paint)), "the same way: {dashed}");
            assert_eq!(dashed.matches(paint).count(), 2, "{dashed}");
        }
    }

    #[test]
    fn gaps_at_non_finite_values_break_the_line() {
        let x: Vec<f64> = (0..6).map(|index| f64::from(index) / 5.0).collect();
        for gap in [f64::NAN, f64::INFINITY] {
            let svg = printed(&unit_chart(vec![line(x.clone(), vec![0.1, 0.2, gap, 0.4, 0.5, 0.1])]));
            let path = path(&svg, "stroke=\"var(--role-test)\"");
            assert_eq!(path.matches(['M', 'm']).count(), 2, "{path}");
        }
    }

    #[test]
    fn zero_on_a_log_axis_is_a_gap_in_a_line_and_the_floor_of_a_band() {
        let axes = || (axis(AxisScale::Linear, 0.0, 1.0), axis(AxisScale::Log, 0.01, 1.0));
        let (x, y) = axes();
        let svg = printed(&chart(x, y, vec![line(vec![0.0, 0.4, 0.6, 1.0], vec![0.1, 0.0, 0.1, 0.2])]));
        assert_eq!(path(&svg, "stroke=\"var(--role-test)\"").matches(['l', 'h']).count(), 1);
        let band = Mark::Band {
            name: Cow::Borrowed("bias"),
            label: Text::same("bias"),
            role: Role::Bias,
            filled: true,
            x: vec![0.0, 1.0],
            low: vec![0.0, 0.0],
            high: vec![0.1, 0.1],
        };
        let (x, y) = axes();
        let svg = printed(&chart(x, y, vec![band]));
        assert!(path(&svg, "fill=\"var(--role-bias)\"").ends_with('z'));
    }

    #[test]
    fn cells_not_yet_computed_are_blank() {
        let map = |values: Vec<f64>| Mark::HeatMap {
            name: Cow::Borrowed("map"),
            label: Text::same("error"),
            x: vec![0.25, 0.75],
            y: vec![0.25, 0.75],
            values,
            range: [0.0, 1.0],
            opens: None,
        };
        let cells =
            |svg: &str| svg.matches(&format!("fill=\"{}\"", super::super::palette::color_scale(0.5).css())).count();
        let full = printed(&unit_chart(vec![map(vec![0.5; 4])]));
        let blank = printed(&unit_chart(vec![map(vec![f64::NAN; 4])]));
        // One more than the color bar's own.
        assert_eq!((cells(&full), cells(&blank)), (2, 1));
    }

    #[test]
    fn pixels_of_one_gray_are_runs_of_one_stroke() {
        // Two rows of a checkered pattern, each pixel 24 CSS pixels high.
        let images = Images {
            title: Text::same("squares"),
            width: 3,
            height: 2,
            pixels: vec![255, 0, 255, 0, 255, 255],
            captions: Vec::new(),
        };
        let svg = printed(&Panel::Images(images));
        let drawn = path(&svg, "stroke=\"var(--ink)\" stroke-width=\"48\"");
        let (start, runs) = drawn.split_once('h').expect("runs");
        assert!(start.starts_with("M0 "), "{drawn}");
        assert_eq!(runs, "48m48 0h48m-96 48h96", "{drawn}");
        assert!(svg.contains("stroke-linecap=\"butt\""), "round ends would reach into the next pixel");
    }

    #[test]
    fn a_long_noisy_curve_prints_small() {
        let x: Vec<f64> = (0..20_000).map(|index| f64::from(index) / 20_000.0).collect();
        let y = x.iter().map(|x| 0.5 + 0.3 * (40.0 * x).sin()).collect();
        let svg = printed(&unit_chart(vec![line(x, y)]));
        assert!(svg.len() < 8000, "{}", svg.len());
    }
}
