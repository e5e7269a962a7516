//! Nothing of a person, and nothing secret, is in the audit log.

use std::fs;

use axum::{body::Body, http::Request};
use url::form_urlencoded;

use super::read;
use crate::{
    account,
    browser::{VERIFIER, agreement, parameter},
    client::{self, FORM, post, redeem, refresh, request, services, text, tokens},
};

/// A value that no line may have, as it is and in the ways in which it is written in addresses and JSON.
fn spellings(value: &str) -> Vec<String> {
    let encoded: String = form_urlencoded::byte_serialize(value.as_bytes()).collect();
    let escaped = serde_json::to_string(value).unwrap();
    let ascii: String = value
        .encode_utf16()
        .map(|unit| match u8::try_from(unit) {
            Ok(byte) if byte.is_ascii() => char::from(byte).to_string(),
            _ => format!("\\u{unit:04x}"),
        })
        .collect();
    vec![value.to_owned(), encoded, escaped.trim_matches('"').to_owned(), ascii]
}

#[tokio::test]
async fn nothing_of_a_person_and_nothing_secret_is_recorded() {
    let typed = "typed@example.com";
    let collecting = services().replacen(
        "id = \"account_email\"\nlabel = \"이메일\"\nrequired = false",
        "id = \"account_email\"\nlabel = \"이메일\"\nrequired = false\ncollect = true",
        1,
    );
    let without_email = collecting.replacen("email = \"hana@example.com\"\n", "", 1);
    let server = account::with_services(&without_email).await;
    let mut secrets: Vec<String> = [
        "hana",
        "duri",
        "하나",
        "두리",
        "hana@example.com",
        "duri@example.com",
        "01011112222",
        "01033334444",
        "the secret of the shop",
        "a state",
        "n-0S6",
        VERIFIER,
        typed,
        "이메일",
        "마지막",
        "Firefox",
        "203.0.113.9",
        "127.0.0.1",
        "evil",
        "made-up",
    ]
    .map(str::to_owned)
    .to_vec();

    // A sign-up with a value that is typed, and what follows.
    let mut hana = server.proxied("hana");
    hana.user_agent =
        Some("Mozilla/5.0 (X11; Linux x86_64; rv:145.0) Gecko/20100101 Firefox/145.0");
    let scope = "openid email phone offline_access";
    let shop = request("shop", "https://shop.example/callback", scope);
    let challenge = hana.authorize(&shop).await.challenge();
    secrets.push(challenge.clone());
    let asked = hana.asked(&challenge).await;
    let decision = agreement(&asked, |_, _| true);
    let consent_contract::decision::Decision::Agree(agreed) = &decision else { panic!() };
    secrets.push(agreed.csrf_token.clone());
    assert!(format!("{agreed:?}").contains(typed), "it is typed: {agreed:?}");
    let recorded: consent_contract::decision::Recorded =
        hana.decide(&challenge, &decision).await.json();
    secrets.push(recorded.receipt_id.clone());
    let code = parameter(&recorded.redirect_to, "code").unwrap();
    secrets.push(code.clone());
    let issued: serde_json::Value = redeem(&server, "shop", &code).await.json();
    for name in ["access_token", "refresh_token", "id_token"] {
        secrets.push(text(&issued, name).to_owned());
    }
    secrets.push(text(&client::claims(text(&issued, "id_token")), "sub").to_owned());
    redeem(&server, "shop", &code).await;
    refresh(&server, "shop", text(&issued, "refresh_token"), &[]).await;
    secrets.push(hana.cookie("session").to_owned());

    // Whatever a client can put a value into, with line breaks and JSON.
    let bad = "evil\n{\"event\":\"sign_in\",\"account\":\"hana\"}\r\u{85}\u{2028}마지막";
    let encoded: String = form_urlencoded::byte_serialize(bad.as_bytes()).collect();
    for form in [
        format!("grant_type={encoded}&client_id={encoded}&client_secret={encoded}&code={encoded}"),
        format!("grant_type=authorization_code&client_id=shop&client_secret={encoded}"),
        "grant_type=refresh_token&client_id=made-up&refresh_token=01011112222".to_owned(),
    ] {
        server.browser().post("/oauth/token", FORM, form).await;
    }
    post(&server, "/oauth/token", "shop", &[("grant_type", "authorization_code"), ("code", bad)])
        .await;
    post(&server, "/oauth/revoke", "shop", &[("token", bad)]).await;
    post(&server, "/oauth/par", "shop", &[("redirect_uri", bad), ("scope", bad)]).await;
    for path in [
        format!("/oauth/authorize?client_id={encoded}&redirect_uri={encoded}&state={encoded}"),
        format!(
            "/oauth/authorize?client_id=shop&redirect_uri=https%3A%2F%2Fshop.example%2Fcallback&response_type={encoded}&state={encoded}&login_hint=hana%40example.com"
        ),
        format!("/oauth/authorize/{encoded}"),
        format!("/consent/{encoded}"),
        format!("/oauth/logout?client_id={encoded}&id_token_hint={encoded}"),
    ] {
        let named = Request::get(path)
            .header("x-forwarded-for", "203.0.113.9")
            .header("x-account", "nobody@evil.example")
            .header("x-request-id", "evil");
        server.browser().send(named.body(Body::empty()).unwrap()).await;
    }

    // What a user does on the account pages.
    account::withdraw(&mut hana, "term:news").await;
    account::leave(&mut hana).await;
    let mut duri = server.proxied("duri");
    tokens(&server, &mut duri, "books", scope, &["item:phone_number"]).await;
    account::send(&mut duri, "/account/sessions", "/account/sessions/end-all", &[]).await;

    let lines = read(&server.app, server.folder.path());
    let events: Vec<_> = lines.iter().map(|line| line["event"].as_str().unwrap()).collect();
    for event in [
        "sign_in",
        "decision",
        "token_reuse",
        "client_authentication",
        "request",
        "withdrawal",
        "unlink",
        "sign_out",
    ] {
        assert!(events.contains(&event), "{event}: {events:?}");
    }
    let log = fs::read_to_string(server.folder.path().join("audit.log")).unwrap();
    assert_eq!(log.lines().count(), lines.len());
    assert!(log.is_ascii());
    for secret in secrets {
        assert!(secret.len() > 3, "{secret}");
        for spelling in spellings(&secret) {
            assert!(!log.contains(&spelling), "{spelling}: {log}");
        }
    }
}
