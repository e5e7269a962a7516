//! What follows from an answer: the receipt, and what is granted.

use consent_contract::{
    channel,
    decision::Agreement,
    item::ItemKey,
    request::{ConsentRequest, PersonalInfoItem},
    value,
};

use super::statements;
use crate::store::{NewGrant, ReceiptItem};

/// One line for everything that the request asked, in the order of the screen. Without an
/// agreement (a cancel) everything was refused.
#[must_use]
pub fn receipt_items(request: &ConsentRequest, agreement: Option<&Agreement>) -> Vec<ReceiptItem> {
    let terms = request.terms.iter().map(|term| ReceiptItem {
        key: ItemKey::Term(term.tag.clone()),
        kind: serde_plain::to_string(&term.kind).expect("a kind without content has a name"),
        title: term.title.clone(),
        required: term.required,
        version: Some(term.version.clone()),
        digest: Some(term.digest.clone()),
        agreed: agreement
            .is_some_and(|a| a.terms.iter().any(|answer| answer.tag == term.tag && answer.agreed)),
    });
    let items = request.personal_info.items.iter().map(|item| ReceiptItem {
        key: ItemKey::Item(item.id.clone()),
        kind: "provision".to_owned(),
        title: item.label.clone(),
        required: item.required,
        version: None,
        digest: Some(request.personal_info.digest.clone()),
        agreed: agreement.is_some_and(|a| {
            a.personal_info.iter().any(|answer| answer.id == item.id && answer.agreed)
        }),
    });
    let channels = channel::offered(request).into_iter().map(|channel| ReceiptItem {
        key: ItemKey::Channel(channel.public_id.clone()),
        kind: "channel".to_owned(),
        title: channel.name.clone(),
        required: false,
        version: None,
        digest: None,
        agreed: agreement.is_some_and(|a| {
            a.channels.iter().any(|answer| answer.public_id == channel.public_id && answer.add)
        }),
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
        statements: Some(statements::shown(&request.personal_info)),
        channels: agreement
            .channels
            .iter()
            .filter(|answer| answer.add)
            .map(|answer| answer.public_id.clone())
            .collect(),
        awaits_sign_up: false,
    }
}
