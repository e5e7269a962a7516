//! What the provider reports: twice, late, out of order, forged, for an unknown user.

use consent_shop::store::unlinks::Cause;

use crate::{
    fake::{Fault, User},
    shop::{ADMIN_KEY, Shop, hana},
};

#[tokio::test]
async fn an_unlink_erases_the_member_and_ends_the_session() {
    let shop = Shop::open().await;
    let mut browser = shop.member().await;
    shop.fake.unlink("101");
    assert_eq!(shop.unlink_webhook("101").await, 200);
    assert!(shop.row("101").await.is_none());
    assert!(browser.get("/profile").await.location.unwrap().starts_with("/sign-in"));
    assert_eq!(shop.unlink_webhook("101").await, 200, "twice");
}

#[tokio::test]
async fn it_comes_by_get_as_well() {
    let shop = Shop::open().await;
    shop.member().await;
    shop.fake.unlink("101");
    let request = axum::http::Request::get("/webhooks/unlink?app_id=817001&user_id=101")
        .header("Authorization", format!("KakaoAK {ADMIN_KEY}"))
        .body(axum::body::Body::empty());
    let answer = tower::ServiceExt::oneshot(shop.router.clone(), request.unwrap()).await.unwrap();
    assert_eq!(answer.status(), 200);
    assert!(shop.row("101").await.is_none());
}

#[tokio::test]
async fn an_unlink_that_comes_after_the_next_link_is_ignored() {
    let shop = Shop::open().await;
    let mut browser = shop.member().await;
    let at = shop.fake.unlink("101");
    browser.sign_in("sign_up").await.leads_to("/");
    assert_eq!(shop.unlink_webhook("101").await, 200);
    assert!(shop.row("101").await.is_some());
    let event = shop.fake.event("late", "101", "account-unlinked", at);
    assert_eq!(shop.event(&event).await, 202);
    assert!(shop.row("101").await.is_some());
}

#[tokio::test]
async fn an_event_of_the_very_second_of_the_next_link_is_ignored() {
    let shop = Shop::open().await;
    let mut browser = shop.member().await;
    shop.fake.unlink("101");
    browser.sign_in("sign_up").await.leads_to("/");
    let linked_at = shop.fake.state().users["101"].connected_at.unwrap();
    let event = shop.fake.event("same-second", "101", "account-unlinked", linked_at);
    assert_eq!(shop.event(&event).await, 202);
    assert!(shop.row("101").await.is_some());
    shop.fake.unlink("101");
    let event = shop.fake.event("same-second-after", "101", "account-unlinked", linked_at);
    assert_eq!(shop.event(&event).await, 202);
    assert!(shop.row("101").await.is_none());
}

#[tokio::test]
async fn an_unlink_ends_a_pending_sign_up() {
    let shop = Shop::open().await;
    shop.fake.add("107", User { email: None, ..hana() });
    let mut browser = shop.browser();
    browser.sign_in("sign_up").await.leads_to("/join");
    shop.fake.unlink("107");
    assert_eq!(shop.unlink_webhook("107").await, 200);
    let page = browser.post("/join/missing", &[("email", "a@example.com")]).await;
    page.is(409);
    assert!(shop.row("107").await.is_none());
}

#[tokio::test]
async fn forged_webhooks_change_nothing() {
    let shop = Shop::open().await;
    shop.member().await;
    let form = "app_id=817001&user_id=101";
    assert_eq!(shop.unlink_webhook_with("a wrong key", form).await, 401);
    assert_eq!(shop.unlink_webhook_with(ADMIN_KEY, "app_id=1&user_id=101").await, 400);
    assert_eq!(shop.unlink_webhook_with(ADMIN_KEY, "app_id=817001").await, 400);
    // With the right key as well: the API has the user as linked.
    assert_eq!(shop.unlink_webhook("101").await, 200);
    let at = shop.fake.state().tick();
    assert_eq!(shop.event(&shop.fake.forged_event("forged", "101", at)).await, 400);
    let other = |name: &'static str, value: &'static str| {
        shop.fake.event_with("other", "101", "account-unlinked", at, move |claims| {
            claims[name] = value.into();
        })
    };
    assert_eq!(shop.event(&other("aud", "another-client")).await, 400);
    assert_eq!(shop.event(&other("iss", "https://elsewhere.example")).await, 400);
    assert_eq!(shop.event("no.token").await, 400);
    assert!(shop.row("101").await.is_some());
}

