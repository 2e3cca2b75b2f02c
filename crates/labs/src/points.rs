//! Points of two classes in the plane, as links and fields write them: `1,0.5;-1.4,-2,-`.
//!
//! A point is its two coordinates and the sign of its class, `+` if it has none: a plus sign is a space in a link.

use crate::decimal;
use serde::{Deserialize, Serialize};

/// Coordinates are rounded to this share of 1, so that what is written is short and exact.
pub const GRID: f64 = 100.0;

/// A point with its class.
#[derive(Clone, Copy, Debug, PartialEq, Serialize, Deserialize)]
pub struct Point {
    /// Abscissa.
    pub x: f64,
    /// Ordinate.
    pub y: f64,
    /// Whether its class is the positive one.
    pub is_positive: bool,
}

/// Reads one to `most` points whose coordinates are at most `reach` in size; or says which could not be read.
pub fn read(text: &str, most: usize, reach: f64) -> Result<Vec<Point>, &str> {
    let mut points = Vec::new();
    for piece in text.split(';') {
        let point = read_one(piece, reach).filter(|_| points.len() < most).ok_or(piece)?;
        points.push(point);
    }
    Ok(points)
}

fn read_one(piece: &str, reach: f64) -> Option<Point> {
    let mut parts = piece.split(',').map(str::trim);
    let mut coordinate = || {
        let value = (decimal::parse(parts.next()?)? * GRID).round() / GRID;
        // Adding zero turns a negative zero.
        (value.abs() <= reach).then_some(value + 0.0)
    };
    let (x, y) = (coordinate()?, coordinate()?);
    let is_positive = match parts.next() {
        None | Some("" | "+") => true,
        // The true minus sign is what people copy out of prose.
        Some("-" | "−") => false,
        Some(_) => return None,
    };
    parts.next().is_none().then_some(Point { x, y, is_positive })
}

/// Writes points so that [`read`] reads the same ones.
pub fn write(points: &[Point]) -> String {
    let mut text = String::new();
    for point in points {
        if !text.is_empty() {
            text.push(';');
        }
        text += &format!("{},{}{}", point.x, point.y, if point.is_positive { "" } else { ",-" });
    }
    text
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::random::Random;

    #[test]
    fn written_points_are_read_back() {
        let mut random = Random::new(1, 0);
        for count in 1..=40 {
            let mut coordinate = || (random.between(-5.0, 5.0) * GRID).round() / GRID + 0.0;
            let points: Vec<Point> = (0..count)
                .map(|index| Point { x: coordinate(), y: coordinate(), is_positive: index % 3 > 0 })
                .collect();
            assert_eq!(read(&write(&points), 40, 5.0), Ok(points));
        }
    }

    #[test]
    fn forms_that_people_write_are_read_and_written_short() {
        for text in ["1,0.5,+; -1.40 , -2,-", "1,0.5, ;-1.4,-2,−", "1.0,.5;-1.4,-2.0,-", "1.001,0.5;-1.4,-2,-"] {
            assert_eq!(read(text, 40, 5.0).map(|points| write(&points)).as_deref(), Ok("1,0.5;-1.4,-2,-"), "{text}");
        }
        assert_eq!(read("-0,-0.001", 40, 5.0).map(|points| write(&points)).as_deref(), Ok("0,0"));
    }

    #[test]
    fn the_first_point_that_cannot_be_read_is_named() {
        for (text, piece) in [
            ("", ""),
            ("1,2;", ""),
            ("1,2;3", "3"),
            ("1,2;3,x,-;4", "3,x,-"),
            ("1,2,?", "1,2,?"),
            ("1,2,+,3", "1,2,+,3"),
            ("1,2;6,0", "6,0"),
            ("1,NaN", "1,NaN"),
            ("1,1;2,2;3,3", "3,3"),
        ] {
            assert_eq!(read(text, 2, 5.0), Err(piece), "{text}");
        }
    }
}
