//! Commands beside the server: they use its database, and end.

pub mod accounts;
pub mod erase;
pub mod receipts;

use std::{fmt, path::Path};

use consent_backend::Store;

/// Opens the database of a data directory.
///
/// # Errors
/// With the reason, for the operator.
pub async fn open(data_dir: &Path) -> Result<Store, String> {
    let open = Store::open_existing(data_dir).await;
    open.map_err(|error| format!("the database in {}: {error}", data_dir.display()))
}

/// What the database could not do, for the operator.
pub fn failed(error: impl fmt::Display) -> String {
    format!("the database: {error}")
}
