//! Moving the focus, and only when an action of the user asks for it.

use wasm_bindgen::{JsCast, closure::Closure};
use web_sys::{Document, HtmlElement};

/// Focuses the element with this id once the view has followed the state: in the next frame, when
/// effects have run and the element is there.
pub fn soon(id: &'static str) {
    in_next_frame(move || now(id));
}

/// Keeps the focus where it is while the view is built again: on the new element with the same id,
/// or on `otherwise`.
pub fn keep(otherwise: &'static str) {
    let current = document().and_then(|document| focused(&document));
    let Some(id) = current.map(|element| element.id()) else { return };
    in_next_frame(move || {
        let Some(document) = document() else { return };
        if focused(&document).is_some() {
            return;
        }
        let is_there = !id.is_empty() && document.get_element_by_id(&id).is_some();
        now(if is_there { &id } else { otherwise });
    });
}

/// Focuses the element with this id if the focused element has left the page.
pub fn if_lost(id: &'static str) {
    in_next_frame(move || {
        if document().is_some_and(|document| focused(&document).is_none()) {
            now(id);
        }
    });
}

/// Focuses the element with this id, if there is one. For an input, its row is scrolled into view,
/// so that its label is visible, too.
pub fn now(id: &str) {
    let Some(element) = document().and_then(|document| document.get_element_by_id(id)) else {
        return;
    };
    if let Ok(Some(row)) = element.closest("[data-row]") {
        row.scroll_into_view();
    }
    if let Some(element) = element.dyn_ref::<HtmlElement>() {
        drop(element.focus());
    }
}

fn document() -> Option<Document> {
    web_sys::window()?.document()
}

/// The focused element. The body has the focus when no element has it.
fn focused(document: &Document) -> Option<web_sys::Element> {
    document.active_element().filter(|element| element.tag_name() != "BODY")
}

fn in_next_frame(call: impl FnOnce() + 'static) {
    let Some(window) = web_sys::window() else { return };
    let call = Closure::once_into_js(call);
    drop(window.request_animation_frame(call.unchecked_ref()));
}
