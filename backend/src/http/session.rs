//! The context of a request: session, cookies, and whether it came from our own page.

use std::{borrow::Cow, convert::Infallible, sync::Arc};

use axum::{
    extract::{FromRequestParts, OptionalFromRequestParts},
    http::{HeaderMap, HeaderValue, Method, header, request::Parts},
};

use consent_contract::in_app::{self, Platform};

use super::{
    client_address::ClientAddress,
    cookies,
    device::Device,
    error::{ApiError, RequestError},
    headers, host,
    proxied_account::{self, ProxiedAccount},
};
use crate::{
    App,
    audit::{Actor, Event, Record},
    clock::Seconds,
    config::Account,
    crypto, locale,
    store::{self, KnownBrowser, MadeBy, Session, SignedIn},
};

/// The browser behind a request.
pub struct RequestContext {
    /// Its session, when it was made in the way in which people sign in now, and its account is the
    /// one that the proxy names, if there is a proxy.
    pub session: Option<Session>,
    /// Whom a trusted reverse proxy names, when that is configured. See [`crate::config::SignIn`].
    pub named_by_proxy: Option<Named>,
    /// The languages that the browser accepts, by preference.
    pub languages: Vec<String>,
    /// The messenger's in-app browser, if it says that it is one: a hint, and nothing to trust.
    pub messenger: Option<Platform>,
    /// What the browser names itself: for the user's list of sessions only.
    device: Device,
    /// The account that was read to know whether the session counts.
    account_of_session: Option<Arc<Account>>,
}

/// Whom a trusted reverse proxy names.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Named {
    /// A known account.
    Account {
        id: String,
        /// When the person authenticated, where the proxy says so.
        authenticated_at: Option<Seconds>,
    },
    /// An account that an operator has disabled, as the header names it.
    Disabled(String),
    /// Something that is the id of no known account, as it was sent.
    Unknown(Vec<u8>),
}

impl FromRequestParts<App> for RequestContext {
    type Rejection = RequestError;

    async fn from_request_parts(parts: &mut Parts, app: &App) -> Result<Self, RequestError> {
        Self::of(app, &parts.headers, ClientAddress::of(&parts.extensions)).await
    }
}

impl OptionalFromRequestParts<App> for RequestContext {
    type Rejection = Infallible;

    async fn from_request_parts(parts: &mut Parts, app: &App) -> Result<Option<Self>, Infallible> {
        Ok(Self::of(app, &parts.headers, ClientAddress::of(&parts.extensions)).await.ok())
    }
}

impl RequestContext {
    /// Who sends a request with these headers, from there. Only a trusted proxy can name an account.
    ///
    /// # Errors
    /// When the database cannot be read.
    pub async fn of(
        app: &App,
        headers: &HeaderMap,
        client: ClientAddress,
    ) -> Result<Self, RequestError> {
        let proxy_header = app.catalog().sign_in.account_header.as_deref();
        let named_by_proxy = match proxy_header.filter(|_| client.is_trusted_peer) {
            Some(name) => named_by_proxy(app, headers, name).await?,
            None => None,
        };
        let named_by_proxy = named_by_proxy.filter(|named| !has_signed_out(app, headers, named));
        let known = match (cookie(headers, app.session_cookie()), made_by(app)) {
            (Some(value), Some(made_by)) => app.store().session(value, made_by, app.now()).await?,
            _ => None,
        };
        let mut account_of_session = None;
        let session = match known {
            Some(known) => match counts(app, &known, named_by_proxy.as_ref()).await? {
                Counts::Not => None,
                Counts::ByProxy => Some(known.session),
                Counts::As(account) => {
                    account_of_session = Some(account);
                    Some(known.session)
                }
            },
            None => None,
        };
        let spoofed = session.as_ref().and_then(|session| session.user_agent.as_deref());
        Ok(Self {
            messenger: user_agent(app, headers, spoofed),
            languages: languages(headers),
            device: Device::of(headers),
            session,
            named_by_proxy,
            account_of_session,
        })
    }

