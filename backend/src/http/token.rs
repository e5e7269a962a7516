//! `POST /oauth/token` and `/oauth/userinfo`.

use axum::{
    Json, Router,
    body::Body,
    extract::State,
    http::{HeaderMap, header},
    response::{IntoResponse, Response},
    routing::{get, post},
};
use base64::{Engine, engine::general_purpose::STANDARD};
use serde::Serialize;
use serde_json::{Map, Value, json};
use url::form_urlencoded;

use super::{
    body::{self, Size, Unread},
    client_address::ClientAddress,
    error::{BearerError, TokenError},
    headers, kakao, limit,
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
    let authenticated = match form {
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
        let mut claims = about(&app, service, account, &grant);
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
    let redeemed = app.store().redeem(&redemption, &granted.access_token, None, now).await?;
    redeemed.map_err(invalid_grant)?;
    Ok(Json(granted).into_response())
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
    if service.kakao.is_some() {
        return Ok(Json(kakao::openid::user_claims(&app, service, account, &grant).await?));
    }
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

/// The service that asks. Basic and form are both good (RFC 6749, 2.3.1), but not at once.
fn authenticate<'a>(
    app: &'a App,
    headers: &HeaderMap,
    form: &Form,
) -> Result<&'a Service, TokenError> {
    let refused = |why| TokenError::InvalidClient(why);
    let basic = match headers::get(headers, header::AUTHORIZATION) {
        Some(value) => Some(basic(value).ok_or(refused("Authorization cannot be read"))?),
        None => None,
    };
    let (id, secret) = match (&basic, form.get("client_secret")) {
        (Some(_), Some(_)) => {
            let why = "the client authenticates in two ways";
            return Err(TokenError::InvalidRequest(why));
        }
        (Some((id, secret)), None) => (id.as_str(), Some(secret.as_str())),
        (None, secret) => (form.need("client_id")?, secret),
    };
    if form.get("client_id").is_some_and(|named| named != id) {
        return Err(refused("client_id is not the one that authenticates"));
    }
    let service = app.catalog().services.get(id).ok_or(refused("there is no such client"))?;
    match (&service.client_secret, secret) {
        (Some(known), Some(sent)) if crypto::same(known, sent) => Ok(service),
        (Some(_), _) => Err(refused("the client secret is missing or wrong")),
        // A public client has nothing to prove itself with: PKCE stands in for it.
        (None, None) => Ok(service),
        (None, Some(_)) => Err(refused("this client has no secret")),
    }
}

/// Name and secret, both encoded as in forms (RFC 6749, 2.3.1).
fn basic(header: &str) -> Option<(String, String)> {
    let (scheme, encoded) = header.split_once(' ')?;
    if !scheme.eq_ignore_ascii_case("basic") {
        return None;
    }
    let decoded = String::from_utf8(STANDARD.decode(encoded.trim()).ok()?).ok()?;
    let (id, secret) = decoded.split_once(':')?;
    // A form of one nameless field: the parser of forms then does the decoding.
    let plain = |text: &str| {
        form_urlencoded::parse(format!("x={text}").as_bytes()).next().map(|(_, it)| it.into_owned())
    };
    Some((plain(id)?, plain(secret)?))
}

/// The parameters of a token request, each of them there once.
pub struct Form(Vec<(String, String)>);

impl Form {
    /// Reads the body of a request.
    ///
    /// # Errors
    /// `invalid_request`, and what reading a body fails with.
    pub async fn read(headers: &HeaderMap, body: Body) -> Result<Self, TokenError> {
        let invalid = |why| TokenError::InvalidRequest(why);
        let unread = Unread::new(headers, body);
        if body::media_type(headers) != body::FORM {
            let why = "expected application/x-www-form-urlencoded";
            return Err(unread.refused(invalid(why)).await);
        }
        let pairs = unread.form(Size::TOKEN).await?;
        let mut names: Vec<&str> = pairs.iter().map(|(name, _)| name.as_str()).collect();
        names.sort_unstable();
        if names.windows(2).any(|pair| pair[0] == pair[1]) {
            return Err(invalid("a parameter is there more than once"));
        }
        Ok(Self(pairs))
    }

    /// An empty parameter counts as absent (RFC 6749, 3.2).
    #[must_use]
    pub fn get(&self, name: &str) -> Option<&str> {
        let found = self.0.iter().find(|(key, value)| key == name && !value.is_empty());
        found.map(|(_, value)| value.as_str())
    }

    fn need(&self, name: &'static str) -> Result<&str, TokenError> {
        self.get(name).ok_or(TokenError::InvalidRequest("a parameter is missing"))
    }
}
