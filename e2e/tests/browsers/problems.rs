//! Requests that cannot be answered: each says what it is, and has its own way out.

use anyhow::Result;
use consent_e2e::browser::Browser;
use consent_e2e::pages::{Consent, demo};
use consent_e2e::role::Role;
use consent_e2e::{Setup, TestApp};
use hyper::Method;

/// What consoles say of an answer that the screen explains.
const FORBIDDEN: &str = "the server responded with a status of 403";
const GONE: &str = "the server responded with a status of 410";

/// Waits for the heading of a problem, and checks that there is nothing to agree to.
async fn stopped_by(browser: &Browser, heading: &str) -> Result<()> {
    browser.find(Role::Heading, heading).await?;
    assert!(!browser.has(Role::Button, "동의하고 계속하기").await?);
    assert!(browser.all(Role::Checkbox).await?.is_empty());
    Ok(())
}

#[tokio::test]
async fn cancelling_notifies_the_service_and_records_the_refusal() -> Result<()> {
    TestApp::run(Setup::default(), |app| async move {
        let browser = &app.browser;
        let screen = Consent::of(browser, "new", "demo-shop", "").await?;
        screen.tick_required().await?;
        screen.cancel().await?;
        demo::cancelled(browser).await?;
        assert_eq!(demo::claim(browser, "error").await?.as_deref(), Some("access_denied"));

        let decisions = app.decisions().await?;
        let [decision] = &decisions[..] else { panic!("not one decision: {decisions:#?}") };
        assert_eq!(decision.decision, "cancel");
        let items = app.items(&decision.receipt_id).await?;
        assert!(items.iter().all(|item| !item.agreed), "ticks of a cancelled form: {items:#?}");
        Ok(())
    })
    .await
}

#[tokio::test]
async fn a_service_without_approval_asks_for_no_consent() -> Result<()> {
    TestApp::run(Setup::default(), |app| async move {
        app.allow_console_error(FORBIDDEN);
        let browser = &app.browser;
        demo::sign_up(browser, "new", "demo-pending", "").await?;
        stopped_by(browser, "아직 가입할 수 없는 서비스입니다").await?;
        browser.see("서비스 운영자에게 문의해 주세요.").await?;
        Ok(())
    })
    .await
}

#[tokio::test]
async fn a_test_service_asks_its_members_only() -> Result<()> {
    TestApp::run(Setup::default(), |app| async move {
        app.allow_console_error(FORBIDDEN);
        let browser = &app.browser;
        demo::sign_up(browser, "new", "demo-test-app", "").await?;
        stopped_by(browser, "테스트용 서비스입니다").await?;
        browser.see("초대받은 계정만 이용할 수 있습니다.").await?;

        Consent::of(browser, "returning", "demo-test-app", "").await?;
        browser.see("테스트용 서비스입니다. 초대받은 사람만 이용할 수 있습니다.").await?;
        Ok(())
    })
    .await
}

#[tokio::test]
async fn who_is_too_young_is_sent_back_to_the_service() -> Result<()> {
    TestApp::run(Setup::default(), |app| async move {
        app.allow_console_error(FORBIDDEN);
        let browser = &app.browser;
        demo::sign_up(browser, "under-14", "demo-shop", "").await?;
        stopped_by(browser, "가입할 수 있는 나이가 아닙니다").await?;
        browser.press(Role::Link, "서비스로 돌아가기").await?;
        demo::cancelled(browser).await?;
        assert_eq!(app.decisions().await?, [], "no consent was asked for");
        Ok(())
    })
    .await
}

#[tokio::test]
async fn an_unknown_request_is_said_to_be_unknown() -> Result<()> {
    TestApp::run(Setup::default(), |app| async move {
        app.allow_console_error("the server responded with a status of 404");
        let browser = &app.browser;
        browser.go("/consent/no-such-request").await?;
        stopped_by(browser, "동의 요청을 찾을 수 없습니다").await?;
        browser.see("서비스로 돌아가 처음부터 다시 시작해 주세요.").await
    })
    .await
}