    /// The account of this id; not read again when it is the one of the session.
    ///
    /// # Errors
    /// When the database cannot be read.
    pub async fn account_of(
        &self,
        app: &App,
        id: &str,
    ) -> Result<Option<Arc<Account>>, store::Error> {
        match &self.account_of_session {
            Some(account) if account.id == id => Ok(Some(Arc::clone(account))),
            _ => app.account(id).await,
        }
    }

    /// Whether a person is signed in.
    #[must_use]
    pub fn is_signed_in(&self) -> bool {
        self.session.is_some() || matches!(self.named_by_proxy, Some(Named::Account { .. }))
    }

    /// The cookies to set once the person has signed out.
    #[must_use]
    pub fn signed_out_cookies(&self, app: &App) -> Vec<HeaderValue> {
        let mut cookies = vec![set_cookie(app, app.session_cookie(), "", "/", Some(0))];
        // Signed in elsewhere still, they would be signed in again without a question.
        let is_signed_in_elsewhere = self.named_by_proxy.is_some() || app.provider().is_some();
        if is_signed_in_elsewhere && app.login_url().is_some() {
            let name = app.cookies().name(SIGNED_OUT);
            cookies.push(set_cookie(app, &name, &app.now().to_string(), "/", None));
        }
        cookies
    }

    /// The account that is signed in.
    #[must_use]
    pub fn account(&self) -> Option<&str> {
        match &self.named_by_proxy {
            Some(Named::Account { id, .. }) => Some(id),
            _ => self.session.as_ref().map(|session| session.account.as_str()),
        }
    }

    /// When the person authenticated, as far as that is known before this request is answered.
    #[must_use]
    pub fn last_authenticated(&self) -> Option<Seconds> {
        let session = self.session.as_ref().and_then(Session::authenticated_at);
        session.max(self.authenticated_at())
    }

    /// When the person authenticated, where the proxy says so.
    #[must_use]
    pub fn authenticated_at(&self) -> Option<Seconds> {
        match self.named_by_proxy {
            Some(Named::Account { authenticated_at, .. }) => authenticated_at,
            _ => None,
        }
    }

    /// Signs in whom a trusted proxy names, if there is no session for them yet or the proxy says
    /// that they authenticated after it began; returns the cookie to set.
    ///
    /// # Errors
    /// When the database cannot be written.
    pub async fn sign_in_from_proxy(
        &mut self,
        app: &App,
    ) -> Result<Option<HeaderValue>, RequestError> {
        let Some(Named::Account { id, authenticated_at }) = &self.named_by_proxy else {
            return Ok(None);
        };
        // The proxy's clock may be ahead of ours.
        let authenticated_at = authenticated_at.map(|at| at.min(app.now()));
        let at = match (&self.session, authenticated_at) {
            (Some(session), Some(at)) if at > session.signed_in => at,
            (Some(_), _) => return Ok(None),
            (None, at) => at.unwrap_or(app.now()),
        };
        let id = id.clone();
        self.sign_in_at(app, &id, at).await.map(Some)
    }

    /// Renews the time at which the person of this session authenticated, and gives the cookie to
    /// set.
    ///
    /// # Errors
    /// When the database cannot be written.
    pub async fn authenticated_again(
        &mut self,
        app: &App,
    ) -> Result<Option<HeaderValue>, RequestError> {
        let Some(account) = self.session.as_ref().map(|session| session.account.clone()) else {
            return Ok(None);
        };
        self.sign_in_at(app, &account, app.now()).await.map(Some)
    }

    /// Signs an account in now and gives the cookie to set.
    ///
    /// # Errors
    /// When the database cannot be written.
    pub async fn sign_in(&mut self, app: &App, account: &str) -> Result<HeaderValue, RequestError> {
        self.sign_in_at(app, account, app.now()).await
    }

