//! What a lab's interface says of a run: shared by the printed form and the live one.

use crate::{
    figure::{format_number, legend},
    html::escape,
    interface,
    sheet::Sheet,
};
use labs::{
    figure::{Chart, Figure, Images, Panel},
    frame::Frame,
    settings::Settings,
    text::{Language, Text},
};
use std::fmt::Write;

/// What a lab is doing, as `data-state` says it.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum State {
    /// It shows the printed run.
    Idle,
    /// A run is under way.
    Running,
    /// A run is held.
    Paused,
    /// A run has ended.
    Done,
    /// A run could not go on.
    Error,
}

impl State {
    /// The value of `data-state`.
    pub const fn name(self) -> &'static str {
        match self {
            Self::Idle => "idle",
            Self::Running => "running",
            Self::Paused => "paused",
            Self::Done => "done",
            Self::Error => "error",
        }
    }

    /// Its name to the reader.
    pub const fn words(self) -> Text {
        match self {
            Self::Idle => interface::STATE_IDLE,
            Self::Running => interface::STATE_RUNNING,
            Self::Paused => interface::STATE_PAUSED,
            Self::Done => interface::STATE_DONE,
            Self::Error => interface::STATE_ERROR,
        }
    }

    /// Whether a run is under way or held.
    pub const fn is_busy(self) -> bool {
        matches!(self, Self::Running | Self::Paused)
    }
}

/// Where the numbers on show come from.
pub fn note(sheet: &Sheet, settings: &Settings, state: State, language: Language) -> String {
    let stop = match language {
        Language::English => ".",
        Language::Chinese => "。",
    };
    let sentence = |text: Text, seed: u64| format!("{} {seed}{stop}", text.get(language));
    match state {
        State::Idle | State::Error if *settings != sheet.settings => interface::PRINTED_OTHER.get(language).to_string(),
        State::Idle | State::Error => sentence(interface::PRINTED, sheet.settings.seed),
        State::Running | State::Paused | State::Done => sentence(interface::LIVE, settings.seed),
    }
}

/// The list items of a figure's legend, as HTML.
pub fn legend_items(figure: &Figure, language: Language) -> String {
    legend(figure, language).iter().fold(String::new(), |mut items, entry| {
        // Writing to a string cannot fail.
        let _ = write!(items, r#"<li><span class="{}"></span>{}</li>"#, entry.class(), escape(&entry.label));
        items
    })
}

/// An output (or its standard error) with all its digits, and as a reader sees it.
pub struct Shown {
    /// Full precision, for `data-value`.
    pub exact: String,
    /// A few digits.
    pub short: String,
}

/// A number with all its digits, as scripts read it.
fn exact(value: f64) -> String {
    if value.is_infinite() { (if value > 0.0 { "Infinity" } else { "-Infinity" }).into() } else { value.to_string() }
}

/// The output of that name, or nothing if the run does not report it.
pub fn output(frame: &Frame, name: &str) -> Option<Shown> {
    let found = |name: &str| frame.report.outputs.iter().find(|output| output.name == name);
    if let Some(output) = found(name) {
        return Some(Shown { exact: exact(output.value), short: format_number(output.value, 4) });
    }
    let error = found(name.strip_suffix("_standard_error")?)?.standard_error?;
    Some(Shown { exact: exact(error), short: format!(" ± {}", format_number(error, 2)) })
}

/// A panel's title, which is the lab's where it has none of its own.
pub fn panel_label(sheet: &Sheet, panel: &Panel, language: Language) -> String {
    let (Panel::Chart(Chart { title, .. }) | Panel::Images(Images { title, .. })) = panel;
    let title = if title.is_empty() { &sheet.schema.title } else { title };
    title.get(language).to_string()
}
