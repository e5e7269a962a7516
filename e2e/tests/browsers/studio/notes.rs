//! Notes: pinned to a place, kept in the draft, the address and the file, settled, and printed.

use super::way::{desktop, exported};
use crate::accessibility::axe;
use anyhow::{Result, ensure};
use consent_e2e::TestApp;
use consent_e2e::pages::Studio;
use consent_e2e::role::Role;
use consent_fixtures::{Fixture, Note};
use serde_json::json;
use thirtyfour::{By, Key};

/// Of each pin its number, and whether its point is in the row of a term.
const PINS: &str = "return [...document.querySelectorAll('[data-pin]')].map((pin) => {
    const { left, top, width, height } = pin.getBoundingClientRect();
    const row = document.getElementById('term:tos').closest('.row').getBoundingClientRect();
    const [x, y] = [left + width / 2, top + height / 2];
    const isIn = x >= row.left && x <= row.right && y >= row.top && y <= row.bottom;
    return [pin.dataset.pin, isIn];
})";

#[tokio::test]
async fn a_note_is_pinned_written_settled_and_handed_on() -> Result<()> {
    TestApp::run(desktop(), async |app| {
        let browser = &app.browser;
        let studio = Studio::open(browser, "sign-up").await?;
        studio.panel("Notes").await?;
        browser.see("No notes yet.").await?;
        studio.in_preview("return document.documentElement.dataset.picking", "".into()).await?;

        // By a click on the preview, which ticks nothing. A driver misses what is scaled down.
        studio.choose("Zoom", "100 %").await?;
        studio.one(".preview-pane iframe").await?.enter_frame().await?;
        browser.driver.find(By::Css("label[for='term:tos']")).await?.click().await?;
        browser.driver.enter_default_frame().await?;
        studio.focus_is_on("Text of note 1").await?;
        browser.driver.active_element().await?.send_keys("Larger, please.").await?;
        browser.see("Term “이용약관”").await?;
        studio.in_preview(PINS, json!([["1", true]])).await?;
        let ticked = "return document.querySelectorAll('#app input:checked').length";
        studio.in_preview(ticked, 0.into()).await?;

        // By keyboard: a place of the list.
        browser.choose("channel:_hanok").await?;
        let add = studio.one("#add-note").await?;
        add.send_keys(Key::Enter + "").await?;
        studio.focus_is_on("Text of note 2").await?;
        browser.driver.active_element().await?.send_keys("Name?").await?;
        studio.in_preview(PINS, json!([["1", true], ["2", false]])).await?;
        let wrong = axe::found(&app, "Notes").await?;
        ensure!(wrong.is_empty(), "{}", wrong.join("\n"));

        // The place is gone from the screen, and not from the list.
        studio.panel("Edit").await?;
        studio.in_preview(PINS, json!([])).await?;
        studio.tick("/request/channels/0/primary").await?;
        studio.panel("Notes").await?;
        browser.see("This place is not on the screen any more.").await?;
        studio.in_preview(PINS, json!([["1", true]])).await?;
        browser.press(Role::Button, "Resolve note 1").await?;
        studio.focus_is_on("Text of note 2").await?;
        studio.in_preview(PINS, json!([])).await?;
        browser
            .becomes(
                "return [...document.querySelectorAll('.note s')].map((it) => it.textContent)",
                json!(["Larger, please."]),
            )
            .await?;
        // Each is a step.
        browser.press(Role::Button, "Undo").await?;
        studio.in_preview(PINS, json!([["1", true]])).await?;
        browser.press(Role::Button, "Redo").await?;
        studio.in_preview(PINS, json!([])).await?;

        // In the file and in the address.
        studio.panel("Share").await?;
        let file = Fixture::from_json(&exported(&app, "Export the fixture").await?)?;
        let kept = |note: &Note| (note.number, note.text.clone(), note.at.clone(), note.resolved);
        assert_eq!(
            file.notes.iter().map(kept).collect::<Vec<_>>(),
            [
                (1, "Larger, please.".into(), "term:tos".into(), true),
                (2, "Name?".into(), "channel:_hanok".into(), false),
            ]
        );
        let address = studio.address().await?;
        browser.driver.execute("localStorage.clear(); sessionStorage.clear()", Vec::new()).await?;
        browser.go("/studio/").await?;
        browser.see(" fixtures").await?;
        browser.go(&address).await?;
        studio.is_there().await?;
        studio.panel("Notes").await?;
        let texts = "return [...document.querySelectorAll('.note textarea')].map((it) => it.value)";
        browser.becomes(texts, json!(["Name?"])).await?;

        // Under the findings of its state, on paper.
        browser.press(Role::Link, "Storyboard").await?;
        browser.see("Arriving and answering").await?;
        let printed =
            "const facts = document.querySelector('.shot:has([id=\"state:sign-up\"]) .facts');
            const heads = [...facts.querySelectorAll('h4')].map((it) => it.textContent);
            return [heads, facts.textContent.includes('Larger, please. (resolved)')]";
        browser.becomes(printed, json!([["Findings", "Notes"], true])).await?;
        // A deleted note is gone, and comes back.
        browser.press(Role::Link, "Screen").await?;
        studio.is_there().await?;
        studio.panel("Notes").await?;
        browser.press(Role::Button, "Delete note 2").await?;
        browser.becomes(texts, json!([])).await?;
        browser.press(Role::Button, "Undo").await?;
        browser.becomes(texts, json!(["Name?"])).await
    })
    .await
}
