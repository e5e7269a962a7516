//! Clickjacking: pages and scripts of others that make the user agree unawares.

use anyhow::Result;
use consent_e2e::pages::consent::{A_MOMENT, KO};
use consent_e2e::pages::{Consent, demo};
use consent_e2e::proxy::Fault;
use consent_e2e::{Setup, TestApp};
use hyper::Method;
use std::time::Duration;
use thirtyfour::{By, Key};

/// Time enough for anything that was sent to arrive.
const ARRIVAL: Duration = Duration::from_millis(1500);

/// Nothing was sent, by the app or by the form.
async fn nothing_was_sent(app: &TestApp) -> Result<()> {
    tokio::time::sleep(ARRIVAL).await;
    for path in ["*/decision", "/consent/"] {
        assert_eq!(app.proxy.count(&Method::POST, path), 0, "{path}");
    }
    assert_eq!(app.decisions().await?, []);
    Ok(())
}

/// A screen on which nothing is missing but the press.
async fn ready(app: &TestApp) -> Result<Consent<'_>> {
    let screen = Consent::of(&app.browser, "new", "demo-shop", "").await?;
    screen.tick_required().await?;
    tokio::time::sleep(A_MOMENT).await;
    Ok(screen)
}

async fn run(app: &TestApp, script: &str) -> Result<()> {
    app.browser.driver.execute(script, Vec::new()).await?;
    Ok(())
}

fn framing(screen: &str) -> String {
    format!("<link rel='icon' href='data:,'><iframe src='{screen}'></iframe>")
}

#[tokio::test]
async fn no_page_can_frame_the_screen_nor_one_of_its_own_origin() -> Result<()> {
    // What Chromium shows in place of a frame is a page of its own.
    TestApp::run(Setup::default().in_its_own_browser(), |app| async move {
        // How each engine says it.
        app.allow_console_error("frame-ancestors");
        app.allow_console_error("asked another origin");
        let browser = &app.browser;
        Consent::of(browser, "new", "demo-shop", "").await?;
        let screen = browser.driver.current_url().await?.to_string();
        let (own, page) = (app.proxy.origin(), framing(&screen));
        // The same machine by another name is another origin, and another site.
        let strange = own.replace("127.0.0.1", "localhost");
        app.proxy.fault(Method::GET, "/framing", None, Fault::answer(200, "text/html", &page));
        for origin in [own, &strange] {
            browser.driver.goto(format!("{origin}/framing")).await?;
            let asked = app.proxy.seen().iter().filter(|it| screen.ends_with(&it.path)).count();
            assert!(asked > 1, "the frame asks for the screen");
            tokio::time::sleep(ARRIVAL).await;
            let frame = browser.driver.find(By::Tag("iframe")).await?;
            frame.enter_frame().await?;
            let shown = browser.driver.find_all(By::Css("main, form, button")).await?;
            let mut names = Vec::new();
            for element in shown {
                names.push(element.text().await?);
            }
            let agrees = names.iter().any(|name| name.contains("동의하고 계속하기"));
            assert!(!agrees, "{origin}: {names:?}");
            browser.driver.enter_default_frame().await?;
        }
        Ok(())
    })
    .await
}

#[tokio::test]
async fn a_click_that_a_script_makes_agrees_to_nothing() -> Result<()> {
    TestApp::run(Setup::default(), |app| async move {
        let screen = ready(&app).await?;
        let agree = "const agree = [...document.querySelectorAll('button')]
            .find((button) => button.textContent.includes('동의하고'));";
        run(&app, &format!("{agree} agree.click()")).await?;
        let event = "new MouseEvent('click', { bubbles: true, cancelable: true, detail: 1 })";
        run(&app, &format!("{agree} agree.dispatchEvent({event})")).await?;
        nothing_was_sent(&app).await?;
        screen.agree().await?;
        demo::signed_up(&app.browser).await?;
        Ok(())
    })
    .await
}

#[tokio::test]
async fn a_click_that_a_script_makes_before_the_app_is_there_agrees_to_nothing() -> Result<()> {
    TestApp::run(Setup::default(), |app| async move {
        let late = Fault::Delay(Duration::from_secs(8));
        app.proxy.fault(Method::GET, "*.wasm", None, late);
        demo::sign_up(&app.browser, "new", "demo-shop", "").await?;
        let screen = Consent::server_rendered_in(&app.browser, KO).await?;
        screen.tick_required().await?;
        tokio::time::sleep(A_MOMENT).await;
        run(&app, "document.querySelector('.actions [value=agree]').click()").await?;
        app.browser.app("starting").await?;
        nothing_was_sent(&app).await
    })
    .await
}

#[tokio::test]
async fn a_click_in_the_first_moments_after_another_window_closed_agrees_to_nothing() -> Result<()>
{
    TestApp::run(Setup::default(), |app| async move {
        let driver = &app.browser.driver;
        let screen = ready(&app).await?;
        let own = driver.window().await?;
        let other = app.browser.open_tab().await?;
        driver.switch_to_window(other).await?;
        driver.close_window().await?;
        driver.switch_to_window(own).await?;
        // Without a visible window, not every engine fires focus when the page regains it.
        run(&app, "window.dispatchEvent(new Event('focus'))").await?;
        let agree = "button.button--primary[type=submit]";
        driver.find(By::Css(agree)).await?.click().await?;
        nothing_was_sent(&app).await?;
        screen.agree_at_once().await?;
        demo::signed_up(&app.browser).await?;
        assert_eq!(app.decisions().await?.len(), 1);
        Ok(())
    })
    .await
}

#[tokio::test]
async fn a_keyboard_is_never_held_up() -> Result<()> {
    TestApp::run(Setup::default(), |app| async move {
        let browser = &app.browser;
        ready(&app).await?;
        // The same moment in which a click would not count.
        let focus = "window.dispatchEvent(new Event('focus'));
            document.querySelector('button.button--primary[type=submit]').focus();";
        run(&app, focus).await?;
        browser.key(Key::Enter).await?;
        demo::signed_up(browser).await?;
        assert_eq!(app.decisions().await?.len(), 1);
        Ok(())
    })
    .await
}
