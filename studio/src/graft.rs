//! Any fixture with the service, the account and the theme of another one.

use consent_fixtures::Fixture;
use serde_json::Value;

use crate::pointer;

/// Where an account is, and where a service is first looked for. Account pages have theirs deeper.
const ACCOUNTS: [&str; 2] = ["/request/account", "/account"];
const SERVICES: [&str; 2] = ["/request/service", "/service"];

/// What stays as the fixture has it: its state depends on it.
const KEPT: [&str; 2] = ["messenger_registered", "switch_url"];

/// A fixture with the service, the account and the theme of `from`. Where the name or the company of its
/// own service stands alone, as a recipient or a channel's name, the new one takes its place; sentences
/// stay as they are. A recorded page of the server stays as a whole.
#[must_use]
pub fn graft(onto: &Fixture, from: &Fixture) -> Fixture {
    let (Ok(onto_json), Ok(from_json)) = (serde_json::to_value(onto), serde_json::to_value(from))
    else {
        return onto.clone();
    };
    let mut json = onto_json.clone();
    if let (Some(old), Some(new)) = (service(&onto_json), service(&from_json)) {
        replace(&mut json, &|value| {
            if value == old {
                return Some(new.clone());
            }
            let texts = ["name", "company"].map(|key| (&old[key], &new[key]));
            texts.into_iter().find(|(old, _)| *old == value).map(|(_, new)| new.clone())
        });
    }
    let account = ACCOUNTS.iter().find_map(|at| from_json.pointer(at).filter(|it| it.is_object()));
    let place = ACCOUNTS.iter().find(|at| onto_json.pointer(at).is_some_and(Value::is_object));
    if let (Some(account), Some(at)) = (account, place) {
        let mut account = account.clone();
        for key in KEPT {
            account[key] = onto_json.pointer(at).map(|it| it[key].clone()).unwrap_or_default();
        }
        json = pointer::with(&json, at, account);
    }
    let mut grafted = Fixture::from_json(&json.to_string()).unwrap_or_else(|_| onto.clone());
    grafted.theme = onto.theme.overlaid(&from.theme);
    grafted
}

/// The service of a fixture: the first object that is one.
fn service(fixture: &Value) -> Option<&Value> {
    let usual = SERVICES.iter().find_map(|at| fixture.pointer(at).filter(|it| is_service(it)));
    usual.or_else(|| first(fixture, &is_service))
}

fn is_service(value: &Value) -> bool {
    ["name", "company", "destination_origin"].iter().all(|key| value[*key].is_string())
}

fn first<'a>(value: &'a Value, is_it: &impl Fn(&Value) -> bool) -> Option<&'a Value> {
    match value {
        it if is_it(it) => Some(it),
        Value::Array(list) => list.iter().find_map(|it| first(it, is_it)),
        Value::Object(fields) => fields.values().find_map(|it| first(it, is_it)),
        _ => None,
    }
}

/// Replaces every value for which there is a new one. The title and the description of the fixture are
/// the studio's own.
fn replace(fixture: &mut Value, new: &impl Fn(&Value) -> Option<Value>) {
    let Value::Object(fields) = fixture else { return };
    for (_, value) in fields.iter_mut().filter(|(key, _)| !matches!(&***key, "title" | "about")) {
        replace_in(value, new);
    }
}

fn replace_in(value: &mut Value, new: &impl Fn(&Value) -> Option<Value>) {
    if let Some(new) = new(value) {
        *value = new;
        return;
    }
    match value {
        Value::Array(list) => list.iter_mut().for_each(|it| replace_in(it, new)),
        Value::Object(fields) => fields.values_mut().for_each(|it| replace_in(it, new)),
        _ => {}
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::{explain, theme::Theme};

    fn hers() -> Fixture {
        let mut fixture = consent_fixtures::named("sign-up").unwrap().fixture.clone();
        fixture.theme =
            Theme { light: [("--accent".into(), "#7b2ff7".into())].into(), ..Theme::default() };
        let mut json = serde_json::to_value(fixture).unwrap();
        json["request"]["service"]["name"] = "보라장터".into();
        json["request"]["service"]["company"] = "보라상사".into();
        json["request"]["account"]["nickname"] = "두리".into();
        Fixture::from_json(&json.to_string()).unwrap()
    }

    #[test]
    fn every_fixture_of_a_service_shows_the_new_one_and_stays_in_its_state() {
        let hers = hers();
        let mut with_a_service = 0;
        for named in consent_fixtures::all() {
            let grafted = graft(&named.fixture, &hers);
            let (before, after) = (
                serde_json::to_value(&named.fixture).unwrap(),
                serde_json::to_value(&grafted).unwrap(),
            );
            assert_eq!(grafted.theme.light["--accent"], "#7b2ff7", "{}", named.name);
            assert_eq!(explain::stage(&grafted), None, "{}", named.name);
            assert_eq!((&after["title"], &after["about"]), (&before["title"], &before["about"]));
            let offered = |fixture: &Fixture| {
                let channels = fixture.request().map(explain::channels).unwrap_or_default();
                channels.into_iter().map(|it| it.offered).collect::<Vec<_>>()
            };
            assert_eq!(offered(&named.fixture), offered(&grafted), "{}", named.name);
            if service(&before).is_some() {
                with_a_service += 1;
                assert_eq!(service(&after).unwrap()["name"], "보라장터", "{}", named.name);
            }
        }
        assert!(with_a_service > 50, "{with_a_service}");
    }

    #[test]
    fn a_recipient_and_a_channel_of_the_service_are_renamed_and_sentences_are_not() {
        let sign_up = &consent_fixtures::named("sign-up").unwrap().fixture;
        let grafted = graft(sign_up, &hers());
        let request = grafted.request().unwrap();
        assert_eq!(request.personal_info.recipient, "보라상사");
        assert_eq!(request.channels[0].name, "보라장터");
        assert_eq!(request.account.nickname, "두리");
        assert!(grafted.to_json().contains("이 약관은 한옥마켓 주식회사"));
        // Its own service changes nothing but the theme.
        let own = graft(sign_up, sign_up);
        assert_eq!(&own, sign_up);
    }
}
