//! Chromium, through chromedriver.

use super::process::{self, Process};
use super::{Device, Profile};
use anyhow::{Context, Result};
use serde_json::{Value, json};
use thirtyfour::cdp::domains::emulation::SetDeviceMetricsOverride;
use thirtyfour::{
    Capabilities, CapabilitiesHelper, ChromiumLikeCapabilities, DesiredCapabilities,
    LoggingPrefsLogLevel, WebDriver,
};
use tokio::process::Command;

/// What makes a browser quiet, repeatable, and able to run where tests run: as root, in a
/// container with a small shared memory, without a graphics card. The component tests start
/// theirs with the same file.
const CAPABILITIES: &str = include_str!("../../../webdriver.json");

pub async fn start(profile: &Profile) -> Result<(WebDriver, Vec<Process>)> {
    let program = process::program("CHROMEDRIVER", "chromedriver");
    let (process, address) = process::driver(Command::new(program), "--port=").await?;
    let driver = WebDriver::new(address, capabilities(profile)?)
        .await
        .context("cannot start Chromium: are chromium and chromedriver installed?")?;
    if let Device::Phone = profile.device {
        become_device(&driver, profile.device, profile.device.screen().1).await?;
    }
    if let Some(user_agent) = &profile.user_agent {
        let other = json!({ "userAgent": user_agent });
        driver.cdp().send_raw("Emulation.setUserAgentOverride", other).await?;
    }
    if !profile.scripts {
        let off = json!({ "value": true });
        driver.cdp().send_raw("Emulation.setScriptExecutionDisabled", off).await?;
    }
    Ok((driver, vec![process]))
}

/// Takes the width and the scale of a device's screen, and a height in CSS pixels.
pub async fn become_device(driver: &WebDriver, device: Device, height: u32) -> Result<()> {
    let (width, _, device_scale_factor) = device.screen();
    let mobile = matches!(device, Device::Phone);
    let screen = SetDeviceMetricsOverride {
        width,
        height,
        device_scale_factor,
        mobile,
        scale: None,
        screen_orientation: None,
    };
    driver.cdp().send(screen).await.context("cannot change the screen")?;
    Ok(())
}

fn capabilities(profile: &Profile) -> Result<Capabilities> {
    let mut wanted = DesiredCapabilities::chrome();
    let capabilities: Value = serde_json::from_str(CAPABILITIES).context("in webdriver.json")?;
    for argument in capabilities["goog:chromeOptions"]["args"].as_array().into_iter().flatten() {
        wanted.add_arg(argument.as_str().context("in webdriver.json: args must be strings")?)?;
    }
    let (width, height, _) = profile.device.screen();
    wanted.add_arg(&format!("--window-size={width},{height}"))?;
    let mut preferences = json!({ "intl.accept_languages": profile.languages });
    if !profile.keeps {
        // 2 is "block".
        preferences["profile.default_content_setting_values.cookies"] = json!(2);
    }
    wanted.add_experimental_option("prefs", preferences)?;
    if let Some(host) = &profile.stands_for_this_machine {
        wanted.add_arg(&format!("--host-resolver-rules=MAP {host} 127.0.0.1"))?;
        wanted.accept_insecure_certs(true)?;
    }
    // What crate::watch reads.
    wanted.set_logging_prefs("browser", LoggingPrefsLogLevel::All)?;
    wanted.set_logging_prefs("performance", LoggingPrefsLogLevel::All)?;
    Ok(wanted.into())
}
