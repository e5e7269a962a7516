//! Trouble with the answer to a decision.

use super::{
    BUSY, OFFLINE, TROUBLE, agreed_to_what_was_filled_in, buttons_are_back, countdown, each,
    filled, note_countdown, problem, refused_everything, status, waits,
};
use anyhow::Result;
use consent_e2e::engine::Engine;
use consent_e2e::pages::{Consent, demo};
use consent_e2e::proxy::Fault;
use consent_e2e::role::Role;
use consent_e2e::{Setup, TestApp};
use hyper::Method;
use hyper::header::RETRY_AFTER;
use std::time::Duration;
use thirtyfour::Key;

const DECISION: &str = "*/decision";

const NOT_SENT: &str = "보내지 못했습니다. 선택한 내용은 그대로 있습니다. 다시 시도해 주세요.";

/// The screen says why, keeps the ticks, gives the buttons back, and sends the answer again by
/// itself; or, where it waits longer than a test should, when the user presses the button.
async fn is_sent_again(
    fault: fn() -> Fault,
    console: &str,
    why: &str,
    seconds: u32,
    recorded: usize,
) -> Result<()> {
    let setup = match fault() {
        Fault::Truncate(_) => Setup::default().not_in(
            Engine::Firefox,
            "it takes an answer that is cut short for a whole one; see mistyped_json",
        ),
        _ => Setup::default(),
    };
    TestApp::run(setup, |app| async move {
        app.allow_console_error(console);
        app.allow_lost_answers();
        let browser = &app.browser;
        let screen = filled(browser).await?;
        let ticked = screen.ticked().await?;
        note_countdown(browser).await?;
        app.proxy.fault(Method::POST, DECISION, None, fault());
        screen.agree().await?;
        countdown(browser, &waits(why, seconds)).await?;
        buttons_are_back(browser).await?;
        assert_eq!(screen.ticked().await?, ticked);
        assert_eq!(app.decisions().await?.len(), recorded);
        app.proxy.clear_faults();
        if seconds > 10 {
            browser.press(Role::Button, "지금 다시 시도").await?;
        }
        demo::signed_up(browser).await?;
        assert!(app.proxy.count(&Method::POST, DECISION) >= 2, "it was not sent again");
        agreed_to_what_was_filled_in(&app).await
    })
    .await
}

fn busy() -> Fault {
    Fault::status(429)
}

fn ask_me_again(when: &str) -> Fault {
    busy().with(RETRY_AFTER, when)
}

each! { is_sent_again:
    reset_in_the_middle: Fault::Reset(10), "net::ERR_", OFFLINE, 2, 1;
    lost_after_it_was_recorded: Fault::Lose, "net::ERR_", OFFLINE, 2, 1;
    too_many_requests_for_seconds: ask_me_again("7"), &status(429), BUSY, 7, 0;
}

/// Sending it again by itself would not help: the screen says so, keeps the ticks, and the person
/// may leave (where nothing is recorded yet) or press again.
async fn is_given_back(fault: fn() -> Fault, console: &str, recorded: usize) -> Result<()> {
    TestApp::run(Setup::default(), |app| async move {
        if !console.is_empty() {
            app.allow_console_error(console);
        }
        let browser = &app.browser;
        let screen = filled(browser).await?;
        let ticked = screen.ticked().await?;
        app.proxy.fault(Method::POST, DECISION, None, fault());
        screen.agree().await?;
        browser.see(NOT_SENT).await?;
        buttons_are_back(browser).await?;
        assert_eq!(screen.ticked().await?, ticked);
        assert_eq!(app.decisions().await?.len(), recorded);
        assert_eq!(app.proxy.count(&Method::POST, DECISION), 1, "the user did not retry");
        app.proxy.clear_faults();
        screen.agree().await?;
        demo::signed_up(browser).await?;
        agreed_to_what_was_filled_in(&app).await
    })
    .await
}

