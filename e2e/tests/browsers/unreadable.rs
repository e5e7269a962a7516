//! Answers that are not what the contract says: nothing of them is shown, nothing is sent, the
//! user learns what to do, and cancel works.

use crate::survives::cancelled_or_nothing;
use anyhow::Result;
use consent_e2e::pages::{Consent, demo};
use consent_e2e::proxy::Fault;
use consent_e2e::role::Role;
use consent_e2e::{Setup, TestApp};
use hyper::Method;
use std::sync::Arc;

/// The address of a request, as far as all have it in common.
const REQUEST: &str = "/api/v1/consents/";

/// Answers like this whenever the request is read, and expects the screen to say that it cannot
/// be shown, to agree to nothing, and to let the person cancel.
async fn is_refused_and_can_be_cancelled(fault: Fault) -> Result<()> {
    let fault = &fault;
    TestApp::run(Setup::default().statically_hosted(), |app| async move {
        let browser = &app.browser;
        app.proxy.fault(Method::GET, REQUEST, None, fault.clone());
        demo::sign_up(browser, "new", "demo-shop", "").await?;
        browser.find(Role::Heading, "화면을 열 수 없습니다").await?;
        browser.see("어떤 정보도 전달되지 않았습니다.").await?;
        browser.find(Role::Button, "다시 시도").await?;
        assert!(browser.all(Role::Checkbox).await?.is_empty(), "nothing can be agreed to");
        assert_eq!(app.proxy.count(&Method::POST, REQUEST), 0);
        browser.press(Role::Button, "취소").await?;
        demo::cancelled(browser).await?;
        cancelled_or_nothing(&app).await
    })
    .await
}

#[tokio::test]
async fn truncated_json_is_not_shown() -> Result<()> {
    is_refused_and_can_be_cancelled(Fault::Rewrite(Arc::new(|answer| {
        let half = answer.body().len() / 2;
        answer.body_mut().truncate(half);
    })))
    .await
}

#[tokio::test]
async fn wrong_types_are_not_shown() -> Result<()> {
    is_refused_and_can_be_cancelled(Fault::json(|json| {
        json["terms"][0]["required"] = "yes, certainly".into()
    }))
    .await
}

#[tokio::test]
async fn a_term_of_an_unknown_kind_is_not_shown() -> Result<()> {
    is_refused_and_can_be_cancelled(Fault::json(|json| {
        json["terms"][2]["kind"] = "telepathy".into()
    }))
    .await
}

#[tokio::test]
async fn a_page_in_place_of_the_answer_is_not_shown() -> Result<()> {
    is_refused_and_can_be_cancelled(Fault::answer(200, "text/html", "<h1>502 Bad Gateway</h1>"))
        .await
}

#[tokio::test]
async fn what_could_not_be_read_can_be_tried_again() -> Result<()> {
    TestApp::run(Setup::default().statically_hosted(), |app| async move {
        let browser = &app.browser;
        let page = Fault::answer(200, "text/html", "?");
        // The shell asks, and when that was of no use, the app.
        app.proxy.fault(Method::GET, REQUEST, Some(2), page);
        demo::sign_up(browser, "new", "demo-shop", "").await?;
        browser.press(Role::Button, "다시 시도").await?;
        let screen = Consent::asking(browser).await?;
        screen.tick_required().await?;
        screen.agree().await?;
        demo::signed_up(browser).await?;
        Ok(())
    })
    .await
}

#[tokio::test]
async fn the_screen_never_goes_to_a_script() -> Result<()> {
    TestApp::run(Setup::default().statically_hosted(), |app| async move {
        let browser = &app.browser;
        let done = Fault::answer(
            200,
            "application/json",
            r#"{"state":"done","redirect_to":"javascript:document.title='taken'"}"#,
        );
        app.proxy.fault(Method::GET, REQUEST, None, done);
        demo::sign_up(browser, "new", "demo-shop", "").await?;
        browser.find(Role::Heading, "이동할 수 없는 주소입니다").await?;
        browser.see("서비스로 직접 돌아가 주세요.").await?;
        assert_ne!(browser.driver.title().await?, "taken");
        browser.press(Role::Button, "취소").await?;
        demo::cancelled(browser).await?;
        cancelled_or_nothing(&app).await
    })
    .await
}

#[tokio::test]
async fn after_agreeing_too_the_screen_never_goes_to_a_script_or_another_site() -> Result<()> {
    for target in ["javascript:document.title='taken'", "https://elsewhere.example/?code=1"] {
        TestApp::run(Setup::default(), |app| async move {
            app.allow_console_error("the server responded with a status of 410");
            let browser = &app.browser;
            let screen = Consent::of(browser, "new", "demo-shop", "").await?;
            screen.tick_required().await?;
            let rewrite = Fault::json(move |json| json["redirect_to"] = target.into());
            app.proxy.fault(Method::POST, "*/decision", None, rewrite);
            screen.agree().await?;
            browser.find(Role::Heading, "이동할 수 없는 주소입니다").await?;
            assert!(browser.address().await?.starts_with("/consent/"), "{target}");
            assert_ne!(browser.driver.title().await?, "taken");

            // It is recorded all the same, and asking again finds the true way on.
            browser.press(Role::Button, "다시 시도").await?;
            browser.find(Role::Heading, "이미 처리된 요청입니다").await?;
            browser.press(Role::Link, "계속하기").await?;
            demo::signed_up(browser).await?;
            assert_eq!(app.decisions().await?.len(), 1);
            Ok(())
        })
        .await?;
    }
    Ok(())
}

#[tokio::test]
async fn a_page_in_place_of_the_receipt_is_no_receipt() -> Result<()> {
    TestApp::run(Setup::default(), |app| async move {
        let browser = &app.browser;
        let screen = Consent::of(browser, "new", "demo-shop", "").await?;
        screen.tick_required().await?;
        let ticked = screen.ticked().await?;
        let page = Fault::answer(200, "text/html", "?");
        app.proxy.fault(Method::POST, "*/decision", Some(1), page);
        screen.agree().await?;
        browser
            .see("보내지 못했습니다. 선택한 내용은 그대로 있습니다. 다시 시도해 주세요.")
            .await?;
        assert_eq!(screen.ticked().await?, ticked);
        assert_eq!(app.decisions().await?, []);
        screen.agree().await?;
        demo::signed_up(browser).await?;
        Ok(())
    })
    .await
}
