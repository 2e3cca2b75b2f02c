//! Measured series, and tables of them.

use crate::support::median;

/// What stands behind a number that misses its target.
pub const MISSED: char = '✗';

/// One quantity, measured once in each round.
#[derive(Clone, Default)]
pub struct Series(Vec<f64>);

impl Series {
    /// Adds the next round's.
    pub fn push(&mut self, value: f64) {
        self.0.push(value);
    }

    /// The middle one.
    pub fn median(&self) -> f64 {
        median(self.0.clone())
    }

    /// Half of the distance from the least to the greatest.
    fn spread(&self) -> f64 {
        let (least, greatest) = self.0.iter().fold((f64::INFINITY, f64::NEG_INFINITY), |(least, greatest), &value| {
            (least.min(value), greatest.max(value))
        });
        (greatest - least) / 2.0
    }

    /// The ratios to another series, each of one round.
    pub fn over(&self, other: &Self) -> Self {
        Self(self.0.iter().zip(&other.0).map(|(value, other)| value / other).collect())
    }

    /// All of it times a constant.
    pub fn times(&self, factor: f64) -> Self {
        Self(self.0.iter().map(|value| value * factor).collect())
    }

    /// The greater of this and another series, round by round.
    pub fn or_better(&self, other: &Self) -> Self {
        Self(self.0.iter().zip(&other.0).map(|(value, other)| value.max(*other)).collect())
    }

    /// The median, to three digits.
    pub fn value(&self) -> String {
        digits(self.median())
    }

    /// The median as a multiple, with the spread; marked if it is less than `least`.
    pub fn multiple(&self, least: Option<f64>) -> String {
        let mark = mark(least.is_some_and(|least| self.median() < least));
        format!("{} ±{}{mark}", digits(self.median()), digits(self.spread()))
    }

    /// The median in percent, with the spread; marked if it is less than `least`.
    pub fn percentage(&self, least: Option<f64>) -> String {
        let mark = mark(least.is_some_and(|least| self.median() < least));
        format!("{:.0} ±{:.0} %{mark}", 100.0 * self.median(), 100.0 * self.spread())
    }
}

/// The sign behind a number, as wide as its absence.
pub fn mark(missed: bool) -> char {
    if missed { MISSED } else { ' ' }
}

/// A number of ordinary size with about three digits.
pub fn digits(value: f64) -> String {
    let decimals = match value.abs() {
        size if size >= 99.95 => 0,
        size if size >= 9.995 => 1,
        _ => 2,
    };
    format!("{value:.decimals$}")
}

/// Rows of text in columns.
pub struct Table<const COLUMNS: usize> {
    rows: Vec<[String; COLUMNS]>,
}

impl<const COLUMNS: usize> Table<COLUMNS> {
    /// A table with its headings, each in two lines.
    pub fn new(headings: [[&str; 2]; COLUMNS]) -> Self {
        Self { rows: (0..2).map(|line| headings.map(|heading| heading[line].to_owned())).collect() }
    }

    /// Adds a row.
    pub fn row(&mut self, cells: [String; COLUMNS]) {
        self.rows.push(cells);
    }

    /// Prints it below a title, the first column to the left and all others to the right.
    pub fn print(&self, title: &str) {
        let width = |column: usize| self.rows.iter().map(|row| row[column].chars().count()).max().unwrap_or_default();
        let widths: [usize; COLUMNS] = std::array::from_fn(width);
        println!("\n{title}");
        for row in &self.rows {
            let cells = row.iter().zip(widths).enumerate().map(|(column, (cell, width))| {
                if column == 0 { format!("{cell:<width$}") } else { format!("  {cell:>width$}") }
            });
            println!("{}", cells.collect::<String>().trim_end());
        }
    }
}
