//! What every handler shares, and how it comes to be.

use std::{
    fmt,
    num::NonZeroU32,
    path::{Path, PathBuf},
    sync::{Arc, Mutex, Once, PoisonError},
    time::Duration,
};

use axum::Router;
use consent_contract::{document::Document, redirect};
use jiff::tz::TimeZone;

use crate::{
    clock::{Clock, Seconds},
    clock_guard::{ClockGuard, Judgement},
    config::{Account, Catalog, Configuration, Fault, Places, Source, Unreadable},
    consent,
    crypto::{self, DerivationKey},
    demo,
    guardian_mail::GuardianMailer,
    http::{
        self, BuiltPage, BuiltPageCache, Limiter, client_address::TrustedProxies,
        cookies::CookieNames,
    },
    network::Network,
    oauth::key::SigningKey,
    permissions,
    provider::Provider,
    readiness::Readiness,
    receipt::Interface,
    store::{self, Change, ChangedText, Claim, EventRules, Mode, Store, StoredText},
    test_hooks::{TestHooks, WeakTestHooks, exposure},
    warning::{self, Doubt, Warning},
    webhooks,
};

const DAY: Seconds = 24 * 60 * 60;

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
    pub dist: PathBuf,
    /// The built preview studio, if it is to be served.
    pub studio: Option<PathBuf>,
    /// Where the database is.
    pub data_dir: PathBuf,
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
    /// The endpoints below `/__test/`, and sign-in by `login_hint`. The database is then a new one in
    /// the temporary directory, and `data_dir` is left alone.
    pub test_hooks: bool,
    /// Host names beside the public origin's, under any port: those of a certificate of
    /// [`crate::LocalCa`].
    pub other_hosts: Vec<String>,
    /// Whether this server speaks https itself, without a proxy in front of it.
    pub serves_https: bool,
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

/// What the test hooks can replace. Each request keeps the one that it began with.
struct Content {
    catalog: Catalog,
    store: Store,
    /// Keeps the test hooks for as long as the app that was opened is there.
    _test_hooks: Option<TestHooks>,
}

struct Inner {
    warnings: Vec<Warning>,
    clock: Clock,
    origin: String,
    dist: PathBuf,
    studio: Option<PathBuf>,
    challenge_ttl: Seconds,
    is_demo: bool,
    cookies: CookieNames,
    derivation_key: DerivationKey,
    signing_key: SigningKey,
    limiter: Option<Limiter>,
    clock_guard: Mutex<ClockGuard>,
    readiness: Readiness,
    hsts_include_subdomains: bool,
    built_pages: BuiltPageCache,
    trusted_proxies: TrustedProxies,
    /// None when no service has a target.
    webhook_client: Option<webhooks::Client>,
    /// The OpenID provider that people sign in at.
    provider: Option<Provider>,
    /// None where no link to a guardian can be sent.
    guardian_mailer: Option<GuardianMailer>,
    foreign_host: Once,
    other_hosts: Vec<String>,
    /// They hold this server in turn.
    test_hooks: Option<WeakTestHooks>,
}

