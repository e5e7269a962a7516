//! Kakao's dialect over HTTP.

mod account_page;
mod admin;
mod authorize;
mod bad_input;
mod channels;
mod connection;
mod logout;
mod me;
mod openid;
mod properties;
mod receipts;
mod scopes;
mod screen;
mod shipping;
mod terms;
mod token;

use axum::{
    body::Body,
    http::{Request, StatusCode},
};
use consent_contract::{decision::Recorded, item::ItemKey};
use serde_json::Value;
use url::form_urlencoded;

use crate::browser::{Answer, Browser, Server, agreement, parameter};

pub const FORM: &str = "application/x-www-form-urlencoded";
pub const CALLBACK: &str = "https://shop.example/callback";
pub const SECRET: &str = "a-secret-of-the-shop";
pub const ADMIN_KEY: &str = "an-admin-key-of-the-shop";

/// A Kakao app with every kind of question, and accounts that stand differently with it.
pub const SHOP: &str = r#"[sign_in]
login_url = "/login/"
account_header = "x-account"

[[service]]
client_id = "shop-rest-api-key"
name = { ko = "가게", en = "The Shop" }
company = "가게 주식회사"
redirect_uris = ["https://shop.example/callback", "http://localhost:3000/callback"]
approved = true
client_secret = "a-secret-of-the-shop"
dialect = "kakao"
min_age = 14

[service.kakao]
app_id = 123456
admin_key = "an-admin-key-of-the-shop"
logout_redirect_uris = ["https://shop.example/bye"]
properties = ["grade"]

[[service.terms]]
tag = "tos"
kind = "service"
required = true
version = "1"
effective_from = 2026-01-01
title = "이용약관"
text = "물건을 팝니다."

[[service.terms]]
tag = "marketing"
kind = "marketing"
required = false
version = "1"
effective_from = 2026-01-01
title = "광고성 정보 수신"
text = "소식을 보냅니다."

[[service.terms]]
tag = "points"
kind = "service"
required = true
only_when_requested = true
version = "1"
effective_from = 2026-01-01
title = "적립금 약관"
text = "적립금을 드립니다."

[service.personal_info]
recipient = "가게 주식회사"
purpose = "주문"
retention = "1년"
refusal_effect = "주문할 수 없습니다"

[[service.personal_info.items]]
id = "profile_nickname"
label = { ko = "닉네임", en = "Nickname" }
required = true

[[service.personal_info.items]]
id = "account_email"
label = { ko = "이메일", en = "Email address" }
required = false

[[service.personal_info.items]]
id = "phone_number"
label = { ko = "전화번호", en = "Phone number" }
required = false
only_when_requested = true

[[service.personal_info.items]]
id = "shipping_address"
label = { ko = "배송지", en = "Shipping address" }
required = false

[[service.channels]]
public_id = "_shop"
name = "가게 소식"
primary = true

[[service.channels]]
public_id = "_sale"
name = "할인 소식"

[[account]]
id = "hana"
nickname = "하나"
email = "hana@example.com"
phone = "+821012345678"

[[account.shipping_addresses]]
base_address = "서울시 중구 세종대로 110"
updated_at = "2026-10-01T00:00:00Z"

[[account]]
id = "bare"
nickname = "맨손"

[[account]]
id = "plain"
nickname = "그냥"
links = [{ service = "shop-rest-api-key", how = "plain_login", at = "2026-01-02T00:00:00Z" }]

[[account]]
id = "young"
nickname = "어린이"
under_14 = true
links = [{ service = "shop-rest-api-key", how = "combined_screen", at = "2026-01-02T00:00:00Z", terms = { tos = "1" }, items = ["profile_nickname"] }]

[[account]]
id = "no-talk"
nickname = "무톡"
messenger_registered = false
"#;

/// The shop, with some of its configuration replaced.
pub async fn server_with(changes: &[(&str, &str)]) -> Server {
    let mut toml = SHOP.to_owned();
    for (before, after) in changes {
        assert!(toml.contains(before), "{before}");
        toml = toml.replace(before, after);
    }
    Server::configured(&toml).await.unwrap()
}

pub async fn server() -> Server {
    server_with(&[]).await
}

/// What every authorize request of the shop says, with some of it replaced; an empty value takes a
/// parameter away.
pub fn request<'a>(changes: &[(&'a str, &'a str)]) -> Vec<(&'a str, &'a str)> {
    let mut pairs = vec![
        ("client_id", "shop-rest-api-key"),
        ("redirect_uri", CALLBACK),
        ("response_type", "code"),
        ("state", "state of the shop"),
    ];
    for (name, value) in changes {
        pairs.retain(|(key, _)| key != name);
        if !value.is_empty() {
            pairs.push((name, value));
        }
    }
    pairs
}

