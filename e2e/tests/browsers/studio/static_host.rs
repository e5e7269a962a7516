//! The studio's folder on a host that only serves files, below a path of its own.

use super::way::desktop;
use anyhow::{Context, Result, ensure};
use consent_e2e::TestApp;
use consent_e2e::engine::Engine;
use consent_e2e::pages::Studio;
use consent_e2e::role::Role;
use consent_e2e::static_host::StaticHost;
use std::time::{Duration, Instant};
use thirtyfour::By;

const PLACE: &str = "/anything/x/";

const TITLE: &str = "return document.querySelector('.row__label').innerText";

/// The host, whose origin a scene may go to.
async fn host(app: &TestApp) -> Result<StaticHost> {
    let folder = std::env::var_os("CONSENT_STUDIO").context("CONSENT_STUDIO is not set")?;
    let host = StaticHost::start(folder.into(), PLACE).await?;
    app.allow_console_error(&format!("asked another origin: {}/", host.origin()));
    Ok(host)
}

async fn go(app: &TestApp, host: &StaticHost, path: &str) -> Result<()> {
    Ok(app.browser.driver.goto(format!("{}{PLACE}{path}", host.origin())).await?)
}

/// Waits for the path of the page.
async fn arrives(app: &TestApp, path: &str) -> Result<()> {
    app.browser.becomes("return location.pathname", format!("{PLACE}{path}").into()).await
}

/// Waits until a frame shows the screen.
async fn is_drawn(app: &TestApp, frame: &str) -> Result<()> {
    let driver = &app.browser.driver;
    let deadline = Instant::now() + Duration::from_secs(30);
    loop {
        if let Some(frame) = driver.find_all(By::Css(frame)).await?.into_iter().next() {
            frame.enter_frame().await?;
            let drawn = "return document.querySelector('#app main') !== null";
            let drawn = driver.execute(drawn, Vec::new()).await.is_ok_and(|it| *it.json() == true);
            driver.enter_default_frame().await?;
            if drawn {
                return Ok(());
            }
        }
        ensure!(Instant::now() < deadline, "nothing is drawn in {frame}");
        tokio::time::sleep(Duration::from_millis(100)).await;
    }
}

#[tokio::test]
async fn every_view_and_link_works_below_another_path() -> Result<()> {
    TestApp::run(desktop(), async |app| {
        let host = host(&app).await?;
        let browser = &app.browser;
        let studio = Studio(browser);
        for folder in ["", "index.html"] {
            go(&app, &host, folder).await?;
            browser.see(" fixtures").await?;
            arrives(&app, "").await?;
        }
        let is_loaded = "const it = document.querySelector('.card img');
            return it.complete && it.naturalWidth > 0";
        browser.becomes(is_loaded, true.into()).await?;
        studio.choose("Theme", "Dark").await?;
        is_drawn(&app, ".card iframe").await?;
        browser.press(Role::Link, "Signing up").await?;
        arrives(&app, "cases/sign-up").await?;
        studio.is_there().await?;
        studio.write("/request/terms/0/title", "보라 약관").await?;
        studio.in_preview(TITLE, "[필수] 보라 약관".into()).await?;

        // An exported link, where nothing is saved.
        studio.panel("Share").await?;
        let link = studio.one("#address").await?.prop("value").await?.context("a link")?;
        ensure!(link.starts_with(&format!("{}{PLACE}cases/sign-up#", host.origin())), "{link}");
        browser.driver.execute("localStorage.clear(); sessionStorage.clear()", Vec::new()).await?;
        go(&app, &host, "").await?;
        browser.see(" fixtures").await?;
        browser.driver.goto(&link).await?;
        studio.is_there().await?;
        arrives(&app, "cases/sign-up").await?;
        studio.in_preview(TITLE, "[필수] 보라 약관".into()).await?;
        browser.driver.refresh().await?;
        studio.is_there().await?;
        studio.in_preview(TITLE, "[필수] 보라 약관".into()).await?;

        // Each view, opened by its address.
        for (view, frame) in [
            ("matrix", ".matrix iframe"),
            ("storyboard", ".board iframe"),
            ("compare", ".compare__frame iframe"),
        ] {
            go(&app, &host, &format!("cases/sign-up/{view}")).await?;
            is_drawn(&app, frame).await?;
            arrives(&app, &format!("cases/sign-up/{view}")).await?;
            browser.press(Role::Link, "Screen").await?;
            studio.is_there().await?;
        }
        // Pictures, and a page with a style sheet of its own.
        go(&app, &host, "cases/icon-and-pictures").await?;
        studio.is_there().await?;
        let loaded = "return [...document.images].length > 0
            && [...document.images].every((it) => it.naturalWidth > 0)";
        studio.in_preview(loaded, true.into()).await?;
        go(&app, &host, "cases/server-form-refused").await?;
        studio.is_there().await?;
        let styled =
            "return [...document.styleSheets].some((it) => it.href?.endsWith('/pages.css'))";
        studio.in_preview(styled, true.into()).await?;

        browser.press(Role::Link, "All fixtures").await?;
        browser.see(" fixtures").await?;
        arrives(&app, "").await?;
        ensure!(host.missed().is_empty(), "no such file: {:?}", host.missed());
        Ok(())
    })
    .await
}

/// GitHub Pages and others answer with `404.html` where no file is.
#[tokio::test]
async fn an_address_without_a_page_is_the_studio_s_too() -> Result<()> {
    let setup = desktop().only_in(Engine::Chromium, "the others show it the same way");
    TestApp::run(setup, async |app| {
        let host = host(&app).await?;
        // The browser reports the status of the page.
        app.allow_console_error("status of 404");
        go(&app, &host, "cases/a-fixture-that-is-gone").await?;
        app.browser.see("Not found").await?;
        arrives(&app, "cases/a-fixture-that-is-gone").await?;
        app.browser.press(Role::Link, "Go to the gallery").await?;
        app.browser.see(" fixtures").await?;
        // Outside of the studio it leads nowhere.
        go(&app, &host, "no/such/page").await?;
        app.browser.see("There is no page at this address.").await
    })
    .await
}

/// The policy in the page, where no header has one.
#[tokio::test]
async fn a_preview_may_load_nothing_from_elsewhere() -> Result<()> {
    TestApp::run(desktop(), async |app| {
        let host = host(&app).await?;
        for complaint in ["Content Security Policy", "Content-Security-Policy", "connect-src"] {
            app.allow_console_error(complaint);
        }
        app.allow_console_error("Fetch API cannot load");
        app.allow_console_error("Refused to connect");
        go(&app, &host, "cases/sign-up").await?;
        let studio = Studio(&app.browser);
        studio.is_there().await?;
        let elsewhere = app.proxy.origin();
        let ask = format!(
            "window.answer ??= fetch('{elsewhere}/elsewhere').then(() => 'answered', () => 'refused')
            .then((answer) => (window.answer = answer)) && undefined; return window.answer ?? null"
        );
        studio.in_preview(&ask, "refused".into()).await?;
        assert_eq!(app.proxy.count(&hyper::Method::GET, "/elsewhere"), 0);
        Ok(())
    })
    .await
}
