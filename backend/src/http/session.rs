//! Who is there: the browser's session, its cookies, and whether a request came from our own page.

use std::{borrow::Cow, convert::Infallible};

use axum::{
    extract::{FromRequestParts, OptionalFromRequestParts},
    http::{HeaderMap, HeaderValue, Method, header, request::Parts},
};

use consent_contract::in_app::{self, Platform};

use super::{client_address::ClientAddress, cookies, error::Error, headers, host};
use crate::{App, crypto, locale, store::Session};

/// The browser that asks.
pub struct Visitor {
    /// Its session, when it is signed in and still who the proxy says, if a proxy says anything.
    pub session: Option<Session>,
    /// Whom a trusted reverse proxy names, when that is configured. See [`crate::config::SignIn`].
    pub named_by_proxy: Option<String>,
    /// The languages the browser wishes, the most wished first.
    pub languages: Vec<String>,
    /// The messenger's in-app browser, if it says that it is one: a hint, and nothing to trust.
    pub messenger: Option<Platform>,
}

impl FromRequestParts<App> for Visitor {
    type Rejection = Error;

    async fn from_request_parts(parts: &mut Parts, app: &App) -> Result<Self, Error> {
        Self::of(app, &parts.headers, ClientAddress::of(&parts.extensions)).await
    }
}

impl OptionalFromRequestParts<App> for Visitor {
    type Rejection = Infallible;

    async fn from_request_parts(parts: &mut Parts, app: &App) -> Result<Option<Self>, Infallible> {
        Ok(Self::of(app, &parts.headers, ClientAddress::of(&parts.extensions)).await.ok())
    }
}

impl Visitor {
    /// Who sends a request with these headers, from there. Only a trusted proxy can name an account.
    ///
    /// # Errors
    /// When the database cannot be read.
    pub async fn of(app: &App, headers: &HeaderMap, client: ClientAddress) -> Result<Self, Error> {
        let proxy_header = app.catalog().sign_in.account_header.as_deref();
        let named_by_proxy = proxy_header
            .filter(|_| client.is_trusted_peer)
            .and_then(|name| headers::get(headers, name))
            .filter(|account| app.catalog().accounts.contains_key(*account))
            .map(str::to_owned);
        let mut session = match cookie(headers, app.session_cookie()) {
            Some(value) => app.store().session(value, app.now()).await?,
            None => None,
        };
        if proxy_header.is_some() {
            session = session.filter(|known| Some(&known.account) == named_by_proxy.as_ref());
        }
        let pretended = session.as_ref().and_then(|session| session.user_agent.as_deref());
        Ok(Self {
            messenger: user_agent(app, headers, pretended),
            languages: languages(headers),
            session,
            named_by_proxy,
        })
    }

    /// Signs in whom a trusted proxy names, if that is somebody new, and gives the cookie to set.
    ///
    /// # Errors
    /// When the database cannot be written.
    pub async fn arrive(&mut self, app: &App) -> Result<Option<HeaderValue>, Error> {
        let (None, Some(account)) = (&self.session, &self.named_by_proxy) else { return Ok(None) };
        let (session, cookie) = self.sign_in(app, account).await?;
        self.session = Some(session);
        Ok(Some(cookie))
    }

    /// Signs an account in and gives the cookie to set.
    ///
    /// # Errors
    /// When the database cannot be written.
    pub async fn sign_in(&self, app: &App, account: &str) -> Result<(Session, HeaderValue), Error> {
        let (session, value) =
            app.store().sign_in(self.session.as_ref(), account, app.now()).await?;
        Ok((session, set_cookie(app, app.session_cookie(), &value, "/", None)))
    }
}

/// The messenger's in-app browser, if that is what sends these headers. The database is asked in the
/// demo only: an answer that says that there is too much to do must not add to it.
pub async fn messenger(app: &App, headers: &HeaderMap) -> Option<Platform> {
    match app.is_demo() {
        true => Visitor::of(app, headers, ClientAddress::UNKNOWN).await.ok()?.messenger,
        false => user_agent(app, headers, None),
    }
}

