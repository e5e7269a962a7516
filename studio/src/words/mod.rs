//! What the form calls the fields of a fixture, by their place: a JSON Pointer (RFC 6901).

mod options;
mod tokens;

pub use options::options;
pub use tokens::token_label;

/// A part of the form: its title, and the labels of its fields. In a pattern `*` is a position in a list,
/// or the tag of a full text.
type Section = (&'static str, &'static [(&'static str, &'static str)]);

/// In the order of the form.
const SECTIONS: [Section; 12] = [
    (
        "Request",
        &[
            ("/stage", "Stage"),
            ("/request/purpose", "Purpose"),
            ("/request/agree_all", "“Agree to all”"),
        ],
    ),
    ("Loading", &[("/slow", "Show loading message")]),
    ("Screen error", &[("/reason", "Reason")]),
    ("Page", &[("/page", "Shows")]),
    (
        "Backend error",
        &[
            ("/problem/code", "Code"),
            ("/problem/restart_url", "Restart link: a path on this origin"),
            ("/problem/redirect_to", "Continue link"),
        ],
    ),
    (
        "Terms",
        &[
            ("/request/terms", "Terms"),
            ("/request/terms/*/title", "Title"),
            ("/request/terms/*/kind", "Kind"),
            ("/request/terms/*/required", "Required"),
            ("/request/terms/*/version", "Version"),
            ("/request/terms/*/highlights", "Highlights: visible without opening the text"),
            ("/request/terms/*/highlights/*/kind", "Kind"),
            ("/request/terms/*/highlights/*/text", "Text"),
            ("/documents/*", "Full text (## heading, - list, | table |)"),
        ],
    ),
    (
        "Personal information",
        &[
            ("/request/personal_info/recipient", "Recipient"),
            ("/request/personal_info/purpose", "Purpose"),
            ("/request/personal_info/retention", "Retention"),
            ("/request/personal_info/refusal_effect", "Effect of refusing"),
            ("/request/personal_info/items", "Items"),
            ("/request/personal_info/items/*/id", "Consent item"),
            ("/request/personal_info/items/*/label", "Label"),
            ("/request/personal_info/items/*/required", "Required"),
            ("/request/personal_info/items/*/value", "The account’s value, masked; empty for none"),
            ("/request/personal_info/items/*/collect", "Without one, ask for"),
            ("/request/personal_info/items/*/recipient", "Recipient of its own; empty for none"),
            ("/request/personal_info/items/*/purpose", "Purpose of its own"),
            ("/request/personal_info/items/*/retention", "Retention of its own"),
            ("/request/personal_info/items/*/refusal_effect", "Effect of refusing of its own"),
        ],
    ),
    (
        "Channels",
        &[
            ("/request/account/messenger_registered", "The account is on the messenger"),
            ("/request/channels", "Channels"),
            ("/request/channels/*/name", "Name"),
            ("/request/channels/*/icon_url", "Picture: a path on this origin"),
            ("/request/channels/*/primary", "Primary"),
            ("/request/channels/*/requested", "The service asked for it by name"),
            ("/request/channels/*/relation", "Relation of the account to the channel"),
        ],
    ),
    (
        "Service",
        &[
            ("/request/service/name", "Name"),
            ("/request/service/company", "Company"),
            (
                "/request/service/destination_origin",
                "Redirect origin (https://host, or an app’s scheme:)",
            ),
            ("/request/service/verified", "Verified by the operator"),
            ("/request/service/mode", "Mode"),
            ("/request/service/privacy_policy_url", "Privacy policy"),
            ("/request/service/icon_url", "Icon: a path on this origin"),
        ],
    ),
    (
        "Account",
        &[
            ("/request/account/nickname", "Nickname"),
            ("/request/account/identifier", "Identifier, masked"),
            ("/request/account/avatar_url", "Avatar: a path on this origin"),
            ("/request/account/switch_url", "“Use another account”: a path on this origin"),
        ],
    ),
    (
        "Already agreed",
        &[
            ("/request/already_agreed/terms", "Terms agreed to"),
            ("/request/already_agreed/terms/*/title", "Title"),
            ("/request/already_agreed/terms/*/version", "Version"),
            ("/request/already_agreed/terms/*/agreed_at", "Agreed at (RFC 3339)"),
            ("/request/already_agreed/personal_info", "Items agreed to"),
            ("/request/already_agreed/personal_info/*/label", "Label"),
            ("/request/already_agreed/personal_info/*/agreed_at", "Agreed at (RFC 3339)"),
        ],
    ),
    ("Description", &[("/title", "Title"), ("/about", "What to look at")]),
];

/// The label of the field for a place.
#[must_use]
pub fn label(at: &str) -> Option<&'static str> {
    let pattern = pattern(at);
    fields().find(|(_, it, _)| *it == pattern).map(|(_, _, label)| label)
}

/// The label of a place of the form.
///
/// # Panics
/// For a place that the form does not have.
#[must_use]
pub fn form_label(at: &str) -> &'static str {
    label(at).unwrap_or_else(|| panic!("the form has no label for {at}"))
}

