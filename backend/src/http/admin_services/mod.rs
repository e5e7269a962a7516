//! Services by the admin API (docs/adr/023): create, read, change, approve, disable, delete, and rotate
//! secrets. Those of services.toml can only be read.

mod change;
mod messages;
mod secret;

use axum::{
    Extension, Json, Router,
    body::Body,
    extract::{Path, State},
    http::{HeaderMap, StatusCode, header},
    response::{IntoResponse, Response},
    routing::{get, post},
};
use serde_json::{Map, Value};

use super::{
    admin_api::Caller,
    body::JSON,
    error::{
        AdminError,
        responses::{
            ServiceApproveProblems, ServiceCreateProblems, ServiceDeleteProblems,
            ServiceDisableProblems, ServiceEditProblems, ServiceEnableProblems,
            ServiceListProblems, ServiceReadProblems,
        },
    },
};
use crate::{
    App,
    audit::ServiceAction,
    managed::{self, ClientSecret, Document, Finding, merge},
    store::{SecretChange, ServiceContent, WhatChanges},
};
use change::{
    IfMatch, change, entry, etag, fault, invalid, is_approval_required, may_approve, sent,
};
pub use messages::{
    RotatedSecret, SecretRotation, ServiceDocument, ServiceList, ServiceOrigin, ServiceState,
    ServiceSummary, TermSummary,
};
pub use secret::__path_rotate_secret;
use secret::new_secret;

/// The media type of a JSON merge patch (RFC 7396).
const MERGE_PATCH: &str = "application/merge-patch+json";

/// What a change made beside the service.
#[derive(Default)]
struct Made {
    client_secret: Option<String>,
    findings: Vec<Finding>,
}

pub fn router() -> Router<App> {
    Router::new()
        .route("/admin/v1/services", get(list).post(create))
        .route(
            "/admin/v1/services/{client_id}",
            get(read).put(replace).patch(update).delete(delete),
        )
        .route("/admin/v1/services/{client_id}/approve", post(approve))
        .route("/admin/v1/services/{client_id}/disable", post(disable))
        .route("/admin/v1/services/{client_id}/enable", post(enable))
        .route("/admin/v1/services/{client_id}/secret", post(secret::rotate_secret))
}

/// On the admin listener: every service, those of services.toml, too.
#[utoipa::path(get, path = "/admin/v1/services", tag = "admin", security(("admin_token" = [])),
    responses((status = 200, description = "In the order of their client ids", body = ServiceList),
        ServiceListProblems))]
pub async fn list(State(app): State<App>) -> Result<Json<ServiceList>, AdminError> {
    let app = app.refresh_services().await?;
    let of_file = app.file().services.values().map(ServiceSummary::of_file);
    let managed = app.managed().services.values().map(ServiceSummary::of_entry);
    let mut services: Vec<ServiceSummary> = of_file.chain(managed).collect();
    services.sort_by(|one, other| one.client_id.cmp(&other.client_id));
    Ok(Json(ServiceList { services }))
}

/// On the admin listener: a service, without its secrets.
#[utoipa::path(get, path = "/admin/v1/services/{client_id}", tag = "admin",
    security(("admin_token" = [])),
    params(("client_id" = String, Path, description = "The client id of a service")),
    responses((status = 200, description = "With `ETag` if it is one of the API", body = ServiceState),
        ServiceReadProblems))]
pub async fn read(
    State(app): State<App>,
    Path(client_id): Path<String>,
) -> Result<Response, AdminError> {
    let app = app.refresh_services().await?;
    match app.file().services.get(&client_id) {
        Some(service) if !app.managed().services.contains_key(&client_id) => {
            Ok(Json(ServiceState::of_file(service)).into_response())
        }
        _ => answer(&app, &client_id, Made::default()),
    }
}

/// On the admin listener: makes a service. Where approval is required it is `pending`, else `active`.
#[utoipa::path(post, path = "/admin/v1/services", tag = "admin", security(("admin_token" = [])),
    request_body = ServiceDocument,
    responses((status = 201, description = "With `Location` and `ETag`, and the secret that was made",
        body = ServiceState), ServiceCreateProblems))]