pub fn form(pairs: &[(&str, &str)]) -> String {
    form_urlencoded::Serializer::new(String::new()).extend_pairs(pairs).finish()
}

/// A token request of the shop, with some of it replaced; an empty value takes a parameter away.
pub async fn token(server: &Server, code: &str, changes: &[(&str, &str)]) -> Answer {
    let mut pairs = vec![
        ("grant_type", "authorization_code"),
        ("client_id", "shop-rest-api-key"),
        ("client_secret", SECRET),
        ("redirect_uri", CALLBACK),
        ("code", code),
    ];
    for (name, value) in changes {
        pairs.retain(|(key, _)| key != name);
        if !value.is_empty() {
            pairs.push((name, value));
        }
    }
    server.browser().post("/oauth/token", FORM, form(&pairs)).await
}

/// Everything ticked.
pub fn everything(_: &ItemKey, _: bool) -> bool {
    true
}

/// Only what is required.
pub fn required(_: &ItemKey, required: bool) -> bool {
    required
}

/// Agrees on the screen and gives the code.
pub async fn agree(
    browser: &mut Browser,
    parameters: &[(&str, &str)],
    ticked: impl Fn(&ItemKey, bool) -> bool,
) -> String {
    let challenge = browser.authorize(parameters).await.challenge();
    let asked = browser.asked(&challenge).await;
    let answer = browser.decide(&challenge, &agreement(&asked, ticked)).await;
    assert_eq!(answer.status, StatusCode::OK, "{}", answer.text());
    let recorded: Recorded = answer.json();
    parameter(&recorded.redirect_to, "code").unwrap()
}

/// Signs an account up with everything ticked, and gives the tokens.
pub async fn sign_up(server: &Server, account: &'static str) -> Value {
    sign_up_with(server, account, everything).await
}

/// Signs an account up, and gives the tokens.
pub async fn sign_up_with(
    server: &Server,
    account: &'static str,
    ticked: impl Fn(&ItemKey, bool) -> bool,
) -> Value {
    let code = agree(&mut server.proxied(account), &request(&[]), ticked).await;
    let answer = token(server, &code, &[]).await;
    assert_eq!(answer.status, StatusCode::OK, "{}", answer.text());
    answer.json()
}

/// The Authorization header of an access token.
pub fn bearer(tokens: &Value) -> String {
    format!("Bearer {}", tokens["access_token"].as_str().unwrap())
}

pub fn admin() -> String {
    format!("KakaoAK {ADMIN_KEY}")
}

/// A call without a body.
pub async fn get(server: &Server, path: &str, authorization: &str) -> Answer {
    send(server, Request::get(path), authorization, "").await
}

/// A call with a form.
pub async fn post(
    server: &Server,
    path: &str,
    authorization: &str,
    body: &[(&str, &str)],
) -> Answer {
    let request = Request::post(path).header("content-type", FORM);
    send(server, request, authorization, &form(body)).await
}

pub async fn send(
    server: &Server,
    mut request: axum::http::request::Builder,
    authorization: &str,
    body: &str,
) -> Answer {
    if !authorization.is_empty() {
        request = request.header("authorization", authorization);
    }
    server.browser().send(request.body(Body::from(body.to_owned())).unwrap()).await
}

/// The body of a call that succeeds.
#[track_caller]
pub fn ok(answer: &Answer) -> Value {
    assert_eq!(answer.status, StatusCode::OK, "{}", answer.text());
    assert_eq!(answer.header("content-type"), "application/json");
    assert_eq!(answer.header("cache-control"), "no-store");
    answer.json()
}

/// The body of an error, which must have this status and code.
#[track_caller]
pub fn error(answer: &Answer, status: u16, code: i64) -> Value {
    assert_eq!(answer.status.as_u16(), status, "{}", answer.text());
    assert_eq!(answer.header("content-type"), "application/json", "{}", answer.text());
    let body: Value = answer.json();
    assert_eq!(body["code"], code, "{body}");
    assert!(body["msg"].as_str().is_some_and(|msg| !msg.is_empty()), "{body}");
    if status == 401 {
        assert_eq!(answer.header("www-authenticate"), "Bearer error=invalid_token");
    }
    body
}

/// The id of the user of these tokens.
pub async fn user_id(server: &Server, tokens: &Value) -> i64 {
    ok(&get(server, "/v2/user/me", &bearer(tokens)).await)["id"].as_i64().unwrap()
}

/// The parameters that name a user beside an admin key.
pub fn target(id: i64) -> String {
    format!("target_id_type=user_id&target_id={id}")
}
