//! Form controls in the hands of an event.

use leptos::ev;
use wasm_bindgen::JsCast;
use web_sys::HtmlInputElement;

/// Puts a checkbox back to what the state says. Needed where the state refused the change: it did
/// not change, so nothing redraws, and the box would go on showing what is not so.
pub fn set_checked(event: &ev::Event, checked: bool, indeterminate: bool) {
    let target = event.target().and_then(|target| target.dyn_into::<HtmlInputElement>().ok());
    if let Some(input) = target {
        input.set_checked(checked);
        input.set_indeterminate(indeterminate);
    }
}
