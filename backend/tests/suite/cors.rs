//! Which pages of other origins may read a response: one table for every address.

use axum::{
    body::Body,
    http::{Request, StatusCode},
};
use serde_json::Value;

use crate::{
    browser::{Answer, Server, VERIFIER},
    client::{FORM, code, server, services},
};

/// Where the public client `maps` gets its codes.
const PUBLIC: &str = "https://maps.example";

/// Who may read responses of an address.
#[derive(Clone, Copy, Debug, PartialEq)]
enum Readers {
    SameOrigin,
    Anyone,
    PublicClients,
}
use Readers::{Anyone, PublicClients, SameOrigin};

const TABLE: [(&str, &str, Readers); 28] = [
    ("GET", "/.well-known/openid-configuration", Anyone),
    ("GET", "/.well-known/oauth-authorization-server", Anyone),
    ("GET", "/.well-known/jwks.json", Anyone),
    ("GET", "/.well-known/nothing", SameOrigin),
    ("POST", "/oauth/token", PublicClients),
    ("POST", "/oauth/revoke", PublicClients),
    ("POST", "/oauth/par", PublicClients),
    ("GET", "/oauth/userinfo", PublicClients),
    ("POST", "/oauth/userinfo", PublicClients),
    ("POST", "/oauth/introspect", SameOrigin),
    ("GET", "/oauth/agreements", PublicClients),
    ("GET", "/oauth/authorize", SameOrigin),
    ("GET", "/oauth/logout", SameOrigin),
    ("POST", "/oauth/logout", SameOrigin),
    ("POST", "/oauth/logout/confirm", SameOrigin),
    ("GET", "/api/v1/consents/x", SameOrigin),
    ("POST", "/api/v1/consents/x/decision", SameOrigin),
    ("POST", "/api/v1/consents/x/extension", SameOrigin),
    ("POST", "/api/v1/consents/x/continue", SameOrigin),
    ("GET", "/api/v1/terms/tos/1?digest=x", SameOrigin),
    ("POST", "/api/v1/auto-login", SameOrigin),
    ("GET", "/api/v1/openapi.json", SameOrigin),
    ("GET", "/auto-login", SameOrigin),
    ("GET", "/consent/x", SameOrigin),
    ("POST", "/consent/x", SameOrigin),
    ("GET", "/pages.css", SameOrigin),
    ("GET", "/healthz", SameOrigin),
    ("GET", "/nothing", SameOrigin),
];

async fn send(server: &Server, method: &str, path: &str, headers: &[(&str, &str)]) -> Answer {
    let mut request = Request::builder().method(method).uri(path);
    for (name, value) in headers {
        request = request.header(*name, *value);
    }
    server.browser().send(request.body(Body::empty()).unwrap()).await
}

async fn preflight(server: &Server, method: &str, path: &str, origin: &str) -> Answer {
    let headers = [
        ("origin", origin),
        ("access-control-request-method", method),
        ("access-control-request-headers", "authorization,content-type"),
    ];
    send(server, "OPTIONS", path, &headers).await
}

fn allowed(answer: &Answer) -> Option<&str> {
    assert!(!answer.headers.contains_key("access-control-allow-credentials"), "{answer:?}");
    let mut values = answer.headers.get_all("access-control-allow-origin").iter();
    let value = values.next().map(|value| value.to_str().unwrap());
    assert!(values.next().is_none(), "{answer:?}");
    value
}

