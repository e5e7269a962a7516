use leptos::prelude::*;

use super::reactive_text::{initial_text, reactive_text};

/// Announces changes to screen readers without moving the focus. It is there from the start, empty:
/// a region that is inserted together with its text is often not announced.
#[component]
pub fn LiveRegion(#[prop(into)] text: Signal<String>) -> impl IntoView {
    view! {
        <p class="live-region visually-hidden" role="status" use:reactive_text=text>
            {initial_text(text)}
        </p>
    }
}
