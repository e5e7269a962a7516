//! How a test is set up: device, services, shops, and where it does not run.

use crate::engine::{Device, Engine, Profile};
use crate::shop;

/// How a test is set up.
#[derive(Clone, Debug)]
pub struct Setup {
    pub(crate) profile: Profile,
    pub(crate) backend: Vec<String>,
    pub(crate) services: Option<String>,
    pub(crate) is_server_rendered: bool,
    /// The settings of the shop and of its test app, as far as they run.
    pub(crate) shop: Option<String>,
    pub(crate) test_shop: Option<String>,
    /// Where the test does not run, and why.
    pub(crate) not_in: Vec<(Engine, &'static str)>,
}

impl Default for Setup {
    fn default() -> Self {
        Self {
            profile: Profile {
                device: Device::Phone,
                languages: "ko".into(),
                scripts: true,
                user_agent: None,
                keeps: true,
                is_shared: true,
                stands_for_this_machine: None,
            },
            backend: Vec::new(),
            services: None,
            is_server_rendered: true,
            shop: None,
            test_shop: None,
            not_in: Vec::new(),
        }
    }
}

impl Setup {
    /// On another device than a phone.
    #[must_use]
    pub fn device(mut self, device: Device) -> Self {
        self.profile.device = device;
        self
    }

    /// In a browser that prefers other languages than Korean: `ja,en`.
    #[must_use]
    pub fn languages(mut self, languages: &str) -> Self {
        self.profile.languages = languages.into();
        self
    }

    /// With the page as a static host would serve it: the backend renders nothing into it, and the
    /// screen reads the request from the API.
    #[must_use]
    pub fn statically_hosted(mut self) -> Self {
        self.is_server_rendered = false;
        self
    }

    /// In a browser that runs no scripts.
    #[must_use]
    pub fn without_scripts(mut self) -> Self {
        self.profile.scripts = false;
        self
    }

    /// In a browser that says it is another one.
    #[must_use]
    pub fn user_agent(mut self, user_agent: &str) -> Self {
        self.profile.user_agent = Some(user_agent.into());
        self
    }

    /// In a browser that keeps no cookies, and whose storage throws.
    #[must_use]
    pub fn without_cookies(mut self) -> Self {
        self.profile.keeps = false;
        self
    }

    /// In a Chromium that no other test uses, for what changes the state of the whole browser, and for
    /// what the headless shell has not: pages of the browser's own.
    #[must_use]
    pub fn in_its_own_browser(mut self) -> Self {
        self.profile.is_shared = false;
        self
    }

    /// Not in one engine, because of `why`. There the test does not run, and standard error shows why.
    #[must_use]
    pub fn not_in(mut self, engine: Engine, why: &'static str) -> Self {
        self.not_in.push((engine, why));
        self
    }

    /// In one engine only, because of `why`.
    #[must_use]
    pub fn only_in(self, engine: Engine, why: &'static str) -> Self {
        let others = Engine::ALL.into_iter().filter(|other| *other != engine);
        others.fold(self, |setup, other| setup.not_in(other, why))
    }

    /// With other services than the demo's: a configuration in TOML, in which `{origin}` is where
    /// browsers find the backend. `[sign_in]` with `account_header = "x-account"` signs `account`
    /// in.
    #[must_use]
    pub fn services(mut self, toml: String) -> Self {
        self.services = Some(toml);
        self
    }

    /// With the demo's partner shop beside the backend.
    #[must_use]
    pub fn with_shop(self) -> Self {
        self.with_shop_of(shop::DEMO.to_owned())
    }

    /// With a shop of other settings, in which `{shop}` and `{issuer}` are the two origins. With services
    /// of the test's own, `{shop}` there is the shop's origin, too.
    #[must_use]
    pub fn with_shop_of(mut self, settings: String) -> Self {
        self.shop = Some(settings);
        self
    }

    /// With the shop, and with its test app.
    #[must_use]
    pub fn with_shop_and_test_app(mut self) -> Self {
        self.test_shop = Some(shop::DEMO_TEST_APP.to_owned());
        self.with_shop()
    }

    /// With further options of the backend: `["--challenge-ttl", "3s"]`.
    #[must_use]
    pub fn backend<const N: usize>(mut self, options: [&str; N]) -> Self {
        self.backend.extend(options.map(str::to_owned));
        self
    }
}
