//! A lab as it stands in a printed page: a finished run, and controls that wait for the script.

use super::{
    slider::Slider,
    wording::{State, legend_items, note, output, panel_label},
};
use crate::{figure::printed_svg, interface, sheet::Sheet};
use book::LabPlace;
use labs::{
    figure::{AxisScale, Chart, Figure, Mark, Panel},
    schema::{Aggregate, Domain, Output, Parameter},
    settings::{MAX_SEED, write},
    text::{Language, Text},
};
use leptos::{prelude::*, tachys::html::InertElement};
use std::sync::Arc;

/// The width that printed panels are laid out for, in CSS pixels; the page scales them.
const PRINTED_WIDTH: f64 = 480.0;
/// How many results stand in the open: those that the lab is about come first.
const SHOWN_OUTPUTS: usize = 6;

/// A sheet as it is printed.
#[derive(Clone)]
struct Print {
    sheet: Arc<Sheet>,
    language: Language,
}

impl Print {
    fn say(&self, text: &Text) -> String {
        text.get(self.language).to_string()
    }

    /// The `id` of a control's field.
    fn field(&self, name: &str) -> String {
        format!("lab-{}-{name}", self.sheet.schema.id)
    }

    /// Two words joined the way of the language.
    fn joined(&self, first: &Text, second: &Text, gap: &str) -> String {
        match self.language {
            Language::English => format!("{}{gap}{}", first.en, second.en),
            Language::Chinese => format!("{}{}", first.zh, second.zh),
        }
    }
}

/// What a printed lab needs to come to life, as addresses seen from the page.
#[derive(Clone, Debug)]
pub struct Files {
    /// The sheet's bytes.
    pub sheet: String,
    /// The loader of the workers' program that holds the lab.
    pub worker: String,
}

/// The whole figure. What `place` brings along is the chapter's own and trusted.
pub fn print(sheet: &Sheet, files: &Files, language: Language, place: &LabPlace) -> String {
    let print = Print { sheet: Arc::new(sheet.clone()), language };
    let id = sheet.schema.id.to_string();
    let report = &sheet.frame.report;
    let caption_html = place.caption_html.as_str();
    let caption = (!caption_html.is_empty()).then(|| view! { <div class="lab-caption" inner_html=caption_html></div> });
    let guesses = (!place.predict_html.is_empty()).then(|| InertElement::new(place.predict_html.clone()));
    view! {
        <figure
            class="lab"
            id=format!("lab-{id}")
            data-lab=id.clone()
            data-state=State::Idle.name()
            data-digest=sheet.frame.digest.clone()
            data-sheet=files.sheet.clone()
            data-worker=files.worker.clone()
            aria-labelledby=format!("lab-{id}-title")
        >
            <figcaption>
                <p class="lab-title" id=format!("lab-{id}-title")>{print.say(&sheet.schema.title)}</p>
                {caption}
            </figcaption>
            <Notices print=print.clone() />
            <div class="lab-panels" data-surface=has_surface(&report.figure)>{panels(&print)}</div>
            <ul class="lab-legend" inner_html=legend_items(&report.figure, language)></ul>
            {guesses}
            <Standing print=print.clone() />
            <Controls print=print.clone() />
            <Results print=print.clone() />
            <details class="lab-words">
                <summary>{print.say(&interface::IN_WORDS)}</summary>
                <p>{print.say(&report.description)}</p>
            </details>
        </figure>
    }
    .to_html()
}

fn panels(print: &Print) -> Vec<impl IntoView + use<>> {
    let panel = |panel: &Panel| {
        let svg = printed_svg(panel, print.language, PRINTED_WIDTH, &panel_label(&print.sheet, panel, print.language));
        view! { <div class="lab-panel" inner_html=svg></div> }
    };
    print.sheet.frame.report.figure.panels.iter().map(panel).collect()
}

/// Whether it has a map of a plane, which scripts also draw as a surface that can be turned.
fn has_surface(figure: &Figure) -> bool {
    let is_plane = |chart: &Chart| [&chart.x, &chart.y].iter().all(|axis| axis.scale == AxisScale::Equal);
    figure.panels.iter().any(|panel| match panel {
        Panel::Chart(chart) => is_plane(chart) && chart.marks.iter().any(|mark| matches!(mark, Mark::HeatMap { .. })),
        Panel::Images(_) => false,
    })
}

/// The places for what the link asked for in vain and for what went wrong.
#[component]
fn Notices(print: Print) -> impl IntoView {
    view! {
        <div class="lab-notice" role="status" hidden>
            <p>{print.say(&interface::LINK_NOTICE)}</p>
            <ul></ul>
            <button type="button" data-action="dismiss">{print.say(&interface::DISMISS)}</button>
        </div>
        <p class="lab-failure" role="alert" hidden></p>
    }
}

