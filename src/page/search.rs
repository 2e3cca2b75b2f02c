//! What search says, and the pages it finds beside chapters, labs and terms.

use super::{bench, embed, glossary, journey, references, words};
use labs::text::{Language, Text};

/// The button, and the name of the dialog.
pub static SEARCH: Text = Text::new("Search", "搜索");
static HINT: Text = Text::new("Search titles, text, labs, terms", "搜索标题、正文、实验与术语");
static CLOSE: Text = Text::new("Close", "关闭");
static RESULTS: Text = Text::new("Results", "结果");
static LOADING: Text = Text::new("Loading…", "正在加载……");
static FAILED: Text = Text::new(
    "The index for search could not be loaded. Check the connection and type again.",
    "未能加载搜索索引。请检查网络连接，然后再次输入。",
);
static NOTHING: Text = Text::new("Nothing in the book matches that.", "书中没有与之相符的内容。");
static COUNT: Text = Text::new("Results: #", "共 # 条结果");
static KEYS: Text = Text::new("↑ ↓ to choose, Enter to open, Esc to close", "↑ ↓ 选择，Enter 打开，Esc 关闭");
static LAB: Text = Text::new("Lab", "实验");
static TERM: Text = Text::new("Term", "术语");
/// Marks a piece of text in the other language.
static OTHER: Text = Text::new("中文", "English");

/// The words by the names that the script has for them, in each language.
pub fn words_as_json() -> String {
    let of = |language: Language| {
        let words = [
            ("search", &SEARCH),
            ("hint", &HINT),
            ("close", &CLOSE),
            ("results", &RESULTS),
            ("loading", &LOADING),
            ("failed", &FAILED),
            ("nothing", &NOTHING),
            ("count", &COUNT),
            ("keys", &KEYS),
            ("lab", &LAB),
            ("term", &TERM),
            ("other", &OTHER),
        ];
        let words = words.map(|(name, text)| (name.to_string(), text.get(language).into()));
        (language.code().to_string(), serde_json::Value::Object(words.into_iter().collect()))
    };
    serde_json::Value::Object(Language::ALL.map(of).into_iter().collect()).to_string()
}

/// Pages with their addresses, titles, and what they are for.
pub fn pages() -> [(&'static str, &'static Text, &'static Text); 6] {
    [
        ("glossary/", &glossary::TITLE, &glossary::ABOUT),
        ("references/", &references::TITLE, &references::ABOUT),
        ("journey/", &journey::TITLE, &journey::ABOUT),
        ("data/", &words::DATA, &words::DATA_ABOUT),
        ("bench/", &bench::TITLE, &bench::ABOUT),
        ("embed/", &embed::TITLE, &embed::ABOUT),
    ]
}
