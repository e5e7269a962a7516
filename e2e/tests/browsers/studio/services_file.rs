//! A services.toml there and back: opened, edited, looked at as a difference, and saved.

use super::way::{desktop, exported};
use anyhow::{Result, ensure};
use consent_e2e::TestApp;
use consent_e2e::pages::Studio;
use consent_e2e::role::Role;

const DEMO: &str = include_str!("../../../../backend/demo/services.toml");

const TITLE: &str = "return document.querySelector('.row__label').innerText";

/// The lines of the difference that are no context, as a screen reader gets them.
const CHANGED: &str =
    "return [...document.querySelectorAll('.diff__line--removed, .diff__line--added')]
    .map((line) => line.querySelector('.diff__text').textContent)";

#[tokio::test]
async fn a_saved_file_differs_in_the_line_that_was_edited() -> Result<()> {
    TestApp::run(desktop(), async |app| {
        let browser = &app.browser;
        let bad = app.data().join("bad.toml");
        std::fs::write(&bad, "[[service]]\nname = 1\n")?;
        let file = app.data().join("services.toml");
        std::fs::write(&file, DEMO)?;
        browser.go("/studio/").await?;
        let studio = Studio(browser);
        studio.one("#open-fixture").await?.send_keys(bad.to_string_lossy()).await?;
        browser.see("line 2, column 8: `name`: expected a string").await?;

        studio.one("#open-fixture").await?.send_keys(file.to_string_lossy()).await?;
        browser.see("Choose a service").await?;
        browser.see("demo-bookclub").await?;
        studio.press(".choose__services li:first-child button").await?;
        browser.arrive("/studio/cases/own?draft=").await?;
        studio.is_there().await?;
        studio.in_preview(TITLE, "[필수] 이용약관".into()).await?;
        studio.write("/request/terms/0/title", "가게 이용약관").await?;
        browser.see("Saved in this browser, from services.toml").await?;
        studio.in_preview(TITLE, "[필수] 가게 이용약관".into()).await?;

        // The file is the draft's: it is there after a reload.
        browser.driver.refresh().await?;
        studio.is_there().await?;
        studio.panel("Share").await?;
        browser.see("1 line added, 1 line removed").await?;
        let title = |ko: &str| {
            format!("title = {{ ko = \"{ko}\", en = \"Terms of service\", ja = \"利用規約\" }}")
        };
        let changed: Vec<String> = browser.driver.execute(CHANGED, Vec::new()).await?.convert()?;
        let expected = [
            format!("Removed: {}", title("이용약관")),
            format!("Added: {}", title("가게 이용약관")),
        ];
        ensure!(changed == expected, "{changed:?}");
        browser.see("under the same version").await?;
        let saved = exported(&app, "Save services.toml").await?;
        ensure!(
            saved == DEMO.replacen(&title("이용약관"), &title("가게 이용약관"), 1),
            "another line changed"
        );

        // In English the preview has the texts of the file.
        studio.choose("Language", "English").await?;
        studio.in_preview(TITLE, "[Required] Terms of service".into()).await?;
        let name = "return document.body.innerText.includes('Hanok Market')";
        studio.in_preview(name, true.into()).await?;

        // Any state with the service.
        browser.press(Role::Link, "All fixtures").await?;
        browser.see("From services.toml").await
    })
    .await
}
