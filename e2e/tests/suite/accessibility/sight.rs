//! What people see who see little, or otherwise: a narrow window, large text, more space between
//! letters and lines, the system's own colours, no motion. In every state and language.

use super::sight_rules as rules;
use super::states::{CHROMIUM_ONLY, Language, State};
use anyhow::{Result, ensure};
use consent_e2e::Scene;
use consent_e2e::browser::Browser;
use serde_json::json;
use std::cell::RefCell;
use thirtyfour::Key;

/// A window of so many CSS pixels; `None` for the device's own.
pub async fn window(browser: &Browser, size: Option<(u32, u32)>) -> Result<()> {
    let cdp = browser.driver.cdp();
    if let Some((width, height)) = size {
        let screen = json!({
            "width": width, "height": height, "deviceScaleFactor": 1, "mobile": false,
        });
        cdp.send_raw("Emulation.setDeviceMetricsOverride", screen).await?;
        browser.hide_scroll_bars().await?;
    } else {
        browser.become_device(consent_e2e::engine::Device::Phone).await?;
    }
    Ok(())
}

/// What a script finds wrong.
async fn faults(browser: &Browser, script: &str) -> Result<Vec<String>> {
    Ok(browser.driver.execute(script, Vec::new()).await?.convert()?)
}

/// Lays a style sheet over the page's own, or takes it away again when it is empty.
async fn style(browser: &Browser, css: &str) -> Result<()> {
    browser.driver.execute(rules::LAY_OVER, vec![json!(css)]).await?;
    Ok(())
}

async fn everything(browser: &Browser) -> Result<Vec<String>> {
    let mut wrong = Vec::new();
    let mut look = |what: &str, faults: Vec<String>| {
        wrong.extend(faults.into_iter().map(|fault| format!("{what}: {fault}")));
    };
    let layout = [rules::FUNCTIONS, rules::LAYOUT].concat();

    // As high as the page, so that what sticks to the foot of the window covers nothing.
    window(browser, Some((320, 20_000))).await?;
    look("320 px wide", faults(browser, &layout).await?);
    // Lower than that the foot does not stick, which is another layout.
    window(browser, Some((320, 256))).await?;
    look("320 × 256 px", faults(browser, &[rules::FUNCTIONS, rules::WIDTH].concat()).await?);

    window(browser, Some((390, 20_000))).await?;
    style(browser, rules::TEXT_SPACING).await?;
    look("WCAG's text spacing", faults(browser, &layout).await?);
    style(browser, rules::LARGE_TEXT).await?;
    look("200 % text", faults(browser, &layout).await?);
    style(browser, "").await?;
    window(browser, None).await?;

    browser.prefer(&[("forced-colors", "active")]).await?;
    // Only what was reached by keyboard has a ring.
    browser.driver.action_chain().send_keys(Key::Tab + "").perform().await?;
    look("forced colours", faults(browser, &[rules::FUNCTIONS, rules::EDGES].concat()).await?);
    browser.prefer(&[("prefers-reduced-motion", "reduce")]).await?;
    look("reduced motion", faults(browser, &[rules::FUNCTIONS, rules::MOTION].concat()).await?);
    browser.prefer(&[]).await?;
    Ok(wrong)
}

async fn stays_whole(_: &str, state: State) -> Result<()> {
    let wrong = RefCell::new(Vec::new());
    state
        .only_in_chromium(CHROMIUM_ONLY)
        .in_each_language(async |scene: &Scene, language: Language| {
            for fault in everything(&scene.browser).await? {
                wrong.borrow_mut().push(format!("{}: {fault}", language.tag));
            }
            Ok(())
        })
        .await?;
    let wrong = wrong.into_inner();
    ensure!(wrong.is_empty(), "{}", wrong.join("\n"));
    Ok(())
}

in_every_state!(stays_whole);
