//! The book on disk, from the outside: what a good book becomes, and what is said about a bad one.

#[path = "book/contributing.rs"]
mod contributing;
#[path = "book/exercises.rs"]
mod exercises;
#[path = "book/labs_and_prose.rs"]
mod labs_and_prose;
#[path = "book/translations.rs"]
mod translations;

use book::{Block, Book, Complaint, Edition, Values, load, wanted_values};
use labs::{figure::Figure, settings::Settings, text::Language};
use std::{
    fs,
    path::{Path, PathBuf},
    sync::atomic::{AtomicUsize, Ordering},
};

/// A lab whose every output is 20.8333.
struct Constant;

impl Values for Constant {
    fn value(&self, _lab: &str, _settings: &Settings, _output: &str) -> Result<f64, String> {
        Ok(20.8333)
    }

    fn figure(&self, _lab: &str, _settings: &Settings) -> Result<Figure, String> {
        Ok(Figure::default())
    }
}

/// A lab that never comes to an end.
struct Failing;

impl Values for Failing {
    fn value(&self, _lab: &str, _settings: &Settings, _output: &str) -> Result<f64, String> {
        Err("the run was cut short".into())
    }

    fn figure(&self, _lab: &str, _settings: &Settings) -> Result<Figure, String> {
        Err("the run was cut short".into())
    }
}

/// A copy of a fixture that a test can spoil.
struct BookTest {
    dir: PathBuf,
}

impl BookTest {
    fn from_dir(fixture: &str) -> Self {
        static COPIES: AtomicUsize = AtomicUsize::new(0);
        let number = COPIES.fetch_add(1, Ordering::Relaxed);
        let dir = Path::new(env!("CARGO_TARGET_TMPDIR")).join(format!("book-{}-{number}", std::process::id()));
        copy(&Path::new(env!("CARGO_MANIFEST_DIR")).join("tests/fixtures").join(fixture), &dir);
        Self { dir }
    }

    /// Replaces text that stands exactly once in a file.
    fn with(self, file: &str, old: &str, new: &str) -> Self {
        let path = self.dir.join(file);
        let text = fs::read_to_string(&path).expect("a file of the fixture");
        assert_eq!(text.matches(old).count(), 1, "“{old}” stands once in {file}");
        fs::write(&path, text.replace(old, new)).expect("a writable copy");
        self
    }

    /// The same in both editions of the first chapter.
    fn with_both(self, old: &str, new: &str) -> Self {
        self.with("first/en.md", old, new).with("first/zh.md", old, new)
    }

    fn without(self, file: &str) -> Self {
        fs::remove_file(self.dir.join(file)).expect("a file of the fixture");
        self
    }

    fn build(self) -> Built {
        self.build_with(&Constant)
    }

    fn build_with(self, values: &dyn Values) -> Built {
        Built { result: load(&self.dir, values) }
    }
}

impl Drop for BookTest {
    fn drop(&mut self) {
        // A copy that stays behind lies in the build folder, where it does no harm.
        let _ = fs::remove_dir_all(&self.dir);
    }
}

fn copy(from: &Path, to: &Path) {
    fs::create_dir_all(to).expect("a writable build folder");
    for entry in fs::read_dir(from).expect("a fixture") {
        let entry = entry.expect("a fixture");
        let target = to.join(entry.file_name());
        if entry.path().is_dir() {
            copy(&entry.path(), &target);
        } else {
            fs::copy(entry.path(), target).expect("a writable build folder");
        }
    }
}

struct Built {
    result: Result<Book, Vec<Complaint>>,
}

impl Built {
    fn expect_book(self) -> Book {
        self.result.unwrap_or_else(|complaints| panic!("{}", listed(&complaints)))
    }

    /// One complaint, and no other, begins with these words.
    fn expect_complaint(self, beginning: &str) {
        let Err(complaints) = self.result else { panic!("no complaint; expected {beginning}") };
        assert!(
            complaints.len() == 1 && complaints[0].to_string().starts_with(beginning),
            "expected {beginning}\n{}",
            listed(&complaints)
        );
    }

