//! The printed form of a lab, brought to life: it takes what the reader does to the controls and writes what a run says.
//!
//! Its elements are those that the press printed; nothing is built anew but the picture. That keeps the page's program
//! small, and the text on the page still.

use super::{
    slider::Slider,
    stage::listen,
    wording::{State, note, output},
};
use crate::{
    figure::{format_number, legend},
    interface,
    sheet::Sheet,
};
use labs::{
    decimal,
    frame::Frame,
    schema::Domain,
    settings::{Refusal, Settings},
    text::{Language, Text},
};
use std::{
    cell::{Cell, RefCell},
    rc::Rc,
};
use wasm_bindgen::JsCast;
use web_sys::{Element, Event, HtmlElement, HtmlInputElement, HtmlSelectElement, KeyboardEvent};

/// What the reader asks for.
pub enum Command {
    /// The button of that name: `run`, `pause`, `step`, `reset`, `copy_link`, `download`.
    Press(String),
    /// A control was moved, to these settings.
    Change(Settings),
}

/// A lab's form in the page.
pub struct Form {
    figure: HtmlElement,
    sheet: Rc<Sheet>,
    /// The language of the page around it.
    pub language: Language,
    settings: RefCell<Settings>,
    frame: RefCell<Rc<Frame>>,
    state: Cell<State>,
    is_long: Cell<bool>,
}

/// The elements that a selector finds below another.
fn all(below: &Element, selector: &str) -> Vec<HtmlElement> {
    let Ok(list) = below.query_selector_all(selector) else { return Vec::new() };
    (0..list.length()).filter_map(|index| list.item(index)?.dyn_into().ok()).collect()
}

/// Sets an attribute of the page's own elements, which cannot fail.
fn set(element: &Element, name: &str, value: &str) {
    let _ = element.set_attribute(name, value);
}

/// Writes a text where it differs, so that what stands stays selected.
fn write_text(element: &Element, text: &str) {
    if element.text_content().as_deref() != Some(text) {
        element.set_text_content(Some(text));
    }
}

/// Puts a list's items in place of those it has, and returns them. Text becomes text: what a link says is no markup.
fn write_items<'a>(list: &Element, texts: impl Iterator<Item = &'a str>) -> Vec<Element> {
    list.set_text_content(None);
    let mut items = Vec::new();
    for text in texts {
        if let Some(item) = list.owner_document().and_then(|document| document.create_element("li").ok()) {
            item.set_text_content(Some(text));
            // A new element can be put anywhere.
            let _ = list.append_child(&item);
            items.push(item);
        }
    }
    items
}

/// The value of a number field or a list.
fn value_of(control: &Element) -> String {
    if let Some(input) = control.dyn_ref::<HtmlInputElement>() {
        return input.value();
    }
    control.dyn_ref::<HtmlSelectElement>().map(HtmlSelectElement::value).unwrap_or_default()
}

fn set_value(control: &Element, value: &str) {
    if let Some(input) = control.dyn_ref::<HtmlInputElement>() {
        input.set_value(value);
    } else if let Some(select) = control.dyn_ref::<HtmlSelectElement>() {
        select.set_value(value);
    }
}

impl Form {
    /// Brings a printed lab to life with the printed run. `hidden` names the controls and buttons to leave out.
    pub fn new(figure: HtmlElement, sheet: Rc<Sheet>, language: Language, hidden: &[String]) -> Rc<Self> {
        for name in hidden {
            // Only names that could be a control's; anything else would be another selector.
            if name.bytes().all(|byte| byte.is_ascii_alphanumeric() || byte == b'_') {
                let selector = format!("[data-control={name}], [data-action={name}]");
                for element in all(&figure, &selector) {
                    element.remove();
                }
            }
        }
        let (settings, frame) = (sheet.settings.clone(), Rc::new(sheet.frame.clone()));
        Rc::new(Self {
            figure,
            sheet,
            language,
            settings: RefCell::new(settings),
            frame: RefCell::new(frame),
            state: Cell::new(State::Idle),
            is_long: Cell::new(false),
        })
    }

