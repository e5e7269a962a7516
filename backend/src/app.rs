//! What every handler shares, and how it comes to be.

mod leases;
mod managed_services;

use std::{
    fmt,
    num::NonZeroU32,
    path::PathBuf,
    sync::{Arc, Mutex, Once, PoisonError, RwLock},
    time::Duration,
};

use axum::Router;
use consent_contract::redirect;

use leases::Leases;

use crate::{
    BuiltFiles,
    audit::AuditLog,
    clock::{Clock, Seconds},
    clock_guard::{ClockGuard, Judgement},
    config::{Account, Catalog, Fault},
    configured::{Configured, Options},
    content::Content,
    crypto::{self, DerivationKey},
    demo::{self, shops::DemoShops},
    guardian_mail::GuardianMailer,
    http::{
        self, BuiltPage, BuiltPageCache, Limiter, client_address::TrustedProxies,
        cookies::CookieNames,
    },
    languages,
    metrics::Metrics,
    network::Network,
    oauth::{key::SigningKey, key_ring::Purpose},
    provider::Provider,
    readiness::Readiness,
    receipt::Interface,
    slow_requests::SlowRequests,
    store::{self, Claim, EventRules, Location, Mode, Store},
    telemetry::Traces,
    test_hooks::{TestHooks, WeakTestHooks, exposure},
    warning::Warning,
    webhooks,
};

/// Where services and accounts come from.
#[derive(Debug, Clone)]
pub enum Services {
    /// A TOML file.
    File(PathBuf),
    /// The built-in ones, with the pages to try them.
    Demo,
}

/// How this backend is to run.
#[derive(Debug, Clone)]
pub struct Settings {
    pub services: Services,
    /// The origin under which browsers reach it: `https://id.example`. Plain http only on loopback.
    pub public_origin: String,
    /// The built screen.
    pub dist: BuiltFiles,
    /// The built preview studio, if it is to be served.
    pub studio: Option<BuiltFiles>,
    /// The same for the admin listener.
    pub admin_studio: Option<BuiltFiles>,
    /// Where the database is.
    pub database: Location,
    /// How long a person has for an answer.
    pub challenge_ttl: Duration,
    /// Requests a minute for each browser session; none for no limit.
    pub rate_limit: Option<NonZeroU32>,
    /// Whether HSTS includes every subdomain.
    pub hsts_include_subdomains: bool,
    /// The reverse proxies that may report for whom a request is. `account_header` needs one.
    pub trusted_proxies: Vec<Network>,
    /// Private networks to which webhooks may be sent, also over plain http. Every other target is https
    /// and in the public internet.
    pub webhook_networks: Vec<Network>,
    /// Of the demo: the partner shops that run beside it.
    pub demo_shops: DemoShops,
    /// The endpoints below `/__test/`, and sign-in by `login_hint`. The database is then a new one in
    /// the temporary directory, and `data_dir` is left alone.
    pub test_hooks: bool,
    /// Host names beside the public origin's, under any port: those of a certificate of
    /// [`crate::LocalCa`].
    pub other_hosts: Vec<String>,
    /// Whether this server speaks https itself, without a proxy in front of it.
    pub serves_https: bool,
    /// Where sign-ins, decisions, refusals and what operators do are recorded; by default nowhere.
    pub audit_log: AuditLog,
    /// Where spans of requests go; by default nowhere.
    pub traces: Traces,
    /// How long a request takes that the admin API lists as slow.
    pub slow_request: Duration,
    pub clock: Clock,
}

/// Why it does not start.
#[derive(Debug)]
pub enum StartError {
    /// The configuration is wrong: every fault.
    Configuration(Vec<Fault>),
    /// Something else is in the way.
    Other(String),
}

impl fmt::Display for StartError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Configuration(faults) => {
                for fault in faults {
                    writeln!(f, "{fault}")?;
                }
                let many =
                    if faults.len() == 1 { "1 fault" } else { &format!("{} faults", faults.len()) };
                write!(f, "the configuration has {many}")
            }
            Self::Other(reason) => f.write_str(reason),
        }
    }
}

impl std::error::Error for StartError {}

/// What every handler shares. Cheap to copy.
#[derive(Clone)]
pub struct App(Arc<Inner>, Arc<Content>);

