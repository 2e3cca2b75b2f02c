//! Lines and regions cut to a rectangle and thinned out. Everything is in CSS pixels, y downward.

/// A point on the panel.
pub type Point = (f64, f64);

/// A rectangle.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct Rect {
    /// Left edge.
    pub left: f64,
    /// Upper edge.
    pub top: f64,
    /// Right edge.
    pub right: f64,
    /// Lower edge.
    pub bottom: f64,
}

impl Rect {
    /// Width.
    pub fn width(&self) -> f64 {
        self.right - self.left
    }

    /// Height.
    pub fn height(&self) -> f64 {
        self.bottom - self.top
    }

    /// Whether a point is inside or on an edge.
    pub fn contains(&self, (x, y): Point) -> bool {
        (self.left..=self.right).contains(&x) && (self.top..=self.bottom).contains(&y)
    }

    /// The part of a segment inside, by Liang and Barsky (1984).
    fn clip(&self, from: Point, to: Point) -> Option<(Point, Point)> {
        let (dx, dy) = (to.0 - from.0, to.1 - from.1);
        let (mut enter, mut leave) = (0.0_f64, 1.0_f64);
        let edges = [
            (-dx, from.0 - self.left),
            (dx, self.right - from.0),
            (-dy, from.1 - self.top),
            (dy, self.bottom - from.1),
        ];
        for (speed, distance) in edges {
            if speed == 0.0 {
                if distance < 0.0 {
                    return None;
                }
            } else if speed < 0.0 {
                enter = enter.max(distance / speed);
            } else {
                leave = leave.min(distance / speed);
            }
        }
        let at = |share: f64| {
            if share <= 0.0 {
                from
            } else if share >= 1.0 {
                to
            } else {
                (from.0 + share * dx, from.1 + share * dy)
            }
        };
        (enter <= leave).then(|| (at(enter), at(leave)))
    }
}

/// The parts of a polyline inside a rectangle. A point with a NaN coordinate breaks the line.
pub fn clip_line(points: &[Point], rect: &Rect) -> Vec<Vec<Point>> {
    let finite = |point: &Point| point.0.is_finite() && point.1.is_finite();
    let mut parts = Vec::new();
    for run in points.split(|point| !finite(point)) {
        if let [single] = run
            && rect.contains(*single)
        {
            parts.push(vec![*single]);
        }
        let mut part: Vec<Point> = Vec::new();
        for pair in run.windows(2) {
            let Some((from, to)) = rect.clip(pair[0], pair[1]) else {
                parts.extend(take_line(&mut part));
                continue;
            };
            if part.last() != Some(&from) {
                parts.extend(take_line(&mut part));
                part.push(from);
            }
            part.push(to);
        }
        parts.extend(take_line(&mut part));
    }
    parts
}

fn take_line(part: &mut Vec<Point>) -> Option<Vec<Point>> {
    let line = std::mem::take(part);
    (line.len() > 1).then_some(line)
}

/// The part of a polygon inside a rectangle, by Sutherland and Hodgman (1974).
pub fn clip_polygon(polygon: &[Point], rect: &Rect) -> Vec<Point> {
    let mut points = polygon.to_vec();
    for side in 0..4 {
        // How far inside of the side a point is.
        let depth = |(x, y): Point| match side {
            0 => x - rect.left,
            1 => rect.right - x,
            2 => y - rect.top,
            _ => rect.bottom - y,
        };
        let mut kept = Vec::with_capacity(points.len() + 4);
        for (index, &to) in points.iter().enumerate() {
            let from = points[(index + points.len() - 1) % points.len()];
            let (before, after) = (depth(from), depth(to));
            if (before < 0.0) != (after < 0.0) {
                let share = before / (before - after);
                kept.push((from.0 + share * (to.0 - from.0), from.1 + share * (to.1 - from.1)));
            }
            if after >= 0.0 {
                kept.push(to);
            }
        }
        points = kept;
    }
    points
}

/// A polyline with fewer points that nowhere departs from the given one by more than `tolerance` pixels, after Ramer
/// (1972) and Douglas and Peucker (1973).
pub fn simplify(points: &[Point], tolerance: f64) -> Vec<Point> {
    if points.len() < 3 {
        return points.to_vec();
    }
    let mut kept = vec![false; points.len()];
    kept[0] = true;
    kept[points.len() - 1] = true;
    let mut spans = vec![(0, points.len() - 1)];
    while let Some((first, last)) = spans.pop() {
        let farthest = (first + 1..last)
            .map(|index| (distance(points[index], points[first], points[last]), index))
            .fold(
                (tolerance, None),
                |best, (distance, index)| {
                    if distance > best.0 { (distance, Some(index)) } else { best }
                },
            )
            .1;
        if let Some(index) = farthest {
            kept[index] = true;
            spans.push((first, index));
            spans.push((index, last));
        }
    }
    points.iter().zip(kept).filter_map(|(&point, kept)| kept.then_some(point)).collect()
}

/// The distance of a point from a segment.
fn distance(point: Point, from: Point, to: Point) -> f64 {
    let (dx, dy) = (to.0 - from.0, to.1 - from.1);
    let length = dx * dx + dy * dy;
    let along =
        if length > 0.0 { (((point.0 - from.0) * dx + (point.1 - from.1) * dy) / length).clamp(0.0, 1.0) } else { 0.0 };
    let (across, down) = (point.0 - from.0 - along * dx, point.1 - from.1 - along * dy);
    // Pixels neither overflow nor vanish when they are squared, and `hypot` guards against that with much code.
    (across * across + down * down).sqrt()
}

#[cfg(test)]
mod tests {
    use super::*;

    const RECT: Rect = Rect { left: 0.0, top: 0.0, right: 100.0, bottom: 50.0 };

    #[test]
    fn a_line_that_leaves_and_returns_is_cut_at_the_border() {
        let parts = clip_line(&[(0.0, 25.0), (50.0, -75.0), (100.0, 25.0)], &RECT);
        assert_eq!(parts, [vec![(0.0, 25.0), (12.5, 0.0)], vec![(87.5, 0.0), (100.0, 25.0)]]);
    }

    #[test]
    fn a_line_outside_leaves_nothing() {
        assert_eq!(clip_line(&[(0.0, -5.0), (50.0, -75.0), (100.0, -1.0)], &RECT), Vec::<Vec<Point>>::new());
    }

    #[test]
    fn a_nan_breaks_the_line_and_a_lonely_point_stays() {
        let line = [(0.0, 1.0), (10.0, 1.0), (20.0, f64::NAN), (30.0, 1.0), (40.0, f64::NAN), (50.0, 1.0), (60.0, 1.0)];
        let parts = clip_line(&line, &RECT);
        assert_eq!(parts.iter().map(Vec::len).collect::<Vec<_>>(), [2, 1, 2]);
    }

    #[test]
    fn a_polygon_is_cut_to_the_rectangle() {
        let cut = clip_polygon(&[(-50.0, 10.0), (150.0, 10.0), (150.0, 90.0), (-50.0, 90.0)], &RECT);
        assert_eq!(cut.len(), 4);
        assert!(cut.iter().all(|&point| RECT.contains(point)), "{cut:?}");
    }

    #[test]
    fn simplifying_keeps_peaks_and_drops_what_cannot_be_seen() {
        let line: Vec<Point> = (0..=1000)
            .map(|index| (f64::from(index) * 0.1, if index == 500 { 40.0 } else { 1e-3 * f64::from(index % 2) }))
            .collect();
        let simple = simplify(&line, 0.1);
        assert!(simple.contains(&(50.0, 40.0)));
        assert_eq!(simple.len(), 5);
    }
}
