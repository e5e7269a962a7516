//! Trouble with the form that a browser sends by itself, where the app never came. What the person
//! sees then is the browser's own page or an intermediary's: the way on is to reload or to go back.

use super::{agreed_to_what_was_filled_in, each, fill_in, refused_everything, status};
use anyhow::Result;
use consent_e2e::browser::Browser;
use consent_e2e::engine::Engine;
use consent_e2e::pages::consent::KO;
use consent_e2e::pages::{Consent, demo};
use consent_e2e::proxy::Fault;
use consent_e2e::role::Role;
use consent_e2e::{Setup, TestApp};
use hyper::Method;
use std::time::Duration;
use thirtyfour::By;

/// The page's own address, which takes the form.
const PAGE: &str = "/consent/";

async fn filled(app: &TestApp) -> Result<Consent<'_>> {
    app.allow_console_error(&status(404));
    app.proxy.fault(Method::GET, "*.wasm", None, Fault::status(404));
    let browser = &app.browser;
    demo::sign_up(browser, "new", "demo-shop", "").await?;
    let screen = Consent::server_rendered_in(browser, KO).await?;
    browser.app("no-wasm").await?;
    fill_in(&screen).await?;
    Ok(screen)
}

/// Agrees, and waits until something else stands in the place of the form. The driver may report
/// that no server answered.
async fn agree_in_vain(screen: &Consent<'_>, browser: &Browser) {
    let _ = screen.agree().await;
    while browser.driver.find(By::Id("consent-form")).await.is_ok() {
        tokio::time::sleep(Duration::from_millis(60)).await;
    }
}

/// Where a reload sends a form once more.
fn reloads_forms() -> Setup {
    Setup::default().not_in(Engine::WebKit, "it reloads what a form led to without the form")
}

/// Where the page of a form is one step back from what it led to.
fn goes_back_to_forms() -> Setup {
    Setup::default().not_in(Engine::WebKit, "what a form led to takes its place in the history")
}

/// Reloads what a form was answered with: the browser sends it once more.
async fn is_sent_again_by_reloading(
    fault: fn() -> Fault,
    console: &str,
    recorded: usize,
) -> Result<()> {
    TestApp::run(reloads_forms(), |app| async move {
        app.allow_console_error(console);
        app.allow_lost_answers();
        let browser = &app.browser;
        let screen = filled(&app).await?;
        app.proxy.fault(Method::POST, PAGE, None, fault());
        agree_in_vain(&screen, browser).await;
        assert_eq!(app.decisions().await?.len(), recorded);
        app.proxy.clear_faults();
        browser.driver.refresh().await?;
        demo::signed_up(browser).await?;
        assert!(app.proxy.count(&Method::POST, PAGE) >= 2, "it was not sent again");
        agreed_to_what_was_filled_in(&app).await
    })
    .await
}

each! { is_sent_again_by_reloading:
    no_answer: Fault::Drop, "net::ERR_", 0;
    lost_after_it_was_recorded: Fault::Lose, "net::ERR_", 1;
}

/// Goes back to the form, which has kept the ticks or asks for everything again, and answers or
/// cancels it.
async fn can_be_gone_back_from(fault: fn() -> Fault, console: &str, agrees: bool) -> Result<()> {
    let by_address = console == "net::ERR_";
    let setup = if by_address { Setup::default() } else { goes_back_to_forms() };
    TestApp::run(setup, |app| async move {
        app.allow_console_error(console);
        app.allow_lost_answers();
        let browser = &app.browser;
        let screen = filled(&app).await?;
        let (before, address) = (screen.ticked().await?, browser.address().await?);
        app.proxy.fault(Method::POST, PAGE, None, fault());
        agree_in_vain(&screen, browser).await;
        assert_eq!(app.decisions().await?, []);
        app.proxy.clear_faults();
        app.proxy.fault(Method::GET, "*.wasm", None, Fault::status(404));
        if by_address {
            // In the history the browser's own page has taken the form's place.
            browser.go(&address).await?;
        } else {
            browser.driver.back().await?;
        }
        let screen = Consent::server_rendered_in(browser, KO).await?;
        if !agrees {
            screen.cancel().await?;
            demo::cancelled(browser).await?;
            return refused_everything(&app).await;
        }
        let kept = screen.ticked().await?;
        if kept.is_empty() {
            fill_in(&screen).await?;
        } else {
            assert_eq!(kept, before, "some of it is lost");
        }
        screen.agree().await?;
        demo::signed_up(browser).await?;
        agreed_to_what_was_filled_in(&app).await
    })
    .await
}

