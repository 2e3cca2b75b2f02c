//! A lab that runs: its printed form brought to life when the reader comes near, with a worker behind it.

use super::{
    address::{self, Place},
    form::{Command, Form},
    slider::Slider,
    stage::{Stage, listen},
    wording::State,
};
use crate::{
    interface,
    pool::{Event, Lead, after},
    protocol::Phase,
    sheet::Sheet,
};
use js_sys::{Array, ArrayBuffer, Promise, Reflect, Uint8Array};
use labs::{
    settings::{Refusal, Settings, write},
    text::{Language, Text},
};
use std::{
    cell::{Cell, RefCell},
    rc::Rc,
};
use wasm_bindgen::{JsCast, JsValue, closure::Closure};
use web_sys::{
    HtmlElement, IntersectionObserver, IntersectionObserverEntry, IntersectionObserverInit, MutationObserver,
    MutationObserverInit, ResizeObserver, Response, Url, Window,
};

/// How far outside the window a lab counts as near.
const NEAR: &str = "600px 0px";
/// How long a lab may be far away before it is held or loses its worker, in milliseconds.
const FAR_FOR: i32 = 2000;
/// A run is long after this time, in milliseconds, and shows how far it has come.
const LONG: i32 = 500;
/// Least time between two changes of the address, in milliseconds; browsers refuse more than some hundred in 30 s.
const ADDRESS_INTERVAL: i32 = 500;
/// How long a word of answer stays, in milliseconds.
const ANSWER_FOR: i32 = 5000;

/// A lab that was mounted.
struct Engine {
    figure: HtmlElement,
    sheet: Rc<Sheet>,
    place: Place,
    /// Absolute URLs of the data sets.
    data: Vec<String>,
    form: Rc<Form>,
    stage: RefCell<Option<Stage>>,
    lead: RefCell<Option<Lead>>,
    /// The message that brought the frame on show; nothing while that is the printed one.
    message: RefCell<JsValue>,
    /// Whether the reader has run it since it last showed the printed run.
    has_run: Cell<bool>,
    /// Counts runs, so that a timer knows its own.
    run: Cell<u32>,
    /// Whether a run waits for the next animation frame.
    is_run_due: Cell<bool>,
    is_paint_due: Cell<bool>,
    is_near: Cell<bool>,
    /// Whether it was held because the reader went away.
    is_held: Cell<bool>,
    width: Cell<i32>,
    /// Counts the frames on the screen, for `data-frame`.
    frames: Cell<u32>,
}

thread_local! {
    static ENGINES: RefCell<Vec<Rc<Engine>>> = const { RefCell::new(Vec::new()) };
    static ADDRESS: Address = const { Address { is_waiting: Cell::new(false), is_stale: Cell::new(false) } };
}

/// Keeps changes of the page's address apart.
struct Address {
    is_waiting: Cell<bool>,
    is_stale: Cell<bool>,
}

fn page() -> Option<Window> {
    web_sys::window()
}

/// Runs a function before the next frame is drawn.
fn on_animation_frame(act: impl FnOnce() + 'static) {
    if let Some(window) = page() {
        let act = Closure::once_into_js(act);
        // A window that draws has animation frames.
        let _ = window.request_animation_frame(act.unchecked_ref());
    }
}

/// Finds the page's labs, mounts each when the reader comes near or its link says `run=1`, and follows the theme.
pub fn watch_all() {
    let Some(window) = page() else { return };
    let Some(document) = window.document() else { return };
    let Ok(list) = document.query_selector_all("figure[data-lab]") else { return };
    let figures = (0..list.length()).filter_map(|index| list.item(index)?.dyn_into::<HtmlElement>().ok());
    let on_near = Closure::<dyn FnMut(Array)>::new(|entries: Array| {
        for entry in entries.iter().filter_map(|entry| entry.dyn_into::<IntersectionObserverEntry>().ok()) {
            if let Ok(figure) = entry.target().dyn_into::<HtmlElement>() {
                nearness(&figure, entry.is_intersecting());
            }
        }
    });
    let options = IntersectionObserverInit::new();
    options.set_root_margin(NEAR);
    let observer = IntersectionObserver::new_with_options(on_near.as_ref().unchecked_ref(), &options);
    on_near.forget();
    let query = window.location().search().unwrap_or_default();
    for figure in figures {
        let id = figure.get_attribute("data-lab").unwrap_or_default();
        let place = place(&id);
        if place.wants_run(&query) {
            mount(figure.clone());
        }
        match &observer {
            Ok(observer) => observer.observe(&figure),
            // Without an observer, every lab counts as near.
            Err(_) => nearness(&figure, true),
        }
    }
    watch_theme(&window);
}

