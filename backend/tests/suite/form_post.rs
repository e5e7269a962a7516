//! `response_mode=form_post`: modules of `oidcc-formpost-basic-certification-test-plan` in which it differs
//! from the query, and its page.

use axum::http::StatusCode;
use consent_contract::{decision::Recorded, redirect};
use scraper::{Html, Selector};

use crate::{
    browser::{cancel, required_only},
    oidc_basic::client::{CALLBACK, Delivery, Suite, borrowed, form_post},
    screen,
};

const FORM_POST: (&str, &str) = ("response_mode", "form_post");

#[tokio::test]
async fn oidcc_server() {
    let mut suite = Suite::new().await;
    let first = suite.flow(&[FORM_POST]).await;
    assert_eq!((first.callback.delivery, suite.screens), (Delivery::FormPost, 1));
    // A member gets the code without a screen.
    let second = suite.flow(&[FORM_POST]).await;
    assert_eq!((second.callback.delivery, suite.screens), (Delivery::FormPost, 1));
    assert_ne!(first.callback.get("code"), second.callback.get("code"));
}

#[tokio::test]
async fn oidcc_response_type_missing() {
    let mut suite = Suite::new().await;
    let callback = suite.authorize(&[FORM_POST, ("response_type", "")]).await;
    assert_eq!((callback.error(), callback.delivery), ("invalid_request", Delivery::FormPost));
}

#[tokio::test]
async fn oidcc_prompt_none_not_logged_in() {
    let mut suite = Suite::new().await;
    let callback = suite.authorize(&[FORM_POST, ("prompt", "none")]).await;
    assert_eq!((callback.error(), callback.delivery), ("login_required", Delivery::FormPost));
}

#[tokio::test]
async fn oidcc_prompt_none_logged_in() {
    let mut suite = Suite::new().await;
    suite.flow(&[FORM_POST]).await;
    let second = suite.flow(&[FORM_POST, ("prompt", "none")]).await;
    assert_eq!(second.callback.delivery, Delivery::FormPost);
}

#[tokio::test]
async fn oidcc_max_age_1() {
    let mut suite = Suite::new().await;
    let first = suite.flow(&[FORM_POST]).await;
    suite.server.clock.advance(2);
    let second = suite.flow(&[FORM_POST, ("max_age", "1")]).await;
    assert_eq!((second.callback.delivery, suite.logins), (Delivery::FormPost, 2));
    assert!(second.auth_time() > first.auth_time());
}

#[tokio::test]
async fn oidcc_unsigned_request_object_supported_correctly_or_rejected_as_unsupported() {
    let mut suite = Suite::new().await;
    let callback = suite.authorize(&[FORM_POST, ("request", "eyJhbGciOiJub25lIn0.e30.")]).await;
    assert_eq!(callback.error(), "request_not_supported");
    assert_eq!(callback.delivery, Delivery::FormPost);
}

#[tokio::test]
async fn oidcc_ensure_registered_redirect_uri() {
    let mut suite = Suite::new().await;
    let unregistered = format!("{CALLBACK}/extra");
    let parameters = suite.parameters(&[FORM_POST, ("redirect_uri", &unregistered)]);
    let answer = suite.browser.authorize(&borrowed(&parameters)).await;
    assert_eq!(answer.status, StatusCode::BAD_REQUEST);
    assert!(!answer.text().contains("<form"));
}

/// Signs in, and is put before the screen.
async fn screen(suite: &mut Suite) -> String {
    suite.browser.account = Some("hana");
    suite.browser.auth_time = Some(suite.server.clock.now());
    let parameters = suite.parameters(&[FORM_POST]);
    suite.browser.authorize(&borrowed(&parameters)).await.challenge()
}

#[tokio::test]
async fn the_screen_leads_to_the_page_by_an_own_address() {
    let mut suite = Suite::new().await;
    let challenge = screen(&mut suite).await;
    let asked = suite.browser.asked(&challenge).await;
    let recorded: Recorded = suite.browser.decide(&challenge, &required_only(&asked)).await.json();
    let to = &recorded.redirect_to;
    let named = asked.service.destination_origin.as_str();
    assert_eq!(redirect::check(to, Some(named)), Ok(()), "the app may go there");
    let codes = "SELECT count(*) FROM codes";
    let before = suite.server.count(codes).await;
    let callback = form_post(&suite.browser.get(to).await);
    assert!(!to.contains(callback.get("code")), "the code is in no address");
    assert_eq!(suite.server.count(codes).await, before);
    assert_eq!(suite.redeem(callback.get("code"), &[]).await.status, StatusCode::OK);
    // Once its code has expired, the address is the request again.
    suite.server.clock.advance(61);
    let restarted = suite.browser.get(to).await.location().to_owned();
    let again = form_post(&suite.browser.get(&restarted).await);
    assert_ne!(again.get("code"), callback.get("code"));
}

