//! What is said aloud by itself: once, in time, politely, and only what can be heard.

use anyhow::Result;
use consent_e2e::browser::Browser;
use consent_e2e::pages::{Consent, demo};
use consent_e2e::proxy::Fault;
use consent_e2e::{Setup, TestApp};
use hyper::Method;
use hyper::header::RETRY_AFTER;
use std::time::Duration;

/// Notes what live regions come to say, in words that are rendered and not inert: the same words
/// again count only if there was something else in between.
const SPY: &str = "{
    const heard = (window.heard = []);
    const before = new WeakMap();
    const regions = '[role=status], [role=alert], [aria-live]';
    const look = () => {
        for (const region of document.querySelectorAll(regions)) {
            const modal = document.querySelector('dialog:modal');
            const silent = region.closest('dialog:not([open])')
                || (modal && !modal.contains(region));
            const words = silent ? '' : region.textContent.trim();
            if (words && words !== before.get(region)) {
                heard.push([region.getAttribute('role'), words, performance.now()]);
            }
            before.set(region, words);
        }
    };
    new MutationObserver(look).observe(document, {
        subtree: true, childList: true, characterData: true, attributes: true,
        attributeFilter: ['open', 'role', 'aria-live'],
    });
}";

/// Something that was said.
#[derive(Debug)]
struct Heard {
    role: String,
    words: String,
    /// Milliseconds since the page was asked for.
    at: f64,
}

async fn heard(browser: &Browser) -> Result<Vec<Heard>> {
    let heard = browser.driver.execute("return window.heard", Vec::new()).await?;
    let heard: Vec<(String, String, f64)> = heard.convert()?;
    Ok(heard.into_iter().map(|(role, words, at)| Heard { role, words, at }).collect())
}

fn words(heard: &[Heard]) -> Vec<&str> {
    heard.iter().map(|it| it.words.as_str()).collect()
}

fn spy(app: &TestApp) {
    app.proxy.inject(SPY.to_owned());
}

#[tokio::test]
async fn loading_is_announced_once_and_not_at_once() -> Result<()> {
    TestApp::run(Setup::default().statically_hosted(), async |app| {
        spy(&app);
        let browser = &app.browser;
        let slow = Fault::Delay(Duration::from_secs(7));
        app.proxy.fault(Method::GET, "/api/v1/consents/", None, slow);
        demo::sign_up(browser, "new", "demo-shop", "").await?;
        browser.app("mounted").await?;
        let mounted: f64 =
            browser.driver.execute("return performance.now()", Vec::new()).await?.convert()?;
        Consent::asking(browser).await?;
        let heard = heard(browser).await?;
        assert_eq!(words(&heard), ["불러오는 중"]);
        assert_eq!(heard[0].role, "status");
        // Both are seen from outside, some moments after they were.
        assert!(heard[0].at > mounted - 1500.0, "{heard:?}, mounted by {mounted}");
        Ok(())
    })
    .await
}

#[tokio::test]
async fn a_quick_page_says_nothing() -> Result<()> {
    TestApp::run(Setup::default(), async |app| {
        spy(&app);
        let screen = Consent::of(&app.browser, "new", "demo-shop", "").await?;
        screen.tick_required().await?;
        let heard = heard(&app.browser).await?;
        assert!(heard.is_empty(), "{heard:?}");
        Ok(())
    })
    .await
}

#[tokio::test]
async fn that_it_is_tried_again_is_said_once_and_not_every_second() -> Result<()> {
    TestApp::run(Setup::default(), async |app| {
        spy(&app);
        app.allow_console_error("the server responded with a status of 503");
        let browser = &app.browser;
        let screen = Consent::of(browser, "new", "demo-shop", "").await?;
        screen.tick_required().await?;
        let busy = Fault::answer(503, "text/plain", "?").with(RETRY_AFTER, "20");
        app.proxy.fault(Method::POST, "*/decision", None, busy);
        screen.agree().await?;
        browser.see("20초 뒤").await?;
        browser.see("16초 뒤").await?;
        let heard = heard(browser).await?;
        let again = "지금은 이용자가 많습니다. 선택한 내용은 그대로 있습니다.";
        assert_eq!(words(&heard), ["보내는 중", again]);
        assert!(heard.iter().all(|it| it.role == "status"), "{heard:?}");
        Ok(())
    })
    .await
}

#[tokio::test]
async fn what_is_missing_is_an_alert() -> Result<()> {
    TestApp::run(Setup::default(), async |app| {
        spy(&app);
        let browser = &app.browser;
        let screen = Consent::of(browser, "new", "demo-shop", "").await?;
        screen.agree().await?;
        screen.summary().await?;
        let heard = heard(browser).await?;
        let [Heard { role, words, .. }] = &heard[..] else { panic!("not once: {heard:?}") };
        assert_eq!(role, "alert");
        assert!(words.contains("이용약관: 동의가 필요합니다."), "{words}");
        Ok(())
    })
    .await
}

const EXPIRES_SOON: &str = "이 화면은 1분 안에 만료됩니다.";

#[tokio::test]
async fn that_time_runs_out_is_said_once_and_politely() -> Result<()> {
    let setup = Setup::default().backend(["--challenge-ttl", "64s"]);
    TestApp::run(setup, async |app| {
        spy(&app);
        let browser = &app.browser;
        let screen = Consent::of(browser, "new", "demo-shop", "").await?;
        browser.see(EXPIRES_SOON).await?;
        screen.tick_required().await?;
        screen.tick("전화번호").await?;
        let heard = heard(browser).await?;
        assert_eq!(words(&heard), [EXPIRES_SOON]);
        assert_eq!(heard[0].role, "status");
        Ok(())
    })
    .await
}

#[tokio::test]
async fn that_time_runs_out_is_seen_and_heard_by_who_reads_a_text() -> Result<()> {
    let setup = Setup::default().backend(["--challenge-ttl", "68s"]);
    TestApp::run(setup, async |app| {
        spy(&app);
        let browser = &app.browser;
        let screen = Consent::of(browser, "new", "demo-shop", "").await?;
        screen.open_text("이용약관").await?;
        browser.see("제1조 목적").await?;
        browser.see(EXPIRES_SOON).await?;
        tokio::time::sleep(Duration::from_secs(1)).await;
        let heard = heard(browser).await?;
        let said = heard.iter().filter(|it| it.words == EXPIRES_SOON).collect::<Vec<_>>();
        assert_eq!(said.len(), 1, "{heard:?}");
        assert_eq!(said[0].role, "status");
        Ok(())
    })
    .await
}
