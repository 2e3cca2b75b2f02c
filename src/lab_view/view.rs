//! What a lab looks like: one component for the printed page and for the live one.

use super::slider::Slider;
use crate::{
    figure::{format_number, legend},
    interface,
    sheet::Sheet,
};
use labs::{
    figure::{Chart, Images, Panel},
    frame::Frame,
    schema::{Domain, Output, Parameter, Schema},
    settings::{MAX_SEED, Settings, write},
    text::{Language, Text},
};
use leptos::{html, prelude::*};
use std::sync::Arc;

/// What a lab is doing, as `data-state` says it.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum State {
    /// It shows the printed run.
    Idle,
    /// A run is under way.
    Running,
    /// A run is held.
    Paused,
    /// A run has ended.
    Done,
    /// A run could not go on.
    Error,
}

impl State {
    /// The value of `data-state`.
    pub const fn name(self) -> &'static str {
        match self {
            Self::Idle => "idle",
            Self::Running => "running",
            Self::Paused => "paused",
            Self::Done => "done",
            Self::Error => "error",
        }
    }

    const fn words(self) -> Text {
        match self {
            Self::Idle => interface::STATE_IDLE,
            Self::Running => interface::STATE_RUNNING,
            Self::Paused => interface::STATE_PAUSED,
            Self::Done => interface::STATE_DONE,
            Self::Error => interface::STATE_ERROR,
        }
    }
}

/// What the reader asks for.
#[derive(Clone, Debug, PartialEq)]
pub enum Command {
    /// The button Run.
    Run,
    /// The button Pause, which is Resume while a run is held.
    Pause,
    /// The button Step.
    Step,
    /// The button Reset.
    Reset,
    /// The button Copy link.
    CopyLink,
    /// The button Download.
    Download,
    /// A control was moved, to these settings.
    Change(Settings),
}

/// A lab's state as its component shows it.
#[derive(Clone, Copy)]
pub struct Bench {
    /// The declaration and the printed run.
    pub sheet: StoredValue<Arc<Sheet>>,
    /// The language of the page around it.
    pub language: Language,
    /// What the controls say.
    pub settings: RwSignal<Settings>,
    /// What is shown.
    pub frame: RwSignal<Arc<Frame>>,
    /// What it is doing.
    pub state: RwSignal<State>,
    /// Whether the run has lasted long enough for a progress bar.
    pub is_long: RwSignal<bool>,
    /// Why the run could not go on.
    pub failure: RwSignal<Option<Text>>,
    /// What the link asked for and did not get.
    pub notices: RwSignal<Vec<Text>>,
    /// A word on what a button did, with a link to copy by hand if there is one.
    pub answer: RwSignal<Option<(Text, String)>>,
    /// Counts the times that all controls were put back.
    pub resets: RwSignal<u32>,
    /// The controls and buttons that are left out.
    pub hidden: StoredValue<Vec<String>>,
    /// Takes the reader's commands; nothing does so in print.
    pub obey: StoredValue<Box<dyn Fn(Command)>, LocalStorage>,
}

impl Bench {
    /// The state of a lab that shows its printed run.
    pub fn new(sheet: Arc<Sheet>, language: Language, hidden: Vec<String>, obey: Box<dyn Fn(Command)>) -> Self {
        Self {
            language,
            settings: RwSignal::new(sheet.settings.clone()),
            frame: RwSignal::new(Arc::new(sheet.frame.clone())),
            state: RwSignal::new(State::Idle),
            is_long: RwSignal::new(false),
            failure: RwSignal::new(None),
            notices: RwSignal::new(Vec::new()),
            answer: RwSignal::new(None),
            resets: RwSignal::new(0),
            hidden: StoredValue::new(hidden),
            obey: StoredValue::new_local(obey),
            sheet: StoredValue::new(sheet),
        }
    }

    fn say(self, text: &Text) -> String {
        text.get(self.language).to_string()
    }

