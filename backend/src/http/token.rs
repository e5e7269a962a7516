//! `POST /oauth/token`: exchanging codes and refresh tokens.

use std::sync::Arc;

use axum::{
    Json, Router,
    body::Body,
    extract::State,
    http::{HeaderMap, header},
    response::{IntoResponse, Response},
    routing::post,
};
use serde::Serialize;
use serde_json::json;
use utoipa::ToSchema;

use super::{
    client_address::ClientAddress,
    client_authentication::{Form, authenticate, basic, named_client},
    error::{TokenError, responses::OAuthErrors},
    headers, kakao, limit, userinfo,
};
use crate::{
    App,
    audit::Credential,
    clock::Seconds,
    config::{Account, Service},
    crypto,
    oauth::{claims, key::ID_TOKEN_LIFETIME, key_ring::Purpose, scope},
    store::{
        self, ACCESS_TOKEN_LIFETIME, Grant, NewTokens, REFRESH_LIFETIME, Redemption, RefreshFault,
        Refreshed, TokenFault,
    },
};

pub fn router() -> Router<App> {
    Router::new().route("/oauth/token", post(token))
}

/// A response of the token endpoint (RFC 6749, 5.1).
#[derive(Serialize, ToSchema)]
pub struct TokenResponse {
    access_token: String,
    #[schema(example = "Bearer")]
    token_type: &'static str,
    /// Seconds until the access token expires.
    expires_in: i64,
    /// Takes the place of the refresh token that was sent, if one was.
    #[serde(skip_serializing_if = "Option::is_none")]
    refresh_token: Option<String>,
    /// What was granted, separated by spaces.
    scope: String,
    /// Present when `openid` was granted.
    #[serde(skip_serializing_if = "Option::is_none")]
    id_token: Option<String>,
}

/// The parameters of a token request (RFC 6749, 4.1.3 and 6).
#[derive(ToSchema)]
#[expect(dead_code, reason = "describes a form, which is read parameter by parameter")]
pub struct TokenRequest {
    /// `authorization_code` or `refresh_token`.
    grant_type: String,
    /// With `authorization_code`: the code.
    code: Option<String>,
    /// With `authorization_code`: as in the authorize request.
    redirect_uri: Option<String>,
    /// With `authorization_code`: the PKCE verifier (RFC 7636, 4.5).
    code_verifier: Option<String>,
    /// With `refresh_token`: the refresh token.
    refresh_token: Option<String>,
    /// With `refresh_token`: the scopes that the access token is to have, if fewer than were granted.
    scope: Option<String>,
    /// Unless the client authenticates with Basic.
    client_id: Option<String>,
    /// Unless the client is public or authenticates with Basic.
    client_secret: Option<String>,
}

/// Exchanges a code or a refresh token for tokens.
#[utoipa::path(post, path = "/oauth/token", operation_id = "token", tag = "oauth",
    request_body(content = TokenRequest, content_type = "application/x-www-form-urlencoded"),
    responses(
        (status = 200, description = "The tokens", body = TokenResponse),
        OAuthErrors,
    ))]
pub async fn token(
    State(app): State<App>,
    client: ClientAddress,
    headers: HeaderMap,
    body: Body,
) -> Result<Response, TokenError> {
    let form = Form::read(&headers, body).await;
    let form = form.map_err(|error| kakao::token::unreadable(&app, error));
    if let Ok(form) = &form {
        let credentials = headers::get(&headers, header::AUTHORIZATION).and_then(basic);
        let named = credentials.as_ref().map(|(id, _)| id.as_str());
        if let Some(kakao_app) = kakao::token::app(&app, named, form)? {
            let granted = kakao::token::grant(&app, client, kakao_app, form).await;
            return Ok(granted.map_err(kakao::token::in_dialect)?.into_response());
        }
    }
    let (form, service) = authenticated(&app, client, &headers, form).await?;
    let tokens = match form.need("grant_type")? {
        "authorization_code" => redeem(&app, service, &form).await?,
        "refresh_token" => refresh(&app, service, &form).await?,
        _ => {
            return Err(TokenError::UnsupportedGrantType(
                "only authorization_code and refresh_token are supported",
            ));
        }
    };
    Ok(Json(tokens).into_response())
}

