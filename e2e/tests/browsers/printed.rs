//! The screen on paper.

use anyhow::Result;
use consent_e2e::engine::Engine;
use consent_e2e::pages::{Consent, demo};
use consent_e2e::{Setup, TestApp};
use serde_json::json;

/// The buttons stay in view on a screen. On paper they would cover what is agreed to, on each page.
#[tokio::test]
async fn no_button_covers_what_is_agreed_to() -> Result<()> {
    let setup = Setup::default().only_in(Engine::Chromium, "its protocol draws a page for paper");
    TestApp::run(setup, |app| async move {
        let browser = &app.browser;
        demo::start(browser, "new", "demo-shop").await?;
        let _ = Consent::asking(browser).await?;
        let sticks = "return getComputedStyle(document.querySelector('.actions')).position";
        browser.becomes(sticks, "sticky".into()).await?;
        let paper = json!({"media": "print"});
        browser.driver.cdp().send_raw("Emulation.setEmulatedMedia", paper).await?;
        browser.becomes(sticks, "static".into()).await
    })
    .await
}
