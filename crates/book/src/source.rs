//! From an author's text to plain Markdown: what Markdown has no word for is taken out and replaced by stand-ins.
//!
//! Formulas, values, citations, colored spans, phrases and heading ids become [`Token`]s; `:::` blocks become [`Directive`]s.
//! A stand-in is a short run of private-use characters, which Markdown passes through untouched; nothing inside a
//! formula or a value can then be mistaken for emphasis or for the edge of a table cell. [`Source::line`] leads from
//! a line of the Markdown back to the author's.

use crate::{answer::Number, complaint::Complaints, goal::Goal, guess::Guess, html, phrase::Phrase, value};

const OPEN: char = '\u{E000}';
const CLOSE: char = '\u{E001}';
const DIGITS: std::ops::RangeInclusive<char> = '\u{E010}'..='\u{E019}';
/// Nesting of `:::` blocks that is still readable.
const DEEPEST: usize = 4;

/// Something that a stand-in stands for.
#[derive(Clone, Debug)]
pub(crate) struct Token {
    /// The author's line.
    pub(crate) line: usize,
    pub(crate) kind: Kind,
}

#[derive(Clone, Debug)]
pub(crate) enum Kind {
    /// `$…$`, or `$$…$$` with an optional label.
    Math { latex: String, display: bool, label: Option<String> },
    /// `{{…}}`, or nothing where it could not be read.
    Value(Option<value::Request>),
    /// `[@…]`.
    Cite(Vec<Mention>),
    /// `[…]{.class}`: where the span opens.
    SpanOpen(String),
    /// `[…]{lab …}`: where the phrase opens; nothing where it could not be read.
    PhraseOpen(Option<Phrase>),
    /// Where a span or a phrase closes.
    SpanClose,
    /// `{#id}` at the end of a heading.
    HeadingId(String),
    /// The paragraph that begins here is the title of its `:::` block.
    Title,
    /// `[x]` or `[ ]` before an option: whether it is right.
    Choice(bool),
}

/// One `@key` within brackets, with what follows its comma.
#[derive(Clone, Debug)]
pub(crate) struct Mention {
    pub(crate) key: String,
    pub(crate) locator: Option<String>,
}

/// A `:::` block.
#[derive(Clone, Debug)]
pub(crate) struct Directive {
    /// The line of its opening.
    pub(crate) line: usize,
    pub(crate) kind: DirectiveKind,
    /// Its label, such as `thm:peak`.
    pub(crate) label: Option<String>,
}

#[derive(Clone, Debug, PartialEq)]
pub(crate) enum DirectiveKind {
    Lab {
        id: String,
        pairs: Vec<(String, String)>,
    },
    Theorem,
    Proof,
    Exercise,
    Solution,
    /// The options of an exercise.
    Choices,
    /// The number that an exercise asks for, or nothing where it could not be read.
    Number(Option<Number>),
    Aside,
    /// What a reader may guess before the lab around it runs, or nothing where it could not be read.
    Predict(Option<Guess>),
    /// Something to reach in this lab.
    Challenge(String),
    /// What is to be reached, or nothing where it could not be read.
    Goal(Option<Goal>),
}

impl DirectiveKind {
    /// The word after `:::`.
    pub(crate) fn name(&self) -> &'static str {
        match self {
            Self::Lab { .. } => "lab",
            Self::Theorem => "theorem",
            Self::Proof => "proof",
            Self::Exercise => "exercise",
            Self::Solution => "solution",
            Self::Choices => "choices",
            Self::Number(_) => "number",
            Self::Aside => "aside",
            Self::Predict(_) => "predict",
            Self::Challenge(_) => "challenge",
            Self::Goal(_) => "goal",
        }
    }

    /// What the id begins with, for a block that has one.
    fn prefix(&self) -> Option<&'static str> {
        match self {
            Self::Theorem => Some("thm:"),
            Self::Exercise => Some("ex:"),
            Self::Predict(_) => Some("g:"),
            Self::Challenge(_) => Some("ch:"),
            _ => None,
        }
    }
}

/// A scanned edition.
#[derive(Debug)]
pub(crate) struct Source {
    /// Markdown with stand-ins. A `:::` block opens with the index of its directive.
    pub(crate) markdown: String,
    pub(crate) tokens: Vec<Token>,
    pub(crate) directives: Vec<Directive>,
    lines: Vec<usize>,
}

