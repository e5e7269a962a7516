//! Chromium, through chromedriver.

use super::process::{self, Process};
use super::shared::Lease;
use super::{Device, Profile, Session};
use anyhow::{Context, Result};
use serde_json::{Value, json};
use std::process::Command;
use thirtyfour::cdp::domains::emulation::SetDeviceMetricsOverride;
use thirtyfour::{
    CapabilitiesHelper, ChromeCapabilities, ChromiumLikeCapabilities, DesiredCapabilities,
    LoggingPrefsLogLevel, WebDriver, WindowHandle,
};
use tokio::sync::Mutex as AsyncMutex;

/// What makes a browser quiet, repeatable, and able to run where tests run: as root, in a
/// container with a small shared memory, without a graphics card. The component tests start
/// theirs with the same file.
const CAPABILITIES: &str = include_str!("../../../webdriver.json");

pub async fn start(profile: &Profile) -> Result<Session> {
    // Switches and preferences that hold for a whole browser need one of their own.
    let is_ordinary =
        profile.is_shared && profile.keeps && profile.stands_for_this_machine.is_none();
    let session =
        if is_ordinary { start_shared(profile).await? } else { start_own(profile).await? };
    let driver = &session.driver;
    if let Device::Phone = profile.device {
        become_device(driver, profile.device, profile.device.screen().1).await?;
    }
    if let Some(user_agent) = &profile.user_agent {
        let other = json!({ "userAgent": user_agent });
        driver.cdp().send_raw("Emulation.setUserAgentOverride", other).await?;
    }
    if !profile.scripts {
        let off = json!({ "value": true });
        driver.cdp().send_raw("Emulation.setScriptExecutionDisabled", off).await?;
    }
    Ok(session)
}

async fn start_shared(profile: &Profile) -> Result<Session> {
    let mut lease = Lease::take(&profile.languages).await?;
    let tab = lease.open_tab().await?;
    let (driver, debugger) = lease.addresses()?;
    let mut wanted = DesiredCapabilities::chrome();
    wanted.add_experimental_option("debuggerAddress", debugger)?;
    log_everything(&mut wanted)?;
    let driver = WebDriver::new(driver, wanted).await.context("cannot attach to Chromium")?;
    driver.switch_to_window(WindowHandle::from(tab)).await?;
    let (width, height, _) = profile.device.screen();
    driver.set_window_rect(0, 0, width, height).await?;
    Ok(Session { driver, lease: Some(AsyncMutex::new(lease)), _processes: Vec::new() })
}

async fn start_own(profile: &Profile) -> Result<Session> {
    let program = process::program("CHROMEDRIVER", "chromedriver");
    let (process, address): (Process, String) =
        process::driver(Command::new(program), "--port=").await?;
    let mut wanted = capabilities(&profile.languages)?;
    let (width, height, _) = profile.device.screen();
    wanted.add_arg(&format!("--window-size={width},{height}"))?;
    if !profile.keeps {
        // 2 is "block".
        let preferences = json!({
            "intl.accept_languages": profile.languages,
            "profile.default_content_setting_values.cookies": 2,
        });
        wanted.add_experimental_option("prefs", preferences)?;
    }
    if let Some(host) = &profile.stands_for_this_machine {
        wanted.add_arg(&format!("--host-resolver-rules=MAP {host} 127.0.0.1"))?;
        wanted.accept_insecure_certs(true)?;
    }
    log_everything(&mut wanted)?;
    let driver = WebDriver::new(address, wanted)
        .await
        .context("cannot start Chromium: are chromium and chromedriver installed?")?;
    Ok(Session { driver, lease: None, _processes: vec![process] })
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

/// How a browser is started, by what all of its scenes have in common.
pub(super) fn capabilities(languages: &str) -> Result<ChromeCapabilities> {
    let mut wanted = DesiredCapabilities::chrome();
    let capabilities: Value = serde_json::from_str(CAPABILITIES).context("in webdriver.json")?;
    for argument in capabilities["goog:chromeOptions"]["args"].as_array().into_iter().flatten() {
        wanted.add_arg(argument.as_str().context("in webdriver.json: args must be strings")?)?;
    }
    // By default each navigation starts a renderer in case of a next one, on another site.
    wanted.add_arg("--disable-features=SpareRendererForSitePerProcess")?;
    let preferences = json!({ "intl.accept_languages": languages });
    wanted.add_experimental_option("prefs", preferences)?;
    Ok(wanted)
}

/// How a browser is started that scenes share: the headless shell where there is one
/// (`CONSENT_CHROMIUM_SHELL`), which is the same engine without windows: 42 scenes take 61 s in place of 84.
pub(super) fn shared_capabilities(languages: &str) -> Result<ChromeCapabilities> {
    let mut wanted = capabilities(languages)?;
    if let Ok(shell) = std::env::var("CONSENT_CHROMIUM_SHELL") {
        wanted.set_binary(&shell)?;
        // It reads no preferences.
        wanted.add_arg(&format!("--accept-lang={languages}"))?;
    }
    Ok(wanted)
}

/// What [`crate::watch`] reads.
fn log_everything(wanted: &mut ChromeCapabilities) -> Result<()> {
    wanted.set_logging_prefs("browser", LoggingPrefsLogLevel::All)?;
    wanted.set_logging_prefs("performance", LoggingPrefsLogLevel::All)?;
    Ok(())
}
