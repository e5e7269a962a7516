//! Commands beside the server: they use its database, and end.

pub mod accounts;
mod audit_option;
pub mod backup;
pub mod client_secret;
pub mod erase;
pub mod explain;
pub mod health;
pub mod keys;
pub mod migrate;
pub mod pages;
mod progress;
pub mod receipts;

use std::{fmt, path::Path};

use consent_backend::{
    Location, Store,
    config::{Catalog, Source, Unreadable},
};

/// Where the database is.
///
/// # Errors
/// Without a name, when the user has no home directory.
pub fn location(named: Option<Location>, is_demo: bool) -> Result<Location, String> {
    // The demo never shares a directory with production.
    let application = if is_demo { "consent-backend-demo" } else { "consent-backend" };
    let by_default = || {
        let folders = directories::ProjectDirs::from("", "", application)?;
        Some(folders.data_dir().to_owned().into())
    };
    named.or_else(by_default).ok_or_else(|| "no home directory: name a --data-dir".to_owned())
}

/// Opens a database.
///
/// # Errors
/// With the reason, for the operator.
pub async fn open(location: &Location) -> Result<Store, String> {
    let open = Store::open_existing(location).await;
    open.map_err(|error| format!("the database in {location}: {error}"))
}

/// Reads the services file.
///
/// # Errors
/// Every fault, for the operator.
pub fn catalog(path: &Path) -> Result<Catalog, String> {
    let unreadable = |error: &dyn fmt::Display| format!("{}: {error}", path.display());
    let source = Source::file(path).map_err(|error| match error {
        Unreadable::Io(error) => unreadable(&error),
        Unreadable::NotUtf8(fault) => unreadable(&fault),
    })?;
    source
        .catalog()
        .map_err(|faults| faults.iter().map(ToString::to_string).collect::<Vec<_>>().join("\n"))
}

/// What the database could not do, for the operator.
pub fn failed(error: impl fmt::Display) -> String {
    format!("the database: {error}")
}
