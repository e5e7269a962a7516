//! A services.toml that the studio edited and saved is one that the backend takes, and has what was edited.

use consent_backend::config::{Catalog, Source};
use consent_contract::{
    document::Block,
    request::{Channel, ConsentRequest, HighlightKind, Relation, Term, TermKind},
};
use consent_services::{ALWAYS, Sample, Shown, show, write};

const DEMO: &str = include_str!("../../demo/services.toml");

fn catalog(toml: &str) -> Catalog {
    let source =
        Source::built_in("services.toml", toml.replace("{origin}", "http://127.0.0.1:8080"));
    source.catalog().unwrap_or_else(|faults| panic!("{faults:?}\n{toml}"))
}

/// The first service of the demo after an edit.
fn edited(edit: impl FnOnce(&mut Shown)) -> String {
    let request: ConsentRequest =
        serde_json::from_str(include_str!("../../../contract/samples/ask.json")).unwrap();
    let user = Sample { request: &request, value: &|_| None };
    let mut shown = show(DEMO, 0, ALWAYS, &user).unwrap();
    edit(&mut shown);
    let written = write(DEMO, 0, &shown, &user).unwrap();
    assert_eq!(written.left_out, []);
    written.toml
}

fn paragraph(text: &str) -> Block {
    Block::Paragraph { text: text.into() }
}

#[test]
fn everything_that_was_edited_is_in_the_catalog_and_nothing_else() {
    let before = catalog(DEMO);
    let toml = edited(|it| {
        let request = &mut it.request;
        request.service.name = "보라장터".into();
        request.service.privacy_policy_url = None;
        request.agree_all = consent_contract::request::AgreeAllPolicy::Everything;
        request.terms[0].title = "가게 \"이용\" 약관".into();
        request.terms[1].highlights[0].text = "5년간 보유합니다".into();
        request.terms[2].highlights.remove(0);
        request.terms.insert(
            1,
            Term {
                tag: "location".into(),
                title: "위치 정보".into(),
                kind: TermKind::Sensitive,
                required: false,
                version: "2026-11-02".into(),
                digest: String::new(),
                highlights: vec![consent_contract::request::Highlight {
                    kind: HighlightKind::Sensitive,
                    text: "지금 있는 곳".into(),
                }],
                agreed_version: None,
            },
        );
        let info = &mut request.personal_info;
        info.purpose = "회원 가입".into();
        info.items[2].purpose = Some("배송 안내".into());
        info.items.remove(3);
        let mut item = info.items[0].clone();
        (item.id, item.label, item.required) = ("gender".into(), "성별".into(), false);
        info.items.insert(1, item);
        request.channels.remove(1);
        request.channels[0].name = "보라장터 소식".into();
        request.channels.push(Channel {
            public_id: "_bora".into(),
            name: "보라장터".into(),
            icon_url: None,
            primary: false,
            requested: false,
            relation: Relation::None,
        });
        it.documents.insert("location".into(), vec![paragraph("1. * <위치> # & [이용]")]);
        it.documents.get_mut("tos").unwrap().push(paragraph("- 끝"));
    });
    let mut after = catalog(&toml);
    let service = after.services.remove("demo-shop").unwrap();
    let mut others = before.services.clone();
    let was = others.remove("demo-shop").unwrap();
    assert_eq!(after.services, others, "another service changed");
    assert_eq!((&after.accounts, &after.sign_in), (&before.accounts, &before.sign_in));

    assert_eq!(
        (&**service.name.get("ko"), &**service.name.get("en")),
        ("보라장터", "Hanok Market")
    );
    assert_eq!(service.privacy_policy_url, None);
    assert_eq!(service.agree_all, consent_contract::request::AgreeAllPolicy::Everything);
    assert_eq!(service.locales, was.locales);
    assert_eq!(service.client_secret, was.client_secret);
    let tags: Vec<_> = service.terms.iter().map(|it| &*it.tag).collect();
    assert_eq!(tags, ["tos", "location", "privacy", "marketing"]);
    let [tos, location, privacy, marketing] = &service.terms[..] else { panic!("four terms") };
    assert_eq!(tos.title.get("ko"), "가게 \"이용\" 약관");
    assert_eq!(tos.title.get("ja"), was.terms[0].title.get("ja"));
    let (now, old) = (tos.blocks.get("ko"), was.terms[0].blocks.get("ko"));
    assert_eq!((&now[..old.len()], &now[old.len()..]), (&old[..], &[paragraph("- 끝")][..]));
    assert_eq!(tos.blocks.get("en"), was.terms[0].blocks.get("en"));
    assert_eq!(location.kind, TermKind::Sensitive);
    assert_eq!(location.blocks.get("ko"), &[paragraph("1. * <위치> # & [이용]")]);
    assert_eq!(location.highlights.len(), 1);
    assert_eq!(location.effective_from, time::macros::date!(2026 - 11 - 02));
    assert_eq!(privacy.highlights[0].1.get("ko"), "5년간 보유합니다");
    assert_eq!(privacy.highlights[0].1.get("en"), was.terms[1].highlights[0].1.get("en"));
    assert_eq!(marketing.highlights, was.terms[2].highlights[1..]);
    let items: Vec<_> = service.personal_info.items.iter().map(|it| it.attribute.id()).collect();
    assert_eq!(items, ["profile_nickname", "gender", "account_email", "phone_number"]);
    assert_eq!(service.personal_info.purpose.get("ko"), "회원 가입");
    let own = service.personal_info.items[3].own_statements.purpose.as_ref();
    assert_eq!(own.map(|it| &**it.get("ko")), Some("배송 안내"));
    let channels: Vec<_> =
        service.channels.iter().map(|it| (&*it.public_id, &**it.name.get("ko"))).collect();
    assert_eq!(channels, [("_hanok", "보라장터 소식"), ("_bora", "보라장터")]);
}

