//! Names that are declared in the file, and names of things that must exist somewhere else in it.

use std::collections::{BTreeMap, BTreeSet};

use super::{
    catalog::{Catalog, Service},
    fault::Faults,
};

/// Names of one kind that are declared.
#[derive(Default)]
pub struct Declared {
    names: BTreeSet<String>,
    /// Whether there is a declaration whose name could not be read: it may be any.
    unreadable: bool,
}

impl Declared {
    /// Adds a name; `None` when it could not be read. Returns whether it is new.
    pub fn add(&mut self, name: Option<&str>) -> bool {
        match name {
            Some(name) => self.names.insert(name.to_owned()),
            None => {
                self.unreadable = true;
                true
            }
        }
    }

    /// Remembers that declarations could not be read.
    pub fn is_not_whole(&mut self) {
        self.unreadable = true;
    }

    fn may_have(&self, name: &str) -> bool {
        self.unreadable || self.names.contains(name)
    }
}

/// What is declared in a service, and named elsewhere.
#[derive(Default)]
pub struct OfService {
    pub terms: Declared,
    pub items: Declared,
}

/// Every name that is declared in the file, and every reference to one. References are checked when
/// everything was read.
#[derive(Default)]
pub struct Names {
    pub accounts: Declared,
    pub channels: Declared,
    pub services: Declared,
    of_services: BTreeMap<String, OfService>,
    references: Vec<(usize, Name)>,
}

/// What is named.
pub enum Name {
    Account(String),
    Channel(String),
    Service(String),
    /// A term of a service.
    Term(String, String),
    /// An item of a service.
    Item(String, String),
}

impl Names {
    /// What a catalog declares, without its accounts.
    pub fn of_services(catalog: &Catalog) -> Self {
        let mut names = Self::default();
        for service in catalog.services.values() {
            names.declare(service);
        }
        names
    }

    /// Adds what a service declares that was read before.
    pub fn declare(&mut self, service: &Service) {
        let mut of_service = OfService::default();
        self.services.add(Some(&service.client_id));
        for tag in service.tags() {
            of_service.terms.add(Some(tag));
        }
        for item in &service.personal_info.items {
            of_service.items.add(Some(item.attribute.id()));
        }
        for channel in &service.channels {
            self.channels.add(Some(&channel.public_id));
        }
        self.add_service(Some(&service.client_id), of_service);
    }

    /// Adds what a service declares. Of two services with one id both count: that there are two is
    /// a fault of its own.
    pub fn add_service(&mut self, client_id: Option<&str>, of_service: OfService) {
        let Some(id) = client_id else { return };
        let known = self.of_services.entry(id.to_owned()).or_default();
        known.terms.names.extend(of_service.terms.names);
        known.items.names.extend(of_service.items.names);
        known.terms.unreadable |= of_service.terms.unreadable;
        known.items.unreadable |= of_service.items.unreadable;
    }

    /// Adds a reference.
    pub fn refer(&mut self, at: usize, name: Name) {
        self.references.push((at, name));
    }

    /// Forgets references that were checked.
    pub fn forget_references(&mut self) {
        self.references.clear();
    }

    /// Adds a fault for each reference that leads nowhere. Where its declaration may be one that
    /// could not be read, the fault is there and not here.
    pub fn check(&self, faults: &Faults) {
        for (at, name) in &self.references {
            if let Err(reason) = self.find(name, faults) {
                faults.add(*at, reason);
            }
        }
    }

    fn find(&self, name: &Name, faults: &Faults) -> Result<(), String> {
        let of_service = |id: &str, of: fn(&OfService) -> &Declared, name: &str| {
            // A service that does not exist is reported once, not again for all that it has not.
            self.of_services.get(id).is_none_or(|service| of(service).may_have(name))
        };
        let (exists, keys, missing): (bool, &[&str], String) = match name {
            Name::Account(id) => {
                (self.accounts.may_have(id), &["account"], format!("there is no account `{id}`"))
            }
            Name::Channel(id) => (
                self.channels.may_have(id),
                &["service", "channels"],
                format!("no service has a channel `{id}`"),
            ),
            Name::Service(id) => {
                (self.services.may_have(id), &["service"], format!("there is no service `{id}`"))
            }
            Name::Term(id, tag) => (
                of_service(id, |it| &it.terms, tag),
                &["service", "terms"],
                format!("`{id}` has no term `{tag}`"),
            ),
            Name::Item(id, item) => (
                of_service(id, |it| &it.items, item),
                &["service", "personal_info", "items"],
                format!("`{id}` has no item `{item}`"),
            ),
        };
        if exists || faults.is_misspelt(keys) { Ok(()) } else { Err(missing) }
    }
}