    /// Signs an account in and gives the cookie to set; with the time at which the person authenticated.
    ///
    /// # Errors
    /// When the database cannot be written.
    pub async fn sign_in_at(
        &mut self,
        app: &App,
        account: &str,
        authenticated_at: Seconds,
    ) -> Result<HeaderValue, RequestError> {
        let made_by = made_by(app).ok_or_else(|| {
            RequestError::Unavailable(
                "a person signs in, but no way to sign in is configured".to_owned(),
            )
        })?;
        let before = self.session.as_ref();
        let device = self.device.label();
        let device = device.as_deref();
        let signed_in = SignedIn { account, made_by, at: authenticated_at, device };
        let (session, value) = app.store().sign_in(before, &signed_in, app.now()).await?;
        self.session = Some(session);
        let event = Event::SignIn { method: Some(made_by) };
        app.record(Record::done(event, Actor::User).of(account));
        Ok(set_cookie(app, app.session_cookie(), &value, "/", None))
    }
}

/// The cookie of a browser that signed out here while the proxy goes on naming its account, or the
/// provider would sign it in at once; with the time. Until the browser has been at the login page, or the proxy names a later authentication, the
/// account does not count.
const SIGNED_OUT: &str = "signed-out";

/// Whether the browser has that cookie.
#[must_use]
pub fn has_signed_out_here(app: &App, headers: &HeaderMap) -> bool {
    cookie(headers, &app.cookies().name(SIGNED_OUT)).is_some()
}

/// Takes that cookie away from a browser that is sent to the login page.
#[must_use]
pub fn forget_sign_out(app: &App, headers: &HeaderMap) -> Option<HeaderValue> {
    let name = app.cookies().name(SIGNED_OUT);
    cookie(headers, &name).map(|_| set_cookie(app, &name, "", "/", Some(0)))
}

/// Whether this browser has signed out since the authentication that the proxy knows of.
fn has_signed_out(app: &App, headers: &HeaderMap, named: &Named) -> bool {
    let signed_out: Option<Seconds> =
        cookie(headers, &app.cookies().name(SIGNED_OUT)).and_then(|time| time.parse().ok());
    match (signed_out, named) {
        (Some(signed_out), Named::Account { authenticated_at, .. }) => {
            authenticated_at.is_none_or(|at| at <= signed_out)
        }
        (Some(_), Named::Disabled(_) | Named::Unknown(_)) | (None, _) => false,
    }
}

/// How sessions are made; none when no one can sign in.
#[must_use]
pub fn made_by(app: &App) -> Option<MadeBy> {
    if app.is_demo() {
        Some(MadeBy::Demo)
    } else if app.test_hooks().is_some() {
        Some(MadeBy::TestHooks)
    } else if app.provider().is_some() {
        Some(MadeBy::Provider)
    } else {
        app.catalog().sign_in.account_header.as_ref().map(|_| MadeBy::Proxy)
    }
}

/// Whether a session counts.
enum Counts {
    Not,
    /// The proxy names its account, which has been disabled or erased since: with a session that does not count,
    /// the proxy's word would begin another one.
    ByProxy,
    /// As the session of this account.
    As(Arc<Account>),
}

/// Whether a session of this browser counts: its account must be the one that the proxy names, where
/// there is a proxy, and must be known.
async fn counts(
    app: &App,
    known: &KnownBrowser,
    named_by_proxy: Option<&Named>,
) -> Result<Counts, store::Error> {
    let has_proxy = app.catalog().sign_in.account_header.is_some();
    match named_by_proxy {
        Some(Named::Account { id, .. }) if known.session.account == *id => {
            let account = app.store().account_of_session(app.catalog(), known).await?;
            Ok(account.map_or(Counts::ByProxy, Counts::As))
        }
        Some(_) => Ok(Counts::Not),
        None if has_proxy && app.test_hooks().is_none() => Ok(Counts::Not),
        None => {
            let account = app.store().account_of_session(app.catalog(), known).await?;
            Ok(account.map_or(Counts::Not, Counts::As))
        }
    }
}

