//! Security Event Tokens (RFC 8417) as the Shared Signals Framework 1.0 has them: one event, the
//! subject in `sub_id`, neither `sub` nor `exp`.

use serde_json::{Map, Value, json};

use super::event::{Event, EventItem, NoticeKind};
use crate::{
    clock::{Seconds, rfc3339},
    store::CausedBy,
};

/// The media type of a token, and the `typ` of its header without `application/`.
pub const MEDIA_TYPE: &str = "application/secevent+jwt";

/// The path of the event types that no standard has, below the issuer.
pub const EVENT_TYPES: &str = "/secevent/consent/event-type/";

/// The event type of an erased account (OpenID RISC Profile 1.0, 2.2).
pub const ACCOUNT_PURGED: &str =
    "https://schemas.openid.net/secevent/risc/event-type/account-purged";

/// What a token is about.
pub struct Subject<'a> {
    pub issuer: &'a str,
    /// The service's client id.
    pub audience: &'a str,
    /// The account as the service knows it, as in ID tokens.
    pub sub: &'a str,
}

/// The claims of the token of an event. `at` is when it happened, in seconds since 1970.
#[must_use]
pub fn claims(event: &Event, jti: &str, at: Seconds, subject: &Subject<'_>) -> Value {
    let Subject { issuer, audience, sub } = subject;
    let mut claims = json!({
        "iss": issuer,
        "iat": at,
        "jti": jti,
        "aud": audience,
        "sub_id": { "format": "iss_sub", "iss": issuer, "sub": sub },
        "events": { event_type(event, issuer): payload(event, at) },
    });
    // Events of one change have the same transaction.
    if let Some(receipt_id) = event.receipt_id() {
        claims["txn"] = json!(receipt_id);
    }
    claims
}

/// The URI of the event's type.
fn event_type(event: &Event, issuer: &str) -> String {
    let name = match event {
        Event::ConsentGiven { .. } => "consent-given",
        Event::ConsentWithdrawn { .. } => "consent-withdrawn",
        Event::ConsentExpired { .. } => "consent-expired",
        Event::AccountUnlinked { .. } => "account-unlinked",
        Event::ChannelAdded { .. } => "channel-added",
        Event::NoticeDue { .. } => "notice-due",
        Event::AccountPurged { .. } => return ACCOUNT_PURGED.to_owned(),
    };
    format!("{issuer}{EVENT_TYPES}{name}")
}

fn payload(event: &Event, at: Seconds) -> Value {
    let mut payload = match event {
        Event::ConsentGiven { receipt_id, purpose, agreed, refused } => json!({
            "receipt_id": receipt_id,
            "purpose": purpose,
            "agreed": items(agreed),
            "refused": refused,
        }),
        Event::ConsentWithdrawn { receipt_id, items: ended, .. }
        | Event::ConsentExpired { receipt_id, items: ended } => {
            json!({ "receipt_id": receipt_id, "items": items(ended) })
        }
        Event::AccountUnlinked { receipt_id, caused_by, items: ended } => json!({
            "receipt_id": receipt_id,
            "reason": match caused_by {
                CausedBy::NoSignUp => "incomplete_sign_up",
                CausedBy::Operator => "operator",
                CausedBy::AdminKey => "service",
                CausedBy::User | CausedBy::UserToken | CausedBy::Expiry => "user",
            },
            "items": items(ended),
        }),
        Event::AccountPurged { .. } => json!({}),
        Event::ChannelAdded { receipt_id, public_id, .. } => {
            let mut payload = json!({ "channel_public_id": public_id });
            if let Some(receipt_id) = receipt_id {
                payload["receipt_id"] = json!(receipt_id);
            }
            payload
        }
        Event::NoticeDue { receipt_id, key, notice, outcome, decided_at, due_at, sender } => {
            json!({
                "receipt_id": receipt_id,
                "key": key,
                "notice": notice,
                "rule": match notice {
                    NoticeKind::Result => "KR-N05",
                    NoticeKind::Reconfirmation => "KR-N06",
                },
                "outcome": outcome,
                "decided_at": rfc3339(*decided_at),
                "due_at": rfc3339(*due_at),
                "sender": sender,
            })
        }
    };
    payload["event_timestamp"] = json!(at);
    payload["initiating_entity"] = json!(initiating_entity(event));
    payload
}

/// Who caused the event, in the words of CAEP.
fn initiating_entity(event: &Event) -> &'static str {
    let caused_by = match event {
        Event::ConsentGiven { .. } | Event::ChannelAdded { .. } => CausedBy::User,
        Event::ConsentExpired { .. } | Event::NoticeDue { .. } => CausedBy::Expiry,
        Event::ConsentWithdrawn { caused_by, .. }
        | Event::AccountUnlinked { caused_by, .. }
        | Event::AccountPurged { caused_by } => *caused_by,
    };
    match caused_by {
        CausedBy::User | CausedBy::UserToken => "user",
        CausedBy::AdminKey | CausedBy::Operator => "admin",
        CausedBy::NoSignUp | CausedBy::Expiry => "policy",
    }
}

fn items(items: &[EventItem]) -> Vec<Map<String, Value>> {
    let written = |item: &EventItem| {
        let optional = [
            ("version", item.version.as_ref().map(|it| json!(it))),
            ("digest", item.digest.as_ref().map(|it| json!(it))),
            ("expires_at", item.expires_at.map(|at| json!(rfc3339(at)))),
        ];
        let optional = optional.into_iter().filter_map(|(name, value)| Some((name, value?)));
        let all = std::iter::once(("key", json!(item.key))).chain(optional);
        all.map(|(name, value)| (name.to_owned(), value)).collect()
    };
    items.iter().map(written).collect()
}

