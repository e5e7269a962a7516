//! Leaving, here and at the provider, and coming back.

use consent_shop::{clock, member::Identity, store::Arrival};

use crate::{
    fake::Fault,
    shop::{Shop, nemo},
};

#[tokio::test]
async fn leaving_erases_the_member_and_unlinks_the_user() {
    let shop = Shop::open().await;
    let mut browser = shop.member().await;
    let rows = shop.count().await;
    browser.get("/leave").await.is(200);
    browser.post("/leave", &[]).await.is(200);
    assert_eq!(shop.count().await, rows - 1);
    assert!(!shop.fake.is_linked("101"));
    assert_eq!(shop.number("SELECT count(*) FROM due_unlinks").await, 0);
    assert!(browser.get("/profile").await.location.unwrap().starts_with("/sign-in"));
    browser.post("/leave", &[]).await.leads_to("/");
}

#[tokio::test]
async fn who_added_the_channel_learns_that_messages_go_on() {
    let shop = Shop::open().await;
    let mut browser = shop.member().await;
    let without = browser.get("/leave").await.html;
    shop.fake.state().users.get_mut("101").unwrap().channel = Some("ADDED");
    let with = browser.get("/leave").await.html;
    assert!(with.contains("panel careful") && !without.contains("panel careful"));
}

#[tokio::test]
async fn a_provider_that_is_down_keeps_no_one_from_leaving_and_is_notified_later() {
    let shop = Shop::open().await;
    let mut browser = shop.member().await;
    shop.fake.fail("/v1/user/unlink", Fault::Down);
    browser.post("/leave", &[]).await.is(200);
    assert!(shop.row("101").await.is_none());
    assert!(shop.fake.is_linked("101"));
    shop.app.tidy(clock::now() + 60).await.unwrap();
    assert!(shop.fake.is_linked("101"), "it is still down");
    shop.fake.heal();
    shop.app.tidy(clock::now() + 600).await.unwrap();
    assert!(!shop.fake.is_linked("101"));
    assert_eq!(shop.number("SELECT count(*) FROM due_unlinks").await, 0);
}

#[tokio::test]
async fn who_comes_back_before_the_provider_was_notified_starts_with_nothing() {
    let shop = Shop::open().await;
    let mut browser = shop.member().await;
    browser.post("/profile", &[("name", "김하나")]).await;
    shop.fake.fail("/v1/user/unlink", Fault::Down);
    browser.post("/leave", &[]).await;
    shop.fake.heal();
    let linked_before = shop.fake.state().users["101"].connected_at;
    // The first answer belongs to the link that is to end; the shop unlinks and goes back.
    let page = browser.sign_in("sign_up").await;
    let again = crate::browser::Browser::answer(&page.location.unwrap()).await;
    browser.get(&again).await.leads_to("/");
    let row = shop.row("101").await.unwrap();
    assert_eq!(row.name.as_deref(), Some("하나"));
    assert_ne!(shop.fake.state().users["101"].connected_at, linked_before, "agreed again");
    shop.app.tidy(clock::now() + 3600).await.unwrap();
    assert!(shop.fake.is_linked("101"), "no late unlink ends the new link");
}

#[tokio::test]
async fn a_member_who_left_elsewhere_and_comes_back_starts_with_nothing_also_without_a_webhook() {
    let shop = Shop::open().await;
    let mut browser = shop.member().await;
    browser.post("/profile", &[("name", "김하나"), ("phone", "01011112222")]).await;
    let id = shop.row("101").await.unwrap().id;
    shop.fake.unlink("101");
    browser.sign_in("sign_up").await.leads_to("/");
    let row = shop.row("101").await.unwrap();
    assert_ne!(row.id, id);
    assert_eq!((row.name.as_deref(), row.phone), (Some("하나"), None));
}

#[tokio::test]
async fn a_linked_member_of_before_who_leaves_is_gone_as_well() {
    let shop = Shop::open().await;
    shop.fake.add("104", nemo());
    let mut browser = shop.browser();
    browser.sign_in("sign_up").await;
    browser.post("/join/password", &[("password", "tea-since-2019")]).await;
    browser.post("/leave", &[]).await.is(200);
    let left = "SELECT count(*) FROM members WHERE email = 'nemo@example.com'";
    assert_eq!(shop.number(left).await, 0);
    shop.fake.sign_in("104");
    browser.sign_in("sign_up").await.leads_to("/");
}