/// A label without what it explains: `Icon` of `Icon: a path on this origin`. Japanese has wide punctuation.
#[must_use]
pub fn without_hint(label: &str) -> &str {
    label.split([':', ';', '(', '：', '；', '（']).next().unwrap_or_default().trim()
}

/// The title of the part of the form that a place, or what is in it, belongs to.
#[must_use]
pub fn section(at: &str) -> Option<&'static str> {
    let pattern = pattern(at);
    fields().find(|(_, it, _)| is_within(it, &pattern)).map(|(section, ..)| section)
}

/// Where a place, or the first field in it, is in the form. `usize::MAX` for what the form does not have.
#[must_use]
pub fn position(at: &str) -> usize {
    let pattern = pattern(at);
    fields().position(|(_, it, _)| is_within(it, &pattern)).unwrap_or(usize::MAX)
}

/// Where a part of the form is. `usize::MAX` for what the form does not have.
#[must_use]
pub fn section_position(title: &str) -> usize {
    SECTIONS.iter().position(|(it, _)| *it == title).unwrap_or(usize::MAX)
}

/// Section, pattern and label of each field.
fn fields() -> impl Iterator<Item = (&'static str, &'static str, &'static str)> {
    let of = |(title, fields): &'static Section| fields.iter().map(|it| (*title, it.0, it.1));
    SECTIONS.iter().flat_map(of)
}

fn is_within(field: &str, place: &str) -> bool {
    field.strip_prefix(place).is_some_and(|rest| rest.is_empty() || rest.starts_with('/'))
}

fn pattern(at: &str) -> String {
    let mut pattern = String::new();
    let mut before = "";
    for part in at.split('/').skip(1) {
        let is_position = !part.is_empty() && part.bytes().all(|it| it.is_ascii_digit());
        pattern.push('/');
        pattern.push_str(if is_position || before == "documents" { "*" } else { part });
        before = part;
    }
    // Another page than the consent screen has its service and account beside the page.
    match ["/service", "/account"].iter().any(|party| is_within(&pattern, party)) {
        true => format!("/request{pattern}"),
        false => pattern,
    }
}

#[cfg(test)]
mod tests {
    use std::collections::HashMap;

    use super::*;

    #[test]
    fn a_place_has_the_words_of_the_form() {
        for (at, expected) in [
            ("/request/terms/2/title", Some(("Terms", "Title"))),
            ("/request/terms/0/highlights/11/text", Some(("Terms", "Text"))),
            ("/documents/tos", Some(("Terms", "Full text"))),
            ("/documents/2", Some(("Terms", "Full text"))),
            ("/service/name", Some(("Service", "Name"))),
            ("/account/nickname", Some(("Account", "Nickname"))),
            ("/request/service/icon_url", Some(("Service", "Icon"))),
            ("/request/terms/0/digest", None),
            ("/account_page/name", None),
            ("", None),
        ] {
            let words = label(at).map(|label| (section(at).unwrap(), without_hint(label)));
            assert_eq!(words, expected, "{at}");
        }
        assert!(position("/request/terms/0") < position("/documents/tos"));
        assert!(position("/request/service") < position("/about"));
        assert_eq!(position("/request/terms/0/digest"), usize::MAX);
        assert!(section_position("Terms") < section_position("Description"));
    }

    #[test]
    fn the_hint_of_a_translated_label_is_cut_off_too() {
        let texts = [include_str!("../../texts/ko.json"), include_str!("../../texts/ja.json")];
        for json in texts {
            let texts: HashMap<String, String> = serde_json::from_str(json).unwrap();
            for (_, _, label) in fields() {
                let has_hint = |text: &str| without_hint(text) != text;
                assert!(!has_hint(label) || has_hint(&texts[label]), "{}", texts[label]);
            }
        }
    }

    /// Each pattern is a place of a fixture, so that a renamed field does not lose its label.
    #[test]
    fn every_label_is_of_a_place_that_a_fixture_has() {
        let all: Vec<_> =
            consent_fixtures::all().map(|it| serde_json::to_value(&it.fixture).unwrap()).collect();
        for (_, pattern, _) in fields() {
            let has = |fixture: &serde_json::Value| has_place(fixture, pattern);
            let party = pattern.strip_prefix("/request").unwrap_or(pattern);
            assert!(all.iter().any(|it| has(it) || has_place(it, party)), "{pattern}");
        }
    }

    fn has_place(value: &serde_json::Value, pattern: &str) -> bool {
        use serde_json::Value;
        let Some(rest) = pattern.strip_prefix('/') else { return pattern.is_empty() };
        let (part, rest) = rest.find('/').map_or((rest, ""), |at| rest.split_at(at));
        match (part, value) {
            ("*", Value::Array(list)) => list.iter().any(|it| has_place(it, rest)),
            ("*", Value::Object(fields)) => fields.values().any(|it| has_place(it, rest)),
            (part, Value::Object(fields)) => fields.get(part).is_some_and(|it| has_place(it, rest)),
            _ => false,
        }
    }
}
