//! The whole way with nothing but a keyboard.

use anyhow::{Result, bail};
use consent_e2e::browser::Browser;
use consent_e2e::pages::{Consent, demo};
use consent_e2e::{Setup, TestApp};
use thirtyfour::Key;

/// More than there are places to stop at on the screen.
const STOPS: usize = 60;

/// Presses Tab until something of that name has the focus.
pub async fn tab_to(browser: &Browser, name: &str) -> Result<()> {
    let mut passed = Vec::new();
    for _ in 0..STOPS {
        browser.driver.action_chain().send_keys(Key::Tab + "").perform().await?;
        let focused = browser.focused().await?;
        if focused.contains(name) {
            return Ok(());
        }
        passed.push(focused);
    }
    bail!("Tab does not reach {name:?}, only {passed:#?}");
}

/// Presses a key with whatever has the focus.
pub async fn press(browser: &Browser, key: Key) -> Result<()> {
    Ok(browser.driver.action_chain().send_keys(key + "").perform().await?)
}

#[tokio::test]
async fn signing_up_needs_no_pointer() -> Result<()> {
    TestApp::run(Setup::default(), |app| async move {
        let browser = &app.browser;
        let screen = Consent::of(browser, "new", "demo-shop", "").await?;
        tab_to(browser, "이용약관 내용 보기").await?;
        press(browser, Key::Enter).await?;
        browser.see("제1조 목적").await?;
        press(browser, Key::Escape).await?;

        // What is missing is announced by moving the focus there, and its links lead to the rows.
        tab_to(browser, "동의하고 계속하기").await?;
        press(browser, Key::Enter).await?;
        screen.summary().await?;
        tab_to(browser, "이용약관: 동의가 필요합니다.").await?;
        press(browser, Key::Enter).await?;
        assert_eq!(browser.focused().await?, "[필수] 이용약관");
        press(browser, Key::Space).await?;
        for item in ["[필수] 개인정보", "[필수] 닉네임", "[필수] 이메일"] {
            tab_to(browser, item).await?;
            press(browser, Key::Space).await?;
        }
        assert_eq!(screen.ticked().await?.iter().filter(|it| it.starts_with("[선")).count(), 0);
        tab_to(browser, "동의하고 계속하기").await?;
        press(browser, Key::Enter).await?;
        demo::signed_up(browser).await?;
        assert_eq!(app.decisions().await?.len(), 1);
        Ok(())
    })
    .await
}
