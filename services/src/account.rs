//! The accounts of a file, as far as a screen shows them.

use std::collections::BTreeMap;

use consent_contract::request::Relation;
use serde::Deserialize;
use toml::de::{DeTable, DeValue};

use crate::{
    Fault,
    age::Day,
    attribute::Attribute,
    fault::Wrong,
    layout::{self, Value},
    mask,
    reader::{ALWAYS, Reader, table},
    service::{personal_info, service},
};

/// An account of a file. Values are masked.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Account {
    pub id: String,
    pub nickname: String,
    /// How the user distinguishes this account from their other ones.
    pub identifier: String,
    pub messenger_registered: bool,
    /// What holds between the account and the service. None for a new user.
    pub link: Option<Link>,
    /// Whether it is known to be a child's, without a date of birth.
    pub under_14: bool,
    /// A verified date of birth.
    pub legal_birth_date: Option<Day>,
    birthday: Option<Day>,
    /// By public id; every other channel is `none`.
    channels: BTreeMap<String, Relation>,
    /// By the id of the item.
    values: BTreeMap<&'static str, String>,
}

/// What an account agreed to at a service.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Link {
    pub how: How,
    /// As the file has it.
    pub at: String,
    /// The version by tag.
    pub terms: BTreeMap<String, String>,
    /// By id.
    pub items: Vec<String>,
}

/// How an account came to a service.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Deserialize)]
pub enum How {
    #[serde(rename = "combined_screen")]
    Combined,
    /// To be asked once.
    #[serde(rename = "plain_login")]
    PlainLogin,
}

impl Account {
    /// The date of birth by which an age is judged: a verified one before the account's own.
    #[must_use]
    pub fn date_of_birth(&self) -> Option<Day> {
        self.legal_birth_date.or(self.birthday)
    }

    /// The masked value of an item. None of a permission, which has none.
    #[must_use]
    pub fn value(&self, item: &str) -> Option<&str> {
        self.values.get(item).map(String::as_str)
    }

    /// How the account stands to a channel, by its public id.
    #[must_use]
    pub fn relation(&self, channel: &str) -> Relation {
        self.channels.get(channel).copied().unwrap_or(Relation::None)
    }
}

/// The accounts of a file, in its order, as a service of the file sees them.
///
/// # Errors
/// The first value that is none of its key, and an account without an id.
pub fn accounts(toml: &str, index: usize) -> Result<Vec<Account>, Fault> {
    read(toml, index).map_err(|wrong| wrong.placed(toml))
}

fn read(toml: &str, index: usize) -> Result<Vec<Account>, Wrong> {
    let root = layout::parse(toml)?;
    let reader = Reader::new(ALWAYS);
    let service = service(root.get_ref(), index)?;
    let with_year = asks_for_the_year(service)?;
    let client_id = reader.string(table(service)?, "client_id")?;
    let accounts = reader.tables(root.get_ref(), "account")?;
    accounts.into_iter().map(|it| account(it, with_year, client_id)).collect()
}

/// Whether the item `birthday` of a service is the whole date. On the platform it is not.
fn asks_for_the_year(service: &Value<'_>) -> Result<bool, Wrong> {
    let reader = Reader::new(ALWAYS);
    let items = match personal_info(service).map(table).transpose()? {
        Some(info) => reader.tables(info, "items")?,
        None => Vec::new(),
    };
    for item in items {
        let item = table(item)?;
        if reader.string(item, "id")? == Some(Attribute::Birthday.id())
            && let Some(with_year) = reader.flag(item, "with_year")?
        {
            return Ok(with_year);
        }
    }
    Ok(reader.string(table(service)?, "dialect")? != Some("kakao"))
}

