//! `scope` and `claims` of standard clients: what is asked for, and what is given where.

use consent_contract::{decision::Recorded, item::ItemKey, request::ConsentRequest};
use serde_json::{Value, json};

use crate::{
    browser::{Browser, Server, agreement, parameter, service},
    oidc_basic::client::{Suite, borrowed},
};

fn ids(asked: &ConsentRequest) -> Vec<&str> {
    asked.personal_info.items.iter().map(|item| item.id.as_str()).collect()
}

/// Agrees to everything but this item. Where that leads.
async fn refuses(browser: &mut Browser, challenge: &str, refused: &str) -> String {
    let asked = browser.asked(challenge).await;
    let refused = ItemKey::Item(refused.to_owned());
    let decision = agreement(&asked, |key, _| *key != refused);
    let recorded: Recorded = browser.decide(challenge, &decision).await.json();
    recorded.redirect_to
}

/// What a stock client sends by default.
#[tokio::test]
async fn openid_profile_email_is_answered() {
    let server = Server::demo().await;
    for client_id in ["demo-shop", "demo-travel", "demo-bookclub"] {
        let mut browser = server.browser_of("new").await;
        let scope = [("scope", "openid profile email phone address offline_access unknown")];
        let challenge = browser.challenged(client_id, &scope).await;
        let recorded = browser.agrees(&challenge).await;
        assert!(parameter(&recorded.redirect_to, "code").is_some(), "{client_id}");
    }
}

#[tokio::test]
async fn a_refused_item_is_not_asked_again_at_every_sign_in() {
    let mut suite = Suite::new().await;
    let scope = [("scope", "openid profile email")];
    let login = suite.parameters(&scope);
    let answer = suite.browser.authorize(&borrowed(&login)).await;
    assert_eq!(answer.location_parameter("prompt"), None);
    suite.browser.account = Some("hana");
    suite.browser.auth_time = Some(suite.server.clock.now());
    let challenge = suite.browser.authorize(&borrowed(&login)).await.challenge();
    let to = refuses(&mut suite.browser, &challenge, "birthday").await;
    assert!(parameter(&to, "code").is_some());

    let silent = suite.flow(&[scope[0], ("prompt", "none")]).await;
    assert!(silent.userinfo.get("birthdate").is_none(), "it was refused");
    assert_eq!(silent.userinfo["name"], "Kim Hana");
    let claims = r#"{"userinfo":{"birthdate":{"essential":true}}}"#;
    suite.flow(&[("claims", claims), ("prompt", "none")]).await;
    // The item's own id asks for it, as the platform does.
    let named = suite.parameters(&[("scope", "openid birthday")]);
    let challenge = suite.browser.authorize(&borrowed(&named)).await.challenge();
    assert_eq!(ids(&suite.browser.asked(&challenge).await), ["birthday"]);
}

#[tokio::test]
async fn a_claim_names_an_item_that_was_never_asked() {
    let toml = crate::shop::proxied(&["hana"]).replace(
        "[[service.personal_info.items]]",
        "[[service.personal_info.items]]\nid = \"account_email\"\nlabel = \"이메일\"\nrequired = false\n\
         collect = true\nonly_when_requested = true\n\n[[service.personal_info.items]]",
    );
    let server = Server::configured(&toml).await.unwrap();
    let mut hana = server.proxied("hana");
    let request = |more: &[(&'static str, &'static str)]| {
        let mut parameters = service("shop");
        parameters.retain(|(name, _)| *name != "redirect_uri");
        parameters.push(("redirect_uri", "https://shop.example/callback"));
        [&parameters[..], more].concat()
    };
    let challenge = hana.authorize(&request(&[("scope", "openid")])).await.challenge();
    assert_eq!(ids(&hana.asked(&challenge).await), ["profile_nickname"]);
    hana.agrees(&challenge).await;
    let verified = r#"{"id_token":{"email_verified":null}}"#;
    for more in [("scope", "openid email"), ("claims", verified)] {
        let challenge = hana.authorize(&request(&[more])).await.challenge();
        assert_eq!(ids(&hana.asked(&challenge).await), ["account_email"], "{more:?}");
    }
    let unknown = r#"{"userinfo":{"picture":null,"eye_color":{"essential":true}}}"#;
    let member = hana.authorize(&request(&[("claims", unknown)])).await;
    assert!(member.location_parameter("code").is_some(), "unknown claims are ignored");
}

#[tokio::test]
async fn claims_go_where_they_were_asked_for() {
    let mut suite = Suite::new().await;
    let claims = json!({ "id_token": { "email": null, "phone_number": { "essential": true } } });
    let flow = suite.flow(&[("claims", &claims.to_string())]).await;
    assert_eq!(flow.claims["email"], "hana@example.com");
    assert_eq!(flow.claims["phone_number"], "+821012345678");
    for absent in ["email_verified", "name", "nickname", "acr"] {
        assert!(flow.claims.get(absent).is_none(), "{absent}");
    }
    assert_eq!(flow.userinfo["email_verified"], true);
}

#[tokio::test]
async fn values_count_as_verified_as_configured() {
    let mut suite = Suite::new().await;
    suite.user = "duri";
    let flow = suite.flow(&[("scope", "openid email phone")]).await;
    assert_eq!(flow.userinfo["email_verified"], Value::Bool(false));
    assert_eq!(flow.userinfo["phone_number_verified"], Value::Bool(false));
    assert_eq!(flow.userinfo["phone_number"], "+821098765432", "in E.164");
    for (claim, value) in flow.userinfo.as_object().unwrap() {
        assert!(!value.is_null() && *value != json!(""), "{claim}");
    }
    assert!(flow.userinfo.get("birthdate").is_none(), "no value, no claim");
}

#[tokio::test]
async fn bad_claims_are_refused() {
    let mut suite = Suite::new().await;
    for bad in ["x", "[]", "\"sub\"", r#"{"id_token":[]}"#, r#"{"userinfo":{"name":1}}"#] {
        assert_eq!(suite.authorize(&[("claims", bad)]).await.error(), "invalid_request", "{bad}");
    }
    let long = json!({ "userinfo": { "x".repeat(7000): null } }).to_string();
    let parameters = suite.parameters(&[("claims", &long)]);
    let answer = suite.browser.authorize(&borrowed(&parameters)).await;
    assert_eq!(answer.status.as_u16(), 400, "too long for an address of ours");
}

/// As oauthlib does: it fails on another scope than it asked for, and repeats its own when it refreshes.
#[tokio::test]
async fn tokens_have_the_scope_of_the_request_and_a_refresh_may_repeat_it() {
    let mut suite = Suite::new().await;
    let scope = "openid profile email phone address offline_access";
    let flow = suite.flow(&[("scope", scope)]).await;
    let sorted = |scope: &Value| {
        let mut names: Vec<String> =
            scope.as_str().unwrap().split(' ').map(str::to_owned).collect();
        names.sort_unstable();
        names
    };
    assert_eq!(sorted(&flow.tokens["scope"]), sorted(&scope.into()));
    let mut form = url::form_urlencoded::Serializer::new(String::new());
    form.append_pair("grant_type", "refresh_token")
        .append_pair("refresh_token", flow.tokens["refresh_token"].as_str().unwrap())
        .append_pair("scope", scope);
    let fresh: Value = suite.post("/oauth/token", form).await.json();
    assert_eq!(sorted(&fresh["scope"]), sorted(&scope.into()), "{fresh}");
    let userinfo = suite.userinfo(fresh["access_token"].as_str().unwrap()).await;
    assert_eq!(userinfo.json::<Value>(), flow.userinfo);
}
