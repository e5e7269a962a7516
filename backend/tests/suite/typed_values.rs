//! Values as people paste and type them, on their way to the service.

use axum::http::StatusCode;
use consent_contract::{item::ItemKey, value::ValueFault};

use crate::browser::{Answer, Server, changed, required_only};

/// Agrees with an address of e-mail that was typed like this.
async fn agree(server: &Server, typed: &str) -> Answer {
    let mut browser = server.browser_of("no-email").await;
    let challenge = browser.challenged("demo-shop", &[]).await;
    let decision = changed(required_only(&browser.asked(&challenge).await), |agreement| {
        agreement.personal_info[1].value = Some(typed.to_owned());
    });
    browser.decide(&challenge, &decision).await
}

#[tokio::test]
async fn an_address_is_kept_in_one_form_however_it_was_typed() {
    const PLAIN: &str = "SELECT count(*) FROM agreements WHERE value = 'hana@example.com'";
    const KOREAN: &str = "SELECT count(*) FROM agreements WHERE value = 'hana@xn--3e0b707e.kr'";
    for (typed, kept) in [
        ("\u{200b}hana@example.com", PLAIN),
        ("ｈａｎａ＠ｅｘａｍｐｌｅ．ｃｏｍ", PLAIN),
        ("\u{202a}hana@Example.COM\u{202c}", PLAIN),
        ("hana@한국.kr", KOREAN),
        ("hana＠\u{1112}\u{1161}\u{11ab}\u{1100}\u{116e}\u{11a8}。KR", KOREAN),
        ("hana@XN--3E0B707E.kr", KOREAN),
    ] {
        let server = Server::demo().await;
        let answer = agree(&server, typed).await;
        assert_eq!(answer.status, StatusCode::OK, "{typed:?}: {}", answer.text());
        assert_eq!(server.count(kept).await, 1, "{typed:?}");
    }
}

/// The same function judges on both sides, so what has no form to be kept in is never accepted.
#[tokio::test]
async fn an_address_that_cannot_be_kept_is_refused_with_its_reason() {
    let server = Server::demo().await;
    for (typed, reason) in [
        ("하나@example.com", ValueFault::UnexpectedCharacter),
        ("hana@i❤.example", ValueFault::UnexpectedCharacter),
        ("hana@-한국.kr", ValueFault::NotAnEmail),
        ("hana@xn--한국.kr", ValueFault::NotAnEmail),
    ] {
        let problem = agree(&server, typed).await.problem();
        assert_eq!(problem.invalid[0].id, ItemKey::Item("account_email".into()));
        assert_eq!(problem.invalid[0].reason, reason, "{typed}");
    }
    assert_eq!(server.count("SELECT count(*) FROM decisions").await, 0);
}
