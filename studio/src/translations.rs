//! The texts of a service in every language: read from its file and from what was entered, and entered.

use std::collections::{BTreeMap, BTreeSet};

use consent_contract::{
    document::Block,
    locale::{Locale, SHIPPED, entries},
    name,
};
use consent_fixtures::{Fixture, LANGUAGES, Translation, Translations, translation};
use consent_services::{
    ALWAYS, Change, Fault, NewText, TextInFile, Written, counterparts, text, texts, write_texts,
};
use serde_json::{Value, json};

use crate::{language::t, plain_text, services, source::Source, words};

/// A text of a service.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Entry {
    /// The part of the form, in English, and the title of the item in it.
    pub within: (&'static str, Option<String>),
    /// What names the part or the item.
    pub group: String,
    /// In the studio's language.
    pub label: &'static str,
    /// The place in the fixture, as a JSON Pointer.
    pub at: String,
    /// The place as the file has it, where names stand for positions.
    pub key: String,
    /// Whether it is the full text of a term.
    pub is_full: bool,
}

/// How a text is given in a language.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Given {
    Here,
    /// Once for every language, without letters of Korean.
    Shared,
    Missing,
}

/// A text in a language, as plain text.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Cell {
    pub text: String,
    pub given: Given,
}

/// A text in every language of the sheet, in their order.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Row {
    pub entry: Entry,
    pub cells: Vec<Cell>,
}

/// A language of the sheet.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Column {
    /// The BCP 47 tag.
    pub tag: String,
    /// In the language itself; the tag of one that the screen does not have.
    pub name: String,
    /// Whether a text is in it.
    pub is_used: bool,
    /// Whether users are offered the service in it.
    pub is_offered: bool,
    pub missing: usize,
}

/// Every text of a service in every language.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Sheet {
    /// Korean first.
    pub columns: Vec<Column>,
    pub rows: Vec<Row>,
    /// Whether other languages than Korean can be entered: there is a file for them.
    pub is_editable: bool,
}

/// The texts of a fixture. None for another page than the consent screen, and where the service has texts
/// in another language only.
#[must_use]
pub fn sheet(fixture: &Fixture, source: Option<&Source>) -> Option<Sheet> {
    let request = fixture.request()?;
    if request.locale != ALWAYS {
        return None;
    }
    match source {
        Some(source) => of_file(fixture, source),
        None => Some(of_gallery(fixture)),
    }
}

fn of_file(fixture: &Fixture, source: &Source) -> Option<Sheet> {
    let toml = services::with_texts(fixture, source)?;
    let json = serde_json::to_value(fixture).ok()?;
    let in_file = texts(&toml, source.service).ok()?;
    let shipped = entries(SHIPPED).map(|(tag, _)| tag.to_owned());
    let used: BTreeSet<&String> = in_file.values().flat_map(languages).collect();
    let mut tags: Vec<String> = shipped.collect();
    let others = used.iter().filter(|it| !tags.contains(it)).map(|it| (**it).clone());
    let others: Vec<String> = others.collect();
    tags.extend(others);
    let rows = entries_of(fixture).into_iter().map(|entry| {
        let cells = tags.iter().map(|tag| match &**tag {
            ALWAYS => given(korean(&json, &entry)),
            tag => {
                let entered = fixture.translations.get(tag).and_then(|it| it.get(&entry.key));
                match entered {
                    Some(entered) => entered_cell(entered, in_file.get(&entry.key)),
                    None => cell(tag, in_file.get(&entry.key), entry.is_full),
                }
            }
        });
        let cells = cells.collect();
        Row { entry, cells }
    });
    let offered = services::offered_languages(&toml, source.service);
    Some(counted(rows.collect(), &tags, &offered, true))
}

fn languages(text: &TextInFile) -> impl Iterator<Item = &String> {
    let languages = match text {
        TextInFile::Translated(languages) => Some(languages.keys()),
        TextInFile::Shared(_) => None,
    };
    languages.into_iter().flatten()
}

