//! What a service learns of a person: exactly the items that were agreed to.

use serde_json::{Map, Value, json};
use time::Date;

use super::item_claims;
use crate::{
    config::{Account, Attribute, Service},
    consent::{Known, Person},
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

/// The claims for what was agreed to, on a day at the service. An item without a value gives no
/// claim. A value of the account itself takes the place of one that was typed.
#[must_use]
pub fn agreed(
    service: &Service,
    account: &Account,
    grant: &Grant,
    today: Date,
) -> Map<String, Value> {
    let person = Person { account, grant };
    let mut claims = Map::new();
    let mut self_asserted = Vec::new();
    for item in &service.personal_info.items {
        let attribute = item.attribute;
        let (true, Some(name)) = (person.agreed_to(attribute), attribute.claim()) else { continue };
        let Some(Known { value, is_own }) = item_claims::claim(item, &person, today) else {
            continue;
        };
        claims.insert(name.to_owned(), value);
        if !is_own && !self_asserted.contains(&name) {
            self_asserted.push(name);
        }
        // The standard claims for two of them (OpenID Connect Core, 5.1).
        match attribute {
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