fn place(lab: &str) -> Place {
    Place::of(&page().and_then(|window| window.location().pathname().ok()).unwrap_or_default(), lab)
}

fn nearness(figure: &HtmlElement, is_near: bool) {
    match engine_of(figure) {
        Some(engine) => engine.set_near(is_near),
        None if is_near => mount(figure.clone()),
        None => {}
    }
}

fn engine_of(figure: &HtmlElement) -> Option<Rc<Engine>> {
    ENGINES.with_borrow(|engines| engines.iter().find(|engine| engine.figure == *figure).cloned())
}

fn watch_theme(window: &Window) {
    let recolor = || {
        let engines = ENGINES.with_borrow(Clone::clone);
        for engine in &engines {
            if let Some(stage) = engine.stage.borrow_mut().as_mut() {
                stage.recolor();
            }
        }
    };
    if let Ok(Some(query)) = window.match_media("(prefers-color-scheme: dark)") {
        listen(&query, "change", move |_: web_sys::Event| recolor());
    }
    let on_change = Closure::<dyn FnMut()>::new(recolor);
    if let (Ok(observer), Some(root)) = (
        MutationObserver::new(on_change.as_ref().unchecked_ref()),
        window.document().and_then(|document| document.document_element()),
    ) {
        let options = MutationObserverInit::new();
        options.set_attributes(true);
        options.set_attribute_filter(&Array::of1(&"data-theme".into()));
        // Without the observer, a change of theme shows at the next frame of a run.
        let _ = observer.observe_with_options(&root, &options);
    }
    on_change.forget();
}

/// Loads a printed lab's sheet and puts the live lab in its place.
pub fn mount(figure: HtmlElement) {
    // A figure is mounted once, however often it comes near.
    if figure.has_attribute("data-mounting") {
        return;
    }
    // Attributes of an element of one's own can always be set, here and below.
    let _ = figure.set_attribute("data-mounting", "");
    let url = figure.get_attribute("data-sheet").unwrap_or_default();
    fetch(&url, move |bytes| match bytes.and_then(|bytes| Sheet::from_bytes(&bytes)) {
        Some(sheet) => mount_sheet(&figure, &Rc::new(sheet)),
        None => report_missing_sheet(&figure),
    });
}

/// Calls `act` with what a promise brings, or with nothing if it is broken.
fn when(promise: &Promise, act: impl FnOnce(Option<JsValue>) + 'static) {
    let act = Rc::new(Cell::new(Some(Box::new(act) as Box<dyn FnOnce(Option<JsValue>)>)));
    let other = Rc::clone(&act);
    let kept = Closure::<dyn FnMut(JsValue)>::new(move |value| {
        if let Some(act) = act.take() {
            act(Some(value));
        }
    });
    let broken = Closure::<dyn FnMut(JsValue)>::new(move |_| {
        if let Some(act) = other.take() {
            act(None);
        }
    });
    // What becomes of the promise is said to the two functions.
    let _ = promise.then2(&kept, &broken);
    kept.forget();
    broken.forget();
}

/// Loads a file and calls `take` with its bytes, or with nothing.
fn fetch(url: &str, take: impl FnOnce(Option<Vec<u8>>) + 'static) {
    let Some(window) = page() else { return take(None) };
    when(&window.fetch_with_str(url), move |response| {
        let response = response.and_then(|response| response.dyn_into::<Response>().ok());
        match response.filter(Response::ok).and_then(|response| response.array_buffer().ok()) {
            Some(content) => when(&content, move |buffer| {
                let buffer = buffer.and_then(|buffer| buffer.dyn_into::<ArrayBuffer>().ok());
                take(buffer.map(|buffer| Uint8Array::new(&buffer).to_vec()));
            }),
            None => take(None),
        }
    });
}

fn language_of(figure: &HtmlElement) -> Language {
    let tag = figure.closest("[lang]").ok().flatten().and_then(|element| element.get_attribute("lang"));
    tag.and_then(|tag| Language::from_tag(&tag)).unwrap_or(Language::English)
}

