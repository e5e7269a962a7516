//! What a partner service does: it sends the browser to us, and takes the answer. It uses the same
//! addresses as any other client, by asking our own router.

use axum::{
    body::{Body, to_bytes},
    extract::{Query, RawQuery, State},
    http::{HeaderMap, HeaderValue, Request, header},
    response::{IntoResponse, Response},
};
use jsonwebtoken::{
    Algorithm, DecodingKey, Validation,
    jwk::{Jwk, JwkSet},
};
use serde::Deserialize;
use serde_json::{Map, Value};
use tower::ServiceExt;
use url::form_urlencoded;

use super::{
    PATH, in_app,
    pages::{self, Outcome},
    shops,
};
use crate::{
    App,
    config::{ClientSecrets, Service},
    crypto,
    http::{
        auto_login, continue_page,
        error::{PageError, RequestError},
        host,
        redirect::see_other,
        session::{self, RequestContext},
    },
};

/// How long a partner remembers a request, in seconds.
const REMEMBERED: u32 = 30 * 60;

/// The largest answer that is read from our own router.
const LARGEST_ANSWER: usize = 1024 * 1024;

#[derive(Deserialize)]
pub struct Start {
    service: String,
    account: Option<String>,
    lang: Option<String>,
    prompt: Option<String>,
    /// What to pretend to be: see [`in_app::user_agent`].
    in_app: Option<String>,
}

/// Sends the browser to sign up, as a service's "sign up" button would.
pub async fn start(
    State(app): State<App>,
    mut context: RequestContext,
    RawQuery(raw): RawQuery,
    Query(query): Query<Start>,
) -> Result<Response, PageError> {
    let service = app.catalog().services.get(&query.service).ok_or(RequestError::NotFound)?;
    let mut response_headers = HeaderMap::new();
    if let Some(account) = &query.account {
        let account = app.catalog().accounts.get(account).ok_or(RequestError::NotFound)?;
        let cookie = context.sign_in(&app, &account.id).await?;
        let user_agent = query.in_app.as_deref().and_then(in_app::user_agent);
        if let Some(session) = &context.session {
            app.store().set_user_agent(session, user_agent).await?;
        }
        response_headers.append(header::SET_COOKIE, cookie);
    }
    if let Some(shop) = app.demo_shops().of(&service.client_id) {
        // The shop signs people up itself. It is another origin, and this came by a form.
        let locale = super::locale(query.lang.as_deref(), &context.languages);
        let to = match query.in_app {
            Some(_) => format!("{shop}{}?in_app=android", shops::SHARED_PRODUCT),
            None => format!("{shop}/"),
        };
        let page = continue_page::leave(&app, locale, service, &to).await;
        return Ok((response_headers, page).into_response());
    }
    let (state, nonce, verifier) =
        (crypto::random_token(), crypto::random_token(), crypto::random_token());
    // The form offers what other services have, too: each service asks for its own only. A box
    // that is ticked more than once in a form is a list.
    let pairs: Vec<_> =
        form_urlencoded::parse(raw.unwrap_or_default().as_bytes()).into_owned().collect();
    let list = |name: &str, has: &dyn Fn(&str) -> bool| {
        let values = pairs.iter().filter(|(key, _)| key == name).flat_map(|(_, it)| it.split(','));
        values.filter(|value| has(value)).map(str::to_owned).collect::<Vec<_>>()
    };
    let terms = list("service_terms", &|tag| service.has_term(tag));
    let channels = list("channel_public_id", &|id| {
        service.channels.iter().any(|channel| channel.public_id == id)
    });
    let mut scope = vec!["openid".to_owned()];
    scope.extend(list("scope", &|id| service.item(id).is_some()));

    let mut authorize = form_urlencoded::Serializer::new(String::new());
    authorize
        .append_pair("response_type", "code")
        .append_pair("client_id", &service.client_id)
        .append_pair("redirect_uri", &redirect_uri(&app))
        .append_pair("scope", &scope.join(" "))
        .append_pair("state", &state)
        .append_pair("nonce", &nonce)
        .append_pair("code_challenge", &crypto::pkce_challenge(&verifier))
        .append_pair("code_challenge_method", "S256");
    let optional = [
        ("service_terms", Some(terms.join(","))),
        ("channel_public_id", Some(channels.join(","))),
        ("prompt", query.prompt.clone()),
        ("ui_locales", query.lang.clone()),
    ];
    for (name, value) in optional {
        if let Some(value) = value.filter(|value| !value.is_empty()) {
            authorize.append_pair(name, &value);
        }
    }
    let lang = super::locale(query.lang.as_deref(), &context.languages);
    let memory = format!("{nonce}.{verifier}.{lang}.{}", service.client_id);
    let cookie =
        session::set_cookie(&app, &memory_name(&app, &state), &memory, PATH, Some(REMEMBERED));
    response_headers.append(header::SET_COOKIE, cookie);
    // A link that was opened inside of the messenger: the service tries to sign the person in. Each
    // time it is another visit, also in a window that has seen one.
    let to = if query.in_app.is_some() {
        let cookie = auto_login::clear_sent_back(&app, &service.client_id);
        response_headers.append(header::SET_COOKIE, cookie);
        let storage = HeaderValue::from_static("\"storage\"");
        response_headers.append("clear-site-data", storage);
        auto_login::PAGE
    } else {
        "/oauth/authorize"
    };
    Ok((response_headers, see_other(&format!("{to}?{}", authorize.finish()))).into_response())
}

