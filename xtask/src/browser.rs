//! What the browser tests need of the machine: Chromium, its driver, and fonts for the three
//! languages of the screen.

use crate::process;
use anyhow::{Result, bail};
use std::path::PathBuf;
use std::process::Command;

/// One need, and the Debian package that meets it.
struct Need {
    what: &'static str,
    package: &'static str,
    met: fn() -> bool,
}

const NEEDS: [Need; 3] = [
    Need { what: "Chromium", package: "chromium", met: || program().is_some() },
    Need {
        what: "chromedriver, of the same version as Chromium",
        package: "chromium-driver",
        met: || driver().is_some(),
    },
    Need {
        what: "fonts for Korean and Japanese (without them the pictures show empty boxes)",
        package: "fonts-noto-cjk",
        met: || has_font_for("ko") && has_font_for("ja"),
    },
];

/// The driver to start: `CHROMEDRIVER`, else the one on `PATH`.
pub fn driver() -> Option<PathBuf> {
    match std::env::var_os("CHROMEDRIVER") {
        Some(driver) => Some(driver.into()),
        None => process::find("chromedriver"),
    }
}

/// Chromium's program, or Chrome's.
pub fn program() -> Option<PathBuf> {
    ["chromium", "chromium-browser", "google-chrome", "google-chrome-stable"]
        .into_iter()
        .find_map(process::find)
        // Where macOS keeps it; chromedriver looks there by itself.
        .or_else(|| {
            let program = "/Applications/Google Chrome.app/Contents/MacOS/Google Chrome";
            Some(PathBuf::from(program)).filter(|program| program.is_file())
        })
}

fn has_font_for(language: &str) -> bool {
    // macOS and Windows bring such fonts.
    if !cfg!(target_os = "linux") {
        return true;
    }
    let mut list = Command::new("fc-list");
    list.args([&format!(":lang={language}"), "family"]);
    process::output(list).is_some_and(|families| !families.is_empty())
}

/// Installs what is missing through apt when that is possible.
///
/// # Errors
/// When something is missing and cannot be installed; the error says what.
pub fn ensure() -> Result<()> {
    let missing: Vec<&Need> = NEEDS.iter().filter(|need| !(need.met)()).collect();
    if missing.is_empty() {
        return Ok(());
    }
    let packages: Vec<&str> = missing.iter().map(|need| need.package).collect();
    if is_root() && process::find("apt-get").is_some() {
        println!("Installing {} through apt (usually 2 minutes)", packages.join(", "));
        process::run(apt(&["update"])?)?;
        process::run(apt(
            &[&["install", "--yes", "--no-install-recommends"], &packages[..]].concat()
        )?)?;
    }
    let still: Vec<&str> =
        missing.iter().filter(|need| !(need.met)()).map(|need| need.what).collect();
    if !still.is_empty() {
        bail!(
            "the browser tests need {}. On Debian or Ubuntu: `sudo apt-get install {}`",
            still.join("; "),
            packages.join(" ")
        );
    }
    Ok(())
}

fn apt(arguments: &[&str]) -> Result<Command> {
    let mut apt = process::program("apt-get")?;
    apt.args(arguments).env("DEBIAN_FRONTEND", "noninteractive");
    Ok(apt)
}

fn is_root() -> bool {
    #[cfg(unix)]
    return rustix::process::geteuid().is_root();
    #[cfg(not(unix))]
    return false;
}
