//! Takes pictures of what a browser shows.

use anyhow::Result;
use consent_e2e::browser::Browser;
use consent_e2e::engine::Device;
use std::path::Path;
use std::time::Duration;

/// As they are called in names of files.
pub const THEMES: [&str; 2] = ["light", "dark"];

/// What is taken of a page.
#[derive(Clone, Copy)]
pub enum Frame {
    /// All of it, as if the screen were as high.
    Page,
    /// What the screen shows.
    Screen,
}

/// Takes the pictures of one device and language.
pub struct Camera<'a> {
    pub browser: &'a Browser,
    pub device: Device,
    pub language: &'static str,
    pub out: &'a Path,
}

impl Camera<'_> {
    /// Writes `state-device-theme-language.png` for both themes.
    ///
    /// # Errors
    /// When the browser cannot take a picture, or a file cannot be written.
    pub async fn take(&self, state: &str, frame: Frame) -> Result<()> {
        for theme in THEMES {
            self.take_in(theme, state, frame).await?;
        }
        Ok(())
    }

    /// Writes one of them.
    ///
    /// # Errors
    /// As [`Camera::take`].
    pub async fn take_in(&self, theme: &str, state: &str, frame: Frame) -> Result<()> {
        self.browser.hide_scroll_bars().await?;
        let still = ("prefers-reduced-motion", "reduce");
        self.browser.prefer(&[("prefers-color-scheme", theme), still]).await?;
        if let Frame::Page = frame {
            self.browser.show_whole_page(self.device).await?;
        }
        // Until the page has settled: fonts, pictures, focus.
        tokio::time::sleep(Duration::from_millis(400)).await;
        let name = format!("{state}-{}-{theme}-{}.png", self.device.name(), self.language);
        self.browser.driver.screenshot(&self.out.join(&name)).await?;
        println!("{name}");
        self.browser.become_device(self.device).await
    }
}
