//! Withdrawing one agreement, and what it ends.

use axum::http::StatusCode;
use serde_json::Value;

use super::{SCOPE, SHOP, claims, member, open, send, server, state, withdraw};
use crate::client::{FORM, get, refresh, tokens};

#[tokio::test]
async fn an_optional_item_is_withdrawn_with_one_button() {
    let server = server().await;
    let (mut browser, tokens) = member(&server).await;
    assert_eq!(claims(&server, &tokens).await["email"], "hana@example.com");

    let answer = withdraw(&mut browser, "item:account_email").await;
    let to = answer.location().to_owned();
    assert_eq!(to, format!("{SHOP}?withdrawn=item%3Aaccount_email#notice"));
    assert_eq!(claims(&server, &tokens).await.get("email"), None, "at once");
    assert_eq!(claims(&server, &tokens).await["phone_number"], "+821011112222", "the rest stays");

    let (path, _) = to.split_once('#').unwrap();
    let page = open(&mut browser, path).await;
    assert_eq!(state(&page, "item:account_email"), "철회함");
    assert_eq!(page.count("#notice"), 1);
    assert_eq!(page.texts("#notice strong"), ["‘이메일’ 동의를 철회했습니다"]);
    assert!(page.texts("title")[0].starts_with("‘이메일’ 동의를 철회했습니다"), "read first");
    assert_eq!(page.count("button[value='item:account_email']"), 0);
    assert_eq!(
        server.count("SELECT count(*) FROM grant_changes WHERE caused_by = 'user'").await,
        1
    );
}

#[tokio::test]
async fn an_optional_term_is_withdrawn_with_one_button() {
    let server = server().await;
    let (mut browser, tokens) = member(&server).await;
    withdraw(&mut browser, "term:news").await.location();
    let page = open(&mut browser, SHOP).await;
    assert_eq!(state(&page, "term:news"), "철회함");
    assert_eq!(state(&page, "term:tos"), "동의함");
    assert_eq!(page.count("#notice"), 0, "without the mark in the address");
    claims(&server, &tokens).await;
}

/// New tokens do not bring back what was withdrawn.
#[tokio::test]
async fn a_refreshed_token_gives_what_holds() {
    let server = server().await;
    let mut browser = server.proxied("hana");
    let scope = format!("{SCOPE} offline_access");
    let tokens = tokens(&server, &mut browser, "shop", &scope, &["item:account_email"]).await;
    withdraw(&mut browser, "item:account_email").await.location();
    let refreshed = refresh(&server, "shop", tokens["refresh_token"].as_str().unwrap(), &[]).await;
    assert_eq!(refreshed.status, StatusCode::OK, "{}", refreshed.text());
    let refreshed: Value = refreshed.json();
    assert_eq!(claims(&server, &refreshed).await.get("email"), None);
    assert_eq!(claims(&server, &refreshed).await["nickname"], "하나");
}

#[tokio::test]
async fn a_second_press_changes_nothing_and_leads_to_the_same_page() {
    let server = server().await;
    let (mut browser, _) = member(&server).await;
    let first = withdraw(&mut browser, "term:news").await.location().to_owned();
    let second = withdraw(&mut browser, "term:news").await.location().to_owned();
    assert_eq!(first, second);
    assert_eq!(server.count("SELECT count(*) FROM grant_changes").await, 1);
}

#[tokio::test]
async fn a_required_agreement_leads_to_the_page_that_explains_it() {
    let server = server().await;
    let (mut browser, tokens) = member(&server).await;
    for (key, title) in [("term:tos", "이용약관"), ("item:profile_nickname", "닉네임")] {
        let to = withdraw(&mut browser, key).await.location().to_owned();
        assert_eq!(to, format!("{SHOP}/leave?key={}", key.replace(':', "%3A")));
        let page = open(&mut browser, &to).await;
        assert!(page.texts(".notice")[0].contains(title), "{:?}", page.texts(".notice"));
    }
    assert_eq!(server.count("SELECT count(*) FROM grant_changes").await, 0);
    claims(&server, &tokens).await;
}

