//! How much room text takes. Estimated, so that the same figure has the same layout in every browser and in print, and
//! so that drawing never waits for the page to measure a font.

/// The usual width of a text in a sans-serif face of `size` pixels.
pub fn width_of(text: &str, size: f64) -> f64 {
    text.chars().map(advance).sum::<f64>() * size
}

/// The usual advance of a character, in ems.
fn advance(letter: char) -> f64 {
    match letter {
        '\u{2e80}'.. => 1.0,
        ' ' | '\u{202f}' => 0.28,
        'i' | 'j' | 'l' | 't' | 'f' | 'r' | '.' | ',' | ':' | ';' | '\'' | '|' | '!' | '(' | ')' | '[' | ']' | '/' => {
            0.34
        }
        '⁰'..='ⁿ' | '¹' | '²' | '³' | '₀'..='ₜ' => 0.38,
        'm' | 'w' | 'M' | 'W' | '@' | '%' => 0.86,
        'A'..='Z' => 0.66,
        '0'..='9' | '−' => 0.62,
        _ => 0.57,
    }
}

/// Breaks a text into lines no wider than `width`, at spaces and beside Chinese characters.
pub fn wrap(text: &str, width: f64, size: f64) -> Vec<String> {
    let mut lines = Vec::new();
    let mut line = String::new();
    for piece in pieces(text) {
        if !line.is_empty() && width_of(line.trim_end(), size) + width_of(piece.trim_end(), size) > width {
            lines.push(line.trim_end().to_owned());
            line.clear();
        }
        line.push_str(piece);
    }
    if !line.trim().is_empty() {
        lines.push(line.trim_end().to_owned());
    }
    lines
}

/// The parts that a line break may separate.
fn pieces(text: &str) -> Vec<&str> {
    let is_han = |letter: char| ('\u{3400}'..='\u{9fff}').contains(&letter);
    let mut cuts = vec![0];
    let letters: Vec<(usize, char)> = text.char_indices().collect();
    for pair in letters.windows(2) {
        let ((_, before), (at, after)) = (pair[0], pair[1]);
        // No line begins with a full-width mark, which is not a Han character.
        if (before == ' ' && after != ' ') || is_han(after) && before != '（' && before != ' ' {
            cuts.push(at);
        }
    }
    cuts.push(text.len());
    cuts.windows(2).map(|ends| &text[ends[0]..ends[1]]).collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn lines_break_at_spaces_and_between_chinese_characters_but_not_before_a_mark() {
        assert_eq!(wrap("one two three", width_of("one two", 10.0) + 1.0, 10.0), ["one two", "three"]);
        let marks: &[char] = &['）', '。', '，'];
        assert!(wrap("风险（均值）。误差，偏差。", 30.0, 10.0).iter().all(|line| !line.starts_with(marks)));
        assert!(wrap("测试误差与训练误差", 45.0, 10.0).iter().all(|line| width_of(line, 10.0) <= 45.0));
    }
}
