//! The full texts: named by their digest, never changed.

use axum::{
    body::Body,
    http::{Request, StatusCode},
};
use base64::{Engine, engine::general_purpose::STANDARD};
use consent_contract::{document::Document, document_path, problem::Code};

use crate::browser::Server;

#[tokio::test]
async fn what_is_read_is_what_is_agreed_to() {
    let server = Server::demo().await;
    let mut browser = server.browser_of("new").await;
    for client_id in ["demo-shop", "demo-bookclub", "demo-travel"] {
        let challenge = browser.challenged(client_id, &[]).await;
        for locale in ["ko", "en", "ja"] {
            let path = format!("/api/v1/consents/{challenge}?locale={locale}");
            let request: consent_contract::request::ConsentRequest =
                browser.get(&path).await.json();
            assert_eq!(request.locale, locale);
            for term in &request.terms {
                let path = document_path(&term.tag, &term.version, &term.digest);
                let answer = browser.get(&path).await;
                let document = Document::from_json(answer.text()).unwrap();
                assert_eq!((&document.title, &*document.locale), (&term.title, locale));
                let covered = Document::digest_input(&document.title, &document.blocks);
                let digest = aws_lc_rs::digest::digest(&aws_lc_rs::digest::SHA256, &covered);
                assert_eq!(term.digest, format!("sha256-{}", STANDARD.encode(digest)));
            }
        }
    }
}

#[tokio::test]
async fn a_text_can_be_kept_for_ever() {
    let server = Server::demo().await;
    let mut browser = server.browser_of("new").await;
    let challenge = browser.challenged("demo-shop", &[]).await;
    let term = browser.asked(&challenge).await.terms.remove(0);
    let path = document_path(&term.tag, &term.version, &term.digest);
    // Texts are public: no session is needed.
    let mut other_browser = server.browser();
    let answer = other_browser.get(&path).await;
    assert_eq!(answer.header("cache-control"), "public, max-age=31536000, immutable");
    let tag = answer.header("etag").to_owned();
    assert_eq!(tag, format!("\"{}\"", term.digest));
    let again = Request::get(&path).header("if-none-match", format!("\"x\", W/{tag}"));
    let answer = other_browser.send(again.body(Body::empty()).unwrap()).await;
    assert_eq!((answer.status, answer.body.len()), (StatusCode::NOT_MODIFIED, 0));

    let other = document_path(&term.tag, "2020-01-01", &term.digest);
    let bare = format!("/api/v1/terms/{}/{}", term.tag, term.version);
    for path in [other, bare, format!("{path}x")] {
        let answer = other_browser.get(&path).await;
        assert_eq!(answer.problem().code, Code::DocumentNotFound);
        assert_eq!(answer.header("cache-control"), "no-store", "a mistake is not kept");
    }
}
