//! What a reader takes away of a run: its numbers as a file, its picture as a drawing.
//!
//! The page's program only shows a run. What it showed is read here from the bytes that it was shown from, the sheet
//! beside the printed lab and the worker's last message, so that a file has every digit of every number.

use crate::{
    figure::{Theme, svg_laid_out},
    lab_view::{address::Place, csv},
    protocol::{self, FromWorker},
    sheet::Sheet,
};
use labs::{
    frame::Frame,
    schema::{Domain, Schema},
    settings::Settings,
    text::Language,
};
use std::fmt::Write;

/// The version of the book, which names the arithmetic of its labs.
pub const VERSION: &str = env!("CARGO_PKG_VERSION");

/// The form of the files that [`Run::json`] writes.
pub const FORMAT: &str = "why-it-generalizes/1";

/// A run with all that it was.
pub struct Run {
    schema: Schema,
    settings: Settings,
    frame: Frame,
}

impl Run {
    /// Reads the run that a lab shows. `sheet` is the printed lab's; `message` is the worker's that brought the frame on
    /// show, with the `settings` of that run as a query; without a message it is the printed run. Nothing for bytes that
    /// are not those.
    pub fn read(sheet: &[u8], message: Option<&[u8]>, settings: &str) -> Option<Self> {
        let Sheet { schema, settings: printed, frame, .. } = Sheet::from_bytes(sheet)?;
        let Some(message) = message else { return Some(Self { schema, settings: printed, frame }) };
        let FromWorker::Frame { frame, .. } = protocol::from_bytes(message)? else { return None };
        let settings = Place::Alone.read(settings, &schema, &printed).settings;
        Some(Self { schema, settings, frame: *frame })
    }

    /// Every number, for a spreadsheet.
    pub fn csv(&self) -> String {
        csv(&self.schema, &self.settings, &self.frame.report, &self.frame.digest)
    }

    /// Everything that the run was and found, as one JSON object: what `lab run --json` prints, and where it comes from.
    /// `program` names the program that computed it, `address` is where it can be run again. What is not finite is `null`.
    pub fn json(&self, program: &str, address: &str) -> String {
        let (schema, settings, frame) = (&self.schema, &self.settings, &self.frame);
        let parameters = settings.written(schema).into_iter().zip(schema.parameters.iter());
        let parameters = parameters.map(|((name, word), parameter)| match parameter.domain {
            Domain::Integer { .. } | Domain::Real { .. } => (name, word),
            Domain::Choice { .. } | Domain::Points { .. } => (name, quoted(&word)),
        });
        let outputs = frame.report.outputs.iter().flat_map(|output| {
            let error = output.standard_error.map(|error| (format!("{}_standard_error", output.name), number(error)));
            std::iter::once((output.name.clone(), number(output.value))).chain(error)
        });
        let series = frame.report.figure.series().into_iter().map(|series| {
            let members = [("name", quoted(&series.name)), ("x", numbers(&series.x)), ("y", numbers(&series.y))];
            object(members.map(|(name, value)| (name.to_owned(), value)), "")
        });
        let members = [
            ("format", quoted(FORMAT)),
            ("version", quoted(VERSION)),
            ("program", quoted(program)),
            ("address", quoted(address)),
            ("lab", quoted(&schema.id)),
            ("params", object(parameters, "")),
            ("seed", settings.seed.to_string()),
            ("outputs", object(outputs, "")),
            ("series", list(series, ",\n")),
            ("digest", quoted(&frame.digest)),
        ];
        object(members.map(|(name, value)| (name.to_owned(), value)), "\n")
    }

    /// The picture on the paper of a theme; `places` are left, top and width of each panel, in CSS pixels.
    pub fn svg(&self, language: Language, theme: Theme, places: &[[f64; 3]]) -> String {
        svg_laid_out(&self.frame.report.figure, language, theme, places)
    }
}

fn quoted(text: &str) -> String {
    let mut out = String::from("\"");
    for letter in text.chars() {
        match letter {
            '"' | '\\' => out.extend(['\\', letter]),
            '\u{0}'..='\u{1F}' => {
                // Writing to a string cannot fail.
                let _ = write!(out, "\\u{:04x}", u32::from(letter));
            }
            _ => out.push(letter),
        }
    }
    out + "\""
}

/// A number with all its digits.
fn number(value: f64) -> String {
    if value.is_finite() { format!("{value:?}") } else { "null".into() }
}

fn numbers(values: &[f64]) -> String {
    list(values.iter().map(|&value| number(value)), ",")
}

fn list(items: impl Iterator<Item = String>, between: &str) -> String {
    format!("[{}]", items.collect::<Vec<_>>().join(between))
}

