//! Texts in every language side by side: of a file, entered and saved; of the gallery, to read.

use super::way::{desktop, exported};
use anyhow::{Result, ensure};
use consent_e2e::TestApp;
use consent_e2e::pages::Studio;
use consent_e2e::role::Role;
use thirtyfour::Key;

const DEMO: &str = include_str!("../../../../backend/demo/services.toml");

const TITLE: &str = "return document.querySelector('.row__label').innerText";

#[tokio::test]
async fn an_english_title_is_in_the_preview_and_in_the_saved_file() -> Result<()> {
    TestApp::run(desktop(), async |app| {
        let browser = &app.browser;
        // One text lacks its Japanese.
        let title = |rest: &str| format!("title = {{ ko = \"이용약관\", {rest} }}");
        let english = "en = \"Terms of service\"";
        let toml =
            DEMO.replacen(&title(&format!("{english}, ja = \"利用規約\"")), &title(english), 1);
        let file = app.data().join("services.toml");
        std::fs::write(&file, &toml)?;
        browser.go("/studio/").await?;
        let studio = Studio(browser);
        studio.one("#open-fixture").await?.send_keys(file.to_string_lossy()).await?;
        browser.see("Choose a service").await?;
        studio.press(".choose__services li:first-child button").await?;
        browser.arrive("/studio/cases/own?draft=").await?;
        studio.is_there().await?;

        studio.panel("Texts").await?;
        browser.see("1 missing").await?;
        browser.press(Role::Button, "1 missing").await?;
        studio.focus_is_on("Title, 日本語").await?;
        browser.driver.active_element().await?.send_keys("利用規約").await?;
        browser.see("complete").await?;
        let key = "/request/terms/tos/title";
        let cell = studio.cell("en", key).await?;
        cell.send_keys(Key::Control + "a").await?;
        cell.send_keys("Rules of the market").await?;
        browser.see("Saved in this browser, from services.toml").await?;
        studio.choose("Language", "English").await?;
        studio.in_preview(TITLE, "[Required] Rules of the market".into()).await?;
        studio.choose("Language", "日本語").await?;
        studio.in_preview(TITLE, "[必須] 利用規約".into()).await?;

        // A step like any other.
        browser.press(Role::Button, "Undo").await?;
        ensure!(cell.prop("value").await?.as_deref() == Some("Terms of service"), "undone");
        browser.press(Role::Button, "Redo").await?;
        ensure!(cell.prop("value").await?.as_deref() == Some("Rules of the market"), "redone");

        // Korean is the form's, and the other languages can be chosen.
        let korean = studio.cell("ko", key).await?;
        korean.send_keys(Key::Control + "a").await?;
        korean.send_keys("가게 이용약관").await?;
        browser.press(Role::Checkbox, "日本語 complete").await?;
        let heads = "return document.querySelectorAll('.texts__table thead th').length";
        let heads: usize = browser.driver.execute(heads, Vec::new()).await?.convert()?;
        ensure!(heads == 3, "the label, Korean and English: {heads}");

        // A draft keeps it.
        browser.driver.refresh().await?;
        studio.is_there().await?;
        studio.panel("Share").await?;
        browser.see("1 line added, 1 line removed").await?;
        browser.see("under the same version").await?;
        let saved = exported(&app, "Save services.toml").await?;
        let new =
            "title = { ko = \"가게 이용약관\", en = \"Rules of the market\", ja = \"利用規約\" }";
        ensure!(saved == toml.replacen(&title(english), new, 1), "another line changed");
        Ok(())
    })
    .await
}

#[tokio::test]
async fn the_gallery_marks_what_has_no_translation() -> Result<()> {
    TestApp::run(desktop(), async |app| {
        let browser = &app.browser;
        let studio = Studio::open(browser, "sign-up").await?;
        studio.panel("Texts").await?;
        browser.see("Terms of service").await?;
        let korean = studio.cell("ko", "/request/terms/tos/title").await?;
        korean.send_keys(Key::Control + "a").await?;
        korean.send_keys("새 제목").await?;
        browser.see("1 missing").await?;
        let english = studio.cell("en", "/request/terms/tos/title").await?;
        ensure!(english.tag_name().await? == "p" && english.text().await? == "Missing", "to read");
        studio.in_preview(TITLE, "[필수] 새 제목".into()).await?;
        studio.panel("Edit").await?;
        let field = studio.field("/request/terms/0/title").await?;
        ensure!(field.prop("value").await?.as_deref() == Some("새 제목"), "the form has it, too");
        let _ = Studio::open(browser, "loading").await?;
        studio.panel("Texts").await?;
        browser.see("no texts of a service").await
    })
    .await
}