#[tokio::test]
async fn when_time_runs_out_the_person_can_start_again() -> Result<()> {
    let setup = Setup::default().backend(["--challenge-ttl", "9s"]);
    TestApp::run(setup, |app| async move {
        app.allow_console_error(GONE);
        let browser = &app.browser;
        let screen = Consent::of(browser, "new", "demo-shop", "").await?;
        screen.tick_required().await?;
        let before = browser.address().await?;
        // Without a reload: the screen itself notices.
        stopped_by(browser, "유효 시간이 지났습니다").await?;
        browser.press(Role::Link, "다시 시작").await?;
        let screen = Consent::asking(browser).await?;
        assert_ne!(browser.address().await?, before);
        assert_eq!(screen.ticked().await?, [""; 0], "ticks are not remembered");
        assert_eq!(app.decisions().await?, []);
        Ok(())
    })
    .await
}

#[tokio::test]
async fn before_time_runs_out_the_user_is_warned_and_can_have_more() -> Result<()> {
    // The warning comes a minute before the end.
    let setup = Setup::default().backend(["--challenge-ttl", "65s"]);
    TestApp::run(setup, |app| async move {
        let browser = &app.browser;
        let screen = Consent::of(browser, "new", "demo-shop", "").await?;
        screen.tick_required().await?;
        let ticked = screen.ticked().await?;
        browser.see("이 화면은 1분 안에 만료됩니다.").await?;
        browser.press(Role::Button, "시간 연장").await?;
        browser.see_no_more("이 화면은 1분 안에 만료됩니다.").await?;
        assert_eq!(screen.ticked().await?, ticked);
        assert_eq!(app.proxy.count(&Method::POST, "*/extension"), 1);
        // The time starts again: what comes next is the same warning, and not the end.
        browser.see("이 화면은 1분 안에 만료됩니다.").await?;
        screen.agree().await?;
        demo::signed_up(browser).await?;
        Ok(())
    })
    .await
}

#[tokio::test]
async fn another_browser_session_cannot_answer_but_can_start_again() -> Result<()> {
    TestApp::run(Setup::default(), |app| async move {
        app.allow_console_error(FORBIDDEN);
        let browser = &app.browser;
        Consent::of(browser, "new", "demo-shop", "").await?;
        let address = browser.address().await?;
        browser.driver.delete_all_cookies().await?;
        browser.driver.refresh().await?;
        stopped_by(browser, "다른 곳에서 시작한 요청입니다").await?;

        browser.press(Role::Link, "다시 시작").await?;
        // No account is signed in: the demo asks who continues.
        browser.press(Role::Link, "하나").await?;
        let screen = Consent::asking(browser).await?;
        assert_ne!(browser.address().await?, address);
        screen.tick_required().await?;
        screen.agree().await?;
        let address = demo::back_at_service(browser).await?;
        assert!(address.contains("code="), "{address}");
        Ok(())
    })
    .await
}

#[tokio::test]
async fn another_account_cannot_answer_and_sees_nothing_of_the_request() -> Result<()> {
    TestApp::run(Setup::default(), |app| async move {
        app.allow_console_error(FORBIDDEN);
        let browser = &app.browser;
        Consent::of(browser, "new", "demo-shop", "").await?;
        let address = browser.address().await?;
        browser.go("/demo/login?account=login-only").await?;
        browser.go(&address).await?;
        stopped_by(browser, "다른 곳에서 시작한 요청입니다").await?;
        let shown = browser.text().await?;
        assert!(!shown.contains("하나") && !shown.contains("ha***"), "{shown}");

        browser.press(Role::Link, "다시 시작").await?;
        Consent::asking(browser).await?;
        browser.see("세찬").await
    })
    .await
}

#[tokio::test]
async fn a_request_that_was_answered_leads_on_to_the_service() -> Result<()> {
    TestApp::run(Setup::default(), |app| async move {
        app.allow_console_error(GONE);
        let browser = &app.browser;
        let screen = Consent::of(browser, "new", "demo-shop", "").await?;
        let address = browser.address().await?;
        screen.cancel().await?;
        demo::cancelled(browser).await?;

        browser.go(&address).await?;
        stopped_by(browser, "이미 처리된 요청입니다").await?;
        browser.press(Role::Link, "계속하기").await?;
        demo::cancelled(browser).await?;
        assert_eq!(app.decisions().await?.len(), 1);
        Ok(())
    })
    .await
}
