//! What is done about a finding, from the panel Check: it is fixed, or shown on the screen.

use super::way::desktop;
use anyhow::{Result, ensure};
use consent_e2e::TestApp;
use consent_e2e::pages::Studio;
use consent_e2e::role::Role;
use thirtyfour::{By, Key};

/// The button that fixes a finding, by its rule and place.
fn fix_of(finding: &str) -> String {
    format!(".finding .tool--main[aria-describedby^='finding:{finding}:']")
}

/// What screen readers are told beside the page.
const ANNOUNCED: &str = "return [...document.querySelectorAll('[role=status]')]
    .map((it) => it.textContent).join()";

async fn announced(studio: &Studio<'_>, text: &str) -> Result<()> {
    let script = format!("return (() => {{ {ANNOUNCED} }})().includes('{text}')");
    studio.0.becomes(&script, true.into()).await
}

#[tokio::test]
async fn a_finding_is_fixed_in_one_step_that_can_be_undone() -> Result<()> {
    TestApp::run(desktop(), async |app| {
        let browser = &app.browser;
        let studio = Studio::open(browser, "sign-up").await?;
        let need = "return document.querySelectorAll('.row__need')[2].innerText";
        studio.tick("/request/terms/2/required").await?;
        studio.in_preview(need, "[필수]".into()).await?;
        studio.panel("Check").await?;
        let fix = fix_of("KR-P07:error:/request/terms/2/required");
        studio.press(&fix).await?;
        announced(&studio, "KR-P07 is fixed.").await?;
        browser.see("No findings.").await?;
        studio.in_preview(need, "[선택]".into()).await?;
        // Nothing is left in the list: the focus is on the sentence before it.
        browser.becomes("return document.activeElement.id", "check-summary".into()).await?;

        browser.press(Role::Button, "Undo").await?;
        studio.one(&fix).await?;
        studio.in_preview(need, "[필수]".into()).await?;
        browser.press(Role::Button, "Redo").await?;
        browser.see("No findings.").await?;

        // Among others, the focus stays in the list; a text that was written is gone to.
        let studio = Studio::open(browser, "breaks-the-rules").await?;
        studio.panel("Check").await?;
        studio.press(&fix_of("KR-P23:warning:/request/agree_all")).await?;
        announced(&studio, "KR-P23 is fixed.").await?;
        let in_list = "return document.activeElement.closest('.finding') !== null";
        browser.becomes(in_list, true.into()).await?;
        studio.press(&fix_of("KR-P12:error:/request/terms/2/highlights")).await?;
        announced(&studio, "check that it is true").await?;
        let field = "field:/request/terms/2/highlights/0/text";
        browser.becomes("return document.activeElement.id", field.into()).await?;
        let written = "return document.querySelector('#app').innerText.split('할인과 행사 소식을 문자로').length > 1";
        studio.in_preview(written, true.into()).await?;
        // A decision has no such button.
        studio.panel("Check").await?;
        let fixes = browser.driver.find_all(By::Css(fix_of("KR-P03:error:"))).await?;
        ensure!(fixes.is_empty(), "there are {} fixes for missing statements", fixes.len());
        Ok(())
    })
    .await
}

/// The colours of what is outlined, and whether the first of it is in view.
const OUTLINED: &str = "const found = [...document.querySelectorAll('[data-found]')];
    const { top, bottom } = found[0]?.getBoundingClientRect() ?? {};
    return found.length > 0 && top >= 0 && bottom <= innerHeight
        && getComputedStyle(found[0]).outlineStyle === 'solid'";

const NOTHING_OUTLINED: &str = "return document.querySelector('[data-found]') === null";

#[tokio::test]
async fn a_measured_finding_is_shown_on_the_screen() -> Result<()> {
    TestApp::run(desktop(), async |app| {
        let browser = &app.browser;
        let studio = Studio::open(browser, "sign-up").await?;
        studio.panel("Look").await?;
        for (token, value) in [("--soft", "#cccccc"), ("--edge", "#eeeeee")] {
            let field = studio.one(&format!("[id='token:{token}']")).await?;
            field.send_keys(Key::Control + "a").await?;
            field.send_keys(value).await?;
            field.send_keys(Key::Tab + "").await?;
        }
        studio.panel("Check").await?;
        // Every text that looks like the one of the finding.
        let show =
            |rule: &str| format!(".finding [aria-pressed][aria-describedby^='finding:{rule}:']");
        let press_first = async |rule: &str| {
            browser
                .becomes(
                    &format!("return document.querySelector(\"{}\") !== null", show(rule)),
                    true.into(),
                )
                .await?;
            let button = browser.driver.find(By::Css(show(rule))).await?;
            let centre = "arguments[0].scrollIntoView({ block: 'center', behavior: 'instant' })";
            browser.driver.execute(centre, vec![button.to_json()?]).await?;
            anyhow::Ok(button.click().await?)
        };
        press_first("WCAG-1.4.3").await?;
        studio.in_preview(OUTLINED, true.into()).await?;
        let all_pale = "const found = [...document.querySelectorAll('[data-found]')];
            return found.length > 1
                && found.every((it) => getComputedStyle(it).color === 'rgb(204, 204, 204)')";
        studio.in_preview(all_pale, true.into()).await?;
        announced(&studio, "places outlined in the preview").await?;

        // Another one replaces it: the box whose edge is too pale.
        press_first("WCAG-1.4.11").await?;
        let boxes =
            "return [...document.querySelectorAll('[data-found]')].map((it) => it.tagName).join()";
        studio.in_preview(boxes, "INPUT".into()).await?;
        studio.in_preview(OUTLINED, true.into()).await?;
        let pressed = "return document.querySelectorAll('.finding [aria-pressed=true]').length";
        browser.becomes(pressed, 1.into()).await?;
        // It stays in another width, and goes with its button or the panel.
        browser.choose("320").await?;
        studio.in_preview("return innerWidth", 320.into()).await?;
        studio.in_preview(OUTLINED, true.into()).await?;
        studio.press(".finding [aria-pressed=true]").await?;
        studio.in_preview(NOTHING_OUTLINED, true.into()).await?;
        press_first("WCAG-1.4.11").await?;
        studio.in_preview(OUTLINED, true.into()).await?;
        studio.panel("Edit").await?;
        studio.in_preview(NOTHING_OUTLINED, true.into()).await
    })
    .await
}
