//! Drafts: what is changed is kept under a name, and looking around loses none of it.

use super::way::desktop;
use anyhow::{Context, Result, ensure};
use consent_e2e::TestApp;
use consent_e2e::pages::Studio;
use consent_e2e::role::Role;
use serde_json::json;
use std::time::Duration;
use thirtyfour::{By, Key};

/// The names of the drafts in the row of the gallery.
const NAMES: &str =
    "return [...document.querySelectorAll('[id^=\"draft:\"]')].map((it) => it.textContent)";

async fn drafts_are(app: &TestApp, expected: &[&str]) -> Result<()> {
    app.browser.becomes(NAMES, json!(expected)).await
}

const TITLE: &str = "return document.querySelector('.row__label').innerText";

#[tokio::test]
async fn looking_at_other_cases_loses_no_work() -> Result<()> {
    TestApp::run(desktop(), async |app| {
        let browser = &app.browser;
        let studio = Studio::open(browser, "sign-up").await?;
        ensure!(!browser.text().await?.contains("Saved in this browser"), "it was only seen");
        studio.write("/request/terms/0/title", "가게 이용약관").await?;
        browser.see("Saved in this browser").await?;
        browser.arrive("/studio/cases/sign-up?draft=").await?;
        // Look around: another case, and the same one as the gallery has it.
        for case in ["terms-only", "sign-up"] {
            browser.press(Role::Link, "All fixtures").await?;
            drafts_are(&app, &["Signing up"]).await?;
            studio.press(&format!(".card a[href*='/{case}#']")).await?;
            studio.is_there().await?;
            browser.see_no_more("Saved in this browser").await?;
        }
        studio.in_preview(TITLE, "[필수] 이용약관".into()).await?;
        browser.press(Role::Link, "All fixtures").await?;
        browser.press(Role::Link, "Continue").await?;
        studio.is_there().await?;
        studio.in_preview(TITLE, "[필수] 가게 이용약관".into()).await?;
        // What is typed just before a reload is there after it, and can be undone.
        studio.write("/request/terms/0/title", "새 이용약관").await?;
        browser.driver.refresh().await?;
        studio.is_there().await?;
        studio.in_preview(TITLE, "[필수] 새 이용약관".into()).await?;
        browser.see("Saved in this browser").await?;
        browser.press(Role::Button, "Undo").await?;
        studio.in_preview(TITLE, "[필수] 이용약관".into()).await?;
        browser.press(Role::Link, "All fixtures").await?;
        drafts_are(&app, &["Signing up"]).await
    })
    .await
}

/// The router has its new address a moment before the browser has it, which the next page begins with.
#[tokio::test]
async fn a_reload_while_the_address_is_written_keeps_the_draft() -> Result<()> {
    TestApp::run(desktop(), async |app| {
        let browser = &app.browser;
        let studio = Studio::open(browser, "sign-up").await?;
        studio.write("/request/terms/0/title", "가게 이용약관").await?;
        browser.arrive("/studio/cases/sign-up?draft=").await?;
        // That moment, for as long as it takes here.
        browser.driver.execute("history.replaceState = () => {}", Vec::new()).await?;
        studio.write("/request/terms/0/title", "새 이용약관").await?;
        tokio::time::sleep(Duration::from_secs(1)).await;
        browser.driver.refresh().await?;
        studio.is_there().await?;
        studio.in_preview(TITLE, "[필수] 새 이용약관".into()).await?;
        browser.see("Saved in this browser").await?;
        ensure!(!browser.text().await?.contains("another state"), "it is the draft's");
        Ok(())
    })
    .await
}

#[tokio::test]
async fn drafts_are_named_duplicated_and_deleted() -> Result<()> {
    TestApp::run(desktop(), async |app| {
        let browser = &app.browser;
        browser.go("/studio/").await?;
        browser.press(Role::Button, "New service").await?;
        browser.arrive("/studio/cases/own?draft=").await?;
        let studio = Studio(browser);
        studio.is_there().await?;
        studio
            .in_preview("return document.body.innerText.includes('새 서비스')", true.into())
            .await?;
        studio.write("/request/service/name", "보라장터").await?;
        browser.press(Role::Link, "All fixtures").await?;
        drafts_are(&app, &["New service"]).await?;

        browser.press(Role::Button, "Rename “New service”").await?;
        studio.focus_is_on("Name of the draft").await?;
        let field = browser.driver.active_element().await?;
        field.send_keys(Key::Control + "a").await?;
        field.send_keys("보라장터").await?;
        field.send_keys(Key::Enter + "").await?;
        drafts_are(&app, &["보라장터"]).await?;
        studio.focus_is_on("Rename “보라장터”").await?;
        browser.press(Role::Button, "Duplicate “보라장터”").await?;
        drafts_are(&app, &["보라장터, copy", "보라장터"]).await?;
        browser.press(Role::Button, "Delete “보라장터, copy”").await?;
        drafts_are(&app, &["보라장터"]).await?;
        studio.focus_is_on("Undo the deletion").await?;
        browser.driver.refresh().await?;
        browser.press(Role::Button, "Undo the deletion").await?;
        drafts_are(&app, &["보라장터, copy", "보라장터"]).await?;
        studio.focus_is_on("보라장터, copy").await?;

        // Any case with her service.
        let option = browser.driver.find(By::XPath("//option[.='보라장터']")).await?;
        let id = option.attr("value").await?.context("an option without a value")?;
        browser.choose(&id).await?;
        studio.press(".card a[href*='/filled#']").await?;
        studio.is_there().await?;
        studio
            .in_preview("return document.body.innerText.includes('보라장터')", true.into())
            .await?;
        let ticked = "return document.querySelectorAll('#app input:checked').length > 1";
        studio.in_preview(ticked, true.into()).await
    })
    .await
}

/// As where a browser forbids storage to a site, or has no room left.
const REFUSE: &str = "Storage.prototype.setItem = () => {
    throw new DOMException('no room', 'QuotaExceededError');
};";

#[tokio::test]
async fn a_storage_that_refuses_is_said_and_loses_nothing() -> Result<()> {
    TestApp::run(desktop(), async |app| {
        app.proxy.inject(REFUSE.to_owned());
        let browser = &app.browser;
        let studio = Studio::open(browser, "sign-up").await?;
        studio.write("/request/terms/0/title", "가게 이용약관").await?;
        browser.see("Not saved: this browser’s storage is full or blocked").await?;
        let title = browser.driver.title().await?;
        ensure!(title.starts_with("* Signing up"), "{title}");
        browser.press(Role::Link, "All fixtures").await?;
        drafts_are(&app, &["Signing up"]).await?;
        browser.see("not saved").await?;
        studio.press(".card a[href*='/terms-only#']").await?;
        studio.is_there().await?;
        browser.press(Role::Link, "All fixtures").await?;
        browser.press(Role::Link, "Continue").await?;
        studio.is_there().await?;
        studio.in_preview(TITLE, "[필수] 가게 이용약관".into()).await?;
        // Leaving the page would ask; this one is left for good.
        let forgive =
            "addEventListener('beforeunload', (event) => event.stopImmediatePropagation(),
            { capture: true })";
        browser.driver.execute(forgive, Vec::new()).await?;
        Ok(())
    })
    .await
}