each! { is_given_back:
    status_403_of_an_intermediary: Fault::status(403), &status(403), 0;
    truncated_json: Fault::half(), "", 1;
}

/// Leaves while an agreement is in trouble, and it is as if it had never been pressed. Browsers
/// themselves try once more what got no answer, so that happens until the screen waits for longer.
async fn can_be_left(fault: fn() -> Fault, console: &str, says: &str) -> Result<()> {
    TestApp::run(Setup::default(), |app| async move {
        app.allow_console_error(console);
        app.allow_lost_answers();
        let browser = &app.browser;
        let screen = filled(browser).await?;
        note_countdown(browser).await?;
        app.proxy.fault(Method::POST, DECISION, None, fault());
        screen.agree().await?;
        match says {
            NOT_SENT => browser.see(says).await?,
            why => countdown(browser, &waits(why, 8)).await?,
        }
        app.proxy.clear_faults();
        screen.cancel().await?;
        demo::cancelled(browser).await?;
        refused_everything(&app).await
    })
    .await
}

each! { can_be_left:
    busy_and_left: ask_me_again("8"), &status(429), BUSY;
}

#[tokio::test]
async fn connection_refused() -> Result<()> {
    TestApp::run(Setup::default(), |app| async move {
        app.allow_console_error("net::ERR_CONNECTION_REFUSED");
        app.allow_lost_answers();
        let browser = &app.browser;
        let screen = filled(browser).await?;
        let ticked = screen.ticked().await?;
        note_countdown(browser).await?;
        app.proxy.refuse().await;
        screen.agree().await?;
        countdown(browser, &waits(OFFLINE, 2)).await?;
        buttons_are_back(browser).await?;
        assert_eq!(screen.ticked().await?, ticked);
        assert_eq!(app.decisions().await?, []);
        app.proxy.accept()?;
        demo::signed_up(browser).await?;
        agreed_to_what_was_filled_in(&app).await
    })
    .await
}

/// The screen waits fifteen seconds for an answer; these take that long.
async fn is_given_up_and_sent_again(fault: fn() -> Fault, recorded: usize) -> Result<()> {
    TestApp::run(Setup::default(), |app| async move {
        let browser = &app.browser;
        let screen = filled(browser).await?;
        let ticked = screen.ticked().await?;
        note_countdown(browser).await?;
        app.proxy.fault(Method::POST, DECISION, Some(1), fault());
        screen.agree().await?;
        browser.see("보내는 중").await?;
        for off in ["보내는 중", "취소"] {
            let button = browser.find(Role::Button, off).await?;
            assert_eq!(button.attr("aria-disabled").await?.as_deref(), Some("true"), "{off}");
        }
        countdown(browser, &waits("응답이 없습니다.", 2)).await?;
        assert_eq!(app.decisions().await?.len(), recorded);
        assert_eq!(screen.ticked().await?, ticked);
        demo::signed_up(browser).await?;
        assert_eq!(app.proxy.count(&Method::POST, DECISION), 2);
        agreed_to_what_was_filled_in(&app).await
    })
    .await
}

each! { is_given_up_and_sent_again:
    silence: Fault::Delay(Duration::from_secs(30)), 0;
}

/// The backend's own refusals: the screen has words and a way for each.
async fn refused(app: &TestApp, fault: Fault) -> Result<Consent<'_>> {
    let screen = filled(&app.browser).await?;
    app.proxy.fault(Method::POST, DECISION, Some(1), fault);
    screen.agree().await?;
    Ok(screen)
}

#[tokio::test]
async fn status_403_because_the_page_is_too_old() -> Result<()> {
    TestApp::run(Setup::default(), |app| async move {
        app.allow_console_error(&status(403));
        let browser = &app.browser;
        let screen = refused(&app, problem(403, "csrf_rejected", "")).await?;
        browser.see("화면을 새로 불러왔습니다. 선택을 확인하고 다시 시도해 주세요.").await?;
        assert_eq!(app.decisions().await?, []);
        screen.agree().await?;
        demo::signed_up(browser).await?;
        agreed_to_what_was_filled_in(&app).await
    })
    .await
}

