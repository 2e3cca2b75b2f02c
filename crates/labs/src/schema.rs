//! What a lab declares of itself. The controls in the page, the link, the terminal and the checks all read this; a
//! parameter is written down nowhere else.

use crate::text::Text;
use serde::{Deserialize, Serialize};
use std::borrow::Cow;

/// A lab's declaration.
#[derive(Clone, Debug, Serialize, Deserialize)]
pub struct Schema {
    /// The lab's name in links and in the terminal: lower case, words joined by `-`.
    pub id: Cow<'static, str>,
    /// Its title.
    pub title: Text,
    /// One sentence on what it shows, for link previews and lists.
    pub about: Text,
    /// Its parameters, in the order of its controls. `seeds` is among them where the lab averages over seeds.
    pub parameters: Cow<'static, [Parameter]>,
    /// Its outputs, in the order in which they are shown.
    pub outputs: Cow<'static, [Output]>,
}

impl Schema {
    /// The parameter of that name.
    pub fn parameter(&self, name: &str) -> Option<&Parameter> {
        self.parameters.iter().find(|parameter| parameter.name == name)
    }

    /// The output of that name.
    pub fn output(&self, name: &str) -> Option<&Output> {
        self.outputs.iter().find(|output| output.name == name)
    }
}

/// One parameter of a lab.
#[derive(Clone, Debug, Serialize, Deserialize)]
pub struct Parameter {
    /// `lower_snake_case`, the field's standard term.
    pub name: Cow<'static, str>,
    /// The symbol that prose and formulas use, as Unicode text (`γ`, `σ²`), or empty.
    pub symbol: Cow<'static, str>,
    /// The control's label.
    pub label: Text,
    /// One sentence: what it does, and what to look for when it moves.
    pub help: Text,
    /// The unit, or empty for a pure number.
    pub unit: Text,
    /// The values it takes.
    pub domain: Domain,
}

/// How a control spreads its values.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub enum Scale {
    /// Evenly.
    Linear,
    /// By ratio; the range is positive.
    Logarithmic,
    /// By ratio of grain plus value; for ranges that begin at zero and span decades.
    LogarithmicFromZero,
}

/// The values that a parameter takes. `step` is the grain of the slider: any number in the range is valid.
#[derive(Clone, Debug, Serialize, Deserialize)]
pub enum Domain {
    /// Whole numbers.
    Integer {
        /// Least value.
        min: i64,
        /// Greatest value.
        max: i64,
        /// Grain of the slider.
        step: i64,
        /// Value on opening.
        default: i64,
        /// Spread of the slider.
        scale: Scale,
    },
    /// Real numbers.
    Real {
        /// Least value.
        min: f64,
        /// Greatest value.
        max: f64,
        /// Grain of the slider.
        step: f64,
        /// Value on opening.
        default: f64,
        /// Spread of the slider.
        scale: Scale,
    },
    /// One of several named choices; the value is the index.
    Choice {
        /// The choices.
        choices: Cow<'static, [Choice]>,
        /// Index of the choice on opening.
        default: usize,
    },
    /// Points of two classes in the plane, as [`crate::points`] writes them.
    Points {
        /// The points on opening.
        default: Cow<'static, str>,
    },
}

/// One value of a [`Domain::Choice`].
#[derive(Clone, Debug, Serialize, Deserialize)]
pub struct Choice {
    /// Its name in links and in the terminal.
    pub name: Cow<'static, str>,
    /// Its label.
    pub label: Text,
}

impl Domain {
    /// The number on opening, as [`crate::settings::Settings`] holds it; nothing for points.
    pub fn default_number(&self) -> Option<f64> {
        match self {
            Self::Integer { default, .. } => Some(*default as f64),
            Self::Real { default, .. } => Some(*default),
            Self::Choice { default, .. } => Some(*default as f64),
            Self::Points { .. } => None,
        }
    }

