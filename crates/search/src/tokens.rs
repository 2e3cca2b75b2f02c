//! Text as the words and Chinese characters that are compared.

use crate::characters::{Folded, fold};

/// English words that say too little to be kept of the prose. A query may contain them; they are not looked for.
const EMPTY_WORDS: &str = " a an and are as at be but by can do does for from had has have how if in into is it its no \
not of on or so than that the their then there these they this to was we were what when where which while why will \
with you ";

/// Chinese characters that say too little to be kept of the prose.
const EMPTY_HAN: &str = "的了是在也都就这那把被与着呢吗";

/// A word or a Chinese character of a text.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Token {
    /// The byte at which it begins in the text.
    pub start: usize,
    /// The byte after its last.
    pub end: usize,
    /// What it is compared by.
    pub form: Form,
}

/// What a token is compared by.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Form {
    /// A word: lower case, without plural.
    Word(String),
    /// The parts of a hyphenated word in one, after the parts themselves.
    Joined(String),
    /// A Chinese character.
    Han(char),
}

/// The words and Chinese characters of a text, as they are compared.
pub fn tokens(text: &str) -> Vec<Token> {
    let mut all = split(text);
    for token in &mut all {
        if let Form::Word(word) | Form::Joined(word) = &mut token.form {
            *word = stem(word);
        }
    }
    all
}

/// Splits a text, with words as they are written but for case and marks. Latin words end at everything that is not a letter, a digit or an apostrophe; a point between digits
/// stays. Each Greek letter is a word of its own, its name.
pub fn split(text: &str) -> Vec<Token> {
    let mut splitter = Splitter::default();
    let mut characters = text.char_indices().peekable();
    while let Some((at, c)) = characters.next() {
        let end = at + c.len_utf8();
        match fold(c) {
            Folded::Letter(letter) => splitter.letter(letter, at, end),
            Folded::Joint => splitter.joint(end),
            Folded::Point => {
                let next_is_digit =
                    characters.peek().is_some_and(|(_, next)| matches!(fold(*next), Folded::Letter('0'..='9')));
                let after_digit = splitter.word.ends_with(|c: char| c.is_ascii_digit());
                if next_is_digit && after_digit { splitter.letter('.', at, end) } else { splitter.finish() }
            }
            Folded::Hyphen => splitter.hyphen(),
            Folded::Symbol(name) => {
                splitter.finish();
                splitter.out.push(Token { start: at, end, form: Form::Word(name.into()) });
            }
            Folded::Han(c) => {
                splitter.finish();
                splitter.out.push(Token { start: at, end, form: Form::Han(c) });
            }
            Folded::Gap => splitter.finish(),
        }
    }
    splitter.finish();
    splitter.out
}

/// Puts words together.
#[derive(Default)]
struct Splitter {
    out: Vec<Token>,
    word: String,
    start: usize,
    end: usize,
    /// The length of the word before its last apostrophe.
    before_apostrophe: Option<usize>,
    /// The parts of a hyphenated word so far, and where it begins.
    joined: String,
    joined_start: usize,
    parts: usize,
}

impl Splitter {
    fn letter(&mut self, letter: char, at: usize, end: usize) {
        if self.word.is_empty() {
            self.start = at;
        }
        self.word.push(letter);
        self.end = end;
    }

    fn joint(&mut self, end: usize) {
        if !self.word.is_empty() {
            self.before_apostrophe = Some(self.word.len());
            self.end = end;
        }
    }

    /// Ends a word that may be a part of a longer one.
    fn part(&mut self) {
        let mut word = std::mem::take(&mut self.word);
        if let Some(length) = self.before_apostrophe.take()
            && &word[length..] == "s"
        {
            word.truncate(length);
        }
        if word.is_empty() {
            return;
        }
        if self.parts == 0 {
            self.joined_start = self.start;
        }
        self.joined.push_str(&word);
        self.parts += 1;
        self.out.push(Token { start: self.start, end: self.end, form: Form::Word(word) });
    }

    fn hyphen(&mut self) {
        let was = self.parts;
        self.part();
        // Two hyphens in a row are a dash.
        if self.parts == was {
            self.finish();
        }
    }

    fn finish(&mut self) {
        self.part();
        if self.parts > 1 {
            let form = Form::Joined(self.joined.clone());
            self.out.push(Token { start: self.joined_start, end: self.end, form });
        }
        self.joined.clear();
        self.parts = 0;
    }
}

/// A word in the form in which it is compared: plurals as singulars, British spellings of -ize as American ones.
pub fn stem(word: &str) -> String {
    let singular = |word: &str| {
        if word.len() < 4 || !word.ends_with('s') {
            word.to_string()
        } else if word.ends_with("ies") && word.len() > 4 {
            format!("{}y", &word[..word.len() - 3])
        } else if ["sses", "xes", "ches", "shes"].iter().any(|ending| word.ends_with(ending)) {
            word[..word.len() - 2].to_string()
        } else if ["ss", "us", "is"].iter().any(|ending| word.ends_with(ending)) {
            word.to_string()
        } else {
            word[..word.len() - 1].to_string()
        }
    };
    let mut word = singular(word);
    for ending in ["ise", "ised", "ising", "isation"] {
        if word.len() >= ending.len() + 4 && word.ends_with(ending) {
            let at = word.len() - ending.len();
            word.replace_range(at..at + 2, "iz");
            break;
        }
    }
    // Both spellings are in use, with and without the second “e” of “parameter”.
    if let Some(at) = find(&word, "parameteri") {
        word.replace_range(at..at + "parameteri".len(), "parametri");
    }
    word
}

