//! Reads what the screen shows of a service, for a new user.

use std::{
    cell::RefCell,
    collections::{BTreeMap, BTreeSet},
};

use consent_contract::{
    name, redirect,
    request::{
        AgreeAllPolicy, AlreadyAgreed, Channel, ConsentRequest, Highlight, HighlightKind, Mode,
        PersonalInfo, PersonalInfoItem, Purpose, Reasons, Relation, Service, Term, TermKind,
        grouped,
    },
};
use serde::{Deserialize, de::DeserializeOwned};
use toml::de::{DeTable, DeValue};

use crate::{
    Documents, Fault, Shown,
    attribute::Attribute,
    fault::Wrong,
    layout::{self, Value},
    text,
};

/// The language that every text has.
pub const ALWAYS: &str = "ko";

/// A service in a file.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Listed {
    /// None while it is missing.
    pub client_id: Option<String>,
    /// In Korean, where it has that; empty while it is missing.
    pub name: String,
    pub terms: usize,
    pub items: usize,
    pub channels: usize,
}

/// What the file does not have: a user.
pub struct Sample<'a> {
    /// Whose account is shown, and what else is not the service's.
    pub request: &'a ConsentRequest,
    /// The user's masked value of an item, by its id.
    pub value: &'a dyn Fn(&str) -> Option<String>,
}

/// The services of a file, in its order.
///
/// # Errors
/// The first fault, of a file that is no TOML or has no service.
pub fn services(toml: &str) -> Result<Vec<Listed>, Fault> {
    listed(toml).map_err(|wrong| wrong.placed(toml))
}

fn listed(toml: &str) -> Result<Vec<Listed>, Wrong> {
    let root = layout::parse(toml)?;
    let reader = Reader::new(ALWAYS);
    let services = reader.tables(root.get_ref(), "service")?;
    if services.is_empty() {
        return Err(Wrong::new(0, "there is no `[[service]]` in this file"));
    }
    let services = services.into_iter().map(|service| {
        let service = table(service)?;
        let items = match service.get("personal_info").map(table) {
            Some(info) => reader.tables(info?, "items")?.len(),
            None => 0,
        };
        Ok(Listed {
            client_id: reader.string(service, "client_id")?.map(str::to_owned),
            name: reader.line(service, "name")?,
            terms: latest(&reader, &reader.tables(service, "terms")?)?.len(),
            items,
            channels: reader.tables(service, "channels")?.len(),
        })
    });
    services.collect()
}

/// What the screen shows of a service in a language, to a new user: everything that it can ask, also what
/// it asks only when a request names it. Of a term the latest version. What is missing is empty.
///
/// # Errors
/// The first value that is none of its key, and a term, an item or a channel without a name.
pub fn show(toml: &str, index: usize, language: &str, sample: &Sample<'_>) -> Result<Shown, Fault> {
    shown(toml, index, language, sample).map_err(|wrong| wrong.placed(toml))
}

fn shown(toml: &str, index: usize, language: &str, sample: &Sample<'_>) -> Result<Shown, Wrong> {
    let root = layout::parse(toml)?;
    let reader = Reader::new(language);
    let services = reader.tables(root.get_ref(), "service")?;
    let service = services.get(index).ok_or(Wrong::new(0, "there is no such `[[service]]`"))?;
    let service = table(service)?;
    let mut documents = Documents::new();
    let tables = reader.tables(service, "terms")?;
    let mut terms = Vec::new();
    for at in latest(&reader, &tables)? {
        let (term, blocks) = reader.term(tables[at])?;
        if let Some(blocks) = blocks {
            documents.insert(term.tag.clone(), blocks);
        }
        terms.push(term);
    }
    let channels = reader.tables(service, "channels")?.into_iter();
    let channels = channels.map(|it| reader.channel(it)).collect::<Result<_, _>>()?;
    let from = sample.request;
    let request = ConsentRequest {
        service: reader.service(service, &from.service)?,
        agree_all: reader.choice(service, "agree_all")?.unwrap_or(AgreeAllPolicy::RequiredOnly),
        terms,
        personal_info: reader.personal_info(service, sample)?,
        channels,
        purpose: Purpose::SignUp,
        heading: None,
        reason: None,
        reasons: Reasons::default(),
        already_agreed: AlreadyAgreed::default(),
        locale: String::new(),
        languages: None,
        ..from.clone()
    };
    let languages = reader.languages();
    let locale = if languages.iter().any(|it| it == language) { language } else { ALWAYS };
    let request = ConsentRequest {
        locale: locale.to_owned(),
        languages: Some(languages.join(" ")),
        ..request
    };
    Ok(Shown { request, documents })
}

pub fn table<'a, 'd>(value: &'a Value<'d>) -> Result<&'a DeTable<'d>, Wrong> {
    let found = value.get_ref();
    let wrong =
        || Wrong::new(value.span().start, format!("expected a table, found {}", found.type_str()));
    found.as_table().ok_or_else(wrong)
}

/// Of each tag the latest version, by its index; in the order in which the tags stand in the file.
pub fn latest(reader: &Reader<'_>, terms: &[&Value<'_>]) -> Result<Vec<usize>, Wrong> {
    let mut latest: Vec<(String, String, usize)> = Vec::new();
    for (at, term) in terms.iter().enumerate() {
        let tag = reader.name(term, "tag")?;
        let day = day(table(term)?).unwrap_or_default();
        match latest.iter_mut().find(|(known, ..)| *known == tag) {
            Some(known) if known.1 < day => (known.1, known.2) = (day, at),
            Some(_) => {}
            None => latest.push((tag, day, at)),
        }
    }
    Ok(latest.into_iter().map(|(_, _, at)| at).collect())
}

/// The first day of a term, as `2026-12-31`.
pub fn day(term: &DeTable<'_>) -> Option<String> {
    match term.get("effective_from")?.get_ref() {
        DeValue::Datetime(day) => Some(day.to_string()),
        DeValue::String(day) => Some(day.to_string()),
        _ => None,
    }
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
    fn languages(&self) -> Vec<String> {
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

    fn flag(&self, table: &DeTable<'_>, key: &str) -> Result<Option<bool>, Wrong> {
        let Some(value) = table.get(key) else { return Ok(None) };
        match value.get_ref() {
            DeValue::Boolean(flag) => Ok(Some(*flag)),
            _ => Err(expected(value, key, "true or false")),
        }
    }

    fn choice<T: DeserializeOwned>(
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
    fn line(&self, table: &DeTable<'_>, key: &str) -> Result<String, Wrong> {
        let text = self.text(table, key)?;
        Ok(text.map(|(text, _)| name::clean(text)).unwrap_or_default())
    }

    fn service(&self, table: &DeTable<'_>, from: &Service) -> Result<Service, Wrong> {
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

    fn term(
        &self,
        value: &Value<'_>,
    ) -> Result<(Term, Option<Vec<consent_contract::document::Block>>), Wrong> {
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

    fn personal_info(
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

    fn channel(&self, value: &Value<'_>) -> Result<Channel, Wrong> {
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