/// What was entered. A text that is taken away leaves what is shared.
fn entered_cell(entered: &Translation, in_file: Option<&TextInFile>) -> Cell {
    let text = plain(entered);
    match in_file {
        Some(shared @ TextInFile::Shared(_)) if text.trim().is_empty() => {
            cell("", Some(shared), false)
        }
        _ => given(text),
    }
}

fn cell(tag: &str, in_file: Option<&TextInFile>, is_full: bool) -> Cell {
    match in_file {
        Some(TextInFile::Translated(languages)) => {
            let text = languages.get(tag).cloned().unwrap_or_default();
            match is_full {
                true => given(text::blocks(&text).map_or(text, |it| plain_text::format(&it))),
                false => given(text),
            }
        }
        // Users of every language read it; in Korean, that is no translation.
        Some(TextInFile::Shared(text)) if !is_korean(text) && !text.trim().is_empty() => {
            Cell { text: String::new(), given: Given::Shared }
        }
        _ => given(String::new()),
    }
}

fn is_korean(text: &str) -> bool {
    text.chars().any(|it| matches!(it, '가'..='힣' | 'ㄱ'..='ㆎ'))
}

fn given(text: String) -> Cell {
    let given = if text.trim().is_empty() { Given::Missing } else { Given::Here };
    Cell { text, given }
}

/// The translations of the gallery, by the Korean text.
fn of_gallery(fixture: &Fixture) -> Sheet {
    let json = serde_json::to_value(fixture).unwrap_or_default();
    let rows = entries_of(fixture).into_iter().map(|entry| {
        let cells = LANGUAGES.map(|locale| {
            if locale == Locale::KO {
                return given(korean(&json, &entry));
            }
            let translated = |text: &str| match text.trim().is_empty() {
                true => Some(text.to_owned()),
                false => translation(text, locale).map(str::to_owned),
            };
            let text = match entry.is_full {
                true => {
                    let blocks = translated_blocks(&blocks_at(&json, &entry.at), &translated);
                    blocks.map(|it| plain_text::format(&it))
                }
                false => translated(&korean(&json, &entry)),
            };
            given(text.unwrap_or_default())
        });
        Row { entry, cells: cells.into() }
    });
    let tags = LANGUAGES.map(|it| it.tag().to_owned());
    counted(rows.collect(), &tags, &tags, false)
}

/// None where a text of the blocks has no translation.
fn translated_blocks(
    blocks: &[Block],
    translated: &impl Fn(&str) -> Option<String>,
) -> Option<Vec<Block>> {
    let all = |texts: &[String]| texts.iter().map(|it| translated(it)).collect::<Option<Vec<_>>>();
    let block = |block: &Block| {
        Some(match block {
            Block::Heading { level, text } => {
                Block::Heading { level: *level, text: translated(text)? }
            }
            Block::Paragraph { text } => Block::Paragraph { text: translated(text)? },
            Block::List { items } => Block::List { items: all(items)? },
            Block::Table { header, rows } => Block::Table {
                header: all(header)?,
                rows: rows.iter().map(|row| all(row)).collect::<Option<_>>()?,
            },
        })
    };
    blocks.iter().map(block).collect()
}

fn counted(rows: Vec<Row>, tags: &[String], offered: &[String], is_editable: bool) -> Sheet {
    let columns = tags.iter().enumerate().map(|(at, tag)| {
        let count =
            |is_it: fn(&Cell) -> bool| rows.iter().filter(|row| is_it(&row.cells[at])).count();
        Column {
            tag: tag.clone(),
            name: language_name(tag),
            is_used: count(|it| it.given == Given::Here) > 0,
            is_offered: offered.contains(tag),
            missing: count(|it| it.given == Given::Missing),
        }
    });
    Sheet { columns: columns.collect(), is_editable, rows }
}

