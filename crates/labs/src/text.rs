//! The book's two languages, and text that exists in both.

use serde::{Deserialize, Serialize};
use std::borrow::Cow;

/// A language of the book.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
pub enum Language {
    /// American English.
    English,
    /// Simplified Chinese.
    Chinese,
}

impl Language {
    /// Both languages, in the order in which they are listed.
    pub const ALL: [Self; 2] = [Self::English, Self::Chinese];

    /// The folder of this language's pages and its short name: `en` or `zh`.
    pub const fn code(self) -> &'static str {
        match self {
            Self::English => "en",
            Self::Chinese => "zh",
        }
    }

    /// The BCP 47 tag for `lang` attributes.
    pub const fn tag(self) -> &'static str {
        match self {
            Self::English => "en",
            Self::Chinese => "zh-Hans",
        }
    }

    /// The language's own name for itself.
    pub const fn name(self) -> &'static str {
        match self {
            Self::English => "English",
            Self::Chinese => "中文",
        }
    }

    /// The other language.
    #[must_use]
    pub const fn other(self) -> Self {
        match self {
            Self::English => Self::Chinese,
            Self::Chinese => Self::English,
        }
    }

    /// Reads `en`, `zh` and tags that begin with them (`zh-Hans`, `en-US`).
    pub fn from_tag(tag: &str) -> Option<Self> {
        match tag.split('-').next() {
            Some("en") => Some(Self::English),
            Some("zh") => Some(Self::Chinese),
            _ => None,
        }
    }
}

/// One text in both languages.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct Text {
    /// English.
    pub en: Cow<'static, str>,
    /// 简体中文.
    pub zh: Cow<'static, str>,
}

impl Text {
    /// A text known at compile time.
    // Labs put dozens of texts together; as a call, each takes a third of the room.
    #[inline(never)]
    pub const fn new(en: &'static str, zh: &'static str) -> Self {
        Self { en: Cow::Borrowed(en), zh: Cow::Borrowed(zh) }
    }

    /// A text made while a lab runs.
    #[inline(never)]
    pub fn owned(en: String, zh: String) -> Self {
        Self { en: Cow::Owned(en), zh: Cow::Owned(zh) }
    }

    /// Sentences one after the other, as each language sets them apart; empty ones are passed over.
    pub fn paragraph(sentences: &[Self]) -> Self {
        let join = |language, between| {
            let said = sentences.iter().filter(|sentence| !sentence.is_empty());
            said.map(|sentence| sentence.get(language)).collect::<Vec<_>>().join(between)
        };
        Self::owned(join(Language::English, " "), join(Language::Chinese, ""))
    }

    /// The same characters in both languages: symbols, names, numbers.
    pub const fn same(both: &'static str) -> Self {
        Self::new(both, both)
    }

    /// The text in one language.
    pub fn get(&self, language: Language) -> &str {
        match language {
            Language::English => &self.en,
            Language::Chinese => &self.zh,
        }
    }

    /// Whether nothing is said in either language.
    pub fn is_empty(&self) -> bool {
        self.en.is_empty() && self.zh.is_empty()
    }
}
