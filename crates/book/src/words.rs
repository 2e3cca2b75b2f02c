//! The words that the book itself adds to a page, in both languages.

use labs::text::{Language, Text};

pub(crate) const THEOREM: Text = Text::new("Theorem", "定理");
pub(crate) const PROOF: Text = Text::new("Proof", "证明");
pub(crate) const EXERCISE: Text = Text::new("Exercise", "习题");
pub(crate) const SOLUTION: Text = Text::new("Solution", "解答");
pub(crate) const LAB: Text = Text::new("Lab: ", "实验：");
pub(crate) const REFERENCES: Text = Text::new("References", "参考文献");
pub(crate) const FOOTNOTES: Text = Text::new("Footnotes", "脚注");
pub(crate) const BACK: Text = Text::new("Back to the text", "返回正文");
pub(crate) const TABLE: Text = Text::new("Table", "表格");
pub(crate) const COLON: Text = Text::new(": ", "：");
pub(crate) const COMMA: Text = Text::new(", ", "，");
pub(crate) const ET_AL: Text = Text::new(" et al.", " 等");

/// A word and its number: `Theorem 2`, `定理 2`.
pub(crate) fn numbered(word: &Text, number: usize, language: Language) -> String {
    format!("{} {number}", word.get(language))
}
