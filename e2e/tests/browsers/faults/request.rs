//! Trouble with the request itself, where the screen reads it from the API: on a static host.
//!
//! What is not JSON of the contract is in `unreadable`, silence is in `survives`, the backend's own
//! refusals are in `problems`.

use super::{
    BUSY, OFFLINE, TROUBLE, agreed_to_what_was_filled_in, countdown, each, fill_in, note_countdown,
    refused_everything, status, waits,
};
use anyhow::Result;
use consent_e2e::pages::{Consent, demo};
use consent_e2e::proxy::Fault;
use consent_e2e::role::Role;
use consent_e2e::{Setup, TestApp};
use hyper::Method;
use hyper::header::RETRY_AFTER;
use std::time::Duration;
use thirtyfour::Key;

const REQUEST: &str = "/api/v1/consents/";

async fn goes_on(app: &TestApp) -> Result<()> {
    let screen = Consent::asking(&app.browser).await?;
    assert_eq!(screen.ticked().await?, [""; 0]);
    fill_in(&screen).await?;
    screen.agree().await?;
    demo::signed_up(&app.browser).await?;
    agreed_to_what_was_filled_in(app).await
}

/// The screen says why it waits, and asks again by itself.
async fn is_asked_for_again(
    fault: fn() -> Fault,
    console: &str,
    why: &str,
    seconds: u32,
) -> Result<()> {
    TestApp::run(Setup::default().statically_hosted(), |app| async move {
        app.allow_console_error(console);
        app.allow_lost_answers();
        let browser = &app.browser;
        app.proxy.fault(Method::GET, REQUEST, None, fault());
        demo::sign_up(browser, "new", "demo-shop", "").await?;
        note_countdown(browser).await?;
        browser.find(Role::Button, "취소").await?;
        countdown(browser, &waits(why, seconds)).await?;
        assert_eq!(app.proxy.count(&Method::POST, REQUEST), 0);
        app.proxy.clear_faults();
        if seconds > 10 {
            browser.press(Role::Button, "지금 다시 시도").await?;
        }
        goes_on(&app).await
    })
    .await
}

fn ask_me_again(when: &str) -> Fault {
    Fault::status(429).with(RETRY_AFTER, when)
}

each! { is_asked_for_again:
    no_answer: Fault::Drop, "net::ERR_", OFFLINE, 4;
    too_many_requests_for_seconds: ask_me_again("7"), &status(429), BUSY, 7;
}

/// Asking again by itself would not help: the screen says that it cannot be shown. The person may
/// leave; or, once it is better, try again.
async fn stops_the_screen(fault: fn() -> Fault, console: &str) -> Result<()> {
    TestApp::run(Setup::default().statically_hosted(), |app| async move {
        app.allow_console_error(console);
        let browser = &app.browser;
        app.proxy.fault(Method::GET, REQUEST, None, fault());
        demo::sign_up(browser, "new", "demo-shop", "").await?;
        browser.find(Role::Heading, "화면을 열 수 없습니다").await?;
        browser.see("어떤 정보도 전달되지 않았습니다.").await?;
        browser.find(Role::Button, "취소").await?;
        assert!(browser.all(Role::Checkbox).await?.is_empty(), "nothing can be agreed to");
        assert_eq!(app.proxy.count(&Method::POST, REQUEST), 0);
        app.proxy.clear_faults();
        browser.press(Role::Button, "다시 시도").await?;
        goes_on(&app).await
    })
    .await
}

each! { stops_the_screen:
    status_403_of_an_intermediary: Fault::status(403), &status(403);
}

/// Leaving takes nothing of the request.
async fn can_be_left(fault: fn() -> Fault, console: &str, says: &str) -> Result<()> {
    TestApp::run(Setup::default().statically_hosted(), |app| async move {
        app.allow_console_error(console);
        app.allow_lost_answers();
        let browser = &app.browser;
        app.proxy.fault(Method::GET, REQUEST, None, fault());
        demo::sign_up(browser, "new", "demo-shop", "").await?;
        browser.see(says).await?;
        browser.press(Role::Button, "취소").await?;
        demo::cancelled(browser).await?;
        refused_everything(&app).await
    })
    .await
}

