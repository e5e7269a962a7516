//! `WebKitGTK`'s MiniBrowser, through `WebKitWebDriver`, on a virtual display.

use super::process::{self, Process};
use super::{Profile, Session};
use anyhow::{Context, Result, bail};
use serde_json::json;
use std::io::{BufRead, BufReader};
use std::path::Path;
use std::process::{Command, Stdio};
use thirtyfour::{Capabilities, WebDriver};

/// Where distributions keep it: it is no program for people, and not on the `PATH`.
const PLACES: [&str; 6] = [
    "/usr/lib/x86_64-linux-gnu/webkit2gtk-4.1/MiniBrowser",
    "/usr/lib/aarch64-linux-gnu/webkit2gtk-4.1/MiniBrowser",
    "/usr/lib/x86_64-linux-gnu/webkitgtk-6.0/MiniBrowser",
    "/usr/lib/aarch64-linux-gnu/webkitgtk-6.0/MiniBrowser",
    "/usr/libexec/webkit2gtk-4.1/MiniBrowser",
    "/usr/libexec/webkitgtk-6.0/MiniBrowser",
];

pub async fn start(profile: &Profile) -> Result<Session> {
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
    Ok(Session { driver, lease: None, _processes: vec![process, screen] })
}

/// A screen of its own for each browser: they would take the focus from one another.
async fn screen() -> Result<(Process, String)> {
    let mut child = Command::new("Xvfb")
        .args(["-displayfd", "1", "-screen", "0", "1400x1000x24", "-nolisten", "tcp"])
        .stdin(Stdio::null())
        .stdout(Stdio::piped())
        .stderr(Stdio::null())
        .spawn()
        .context("cannot start Xvfb: is it installed?")?;
    let stdout = child.stdout.take().context("the screen's output was not asked for")?;
    let screen = Process(child);
    let read = move || BufReader::new(stdout).lines().next();
    let line = tokio::task::spawn_blocking(read).await?.transpose()?;
    let number = line.context("Xvfb found no free display")?;
    Ok((screen, format!(":{number}")))
}
