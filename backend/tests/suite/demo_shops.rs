//! The partner shop and its test app, as the demo registers them: `--demo-shop`, `--demo-test-shop`.

use axum::http::StatusCode;
use consent_backend::DemoShops;
use consent_contract::{channel, decision::Recorded, request::ConsentRequest};

use crate::{
    browser::{Browser, Server, agreement},
    webhooks::receiver::Receiver,
};

const SHOP: &str = "http://127.0.0.1:8090";
const TEST_APP: &str = "http://127.0.0.1:8091";

async fn server() -> Server {
    server_with(SHOP).await
}

async fn server_with(shop: &str) -> Server {
    let shops = DemoShops { shop: Some(shop.to_owned()), test_app: Some(TEST_APP.to_owned()) };
    Server::with(|settings| settings.demo_shops = shops).await
}

fn request<'a>(client_id: &'a str, redirect_uri: &'a str) -> Vec<(&'a str, &'a str)> {
    vec![
        ("client_id", client_id),
        ("redirect_uri", redirect_uri),
        ("response_type", "code"),
        ("state", "s"),
    ]
}

fn of_shop() -> Vec<(&'static str, &'static str)> {
    request("hanok-shop", "http://127.0.0.1:8090/callback")
}

async fn asked(browser: &mut Browser, more: &[(&str, &str)]) -> ConsentRequest {
    let challenge = browser.authorize(&[&of_shop()[..], more].concat()).await.challenge();
    browser.asked(&challenge).await
}

fn tags(asked: &ConsentRequest) -> Vec<&str> {
    asked.terms.iter().map(|term| &*term.tag).collect()
}

fn ids(asked: &ConsentRequest) -> Vec<&str> {
    asked.personal_info.items.iter().map(|item| &*item.id).collect()
}

#[tokio::test]
async fn the_demo_signs_in_and_leads_to_the_shop() {
    let server = server().await;
    for account in ["new", "returning", "login-only", "no-email", "everything", "under-14"] {
        let mut browser = server.browser();
        let start = format!("/demo/start?account={account}&service=hanok-shop&lang=en");
        let page = browser.get(&start).await;
        assert_eq!(page.onward(), "http://127.0.0.1:8090/", "{account}");
        assert!(browser.cookie_name("session").is_some(), "{account} is signed in");
    }
    let page = server.browser().get("/demo/start?account=new&service=hanok-shop-test").await;
    assert_eq!(page.onward(), "http://127.0.0.1:8091/");
    let link = "/demo/start?account=new&service=hanok-shop&in_app=android";
    let page = server.browser().get(link).await;
    assert_eq!(page.onward(), "http://127.0.0.1:8090/goods/first-flush?in_app=android");
}

#[tokio::test]
async fn the_shop_comes_first_on_the_demo_s_page() {
    let server = server().await;
    for lang in ["ko", "en", "ja"] {
        let page = server.browser().get(&format!("/demo?lang={lang}")).await;
        let at = |text: &str| page.text().find(text).unwrap_or_else(|| panic!("{text}"));
        assert!(at("value=\"hanok-shop\" checked") < at("value=\"demo-shop\""));
        assert!(at("value=\"demo-parcels\"") < at("value=\"hanok-shop-test\""));
        at("href=\"http://127.0.0.1:8090/\"");
    }
}

#[tokio::test]
async fn without_the_option_the_demo_knows_no_shop() {
    let server = Server::demo().await;
    let page = server.browser().get("/demo").await;
    assert!(!page.text().contains("hanok-shop"), "{}", page.text());
    assert!(page.text().contains("value=\"demo-shop\" checked"));
    let start = server.browser().get("/demo/start?account=new&service=hanok-shop").await;
    assert_eq!(start.status, StatusCode::NOT_FOUND);
}

#[tokio::test]
async fn each_account_stands_with_the_shop_as_its_note_says() {
    let server = server().await;
    let asked_of_new = asked(&mut server.browser_of("new").await, &[]).await;
    assert_eq!(tags(&asked_of_new), ["tos", "privacy", "marketing"]);
    assert_eq!(ids(&asked_of_new), ["profile_nickname", "account_email", "phone_number"]);
    assert_eq!(channel::offered(&asked_of_new).len(), 1);
    // An account without an address is asked, and types nothing: the shop asks for it.
    let asked_of_no_email = asked(&mut server.browser_of("no-email").await, &[]).await;
    assert!(asked_of_no_email.personal_info.items.iter().all(|item| item.collect.is_none()));

    let mut returning = server.browser_of("returning").await;
    let answer = returning.authorize(&of_shop()).await;
    assert!(answer.location_parameter("code").is_some(), "agreed to before");
    let coupons = asked(&mut returning, &[("service_terms", "coupons")]).await;
    assert_eq!((tags(&coupons), ids(&coupons).len()), (vec!["coupons"], 0));

    let login_only = asked(&mut server.browser_of("login-only").await, &[]).await;
    assert_eq!(tags(&login_only), ["tos", "privacy", "marketing"], "asked once");
    let silent = server
        .browser_of("new")
        .await
        .authorize(&[&of_shop()[..], &[("prompt", "none")]].concat())
        .await;
    assert_eq!(silent.location_parameter("error").as_deref(), Some("consent_required"));

    for account in ["channel-added", "channel-blocked", "no-messenger"] {
        let asked = asked(&mut server.browser_of(account).await, &[]).await;
        assert!(channel::offered(&asked).is_empty(), "{account}");
    }
}

#[tokio::test]
async fn the_test_app_is_for_its_members() {
    let server = server().await;
    let request = request("hanok-shop-test", "http://127.0.0.1:8091/callback");
    for member in ["new", "returning"] {
        server.browser_of(member).await.authorize(&request).await.challenge();
    }
    let refused = server.browser_of("everything").await.authorize(&request).await;
    assert!(refused.text().contains("KOE005"), "{}", refused.text());
}

/// The shop hears of a user who left, although it is on this machine and no network was named.
#[tokio::test]
async fn webhooks_reach_a_shop_on_this_machine() {
    let receiver = Receiver::new();
    let origin = receiver.url("");
    let server = server_with(&origin).await;
    let callback = receiver.url("/callback");
    let mut browser = server.browser_of("new").await;
    let challenge = browser.authorize(&request("hanok-shop", &callback)).await.challenge();
    let asked = browser.asked(&challenge).await;
    let all = agreement(&asked, |_, _| true);
    let recorded: Recorded = browser.decide(&challenge, &all).await.json();
    assert!(recorded.redirect_to.starts_with(&callback), "{}", recorded.redirect_to);
    server.app.deliver_events().await;
    let heard = receiver.take();
    let lines: Vec<&str> = heard.iter().map(|it| &*it.line).collect();
    assert!(lines.contains(&"POST /webhooks/channel"), "{lines:?}");
    assert!(lines.contains(&"POST /webhooks/events"), "{lines:?}");
}
