//! Reads TOML and keeps every fault with its place, so that one start reports all that is wrong.
//!
//! A reader returns `None` for what is absent and for what is faulty, and a fault was added for the
//! second: a check of two values uses those that were read, and a value that stands in for
//! a faulty one causes no fault of its own.

use std::{collections::BTreeMap, ops::Range};

use consent_contract::item::is_name;
use serde::Serialize;
use time::{OffsetDateTime, format_description::well_known::Rfc3339};
use toml::{
    Spanned,
    de::{DeTable, DeValue},
};

use super::{catalog::Localised, fault::Faults, languages};
use crate::clock::Seconds;

type Value<'a> = &'a Spanned<DeValue<'a>>;

/// A table that is being read. When it is dropped, what was not read is an unknown field, and what
/// must be there and is not is missing.
pub struct Table<'a> {
    entries: BTreeMap<&'a str, (usize, Value<'a>)>,
    known: Vec<&'static str>,
    /// Known keys that are not there.
    absent: Vec<&'static str>,
    /// Absent keys that must be there.
    missing: Vec<&'static str>,
    pub faults: Faults,
    /// The key that it is the value of.
    key: &'static str,
    /// Where the table starts.
    pub at: usize,
}

/// A value that is a string or a table.
pub enum StringOrTable<'a> {
    /// With its place.
    String(String, usize),
    Table(Table<'a>),
}

/// Tables of a list.
pub struct Tables<'a> {
    pub tables: Vec<Table<'a>>,
    /// Whether every entry could be read as a table.
    pub whole: bool,
}

/// A text as it was written.
pub struct Written<T> {
    pub key: &'static str,
    pub at: usize,
    /// The languages that were written, also those whose text is faulty, with their places. `None`
    /// when one text was given for every language.
    pub languages: Option<Vec<(String, usize)>>,
    /// Whether there is a language that is no language tag, which is a fault by itself.
    pub has_malformed_language: bool,
    /// What could be read.
    pub text: Option<Localised<T>>,
}

impl<'a> Table<'a> {
    /// The table of a whole file.
    pub fn root(table: &'a DeTable<'a>, faults: &Faults) -> Self {
        Self::new(table, "", 0, faults)
    }

    fn new(table: &'a DeTable<'a>, key: &'static str, at: usize, faults: &Faults) -> Self {
        let entries = table
            .iter()
            .map(|(key, value)| (key.get_ref().as_ref(), (key.span().start, value)))
            .collect();
        Self {
            entries,
            known: Vec::new(),
            absent: Vec::new(),
            missing: Vec::new(),
            faults: faults.clone(),
            key,
            at,
        }
    }

    pub fn fault(&self, at: usize, reason: impl Into<String>) {
        self.faults.add(at, reason);
    }

    /// Where the value of a key stands, before it is read.
    pub fn place(&self, key: &str) -> Option<usize> {
        self.entries.get(key).map(|(_, value)| value.span().start)
    }

    /// Whether a key is there and was not read yet.
    pub fn has(&self, key: &str) -> bool {
        self.entries.contains_key(key)
    }

    /// Says that a key must be there, before it is read.
    pub fn need(&mut self, key: &'static str) {
        if !self.has(key) {
            self.missing.push(key);
        }
    }

