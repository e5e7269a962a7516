//! What a service learns of an account over Kakao's API: `kakao_account` of `/v2/user/me`, shipping
//! addresses, and the claims of ID tokens and `/v1/oidc/userinfo`.

use serde_json::{Map, Value, json};

use crate::{
    config::{Account, Attribute, Item, Service},
    store::Grant,
};

/// An item as it is for one account.
struct Provided {
    /// Whether the value can be had once the user agrees.
    needs_agreement: bool,
    /// The value and whether it is the account's own; only when the user has agreed.
    value: Option<(String, bool)>,
}

fn provided(item: &Item, account: &Account, grant: &Grant) -> Provided {
    let own = account.value(item.attribute);
    match grant.items.get(item.attribute.id()) {
        Some((_, typed)) => {
            let typed = typed.clone().map(|value| (value, false));
            Provided { needs_agreement: false, value: own.map(|value| (value, true)).or(typed) }
        }
        None => Provided { needs_agreement: own.is_some() || item.collect, value: None },
    }
}

/// `kakao_account` of `/v2/user/me`. Items that the service has not configured are not in it.
/// `property_keys` names what to leave in, as `kakao_account.email`; `kakao_account.` is everything.
#[must_use]
pub fn kakao_account(
    service: &Service,
    account: &Account,
    grant: &Grant,
    property_keys: Option<&[String]>,
) -> Map<String, Value> {
    let is_wanted = |key: &str| {
        property_keys.is_none_or(|keys| {
            let mut named = keys.iter().filter_map(|it| it.strip_prefix("kakao_account."));
            named.any(|it| it.is_empty() || it == key)
        })
    };
    let mut fields = Map::new();
    for item in &service.personal_info.items {
        let key = match item.attribute {
            Attribute::Nickname => "profile",
            Attribute::Email => "email",
            Attribute::Phone => "phone_number",
            Attribute::Name => "name",
            Attribute::Birthday => "birthday",
            // Addresses have an endpoint of their own.
            Attribute::Address => continue,
        };
        if !is_wanted(key) {
            continue;
        }
        let Provided { needs_agreement, value } = provided(item, account, grant);
        let needs = match item.attribute {
            Attribute::Nickname => "profile_nickname_needs_agreement".to_owned(),
            _ => format!("{key}_needs_agreement"),
        };
        fields.insert(needs, needs_agreement.into());
        let Some((value, is_own)) = value else { continue };
        match item.attribute {
            Attribute::Nickname => {
                let profile = json!({ "nickname": value, "is_default_nickname": false });
                fields.insert("profile".into(), profile);
            }
            Attribute::Email => {
                fields.insert("is_email_valid".into(), true.into());
                fields.insert("is_email_verified".into(), is_own.into());
                fields.insert("email".into(), value.into());
            }
            Attribute::Phone => {
                fields.insert("phone_number".into(), phone_number(&value).into());
            }
            Attribute::Name => {
                fields.insert("name".into(), value.into());
            }
            Attribute::Birthday => {
                fields.insert("birthday".into(), month_and_day(&value).into());
                fields.insert("birthday_type".into(), "SOLAR".into());
                fields.insert("is_leap_month".into(), false.into());
            }
            Attribute::Address => {}
        }
    }
    fields
}

/// The shipping addresses of `/v1/user/shipping_address`, and whether the user has still to agree.
/// None where the service has not configured the item.
#[must_use]
pub fn shipping_addresses(
    service: &Service,
    account: &Account,
    grant: &Grant,
) -> Option<(bool, Vec<Value>)> {
    let item = service.item(Attribute::Address.id())?;
    let Provided { needs_agreement, value } = provided(item, account, grant);
    let updated_at = grant.items.get(Attribute::Address.id()).map(|(at, _)| *at);
    let addresses = value.map(|(address, _)| {
        json!({
            "id": 1,
            "name": "",
            "is_default": true,
            "updated_at": updated_at.unwrap_or_default(),
            "type": "NEW",
            "base_address": address,
            "detail_address": "",
        })
    });
    Some((needs_agreement, addresses.into_iter().collect()))
}

/// The claims about a person in ID tokens (Kakao Login REST, "ID token").
#[must_use]
pub fn id_token_claims(service: &Service, account: &Account, grant: &Grant) -> Map<String, Value> {
    let all = user_info(service, account, grant);
    let is_verified = all.get("email_verified") == Some(&Value::Bool(true));
    let is_in_token = |name: &str| name == "nickname" || (name == "email" && is_verified);
    all.into_iter().filter(|(name, _)| is_in_token(name)).collect()
}

/// The claims of `/v1/oidc/userinfo`, without `sub`.
#[must_use]
pub fn user_info(service: &Service, account: &Account, grant: &Grant) -> Map<String, Value> {
    let mut claims = Map::new();
    for item in &service.personal_info.items {
        let Some((value, is_own)) = provided(item, account, grant).value else { continue };
        match item.attribute {
            Attribute::Nickname => {
                claims.insert("nickname".into(), value.into());
            }
            Attribute::Name => {
                claims.insert("name".into(), value.into());
            }
            Attribute::Email => {
                claims.insert("email".into(), value.into());
                claims.insert("email_verified".into(), is_own.into());
            }
            Attribute::Phone => {
                claims.insert("phone_number".into(), phone_number(&value).into());
                claims.insert("phone_number_verified".into(), is_own.into());
            }
            // The item has no year: that is another one.
            Attribute::Birthday => {
                let day = value.get(4..).unwrap_or_default();
                claims.insert("birthdate".into(), format!("0000{day}").into());
            }
            Attribute::Address => {}
        }
    }
    claims
}

/// `YYYY-MM-DD` as `MMDD`.
fn month_and_day(day: &str) -> String {
    day.get(5..).unwrap_or_default().replace('-', "")
}

/// A number as Kakao writes it: `+82 10-1234-5678`. Foreign numbers stay as they are.
#[must_use]
pub fn phone_number(number: &str) -> String {
    let Some(national) = number.strip_prefix("+82").or_else(|| number.strip_prefix('0')) else {
        return number.to_owned();
    };
    let digits = national.trim_start_matches('0');
    let area = if digits.starts_with('2') { 1 } else { 2 };
    match (digits.get(..area), digits.get(area..)) {
        (Some(area), Some(rest)) if rest.len() > 4 => {
            let (head, tail) = rest.split_at(rest.len() - 4);
            format!("+82 {area}-{head}-{tail}")
        }
        _ => format!("+82 {digits}"),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn phone_numbers_are_written_as_kakao_does() {
        for (number, written) in [
            ("+821012345678", "+82 10-1234-5678"),
            ("01012345678", "+82 10-1234-5678"),
            ("+8221234567", "+82 2-123-4567"),
            ("0212345678", "+82 2-1234-5678"),
            ("+4915112345678", "+4915112345678"),
        ] {
            assert_eq!(phone_number(number), written);
        }
    }
}
