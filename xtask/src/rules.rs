//! The rules of the house that no lint knows: what no file of the project may contain.
//!
//! Which floating-point methods the labs may not call is a matter of types, so Clippy watches over that
//! (`disallowed-methods` in `crates/kernels/clippy.toml` and `crates/labs/clippy.toml`).

use anyhow::{Context, Result, bail};
use std::{fs, path::Path};

/// A word that code may not contain, and why.
struct Rule {
    word: &'static str,
    reason: &'static str,
    /// The one folder where it may stand.
    except: Option<&'static str>,
}

const fn never(word: &'static str, reason: &'static str) -> Rule {
    Rule { word, reason, except: None }
}

const RULES: [Rule; 10] = [
    Rule { word: "unsafe", reason: "unsafe code belongs in crates/kernels", except: Some("crates/kernels") },
    never("todo!", "unfinished code is not kept"),
    never("unimplemented!", "unfinished code is not kept"),
    never("dbg!", "a trace left over from debugging"),
    never("#[ignore", "a test runs or is not there"),
    never("#[cfg(any())]", "code that is never compiled is not kept"),
    never("f32x4_relaxed", "relaxed SIMD gives other numbers on other machines"),
    never("set_inner_html", MARKUP),
    never("set_outer_html", MARKUP),
    never("insert_adjacent_html", MARKUP),
];

const MARKUP: &str = "in the page, text stays text: what comes from links and files is no markup";

/// What no script of the site may contain: ways to make markup or code of text, and to write styles that the pages'
/// Content-Security-Policy refuses.
const SCRIPT_RULES: [(&str, &str); 15] = [
    ("innerHTML", MARKUP),
    ("outerHTML", MARKUP),
    ("insertAdjacentHTML", MARKUP),
    ("setHTMLUnsafe", MARKUP),
    ("createContextualFragment", MARKUP),
    ("srcdoc", MARKUP),
    ("document.write", MARKUP),
    ("javascript:", "an address is no code"),
    ("eval(", "text is no code"),
    ("new Function", "text is no code"),
    ("setAttribute(\"style", STYLE),
    ("createElement(\"style", STYLE),
    (" style=", STYLE),
    ("cssText", STYLE),
    ("document.cookie", "the site keeps no cookies"),
];

const STYLE: &str = "a class, or one property of `element.style`, passes the pages' Content-Security-Policy";

/// The beginnings of paths that exist on one machine only.
const MACHINE_PATHS: [&str; 4] =
    [concat!("/ho", "me/"), concat!("/ro", "ot/"), concat!("/Us", "ers/"), concat!("C:", "\\Us")];

/// The folders and files at the top that the rules look at.
const LOOKED_AT: &[&str] = &[
    ".cargo",
    ".ci",
    ".github",
    "Cargo.toml",
    "Trunk.toml",
    "index.html",
    "README.md",
    "CONTRIBUTING.md",
    "ARCHITECTURE.md",
    "RELEASING.md",
    "CHANGELOG.md",
    "HOSTING.md",
    "assets",
    "chapters",
    "crates",
    "src",
    "tests",
    "xtask",
];

/// Checks every file; the error lists all that is against the rules.
pub fn check(root: &Path) -> Result<()> {
    let mut found = Vec::new();
    for top in LOOKED_AT {
        visit(root, &root.join(top), &mut found)?;
    }
    found.extend(unexplained(root)?);
    if found.is_empty() {
        return Ok(());
    }
    bail!("against the rules of the house:\n{}", found.join("\n"))
}

fn visit(root: &Path, path: &Path, found: &mut Vec<String>) -> Result<()> {
    if path.is_dir() {
        let entries = fs::read_dir(path).with_context(|| format!("{} cannot be listed", path.display()))?;
        let mut entries: Vec<_> = entries.filter_map(|entry| Some(entry.ok()?.path())).collect();
        entries.sort();
        return entries.iter().try_for_each(|entry| visit(root, entry, found));
    }
    // What is not text has no words to look at.
    let Ok(text) = fs::read_to_string(path) else { return Ok(()) };
    let name = path.strip_prefix(root).unwrap_or(path).to_string_lossy().replace('\\', "/");
    found.extend(faults(&name, &text));
    Ok(())
}

