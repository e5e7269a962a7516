//! What this server can do, for clients that find out by themselves (OpenID Connect Discovery).

use axum::{Json, Router, extract::State, routing::get};
use jsonwebtoken::jwk::JwkSet;
use serde_json::{Value, json};

use crate::{App, config::Attribute, locale::Locale};

pub fn router() -> Router<App> {
    Router::new()
        .route("/.well-known/openid-configuration", get(configuration))
        .route("/.well-known/jwks.json", get(jwks))
        .route("/api/v1/openapi.json", get(openapi))
}

async fn configuration(State(app): State<App>) -> Json<Value> {
    let origin = app.origin();
    let mut scopes = vec!["openid"];
    scopes.extend(Attribute::ALL.map(Attribute::id));
    let mut claims = vec!["iss", "sub", "aud", "exp", "iat", "auth_time", "nonce"];
    claims.extend(Attribute::ALL.map(Attribute::claim));
    claims.extend(["email_verified", "phone_number_verified"]);
    Json(json!({
        "issuer": origin,
        "authorization_endpoint": format!("{origin}/oauth/authorize"),
        "token_endpoint": format!("{origin}/oauth/token"),
        "userinfo_endpoint": format!("{origin}/oauth/userinfo"),
        "jwks_uri": format!("{origin}/.well-known/jwks.json"),
        "response_types_supported": ["code"],
        "response_modes_supported": ["query"],
        "grant_types_supported": ["authorization_code"],
        "subject_types_supported": ["pairwise"],
        "id_token_signing_alg_values_supported": ["RS256"],
        "token_endpoint_auth_methods_supported":
            ["client_secret_basic", "client_secret_post", "none"],
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

async fn jwks(State(app): State<App>) -> Json<JwkSet> {
    Json(app.signing_key().jwks())
}

async fn openapi() -> Json<utoipa::openapi::OpenApi> {
    Json(crate::api_doc::openapi())
}
