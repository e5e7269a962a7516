//! Receipts for the tests of this module.

use consent_contract::{
    document::{Block, Document},
    item::ItemKey,
    request::{ConsentRequest, ConsentState, Purpose},
};

use super::{
    Answer, ChangeEvent, ChangedItem, DecisionEvent, Event, Interface, ReceiptClaims, Shown,
    ShownTerm, Statements,
};
use crate::{
    crypto,
    store::{CausedBy, ChangeKind, Outcome},
};

fn request() -> ConsentRequest {
    match ConsentState::from_json(include_str!("../../../contract/samples/ask.json")) {
        Ok(ConsentState::Ask(request)) => *request,
        other => panic!("the sample asks: {other:?}"),
    }
}

/// The text of the one term of [`decision`], and the statements.
pub fn texts() -> (Document, Statements) {
    let request = request();
    let term = &request.terms[0];
    let blocks = vec![Block::Paragraph { text: "제1조".into() }];
    let text = Document {
        tag: term.tag.clone(),
        version: term.version.clone(),
        title: term.title.clone(),
        locale: request.locale.clone(),
        digest: crypto::sri(&Document::digest_input(&term.title, &blocks)),
        effective_from: "2026-10-01".into(),
        blocks,
    };
    let statements = String::from_utf8(request.personal_info.digest_input()).unwrap();
    (text, Statements { digest: crypto::sri(statements.as_bytes()), text: statements })
}

/// An agreement to the first term and the first item of the contract's sample.
pub fn decision() -> ReceiptClaims {
    let mut request = request();
    let (text, statements) = texts();
    request.terms.truncate(1);
    request.terms[0].digest = text.digest;
    request.personal_info.digest = statements.digest;
    for item in &mut request.personal_info.items {
        item.value = None;
    }
    let items = request.personal_info.items.iter().map(|item| ItemKey::Item(item.id.clone()));
    let keys = std::iter::once(ItemKey::Term(request.terms[0].tag.clone())).chain(items);
    let channels = request.channels.iter().map(|it| ItemKey::Channel(it.public_id.clone()));
    let keys: Vec<ItemKey> = keys.chain(channels).collect();
    // The second item is refused.
    let answers = keys.into_iter().enumerate().map(|(at, key)| Answer { key, agreed: at != 2 });
    let answers = answers.collect();
    ReceiptClaims {
        iss: "https://id.example".into(),
        jti: "receipt-1".into(),
        iat: 1_795_667_467,
        sub: Some("subject-1".into()),
        event: Event::Decision(Box::new(DecisionEvent {
            guardian: None,
            service: "shop".into(),
            decision: Outcome::Agreed,
            purpose: Purpose::SignUp,
            locale: request.locale.clone(),
            shown: Some(Shown {
                interface: Interface { version: "0.1.0".into(), page: None },
                service: request.service,
                agree_all: request.agree_all,
                terms: vec![ShownTerm {
                    term: request.terms.remove(0),
                    effective_from: text.effective_from,
                }],
                personal_info: request.personal_info,
                channels: request.channels,
                already_agreed: request.already_agreed,
            }),
            answers,
            expires_at: None,
            row: "sha256-row".into(),
        })),
    }
}

/// The withdrawal of an agreement to a term.
pub fn change() -> ReceiptClaims {
    ReceiptClaims {
        iss: "https://id.example".into(),
        jti: "receipt-2".into(),
        iat: 1_795_667_500,
        sub: Some("subject-1".into()),
        event: Event::Change(ChangeEvent {
            service: "shop".into(),
            change: ChangeKind::Withdraw,
            caused_by: CausedBy::User,
            items: vec![ChangedItem {
                key: ItemKey::Term("marketing".into()),
                version: Some("1".into()),
            }],
            expires_at: None,
        }),
    }
}