impl Source {
    /// The author's line for a line of [`Source::markdown`], both counted from 1.
    pub(crate) fn line(&self, markdown_line: usize) -> usize {
        let index = markdown_line.saturating_sub(1).min(self.lines.len().saturating_sub(1));
        self.lines.get(index).copied().unwrap_or(1)
    }

    /// Scans `body`, whose first line is the author's line `first_line`.
    pub(crate) fn scan(body: &str, first_line: usize, complaints: &mut Complaints) -> Self {
        let mut scanner = Scanner {
            rest: body,
            line: first_line,
            brackets: Vec::new(),
            open: Vec::new(),
            source: Self {
                markdown: String::new(),
                tokens: Vec::new(),
                directives: Vec::new(),
                lines: vec![first_line],
            },
            complaints,
        };
        scanner.run();
        scanner.source
    }
}

/// A piece of text that may hold stand-ins.
pub(crate) enum Piece<'a> {
    Text(&'a str),
    /// Index of a token.
    Token(usize),
}

/// Splits text at its stand-ins.
pub(crate) fn pieces(mut text: &str) -> Vec<Piece<'_>> {
    let mut pieces = Vec::new();
    while let Some(start) = text.find(OPEN) {
        let inside = &text[start + OPEN.len_utf8()..];
        let Some(end) = inside.find(CLOSE) else { break };
        if start > 0 {
            pieces.push(Piece::Text(&text[..start]));
        }
        let index =
            inside[..end].chars().fold(0, |sum, c| sum * 10 + (c as usize).saturating_sub(*DIGITS.start() as usize));
        pieces.push(Piece::Token(index));
        text = &inside[end + CLOSE.len_utf8()..];
    }
    if !text.is_empty() {
        pieces.push(Piece::Text(text));
    }
    pieces
}

fn stand_in(index: usize) -> String {
    let first = *DIGITS.start() as u32;
    let digits = index.to_string();
    let digits = digits.bytes().filter_map(|digit| char::from_u32(first + u32::from(digit - b'0')));
    std::iter::once(OPEN).chain(digits).chain(std::iter::once(CLOSE)).collect()
}

struct Scanner<'a, 'c> {
    rest: &'a str,
    line: usize,
    /// Where unclosed `[` stand in the Markdown.
    brackets: Vec<usize>,
    /// Directives that are not closed yet.
    open: Vec<usize>,
    source: Source,
    complaints: &'c mut Complaints,
}

