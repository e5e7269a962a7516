use super::*;
use crate::{explain, graft::graft, pointer};
use consent_fixtures::named;
use serde_json::json;

const DEMO: &str = include_str!("../../../backend/demo/services.toml");

fn demo() -> (Fixture, Source) {
    (fixture(DEMO, 0).unwrap(), Source::new("services.toml", 0, DEMO))
}

fn edited(fixture: &Fixture, at: &str, new: serde_json::Value) -> Fixture {
    let json = serde_json::to_value(fixture).unwrap();
    Fixture::from_json(&pointer::with(&json, at, new).to_string()).unwrap()
}

#[test]
fn every_service_of_the_demo_is_a_fixture_that_every_state_can_be_shown_with() {
    for index in 0..consent_services::services(DEMO).unwrap().len() {
        let fixture = fixture(DEMO, index).unwrap();
        assert_eq!(explain::stage(&fixture), None, "{}", fixture.title);
        let name = &fixture.request().unwrap().service.name;
        assert_eq!(&fixture.title, name);
        let filled = graft(&named("filled").unwrap().fixture, &fixture);
        assert_eq!(&filled.request().unwrap().service.name, name);
    }
    let (fixture, _) = demo();
    let items = &fixture.request().unwrap().personal_info.items;
    assert!(items.iter().all(|it| it.value.is_some()), "{items:?}");
}

#[test]
fn a_changed_title_is_one_line_for_the_developer() {
    let (fixture, source) = demo();
    let none = hand_over(&fixture, &Theme::default(), Some(&source)).unwrap();
    assert_eq!((none.counts(), &*none.toml, none.left_out.len()), ((0, 0), DEMO, 0));
    let fixture = edited(&fixture, "/request/terms/0/title", json!("가게 이용약관"));
    let given = hand_over(&fixture, &Theme::default(), Some(&source)).unwrap();
    assert_eq!(given.counts(), (1, 1));
    assert_eq!(given.toml, DEMO.replacen("ko = \"이용약관\"", "ko = \"가게 이용약관\"", 1));
    assert_eq!((given.client_id.as_deref(), given.missing.len()), (Some("demo-shop"), 0));
    assert_eq!(given.same_version, ["tos"]);
    assert_eq!(given.findings, []);
    // The rules read what changed, in every language.
    let fixture = edited(&fixture, "/request/terms/2/required", json!(true));
    let given = hand_over(&fixture, &Theme::default(), Some(&source)).unwrap();
    let found: Vec<_> =
        given.findings.iter().map(|it| (it.finding.rule.id, it.languages.len())).collect();
    assert_eq!(found, [("KR-P07", 3)]);
}

#[test]
fn a_secret_is_in_the_file_and_in_no_line_that_is_shown() {
    let (fixture, source) = demo();
    let fixture = edited(&fixture, "/request/service/verified", json!(false));
    let given = hand_over(&fixture, &Theme::default(), Some(&source)).unwrap();
    assert!(given.toml.contains("demo-shop-is-no-secret") && given.secrets > 0);
    let shown = format!("{:?}", given.lines);
    assert!(shown.contains("client_secret") && shown.contains(MASK), "{shown}");
    assert!(!shown.contains("demo-shop-is-no-secret"), "{shown}");
}

#[test]
fn another_language_has_the_texts_of_the_file() {
    let (fixture, source) = demo();
    let fixture = edited(&fixture, "/request/terms/0/title", json!("가게 이용약관"));
    let fixture = edited(&fixture, "/request/account/nickname", json!("두리"));
    let english = in_language(&fixture, &source, Language::En);
    let request = english.request().unwrap();
    assert_eq!((&*request.locale, &*request.service.name), ("en", "Hanok Market"));
    assert_eq!(
        (&*request.terms[0].title, &*request.account.nickname),
        ("Terms of service", "두리")
    );
    assert_eq!(request.terms[1].highlights.len(), 1);
    let Screen::Consent(consent) = &english.screen else { panic!("it asks") };
    let text = serde_json::to_string(&consent.documents["tos"]).unwrap();
    assert!(text.contains("Article 1. Purpose"), "{text}");
    assert_eq!(in_language(&fixture, &source, Language::Ko), fixture);
    let japanese = in_language(&fixture, &source, Language::Ja);
    assert_eq!(japanese.request().unwrap().service.name, "ハノクマーケット");
    // A file without English.
    let toml = "[[service]]\nname = \"가게\"\n";
    let (own, source) = (super::fixture(toml, 0).unwrap(), Source::new("a.toml", 0, toml));
    assert_eq!(in_language(&own, &source, Language::En), own);
}

