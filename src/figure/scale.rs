//! Where a value lies along an axis.

use labs::figure::{Axis, AxisScale};

/// The map between the values of an axis and pixels.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct Scale {
    kind: AxisScale,
    /// The ends of the range, transformed.
    ends: [f64; 2],
    /// Where the ends lie, in CSS pixels.
    pixels: [f64; 2],
}

impl Scale {
    /// The scale of an axis whose ends lie at `pixels`. An empty range is spread around its value.
    pub fn new(axis: &Axis, pixels: [f64; 2]) -> Self {
        let mut ends = axis.range.map(|value| transform(axis.scale, value));
        if !ends.iter().all(|end| end.is_finite()) {
            ends = [0.0, 1.0];
        }
        if ends[0] == ends[1] {
            ends = [ends[0] - 0.5, ends[1] + 0.5];
        }
        Self { kind: axis.scale, ends, pixels }
    }

    /// Where a value lies, in CSS pixels; NaN where the axis has no place for it (zero on a logarithmic axis).
    pub fn pixel(&self, value: f64) -> f64 {
        let share = (transform(self.kind, value) - self.ends[0]) / (self.ends[1] - self.ends[0]);
        let pixel = self.pixels[0] + share * (self.pixels[1] - self.pixels[0]);
        if pixel.is_finite() { pixel } else { f64::NAN }
    }

    /// As [`Scale::pixel`], but a value below the axis's reach (zero on a logarithmic axis) lies at its lower end.
    pub fn pixel_or_floor(&self, value: f64) -> f64 {
        let pixel = self.pixel(value);
        let below = self.kind == AxisScale::Log && value <= 0.0;
        if below { self.pixels[0] } else { pixel }
    }

    /// The value at a pixel.
    pub fn value(&self, pixel: f64) -> f64 {
        let share = (pixel - self.pixels[0]) / (self.pixels[1] - self.pixels[0]);
        let position = self.ends[0] + share * (self.ends[1] - self.ends[0]);
        match self.kind {
            AxisScale::Linear | AxisScale::Equal => position,
            AxisScale::Log => position.exp(),
            AxisScale::LogFromZero => position.exp() - 1.0,
        }
    }
}

fn transform(kind: AxisScale, value: f64) -> f64 {
    match kind {
        AxisScale::Linear | AxisScale::Equal => value,
        AxisScale::Log => value.ln(),
        AxisScale::LogFromZero => (1.0 + value).ln(),
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use labs::text::Text;

    #[test]
    fn pixels_and_values_map_both_ways() {
        for (scale, range) in [
            (AxisScale::Linear, [-2.0, 5.0]),
            (AxisScale::Log, [0.01, 300.0]),
            (AxisScale::LogFromZero, [0.0, 30_000.0]),
        ] {
            let map = Scale::new(&Axis { label: Text::same(""), scale, range }, [40.0, 700.0]);
            assert!((map.pixel(range[0]) - 40.0).abs() < 1e-9 && (map.pixel(range[1]) - 700.0).abs() < 1e-9);
            for pixel in [40.0, 123.4, 555.5, 700.0] {
                assert!((map.pixel(map.value(pixel)) - pixel).abs() < 1e-9, "{scale:?} at {pixel}");
            }
        }
    }

    #[test]
    fn an_empty_range_still_has_a_place_for_its_value() {
        let axis = Axis { label: Text::same(""), scale: AxisScale::Linear, range: [3.0, 3.0] };
        assert_eq!(Scale::new(&axis, [0.0, 100.0]).pixel(3.0), 50.0);
    }
}
