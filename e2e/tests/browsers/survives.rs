//! A network and a backend in trouble: nothing is sent that the person did not mean, nothing is
//! lost, and cancel works.

use anyhow::{Result, bail};
use consent_e2e::pages::{Consent, demo};
use consent_e2e::proxy::Fault;
use consent_e2e::role::Role;
use consent_e2e::{Setup, TestApp};
use hyper::Method;
use std::time::{Duration, Instant};

/// The address of a request, as far as all have it in common.
const REQUEST: &str = "/api/v1/consents/";

/// No agreement was recorded.
pub async fn cancelled_or_nothing(app: &TestApp) -> Result<()> {
    for decision in app.decisions().await? {
        assert_eq!(decision.decision, "cancel");
    }
    Ok(())
}

#[tokio::test]
async fn a_connection_that_breaks_off_is_taken_up_again_by_itself() -> Result<()> {
    TestApp::run(Setup::default().statically_hosted(), |app| async move {
        app.allow_console_error("net::ERR_CONTENT_LENGTH_MISMATCH");
        let browser = &app.browser;
        app.proxy.fault(Method::GET, REQUEST, Some(1), Fault::Truncate(100));
        Consent::of(browser, "new", "demo-shop", "").await?;
        assert_eq!(app.proxy.count(&Method::GET, REQUEST), 2);
        Ok(())
    })
    .await
}

#[tokio::test]
async fn a_backend_in_trouble_is_asked_again_by_itself() -> Result<()> {
    TestApp::run(Setup::default(), |app| async move {
        app.allow_console_error("the server responded with a status of 503");
        let browser = &app.browser;
        let screen = Consent::of(browser, "new", "demo-shop", "").await?;
        screen.tick_required().await?;
        let busy = Fault::answer(503, "text/plain", "?");
        app.proxy.fault(Method::POST, "*/decision", Some(2), busy);
        screen.agree().await?;
        browser.see("지금은 이용자가 많습니다. 선택한 내용은 그대로 있습니다.").await?;
        demo::signed_up(browser).await?;
        assert_eq!(app.proxy.count(&Method::POST, "*/decision"), 3);
        assert_eq!(app.decisions().await?.len(), 1);
        Ok(())
    })
    .await
}

#[tokio::test]
async fn what_waits_to_be_sent_is_called_off_by_a_change() -> Result<()> {
    TestApp::run(Setup::default(), |app| async move {
        app.allow_lost_answers();
        let browser = &app.browser;
        let screen = Consent::of(browser, "new", "demo-shop", "").await?;
        screen.tick_required().await?;
        app.proxy.fault(Method::POST, "*/decision", None, Fault::Drop);
        screen.agree().await?;
        // The third wait is eight seconds: time enough to change one's mind.
        browser.see("8초 뒤 다시 시도합니다.").await?;
        screen.tick("이용약관").await?;
        app.proxy.clear_faults();
        browser.see_no_more("다시 시도합니다.").await?;
        let sent = app.proxy.count(&Method::POST, "*/decision");
        screen.cancel().await?;
        demo::cancelled(browser).await?;
        assert_eq!(app.proxy.count(&Method::POST, "*/decision"), sent + 1);
        let decisions = app.decisions().await?;
        assert_eq!(decisions.len(), 1);
        assert_eq!(decisions[0].decision, "cancel");
        Ok(())
    })
    .await
}

#[tokio::test]
async fn silence_is_given_up_and_cancel_works_all_the_while() -> Result<()> {
    TestApp::run(Setup::default().statically_hosted(), |app| async move {
        let browser = &app.browser;
        let silence = Fault::Delay(Duration::from_secs(30));
        app.proxy.fault(Method::GET, REQUEST, None, silence);
        demo::sign_up(browser, "new", "demo-shop", "").await?;
        // Longer than anything else takes here: the screen waits fifteen seconds for an answer.
        let deadline = Instant::now() + Duration::from_secs(28);
        while !browser.text().await?.contains("응답이 없습니다.") {
            if Instant::now() > deadline {
                bail!("the screen waits without end:\n{}", browser.text().await?);
            }
            tokio::time::sleep(Duration::from_millis(200)).await;
        }
        browser.press(Role::Button, "취소").await?;
        demo::cancelled(browser).await?;
        cancelled_or_nothing(&app).await
    })
    .await
}

#[tokio::test]
async fn offline_while_sending_keeps_the_ticks_and_sends_by_itself() -> Result<()> {
    TestApp::run(Setup::default(), |app| async move {
        app.allow_lost_answers();
        let browser = &app.browser;
        let screen = Consent::of(browser, "new", "demo-shop", "").await?;
        screen.tick_required().await?;
        screen.tick("전화번호").await?;
        let ticked = screen.ticked().await?;
        app.proxy.fault(Method::POST, "*/decision", None, Fault::Drop);
        screen.agree().await?;
        browser.see("연결이 끊겼습니다. 선택한 내용은 그대로 있습니다.").await?;
        assert_eq!(screen.ticked().await?, ticked);
        assert_eq!(app.decisions().await?, []);

        app.proxy.clear_faults();
        demo::signed_up(browser).await?;
        let decisions = app.decisions().await?;
        assert_eq!(decisions.len(), 1);
        let items = app.items(&decisions[0].receipt_id).await?;
        let phone = items.iter().find(|item| item.key == "item:phone_number");
        assert!(phone.is_some_and(|item| item.agreed), "{items:#?}");
        Ok(())
    })
    .await
}

#[tokio::test]
async fn a_text_that_changed_meanwhile_is_named_and_must_be_agreed_to_again() -> Result<()> {
    TestApp::run(Setup::default().statically_hosted(), |app| async move {
        app.allow_console_error("the server responded with a status of 409");
        let browser = &app.browser;
        // The person is shown an older text than the one in force when the answer comes.
        let older = Fault::json(|json| {
            json["terms"][0]["digest"] =
                "sha256-AAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAA=".into()
        });
        app.proxy.fault(Method::GET, REQUEST, Some(1), older);
        let screen = Consent::of(browser, "new", "demo-shop", "").await?;
        screen.tick_required().await?;
        screen.tick("전화번호").await?;
        screen.agree().await?;
        browser
            .see("내용이 변경되어 동의 표시를 해제했습니다. 다시 확인해 주세요: 이용약관")
            .await?;
        assert!(!screen.is_ticked("이용약관").await?);
        for kept in ["개인정보 수집 및 이용", "닉네임", "이메일", "전화번호"] {
            assert!(screen.is_ticked(kept).await?, "{kept}");
        }
        assert_eq!(app.decisions().await?, []);

        screen.tick("이용약관").await?;
        screen.agree().await?;
        demo::signed_up(browser).await?;
        assert_eq!(app.decisions().await?.len(), 1);
        Ok(())
    })
    .await
}

#[tokio::test]
async fn a_power_failure_after_agreeing_loses_nothing() -> Result<()> {
    TestApp::run(Setup::default(), |app| async move {
        app.allow_console_error("the server responded with a status of 410");
        let browser = &app.browser;
        let screen = Consent::of(browser, "new", "demo-shop", "").await?;
        let address = browser.address().await?;
        screen.tick_required().await?;
        screen.agree().await?;
        demo::signed_up(browser).await?;
        let before = app.decisions().await?;
        app.fail_power().await?;
        assert_eq!(app.decisions().await?, before);
        browser.go(&address).await?;
        browser.find(Role::Heading, "이미 처리된 요청입니다").await?;
        demo::sign_up(browser, "new", "demo-shop", "").await?;
        demo::signed_up(browser).await?;
        Ok(())
    })
    .await
}
