//! A configuration that is read again.

use std::fs;

use axum::http::StatusCode;

use super::{
    provider::{Provider, Reply},
    request, sent, server, signs_in, toml,
};
use crate::shop::{account, proxied};

#[tokio::test]
async fn a_reload_keeps_what_is_known_of_a_provider_and_takes_another_one() {
    let (first, server) = server().await;
    let file = server.folder.path().join("services.toml");
    signs_in(&mut server.browser(), &server, &first, &[]).await.challenge();
    // An edit elsewhere, while the provider is down.
    first.discovers(Reply::Text(503, "down"));
    fs::write(&file, format!("{}\n{}", toml(&first, ""), account("duri"))).unwrap();
    server.app.reload().await.unwrap();
    signs_in(&mut server.browser(), &server, &first, &[]).await.challenge();
    assert_eq!(first.seen("/.well-known/openid-configuration").len(), 1);
    let second = Provider::new().await;
    fs::write(&file, toml(&second, "")).unwrap();
    server.app.reload().await.unwrap();
    sent(&mut server.browser(), &second, &request(&[])).await;
    // Then a login page again, and no provider.
    fs::write(&file, proxied(&["hana"])).unwrap();
    server.app.reload().await.unwrap();
    assert_eq!(server.browser().get("/sign-in").await.status, StatusCode::NOT_FOUND);
}