#[tokio::test]
async fn orders_stay_without_the_person() {
    let shop = Shop::open().await;
    let mut browser = shop.member().await;
    browser.post("/basket/add", &[("slug", "first-flush")]).await.leads_to("/basket");
    let delivery = [("name", "하나"), ("phone", "01011112222"), ("address", "서울 중구 110")];
    browser.post("/order", &delivery).await;
    browser.post("/leave", &[]).await.is(200);
    assert_eq!(shop.number("SELECT count(*) FROM orders").await, 1);
    let with_person = "SELECT count(*) FROM orders WHERE member IS NOT NULL OR session IS NOT NULL
                       OR recipient IS NOT NULL OR phone IS NOT NULL OR address IS NOT NULL";
    assert_eq!(shop.number(with_person).await, 0);
}

#[tokio::test]
async fn who_gives_up_after_a_failed_sign_in_is_unlinked() {
    let shop = Shop::open().await;
    shop.hana();
    shop.fake.fail("/v2/user/me", Fault::Down);
    shop.browser().sign_in("sign_up").await.is(502);
    assert!(shop.fake.is_linked("101"), "the code was redeemed");
    shop.fake.heal();
    shop.app.tidy(clock::now() + 60).await.unwrap();
    assert!(shop.fake.is_linked("101"), "there is time to try again");
    shop.app.tidy(clock::now() + 3600).await.unwrap();
    assert!(!shop.fake.is_linked("101"));
    assert_eq!(shop.number("SELECT count(*) FROM arriving").await, 0);
}

/// A member has left at the provider and come back, in a sign-in that failed: the late notice erases the
/// row, and the new link has none.
#[tokio::test]
async fn who_gives_up_coming_back_is_unlinked() {
    let shop = Shop::open().await;
    shop.member().await;
    let at = shop.fake.unlink("101");
    let notice = shop.fake.event("event-1", "101", "account-unlinked", at);
    shop.fake.fail("/v2/user/me", Fault::Down);
    shop.browser().sign_in("sign_up").await.is(502);
    shop.fake.heal();
    assert!(shop.fake.is_linked("101"));
    assert_eq!(shop.event(&notice).await, 202);
    assert!(shop.row("101").await.is_none());
    shop.app.tidy(clock::now() + 3600).await.unwrap();
    assert!(!shop.fake.is_linked("101"));
}

#[tokio::test]
async fn who_tries_again_after_a_failed_sign_in_stays_linked() {
    let shop = Shop::open().await;
    shop.hana();
    shop.fake.fail("/v2/user/me", Fault::Down);
    let mut browser = shop.browser();
    browser.sign_in("sign_up").await.is(502);
    shop.fake.heal();
    browser.sign_in("sign_up").await.leads_to("/");
    shop.app.tidy(clock::now() + 3600).await.unwrap();
    assert!(shop.fake.is_linked("101") && shop.row("101").await.is_some());
}

#[tokio::test]
async fn a_link_that_is_to_end_makes_no_member() {
    let shop = Shop::open().await;
    shop.execute("INSERT INTO due_unlinks (sub, next_at) VALUES ('101', 0)").await;
    let email = Some("hana@example.com".to_owned());
    let identity = Identity { sub: "101".to_owned(), email, ..Identity::default() };
    let store = &shop.app.store;
    let arrival = store.arrive(identity.clone(), 0, clock::now()).await.unwrap();
    assert_eq!(arrival, Arrival::OutOfDate);
    assert!(shop.row("101").await.is_none());
    store.unlink_done("101").await.unwrap();
    assert_eq!(store.arrive(identity, 0, clock::now()).await.unwrap(), Arrival::Joined);
}

#[tokio::test]
async fn a_repair_ends_a_link_that_is_to_end_before_it_makes_a_row() {
    let shop = Shop::open().await;
    shop.fake.add("104", nemo());
    let mut browser = shop.browser();
    browser.sign_in("sign_up").await.leads_to("/join");
    shop.fake.fail("/v1/user/unlink", Fault::Down);
    shop.execute("UPDATE pending SET expires_at = 1").await;
    shop.app.tidy(clock::now()).await.unwrap();
    browser.post("/developers/repair", &[]).await.is(502);
    assert_eq!(shop.number("SELECT count(*) FROM pending").await, 0);
    shop.fake.heal();
    browser.post("/developers/repair", &[]).await.leads_to("/developers");
    assert!(!shop.fake.is_linked("104") && shop.row("104").await.is_none());
    let left = "SELECT (SELECT count(*) FROM pending) + (SELECT count(*) FROM due_unlinks)";
    assert_eq!(shop.number(left).await, 0);
}
