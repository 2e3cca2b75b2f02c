//! Figures on canvas.
//!
//! Two canvases lie on top of each other: the lower has what stands still and is drawn when the size, the theme, the
//! language or the axes change; the upper has what moves. Both are sized by the device's pixels, and plotters draws in
//! units finer than those, which the context's transform undoes.

use super::{
    chart::{draw_axes, draw_marks},
    images::{Grid, draw_frames},
    layout::Layout,
    palette::{Palette, Rgb, Theme},
    panel_height,
    pen::{Pen, Style, Tint},
    readout::{Frame, ReadOut, read_out},
};
use js_sys::Array;
use labs::{
    figure::{Chart, Images, Mark, Panel},
    text::Language,
};
use plotters::{
    coord::Shift,
    drawing::{DrawingArea, IntoDrawingArea},
};
use plotters_canvas::CanvasBackend;
use wasm_bindgen::{Clamped, JsCast, JsValue};
use web_sys::{CanvasRenderingContext2d, HtmlCanvasElement, HtmlElement, ImageData, Window, window};

/// Backend units to a CSS pixel.
const UNIT: f64 = 16.0;

const FONT: &str =
    "system-ui, 'Segoe UI', 'Noto Sans', 'PingFang SC', 'Microsoft YaHei', 'Noto Sans CJK SC', sans-serif";

/// Draws one panel inside an element of the page.
pub struct Painter {
    /// Holds the canvases, and is as wide as the element that it was put into.
    container: HtmlElement,
    /// What stands still.
    lower: Surface,
    /// What moves.
    upper: Surface,
    palette: Palette,
    /// Width and height in CSS pixels.
    size: (f64, f64),
    /// Device pixels to a CSS pixel.
    ratio: f64,
    shown: Option<(Panel, Language)>,
    cursor: Option<f64>,
    /// Whether the lower canvas shows the axes of `shown`.
    current: bool,
}

struct Surface {
    canvas: HtmlCanvasElement,
    context: CanvasRenderingContext2d,
}

impl Surface {
    fn new(container: &HtmlElement) -> Option<Self> {
        let canvas = container.owner_document()?.create_element("canvas").ok()?.dyn_into::<HtmlCanvasElement>().ok()?;
        let context = canvas.get_context("2d").ok()??.dyn_into().ok()?;
        // The figure's words are in the page beside it.
        canvas.set_attribute("aria-hidden", "true").ok()?;
        container.append_child(&canvas).ok()?;
        Some(Self { canvas, context })
    }

    fn resize(&self, (width, height): (f64, f64), ratio: f64) {
        let (across, down) = ((width * ratio).round() as u32, (height * ratio).round() as u32);
        if (self.canvas.width(), self.canvas.height()) != (across, down) {
            self.canvas.set_width(across);
            self.canvas.set_height(down);
        }
        let style = self.canvas.style();
        // A page that refuses a style still shows the figure. The width is the container's, which a canvas must never
        // hold open.
        let _ = style.set_property("height", &format!("{height}px"));
    }

    /// Empties the canvas and opens it for plotters.
    fn clear(&self, (width, height): (f64, f64), ratio: f64) -> Option<DrawingArea<CanvasBackend, Shift>> {
        let context = &self.context;
        context.set_transform(1.0, 0.0, 0.0, 1.0, 0.0, 0.0).ok()?;
        context.clear_rect(0.0, 0.0, f64::from(self.canvas.width()), f64::from(self.canvas.height()));
        let scale = ratio / UNIT;
        context.set_transform(scale, 0.0, 0.0, scale, 0.0, 0.0).ok()?;
        context.set_line_cap("round");
        context.set_line_join("round");
        let area = CanvasBackend::with_canvas_object(self.canvas.clone())?.into_drawing_area();
        // plotters takes the canvas's device pixels for its size; the drawing goes by the transform's units.
        Some(area.shrink((0, 0), ((width * UNIT).round() as i32, (height * UNIT).round() as i32)))
    }
}

