//! One test: a backend, a proxy and a browser, and a look at what they complained about.

use crate::browser::Browser;
use crate::engine::{Device, Engine, Profile, cleanup};
use crate::product::Product;
use crate::proxy::Proxy;
use crate::records;
use crate::watch::{self, Log};
use anyhow::{Context, Result, anyhow};
use futures_util::FutureExt;
use std::future::Future;
use std::io::Write;
use std::panic::{AssertUnwindSafe, resume_unwind};
use std::path::{Path, PathBuf};
use std::sync::{Arc, Mutex, PoisonError};
use std::time::Duration;
use tempfile::TempDir;
use tokio::sync::Mutex as AsyncMutex;

/// How a test is set up.
#[derive(Clone, Debug)]
pub struct Setup {
    profile: Profile,
    backend: Vec<String>,
    services: Option<String>,
    is_server_rendered: bool,
    /// Where the test does not run, and why.
    not_in: Vec<(Engine, &'static str)>,
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

    /// In a Chromium that no other test uses, for what changes the state of the whole browser.
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

    /// With further options of the backend: `["--challenge-ttl", "3s"]`.
    #[must_use]
    pub fn backend<const N: usize>(mut self, options: [&str; N]) -> Self {
        self.backend.extend(options.map(str::to_owned));
        self
    }
}

/// What a test drives.
pub struct TestApp {
    pub engine: Engine,
    pub browser: Browser,
    pub proxy: Proxy,
    product: AsyncMutex<Product>,
    data: TempDir,
    allowed: Mutex<Vec<String>>,
}

impl TestApp {
    /// Runs a test to its end, whatever happens in it. When the browser itself crashes, the test is
    /// run once more, in a browser of its own.
    ///
    /// # Errors
    /// When something cannot be started, the test fails, or the browser complained about something that
    /// was not allowed.
    ///
    /// # Panics
    /// When the test panics, after the browser was closed.
    pub async fn run<F, Done>(setup: Setup, test: F) -> Result<()>
    where
        F: Fn(Arc<Self>) -> Done,
        Done: Future<Output = Result<()>>,
    {
        let engine = Engine::chosen()?;
        let said = setup.not_in.iter().find(|(out, _)| *out == engine).map(|(_, why)| *why);
        if let Some(why) = said.or(engine.lacks(&setup.profile)) {
            return not_run(engine, why);
        }
        if let Some(result) = Self::run_once(&setup, engine, &test).await? {
            return result;
        }
        eprintln!("the browser crashed: the test is run once more");
        let again = Self::run_once(&setup.in_its_own_browser(), engine, &test).await?;
        again.context("the browser crashed twice")?
    }

    /// The result of a test; none when the browser crashed.
    async fn run_once<F, Done>(
        setup: &Setup,
        engine: Engine,
        test: &F,
    ) -> Result<Option<Result<()>>>
    where
        F: Fn(Arc<Self>) -> Done,
        Done: Future<Output = Result<()>>,
    {
        let app = Arc::new(Self::start(setup, engine).await?);
        let done = AssertUnwindSafe(test(Arc::clone(&app))).catch_unwind().await;
        if !matches!(done, Ok(Ok(()))) && app.browser.has_crashed().await {
            // Its session ends with it, or cannot be ended.
            let _ = app.browser.driver.clone().quit().await;
            return Ok(None);
        }
        let unexpected = app.unexpected().await;
        let good =
            matches!(done, Ok(Ok(()))) && matches!(&unexpected, Ok(found) if found.is_empty());
        if !good {
            match app.keep_evidence().await {
                Ok(place) => eprintln!("what there was to see is in {}", place.display()),
                Err(error) => eprintln!("nothing could be kept of the failure: {error:#}"),
            }
        }
        let closed = app.browser.driver.clone().quit().await.context("cannot close the browser");
        Ok(Some(match done {
            Err(panic) => {
                // The test's own words come last; these say what the browser thought meanwhile.
                eprintln!("the browser complained: {:#?}", unexpected.unwrap_or_default());
                resume_unwind(panic)
            }
            Ok(Err(error)) => {
                let complaints = unexpected.unwrap_or_default();
                Err(error.context(format!("the browser complained: {complaints:#?}")))
            }
            Ok(Ok(())) => {
                let unexpected = unexpected?;
                match unexpected.is_empty() {
                    true => closed,
                    false => Err(anyhow!("the browser complained: {unexpected:#?}")),
                }
            }
        }))
    }

