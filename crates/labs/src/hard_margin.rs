//! The exact direction of maximum ℓ2 margin: the shortest `w` with `⟨w, zᵢ⟩ ≥ 1` for all points `zᵢ = yᵢxᵢ`, found by an
//! active set in finitely many steps, and checked.
//!
//! With `eᵢ = (zᵢ, 1)` and `f = (0, …, 0, 1)` the weights `u ≥ 0` for which `‖Σᵢ uᵢeᵢ − f‖` is least leave a last
//! component `φ` of `f − Σᵢ uᵢeᵢ`, and `w = Σᵢ uᵢzᵢ/φ`; `φ = 0` if no `w` separates the points (Lawson and Hanson, *Solving
//! Least Squares Problems*, chapters 23.3 and 23.4). The points with `uᵢ > 0` are the support vectors. They are linearly
//! independent; from them alone `w` is computed once more, which undoes what squaring the margin in `φ` cost.

use kernels::double::{View, dot, squared_norm};

/// Relative to the longest point's length, smaller margins count as none.
const LEAST_MARGIN: f64 = 1e-7;
/// A point within the margin by less than this share of it is none of the next support vectors.
const VIOLATION: f64 = 1e-12;
/// By how much, relatively, the conditions for an optimum may be missed.
const TOLERANCE: f64 = 1e-9;
/// Columns whose part outside of the others' span is a smaller share of them are dependent.
const DEPENDENT: f64 = 1e-13;

/// The separator of maximum ℓ2 margin, through the origin.
#[derive(Clone, Debug, PartialEq)]
pub struct HardMargin {
    /// The shortest `w` with `⟨w, zᵢ⟩ ≥ 1` for all `i`.
    pub weights: Vec<f64>,
    /// `αᵢ ≥ 0` with `w = Σᵢ αᵢzᵢ`: positive for support vectors alone.
    pub multipliers: Vec<f64>,
}

impl HardMargin {
    /// Of points `zᵢ = yᵢxᵢ`, one a row. Nothing if no direction separates them (by at least a ten millionth of the
    /// longest point's length), if there are no points, or if a number is not finite.
    pub fn of(points: View) -> Option<Self> {
        let (count, dimension) = (points.rows(), points.columns());
        let row = |point: usize| (0..dimension).map(move |column| points.at(point, column));
        let longest = (0..count).map(|point| row(point).map(|value| value * value).sum::<f64>().sqrt());
        let scale = longest.fold(0.0, f64::max);
        if !(scale > 0.0 && scale.is_finite()) {
            return None;
        }
        let columns: Vec<Vec<f64>> =
            (0..count).map(|point| row(point).map(|value| value / scale).chain([1.0]).collect()).collect();
        let support = support_vectors(&columns, dimension)?;
        let basis = Basis::of(support.iter().map(|&point| &columns[point][..dimension]), dimension)?;
        let weights = basis.least_norm(&vec![1.0; support.len()]);
        let of_support = basis.least_squares(&weights);
        let (least, most) =
            of_support.iter().fold((0.0, 0.0), |(least, most): (f64, f64), &value| (least.min(value), most.max(value)));
        let is_outside = |column: &Vec<f64>| dot(&column[..dimension], &weights) >= 1.0 - TOLERANCE;
        if !(least >= -TOLERANCE * most && columns.iter().all(is_outside)) {
            return None;
        }
        let mut multipliers = vec![0.0; count];
        for (&point, &value) in support.iter().zip(&of_support) {
            multipliers[point] = value.max(0.0) / (scale * scale);
        }
        Some(Self { weights: weights.iter().map(|weight| weight / scale).collect(), multipliers })
    }

    /// The distance of the nearest points from the separator, `1/‖w‖`.
    pub fn margin(&self) -> f64 {
        1.0 / squared_norm(&self.weights).sqrt()
    }

    /// `w/‖w‖`.
    pub fn direction(&self) -> Vec<f64> {
        let margin = self.margin();
        self.weights.iter().map(|weight| weight * margin).collect()
    }
}

