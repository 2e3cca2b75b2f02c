//! Values for a lab's parameters, and the one place where they are read from words.

use crate::{
    decimal,
    points::{self, Point},
    schema::{Domain, Parameter, Schema},
    text::Text,
};
use serde::{Deserialize, Serialize};

/// The greatest seed that a link can carry exactly (2⁵³ − 1).
pub const MAX_SEED: u64 = (1 << 53) - 1;

/// Values for every parameter of one lab, and the first seed. Always valid for the schema it was made from.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct Settings {
    /// Numbers, and the indices of choices.
    values: Vec<(String, f64)>,
    /// The points of a lab that takes some, as they are written.
    points: String,
    /// The first seed; a run with `seeds = k` uses `seed, seed + 1, …, seed + k − 1`.
    pub seed: u64,
}

/// Why a value was not taken.
#[derive(Clone, Debug, PartialEq)]
pub enum Refusal {
    /// The lab has no such parameter.
    Unknown {
        /// The name that was given.
        name: String,
        /// The names there are, joined by commas.
        known: String,
    },
    /// The value is not a number, or not one of the choices.
    Malformed {
        /// The parameter.
        name: String,
        /// What was given.
        value: String,
        /// What can be given.
        allowed: String,
    },
    /// The value lies outside the range.
    OutOfRange {
        /// The parameter.
        name: String,
        /// What was given.
        value: String,
        /// The range, as `min..max`.
        allowed: String,
        /// The nearest value that can be taken.
        nearest: f64,
    },
}

impl Refusal {
    /// One clear sentence in each language, naming the range.
    pub fn sentence(&self) -> Text {
        match self {
            Self::Unknown { name, known } => Text::owned(
                format!("unknown parameter “{name}”; this lab has {known}"),
                format!("未知参数“{name}”；本实验的参数有 {known}"),
            ),
            Self::Malformed { name, value, allowed } => Text::owned(
                format!("“{value}” is not a value of {name}, which takes {allowed}"),
                format!("“{value}”不是 {name} 的有效值，可取 {allowed}"),
            ),
            Self::OutOfRange { name, value, allowed, .. } => Text::owned(
                format!("{name} = {value} is out of range; it takes {allowed}"),
                format!("{name} = {value} 超出范围，可取 {allowed}"),
            ),
        }
    }
}

/// What a parameter takes, in words that are the same in both languages: `50..400` or `min_norm, optimal_ridge`.
pub fn allowed(domain: &Domain) -> String {
    match domain {
        Domain::Integer { min, max, .. } => format!("{min}..{max}"),
        Domain::Real { min, max, .. } => format!("{min}..{max}"),
        Domain::Choice { choices, .. } => choices.iter().map(|choice| &*choice.name).collect::<Vec<_>>().join(", "),
        Domain::Points { .. } => points::FORM.into(),
    }
}

impl Settings {
    /// The values on opening, with seed 0.
    pub fn defaults(schema: &Schema) -> Self {
        let number = |p: &Parameter| Some((p.name.to_string(), p.domain.default_number()?));
        let points = schema.parameters.iter().find_map(|p| match &p.domain {
            Domain::Points { default, .. } => Some(default.to_string()),
            _ => None,
        });
        Self {
            values: schema.parameters.iter().filter_map(number).collect(),
            points: points.unwrap_or_default(),
            seed: 0,
        }
    }

