//! Pages that only a server renders, as they were recorded from it.

use consent_fixtures::server_page;
use leptos::prelude::*;

use crate::i18n::Locale;

/// The page. Empty where none was recorded.
pub fn view(name: &str, locale: Locale) -> AnyView {
    let html = server_page(name, locale).unwrap_or_default();
    // The consent form has the screen's own style; the other pages have one of their own.
    let style = html.starts_with("<main class=\"sheet\"").then(|| {
        // Beside the page of the preview.
        view! { <link rel="stylesheet" href="pages.css"/> }
    });
    view! {
        {style}
        <div lang=locale.tag() inner_html=html></div>
    }
    .into_any()
}