#[test]
fn a_draft_that_came_from_no_file_is_a_new_service() {
    for named in consent_fixtures::all().filter(|it| it.fixture.request().is_some()) {
        let given = hand_over(&named.fixture, &Theme::default(), None).unwrap();
        let list = consent_services::services(&given.toml).unwrap();
        assert_eq!((list.len(), given.counts().1), (1, 0), "{}", named.name);
    }
    let sign_up = &named("sign-up").unwrap().fixture;
    let given = hand_over(sign_up, &Theme::default(), None).unwrap();
    let at: Vec<_> = given.left_out.iter().map(|it| &*it.at).collect();
    assert_eq!(at, Vec::<&str>::new());
    assert!(given.missing.iter().any(|it| it.starts_with("client_id")), "{:?}", given.missing);
    let again = fixture(&given.toml, 0).unwrap();
    let (again, sign_up) = (shown(&again).unwrap(), shown(sign_up).unwrap());
    assert_eq!(again.documents, sign_up.documents);
    assert_eq!(again.request.terms, sign_up.request.terms);
    assert_eq!(again.request.channels, sign_up.request.channels);
}

#[test]
fn a_look_is_saved_into_the_file_and_read_from_it() {
    let (plain, source) = demo();
    let mut theme = Theme::default();
    theme.set("--accent", false, "#6b2ff0").unwrap();
    theme.set("--on-accent", false, "#ffffff").unwrap();
    let given = hand_over(&plain, &theme, Some(&source)).unwrap();
    assert_eq!((given.counts().1, &*given.left_out, &*given.missing), (0, &[][..], &[][..]));
    assert!(
        given.toml.contains("[service.look]\nlight = { accent = \"#6b2ff0\""),
        "{}",
        given.toml
    );
    assert_eq!(fixture(&given.toml, 0).unwrap().theme, theme);
    assert!(fixture(&given.toml, 1).unwrap().theme.is_empty());
    // A look that is in the file already changes nothing.
    let source = Source::new("services.toml", 0, &given.toml);
    assert_eq!(hand_over(&plain, &theme, Some(&source)).unwrap().counts(), (0, 0));
    // A look of the screen's own takes the keys out.
    let given = hand_over(&plain, &Theme::default(), Some(&source)).unwrap();
    assert!(given.toml.contains("[service.look]") && !given.toml.contains("6b2ff0"));
    // What has no place in the file is named, and so is what a backend refuses.
    theme.set("--shadow", false, "none").unwrap();
    theme.set("--on-accent", false, "#6b2ff0").unwrap();
    let given = hand_over(&new_service(), &theme, None).unwrap();
    let left_out = given.left_out.iter().filter(|it| it.at == "/theme");
    let left_out: Vec<_> = left_out.map(|it| it.reason.as_str()).collect();
    assert!(left_out.len() == 1 && left_out[0].starts_with("--shadow "), "{left_out:?}");
    let low = given.missing.iter().find(|it| it.starts_with("look: Agree button: ")).unwrap();
    assert!(low.contains("has 1.00:1 in the light scheme, and WCAG 1.4.3 needs 4.5:1"), "{low}");
}

#[test]
fn other_pages_are_handed_over_as_no_service() {
    let loading = &named("loading").unwrap().fixture;
    assert_eq!(hand_over(loading, &Theme::default(), None), None);
}