/// The points that carry the solution, in the order in which they were found; `columns` are the `eᵢ`.
fn support_vectors(columns: &[Vec<f64>], dimension: usize) -> Option<Vec<usize>> {
    let mut active: Vec<usize> = Vec::new();
    let mut weights: Vec<f64> = Vec::new();
    // Points that rounding alone made look like support vectors, until the next step that is none of rounding's.
    let mut barred: Vec<usize> = Vec::new();
    // Each step but those of rounding lessens the distance, so that no set comes twice; in practice about as many steps
    // are taken as there are support vectors.
    for _ in 0..20 * (columns.len() + dimension) {
        let mut rest = vec![0.0; dimension + 1];
        rest[dimension] = 1.0;
        for (&point, weight) in active.iter().zip(&weights) {
            rest.iter_mut().zip(&columns[point]).for_each(|(slot, value)| *slot -= weight * value);
        }
        let left = rest[dimension];
        if left < LEAST_MARGIN * LEAST_MARGIN {
            return None;
        }
        let mut steepest = (VIOLATION * left, None);
        for (point, column) in columns.iter().enumerate() {
            let slope = dot(column, &rest);
            if slope > steepest.0 && !active.contains(&point) && !barred.contains(&point) {
                steepest = (slope, Some(point));
            }
        }
        let Some(next) = steepest.1 else { return Some(active) };
        if let Some(found) = enter(columns, dimension, next, &active, &weights) {
            (active, weights) = found;
            barred.clear();
        } else {
            barred.push(next);
        }
    }
    None
}

/// The active set and its weights after a point has entered; nothing if only rounding let it.
fn enter(
    columns: &[Vec<f64>],
    dimension: usize,
    next: usize,
    active: &[usize],
    weights: &[f64],
) -> Option<(Vec<usize>, Vec<f64>)> {
    let mut active: Vec<usize> = active.iter().copied().chain([next]).collect();
    let mut weights: Vec<f64> = weights.iter().copied().chain([0.0]).collect();
    let mut target = vec![0.0; dimension + 1];
    target[dimension] = 1.0;
    let mut is_first = true;
    // Every further round drops a point.
    loop {
        let basis = Basis::of(active.iter().map(|&point| &columns[point][..]), dimension + 1)?;
        let wanted = basis.least_squares(&target);
        if is_first && wanted.last().is_none_or(|&weight| weight <= 0.0) {
            return None;
        }
        is_first = false;
        let mut nearest = (1.0, None);
        for (place, (&from, &to)) in weights.iter().zip(&wanted).enumerate() {
            if to <= 0.0 && from / (from - to) < nearest.0 {
                nearest = (from / (from - to), Some(place));
            }
        }
        let (share, Some(blocking)) = nearest else { return Some((active, wanted)) };
        weights.iter_mut().zip(&wanted).for_each(|(weight, to)| *weight += share * (to - *weight));
        weights.remove(blocking);
        active.remove(blocking);
    }
}

/// `A = QR` by Gram and Schmidt, each column made orthogonal twice, which leaves it so to the last bits (Giraud, Langou,
/// Rozložník and van den Eshof 2005).
struct Basis {
    /// Orthonormal.
    directions: Vec<Vec<f64>>,
    /// `R`, a column each, down to the diagonal.
    factors: Vec<Vec<f64>>,
}

