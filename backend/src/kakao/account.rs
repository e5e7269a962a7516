//! `kakao_account` and `properties` of `/v2/user/me`.

use serde_json::{Map, Value, json};
use time::{Date, macros::format_description};

use super::phone_number;
use crate::{
    clock::rfc3339,
    config::{Account, Attribute, Item, Service},
    consent::Person,
    store::Grant,
};

/// The parameters of a request for user information.
#[derive(Debug, Clone, Copy)]
pub struct Request<'a> {
    /// The day at the service, by which an age range is computed.
    pub today: Date,
    /// Whether addresses of pictures are https URLs. Otherwise they are http URLs.
    pub secure_resource: bool,
    /// The properties to give, as `kakao_account.email`. `kakao_account.` and `None` mean all of
    /// them.
    pub property_keys: Option<&'a [String]>,
}

impl Request<'_> {
    /// Whether a property is asked for: `kakao_account` and `email`.
    #[must_use]
    pub fn wants(&self, group: &str, key: &str) -> bool {
        self.property_keys.is_none_or(|keys| {
            keys.iter().filter_map(|named| named.strip_prefix(group)).any(|named| {
                matches!(named, "" | ".") || named.strip_prefix('.').is_some_and(|it| it == key)
            })
        })
    }

    fn picture(&self, url: &str) -> String {
        match url.strip_prefix("https://") {
            Some(rest) if !self.secure_resource => format!("http://{rest}"),
            _ => url.to_owned(),
        }
    }
}

