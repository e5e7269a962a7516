//! What tests and packages need of the machine: engines with their drivers, fonts for the three
//! languages of the screen, and other programs that apt installs.

use crate::{process, tools};
use anyhow::{Context, Result, bail};
use clap::ValueEnum;
use std::path::{Path, PathBuf};
use std::process::Command;

/// A browser engine, as the harness calls it in `CONSENT_ENGINE`.
#[derive(Clone, Copy, Debug, PartialEq, Eq, ValueEnum)]
#[value(rename_all = "lower")]
pub enum Engine {
    Chromium,
    Firefox,
    WebKit,
}

impl Engine {
    pub const ALL: [Self; 3] = [Self::Chromium, Self::Firefox, Self::WebKit];

    /// What the harness calls it.
    pub fn name(self) -> &'static str {
        match self {
            Self::Chromium => "chromium",
            Self::Firefox => "firefox",
            Self::WebKit => "webkit",
        }
    }

    fn needs(self) -> &'static [Need] {
        match self {
            Self::Chromium => &[CHROMIUM, CHROMEDRIVER, FONTS],
            Self::Firefox => &[FIREFOX, FONTS],
            Self::WebKit => &[WEBKIT, SCREEN, FONTS],
        }
    }

    /// What its programs say of their versions. WebKit's say it on a screen only, so there it is
    /// the package that is asked.
    fn version(self) -> Result<String> {
        let asked: &[&[&str]] = match self {
            Self::Chromium => &[&["chromium", "--version"], &["chromedriver", "--version"]],
            Self::Firefox => &[&["firefox", "--version"], &["geckodriver", "--version"]],
            Self::WebKit => &[&[
                "dpkg-query",
                "--show",
                "--showformat=WebKitGTK ${Version}",
                "webkit2gtk-driver",
            ]],
        };
        let mut versions = Vec::new();
        for words in asked {
            let program = match words[0] {
                "chromium" => program(),
                "firefox" => firefox(),
                other => Some(PathBuf::from(other)),
            };
            let mut command = process::program(program.unwrap_or_else(|| words[0].into()))?;
            command.args(&words[1..]);
            let said = process::output(command).unwrap_or_default();
            versions.extend(said.lines().next().map(|line| line.trim().to_owned()));
        }
        Ok(if versions.is_empty() { "version unknown".into() } else { versions.join(", ") })
    }
}

/// One need, and the Debian package that meets it.
struct Need {
    what: &'static str,
    package: &'static str,
    met: fn() -> bool,
}

const CHROMIUM: Need = Need { what: "Chromium", package: "chromium", met: || program().is_some() };
const CHROMEDRIVER: Need = Need {
    what: "chromedriver, of the same version as Chromium",
    package: "chromium-driver",
    met: || driver().is_some(),
};
const SHELL: Need = Need {
    what: "Chromium's headless shell, of the same version as chromedriver",
    package: "chromium-headless-shell",
    met: || shell().is_some(),
};
const FIREFOX: Need = Need { what: "Firefox", package: "firefox-esr", met: || firefox().is_some() };
const WEBKIT: Need = Need {
    what: "WebKitGTK's MiniBrowser and WebKitWebDriver",
    package: "webkit2gtk-driver",
    met: || process::find("WebKitWebDriver").is_some(),
};
const SCREEN: Need = Need {
    what: "Xvfb, a virtual display",
    package: "xvfb",
    met: || process::find("Xvfb").is_some(),
};
const FONTS: Need = Need {
    what: "fonts for Korean and Japanese (without them the pictures show empty boxes)",
    package: "fonts-noto-cjk",
    met: || has_font_for("ko") && has_font_for("ja"),
};

const NGINX: Need = Need {
    what: "nginx, with gzip_static and auth_request",
    package: "nginx-light",
    met: || nginx().is_some(),
};
const CURL: Need = Need { what: "curl", package: "curl", met: || process::find("curl").is_some() };
const OPENSSL: Need = Need {
    what: "openssl, for a certificate of the tests' own",
    package: "openssl",
    met: || process::find("openssl").is_some(),
};