#[cfg(test)]
mod tests {
    use consent_contract::request::Purpose;

    use super::*;
    use crate::{config::NoticeSender, webhooks::NoticeOutcome};

    const SUBJECT: Subject<'_> =
        Subject { issuer: "https://id.example", audience: "shop", sub: "a-subject" };

    const AT: Seconds = 1_796_000_000;

    fn item(key: &str) -> EventItem {
        EventItem { key: key.to_owned(), version: None, digest: None, expires_at: None }
    }

    /// One event of each kind.
    fn all() -> Vec<(&'static str, Event, Value)> {
        let receipt_id = || "r-1".to_owned();
        let own = "https://id.example/secevent/consent/event-type/";
        assert_eq!(own, format!("https://id.example{EVENT_TYPES}"));
        let agreed = EventItem {
            version: Some("2".to_owned()),
            digest: Some("sha256-x".to_owned()),
            expires_at: Some(AT + 60),
            ..item("term:tos")
        };
        vec![
            (
                "consent-given",
                Event::ConsentGiven {
                    receipt_id: receipt_id(),
                    purpose: Purpose::SignUp,
                    agreed: vec![agreed, item("item:account_email")],
                    refused: vec!["term:news".to_owned()],
                },
                json!({
                    "receipt_id": "r-1", "purpose": "sign_up",
                    "agreed": [
                        { "key": "term:tos", "version": "2", "digest": "sha256-x",
                          "expires_at": rfc3339(AT + 60) },
                        { "key": "item:account_email" },
                    ],
                    "refused": ["term:news"],
                    "event_timestamp": AT, "initiating_entity": "user",
                }),
            ),
            (
                "consent-withdrawn",
                Event::ConsentWithdrawn {
                    receipt_id: receipt_id(),
                    caused_by: CausedBy::User,
                    items: vec![item("term:news")],
                },
                json!({ "receipt_id": "r-1", "items": [{ "key": "term:news" }],
                    "event_timestamp": AT, "initiating_entity": "user" }),
            ),
            (
                "consent-expired",
                Event::ConsentExpired { receipt_id: receipt_id(), items: vec![item("term:news")] },
                json!({ "receipt_id": "r-1", "items": [{ "key": "term:news" }],
                    "event_timestamp": AT, "initiating_entity": "policy" }),
            ),
            (
                "account-unlinked",
                Event::AccountUnlinked {
                    receipt_id: receipt_id(),
                    caused_by: CausedBy::NoSignUp,
                    items: Vec::new(),
                },
                json!({ "receipt_id": "r-1", "reason": "incomplete_sign_up", "items": [],
                    "event_timestamp": AT, "initiating_entity": "policy" }),
            ),
            (
                "channel-added",
                Event::ChannelAdded {
                    receipt_id: Some(receipt_id()),
                    public_id: "_shop".to_owned(),
                    open_id: Some("7".to_owned()),
                },
                json!({ "receipt_id": "r-1", "channel_public_id": "_shop",
                    "event_timestamp": AT, "initiating_entity": "user" }),
            ),
            (
                "notice-due",
                Event::NoticeDue {
                    receipt_id: receipt_id(),
                    key: "term:news".to_owned(),
                    notice: NoticeKind::Reconfirmation,
                    outcome: NoticeOutcome::Agreed,
                    decided_at: AT - 60,
                    due_at: AT + 60,
                    sender: NoticeSender::Service,
                },
                json!({ "receipt_id": "r-1", "key": "term:news", "notice": "reconfirmation",
                    "rule": "KR-N06", "outcome": "agreed", "decided_at": rfc3339(AT - 60),
                    "due_at": rfc3339(AT + 60), "sender": "service",
                    "event_timestamp": AT, "initiating_entity": "policy" }),
            ),
        ]
    }

    #[test]
    fn a_token_has_one_event_and_names_its_subject() {
        for (name, event, expected) in all() {
            let claims = claims(&event, "j-1", AT, &SUBJECT);
            let event_type = format!("https://id.example/secevent/consent/event-type/{name}");
            assert_eq!(
                claims,
                json!({
                    "iss": "https://id.example", "iat": AT, "jti": "j-1", "aud": "shop",
                    "txn": "r-1",
                    "sub_id": { "format": "iss_sub", "iss": "https://id.example",
                        "sub": "a-subject" },
                    "events": { event_type: expected },
                }),
                "{name}"
            );
        }
    }

    #[test]
    fn an_erased_account_is_a_standard_event() {
        let event = Event::AccountPurged { caused_by: CausedBy::Operator };
        let claims = claims(&event, "j-1", AT, &SUBJECT);
        let expected = json!({ "event_timestamp": AT, "initiating_entity": "admin" });
        assert_eq!(claims["events"], json!({ ACCOUNT_PURGED: expected }));
        assert!(claims.get("txn").is_none());
    }

    /// The outbox of an earlier version is read by this one.
    #[test]
    fn events_keep_their_stored_shape() {
        for (name, event, _) in all() {
            let stored = serde_json::to_value(&event).unwrap();
            assert_eq!(stored["event"], name.replace('-', "_"), "{name}");
            assert_eq!(serde_json::from_value::<Event>(stored).unwrap(), event);
        }
        let stored = json!({ "event": "account_purged", "caused_by": "user" });
        let event: Event = serde_json::from_value(stored).unwrap();
        assert_eq!(event, Event::AccountPurged { caused_by: CausedBy::User });
    }
}
