//! Challenges: goals in a lab that the lab itself judges, here when the book is built, and in the page when a reader tries.

use super::{Writer, blocks, phrases};
use crate::{
    goal::{Condition, Goal},
    html::escaped,
    names,
    source::{Directive, DirectiveKind},
};
use comrak::nodes::Node;
use labs::{
    schema::{Aggregate, Schema},
    settings::Settings,
};

/// The attributes of a challenge's element, made of its goal, which the lab has judged; complaints about what is wrong.
pub(super) fn attributes(writer: &mut Writer, challenge: Node<'_>, lab: &str, line: usize) -> String {
    let parts = challenge.children().filter_map(|child| blocks::directive_of(writer.context, child));
    let parts: Vec<&Directive> = parts.map(|(_, directive)| directive).collect();
    let solutions = parts.iter().filter(|part| part.kind == DirectiveKind::Solution).count();
    let goals: Vec<_> = parts
        .iter()
        .filter_map(|part| match &part.kind {
            DirectiveKind::Goal(goal) => Some((goal.as_ref(), part.line)),
            _ => None,
        })
        .collect();
    if goals.len() != 1 || solutions != 1 {
        writer.complaints.add(line, "a challenge has one :::goal and one :::solution");
    }
    let (schema, printed) = match writer.names.printed(lab) {
        Ok(found) => found,
        Err(reason) => {
            writer.complaints.add(line, reason);
            return String::new();
        }
    };
    // What could not be read was refused when it was scanned.
    let [(Some(goal), line)] = goals[..] else { return String::new() };
    let kept = judge(writer, goal, schema, printed).unwrap_or_else(|reasons| {
        writer.complaints.add_all(line, reasons);
        String::new()
    });
    let conditions: Vec<String> = goal
        .conditions
        .iter()
        .map(|condition| format!("[\"{}\",\"{}\",{}]", condition.output, condition.relation.sign(), condition.number))
        .collect();
    format!(
        " data-for=\"{}\" data-keep=\"{}\" data-seeds=\"{}\" data-goal=\"{}\"",
        escaped(lab),
        escaped(&kept),
        goal.seeds,
        escaped(&format!("[{}]", conditions.join(",")))
    )
}

/// What a goal is, for the comparison of the editions.
pub(super) fn fact(goal: &Goal) -> String {
    let conditions: Vec<String> = goal.conditions.iter().map(ToString::to_string).collect();
    let pairs = |pairs: &[(String, String)]| {
        pairs.iter().map(|(name, value)| format!("{name}={value}")).collect::<Vec<_>>().join(" ")
    };
    let (keep, answer) = (pairs(&goal.keep), pairs(&goal.answer));
    format!("the goal {} keep=\"{keep}\" seeds={} answer=\"{answer}\"", conditions.join(" "), goal.seeds)
}

/// Has the lab judge a goal: it must be missed as the lab is printed, and reached by the answer. Returns what is kept.
fn judge(writer: &Writer, goal: &Goal, schema: &'static Schema, printed: &Settings) -> Result<String, Vec<String>> {
    for condition in &goal.conditions {
        if schema.output(&condition.output).is_none() {
            let known: Vec<&str> = schema.outputs.iter().map(|output| &*output.name).collect();
            let (lab, output) = (&schema.id, &condition.output);
            return Err(vec![format!("the lab {lab} has no output “{output}”; it has {}", known.join(", "))]);
        }
    }
    let seeds = [("seeds".to_string(), goal.seeds.to_string())];
    let judged = names::changed(schema, printed, &seeds)?;
    let start = names::changed(schema, &judged, &goal.keep)?;
    let answered = names::changed(schema, &start, &goal.answer)?;
    if let Some((name, _)) = goal.keep.iter().find(|(name, _)| answered.real(name) != start.real(name)) {
        return Err(vec![format!("the answer changes {name}, which is kept")]);
    }
    let (before, after) =
        (outcome(writer, goal, schema, &start).map_err(alone), outcome(writer, goal, schema, &answered).map_err(alone));
    let (before, after) = (before?, after?);
    let said =
        |outcome: &[Outcome]| outcome.iter().map(|outcome| outcome.words.as_str()).collect::<Vec<_>>().join("; ");
    let mut reasons = Vec::new();
    if before.iter().all(|outcome| outcome.holds) {
        reasons.push(format!("the goal is reached before the reader does anything: {}", said(&before)));
    }
    if !after.iter().all(|outcome| outcome.holds) {
        reasons.push(format!("the answer does not reach the goal: {}", said(&after)));
    }
    if reasons.is_empty() { Ok(phrases::query(schema, &start, &goal.keep)) } else { Err(reasons) }
}

fn alone(reason: String) -> Vec<String> {
    vec![reason]
}

/// How a run stands to one condition.
struct Outcome {
    holds: bool,
    /// `test_error<0.2: 0.187 ± 0.004`, the mean and two standard errors.
    words: String,
}

fn outcome(writer: &Writer, goal: &Goal, schema: &Schema, settings: &Settings) -> Result<Vec<Outcome>, String> {
    // All are asked for, whatever the first ones say: what is asked for is gathered before anything is run.
    let outcomes: Vec<_> =
        goal.conditions.iter().map(|condition| one_outcome(writer, condition, schema, settings)).collect();
    outcomes.into_iter().collect()
}

fn one_outcome(
    writer: &Writer,
    condition: &Condition,
    schema: &Schema,
    settings: &Settings,
) -> Result<Outcome, String> {
    let value = |output: &str| {
        let found = writer.context.values.value(&schema.id, settings, output);
        found.map_err(|reason| format!("{}.{output}: {reason}", schema.id))
    };
    let is_exact = schema.output(&condition.output).is_some_and(|output| output.aggregate == Aggregate::Exact);
    let mean = value(&condition.output);
    let error = if is_exact { Ok(None) } else { value(&format!("{}_standard_error", condition.output)).map(Some) };
    let (mean, error) = (mean?, error?);
    let spread = error.map_or_else(String::new, |error| format!(" ± {:.2e}", 2.0 * error));
    let verdict = if condition.holds(mean, error) { "holds" } else { "fails" };
    Ok(Outcome { holds: condition.holds(mean, error), words: format!("{condition} {verdict} with {mean}{spread}") })
}
