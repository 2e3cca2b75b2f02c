//! Ticks: few, round, and never on top of each other.

use super::{
    lettering::width_of,
    number::{ten_to_the, with_decimals},
    scale::Scale,
};
use labs::figure::{Axis, AxisScale};

/// A mark along an axis.
#[derive(Clone, Debug, PartialEq)]
pub struct Tick {
    /// Its value.
    pub value: f64,
    /// Its number, or empty for a minor tick.
    pub label: String,
}

/// The direction of an axis, which decides how much room a label needs.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Direction {
    /// Labels stand side by side.
    Horizontal,
    /// Labels stand one above the other.
    Vertical,
}

/// The ticks of an axis drawn `length` CSS pixels long with labels of `size` pixels, least value first.
pub fn ticks(axis: &Axis, direction: Direction, length: f64, size: f64) -> Vec<Tick> {
    let [low, high] = axis.range;
    if !(low.is_finite() && high.is_finite() && low < high) {
        return Vec::new();
    }
    let fits = |ticks: &[Tick]| fit(ticks, axis, direction, length, size);
    let linear = || {
        let pitch = if direction == Direction::Horizontal { 50.0 } else { 30.0 };
        linear(low, high, (length / pitch) as usize + 1, fits)
    };
    match axis.scale {
        AxisScale::Log if low > 0.0 => by_ratio(low, high, length, fits).unwrap_or_else(linear),
        AxisScale::LogFromZero if high >= 2.0 => by_ratio(low, high, length, fits).unwrap_or_else(linear),
        _ => linear(),
    }
}

/// Whether the labels keep a distance from each other.
fn fit(ticks: &[Tick], axis: &Axis, direction: Direction, length: f64, size: f64) -> bool {
    let scale = Scale::new(axis, [0.0, length]);
    let extent = |tick: &Tick| match direction {
        Direction::Horizontal => width_of(&tick.label, size) + size,
        Direction::Vertical => 2.0 * size,
    };
    let labeled: Vec<&Tick> = ticks.iter().filter(|tick| !tick.label.is_empty()).collect();
    labeled.windows(2).all(|pair| {
        let distance = (scale.pixel(pair[1].value) - scale.pixel(pair[0].value)).abs();
        distance >= f64::midpoint(extent(pair[0]), extent(pair[1]))
    })
}

/// Steps of 1, 2 or 5 times a power of ten: the finest that makes no more than `most` ticks.
fn linear(low: f64, high: f64, most: usize, fits: impl Fn(&[Tick]) -> bool) -> Vec<Tick> {
    let coarsest = (high - low).log10().ceil() as i32;
    let steps = (coarsest - 3..=coarsest).flat_map(|power| [1, 2, 5].map(|factor| (factor, power)));
    for (factor, power) in steps {
        let step = f64::from(factor) * 10_f64.powi(power);
        let (first, last) = ((low / step - 1e-6).ceil(), (high / step + 1e-6).floor());
        let count = last - first + 1.0;
        if count > most.min(12) as f64 {
            continue;
        }
        let decimals = (-power).max(0) as usize;
        let ticks: Vec<Tick> = (0..count.max(0.0) as usize)
            .map(|index| (first + index as f64) * step)
            .map(|value| Tick { value, label: with_decimals(value, decimals) })
            .collect();
        if fits(&ticks) {
            return ticks;
        }
    }
    Vec::new()
}

