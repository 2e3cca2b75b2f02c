//! Points of two classes in the plane, as links and fields write them: `1,0.5;-1.4,-2,-`.
//!
//! A point is its two coordinates and the sign of its class, `+` if it has none: a plus sign is a space in a link.

use crate::decimal;
use serde::{Deserialize, Serialize};
use std::fmt::Write;

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

/// How many there may be.
pub const MOST: usize = 40;
/// The greatest size of a coordinate.
pub const REACH: f64 = 5.0;
/// The form that is read, in words of no language.
pub const FORM: &str = "x,y,+;x,y,-;… (1..40; −5..5)";

/// The points of a text; those that can be read.
pub fn read(text: &str) -> Vec<Point> {
    text.split(';').filter_map(read_one).collect()
}

/// The first part of a text that is no point, or one too many.
pub fn refused(text: &str) -> Option<&str> {
    text.split(';')
        .enumerate()
        .find(|(index, piece)| *index >= MOST || read_one(piece).is_none())
        .map(|(_, piece)| piece)
}

fn read_one(piece: &str) -> Option<Point> {
    let mut parts = piece.split(',').map(str::trim);
    let mut coordinate = || {
        let value = (decimal::parse(parts.next()?)? * GRID).round() / GRID;
        // Adding zero turns a negative zero.
        (value.abs() <= REACH).then_some(value + 0.0)
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

/// Writes points so that [`read`] reads the same ones, as short as can be.
pub fn write(points: &[Point]) -> String {
    let mut text = String::new();
    for point in points {
        if !text.is_empty() {
            text.push(';');
        }
        // Writing to a string cannot fail.
        let _ = write!(text, "{},{}{}", point.x, point.y, if point.is_positive { "" } else { ",-" });
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
        for count in 1..=MOST {
            let mut coordinate = || (random.between(-REACH, REACH) * GRID).round() / GRID + 0.0;
            let points: Vec<Point> = (0..count)
                .map(|index| Point { x: coordinate(), y: coordinate(), is_positive: index % 3 > 0 })
                .collect();
            let text = write(&points);
            assert_eq!((refused(&text), read(&text)), (None, points));
        }
    }

    #[test]
    fn forms_that_people_write_are_read_alike() {
        for text in ["1,0.5,+; -1.40 , -2,-", "1,0.5, ;-1.4,-2,−", "1.0,.5;-1.4,-2.0,-", "1.001,0.5;-1.4,-2,-"] {
            assert_eq!((refused(text), &*write(&read(text))), (None, "1,0.5;-1.4,-2,-"), "{text}");
        }
        assert_eq!(write(&read("-0,-0.001")), "0,0");
    }

    #[test]
    fn the_first_part_that_cannot_be_read_is_named() {
        for (text, piece) in [
            ("", ""),
            ("1,2;", ""),
            ("1,2;3", "3"),
            ("1,2;3,x,-;4", "3,x,-"),
            ("1,2,?", "1,2,?"),
            ("1,2,+,3", "1,2,+,3"),
            ("1,2;6,0", "6,0"),
            ("1,NaN", "1,NaN"),
        ] {
            assert_eq!(refused(text), Some(piece), "{text}");
        }
        assert_eq!(refused(&["1,2"; MOST].join(";")), None);
        assert_eq!(refused(&["1,2"; MOST + 1].join(";")), Some("1,2"));
    }

    #[test]
    fn the_form_tells_the_limits() {
        assert!(FORM.contains(&format!("1..{MOST}")) && FORM.contains(&format!("−{REACH}..{REACH}")));
    }
}