impl App {
    /// Reads the configuration, opens the database, and makes the keys that are missing.
    ///
    /// # Errors
    /// See [`StartError`].
    pub async fn open(settings: Settings) -> Result<Self, StartError> {
        let other = |error: &dyn fmt::Display| StartError::Other(error.to_string());
        let origin = redirect::origin(&settings.public_origin)
            .ok()
            .filter(|origin| *origin == settings.public_origin.trim_end_matches('/'))
            .ok_or_else(|| {
                StartError::Other(format!(
                    "the public origin `{}` must be https://host[:port], or http on a loopback \
                     host, in lower case and without the default port",
                    settings.public_origin
                ))
            })?;
        if settings.test_hooks
            && let Some(reason) = exposure::of_origin(&origin, &settings.other_hosts)
        {
            return Err(StartError::Other(reason));
        }
        let is_demo = matches!(settings.services, Services::Demo);
        let source = match &settings.services {
            Services::Demo => demo::source(&origin),
            Services::File(path) => Source::file(path).map_err(|error| match error {
                Unreadable::Io(error) => StartError::Other(format!("{}: {error}", path.display())),
                Unreadable::NotUtf8(fault) => StartError::Configuration(vec![fault]),
            })?,
        };
        let configuration = source.read().map_err(StartError::Configuration)?;
        let now = settings.clock.now();
        check_birthdays(&configuration.places, &source, now)?;
        check_webhooks(&configuration.places, &source, &settings.webhook_networks)?;
        let webhook_client = match configuration.places.webhooks.is_empty() {
            true => None,
            false => Some(
                webhooks::Client::new(&settings.webhook_networks).map_err(|error| other(&error))?,
            ),
        };
        let mut warnings = Vec::new();
        if !is_demo {
            // The demo shows services that no one can sign up to, and signs people in itself.
            warnings.extend(warning::of_configuration(&configuration, &source, now));
        }
        let Configuration { catalog, places } = configuration;
        warnings.extend(warning::of_rules(&catalog, now));
        warnings.extend(of_directories(&settings));
        let trusted_proxies = TrustedProxies::new(settings.trusted_proxies);
        let is_behind_tls = origin.starts_with("https:") && !settings.serves_https;
        // With test hooks there is no proxy: `login_hint` signs in, and the header is never read.
        if !settings.test_hooks {
            check_proxies(&trusted_proxies, &catalog, is_behind_tls)?;
        }
        let claim = Claim {
            mode: if is_demo { Mode::Demo } else { Mode::Production },
            services: catalog.services.keys().cloned().collect(),
            demo_services: demo::service_ids,
            issuer: origin.clone(),
        };
        let test_hooks = match settings.test_hooks {
            true => Some(TestHooks::new(&catalog, &claim).map_err(|error| other(&error))?),
            false => None,
        };
        let data_dir =
            test_hooks.as_ref().map_or(settings.data_dir, TestHooks::first_database_directory);
        let store = Store::open(&data_dir, &claim).await.map_err(|error| {
            StartError::Other(format!("the database in {}: {error}", data_dir.display()))
        })?;
        keep_texts(&store, &catalog, &source, &places).await?;
        let derivation_key = store.derivation_key().await.map_err(|error| other(&error))?;
        let derivation_key = DerivationKey::new(&derivation_key);
        let event_rules = EventRules::new(&catalog, &derivation_key, &settings.clock);
        let store = store.with_event_rules(event_rules);
        let retention = store::Retention {
            refusals: Seconds::from(catalog.retention.refusals_days) * DAY,
            ended_agreements: catalog
                .retention
                .ended_agreements_days
                .map(|days| Seconds::from(days) * DAY),
        };
        store.set_retention(retention).await.map_err(|error| other(&error))?;
        let accounts = catalog.accounts.values().map(AsRef::as_ref);
        let edited = store.seed(accounts).await.map_err(|error| other(&error))?;
        warnings.extend(edited.into_iter().map(|account| {
            let at = places.accounts.get(&account).copied().unwrap_or_default();
            let place = Some(warning::place(&source.fault(at, String::new())));
            Warning { place, what: Doubt::SeededBefore { account } }
        }));
        let key =
            store.secret("id_token", SigningKey::generate).await.map_err(|error| other(&error))?;
        let signing_key = SigningKey::read(&key)
            .map_err(|_| StartError::Other("the key in the database cannot be read".to_owned()))?;
        if let Services::File(path) = &settings.services
            && let Some(reason) = permissions::exposed_secrets(path)
        {
            let file = path.display();
            tracing::warn!(%file, "the configuration can hold client secrets, and {reason}");
        }
        let guardian_mailer = match (&catalog.guardian, &webhook_client) {
            (Some(target), Some(client)) => {
                let (client, target) = (client.clone(), target.clone());
                Some(GuardianMailer::Hook { client, target })
            }
            _ => is_demo.then(GuardianMailer::demo),
        };
        let provider = catalog.sign_in.oidc.clone().map(|configured| {
            Provider::new(configured, format!("{origin}{}", http::SIGN_IN_CALLBACK))
        });
        let provider = provider.transpose().map_err(|error| other(&error))?;
        let inner = Inner {
            provider,
            guardian_mailer,
            derivation_key,
            webhook_client,
            cookies: CookieNames::of(&origin),
            signing_key,
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
            clock: settings.clock,
            dist: settings.dist,
            studio: settings.studio,
            other_hosts: settings.other_hosts,
            test_hooks: test_hooks.as_ref().map(TestHooks::downgrade),
            origin,
            is_demo,
            warnings,
        };
        let app = Self(Arc::new(inner), Arc::new(Content { catalog, store, _test_hooks: None }));
        let Some(hooks) = test_hooks else { return Ok(app) };
        hooks.start(&app).await.map_err(|error| other(&error))?;
        let (catalog, store) = (app.catalog().clone(), app.store().clone());
        Ok(Self(app.0, Arc::new(Content { catalog, store, _test_hooks: Some(hooks) })))
    }

