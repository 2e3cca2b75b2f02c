//! What the page's scripts are told of a living lab: its panels as plain JavaScript values, in numbers and in pixels.
//!
//! The scripts that help to study come after the first lab is live, and draw over it. Handing them values keeps the
//! page's program free of all that they do.

use crate::figure::Frame;
use js_sys::{Array, Float64Array, Object, Reflect};
use labs::{
    figure::{Axis, AxisScale, Chart, Mark, Panel, Role, Stroke},
    text::{Language, Text},
};
use wasm_bindgen::JsValue;

/// An object of JavaScript under construction.
struct Record {
    object: Object,
    language: Language,
}

impl Record {
    fn new(kind: &str, language: Language) -> Self {
        let record = Self { object: Object::new(), language };
        record.with("kind", kind)
    }

    fn with(self, key: &str, value: impl Into<JsValue>) -> Self {
        // A fresh object takes every property.
        let _ = Reflect::set(&self.object, &key.into(), &value.into());
        self
    }

    fn text(self, key: &str, text: &Text) -> Self {
        let said = text.get(self.language).to_owned();
        self.with(key, said)
    }

    fn role(self, role: Role) -> Self {
        self.with("role", role.name())
    }

    fn numbers(self, key: &str, values: &[f64]) -> Self {
        self.with(key, Float64Array::from(values))
    }
}

fn pair([first, second]: [f64; 2]) -> Array {
    Array::of2(&first.into(), &second.into())
}

/// A panel; `frame` says where its plot lies.
pub fn panel(panel: &Panel, frame: Option<&Frame>, language: Language) -> JsValue {
    let record = match panel {
        Panel::Chart(chart) => self::chart(chart, frame, language),
        Panel::Images(images) => {
            let captions = images.captions.iter().map(|caption| JsValue::from(caption.get(language)));
            Record::new("images", language).text("title", &images.title).with("captions", captions.collect::<Array>())
        }
    };
    record.object.into()
}

fn chart(chart: &Chart, frame: Option<&Frame>, language: Language) -> Record {
    let marks: Array = chart.marks.iter().map(|mark| self::mark(mark, language).object).collect();
    let record = Record::new("chart", language)
        .text("title", &chart.title)
        .with("x", axis(&chart.x, language).object)
        .with("y", axis(&chart.y, language).object)
        .with("marks", marks);
    let Some(plot) = frame.map(|frame| frame.plot) else { return record };
    let edges = [("left", plot.left), ("right", plot.right), ("top", plot.top), ("bottom", plot.bottom)];
    let edges = edges.into_iter().fold(Record::new("rectangle", language), |all, (key, at)| all.with(key, at));
    record.with("plot", edges.object)
}

fn axis(axis: &Axis, language: Language) -> Record {
    let scale = match axis.scale {
        AxisScale::Linear => "linear",
        AxisScale::Log => "log",
        AxisScale::LogFromZero => "log_from_zero",
    };
    Record::new("axis", language).text("label", &axis.label).with("scale", scale).with("range", pair(axis.range))
}

fn mark(mark: &Mark, language: Language) -> Record {
    let named =
        |kind: &str, name: &str, label: &Text| Record::new(kind, language).with("name", name).text("label", label);
    match mark {
        Mark::Line { name, label, role, stroke, x, y } => {
            let stroke = match stroke {
                Stroke::Solid => "solid",
                Stroke::Dashed => "dashed",
                Stroke::Dotted => "dotted",
                Stroke::Thin => "thin",
            };
            named("line", name, label).role(*role).with("stroke", stroke).numbers("x", x).numbers("y", y)
        }
        Mark::Points { name, label, role, x, y } => {
            named("points", name, label).role(*role).numbers("x", x).numbers("y", y)
        }
        Mark::Band { name, label, role, filled, x, low, high } => named("band", name, label)
            .role(*role)
            .with("filled", *filled)
            .numbers("x", x)
            .numbers("low", low)
            .numbers("high", high),
        Mark::HeatMap { name, label, x, y, values, range, .. } => named("heat_map", name, label)
            .numbers("x", x)
            .numbers("y", y)
            .numbers("values", values)
            .with("range", pair(*range)),
        Mark::Threshold { label, x } => Record::new("threshold", language).text("label", label).with("x", *x),
        Mark::Probe { parameter, x } => Record::new("probe", language).with("parameter", &**parameter).with("x", *x),
    }
}
