//! The way to the login page and back.
//!
//! This backend authenticates no one: it sends the browser to `login_url` with a `return_to`. That
//! address is the authorize request with a `login_verifier`, a MAC that is bound to the browser (by a
//! cookie), to the request and to the time of leaving. On the way back it decides three things:
//!
//! - Whether `prompt=login`, or a `max_age` that was exceeded, was satisfied. An OpenID provider says when the
//!   person authenticated (see [`super::sign_in`]). Where the proxy sends `auth_time_header`, that time must
//!   be another one than at the time of leaving, and not lie before it. Without it, coming back is all that can be known, and the
//!   login page is trusted to authenticate the person.
//! - Whether the session's time of authentication is renewed: once for each login, because renewing
//!   rotates the session's cookie, and the verifier names the cookie it was made with.
//! - Whether a redirect to the login page could be a loop: with a verifier there is never another
//!   redirect, but a page.

use axum::{
    http::{HeaderMap, HeaderValue, header},
    response::Response,
};
use url::form_urlencoded;

use super::{
    auth_status,
    error::{NotSignedIn, PageError, WhyNot},
    redirect::{see_other, with_return_to},
    session::{self, RequestContext},
};
use crate::{
    App,
    clock::Seconds,
    crypto,
    oauth::request::{AuthorizeRequest, Prompt},
    provider,
    store::Session,
};

/// The parameter that the browser brings back from the login page.
pub const VERIFIER: &str = "login_verifier";

/// How long a browser may stay at the login page, in seconds.
const LIFETIME: u32 = 60 * 60;

/// How far the clocks of the login page and of this server may be apart.
const CLOCK_SKEW: Seconds = 10;

/// Parameters of the request that are passed on, so that the login page knows what it is asked for
/// (OpenID Connect Core, 3.1.2.1).
const PASSED_ON: [&str; 5] = ["prompt", "max_age", "login_hint", "ui_locales", "acr_values"];

/// How a browser comes to the authorize endpoint.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Arrival {
    /// Not from the login page.
    Fresh,
    /// With a verifier that was made for another browser or another request, is too old, or is made
    /// up.
    Unproven,
    /// From the login page, where this browser was sent with this request.
    Returned(Sent),
}

/// That a browser was sent to the login page.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Sent {
    at: Seconds,
    /// The time of authentication that the proxy sent at that moment.
    authenticated_at: Option<Seconds>,
    /// The name of the session it had, see [`session_name`].
    session: String,
}

impl Arrival {
    /// Reads the verifier of a request.
    #[must_use]
    pub fn of(
        app: &App,
        headers: &HeaderMap,
        request: &AuthorizeRequest,
        verifier: Option<&str>,
    ) -> Self {
        let Some(verifier) = verifier else { return Self::Fresh };
        let sent = || {
            let mut parts = verifier.splitn(3, '.');
            let (times, session, mac) = (parts.next()?, parts.next()?, parts.next()?);
            let browser = session::cookie(headers, &app.cookies().name(COOKIE))?;
            let (at, authenticated_at) = match times.split_once('_') {
                Some((at, before)) => (at, Some(before.parse().ok()?)),
                None => (times, None),
            };
            let (at, session) = (at.parse().ok()?, session.to_owned());
            let sent = Sent { at, authenticated_at, session };
            let is_genuine = crypto::same(mac, &sent.mac(app, browser, request));
            let age = app.now().checked_sub(sent.at)?;
            (is_genuine && (0..=LIFETIME.into()).contains(&age)).then_some(sent)
        };
        sent().map_or(Self::Unproven, Self::Returned)
    }

