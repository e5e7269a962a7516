//! `POST /oauth/introspect` (RFC 7662).

use axum::{Json, Router, body::Body, extract::State, http::HeaderMap, routing::post};
use serde::Serialize;
use utoipa::ToSchema;

use super::{
    client_address::ClientAddress,
    client_authentication::Form,
    error::{TokenError, responses::OAuthErrors},
    revoke::OneToken,
    token,
};
use crate::{
    App,
    clock::Seconds,
    config::Service,
    oauth::{claims, scope},
};

pub fn router() -> Router<App> {
    Router::new().route("/oauth/introspect", post(introspect))
}

/// What a token is (RFC 7662, 2.2). One that cannot be used, or is another client's, has `active`
/// alone.
#[derive(Default, Serialize, ToSchema)]
pub struct Introspection {
    active: bool,
    /// What it gives now, separated by spaces.
    #[serde(skip_serializing_if = "Option::is_none")]
    scope: Option<String>,
    #[serde(skip_serializing_if = "Option::is_none")]
    client_id: Option<String>,
    /// Of access tokens: `Bearer`.
    #[serde(skip_serializing_if = "Option::is_none")]
    token_type: Option<&'static str>,
    /// When it expires, in seconds since 1970, UTC.
    #[serde(skip_serializing_if = "Option::is_none")]
    exp: Option<Seconds>,
    /// When it was issued, in seconds since 1970, UTC.
    #[serde(skip_serializing_if = "Option::is_none")]
    iat: Option<Seconds>,
    #[serde(skip_serializing_if = "Option::is_none")]
    /// As in ID tokens.
    sub: Option<String>,
    #[serde(skip_serializing_if = "Option::is_none")]
    aud: Option<String>,
    #[serde(skip_serializing_if = "Option::is_none")]
    iss: Option<String>,
}

/// Describes an access token or a refresh token of the client that asks.
#[utoipa::path(post, path = "/oauth/introspect", operation_id = "introspect", tag = "oauth",
    request_body(content = OneToken, content_type = "application/x-www-form-urlencoded"),
    responses(
        (status = 200, description = "What the token is", body = Introspection),
        OAuthErrors,
    ))]
pub async fn introspect(
    State(app): State<App>,
    client: ClientAddress,
    headers: HeaderMap,
    body: Body,
) -> Result<Json<Introspection>, TokenError> {
    let (form, service) =
        token::authenticated(&app, client, &headers, Form::read(&headers, body).await).await?;
    if service.client_secret.is_none() {
        // Anyone can name it, and could try tokens here.
        return Err(TokenError::InvalidClient("a client without a secret may not introspect"));
    }
    let token = form.need("token")?;
    let found = described(&app, service, token).await?;
    Ok(Json(found.unwrap_or_default()))
}

async fn described(
    app: &App,
    service: &Service,
    token: &str,
) -> Result<Option<Introspection>, TokenError> {
    let (store, client_id, now) = (app.store(), &*service.client_id, app.now());
    let access_token = store.access_token(token, now).await?;
    let (account, granted, issued_at, expires_at, token_type) = match access_token {
        Some(token) if token.service != client_id => return Ok(None),
        Some(token) => {
            (token.account, token.scope, token.issued_at, token.expires_at, Some("Bearer"))
        }
        None => match store.refresh_token(token, client_id, now).await? {
            Some(token) => (token.account, token.scope, token.issued_at, token.expires_at, None),
            None => return Ok(None),
        },
    };
    if app.account(&account).await?.is_none() {
        return Ok(None);
    }
    let grant = store.grant(&account, client_id).await?;
    let subject = match service.kakao {
        Some(_) => store.kakao_user_id(&account, client_id).await?.to_string(),
        None => claims::subject(app.derivation_key(), client_id, &account),
    };
    Ok(Some(Introspection {
        active: true,
        scope: Some(scope::shown(service, &scope::current(service, &grant, &granted))),
        client_id: Some(client_id.to_owned()),
        token_type,
        exp: Some(expires_at),
        iat: Some(issued_at),
        sub: Some(subject),
        aud: Some(client_id.to_owned()),
        iss: Some(app.origin().to_owned()),
    }))
}
