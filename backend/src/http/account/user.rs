//! The signed-in user of an account page.

use std::sync::Arc;

use axum::{
    extract::FromRequestParts,
    http::{HeaderMap, HeaderValue, request::Parts},
    response::{IntoResponse, Response},
};
use consent_contract::account::{ACCOUNT, AccountPage};

use super::{page_of_form, with_cookies};
use crate::{
    App,
    config::Account,
    crypto,
    http::{
        self,
        client_address::ClientAddress,
        error::{NotSignedIn, PageError, WhyNot},
        login,
        redirect::{see_other, with_return_to},
        session::{Named, RequestContext},
    },
    locale::Locale,
    store::Session,
};

/// In the address that the login page sends a browser back to: a browser that comes back signed out is
/// not sent there again.
const RETURNED: &str = "returned";

/// The signed-in user of an account page. Everyone else is sent to sign in, with the way back.
pub struct User {
    pub account: Arc<Account>,
    pub session: Session,
    pub locale: Locale,
    /// The languages that the browser accepts, by preference.
    languages: Vec<String>,
    /// Of a session that has just begun.
    cookie: Option<HeaderValue>,
}

impl FromRequestParts<App> for User {
    type Rejection = Response;

    async fn from_request_parts(parts: &mut Parts, app: &App) -> Result<Self, Response> {
        let client = ClientAddress::of(&parts.extensions);
        let context = RequestContext::of(app, &parts.headers, client).await;
        let mut context = context.map_err(IntoResponse::into_response)?;
        let cookie = context.sign_in_from_proxy(app).await.map_err(IntoResponse::into_response)?;
        let account = match &context.session {
            Some(session) => app.account(&session.account).await,
            None => Ok(None),
        };
        let account = account.map_err(|error| PageError::from(error).into_response())?;
        let (Some(session), Some(account)) = (context.session.take(), account) else {
            return Err(sign_in(app, parts, &context).unwrap_or_else(IntoResponse::into_response));
        };
        let languages = context.languages;
        let locale = Locale::best(languages.iter().map(String::as_str));
        Ok(Self { account, session, locale, languages, cookie })
    }
}

impl User {
    /// The languages that the user reads, by preference.
    pub fn languages(&self) -> impl Iterator<Item = &str> {
        [self.locale.tag()].into_iter().chain(self.languages.iter().map(String::as_str))
    }

    /// Renders a page for the user.
    ///
    /// # Errors
    /// When the built screen is missing.
    pub async fn shown(self, app: &App, page: &AccountPage) -> Result<Response, PageError> {
        super::render(app, self.locale, page, self.cookie.into_iter().collect()).await
    }

    /// Redirects the user.
    #[must_use]
    pub fn led_to(self, path: &str) -> Response {
        (with_cookies(self.cookie.into_iter().collect()), see_other(path)).into_response()
    }

    /// Binds the forms of the account pages to the browser's session. It stays the same while the
    /// session's cookie is rotated: a page that is open keeps working.
    #[must_use]
    pub fn csrf_token(&self, app: &App) -> String {
        let id = self.session.id.to_be_bytes();
        app.derivation_key().derive("account_form", &[&id, self.account.id.as_bytes()])
    }

    /// Whether a form has the token.
    #[must_use]
    pub fn has_csrf_token(&self, app: &App, token: &str) -> bool {
        crypto::same(token, &self.csrf_token(app))
    }
}

/// To the login page, and back to the page that the browser asked for.
///
/// # Errors
/// Why that would not help.
fn sign_in(app: &App, parts: &Parts, context: &RequestContext) -> Result<Response, PageError> {
    let back = return_path(parts);
    let to = app.login_url().map(|login_url| {
        // A login page elsewhere must be given the whole address.
        let elsewhere = !login_url.starts_with('/');
        let back = if elsewhere { format!("{}{back}", app.origin()) } else { back };
        with_return_to(login_url, &back)
    });
    let not_signed_in =
        |why, again| PageError::NotSignedIn(Box::new(NotSignedIn { why, back: None, again }));
    match &context.named_by_proxy {
        Some(Named::Unknown(account)) => {
            let digest = crypto::digest_prefix(account);
            tracing::warn!(account_sha256 = digest, "the proxy names an account that is not known");
            return Err(not_signed_in(WhyNot::UnknownAccount, to));
        }
        Some(Named::Disabled(_)) => return Err(not_signed_in(WhyNot::AccountDisabled, to)),
        Some(Named::Account { .. }) | None => {}
    }
    let Some(to) = to else { return Err(not_signed_in(WhyNot::NoLoginPage, None)) };
    if http::parameter(parts.uri.query(), RETURNED).is_some() {
        return Err(not_signed_in(WhyNot::SignedOut, Some(to)));
    }
    Ok(to_login(app, &parts.headers, &to))
}

fn to_login(app: &App, headers: &HeaderMap, to: &str) -> Response {
    let cookie = login::forget_sign_out(app, headers);
    (with_cookies(cookie.into_iter().collect()), see_other(to)).into_response()
}

/// Where the login page leads to: the page itself, or the page of a form.
fn return_path(parts: &Parts) -> String {
    let path = match parts.method.is_safe() {
        true => parts.uri.path(),
        false => page_of_form(parts.uri.path()).unwrap_or(ACCOUNT),
    };
    let query = parts.uri.query().filter(|_| parts.method.is_safe());
    let query = query.into_iter().flat_map(|query| query.split('&'));
    let mark = format!("{RETURNED}=1");
    let query = query.filter(|pair| !pair.is_empty() && *pair != mark).chain([&*mark]);
    [path, "?", &query.collect::<Vec<_>>().join("&")].concat()
}
