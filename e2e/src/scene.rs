//! One test: a backend, a proxy and a browser, and a look at what they complained about.

use crate::browser::Browser;
use crate::engine::{Device, Engine};
use crate::product::Product;
use crate::proxy::Proxy;
use crate::records;
use crate::watch::Log;
use anyhow::{Context, Result, bail};
use futures_util::FutureExt;
use std::future::Future;
use std::panic::{AssertUnwindSafe, resume_unwind};
use std::path::{Path, PathBuf};
use std::sync::{Arc, Mutex, PoisonError};
use tempfile::TempDir;
use tokio::sync::Mutex as AsyncMutex;

/// How a scene is set.
#[derive(Clone, Debug)]
pub struct Setup {
    engine: Engine,
    device: Device,
    languages: String,
    backend: Vec<String>,
    painted: bool,
}

impl Default for Setup {
    fn default() -> Self {
        Self {
            engine: Engine::Chromium,
            device: Device::Phone,
            languages: "ko".into(),
            backend: Vec::new(),
            painted: true,
        }
    }
}

impl Setup {
    /// On another device than a phone.
    #[must_use]
    pub fn device(mut self, device: Device) -> Self {
        self.device = device;
        self
    }

    /// In a browser that prefers other languages than Korean: `ja,en`.
    #[must_use]
    pub fn languages(mut self, languages: &str) -> Self {
        self.languages = languages.into();
        self
    }

    /// With the page as a static host would serve it: the backend paints nothing into it, and the
    /// screen reads the request from the API.
    #[must_use]
    pub fn statically_hosted(mut self) -> Self {
        self.painted = false;
        self
    }

    /// With further options of the backend: `["--challenge-ttl", "3s"]`.
    #[must_use]
    pub fn backend<const N: usize>(mut self, options: [&str; N]) -> Self {
        self.backend.extend(options.map(str::to_owned));
        self
    }
}

/// What a test plays with.
pub struct Scene {
    pub browser: Browser,
    pub proxy: Proxy,
    product: AsyncMutex<Product>,
    data: TempDir,
    forgiven: Mutex<Vec<String>>,
}

impl Scene {
    async fn set(setup: &Setup) -> Result<Self> {
        let data = tempfile::tempdir()?;
        let proxy = Proxy::start().await?;
        let product =
            Product::start(proxy.origin(), data.path(), setup.painted, &setup.backend).await?;
        proxy.lead_to(product.address());
        let Setup { engine, device, languages, .. } = setup;
        let browser = Browser::start(*engine, *device, languages, proxy.origin()).await?;
        let product = AsyncMutex::new(product);
        Ok(Self { browser, proxy, product, data, forgiven: Mutex::default() })
    }

    /// Expects the browser to complain with this text. Anything else fails the test.
    pub fn forgive(&self, text: &str) {
        self.forgiven.lock().unwrap_or_else(PoisonError::into_inner).push(text.to_owned());
    }

    /// Expects connections that end without an answer: which of the two a browser says depends on
    /// how far it had got.
    pub fn forgive_lost_answers(&self) {
        self.forgive("net::ERR_EMPTY_RESPONSE");
        self.forgive("net::ERR_CONNECTION_RESET");
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

    async fn unexpected(&self) -> Result<Vec<String>> {
        let log = Log::take(&self.browser.driver).await?;
        let forgiven = self.forgiven.lock().unwrap_or_else(PoisonError::into_inner);
        Ok(log.unexpected(self.proxy.origin(), &forgiven))
    }

    /// Keeps what shows why a test failed, and says where.
    async fn keep_evidence(&self) -> Result<PathBuf> {
        let name = std::thread::current().name().unwrap_or("scene").replace("::", "-");
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

/// Plays a scene to its end, whatever happens in it.
///
/// # Errors
/// When the scene cannot be set, the test fails, or the browser complained about something that
/// was not forgiven.
///
/// # Panics
/// When the test panics, after the browser was closed.
pub async fn play<F, Played>(setup: Setup, test: F) -> Result<()>
where
    F: FnOnce(Arc<Scene>) -> Played,
    Played: Future<Output = Result<()>>,
{
    let scene = Arc::new(Scene::set(&setup).await?);
    let played = AssertUnwindSafe(test(Arc::clone(&scene))).catch_unwind().await;
    let unexpected = scene.unexpected().await;
    let good = matches!(played, Ok(Ok(()))) && matches!(&unexpected, Ok(found) if found.is_empty());
    if !good {
        match scene.keep_evidence().await {
            Ok(place) => eprintln!("what there was to see is in {}", place.display()),
            Err(error) => eprintln!("nothing could be kept of the failure: {error:#}"),
        }
    }
    let closed = scene.browser.driver.clone().quit().await.context("cannot close the browser");
    match played {
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
            if !unexpected.is_empty() {
                bail!("the browser complained: {unexpected:#?}");
            }
            closed
        }
    }
}
