//! What the page's scripts are told of a living lab: its panels as plain JavaScript values, in numbers and in pixels.
//!
//! The scripts that help to study come after the first lab is live, and draw over it. Handing them values keeps the
//! page's program free of all that they do.

use crate::figure::Frame;
use js_sys::{Array, Float64Array, Object, Reflect};
use labs::{
    figure::{Axis, AxisScale, Chart, Mark, Opens, Panel, Stroke},
    text::{Language, Text},
};
use wasm_bindgen::JsValue;

/// An object of JavaScript under construction.
struct Record {
    object: Object,
    language: Language,
}

impl Record {
    fn new(language: Language) -> Self {
        Self { object: Object::new(), language }
    }

    fn kind(kind: &str, language: Language) -> Self {
        Self::new(language).word("kind", kind)
    }

    /// Not generic: this program is counted in bytes.
    #[inline(never)]
    fn with(self, key: &str, value: &JsValue) -> Self {
        // A fresh object takes every property.
        let _ = Reflect::set(&self.object, &key.into(), value);
        self
    }

    #[inline(never)]
    fn word(self, key: &str, word: &str) -> Self {
        self.with(key, &word.into())
    }

    fn text(self, key: &str, text: &Text) -> Self {
        let language = self.language;
        self.word(key, text.get(language))
    }

    #[inline(never)]
    fn numbers(self, key: &str, values: &[f64]) -> Self {
        self.with(key, &Float64Array::from(values))
    }
}

/// A panel; `frame` says where its plot lies.
pub fn panel(panel: &Panel, frame: Option<&Frame>, language: Language) -> JsValue {
    let record = match panel {
        Panel::Chart(chart) => self::chart(chart, frame, language),
        Panel::Images(images) => {
            let captions = images.captions.iter().map(|caption| JsValue::from(caption.get(language)));
            let record = Record::kind("images", language).text("title", &images.title);
            record.with("captions", &captions.collect::<Array>())
        }
    };
    record.object.into()
}

fn chart(chart: &Chart, frame: Option<&Frame>, language: Language) -> Record {
    let marks: Array = chart.marks.iter().map(|mark| self::mark(mark, language).object).collect();
    let record = Record::kind("chart", language)
        .text("title", &chart.title)
        .with("x", &axis(&chart.x, language).object)
        .with("y", &axis(&chart.y, language).object)
        .with("marks", &marks);
    let Some(plot) = frame.map(|frame| frame.plot) else { return record };
    record.numbers("plot", &[plot.left, plot.top, plot.right, plot.bottom])
}

fn axis(axis: &Axis, language: Language) -> Record {
    let scale = match axis.scale {
        AxisScale::Linear | AxisScale::Equal => "linear",
        AxisScale::Log => "log",
        AxisScale::LogFromZero => "log_from_zero",
    };
    Record::new(language).text("label", &axis.label).word("scale", scale).numbers("range", &axis.range)
}

fn opens(opens: &Opens, language: Language) -> Record {
    let settings = opens.settings.iter();
    let settings = settings.fold(Record::new(language), |all, (name, value)| all.word(name, value));
    let record = Record::new(language).word("lab", &opens.lab).word("x", &opens.x).word("y", &opens.y);
    record.with("settings", &settings.object)
}

fn mark(mark: &Mark, language: Language) -> Record {
    let named =
        |kind: &str, name: &str, label: &Text| Record::kind(kind, language).word("name", name).text("label", label);
    match mark {
        Mark::Line { name, label, role, stroke, x, y } => {
            let stroke = match stroke {
                Stroke::Solid => "solid",
                Stroke::Dashed => "dashed",
                Stroke::Dotted => "dotted",
                Stroke::Thin => "thin",
            };
            named("line", name, label).word("role", role.name()).word("stroke", stroke).numbers("x", x).numbers("y", y)
        }
        Mark::Points { name, label, role, x, y } => {
            named("points", name, label).word("role", role.name()).numbers("x", x).numbers("y", y)
        }
        Mark::Band { name, label, role, filled, x, low, high } => named("band", name, label)
            .word("role", role.name())
            .with("filled", &(*filled).into())
            .numbers("x", x)
            .numbers("low", low)
            .numbers("high", high),
        Mark::HeatMap { name, label, x, y, values, range, opens: cell } => {
            let map = named("heat_map", name, label).numbers("x", x).numbers("y", y).numbers("values", values);
            let map = map.numbers("range", range);
            cell.iter().fold(map, |map, cell| map.with("opens", &opens(cell, language).object))
        }
        Mark::Threshold { label, x } => {
            Record::kind("threshold", language).text("label", label).with("x", &(*x).into())
        }
        Mark::Probe { parameter, x } => {
            Record::kind("probe", language).word("parameter", parameter).with("x", &(*x).into())
        }
    }
}
