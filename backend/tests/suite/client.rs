//! Services that sign people in with the code flow, and what they send afterwards.

use axum::{
    body::Body,
    http::{Request, StatusCode},
};
use consent_contract::{decision::Recorded, item::ItemKey};
use serde_json::Value;
use url::form_urlencoded;

use crate::browser::{Answer, Browser, CHALLENGE, Server, VERIFIER, agreement, parameter};

pub const FORM: &str = "application/x-www-form-urlencoded";

/// A service with two terms, three items and a channel.
fn service(client_id: &str, name: &str, secret: Option<&str>) -> String {
    let secret = secret.map(|it| format!("client_secret = \"{it}\"\n")).unwrap_or_default();
    format!(
        r#"
[[service]]
client_id = "{client_id}"
name = "{name}"
company = "{name} 주식회사"
redirect_uris = ["https://{client_id}.example/callback"]
post_logout_redirect_uris = ["https://{client_id}.example/signed-out", "https://{client_id}.example/bye?x=1"]
approved = true
{secret}
[[service.terms]]
tag = "tos"
kind = "service"
required = true
version = "1"
effective_from = 2026-01-01
title = "이용약관"
text = "물건을 팝니다."

[[service.terms]]
tag = "news"
kind = "marketing"
required = false
version = "7"
effective_from = 2026-01-01
title = "광고성 정보 수신"
text = "소식을 보냅니다."

[[service.terms]]
tag = "later"
kind = "service"
required = false
only_when_requested = true
version = "1"
effective_from = 2026-01-01
title = "추가 약관"
text = "나중에 묻습니다."

[service.personal_info]
recipient = "{name} 주식회사"
purpose = "주문"
retention = "1년"
refusal_effect = "주문할 수 없습니다"

[[service.personal_info.items]]
id = "profile_nickname"
label = "닉네임"
required = true

[[service.personal_info.items]]
id = "account_email"
label = "이메일"
required = false

[[service.personal_info.items]]
id = "phone_number"
label = "전화번호"
required = false

[[service.channels]]
public_id = "_{client_id}"
name = "{name}"
primary = true
"#
    )
}

/// Two confidential clients, `shop` and `books`, and a public one, `maps`; behind a proxy that names
/// `hana` and `duri`, with a login page.
pub fn services() -> String {
    let mut toml = service("shop", "가게", Some("the secret of the shop"));
    toml += &service("books", "서점", Some("the secret of the books"));
    toml += &service("maps", "지도", None);
    toml += "\n[sign_in]\naccount_header = \"x-account\"\nlogin_url = \"/login/\"\n";
    for (id, nickname, phone) in [("hana", "하나", "01011112222"), ("duri", "두리", "01033334444")]
    {
        toml += &format!(
            "\n[[account]]\nid = \"{id}\"\nnickname = \"{nickname}\"\n\
             email = \"{id}@example.com\"\nphone = \"{phone}\"\nmessenger_registered = true\n"
        );
    }
    toml
}

pub async fn server() -> Server {
    Server::configured(&services()).await.unwrap()
}

/// What a client authenticates with.
pub fn credentials(client_id: &str) -> Vec<(&'static str, String)> {
    let id = ("client_id", client_id.to_owned());
    match client_id {
        "maps" => vec![id],
        other => vec![id, ("client_secret", format!("the secret of the {other}"))],
    }
}

/// Sends a form with the credentials of a client.
pub async fn post(
    server: &Server,
    path: &str,
    client_id: &str,
    parameters: &[(&str, &str)],
) -> Answer {
    let mut form = form_urlencoded::Serializer::new(String::new());
    form.extend_pairs(credentials(client_id)).extend_pairs(parameters);
    server.browser().post(path, FORM, form.finish()).await
}

/// The authorize request of a client.
pub fn request<'a>(
    client_id: &'a str,
    redirect_uri: &'a str,
    scope: &'a str,
) -> Vec<(&'a str, &'a str)> {
    vec![
        ("response_type", "code"),
        ("client_id", client_id),
        ("redirect_uri", redirect_uri),
        ("scope", scope),
        ("state", "a state"),
        ("nonce", "n-0S6"),
        ("code_challenge", CHALLENGE),
        ("code_challenge_method", "S256"),
    ]
}

/// A code for the person of this browser. Who has to agree to something ticks these keys and what is
/// required.
pub async fn code(browser: &mut Browser, client_id: &str, scope: &str, ticked: &[&str]) -> String {
    let redirect_uri = format!("https://{client_id}.example/callback");
    let answer = browser.authorize(&request(client_id, &redirect_uri, scope)).await;
    let location = answer.location().to_owned();
    let Some(challenge) = location.strip_prefix("/consent/") else {
        return parameter(&location, "code").unwrap_or_else(|| panic!("{location}"));
    };
    let asked = browser.asked(challenge).await;
    let is_ticked = |key: &ItemKey, required| required || ticked.contains(&&*key.to_string());
    let recorded: Recorded = browser.decide(challenge, &agreement(&asked, is_ticked)).await.json();
    parameter(&recorded.redirect_to, "code").unwrap()
}

pub async fn redeem(server: &Server, client_id: &str, code: &str) -> Answer {
    let redirect_uri = format!("https://{client_id}.example/callback");
    let parameters = [
        ("grant_type", "authorization_code"),
        ("code", code),
        ("redirect_uri", &redirect_uri),
        ("code_verifier", VERIFIER),
    ];
    post(server, "/oauth/token", client_id, &parameters).await
}

/// Signs in and redeems the code.
pub async fn tokens(
    server: &Server,
    browser: &mut Browser,
    client_id: &str,
    scope: &str,
    ticked: &[&str],
) -> Value {
    let code = code(browser, client_id, scope, ticked).await;
    let answer = redeem(server, client_id, &code).await;
    assert_eq!(answer.status, StatusCode::OK, "{}", answer.text());
    answer.json()
}

pub async fn refresh(
    server: &Server,
    client_id: &str,
    token: &str,
    more: &[(&str, &str)],
) -> Answer {
    let parameters = [("grant_type", "refresh_token"), ("refresh_token", token)];
    post(server, "/oauth/token", client_id, &[&parameters[..], more].concat()).await
}

pub async fn get(server: &Server, path: &str, access_token: &str) -> Answer {
    let request = Request::get(path).header("authorization", format!("Bearer {access_token}"));
    server.browser().send(request.body(Body::empty()).unwrap()).await
}

pub async fn userinfo(server: &Server, tokens: &Value) -> Answer {
    get(server, "/oauth/userinfo", text(tokens, "access_token")).await
}

#[track_caller]
pub fn text<'a>(message: &'a Value, name: &str) -> &'a str {
    message[name].as_str().unwrap_or_else(|| panic!("no {name}: {message}"))
}

/// The claims of an ID token, whose signature is not checked.
pub fn claims(id_token: &str) -> Value {
    use base64::{Engine, engine::general_purpose::URL_SAFE_NO_PAD};
    let payload = URL_SAFE_NO_PAD.decode(id_token.split('.').nth(1).unwrap()).unwrap();
    serde_json::from_slice(&payload).unwrap()
}

/// Whether an answer is this error of RFC 6749, 5.2.
#[track_caller]
pub fn is_error(answer: &Answer, status: u16, error: &str) {
    assert_eq!(answer.status.as_u16(), status, "{}", answer.text());
    assert_eq!(answer.header("cache-control"), "no-store");
    let body: Value = answer.json();
    assert_eq!(body["error"], error, "{body}");
    assert!(body["error_description"].as_str().unwrap().is_ascii(), "{body}");
}
