//! What this server can do, for clients that find out by themselves (OpenID Connect Discovery).

use std::{collections::BTreeSet, sync::LazyLock};

use axum::{
    Router,
    body::Bytes,
    extract::State,
    http::{HeaderMap, StatusCode, header},
    response::{IntoResponse, Response},
    routing::{any, get},
};
use serde::Serialize;
use serde_json::{Value, json};

use super::{
    body,
    error::{ApiError, RequestError},
    headers, kakao, logout,
};
use crate::{
    App,
    config::Attribute,
    crypto,
    locale::Locale,
    oauth::{
        claims::SELF_ASSERTED, key_ring::JWKS_MAX_AGE, prompt::PROMPT_VALUES,
        requested_claims::ACR, scope,
    },
};

pub fn router() -> Router<App> {
    Router::new()
        .route("/.well-known/openid-configuration", get(configuration))
        // RFC 8414. Our issuer has no path that it would have to be put before.
        .route("/.well-known/oauth-authorization-server", get(authorization_server))
        .route("/.well-known/jwks.json", get(jwks))
        .route("/api/v1/openapi.json", get(openapi))
        // Programs look for what there may be, and read what they are answered.
        .route("/.well-known/{*path}", any(nothing))
        .route("/api/{*path}", any(nothing))
}

/// How long clients may keep the metadata, in seconds.
const METADATA_MAX_AGE: u32 = 60 * 60;

/// The metadata of this server (OpenID Connect Discovery).
#[utoipa::path(get, path = "/.well-known/openid-configuration", tag = "oauth",
    responses(
        (status = 200, description = "The metadata; may be cached for an hour", body = Object),
        (status = 304, description = "As before: `If-None-Match` has the `ETag`"),
    ))]
pub async fn configuration(State(app): State<App>, headers: HeaderMap) -> Response {
    cacheable(&headers, &metadata(&app), METADATA_MAX_AGE)
}

/// The metadata of this server (RFC 8414), the same as of OpenID Connect Discovery.
#[utoipa::path(get, path = "/.well-known/oauth-authorization-server", tag = "oauth",
    responses(
        (status = 200, description = "The metadata; may be cached for an hour", body = Object),
        (status = 304, description = "As before: `If-None-Match` has the `ETag`"),
    ))]
pub async fn authorization_server(State(app): State<App>, headers: HeaderMap) -> Response {
    cacheable(&headers, &metadata(&app), METADATA_MAX_AGE)
}

/// The metadata of OpenID Connect Discovery and of RFC 8414: one document at two addresses.
fn metadata(app: &App) -> Value {
    if let Some(document) = kakao::openid::configuration(app) {
        return document;
    }
    let at = |path: &str| format!("{}{path}", app.origin());
    let client_authentication = ["client_secret_basic", "client_secret_post", "none"];
    json!({
        "issuer": app.origin(),
        "authorization_endpoint": at("/oauth/authorize"),
        "token_endpoint": at("/oauth/token"),
        "userinfo_endpoint": at("/oauth/userinfo"),
        "jwks_uri": at("/.well-known/jwks.json"),
        "revocation_endpoint": at("/oauth/revoke"),
        "introspection_endpoint": at("/oauth/introspect"),
        "end_session_endpoint": at(logout::PATH),
        "pushed_authorization_request_endpoint": at("/oauth/par"),
        "require_pushed_authorization_requests": false,
        "response_types_supported": ["code"],
        "response_modes_supported": ["query", "form_post"],
        "grant_types_supported": ["authorization_code", "refresh_token"],
        "subject_types_supported": ["pairwise"],
        "id_token_signing_alg_values_supported": ["RS256"],
        // What a request object would have to be signed with, if any were supported: not `none`.
        "request_object_signing_alg_values_supported": ["RS256"],
        "token_endpoint_auth_methods_supported": client_authentication,
        "revocation_endpoint_auth_methods_supported": client_authentication,
        "introspection_endpoint_auth_methods_supported":
            ["client_secret_basic", "client_secret_post"],
        "code_challenge_methods_supported": ["S256"],
        "prompt_values_supported": PROMPT_VALUES,
        "display_values_supported": ["page"],
        "acr_values_supported": [ACR],
        "scopes_supported": scopes(app),
        "claim_types_supported": ["normal"],
        "claims_supported": claims(app),
        "ui_locales_supported": Locale::all().map(Locale::tag).collect::<Vec<_>>(),
        "claims_parameter_supported": true,
        "request_parameter_supported": false,
        // Clients assume true where it is missing (OpenID Connect Discovery, 3).
        "request_uri_parameter_supported": false,
        "require_request_uri_registration": false,
        "authorization_response_iss_parameter_supported": true,
    })
}

