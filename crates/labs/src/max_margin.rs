//! Exact max-margin directions for the ℓ2, ℓ1 and ℓ∞ norms.
//!
//! Of points `zᵢ = yᵢxᵢ` a direction `w` of norm 1 has the margin `minᵢ ⟨w, zᵢ⟩`. The greatest margin over the unit ball of
//! a norm is the least dual norm over the convex hull of the points, `min ‖Σᵢ pᵢzᵢ‖*` over shares `p`: positive exactly if
//! a hyperplane through the origin separates the points. A pair of `w` and `p` with both values equal proves both.
//!
//! For ℓ2 that is the hull's point nearest to the origin, found by Wolfe's active set ("Finding the nearest point in a
//! polytope", 1976). For ℓ1 and ℓ∞ it is a linear program, solved by the simplex method with Bland's rule, which never
//! cycles. All three end after finitely many steps at the solution itself.

/// A norm on weights.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Norm {
    /// Sum of absolute values.
    L1,
    /// Euclidean length.
    L2,
    /// Greatest absolute value.
    LInf,
}

/// The direction of the greatest margin, and its proof.
#[derive(Clone, Debug, PartialEq)]
pub struct MaxMargin {
    /// `w`, of norm 1.
    pub direction: Vec<f64>,
    /// `minᵢ ⟨w, zᵢ⟩`, positive.
    pub margin: f64,
    /// `p`: shares of the points, not negative, that sum to 1; those that are not zero belong to points on the margin.
    pub shares: Vec<f64>,
}

impl Norm {
    /// All three, in the order ℓ2, ℓ1, ℓ∞.
    pub const ALL: [Self; 3] = [Self::L2, Self::L1, Self::LInf];

    /// The norm of a vector.
    pub fn of(self, vector: &[f64]) -> f64 {
        let sizes = vector.iter().map(|value| value.abs());
        match self {
            Self::L1 => sizes.sum(),
            Self::L2 => dot(vector, vector).sqrt(),
            Self::LInf => sizes.fold(0.0, f64::max),
        }
    }

    /// The dual norm.
    #[must_use]
    pub const fn dual(self) -> Self {
        match self {
            Self::L1 => Self::LInf,
            Self::L2 => Self::L2,
            Self::LInf => Self::L1,
        }
    }

    /// The direction of the greatest margin in this norm of points of that dimension, one after the other; nothing if no
    /// hyperplane through the origin separates them. If several directions have the greatest margin, one of them.
    pub fn max_margin(self, points: &[f64], dimension: usize) -> Option<MaxMargin> {
        let scale = Self::LInf.of(points);
        // No points, or all of them at the origin.
        if scale == 0.0 {
            return None;
        }
        let scaled: Vec<f64> = points.iter().map(|value| value / scale).collect();
        let (weights, shares) = match self {
            Self::L2 => nearest_point(&scaled, dimension)?,
            Self::L1 => least_sum(&scaled, dimension)?,
            Self::LInf => least_maximum(&scaled, dimension)?,
        };
        let length = self.of(&weights);
        let direction: Vec<f64> = weights.iter().map(|weight| weight / length).collect();
        let total: f64 = shares.iter().sum();
        let margin = least_margin(&direction, points);
        // Points that a rounding error separates count as not separated.
        (margin > FLAT * scale).then(|| MaxMargin {
            direction,
            margin,
            shares: shares.iter().map(|share| share / total).collect(),
        })
    }
}

/// A margin below this share of the greatest coordinate counts as none.
const FLAT: f64 = 1e-10;
/// What rounding leaves of a zero, for numbers about 1.
const ROUNDING: f64 = 1e-13;
/// What it leaves in a tableau after some dozens of steps.
const TABLEAU_ROUNDING: f64 = 1e-10;
/// More steps than any set of some dozens of points takes.
const MOST_STEPS: usize = 10_000;

/// `⟨a, b⟩`.
pub fn dot(a: &[f64], b: &[f64]) -> f64 {
    a.iter().zip(b).map(|(a, b)| a * b).sum()
}

