//! Form controls in the hands of an event.

use leptos::ev;
use wasm_bindgen::JsCast;
use web_sys::{Element, HtmlInputElement, HtmlSelectElement};

/// Puts a checkbox back to what the state says. Needed where the state refused the change: it did
/// not change, so nothing redraws, and the box would go on showing what is not so.
pub fn set_checked(event: &ev::Event, checked: bool, indeterminate: bool) {
    if let Some(input) = target::<HtmlInputElement>(event) {
        input.set_checked(checked);
        input.set_indeterminate(indeterminate);
    }
}

/// Whether the user, or what acts for the user in the browser, made it happen, and no script.
#[must_use]
pub fn is_by_user(event: &ev::Event) -> bool {
    event.is_trusted()
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

/// A checkbox or text field that the app has drawn.
#[derive(Debug)]
pub struct Drawn(HtmlInputElement);

impl Drawn {
    /// None for any other element.
    #[must_use]
    pub fn of(element: &Element) -> Option<Self> {
        element.dyn_ref().cloned().map(Self)
    }

    /// Whether it is still in the page.
    #[must_use]
    pub fn is_there(&self) -> bool {
        self.0.is_connected()
    }

    /// Whether the box is checked, and whether it is shown as neither.
    #[must_use]
    pub fn checked(&self) -> (bool, bool) {
        (self.0.checked(), self.0.indeterminate())
    }

    /// What the text field says.
    #[must_use]
    pub fn value(&self) -> String {
        self.0.value()
    }
}

fn target<T: JsCast>(event: &ev::Event) -> Option<T> {
    event.target()?.dyn_into().ok()
}