pub async fn create(
    State(app): State<App>,
    Extension(caller): Extension<Caller>,
    headers: HeaderMap,
    body: Body,
) -> Result<Response, AdminError> {
    let sent = sent(&headers, body, JSON).await?;
    let client_id = sent.get("client_id").and_then(Value::as_str).unwrap_or_default().to_owned();
    let id = client_id.clone();
    let prepare = move |app: &App| -> Result<(WhatChanges, Made), AdminError> {
        match entry(app, &id) {
            Ok(_) => return Err(AdminError::Exists),
            Err(AdminError::NoService) => {}
            Err(error) => return Err(error),
        }
        let (document, client_secret) = Document::sent(sent.clone(), None).map_err(invalid)?;
        let (digest, client_secret) = match client_secret {
            ClientSecret::None => (None, None),
            ClientSecret::Kept => {
                return Err(fault("/client_secret", "there is no secret to keep"));
            }
            ClientSecret::Generated => {
                let (digest, secret) = new_secret();
                (Some(digest), Some(secret))
            }
            ClientSecret::Digest(digest) => (Some(digest.to_vec()), None),
        };
        let is_approved = !is_approval_required(app);
        let (content, findings) = checked(app, &id, &document, is_approved)?;
        let what = WhatChanges::Create { content, client_secret: digest, is_approved };
        Ok((what, Made { client_secret, findings }))
    };
    let (app, made) = change(&app, &caller, (&client_id, ServiceAction::Create), prepare).await?;
    let location = [(header::LOCATION, format!("/admin/v1/services/{client_id}"))];
    Ok((StatusCode::CREATED, location, answer(&app, &client_id, made)?).into_response())
}

/// On the admin listener: replaces a service. What the body lacks has its default from then on.
#[utoipa::path(put, path = "/admin/v1/services/{client_id}", tag = "admin",
    security(("admin_token" = [])),
    params(
        ("client_id" = String, Path, description = "The client id of a service of the API"),
        ("If-Match" = String, Header, description = "The `ETag` of the service as it was read"),
    ),
    request_body = ServiceDocument,
    responses((status = 200, description = "With `ETag`", body = ServiceState), ServiceEditProblems))]
pub async fn replace(
    State(app): State<App>,
    Extension(caller): Extension<Caller>,
    Path(client_id): Path<String>,
    headers: HeaderMap,
    body: Body,
) -> Result<Response, AdminError> {
    let sent = sent(&headers, body, JSON).await?;
    let if_match = IfMatch::of(&headers);
    edit(&app, caller, client_id, if_match, move |_| sent.clone()).await
}

/// On the admin listener: changes a service by a JSON merge patch (RFC 7396). Lists are replaced whole.
#[utoipa::path(patch, path = "/admin/v1/services/{client_id}", tag = "admin",
    security(("admin_token" = [])),
    params(
        ("client_id" = String, Path, description = "The client id of a service of the API"),
        ("If-Match" = String, Header, description = "The `ETag` of the service as it was read"),
    ),
    request_body(content = ServiceDocument, content_type = "application/merge-patch+json"),
    responses((status = 200, description = "With `ETag`", body = ServiceState), ServiceEditProblems))]
pub async fn update(
    State(app): State<App>,
    Extension(caller): Extension<Caller>,
    Path(client_id): Path<String>,
    headers: HeaderMap,
    body: Body,
) -> Result<Response, AdminError> {
    let patch = sent(&headers, body, MERGE_PATCH).await?;
    let if_match = IfMatch::of(&headers);
    let patched = move |mut before: Map<String, Value>| {
        merge(&mut before, patch.clone());
        before
    };
    edit(&app, caller, client_id, if_match, patched).await
}

