//! The harness notices what it is there to notice. If these pass by accident, the others prove
//! nothing.

use bytes::Bytes;
use consent_e2e::engine::Engine;
use consent_e2e::proxy::Fault;
use consent_e2e::{Setup, TestApp};
use hyper::Method;
use hyper::header::{CONTENT_SECURITY_POLICY, CONTENT_TYPE, HeaderValue};
use std::sync::Arc;
use std::sync::atomic::{AtomicUsize, Ordering};

/// Shows a page in place of the health check, and gives back what the scene then says.
async fn verdict_on(policy: &'static str, page: &'static str) -> String {
    let played = TestApp::run(Setup::default(), |app| async move {
        let change = move |answer: &mut hyper::Response<Bytes>| {
            let headers = answer.headers_mut();
            headers.insert(CONTENT_TYPE, HeaderValue::from_static("text/html"));
            headers.insert(CONTENT_SECURITY_POLICY, HeaderValue::from_static(policy));
            *answer.body_mut() = Bytes::from_static(page.as_bytes());
        };
        app.proxy.fault(Method::GET, "/healthz", None, Fault::Rewrite(Arc::new(change)));
        app.browser.go("/healthz").await?;
        app.browser.see("here").await
    })
    .await;
    played.err().map(|error| format!("{error:#}")).unwrap_or_default()
}

#[tokio::test]
async fn a_quiet_page_is_let_pass() {
    assert_eq!(verdict_on("default-src 'none'", "<p>here").await, "");
}

#[tokio::test]
async fn an_error_in_a_script_is_noticed() {
    let page = "<p>here<script>throw new Error('spilt')</script>";
    let verdict = verdict_on("script-src 'self' 'unsafe-inline'", page).await;
    assert!(verdict.contains("spilt"), "{verdict}");
}

#[tokio::test]
async fn a_violation_of_the_policy_is_noticed() {
    let page = "<p style='color: red'>here";
    let verdict = verdict_on("style-src 'none'; script-src 'self'", page).await;
    assert!(verdict.contains("Content Security Policy"), "{verdict}");
}

#[tokio::test]
async fn a_request_to_another_origin_is_noticed() {
    let page = "<p>here<img src='http://127.0.0.2:9/pixel' alt=''>";
    let verdict = verdict_on("img-src *; script-src 'self'", page).await;
    assert!(verdict.contains("asked another origin: http://127.0.0.2:9/pixel"), "{verdict}");
}

/// Crashes the tab in the first `crashes` runs of a test.
async fn crashing(crashes: usize) -> (usize, anyhow::Result<()>) {
    let runs = AtomicUsize::new(0);
    let setup = Setup::default().only_in(Engine::Chromium, "only Chromium crashes on demand");
    let result = TestApp::run(setup, |app| {
        let run = runs.fetch_add(1, Ordering::SeqCst);
        async move {
            app.browser.go("/healthz").await?;
            if run < crashes {
                app.browser.driver.goto("chrome://crash").await?;
            }
            app.browser.see("ok").await
        }
    })
    .await;
    (runs.into_inner(), result)
}

#[tokio::test]
async fn a_browser_that_crashes_is_replaced_once() {
    let (runs, result) = crashing(1).await;
    if Engine::chosen().unwrap() == Engine::Chromium {
        result.unwrap();
        assert_eq!(runs, 2);
        let (runs, result) = crashing(2).await;
        assert!(format!("{:#}", result.unwrap_err()).contains("crashed twice"));
        assert_eq!(runs, 2);
    }
}
