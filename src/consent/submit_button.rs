use consent_contract::form::field;
use leptos::prelude::*;

use crate::components::Variant;

/// A button that acts at once in the app. Where no app is mounted it submits the form, and the
/// server sends the form back with the action done. The action is the button's id, too.
///
/// It stays inside the form and has no `form` attribute: with one on each of 5,000 buttons Chromium
/// looks through the whole form again for each, and takes 24 seconds to parse the page in place of 4.
#[component]
pub fn SubmitButton(
    variant: Variant,
    #[prop(into)] action: String,
    on_click: Callback<()>,
    children: Children,
) -> impl IntoView {
    let click = move |event: leptos::ev::MouseEvent| {
        event.prevent_default();
        on_click.run(());
    };
    view! {
        <button
            type="submit"
            class=variant.class()
            id=action.clone()
            name=field::DECISION
            value=action
            on:click=click
        >
            {children()}
        </button>
    }
    .into_any()
}
