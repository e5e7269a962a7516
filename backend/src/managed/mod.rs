//! Managed services: those that the admin API makes, beside the ones of services.toml (docs/adr/023). Pure:
//! rows in, services and findings out. The calls are in `http/admin_services`, the tables in
//! `store/managed_service.rs`.

mod check;
mod document;
mod finding;
mod json;
mod merge_patch;

use std::collections::BTreeMap;

use crate::{
    clock::Seconds,
    config::{Catalog, ClientSecrets, ReadService, Service, ServiceFault, ServiceReader},
    network::Network,
    store::{ManagedService, StoredText},
    webhooks,
};

pub use check::check;
pub use document::{ClientSecret, Document};
pub use finding::Finding;
pub use json::{NoObject, read_object};
pub use merge_patch::merge;

/// The managed services at a revision.
#[derive(Debug, Default)]
pub struct Managed {
    pub revision: i64,
    /// By client id.
    pub services: BTreeMap<String, Entry>,
}

/// A managed service.
#[derive(Debug)]
pub struct Entry {
    pub stored: ManagedService,
    /// The service, also one that is disabled; or why it cannot be used beside services.toml.
    pub service: Result<Service, Vec<ServiceFault>>,
}

/// Whether a managed service can be used.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum State {
    /// It waits for its approval: no one can sign up to it.
    Pending,
    Active,
    /// As if there were no such service.
    Disabled,
}

impl State {
    /// Of a stored service.
    #[must_use]
    pub fn of(stored: &ManagedService) -> Self {
        match (stored.disabled_at, stored.approved_at) {
            (Some(_), _) => Self::Disabled,
            (None, None) => Self::Pending,
            (None, Some(_)) => Self::Active,
        }
    }

    /// Its name in messages.
    #[must_use]
    pub fn name(self) -> &'static str {
        match self {
            Self::Pending => "pending",
            Self::Active => "active",
            Self::Disabled => "disabled",
        }
    }
}

impl Managed {
    /// Reads stored services, in their order, beside those of the file.
    #[must_use]
    pub fn read(
        revision: i64,
        stored: Vec<ManagedService>,
        file: &Catalog,
        networks: &[Network],
    ) -> Self {
        let mut reader = ServiceReader::beside(file, std::iter::empty());
        let entry = |stored: ManagedService| {
            let service = if file.services.contains_key(&stored.client_id) {
                Err(vec![ServiceFault {
                    at: "/client_id".to_owned(),
                    reason: "services.toml has a service with this client_id, too".to_owned(),
                }])
            } else {
                read(&stored, &mut reader, networks)
            };
            (stored.client_id.clone(), Entry { stored, service })
        };
        Self { revision, services: stored.into_iter().map(entry).collect() }
    }

    /// The services of the file, and the managed ones that can be used beside them.
    #[must_use]
    pub fn beside(&self, file: &Catalog) -> Catalog {
        let mut catalog = file.clone();
        for (id, entry) in &self.services {
            if let (Ok(service), None) = (&entry.service, entry.stored.disabled_at) {
                catalog.services.insert(id.clone(), service.clone());
            }
        }
        catalog
    }

    /// Services that cannot be used beside services.toml, with the first reason.
    pub fn unusable(&self) -> impl Iterator<Item = (&str, &ServiceFault)> {
        self.services.iter().filter_map(|(id, entry)| {
            let faults = entry.service.as_ref().err()?;
            Some((id.as_str(), faults.first()?))
        })
    }

    /// Every service that can be used beside services.toml, also disabled ones, but for one of this id: what
    /// they have is taken.
    pub fn others<'a>(&'a self, id: &'a str) -> impl Iterator<Item = &'a Service> {
        let others = self.services.iter().filter(move |(other, _)| *other != id);
        others.filter_map(|(_, entry)| entry.service.as_ref().ok())
    }
}

/// Reads a stored service.
fn read(
    stored: &ManagedService,
    reader: &mut ServiceReader<'_>,
    networks: &[Network],
) -> Result<Service, Vec<ServiceFault>> {
    let document = Document::stored(stored).map_err(|fault| vec![fault])?;
    let ReadService { service, .. } = read_document(&document, reader, networks)?;
    Ok(Service {
        client_secret: client_secrets(stored),
        approved: stored.approved_at.is_some(),
        ..service
    })
}

/// Reads a document, whose webhooks must go to targets that are allowed.
fn read_document(
    document: &Document,
    reader: &mut ServiceReader<'_>,
    networks: &[Network],
) -> Result<ReadService, Vec<ServiceFault>> {
    let read = reader.read(&document.with_secrets())?;
    let refused = read.webhooks.iter().filter_map(|(url, at)| {
        let reason = webhooks::check_target(url, networks).err()?;
        Some(ServiceFault { at: at.clone(), reason })
    });
    let refused: Vec<ServiceFault> = refused.collect();
    if refused.is_empty() { Ok(read) } else { Err(refused) }
}

/// The secrets of a client: the one of now, and those before it until they end.
fn client_secrets(stored: &ManagedService) -> Option<ClientSecrets> {
    let digest = |digest: &[u8]| <[u8; 32]>::try_from(digest).ok();
    let current = stored.client_secrets.iter().find(|secret| secret.ends_at.is_none())?;
    let previous = stored.client_secrets.iter().filter_map(|secret| {
        let ends_at: Seconds = secret.ends_at?;
        Some((digest(&secret.digest)?, ends_at))
    });
    Some(ClientSecrets::of_digests(digest(&current.digest)?, previous.collect()))
}

/// The texts of a service, in every language.
#[must_use]
pub fn texts(service: &Service) -> Vec<StoredText> {
    crate::configured::texts_of(service)
}
