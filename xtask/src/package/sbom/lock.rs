//! The digests of crates, from Cargo.lock.

use anyhow::{Context, Result};
use serde::Deserialize;
use std::collections::BTreeMap;

use super::tree::Crate;

#[derive(Deserialize)]
struct Lock {
    package: Vec<Package>,
}

#[derive(Deserialize)]
struct Package {
    name: String,
    version: String,
    checksum: Option<String>,
}

/// SHA-256 of the archive of each crate of a registry, in hexadecimal digits.
///
/// # Errors
/// When it is no Cargo.lock.
pub fn digests(text: &str) -> Result<BTreeMap<Crate, String>> {
    let lock: Lock = toml::from_str(text).context("in Cargo.lock")?;
    let found = lock.package.into_iter().filter_map(|package| {
        let Package { name, version, checksum } = package;
        Some((Crate { name, version }, checksum?))
    });
    Ok(found.collect())
}
