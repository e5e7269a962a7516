//! Each bad day ends on a page that explains what to do, and leaves the member table right.

use sqlx::Connection;

use crate::{
    browser::Browser,
    fake::{Fault, User},
    shop::{Shop, hana},
};

async fn fails(shop: &Shop, path: &str, fault: Fault, status: u16) {
    shop.fake.fail(path, fault);
    let mut browser = shop.browser();
    let start = browser.post("/sign-in/start", &[("way", "sign_up")]).await;
    let page = match start.headers.contains_key("refresh") {
        true => {
            let callback = Browser::answer(&start.onward()).await;
            browser.get(&callback).await
        }
        false => start,
    };
    page.is(status);
    assert!(page.html.contains("value=\"sign_up\""), "a fresh start is offered: {}", page.html);
    assert!(shop.row("101").await.is_none(), "{path} {fault:?}");
    shop.fake.heal();
}

#[tokio::test]
async fn the_provider_is_down_slow_or_talks_nonsense() {
    let shop = Shop::open().await;
    shop.hana();
    let rows = shop.count().await;
    for (fault, status) in [(Fault::Down, 502), (Fault::Silent, 504), (Fault::Nonsense, 502)] {
        fails(&shop, "/.well-known/openid-configuration", fault, status).await;
    }
    // What was discovered is kept, so the next faults are met further on.
    shop.browser().post("/sign-in/start", &[("way", "sign_up")]).await.is(200);
    for path in ["/oauth/token", "/v2/user/me"] {
        for (fault, status) in [(Fault::Down, 502), (Fault::Silent, 504), (Fault::Nonsense, 502)] {
            fails(&shop, path, fault, status).await;
        }
    }
    assert_eq!(shop.count().await, rows);
    shop.browser().sign_in("sign_up").await.leads_to("/");
}

#[tokio::test]
async fn terms_that_cannot_be_read_keep_no_one_out() {
    let shop = Shop::open().await;
    shop.hana();
    shop.fake.fail("/v2/user/service_terms", Fault::Down);
    let mut browser = shop.browser();
    browser.sign_in("sign_up").await.leads_to("/");
    assert!(shop.row("101").await.is_some());
    browser.get("/profile").await.is(200);
    browser.get("/coupons").await.is(503);
    browser.get("/developers").await.is(200);
}

#[tokio::test]
async fn a_code_that_the_provider_refuses() {
    let shop = Shop::open().await;
    shop.hana();
    let mut browser = shop.browser();
    let callback = browser.visit_provider(&[("way", "sign_up")]).await;
    let (path, query) = callback.split_once('?').unwrap();
    let forged: Vec<String> = query
        .split('&')
        .map(|pair| match pair.starts_with("code=") {
            true => "code=made-up".to_owned(),
            false => pair.to_owned(),
        })
        .collect();
    let page = browser.get(&format!("{path}?{}", forged.join("&"))).await;
    page.is(400);
    assert!(page.html.contains("invalid_grant"));
    assert!(shop.row("101").await.is_none());
}

#[tokio::test]
async fn an_id_token_of_another_attempt_or_another_signer_signs_no_one_in() {
    let shop = Shop::open().await;
    shop.hana();
    shop.fake.state().wrong_nonce = true;
    shop.browser().sign_in("sign_up").await.is(502);
    shop.fake.heal();
    shop.fake.state().wrong_key = true;
    shop.browser().sign_in("sign_up").await.is(502);
    assert!(shop.row("101").await.is_none());
    shop.fake.heal();
    shop.browser().sign_in("sign_up").await.leads_to("/");
}

#[tokio::test]
async fn a_cancel_is_no_error_and_can_be_taken_back() {
    let shop = Shop::open().await;
    shop.hana();
    shop.fake.state().cancels = true;
    let mut browser = shop.browser();
    let page = browser.sign_in("sign_up").await;
    page.is(200);
    assert!(page.html.contains("value=\"sign_up\""));
    shop.fake.state().cancels = false;
    browser.sign_in("sign_up").await.leads_to("/");
}