/// The texts of a fixture, in the order of the form.
#[must_use]
pub fn entries_of(fixture: &Fixture) -> Vec<Entry> {
    let Some(request) = fixture.request() else { return Vec::new() };
    let mut entries = Vec::new();
    let mut add = |item: Option<(&str, &str)>, at: String, key: String| {
        let (Some(section), Some(label)) = (words::section(&at), words::label(&at)) else { return };
        entries.push(Entry {
            within: (section, item.map(|(_, title)| title.to_owned())),
            group: format!("{section}/{}", item.map(|(name, _)| name).unwrap_or_default()),
            label: words::without_hint(t(label)),
            is_full: key.starts_with("/documents/"),
            at,
            key,
        });
    };
    for (index, term) in request.terms.iter().enumerate() {
        let (at, key) = (format!("/request/terms/{index}"), format!("/request/terms/{}", term.tag));
        add(Some((&term.tag, &term.title)), format!("{at}/title"), format!("{key}/title"));
        for number in 0..term.highlights.len() {
            let text = format!("highlights/{number}/text");
            add(Some((&term.tag, &term.title)), format!("{at}/{text}"), format!("{key}/{text}"));
        }
        let document = format!("/documents/{}", term.tag);
        add(Some((&term.tag, &term.title)), document.clone(), document);
    }
    for name in STATEMENTS {
        let at = format!("/request/personal_info/{name}");
        add(None, at.clone(), at);
    }
    for (index, item) in request.personal_info.items.iter().enumerate() {
        let items = "/request/personal_info/items";
        let mut add_own = |name: &str| {
            let (at, key) =
                (format!("{items}/{index}/{name}"), format!("{items}/{}/{name}", item.id));
            add(Some((&item.id, &item.label)), at, key);
        };
        add_own("label");
        for (name, own) in STATEMENTS.into_iter().zip(item.own_statements()) {
            if own.is_some() {
                add_own(name);
            }
        }
    }
    for (index, channel) in request.channels.iter().enumerate() {
        let channels = "/request/channels";
        let key = format!("{channels}/{}/name", channel.public_id);
        add(Some((&channel.public_id, &channel.name)), format!("{channels}/{index}/name"), key);
    }
    for name in ["name", "company"] {
        let at = format!("/request/service/{name}");
        add(None, at.clone(), at);
    }
    entries
}

/// In the order of `PersonalInfoItem::own_statements`.
const STATEMENTS: [&str; 4] = ["recipient", "purpose", "retention", "refusal_effect"];

fn blocks_at(fixture: &Value, at: &str) -> Vec<Block> {
    let blocks = fixture.pointer(at).cloned().unwrap_or_default();
    serde_json::from_value(blocks).unwrap_or_default()
}

/// The text of a fixture itself.
fn korean(fixture: &Value, entry: &Entry) -> String {
    match entry.is_full {
        true => plain_text::format(&blocks_at(fixture, &entry.at)),
        false => {
            let text = fixture.pointer(&entry.at).and_then(Value::as_str);
            text.unwrap_or_default().to_owned()
        }
    }
}

/// A fixture with a text in another language.
#[must_use]
pub fn with(fixture: &Value, language: &str, entry: &Entry, typed: &str) -> Value {
    let new = match entry.is_full {
        true => json!(plain_text::blocks(typed)),
        false => json!(typed),
    };
    let mut fixture = fixture.clone();
    fixture["translations"][language][&entry.key] = new;
    fixture
}

/// Writes what was entered into a service of a file.
///
/// # Errors
/// The first fault of the file.
pub fn write(toml: &str, service: usize, entered: &Translations) -> Result<Written, Fault> {
    let cleaned = |translation: &Translation| match translation {
        Translation::Line(line) => Translation::Line(name::clean(line)),
        Translation::Full(blocks) => {
            let clean = |text: &str| Some(name::clean(text));
            Translation::Full(translated_blocks(blocks, &clean).unwrap_or_default())
        }
    };
    let all = entered.iter().flat_map(|(language, texts)| {
        texts.iter().map(move |(key, text)| (language.as_str(), key.as_str(), cleaned(text)))
    });
    let all: Vec<_> = all.collect();
    let changes = all.iter().map(|(language, key, text)| Change {
        language,
        key,
        new: match text {
            Translation::Line(line) => NewText::Line(line),
            Translation::Full(blocks) => NewText::Full(blocks),
        },
    });
    write_texts(toml, service, &changes.collect::<Vec<_>>())
}