/// Changes the document of a service to what `after` makes of the one before.
async fn edit(
    app: &App,
    caller: Caller,
    client_id: String,
    if_match: IfMatch,
    after: impl Fn(Map<String, Value>) -> Map<String, Value> + Send + Sync + 'static,
) -> Result<Response, AdminError> {
    let (id, editor) = (client_id.clone(), caller.clone());
    let prepare = move |app: &App| -> Result<(WhatChanges, Made), AdminError> {
        let entry = entry(app, &id)?;
        if_match.check(entry)?;
        if entry.stored.approved_at.is_some() {
            may_approve(app, &editor)?;
        }
        let before = Document::stored(&entry.stored).map_err(|fault| invalid(vec![fault]))?;
        let object = before.value.as_object().cloned().unwrap_or_default();
        let sent = after(object);
        if sent.get("client_id").and_then(Value::as_str) != Some(&id) {
            return Err(fault("/client_id", "expected the one in the address: it never changes"));
        }
        let (document, client_secret) = Document::sent(sent, Some(&before)).map_err(invalid)?;
        let has_secret = !entry.stored.client_secrets.is_empty();
        let (secret_change, client_secret) = match (client_secret, has_secret) {
            (ClientSecret::Kept, true) | (ClientSecret::None, false) => (SecretChange::Keep, None),
            (ClientSecret::None, true) => (SecretChange::Remove, None),
            (ClientSecret::Kept, false) => {
                return Err(fault("/client_secret", "there is no secret to keep"));
            }
            (ClientSecret::Generated | ClientSecret::Digest(_), true) => {
                let reason = "it has a secret: rotate it by a call, and send {\"kept\": true} here";
                return Err(fault("/client_secret", reason));
            }
            (ClientSecret::Generated, false) => {
                let (digest, secret) = new_secret();
                (SecretChange::Set(digest), Some(secret))
            }
            (ClientSecret::Digest(digest), false) => (SecretChange::Set(digest.to_vec()), None),
        };
        let is_shown = entry.stored.approved_at.is_some();
        let (content, findings) = checked(app, &id, &document, is_shown)?;
        let what = WhatChanges::Replace { content, client_secret: secret_change };
        Ok((what, Made { client_secret, findings }))
    };
    let (app, made) = change(app, &caller, (&client_id, ServiceAction::Edit), prepare).await?;
    answer(&app, &client_id, made)
}

/// On the admin listener: approves a service in the version that was read. Users can sign up from then on.
#[utoipa::path(post, path = "/admin/v1/services/{client_id}/approve", tag = "admin",
    security(("admin_token" = [])),
    params(
        ("client_id" = String, Path, description = "The client id of a service of the API"),
        ("If-Match" = String, Header, description = "The `ETag` of the service as it was read"),
    ),
    responses((status = 200, description = "With `ETag`", body = ServiceState), ServiceApproveProblems))]
pub async fn approve(
    State(app): State<App>,
    Extension(caller): Extension<Caller>,
    Path(client_id): Path<String>,
    headers: HeaderMap,
) -> Result<Response, AdminError> {
    let (id, approver, if_match) = (client_id.clone(), caller.clone(), IfMatch::of(&headers));
    let prepare = move |app: &App| -> Result<(WhatChanges, Made), AdminError> {
        let entry = entry(app, &id)?;
        if_match.check(entry)?;
        may_approve(app, &approver)?;
        let document = Document::stored(&entry.stored).map_err(|fault| invalid(vec![fault]))?;
        let (content, findings) = checked(app, &id, &document, true)?;
        let made = Made { findings, ..Made::default() };
        Ok((WhatChanges::Approve { texts: content.texts }, made))
    };
    let (app, made) = change(&app, &caller, (&client_id, ServiceAction::Approve), prepare).await?;
    answer(&app, &client_id, made)
}

/// On the admin listener: disables a service. It is then as if there were no such service: its clients are
/// unknown, and challenges end. What users agreed to stays.
#[utoipa::path(post, path = "/admin/v1/services/{client_id}/disable", tag = "admin",
    security(("admin_token" = [])),
    params(("client_id" = String, Path, description = "The client id of a service of the API")),
    responses((status = 200, description = "It is disabled. With `ETag`", body = ServiceState),
        ServiceDisableProblems))]