    /// Opens the controls and hands the reader's commands on.
    pub fn listen(self: &Rc<Self>, obey: impl Fn(Command) + 'static) {
        if let Ok(Some(controls)) = self.figure.query_selector("fieldset.lab-controls") {
            let _ = controls.remove_attribute("disabled");
        }
        let obey: Rc<dyn Fn(Command)> = Rc::new(obey);
        for event in ["input", "change"] {
            let (form, obey) = (Rc::clone(self), Rc::clone(&obey));
            listen(&self.figure, event, move |event: Event| {
                let target = event.target().and_then(|target| target.dyn_into::<Element>().ok());
                if let Some(settings) = target.and_then(|target| form.moved(&target)) {
                    obey(Command::Change(settings));
                }
            });
        }
        let (form, pass) = (Rc::clone(self), Rc::clone(&obey));
        listen(&self.figure, "click", move |event: Event| {
            let target = event.target().and_then(|target| target.dyn_into::<Element>().ok());
            let button = target.and_then(|target| target.closest("button[data-action]").ok().flatten());
            let Some(button) = button else { return };
            match button.get_attribute("data-action").unwrap_or_default().as_str() {
                "help" => toggle_help(&button),
                "dismiss" => form.set_notices(&[]),
                action => pass(Command::Press(action.into())),
            }
        });
        let form = Rc::clone(self);
        listen(&self.figure, "keydown", move |event: KeyboardEvent| {
            let up = match event.key().as_str() {
                "ArrowUp" => true,
                "ArrowDown" => false,
                _ => return,
            };
            let target = event.target().and_then(|target| target.dyn_into::<Element>().ok());
            let Some(target) = target.filter(|target| target.class_name() == "lab-number") else { return };
            let slider = form.domain_of(&target).and_then(|domain| Slider::new(&domain));
            if let (Some(slider), Some(number)) = (slider, decimal::parse(&value_of(&target))) {
                event.prevent_default();
                set_value(&target, &slider.neighbor(number, up).to_string());
                if let Some(settings) = form.moved(&target) {
                    obey(Command::Change(settings));
                }
            }
        });
    }

    fn domain_of(&self, control: &Element) -> Option<Domain> {
        let name = name_of(control)?;
        self.sheet.schema.parameter(&name).map(|parameter| parameter.domain.clone())
    }

    /// The settings after a control was moved, if they differ and can be taken. What cannot be taken is said beside
    /// the control, and nothing is lost.
    fn moved(&self, control: &Element) -> Option<Settings> {
        let name = name_of(control)?;
        let holder = control.closest("[data-control]").ok()??;
        let field = holder.query_selector("[name]").ok()??;
        if control.class_name() == "lab-slider" {
            let slider = Slider::new(&self.domain_of(control)?)?;
            set_value(&field, &slider.value(decimal::parse(&value_of(control))? as usize).to_string());
        }
        let mut settings = self.settings();
        let refusal = settings.set(&self.sheet.schema, &name, &value_of(&field)).err();
        if let Ok(Some(place)) = holder.query_selector(".lab-refusal") {
            let sentence = refusal.as_ref().map(Refusal::sentence).unwrap_or_default();
            write_text(&place, sentence.get(self.language));
        }
        if refusal.is_some() {
            set(&field, "aria-invalid", "true");
            return None;
        }
        let _ = field.remove_attribute("aria-invalid");
        (settings != self.settings()).then_some(settings)
    }

    /// What the controls say.
    pub fn settings(&self) -> Settings {
        self.settings.borrow().clone()
    }

    /// Sets the controls. A field is written to only where its value differs: what a reader is typing stays.
    pub fn set_settings(&self, settings: Settings) {
        *self.settings.borrow_mut() = settings;
        self.show_settings(false);
        self.show_state();
    }

    /// Puts the controls back to the settings, whatever was typed.
    pub fn clear_refusals(&self) {
        self.show_settings(true);
    }

    fn show_settings(&self, discard_typed: bool) {
        let settings = self.settings.borrow();
        for holder in all(&self.figure, "[data-control]") {
            let name = holder.get_attribute("data-control").unwrap_or_default();
            let parameter = self.sheet.schema.parameter(&name);
            let value = parameter.map_or_else(|| settings.seed.to_string(), |parameter| settings.text(parameter));
            let Ok(Some(field)) = holder.query_selector("[name]") else { continue };
            // Whether what stands there means the same, however it is written.
            let mut typed = settings.clone();
            let is_taken = typed.set(&self.sheet.schema, &name, &value_of(&field)).is_ok();
            if !is_taken || typed != *settings || discard_typed {
                set_value(&field, &value);
                let _ = field.remove_attribute("aria-invalid");
                if let Ok(Some(refusal)) = holder.query_selector(".lab-refusal") {
                    write_text(&refusal, "");
                }
            }
            if let Ok(Some(range)) = holder.query_selector(".lab-slider")
                && let Some(slider) = parameter.and_then(|parameter| Slider::new(&parameter.domain))
                && let Some(number) = decimal::parse(&value)
            {
                let position = slider.position(number).to_string();
                if value_of(&range) != position {
                    set_value(&range, &position);
                }
                set(&range, "aria-valuetext", &value);
            }
        }
    }

    /// What is shown.
    pub fn frame(&self) -> Rc<Frame> {
        Rc::clone(&self.frame.borrow())
    }