    fn with_schema<T>(self, read: impl FnOnce(&Schema) -> T) -> T {
        self.sheet.with_value(|sheet| read(&sheet.schema))
    }

    fn is_hidden(self, name: &str) -> bool {
        self.hidden.with_value(|hidden| hidden.iter().any(|other| other == name))
    }

    fn tell(self, command: Command) {
        self.obey.with_value(|obey| obey(command));
    }
}

/// The contents of a lab's `<figure>`.
#[component]
pub fn LabBody(
    /// The lab's state.
    bench: Bench,
    /// The printed picture, or the place where the live one is drawn.
    panels: AnyView,
    /// The chapter's caption, or nothing.
    caption_html: String,
    /// Whether the controls do something.
    is_live: bool,
) -> impl IntoView {
    let title = bench.with_schema(|schema| bench.say(&schema.title));
    let id = bench.with_schema(|schema| schema.id.to_string());
    view! {
        <p class="lab-title" id=format!("lab-{id}-title")>{title}</p>
        <Notices bench=bench />
        {panels}
        <Legend bench=bench />
        <Progress bench=bench />
        <Note bench=bench />
        <Controls bench=bench id=id is_live=is_live />
        <Results bench=bench />
        <details class="lab-words">
            <summary>{bench.say(&interface::IN_WORDS)}</summary>
            <p>{move || bench.frame.with(|frame| bench.say(&frame.report.description))}</p>
        </details>
        {(!caption_html.is_empty()).then(|| view! { <figcaption class="lab-caption" inner_html=caption_html></figcaption> })}
    }
}

/// What went wrong, and what the link asked for in vain.
#[component]
fn Notices(bench: Bench) -> impl IntoView {
    let notice = move || {
        let notices = bench.notices.get();
        (!notices.is_empty()).then(|| {
            let lines: Vec<_> = notices.iter().map(|line| view! { <li>{bench.say(line)}</li> }).collect();
            view! {
                <div class="lab-notice" role="status">
                    <p>{bench.say(&interface::LINK_NOTICE)}</p>
                    <ul>{lines}</ul>
                    <button type="button" on:click=move |_| bench.notices.set(Vec::new())>
                        {bench.say(&interface::DISMISS)}
                    </button>
                </div>
            }
        })
    };
    let failure =
        move || bench.failure.get().map(|text| view! { <p class="lab-failure" role="alert">{bench.say(&text)}</p> });
    view! { {notice} {failure} }.into_any()
}

/// What the curves are, beside a little picture of each.
#[component]
fn Legend(bench: Bench) -> impl IntoView {
    let entries = Memo::new(move |_| bench.frame.with(|frame| legend(&frame.report.figure, bench.language)));
    let items = move || {
        let item = |entry: crate::figure::LegendEntry| {
            let class = format!("lab-swatch swatch-{} role-{}", entry.swatch.name(), entry.role.name());
            view! { <li><span class=class aria-hidden="true"></span>{entry.label}</li> }
        };
        entries.get().into_iter().map(item).collect::<Vec<_>>()
    };
    view! { <ul class="lab-legend">{items}</ul> }.into_any()
}

/// How far a long run has come.
#[component]
fn Progress(bench: Bench) -> impl IntoView {
    let share = move || bench.frame.with(|frame| frame.progress);
    let shown = move || bench.is_long.get() && matches!(bench.state.get(), State::Running | State::Paused);
    view! {
        <div class="lab-progress" class:shown=shown>
            <progress max="1" value=move || format!("{:.3}", share()) aria-label=bench.say(&interface::PROGRESS)></progress>
            <span aria-hidden="true">{move || format!("{:.0} %", 100.0 * share())}</span>
        </div>
    }
    .into_any()
}

