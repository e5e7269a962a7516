//! Reads where a service hears of changes, and which notices about advertising come due.

use axum::http::HeaderValue;
use consent_contract::item::ItemKey;
use serde::{Deserialize, Serialize};
use url::Url;

use super::{
    places::Places,
    reader::Table,
    reference::{Name, Names},
    secret::{self, Folder},
};

/// Where a service hears of changes as Security Event Tokens.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct EventTarget {
    pub url: Url,
    /// The value of the header `Authorization`.
    pub authorization_header: Option<String>,
}

/// Where a Kakao app hears that a user was unlinked.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct UnlinkWebhook {
    pub url: Url,
    pub method: UnlinkMethod,
}

/// How an unlink webhook sends its parameters: in the query, or in the body.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize)]
#[serde(rename_all = "UPPERCASE")]
pub enum UnlinkMethod {
    Get,
    Post,
}

/// Agreements to receive advertising, for the notices that Korean law requires (KR-N05, KR-N06).
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Advertising {
    /// Terms and channels.
    pub keys: Vec<ItemKey>,
    pub notices_by: NoticeSender,
}

/// Who sends the notices.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum NoticeSender {
    Service,
    Operator,
}

/// Reads `[service.events]`.
pub fn events(
    table: Option<Table<'_>>,
    folder: Folder<'_>,
    places: &mut Places,
) -> Option<EventTarget> {
    let mut table = table?;
    table.need("url");
    let url = target(&mut table, "url", places);
    let header = secret::read(&mut table, "authorization_header", folder, places);
    let authorization_header = header.map(|(value, at)| {
        let is_visible = !value.trim().is_empty() && !value.contains('\t');
        if !is_visible || HeaderValue::from_str(&value).is_err() {
            // Not shown: it is a secret.
            table.fault(at, "`authorization_header` is no value of a header");
        }
        value
    });
    Some(EventTarget { url: url?, authorization_header })
}

/// Reads `[service.advertising]`.
pub fn advertising(
    table: Option<Table<'_>>,
    client_id: &str,
    names: &mut Names,
) -> Option<Advertising> {
    let mut table = table?;
    let mut keys: Vec<ItemKey> = Vec::new();
    for (text, at) in table.need_strings("keys", "term or channel").unwrap_or_default() {
        let key = text.parse();
        match &key {
            Ok(ItemKey::Term(tag)) => {
                names.refer(at, Name::Term(client_id.to_owned(), tag.clone()))
            }
            Ok(ItemKey::Channel(id)) => names.refer(at, Name::Channel(id.clone())),
            Ok(ItemKey::Item(_)) | Err(_) => {
                table.fault(
                    at,
                    format!("`{text}`: expected `term:` and a tag, or `channel:` and an id"),
                );
                continue;
            }
        }
        if let Ok(key) = key {
            if keys.contains(&key) {
                table.fault(at, format!("`{text}` is there twice"));
            }
            keys.push(key);
        }
    }
    let senders = [NoticeSender::Service, NoticeSender::Operator];
    let notices_by = table.choice("notices_by", &senders);
    let notices_by = notices_by.map_or(NoticeSender::Service, |(sender, _)| sender);
    Some(Advertising { keys, notices_by })
}

/// The address of a webhook. Whether it may be sent there depends on the command line, too: see
/// [`crate::webhooks::check_target`].
pub fn target(table: &mut Table<'_>, key: &'static str, places: &mut Places) -> Option<Url> {
    let (text, at) = table.string(key)?;
    let url = Url::parse(&text).ok().filter(|url| {
        let is_web = matches!(url.scheme(), "https" | "http") && url.has_host();
        let has_user = !url.username().is_empty() || url.password().is_some();
        is_web && !has_user && url.fragment().is_none() && text.trim() == text
    });
    match &url {
        Some(url) => places.webhooks.push((url.clone(), at)),
        None => {
            let reason =
                format!("`{text}`: expected an https URL, without a user name and a fragment");
            table.fault(at, reason);
        }
    }
    url
}
