//! Revocation (RFC 7009) and introspection (RFC 7662).

use axum::{
    body::Body,
    http::{Request, StatusCode},
};
use base64::{Engine, engine::general_purpose::STANDARD};
use serde_json::{Value, json};

use crate::{
    browser::{Server, a_minute},
    client::{FORM, claims, is_error, post, refresh, server, services, text, tokens, userinfo},
};

const REVOKE: &str = "/oauth/revoke";
const INTROSPECT: &str = "/oauth/introspect";
const OFFLINE: &str = "openid offline_access";

async fn offline(server: &Server, client_id: &str) -> Value {
    let mut browser = server.proxied("hana");
    tokens(server, &mut browser, client_id, OFFLINE, &["item:account_email"]).await
}

async fn introspected(server: &Server, token: &str) -> Value {
    let answer = post(server, INTROSPECT, "shop", &[("token", token)]).await;
    assert_eq!(answer.status, StatusCode::OK, "{}", answer.text());
    assert_eq!(answer.header("cache-control"), "no-store");
    answer.json()
}

#[tokio::test]
async fn an_access_token_is_revoked_alone() {
    let server = server().await;
    let tokens = offline(&server, "shop").await;
    for hint in ["access_token", "refresh_token", "made_up", ""] {
        // The hint only says where to look first, so a wrong one changes nothing.
        let parameters = [("token", text(&tokens, "access_token")), ("token_type_hint", hint)];
        let answer = post(&server, REVOKE, "shop", &parameters).await;
        assert_eq!((answer.status, answer.body.len()), (StatusCode::OK, 0), "{hint}");
        assert_eq!(userinfo(&server, &tokens).await.status, StatusCode::UNAUTHORIZED);
    }
    let answer = refresh(&server, "shop", text(&tokens, "refresh_token"), &[]).await;
    assert_eq!(answer.status, StatusCode::OK, "{}", answer.text());
}

#[tokio::test]
async fn a_refresh_token_takes_its_family_along() {
    let server = server().await;
    let first = offline(&server, "shop").await;
    let second: Value = refresh(&server, "shop", text(&first, "refresh_token"), &[]).await.json();
    let other = offline(&server, "shop").await;
    // The older one of the two: a client that lost a response has no other.
    let parameters =
        [("token", text(&first, "refresh_token")), ("token_type_hint", "access_token")];
    assert_eq!(post(&server, REVOKE, "shop", &parameters).await.status, StatusCode::OK);
    for tokens in [&first, &second] {
        assert_eq!(userinfo(&server, tokens).await.status, StatusCode::UNAUTHORIZED);
        let answer = refresh(&server, "shop", text(tokens, "refresh_token"), &[]).await;
        is_error(&answer, 400, "invalid_grant");
    }
    assert_eq!(userinfo(&server, &other).await.status, StatusCode::OK);
}

#[tokio::test]
async fn revoking_a_successor_shows_that_it_was_received() {
    let server = server().await;
    let first = offline(&server, "shop").await;
    let second: Value = refresh(&server, "shop", text(&first, "refresh_token"), &[]).await.json();
    let parameters = [("token", text(&second, "access_token"))];
    assert_eq!(post(&server, REVOKE, "shop", &parameters).await.status, StatusCode::OK);
    let answer = refresh(&server, "shop", text(&first, "refresh_token"), &[]).await;
    is_error(&answer, 400, "invalid_grant");
    assert_eq!(server.count("SELECT count(*) FROM refresh_tokens WHERE state = 'reused'").await, 2);
}

#[tokio::test]
async fn a_token_that_is_not_there_is_revoked_as_well() {
    let server = server().await;
    let long = "x".repeat(2000);
    for unknown in ["made-up", "한글", " ", "a.b.c", &long] {
        let answer = post(&server, REVOKE, "shop", &[("token", unknown)]).await;
        assert_eq!((answer.status, answer.body.len()), (StatusCode::OK, 0), "{unknown}");
    }
}

#[tokio::test]
async fn bad_requests_revoke_nothing() {
    let server = server().await;
    let tokens = offline(&server, "shop").await;
    for token in ["access_token", "refresh_token"] {
        let token = text(&tokens, token);
        for other in ["books", "maps"] {
            let answer = post(&server, REVOKE, other, &[("token", token)]).await;
            is_error(&answer, 400, "invalid_grant");
        }
        for path in [REVOKE, INTROSPECT] {
            let mut browser = server.browser();
            is_error(&post(&server, path, "shop", &[]).await, 400, "invalid_request");
            let twice = [("token", token), ("token", token)];
            is_error(&post(&server, path, "shop", &twice).await, 400, "invalid_request");
            let large = "x".repeat(16 * 1024);
            let large = [("token", token), ("x", &*large)];
            is_error(&post(&server, path, "shop", &large).await, 413, "invalid_request");
            let alone = format!("token={token}");
            is_error(&browser.post(path, FORM, alone.clone()).await, 400, "invalid_request");
            let named = format!("{alone}&client_id=shop");
            is_error(&browser.post(path, FORM, named.clone()).await, 401, "invalid_client");
            let wrong = format!("{named}&client_secret=a+wrong+secret");
            is_error(&browser.post(path, FORM, wrong).await, 401, "invalid_client");
            let unknown = format!("{alone}&client_id=unknown&client_secret=x");
            is_error(&browser.post(path, FORM, unknown).await, 401, "invalid_client");
            let json = json!({ "token": token, "client_id": "shop" }).to_string();
            is_error(&browser.post(path, "application/json", json).await, 400, "invalid_request");
            for method in ["GET", "PUT", "DELETE", "PATCH"] {
                let request = Request::builder().method(method).uri(format!("{path}?token=x"));
                let answer = browser.send(request.body(Body::empty()).unwrap()).await;
                is_error(&answer, 405, "invalid_request");
                assert_eq!(answer.header("allow"), "POST");
            }
        }
    }
    assert_eq!(userinfo(&server, &tokens).await.status, StatusCode::OK);
    let answer = refresh(&server, "shop", text(&tokens, "refresh_token"), &[]).await;
    assert_eq!(answer.status, StatusCode::OK);
}

