//! Scopes and the claims behind them.

use serde_json::{Value, json};

use super::client::Suite;

/// The claims of each standard scope that this server's items give, and their values.
fn expected(scope: &str) -> Vec<(&'static str, Value)> {
    match scope {
        "profile" => vec![
            ("nickname", json!("Hana")),
            ("name", json!("Kim Hana")),
            ("birthdate", json!("1995-04-12")),
        ],
        "email" => vec![("email", json!("hana@example.com")), ("email_verified", json!(true))],
        "phone" => {
            vec![("phone_number", json!("+821012345678")), ("phone_number_verified", json!(true))]
        }
        "address" => vec![("address", json!({ "formatted": "110 Sejong-daero, Jung-gu, Seoul" }))],
        other => panic!("{other}"),
    }
}

async fn scopes(scopes: &[&str]) {
    let mut suite = Suite::new().await;
    let metadata: Value = suite.browser.get("/.well-known/openid-configuration").await.json();
    let supported = metadata["scopes_supported"].as_array().unwrap();
    let flow = suite.flow(&[("scope", &["openid", &scopes.join(" ")].join(" "))]).await;
    for scope in scopes {
        assert!(supported.contains(&json!(scope)), "{scope}");
        for (claim, value) in expected(scope) {
            assert_eq!(flow.userinfo[claim], value, "{claim}");
            assert!(flow.claims.get(claim).is_none(), "{claim} was not asked for in the ID token");
            assert!(metadata["claims_supported"].as_array().unwrap().contains(&json!(claim)));
        }
    }
    for (claim, value) in flow.userinfo.as_object().unwrap() {
        assert!(!value.is_null() && *value != json!("") && *value != json!("null"), "{claim}");
    }
}

#[tokio::test]
async fn oidcc_scope_profile() {
    scopes(&["profile"]).await;
}

#[tokio::test]
async fn oidcc_scope_email() {
    scopes(&["email"]).await;
}

#[tokio::test]
async fn oidcc_scope_address() {
    scopes(&["address"]).await;
}

#[tokio::test]
async fn oidcc_scope_phone() {
    scopes(&["phone"]).await;
}

#[tokio::test]
async fn oidcc_scope_all() {
    scopes(&["profile", "email", "address", "phone"]).await;
}
