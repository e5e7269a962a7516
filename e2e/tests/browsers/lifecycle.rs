//! Pages that are left, come back, sleep, or have a wrong clock.

use anyhow::Result;
use consent_e2e::engine::Engine;
use consent_e2e::pages::consent::KO;
use consent_e2e::pages::{Consent, demo};
use consent_e2e::proxy::Fault;
use consent_e2e::role::Role;
use consent_e2e::{Setup, TestApp};
use hyper::Method;
use serde_json::json;
use std::time::Duration;
use thirtyfour::{By, Key};

async fn agreed_once(app: &TestApp) -> Result<()> {
    let decisions = app.decisions().await?;
    let [decision] = &decisions[..] else { panic!("not one decision: {decisions:#?}") };
    assert_eq!(decision.decision, "agree");
    Ok(())
}

#[tokio::test]
async fn a_reload_ticks_nothing_that_the_person_has_not_ticked_since() -> Result<()> {
    TestApp::run(Setup::default(), |app| async move {
        let browser = &app.browser;
        let screen = Consent::of(browser, "new", "demo-shop", "").await?;
        screen.tick_required().await?;
        screen.tick("전화번호").await?;
        browser.driver.refresh().await?;
        let screen = Consent::asking(browser).await?;
        // Firefox would tick by itself what was ticked before.
        assert_eq!(screen.ticked().await?, [""; 0]);
        screen.tick_required().await?;
        screen.agree().await?;
        demo::signed_up(browser).await?;
        let decisions = app.decisions().await?;
        let items = app.items(&decisions[0].receipt_id).await?;
        assert!(items.iter().all(|item| item.agreed == item.required), "{items:#?}");
        Ok(())
    })
    .await
}

#[tokio::test]
async fn a_reload_while_the_decision_is_on_its_way_is_one_decision() -> Result<()> {
    TestApp::run(Setup::default(), |app| async move {
        app.allow_console_error("the server responded with a status of 410");
        let browser = &app.browser;
        let screen = Consent::of(browser, "new", "demo-shop", "").await?;
        screen.tick_required().await?;
        // The backend acts, and no page waits for its answer any more.
        let slow = Fault::Trickle(Duration::from_secs(1));
        app.proxy.fault(Method::POST, "*/decision", None, slow);
        screen.agree().await?;
        browser.see("보내는 중").await?;
        browser.driver.refresh().await?;
        browser.find(Role::Heading, "이미 처리된 요청입니다").await?;
        browser.press(Role::Link, "계속하기").await?;
        demo::signed_up(browser).await?;
        agreed_once(&app).await
    })
    .await
}

#[tokio::test]
async fn enter_and_a_click_at_once_agree_once() -> Result<()> {
    TestApp::run(Setup::default(), |app| async move {
        let browser = &app.browser;
        let screen = Consent::of(browser, "new", "demo-shop", "").await?;
        screen.tick_required().await?;
        let late = Fault::Delay(Duration::from_secs(2));
        app.proxy.fault(Method::POST, "*/decision", None, late);
        let agree = browser.find(Role::Button, "동의하고 계속하기").await?;
        tokio::time::sleep(consent_e2e::pages::consent::A_MOMENT).await;
        let presses = browser.driver.action_chain();
        let presses = presses.move_to_element_center(&agree).click_element(&agree);
        presses.send_keys(Key::Enter + "").send_keys(Key::Enter + "").perform().await?;
        demo::signed_up(browser).await?;
        assert_eq!(app.proxy.count(&Method::POST, "*/decision"), 1);
        agreed_once(&app).await
    })
    .await
}

#[tokio::test]
async fn a_session_lost_before_agreeing_is_said_and_can_be_started_again() -> Result<()> {
    TestApp::run(Setup::default(), |app| async move {
        app.allow_console_error("the server responded with a status of 403");
        let browser = &app.browser;
        let screen = Consent::of(browser, "new", "demo-shop", "").await?;
        screen.tick_required().await?;
        browser.driver.delete_all_cookies().await?;
        screen.agree().await?;
        browser.find(Role::Heading, "다른 곳에서 시작한 요청입니다").await?;
        assert_eq!(app.decisions().await?, []);
        browser.press(Role::Link, "다시 시작").await?;
        browser.press(Role::Link, "하나").await?;
        let screen = Consent::asking(browser).await?;
        screen.tick_required().await?;
        screen.agree().await?;
        assert!(demo::back_at_service(browser).await?.contains("code="));
        agreed_once(&app).await
    })
    .await
}

