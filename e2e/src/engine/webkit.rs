//! `WebKitGTK`'s MiniBrowser, through `WebKitWebDriver`, on a screen that nobody looks at.

use super::Profile;
use super::process::{self, Process};
use anyhow::{Context, Result, bail};
use serde_json::json;
use std::path::Path;
use std::process::Stdio;
use thirtyfour::{Capabilities, WebDriver};
use tokio::io::{AsyncBufReadExt, BufReader};
use tokio::process::Command;

/// Where distributions keep it: it is no program for people, and not on the `PATH`.
const PLACES: [&str; 6] = [
    "/usr/lib/x86_64-linux-gnu/webkit2gtk-4.1/MiniBrowser",
    "/usr/lib/aarch64-linux-gnu/webkit2gtk-4.1/MiniBrowser",
    "/usr/lib/x86_64-linux-gnu/webkitgtk-6.0/MiniBrowser",
    "/usr/lib/aarch64-linux-gnu/webkitgtk-6.0/MiniBrowser",
    "/usr/libexec/webkit2gtk-4.1/MiniBrowser",
    "/usr/libexec/webkitgtk-6.0/MiniBrowser",
];

pub async fn start(profile: &Profile) -> Result<(WebDriver, Vec<Process>)> {
    let Some(browser) = PLACES.into_iter().find(|place| Path::new(place).exists()) else {
        bail!("WebKit's MiniBrowser is not installed (on Debian: webkit2gtk-driver)");
    };
    let (screen, display) = screen().await?;
    let mut command = Command::new(process::program("WEBKITDRIVER", "WebKitWebDriver"));
    command.env("DISPLAY", display).env("GDK_BACKEND", "x11").env_remove("WAYLAND_DISPLAY");
    let (process, address) = process::driver(command, "--port=").await?;
    let mut wanted = Capabilities::new();
    let options = json!({ "binary": browser, "args": ["--automation"] });
    wanted.set("webkitgtk:browserOptions", options)?;
    let driver = WebDriver::new(address, wanted).await.context("cannot start WebKit")?;
    let (width, height, _) = profile.device.screen();
    driver.set_window_rect(0, 0, width, height).await.context("WebKit has no window")?;
    // The browser goes before its screen.
    Ok((driver, vec![process, screen]))
}

/// A screen of its own for each browser: they would take the focus from one another.
async fn screen() -> Result<(Process, String)> {
    let mut child = Command::new("Xvfb")
        .args(["-displayfd", "1", "-screen", "0", "1400x1000x24", "-nolisten", "tcp"])
        .stdin(Stdio::null())
        .stdout(Stdio::piped())
        .stderr(Stdio::null())
        .kill_on_drop(true)
        .spawn()
        .context("cannot start Xvfb: is it installed?")?;
    let stdout = child.stdout.take().context("the screen's output was not asked for")?;
    let line = BufReader::new(stdout).lines().next_line().await?;
    let number = line.context("Xvfb found no free display")?;
    Ok((Process::of(child), format!(":{number}")))
}
