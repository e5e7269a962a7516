//! Codes and tokens.

use aws_lc_rs::signature::{RSA_PKCS1_2048_8192_SHA256, RsaPublicKeyComponents};
use axum::{
    body::Body,
    http::{Request, StatusCode},
};
use base64::{
    Engine,
    engine::general_purpose::{STANDARD, URL_SAFE_NO_PAD},
};
use serde_json::Value;
use url::form_urlencoded;

use crate::browser::{Answer, Browser, Server, VERIFIER, parameter, required_only, service};

const FORM: &str = "application/x-www-form-urlencoded";

fn form(pairs: &[(&str, &str)]) -> String {
    form_urlencoded::Serializer::new(String::new()).extend_pairs(pairs).finish()
}

/// What the shop sends for a code, with some of it replaced; an empty value takes it away.
fn redemption(code: &str, changes: &[(&str, &str)]) -> String {
    let mut pairs = vec![
        ("grant_type", "authorization_code"),
        ("code", code),
        ("redirect_uri", "http://127.0.0.1:8080/demo/callback"),
        ("client_id", "demo-shop"),
        ("client_secret", "demo-shop-is-no-secret"),
        ("code_verifier", VERIFIER),
    ];
    for (name, value) in changes {
        pairs.retain(|(key, _)| key != name);
        if !value.is_empty() {
            pairs.push((name, value));
        }
    }
    form(&pairs)
}

async fn token(server: &Server, body: String) -> Answer {
    server.browser().post("/oauth/token", FORM, body).await
}

/// Redeems a code of the shop.
pub async fn redeem(server: &Server, code: &str) -> Answer {
    token(server, redemption(code, &[])).await
}

async fn code(browser: &mut Browser, more: &[(&str, &str)]) -> String {
    let parameters = [&service("demo-shop")[..], more].concat();
    browser.authorize(&parameters).await.location_parameter("code").unwrap()
}

/// The claims of a token whose signature the JWKS bears out. Not by the library that signed it.
pub async fn verified(server: &Server, id_token: &str) -> Value {
    let jwks: Value = server.browser().get("/.well-known/jwks.json").await.json();
    let parts: Vec<&str> = id_token.split('.').collect();
    let decode = |part: &str| URL_SAFE_NO_PAD.decode(part).unwrap();
    let header: Value = serde_json::from_slice(&decode(parts[0])).unwrap();
    assert_eq!(header["alg"], "RS256");
    let key = jwks["keys"].as_array().unwrap().iter().find(|key| key["kid"] == header["kid"]);
    let key = key.unwrap();
    assert_eq!((&key["kty"], &key["use"]), (&Value::from("RSA"), &Value::from("sig")));
    assert!(key.get("d").is_none(), "the private half stays here");
    let number = |name: &str| decode(key[name].as_str().unwrap());
    let key = RsaPublicKeyComponents { n: number("n"), e: number("e") };
    let signed = format!("{}.{}", parts[0], parts[1]);
    key.verify(&RSA_PKCS1_2048_8192_SHA256, signed.as_bytes(), &decode(parts[2])).unwrap();
    let forged = format!("{}.{}", parts[0], URL_SAFE_NO_PAD.encode("{\"sub\":\"user\"}"));
    key.verify(&RSA_PKCS1_2048_8192_SHA256, forged.as_bytes(), &decode(parts[2])).unwrap_err();
    serde_json::from_slice(&decode(parts[1])).unwrap()
}

#[tokio::test]
async fn a_code_becomes_tokens_with_what_was_agreed_to() {
    let server = Server::demo().await;
    let mut browser = server.browser_of("no-email").await;
    let challenge = browser.challenged("demo-shop", &[("scope", "openid")]).await;
    let recorded = browser.agrees(&challenge).await;
    let answer = redeem(&server, &parameter(&recorded.redirect_to, "code").unwrap()).await;
    assert_eq!(answer.status, StatusCode::OK, "{}", answer.text());
    assert_eq!(answer.header("cache-control"), "no-store");
    let tokens: Value = answer.json();
    assert_eq!(tokens["token_type"], "Bearer");
    assert_eq!(tokens["scope"], "openid profile_nickname account_email");
    let claims = verified(&server, tokens["id_token"].as_str().unwrap()).await;
    assert_eq!(claims["iss"], "http://127.0.0.1:8080");
    assert_eq!(claims["aud"], "demo-shop");
    assert_eq!(claims["nonce"], "n-0S6");
    assert!(claims.get("nickname").is_none(), "claims are at userinfo (OpenID Connect Core, 5.4)");
    assert!(claims["exp"].as_i64().unwrap() > claims["iat"].as_i64().unwrap());
    assert!(claims["auth_time"].is_i64());

    let bearer = format!("Bearer {}", tokens["access_token"].as_str().unwrap());
    let userinfo = async |authorization: &str| {
        let request = Request::get("/oauth/userinfo").header("authorization", authorization);
        server.browser().send(request.body(Body::empty()).unwrap()).await
    };
    let info: Value = userinfo(&bearer).await.json();
    assert_eq!(info["sub"], claims["sub"]);
    assert_eq!(info["nickname"], "이솔");
    assert_eq!(info["email"], "typed@example.com");
    assert_eq!(info["email_verified"], false, "typed values are unverified");
    assert!(info.get("phone_number").is_none(), "refused");
    for (bad, status) in [("Bearer nonsense", 401), ("Basic eDp5", 401), ("Bearer", 400)] {
        let answer = userinfo(bad).await;
        assert_eq!(answer.status.as_u16(), status);
        assert!(answer.header("www-authenticate").starts_with("Bearer"));
    }
    server.clock.advance(60 * 60 + 1);
    assert_eq!(userinfo(&bearer).await.status, StatusCode::UNAUTHORIZED);
}