    /// Whether a signed-in person has done what the request's `prompt` and `max_age` ask.
    #[must_use]
    pub fn satisfies(
        &self,
        app: &App,
        request: &AuthorizeRequest,
        context: &RequestContext,
    ) -> bool {
        if !needs_login(app, request, context.last_authenticated()) {
            return request.prompt.is_none_or(|prompt| match prompt {
                Prompt::None | Prompt::Login => true,
                Prompt::Create | Prompt::SelectAccount => matches!(self, Self::Returned(_)),
            });
        }
        // Without a page no one signs in.
        let Self::Returned(sent) = self else { return false };
        if request.prompt == Some(Prompt::None) {
            false
        } else if app.catalog().sign_in.auth_time_header.is_some() {
            context
                .authenticated_at()
                .is_some_and(|at| at >= sent.at - CLOCK_SKEW && Some(at) != sent.authenticated_at)
        } else if app.provider().is_some() {
            context.session.as_ref().is_some_and(|session| {
                session_name(app, Some(session)) != sent.session
                    && session
                        .authenticated_at()
                        .is_some_and(|at| sent.is_satisfied_by(at, request))
            })
        } else if app.is_demo() {
            // Choosing a person there rotates the session's cookie.
            session_name(app, context.session.as_ref()) != sent.session
        } else {
            true
        }
    }

    /// Whether coming back is what says that the person of this session signed in again, and this
    /// session has not been renewed for it yet.
    #[must_use]
    pub fn renews(&self, app: &App, request: &AuthorizeRequest, session: &Session) -> bool {
        let Self::Returned(sent) = self else { return false };
        let is_proved =
            app.provider().is_some() || app.catalog().sign_in.auth_time_header.is_some();
        if app.is_demo() || is_proved {
            return false;
        }
        let was_signed_out = sent.session == session_name(app, None);
        if was_signed_out {
            // The session is older: the proxy had signed the person out in between.
            session.signed_in < sent.at
        } else {
            needs_login(app, request, session.authenticated_at())
                && sent.session == session_name(app, Some(session))
        }
    }
}

/// Whether a person who authenticated at that time has to authenticate again: for `prompt=login`, and
/// for a `max_age` that is exceeded. 0 seconds always are, and so is any age when the time is unknown.
#[must_use]
pub fn needs_login(
    app: &App,
    request: &AuthorizeRequest,
    authenticated_at: Option<Seconds>,
) -> bool {
    let is_too_old = request.max_age.is_some_and(|max_age| {
        max_age == 0 || authenticated_at.is_none_or(|at| app.now().saturating_sub(at) > max_age)
    });
    request.prompt == Some(Prompt::Login) || is_too_old
}

/// The cookie that binds verifiers to a browser. One for all of its tabs.
const COOKIE: &str = "login";

impl Sent {
    /// Whether a login at that time is what the request asked for when the browser was sent away. The
    /// time is the provider's, verified when the browser came back from it.
    fn is_satisfied_by(&self, authenticated_at: Seconds, request: &AuthorizeRequest) -> bool {
        let oldest = match (request.prompt, request.max_age) {
            (Some(Prompt::Login), _) | (_, None) => self.at - CLOCK_SKEW,
            (_, Some(max_age)) => self.at - max_age - provider::SKEW,
        };
        authenticated_at >= oldest
    }

    /// Both times, as the verifier has them.
    fn times(&self) -> String {
        match self.authenticated_at {
            Some(before) => format!("{}_{before}", self.at),
            None => self.at.to_string(),
        }
    }

    fn mac(&self, app: &App, browser: &str, request: &AuthorizeRequest) -> String {
        let times = self.times();
        let parts = [browser, &request.query, &times, &self.session].map(str::as_bytes);
        app.derivation_key().derive(VERIFIER, &parts)
    }
}

/// A name of a session that changes whenever its cookie is rotated; also one for no session.
fn session_name(app: &App, session: Option<&Session>) -> String {
    let cookie = session.map(|session| &*session.cookie).unwrap_or_default();
    app.derivation_key().derive("login_session", &[cookie])
}

