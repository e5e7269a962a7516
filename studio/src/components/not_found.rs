use leptos::prelude::*;
use leptos_router::components::A;

use super::Notice;
use crate::address;

/// The page of an address without a fixture.
#[component]
pub fn NotFound() -> impl IntoView {
    consent_screen::browser::document::set_title("Not found · Preview studio");
    view! {
        <Notice />
        <main class="empty">
            <h1>"Not found"</h1>
            <p>"No fixture has this name, and the address does not contain one."</p>
            <p><A href=address::gallery() exact=true attr:class="link">"Go to the gallery"</A></p>
        </main>
    }
}
