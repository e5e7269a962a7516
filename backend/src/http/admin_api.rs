//! The API of the admin listener: what a messenger knows of accounts, [`admin_services`], and
//! [`admin_explain`]. With a token of `[admin]`; without that table there is no such API.

use std::sync::Arc;

use axum::{
    Extension, Router,
    body::Body,
    extract::{Path, Request, State},
    http::{HeaderMap, HeaderValue, StatusCode, header},
    middleware::{Next, from_fn, from_fn_with_state},
    response::{IntoResponse, Response},
    routing::{get, put},
};
use consent_contract::request::Relation;
use serde::Deserialize;
use tower_http::catch_panic::CatchPanicLayer;
use utoipa::ToSchema;

use super::{
    admin_explain, admin_services, admin_slow_requests,
    body::{Size, Unread},
    body_deadline,
    error::{self, ApiError, RequestError, responses::AdminProblems},
    headers,
    protocol::Protocol,
    studio, timeout, trace,
};
use crate::{
    App,
    audit::{Actor, Credential, Event, Record},
    store::NewRelation,
};

/// How an account stands to a channel.
const CHANNEL: &str = "/admin/v1/accounts/{account}/channels/{public_id}";

/// Whether an account is on the messenger.
const MESSENGER: &str = "/admin/v1/accounts/{account}/messenger";

/// Who calls: a key of `[admin]`.
#[derive(Debug, Clone)]
pub struct Caller {
    /// As the audit log has it.
    pub name: Arc<str>,
    /// Whether it may approve services.
    pub approves: bool,
}

/// The addresses, for callers with a token. Nothing of a body is read before.
pub fn router(app: &App) -> Router {
    let messenger = Router::new()
        .route(CHANNEL, put(set_relation).delete(delete_relation))
        .route(MESSENGER, put(set_membership).delete(delete_membership));
    let mut services = admin_services::router()
        .merge(admin_explain::router())
        .merge(admin_slow_requests::router());
    if app.admin_studio().is_some() {
        services = services.route(studio::SERVICES, get(studio::services));
    }
    let with_token = |router: Router<App>, protocol| {
        around(router.layer(from_fn_with_state(app.clone(), authenticate)), protocol, app)
    };
    with_token(messenger, Protocol::Api)
        .merge(with_token(services, Protocol::Admin))
        .with_state(app.clone())
}

/// What each address of the admin listener has around it: an end to waiting, errors in the protocol's form, and
/// a trace.
pub fn around(router: Router<App>, protocol: Protocol, app: &App) -> Router<App> {
    router
        .layer(CatchPanicLayer::custom(|_| {
            // The panic's own words are in the log already.
            RequestError::Unavailable("a handler panicked".to_owned()).into_response()
        }))
        .layer(from_fn(body_deadline::limit))
        .layer(from_fn(timeout))
        .layer(from_fn_with_state((app.clone(), protocol), error::render::errors))
        .layer(from_fn_with_state(app.clone(), trace::every_request))
}

/// Lets a request with a token through (RFC 6750, 2.1).
async fn authenticate(State(app): State<App>, mut request: Request, next: Next) -> Response {
    let app = app.current();
    let Some(admin) = &app.catalog().admin else {
        return RequestError::NotFound.into_response();
    };
    let sent = headers::get(request.headers(), header::AUTHORIZATION);
    let sent = sent.and_then(|value| value.split_once(' '));
    let token = sent.filter(|(scheme, _)| scheme.eq_ignore_ascii_case("bearer"));
    let has_token = token.is_some();
    if let Some(key) = token.and_then(|(_, token)| admin.caller(token.trim())) {
        let caller = Caller { name: key.name.as_str().into(), approves: key.approves };
        request.extensions_mut().insert(caller);
        let mut response = next.run(request).await;
        let no_store = HeaderValue::from_static("no-store");
        response.headers_mut().insert(header::CACHE_CONTROL, no_store);
        return response;
    }
    if has_token {
        app.client_not_authenticated(Credential::AdminToken, None);
    }
    let challenge =
        [(header::WWW_AUTHENTICATE, HeaderValue::from_static("Bearer realm=\"admin\""))];
    (challenge, RequestError::Status(StatusCode::UNAUTHORIZED)).into_response()
}

/// How an account stands to a channel.
#[derive(Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub struct ChannelRelation {
    relation: Relation,
}

/// Whether an account is on the messenger.
#[derive(Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub struct MessengerMembership {
    registered: bool,
}

