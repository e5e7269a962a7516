//! Errors have the form of the endpoint, whatever a client accepts: programs never get a page, and
//! browser windows always do.

use axum::{
    body::Body,
    http::{Request, StatusCode},
};
use consent_contract::{consent_path, decision_path, extension_path};
use serde_json::Value;

use crate::{
    browser::{Answer, Browser, Server, a_minute, service},
    screen,
};

const FORM: &str = "application/x-www-form-urlencoded";
const JSON: &str = "application/json";

/// What programs and browsers say that they accept, which decides nothing.
const ACCEPTED: [&str; 4] = ["", "*/*", JSON, "text/html,application/xhtml+xml,*/*;q=0.8"];

async fn send(
    browser: &mut Browser,
    method: &str,
    path: &str,
    headers: &[(&str, &str)],
    body: impl Into<Body>,
) -> Answer {
    let mut request = Request::builder().method(method).uri(path);
    for (name, value) in headers.iter().filter(|(_, value)| !value.is_empty()) {
        request = request.header(*name, *value);
    }
    browser.send(request.body(body.into()).unwrap()).await
}

#[track_caller]
fn is_oauth_error(answer: &Answer, status: u16, error: &str) {
    assert_eq!(answer.status.as_u16(), status, "{answer:?}");
    assert_eq!(answer.header("content-type"), JSON, "{}", answer.text());
    let body: Value = answer.json();
    assert_eq!(body["error"], error, "{body}");
    let description = body["error_description"].as_str().unwrap();
    assert!(description.is_ascii() && !description.contains(['"', '\\']), "RFC 6749, 5.2: {body}");
    assert_eq!(answer.header("cache-control"), "no-store");
    assert_eq!(answer.header("pragma"), "no-cache", "RFC 6749, 5.1");
}

#[track_caller]
fn is_problem(answer: &Answer, status: u16) {
    assert_eq!(answer.status.as_u16(), status, "{answer:?}");
    assert_eq!(answer.header("content-type"), "application/problem+json", "{}", answer.text());
    let body: Value = answer.json();
    assert_eq!(body["status"], status);
    assert!(body["type"].is_string() && body["title"].is_string(), "{body}");
}

#[track_caller]
fn is_page(answer: &Answer, status: u16) {
    assert_eq!(answer.status.as_u16(), status, "{answer:?}");
    assert_eq!(answer.header("content-type"), "text/html; charset=utf-8", "{}", answer.text());
    assert!(answer.text().starts_with("<!DOCTYPE html><html lang=\"ko\">"), "{}", answer.text());
    assert!(answer.text().contains("<h1"), "{}", answer.text());
}

/// Sends requests until the rate limit.
async fn throttled(
    browser: &mut Browser,
    method: &str,
    path: &str,
    headers: &[(&str, &str)],
) -> Answer {
    for _ in 0..200 {
        let answer = send(browser, method, path, headers, "").await;
        if answer.status == StatusCode::TOO_MANY_REQUESTS {
            assert!((1..=60).contains(&answer.header("retry-after").parse::<u32>().unwrap()));
            return answer;
        }
    }
    panic!("there is no limit at {path}");
}

async fn strict() -> Server {
    let server = Server::with(|settings| settings.rate_limit = a_minute(1)).await;
    screen::build(&server);
    server
}

