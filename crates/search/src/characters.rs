//! What becomes of each character before words are compared.

/// Base letters of U+00C0 to U+017F: Latin letters with marks.
const LATIN: &[u8; 192] = b"aaaaaaaceeeeiiiidnooooo ouuuuytsaaaaaaaceeeeiiiidnooooo ouuuuyty\
aaaaaaccccccccddddeeeeeeeeeegggggggghhhhiiiiiiiiiiiijjkkkllllllllllnnnnnnnnnoooooooorrrrrrsssssssstttttt\
uuuuuuuuuuuuwwyyyzzzzzzs";

/// Names of U+03B1 to U+03C9.
const GREEK: [&str; 25] = [
    "alpha", "beta", "gamma", "delta", "epsilon", "zeta", "eta", "theta", "iota", "kappa", "lambda", "mu", "nu", "xi",
    "omicron", "pi", "rho", "sigma", "sigma", "tau", "upsilon", "phi", "chi", "psi", "omega",
];

/// A character as words see it.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Folded {
    /// A letter or a digit of a word: lower case, without marks.
    Letter(char),
    /// A symbol that is a word of its own.
    Symbol(&'static str),
    /// A Chinese character.
    Han(char),
    /// Part of a word that leaves no trace: an apostrophe, a combining mark.
    Joint,
    /// A hyphen.
    Hyphen,
    /// The point of a decimal, between digits.
    Point,
    /// Anything else, which ends a word.
    Gap,
}

/// Folds a character: full width to half, upper to lower case, letters with marks to those without, Greek letters and
/// a few symbols to their names, the letters of formulas to plain ones.
pub fn fold(c: char) -> Folded {
    let code = u32::from(c);
    match c {
        'a'..='z' | '0'..='9' => Folded::Letter(c),
        'A'..='Z' => Folded::Letter(c.to_ascii_lowercase()),
        '\'' | '’' | '\u{300}'..='\u{36F}' => Folded::Joint,
        '-' | '‐' | '‑' => Folded::Hyphen,
        '.' => Folded::Point,
        '\u{FF01}'..='\u{FF5E}' => fold_code(code - 0xFF01 + 0x21),
        'µ' => Folded::Symbol("mu"),
        '\u{C0}'..='\u{17F}' => match LATIN[(code - 0xC0) as usize] {
            b' ' => Folded::Gap,
            letter => Folded::Letter(char::from(letter)),
        },
        'ǎ' => Folded::Letter('a'),
        'ǐ' => Folded::Letter('i'),
        'ǒ' => Folded::Letter('o'),
        'ǔ' | 'ǖ' | 'ǘ' | 'ǚ' | 'ǜ' => Folded::Letter('u'),
        'α'..='ω' => Folded::Symbol(GREEK[(code - 0x3B1) as usize]),
        'Α'..='Ω' => Folded::Symbol(GREEK[(code - 0x391) as usize]),
        'ϵ' => Folded::Symbol("epsilon"),
        'ϑ' => Folded::Symbol("theta"),
        'ϕ' => Folded::Symbol("phi"),
        'ϱ' => Folded::Symbol("rho"),
        '∇' => Folded::Symbol("nabla"),
        '∂' => Folded::Symbol("partial"),
        '∞' => Folded::Symbol("infinity"),
        '¹' => Folded::Letter('1'),
        '²' => Folded::Letter('2'),
        '³' => Folded::Letter('3'),
        '⁰' | '⁴'..='⁹' => fold_code(code - 0x2070 + 0x30),
        '₀'..='₉' => fold_code(code - 0x2080 + 0x30),
        'ℂ' => Folded::Letter('c'),
        'ℓ' | 'ℒ' => Folded::Letter('l'),
        'ℕ' => Folded::Letter('n'),
        'ℙ' => Folded::Letter('p'),
        'ℝ' | 'ℛ' => Folded::Letter('r'),
        'ℤ' => Folded::Letter('z'),
        'ℋ' => Folded::Letter('h'),
        'ℱ' => Folded::Letter('f'),
        'ℬ' => Folded::Letter('b'),
        'ℰ' => Folded::Letter('e'),
        '\u{1D400}'..='\u{1D6A3}' => fold_code(0x61 + (code - 0x1D400) % 26),
        '\u{1D6A8}'..='\u{1D7CB}' => match (code - 0x1D6A8) % 58 {
            capital @ 0..=24 => Folded::Symbol(GREEK[capital as usize]),
            25 => Folded::Symbol("nabla"),
            small @ 26..=50 => Folded::Symbol(GREEK[small as usize - 26]),
            51 => Folded::Symbol("partial"),
            52 => Folded::Symbol("epsilon"),
            53 => Folded::Symbol("theta"),
            54 => Folded::Symbol("kappa"),
            55 => Folded::Symbol("phi"),
            56 => Folded::Symbol("rho"),
            _ => Folded::Symbol("pi"),
        },
        '\u{1D7CE}'..='\u{1D7FF}' => fold_code(0x30 + (code - 0x1D7CE) % 10),
        _ if is_han(c) => Folded::Han(c),
        _ => Folded::Gap,
    }
}

fn fold_code(code: u32) -> Folded {
    char::from_u32(code).map_or(Folded::Gap, fold)
}

/// Whether this is a Chinese character, punctuation excluded.
pub const fn is_han(c: char) -> bool {
    matches!(c, '\u{3400}'..='\u{4DBF}' | '\u{4E00}'..='\u{9FFF}' | '\u{F900}'..='\u{FAFF}' | '\u{20000}'..='\u{323AF}')
}
