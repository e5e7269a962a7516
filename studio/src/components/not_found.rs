use leptos::prelude::*;
use leptos_router::components::A;

use super::Notice;
use crate::{
    address,
    language::{t, tf},
};

/// The page of an address without a fixture.
#[component]
pub fn NotFound() -> impl IntoView {
    consent_screen::browser::document::set_title(&tf(
        "{page} · Preview studio",
        &[("page", &t("Not found"))],
    ));
    view! {
        <Notice />
        <main class="empty">
            <h1>{t("Not found")}</h1>
            <p>{t("No fixture has this name, and the address does not contain one.")}</p>
            <p><A href=address::gallery() exact=true attr:class="link">{t("Go to the gallery")}</A></p>
        </main>
    }
}
