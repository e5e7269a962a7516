//! Makes the preview inert: links and forms look as usual and lead nowhere.

use super::dom::{document, elements};
use crate::browser;
use js_sys::Reflect;
use wasm_bindgen::{JsCast, JsValue, closure::Closure};
use web_sys::{AddEventListenerOptions, Element, Event};

/// Prevents the default action of every link and form. The screen's own event handlers still run.
pub fn disable_links_and_forms() {
    for event in ["click", "auxclick"] {
        listen(event, |event| {
            let target = event.target().and_then(|target| target.dyn_into::<Element>().ok());
            let link = target.and_then(|target| target.closest("a[href]").ok().flatten());
            // Links within the page work: the error summary links to fields.
            let href = link.as_ref().and_then(|link| link.get_attribute("href"));
            if link.is_some() && !href.is_some_and(|href| href.starts_with('#')) {
                event.prevent_default();
            }
        });
    }
    listen("submit", |event| event.prevent_default());
}

/// Keeps the focus where it is while a page is mounted. A dialog that opens takes the focus, and here it
/// would take it from the studio's field that the user types in.
pub fn keep_focus() {
    for dialog in elements("dialog") {
        drop(dialog.set_attribute("inert", ""));
        // By then the dialog is open, if it will be.
        browser::when_drawn(move || drop(dialog.remove_attribute("inert")));
    }
}

/// Whether the studio has no use for what is measured in its frame.
pub fn is_unmeasured() -> bool {
    let frame = web_sys::window().and_then(|window| window.frame_element().ok().flatten());
    frame.is_some_and(|frame| frame.has_attribute("data-unmeasured"))
}

/// Keeps a thumbnail from scrolling the studio around it, and from taking its focus: both reach out of a
/// frame, and so does `autofocus` (HTML, 6.6.7), which an inert frame does not keep from. Elsewhere,
/// nothing changes.
pub fn keep_thumbnail_still() {
    let Some(window) = web_sys::window() else { return };
    let frame = window.frame_element().ok().flatten();
    if frame.is_none_or(|frame| frame.closest("[inert]").ok().flatten().is_none()) {
        return;
    }
    if let Some(body) = document().and_then(|document| document.body()) {
        drop(body.set_attribute("inert", ""));
    }
    let get = |of: &JsValue, name: &str| Reflect::get(of, &name.into()).unwrap_or_default();
    for (kind, method) in [("Element", "scrollIntoView"), ("HTMLElement", "focus")] {
        let nothing = Closure::<dyn Fn()>::new(|| {}).into_js_value();
        let prototype = get(&get(&window, kind), "prototype");
        drop(Reflect::set(&prototype, &method.into(), &nothing));
    }
}

/// Listens to an event of the document, before the screen does.
pub fn listen(event: &str, call: fn(&Event)) {
    let listener = Closure::<dyn Fn(Event)>::new(move |event| call(&event)).into_js_value();
    let options = AddEventListenerOptions::new();
    options.set_capture(true);
    if let Some(document) = document() {
        drop(document.add_event_listener_with_callback_and_add_event_listener_options(
            event,
            listener.unchecked_ref(),
            &options,
        ));
    }
}