/// `minᵢ ⟨w, zᵢ⟩`.
pub fn least_margin(weights: &[f64], points: &[f64]) -> f64 {
    points.chunks_exact(weights.len()).map(|point| dot(weights, point)).fold(f64::INFINITY, f64::min)
}

/// The point of the convex hull nearest to the origin, and the shares of the points in it.
fn nearest_point(points: &[f64], dimension: usize) -> Option<(Vec<f64>, Vec<f64>)> {
    let rows: Vec<&[f64]> = points.chunks_exact(dimension).collect();
    let longest = rows.iter().map(|row| dot(row, row)).fold(0.0, f64::max).sqrt();
    let first = least_index(rows.iter().map(|row| dot(row, row)))?;
    // The points that the nearest one is made of, and their shares.
    let (mut active, mut shares) = (vec![first], vec![1.0]);
    let mut nearest = rows[first].to_vec();
    for _ in 0..MOST_STEPS {
        let length = dot(&nearest, &nearest).sqrt();
        if length <= FLAT * longest {
            return None;
        }
        let next = least_index(rows.iter().map(|row| dot(&nearest, row)))?;
        if dot(&nearest, rows[next]) >= length * (length - ROUNDING * longest) || active.contains(&next) {
            break;
        }
        active.push(next);
        shares.push(0.0);
        loop {
            let hull: Vec<&[f64]> = active.iter().map(|&index| rows[index]).collect();
            let (wanted, foot) = affine_foot(&hull);
            // How far to go before a share would become negative.
            let limits =
                shares.iter().zip(&wanted).map(|(now, then)| if *then > 0.0 { 1.0 } else { now / (now - then) });
            let reach = limits.fold(1.0, f64::min);
            if reach >= 1.0 {
                (shares, nearest) = (wanted, foot);
                break;
            }
            shares.iter_mut().zip(&wanted).for_each(|(now, then)| *now += reach * (then - *now));
            // At least the point that stopped it leaves.
            let leaving = shares.iter().zip(&wanted).map(|(now, then)| if *then > 0.0 { f64::INFINITY } else { *now });
            let leaving = least_index(leaving)?;
            active.remove(leaving);
            shares.remove(leaving);
        }
    }
    let mut all = vec![0.0; rows.len()];
    active.iter().zip(&shares).for_each(|(&index, share)| all[index] = *share);
    Some((nearest, all))
}

/// The point nearest to the origin of the flat through some points: its affine coordinates and itself. By orthogonal
/// directions (Gram and Schmidt, twice), so that a flat near the origin loses no digits.
fn affine_foot(points: &[&[f64]]) -> (Vec<f64>, Vec<f64>) {
    let mut foot = points[0].to_vec();
    // Orthonormal directions, and the combinations of the points that they are.
    let mut axes: Vec<(Vec<f64>, Vec<f64>)> = Vec::new();
    let mut coordinates = vec![0.0; points.len()];
    coordinates[0] = 1.0;
    for (index, point) in points.iter().enumerate().skip(1) {
        let mut axis: Vec<f64> = point.iter().zip(points[0]).map(|(a, b)| a - b).collect();
        let mut combination = vec![0.0; points.len()];
        (combination[0], combination[index]) = (-1.0, 1.0);
        for _ in 0..2 {
            for (other, parts) in &axes {
                let along = dot(&axis, other);
                subtract(&mut axis, along, other);
                subtract(&mut combination, along, parts);
            }
        }
        let length = dot(&axis, &axis).sqrt();
        // The next active point is never in the flat of the others.
        if length > 0.0 {
            axis.iter_mut().chain(&mut combination).for_each(|value| *value /= length);
            axes.push((axis, combination));
        }
    }
    for _ in 0..2 {
        for (axis, combination) in &axes {
            let along = dot(&foot, axis);
            subtract(&mut foot, along, axis);
            subtract(&mut coordinates, along, combination);
        }
    }
    (coordinates, foot)
}

fn subtract(from: &mut [f64], factor: f64, what: &[f64]) {
    from.iter_mut().zip(what).for_each(|(value, other)| *value -= factor * other);
}

/// The index of the least number.
fn least_index(values: impl Iterator<Item = f64>) -> Option<usize> {
    values.enumerate().reduce(|best, this| if this.1 < best.1 { this } else { best }).map(|(index, _)| index)
}