    /// As many complaints as these, each beginning with these words, in this order.
    fn expect_complaints(self, beginnings: &[&str]) {
        let Err(complaints) = self.result else { panic!("no complaint") };
        let fit = complaints.iter().zip(beginnings).all(|(found, expected)| found.to_string().starts_with(expected));
        assert!(fit && complaints.len() == beginnings.len(), "expected {beginnings:#?}\n{}", listed(&complaints));
    }
}

fn listed(complaints: &[Complaint]) -> String {
    complaints.iter().map(ToString::to_string).collect::<Vec<_>>().join("\n")
}

fn two_chapters() -> BookTest {
    BookTest::from_dir("two-chapters")
}

fn html(edition: &Edition) -> String {
    let of = |block: &Block| match block {
        Block::Html(html) => html.clone(),
        Block::Lab(lab) => format!("[{}: {}]", lab.id, lab.caption_html),
    };
    edition.blocks.iter().map(of).collect()
}

fn first(language: Language) -> String {
    html(two_chapters().build().expect_book().chapters[0].edition(language))
}

#[test]
fn a_good_book_has_its_parts_chapters_and_both_editions() {
    let book = two_chapters().build().expect_book();
    let entries: Vec<_> = book.parts[0].entries.iter().map(|entry| (entry.slug.as_str(), entry.chapter)).collect();
    assert_eq!(entries, [("first", Some(0)), ("second", Some(1)), ("third", None)]);
    assert_eq!(book.parts[0].entries[0].title.zh, "一个峰");
    assert_eq!(book.chapters[0].edition(Language::English).question, "Why is there a peak?");
    assert_eq!(book.unused_references, ["unused2000"]);
    assert_eq!(book.chapters[1].edition(Language::English).words, 4);
    assert_eq!(book.chapters[1].edition(Language::Chinese).words, 6);
}

#[test]
fn equations_are_numbered_and_divide_their_paragraph() {
    let html = first(Language::English);
    assert!(html.contains("Then</p><div class=\"equation\" id=\"eq-risk\"><math display=\"block\">"), "{html}");
    assert!(html.contains("<span class=\"number\">(1)</span></div><p>for "), "{html}");
    assert!(html.contains("</math>,</span> and"), "a comma may begin a line: {html}");
    assert!(html.contains("and <a href=\"#eq-risk\">(1)</a> grows"), "{html}");
    assert!(html.contains("class=\"role-variance\""), "{html}");
}

#[test]
fn values_keep_their_full_precision_and_their_source() {
    let html = first(Language::English);
    assert!(html.contains("<data class=\"value\" value=\"20.8333\" title=\"Lab: "), "{html}");
    assert!(html.contains("γ = 0.95\">20.8</data>, or <data"), "{html}");
    assert!(html.contains(">2083%</data>"), "{html}");
    assert!(
        html.contains("<td class=\"right\"><data class=\"value\""),
        "a value's format does not end a table cell: {html}"
    );
}

#[test]
fn citations_are_numbered_in_order_and_listed() {
    let book = two_chapters().build().expect_book();
    let english = book.chapters[0].edition(Language::English);
    let html = html(english);
    assert!(html.contains("title=\"Hastie et al., 2022\">1</a>, Theorem 1; <a href=\"#ref-belkin2020\""), "{html}");
    let ids: Vec<_> = english.references_html.iter().map(|reference| reference.id.as_str()).collect();
    assert_eq!(ids, ["ref-hastie2022", "ref-belkin2020"]);
    let section = english.references_section();
    assert!(
        section.contains("The Annals of Statistics 50(2), 2022. <a href=\"https://doi.org/10.1214/21-AOS2133\">"),
        "{section}"
    );
    assert!(section.contains("https://arxiv.org/abs/1903.07571"), "{section}");
}

