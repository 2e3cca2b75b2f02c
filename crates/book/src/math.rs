//! LaTeX formulas → `MathML`.
//!
//! The converter is math-core. Beside it, pulldown-latex 0.8 was tried on the book's formulas: it turns an error into
//! an `<merror>` within a successful result, leaves `<` unescaped, runs attributes together
//! (`stretchy="true"minsize=…`) and needs two hundred lines of style sheet to align equations. math-core returns an
//! error with its place, sets accents, primes and delimiters as `MathML` Core wants them, and has `aligned`, `cases`,
//! matrices, stretchy braces and Chinese `\text`.
//!
//! Three things are added here. `\role{variance}{…}` puts a part of a formula into the class of its meaning
//! (`role-variance`), the inline styles of table cells become the classes that [`STYLE`] defines, so that a page
//! needs no inline style, and large delimiters that bear a script are put in a row of their own.

use labs::figure::Role;
use math_core::{LatexToMathML, MathCoreConfig, MathDisplay};

/// The style sheet that the classes in formulas need.
pub const STYLE: &str = "\
mtd.cell-right{text-align:right;justify-items:end}\
mtd.cell-left{text-align:left;justify-items:start}\
mtd.flush-right{padding-right:0}\
mtd.flush-left{padding-left:0}\
mtd.cell-gap{padding-left:1em}";

/// Colors that stand for the roles on their way through the converter, which knows colors but not classes.
const STAND_INS: [(&str, &str); Role::ALL.len()] = [
    ("red", "ff0000"),
    ("green", "03ff00"),
    ("blue", "0000ff"),
    ("cyan", "00b9f2"),
    ("magenta", "fb3199"),
    ("yellow", "ffeb3d"),
    ("black", "000000"),
    ("gray", "808080"),
    ("white", "ffffff"),
    ("darkgray", "404040"),
];

/// Declarations that the converter writes inline, and the class for each.
const CELL_STYLES: [(&str, &str); 8] = [
    ("text-align: right", "cell-right"),
    ("justify-items: end", ""),
    ("text-align: left", "cell-left"),
    ("justify-items: start", ""),
    ("padding-right: 0", "flush-right"),
    ("padding-left: 0", "flush-left"),
    ("padding-left:1em", "cell-gap"),
    ("padding-left:1.0em", "cell-gap"),
];

/// A formula that does not convert.
#[derive(Debug, PartialEq)]
pub(crate) struct MathError {
    /// Lines between the formula's first line and the place.
    pub(crate) line_offset: usize,
    /// What is wrong.
    pub(crate) reason: String,
}

/// The converter with its configuration.
pub(crate) struct Converter(LatexToMathML);

impl Converter {
    pub(crate) fn new() -> Self {
        let converter = LatexToMathML::new(MathCoreConfig::default());
        Self(converter.unwrap_or_default())
    }

    /// A `<math>` element, `display="block"` for a display equation.
    pub(crate) fn convert(&self, latex: &str, display: bool) -> Result<String, MathError> {
        let whole = |reason: String| MathError { line_offset: 0, reason };
        if latex.contains("\\color") {
            return Err(whole("a color in a formula has a meaning: write \\role{variance}{…}".into()));
        }
        let plain = expand_roles(latex).map_err(whole)?;
        let mode = if display { MathDisplay::Block } else { MathDisplay::Inline };
        let converted = self.0.convert_with_local_state(&plain, mode).map_err(|error| {
            let before = plain.get(..error.0.start).unwrap_or(&plain);
            MathError {
                line_offset: before.matches('\n').count(),
                reason: format!("this formula does not convert: {error}"),
            }
        })?;
        styles_to_classes(&enclose_delimiters(&converted.mathml)).map_err(whole)
    }
}