struct Inner {
    clock: Clock,
    origin: String,
    dist: BuiltFiles,
    studio: Option<BuiltFiles>,
    admin_studio: Option<BuiltFiles>,
    challenge_ttl: Seconds,
    is_demo: bool,
    demo_shops: DemoShops,
    cookies: CookieNames,
    derivation_key: DerivationKey,
    limiter: Option<Limiter>,
    clock_guard: Mutex<ClockGuard>,
    readiness: Readiness,
    metrics: Metrics,
    audit_log: AuditLog,
    traces: Traces,
    slow_requests: SlowRequests,
    leases: Leases,
    hsts_include_subdomains: bool,
    built_pages: BuiltPageCache,
    trusted_proxies: TrustedProxies,
    foreign_host: Once,
    other_hosts: Vec<String>,
    /// They hold this server in turn.
    test_hooks: Option<WeakTestHooks>,
    /// What a configuration is read with.
    options: Options,
    /// Held while the configuration is read again.
    reloading: tokio::sync::Mutex<()>,
    /// None until the configuration has been read again.
    reloaded: RwLock<Option<Arc<Content>>>,
}

impl App {
    /// Reads the configuration, opens the database, and makes the keys that are missing.
    ///
    /// # Errors
    /// See [`StartError`].
    pub async fn open(settings: Settings) -> Result<Self, StartError> {
        let other = |error: &dyn fmt::Display| StartError::Other(error.to_string());
        let origin = checked_origin(&settings.public_origin)?;
        if settings.test_hooks
            && let Some(reason) = exposure::of_origin(&origin, &settings.other_hosts)
        {
            return Err(StartError::Other(reason));
        }
        let is_demo = matches!(settings.services, Services::Demo);
        let now = settings.clock.now();
        let trusted_proxies = TrustedProxies::new(settings.trusted_proxies.clone());
        let options = Options::of(&settings, &origin);
        let configured = Configured::read(&options, now)?;
        let claim = Claim {
            mode: if is_demo { Mode::Demo } else { Mode::Production },
            services: configured.catalog.services.keys().cloned().collect(),
            demo_services: demo::service_ids,
            issuer: origin.clone(),
        };
        let test_hooks = match settings.test_hooks {
            true => {
                let hooks = TestHooks::new(&configured.catalog, &claim);
                Some(hooks.map_err(|error| other(&error))?)
            }
            false => None,
        };
        let database = match &test_hooks {
            Some(hooks) => hooks.first_database_directory().into(),
            None => settings.database,
        };
        let store = Store::open(&database, &claim)
            .await
            .map_err(|error| StartError::Other(format!("the database in {database}: {error}")))?;
        let derivation_key = store.derivation_key().await.map_err(|error| other(&error))?;
        let derivation_key = DerivationKey::new(&derivation_key);
        let content = configured.install(store, &derivation_key, &settings.clock, None).await?;
        let inner = Inner {
            derivation_key,
            cookies: CookieNames::of(&origin),
            limiter: settings.rate_limit.map(Limiter::new),
            hsts_include_subdomains: settings.hsts_include_subdomains,
            built_pages: BuiltPageCache::default(),
            trusted_proxies,
            foreign_host: Once::new(),
            challenge_ttl: Seconds::try_from(settings.challenge_ttl.as_secs()).unwrap_or(i64::MAX),
            clock_guard: Mutex::new(ClockGuard::new(
                settings.clock.now(),
                settings.clock.elapsed(),
            )),
            readiness: Readiness::default(),
            metrics: Metrics::new(settings.audit_log.lines()),
            audit_log: settings.audit_log,
            traces: settings.traces,
            slow_requests: SlowRequests::new(settings.slow_request),
            leases: Leases::default(),
            clock: settings.clock,
            dist: settings.dist,
            studio: settings.studio,
            admin_studio: settings.admin_studio,
            other_hosts: settings.other_hosts,
            test_hooks: test_hooks.as_ref().map(TestHooks::downgrade),
            origin,
            is_demo,
            demo_shops: settings.demo_shops,
            options,
            reloading: tokio::sync::Mutex::default(),
            reloaded: RwLock::default(),
        };
        let app = Self(Arc::new(inner), Arc::new(content));
        app.metrics().started(now);
        let Some(hooks) = test_hooks else { return Ok(app) };
        hooks.start(&app).await.map_err(|error| other(&error))?;
        let mut content = Content::clone(&app.1);
        content.test_hooks = Some(hooks);
        Ok(Self(app.0, Arc::new(content)))
    }

    /// Reads and checks a configuration as a start would, and starts nothing. Texts are compared with
    /// those of the database, if there is one. Returns what an operator should know.
    ///
    /// # Errors
    /// See [`StartError`].
    pub async fn check(settings: &Settings) -> Result<Vec<Warning>, StartError> {
        let origin = checked_origin(&settings.public_origin)?;
        let options = Options::of(settings, &origin);
        let configured = Configured::read(&options, settings.clock.now())?;
        if matches!(settings.services, Services::File(_)) {
            configured.compare_with(&settings.database).await?;
        }
        Ok(configured.warnings)
    }