/// `kakao_account`. It has the items that the service is configured with and no others: for each,
/// `…_needs_agreement` (`true` where the user's consent would give a value), and the value where the
/// user has agreed and there is one.
#[must_use]
pub fn kakao_account(
    service: &Service,
    account: &Account,
    grant: &Grant,
    request: &Request<'_>,
) -> Map<String, Value> {
    let person = Person { account, grant };
    let mut fields = Map::new();
    for item in &service.personal_info.items {
        let Some(names) = names(item.attribute) else { continue };
        if !request.wants("kakao_account", names.property) {
            continue;
        }
        let agreed = person.agreed_to(item.attribute);
        fields.insert(names.needs_agreement.into(), needs_agreement(item, &person).into());
        if !agreed {
            continue;
        }
        match item.attribute {
            Attribute::Nickname | Attribute::ProfileImage => {
                let profile = fields.entry("profile").or_insert_with(|| json!({}));
                if let Value::Object(profile) = profile {
                    profile.extend(profile_fields(item.attribute, account, request));
                }
            }
            attribute => fields.extend(value_fields(attribute, &person, request.today)),
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
    let person = Person { account, grant };
    let provided = |attribute: Attribute| {
        service.item(attribute.id()).is_some() && person.agreed_to(attribute)
    };
    let picture = account.picture.as_ref().filter(|_| provided(Attribute::ProfileImage));
    let picture = picture.map(|url| request.picture(url));
    let nickname = provided(Attribute::Nickname).then(|| account.nickname.clone());
    [("nickname", nickname), ("profile_image", picture.clone()), ("thumbnail_image", picture)]
        .into_iter()
        .filter(|(key, _)| request.wants("properties", key))
        .filter_map(|(key, value)| Some((key.to_owned(), Value::String(value?))))
        .collect()
}

/// The names of an item in `kakao_account`.
struct Names {
    /// In `property_keys`, after `kakao_account.`.
    property: &'static str,
    needs_agreement: &'static str,
}

/// `None` for addresses and permissions, which have APIs of their own.
fn names(attribute: Attribute) -> Option<Names> {
    let (property, needs_agreement) = match attribute {
        Attribute::Nickname => ("profile", "profile_nickname_needs_agreement"),
        Attribute::ProfileImage => ("profile", "profile_image_needs_agreement"),
        Attribute::Email => ("email", "email_needs_agreement"),
        Attribute::Phone => ("phone_number", "phone_number_needs_agreement"),
        Attribute::Name => ("name", "name_needs_agreement"),
        Attribute::Gender => ("gender", "gender_needs_agreement"),
        Attribute::AgeRange => ("age_range", "age_range_needs_agreement"),
        Attribute::Birthday => ("birthday", "birthday_needs_agreement"),
        Attribute::Birthyear => ("birthyear", "birthyear_needs_agreement"),
        Attribute::ConnectingInformation => ("ci", "ci_needs_agreement"),
        Attribute::LegalName => ("legal_name", "legal_name_needs_agreement"),
        Attribute::LegalBirthDate => ("legal_birth_date", "legal_birth_date_needs_agreement"),
        Attribute::LegalGender => ("legal_gender", "legal_gender_needs_agreement"),
        Attribute::IsKorean => ("is_korean", "is_korean_needs_agreement"),
        Attribute::Address
        | Attribute::ChannelRelations
        | Attribute::Friends
        | Attribute::SendingMessages
        | Attribute::Chats => return None,
    };
    Some(Names { property, needs_agreement })
}

/// Whether the value of an item can be had once the user agrees. `false` also where the account has
/// none and the screen does not ask for it.
pub(super) fn needs_agreement(item: &Item, person: &Person<'_>) -> bool {
    !person.agreed_to(item.attribute) && (person.account.has(item.attribute) || item.collect)
}

fn profile_fields(
    attribute: Attribute,
    account: &Account,
    request: &Request<'_>,
) -> Map<String, Value> {
    if attribute == Attribute::Nickname {
        let nickname =
            [("nickname", json!(account.nickname)), ("is_default_nickname", json!(false))];
        return fields(nickname);
    }
    match &account.picture {
        Some(url) => {
            let url = request.picture(url);
            fields([
                ("thumbnail_image_url", json!(url)),
                ("profile_image_url", json!(url)),
                ("is_default_image", json!(false)),
            ])
        }
        // There is no default picture here.
        None => fields([("is_default_image", json!(true))]),
    }
}

fn value_fields(attribute: Attribute, person: &Person<'_>, today: Date) -> Map<String, Value> {
    let account = person.account;
    let legal = &account.legal;
    let one = |key, value: Option<Value>| value.map(|value| fields([(key, value)]));
    let found = match attribute {
        Attribute::Email => person.email().map(|email| {
            fields([
                ("is_email_valid", json!(true)),
                ("is_email_verified", json!(email.is_own && account.email_verified)),
                ("email", json!(email.value)),
            ])
        }),
        Attribute::Phone => one(
            "phone_number",
            person.phone().map(|it| json!(phone_number::international(it.value))),
        ),
        Attribute::Name => one("name", person.name().map(|it| json!(it.value))),
        Attribute::Gender => one("gender", account.gender.map(|it| json!(it.name()))),
        Attribute::AgeRange => one("age_range", person.age_range(today).map(|it| json!(it.name()))),
        Attribute::Birthday => birthday(person),
        Attribute::Birthyear => {
            one("birthyear", person.year_of_birth().map(|it| json!(it.value.to_string())))
        }
        Attribute::ConnectingInformation => account.connecting_information.as_ref().map(|ci| {
            let at = ci.authenticated_at.map(|at| ("ci_authenticated_at", json!(rfc3339(at))));
            fields([("ci", json!(ci.value))].into_iter().chain(at))
        }),
        Attribute::LegalName => one("legal_name", legal.name.as_ref().map(|it| json!(it))),
        Attribute::LegalBirthDate => {
            let format = format_description!("[year][month][day]");
            one(
                "legal_birth_date",
                legal.birth_date.and_then(|day| day.format(format).ok()).map(Value::String),
            )
        }
        Attribute::LegalGender => one("legal_gender", legal.gender.map(|it| json!(it.name()))),
        Attribute::IsKorean => one("is_korean", legal.is_korean.map(|it| json!(it))),
        Attribute::Nickname
        | Attribute::ProfileImage
        | Attribute::Address
        | Attribute::ChannelRelations
        | Attribute::Friends
        | Attribute::SendingMessages
        | Attribute::Chats => None,
    };
    found.unwrap_or_default()
}

/// The day in the calendar that the account celebrates by, as `MMDD`.
fn birthday(person: &Person<'_>) -> Option<Map<String, Value>> {
    let (month, day, calendar, in_leap_month) = match person.account.lunar_birthday {
        Some(lunar) => (lunar.month, lunar.day, "LUNAR", lunar.in_leap_month),
        None => {
            let day = person.birthday()?.value;
            (day.month() as u8, day.day(), "SOLAR", false)
        }
    };
    Some(fields([
        ("birthday", json!(format!("{month:02}{day:02}"))),
        ("birthday_type", json!(calendar)),
        ("is_leap_month", json!(in_leap_month)),
    ]))
}

fn fields(fields: impl IntoIterator<Item = (&'static str, Value)>) -> Map<String, Value> {
    fields.into_iter().map(|(key, value)| (key.to_owned(), value)).collect()
}