/// There is nothing left to agree to on this page, but a way out of it.
async fn is_the_end(
    fault: fn() -> Fault,
    console: &str,
    heading: &str,
    restarts: bool,
) -> Result<()> {
    TestApp::run(Setup::default(), |app| async move {
        app.allow_console_error(console);
        let browser = &app.browser;
        refused(&app, fault()).await?;
        browser.find(Role::Heading, heading).await?;
        assert!(browser.all(Role::Checkbox).await?.is_empty(), "nothing can be agreed to");
        assert_eq!(app.decisions().await?, []);
        if !restarts {
            return browser.see("이 창은 닫아도 됩니다.").await;
        }
        browser.press(Role::Link, "다시 시작").await?;
        let screen = Consent::asking(browser).await?;
        assert_eq!(screen.ticked().await?, [""; 0], "nothing is ticked for the person");
        super::fill_in(&screen).await?;
        screen.agree().await?;
        demo::signed_up(browser).await?;
        agreed_to_what_was_filled_in(&app).await
    })
    .await
}

/// A way to the same request from its beginning.
const RESTART: &str = r#","restart_url":"/demo/start?account=new&service=demo-shop""#;

each! { is_the_end:
    status_410_because_time_is_up:
        problem(410, "challenge_expired", RESTART), &status(410), "유효 시간이 지났습니다", true;
}

#[tokio::test]
async fn status_422_because_something_required_is_missing() -> Result<()> {
    TestApp::run(Setup::default(), |app| async move {
        app.allow_console_error(&status(422));
        let browser = &app.browser;
        let missing = r#","missing":["term:tos"]"#;
        let screen = refused(&app, problem(422, "required_items_missing", missing)).await?;
        screen.summary().await?;
        browser.see("이용약관: 동의가 필요합니다.").await?;
        assert_eq!(app.decisions().await?, []);
        screen.agree().await?;
        demo::signed_up(browser).await?;
        agreed_to_what_was_filled_in(&app).await
    })
    .await
}

#[tokio::test]
async fn counting_down_leaves_the_button_and_its_focus_alone() -> Result<()> {
    TestApp::run(Setup::default(), |app| async move {
        app.allow_console_error(&status(429));
        let browser = &app.browser;
        let screen = filled(browser).await?;
        app.proxy.fault(Method::POST, DECISION, None, ask_me_again("30"));
        screen.agree().await?;
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
        demo::signed_up(browser).await?;
        agreed_to_what_was_filled_in(&app).await
    })
    .await
}

/// The further rows of the tables above, for a full run.
mod matrix {
    use super::*;

    each! { is_sent_again:
        error_502_with_a_page: Fault::status(502), &status(502), TROUBLE, 2, 0;
        cut_short: Fault::Truncate(10), "net::ERR_", OFFLINE, 2, 1;
        too_many_requests_without_retry_after: busy(), &status(429), BUSY, 2, 0;
        // A date is not read: it would be compared with a clock that may be years off.
        too_many_requests_until_a_date:
            ask_me_again("Fri, 31 Dec 2100 23:59:59 GMT"), &status(429), BUSY, 2, 0;
        too_many_requests_for_thirty_years:
            ask_me_again("1000000000"), &status(429), BUSY, 60, 0;
        too_many_requests_for_more_than_fits:
            ask_me_again("99999999999999999999"), &status(429), BUSY, 60, 0;
        too_many_requests_for_no_time: ask_me_again("0"), &status(429), BUSY, 1, 0;
        too_many_requests_for_less_than_no_time: ask_me_again("-5"), &status(429), BUSY, 2, 0;
        too_many_requests_in_words: ask_me_again("1e9, soon"), &status(429), BUSY, 2, 0;
        too_many_requests_as_the_backend_says_it:
            problem(429, "rate_limited", "").with(RETRY_AFTER, "7"), &status(429), BUSY, 7, 0;
        error_500: Fault::answer(500, "text/plain", ""), &status(500), TROUBLE, 2, 0;
        error_503: Fault::status(503), &status(503), BUSY, 2, 0;
        error_503_as_the_backend_says_it:
            problem(503, "unavailable", "").with(RETRY_AFTER, "3"), &status(503), BUSY, 3, 0;
    }