/// What the lab is doing, how far it has come, and where the numbers come from.
#[component]
fn Standing(print: Print) -> impl IntoView {
    let note = note(&print.sheet, &print.sheet.settings, State::Idle, print.language);
    view! {
        <div class="lab-progress">
            <progress max="1" value="1" aria-label=print.say(&interface::PROGRESS)></progress>
            <span aria-hidden="true"></span>
        </div>
        <div class="lab-status">
            <p class="lab-state" role="status">{print.say(&State::Idle.words())}</p>
            <p class="lab-note">{note}</p>
        </div>
    }
}

/// Buttons and parameters.
#[component]
fn Controls(print: Print) -> impl IntoView {
    let control = |parameter: &Parameter| match parameter.domain {
        Domain::Choice { .. } => view! { <ChoiceControl print=print.clone() parameter=parameter.clone() /> }.into_any(),
        Domain::Points { .. } => view! { <PointsControl print=print.clone() parameter=parameter.clone() /> }.into_any(),
        _ => view! { <NumberControl print=print.clone() parameter=parameter.clone() /> }.into_any(),
    };
    let controls: Vec<_> = print.sheet.schema.parameters.iter().map(control).collect();
    let seed = Parameter::integer("seed", "", interface::SEED, interface::SEED_HELP, [0, MAX_SEED.cast_signed(), 1], 0);
    let button = |action: &'static str, label: &Text| {
        let class = format!("lab-button lab-{action}");
        let idle = (action == "pause").then_some("true");
        view! { <button type="button" class=class data-action=action aria-disabled=idle>{print.say(label)}</button> }
    };
    let buttons = [
        button("run", &interface::RUN),
        button("pause", &interface::PAUSE),
        button("step", &interface::STEP),
        button("reset", &interface::RESET),
        button("copy_link", &interface::COPY_LINK),
        button("download", &interface::DOWNLOAD),
    ]
    .collect_view();
    view! {
        <fieldset class="lab-controls" disabled>
            <legend class="visually-hidden">{print.say(&interface::SETTINGS)}</legend>
            <div class="lab-buttons">
                {buttons}
                <span class="lab-answer" role="status"></span>
                <input class="lab-link" type="text" readonly aria-label=print.say(&interface::COPY_LINK) hidden />
            </div>
            <div class="lab-parameters">
                {controls}
                <NumberControl print=print.clone() parameter=seed />
            </div>
        </fieldset>
    }
}

/// A control's label, and its help, which a keyboard opens as well.
#[component]
fn Label(print: Print, parameter: Parameter) -> impl IntoView {
    let field = print.field(&parameter.name);
    let symbol =
        (!parameter.symbol.is_empty()).then(|| view! { " "<i class="lab-symbol">{parameter.symbol.to_string()}</i> });
    let unit = (!parameter.unit.is_empty())
        .then(|| view! { " "<span class="lab-unit">{format!("({})", print.say(&parameter.unit))}</span> });
    let about = print.joined(&interface::HELP, &parameter.label, " ");
    let help = format!("{field}-help");
    view! {
        <label for=field>{print.say(&parameter.label)}{symbol}{unit}</label>
        <button type="button" class="lab-help" data-action="help" aria-label=about aria-expanded="false" aria-controls=help.clone()>
            <span aria-hidden="true">"?"</span>
        </button>
        <p class="lab-help-text" id=help hidden>{print.say(&parameter.help)}</p>
    }
}

/// A number field with its slider; the seed has no slider.
#[component]
fn NumberControl(print: Print, parameter: Parameter) -> impl IntoView {
    let name = parameter.name.to_string();
    let field = print.field(&name);
    let refusal = format!("{field}-refusal");
    let settings = &print.sheet.settings;
    let value = match name.as_str() {
        "seed" => settings.seed.to_string(),
        _ => write(&parameter.domain, settings.real(&name)),
    };
    let (min, max, step) = match &parameter.domain {
        Domain::Integer { min, max, .. } => (min.to_string(), max.to_string(), "1"),
        Domain::Real { min, max, .. } => (min.to_string(), max.to_string(), "any"),
        Domain::Choice { .. } | Domain::Points { .. } => return ().into_any(),
    };
    let slider = Slider::new(&parameter.domain).filter(|_| name != "seed").map(|slider| {
        let label = print.joined(&parameter.label, &interface::SLIDER, ", ");
        let position = slider.position(settings.real(&name)).to_string();
        let text = value.clone();
        view! {
            <input class="lab-slider" type="range" min="0" max=slider.last() step="1" value=position aria-label=label aria-valuetext=text />
        }
    });
    let control = name.clone();
    view! {
        <div class="lab-control" data-control=control>
            <Label print=print.clone() parameter=parameter />
            <div class="lab-fields">
                <input
                    class="lab-number"
                    type="number"
                    id=field
                    name=name
                    min=min
                    max=max
                    step=step
                    value=value
                    autocomplete="off"
                    aria-describedby=refusal.clone()
                />
                {slider}
            </div>
            <p class="lab-refusal" id=refusal aria-live="polite"></p>
        </div>
    }
    .into_any()
}