impl Basis {
    /// Of columns of one length; nothing if they are dependent.
    fn of<'a>(columns: impl Iterator<Item = &'a [f64]>, length: usize) -> Option<Self> {
        let mut basis = Self { directions: Vec::new(), factors: Vec::new() };
        for column in columns {
            if basis.directions.len() == length {
                return None;
            }
            let mut rest = column.to_vec();
            let mut factors = vec![0.0; basis.directions.len()];
            for _ in 0..2 {
                for (factor, direction) in factors.iter_mut().zip(&basis.directions) {
                    let along = dot(direction, &rest);
                    rest.iter_mut().zip(direction).for_each(|(slot, value)| *slot -= along * value);
                    *factor += along;
                }
            }
            let size = squared_norm(&rest).sqrt();
            if size.is_nan() || size <= DEPENDENT * squared_norm(column).sqrt() {
                return None;
            }
            factors.push(size);
            basis.directions.push(rest.iter().map(|value| value / size).collect());
            basis.factors.push(factors);
        }
        Some(basis)
    }

    /// The `x` for which `‖Ax − b‖` is least.
    fn least_squares(&self, b: &[f64]) -> Vec<f64> {
        let mut x: Vec<f64> = self.directions.iter().map(|direction| dot(direction, b)).collect();
        for (column, factors) in self.factors.iter().enumerate().rev() {
            x[column] /= factors[column];
            let solved = x[column];
            x.iter_mut().zip(&factors[..column]).for_each(|(slot, factor)| *slot -= solved * factor);
        }
        x
    }

    /// The shortest `x` with `Aᵀx = b`.
    fn least_norm(&self, b: &[f64]) -> Vec<f64> {
        let mut along: Vec<f64> = Vec::with_capacity(b.len());
        for (wanted, factors) in b.iter().zip(&self.factors) {
            let known: f64 = along.iter().zip(factors).map(|(value, factor)| value * factor).sum();
            along.push((wanted - known) / factors[along.len()]);
        }
        let mut x = vec![0.0; self.directions.first().map_or(0, Vec::len)];
        for (direction, along) in self.directions.iter().zip(&along) {
            x.iter_mut().zip(direction).for_each(|(slot, value)| *slot += along * value);
        }
        x
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::random::Random;

    fn hard_margin(points: &[f64], dimension: usize) -> Option<HardMargin> {
        HardMargin::of(View::new(points, points.len() / dimension, dimension))
    }

    #[test]
    fn points_in_the_plane_have_the_known_separators() {
        let eight = [1.0, 0.5, 1.2, 3.0, 2.0, 2.5, 1.5, 4.0, 1.4, 2.0, 1.1, 1.2, 2.0, 3.0, 1.3, 0.6];
        let found = hard_margin(&eight, 2).unwrap();
        assert!((found.weights[0] - 0.8).abs() < 1e-14 && (found.weights[1] - 0.4).abs() < 1e-14);
        assert!((found.margin() - 1.25f64.sqrt()).abs() < 1e-14);
        assert_eq!(found.multipliers.iter().filter(|&&value| value > 0.0).count(), 1);
        let eight = [1.0, 0.8, 1.5, -0.2, 2.0, 1.0, 2.5, 2.0, 1.8, 0.1, 1.2, 2.2, 3.0, 0.4, 2.2, 1.5];
        let found = hard_margin(&eight, 2).unwrap();
        assert!((found.weights[0] - 5.0 / 7.0).abs() < 1e-14 && (found.weights[1] - 2.5 / 7.0).abs() < 1e-14);
        assert!((found.margin() - 1.252_198_067_4).abs() < 1e-9);
    }

    #[test]
    fn the_conditions_for_an_optimum_hold_in_any_dimension() {
        let mut random = Random::new(5, 0);
        let mut separable = 0;
        for (count, dimension) in [(1, 1), (4, 2), (15, 20), (20, 40), (60, 40), (100, 3), (160, 40)] {
            for _ in 0..20 {
                let mut points = vec![0.0; count * dimension];
                random.fill_normal(&mut points);
                points.iter_mut().step_by(dimension).for_each(|value| *value += 1.0);
                let Some(found) = hard_margin(&points, dimension) else { continue };
                separable += 1;
                let mut sum = vec![0.0; dimension];
                for (point, &multiplier) in points.chunks_exact(dimension).zip(&found.multipliers) {
                    let margin = dot(point, &found.weights);
                    assert!(margin > 1.0 - 1e-9 && multiplier >= 0.0);
                    assert!(multiplier * (margin - 1.0).abs() < 1e-9 * squared_norm(&found.weights));
                    sum.iter_mut().zip(point).for_each(|(slot, value)| *slot += multiplier * value);
                }
                let missed: f64 = sum.iter().zip(&found.weights).map(|(a, b)| (a - b) * (a - b)).sum();
                assert!(missed.sqrt() < 1e-10 * squared_norm(&found.weights).sqrt());
            }
        }
        assert!(separable > 80, "{separable}");
    }

    #[test]
    fn narrow_margins_are_found() {
        for angle in [1e-1, 1e-3, 1e-5] {
            let (sine, cosine) = (libm::sin(angle), libm::cos(angle));
            let found = hard_margin(&[cosine, sine, -cosine, sine], 2).unwrap();
            assert!((found.margin() / sine - 1.0).abs() < 1e-8, "{angle}");
        }
    }

    #[test]
    fn points_twice_and_points_on_one_line_do_no_harm() {
        let found = hard_margin(&[2.0, 1.0, 2.0, 1.0, 2.0, -1.0, 2.0, 0.0, 2.0, 3.0, 2.0, -1.0], 2).unwrap();
        assert!((found.weights[0] - 0.5).abs() < 1e-14 && found.weights[1].abs() < 1e-14);
        assert_eq!(hard_margin(&[3.0, 3.0, 3.0], 1).unwrap().weights, [1.0 / 3.0]);
    }

    #[test]
    fn what_cannot_be_separated_has_no_separator() {
        assert_eq!(hard_margin(&[1.0, 0.0, -1.0, 0.0], 2), None);
        assert_eq!(hard_margin(&[1.0, 0.0, -0.5, 0.8, -0.5, -0.9], 2), None);
        assert_eq!(hard_margin(&[1.0, 0.0, 0.0, 0.0], 2), None);
        assert_eq!(hard_margin(&[f64::NAN, 0.0, 1.0, 0.0], 2), None);
        assert_eq!(hard_margin(&[], 2), None);
    }
}