/// Sends a browser to sign in: to the login page when it has not been there, to a page of our own
/// when it has, and back to the service where there is no login page.
///
/// # Errors
/// `NotSignedIn`, the page.
pub fn sign_in(
    app: &App,
    headers: &HeaderMap,
    request: &AuthorizeRequest,
    context: &RequestContext,
    arrival: &Arrival,
) -> Result<Response, PageError> {
    let login_required = auth_status::login_required(app, request);
    let Some(login_url) = app.login_url().filter(|_| request.prompt != Some(Prompt::None)) else {
        return Ok(see_other(&login_required));
    };
    if *arrival != Arrival::Fresh {
        let why = if context.is_signed_in() { WhyNot::NotConfirmed } else { WhyNot::SignedOut };
        let again = Some(request.restart_url());
        return Err(PageError::NotSignedIn(Box::new(NotSignedIn {
            why,
            back: Some(login_required),
            again,
        })));
    }
    let known = session::cookie(headers, &app.cookies().name(COOKIE)).filter(|it| it.len() == 43);
    let browser = known.map_or_else(crypto::random_token, str::to_owned);
    let sent = Sent {
        at: app.now(),
        authenticated_at: context.authenticated_at(),
        session: session_name(app, context.session.as_ref()),
    };
    let (times, mac) = (sent.times(), sent.mac(app, &browser, request));
    let path = format!("{}&{VERIFIER}={times}.{}.{mac}", request.restart_url(), sent.session);
    // A login page elsewhere must be given the whole address.
    let elsewhere = !login_url.starts_with('/');
    let back = if elsewhere { format!("{}{path}", app.origin()) } else { path };
    let mut to = with_return_to(login_url, &back);
    for (name, value) in form_urlencoded::parse(request.query.as_bytes()) {
        if PASSED_ON.contains(&&*name) && !value.is_empty() {
            let pair =
                form_urlencoded::Serializer::new(String::new()).append_pair(&name, &value).finish();
            to = format!("{to}&{pair}");
        }
    }
    let cookie =
        session::set_cookie(app, &app.cookies().name(COOKIE), &browser, "/", Some(LIFETIME));
    let mut response = see_other(&to);
    for cookie in [Some(cookie), forget_sign_out(app, headers)].into_iter().flatten() {
        response.headers_mut().append(header::SET_COOKIE, cookie);
    }
    Ok(response)
}

/// Takes away the cookie of a browser that has signed out, because it is sent to sign in. At an OpenID
/// provider it counts until the browser comes back.
pub fn forget_sign_out(app: &App, headers: &HeaderMap) -> Option<HeaderValue> {
    match app.provider() {
        Some(_) => None,
        None => session::forget_sign_out(app, headers),
    }
}

/// Ends the request of a person whose account is not known. The log names the account by the first
/// eight hexadecimal digits of its SHA-256.
#[must_use]
pub fn unknown_account(app: &App, request: &AuthorizeRequest, account: &[u8]) -> PageError {
    let digest = crypto::digest_prefix(account);
    tracing::warn!(account_sha256 = digest, "the proxy names an account that is not known");
    let back = auth_status::access_denied(app, request, "the account is not known here");
    with_another_account(app, request, WhyNot::UnknownAccount, back)
}

/// Ends the request of a person whose account an operator has disabled.
#[must_use]
pub fn disabled_account(app: &App, request: &AuthorizeRequest, account: &str) -> PageError {
    let digest = crypto::digest_prefix(account.as_bytes());
    tracing::warn!(account_sha256 = digest, "an account that is disabled cannot sign in");
    let back = auth_status::access_denied(app, request, "the account is disabled");
    with_another_account(app, request, WhyNot::AccountDisabled, back)
}

fn with_another_account(
    app: &App,
    request: &AuthorizeRequest,
    why: WhyNot,
    back: String,
) -> PageError {
    let again = app.login_url().map(|_| request.switch_account_url());
    PageError::NotSignedIn(Box::new(NotSignedIn { why, back: Some(back), again }))
}