/// Replaces each `\role{name}{…}` by a group in the role's stand-in color.
fn expand_roles(latex: &str) -> Result<String, String> {
    const COMMAND: &str = "\\role";
    let mut out = String::with_capacity(latex.len());
    let mut rest = latex;
    while let Some(start) = rest.find(COMMAND) {
        out.push_str(&rest[..start]);
        let after = &rest[start + COMMAND.len()..];
        let arguments = group(after).and_then(|(name, tail)| group(tail).map(|(body, tail)| (name, body, tail)));
        let (name, body, tail) = arguments.ok_or("\\role takes two groups: \\role{variance}{…}")?;
        let index = Role::ALL.iter().position(|role| role.name() == name).ok_or_else(|| unknown_role(name))?;
        out.push_str("{\\color{");
        out.push_str(STAND_INS[index].0);
        out.push('}');
        out.push_str(&expand_roles(body)?);
        out.push('}');
        rest = tail;
    }
    out.push_str(rest);
    Ok(out)
}

/// A refusal that lists the roles.
pub(crate) fn unknown_role(name: &str) -> String {
    let known: Vec<&str> = Role::ALL.iter().map(|role| role.name()).collect();
    format!("unknown role “{name}”; the roles are {}", known.join(", "))
}

/// Splits `{…}rest` at its matching brace into (inside, rest).
fn group(text: &str) -> Option<(&str, &str)> {
    let text = text.trim_start();
    let inside = text.strip_prefix('{')?;
    let mut depth = 1;
    let mut escaped = false;
    for (index, c) in inside.char_indices() {
        match c {
            _ if escaped => escaped = false,
            '\\' => escaped = true,
            '{' => depth += 1,
            '}' => depth -= 1,
            _ => {}
        }
        if depth == 0 {
            return Some((&inside[..index], &inside[index + 1..]));
        }
    }
    None
}

/// Puts each delimiter of a given size that bears a script, as in `\bigr)^2`, in a row of its own. Chromium sets a
/// delimiter at the height of its partner in a row only.
fn enclose_delimiters(mathml: &str) -> String {
    const DELIMITER: &str = "<mo minsize=";
    const END: &str = "</mo>";
    let mut out = String::with_capacity(mathml.len());
    let mut rest = mathml;
    while let Some(start) = rest.find(DELIMITER) {
        let Some(end) = rest[start..].find(END).map(|length| start + length + END.len()) else { break };
        let (before, delimiter) = (&rest[..start], &rest[start..end]);
        out.push_str(before);
        if ["<msup>", "<msub>", "<msubsup>"].iter().any(|script| before.ends_with(script)) {
            out.extend(["<mrow>", delimiter, "</mrow>"]);
        } else {
            out.push_str(delimiter);
        }
        rest = &rest[end..];
    }
    out.push_str(rest);
    out
}

/// Turns `style="…"` into `class="…"`.
fn styles_to_classes(mathml: &str) -> Result<String, String> {
    const OPEN: &str = " style=\"";
    let mut out = String::with_capacity(mathml.len());
    let mut rest = mathml;
    while let Some(start) = rest.find(OPEN) {
        let after = &rest[start + OPEN.len()..];
        let Some(end) = after.find('"') else { break };
        let classes: Vec<String> =
            after[..end].split(';').filter(|s| !s.trim().is_empty()).map(class).collect::<Result<_, _>>()?;
        let classes: Vec<String> = classes.into_iter().filter(|class| !class.is_empty()).collect();
        out.push_str(&rest[..start]);
        if !classes.is_empty() {
            out.push_str(" class=\"");
            out.push_str(&classes.join(" "));
            out.push('"');
        }
        rest = &after[end + 1..];
    }
    out.push_str(rest);
    Ok(out)
}

/// The class for one declaration.
fn class(declaration: &str) -> Result<String, String> {
    let declaration = declaration.trim();
    if let Some(color) = declaration.strip_prefix("color:#") {
        let index = STAND_INS.iter().position(|(_, hex)| color.trim().eq_ignore_ascii_case(hex));
        return index.map(|i| format!("role-{}", Role::ALL[i].name())).ok_or_else(|| format!("a stray color #{color}"));
    }
    CELL_STYLES.iter().find(|(style, _)| *style == declaration).map(|(_, class)| (*class).to_string()).ok_or_else(
        || format!("this formula needs the inline style “{declaration}”, which pages do not carry; write it without"),
    )
}

