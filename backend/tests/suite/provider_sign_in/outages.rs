//! A provider that is down, slow, or answers nonsense.

use std::time::{Duration, Instant};

use axum::http::StatusCode;
use serde_json::json;

use super::{
    UNREACHABLE, UNVERIFIED, english, page,
    provider::{Provider, Reply},
    request, server_with, signs_in,
};
use crate::browser::{Answer, Browser, parameter};

/// Goes to a service, and on to our sign-in address.
async fn starts(browser: &mut Browser) -> Answer {
    let login = browser.get(&request(&[])).await;
    browser.get(login.location()).await
}

#[tokio::test]
async fn a_provider_that_is_down_has_a_page_and_is_tried_again() {
    let provider = Provider::new().await;
    let server = server_with(&provider, "").await;
    provider.discovers(Reply::Text(503, "down"));
    let mut browser = english(&server);
    let links = page(&starts(&mut browser).await, StatusCode::SERVICE_UNAVAILABLE, UNREACHABLE);
    assert!(links[0].starts_with("/oauth/authorize?"), "{links:?}");
    assert_eq!(parameter(&links[1], "error").as_deref(), Some("login_required"));
    // For a moment no request is sent; then it works.
    provider.discovers(provider.metadata(|_| {}));
    page(&starts(&mut browser).await, StatusCode::SERVICE_UNAVAILABLE, UNREACHABLE);
    server.clock.advance(3);
    signs_in(&mut browser, &server, &provider, &[]).await.challenge();
}

/// An address at which no server listens.
#[tokio::test]
async fn a_provider_that_cannot_be_reached_has_a_page() {
    let provider = Provider::new().await;
    let server = server_with(&provider, "").await;
    drop(provider);
    tokio::task::yield_now().await;
    page(&starts(&mut english(&server)).await, StatusCode::SERVICE_UNAVAILABLE, UNREACHABLE);
}

#[tokio::test]
async fn a_silent_provider_is_waited_for_a_few_seconds() {
    let provider = Provider::new().await;
    provider.discovers(Reply::Silence);
    let server = server_with(&provider, "").await;
    let start = Instant::now();
    page(&starts(&mut english(&server)).await, StatusCode::SERVICE_UNAVAILABLE, UNREACHABLE);
    let waited = start.elapsed();
    assert!(waited > Duration::from_secs(4) && waited < Duration::from_secs(9), "{waited:?}");
}

/// While one sign-in waits, others come: they wait for the same answer, and not for one each.
#[tokio::test]
async fn a_silent_provider_is_asked_once_for_all_that_wait() {
    let provider = Provider::new().await;
    provider.discovers(Reply::Silence);
    let server = server_with(&provider, "").await;
    let asked = || provider.seen("/.well-known/openid-configuration").len();
    let (mut first, mut second) = (english(&server), english(&server));
    let late = async {
        while asked() == 0 {
            tokio::time::sleep(Duration::from_millis(10)).await;
        }
        server.clock.advance(4);
        starts(&mut second).await
    };
    let (first, second) = tokio::join!(starts(&mut first), late);
    page(&first, StatusCode::SERVICE_UNAVAILABLE, UNREACHABLE);
    page(&second, StatusCode::SERVICE_UNAVAILABLE, UNREACHABLE);
    assert_eq!(asked(), 1);
}

/// What was fetched stays good while the provider is down for a while.
#[tokio::test]
async fn documents_are_cached_and_outlive_an_outage() {
    let provider = Provider::new().await;
    let server = server_with(&provider, "").await;
    let fetched = || provider.seen("/.well-known/openid-configuration").len();
    for _ in 0..3 {
        signs_in(&mut server.browser(), &server, &provider, &[]).await.challenge();
    }
    assert_eq!(fetched(), 1);
    provider.discovers(Reply::Text(503, "down"));
    server.clock.advance(60 * 60);
    signs_in(&mut server.browser(), &server, &provider, &[]).await.challenge();
    assert_eq!(fetched(), 2);
    signs_in(&mut server.browser(), &server, &provider, &[]).await.challenge();
    assert_eq!(fetched(), 2, "at most once a minute");
    provider.discovers(provider.metadata(|_| {}));
    server.clock.advance(60);
    signs_in(&mut server.browser(), &server, &provider, &[]).await.challenge();
    assert_eq!(fetched(), 3);
}

#[tokio::test]
async fn nonsense_leads_nowhere() {
    let with = |provider: &Provider, name: &str, value: serde_json::Value| {
        provider.metadata(|metadata| metadata[name] = value)
    };
    type Nonsense = Box<dyn Fn(&Provider) -> Reply>;
    let cases: [(&str, Nonsense); 10] = [
        ("a page", Box::new(|_| Reply::Text(200, "<html>"))),
        ("nothing", Box::new(|_| Reply::Json(json!({})))),
        ("not found", Box::new(|_| Reply::Text(404, "{}"))),
        ("a redirect", Box::new(|it| Reply::Redirect(format!("{}/jwks", it.issuer)))),
        // The issuer of another tenant (OpenID Connect Discovery, 4.3).
        ("another issuer", Box::new(move |it| with(it, "issuer", json!("https://evil.example")))),
        (
            "plain http to another machine",
            Box::new(move |it| with(it, "token_endpoint", json!("http://192.0.2.1/token"))),
        ),
        (
            "a script",
            Box::new(move |it| with(it, "authorization_endpoint", json!("javascript:alert(1)"))),
        ),
        (
            "only algorithms that prove nothing",
            Box::new(move |it| {
                with(it, "id_token_signing_alg_values_supported", json!(["none", "HS256"]))
            }),
        ),
        ("no token endpoint", Box::new(move |it| with(it, "token_endpoint", json!(null)))),
        (
            "no keys",
            Box::new(|it| {
                it.publishes(&[]);
                it.metadata(|_| {})
            }),
        ),
    ];
    for (what, nonsense) in cases {
        let provider = Provider::new().await;
        provider.discovers(nonsense(&provider));
        let server = server_with(&provider, "").await;
        let answer = starts(&mut english(&server)).await;
        assert_eq!(answer.status, StatusCode::BAD_GATEWAY, "{what}: {}", answer.text());
        page(&answer, StatusCode::BAD_GATEWAY, UNVERIFIED);
    }
}