/// Beginnings of words that what has been typed so far may mean: itself; the word, if it is one; and the singular, if
/// the letters of a plural are under way.
pub fn beginnings(typed: &str) -> Vec<String> {
    let mut all = vec![typed.to_string(), stem(typed)];
    if ["sse", "xe", "che", "she"].iter().any(|ending| typed.ends_with(ending)) {
        all.push(typed[..typed.len() - 1].to_string());
    }
    if let Some(start) = typed.strip_suffix("ie").or_else(|| typed.strip_suffix('i'))
        && start.len() >= 3
    {
        all.push(format!("{start}y"));
    }
    if let Some(at) = find(typed, "is").filter(|at| *at >= 4) {
        all.push(format!("{}iz{}", &typed[..at], &typed[at + 2..]));
    }
    if let Some(at) = find(typed, "paramete") {
        all.push(typed[..at].to_string() + "parametr" + typed[at + "paramete".len()..].trim_start_matches('r'));
    }
    all
}

/// The first place of a short text in another. The standard library's search is made for long texts and takes more
/// room than all of this file.
pub fn find(text: &str, wanted: &str) -> Option<usize> {
    text.as_bytes().windows(wanted.len()).position(|window| window == wanted.as_bytes())
}

/// Whether a word says too little to be looked for in prose.
pub fn is_empty_word(word: &str) -> bool {
    EMPTY_WORDS.split(' ').any(|empty| empty == word)
}

/// Whether a Chinese character says too little to be looked for in prose.
pub fn is_empty_han(c: char) -> bool {
    EMPTY_HAN.chars().any(|empty| empty == c)
}

#[cfg(test)]
mod tests {
    use super::*;

    /// Words as they are, joined ones in brackets, Chinese characters as they are.
    fn shown(text: &str) -> String {
        let one = |token: Token| match token.form {
            Form::Word(word) => word,
            Form::Joined(word) => format!("({word})"),
            Form::Han(c) => c.to_string(),
        };
        tokens(text).into_iter().map(one).collect::<Vec<_>>().join(" ")
    }

    #[test]
    fn text_falls_into_words_and_chinese_characters() {
        for (text, expected) in [
            ("Double descent", "double descent"),
            ("双下降", "双 下 降"),
            ("U 形曲线", "u 形 曲 线"),
            ("Hessian特征值", "hessian 特 征 值"),
            ("在SGD之后", "在 sgd 之 后"),
            ("ＳＧＤ，Ｌ２　正则化！", "sgd l2 正 则 化"),
            ("min-norm", "min norm (minnorm)"),
            ("ＭＩＮ－ＮＯＲＭ", "min norm (minnorm)"),
            ("state-of-the-art", "state of the art (stateoftheart)"),
            ("one -- two - three", "one two three"),
            ("bias–variance trade-off", "bia variance trade off (tradeoff)"),
            ("the model’s don't models'", "the model dont model"),
            ("γ = p/n", "gamma p n"),
            ("Γγ𝛾gamma", "gamma gamma gamma gamma"),
            ("σ² and σ2", "sigma 2 and sigma 2"),
            ("ℓ₂, L², 𝓁", "l2 l2 l"),
            ("𝔼ℝ𝒩𝐗", "ernx"),
            ("∇f, ∂f, ∞", "nabla f partial f infinity"),
            ("0.95 is 19.", "0.95 is 19"),
            ("Poincaré, Erdős, Łukasz, Poincare\u{301}", "poincare erdo lukasz poincare"),
            ("losses, frequencies, bias, basis", "loss frequency bia basis"),
            ("generalise generalized noise raised", "generalize generalized noise raised"),
            ("overparameterized = overparametrized", "overparametrized overparametrized"),
            ("“插值阈值”（interpolation threshold）", "插 值 阈 值 interpolation threshold"),
            ("", ""),
            ("　…—", ""),
        ] {
            assert_eq!(shown(text), expected, "{text}");
        }
    }

    #[test]
    fn tokens_know_where_they_stand() {
        let text = "峰：min-norm’s γ";
        let places: Vec<&str> = tokens(text).iter().map(|token| &text[token.start..token.end]).collect();
        assert_eq!(places, ["峰", "min", "norm’s", "min-norm’s", "γ"]);
    }

    #[test]
    fn each_beginning_of_a_word_leads_to_its_form() {
        for word in ["losses", "frequencies", "generalisation", "overparameterized", "classes", "minimizes", "ridges"] {
            for length in 3..=word.len() {
                let typed = &word[..length];
                let form = stem(word);
                assert!(beginnings(typed).iter().any(|start| form.starts_with(start.as_str())), "{typed} → {form}");
            }
        }
    }
}
