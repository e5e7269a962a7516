//! A product link that is opened in the messenger's in-app browser.

use crate::{browser::Browser, fake::Fault, shop::Shop};

const LINK: &str = "/goods/first-flush";

fn in_app(shop: &Shop) -> Browser {
    let mut browser = shop.browser();
    browser.user_agent = "Mozilla/5.0 (Linux; Android 14) KAKAOTALK/10.8.0".to_owned();
    browser
}

#[tokio::test]
async fn a_member_is_signed_in() {
    let shop = Shop::open().await;
    shop.member().await;
    let mut browser = in_app(&shop);
    let away = browser.get(LINK).await.location.unwrap();
    assert!(away.contains("prompt=none"), "{away}");
    let callback = Browser::answer(&away).await;
    browser.get(&callback).await.leads_to(LINK);
    browser.get(LINK).await.is(200);
    browser.get("/profile").await.is(200);
}

#[tokio::test]
async fn everyone_else_browses_and_is_not_asked_again() {
    let shop = Shop::open().await;
    shop.hana();
    let mut browser = in_app(&shop);
    let away = browser.get(LINK).await.location.unwrap();
    let callback = Browser::answer(&away).await;
    let back = browser.get(&callback).await.location.unwrap();
    browser.get(&back).await.is(200);
    browser.get(LINK).await.is(200);
    browser.get("/goods/yakgwa").await.is(200);
    assert!(shop.row("101").await.is_none());
    assert!(!shop.fake.is_linked("101"));
}

#[tokio::test]
async fn without_cookies_there_is_no_loop() {
    let shop = Shop::open().await;
    shop.member().await;
    let mut browser = in_app(&shop);
    browser.keeps_cookies = false;
    let mut page = browser.get(LINK).await;
    for _ in 0..4 {
        let Some(to) = page.location.clone() else { break };
        let to = if to.starts_with('/') { to } else { Browser::answer(&to).await };
        page = browser.get(&to).await;
    }
    page.is(200);
}

#[tokio::test]
async fn a_provider_that_fails_keeps_no_one_from_browsing() {
    let shop = Shop::open().await;
    shop.member().await;
    let mut browser = in_app(&shop);
    let away = browser.get(LINK).await.location.unwrap();
    let callback = Browser::answer(&away).await;
    shop.fake.fail("/oauth/token", Fault::Down);
    let back = browser.get(&callback).await.location.unwrap();
    browser.get(&back).await.is(200);
    browser.get(LINK).await.is(200);
}

#[tokio::test]
async fn a_provider_that_is_down_before_anything_is_known() {
    let shop = Shop::open().await;
    shop.fake.fail("*", Fault::Down);
    let mut browser = in_app(&shop);
    browser.get(LINK).await.is(200);
}

#[tokio::test]
async fn who_signed_out_stays_signed_out() {
    let shop = Shop::open().await;
    let mut browser = shop.member().await;
    browser.user_agent = "KAKAOTALK/10.8.0".to_owned();
    browser.post("/sign-out", &[]).await.leads_to("/");
    browser.get(LINK).await.is(200);
}

#[tokio::test]
async fn other_browsers_are_never_asked_silently() {
    let shop = Shop::open().await;
    shop.member().await;
    shop.browser().get(LINK).await.is(200);
}

#[tokio::test]
async fn a_sign_in_from_the_page_is_an_ordinary_one() {
    let shop = Shop::open().await;
    shop.hana();
    let mut browser = in_app(&shop);
    let away = browser.get(LINK).await.location.unwrap();
    let callback = Browser::answer(&away).await;
    browser.get(&callback).await;
    let fields = [("way", "sign_up"), ("return_to", LINK)];
    let onward = browser.post("/sign-in/start", &fields).await.onward();
    assert!(!onward.contains("prompt="), "{onward}");
    let callback = Browser::answer(&onward).await;
    browser.get(&callback).await.leads_to(LINK);
    assert!(shop.row("101").await.is_some());
}
