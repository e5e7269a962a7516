use leptos::{ev, prelude::*};

use crate::browser::input::{self, Control, control};

/// A native checkbox that shows the state of the page, never one of its own.
#[component]
pub fn Checkbox(
    id: String,
    /// The name of the form field.
    name: &'static str,
    /// The value of the form field.
    #[prop(optional)]
    value: Option<String>,
    #[prop(into)] checked: Signal<bool>,
    /// Neither checked nor unchecked: for a checkbox that covers several.
    #[prop(optional, into)]
    mixed: Signal<bool>,
    #[prop(optional, into)] invalid: Signal<bool>,
    /// The ids of elements that describe it.
    described_by: String,
    /// Whether agree-all covers it. The boot script uses this before the app is mounted.
    #[prop(optional)]
    in_agree_all: bool,
    on_build: Callback<Control>,
    on_change: Callback<bool>,
) -> impl IntoView {
    let change = move |event: ev::Event| {
        // A change made by a script is not a choice of the user.
        if input::is_by_user(&event) {
            on_change.run(input::is_checked(&event));
        }
        input::set_checked(&event, checked.get_untracked(), mixed.get_untracked());
    };
    let is_checked = checked.get_untracked();
    view! {
        <input
            type="checkbox"
            class="checkbox"
            id=id
            name=name
            value=value
            autocomplete="off"
            aria-describedby=described_by
            aria-invalid=move || invalid.get().then_some("true")
            checked=is_checked
            data-all=in_agree_all.then_some("")
            data-ticked=is_checked.then_some("")
            prop:checked=move || checked.get()
            prop:indeterminate=move || mixed.get()
            on:change=change
            use:control=on_build
        />
    }
    .into_any()
}