/// The address can be made up; what is stated comes from the database.
#[tokio::test]
async fn a_link_cannot_claim_a_withdrawal() {
    let server = server().await;
    let (mut browser, _) = member(&server).await;
    for query in ["withdrawn=term:news", "withdrawn=term:none", "withdrawn=x", "left=1"] {
        let page = open(&mut browser, &format!("{SHOP}?{query}")).await;
        assert_eq!(page.count("#notice"), 0, "{query}");
    }
    withdraw(&mut browser, "term:news").await;
    let page = open(&mut browser, &format!("{SHOP}?withdrawn=term:news&withdrawn=term:tos")).await;
    assert_eq!(page.count("#notice"), 0, "twice");
}

#[tokio::test]
async fn what_is_no_agreement_is_refused() {
    let server = server().await;
    let (mut browser, _) = member(&server).await;
    for (key, status) in [
        ("channel:_shop", StatusCode::BAD_REQUEST),
        ("news", StatusCode::BAD_REQUEST),
        ("", StatusCode::BAD_REQUEST),
        ("term:none", StatusCode::NOT_FOUND),
        ("term:later", StatusCode::NOT_FOUND),
    ] {
        let answer = withdraw(&mut browser, key).await;
        assert_eq!(answer.status, status, "{key}");
        assert!(answer.text().contains("href=\"/account/services/shop\""), "the way back: {key}");
    }
    let path = format!("{SHOP}/withdraw");
    assert_eq!(send(&mut browser, SHOP, &path, &[]).await.status, StatusCode::BAD_REQUEST);
    let twice = [("key", "term:news"), ("key", "item:account_email")];
    assert_eq!(send(&mut browser, SHOP, &path, &twice).await.status, StatusCode::BAD_REQUEST);
    let elsewhere = "/account/services/books/withdraw";
    let answer = send(&mut browser, SHOP, elsewhere, &[("key", "term:news")]).await;
    assert_eq!(answer.status, StatusCode::NOT_FOUND);
    assert_eq!(server.count("SELECT count(*) FROM grant_changes").await, 0);
}

/// The user can agree again when the service asks for it, and sees it so.
#[tokio::test]
async fn agreeing_again_is_shown_as_agreed() {
    let server = server().await;
    let (mut browser, first) = member(&server).await;
    withdraw(&mut browser, "item:account_email").await.location();
    server.clock.advance(60);
    let request = crate::client::request("shop", "https://shop.example/callback", "account_email");
    let challenge = browser.authorize(&request).await.challenge();
    let asked = browser.asked(&challenge).await;
    let agreed = crate::browser::agreement(&asked, |_, _| true);
    assert_eq!(browser.decide(&challenge, &agreed).await.status, StatusCode::OK);
    let page = open(&mut browser, SHOP).await;
    assert_eq!(state(&page, "item:account_email"), "동의함");
    assert_eq!(page.texts("[aria-labelledby=receipts] li").len(), 3);
    let answer = get(&server, "/oauth/userinfo", first["access_token"].as_str().unwrap()).await;
    assert_eq!(answer.status, StatusCode::OK);
}

/// A page that is open for long still works: the session is the same, whatever its cookie is.
#[tokio::test]
async fn a_page_stays_good_while_the_session_is_renewed() {
    let services = crate::client::services()
        .replace("[sign_in]\n", "[sign_in]\nauth_time_header = \"x-auth-time\"\n");
    let server = super::with_services(&services).await;
    let mut browser = server.proxied("hana");
    let now = time::OffsetDateTime::now_utc().unix_timestamp();
    browser.auth_time = Some(now - 60);
    tokens(&server, &mut browser, "shop", SCOPE, &["term:news"]).await;
    let page = open(&mut browser, SHOP).await;
    let token = page.attribute("input[name=csrf_token]", "value");
    browser.auth_time = Some(now);
    let before = browser.cookie("session").to_owned();
    let body = format!("csrf_token={token}&key=term%3Anews");
    let answer = browser.post(&format!("{SHOP}/withdraw"), FORM, body).await;
    assert!(answer.location().contains("withdrawn="), "{answer:?}");
    assert_ne!(browser.cookie("session"), before, "the proxy's later login renewed it");
}
