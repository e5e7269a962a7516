//! Signing up, logging in, and finding members of before.

use crate::{
    browser::Browser,
    fake::User,
    shop::{Shop, hana, nemo},
};

#[tokio::test]
async fn signing_up_in_one_step_makes_a_member_with_the_user_id() {
    let shop = Shop::open().await;
    shop.hana();
    let mut browser = shop.browser();
    browser.sign_in("sign_up").await.leads_to("/");
    let row = shop.row("101").await.unwrap();
    assert_eq!(row.email.as_deref(), Some("hana@example.com"));
    assert_eq!(row.joined_by, "sign_up");
    assert_eq!(row.terms(), ["tos", "privacy", "marketing"]);
    browser.get("/profile").await.is(200);
}

#[tokio::test]
async fn plain_login_agrees_to_none_of_the_terms_and_the_upgrade_changes_the_same_row() {
    let shop = Shop::open().await;
    shop.hana();
    let mut browser = shop.browser();
    browser.sign_in("login").await.leads_to("/");
    let before = shop.row("101").await.unwrap();
    assert_eq!((&*before.joined_by, before.terms()), ("login", vec![]));
    assert!(browser.get("/profile").await.html.contains("value=\"upgrade\""));

    browser.sign_in("upgrade").await.leads_to("/profile");
    let after = shop.row("101").await.unwrap();
    assert_eq!(after.id, before.id);
    assert_eq!(after.terms(), ["tos", "privacy", "marketing"]);
    assert_eq!(after.row_before().unwrap().terms, [""; 0]);
    let page = browser.get("/profile").await;
    assert!(!page.html.contains("value=\"upgrade\""), "there is nothing left to upgrade");
}

#[tokio::test]
async fn cancelling_an_upgrade_changes_nothing() {
    let shop = Shop::open().await;
    shop.hana();
    let mut browser = shop.browser();
    browser.sign_in("login").await;
    shop.fake.state().cancels = true;
    browser.sign_in("upgrade").await.leads_to("/profile");
    assert_eq!(shop.row("101").await.unwrap().terms(), [""; 0]);
}

#[tokio::test]
async fn a_member_who_returns_keeps_what_they_typed_whatever_the_provider_has() {
    let shop = Shop::open().await;
    let mut browser = shop.member().await;
    let typed = [("name", "김하나"), ("email", "new@example.com"), ("phone", "010-1111-2222")];
    browser.post("/profile", &typed).await.leads_to("/profile");
    browser.post("/sign-out", &[]).await;
    browser.sign_in("sign_up").await;
    let row = shop.row("101").await.unwrap();
    assert_eq!(row.name.as_deref(), Some("김하나"));
    assert_eq!(row.email.as_deref(), Some("new@example.com"));
    assert_eq!(row.phone.as_deref(), Some("+821011112222"));
}

#[tokio::test]
async fn neither_address_nor_number_identifies_a_linked_member() {
    let shop = Shop::open().await;
    let mut first = shop.member().await;
    first.post("/profile", &[("email", "shared@example.com")]).await;
    shop.fake.add("102", User { email: Some("shared@example.com"), ..hana() });
    let mut second = shop.browser();
    second.sign_in("sign_up").await.leads_to("/");
    assert_ne!(shop.row("101").await.unwrap().id, shop.row("102").await.unwrap().id);
}

/// A browser at the question "is this you?".
async fn matched(shop: &Shop) -> Browser {
    shop.fake.add("104", nemo());
    let mut browser = shop.browser();
    browser.sign_in("sign_up").await.leads_to("/join");
    assert!(shop.row("104").await.is_none());
    let page = browser.get("/join").await;
    page.is(200);
    assert!(!page.html.contains("nemo@example.com"), "the address is masked");
    browser
}

#[tokio::test]
async fn the_old_password_links_the_row_of_before() {
    let shop = Shop::open().await;
    let rows = shop.count().await;
    let mut browser = matched(&shop).await;
    browser.post("/join/password", &[("password", "wrong")]).await.is(422);
    browser.post("/join/password", &[("password", "tea-since-2019")]).await.leads_to("/");
    let row = shop.row("104").await.unwrap();
    assert_eq!((row.name.as_deref(), &*row.joined_by), (Some("네모"), "before"));
    assert_eq!(shop.count().await, rows, "no row is new");
    assert_eq!(shop.number("SELECT count(*) FROM pending").await, 0);
}

