//! `POST /oauth/token` and `/oauth/userinfo`.

use axum::{
    Json, Router,
    body::Body,
    extract::State,
    http::{HeaderMap, header},
    routing::{get, post},
};
use serde::Serialize;
use serde_json::{Map, Value, json};

use super::{
    client_address::ClientAddress,
    client_authentication::{Form, authenticate},
    error::{BearerError, TokenError},
    limit,
};
use crate::{
    App,
    config::{Account, Service},
    crypto,
    oauth::claims,
    store::{Grant, Redemption, TOKEN_LIFETIME, TokenFault},
};

/// How long an ID token is good, in seconds: it is read at once.
const ID_TOKEN_LIFETIME: i64 = 10 * 60;

pub fn router() -> Router<App> {
    Router::new().route("/oauth/token", post(token))
}

/// Apart from the token endpoint, because its errors have another form.
pub fn userinfo_router() -> Router<App> {
    Router::new().route("/oauth/userinfo", get(userinfo).post(userinfo))
}

#[derive(Serialize)]
struct Granted {
    access_token: String,
    token_type: &'static str,
    /// Seconds.
    expires_in: i64,
    scope: String,
    #[serde(skip_serializing_if = "Option::is_none")]
    id_token: Option<String>,
}

/// Redeems a code.
async fn token(
    State(app): State<App>,
    client: ClientAddress,
    headers: HeaderMap,
    body: Body,
) -> Result<Json<Granted>, TokenError> {
    let authenticated = match Form::read(&headers, body).await {
        Ok(form) => authenticate(&app, &headers, &form).map(|service| (form, service)),
        Err(error) => Err(error),
    };
    // A public client has not proved that it is one: any client can name it.
    let proved = authenticated.as_ref().ok().filter(|(_, service)| service.client_secret.is_some());
    let proved = proved.map(|(_, service)| service.client_id.as_str());
    limit::count_token_request(&app, client, proved)?;
    let (form, service) = authenticated?;
    if form.need("grant_type")? != "authorization_code" {
        return Err(TokenError::UnsupportedGrantType("only authorization_code is supported"));
    }
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
    // Everything that can fail for a reason of ours comes before the code is used up: a service
    // that is answered with 503 can come again with the same code.
    let redeemable = app.store().redeemable(&redemption, now).await?.map_err(invalid_grant)?;
    let account = app
        .catalog()
        .accounts
        .get(&redeemable.account)
        .ok_or(TokenError::InvalidGrant("the account does not exist any more"))?;
    let grant = app.store().grant(&account.id, &service.client_id).await?;
    let id_token = redeemable.openid.then(|| {
        let agreed = about(&app, service, account, &grant);
        let subject = agreed.get("sub").cloned();
        let mut claims = claims::in_id_token(agreed, &redeemable.id_token_claims);
        claims.extend(subject.map(|subject| ("sub".to_owned(), subject)));
        claims.insert("iss".into(), json!(app.origin()));
        claims.insert("aud".into(), json!(service.client_id));
        claims.insert("iat".into(), json!(now));
        claims.insert("exp".into(), json!(now + ID_TOKEN_LIFETIME));
        claims.insert("auth_time".into(), json!(redeemable.signed_in));
        if let Some(nonce) = &redeemable.nonce {
            claims.insert("nonce".into(), json!(nonce));
        }
        app.signing_key().sign(&claims)
    });
    let granted = Granted {
        access_token: crypto::random_token(),
        token_type: "Bearer",
        expires_in: TOKEN_LIFETIME,
        scope: claims::scope(service, &grant, redeemable.openid),
        id_token,
    };
    let redeemed = app.store().redeem(&redemption, &granted.access_token, now).await?;
    redeemed.map_err(invalid_grant)?;
    Ok(Json(granted))
}

fn invalid_grant(fault: TokenFault) -> TokenError {
    TokenError::InvalidGrant(match fault {
        TokenFault::Unknown => "there is no such code",
        TokenFault::UsedBefore => "the code was used before; its tokens are revoked",
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

/// The claims that an access token gives access to, as they hold now.
async fn userinfo(
    State(app): State<App>,
    headers: HeaderMap,
) -> Result<Json<Map<String, Value>>, BearerError> {
    let token = bearer_token(&headers)?;
    let bad = BearerError::InvalidToken;
    let (account, service) = app.store().token(token, app.now()).await?.ok_or(bad.clone())?;
    let account = app.catalog().accounts.get(&account).ok_or(bad.clone())?;
    let service = app.catalog().services.get(&service).ok_or(bad)?;
    let grant = app.store().grant(&account.id, &service.client_id).await?;
    Ok(Json(about(&app, service, account, &grant)))
}

/// The access token of a request, in the one way that is supported (RFC 6750, 2.1). Who sends none, or
/// another kind of credentials, has not tried to bring one.
fn bearer_token(headers: &HeaderMap) -> Result<&str, BearerError> {
    let mut values = headers.get_all(header::AUTHORIZATION).iter();
    let value = values.next().ok_or(BearerError::Missing)?;
    if values.next().is_some() {
        return Err(BearerError::InvalidRequest);
    }
    let value = value.to_str().map_err(|_| BearerError::InvalidRequest)?;
    let (scheme, token) = value.split_once(' ').unwrap_or((value, ""));
    match token.trim() {
        _ if !scheme.eq_ignore_ascii_case("bearer") => Err(BearerError::Missing),
        "" => Err(BearerError::InvalidRequest),
        token => Ok(token),
    }
}

fn about(app: &App, service: &Service, account: &Account, grant: &Grant) -> Map<String, Value> {
    let mut claims = claims::agreed(service, account, grant);
    let subject = claims::subject(app.derivation_key(), &service.client_id, &account.id);
    claims.insert("sub".into(), Value::String(subject));
    claims
}
