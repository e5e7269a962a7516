//! The texts of a service in every language of a file, there and back.

use std::collections::BTreeMap;

use consent_contract::{document::Block, name};
use toml::de::DeValue;

use crate::{
    Fault, LeftOut, Written,
    edits::Edits,
    fault::Wrong,
    keys::OWN,
    layout::{self, Value},
    left_out,
    read::latest,
    reader::{ALWAYS, Reader, table},
    service::{personal_info, service},
    text,
};

/// What the key of a full text begins with.
const DOCUMENTS: &str = "/documents/";

/// A text of a file, as it is written there.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum TextInFile {
    /// Once, for every language.
    Shared(String),
    /// By language.
    Translated(BTreeMap<String, String>),
}

/// A text in a language.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum NewText<'a> {
    /// A line. An empty one is none.
    Line(&'a str),
    /// The full text of a term. Without blocks it is none.
    Full(&'a [Block]),
}

impl NewText<'_> {
    fn is_empty(self) -> bool {
        match self {
            Self::Line(line) => line.trim().is_empty(),
            Self::Full(blocks) => blocks.is_empty(),
        }
    }
}

/// A change of a text in a language.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Change<'a> {
    /// A BCP 47 tag.
    pub language: &'a str,
    /// As [`texts`] has it.
    pub key: &'a str,
    pub new: NewText<'a>,
}

/// A place that a text can be at.
struct Place<'a, 'd> {
    key: String,
    table: &'a Value<'d>,
    name: &'static str,
}

/// The texts of a service, by the places that the screen has them at: `/request/terms/tos/title`,
/// `/documents/tos`. Terms, items and channels go by their names, highlights by their position. Full
/// texts are as they are written.
///
/// # Errors
/// As [`crate::show`].
pub fn texts(toml: &str, index: usize) -> Result<BTreeMap<String, TextInFile>, Fault> {
    read(toml, index).map_err(|wrong| wrong.placed(toml))
}

fn read(toml: &str, index: usize) -> Result<BTreeMap<String, TextInFile>, Wrong> {
    let root = layout::parse(toml)?;
    let mut texts = BTreeMap::new();
    for Place { key, table, name } in places(service(root.get_ref(), index)?)? {
        let value = table.get_ref().as_table().and_then(|it| it.get(name));
        let shown = |text: &str| match key.starts_with(DOCUMENTS) {
            true => text.to_owned(),
            false => name::clean(text),
        };
        let text = match value.map(|it| it.get_ref()) {
            Some(DeValue::String(text)) => TextInFile::Shared(shown(text)),
            Some(DeValue::Table(languages)) => {
                let languages = languages.iter().filter_map(|(language, text)| {
                    Some((language.get_ref().to_string(), shown(text.get_ref().as_str()?)))
                });
                TextInFile::Translated(languages.collect())
            }
            _ => continue,
        };
        texts.insert(key, text);
    }
    Ok(texts)
}

fn places<'a, 'd>(service: &'a Value<'d>) -> Result<Vec<Place<'a, 'd>>, Wrong> {
    let reader = Reader::new(ALWAYS);
    let mut places = Vec::new();
    let mut add = |key: String, table: &'a Value<'d>, name| places.push(Place { key, table, name });
    for name in ["name", "company"] {
        add(format!("/request/service/{name}"), service, name);
    }
    let terms = reader.tables(table(service)?, "terms")?;
    for at in latest(&reader, &terms)? {
        let (term, tag) = (terms[at], reader.name(terms[at], "tag")?);
        add(format!("/request/terms/{tag}/title"), term, "title");
        let highlights = reader.tables(table(term)?, "highlights")?;
        for (index, highlight) in highlights.into_iter().enumerate() {
            add(format!("/request/terms/{tag}/highlights/{index}/text"), highlight, "text");
        }
        add(format!("{DOCUMENTS}{tag}"), term, "text");
    }
    if let Some(info) = personal_info(service) {
        for name in OWN {
            add(format!("/request/personal_info/{name}"), info, name);
        }
        for item in reader.tables(table(info)?, "items")? {
            let id = reader.name(item, "id")?;
            for name in ["label"].into_iter().chain(OWN) {
                add(format!("/request/personal_info/items/{id}/{name}"), item, name);
            }
        }
    }
    for channel in reader.tables(table(service)?, "channels")? {
        let id = reader.name(channel, "public_id")?;
        add(format!("/request/channels/{id}/name"), channel, "name");
    }
    Ok(places)
}

/// Writes texts in other languages into a service of a file, as [`crate::write`] does what is in Korean.
/// A text that is written once becomes a table of languages.
///
/// # Errors
/// As [`crate::show`].
pub fn write_texts(toml: &str, index: usize, changes: &[Change<'_>]) -> Result<Written, Fault> {
    let mut written = toml.to_owned();
    let mut languages: Vec<&str> = changes.iter().map(|it| it.language).collect();
    languages.sort_unstable();
    languages.dedup();
    // A language for itself: two in one table would be put at the same place.
    for language in languages {
        let changes = changes.iter().filter(|it| it.language == language);
        written = pass(&written, index, changes).map_err(|wrong| wrong.placed(&written))?;
    }
    let read = texts(&written, index)?;
    let left_out = changes.iter().filter(|it| !is_in(&read, it)).map(|change| LeftOut {
        at: format!("/translations/{}{}", change.language, change.key),
        reason: match change.new {
            NewText::Line(_) => left_out::NO_PLACE.to_owned(),
            NewText::Full(_) => left_out::TEXT.to_owned(),
        },
    });
    Ok(Written { left_out: left_out.collect(), toml: written })
}

fn pass<'a>(
    toml: &str,
    index: usize,
    changes: impl Iterator<Item = &'a Change<'a>>,
) -> Result<String, Wrong> {
    let root = layout::parse(toml)?;
    let places = places(service(root.get_ref(), index)?)?;
    let mut edits = Edits::of(toml);
    for change in changes {
        if let Some(place) = places.iter().find(|it| it.key == change.key) {
            let of_language = |source: Option<&str>| match change.new {
                _ if change.new.is_empty() => None,
                NewText::Line(line) => Some(line.to_owned()),
                NewText::Full(blocks) => {
                    let text = match source {
                        Some(source) => text::rewritten(&source.replace("\r\n", "\n"), blocks),
                        None => text::format(blocks),
                    }?;
                    let is_line = text.trim_end().lines().count() == 1;
                    Some(if is_line { text.trim_end().to_owned() } else { text })
                }
            };
            let is_removed = change.new.is_empty();
            edits.translation(place.table, place.name, change.language, is_removed, of_language);
        }
    }
    Ok(edits.applied())
}

fn is_in(read: &BTreeMap<String, TextInFile>, change: &Change<'_>) -> bool {
    let found = match read.get(change.key) {
        Some(TextInFile::Translated(languages)) => languages.get(change.language),
        // What is the same needs no table of languages.
        Some(TextInFile::Shared(text)) if !change.new.is_empty() => Some(text),
        _ => None,
    };
    match (change.new, found) {
        (new, None) => new.is_empty(),
        (NewText::Line(line), Some(found)) => name::clean(line) == *found,
        (NewText::Full(blocks), Some(found)) => {
            text::blocks(found).is_ok_and(|found| found == blocks)
        }
    }
}
