//! The account that belongs to who signed in.

use axum::http::StatusCode;
use consent_backend::Store;
use consent_contract::problem::Code;
use serde_json::{Value, json};

use super::{
    Server, claims, comes_back, english, hana, page, provider::Provider, request, sent, server,
    server_with, signs_in, signs_up,
};
use crate::browser::{Answer, Browser};

const UNKNOWN: &str = "This account isn't registered";

/// Signs in with these claims beside those of Hana.
async fn signs_in_as(
    browser: &mut Browser,
    server: &Server,
    provider: &Provider,
    more: Value,
) -> Answer {
    let at = sent(browser, provider, &request(&[])).await;
    let mut claims = hana(server, provider, &at);
    for (name, value) in more.as_object().unwrap() {
        match value {
            Value::Null => drop(claims.as_object_mut().unwrap().remove(name)),
            value => claims[name] = value.clone(),
        }
    }
    comes_back(browser, provider, &at, &claims).await
}

#[tokio::test]
async fn values_are_those_of_the_last_sign_in() {
    let (provider, server) = server().await;
    let mut browser = server.browser();
    signs_up(&mut browser, &server, &provider).await;
    browser.cookies.clear();
    let changed = json!({ "email": "new@example.com", "email_verified": false, "name": null });
    let back = signs_in_as(&mut browser, &server, &provider, changed).await;
    let answer = browser.get(back.location()).await;
    let code = answer.location_parameter("code").unwrap();
    let (_, about) = claims(&server, &code).await;
    assert_eq!(about["email"], "new@example.com");
    assert_eq!(about["email_verified"], false, "what the provider has not verified is not");
    assert_eq!(about["nickname"], "0001");
    assert_eq!(server.count("SELECT count(*) FROM accounts").await, 1);
}

#[tokio::test]
async fn claims_of_other_names_can_be_mapped() {
    if !crate::database::is_sqlite(
        "provider_sign_in::accounts::claims_of_other_names_can_be_mapped",
    ) {
        return;
    }
    let provider = Provider::new().await;
    let more = "account_claim = \"preferred_username\"\n\
                claims = { nickname = \"display\", birthday = \"born\", under_14 = \"is_child\" }\n";
    let server = server_with(&provider, more).await;
    let mut browser = server.browser();
    let who = json!({ "preferred_username": "hana", "display": "하나님", "born": "1990-02-28" });
    signs_in_as(&mut browser, &server, &provider, who).await.location();
    let kept = "SELECT count(*) FROM accounts WHERE id = 'hana' AND subject = '0001'
                AND json_extract(attributes, '$.nickname') = '하나님'
                AND json_extract(attributes, '$.birthday') = '1990-02-28'
                AND json_extract(attributes, '$.email') = 'hana@example.com'";
    assert_eq!(server.count(kept).await, 1);
    // She has married; her account stays hers.
    let mut browser = server.browser();
    let who = json!({ "preferred_username": "hana.kim" });
    signs_in_as(&mut browser, &server, &provider, who).await.location();
    assert_eq!(server.count("SELECT count(*) FROM accounts WHERE id = 'hana'").await, 1);
    assert_eq!(server.count("SELECT count(*) FROM accounts").await, 1);
    // Another user gets the name that she had, and not her account.
    let mut thief = english(&server);
    let who = json!({ "sub": "0002", "preferred_username": "hana" });
    let answer = signs_in_as(&mut thief, &server, &provider, who).await;
    page(&answer, StatusCode::FORBIDDEN, UNKNOWN);
    assert_eq!(thief.cookie_name("session"), None);
    let mut unnamed = english(&server);
    let answer = signs_in_as(&mut unnamed, &server, &provider, json!({})).await;
    assert_eq!(answer.status, StatusCode::SEE_OTHER, "she is known by her sub");
}

/// Anyone can write anyone's address into a profile.
#[tokio::test]
async fn an_address_that_was_not_verified_is_no_account() {
    let provider = Provider::new().await;
    let server = server_with(&provider, "account_claim = \"email\"\n").await;
    for verified in [json!(false), json!(null)] {
        let mut browser = english(&server);
        let answer =
            signs_in_as(&mut browser, &server, &provider, json!({ "email_verified": verified }))
                .await;
        page(&answer, StatusCode::FORBIDDEN, UNKNOWN);
        super::nothing_happened(&browser, &server).await;
    }
    signs_in_as(&mut server.browser(), &server, &provider, json!({})).await.location();
    let kept = "SELECT count(*) FROM accounts WHERE id = 'hana@example.com'";
    assert_eq!(server.count(kept).await, 1);
}

