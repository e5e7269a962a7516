//! A code that is sent twice.

use axum::http::StatusCode;
use serde_json::Value;

use super::client::Suite;

#[tokio::test]
async fn oidcc_codereuse() {
    let mut suite = Suite::new().await;
    let flow = suite.flow(&[]).await;
    let again = suite.redeem(flow.callback.get("code"), &[]).await;
    assert_eq!(again.status, StatusCode::BAD_REQUEST);
    assert_eq!(again.json::<Value>()["error"], "invalid_grant");
}

#[tokio::test]
async fn oidcc_codereuse_30seconds() {
    let mut suite = Suite::new().await;
    let flow = suite.flow(&[]).await;
    suite.server.clock.advance(30);
    let again = suite.redeem(flow.callback.get("code"), &[]).await;
    assert_eq!(again.status, StatusCode::BAD_REQUEST);
    assert_eq!(again.json::<Value>()["error"], "invalid_grant");
    let userinfo = suite.userinfo(flow.tokens["access_token"].as_str().unwrap()).await;
    assert_eq!(userinfo.status, StatusCode::UNAUTHORIZED, "its tokens are revoked");
}
