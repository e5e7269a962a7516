//! The services of the admin API (docs/adr/023) in a server: read again when another server changed them.

use std::{
    io,
    sync::{Arc, PoisonError},
};

use super::{App, Services};
use crate::{config::Catalog, managed::Managed, network::Network, store};

impl App {
    /// Reads the managed services again, if any has changed: this server may not be the one that changed it.
    /// Requests that have begun go on with those before. Returns the server with the services as they are.
    ///
    /// # Errors
    /// When the database cannot be used. Then those before go on.
    pub(crate) async fn refresh_services(&self) -> Result<Self, store::Error> {
        if !self.0.options.has_managed_services() {
            return Ok(self.current());
        }
        let revision = self.store().managed_services_revision().await?;
        let current = self.current();
        if current.managed().revision == revision {
            return Ok(current);
        }
        let _turn = self.0.reloading.lock().await;
        let before = self.current();
        let (revision, stored) = self.store().managed_services().await?;
        if before.managed().revision == revision {
            return Ok(before);
        }
        // Checking texts keeps no request waiting.
        let app = before.clone();
        let read = move || Managed::read(revision, stored, app.file(), app.webhook_networks());
        let managed = tokio::task::spawn_blocking(read).await.map_err(io::Error::other)?;
        for (service, fault) in managed.unusable() {
            let (at, reason) = (&fault.at, &fault.reason);
            tracing::error!(
                service,
                at,
                reason,
                "a service of the admin API does not fit the file"
            );
        }
        let (key, clock) = (self.derivation_key(), self.clock());
        let networks = self.webhook_networks();
        let content = before.1.with_managed(managed, key, clock, networks).await?;
        {
            let mut reloaded = self.0.reloaded.write().unwrap_or_else(PoisonError::into_inner);
            *reloaded = Some(Arc::new(content));
        }
        Ok(self.current())
    }

    /// The managed services.
    pub(crate) fn managed(&self) -> &Managed {
        &self.1.managed
    }

    /// What the file has, without the managed services.
    pub(crate) fn file(&self) -> &Catalog {
        &self.1.file
    }

    /// Whether there can be managed services.
    pub(crate) fn has_managed_services(&self) -> bool {
        self.0.options.has_managed_services()
    }

    /// The name of the services file, for messages.
    pub(crate) fn services_file(&self) -> String {
        match &self.0.options.services {
            Services::File(path) => path.display().to_string(),
            Services::Demo => "the demo's configuration".to_owned(),
        }
    }

    /// Private networks to which webhooks may be sent.
    pub(crate) fn webhook_networks(&self) -> &[Network] {
        self.0.options.webhook_networks()
    }
}
