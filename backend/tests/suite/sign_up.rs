//! The main job: who sees the screen, and what comes of it.

use consent_contract::{
    item::ItemKey,
    request::{ConsentState, Mode, Purpose},
};

use crate::browser::{Server, agreement, cancel, parameter, required_only, service};

#[tokio::test]
async fn a_newcomer_agrees_to_the_required_items_and_everything_asked_is_written_down() {
    let server = Server::demo().await;
    let mut browser = server.browser_of("new").await;
    let challenge = browser.challenged("demo-shop", &[]).await;
    let request = browser.asked(&challenge).await;
    assert_eq!(request.purpose, Purpose::SignUp);
    assert_eq!(request.service.mode, Mode::Live);
    assert_eq!(request.service.destination_origin, "http://127.0.0.1:8080");
    let asked: Vec<_> = request.terms.iter().map(|t| (t.tag.as_str(), t.required)).collect();
    assert_eq!(asked, [("tos", true), ("privacy", true), ("marketing", false)]);
    let items = request.personal_info.items.iter().map(|i| (i.id.as_str(), i.required));
    assert_eq!(
        items.collect::<Vec<_>>(),
        [("profile_nickname", true), ("account_email", true), ("phone_number", false)]
    );

    let answer = browser.decide(&challenge, &required_only(&request)).await;
    let recorded: consent_contract::decision::Recorded = answer.json();
    assert!(recorded.redirect_to.starts_with("http://127.0.0.1:8080/demo/callback?code="));
    assert_eq!(parameter(&recorded.redirect_to, "state").unwrap(), "state of the service");
    assert_eq!(parameter(&recorded.redirect_to, "iss").unwrap(), "http://127.0.0.1:8080");

    // One decision, one row for each item asked, the refused ones included.
    assert_eq!(server.count("SELECT count(*) FROM decisions").await, 1);
    assert_eq!(server.count("SELECT count(*) FROM receipt_items").await, 7);
    assert_eq!(server.count("SELECT count(*) FROM receipt_items WHERE agreed = FALSE").await, 3);
    let terms = "SELECT count(*) FROM receipt_items JOIN documents USING (digest, version, locale)
                 WHERE receipt_items.key = 'term:' || documents.tag";
    assert_eq!(server.count(terms).await, 3, "each term's row leads to the text that was shown");
    let items = "SELECT count(*) FROM receipt_items JOIN statements USING (digest, locale)
                 WHERE kind = 'provision'";
    assert_eq!(server.count(items).await, 3, "each item's row leads to the statements shown");
}

#[tokio::test]
async fn an_account_that_agreed_before_sees_no_screen() {
    let server = Server::demo().await;
    let mut browser = server.browser_of("returning").await;
    let answer = browser.authorize(&service("demo-shop")).await;
    assert!(answer.location_parameter("code").is_some());

    let mut browser = server.browser_of("new").await;
    let challenge = browser.challenged("demo-shop", &[]).await;
    browser.agrees(&challenge).await;
    assert!(browser.authorize(&service("demo-shop")).await.location_parameter("code").is_some());
}

#[tokio::test]
async fn an_account_of_plain_login_is_asked_once() {
    let server = Server::demo().await;
    let mut browser = server.browser_of("login-only").await;
    let challenge = browser.challenged("demo-shop", &[]).await;
    assert_eq!(browser.asked(&challenge).await.purpose, Purpose::SignUp);
    browser.agrees(&challenge).await;
    assert!(browser.authorize(&service("demo-shop")).await.location_parameter("code").is_some());
}

