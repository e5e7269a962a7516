//! The claims of Kakao's ID token and of `/v1/oidc/userinfo`.

use serde_json::{Map, Value};

use super::{
    account::{Provided, provided},
    phone_number,
};
use crate::{
    config::{Account, Attribute, Service},
    store::Grant,
};

/// The claims of `/v1/oidc/userinfo`, without `sub`.
#[must_use]
pub fn user_info(service: &Service, account: &Account, grant: &Grant) -> Map<String, Value> {
    let mut claims = Map::new();
    for item in &service.personal_info.items {
        let Provided { value: Some((value, is_own)), .. } = provided(item, account, grant) else {
            continue;
        };
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
                claims.insert("phone_number".into(), phone_number::international(&value).into());
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

/// The claims about a person in ID tokens (Kakao Login REST, "ID token").
#[must_use]
pub fn id_token_claims(service: &Service, account: &Account, grant: &Grant) -> Map<String, Value> {
    let all = user_info(service, account, grant);
    let is_verified = all.get("email_verified") == Some(&Value::Bool(true));
    let is_in_token = |name: &str| name == "nickname" || (name == "email" && is_verified);
    all.into_iter().filter(|(name, _)| is_in_token(name)).collect()
}
