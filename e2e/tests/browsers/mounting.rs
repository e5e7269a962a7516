//! The app mounts over a server-rendered form that the user has begun to fill in: nothing jumps, and
//! no input is lost.

use anyhow::{Result, ensure};
use consent_e2e::browser::Browser;
use consent_e2e::pages::consent::{EN, KO};
use consent_e2e::pages::{Consent, demo};
use consent_e2e::proxy::Fault;
use consent_e2e::role::Role;
use consent_e2e::{Setup, TestApp};
use hyper::Method;
use serde_json::{Value, json};
use std::sync::Arc;
use std::time::Duration;
use thirtyfour::{By, Key};

/// Holds the WebAssembly back until [`mount`], so that there is time to do something before it.
fn delay_wasm(app: &TestApp) {
    app.proxy.fault(Method::GET, "*.wasm", None, Fault::Hold);
}

/// Lets the WebAssembly come, and waits until the app is there.
async fn mount(app: &TestApp) -> Result<()> {
    app.proxy.clear_faults();
    app.browser.app("mounted").await
}

/// Goes to the screen of an account while the app is still on its way.
async fn server_rendered<'a>(app: &'a TestApp, account: &str, more: &str) -> Result<Consent<'a>> {
    delay_wasm(app);
    let (service, more) = more.split_once('&').unwrap_or((more, ""));
    demo::sign_up(&app.browser, account, service, more).await?;
    let screen = Consent::server_rendered_in(&app.browser, KO).await?;
    app.browser.app("starting").await?;
    Ok(screen)
}

async fn js(browser: &Browser, script: &str) -> Result<Value> {
    Ok(browser.driver.execute(script, Vec::new()).await?.json().clone())
}

/// Where everything is: the place and size of every element on the screen, by its path of tags.
const PLACES: &str = "
    const page = document.querySelector('main.page');
    return [...page.querySelectorAll('*')]
        .filter((it) => it.checkVisibility() && !it.closest('[data-no-wasm], [aria-hidden=true]'))
        .map((it) => {
            const { x, y, width, height } = it.getBoundingClientRect();
            // A text in two pieces is up to a 64th of a pixel wider than in one.
            const round = (length) => Math.round(length * 4) / 4;
            return [it.tagName, it.className, ...[x, y, width, height].map(round)].join(' ');
        });";

/// Collects, as the browser sees it, what moved since the page began, and from where to where.
const WATCH_SHIFTS: &str = "
    window.shifts = [];
    const place = ({ x, y, width, height }) => [x, y, width, height].join(' ');
    new PerformanceObserver((list) => {
        for (const shift of list.getEntries()) {
            const moved = shift.sources.map((it) =>
                [it.node?.outerHTML ?? it.node?.textContent, place(it.previousRect), place(it.currentRect)]);
            window.shifts.push({ score: shift.value, at: shift.startTime, moved });
        }
    }).observe({ type: 'layout-shift', buffered: true });";

#[track_caller]
fn same_places(before: &Value, after: &Value) {
    let (before, after) = (before.as_array().expect("places"), after.as_array().expect("places"));
    assert_eq!(before.len(), after.len());
    let moved: Vec<_> =
        before.iter().zip(after).filter(|(before, after)| before != after).collect();
    assert!(moved.is_empty(), "{moved:#?}");
}

#[tokio::test]
async fn nothing_moves() -> Result<()> {
    for (account, more) in [
        ("new", "demo-shop"),
        ("no-email", "demo-shop"),
        ("new", "demo-bookclub"),
        ("returning", "demo-travel&service_terms=travel_notice"),
    ] {
        TestApp::run(Setup::default(), |app| async move {
            let browser = &app.browser;
            server_rendered(&app, account, more).await?;
            js(browser, WATCH_SHIFTS).await?;
            let before = js(browser, PLACES).await?;
            mount(&app).await?;
            let after = js(browser, PLACES).await?;
            assert!(before.as_array().is_some_and(|all| all.len() > 40), "{before}");
            same_places(&before, &after);
            assert_eq!(js(browser, "return window.shifts").await?, serde_json::json!([]));
            assert_eq!(app.proxy.count(&Method::GET, "/api/v1/consents/"), 0);
            Ok(())
        })
        .await?;
    }
    Ok(())
}

