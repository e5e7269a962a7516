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
    config::{Catalog, Configuration, Fault, Places, Source, Unreadable},
    consent,
    crypto::{self, DerivationKey},
    demo,
    http::{
        self, BuiltPage, BuiltPageCache, Limiter,
        client_address::{ProxyNetwork, TrustedProxies},
        cookies::CookieNames,
    },
    oauth::key::SigningKey,
    permissions,
    readiness::Readiness,
    store::{Change, ChangedText, Claim, Mode, Store, StoredText},
    warning::{self, Doubt, Warning},
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
    pub trusted_proxies: Vec<ProxyNetwork>,
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
pub struct App(Arc<Inner>);

struct Inner {
    warnings: Vec<Warning>,
    catalog: Catalog,
    store: Store,
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
    foreign_host: Once,
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
        let mut warnings = Vec::new();
        if !is_demo {
            // The demo shows services that no one can sign up to, and signs people in itself.
            warnings.extend(warning::of_configuration(&configuration, &source, now));
        }
        let Configuration { catalog, places } = configuration;
        warnings.extend(warning::of_rules(&catalog, now));
        warnings.extend(of_directories(&settings));
        let trusted_proxies = TrustedProxies::new(settings.trusted_proxies);
        check_proxies(&trusted_proxies, &catalog, &origin)?;
        let claim = Claim {
            mode: if is_demo { Mode::Demo } else { Mode::Production },
            services: catalog.services.keys().cloned().collect(),
            demo_services: demo::service_ids,
        };
        let store = Store::open(&settings.data_dir, &claim).await.map_err(|error| {
            StartError::Other(format!("the database in {}: {error}", settings.data_dir.display()))
        })?;
        keep_texts(&store, &catalog, &source, &places).await?;
        let edited = store.seed(catalog.accounts.values()).await.map_err(|error| other(&error))?;
        warnings.extend(edited.into_iter().map(|account| {
            let at = places.accounts.get(&account).copied().unwrap_or_default();
            let place = Some(warning::place(&source.fault(at, String::new())));
            Warning { place, what: Doubt::SeededBefore { account } }
        }));
        let derivation_key = store
            .secret("names", || crypto::random_bytes::<32>().to_vec())
            .await
            .map_err(|error| other(&error))?;
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
        Ok(Self(Arc::new(Inner {
            derivation_key: DerivationKey::new(&derivation_key),
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
            origin,
            is_demo,
            catalog,
            store,
            warnings,
        })))
    }

    /// What an operator should know of how it was started.
    #[must_use]
    pub fn warnings(&self) -> &[Warning] {
        &self.0.warnings
    }

    /// Everything this backend answers to.
    pub fn router(&self) -> Router {
        http::router(self)
    }

    /// Deletes what has expired, unless the wall clock has jumped ahead. To be called every few
    /// minutes.
    pub async fn run_maintenance(&self) {
        if let Some(limiter) = self.limiter() {
            limiter.forget();
        }
        let now = self.now();
        let judgement = {
            let mut guard = self.0.clock_guard.lock().unwrap_or_else(PoisonError::into_inner);
            guard.judge(now, self.0.clock.elapsed())
        };
        match judgement {
            Judgement::Trusted => {}
            Judgement::Jumped(seconds) => {
                tracing::warn!(
                    seconds,
                    "the wall clock has jumped ahead: nothing is deleted for a day, or until the \
                     clock is set right"
                );
                return;
            }
            Judgement::OnProbation => return,
        }
        if let Err(error) = self.0.store.clean_up(now).await {
            tracing::warn!(%error, "what has expired could not be deleted");
        }
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
        self.0.store.close().await;
    }

    pub(crate) fn catalog(&self) -> &Catalog {
        &self.0.catalog
    }

    pub(crate) fn store(&self) -> &Store {
        &self.0.store
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
        if self.0.is_demo { Some(demo::PATH) } else { self.0.catalog.sign_in.login_url.as_deref() }
    }

    /// The names of our cookies.
    pub(crate) fn cookies(&self) -> &CookieNames {
        &self.0.cookies
    }

    pub(crate) fn session_cookie(&self) -> &str {
        self.0.cookies.session()
    }
}

/// Refuses birthdays that no time zone has reached.
fn check_birthdays(places: &Places, source: &Source, now: Seconds) -> Result<(), StartError> {
    const MOST_AHEAD: Seconds = 14 * 60 * 60;
    let today = consent::today(&TimeZone::UTC, now.saturating_add(MOST_AHEAD));
    let coming = places.birth_dates.values().flatten().filter(|(day, _)| *day > today);
    let faults = coming.map(|(day, at)| {
        source.fault(*at, format!("`{day}` is no birthday: the day has not come"))
    });
    let faults: Vec<Fault> = faults.collect();
    if faults.is_empty() { Ok(()) } else { Err(StartError::Configuration(faults)) }
}

/// Refuses an account header that any client could send, and warns of clients that count as one.
fn check_proxies(
    proxies: &TrustedProxies,
    catalog: &Catalog,
    origin: &str,
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
    // This server speaks plain http: something else in front of it speaks https.
    if origin.starts_with("https:") {
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
