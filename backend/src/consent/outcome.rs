//! What follows from an answer: the receipt, and what is granted.

use consent_contract::{
    channel,
    decision::Agreement,
    item::ItemKey,
    request::{self as message, ConsentRequest, PersonalInfo, PersonalInfoItem},
    value,
};

use super::statements;
use crate::{
    config::{self, Service},
    receipt::{DecisionEvent, Interface, Shown, ShownTerm},
    store::{NewGrant, ReceiptItem},
};

/// One line for everything that the request asked, in the order of the screen. Without an
/// agreement (a cancel) everything was refused.
#[must_use]
pub fn receipt_items(request: &ConsentRequest, agreement: Option<&Agreement>) -> Vec<ReceiptItem> {
    let terms = request.terms.iter().map(|term| ReceiptItem {
        agreed: agreement
            .is_some_and(|a| a.terms.iter().any(|answer| answer.tag == term.tag && answer.agreed)),
        ..term_item(term)
    });
    let info = &request.personal_info;
    let items = info.items.iter().map(|item| ReceiptItem {
        agreed: agreement.is_some_and(|a| {
            a.personal_info.iter().any(|answer| answer.id == item.id && answer.agreed)
        }),
        ..info_item(info, item)
    });
    let channels = channel::offered(request).into_iter().map(|channel| ReceiptItem {
        agreed: agreement.is_some_and(|a| {
            a.channels.iter().any(|answer| answer.public_id == channel.public_id && answer.add)
        }),
        ..channel_item(channel)
    });
    terms.chain(items).chain(channels).collect()
}

/// What an acceptable agreement changes in the grant: what was agreed to holds, what was refused
/// does not. Collected values are in the form in which they are provided.
#[must_use]
pub fn granted(request: &ConsentRequest, agreement: &Agreement) -> NewGrant {
    let value = |id: &str, typed: &Option<String>| {
        let item = request.personal_info.items.iter().find(|item| item.id == id);
        let kind = item.and_then(PersonalInfoItem::to_collect)?;
        value::normalise(kind, typed.as_deref()?).ok()
    };
    let terms = agreement.terms.iter().filter(|answer| !answer.agreed);
    let items = agreement.personal_info.iter().filter(|answer| !answer.agreed);
    let refused = terms
        .map(|answer| ItemKey::Term(answer.tag.clone()))
        .chain(items.map(|answer| ItemKey::Item(answer.id.clone())));
    NewGrant {
        refused: refused.collect(),
        terms: agreement
            .terms
            .iter()
            .filter(|answer| answer.agreed)
            .map(|answer| (answer.tag.clone(), answer.version.clone()))
            .collect(),
        items: agreement
            .personal_info
            .iter()
            .filter(|answer| answer.agreed)
            .map(|answer| (answer.id.clone(), value(&answer.id, &answer.value)))
            .collect(),
        statements: request
            .personal_info
            .items
            .iter()
            .map(|item| (item.id.clone(), statements::shown(&request.personal_info, item)))
            .collect(),
        channels: agreement
            .channels
            .iter()
            .filter(|answer| answer.add)
            .map(|answer| answer.public_id.clone())
            .collect(),
        awaits_sign_up: false,
    }
}

/// What of a request the receipt of its decision covers: everything that was shown, without the account
/// and the values of its items.
#[must_use]
pub fn shown(request: &ConsentRequest, service: &Service, interface: Interface) -> Shown {
    let effective_from = |term: &message::Term| {
        let versions = service.terms.iter();
        let same = |it: &&config::Term| it.tag == term.tag && it.version == term.version;
        versions.filter(same).map(|it| it.effective_from.to_string()).next().unwrap_or_default()
    };
    let term = |term: &message::Term| ShownTerm {
        term: term.clone(),
        effective_from: effective_from(term),
    };
    let without_value = |item: &PersonalInfoItem| PersonalInfoItem { value: None, ..item.clone() };
    let items = request.personal_info.items.iter().map(without_value).collect();
    Shown {
        interface,
        service: request.service.clone(),
        agree_all: request.agree_all,
        terms: request.terms.iter().map(term).collect(),
        personal_info: PersonalInfo { items, ..request.personal_info.clone() },
        channels: channel::offered(request).into_iter().cloned().collect(),
        already_agreed: request.already_agreed.clone(),
    }
}

/// The items of a receipt as they follow from what was signed. Items that were answered and not shown
/// have no content.
#[must_use]
pub fn signed_items(decision: &DecisionEvent) -> Vec<ReceiptItem> {
    let shown = decision.shown.as_ref();
    let items = decision.answers.iter().map(|answer| {
        let item = shown.and_then(|shown| match &answer.key {
            ItemKey::Term(tag) => {
                shown.terms.iter().find(|it| it.term.tag == *tag).map(|it| term_item(&it.term))
            }
            ItemKey::Item(id) => {
                let info = &shown.personal_info;
                info.items.iter().find(|it| it.id == *id).map(|it| info_item(info, it))
            }
            ItemKey::Channel(id) => {
                shown.channels.iter().find(|it| it.public_id == *id).map(channel_item)
            }
        });
        let nothing = ReceiptItem {
            key: answer.key.clone(),
            kind: String::new(),
            title: String::new(),
            required: false,
            version: None,
            digest: None,
            agreed: false,
        };
        ReceiptItem { agreed: answer.agreed, ..item.unwrap_or(nothing) }
    });
    items.collect()
}

fn term_item(term: &message::Term) -> ReceiptItem {
    ReceiptItem {
        key: ItemKey::Term(term.tag.clone()),
        kind: serde_plain::to_string(&term.kind).expect("a kind without content has a name"),
        title: term.title.clone(),
        required: term.required,
        version: Some(term.version.clone()),
        digest: Some(term.digest.clone()),
        agreed: false,
    }
}

fn info_item(info: &PersonalInfo, item: &PersonalInfoItem) -> ReceiptItem {
    ReceiptItem {
        key: ItemKey::Item(item.id.clone()),
        kind: "provision".to_owned(),
        title: item.label.clone(),
        required: item.required,
        version: None,
        digest: Some(info.digest.clone()),
        agreed: false,
    }
}

fn channel_item(channel: &message::Channel) -> ReceiptItem {
    ReceiptItem {
        key: ItemKey::Channel(channel.public_id.clone()),
        kind: "channel".to_owned(),
        title: channel.name.clone(),
        required: false,
        version: None,
        digest: None,
        agreed: false,
    }
}
