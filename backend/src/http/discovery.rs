//! What this server can do, for clients that find out by themselves (OpenID Connect Discovery).

use std::{collections::BTreeSet, sync::LazyLock};

use axum::{
    Json, Router,
    body::Bytes,
    extract::State,
    http::header,
    response::IntoResponse,
    routing::{any, get},
};
use jsonwebtoken::jwk::JwkSet;
use serde_json::{Value, json};

use super::{body, error::RequestError, kakao, logout};
use crate::{
    App,
    config::Attribute,
    locale::Locale,
    oauth::{claims::SELF_ASSERTED, scope},
};

pub fn router() -> Router<App> {
    Router::new()
        .route("/.well-known/openid-configuration", get(configuration))
        .route("/.well-known/jwks.json", get(jwks))
        .route("/api/v1/openapi.json", get(openapi))
        // Programs look for what there may be, and read what they are answered.
        .route("/.well-known/{*path}", any(nothing))
        .route("/api/{*path}", any(nothing))
}

async fn configuration(State(app): State<App>) -> Json<Value> {
    if let Some(document) = kakao::openid::configuration(&app) {
        return Json(document);
    }
    let origin = app.origin();
    let mut scopes = scope::PROTOCOL.to_vec();
    scopes.extend(Attribute::ALL.map(Attribute::id));
    let mut claims = vec!["iss", "sub", "aud", "exp", "iat", "auth_time", "nonce"];
    claims.extend(Attribute::ALL.into_iter().flat_map(Attribute::claims));
    claims.extend([SELF_ASSERTED, scope::AGREEMENTS]);
    // `birthdate` has two halves.
    let mut seen = BTreeSet::new();
    claims.retain(|claim| seen.insert(*claim));
    Json(json!({
        "issuer": origin,
        "authorization_endpoint": format!("{origin}/oauth/authorize"),
        "token_endpoint": format!("{origin}/oauth/token"),
        "userinfo_endpoint": format!("{origin}/oauth/userinfo"),
        "revocation_endpoint": format!("{origin}/oauth/revoke"),
        "introspection_endpoint": format!("{origin}/oauth/introspect"),
        "end_session_endpoint": format!("{origin}{}", logout::PATH),
        "jwks_uri": format!("{origin}/.well-known/jwks.json"),
        "response_types_supported": ["code"],
        "response_modes_supported": ["query"],
        "grant_types_supported": ["authorization_code", "refresh_token"],
        "subject_types_supported": ["pairwise"],
        "id_token_signing_alg_values_supported": ["RS256"],
        "token_endpoint_auth_methods_supported":
            ["client_secret_basic", "client_secret_post", "none"],
        "revocation_endpoint_auth_methods_supported":
            ["client_secret_basic", "client_secret_post", "none"],
        "introspection_endpoint_auth_methods_supported":
            ["client_secret_basic", "client_secret_post"],
        "code_challenge_methods_supported": ["S256"],
        "prompt_values_supported": ["none", "login", "select_account"],
        "scopes_supported": scopes,
        "claims_supported": claims,
        "ui_locales_supported": Locale::ALL.map(Locale::tag),
        "claims_parameter_supported": false,
        "request_parameter_supported": false,
        "request_uri_parameter_supported": false,
        "authorization_response_iss_parameter_supported": true,
    }))
}

async fn nothing() -> RequestError {
    RequestError::NotFound
}

async fn jwks(State(app): State<App>) -> Json<JwkSet> {
    Json(app.signing_key().jwks())
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
