//! A required value that will not come: the service stops, or goes on without it.

use axum::http::StatusCode;
use consent_contract::decision::{Decision, Recorded};

use crate::{
    browser::{Browser, CHALLENGE, Server, agreement, changed, parameter},
    form::RenderedPage,
    screen,
    shop::{self, SHOP, SIGN_IN},
};

async fn server(item: &str) -> Server {
    let item = format!(
        "\n[[service.personal_info.items]]\nid = \"account_email\"\nlabel = \"이메일\"\n\
         required = true\n{item}\n"
    );
    let toml = format!("{SHOP}{item}{SIGN_IN}{}", shop::account("hana"));
    let server = Server::configured(&toml).await.unwrap();
    screen::build(&server);
    screen::make_room(&server);
    server
}

const REQUEST: [(&str, &str); 5] = [
    ("response_type", "code"),
    ("client_id", "shop"),
    ("redirect_uri", "https://shop.example/callback"),
    ("code_challenge", CHALLENGE),
    ("code_challenge_method", "S256"),
];

async fn answers_nothing(browser: &mut Browser) -> (String, Decision) {
    let challenge = browser.authorize(&REQUEST).await.challenge();
    let request = browser.asked(&challenge).await;
    let decision = changed(agreement(&request, |_, _| true), |agreement| {
        for answer in &mut agreement.personal_info {
            if let Some(value) = &mut answer.value {
                value.clear();
            }
        }
    });
    (challenge, decision)
}

#[tokio::test]
async fn a_service_goes_on_without_a_value() {
    for item in ["", "when_missing = \"continue\"", "collect = true\nwhen_missing = \"continue\""] {
        let server = server(item).await;
        let mut browser = server.proxied("hana");
        let (challenge, decision) = answers_nothing(&mut browser).await;
        let answer = browser.decide(&challenge, &decision).await;
        assert_eq!(answer.status, StatusCode::OK, "{item}: {}", answer.text());
        let recorded: Recorded = answer.json();
        assert!(parameter(&recorded.redirect_to, "code").is_some());
        let value =
            "SELECT count(*) FROM agreements WHERE key = 'item:account_email' AND value IS NULL";
        assert_eq!(server.count(value).await, 1, "{item}: agreed to, without a value");
    }
}

#[tokio::test]
async fn a_value_that_may_be_empty_is_checked_where_it_is_typed() {
    let server = server("collect = true\nwhen_missing = \"continue\"").await;
    let mut browser = server.proxied("hana");
    let (challenge, decision) = answers_nothing(&mut browser).await;
    let typed = |text: &str| {
        changed(decision.clone(), |it| {
            let email = it.personal_info.iter_mut().find(|it| it.id == "account_email").unwrap();
            email.value = Some(text.to_owned());
        })
    };
    assert_eq!(browser.decide(&challenge, &typed("no address")).await.status, 422);
    assert_eq!(browser.decide(&challenge, &typed("hana@example.com")).await.status, 200);
}

/// The default where the screen asks for the value.
#[tokio::test]
async fn a_value_that_can_be_typed_has_to_be() {
    let server = server("collect = true").await;
    let mut browser = server.proxied("hana");
    let (challenge, decision) = answers_nothing(&mut browser).await;
    assert_eq!(browser.decide(&challenge, &decision).await.status, 422);
}

#[tokio::test]
async fn a_service_stops_where_a_value_cannot_come() {
    let server = server("when_missing = \"stop\"").await;
    for (language, heading) in [
        ("ko", "계정에 필요한 정보가 없습니다"),
        ("en", "Your account lacks something"),
        ("ja", "アカウントに必要な情報がありません"),
    ] {
        let mut browser = server.proxied("hana");
        browser.language = Some(language);
        let page = RenderedPage::of(browser.authorize(&REQUEST).await);
        assert_eq!(page.answer.status, StatusCode::FORBIDDEN);
        assert_eq!(page.texts("h1"), [heading]);
        assert!(page.answer.text().contains("이메일"), "which value");
        let back = page.attribute("a.way", "href");
        assert_eq!(parameter(&back, "error").unwrap(), "access_denied");
        assert_eq!(parameter(&back, "error_description").unwrap(), "a required value is missing");
    }
    let silent = [&REQUEST[..], &[("prompt", "none")]].concat();
    let answer = server.proxied("hana").authorize(&silent).await;
    assert_eq!(answer.location_parameter("error").unwrap(), "interaction_required");
    assert_eq!(server.count("SELECT count(*) FROM decisions").await, 0);
}

#[tokio::test]
async fn an_optional_value_needs_no_such_choice() {
    let toml = format!(
        "{SHOP}\n[[service.personal_info.items]]\nid = \"account_email\"\nlabel = \"이메일\"\n\
         required = false\nwhen_missing = \"stop\"\n"
    );
    let error = Server::configured(&toml).await.err().unwrap().to_string();
    assert!(error.contains("`when_missing` is for required items"), "{error}");
}
