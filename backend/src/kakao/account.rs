//! `kakao_account` and `properties` of `/v2/user/me`.

use serde_json::{Map, Value, json};
use time::Date;

use super::phone_number;
use crate::{
    config::{Account, Attribute, Item, Service},
    store::Grant,
};

/// The parameters of a request for user information.
#[derive(Debug, Clone, Copy)]
pub struct Request<'a> {
    /// The day at the service.
    pub today: Date,
    /// Whether addresses of pictures are https URLs.
    pub secure_resource: bool,
    /// What to answer with, as `kakao_account.email`. `kakao_account.` and `None` mean all of it.
    pub property_keys: Option<&'a [String]>,
}

impl Request<'_> {
    /// Whether a property is asked for: `kakao_account`, `email`.
    #[must_use]
    pub fn wants(&self, group: &str, key: &str) -> bool {
        self.property_keys.is_none_or(|keys| {
            let mut named = keys.iter().filter_map(|it| it.strip_prefix(group)?.strip_prefix('.'));
            named.any(|it| it.is_empty() || it == key)
        })
    }
}

/// An item as it is for one account.
pub(super) struct Provided {
    /// Whether the value can be had once the user agrees.
    pub needs_agreement: bool,
    /// The value and whether it is the account's own; only when the user has agreed.
    pub value: Option<(String, bool)>,
}

pub(super) fn provided(item: &Item, account: &Account, grant: &Grant) -> Provided {
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
#[must_use]
pub fn kakao_account(
    service: &Service,
    account: &Account,
    grant: &Grant,
    request: &Request<'_>,
) -> Map<String, Value> {
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
        if !request.wants("kakao_account", key) {
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
                fields.insert("phone_number".into(), phone_number::international(&value).into());
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

/// `properties`, the user properties that every app has. Empty without consent to the profile.
#[must_use]
pub fn properties(
    service: &Service,
    account: &Account,
    grant: &Grant,
    request: &Request<'_>,
) -> Map<String, Value> {
    let nickname = Attribute::Nickname;
    let is_provided =
        service.item(nickname.id()).is_some() && grant.items.contains_key(nickname.id());
    let mut properties = Map::new();
    if is_provided && request.wants("properties", "nickname") {
        properties.insert("nickname".into(), json!(account.nickname));
    }
    properties
}

/// `YYYY-MM-DD` as `MMDD`.
fn month_and_day(day: &str) -> String {
    day.get(5..).unwrap_or_default().replace('-', "")
}
