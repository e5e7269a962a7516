//! Reads `[[account]]`.

use std::collections::BTreeMap;

use consent_contract::{
    request::{Collect, Relation},
    value,
};
use time::{OffsetDateTime, format_description::well_known::Rfc3339};

use super::{
    catalog::{Account, How, Link},
    languages::Texts,
    places::Places,
    reader::Table,
    reference::{Name, Names},
};

/// Reads an account; with it, where it stands.
pub fn read(mut table: Table<'_>, names: &mut Names, places: &mut Places) -> (Account, usize) {
    let id = table.need_string("id").filter(|(id, at)| {
        let good = is_account_id(id);
        if !good {
            table.fault(*at, format!("`{id}`: an id is 1 to 128 of A-Z a-z 0-9 . _ @ + -"));
        }
        good
    });
    if !names.accounts.add(id.as_ref().map(|(id, _)| &**id))
        && let Some((id, at)) = &id
    {
        table.fault(*at, format!("there are two accounts `{id}`"));
    }
    let nickname = table.need_string("nickname");
    if let Some((nickname, at)) = &nickname
        // What people are called may look like anything: it is shown to themselves.
        && let Err(fault) = consent_contract::name::check_line(nickname)
    {
        table.fault(*at, format!("`nickname`: {fault}"));
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
    let birthday = table.date("birthday").map(|(day, at)| {
        if value::normalise(Collect::Birthday, &day.to_string()).is_err() {
            table.fault(at, format!("`{day}` is no birthday: expected a day from 1900-01-01 on"));
        }
        if let Some((id, _)) = &id {
            places.birthdays.insert(id.clone(), at);
        }
        day
    });
    let channels = channels(&mut table, names);
    let links = table.tables("links").tables.into_iter().map(|link| self::link(link, names));
    let links = links.collect();
    let note = table.text("note", |text| Ok(text.to_owned()));
    let mut texts = Texts::default();
    texts.add("`note`", note.as_ref());
    texts.languages(&table.faults);
    let at = table.at;
    let account = Account {
        id: id.map(|(id, _)| id).unwrap_or_default(),
        nickname: nickname.map(|(nickname, _)| nickname).unwrap_or_default(),
        email,
        email_verified: table.boolean("email_verified").unwrap_or(true),
        phone,
        phone_number_verified: table.boolean("phone_number_verified").unwrap_or(true),
        name,
        birthday,
        address,
        links,
        channels,
        messenger_registered: table.boolean("messenger_registered").unwrap_or(true),
        under_14: table.boolean("under_14").unwrap_or(false),
        note: note.and_then(|note| note.text),
    };
    (account, at)
}

/// Whether the text may be the id of an account: what proxies name people by, addresses of e-mail
/// among it.
fn is_account_id(text: &str) -> bool {
    (1..=128).contains(&text.len())
        && text.bytes().all(|byte| byte.is_ascii_alphanumeric() || b"._@+-".contains(&byte))
}

fn channels(table: &mut Table<'_>, names: &mut Names) -> BTreeMap<String, Relation> {
    let mut channels = BTreeMap::new();
    for (id, at, (relation, relation_at)) in table.map("channels") {
        names.refer(at, Name::Channel(id.clone()));
        let Ok(relation) = serde_plain::from_str::<Relation>(&relation) else {
            let reason = format!("`{relation}`: expected one of added, blocked, none");
            table.fault(relation_at, reason);
            continue;
        };
        channels.insert(id, relation);
    }
    channels
}

fn link(mut table: Table<'_>, names: &mut Names) -> Link {
    let service = table.need_name("service");
    let terms = table.map("terms");
    let items = table.strings("items").map(|(items, _)| items).unwrap_or_default();
    if let Some((service, at)) = &service {
        names.refer(*at, Name::Service(service.clone()));
        for (tag, at, _) in &terms {
            names.refer(*at, Name::Term(service.clone(), tag.clone()));
        }
        for (index, (id, at)) in items.iter().enumerate() {
            if items[..index].iter().any(|(before, _)| before == id) {
                table.fault(*at, format!("`{id}` is there twice"));
            }
            names.refer(*at, Name::Item(service.clone(), id.clone()));
        }
    }
    let how = table.need_choice("how", &[How::Combined, How::PlainLogin]);
    let at = table.need_string("at").and_then(|(text, at)| {
        let time = OffsetDateTime::parse(&text, &Rfc3339).ok().map(OffsetDateTime::unix_timestamp);
        if time.is_none() {
            let reason = format!("`{text}` is not a time, written as 2026-01-31T09:00:00Z");
            table.fault(at, reason);
        }
        time
    });
    Link {
        service: service.map(|(service, _)| service).unwrap_or_default(),
        how: how.map_or(How::Combined, |(how, _)| how),
        at: at.unwrap_or_default(),
        terms: terms.into_iter().map(|(tag, _, (version, _))| (tag, version)).collect(),
        items: items.into_iter().map(|(id, _)| id).collect(),
    }
}
