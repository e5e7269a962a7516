//! The signed-in browsers, and signing out.

use axum::http::StatusCode;

use super::{SCOPE, SHOP, member, open, send, server};
use crate::{
    browser::{Browser, Server},
    client::{refresh, text, tokens, userinfo},
    form::RenderedPage,
    screen,
};

const PATH: &str = "/account/sessions";

const PHONE: &str = "Mozilla/5.0 (Linux; Android 15) AppleWebKit/537.36 (KHTML, like Gecko) \
                     Chrome/142.0.0.0 Mobile Safari/537.36";
const LAPTOP: &str = "Mozilla/5.0 (X11; Linux x86_64; rv:145.0) Gecko/20100101 Firefox/145.0";

/// The demo's sessions last until they end: no proxy signs in again.
async fn demo() -> Server {
    let server = Server::demo().await;
    screen::build(&server);
    screen::make_room(&server);
    server
}

async fn signed_in(server: &Server, account: &str, user_agent: &'static str) -> Browser {
    let mut browser = server.browser();
    browser.user_agent = Some(user_agent);
    browser.get(&format!("/demo/login?account={account}")).await.location();
    browser
}

/// References of the sessions of a page, in its order.
fn references(page: &RenderedPage) -> Vec<String> {
    page.attributes("button[name=session]", "value")
}

async fn is_signed_in(browser: &mut Browser) -> bool {
    browser.get("/account").await.status == StatusCode::OK
}

#[tokio::test]
async fn the_list_has_each_browser_of_the_account() {
    let server = demo().await;
    let mut laptop = signed_in(&server, "returning", LAPTOP).await;
    server.clock.advance(60);
    signed_in(&server, "returning", PHONE).await;
    signed_in(&server, "new", PHONE).await;
    let page = open(&mut laptop, PATH).await;
    assert_eq!(page.texts(".agreement__title"), ["Chrome, Android", "Firefox, Linux"]);
    assert_eq!(page.texts(".agreement .state"), ["현재 기기"]);
    assert_eq!(page.texts(".agreement:nth-child(2) .state").len(), 1, "it is the second");
    assert!(!page.answer.text().contains("Mozilla"), "the header itself is not kept");
}

#[tokio::test]
async fn one_session_is_ended() {
    let server = demo().await;
    let mut laptop = signed_in(&server, "returning", LAPTOP).await;
    server.clock.advance(60);
    let mut phone = signed_in(&server, "returning", PHONE).await;
    let page = open(&mut laptop, PATH).await;
    let [of_phone, _] = &references(&page)[..] else { panic!("two sessions") };
    let answer = send(&mut laptop, PATH, "/account/sessions/end", &[("session", of_phone)]).await;
    assert_eq!(answer.location(), PATH);
    assert!(!is_signed_in(&mut phone).await);
    assert!(is_signed_in(&mut laptop).await);
    // Once more: it has ended.
    let answer = send(&mut laptop, PATH, "/account/sessions/end", &[("session", of_phone)]).await;
    assert_eq!(answer.location(), PATH);
}

#[tokio::test]
async fn the_session_of_the_page_is_ended() {
    let server = demo().await;
    let mut laptop = signed_in(&server, "returning", LAPTOP).await;
    let page = open(&mut laptop, PATH).await;
    let own = references(&page).remove(0);
    let answer = send(&mut laptop, PATH, "/account/sessions/end", &[("session", &own)]).await;
    let to = answer.location().to_owned();
    assert!(laptop.get(&to).await.text().contains("로그아웃"), "a page that confirms it");
    assert!(!is_signed_in(&mut laptop).await);
}

/// The reference of a session is worth nothing to another account.
#[tokio::test]
async fn a_session_of_another_account_is_not_ended() {
    let server = demo().await;
    let mut hers = signed_in(&server, "returning", LAPTOP).await;
    let mut his = signed_in(&server, "new", PHONE).await;
    let reference = references(&open(&mut hers, PATH).await).remove(0);
    for wanted in [&*reference, "1", ""] {
        let answer = send(&mut his, PATH, "/account/sessions/end", &[("session", wanted)]).await;
        assert_eq!(answer.location(), PATH);
    }
    assert!(is_signed_in(&mut hers).await && is_signed_in(&mut his).await);
    let answer = send(&mut his, PATH, "/account/sessions/end", &[]).await;
    assert_eq!(answer.status, StatusCode::BAD_REQUEST);
}

#[tokio::test]
async fn signing_out_everywhere_ends_every_session_and_its_tokens() {
    let server = server().await;
    let (mut browser, _) = member(&server).await;
    let mut other = server.proxied("hana");
    let online = tokens(&server, &mut other, "shop", SCOPE, &[]).await;
    let offline =
        tokens(&server, &mut other, "books", &format!("{SCOPE} offline_access"), &[]).await;
    let mut duri = server.proxied("duri");
    let of_duri = tokens(&server, &mut duri, "shop", SCOPE, &[]).await;

    let answer = send(&mut browser, PATH, "/account/sessions/end-all", &[]).await;
    assert_eq!(answer.location(), "/account/signed-out");
    assert_eq!(server.count("SELECT count(*) FROM sessions WHERE account = 'hana'").await, 0);
    let page = open(&mut browser, "/account/signed-out").await;
    assert_eq!(page.texts("h1"), ["모든 기기에서 로그아웃했습니다"]);
    assert_eq!(browser.get("/account").await.status, StatusCode::SEE_OTHER, "to the login page");

    assert_eq!(userinfo(&server, &online).await.status, StatusCode::UNAUTHORIZED);
    // As at any sign-out: what was agreed to for offline use stays, until it is withdrawn.
    let refreshed = refresh(&server, "books", text(&offline, "refresh_token"), &[]).await;
    assert_eq!(refreshed.status, StatusCode::OK, "{}", refreshed.text());
    assert_eq!(userinfo(&server, &of_duri).await.status, StatusCode::OK, "no one else's");
    assert_eq!(server.count("SELECT count(*) FROM links WHERE account = 'hana'").await, 2);
}

#[tokio::test]
async fn the_last_page_is_for_browsers_that_are_signed_out() {
    let server = server().await;
    let mut browser = server.proxied("hana");
    assert_eq!(browser.get("/account/signed-out").await.location(), "/account");
    let page = open(&mut server.browser(), "/account/signed-out").await;
    assert_eq!(page.count("form"), 0);
    assert_eq!(browser.get(SHOP).await.status, StatusCode::NOT_FOUND);
}
