//! The browser engines that the product is tested in.

pub(crate) mod chromium;
pub mod cleanup;
mod firefox;
pub(crate) mod process;
mod shared;
mod webkit;

use anyhow::{Result, bail};
pub(crate) use process::{Process, free_port};
use shared::Lease;
use std::env;
use thirtyfour::{WebDriver, WindowHandle};
use tokio::sync::Mutex as AsyncMutex;

/// An engine. To add one, give it a module that says how it is started.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Engine {
    /// Blink, through chromedriver.
    Chromium,
    /// Gecko, through geckodriver.
    Firefox,
    /// `WebKitGTK` in its MiniBrowser, through `WebKitWebDriver`, on a screen of its own.
    WebKit,
}

/// The size of the window and the scale of the screen.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Device {
    /// 390 × 844 CSS pixels, two to one. Firefox and WebKit make no window as narrow as that:
    /// there it is 500 and 447 wide, and one to one.
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

/// Whose browser it is.
#[derive(Clone, Debug)]
pub struct Profile {
    pub device: Device,
    /// What the person prefers, best first: `ko`, or `ja,en`. WebKit takes it from the locales that
    /// are installed on the machine; [`crate::proxy::Proxy::speak`] says it in its place.
    pub languages: String,
    /// Whether pages may run scripts. In WebKit the driver itself works by them: see [`Engine::start`].
    pub scripts: bool,
    /// A spoofed user agent. WebKit's MiniBrowser cannot be configured to send one: the proxy
    /// replaces the header.
    pub user_agent: Option<String>,
    /// Whether it keeps cookies and storage.
    pub keeps: bool,
    /// Whether other tests may use the same Chromium, each in a context of its own.
    pub is_shared: bool,
    /// A host that stands for this machine, and whose certificate is taken as it is (Chromium only).
    pub stands_for_this_machine: Option<String>,
}

/// A browser with a new profile: a process of its own, which ends when this is dropped, or a context
/// in a shared one, which goes back then.
pub struct Session {
    pub driver: WebDriver,
    lease: Option<AsyncMutex<Lease>>,
    _processes: Vec<Process>,
}

impl Session {
    /// Opens another tab with the same profile, in the background.
    ///
    /// # Errors
    /// When the browser does not answer.
    pub async fn open_tab(&self) -> Result<WindowHandle> {
        match &self.lease {
            Some(lease) => Ok(WindowHandle::from(lease.lock().await.open_tab().await?)),
            None => Ok(self.driver.new_tab().await?),
        }
    }
}

impl Engine {
    /// All of them.
    pub const ALL: [Self; 3] = [Self::Chromium, Self::Firefox, Self::WebKit];

    /// The engine that `CONSENT_ENGINE` names; Chromium when it names none.
    ///
    /// # Errors
    /// When there is no such engine.
    pub fn chosen() -> Result<Self> {
        match env::var("CONSENT_ENGINE").as_deref() {
            Err(_) | Ok("chromium") => Ok(Self::Chromium),
            Ok("firefox") => Ok(Self::Firefox),
            Ok("webkit") => Ok(Self::WebKit),
            Ok(other) => bail!("CONSENT_ENGINE is {other}; there are chromium, firefox, webkit"),
        }
    }

    /// As people write it.
    #[must_use]
    pub fn name(self) -> &'static str {
        match self {
            Self::Chromium => "Chromium",
            Self::Firefox => "Firefox",
            Self::WebKit => "WebKit",
        }
    }

    /// Why a profile cannot be had in this engine.
    #[must_use]
    pub fn lacks(self, profile: &Profile) -> Option<&'static str> {
        match self {
            Self::WebKit if !profile.scripts => {
                Some("its driver finds and presses by scripts in the page")
            }
            Self::WebKit if !profile.keeps => Some("its driver cannot block cookies"),
            _ => None,
        }
    }

    /// Starts a driver on a free port and a browser with a new profile.
    ///
    /// # Errors
    /// When the driver or the browser cannot be started.
    pub async fn start(self, profile: &Profile) -> Result<Session> {
        match self {
            Self::Chromium => chromium::start(profile).await,
            Self::Firefox => firefox::start(profile).await,
            Self::WebKit => webkit::start(profile).await,
        }
    }
}
