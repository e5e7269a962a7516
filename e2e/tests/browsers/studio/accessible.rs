//! The studio is held to what the screen is held to, and every case of the gallery, too.

use super::gallery::ALL_CARDS;
use super::measured::BADLY_THEMED;
use super::way::desktop;
use crate::accessibility::axe;
use anyhow::{Context, Result, ensure};
use consent_e2e::engine::Engine;
use consent_e2e::pages::{Preview, Studio};
use consent_e2e::{Setup, TestApp};
use consent_studio::state::{PreviewState, Selection, View};
use consent_studio::theme::Theme;
use thirtyfour::Key;

#[tokio::test]
async fn axe_finds_nothing_in_the_studio() -> Result<()> {
    TestApp::run(desktop(), async |app| {
        let browser = &app.browser;
        let mut wrong = Vec::new();
        browser.go("/studio/").await?;
        browser.see(" fixtures").await?;
        browser.driver.execute(ALL_CARDS, Vec::new()).await?;
        wrong.extend(axe::found(&app, "gallery").await?);
        let studio = Studio::open(browser, "breaks-the-rules").await?;
        for panel in ["Edit", "Texts", "JSON", "Look", "Check", "Hear", "Notes", "Share"] {
            studio.panel(panel).await?;
            let found = axe::found(&app, panel).await?;
            // Fields that the panel has scrolled out in part, and rows with one cell: axe-core leaves both
            // undecided, and what it decides is held to.
            let is_decided = |it: &String| panel != "Texts" || !it.contains(" leaves undecided ");
            wrong.extend(found.into_iter().filter(is_decided));
        }
        studio.press("a[href*='/matrix']").await?;
        browser.see("Across").await?;
        // Heads of columns that are scrolled out are left undecided, too.
        let found = axe::found(&app, "matrix").await?;
        wrong.extend(
            found.into_iter().filter(|it| !it.contains(" leaves undecided color-contrast")),
        );
        studio.press("a[href*='/storyboard']").await?;
        browser.see("Arriving and answering").await?;
        wrong.extend(axe::found(&app, "storyboard").await?);
        studio.press("a[href*='/compare']").await?;
        browser.see("Nothing differs").await?;
        wrong.extend(axe::found(&app, "compare").await?);
        ensure!(wrong.is_empty(), "{}", wrong.join("\n"));
        Ok(())
    })
    .await
}

/// Every state of the screen, as a case shows it.
#[tokio::test]
async fn axe_finds_nothing_in_any_case() -> Result<()> {
    TestApp::run(Setup::default(), async |app| {
        let preview = Preview::open(&app.browser).await?;
        let mut wrong = Vec::new();
        for named in consent_fixtures::all() {
            let title = &named.fixture.title;
            let shown = PreviewState {
                fixture: Selection::Gallery(named.name.clone()),
                view: View::default(),
                theme: Theme::default(),
            };
            preview.show(&shown).await.with_context(|| title.clone())?;
            let found = axe::found(&app, title).await?;
            if named.name == BADLY_THEMED {
                ensure!(found.iter().any(|it| it.contains("color-contrast")), "{found:?}");
            } else {
                wrong.extend(found);
            }
        }
        ensure!(wrong.is_empty(), "{}", wrong.join("\n"));
        Ok(())
    })
    .await
}

/// From the gallery to a changed case, without a pointer.
#[tokio::test]
async fn by_keyboard_alone() -> Result<()> {
    let setup = desktop().not_in(Engine::WebKit, "its Tab key passes over links");
    TestApp::run(setup, async |app| {
        let browser = &app.browser;
        browser.go("/studio/").await?;
        browser.see(" fixtures").await?;
        // As the keyboard does: what is sent to a file input would be the name of a file.
        let press = async |key: Key| -> Result<()> {
            Ok(browser.driver.action_chain().send_keys(key + "").perform().await?)
        };
        let until = async |what: &str| -> Result<()> {
            for _ in 0..60 {
                press(Key::Tab).await?;
                if browser.focused().await?.contains(what) {
                    return Ok(());
                }
            }
            anyhow::bail!("Tab does not come to {what}")
        };
        until("Agree-all covers everything").await?;
        press(Key::Enter).await?;
        browser.arrive("/studio/cases/sign-up-everything").await?;
        let studio = Studio(browser);
        studio.is_there().await?;
        until("Edit").await?;
        press(Key::Right).await?;
        browser.see("Languages beside Korean").await?;
        press(Key::Right).await?;
        press(Key::Right).await?;
        browser.see("Contrast").await?;
        press(Key::Home).await?;
        browser.see("Request").await?;
        until("Stage").await?;
        // The second of the list: what is required is ticked.
        press(Key::Down).await?;
        let ticked = "return document.querySelectorAll('#app input:checked').length > 2";
        studio.in_preview(ticked, true.into()).await
    })
    .await
}
