//! Baskets and orders.

use crate::{
    fake::User,
    shop::{Shop, hana},
};

const DELIVERY: [(&str, &str); 3] =
    [("name", "김하나"), ("phone", "010-1111-2222"), ("address", "서울 중구 세종대로 110")];

#[tokio::test]
async fn a_basket_is_kept_over_the_sign_in() {
    let shop = Shop::open().await;
    shop.hana();
    let mut browser = shop.browser();
    browser.post("/basket/add", &[("slug", "first-flush"), ("quantity", "2")]).await;
    browser.post("/basket/add", &[("slug", "yakgwa")]).await;
    browser.post("/basket/remove", &[("slug", "yakgwa")]).await.leads_to("/basket");
    let to = browser.post("/order", &[]).await.location.unwrap();
    assert_eq!(to, "/sign-in?for=order&return_to=/order");
    browser.sign_in("sign_up").await;
    browser.get("/order").await.is(200);
    assert_eq!(shop.number("SELECT sum(quantity) FROM basket").await, 2);
}

#[tokio::test]
async fn an_order_asks_for_what_it_needs_and_is_placed_once() {
    let shop = Shop::open().await;
    let mut browser = shop.member().await;
    browser.post("/order", &[]).await.is(409);
    browser.post("/basket/add", &[("slug", "first-flush")]).await;
    browser.post("/order", &[]).await.is(200);
    browser.post("/order", &[("phone", "nonsense"), ("address", "서울")]).await.is(422);
    let placed = browser.post("/order", &DELIVERY).await.location.unwrap();
    assert!(placed.starts_with("/order/"), "{placed}");
    browser.get(&placed).await.is(200);
    browser.post("/order", &DELIVERY).await.leads_to(&placed);
    assert_eq!(shop.number("SELECT count(*) FROM orders").await, 1);
    assert_eq!(shop.row("101").await.unwrap().phone.as_deref(), Some("+821011112222"));
}

#[tokio::test]
async fn both_presses_at_once_order_once() {
    let shop = Shop::open().await;
    let mut browser = shop.member().await;
    browser.post("/basket/add", &[("slug", "first-flush")]).await;
    let csrf = browser.csrf().await;
    let mut other = browser.clone();
    let (one, two) = tokio::join!(
        browser.post_with("/order", &csrf, &DELIVERY),
        other.post_with("/order", &csrf, &DELIVERY),
    );
    assert_eq!(one.location, two.location, "{} {}", one.html, two.html);
    assert_eq!(shop.number("SELECT count(*) FROM orders").await, 1);
}

#[tokio::test]
async fn the_address_comes_from_the_provider_where_the_member_agrees() {
    let shop = Shop::open().await;
    shop.fake.add("101", User { address: Some("경기 성남시 판교역로 235"), ..hana() });
    let mut browser = shop.browser();
    browser.sign_in("sign_up").await;
    browser.post("/basket/add", &[("slug", "first-flush")]).await;
    assert!(browser.get("/order").await.html.contains("value=\"item\""));
    let onward = browser.post("/sign-in/start", &[("way", "item")]).await.onward();
    assert!(onward.contains("shipping_address"), "{onward}");
    let callback = crate::browser::Browser::answer(&onward).await;
    browser.get(&callback).await.leads_to("/order");
    let address = shop.row("101").await.unwrap().address;
    assert_eq!(address.as_deref(), Some("경기 성남시 판교역로 235 3층"));
    assert!(!browser.get("/order").await.html.contains("value=\"item\""));
}

#[tokio::test]
async fn the_channel_is_offered_after_an_order_to_who_left_it_out() {
    let shop = Shop::open().await;
    let mut browser = shop.member().await;
    browser.post("/basket/add", &[("slug", "first-flush")]).await;
    let placed = browser.post("/order", &DELIVERY).await.location.unwrap();
    assert!(browser.get(&placed).await.html.contains("value=\"channel\""));
    for relation in [Some("ADDED"), Some("BLOCKED"), None] {
        shop.fake.state().users.get_mut("101").unwrap().channel = relation;
        assert!(!browser.get(&placed).await.html.contains("value=\"channel\""), "{relation:?}");
    }
}

#[tokio::test]
async fn an_order_is_shown_to_its_member_only() {
    let shop = Shop::open().await;
    let mut browser = shop.member().await;
    browser.post("/basket/add", &[("slug", "first-flush")]).await;
    let placed = browser.post("/order", &DELIVERY).await.location.unwrap();
    shop.fake.add("102", hana());
    let mut other = shop.browser();
    other.sign_in("sign_up").await;
    other.get(&placed).await.is(404);
    assert!(shop.browser().get(&placed).await.location.unwrap().starts_with("/sign-in"));
}
