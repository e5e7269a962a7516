//! Values that the account lacks and the screen asks for.

use anyhow::Result;
use consent_e2e::pages::{Consent, demo};
use consent_e2e::role::Role;
use consent_e2e::{Setup, TestApp};
use thirtyfour::Key;

/// How the field is called.
const FIELD: &str = "계정에 이메일이 없습니다";

#[tokio::test]
async fn a_bad_address_is_explained_and_a_good_one_arrives() -> Result<()> {
    TestApp::run(Setup::default(), |app| async move {
        let browser = &app.browser;
        let screen = Consent::of(browser, "no-email", "demo-shop", "").await?;
        screen.tick_required().await?;
        screen.tick("[선택] 광고성 정보 수신").await?;
        let ticked = screen.ticked().await?;

        screen.agree().await?;
        screen.summary().await?;
        browser.see("내용을 입력해 주세요.").await?;

        browser.fill(FIELD, "sol at example").await?;
        screen.agree().await?;
        browser.see("이메일 주소를 name@example.com 형식으로 입력해 주세요.").await?;
        assert_eq!(screen.ticked().await?, ticked, "nothing else is lost");
        let field = browser.find(Role::Textbox, FIELD).await?;
        assert_eq!(field.value().await?.as_deref(), Some("sol at example"));
        assert_eq!(app.decisions().await?, []);

        browser.fill(FIELD, "sol@example.org").await?;
        screen.agree().await?;
        demo::signed_up(browser).await?;
        assert_eq!(demo::claim(browser, "email").await?.as_deref(), Some("sol@example.org"));
        let verified = demo::claim(browser, "email_verified").await?;
        assert_eq!(verified.as_deref(), Some("false"), "the user typed it a moment ago");
        Ok(())
    })
    .await
}

#[tokio::test]
async fn enter_in_the_field_agrees_and_never_cancels() -> Result<()> {
    TestApp::run(Setup::default(), |app| async move {
        let browser = &app.browser;
        let screen = Consent::of(browser, "no-email", "demo-shop", "").await?;
        screen.tick("이메일").await?;
        browser.fill(FIELD, "sol@example.org").await?;
        browser.key(Key::Enter).await?;
        // Required items are still missing, so agreeing says which; cancelling would be gone.
        screen.summary().await?;
        assert_eq!(app.decisions().await?, []);

        screen.tick_required().await?;
        browser.find(Role::Textbox, FIELD).await?.send_keys(Key::Enter + "").await?;
        demo::signed_up(browser).await?;
        assert_eq!(demo::claim(browser, "email").await?.as_deref(), Some("sol@example.org"));
        Ok(())
    })
    .await
}
