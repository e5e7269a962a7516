use super::*;
use consent_fixtures::{Screen, named};

const DEMO: &str = include_str!("../../../backend/demo/services.toml");

fn demo() -> (Fixture, Source) {
    (services::fixture(DEMO, 0).unwrap(), Source::new("services.toml", 0, DEMO))
}

fn of(fixture: &Fixture, source: Option<&Source>) -> Sheet {
    sheet(fixture, source).unwrap()
}

fn column<'a>(sheet: &'a Sheet, tag: &str) -> (usize, &'a Column) {
    let at = sheet.columns.iter().position(|it| it.tag == tag).unwrap();
    (at, &sheet.columns[at])
}

fn row<'a>(sheet: &'a Sheet, key: &str) -> &'a Row {
    sheet.rows.iter().find(|it| it.entry.key == key).unwrap()
}

fn entered(fixture: &Fixture, language: &str, key: &str, typed: &str) -> Fixture {
    let entries = entries_of(fixture);
    let entry = entries.iter().find(|it| it.key == key).unwrap();
    let json = serde_json::to_value(fixture).unwrap();
    Fixture::from_json(&with(&json, language, entry, typed).to_string()).unwrap()
}

const TITLE: &str = "/request/terms/tos/title";

#[test]
fn every_text_of_a_file_is_there_in_every_language() {
    let (fixture, source) = demo();
    let sheet = of(&fixture, Some(&source));
    let tags: Vec<_> = sheet.columns.iter().take(3).map(|it| &*it.tag).collect();
    assert_eq!(tags, ["ko", "en", "ja"]);
    assert!(sheet.is_editable);
    for tag in ["ko", "en", "ja"] {
        let (_, column) = column(&sheet, tag);
        assert!(column.is_used && column.is_offered && column.missing == 0, "{column:?}");
    }
    let (_, chinese) = column(&sheet, "zh-Hans");
    assert!(!chinese.is_used && !chinese.is_offered && chinese.missing > 10, "{chinese:?}");
    let texts: Vec<_> = row(&sheet, TITLE).cells.iter().take(3).map(|it| &*it.text).collect();
    assert_eq!(texts, ["이용약관", "Terms of service", "利用規約"]);
    let text = row(&sheet, "/documents/tos");
    assert!(text.entry.is_full && text.cells[1].text.starts_with("## "), "{:?}", text.cells[1]);
    // Each is a field of the form.
    let json = serde_json::to_value(&fixture).unwrap();
    assert!(sheet.rows.iter().all(|it| json.pointer(&it.entry.at).is_some()));
}

#[test]
fn what_is_entered_is_in_the_sheet_in_the_file_and_in_the_preview() {
    let (fixture, source) = demo();
    let fixture = entered(&fixture, "en", TITLE, "Rules  of the shop");
    let fixture = entered(&fixture, "en", "/documents/tos", "# One\n\n- a\n- b");
    let fixture = entered(&fixture, "ja", TITLE, "");
    let sheet = of(&fixture, Some(&source));
    assert_eq!(row(&sheet, TITLE).cells[1].text, "Rules  of the shop");
    assert_eq!(column(&sheet, "ja").1.missing, 1);
    let given = services::hand_over(&fixture, &Default::default(), Some(&source)).unwrap();
    assert_eq!((given.left_out.len(), &*given.same_version), (0, &["tos".to_owned()][..]));
    assert!(given.toml.contains("title = { ko = \"이용약관\", en = \"Rules of the shop\" }"));
    assert!(given.toml.contains("## One\n\n- a\n- b"), "{}", given.toml);
    let english = services::in_language(&fixture, &source, crate::state::Language::En);
    assert_eq!(english.request().unwrap().terms[0].title, "Rules of the shop");
    assert_eq!(services::in_language(&fixture, &source, crate::state::Language::Ko), fixture);
}

/// A translator looks at a language from its first text on; users are offered it when there are enough.
#[test]
fn a_text_in_a_new_language_is_in_the_preview_at_once() {
    use crate::state::Language;
    let (fixture, source) = demo();
    assert_eq!(services::in_language(&fixture, &source, Language::Vi), fixture);
    let entered = entered(&fixture, "vi", TITLE, "Điều khoản dịch vụ");
    let shown = services::in_language(&entered, &source, Language::Vi);
    let request = shown.request().unwrap();
    assert_eq!(request.terms[0].title, "Điều khoản dịch vụ");
    assert_eq!(
        (&*request.terms[1].title, &*request.locale),
        (&*fixture.request().unwrap().terms[1].title, "vi")
    );
    assert_eq!(services::in_language(&entered, &source, Language::Th), entered);
}