#[tokio::test]
async fn a_new_required_term_is_asked_for_only_by_name() {
    let server = Server::demo().await;
    let mut browser = server.browser_of("returning").await;
    assert!(browser.authorize(&service("demo-travel")).await.location_parameter("code").is_some());

    let challenge = browser.challenged("demo-travel", &[("service_terms", "travel_notice")]).await;
    let request = browser.asked(&challenge).await;
    assert_eq!(request.purpose, Purpose::AdditionalConsent);
    assert_eq!(request.terms.len(), 1);
    assert_eq!(request.terms[0].tag, "travel_notice");
    assert!(request.personal_info.items.is_empty());
    let agreed: Vec<_> = request.already_agreed.terms.iter().map(|t| t.tag.as_str()).collect();
    assert_eq!(agreed, ["tos", "privacy"]);
    assert_eq!(request.already_agreed.terms[0].agreed_at, "2026-04-20T10:15:00+09:00");
    assert_eq!(request.already_agreed.personal_info.len(), 2);

    browser.agrees(&challenge).await;
    let named = [&service("demo-travel")[..], &[("service_terms", "travel_notice")]].concat();
    assert!(
        browser.authorize(&named).await.location_parameter("code").is_some(),
        "agreed to by now"
    );
}

#[tokio::test]
async fn naming_optional_or_agreed_terms_shows_no_screen() {
    let server = Server::demo().await;
    let mut browser = server.browser_of("new").await;
    let challenge = browser.challenged("demo-shop", &[]).await;
    browser.agrees(&challenge).await;
    for tags in ["marketing", "tos", "tos,marketing"] {
        let named = [&service("demo-shop")[..], &[("service_terms", tags)]].concat();
        assert!(browser.authorize(&named).await.location_parameter("code").is_some(), "{tags}");
    }
}

#[tokio::test]
async fn naming_an_item_that_was_refused_asks_for_it() {
    let server = Server::demo().await;
    let mut browser = server.browser_of("new").await;
    let challenge = browser.challenged("demo-shop", &[]).await;
    browser.agrees(&challenge).await;
    // With a comma, as the platform's documents write it, and with a space, as its SDKs do.
    for scope in ["openid,phone_number,account_email", "openid phone_number"] {
        let challenge = browser.challenged("demo-shop", &[("scope", scope)]).await;
        let request = browser.asked(&challenge).await;
        let ids: Vec<_> = request.personal_info.items.iter().map(|i| i.id.as_str()).collect();
        assert_eq!(ids, ["phone_number"]);
        assert!(request.terms.is_empty() && request.channels.iter().all(|c| !c.requested));
    }
    let challenge = browser.challenged("demo-shop", &[("scope", "openid shipping_address")]).await;
    let request = browser.asked(&challenge).await;
    assert_eq!(request.personal_info.items[0].id, "shipping_address");
    let all = agreement(&request, |_, _| true);
    assert_eq!(browser.decide(&challenge, &all).await.status, 200);
}

#[tokio::test]
async fn a_sign_up_leaves_out_what_is_only_asked_by_name() {
    let server = Server::demo().await;
    let mut browser = server.browser_of("new").await;
    let has_address = |request: &consent_contract::request::ConsentRequest| {
        request.personal_info.items.iter().any(|item| item.id == "shipping_address")
    };
    let challenge = browser.challenged("demo-shop", &[]).await;
    assert!(!has_address(&browser.asked(&challenge).await));
    let challenge = browser.challenged("demo-shop", &[("scope", "shipping_address")]).await;
    assert!(has_address(&browser.asked(&challenge).await));
}

#[tokio::test]
async fn an_optional_item_without_a_value_is_not_asked() {
    let server = Server::demo().await;
    // This account has no phone number, and the shop does not collect one.
    let mut browser = server.browser_of("channel-added").await;
    let challenge = browser.challenged("demo-shop", &[]).await;
    let request = browser.asked(&challenge).await;
    assert!(!request.personal_info.items.iter().any(|item| item.id == "phone_number"));
}

