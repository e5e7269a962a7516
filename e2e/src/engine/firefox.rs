//! Firefox, through geckodriver.

use super::process;
use super::{Profile, Session};
use anyhow::{Context, Result};
use serde_json::json;
use std::process::Command;
use thirtyfour::{Capabilities, WebDriver};

pub async fn start(profile: &Profile) -> Result<Session> {
    let mut command = Command::new(process::program("GECKODRIVER", "geckodriver"));
    // Firefox listens on a port, too; without this, all of them want the same one.
    command.arg(format!("--marionette-port={}", process::free_port()?));
    command.arg(format!("--websocket-port={}", process::free_port()?));
    let (process, address) = process::driver(command, "--port=").await?;
    let driver = WebDriver::new(address, capabilities(profile)?)
        .await
        .context("cannot start Firefox: are firefox and geckodriver installed?")?;
    Ok(Session { driver, lease: None, _processes: vec![process] })
}

fn capabilities(profile: &Profile) -> Result<Capabilities> {
    let (width, height, _) = profile.device.screen();
    let mut wanted = Capabilities::new();
    let mut options = json!({
        "args": ["-headless", format!("--width={width}"), format!("--height={height}")],
        "prefs": {
            "intl.accept_languages": profile.languages,
            "javascript.enabled": profile.scripts,
            // The browser sends requests to the product only.
            "network.captive-portal-service.enabled": false,
            "network.connectivity-service.enabled": false,
            "app.update.disabledForTesting": true,
            "browser.aboutwelcome.enabled": false,
            "datareporting.policy.dataSubmissionEnabled": false,
        },
    });
    let preferences = &mut options["prefs"];
    if let Some(user_agent) = &profile.user_agent {
        preferences["general.useragent.override"] = json!(user_agent);
    }
    if !profile.keeps {
        // 2 is "reject all"; storage is refused along with cookies.
        preferences["network.cookie.cookieBehavior"] = json!(2);
    }
    wanted.set("browserName", json!("firefox"))?;
    // It asks whether a form shall be sent again by a reload.
    wanted.set("unhandledPromptBehavior", json!("accept"))?;
    wanted.set("moz:firefoxOptions", options)?;
    Ok(wanted)
}