#[tokio::test]
async fn an_account_that_is_too_young_is_no_cancel() {
    let shop = Shop::open().await;
    shop.hana();
    let mut browser = shop.browser();
    let callback = browser.visit_provider(&[("way", "sign_up")]).await;
    let state = callback.split(['?', '&']).find(|pair| pair.starts_with("state=")).unwrap();
    let error = "error=access_denied&error_description=Not%20allowed%20under%20age%2014";
    browser.get(&format!("/callback?{error}&{state}")).await.is(403);
}

#[tokio::test]
async fn the_callback_comes_twice() {
    let shop = Shop::open().await;
    shop.hana();
    let mut browser = shop.browser();
    let callback = browser.visit_provider(&[("way", "sign_up")]).await;
    browser.get(&callback).await.leads_to("/");
    browser.get(&callback).await.leads_to("/");
    let rows = "SELECT count(*) FROM members WHERE sub = '101'";
    assert_eq!(shop.number(rows).await, 1);
}

#[tokio::test]
async fn both_presses_at_once_make_one_member() {
    let shop = Shop::open().await;
    shop.hana();
    let mut browser = shop.browser();
    let callback = browser.visit_provider(&[("way", "sign_up")]).await;
    let mut other = browser.clone();
    let (one, two) = tokio::join!(browser.get(&callback), other.get(&callback));
    let went_on = [&one, &two].iter().filter(|page| page.location.is_some()).count();
    assert!(went_on >= 1, "{} {}", one.html, two.html);
    let rows = "SELECT count(*) FROM members WHERE sub = '101'";
    assert_eq!(shop.number(rows).await, 1);
}

#[tokio::test]
async fn the_session_is_lost_between_the_hosts() {
    let shop = Shop::open().await;
    shop.hana();
    let mut browser = shop.browser();
    let callback = browser.visit_provider(&[("way", "sign_up")]).await;
    let mut elsewhere = shop.browser();
    let page = elsewhere.get(&callback).await;
    page.is(400);
    assert!(page.html.contains("value=\"sign_up\""), "a fresh start is offered");
    assert!(shop.row("101").await.is_none(), "no one signs in with another user's answer");
    browser.get(&callback).await.leads_to("/");
}

#[tokio::test]
async fn two_tabs_do_not_disturb_each_other() {
    let shop = Shop::open().await;
    shop.hana();
    let mut browser = shop.browser();
    let first = [("way", "sign_up"), ("return_to", "/goods/yakgwa")];
    let first = browser.visit_provider(&first).await;
    let second = browser.visit_provider(&[("way", "login"), ("return_to", "/basket")]).await;
    browser.get(&second).await.leads_to("/basket");
    browser.get(&first).await.leads_to("/goods/yakgwa");
    assert_eq!(shop.number("SELECT count(*) FROM members WHERE sub = '101'").await, 1);
}

#[tokio::test]
async fn answers_that_belong_to_no_attempt() {
    let shop = Shop::open().await;
    let mut browser = shop.browser();
    browser.get("/callback").await.is(400);
    browser.get("/callback?code=1&state=unknown").await.is(400);
    shop.hana();
    let callback = browser.visit_provider(&[("way", "sign_up")]).await;
    shop.execute("UPDATE attempts SET at = 1").await;
    browser.get(&callback).await.is(400);
    assert!(shop.row("101").await.is_none());
}

#[tokio::test]
async fn the_database_is_busy() {
    let shop = Shop::open().await;
    shop.hana();
    let mut browser = shop.browser();
    let callback = browser.visit_provider(&[("way", "sign_up")]).await;
    let mut other = shop.database().await;
    sqlx::query("BEGIN IMMEDIATE").execute(&mut other).await.unwrap();
    let page = browser.get(&callback).await;
    page.is(503);
    assert!(page.headers.contains_key("retry-after"));
    shop.browser().get("/").await.is(503);
    sqlx::query("ROLLBACK").execute(&mut other).await.unwrap();
    other.close().await.unwrap();
    assert!(shop.row("101").await.is_none());
    // The attempt was not used up, so the same address works now.
    browser.get(&callback).await.leads_to("/");
}

