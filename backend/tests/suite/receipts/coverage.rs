//! What a receipt covers, and what it does not name.

use consent_backend::receipt::{Event, verify};
use consent_contract::{
    channel,
    item::ItemKey,
    request::{HighlightKind, Purpose},
};

use super::{data, downloaded, published_keys, user_of};
use crate::browser::{Server, agreement};

#[tokio::test]
async fn a_receipt_covers_everything_that_was_shown_and_answered() {
    let server = Server::demo().await;
    std::fs::create_dir_all(server.folder.path().join("dist")).unwrap();
    std::fs::write(server.folder.path().join("dist/index.html"), "<!doctype html>").unwrap();
    let mut browser = server.browser_of("new").await;
    let challenge = browser.challenged("demo-shop", &[]).await;
    let request = browser.asked(&challenge).await;
    let refused = ItemKey::Term("marketing".to_owned());
    let decision = agreement(&request, |key, _| *key != refused);
    let recorded = browser.decide(&challenge, &decision).await;
    let receipt_id = recorded.json::<consent_contract::decision::Recorded>().receipt_id;
    let bundle = downloaded(&mut browser, &receipt_id).await;
    let claims = verify(&bundle.receipts[0].jws, &published_keys(&server).await).unwrap();
    assert_eq!(claims.iss, crate::browser::ORIGIN);
    assert_eq!(claims.jti, receipt_id);
    let Event::Decision(signed) = &claims.event else { panic!("{claims:?}") };
    assert_eq!((&*signed.service, signed.purpose), ("demo-shop", Purpose::SignUp));
    assert_eq!(signed.locale, request.locale);
    let shown = signed.shown.as_ref().unwrap();
    assert_eq!(shown.service, request.service, "name, company, destination, mode, verified");
    assert_eq!(shown.agree_all, request.agree_all);
    assert_eq!(shown.already_agreed, request.already_agreed);
    let terms: Vec<_> = shown.terms.iter().map(|it| it.term.clone()).collect();
    assert_eq!(terms, request.terms, "kind, required, version, digest, highlights");
    assert!(
        terms.iter().flat_map(|it| &it.highlights).any(|it| it.kind == HighlightKind::Promotion),
        "the sample has highlights"
    );
    assert!(shown.terms.iter().all(|it| it.effective_from.len() == "2026-11-01".len()));
    let info = &shown.personal_info;
    assert_eq!(info.digest_input(), request.personal_info.digest_input());
    assert_eq!(info.digest, request.personal_info.digest);
    let offered: Vec<_> = channel::offered(&request).into_iter().cloned().collect();
    assert_eq!(shown.channels, offered);
    assert!(!offered.is_empty());
    assert_eq!(shown.interface.version, env!("CARGO_PKG_VERSION"));
    let page = consent_backend::crypto::sri(b"<!doctype html>");
    assert_eq!(shown.interface.page, Some(page));
    let keys = request.terms.len() + request.personal_info.items.len() + offered.len();
    assert_eq!(signed.answers.len(), keys);
    for answer in &signed.answers {
        assert_eq!(answer.agreed, answer.key != refused, "{:?}", answer.key);
    }
}

#[tokio::test]
async fn a_receipt_names_no_user_and_no_value() {
    let server = Server::demo().await;
    let (mut browser, receipt_id) = user_of(&server).await;
    let bundle = downloaded(&mut browser, &receipt_id).await;
    let claims = verify(&bundle.receipts[0].jws, &bundle.keys).unwrap();
    let json = serde_json::to_string(&claims).unwrap();
    let request = {
        let mut other = server.browser_of("new").await;
        let challenge = other.challenged("demo-travel", &[]).await;
        other.asked(&challenge).await
    };
    assert!(!request.account.nickname.is_empty());
    for named in [&*request.account.nickname, &*request.account.identifier, "typed@example.com"] {
        assert!(!json.contains(named), "{named}: {json}");
    }
    for item in &request.personal_info.items {
        assert!(item.value.as_ref().is_none_or(|value| !json.contains(&**value)), "{item:?}");
    }
    assert!(!json.contains("\"new\""), "the account: {json}");
    assert!(!data(&server).as_os_str().is_empty());
}

/// What is given away to one service cannot be joined with what another one has.
#[tokio::test]
async fn a_user_has_another_subject_at_each_service_and_the_same_one_in_all_receipts_there() {
    let server = Server::demo().await;
    let (mut browser, _) = user_of(&server).await;
    let challenge = browser.challenged("demo-bookclub", &[]).await;
    browser.agrees(&challenge).await;
    let bundle = super::store(&server).await.bundle(&Default::default()).await.unwrap();
    let subjects: Vec<_> = bundle
        .receipts
        .iter()
        .map(|it| verify(&it.jws, &bundle.keys).unwrap())
        .map(|claims| (claims.service().unwrap().to_owned(), claims.sub.unwrap()))
        .collect();
    let services: Vec<&str> = subjects.iter().map(|it| &*it.0).collect();
    assert_eq!(services, ["demo-shop", "demo-bookclub", "demo-bookclub"]);
    assert_ne!(subjects[0].1, subjects[1].1);
    assert_eq!(subjects[1].1, subjects[2].1);
}

/// Nothing was shown, and nothing is asked for in 90 days.
#[tokio::test]
async fn a_cancel_with_nothing_shown_has_no_receipt() {
    let server = Server::demo().await;
    let mut child = server.browser_of("under-14").await;
    let challenge = child.challenged("demo-shop", &[]).await;
    child.decide(&challenge, &crate::browser::cancel()).await;
    assert_eq!(server.count("SELECT count(*) FROM decisions").await, 1);
    assert_eq!(server.count("SELECT count(*) FROM signed_receipts").await, 0);
    assert_eq!(super::faults(&server).await, Vec::<String>::new());
}
