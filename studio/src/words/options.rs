//! The options of the form's drop-down lists.

use std::sync::LazyLock;

use consent_services::attribute::Attribute;

/// An option of a drop-down list: the string in the JSON, or none for `null`, and its label.
pub type SelectOption = (Option<&'static str>, &'static str);

type Options = &'static [SelectOption];

/// The options of the field for a place. Empty for a field that is no drop-down list.
#[must_use]
pub fn options(at: &str) -> Options {
    match &*super::pattern(at) {
        "/stage" => STAGES,
        "/request/purpose" => PURPOSES,
        "/request/agree_all" => AGREE_ALL,
        "/request/service/mode" => MODES,
        "/request/terms/*/kind" => TERM_KINDS,
        "/request/terms/*/highlights/*/kind" => HIGHLIGHT_KINDS,
        "/request/personal_info/items/*/id" => &CONSENT_ITEMS,
        "/request/personal_info/items/*/collect" => COLLECT,
        "/request/channels/*/relation" => RELATIONS,
        "/reason" => STOP_REASONS,
        "/problem/code" => PROBLEM_CODES,
        "/page" => AUTO_LOGIN_PAGES,
        _ => &[],
    }
}

const PURPOSES: Options =
    &[(Some("sign_up"), "Sign-up"), (Some("additional_consent"), "Additional consent")];

const MODES: Options = &[(Some("live"), "Live"), (Some("test"), "Test app")];

const AGREE_ALL: Options = &[
    (Some("required_only"), "Covers required items"),
    (Some("everything"), "Covers optional items too"),
];

const TERM_KINDS: Options = &[
    (Some("service"), "Terms of service"),
    (Some("privacy_collection"), "Collection of personal information"),
    (Some("marketing"), "Marketing"),
    (Some("overseas"), "Transfer abroad"),
    (Some("sensitive"), "Sensitive information"),
];

const HIGHLIGHT_KINDS: Options = &[
    (Some("promotion"), "Promotion"),
    (Some("sensitive"), "Sensitive information"),
    (Some("retention"), "Retention"),
    (Some("recipient"), "Recipient"),
];

/// The consent items of the platform.
static CONSENT_ITEMS: LazyLock<Vec<SelectOption>> =
    LazyLock::new(|| Attribute::ALL.into_iter().map(|it| (Some(it.id()), it.id())).collect());

const COLLECT: Options = &[
    (None, "Nothing"),
    (Some("email"), "Email address"),
    (Some("phone"), "Phone number"),
    (Some("name"), "Name"),
    (Some("birthday"), "Birthday"),
    (Some("address"), "Address"),
];

const RELATIONS: Options =
    &[(Some("none"), "None"), (Some("added"), "Added"), (Some("blocked"), "Blocked")];

const STAGES: Options = &[
    (Some("asking"), "Nothing answered"),
    (Some("filled"), "Required items ticked"),
    (Some("partly_filled"), "First item ticked"),
    (Some("all_ticked"), "Agree-all ticked"),
    (Some("something_missing"), "Errors shown"),
    (Some("text_open"), "Text open"),
    (Some("text_loading"), "Text loading"),
    (Some("text_failed"), "Text failed to load"),
    (Some("text_unread"), "Text ticked, but not loaded"),
    (Some("submitting"), "Submitting"),
    (Some("offline"), "Offline"),
    (Some("silent"), "Timeout"),
    (Some("busy"), "Rate limited"),
    (Some("trouble"), "Server error"),
    (Some("not_sent"), "Not sent"),
    (Some("leaving"), "Redirecting"),
    (Some("leaving_stuck"), "Redirect is slow"),
    (Some("text_changed"), "Text changed"),
    (Some("refreshed"), "Refreshed"),
    (Some("checking_again"), "Checking again"),
    (Some("expires_soon"), "Expires soon"),
    (Some("expires_soon_in_text"), "Expires soon, text open"),
    (Some("extension_refused"), "More time refused"),
];

const STOP_REASONS: Options = &[
    (Some("unreadable"), "Invalid response"),
    (Some("bad_target"), "Redirect blocked"),
    (Some("offline"), "Offline"),
    (Some("silent"), "Timeout"),
    (Some("busy"), "Rate limited"),
    (Some("trouble"), "Server error"),
];

const PROBLEM_CODES: Options = &[
    (Some("challenge_not_found"), "Not found"),
    (Some("challenge_expired"), "Expired"),
    (Some("already_decided"), "Already decided"),
    (Some("wrong_session"), "Another browser session"),
    (Some("simple_sign_up_inactive"), "Service not approved"),
    (Some("not_a_test_member"), "Not a test member"),
    (Some("under_age"), "Under age"),
];

const AUTO_LOGIN_PAGES: Options = &[
    (Some("greeting"), "Welcome"),
    (Some("sign_up"), "Sign-up, one tap away"),
    (Some("log_in"), "Ordinary login"),
    (Some("not_signed_in"), "Automatic login failed"),
];

#[cfg(test)]
mod tests {
    use super::*;
    use crate::pointer;
    use consent_fixtures::{Fixture, Stage, named};
    use serde_json::json;

    #[test]
    fn every_option_is_valid_and_every_stage_can_be_chosen() {
        for (name, at) in [
            ("sign-up", "/stage"),
            ("sign-up", "/request/purpose"),
            ("sign-up", "/request/agree_all"),
            ("sign-up", "/request/service/mode"),
            ("sign-up", "/request/terms/0/kind"),
            ("sign-up", "/request/terms/1/highlights/0/kind"),
            ("sign-up", "/request/personal_info/items/0/collect"),
            ("sign-up", "/request/channels/0/relation"),
            ("unreadable", "/reason"),
            ("challenge-expired", "/problem/code"),
            ("auto-login-greeting", "/page"),
        ] {
            let options = options(at);
            assert!(!options.is_empty(), "{at}");
            let fixture = serde_json::to_value(&named(name).unwrap().fixture).unwrap();
            assert!(fixture.pointer(at).is_some(), "{at}");
            for (value, _) in options {
                let changed = pointer::with(&fixture, at, json!(value));
                assert!(Fixture::from_json(&changed.to_string()).is_ok(), "{at} = {value:?}");
            }
        }
        assert_eq!(STAGES.len(), Stage::ALL.len());
    }
}
