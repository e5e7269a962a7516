//! Userinfo: how a token is sent (RFC 6750), and what it gives: never more than was granted with it,
//! and never more than holds now.

use axum::{
    body::Body,
    http::{Request, StatusCode},
};
use consent_contract::item::ItemKey;
use serde_json::Value;

use crate::{
    browser::{Answer, Browser, Server, agreement},
    client::{FORM, get, post, refresh, request, server, text, tokens, userinfo},
};

async fn send(
    server: &Server,
    method: &str,
    headers: &[(&str, &str)],
    body: impl Into<Body>,
) -> Answer {
    let mut request = Request::builder().method(method).uri("/oauth/userinfo");
    for (name, value) in headers {
        request = request.header(*name, *value);
    }
    server.browser().send(request.body(body.into()).unwrap()).await
}

#[track_caller]
fn is_refused(answer: &Answer, status: u16, error: &str) {
    assert_eq!(answer.status.as_u16(), status, "{}", answer.text());
    let challenge = answer.header("www-authenticate");
    assert!(challenge.starts_with("Bearer realm=\"userinfo\""), "{challenge}");
    assert!(challenge.contains(&format!("error=\"{error}\"")), "{challenge}");
    assert_eq!(answer.json::<Value>()["error"], error);
}

#[tokio::test]
async fn a_token_comes_in_the_header_or_in_a_form_and_not_in_both() {
    let server = server().await;
    let tokens = tokens(&server, &mut server.proxied("hana"), "shop", "openid", &[]).await;
    let token = text(&tokens, "access_token");
    let bearer = format!("Bearer {token}");
    let (header, form) = (("authorization", &*bearer), ("content-type", FORM));
    let body = format!("access_token={token}&other=1");
    let get = send(&server, "GET", &[header], "").await;
    let sub = get.json::<Value>()["sub"].clone();
    assert!(sub.is_string());
    let json = ("content-type", "application/json");
    for (method, headers, body) in [
        ("POST", vec![header], String::new()),
        ("POST", vec![form], body.clone()),
        ("POST", vec![header, form], "other=1".to_owned()),
        // A body that is no form is not looked into.
        ("POST", vec![header, json], format!("{{\"access_token\":\"{token}\"}}")),
    ] {
        let answer = send(&server, method, &headers, body).await;
        assert_eq!(answer.status, StatusCode::OK, "{method} {headers:?}: {}", answer.text());
        assert_eq!(answer.header("content-type"), "application/json");
        assert_eq!(answer.json::<Value>()["sub"], sub);
    }
    is_refused(&send(&server, "POST", &[header, form], body.clone()).await, 400, "invalid_request");
    let twice = format!("{body}&access_token={token}");
    is_refused(&send(&server, "POST", &[form], twice).await, 400, "invalid_request");
    is_refused(&send(&server, "POST", &[form], "access_token=").await, 400, "invalid_request");
    is_refused(&send(&server, "POST", &[form], "access_token=x").await, 401, "invalid_token");
    // A form with GET has no meaning, and neither has JSON.
    for (method, kind) in [("GET", form), ("POST", json)] {
        let answer = send(&server, method, &[kind], body.clone()).await;
        assert_eq!(answer.status, StatusCode::UNAUTHORIZED, "{method}");
        assert_eq!(answer.header("www-authenticate"), "Bearer realm=\"userinfo\"");
    }
    let large = format!("access_token={token}&x={}", "x".repeat(16 * 1024));
    let answer = send(&server, "POST", &[form], large).await;
    assert_eq!(answer.status, StatusCode::PAYLOAD_TOO_LARGE);
    assert_eq!(answer.json::<Value>()["error"], "invalid_request");
    // In the query it would be in logs (RFC 9700, 4.3.2).
    let path = format!("/oauth/userinfo?access_token={token}");
    assert_eq!(server.browser().get(&path).await.status, StatusCode::UNAUTHORIZED);
}

/// Answers a screen that asks for these scopes: ticks the keys, and leaves everything else.
async fn answers(browser: &mut Browser, scope: &str, ticked: &[&str]) {
    let uri = "https://shop.example/callback";
    let challenge = browser.authorize(&request("shop", uri, scope)).await.challenge();
    let asked = browser.asked(&challenge).await;
    let is_ticked = |key: &ItemKey, required| required || ticked.contains(&&*key.to_string());
    let answer = browser.decide(&challenge, &agreement(&asked, is_ticked)).await;
    assert_eq!(answer.status, StatusCode::OK, "{}", answer.text());
}

async fn claims(server: &Server, tokens: &Value) -> Vec<String> {
    let info: Value = userinfo(server, tokens).await.json();
    let names = info.as_object().unwrap().keys().filter(|name| *name != "sub");
    names.cloned().collect()
}

#[tokio::test]
async fn a_token_does_not_grow_with_a_later_agreement() {
    let server = server().await;
    let mut browser = server.proxied("hana");
    let scope = "openid offline_access";
    let before = tokens(&server, &mut browser, "shop", scope, &[]).await;
    assert_eq!(claims(&server, &before).await, ["nickname"]);
    answers(&mut browser, "openid account_email", &["item:account_email"]).await;
    assert_eq!(claims(&server, &before).await, ["nickname"], "granted later");
    let answer = refresh(&server, "shop", text(&before, "refresh_token"), &[]).await;
    let refreshed: Value = answer.json();
    assert_eq!(refreshed["scope"], "openid offline_access profile_nickname");
    assert_eq!(claims(&server, &refreshed).await, ["nickname"]);
    let after = tokens(&server, &mut browser, "shop", scope, &[]).await;
    assert_eq!(after["scope"], "openid offline_access profile_nickname account_email");
    assert_eq!(claims(&server, &after).await, ["email", "email_verified", "nickname"]);
}

#[tokio::test]
async fn a_token_shrinks_with_a_withdrawal_at_once() {
    let server = server().await;
    let mut browser = server.proxied("hana");
    let scope = "openid offline_access";
    let ticked = ["item:account_email", "item:phone_number"];
    let tokens = tokens(&server, &mut browser, "shop", scope, &ticked).await;
    let withdraw = "DELETE FROM agreements WHERE key = 'item:account_email'";
    server.execute(withdraw).await.unwrap();
    let left = ["nickname", "phone_number", "phone_number_verified"];
    assert_eq!(claims(&server, &tokens).await, left);
    let introspected: Value =
        post(&server, "/oauth/introspect", "shop", &[("token", text(&tokens, "access_token"))])
            .await
            .json();
    let now = "openid offline_access profile_nickname phone_number";
    assert_eq!(introspected["scope"], now);
    let answer = refresh(&server, "shop", text(&tokens, "refresh_token"), &[]).await;
    let refreshed: Value = answer.json();
    assert_eq!(refreshed["scope"], now);
    let id_token = crate::client::claims(text(&refreshed, "id_token"));
    assert!(id_token.get("email").is_none(), "{id_token}");
}

#[tokio::test]
async fn a_resource_that_needs_a_scope_names_it() {
    let server = server().await;
    let tokens = tokens(&server, &mut server.proxied("hana"), "shop", "openid", &[]).await;
    let answer = get(&server, "/oauth/agreements", text(&tokens, "access_token")).await;
    is_refused(&answer, 403, "insufficient_scope");
    assert!(answer.header("www-authenticate").contains("scope=\"agreements\""));
}
