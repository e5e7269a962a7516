//! `/oauth/agreements`: what a person agreed to, for the service that they agreed with.

use axum::{
    Json, Router,
    body::Body,
    extract::State,
    http::{HeaderMap, Method},
    routing::get,
};

use super::{
    bearer::BearerContext,
    error::{BearerError, responses::BearerErrors},
};
use crate::{
    App,
    config::{Account, Service},
    consent::{self, Agreements},
    oauth::scope,
    store::{self, Grant},
};

pub fn router() -> Router<App> {
    Router::new().route("/oauth/agreements", get(read))
}

/// What the person of an access token agreed to: terms with their versions, items of personal
/// information, and channels. The same as the claim `agreements`. Needs the scope `agreements`.
#[utoipa::path(get, path = "/oauth/agreements", operation_id = "agreements", tag = "oauth",
    security(("access_token" = [])),
    responses(
        (status = 200, description = "What holds now", body = Agreements),
        BearerErrors,
    ))]
pub async fn read(
    State(app): State<App>,
    method: Method,
    headers: HeaderMap,
    body: Body,
) -> Result<Json<Agreements>, BearerError> {
    let context = BearerContext::of(&app, &method, &headers, body).await?;
    if !scope::holds(&context.token.scope, scope::AGREEMENTS) {
        return Err(BearerError::InsufficientScope(scope::AGREEMENTS));
    }
    Ok(Json(of(&app, context.service, &context.account, &context.grant).await?))
}

/// What holds between an account and a service, and how the rest was answered.
///
/// # Errors
/// When the database cannot be read.
pub async fn of(
    app: &App,
    service: &Service,
    account: &Account,
    grant: &Grant,
) -> Result<Agreements, store::Error> {
    let last = app.store().last_answers(&account.id, &service.client_id).await?;
    let today = consent::today(&service.time_zone, app.now());
    Ok(consent::agreements(service, grant, &last, today))
}