/// Powers of ten, with minor ticks between; 1, 2 and 5 in each decade where there are few; zero where the axis has it.
/// Nothing where the range holds fewer than two of them.
fn by_ratio(low: f64, high: f64, length: f64, fits: impl Fn(&[Tick]) -> bool) -> Option<Vec<Tick>> {
    let from = if low > 0.0 { low } else { 1.0 };
    let inside = |value: f64| value >= from * (1.0 - 1e-9) && value <= high * (1.0 + 1e-9);
    let first = (from.log10() - 1e-9).floor() as i32;
    let last = (high.log10() + 1e-9).floor() as i32;
    let decades = (high / from).log10();
    let plain = first >= -3 && last <= 3;
    let zero = (low <= 0.0).then(|| Tick { value: 0.0, label: "0".into() });
    let room_for_minor = length / decades >= 36.0;
    let build = |stride: i32, least: i32, factors: &[i32]| -> Vec<Tick> {
        let tick = |power: i32, factor: i32| {
            let value = f64::from(factor) * 10_f64.powi(power);
            let labeled = power >= least && power.rem_euclid(stride) == 0 && factors.contains(&factor);
            let label = match (labeled, plain || (0..2).contains(&power)) {
                (false, _) => String::new(),
                (true, true) => with_decimals(value, (-power).max(0) as usize),
                (true, false) if factor == 1 => ten_to_the(power),
                (true, false) => format!("{factor}×{}", ten_to_the(power)),
            };
            Tick { value, label }
        };
        let all = (first..=last).flat_map(|power| (1..10).map(move |factor| (power, factor)));
        let shown = all.filter(|&(_, factor)| factor == 1 || room_for_minor || factors.contains(&factor));
        let ticks = shown.map(|(power, factor)| tick(power, factor)).filter(|tick| inside(tick.value));
        zero.iter().cloned().chain(ticks).collect()
    };
    let labels = |ticks: &[Tick]| ticks.iter().filter(|tick| !tick.label.is_empty()).count();
    if decades < 2.4 {
        let fine = build(1, first, &[1, 2, 5]);
        if fits(&fine) && labels(&fine) >= 2 {
            return Some(fine);
        }
    }
    // On a short axis from zero, one stands too close to zero for a label.
    let strides = |least: i32| (1..=last - first + 1).map(move |stride| (stride, least));
    let choices = strides(first).chain(strides(first + 1));
    choices.map(|(stride, least)| build(stride, least, &[1])).find(|ticks| fits(ticks) && labels(ticks) >= 2)
}

#[cfg(test)]
mod tests {
    use super::*;
    use labs::text::Text;

    fn labels(scale: AxisScale, range: [f64; 2], length: f64) -> Vec<String> {
        let axis = Axis { label: Text::same(""), scale, range };
        let ticks = ticks(&axis, Direction::Horizontal, length, 12.0);
        ticks.into_iter().map(|tick| tick.label).filter(|label| !label.is_empty()).collect()
    }

    #[test]
    fn a_log_axis_has_a_tick_at_each_decade() {
        assert_eq!(labels(AxisScale::Log, [0.1, 100.0], 500.0), ["0.1", "1", "10", "100"]);
        assert_eq!(
            labels(AxisScale::Log, [1e-5, 100.0], 500.0),
            ["10⁻⁵", "10⁻⁴", "10⁻³", "10⁻²", "10⁻¹", "1", "10", "10²"]
        );
    }

    #[test]
    fn a_long_log_axis_skips_decades_evenly() {
        assert_eq!(
            labels(AxisScale::Log, [1e-12, 1.0], 300.0),
            ["10⁻¹²", "10⁻¹⁰", "10⁻⁸", "10⁻⁶", "10⁻⁴", "10⁻²", "1"]
        );
    }

    #[test]
    fn a_short_log_axis_is_labeled_between_decades() {
        assert_eq!(labels(AxisScale::Log, [0.05, 3.0], 500.0), ["0.05", "0.1", "0.2", "0.5", "1", "2"]);
    }

    #[test]
    fn an_axis_from_zero_has_zero_and_decades() {
        assert_eq!(labels(AxisScale::LogFromZero, [0.0, 1000.0], 600.0), ["0", "1", "10", "100", "1000"]);
        assert_eq!(labels(AxisScale::LogFromZero, [0.0, 30_000.0], 600.0), ["0", "1", "10", "10²", "10³", "10⁴"]);
    }

    #[test]
    fn a_linear_axis_is_cut_into_round_steps() {
        assert_eq!(labels(AxisScale::Linear, [0.0, 1.0], 400.0), ["0.0", "0.2", "0.4", "0.6", "0.8", "1.0"]);
        assert_eq!(labels(AxisScale::Linear, [-30.0, 30.0], 400.0), ["−30", "−20", "−10", "0", "10", "20", "30"]);
    }

    #[test]
    fn every_axis_has_ticks_and_none_overlap() {
        for length in [120.0, 250.0, 700.0] {
            for high in [0.003, 0.7, 1.0, 7.0, 12.0, 850.0, 30_000.0, 2e6] {
                for scale in [AxisScale::Linear, AxisScale::Log, AxisScale::LogFromZero] {
                    let low = if scale == AxisScale::Log { high / 700.0 } else { 0.0 };
                    let axis = Axis { label: Text::same(""), scale, range: [low, high] };
                    let ticks = ticks(&axis, Direction::Horizontal, length, 12.0);
                    let count = ticks.iter().filter(|tick| !tick.label.is_empty()).count();
                    assert!((2..=13).contains(&count), "{scale:?} to {high} over {length}: {count}");
                    assert!(fit(&ticks, &axis, Direction::Horizontal, length, 12.0));
                }
            }
        }
    }
}
