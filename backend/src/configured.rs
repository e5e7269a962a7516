//! A configuration that was read and checked: what a start, a reload and `--check` have in common.

use std::{fmt, sync::Arc};

use consent_contract::document::Document;
use jiff::tz::TimeZone;

use crate::{
    BuiltFiles, Services, Settings, StartError, Store,
    clock::{Clock, Seconds},
    config::{Catalog, Configuration, Fault, Places, Service, Source, Unreadable},
    consent,
    content::Content,
    crypto::DerivationKey,
    demo::{self, shops::DemoShops},
    guardian_mail::GuardianMailer,
    http::{self, client_address::TrustedProxies},
    managed::Managed,
    network::Network,
    oauth::key_ring::Purpose,
    permissions,
    provider::Provider,
    store::{self, Change, ChangedText, EventRules, Location, OpenError, StoredText},
    warning::{self, Doubt, Warning},
    webhooks,
};

const DAY: Seconds = 24 * 60 * 60;

/// What of the command line matters to a configuration.
pub struct Options {
    pub services: Services,
    origin: String,
    dist: BuiltFiles,
    studio: Option<BuiltFiles>,
    admin_studio: Option<BuiltFiles>,
    webhook_networks: Vec<Network>,
    demo_shops: DemoShops,
    trusted_proxies: TrustedProxies,
    is_behind_tls: bool,
    has_test_hooks: bool,
}

impl Options {
    #[must_use]
    pub fn of(settings: &Settings, origin: &str) -> Self {
        let mut webhook_networks = settings.webhook_networks.clone();
        if matches!(settings.services, Services::Demo) {
            webhook_networks.extend(settings.demo_shops.networks());
        }
        Self {
            services: settings.services.clone(),
            origin: origin.to_owned(),
            dist: settings.dist.clone(),
            studio: settings.studio.clone(),
            admin_studio: settings.admin_studio.clone(),
            webhook_networks,
            demo_shops: settings.demo_shops.clone(),
            trusted_proxies: TrustedProxies::new(settings.trusted_proxies.clone()),
            is_behind_tls: origin.starts_with("https:") && !settings.serves_https,
            has_test_hooks: settings.test_hooks,
        }
    }

    /// Whether there are managed services beside those of the configuration. The demo is what it is, and
    /// test hooks replace the database.
    pub fn has_managed_services(&self) -> bool {
        matches!(self.services, Services::File(_)) && !self.has_test_hooks
    }

    /// The files of the built screen.
    pub fn dist(&self) -> &BuiltFiles {
        &self.dist
    }

    /// Private networks to which webhooks may be sent.
    pub fn webhook_networks(&self) -> &[Network] {
        &self.webhook_networks
    }
}

/// A configuration that was read and checked, and is not in the database yet.
pub struct Configured {
    pub catalog: Catalog,
    /// What an operator should know.
    pub warnings: Vec<Warning>,
    webhook_client: Option<webhooks::Client>,
    provider: Option<Arc<Provider>>,
    guardian_mailer: Option<GuardianMailer>,
    source: Source,
    places: Places,
    has_managed_services: bool,
    webhook_networks: Vec<Network>,
}

