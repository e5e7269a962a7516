use leptos::prelude::*;

use crate::platform::input;

/// A native checkbox whose state is the page's state, never its own.
#[component]
pub fn Checkbox(
    id: String,
    /// The form field, for when the form is sent by the browser; none for a control that only
    /// changes others.
    #[prop(optional_no_strip)]
    field: Option<(&'static str, String)>,
    #[prop(into)] checked: Signal<bool>,
    #[prop(optional, into)] mixed: Signal<bool>,
    /// Whether there is a fault on it that the person was told of.
    #[prop(optional, into)]
    faulty: Signal<bool>,
    /// Ids of elements that say more.
    described_by: String,
    on_change: Callback<bool>,
) -> impl IntoView {
    let (name, value) = field.unzip();
    let change = move |event: leptos::ev::Event| {
        on_change.run(event_target_checked(&event));
        input::set_checked(&event, checked.get_untracked(), mixed.get_untracked());
    };
    view! {
        <input
            type="checkbox"
            class="checkbox"
            id=id
            name=name
            value=value
            checked=checked.get_untracked()
            prop:checked=move || checked.get()
            prop:indeterminate=move || mixed.get()
            aria-invalid=move || faulty.get().then_some("true")
            aria-describedby=(!described_by.is_empty()).then_some(described_by)
            autocomplete="off"
            on:change=change
        />
    }
}
