//! `response_mode=form_post`: a page that posts the response to the service by itself (OAuth 2.0 Form
//! Post Response Mode). Without JavaScript the user presses its button.
//!
//! - The script runs while the page loads, so the service's page takes its place in the history: going
//!   back does not post the code again.
//! - Browsers check `form-action` against every redirect after the form, and a callback may redirect to
//!   any https address, so the policy names schemes. The page has one form, and no text of the service
//!   that becomes markup.
//! - With `no-referrer` and `same-origin` browsers send `Origin: null`, which services refuse.

use axum::{
    http::{HeaderValue, header},
    response::{Html, IntoResponse, Response},
};
use maud::{DOCTYPE, PreEscaped, html};

use super::words;
use crate::{crypto, locale::Locale, oauth::answer::Parameters};

/// A classic script, which old browsers and HtmlUnit run, too.
const SCRIPT: &str = include_str!("form_post.js");

/// The page that posts these parameters to the redirect URI, in the best of these languages.
pub fn page<'a>(
    redirect_uri: &str,
    parameters: &Parameters,
    languages: impl IntoIterator<Item = &'a str>,
) -> Response {
    let locale = Locale::best(languages);
    let words = words::onward(locale);
    let (button, _) = words::confirm_buttons(locale);
    let page = html! {
        (DOCTYPE)
        html lang=(locale.tag()) {
            head {
                meta charset="utf-8";
                meta name="viewport" content="width=device-width, initial-scale=1, viewport-fit=cover";
                meta name="robots" content="noindex";
                meta name="color-scheme" content="light dark";
                title { (words.title) }
                link rel="stylesheet" href="/pages.css";
                link rel="icon" href="/icon.svg" type="image/svg+xml";
            }
            body {
                main class="sheet" {
                    h1 { (words.title) }
                    form method="post" action=(redirect_uri) {
                        @for (name, value) in parameters {
                            input type="hidden" name=(name) value=(value);
                        }
                        p { button type="submit" class="way way--primary" { (button) } }
                    }
                }
                script { (PreEscaped(SCRIPT)) }
            }
        }
    };
    let headers = [
        (header::CONTENT_SECURITY_POLICY, policy(redirect_uri)),
        (header::CACHE_CONTROL, HeaderValue::from_static("no-store")),
        (header::REFERRER_POLICY, HeaderValue::from_static("strict-origin")),
        (header::CONTENT_LANGUAGE, HeaderValue::from_static(locale.tag())),
    ];
    (headers, Html(page.into_string())).into_response()
}

fn policy(redirect_uri: &str) -> HeaderValue {
    // Plain http is registered for loopback hosts only.
    let targets = if redirect_uri.starts_with("https:") { "https:" } else { "https: http:" };
    let script = crypto::sri(SCRIPT.as_bytes());
    HeaderValue::from_str(&format!(
        "default-src 'none'; script-src '{script}'; style-src 'self'; connect-src 'none'; \
         img-src 'self'; font-src 'none'; form-action {targets}; base-uri 'none'; \
         frame-ancestors 'none'; object-src 'none'"
    ))
    .expect("digests are plain ASCII")
}