impl Configured {
    /// Reads and checks. Nothing is written.
    ///
    /// # Errors
    /// See [`StartError`].
    pub fn read(options: &Options, now: Seconds) -> Result<Self, StartError> {
        let is_demo = matches!(options.services, Services::Demo);
        let source = match &options.services {
            Services::Demo => demo::source(&options.origin, &options.demo_shops),
            Services::File(path) => Source::file(path).map_err(|error| match error {
                Unreadable::Io(error) => StartError::Other(format!("{}: {error}", path.display())),
                Unreadable::NotUtf8(fault) => StartError::Configuration(vec![fault]),
            })?,
        };
        let mut configuration = source.read().map_err(StartError::Configuration)?;
        if is_demo {
            options.demo_shops.link(&mut configuration.catalog);
        }
        check_birthdays(&configuration.places, &source, now)?;
        check_webhooks(&configuration.places, &source, &options.webhook_networks)?;
        let webhook_client = match configuration.places.webhooks.is_empty() {
            true => None,
            false => {
                let client = webhooks::Client::new(&options.webhook_networks);
                Some(client.map_err(|error| StartError::Other(error.to_string()))?)
            }
        };
        let mut warnings = Vec::new();
        if !is_demo {
            // The demo shows services that no one can sign up to, and signs people in itself.
            warnings.extend(warning::of_configuration(&configuration, &source, now));
        }
        let Configuration { catalog, places } = configuration;
        warnings.extend(warning::of_rules(&catalog, now));
        warnings.extend(of_directories(options));
        // With test hooks there is no proxy: `login_hint` signs in, and the header is never read.
        if !options.has_test_hooks {
            check_proxies(&options.trusted_proxies, &catalog, options.is_behind_tls)?;
        }
        if let Services::File(path) = &options.services {
            for path in std::iter::once(path).chain(&places.secret_files) {
                if let Some(reason) = permissions::exposed_secrets(path) {
                    let file = path.display();
                    tracing::warn!(%file, "the configuration can hold client secrets, and {reason}");
                }
            }
        }
        let guardian_mailer = match (&catalog.guardian, &webhook_client) {
            (Some(target), Some(client)) => {
                let (client, target) = (client.clone(), target.clone());
                Some(GuardianMailer::Hook { client, target })
            }
            _ => is_demo.then(GuardianMailer::demo),
        };
        let provider = catalog.sign_in.oidc.clone().map(|configured| {
            let callback = format!("{}{}", options.origin, http::SIGN_IN_CALLBACK);
            Provider::new(configured, callback).map(Arc::new)
        });
        let provider = provider.transpose();
        let provider = provider.map_err(|error| StartError::Other(error.to_string()))?;
        Ok(Self {
            catalog,
            warnings,
            webhook_client,
            provider,
            guardian_mailer,
            source,
            places,
            has_managed_services: options.has_managed_services(),
            webhook_networks: options.webhook_networks.clone(),
        })
    }

    /// Compares the texts with those of the database, and the services with the managed ones, if there is a
    /// database.
    ///
    /// # Errors
    /// When a text differs from what is kept under its version, a managed service does not fit the file, or
    /// the database cannot be read.
    pub async fn compare_with(&self, database: &Location) -> Result<(), StartError> {
        let store = match Store::open_existing(database).await {
            Ok(store) => store,
            // A start would make or migrate it.
            Err(OpenError::NotReady) => return Ok(()),
            Err(error) => {
                return Err(StartError::Other(format!("the database in {database}: {error}")));
            }
        };
        let changed = store.changed_texts(&texts(&self.catalog)).await;
        let managed = self.managed(&store).await;
        store.close().await;
        // First: the texts of a service with the id of another one differ from the other's.
        self.check_managed(&managed?, &Managed::default())?;
        let changed = changed.map_err(|error| StartError::Other(format!("the texts: {error}")))?;
        match changed.is_empty() {
            true => Ok(()),
            false => Err(refused_texts(changed, &self.source, &self.places)),
        }
    }

    /// The managed services beside those of this configuration.
    async fn managed(&self, store: &Store) -> Result<Managed, StartError> {
        if !self.has_managed_services {
            return Ok(Managed::default());
        }
        let stored = store.managed_services().await;
        let (revision, stored) = stored.map_err(|error| {
            StartError::Other(format!("the services of the admin API: {error}"))
        })?;
        Ok(Managed::read(revision, stored, &self.catalog, &self.webhook_networks))
    }

    /// Refuses a file with the client id of a managed service, or beside which one could not go on that was
    /// used before.
    fn check_managed(&self, managed: &Managed, before: &Managed) -> Result<(), StartError> {
        let mut faults = Vec::new();
        for (id, fault) in managed.unusable() {
            if self.catalog.services.contains_key(id) {
                let at = self.places.services.get(id).copied().unwrap_or_default();
                let reason = format!(
                    "the admin API has made a service `{id}`, too: delete one of them, or give this one \
                     another client_id"
                );
                faults.push(self.source.fault(at, reason));
            } else if before.services.get(id).is_none_or(|entry| entry.service.is_ok()) {
                let (at, why) = (&fault.at, &fault.reason);
                let reason = format!(
                    "the service `{id}` of the admin API does not fit this file: {at}: {why}"
                );
                faults.push(self.source.fault(0, reason));
            }
        }
        if faults.is_empty() { Ok(()) } else { Err(StartError::Configuration(faults)) }
    }

    /// The same for a start, which leaves out what does not fit, with a warning: a newer version of this
    /// program may refuse what an older one took, and the admin API can fix it.
    fn check_managed_at_start(&self, managed: &Managed) -> Result<Vec<Warning>, StartError> {
        let is_of_the_file = |id: &str| self.catalog.services.contains_key(id);
        if managed.unusable().any(|(id, _)| is_of_the_file(id)) {
            self.check_managed(managed, managed)?;
        }
        let warnings = managed.unusable().map(|(id, fault)| {
            let reason = format!("{}: {}", fault.at, fault.reason);
            let what = Doubt::ManagedService { service: id.to_owned(), reason };
            Warning { place: None, what }
        });
        Ok(warnings.collect())
    }

