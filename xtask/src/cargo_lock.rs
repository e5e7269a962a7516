//! What Cargo.lock names.

use anyhow::{Context, Result};
use serde::Deserialize;

#[derive(Deserialize)]
struct Lock {
    package: Vec<Package>,
}

/// A locked crate.
#[derive(Deserialize)]
pub struct Package {
    pub name: String,
    pub version: String,
    /// SHA-256 of its archive, in hexadecimal digits. None for a crate that is in no registry.
    pub checksum: Option<String>,
}

/// Every crate of a Cargo.lock.
///
/// # Errors
/// When it is none.
pub fn packages(text: &str) -> Result<Vec<Package>> {
    let lock: Lock = toml::from_str(text).context("in Cargo.lock")?;
    Ok(lock.package)
}
