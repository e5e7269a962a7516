//! The personal values of accounts in the database, as a provider or a proxy gives them.

use consent_contract::{name, request::Collect, value};
use serde::{Deserialize, Serialize};
use serde_json::Value;
use time::{Date, macros::format_description};

use crate::config::{Account, Gender, ShippingAddress};

/// The longest id of an account, in bytes: that of a `sub` (OpenID Connect Core, 2).
const LONGEST_ID: usize = 255;

/// The longest address of a picture, in bytes.
const LONGEST_URL: usize = 2048;

/// Whether a text may be the id of an account in the database: ASCII without spaces.
#[must_use]
pub fn is_id(text: &str) -> bool {
    (1..=LONGEST_ID).contains(&text.len()) && text.bytes().all(|byte| byte.is_ascii_graphic())
}

/// Personal values of an account, under the keys of `[[account]]`. Each has the form in which it is
/// given out.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(default)]
pub struct Attributes {
    #[serde(skip_serializing_if = "Option::is_none")]
    pub nickname: Option<String>,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub picture: Option<String>,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub email: Option<String>,
    #[serde(skip_serializing_if = "std::ops::Not::not")]
    pub email_verified: bool,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub phone: Option<String>,
    #[serde(skip_serializing_if = "std::ops::Not::not")]
    pub phone_number_verified: bool,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub name: Option<String>,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub gender: Option<Gender>,
    #[serde(skip_serializing_if = "Option::is_none", with = "optional_day")]
    pub birthday: Option<Date>,
    /// Where the day is unknown.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub birthyear: Option<u16>,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub address: Option<String>,
    #[serde(skip_serializing_if = "std::ops::Not::not")]
    pub under_14: bool,
    /// Whether the person uses the messenger; true where it is unknown.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub messenger_registered: Option<bool>,
}

/// A value that can be given for an account.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub enum Key {
    Nickname,
    Picture,
    Email,
    EmailVerified,
    Phone,
    PhoneNumberVerified,
    Name,
    Gender,
    Birthday,
    Birthyear,
    Address,
    Under14,
    MessengerRegistered,
}

impl Key {
    pub const ALL: [Self; 13] = [
        Self::Nickname,
        Self::Picture,
        Self::Email,
        Self::EmailVerified,
        Self::Phone,
        Self::PhoneNumberVerified,
        Self::Name,
        Self::Gender,
        Self::Birthday,
        Self::Birthyear,
        Self::Address,
        Self::Under14,
        Self::MessengerRegistered,
    ];

    /// As `[[account]]` names it.
    #[must_use]
    pub fn name(self) -> &'static str {
        match self {
            Self::Nickname => "nickname",
            Self::Picture => "picture",
            Self::Email => "email",
            Self::EmailVerified => "email_verified",
            Self::Phone => "phone",
            Self::PhoneNumberVerified => "phone_number_verified",
            Self::Name => "name",
            Self::Gender => "gender",
            Self::Birthday => "birthday",
            Self::Birthyear => "birthyear",
            Self::Address => "address",
            Self::Under14 => "under_14",
            Self::MessengerRegistered => "messenger_registered",
        }
    }

    /// The standard claim for it (OpenID Connect Core, 5.1), if there is one.
    #[must_use]
    pub fn standard_claim(self) -> Option<&'static str> {
        match self {
            Self::Nickname | Self::Picture | Self::Email | Self::EmailVerified => Some(self.name()),
            Self::PhoneNumberVerified | Self::Name | Self::Gender | Self::Address => {
                Some(self.name())
            }
            Self::Phone => Some("phone_number"),
            Self::Birthday => Some("birthdate"),
            Self::Birthyear | Self::Under14 | Self::MessengerRegistered => None,
        }
    }
}

/// A value that cannot be used, by its key. The value itself is personal, and not for the log.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Unusable(pub Key);

impl Attributes {
    /// Reads values, and leaves out those that cannot be used. Texts are brought into the form of the
    /// screen; a flag may also be `true` or `false` as a text. A birthday after `latest_today` is none.
    #[must_use]
    pub fn read(
        values: impl IntoIterator<Item = (Key, Value)>,
        latest_today: Date,
    ) -> (Self, Vec<Unusable>) {
        let mut attributes = Self::default();
        let mut unusable = Vec::new();
        for (key, value) in values {
            if is_empty(&value) {
                continue;
            }
            if attributes.set(key, &value, latest_today).is_none() {
                unusable.push(Unusable(key));
            }
        }
        (attributes, unusable)
    }