/// The formula as both editions share it: without white space, and with the words in `\text{…}` blanked.
pub(crate) fn skeleton(latex: &str) -> String {
    let mut out = String::with_capacity(latex.len());
    let mut rest = latex;
    while let Some(start) = rest.find("\\text{") {
        let after = &rest[start + "\\text".len()..];
        let Some((_, tail)) = group(after) else { break };
        out.push_str(&rest[..start]);
        out.push_str("\\text{}");
        rest = tail;
    }
    out.push_str(rest);
    out.retain(|c| !c.is_whitespace());
    out
}

#[cfg(test)]
mod tests {
    use super::*;

    fn convert(latex: &str) -> String {
        Converter::new().convert(latex, false).expect("a formula of the book")
    }

    #[test]
    fn every_role_becomes_its_class() {
        for role in Role::ALL {
            let mathml = convert(&format!("\\role{{{}}}{{\\frac{{x}}{{y}}}}", role.name()));
            assert!(mathml.contains(&format!("class=\"role-{}\"", role.name())), "{mathml}");
            assert!(!mathml.contains(" style="), "{mathml}");
        }
    }

    #[test]
    fn roles_nest() {
        let mathml = convert("\\role{test}{a + \\role{noise}{\\sigma^2}}");
        assert!(mathml.contains("role-test") && mathml.contains("role-noise"), "{mathml}");
    }

    #[test]
    fn aligned_equations_carry_no_inline_style() {
        let mathml = convert(
            "\\begin{aligned} a &= b \\\\ &= \\begin{cases} 1 & x < 1 \\\\ 0 & \\text{否则} \\end{cases} \\end{aligned}",
        );
        assert!(!mathml.contains(" style="), "{mathml}");
        assert!(mathml.contains("cell-right flush-right"), "{mathml}");
        assert!(mathml.contains("否则"), "{mathml}");
    }

    #[test]
    fn a_large_delimiter_with_a_script_has_a_row_of_its_own() {
        let large = "<mo minsize=\"1.2em\" maxsize=\"1.2em\">)</mo>";
        for script in ["^2", "_i", "_i^2"] {
            let mathml = convert(&format!("\\bigl(x\\bigr){script}"));
            assert!(mathml.contains(&format!("><mrow>{large}</mrow><m")), "{mathml}");
            assert!(mathml.contains("<mo minsize=\"1.2em\" maxsize=\"1.2em\">(</mo><mi>x</mi>"), "{mathml}");
        }
        let mathml = convert("\\bigl(x\\bigr)+y^2");
        assert!(mathml.contains(large) && !mathml.contains("<mrow>"), "{mathml}");
    }

    #[test]
    fn what_the_field_writes_converts() {
        for latex in [
            r"\mathbb{E}\,\hat\beta = \lVert \beta - \hat{\beta} \rVert_2^2",
            r"\operatorname{tr}(\Sigma) \sim \mathcal{N}(0, \sigma^2 I_n)",
            r"\underbrace{\sigma^2\frac{\gamma}{1-\gamma}}_{\text{方差}} + \sum_{i=1}^{n} x_i",
            r"\begin{pmatrix} 1 & 0 \\ 0 & 1 \end{pmatrix} X^{+} X^\dagger \mathbf{1}\{x > 0\}",
            r"\arg\min_{w} \|Xw-y\|^2 \quad \widehat{R} \xrightarrow{n\to\infty} \bigl[x \mid y\bigr] \coloneqq 1",
        ] {
            convert(latex);
        }
    }

    #[test]
    fn an_error_says_in_which_line_of_the_formula_it_is() {
        let error = Converter::new().convert("a\n+ \\unknown", true).expect_err("no such command");
        assert_eq!(error.line_offset, 1);
        assert!(error.reason.contains("\\unknown"), "{}", error.reason);
    }

    #[test]
    fn the_skeleton_forgets_words_and_spaces_only() {
        assert_eq!(skeleton("a = \\text{bias}"), skeleton("a=\\text{偏差}"));
        assert_ne!(skeleton("a = b"), skeleton("a = c"));
    }
}
