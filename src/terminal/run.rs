//! `lab run`: one run, as JSON, CSV, SVG or a table.

use super::{Failure, RunArgs, find, jobs, workers};
use crate::{
    figure::{Theme, svg},
    lab_view::csv,
};
use labs::{
    data::Data,
    figure::Series,
    frame::Frame,
    run::Scope,
    schema::{Domain, Schema},
    settings::Settings,
    text::{Language, Text},
};
use serde::{Serialize, Serializer};
use serde_json::Value;
use std::{
    fs::File,
    io::{self, BufWriter, IsTerminal, Write},
    path::Path,
};

/// Runs a lab as the command line says and prints or writes what it found.
pub fn run(out: &mut impl Write, arguments: &RunArgs, language: Language) -> Result<(), Failure> {
    let lab = find(&arguments.id)?;
    let schema = lab.schema();
    let settings = read_settings(schema, &arguments.parameters, arguments.seed.as_deref())?;
    let mut progress = Progress::new();
    let data = Data::bundled();
    let finished = workers::work_off(lab, settings.clone(), Scope::Full, &data, jobs(arguments.jobs), |share| {
        progress.show(share);
    });
    progress.clear();
    let frame = finished.frame();

    let form = &arguments.form;
    if form.json {
        serde_json::to_writer(&mut *out, &Document::new(schema, &settings, &frame)).map_err(io::Error::from)?;
        writeln!(out)?;
    } else if let Some(path) = &form.csv {
        let text = csv(schema, &settings, &frame.report, &frame.digest);
        write_to(path, out, |out| out.write_all(text.as_bytes()))?;
    } else if let Some(path) = &form.svg {
        write_to(path, out, |out| out.write_all(svg(&frame.report.figure, language, Theme::Light).as_bytes()))?;
    } else {
        table(out, schema, &settings, &frame, language)?;
    }
    Ok(())
}

/// Reads `name=value` words and the seed; everything that is refused is said in one line.
fn read_settings(schema: &Schema, words: &[String], seed: Option<&str>) -> Result<Settings, Failure> {
    let mut pairs = Vec::new();
    for word in words {
        pairs.push(word.split_once('=').ok_or_else(|| {
            Failure::Usage(Text::owned(
                format!("“{word}” is not of the form name=value"),
                format!("“{word}”不是 name=value 的形式"),
            ))
        })?);
    }
    pairs.extend(seed.map(|seed| ("seed", seed)));
    let (settings, refusals) = Settings::read(schema, pairs);
    if refusals.is_empty() {
        return Ok(settings);
    }
    let sentences: Vec<Text> = refusals.iter().map(labs::settings::Refusal::sentence).collect();
    let join =
        |language, separator| sentences.iter().map(|text| text.get(language)).collect::<Vec<_>>().join(separator);
    Err(Failure::Usage(Text::owned(join(Language::English, "; "), join(Language::Chinese, "；"))))
}

/// The share that is done, on standard error while a person is looking.
struct Progress {
    visible: bool,
    shown: Option<u32>,
}

impl Progress {
    fn new() -> Self {
        Self { visible: io::stderr().is_terminal(), shown: None }
    }

    fn show(&mut self, share: f64) {
        let percent = (share * 100.0) as u32;
        if self.visible && self.shown != Some(percent) {
            self.shown = Some(percent);
            // Progress is a courtesy: a terminal that has gone away does not stop the run.
            let _ = write!(io::stderr(), "\r{percent:3} %");
        }
    }

    fn clear(&self) {
        if self.shown.is_some() {
            let _ = write!(io::stderr(), "\r\x1b[K");
        }
    }
}

/// Writes to a file, or to `out` for the path `-`.
fn write_to(
    path: &Path,
    out: &mut impl Write,
    write: impl FnOnce(&mut dyn Write) -> io::Result<()>,
) -> Result<(), Failure> {
    if path == Path::new("-") {
        return Ok(write(out)?);
    }
    let written = File::create(path).map(BufWriter::new).and_then(|mut file| {
        write(&mut file)?;
        file.flush()
    });
    written.map_err(|error| Failure::File { path: Some(path.to_owned()), error })
}

/// What `--json` prints. Numbers keep all their digits; what is not finite is `null`.
#[derive(Serialize)]
struct Document<'a> {
    lab: &'a str,
    params: Map<Value>,
    seed: u64,
    outputs: Map<f64>,
    series: Vec<SeriesDocument>,
    digest: &'a str,
}

#[derive(Serialize)]
struct SeriesDocument {
    name: String,
    x: Vec<f64>,
    y: Vec<f64>,
}

/// An object whose members keep their order.
struct Map<V>(Vec<(String, V)>);

impl<V: Serialize> Serialize for Map<V> {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        serializer.collect_map(self.0.iter().map(|(name, value)| (name, value)))
    }
}