/// The form of a client that has authenticated. Counts the request.
pub(super) async fn authenticated<'a>(
    app: &'a App,
    client: ClientAddress,
    headers: &HeaderMap,
    form: Result<Form, TokenError>,
) -> Result<(Form, &'a Service), TokenError> {
    let named = form.as_ref().ok().and_then(|form| named_client(headers, form));
    let authenticated = match form {
        Ok(form) => authenticate(app, headers, &form).map(|service| (form, service)),
        Err(error) => Err(error),
    };
    // A public client has not proved that it is one: any client can name it.
    let proved = authenticated.as_ref().ok().filter(|(_, service)| service.client_secret.is_some());
    let proved = proved.map(|(_, service)| service.client_id.as_str());
    let has_failed = matches!(authenticated, Err(TokenError::InvalidClient(_)));
    if has_failed {
        app.metrics().client_not_authenticated();
    }
    limit::count_token_request(app, client, proved).await?;
    if has_failed {
        app.client_not_authenticated(Credential::ClientSecret, named.as_deref());
    }
    authenticated
}

/// Whether a service gets a refresh token with a code for these scopes.
fn gets_refresh_token(_service: &Service, scope: &str) -> bool {
    scope::holds(scope, scope::OFFLINE_ACCESS)
}

async fn redeem(app: &App, service: &Service, form: &Form) -> Result<TokenResponse, TokenError> {
    let code_verifier = form.get("code_verifier");
    if code_verifier.is_some_and(|verifier| !is_code_verifier(verifier)) {
        let why = "code_verifier must be 43 to 128 of A-Z a-z 0-9 - . _ ~";
        return Err(TokenError::InvalidRequest(why));
    }
    let redemption = Redemption {
        code: form.need("code")?,
        service: &service.client_id,
        redirect_uri: form.need("redirect_uri")?,
        code_verifier,
    };
    let now = app.now();
    let refused = |fault| invalid_grant(app, service, &fault);
    // Everything that can fail for a reason of ours comes before the code is used up: a service
    // that is answered with 503 can come again with the same code.
    let redeemable = app.store().redeemable(&redemption, now).await?.map_err(refused)?;
    let account = account(app, &redeemable.account).await?;
    let grant = app.store().grant(&account.id, &service.client_id).await?;
    let scope = scope::granted(service, &grant, &redeemable.scope);
    let is_offline = scope::holds(&scope, scope::OFFLINE_ACCESS);
    let (access_token, refresh_token) =
        (crypto::random_token(), gets_refresh_token(service, &scope).then(crypto::random_token));
    let id_token = match scope::holds(&scope, scope::OPENID) {
        true => {
            let (claims, nonce) = (&redeemable.id_token_claims, redeemable.nonce.as_deref());
            let asked = InIdToken { claims, nonce };
            Some(id_token(app, service, &account, &grant, redeemable.signed_in, asked).await?)
        }
        false => None,
    };
    let tokens = NewTokens {
        access_token: &access_token,
        refresh_token: refresh_token.as_deref(),
        refresh_lifetime: REFRESH_LIFETIME,
        scope: &scope,
        is_offline,
    };
    app.store().redeem(&redemption, &tokens, now).await?.map_err(refused)?;
    let shown = scope::shown(service, &scope);
    Ok(response(access_token, refresh_token, shown, id_token))
}

