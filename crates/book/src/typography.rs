//! What a reader of either language would stumble over: numbers typed by hand, and Chinese set like English.

use crate::complaint::Complaints;
use labs::text::Language;

/// Stands for a citation, or for anything else that Chinese text may touch, in the flow of a text.
pub(crate) const OBJECT: char = '\u{FFFC}';

/// Stands for a formula or for code, which Chinese text leaves a space to.
pub(crate) const FORMULA: char = '\u{FFFB}';

/// Whether this is a Chinese character (not punctuation).
pub(crate) fn is_han(c: char) -> bool {
    matches!(c, '\u{3400}'..='\u{4DBF}' | '\u{4E00}'..='\u{9FFF}' | '\u{F900}'..='\u{FAFF}' | '\u{20000}'..='\u{323AF}')
}

/// Whether this is a character of Chinese text, punctuation included: no space is set where a line is broken beside it.
pub(crate) fn is_wide(c: char) -> bool {
    is_han(c) || matches!(c, '\u{3000}'..='\u{303F}' | '\u{FF01}'..='\u{FF60}' | '“' | '”' | '‘' | '’' | '…' | '—')
}

/// Looks at one run of text, each character with its line.
pub(crate) fn check(flow: impl Iterator<Item = (char, usize)>, language: Language, complaints: &mut Complaints) {
    let flow: Vec<(char, usize)> = flow.collect();
    typed_decimals(&flow, complaints);
    if language == Language::Chinese {
        missing_spaces(&flow, complaints);
        half_width_punctuation(&flow, complaints);
    }
}

/// Digits, a point, digits.
fn typed_decimals(flow: &[(char, usize)], complaints: &mut Complaints) {
    for (index, window) in flow.windows(3).enumerate() {
        let [(before, line), (point, _), (after, _)] = window else { continue };
        if *point != '.' || !before.is_ascii_digit() || !after.is_ascii_digit() {
            continue;
        }
        let digit = |(c, _): &&(char, usize)| c.is_ascii_digit();
        let whole: String = flow[..=index].iter().rev().take_while(digit).map(|(c, _)| *c).collect();
        let whole: String = whole.chars().rev().collect();
        let decimals: String = flow[index + 2..].iter().take_while(digit).map(|(c, _)| *c).collect();
        let number = format!("{whole}.{decimals}");
        let reason = format!(
            "“{number}”: numbers in prose are computed: use {{{{…}}}}; for a setting or a constant [{number}]{{.given}}"
        );
        complaints.add(*line, reason);
    }
}

fn missing_spaces(flow: &[(char, usize)], complaints: &mut Complaints) {
    let western = |c: char| c.is_ascii_alphanumeric() || matches!(c, 'α'..='ω' | 'Α'..='Ω' | FORMULA);
    for pair in flow.windows(2) {
        let [(left, line), (right, _)] = pair else { continue };
        if is_han(*left) && western(*right) || western(*left) && is_han(*right) {
            let shown = shown(pair);
            complaints
                .add(*line, format!("“{shown}”: a space goes between Chinese and Latin letters, digits or formulas"));
        }
    }
}

/// Characters as a complaint quotes them.
fn shown(characters: &[(char, usize)]) -> String {
    characters.iter().map(|(c, _)| if matches!(*c, OBJECT | FORMULA) { '…' } else { *c }).collect()
}

fn half_width_punctuation(flow: &[(char, usize)], complaints: &mut Complaints) {
    const HALF_WIDTH: &str = ",.;:?!()";
    for (index, (c, line)) in flow.iter().enumerate().filter(|(_, (c, _))| HALF_WIDTH.contains(*c)) {
        let around = &flow[index.saturating_sub(1)..flow.len().min(index + 2)];
        if around.iter().any(|(c, _)| is_han(*c)) {
            let shown = shown(around);
            complaints.add(*line, format!("“{shown}”: beside Chinese “{c}” is full-width, one of ，。；：？！（）"));
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn complaints(text: &str, language: Language) -> Vec<String> {
        let mut complaints = Complaints::new("zh.md");
        check(text.chars().map(|c| (c, 7)), language, &mut complaints);
        complaints.into_list().iter().map(ToString::to_string).collect()
    }

    #[test]
    fn chinese_set_as_chinese_passes() {
        assert_eq!(
            complaints("方差在 p = n 处达到峰值（见图 2），随后下降。", Language::Chinese),
            Vec::<String>::new()
        );
    }

    #[test]
    fn a_missing_space_is_found_on_either_side() {
        assert_eq!(complaints("在p = n 处", Language::Chinese).len(), 1);
        assert_eq!(complaints("共 20个", Language::Chinese).len(), 1);
        assert_eq!(complaints("比值γ很大", Language::Chinese).len(), 2);
    }

    #[test]
    fn half_width_punctuation_is_found_beside_chinese_only() {
        assert_eq!(complaints("方差,偏差", Language::Chinese).len(), 1);
        assert_eq!(complaints("GPT-2, BERT", Language::Chinese), Vec::<String>::new());
        assert_eq!(complaints("bias (squared)", Language::English), Vec::<String>::new());
    }

    #[test]
    fn a_typed_decimal_is_named_whole() {
        let found = complaints("it reached 20.83 there", Language::English);
        assert_eq!(found.len(), 1);
        assert!(found[0].starts_with("zh.md:7: “20.83”"), "{}", found[0]);
        assert_eq!(complaints("1, 2. Next", Language::English), Vec::<String>::new());
    }
}