impl<'a> Scanner<'a, '_> {
    fn run(&mut self) {
        while !self.rest.is_empty() {
            let line = first_line(self.rest);
            let trimmed = line.trim();
            if let Some(fence) = code_fence(line) {
                self.code_block(fence);
            } else if trimmed.starts_with(":::") {
                self.directive(line);
            } else {
                if trimmed.is_empty() {
                    self.brackets.clear();
                }
                self.text_line(line);
            }
        }
        for index in std::mem::take(&mut self.open) {
            self.complaints.add(self.source.directives[index].line, "this ::: block is not closed");
        }
    }

    /// Copies `length` bytes to the Markdown.
    fn copy(&mut self, length: usize) {
        let (text, rest) = self.rest.split_at(length);
        self.rest = rest;
        for c in text.chars() {
            if (OPEN..=*DIGITS.end()).contains(&c) {
                self.complaints.add(self.line, "a private-use character stands here; delete it");
                continue;
            }
            self.source.markdown.push(c);
            if c == '\n' {
                self.line += 1;
                self.source.lines.push(self.line);
            }
        }
    }

    /// Leaves out `length` bytes.
    fn skip(&mut self, length: usize) -> &'a str {
        let (text, rest) = self.rest.split_at(length);
        self.rest = rest;
        self.line += text.matches('\n').count();
        text
    }

    /// Writes Markdown of our own, all of it on the author's current line.
    fn write(&mut self, text: &str) {
        self.source.markdown.push_str(text);
        let breaks = text.matches('\n').count();
        self.source.lines.extend(std::iter::repeat_n(self.line, breaks));
    }

    fn token(&mut self, line: usize, kind: Kind) {
        let stand_in = self.new_token(line, kind);
        self.source.markdown.push_str(&stand_in);
    }

    fn new_token(&mut self, line: usize, kind: Kind) -> String {
        self.source.tokens.push(Token { line, kind });
        stand_in(self.source.tokens.len() - 1)
    }

    fn code_block(&mut self, fence: &str) {
        let opened_at = self.line;
        self.copy(line_length(self.rest));
        while !self.rest.is_empty() {
            let line = first_line(self.rest).trim();
            let closes = line.starts_with(fence) && line.chars().all(|c| fence.starts_with(c));
            self.copy(line_length(self.rest));
            if closes {
                return;
            }
        }
        self.complaints.add(opened_at, "this code block is not closed");
    }

    /// One line, or as many as the last formula or code span on it runs over.
    fn text_line(&mut self, line: &str) {
        if self.innermost() == Some(&DirectiveKind::Choices)
            && let Some(right) = choice_mark(line)
        {
            self.copy("- ".len());
            self.skip("[x] ".len());
            self.token(self.line, Kind::Choice(right));
        }
        let line = first_line(self.rest);
        let heading = line.starts_with('#').then(|| heading_id(line)).flatten();
        if let Some((title_length, id)) = heading {
            self.inline(title_length);
            self.check_label(&id);
            self.token(self.line, Kind::HeadingId(id));
            self.skip(first_line(self.rest).len());
            self.copy(line_length(self.rest));
        } else {
            self.inline(line.len());
            while !matches!(self.rest.bytes().next(), None | Some(b'\n')) {
                self.inline(first_line(self.rest).len());
            }
            self.copy(usize::from(!self.rest.is_empty()));
        }
    }

    /// Scans at least `length` bytes of running text.
    fn inline(&mut self, length: usize) {
        let end = self.rest.len() - length;
        while self.rest.len() > end {
            let rest = self.rest;
            if let Some(after) = rest.strip_prefix('\\') {
                let escaped = after.chars().next().filter(|&c| c != '\n').map_or(0, char::len_utf8);
                self.copy(1 + escaped);
            } else if rest.starts_with('`') {
                self.code_span();
            } else if rest.starts_with("<!--") {
                self.comment();
            } else if rest.starts_with("$$") {
                self.math(true);
            } else if rest.starts_with('$') {
                self.math(false);
            } else if rest.starts_with("{{") {
                self.value();
            } else if rest.starts_with("[@") {
                self.citation();
            } else if rest.starts_with('[') {
                self.brackets.push(self.source.markdown.len());
                self.copy(1);
            } else if rest.starts_with(']') {
                self.close_bracket();
            } else {
                let first = rest.chars().next().map_or(1, char::len_utf8);
                let special = rest[first..].find(['\\', '`', '<', '$', '{', '[', ']', '\n']);
                self.copy(special.map_or(rest.len(), |at| at + first));
            }
        }
    }

    fn code_span(&mut self) {
        let run = self.rest.len() - self.rest.trim_start_matches('`').len();
        let inside = paragraph(&self.rest[run..]);
        let mut from = 0;
        while let Some(at) = inside[from..].find('`').map(|at| at + from) {
            let length = inside[at..].len() - inside[at..].trim_start_matches('`').len();
            if length == run {
                self.copy(run + at + length);
                return;
            }
            from = at + length;
        }
        self.copy(run);
    }

    fn comment(&mut self) {
        if let Some(end) = self.rest.find("-->") {
            self.skip(end + "-->".len());
        } else {
            self.complaints.add(self.line, "this comment is not closed");
            self.skip(self.rest.len());
        }
    }

    fn math(&mut self, display: bool) {
        let fence = if display { "$$" } else { "$" };
        let line = self.line;
        let inside = paragraph(&self.rest[fence.len()..]);
        let Some(end) = closing(inside, fence) else {
            self.complaints.add(line, format!("this formula is not closed by {fence} (a dollar sign is written \\$)"));
            self.copy(fence.len());
            return;
        };
        let latex = inside[..end].trim_start_matches('\n').to_string();
        self.skip(fence.len() + end + fence.len());
        let label = if display { self.label("{#eq:") } else { None };
        if latex.trim().is_empty() {
            self.complaints.add(line, "this formula is empty (a dollar sign is written \\$)");
        }
        self.token(line, Kind::Math { latex, display, label });
    }

    /// Takes ` {#…}` if it stands here and begins with `opening`.
    fn label(&mut self, opening: &str) -> Option<String> {
        let spaces = self.rest.len() - self.rest.trim_start_matches(' ').len();
        let after = &self.rest[spaces..];
        let end = after.starts_with(opening).then(|| after.find('}')).flatten()?;
        let label = after["{#".len()..end].to_string();
        self.skip(spaces + end + 1);
        self.check_label(&label);
        Some(label)
    }

    fn check_label(&mut self, label: &str) {
        if !is_label(label) {
            self.complaints
                .add(self.line, format!("“{label}” is not an id; use lower-case ASCII letters, digits and -"));
        }
    }

    fn value(&mut self) {
        let line = self.line;
        let inside = paragraph(&self.rest["{{".len()..]);
        let Some(end) = inside.find("}}") else {
            self.complaints.add(line, "this value is not closed by }}");
            self.copy("{{".len());
            return;
        };
        let request = value::Request::parse(&inside[..end]);
        self.skip(end + "{{}}".len());
        let request = request.map_err(|reason| self.complaints.add(line, reason)).ok();
        self.token(line, Kind::Value(request));
    }

    fn citation(&mut self) {
        let line = self.line;
        let inside = paragraph(&self.rest[1..]);
        let Some(end) = inside.find(']') else {
            self.complaints.add(line, "this citation is not closed by ]");
            self.copy(1);
            return;
        };
        let mentions: Vec<_> = inside[..end].split([';', '；']).map(mention).collect();
        self.skip(end + "[]".len());
        if mentions.iter().any(Option::is_none) {
            self.complaints.add(line, "a citation is written [@key], [@key, Theorem 1] or [@one; @two]");
        }
        self.token(line, Kind::Cite(mentions.into_iter().flatten().collect()));
    }

    fn close_bracket(&mut self) {
        let opened = self.brackets.pop();
        let inside = self.rest.strip_prefix("]{").and_then(|after| Some(paragraph(after).split_once('}')?.0));
        let inside = inside.filter(|inside| inside.starts_with(|c: char| c == '.' || c.is_ascii_alphabetic()));
        let (Some(opened), Some(inside)) = (opened, inside) else {
            self.copy(1);
            return;
        };
        let line = self.line;
        let length = "]{}".len() + inside.len();
        let kind = match inside.strip_prefix('.') {
            Some(class) => Kind::SpanOpen(class.to_string()),
            None => Kind::PhraseOpen(Phrase::parse(inside).map_err(|reason| self.complaints.add(line, reason)).ok()),
        };
        let open = self.new_token(line, kind);
        self.source.markdown.replace_range(opened..=opened, &open);
        self.skip(length);
        self.token(line, Kind::SpanClose);
    }

    fn directive(&mut self, line: &str) {
        if line.starts_with(' ') {
            self.complaints.add(self.line, "::: stands at the beginning of its line");
        }
        let indent = line.len() - line.trim_start().len();
        let colons = line.trim_start().len() - line.trim_start().trim_start_matches(':').len();
        self.skip(indent + colons);
        let words = first_line(self.rest).trim();
        if words.is_empty() {
            self.close_directive();
        } else {
            self.open_directive(words);
        }
        self.brackets.clear();
    }

    /// A deeper block has a shorter fence, so that its end does not end the blocks around it.
    fn fence(&self) -> String {
        ":".repeat(3 + DEEPEST.saturating_sub(self.open.len()))
    }

    fn close_directive(&mut self) {
        self.skip(first_line(self.rest).len());
        if self.open.pop().is_none() {
            self.complaints.add(self.line, "::: closes nothing");
            self.copy(line_length(self.rest));
            return;
        }
        let fence = self.fence();
        self.write(&fence);
        self.copy(line_length(self.rest));
    }

    fn open_directive(&mut self, words: &str) {
        if self.open.len() >= DEEPEST {
            self.complaints.add(self.line, "::: blocks are nested too deeply");
        }
        let name = words.split_whitespace().next().unwrap_or_default();
        self.skip(first_line(self.rest).find(name).unwrap_or(0) + name.len());
        let kind = self.directive_kind(name);
        let label = self.label("{#");
        let titled = matches!(
            kind,
            DirectiveKind::Theorem
                | DirectiveKind::Exercise
                | DirectiveKind::Challenge(_)
                | DirectiveKind::Aside
                | DirectiveKind::Proof
        );
        let fence = self.fence();
        self.open.push(self.source.directives.len());
        let index = self.source.directives.len();
        self.check_directive(&kind, label.as_deref());
        self.source.directives.push(Directive { line: self.line, kind, label });
        self.write(&format!("\n{fence}{index}\n"));
        let remaining = first_line(self.rest);
        let title = remaining.trim();
        if title.is_empty() {
            self.skip(remaining.len());
        } else if titled {
            self.skip(remaining.len() - remaining.trim_start().len());
            self.token(self.line, Kind::Title);
            self.inline(first_line(self.rest).len());
            self.write("\n");
        } else {
            self.complaints.add(self.line, format!("“{title}” has no meaning here"));
            self.skip(remaining.len());
        }
        self.copy(line_length(self.rest));
    }

    fn directive_kind(&mut self, name: &str) -> DirectiveKind {
        match name {
            "lab" => self.lab(),
            "theorem" => DirectiveKind::Theorem,
            "proof" => DirectiveKind::Proof,
            "exercise" => DirectiveKind::Exercise,
            "solution" => DirectiveKind::Solution,
            "choices" => DirectiveKind::Choices,
            "number" => self.number(),
            "aside" => DirectiveKind::Aside,
            "predict" => self.predict(),
            "challenge" => self.challenge(),
            "goal" => self.goal(),
            _ => {
                let reason = format!(
                    "unknown block “{name}”; there are lab, predict, theorem, proof, exercise, choices, number, \
                     challenge, goal, solution, aside"
                );
                self.complaints.add(self.line, reason);
                DirectiveKind::Aside
            }
        }
    }

    fn lab(&mut self) -> DirectiveKind {
        let mut words = self.skip(first_line(self.rest).len()).split_whitespace();
        let id = words.next().unwrap_or_default().to_string();
        let pairs = value::pairs(words).unwrap_or_else(|reason| {
            self.complaints.add(self.line, reason);
            Vec::new()
        });
        DirectiveKind::Lab { id, pairs }
    }

    fn number(&mut self) -> DirectiveKind {
        let words = self.skip(first_line(self.rest).len());
        DirectiveKind::Number(Number::parse(words).map_err(|reason| self.complaints.add(self.line, reason)).ok())
    }

    /// Leaves the id at the end of the line.
    fn predict(&mut self) -> DirectiveKind {
        let line = first_line(self.rest);
        let words = self.skip(line.find("{#").unwrap_or(line.len()));
        DirectiveKind::Predict(Guess::parse(words).map_err(|reason| self.complaints.add(self.line, reason)).ok())
    }

    /// Leaves what follows the name of the lab.
    fn challenge(&mut self) -> DirectiveKind {
        let line = first_line(self.rest);
        let lab = line.split_whitespace().next().filter(|word| !word.starts_with('{')).unwrap_or_default();
        self.skip(line.find(lab).unwrap_or(0) + lab.len());
        DirectiveKind::Challenge(lab.to_string())
    }

    fn goal(&mut self) -> DirectiveKind {
        let words = self.skip(first_line(self.rest).len());
        DirectiveKind::Goal(Goal::parse(words).map_err(|reason| self.complaints.add(self.line, reason)).ok())
    }

    /// The innermost block that is open.
    fn innermost(&self) -> Option<&DirectiveKind> {
        self.open.last().map(|&index| &self.source.directives[index].kind)
    }

    fn check_directive(&mut self, kind: &DirectiveKind, label: Option<&str>) {
        let parent = self.open.iter().rev().nth(1).map(|&index| &self.source.directives[index].kind);
        match kind {
            DirectiveKind::Solution
                if !matches!(parent, Some(DirectiveKind::Exercise | DirectiveKind::Challenge(_))) =>
            {
                self.complaints.add(self.line, "a solution stands within its :::exercise or :::challenge");
            }
            DirectiveKind::Goal(_) if !matches!(parent, Some(DirectiveKind::Challenge(_))) => {
                self.complaints.add(self.line, "a :::goal stands within its :::challenge");
            }
            DirectiveKind::Predict(_) if !matches!(parent, Some(DirectiveKind::Lab { .. })) => {
                self.complaints.add(self.line, "a :::predict stands within its :::lab");
            }
            DirectiveKind::Challenge(_) if parent.is_some() => {
                self.complaints.add(self.line, "a challenge stands on its own, not within another ::: block");
            }
            DirectiveKind::Choices | DirectiveKind::Number(_) if parent != Some(&DirectiveKind::Exercise) => {
                self.complaints.add(self.line, format!(":::{} stands within its :::exercise", kind.name()));
            }
            DirectiveKind::Lab { .. } if parent.is_some() => {
                self.complaints.add(self.line, "a lab stands on its own, not within another ::: block");
            }
            _ => {}
        }
        let name = kind.name();
        match (kind.prefix(), label) {
            (Some(prefix), label) if !label.is_some_and(|label| label.starts_with(prefix)) => {
                self.complaints.add(self.line, format!("this {name} needs an id: :::{name} {{#{prefix}name}}"));
            }
            (None, Some(_)) => {
                self.complaints.add(self.line, format!("no reference leads to this {name}; delete its id"));
            }
            _ => {}
        }
    }
}

