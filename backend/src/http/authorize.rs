//! `GET /oauth/authorize`.

use axum::{
    Router,
    extract::{RawQuery, State},
    http::{HeaderValue, StatusCode, header},
    response::{IntoResponse, Response},
    routing::get,
};
use url::form_urlencoded;

use super::{error::Error, session::Visitor, standing::Presence};
use crate::{
    App,
    oauth::{
        answer,
        request::{self, AuthorizeRequest, Prompt, RequestFault},
    },
    store::NewChallenge,
};

pub fn router() -> Router<App> {
    Router::new().route("/oauth/authorize", get(authorize))
}

/// Asks a person to agree to what a service wants, or sends them on when there is nothing to ask.
async fn authorize(
    State(app): State<App>,
    mut visitor: Visitor,
    RawQuery(query): RawQuery,
) -> Result<Response, Error> {
    let request = match request::read(&query.unwrap_or_default(), app.catalog()) {
        Ok(request) => request,
        Err(RequestFault::NoWayBack(reason)) => return Err(Error::NoWayBack(reason.into())),
        Err(RequestFault::Told { redirect_uri, state, error, description }) => {
            let state = state.as_deref();
            let to = answer::with_error(&redirect_uri, state, app.origin(), error, &description);
            return Ok(see_other(&to));
        }
    };

    let signed_in_now = visitor.arrive(&app).await?;
    let presence = Presence::of(&app, &visitor, &request).await?;
    let Some((session, _)) = presence.who else { return Ok(sign_in(&app, &request, &presence)) };
    if request.prompt == Some(Prompt::SignIn) {
        return Ok(sign_in(&app, &request, &presence));
    }
    let to = match presence.code().await? {
        Some(to) => to,
        None if request.prompt == Some(Prompt::None) => presence.error(),
        None => {
            let wishes = request.ui_locales.iter().chain(&visitor.languages).map(String::as_str);
            let locale = presence.service.locale(wishes);
            let now = app.now();
            let new = NewChallenge {
                session,
                service: &request.client_id,
                query: &request.query,
                locale,
                purpose: presence.purpose,
                now,
                expires_at: now + app.challenge_ttl(),
            };
            let challenge = app.store().put_challenge(&new, app.names()).await?;
            format!("/consent/{challenge}")
        }
    };
    let mut response = see_other(&to);
    if let Some(cookie) = signed_in_now {
        response.headers_mut().append(header::SET_COOKIE, cookie);
    }
    Ok(response)
}

/// Sends a signed-out browser to sign in, or back to the service where there is no place to.
fn sign_in(app: &App, request: &AuthorizeRequest, presence: &Presence<'_>) -> Response {
    match app.login_url() {
        Some(login_url) if request.prompt != Some(Prompt::None) => {
            let path = request.restart_url_after_sign_in();
            // A login page elsewhere must be told where here is.
            let elsewhere = !login_url.starts_with('/');
            let back = if elsewhere { format!("{}{path}", app.origin()) } else { path };
            see_other(&with_return_to(login_url, &back))
        }
        // Where there is no place to sign in, nobody can be signed in anew either.
        _ => see_other(&presence.not_signed_in()),
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

/// 303, so that no browser repeats a POST at the next address (SEC-30).
#[must_use]
pub fn see_other(to: &str) -> Response {
    let location = HeaderValue::from_str(to)
        .expect("addresses are registered or made here, and both are plain ASCII");
    (StatusCode::SEE_OTHER, [(header::LOCATION, location)]).into_response()
}
