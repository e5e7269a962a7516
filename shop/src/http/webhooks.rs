//! `/webhooks/…`: what the provider reports. Each may come twice, late, out of order, or from
//! another sender; each is answered within the three seconds that the platform waits.

use std::time::Duration;

use axum::{
    Json,
    body::Bytes,
    extract::{RawQuery, State},
    http::{HeaderMap, StatusCode, header},
    response::{IntoResponse, Response},
};
use serde_json::{Value, json};
use url::form_urlencoded;

use crate::{
    App, clock,
    member::unlink::{Notice, Verdict, judge, needs_api},
    provider::events::{EventError, Kind},
    random,
    store::{
        StoreError,
        unlinks::{Cause, Link},
    },
};

/// How long the API may take to confirm a notice, so that the answer is in time.
const CONFIRMATION: Duration = Duration::from_secs(2);
/// How often a notice is judged again because the member signed in meanwhile.
const ATTEMPTS: usize = 3;

pub async fn unlink_by_get(
    State(app): State<App>,
    headers: HeaderMap,
    RawQuery(query): RawQuery,
) -> StatusCode {
    unlink(&app, &headers, query.unwrap_or_default().as_bytes()).await
}

pub async fn unlink_by_post(State(app): State<App>, headers: HeaderMap, body: Bytes) -> StatusCode {
    unlink(&app, &headers, &body).await
}

// sample: unlink_webhook
/// Kakao's unlink webhook. It carries no time, so it is a reason to ask the API whether the user is
/// linked: a webhook that comes late must not erase who has signed up again.
async fn unlink(app: &App, headers: &HeaderMap, parameters: &[u8]) -> StatusCode {
    if !is_from_platform(app, headers) {
        return StatusCode::UNAUTHORIZED;
    }
    let get = |name: &str| {
        let mut pairs = form_urlencoded::parse(parameters);
        pairs.find(|(key, _)| key == name).map(|(_, value)| value.into_owned())
    };
    let is_our_app = get("app_id").is_some_and(|id| id == app.settings.app_id.to_string());
    let Some(sub) = get("user_id").filter(|_| is_our_app) else { return StatusCode::BAD_REQUEST };
    match unlinked(app, &sub, None).await {
        // Also for a user whom the shop does not know: anything else would be sent again.
        Ok(true) => StatusCode::OK,
        Ok(false) => StatusCode::SERVICE_UNAVAILABLE,
        Err(error) => failed(&error),
    }
}

/// Erases whom a notice reports as unlinked. False when nothing is known yet: send it again.
async fn unlinked(app: &App, sub: &str, at: Option<i64>) -> Result<bool, StoreError> {
    for _ in 0..ATTEMPTS {
        let link = app.store.link(sub).await?;
        let connected_at = link.and_then(|Link { connected_at }| connected_at);
        let mut connected = None;
        if needs_api(connected_at, at) {
            let asked = app.provider.is_connected(sub);
            connected = tokio::time::timeout(CONFIRMATION, asked).await.ok().and_then(Result::ok);
        }
        match judge(connected_at, Notice { at, connected }) {
            Verdict::Outdated => return Ok(true),
            Verdict::AskAgain => return Ok(false),
            Verdict::Erase => {}
        }
        if app.store.erase(sub, link, Cause::Provider, clock::now()).await? {
            return Ok(true);
        }
        if app.store.link(sub).await? == link {
            return Ok(true);
        }
        // The user has signed in since the row was read: what was judged is not there any more.
    }
    Ok(false)
}
// end sample

// sample: channel_webhook
/// Kakao's channel webhook. The shop keeps no copy of the relation: it asks the API where it matters.
/// The notice is taken once, whatever the number of its deliveries.
pub async fn channel(State(app): State<App>, headers: HeaderMap, body: Bytes) -> StatusCode {
    if !is_from_platform(&app, &headers) {
        return StatusCode::UNAUTHORIZED;
    }
    let id = headers.get("X-Kakao-Resource-ID").and_then(|id| id.to_str().ok());
    let (Some(id), Ok(notice)) = (id, serde_json::from_slice::<Value>(&body)) else {
        return StatusCode::BAD_REQUEST;
    };
    match app.store.is_repeated(id, clock::now()).await {
        Ok(true) => StatusCode::OK,
        Ok(false) => {
            let event = notice["event"].as_str().unwrap_or("unknown");
            tracing::info!(event, "a channel's relation changed");
            StatusCode::OK
        }
        Err(error) => failed(&error),
    }
}
// end sample

/// A Security Event Token (RFC 8935). Its signature shows who sent it.
pub async fn event(State(app): State<App>, headers: HeaderMap, body: Bytes) -> Response {
    let kind = headers.get(header::CONTENT_TYPE).and_then(|kind| kind.to_str().ok());
    if kind != Some("application/secevent+jwt") {
        return refused("invalid_request", "the content is no Security Event Token");
    }
    let token = String::from_utf8_lossy(&body);
    let event = match app.provider.security_event(&token).await {
        Ok(event) => event,
        Err(EventError::InvalidRequest) => {
            return refused("invalid_request", "this is no Security Event Token");
        }
        Err(EventError::AuthenticationFailed) => return forged(),
        Err(EventError::InvalidIssuer) => return refused("invalid_issuer", "another issuer"),
        Err(EventError::InvalidAudience) => return refused("invalid_audience", "another client"),
        Err(EventError::Keys(error)) => {
            tracing::warn!("an event cannot be checked: {error}");
            return StatusCode::SERVICE_UNAVAILABLE.into_response();
        }
    };
    let taken = async {
        if app.store.was_taken(&event.id).await? {
            return Ok(true);
        }
        if event.kind == Kind::Unlinked && !unlinked(&app, &event.sub, Some(event.at)).await? {
            return Ok(false);
        }
        app.store.is_repeated(&event.id, clock::now()).await?;
        Ok::<bool, StoreError>(true)
    };
    match taken.await {
        Ok(true) => StatusCode::ACCEPTED.into_response(),
        Ok(false) => StatusCode::SERVICE_UNAVAILABLE.into_response(),
        Err(error) => failed(&error).into_response(),
    }
}

/// Whether a webhook has the app's admin key.
fn is_from_platform(app: &App, headers: &HeaderMap) -> bool {
    let sent = headers.get(header::AUTHORIZATION).and_then(|value| value.to_str().ok());
    let key = sent.and_then(|value| value.strip_prefix("KakaoAK "));
    key.is_some_and(|key| random::same(key, &app.settings.admin_key))
}

/// An error of RFC 8935, 2.3.
fn refused(err: &str, description: &str) -> Response {
    let body = Json(json!({ "err": err, "description": description }));
    (StatusCode::BAD_REQUEST, body).into_response()
}

fn forged() -> Response {
    refused("authentication_failed", "the signature is wrong")
}

fn failed(error: &StoreError) -> StatusCode {
    tracing::warn!("a webhook has to come again: {error}");
    StatusCode::SERVICE_UNAVAILABLE
}
