//! `POST /oauth/revoke` (RFC 7009).

use axum::{Router, body::Body, extract::State, http::HeaderMap, http::StatusCode, routing::post};
use utoipa::ToSchema;

use super::{
    client_address::ClientAddress,
    client_authentication::Form,
    error::{TokenError, responses::OAuthErrors},
    token,
};
use crate::{App, store::Revoked};

pub fn router() -> Router<App> {
    Router::new().route("/oauth/revoke", post(revoke))
}

/// The parameters of a revocation or introspection request (RFC 7009, 2.1; RFC 7662, 2.1).
#[derive(ToSchema)]
#[expect(dead_code, reason = "describes a form, which is read parameter by parameter")]
pub struct OneToken {
    /// An access token or a refresh token.
    token: String,
    /// Ignored: both kinds are looked for.
    token_type_hint: Option<String>,
    /// Unless the client authenticates with Basic.
    client_id: Option<String>,
    /// Unless the client is public or authenticates with Basic.
    client_secret: Option<String>,
}

/// Revokes an access token, or a refresh token with its whole family. A token that does not exist
/// gets the same response.
#[utoipa::path(post, path = "/oauth/revoke", operation_id = "revoke", tag = "oauth",
    request_body(content = OneToken, content_type = "application/x-www-form-urlencoded"),
    responses(
        (status = 200, description = "The token cannot be used any more"),
        OAuthErrors,
    ))]
pub async fn revoke(
    State(app): State<App>,
    client: ClientAddress,
    headers: HeaderMap,
    body: Body,
) -> Result<StatusCode, TokenError> {
    let (form, service) =
        token::authenticated(&app, client, &headers, Form::read(&headers, body).await).await?;
    match app.revoke(form.need("token")?, &service.client_id).await? {
        Revoked::Done => Ok(StatusCode::OK),
        Revoked::OtherService => {
            Err(TokenError::InvalidGrant("the token was issued to another client"))
        }
    }
}