const MUSL: Need = Need {
    what: "musl-gcc, which compiles the C parts of the static program",
    package: "musl-tools",
    met: || process::find("musl-gcc").is_some(),
};

/// nginx's program. Where Debian keeps it is on the `PATH` of root only.
fn nginx() -> Option<PathBuf> {
    let elsewhere = || Some(PathBuf::from("/usr/sbin/nginx")).filter(|program| program.is_file());
    process::find("nginx").or_else(elsewhere)
}

/// Installs what the test of docs/DEPLOYING.md misses through apt when that is possible, and passes
/// the path of nginx to a command.
///
/// # Errors
/// When something is missing and cannot be installed; the error says what.
pub fn ensure_nginx(command: &mut Command) -> Result<()> {
    let missing: Vec<&Need> =
        [&NGINX, &CURL, &OPENSSL].into_iter().filter(|it| !(it.met)()).collect();
    if !missing.is_empty() {
        install(&missing)?;
    }
    command.env("CONSENT_NGINX", nginx().context("no nginx")?);
    Ok(())
}

/// Installs the C compiler of the static program through apt when that is possible.
///
/// # Errors
/// When it is missing and cannot be installed.
pub fn ensure_musl() -> Result<()> {
    if (MUSL.met)() { Ok(()) } else { install(&[&MUSL]) }
}

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
        .or_else(|| app("Google Chrome.app/Contents/MacOS/Google Chrome"))
}

/// Chromium without windows, if it is of the version that chromedriver can drive.
fn shell() -> Option<PathBuf> {
    let version = |program: &Path| {
        let mut command = Command::new(program);
        command.arg("--version");
        let said = process::output(command)?;
        said.split_whitespace().find(|word| word.contains('.')).map(str::to_owned)
    };
    let (shell, driver) = (process::find("chromium-headless-shell")?, driver()?);
    (version(&shell).is_some() && version(&shell) == version(&driver)).then_some(shell)
}

/// Passes the path of Chromium's headless shell to a command, and installs it through apt when that is
/// possible. Scenes that need no whole browser run in it; without it they take longer.
pub fn set_shell(command: &mut Command) {
    if !(SHELL.met)()
        && let Err(why) = install(&[&SHELL])
    {
        println!("The scenes run in the whole Chromium, which takes longer: {why:#}");
    }
    if let Some(shell) = shell() {
        command.env("CONSENT_CHROMIUM_SHELL", shell);
    }
}

/// Firefox's program; geckodriver looks in the same places by itself.
fn firefox() -> Option<PathBuf> {
    ["firefox", "firefox-esr"]
        .into_iter()
        .find_map(process::find)
        .or_else(|| app("Firefox.app/Contents/MacOS/firefox"))
}

fn app(path: &str) -> Option<PathBuf> {
    Some(Path::new("/Applications").join(path)).filter(|program| program.is_file())
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

/// Installs what an engine misses through apt when that is possible, and what its tests need
/// beside it, and says which versions there are.
///
/// # Errors
/// When something is missing and cannot be installed; the error says what.
pub fn ensure(engine: Engine) -> Result<()> {
    let needs = engine.needs();
    let missing: Vec<&Need> = needs.iter().filter(|need| !(need.met)()).collect();
    if !missing.is_empty() {
        install(&missing)?;
    }
    if engine == Engine::Firefox {
        tools::Extra::Geckodriver.ensure()?;
    }
    println!("{}: {}", engine.name(), engine.version()?);
    Ok(())
}

fn install(missing: &[&Need]) -> Result<()> {
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
            "what is missing: {}. On Debian or Ubuntu: `sudo apt-get install {}`",
            still.join("; "),
            packages.join(" ")
        );
    }
    Ok(())
}

/// Passes the path of the engine's driver to a command.
///
/// # Errors
/// When the engine is not there; see [`ensure`].
pub fn set_driver(command: &mut Command, engine: Engine) -> Result<()> {
    command.env("CONSENT_ENGINE", engine.name());
    if engine == Engine::Chromium {
        command.env("CHROMEDRIVER", driver().context("no chromedriver")?);
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
