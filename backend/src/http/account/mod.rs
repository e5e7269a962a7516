//! `/account`: where users see what they agreed to at each service, withdraw it, disconnect a service,
//! read their receipts and sign out. Every page works without a script, and has none.
//!
//! A form is answered with a redirect to the page of what it changed (Post/Redirect/Get), which states
//! what follows only when the database agrees.

mod form;
mod labels;
mod leave;
mod overview;
mod provision;
mod receipt;
mod service;
mod sessions;
mod text;
mod user;
mod withdraw;

use axum::{
    Router,
    http::{HeaderValue, header},
    response::{AppendHeaders, Html, IntoResponse, Response},
    routing::{get, post},
};
use consent_contract::account::{
    ACCOUNT, AccountPage, END_EVERY_SESSION, END_SESSION, SESSIONS, SIGNED_OUT,
};
use consent_screen::ssr;

use super::{
    consent_page::built,
    error::PageError,
    headers::{self, Policy},
};
use crate::{
    App, crypto,
    locale::Locale,
    telemetry::profile::{Work, timed_now},
};

pub fn router() -> Router<App> {
    Router::new()
        .route(ACCOUNT, get(overview::page))
        .route("/account/services/{client_id}", get(service::page))
        .route("/account/services/{client_id}/withdraw", post(withdraw::withdraw))
        .route("/account/services/{client_id}/leave", get(leave::page).post(leave::leave))
        .route("/account/services/{client_id}/text", get(text::page))
        .route("/account/receipts/{receipt_id}", get(receipt::page))
        .route(SESSIONS, get(sessions::page))
        .route(END_SESSION, post(sessions::end))
        .route(END_EVERY_SESSION, post(sessions::end_every))
        .route(SIGNED_OUT, get(sessions::signed_out))
}

/// The page with the form that is sent to this path.
#[must_use]
pub fn page_of_form(path: &str) -> Option<&str> {
    let below = path.strip_prefix(ACCOUNT)?;
    match below.split('/').collect::<Vec<_>>()[..] {
        ["", "services", _, "withdraw"] | ["", "sessions", "end" | "end-all"] => {
            path.rsplit_once('/').map(|(page, _)| page)
        }
        ["", "services", _, "leave"] => Some(path),
        _ => None,
    }
}

/// Renders a page, with cookies to set.
///
/// # Errors
/// When the built screen is missing.
async fn render(
    app: &App,
    locale: Locale,
    page: &AccountPage,
    cookies: Vec<HeaderValue>,
) -> Result<Response, PageError> {
    let built = built(app).await?;
    if !built.has_ssr_outlet {
        return Err(PageError::NoScreen);
    }
    let client_id = match page {
        AccountPage::Service(page) => Some(&page.client_id),
        AccountPage::Leave(page) => Some(&page.client_id),
        AccountPage::Text(page) => Some(&page.client_id),
        AccountPage::Receipt(page) => Some(&page.client_id),
        AccountPage::Overview(_) | AccountPage::Sessions(_) | AccountPage::SignedOut => None,
    };
    let service = client_id.and_then(|id| app.catalog().services.get(id));
    let built = built.for_service(service);
    let rendered = timed_now(Work::Rendering, "account", || ssr::account(locale, page));
    let own_style = crypto::sri(rendered.style.as_bytes());
    let style_digests = [&built.style_digests[..], &[own_style]].concat();
    let has_fonts = built.has_fonts();
    let policy = Policy { style_digests: &style_digests, has_fonts, ..Policy::default() };
    let language = [(header::CONTENT_LANGUAGE, HeaderValue::from_static(rendered.language))];
    let html = built.with_rendered(&rendered, None);
    let cookies = with_cookies(cookies);
    Ok((cookies, language, headers::of_page(&policy), Html(html)).into_response())
}

fn with_cookies(
    cookies: Vec<HeaderValue>,
) -> AppendHeaders<Vec<(header::HeaderName, HeaderValue)>> {
    AppendHeaders(cookies.into_iter().map(|cookie| (header::SET_COOKIE, cookie)).collect())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_form_has_a_page() {
        for (path, page) in [
            ("/account/services/shop/withdraw", Some("/account/services/shop")),
            ("/account/services/shop/leave", Some("/account/services/shop/leave")),
            ("/account/sessions/end", Some("/account/sessions")),
            ("/account/sessions/end-all", Some("/account/sessions")),
            ("/account", None),
            ("/account/sessions", None),
            ("/account/services/withdraw", None),
            ("/accounts/sessions/end", None),
            ("/consent/c-1", None),
        ] {
            assert_eq!(page_of_form(path), page, "{path}");
        }
    }
}