impl Palette {
    /// The palette that the page's style rules give an element. A color that they do not give is the light theme's.
    pub fn from_css(element: &HtmlElement) -> Self {
        let rules = window().and_then(|window| window.get_computed_style(element).ok().flatten());
        let defaults = Self::of(Theme::Light).variables();
        let mut defaults = defaults.into_iter().map(|(_, color)| color);
        Self::from_variables(|name| {
            let given = rules.as_ref().and_then(|rules| rules.get_property_value(name).ok());
            let default = defaults.next().unwrap_or(Rgb(0, 0, 0));
            given.and_then(|value| Rgb::parse(&value)).unwrap_or(default)
        })
    }
}

impl Painter {
    /// Puts its canvases at the end of an element. Nothing where the browser has no canvas.
    pub fn new(container: &HtmlElement) -> Option<Self> {
        let frame = container.owner_document()?.create_element("div").ok()?.dyn_into::<HtmlElement>().ok()?;
        let (lower, upper) = (Surface::new(&frame)?, Surface::new(&frame)?);
        let set = |element: &HtmlElement, rules: &[(&str, &str)]| {
            rules.iter().try_for_each(|(property, value)| element.style().set_property(property, value)).ok()
        };
        set(&frame, &[("position", "relative")])?;
        set(&lower.canvas, &[("display", "block"), ("width", "100%")])?;
        let above =
            [("position", "absolute"), ("left", "0"), ("top", "0"), ("width", "100%"), ("pointer-events", "none")];
        set(&upper.canvas, &above)?;
        container.append_child(&frame).ok()?;
        let palette = Palette::from_css(container);
        Some(Self {
            container: frame,
            lower,
            upper,
            palette,
            size: (0.0, 0.0),
            ratio: 1.0,
            shown: None,
            cursor: None,
            current: false,
        })
    }

    /// Adapts to the element's width and the device's pixels, and draws again what was shown.
    pub fn resize(&mut self) {
        self.current = false;
        self.draw();
    }

    /// Adapts to a change of the theme.
    pub fn recolor(&mut self) {
        self.palette = Palette::from_css(&self.container);
        self.current = false;
        self.draw();
    }

    /// Shows a panel.
    pub fn paint(&mut self, panel: &Panel, language: Language) {
        self.current &=
            self.shown.as_ref().is_some_and(|(shown, before)| *before == language && same_axes(shown, panel));
        self.shown = Some((panel.clone(), language));
        self.draw();
    }

    /// Draws a line through an abscissa and a dot on each labeled curve there, or takes them away.
    pub fn set_cursor(&mut self, x: Option<f64>) {
        if self.cursor != x {
            self.cursor = x;
            self.draw();
        }
    }

    /// Where the values of the chart shown lie, in CSS pixels from the container's upper left corner.
    pub fn frame(&self) -> Option<Frame> {
        let (chart, language) = self.chart()?;
        Some(Frame::of(chart, language, self.size.0, self.size.1))
    }

    /// What the chart says at a pixel, counted from the container's left edge.
    pub fn read_out(&self, pixel_x: f64) -> Option<ReadOut> {
        let (chart, language) = self.chart()?;
        read_out(chart, self.frame()?.x_at_pixel(pixel_x), language)
    }

    fn chart(&self) -> Option<(&Chart, Language)> {
        match &self.shown {
            Some((Panel::Chart(chart), language)) => Some((chart, *language)),
            _ => None,
        }
    }

    fn draw(&mut self) {
        self.current &= !self.measure();
        // A drawing that the browser refuses leaves the canvas empty; the numbers and words beside it remain.
        let _ = self.try_draw();
        self.current = true;
    }

    /// Reads the container's width and sizes the canvases; whether that changed anything.
    fn measure(&mut self) -> bool {
        let Some((panel, language)) = &self.shown else { return false };
        let width = f64::from(self.container.client_width()).max(160.0);
        let size = (width, panel_height(panel, *language, width));
        let ratio = window().as_ref().map_or(1.0, Window::device_pixel_ratio).clamp(1.0, 4.0);
        let changed = size != self.size || ratio != self.ratio;
        if changed {
            (self.size, self.ratio) = (size, ratio);
            self.lower.resize(size, ratio);
            self.upper.resize(size, ratio);
        }
        changed
    }

