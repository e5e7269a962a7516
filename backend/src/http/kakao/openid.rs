//! OpenID Connect in Kakao's dialect: `/oauth/tokeninfo`, `/v1/oidc/userinfo`, and the claims of ID
//! tokens.

use std::sync::Arc;

use axum::{Json, body::Body, extract::State, http::HeaderMap};
use serde_json::{Map, Value, json};

use super::{
    call::Call,
    caller::{Target, target_of_token},
    token::unreadable,
};
use crate::{
    App,
    config::{Account, Service},
    http::{
        client_authentication::Form,
        error::{BearerError, KakaoError, TokenError, kakao::KakaoErrors},
    },
    kakao::{
        koe::Koe,
        user_info::{id_token_claims, user_info as claims_of},
    },
    oauth::{key::ID_TOKEN_LIFETIME, key_ring::Purpose, scope},
    store::{self, Grant},
};

/// The claims about a user until the service has completed the sign-up, beside `sub`.
const PREREGISTERED: [&str; 4] = ["nickname", "picture", "email", "email_verified"];

/// What an ID token is for.
pub struct SignIn<'a> {
    pub nonce: Option<&'a str>,
    /// When the person authenticated, or [`store::UNKNOWN_TIME`].
    pub signed_in: i64,
}

/// A signed ID token.
///
/// # Errors
/// When the database cannot be used.
pub async fn id_token(
    app: &App,
    service: &Service,
    account: &Account,
    grant: &Grant,
    sign_in: SignIn<'_>,
) -> Result<String, store::Error> {
    let now = app.now();
    let user_id = app.store().kakao_user_id(&account.id, &service.client_id).await?;
    let mut claims = id_token_claims(service, account, grant);
    claims.insert("iss".into(), json!(app.origin()));
    claims.insert("aud".into(), json!(service.client_id));
    claims.insert("sub".into(), json!(user_id.to_string()));
    claims.insert("iat".into(), json!(now));
    claims.insert("exp".into(), json!(now + ID_TOKEN_LIFETIME));
    if let Some(at) = store::known_time(sign_in.signed_in) {
        claims.insert("auth_time".into(), json!(at));
    }
    if let Some(nonce) = sign_in.nonce {
        claims.insert("nonce".into(), json!(nonce));
    }
    Ok(app.signing_key(Purpose::IdTokens).await?.sign(&claims))
}

/// The discovery document of a server whose services are all Kakao apps. There is one issuer and one
/// document: where other services are configured, too, it is theirs, and names endpoints that answer
/// Kakao apps as well.
#[must_use]
pub fn configuration(app: &App) -> Option<Value> {
    if !app.catalog().has_only_kakao_apps() {
        return None;
    }
    let origin = app.origin();
    Some(json!({
        "issuer": origin,
        "authorization_endpoint": format!("{origin}/oauth/authorize"),
        "token_endpoint": format!("{origin}/oauth/token"),
        "userinfo_endpoint": format!("{origin}/v1/oidc/userinfo"),
        "jwks_uri": format!("{origin}/.well-known/jwks.json"),
        "token_endpoint_auth_methods_supported": ["client_secret_post"],
        "subject_types_supported": ["public"],
        "id_token_signing_alg_values_supported": ["RS256"],
        "response_types_supported": ["code"],
        "response_modes_supported": ["query"],
        "grant_types_supported": ["authorization_code", "refresh_token"],
        "code_challenge_methods_supported": ["S256"],
        "request_parameter_supported": false,
        "request_uri_parameter_supported": false,
        "claims_parameter_supported": false,
        "claims_supported": [
            "iss", "aud", "sub", "auth_time", "exp", "iat", "nonce", "nickname", "picture", "email",
        ],
    }))
}

/// The form of `/oauth/tokeninfo`.
#[derive(utoipa::ToSchema)]
#[expect(dead_code, reason = "describes what `Form` reads")]
pub struct KakaoTokenInfoForm {
    id_token: String,
}

/// The claims of an ID token that this server has signed, for debugging.
#[utoipa::path(post, path = "/oauth/tokeninfo", tag = "kakao",
    request_body(content = KakaoTokenInfoForm, content_type = "application/x-www-form-urlencoded"),
    responses(
        (status = 200, description = "The claims", content((Value = "application/json"))),
        (status = 400, description = "KOE400: not an ID token of this server, or expired", content((Value = "application/json"))),
    ))]
pub async fn token_info(
    State(app): State<App>,
    headers: HeaderMap,
    body: Body,
) -> Result<Json<Map<String, Value>>, TokenError> {
    let form = Form::read(&headers, body).await.map_err(|error| unreadable(&app, error))?;
    let token = form.get("id_token");
    let token = token.ok_or_else(|| Koe::InvalidIdToken.because("id_token is missing"))?;
    let claims = app.store().id_token_keys().await?.verified(token);
    let claims = claims.ok_or_else(|| Koe::InvalidIdToken.because("invalid id_token"))?;
    let expires_at = claims.get("exp").and_then(Value::as_i64).unwrap_or_default();
    if expires_at <= app.now() {
        return Err(Koe::InvalidIdToken.because("id_token is expired").into());
    }
    Ok(Json(claims))
}

/// The claims that the user has agreed to provide.
#[utoipa::path(method(get, post), path = "/v1/oidc/userinfo", tag = "kakao",
    security(("access_token" = [])),
    responses((status = 200, description = "The claims", content((Value = "application/json"))), KakaoErrors))]
pub async fn user_info(
    State(app): State<App>,
    call: Call,
) -> Result<Json<Map<String, Value>>, KakaoError> {
    let target = call.user(&app).await?;
    Ok(Json(user_claims(&target)?))
}

/// The claims about the user of an access token, for `/oauth/userinfo`.
///
/// # Errors
/// Those of `/v1/oidc/userinfo`, as RFC 6750 has them.
pub async fn bearer_claims(
    app: &App,
    service: &Service,
    account: Arc<Account>,
) -> Result<Map<String, Value>, BearerError> {
    let target = target_of_token(app, service, account).await;
    target.and_then(|target| user_claims(&target)).map_err(|error| match error {
        // A token of an app with OpenID Connect switched off has no `openid` in its scope.
        KakaoError::NotPermitted(_) => BearerError::InsufficientScope(scope::OPENID),
        KakaoError::Request(error) => BearerError::Request(error),
        _ => BearerError::InvalidToken,
    })
}

/// The claims about a user, with the `sub` of their ID tokens.
fn user_claims(target: &Target<'_>) -> Result<Map<String, Value>, KakaoError> {
    if !target.kakao.openid {
        let why = "OpenID Connect is switched off for this app";
        return Err(KakaoError::NotPermitted(why.to_owned()));
    }
    let mut claims = claims_of(target.service, &target.account, &target.grant);
    if target.is_preregistered() {
        claims.retain(|name, _| PREREGISTERED.contains(&&**name));
    }
    claims.insert("sub".into(), json!(target.user_id.to_string()));
    Ok(claims)
}
