//! What a preview never does: ask, record, lead away, or be framed by another site.

use super::way::desktop;
use anyhow::{Result, ensure};
use consent_e2e::TestApp;
use consent_e2e::pages::Studio;
use consent_fixtures::Screen;
use consent_studio::share;
use consent_studio::state::{PreviewState, Selection, View};
use consent_studio::theme::Theme;
use thirtyfour::By;

/// The preview of a case, without the studio around it.
fn address(case: Selection) -> String {
    let shown = PreviewState { fixture: case, view: View::default(), theme: Theme::default() };
    format!("/studio/preview/#{}", share::encode(&shown))
}

/// A person's whole way through the form, and every way out of it.
#[tokio::test]
async fn a_preview_can_be_tried_and_sends_no_request() -> Result<()> {
    TestApp::run(desktop(), async |app| {
        let browser = &app.browser;
        let studio = Studio::open(browser, "sign-up").await?;
        let frame = studio.one(".preview-pane iframe").await?;
        let says = "return document.querySelector('.says-preview').innerText.trim()";
        studio.in_preview(says, "미리보기 · 어떤 정보도 전송되지 않습니다".into()).await?;

        frame.clone().enter_frame().await?;
        let press = async |selector: &str| -> Result<()> {
            let element = browser.driver.find(By::Css(selector)).await?;
            let click = "arguments[0].click()";
            browser.driver.execute(click, vec![element.to_json()?]).await?;
            Ok(())
        };
        // Something is missing; a text is read; it is agreed to; nothing is left but to go on.
        press(".actions .button--primary").await?;
        browser.see("아직 확인이 필요한 항목이 있습니다").await?;
        press("[id='term:tos'] ~ .row__beside button, .row__beside button").await?;
        browser.see("제1조").await?;
        browser
            .driver
            .execute("document.querySelector('dialog[open]').close()", Vec::new())
            .await?;
        press(".agree-all input").await?;
        press(".actions .button--primary").await?;
        browser.see("이동").await?;
        // "Use another account" is an address of the product.
        press(".account a[href]").await?;
        browser.driver.enter_default_frame().await?;

        // A page of a problem, whose ways lead to the product and to a service.
        let press_all = "for (const it of document.querySelectorAll('a, button')) it.click()";
        let at = "return location.pathname";
        for case in ["challenge-expired", "already-decided", "unreadable", "auto-login-log-in"] {
            let studio = Studio::open(browser, case).await?;
            studio.ask_preview(press_all).await?;
            tokio::time::sleep(std::time::Duration::from_millis(300)).await;
            studio.in_preview(at, "/studio/preview/".into()).await?;
            // Nor by itself, without the studio around it.
            browser.go(&address(Selection::Gallery(case.into()))).await?;
            Studio(browser).one("#app main").await?;
            browser.driver.execute(press_all, Vec::new()).await?;
            tokio::time::sleep(std::time::Duration::from_millis(300)).await;
            let there = browser.driver.execute(at, Vec::new()).await?;
            assert_eq!(there.json(), "/studio/preview/", "{case}");
        }
        tokio::time::sleep(std::time::Duration::from_millis(800)).await;
        let asked = app.proxy.seen();
        let own = |path: &str| {
            path.starts_with("/studio/") || path == "/theme.css" || path == "/icon.svg"
        };
        let strange: Vec<_> = asked.iter().filter(|seen| !own(&seen.path)).collect();
        ensure!(strange.is_empty(), "{strange:?}");
        ensure!(app.decisions().await?.is_empty(), "nothing is recorded");
        Ok(())
    })
    .await
}

/// A picture is asked for with cookies, and its address is whatever a case says.
#[tokio::test]
async fn a_picture_in_a_case_asks_nothing_of_the_product() -> Result<()> {
    TestApp::run(desktop(), async |app| {
        // The policy's own complaint.
        app.allow_console_error("Content Security Policy");
        app.allow_console_error("img-src");
        let mut case = consent_fixtures::named("sign-up").expect("a case").fixture.clone();
        let Screen::Consent(consent) = &mut case.screen else { panic!("it asks") };
        let hostile = "/demo/start?account=new&service=demo-shop";
        consent.request.service.icon_url = Some(hostile.into());
        consent.request.account.avatar_url = Some(hostile.into());
        app.browser.go(&address(Selection::Custom(Box::new(case)))).await?;
        Studio(&app.browser).one("#app main").await?;
        tokio::time::sleep(std::time::Duration::from_millis(500)).await;
        let pictures = "return document.querySelectorAll('img').length";
        let pictures = app.browser.driver.execute(pictures, Vec::new()).await?;
        assert_eq!(pictures.json(), 2, "the case has them");
        assert_eq!(app.proxy.count(&hyper::Method::GET, "/demo"), 0);
        Ok(())
    })
    .await
}

/// A file that is no picture is nothing: the letter is seen, and no sign of a broken picture covers it.
#[tokio::test]
async fn a_picture_that_cannot_be_read_leaves_the_letter() -> Result<()> {
    TestApp::run(desktop(), async |app| {
        let studio = Studio::open(&app.browser, "icon-broken").await?;
        let seen = "const avatars = [...document.querySelectorAll('.avatar')];
            const covers = (it) => {
                const { width, height } = it.getBoundingClientRect();
                return width * height > 0;
            };
            return avatars.map((it) => it.dataset.letter
                + getComputedStyle(it, '::before').content.length
                + [...it.querySelectorAll('img')].map((img) => img.complete && covers(img)))";
        studio.in_preview(seen, serde_json::json!(["한3false", "하3false", "한3false"])).await
    })
    .await
}

/// Should a script of the preview ever ask the API, its policy stops it.
#[tokio::test]
async fn a_preview_may_not_ask_the_api() -> Result<()> {
    TestApp::run(desktop(), async |app| {
        // The policy's own complaint.
        app.allow_console_error("Content Security Policy");
        app.allow_console_error("connect-src");
        app.allow_console_error("Fetch API cannot load");
        app.allow_console_error("Refused to connect");
        let studio = Studio::open(&app.browser, "sign-up").await?;
        let ask =
            "window.said ??= fetch('/api/v1/consents/x').then(() => 'answered', () => 'refused')
            .then((said) => (window.said = said)) && undefined; return window.said ?? null";
        studio.in_preview(ask, "refused".into()).await?;
        assert_eq!(app.proxy.count(&hyper::Method::GET, "/api/"), 0);
        Ok(())
    })
    .await
}