    /// Shows a frame's numbers, words, legend and progress; the picture is the stage's.
    pub fn set_frame(&self, frame: Rc<Frame>) {
        for element in all(&self.figure, "[data-output]") {
            let name = element.get_attribute("data-output").unwrap_or_default();
            let (exact, short) = output(&frame, &name)
                .map_or_else(|| ("NaN".into(), format_number(f64::NAN, 1)), |shown| (shown.exact, shown.short));
            set(&element, "data-value", &exact);
            write_text(&element, &short);
        }
        self.write_into(".lab-words p", frame.report.description.get(self.language));
        if let Ok(Some(list)) = self.figure.query_selector(".lab-legend") {
            let entries = legend(&frame.report.figure, self.language);
            // Scripts may have made buttons of the old ones: only what the entries say counts.
            if entries != legend(&self.frame.borrow().report.figure, self.language) {
                let items = write_items(&list, entries.iter().map(|entry| &*entry.label));
                for (item, entry) in items.iter().zip(&entries) {
                    let Some(swatch) = list.owner_document().and_then(|document| document.create_element("span").ok())
                    else {
                        continue;
                    };
                    set(&swatch, "class", &entry.class());
                    let _ = item.insert_before(&swatch, item.first_child().as_ref());
                }
            }
        }
        let share = frame.progress.clamp(0.0, 1.0);
        if let Ok(Some(bar)) = self.figure.query_selector(".lab-progress progress") {
            set(&bar, "value", &share.to_string());
        }
        self.write_into(".lab-progress span", &format!("{}%", (100.0 * share).round() as u32));
        *self.frame.borrow_mut() = frame;
    }

    fn write_into(&self, selector: &str, text: &str) {
        if let Ok(Some(element)) = self.figure.query_selector(selector) {
            write_text(&element, text);
        }
    }

    /// What the lab is doing.
    pub fn state(&self) -> State {
        self.state.get()
    }

    /// Says what the lab is doing, and the digest of what it shows.
    pub fn set_state(&self, state: State, digest: &str) {
        self.state.set(state);
        self.show_state();
        set(&self.figure, "data-digest", digest);
        set(&self.figure, "data-state", state.name());
    }

    /// Says that the run has lasted long enough for a progress bar, or not yet.
    pub fn set_long(&self, is_long: bool) {
        self.is_long.set(is_long);
        self.show_state();
    }

    fn show_state(&self) {
        let state = self.state.get();
        self.write_into(".lab-state", state.words().get(self.language));
        self.write_into(".lab-note", &note(&self.sheet, &self.settings.borrow(), state, self.language));
        if let Ok(Some(progress)) = self.figure.query_selector(".lab-progress") {
            let _ = progress.class_list().toggle_with_force("shown", self.is_long.get() && state.is_busy());
        }
        if let Ok(Some(pause)) = self.figure.query_selector("[data-action=pause]") {
            let label = if state == State::Paused { interface::RESUME } else { interface::PAUSE };
            write_text(&pause, label.get(self.language));
            // Not `disabled`: the focus would be lost whenever a run ends.
            set(&pause, "aria-disabled", if state.is_busy() { "false" } else { "true" });
        }
    }

    /// Says why the run could not go on.
    pub fn set_failure(&self, reason: Option<&Text>) {
        if let Some(line) = all(&self.figure, ".lab-failure").first() {
            line.set_hidden(reason.is_none());
            write_text(line, reason.map_or("", |reason| reason.get(self.language)));
        }
    }

    /// Says what the link asked for and did not get.
    pub fn set_notices(&self, notices: &[Text]) {
        if let Some(place) = all(&self.figure, ".lab-notice").first() {
            place.set_hidden(notices.is_empty());
            if let Ok(Some(list)) = place.query_selector("ul") {
                write_items(&list, notices.iter().map(|notice| notice.get(self.language)));
            }
        }
    }

    /// Says what a button did, with a link to copy by hand if there is one.
    pub fn set_answer(&self, answer: Option<&Text>, link: &str) {
        self.write_into(".lab-answer", answer.map_or("", |text| text.get(self.language)));
        if let Some(field) = all(&self.figure, ".lab-link").first() {
            field.set_hidden(link.is_empty());
            set_value(field, link);
        }
    }
}

/// The parameter that a control belongs to.
fn name_of(control: &Element) -> Option<String> {
    control.closest("[data-control]").ok()??.get_attribute("data-control")
}

fn toggle_help(button: &Element) {
    let text = button.parent_element().and_then(|holder| all(&holder, ".lab-help-text").into_iter().next());
    if let Some(text) = text {
        let is_open = text.hidden();
        text.set_hidden(!is_open);
        set(button, "aria-expanded", if is_open { "true" } else { "false" });
    }
}