#[test]
fn references_are_worded_in_the_language_of_the_page() {
    let (english, chinese) = (first(Language::English), first(Language::Chinese));
    assert!(
        english.contains("<a href=\"#thm-peak\">Theorem 1</a>") && chinese.contains("<a href=\"#thm-peak\">定理 1</a>")
    );
    assert!(
        english.contains("<a href=\"#lab-ridgeless\">Lab: ") && chinese.contains("<a href=\"#lab-ridgeless\">实验：")
    );
    assert!(english.contains("See <a href=\"#peak\">The peak</a>") && chinese.contains("见 <a href=\"#peak\">峰</a>"));
    assert!(english.contains("<summary>Solution</summary>") && chinese.contains("<summary>解答</summary>"));
}

#[test]
fn a_line_broken_within_chinese_text_leaves_no_space() {
    let book = two_chapters().build().expect_book();
    assert_eq!(html(book.chapters[1].edition(Language::Chinese)), "<p>只有一个段落。</p>");
    assert!(first(Language::Chinese).contains("，即 <data"));
}

#[test]
fn pages_carry_no_inline_style_or_script() {
    for language in Language::ALL {
        let html = first(language);
        assert!(!html.contains(" style=") && !html.contains("<script"), "{html}");
    }
}

#[test]
fn every_value_is_wanted_once() {
    let wanted = wanted_values(&two_chapters().dir);
    assert_eq!(wanted.len(), 2);
    assert!(wanted.iter().all(|value| value.lab == "ridgeless" && value.output.as_deref() == Some("variance")));
    assert_eq!(wanted[0].settings.real("gamma"), 0.95);
}

#[test]
fn an_unknown_lab_is_refused() {
    two_chapters().with_both(":::lab ridgeless", ":::lab ridgelss").build().expect_complaints(&[
        "first/en.md:18: unknown lab “ridgelss”",
        "first/en.md:29: nothing in this chapter has the id lab:ridgeless",
        "first/zh.md:18: unknown lab “ridgelss”",
        "first/zh.md:30: nothing in this chapter has the id lab:ridgeless",
    ]);
}

#[test]
fn a_parameter_that_is_unknown_or_out_of_range_is_refused() {
    two_chapters()
        .with_both("{{ridgeless.variance gamma=2 | s2}}", "{{ridgeless.variance gamma=99 | s2}}")
        .with_both(":::lab ridgeless gamma=1.3", ":::lab ridgeless gama=1.3")
        .build()
        .expect_complaints(&[
            "first/en.md:18: lab ridgeless: unknown parameter “gama”",
            "first/en.md:29: nothing in this chapter has the id lab:ridgeless",
            "first/en.md:34: lab ridgeless: gamma = 99 is out of range; it takes 0.05..10",
            "first/zh.md:18: lab ridgeless: unknown parameter",
            "first/zh.md:30: nothing in this chapter has the id",
            "first/zh.md:35: lab ridgeless: gamma = 99 is out of range",
        ]);
}

#[test]
fn an_unknown_output_and_an_unknown_format_are_refused() {
    two_chapters()
        .with_both("{{ridgeless.variance gamma=2 | s2}}", "{{ridgeless.varience gamma=2 | s2}}")
        .build()
        .expect_complaints(&[
            "first/en.md:34: the lab ridgeless has no output “varience”",
            "first/zh.md:35: the lab ridgeless",
        ]);
    two_chapters()
        .with_both("{{ridgeless.variance gamma=2 | s2}}", "{{ridgeless.variance gamma=2 | 2x}}")
        .build()
        .expect_complaints(&["first/en.md:34: “2x” is not a format", "first/zh.md:35: “2x” is not a format"]);
}

#[test]
fn a_value_that_cannot_be_computed_is_refused_where_it_stands() {
    let Err(complaints) = two_chapters().build_with(&Failing).result else { panic!("no complaint") };
    assert_eq!(complaints[0].to_string(), "first/en.md:22: ridgeless.variance: the run was cut short");
}

