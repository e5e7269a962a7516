//! `/oauth/userinfo` (OpenID Connect Core, 5.3).

use std::sync::Arc;

use axum::{
    Json, Router,
    body::Body,
    extract::State,
    http::{HeaderMap, Method},
    routing::get,
};
use serde_json::{Map, Value, json};

use super::{
    agreements,
    bearer::BearerContext,
    error::{BearerError, responses::BearerErrors},
    kakao,
};
use crate::{
    App,
    config::{Account, Service},
    consent,
    oauth::{claims, scope},
    store::Grant,
};

pub fn router() -> Router<App> {
    Router::new().route("/oauth/userinfo", get(read).post(read))
}

/// The claims that an access token gives: what was granted with it, as far as it holds now.
#[utoipa::path(method(get, post), path = "/oauth/userinfo", operation_id = "userinfo", tag = "oauth",
    security(("access_token" = [])),
    responses(
        (status = 200, description = "The claims", body = Value),
        BearerErrors,
    ))]
pub async fn read(
    State(app): State<App>,
    method: Method,
    headers: HeaderMap,
    body: Body,
) -> Result<Json<Map<String, Value>>, BearerError> {
    let context = BearerContext::of(&app, &method, &headers, body).await?;
    let BearerContext { account, service, token, grant } = &context;
    if service.kakao.is_some() {
        return Ok(Json(kakao::openid::bearer_claims(&app, service, Arc::clone(account)).await?));
    }
    let mut claims = claims_about(&app, service, account, &grant.limited_to(&token.scope));
    if scope::holds(&token.scope, scope::AGREEMENTS) {
        let agreements = agreements::of(&app, service, account, grant).await?;
        claims.insert(scope::AGREEMENTS.to_owned(), json!(agreements));
    }
    Ok(Json(claims))
}

/// The claims for what was agreed to, and `sub`.
#[must_use]
pub fn claims_about(
    app: &App,
    service: &Service,
    account: &Account,
    grant: &Grant,
) -> Map<String, Value> {
    let today = consent::today(&service.time_zone, app.now());
    let mut claims = claims::agreed(service, account, grant, today);
    let subject = claims::subject(app.derivation_key(), &service.client_id, &account.id);
    claims.insert("sub".into(), Value::String(subject));
    claims
}
