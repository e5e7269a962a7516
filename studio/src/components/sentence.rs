use leptos::prelude::*;

/// A sentence with code between backquotes.
#[component]
pub fn Sentence(#[prop(into)] text: String) -> impl IntoView {
    let parts = text.split('`').enumerate().map(|(index, part)| {
        let part = part.to_owned();
        if index % 2 == 1 { view! { <code>{part}</code> }.into_any() } else { part.into_any() }
    });
    parts.collect_view()
}
