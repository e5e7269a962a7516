//! With `Save-Data` the app is not downloaded for a form that is only looked at: the server-rendered
//! one works without it.

use anyhow::Result;
use consent_e2e::engine::Engine;
use consent_e2e::pages::consent::KO;
use consent_e2e::pages::{Consent, demo};
use consent_e2e::proxy::Fault;
use consent_e2e::{Setup, TestApp};
use hyper::Method;
use serde_json::json;
use std::time::Duration;
use thirtyfour::Key;

/// Longer than the app takes to be asked for.
const A_LOOK: Duration = Duration::from_secs(2);

fn setup() -> Setup {
    Setup::default().only_in(Engine::Chromium, "the other engines have no navigator.connection")
}

/// The browser saves data from now on.
async fn save_data(app: &TestApp) -> Result<()> {
    let saves = json!({ "dataSaverEnabled": true });
    app.browser.driver.cdp().send_raw("Emulation.setDataSaverOverride", saves).await?;
    Ok(())
}

/// How often the app's files were asked for.
fn downloads(app: &TestApp) -> [usize; 2] {
    ["*.js", "*.wasm"].map(|file| app.proxy.count(&Method::GET, file))
}

/// Goes to a screen that the server has rendered, and looks at it.
async fn looked_at(app: &TestApp) -> Result<Consent<'_>> {
    save_data(app).await?;
    demo::sign_up(&app.browser, "no-email", "demo-shop", "").await?;
    let screen = Consent::server_rendered_in(&app.browser, KO).await?;
    app.browser.app("no-wasm").await?;
    tokio::time::sleep(A_LOOK).await;
    assert_eq!(downloads(app), [0, 0], "nothing but the form");
    Ok(screen)
}

#[tokio::test]
async fn the_app_is_downloaded_at_the_first_interaction_and_keeps_the_input() -> Result<()> {
    TestApp::run(setup(), |app| async move {
        let browser = &app.browser;
        let screen = looked_at(&app).await?;
        app.proxy.fault(Method::GET, "*.wasm", None, Fault::Hold);
        screen.tick("이용약관").await?;
        screen.tick("이메일").await?;
        browser.fill("사용할 이메일", "sechan@example.com").await?;
        let ticked = screen.ticked().await?;
        assert_eq!(ticked.len(), 2, "{ticked:?}");
        assert_eq!(downloads(&app), [1, 1], "once, however many interactions there are");
        browser.app("no-wasm").await?;
        app.proxy.clear_faults();
        browser.app("mounted").await?;
        assert_eq!(screen.ticked().await?, ticked);
        screen.tick_required().await?;
        screen.agree().await?;
        demo::signed_up(browser).await?;
        let email = demo::claim(browser, "email").await?;
        assert_eq!(email.as_deref(), Some("sechan@example.com"));
        assert_eq!(app.proxy.count(&Method::POST, "*/decision"), 1, "the app sent it");
        Ok(())
    })
    .await
}

#[tokio::test]
async fn a_key_is_an_interaction_and_an_event_of_a_script_is_none() -> Result<()> {
    TestApp::run(setup(), |app| async move {
        let browser = &app.browser;
        looked_at(&app).await?;
        let events = "for (const type of ['pointerdown', 'keydown', 'focusin'])
            document.body.dispatchEvent(new Event(type, { bubbles: true }));";
        browser.driver.execute(events, Vec::new()).await?;
        tokio::time::sleep(A_LOOK).await;
        assert_eq!(downloads(&app), [0, 0]);
        // So that the focus is looked at before the app mounts.
        app.proxy.fault(Method::GET, "*.wasm", None, Fault::Hold);
        browser.key(Key::Tab).await?;
        let before = browser.focused().await?;
        app.proxy.clear_faults();
        browser.app("mounted").await?;
        assert_eq!(browser.focused().await?, before);
        assert_eq!(downloads(&app), [1, 1]);
        Ok(())
    })
    .await
}

/// The form works without the app, so it can be sent before the app has come.
#[tokio::test]
async fn the_form_can_be_sent_before_the_app_has_come() -> Result<()> {
    TestApp::run(setup(), |app| async move {
        let browser = &app.browser;
        let screen = looked_at(&app).await?;
        app.proxy.fault(Method::GET, "*.wasm", None, Fault::Hold);
        screen.tick_required().await?;
        browser.fill("사용할 이메일", "sechan@example.com").await?;
        screen.agree().await?;
        demo::signed_up(browser).await?;
        assert_eq!(app.proxy.count(&Method::POST, "*/decision"), 0, "the browser sent it");
        assert_eq!(app.decisions().await?.len(), 1);
        Ok(())
    })
    .await
}

/// There is no form that would work without the app.
#[tokio::test]
async fn a_page_that_no_server_rendered_starts_the_app_at_once() -> Result<()> {
    TestApp::run(setup().statically_hosted(), |app| async move {
        save_data(&app).await?;
        Consent::of(&app.browser, "new", "demo-shop", "").await?;
        assert_eq!(downloads(&app), [1, 1]);
        Ok(())
    })
    .await
}
