//! Form controls in the hands of an event.

use leptos::ev;
use wasm_bindgen::JsCast;
use web_sys::{HtmlInputElement, HtmlSelectElement};

/// Puts a checkbox back to what the state says. Needed where the state refused the change: it did
/// not change, so nothing redraws, and the box would go on showing what is not so.
pub fn set_checked(event: &ev::Event, checked: bool, indeterminate: bool) {
    if let Some(input) = target::<HtmlInputElement>(event) {
        input.set_checked(checked);
        input.set_indeterminate(indeterminate);
    }
}

/// Whether the checkbox is checked now.
#[must_use]
pub fn is_checked(event: &ev::Event) -> bool {
    target::<HtmlInputElement>(event).is_some_and(|input| input.checked())
}

/// What the text field says now.
#[must_use]
pub fn typed(event: &ev::Event) -> String {
    target::<HtmlInputElement>(event).map(|input| input.value()).unwrap_or_default()
}

/// What is chosen now.
#[must_use]
pub fn chosen(event: &ev::Event) -> String {
    target::<HtmlSelectElement>(event).map(|select| select.value()).unwrap_or_default()
}

fn target<T: JsCast>(event: &ev::Event) -> Option<T> {
    event.target()?.dyn_into().ok()
}