/// The items that services of this server have, in the order of [`Attribute::ALL`].
fn attributes(app: &App) -> impl Iterator<Item = Attribute> {
    Attribute::ALL.into_iter().filter(|attribute| {
        app.catalog().services.values().any(|service| service.item(attribute.id()).is_some())
    })
}

/// The scopes that name no item, the standard scopes of the items that services have, and the ids of these items.
fn scopes(app: &App) -> Vec<&'static str> {
    let mut scopes = scope::PROTOCOL.to_vec();
    for scope in attributes(app).filter_map(Attribute::standard_scope) {
        if !scopes.contains(&scope) {
            scopes.push(scope);
        }
    }
    scopes.extend(attributes(app).map(Attribute::id));
    scopes
}

fn claims(app: &App) -> Vec<&'static str> {
    let mut claims = vec!["iss", "sub", "aud", "exp", "iat", "auth_time", "nonce", "acr"];
    claims.extend(attributes(app).flat_map(Attribute::claims));
    claims.extend([SELF_ASSERTED, scope::AGREEMENTS]);
    // `birthdate` has two halves.
    let mut seen = BTreeSet::new();
    claims.retain(|claim| seen.insert(*claim));
    claims
}

/// A public document that changes only when the server is configured in another way, or its keys change.
/// Clients may keep it for `max_age` seconds.
fn cacheable(headers: &HeaderMap, document: &impl Serialize, max_age: u32) -> Response {
    let body = serde_json::to_vec(document).expect("metadata and keys become JSON");
    let name = format!("\"{}\"", crypto::content_name(&body));
    let is_known = headers::get(headers, header::IF_NONE_MATCH).is_some_and(|known| {
        let mut known = known.split(',').map(str::trim);
        known.any(|it| it == "*" || it.strip_prefix("W/").unwrap_or(it) == name)
    });
    // Weak: the same document is sent compressed and plain (RFC 9110, 8.8.1).
    let tag = format!("W/{name}");
    let cache =
        [(header::CACHE_CONTROL, format!("public, max-age={max_age}")), (header::ETAG, tag)];
    match is_known {
        true => (StatusCode::NOT_MODIFIED, cache).into_response(),
        false => (cache, [(header::CONTENT_TYPE, body::JSON)], body).into_response(),
    }
}

async fn nothing() -> RequestError {
    RequestError::NotFound
}

/// The keys of ID tokens, events, receipts and checkpoints.
async fn jwks(State(app): State<App>, headers: HeaderMap) -> Result<Response, ApiError> {
    let mut keys = app.store().published_keys(app.now()).await?;
    keys.keys.extend(app.store().receipt_keys().await?.keys);
    Ok(cacheable(&headers, &keys, JWKS_MAX_AGE))
}

/// The same for as long as this process runs: made once.
static OPENAPI: LazyLock<Bytes> = LazyLock::new(|| crate::api_doc::json().into());

async fn openapi() -> impl IntoResponse {
    ([(header::CONTENT_TYPE, body::JSON)], OPENAPI.clone())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[tokio::test]
    async fn the_openapi_document_is_built_once() {
        let body = async || {
            let answer = openapi().await.into_response();
            axum::body::to_bytes(answer.into_body(), usize::MAX).await.unwrap()
        };
        let (first, second) = (body().await, body().await);
        assert!(!first.is_empty());
        assert_eq!(first.as_ptr(), second.as_ptr());
    }
}
