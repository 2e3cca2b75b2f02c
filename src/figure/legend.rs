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
