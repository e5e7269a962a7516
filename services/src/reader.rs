//! Reads values of a file as the screen shows them.

use std::{
    cell::RefCell,
    collections::{BTreeMap, BTreeSet},
};

use consent_contract::{
    document::Block,
    name, redirect,
    request::{
        Channel, ConsentRequest, Highlight, HighlightKind, Mode, PersonalInfo, PersonalInfoItem,
        Relation, Service, Term, TermKind, grouped,
    },
};
use serde::{Deserialize, de::DeserializeOwned};
use toml::de::{DeTable, DeValue};

use crate::{attribute::Attribute, fault::Wrong, layout::Value, text};

/// The language that every text has.
pub const ALWAYS: &str = "ko";

/// What the file does not have: a user.
pub struct Sample<'a> {
    /// Whose account is shown, and what else is not the service's.
    pub request: &'a ConsentRequest,
    /// The user's masked value of an item, by its id.
    pub value: &'a dyn Fn(&str) -> Option<String>,
}

pub fn table<'a, 'd>(value: &'a Value<'d>) -> Result<&'a DeTable<'d>, Wrong> {
    let found = value.get_ref();
    let wrong =
        || Wrong::new(value.span().start, format!("expected a table, found {}", found.type_str()));
    found.as_table().ok_or_else(wrong)
}

/// The text of a key in a language: its own, Korean, or the first.
pub fn in_language<'a, 'd>(texts: &'a DeTable<'d>, language: &str) -> Option<&'a Value<'d>> {
    let first = || texts.iter().min_by_key(|(key, _)| key.span().start).map(|(_, value)| value);
    texts.get(language).or_else(|| texts.get(ALWAYS)).or_else(first)
}

/// Reads values in a language.
pub struct Reader<'a> {
    language: &'a str,
    /// The languages of each text that has several.
    texts: RefCell<Vec<Vec<String>>>,
}

impl<'a> Reader<'a> {
    pub fn new(language: &'a str) -> Self {
        Self { language, texts: RefCell::default() }
    }

    /// Korean, and the languages that at least half of the texts have, as the backend counts them.
    pub fn languages(&self) -> Vec<String> {
        let texts = self.texts.borrow();
        let mut counts: BTreeMap<&str, usize> = BTreeMap::new();
        for language in texts.iter().flatten() {
            *counts.entry(language).or_default() += 1;
        }
        let mut languages = vec![ALWAYS.to_owned()];
        let mut seen = BTreeSet::from([ALWAYS]);
        for language in texts.iter().flatten() {
            if counts[language.as_str()] * 2 >= texts.len() && seen.insert(language) {
                languages.push(language.clone());
            }
        }
        languages
    }

    pub fn string<'t>(&self, table: &'t DeTable<'_>, key: &str) -> Result<Option<&'t str>, Wrong> {
        let Some(value) = table.get(key) else { return Ok(None) };
        match value.get_ref() {
            DeValue::String(text) => Ok(Some(text)),
            _ => Err(expected(value, key, "a string")),
        }
    }

    pub fn flag(&self, table: &DeTable<'_>, key: &str) -> Result<Option<bool>, Wrong> {
        let Some(value) = table.get(key) else { return Ok(None) };
        match value.get_ref() {
            DeValue::Boolean(flag) => Ok(Some(*flag)),
            _ => Err(expected(value, key, "true or false")),
        }
    }

    pub fn number(&self, table: &DeTable<'_>, key: &str) -> Result<Option<u8>, Wrong> {
        let Some(value) = table.get(key) else { return Ok(None) };
        let number = match value.get_ref() {
            DeValue::Integer(number) => u8::from_str_radix(number.as_str(), number.radix()).ok(),
            _ => None,
        };
        number.map(Some).ok_or_else(|| expected(value, key, "a small number"))
    }

    pub fn choice<T: DeserializeOwned>(
        &self,
        table: &DeTable<'_>,
        key: &str,
    ) -> Result<Option<T>, Wrong> {
        let Some(word) = self.string(table, key)? else { return Ok(None) };
        let at = table.get(key).map_or(0, |it| it.span().start);
        let read = serde_json::from_value(word.into());
        read.map(Some).map_err(|error| Wrong::new(at, format!("`{key}`: {error}")))
    }

    /// The tag, id or public id of a table, without which nothing refers to it.
    pub fn name(&self, value: &Value<'_>, key: &str) -> Result<String, Wrong> {
        let name = self.string(table(value)?, key)?;
        let wrong = || Wrong::new(value.span().start, format!("`{key}` is missing"));
        name.filter(|it| !it.is_empty()).map(str::to_owned).ok_or_else(wrong)
    }

    pub fn tables<'t, 'd>(
        &self,
        table: &'t DeTable<'d>,
        key: &str,
    ) -> Result<Vec<&'t Value<'d>>, Wrong> {
        let Some(value) = table.get(key) else { return Ok(Vec::new()) };
        let list = value.get_ref().as_array();
        let list = list.ok_or_else(|| expected(value, key, "a list of tables"))?;
        let wrong = list.iter().find(|it| !it.get_ref().is_table());
        wrong.map_or_else(|| Ok(list.iter().collect()), |it| Err(expected(it, key, "a table")))
    }

