//! Forms that other pages or other sessions send, and forms that are no forms.

use axum::{
    body::Body,
    http::{Request, StatusCode, header},
};

use super::{SHOP, member, open, send, server};
use crate::{
    browser::{Answer, Browser, Server},
    client::FORM,
};

const PATHS: [(&str, &str); 4] = [
    ("/account/services/shop/withdraw", SHOP),
    ("/account/services/shop/leave", "/account/services/shop/leave"),
    ("/account/sessions/end", "/account/sessions"),
    ("/account/sessions/end-all", "/account/sessions"),
];

async fn unchanged(server: &Server) {
    assert_eq!(server.count("SELECT count(*) FROM grant_changes").await, 0);
    assert_eq!(server.count("SELECT count(*) FROM links").await, 1);
    assert!(server.count("SELECT count(*) FROM sessions WHERE account = 'hana'").await >= 1);
}

/// A refused form, which has a page with the way back.
#[track_caller]
fn is_refused(answer: &Answer, status: StatusCode, page: &str) {
    assert_eq!(answer.status, status, "{}", answer.text());
    assert!(answer.header("content-type").starts_with("text/html"));
    assert!(answer.text().contains(&format!("href=\"{page}\"")), "{page}: {}", answer.text());
    assert!(answer.text().contains("아무것도 변경하지 않았습니다"), "{}", answer.text());
}

async fn token(browser: &mut Browser) -> String {
    open(browser, SHOP).await.attribute("input[name=csrf_token]", "value")
}

#[tokio::test]
async fn a_form_without_the_token_of_the_session_is_refused() {
    let server = server().await;
    let (mut browser, _) = member(&server).await;
    // Duri's own token is none of Hana's.
    let mut duri = server.proxied("duri");
    let other = open(&mut duri, "/account/sessions").await;
    let other = other.attribute("input[name=csrf_token]", "value");
    // Nor is that of another browser of hers.
    let another = token(&mut server.proxied("hana")).await;
    for (path, page) in PATHS {
        for token in ["", "x", &other, &another] {
            let body = format!("csrf_token={token}&key=term%3Anews&session=x");
            is_refused(&browser.post(path, FORM, body).await, StatusCode::FORBIDDEN, page);
        }
        let answer = browser.post(path, FORM, "key=term%3Anews").await;
        is_refused(&answer, StatusCode::BAD_REQUEST, page);
        let good = token(&mut browser).await;
        let body = format!("csrf_token={good}&csrf_token={good}&key=term%3Anews");
        is_refused(&browser.post(path, FORM, body).await, StatusCode::BAD_REQUEST, page);
    }
    unchanged(&server).await;
}

#[tokio::test]
async fn a_form_of_another_site_is_refused_whatever_it_knows() {
    let server = server().await;
    let (mut browser, _) = member(&server).await;
    let good = token(&mut browser).await;
    for (path, page) in PATHS {
        for headers in [
            &[("sec-fetch-site", "cross-site")][..],
            &[("sec-fetch-site", "same-site")],
            &[("origin", "https://evil.example")],
            &[("origin", "https://evil.example"), ("sec-fetch-site", "same-origin")],
            &[],
        ] {
            let mut request = Request::post(path).header(header::CONTENT_TYPE, FORM);
            for (name, value) in headers {
                request = request.header(*name, *value);
            }
            let body = format!("csrf_token={good}&key=term%3Anews");
            let answer = browser.send(request.body(Body::from(body)).unwrap()).await;
            is_refused(&answer, StatusCode::FORBIDDEN, page);
        }
    }
    unchanged(&server).await;
}

#[tokio::test]
async fn what_is_no_form_is_refused() {
    let server = server().await;
    let (mut browser, _) = member(&server).await;
    for (path, page) in PATHS {
        let json = browser.post(path, "application/json", "{\"key\":\"term:news\"}").await;
        is_refused(&json, StatusCode::BAD_REQUEST, page);
        let large = browser.post(path, FORM, "x".repeat(5000)).await;
        is_refused(&large, StatusCode::PAYLOAD_TOO_LARGE, page);
        let many = browser.post(path, FORM, "a=1&".repeat(20)).await;
        is_refused(&many, StatusCode::BAD_REQUEST, page);
    }
    unchanged(&server).await;
}

/// Nothing is lost: the page is there after signing in.
#[tokio::test]
async fn a_form_of_a_signed_out_user_leads_to_the_login_and_back_to_its_page() {
    let server = server().await;
    member(&server).await;
    let mut browser = server.browser();
    for (path, page) in PATHS {
        let answer = browser.post(path, FORM, "csrf_token=x&key=term%3Anews").await;
        let back = page.replace('/', "%2F");
        let to = format!("/login/?return_to={back}%3Freturned%3D1");
        assert_eq!(answer.location(), to, "{path}");
    }
    unchanged(&server).await;
}

#[tokio::test]
async fn a_good_form_is_taken() {
    let server = server().await;
    let (mut browser, _) = member(&server).await;
    let answer = send(&mut browser, SHOP, PATHS[0].0, &[("key", "term:news")]).await;
    assert_eq!(answer.status, StatusCode::SEE_OTHER);
    assert_eq!(server.count("SELECT count(*) FROM grant_changes").await, 1);
}
