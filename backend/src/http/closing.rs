//! The way out of a page inside of the messenger that leads nowhere else.

use consent_contract::in_app::Platform;
use lol_html::{RewriteStrSettings, element, html_content::ContentType, rewrite_str};
use maud::{Markup, html};

use super::words;
use crate::locale::Locale;

/// What makes the button work. Until it runs there is none.
pub const SCRIPT: &str = include_str!("closing.js");

/// The button, and what is said when it did not help.
#[must_use]
pub fn button(locale: Locale, platform: Platform) -> Markup {
    let words = words::closing(locale);
    html! {
        button type="button" class="button button--secondary way" hidden
            data-close=(platform.close_url().unwrap_or_default()) { (words.title) }
        p role="status" data-how=(words.text) {}
    }
}

/// The button among the ways out of a rendered problem.
#[must_use]
pub fn in_problem(body: &str, locale: Locale, platform: Platform) -> String {
    let settings = RewriteStrSettings::new().append_element_content_handler(element!(
        ".problem__ways",
        |ways| {
            ways.append(&button(locale, platform).into_string(), ContentType::Html);
            Ok(())
        }
    ));
    rewrite_str(body, settings).unwrap_or_else(|_| body.to_owned())
}
