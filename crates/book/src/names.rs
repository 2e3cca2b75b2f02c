//! What can be referred to within one edition, and how it is called there.

use crate::{
    complaint::Complaints,
    html::{anchor, escaped},
    source::{DirectiveKind, Kind, Source},
    value, words,
};
use labs::{
    lab::AnyLab,
    labs::find,
    schema::{Aggregate, Schema},
    settings::Settings,
    text::Language,
};
use std::collections::{BTreeMap, BTreeSet};

/// Prefixes of labels; a key in `[@…]` without one of them is a citation.
const PREFIXES: [&str; 6] = ["eq:", "thm:", "ex:", "ch:", "sec:", "lab:"];

/// Something with an id.
#[derive(Clone, Debug)]
pub(crate) struct Target {
    /// The element's `id`.
    pub(crate) anchor: String,
    /// What a reference to it reads, as HTML.
    pub(crate) html: String,
}

/// The names of one edition.
#[derive(Debug, Default)]
pub(crate) struct Names {
    targets: BTreeMap<String, Target>,
    /// Cited keys in the order of their first citation: number 1 first.
    pub(crate) cited: Vec<String>,
    anchors: BTreeSet<String>,
    /// Settings of each lab by the index of its directive.
    pub(crate) settings: BTreeMap<usize, Settings>,
    /// Index of the directive of each lab in this chapter.
    labs: BTreeMap<String, usize>,
}

impl Names {
    /// Gathers every label, citation and lab of an edition. Sections are worded later, by [`Names::call_section`].
    pub(crate) fn gather(source: &Source, language: Language, complaints: &mut Complaints) -> Self {
        let mut names = Self::default();
        let mut equations = 0;
        for token in &source.tokens {
            match &token.kind {
                Kind::Math { label: Some(label), .. } => {
                    equations += 1;
                    names.define(label, &anchor(label), format!("({equations})"), token.line, complaints);
                }
                Kind::HeadingId(id) => names.define(&format!("sec:{id}"), id, String::new(), token.line, complaints),
                Kind::Cite(mentions) => {
                    for mention in mentions.iter().filter(|mention| !is_label(&mention.key)) {
                        if !names.cited.contains(&mention.key) {
                            names.cited.push(mention.key.clone());
                        }
                    }
                }
                _ => {}
            }
        }
        names.gather_directives(source, language, complaints);
        names
    }

    fn gather_directives(&mut self, source: &Source, language: Language, complaints: &mut Complaints) {
        let (mut theorems, mut exercises, mut challenges) = (0, 0, 0);
        for (index, directive) in source.directives.iter().enumerate() {
            let line = directive.line;
            let called = match &directive.kind {
                DirectiveKind::Theorem => {
                    theorems += 1;
                    words::numbered(&words::THEOREM, theorems, language)
                }
                DirectiveKind::Exercise => {
                    exercises += 1;
                    words::numbered(&words::EXERCISE, exercises, language)
                }
                DirectiveKind::Challenge(_) => {
                    challenges += 1;
                    words::numbered(&words::CHALLENGE, challenges, language)
                }
                // Nothing refers to it, but its id is its own.
                DirectiveKind::Predict(_) => String::new(),
                DirectiveKind::Lab { id, pairs } => {
                    self.gather_lab(index, id, pairs, language, &mut |reason| complaints.add(line, reason));
                    continue;
                }
                _ => continue,
            };
            if let Some(label) = &directive.label {
                self.define(label, &anchor(label), called, line, complaints);
            }
        }
    }

    fn gather_lab(
        &mut self,
        index: usize,
        id: &str,
        pairs: &[(String, String)],
        language: Language,
        complain: &mut dyn FnMut(String),
    ) {
        let (schema, settings) = match lab_settings(id, pairs) {
            Ok(found) => found,
            Err(reasons) => return reasons.into_iter().for_each(complain),
        };
        self.settings.insert(index, settings);
        let anchor = format!("lab-{id}");
        if !self.anchors.insert(anchor.clone()) {
            return complain(format!("the lab {id} stands in this chapter already; a lab has one place a chapter"));
        }
        let html = format!("{}{}", words::LAB.get(language), escaped(schema.title.get(language)));
        self.targets.insert(format!("lab:{id}"), Target { anchor, html });
        self.labs.insert(id.to_string(), index);
    }