/// The text up to its first line break.
fn first_line(text: &str) -> &str {
    text.split('\n').next().unwrap_or_default()
}

/// The length of the first line with its line break.
fn line_length(text: &str) -> usize {
    text.find('\n').map_or(text.len(), |at| at + 1)
}

/// The text up to the first blank line.
fn paragraph(text: &str) -> &str {
    let mut length = 0;
    for (index, line) in text.split_inclusive('\n').enumerate() {
        if index > 0 && line.trim().is_empty() {
            break;
        }
        length += line.len();
    }
    &text[..length]
}

/// The fence with which a code block opens on this line.
fn code_fence(line: &str) -> Option<&str> {
    let trimmed = line.trim_start();
    let mark = trimmed.chars().next().filter(|c| matches!(c, '`' | '~'))?;
    let length = trimmed.len() - trimmed.trim_start_matches(mark).len();
    let opens = length >= 3 && !trimmed[length..].contains('`');
    opens.then(|| &trimmed[..length])
}

/// Whether the option that this line begins is right; nothing for any other line.
fn choice_mark(line: &str) -> Option<bool> {
    let right = line.starts_with("- [x] ");
    (right || line.starts_with("- [ ] ")).then_some(right)
}

/// The length of a heading before ` {#id}`, and the id.
fn heading_id(line: &str) -> Option<(usize, String)> {
    let (title, id) = line.trim_end().strip_suffix('}')?.rsplit_once("{#")?;
    Some((title.trim_end().len(), id.to_string()))
}