each! { can_be_left:
    busy_and_left: ask_me_again("30"), &status(429), BUSY;
}

/// The further rows of the tables above, for a full run.
mod matrix {
    use super::*;

    each! { is_asked_for_again:
        reset_in_the_middle: Fault::Reset(100), "net::ERR_", OFFLINE, 4;
        too_many_requests_without_retry_after: Fault::status(429), &status(429), BUSY, 4;
        too_many_requests_until_a_date:
            ask_me_again("Fri, 31 Dec 2100 23:59:59 GMT"), &status(429), BUSY, 4;
        too_many_requests_for_thirty_years: ask_me_again("1000000000"), &status(429), BUSY, 60;
        too_many_requests_for_less_than_no_time: ask_me_again("-5"), &status(429), BUSY, 4;
        error_500: Fault::answer(500, "text/plain", ""), &status(500), TROUBLE, 4;
        error_502_with_a_page: Fault::status(502), &status(502), TROUBLE, 4;
        error_503: Fault::status(503), &status(503), BUSY, 4;
    }

    each! { stops_the_screen:
        status_401: Fault::status(401), &status(401);
        status_404_of_an_intermediary: Fault::status(404), &status(404);
        status_409_of_an_intermediary: Fault::status(409), &status(409);
        status_410_of_an_intermediary: Fault::status(410), &status(410);
        status_413_of_an_intermediary: Fault::status(413), &status(413);
        status_422_of_an_intermediary: Fault::status(422), &status(422);
    }

    each! { can_be_left:
        offline_and_left: Fault::Drop, "net::ERR_", OFFLINE;
        in_trouble_and_left: Fault::status(502), &status(502), TROUBLE;
        stopped_and_left: Fault::status(403), &status(403), "화면을 열 수 없습니다";
    }

    #[tokio::test]
    async fn connection_refused() -> Result<()> {
        TestApp::run(Setup::default().statically_hosted(), |app| async move {
            app.allow_console_error("net::ERR_CONNECTION_REFUSED");
            app.allow_lost_answers();
            let browser = &app.browser;
            // The page comes, and then nothing any more.
            app.proxy.fault(Method::GET, REQUEST, None, Fault::Drop);
            demo::sign_up(browser, "new", "demo-shop", "").await?;
            note_countdown(browser).await?;
            browser.see(OFFLINE).await?;
            app.proxy.clear_faults();
            app.proxy.refuse().await;
            countdown(browser, &waits(OFFLINE, 8)).await?;
            app.proxy.accept()?;
            browser.press(Role::Button, "지금 다시 시도").await?;
            goes_on(&app).await
        })
        .await
    }

    /// The shell's own reading is waited for a second, the app's fifteen: this takes that long.
    #[tokio::test]
    async fn one_byte_a_second() -> Result<()> {
        TestApp::run(Setup::default().statically_hosted(), |app| async move {
            let browser = &app.browser;
            let trickle = Fault::Trickle(Duration::from_secs(1));
            app.proxy.fault(Method::GET, REQUEST, Some(2), trickle);
            demo::sign_up(browser, "new", "demo-shop", "").await?;
            note_countdown(browser).await?;
            countdown(browser, &waits("응답이 없습니다.", 2)).await?;
            goes_on(&app).await
        })
        .await
    }

    #[tokio::test]
    async fn counting_down_leaves_the_button_and_its_focus_alone() -> Result<()> {
        TestApp::run(Setup::default().statically_hosted(), |app| async move {
            app.allow_console_error(&status(429));
            let browser = &app.browser;
            app.proxy.fault(Method::GET, REQUEST, None, ask_me_again("30"));
            demo::sign_up(browser, "new", "demo-shop", "").await?;
            let retry = browser.find(Role::Button, "지금 다시 시도").await?;
            retry.focus().await?;
            let before = browser.text().await?;
            for _ in 0..3 {
                let now = browser.text().await?;
                let line = now.lines().find(|line| line.contains("초 뒤")).unwrap_or_default();
                browser.see_no_more(line).await?;
            }
            assert_ne!(browser.text().await?, before);
            assert_eq!(browser.focused().await?, "지금 다시 시도");
            app.proxy.clear_faults();
            browser.key(Key::Enter).await?;
            goes_on(&app).await
        })
        .await
    }
}