#[tokio::test]
async fn the_token_endpoint_answers_every_error_as_rfc_6749_says() {
    let server = Server::demo().await;
    let closed = Server::demo().await;
    closed.app.close().await;
    let good = "grant_type=authorization_code&code=x&redirect_uri=x&client_id=demo-shop\
                &client_secret=demo-shop-is-no-secret";
    for accepted in ACCEPTED {
        let strict = strict().await;
        let headers = [("accept", accepted), ("content-type", FORM)];
        let answer = throttled(&mut strict.browser(), "POST", "/oauth/token", &headers).await;
        is_oauth_error(&answer, 429, "temporarily_unavailable");

        let answer = send(&mut closed.browser(), "POST", "/oauth/token", &headers, good).await;
        is_oauth_error(&answer, 503, "temporarily_unavailable");
        assert!(answer.header("retry-after").parse::<u32>().is_ok());

        let mut client = server.browser();
        let large = format!("{good}&state={}", "x".repeat(16 * 1024));
        let answer = send(&mut client, "POST", "/oauth/token", &headers, large).await;
        is_oauth_error(&answer, 413, "invalid_request");
        let many = format!("{good}{}", "&a=b".repeat(200));
        let answer = send(&mut client, "POST", "/oauth/token", &headers, many).await;
        is_oauth_error(&answer, 400, "invalid_request");
        for kind in ["", JSON, "text/plain", "multipart/form-data; boundary=x"] {
            let headers = [("accept", accepted), ("content-type", kind)];
            let answer = send(&mut client, "POST", "/oauth/token", &headers, good).await;
            is_oauth_error(&answer, 400, "invalid_request");
        }
        for method in ["GET", "PUT", "DELETE", "PATCH"] {
            let answer = send(&mut client, method, "/oauth/token", &headers, "").await;
            is_oauth_error(&answer, 405, "invalid_request");
            assert_eq!(answer.header("allow"), "POST");
        }
        let answer = send(&mut client, "POST", "/oauth/token", &headers, good).await;
        is_oauth_error(&answer, 400, "invalid_grant");
        let wrong = good.replace("no-secret", "a-guess");
        let answer = send(&mut client, "POST", "/oauth/token", &headers, wrong).await;
        is_oauth_error(&answer, 401, "invalid_client");
        assert_eq!(answer.header("www-authenticate"), "Basic realm=\"token\"");
    }
}

#[tokio::test]
async fn tokens_are_kept_by_no_cache_of_any_age() {
    let server = Server::demo().await;
    let mut browser = server.browser_of("returning").await;
    let code = browser.authorize(&service("demo-shop")).await.location_parameter("code").unwrap();
    let answer = crate::tokens::redeem(&server, &code).await;
    assert_eq!(answer.status, StatusCode::OK);
    assert_eq!(answer.header("cache-control"), "no-store");
    assert_eq!(answer.header("pragma"), "no-cache");
}

#[tokio::test]
async fn userinfo_answers_every_error_as_rfc_6750_says() {
    let server = Server::demo().await;
    let closed = Server::demo().await;
    closed.app.close().await;
    for accepted in ACCEPTED {
        let path = "/oauth/userinfo";
        let mut client = server.browser();
        // A client without a token, or with other credentials, gets no error code.
        for other in ["", "Basic eDp5", "Digest x"] {
            for method in ["GET", "POST"] {
                let headers = [("accept", accepted), ("authorization", other)];
                let answer = send(&mut client, method, path, &headers, "").await;
                assert_eq!(answer.status, StatusCode::UNAUTHORIZED);
                assert_eq!(answer.header("www-authenticate"), "Bearer realm=\"userinfo\"");
                assert!(answer.body.is_empty(), "{}", answer.text());
            }
        }
        let headers = [("accept", accepted), ("authorization", "Bearer not-a-token")];
        let answer = send(&mut client, "GET", path, &headers, "").await;
        is_oauth_error(&answer, 401, "invalid_token");
        let challenge = answer.header("www-authenticate");
        assert!(challenge.starts_with("Bearer realm=\"userinfo\", error=\"invalid_token\""));
        for twice in [[("authorization", "Bearer"); 2], [("authorization", "Bearer x"); 2]] {
            let answer = send(&mut client, "GET", path, &twice, "").await;
            is_oauth_error(&answer, 400, "invalid_request");
            assert!(answer.header("www-authenticate").contains("error=\"invalid_request\""));
        }
        let answer = send(&mut client, "DELETE", path, &headers, "").await;
        is_oauth_error(&answer, 405, "invalid_request");
        for method in ["GET", "POST"] {
            assert!(answer.header("allow").contains(method), "{answer:?}");
        }
        let answer = send(&mut closed.browser(), "GET", path, &headers, "").await;
        is_oauth_error(&answer, 503, "temporarily_unavailable");
        let strict = strict().await;
        let form = [("accept", accepted), ("content-type", FORM)];
        let answer = throttled(&mut strict.browser(), "POST", path, &form).await;
        is_oauth_error(&answer, 429, "temporarily_unavailable");
    }
}

