//! What a person agreed to at a service, for the service.

use std::collections::BTreeMap;

use consent_contract::{item::ItemKey, request::Relation};
use serde::Serialize;
use time::Date;
use utoipa::ToSchema;

use crate::{
    clock::{Seconds, rfc3339},
    config::Service,
    store::{Grant, LastAnswer},
};

/// What a person agreed to at the service that asks.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, ToSchema)]
pub struct Agreements {
    /// The service's terms, in the order of its configuration.
    pub terms: Vec<TermStatus>,
    /// The service's items of personal information. Their values are claims of their own.
    pub items: Vec<ItemStatus>,
    /// The service's channels.
    pub channels: Vec<ChannelStatus>,
}

/// The answer to a term.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, ToSchema)]
pub struct TermStatus {
    /// The service's name for the term.
    pub tag: String,
    /// Whether the version that is asked now is required.
    pub required: bool,
    pub status: Status,
    /// The version that was agreed to or refused.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub version: Option<String>,
    /// When it was agreed to or refused: RFC 3339, UTC.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub answered_at: Option<String>,
}

/// The answer to an item of personal information.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, ToSchema)]
pub struct ItemStatus {
    /// The id of the item, which is also its scope.
    pub id: String,
    pub required: bool,
    pub status: Status,
    /// When it was agreed to or refused: RFC 3339, UTC.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub answered_at: Option<String>,
}

/// The relation to a channel of the service.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, ToSchema)]
pub struct ChannelStatus {
    pub public_id: String,
    pub relation: Relation,
}

/// How a term or an item was answered.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, ToSchema)]
#[serde(rename_all = "snake_case")]
pub enum Status {
    /// The person agrees to it.
    Agreed,
    /// It was on the screen, and the person left it unticked.
    Refused,
    /// The person agreed, and withdrew it.
    Withdrawn,
    /// The person has never answered it. A cancelled screen is no answer.
    NotAsked,
}

/// How one thing was answered, with the version and time.
struct Answer<'a> {
    status: Status,
    version: Option<&'a str>,
    at: Option<Seconds>,
}

/// What holds now, and for what does not hold, how it was answered last.
#[must_use]
pub fn agreements(
    service: &Service,
    grant: &Grant,
    last: &BTreeMap<ItemKey, LastAnswer>,
    today: Date,
) -> Agreements {
    let current = service.terms_on(today);
    let terms = service.tags().filter_map(|tag| {
        let key = ItemKey::Term(tag.to_owned());
        let held = grant.terms.get(tag).map(|(version, at)| (Some(&**version), *at));
        let answer = answer(held, last.get(&key));
        let term = current.iter().find(|term| term.tag == tag);
        // A term whose day has not come cannot have been answered.
        (term.is_some() || answer.status != Status::NotAsked).then(|| TermStatus {
            tag: tag.to_owned(),
            required: term.is_some_and(|term| term.required),
            status: answer.status,
            version: answer.version.map(str::to_owned),
            answered_at: answer.at.map(rfc3339),
        })
    });
    let items = service.personal_info.items.iter().map(|item| {
        let id = item.attribute.id();
        let held = grant.items.get(id).map(|(at, _)| (None, *at));
        let answer = answer(held, last.get(&ItemKey::Item(id.to_owned())));
        ItemStatus {
            id: id.to_owned(),
            required: item.required,
            status: answer.status,
            answered_at: answer.at.map(rfc3339),
        }
    });
    let channels = service.channels.iter().map(|channel| ChannelStatus {
        public_id: channel.public_id.clone(),
        relation: grant.channels.get(&channel.public_id).copied().unwrap_or(Relation::None),
    });
    Agreements { terms: terms.collect(), items: items.collect(), channels: channels.collect() }
}

fn answer<'a>(
    held: Option<(Option<&'a str>, Seconds)>,
    last: Option<&'a LastAnswer>,
) -> Answer<'a> {
    match (held, last) {
        (Some((version, at)), _) => Answer { status: Status::Agreed, version, at: Some(at) },
        (None, Some(last)) if last.agreed => {
            Answer { status: Status::Withdrawn, version: last.version.as_deref(), at: None }
        }
        (None, Some(last)) => {
            Answer { status: Status::Refused, version: last.version.as_deref(), at: Some(last.at) }
        }
        (None, None) => Answer { status: Status::NotAsked, version: None, at: None },
    }
}
