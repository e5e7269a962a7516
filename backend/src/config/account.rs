//! Reads `[[account]]`.

use std::collections::BTreeMap;

use consent_contract::{
    request::{Collect, Relation},
    value,
};
use time::{OffsetDateTime, format_description::well_known::Rfc3339};

use super::{
    catalog::{Account, How, Link},
    reader::Table,
    reference::{Name, Reference},
};

pub fn read(mut table: Table<'_>, references: &mut Vec<Reference>) -> Account {
    let (id, at) = table.need_string("id");
    if !is_account_id(&id) && at != table.at {
        table.fault(at, format!("`{id}`: an id is 1 to 128 of A-Z a-z 0-9 . _ @ + -"));
    }
    let (nickname, at) = table.need_string("nickname");
    // What people are called may look like anything: it is shown to themselves.
    if let Err(fault) = consent_contract::name::check_line(&nickname) {
        table.fault(at, format!("`nickname`: {fault}"));
    }
    let mut personal = |key, kind| {
        let (text, at) = table.string(key)?;
        match value::normalise(kind, &text) {
            // Given out as it is written here, so it must be in the form that is given out.
            Ok(value) if value == text => Some(value),
            Ok(value) => {
                table.fault(at, format!("`{text}`: write it as `{value}`"));
                None
            }
            Err(fault) => {
                table.fault(at, format!("`{text}` is not acceptable: {fault:?}"));
                None
            }
        }
    };
    let email = personal("email", Collect::Email);
    let phone = personal("phone", Collect::Phone);
    let name = personal("name", Collect::Name);
    let address = personal("address", Collect::Address);
    let birthday = table.date("birthday").map(|(day, _)| day);
    let channels = channels(&mut table, references);
    let links = table.tables("links").into_iter().map(|link| self::link(link, references));
    Account {
        id,
        nickname,
        email,
        phone,
        name,
        birthday,
        address,
        links: links.collect(),
        channels,
        messenger_registered: table.boolean("messenger_registered").unwrap_or(true),
        under_14: table.boolean("under_14").unwrap_or(false),
        note: table.text("note", |text| Ok(text.to_owned())),
    }
}

/// Whether the text may be the id of an account: what proxies name people by, addresses of e-mail
/// among it.
fn is_account_id(text: &str) -> bool {
    (1..=128).contains(&text.len())
        && text.bytes().all(|byte| byte.is_ascii_alphanumeric() || b"._@+-".contains(&byte))
}

fn channels(table: &mut Table<'_>, references: &mut Vec<Reference>) -> BTreeMap<String, Relation> {
    let mut channels = BTreeMap::new();
    for (id, at, relation) in table.map("channels") {
        let relation = match &*relation {
            "added" => Relation::Added,
            "blocked" => Relation::Blocked,
            "none" => Relation::None,
            other => {
                table.fault(at, format!("`{other}`: expected one of added, blocked, none"));
                continue;
            }
        };
        references.push(Reference { at, name: Name::Channel(id.clone()) });
        channels.insert(id, relation);
    }
    channels
}

fn link(mut table: Table<'_>, references: &mut Vec<Reference>) -> Link {
    let (service, at) = table.need_name("service");
    references.push(Reference { at, name: Name::Service(service.clone()) });
    let mut terms = Vec::new();
    for (tag, at, version) in table.map("terms") {
        references.push(Reference { at, name: Name::Term(service.clone(), tag.clone()) });
        terms.push((tag, version));
    }
    let mut items = Vec::new();
    for (id, at) in table.strings("items") {
        references.push(Reference { at, name: Name::Item(service.clone(), id.clone()) });
        items.push(id);
    }
    let how = table.need_choice(
        "how",
        &[("combined_screen", How::Combined), ("plain_login", How::PlainLogin)],
    );
    let (text, position) = table.need_string("at");
    let at = match OffsetDateTime::parse(&text, &Rfc3339) {
        Ok(at) => at.unix_timestamp(),
        Err(_) => {
            if !text.is_empty() {
                let reason = format!("`{text}` is not a time, written as 2026-01-31T09:00:00Z");
                table.fault(position, reason);
            }
            0
        }
    };
    Link { service, how, at, terms, items }
}