/// Points as text. Over the living figure, scripts let a reader drag them.
#[component]
fn PointsControl(print: Print, parameter: Parameter) -> impl IntoView {
    let name = parameter.name.to_string();
    let field = print.field(&name);
    let refusal = format!("{field}-refusal");
    let value = print.sheet.settings.text(&parameter);
    let control = name.clone();
    view! {
        <div class="lab-control" data-control=control>
            <Label print=print.clone() parameter=parameter />
            <div class="lab-fields">
                <input
                    class="lab-choice"
                    type="text"
                    id=field
                    name=name
                    value=value
                    autocomplete="off"
                    spellcheck="false"
                    aria-describedby=refusal.clone()
                />
            </div>
            <p class="lab-refusal" id=refusal aria-live="polite"></p>
        </div>
    }
}

/// A list of named choices.
#[component]
fn ChoiceControl(print: Print, parameter: Parameter) -> impl IntoView {
    let Domain::Choice { choices, .. } = &parameter.domain else { return ().into_any() };
    let name = parameter.name.to_string();
    let field = print.field(&name);
    let chosen = print.sheet.settings.choice(&name);
    let option = |(index, choice): (usize, &labs::schema::Choice)| {
        view! { <option value=choice.name.to_string() selected=index == chosen>{print.say(&choice.label)}</option> }
    };
    let options: Vec<_> = choices.iter().enumerate().map(option).collect();
    let control = name.clone();
    view! {
        <div class="lab-control" data-control=control>
            <Label print=print.clone() parameter=parameter />
            <div class="lab-fields">
                <select class="lab-choice" id=field name=name autocomplete="off">{options}</select>
            </div>
        </div>
    }
    .into_any()
}

/// The numbers of the run: the first at once, what is left over folded away.
#[component]
fn Results(print: Print) -> impl IntoView {
    let outputs = &print.sheet.schema.outputs;
    let shown = if outputs.len() > SHOWN_OUTPUTS + 1 { SHOWN_OUTPUTS } else { outputs.len() };
    let (first, rest) = outputs.split_at(shown);
    let more = (!rest.is_empty()).then(|| {
        view! {
            <details class="lab-more">
                <summary>{print.say(&interface::MORE_RESULTS)}</summary>
                {table(&print, rest)}
            </details>
        }
    });
    view! { {table(&print, first)} {more} }
}

fn table(print: &Print, outputs: &[Output]) -> impl IntoView + use<> {
    let rows: Vec<_> = outputs.iter().map(|output| row(print, output)).collect();
    view! {
        <table class="lab-outputs">
            <caption class="visually-hidden">{print.say(&interface::RESULTS)}</caption>
            <thead class="visually-hidden">
                <tr>
                    <th scope="col">{print.say(&interface::QUANTITY)}</th>
                    <th scope="col">{print.say(&interface::VALUE)}</th>
                </tr>
            </thead>
            <tbody>{rows}</tbody>
        </table>
    }
}

fn row(print: &Print, declared: &Output) -> impl IntoView + use<> {
    let cell = |name: String, class: &'static str, title: Option<String>| {
        let shown = output(&print.sheet.frame, &name);
        let (exact, short) = shown.map_or_else(|| ("NaN".into(), "—".into()), |shown| (shown.exact, shown.short));
        view! { <span class=class data-output=name data-value=exact title=title>{short}</span> }
    };
    let error = (declared.aggregate != Aggregate::Exact).then(|| {
        let title = print.say(&interface::STANDARD_ERROR);
        cell(format!("{}_standard_error", declared.name), "lab-error-bar", Some(title))
    });
    let unit =
        (!declared.unit.is_empty()).then(|| view! { " "<span class="lab-unit">{print.say(&declared.unit)}</span> });
    view! {
        <tr>
            <th scope="row">
                {print.say(&declared.label)}
                <small class="lab-meaning">{print.say(&declared.meaning)}</small>
            </th>
            <td>{cell(declared.name.to_string(), "lab-value", None)} {unit} {error}</td>
        </tr>
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use labs::{data::Data, run, settings::Settings};

    #[test]
    fn guesses_stand_between_the_figure_and_its_controls() {
        let lab = labs::labs::find("training-time").expect("a lab");
        let settings = Settings::read(lab.schema(), [("seeds", "1"), ("steps", "1")]).0;
        let frame = run::complete(lab, settings.clone(), &Data::bundled());
        let sheet = Sheet { schema: lab.schema().clone(), settings: settings.clone(), frame, data: Vec::new() };
        let guess = "<div class=\"predict\" id=\"g-a\" data-curve=\"b\"><p>c &lt; d</p></div>";
        let place = LabPlace {
            id: "training-time".into(),
            settings,
            caption_html: String::new(),
            predict_html: guess.repeat(2),
        };
        let files = Files { sheet: String::new(), worker: String::new() };
        let html = print(&sheet, &files, Language::English, &place);
        let at = |part: &str| html.find(part).unwrap_or_else(|| panic!("no {part}"));
        assert!(at("class=\"lab-legend\"") < at(&guess.repeat(2)) && at(guess) < at("class=\"lab-controls\""));
    }
}
