//! Several servers on one database: each learns of a change by any other.

use std::time::{Duration, Instant};

use axum::http::StatusCode;
use consent_backend::App;
use serde_json::json;

use super::{CAFE, JSON, SERVICES, TOKEN, cafe, call_as, created, get, patch, post, server};
use crate::{
    client,
    instances::{another, program::Running},
};

/// How long a change by another server may be unknown: it looks every second.
const BOUND: Duration = Duration::from_secs(5);

/// Waits until the token endpoint of a process answers with this status. The code is wrong: 401 is a client
/// that does not authenticate.
async fn comes_to(running: &Running, status: u16) -> Duration {
    let begun = Instant::now();
    loop {
        let reply =
            running.token("cafe", &[("grant_type", "authorization_code"), ("code", "x")]).await;
        if reply.status == status {
            return begun.elapsed();
        }
        assert!(begun.elapsed() < BOUND, "{reply:?}");
        tokio::time::sleep(Duration::from_millis(50)).await;
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn another_process_takes_a_change_over() {
    let server = server().await;
    let running = Running::start(server.folder.path());
    comes_to(&running, 401).await;
    created(&server, &cafe()).await;
    comes_to(&running, 400).await;
    post(&server, &format!("{CAFE}/disable")).await;
    comes_to(&running, 401).await;
    post(&server, &format!("{CAFE}/enable")).await;
    comes_to(&running, 400).await;
    // Another secret, without an overlap.
    let headers = [("content-type", JSON)];
    let body = r#"{"overlap_seconds":0}"#;
    let path = format!("{CAFE}/secret");
    call_as(&server.app, TOKEN, ("POST", &path), &headers, body).await;
    comes_to(&running, 401).await;
}

#[tokio::test]
async fn two_servers_make_one_service() {
    let one = server().await;
    let two = another(&one).await;
    let body = cafe().to_string();
    let headers = [("content-type", JSON)];
    let create = |app: &App| {
        let (app, body) = (app.clone(), body.clone());
        async move { call_as(&app, TOKEN, ("POST", SERVICES), &headers, body).await.status }
    };
    let statuses = tokio::join!(create(&one.app), create(&two.app), create(&one.app));
    let mut statuses = [statuses.0, statuses.1, statuses.2];
    statuses.sort_unstable();
    assert_eq!(statuses, [201, 409, 409]);
    // Two that exclude each other, because of their names.
    let mut tea = cafe();
    tea["company"] = json!({ "ko": "다른 회사", "en": "Another company" });
    tea["name"] = json!({ "ko": "다방", "en": "Dabang" });
    let named = |client_id: &str, company: &str| {
        let mut tea = tea.clone();
        tea["client_id"] = json!(client_id);
        tea["company"] = json!(company);
        tea.to_string()
    };
    let replies = tokio::join!(
        call_as(&one.app, TOKEN, ("POST", SERVICES), &headers, named("tea-1", "한 회사")),
        call_as(&two.app, TOKEN, ("POST", SERVICES), &headers, named("tea-2", "두 회사")),
    );
    let mut statuses = [replies.0.status, replies.1.status];
    statuses.sort_unstable();
    assert_eq!(statuses, [201, 422], "{} {}", replies.0.text, replies.1.text);
}

/// A call sees what any server has written, without waiting for its next look.
#[tokio::test]
async fn calls_see_what_another_server_has_written() {
    let one = server().await;
    let two = another(&one).await;
    let etag = created(&one, &cafe()).await.header("etag");
    assert_eq!(get(&two, CAFE).await.header("etag"), etag);
    let etag_after = patch(&two, &etag, &json!({ "verified": true })).await.header("etag");
    patch(&one, &etag, &json!({ "verified": false })).await.is(412, "precondition_failed");
    assert_eq!(get(&one, CAFE).await.header("etag"), etag_after);
    // And so has the server that was asked for it.
    let mut hana = one.proxied("hana");
    let code = client::code(&mut hana, "cafe", "openid", &[]).await;
    assert_eq!(client::redeem(&two, "cafe", &code).await.status, StatusCode::OK);
}