/// Whether a value was verified is said of the standard claim, and not of another that is used instead.
#[tokio::test]
async fn a_claim_of_another_name_is_verified_only_by_a_claim_that_is_named_for_it() {
    if !crate::database::is_sqlite(
        "provider_sign_in::accounts::a_claim_of_another_name_is_verified_only_by_a_claim_that_is_named_for_it",
    ) {
        return;
    }
    let said = json!({
        "mail": "other@example.com", "mobile": "+82 10-1234-5678",
        "email_verified": true, "phone_number_verified": true, "mail_checked": true,
    });
    for (claims, email, phone) in [
        ("email = \"mail\"", 0, 1),
        ("phone = \"mobile\"", 1, 0),
        ("email = \"mail\", phone = \"mobile\"", 0, 0),
        ("email = \"mail\", email_verified = \"mail_checked\"", 1, 1),
        ("email = \"mail\", email_verified = \"missing\"", 0, 1),
        ("phone = \"mobile\", phone_number_verified = \"phone_number_verified\"", 1, 1),
        ("nickname = \"display\"", 1, 1),
    ] {
        let provider = Provider::new().await;
        let server = server_with(&provider, &format!("claims = {{ {claims} }}\n")).await;
        let mut browser = server.browser();
        signs_in_as(&mut browser, &server, &provider, said.clone()).await.location();
        let verified = "SELECT count(*) FROM accounts
                        WHERE json_extract(attributes, '$.email_verified')";
        assert_eq!(server.count(verified).await, email, "{claims}");
        let verified = "SELECT count(*) FROM accounts
                        WHERE json_extract(attributes, '$.phone_number_verified')";
        assert_eq!(server.count(verified).await, phone, "{claims}");
    }
}

/// What an account of the services file had stays its own after it has left the file.
#[tokio::test]
async fn a_claim_does_not_take_over_what_an_account_of_the_file_had() {
    let provider = Provider::new().await;
    let server = Server::configured(&crate::shop::proxied(&["0001"])).await.unwrap();
    let mut before = server.proxied("0001");
    let challenge = before.get(&request(&[])).await.challenge();
    before.agrees(&challenge).await;
    server.app.close().await;
    let toml = super::toml(&provider, "");
    let server = Server::configured_in(server.folder, &toml, crate::browser::ORIGIN).await.unwrap();
    let mut browser = english(&server);
    let answer = signs_in_as(&mut browser, &server, &provider, json!({})).await;
    page(&answer, StatusCode::FORBIDDEN, UNKNOWN);
    assert_eq!(browser.cookie_name("session"), None);
    assert_eq!(server.count("SELECT count(*) FROM accounts").await, 0);
    // An operator knows whether this is the same user.
    let bound = std::process::Command::new(env!("CARGO_BIN_EXE_consent-backend"))
        .args(["accounts", "bind", "0001", "--subject", "0001", "--issuer"])
        .arg(&provider.issuer)
        .arg("--data-dir")
        .arg(crate::database::argument(server.folder.path()))
        .output()
        .unwrap();
    assert!(bound.status.success(), "{bound:?}");
    signs_in_as(&mut browser, &server, &provider, json!({})).await.location();
    assert_eq!(server.count("SELECT count(*) FROM sessions WHERE account = '0001'").await, 1);
    crate::screen::build(&server);
    crate::screen::make_room(&server);
    let page = browser.get("/account").await;
    assert!(page.text().contains("가게"), "a member: {}", page.text());
}

