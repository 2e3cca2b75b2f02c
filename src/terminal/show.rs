//! `lab show`: a lab's declaration, for machines and for people.

use labs::{
    lab::AnyLab,
    points::{MOST, REACH},
    schema::{Aggregate, Domain, Output, Parameter, Scale, Schema},
    settings::{self, MAX_SEED, Settings},
    text::{Language, Text},
};
use serde_json::{Value, json};
use std::io::{self, Write};

/// Prints the declaration of a lab, as one JSON object or as text.
pub fn show(out: &mut impl Write, lab: &dyn AnyLab, json: bool, language: Language) -> io::Result<()> {
    let schema = lab.schema();
    if json { writeln!(out, "{:#}", to_json(schema)) } else { to_text(out, schema, language) }
}

fn to_json(schema: &Schema) -> Value {
    json!({
        "lab": schema.id,
        "title": text(&schema.title),
        "about": text(&schema.about),
        "parameters": schema.parameters.iter().map(parameter).collect::<Vec<_>>(),
        "seed": { "type": "integer", "min": 0, "max": MAX_SEED, "default": 0 },
        "outputs": schema.outputs.iter().flat_map(output).collect::<Vec<_>>(),
    })
}

fn text(text: &Text) -> Value {
    json!({ "en": text.en, "zh": text.zh })
}

const fn scale(scale: Scale) -> &'static str {
    match scale {
        Scale::Linear => "linear",
        Scale::Logarithmic => "logarithmic",
        Scale::LogarithmicFromZero => "logarithmic_from_zero",
    }
}

fn parameter(parameter: &Parameter) -> Value {
    let mut value = json!({
        "name": parameter.name,
        "type": parameter.domain.type_name(),
        "symbol": parameter.symbol,
        "label": text(&parameter.label),
        "meaning": text(&parameter.help),
    });
    let domain = match &parameter.domain {
        Domain::Integer { min, max, step, default, scale: spread } => {
            json!({ "min": min, "max": max, "step": step, "default": default, "scale": scale(*spread), "unit": text(&parameter.unit) })
        }
        Domain::Real { min, max, step, default, scale: spread } => {
            json!({ "min": min, "max": max, "step": step, "default": default, "scale": scale(*spread), "unit": text(&parameter.unit) })
        }
        Domain::Choice { choices, default } => json!({
            "default": choices.get(*default).map(|choice| &choice.name),
            "choices": choices.iter().map(|choice| &choice.name).collect::<Vec<_>>(),
            "choice_labels": choices.iter().map(|choice| text(&choice.label)).collect::<Vec<_>>(),
        }),
        Domain::Points { default } => {
            json!({ "min": -REACH, "max": REACH, "most": MOST, "default": default })
        }
    };
    if let (Value::Object(value), Value::Object(domain)) = (&mut value, domain) {
        value.extend(domain);
    }
    value
}

/// The declared output, and its standard error where it is brought together from seeds.
fn output(output: &Output) -> Vec<Value> {
    let aggregate = match output.aggregate {
        Aggregate::Mean => "mean",
        Aggregate::Median => "median",
        Aggregate::Exact => "exact",
    };
    let mut values = vec![json!({
        "name": output.name,
        "aggregate": aggregate,
        "unit": text(&output.unit),
        "label": text(&output.label),
        "meaning": text(&output.meaning),
    })];
    if output.aggregate != Aggregate::Exact {
        let Text { en, zh } = &output.label;
        values.push(json!({
            "name": format!("{}_standard_error", output.name),
            "aggregate": "standard_error",
            "unit": text(&output.unit),
            "label": { "en": format!("{en}, standard error"), "zh": format!("{zh}（标准误差）") },
            "meaning": {
                "en": format!("The standard error over seeds of the {aggregate} above it; 0 for a single seed."),
                "zh": format!("上一项（{zh}）对各随机种子的标准误差；只有一个种子时为 0。"),
            },
        }));
    }
    values
}

fn to_text(out: &mut impl Write, schema: &Schema, language: Language) -> io::Result<()> {
    let english = language == Language::English;
    writeln!(out, "{} · {} · {}", schema.id, schema.title.en, schema.title.zh)?;
    writeln!(out, "{}", schema.about.get(language))?;
    writeln!(out, "\n{}", if english { "Parameters" } else { "参数" })?;
    let defaults = Settings::defaults(schema);
    for parameter in schema.parameters.iter() {
        let default = defaults.text(parameter);
        let range = settings::allowed(&parameter.domain);
        let unit = parameter.unit.get(language);
        let line = if english {
            format!("  {} = {default}  ({range}) {unit}", parameter.name)
        } else {
            format!("  {} = {default}（{range}）{unit}", parameter.name)
        };
        writeln!(out, "{}", line.trim_end())?;
        let colon = if english { ": " } else { "：" };
        writeln!(out, "      {}{colon}{}", parameter.label.get(language), parameter.help.get(language))?;
    }
    writeln!(out, "\n{}", if english { "Outputs" } else { "输出" })?;
    for output in schema.outputs.iter() {
        let averaged = match (output.aggregate, english) {
            (Aggregate::Mean, true) => "  (mean over seeds)",
            (Aggregate::Mean, false) => "（对随机种子取平均）",
            (Aggregate::Median, true) => "  (median over seeds)",
            (Aggregate::Median, false) => "（对随机种子取中位数）",
            (Aggregate::Exact, _) => "",
        };
        writeln!(out, "  {}{averaged}", output.name)?;
        writeln!(out, "      {}", output.meaning.get(language))?;
    }
    Ok(())
}
