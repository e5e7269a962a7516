//! The page that explains why no screen appears.

use crate::{fake::Fault, shop::Shop};

#[tokio::test]
async fn the_reasons_come_from_the_api() {
    let shop = Shop::open().await;
    let mut browser = shop.browser();
    browser.get("/developers").await.is(200);
    let mut browser = shop.member().await;
    let page = browser.get("/developers").await;
    page.is(200);
    assert!(page.html.contains("relation: NONE"), "{}", page.html);
    assert!(page.html.contains("tos: agreed 2026-11-27T09:20:00Z"), "{}", page.html);
    shop.fake.fail("*", Fault::Down);
    browser.get("/developers").await.is(200);
}

#[tokio::test]
async fn a_row_that_is_missing_is_shown_and_repaired() {
    let shop = Shop::open().await;
    let mut browser = shop.member().await;
    browser.post("/developers/forget", &[]).await.leads_to("/developers");
    assert!(shop.row("101").await.is_none());
    assert!(shop.fake.is_linked("101"), "the mistake: linked, and no row");
    browser.get("/developers").await.is(200);
    browser.post("/developers/repair", &[]).await.leads_to("/developers");
    assert!(shop.row("101").await.is_some());
}

#[tokio::test]
async fn a_sign_in_repairs_it_as_well() {
    let shop = Shop::open().await;
    let mut browser = shop.member().await;
    browser.post("/developers/forget", &[]).await;
    browser.sign_in("login").await.leads_to("/");
    assert!(shop.row("101").await.is_some());
}

#[tokio::test]
async fn outside_of_a_demonstration_nothing_can_be_forgotten() {
    let shop = Shop::open_with(|settings| settings.demo_mailbox = false).await;
    let mut browser = shop.member().await;
    browser.post("/developers/forget", &[]).await.is(404);
    browser.post("/developers/repair", &[]).await.is(404);
    browser.get("/mailbox").await.is(404);
    assert!(shop.row("101").await.is_some());
}