#[test]
fn a_broken_cross_reference_is_refused() {
    two_chapters()
        .with_both("[@eq:risk]", "[@eq:risks]")
        .build()
        .expect_complaints(&["first/en.md:16: nothing in this chapter has the id eq:risks", "first/zh.md:16: nothing"]);
}

#[test]
fn a_link_to_a_chapter_that_is_not_written_is_refused() {
    two_chapters()
        .with("first/en.md", "../second/", "../third/")
        .build()
        .expect_complaint("first/en.md:43: “../third/” leads nowhere");
}

#[test]
fn editions_of_unequal_length_are_refused() {
    two_chapters()
        .with("second/zh.md", "段落。", "段落。\n\n又一个。")
        .build()
        .expect_complaint("second/zh.md:11: the editions part here: a paragraph; but second/en.md:8 has the end");
}

#[test]
fn editions_that_cite_differently_are_refused() {
    two_chapters().with("first/zh.md", "它存在 [@hastie2022]", "它存在 [@belkin2020]").build().expect_complaint(
        "first/zh.md:26: the editions part here: a paragraph citing belkin2020; \
             but first/en.md:25 has a paragraph citing hastie2022",
    );
}

#[test]
fn editions_whose_equations_differ_are_refused() {
    two_chapters()
        .with("first/zh.md", "{1-\\gamma}}}", "{1+\\gamma}}}")
        .build()
        .expect_complaint("first/zh.md:13: the editions part here: the equation eq:risk");
}

#[test]
fn a_formula_that_does_not_convert_is_refused_at_its_line() {
    two_chapters().with("first/en.md", "R(\\gamma) =", "R(\\gama) =").build().expect_complaints(&[
        "first/en.md:14: this formula does not convert: Unknown command \"\\gama\"",
        "first/zh.md:13: the editions",
    ]);
    two_chapters()
        .with("first/en.md", "Write $\\gamma$ for", "Write $\\gamma for")
        .build()
        .expect_complaint("first/en.md:12: this formula is not closed by $");
}

#[test]
fn an_unknown_role_is_refused() {
    two_chapters()
        .with("first/en.md", "[variance]{.variance}", "[variance]{.varience}")
        .build()
        .expect_complaint("first/en.md:22: unknown role “varience”; the roles are train, test");
}

#[test]
fn a_typed_decimal_is_refused_and_a_given_one_is_not() {
    two_chapters()
        .with("first/en.md", "[0.95]{.given}", "0.95")
        .build()
        .expect_complaint("first/en.md:22: “0.95”: numbers in prose are computed");
}

#[test]
fn an_unknown_citation_is_refused() {
    two_chapters().with_both("@belkin2020", "@belkin2021").build().expect_complaints(&[
        "first/en.md:8: unknown citation “belkin2021”",
        "first/zh.md:8: unknown citation “belkin2021”",
    ]);
}

#[test]
fn an_id_that_is_used_twice_is_refused() {
    two_chapters().with_both("{#exercises}", "{#peak}").build().expect_complaints(&[
        "first/en.md:36: the id sec:peak is used twice",
        "first/zh.md:37: the id sec:peak is used twice",
    ]);
}

#[test]
fn a_heading_without_id_is_refused() {
    two_chapters()
        .with_both(" {#exercises}", "")
        .build()
        .expect_complaints(&["first/en.md:36: this heading needs an id", "first/zh.md:37: this heading needs an id"]);
}

#[test]
fn a_missing_edition_is_refused() {
    two_chapters().without("second/zh.md").build().expect_complaint("second/zh.md:1: this file cannot be read");
}

#[test]
fn a_planned_chapter_that_is_written_is_refused() {
    two_chapters()
        .with("book.toml", "slug = \"second\"", "slug = \"second\"\nplanned = { en = \"Another\", zh = \"另一章\" }")
        .with("first/en.md", "[the next chapter](../second/)", "the next chapter")
        .with("first/zh.md", "[下一章](../second/)", "下一章")
        .build()
        .expect_complaint("book.toml:8: second is written; delete its planned title");
}