    /// A text as it is written, and where.
    fn text<'t>(
        &self,
        table: &'t DeTable<'_>,
        key: &str,
    ) -> Result<Option<(&'t str, usize)>, Wrong> {
        let Some(value) = table.get(key) else { return Ok(None) };
        let value = match value.get_ref() {
            DeValue::Table(texts) => {
                let languages = texts.keys().map(|it| it.get_ref().to_string()).collect();
                self.texts.borrow_mut().push(languages);
                match in_language(texts, self.language) {
                    Some(value) => value,
                    None => return Ok(None),
                }
            }
            _ => value,
        };
        match value.get_ref() {
            DeValue::String(text) => Ok(Some((text, value.span().start))),
            _ => Err(expected(value, key, "a string, or a table of languages")),
        }
    }

    /// A text as it is shown.
    pub fn line(&self, table: &DeTable<'_>, key: &str) -> Result<String, Wrong> {
        let text = self.text(table, key)?;
        Ok(text.map(|(text, _)| name::clean(text)).unwrap_or_default())
    }

    pub fn service(&self, table: &DeTable<'_>, from: &Service) -> Result<Service, Wrong> {
        let uris = table.get("redirect_uris").and_then(|it| it.get_ref().as_array());
        let mut uris = uris.into_iter().flatten().filter_map(|it| it.get_ref().as_str());
        let origin = uris.find_map(|it| redirect::origin(it).ok());
        Ok(Service {
            name: self.line(table, "name")?,
            company: self.line(table, "company")?,
            icon_url: None,
            destination_origin: origin.unwrap_or_else(|| from.destination_origin.clone()),
            verified: self.flag(table, "verified")?.unwrap_or(false),
            mode: self.choice(table, "mode")?.unwrap_or(Mode::Live),
            privacy_policy_url: self.string(table, "privacy_policy_url")?.map(str::to_owned),
        })
    }

    pub fn term(&self, value: &Value<'_>) -> Result<(Term, Option<Vec<Block>>), Wrong> {
        let table = table(value)?;
        let tag = self.name(value, "tag")?;
        let highlights = self.tables(table, "highlights")?.into_iter().map(|it| {
            let table = self::table(it)?;
            let kind = self.choice(table, "kind")?.unwrap_or(HighlightKind::Promotion);
            Ok(Highlight { kind, text: self.line(table, "text")? })
        });
        let highlights = highlights.collect::<Result<_, Wrong>>()?;
        let blocks = match self.text(table, "text")? {
            Some((text, at)) if !text.trim().is_empty() => {
                let named = |reason| Wrong::new(at, format!("the text of `{tag}`: {reason}"));
                Some(text::blocks(text).map_err(named)?)
            }
            _ => None,
        };
        let term = Term {
            title: self.line(table, "title")?,
            kind: self.choice(table, "kind")?.unwrap_or(TermKind::Service),
            required: self.flag(table, "required")?.unwrap_or(false),
            version: self.string(table, "version")?.unwrap_or_default().to_owned(),
            digest: format!("sha256-{tag}"),
            highlights,
            agreed_version: None,
            tag,
        };
        Ok((term, blocks))
    }

    pub fn personal_info(
        &self,
        service: &DeTable<'_>,
        sample: &Sample<'_>,
    ) -> Result<PersonalInfo, Wrong> {
        let empty = DeTable::new();
        let info = match service.get("personal_info") {
            Some(info) => table(info)?,
            None => &empty,
        };
        let mut read = PersonalInfo {
            recipient: self.line(info, "recipient")?,
            purpose: self.line(info, "purpose")?,
            retention: self.line(info, "retention")?,
            refusal_effect: self.line(info, "refusal_effect")?,
            digest: "sha256-personal-info".to_owned(),
            items: Vec::new(),
        };
        let items = self.tables(info, "items")?.into_iter();
        let items = items.map(|it| self.item(it, &read, sample)).collect::<Result<_, _>>()?;
        read.items = grouped(items);
        Ok(read)
    }

    fn item(
        &self,
        value: &Value<'_>,
        shared: &PersonalInfo,
        sample: &Sample<'_>,
    ) -> Result<PersonalInfoItem, Wrong> {
        let table = table(value)?;
        let id = self.name(value, "id")?;
        let required = self.flag(table, "required")?.unwrap_or(false);
        let collect = self.flag(table, "collect")?.unwrap_or(false);
        let collect = Attribute::of(&id).and_then(Attribute::collect).filter(|_| collect);
        let may_be_empty = required && collect.is_some() && self.may_be_empty(table)?;
        let own = |key, shared: &String| {
            let own = self.text(table, key)?.map(|(text, _)| name::clean(text));
            Ok::<_, Wrong>(own.filter(|own| own != shared))
        };
        Ok(PersonalInfoItem {
            label: self.line(table, "label")?,
            required,
            value: (sample.value)(&id),
            collect,
            may_be_empty: may_be_empty.then_some(true),
            recipient: own("recipient", &shared.recipient)?,
            purpose: own("purpose", &shared.purpose)?,
            retention: own("retention", &shared.retention)?,
            refusal_effect: own("refusal_effect", &shared.refusal_effect)?,
            id,
        })
    }

    fn may_be_empty(&self, item: &DeTable<'_>) -> Result<bool, Wrong> {
        #[derive(Deserialize, PartialEq)]
        #[serde(rename_all = "snake_case")]
        enum WhenMissing {
            Stop,
            Continue,
        }
        Ok(self.choice(item, "when_missing")? == Some(WhenMissing::Continue))
    }

    pub fn channel(&self, value: &Value<'_>) -> Result<Channel, Wrong> {
        let table = table(value)?;
        Ok(Channel {
            public_id: self.name(value, "public_id")?,
            name: self.line(table, "name")?,
            icon_url: None,
            primary: self.flag(table, "primary")?.unwrap_or(false),
            requested: false,
            relation: Relation::None,
        })
    }
}

fn expected(value: &Value<'_>, key: &str, what: &str) -> Wrong {
    let found = value.get_ref().type_str();
    Wrong::new(value.span().start, format!("`{key}`: expected {what}, found {found}"))
}
