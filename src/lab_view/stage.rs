//! Where a live lab is drawn: its panels, the read-out under the pointer and the keyboard, and the probe's handle.

use super::{bridge, wording::panel_label};
use crate::{
    figure::{Painter, ReadOut, abscissas, neighbor},
    interface,
    sheet::Sheet,
};
use js_sys::Array;
use labs::{
    figure::{AxisScale, Figure, Mark, Panel},
    text::Language,
};
use std::{
    cell::RefCell,
    rc::{Rc, Weak},
};
use wasm_bindgen::{JsCast, closure::Closure, convert::FromWasmAbi};
use web_sys::{Element, Event, EventTarget, HtmlElement, KeyboardEvent, PointerEvent, window};

/// How near the pointer must come to take hold of the probe, in CSS pixels.
const GRIP: f64 = 14.0;
/// How far the read-out stands from the cursor, in CSS pixels.
const TIP_GAP: f64 = 14.0;

/// Told when the reader drags the probe: the parameter and the abscissa.
pub type OnProbe = Rc<dyn Fn(&str, f64)>;

/// The panels of one lab.
pub struct Stage {
    container: HtmlElement,
    sheet: Rc<Sheet>,
    language: Language,
    on_probe: OnProbe,
    views: Vec<Rc<RefCell<View>>>,
}

/// One panel.
struct View {
    element: HtmlElement,
    tip: HtmlElement,
    /// Says the read-out aloud after a key.
    voice: Element,
    painter: Painter,
    panel: Panel,
    language: Language,
    cursor: Option<f64>,
    dragging: bool,
    on_probe: OnProbe,
}

/// Listens for as long as the page lives: so long a lab's figure stays.
pub fn listen<E: JsCast + FromWasmAbi + 'static>(target: &EventTarget, event: &str, act: impl FnMut(E) + 'static) {
    let closure = Closure::<dyn FnMut(E)>::new(act);
    // A lab whose listeners cannot be attached stands still, and its printed form stays right.
    let _ = target.add_event_listener_with_callback(event, closure.as_ref().unchecked_ref());
    closure.forget();
}

impl Stage {
    /// A stage in an element that holds the printed panels, or none.
    pub fn new(container: HtmlElement, sheet: Rc<Sheet>, language: Language, on_probe: OnProbe) -> Self {
        Self { container, sheet, language, on_probe, views: Vec::new() }
    }

    /// Shows a figure.
    pub fn paint(&mut self, figure: &Figure) {
        while self.views.len() > figure.panels.len() {
            if let Some(view) = self.views.pop() {
                view.borrow().element.remove();
            }
        }
        for (index, panel) in figure.panels.iter().enumerate() {
            if index == self.views.len() {
                let Some(view) = self.add(panel) else { return };
                self.views.push(view);
            }
        }
        // All panels first: each takes room from the others.
        for (view, panel) in self.views.iter().zip(&figure.panels) {
            view.borrow_mut().paint(panel);
        }
    }

    /// Puts the next live panel of a figure in the place of a printed one; whether that was the last.
    pub fn grow(&mut self, figure: &Figure) -> bool {
        let Some(panel) = figure.panels.get(self.views.len()) else { return true };
        let printed = self.printed();
        let Some(view) = self.add(panel) else { return true };
        if let Some(printed) = printed {
            printed.remove();
        }
        view.borrow_mut().paint(panel);
        self.views.push(view);
        self.views.len() == figure.panels.len()
    }

    /// The first panel that is still the printed one.
    fn printed(&self) -> Option<Element> {
        self.container.query_selector(".lab-panel:not(.lab-plot)").ok().flatten()
    }

    /// Adapts to the room there is.
    pub fn resize(&mut self) {
        self.views.iter().for_each(|view| view.borrow_mut().painter.resize());
    }

    /// Adapts to the theme.
    pub fn recolor(&mut self) {
        self.views.iter().for_each(|view| view.borrow_mut().painter.recolor());
    }

    /// What is shown, for the page's scripts.
    pub fn read(&self) -> Array {
        let read = |view: &Rc<RefCell<View>>| {
            let view = view.borrow();
            bridge::panel(&view.panel, view.painter.frame().as_ref(), self.language)
        };
        self.views.iter().map(read).collect()
    }

