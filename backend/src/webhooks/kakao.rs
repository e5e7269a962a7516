//! Kakao's own webhooks. Sources: developers.kakao.com, Kakao Login > Webhook, and Kakao Talk Channel
//! > Webhook.

use serde::Serialize;
use url::form_urlencoded;

use super::event::Event;
use crate::{
    clock::{Seconds, rfc3339},
    kakao::channel_uuid,
    store::CausedBy,
};

/// How a channel webhook names its sender.
pub const USER_AGENT: &str = "KakaoOpenAPI/1.0";

/// The header with the unique id of a channel webhook.
pub const RESOURCE_ID: &str = "x-kakao-resource-id";

/// The parameters of an unlink webhook; none for an event without one.
#[must_use]
pub fn unlink_parameters(event: &Event, app_id: i64, user_id: &str) -> Option<String> {
    let mut parameters = form_urlencoded::Serializer::new(String::new());
    parameters.append_pair("app_id", &app_id.to_string());
    parameters.append_pair("user_id", user_id);
    parameters.append_pair("referrer_type", referrer_type(event)?);
    Some(parameters.finish())
}

/// From where the user was unlinked. Unlinking over the API has no type, and sends no webhook.
#[must_use]
pub fn referrer_type(event: &Event) -> Option<&'static str> {
    match event {
        Event::AccountUnlinked { caused_by, .. } => match caused_by {
            CausedBy::User => Some("UNLINK_FROM_APPS"),
            CausedBy::Operator => Some("UNLINK_FROM_ADMIN"),
            CausedBy::NoSignUp => Some("INCOMPLETE_SIGN_UP"),
            CausedBy::UserToken | CausedBy::AdminKey | CausedBy::Expiry => None,
        },
        Event::AccountPurged { caused_by: CausedBy::User } => Some("ACCOUNT_DELETE"),
        Event::AccountPurged { .. } => Some("FORCED_ACCOUNT_DELETE"),
        _ => None,
    }
}

/// The body of a channel webhook, in the platform's order. `plus_friend_…` are the earlier names, which
/// the platform still sends.
#[derive(Serialize)]
struct ChannelChange<'a> {
    event: &'static str,
    id: &'a str,
    id_type: &'static str,
    plus_friend_public_id: &'a str,
    plus_friend_uuid: String,
    channel_public_id: &'a str,
    channel_uuid: String,
    updated_at: String,
}

/// The JSON of a channel webhook; none for an event without one.
#[must_use]
pub fn channel_change(event: &Event, user_id: &str, at: Seconds) -> Option<String> {
    let Event::ChannelAdded { public_id, open_id, .. } = event else { return None };
    let (id, id_type) = match open_id {
        Some(open_id) => (&**open_id, "open_id"),
        None => (user_id, "app_user_id"),
    };
    let change = ChannelChange {
        event: "added",
        id,
        id_type,
        plus_friend_public_id: public_id,
        plus_friend_uuid: channel_uuid(public_id),
        channel_public_id: public_id,
        channel_uuid: channel_uuid(public_id),
        updated_at: rfc3339(at),
    };
    Some(serde_json::to_string(&change).expect("strings become JSON"))
}

#[cfg(test)]
mod tests {
    use super::*;

    fn unlinked(caused_by: CausedBy) -> Event {
        Event::AccountUnlinked { receipt_id: "r-1".to_owned(), caused_by, items: Vec::new() }
    }

    #[test]
    fn each_way_out_has_its_referrer_type_and_the_api_none() {
        let purged = |caused_by| Event::AccountPurged { caused_by };
        for (event, expected) in [
            (unlinked(CausedBy::User), Some("UNLINK_FROM_APPS")),
            (unlinked(CausedBy::Operator), Some("UNLINK_FROM_ADMIN")),
            (unlinked(CausedBy::NoSignUp), Some("INCOMPLETE_SIGN_UP")),
            (unlinked(CausedBy::UserToken), None),
            (unlinked(CausedBy::AdminKey), None),
            (purged(CausedBy::User), Some("ACCOUNT_DELETE")),
            (purged(CausedBy::Operator), Some("FORCED_ACCOUNT_DELETE")),
        ] {
            let parameters = unlink_parameters(&event, 123_456, "42");
            let expected =
                expected.map(|it| format!("app_id=123456&user_id=42&referrer_type={it}"));
            assert_eq!(parameters, expected, "{event:?}");
        }
    }

    #[test]
    fn a_channel_is_reported_in_the_platforms_order() {
        let added = |open_id: Option<&str>| Event::ChannelAdded {
            receipt_id: Some("r-1".to_owned()),
            public_id: "_shop".to_owned(),
            open_id: open_id.map(str::to_owned),
        };
        assert_eq!(
            channel_change(&added(None), "42", 1_577_836_800).unwrap(),
            r#"{"event":"added","id":"42","id_type":"app_user_id","plus_friend_public_id":"_shop","plus_friend_uuid":"@shop","channel_public_id":"_shop","channel_uuid":"@shop","updated_at":"2020-01-01T00:00:00Z"}"#
        );
        let body = channel_change(&added(Some("abc")), "42", 0).unwrap();
        assert!(body.contains(r#""id":"abc","id_type":"open_id""#), "{body}");
        assert!(!body.contains("42"), "{body}");
        assert_eq!(channel_change(&unlinked(CausedBy::User), "42", 0), None);
    }
}
