//! Phrases, guesses and challenges: what they become, and what is said about those that no lab can follow.

use super::*;
use labs::{
    figure::{Axis, AxisScale, Figure, Mark, Panel, Role, Stroke},
    text::Text,
};

/// A lab whose every mean is its γ, give or take 0.1, and whose exact outputs are its signal power. Its second panel has
/// other axes with another estimator, and its third one other cells and another color scale in two of its three maps.
struct Drawn;

impl Values for Drawn {
    fn value(&self, _lab: &str, settings: &Settings, output: &str) -> Result<f64, String> {
        Ok(match output {
            "null_risk" => settings.real("signal_power"),
            _ if output.ends_with("_standard_error") => 0.1,
            _ => settings.real("gamma"),
        })
    }

    fn figure(&self, _lab: &str, settings: &Settings) -> Result<Figure, String> {
        let axis = |label, range| Axis::new(Text::same(label), AxisScale::Linear, range);
        let line = |name, x: &[f64]| {
            Mark::line(name, Text::same(""), Role::Test, Stroke::Solid, x, x.iter().map(|_| 1.0).collect())
        };
        let x = [0.1, 1.0, 5.0];
        let mut marks = vec![
            Mark::part("variance", Text::same(""), Role::Variance, &x, &[0.0; 3], &[1.0; 3]),
            line("excess_risk", &x),
            line("", &x),
            Mark::probe("gamma", settings),
        ];
        let (mut top, mut columns) = (10.0, vec![1.0, 2.0]);
        if settings.choice("estimator") == 1 {
            marks.push(line("theory_min_norm_excess_risk", &x));
            top = 20.0;
            columns.push(3.0);
        }
        let map = |name: &'static str, x: &[f64], top| Mark::HeatMap {
            name: name.into(),
            label: Text::same(""),
            x: x.to_vec(),
            y: vec![4.0, 5.0],
            values: vec![0.0; 2 * x.len()],
            range: [0.0, top],
            opens: None,
        };
        let maps =
            vec![map("map", &[1.0, 2.0], 1.0), map("fine_map", &columns, 1.0), map("bright_map", &[1.0, 2.0], top)];
        let chart = |y: [f64; 2], marks| Panel::chart(Text::same(""), axis("γ", [0.1, 10.0]), axis("risk", y), marks);
        let norms = chart([0.0, top], vec![line("squared_norm", &x)]);
        Ok(Figure { panels: vec![chart([0.0, 10.0], marks), norms, chart([0.0, 10.0], maps)] })
    }
}

const LAB: &str = ":::lab ridgeless gamma=1.3
$p$
:::";

const GUESS: &str = ":::lab ridgeless gamma=1.3
$p$

