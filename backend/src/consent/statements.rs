//! The statements beside the provision of personal information, and whether an agreement was given to
//! those of now.
//!
//! Source: a change of the recipient, the purpose or the retention needs another consent (PIPA 15(2)
//! and 17(2), last sentences).

use consent_contract::request as message;
use serde::Serialize;

use crate::{
    config::{EarlierWording, PersonalInfo, Service, Text},
    crypto,
};

/// The digest of the statements that a message shows.
#[must_use]
pub fn shown(info: &message::PersonalInfo) -> String {
    digest(&info.recipient, &info.purpose, &info.retention)
}

/// Whether the statements with this digest are those of the service, in any of its languages and in
/// any wording that means the same.
#[must_use]
pub fn are_of_now(service: &Service, agreed_to: &str) -> bool {
    let PersonalInfo { recipient, purpose, retention, earlier_wordings, .. } =
        &service.personal_info;
    let earlier = earlier_wordings
        .iter()
        .map(|EarlierWording { recipient, purpose, retention }| [recipient, purpose, retention]);
    let mut wordings = [[recipient, purpose, retention]].into_iter().chain(earlier);
    wordings.any(|[recipient, purpose, retention]: [&Text; 3]| {
        service.locales.iter().any(|locale| {
            digest(recipient.get(locale), purpose.get(locale), retention.get(locale)) == agreed_to
        })
    })
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
