//! Server-rendered pages in browsers in which the app never starts: the form alone can finish
//! everything.

mod callbacks;

use anyhow::{Context, Result, ensure};
use consent_e2e::browser::Browser;
use consent_e2e::engine::Device;
use consent_e2e::pages::consent::{EN, KO};
use consent_e2e::pages::{Consent, demo};
use consent_e2e::proxy::Fault;
use consent_e2e::role::Role;
use consent_e2e::{Setup, TestApp};
use hyper::Method;
use hyper::header::{CONTENT_SECURITY_POLICY, HeaderValue};
use std::sync::Arc;
use thirtyfour::prelude::ElementQueryable;
use thirtyfour::{By, Key};

/// Signs up with what is required, by the form, once the page knows that the app will not come.
async fn signs_up(app: &TestApp) -> Result<()> {
    let browser = &app.browser;
    demo::sign_up(browser, "new", "demo-shop", "").await?;
    let screen = Consent::server_rendered_in(browser, KO).await?;
    browser.app("no-wasm").await?;
    screen.tick_required().await?;
    assert_eq!(screen.ticked().await?.len(), 5, "agree-all ticks what it stands for");
    screen.agree().await?;
    demo::signed_up(browser).await?;
    assert_eq!(app.decisions().await?.len(), 1);
    assert_eq!(app.proxy.count(&Method::POST, "/consent/"), 1);
    Ok(())
}

#[tokio::test]
async fn webassembly_forbidden_by_a_policy() -> Result<()> {
    TestApp::run(Setup::default(), |app| async move {
        // Chromium says nothing of it.
        app.allow_console_error("script-src forbids wasm-eval");
        let forbid = |answer: &mut hyper::Response<bytes::Bytes>| {
            let headers = answer.headers_mut();
            let policy = headers[CONTENT_SECURITY_POLICY].to_str().expect("policies are ASCII");
            let policy = policy.replace("'wasm-unsafe-eval'", "");
            let policy = HeaderValue::from_str(&policy).expect("still ASCII");
            headers.insert(CONTENT_SECURITY_POLICY, policy);
        };
        app.proxy.fault(Method::GET, "/consent/", None, Fault::Rewrite(Arc::new(forbid)));
        signs_up(&app).await
    })
    .await
}

#[tokio::test]
async fn webassembly_that_is_not_there() -> Result<()> {
    TestApp::run(Setup::default(), |app| async move {
        app.allow_console_error("the server responded with a status of 404");
        let gone = Fault::answer(404, "text/plain", "gone");
        app.proxy.fault(Method::GET, "*.wasm", None, gone);
        signs_up(&app).await
    })
    .await
}

#[tokio::test]
async fn webassembly_that_breaks_off() -> Result<()> {
    TestApp::run(Setup::default(), |app| async move {
        app.allow_console_error("net::ERR_CONTENT_LENGTH_MISMATCH");
        app.proxy.fault(Method::GET, "*.wasm", None, Fault::Truncate(20_000));
        signs_up(&app).await
    })
    .await
}

#[tokio::test]
async fn texts_that_are_not_there() -> Result<()> {
    TestApp::run(Setup::default(), |app| async move {
        app.allow_console_error("the server responded with a status of 404");
        let gone = Fault::answer(404, "text/plain", "gone");
        app.proxy.fault(Method::GET, "/texts/", None, gone);
        signs_up(&app).await
    })
    .await
}

/// As a host sends it that has one page for every address.
#[tokio::test]
async fn texts_that_are_a_page() -> Result<()> {
    TestApp::run(Setup::default(), |app| async move {
        let page = Fault::answer(200, "text/html", "<!DOCTYPE html><title>x</title>");
        app.proxy.fault(Method::GET, "/texts/", None, page);
        signs_up(&app).await
    })
    .await
}

#[tokio::test]
async fn scripts_that_are_not_there() -> Result<()> {
    TestApp::run(Setup::default(), |app| async move {
        app.allow_console_error("the server responded with a status of 404");
        let gone = Fault::answer(404, "text/plain", "gone");
        app.proxy.fault(Method::GET, "*.js", None, gone);
        signs_up(&app).await
    })
    .await
}

#[tokio::test]
async fn what_is_missing_comes_back_with_the_ticks_and_can_be_fixed() -> Result<()> {
    TestApp::run(Setup::default(), |app| async move {
        app.allow_console_error("the server responded with a status of 404");
        app.allow_console_error("the server responded with a status of 422");
        let gone = Fault::answer(404, "text/plain", "gone");
        app.proxy.fault(Method::GET, "*.wasm", None, gone);
        let browser = &app.browser;
        demo::sign_up(browser, "no-email", "demo-shop", "").await?;
        let screen = Consent::server_rendered_in(browser, KO).await?;
        screen.tick("이용약관").await?;
        screen.tick("이메일").await?;
        browser.fill("사용할 이메일", "세찬").await?;
        screen.agree().await?;
        screen.summary().await?;
        assert_eq!(screen.ticked().await?, ["[필수] 이용약관", "[필수] 이메일"]);
        let field = browser.find(Role::Textbox, "사용할 이메일").await?;
        assert_eq!(field.prop("value").await?.as_deref(), Some("세찬"));

        browser.fill("사용할 이메일", "sechan@example.com").await?;
        screen.open_text_as_page("개인정보 수집 및 이용").await?;
        browser.press(Role::Button, "닫기").await?;
        let screen = Consent::server_rendered_in(browser, KO).await?;
        screen.tick_required().await?;
        screen.agree().await?;
        demo::signed_up(browser).await?;
        let email = demo::claim(browser, "email").await?;
        assert_eq!(email.as_deref(), Some("sechan@example.com"));
        Ok(())
    })
    .await
}

