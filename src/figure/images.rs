//! Draws a panel of small gray images with captions.

use super::{
    chart::lines,
    layout::{Line, SMALL, TITLE},
    lettering::{width_of, wrap},
    pen::{Align, Drawn, Pen, Tint, Type},
};
use labs::{figure::Images, text::Language};
use plotters::prelude::DrawingBackend;

/// The grays that are told apart.
const GRAYS: u16 = 8;

/// Room between images, in CSS pixels.
const GAP: f64 = 10.0;

/// Where the images go.
pub(super) struct Grid {
    title: Vec<Line>,
    columns: usize,
    /// Width and height of one image.
    pub(super) image: (f64, f64),
    /// Room for one image with its caption.
    cell: (f64, f64),
    top: f64,
    pub(super) count: usize,
}

impl Grid {
    /// As many images side by side as fit: about 72 pixels wide, no narrower than a caption.
    pub fn of(images: &Images, language: Language, width: f64) -> Self {
        let (columns, rows) = (images.width.max(1), images.height.max(1));
        let count = images.pixels.len() / (columns * rows);
        let title: Vec<Line> = wrap(images.title.get(language), width, TITLE)
            .into_iter()
            .enumerate()
            .map(|(row, text)| Line { text, x: 0.0, y: 12.0 + row as f64 * TITLE * 1.4 })
            .collect();
        let top = title.len() as f64 * TITLE * 1.4 + 8.0;
        let widest = images.captions.iter().map(|text| width_of(text.get(language), SMALL)).fold(0.0, f64::max);
        // A whole number of CSS pixels to a pixel of the image keeps its edges sharp.
        let pixel = (72.0 / columns.max(rows) as f64).max(1.0).floor();
        let image = (pixel * columns as f64, pixel * rows as f64);
        let caption = if widest > 0.0 { 20.0 } else { 0.0 };
        let cell = (image.0.max(widest.min(width)) + GAP, image.1 + caption + GAP);
        let across = (((width + GAP) / cell.0).floor() as usize).clamp(1, count.max(1));
        Self { title, columns: across, image, cell, top, count }
    }

    pub fn height(&self) -> f64 {
        let rows = self.count.div_ceil(self.columns);
        (self.top + rows as f64 * self.cell.1).round()
    }

    /// The upper left corner of an image.
    pub(super) fn corner(&self, index: usize) -> (f64, f64) {
        let (row, column) = (index / self.columns, index % self.columns);
        (column as f64 * self.cell.0, self.top + row as f64 * self.cell.1)
    }
}

/// Draws the images in ink on paper, so that they follow the theme.
pub(super) fn draw_images<DB: DrawingBackend>(pen: &Pen<DB>, images: &Images, grid: &Grid) -> Drawn<DB> {
    draw_frames(pen, images, grid)?;
    draw_pixels(pen, images, grid)
}

/// Draws everything but the pixels.
pub(super) fn draw_frames<DB: DrawingBackend>(pen: &Pen<DB>, images: &Images, grid: &Grid) -> Drawn<DB> {
    let palette = &pen.style.palette;
    let look = Type { size: TITLE, color: palette.ink, bold: true };
    lines(pen, &grid.title, Align::Left, look)?;
    for index in 0..grid.count {
        let (x, y) = grid.corner(index);
        pen.rectangle((x, y), (x + grid.image.0, y + grid.image.1), Tint(palette.grid, 0.6))?;
    }
    for (index, caption) in images.captions.iter().enumerate().take(grid.count) {
        let (x, y) = grid.corner(index);
        let look = Type { size: SMALL, color: palette.muted, bold: false };
        pen.text(caption.get(pen.style.language), (x, y + grid.image.1 + 11.0), Align::Left, look)?;
    }
    Ok(())
}

fn draw_pixels<DB: DrawingBackend>(pen: &Pen<DB>, images: &Images, grid: &Grid) -> Drawn<DB> {
    let palette = &pen.style.palette;
    let (columns, rows) = (images.width.max(1), images.height.max(1));
    let side = (grid.image.0 / columns as f64, grid.image.1 / rows as f64);
    let mut runs: Vec<(u16, usize, usize, usize, usize)> = Vec::new();
    for (index, image) in images.pixels.chunks_exact(columns * rows).enumerate() {
        for (row, pixels) in image.chunks_exact(columns).enumerate() {
            for (column, &pixel) in pixels.iter().enumerate() {
                let level = (u16::from(pixel) * GRAYS + 127) / 255;
                match runs.last_mut() {
                    Some((same, at, line, _, end)) if (*same, *at, *line, *end) == (level, index, row, column) => {
                        *end += 1;
                    }
                    _ => runs.push((level, index, row, column, column + 1)),
                }
            }
        }
    }
    // Pixels of one gray together, which makes them one shape in print.
    for level in 1..=GRAYS {
        let cover = Tint(palette.ink, f64::from(level) / f64::from(GRAYS));
        for &(_, index, row, from, to) in runs.iter().filter(|run| run.0 == level) {
            let (x, y) = grid.corner(index);
            let top = y + row as f64 * side.1;
            pen.run((x + from as f64 * side.0, top), (x + to as f64 * side.0, top + side.1), cover)?;
        }
    }
    Ok(())
}