#[tokio::test]
async fn the_api_answers_every_error_as_problem_details() {
    let server = Server::demo().await;
    let mut browser = server.browser_of("new").await;
    let challenge = browser.challenged("demo-shop", &[]).await;
    let closed = Server::demo().await;
    closed.app.close().await;
    for accepted in ACCEPTED {
        let html = [
            ("accept", accepted),
            ("sec-fetch-site", "same-origin"),
            ("sec-fetch-mode", "navigate"),
        ];
        let form = [&html[..], &[("content-type", FORM)]].concat();
        for path in [
            "/api/v1/consents/none",
            "/api/v1/terms/tos/1?digest=x",
            "/api/v1/nothing",
            "/api/v2/consents/x",
            "/api/x",
            "/.well-known/nothing",
            "/api/v1/consents/x/nothing",
        ] {
            is_problem(&send(&mut browser, "GET", path, &html, "").await, 404);
        }
        is_problem(&send(&mut browser, "POST", "/api/v1/nothing", &form, "").await, 404);
        is_problem(&send(&mut browser, "GET", "/api/v1/consents/%ff", &html, "").await, 400);
        for (method, path, allow) in [
            ("POST", consent_path(&challenge), "GET,HEAD"),
            ("GET", decision_path(&challenge), "POST"),
            ("GET", extension_path(&challenge), "POST"),
            ("GET", "/api/v1/auto-login".into(), "POST"),
            ("DELETE", "/api/v1/openapi.json".into(), "GET,HEAD"),
            ("PUT", "/.well-known/jwks.json".into(), "GET,HEAD"),
            ("PUT", "/.well-known/openid-configuration".into(), "GET,HEAD"),
        ] {
            let answer = send(&mut browser, method, &path, &html, "").await;
            is_problem(&answer, 405);
            assert_eq!(answer.header("allow"), allow, "{path}");
        }
        // The media type of a form makes no person of who sends it anywhere else.
        for path in [extension_path(&challenge), "/api/v1/auto-login".into()] {
            is_problem(&send(&mut browser, "POST", &path, &form, "a=b").await, 400);
        }
        let json = [&html[..], &[("content-type", JSON)]].concat();
        is_problem(&send(&mut browser, "POST", &decision_path(&challenge), &json, "{").await, 400);
        let large = "x".repeat(100 * 1024);
        is_problem(
            &send(&mut browser, "POST", &decision_path(&challenge), &json, large).await,
            413,
        );
        let path = consent_path("x");
        is_problem(&send(&mut closed.browser(), "GET", &path, &html, "").await, 503);
        let answer = send(&mut closed.browser(), "GET", "/readyz", &html, "").await;
        assert_eq!(answer.status.as_u16(), 503);
        assert_eq!(answer.header("content-type"), "text/plain; charset=utf-8");
        let strict = strict().await;
        let path = consent_path("x");
        is_problem(&throttled(&mut strict.browser(), "GET", &path, &html).await, 429);
    }
}

#[tokio::test]
async fn addresses_of_pages_answer_every_error_with_a_page() {
    let server = Server::demo().await;
    screen::build(&server);
    screen::make_room(&server);
    let mut browser = server.browser_of("new").await;
    for accepted in ACCEPTED {
        let accept = [("accept", accepted), ("sec-fetch-site", "same-origin")];
        for (method, path, status) in [
            ("GET", "/oauth/authorize", 400),
            ("DELETE", "/oauth/authorize", 405),
            ("GET", "/consent/none", 404),
            ("GET", "/consent/%ff", 400),
            ("POST", "/consent/none", 404),
            ("DELETE", "/consent/none", 405),
            ("GET", "/auto-login", 400),
            ("POST", "/auto-login", 405),
            ("GET", "/auto-login/outside/none", 404),
            ("GET", "/demo/login?account=none", 404),
            ("GET", "/demo/login", 400),
            ("GET", "/demo/reset", 405),
        ] {
            let answer = send(&mut browser, method, path, &accept, "").await;
            is_page(&answer, status);
            assert_eq!(answer.headers.contains_key("allow"), status == 405, "{method} {path}");
        }
        let strict = strict().await;
        for path in ["/oauth/authorize?x", "/consent/x", "/auto-login?x", "/demo"] {
            is_page(&throttled(&mut strict.browser(), "GET", path, &accept).await, 429);
        }
    }
}