    /// Adds a live panel before the printed ones that are left.
    fn add(&self, panel: &Panel) -> Option<Rc<RefCell<View>>> {
        let element = div("lab-panel lab-plot")?;
        self.place(&element)?;
        let view = self.furnish(&element, panel);
        if view.is_none() {
            // Without a canvas the printed panel stays, and nothing empty beside it.
            element.remove();
        }
        view
    }

    fn place(&self, part: &HtmlElement) -> Option<()> {
        self.container.insert_before(part, self.printed().as_deref()).map(drop).ok()
    }

    fn furnish(&self, element: &HtmlElement, panel: &Panel) -> Option<Rc<RefCell<View>>> {
        let label = panel_label(&self.sheet, panel, self.language);
        // A plane has no curves to read along.
        let is_chart = matches!(panel, Panel::Chart(chart) if chart.y.scale != AxisScale::Equal);
        let label = if is_chart { format!("{label}. {}", interface::PLOT_KEYS.get(self.language)) } else { label };
        element.set_attribute("role", "img").ok()?;
        element.set_attribute("aria-label", &label).ok()?;
        if is_chart {
            element.set_tab_index(0);
        }
        let painter = Painter::new(element)?;
        let (tip, voice) = (div("lab-tip")?, div("visually-hidden")?);
        tip.set_hidden(true);
        tip.set_attribute("aria-hidden", "true").ok()?;
        element.append_child(&tip).ok()?;
        voice.set_attribute("aria-live", "polite").ok()?;
        // Outside the image, whose contents are not read.
        self.place(&voice)?;
        let view = Rc::new(RefCell::new(View {
            element: element.clone(),
            tip,
            voice: voice.into(),
            painter,
            panel: panel.clone(),
            language: self.language,
            cursor: None,
            dragging: false,
            on_probe: Rc::clone(&self.on_probe),
        }));
        if is_chart {
            attend(element, &Rc::downgrade(&view));
        }
        Some(view)
    }
}

fn div(class: &str) -> Option<HtmlElement> {
    let element = window()?.document()?.create_element("div").ok()?.dyn_into::<HtmlElement>().ok()?;
    element.set_class_name(class);
    Some(element)
}

/// Listens to the pointer and the keyboard over a panel.
fn attend(element: &HtmlElement, view: &Weak<RefCell<View>>) {
    fn on<E: JsCast + FromWasmAbi + 'static>(
        element: &HtmlElement,
        event: &str,
        view: &Weak<RefCell<View>>,
        act: impl Fn(&mut View, &E) + 'static,
    ) {
        let view = Weak::clone(view);
        listen(element, event, move |event: E| {
            if let Some(view) = view.upgrade() {
                act(&mut view.borrow_mut(), &event);
            }
        });
    }
    on(element, "pointerdown", view, View::grip);
    let moving = Weak::clone(view);
    listen(element, "pointermove", move |event: PointerEvent| {
        let Some(view) = moving.upgrade() else { return };
        let pull = view.borrow_mut().follow(&event);
        // The lab may paint at once, so the view must be free by now.
        if let Some((on_probe, parameter, x)) = pull {
            on_probe(&parameter, x);
        }
    });
    on(element, "pointerup", view, |view, _: &Event| view.dragging = false);
    on(element, "pointercancel", view, |view, _: &Event| view.dragging = false);
    on(element, "pointerleave", view, |view, _: &Event| view.point(None));
    on(element, "blur", view, |view, _: &Event| view.point(None));
    on(element, "keydown", view, View::key);
}

impl View {
    fn paint(&mut self, panel: &Panel) {
        self.panel = panel.clone();
        self.painter.paint(panel, self.language);
        if self.cursor.is_some() {
            self.show_tip();
        }
    }

    /// The probe of the chart, with its place in pixels.
    fn probe(&self) -> Option<(String, f64)> {
        let Panel::Chart(chart) = &self.panel else { return None };
        let frame = self.painter.frame()?;
        chart.marks.iter().find_map(|mark| match mark {
            Mark::Probe { parameter, x } => Some((parameter.to_string(), frame.pixel_at_x(*x))),
            _ => None,
        })
    }

    fn pixel(&self, event: &PointerEvent) -> f64 {
        f64::from(event.client_x()) - self.element.get_bounding_client_rect().left()
    }

