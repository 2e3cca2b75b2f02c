//! Whether the two editions of a chapter are one chapter.
//!
//! Each edition is boiled down to a list of facts that do not depend on the language: its headings by level and id, its
//! paragraphs with what they cite, compute and ask of labs, its equations, labs, lists, tables, theorems, exercises. The lists
//! must be equal; the first place where they are not is named in both files.

use crate::complaint::Complaint;
use std::fmt::Write as _;

/// One fact about an edition, with its line.
#[derive(Clone, Debug)]
pub(crate) struct Fact {
    pub(crate) line: usize,
    pub(crate) what: String,
}

/// The complaint about the first divergence of two editions, each given as its file and facts.
pub(crate) fn compare(english: (&str, &[Fact]), chinese: (&str, &[Fact])) -> Option<Complaint> {
    let ((en_file, en), (zh_file, zh)) = (english, chinese);
    let same = en.iter().zip(zh).take_while(|(e, z)| e.what == z.what).count();
    if same == en.len() && same == zh.len() {
        return None;
    }
    let at = |facts: &[Fact]| match facts.get(same) {
        Some(fact) => (fact.line, fact.what.clone()),
        None => (facts.last().map_or(1, |last| last.line), "the end".to_string()),
    };
    let ((en_line, en_what), (zh_line, zh_what)) = (at(en), at(zh));
    let reason = format!("the editions part here: {zh_what}; but {en_file}:{en_line} has {en_what}");
    Some(Complaint { file: zh_file.into(), line: zh_line, reason })
}

/// `paragraph` → `paragraph citing a, b computing …`: what a block of running text shares with its translation. Its
/// phrases come in the same order in both.
pub(crate) fn with_contents(
    what: &str,
    cited: &mut Vec<String>,
    computed: &mut Vec<String>,
    phrased: &mut Vec<String>,
) -> String {
    let mut words = what.to_string();
    for (verb, list) in [("citing", cited), ("computing", computed)] {
        list.sort();
        list.dedup();
        if !list.is_empty() {
            let _ = write!(words, " {verb} {}", list.join(", "));
        }
        list.clear();
    }
    for phrase in phrased.drain(..) {
        let _ = write!(words, " with […]{{{phrase}}}");
    }
    words
}
