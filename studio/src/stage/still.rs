//! Nothing on the stage leads anywhere: links and forms look as they do, and do nothing.

use crate::browser::{self, elements};
use wasm_bindgen::{JsCast, closure::Closure};
use web_sys::{AddEventListenerOptions, Element, Event};

/// Stops every link and form, before anybody else hears of it. What the screen itself does with
/// them goes on.
pub fn stand() {
    for event in ["click", "auxclick"] {
        listen(event, |event| {
            let target = event.target().and_then(|target| target.dyn_into::<Element>().ok());
            let link = target.and_then(|target| target.closest("a[href]").ok().flatten());
            // A link inside the page (a summary's, to its field) stays inside the page.
            let inside = link.as_ref().and_then(|link| link.get_attribute("href"));
            if link.is_some() && !inside.is_some_and(|href| href.starts_with('#')) {
                event.prevent_default();
            }
        });
    }
    listen("submit", |event| event.prevent_default());
}

/// Leaves the focus where it is while a page is put up. A dialog that opens takes it, and here it would
/// take it out of the field of the studio that somebody is typing in.
pub fn keep_focus() {
    for dialog in elements("dialog") {
        drop(dialog.set_attribute("inert", ""));
        // By then it has been opened, if it is to be open.
        browser::when_drawn(move || drop(dialog.remove_attribute("inert")));
    }
}

fn listen(event: &str, call: fn(&Event)) {
    let listener = Closure::<dyn Fn(Event)>::new(move |event| call(&event)).into_js_value();
    let options = AddEventListenerOptions::new();
    options.set_capture(true);
    let document = web_sys::window().and_then(|window| window.document());
    if let Some(document) = document {
        drop(document.add_event_listener_with_callback_and_add_event_listener_options(
            event,
            listener.unchecked_ref(),
            &options,
        ));
    }
}
