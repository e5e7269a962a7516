//! A required term that is asked for when it is needed.

use crate::{
    fake::{Fault, User},
    shop::{Shop, hana},
};

#[tokio::test]
async fn the_api_is_asked_before_the_member_is() {
    let shop = Shop::open().await;
    let mut browser = shop.member().await;
    let page = browser.get("/coupons").await;
    page.is(200);
    assert!(page.html.contains("value=\"coupons\""));
    let onward = browser.post("/sign-in/start", &[("way", "coupons")]).await.onward();
    assert!(onward.contains("service_terms=coupons"), "{onward}");
    let callback = crate::browser::Browser::answer(&onward).await;
    browser.get(&callback).await.leads_to("/coupons");
    let page = browser.get("/coupons").await;
    assert!(!page.html.contains("value=\"coupons\""), "there is nothing left to ask");
    assert!(shop.row("101").await.unwrap().terms().contains(&"coupons".to_owned()));
}

#[tokio::test]
async fn refusing_leaves_the_member_a_member() {
    let shop = Shop::open().await;
    let mut browser = shop.member().await;
    shop.fake.state().cancels = true;
    browser.sign_in("coupons").await.leads_to("/coupons");
    let refused = browser.get("/coupons").await;
    refused.is(200);
    assert!(refused.html.contains("value=\"coupons\""));
    browser.get("/profile").await.is(200);
}

#[tokio::test]
async fn nothing_is_assumed_while_the_api_does_not_answer() {
    let shop = Shop::open().await;
    let mut browser = shop.member().await;
    browser.sign_in("coupons").await;
    shop.fake.fail("/v2/user/service_terms", Fault::Down);
    browser.get("/coupons").await.is(503);
}

#[tokio::test]
async fn guests_sign_in_first() {
    let shop = Shop::open().await;
    let to = shop.browser().get("/coupons").await.location.unwrap();
    assert_eq!(to, "/sign-in?for=coupons&return_to=/coupons");
}

#[tokio::test]
async fn another_account_that_comes_back_from_a_members_step_changes_nothing() {
    let shop = Shop::open().await;
    let mut browser = shop.member().await;
    let rows = shop.count().await;
    shop.fake.add("102", User { email: Some("other@example.com"), ..hana() });
    for way in ["upgrade", "coupons", "channel", "item"] {
        let page = browser.sign_in(way).await;
        page.is(409);
        assert!(page.html.contains("You came back with another account"), "{way}: {}", page.html);
        assert!(page.html.contains(&format!("value=\"{way}\"")), "{way} can be tried again");
        assert!(shop.row("102").await.is_none(), "{way}");
    }
    assert_eq!(shop.count().await, rows);
    assert_eq!(shop.number("SELECT count(*) FROM sessions WHERE sub = '102'").await, 0);
    let profile = browser.get("/profile").await;
    profile.is(200);
    assert!(profile.html.contains("hana@example.com"), "still the first member");
    shop.fake.sign_in("101");
    browser.sign_in("coupons").await.leads_to("/coupons");
}

#[tokio::test]
async fn another_account_may_come_back_from_a_sign_in() {
    let shop = Shop::open().await;
    let mut browser = shop.member().await;
    shop.fake.add("102", User { email: Some("other@example.com"), ..hana() });
    browser.sign_in("login").await.leads_to("/");
    assert!(shop.row("102").await.is_some());
}