:::predict curve=excess_risk estimator=optimal_ridge seeds=5 {#g:ridge}
$q$
:::
:::";

/// From γ = 1.3, give or take 0.2, to γ = 0.5.
const CHALLENGE: &str = ":::lab ridgeless gamma=1.3
$p$
:::

:::challenge ridgeless {#ch:low} $t$
$q$

:::goal excess_risk<1 null_risk=5 keep=\"signal_power=5 noise_variance=2\" seeds=10 answer=\"gamma=0.5\"
:::

:::solution
$s$
:::
:::";

/// A book whose second chapter is this text in both editions; it begins at line 8.
fn saying(text: &str) -> BookTest {
    two_chapters().with("second/en.md", "Nothing but a paragraph.", text).with("second/zh.md", "只有一个\n段落。", text)
}

fn built(text: &str) -> Book {
    saying(text).build_with(&Drawn).expect_book()
}

fn printed(text: &str, language: Language) -> String {
    html(built(text).chapters[1].edition(language))
}

/// `line` is counted from the first line of the text.
fn expect_refusal(text: &str, line: usize, reason: &str) {
    saying(text).build_with(&Drawn).expect_complaints(&[
        &format!("second/en.md:{}: {reason}", 8 + line),
        &format!("second/zh.md:{}: {reason}", 8 + line),
    ]);
}

/// A lab, and below it, at line 4, a phrase with this between its braces.
fn phrase(inside: &str) -> String {
    format!("{LAB}\n\n[$q$]{{{inside}}}")
}

/// The one guess, changed.
fn expect_guess_refusal(old: &str, new: &str, line: usize, reason: &str) {
    assert_eq!(GUESS.matches(old).count(), 1, "{old}");
    expect_refusal(&GUESS.replace(old, new), line, reason);
}

/// The one challenge, changed.
fn expect_challenge_refusal(old: &str, new: &str, line: usize, reason: &str) {
    assert_eq!(CHALLENGE.matches(old).count(), 1, "{old}");
    expect_refusal(&CHALLENGE.replace(old, new), line, reason);
}

#[test]
fn a_phrase_is_a_link_that_loads_the_page_with_its_settings() {
    let html = printed(&phrase("ridgeless gamma=1.0 seeds=5 show=variance,excess_risk at=0.5..2"), Language::English);
    let open = "<a class=\"phrase\" href=\"?ridgeless.gamma=1&amp;ridgeless.seeds=5&amp;ridgeless.run=1#lab-ridgeless\" \
                data-for=\"ridgeless\" data-set=\"gamma=1&amp;seeds=5\" data-show=\"variance,excess_risk\" data-at=\"0.5..2\">";
    assert!(html.contains(&format!("<p>{open}<math><mi>q</mi></math></a></p>")), "{html}");
}

#[test]
fn a_phrase_that_only_points_leads_to_the_figure() {
    let html = printed(&phrase("ridgeless show=squared_norm"), Language::Chinese);
    let open = "<a class=\"phrase\" href=\"#lab-ridgeless\" data-for=\"ridgeless\" data-show=\"squared_norm\">";
    assert!(html.contains(open), "{html}");
    assert!(
        printed(&phrase("ridgeless at=2"), Language::English)
            .contains("#lab-ridgeless\" data-for=\"ridgeless\" data-at=\"2\">")
    );
}

#[test]
fn a_phrase_may_hold_emphasis_and_colors_run_over_lines_and_stand_in_a_caption() {
    let text = format!("{LAB}\n\n[*$q$* and\n[$v$]{{.variance}}]{{ridgeless\ngamma=2}}, [1]").replace(" and", ",");
    let html = printed(&text, Language::English);
    assert!(html.contains("<em><math><mi>q</mi></math></em>,\n<span class=\"role-variance\">"), "{html}");
    assert!(html.contains("</span></a>, [1]</p>"), "{html}");
    let caption = LAB.replace("$p$", "[$p$]{ridgeless gamma=2}");
    assert!(printed(&caption, Language::English).starts_with("[ridgeless: <a class=\"phrase\""));
}

#[test]
fn a_phrase_about_an_unknown_or_absent_lab_is_refused() {
    expect_refusal(&phrase("ridgelss gamma=1"), 4, "unknown lab “ridgelss”; the labs are ridgeless, ");
    let reason = "the lab sample-size does not stand in this chapter; the labs here: ridgeless";
    expect_refusal(&phrase("sample-size samples=50"), 4, reason);
}

#[test]
fn a_phrase_that_sets_what_the_lab_does_not_take_is_refused() {
    for (inside, reason) in [
        ("gama=1", "lab ridgeless: unknown parameter “gama”; this lab has samples, gamma"),
        ("gamma=99", "lab ridgeless: gamma = 99 is out of range; it takes 0.05..10"),
        ("estimator=best", "lab ridgeless: “best” is not a value of estimator, which takes min_norm, optimal_ridge"),
        ("gamma", "“gamma” is not of the form name=value"),
        ("gamma=1 gamma=2", "“gamma” stands twice"),
        ("", "a phrase is written [text]{lab name=value … show=series at=place}"),
        ("at=2..1", "“2..1” is not a place; at takes a number, at=1, or a range, at=0.5..2"),
    ] {
        expect_refusal(&phrase(&format!("ridgeless {inside}")), 4, reason);
    }
}

#[test]
fn a_phrase_shows_what_the_run_with_its_settings_draws() {
    let reason =
        "the lab ridgeless has no series “varience” with these settings; it has variance, excess_risk, squared_norm";
    expect_refusal(&phrase("ridgeless show=varience"), 4, reason);
    let reason = "the lab ridgeless has no series “theory_min_norm_excess_risk” with these settings";
    expect_refusal(&phrase("ridgeless show=theory_min_norm_excess_risk"), 4, reason);
    printed(&phrase("ridgeless estimator=optimal_ridge show=theory_min_norm_excess_risk"), Language::English);
}

#[test]
fn a_phrase_points_at_a_place_on_the_axis() {
    let reason = "at=0.05 is not on the axis of squared_norm, “γ”, 0.1..10";
    expect_refusal(&phrase("ridgeless show=squared_norm at=0.05"), 4, reason);
    expect_refusal(&phrase("ridgeless at=1..11"), 4, "at=1..11 is on no axis of the lab ridgeless: “γ”, 0.1..10");
}

#[test]
fn a_phrase_holds_text_and_no_other_link() {
    for (text, reason) in [
        ("[]{ridgeless gamma=2}", "this phrase has no text"),
        ("[$a$ [@hastie2022]]{ridgeless gamma=2}", "a phrase is a link and holds no other link"),
        ("[$a$ [$b$]{ridgeless gamma=3}]{ridgeless gamma=2}", "a phrase is a link and holds no other link"),
        ("[[$b$]{ridgeless gamma=3}](../first/)", "a link holds no other link, citation or phrase"),
    ] {
        expect_refusal(&format!("{LAB}\n\n{text}"), 4, reason);
    }
    expect_refusal(&format!("{LAB}\n\n## [$b$]{{ridgeless gamma=3}} {{#b}}"), 4, "a heading is a link to itself");
}

#[test]
fn editions_whose_phrases_differ_or_change_places_are_refused() {
    let two = format!("{}, [$r$]{{ridgeless gamma=3}}", phrase("ridgeless gamma=2"));
    for (old, new) in [("gamma=3", "gamma=4"), ("[$r$]{ridgeless gamma=3}", "$r$"), ("gamma=2", "gamma=3 at=1")] {
        let beginning = "second/zh.md:12: the editions part here: a paragraph with […]{ridgeless gamma=";
        saying(&two).with("second/zh.md", old, new).build_with(&Drawn).expect_complaint(beginning);
    }
}

#[test]
fn a_guess_is_printed_beside_the_caption() {
    let book = built(GUESS);
    let Block::Lab(place) = &book.chapters[1].edition(Language::English).blocks[0] else { panic!("a lab") };
    assert_eq!(place.caption_html, "<math><mi>p</mi></math>");
    assert_eq!(
        place.predict_html,
        "<div class=\"predict\" id=\"g-ridge\" data-curve=\"excess_risk\" data-set=\"estimator=optimal_ridge&amp;seeds=5\">\
         <p><math><mi>q</mi></math></p></div>"
    );
    let value = built(&GUESS.replace("curve=excess_risk", "value=excess_risk at=2"));
    let Block::Lab(place) = &value.chapters[1].edition(Language::Chinese).blocks[0] else { panic!("a lab") };
    assert!(place.predict_html.contains(" id=\"g-ridge\" data-value=\"excess_risk\" data-at=\"2\" data-set="));
    let region = built(&GUESS.replace("curve=excess_risk", "region=map"));
    let Block::Lab(place) = &region.chapters[1].edition(Language::Chinese).blocks[0] else { panic!("a lab") };
    assert!(place.predict_html.contains(" id=\"g-ridge\" data-region=\"map\" data-set="), "{}", place.predict_html);
}

#[test]
fn a_guessed_region_is_one_of_a_heat_map_with_the_cells_and_colors_of_the_printed_run() {
    let reason =
        "the lab ridgeless has no heat map “excess_risk” with these settings; it has map, fine_map, bright_map";
    expect_guess_refusal("curve=excess_risk", "region=excess_risk", 3, reason);
    expect_guess_refusal(
        "curve=excess_risk",
        "curve=map",
        3,
        "the lab ridgeless has no curve “map” with these settings",
    );
    for other in ["fine_map", "bright_map"] {
        let reason = format!("the cells or the color scale of “{other}” differ between the printed run and the one");
        expect_guess_refusal("curve=excess_risk", &format!("region={other}"), 3, &reason);
    }
    expect_guess_refusal("curve=excess_risk", "region=map at=1", 3, "a guess is written :::predict curve=series");
}

#[test]
fn a_guess_of_a_curve_that_the_run_does_not_draw_is_refused() {
    let reason = "the lab ridgeless has no curve “risk” with these settings; it has excess_risk, theory_min_norm";
    expect_guess_refusal("excess_risk", "risk", 3, reason);
    expect_guess_refusal("excess_risk", "variance", 3, "the lab ridgeless has no curve “variance” with these settings");
}

#[test]
fn a_guess_is_about_another_run_than_the_printed_one() {
    expect_guess_refusal("estimator=optimal_ridge seeds=5", "gamma=1.3", 3, "a guess is about the next run");
    expect_guess_refusal("optimal_ridge", "best", 3, "lab ridgeless: “best” is not a value of estimator");
}

#[test]
fn a_guess_has_a_place_on_the_axes_of_the_printed_run() {
    let reason = "the axes of “squared_norm” differ between the printed run and the one that is guessed, so that a guess \
                  has no place: “risk”, 0..10 and “risk”, 0..20";
    expect_guess_refusal("excess_risk", "squared_norm", 3, reason);
    let reason = "at=11 is not on the axis of excess_risk, “γ”, 0.1..10";
    expect_guess_refusal("curve=excess_risk", "value=excess_risk at=11", 3, reason);
    let reason = "“excess_risk” has no value at 6: it is drawn from 0.1 to 5";
    expect_guess_refusal("curve=excess_risk", "value=excess_risk at=6", 3, reason);
}

#[test]
fn a_guess_has_an_id_a_text_and_a_lab_around_it() {
    expect_guess_refusal(" {#g:ridge}", "", 3, "this predict needs an id: :::predict {#g:name}");
    expect_guess_refusal("curve=excess_risk ", "", 3, "a guess is written :::predict curve=series");
    expect_guess_refusal("\n$q$", "", 3, "this :::predict has no text: say what to guess");
    expect_guess_refusal("$q$", "- $q$", 4, "a :::predict is made of paragraphs");
    expect_guess_refusal("$p$\n\n", "", 0, "the lab ridgeless needs a caption first");
    expect_guess_refusal("$q$\n:::", "$q$\n:::\n\n$r$", 7, "a lab holds its caption, in paragraphs, and after it");
    let twice = GUESS.replacen(":::\n:::", ":::\n\n:::predict curve=excess_risk seeds=7 {#g:ridge}\n$r$\n:::\n:::", 1);
    expect_refusal(&twice, 7, "the id g:ridge is used twice");
    let alone = ":::predict curve=excess_risk seeds=5 {#g:ridge}\n$q$\n:::";
    expect_refusal(&format!("$p$\n\n{alone}"), 2, "a :::predict stands within its :::lab");
}

#[test]
fn editions_that_let_guess_differently_are_refused() {
    saying(GUESS)
        .with("second/zh.md", "seeds=5", "seeds=6")
        .build_with(&Drawn)
        .expect_complaint("second/zh.md:11: the editions part here: the guess g:ridge");
}

#[test]
fn a_challenge_carries_its_goal_and_folds_its_solution() {
    let english = printed(&format!("{CHALLENGE}\n\n[@ch:low]"), Language::English);
    let open = "<section class=\"challenge\" id=\"ch-low\" role=\"group\" aria-labelledby=\"ch-low-label\" \
                data-for=\"ridgeless\" data-keep=\"signal_power=5&amp;noise_variance=2\" data-seeds=\"10\" \
                data-goal=\"[[&quot;excess_risk&quot;,&quot;&lt;&quot;,1],[&quot;null_risk&quot;,&quot;=&quot;,5]]\">\
                <p class=\"label\" id=\"ch-low-label\">Challenge 1: <math>";
    assert!(english.contains(open), "{english}");
    assert!(english.contains("</p><p><math><mi>q</mi></math></p><details class=\"solution\"><summary>"), "{english}");
    assert!(english.contains("</details></section><p><a href=\"#ch-low\">Challenge 1</a></p>"), "{english}");
    assert!(printed(CHALLENGE, Language::Chinese).contains("id=\"ch-low-label\">挑战 1：<math>"));
}

#[test]
fn a_challenge_in_an_unknown_or_absent_lab_is_refused() {
    let reason = "unknown lab “ridgelss”; the labs are";
    expect_challenge_refusal(":::challenge ridgeless", ":::challenge ridgelss", 4, reason);
    let reason = "the lab sample-size does not stand in this chapter; the labs here: ridgeless";
    expect_challenge_refusal(":::challenge ridgeless", ":::challenge sample-size", 4, reason);
    expect_challenge_refusal(" {#ch:low}", "", 4, "this challenge needs an id: :::challenge {#ch:name}");
}

#[test]
fn a_goal_with_an_unknown_output_parameter_or_value_is_refused() {
    for (old, new, reason) in [
        ("excess_risk<1", "risk<1", "the lab ridgeless has no output “risk”; it has excess_risk, bias"),
        ("excess_risk<1", "excess_risk<low", "“excess_risk<low” is not a condition, such as test_error<0.2"),
        ("noise_variance=2", "noise=2", "lab ridgeless: unknown parameter “noise”"),
        ("noise_variance=2", "noise_variance=99", "lab ridgeless: noise_variance = 99 is out of range"),
        ("gamma=0.5", "gama=0.5", "lab ridgeless: unknown parameter “gama”"),
        (" answer=\"gamma=0.5\"", "", "a goal is written :::goal output<number"),
    ] {
        expect_challenge_refusal(old, new, 7, reason);
    }
}

#[test]
fn a_goal_that_luck_could_reach_is_refused() {
    expect_challenge_refusal("seeds=10", "seeds=4", 7, "4 seeds leave too much to luck; take at least 5");
    expect_challenge_refusal("seeds=10", "seeds=1000", 7, "lab ridgeless: seeds = 1000 is out of range");
    expect_challenge_refusal("gamma=0.5", "gamma=0.5 seed=3", 7, "seed belongs neither into keep nor into answer");
}

#[test]
fn a_goal_that_is_reached_at_the_start_is_refused() {
    let reason = "the goal is reached before the reader does anything: excess_risk<2 holds with 1.3 ± 2.00e-1; null_risk=5 holds with 5";
    expect_challenge_refusal("excess_risk<1", "excess_risk<2", 7, reason);
}

#[test]
fn an_answer_that_misses_the_goal_or_changes_what_is_kept_is_refused() {
    let reason = "the answer does not reach the goal: excess_risk<1 fails with 0.9 ± 2.00e-1; null_risk=5 holds with 5";
    expect_challenge_refusal("gamma=0.5", "gamma=0.9", 7, reason);
    let reason = "the answer does not reach the goal: excess_risk<1 holds with 0.5 ± 2.00e-1; null_risk=6 fails with 5";
    expect_challenge_refusal("null_risk=5", "null_risk=6", 7, reason);
    expect_challenge_refusal(
        "gamma=0.5",
        "gamma=0.5 noise_variance=3",
        7,
        "the answer changes noise_variance, which is kept",
    );
}

#[test]
fn a_challenge_has_one_goal_and_one_solution() {
    let reason = "a challenge has one :::goal and one :::solution";
    expect_challenge_refusal("\n\n:::solution\n$s$\n:::", "", 4, reason);
    let goal = CHALLENGE.lines().nth(7).expect("the goal");
    expect_challenge_refusal(&format!("\n\n{goal}\n:::"), "", 4, reason);
    expect_refusal(&CHALLENGE.replace(goal, &format!("{goal}\n:::\n\n{goal}")), 4, reason);
    expect_challenge_refusal("\"\n:::", "\"\n$r$\n:::", 7, "a :::goal holds nothing");
}

#[test]
fn a_goal_stands_in_its_challenge_and_a_challenge_on_its_own() {
    let goal = CHALLENGE.lines().nth(7).expect("the goal");
    expect_refusal(&format!("$p$\n\n{goal}\n:::"), 2, "a :::goal stands within its :::challenge");
    let inside = CHALLENGE.replace(":::challenge", ":::aside\n$a$\n\n:::challenge") + "\n:::";
    expect_refusal(&inside, 7, "a challenge stands on its own, not within another ::: block");
}

#[test]
fn editions_whose_goals_differ_are_refused() {
    for (old, new) in [("answer=\"gamma=0.5\"", "answer=\"gamma=0.6\""), ("null_risk=5 ", ""), ("seeds=10", "seeds=11")]
    {
        saying(CHALLENGE)
            .with("second/zh.md", old, new)
            .build_with(&Drawn)
            .expect_complaint("second/zh.md:15: the editions part here: the goal excess_risk<1");
    }
}

#[test]
fn all_that_phrases_guesses_and_challenges_need_is_wanted() {
    let challenge = CHALLENGE.split_once(":::challenge").expect("a challenge").1;
    let text = format!(
        "{GUESS}\n\n[$q$]{{ridgeless gamma=2 show=excess_risk}}, [$r$]{{ridgeless gamma=3}}\n\n:::challenge{challenge}"
    );
    let wanted = wanted_values(&saying(&text).dir);
    let runs = |output: Option<&str>| -> Vec<(f64, usize, usize)> {
        let same = wanted.iter().filter(|wanted| wanted.output.as_deref() == output);
        same.map(|it| (it.settings.real("gamma"), it.settings.choice("estimator"), it.settings.seeds())).collect()
    };
    // The guessed run, the printed one, and the one that a phrase points into; what only sets γ needs no run.
    assert_eq!(runs(None), [(1.3, 1, 5), (1.3, 0, 10), (2.0, 0, 10)]);
    for output in ["excess_risk", "excess_risk_standard_error", "null_risk"] {
        let judged = runs(Some(output));
        assert!(judged.contains(&(1.3, 0, 10)) && judged.contains(&(0.5, 0, 10)), "{output}: {judged:?}");
    }
}

#[test]
fn a_figure_that_cannot_be_drawn_is_told_where_it_is_pointed_at() {
    let Err(complaints) = saying(&phrase("ridgeless show=variance")).build_with(&Failing).result else {
        panic!("no complaint")
    };
    let said = listed(&complaints);
    assert!(said.contains("second/en.md:12: the figure of ridgeless: the run was cut short"), "{said}");
}

#[test]
fn no_lab_has_a_parameter_or_an_output_that_is_named_like_a_part_of_a_phrase() {
    for lab in labs::labs::ALL {
        let schema = lab.schema();
        for word in ["show", "at", "curve", "value", "region", "keep", "answer", "seed"] {
            assert!(schema.parameter(word).is_none() && schema.output(word).is_none(), "{}: {word}", schema.id);
        }
        assert!(schema.output("seeds").is_none());
    }
}