/// What the studio reads is what the backend sends: the same texts, by the same parser.
#[test]
fn the_studio_reads_the_texts_that_the_backend_has() {
    let catalog = catalog(DEMO);
    let request: ConsentRequest =
        serde_json::from_str(include_str!("../../../contract/samples/ask.json")).unwrap();
    let user = Sample { request: &request, value: &|_| None };
    for (index, listed) in consent_services::services(DEMO).unwrap().iter().enumerate() {
        let service = &catalog.services[listed.client_id.as_deref().unwrap()];
        for locale in &service.locales {
            let shown = show(DEMO, index, locale, &user).unwrap();
            assert_eq!(shown.request.languages, Some(service.locales.join(" ")));
            assert_eq!(&shown.request.locale, locale);
            assert_eq!(&shown.request.service.name, service.name.get(locale));
            let terms = service.terms_on(time::Date::MAX);
            assert_eq!(shown.request.terms.len(), terms.len());
            for (shown_term, term) in shown.request.terms.iter().zip(terms) {
                assert_eq!(&shown_term.title, term.title.get(locale));
                assert_eq!(&shown.documents[&term.tag], term.blocks.get(locale));
            }
            for item in &shown.request.personal_info.items {
                let configured = service.item(&item.id).unwrap();
                assert_eq!(&item.label, configured.label.get(locale));
                assert_eq!(item.collect.is_some(), configured.collect);
            }
        }
    }
}

/// The studio shows the lines of a file without its secrets.
#[test]
fn every_secret_of_the_reference_is_masked() {
    let reference = include_str!("../../../docs/SERVICES.md").lines();
    // The types of secrets name where one can be read from.
    let rows = reference.filter(|line| line.starts_with("| `") && line.contains("`credential`"));
    let keys: Vec<&str> = rows.filter_map(|row| row.split('`').nth(1)).collect();
    for expected in ["client_secret", "previous_client_secret", "admin_key", "token"] {
        assert!(keys.contains(&expected), "{keys:?}");
    }
    for key in keys {
        let toml = format!("[[service]]\n{key} = \"change-me-change-me\"\n");
        assert_eq!(consent_services::secrets(&toml), ["change-me-change-me"], "{key}");
    }
}
