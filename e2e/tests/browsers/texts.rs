//! Reading the full texts before agreeing.

use anyhow::{Result, ensure};
use consent_e2e::pages::{Consent, demo};
use consent_e2e::proxy::Fault;
use consent_e2e::role::Role;
use consent_e2e::{Setup, TestApp};
use hyper::Method;
use thirtyfour::{By, Key};

/// What every dialog with a text says below its title.
const EDITION: &str = "부터 시행";

#[tokio::test]
async fn reading_a_text_agrees_to_nothing_and_comes_back_to_its_button() -> Result<()> {
    TestApp::run(Setup::default(), |app| async move {
        let browser = &app.browser;
        let screen = Consent::of(browser, "new", "demo-shop", "").await?;
        screen.open_text("이용약관").await?;
        browser.see("제5조 청약철회").await?;
        // There, and with room to be read in: a box of no height holds its text just as well.
        let room = "return document.querySelector('.dialog__scroll').clientHeight";
        let room: u32 = browser.driver.execute(room, Vec::new()).await?.convert()?;
        ensure!(room > 200, "the text has {room} pixels");
        browser.key(Key::Escape).await?;
        browser.see_no_more(EDITION).await?;
        assert_eq!(browser.focused().await?, "이용약관 내용 보기");
        assert_eq!(screen.ticked().await?, [""; 0]);

        screen.open_text("광고성 정보 수신").await?;
        browser.see("동의 철회 방법").await?;
        browser.press(Role::Button, "닫기").await?;
        browser.see_no_more(EDITION).await?;
        assert_eq!(browser.focused().await?, "광고성 정보 수신 내용 보기");
        assert_eq!(screen.ticked().await?, [""; 0]);
        assert_eq!(app.decisions().await?, []);
        Ok(())
    })
    .await
}

#[tokio::test]
async fn what_cannot_be_read_cannot_be_agreed_to() -> Result<()> {
    TestApp::run(Setup::default(), |app| async move {
        app.allow_console_error("the server responded with a status of 500");
        let browser = &app.browser;
        let broken = Fault::answer(500, "text/plain", "?");
        app.proxy.fault(Method::GET, "/api/v1/terms/tos/", Some(1), broken);
        let screen = Consent::of(browser, "new", "demo-shop", "").await?;
        screen.open_text("이용약관").await?;
        browser.see("내용을 확인하기 전에는 이 항목에 동의할 수 없습니다.").await?;
        browser.press(Role::Button, "닫기").await?;
        browser.see_no_more(EDITION).await?;
        screen.tick_required().await?;
        assert!(!screen.is_ticked("이용약관").await?, "neither by agree-all");
        screen.tick("이용약관").await?;
        assert!(!screen.is_ticked("이용약관").await?, "nor by its own box");
        assert!(screen.is_ticked("개인정보 수집 및 이용").await?);

        screen.open_text("이용약관").await?;
        browser.see("제1조 목적").await?;
        browser.driver.find(By::Css("dialog .dialog__actions button")).await?.click().await?;
        browser.see_no_more(EDITION).await?;
        screen.tick("이용약관").await?;
        screen.agree().await?;
        demo::signed_up(browser).await?;
        Ok(())
    })
    .await
}
