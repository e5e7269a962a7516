//! Where the focus is after something has changed: never lost, never moved without a reason.

use anyhow::{Result, bail};
use consent_e2e::browser::Browser;
use consent_e2e::pages::Consent;
use consent_e2e::pages::consent::EN;
use consent_e2e::proxy::Fault;
use consent_e2e::role::Role;
use consent_e2e::{Setup, TestApp};
use hyper::Method;
use hyper::header::RETRY_AFTER;
use std::time::{Duration, Instant};
use thirtyfour::{By, Key};

async fn key(browser: &Browser, key: Key) -> Result<()> {
    Ok(browser.driver.action_chain().send_keys(key + "").perform().await?)
}

/// Waits until something of that name has the focus.
async fn focus_is_on(browser: &Browser, name: &str) -> Result<()> {
    let deadline = Instant::now() + Duration::from_secs(10);
    loop {
        let focused = browser.focused().await.unwrap_or_default();
        if focused.contains(name) {
            return Ok(());
        }
        if Instant::now() > deadline {
            bail!("not {name:?} has the focus, but {focused:?}");
        }
        tokio::time::sleep(Duration::from_millis(50)).await;
    }
}

/// Whether the focus is inside what a selector finds.
async fn is_in(browser: &Browser, selector: &str) -> Result<bool> {
    let script = format!("return !!document.activeElement?.closest('{selector}')");
    Ok(browser.driver.execute(script, Vec::new()).await?.convert()?)
}

#[tokio::test]
async fn a_text_takes_the_focus_keeps_it_and_gives_it_back() -> Result<()> {
    TestApp::run(Setup::default(), async |app| {
        let browser = &app.browser;
        Consent::of(browser, "new", "demo-shop", "").await?;
        browser.find(Role::Button, "이용약관 내용 보기").await?.focus().await?;
        key(browser, Key::Enter).await?;
        browser.see("제1조 목적").await?;
        assert!(is_in(browser, "dialog").await?, "{}", browser.focused().await?);
        for _ in 0..8 {
            key(browser, Key::Tab).await?;
            // The browser's own controls are the way out of a page, and no part of it.
            let is_outside = is_in(browser, "main").await? && !is_in(browser, "dialog").await?;
            assert!(!is_outside, "Tab leaves the dialog for {}", browser.focused().await?);
        }
        key(browser, Key::Escape).await?;
        focus_is_on(browser, "이용약관 내용 보기").await?;
        assert!(browser.all(Role::Dialog).await?.is_empty());
        Ok(())
    })
    .await
}

#[tokio::test]
async fn a_text_that_comes_after_a_second_try_keeps_the_focus_in_the_dialog() -> Result<()> {
    TestApp::run(Setup::default(), async |app| {
        app.allow_console_error("the server responded with a status of 500");
        let browser = &app.browser;
        let broken = Fault::status(500);
        app.proxy.fault(Method::GET, "/api/v1/terms/", Some(1), broken);
        let screen = Consent::of(browser, "new", "demo-shop", "").await?;
        screen.open_text("이용약관").await?;
        browser.find(Role::Button, "다시 시도").await?.focus().await?;
        key(browser, Key::Enter).await?;
        browser.see("제1조 목적").await?;
        key(browser, Key::Tab).await?;
        assert!(is_in(browser, "dialog").await?, "{}", browser.focused().await?);
        Ok(())
    })
    .await
}

#[tokio::test]
async fn what_is_missing_is_announced_where_the_focus_goes() -> Result<()> {
    TestApp::run(Setup::default(), async |app| {
        let browser = &app.browser;
        let screen = Consent::of(browser, "new", "demo-shop", "").await?;
        screen.agree().await?;
        focus_is_on(browser, "아직 확인이 필요한 항목이 있습니다").await?;
        assert!(is_in(browser, "[role=group]").await?);
        let link = browser.find(Role::Link, "이용약관: 동의가 필요합니다.").await?;
        link.focus().await?;
        key(browser, Key::Enter).await?;
        focus_is_on(browser, "[필수] 이용약관").await?;
        // A fixed error is removed from the list; the focus stays with the box.
        key(browser, Key::Space).await?;
        browser.see_no_more("이용약관: 동의가 필요합니다.").await?;
        focus_is_on(browser, "[필수] 이용약관").await
    })
    .await
}