each! { can_be_gone_back_from:
    no_answer_and_opened_again: Fault::Drop, "net::ERR_", true;
    status_502_of_an_intermediary_and_left: Fault::status(502), &status(502), false;
}

/// The backend's own refusal of a form that is larger than any answer: a page with a way back.
#[tokio::test]
async fn status_413_as_the_backend_says_it() -> Result<()> {
    TestApp::run(Setup::default(), |app| async move {
        app.allow_console_error(&status(413));
        let browser = &app.browser;
        let screen = filled(&app).await?;
        // A field whose value says what it is would not be sent with another one.
        let field = browser.driver.find(By::Css("#consent-form [name=csrf_token]")).await?;
        let grow = "arguments[0].value = 'x'.repeat(150 * 1024)";
        browser.driver.execute(grow, vec![field.to_json()?]).await?;
        screen.agree().await?;
        browser.press(Role::Link, "동의 화면 다시 열기").await?;
        assert_eq!(app.decisions().await?, []);
        let screen = Consent::server_rendered_in(browser, KO).await?;
        fill_in(&screen).await?;
        screen.agree().await?;
        demo::signed_up(browser).await?;
        agreed_to_what_was_filled_in(&app).await
    })
    .await
}

/// The backend's own refusal of a form that is too old: it comes back with the ticks. What is
/// missing is in `no_wasm`.
#[tokio::test]
async fn status_422_as_the_backend_says_it() -> Result<()> {
    TestApp::run(Setup::default(), |app| async move {
        app.allow_console_error(&status(422));
        let browser = &app.browser;
        let screen = filled(&app).await?;
        let token = browser.driver.find(By::Css("#consent-form [name=csrf_token]")).await?;
        browser.driver.execute("arguments[0].value += 'x'", vec![token.to_json()?]).await?;
        screen.agree().await?;
        browser.see("화면을 새로 불러왔습니다. 선택을 확인하고 다시 시도해 주세요.").await?;
        assert_eq!(app.decisions().await?, []);
        browser.app("no-wasm").await?;
        assert!(screen.is_ticked("전화번호").await?);
        screen.agree().await?;
        demo::signed_up(browser).await?;
        agreed_to_what_was_filled_in(&app).await
    })
    .await
}

/// Too many requests get an explanation and a way back.
#[tokio::test]
async fn too_many_requests_as_the_backend_says_it() -> Result<()> {
    TestApp::run(Setup::default().backend(["--rate-limit", "14"]), |app| async move {
        app.allow_console_error(&status(429));
        let browser = &app.browser;
        let screen = filled(&app).await?;
        // Use up what one may ask.
        let ask = "
            const done = arguments[arguments.length - 1];
            const body = new URLSearchParams({ decision: 'show' });
            const ask = () => fetch(location.pathname, { method: 'POST', body });
            const use = () => ask().then((it) =>
                it.status === 429 ? done(it.headers.get('Retry-After')) : use());
            // And what comes back of it, until the form is on its way.
            use().then(() => setInterval(() => ask().catch(() => {}), 50));
        ";
        let wait: String = browser.driver.execute_async(ask, Vec::new()).await?.convert()?;
        assert!(wait.parse::<u32>().is_ok_and(|seconds| seconds <= 60), "{wait}");
        screen.agree().await?;
        browser.find(Role::Link, "동의 화면 다시 열기").await?;
        assert_eq!(app.decisions().await?, []);
        Ok(())
    })
    .await
}

/// The further rows of the tables above, for a full run.
mod matrix {
    use super::*;

    each! { is_sent_again_by_reloading:
        error_503_of_an_intermediary: Fault::status(503), &status(503), 0;
    }

    each! { can_be_gone_back_from:
        no_answer_and_left: Fault::Drop, "net::ERR_", false;
        status_413_of_an_intermediary: Fault::status(413), &status(413), true;
        status_422_of_an_intermediary: Fault::status(422), &status(422), true;
    }

    #[tokio::test]
    async fn connection_refused() -> Result<()> {
        TestApp::run(reloads_forms(), |app| async move {
            app.allow_console_error("net::ERR_CONNECTION_REFUSED");
            app.allow_lost_answers();
            let browser = &app.browser;
            let screen = filled(&app).await?;
            app.proxy.refuse().await;
            agree_in_vain(&screen, browser).await;
            assert_eq!(app.decisions().await?, []);
            app.proxy.accept()?;
            browser.driver.refresh().await?;
            demo::signed_up(browser).await?;
            agreed_to_what_was_filled_in(&app).await
        })
        .await
    }
}
