//! Headers on every kind of answer.

use axum::http::{Request, StatusCode};
use consent_contract::decision_path;

use crate::{
    browser::{Answer, Server, authorize, cancel, service},
    screen,
    shop::proxied,
};

/// What an answer is to a browser.
#[derive(Clone, Copy, Debug, PartialEq)]
enum Kind {
    /// A page with forms of its own.
    Page,
    /// On the way of a login, which a service may have opened in a popup.
    OnTheWay,
    /// Nothing that a window shows.
    Other,
}
use Kind::{OnTheWay, Other, Page};

fn check(what: &str, kind: Kind, answer: &Answer) {
    let policy = answer.header("content-security-policy");
    for directive in
        ["default-src 'none'", "frame-ancestors 'none'", "base-uri 'none'", "object-src 'none'"]
    {
        assert!(policy.contains(directive), "{what}: {policy}");
    }
    assert!(!policy.contains("unsafe-inline") && !policy.contains("'unsafe-eval'"), "{what}");
    assert!(!policy.contains('*') && !policy.contains("http:"), "{what}: {policy}");
    let form = if kind == Page { "form-action 'self';" } else { "form-action 'none';" };
    assert!(policy.contains(form), "{what}: {policy}");
    // With `no-referrer` browsers send `Origin: null` with the page's own form.
    let referrer = if kind == Page { "same-origin" } else { "no-referrer" };
    let opener = if kind == Other { "same-origin" } else { "unsafe-none" };
    for (name, value) in [
        ("referrer-policy", referrer),
        ("x-content-type-options", "nosniff"),
        ("cross-origin-opener-policy", opener),
        ("cross-origin-resource-policy", "same-origin"),
    ] {
        assert_eq!(answer.header(name), value, "{what}: {name}");
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
    let query = authorize(&service("demo-shop")).replace("/oauth/authorize", "");
    for (what, kind, path, status) in [
        ("screen", Page, format!("/consent/{challenge}"), 200),
        ("screen of another", Page, "/consent/none".into(), 200),
        ("auto-login", Page, format!("/auto-login{query}"), 200),
        ("script", Other, "/consent-screen-1a2b3c4d5e6f7890.js".into(), 200),
        ("icon", Other, "/icon.svg".into(), 200),
        ("message", Other, format!("/api/v1/consents/{challenge}"), 200),
        ("problem", Other, "/api/v1/consents/none".into(), 404),
        ("redirect", OnTheWay, authorize(&service("demo-shop")), 303),
        ("sign-in", OnTheWay, "/demo/login?account=new".into(), 303),
        ("page", Page, "/oauth/authorize".into(), 400),
        ("demo", Page, "/demo".into(), 200),
        ("callback", Page, "/demo/callback?error=x".into(), 200),
        ("nothing", Other, "/no/such/page".into(), 404),
        ("keys", Other, "/.well-known/jwks.json".into(), 200),
        ("health", Other, "/healthz".into(), 200),
        ("readiness", Other, "/readyz".into(), 200),
        ("wrong method", OnTheWay, decision_path(&challenge), 405),
        ("no token", Other, "/oauth/userinfo".into(), 401),
        ("no code", Other, "/oauth/token".into(), 405),
        ("description", Other, "/api/v1/openapi.json".into(), 200),
    ] {
        let answer = browser.get(&path).await;
        assert_eq!(answer.status.as_u16(), status, "{what}");
        check(what, kind, &answer);
        assert!(!answer.headers.contains_key("strict-transport-security"), "{what}");
    }
    let challenge = browser.challenged("demo-shop", &[]).await;
    let decided = browser.decide(&challenge, &cancel()).await;
    check("decision", OnTheWay, &decided);
    assert_eq!(decided.header("cache-control"), "no-store");
}

#[tokio::test]
async fn the_screen_may_run_its_own_scripts_and_send_its_form_to_us() {
    let toml = proxied(&["hana"]);
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
    assert!(policy.contains("form-action 'self';"), "{policy}");
    assert!(policy.contains(&format!(
        "script-src 'self' 'wasm-unsafe-eval' '{}';",
        screen::digest(screen::SCRIPT)
    )));
    assert!(policy.contains(&format!("style-src 'self' '{}';", screen::digest(screen::STYLE))));
    assert!(policy.contains("connect-src 'self'; img-src 'self'; font-src 'self'"));
    // A client that only knows the address does not learn whose it is.
    let unbound = server.browser().get(&path).await;
    assert_eq!(unbound.status, StatusCode::OK);
    assert_eq!(unbound.header("content-security-policy"), policy);
}

#[tokio::test]
async fn over_https_cookies_are_bound_to_the_host_and_hsts_is_set() {
    let server = Server::with(|settings| {
        settings.public_origin = "https://id.example".to_owned();
    })
    .await;
    let mut browser = server.browser();
    let answer = browser.get("/demo/login?account=new").await;
    let cookie = answer.header("set-cookie");
    assert!(cookie.starts_with("__Host-consent-"), "{cookie}");
    for attribute in ["; Path=/", "; HttpOnly", "; SameSite=Lax", "; Secure"] {
        assert!(cookie.contains(attribute), "{cookie}");
    }
    assert!(!cookie.contains("Domain"));
    assert_eq!(answer.header("strict-transport-security"), "max-age=31536000");

    let plain = Server::demo().await;
    let answer = plain.browser().get("/demo/login?account=new").await;
    let cookie = answer.header("set-cookie");
    assert!(cookie.starts_with("consent-") && !cookie.contains("Secure"), "{cookie}");
    assert!(cookie.contains("; HttpOnly; SameSite=Lax"), "{cookie}");
}

/// It decides for hosts that this server knows nothing of, for a year.
#[tokio::test]
async fn subdomains_are_held_to_https_only_when_the_operator_says_so() {
    let server = Server::with(|settings| {
        settings.public_origin = "https://id.example".to_owned();
        settings.hsts_include_subdomains = true;
    })
    .await;
    for path in ["/demo", "/oauth/userinfo", "/no/such/page"] {
        let answer = server.browser().get(path).await;
        let policy = answer.header("strict-transport-security");
        assert_eq!(policy, "max-age=31536000; includeSubDomains", "{path}");
    }
}