    /// The same server with other accounts and another database, for the test hooks.
    pub(crate) fn with(&self, catalog: Catalog, store: Store) -> Self {
        let event_rules = EventRules::new(&catalog, self.derivation_key(), self.clock());
        let store = store.with_event_rules(event_rules);
        Self(Arc::clone(&self.0), Arc::new(Content { catalog, store, _test_hooks: None }))
    }

    /// The server as it is now: with test hooks, accounts and database can have been replaced.
    pub(crate) fn current(&self) -> Self {
        self.test_hooks().and_then(|hooks| hooks.current()).unwrap_or_else(|| self.clone())
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
        &self.0.warnings
    }

    /// Everything this backend answers to.
    pub fn router(&self) -> Router {
        match self.test_hooks() {
            Some(hooks) => hooks.router(),
            None => http::router(self),
        }
    }

    /// Deletes what has expired, unless the wall clock has jumped ahead. To be called every few
    /// minutes.
    pub async fn run_maintenance(&self) {
        if let Some(limiter) = self.limiter() {
            limiter.forget();
        }
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
        self.0.webhook_client.as_ref()
    }

    /// The OpenID provider that people sign in at.
    pub(crate) fn provider(&self) -> Option<&Provider> {
        self.0.provider.as_ref()
    }

    pub(crate) fn guardian_mailer(&self) -> Option<&GuardianMailer> {
        self.0.guardian_mailer.as_ref()
    }

    /// Adds new receipts to the log and signs its head. To be called every few seconds.
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

    pub(crate) fn catalog(&self) -> &Catalog {
        &self.1.catalog
    }

    /// The account of this id: of the configuration, else of the database. An account that an operator
    /// has disabled is none.
    ///
    /// # Errors
    /// When the database cannot be read.
    pub(crate) async fn account(&self, id: &str) -> Result<Option<Arc<Account>>, store::Error> {
        if let Some(account) = self.catalog().accounts.get(id) {
            return Ok(Some(Arc::clone(account)));
        }
        let stored = self.store().account(id).await?.filter(|it| it.disabled_at.is_none());
        Ok(stored.map(|it| Arc::new(it.account())))
    }

    pub(crate) fn store(&self) -> &Store {
        &self.1.store
    }

    pub(crate) fn derivation_key(&self) -> &DerivationKey {
        &self.0.derivation_key
    }

