//! Language negotiation.

use consent_contract::decision::Decision;

use crate::browser::{Server, required_only};

async fn negotiated(language: Option<&'static str>, more: &[(&str, &str)], query: &str) -> String {
    let server = Server::demo().await;
    let mut browser = server.browser_of("new").await;
    browser.language = language;
    let challenge = browser.challenged("demo-shop", more).await;
    let path = format!("/api/v1/consents/{challenge}{query}");
    let request: consent_contract::request::ConsentRequest = browser.get(&path).await.json();
    assert_eq!(
        request.service.name,
        match &*request.locale {
            "ko" => "한옥마켓",
            "en" => "Hanok Market",
            _ => "ハノクマーケット",
        }
    );
    request.locale
}

#[tokio::test]
async fn the_service_s_language_comes_first_then_the_browser_s_then_korean() {
    assert_eq!(negotiated(None, &[], "").await, "ko");
    assert_eq!(negotiated(Some("fr, ja;q=0.8, en;q=0.9"), &[], "").await, "en");
    assert_eq!(negotiated(Some("en"), &[("ui_locales", "fr ja-JP")], "").await, "ja");
    assert_eq!(negotiated(Some("en"), &[("ui_locales", "fr")], "").await, "en");
    assert_eq!(negotiated(Some("de"), &[("ui_locales", "fr")], "").await, "ko");
    assert_eq!(negotiated(Some("en"), &[("ui_locales", "ja")], "?locale=en-GB").await, "en");
    assert_eq!(negotiated(Some("en"), &[("ui_locales", "ja")], "?locale=xx").await, "ja");
}

#[tokio::test]
async fn a_decision_is_about_the_texts_of_its_own_language() {
    let server = Server::demo().await;
    let mut browser = server.browser_of("new").await;
    let challenge = browser.challenged("demo-shop", &[]).await;
    let path = format!("/api/v1/consents/{challenge}?locale=ja");
    let request: consent_contract::request::ConsentRequest = browser.get(&path).await.json();
    let Decision::Agree(mut mixed) = required_only(&request) else { panic!("an agreement") };
    mixed.locale = "ko".to_owned();
    let problem = browser.decide(&challenge, &Decision::Agree(mixed)).await.problem();
    assert_eq!(problem.code, consent_contract::problem::Code::TermsChanged);
    assert_eq!(browser.decide(&challenge, &required_only(&request)).await.status, 200);
    assert_eq!(server.count("SELECT count(*) FROM receipt_items WHERE locale = 'ja'").await, 7);
    let title = "SELECT count(*) FROM receipt_items WHERE title = '利用規約'";
    assert_eq!(server.count(title).await, 1, "the receipt quotes what was shown");
}