#[tokio::test]
async fn a_webhook_for_someone_unknown_succeeds_and_makes_nothing() {
    let shop = Shop::open().await;
    let rows = shop.count().await;
    assert_eq!(shop.unlink_webhook("999").await, 200);
    let event = shop.fake.event("nobody", "999", "account-purged", 1_700_000_000);
    assert_eq!(shop.event(&event).await, 202);
    assert_eq!(shop.count().await, rows);
}

#[tokio::test]
async fn a_security_event_erases_the_member_once() {
    let shop = Shop::open().await;
    let mut browser = shop.member().await;
    let at = shop.fake.unlink("101");
    let event = shop.fake.event("event-1", "101", "account-unlinked", at);
    assert_eq!(shop.event(&event).await, 202);
    assert!(shop.row("101").await.is_none());
    browser.sign_in("sign_up").await.leads_to("/");
    assert_eq!(shop.event(&event).await, 202, "the same again");
    assert!(shop.row("101").await.is_some());
}

#[tokio::test]
async fn other_events_are_taken_and_change_nothing() {
    let shop = Shop::open().await;
    shop.member().await;
    let at = shop.fake.state().tick();
    let event = shop.fake.event("event-2", "101", "consent-withdrawn", at);
    assert_eq!(shop.event(&event).await, 202);
    assert!(shop.row("101").await.is_some());
}

#[tokio::test]
async fn nothing_is_erased_while_the_provider_cannot_confirm() {
    let shop = Shop::open().await;
    shop.member().await;
    shop.fake.unlink("101");
    shop.fake.fail("/v2/user/me", Fault::Down);
    assert_eq!(shop.unlink_webhook("101").await, 503, "to be sent again");
    assert!(shop.row("101").await.is_some());
    shop.fake.heal();
    assert_eq!(shop.unlink_webhook("101").await, 200);
    assert!(shop.row("101").await.is_none());
}

#[tokio::test]
async fn a_channel_webhook_is_taken_once() {
    let shop = Shop::open().await;
    let send = async |key: &str, body: &'static str| {
        let request = axum::http::Request::post("/webhooks/channel")
            .header("Authorization", format!("KakaoAK {key}"))
            .header("Content-Type", "application/json")
            .header("X-Kakao-Resource-ID", "resource-1")
            .body(axum::body::Body::from(body));
        let router = shop.router.clone();
        tower::ServiceExt::oneshot(router, request.unwrap()).await.unwrap().status()
    };
    let body = r#"{"event":"added","id":"101","id_type":"app_user_id"}"#;
    assert_eq!(send("wrong", body).await, 401);
    assert_eq!(send(ADMIN_KEY, "no JSON").await, 400);
    assert_eq!(send(ADMIN_KEY, body).await, 200);
    assert_eq!(send(ADMIN_KEY, body).await, 200);
    assert_eq!(shop.number("SELECT count(*) FROM webhooks").await, 1);
}

/// Between reading a row and erasing it the user may have come back.
#[tokio::test]
async fn who_was_linked_again_since_a_notice_was_judged_keeps_the_row() {
    let shop = Shop::open().await;
    shop.member().await;
    let store = &shop.app.store;
    let judged = store.link("101").await.unwrap().unwrap();
    let at = judged.connected_at.unwrap();
    shop.fake.unlink("101");
    shop.browser().sign_in("sign_up").await;
    assert!(store.link("101").await.unwrap().unwrap().connected_at > Some(at));
    assert!(!store.erase("101", Some(judged), Cause::Provider, at).await.unwrap());
    assert!(shop.row("101").await.is_some());
    assert!(!store.is_unlink_due("101").await.unwrap());
}