#[tokio::test]
async fn ticks_words_caret_focus_and_what_is_unfolded_stay() -> Result<()> {
    TestApp::run(Setup::default(), |app| async move {
        let browser = &app.browser;
        let screen = server_rendered(&app, "no-email", "demo-shop").await?;
        screen.tick("이용약관").await?;
        screen.tick("이메일").await?;
        screen.tick("전화번호").await?;
        screen.tick("전화번호").await?;
        let ticked = screen.ticked().await?;
        browser.fill("사용할 이메일", "sechan@example.com").await?;
        for _ in 0..4 {
            browser.key(Key::Left).await?;
        }
        let caret = "const it = document.activeElement;
            return [it.id, it.selectionStart, it.selectionEnd, window.scrollY]";
        let before = js(browser, caret).await?;
        assert_eq!((&before[0], &before[1]), (&"value:account_email".into(), &14.into()));
        mount(&app).await?;
        assert_eq!(js(browser, caret).await?, before);
        assert_eq!(screen.ticked().await?, ticked);

        // What is typed next goes where the caret is, and into the app.
        browser.key(Key::Backspace).await?;
        browser.key(Key::Backspace).await?;
        screen.tick_required().await?;
        screen.agree().await?;
        demo::signed_up(browser).await?;
        let email = demo::claim(browser, "email").await?;
        assert_eq!(email.as_deref(), Some("sechan@examp.com"));
        assert_eq!(app.proxy.count(&Method::POST, "*/decision"), 1, "the app sent it");
        Ok(())
    })
    .await
}

#[tokio::test]
async fn every_place_that_had_the_focus_has_it_again() -> Result<()> {
    TestApp::run(Setup::default(), |app| async move {
        let browser = &app.browser;
        let mut seen = Vec::new();
        for tabs in [1, 2, 3, 4, 6, 9, 12] {
            delay_wasm(&app);
            demo::sign_up(browser, "returning", "demo-travel", "service_terms=travel_notice")
                .await?;
            Consent::server_rendered_in(browser, KO).await?;
            browser.app("starting").await?;
            for _ in 0..tabs {
                browser.key(Key::Tab).await?;
            }
            let before = browser.focused().await?;
            mount(&app).await?;
            ensure!(browser.focused().await? == before, "after {tabs} tabs: {before}");
            seen.push(before);
        }
        seen.dedup();
        assert!(seen.len() > 4, "the focus moved: {seen:?}");
        Ok(())
    })
    .await
}

#[tokio::test]
async fn agree_all_works_before_the_app_and_shows_mixed() -> Result<()> {
    TestApp::run(Setup::default(), |app| async move {
        let browser = &app.browser;
        let screen = server_rendered(&app, "new", "demo-shop").await?;
        screen.tick_required().await?;
        assert_eq!(screen.ticked().await?.len(), 5);
        screen.tick("이용약관").await?;
        let mixed = "const it = document.getElementById('agree-all');
            return [it.checked, it.indeterminate]";
        let before = js(browser, mixed).await?;
        assert_eq!(before, json!([false, true]));
        mount(&app).await?;
        assert_eq!(js(browser, mixed).await?, before);
        screen.tick_required().await?;
        assert_eq!(screen.ticked().await?.len(), 5);
        Ok(())
    })
    .await
}

#[tokio::test]
async fn a_language_that_was_chosen_before_is_used_after() -> Result<()> {
    TestApp::run(Setup::default(), |app| async move {
        let browser = &app.browser;
        let screen = server_rendered(&app, "new", "demo-shop").await?;
        screen.tick("이용약관").await?;
        browser.choose("en").await?;
        mount(&app).await?;
        let screen = Consent::asking_in(browser, EN).await?;
        assert_eq!(screen.ticked().await?, ["[Required] Terms of service"]);
        Ok(())
    })
    .await
}

