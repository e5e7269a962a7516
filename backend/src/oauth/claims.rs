//! What a service learns of a person: exactly the items that were agreed to.

use serde_json::{Map, Value, json};
use time::Date;

use super::item_claims;
use crate::{
    config::{Account, Attribute, Service},
    consent::{Known, Person},
    oauth::requested_claims::ACR,
    store::Grant,
};

pub use super::subject::subject;

/// The claim that names the claims whose values the user typed on the screen, unverified. Absent when
/// there are none.
pub const SELF_ASSERTED: &str = "self_asserted";

/// The claims for what was agreed to, on a day at the service. An item without a value gives no
/// claim: none is null or empty (OpenID Connect Core, 5.3.2). A value of the account itself takes the
/// place of one that was typed, which counts as not verified.
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
        let verified = match attribute {
            Attribute::Email => Some(("email_verified", account.email_verified)),
            Attribute::Phone => Some(("phone_number_verified", account.phone_number_verified)),
            _ => None,
        };
        claims.extend(verified.map(|(name, verified)| (name.into(), (is_own && verified).into())));
    }
    if !self_asserted.is_empty() {
        claims.insert(SELF_ASSERTED.to_owned(), json!(self_asserted));
    }
    claims
}

/// Of these claims the ones that the request asks for in the ID token, by names with spaces between
/// them. The others are in the UserInfo response only (OpenID Connect Core, 5.4).
#[must_use]
pub fn in_id_token(mut agreed: Map<String, Value>, requested: &str) -> Map<String, Value> {
    let requested = || requested.split(' ');
    agreed.retain(|name, _| requested().any(|it| it == name));
    if requested().any(|it| it == "acr") {
        agreed.insert("acr".to_owned(), ACR.into());
    }
    agreed
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_id_token_has_what_was_asked_for() {
        let agreed = || {
            let claims = json!({ "email": "a@example.com", "email_verified": true, "name": "x" });
            claims.as_object().unwrap().clone()
        };
        assert!(in_id_token(agreed(), "").is_empty());
        let asked = in_id_token(agreed(), "acr email phone_number");
        assert_eq!(Value::Object(asked), json!({ "acr": "0", "email": "a@example.com" }));
    }
}