/// Weights of least ℓ1 norm with margin 1, and multiples of the shares: `max Σα` with `|Σᵢ αᵢzᵢₖ| ≤ 1` for every
/// coordinate, whose multipliers are the positive and the negative parts of the weights.
fn least_sum(points: &[f64], dimension: usize) -> Option<(Vec<f64>, Vec<f64>)> {
    let count = points.len() / dimension;
    let mut program = Program::new(2 * dimension, count);
    for (index, point) in points.chunks_exact(dimension).enumerate() {
        for (k, &value) in point.iter().enumerate() {
            program.set(2 * k, index, value);
            program.set(2 * k + 1, index, -value);
        }
        program.reward(index);
    }
    (0..2 * dimension).for_each(|row| program.bound(row, 1.0));
    let (mut values, multipliers) = program.solve()?;
    values.truncate(count);
    Some((multipliers.as_chunks().0.iter().map(|[plus, minus]| plus - minus).collect(), values))
}

/// Weights of least greatest size `t` with margin 1, and multiples of the shares. With `vₖ = wₖ + t` in `0..2t` it is
/// `min t`, of which this is the dual: `max Σα` with `Σᵢ αᵢzᵢₖ ≤ βₖ` for every coordinate and `2Σβ − Σᵢ αᵢ Σₖ zᵢₖ ≤ 1`.
fn least_maximum(points: &[f64], dimension: usize) -> Option<(Vec<f64>, Vec<f64>)> {
    let count = points.len() / dimension;
    let mut program = Program::new(dimension + 1, count + dimension);
    for (index, point) in points.chunks_exact(dimension).enumerate() {
        point.iter().enumerate().for_each(|(k, &value)| program.set(k, index, value));
        program.set(dimension, index, -point.iter().sum::<f64>());
        program.reward(index);
    }
    for k in 0..dimension {
        program.set(k, count + k, -1.0);
        program.set(dimension, count + k, 2.0);
    }
    program.bound(dimension, 1.0);
    let (mut values, multipliers) = program.solve()?;
    values.truncate(count);
    let (greatest, above) = multipliers.split_last()?;
    Some((above.iter().map(|multiplier| multiplier - greatest).collect(), values))
}

/// A linear program `max cᵀx` with `Ax ≤ b`, `x ≥ 0` and `b ≥ 0`, as the tableau of the simplex method.
struct Program {
    rows: usize,
    variables: usize,
    /// `(rows + 1) × (variables + rows + 1)`: constraints with slacks and bounds, then the rewards with their sign turned.
    tableau: Vec<f64>,
    /// The variable that each row determines.
    basis: Vec<usize>,
}

impl Program {
    fn new(rows: usize, variables: usize) -> Self {
        let mut tableau = vec![0.0; (rows + 1) * (variables + rows + 1)];
        let width = variables + rows + 1;
        (0..rows).for_each(|row| tableau[row * width + variables + row] = 1.0);
        Self { rows, variables, tableau, basis: (variables..variables + rows).collect() }
    }

    const fn width(&self) -> usize {
        self.variables + self.rows + 1
    }

    fn at(&self, row: usize, column: usize) -> f64 {
        self.tableau[row * self.width() + column]
    }

    fn set(&mut self, row: usize, column: usize, value: f64) {
        let width = self.width();
        self.tableau[row * width + column] = value;
    }

    /// Gives a variable the reward 1.
    fn reward(&mut self, variable: usize) {
        self.set(self.rows, variable, -1.0);
    }

    fn bound(&mut self, row: usize, value: f64) {
        self.set(row, self.width() - 1, value);
    }