#[tokio::test]
async fn the_language_can_be_changed_by_a_button() -> Result<()> {
    TestApp::run(Setup::default(), |app| async move {
        app.allow_console_error("the server responded with a status of 404");
        let gone = Fault::answer(404, "text/plain", "gone");
        app.proxy.fault(Method::GET, "*.wasm", None, gone);
        let browser = &app.browser;
        demo::sign_up(browser, "new", "demo-shop", "").await?;
        let screen = Consent::server_rendered_in(browser, KO).await?;
        browser.app("no-wasm").await?;
        screen.tick("이용약관").await?;
        browser.choose("en").await?;
        browser.press(Role::Button, "언어").await?;
        let screen = Consent::server_rendered_in(browser, EN).await?;
        assert_eq!(screen.ticked().await?, ["[Required] Terms of service"]);
        Ok(())
    })
    .await
}

/// With scripts off, the driver's own scripts do not run either: only what needs none is used.
struct ByHand<'a>(&'a Browser);

impl ByHand<'_> {
    /// By keyboard: nothing can be in the way of it.
    async fn press(&self, css: &str, key: Key) -> Result<()> {
        let found = self.0.driver.find(By::Css(css)).await;
        found.with_context(|| format!("no {css}"))?.send_keys(key + "").await?;
        Ok(())
    }

    async fn wait(&self, css: &str) -> Result<()> {
        self.0.driver.query(By::Css(css)).first().await.with_context(|| format!("no {css}"))?;
        Ok(())
    }

    async fn exists(&self, css: &str) -> Result<bool> {
        Ok(!self.0.driver.find_all(By::Css(css)).await?.is_empty())
    }

    /// Ticks every required item, types an address where one is asked for, and agrees.
    async fn sign_up(&self) -> Result<String> {
        let required = ".row:has(.row__need--required) .checkbox:not(:checked)";
        while self.exists(required).await? {
            self.press(required, Key::Space).await?;
        }
        // Enter in the field is as good as the button, and must be that button.
        if let Ok(field) = self.0.driver.find(By::Id("value:account_email")).await {
            field.send_keys("sechan@example.com" + Key::Enter).await?;
        } else {
            self.press("#consent-form .actions button[value=agree]", Key::Enter).await?;
        }
        demo::back_at_service(self.0).await
    }
}

#[tokio::test]
async fn every_way_of_the_main_job_works_with_scripts_switched_off() -> Result<()> {
    TestApp::run(Setup::default().device(Device::Desktop).without_scripts(), |app| async move {
        let browser = &app.browser;
        let hand = ByHand(browser);
        for (account, service, more) in [
            ("new", "demo-shop", ""),
            ("no-email", "demo-shop", ""),
            ("login-only", "demo-shop", ""),
            ("channel-added", "demo-shop", ""),
            ("channel-blocked", "demo-shop", ""),
            ("no-messenger", "demo-shop", ""),
            ("new", "demo-bookclub", ""),
            ("returning", "demo-test-app", ""),
            ("returning", "demo-travel", "service_terms=travel_notice"),
        ] {
            demo::sign_up(browser, account, service, more).await?;
            browser.arrive("/consent/").await?;
            let address = hand.sign_up().await?;
            ensure!(address.contains("code="), "{account} at {service}: {address}");
        }
        let before = app.decisions().await?.len();
        assert_eq!(before, 9);
        let asked = app.proxy.count(&Method::GET, "/api/v1/consents/");
        assert_eq!(asked, 0, "the boot script ran, so scripts were not off");

        demo::sign_up(browser, "new", "demo-travel", "").await?;
        browser.arrive("/consent/").await?;
        let panel = browser.driver.find(By::Css("#cannot-start")).await?;
        assert!(!panel.is_displayed().await?, "a server-rendered page needs no apology");
        hand.press("button[form=cancel-form]", Key::Enter).await?;
        let address = demo::back_at_service(browser).await?;
        assert!(address.contains("error=access_denied"), "{address}");
        Ok(())
    })
    .await
}

#[tokio::test]
async fn agree_all_is_shown_before_it_is_agreed_to_with_scripts_switched_off() -> Result<()> {
    TestApp::run(Setup::default().device(Device::Desktop).without_scripts(), |app| async move {
        app.allow_console_error("the server responded with a status of 422");
        let browser = &app.browser;
        let hand = ByHand(browser);
        demo::sign_up(browser, "new", "demo-shop", "").await?;
        browser.arrive("/consent/").await?;
        hand.press("#agree-all", Key::Space).await?;
        hand.press("#consent-form .actions button[value=agree]", Key::Enter).await?;
        hand.wait("#notice").await?;
        assert_eq!(app.decisions().await?, [], "nothing is agreed to that was not seen");
        let ticked = browser.driver.find_all(By::Css(".row .checkbox:checked")).await?;
        assert_eq!(ticked.len(), 4);
        hand.press("#consent-form .actions button[value=agree]", Key::Enter).await?;
        assert!(demo::back_at_service(browser).await?.contains("code="));
        Ok(())
    })
    .await
}
