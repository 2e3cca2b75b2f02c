//! First drafts of a lab and of a chapter, written into a copy of the sources: they compile, run and pass the checks, and
//! what `CONTRIBUTING.md` shows of them is what is written.

use std::{
    env, fs,
    path::{Path, PathBuf},
    process::{Command, Output},
    time::SystemTime,
};

fn root() -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).parent().expect("the workspace").to_path_buf()
}

/// Makes `to` what `from` is, and leaves alone what is so already, so that Cargo need not compile it again.
fn mirror(from: &Path, to: &Path) {
    if from.is_dir() {
        fs::create_dir_all(to).unwrap();
        for stray in fs::read_dir(to).unwrap().map(|entry| entry.unwrap()) {
            if !from.join(stray.file_name()).exists() {
                let remove = if stray.path().is_dir() { fs::remove_dir_all } else { fs::remove_file };
                remove(stray.path()).unwrap();
            }
        }
        for entry in fs::read_dir(from).unwrap().map(|entry| entry.unwrap()) {
            mirror(&entry.path(), &to.join(entry.file_name()));
        }
    } else {
        place(to, &fs::read(from).unwrap());
    }
}

fn place(file: &Path, bytes: &[u8]) {
    if fs::read(file).ok().as_deref() != Some(bytes) {
        fs::create_dir_all(file.parent().expect("a folder")).unwrap();
        fs::write(file, bytes).unwrap();
    }
}

/// The sources of the labs, the book and the terminal, with an empty book.
fn copy(name: &str) -> PathBuf {
    let (root, copy) = (root(), Path::new(env!("CARGO_TARGET_TMPDIR")).join(name));
    for folder in ["src", "crates/kernels", "crates/labs", "crates/book", "crates/search", "assets"] {
        mirror(&root.join(folder), &copy.join(folder));
    }
    for file in
        ["Cargo.lock", "rustfmt.toml", "rust-toolchain.toml", "chapters/glossary.toml", "chapters/references.bib"]
    {
        mirror(&root.join(file), &copy.join(file));
    }
    fs::create_dir_all(copy.join("xtask")).unwrap();
    place(&copy.join("Cargo.toml"), manifest(&fs::read_to_string(root.join("Cargo.toml")).unwrap()).as_bytes());
    place(&copy.join("chapters/book.toml"), OUTLINE.as_bytes());
    for draft in ["noisy-descent", "second-look"] {
        // Left over from an earlier run; absent on the first.
        let _ = fs::remove_dir_all(copy.join("chapters").join(draft));
    }
    copy
}

const OUTLINE: &str = r#"[[part]]
title = { en = "Foundations", zh = "基础" }

[[part.chapter]]
slug = "noisy-descent"
planned = { en = "Noise in the gradient", zh = "梯度中的噪声" }
"#;

/// The workspace without what the drafts do not need. Its programs have names of their own, so that they do not take the
/// place of the real ones in the folder of builds that both share.
fn manifest(text: &str) -> String {
    let programs = "[[bin]]\nname = \"draft-lab\"\npath = \"src/bin/lab.rs\"\n\n[[bin]]\nname = \"draft-press\"\npath = \"src/bin/press.rs\"\n\n";
    let (before, rest) = text.split_once("[[bin]]\n").expect("programs");
    let after = &rest[rest.find("[lints]\n").expect("the package's lints")..];
    format!("{before}{programs}{after}")
        .replace(", \"xtask\"]", "]")
        .replace("default-run = \"lab\"", "default-run = \"draft-lab\"\nautobins = false")
}

fn xtask(copy: &Path, words: &[&str]) -> Output {
    let mut command = Command::new(env!("CARGO_BIN_EXE_xtask"));
    command.args(words).current_dir(copy).env("CARGO_MANIFEST_DIR", copy.join("xtask")).output().unwrap()
}

/// What a command of Cargo prints in the copy. The drafts are compiled quickly, not well, with the dependencies that are there.
/// Every package of the book's own is built in another way than elsewhere, so that none takes the place of the real one.
fn cargo(copy: &Path, words: &[&str]) -> String {
    // …/target/tmp
    let builds = Path::new(env!("CARGO_TARGET_TMPDIR")).parent().expect("the folder of builds");
    let mut command = Command::new(env::var_os("CARGO").unwrap_or_else(|| "cargo".into()));
    command.arg(words[0]).args(["--quiet", "--offline", "--release"]);
    for package in ["kernels", "labs", "book", "search", "why-it-generalizes"] {
        command.arg("--config").arg(format!("profile.release.package.{package}.opt-level=0"));
    }
    let output = command.args(&words[1..]).current_dir(copy).env("CARGO_TARGET_DIR", builds).output().unwrap();
    let (printed, said) = (String::from_utf8_lossy(&output.stdout), String::from_utf8_lossy(&output.stderr));
    assert!(output.status.success(), "cargo {}:\n{printed}\n{said}", words.join(" "));
    format!("{printed}{said}")
}

fn said(output: &Output) -> String {
    String::from_utf8_lossy(&output.stderr).into_owned()
}

/// Every file that a draft could touch, and when it was written last.
fn state(copy: &Path) -> Vec<(PathBuf, Option<SystemTime>)> {
    let mut found = Vec::new();
    let mut folders = vec![copy.join("crates/labs/src/labs"), copy.join("chapters")];
    while let Some(folder) = folders.pop() {
        for entry in fs::read_dir(folder).unwrap().map(|entry| entry.unwrap()) {
            match entry.path() {
                path if path.is_dir() => folders.push(path),
                path => found.push((path, entry.metadata().unwrap().modified().ok())),
            }
        }
    }
    found.sort();
    found
}

