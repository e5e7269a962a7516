//! The token endpoint, with the codes of its errors.

use axum::{
    body::Body,
    http::{Request, StatusCode},
};
use base64::{Engine, engine::general_purpose::STANDARD};
use serde_json::Value;

use super::{
    CALLBACK, FORM, SECRET, agree, bearer, everything, form, get, ok, request, server, server_with,
    sign_up, token,
};
use crate::browser::{Answer, CHALLENGE, PEER, Server, VERIFIER, a_minute};

/// An error of the token step.
#[track_caller]
fn is_koe(answer: &Answer, status: u16, error: &str, code: &str) -> String {
    assert_eq!(answer.status.as_u16(), status, "{}", answer.text());
    assert_eq!(answer.header("content-type"), "application/json");
    assert_eq!(answer.header("cache-control"), "no-store");
    let body: Value = answer.json();
    assert_eq!((&body["error"], &body["error_code"]), (&error.into(), &code.into()), "{body}");
    body["error_description"].as_str().unwrap().to_owned()
}

async fn refresh(server: &Server, refresh_token: &str, changes: &[(&str, &str)]) -> Answer {
    let mut pairs = vec![
        ("grant_type", "refresh_token"),
        ("client_id", "shop-rest-api-key"),
        ("client_secret", SECRET),
        ("refresh_token", refresh_token),
    ];
    for (name, value) in changes {
        pairs.retain(|(key, _)| key != name);
        pairs.push((name, value));
    }
    server.browser().post("/oauth/token", FORM, form(&pairs)).await
}

#[tokio::test]
async fn a_code_becomes_an_access_and_a_refresh_token() {
    let server = server().await;
    let tokens = sign_up(&server, "hana").await;
    assert_eq!(tokens["token_type"], "bearer");
    assert_eq!(tokens["expires_in"], 3600);
    assert_eq!(tokens["refresh_token_expires_in"], 5_184_000);
    assert_eq!(tokens["refresh_token"].as_str().unwrap().len(), 43);
    assert_eq!(tokens["scope"], "profile_nickname account_email shipping_address");
    assert!(tokens.get("id_token").is_none(), "OpenID Connect is off");
    ok(&get(&server, "/v2/user/me", &bearer(&tokens)).await);
}

#[tokio::test]
async fn every_fault_of_a_code_has_its_koe_code() {
    let server = server().await;
    let code = agree(&mut server.proxied("hana"), &request(&[]), everything).await;
    let send = async |changes: &[(&str, &str)]| token(&server, &code, changes).await;
    for (changes, status, error, koe) in [
        (&[("grant_type", "")][..], 400, "unsupported_grant_type", "KOE310"),
        (&[("grant_type", "password")], 400, "unsupported_grant_type", "KOE310"),
        (&[("client_id", "unknown")], 401, "invalid_client", "KOE101"),
        (&[("client_id", "")], 400, "invalid_request", "KOE207"),
        (&[("client_id", super::ADMIN_KEY)], 401, "invalid_client", "KOE008"),
        (&[("client_secret", "wrong")], 401, "invalid_client", "KOE010"),
        (&[("client_secret", "")], 401, "invalid_client", "KOE010"),
        (&[("code", "")], 400, "invalid_request", "KOE207"),
        (&[("redirect_uri", "https://shop.example/")], 400, "invalid_grant", "KOE303"),
        (&[("code_verifier", VERIFIER)], 400, "invalid_grant", "KOE320"),
    ] {
        is_koe(&send(changes).await, status, error, koe);
    }
    let description = is_koe(&send(&[("code", "made-up")]).await, 400, "invalid_grant", "KOE320");
    assert_eq!(description, "authorization code not found for code=made-up");
    // None of that used it up.
    ok(&send(&[]).await);
    is_koe(&send(&[]).await, 400, "invalid_grant", "KOE320");
}

#[tokio::test]
async fn koe320_when_a_code_has_expired() {
    let server = server().await;
    let code = agree(&mut server.proxied("hana"), &request(&[]), everything).await;
    server.clock.advance(61);
    is_koe(&token(&server, &code, &[]).await, 400, "invalid_grant", "KOE320");
}

#[tokio::test]
async fn a_code_that_comes_twice_takes_its_tokens_back() {
    let server = server().await;
    let code = agree(&mut server.proxied("hana"), &request(&[]), everything).await;
    let tokens = ok(&token(&server, &code, &[]).await);
    is_koe(&token(&server, &code, &[]).await, 400, "invalid_grant", "KOE320");
    super::error(&get(&server, "/v2/user/me", &bearer(&tokens)).await, 401, -401);
    let refresh_token = tokens["refresh_token"].as_str().unwrap();
    is_koe(&refresh(&server, refresh_token, &[]).await, 400, "invalid_grant", "KOE322");
}

#[tokio::test]
async fn a_missing_redirect_uri_is_tolerated() {
    let server = server().await;
    let code = agree(&mut server.proxied("hana"), &request(&[]), everything).await;
    ok(&token(&server, &code, &[("redirect_uri", "")]).await);
}

#[tokio::test]
async fn pkce_is_checked_when_it_was_announced() {
    let server = server().await;
    let announced = [("code_challenge", CHALLENGE), ("code_challenge_method", "S256")];
    let code = agree(&mut server.proxied("hana"), &request(&announced), everything).await;
    is_koe(&token(&server, &code, &[]).await, 400, "invalid_grant", "KOE320");
    let wrong = [("code_verifier", "another-verifier-another-verifier-another-verifier")];
    is_koe(&token(&server, &code, &wrong).await, 400, "invalid_grant", "KOE320");
    ok(&token(&server, &code, &[("code_verifier", VERIFIER)]).await);
}

