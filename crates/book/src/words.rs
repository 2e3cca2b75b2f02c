//! The words that the book itself adds to a page, in both languages.

use labs::text::{Language, Text};

pub(crate) static THEOREM: Text = Text::new("Theorem", "定理");
pub(crate) static PROOF: Text = Text::new("Proof", "证明");
pub(crate) static EXERCISE: Text = Text::new("Exercise", "习题");
pub(crate) static CHALLENGE: Text = Text::new("Challenge", "挑战");
pub(crate) static SOLUTION: Text = Text::new("Solution", "解答");
pub(crate) static CHOOSE_ONE: Text = Text::new("Choose one", "选一项");
pub(crate) static CHOOSE_ALL: Text = Text::new("Choose all that are right", "选出所有正确的");
pub(crate) static YOUR_ANSWER: Text = Text::new("Your answer", "你的答案");
pub(crate) static CHECK: Text = Text::new("Check", "检查");
pub(crate) static ANSWER: Text = Text::new("Answer", "答案");
pub(crate) static RIGHT: Text = Text::new("Right.", "对。");
pub(crate) static WRONG: Text = Text::new("Wrong.", "不对。");
pub(crate) static WITHIN: Text =
    Text::new(". Anything within {} of it counts as right.", "。与它相差不到 {} 的都算对。");
pub(crate) static LAB: Text = Text::new("Lab: ", "实验：");
pub(crate) static REFERENCES: Text = Text::new("References", "参考文献");
pub(crate) static FOOTNOTES: Text = Text::new("Footnotes", "脚注");
pub(crate) static BACK: Text = Text::new("Back to the text", "返回正文");
pub(crate) static TABLE: Text = Text::new("Table", "表格");
pub(crate) static COLON: Text = Text::new(": ", "：");
pub(crate) static COMMA: Text = Text::new(", ", "，");
pub(crate) static ET_AL: Text = Text::new(" et al.", " 等");
pub(crate) static STANDARD_ERROR: Text = Text::new("standard error of {}", "{}的标准误差");

/// A word and its number: `Theorem 2`, `定理 2`.
pub(crate) fn numbered(word: &Text, number: usize, language: Language) -> String {
    format!("{} {number}", word.get(language))
}