#[tokio::test]
async fn a_person_has_one_name_at_a_service_and_another_at_the_next() {
    let server = Server::demo().await;
    let mut browser = server.browser_of("returning").await;
    let mut subject = async |client_id: &str| {
        let parameters = [&service(client_id)[..], &[("scope", "openid")]].concat();
        let code = browser.authorize(&parameters).await.location_parameter("code").unwrap();
        let secret = if client_id == "demo-shop" { "demo-shop-is-no-secret" } else { "" };
        let changes = [("client_id", client_id), ("client_secret", secret)];
        let tokens: Value = token(&server, redemption(&code, &changes)).await.json();
        verified(&server, tokens["id_token"].as_str().unwrap()).await["sub"].clone()
    };
    let shop = subject("demo-shop").await;
    assert_eq!(subject("demo-shop").await, shop);
    assert_ne!(subject("demo-travel").await, shop);
}

#[tokio::test]
async fn without_openid_there_is_no_id_token() {
    let server = Server::demo().await;
    let mut browser = server.browser_of("returning").await;
    let code = code(&mut browser, &[]).await;
    let tokens: Value = redeem(&server, &code).await.json();
    assert!(tokens.get("id_token").is_none());
    assert_eq!(tokens["scope"], "profile_nickname account_email phone_number");
}

#[tokio::test]
async fn a_code_that_comes_twice_takes_its_tokens_back() {
    let server = Server::demo().await;
    let mut browser = server.browser_of("returning").await;
    let code = code(&mut browser, &[]).await;
    let tokens: Value = redeem(&server, &code).await.json();
    let again = redeem(&server, &code).await;
    assert_eq!(again.status, StatusCode::BAD_REQUEST);
    assert_eq!(again.json::<Value>()["error"], "invalid_grant");
    let bearer = format!("Bearer {}", tokens["access_token"].as_str().unwrap());
    let request = Request::get("/oauth/userinfo").header("authorization", bearer);
    let answer = server.browser().send(request.body(Body::empty()).unwrap()).await;
    assert_eq!(answer.status, StatusCode::UNAUTHORIZED);
}

#[tokio::test]
async fn only_who_may_redeems_a_code() {
    let server = Server::demo().await;
    let mut browser = server.browser_of("returning").await;
    let code = code(&mut browser, &[]).await;
    let verifier = "another-verifier-another-verifier-another-verifier";
    for (changes, status, error) in [
        (vec![("code", "made-up")], 400, "invalid_grant"),
        (vec![("code_verifier", verifier)], 400, "invalid_grant"),
        (vec![("code_verifier", "")], 400, "invalid_grant"),
        (vec![("redirect_uri", "http://127.0.0.1:9/demo/callback")], 400, "invalid_grant"),
        (vec![("redirect_uri", "")], 400, "invalid_request"),
        (vec![("grant_type", "password")], 400, "unsupported_grant_type"),
        (vec![("grant_type", "")], 400, "invalid_request"),
        (vec![("client_secret", "wrong")], 401, "invalid_client"),
        (vec![("client_secret", "")], 401, "invalid_client"),
        (vec![("client_id", "unknown")], 401, "invalid_client"),
        (vec![("client_id", "demo-travel"), ("client_secret", "")], 400, "invalid_grant"),
        (vec![("client_id", "demo-travel")], 401, "invalid_client"),
    ] {
        let answer = token(&server, redemption(&code, &changes)).await;
        assert_eq!(answer.status.as_u16(), status, "{changes:?}: {}", answer.text());
        assert_eq!(answer.json::<Value>()["error"], error, "{changes:?}");
        assert_eq!(answer.header("cache-control"), "no-store");
    }
    let twice = redemption(&code, &[]) + "&code=other";
    assert_eq!(token(&server, twice).await.json::<Value>()["error"], "invalid_request");
    let json = server.browser().post("/oauth/token", "application/json", "{}").await;
    assert_eq!(json.json::<Value>()["error"], "invalid_request");
    // None of that used it up.
    assert_eq!(redeem(&server, &code).await.status, StatusCode::OK);
}