#[tokio::test]
async fn every_address_is_read_by_whom_the_table_names() {
    let server = server().await;
    let origins = [
        PUBLIC,
        // Of confidential clients, whose servers redeem their codes.
        "https://shop.example",
        // Not of any client, however alike.
        "https://evil.example",
        "https://maps.example.evil.example",
        "https://maps.example:8443",
        "https://MAPS.example",
        "https://maps.example/",
        "http://maps.example",
        "null",
        "com.example.maps:",
        "",
        server.app.origin(),
    ];
    for (method, path, readers) in TABLE {
        for origin in origins {
            let expected = match readers {
                SameOrigin => None,
                Anyone => Some("*"),
                PublicClients => (origin == PUBLIC).then_some(PUBLIC),
            };
            let what = format!("{method} {path} from {origin}");
            let answer = send(&server, method, path, &[("origin", origin)]).await;
            assert_eq!(allowed(&answer), expected, "{what}");
            let varies = answer.headers.get_all("vary").iter();
            let varies = varies.map(|value| value.to_str().unwrap()).any(|value| value == "Origin");
            assert_eq!(varies, readers == PublicClients, "{what}");
            let answer = preflight(&server, method, path, origin).await;
            assert_eq!(allowed(&answer), expected, "{what}");
            let methods = answer.headers.get("access-control-allow-methods");
            assert_eq!(methods.is_some(), expected.is_some(), "{what}");
            if let Some(methods) = methods {
                assert_eq!(answer.status, StatusCode::NO_CONTENT);
                assert!(methods.to_str().unwrap().split(", ").any(|it| it == method), "{what}");
            } else {
                assert!(!answer.status.is_success(), "{what}: {}", answer.status);
            }
        }
    }
}

/// A loopback redirect URI is registered for every port (RFC 8252, 7.3), and so is its origin.
#[tokio::test]
async fn a_loopback_origin_may_have_any_port() {
    let local = services()
        .replace("https://maps.example/callback", "http://localhost/callback")
        .replace("https://books.example/callback", "http://127.0.0.1:9000/callback");
    let server = Server::configured(&local).await.unwrap();
    for (origin, is_allowed) in [
        ("http://localhost", true),
        ("http://localhost:3000", true),
        ("http://localhost:65535", true),
        // Not the registered host, scheme or client.
        ("https://localhost:3000", false),
        ("http://127.0.0.1:9000", false),
        ("http://[::1]:3000", false),
        ("http://LOCALHOST:3000", false),
        // No origins.
        ("http://localhost:03000", false),
        ("http://localhost:80", false),
        ("http://localhost:65536", false),
        ("http://localhost:", false),
        ("http://localhost:3000/", false),
        ("http://localhost:3000@evil.example", false),
        ("http://localhost.evil.example:3000", false),
    ] {
        for (method, path) in [("POST", "/oauth/token"), ("GET", "/oauth/agreements")] {
            let expected = is_allowed.then_some(origin);
            let answer = send(&server, method, path, &[("origin", origin)]).await;
            assert_eq!(allowed(&answer), expected, "{origin}");
            assert_eq!(allowed(&preflight(&server, method, path, origin).await), expected);
        }
    }
}

#[tokio::test]
async fn two_origins_are_none() {
    let server = server().await;
    let twice = [("origin", PUBLIC), ("origin", PUBLIC)];
    let answer = send(&server, "POST", "/oauth/token", &twice).await;
    assert_eq!(allowed(&answer), None);
}

/// A page can read why it failed, too, and whether to come again.
#[tokio::test]
async fn a_browser_app_redeems_its_code_itself() {
    let server = server().await;
    let code = code(&mut server.proxied("hana"), "maps", "openid", &[]).await;
    let redeem = async |code: &str| {
        let form = format!(
            "grant_type=authorization_code&client_id=maps&code={code}&code_verifier={VERIFIER}\
             &redirect_uri=https%3A%2F%2Fmaps.example%2Fcallback"
        );
        let request = Request::post("/oauth/token")
            .header("origin", PUBLIC)
            .header("sec-fetch-site", "cross-site")
            .header("content-type", FORM);
        server.browser().send(request.body(Body::from(form)).unwrap()).await
    };
    let wrong = redeem("made-up").await;
    assert_eq!((wrong.status.as_u16(), allowed(&wrong)), (400, Some(PUBLIC)));
    let good = redeem(&code).await;
    assert_eq!((good.status.as_u16(), allowed(&good)), (200, Some(PUBLIC)), "{}", good.text());
    let tokens: Value = good.json();
    let bearer = format!("Bearer {}", tokens["access_token"].as_str().unwrap());
    let headers = [("origin", PUBLIC), ("authorization", &*bearer)];
    let answer = send(&server, "GET", "/oauth/userinfo", &headers).await;
    assert_eq!((answer.status.as_u16(), allowed(&answer)), (200, Some(PUBLIC)));
    let exposed = answer.header("access-control-expose-headers");
    assert_eq!(exposed, "Retry-After, WWW-Authenticate");
}