    fn set(&mut self, key: Key, value: &Value, latest_today: Date) -> Option<()> {
        match key {
            Key::Nickname => self.nickname = Some(line(value)?),
            Key::Picture => self.picture = Some(picture(value)?),
            Key::Email => self.email = Some(typed(Collect::Email, value)?),
            Key::EmailVerified => self.email_verified = flag(value)?,
            Key::Phone => self.phone = Some(typed(Collect::Phone, value)?),
            Key::PhoneNumberVerified => self.phone_number_verified = flag(value)?,
            Key::Name => self.name = Some(typed(Collect::Name, value)?),
            Key::Gender => self.gender = Some(gender(value)?),
            Key::Birthday => match value.as_str()?.split_once('-') {
                // A year alone (OpenID Connect Core, 5.1, `birthdate`).
                None => self.birthyear = Some(year(value)?),
                Some(_) => self.birthday = Some(birthday(value, latest_today)?),
            },
            Key::Birthyear => self.birthyear = Some(year(value)?),
            Key::Address => self.address = Some(address(value)?),
            Key::Under14 => self.under_14 = flag(value)?,
            Key::MessengerRegistered => self.messenger_registered = Some(flag(value)?),
        }
        Some(())
    }

    /// The account of this id with these values. Without a nickname it goes by its name, else its id.
    #[must_use]
    pub fn account(&self, id: &str) -> Account {
        let nickname = self.nickname.as_ref().or(self.name.as_ref());
        let address = self.address.clone().map(ShippingAddress::of_line);
        Account {
            id: id.to_owned(),
            nickname: nickname.map_or_else(|| id.to_owned(), String::clone),
            picture: self.picture.clone(),
            email: self.email.clone(),
            email_verified: self.email_verified,
            phone: self.phone.clone(),
            phone_number_verified: self.phone_number_verified,
            name: self.name.clone(),
            gender: self.gender,
            birthday: self.birthday,
            birthyear: self.birthyear.filter(|_| self.birthday.is_none()),
            shipping_addresses: address.into_iter().collect(),
            messenger_registered: self.messenger_registered.unwrap_or(true),
            under_14: self.under_14,
            ..Account::default()
        }
    }
}

fn is_empty(value: &Value) -> bool {
    match value {
        Value::Null => true,
        Value::String(text) => text.is_empty(),
        _ => false,
    }
}

/// What is shown to the person, and given to services, in one line.
fn line(value: &Value) -> Option<String> {
    let text = name::clean(value.as_str()?);
    (!text.is_empty() && name::check_line(&text).is_ok()).then_some(text)
}

fn typed(kind: Collect, value: &Value) -> Option<String> {
    value::normalise(kind, value.as_str()?).ok()
}

fn picture(value: &Value) -> Option<String> {
    let text = value.as_str().filter(|text| text.len() <= LONGEST_URL)?;
    let url = url::Url::parse(text).ok()?;
    (url.scheme() == "https" && url.username().is_empty()).then(|| url.to_string())
}

fn flag(value: &Value) -> Option<bool> {
    match value {
        Value::Bool(flag) => Some(*flag),
        Value::String(text) if text.eq_ignore_ascii_case("true") || text == "1" => Some(true),
        Value::String(text) if text.eq_ignore_ascii_case("false") || text == "0" => Some(false),
        _ => None,
    }
}

fn gender(value: &Value) -> Option<Gender> {
    [Gender::Female, Gender::Male]
        .into_iter()
        .find(|it| value.as_str().is_some_and(|text| text.eq_ignore_ascii_case(it.name())))
}

fn birthday(value: &Value, latest_today: Date) -> Option<Date> {
    let text = typed(Collect::Birthday, value)?;
    let format = format_description!("[year]-[month]-[day]");
    Date::parse(&text, format).ok().filter(|day| *day <= latest_today)
}

fn year(value: &Value) -> Option<u16> {
    let year = match value {
        Value::String(text) => text.parse().ok()?,
        other => other.as_u64()?,
    };
    u16::try_from(year).ok().filter(|year| (1900..2100).contains(year))
}

/// A text, or the claim `address` (OpenID Connect Core, 5.1.1) as one line.
fn address(value: &Value) -> Option<String> {
    let text = match value {
        Value::Object(parts) => match parts.get("formatted").and_then(Value::as_str) {
            Some(formatted) => formatted.to_owned(),
            None => {
                let parts = ["postal_code", "country", "region", "locality", "street_address"]
                    .map(|part| parts.get(part).and_then(Value::as_str));
                parts.into_iter().flatten().collect::<Vec<_>>().join(" ")
            }
        },
        other => other.as_str()?.to_owned(),
    };
    // Lines of an address stand one below the other.
    typed(Collect::Address, &Value::String(text.replace(['\r', '\n'], " ")))
}

/// A day as `YYYY-MM-DD`.
mod optional_day {
    use serde::{Deserialize, Deserializer, Serializer, de::Error};
    use time::{Date, macros::format_description};

    pub fn serialize<S: Serializer>(day: &Option<Date>, to: S) -> Result<S::Ok, S::Error> {
        match day {
            Some(day) => to.serialize_some(&day.to_string()),
            None => to.serialize_none(),
        }
    }