#[test]
fn a_text_that_is_shared_is_missing_only_where_it_is_korean() {
    let toml = DEMO.replacen(
        "title = { ko = \"이용약관\", en = \"Terms of service\", ja = \"利用規約\" }",
        "title = \"이용약관\"",
        1,
    );
    let source = Source::new("services.toml", 0, &toml);
    let fixture = services::fixture(&toml, 0).unwrap();
    let sheet = of(&fixture, Some(&source));
    assert_eq!(row(&sheet, TITLE).cells[1].given, Given::Missing);
    assert_eq!(column(&sheet, "en").1.missing, 1);
    let toml = toml.replacen("title = \"이용약관\"", "title = \"Terms\"", 1);
    let source = Source::new("services.toml", 0, &toml);
    let fixture = services::fixture(&toml, 0).unwrap();
    let shared = Cell { text: String::new(), given: Given::Shared };
    assert_eq!(row(&of(&fixture, Some(&source)), TITLE).cells[1], shared);
    // Entered, and taken away again.
    let fixture = entered(&fixture, "en", TITLE, "Rules");
    assert_eq!(row(&of(&fixture, Some(&source)), TITLE).cells[1].text, "Rules");
    let fixture = entered(&fixture, "en", TITLE, "");
    assert_eq!(row(&of(&fixture, Some(&source)), TITLE).cells[1], shared);
}

#[test]
fn a_new_term_can_be_translated_at_once() {
    let (fixture, source) = demo();
    let mut fixture = fixture;
    let Screen::Consent(consent) = &mut fixture.screen else { panic!("it asks") };
    let mut term = consent.request.terms[0].clone();
    (term.tag, term.title) = ("term_1".into(), "새 약관".into());
    consent.request.terms.push(term);
    let key = "/request/terms/term_1/title";
    assert_eq!(row(&of(&fixture, Some(&source)), key).cells[1].given, Given::Missing);
    let fixture = entered(&fixture, "en", key, "New terms");
    let given = services::hand_over(&fixture, &Default::default(), Some(&source)).unwrap();
    assert!(
        given.toml.contains("title = { ko = \"새 약관\", en = \"New terms\" }"),
        "{}",
        given.toml
    );
}

#[test]
fn the_gallery_has_the_translations_that_there_are() {
    let mut fixture = named("sign-up").unwrap().fixture.clone();
    let sheet = of(&fixture, None);
    assert!(!sheet.is_editable);
    assert_eq!(sheet.columns.iter().map(|it| it.missing).collect::<Vec<_>>(), [0, 0, 0]);
    let Screen::Consent(consent) = &mut fixture.screen else { panic!("it asks") };
    consent.request.terms[0].title = "새 제목".into();
    let sheet = of(&fixture, None);
    assert_eq!(sheet.columns.iter().map(|it| it.missing).collect::<Vec<_>>(), [0, 1, 1]);
    for name in ["texts-in-english", "loading", "challenge-expired"] {
        assert_eq!(super::sheet(&named(name).unwrap().fixture, None), None, "{name}");
    }
}

#[test]
fn what_was_entered_for_a_highlight_stays_with_it() {
    let (mut fixture, _) = demo();
    let tag = {
        let Screen::Consent(consent) = &mut fixture.screen else { panic!("it asks") };
        let term = &mut consent.request.terms[0];
        let highlight = |text: &str| consent_contract::request::Highlight {
            kind: consent_contract::request::HighlightKind::Promotion,
            text: text.to_owned(),
        };
        term.highlights = ["하나", "둘", "셋"].map(highlight).into();
        term.tag.clone()
    };
    let key = |at: usize| format!("/request/terms/{tag}/highlights/{at}/text");
    let before = entered(&entered(&fixture, "en", &key(0), "one"), "en", &key(2), "three");
    let mut after = before.clone();
    let Screen::Consent(consent) = &mut after.screen else { panic!("it asks") };
    consent.request.terms[0].highlights.remove(0);
    consent.request.terms[0].highlights.swap(0, 1);
    assert!(follow(&before, &mut after));
    let english: Vec<_> = after.translations["en"].iter().collect();
    assert_eq!(english, [(&key(0), &Translation::Line("three".into()))]);
    // Another text at its place is the same highlight.
    let mut after = before.clone();
    let Screen::Consent(consent) = &mut after.screen else { panic!("it asks") };
    consent.request.terms[0].highlights[0].text = "하나!".into();
    assert!(!follow(&before, &mut after) && after.translations == before.translations);
}
