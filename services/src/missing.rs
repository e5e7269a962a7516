//! What a service still needs before a backend runs it.

use toml::de::{DeTable, DeValue};

use crate::{
    Fault, Shown,
    fault::Wrong,
    layout,
    read::{day, latest},
    reader::{ALWAYS, Reader, table},
};

/// What is missing, as sentences: keys that the backend needs, and those without which no one can sign up.
///
/// # Errors
/// The first fault of the file.
pub fn missing(toml: &str, index: usize) -> Result<Vec<String>, Fault> {
    found(toml, index).map_err(|wrong| wrong.placed(toml))
}

fn found(toml: &str, index: usize) -> Result<Vec<String>, Wrong> {
    let root = layout::parse(toml)?;
    let reader = Reader::new(ALWAYS);
    let services = reader.tables(root.get_ref(), "service")?;
    let service = services.get(index).ok_or(Wrong::new(0, "there is no such `[[service]]`"))?;
    let service = table(service)?;
    let mut missing = Vec::new();
    let mut need = |is_there: bool, what: &str| {
        if !is_there {
            missing.push(what.to_owned());
        }
    };
    need(has(service, "client_id"), "client_id: the name of the service in requests.");
    need(
        has(service, "redirect_uris"),
        "redirect_uris: where users return to, exactly as requests name it.",
    );
    let is_kakao = service.get("dialect").is_some_and(|it| it.get_ref().as_str() == Some("kakao"));
    need(
        has(service, "client_secret") || is_kakao,
        "client_secret: `consent-backend client-secret` makes one. Without it the service is a public \
         client, and must use PKCE.",
    );
    let approved = service.get("approved").and_then(|it| it.get_ref().as_bool());
    need(approved == Some(true), "approved = true: until then no one can sign up.");
    for key in ["name", "company"] {
        need(has(service, key), &format!("{key}: it is empty."));
    }
    let empty = DeTable::new();
    let info =
        service.get("personal_info").and_then(|it| it.get_ref().as_table()).unwrap_or(&empty);
    for key in ["recipient", "purpose", "retention", "refusal_effect"] {
        need(has(info, key), &format!("personal_info.{key}: the law requires this statement."));
    }
    let terms = reader.tables(service, "terms")?;
    for at in latest(&reader, &terms)? {
        let (tag, term) = (reader.name(terms[at], "tag")?, table(terms[at])?);
        need(has(term, "version"), &format!("version of the term `{tag}`."));
        need(day(term).is_some(), &format!("effective_from of the term `{tag}`: its first day."));
        need(has(term, "title"), &format!("title of the term `{tag}`."));
        need(has(term, "text"), &format!("text of the term `{tag}`: the full text."));
        let is_made_up = tag.strip_prefix("term_").is_some_and(|it| it.parse::<u32>().is_ok());
        need(
            !is_made_up,
            &format!("tag of the term `{tag}`: choose the name that requests and receipts use."),
        );
    }
    for channel in reader.tables(service, "channels")? {
        let id = reader.name(channel, "public_id")?;
        let is_made_up = id.starts_with("_channel_");
        need(!is_made_up, &format!("public_id of the channel `{id}`: that of the messenger."));
    }
    Ok(missing)
}

/// Whether a key is there, and not empty.
fn has(table: &DeTable<'_>, key: &str) -> bool {
    table.get(key).is_some_and(|value| match value.get_ref() {
        DeValue::String(text) => !text.is_empty(),
        DeValue::Array(list) => !list.is_empty(),
        DeValue::Table(table) => {
            table.iter().next().is_some()
                && table.get(ALWAYS).is_none_or(|it| it.get_ref().as_str() != Some(""))
        }
        _ => true,
    })
}

/// The tags of terms whose title or text changed while their version did not. A backend that has shown such
/// a version refuses the file.
#[must_use]
pub fn changed_under_their_version(before: &Shown, now: &Shown) -> Vec<String> {
    let terms = now.request.terms.iter().filter(|term| {
        let old = before.request.terms.iter().find(|it| it.tag == term.tag);
        let text = |shown: &Shown| shown.documents.get(&term.tag).cloned();
        old.is_some_and(|old| {
            old.version == term.version && (old.title != term.title || text(before) != text(now))
        })
    });
    terms.map(|it| it.tag.clone()).collect()
}