    pub fn deserialize<'de, D: Deserializer<'de>>(from: D) -> Result<Option<Date>, D::Error> {
        let Some(text) = Option::<String>::deserialize(from)? else { return Ok(None) };
        let format = format_description!("[year]-[month]-[day]");
        Date::parse(&text, format).map(Some).map_err(D::Error::custom)
    }
}

#[cfg(test)]
mod tests {
    use serde_json::json;
    use time::macros::date;

    use super::*;

    const TODAY: Date = date!(2026 - 11 - 27);

    fn read(values: &[(Key, Value)]) -> (Attributes, Vec<Unusable>) {
        Attributes::read(values.iter().cloned(), TODAY)
    }

    #[test]
    fn values_get_the_form_in_which_they_are_given_out() {
        let (attributes, unusable) = read(&[
            (Key::Nickname, json!("  Hana   Kim ")),
            (Key::Picture, json!("https://img.example/h.png")),
            (Key::Email, json!("hana@EXAMPLE.com")),
            (Key::EmailVerified, json!("true")),
            (Key::Phone, json!("+82 10-1234-5678")),
            (Key::PhoneNumberVerified, json!(true)),
            (Key::Name, json!("김하나")),
            (Key::Gender, json!("Female")),
            (Key::Birthday, json!("2000-02-29")),
            (Key::Address, json!({ "formatted": "서울시 중구\n세종대로 110" })),
            (Key::Under14, json!(false)),
            (Key::MessengerRegistered, json!("0")),
        ]);
        assert_eq!(unusable, []);
        let account = attributes.account("hana");
        assert_eq!(account.nickname, "Hana Kim");
        assert_eq!(account.email.as_deref(), Some("hana@example.com"));
        assert!(account.email_verified && account.phone_number_verified);
        assert_eq!(account.phone.as_deref(), Some("+821012345678"));
        assert_eq!(account.gender, Some(Gender::Female));
        assert_eq!(account.birthday, Some(date!(2000 - 02 - 29)));
        assert_eq!(account.shipping_addresses[0].base_address, "서울시 중구 세종대로 110");
        assert!(!account.messenger_registered && !account.under_14);
    }

    #[test]
    fn what_is_stored_is_read_back() {
        let (attributes, _) = read(&[
            (Key::Email, json!("hana@example.com")),
            (Key::Birthday, json!("2000-02-29")),
            (Key::Gender, json!("male")),
            (Key::Under14, json!(true)),
        ]);
        let stored = serde_json::to_string(&attributes).unwrap();
        assert_eq!(serde_json::from_str::<Attributes>(&stored).unwrap(), attributes);
        assert_eq!(serde_json::to_string(&Attributes::default()).unwrap(), "{}");
        assert_eq!(serde_json::from_str::<Attributes>("{}").unwrap(), Attributes::default());
    }

    #[test]
    fn an_unusable_value_costs_itself() {
        let (attributes, unusable) = read(&[
            (Key::Email, json!("no address")),
            (Key::EmailVerified, json!("yes")),
            (Key::Name, json!(7)),
            (Key::Picture, json!("http://img.example/h.png")),
            (Key::Gender, json!("diverse")),
            (Key::Birthday, json!("2026-11-28")),
            (Key::Birthyear, json!(99)),
            (Key::Nickname, json!("")),
            (Key::Phone, Value::Null),
            (Key::Address, json!([])),
            (Key::Under14, json!(true)),
        ]);
        let keys = [
            Key::Email,
            Key::EmailVerified,
            Key::Name,
            Key::Picture,
            Key::Gender,
            Key::Birthday,
            Key::Birthyear,
            Key::Address,
        ];
        assert_eq!(unusable, keys.map(Unusable));
        assert_eq!(attributes, Attributes { under_14: true, ..Attributes::default() });
    }

    #[test]
    fn a_birthdate_may_be_a_year() {
        let (attributes, unusable) = read(&[(Key::Birthday, json!("1990"))]);
        assert_eq!((attributes.birthyear, attributes.birthday), (Some(1990), None));
        assert_eq!(unusable, []);
        let (_, unusable) = read(&[(Key::Birthday, json!("0000-02-03"))]);
        assert_eq!(unusable, [Unusable(Key::Birthday)], "a day without a year says no age");
    }

    #[test]
    fn nothing_is_verified_unless_it_is_said() {
        let (attributes, _) = read(&[(Key::Email, json!("hana@example.com"))]);
        let account = attributes.account("hana");
        assert!(!account.email_verified && !account.phone_number_verified);
        assert_eq!(account.nickname, "hana", "the id, where no name is known");
    }

    #[test]
    fn an_id_is_ascii_without_spaces() {
        for good in ["hana", "auth0|5f7c", "hana@example.com", "a".repeat(255).as_str()] {
            assert!(is_id(good), "{good}");
        }
        for bad in ["", "ha na", "하나", "a\n", "a".repeat(256).as_str()] {
            assert!(!is_id(bad), "{bad}");
        }
    }
}
