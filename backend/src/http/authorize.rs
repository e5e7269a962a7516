//! `GET /oauth/authorize`.

use axum::{
    Router,
    extract::{RawQuery, State},
    http::{HeaderValue, StatusCode, header},
    response::{IntoResponse, Response},
    routing::get,
};
use url::form_urlencoded;

use super::{error::Error, session::Visitor};
use crate::{
    App,
    consent::{self, Refusal},
    crypto,
    oauth::{
        answer::{self, AuthorizeError},
        request::{self, AuthorizeRequest, Prompt, RequestFault},
    },
    store::NewCode,
};

pub fn router() -> Router<App> {
    Router::new().route("/oauth/authorize", get(authorize))
}

/// Asks a person to agree to what a service wants, or sends them on when there is nothing to ask.
async fn authorize(
    State(app): State<App>,
    visitor: Visitor,
    RawQuery(query): RawQuery,
) -> Result<Response, Error> {
    let request = match request::read(&query.unwrap_or_default(), app.catalog()) {
        Ok(request) => request,
        Err(RequestFault::NoWayBack(reason)) => return Err(Error::NoWayBack(reason)),
        Err(RequestFault::Told { redirect_uri, state, error, description }) => {
            let state = state.as_deref();
            let to = answer::with_error(&redirect_uri, state, app.origin(), error, &description);
            return Ok(see_other(&to));
        }
    };

    let mut signed_in_now = None;
    let session = match (&visitor.session, &visitor.named_by_proxy) {
        (None, Some(account)) => {
            let (session, cookie) = visitor.sign_in(&app, account).await?;
            signed_in_now = Some(cookie);
            Some(session)
        }
        (session, _) => session.clone(),
    };
    let account = session.as_ref().and_then(|it| app.catalog().accounts.get(&it.account));
    let (Some(session), Some(account)) = (session.as_ref(), account) else {
        return Ok(sign_in(&app, &request));
    };
    if request.prompt == Some(Prompt::SignIn) {
        return Ok(sign_in(&app, &request));
    }

    // A request is only good with a service of the catalog.
    let service = &app.catalog().services[&request.client_id];
    let grant = app.store().grant(&account.id, &service.client_id).await?;
    let asked = consent::asked(service, account, &grant, &request.wanted);
    let refusal = consent::refusal(service, account, asked.as_ref(), app.now());

    let to = if refusal.is_none() && asked.is_none() {
        let code = crypto::random_token();
        app.store()
            .new_code(&new_code(&app, &request, &account.id, &code, session.signed_in))
            .await?;
        answer::with_code(&request, app.origin(), &code)
    } else if request.prompt == Some(Prompt::None) {
        let needs_a_value = asked.is_some_and(|asked| asked.needs_a_value(account));
        let is_linked = grant.link.is_some();
        let (error, description) = unmet(refusal, is_linked && needs_a_value);
        error_to_service(&app, &request, error, description)
    } else {
        let wishes = request.ui_locales.iter().chain(&visitor.languages).map(String::as_str);
        let locale = service.locale(wishes);
        let expires_at = app.now() + app.challenge_ttl();
        let challenge = app
            .store()
            .new_challenge(session, &service.client_id, &request.query, locale, expires_at)
            .await?;
        format!("/consent/{challenge}")
    };
    let mut response = see_other(&to);
    if let Some(cookie) = signed_in_now {
        response.headers_mut().append(header::SET_COOKIE, cookie);
    }
    Ok(response)
}

/// What `prompt=none` is told instead of a screen. "Not a member yet" is told apart from "a member
/// of whom something is needed": services show the first a sign-up and the second a login.
fn unmet(refusal: Option<Refusal>, member_must_type: bool) -> (AuthorizeError, &'static str) {
    match refusal {
        Some(_) => (AuthorizeError::InteractionRequired, "the account cannot be used here"),
        None if member_must_type => (
            AuthorizeError::InteractionRequired,
            "need to collect additional personal information.",
        ),
        None => (AuthorizeError::ConsentRequired, "user consent required."),
    }
}

/// Sends a signed-out browser to sign in, or back to the service where there is no place to.
fn sign_in(app: &App, request: &AuthorizeRequest) -> Response {
    match app.login_url() {
        Some(login_url) if request.prompt != Some(Prompt::None) => {
            let path = request.restart_url_after_sign_in();
            // A login page elsewhere must be told where here is.
            let elsewhere = !login_url.starts_with('/');
            let back = if elsewhere { format!("{}{path}", app.origin()) } else { path };
            see_other(&with_return_to(login_url, &back))
        }
        _ => {
            let description = "user authentication required.";
            let error = AuthorizeError::LoginRequired;
            see_other(&error_to_service(app, request, error, description))
        }
    }
}

/// A login address that comes back to us.
#[must_use]
pub fn with_return_to(login_url: &str, return_to: &str) -> String {
    let mut query = form_urlencoded::Serializer::new(String::new());
    query.append_pair("return_to", return_to);
    let joint = if login_url.contains('?') { '&' } else { '?' };
    format!("{login_url}{joint}{}", query.finish())
}

fn error_to_service(
    app: &App,
    request: &AuthorizeRequest,
    error: AuthorizeError,
    description: &str,
) -> String {
    let state = request.state.as_deref();
    answer::with_error(&request.redirect_uri, state, app.origin(), error, description)
}

/// A code for a request, with no decision behind it.
#[must_use]
pub fn new_code(
    app: &App,
    request: &AuthorizeRequest,
    account: &str,
    code: &str,
    signed_in: crate::clock::Seconds,
) -> NewCode {
    NewCode {
        code: code.to_owned(),
        account: account.to_owned(),
        service: request.client_id.clone(),
        redirect_uri: request.redirect_uri.clone(),
        code_challenge: request.code_challenge.clone(),
        nonce: request.nonce.clone(),
        openid: request.openid,
        signed_in,
        issued_at: app.now(),
        receipt_id: None,
    }
}

/// 303, so that no browser repeats a POST at the next address (SEC-30).
#[must_use]
pub fn see_other(to: &str) -> Response {
    let location = HeaderValue::from_str(to)
        .expect("addresses are registered or made here, and both are plain ASCII");
    (StatusCode::SEE_OTHER, [(header::LOCATION, location)]).into_response()
}