    /// The variables at the best vertex and the multipliers of the constraints there; nothing if there is no best.
    fn solve(mut self) -> Option<(Vec<f64>, Vec<f64>)> {
        let last = self.width() - 1;
        let given = self.tableau.clone();
        for _ in 0..MOST_STEPS {
            // Bland's rule: of all variables that gain, and of all that leave, the first.
            let Some(enters) = (0..last).find(|&column| self.at(self.rows, column) < -TABLEAU_ROUNDING) else {
                return self.vertex(&given);
            };
            let leaving = (0..self.rows).filter(|&row| self.at(row, enters) > TABLEAU_ROUNDING);
            let leaves = leaving.reduce(|best, row| {
                let ratio = |row| self.at(row, last) / self.at(row, enters);
                let (old, new) = (ratio(best), ratio(row));
                if new < old || (new == old && self.basis[row] < self.basis[best]) { row } else { best }
            })?;
            self.pivot(leaves, enters);
        }
        None
    }

    /// The vertex of the basis, computed anew from what was given, without the errors of the steps.
    fn vertex(&self, given: &[f64]) -> Option<(Vec<f64>, Vec<f64>)> {
        let (rows, width) = (self.rows, self.width());
        let column = |row: usize, of: usize| given[row * width + self.basis[of]];
        let bounds = (0..rows).map(|row| given[row * width + width - 1]).collect();
        let basic = solve(rows, column, bounds)?;
        let rewards = self.basis.iter().map(|&variable| -given[rows * width + variable]).collect();
        let multipliers = solve(rows, |row, of| column(of, row), rewards)?;
        let mut values = vec![0.0; self.variables + rows];
        // What rounding left of a zero may be negative.
        self.basis.iter().zip(basic).for_each(|(&variable, value)| values[variable] = value.max(0.0));
        Some((values, multipliers))
    }

    fn pivot(&mut self, row: usize, column: usize) {
        let width = self.width();
        let pivot = self.at(row, column);
        let leader: Vec<f64> = self.tableau[row * width..(row + 1) * width].iter().map(|value| value / pivot).collect();
        for (index, values) in self.tableau.chunks_exact_mut(width).enumerate() {
            if index == row {
                values.copy_from_slice(&leader);
            } else if values[column] != 0.0 {
                let factor = values[column];
                subtract(values, factor, &leader);
                values[column] = 0.0;
            }
        }
        self.basis[row] = column;
    }
}

