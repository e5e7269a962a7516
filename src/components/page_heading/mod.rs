use leptos::prelude::*;

/// The id of the page's heading.
pub const HEADING_ID: &str = "heading";

/// The page's one `h1`. It is focusable, so that a screen reader can start at the top of a page that
/// replaced another.
#[component]
pub fn PageHeading(children: Children) -> impl IntoView {
    view! { <h1 class="page-heading" id=HEADING_ID tabindex="-1">{children()}</h1> }
}
