//! `lab check`: the labs against the reference data.
//!
//! A case passes when every output lies within the tolerance of the reference's mean, averaged over at least as many
//! seeds. Where the reference gives a formula's value and the lab has the output `theory_<output>`, that is held to
//! the same tolerance, for a lab may evaluate the exact formula for finite sizes where the reference has its limit;
//! how far the two differ is printed.

use super::{
    reference::{self, Case, Expected, Reference},
    workers,
};
use labs::{data::Data, frame::Report, lab::AnyLab, run::Scope, settings::Settings, text::Language};
use std::{
    collections::BTreeSet,
    io::{self, Write},
    num::NonZeroUsize,
    path::Path,
    time::Instant,
};

/// A case whose outputs take more floating-point operations than this is costly: over ten seconds on one core.
const COSTLY: f64 = 1e11;

/// Values that agree to this relative precision come from the same formula.
const SAME_FORMULA: f64 = 1e-6;

/// What is to be checked.
pub struct Request {
    /// The labs; every lab that has reference data if empty.
    pub labs: Vec<&'static dyn AnyLab>,
    /// Whether the costly cases are checked too.
    pub all: bool,
    /// Threads to use.
    pub jobs: NonZeroUsize,
}

/// How a check went.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Summary {
    /// Cases whose outputs all lie within their tolerances.
    pub within: usize,
    /// Cases of which an output does not, and reference data that could not be used.
    pub outside: usize,
    /// Costly cases that were left out.
    pub left_out: usize,
}

impl Summary {
    /// Whether something was checked and nothing failed.
    pub const fn passed(self) -> bool {
        self.within > 0 && self.outside == 0
    }
}

/// Checks labs against the reference data in `directory`, printing a line a case and a summary. An error means that
/// `out` could not be written.
pub fn check(request: &Request, directory: &Path, out: &mut impl Write) -> io::Result<Summary> {
    let begin = Instant::now();
    let data = Data::bundled();
    let mut summary = Summary::default();
    for id in wanted(request, directory, out, &mut summary)? {
        let reference = labs::labs::find(&id)
            .ok_or_else(|| "there is reference data, but no such lab".to_owned())
            .and_then(|lab| Ok((lab, Reference::read(directory, &id).map_err(|error| error.to_string())?)));
        match reference {
            Ok((lab, reference)) => {
                for case in &reference.cases {
                    check_case(request, lab, case, &data, out, &mut summary)?;
                }
            }
            Err(problem) => {
                summary.outside += 1;
                writeln!(out, "FAIL  {id}: {problem}")?;
            }
        }
    }
    let Summary { within, outside, left_out } = summary;
    write!(out, "{within} within tolerance, {outside} outside")?;
    if left_out > 0 {
        write!(out, ", {left_out} costly left out (--all checks them)")?;
    }
    writeln!(out, "; {:.1} s", begin.elapsed().as_secs_f64())?;
    out.flush()?;
    Ok(summary)
}

/// The ids to check. With none asked for: all labs in the order of the book, then reference data without a lab.
fn wanted(request: &Request, directory: &Path, out: &mut impl Write, summary: &mut Summary) -> io::Result<Vec<String>> {
    if !request.labs.is_empty() {
        return Ok(request.labs.iter().map(|lab| lab.schema().id.to_string()).collect());
    }
    let mut measured: BTreeSet<String> = match reference::labs(directory) {
        Ok(ids) => ids.into_iter().collect(),
        Err(error) => {
            summary.outside += 1;
            writeln!(out, "FAIL  {}: {error}", directory.display())?;
            return Ok(Vec::new());
        }
    };
    let mut ids = Vec::new();
    for lab in labs::labs::ALL {
        let id = &*lab.schema().id;
        if measured.remove(id) {
            ids.push(id.to_owned());
        } else {
            writeln!(out, "      {id}: no reference data")?;
        }
    }
    ids.extend(measured);
    Ok(ids)
}