fn report_missing_sheet(figure: &HtmlElement) {
    let _ = figure.set_attribute("data-state", State::Error.name());
    let _ = figure.remove_attribute("data-mounting");
    let line = figure.query_selector(".lab-failure").ok().flatten();
    if let Some(line) = line.and_then(|line| line.dyn_into::<HtmlElement>().ok()) {
        line.set_hidden(false);
        line.set_text_content(Some(interface::NO_SHEET.get(language_of(figure))));
    }
}

fn mount_sheet(figure: &HtmlElement, sheet: &Rc<Sheet>) {
    let Some(window) = page() else { return };
    let Some(document) = window.document() else { return };
    let language = language_of(figure);
    let place = place(&sheet.schema.id);
    let request = place.read(&window.location().search().unwrap_or_default(), &sheet.schema, &sheet.settings);
    let base = document.base_uri().ok().flatten().unwrap_or_default();
    let root = document.document_element().and_then(|root| root.get_attribute("data-root")).unwrap_or_default();
    let absolute = |file: &String| Url::new_with_base(&format!("{root}{file}"), &base).map(|url| url.href());
    let data = sheet.data.iter().filter_map(|file| absolute(file).ok()).collect();

    let form = Form::new(figure.clone(), Rc::clone(sheet), language, &request.hidden);
    if figure.get_attribute("data-state").is_some_and(|state| state != State::Idle.name()) {
        // It had been said that the sheet does not load.
        form.set_failure(None);
        form.set_state(State::Idle, &sheet.frame.digest);
    }
    form.set_settings(request.settings);
    form.set_notices(&request.refusals.iter().map(|refusal| notice(sheet, refusal)).collect::<Vec<_>>());
    let engine = Rc::new(Engine {
        figure: figure.clone(),
        sheet: Rc::clone(sheet),
        place,
        data,
        form,
        stage: RefCell::new(None),
        lead: RefCell::new(None),
        message: RefCell::default(),
        has_run: Cell::new(false),
        run: Cell::new(0),
        is_run_due: Cell::new(false),
        is_paint_due: Cell::new(false),
        is_near: Cell::new(false),
        is_held: Cell::new(false),
        width: Cell::new(0),
        frames: Cell::new(0),
    });
    ENGINES.with_borrow_mut(|engines| engines.push(Rc::clone(&engine)));
    after(0, move || engine.build_stage(request.run));
}

/// Whether a figure is within the distance of [`NEAR`].
fn is_near_window(figure: &HtmlElement, window: &Window) -> bool {
    let frame = figure.get_bounding_client_rect();
    let height = window.inner_height().ok().and_then(|height| height.as_f64()).unwrap_or_default();
    frame.top() < height + 600.0 && frame.bottom() > -600.0
}

/// What the reader is told of a value in the link that was not taken as written.
fn notice(sheet: &Sheet, refusal: &Refusal) -> Text {
    let sentence = refusal.sentence();
    let Refusal::OutOfRange { name, nearest, .. } = refusal else { return sentence };
    let domain = sheet.schema.parameter(name).map(|parameter| &parameter.domain);
    let used = domain.map_or_else(|| nearest.to_string(), |domain| write(domain, *nearest));
    Text::owned(
        format!("{}; {} {used}", sentence.en, interface::CLAMPED.en),
        format!("{}；{} {used}", sentence.zh, interface::CLAMPED.zh),
    )
}

impl Engine {
    fn obey(self: &Rc<Self>, command: Command) {
        match command {
            Command::Press(action) => match action.as_str() {
                "run" => self.start(true, false),
                "pause" => self.pause(),
                "step" => self.step(),
                "reset" => self.reset(),
                "copy_link" => self.copy_link(),
                // Files are made by a program that is loaded when they are asked for.
                "download" => {
                    let _ = self.figure.set_attribute("data-asked", &action);
                }
                // The press prints no other button.
                _ => {}
            },
            Command::Change(settings) => self.change(settings),
        }
    }

    /// Gives the figure the function `lab`, through which the page's scripts read it and set it.
    fn open_to_scripts(self: &Rc<Self>) {
        let engine = Rc::clone(self);
        let answer = Closure::<dyn FnMut(String, String) -> JsValue>::new(move |question: String, argument: String| {
            engine.answer(&question, argument)
        });
        // Without it the lab still runs.
        let _ = Reflect::set(&self.figure, &"lab".into(), answer.as_ref());
        answer.forget();
    }