/// What the lab is doing, and where the numbers come from.
#[component]
fn Note(bench: Bench) -> impl IntoView {
    let printed = bench.sheet.with_value(|sheet| sheet.settings.clone());
    let note = move || {
        let settings = bench.settings.get();
        match bench.state.get() {
            State::Idle | State::Error if settings != printed => bench.say(&interface::PRINTED_OTHER),
            State::Idle | State::Error => format!("{} {}", bench.say(&interface::PRINTED), printed.seed) + bench.stop(),
            _ => format!("{} {}", bench.say(&interface::LIVE), settings.seed) + bench.stop(),
        }
    };
    view! {
        <div class="lab-status">
            <p class="lab-state" role="status">{move || bench.say(&bench.state.get().words())}</p>
            <p class="lab-note">{note}</p>
        </div>
    }
    .into_any()
}

impl Bench {
    /// The full stop of the language.
    const fn stop(self) -> &'static str {
        match self.language {
            Language::English => ".",
            Language::Chinese => "。",
        }
    }
}

/// Buttons and parameters; in print they are there for the eye, and do nothing.
#[component]
fn Controls(bench: Bench, id: String, is_live: bool) -> impl IntoView {
    let parameters = bench.with_schema(|schema| schema.parameters.to_vec());
    let controls: Vec<_> = parameters
        .into_iter()
        .filter(|parameter| !bench.is_hidden(&parameter.name))
        .map(|parameter| match &parameter.domain {
            Domain::Choice { .. } => {
                view! { <ChoiceControl bench=bench id=id.clone() parameter=parameter /> }.into_any()
            }
            _ => view! { <NumberControl bench=bench id=id.clone() parameter=parameter /> }.into_any(),
        })
        .collect();
    let seed = (!bench.is_hidden("seed")).then(|| {
        let seed =
            Parameter::integer("seed", "", interface::SEED, interface::SEED_HELP, [0, MAX_SEED.cast_signed(), 1], 0);
        view! { <NumberControl bench=bench id=id.clone() parameter=seed /> }
    });
    view! {
        <fieldset class="lab-controls" disabled=!is_live>
            <legend class="visually-hidden">{bench.say(&interface::SETTINGS)}</legend>
            <Buttons bench=bench />
            <div class="lab-parameters">{controls}{seed}</div>
        </fieldset>
    }
    .into_any()
}

#[component]
fn Buttons(bench: Bench) -> impl IntoView {
    let button = move |name: &'static str, label: Text, command: Command| {
        (!bench.is_hidden(name)).then(|| {
            view! {
                <button type="button" class=format!("lab-button lab-{name}") on:click=move |_| bench.tell(command.clone())>
                    {bench.say(&label)}
                </button>
            }
        })
    };
    let pause_label = move || {
        let label = if bench.state.get() == State::Paused { interface::RESUME } else { interface::PAUSE };
        bench.say(&label)
    };
    let is_idle = move || !matches!(bench.state.get(), State::Running | State::Paused);
    let pause = (!bench.is_hidden("pause")).then(|| {
        view! {
            // Not `disabled`: the focus would be lost whenever a run ends.
            <button
                type="button"
                class="lab-button lab-pause"
                aria-disabled=move || if is_idle() { "true" } else { "false" }
                on:click=move |_| bench.tell(Command::Pause)
            >
                {pause_label}
            </button>
        }
    });
    let answer = move || {
        bench.answer.get().map(|(text, link)| {
            let by_hand = (!link.is_empty()).then(|| {
                view! { <input class="lab-link" type="text" readonly value=link.clone() aria-label=bench.say(&interface::COPY_LINK) /> }
            });
            view! { <span>{bench.say(&text)}</span>{by_hand} }
        })
    };
    view! {
        <div class="lab-buttons">
            {button("run", interface::RUN, Command::Run)}
            {pause}
            {button("step", interface::STEP, Command::Step)}
            {button("reset", interface::RESET, Command::Reset)}
            {button("copy_link", interface::COPY_LINK, Command::CopyLink)}
            {button("download", interface::DOWNLOAD, Command::Download)}
            <span class="lab-answer" role="status">{answer}</span>
        </div>
    }
    .into_any()
}