/// The dependencies that ARCHITECTURE.md gives no reason for, a line each.
fn unexplained(root: &Path) -> Result<Vec<String>> {
    let read = |name: &Path| fs::read_to_string(name).with_context(|| format!("{} cannot be read", name.display()));
    let architecture = read(&root.join("ARCHITECTURE.md"))?;
    let explained = explained(&architecture);
    let mut manifests = vec![root.join("Cargo.toml"), root.join("xtask/Cargo.toml")];
    for folder in ["crates", "tests/peers"] {
        let entries = fs::read_dir(root.join(folder)).with_context(|| format!("{folder} cannot be listed"))?;
        manifests.extend(entries.filter_map(|entry| Some(entry.ok()?.path().join("Cargo.toml"))));
    }
    manifests.sort();
    let mut faults = Vec::new();
    for manifest in manifests.iter().filter(|manifest| manifest.is_file()) {
        let name = manifest.strip_prefix(root).unwrap_or(manifest).display();
        let text = read(manifest)?;
        let missing = dependencies(&text).into_iter().filter(|dependency| !explained.contains(dependency));
        faults.extend(missing.map(|dependency| format!("  {name}: ARCHITECTURE.md gives no reason for {dependency}")));
    }
    Ok(faults)
}

/// What the first column of the tables in a text names.
fn explained(text: &str) -> Vec<&str> {
    let rows = text.lines().filter_map(|line| line.strip_prefix('|')?.split('|').next());
    rows.flat_map(|cell| cell.split([',', '(', ')'])).map(str::trim).collect()
}

/// The packages of others that a manifest names as dependencies of any kind.
fn dependencies(manifest: &str) -> Vec<&str> {
    let mut names = Vec::new();
    let mut is_within = false;
    for line in manifest.lines() {
        if let Some(header) = line.strip_prefix('[').and_then(|line| line.strip_suffix(']')) {
            is_within = header.ends_with("dependencies");
            names.extend(header.rsplit_once("dependencies.").map(|(_, name)| name));
        } else if is_within && line.starts_with(|c: char| c.is_ascii_alphabetic()) && !line.contains("path = ") {
            names.extend(line.split(['.', ' ', '=']).next());
        }
    }
    names.retain(|name| !OWN.contains(name));
    names
}

/// The project's own crates.
const OWN: [&str; 4] = ["book", "kernels", "labs", "search"];

/// What is wrong with one file, a line each.
fn faults(name: &str, text: &str) -> Vec<String> {
    let mut faults = Vec::new();
    let mut blame = |offset: usize, what: &str| {
        let line = text[..offset].matches('\n').count() + 1;
        faults.push(format!("  {name}:{line}: {what}"));
    };
    for path in MACHINE_PATHS {
        text.match_indices(path).for_each(|(offset, _)| blame(offset, "a path of one machine"));
    }
    let extension = Path::new(name).extension().and_then(|extension| extension.to_str());
    if extension == Some("js") && name.starts_with("assets/") {
        for (word, reason) in SCRIPT_RULES {
            text.match_indices(word).for_each(|(offset, _)| blame(offset, &format!("`{word}`: {reason}")));
        }
    }
    if extension == Some("rs") {
        let code = code_only(text);
        for rule in RULES.iter().filter(|rule| rule.except.is_none_or(|folder| !name.starts_with(folder))) {
            for (offset, _) in
                code.match_indices(rule.word).filter(|(offset, _)| is_whole_word(&code, *offset, rule.word))
            {
                blame(offset, &format!("`{}`: {}", rule.word, rule.reason));
            }
        }
    }
    faults
}

fn is_whole_word(code: &str, offset: usize, word: &str) -> bool {
    let joins = |c: char| c.is_alphanumeric() || c == '_';
    let before = code[..offset].chars().next_back().is_some_and(joins);
    let after = code[offset + word.len()..].chars().next().is_some_and(joins);
    !(before || after && word.ends_with(char::is_alphanumeric))
}

/// Rust code with every comment, string and character blanked out, byte for byte, so that offsets stay.
fn code_only(text: &str) -> String {
    let bytes = text.as_bytes();
    let mut kept = Vec::with_capacity(bytes.len());
    let mut at = 0;
    while at < bytes.len() {
        let length = match bytes[at] {
            b'/' if bytes[at..].starts_with(b"//") => line_comment(&bytes[at..]),
            b'/' if bytes[at..].starts_with(b"/*") => block_comment(&bytes[at..]),
            b'"' => string(&bytes[at..]),
            b'r' if !kept.last().is_some_and(|&b: &u8| b.is_ascii_alphanumeric() || b == b'_') => {
                raw_string(&bytes[at..])
            }
            b'\'' => character(&bytes[at..]),
            _ => 0,
        };
        if length == 0 {
            kept.push(bytes[at]);
            at += 1;
        } else {
            let end = (at + length).min(bytes.len());
            kept.extend(bytes[at..end].iter().map(|&byte| if byte == b'\n' { b'\n' } else { b' ' }));
            at = end;
        }
    }
    // Whole strings, characters and comments were blanked, so what is left of the text is whole too.
    String::from_utf8_lossy(&kept).into_owned()
}

fn line_comment(rest: &[u8]) -> usize {
    rest.iter().position(|&byte| byte == b'\n').unwrap_or(rest.len())
}

