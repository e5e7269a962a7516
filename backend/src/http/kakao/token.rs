//! The token endpoint in Kakao's dialect (Kakao Login REST, "Request token").

use std::sync::Arc;

use axum::{Json, http::StatusCode};
use serde::Serialize;

use super::{
    connection::unlink_incomplete,
    openid::{SignIn, id_token},
};
use crate::{
    App,
    audit::Credential,
    clock::Seconds,
    config::{Account, KakaoApp, Service},
    crypto,
    http::{client_address::ClientAddress, client_authentication::Form, error::TokenError, limit},
    kakao::{
        authorize,
        koe::{Koe, KoeError},
    },
    oauth::scope,
    store::{
        self, ACCESS_TOKEN_LIFETIME, Grant, KAKAO_REFRESH_LIFETIME, NewTokens, Redemption,
        RefreshFault, Refreshed, TokenFault,
    },
};

/// What a client gets. Times are in seconds.
#[derive(Serialize)]
pub struct Granted {
    token_type: &'static str,
    access_token: String,
    expires_in: i64,
    #[serde(skip_serializing_if = "Option::is_none")]
    refresh_token: Option<String>,
    #[serde(skip_serializing_if = "Option::is_none")]
    refresh_token_expires_in: Option<i64>,
    scope: String,
    #[serde(skip_serializing_if = "Option::is_none")]
    id_token: Option<String>,
}

/// The Kakao app that a token request names. None for a client of another dialect.
///
/// # Errors
/// KOE008 or KOE101.
pub fn app<'a>(
    app: &'a App,
    basic: Option<&str>,
    form: &Form,
) -> Result<Option<(&'a Service, &'a KakaoApp)>, KoeError> {
    if let Some(id) = form.get("client_id") {
        return authorize::app(&[id], app.catalog());
    }
    // The platform knows `client_secret_post` only.
    match basic {
        Some(id) if authorize::app(&[id], app.catalog())?.is_some() => {
            Err(Koe::UnknownClient.because("client_id must be in the body"))
        }
        Some(_) => Ok(None),
        None => authorize::app(&[], app.catalog()),
    }
}

/// An error of a request that cannot be read, and so names no client: KOE001 where every service is a
/// Kakao app.
#[must_use]
pub fn unreadable(app: &App, error: TokenError) -> TokenError {
    if !app.catalog().has_only_kakao_apps() {
        return error;
    }
    match error {
        TokenError::InvalidRequest(why) => Koe::MalformedRequest.because(why).into(),
        error => in_dialect(error),
    }
}

/// An error of a layer or the router around the endpoints that answer with KOE codes. It names no
/// client: in dialect where every service is a Kakao app.
#[must_use]
pub fn around(app: &App, path: &str, error: TokenError) -> TokenError {
    match path {
        "/oauth/token" | "/oauth/tokeninfo" if app.catalog().has_only_kakao_apps() => {
            in_dialect(error)
        }
        _ => error,
    }
}

/// The KOE code in the place of a failure that a request of any protocol can have.
#[must_use]
pub fn in_dialect(error: TokenError) -> TokenError {
    let TokenError::Request(cause) = error else { return error };
    let (koe, why) = match cause.status() {
        StatusCode::TOO_MANY_REQUESTS => {
            (Koe::TooManyTokenRequests, "too many token requests, see Retry-After")
        }
        StatusCode::UNAUTHORIZED => {
            (Koe::WrongClientSecret, "Bad client credentials: the client is not authenticated")
        }
        StatusCode::SERVICE_UNAVAILABLE => {
            (Koe::Unavailable, "the server cannot answer now, see Retry-After")
        }
        status if status.is_server_error() => (Koe::Unavailable, "the server has failed"),
        StatusCode::METHOD_NOT_ALLOWED => (Koe::MalformedRequest, "the method is not supported"),
        StatusCode::PAYLOAD_TOO_LARGE => (Koe::MalformedRequest, "the request is too large"),
        _ => (Koe::MalformedRequest, "the request cannot be read"),
    };
    TokenError::Kakao { error: koe.because(why), cause: Some(cause) }
}

/// Answers a token request of a Kakao app.
///
/// # Errors
/// With the codes of the token step.
pub async fn grant(
    app: &App,
    client: ClientAddress,
    (service, kakao): (&Service, &KakaoApp),
    form: &Form,
) -> Result<Json<Granted>, TokenError> {
    let secret = check_secret(service, form, app.now());
    if secret.is_err() {
        app.metrics().client_not_authenticated();
    }
    let proved = secret.is_ok() && service.client_secret.is_some();
    let proved = proved.then_some(&*service.client_id);
    limit::count_token_request(app, client, proved).await?;
    if secret.is_err() {
        app.client_not_authenticated(Credential::ClientSecret, Some(&service.client_id));
    }
    secret?;
    unlink_incomplete(app, &service.client_id).await?;
    match form.get("grant_type") {
        Some("authorization_code") => redeem(app, (service, kakao), form).await,
        Some("refresh_token") => refresh(app, (service, kakao), form).await,
        _ => {
            let why = "grant_type must be authorization_code or refresh_token";
            Err(Koe::UnsupportedGrantType.because(why).into())
        }
    }
}

/// An app whose client secret is switched off ignores what is sent: passport-kakao always sends one.
fn check_secret(service: &Service, form: &Form, now: Seconds) -> Result<(), KoeError> {
    let wrong = |why| Err(Koe::WrongClientSecret.because(why));
    match (&service.client_secret, form.get("client_secret")) {
        (None, _) => Ok(()),
        (Some(known), Some(sent)) if known.accept(sent, now) => Ok(()),
        (Some(_), Some(_)) => wrong("Bad client credentials: the client secret is wrong"),
        (Some(_), None) => wrong("Bad client credentials: the client secret is missing"),
    }
}

