//! When the screen appears, and what an answer leads to.

use consent_contract::{item::ItemKey, request::ConsentRequest};
use serde_json::Value;

use super::{
    SHOP, agree, bearer, everything, get, ok, post, request, required, server, server_with,
    sign_up, token,
};
use crate::browser::{Browser, Server, agreement, cancel, parameter};

fn tags(asked: &ConsentRequest) -> Vec<&str> {
    asked.terms.iter().map(|term| &*term.tag).collect()
}

fn ids(asked: &ConsentRequest) -> Vec<&str> {
    asked.personal_info.items.iter().map(|item| &*item.id).collect()
}

async fn asked(browser: &mut Browser, changes: &[(&str, &str)]) -> ConsentRequest {
    let challenge = browser.authorize(&request(changes)).await.challenge();
    browser.asked(&challenge).await
}

async fn gets_a_code(browser: &mut Browser, changes: &[(&str, &str)]) {
    let answer = browser.authorize(&request(changes)).await;
    assert!(answer.location_parameter("code").is_some(), "{changes:?}: {answer:?}");
}

#[tokio::test]
async fn the_first_connection_shows_the_screen() {
    let server = server().await;
    let asked = asked(&mut server.proxied("hana"), &[]).await;
    assert_eq!(tags(&asked), ["tos", "marketing"]);
    assert_eq!(ids(&asked), ["profile_nickname", "account_email", "shipping_address"]);
}

#[tokio::test]
async fn a_connected_user_gets_a_code_at_once() {
    let server = server().await;
    let mut browser = server.proxied("hana");
    agree(&mut browser, &request(&[]), required).await;
    gets_a_code(&mut browser, &[]).await;
}

#[tokio::test]
async fn a_user_of_plain_login_sees_the_screen_once() {
    let server = server().await;
    let mut browser = server.proxied("plain");
    agree(&mut browser, &request(&[]), required).await;
    gets_a_code(&mut browser, &[]).await;
}

#[tokio::test]
async fn a_new_required_term_shows_no_screen_by_itself() {
    let server = server().await;
    let mut browser = server.proxied("hana");
    agree(&mut browser, &request(&[]), required).await;
    server.app.close().await;
    let term = "[[service.terms]]\ntag = \"privacy\"\nkind = \"service\"\nrequired = true\n\
                version = \"1\"\neffective_from = 2026-01-01\ntitle = \"새 약관\"\ntext = \"새로운 글\"\n\n\
                [service.personal_info]";
    let toml = SHOP.replace("[service.personal_info]", term);
    let server = Server::configured_in(server.folder, &toml, crate::browser::ORIGIN).await.unwrap();
    let mut browser = server.proxied("hana");
    gets_a_code(&mut browser, &[]).await;
    assert_eq!(tags(&asked(&mut browser, &[("service_terms", "privacy")]).await), ["privacy"]);
}

/// The policy of a term holds in this dialect as well.
#[tokio::test]
async fn a_term_that_asks_at_once_shows_a_screen_by_itself() {
    let server = server().await;
    let mut browser = server.proxied("hana");
    agree(&mut browser, &request(&[]), required).await;
    server.app.close().await;
    let term = "[[service.terms]]\ntag = \"tos\"\nkind = \"service\"\nrequired = true\n\
                version = \"2\"\neffective_from = 2026-02-01\nask_again = \"at_once\"\n\
                title = \"이용약관\"\ntext = \"새로운 글\"\n\n[service.personal_info]";
    let toml = SHOP.replace("[service.personal_info]", term);
    let server = Server::configured_in(server.folder, &toml, crate::browser::ORIGIN).await.unwrap();
    let mut browser = server.proxied("hana");
    let silent = browser.authorize(&request(&[("prompt", "none")])).await;
    assert_eq!(silent.location_parameter("error").as_deref(), Some("consent_required"));
    assert_eq!(tags(&asked(&mut browser, &[]).await), ["tos"]);
    agree(&mut browser, &request(&[]), required).await;
    gets_a_code(&mut browser, &[]).await;
}

#[tokio::test]
async fn a_named_required_term_shows_a_screen_with_the_named_terms() {
    let server = server().await;
    let mut browser = server.proxied("hana");
    agree(&mut browser, &request(&[]), required).await;
    let asked = asked(&mut browser, &[("service_terms", "points,marketing,tos")]).await;
    assert_eq!(tags(&asked), ["marketing", "points"], "tos is agreed to");
    assert_eq!(ids(&asked), [""; 0]);
}

