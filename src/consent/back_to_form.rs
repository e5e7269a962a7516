//! The way back from a text to the form, for browsers without the app.

use consent_contract::form::{SHOW, field};
use leptos::prelude::*;

use crate::{
    components::Variant,
    i18n::{self, Locale},
};

/// Keeps the fields of the form, and goes back to it at `action`. `other` is the value and the words of a button
/// that leads elsewhere with them.
#[component]
pub fn BackToForm(
    action: String,
    locale: Locale,
    form: Vec<(String, String)>,
    other: Option<(String, &'static str)>,
) -> impl IntoView {
    let fields: Vec<_> = form
        .into_iter()
        .filter(|(name, _)| name != field::DECISION)
        .map(|(name, value)| view! { <input type="hidden" name=name value=value/> })
        .collect();
    let button = |variant: Variant, value: String, text: &'static str| {
        view! {
            <button type="submit" class=variant.class() name=field::DECISION value=value>
                {text}
            </button>
        }
    };
    let close = button(Variant::Secondary, SHOW.to_owned(), i18n::texts(locale).close);
    let other = other.map(|(value, text)| button(Variant::Link, value, text));
    view! {
        <div class="actions">
            <form class="cancel" method="post" action=action>
                {fields}
                {other}
                {close}
            </form>
        </div>
    }
    .into_any()
}
