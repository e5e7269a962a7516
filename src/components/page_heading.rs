use leptos::prelude::*;

/// The id of the page's heading.
pub const HEADING_ID: &str = "heading";

/// The page's one `h1`. It can take the focus, so that a page that takes another's place is read
/// from its beginning.
#[component]
pub fn PageHeading(children: Children) -> impl IntoView {
    view! { <h1 class="page-heading" id=HEADING_ID tabindex="-1">{children()}</h1> }
}