fn user_agent(app: &App, headers: &HeaderMap, pretended: Option<&str>) -> Option<Platform> {
    let pretended = pretended.filter(|_| app.is_demo());
    let user_agent = pretended.map(Cow::Borrowed);
    let user_agent = user_agent.or_else(|| headers::get_lossy(headers, header::USER_AGENT));
    in_app::messenger(&user_agent.unwrap_or_default())
}

/// The languages a browser wishes.
#[must_use]
pub fn languages(headers: &HeaderMap) -> Vec<String> {
    let header = headers::get_lossy(headers, header::ACCEPT_LANGUAGE).unwrap_or_default();
    locale::accepted(&header).into_iter().map(str::to_owned).collect()
}

/// A cookie that changes with every decision. Browsers do not restore a page from their
/// back/forward cache once an `HttpOnly` cookie has changed, so the finished form does not come back.
#[must_use]
pub fn turned_page(app: &App) -> HeaderValue {
    set_cookie(app, &app.cookies().name("page"), &crypto::random_token(), "/", None)
}

/// The value of a cookie that is there once.
#[must_use]
pub fn cookie<'a>(headers: &'a HeaderMap, name: &str) -> Option<&'a str> {
    cookies::value(headers.get_all(header::COOKIE).iter().map(HeaderValue::as_bytes), name)
}

/// A `Set-Cookie` header. The value must be free of `;`, as base64url is. Without `max_age` the
/// cookie lasts as long as the browser; with 0 seconds it is taken away.
#[must_use]
pub fn set_cookie(
    app: &App,
    name: &str,
    value: &str,
    path: &str,
    max_age: Option<u32>,
) -> HeaderValue {
    let secure = if app.is_https() { "; Secure" } else { "" };
    let age = max_age.map(|seconds| format!("; Max-Age={seconds}")).unwrap_or_default();
    let cookie = format!("{name}={value}; Path={path}; HttpOnly; SameSite=Lax{age}{secure}");
    HeaderValue::from_str(&cookie).expect("cookies are made of plain ASCII")
}

/// What protects a request beside the page that it came from.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Protection {
    /// Nothing.
    OriginAlone,
    /// It names a challenge, which cannot be guessed, and is answered only in the challenge's own
    /// session, whose cookie is `SameSite=Lax`: no browser sends it with a POST from another site,
    /// nor out of a frame there. What is more than a refusal needs the csrf token as well.
    ChallengeAndSession,
}

/// Refuses what another page made the browser send (SEC-23): `Sec-Fetch-Site` decides, and where a
/// browser does not send it, `Origin`. With neither the request is refused, and so it is with an
/// `Origin` that is not ours, whatever else it says.
///
/// `Origin: null` without `Sec-Fetch-Site` says nothing about the page: older browsers (Safari before
/// 16.4, Firefox before 90) send it with our own form when something in between has set
/// `Referrer-Policy: no-referrer`, and with the form of a sandboxed frame anywhere. It passes where
/// the request is protected otherwise.
///
/// # Errors
/// `csrf_rejected`.
pub fn from_our_page(
    app: &App,
    method: &Method,
    headers: &HeaderMap,
    protection: Protection,
) -> Result<(), Error> {
    if method.is_safe() {
        return Ok(());
    }
    if host::has_foreign_origin(app, headers) {
        return Err(Error::CsrfRejected("the request came from another origin"));
    }
    match (headers::get(headers, "sec-fetch-site"), headers::get(headers, header::ORIGIN)) {
        (Some("same-origin"), _) => Ok(()),
        (Some(_), _) => Err(Error::CsrfRejected("the request came from another site")),
        (None, Some("null")) if protection == Protection::OriginAlone => {
            Err(Error::CsrfRejected("the request came from another origin"))
        }
        (None, Some(_)) => Ok(()),
        (None, None) => Err(Error::CsrfRejected("neither Sec-Fetch-Site nor Origin was sent")),
    }
}
