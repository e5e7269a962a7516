//! Trouble with the full text of a term: what cannot be read cannot be agreed to, and all else
//! stays as it is.

use super::{agreed_to_what_was_filled_in, each, fill_in, status};
use anyhow::{Result, bail};
use consent_e2e::pages::{Consent, demo};
use consent_e2e::proxy::Fault;
use consent_e2e::role::Role;
use consent_e2e::{Setup, TestApp};
use hyper::Method;
use std::time::{Duration, Instant};

const TEXT: &str = "/api/v1/terms/tos/";
const FAILED: &str =
    "내용을 불러오지 못했습니다. 내용을 확인하기 전에는 이 항목에 동의할 수 없습니다.";

/// Opens the text in trouble, and finds the term out of reach; once it is better, reads and agrees.
async fn is_read_before_it_is_agreed_to(app: &TestApp, screen: Consent<'_>) -> Result<()> {
    let browser = &app.browser;
    browser.press(Role::Button, "닫기").await?;
    browser.see_no_more("버전").await?;
    fill_in(&screen).await?;
    screen.tick("이용약관").await?;
    assert!(!screen.is_ticked("이용약관").await?, "it was agreed to unread");
    assert!(screen.is_ticked("전화번호").await?);
    browser.see("내용을 불러오지 못해 지금은 동의할 수 없습니다.").await?;

    app.proxy.clear_faults();
    screen.open_text("이용약관").await?;
    browser.see("제1조 목적").await?;
    browser.press(Role::Button, "닫기").await?;
    browser.see_no_more("제1조 목적").await?;
    screen.tick("이용약관").await?;
    assert!(screen.is_ticked("전화번호").await?);
    screen.agree().await?;
    demo::signed_up(browser).await?;
    agreed_to_what_was_filled_in(app).await
}

async fn cannot_be_agreed_to(fault: fn() -> Fault, console: &str) -> Result<()> {
    TestApp::run(Setup::default(), |app| async move {
        if !console.is_empty() {
            app.allow_console_error(console);
        }
        app.allow_lost_answers();
        let browser = &app.browser;
        app.proxy.fault(Method::GET, TEXT, None, fault());
        let screen = Consent::of(browser, "new", "demo-shop", "").await?;
        screen.open_text("이용약관").await?;
        browser.see(FAILED).await?;
        is_read_before_it_is_agreed_to(&app, screen).await
    })
    .await
}

each! { cannot_be_agreed_to:
    error_500: Fault::answer(500, "text/plain", ""), &status(500);
    // A text, but not the one that would be agreed to.
    another_text: Fault::json(|json| json["digest"] = "sha256-AAAA".into()), "";
}

#[tokio::test]
async fn connection_refused() -> Result<()> {
    TestApp::run(Setup::default(), |app| async move {
        app.allow_console_error("net::ERR_CONNECTION_REFUSED");
        app.allow_lost_answers();
        let browser = &app.browser;
        let screen = Consent::of(browser, "new", "demo-shop", "").await?;
        app.proxy.refuse().await;
        screen.open_text("이용약관").await?;
        browser.see(FAILED).await?;
        app.proxy.accept()?;
        // The way back stands in the dialog, too.
        browser.press(Role::Button, "다시 시도").await?;
        browser.see("제1조 목적").await?;
        browser.press(Role::Button, "닫기").await?;
        browser.see_no_more("제1조 목적").await?;
        fill_in(&screen).await?;
        screen.agree().await?;
        demo::signed_up(browser).await?;
        agreed_to_what_was_filled_in(&app).await
    })
    .await
}

/// The further rows of the tables above, for a full run.
mod matrix {
    use super::*;

    each! { cannot_be_agreed_to:
        no_answer: Fault::Drop, "net::ERR_";
        reset_in_the_middle: Fault::Reset(100), "net::ERR_";
        error_502_with_a_page: Fault::status(502), &status(502);
        status_404_of_an_intermediary: Fault::status(404), &status(404);
        too_many_requests: Fault::status(429), &status(429);
        truncated_json: Fault::half(), "";
        mistyped_json: Fault::json(|json| json["blocks"][0]["level"] = "two".into()), "";
        a_page_with_status_200: Fault::status(200), "";
    }

    /// The screen waits fifteen seconds for an answer; this takes that long.
    #[tokio::test]
    async fn silence() -> Result<()> {
        TestApp::run(Setup::default(), |app| async move {
            let browser = &app.browser;
            app.proxy.fault(Method::GET, TEXT, None, Fault::Delay(Duration::from_secs(30)));
            let screen = Consent::of(browser, "new", "demo-shop", "").await?;
            screen.open_text("이용약관").await?;
            browser.see("불러오는 중").await?;
            let deadline = Instant::now() + Duration::from_secs(25);
            while !browser.text().await?.contains(FAILED) {
                if Instant::now() > deadline {
                    bail!("the dialog waits without end:\n{}", browser.text().await?);
                }
                tokio::time::sleep(Duration::from_millis(200)).await;
            }
            is_read_before_it_is_agreed_to(&app, screen).await
        })
        .await
    }
}
