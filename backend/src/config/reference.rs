//! Names of things that must exist somewhere else in the file.

use super::catalog::Catalog;

/// Something that is named and must exist; checked when everything was read.
pub struct Reference {
    pub at: usize,
    pub name: Name,
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

impl Reference {
    /// # Errors
    /// What there is not.
    pub fn check(&self, catalog: &Catalog) -> Result<(), String> {
        let service = |id: &str| catalog.services.get(id);
        let (exists, missing) = match &self.name {
            Name::Account(id) => {
                (catalog.accounts.contains_key(id), format!("there is no account `{id}`"))
            }
            Name::Channel(id) => {
                let mut channels = catalog.services.values().flat_map(|service| &service.channels);
                let exists = channels.any(|channel| channel.public_id == *id);
                (exists, format!("no service has a channel `{id}`"))
            }
            Name::Service(id) => (service(id).is_some(), format!("there is no service `{id}`")),
            // A service that does not exist is told once, not again for all that it has not.
            Name::Term(id, tag) => (
                service(id).is_none_or(|service| service.term(tag).is_some()),
                format!("`{id}` has no term `{tag}`"),
            ),
            Name::Item(id, item) => (
                service(id).is_none_or(|service| service.item(item).is_some()),
                format!("`{id}` has no item `{item}`"),
            ),
        };
        if exists { Ok(()) } else { Err(missing) }
    }
}
