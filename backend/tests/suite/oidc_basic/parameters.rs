//! Parameters that must not fail a request.

use super::client::{Suite, borrowed};

#[tokio::test]
async fn oidcc_display_page() {
    Suite::new().await.flow(&[("display", "page")]).await;
}

#[tokio::test]
async fn oidcc_display_popup() {
    Suite::new().await.flow(&[("display", "popup")]).await;
}

#[tokio::test]
async fn oidcc_login_hint() {
    Suite::new().await.flow(&[("login_hint", "buffy@id.example")]).await;
}

#[tokio::test]
async fn oidcc_ui_locales() {
    Suite::new().await.flow(&[("ui_locales", "se")]).await;
}

#[tokio::test]
async fn oidcc_claims_locales() {
    Suite::new().await.flow(&[("claims_locales", "se")]).await;
}

#[tokio::test]
async fn oidcc_ensure_request_with_acr_values_succeeds() {
    let mut suite = Suite::new().await;
    for values in ["0", "1 2"] {
        let flow = suite.flow(&[("acr_values", values)]).await;
        assert_eq!(flow.claims["acr"], "0", "what the login proves is not known");
    }
}

#[tokio::test]
async fn oidcc_alternate_happy_flow() {
    let mut suite = Suite::new().await;
    let mut parameters = suite.parameters(&[("scope", "email openid")]);
    parameters.reverse();
    let answer = suite.browser.authorize(&borrowed(&parameters)).await;
    let callback = suite.follow(answer, &parameters).await;
    let flow = suite.finish(callback, &parameters, &[]).await;
    assert_eq!(flow.userinfo["email"], "hana@example.com");
    assert!(flow.claims.get("email").is_none());
}

#[tokio::test]
async fn oidcc_claims_essential() {
    let mut suite = Suite::new().await;
    let claims = r#"{"userinfo":{"name":{"essential":true}}}"#;
    let flow = suite.flow(&[("claims", claims)]).await;
    assert_eq!(flow.userinfo["name"], "Kim Hana");
    assert!(flow.claims.get("name").is_none(), "it was asked for at userinfo only");
}