fn account(value: &Value<'_>, with_year: bool, service: Option<&str>) -> Result<Account, Wrong> {
    let reader = Reader::new(ALWAYS);
    let id = reader.name(value, "id")?;
    let table = table(value)?;
    let text = |key| reader.string(table, key);
    let email = text("email")?.map(mask::email);
    let phone = text("phone")?.map(mask::phone);
    let nickname = text("nickname")?.unwrap_or_default().to_owned();
    let birthday = day(table, "birthday");
    let year = |day: Day| u16::try_from(day.year).ok();
    let birthyear = birthday.and_then(year).or(integer(table, "birthyear"));
    let month = match text("lunar_birthday")?.and_then(|it| it.split('-').next()?.parse().ok()) {
        Some(lunar) => Some(lunar),
        None => birthday.map(|day| day.month),
    };
    let hidden = |is_there: bool| is_there.then(|| mask::HIDDEN.to_owned());
    let has = |key: &str| table.contains_key(key);
    let values = Attribute::ALL.into_iter().filter_map(|attribute| {
        let value = match attribute {
            Attribute::Nickname => Some(nickname.clone()),
            Attribute::ProfileImage => hidden(has("picture")),
            Attribute::Email => email.clone(),
            Attribute::Phone => phone.clone(),
            Attribute::Name => text("name").ok()?.map(mask::name),
            Attribute::Gender => hidden(has("gender")),
            Attribute::AgeRange => hidden(has("age_range") || birthday.is_some()),
            Attribute::Birthday if with_year => birthday.map(|day| mask::date(day.year)),
            Attribute::Birthday => birthday.and(month).map(mask::birthday),
            Attribute::Birthyear => birthyear.map(mask::birthyear),
            Attribute::ConnectingInformation => hidden(has("ci")),
            Attribute::LegalName => text("legal_name").ok()?.map(mask::name),
            Attribute::LegalBirthDate => {
                day(table, "legal_birth_date").map(|day| mask::date(day.year))
            }
            Attribute::LegalGender => hidden(has("legal_gender")),
            Attribute::IsKorean => hidden(has("is_korean")),
            Attribute::Address => default_address(&reader, table).map(mask::address),
            Attribute::ChannelRelations
            | Attribute::Friends
            | Attribute::SendingMessages
            | Attribute::Chats => None,
        };
        Some((attribute.id(), value?))
    });
    Ok(Account {
        values: values.collect(),
        identifier: email.clone().or_else(|| phone.clone()).unwrap_or_default(),
        messenger_registered: reader.flag(table, "messenger_registered")?.unwrap_or(true),
        channels: channels(&reader, table)?,
        link: link(&reader, table, service)?,
        under_14: reader.flag(table, "under_14")?.unwrap_or(false),
        legal_birth_date: day(table, "legal_birth_date"),
        birthday,
        id,
        nickname,
    })
}

fn channels(reader: &Reader<'_>, table: &DeTable<'_>) -> Result<BTreeMap<String, Relation>, Wrong> {
    let Some(channels) = table.get("channels") else { return Ok(BTreeMap::new()) };
    let channels = self::table(channels)?;
    let relations = channels.keys().map(|id| {
        let relation = reader.choice(channels, id.get_ref())?.unwrap_or(Relation::None);
        Ok((id.get_ref().to_string(), relation))
    });
    relations.collect()
}

/// What an account has agreed to at a service.
fn link(
    reader: &Reader<'_>,
    account: &DeTable<'_>,
    service: Option<&str>,
) -> Result<Option<Link>, Wrong> {
    for link in reader.tables(account, "links")? {
        let link = table(link)?;
        if service.is_none() || reader.string(link, "service")? != service {
            continue;
        }
        let mut terms = BTreeMap::new();
        if let Some(versions) = link.get("terms") {
            let versions = table(versions)?;
            for tag in versions.keys() {
                let version = reader.string(versions, tag.get_ref())?.unwrap_or_default();
                terms.insert(tag.get_ref().to_string(), version.to_owned());
            }
        }
        let items = link.get("items").and_then(|it| it.get_ref().as_array());
        let items = items.into_iter().flatten().filter_map(|it| it.get_ref().as_str());
        return Ok(Some(Link {
            how: reader.choice(link, "how")?.unwrap_or(How::Combined),
            at: time(link, "at"),
            terms,
            items: items.map(str::to_owned).collect(),
        }));
    }
    Ok(None)
}

/// A time, which a file has as a string or as a value of its own.
fn time(table: &DeTable<'_>, key: &str) -> String {
    match table.get(key).map(|it| it.get_ref()) {
        Some(DeValue::String(text)) => text.to_string(),
        Some(DeValue::Datetime(time)) => time.to_string(),
        _ => String::new(),
    }
}

/// The address that is used where no other is chosen: the one of a line, that of `is_default`, or the
/// first.
fn default_address<'t>(reader: &Reader<'_>, table: &'t DeTable<'_>) -> Option<&'t str> {
    if let Some(line) = reader.string(table, "address").ok()? {
        return Some(line);
    }
    let addresses = reader.tables(table, "shipping_addresses").ok()?;
    let mut addresses = addresses.into_iter().filter_map(|it| self::table(it).ok());
    let first = addresses.clone().next();
    let is_default = |it: &&DeTable<'_>| reader.flag(it, "is_default") == Ok(Some(true));
    let address = addresses.find(is_default).or(first)?;
    reader.string(address, "base_address").ok()?
}

/// A day, as a date or as a string.
fn day(table: &DeTable<'_>, key: &str) -> Option<Day> {
    match table.get(key)?.get_ref() {
        DeValue::Datetime(day) => {
            day.date.map(|it| Day { year: it.year.into(), month: it.month, day: it.day })
        }
        DeValue::String(day) => Day::of(day),
        _ => None,
    }
}

fn integer(table: &DeTable<'_>, key: &str) -> Option<u16> {
    let DeValue::Integer(number) = table.get(key)?.get_ref() else { return None };
    u16::from_str_radix(number.as_str(), number.radix()).ok()
}
