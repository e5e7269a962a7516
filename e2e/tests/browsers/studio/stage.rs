//! The stage: the whole preview beside what is edited.

use super::way::desktop;
use anyhow::Result;
use consent_e2e::TestApp;
use consent_e2e::engine::Engine;
use consent_e2e::pages::Studio;

/// Whether header, tools and preview are in view, without scrolling the page or what the preview is in.
const ALL_IN_VIEW: &str = "const seen = (it) => {
        const { top, bottom } = document.querySelector(it).getBoundingClientRect();
        return top >= 0 && bottom <= innerHeight;
    };
    const scrolls = (it) => {
        const { scrollHeight, clientHeight } = document.querySelector(it);
        return scrollHeight > clientHeight;
    };
    return ['.bar', '.preview-pane__tools', '.preview-pane .preview'].every(seen)
        && !['html', '.preview-pane', '.preview-pane__stage'].some(scrolls);";

#[tokio::test]
async fn the_whole_preview_is_seen_and_follows_the_field() -> Result<()> {
    let setup = desktop().only_in(Engine::Chromium, "the window's size is set by its protocol");
    TestApp::run(setup, async |app| {
        let browser = &app.browser;
        // The lower window is that of a small laptop.
        for height in [720, 800] {
            browser.driver.set_window_rect(0, 0, 1280, height).await?;
            let _ = Studio::open(browser, "sign-up").await?;
            browser.becomes(ALL_IN_VIEW, true.into()).await?;
        }
        let studio = Studio(browser);
        // The last row of a long screen, and the first.
        let shown = |text: &str| {
            format!(
                "const row = document.querySelector('[data-edited]');
                if (!row) return null;
                const {{ top, bottom }} = row.getBoundingClientRect();
                return top >= 0 && bottom <= innerHeight && row.innerText.includes('{text}');"
            )
        };
        for (field, text) in [
            ("/request/channels/0/name", "보라 채널"),
            ("/request/service/company", "보라상사"),
            ("/request/terms/2/title", "혜택 알림"),
        ] {
            studio.write(field, text).await?;
            studio.in_preview(&shown(text), true.into()).await?;
            browser.becomes(ALL_IN_VIEW, true.into()).await?;
        }
        studio.panel("Look").await?;
        let unmarked = "return document.querySelector('[data-edited]') === null";
        studio.in_preview(unmarked, true.into()).await?;
        // The screen has its true size in the frame, at each scale.
        studio.in_preview("return innerWidth", 390.into()).await?;
        studio.choose("Zoom", "100 %").await?;
        let width = "return document.querySelector('.preview-pane iframe')
            .getBoundingClientRect().width === 390";
        browser.becomes(width, true.into()).await?;
        studio.choose("Zoom", "Fit").await?;
        browser.becomes(ALL_IN_VIEW, true.into()).await
    })
    .await
}

/// At 200 % of 1440 by 900 a window has 720 by 450 CSS pixels, and a tablet has 820 by 1180: everything is
/// reached by scrolling.
#[tokio::test]
async fn a_low_or_narrow_window_scrolls_as_a_page() -> Result<()> {
    let setup = desktop().only_in(Engine::Chromium, "the window's size is set by its protocol");
    TestApp::run(setup, async |app| {
        let browser = &app.browser;
        for (width, height, title) in [(720, 450, "가게 약관"), (820, 1180, "보라 약관")] {
            browser.driver.set_window_rect(0, 0, width, height).await?;
            let studio = Studio::open(browser, "sign-up").await?;
            let sideways = format!(
                "return innerWidth === {width}
                    && document.documentElement.scrollWidth <= innerWidth"
            );
            browser.becomes(&sideways, true.into()).await?;
            let beside = "const place = (it) => document.querySelector(it).getBoundingClientRect();
                return place('.panel').right <= place('.preview-pane').left;";
            browser.becomes(beside, true.into()).await?;
            studio.choose("Theme", "Dark").await?;
            studio.write("/request/terms/0/title", title).await?;
            let shown = format!("return document.body.innerText.includes('{title}')");
            studio.in_preview(&shown, true.into()).await?;
            browser.becomes(&sideways, true.into()).await?;
        }
        Ok(())
    })
    .await
}