#[test]
fn a_block_that_is_not_closed_is_refused_where_it_opens() {
    two_chapters()
        .with("second/en.md", "Nothing but", ":::aside\nNothing but")
        .build()
        .expect_complaints(&["second/en.md:8: this ::: block is not closed", "second/zh.md:8: the editions part here"]);
}

#[test]
fn a_lab_has_one_place_a_chapter() {
    two_chapters().with_both(":::proof", ":::lab ridgeless\n$p$\n:::\n\n:::proof").build().expect_complaints(&[
        "first/en.md:28: the lab ridgeless stands in this chapter already",
        "first/zh.md:29: the lab",
    ]);
}

#[test]
fn chinese_set_like_english_is_refused() {
    two_chapters().with("second/zh.md", "段落。", "段落,共1段。").build().expect_complaints(&[
        "second/zh.md:9: “1段”",
        "second/zh.md:9: “共1”",
        "second/zh.md:9: “落,共”",
    ]);
}

#[test]
fn a_reference_without_year_is_refused() {
    two_chapters()
        .with("references.bib", "  year    = {2022},\n", "")
        .build()
        .expect_complaint("references.bib:1: reference hastie2022 has no year");
}

#[test]
fn front_matter_that_lacks_a_field_is_refused() {
    two_chapters()
        .with("second/en.md", "subtitle = \"Shorter\"\n", "")
        .build()
        .expect_complaint("second/en.md:2: missing field `subtitle`");
}

#[test]
fn raw_html_is_refused() {
    two_chapters()
        .with("second/en.md", "Nothing but", "Nothing <b>but</b>")
        .build()
        .expect_complaint("second/en.md:8: raw HTML has no place in a chapter");
}

#[test]
fn chinese_text_leaves_a_space_to_formulas_and_values() {
    two_chapters()
        .with("first/zh.md", "在 $p = n$ 处达到", "在$p = n$ 处达到")
        .with("first/zh.md", "是 {{ridgeless.variance gamma=0.95 | 1}}", "是{{ridgeless.variance gamma=0.95 | 1}}")
        .build()
        .expect_complaints(&["first/zh.md:8: “在…”: a space", "first/zh.md:22: “是0”: a space"]);
}

#[test]
fn a_theorem_needs_an_id_and_a_proof_has_none() {
    two_chapters().with_both(":::proof", ":::proof {#thm:proof}").build().expect_complaints(&[
        "first/en.md:28: no reference leads to this proof",
        "first/zh.md:29: no reference leads to this proof",
    ]);
    two_chapters().with_both(":::exercise {#ex:one}", ":::exercise").build().expect_complaints(&[
        "first/en.md:38: this exercise needs an id: :::exercise {#ex:name}",
        "first/zh.md:39: this exercise needs an id: :::exercise {#ex:name}",
    ]);
}

#[test]
fn a_solution_stands_within_its_exercise() {
    two_chapters()
        .with_both(":::proof", ":::solution")
        .build()
        .expect_complaints(&["first/en.md:28: a solution stands within", "first/zh.md:29: a solution stands within"]);
}

#[test]
fn code_is_left_as_it_is() {
    let built = two_chapters()
        .with(
            "second/en.md",
            "Nothing but a paragraph.",
            "`$x` and `{{a}}`\n\n```rust\nlet x = 0.5; // [@key] $y$\n```",
        )
        .with("second/zh.md", "只有一个\n段落。", "`$x` 与 `{{a}}`\n\n```rust\nlet x = 0.5; // [@key] $y$\n```")
        .build();
    let html = html(built.expect_book().chapters[1].edition(Language::English));
    assert!(html.starts_with("<p><code>$x</code> and <code>{{a}}</code></p>"), "{html}");
    assert!(html.contains("<code class=\"language-rust\">let x = 0.5; // [@key] $y$\n</code>"), "{html}");
}