#[test]
fn drafts_of_a_lab_and_of_a_chapter_compile_run_and_pass_the_checks() {
    let copy = copy("drafts");
    let titles = ["--en", "Noisy descent", "--zh", "带噪声的下降"];
    let lab = xtask(&copy, &[&["new-lab", "noisy-descent"], &titles[..]].concat());
    assert!(lab.status.success(), "{}", said(&lab));
    let chapter = xtask(&copy, &["new-chapter", "noisy-descent", "--lab", "noisy-descent"]);
    assert!(chapter.status.success(), "{}", said(&chapter));
    let second = xtask(&copy, &[&["new-chapter", "second-look", "--lab", "ridgeless"], &titles[..]].concat());
    assert!(second.status.success(), "{}", said(&second));
    let english = fs::read_to_string(copy.join("chapters/noisy-descent/en.md")).unwrap();
    assert!(english.contains("title = \"Noise in the gradient\""), "{english}");

    let tests = cargo(&copy, &["test", "-p", "labs", "--lib", "--", "labs::noisy_descent::", "labs::tests::"]);
    assert!(tests.contains("test result: ok. 5 passed"), "{tests}");
    let printed = cargo(&copy, &["run", "--bin", "draft-lab", "--", "run", "noisy-descent", "steps=200", "--json"]);
    assert!(printed.contains("\"theory_squared_distance\":0.0526"), "{printed}");
    assert!(cargo(&copy, &["run", "--bin", "draft-lab", "--", "list"]).contains("带噪声的下降"));
    let checked = cargo(&copy, &["run", "--bin", "draft-press", "--", "--check"]);
    assert!(checked.contains("press: 2 chapters stand"), "{checked}");
}

#[test]
fn a_bad_name_is_told_in_a_sentence_and_nothing_is_written() {
    let copy = copy("refusals");
    let before = state(&copy);
    let titles = ["--en", "Noisy descent", "--zh", "带噪声的下降"];
    for (words, sentence) in [
        (["new-lab", "Noisy_Descent"], "“Noisy_Descent” is no name for a lab"),
        (["new-lab", "loop"], "a lab cannot be called “loop”"),
        (["new-lab", "ridgeless"], "there is a lab “ridgeless” already"),
        (["new-chapter", "下降"], "“下降” is no name for a chapter"),
        (["new-chapter", "glossary"], "a chapter cannot be called “glossary”"),
    ] {
        let lab: &[&str] = if words[0] == "new-chapter" { &["--lab", "ridgeless"] } else { &[] };
        let output = xtask(&copy, &[&words[..], &titles[..], lab].concat());
        assert!(!output.status.success() && said(&output).contains(sentence), "{words:?}: {}", said(&output));
    }
    for (words, sentence) in [
        (
            vec!["new-lab", "noisy-descent", "--program", "nets"],
            "there is no program “nets”; the programs are linear, ",
        ),
        (vec!["new-chapter", "noisy-descent", "--lab", "no-lab"], "there is no lab “no-lab”"),
        (vec!["new-chapter", "noisy-descent", "--lab", "ridgeless", "--en", "a\"b"], "a title stands in one line"),
    ] {
        let words = if words.contains(&"--en") { words } else { [&words[..], &titles[..]].concat() };
        let output = xtask(&copy, &words);
        assert!(!output.status.success() && said(&output).contains(sentence), "{words:?}: {}", said(&output));
    }
    let untitled = xtask(&copy, &["new-chapter", "second-look", "--lab", "ridgeless"]);
    assert!(said(&untitled).contains("needs a title in both languages"), "{}", said(&untitled));
    assert_eq!(state(&copy), before);
}

#[test]
fn contributing_shows_what_the_drafts_are_made_of() {
    let page = fs::read_to_string(root().join("CONTRIBUTING.md")).unwrap();
    let template = |file: &str| fs::read_to_string(root().join("xtask/templates").join(file)).unwrap();
    let (lab, english, chinese) = (template("lab.rs"), template("en.md"), template("zh.md"));
    let blocks = |kind: &str| -> Vec<String> {
        let opening = format!("\n```{kind}\n");
        let blocks = page.split(&opening).skip(1);
        blocks.map(|block| block.split("\n```").next().unwrap_or_default().to_owned()).collect()
    };
    let rust = blocks("rust");
    assert!(rust.len() >= 5, "the walk through a lab has {} pieces of code", rust.len());
    for block in rust {
        let block = block.replace("NoisyDescent", "LabType").replace("noisy-descent", "lab-id");
        let block = block.replace("Noisy descent", "English title").replace("带噪声的下降", "中文标题");
        // Each piece stands in the draft as it is shown, wherever it is indented.
        let lines: Vec<&str> = block.lines().map(str::trim).filter(|line| !line.is_empty()).collect();
        let draft: Vec<&str> = lab.lines().map(str::trim).filter(|line| !line.is_empty()).collect();
        assert!(draft.windows(lines.len()).any(|window| window == lines), "the draft of a lab has no\n{block}");
    }
    let chapters = blocks("text");
    assert_eq!(chapters.len(), 2, "both editions are shown");
    for (block, draft) in chapters.iter().zip([english, chinese]) {
        let draft = draft.replace("lab-id", "noisy-descent").replace("English title", "Noisy descent");
        assert_eq!(block.trim_end(), draft.replace("中文标题", "带噪声的下降").trim_end());
    }
    for command in ["cargo xtask new-lab noisy-descent", "cargo xtask new-chapter noisy-descent --lab noisy-descent"] {
        assert!(page.contains(command), "{command}");
    }
}