#[tokio::test]
async fn named_optional_or_agreed_terms_show_no_screen() {
    let server = server().await;
    let mut browser = server.proxied("hana");
    agree(&mut browser, &request(&[]), required).await;
    gets_a_code(&mut browser, &[("service_terms", "marketing")]).await;
    gets_a_code(&mut browser, &[("service_terms", "tos")]).await;
}

#[tokio::test]
async fn wrong_or_empty_tags_show_no_term_at_all() {
    let server = server().await;
    for tags_sent in ["wrong", ","] {
        let asked = asked(&mut server.proxied("hana"), &[("service_terms", tags_sent)]).await;
        assert_eq!(tags(&asked), [""; 0], "{tags_sent}");
        assert!(!ids(&asked).is_empty());
    }
    let empty = [&request(&[])[..], &[("service_terms", "")]].concat();
    let mut browser = server.proxied("hana");
    let challenge = browser.authorize(&empty).await.challenge();
    assert_eq!(tags(&browser.asked(&challenge).await), [""; 0]);
    let wrong = request(&[("service_terms", "wrong")]);
    let code = agree(&mut server.proxied("bare"), &wrong, everything).await;
    let tokens: Value = ok(&token(&server, &code, &[]).await);
    let terms = ok(&get(&server, "/v2/user/service_terms", &bearer(&tokens)).await);
    assert_eq!(terms["service_terms"], serde_json::json!([]), "signed up without any term");
    gets_a_code(&mut server.proxied("bare"), &[("service_terms", "wrong")]).await;
}

#[tokio::test]
async fn scope_names_items_that_are_asked_additionally() {
    let server = server().await;
    let mut browser = server.proxied("hana");
    agree(&mut browser, &request(&[]), required).await;
    let wanted = [("scope", "phone_number,profile_nickname")];
    let asked = asked(&mut browser, &wanted).await;
    assert_eq!(ids(&asked), ["phone_number"]);
    assert_eq!(tags(&asked), [""; 0]);
    agree(&mut browser, &request(&wanted), everything).await;
    gets_a_code(&mut browser, &wanted).await;
}

#[tokio::test]
async fn after_unlinking_the_screen_appears_and_agreements_are_renewed() {
    let server = server().await;
    let tokens = sign_up(&server, "hana").await;
    let agreed_at = async |tokens: &Value| {
        let terms = ok(&get(&server, "/v2/user/service_terms", &bearer(tokens)).await);
        terms["service_terms"][0]["agreed_at"].as_str().unwrap().to_owned()
    };
    let before = agreed_at(&tokens).await;
    ok(&post(&server, "/v1/user/unlink", &bearer(&tokens), &[]).await);
    server.clock.advance(60);
    let again = sign_up(&server, "hana").await;
    assert_ne!(agreed_at(&again).await, before);
}

#[tokio::test]
async fn prompt_none_never_shows_a_screen() {
    let server = server().await;
    let error = async |account: &'static str, changes: &[(&str, &str)]| {
        let changes = [changes, &[("prompt", "none")]].concat();
        let answer = server.proxied(account).authorize(&request(&changes)).await;
        assert_eq!(answer.location_parameter("iss"), None);
        assert_eq!(answer.location_parameter("state").unwrap(), "state of the shop");
        let error = answer.location_parameter("error").unwrap();
        (error, answer.location_parameter("error_description").unwrap())
    };
    let pair = |error: &str, description: &str| (error.to_owned(), description.to_owned());
    let consent = pair("consent_required", "user consent required.");
    assert_eq!(error("hana", &[]).await, consent);
    let signed_out = server.browser().authorize(&request(&[("prompt", "none")])).await;
    assert_eq!(signed_out.location_parameter("error").unwrap(), "login_required");
    let description = signed_out.location_parameter("error_description").unwrap();
    assert_eq!(description, "user authentication required.");
    agree(&mut server.proxied("hana"), &request(&[]), required).await;
    assert_eq!(error("hana", &[("scope", "phone_number")]).await, consent);
    assert_eq!(error("hana", &[("service_terms", "points")]).await, consent);
    gets_a_code(&mut server.proxied("hana"), &[("prompt", "none")]).await;
    let hint = [("prompt", "none"), ("login_hint", "hana@example.com")];
    gets_a_code(&mut server.proxied("hana"), &hint).await;

    let collects = [
        ("id = \"account_email\"", "id = \"account_email\"\ncollect = true"),
        ("\"Email address\" }\nrequired = false", "\"Email address\" }\nrequired = true"),
    ];
    let server = server_with(&collects).await;
    let answer = server.proxied("bare").authorize(&request(&[("prompt", "none")])).await;
    assert_eq!(answer.location_parameter("error").unwrap(), "interaction_required");
    let description = answer.location_parameter("error_description").unwrap();
    assert_eq!(description, "need to collect additional personal information.");
}

