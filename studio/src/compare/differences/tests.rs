use consent_fixtures::{Screen, named};
use serde_json::json;

use super::*;
use crate::pointer;

fn sign_up() -> Fixture {
    named("sign-up").unwrap().fixture.clone()
}

/// A fixture with a new value at a place.
fn with(fixture: &Fixture, at: &str, new: Value) -> Fixture {
    let json = pointer::with(&serde_json::to_value(fixture).unwrap(), at, new);
    Fixture::from_json(&json.to_string()).unwrap()
}

fn found(open: &Fixture, other: &Fixture) -> Vec<Difference> {
    let theme = Theme::default();
    differences(State { fixture: open, theme: &theme }, State { fixture: other, theme: &theme })
}

/// `Terms › “Title”: Field: other → open`
fn drawn(differences: &[Difference]) -> Vec<String> {
    let side = |it: &Option<String>| it.clone().unwrap_or_else(|| "-".into());
    let one = |it: &Difference| {
        let what = match &it.what {
            What::Value(Sides { open, other }) => format!("{} → {}", side(other), side(open)),
            What::Text(lines) => {
                let count = |is: fn(&Line) -> bool| lines.iter().filter(|it| is(it)).count();
                let removed = count(|it| matches!(it, Line::Removed(_)));
                format!("-{removed} +{}", count(|it| matches!(it, Line::Added(_))))
            }
        };
        format!("{}: {}: {what}", it.within.join(" › "), it.field)
    };
    differences.iter().map(one).collect()
}

#[test]
fn equal_states_differ_in_nothing() {
    for named in consent_fixtures::all() {
        assert_eq!(found(&named.fixture, &named.fixture), [], "{}", named.name);
    }
}

#[test]
fn a_change_has_the_words_of_the_form_and_its_place_on_both_sides() {
    let before = sign_up();
    let mut open = with(&before, "/request/terms/0/title", json!("가게 약관"));
    open = with(&open, "/request/channels/0/primary", json!(false));
    open = with(&open, "/stage", json!("filled"));
    open = with(&open, "/request/service/icon_url", json!("/icons/shop.svg"));
    open = with(&open, "/request/personal_info/items/0/collect", json!("email"));
    open = with(&open, "/title", json!("Mine"));
    let found = found(&open, &before);
    let item =
        name(&serde_json::to_value(&before).unwrap()["request"]["personal_info"]["items"][0]);
    assert_eq!(
        drawn(&found),
        [
            "Request: Stage: Nothing answered → Required items ticked".to_owned(),
            "Terms › “가게 약관”: Title: 이용약관 → 가게 약관".to_owned(),
            format!(
                "Personal information › {}: Without one, ask for: Nothing → Email address",
                item.unwrap()
            ),
            "Channels › “한옥마켓”: Primary: Yes → No".to_owned(),
            "Service: Icon: None → /icons/shop.svg".to_owned(),
            "Description: Title: Signing up → Mine".to_owned(),
        ]
    );
    let at = "/request/terms/0/title".to_owned();
    assert_eq!(found[1].at, Sides { open: Some(at.clone()), other: Some(at) });
}

/// Terms are the same by their tag, so that a new first one does not change all that follow.
#[test]
fn items_are_matched_by_their_name_wherever_they_are() {
    let before = sign_up();
    let mut open = before.clone();
    let Screen::Consent(consent) = &mut open.screen else { panic!("it asks") };
    let mut first = consent.request.terms[0].clone();
    (first.tag, first.title) = ("new".into(), "새 약관".into());
    consent.request.terms.remove(1);
    consent.request.terms.reverse();
    consent.request.terms.insert(0, first);
    consent.request.terms[2].required = false;
    let found = found(&open, &before);
    assert_eq!(
        drawn(&found),
        [
            "Terms: Terms: - → “새 약관”",
            "Terms: Terms: “개인정보 수집 및 이용” → -",
            "Terms: Order of terms: “이용약관”, “광고성 정보 수신” → “광고성 정보 수신”, “이용약관”",
            "Terms › “이용약관”: Required: Yes → No",
        ]
    );
    let places = |it: &Difference| (it.at.open.clone(), it.at.other.clone());
    assert_eq!(places(&found[0]), (Some("/request/terms/0".into()), None));
    assert_eq!(places(&found[1]), (None, Some("/request/terms/1".into())));
    let required = |index| Some(format!("/request/terms/{index}/required"));
    assert_eq!(places(&found[3]), (required(2), required(0)));
}