pub async fn disable(
    State(app): State<App>,
    Extension(caller): Extension<Caller>,
    Path(client_id): Path<String>,
) -> Result<Response, AdminError> {
    let current = app.refresh_services().await?;
    if managed::State::of(&entry(&current, &client_id)?.stored) == managed::State::Disabled {
        return answer(&current, &client_id, Made::default());
    }
    let id = client_id.clone();
    let prepare = move |app: &App| -> Result<(WhatChanges, Made), AdminError> {
        entry(app, &id).map(|_| (WhatChanges::Disable, Made::default()))
    };
    let (app, made) = change(&app, &caller, (&client_id, ServiceAction::Disable), prepare).await?;
    answer(&app, &client_id, made)
}

/// On the admin listener: lets a disabled service go on. It is as approved as it was.
#[utoipa::path(post, path = "/admin/v1/services/{client_id}/enable", tag = "admin",
    security(("admin_token" = [])),
    params(("client_id" = String, Path, description = "The client id of a service of the API")),
    responses((status = 200, description = "It is not disabled. With `ETag`", body = ServiceState),
        ServiceEnableProblems))]
pub async fn enable(
    State(app): State<App>,
    Extension(caller): Extension<Caller>,
    Path(client_id): Path<String>,
) -> Result<Response, AdminError> {
    let current = app.refresh_services().await?;
    if managed::State::of(&entry(&current, &client_id)?.stored) != managed::State::Disabled {
        return answer(&current, &client_id, Made::default());
    }
    let (id, enabler) = (client_id.clone(), caller.clone());
    let prepare = move |app: &App| -> Result<(WhatChanges, Made), AdminError> {
        let entry = entry(app, &id)?;
        may_approve(app, &enabler)?;
        match &entry.service {
            Ok(_) => Ok((WhatChanges::Enable, Made::default())),
            Err(faults) => Err(invalid(faults.clone())),
        }
    };
    let (app, made) = change(&app, &caller, (&client_id, ServiceAction::Enable), prepare).await?;
    answer(&app, &client_id, made)
}

/// On the admin listener: deletes a service about which no user has decided. Others can be disabled.
#[utoipa::path(delete, path = "/admin/v1/services/{client_id}", tag = "admin",
    security(("admin_token" = [])),
    params(
        ("client_id" = String, Path, description = "The client id of a service of the API"),
        ("If-Match" = String, Header, description = "The `ETag` of the service as it was read"),
    ),
    responses((status = 204, description = "It is deleted"), ServiceDeleteProblems))]
pub async fn delete(
    State(app): State<App>,
    Extension(caller): Extension<Caller>,
    Path(client_id): Path<String>,
    headers: HeaderMap,
) -> Result<StatusCode, AdminError> {
    let (id, deleter, if_match) = (client_id.clone(), caller.clone(), IfMatch::of(&headers));
    let prepare = move |app: &App| -> Result<(WhatChanges, ()), AdminError> {
        let entry = entry(app, &id)?;
        if_match.check(entry)?;
        if entry.stored.approved_at.is_some() {
            may_approve(app, &deleter)?;
        }
        Ok((WhatChanges::Delete, ()))
    };
    change(&app, &caller, (&client_id, ServiceAction::Delete), prepare).await?;
    Ok(StatusCode::NO_CONTENT)
}

/// What is written of a document, and what was found in it.
fn checked(
    app: &App,
    client_id: &str,
    document: &Document,
    is_shown: bool,
) -> Result<(ServiceContent, Vec<Finding>), AdminError> {
    let others = (app.file(), app.managed());
    let networks = app.webhook_networks();
    let checked = managed::check(others, client_id, document, networks, app.now());
    let checked = checked.map_err(AdminError::Invalid)?;
    let content = ServiceContent {
        document: document.value.to_string(),
        secrets: document.stored_secrets(),
        texts: managed::texts(&checked.service),
        is_shown,
    };
    Ok((content, checked.findings))
}

/// A managed service as it is now, with its `ETag`.
fn answer(app: &App, client_id: &str, made: Made) -> Result<Response, AdminError> {
    let entry = entry(app, client_id)?;
    let mut state = ServiceState::of_entry(entry, made.findings, app.now());
    state.client_secret = made.client_secret;
    Ok(([(header::ETAG, etag(entry.stored.version))], Json(state)).into_response())
}
