//! Exercises that a page can check: what they become, and what is said about those that cannot be answered.

use super::*;

/// A lab whose every output is its γ, give or take 0.01.
struct Gamma;

impl Values for Gamma {
    fn value(&self, _lab: &str, settings: &Settings, output: &str) -> Result<f64, String> {
        Ok(if output.ends_with("_standard_error") { 0.01 } else { settings.real("gamma") })
    }

    fn figure(&self, _lab: &str, _settings: &Settings) -> Result<Figure, String> {
        Ok(Figure::default())
    }
}

const CHOICES: &str = ":::choices
- [ ] $a$

  $b$

- [x] $c$

  $d$
:::";

const NUMBER: &str = ":::number {{ridgeless.variance gamma=2 | 2}} tolerance=5% unit=m
- {{ridgeless.variance gamma=4 | 1}} $a$
:::

:::solution
$s$
:::";

/// A book whose second chapter has this exercise; its answer begins at line 13 in English and at line 14 in Chinese.
fn asking(exercise: &str) -> BookTest {
    let exercise = format!(":::exercise {{#ex:one}}\n$q$\n\n{exercise}\n:::");
    two_chapters().with("second/en.md", "Nothing but a paragraph.", &format!("$p$\n\n{exercise}")).with(
        "second/zh.md",
        "段落。",
        &format!("段落。\n\n{exercise}"),
    )
}

fn printed(exercise: &str, language: Language) -> String {
    html(asking(exercise).build_with(&Gamma).expect_book().chapters[1].edition(language))
}

/// `line` is counted from the line after the exercise's question.
fn expect_refusal(exercise: &str, line: i32, reason: &str) {
    asking(exercise).build_with(&Gamma).expect_complaints(&[
        &format!("second/en.md:{}: {reason}", 13 + line),
        &format!("second/zh.md:{}: {reason}", 14 + line),
    ]);
}

#[test]
fn options_come_first_and_their_responses_in_the_folded_answer() {
    let english = printed(CHOICES, Language::English);
    let (form, answer) = english.split_once("<details class=\"answer\">").expect("a folded answer");
    assert!(form.contains("<fieldset><legend>Choose one</legend><ol><li><label><input type=\"radio\""), "{form}");
    assert_eq!(form.matches("<input").count(), 2);
    assert!(!form.contains("data-right") && !form.contains("<mi>d</mi>"), "the answer is given away: {form}");
    assert!(answer.starts_with("<summary>Answer</summary><ol><li><strong>Wrong.</strong> <math><mi>b"), "{answer}");
    assert!(answer.contains("<li data-right><strong>Right.</strong> <math><mi>d</mi>"), "{answer}");
    let chinese = printed(CHOICES, Language::Chinese);
    assert!(chinese.contains("<legend>选一项</legend>") && chinese.contains("disabled>检查</button>"), "{chinese}");
    assert!(chinese.contains("<strong>对。</strong><math>"), "{chinese}");
}

#[test]
fn several_right_options_are_boxes_to_tick() {
    let english = printed(
        &CHOICES.replace("[ ]", "[x]").replace(":::choices", ":::choices\n- [ ] $e$\n\n  $f$\n"),
        Language::English,
    );
    assert!(english.contains("Choose all that are right") && english.contains("type=\"checkbox\""), "{english}");
}

#[test]
fn a_number_is_computed_at_full_precision_with_its_tolerance_and_its_known_errors() {
    let english = printed(NUMBER, Language::English);
    assert!(english.contains("<label>Your answer <input size=\"10\" autocomplete=\"off\"> m</label>"), "{english}");
    assert!(english.contains("<details class=\"answer\" data-tolerance=\"0.1\">"), "{english}");
    assert!(english.contains("γ = 2\">2.00</data> m. Anything within 5% of it counts as right.</p>"), "{english}");
    assert!(english.contains("<li><data class=\"value\" value=\"4\""), "{english}");
}

#[test]
fn every_number_of_an_exercise_is_wanted() {
    let wanted = wanted_values(&asking(NUMBER).dir);
    let outputs: Vec<_> = wanted.iter().map(|value| (value.output.as_deref(), value.settings.real("gamma"))).collect();
    for gamma in [2.0, 4.0] {
        assert!(outputs.contains(&(Some("variance"), gamma)), "{outputs:?}");
    }
    assert!(outputs.contains(&(Some("variance_standard_error"), 2.0)), "{outputs:?}");
}

