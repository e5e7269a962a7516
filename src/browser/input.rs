//! Form controls.

use leptos::{ev, prelude::*, tachys::renderer::types};
use wasm_bindgen::JsCast;
use web_sys::{HtmlInputElement, HtmlSelectElement};

/// Resets a checkbox to the state. Needed where the state refused the change: the state did not
/// change, so nothing is redrawn, and the checkbox would keep showing the refused change.
pub fn set_checked(event: &ev::Event, checked: bool, indeterminate: bool) {
    if let Some(input) = target::<HtmlInputElement>(event) {
        input.set_checked(checked);
        input.set_indeterminate(indeterminate);
    }
}

/// Whether the user, or assistive technology, caused the event, and not a script.
#[must_use]
pub fn is_by_user(event: &ev::Event) -> bool {
    event.is_trusted()
}

/// Whether the checkbox is checked now.
#[must_use]
pub fn is_checked(event: &ev::Event) -> bool {
    target::<HtmlInputElement>(event).is_some_and(|input| input.checked())
}

/// The current value of the text field.
#[must_use]
pub fn typed(event: &ev::Event) -> String {
    target::<HtmlInputElement>(event).map(|input| input.value()).unwrap_or_default()
}

/// The current choice of the list.
#[must_use]
pub fn chosen(event: &ev::Event) -> String {
    target::<HtmlSelectElement>(event).map(|select| select.value()).unwrap_or_default()
}

/// A checkbox or text field built by the app.
#[derive(Debug, Clone)]
pub struct Control(HtmlInputElement);

/// A directive that hands over the input element once it is built.
#[allow(clippy::needless_pass_by_value, reason = "the signature of a directive")]
pub fn control(element: types::Element, on_build: Callback<Control>) {
    if let Ok(input) = element.dyn_into() {
        on_build.run(Control(input));
    }
}

impl Control {
    /// Whether it is still in the page.
    #[must_use]
    pub fn is_connected(&self) -> bool {
        self.0.is_connected()
    }

    /// Whether the checkbox is checked, and whether it is shown as mixed.
    #[must_use]
    pub fn checked(&self) -> (bool, bool) {
        (self.0.checked(), self.0.indeterminate())
    }

    /// The current value of the text field.
    #[must_use]
    pub fn value(&self) -> String {
        self.0.value()
    }
}

fn target<T: JsCast>(event: &ev::Event) -> Option<T> {
    event.target()?.dyn_into().ok()
}
