//! Events of the window. Listeners live as long as the page: there is one page per document.

use wasm_bindgen::{JsCast, closure::Closure};
use web_sys::PageTransitionEvent;

/// Calls when the page comes back out of the back/forward cache, where it was kept with all its
/// state, however old that is.
pub fn restored(call: impl Fn() + 'static) {
    let listener = Closure::<dyn Fn(_)>::new(move |event: PageTransitionEvent| {
        if event.persisted() {
            call();
        }
    });
    listen("pageshow", listener.into_js_value());
}

/// Calls when the browser finds the network again.
pub fn online(call: impl Fn() + 'static) {
    listen("online", Closure::<dyn Fn()>::new(call).into_js_value());
}

fn listen(event: &str, listener: wasm_bindgen::JsValue) {
    if let Some(window) = web_sys::window() {
        drop(window.add_event_listener_with_callback(event, listener.unchecked_ref()));
    }
}
