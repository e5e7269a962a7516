//! The services of a database: those of the file, and those of the admin API beside them, as a server that
//! starts now has them.

use super::Unexplained;
use crate::{
    config::Catalog,
    managed::{Managed, State},
    network::Network,
    store::{self, Store},
};

pub struct Known {
    managed: Managed,
    /// What can be used.
    pub catalog: Catalog,
}

impl Known {
    /// Reads the services of the admin API.
    ///
    /// # Errors
    /// When the database cannot be read.
    pub async fn beside(store: &Store, file: &Catalog) -> Result<Self, store::Error> {
        let (revision, stored) = store.managed_services().await?;
        // Where webhooks may go is an option of the server. Nothing is sent here.
        let managed = Managed::read(revision, stored, file, &Network::everything());
        let catalog = managed.beside(file);
        Ok(Self { managed, catalog })
    }

    /// Why a service cannot be used.
    pub fn missing(&self, id: &str) -> Unexplained {
        let service = id.to_owned();
        let Some(entry) = self.managed.services.get(id) else {
            return Unexplained::UnknownService(service);
        };
        match &entry.service {
            Err(faults) => {
                let reasons = faults.iter().map(|fault| format!("{}: {}", fault.at, fault.reason));
                let reasons = reasons.collect::<Vec<_>>().join("; ");
                Unexplained::UnusableService { service, reasons }
            }
            Ok(_) if State::of(&entry.stored) == State::Disabled => {
                Unexplained::DisabledService(service)
            }
            Ok(_) => Unexplained::UnknownService(service),
        }
    }
}