    fn answer(self: &Rc<Self>, question: &str, argument: String) -> JsValue {
        match question {
            "read" => self.stage.borrow().as_ref().map(Stage::read).unwrap_or_default().into(),
            "settings" => Place::Alone.write("", &self.sheet.schema, &self.form.settings(), None, false).into(),
            "printed" => Place::Alone.write("", &self.sheet.schema, &self.sheet.settings, None, false).into(),
            "message" => self.message.borrow().clone(),
            // The panels have other dots to the pixel now.
            "resize" => {
                if let Some(stage) = self.stage.borrow_mut().as_mut() {
                    stage.resize();
                }
                JsValue::UNDEFINED
            }
            "set" | "check" => {
                let now = self.form.settings();
                let (settings, refusals) = address::changed(&argument, &self.sheet.schema, &now);
                if question == "set" && settings != now {
                    self.change(settings);
                }
                let language = self.form.language;
                let sentences = refusals.iter().map(|refusal| refusal.sentence().get(language).to_owned());
                sentences.map(JsValue::from).collect::<Array>().into()
            }
            "press" => {
                self.obey(Command::Press(argument));
                JsValue::UNDEFINED
            }
            _ => JsValue::UNDEFINED,
        }
    }

    /// Begins a run with the settings of the controls.
    fn start(self: &Rc<Self>, fresh: bool, paused: bool) {
        self.is_run_due.set(false);
        self.is_held.set(false);
        self.has_run.set(true);
        self.run.set(self.run.get() + 1);
        self.form.set_long(false);
        self.form.set_failure(None);
        self.form.set_state(if paused { State::Paused } else { State::Running }, "");
        self.hire();
        if let Some(lead) = self.lead.borrow().as_ref() {
            lead.run(self.form.settings(), fresh, paused);
        }
        let (engine, run) = (Rc::clone(self), self.run.get());
        after(LONG, move || {
            if engine.run.get() == run {
                engine.form.set_long(true);
            }
        });
        keep_address();
    }

    fn hire(self: &Rc<Self>) {
        if self.lead.borrow().is_none() {
            let engine = Rc::downgrade(self);
            let listener = move |event| {
                if let Some(engine) = engine.upgrade() {
                    engine.hear(event);
                }
            };
            let program = self.figure.get_attribute("data-worker").unwrap_or_default();
            let lead = Lead::hire(program, &self.sheet.schema.id, self.data.clone(), listener);
            *self.lead.borrow_mut() = Some(lead);
        }
    }

    fn hear(self: &Rc<Self>, event: Event) {
        match event {
            // A run with newer settings is about to begin: what still comes of the old one is the end of neither.
            Event::Frame(..) if self.is_run_due.get() => {}
            Event::Frame(phase, frame, message) => {
                let state = match phase {
                    Phase::Running => State::Running,
                    Phase::Paused => State::Paused,
                    Phase::Done => State::Done,
                };
                let digest = if phase == Phase::Done { frame.digest.clone() } else { String::new() };
                self.form.set_frame(Rc::new(*frame));
                *self.message.borrow_mut() = message.into();
                self.form.set_state(state, &digest);
                self.paint_soon();
            }
            Event::Failed(reason) => {
                // Half a run is no result.
                self.show_printed();
                self.form.set_failure(Some(&reason));
                self.form.set_state(State::Error, "");
            }
        }
    }

    fn pause(self: &Rc<Self>) {
        let lead = self.lead.borrow();
        let Some(lead) = lead.as_ref() else { return };
        match self.form.state() {
            State::Running => lead.pause(),
            State::Paused => self.resume(),
            State::Idle | State::Done | State::Error => {}
        }
    }

    fn resume(&self) {
        self.is_held.set(false);
        self.form.set_state(State::Running, "");
        if let Some(lead) = self.lead.borrow().as_ref() {
            lead.resume();
        }
    }

    fn step(self: &Rc<Self>) {
        match self.form.state() {
            State::Idle | State::Done | State::Error => self.start(true, true),
            State::Running => self.pause(),
            State::Paused => {}
        }
        if let Some(lead) = self.lead.borrow().as_ref() {
            lead.step();
        }
    }

    fn reset(self: &Rc<Self>) {
        if let Some(lead) = self.lead.borrow().as_ref() {
            lead.cancel();
        }
        self.is_run_due.set(false);
        self.is_held.set(false);
        self.run.set(self.run.get() + 1);
        self.form.set_long(false);
        self.form.set_failure(None);
        self.form.set_notices(&[]);
        self.form.set_answer(None, "");
        self.form.set_settings(self.sheet.settings.clone());
        self.form.clear_refusals();
        self.show_printed();
        self.form.set_state(State::Idle, &self.sheet.frame.digest);
        keep_address();
    }

