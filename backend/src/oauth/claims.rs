//! What a service learns of a person: exactly the items that were agreed to.

use serde_json::{Map, Value, json};

use crate::{
    config::{Account, Attribute, Service},
    crypto::DerivationKey,
    store::Grant,
};

/// The name of an account at a service: always the same, another at each service.
#[must_use]
pub fn subject(key: &DerivationKey, service: &str, account: &str) -> String {
    key.derive("subject", &[service.as_bytes(), account.as_bytes()])
}

/// The claim that names the claims whose values the user typed on the screen, unverified. Absent when
/// there are none.
pub const SELF_ASSERTED: &str = "self_asserted";

/// The claims for what was agreed to. An item without a value gives no claim. A value of the
/// account itself takes the place of one that was typed.
#[must_use]
pub fn agreed(service: &Service, account: &Account, grant: &Grant) -> Map<String, Value> {
    let mut claims = Map::new();
    let mut self_asserted = Vec::new();
    for item in &service.personal_info.items {
        let Some((_, collected)) = grant.items.get(item.attribute.id()) else { continue };
        let own = account.value(item.attribute);
        let is_own = own.is_some();
        let Some(value) = own.or_else(|| collected.clone()) else { continue };
        let claim = item.attribute.claim();
        let value = match item.attribute {
            Attribute::Address => json!({ "formatted": value }),
            _ => Value::String(value),
        };
        claims.insert(claim.to_owned(), value);
        if !is_own {
            self_asserted.push(claim);
        }
        // The standard claims for two of them (OpenID Connect Core, 5.1).
        match item.attribute {
            Attribute::Email => claims.insert("email_verified".into(), is_own.into()),
            Attribute::Phone => claims.insert("phone_number_verified".into(), is_own.into()),
            _ => None,
        };
    }
    if !self_asserted.is_empty() {
        claims.insert(SELF_ASSERTED.to_owned(), json!(self_asserted));
    }
    claims
}
