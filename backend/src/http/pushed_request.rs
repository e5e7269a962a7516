//! Pushed authorization requests (RFC 9126): `POST /oauth/par`, and reading the request that a browser
//! comes with.
//!
//! A `request_uri` is bound to its client, and used up by the first decision or code, not by the first
//! GET: a scanner that opens the link takes it from no one.

use axum::{
    Json, Router,
    body::Body,
    extract::State,
    http::{HeaderMap, StatusCode},
    response::{IntoResponse, Response},
    routing::post,
};
use serde::Serialize;
use url::form_urlencoded;

use super::{
    authorize::AuthorizeParameters,
    client_address::ClientAddress,
    client_authentication::Form,
    error::{RequestError, TokenError},
    refusals, token,
};
use crate::{
    App,
    audit::{Actor, Event, Record},
    clock::Seconds,
    crypto,
    oauth::{
        error::AuthorizeError,
        request::{self, AuthorizeRequest, Pushed, RequestFault},
    },
    store::{PUSHED_LIFETIME, Session},
};

/// What every `request_uri` of this server begins with (RFC 9126, 2.2).
const PREFIX: &str = "urn:ietf:params:oauth:request_uri:";

/// Parameters of client authentication, which are not part of the request.
const OF_THE_CLIENT: [&str; 3] = ["client_secret", "client_assertion", "client_assertion_type"];

pub fn router() -> Router<App> {
    Router::new().route("/oauth/par", post(push))
}

/// A pushed request (RFC 9126, 2.2).
#[derive(Serialize, utoipa::ToSchema)]
pub struct PushedRequest {
    /// Stands for the request at the authorization endpoint.
    request_uri: String,
    /// Seconds.
    expires_in: Seconds,
}

/// Keeps an authorize request, so that the browser carries its `request_uri` only.
#[utoipa::path(post, path = "/oauth/par", tag = "oauth",
    request_body(description = "The parameters of an authorize request, with client authentication as at the token endpoint; `request_uri` is refused",
        content = AuthorizeParameters, content_type = "application/x-www-form-urlencoded"),
    responses(
        (status = 201, description = "Kept for this client. The decision or code that follows uses it up; the browser of that may come with it again", body = PushedRequest),
        (status = 400, description = "The request cannot be read, or the authorization endpoint would refuse it: `error` and `error_description`"),
        (status = 401, description = "`invalid_client`"),
        (status = 413, description = "The body is too large: `invalid_request`"),
        (status = 429, description = "Too many requests, see `Retry-After`"),
        (status = 503, description = "The server cannot answer now, see `Retry-After`"),
    ))]
pub async fn push(
    State(app): State<App>,
    client: ClientAddress,
    headers: HeaderMap,
    body: Body,
) -> Result<Response, TokenError> {
    let form = Form::read(&headers, body).await;
    let (form, service) = token::authenticated(&app, client, &headers, form).await?;
    if form.get("request_uri").is_some() {
        return Err(TokenError::InvalidRequest("request_uri cannot be pushed"));
    }
    let pairs =
        form.pairs().filter(|(name, _)| *name != "client_id" && !OF_THE_CLIENT.contains(name));
    let query = form_urlencoded::Serializer::new(String::new())
        .append_pair("client_id", &service.client_id)
        .extend_pairs(pairs)
        .finish();
    let request = request::read(&query, app.catalog()).map_err(|fault| {
        let record = Record::failed(Event::Request, Actor::Service, refusals::of_fault(&fault));
        app.record(record.at(&*service.client_id));
        refused(fault)
    })?;
    let request_uri = format!("{PREFIX}{}", crypto::random_token());
    let store = app.store();
    store.push_request(&service.client_id, &request_uri, &request.query, app.now()).await?;
    let pushed = PushedRequest { request_uri, expires_in: PUSHED_LIFETIME };
    Ok((StatusCode::CREATED, Json(pushed)).into_response())
}

fn refused(fault: RequestFault) -> TokenError {
    match fault {
        RequestFault::InvalidRedirect(why) => TokenError::InvalidRequest(why),
        RequestFault::Kakao(error) => error.into(),
        RequestFault::Redirect { error, description, .. } => {
            TokenError::Authorize(error, description)
        }
    }
}

/// Reads the authorize request of this query, from where it was pushed if it was.
///
/// # Errors
/// The outer one when the database cannot be used.
pub async fn read(
    app: &App,
    query: &str,
    session: Option<&Session>,
) -> Result<Result<AuthorizeRequest, RequestFault>, RequestError> {
    let given = |name: &str| super::parameter(Some(query), name);
    let Some(request_uri) = given("request_uri").filter(|it| it.starts_with(PREFIX)) else {
        return Ok(request::read(query, app.catalog()));
    };
    let client_id = given("client_id").unwrap_or_default();
    let kept = app.store().pushed_request(&client_id, &request_uri, session, app.now()).await?;
    let Some((query, is_consumed)) = kept else {
        let why = "this request_uri is unknown, expired or used";
        return Ok(Err(RequestFault::InvalidRedirect(why)));
    };
    let pushed = Pushed { request_uri, select_account: false };
    let request = request::read_pushed(&query, pushed, app.catalog());
    Ok(request.map(|request| {
        // Of the browser's own parameters only our link to switch accounts counts.
        if given("prompt").as_deref() == Some("select_account") {
            request.with_another_account()
        } else if is_consumed {
            // What it asked the user for was done.
            request.after_login().after_consent()
        } else {
            request
        }
    }))
}

/// The error of a request whose `request_uri` another browser has used up.
#[must_use]
pub fn consumed(app: &App, request: &AuthorizeRequest) -> String {
    let why = "the request_uri was used in another browser";
    super::response_mode::with_error(app, request, AuthorizeError::InvalidRequest, why)
}

/// Uses the request up, if it was pushed; `false` when another browser was faster.
///
/// # Errors
/// When the database cannot be written.
pub async fn consume(
    app: &App,
    request: &AuthorizeRequest,
    session: i64,
) -> Result<bool, crate::store::Error> {
    match &request.pushed {
        None => Ok(true),
        Some(pushed) => app.store().consume_pushed_request(&pushed.request_uri, session).await,
    }
}