    fn grip(&mut self, event: &PointerEvent) {
        let pixel = self.pixel(event);
        if event.button() == 0 && self.probe().is_some_and(|(_, at)| (at - pixel).abs() <= GRIP) {
            self.dragging = true;
            // Without capture, the drag ends at the panel's edge.
            let _ = self.element.set_pointer_capture(event.pointer_id());
        }
    }

    /// Follows the pointer: the read-out, or the probe if it is held.
    fn follow(&mut self, event: &PointerEvent) -> Option<(OnProbe, String, f64)> {
        let pixel = self.pixel(event);
        let probe = self.probe();
        let near = self.dragging || probe.as_ref().is_some_and(|(_, at)| (at - pixel).abs() <= GRIP);
        let _ = self.element.class_list().toggle_with_force("lab-gripping", near);
        if self.dragging {
            let (parameter, _) = probe?;
            let x = self.painter.frame()?.x_at_pixel(pixel);
            return Some((Rc::clone(&self.on_probe), parameter, x));
        }
        let x = self.painter.frame().map(|frame| frame.x_at_pixel(pixel));
        self.point(x);
        None
    }

    fn key(&mut self, event: &KeyboardEvent) {
        // With these, a key is the browser's.
        if event.alt_key() || event.ctrl_key() || event.meta_key() {
            return;
        }
        let Panel::Chart(chart) = &self.panel else { return };
        let stops = || abscissas(chart);
        let x = match (event.key().as_str(), self.cursor) {
            ("ArrowRight", Some(x)) => neighbor(chart, x, 1),
            ("ArrowLeft", Some(x)) => neighbor(chart, x, -1),
            ("ArrowRight" | "Home", _) => stops().first().copied(),
            ("ArrowLeft" | "End", _) => stops().last().copied(),
            ("Escape", _) => None,
            _ => return,
        };
        event.prevent_default();
        self.point(x);
        let words = self.read().map(|read| {
            let values = read.rows.iter().map(|row| format!("{} {}", row.label, row.text));
            std::iter::once(self.x_words(&read)).chain(values).collect::<Vec<_>>().join("; ")
        });
        self.voice.set_text_content(words.as_deref());
    }

    fn point(&mut self, x: Option<f64>) {
        self.cursor = x;
        self.cursor = self.read().map(|read| read.x_value);
        self.painter.set_cursor(self.cursor);
        self.show_tip();
    }

    fn read(&self) -> Option<ReadOut> {
        self.painter.read_out(self.painter.frame()?.pixel_at_x(self.cursor?))
    }

    fn x_words(&self, read: &ReadOut) -> String {
        let label = match &self.panel {
            Panel::Chart(chart) => chart.x.label.get(self.language),
            Panel::Images(_) => "",
        };
        format!("{label} {}", read.x_text)
    }

    fn show_tip(&self) {
        // The tip is a comfort: what cannot be built of it is left out.
        if self.build_tip().is_none() {
            self.tip.set_hidden(true);
        }
    }

    fn build_tip(&self) -> Option<()> {
        let read = self.read()?;
        let frame = self.painter.frame()?;
        let document = window()?.document()?;
        let line = |class: &str, text: &str| {
            let line = document.create_element("span").ok()?;
            line.set_class_name(class);
            line.set_text_content(Some(text));
            Some(line)
        };
        self.tip.set_text_content(None);
        self.tip.append_child(&*line("lab-tip-x", &self.x_words(&read))?).ok()?;
        for row in &read.rows {
            let class = format!("lab-tip-row role-{}", row.role.name());
            self.tip.append_child(&*line(&class, &format!("{}: {}", row.label, row.text))?).ok()?;
        }
        self.tip.set_hidden(false);
        let at = frame.pixel_at_x(read.x_value);
        let (width, room) = (f64::from(self.tip.offset_width()), f64::from(self.element.client_width()));
        let right = at + TIP_GAP;
        let left = if right + width <= room { right } else { (at - TIP_GAP - width).max(0.0) };
        let style = self.tip.style();
        style.set_property("left", &format!("{left}px")).ok()?;
        style.set_property("top", &format!("{}px", frame.plot.top)).ok()
    }
}