    /// Reads the configuration again. Requests that have begun go on with the one before; when it is
    /// refused, all do. Returns what an operator should know.
    ///
    /// # Errors
    /// See [`StartError`]. Also for a configuration that is not in a file, and with test hooks.
    pub async fn reload(&self) -> Result<Vec<Warning>, StartError> {
        let refused = |why: &str| Err(StartError::Other(why.to_owned()));
        if matches!(self.0.options.services, Services::Demo) {
            return refused("the demo's configuration is built in");
        }
        if self.test_hooks().is_some() {
            return refused("--test-hooks replaces the accounts by requests");
        }
        let _turn = self.0.reloading.lock().await;
        let (app, now) = (self.clone(), self.now());
        // Reading files and checking texts keeps no request waiting.
        let read = move || Configured::read(&app.0.options, now);
        let read = tokio::task::spawn_blocking(read).await;
        let configured = read.map_err(|error| StartError::Other(error.to_string()))??;
        let store = self.store().clone();
        let before = self.current();
        let managed = Some(&*before.1.managed);
        let (key, clock) = (self.derivation_key(), self.clock());
        let mut content = configured.install(store, key, clock, managed).await?;
        // What is known of a provider outlives a reload that does not change it: it may be down now.
        if let (Some(new), Some(before)) = (&content.provider, &self.current().1.provider)
            && new.configured() == before.configured()
        {
            content.provider = Some(Arc::clone(before));
        }
        let warnings = content.warnings.clone();
        let mut reloaded = self.0.reloaded.write().unwrap_or_else(PoisonError::into_inner);
        *reloaded = Some(Arc::new(content));
        Ok(warnings)
    }

    /// Reads the language files of the screen again. Returns what is wrong with them; see [`languages::load`].
    pub(crate) async fn read_languages(&self) -> Vec<String> {
        let app = self.clone();
        let read = tokio::task::spawn_blocking(move || languages::load(app.0.options.dist()));
        read.await.unwrap_or_else(|error| vec![error.to_string()])
    }

    /// The same server with other accounts and another database, for the test hooks.
    pub(crate) fn with(&self, catalog: Catalog, store: Store) -> Self {
        let event_rules = EventRules::new(&catalog, self.derivation_key(), self.clock());
        let store = store.with_event_rules(event_rules);
        let content = Content { catalog, store, test_hooks: None, ..Content::clone(&self.1) };
        Self(Arc::clone(&self.0), Arc::new(content))
    }

    /// The server as it is now: the configuration can have been reloaded; with test hooks, accounts and
    /// database can have been replaced.
    pub(crate) fn current(&self) -> Self {
        if let Some(hooks) = self.test_hooks() {
            return hooks.current().unwrap_or_else(|| self.clone());
        }
        let reloaded = self.0.reloaded.read().unwrap_or_else(PoisonError::into_inner);
        match &*reloaded {
            Some(content) => Self(Arc::clone(&self.0), Arc::clone(content)),
            None => self.clone(),
        }
    }

    /// Whether both are the same server with the same configuration and database.
    pub(crate) fn is_same(&self, other: &Self) -> bool {
        Arc::ptr_eq(&self.1, &other.1)
    }

    /// Whether no request uses this content any more, and only this copy of the app is left.
    pub(crate) fn is_last_copy(&self) -> bool {
        Arc::strong_count(&self.1) == 1
    }

    /// The test hooks; none without `--test-hooks`.
    pub(crate) fn test_hooks(&self) -> Option<TestHooks> {
        self.0.test_hooks.as_ref().and_then(WeakTestHooks::upgrade)
    }

    /// What an operator should know of how it was started.
    #[must_use]
    pub fn warnings(&self) -> &[Warning] {
        &self.1.warnings
    }

    /// Everything this backend answers to.
    pub fn router(&self) -> Router {
        match (self.test_hooks(), &self.0.options.services) {
            (Some(hooks), _) => hooks.router(),
            (None, Services::Demo) => http::router(self),
            (None, Services::File(_)) => http::router_of_current(self),
        }
    }

    /// Forgets clients that have their whole rate limit again. To be called every few minutes.
    pub fn forget_clients(&self) {
        if let Some(limiter) = self.limiter() {
            limiter.forget();
        }
    }