    pub(crate) fn signing_key(&self) -> &SigningKey {
        &self.0.signing_key
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

    pub(crate) fn is_https(&self) -> bool {
        self.0.origin.starts_with("https:")
    }

    pub(crate) fn hsts_include_subdomains(&self) -> bool {
        self.0.hsts_include_subdomains
    }

    /// The page in a directory of a built screen or studio.
    ///
    /// # Errors
    /// When it is not there.
    pub(crate) async fn built_page(&self, directory: &Path) -> std::io::Result<Arc<BuiltPage>> {
        let (app, directory) = (self.clone(), directory.to_owned());
        let read = move || app.0.built_pages.get(&directory);
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

    pub(crate) fn dist(&self) -> &Path {
        &self.0.dist
    }

    /// The built preview studio, if it is served.
    pub(crate) fn studio(&self) -> Option<&Path> {
        self.0.studio.as_deref()
    }

    pub(crate) fn challenge_ttl(&self) -> Seconds {
        self.0.challenge_ttl
    }

    /// Where a signed-out browser is sent.
    pub(crate) fn login_url(&self) -> Option<&str> {
        if self.0.is_demo {
            Some(demo::PATH)
        } else if self.0.provider.is_some() {
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

/// The day that has begun in the time zone farthest ahead: no one is born later.
pub(crate) fn latest_today(now: Seconds) -> time::Date {
    const MOST_AHEAD: Seconds = 14 * 60 * 60;
    consent::today(&TimeZone::UTC, now.saturating_add(MOST_AHEAD))
}

/// Refuses birthdays that no time zone has reached.
fn check_birthdays(places: &Places, source: &Source, now: Seconds) -> Result<(), StartError> {
    let today = latest_today(now);
    let coming = places.birth_dates.values().flatten().filter(|(day, _)| *day > today);
    let faults = coming.map(|(day, at)| {
        source.fault(*at, format!("`{day}` is no birthday: the day has not come"))
    });
    let faults: Vec<Fault> = faults.collect();
    if faults.is_empty() { Ok(()) } else { Err(StartError::Configuration(faults)) }
}

/// Refuses targets to which no webhook would ever be sent.
fn check_webhooks(
    places: &Places,
    source: &Source,
    networks: &[Network],
) -> Result<(), StartError> {
    let refused = places.webhooks.iter().filter_map(|(url, at)| {
        let reason = webhooks::check_target(url, networks).err()?;
        Some(source.fault(*at, reason))
    });
    let faults: Vec<Fault> = refused.collect();
    if faults.is_empty() { Ok(()) } else { Err(StartError::Configuration(faults)) }
}

/// Refuses an account header that any client could send, and warns of clients that count as one.
fn check_proxies(
    proxies: &TrustedProxies,
    catalog: &Catalog,
    is_behind_tls: bool,
) -> Result<(), StartError> {
    if !proxies.is_empty() {
        return Ok(());
    }
    if let Some(header) = &catalog.sign_in.account_header {
        return Err(StartError::Other(format!(
            "`account_header` names {header}, which any client can send: it is read from trusted \
             proxies only, and none is named; add --trusted-proxy with the address from which the \
             proxy connects, for example --trusted-proxy 127.0.0.1"
        )));
    }
    // Something in front of this server speaks https.
    if is_behind_tls {
        tracing::warn!(
            "the public origin is https and no --trusted-proxy is named: all clients of the \
             reverse proxy count as one client, and share one rate limit"
        );
    }
    Ok(())
}

/// What is wrong with the directories of built pages.
fn of_directories(settings: &Settings) -> Vec<Warning> {
    let directory = |path: &Path| path.display().to_string();
    let screen = http::lacks_a_screen(&settings.dist)
        .map(|why| Doubt::NoScreen { directory: directory(&settings.dist), why });
    let studio = settings.studio.as_deref();
    let studio = studio
        .filter(|it| !["", "preview"].iter().all(|page| it.join(page).join("index.html").is_file()))
        .map(|it| Doubt::NoStudio { directory: directory(it) });
    screen.into_iter().chain(studio).map(|what| Warning { place: None, what }).collect()
}

/// Keeps the texts of every term in every language, and refuses what changed under its version.
async fn keep_texts(
    store: &Store,
    catalog: &Catalog,
    source: &Source,
    places: &Places,
) -> Result<(), StartError> {
    let mut texts = Vec::new();
    for service in catalog.services.values() {
        for term in &service.terms {
            for locale in &service.locales {
                let document = Document {
                    tag: term.tag.clone(),
                    version: term.version.clone(),
                    title: term.title.get(locale).clone(),
                    locale: locale.clone(),
                    digest: term.digests.get(locale).clone(),
                    effective_from: term.effective_from.to_string(),
                    blocks: term.blocks.get(locale).clone(),
                };
                texts.push(StoredText { service: service.client_id.clone(), document });
            }
        }
    }
    let kept = store
        .keep_texts(&texts)
        .await
        .map_err(|error| StartError::Other(format!("the texts cannot be kept: {error}")))?;
    kept.map_err(|changed| {
        let faults = changed.into_iter().map(|changed| {
            let ChangedText { service, tag, version, what } = changed;
            let places = places.term(&service, &tag, &version);
            match what {
                Change::Text { locale } => source.fault(
                    places.version,
                    format!(
                        "the text of `{tag}` in `{locale}` differs from what was shown as version \
                         `{version}` before: a changed text needs a new version"
                    ),
                ),
                Change::EffectiveFrom { kept } => source.fault(
                    places.effective_from,
                    format!(
                        "version `{version}` of `{tag}` was kept with `effective_from = {kept}`, \
                         which receipts refer to: another day needs a new version"
                    ),
                ),
            }
        });
        StartError::Configuration(faults.collect())
    })
}