#[tokio::test]
async fn an_unapproved_app_signs_no_one_up_but_lets_members_in() {
    let server = server().await;
    agree(&mut server.proxied("hana"), &request(&[]), required).await;
    server.app.close().await;
    let toml = SHOP.replace("approved = true\n", "");
    let server = Server::configured_in(server.folder, &toml, crate::browser::ORIGIN).await.unwrap();
    gets_a_code(&mut server.proxied("hana"), &[]).await;
    let mut browser = server.proxied("bare");
    let challenge = browser.authorize(&request(&[])).await.challenge();
    let problem = browser.read(&challenge).await.problem();
    assert_eq!(problem.code, consent_contract::problem::Code::SimpleSignUpInactive);
    let silent = browser.authorize(&request(&[("prompt", "none")])).await;
    assert_eq!(silent.location_parameter("error").unwrap(), "interaction_required");
}

#[tokio::test]
async fn a_cancel_goes_back_with_access_denied() {
    let server = server().await;
    let mut browser = server.proxied("hana");
    let challenge = browser.authorize(&request(&[])).await.challenge();
    let recorded: consent_contract::decision::Recorded =
        browser.decide(&challenge, &cancel()).await.json();
    let expected = "https://shop.example/callback?error=access_denied\
                    &error_description=User%20denied%20access&state=state%20of%20the%20shop";
    assert_eq!(recorded.redirect_to, expected);
}

#[tokio::test]
async fn a_required_item_that_is_not_agreed_to_gives_no_code() {
    let server = server().await;
    let mut browser = server.proxied("hana");
    let challenge = browser.authorize(&request(&[])).await.challenge();
    let asked = browser.asked(&challenge).await;
    let nothing = agreement(&asked, |_, _| false);
    let problem = browser.decide(&challenge, &nothing).await.problem();
    assert_eq!(problem.code, consent_contract::problem::Code::RequiredItemsMissing);
    assert_eq!(server.count("SELECT count(*) FROM codes").await, 0);
}

#[tokio::test]
async fn refused_optional_items_show_as_refused_in_every_api() {
    let server = server().await;
    let code = agree(&mut server.proxied("hana"), &request(&[]), required).await;
    let tokens: Value = ok(&token(&server, &code, &[]).await);
    assert_eq!(tokens["scope"], "profile_nickname");
    let me = ok(&get(&server, "/v2/user/me", &bearer(&tokens)).await);
    assert_eq!(me["kakao_account"]["email_needs_agreement"], true);
    assert!(me["kakao_account"].get("email").is_none());
    let scopes = ok(&get(&server, "/v2/user/scopes", &bearer(&tokens)).await);
    assert_eq!(scopes["scopes"][1]["id"], "account_email");
    assert_eq!(scopes["scopes"][1]["agreed"], false);
    let path = "/v2/user/service_terms?result=app_service_terms";
    let terms = ok(&get(&server, path, &bearer(&tokens)).await);
    assert_eq!(terms["service_terms"][1]["tag"], "marketing");
    assert_eq!(terms["service_terms"][1]["agreed"], false);
}

#[tokio::test]
async fn accounts_under_the_age_are_not_asked() {
    let server = server().await;
    let mut browser = server.proxied("young");
    let silent = browser.authorize(&request(&[("prompt", "none")])).await;
    assert_eq!(silent.location_parameter("error").unwrap(), "interaction_required");
    assert_eq!(silent.location_parameter("error_description").unwrap(), "Not allowed under age 14");
    let challenge = browser.authorize(&request(&[])).await.challenge();
    let problem = browser.read(&challenge).await.problem();
    let back = problem.redirect_to.unwrap();
    assert_eq!(parameter(&back, "error").unwrap(), "access_denied");
    assert_eq!(parameter(&back, "error_description").unwrap(), "Not allowed under age 14");
}

#[tokio::test]
async fn an_added_channel_is_not_offered_again() {
    let server = server().await;
    let mut browser = server.proxied("hana");
    agree(&mut browser, &request(&[]), |key, required| {
        required || matches!(key, ItemKey::Channel(_))
    })
    .await;
    let asked = asked(&mut browser, &[("scope", "account_email")]).await;
    assert!(consent_contract::channel::offered(&asked).is_empty());
}
