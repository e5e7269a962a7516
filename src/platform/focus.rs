//! Moving the focus, and only when something the person did asks for it.

use wasm_bindgen::{JsCast, closure::Closure};
use web_sys::HtmlElement;

/// Focuses the element with this id once the view has caught up with the state: after the next
/// frame was prepared, when effects have run and the element is there.
pub fn soon(id: &'static str) {
    let Some(window) = web_sys::window() else { return };
    let focus = Closure::once_into_js(move || now(id));
    drop(window.request_animation_frame(focus.unchecked_ref()));
}

/// Focuses the element with this id, if there is one. For an input, its row is brought into view,
/// so that the label is read along with it.
pub fn now(id: &str) {
    let element = web_sys::window()
        .and_then(|window| window.document())
        .and_then(|document| document.get_element_by_id(id));
    let Some(element) = element else { return };
    if let Ok(Some(row)) = element.closest("[data-row]") {
        row.scroll_into_view();
    }
    if let Some(element) = element.dyn_ref::<HtmlElement>() {
        drop(element.focus());
    }
}
