//! The fake provider's addresses.

use std::{collections::HashMap, time::Duration};

use axum::{
    Json, Router,
    body::{Body, to_bytes},
    extract::{Request, State},
    http::{StatusCode, header},
    middleware::{self, Next},
    response::{IntoResponse, Redirect, Response},
    routing::{get, post},
};
use base64::{Engine, engine::general_purpose::URL_SAFE_NO_PAD};
use serde_json::{Value, json};
use sha2::{Digest, Sha256};
use url::{Url, form_urlencoded};

use super::{Code, Fake, Fault, TERMS};
use crate::shop::{ADMIN_KEY, CLIENT_ID, CLIENT_SECRET};

type Pairs = HashMap<String, String>;

pub fn router(fake: Fake) -> Router {
    Router::new()
        .route("/.well-known/openid-configuration", get(configuration))
        .route("/jwks.json", get(keys))
        .route("/oauth/authorize", get(authorize))
        .route("/oauth/token", post(token))
        .route("/v2/user/me", get(me))
        .route("/v2/user/service_terms", get(terms))
        .route("/v2/user/scopes", get(scopes))
        .route("/v2/api/talk/channels", get(channels))
        .route("/v1/user/shipping_address", get(address))
        .route("/v1/user/unlink", post(unlink))
        .layer(middleware::from_fn_with_state(fake.clone(), faults))
        .with_state(fake)
}

/// Notes each request, and answers as the test wants.
async fn faults(State(fake): State<Fake>, request: Request, next: Next) -> Response {
    let path = request.uri().path().to_owned();
    let (fault, count) = {
        let mut state = fake.state();
        state.requests.push(format!("{} {}", request.method(), request.uri()));
        (state.faults.get(&path).or(state.faults.get("*")).copied(), state.requests.len())
    };
    match fault {
        None => next.run(request).await,
        Some(Fault::Down) => StatusCode::SERVICE_UNAVAILABLE.into_response(),
        Some(Fault::Nonsense) => "<!doctype html><p>maintenance".into_response(),
        Some(Fault::Late) => {
            let response = next.run(request).await;
            if count % 2 == 0 {
                tokio::time::sleep(Duration::from_millis(15)).await;
            }
            response
        }
        Some(Fault::Silent) => {
            tokio::time::sleep(Duration::from_secs(60)).await;
            StatusCode::GATEWAY_TIMEOUT.into_response()
        }
    }
}

async fn configuration(State(fake): State<Fake>) -> Json<Value> {
    let issuer = fake.issuer();
    Json(json!({
        "issuer": issuer,
        "authorization_endpoint": format!("{issuer}/oauth/authorize"),
        "token_endpoint": format!("{issuer}/oauth/token"),
        "userinfo_endpoint": format!("{issuer}/v1/oidc/userinfo"),
        "jwks_uri": format!("{issuer}/jwks.json"),
        "response_types_supported": ["code"],
        "subject_types_supported": ["public"],
        "id_token_signing_alg_values_supported": ["RS256"],
        "token_endpoint_auth_methods_supported": ["client_secret_post"],
    }))
}

async fn keys(State(fake): State<Fake>) -> Json<Value> {
    // A key of another kind beside it, as real providers have.
    let other = json!({ "kty": "OKP", "crv": "Ed25519", "kid": "log", "use": "sig",
                        "x": "11qYAYKxCrfVS_7TyWQHOg7hcvPapiMlrwIaaPcHURo" });
    Json(json!({ "keys": [other, fake.key.public()] }))
}