#[tokio::test]
async fn the_mailed_code_links_the_row_of_before() {
    let shop = Shop::open().await;
    shop.fake.add("105", User { email: Some("daon@example.com"), ..hana() });
    let mut browser = shop.browser();
    browser.sign_in("sign_up").await.leads_to("/join");
    browser.post("/join/code/send", &[]).await.leads_to("/join");
    let mail = shop.app.store.mails().await.unwrap().remove(0);
    assert_eq!(mail.recipient, "daon@example.com");
    browser.post("/join/code", &[("code", "12 34")]).await.is(422);
    let wrong = if mail.code == "000000" { "000001" } else { "000000" };
    browser.post("/join/code", &[("code", wrong)]).await.is(422);
    browser.post("/join/code", &[("code", &mail.code)]).await.leads_to("/");
    assert_eq!(shop.row("105").await.unwrap().joined_by, "before");
}

#[tokio::test]
async fn five_wrong_codes_spend_the_code() {
    let shop = Shop::open().await;
    let mut browser = matched(&shop).await;
    browser.post("/join/code/send", &[]).await;
    let code = shop.app.store.mails().await.unwrap().remove(0).code;
    let wrong = if code == "000000" { "000001" } else { "000000" };
    for _ in 0..5 {
        browser.post("/join/code", &[("code", wrong)]).await.is(422);
    }
    browser.post("/join/code", &[("code", &code)]).await.is(422);
    assert!(shop.row("104").await.is_none());
}

#[tokio::test]
async fn five_wrong_passwords_end_that_way_and_the_code_remains() {
    let shop = Shop::open().await;
    let mut browser = matched(&shop).await;
    for _ in 0..5 {
        browser.post("/join/password", &[("password", "wrong")]).await.is(422);
    }
    browser.post("/join/password", &[("password", "tea-since-2019")]).await.is(422);
    assert!(shop.row("104").await.is_none());
    browser.post("/join/code/send", &[]).await;
    let code = shop.app.store.mails().await.unwrap().remove(0).code;
    browser.post("/join/code", &[("code", &code)]).await.leads_to("/");
    assert!(shop.row("104").await.is_some());
}

#[tokio::test]
async fn a_sign_up_that_begins_again_gets_no_new_tries() {
    let shop = Shop::open().await;
    let mut browser = matched(&shop).await;
    for _ in 0..5 {
        browser.post("/join/password", &[("password", "wrong")]).await.is(422);
    }
    let right = [("password", "tea-since-2019")];
    // Signing in again, also in another browser, after a stop, and by a repair.
    browser.sign_in("sign_up").await.leads_to("/join");
    browser.post("/join/password", &right).await.is(422);
    let mut other = matched(&shop).await;
    other.post("/join/password", &right).await.is(422);
    other.post("/join/stop", &[]).await.leads_to("/");
    other.sign_in("login").await.leads_to("/join");
    other.post("/developers/repair", &[]).await.leads_to("/join");
    other.post("/join/password", &right).await.is(422);
    // Another account with the same address has the same tries.
    shop.fake.add("204", nemo());
    let mut second = shop.browser();
    second.sign_in("sign_up").await.leads_to("/join");
    second.post("/join/password", &right).await.is(422);
    assert!(shop.row("104").await.is_none() && shop.row("204").await.is_none());
    // A day later they begin again.
    shop.execute("UPDATE proofs SET since = since - 86400").await;
    second.post("/join/password", &right).await.leads_to("/");
    assert!(shop.row("204").await.is_some());
}

#[tokio::test]
async fn codes_are_limited_for_a_member_and_not_for_a_sign_up() {
    let shop = Shop::open().await;
    let mut browser = matched(&shop).await;
    for _ in 0..2 {
        browser.post("/join/code/send", &[]).await.leads_to("/join");
        let code = shop.app.store.mails().await.unwrap().remove(0).code;
        let wrong = if code == "000000" { "000001" } else { "000000" };
        for _ in 0..5 {
            browser.post("/join/code", &[("code", wrong)]).await.is(422);
        }
        browser.sign_in("sign_up").await.leads_to("/join");
    }
    browser.post("/join/code/send", &[]).await.is(429);
    assert_eq!(shop.number("SELECT count(*) FROM mails").await, 2);
    shop.execute("UPDATE proofs SET wrong_codes = 0").await;
    for _ in 2..5 {
        browser.post("/join/code/send", &[]).await.leads_to("/join");
        browser.sign_in("sign_up").await.leads_to("/join");
    }
    browser.post("/join/code/send", &[]).await.is(429);
    assert_eq!(shop.number("SELECT count(*) FROM mails").await, 5);
}

