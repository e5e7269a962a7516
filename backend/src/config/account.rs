//! Reads `[[account]]`.

use std::collections::BTreeMap;

use super::{
    catalog::{Account, How, Link},
    identity,
    languages::Texts,
    places::Places,
    reader::Table,
    reference::{Name, Names},
    service::is_web_page,
    shipping_address,
};
use consent_contract::{
    request::{Collect, Relation},
    value,
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
    let email = personal(&mut table, "email", Collect::Email);
    let phone = personal(&mut table, "phone", Collect::Phone);
    let name = personal(&mut table, "name", Collect::Name);
    let has_birthday = table.has("birthday");
    let birthday = identity::birth_date(&mut table, "birthday");
    let legal = identity::legal(&mut table);
    if let Some((id, _)) = &id {
        let dates = [birthday, legal.birth_date].into_iter().flatten();
        places.birth_dates.insert(id.clone(), dates.collect());
    }
    let birthday = birthday.map(|(day, _)| day);
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
        picture: picture(&mut table),
        email,
        email_verified: table.boolean("email_verified").unwrap_or(true),
        phone,
        phone_number_verified: table.boolean("phone_number_verified").unwrap_or(true),
        name,
        gender: identity::gender(&mut table, "gender"),
        birthday,
        birthyear: identity::birthyear(&mut table, birthday),
        lunar_birthday: identity::lunar_birthday(&mut table, has_birthday),
        age_range: identity::age_range(&mut table),
        connecting_information: identity::connecting_information(&mut table),
        legal: legal.identity,
        shipping_addresses: shipping_address::read(&mut table),
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

/// A value in the form in which it is provided.
pub(super) fn personal(table: &mut Table<'_>, key: &'static str, kind: Collect) -> Option<String> {
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
}

fn picture(table: &mut Table<'_>) -> Option<String> {
    let (url, at) = table.string("picture")?;
    if !is_web_page(&url) || url.len() > 2048 {
        table.fault(at, format!("`{url}`: expected an https URL of at most 2048 characters"));
        return None;
    }
    Some(url)
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
    let at = table.need_time("at");
    Link {
        service: service.map(|(service, _)| service).unwrap_or_default(),
        how: how.map_or(How::Combined, |(how, _)| how),
        at: at.unwrap_or_default(),
        terms: terms.into_iter().map(|(tag, _, (version, _))| (tag, version)).collect(),
        items: items.into_iter().map(|(id, _)| id).collect(),
    }
}