/// A parameter's name, its symbol and its unit.
fn label(bench: Bench, parameter: &Parameter) -> AnyView {
    let symbol =
        (!parameter.symbol.is_empty()).then(|| view! { " "<i class="lab-symbol">{parameter.symbol.to_string()}</i> });
    let unit = (!parameter.unit.is_empty())
        .then(|| view! { " "<span class="lab-unit">{format!("({})", bench.say(&parameter.unit))}</span> });
    view! { {bench.say(&parameter.label)}{symbol}{unit} }.into_any()
}

/// The help of a control, which a keyboard opens as well.
fn help(bench: Bench, parameter: &Parameter, field: &str) -> AnyView {
    let name = match bench.language {
        Language::English => format!("{} {}", bench.say(&interface::HELP), bench.say(&parameter.label)),
        Language::Chinese => format!("{}{}", bench.say(&interface::HELP), bench.say(&parameter.label)),
    };
    let is_open = RwSignal::new(false);
    let text = format!("{field}-help");
    view! {
        <button
            type="button"
            class="lab-help"
            aria-label=name
            aria-expanded=move || is_open.get().to_string()
            aria-controls=text.clone()
            on:click=move |_| is_open.update(|is_open| *is_open = !*is_open)
        >
            <span aria-hidden="true">"?"</span>
        </button>
        <p class="lab-help-text" id=text hidden=move || !is_open.get()>{bench.say(&parameter.help)}</p>
    }
    .into_any()
}

/// The value of a parameter (or the seed) as a control shows it.
fn written(bench: Bench, parameter: &Parameter) -> String {
    bench.settings.with(|settings| match &*parameter.name {
        "seed" => settings.seed.to_string(),
        name => write(&parameter.domain, settings.real(name)),
    })
}

/// The settings with one value changed, or the sentence on why it cannot be taken.
fn changed(bench: Bench, name: &str, value: &str) -> Result<Settings, Text> {
    let mut settings = bench.settings.get_untracked();
    bench.with_schema(|schema| settings.set(schema, name, value)).map_err(|refusal| refusal.sentence())?;
    Ok(settings)
}

