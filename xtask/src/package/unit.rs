//! The units for systemd: that systemd understands it, and how exposed the service is.

use crate::process;
use anyhow::{Context, Result, ensure};
use std::fs;
use std::path::Path;
use std::process::Command;

/// The most that `systemd-analyze security` may find, in tenths: 0 is nothing, 100 is everything. What is
/// left is that the service uses the network.
const EXPOSURE: &str = "15";

/// Where the unit expects the program.
const INSTALLED: &str = "/usr/local/bin/consent-backend";

/// Checks the units of a package, where `systemd-analyze` is installed.
///
/// # Errors
/// What systemd does not understand, or finds exposed.
pub fn check(package: &Path) -> Result<()> {
    if process::find("systemd-analyze").is_none() {
        println!("The units are not checked here, which needs systemd-analyze");
        return Ok(());
    }
    println!("Checking the units");
    let folder = tempfile::tempdir()?;
    let unit = folder.path().join("consent-backend.service");
    let text = fs::read_to_string(package.join("consent-backend.service"))?;
    ensure!(text.contains(INSTALLED), "the unit does not start {INSTALLED}");
    let program = package.join("consent-backend");
    let program = program.to_str().context("a path in UTF-8")?;
    fs::write(&unit, text.replace(INSTALLED, program))?;
    let socket = folder.path().join("consent-backend.socket");
    fs::copy(package.join("consent-backend.socket"), &socket)?;
    let analyze = |arguments: &[&str]| {
        let mut command = Command::new("systemd-analyze");
        command.args(arguments).arg(&unit);
        command
    };
    let verified = analyze(&["verify"]).arg(&socket).output()?;
    // Unknown keys are only written, with status 0.
    let complaints = String::from_utf8_lossy(&verified.stderr);
    let complaints: Vec<&str> =
        complaints.lines().filter(|line| line.contains("consent-backend.")).collect();
    ensure!(verified.status.success() && complaints.is_empty(), "{}", complaints.join("\n"));
    let threshold = format!("--threshold={EXPOSURE}");
    let rated = analyze(&["security", "--offline=true", "--no-pager", &threshold]).output()?;
    let text = String::from_utf8_lossy(&rated.stdout);
    let overall = text.lines().find(|line| line.contains("Overall exposure")).unwrap_or_default();
    println!("{overall}");
    ensure!(rated.status.success(), "the service is more exposed than {EXPOSURE} tenths");
    Ok(())
}