/// An object, each member after `begin`.
fn object(members: impl IntoIterator<Item = (String, String)>, begin: &str) -> String {
    let members = members.into_iter().map(|(name, value)| format!("{begin}{}:{value}", quoted(&name)));
    format!("{{{}{begin}}}", members.collect::<Vec<_>>().join(","))
}

#[cfg(test)]
mod tests {
    use super::*;
    use labs::{data::Data, labs::find, run};
    use serde_json::Value;

    /// A lab, settings of it other than the printed ones, and what is read of its bytes.
    fn taken(id: &str) -> (Settings, Frame, Run) {
        let lab = find(id).expect("a lab");
        let schema = lab.schema();
        let printed = Settings::defaults(schema);
        let mut settings = printed.clone();
        settings.seed = 3;
        for (name, value) in [("seeds", "2"), ("points", "1,0.5;-0.3,-2.25,-")] {
            if schema.parameter(name).is_some() {
                settings.set(schema, name, value).expect("these values are in range");
            }
        }
        let frame = run::complete(lab, settings.clone(), &Data::bundled());
        let sheet = Sheet { schema: schema.clone(), settings: printed, frame: Frame::default(), data: Vec::new() };
        let sheet = sheet.without_printed_words().to_bytes();
        let message = FromWorker::Frame { job: 1, phase: protocol::Phase::Done, frame: Box::new(frame.clone()) };
        let query = Place::Alone.write("", schema, &settings, None, false);
        let run = Run::read(&sheet, Some(&protocol::to_bytes(&message)), &query).expect("these are its bytes");
        (settings, frame, run)
    }

    #[test]
    fn a_file_has_every_setting_and_every_bit_of_every_number() {
        for id in ["ridgeless", "max-margin"] {
            let (settings, frame, run) = taken(id);
            let text = run.json("linear-1", "https://example.org/?a=\"b\"");
            let file: Value = serde_json::from_str(&text).expect("JSON");
            let words = |word: &str| file[word].as_str().unwrap_or_default().to_owned();
            assert_eq!(["format", "version", "program", "lab"].map(words), [FORMAT, VERSION, "linear-1", id]);
            assert_eq!(words("address"), "https://example.org/?a=\"b\"");
            assert_eq!(words("digest"), frame.digest);
            assert_eq!(file["seed"], 3);
            for (name, value) in settings.written(&run.schema) {
                let written = &file["params"][&name];
                assert_eq!(written.as_str().map_or_else(|| written.to_string(), str::to_owned), value, "{name}");
            }
            let digits = |value: f64| if value.is_finite() { format!("{value:?}") } else { "null".into() };
            for output in &frame.report.outputs {
                let member = format!("\"{}\":{}", output.name, digits(output.value));
                assert!(text.contains(&member), "{member}");
            }
            for series in frame.report.figure.series() {
                for (axis, values) in [("x", &series.x), ("y", &series.y)] {
                    let values: Vec<String> = values.iter().map(|&value| digits(value)).collect();
                    assert!(text.contains(&format!("\"{axis}\":[{}]", values.join(","))), "{}", series.name);
                }
            }
            assert_eq!(file["series"].as_array().map(Vec::len), Some(frame.report.figure.series().len()));
        }
    }

    #[test]
    fn a_drawing_has_its_panels_where_they_are_said_to_be() {
        let (_, _, run) = taken("max-margin");
        let draw = |places: &[[f64; 3]]| run.svg(Language::Chinese, Theme::Dark, places);
        let wide = draw(&[[0.0, 0.0, 400.0], [416.0, 0.0, 400.0]]);
        let high = draw(&[[0.0, 0.0, 280.0], [0.0, 420.0, 280.0]]);
        assert!(wide.contains("width=\"856\"") && high.contains("width=\"320\""));
        assert!(wide.contains("lang=\"zh-Hans\""), "{}", &wide[..400]);
    }

    #[test]
    fn bytes_of_something_else_are_no_run() {
        assert!(Run::read(b"nothing", None, "").is_none());
        let lab = find("ridgeless").expect("a lab");
        let settings = Settings::defaults(lab.schema());
        let sheet = Sheet { schema: lab.schema().clone(), settings, frame: Frame::default(), data: Vec::new() };
        let ready = protocol::to_bytes(&FromWorker::Ready);
        assert!(Run::read(&sheet.to_bytes(), Some(&ready), "").is_none());
        assert!(Run::read(&sheet.to_bytes(), Some(&[]), "").is_none());
        assert!(Run::read(&sheet.to_bytes(), None, "?seed=5").is_some_and(|run| run.settings.seed == 0));
    }
}