#[test]
fn an_exercise_is_answered_in_one_way() {
    expect_refusal("$r$", -3, "this exercise has no :::solution");
    expect_refusal(NUMBER.split("\n\n").next().expect("the number"), -3, "this exercise has no :::solution");
    expect_refusal(&format!("{CHOICES}\n\n{NUMBER}"), -3, "an exercise has one :::choices or one :::number");
}

#[test]
fn choices_without_a_right_or_a_wrong_one_are_refused() {
    expect_refusal(&CHOICES.replace("[x]", "[ ]"), 0, "at least one option is right, - [x], and at least one wrong");
    expect_refusal(&CHOICES.replace("[ ]", "[x]"), 0, "at least one option is right, - [x], and at least one wrong");
}

#[test]
fn an_option_without_mark_or_response_is_refused() {
    expect_refusal(&CHOICES.replace("  $b$\n\n", ""), 1, "this option has no response");
    expect_refusal(&CHOICES.replace("[x] ", ""), 5, "an option begins with [x] if it is right, or with [ ]");
    expect_refusal(&CHOICES.replace("- [ ]", "$a$\n\n- [ ]"), 0, ":::choices holds a list of options");
}

#[test]
fn choices_and_numbers_stand_within_an_exercise() {
    let outside = |block: &str| {
        two_chapters().with("second/en.md", "paragraph.", &format!("$p$\n\n{block}")).with(
            "second/zh.md",
            "段落。",
            &format!("$p$\n\n{block}"),
        )
    };
    outside(CHOICES).build_with(&Gamma).expect_complaints(&[
        "second/en.md:10: :::choices stands within its :::exercise",
        "second/zh.md:11: :::choices stands within its :::exercise",
    ]);
}

#[test]
fn a_number_of_an_unknown_lab_output_or_setting_is_refused() {
    for (unknown, reason) in [
        ("ridgelss.variance gamma=2", "unknown lab “ridgelss”"),
        ("ridgeless.varience gamma=2", "the lab ridgeless has no output “varience”"),
        ("ridgeless.variance gama=2", "lab ridgeless: unknown parameter “gama”"),
    ] {
        expect_refusal(&NUMBER.replace("ridgeless.variance gamma=2", unknown), 0, reason);
    }
}

#[test]
fn a_tolerance_that_is_missing_or_no_number_is_refused() {
    expect_refusal(&NUMBER.replace(" tolerance=5%", ""), 0, "a number is written :::number");
    expect_refusal(&NUMBER.replace("=5%", "=some"), 0, "“some” is not a tolerance");
}

#[test]
fn a_tolerance_lies_between_the_standard_error_and_the_known_errors() {
    let reason = "the tolerance, 0.005, is less than the standard error of the number, 0.01; take more seeds";
    expect_refusal(&NUMBER.replace("=5%", "=0.005"), 0, reason);
    expect_refusal(&NUMBER.replace("=5%", "=100%"), 1, "4 is as near to the right number, 2, as the tolerance of 2");
    // What theory computes has no standard error.
    asking(&NUMBER.replace("variance gamma=2", "theory_variance gamma=2").replace("=5%", "=0.005"))
        .build_with(&Gamma)
        .expect_book();
}

#[test]
fn a_known_error_without_number_or_response_is_refused() {
    expect_refusal(&NUMBER.replace("}} $a$", "}}"), 1, "this wrong number has no response");
    expect_refusal(&NUMBER.replace("{{ridgeless.variance gamma=4 | 1}} $a$", "$a$"), 1, "a wrong number is written");
    expect_refusal(&NUMBER.replace("- {{", "{{"), 0, ":::number holds a list of wrong numbers");
}

#[test]
fn editions_whose_exercises_are_answered_differently_are_refused() {
    for (old, new, here, there) in [
        ("- [x]", "- [ ]", "the choices [x] [ ]", "the choices [ ] [x]"),
        ("tolerance=5%", "tolerance=6%", "the number within 6%", "the number within 5%"),
    ] {
        let exercise = if old.contains('[') { CHOICES } else { NUMBER };
        let mut chinese = asking(exercise);
        if old.contains('[') {
            chinese = chinese.with("second/zh.md", "- [ ]", "- [-]").with("second/zh.md", "- [x]", "- [ ]");
            chinese = chinese.with("second/zh.md", "- [-]", "- [x]");
        } else {
            chinese = chinese.with("second/zh.md", old, new);
        }
        let Err(complaints) = chinese.build_with(&Gamma).result else { panic!("no complaint") };
        let said = listed(&complaints);
        assert!(complaints.len() == 1 && said.contains(here) && said.contains(there), "{said}");
    }
}
