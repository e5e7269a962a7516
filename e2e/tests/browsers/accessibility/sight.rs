//! What people see who see little, or otherwise: a narrow window, large text, more space between
//! letters and lines, the system's own colours, no motion. In every state and language.

use super::sight_rules as rules;
use anyhow::Result;
use consent_e2e::browser::Browser;
use serde_json::json;
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
async fn found(browser: &Browser, script: &str) -> Result<Vec<String>> {
    Ok(browser.driver.execute(script, Vec::new()).await?.convert()?)
}

/// Lays a style sheet over the page's own, or takes it away again when it is empty.
async fn style(browser: &Browser, css: &str) -> Result<()> {
    browser.driver.execute(rules::LAY_OVER, vec![json!(css)]).await?;
    Ok(())
}

/// What is wrong for those who see little.
pub async fn faults(browser: &Browser) -> Result<Vec<String>> {
    let mut wrong = Vec::new();
    let mut look = |what: &str, faults: Vec<String>| {
        wrong.extend(faults.into_iter().map(|fault| format!("{what}: {fault}")));
    };
    let layout = [rules::FUNCTIONS, rules::LAYOUT].concat();

    // As high as the page, so that what sticks to the foot of the window covers nothing.
    window(browser, Some((320, 20_000))).await?;
    look("320 px wide", found(browser, &layout).await?);
    // Lower than that the foot does not stick, which is another layout.
    window(browser, Some((320, 256))).await?;
    look("320 × 256 px", found(browser, &[rules::FUNCTIONS, rules::WIDTH].concat()).await?);

    window(browser, Some((390, 20_000))).await?;
    style(browser, rules::TEXT_SPACING).await?;
    look("WCAG's text spacing", found(browser, &layout).await?);
    style(browser, rules::LARGE_TEXT).await?;
    look("200 % text", found(browser, &layout).await?);
    style(browser, "").await?;
    window(browser, None).await?;

    browser.prefer(&[("forced-colors", "active")]).await?;
    // Only what was reached by keyboard has a ring.
    browser.driver.action_chain().send_keys(Key::Tab + "").perform().await?;
    look("forced colours", found(browser, &[rules::FUNCTIONS, rules::EDGES].concat()).await?);
    browser.prefer(&[("prefers-reduced-motion", "reduce")]).await?;
    look("reduced motion", found(browser, &[rules::FUNCTIONS, rules::MOTION].concat()).await?);
    browser.prefer(&[]).await?;
    Ok(wrong)
}