    /// Deletes what has expired, unless the wall clock has jumped ahead. To be called every few minutes, by
    /// the server that has the lease of it ([`Self::keep_lease`]).
    pub async fn run_maintenance(&self) {
        if !self.trusts_clock() {
            return;
        }
        self.seal_receipts().await;
        let now = self.now();
        let current = self.current();
        if let Err(error) = http::unlink_incomplete_sign_ups(&current).await {
            tracing::warn!(%error, "sign-ups that were not completed could not be unlinked");
        }
        if let Err(error) = current.store().expire_agreements(now).await {
            tracing::warn!(%error, "agreements past their validity could not be ended");
        }
        if let Err(error) = current.store().announce_notices(now).await {
            tracing::warn!(%error, "notices that are due could not be announced");
        }
        for service in current.catalog().services.keys() {
            if let Err(error) = current.store().reschedule_events(service, now).await {
                tracing::warn!(%error, service, "its events could not be scheduled");
            }
        }
        if let Err(error) = current.store().clean_up(now).await {
            tracing::warn!(%error, "what has expired could not be deleted");
        }
    }

    /// Delivers the events that are due now. [`crate::serve()`] does so all the time.
    pub async fn deliver_events(&self) {
        webhooks::deliver_due(self).await;
    }

    pub(crate) fn webhook_client(&self) -> Option<&webhooks::Client> {
        self.1.webhook_client.as_ref()
    }

    /// The OpenID provider that people sign in at.
    pub(crate) fn provider(&self) -> Option<&Provider> {
        self.1.provider.as_deref()
    }

    pub(crate) fn guardian_mailer(&self) -> Option<&GuardianMailer> {
        self.1.guardian_mailer.as_ref()
    }

    /// Adds new receipts to the log and signs its head. To be called every few seconds, by the server that
    /// has the lease of it.
    pub async fn seal_receipts(&self) {
        if let Err(error) = self.current().store().seal_receipts(self.now()).await {
            tracing::error!(%error, "receipts could not be sealed");
        }
    }

    /// Whether the wall clock can be trusted enough to end or delete by it.
    pub(crate) fn trusts_clock(&self) -> bool {
        let judgement = {
            let mut guard = self.0.clock_guard.lock().unwrap_or_else(PoisonError::into_inner);
            guard.judge(self.now(), self.0.clock.elapsed())
        };
        if let Judgement::Jumped(seconds) = judgement {
            tracing::warn!(
                seconds,
                "the wall clock has jumped ahead: nothing is deleted for a day, or until the clock \
                 is set right"
            );
        }
        judgement == Judgement::Trusted
    }

    /// The audit log.
    #[must_use]
    pub fn audit_log(&self) -> &AuditLog {
        &self.0.audit_log
    }

    /// Where spans go.
    pub(crate) fn traces(&self) -> &Traces {
        &self.0.traces
    }

    /// The slowest requests of the last hour.
    pub(crate) fn slow_requests(&self) -> &SlowRequests {
        &self.0.slow_requests
    }

    /// What is counted.
    pub(crate) fn metrics(&self) -> &Metrics {
        &self.0.metrics
    }

    /// Health and metrics, for a listener that is never public.
    pub fn admin_router(&self) -> Router {
        http::admin_router(self)
    }

    /// From now on `/readyz` is answered with 503, so that load balancers send no new requests here.
    /// Requests are still answered. To be called before the process stops.
    pub fn start_draining(&self) {
        self.0.readiness.start_draining();
    }

    pub(crate) fn readiness(&self) -> &Readiness {
        &self.0.readiness
    }

    /// Closes the database.
    pub async fn close(&self) {
        self.current().store().close().await;
        if let Some(hooks) = self.test_hooks() {
            hooks.stop();
        }
    }

    /// The file with the services, without its secrets.
    pub(crate) fn services_toml(&self) -> &str {
        &self.1.toml
    }

    pub(crate) fn catalog(&self) -> &Catalog {
        &self.1.catalog
    }

    /// Whether there is an account of this id, also one that is disabled.
    ///
    /// # Errors
    /// When the database cannot be read.
    pub(crate) async fn has_account(&self, id: &str) -> Result<bool, store::Error> {
        Ok(self.catalog().accounts.contains_key(id) || self.store().account(id).await?.is_some())
    }

    /// See [`Store::usable_account`].
    ///
    /// # Errors
    /// When the database cannot be read.
    pub(crate) async fn account(&self, id: &str) -> Result<Option<Arc<Account>>, store::Error> {
        self.store().usable_account(self.catalog(), id).await
    }

