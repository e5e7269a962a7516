//! One test: a backend, a proxy and a browser, and a look at what they complained about.

use crate::browser::Browser;
use crate::engine::{Engine, cleanup};
use crate::product::Product;
use crate::proxy::Proxy;
use crate::records;
use crate::setup::Setup;
use crate::shop::Shop;
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

/// What a test drives.
pub struct TestApp {
    pub engine: Engine,
    pub browser: Browser,
    pub proxy: Proxy,
    product: AsyncMutex<Product>,
    shop: Option<Shop>,
    test_shop: Option<Shop>,
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
        // The backend has to know where they are, and they have to ask it when they start.
        let shop_proxy = proxy_of_shop(setup, engine, setup.shop.is_some()).await?;
        let test_shop_proxy = proxy_of_shop(setup, engine, setup.test_shop.is_some()).await?;
        match &setup.services {
            None => {
                options.push("--demo".to_owned());
                let shops = [("--demo-shop", &shop_proxy), ("--demo-test-shop", &test_shop_proxy)];
                for (option, proxy) in shops {
                    let origin = proxy.as_ref().map(|proxy| proxy.origin().to_owned());
                    options.extend(origin.into_iter().flat_map(|it| [option.to_owned(), it]));
                }
            }
            Some(toml) => {
                let file = data.path().join("services.toml");
                let shop = shop_proxy.as_ref().map(Proxy::origin).unwrap_or_default();
                let toml = toml.replace("{origin}", proxy.origin()).replace("{shop}", shop);
                std::fs::write(&file, toml)?;
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
        let shop = start_shop(shop_proxy, setup.shop.as_deref(), &proxy).await?;
        let test_shop = start_shop(test_shop_proxy, setup.test_shop.as_deref(), &proxy).await?;
        let browser = Browser::start(engine, &setup.profile, proxy.origin()).await?;
        let product = AsyncMutex::new(product);
        let allowed = Mutex::default();
        Ok(Self { engine, browser, proxy, product, shop, test_shop, data, allowed })
    }

    /// The shop.
    ///
    /// # Panics
    /// When the test was set up without one.
    #[must_use]
    pub fn shop(&self) -> &Shop {
        self.shop.as_ref().expect("the test is set up with a shop")
    }

    /// The shop's test app.
    ///
    /// # Panics
    /// When the test was set up without one.
    #[must_use]
    pub fn test_shop(&self) -> &Shop {
        self.test_shop.as_ref().expect("the test is set up with a test app")
    }

    fn shops(&self) -> impl Iterator<Item = &Shop> {
        [&self.shop, &self.test_shop].into_iter().flatten()
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

    /// Has the backend read its configuration and its language files again.
    ///
    /// # Errors
    /// When it does not.
    pub async fn reload(&self) -> Result<()> {
        self.product.lock().await.reload().await
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
        let mut log = Log::take(self.engine, &self.browser.driver, &self.proxy).await?;
        if self.engine != Engine::Chromium {
            log = self.shops().fold(log, |log, shop| log.and(Log::of_spy(shop.proxy.reports())));
        }
        let origins: Vec<&str> =
            [self.proxy.origin()].into_iter().chain(self.shops().map(Shop::origin)).collect();
        let allowed = self.allowed.lock().unwrap_or_else(PoisonError::into_inner);
        Ok(log.unexpected(&origins, &allowed))
    }

    /// The directory for what shows why this test failed.
    ///
    /// # Errors
    /// When it cannot be made.
    pub fn evidence(&self) -> Result<PathBuf> {
        let name = std::thread::current().name().unwrap_or("app").replace("::", "-");
        let place = Path::new(env!("CARGO_MANIFEST_DIR")).join("../target/e2e-failures").join(name);
        std::fs::create_dir_all(&place)?;
        Ok(place)
    }

    /// Keeps what shows why a test failed, and says where.
    async fn keep_evidence(&self) -> Result<PathBuf> {
        let place = self.evidence()?;
        self.browser.driver.screenshot(&place.join("page.png")).await?;
        std::fs::write(place.join("page.html"), self.browser.driver.source().await?)?;
        let seen = |proxy: &Proxy| -> String {
            proxy.seen().iter().map(|seen| format!("{seen:?}\n")).collect()
        };
        std::fs::write(place.join("requests.txt"), seen(&self.proxy))?;
        for (number, shop) in self.shops().enumerate() {
            std::fs::write(place.join(format!("shop-{number}-requests.txt")), seen(&shop.proxy))?;
            std::fs::copy(shop.log(), place.join(format!("shop-{number}.log")))?;
        }
        std::fs::copy(self.data().join("backend.log"), place.join("backend.log"))?;
        Ok(place.canonicalize()?)
    }
}

/// A proxy for a shop that is set up.
async fn proxy_of_shop(setup: &Setup, engine: Engine, has_shop: bool) -> Result<Option<Proxy>> {
    if !has_shop {
        return Ok(None);
    }
    let proxy = Proxy::start().await?;
    watch::watch(engine, &proxy);
    if engine == Engine::WebKit {
        proxy.speak(&setup.profile.languages)?;
        if let Some(user_agent) = &setup.profile.user_agent {
            proxy.say("user-agent", user_agent)?;
        }
    }
    Ok(Some(proxy))
}

/// Starts the shop that has a proxy.
async fn start_shop(
    proxy: Option<Proxy>,
    settings: Option<&str>,
    platform: &Proxy,
) -> Result<Option<Shop>> {
    match proxy.zip(settings) {
        Some((proxy, settings)) => Ok(Some(Shop::start(proxy, settings, platform.origin()).await?)),
        None => Ok(None),
    }
}

/// Says so where a test's own output would be kept back, because the test passes.
fn not_run(engine: Engine, why: &str) -> Result<()> {
    let thread = std::thread::current();
    let test = thread.name().unwrap_or("a test");
    writeln!(std::io::stderr(), "not run in {}: {test}: {why}", engine.name())?;
    Ok(())
}