fn check_case(
    request: &Request,
    lab: &'static dyn AnyLab,
    case: &Case,
    data: &Data,
    out: &mut impl Write,
    summary: &mut Summary,
) -> io::Result<()> {
    let schema = lab.schema();
    let settings = match settings_of(lab, case) {
        Ok(settings) => settings,
        Err(problem) => {
            summary.outside += 1;
            return writeln!(out, "FAIL  {}: {problem}", schema.id);
        }
    };
    let words: Vec<String> =
        settings.changes(schema).into_iter().map(|(name, value)| format!("{name}={value}")).collect();
    let title = format!("{} {}", schema.id, words.join(" "));
    if !request.all && probe_cost(lab, &settings) > COSTLY {
        summary.left_out += 1;
        return writeln!(out, "      left out    {title}");
    }
    let begin = Instant::now();
    let report = workers::work_off(lab, settings, Scope::Probe, data, request.jobs, |_| {}).report();
    let seconds = begin.elapsed().as_secs_f64();
    let verdict = Verdict::of(case, &report);
    let mark = if verdict.outside.is_empty() { "ok  " } else { "FAIL" };
    writeln!(out, "{mark}  {}  {title}  {seconds:.1} s", verdict.words())?;
    for line in &verdict.outside {
        writeln!(out, "        {line}")?;
    }
    if verdict.outside.is_empty() {
        summary.within += 1;
    } else {
        summary.outside += 1;
    }
    // Seen as it comes, through a pipe too: a check takes minutes.
    out.flush()
}

/// The case's settings with as many seeds as it was measured with; in words, what the lab does not take.
fn settings_of(lab: &dyn AnyLab, case: &Case) -> Result<Settings, String> {
    let schema = lab.schema();
    let mut words = case.words();
    if schema.parameter("seeds").is_some() {
        words.push(("seeds", case.seeds().to_string()));
    }
    let (settings, refusals) = Settings::read(schema, words.iter().map(|(name, value)| (*name, value.as_str())));
    if refusals.is_empty() {
        return Ok(settings);
    }
    let sentences: Vec<String> =
        refusals.iter().map(|refusal| refusal.sentence().get(Language::English).to_owned()).collect();
    Err(sentences.join("; "))
}

/// Floating-point operations that the outputs take.
fn probe_cost(lab: &dyn AnyLab, settings: &Settings) -> f64 {
    let plan = lab.plan(settings);
    let distinct: BTreeSet<&Vec<u8>> = plan.probe.iter().filter_map(|&index| plan.tasks.get(index)).collect();
    distinct.into_iter().map(|spec| lab.cost(spec)).sum()
}

/// What became of one case.
struct Verdict {
    /// The output nearest to its tolerance, or farthest beyond it, and |difference| / tolerance.
    worst: Option<(String, f64)>,
    /// The greatest relative difference between the lab's formulas and the reference's.
    theory: Option<f64>,
    /// The outputs outside their tolerances, in words.
    outside: Vec<String>,
}

impl Verdict {
    fn of(case: &Case, report: &Report) -> Self {
        let mut verdict = Self { worst: None, theory: None, outside: Vec::new() };
        for (name, expected) in &case.outputs {
            let Some(value) = value_of(report, name) else {
                verdict.outside.push(format!("{name}: the lab has no such output"));
                continue;
            };
            verdict.compare(name, value, expected.mean, expected);
            let theory = format!("theory_{name}");
            if let (Some(formula), Some(value)) = (expected.theory, value_of(report, &theory)) {
                verdict.compare(&theory, value, formula, expected);
                let difference = (value - formula).abs() / formula.abs().max(f64::MIN_POSITIVE);
                verdict.theory = Some(verdict.theory.unwrap_or(0.0).max(difference));
            }
        }
        verdict
    }

    fn compare(&mut self, name: &str, value: f64, expected: f64, Expected { tolerance, seeds, .. }: &Expected) {
        let difference = (value - expected).abs();
        // Counts that must be met exactly have a tolerance of zero.
        let ratio = if difference == 0.0 { 0.0 } else { difference / tolerance };
        // Written so that a value that is not a number is outside.
        let within = ratio <= 1.0;
        if !within {
            self.outside.push(format!("{name} = {value}, expected {expected} ± {tolerance} ({seeds} seeds)"));
        }
        if self.worst.as_ref().is_none_or(|(_, worst)| ratio > *worst || ratio.is_nan()) {
            self.worst = Some((name.to_owned(), ratio));
        }
    }

    fn words(&self) -> String {
        let worst = self.worst.as_ref().map_or_else(String::new, |(name, ratio)| format!("{ratio:.2} ({name})"));
        let theory = match self.theory {
            Some(difference) if difference > SAME_FORMULA => format!(", theory differs by {:.2} %", difference * 100.0),
            _ => String::new(),
        };
        worst + &theory
    }
}

fn value_of(report: &Report, name: &str) -> Option<f64> {
    report.outputs.iter().find(|output| output.name == name).map(|output| output.value)
}