/// The consent screen is answered at once: with everything that is asked, or with a cancel.
async fn authorize(State(fake): State<Fake>, request: Request) -> Response {
    let query = pairs(request.uri().query().unwrap_or_default());
    assert_eq!(query["client_id"], CLIENT_ID);
    assert_eq!(query["response_type"], "code");
    assert_eq!(query["code_challenge_method"], "S256");
    assert!(query["scope"].split([' ', ',']).any(|scope| scope == "openid"), "{query:?}");
    let mut state = fake.state();
    let is_silent = query.get("prompt").is_some_and(|prompt| prompt == "none");
    let named = query.get("service_terms").map(|tags| tags.split(',').collect::<Vec<_>>());
    let is_connected = |sub: &String| state.users[sub].connected_at.is_some();
    let who = query.get("login_hint").cloned().or(state.who.clone());
    let outcome = match who {
        None => Err("login_required"),
        Some(sub) if is_silent && !is_connected(&sub) => Err("consent_required"),
        Some(_) if state.cancels => Err("access_denied"),
        Some(sub) => Ok(sub),
    };
    let mut to = Url::parse(&query["redirect_uri"]).unwrap();
    match outcome {
        Err(error) => {
            to.query_pairs_mut().append_pair("error", error);
        }
        Ok(sub) => {
            let asked: Vec<&str> = TERMS
                .iter()
                .map(|(tag, _)| *tag)
                .filter(|tag| match &named {
                    Some(named) => named.contains(tag),
                    None => *tag != "coupons",
                })
                .collect();
            if !state.link(&sub, &asked) && named.is_some() {
                let user = state.users.get_mut(&sub).unwrap();
                user.terms.extend(asked.into_iter().map(str::to_owned));
            }
            let code = state.new_secret("code");
            let entry = Code {
                sub,
                nonce: query.get("nonce").cloned(),
                challenge: query["code_challenge"].clone(),
            };
            state.codes.insert(code.clone(), entry);
            to.query_pairs_mut().append_pair("code", &code);
        }
    }
    to.query_pairs_mut().append_pair("state", &query["state"]);
    Redirect::to(to.as_str()).into_response()
}

async fn token(State(fake): State<Fake>, body: Body) -> Response {
    let form = to_bytes(body, 16384).await.unwrap();
    let form = pairs(std::str::from_utf8(&form).unwrap());
    let mut state = fake.state();
    let code = form.get("code").and_then(|code| state.codes.remove(code));
    let verifier = form.get("code_verifier").map(|it| Sha256::digest(it.as_bytes()));
    let verifier = verifier.map(|digest| URL_SAFE_NO_PAD.encode(digest));
    let is_client = form.get("client_id").is_some_and(|it| it == CLIENT_ID)
        && form.get("client_secret").is_some_and(|it| it == CLIENT_SECRET);
    let Some(code) = code.filter(|it| is_client && Some(&it.challenge) == verifier.as_ref()) else {
        let error = json!({ "error": "invalid_grant", "error_code": "KOE320",
                            "error_description": "authorization code not found" });
        return (StatusCode::BAD_REQUEST, Json(error)).into_response();
    };
    let now = std::time::SystemTime::now().duration_since(std::time::UNIX_EPOCH).unwrap().as_secs();
    let nonce = if state.wrong_nonce { Some("another".to_owned()) } else { code.nonce };
    let claims = json!({ "iss": state.issuer, "aud": CLIENT_ID, "sub": code.sub, "iat": now,
                         "exp": now + 600, "auth_time": now, "nonce": nonce });
    let key = if state.wrong_key { &fake.forger } else { &fake.key };
    let id_token = key.sign("JWT", &claims);
    let access_token = state.new_secret("token");
    state.tokens.insert(access_token.clone(), code.sub);
    let tokens = json!({ "access_token": access_token, "token_type": "bearer", "expires_in": 3600,
                         "refresh_token": "refresh-of-the-fake-provider", "id_token": id_token });
    Json(tokens).into_response()
}

async fn me(State(fake): State<Fake>, request: Request) -> Response {
    about(&fake, request, |sub, user| {
        let shown = user.email.filter(|_| !user.refuses_email);
        json!({
            "id": sub.parse::<i64>().unwrap(),
            "connected_at": rfc3339(user.connected_at.unwrap()),
            "kakao_account": {
                "profile": { "nickname": user.nickname },
                "email": shown,
                "is_email_valid": shown.map(|_| true),
                "is_email_verified": shown.map(|_| user.email_verified),
                "email_needs_agreement": user.refuses_email,
                "phone_number": user.phone,
            },
        })
    })
    .await
}