fn redirect_uri(app: &App) -> String {
    format!("{}{PATH}/callback", app.origin())
}

/// One cookie for each request, so that two tabs do not take each other's place. The state comes
/// back in an address that anyone may write: a cookie's name holds its digest only.
fn memory_name(app: &App, state: &str) -> String {
    app.cookies().name_below_a_path(&format!("demo-{}", crypto::content_name(state.as_bytes())))
}

/// What a partner remembers of whom it sent.
struct Memory<'a> {
    nonce: &'a str,
    verifier: &'a str,
    lang: &'a str,
    service: &'a str,
}

impl<'a> Memory<'a> {
    fn read(cookie: &'a str) -> Option<Self> {
        let mut parts = cookie.splitn(4, '.');
        Some(Self {
            nonce: parts.next()?,
            verifier: parts.next()?,
            lang: parts.next()?,
            service: parts.next()?,
        })
    }
}

#[derive(Deserialize)]
pub struct Callback {
    code: Option<String>,
    state: Option<String>,
    iss: Option<String>,
    error: Option<String>,
    error_description: Option<String>,
}

/// Takes the answer.
pub async fn callback(
    State(app): State<App>,
    context: RequestContext,
    headers: HeaderMap,
    Query(query): Query<Callback>,
) -> Result<Response, PageError> {
    let account = context.session.map(|session| session.account);
    let state = query.state.unwrap_or_default();
    let memory = session::cookie(&headers, &memory_name(&app, &state)).and_then(Memory::read);
    let lang = memory.as_ref().map(|memory| memory.lang);
    let locale = super::locale(lang, &context.languages);
    let service = memory.as_ref().and_then(|it| app.catalog().services.get(it.service));
    // Every answer is good once: the memory goes, whatever comes of it.
    let forget = session::set_cookie(&app, &memory_name(&app, &state), "", PATH, Some(0));
    let forget = [(header::SET_COOKIE, forget)];

    let page = match (query.code, query.error) {
        (_, Some(error)) => {
            let description = query.error_description.unwrap_or_default();
            pages::failed(&app, locale, service, account.as_deref(), &error, &description).await
        }
        (Some(code), None) => {
            let result = match (&memory, service) {
                (Some(memory), Some(service)) if query.iss.as_deref() == Some(app.origin()) => {
                    take(&app, service, account.as_deref(), &code, memory).await
                }
                _ => {
                    let why = "the partner did not ask for this answer, or has used it before";
                    Err(("unknown_state", why.to_owned()))
                }
            };
            match result {
                Ok(outcome) => {
                    pages::done(&app, locale, service, account.as_deref(), &outcome).await
                }
                Err((error, why)) => {
                    pages::failed(&app, locale, service, account.as_deref(), error, &why).await
                }
            }
        }
        (None, None) => {
            pages::failed(&app, locale, service, account.as_deref(), "no_answer", "").await
        }
    };
    Ok((forget, page).into_response())
}