    fn show_printed(self: &Rc<Self>) {
        self.has_run.set(false);
        self.form.set_frame(Rc::new(self.sheet.frame.clone()));
        *self.message.borrow_mut() = JsValue::UNDEFINED;
        self.paint_soon();
    }

    /// Takes new settings and runs with the newest once a frame.
    fn change(self: &Rc<Self>, settings: Settings) {
        self.form.set_settings(settings);
        // What is shown no longer belongs to the settings: it is not the end of anything.
        self.form.set_state(State::Running, "");
        if !self.is_run_due.replace(true) {
            let engine = Rc::clone(self);
            on_animation_frame(move || {
                // Meanwhile Run or Reset may have come.
                if engine.is_run_due.get() {
                    engine.start(false, false);
                }
            });
        }
    }

    /// Moves the parameter of the probe to the grain nearest to an abscissa.
    fn move_probe(self: &Rc<Self>, parameter: &str, x: f64) {
        let Some(domain) = self.sheet.schema.parameter(parameter).map(|parameter| &parameter.domain) else { return };
        let Some(slider) = Slider::new(domain) else { return };
        let value = slider.value(slider.position(x));
        let mut settings = self.form.settings();
        let taken = settings.set(&self.sheet.schema, parameter, &write(domain, value));
        if taken.is_ok() && settings != self.form.settings() {
            self.change(settings);
        }
    }

    /// Puts live panels in the places of the printed ones and then obeys the reader. Each panel takes its time, so that
    /// the page answers between them.
    fn build_stage(self: Rc<Self>, runs: bool) {
        let is_whole = self.grow_stage();
        if is_whole {
            self.open(runs);
        } else {
            after(0, move || self.build_stage(runs));
        }
    }

    /// Builds one panel; whether it was the last.
    fn grow_stage(self: &Rc<Self>) -> bool {
        let mut stage = self.stage.borrow_mut();
        if stage.is_none() {
            let Some(container) = self.panels() else { return true };
            self.width.set(container.client_width());
            let engine = Rc::downgrade(self);
            let on_probe = Rc::new(move |parameter: &str, x: f64| {
                if let Some(engine) = engine.upgrade() {
                    engine.move_probe(parameter, x);
                }
            });
            *stage = Some(Stage::new(container, Rc::clone(&self.sheet), self.form.language, on_probe));
        }
        stage.as_mut().is_none_or(|stage| stage.grow(&self.form.frame().report.figure))
    }

    /// Where the panels are.
    fn panels(&self) -> Option<HtmlElement> {
        self.figure.query_selector(".lab-panels").ok()??.dyn_into().ok()
    }

    /// Obeys the reader and the page's scripts from now on.
    fn open(self: &Rc<Self>, runs: bool) {
        let engine = Rc::clone(self);
        self.form.listen(move |command| engine.obey(command));
        self.open_to_scripts();
        self.watch_width();
        self.count_frame();
        let _ = self.figure.set_attribute("data-live", "");
        let Some(window) = page() else { return };
        // Whoever waits for the first live lab hears of it.
        if let (Some(document), Ok(event)) = (window.document(), web_sys::Event::new("lablive")) {
            let _ = document.dispatch_event(&event);
        }
        if runs {
            self.start(true, false);
        }
        self.set_near(is_near_window(&self.figure, &window));
    }

    fn watch_width(self: &Rc<Self>) {
        let Some(container) = self.panels() else { return };
        let engine = Rc::downgrade(self);
        let element = container.clone();
        let on_resize = Closure::<dyn FnMut()>::new(move || {
            let Some(engine) = engine.upgrade() else { return };
            // The panels' height follows from their width. A change of it now would have to be observed in the same frame.
            if engine.width.replace(element.client_width()) != element.client_width() {
                on_animation_frame(move || {
                    if let Some(stage) = engine.stage.borrow_mut().as_mut() {
                        stage.resize();
                    }
                });
            }
        });
        if let Ok(observer) = ResizeObserver::new(on_resize.as_ref().unchecked_ref()) {
            observer.observe(&container);
        }
        on_resize.forget();
    }