#[tokio::test]
async fn a_missing_address_is_typed_on_the_screen() {
    let server = Server::demo().await;
    let mut browser = server.browser_of("no-email").await;
    let challenge = browser.challenged("demo-shop", &[("scope", "openid")]).await;
    let request = browser.asked(&challenge).await;
    let item = &request.personal_info.items[1];
    assert_eq!((item.id.as_str(), item.value.as_deref()), ("account_email", None));
    assert!(item.to_collect().is_some());

    let typed = |value: &str| {
        crate::browser::changed(required_only(&request), |agreement| {
            agreement.personal_info[1].value = Some(value.to_owned());
        })
    };
    let problem = browser.decide(&challenge, &typed("hana@nowhere")).await.problem();
    assert_eq!(problem.invalid[0].id, ItemKey::Item("account_email".into()));
    assert_eq!(problem.invalid[0].reason, consent_contract::value::ValueFault::NotAnEmail);

    // Nothing is lost: the same challenge takes a good one.
    let answer = browser.decide(&challenge, &typed(" isol@Example.COM ")).await;
    assert_eq!(answer.status, 200, "{}", answer.text());
    let in_receipt = "SELECT count(*) FROM receipt_items WHERE receipt_items.title LIKE '%@%'";
    assert_eq!(server.count(in_receipt).await, 0);
    let kept = "SELECT count(*) FROM agreements WHERE value = 'isol@example.com'";
    assert_eq!(server.count(kept).await, 1);
}

#[tokio::test]
async fn a_cancel_is_redirected_and_recorded() {
    let server = Server::demo().await;
    let mut browser = server.browser_of("new").await;
    let challenge = browser.challenged("demo-shop", &[]).await;
    let answer = browser.decide(&challenge, &cancel()).await;
    let recorded: consent_contract::decision::Recorded = answer.json();
    assert!(recorded.redirect_to.contains("error=access_denied"));
    assert!(recorded.redirect_to.contains("error_description=User%20denied%20access"));
    assert_eq!(parameter(&recorded.redirect_to, "state").unwrap(), "state of the service");
    assert_eq!(server.count("SELECT count(*) FROM decisions WHERE decision = 'cancel'").await, 1);
    assert_eq!(server.count("SELECT count(*) FROM receipt_items WHERE agreed = TRUE").await, 0);
    assert_eq!(server.count("SELECT count(*) FROM receipt_items").await, 7);
    assert_eq!(server.count("SELECT count(*) FROM links WHERE account = 'new'").await, 0);
    assert_eq!(server.count("SELECT count(*) FROM codes").await, 0);
    browser.challenged("demo-shop", &[]).await;
}

#[tokio::test]
async fn what_was_answered_in_another_tab_is_not_asked_again() {
    let server = Server::demo().await;
    let mut browser = server.browser_of("new").await;
    let first = browser.challenged("demo-shop", &[]).await;
    let second = browser.challenged("demo-shop", &[("ui_locales", "ko")]).await;
    browser.agrees(&first).await;
    let answer = browser.read(&second).await;
    let Ok(ConsentState::Done { redirect_to }) = ConsentState::from_json(answer.text()) else {
        panic!("{answer:?}");
    };
    assert!(browser.get(&redirect_to).await.location_parameter("code").is_some());
}

#[tokio::test]
async fn a_test_app_is_open_to_its_members() {
    let server = Server::demo().await;
    let mut browser = server.browser_of("returning").await;
    let challenge = browser.challenged("demo-test-app", &[]).await;
    let request = browser.asked(&challenge).await;
    assert_eq!(request.service.mode, Mode::Test);
    browser.agrees(&challenge).await;
}

#[tokio::test]
async fn an_account_keeps_its_challenges_when_it_signs_in_again() {
    let server = Server::demo().await;
    let mut browser = server.browser_of("new").await;
    let challenge = browser.challenged("demo-shop", &[]).await;
    let before = browser.cookie("session").to_owned();
    browser.get("/demo/login?account=new").await;
    assert_ne!(browser.cookie("session"), before, "the cookie is another one");
    browser.agrees(&challenge).await;
}

#[tokio::test]
async fn everything_can_be_agreed_to() {
    let server = Server::demo().await;
    let mut browser = server.browser_of("new").await;
    let challenge = browser.challenged("demo-shop", &[]).await;
    let request = browser.asked(&challenge).await;
    let all = agreement(&request, |_, _| true);
    assert_eq!(browser.decide(&challenge, &all).await.status, 200);
    assert_eq!(server.count("SELECT count(*) FROM receipt_items WHERE agreed = TRUE").await, 7);
    let added =
        "SELECT count(*) FROM channel_relations WHERE account = 'new' AND relation = 'added'";
    assert_eq!(server.count(added).await, 1);
}
