//! The statements beside the provision of personal information, and whether an agreement was given to
//! those of now.
//!
//! Source: a change of the recipient, the purpose or the retention needs another consent (PIPA 15(2)
//! and 17(2), last sentences).

use consent_contract::request as message;
use serde::Serialize;

use crate::{
    config::{EarlierWording, Service, Text},
    crypto,
};

/// The digest of the statements that a message shows about an item.
#[must_use]
pub fn shown(info: &message::PersonalInfo, item: &message::PersonalInfoItem) -> String {
    let [recipient, purpose, retention, _] = info.statements_of(item);
    digest(recipient, purpose, retention)
}

/// Whether the statements with this digest are those of the service about an item, in any of its
/// languages and in any wording that means the same.
#[must_use]
pub fn are_of_now(service: &Service, id: &str, agreed_to: &str) -> bool {
    let info = &service.personal_info;
    let shared = [&info.recipient, &info.purpose, &info.retention];
    let (own, of_item) = match service.item(id) {
        Some(item) => {
            let own = &item.own_statements;
            let own = [&own.recipient, &own.purpose, &own.retention];
            (own.map(Option::as_ref), &*item.earlier_wordings)
        }
        None => ([None; 3], [].as_slice()),
    };
    // What the item has of its own did not change with the service's wording.
    let with_own = |shared: [&'_ Text; 3]| -> [Text; 3] {
        std::array::from_fn(|at| own[at].unwrap_or(shared[at]).clone())
    };
    let mut wordings = std::iter::once(shared)
        .chain(info.earlier_wordings.iter().map(texts))
        .map(with_own)
        .chain(of_item.iter().map(|it| texts(it).map(Text::clone)));
    wordings.any(|[recipient, purpose, retention]| {
        service.locales.iter().any(|locale| {
            digest(recipient.get(locale), purpose.get(locale), retention.get(locale)) == agreed_to
        })
    })
}

fn texts(wording: &EarlierWording) -> [&Text; 3] {
    let EarlierWording { recipient, purpose, retention } = wording;
    [recipient, purpose, retention]
}

/// Of one language. The language itself is not covered: a text may be the same in several.
fn digest(recipient: &str, purpose: &str, retention: &str) -> String {
    #[derive(Serialize)]
    struct Covered<'a> {
        recipient: &'a str,
        purpose: &'a str,
        retention: &'a str,
    }
    let covered = Covered { recipient, purpose, retention };
    crypto::sri(&serde_json::to_vec(&covered).expect("strings always become JSON"))
}
