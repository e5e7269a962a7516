//! The browser engines that the product is tested in.

use anyhow::{Context, Result};
use serde_json::{Value, json};
use std::env;
use thirtyfour::manager::{BrowserKind, StdioMode, WebDriverManager};
use thirtyfour::{
    Capabilities, ChromiumLikeCapabilities, DesiredCapabilities, LoggingPrefsLogLevel, WebDriver,
};

/// An engine. To add one, say here how it is started, and in [`crate::watch`] how it tells what
/// it complains about.
#[derive(Clone, Copy, Debug)]
pub enum Engine {
    /// Blink, through chromedriver.
    Chromium,
}

/// The size of the window and the scale of the screen.
#[derive(Clone, Copy, Debug)]
pub enum Device {
    /// 390 × 844 CSS pixels, two to one.
    Phone,
    /// 1280 × 900 CSS pixels.
    Desktop,
}

impl Device {
    /// Width and height in CSS pixels, and device pixels for each.
    #[must_use]
    pub fn screen(self) -> (u32, u32, f64) {
        match self {
            Self::Phone => (390, 844, 2.0),
            Self::Desktop => (1280, 900, 1.0),
        }
    }

    /// As it is called in names of files.
    #[must_use]
    pub fn name(self) -> &'static str {
        match self {
            Self::Phone => "phone",
            Self::Desktop => "desktop",
        }
    }
}

/// What makes a browser quiet, repeatable, and able to run where tests run: as root, in a
/// container with a small shared memory, without a graphics card. The component tests start
/// theirs with the same file.
const CAPABILITIES: &str = include_str!("../../webdriver.json");

impl Engine {
    /// Starts a driver on a free port and a browser with a new profile; both end with the session.
    ///
    /// `languages` is what the browser prefers, best first: `ko`, or `ja,en`.
    ///
    /// # Errors
    /// When the driver or the browser cannot be started.
    pub async fn start(self, device: Device, languages: &str) -> Result<WebDriver> {
        match self {
            Self::Chromium => {
                let driver = env::var_os("CHROMEDRIVER").unwrap_or_else(|| "chromedriver".into());
                let manager = WebDriverManager::builder()
                    .driver_binary(BrowserKind::Chrome, driver)
                    .stdio(StdioMode::Null)
                    .offline()
                    .build();
                manager
                    .launch(chromium(device, languages)?)
                    .await
                    .context("cannot start Chromium: are chromium and chromedriver installed?")
            }
        }
    }
}

fn chromium(device: Device, languages: &str) -> Result<Capabilities> {
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