    fn define(&mut self, label: &str, anchor: &str, html: String, line: usize, complaints: &mut Complaints) {
        if self.anchors.insert(anchor.to_string()) {
            self.targets.insert(label.to_string(), Target { anchor: anchor.to_string(), html });
        } else {
            complaints.add(line, format!("the id {label} is used twice"));
        }
    }

    /// Gives a section the wording of its heading.
    pub(crate) fn call_section(&mut self, id: &str, html: &str) {
        if let Some(target) = self.targets.get_mut(&format!("sec:{id}")) {
            target.html = html.to_string();
        }
    }

    /// A lab of this chapter and the settings that it is printed with, or why there is none.
    pub(crate) fn printed(&self, id: &str) -> Result<(&'static Schema, &Settings), String> {
        let schema = lab_schema(id)?;
        let settings = self.labs.get(id).and_then(|index| self.settings.get(index));
        settings.map(|settings| (schema, settings)).ok_or_else(|| {
            let here: Vec<&str> = self.labs.keys().map(String::as_str).collect();
            let here = if here.is_empty() { "none".to_string() } else { here.join(", ") };
            format!("the lab {id} does not stand in this chapter; the labs here: {here}")
        })
    }

    pub(crate) fn target(&self, label: &str) -> Option<&Target> {
        self.targets.get(label)
    }

    /// Whether an element of this page has that `id`.
    pub(crate) fn has_anchor(&self, anchor: &str) -> bool {
        self.anchors.contains(anchor)
    }

    /// The number of a cited key.
    pub(crate) fn number(&self, key: &str) -> Option<usize> {
        self.cited.iter().position(|cited| cited == key).map(|index| index + 1)
    }
}

/// Whether `[@key]` refers to a place in the chapter rather than to the bibliography.
pub(crate) fn is_label(key: &str) -> bool {
    PREFIXES.iter().any(|prefix| key.starts_with(prefix))
}

/// A lab's declaration.
fn lab_schema(id: &str) -> Result<&'static Schema, String> {
    find(id).map(AnyLab::schema).ok_or_else(|| {
        let known: Vec<&str> = labs::labs::ALL.iter().map(|lab| &*lab.schema().id).collect();
        format!("unknown lab “{id}”; the labs are {}", known.join(", "))
    })
}

/// A lab and settings for it, or every reason why not.
pub(crate) fn lab_settings(id: &str, pairs: &[(String, String)]) -> Result<(&'static Schema, Settings), Vec<String>> {
    let schema = lab_schema(id).map_err(|reason| vec![reason])?;
    let (settings, refusals) =
        Settings::read(schema, pairs.iter().map(|(name, value)| (name.as_str(), value.as_str())));
    if refusals.is_empty() {
        Ok((schema, settings))
    } else {
        Err(refusals.iter().map(|refusal| format!("lab {id}: {}", refusal.sentence().en)).collect())
    }
}

/// Settings with some changed, or every reason why not.
pub(crate) fn changed(
    schema: &Schema,
    settings: &Settings,
    pairs: &[(String, String)],
) -> Result<Settings, Vec<String>> {
    let mut changed = settings.clone();
    let refused = |(name, value): &(String, String)| changed.set(schema, name, value).err();
    let refusals: Vec<String> = pairs
        .iter()
        .filter_map(refused)
        .map(|refusal| format!("lab {}: {}", schema.id, refusal.sentence().en))
        .collect();
    if refusals.is_empty() { Ok(changed) } else { Err(refusals) }
}

/// Whether the lab reports that output, or the standard error of it.
pub(crate) fn has_output(schema: &Schema, name: &str) -> bool {
    let mean = name.strip_suffix("_standard_error").and_then(|mean| schema.output(mean));
    schema.output(name).is_some() || mean.is_some_and(|output| output.aggregate != Aggregate::Exact)
}

/// The settings of a requested value, or every reason why there is none.
pub(crate) fn request_settings(request: &value::Request) -> Result<(&'static Schema, Settings), Vec<String>> {
    let (schema, settings) = lab_settings(&request.lab, &request.pairs)?;
    if has_output(schema, &request.output) {
        return Ok((schema, settings));
    }
    let known: Vec<&str> = schema.outputs.iter().map(|output| &*output.name).collect();
    Err(vec![format!("the lab {} has no output “{}”; it has {}", request.lab, request.output, known.join(", "))])
}
