//! The words of the first screen of a member by plain login, and the days on it.

use consent_contract::request::Purpose;

use crate::{
    browser::{Server, cancel, service},
    form::RenderedPage,
    screen,
};

#[tokio::test]
async fn a_member_by_plain_login_is_addressed_as_one() {
    let server = Server::demo().await;
    screen::build(&server);
    screen::make_room(&server);
    for (language, heading, cancels) in [
        ("ko", "한옥마켓의 추가 동의 요청", "취소해도"),
        ("en", "Hanok Market is asking for more consent", "If you cancel"),
        ("ja", "ハノクマーケットからの追加の同意リクエスト", "キャンセルしても"),
    ] {
        let mut member = server.browser_of("login-only").await;
        member.language = Some(language);
        let challenge = member.challenged("demo-shop", &[]).await;
        let page = RenderedPage::of(member.get(&format!("/consent/{challenge}")).await);
        assert_eq!(page.texts("h1"), [heading]);
        assert!(page.texts(".lead").concat().contains(cancels), "{:?}", page.texts(".lead"));
        assert_eq!(page.count("#already-agreed li"), 1, "what was shared so far");
    }
}

#[tokio::test]
async fn the_request_names_what_is_new_and_what_was_shared() {
    let server = Server::demo().await;
    let mut member = server.browser_of("login-only").await;
    let challenge = member.challenged("demo-shop", &[]).await;
    let request = member.asked(&challenge).await;
    assert_eq!(request.purpose, Purpose::SignUp);
    // The app does not read them, see `ConsentRequest::reasons`.
    let message: serde_json::Value = member.read(&challenge).await.json();
    let reasons = message["reasons"].as_array().unwrap();
    assert_eq!(reasons.len(), 2, "{message}");
    assert_eq!(reasons[0]["code"], "new_items");
    assert_eq!(reasons[1]["code"], "requested");
    assert_eq!(reasons[1]["items"], serde_json::json!(["item:profile_nickname"]));
    let shared: Vec<_> =
        request.already_agreed.personal_info.iter().map(|it| it.id.as_str()).collect();
    assert_eq!(shared, ["profile_nickname"]);
    // A cancel changes nothing.
    let agreements = "SELECT count(*) FROM agreements WHERE account = 'login-only'";
    let before = server.count(agreements).await;
    member.decide(&challenge, &cancel()).await;
    assert_eq!(server.count(agreements).await, before);
    let mut newcomer = server.browser_of("new").await;
    let challenge = newcomer.challenged("demo-shop", &[]).await;
    assert_eq!(newcomer.asked(&challenge).await.already_agreed, Default::default());
}

/// "Agreed on" names the day that it was at the service: between midnight and nine in the morning it is
/// still yesterday in UTC.
#[tokio::test]
async fn the_day_of_an_agreement_is_the_one_of_the_service() {
    let server = Server::demo().await;
    let night = 1_795_719_600; // 2026-11-27 04:00 in Seoul, 19:00 of the day before in UTC.
    server.clock.advance(night - server.clock.now());
    let mut browser = server.browser_of("new").await;
    let challenge = browser.challenged("demo-shop", &[]).await;
    browser.agrees(&challenge).await;
    let more = [&service("demo-shop")[..], &[("scope", "phone_number")]].concat();
    let challenge = browser.authorize(&more).await.challenge();
    let request = browser.asked(&challenge).await;
    assert_eq!(request.already_agreed.terms[0].agreed_at, "2026-11-27T04:00:00+09:00");
}