    /// Reads `name = value` pairs onto the defaults. Each pair is taken or refused on its own, so that one bad value
    /// costs nothing else; a value out of range is clamped, and said so.
    pub fn read<'a>(schema: &Schema, pairs: impl IntoIterator<Item = (&'a str, &'a str)>) -> (Self, Vec<Refusal>) {
        let mut settings = Self::defaults(schema);
        let refusals = pairs.into_iter().filter_map(|(name, value)| settings.set(schema, name, value).err()).collect();
        (settings, refusals)
    }

    /// Sets one parameter (or `seed`) from its written value. An out-of-range number is clamped *and* refused; other
    /// refusals leave the value as it was.
    pub fn set(&mut self, schema: &Schema, name: &str, value: &str) -> Result<(), Refusal> {
        let value = value.trim();
        if name == "seed" {
            return self.set_seed(value);
        }
        let Some(parameter) = schema.parameter(name) else {
            let mut known: Vec<&str> = schema.parameters.iter().map(|p| &*p.name).collect();
            known.push("seed");
            return Err(Refusal::Unknown { name: name.into(), known: known.join(", ") });
        };
        if let Domain::Points { .. } = parameter.domain {
            if let Some(piece) = points::refused(value) {
                return Err(malformed(parameter, piece));
            }
            self.points = value.into();
            return Ok(());
        }
        match parse(parameter, value) {
            Ok(number) => {
                self.put(name, number);
                Ok(())
            }
            Err(refusal) => {
                if let Refusal::OutOfRange { nearest, .. } = refusal {
                    self.put(name, nearest);
                }
                Err(refusal)
            }
        }
    }

    fn set_seed(&mut self, value: &str) -> Result<(), Refusal> {
        let allowed = format!("0..{MAX_SEED}");
        match value.parse::<u64>() {
            Ok(seed) if seed <= MAX_SEED => {
                self.seed = seed;
                Ok(())
            }
            Ok(_) => {
                self.seed = MAX_SEED;
                Err(Refusal::OutOfRange { name: "seed".into(), value: value.into(), allowed, nearest: MAX_SEED as f64 })
            }
            Err(_) => Err(Refusal::Malformed { name: "seed".into(), value: value.into(), allowed }),
        }
    }

    fn put(&mut self, name: &str, number: f64) {
        if let Some(slot) = self.values.iter_mut().find(|(key, _)| key == name) {
            slot.1 = number;
        }
    }

    /// The value of a parameter of this lab.
    ///
    /// # Panics
    /// If the lab's schema has no such parameter: a slip in the lab's own code, which its tests run into.
    pub fn real(&self, name: &str) -> f64 {
        match self.values.iter().find(|(key, _)| key == name) {
            Some((_, value)) => *value,
            None => panic!("no parameter {name} in this lab's schema"),
        }
    }

    /// The value of a whole-numbered parameter that is never negative.
    pub fn count(&self, name: &str) -> usize {
        self.real(name) as usize
    }

    /// The index of a choice.
    pub fn choice(&self, name: &str) -> usize {
        self.real(name) as usize
    }

    /// The points of this lab.
    pub fn points(&self) -> Vec<Point> {
        points::read(&self.points)
    }

    /// The number of seeds that are averaged; 1 for a lab without chance.
    pub fn seeds(&self) -> usize {
        self.values.iter().find(|(key, _)| key == "seeds").map_or(1, |(_, value)| *value as usize)
    }

    /// The seeds of this run, first to last.
    pub fn seed_list(&self) -> impl Iterator<Item = u64> + use<> {
        let first = self.seed;
        (0..self.seeds() as u64).map(move |k| first.wrapping_add(k))
    }

    /// The value of a parameter of this lab as it is written.
    pub fn text(&self, parameter: &Parameter) -> String {
        match parameter.domain {
            Domain::Points { .. } => self.points.clone(),
            _ => write(&parameter.domain, self.real(&parameter.name)),
        }
    }

    /// Every parameter with its written value, in schema order: what a link and a JSON object carry.
    pub fn written(&self, schema: &Schema) -> Vec<(String, String)> {
        schema.parameters.iter().map(|p| (p.name.to_string(), self.text(p))).collect()
    }

    /// The parameters (and seed) that differ from the defaults, written: what a short link carries.
    pub fn changes(&self, schema: &Schema) -> Vec<(String, String)> {
        let defaults = Self::defaults(schema).written(schema);
        let mut changes: Vec<_> = self
            .written(schema)
            .into_iter()
            .zip(defaults)
            .filter(|(now, before)| now != before)
            .map(|(now, _)| now)
            .collect();
        if self.seed != 0 {
            changes.push(("seed".into(), self.seed.to_string()));
        }
        changes
    }
}

fn malformed(parameter: &Parameter, value: &str) -> Refusal {
    Refusal::Malformed { name: parameter.name.to_string(), value: value.into(), allowed: allowed(&parameter.domain) }
}

/// Reads one number or choice.
fn parse(parameter: &Parameter, value: &str) -> Result<f64, Refusal> {
    let malformed = || malformed(parameter, value);
    let within = |number: f64, min: f64, max: f64| {
        if (min..=max).contains(&number) {
            return Ok(number);
        }
        Err(Refusal::OutOfRange {
            name: parameter.name.to_string(),
            value: value.into(),
            allowed: allowed(&parameter.domain),
            nearest: number.clamp(min, max),
        })
    };
    match &parameter.domain {
        Domain::Choice { choices, .. } => {
            choices.iter().position(|choice| choice.name == value).map(|index| index as f64).ok_or_else(malformed)
        }
        Domain::Integer { min, max, .. } => {
            let number = decimal::parse(value).filter(|v| v.fract() == 0.0).ok_or_else(malformed)?;
            within(number, *min as f64, *max as f64)
        }
        Domain::Real { min, max, .. } => {
            let number = decimal::parse(value).ok_or_else(malformed)?;
            within(number + 0.0, *min, *max)
        }
        Domain::Points { .. } => Err(malformed()),
    }
}

/// Writes one number or choice so that [`Settings::set`] reads the same bits back.
pub fn write(domain: &Domain, value: f64) -> String {
    match domain {
        Domain::Choice { choices, .. } => choices.get(value as usize).map_or_else(String::new, |c| c.name.to_string()),
        Domain::Integer { .. } | Domain::Real { .. } | Domain::Points { .. } => format!("{value}"),
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::labs::find;

    #[test]
    fn points_are_taken_whole_or_not_at_all() {
        let schema = find("max-margin").unwrap().schema();
        let mut settings = Settings::defaults(schema);
        settings.set(schema, "points", " 1,2;-0.5,-1,- ").unwrap();
        assert_eq!(settings.points().len(), 2);
        let refusal = settings.set(schema, "points", "1,2;3").unwrap_err();
        assert_eq!(settings.changes(schema), [("points".to_owned(), "1,2;-0.5,-1,-".to_owned())]);
        let sentence = refusal.sentence();
        assert_eq!(sentence.en, format!("“3” is not a value of points, which takes {}", points::FORM));
        assert!(sentence.zh.contains("“3”不是 points 的有效值"));
        let written = settings.written(schema);
        let pairs = written.iter().map(|(name, value)| (name.as_str(), value.as_str()));
        assert_eq!(Settings::read(schema, pairs), (settings, Vec::new()));
    }
}