#[tokio::test]
async fn a_cancel_is_posted() {
    let mut suite = Suite::new().await;
    let challenge = screen(&mut suite).await;
    let recorded: Recorded = suite.browser.decide(&challenge, &cancel()).await.json();
    let callback = form_post(&suite.browser.get(&recorded.redirect_to).await);
    assert_eq!(callback.error(), "access_denied");
    assert_eq!(callback.get("error_description"), "User denied access");
}

#[tokio::test]
async fn a_decision_without_script_goes_on_to_the_page() {
    let mut suite = Suite::new().await;
    screen::build(&suite.server);
    let challenge = screen(&mut suite).await;
    let path = format!("/consent/{challenge}");
    let form = "application/x-www-form-urlencoded";
    let to = suite.browser.post(&path, form, "decision=cancel").await.onward();
    assert_eq!(form_post(&suite.browser.get(&to).await).error(), "access_denied");
}

#[tokio::test]
async fn the_page_posts_by_one_script_or_a_button() {
    let mut suite = Suite::new().await;
    let parameters = suite.parameters(&[FORM_POST, ("prompt", "none")]);
    let state = "<\"'&한글> ".to_owned();
    let mut parameters = borrowed(&parameters);
    parameters.retain(|(name, _)| *name != "state");
    parameters.push(("state", &state));
    let own = suite.browser.authorize(&parameters).await;
    let answer = suite.browser.get(own.location()).await;
    assert_eq!(form_post(&answer).get("state"), state, "kept to the letter");
    let page = Html::parse_document(answer.text());
    let one = |css: &str| {
        let selector = Selector::parse(css).unwrap();
        let found: Vec<_> =
            page.select(&selector).map(|it| it.text().collect::<String>()).collect();
        assert_eq!(found.len(), 1, "{css}");
        found[0].clone()
    };
    assert!(!one("form button[type=submit]").is_empty());
    let script = screen::digest(&one("script"));
    let policy = answer.header("content-security-policy");
    assert!(policy.contains(&format!("script-src '{script}';")), "{policy}");
    assert!(policy.contains("form-action https:;"), "{policy}");
    assert!(policy.contains("frame-ancestors 'none'") && policy.contains("default-src 'none'"));
    assert!(!policy.contains("unsafe"), "{policy}");
    assert_eq!(answer.header("cache-control"), "no-store");
    assert_eq!(answer.header("referrer-policy"), "strict-origin", "the form has an Origin");
}

#[tokio::test]
async fn a_sealed_response_is_good_for_its_request_only() {
    let mut suite = Suite::new().await;
    let parameters = suite.parameters(&[FORM_POST, ("prompt", "none")]);
    let own = suite.browser.authorize(&borrowed(&parameters)).await.location().to_owned();
    let sealed = own.rsplit_once("&sealed_response=").unwrap().1;
    let other = suite.parameters(&[FORM_POST, ("prompt", "none")]);
    let address = crate::browser::authorize(&borrowed(&other));
    for bad in [sealed, &sealed[1..], "", "x", "%FF"] {
        let answer = suite.browser.get(&format!("{address}&sealed_response={bad}")).await;
        assert!(
            answer.location().starts_with("/oauth/authorize?"),
            "answered as if it were missing"
        );
    }
    let query: Vec<_> = other.iter().filter(|(name, _)| name != "response_mode").cloned().collect();
    let address = crate::browser::authorize(&borrowed(&query));
    let answer = suite.browser.get(&format!("{address}&sealed_response={sealed}")).await;
    assert!(answer.location().starts_with(CALLBACK));
}

#[tokio::test]
async fn other_modes_and_app_schemes_are_refused_in_the_query() {
    let mut suite = Suite::new().await;
    for mode in ["fragment", "form_post.jwt", "jwt", "query form_post"] {
        let callback = suite.authorize(&[("response_mode", mode)]).await;
        assert_eq!((callback.error(), callback.delivery), ("invalid_request", Delivery::Query));
    }
    let mut parameters = suite.parameters(&[FORM_POST]);
    parameters.push(("response_mode".to_owned(), "query".to_owned()));
    let answer = suite.browser.authorize(&borrowed(&parameters)).await;
    assert_eq!(answer.location_parameter("error").as_deref(), Some("invalid_request"));
}
