use consent_contract::request::ReasonCode;

use super::{SHOP, shown, shown_in, written};
use crate::{missing, secrets, services, tests::with_sample};

const EXAMPLE: &str = include_str!("../../../docs/services.example.toml");
const OIDC_EXAMPLE: &str = include_str!("../../../docs/services.oidc.example.toml");
const DEMO: &str = include_str!("../../../backend/demo/services.toml");

#[test]
fn a_file_without_a_change_is_the_same_bytes() {
    assert_eq!(
        services(OIDC_EXAMPLE).unwrap_err().to_string(),
        "line 1, column 1: there is no `[[service]]` in this file"
    );
    let (_, shop) = SHOP.split_once("# ── 가게").unwrap();
    let oidc = format!("{OIDC_EXAMPLE}\n#{shop}");
    for toml in [EXAMPLE, &oidc, DEMO, SHOP] {
        for toml in [toml.to_owned(), toml.replace('\n', "\r\n")] {
            let all = services(&toml).unwrap();
            assert!(!all.is_empty());
            for index in 0..all.len() {
                with_sample(|sample| {
                    let shown = crate::show(&toml, index, "ko", sample).unwrap();
                    let written = crate::write(&toml, index, &shown, sample).unwrap();
                    assert_eq!(written.toml, toml);
                    assert_eq!(written.left_out, []);
                });
            }
        }
    }
}

#[test]
fn a_new_user_gets_the_reason_of_a_new_service() {
    let reasons = shown(SHOP).request.reasons.0;
    let [reason] = &reasons[..] else { panic!("{reasons:?}") };
    assert_eq!(reason.code, ReasonCode::NewService);
    let request = shown(SHOP).request;
    let asked = request.terms.len() + request.personal_info.items.len();
    assert_eq!(reason.items.len(), asked);
    assert_eq!(reason.items[0], format!("term:{}", request.terms[0].tag));
}

#[test]
fn the_services_of_a_file_are_listed() {
    let list = services(SHOP).unwrap();
    assert_eq!(list.len(), 2);
    let first = &list[0];
    assert_eq!((first.client_id.as_deref(), &*first.name), (Some("shop"), "가게"));
    assert_eq!(
        (first.terms, first.items, first.channels),
        (2, 2, 1),
        "a version more is no term more"
    );
    assert_eq!((&*list[1].name, list[1].terms), ("책방", 0));
}

#[test]
fn the_screen_has_what_the_file_has() {
    let korean = shown(SHOP);
    let request = &korean.request;
    assert_eq!(request.languages.as_deref(), Some("ko en"));
    assert_eq!((&*request.locale, &*request.service.name), ("ko", "가게"));
    assert_eq!(request.service.destination_origin, "https://shop.example");
    let titles: Vec<_> = request.terms.iter().map(|it| &*it.title).collect();
    assert_eq!(titles, ["이용약관", "광고성 정보 수신"], "the latest versions");
    assert_eq!(request.terms[1].highlights[1].text, "철회 시까지");
    assert_eq!(korean.documents["tos"].len(), 3);
    let items = &request.personal_info.items;
    assert_eq!(items[0].value.as_deref(), Some("ha***@example.com"));
    assert!(items[0].collect.is_some() && items[1].collect.is_none());
    assert!(request.channels[0].primary);
    let english = shown_in(SHOP, "en").request;
    assert_eq!((&*english.locale, &*english.service.name), ("en", "The Shop"));
    assert_eq!(
        (&*english.service.company, &*english.terms[1].title),
        ("The Shop Inc.", "Receive advertising")
    );
    let japanese = shown_in(SHOP, "ja").request;
    assert_eq!(
        (&*japanese.locale, &*japanese.service.name),
        ("ko", "가게"),
        "as the backend has it"
    );
}

#[test]
fn what_is_missing_is_named() {
    assert_eq!(missing(SHOP, 0).unwrap(), Vec::<String>::new());
    let missing = missing(SHOP, 1).unwrap();
    for key in ["redirect_uris", "client_secret", "approved", "company", "personal_info.recipient"]
    {
        assert!(missing.iter().any(|it| it.starts_with(key)), "{key}: {missing:?}");
    }
    assert!(!missing.iter().any(|it| it.starts_with("client_id") || it.starts_with("name")));
}

#[test]
fn secrets_are_known() {
    assert_eq!(secrets(SHOP), ["change-me-change-me"]);
    assert!(secrets(EXAMPLE).len() >= 3);
    let named = SHOP.replace("\"change-me-change-me\"", "{ file = \"secrets/shop\" }");
    assert_eq!(secrets(&named), Vec::<String>::new());
}

#[test]
fn what_the_file_cannot_have_is_listed() {
    let mut edited = shown(SHOP);
    edited.request.account.nickname = "두리".into();
    edited.request.service.destination_origin = "https://other.example".into();
    edited.request.channels[0].requested = true;
    let mut item = edited.request.personal_info.items[0].clone();
    item.id = "item_1".into();
    edited.request.personal_info.items.push(item);
    let written = written(SHOP, &edited);
    assert_eq!(written.toml, SHOP, "nothing of it is in the file");
    let at: Vec<_> = written.left_out.iter().map(|it| &*it.at).collect();
    assert_eq!(
        at,
        [
            "/request/account/nickname",
            "/request/channels/0/requested",
            "/request/personal_info/items",
            "/request/service/destination_origin",
        ]
    );
    assert!(written.left_out[2].reason.contains("item_1"), "{:?}", written.left_out[2]);
}
