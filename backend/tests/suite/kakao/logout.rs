//! `/oauth/logout`.

use axum::{
    body::Body,
    http::{Request, StatusCode},
};
use serde_json::Value;

use super::{agree, bearer, error, get, ok, request, required, server, token};
use crate::{
    browser::{Browser, Server},
    oidc_logout::{answers, question},
};

const TO: &str = "logout_redirect_uri=https%3A%2F%2Fshop.example%2Fbye";

/// Hana, signed up at the shop, with the tokens.
async fn signed_up(server: &Server) -> (Browser, Value) {
    let mut browser = server.proxied("hana");
    let code = agree(&mut browser, &request(&[]), required).await;
    let tokens = ok(&token(server, &code, &[]).await);
    (browser, tokens)
}

#[tokio::test]
async fn logging_out_ends_the_session_and_the_tokens_of_the_service() {
    let server = server().await;
    let (mut browser, tokens) = signed_up(&server).await;
    let session = browser.cookie("session").to_owned();
    let path = format!("/oauth/logout?client_id=shop-rest-api-key&{TO}&state=a%20b");
    let asked = question(&browser.get(&path).await).expect("a question");
    let answer = answers(&mut browser, &asked, "sign_out").await;
    assert_eq!(answer.onward(), "https://shop.example/bye?state=a%20b");
    assert_eq!(browser.cookie_name("session"), None);
    assert_ne!(session, "");
    assert_eq!(server.count("SELECT count(*) FROM sessions").await, 0);
    error(&get(&server, "/v2/user/me", &bearer(&tokens)).await, 401, -401);
    assert_eq!(server.count("SELECT count(*) FROM links WHERE account = 'hana'").await, 1);
}

#[tokio::test]
async fn no_other_page_can_end_a_session_through_an_app() {
    let server = server().await;
    let (mut browser, tokens) = signed_up(&server).await;
    let path = format!("/oauth/logout?client_id=shop-rest-api-key&{TO}");
    let navigation = |method: &str| {
        let request = Request::builder().method(method).uri(&path);
        let request = request.header("sec-fetch-site", "cross-site");
        request.header("sec-fetch-mode", "navigate").body(Body::empty()).unwrap()
    };
    let head = browser.send(navigation("HEAD")).await;
    assert_eq!(head.status, StatusCode::OK);
    let page = browser.send(navigation("GET")).await;
    assert_eq!(page.status, StatusCode::OK);
    let asked = question(&page).expect("a question");
    assert_eq!(server.count("SELECT count(*) FROM sessions").await, 1);
    ok(&get(&server, "/v2/user/me", &bearer(&tokens)).await);
    // A form without the token of the page, and the other button.
    let forged: Vec<_> = asked.iter().filter(|it| it.0 != "csrf_token").cloned().collect();
    assert_eq!(answers(&mut browser, &forged, "sign_out").await.location(), path);
    assert!(question(&answers(&mut browser, &asked, "stay").await).is_none());
    assert_eq!(server.count("SELECT count(*) FROM sessions").await, 1);
    ok(&get(&server, "/v2/user/me", &bearer(&tokens)).await);
}

#[tokio::test]
async fn who_is_not_signed_in_goes_on_at_once() {
    let server = server().await;
    let path = format!("/oauth/logout?client_id=shop-rest-api-key&{TO}");
    let answer = server.browser().get(&path).await;
    assert_eq!(answer.location(), "https://shop.example/bye");
}

#[tokio::test]
async fn every_fault_of_a_logout_has_its_page_and_keeps_the_session() {
    let server = server().await;
    let mut browser = server.proxied("hana");
    agree(&mut browser, &request(&[]), required).await;
    for (query, status, code) in [
        (format!("client_id=unknown&{TO}"), 401, "KOE101"),
        (format!("client_id={}&{TO}", super::ADMIN_KEY), 401, "KOE008"),
        (TO.to_owned(), 400, "KOE207"),
        ("client_id=shop-rest-api-key".to_owned(), 400, "KOE207"),
        (
            "client_id=shop-rest-api-key&logout_redirect_uri=https://evil.example/".to_owned(),
            400,
            "KOE007",
        ),
        (format!("client_id=shop-rest-api-key&{TO}&{TO}"), 400, "KOE001"),
        (format!("client_id=shop-rest-api-key&client_id=x&{TO}"), 400, "KOE001"),
        (format!("client_id=shop-rest-api-key&{TO}&state={}", "s".repeat(8000)), 400, "KOE001"),
    ] {
        let answer = browser.get(&format!("/oauth/logout?{query}")).await;
        assert_eq!(answer.status.as_u16(), status, "{query}: {}", answer.text());
        assert_eq!(answer.header("content-type"), "text/html; charset=utf-8");
        assert!(answer.text().contains(code), "{query}: {}", answer.text());
    }
    assert_eq!(server.count("SELECT count(*) FROM sessions").await, 1);
    // As the same request by GET, like that of a standard client.
    let answer = browser.post("/oauth/logout", super::FORM, "client_id=x").await;
    assert_eq!(answer.header("location"), "/oauth/logout?client_id=x");
}

#[tokio::test]
async fn other_services_have_the_logout_of_openid_connect() {
    let server = Server::configured(crate::shop::SHOP).await.unwrap();
    let path = format!("/oauth/logout?client_id=shop&{TO}");
    let answer = server.browser().get(&path).await;
    assert_eq!(answer.status, StatusCode::OK);
    assert!(answer.headers.get("location").is_none(), "the parameter is not theirs");
}