async fn refresh(app: &App, service: &Service, form: &Form) -> Result<TokenResponse, TokenError> {
    let token = form.need("refresh_token")?;
    let (client_id, now) = (&*service.client_id, app.now());
    let found = app.store().refreshable(token, client_id, now).await?;
    let refused = |fault| refused_refresh(app, service, &fault);
    let found = found.map_err(refused)?;
    let account = account(app, &found.account).await?;
    let asked = scope::narrowed(service, &found.scope, form.get("scope")).map_err(
        |scope::NotGranted| TokenError::InvalidScope("scope asks for more than was granted"),
    )?;
    let grant = app.store().grant(&account.id, client_id).await?;
    let scope = scope::current(service, &grant, &asked);
    let id_token = match scope::holds(&scope, scope::OPENID) {
        true => {
            let (grant, asked) = (grant.limited_to(&scope), InIdToken::default());
            Some(id_token(app, service, &account, &grant, found.signed_in, asked).await?)
        }
        false => None,
    };
    let access_token = crypto::random_token();
    let tokens = Refreshed { access_token: &access_token, scope: &scope };
    let next = app.store().refresh(token, client_id, &tokens, now).await?;
    let next = next.map_err(refused)?;
    let shown = scope::shown(service, &scope);
    Ok(response(access_token, Some(next), shown, id_token))
}

fn response(
    access_token: String,
    refresh_token: Option<String>,
    scope: String,
    id_token: Option<String>,
) -> TokenResponse {
    TokenResponse {
        access_token,
        token_type: "Bearer",
        expires_in: ACCESS_TOKEN_LIFETIME,
        refresh_token,
        scope,
        id_token,
    }
}

async fn account(app: &App, id: &str) -> Result<Arc<Account>, TokenError> {
    let account = app.account(id).await?;
    account.ok_or(TokenError::InvalidGrant("the account does not exist any more"))
}

/// What an authorize request asks for in the ID token.
#[derive(Default)]
struct InIdToken<'a> {
    /// Names of claims, with spaces between them.
    claims: &'a str,
    nonce: Option<&'a str>,
}

/// An ID token (OpenID Connect Core, 2). One that a refresh token was exchanged for has no nonce, and
/// the time of the original authentication (12.2), where that is known.
async fn id_token(
    app: &App,
    service: &Service,
    account: &Account,
    grant: &Grant,
    auth_time: Seconds,
    asked: InIdToken<'_>,
) -> Result<String, store::Error> {
    let now = app.now();
    let about = userinfo::claims_about(app, service, account, grant);
    let subject = about.get("sub").cloned();
    let mut claims = claims::in_id_token(about, asked.claims);
    claims.extend(subject.map(|subject| ("sub".to_owned(), subject)));
    claims.insert("iss".into(), json!(app.origin()));
    claims.insert("aud".into(), json!(service.client_id));
    claims.insert("iat".into(), json!(now));
    claims.insert("exp".into(), json!(now + ID_TOKEN_LIFETIME));
    if let Some(at) = store::known_time(auth_time) {
        claims.insert("auth_time".into(), json!(at));
    }
    if let Some(nonce) = asked.nonce {
        claims.insert("nonce".into(), json!(nonce));
    }
    Ok(app.signing_key(Purpose::IdTokens).await?.sign(&claims))
}

fn refused_refresh(app: &App, service: &Service, fault: &RefreshFault) -> TokenError {
    app.refresh_refused(&service.client_id, fault);
    TokenError::InvalidGrant(match fault {
        RefreshFault::Unknown => "there is no such refresh token",
        RefreshFault::OtherService => "the refresh token was issued to another client",
        RefreshFault::Expired => "the refresh token has expired",
        RefreshFault::Revoked => "the refresh token was revoked",
        RefreshFault::UsedBefore { .. } => {
            "the refresh token was used before; every token of its family is revoked"
        }
    })
}

fn invalid_grant(app: &App, service: &Service, fault: &TokenFault) -> TokenError {
    app.code_refused(&service.client_id, fault);
    TokenError::InvalidGrant(match fault {
        TokenFault::Unknown => "there is no such code",
        TokenFault::UsedBefore { .. } => "the code was used before; its tokens are revoked",
        TokenFault::Expired => "the code has expired",
        TokenFault::OtherService => "the code was given to another client",
        TokenFault::OtherRedirectUri => "redirect_uri is not the one of the request",
        TokenFault::Verifier => "code_verifier does not match",
    })
}

/// The shape of a PKCE verifier (RFC 7636, 4.1).
fn is_code_verifier(text: &str) -> bool {
    (43..=128).contains(&text.len())
        && text.bytes().all(|b| b.is_ascii_alphanumeric() || b"-._~".contains(&b))
}