#[tokio::test]
async fn a_secret_that_is_switched_off_is_ignored() {
    let server = server_with(&[("client_secret = \"a-secret-of-the-shop\"\n", "")]).await;
    agree(&mut server.proxied("hana"), &request(&[]), everything).await;
    for secret in ["", "kakao"] {
        let answer = server.proxied("hana").authorize(&request(&[])).await;
        let code = answer.location_parameter("code").unwrap();
        ok(&token(&server, &code, &[("client_secret", secret)]).await);
    }
}

#[tokio::test]
async fn basic_is_refused() {
    let server = server().await;
    let code = agree(&mut server.proxied("hana"), &request(&[]), everything).await;
    let basic = STANDARD.encode(format!("shop-rest-api-key:{SECRET}"));
    let pairs =
        [("grant_type", "authorization_code"), ("code", &*code), ("redirect_uri", CALLBACK)];
    let request = Request::post("/oauth/token")
        .header("content-type", FORM)
        .header("authorization", format!("Basic {basic}"))
        .body(Body::from(form(&pairs)))
        .unwrap();
    let answer = server.browser().send(request).await;
    is_koe(&answer, 401, "invalid_client", "KOE101");
    ok(&token(&server, &code, &[]).await);
}

#[tokio::test]
async fn a_refresh_token_gives_access_tokens_and_is_replaced_near_its_end() {
    let server = server().await;
    let tokens = sign_up(&server, "hana").await;
    let first = tokens["refresh_token"].as_str().unwrap();
    let again = ok(&refresh(&server, first, &[]).await);
    assert!(again.get("refresh_token").is_none(), "more than a month is left");
    assert!(again.get("refresh_token_expires_in").is_none());
    assert_ne!(again["access_token"], tokens["access_token"]);
    assert_eq!(again["scope"], tokens["scope"]);
    ok(&get(&server, "/v2/user/me", &bearer(&again)).await);

    server.clock.advance(31 * 24 * 60 * 60);
    super::error(&get(&server, "/v2/user/me", &bearer(&again)).await, 401, -401);
    let replaced = ok(&refresh(&server, first, &[]).await);
    assert_eq!(replaced["refresh_token_expires_in"], 5_184_000);
    let second = replaced["refresh_token"].as_str().unwrap();
    assert_ne!(second, first);
    is_koe(&refresh(&server, first, &[]).await, 400, "invalid_grant", "KOE322");
    ok(&refresh(&server, second, &[]).await);
    server.clock.advance(61 * 24 * 60 * 60);
    is_koe(&refresh(&server, second, &[]).await, 400, "invalid_grant", "KOE322");
}

#[tokio::test]
async fn every_fault_of_a_refresh_has_its_koe_code() {
    let server = server().await;
    let tokens = sign_up(&server, "hana").await;
    let good = tokens["refresh_token"].as_str().unwrap();
    is_koe(&refresh(&server, "", &[]).await, 400, "invalid_request", "KOE319");
    is_koe(&refresh(&server, "made-up", &[]).await, 400, "invalid_grant", "KOE322");
    let secret = [("client_secret", "wrong")];
    is_koe(&refresh(&server, good, &secret).await, 401, "invalid_client", "KOE010");
    ok(&refresh(&server, good, &[]).await);
}

#[tokio::test]
async fn koe237_when_there_are_too_many_token_requests() {
    let toml = super::SHOP;
    let folder = tempfile::TempDir::new().unwrap();
    let file = folder.path().join("services.toml");
    std::fs::write(&file, toml).unwrap();
    let services = consent_backend::Services::File(file);
    let mut settings = crate::browser::settings(folder.path(), services);
    settings.rate_limit = a_minute(1);
    settings.trusted_proxies = vec![PEER.split(':').next().unwrap().parse().unwrap()];
    let clock = settings.clock.clone();
    let app = consent_backend::App::open(settings).await.unwrap();
    let server = Server::of(app, clock, folder);
    for _ in 0..200 {
        let answer = token(&server, "made-up", &[]).await;
        if answer.status == StatusCode::TOO_MANY_REQUESTS {
            is_koe(&answer, 429, "invalid_request", "KOE237");
            assert!((1..=60).contains(&answer.header("retry-after").parse::<u32>().unwrap()));
            return;
        }
    }
    panic!("there is no limit");
}

#[tokio::test]
async fn bad_input_gets_an_oauth_error_and_loses_nothing() {
    let server = server().await;
    let code = agree(&mut server.proxied("hana"), &request(&[]), everything).await;
    let good = form(&[
        ("grant_type", "authorization_code"),
        ("client_id", "shop-rest-api-key"),
        ("client_secret", SECRET),
        ("code", &code),
    ]);
    let json = server.browser().post("/oauth/token", "application/json", "{}").await;
    is_koe(&json, 400, "invalid_request", "KOE001");
    let large = format!("{good}&x={}", "x".repeat(20_000));
    let large = server.browser().post("/oauth/token", FORM, large).await;
    is_koe(&large, 413, "invalid_request", "KOE001");
    let twice = server.browser().post("/oauth/token", FORM, format!("{good}&code=x")).await;
    is_koe(&twice, 400, "invalid_request", "KOE001");
    let method = server.browser().get("/oauth/token").await;
    is_koe(&method, 405, "invalid_request", "KOE001");
    ok(&token(&server, &code, &[]).await);
}

#[tokio::test]
async fn koe003_when_the_server_cannot_answer() {
    let server = server().await;
    server.app.close().await;
    let answer = token(&server, "made-up", &[]).await;
    is_koe(&answer, 503, "server_error", "KOE003");
    assert!(answer.header("retry-after").parse::<u32>().is_ok());
}
