//! Text from services and accounts: cleaned, and isolated so that it cannot reorder or run into the
//! text around it (rules SEC-51, SEC-54).

use consent_contract::name;
use leptos::prelude::*;

use super::non_empty;
use crate::i18n::around;

/// A text written by a service.
#[component]
pub fn UntrustedText(text: String) -> impl IntoView {
    view! { <bdi>{non_empty(name::clean(&text))}</bdi> }
}

/// A name, an address or a value. Browser translation must leave it alone.
#[component]
pub fn ProperName(text: String, #[prop(optional)] class: Option<&'static str>) -> impl IntoView {
    let text = non_empty(name::clean(&text));
    // Not `class=None`: a server would render an empty attribute.
    match class {
        Some(class) => view! { <bdi translate="no" class=class>{text}</bdi> }.into_any(),
        None => view! { <bdi translate="no">{text}</bdi> }.into_any(),
    }
}

/// A text of the screen with a name in its slot.
#[component]
pub fn WithName(#[prop(into)] text: String, name: String) -> impl IntoView {
    let (before, after) = around(&text);
    view! {
        {non_empty(before.to_owned())}
        <ProperName text=name/>
        {non_empty(after.to_owned())}
    }
}
