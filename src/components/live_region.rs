use leptos::prelude::*;

/// Says what has changed, to those who do not see it, without moving the focus. It is there from
/// the start, empty: a region that comes into being together with its text is often not read.
#[component]
pub fn LiveRegion(#[prop(into)] text: Signal<String>) -> impl IntoView {
    view! { <p class="live-region visually-hidden" role="status">{move || text.get()}</p> }
}
