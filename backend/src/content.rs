//! What a reload, a change of a managed service and the test hooks can replace.

use std::sync::Arc;

use crate::{
    clock::Clock,
    config::{Catalog, Service},
    crypto::DerivationKey,
    guardian_mail::GuardianMailer,
    managed::Managed,
    network::Network,
    oauth::key_ring::Purpose,
    provider::Provider,
    store::{self, EventRules, Store},
    test_hooks::TestHooks,
    warning::Warning,
    webhooks,
};

/// The part of a server that can be replaced. Each request keeps the one that it began with.
#[derive(Clone)]
pub struct Content {
    /// What the file has, and the managed services.
    pub catalog: Catalog,
    /// What the file has.
    pub file: Arc<Catalog>,
    pub managed: Arc<Managed>,
    /// The file itself, without its secrets.
    pub toml: Arc<str>,
    pub store: Store,
    pub warnings: Vec<Warning>,
    /// None when no service has a target.
    pub webhook_client: Option<webhooks::Client>,
    /// The OpenID provider that people sign in at.
    pub provider: Option<Arc<Provider>>,
    /// None where no link to a guardian can be sent.
    pub guardian_mailer: Option<GuardianMailer>,
    /// Keeps the test hooks for as long as the app that was opened is there.
    pub test_hooks: Option<TestHooks>,
}

impl Content {
    /// The same configuration with these managed services.
    ///
    /// # Errors
    /// When the database cannot be used, or no client for webhooks can be made.
    pub async fn with_managed(
        &self,
        managed: Managed,
        derivation_key: &DerivationKey,
        clock: &Clock,
        networks: &[Network],
    ) -> Result<Self, store::Error> {
        if managed.services.is_empty() && self.managed.services.is_empty() {
            return Ok(Self { managed: Arc::new(managed), ..self.clone() });
        }
        let catalog = managed.beside(&self.file);
        let rules = EventRules::new(&catalog, derivation_key, clock);
        let store = self.store.clone().with_event_rules(rules);
        let services = || catalog.services.values();
        if services().any(|it| it.events.is_some()) {
            store.make_signing_keys(Purpose::Events, clock.now()).await?;
        }
        let has_webhooks = |it: &Service| {
            let kakao = it.kakao.as_ref();
            it.events.is_some()
                || kakao.is_some_and(|it| {
                    it.unlink_webhook.is_some() || it.channel_webhook_url.is_some()
                })
        };
        let webhook_client = match &self.webhook_client {
            None if services().any(has_webhooks) => {
                let client = webhooks::Client::new(networks).map_err(std::io::Error::other)?;
                Some(client)
            }
            client => client.clone(),
        };
        let managed = Arc::new(managed);
        Ok(Self { catalog, store, webhook_client, managed, ..self.clone() })
    }
}
