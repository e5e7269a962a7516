//! Reads TOML and keeps every fault with its place, so that one start tells all that is wrong.

use std::{collections::BTreeMap, ops::Range};

use consent_contract::item::is_name;
use toml::{
    Spanned,
    de::{DeTable, DeValue},
};

use super::{catalog::Localised, fault::Faults};

type Value<'a> = &'a Spanned<DeValue<'a>>;

/// A table that is being read. What nobody has read when it is dropped is an unknown field.
pub struct Table<'a> {
    entries: BTreeMap<&'a str, (usize, Value<'a>)>,
    known: Vec<&'static str>,
    faults: Faults,
    /// Where the table starts.
    pub at: usize,
}

impl<'a> Table<'a> {
    pub fn new(table: &'a DeTable<'a>, at: usize, faults: &Faults) -> Self {
        let entries = table
            .iter()
            .map(|(key, value)| (key.get_ref().as_ref(), (key.span().start, value)))
            .collect();
        Self { entries, known: Vec::new(), faults: faults.clone(), at }
    }

    pub fn fault(&self, at: usize, reason: impl Into<String>) {
        self.faults.add(at, reason);
    }

    /// Where the value of a key stands, before it is read.
    pub fn place(&self, key: &str) -> Option<usize> {
        self.entries.get(key).map(|(_, value)| value.span().start)
    }