    /// `integer`, `real`, `choice` or `points`, as the terminal prints it.
    pub const fn type_name(&self) -> &'static str {
        match self {
            Self::Integer { .. } => "integer",
            Self::Real { .. } => "real",
            Self::Choice { .. } => "choice",
            Self::Points { .. } => "points",
        }
    }
}

/// How an output is made from the seeds.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub enum Aggregate {
    /// The mean over seeds; `<name>_standard_error` comes with it.
    Mean,
    /// The median over seeds; `<name>_standard_error` comes with it.
    Median,
    /// A value computed once, without chance.
    Exact,
}

/// One number that a lab reports.
#[derive(Clone, Debug, Serialize, Deserialize)]
pub struct Output {
    /// `lower_snake_case`, the field's standard term.
    pub name: Cow<'static, str>,
    /// Its label in the table under the figure.
    pub label: Text,
    /// One sentence on what it measures.
    pub meaning: Text,
    /// The unit, or empty for a pure number.
    pub unit: Text,
    /// How seeds are brought together.
    pub aggregate: Aggregate,
}

impl Parameter {
    /// A whole-numbered parameter on a linear slider.
    pub const fn integer(
        name: &'static str,
        symbol: &'static str,
        label: Text,
        help: Text,
        range: [i64; 3],
        default: i64,
    ) -> Self {
        let [min, max, step] = range;
        Self {
            name: Cow::Borrowed(name),
            symbol: Cow::Borrowed(symbol),
            label,
            help,
            unit: Text::same(""),
            domain: Domain::Integer { min, max, step, default, scale: Scale::Linear },
        }
    }

    /// A real parameter on a linear slider; `range` is least value, greatest value, grain.
    pub const fn real(
        name: &'static str,
        symbol: &'static str,
        label: Text,
        help: Text,
        range: [f64; 3],
        default: f64,
    ) -> Self {
        let [min, max, step] = range;
        Self {
            name: Cow::Borrowed(name),
            symbol: Cow::Borrowed(symbol),
            label,
            help,
            unit: Text::same(""),
            domain: Domain::Real { min, max, step, default, scale: Scale::Linear },
        }
    }

    /// A parameter with named values.
    pub const fn choice(
        name: &'static str,
        label: Text,
        help: Text,
        choices: &'static [Choice],
        default: usize,
    ) -> Self {
        Self {
            name: Cow::Borrowed(name),
            symbol: Cow::Borrowed(""),
            label,
            help,
            unit: Text::same(""),
            domain: Domain::Choice { choices: Cow::Borrowed(choices), default },
        }
    }

    /// Points of two classes.
    pub const fn points(name: &'static str, label: Text, help: Text, default: &'static str) -> Self {
        Self {
            name: Cow::Borrowed(name),
            symbol: Cow::Borrowed(""),
            label,
            help,
            unit: Text::same(""),
            domain: Domain::Points { default: Cow::Borrowed(default) },
        }
    }

    /// The number of independent seeds that a lab averages over: the parameter `seeds` of every stochastic lab.
    pub const fn seeds(default: i64, max: i64) -> Self {
        Self::integer(
            "seeds",
            "",
            Text::new("Seeds", "随机种子数"),
            Text::new(
                "How many independent draws are averaged. The first is drawn live; all of them make the band.",
                "对多少次独立抽样取平均。第一次会实时画出，全部抽样构成误差带。",
            ),
            [1, max, 1],
            default,
        )
    }

    /// The same parameter on another slider scale.
    #[must_use]
    pub const fn scaled(mut self, to: Scale) -> Self {
        if let Domain::Integer { scale, .. } | Domain::Real { scale, .. } = &mut self.domain {
            *scale = to;
        }
        self
    }
}

impl Choice {
    /// A choice known at compile time.
    pub const fn new(name: &'static str, label: Text) -> Self {
        Self { name: Cow::Borrowed(name), label }
    }
}

impl Output {
    /// An output without unit.
    pub const fn new(name: &'static str, label: Text, meaning: Text, aggregate: Aggregate) -> Self {
        Self { name: Cow::Borrowed(name), label, meaning, unit: Text::same(""), aggregate }
    }
}
