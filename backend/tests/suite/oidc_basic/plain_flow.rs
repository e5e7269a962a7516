//! Plain flows.

use serde_json::Value;
use url::form_urlencoded;

use super::client::{Authentication, FORM, Suite, borrowed};
use crate::browser::{CHALLENGE, VERIFIER};

#[tokio::test]
async fn oidcc_server() {
    let mut suite = Suite::new().await;
    let jwks: Value = suite.browser.get("/.well-known/jwks.json").await.json();
    let keys = jwks["keys"].as_array().unwrap();
    let mut names: Vec<&str> = keys.iter().map(|key| key["kid"].as_str().unwrap()).collect();
    names.sort_unstable();
    names.dedup();
    assert_eq!(names.len(), keys.len());
    for private in ["d", "p", "q", "dp", "dq", "qi", "k"] {
        assert!(keys.iter().all(|key| key.get(private).is_none()), "{private}");
    }
    let flow = suite.flow(&[]).await;
    let allowed = [
        "iss",
        "sub",
        "aud",
        "exp",
        "iat",
        "auth_time",
        "nonce",
        "acr",
        "amr",
        "azp",
        "at_hash",
        "c_hash",
        "nbf",
        "jti",
        "sid",
        "s_hash",
        "txn",
    ];
    for claim in flow.claims.as_object().unwrap().keys() {
        assert!(allowed.contains(&&**claim), "{claim} was not asked for");
    }
}

#[tokio::test]
async fn oidcc_response_type_missing() {
    let mut suite = Suite::new().await;
    let callback = suite.authorize(&[("response_type", "")]).await;
    assert_eq!(callback.error(), "invalid_request");
}

#[tokio::test]
async fn oidcc_ensure_request_without_nonce_succeeds_for_code_flow() {
    let mut suite = Suite::new().await;
    let flow = suite.flow(&[("nonce", "")]).await;
    assert!(flow.claims.get("nonce").is_none());
}

#[tokio::test]
async fn oidcc_ensure_request_with_unknown_parameter_succeeds() {
    Suite::new().await.flow(&[("extra", "foobar")]).await;
}

#[tokio::test]
async fn oidcc_ensure_request_with_valid_pkce_succeeds() {
    let mut suite = Suite::new().await;
    let changes = [("code_challenge", CHALLENGE), ("code_challenge_method", "S256")];
    let parameters = suite.parameters(&changes);
    let answer = suite.browser.authorize(&borrowed(&parameters)).await;
    let callback = suite.follow(answer, &parameters).await;
    suite.finish(callback, &parameters, &[("code_verifier", VERIFIER)]).await;
}

#[tokio::test]
async fn oidcc_ensure_post_request_succeeds() {
    let mut suite = Suite::new().await;
    let parameters = suite.parameters(&[]);
    let form = form_urlencoded::Serializer::new(String::new())
        .extend_pairs(borrowed(&parameters))
        .finish();
    // As from the client's own site: browsers send no cookie with it.
    let request = axum::http::Request::post("/oauth/authorize")
        .header("content-type", FORM)
        .header("origin", "https://suite.example")
        .header("sec-fetch-site", "cross-site")
        .body(axum::body::Body::from(form))
        .unwrap();
    let answer = suite.server.browser().send(request).await;
    let callback = suite.follow(answer, &parameters).await;
    suite.finish(callback, &parameters, &[]).await;
}

#[tokio::test]
async fn oidcc_server_client_secret_post() {
    let mut suite = Suite::new().await;
    suite.client_id = "post";
    suite.authentication = Authentication::Post;
    suite.flow(&[]).await;
}