async fn redeem(
    app: &App,
    (service, kakao): (&Service, &KakaoApp),
    form: &Form,
) -> Result<Json<Granted>, TokenError> {
    let code = form.get("code");
    let code = code.ok_or_else(|| Koe::MissingParameter.because("code is missing"))?;
    let redirect_uri = match form.get("redirect_uri") {
        Some(uri) => uri.to_owned(),
        // python-social-auth sends none.
        None => app.store().redirect_uri_of_code(code).await?.unwrap_or_default(),
    };
    let redemption = Redemption {
        code,
        service: &service.client_id,
        redirect_uri: &redirect_uri,
        code_verifier: form.get("code_verifier"),
    };
    let fault = |fault: TokenFault| {
        app.code_refused(&service.client_id, &fault);
        TokenError::from(code_fault(&fault, code))
    };
    let now = app.now();
    let redeemable = app.store().redeemable(&redemption, now).await?.map_err(fault)?;
    let account = account(app, &redeemable.account, Koe::InvalidCode).await?;
    let grant = app.store().grant(&account.id, &service.client_id).await?;
    let sign_in = SignIn { nonce: redeemable.nonce.as_deref(), signed_in: redeemable.signed_in };
    let scope = granted_scope(service, kakao, &grant, &redeemable.scope);
    let (access_token, refresh_token) = (crypto::random_token(), crypto::random_token());
    let id_token = id_token_for(app, service, &account, &grant, &scope, sign_in).await?;
    let tokens = NewTokens {
        access_token: &access_token,
        refresh_token: Some(&refresh_token),
        refresh_lifetime: KAKAO_REFRESH_LIFETIME,
        scope: &scope,
        is_offline: true,
    };
    app.store().redeem(&redemption, &tokens, now).await?.map_err(fault)?;
    Ok(Json(granted(access_token, Some(refresh_token), scope, id_token)))
}

async fn refresh(
    app: &App,
    (service, kakao): (&Service, &KakaoApp),
    form: &Form,
) -> Result<Json<Granted>, TokenError> {
    let token = form.get("refresh_token");
    let token =
        token.ok_or_else(|| Koe::MissingRefreshToken.because("refresh_token is missing"))?;
    let invalid = || {
        app.refresh_refused(&service.client_id, &RefreshFault::Unknown);
        Koe::InvalidRefreshToken.because("refresh token is invalid or expired")
    };
    let now = app.now();
    let found = app.store().refresh_token(token, &service.client_id, now).await?;
    let found = found.ok_or_else(invalid)?;
    let account = account(app, &found.account, Koe::InvalidRefreshToken).await?;
    let grant = app.store().grant(&account.id, &service.client_id).await?;
    let sign_in = SignIn { nonce: None, signed_in: found.signed_in };
    let scope = granted_scope(service, kakao, &grant, &found.scope);
    let id_token = id_token_for(app, service, &account, &grant, &scope, sign_in).await?;
    let access_token = crypto::random_token();
    let replacement = store::is_replaced(found.expires_at, now).then(crypto::random_token);
    let tokens = Refreshed { access_token: &access_token, scope: &scope };
    if !app.store().renew(token, &tokens, replacement.as_deref(), now).await? {
        return Err(invalid().into());
    }
    Ok(Json(granted(access_token, replacement, scope, id_token)))
}

/// What is granted; `openid` only where OpenID Connect is switched on for the app.
fn granted_scope(service: &Service, kakao: &KakaoApp, grant: &Grant, asked: &str) -> String {
    let asked = if kakao.openid && scope::holds(asked, scope::OPENID) { scope::OPENID } else { "" };
    scope::granted(service, grant, asked)
}

async fn id_token_for(
    app: &App,
    service: &Service,
    account: &Account,
    grant: &Grant,
    scope: &str,
    sign_in: SignIn<'_>,
) -> Result<Option<String>, store::Error> {
    match scope::holds(scope, scope::OPENID) {
        true => id_token(app, service, account, grant, sign_in).await.map(Some),
        false => Ok(None),
    }
}

fn granted(
    access_token: String,
    refresh_token: Option<String>,
    scope: String,
    id_token: Option<String>,
) -> Granted {
    Granted {
        token_type: "bearer",
        access_token,
        expires_in: ACCESS_TOKEN_LIFETIME,
        refresh_token_expires_in: refresh_token.as_ref().map(|_| KAKAO_REFRESH_LIFETIME.unused),
        refresh_token,
        scope,
        id_token,
    }
}

async fn account(app: &App, id: &str, koe: Koe) -> Result<Arc<Account>, TokenError> {
    let account = app.account(id).await?;
    Ok(account.ok_or_else(|| koe.because("the account does not exist any more"))?)
}

fn code_fault(fault: &TokenFault, code: &str) -> KoeError {
    match fault {
        TokenFault::Unknown
        | TokenFault::UsedBefore { .. }
        | TokenFault::Expired
        | TokenFault::OtherService => {
            Koe::InvalidCode.because(format!("authorization code not found for code={code}"))
        }
        TokenFault::OtherRedirectUri => Koe::OtherRedirectUri.because("Redirect URI mismatch."),
        TokenFault::Verifier => Koe::InvalidCode.because("code_verifier does not match"),
    }
}
