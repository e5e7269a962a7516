//! `prompt`, `max_age` and `id_token_hint`.

use super::client::Suite;

#[tokio::test]
async fn oidcc_prompt_login() {
    let mut suite = Suite::new().await;
    let first = suite.flow(&[]).await;
    suite.server.clock.advance(1);
    let second = suite.flow(&[("prompt", "login")]).await;
    assert_eq!(suite.logins, 2);
    assert!(second.auth_time() > first.auth_time());
    assert_eq!(second.claims["sub"], first.claims["sub"]);
}

#[tokio::test]
async fn oidcc_prompt_none_not_logged_in() {
    let mut suite = Suite::new().await;
    let callback = suite.authorize(&[("prompt", "none")]).await;
    assert_eq!(callback.error(), "login_required");
    assert_eq!(suite.logins, 0);
}

#[tokio::test]
async fn oidcc_prompt_none_logged_in() {
    let mut suite = Suite::new().await;
    let first = suite.flow(&[]).await;
    suite.server.clock.advance(5);
    let second = suite.flow(&[("prompt", "none")]).await;
    assert_eq!((suite.logins, suite.screens), (1, 1));
    assert_eq!(second.claims["sub"], first.claims["sub"]);
    assert_eq!(second.auth_time(), first.auth_time());
}

#[tokio::test]
async fn oidcc_max_age_1() {
    let mut suite = Suite::new().await;
    let first = suite.flow(&[]).await;
    suite.server.clock.advance(2);
    let second = suite.flow(&[("max_age", "1")]).await;
    assert_eq!(suite.logins, 2);
    assert!(second.auth_time() >= first.auth_time() + 2);
}

#[tokio::test]
async fn oidcc_max_age_10000() {
    let mut suite = Suite::new().await;
    let first = suite.flow(&[("max_age", "15000")]).await;
    suite.server.clock.advance(60);
    let second = suite.flow(&[("max_age", "10000")]).await;
    assert_eq!(suite.logins, 1, "no second login");
    assert_eq!(second.auth_time(), first.auth_time());
    assert_eq!(second.claims["sub"], first.claims["sub"]);
}

#[tokio::test]
async fn oidcc_id_token_hint() {
    let mut suite = Suite::new().await;
    let first = suite.flow(&[]).await;
    let hint = first.tokens["id_token"].as_str().unwrap();
    // Expired hints are good, too.
    suite.server.clock.advance(3600);
    let second = suite.flow(&[("prompt", "none"), ("id_token_hint", hint)]).await;
    assert_eq!(second.claims["sub"], first.claims["sub"]);
    assert_eq!(second.auth_time(), first.auth_time());
}