    fn take(&mut self, key: &'static str) -> Option<Value<'a>> {
        self.known.push(key);
        self.entries.remove(key).map(|(_, value)| value)
    }

    fn missing(&self, key: &str) {
        self.faults.add(self.at, format!("`{key}` is missing"));
    }

    fn wrong(&self, value: Value<'a>, expected: &str) {
        let found = value.get_ref().type_str();
        self.faults.add(value.span().start, format!("expected {expected}, found {found}"));
    }

    /// A string and where it stands.
    pub fn string(&mut self, key: &'static str) -> Option<(String, usize)> {
        let value = self.take(key)?;
        match value.get_ref() {
            DeValue::String(text) => Some((text.to_string(), value.span().start)),
            _ => {
                self.wrong(value, "a string");
                None
            }
        }
    }

    /// A string that must be there. An absent one is a fault, and reads as empty where the table starts.
    pub fn need_string(&mut self, key: &'static str) -> (String, usize) {
        let is_there = self.entries.contains_key(key);
        let read = self.string(key);
        if !is_there {
            self.missing(key);
        }
        read.unwrap_or((String::new(), self.at))
    }

    /// A tag, id or public id that must be there.
    pub fn need_name(&mut self, key: &'static str) -> (String, usize) {
        let (name, at) = self.need_string(key);
        if !name.is_empty() && !is_name(&name) {
            self.fault(at, format!("`{name}`: a {key} is 1 to 64 of A-Z a-z 0-9 _ -"));
        }
        (name, at)
    }

    pub fn boolean(&mut self, key: &'static str) -> Option<bool> {
        let value = self.take(key)?;
        match value.get_ref() {
            DeValue::Boolean(flag) => Some(*flag),
            _ => {
                self.wrong(value, "true or false");
                None
            }
        }
    }

    pub fn need_boolean(&mut self, key: &'static str) -> bool {
        if !self.entries.contains_key(key) {
            self.missing(key);
        }
        self.boolean(key).unwrap_or_default()
    }

    pub fn integer(&mut self, key: &'static str, range: Range<u8>) -> Option<u8> {
        let value = self.take(key)?;
        let number = value
            .get_ref()
            .as_integer()
            .and_then(|n| i64::from_str_radix(n.as_str(), n.radix()).ok())
            .and_then(|n| u8::try_from(n).ok());
        match number.filter(|n| range.contains(n)) {
            Some(number) => Some(number),
            None => {
                self.wrong(value, &format!("a number from {} to {}", range.start, range.end - 1));
                None
            }
        }
    }

    /// A day, as a TOML date or as a string `YYYY-MM-DD`.
    pub fn date(&mut self, key: &'static str) -> Option<(time::Date, usize)> {
        let value = self.take(key)?;
        let at = value.span().start;
        let text = match value.get_ref() {
            DeValue::Datetime(date) => date.to_string(),
            DeValue::String(text) => text.to_string(),
            _ => {
                self.wrong(value, "a date");
                return None;
            }
        };
        let format = time::macros::format_description!("[year]-[month]-[day]");
        match time::Date::parse(&text, &format) {
            Ok(date) => Some((date, at)),
            Err(_) => {
                self.fault(at, format!("`{text}` is not a day, written as 2026-12-31"));
                None
            }
        }
    }

    /// One of a few words.
    pub fn choice<T: Copy>(&mut self, key: &'static str, choices: &[(&str, T)]) -> Option<T> {
        let (word, at) = self.string(key)?;
        let found = choices.iter().find(|(name, _)| *name == word).map(|(_, value)| *value);
        if found.is_none() {
            let names: Vec<_> = choices.iter().map(|(name, _)| *name).collect();
            self.fault(at, format!("`{word}`: expected one of {}", names.join(", ")));
        }
        found
    }

    pub fn need_choice<T: Copy>(&mut self, key: &'static str, choices: &[(&str, T)]) -> T {
        if !self.entries.contains_key(key) {
            self.missing(key);
        }
        self.choice(key, choices).unwrap_or(choices[0].1)
    }

    /// A list of strings, each with its place.
    pub fn strings(&mut self, key: &'static str) -> Vec<(String, usize)> {
        let Some(value) = self.take(key) else { return Vec::new() };
        let Some(array) = value.get_ref().as_array() else {
            self.wrong(value, "a list of strings");
            return Vec::new();
        };
        let mut strings = Vec::new();
        for value in array.iter() {
            match value.get_ref() {
                DeValue::String(text) => strings.push((text.to_string(), value.span().start)),
                _ => self.wrong(value, "a string"),
            }
        }
        strings
    }

    pub fn table(&mut self, key: &'static str) -> Option<Self> {
        let value = self.take(key)?;
        match value.get_ref() {
            DeValue::Table(table) => Some(Self::new(table, value.span().start, &self.faults)),
            _ => {
                self.wrong(value, "a table");
                None
            }
        }
    }

    pub fn tables(&mut self, key: &'static str) -> Vec<Self> {
        let Some(value) = self.take(key) else { return Vec::new() };
        let Some(array) = value.get_ref().as_array() else {
            self.wrong(value, "a list of tables");
            return Vec::new();
        };
        let mut tables = Vec::new();
        for value in array.iter() {
            match value.get_ref() {
                DeValue::Table(table) => {
                    tables.push(Self::new(table, value.span().start, &self.faults));
                }
                _ => self.wrong(value, "a table"),
            }
        }
        tables
    }

    /// Names of this table's own choosing, with strings.
    pub fn map(&mut self, key: &'static str) -> Vec<(String, usize, String)> {
        let Some(mut table) = self.table(key) else { return Vec::new() };
        let mut pairs = Vec::new();
        for (name, (at, value)) in std::mem::take(&mut table.entries) {
            match value.get_ref() {
                DeValue::String(text) => pairs.push((name.to_owned(), at, text.to_string())),
                _ => self.wrong(value, "a string"),
            }
        }
        pairs
    }

    /// A text: a string for every language, or a table of languages with Korean among them.
    /// `read` turns each into what it stands for, or tells what is wrong with it.
    pub fn text<T>(
        &mut self,
        key: &'static str,
        read: impl Fn(&str) -> Result<T, String>,
    ) -> Option<Localised<T>> {
        let value = self.take(key)?;
        let at = value.span().start;
        let checked = |text: &str, at: usize| match read(text) {
            Ok(text) => Some(text),
            Err(reason) => {
                self.fault(at, format!("`{key}`: {reason}"));
                None
            }
        };
        match value.get_ref() {
            DeValue::String(text) => checked(text, at).map(Localised::everywhere),
            DeValue::Table(table) => {
                let mut texts = BTreeMap::new();
                let mut whole = true;
                for (locale, value) in table {
                    if !is_language_tag(locale.get_ref()) {
                        let tag = locale.get_ref();
                        self.fault(locale.span().start, format!("`{tag}` is not a language tag"));
                    }
                    match value.get_ref() {
                        DeValue::String(text) => match checked(text, value.span().start) {
                            Some(text) => {
                                texts.insert(locale.get_ref().to_string(), text);
                            }
                            None => whole = false,
                        },
                        _ => self.wrong(value, "a string"),
                    }
                }
                let text = Localised::by_locale(texts);
                if text.is_none() && whole {
                    self.fault(at, format!("`{key}` has no `ko`"));
                }
                text
            }
            _ => {
                self.wrong(value, "a string, or a table of languages");
                None
            }
        }
    }

    pub fn need_text<T>(
        &mut self,
        key: &'static str,
        read: impl Fn(&str) -> Result<T, String>,
    ) -> Option<Localised<T>> {
        if !self.entries.contains_key(key) {
            self.missing(key);
        }
        self.text(key, read)
    }
}

impl Drop for Table<'_> {
    fn drop(&mut self) {
        let known = self.known.join(", ");
        for (key, (at, _)) in &self.entries {
            self.faults.add(*at, format!("unknown field `{key}`: expected one of {known}"));
        }
    }
}

/// The shape of a BCP 47 tag, as far as it is used here.
fn is_language_tag(text: &str) -> bool {
    (2..=35).contains(&text.len())
        && text.split('-').all(|part| {
            (1..=8).contains(&part.len()) && part.bytes().all(|b| b.is_ascii_alphanumeric())
        })
}