/// The one address that people and programs share: the media type of the request distinguishes them.
#[tokio::test]
async fn a_form_that_is_sent_to_the_decision_endpoint_is_a_person_s() {
    let server = Server::demo().await;
    let mut browser = server.browser_of("new").await;
    let challenge = browser.challenged("demo-shop", &[]).await;
    let path = decision_path(&challenge);
    for accepted in ACCEPTED {
        let ours =
            [("accept", accepted), ("content-type", FORM), ("sec-fetch-site", "same-origin")];
        let theirs =
            [("accept", accepted), ("content-type", FORM), ("sec-fetch-site", "cross-site")];
        let answer = send(&mut browser, "POST", &path, &ours, "decision=perhaps").await;
        is_page(&answer, 400);
        let screen = format!("href=\"/consent/{challenge}\"");
        assert!(answer.text().contains(&screen), "no way back: {}", answer.text());
        is_page(&send(&mut browser, "POST", &path, &theirs, "decision=cancel").await, 403);
        is_page(
            &send(&mut browser, "POST", &decision_path("none"), &ours, "decision=cancel").await,
            404,
        );
        let large = format!("decision=cancel&x={}", "x".repeat(100 * 1024));
        is_page(&send(&mut browser, "POST", &path, &ours, large).await, 413);
        let strict = strict().await;
        is_page(&throttled(&mut strict.browser(), "POST", &decision_path("x"), &ours).await, 429);
    }
}

#[tokio::test]
async fn a_file_that_is_not_there_is_a_page_to_a_window_and_a_line_to_others() {
    let server = Server::demo().await;
    screen::build(&server);
    let mut browser = server.browser();
    for path in ["/nothing", "/nothing.js", "/icons/shop/none", "/oauth/nothing"] {
        is_page(&send(&mut browser, "GET", path, &[("accept", "text/html,*/*")], "").await, 404);
        let answer = send(&mut browser, "GET", path, &[("accept", "*/*")], "").await;
        assert_eq!((answer.status.as_u16(), answer.text()), (404, "not found\n"), "{path}");
    }
}

/// A foreign `Host`, and none: the page holds nothing of it.
#[tokio::test]
async fn a_host_that_is_not_ours_is_refused_in_the_form_of_the_endpoint() {
    let server = Server::demo().await;
    screen::build(&server);
    let foreign = "evil.example";
    let ask = async |method: &str, path: &str, host: Option<&str>, kind: &str| {
        let mut request = Request::builder().method(method).uri(path).header("accept", "text/html");
        if let Some(host) = host {
            request = request.header("host", host);
        }
        if !kind.is_empty() {
            request = request.header("content-type", kind);
        }
        let request = request.body(Body::empty()).unwrap();
        let router = server.app.router();
        let response = tower::ServiceExt::oneshot(router, request).await.unwrap();
        let (parts, body) = response.into_parts();
        let body = axum::body::to_bytes(body, usize::MAX).await.unwrap().to_vec();
        Answer { status: parts.status, headers: parts.headers, body }
    };
    for (host, status) in [(Some(foreign), 421), (None, 400)] {
        let answer = ask("POST", "/oauth/token", host, FORM).await;
        is_oauth_error(&answer, status, "invalid_request");
        let answer = ask("GET", "/oauth/userinfo", host, "").await;
        is_oauth_error(&answer, status, "invalid_request");
        for path in [consent_path("x"), "/api/v1/openapi.json".into(), "/api/v1/nothing".into()] {
            is_problem(&ask("GET", &path, host, "").await, status);
        }
        is_problem(&ask("POST", &decision_path("x"), host, JSON).await, status);
        for (method, path, kind) in [
            ("GET", "/oauth/authorize?client_id=demo-shop", ""),
            ("GET", "/consent/x", ""),
            ("POST", "/consent/x", FORM),
            ("POST", &decision_path("x"), FORM),
            ("GET", "/demo", ""),
            ("GET", "/nothing", ""),
        ] {
            let answer = ask(method, path, host, kind).await;
            is_page(&answer, status);
            assert!(!answer.headers.contains_key("location"), "{path}");
            assert!(!answer.headers.contains_key("set-cookie"), "{path}");
            assert!(!answer.text().contains(foreign), "{path}: {}", answer.text());
            let leads_on = answer.text().contains("<a ") || answer.text().contains("<form");
            assert!(host.is_none() || !leads_on, "{path}: {}", answer.text());
        }
    }
}