#[tokio::test]
async fn a_client_may_authenticate_with_basic() {
    let server = server().await;
    let tokens = offline(&server, "shop").await;
    let token = text(&tokens, "access_token");
    let basic = STANDARD.encode("shop:the+secret+of+the+shop");
    for (path, expected) in [(INTROSPECT, "\"active\":true"), (REVOKE, "")] {
        let request = Request::post(path)
            .header("content-type", FORM)
            .header("authorization", format!("Basic {basic}"))
            .body(Body::from(format!("token={token}")));
        let answer = server.browser().send(request.unwrap()).await;
        assert_eq!(answer.status, StatusCode::OK, "{}", answer.text());
        assert!(answer.text().contains(expected), "{}", answer.text());
    }
}

#[tokio::test]
async fn introspection_describes_a_token_as_it_is_now() {
    let server = server().await;
    let tokens = offline(&server, "shop").await;
    let sub = claims(text(&tokens, "id_token"))["sub"].clone();
    let access_token = introspected(&server, text(&tokens, "access_token")).await;
    let (exp, iat) = (access_token["exp"].as_i64().unwrap(), access_token["iat"].as_i64().unwrap());
    assert_eq!(exp - iat, 3600);
    assert_eq!(
        access_token,
        json!({
            "active": true,
            "scope": "openid offline_access profile_nickname account_email",
            "client_id": "shop",
            "token_type": "Bearer",
            "exp": exp,
            "iat": iat,
            "sub": sub,
            "aud": "shop",
            "iss": server.app.origin(),
        })
    );
    let refresh_token = introspected(&server, text(&tokens, "refresh_token")).await;
    assert_eq!(refresh_token["active"], true);
    assert_eq!(refresh_token["scope"], access_token["scope"]);
    assert!(refresh_token.get("token_type").is_none(), "{refresh_token}");
    let lifetime = refresh_token["exp"].as_i64().unwrap() - iat;
    assert_eq!(lifetime, 30 * 24 * 60 * 60);
}

#[tokio::test]
async fn introspection_shows_nothing_of_a_token_that_is_not_the_client_s() {
    let server = server().await;
    let inactive = json!({ "active": false });
    let tokens = offline(&server, "shop").await;
    let others = offline(&server, "books").await;
    assert_eq!(introspected(&server, "made-up").await, inactive);
    for token in ["access_token", "refresh_token"] {
        assert_eq!(introspected(&server, text(&others, token)).await, inactive, "{token}");
    }
    // A client without a secret proves nothing.
    let parameters = [("token", text(&tokens, "access_token"))];
    is_error(&post(&server, INTROSPECT, "maps", &parameters).await, 401, "invalid_client");

    let next: Value = refresh(&server, "shop", text(&tokens, "refresh_token"), &[]).await.json();
    let rotated = introspected(&server, text(&tokens, "refresh_token")).await;
    assert_eq!(rotated, inactive);
    server.clock.advance(3600);
    assert_eq!(introspected(&server, text(&next, "access_token")).await, inactive);
    let parameters = [("token", text(&next, "refresh_token"))];
    post(&server, REVOKE, "shop", &parameters).await;
    assert_eq!(introspected(&server, text(&next, "refresh_token")).await, inactive);
}

#[tokio::test]
async fn a_resource_server_that_introspects_has_received_the_token() {
    let server = server().await;
    let first = offline(&server, "shop").await;
    let second: Value = refresh(&server, "shop", text(&first, "refresh_token"), &[]).await.json();
    assert_eq!(introspected(&server, text(&second, "access_token")).await["active"], true);
    let answer = refresh(&server, "shop", text(&first, "refresh_token"), &[]).await;
    is_error(&answer, 400, "invalid_grant");
}

#[tokio::test]
async fn guessing_is_limited_and_failures_have_the_form_of_oauth() {
    let folder = tempfile::TempDir::new().unwrap();
    let file = folder.path().join("services.toml");
    std::fs::write(&file, services()).unwrap();
    let strict = Server::with(|settings| {
        settings.services = consent_backend::Services::File(file);
        settings.rate_limit = a_minute(1);
        settings.trusted_proxies = vec!["127.0.0.1".parse().unwrap()];
    })
    .await;
    let closed = server().await;
    closed.app.close().await;
    for path in [REVOKE, INTROSPECT] {
        let mut last = None;
        for _ in 0..12 {
            last = Some(strict.browser().post(path, FORM, "token=x&client_id=shop").await);
        }
        let last = last.unwrap();
        is_error(&last, 429, "temporarily_unavailable");
        assert!(last.headers.contains_key("retry-after"));
        let answer = post(&closed, path, "shop", &[("token", "x")]).await;
        is_error(&answer, 503, "temporarily_unavailable");
    }
}