#[tokio::test]
async fn a_press_that_began_before_ends_where_it_began() -> Result<()> {
    TestApp::run(Setup::default(), |app| async move {
        let browser = &app.browser;
        let screen = server_rendered(&app, "new", "demo-shop").await?;
        let checkbox = browser.find(Role::Checkbox, "이용약관").await?;
        let press =
            browser.driver.action_chain().move_to_element_center(&checkbox).click_and_hold();
        press.perform().await?;
        app.proxy.clear_faults();
        // Longer than the WebAssembly takes.
        tokio::time::sleep(Duration::from_secs(3)).await;
        browser.app("starting").await?;
        browser.driver.action_chain().release().perform().await?;
        mount(&app).await?;
        assert!(screen.is_ticked("이용약관").await?);
        Ok(())
    })
    .await
}

#[tokio::test]
async fn what_was_sent_before_is_not_restored() -> Result<()> {
    TestApp::run(Setup::default(), |app| async move {
        let browser = &app.browser;
        let screen = server_rendered(&app, "new", "demo-shop").await?;
        // The answer to the form takes longer than the WebAssembly.
        let slow = Fault::Delay(Duration::from_secs(4));
        app.proxy.fault(Method::POST, "/consent/", None, slow);
        screen.tick_required().await?;
        let webassembly_comes_once_it_is_sent = async {
            while app.proxy.count(&Method::POST, "/consent/") == 0 {
                tokio::time::sleep(Duration::from_millis(50)).await;
            }
            app.proxy.clear_faults();
        };
        let (agreed, ()) = tokio::join!(screen.agree(), webassembly_comes_once_it_is_sent);
        agreed?;
        demo::signed_up(browser).await?;
        assert_eq!(app.decisions().await?.len(), 1);
        assert_eq!(app.proxy.count(&Method::POST, "*/decision"), 0, "the app sent nothing");
        Ok(())
    })
    .await
}

#[tokio::test]
async fn a_server_rendered_summary_stays_until_it_is_fixed() -> Result<()> {
    TestApp::run(Setup::default(), |app| async move {
        app.allow_console_error("the server responded with a status of 422");
        let browser = &app.browser;
        let screen = server_rendered(&app, "new", "demo-shop").await?;
        screen.tick("이용약관").await?;
        screen.agree().await?;
        screen.summary().await?;
        browser.app("starting").await?;
        let before = js(browser, PLACES).await?;
        let focus = "return document.activeElement.id";
        assert_eq!(js(browser, focus).await?, "summary");
        mount(&app).await?;
        same_places(&before, &js(browser, PLACES).await?);
        assert_eq!(js(browser, focus).await?, "summary");
        let links = browser.driver.find_all(By::Css("#summary a")).await?;
        assert_eq!(links.len(), 3);
        links[0].click().await?;
        assert_eq!(js(browser, focus).await?, "term:privacy");
        Ok(())
    })
    .await
}

#[tokio::test]
async fn server_rendered_content_that_cannot_be_read_is_asked_for_again() -> Result<()> {
    TestApp::run(Setup::default(), |app| async move {
        let browser = &app.browser;
        let broken = Fault::Rewrite(Arc::new(|answer| {
            let html = String::from_utf8_lossy(answer.body()).into_owned();
            let html = html.replace("\"state\":\"ask\"", "\"state\":\"asks\"");
            *answer.body_mut() = html.into();
        }));
        app.proxy.fault(Method::GET, "/consent/", Some(1), broken);
        demo::sign_up(browser, "returning", "demo-travel", "service_terms=travel_notice").await?;
        let screen = Consent::asking(browser).await?;
        assert_eq!(app.proxy.count(&Method::GET, "/api/v1/consents/"), 1);
        screen.tick_required().await?;
        screen.agree().await?;
        demo::signed_up(browser).await?;
        Ok(())
    })
    .await
}
