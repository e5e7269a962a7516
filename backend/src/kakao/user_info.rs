//! The claims of Kakao's ID token and of `/v1/oidc/userinfo`.

use serde_json::{Map, Value, json};

use super::phone_number;
use crate::{
    config::{Account, Attribute, Service},
    consent::Person,
    oauth::birthdate,
    store::Grant,
};

/// The claims of `/v1/oidc/userinfo`, without `sub`. An item that was not agreed to, or has no value,
/// gives none.
#[must_use]
pub fn user_info(service: &Service, account: &Account, grant: &Grant) -> Map<String, Value> {
    let person = Person { account, grant };
    let mut claims = Map::new();
    let mut add = |name: &str, value: Value| {
        claims.insert(name.to_owned(), value);
    };
    for item in &service.personal_info.items {
        if !person.agreed_to(item.attribute) {
            continue;
        }
        match item.attribute {
            Attribute::Nickname => add("nickname", json!(account.nickname)),
            Attribute::ProfileImage => {
                if let Some(url) = &account.picture {
                    add("picture", json!(url));
                }
            }
            Attribute::Name => {
                if let Some(name) = person.name() {
                    add("name", json!(name.value));
                }
            }
            Attribute::Email => {
                if let Some(email) = person.email() {
                    add("email", json!(email.value));
                    add("email_verified", json!(email.is_own && account.email_verified));
                }
            }
            Attribute::Gender => {
                if let Some(gender) = account.gender {
                    add("gender", json!(gender.name()));
                }
            }
            // Month and day alone, whatever the item is at standard services.
            Attribute::Birthday | Attribute::Birthyear => {
                if let Some(birthdate) = birthdate(&person, false) {
                    add("birthdate", birthdate.value);
                }
            }
            Attribute::Phone => {
                if let Some(phone) = person.phone() {
                    add("phone_number", json!(phone_number::international(phone.value)));
                    let is_verified = phone.is_own && account.phone_number_verified;
                    add("phone_number_verified", json!(is_verified));
                }
            }
            // Not in the platform's list of claims.
            Attribute::AgeRange
            | Attribute::ConnectingInformation
            | Attribute::LegalName
            | Attribute::LegalBirthDate
            | Attribute::LegalGender
            | Attribute::IsKorean
            | Attribute::Address
            | Attribute::ChannelRelations
            | Attribute::Friends
            | Attribute::SendingMessages
            | Attribute::Chats => {}
        }
    }
    claims
}

/// The claims about the user in an ID token. The e-mail address only where it is verified.
#[must_use]
pub fn id_token_claims(service: &Service, account: &Account, grant: &Grant) -> Map<String, Value> {
    let mut claims = user_info(service, account, grant);
    let is_verified = claims.get("email_verified") == Some(&Value::Bool(true));
    claims.retain(|name, _| {
        name == "nickname" || name == "picture" || (name == "email" && is_verified)
    });
    claims
}