/// Whom this header names. An empty one names no one, and neither does one that is there twice.
async fn named_by_proxy(
    app: &App,
    headers: &HeaderMap,
    header: &str,
) -> Result<Option<Named>, store::Error> {
    let account = headers::get_bytes(headers, header).filter(|value| !value.is_empty());
    let Some(account) = account else { return Ok(None) };
    let Some(name) = std::str::from_utf8(account).ok() else {
        return Ok(Some(Named::Unknown(account.to_owned())));
    };
    let authenticated_at = match &app.catalog().sign_in.auth_time_header {
        None => None,
        // Without the time that was promised nothing is known of the login: it does not count.
        Some(header) => match auth_time(app, headers, header) {
            None => return Ok(None),
            known => known,
        },
    };
    Ok(Some(match proxied_account::of(app, headers, name).await? {
        ProxiedAccount::Known(id) => Named::Account { id, authenticated_at },
        ProxiedAccount::Disabled => Named::Disabled(name.to_owned()),
        ProxiedAccount::Unknown => Named::Unknown(account.to_owned()),
    }))
}

/// How far ahead of ours the proxy's clock may be, in seconds.
const MOST_AHEAD: Seconds = 60;

/// When the person authenticated, by this header: whole seconds since 1970, UTC. A time in the future
/// is milliseconds, or a lie.
fn auth_time(app: &App, headers: &HeaderMap, header: &str) -> Option<Seconds> {
    let now = app.now();
    let read: Option<Seconds> = headers::get(headers, header)
        .filter(|text| text.bytes().all(|byte| byte.is_ascii_digit()))
        .and_then(|text| text.parse().ok())
        .filter(|at| *at <= now.saturating_add(MOST_AHEAD));
    if read.is_none() {
        tracing::warn!(
            header,
            "the proxy names an account without a usable time of authentication"
        );
    }
    read
}

/// The messenger's in-app browser, if that is what sends these headers. The database is asked in the
/// demo only: a response to overload must not add to it.
pub async fn messenger(app: &App, headers: &HeaderMap) -> Option<Platform> {
    match app.is_demo() {
        true => RequestContext::of(app, headers, ClientAddress::UNKNOWN).await.ok()?.messenger,
        false => user_agent(app, headers, None),
    }
}

fn user_agent(app: &App, headers: &HeaderMap, spoofed: Option<&str>) -> Option<Platform> {
    let spoofed = spoofed.filter(|_| app.is_demo());
    let user_agent = spoofed.map(Cow::Borrowed);
    let user_agent = user_agent.or_else(|| headers::get_lossy(headers, header::USER_AGENT));
    in_app::messenger(&user_agent.unwrap_or_default())
}

/// The languages that a browser accepts.
#[must_use]
pub fn languages(headers: &HeaderMap) -> Vec<String> {
    let header = headers::get_lossy(headers, header::ACCEPT_LANGUAGE).unwrap_or_default();
    locale::accepted(&header).into_iter().map(str::to_owned).collect()
}

/// A cookie that changes with every decision. Browsers do not restore a page from their
/// back/forward cache once an `HttpOnly` cookie has changed, so the finished form does not come back.
#[must_use]
pub fn bfcache_buster(app: &App) -> HeaderValue {
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
) -> Result<(), ApiError> {
    if method.is_safe() {
        return Ok(());
    }
    if host::has_foreign_origin(app, headers) {
        return Err(ApiError::CsrfRejected("the request came from another origin"));
    }
    match (headers::get(headers, "sec-fetch-site"), headers::get(headers, header::ORIGIN)) {
        (Some("same-origin"), _) => Ok(()),
        (Some(_), _) => Err(ApiError::CsrfRejected("the request came from another site")),
        (None, Some("null")) if protection == Protection::OriginAlone => {
            Err(ApiError::CsrfRejected("the request came from another origin"))
        }
        (None, Some(_)) => Ok(()),
        (None, None) => Err(ApiError::CsrfRejected("neither Sec-Fetch-Site nor Origin was sent")),
    }
}
