//! Chromium, through chromedriver.

use super::Device;
use super::process::{self, Process};
use anyhow::{Context, Result};
use serde_json::{Value, json};
use thirtyfour::{
    Capabilities, ChromiumLikeCapabilities, DesiredCapabilities, LoggingPrefsLogLevel, WebDriver,
};
use tokio::process::Command;

/// What makes a browser quiet, repeatable, and able to run where tests run: as root, in a
/// container with a small shared memory, without a graphics card. The component tests start
/// theirs with the same file.
const CAPABILITIES: &str = include_str!("../../../webdriver.json");

pub async fn start(device: Device, languages: &str) -> Result<(WebDriver, Vec<Process>)> {
    let program = process::program("CHROMEDRIVER", "chromedriver");
    let (process, address) = process::driver(Command::new(program), "--port=").await?;
    let driver = WebDriver::new(address, capabilities(device, languages)?)
        .await
        .context("cannot start Chromium: are chromium and chromedriver installed?")?;
    Ok((driver, vec![process]))
}

fn capabilities(device: Device, languages: &str) -> Result<Capabilities> {
    let mut wanted = DesiredCapabilities::chrome();
    let capabilities: Value = serde_json::from_str(CAPABILITIES).context("in webdriver.json")?;
    for argument in capabilities["goog:chromeOptions"]["args"].as_array().into_iter().flatten() {
        wanted.add_arg(argument.as_str().context("in webdriver.json: args must be strings")?)?;
    }
    let (width, height, _) = device.screen();
    wanted.add_arg(&format!("--window-size={width},{height}"))?;
    wanted.add_experimental_option("prefs", json!({ "intl.accept_languages": languages }))?;
    // What crate::watch reads.
    wanted.set_logging_prefs("browser", LoggingPrefsLogLevel::All)?;
    wanted.set_logging_prefs("performance", LoggingPrefsLogLevel::All)?;
    Ok(wanted.into())
}