/// Where `fence` closes a formula. A single `$` does not close after a space: there another formula opens, and this
/// one was forgotten.
fn closing(text: &str, fence: &str) -> Option<usize> {
    let mut escaped = false;
    for (index, c) in text.char_indices() {
        match c {
            _ if escaped => escaped = false,
            '\\' => escaped = true,
            '$' if fence == "$" && text[..index].ends_with(char::is_whitespace) => return None,
            '$' if text[index..].starts_with(fence) => return Some(index),
            _ => {}
        }
    }
    None
}

fn mention(text: &str) -> Option<Mention> {
    let text = text.trim().strip_prefix('@')?;
    let (key, locator) = match text.split_once([',', '，']) {
        Some((key, locator)) => (key.trim(), Some(html::escaped(locator.trim()))),
        None => (text, None),
    };
    let valid = !key.is_empty() && key.chars().all(|c| c.is_ascii_alphanumeric() || "-_:./+".contains(c));
    valid.then(|| Mention { key: key.to_string(), locator })
}

/// Whether this is an id: ASCII letters, digits and `-`, with at most one prefix before `:`.
pub(crate) fn is_label(label: &str) -> bool {
    let name = label.split_once(':').map_or(label, |(_, name)| name);
    let first = name.chars().next().is_some_and(|c| c.is_ascii_lowercase());
    first && name.chars().all(|c| c.is_ascii_lowercase() || c.is_ascii_digit() || c == '-')
}