    fn take(&mut self, key: &'static str) -> Option<Value<'a>> {
        self.known.push(key);
        let value = self.entries.remove(key).map(|(_, value)| value);
        if value.is_none() {
            self.absent.push(key);
        }
        value
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

    /// A string that must be there, and hold something.
    pub fn need_string(&mut self, key: &'static str) -> Option<(String, usize)> {
        self.need(key);
        let (text, at) = self.string(key)?;
        if text.is_empty() {
            self.fault(at, format!("`{key}` is empty"));
            return None;
        }
        Some((text, at))
    }

    /// A tag, id or public id that must be there.
    pub fn need_name(&mut self, key: &'static str) -> Option<(String, usize)> {
        let (name, at) = self.need_string(key)?;
        if !is_name(&name) {
            self.fault(at, format!("`{name}`: a {key} is 1 to 64 of A-Z a-z 0-9 _ -"));
            return None;
        }
        Some((name, at))
    }

    pub fn boolean(&mut self, key: &'static str) -> Option<bool> {
        self.boolean_at(key).map(|(flag, _)| flag)
    }

    pub fn boolean_at(&mut self, key: &'static str) -> Option<(bool, usize)> {
        let value = self.take(key)?;
        match value.get_ref() {
            DeValue::Boolean(flag) => Some((*flag, value.span().start)),
            _ => {
                self.wrong(value, "true or false");
                None
            }
        }
    }

    pub fn need_boolean(&mut self, key: &'static str) -> Option<(bool, usize)> {
        self.need(key);
        self.boolean_at(key)
    }

    pub fn integer(&mut self, key: &'static str, range: Range<i64>) -> Option<(i64, usize)> {
        let value = self.take(key)?;
        let number = value
            .get_ref()
            .as_integer()
            .and_then(|n| i64::from_str_radix(n.as_str(), n.radix()).ok());
        match number.filter(|n| range.contains(n)) {
            Some(number) => Some((number, value.span().start)),
            None => {
                self.wrong(value, &format!("a number from {} to {}", range.start, range.end - 1));
                None
            }
        }
    }

    /// A time in UTC, as a string of RFC 3339.
    pub fn time(&mut self, key: &'static str) -> Option<Seconds> {
        let (text, at) = self.string(key)?;
        let time = OffsetDateTime::parse(&text, &Rfc3339).ok().map(OffsetDateTime::unix_timestamp);
        if time.is_none() {
            let reason = format!("`{text}` is not a time, written as 2026-01-31T09:00:00Z");
            self.fault(at, reason);
        }
        time
    }

    /// A time that must be there.
    pub fn need_time(&mut self, key: &'static str) -> Option<Seconds> {
        self.need(key);
        self.time(key)
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

    /// A day that must be there.
    pub fn need_date(&mut self, key: &'static str) -> Option<(time::Date, usize)> {
        self.need(key);
        self.date(key)
    }

    /// One of these values, under its serde name.
    pub fn choice<T: Copy + Serialize>(
        &mut self,
        key: &'static str,
        values: &[T],
    ) -> Option<(T, usize)> {
        let name = |value| serde_plain::to_string(value).expect("a variant without content");
        let names: Vec<String> = values.iter().map(name).collect();
        let names = names.iter().map(String::as_str);
        self.choice_of(key, &names.zip(values.iter().copied()).collect::<Vec<_>>())
    }

    pub fn need_choice<T: Copy + Serialize>(
        &mut self,
        key: &'static str,
        values: &[T],
    ) -> Option<(T, usize)> {
        self.need(key);
        self.choice(key, values)
    }

    /// One of a few words, which must be there.
    pub fn need_choice_of<T: Copy>(
        &mut self,
        key: &'static str,
        choices: &[(&str, T)],
    ) -> Option<(T, usize)> {
        self.need(key);
        self.choice_of(key, choices)
    }

    /// One of a few words.
    pub fn choice_of<T: Copy>(
        &mut self,
        key: &'static str,
        choices: &[(&str, T)],
    ) -> Option<(T, usize)> {
        let (word, at) = self.string(key)?;
        let found = choices.iter().find(|(name, _)| *name == word).map(|(_, value)| (*value, at));
        if found.is_none() {
            let names: Vec<_> = choices.iter().map(|(name, _)| *name).collect();
            self.fault(at, format!("`{word}`: expected one of {}", names.join(", ")));
        }
        found
    }

    /// A list of strings, each with its place, and where the list stands. `None` also when one of
    /// them is no string.
    pub fn strings(&mut self, key: &'static str) -> Option<(Vec<(String, usize)>, usize)> {
        let value = self.take(key)?;
        let Some(array) = value.get_ref().as_array() else {
            self.wrong(value, "a list of strings");
            return None;
        };
        let mut strings = Vec::new();
        for value in array.iter() {
            match value.get_ref() {
                DeValue::String(text) => strings.push((text.to_string(), value.span().start)),
                _ => self.wrong(value, "a string"),
            }
        }
        (strings.len() == array.len()).then(|| (strings, value.span().start))
    }

    /// A list of strings that must be there, and hold something.
    pub fn need_strings(&mut self, key: &'static str, what: &str) -> Option<Vec<(String, usize)>> {
        self.need(key);
        let (strings, at) = self.strings(key)?;
        if strings.is_empty() {
            self.fault(at, format!("`{key}` needs at least one {what}"));
            return None;
        }
        Some(strings)
    }

    pub fn table(&mut self, key: &'static str) -> Option<Self> {
        let value = self.take(key)?;
        match value.get_ref() {
            DeValue::Table(table) => Some(Self::new(table, key, value.span().start, &self.faults)),
            _ => {
                self.wrong(value, "a table");
                None
            }
        }
    }

    pub fn string_or_table(
        &mut self,
        key: &'static str,
        expected: &str,
    ) -> Option<StringOrTable<'a>> {
        let value = self.take(key)?;
        let at = value.span().start;
        match value.get_ref() {
            DeValue::String(text) => Some(StringOrTable::String(text.to_string(), at)),
            DeValue::Table(table) => {
                Some(StringOrTable::Table(Self::new(table, key, at, &self.faults)))
            }
            _ => {
                self.wrong(value, expected);
                None
            }
        }
    }

    pub fn need_table(&mut self, key: &'static str) -> Option<Self> {
        self.need(key);
        self.table(key)
    }

    pub fn tables(&mut self, key: &'static str) -> Tables<'a> {
        let mut tables = Tables { tables: Vec::new(), whole: true };
        let Some(value) = self.take(key) else { return tables };
        let Some(array) = value.get_ref().as_array() else {
            // `[service.x]` makes a table of `service` when `[[service]]` is misspelt.
            let found = value.get_ref().type_str();
            let reason = format!("expected a list of tables, found {found}");
            self.faults.add_unless_misspelt(key, value.span().start, reason);
            return Tables { whole: false, ..tables };
        };
        for value in array.iter() {
            match value.get_ref() {
                DeValue::Table(table) => {
                    let at = value.span().start;
                    tables.tables.push(Self::new(table, key, at, &self.faults));
                }
                _ => {
                    self.wrong(value, "a table");
                    tables.whole = false;
                }
            }
        }
        tables
    }

    /// Names of this table's own choosing, with strings.
    pub fn map(&mut self, key: &'static str) -> Vec<(String, usize, (String, usize))> {
        let Some(mut table) = self.table(key) else { return Vec::new() };
        let mut pairs = Vec::new();
        for (name, (at, value)) in std::mem::take(&mut table.entries) {
            match value.get_ref() {
                DeValue::String(text) => {
                    pairs.push((name.to_owned(), at, (text.to_string(), value.span().start)));
                }
                _ => self.wrong(value, "a string"),
            }
        }
        pairs
    }

    /// A text: a string for every language, or a table of languages. `read` turns each into what it
    /// stands for, or reports what is wrong with it. Which languages must be there is for
    /// [`super::languages::Texts`] to say.
    pub fn text<T>(
        &mut self,
        key: &'static str,
        read: impl Fn(&str) -> Result<T, String>,
    ) -> Option<Written<T>> {
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
            DeValue::String(text) => Some(Written {
                key,
                at,
                languages: None,
                has_malformed_language: false,
                text: checked(text, at).map(Localised::everywhere),
            }),
            DeValue::Table(table) => {
                let mut texts = BTreeMap::new();
                let mut languages = Vec::new();
                let mut has_malformed_language = false;
                for (locale, value) in table {
                    let (tag, place) = (locale.get_ref(), locale.span().start);
                    match languages::check_tag(tag) {
                        Ok(()) => languages.push((tag.to_string(), place)),
                        Err(reason) => {
                            self.fault(place, reason);
                            has_malformed_language = true;
                        }
                    }
                    match value.get_ref() {
                        DeValue::String(text) => {
                            if let Some(text) = checked(text, value.span().start) {
                                texts.insert(tag.to_string(), text);
                            }
                        }
                        _ => self.wrong(value, "a string"),
                    }
                }
                let text = Localised::by_locale(texts);
                let languages = Some(languages);
                Some(Written { key, at, languages, has_malformed_language, text })
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
    ) -> Option<Written<T>> {
        self.need(key);
        self.text(key, read)
    }
}

impl Drop for Table<'_> {
    fn drop(&mut self) {
        let known = self.known.join(", ");
        for (key, (at, _)) in &self.entries {
            let absent = meant(key, &self.absent);
            let hint = absent.map(|it| format!("; did you mean `{it}`?")).unwrap_or_default();
            self.faults.add(*at, format!("unknown field `{key}`: expected one of {known}{hint}"));
            if let Some(absent) = absent {
                self.missing.retain(|missing| *missing != absent);
            }
            // A key that is there may be one half of a table whose other half is misspelt.
            if let Some(meant) = absent.or_else(|| meant(key, &self.known)) {
                self.faults.add_misspelt(meant);
            }
        }
        for key in &self.missing {
            self.faults.add_unless_misspelt(self.key, self.at, format!("`{key}` is missing"));
        }
    }
}

/// The key that was probably meant.
fn meant(key: &str, known: &[&'static str]) -> Option<&'static str> {
    let nearest = known.iter().min_by_key(|known| strsim::damerau_levenshtein(key, known))?;
    is_alike(key, nearest).then_some(*nearest)
}

/// Whether a key is another one with a mistake in it: one edit away, or two when it is long.
pub fn is_alike(key: &str, known: &str) -> bool {
    let near = if known.len() < 6 { 1 } else { 2 };
    strsim::damerau_levenshtein(key, known) <= near
}