    /// Writes what belongs into the database: texts, retention periods, links of accounts and the keys
    /// that are missing.
    ///
    /// # Errors
    /// When a text differs from what is kept under its version, or a managed service does not fit; then
    /// nothing is written. When the database cannot be used. `before` are the managed services of the
    /// configuration before, at a reload.
    pub async fn install(
        self,
        store: Store,
        derivation_key: &DerivationKey,
        clock: &Clock,
        before: Option<&Managed>,
    ) -> Result<Content, StartError> {
        let other = |error: &dyn fmt::Display| StartError::Other(error.to_string());
        let managed = self.managed(&store).await?;
        let doubtful = match before {
            Some(before) => self.check_managed(&managed, before).map(|()| Vec::new())?,
            None => self.check_managed_at_start(&managed)?,
        };
        let Self {
            catalog,
            mut warnings,
            webhook_client,
            provider,
            guardian_mailer,
            source,
            places,
            webhook_networks,
            ..
        } = self;
        warnings.extend(doubtful);
        keep_texts(&store, &catalog, &source, &places).await?;
        let store = store.with_event_rules(EventRules::new(&catalog, derivation_key, clock));
        let retention = store::Retention {
            refusals: Seconds::from(catalog.retention.refusals_days) * DAY,
            ended_agreements: catalog
                .retention
                .ended_agreements_days
                .map(|days| Seconds::from(days) * DAY),
        };
        let accounts = catalog.accounts.values().map(AsRef::as_ref);
        let edited = store.seed(accounts).await.map_err(|error| other(&error))?;
        warnings.extend(edited.into_iter().map(|account| {
            let at = places.accounts.get(&account).copied().unwrap_or_default();
            let place = Some(warning::place(&source.fault(at, String::new())));
            Warning { place, what: Doubt::SeededBefore { account } }
        }));
        for purpose in Purpose::ALL {
            let is_used = match purpose {
                Purpose::IdTokens => true,
                Purpose::Events => catalog.services.values().any(|it| it.events.is_some()),
            };
            if is_used {
                let made = store.make_signing_keys(purpose, clock.now()).await;
                made.map_err(|error| other(&error))?;
            }
        }
        // Last: a cleanup deletes by it, which cannot be undone, and what is before it can fail.
        store.set_retention(retention).await.map_err(|error| other(&error))?;
        let content = Content {
            file: Arc::new(catalog.clone()),
            managed: Arc::default(),
            toml: consent_services::without_secrets(&source.toml).into(),
            catalog,
            store,
            warnings,
            webhook_client,
            provider,
            guardian_mailer,
            test_hooks: None,
        };
        let content = content.with_managed(managed, derivation_key, clock, &webhook_networks);
        content.await.map_err(|error| other(&error))
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
fn of_directories(options: &Options) -> Vec<Warning> {
    let screen = http::lacks_a_screen(&options.dist)
        .map(|why| Doubt::NoScreen { directory: options.dist.to_string(), why });
    let has = |files: &BuiltFiles, page: &str| files.signature(page).is_some();
    let studios = [&options.studio, &options.admin_studio].into_iter().flatten();
    let studios = studios
        .filter(|it| !["index.html", "preview/index.html"].iter().all(|page| has(it, page)))
        .map(|it| Doubt::NoStudio { directory: it.to_string() });
    screen.into_iter().chain(studios).map(|what| Warning { place: None, what }).collect()
}

/// Keeps the texts of every term in every language, and refuses what changed under its version.
async fn keep_texts(
    store: &Store,
    catalog: &Catalog,
    source: &Source,
    places: &Places,
) -> Result<(), StartError> {
    let kept = store
        .keep_texts(&texts(catalog))
        .await
        .map_err(|error| StartError::Other(format!("the texts cannot be kept: {error}")))?;
    kept.map_err(|changed| refused_texts(changed, source, places))
}

/// The texts of every term in every language.
fn texts(catalog: &Catalog) -> Vec<StoredText> {
    let mut texts = Vec::new();
    for service in catalog.services.values() {
        texts.extend(texts_of(service));
    }
    texts
}

/// The texts of every term of a service in every language, in the order of the terms.
pub(crate) fn texts_of(service: &Service) -> Vec<StoredText> {
    let mut texts = Vec::new();
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
    texts
}

fn refused_texts(changed: Vec<ChangedText>, source: &Source, places: &Places) -> StartError {
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
}
