//! How a service knows an account.

use crate::crypto::DerivationKey;

/// The name of an account at a service: always the same, another at each service.
#[must_use]
pub fn subject(key: &DerivationKey, service: &str, account: &str) -> String {
    key.derive("subject", &[service.as_bytes(), account.as_bytes()])
}
