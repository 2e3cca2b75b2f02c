//! The entries of a legend. The page prints them as text beside the figure, where they can be read aloud and selected.

use labs::{
    figure::{Figure, Mark, Panel, Role, Stroke},
    text::Language,
};

/// The little picture beside an entry.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Swatch {
    /// ———
    Line,
    /// A thin line.
    Thin,
    /// – – –
    Dashed,
    /// · · ·
    Dotted,
    /// A light band: a spread over seeds.
    Band,
    /// A filled region: a part of a stack.
    Fill,
    /// Points.
    Points,
}

impl Swatch {
    /// Its name, for style sheets.
    pub const fn name(self) -> &'static str {
        match self {
            Self::Line => "line",
            Self::Thin => "thin",
            Self::Dashed => "dashed",
            Self::Dotted => "dotted",
            Self::Band => "band",
            Self::Fill => "fill",
            Self::Points => "points",
        }
    }
}

/// One entry of a legend.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct LegendEntry {
    /// What it stands for.
    pub label: String,
    /// Its color.
    pub role: Role,
    /// Its picture.
    pub swatch: Swatch,
}

impl LegendEntry {
    /// The classes of its little picture.
    pub fn class(&self) -> String {
        format!("lab-swatch swatch-{} role-{}", self.swatch.name(), self.role.name())
    }
}

/// The legend of a figure: one entry for each label, in drawing order, each only once.
pub fn legend(figure: &Figure, language: Language) -> Vec<LegendEntry> {
    let mut entries: Vec<LegendEntry> = Vec::new();
    for panel in &figure.panels {
        let Panel::Chart(chart) = panel else { continue };
        for mark in &chart.marks {
            if let Some(entry) = entry(mark, language)
                && !entry.label.is_empty()
                && !entries.contains(&entry)
            {
                entries.push(entry);
            }
        }
    }
    entries
}

fn entry(mark: &Mark, language: Language) -> Option<LegendEntry> {
    let (label, role, swatch) = match mark {
        Mark::Line { label, role, stroke, .. } => {
            let swatch = match stroke {
                Stroke::Solid => Swatch::Line,
                Stroke::Dashed => Swatch::Dashed,
                Stroke::Dotted => Swatch::Dotted,
                Stroke::Thin => Swatch::Thin,
            };
            (label, role, swatch)
        }
        Mark::Band { label, role, filled, .. } => (label, role, if *filled { Swatch::Fill } else { Swatch::Band }),
        Mark::Points { label, role, .. } => (label, role, Swatch::Points),
        // Thresholds and heat maps are labeled where they are.
        Mark::Threshold { .. } | Mark::Probe { .. } | Mark::HeatMap { .. } => return None,
    };
    Some(LegendEntry { label: label.get(language).to_owned(), role: *role, swatch })
}

#[cfg(test)]
mod tests {
    use super::*;
    use labs::{
        figure::{Axis, AxisScale, Chart},
        text::Text,
    };
    use std::borrow::Cow;

    #[test]
    fn every_label_is_listed_once_and_decoration_is_not() {
        let axis = || Axis { label: Text::same(""), scale: AxisScale::Linear, range: [0.0, 1.0] };
        let line = |label: &'static str| Mark::Line {
            name: Cow::Borrowed(""),
            label: Text::new(label, label),
            role: Role::Theory,
            stroke: Stroke::Dashed,
            x: vec![0.0],
            y: vec![0.0],
        };
        let chart = |marks| Panel::Chart(Chart { title: Text::same(""), x: axis(), y: axis(), marks });
        let figure = Figure { panels: vec![chart(vec![line("theory"), line("")]), chart(vec![line("theory")])] };
        let entries = legend(&figure, Language::English);
        assert_eq!(entries, [LegendEntry { label: "theory".into(), role: Role::Theory, swatch: Swatch::Dashed }]);
    }
}
