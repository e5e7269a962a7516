//! The studio itself, for docs/STUDIO.md.

use anyhow::Result;
use consent_e2e::engine::Device;
use consent_e2e::pages::Studio;
use consent_e2e::role::Role;
use consent_e2e::{Setup, TestApp};
use std::path::Path;
use std::time::Duration;

/// Takes screenshots of the steps that docs/STUDIO.md describes.
///
/// # Errors
/// When a page of it cannot be reached.
pub async fn take(out: &Path) -> Result<()> {
    TestApp::run(Setup::default().device(Device::Desktop).languages("en"), async |app| {
        let browser = &app.browser;
        browser.hide_scroll_bars().await?;
        let take = async |name: &str| -> Result<()> {
            // Until frames are drawn and pictures have come.
            tokio::time::sleep(Duration::from_millis(1500)).await;
            browser.driver.screenshot(&out.join(format!("studio-{name}.png"))).await?;
            println!("studio-{name}.png");
            Ok(())
        };
        browser.prefer(&[("prefers-color-scheme", "light")]).await?;
        browser.go("/studio/").await?;
        Studio(browser).one("#search").await?;
        take("gallery").await?;
        let studio = Studio::open(browser, "sign-up").await?;
        take("case").await?;
        studio.panel("Hear").await?;
        take("hear").await?;
        studio.panel("Texts").await?;
        take("texts").await?;
        studio.panel("Edit").await?;
        studio.tick("/request/channels/0/primary").await?;
        take("channel").await?;
        studio.tick("/request/terms/2/required").await?;
        studio.panel("Check").await?;
        take("check").await?;
        studio.panel("JSON").await?;
        take("json").await?;
        studio.panel("Notes").await?;
        for (place, text) in [("term:marketing", "Who sends it?"), ("agree", "Shorter, please.")] {
            browser.choose(place).await?;
            studio.press("#add-note").await?;
            studio.focus_is_on("Text of note").await?;
            browser.driver.active_element().await?.send_keys(text).await?;
        }
        take("notes").await?;
        browser.press(Role::Link, "Compare").await?;
        browser.see("2 fields differ.").await?;
        take("compare").await?;
        browser.press(Role::Link, "Screen").await?;
        studio.is_there().await?;
        studio.panel("Look").await?;
        studio.choose("Theme", "Dark").await?;
        studio.choose("Language", "日本語").await?;
        browser.choose("320").await?;
        take("look").await?;
        studio.panel("Share").await?;
        take("share").await?;
        studio.press("a[href*='/matrix']").await?;
        take("matrix").await?;
        browser.prefer(&[("prefers-color-scheme", "dark")]).await?;
        take("dark").await
    })
    .await
}
