//! The same decision as a form, for browsers where no script runs.

use axum::http::StatusCode;
use consent_contract::{
    decision::{Decision, Recorded},
    decision_path, form,
};
use url::form_urlencoded;

use crate::browser::{Server, changed, required_only};

const FORM: &str = "application/x-www-form-urlencoded";

fn encoded(decision: &Decision) -> String {
    let Decision::Agree(agreement) = decision else { panic!("an agreement") };
    form_urlencoded::Serializer::new(String::new()).extend_pairs(form::fields(agreement)).finish()
}

#[tokio::test]
async fn a_form_says_the_same_as_the_json() {
    let server = Server::demo().await;
    let mut browser = server.browser_of("no-email").await;
    let challenge = browser.challenged("demo-shop", &[]).await;
    let decision = required_only(&browser.asked(&challenge).await);
    let form = browser.post(&decision_path(&challenge), FORM, encoded(&decision)).await;
    let json: Recorded = browser.decide(&challenge, &decision).await.json();
    assert_eq!(form.location(), json.redirect_to);
    let page = browser.post(&format!("/consent/{challenge}"), FORM, encoded(&decision)).await;
    assert_eq!(page.location(), json.redirect_to, "the page's own address takes it, too");
    assert_eq!(server.count("SELECT count(*) FROM decisions").await, 1);
}

#[tokio::test]
async fn the_shell_s_cancel_needs_no_script() {
    let server = Server::demo().await;
    let mut browser = server.browser_of("new").await;
    let challenge = browser.challenged("demo-shop", &[]).await;
    let answer = browser.post(&format!("/consent/{challenge}"), FORM, "decision=cancel").await;
    assert_eq!(answer.told("error").unwrap(), "access_denied");
    assert_eq!(answer.told("state").unwrap(), "state of the service");
}

#[tokio::test]
async fn a_form_that_is_refused_is_answered_with_a_page() {
    let server = Server::demo().await;
    let mut browser = server.browser_of("new").await;
    browser.language = Some("en");
    let challenge = browser.challenged("demo-shop", &[]).await;
    let request = browser.asked(&challenge).await;
    let incomplete = changed(required_only(&request), |a| a.terms[0].agreed = false);
    let path = decision_path(&challenge);
    for (body, status, says) in [
        (encoded(&incomplete), StatusCode::UNPROCESSABLE_ENTITY, "Something is missing"),
        ("decision=agree".to_owned(), StatusCode::BAD_REQUEST, "could not be handled"),
        (
            "decision=agree&agree=%3Cb%3E".to_owned(),
            StatusCode::BAD_REQUEST,
            "could not be handled",
        ),
    ] {
        let answer = browser.post(&path, FORM, body).await;
        assert_eq!(answer.status, status);
        assert!(answer.header("content-type").starts_with("text/html"));
        assert!(answer.text().contains(says), "{}", answer.text());
        assert!(!answer.text().contains("<b>"));
    }
    browser.agrees(&challenge).await;
    let other = browser.post(&path, FORM, "decision=cancel").await;
    assert_eq!(other.status, StatusCode::GONE);
    assert!(other.text().contains("href=\"http://127.0.0.1:8080/demo/callback?code="));

    let mut stranger = server.browser_of("no-email").await;
    let own = stranger.challenged("demo-shop", &[]).await;
    server.clock.advance(901);
    let expired = stranger.post(&decision_path(&own), FORM, "decision=cancel").await;
    assert_eq!(expired.status, StatusCode::GONE);
    assert!(expired.text().contains("href=\"/oauth/authorize?"), "{}", expired.text());
}
