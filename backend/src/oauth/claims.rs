//! What a service learns of a person: exactly the items that were agreed to.

use serde_json::{Map, Value, json};

use crate::{
    config::{Account, Attribute, Service},
    crypto::DerivationKey,
    oauth::requested_claims::ACR,
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

/// The claims for what was agreed to. An item without a value gives no claim: none is null or empty
/// (OpenID Connect Core, 5.3.2). A value of the account itself takes the place of one that was typed,
/// which counts as not verified.
#[must_use]
pub fn agreed(service: &Service, account: &Account, grant: &Grant) -> Map<String, Value> {
    let mut claims = Map::new();
    let mut self_asserted = Vec::new();
    for item in &service.personal_info.items {
        let Some((_, collected)) = grant.items.get(item.attribute.id()) else { continue };
        let own = account.value(item.attribute);
        let is_own = own.is_some();
        let value = own.or_else(|| collected.clone()).filter(|value| !value.trim().is_empty());
        let Some(value) = value else { continue };
        let claim = item.attribute.claim();
        let value = match item.attribute {
            Attribute::Address => json!({ "formatted": value }),
            Attribute::Phone => Value::String(e164(&value)),
            _ => Value::String(value),
        };
        claims.insert(claim.to_owned(), value);
        if !is_own {
            self_asserted.push(claim);
        }
        // The standard claims for two of them (OpenID Connect Core, 5.1).
        let verified = match item.attribute {
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

/// A phone number in E.164 notation: `+821012345678` (OpenID Connect Core, 5.1). Numbers without a
/// country code are Korean. One that is neither is left as it is.
fn e164(number: &str) -> String {
    let digits: String = number.chars().filter(char::is_ascii_digit).collect();
    let international = match number.trim_start().starts_with('+') {
        true => Some(digits.as_str()),
        false => digits.strip_prefix("00"),
    };
    match (international, digits.strip_prefix('0')) {
        (Some(international), _) => match international.strip_prefix("820") {
            // The trunk prefix is not part of an international number.
            Some(national) => format!("+82{national}"),
            None => format!("+{international}"),
        },
        (None, Some(national)) => format!("+82{national}"),
        (None, None) => number.to_owned(),
    }
}

/// The scopes that an access token has: the items that were agreed to, and `openid` if asked for.
#[must_use]
pub fn scope(service: &Service, grant: &Grant, openid: bool) -> String {
    let items = service.personal_info.items.iter().map(|item| item.attribute.id());
    let agreed = items.filter(|id| grant.items.contains_key(*id));
    openid.then_some("openid").into_iter().chain(agreed).collect::<Vec<_>>().join(" ")
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn phone_numbers_are_written_in_e164() {
        for number in [
            "+82 10-1234-5678",
            "+82 010-1234-5678",
            "01012345678",
            "010-1234-5678",
            "0082 10 1234 5678",
        ] {
            assert_eq!(e164(number), "+821012345678", "{number}");
        }
        assert_eq!(e164("+1 415 555 0100"), "+14155550100");
        assert_eq!(e164("02-123-4567"), "+8221234567");
        assert_eq!(e164("14155550100"), "14155550100", "whose number it is cannot be known");
    }

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
