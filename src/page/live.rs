//! What moves in the page shell: the language link keeps the reader's place.

use wasm_bindgen::{JsCast, prelude::Closure};
use web_sys::{Document, Element, HtmlAnchorElement, Window};

/// Brings the shell to life.
pub fn enliven() {
    let Some(window) = web_sys::window() else { return };
    let Some(document) = window.document() else { return };
    keep_place(&window, &document);
}

fn elements(document: &Document, selector: &str) -> Vec<Element> {
    let Ok(list) = document.query_selector_all(selector) else { return Vec::new() };
    (0..list.length()).filter_map(|index| list.item(index)?.dyn_into().ok()).collect()
}

/// Listens for as long as the page lives.
fn listen(target: &web_sys::EventTarget, event: &str, act: impl FnMut() + 'static) {
    let closure = Closure::<dyn FnMut()>::new(act);
    // A page whose listeners cannot be attached is a page without these comforts, nothing worse.
    let _ = target.add_event_listener_with_callback(event, closure.as_ref().unchecked_ref());
    closure.forget();
}

/// The last section whose heading has reached the upper third of the window.
fn current_section(window: &Window, document: &Document) -> Option<String> {
    let line = window.inner_height().ok()?.as_f64()? / 3.0;
    let above = |heading: &Element| heading.get_bounding_client_rect().top() <= line;
    elements(document, "article h2[id], article h3[id]")
        .into_iter()
        .take_while(above)
        .last()
        .map(|heading| heading.id())
}

/// The language link leads to the same section with the same query, and so to the same labs in the same state.
fn keep_place(window: &Window, document: &Document) {
    for link in elements(document, "a[data-keep-place]") {
        let Ok(link) = link.dyn_into::<HtmlAnchorElement>() else { continue };
        let (window, document, target) = (window.clone(), document.clone(), link.clone());
        let plain = link.get_attribute("href").unwrap_or_default();
        let aim = move || {
            let search = window.location().search().unwrap_or_default();
            let section = current_section(&window, &document).map_or_else(String::new, |id| format!("#{id}"));
            let _ = link.set_attribute("href", &format!("{plain}{search}{section}"));
        };
        for event in ["pointerdown", "focus", "click"] {
            listen(&target, event, aim.clone());
        }
    }
}
