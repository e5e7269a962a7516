//! Headers on every kind of answer.

use axum::http::{Request, StatusCode};
use consent_contract::decision_path;

use crate::{
    browser::{Answer, Server, authorize, cancel, service},
    configuration::GOOD,
    screen,
};

fn check(what: &str, answer: &Answer) {
    let policy = answer.header("content-security-policy");
    for directive in
        ["default-src 'none'", "frame-ancestors 'none'", "base-uri 'none'", "object-src 'none'"]
    {
        assert!(policy.contains(directive), "{what}: {policy}");
    }
    assert!(!policy.contains("unsafe-inline") && !policy.contains("'unsafe-eval'"), "{what}");
    assert!(!policy.contains('*') && !policy.contains("http:") || what == "screen", "{what}");
    for (name, value) in [
        ("referrer-policy", "no-referrer"),
        ("x-content-type-options", "nosniff"),
        ("cross-origin-opener-policy", "same-origin"),
        ("cross-origin-resource-policy", "same-origin"),
    ] {
        assert_eq!(answer.header(name), value, "{what}");
    }
    assert!(answer.header("permissions-policy").contains("geolocation=()"), "{what}");
    assert_eq!(answer.header("x-request-id").len(), 16, "{what}");
    assert!(answer.headers.contains_key("cache-control"), "{what}");
}

#[tokio::test]
async fn every_kind_of_answer_has_them() {
    let server = Server::demo().await;
    screen::build(&server);
    let mut browser = server.browser_of("new").await;
    let challenge = browser.challenged("demo-shop", &[]).await;
    for (what, path, status) in [
        ("screen", format!("/consent/{challenge}"), 200),
        ("somebody else's screen", "/consent/none".into(), 200),
        ("script", "/consent-screen-1a2b3c4d5e6f7890.js".into(), 200),
        ("icon", "/icon.svg".into(), 200),
        ("message", format!("/api/v1/consents/{challenge}"), 200),
        ("problem", "/api/v1/consents/none".into(), 404),
        ("redirect", authorize(&service("demo-shop")), 303),
        ("page", "/oauth/authorize".into(), 400),
        ("demo", "/demo".into(), 200),
        ("callback", "/demo/callback?error=x".into(), 200),
        ("nothing", "/no/such/page".into(), 404),
        ("keys", "/.well-known/jwks.json".into(), 200),
        ("health", "/healthz".into(), 200),
        ("readiness", "/readyz".into(), 200),
        ("wrong method", decision_path(&challenge), 405),
        ("no token", "/oauth/userinfo".into(), 401),
        ("description", "/api/v1/openapi.json".into(), 200),
    ] {
        let answer = browser.get(&path).await;
        assert_eq!(answer.status.as_u16(), status, "{what}");
        check(what, &answer);
        assert!(!answer.headers.contains_key("strict-transport-security"), "{what}");
    }
    let decided = browser.decide(&challenge, &cancel()).await;
    check("decision", &decided);
    assert_eq!(decided.header("cache-control"), "no-store");
}

#[tokio::test]
async fn the_screen_may_run_its_own_scripts_and_send_its_form_where_it_was_told() {
    let toml = GOOD.to_owned()
        + "\n[sign_in]\naccount_header = \"x-account\"\n\n[[account]]\nid = \"hana\"\nnickname = \"하나\"\n";
    let server = Server::configured(&toml).await.unwrap();
    screen::build(&server);
    let mut browser = server.browser();
    let path = authorize(&[
        ("response_type", "code"),
        ("client_id", "shop"),
        ("redirect_uri", "https://shop.example/callback"),
        ("code_challenge", crate::browser::CHALLENGE),
        ("code_challenge_method", "S256"),
    ]);
    let get = |path: &str| {
        let request = Request::get(path).header("x-account", "hana");
        request.body(axum::body::Body::empty()).unwrap()
    };
    let challenge = browser.send(get(&path)).await.challenge();
    let path = format!("/consent/{challenge}");
    let bound = browser.send(get(&path)).await;
    let policy = bound.header("content-security-policy");
    assert!(policy.contains("form-action 'self' https://shop.example;"), "{policy}");
    assert!(policy.contains(&format!(
        "script-src 'self' 'wasm-unsafe-eval' '{}';",
        screen::digest(screen::SCRIPT)
    )));
    assert!(policy.contains(&format!("style-src 'self' '{}';", screen::digest(screen::STYLE))));
    assert!(policy.contains("connect-src 'self'; img-src 'self'; font-src 'none'"));
    // Whoever only knows the address does not learn whose it is.
    let unbound = server.browser().get(&path).await;
    assert_eq!(unbound.status, StatusCode::OK);
    assert!(unbound.header("content-security-policy").contains("form-action 'self';"));
}

#[tokio::test]
async fn over_https_cookies_are_bound_to_the_host_and_browsers_told_to_stay() {
    let server = Server::with(|settings| {
        settings.public_origin = "https://id.example".to_owned();
    })
    .await;
    let mut browser = server.browser();
    let answer = browser.get("/demo/login?account=new").await;
    let cookie = answer.header("set-cookie");
    assert!(cookie.starts_with("__Host-session="), "{cookie}");
    for attribute in ["; Path=/", "; HttpOnly", "; SameSite=Lax", "; Secure"] {
        assert!(cookie.contains(attribute), "{cookie}");
    }
    assert!(!cookie.contains("Domain"));
    assert!(answer.header("strict-transport-security").starts_with("max-age=31536000"));

    let plain = Server::demo().await;
    let answer = plain.browser().get("/demo/login?account=new").await;
    let cookie = answer.header("set-cookie");
    assert!(cookie.starts_with("session=") && !cookie.contains("Secure"), "{cookie}");
    assert!(cookie.contains("; HttpOnly; SameSite=Lax"), "{cookie}");
}
