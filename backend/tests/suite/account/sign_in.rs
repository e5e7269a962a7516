//! Account pages for browsers that are not signed in.

use axum::http::StatusCode;

use super::{SHOP, member, open, server, with_services};
use crate::{browser::Server, client::services, screen};

#[tokio::test]
async fn a_browser_is_sent_to_the_login_page_and_comes_back() {
    let server = server().await;
    member(&server).await;
    let mut browser = server.browser();
    for (path, back) in [
        ("/account", "%2Faccount%3Freturned%3D1"),
        ("/account/sessions", "%2Faccount%2Fsessions%3Freturned%3D1"),
        (
            "/account/services/shop/leave?key=term:tos",
            "%2Faccount%2Fservices%2Fshop%2Fleave%3Fkey%3Dterm%3Atos%26returned%3D1",
        ),
    ] {
        let answer = browser.get(path).await;
        assert_eq!(answer.location(), format!("/login/?return_to={back}"), "{path}");
    }
    browser.account = Some("hana");
    let page = open(&mut browser, "/account/services/shop?returned=1").await;
    assert_eq!(page.texts("h1"), ["가게 동의 관리"]);
}

/// A login page that signs no one in would send the browser round and round.
#[tokio::test]
async fn a_browser_that_comes_back_signed_out_gets_a_page() {
    let server = server().await;
    let mut browser = server.browser();
    let answer = browser.get("/account?returned=1").await;
    assert_eq!(answer.status, StatusCode::FORBIDDEN);
    assert!(answer.text().contains("href=\"/login/?return_to=%2Faccount%3Freturned%3D1\""));
}

#[tokio::test]
async fn a_login_page_elsewhere_is_given_the_whole_address() {
    let toml = services().replace("\"/login/\"", "\"https://login.example/in?a=1\"");
    let server = with_services(&toml).await;
    let answer = server.browser().get("/account").await;
    let origin = "http%3A%2F%2F127.0.0.1%3A8080";
    let to = format!("https://login.example/in?a=1&return_to={origin}%2Faccount%3Freturned%3D1");
    assert_eq!(answer.location(), to);
}

#[tokio::test]
async fn without_a_login_page_there_is_a_page_that_explains_it() {
    let toml = services().replace("login_url = \"/login/\"\n", "");
    let server = with_services(&toml).await;
    let answer = server.browser().get("/account").await;
    assert_eq!(answer.status, StatusCode::FORBIDDEN);
    assert!(answer.text().contains("로그인되지 않았습니다"), "{}", answer.text());
}

#[tokio::test]
async fn an_account_that_is_not_configured_sees_nothing() {
    let server = server().await;
    let answer = server.proxied("unknown").get("/account").await;
    assert_eq!(answer.status, StatusCode::FORBIDDEN);
    assert!(answer.text().contains("등록되지 않은 계정입니다"), "{}", answer.text());
}

/// Another account in the same browser sees its own.
#[tokio::test]
async fn another_account_sees_nothing_of_the_first() {
    let server = server().await;
    let (mut browser, _) = member(&server).await;
    open(&mut browser, SHOP).await;
    browser.account = Some("duri");
    assert_eq!(browser.get(SHOP).await.status, StatusCode::NOT_FOUND);
    assert_eq!(open(&mut browser, "/account").await.count(".connection"), 0);
}

#[tokio::test]
async fn the_demo_signs_in_on_the_way() {
    let server = Server::demo().await;
    screen::build(&server);
    screen::make_room(&server);
    let mut browser = server.browser();
    let home = browser.get("/demo").await;
    assert!(home.text().contains("href=\"/account\""));
    let to = browser.get("/account").await.location().to_owned();
    let choice = browser.get(&to).await;
    assert_eq!(choice.status, StatusCode::OK);
    let link = "/demo/login?account=returning&return_to=%2Faccount%3Freturned%3D1";
    assert!(choice.text().contains(&link.replace('&', "&amp;")), "{}", choice.text());
    let to = browser.get(link).await.location().to_owned();
    let page = open(&mut browser, &to).await;
    assert!(page.count(".connection") > 0, "{}", page.answer.text());
}

#[tokio::test]
async fn without_a_built_screen_there_is_a_page_that_explains_it() {
    let server = Server::configured(&services()).await.unwrap();
    let answer = server.proxied("hana").get("/account").await;
    assert_eq!(answer.status, StatusCode::SERVICE_UNAVAILABLE);
    assert!(answer.header("content-type").starts_with("text/html"));
}
