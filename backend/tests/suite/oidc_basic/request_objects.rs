//! Request objects, which are not supported, and redirect URIs, which are checked before anything else.

use axum::http::StatusCode;
use base64::{Engine, engine::general_purpose::URL_SAFE_NO_PAD};

use super::client::{CALLBACK, Suite, borrowed};

/// A request object with `alg` none.
fn unsigned(claims: &str) -> String {
    let header = URL_SAFE_NO_PAD.encode(r#"{"alg":"none"}"#);
    format!("{header}.{}.", URL_SAFE_NO_PAD.encode(claims))
}

#[tokio::test]
async fn oidcc_ensure_registered_redirect_uri() {
    let mut suite = Suite::new().await;
    let unregistered = format!("{CALLBACK}/extra");
    let parameters = suite.parameters(&[("redirect_uri", &unregistered)]);
    let answer = suite.browser.authorize(&borrowed(&parameters)).await;
    assert_eq!(answer.status, StatusCode::BAD_REQUEST);
    assert!(!answer.headers.contains_key("location"));
    assert!(answer.header("content-type").starts_with("text/html"));
}

#[tokio::test]
async fn oidcc_unsigned_request_object_supported_correctly_or_rejected_as_unsupported() {
    let mut suite = Suite::new().await;
    let object = unsigned(r#"{"state":"inside","nonce":"inside"}"#);
    let callback = suite.authorize(&[("state", ""), ("nonce", ""), ("request", &object)]).await;
    assert_eq!(callback.error(), "request_not_supported");
}

#[tokio::test]
async fn oidcc_ensure_request_object_with_redirect_uri() {
    let mut suite = Suite::new().await;
    let object = unsigned(&format!(r#"{{"redirect_uri":"{CALLBACK}"}}"#));
    let bad = format!("{CALLBACK}/extra");
    for outside in [bad.as_str(), ""] {
        let parameters = suite.parameters(&[("redirect_uri", outside), ("request", &object)]);
        let answer = suite.browser.authorize(&borrowed(&parameters)).await;
        assert_eq!(answer.status, StatusCode::BAD_REQUEST);
        assert!(!answer.headers.contains_key("location"));
    }
}

/// The module itself needs dynamic registration; its rule holds for every client.
#[tokio::test]
async fn oidcc_request_uri_unsigned_supported_correctly_or_rejected_as_unsupported() {
    let mut suite = Suite::new().await;
    let callback = suite.authorize(&[("request_uri", "https://suite.example/request.jwt")]).await;
    assert_eq!(callback.error(), "request_uri_not_supported");
}