/// Services know an account by a `sub` that is derived from its id: another user never gets it.
#[tokio::test]
async fn the_name_of_an_erased_account_is_for_no_other_user() {
    let provider = Provider::new().await;
    let server = server_with(&provider, "account_claim = \"preferred_username\"\n").await;
    let who = json!({ "preferred_username": "hana" });
    signs_in_as(&mut server.browser(), &server, &provider, who.clone()).await.location();
    let store = Store::open_existing(server.location()).await.unwrap();
    store.erase("hana", server.clock.now()).await.unwrap();
    store.close().await;
    let mut other = english(&server);
    let namesake = json!({ "sub": "0002", "preferred_username": "hana" });
    let answer = signs_in_as(&mut other, &server, &provider, namesake).await;
    page(&answer, StatusCode::FORBIDDEN, UNKNOWN);
    super::nothing_happened(&other, &server).await;
    signs_in_as(&mut server.browser(), &server, &provider, who).await.location();
    assert_eq!(server.count("SELECT count(*) FROM accounts WHERE id = 'hana'").await, 1);
}

/// An account of the services file is not the provider's to give.
#[tokio::test]
async fn an_account_of_the_file_cannot_be_taken_over() {
    let provider = Provider::new().await;
    let more = format!("{}email = \"file@example.com\"\n", crate::shop::account("0001"));
    let server = server_with(&provider, &more).await;
    let mut browser = english(&server);
    let answer = signs_in_as(&mut browser, &server, &provider, json!({})).await;
    page(&answer, StatusCode::FORBIDDEN, UNKNOWN);
    super::nothing_happened(&browser, &server).await;
}

#[tokio::test]
async fn a_subject_that_cannot_be_an_id_has_no_account() {
    let (provider, server) = server().await;
    for bad in ["", "ha na", "하나", "a".repeat(256).as_str()] {
        let mut browser = english(&server);
        let answer = signs_in_as(&mut browser, &server, &provider, json!({ "sub": bad })).await;
        page(&answer, StatusCode::FORBIDDEN, UNKNOWN);
        super::nothing_happened(&browser, &server).await;
    }
}

#[tokio::test]
async fn a_disabled_account_is_signed_out_and_cannot_sign_in() {
    let (provider, server) = server().await;
    let mut browser = english(&server);
    let code = signs_up(&mut browser, &server, &provider).await;
    let store = Store::open_existing(server.location()).await.unwrap();
    assert!(store.set_disabled("0001", Some(server.clock.now())).await.unwrap());
    let tokens = browser.get(&request(&[("prompt", "none")])).await;
    assert_eq!(tokens.location_parameter("error").as_deref(), Some("login_required"));
    let form = format!(
        "grant_type=authorization_code&code={code}&client_id=shop&\
         redirect_uri=https%3A%2F%2Fshop.example%2Fcallback&code_verifier={}",
        crate::browser::VERIFIER
    );
    let refused = server.browser().post("/oauth/token", crate::client::FORM, form).await;
    assert_eq!(refused.status, StatusCode::BAD_REQUEST, "{}", refused.text());
    let answer = signs_in_as(&mut browser, &server, &provider, json!({})).await;
    let links = page(&answer, StatusCode::FORBIDDEN, "This account is disabled");
    assert!(links[0].contains("prompt=select_account"), "{links:?}");
    assert!(store.set_disabled("0001", None).await.unwrap());
    store.close().await;
    signs_in_as(&mut browser, &server, &provider, json!({})).await.location();
}

#[tokio::test]
async fn the_age_that_the_provider_gives_counts() {
    let (provider, server) = server().await;
    let mut browser = english(&server);
    let back =
        signs_in_as(&mut browser, &server, &provider, json!({ "birthdate": "2020-01-01" })).await;
    let challenge = browser.get(back.location()).await.challenge();
    assert_eq!(browser.read(&challenge).await.problem().code, Code::UnderAge);
}

/// A session of another way to sign in is none.
#[tokio::test]
async fn a_session_ends_when_sign_in_is_configured_another_way() {
    let (provider, server) = server().await;
    let mut browser = server.browser();
    signs_in(&mut browser, &server, &provider, &[]).await.challenge();
    let cookies = browser.cookies.clone();
    server.app.close().await;
    let toml = crate::shop::proxied(&["hana"]) + "\n";
    let server = Server::configured_in(server.folder, &toml, crate::browser::ORIGIN).await.unwrap();
    let mut browser = server.browser();
    browser.cookies = cookies;
    let answer = browser.get(&request(&[("prompt", "none")])).await;
    assert_eq!(answer.location_parameter("error").as_deref(), Some("login_required"));
}