/// A number field with its slider; the seed has no slider.
#[component]
fn NumberControl(bench: Bench, id: String, parameter: Parameter) -> impl IntoView {
    let name = parameter.name.to_string();
    let field = format!("lab-{id}-{name}");
    let refusal = format!("{field}-refusal");
    let slider = Slider::new(&parameter.domain).filter(|_| name != "seed");
    let error = RwSignal::new(None::<Text>);
    let input = NodeRef::<html::Input>::new();
    let value = {
        let parameter = parameter.clone();
        Memo::new(move |_| written(bench, &parameter))
    };
    // The field is written to only when its value changed elsewhere: what a reader is typing stays.
    Effect::new(move |_| {
        bench.resets.track();
        let value = value.get();
        if let Some(input) = input.get()
            && (input.value().trim().parse::<f64>() != value.parse::<f64>() || error.with_untracked(Option::is_some))
        {
            input.set_value(&value);
            error.set(None);
        }
    });
    let take = {
        let name = name.clone();
        move |value: &str| match changed(bench, &name, value) {
            Ok(settings) => {
                error.set(None);
                if settings != bench.settings.get_untracked() {
                    bench.tell(Command::Change(settings));
                }
            }
            Err(sentence) => error.set(Some(sentence)),
        }
    };
    let (min, max, step) = match &parameter.domain {
        Domain::Integer { min, max, .. } => (min.to_string(), max.to_string(), "1"),
        Domain::Real { min, max, .. } => (min.to_string(), max.to_string(), "any"),
        Domain::Choice { .. } => return ().into_any(),
    };
    let step_by_key = {
        let (take, slider) = (take.clone(), slider.clone());
        move |event: leptos::ev::KeyboardEvent| {
            let up = match event.key().as_str() {
                "ArrowUp" => true,
                "ArrowDown" => false,
                _ => return,
            };
            if let Some(slider) = &slider
                && let Ok(number) = value.get_untracked().parse()
            {
                event.prevent_default();
                take(&slider.neighbor(number, up).to_string());
            }
        }
    };
    let companion = slider.map(|slider| {
        let label = match bench.language {
            Language::English => format!("{}, {}", bench.say(&parameter.label), bench.say(&interface::SLIDER)),
            Language::Chinese => format!("{}{}", bench.say(&parameter.label), bench.say(&interface::SLIDER)),
        };
        let take = take.clone();
        let range = NodeRef::<html::Input>::new();
        let (last, for_position, for_value) = (slider.last(), slider.clone(), slider);
        let position = move || for_position.position(value.get().parse().unwrap_or_default());
        let initial = position();
        Effect::new(move |_| {
            bench.resets.track();
            let position = position().to_string();
            if let Some(range) = range.get()
                && range.value() != position
            {
                range.set_value(&position);
            }
        });
        view! {
            <input
                class="lab-slider"
                type="range"
                min="0"
                max=last
                step="1"
                value=initial
                node_ref=range
                aria-label=label
                aria-valuetext=move || value.get()
                on:input=move |event| {
                    if let Ok(position) = event_target_value(&event).parse() {
                        let value = for_value.value(position).to_string();
                        // The slider overrules what was typed, even where it comes back to the value before.
                        if let Some(input) = input.get() {
                            input.set_value(&value);
                        }
                        take(&value);
                    }
                }
            />
        }
    });
    let initial = value.get_untracked();
    let described = refusal.clone();
    view! {
        <div class="lab-control">
            <label for=field.clone()>{label(bench, &parameter)}</label>
            {help(bench, &parameter, &field)}
            <div class="lab-fields">
                <input
                    class="lab-number"
                    type="number"
                    id=field
                    name=name
                    min=min
                    max=max
                    step=step
                    value=initial
                    autocomplete="off"
                    node_ref=input
                    aria-invalid=move || error.with(Option::is_some).then_some("true")
                    aria-describedby=described
                    on:input=move |event| take(&event_target_value(&event))
                    on:keydown=step_by_key
                />
                {companion}
            </div>
            <p class="lab-refusal" id=refusal aria-live="polite">
                {move || error.get().map(|sentence| bench.say(&sentence))}
            </p>
        </div>
    }
    .into_any()
}

/// A list of named choices.
#[component]
fn ChoiceControl(bench: Bench, id: String, parameter: Parameter) -> impl IntoView {
    let Domain::Choice { choices, .. } = &parameter.domain else { return ().into_any() };
    let name = parameter.name.to_string();
    let field = format!("lab-{id}-{name}");
    let select = NodeRef::<html::Select>::new();
    let value = {
        let parameter = parameter.clone();
        Memo::new(move |_| written(bench, &parameter))
    };
    let initial = value.get_untracked();
    let options: Vec<_> = choices
        .iter()
        .map(|choice| {
            let selected = choice.name == initial;
            view! { <option value=choice.name.to_string() selected=selected>{bench.say(&choice.label)}</option> }
        })
        .collect();
    Effect::new(move |_| {
        bench.resets.track();
        let value = value.get();
        if let Some(select) = select.get() {
            select.set_value(&value);
        }
    });
    let changing = name.clone();
    view! {
        <div class="lab-control">
            <label for=field.clone()>{label(bench, &parameter)}</label>
            {help(bench, &parameter, &field)}
            <div class="lab-fields">
                <select
                    class="lab-choice"
                    id=field
                    name=name
                    node_ref=select
                    on:change=move |event| {
                        if let Ok(settings) = changed(bench, &changing, &event_target_value(&event)) {
                            bench.tell(Command::Change(settings));
                        }
                    }
                >
                    {options}
                </select>
            </div>
        </div>
    }
    .into_any()
}