#[test]
fn a_full_text_is_compared_by_line_and_a_theme_by_token() {
    let before = sign_up();
    let mut open = before.clone();
    let Screen::Consent(consent) = &mut open.screen else { panic!("it asks") };
    consent.documents.insert("tos".into(), plain_text::blocks("# 새 조항\n\n새 문단"));
    let lines = found(&open, &before);
    let [text] = &lines[..] else { panic!("one difference: {lines:?}") };
    assert_eq!((&*text.within.join(" › "), &*text.field), ("Terms › “이용약관”", "Full text"));
    let What::Text(lines) = &text.what else { panic!("a text") };
    assert!(lines.iter().any(|it| matches!(it, Line::Added(it) if it.text == "새 문단")));

    let theme = Theme {
        light: [("--accent".into(), "#123456".into())].into(),
        dark: [("--ink".into(), "#eeeeee".into())].into(),
    };
    let none = Theme::default();
    let open = State { fixture: &before, theme: &theme };
    let found = differences(open, State { fixture: &before, theme: &none });
    let drawn = drawn(&found);
    assert!(drawn.contains(&"Look › Light: --accent: #fee500 → #123456".to_owned()), "{drawn:?}");
    assert!(drawn.contains(&"Look › Dark: --ink: #f2f2ef → #eeeeee".to_owned()), "{drawn:?}");
}

#[test]
fn what_the_form_does_not_have_is_named_by_its_key() {
    let before = sign_up();
    let drawn_of = |open: &Fixture, other: &Fixture| drawn(&found(open, other));
    let open = with(&before, "/request/expires_in", json!(60));
    assert_eq!(drawn_of(&open, &before), ["Data: Expires in: 900 → 60"]);
    let open = with(&before, "/request/terms/0/digest", json!("sha256-x"));
    assert_eq!(drawn_of(&open, &before), ["Terms › “이용약관”: Digest: sha256-tos → sha256-x"]);
    let is_account =
        |it: &&consent_fixtures::NamedFixture| matches!(it.fixture.screen, Screen::Account(_));
    let pages: Vec<_> = consent_fixtures::all().filter(is_account).map(|it| &it.fixture).collect();
    assert!(pages.len() > 1);
    for pair in pages.windows(2) {
        assert!(!drawn_of(pair[0], pair[1]).is_empty());
    }
}

#[test]
fn different_pages_are_one_difference_and_their_descriptions() {
    let drawn = drawn(&found(&sign_up(), &named("loading").unwrap().fixture));
    assert_eq!(drawn[0], "Page: Page: Loading → Consent");
    assert!(drawn[1..].iter().all(|it| it.starts_with("Description: ")), "{drawn:?}");
    assert_eq!(drawn.len(), 3);
}

/// Each difference of two fixtures of the gallery has its words, and one side at least.
#[test]
fn any_two_states_can_be_compared() {
    let sign_up = sign_up();
    for named in consent_fixtures::all() {
        for difference in found(&named.fixture, &sign_up) {
            assert!(
                !difference.within.is_empty() && !difference.field.is_empty(),
                "{}",
                named.name
            );
            match &difference.what {
                What::Value(Sides { open, other }) => assert_ne!(open, other, "{difference:?}"),
                What::Text(lines) => assert!(!lines.is_empty(), "{difference:?}"),
            }
        }
    }
}

#[test]
fn what_was_entered_in_another_language_is_a_text_of_its_item() {
    let before = sign_up();
    let title = json!({"en": {"/request/terms/tos/title": "Terms"}});
    let open = with(&before, "/translations", title);
    let title = before.request().unwrap().terms[0].title.clone();
    let expected = format!("Terms › “{title}”: Title, English: - → Terms");
    assert_eq!(drawn(&found(&open, &before)), [expected]);
}