/// The tags of terms whose title or text differs in a language that both files have it in.
#[must_use]
pub fn changed(old: &str, new: &str, service: usize) -> BTreeSet<String> {
    let (Ok(old), Ok(new)) = (texts(old, service), texts(new, service)) else { return [].into() };
    let differs = |key: &String| match (&old[key], new.get(key)) {
        (TextInFile::Translated(old), Some(TextInFile::Translated(new))) => {
            old.iter().any(|(language, old)| new.get(language).is_some_and(|new| new != old))
        }
        _ => false,
    };
    let tag = |key: &String| {
        let term = key.strip_prefix("/request/terms/").and_then(|it| it.strip_suffix("/title"));
        term.or_else(|| key.strip_prefix("/documents/")).map(str::to_owned)
    };
    old.keys().filter(|key| differs(key)).filter_map(tag).collect()
}

/// A text in another language that was entered otherwise, or on one side only.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Differing {
    /// The name of the language.
    pub language: String,
    pub entry: Entry,
    pub open: Option<String>,
    pub other: Option<String>,
}

/// What was entered otherwise in two fixtures, of the texts that the open one has.
#[must_use]
pub fn differing(open: &Fixture, other: &Fixture) -> Vec<Differing> {
    let entries = entries_of(open);
    let languages: BTreeSet<&String> =
        open.translations.keys().chain(other.translations.keys()).collect();
    let mut found = Vec::new();
    for language in languages {
        for entry in &entries {
            let text = |fixture: &Fixture| {
                let text = fixture.translations.get(language)?.get(&entry.key)?;
                Some(plain(text))
            };
            let (open, other) = (text(open), text(other));
            if open != other {
                let language = language_name(language);
                found.push(Differing { language, entry: entry.clone(), open, other });
            }
        }
    }
    found
}

fn plain(text: &Translation) -> String {
    match text {
        Translation::Line(line) => line.clone(),
        Translation::Full(blocks) => plain_text::format(blocks),
    }
}

/// The name of a language in itself; the tag of one that the screen does not have.
fn language_name(tag: &str) -> String {
    let shipped = entries(SHIPPED).find(|(it, _)| *it == tag);
    shipped.map_or(tag, |(_, name)| name).to_owned()
}

/// Highlights have no names. What was entered for one stays with it where others are added, removed or
/// moved. Returns whether anything had to be moved.
pub fn follow(before: &Fixture, after: &mut Fixture) -> bool {
    let (Some(old), Some(new)) = (before.request(), after.request()) else { return false };
    let mut moved = Vec::new();
    for term in &new.terms {
        let was = old.terms.iter().find(|it| it.tag == term.tag);
        let Some(was) = was.filter(|it| it.highlights != term.highlights) else { continue };
        let from = counterparts(&was.highlights, &term.highlights);
        if !from.iter().copied().eq((0..was.highlights.len()).map(Some)) {
            moved.push((format!("/request/terms/{}/highlights/", term.tag), from));
        }
    }
    let mut is_moved = false;
    for texts in after.translations.values_mut() {
        for (prefix, from) in &moved {
            let is_highlight = |key: &String| key.starts_with(prefix.as_str());
            let old: BTreeMap<String, Translation> =
                texts.extract_if(.., |key, _| is_highlight(key)).collect();
            is_moved |= !old.is_empty();
            for (at, from) in from.iter().enumerate() {
                let text = from.and_then(|from| old.get(&format!("{prefix}{from}/text")));
                if let Some(text) = text {
                    texts.insert(format!("{prefix}{at}/text"), text.clone());
                }
            }
        }
    }
    is_moved
}

#[cfg(test)]
mod tests;
