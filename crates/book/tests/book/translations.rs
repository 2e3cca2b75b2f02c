//! Which blocks have changed in one language alone, as a history in Git tells.

use book::translations::behind;
use std::{
    cell::Cell,
    fs,
    path::{Path, PathBuf},
    process::Command,
};

/// A project with a book of one chapter, and a history of its own.
struct Project {
    root: PathBuf,
    /// Commits so far: each is an hour later than the one before.
    commits: Cell<u32>,
}

impl Project {
    fn new(name: &str) -> Self {
        let root = Path::new(env!("CARGO_TARGET_TMPDIR")).join("translations").join(name);
        // Left over from an earlier run; absent on the first.
        let _ = fs::remove_dir_all(&root);
        let chapters = root.join("chapters");
        fs::create_dir_all(chapters.join("first")).unwrap();
        let outline = "[[part]]\ntitle = { en = \"A\", zh = \"甲\" }\n\n[[part.chapter]]\nslug = \"first\"\n";
        fs::write(chapters.join("book.toml"), outline).unwrap();
        fs::write(chapters.join("glossary.toml"), "").unwrap();
        fs::write(chapters.join("references.bib"), "").unwrap();
        let project = Self { root, commits: Cell::new(0) };
        project.git(&["init", "-q"]);
        project.write("en", &["A heading {#one}", "First block.", "Second block.", "Third block."]);
        project.write("zh", &["标题 {#one}", "第一段。", "第二段。", "第三段。"]);
        project.commit();
        project
    }

    fn git(&self, words: &[&str]) {
        let date = format!("2026-01-01T{:02}:00:00Z", self.commits.get());
        let mut command = Command::new("git");
        command.args(["-c", "user.name=Author", "-c", "user.email=author@example.org"]).args(words);
        command.current_dir(&self.root).env("GIT_COMMITTER_DATE", &date).env("GIT_AUTHOR_DATE", &date);
        assert!(command.status().unwrap().success(), "git {words:?}");
    }

    fn commit(&self) {
        self.commits.set(self.commits.get() + 1);
        self.git(&["add", "-A"]);
        self.git(&["commit", "-q", "-m", "A change"]);
    }

    /// Writes an edition: a heading and paragraphs.
    fn write(&self, language: &str, blocks: &[&str]) {
        let front = "+++\ntitle = \"T\"\nsubtitle = \"S\"\ndescription = \"D\"\nquestion = \"Q\"\n+++";
        let text = format!("{front}\n\n## {}\n", blocks.join("\n\n"));
        fs::write(self.root.join(format!("chapters/first/{language}.md")), text).unwrap();
    }

    fn replace(&self, language: &str, old: &str, new: &str) {
        let file = self.root.join(format!("chapters/first/{language}.md"));
        let text = fs::read_to_string(&file).unwrap();
        assert!(text.contains(old), "{text}");
        fs::write(file, text.replace(old, new)).unwrap();
    }

    fn report(&self) -> Vec<String> {
        behind(&self.root).unwrap().iter().map(ToString::to_string).collect()
    }
}

#[test]
fn blocks_that_were_changed_together_are_not_behind() {
    let project = Project::new("together");
    assert_eq!(project.report(), Vec::<String>::new());
    project.replace("en", "Second block.", "Another second block.");
    project.replace("zh", "第二段。", "另一个第二段。");
    assert!(project.report().is_empty(), "{:?}", project.report());
    project.commit();
    assert!(project.report().is_empty(), "{:?}", project.report());
}

#[test]
fn a_block_that_changed_in_one_language_alone_is_named_with_both_places_committed_or_not() {
    let project = Project::new("alone");
    project.replace("en", "Second block.", "Another second block.");
    let expected = ["chapters/first/en.md:12 has changed since chapters/first/zh.md:12: Another second block."];
    assert_eq!(project.report(), expected);
    project.commit();
    assert_eq!(project.report(), expected);
    project.replace("zh", "第三段。", "第三段，改过。");
    project.commit();
    assert_eq!(project.report().len(), 2);
    assert!(
        project.report()[1].starts_with("chapters/first/zh.md:14 has changed since chapters/first/en.md:14: 第三段")
    );
}

#[test]
fn a_translation_that_follows_later_settles_it_and_a_further_change_opens_it_again() {
    let project = Project::new("following");
    project.replace("en", "Second block.", "Another second block.");
    project.commit();
    project.replace("zh", "第二段。", "另一个第二段。");
    assert!(project.report().is_empty(), "{:?}", project.report());
    project.commit();
    assert!(project.report().is_empty(), "{:?}", project.report());
    project.replace("zh", "另一个第二段。", "再改一次。");
    project.commit();
    assert_eq!(project.report(), ["chapters/first/zh.md:12 has changed since chapters/first/en.md:12: 再改一次。"]);
}

#[test]
fn a_block_that_is_inserted_has_no_counterpart_until_it_is_translated_and_moves_no_other() {
    let project = Project::new("inserted");
    project.replace("en", "First block.", "First block.\n\n- An item.");
    project.commit();
    let report = project.report();
    assert!(!report.is_empty() && report.iter().all(|line| line.contains("no counterpart")), "{report:?}");
    project.replace("zh", "第一段。", "第一段。\n\n- 一项。");
    project.commit();
    assert!(project.report().is_empty(), "{:?}", project.report());
}

#[test]
fn a_history_that_is_missing_is_told_in_a_sentence() {
    let project = Project::new("whole");
    project.replace("en", "Second block.", "Another second block.");
    project.commit();
    let clone = project.root.with_file_name("shallow");
    // Left over from an earlier run; absent on the first.
    let _ = fs::remove_dir_all(&clone);
    let address = format!("file://{}", project.root.display());
    project.git(&["clone", "-q", "--depth", "1", &address, &clone.display().to_string()]);
    assert!(behind(&clone).unwrap_err().contains("git fetch --unshallow"));
    let outside = std::env::temp_dir().join(format!("no-history-{}", std::process::id()));
    fs::create_dir_all(&outside).unwrap();
    assert!(behind(&outside).unwrap_err().contains("not in a Git repository"));
    fs::remove_dir_all(outside).unwrap();
}