impl<'a> Document<'a> {
    fn new(schema: &'a Schema, settings: &Settings, frame: &'a Frame) -> Self {
        let series = frame.report.figure.series().into_iter();
        Self {
            lab: &schema.id,
            params: Map(parameters(schema, settings)),
            seed: settings.seed,
            outputs: Map(outputs(frame)),
            series: series.map(|Series { name, x, y }| SeriesDocument { name, x, y }).collect(),
            digest: &frame.digest,
        }
    }
}

fn parameters(schema: &Schema, settings: &Settings) -> Vec<(String, Value)> {
    let written = settings.written(schema).into_iter().zip(schema.parameters.iter());
    let typed = written.map(|((name, word), parameter)| {
        let value = match parameter.domain {
            Domain::Integer { .. } => Value::from(settings.real(&name) as i64),
            Domain::Real { .. } => Value::from(settings.real(&name)),
            Domain::Choice { .. } | Domain::Points { .. } => Value::from(word),
        };
        (name, value)
    });
    typed.collect()
}

/// Every output, each followed by its standard error if it has one.
fn outputs(frame: &Frame) -> Vec<(String, f64)> {
    let mut all = Vec::new();
    for output in &frame.report.outputs {
        all.push((output.name.clone(), output.value));
        all.extend(output.standard_error.map(|error| (format!("{}_standard_error", output.name), error)));
    }
    all
}

/// The settings, the outputs and the description, for people.
fn table(
    out: &mut impl Write,
    schema: &Schema,
    settings: &Settings,
    frame: &Frame,
    language: Language,
) -> io::Result<()> {
    writeln!(out, "{} · {}", schema.id, schema.title.get(language))?;
    let mut words: Vec<String> =
        settings.written(schema).iter().map(|(name, value)| format!("{name}={value}")).collect();
    words.push(format!("seed={}", settings.seed));
    writeln!(out, "{}\n", words.join(" "))?;
    let width = frame.report.outputs.iter().map(|output| output.name.len()).max().unwrap_or(0);
    for output in &frame.report.outputs {
        let label = schema.output(&output.name).map_or("", |declared| declared.label.get(language));
        let error = output.standard_error.map_or_else(String::new, |error| format!("± {}", significant(error, 2)));
        let value = significant(output.value, 6);
        writeln!(out, "{:width$}  {value:>12} {error:<12} {label}", output.name)?;
    }
    let description = frame.report.description.get(language);
    if !description.is_empty() {
        writeln!(out, "\n{description}")?;
    }
    writeln!(out, "\ndigest {}", frame.digest)
}

/// A number to so many significant digits, plain where that is short.
fn significant(number: f64, digits: i32) -> String {
    if number == 0.0 || !number.is_finite() {
        return number.to_string();
    }
    let exponent = number.abs().log10().floor() as i32;
    if !(-4..6).contains(&exponent) {
        return format!("{number:.*e}", (digits - 1).max(0) as usize);
    }
    format!("{number:.*}", (digits - 1 - exponent).max(0) as usize)
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::{sheet::Sheet, take};
    use labs::run::complete;

    /// With every number as a real: to JSON, `1` and `1.0` are the same.
    fn with_reals(value: &Value) -> Value {
        match value {
            Value::Number(number) => number.as_f64().into(),
            Value::Array(items) => items.iter().map(with_reals).collect(),
            Value::Object(members) => members
                .iter()
                .map(|(name, value)| (name.clone(), with_reals(value)))
                .collect::<serde_json::Map<_, _>>()
                .into(),
            other => other.clone(),
        }
    }

    #[test]
    fn the_terminal_and_the_page_write_the_same_of_a_run() {
        // Numbers and a choice; points and outputs that are not finite.
        for id in ["ridgeless", "max-margin"] {
            let lab = find(id).expect("a lab");
            let schema = lab.schema();
            let settings = Settings::read(schema, [("seeds", "2"), ("seed", "3")]).0;
            let frame = complete(lab, settings.clone(), &Data::bundled());
            // Read again, as the other is: this reader rounds the last digit now and then.
            let printed = serde_json::to_string(&Document::new(schema, &settings, &frame)).expect("JSON");
            let printed: Value = serde_json::from_str(&printed).expect("JSON");
            let sheet = Sheet { schema: schema.clone(), settings, frame, data: Vec::new() };
            let run = take::Run::read(&sheet.to_bytes(), None, "").expect("these are its bytes");
            let saved: Value = serde_json::from_str(&run.json("program", "address")).expect("JSON");
            for (name, value) in printed.as_object().expect("an object") {
                assert_eq!(with_reals(&saved[name]), with_reals(value), "{name} of {id}");
            }
        }
    }
}