#[test]
fn the_first_use_of_a_term_in_running_text_leads_to_the_glossary() {
    let book = two_chapters().build().expect_book();
    let english = html(book.chapters[0].edition(Language::English));
    let link = "<a class=\"term\" href=\"../glossary/#variance\">";
    assert!(english.starts_with(&format!("<p>The <em>{link}variance</a></em> peaks")), "{english}");
    assert_eq!(english.matches(link).count(), 1, "{english}");
    assert!(english.contains("without <a class=\"term\" href=\"../glossary/#bound\">bound</a>."), "{english}");
    let chinese = html(book.chapters[0].edition(Language::Chinese));
    assert!(chinese.starts_with(&format!("<p><em>{link}方差</a></em>在")), "{chinese}");
    assert!(chinese.contains("<a class=\"term\" href=\"../glossary/#bound\">无界</a>地增长"), "{chinese}");
}

#[test]
fn headings_captions_tables_and_links_hold_no_term_links() {
    let book = two_chapters()
        .with("first/en.md", "The *variance* peaks", "It peaks")
        .with("first/en.md", "## The peak {#peak}", "## The variance {#peak}")
        .with("first/en.md", "Drag $\\gamma$ to 1. See", "See the variance, and")
        .with("first/en.md", "[the next chapter](../second/)", "[the variance](../second/)")
        .with("first/en.md", "the [variance]{.variance} is", "it is")
        .build()
        .expect_book();
    let english = html(book.chapters[0].edition(Language::English));
    assert!(!english.contains("#variance\""), "{english}");
}

#[test]
fn terms_and_citations_know_their_sections() {
    let book = two_chapters().build().expect_book();
    let edition = book.chapters[0].edition(Language::English);
    let place = |mention: &book::Mention| (mention.id.clone(), mention.heading);
    let terms: Vec<_> = edition.terms.iter().map(place).collect();
    assert_eq!(terms, [("variance".to_string(), None), ("bound".to_string(), Some(0))]);
    let cited: Vec<_> = edition.citations.iter().map(place).collect();
    let key = |key: &str, heading| (key.to_string(), heading);
    assert_eq!(cited, [key("hastie2022", None), key("belkin2020", None), key("hastie2022", Some(0))]);
}

#[test]
fn another_word_for_a_term_is_refused_where_it_stands() {
    two_chapters()
        .with("second/en.md", "Nothing but", "No limit value, but")
        .with("second/zh.md", "段落。", "段落，没有界限。")
        .with("first/en.md", "title = \"A peak\"", "title = \"A limit value\"")
        .build()
        .expect_complaints(&[
            "first/en.md:2: “limit value” is not this book's word: the glossary has “bound”",
            "second/en.md:8: “limit value” is not this book's word",
            "second/zh.md:9: “界限” is not this book's word: the glossary has “界”",
        ]);
}

#[test]
fn a_fault_of_the_glossary_is_told_with_its_line() {
    two_chapters()
        .with("glossary.toml", "see = [\"variance\"]", "see = [\"variants\"]")
        .build()
        .expect_complaint("glossary.toml:9: there is no term variants to see");
    two_chapters().without("glossary.toml").build().expect_complaint("glossary.toml:1: this file cannot be read");
}

#[test]
fn works_have_a_sentence_in_both_languages_and_bibtex_without_it() {
    let book = two_chapters().build().expect_book();
    let work = &book.works[0];
    assert_eq!(work.key, "hastie2022");
    assert!(work.annotation_html.en.starts_with("Finds the risk for <math>"), "{}", work.annotation_html.en);
    assert!(work.annotation_html.zh.ends_with("时风险的极限。"), "{}", work.annotation_html.zh);
    assert!(work.bibtex.starts_with("@article{hastie2022,\n  author"), "{}", work.bibtex);
    assert!(work.bibtex.ends_with("  doi     = {10.1214/21-AOS2133},\n}"), "{}", work.bibtex);
}

#[test]
fn a_work_without_a_sentence_is_refused() {
    two_chapters()
        .with("references.bib", "  annotation_zh = {两个精确的模型。},\n", "")
        .build()
        .expect_complaint("references.bib:13: reference belkin2020 has no annotation_zh");
}