#[tokio::test]
async fn a_phone_number_finds_a_member_of_before() {
    let shop = Shop::open().await;
    let phone = Some("+82 10-5555-6666");
    shop.fake.add("106", User { email: Some("raon.new@example.com"), phone, ..hana() });
    let mut browser = shop.browser();
    browser.sign_in("sign_up").await.leads_to("/join");
    browser.post("/join/code/send", &[]).await;
    let mail = shop.app.store.mails().await.unwrap().remove(0);
    assert_eq!(
        mail.recipient, "raon.old@example.com",
        "the address of the row, not of the account"
    );
    browser.post("/join/password", &[("password", "tea-since-2019")]).await.leads_to("/");
    assert_eq!(shop.row("106").await.unwrap().email.as_deref(), Some("raon.old@example.com"));
}

#[tokio::test]
async fn not_me_makes_a_row_of_its_own() {
    let shop = Shop::open().await;
    let rows = shop.count().await;
    let mut browser = matched(&shop).await;
    browser.post("/join/new", &[]).await.leads_to("/");
    assert_eq!(shop.row("104").await.unwrap().joined_by, "sign_up");
    assert_eq!(shop.count().await, rows + 1);
}

#[tokio::test]
async fn an_unverified_address_matches_no_one() {
    let shop = Shop::open().await;
    shop.fake.add("104", User { email_verified: false, ..nemo() });
    shop.browser().sign_in("sign_up").await.leads_to("/");
    assert_eq!(shop.row("104").await.unwrap().joined_by, "sign_up");
}

#[tokio::test]
async fn a_row_can_be_linked_once() {
    let shop = Shop::open().await;
    let mut first = matched(&shop).await;
    shop.fake.add("204", nemo());
    let mut second = shop.browser();
    second.sign_in("sign_up").await.leads_to("/join");
    let password = [("password", "tea-since-2019")];
    first.post("/join/password", &password).await.leads_to("/");
    let late = second.post("/join/password", &password).await;
    assert!(late.status.is_client_error(), "{}", late.status);
    assert!(shop.row("204").await.is_none());
    second.sign_in("sign_up").await.leads_to("/");
    assert_ne!(shop.row("204").await.unwrap().id, shop.row("104").await.unwrap().id);
}

#[tokio::test]
async fn a_missing_address_is_collected_by_the_shop() {
    let shop = Shop::open().await;
    shop.fake.add("107", User { email: None, ..hana() });
    let mut browser = shop.browser();
    browser.sign_in("sign_up").await.leads_to("/join");
    assert!(shop.row("107").await.is_none(), "not half a member");
    browser.post("/join/missing", &[("email", "nonsense")]).await.is(422);
    browser.post("/join/missing", &[("email", "Hana@Example.com")]).await.leads_to("/");
    assert_eq!(shop.row("107").await.unwrap().email.as_deref(), Some("hana@example.com"));
}

#[tokio::test]
async fn who_stops_leaves_nothing_behind_and_is_unlinked() {
    let shop = Shop::open().await;
    let rows = shop.count().await;
    shop.fake.add("107", User { refuses_email: true, ..hana() });
    let mut browser = shop.browser();
    browser.sign_in("sign_up").await.leads_to("/join");
    assert!(shop.fake.is_linked("107"));
    browser.post("/join/stop", &[]).await.leads_to("/");
    assert!(!shop.fake.is_linked("107"));
    assert_eq!(shop.count().await, rows);
    for table in ["SELECT count(*) FROM pending", "SELECT count(*) FROM due_unlinks"] {
        assert_eq!(shop.number(table).await, 0);
    }
    browser.get("/join").await.is(409);
}

#[tokio::test]
async fn a_sign_up_that_stands_still_is_stopped_and_unlinked() {
    let shop = Shop::open().await;
    let mut browser = matched(&shop).await;
    shop.execute("UPDATE pending SET expires_at = 1").await;
    browser.get("/join").await.is(409);
    shop.app.tidy(consent_shop::clock::now()).await.unwrap();
    assert!(!shop.fake.is_linked("104"));
    assert_eq!(shop.number("SELECT count(*) FROM pending").await, 0);
}

#[tokio::test]
async fn a_finished_sign_up_goes_on_where_it_began() {
    let shop = Shop::open().await;
    shop.fake.add("104", nemo());
    let mut browser = shop.browser();
    let fields = [("way", "sign_up"), ("return_to", "/goods/first-flush")];
    let callback = browser.visit_provider(&fields).await;
    browser.get(&callback).await.leads_to("/join");
    browser.post("/join/new", &[]).await.leads_to("/goods/first-flush");
}