/// What the page takes for the time, this many years off.
fn clock_off_by(years: i32) -> String {
    format!(
        "{{
            const off = {years} * 365.25 * 24 * 3600 * 1000;
            const now = Date.now.bind(Date);
            window.Date = class extends Date {{
                constructor(...given) {{
                    if (given.length) super(...given);
                    else super(now() + off);
                }}
                static now() {{ return now() + off; }}
            }};
            document.documentElement.dataset.year = new Date().getFullYear();
        }}"
    )
}

#[tokio::test]
async fn a_clock_ten_years_off_changes_nothing() -> Result<()> {
    for years in [-10, 10] {
        // A minute and a bit: the warning comes at its time, and not the end.
        let setup = Setup::default().backend(["--challenge-ttl", "64s"]);
        TestApp::run(setup, |app| async move {
            let browser = &app.browser;
            app.proxy.inject(clock_off_by(years));
            let screen = Consent::of(browser, "new", "demo-shop", "").await?;
            // From the page itself: a driver's own scripts may have a clock of their own.
            let page = browser.driver.find(By::Tag("html")).await?;
            let year: i32 = page.attr("data-year").await?.unwrap_or_default().parse()?;
            assert!(!(2020..2033).contains(&year), "the clock is right: {year}");
            screen.tick_required().await?;
            browser.see("이 화면은 1분 안에 만료됩니다.").await?;
            // A wait is counted in seconds, and not up to a moment on a clock.
            let busy = Fault::status(503).with(hyper::header::RETRY_AFTER, "2");
            app.proxy.fault(Method::POST, "*/decision", Some(1), busy);
            app.allow_console_error("the server responded with a status of 503");
            screen.agree().await?;
            demo::signed_up(browser).await?;
            agreed_once(&app).await
        })
        .await?;
    }
    Ok(())
}

#[tokio::test]
async fn a_page_that_slept_until_its_time_was_over_knows_it() -> Result<()> {
    let setup = Setup::default()
        .backend(["--challenge-ttl", "8s"])
        // A frozen page in a browser context of a shared browser answers its driver no more.
        .in_its_own_browser()
        .only_in(Engine::Chromium, "no other driver can put a page to sleep");
    TestApp::run(setup, |app| async move {
        app.allow_console_error("the server responded with a status of 410");
        let browser = &app.browser;
        let screen = Consent::of(browser, "new", "demo-shop", "").await?;
        screen.tick_required().await?;
        let sleep = json!({ "state": "frozen" });
        browser.driver.cdp().send_raw("Page.setWebLifecycleState", sleep).await?;
        // Longer than the request lives; a frozen page counts none of it.
        tokio::time::sleep(Duration::from_secs(10)).await;
        let wake = json!({ "state": "active" });
        browser.driver.cdp().send_raw("Page.setWebLifecycleState", wake).await?;
        // Chromium builds no accessibility tree of a page that was frozen: not by role here.
        browser.see("유효 시간이 지났습니다").await?;
        browser.driver.find(By::LinkText("다시 시작")).await?.click().await?;
        browser.see("필수 항목 모두 동의").await?;
        assert_eq!(app.decisions().await?, []);
        Ok(())
    })
    .await
}

#[tokio::test]
async fn a_form_sent_without_wasm_that_comes_back_from_the_history_can_be_used() -> Result<()> {
    let why = "the answer to a form takes the place of a page of the same address in the history";
    TestApp::run(Setup::default().not_in(Engine::WebKit, why), |app| async move {
        app.allow_console_error("the server responded with a status of 404");
        let browser = &app.browser;
        let gone = Fault::answer(404, "text/plain", "gone");
        app.proxy.fault(Method::GET, "*.wasm", None, gone);
        demo::sign_up(browser, "new", "demo-shop", "").await?;
        let screen = Consent::server_rendered_in(browser, KO).await?;
        browser.app("no-wasm").await?;
        screen.tick_required().await?;
        // The answer is a page of an intermediary; the user goes back.
        app.proxy.fault(Method::POST, "/consent/", Some(1), Fault::status(503));
        app.allow_console_error("the server responded with a status of 503");
        screen.agree().await?;
        browser.see("Oops").await?;
        browser.driver.back().await?;
        let screen = Consent::server_rendered_in(browser, KO).await?;
        if screen.ticked().await?.is_empty() {
            screen.tick_required().await?;
        }
        screen.agree().await?;
        demo::signed_up(browser).await?;
        agreed_once(&app).await
    })
    .await
}
