//! Browsers in which the app cannot start, without server rendering: the page explains itself, and
//! cancel works. What a server-rendered page does there is in `no_wasm`.

use anyhow::Result;
use consent_e2e::pages::demo;
use consent_e2e::proxy::Fault;
use consent_e2e::role::Role;
use consent_e2e::{Setup, TestApp};
use hyper::Method;
use hyper::header::{CONTENT_SECURITY_POLICY, HeaderValue};
use std::sync::Arc;
use thirtyfour::By;

/// Waits for the panel, and cancels there.
async fn explains_itself_and_cancels(app: &TestApp) -> Result<()> {
    let browser = &app.browser;
    demo::sign_up(browser, "new", "demo-shop", "").await?;
    browser.find(Role::Heading, "화면을 열 수 없습니다").await?;
    browser.see("다른 브라우저에서 서비스를 다시 열어 주세요.").await?;
    let shown = browser.text().await?;
    assert!(!shown.contains("불러오는 중") && !shown.contains("cannot be shown"), "{shown}");
    browser.press(Role::Button, "취소하고 돌아가기").await?;
    demo::cancelled(browser).await?;
    for decision in app.decisions().await? {
        assert_eq!(decision.decision, "cancel");
    }
    Ok(())
}

#[tokio::test]
async fn webassembly_forbidden_by_a_policy() -> Result<()> {
    TestApp::run(Setup::default().statically_hosted(), |app| async move {
        // Chromium says nothing of it.
        app.allow_console_error("script-src forbids wasm-eval");
        let forbid = |answer: &mut hyper::Response<bytes::Bytes>| {
            let headers = answer.headers_mut();
            let policy = headers[CONTENT_SECURITY_POLICY].to_str().expect("policies are ASCII");
            assert!(policy.contains("'wasm-unsafe-eval'"), "{policy}");
            let policy = policy.replace("'wasm-unsafe-eval'", "");
            let policy = HeaderValue::from_str(&policy).expect("still ASCII");
            headers.insert(CONTENT_SECURITY_POLICY, policy);
        };
        app.proxy.fault(Method::GET, "/consent/", None, Fault::Rewrite(Arc::new(forbid)));
        explains_itself_and_cancels(&app).await
    })
    .await
}

#[tokio::test]
async fn webassembly_that_is_not_there() -> Result<()> {
    TestApp::run(Setup::default().statically_hosted(), |app| async move {
        app.allow_console_error("the server responded with a status of 404");
        let gone = Fault::answer(404, "text/plain", "gone");
        app.proxy.fault(Method::GET, "*.wasm", None, gone);
        explains_itself_and_cancels(&app).await
    })
    .await
}

#[tokio::test]
async fn webassembly_that_breaks_off() -> Result<()> {
    TestApp::run(Setup::default().statically_hosted(), |app| async move {
        app.allow_console_error("net::ERR_CONTENT_LENGTH_MISMATCH");
        app.proxy.fault(Method::GET, "*.wasm", None, Fault::Truncate(20_000));
        explains_itself_and_cancels(&app).await
    })
    .await
}

#[tokio::test]
async fn texts_that_are_not_there() -> Result<()> {
    TestApp::run(Setup::default().statically_hosted(), |app| async move {
        app.allow_console_error("the server responded with a status of 404");
        let gone = Fault::answer(404, "text/plain", "gone");
        app.proxy.fault(Method::GET, "/texts/", None, gone);
        explains_itself_and_cancels(&app).await
    })
    .await
}

/// As a host sends it that has one page for every address.
#[tokio::test]
async fn texts_that_are_a_page() -> Result<()> {
    TestApp::run(Setup::default().statically_hosted(), |app| async move {
        let page = Fault::answer(200, "text/html", "<!DOCTYPE html><title>x</title>");
        app.proxy.fault(Method::GET, "/texts/", None, page);
        explains_itself_and_cancels(&app).await
    })
    .await
}

#[tokio::test]
async fn scripts_that_are_not_there() -> Result<()> {
    TestApp::run(Setup::default().statically_hosted(), |app| async move {
        app.allow_console_error("the server responded with a status of 404");
        let gone = Fault::answer(404, "text/plain", "gone");
        app.proxy.fault(Method::GET, "*.js", None, gone);
        explains_itself_and_cancels(&app).await
    })
    .await
}

#[tokio::test]
async fn scripts_switched_off() -> Result<()> {
    TestApp::run(Setup::default().statically_hosted().without_scripts(), |app| async move {
        let browser = &app.browser;
        demo::sign_up(browser, "new", "demo-shop", "").await?;
        browser.arrive("/consent/").await?;
        // The panel speaks three languages here: choosing one takes a script.
        let panel = browser.driver.find(By::Css("#cannot-start")).await?;
        assert!(panel.is_displayed().await?, "there is nothing to see without scripts");
        let asked = app.proxy.count(&Method::GET, "/api/v1/consents/");
        assert_eq!(asked, 0, "the boot script ran, so scripts were not off");
        let cancel = browser.driver.find(By::Css("#cannot-start [value=cancel]")).await?;
        cancel.click().await?;
        browser.arrive("/demo/callback").await?;
        assert!(browser.address().await?.contains("error=access_denied"));
        Ok(())
    })
    .await
}
