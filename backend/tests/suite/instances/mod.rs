//! Several servers on one database: none is special.

#[cfg(unix)]
mod processes;
pub mod program;

use axum::http::StatusCode;
use consent_backend::{App, Services};
use serde_json::Value;
use tempfile::TempDir;

use crate::{
    browser::{Server, settings},
    client::{code, redeem, refresh, server, text, tokens},
};

/// Another server with the configuration and the database of this one.
pub async fn another(server: &Server) -> Server {
    let folder = server.folder.path();
    let mut settings = settings(folder, Services::File(folder.join("services.toml")));
    settings.trusted_proxies = vec!["127.0.0.1".parse().unwrap()];
    settings.clock = server.clock.clone();
    let clock = settings.clock.clone();
    Server::of(App::open(settings).await.unwrap(), clock, TempDir::new().unwrap())
}

#[tokio::test]
async fn a_code_is_redeemed_at_one_of_two() {
    let one = server().await;
    let two = another(&one).await;
    for account in ["hana", "duri"] {
        let code = code(&mut one.proxied(account), "shop", "openid", &[]).await;
        let answers = tokio::join!(
            redeem(&one, "shop", &code),
            redeem(&two, "shop", &code),
            redeem(&one, "shop", &code),
            redeem(&two, "shop", &code),
        );
        let statuses = [&answers.0, &answers.1, &answers.2, &answers.3].map(|it| it.status);
        let good = statuses.iter().filter(|it| **it == StatusCode::OK).count();
        let bad = statuses.iter().filter(|it| **it == StatusCode::BAD_REQUEST).count();
        assert_eq!((good, bad), (1, 3), "{statuses:?}");
        // Who came later may be who should have it (RFC 6749, 4.1.2).
        assert_eq!(one.count("SELECT count(*) FROM tokens").await, 0);
    }
}

#[tokio::test]
async fn a_refresh_token_makes_one_family_at_two() {
    let one = server().await;
    let two = another(&one).await;
    let scope = "openid offline_access";
    let first = tokens(&one, &mut one.proxied("hana"), "shop", scope, &[]).await;
    let token = text(&first, "refresh_token");
    let answers = tokio::join!(
        refresh(&one, "shop", token, &[]),
        refresh(&two, "shop", token, &[]),
        refresh(&one, "shop", token, &[]),
        refresh(&two, "shop", token, &[]),
    );
    let mut works = 0;
    for answer in [answers.0, answers.1, answers.2, answers.3] {
        assert_eq!(answer.status, StatusCode::OK, "{}", answer.text());
        let after: Value = answer.json();
        works += i32::from(one.count(ACTIVE).await == 1);
        assert_ne!(text(&after, "refresh_token"), token);
    }
    assert_eq!(works, 4, "one successor at a time");
}

const ACTIVE: &str = "SELECT count(*) FROM refresh_tokens WHERE state = 'active'";

/// A server that starts makes no keys of its own, and knows those that were made since.
#[tokio::test]
async fn keys_are_shared() {
    let one = server().await;
    let two = another(&one).await;
    let keys = |server: &Server| {
        let mut browser = server.browser();
        async move { browser.get("/.well-known/jwks.json").await.json::<Value>() }
    };
    let before = keys(&one).await;
    assert!(before["keys"].as_array().is_some_and(|it| !it.is_empty()), "{before}");
    assert_eq!(keys(&two).await, before);
    // A token of one is good at the other.
    let tokens = tokens(&one, &mut one.proxied("hana"), "shop", "openid", &[]).await;
    assert_eq!(crate::client::userinfo(&two, &tokens).await.status, StatusCode::OK);
}