    pub(crate) fn store(&self) -> &Store {
        &self.1.store
    }

    pub(crate) fn derivation_key(&self) -> &DerivationKey {
        &self.0.derivation_key
    }

    /// The key that signs now.
    pub(crate) async fn signing_key(
        &self,
        purpose: Purpose,
    ) -> Result<Arc<SigningKey>, store::Error> {
        self.store().signing_key(purpose, self.now()).await
    }

    pub(crate) fn limiter(&self) -> Option<&Limiter> {
        self.0.limiter.as_ref()
    }

    pub(crate) fn trusted_proxies(&self) -> &TrustedProxies {
        &self.0.trusted_proxies
    }

    /// Writes a line about a foreign host to the log, the first time only.
    pub(crate) fn foreign_host_notice(&self, log: impl FnOnce()) {
        self.0.foreign_host.call_once(log);
    }

    pub(crate) fn now(&self) -> Seconds {
        self.0.clock.now()
    }

    pub(crate) fn clock(&self) -> &Clock {
        &self.0.clock
    }

    /// Takes the clock as it is now for right, after a test has moved it.
    pub(crate) fn trust_clock(&self) {
        let mut guard = self.0.clock_guard.lock().unwrap_or_else(PoisonError::into_inner);
        *guard = ClockGuard::new(self.now(), self.0.clock.elapsed());
    }

    /// Host names beside the public origin's.
    pub(crate) fn other_hosts(&self) -> &[String] {
        &self.0.other_hosts
    }

    /// Our origin, which is also the issuer of tokens.
    #[must_use]
    pub fn origin(&self) -> &str {
        &self.0.origin
    }

    /// Whether the built-in services and accounts are there to be tried.
    pub(crate) fn is_demo(&self) -> bool {
        self.0.is_demo
    }

    /// The partner shops that run beside the demo.
    pub(crate) fn demo_shops(&self) -> &DemoShops {
        &self.0.demo_shops
    }

    pub(crate) fn is_https(&self) -> bool {
        self.0.origin.starts_with("https:")
    }

    pub(crate) fn hsts_include_subdomains(&self) -> bool {
        self.0.hsts_include_subdomains
    }

    /// The page of a built screen or studio.
    ///
    /// # Errors
    /// When it is not there.
    pub(crate) async fn built_page(&self, files: &BuiltFiles) -> std::io::Result<Arc<BuiltPage>> {
        let (app, files) = (self.clone(), files.clone());
        let read = move || app.0.built_pages.get(&files);
        // Files are looked at where waiting for a disk keeps no other request waiting.
        tokio::task::spawn_blocking(read).await.map_err(std::io::Error::other)?
    }

    /// The version of the screen, as receipts name it.
    pub(crate) async fn interface(&self) -> Interface {
        let page = self.built_page(self.dist()).await.ok();
        Interface {
            version: env!("CARGO_PKG_VERSION").to_owned(),
            page: page.map(|page| crypto::sri(page.html().as_bytes())),
        }
    }

    pub(crate) fn dist(&self) -> &BuiltFiles {
        &self.0.dist
    }

    /// The built preview studio on the admin listener, if it is served there.
    pub(crate) fn admin_studio(&self) -> Option<&BuiltFiles> {
        self.0.admin_studio.as_ref()
    }

    /// The built preview studio, if it is served.
    pub(crate) fn studio(&self) -> Option<&BuiltFiles> {
        self.0.studio.as_ref()
    }

    pub(crate) fn challenge_ttl(&self) -> Seconds {
        self.0.challenge_ttl
    }

    /// Where a signed-out browser is sent.
    pub(crate) fn login_url(&self) -> Option<&str> {
        if self.0.is_demo {
            Some(demo::PATH)
        } else if self.1.provider.is_some() {
            Some(http::SIGN_IN)
        } else {
            self.1.catalog.sign_in.login_url.as_deref()
        }
    }

    /// The names of our cookies.
    pub(crate) fn cookies(&self) -> &CookieNames {
        &self.0.cookies
    }

    pub(crate) fn session_cookie(&self) -> &str {
        self.0.cookies.session()
    }
}

/// The public origin in the spelling that browsers use.
fn checked_origin(public_origin: &str) -> Result<String, StartError> {
    let origin = redirect::origin(public_origin).ok();
    origin.filter(|origin| *origin == public_origin.trim_end_matches('/')).ok_or_else(|| {
        StartError::Other(format!(
            "the public origin `{public_origin}` must be https://host[:port], or http on a loopback \
             host, in lower case and without the default port"
        ))
    })
}
