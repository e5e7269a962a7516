//! The plan `oidcc-config-certification-test-plan` of the OpenID conformance suite, and caching.

use axum::{
    body::Body,
    http::{Request, StatusCode},
};
use serde_json::{Value, json};

use crate::oidc_basic::client::{ISSUER, Suite};

const METADATA: [&str; 2] =
    ["/.well-known/openid-configuration", "/.well-known/oauth-authorization-server"];

#[tokio::test]
async fn oidcc_discovery_endpoint_verification() {
    let mut suite = Suite::new().await;
    let answer = suite.browser.get(METADATA[0]).await;
    assert_eq!(answer.status, StatusCode::OK);
    assert!(answer.header("content-type").starts_with("application/json"));
    let metadata: Value = answer.json();
    assert_eq!(metadata["issuer"], ISSUER);
    for (name, value) in metadata.as_object().unwrap() {
        if name.ends_with("_endpoint") || name.ends_with("_uri") {
            assert!(value.as_str().unwrap().starts_with("https://"), "{name}");
        }
    }
    for (name, member) in [
        ("response_types_supported", "code"),
        ("response_modes_supported", "query"),
        ("response_modes_supported", "form_post"),
        ("subject_types_supported", "pairwise"),
        ("id_token_signing_alg_values_supported", "RS256"),
        ("grant_types_supported", "authorization_code"),
        ("scopes_supported", "openid"),
        ("claims_supported", "sub"),
        ("code_challenge_methods_supported", "S256"),
        ("token_endpoint_auth_methods_supported", "client_secret_basic"),
        ("token_endpoint_auth_methods_supported", "client_secret_post"),
    ] {
        assert!(metadata[name].as_array().unwrap().contains(&json!(member)), "{name}: {member}");
    }
    for name in ["authorization_endpoint", "token_endpoint", "userinfo_endpoint", "jwks_uri"] {
        assert!(metadata[name].is_string(), "{name}");
    }
    // Clients assume that request_uri is supported where this is missing.
    assert_eq!(metadata["request_uri_parameter_supported"], false);
    assert_eq!(metadata["request_parameter_supported"], false);
    let without_none = json!(["RS256"]);
    assert_eq!(metadata["request_object_signing_alg_values_supported"], without_none);
    let languages = json!(["ko", "en", "ja", "zh-Hans", "zh-Hant", "vi", "th", "ar"]);
    assert_eq!(metadata["ui_locales_supported"], languages);
    let other: Value = suite.browser.get(METADATA[1]).await.json();
    assert_eq!(other, metadata, "RFC 8414 has the same content");
}

#[tokio::test]
async fn metadata_and_keys_may_be_cached() {
    let suite = Suite::new().await;
    let get = async |path: &str, known: Option<&str>| {
        let mut request = Request::get(path);
        if let Some(known) = known {
            request = request.header("if-none-match", known);
        }
        suite.server.browser().send(request.body(Body::empty()).unwrap()).await
    };
    for (path, max_age) in
        [(METADATA[0], 3600), (METADATA[1], 3600), ("/.well-known/jwks.json", 900)]
    {
        let answer = get(path, None).await;
        assert_eq!(answer.header("cache-control"), format!("public, max-age={max_age}"));
        let tag = answer.header("etag").to_owned();
        let name = tag.strip_prefix("W/").unwrap().to_owned();
        for known in [tag.clone(), name, format!("\"x\", {tag}"), "*".to_owned()] {
            let again = get(path, Some(&known)).await;
            assert_eq!(again.status, StatusCode::NOT_MODIFIED, "{known}");
            assert_eq!(again.header("etag"), tag);
            assert!(again.body.is_empty());
        }
        let changed = get(path, Some("\"x\"")).await;
        assert_eq!(changed.status, StatusCode::OK);
        assert_eq!(changed.body, answer.body);
    }
    for (method, path) in [("POST", METADATA[0]), ("DELETE", METADATA[1])] {
        let request = Request::builder().method(method).uri(path).body(Body::empty()).unwrap();
        let answer = suite.server.browser().send(request).await;
        assert_eq!(answer.status, StatusCode::METHOD_NOT_ALLOWED);
    }
}