    each! { is_given_back:
        a_problem_of_a_newer_backend: problem(418, "teapot", ""), &status(418), 0;
        status_401: Fault::status(401), &status(401), 0;
        status_404_of_an_intermediary: Fault::status(404), &status(404), 0;
        status_409_of_an_intermediary: Fault::answer(409, "text/plain", ""), &status(409), 0;
        status_410_of_an_intermediary: Fault::status(410), &status(410), 0;
        status_413_of_an_intermediary: Fault::status(413), &status(413), 0;
        status_413_as_the_backend_says_it: problem(413, "too_large", ""), &status(413), 0;
        status_422_of_an_intermediary: Fault::answer(422, "text/plain", ""), &status(422), 0;
        status_400_as_the_backend_says_it: problem(400, "malformed_request", ""), &status(400), 0;
        mistyped_json: Fault::json(|json| json["redirect_to"] = 7.into()), "", 1;
        json_without_what_counts: Fault::answer(200, "application/json", "{}"), "", 0;
        an_empty_answer: Fault::answer(200, "application/json", ""), "", 0;
        a_page_with_status_200: Fault::status(200), "", 0;
    }

    each! { can_be_left:
        not_sent_and_left: Fault::status(403), &status(403), NOT_SENT;
        offline_and_left: Fault::Drop, "net::ERR_", OFFLINE;
        in_trouble_and_left: Fault::status(502), &status(502), TROUBLE;
    }

    each! { is_given_up_and_sent_again:
        one_byte_a_second: Fault::Trickle(Duration::from_secs(1)), 1;
    }

    each! { is_the_end:
        status_403_because_of_another_session:
            problem(403, "wrong_session", RESTART), &status(403), "다른 곳에서 시작한 요청입니다", true;
        status_404_because_there_is_no_such_request:
            problem(404, "challenge_not_found", ""), &status(404), "동의 요청을 찾을 수 없습니다", false;
    }

    #[tokio::test]
    async fn status_422_because_the_items_are_others_now() -> Result<()> {
        TestApp::run(Setup::default(), |app| async move {
            app.allow_console_error(&status(422));
            let browser = &app.browser;
            let unknown = r#","missing":["item:shoe_size"]"#;
            let screen = refused(&app, problem(422, "unknown_item", unknown)).await?;
            browser.see("화면을 새로 불러왔습니다.").await?;
            screen.agree().await?;
            demo::signed_up(browser).await?;
            agreed_to_what_was_filled_in(&app).await
        })
        .await
    }

    /// A user who cancels after an agreement was recorded learns that it holds, and can continue.
    #[tokio::test]
    async fn lost_after_it_was_recorded_and_then_cancelled() -> Result<()> {
        TestApp::run(Setup::default(), |app| async move {
            app.allow_lost_answers();
            app.allow_console_error(&status(410));
            let browser = &app.browser;
            let screen = filled(browser).await?;
            note_countdown(browser).await?;
            app.proxy.fault(Method::POST, DECISION, None, Fault::Lose);
            screen.agree().await?;
            countdown(browser, &waits(OFFLINE, 8)).await?;
            app.proxy.clear_faults();
            screen.cancel().await?;
            browser.find(Role::Heading, "이미 처리된 요청입니다").await?;
            browser.press(Role::Link, "계속하기").await?;
            demo::signed_up(browser).await?;
            agreed_to_what_was_filled_in(&app).await
        })
        .await
    }
}