#[tokio::test]
async fn another_language_leaves_the_focus_on_the_list_of_languages() -> Result<()> {
    TestApp::run(Setup::default(), async |app| {
        let browser = &app.browser;
        let screen = Consent::of(browser, "new", "demo-shop", "").await?;
        browser.find(Role::Combobox, "언어").await?.focus().await?;
        screen.choose_language("en", EN).await?;
        focus_is_on(browser, "Language").await
    })
    .await
}

#[tokio::test]
async fn try_again_keeps_the_focus_while_it_counts_and_while_it_tries() -> Result<()> {
    TestApp::run(Setup::default(), async |app| {
        app.allow_console_error("the server responded with a status of 503");
        let browser = &app.browser;
        let screen = Consent::of(browser, "new", "demo-shop", "").await?;
        screen.tick_required().await?;
        let busy = || Fault::answer(503, "text/plain", "?").with(RETRY_AFTER, "30");
        app.proxy.fault(Method::POST, "*/decision", None, busy());
        screen.agree().await?;
        browser.find(Role::Button, "지금 다시 시도").await?.focus().await?;
        let before = browser.text().await?;
        while browser.text().await? == before {
            tokio::time::sleep(Duration::from_millis(100)).await;
        }
        assert_eq!(browser.focused().await?, "지금 다시 시도", "a second has passed");
        let tries = app.proxy.count(&Method::POST, "*/decision");
        key(browser, Key::Enter).await?;
        while app.proxy.count(&Method::POST, "*/decision") == tries {
            tokio::time::sleep(Duration::from_millis(20)).await;
        }
        browser.see("초 뒤 다시 시도합니다.").await?;
        assert_eq!(browser.focused().await?, "지금 다시 시도", "it was tried again");
        Ok(())
    })
    .await
}

#[tokio::test]
async fn try_again_keeps_the_focus_while_loading() -> Result<()> {
    TestApp::run(Setup::default().statically_hosted(), async |app| {
        app.allow_console_error("the server responded with a status of 503");
        let browser = &app.browser;
        let busy = Fault::answer(503, "text/plain", "?").with(RETRY_AFTER, "30");
        app.proxy.fault(Method::GET, "/api/v1/consents/", None, busy);
        consent_e2e::pages::demo::sign_up(browser, "new", "demo-shop", "").await?;
        browser.find(Role::Button, "지금 다시 시도").await?.focus().await?;
        let tries = app.proxy.count(&Method::GET, "/api/v1/consents/");
        key(browser, Key::Enter).await?;
        while app.proxy.count(&Method::GET, "/api/v1/consents/") == tries {
            tokio::time::sleep(Duration::from_millis(20)).await;
        }
        browser.see("30초 뒤").await?;
        browser.see("28초 뒤").await?;
        assert_eq!(browser.focused().await?, "지금 다시 시도");
        Ok(())
    })
    .await
}

#[tokio::test]
async fn a_page_that_takes_the_forms_place_is_read_from_its_heading() -> Result<()> {
    let setup = Setup::default().backend(["--challenge-ttl", "8s"]);
    TestApp::run(setup, async |app| {
        app.allow_console_error("the server responded with a status of 410");
        let browser = &app.browser;
        let screen = Consent::of(browser, "new", "demo-shop", "").await?;
        screen.tick("이용약관").await?;
        browser.find(Role::Heading, "유효 시간이 지났습니다").await?;
        let heading = browser.driver.find(By::Css("h1")).await?;
        let deadline = Instant::now() + Duration::from_secs(5);
        while browser.driver.active_element().await? != heading {
            if Instant::now() > deadline {
                bail!("the focus is on {}", browser.focused().await?);
            }
            tokio::time::sleep(Duration::from_millis(50)).await;
        }
        Ok(())
    })
    .await
}