fn block_comment(rest: &[u8]) -> usize {
    let mut depth = 0;
    let mut at = 0;
    while at < rest.len() {
        if rest[at..].starts_with(b"/*") {
            depth += 1;
            at += 2;
        } else if rest[at..].starts_with(b"*/") {
            depth -= 1;
            at += 2;
            if depth == 0 {
                return at;
            }
        } else {
            at += 1;
        }
    }
    rest.len()
}

fn string(rest: &[u8]) -> usize {
    let mut at = 1;
    while at < rest.len() {
        match rest[at] {
            b'\\' => at += 2,
            b'"' => return at + 1,
            _ => at += 1,
        }
    }
    rest.len()
}

/// The length of `r"…"` or `r#"…"#`; 0 if this `r` begins something else.
fn raw_string(rest: &[u8]) -> usize {
    let hashes = rest[1..].iter().take_while(|&&byte| byte == b'#').count();
    if rest.get(1 + hashes) != Some(&b'"') {
        return 0;
    }
    let end = [&b"\""[..], &rest[1..=hashes]].concat();
    let inside = &rest[hashes + 2..];
    let length = inside.windows(end.len()).position(|window| window == end).unwrap_or(inside.len());
    hashes + 2 + length + end.len()
}

/// The length of a character literal; 0 if the quote begins a lifetime.
fn character(rest: &[u8]) -> usize {
    if rest.get(1) == Some(&b'\\') {
        return rest.iter().skip(3).position(|&byte| byte == b'\'').map_or(0, |end| end + 4);
    }
    let text = String::from_utf8_lossy(&rest[1..rest.len().min(8)]).into_owned();
    let mut characters = text.chars();
    match (characters.next(), characters.next()) {
        (Some(inside), Some('\'')) => inside.len_utf8() + 2,
        _ => 0,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn words_in_comments_and_strings_are_not_code() {
        let text = "// todo!\nlet a = \"dbg! \\\" todo!\"; /* unsafe /* x */ dbg! */ let b = r#\"todo!\"#; let c = '\"'; fn f<'a>() {}";
        assert_eq!(faults("src/a.rs", text), Vec::<String>::new());
        assert_eq!(code_only(text).len(), text.len());
    }

    #[test]
    fn unfinished_code_is_found_on_its_line() {
        // In two pieces, so that this line is not such code itself.
        let faults = faults("src/a.rs", &["fn f() {\n    to", "do!()\n}\n"].concat());
        assert_eq!(faults, ["  src/a.rs:2: `todo!`: unfinished code is not kept"]);
    }

    #[test]
    fn unsafe_code_is_found_outside_the_kernels_only() {
        let text = "fn f() { unsafe { g() } }";
        assert_eq!(faults("crates/labs/src/a.rs", text).len(), 1);
        assert_eq!(faults("crates/kernels/src/a.rs", text), Vec::<String>::new());
        assert_eq!(
            faults("crates/labs/src/a.rs", "#![deny(unsafe_op_in_unsafe_fn, unsafe_code)]"),
            Vec::<String>::new()
        );
    }

    #[test]
    fn scripts_make_no_markup_and_no_code_of_text() {
        let faults = faults("assets/study/a.js", "a.textContent = b;\na.innerHTML = b;\na.style.top = 0;\n");
        assert_eq!(faults.len(), 1);
        assert!(faults[0].starts_with("  assets/study/a.js:2: `innerHTML`"), "{faults:?}");
        assert_eq!(super::faults("tests/support/a.js", "a.innerHTML = b;"), Vec::<String>::new());
        assert_eq!(super::faults("src/a.rs", "fn f() { a.set_inner_html(b) }").len(), 1);
    }

    #[test]
    fn dependencies_are_found_in_every_kind_of_table() {
        let manifest = "[dependencies]\nlabs.workspace = true\nserde.workspace = true\nown = { path = \"x\" }\n# note\n\
                        [target.'cfg(unix)'.dependencies.web-sys]\nversion = \"0.3\"\n[dev-dependencies]\nproptest = \"1\"\n\
                        [features]\nall = []\n";
        assert_eq!(dependencies(manifest), ["serde", "web-sys", "proptest"]);
    }

    #[test]
    fn reasons_are_found_in_the_first_column() {
        let text =
            "serde\n| dependency | for |\n|---|---|\n| postcard, serde | libm |\n| axe-core (not shipped) | tests |\n";
        let explained = explained(text);
        assert!(["postcard", "serde", "axe-core"].iter().all(|name| explained.contains(name)), "{explained:?}");
        assert!(!explained.contains(&"libm"));
    }

    #[test]
    fn a_path_of_one_machine_is_found_in_any_text() {
        assert_eq!(faults("README.md", concat!("see /ho", "me/me/x")).len(), 1);
    }
}