    fn try_draw(&self) -> Option<()> {
        let (panel, language) = self.shown.as_ref()?;
        let style = Style { palette: self.palette, language: *language, unit: UNIT, font: FONT };
        let upper = self.upper.clear(self.size, self.ratio)?;
        let dashes = |lengths: &[f64]| {
            // Refused only for what is no list.
            let _ = self.upper.context.set_line_dash(&Array::from_iter(lengths.iter().copied().map(JsValue::from)));
        };
        let pen = Pen { area: &upper, style: &style, dashes: &dashes };
        match panel {
            Panel::Chart(chart) => {
                let layout = Layout::of(chart, *language, self.size.0, self.size.1);
                if !self.current {
                    let lower = self.lower.clear(self.size, self.ratio)?;
                    draw_axes(&Pen { area: &lower, ..pen }, &layout).ok()?;
                }
                draw_marks(&pen, chart, &layout).ok()?;
                self.draw_cursor(&pen, chart, &layout, *language)
            }
            Panel::Images(images) => {
                self.lower.clear(self.size, self.ratio)?;
                let grid = Grid::of(images, *language, self.size.0);
                draw_frames(&pen, images, &grid).ok()?;
                self.draw_pixels(images, &grid)
            }
        }
    }

    /// Puts the images in their places, each at one go: a rectangle for each pixel would take the page's time.
    fn draw_pixels(&self, images: &Images, grid: &Grid) -> Option<()> {
        let (columns, rows) = (images.width.max(1), images.height.max(1));
        let scratch = self.container.owner_document()?.create_element("canvas").ok()?;
        let scratch = scratch.dyn_into::<HtmlCanvasElement>().ok()?;
        scratch.set_width(columns as u32);
        scratch.set_height(rows as u32);
        let sheet = scratch.get_context("2d").ok()??.dyn_into::<CanvasRenderingContext2d>().ok()?;
        let Rgb(red, green, blue) = self.palette.ink;
        let context = &self.upper.context;
        context.set_transform(self.ratio, 0.0, 0.0, self.ratio, 0.0, 0.0).ok()?;
        context.set_image_smoothing_enabled(false);
        for (index, pixels) in images.pixels.chunks_exact(columns * rows).enumerate() {
            let inked: Vec<u8> = pixels.iter().flat_map(|&cover| [red, green, blue, cover]).collect();
            let image = ImageData::new_with_u8_clamped_array(Clamped(&inked), columns as u32).ok()?;
            sheet.put_image_data(&image, 0.0, 0.0).ok()?;
            let ((x, y), (width, height)) = (grid.corner(index), grid.image);
            context.draw_image_with_html_canvas_element_and_dw_and_dh(&scratch, x, y, width, height).ok()?;
        }
        Some(())
    }

    fn draw_cursor(&self, pen: &Pen<CanvasBackend>, chart: &Chart, layout: &Layout, language: Language) -> Option<()> {
        let Some(x) = self.cursor else { return Some(()) };
        let read = read_out(chart, x, language)?;
        let frame = Frame::from_layout(layout);
        let at = frame.pixel_at_x(read.x_value);
        let palette = &self.palette;
        pen.line(&[(at, frame.plot.top), (at, frame.plot.bottom)], 1.0, Tint(palette.muted, 0.7)).ok()?;
        for row in &read.rows {
            let point = (at, frame.pixel_at_y(row.value));
            if frame.plot.contains(point) {
                pen.disk(point, 5.0, Tint(palette.paper, 1.0)).ok()?;
                pen.disk(point, 3.5, Tint(palette.role(row.role), 1.0)).ok()?;
            }
        }
        Some(())
    }
}

/// Whether two panels have the same still parts.
fn same_axes(a: &Panel, b: &Panel) -> bool {
    match (a, b) {
        (Panel::Chart(a), Panel::Chart(b)) => (&a.title, &a.x, &a.y) == (&b.title, &b.x, &b.y) && still(a).eq(still(b)),
        // Images have no lower part but their size.
        (Panel::Images(a), Panel::Images(b)) => {
            (a.width, a.height, a.pixels.len(), &a.title, &a.captions)
                == (b.width, b.height, b.pixels.len(), &b.title, &b.captions)
        }
        _ => false,
    }
}

/// The thresholds and the color scale, without the values of a heat map.
fn still(chart: &Chart) -> impl Iterator<Item = (&labs::text::Text, f64, f64)> {
    chart.marks.iter().filter_map(|mark| match mark {
        Mark::Threshold { label, x } => Some((label, *x, *x)),
        Mark::HeatMap { label, range, .. } => Some((label, range[0], range[1])),
        _ => None,
    })
}