#[tokio::test]
async fn the_database_is_busy_when_a_webhook_comes() {
    let shop = Shop::open().await;
    shop.member().await;
    shop.fake.unlink("101");
    let mut other = shop.database().await;
    sqlx::query("BEGIN IMMEDIATE").execute(&mut other).await.unwrap();
    assert_eq!(shop.unlink_webhook("101").await, 503);
    sqlx::query("ROLLBACK").execute(&mut other).await.unwrap();
    assert_eq!(shop.unlink_webhook("101").await, 200);
    assert!(shop.row("101").await.is_none());
}

#[tokio::test]
async fn forms_from_elsewhere_do_nothing() {
    let shop = Shop::open().await;
    let mut browser = shop.member().await;
    browser.post_with("/leave", "made-up", &[]).await.is(403);
    browser.post_with("/leave", "", &[]).await.is(403);
    let csrf = shop.browser().csrf().await;
    browser.post_with("/leave", &csrf, &[]).await.is(403);
    assert!(shop.row("101").await.is_some());
    assert!(shop.fake.is_linked("101"));
}

#[tokio::test]
async fn a_form_from_elsewhere_leaves_the_session_alone() {
    let shop = Shop::open().await;
    // A post from another site comes without the cookie, which is SameSite=Lax.
    let page = shop.browser().post_with("/basket/remove", "made-up", &[]).await;
    page.is(403);
    assert!(!page.headers.contains_key("set-cookie"), "it would replace the visitor's");
}

#[tokio::test]
async fn a_session_in_use_is_kept() {
    let shop = Shop::open().await;
    let mut browser = shop.browser();
    browser.post("/basket/add", &[("slug", "yakgwa")]).await;
    shop.execute("UPDATE sessions SET seen_at = seen_at - 80000").await;
    browser.get("/basket").await.is(200);
    let kept = "SELECT count(*) FROM sessions WHERE seen_at > unixepoch() - 60";
    assert_eq!(shop.number(kept).await, 1);
}

#[tokio::test]
async fn the_language_of_an_answer_to_a_form_leads_to_a_page() {
    let shop = Shop::open().await;
    let mut browser = shop.browser();
    let page = browser.post("/sign-in/start", &[("way", "nonsense")]).await;
    assert!(page.html.contains(r#"name="return_to" value="/sign-in""#), "{}", page.html);
}

#[tokio::test]
async fn bad_forms_are_explained() {
    let shop = Shop::open().await;
    let mut browser = shop.browser();
    browser.post("/sign-in/start", &[("way", "nonsense")]).await.is(400);
    browser.post("/basket/add", &[("slug", "nonsense")]).await.is(400);
    browser.post("/basket/add", &[("slug", "yakgwa"), ("quantity", "100")]).await.is(400);
    let item = [("way", "item"), ("item", "talk_message")];
    browser.post("/sign-in/start", &item).await.is(400);
    browser.get("/nowhere").await.is(404);
    browser.get("/sign-in/start").await.is(405);
    let evil = [("way", "sign_up"), ("return_to", "//evil.example")];
    shop.hana();
    let callback = browser.visit_provider(&evil).await;
    browser.get(&callback).await.leads_to("/");
}

#[tokio::test]
async fn a_pending_sign_up_of_two_tabs_is_finished_once() {
    let shop = Shop::open().await;
    shop.fake.add("107", User { email: None, ..hana() });
    let mut browser = shop.browser();
    browser.sign_in("sign_up").await.leads_to("/join");
    let csrf = browser.csrf().await;
    let email = [("email", "a@example.com")];
    browser.post_with("/join/missing", &csrf, &email).await.leads_to("/");
    // Back, and once more.
    let again = browser.post_with("/join/missing", &csrf, &email).await;
    again.is(409);
    browser.get("/join").await.leads_to("/");
    assert_eq!(shop.number("SELECT count(*) FROM members WHERE sub = '107'").await, 1);
}