async fn terms(State(fake): State<Fake>, request: Request) -> Response {
    about(&fake, request, |sub, user| {
        let term = |(tag, required): &(&str, bool)| {
            let agreed = user.terms.contains(*tag);
            json!({ "tag": tag, "required": required, "agreed": agreed, "revocable": false,
                    "agreed_at": agreed.then_some("2026-11-27T09:20:00Z") })
        };
        let terms: Vec<Value> = TERMS.iter().map(term).collect();
        json!({ "id": sub.parse::<i64>().unwrap(), "service_terms": terms })
    })
    .await
}

async fn scopes(State(fake): State<Fake>, request: Request) -> Response {
    about(&fake, request, |sub, user| {
        json!({ "id": sub.parse::<i64>().unwrap(), "scopes": [
            { "id": "account_email", "display_name": "E-mail", "type": "PRIVACY", "using": true,
              "agreed": !user.refuses_email, "revocable": false },
        ] })
    })
    .await
}

async fn channels(State(fake): State<Fake>, request: Request) -> Response {
    about(&fake, request, |sub, user| match user.channel {
        Some(relation) => json!({ "user_id": sub.parse::<i64>().unwrap(), "channels": [
            { "channel_uuid": "@tea", "channel_public_id": "_teahouse", "relation": relation },
        ] }),
        None => json!({ "msg": "not a user of the messenger", "code": -501 }),
    })
    .await
}

async fn address(State(fake): State<Fake>, request: Request) -> Response {
    about(&fake, request, |sub, user| {
        let address = user.address.map(|line| {
            json!({ "id": 1, "is_default": true, "base_address": line, "detail_address": "3층" })
        });
        json!({ "user_id": sub.parse::<i64>().unwrap(),
                "shipping_addresses": address.into_iter().collect::<Vec<_>>() })
    })
    .await
}

async fn unlink(State(fake): State<Fake>, request: Request) -> Response {
    let who = who(&fake, request).await;
    match who {
        Ok(sub) => {
            fake.unlink(&sub);
            Json(json!({ "id": sub.parse::<i64>().unwrap() })).into_response()
        }
        Err(response) => *response,
    }
}

async fn about(
    fake: &Fake,
    request: Request,
    answer: impl FnOnce(&str, &super::User) -> Value,
) -> Response {
    match who(fake, request).await {
        Ok(sub) => {
            let value = answer(&sub, &fake.state().users[&sub]);
            let is_error = value.get("code").is_some();
            let status = if is_error { StatusCode::BAD_REQUEST } else { StatusCode::OK };
            (status, Json(value)).into_response()
        }
        Err(response) => *response,
    }
}

/// The linked user whom a call is about.
async fn who(fake: &Fake, request: Request) -> Result<String, Box<Response>> {
    let refused = |status: StatusCode, code: i64| {
        Box::new((status, Json(json!({ "msg": "refused", "code": code }))).into_response())
    };
    let (parts, body) = request.into_parts();
    let body = to_bytes(body, 16384).await.unwrap();
    let mut parameters = pairs(parts.uri.query().unwrap_or_default());
    parameters.extend(pairs(std::str::from_utf8(&body).unwrap()));
    let authorization = parts.headers[header::AUTHORIZATION].to_str().unwrap();
    let state = fake.state();
    let sub = if let Some(token) = authorization.strip_prefix("Bearer ") {
        state.tokens.get(token).cloned()
    } else {
        let is_admin = authorization == format!("KakaoAK {ADMIN_KEY}");
        assert_eq!(parameters["target_id_type"], "user_id");
        parameters.get("target_id").filter(|_| is_admin).cloned()
    };
    let sub = sub.ok_or_else(|| refused(StatusCode::UNAUTHORIZED, -401))?;
    match state.users.get(&sub) {
        None => Err(refused(StatusCode::BAD_REQUEST, -103)),
        Some(user) if user.connected_at.is_none() => Err(refused(StatusCode::BAD_REQUEST, -101)),
        Some(_) => Ok(sub),
    }
}

fn pairs(text: &str) -> Pairs {
    form_urlencoded::parse(text.as_bytes()).into_owned().collect()
}

fn rfc3339(at: i64) -> String {
    use time::{OffsetDateTime, format_description::well_known::Rfc3339};
    OffsetDateTime::from_unix_timestamp(at).unwrap().format(&Rfc3339).unwrap()
}