#[tokio::test]
async fn a_code_is_good_for_a_minute() {
    let server = Server::demo().await;
    let mut browser = server.browser_of("returning").await;
    let code = code(&mut browser, &[]).await;
    server.clock.advance(60);
    assert_eq!(redeem(&server, &code).await.json::<Value>()["error"], "invalid_grant");
}

#[tokio::test]
async fn a_verifier_that_was_never_announced_is_refused() {
    let server = Server::demo().await;
    let mut browser = server.browser_of("returning").await;
    let mut parameters = service("demo-shop");
    parameters.retain(|(key, _)| !key.starts_with("code_challenge"));
    let code = browser.authorize(&parameters).await.location_parameter("code").unwrap();
    assert_eq!(redeem(&server, &code).await.json::<Value>()["error"], "invalid_grant");
    let answer = token(&server, redemption(&code, &[("code_verifier", "")])).await;
    assert_eq!(answer.status, StatusCode::OK);
}

#[tokio::test]
async fn a_client_may_authenticate_with_basic_but_not_twice() {
    let server = Server::demo().await;
    let mut browser = server.browser_of("returning").await;
    let code = code(&mut browser, &[]).await;
    let send = async |secret: &str, changes: &[(&str, &str)]| {
        let basic = STANDARD.encode(format!("demo-shop:{secret}"));
        let request = Request::post("/oauth/token")
            .header("content-type", FORM)
            .header("authorization", format!("Basic {basic}"))
            .body(Body::from(redemption(&code, changes)))
            .unwrap();
        server.browser().send(request).await
    };
    let wrong = send("wrong", &[("client_secret", "")]).await;
    assert_eq!(wrong.status, StatusCode::UNAUTHORIZED);
    assert!(wrong.header("www-authenticate").starts_with("Basic"));
    let twice = send("demo-shop-is-no-secret", &[]).await;
    assert_eq!(twice.json::<Value>()["error"], "invalid_request");
    // As in a form, which the standard wants here (RFC 6749, 2.3.1).
    let good =
        send("demo%2Dshop%2Dis-no-secret", &[("client_secret", ""), ("client_id", "")]).await;
    assert_eq!(good.status, StatusCode::OK, "{}", good.text());
}

#[tokio::test]
async fn secrets_are_not_in_the_database() {
    if !crate::database::is_sqlite("tokens::secrets_are_not_in_the_database") {
        return;
    }
    let server = Server::demo().await;
    let mut browser = server.browser_of("new").await;
    let challenge = browser.challenged("demo-shop", &[]).await;
    let request = browser.asked(&challenge).await;
    let recorded: consent_contract::decision::Recorded =
        browser.decide(&challenge, &required_only(&request)).await.json();
    let code = parameter(&recorded.redirect_to, "code").unwrap();
    let tokens: Value = redeem(&server, &code).await.json();
    let mut bytes = Vec::new();
    for file in ["consent.sqlite", "consent.sqlite-wal"] {
        bytes.extend(std::fs::read(server.folder.path().join("data").join(file)).unwrap());
    }
    let holds = |text: &str| bytes.windows(text.len()).any(|window| window == text.as_bytes());
    assert!(holds(&recorded.receipt_id), "the database was read");
    let session = browser.cookie("session");
    let access_token = tokens["access_token"].as_str().unwrap();
    for secret in [&code, session, access_token, &challenge, &request.csrf_token] {
        assert!(!holds(secret));
    }
}

#[tokio::test]
async fn clients_can_find_out_by_themselves() {
    let server = Server::demo().await;
    let found: Value = server.browser().get("/.well-known/openid-configuration").await.json();
    assert_eq!(found["issuer"], "http://127.0.0.1:8080");
    for endpoint in ["authorization_endpoint", "token_endpoint", "userinfo_endpoint", "jwks_uri"] {
        let path = found[endpoint].as_str().unwrap().strip_prefix("http://127.0.0.1:8080").unwrap();
        assert_ne!(server.browser().get(path).await.status, StatusCode::NOT_FOUND, "{endpoint}");
    }
}
