//! Values that were typed on the screen: marked to the service, and not guessable afterwards.

use axum::{
    body::Body,
    http::{Request, StatusCode},
};
use base64::{Engine, engine::general_purpose::URL_SAFE_NO_PAD};
use consent_contract::{
    decision::{Decision, Recorded},
    problem::Code,
    request::ConsentRequest,
};
use serde_json::{Value, json};
use url::form_urlencoded;

use crate::{
    browser::{Browser, CHALLENGE, ORIGIN, Server, VERIFIER, agreement, changed, parameter},
    shop::{self, SHOP, SIGN_IN},
};

const TYPED: [(&str, &str, &str); 5] = [
    ("account_email", "email", "typed@example.com"),
    ("phone_number", "phone_number", "010-1234-5678"),
    ("name", "name", "김하나"),
    ("birthday", "birthdate", "1990-01-01"),
    ("shipping_address", "address", "서울시 중구 세종대로 110"),
];

/// A service that collects everything, and accounts with nothing.
fn toml(account: &str) -> String {
    let items: String = TYPED
        .iter()
        .map(|(id, ..)| {
            format!(
                "\n[[service.personal_info.items]]\nid = \"{id}\"\nlabel = \"{id}\"\n\
                 required = false\ncollect = true\n"
            )
        })
        .collect();
    format!("{SHOP}{items}{SIGN_IN}{}{account}\n{}", shop::account("hana"), shop::account("duri"))
}

fn browser(server: &Server, account: &'static str) -> Browser {
    server.proxied(account)
}

/// Everything that is looked at, in the ID token as well.
const IN_ID_TOKEN: &str = r#"{"id_token":{"self_asserted":null,"nickname":null,"email":null,
    "email_verified":null,"phone_number":null,"phone_number_verified":null,"name":null,
    "birthdate":null,"address":null,"picture":null,"gender":null,"age_range":null,"ci":null,
    "legal_name":null,"legal_birth_date":null,"legal_gender":null,"is_korean":null}}"#;

pub async fn challenged(browser: &mut Browser) -> (String, ConsentRequest) {
    let request = [
        ("response_type", "code"),
        ("client_id", "shop"),
        ("redirect_uri", "https://shop.example/callback"),
        ("code_challenge", CHALLENGE),
        ("code_challenge_method", "S256"),
        ("scope", "openid"),
        ("claims", IN_ID_TOKEN),
    ];
    let challenge = browser.authorize(&request).await.challenge();
    let request = browser.asked(&challenge).await;
    (challenge, request)
}

/// Everything agreed to, with these values where one is asked for.
fn typing(request: &ConsentRequest, values: &[(&str, &str, &str)]) -> Decision {
    changed(agreement(request, |_, _| true), |agreement| {
        for answer in &mut agreement.personal_info {
            let typed = values.iter().find(|(id, ..)| *id == answer.id);
            answer.value = answer.value.take().and(typed.map(|(.., value)| (*value).to_owned()));
            answer.agreed = answer.id == "profile_nickname" || typed.is_some();
        }
    })
}

/// The claims of the ID token, and of userinfo.
pub async fn claims(server: &Server, code: &str) -> [Value; 2] {
    let body = form_urlencoded::Serializer::new(String::new())
        .append_pair("grant_type", "authorization_code")
        .append_pair("code", code)
        .append_pair("redirect_uri", "https://shop.example/callback")
        .append_pair("client_id", "shop")
        .append_pair("code_verifier", VERIFIER)
        .finish();
    let form = "application/x-www-form-urlencoded";
    let tokens: Value = server.browser().post("/oauth/token", form, body).await.json();
    let id_token = tokens["id_token"].as_str().unwrap();
    let id_token = URL_SAFE_NO_PAD.decode(id_token.split('.').nth(1).unwrap()).unwrap();
    let bearer = format!("Bearer {}", tokens["access_token"].as_str().unwrap());
    let request = Request::get("/oauth/userinfo").header("authorization", bearer);
    let userinfo = server.browser().send(request.body(Body::empty()).unwrap()).await;
    [serde_json::from_slice(&id_token).unwrap(), userinfo.json()]
}

