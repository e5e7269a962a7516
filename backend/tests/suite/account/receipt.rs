//! Receipts, for the user that they are of.

use axum::http::StatusCode;
use serde_json::Value;

use super::{SHOP, leave, member, open, server, withdraw};
use crate::browser::Browser;

/// The receipts of the shop's page, the latest first.
async fn receipts(browser: &mut Browser) -> Vec<String> {
    open(browser, SHOP).await.attributes("[aria-labelledby=receipts] a", "href")
}

#[tokio::test]
async fn a_receipt_has_what_was_shown_and_answered() {
    let server = server().await;
    let (mut browser, _) = member(&server).await;
    let path = receipts(&mut browser).await.remove(0);
    let page = open(&mut browser, &path).await;
    assert_eq!(page.texts("h1"), ["동의 기록"]);
    let lines = page.texts(".receipt .agreement__title");
    assert_eq!(
        lines,
        [
            "[필수] 이용약관",
            "[선택] 광고성 정보 수신",
            "[필수] 닉네임",
            "[선택] 이메일",
            "[선택] 전화번호",
            "[선택] 가게"
        ]
    );
    assert!(page.texts(".receipt .state").iter().all(|it| it == "동의함"));
    let facts = page.texts(".receipt > .facts dd").join("\n");
    for expected in ["가게 · 가게 주식회사", "하나", "가입할 때 동의", "한국어"]
    {
        assert!(facts.contains(expected), "{expected}: {facts}");
    }
    assert!(path.ends_with(&page.texts(".receipt > .facts code")[0]));
    // The digest of each text, with the text behind it.
    let digests = page.texts(".agreement__digest code");
    assert_eq!(digests.len(), 2);
    let text = page.attribute(".agreement__digest a", "href");
    assert_eq!(open(&mut browser, &text).await.texts("h1"), ["이용약관"]);
    let stated = page.texts("[aria-labelledby=statement] dd");
    assert!(stated.contains(&"1년".to_owned()), "{stated:?}");
    assert!(!page.answer.text().contains("01011112222"), "no values");
    let file = page.attribute(".account-page__ways a[href$='.json']", "href");
    assert_eq!(file, format!("{path}/receipt.json"));
    let bundle = browser.get(&file).await;
    assert_eq!(bundle.status, StatusCode::OK);
    assert_eq!(bundle.json::<Value>()["receipts"].as_array().map(Vec::len), Some(1));
}

#[tokio::test]
async fn each_change_has_a_receipt() {
    let server = server().await;
    let (mut browser, _) = member(&server).await;
    server.clock.advance(60);
    withdraw(&mut browser, "term:news").await.location();
    server.clock.advance(60);
    leave(&mut browser).await.location();
    let paths = receipts(&mut browser).await;
    let mut found = Vec::new();
    for path in &paths {
        let page = open(&mut browser, path).await;
        found.push((page.texts(".lead").remove(0), page.texts(".receipt .state").len()));
    }
    assert_eq!(
        found,
        [
            ("본인이 연결을 끊음".to_owned(), 4),
            ("본인이 철회".to_owned(), 1),
            ("가입할 때 동의".to_owned(), 6),
        ]
    );
    let withdrawn = open(&mut browser, &paths[1]).await;
    assert_eq!(withdrawn.texts(".receipt .agreement__title"), ["광고성 정보 수신"]);
    assert_eq!(withdrawn.texts(".receipt .state"), ["철회함"]);
}

#[tokio::test]
async fn a_receipt_is_shown_to_its_user_only() {
    let server = server().await;
    let (mut browser, _) = member(&server).await;
    withdraw(&mut browser, "term:news").await.location();
    for path in receipts(&mut browser).await {
        let answer = server.proxied("duri").get(&path).await;
        assert_eq!(answer.status, StatusCode::NOT_FOUND, "{path}");
        assert!(!answer.text().contains("이용약관"), "{}", answer.text());
    }
    for id in ["none", "%00", "%ff", "' OR 1=1 --", "x/y"] {
        let path = format!("/account/receipts/{}", id.replace(' ', "%20"));
        let answer = browser.get(&path).await;
        assert!(answer.status.is_client_error(), "{path}: {}", answer.status);
    }
}