/// On the admin listener: sets how an account stands to a channel. The screen offers a channel only for
/// `none`. Services of the channel that the account is linked to hear of one that was added.
#[utoipa::path(put, path = "/admin/v1/accounts/{account}/channels/{public_id}", tag = "admin",
    security(("admin_token" = [])),
    params(
        ("account" = String, Path, description = "The id of the account"),
        ("public_id" = String, Path, description = "The channel of a configured service"),
    ),
    request_body = ChannelRelation,
    responses((status = 204, description = "It is so now"), AdminProblems))]
pub async fn set_relation(
    State(app): State<App>,
    Extension(caller): Extension<Caller>,
    Path((account, public_id)): Path<(String, String)>,
    headers: HeaderMap,
    body: Body,
) -> Result<StatusCode, ApiError> {
    let ChannelRelation { relation } =
        Unread::new(&headers, body).json_with_reason(Size::SMALL).await?;
    relate(&app, &caller, (&account, &public_id), relation).await
}

/// On the admin listener: forgets how an account stands to a channel. It is `none`.
#[utoipa::path(delete, path = "/admin/v1/accounts/{account}/channels/{public_id}", tag = "admin",
    security(("admin_token" = [])),
    params(
        ("account" = String, Path, description = "The id of the account"),
        ("public_id" = String, Path, description = "The channel of a configured service"),
    ),
    responses((status = 204, description = "It is `none` now"), AdminProblems))]
pub async fn delete_relation(
    State(app): State<App>,
    Extension(caller): Extension<Caller>,
    Path((account, public_id)): Path<(String, String)>,
) -> Result<StatusCode, ApiError> {
    relate(&app, &caller, (&account, &public_id), Relation::None).await
}

async fn relate(
    app: &App,
    caller: &Caller,
    (account, public_id): (&str, &str),
    relation: Relation,
) -> Result<StatusCode, ApiError> {
    let app = app.current();
    known(&app, account).await?;
    let services = app.catalog().services.values();
    let services = services.filter(|it| it.channels.iter().any(|it| it.public_id == public_id));
    let services: Vec<&str> = services.map(|it| &*it.client_id).collect();
    if services.is_empty() {
        return Err(RequestError::NotFound.into());
    }
    let new = NewRelation { account, public_id, relation, services: &services, at: app.now() };
    if app.store().set_relation(&new).await? {
        let channel = public_id.to_owned();
        let event = Event::ChannelRelation { channel, relation };
        app.record(Record::done(event, Actor::Operator).of(account).by(&caller.name));
    }
    Ok(StatusCode::NO_CONTENT)
}

/// On the admin listener: sets whether an account is on the messenger, in the place of what the services
/// file, the provider or the proxy has. Without the messenger no channel is offered.
#[utoipa::path(put, path = "/admin/v1/accounts/{account}/messenger", tag = "admin",
    security(("admin_token" = [])),
    params(("account" = String, Path, description = "The id of the account")),
    request_body = MessengerMembership,
    responses((status = 204, description = "It is so now"), AdminProblems))]
pub async fn set_membership(
    State(app): State<App>,
    Extension(caller): Extension<Caller>,
    Path(account): Path<String>,
    headers: HeaderMap,
    body: Body,
) -> Result<StatusCode, ApiError> {
    let MessengerMembership { registered } =
        Unread::new(&headers, body).json_with_reason(Size::SMALL).await?;
    become_member(&app, &caller, &account, Some(registered)).await
}

/// On the admin listener: goes back to what the services file, the provider or the proxy has.
#[utoipa::path(delete, path = "/admin/v1/accounts/{account}/messenger", tag = "admin",
    security(("admin_token" = [])),
    params(("account" = String, Path, description = "The id of the account")),
    responses((status = 204, description = "Nothing is set any more"), AdminProblems))]
pub async fn delete_membership(
    State(app): State<App>,
    Extension(caller): Extension<Caller>,
    Path(account): Path<String>,
) -> Result<StatusCode, ApiError> {
    become_member(&app, &caller, &account, None).await
}

async fn become_member(
    app: &App,
    caller: &Caller,
    account: &str,
    registered: Option<bool>,
) -> Result<StatusCode, ApiError> {
    let app = app.current();
    known(&app, account).await?;
    if app.store().set_messenger_membership(account, registered, app.now()).await? {
        let event = Event::MessengerMembership { registered };
        app.record(Record::done(event, Actor::Operator).of(account).by(&caller.name));
    }
    Ok(StatusCode::NO_CONTENT)
}

async fn known(app: &App, account: &str) -> Result<(), ApiError> {
    if app.has_account(account).await? { Ok(()) } else { Err(RequestError::NotFound.into()) }
}