type Failure = (&'static str, String);

/// Exchanges the code and checks what comes, as a client library would.
async fn take(
    app: &App,
    service: &Service,
    account: Option<&str>,
    code: &str,
    memory: &Memory<'_>,
) -> Result<Outcome, Failure> {
    let request = redemption(app, service, code, memory.verifier);
    let receipt = app.store().receipt_of_code(code).await.ok().flatten();
    let tokens = ask(app, request).await?;
    if let Some(error) = tokens.get("error_description").and_then(Value::as_str) {
        return Err(("token_error", error.to_owned()));
    }
    let keys = ask(app, Request::get("/.well-known/jwks.json").body(Body::empty())).await?;
    let keys: JwkSet = serde_json::from_value(Value::Object(keys))
        .map_err(|error| ("jwks_unreadable", error.to_string()))?;
    let id_token = tokens.get("id_token").and_then(Value::as_str).unwrap_or_default();
    let claims = verified(id_token, &keys, app.origin(), &service.client_id, memory.nonce)
        .map_err(|why| ("id_token_rejected", why))?;
    let claims = with_user_info(app, &tokens, claims).await?;
    let is_new = receipt.is_some();
    let receipt = match (receipt, account) {
        (Some(id), _) => app.store().receipt(&id).await,
        (None, Some(account)) => app.store().last_receipt(account, &service.client_id).await,
        (None, None) => Ok(None),
    };
    let receipt = receipt.map_err(|error| ("receipt_unreadable", error.to_string()))?;
    Ok(Outcome { tokens, claims, receipt, is_new })
}

/// The claims of the ID token, and those of the UserInfo response about the same user.
async fn with_user_info(
    app: &App,
    tokens: &Map<String, Value>,
    claims: Map<String, Value>,
) -> Result<Map<String, Value>, Failure> {
    let token = tokens.get("access_token").and_then(Value::as_str).unwrap_or_default();
    let request = Request::get("/oauth/userinfo")
        .header(header::AUTHORIZATION, format!("Bearer {token}"))
        .body(Body::empty());
    let user_info = ask(app, request).await?;
    // OpenID Connect Core, 5.3.2.
    if user_info.get("sub") != claims.get("sub") {
        return Err(("userinfo_rejected", "it is about another user".to_owned()));
    }
    Ok(claims.into_iter().chain(user_info).collect())
}

fn redemption(
    app: &App,
    service: &Service,
    code: &str,
    verifier: &str,
) -> Result<Request<Body>, axum::http::Error> {
    let mut form = form_urlencoded::Serializer::new(String::new());
    form.append_pair("grant_type", "authorization_code")
        .append_pair("code", code)
        .append_pair("redirect_uri", &redirect_uri(app))
        .append_pair("client_id", &service.client_id)
        .append_pair("code_verifier", verifier);
    if let Some(secret) = service.client_secret.as_ref().and_then(ClientSecrets::in_clear) {
        form.append_pair("client_secret", secret);
    }
    Request::post("/oauth/token")
        .header(header::CONTENT_TYPE, "application/x-www-form-urlencoded")
        .body(Body::from(form.finish()))
}

/// Checks an ID token as OpenID Connect Core, 3.1.3.7, wants it.
fn verified(
    token: &str,
    keys: &JwkSet,
    issuer: &str,
    audience: &str,
    nonce: &str,
) -> Result<Map<String, Value>, String> {
    let header = jsonwebtoken::decode_header(token).map_err(|error| error.to_string())?;
    let key: &Jwk = header
        .kid
        .and_then(|id| keys.find(&id))
        .ok_or("it was signed with a key that is not in the JWKS")?;
    let key = DecodingKey::from_jwk(key).map_err(|error| error.to_string())?;
    let mut validation = Validation::new(Algorithm::RS256);
    validation.set_issuer(&[issuer]);
    validation.set_audience(&[audience]);
    validation.set_required_spec_claims(&["exp", "iss", "aud", "sub"]);
    let claims: Map<String, Value> =
        jsonwebtoken::decode(token, &key, &validation).map_err(|error| error.to_string())?.claims;
    match claims.get("nonce").and_then(Value::as_str) {
        Some(found) if found == nonce => Ok(claims),
        _ => Err("the nonce is not the one that was sent".to_owned()),
    }
}

/// Sends a request to our own router, without a network.
async fn ask(
    app: &App,
    request: Result<Request<Body>, axum::http::Error>,
) -> Result<Map<String, Value>, Failure> {
    let failed = |why: String| ("no_answer", why);
    let mut request = request.map_err(|error| failed(error.to_string()))?;
    request.headers_mut().extend([host::header(app)]);
    let response = match app.router().oneshot(request).await {
        Ok(response) => response,
        Err(never) => match never {},
    };
    let body = to_bytes(response.into_body(), LARGEST_ANSWER)
        .await
        .map_err(|error| failed(error.to_string()))?;
    serde_json::from_slice(&body).map_err(|error| failed(error.to_string()))
}
