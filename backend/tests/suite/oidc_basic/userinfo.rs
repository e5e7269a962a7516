//! The UserInfo endpoint.

use axum::{body::Body, http::Request};
use serde_json::Value;

use super::client::{FORM, Suite};

#[tokio::test]
async fn oidcc_userinfo_get() {
    let mut suite = Suite::new().await;
    let flow = suite.flow(&[]).await;
    let answer = suite.userinfo(flow.tokens["access_token"].as_str().unwrap()).await;
    assert!(answer.header("content-type").starts_with("application/json"));
    assert_eq!(answer.json::<Value>()["sub"], flow.claims["sub"]);
}

#[tokio::test]
async fn oidcc_userinfo_post_header() {
    let mut suite = Suite::new().await;
    let flow = suite.flow(&[]).await;
    let token = flow.tokens["access_token"].as_str().unwrap();
    let request = Request::post("/oauth/userinfo")
        .header("authorization", format!("Bearer {token}"))
        .header("content-type", FORM);
    let answer = suite.server.browser().send(request.body(Body::empty()).unwrap()).await;
    assert!(answer.header("content-type").starts_with("application/json"));
    assert_eq!(answer.json::<Value>()["sub"], flow.claims["sub"]);
}

#[tokio::test]
async fn oidcc_userinfo_post_body() {
    let mut suite = Suite::new().await;
    let flow = suite.flow(&[]).await;
    let token = flow.tokens["access_token"].as_str().unwrap();
    let request = Request::post("/oauth/userinfo").header("content-type", FORM);
    let body = Body::from(format!("access_token={token}"));
    let answer = suite.server.browser().send(request.body(body).unwrap()).await;
    assert_eq!(answer.json::<Value>()["sub"], flow.claims["sub"]);
}
