//! Pages that only a server renders, as they were recorded from it.

use consent_fixtures::server_page;
use leptos::prelude::*;

use crate::i18n::Locale;

/// The page; in English, where none was recorded in the language.
pub fn view(name: &str, locale: Locale) -> AnyView {
    let mut recorded = [locale, Locale::EN].into_iter();
    let recorded = recorded.find_map(|it| Some((it, server_page(name, it)?)));
    let (locale, html) = recorded.unwrap_or((locale, ""));
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