    async fn start(setup: &Setup, engine: Engine) -> Result<Self> {
        let data = tempfile::tempdir_in(cleanup::folder()?)?;
        let proxy = Proxy::start().await?;
        watch::watch(engine, &proxy);
        let mut options = setup.backend.clone();
        match &setup.services {
            None => options.push("--demo".to_owned()),
            Some(toml) => {
                let file = data.path().join("services.toml");
                std::fs::write(&file, toml.replace("{origin}", proxy.origin()))?;
                options.extend(["--services".to_owned(), file.to_string_lossy().into_owned()]);
                // The proxy names the account.
                options.extend(["--trusted-proxy", "127.0.0.1"].map(str::to_owned));
                proxy.say("x-account", "account")?;
            }
        }
        let product =
            Product::start(proxy.origin(), data.path(), setup.is_server_rendered, &options).await?;
        proxy.lead_to(product.address());
        if engine == Engine::WebKit {
            proxy.speak(&setup.profile.languages)?;
            if let Some(user_agent) = &setup.profile.user_agent {
                proxy.say("user-agent", user_agent)?;
            }
        }
        let browser = Browser::start(engine, &setup.profile, proxy.origin()).await?;
        let product = AsyncMutex::new(product);
        Ok(Self { engine, browser, proxy, product, data, allowed: Mutex::default() })
    }

    /// Expects the browser to complain with this text. Anything else fails the test.
    pub fn allow_console_error(&self, text: &str) {
        self.allowed.lock().unwrap_or_else(PoisonError::into_inner).push(text.to_owned());
    }

    /// Expects connections that end without an answer: which of the two a browser says depends on
    /// how far it had got.
    pub fn allow_lost_answers(&self) {
        self.allow_console_error("net::ERR_EMPTY_RESPONSE");
        self.allow_console_error("net::ERR_CONNECTION_RESET");
    }

    /// The directory of the backend's database.
    #[must_use]
    pub fn data(&self) -> &Path {
        self.data.path()
    }

    /// Every decision in the database.
    ///
    /// # Errors
    /// When it cannot be read.
    pub async fn decisions(&self) -> Result<Vec<records::Decision>> {
        records::decisions(self.data()).await
    }

    /// What was asked and answered in one decision.
    ///
    /// # Errors
    /// When it cannot be read.
    pub async fn items(&self, receipt_id: &str) -> Result<Vec<records::Item>> {
        records::items(self.data(), receipt_id).await
    }

    /// Ends the backend as a power failure would, and starts it again on the same database.
    ///
    /// # Errors
    /// When it does not start again.
    pub async fn fail_power(&self) -> Result<()> {
        let mut product = self.product.lock().await;
        product.kill().await?;
        product.start_again().await?;
        self.proxy.lead_to(product.address());
        Ok(())
    }

    /// Ends the backend as a power failure would, and starts it again this much later: in its database,
    /// deliveries are as much nearer.
    ///
    /// # Errors
    /// When it does not start again.
    pub async fn fail_power_for(&self, pause: Duration) -> Result<()> {
        let mut product = self.product.lock().await;
        product.kill().await?;
        records::bring_deliveries_nearer(self.data(), pause).await?;
        product.start_again().await?;
        self.proxy.lead_to(product.address());
        Ok(())
    }

    /// Ends the backend as a power failure would.
    ///
    /// # Errors
    /// When the process cannot be ended.
    pub async fn stop(&self) -> Result<()> {
        self.product.lock().await.kill().await
    }

    async fn unexpected(&self) -> Result<Vec<String>> {
        let log = Log::take(self.engine, &self.browser.driver, &self.proxy).await?;
        let allowed = self.allowed.lock().unwrap_or_else(PoisonError::into_inner);
        Ok(log.unexpected(self.proxy.origin(), &allowed))
    }

    /// Keeps what shows why a test failed, and says where.
    async fn keep_evidence(&self) -> Result<PathBuf> {
        let name = std::thread::current().name().unwrap_or("app").replace("::", "-");
        let place = Path::new(env!("CARGO_MANIFEST_DIR")).join("../target/e2e-failures").join(name);
        std::fs::create_dir_all(&place)?;
        self.browser.driver.screenshot(&place.join("page.png")).await?;
        std::fs::write(place.join("page.html"), self.browser.driver.source().await?)?;
        let seen = self.proxy.seen().iter().map(|seen| format!("{seen:?}\n")).collect::<String>();
        std::fs::write(place.join("requests.txt"), seen)?;
        std::fs::copy(self.data().join("backend.log"), place.join("backend.log"))?;
        Ok(place.canonicalize()?)
    }
}

/// Says so where a test's own output would be kept back, because the test passes.
fn not_run(engine: Engine, why: &str) -> Result<()> {
    let thread = std::thread::current();
    let test = thread.name().unwrap_or("a test");
    writeln!(std::io::stderr(), "not run in {}: {test}: {why}", engine.name())?;
    Ok(())
}