/// Solves `Ax = b` by elimination with row exchanges; nothing if `A` is singular.
fn solve(order: usize, entry: impl Fn(usize, usize) -> f64, mut right: Vec<f64>) -> Option<Vec<f64>> {
    let mut rows: Vec<Vec<f64>> = (0..order).map(|row| (0..order).map(|column| entry(row, column)).collect()).collect();
    for step in 0..order {
        let greatest = step + least_index(rows[step..].iter().map(|row| -row[step].abs()))?;
        rows.swap(step, greatest);
        right.swap(step, greatest);
        let (done, below) = rows.split_at_mut(step + 1);
        let leader = &done[step];
        if leader[step] == 0.0 {
            return None;
        }
        for (index, row) in below.iter_mut().enumerate() {
            let factor = row[step] / leader[step];
            if factor != 0.0 {
                subtract(row, factor, leader);
                right[step + 1 + index] -= factor * right[step];
            }
        }
    }
    for step in (0..order).rev() {
        let known = dot(&rows[step][step + 1..], &right[step + 1..]);
        right[step] = (right[step] - known) / rows[step][step];
    }
    Some(right)
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::random::Random;

    /// Points with a margin about `gap` around a random direction, or none.
    fn points(seed: u64, count: usize, dimension: usize, gap: f64) -> Vec<f64> {
        let mut random = Random::new(seed, 0);
        let direction = random.on_sphere(dimension, 1.0);
        let mut points = vec![0.0; count * dimension];
        random.fill_normal(&mut points);
        for point in points.chunks_exact_mut(dimension) {
            let along = dot(point, &direction);
            subtract(point, along - along.abs() - gap, &direction);
        }
        points
    }

    /// The margin of the direction and the dual norm of the shares' point, which no margin exceeds.
    fn certified(norm: Norm, points: &[f64], dimension: usize) -> (f64, f64) {
        let found = norm.max_margin(points, dimension).expect("the points are separable");
        assert!((norm.of(&found.direction) - 1.0).abs() < 1e-14);
        assert!(found.shares.iter().all(|share| *share >= 0.0));
        assert!((found.shares.iter().sum::<f64>() - 1.0).abs() < 1e-12);
        let mut center = vec![0.0; dimension];
        for (point, share) in points.chunks_exact(dimension).zip(&found.shares) {
            subtract(&mut center, -share, point);
        }
        assert_eq!(found.margin, least_margin(&found.direction, points));
        (found.margin, norm.dual().of(&center))
    }

    #[test]
    fn margins_are_proved_the_greatest_by_their_shares() {
        for (dimension, counts) in [(2, [1, 8, 40]), (20, [1, 15, 40])] {
            for seed in 0..200 {
                for (count, gap) in counts.into_iter().flat_map(|count| [(count, 1e-3), (count, 0.05), (count, 1.0)]) {
                    let points = points(seed, count, dimension, gap);
                    for norm in Norm::ALL {
                        let (margin, bound) = certified(norm, &points, dimension);
                        assert!((bound - margin).abs() < 1e-9 * bound.max(1.0), "{norm:?} {margin} {bound}");
                    }
                }
            }
        }
    }

    #[test]
    fn points_on_a_grid_with_ties_and_twins_are_solved() {
        for seed in 0..2000 {
            let mut random = Random::new(seed, 1);
            let mut points: Vec<f64> = (0..60).map(|_| (random.between(0.0, 4.0) * 2.0).round() / 2.0 + 0.5).collect();
            points.extend_from_within(..20);
            for norm in Norm::ALL {
                let (margin, bound) = certified(norm, &points, 2);
                assert!((bound - margin).abs() < 1e-12, "{norm:?} {margin} {bound}");
            }
        }
    }

    #[test]
    fn points_around_the_origin_have_no_direction_in_any_norm() {
        for (points, dimension) in [
            (vec![1.0, 0.0, -1.0, 1.0, -1.0, -1.0], 2),
            (vec![1.0, 2.0, -0.5, -1.0], 2),
            (vec![1.0, 2.0, 0.0, 0.0], 2),
            (vec![0.0, 0.0], 2),
            (Vec::new(), 2),
        ] {
            for norm in Norm::ALL {
                assert_eq!(norm.max_margin(&points, dimension), None, "{norm:?} {points:?}");
            }
        }
        let mut points = points(3, 40, 20, 1.0);
        let opposite: Vec<f64> = points[..20].iter().map(|value| -2.0 * value).collect();
        points.extend(opposite);
        assert!(Norm::ALL.iter().all(|norm| norm.max_margin(&points, 20).is_none()));
    }

    #[test]
    fn all_norms_agree_on_which_points_can_be_separated() {
        for seed in 0..3000 {
            let mut random = Random::new(seed, 2);
            let direction = random.on_sphere(2, 1.0);
            let points: Vec<f64> = (0..6)
                .flat_map(|_| {
                    let along = random.between(-0.02, 3.0);
                    let across = random.between(-3.0, 3.0);
                    [along * direction[0] - across * direction[1], along * direction[1] + across * direction[0]]
                })
                .map(|value| (value * 100.0).round() / 100.0)
                .collect();
            let found = Norm::ALL.map(|norm| norm.max_margin(&points, 2).is_some());
            assert!(found == [true; 3] || found == [false; 3], "{found:?} {points:?}");
        }
    }

    #[test]
    fn the_directions_of_a_known_set_are_those_that_can_be_read_off() {
        // One point is nearest; (1, ½) is also least in the first coordinate and in the sum.
        let points = [1.0, 0.5, 1.2, 3.0, 2.0, 2.5, 1.4, 2.0];
        let l2 = Norm::L2.max_margin(&points, 2).unwrap();
        assert!((l2.direction[1] / l2.direction[0] - 0.5).abs() < 1e-15 && (l2.margin - 1.25_f64.sqrt()).abs() < 1e-15);
        let l1 = Norm::L1.max_margin(&points, 2).unwrap();
        assert_eq!((&*l1.direction, l1.margin), (&[1.0, 0.0][..], 1.0));
        let largest = Norm::LInf.max_margin(&points, 2).unwrap();
        assert_eq!((&*largest.direction, largest.margin), (&[1.0, 1.0][..], 1.5));
    }
}
