//! The keys of new tables.

use consent_contract::{
    document::Block,
    request::{Channel, Highlight, PersonalInfoItem, Term},
};
use serde::Serialize;

use crate::{attribute::Attribute, literal, text};

/// The keys of a new table, with TOML.
pub type Keys = Vec<(&'static str, String)>;

/// The keys as an inline table.
pub fn inline(keys: &Keys) -> String {
    let keys: Vec<_> = keys.iter().map(|(key, value)| format!("{key} = {value}")).collect();
    format!("{{ {} }}", keys.join(", "))
}

/// The keys of the statements that an item can have of its own, as [`PersonalInfoItem::own_statements`].
pub const OWN: [&str; 4] = ["recipient", "purpose", "retention", "refusal_effect"];

/// A value of an enumeration as the file has it.
pub fn word<T: Serialize>(value: T) -> String {
    serde_json::to_value(value)
        .ok()
        .and_then(|it| it.as_str().map(str::to_owned))
        .unwrap_or_default()
}

fn quoted(text: &str) -> String {
    literal::string(text, Some("\""), "\n")
}

pub fn highlight_keys(highlight: &Highlight) -> Keys {
    vec![("kind", quoted(&word(highlight.kind))), ("text", quoted(&highlight.text))]
}

pub fn term_keys(term: &Term, blocks: &[Block], newline: &str) -> Keys {
    let mut keys = vec![
        ("tag", quoted(&term.tag)),
        ("kind", quoted(&word(term.kind))),
        ("required", term.required.to_string()),
        ("version", quoted(&term.version)),
    ];
    // A version is usually named by its first day.
    if format!("day = {}", term.version)
        .parse::<toml::Table>()
        .is_ok_and(|it| it["day"].is_datetime())
    {
        keys.push(("effective_from", term.version.clone()));
    }
    keys.push(("title", quoted(&term.title)));
    if let Some(text) = text::format(blocks).filter(|_| !blocks.is_empty()) {
        keys.push(("text", literal::string(&text, None, newline)));
    }
    if !term.highlights.is_empty() {
        let all: Vec<_> = term.highlights.iter().map(|it| inline(&highlight_keys(it))).collect();
        keys.push(("highlights", format!("[{}]", all.join(", "))));
    }
    keys
}

/// Whether users type the value. The backend refuses that for values that cannot be typed.
pub fn is_collected(item: &PersonalInfoItem) -> bool {
    let can_be = Attribute::of(&item.id).is_some_and(|it| it.collect().is_some());
    can_be && item.collect.is_some()
}

/// None for an item that the platform does not have.
pub fn item_keys(item: &PersonalInfoItem) -> Option<Keys> {
    Attribute::of(&item.id)?;
    let mut keys = vec![
        ("id", quoted(&item.id)),
        ("label", quoted(&item.label)),
        ("required", item.required.to_string()),
    ];
    if is_collected(item) {
        keys.push(("collect", true.to_string()));
    }
    if item.may_be_empty == Some(true) {
        keys.push(("when_missing", quoted("continue")));
    }
    let own = OWN.into_iter().zip(item.own_statements());
    keys.extend(own.filter_map(|(key, own)| Some((key, quoted(own.as_deref()?)))));
    Some(keys)
}

pub fn channel_keys(channel: &Channel) -> Keys {
    let mut keys = vec![("public_id", quoted(&channel.public_id)), ("name", quoted(&channel.name))];
    if channel.primary {
        keys.push(("primary", true.to_string()));
    }
    keys
}
