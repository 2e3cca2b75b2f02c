//! What moves in the page shell: the theme button, the language link that keeps the reader's place, and the mark of
//! the current section in the contents.

use wasm_bindgen::{JsCast, prelude::Closure};
use web_sys::{Document, Element, HtmlAnchorElement, HtmlElement, Window};

/// Brings the shell to life.
pub fn enliven() {
    let Some(window) = web_sys::window() else { return };
    let Some(document) = window.document() else { return };
    theme_button(&window, &document);
    keep_place(&window, &document);
    mark_section(&window, &document);
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

fn is_dark(window: &Window, root: &HtmlElement) -> bool {
    match root.get_attribute("data-theme").as_deref() {
        Some("dark") => true,
        Some("light") => false,
        _ => window.match_media("(prefers-color-scheme: dark)").ok().flatten().is_some_and(|query| query.matches()),
    }
}

fn theme_button(window: &Window, document: &Document) {
    let Some(root) = document.document_element().and_then(|root| root.dyn_into::<HtmlElement>().ok()) else { return };
    for button in elements(document, "button.theme") {
        let (window, root, target) = (window.clone(), root.clone(), button.clone());
        let show = {
            let (window, root, button) = (window.clone(), root.clone(), button.clone());
            move || {
                let _ = button.set_attribute("aria-pressed", if is_dark(&window, &root) { "true" } else { "false" });
            }
        };
        show();
        listen(&target, "click", move || {
            let theme = if is_dark(&window, &root) { "light" } else { "dark" };
            let _ = root.set_attribute("data-theme", theme);
            if let Ok(Some(storage)) = window.local_storage() {
                // A full or closed storage forgets the choice; the page has it all the same.
                let _ = storage.set_item("theme", theme);
            }
            show();
        });
    }
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

fn mark_section(window: &Window, document: &Document) {
    let links = elements(document, "nav.contents a");
    if links.is_empty() {
        return;
    }
    let (target, window, document) = (window.clone(), window.clone(), document.clone());
    let mut marked = None;
    let mut mark = move || {
        let section = current_section(&window, &document);
        // A subsection belongs to the last listed section before it.
        let listed =
            |id: &str| links.iter().any(|link| link.get_attribute("href").as_deref() == Some(&format!("#{id}")));
        let Some(section) = section.filter(|id| listed(id)) else { return };
        if marked.as_deref() == Some(section.as_str()) {
            return;
        }
        for link in &links {
            let here = link.get_attribute("href").as_deref() == Some(&format!("#{section}"));
            let _ = if here {
                link.set_attribute("aria-current", "location")
            } else {
                link.remove_attribute("aria-current")
            };
        }
        marked = Some(section);
    };
    mark();
    listen(&target, "scroll", mark);
}
