//! The part of a text that shows why it was found.

use crate::{characters::is_han, query::Span};

/// Columns of a snippet; a Chinese character takes two.
const COLUMNS: usize = 150;
/// Columns before the first match, at most.
const BEFORE: usize = 44;

/// A piece of text.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Piece {
    /// The text.
    pub text: String,
    /// Whether it is what was looked for.
    pub marked: bool,
}

/// A text in pieces, the matched places marked.
pub fn marked(text: &str, spans: &[Span]) -> Vec<Piece> {
    let mut pieces: Vec<Piece> = Vec::new();
    let mut add = |text: &str, marked: bool| {
        if text.is_empty() {
            return;
        }
        match pieces.last_mut() {
            Some(last) if last.marked == marked => last.text.push_str(text),
            _ => pieces.push(Piece { text: text.into(), marked }),
        }
    };
    let mut at = 0;
    for span in spans {
        if span.end <= at {
            continue;
        }
        let start = span.start.max(at);
        add(&text[at..start], false);
        add(&text[start..span.end], true);
        at = span.end;
    }
    add(&text[at..], false);
    pieces
}

fn columns(c: char) -> usize {
    if is_han(c) || matches!(c, '\u{3000}'..='\u{303F}' | '\u{FF01}'..='\u{FF60}') { 2 } else { 1 }
}

/// The byte that lies so many columns after another, no word cut; the end of the text if that is nearer.
fn forward(text: &str, from: usize, most: usize) -> usize {
    let mut used = 0;
    let mut stop = from;
    for (at, c) in text[from..].char_indices() {
        used += columns(c);
        if used > most {
            return stop;
        }
        let after = from + at + c.len_utf8();
        let next = text[after..].chars().next();
        let cuts_word = is_of_word(c) && next.is_some_and(is_of_word);
        if !cuts_word {
            stop = after;
        }
    }
    text.len()
}

fn is_of_word(c: char) -> bool {
    !is_han(c) && (c.is_ascii_alphanumeric() || u32::from(c) >= 0xC0 && u32::from(c) < 0x2000)
}

/// The byte that lies at most so many columns before another: where a sentence begins, or else between words.
fn backward(text: &str, from: usize, most: usize) -> usize {
    let mut used = 0;
    let mut stop = from;
    let mut after: Option<char> = text[from..].chars().next();
    for (at, c) in text[..from].char_indices().rev() {
        let begins_sentence = matches!(c, '。' | '！' | '？' | '；' | '\n')
            || matches!(c, '.' | '!' | '?') && after.is_some_and(char::is_whitespace);
        if begins_sentence {
            return at + c.len_utf8();
        }
        used += columns(c);
        if used > most {
            return stop;
        }
        if !(is_of_word(c) && after.is_some_and(is_of_word)) {
            stop = at + c.len_utf8();
        }
        after = Some(c);
    }
    0
}

/// The part of a text in which most of what was looked for stands close together, or its beginning.
pub fn snippet(text: &str, spans: &[Span]) -> Vec<Piece> {
    let mut best = (0, 0);
    for (first, span) in spans.iter().enumerate() {
        let end = forward(text, span.start, COLUMNS - BEFORE);
        let inside = spans[first..].iter().take_while(|span| span.end <= end);
        let (units, count) = inside.fold((0u64, 0), |(units, count), span| (units | 1 << span.unit.min(63), count + 1));
        let value = units.count_ones() as usize * 1000 + count;
        if value > best.0 {
            best = (value, span.start);
        }
    }
    let begin = if spans.is_empty() { 0 } else { backward(text, best.1, BEFORE) };
    let begin = begin + text[begin..].len() - text[begin..].trim_start().len();
    let end = forward(text, begin, COLUMNS);
    let end = begin + text[begin..end].trim_end().len();
    let inside: Vec<Span> = spans
        .iter()
        .filter(|span| span.start >= begin && span.end <= end)
        .map(|span| Span { start: span.start - begin, end: span.end - begin, unit: span.unit })
        .collect();
    let mut pieces = marked(&text[begin..end], &inside);
    for piece in &mut pieces {
        piece.text = piece.text.replace('\n', " ");
    }
    if begin > 0 {
        pieces.insert(0, Piece { text: "… ".into(), marked: false });
    }
    if end < text.trim_end().len() {
        pieces.push(Piece { text: " …".into(), marked: false });
    }
    pieces
}