    fn paint(&self) {
        let frame = self.form.frame();
        if let Some(stage) = self.stage.borrow_mut().as_mut() {
            stage.paint(&frame.report.figure);
        }
        self.count_frame();
    }

    fn count_frame(&self) {
        self.frames.set(self.frames.get() + 1);
        let _ = self.figure.set_attribute("data-frame", &self.frames.get().to_string());
    }

    /// Paints the newest frame once a frame of the screen.
    fn paint_soon(self: &Rc<Self>) {
        if !self.is_paint_due.replace(true) {
            let engine = Rc::clone(self);
            on_animation_frame(move || {
                engine.is_paint_due.set(false);
                engine.paint();
            });
        }
    }

    fn set_near(self: &Rc<Self>, is_near: bool) {
        let was_near = self.is_near.replace(is_near);
        if is_near {
            self.hire();
            // It may not have heard yet that it is to pause: then it hears next that it is to go on.
            if self.is_held.replace(false) && matches!(self.form.state(), State::Running | State::Paused) {
                self.resume();
            }
        } else if was_near {
            let engine = Rc::clone(self);
            after(FAR_FOR, move || engine.settle_far());
        }
    }

    /// Nobody looks: a run is held, and an idle worker is let go.
    fn settle_far(self: &Rc<Self>) {
        if self.is_near.get() {
            return;
        }
        match self.form.state() {
            State::Running => {
                self.is_held.set(true);
                self.pause();
            }
            State::Paused => {}
            State::Idle | State::Done | State::Error => *self.lead.borrow_mut() = None,
        }
    }

    fn link(&self) -> String {
        let Some(location) = page().map(|window| window.location()) else { return String::new() };
        let part = |part: Result<String, JsValue>| part.unwrap_or_default();
        let settings = self.form.settings();
        let query = self.place.write(&part(location.search()), &self.sheet.schema, &settings, None, self.has_run.get());
        let section = match &self.place {
            Place::Alone => String::new(),
            Place::Among(lab) => format!("#lab-{lab}"),
        };
        format!("{}{}{query}{section}", part(location.origin()), part(location.pathname()))
    }

    fn copy_link(self: &Rc<Self>) {
        let engine = Rc::clone(self);
        write_to_clipboard(&self.link(), move |is_written| {
            if is_written {
                engine.form.set_answer(Some(&interface::COPIED), "");
                after(ANSWER_FOR, move || engine.form.set_answer(None, ""));
            } else {
                engine.form.set_answer(Some(&interface::COPY_BY_HAND), &engine.link());
            }
        });
    }
}

/// Writes to the clipboard, which pages without a secure origin do not have.
fn write_to_clipboard(text: &str, tell: impl FnOnce(bool) + 'static) {
    let clipboard = page().and_then(|window| {
        let clipboard = Reflect::get(&window.navigator(), &"clipboard".into()).ok()?;
        clipboard.dyn_into::<web_sys::Clipboard>().ok()
    });
    match clipboard {
        Some(clipboard) => when(&clipboard.write_text(text), move |answer| tell(answer.is_some())),
        None => tell(false),
    }
}

/// Writes the labs' settings into the page's address, soon.
fn keep_address() {
    ADDRESS.with(|address| {
        address.is_stale.set(true);
        if !address.is_waiting.replace(true) {
            // The first change is written at once, so that a link that is followed right after carries it.
            write_address();
            after(ADDRESS_INTERVAL, || {
                ADDRESS.with(|address| {
                    address.is_waiting.set(false);
                    if address.is_stale.get() {
                        keep_address();
                    }
                });
            });
        }
    });
}

fn write_address() {
    let Some(window) = page() else { return };
    let (location, history) = (window.location(), window.history());
    let part = |part: Result<String, JsValue>| part.unwrap_or_default();
    let query = ENGINES.with_borrow(|engines| {
        engines.iter().fold(part(location.search()), |query, engine| {
            let settings = engine.form.settings();
            let printed = Some(&engine.sheet.settings);
            engine.place.write(&query, &engine.sheet.schema, &settings, printed, engine.has_run.get())
        })
    });
    ADDRESS.with(|address| address.is_stale.set(false));
    let address = format!("{}{query}{}", part(location.pathname()), part(location.hash()));
    if let Ok(history) = history {
        // Where the address cannot be changed, as in some frames, Copy link still works.
        let _ = history.replace_state_with_url(&JsValue::NULL, "", Some(&address));
    }
}
