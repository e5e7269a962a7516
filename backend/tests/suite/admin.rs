//! The admin listener: metrics and health; and the log as JSON.

use std::{fs, time::Duration};

use axum::{
    Router,
    body::{Body, to_bytes},
    http::Request,
};
use serde_json::Value;
use tempfile::TempDir;
use tower::ServiceExt;

use crate::{
    browser::{Server, cancel, service},
    process::{Running, program},
    tokens::redeem,
};

async fn get(router: Router, path: &str) -> (u16, String, String) {
    let request = Request::get(path).body(Body::empty()).unwrap();
    let answer = router.oneshot(request).await.unwrap();
    let kind = answer.headers().get("content-type").map(|it| it.to_str().unwrap().to_owned());
    let status = answer.status().as_u16();
    let body = to_bytes(answer.into_body(), usize::MAX).await.unwrap();
    (status, kind.unwrap_or_default(), String::from_utf8(body.to_vec()).unwrap())
}

async fn metrics(server: &Server) -> String {
    let (status, kind, text) = get(server.app.admin_router(), "/metrics").await;
    assert_eq!(status, 200);
    assert_eq!(kind, "application/openmetrics-text; version=1.0.0; charset=utf-8");
    text
}

#[track_caller]
fn has(text: &str, line: &str) {
    assert!(text.lines().any(|it| it == line), "{line}: {text}");
}

#[tokio::test]
async fn what_happens_is_counted_by_route_and_never_by_path_or_person() {
    let server = Server::demo().await;
    let mut browser = server.browser_of("returning").await;
    let code = browser.authorize(&service("demo-shop")).await.location_parameter("code").unwrap();
    assert_eq!(redeem(&server, &code).await.status, 200);
    assert_eq!(redeem(&server, &code).await.status, 400);
    let form = "application/x-www-form-urlencoded";
    let wrong = "grant_type=authorization_code&code=x&client_id=demo-shop&client_secret=wrong";
    assert_eq!(browser.post("/oauth/token", form, wrong).await.status, 401);
    let mut new = server.browser_of("new").await;
    let challenge = new.challenged("demo-shop", &[]).await;
    new.agrees(&challenge).await;
    let other = new.challenged("demo-bookclub", &[]).await;
    new.decide(&other, &cancel()).await;
    browser.get("/a-path-that-no-one-has/returning").await;
    let text = metrics(&server).await;
    for line in [
        r#"consent_http_requests_total{route="/oauth/authorize",method="GET",status="303"} 3"#,
        r#"consent_http_requests_total{route="/oauth/token",method="POST",status="401"} 1"#,
        r#"consent_decisions_total{kind="agree"} 1"#,
        r#"consent_decisions_total{kind="cancel"} 1"#,
        r#"consent_tokens_reused_total{kind="code"} 1"#,
        "consent_client_authentication_failures_total 1",
        "consent_receipts_unsealed 2",
        r#"consent_outbox_events{kind="dead"} 0"#,
        "consent_ready 1",
    ] {
        has(&text, line);
    }
    assert!(
        text.contains(r#"consent_http_request_duration_seconds_bucket{le="0.1",route="#),
        "{text}"
    );
    assert!(text.ends_with("# EOF\n"), "{text}");
    for secret in [&*challenge, &code, "returning", "a-path-that-no-one-has", "demo-shop"] {
        assert!(!text.contains(secret), "{secret}: {text}");
    }
    server.app.seal_receipts().await;
    has(&metrics(&server).await, "consent_receipts_unsealed 0");
}

#[tokio::test]
async fn a_made_up_method_makes_no_series_of_its_own() {
    let server = Server::demo().await;
    let series = async || {
        let text = metrics(&server).await;
        text.lines().filter(|line| line.starts_with("consent_http_requests_total{")).count()
    };
    let send = async |method: &str| {
        let request = Request::builder().method(method).uri("/oauth/authorize");
        server.browser().send(request.body(Body::empty()).unwrap()).await;
    };
    send("BREW").await;
    let before = series().await;
    for number in 0..20 {
        send(&format!("BREW{number}")).await;
    }
    assert_eq!(series().await, before);
}

#[tokio::test]
async fn a_server_that_drains_says_so_in_its_metrics() {
    let server = Server::demo().await;
    server.app.start_draining();
    has(&metrics(&server).await, "consent_ready 0");
    assert_eq!(get(server.app.admin_router(), "/readyz").await.0, 503);
    assert_eq!(get(server.app.admin_router(), "/healthz").await.0, 200);
}

#[test]
fn metrics_have_a_listener_of_their_own_and_logs_are_json_with_request_ids() {
    let folder = TempDir::new().unwrap();
    let options = ["--admin-listen", "127.0.0.1:0", "--log-format", "json", "--drain", "0s"];
    let mut server = Running::start_with(program(), folder.path(), &options);
    let (head, _) = server.get("/metrics", "");
    assert!(head.starts_with("HTTP/1.1 404"), "not public: {head}");
    let id = head.lines().find_map(|line| line.strip_prefix("x-request-id: ")).unwrap().to_owned();
    let log = || -> Vec<Value> {
        let text = fs::read_to_string(folder.path().join("log")).unwrap();
        text.lines().map(|line| serde_json::from_str(line).expect(line)).collect()
    };
    let entries = log();
    let listener = entries.iter().find(|it| it["message"] == "the admin listener").unwrap();
    let admin = listener["address"].as_str().unwrap().to_owned();
    let public = std::mem::replace(&mut server.address, admin);
    let (head, body) = server.get("/metrics", "");
    assert!(head.starts_with("HTTP/1.1 200") && body.ends_with("# EOF\n"), "{head} {body}");
    let (head, _) = server.get("/demo", "");
    assert!(head.starts_with("HTTP/1.1 404"), "nothing else is there: {head}");
    server.address = public;
    // Lines are written when the answer is.
    std::thread::sleep(Duration::from_millis(200));
    let entries = log();
    let answered =
        entries.iter().find(|it| it["span"]["id"] == *id).expect("the request is logged");
    assert_eq!(answered["message"], "answered");
    assert_eq!(answered["status"], 404);
    assert_eq!(answered["span"]["method"], "GET");
    assert_eq!(answered["level"], "INFO");
    server.signal("TERM");
    assert!(server.ends().0.success());
}