/// The numbers of the run.
#[component]
fn Results(bench: Bench) -> impl IntoView {
    let outputs = bench.with_schema(|schema| schema.outputs.to_vec());
    let rows: Vec<_> = outputs.into_iter().map(|output| row(bench, &output)).collect();
    view! {
        <table class="lab-outputs">
            <caption class="visually-hidden">{bench.say(&interface::RESULTS)}</caption>
            <thead class="visually-hidden">
                <tr><th scope="col">{bench.say(&interface::QUANTITY)}</th><th scope="col">{bench.say(&interface::VALUE)}</th></tr>
            </thead>
            <tbody>{rows}</tbody>
        </table>
    }
    .into_any()
}

fn row(bench: Bench, output: &Output) -> AnyView {
    let name = output.name.to_string();
    let found = Memo::new(move |_| {
        bench.frame.with(|frame| {
            let output = frame.report.outputs.iter().find(|output| output.name == name);
            output.map_or((f64::NAN.to_bits(), None), |o| (o.value.to_bits(), o.standard_error.map(f64::to_bits)))
        })
    });
    let value = move || f64::from_bits(found.get().0);
    let error = move || found.get().1.map(f64::from_bits);
    let name = output.name.to_string();
    let error_name = format!("{name}_standard_error");
    let error_cell = move || {
        error().map(|error| {
            view! {
                <span
                    class="lab-error-bar"
                    data-output=error_name.clone()
                    data-value=error.to_string()
                    title=bench.say(&interface::STANDARD_ERROR)
                >
                    {format!(" ± {}", format_number(error, 2))}
                </span>
            }
        })
    };
    let unit = (!output.unit.is_empty()).then(|| view! { " "<span class="lab-unit">{bench.say(&output.unit)}</span> });
    view! {
        <tr>
            <th scope="row">
                {bench.say(&output.label)}
                <small class="lab-meaning">{bench.say(&output.meaning)}</small>
            </th>
            <td>
                <span class="lab-value" data-output=name data-value=move || value().to_string()>
                    {move || format_number(value(), 4)}
                </span>
                {unit}
                {error_cell}
            </td>
        </tr>
    }
    .into_any()
}

/// What a panel is called: its own title, or the lab's.
pub fn panel_label(sheet: &Sheet, panel: &Panel, language: Language) -> String {
    let (Panel::Chart(Chart { title, .. }) | Panel::Images(Images { title, .. })) = panel;
    let title = if title.is_empty() { &sheet.schema.title } else { title };
    title.get(language).to_string()
}

/// The width that printed panels are laid out for, in CSS pixels; the page scales them.
#[cfg(not(target_arch = "wasm32"))]
const PRINTED_WIDTH: f64 = 560.0;

/// The lab as it stands in a printed page: a finished run, and controls that wait for the script. `sheet_url` is the
/// address of the sheet's bytes as seen from the page; `caption_html` is the chapter's own and trusted.
#[cfg(not(target_arch = "wasm32"))]
pub fn print(sheet: &Sheet, sheet_url: &str, language: Language, caption_html: &str) -> String {
    let owner = Owner::new();
    let html = owner.with(|| {
        let bench = Bench::new(Arc::new(sheet.clone()), language, Vec::new(), Box::new(|_| {}));
        let id = sheet.schema.id.to_string();
        let panel = |panel: &Panel| {
            let svg = crate::figure::printed_svg(panel, language, PRINTED_WIDTH, &panel_label(sheet, panel, language));
            view! { <div class="lab-panel" inner_html=svg></div> }
        };
        let panels: Vec<_> = sheet.frame.report.figure.panels.iter().map(panel).collect();
        view! {
            <figure
                class="lab"
                id=format!("lab-{id}")
                data-lab=id.clone()
                data-state=State::Idle.name()
                data-digest=sheet.frame.digest.clone()
                data-sheet=sheet_url.to_string()
                aria-labelledby=format!("lab-{id}-title")
            >
                <LabBody
                    bench=bench
                    panels=view! { <div class="lab-panels">{panels}</div> }.into_any()
                    caption_html=caption_html.to_string()
                    is_live=false
                />
            </figure>
        }
        .to_html()
    });
    owner.cleanup();
    html
}
