//! Where the values of a parameter lie on its slider.

use labs::schema::{Domain, Scale};

/// Positions of a slider on a logarithmic scale, before values that round to the same one are joined.
const LOGARITHMIC_STOPS: usize = 300;

/// A slider: positions `0..=last`, each with a value on the parameter's grain.
#[derive(Clone, Debug, PartialEq)]
pub struct Slider {
    min: f64,
    max: f64,
    step: f64,
    /// Decimals of the grain, so that 0.1 + 0.2 is 0.3 to the reader.
    decimals: usize,
    /// The values of a logarithmic slider, rising; an even one computes them.
    stops: Vec<f64>,
}

impl Slider {
    /// The slider of a parameter; none for a choice.
    pub fn new(domain: &Domain) -> Option<Self> {
        let (min, max, step, scale) = match domain {
            Domain::Integer { min, max, step, scale, .. } => (*min as f64, *max as f64, *step as f64, *scale),
            Domain::Real { min, max, step, scale, .. } => (*min, *max, *step, *scale),
            Domain::Choice { .. } | Domain::Points { .. } => return None,
        };
        let decimals = |number: f64| format!("{number}").split_once('.').map_or(0, |(_, digits)| digits.len());
        let mut slider = Self { min, max, step, decimals: decimals(step).max(decimals(min)), stops: Vec::new() };
        let value_at = |share: f64| match scale {
            Scale::Linear => None,
            Scale::Logarithmic => Some(min * (share * (max / min).ln()).exp()),
            Scale::LogarithmicFromZero => Some(min + step * ((share * (1.0 + (max - min) / step).ln()).exp() - 1.0)),
        };
        let shares = (0..=LOGARITHMIC_STOPS).map(|stop| stop as f64 / LOGARITHMIC_STOPS as f64);
        slider.stops = shares.filter_map(value_at).map(|value| slider.rounded(value)).collect();
        slider.stops.dedup();
        Some(slider)
    }

    /// The nearest value on the grain, counted from the least value; the ends of the range are always reached.
    fn rounded(&self, value: f64) -> f64 {
        let steps = ((value - self.min) / self.step).round();
        let value =
            labs::decimal::parse(&format!("{:.*}", self.decimals, self.min + steps * self.step)).unwrap_or(value);
        if value + self.step * 0.5 > self.max { self.max } else { value.max(self.min) }
    }

    /// The greatest position.
    pub fn last(&self) -> usize {
        if self.stops.is_empty() { ((self.max - self.min) / self.step).round() as usize } else { self.stops.len() - 1 }
    }

    /// The value at a position.
    pub fn value(&self, position: usize) -> f64 {
        if position >= self.last() {
            return self.max;
        }
        match self.stops.get(position) {
            Some(value) => *value,
            None => self.rounded(self.min + position as f64 * self.step),
        }
    }

    /// The position nearest to a value.
    pub fn position(&self, value: f64) -> usize {
        if self.stops.is_empty() {
            return (((value - self.min) / self.step).round().max(0.0) as usize).min(self.last());
        }
        let above = self.stops.partition_point(|stop| *stop < value).min(self.last());
        let below = above.saturating_sub(1);
        if value - self.stops[below] < self.stops[above] - value { below } else { above }
    }

    /// The value one grain up or down, within the range.
    pub fn neighbor(&self, value: f64, up: bool) -> f64 {
        self.rounded(if up { value + self.step } else { value - self.step })
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn real(min: f64, max: f64, step: f64, scale: Scale) -> Slider {
        Slider::new(&Domain::Real { min, max, step, default: min, scale }).expect("a number has a slider")
    }

    fn sliders() -> Vec<Slider> {
        let mut sliders = vec![
            real(0.05, 10.0, 0.01, Scale::Logarithmic),
            real(0.0, 0.5, 0.01, Scale::Linear),
            real(0.0, 30000.0, 1.0, Scale::LogarithmicFromZero),
            real(0.0, 0.1, 1e-8, Scale::LogarithmicFromZero),
            real(0.002, 1.0, 0.001, Scale::Linear),
            real(0.0001, 3.0, 0.0001, Scale::Logarithmic),
            real(15.0, 1500.0, 7.0, Scale::Linear),
        ];
        let parameters = labs::labs::ALL.iter().flat_map(|lab| lab.schema().parameters.iter());
        sliders.extend(parameters.filter_map(|parameter| Slider::new(&parameter.domain)));
        sliders
    }

    #[test]
    fn every_position_comes_back_from_its_value() {
        for slider in sliders() {
            for position in 0..=slider.last() {
                assert_eq!(slider.position(slider.value(position)), position, "{slider:?}");
            }
        }
    }

    #[test]
    fn values_rise_from_the_least_to_the_greatest() {
        for slider in sliders() {
            let values: Vec<f64> = (0..=slider.last()).map(|position| slider.value(position)).collect();
            assert_eq!((values[0], values[slider.last()]), (slider.min, slider.max));
            assert!(values.windows(2).all(|pair| pair[0] < pair[1]), "{slider:?}");
        }
    }

    #[test]
    fn values_are_written_as_short_as_their_grain() {
        let slider = real(0.05, 10.0, 0.01, Scale::Logarithmic);
        for position in 0..=slider.last() {
            let written = format!("{}", slider.value(position));
            assert!(written.split_once('.').is_none_or(|(_, digits)| digits.len() <= 2), "{written}");
        }
    }

    #[test]
    fn a_logarithmic_slider_gives_each_decade_its_share() {
        let slider = real(0.01, 100.0, 0.0001, Scale::Logarithmic);
        let middle = slider.value(slider.last() / 2);
        assert!((0.95..1.05).contains(&middle), "{middle}");
    }

    #[test]
    fn neighbors_stay_within_the_range() {
        let slider = real(0.0, 0.5, 0.01, Scale::Linear);
        assert_eq!(slider.neighbor(0.2, true), 0.21);
        assert_eq!(slider.neighbor(0.0, false), 0.0);
        assert_eq!(slider.neighbor(0.5, true), 0.5);
    }

    #[test]
    fn a_choice_has_no_slider() {
        assert_eq!(Slider::new(&Domain::Choice { choices: Vec::new().into(), default: 0 }), None);
    }
}
