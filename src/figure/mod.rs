//! Figures by plotters: one drawing function for every backend, the canvas in the browser and SVG in print and in the
//! terminal.
//!
//! A [`labs::figure::Figure`] is a value; [`draw`] turns one panel of it into strokes. Colors come from the
//! [`palette`] of meanings, so a role looks alike in every figure, and all measures are CSS pixels.

#[cfg(target_arch = "wasm32")]
mod canvas;
mod chart;
mod geometry;
mod images;
mod layout;
mod legend;
mod lettering;
mod number;
pub mod palette;
mod pen;
mod readout;
mod scale;
mod svg;
mod ticks;

#[cfg(target_arch = "wasm32")]
pub use canvas::Painter;
pub use geometry::Rect;
pub use legend::{LegendEntry, Swatch, legend};
#[cfg(not(target_arch = "wasm32"))]
pub use lettering::{width_of, wrap};
pub use number::{MINUS, format_number};
pub use palette::Theme;
pub use pen::{Dashes, Drawn, Style};
pub use readout::{Frame, ReadOut, Row, abscissas, neighbor, read_cell, read_out};
pub use svg::{printed_svg, svg, svg_laid_out};

use images::{Grid, draw_images};
use labs::{figure::Panel, text::Language};
use layout::{Layout, chart_height};
use pen::Pen;
use plotters::{coord::Shift, drawing::DrawingArea, prelude::DrawingBackend};

/// The height that suits a panel of that width, both in CSS pixels.
pub fn panel_height(panel: &Panel, language: Language, width: f64) -> f64 {
    match panel {
        Panel::Chart(chart) => chart_height(chart, width),
        Panel::Images(images) => Grid::of(images, language, width).height(),
    }
}

/// Draws a panel over the whole of an area, whose size is in units of [`Style::unit`] to the CSS pixel. `dashes` is told
/// before and after each dashed line.
pub fn draw<DB: DrawingBackend>(
    panel: &Panel,
    area: &DrawingArea<DB, Shift>,
    style: &Style,
    dashes: Dashes,
) -> Drawn<DB> {
    let pen = Pen { area, style, dashes };
    let (width, height) = pen.size();
    match panel {
        Panel::Chart(chart) => {
            let layout = Layout::of(chart, style.language, width, height);
            chart::draw_axes(&pen, &layout)?;
            chart::draw_marks(&pen, chart, &layout)
        }
        Panel::Images(images) => draw_images(&pen, images, &Grid::of(images, style.language, width)),
    }
}