#[tokio::test]
async fn every_value_that_was_typed_is_marked_and_no_other() {
    let folder = tempfile::TempDir::new().unwrap();
    let server = Server::configured_in(folder, &toml(""), ORIGIN).await.unwrap();
    let mut hana = browser(&server, "hana");
    let (challenge, request) = challenged(&mut hana).await;
    let recorded: Recorded = hana.decide(&challenge, &typing(&request, &TYPED)).await.json();
    for claims in claims(&server, &parameter(&recorded.redirect_to, "code").unwrap()).await {
        let typed = ["email", "phone_number", "name", "birthdate", "address"];
        assert_eq!(claims["self_asserted"], json!(typed), "{claims}");
        assert_eq!(claims["phone_number"], "+821012345678");
        assert_eq!(claims["email_verified"], false);
        assert_eq!(claims["nickname"], "하나", "the account's own is not marked");
    }
    // One of them, and none.
    let mut duri = browser(&server, "duri");
    let (challenge, request) = challenged(&mut duri).await;
    let recorded: Recorded = duri.decide(&challenge, &typing(&request, &TYPED[3..4])).await.json();
    for claims in claims(&server, &parameter(&recorded.redirect_to, "code").unwrap()).await {
        assert_eq!(claims["self_asserted"], json!(["birthdate"]));
    }

    // A value that the account has later takes the place of the typed one.
    server.app.close().await;
    let own = "birthday = 1991-02-03\nemail = \"own@example.com\"\nphone = \"01099999999\"\n\
               name = \"김두나\"\naddress = \"부산시 중구 중앙대로 1\"\n";
    let server = Server::configured_in(server.folder, &toml(own), ORIGIN).await.unwrap();
    let cookies = hana.cookies;
    let mut hana = browser(&server, "hana");
    hana.cookies = cookies;
    let request = crate::browser::authorize(&[
        ("response_type", "code"),
        ("client_id", "shop"),
        ("redirect_uri", "https://shop.example/callback"),
        ("code_challenge", CHALLENGE),
        ("code_challenge_method", "S256"),
        ("scope", "openid"),
        ("claims", IN_ID_TOKEN),
    ]);
    let code = hana.get(&request).await.location_parameter("code").unwrap();
    for claims in claims(&server, &code).await {
        assert!(claims.get("self_asserted").is_none(), "{claims}");
        assert_eq!(claims["birthdate"], "1991-02-03");
        assert_eq!(claims["email_verified"], true);
    }
    let found: Value = server.browser().get("/.well-known/openid-configuration").await.json();
    assert!(found["claims_supported"].as_array().unwrap().contains(&"self_asserted".into()));
}

/// What is stored to recognise a decision is the same whatever was typed.
#[tokio::test]
async fn nothing_stored_of_a_decision_depends_on_what_was_typed() {
    let server = Server::configured(&toml("")).await.unwrap();
    let values = [&TYPED[..], &[("birthday", "", "1985-05-05")]].concat();
    for (account, birthday) in [("hana", &values[..5]), ("duri", &values[5..])] {
        let mut browser = browser(&server, account);
        let (challenge, request) = challenged(&mut browser).await;
        let birthday: Vec<_> =
            birthday.iter().copied().filter(|(id, ..)| *id == "birthday").collect();
        let answer = browser.decide(&challenge, &typing(&request, &birthday)).await;
        assert_eq!(answer.status, StatusCode::OK, "{}", answer.text());
    }
    let bodies = "SELECT count(DISTINCT body) FROM decisions WHERE length(body) = 32";
    assert_eq!(server.count(bodies).await, 1);
    assert_eq!(server.count("SELECT count(*) FROM decisions").await, 2);
}

#[tokio::test]
async fn another_typed_value_is_another_decision() {
    let server = Server::configured(&toml("")).await.unwrap();
    let mut browser = browser(&server, "hana");
    let (challenge, request) = challenged(&mut browser).await;
    let first: Recorded = browser.decide(&challenge, &typing(&request, &TYPED)).await.json();
    let again: Recorded = browser.decide(&challenge, &typing(&request, &TYPED)).await.json();
    assert_eq!(first.receipt_id, again.receipt_id);
    for (id, value) in [("birthday", "1990-01-02"), ("phone_number", "01012345679"), ("name", "김")]
    {
        let mut values = TYPED;
        values.iter_mut().find(|(it, ..)| *it == id).unwrap().2 = value;
        let problem = browser.decide(&challenge, &typing(&request, &values)).await.problem();
        assert_eq!(problem.code, Code::AlreadyDecided, "{id}");
        assert!(problem.redirect_to.unwrap().starts_with("/oauth/authorize?"));
    }
    // When the values are erased nothing is left to compare with.
    server.execute("UPDATE agreements SET value = NULL").await.unwrap();
    let problem = browser.decide(&challenge, &typing(&request, &TYPED)).await.problem();
    assert_eq!(problem.code, Code::AlreadyDecided);
}
