//! A record as a line of JSON.

use serde::Serialize;

use super::{Actor, Event, Reason, Record, account_name, request_id};
use crate::{
    clock::Clock,
    crypto::{self, DerivationKey},
};

#[derive(Serialize)]
struct Line<'a> {
    /// RFC 3339, UTC, to the millisecond.
    time: String,
    /// Of this line alone.
    id: String,
    #[serde(flatten)]
    event: &'a Event,
    outcome: &'static str,
    #[serde(skip_serializing_if = "Option::is_none")]
    reason: Option<Reason>,
    actor: Actor,
    #[serde(skip_serializing_if = "Option::is_none")]
    service: Option<&'a str>,
    #[serde(skip_serializing_if = "Option::is_none")]
    account: Option<String>,
    #[serde(skip_serializing_if = "Option::is_none")]
    admin_key: Option<&'a str>,
    #[serde(skip_serializing_if = "Option::is_none")]
    request_id: Option<String>,
}

/// The line of a record, with its line break, in ASCII.
pub fn of(record: &Record<'_>, clock: &Clock, key: Option<&DerivationKey>) -> String {
    let account = record.account.zip(key).map(|(account, key)| account_name(key, account));
    let line = Line {
        time: clock.timestamp(),
        id: crypto::random_bytes::<8>().iter().map(|byte| format!("{byte:02x}")).collect(),
        event: &record.event,
        outcome: if record.failure.is_none() { "success" } else { "failure" },
        reason: record.failure,
        actor: record.actor,
        service: record.service,
        account,
        admin_key: record.admin_key,
        request_id: request_id::current(),
    };
    let json = serde_json::to_string(&line).expect("words and numbers become JSON");
    ascii(&json) + "\n"
}

/// JSON in ASCII: some readers take U+0085 or U+2028 for the end of a line, too.
fn ascii(json: &str) -> String {
    let mut text = String::with_capacity(json.len());
    for character in json.chars() {
        if character.is_ascii() {
            text.push(character);
        } else {
            for unit in character.encode_utf16(&mut [0; 2]) {
                text.push_str(&format!("\\u{unit:04x}"));
            }
        }
    }
    text
}

#[cfg(test)]
mod tests {
    use serde_json::Value;

    use super::*;

    #[test]
    fn no_name_ends_a_line() {
        let service = "a\nb\r\u{85}\u{2028}\u{2029}\"\\\u{0}가😀";
        let key = DerivationKey::new(&[7; 32]);
        let record = Record::done(Event::Unlink, Actor::User).at(service).of(service);
        let line = of(&record, &Clock::default(), Some(&key));
        assert!(line.is_ascii(), "{line}");
        assert_eq!(line.find(char::is_control), Some(line.len() - 1), "{line}");
        let read: Value = serde_json::from_str(&line).unwrap();
        assert_eq!(read["service"], service);
        assert_eq!(read["account"].as_str().unwrap().len(), 22);
    }

    #[test]
    fn an_account_has_one_name_for_each_key() {
        let (one, other) = (DerivationKey::new(&[7; 32]), DerivationKey::new(&[8; 32]));
        assert_eq!(account_name(&one, "hana"), account_name(&one, "hana"));
        assert_ne!(account_name(&one, "hana"), account_name(&one, "duri"));
        assert_ne!(account_name(&one, "hana"), account_name(&other, "hana"));
    }

    #[test]
    fn a_line_has_what_is_known_and_no_more() {
        let record = Record::failed(
            Event::TokenReuse { token: super::super::TokenKind::Code },
            Actor::Service,
            Reason::UsedBefore,
        );
        let line = of(&record.at("shop"), &Clock::default(), None);
        let read: Value = serde_json::from_str(&line).unwrap();
        let names: Vec<_> = read.as_object().unwrap().keys().cloned().collect();
        let mut expected =
            ["time", "id", "event", "token", "outcome", "reason", "actor", "service"];
        expected.sort_unstable();
        let mut sorted = names.clone();
        sorted.sort_unstable();
        assert_eq!(sorted, expected);
        assert_eq!((&read["event"], &read["token"]), (&"token_reuse".into(), &"code".into()));
        assert_eq!((&read["outcome"], &read["reason"]), (&"failure".into(), &"used_before".into()));
    }
}
