//! What `CONTRIBUTING.md` shows: its example builds, and the build says what the page says that it says.

use super::*;
use labs::{
    data::Data,
    figure::Figure,
    frame::Report,
    run::{self, Scope},
};
use std::{cell::RefCell, collections::BTreeMap};

/// The labs themselves, each run once.
struct Labs {
    data: Data,
    reports: RefCell<BTreeMap<String, Report>>,
}

impl Labs {
    fn new() -> Self {
        Self { data: Data::bundled(), reports: RefCell::default() }
    }

    fn report(&self, lab: &str, settings: &Settings, scope: Scope) -> Result<Report, String> {
        let found = labs::labs::find(lab).ok_or("no such lab")?;
        let run = || match scope {
            Scope::Full => run::complete(found, settings.clone(), &self.data).report,
            Scope::Probe => run::probe(found, settings.clone(), &self.data),
        };
        Ok(self.reports.borrow_mut().entry(format!("{lab} {settings:?} {scope:?}")).or_insert_with(run).clone())
    }
}

impl Values for Labs {
    fn value(&self, lab: &str, settings: &Settings, output: &str) -> Result<f64, String> {
        let outputs = self.report(lab, settings, Scope::Probe)?.outputs;
        let (name, is_error) = output.strip_suffix("_standard_error").map_or((output, false), |name| (name, true));
        let found = outputs.into_iter().find(|value| value.name == name).ok_or("no such output")?;
        if is_error { found.standard_error.ok_or_else(|| "no error".into()) } else { Ok(found.value) }
    }

    fn figure(&self, lab: &str, settings: &Settings) -> Result<Figure, String> {
        Ok(self.report(lab, settings, Scope::Full)?.figure)
    }
}

fn page() -> String {
    let path = Path::new(env!("CARGO_MANIFEST_DIR")).join("../../CONTRIBUTING.md");
    fs::read_to_string(path).expect("the page")
}

/// All code blocks of one kind, one after the other.
fn code(text: &str, kind: &str) -> String {
    let opening = format!("\n```{kind}\n");
    let blocks = text.split(&opening).skip(1);
    blocks.map(|block| block.split("\n```").next().unwrap_or_default()).collect::<Vec<_>>().join("\n\n")
}

/// A book with the page's example as its second chapter.
fn example() -> BookTest {
    let page = page();
    let (english, chinese) = page.split_once("\n## 中文\n").expect("a Chinese part");
    let book = two_chapters().with("second/en.md", "Nothing but a paragraph.", &code(english, "markdown")).with(
        "second/zh.md",
        "只有一个\n段落。",
        &code(chinese, "markdown"),
    );
    for (file, kind) in [("glossary.toml", "toml"), ("references.bib", "bibtex")] {
        let path = book.dir.join(file);
        let text = fs::read_to_string(&path).expect("a file of the fixture");
        fs::write(&path, format!("{text}\n\n{}\n", code(english, kind))).expect("a writable copy");
    }
    book
}

#[test]
fn the_example_builds_and_has_one_of_everything() {
    let book = example().build_with(&Labs::new()).expect_book();
    for language in Language::ALL {
        let edition = book.chapters[1].edition(language);
        let html = html(edition);
        for part in ["class=\"phrase\"", "class=\"challenge\"", "class=\"exercise\"", "class=\"term\"", "#ref-edelman"]
        {
            assert!(html.contains(part), "{part}: {html}");
        }
        let Block::Lab(place) = &edition.blocks[0] else { panic!("the lab comes first") };
        assert!(place.predict_html.contains("id=\"g-ridge\""));
    }
}

#[test]
fn the_build_says_what_the_page_quotes() {
    let labs = Labs::new();
    let page = page();
    let quoted: Vec<&str> = page
        .lines()
        .filter(|line| line.starts_with("| ") && !line.starts_with("| if"))
        .filter_map(|line| line.trim_end_matches(" |").rsplit_once(" | ").map(|(_, said)| said.trim()))
        .collect();
    let mut said = vec!["the editions part here: a paragraph".to_string()];
    for (old, new) in [
        (":::challenge ridgeless", ":::challenge ridgelss"),
        ("ridgeless gamma=1 ", "ridgeless gama=1 "),
        ("ridgeless gamma=1 ", "ridgeless gamma=99 "),
        ("show=variance", "show=varience"),
        ("at=1}", "at=20}"),
        ("ridgeless show=variance at=0.9..1.1", "sample-size samples=50"),
        ("curve=excess_risk", "curve=risk"),
        (":::goal excess_risk", ":::goal risk"),
        (" {#ch:tame}", ""),
        ("[@ch:tame]", "[@ch:tama]"),
        ("curve=excess_risk estimator=optimal_ridge", "curve=excess_risk estimator=min_norm"),
        ("curve=excess_risk estimator=optimal_ridge", "curve=excess_risk signal_power=10"),
        ("seeds=20", "seeds=1"),
        ("excess_risk<2.5", "excess_risk<100"),
        ("answer=\"estimator=optimal_ridge", "answer=\"samples=400"),
        ("answer=\"estimator=optimal_ridge", "answer=\"estimator=optimal_ridge gamma=2"),
    ] {
        let spoiled = example().with("second/en.md", old, new).with("second/zh.md", old, new);
        let Err(complaints) = spoiled.build_with(&labs).result else { panic!("{new} is not refused") };
        let reasons: Vec<String> = complaints.into_iter().map(|complaint| complaint.reason).collect();
        let found = quoted.iter().find(|quote| reasons.iter().any(|reason| reason.starts_with(**quote)));
        let quote = found.unwrap_or_else(|| panic!("{new}: the page quotes nothing of\n{}", reasons.join("\n")));
        said.push((*quote).to_string());
    }
    for quote in quoted {
        assert!(said.iter().any(|said| said == quote), "nothing makes the build say “{quote}”");
    }
}

#[test]
fn the_guides_examples_of_guesses_phrases_and_challenges_build() {
    let path = Path::new(env!("CARGO_MANIFEST_DIR")).join("../../chapters/STYLE.md");
    let guide = fs::read_to_string(path).expect("the guide");
    let block = |beginning: &str| {
        let found = guide.split("```\n").find(|block| block.starts_with(beginning));
        found.unwrap_or_else(|| panic!("the guide has no example that begins with {beginning}")).to_string()
    };
    let second_lab = ":::lab random-features\n$p$\n:::".to_string();
    let examples = [block(":::lab ridgeless\n"), block("[Move"), second_lab, block(":::challenge")];
    let text = examples.join("\n");
    two_chapters()
        .with("second/en.md", "Nothing but a paragraph.", &text)
        .with("second/zh.md", "只有一个\n段落。", &text)
        .build_with(&Labs::new())
        .expect_book();
}
