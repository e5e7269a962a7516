//! Every parameter of the authorize request, and the pages of its errors.

use axum::http::StatusCode;

use super::{CALLBACK, agree, everything, request, server, server_with};
use crate::browser::{Answer, CHALLENGE, Server, VERIFIER, parameter};

/// The page of a KOE code.
#[track_caller]
fn is_koe(answer: &Answer, status: u16, code: &str) {
    assert_eq!(answer.status.as_u16(), status, "{}", answer.text());
    assert_eq!(answer.header("content-type"), "text/html; charset=utf-8");
    assert_eq!(answer.header("cache-control"), "no-store");
    assert!(!answer.headers.contains_key("location"));
    assert!(answer.text().contains(code), "{code}: {}", answer.text());
}

async fn authorize(server: &Server, changes: &[(&str, &str)]) -> Answer {
    server.proxied("hana").authorize(&request(changes)).await
}

#[tokio::test]
async fn every_fault_of_a_request_has_its_page() {
    let server = server().await;
    let long = "x".repeat(7000);
    for (changes, status, code) in [
        (&[("client_id", "unknown")][..], 401, "KOE101"),
        (&[("client_id", "")], 400, "KOE207"),
        (&[("client_id", super::ADMIN_KEY)], 401, "KOE008"),
        (&[("redirect_uri", "https://shop.example/callback/x")], 400, "KOE006"),
        (&[("redirect_uri", "http://localhost:3001/callback")], 400, "KOE006"),
        (&[("redirect_uri", "")], 400, "KOE207"),
        (&[("response_type", "")], 400, "KOE207"),
        (&[("response_type", "id_token")], 400, "KOE201"),
        (&[("response_type", "token")], 400, "KOE202"),
        (&[("scope", "account_email,friends")], 400, "KOE205"),
        (&[("scope", "openid")], 400, "KOE205"),
        (&[("prompt", "none,login")], 400, "KOE204"),
        (&[("code_challenge", CHALLENGE)], 400, "KOE204"),
        (&[("code_challenge", CHALLENGE), ("code_challenge_method", "plain")], 400, "KOE204"),
        (&[("code_challenge", "short"), ("code_challenge_method", "S256")], 400, "KOE204"),
        (&[("code_challenge_method", "S256")], 400, "KOE207"),
        (&[("channel_public_id", "_shop")], 400, "KOE102"),
        (&[("state", &*long)], 400, "KOE001"),
    ] {
        is_koe(&authorize(&server, changes).await, status, code);
    }
    for name in ["client_id", "redirect_uri", "state", "scope", "service_terms", "prompt"] {
        let twice = [&request(&[])[..], &[(name, "x"), (name, "x")]].concat();
        is_koe(&server.proxied("hana").authorize(&twice).await, 400, "KOE001");
    }
    assert_eq!(server.count("SELECT count(*) FROM challenges").await, 0);
}

#[tokio::test]
async fn a_page_names_the_code_the_cause_and_the_remedy_in_three_languages() {
    let server = server().await;
    for (language, cause, remedy) in [
        ("ko", "등록되어 있지 않습니다", "redirect_uris"),
        ("en", "is not registered", "redirect_uris of services.toml"),
        ("ja", "登録されていません", "redirect_uris"),
    ] {
        let mut browser = server.proxied("hana");
        browser.language = Some(language);
        let wrong = request(&[("redirect_uri", "https://evil.example/<script>")]);
        let answer = browser.authorize(&wrong).await;
        is_koe(&answer, 400, "KOE006");
        assert_eq!(answer.header("content-language"), language);
        for text in [cause, remedy, "https://evil.example/&lt;script&gt;"] {
            assert!(answer.text().contains(text), "{text}: {}", answer.text());
        }
    }
}

#[tokio::test]
async fn koe004_when_kakao_login_is_off() {
    let server = server_with(&[("app_id = 123456", "login = false")]).await;
    is_koe(&authorize(&server, &[]).await, 400, "KOE004");
}

#[tokio::test]
async fn koe005_for_who_is_no_member_of_a_test_app() {
    let test_app = [("min_age = 14", "mode = \"test\"\ntest_members = [\"bare\"]")];
    let server = server_with(&test_app).await;
    is_koe(&authorize(&server, &[]).await, 403, "KOE005");
    let silent = authorize(&server, &[("prompt", "none")]).await;
    assert_eq!(silent.location_parameter("error").unwrap(), "interaction_required");
    server.proxied("bare").authorize(&request(&[])).await.challenge();
}

#[tokio::test]
async fn koe003_when_the_server_cannot_answer() {
    let server = server().await;
    server.app.close().await;
    let answer = authorize(&server, &[]).await;
    is_koe(&answer, 503, "KOE003");
    assert!(answer.header("retry-after").parse::<u32>().is_ok());
}

#[tokio::test]
async fn koe101_is_for_servers_whose_services_are_all_kakao_apps() {
    let mixed = crate::shop::SHOP.replace("가게", "다른 가게");
    let mixed = format!("{}\n{mixed}", super::SHOP);
    let server = Server::configured(&mixed).await.unwrap();
    let answer = authorize(&server, &[("client_id", "unknown")]).await;
    assert_eq!(answer.status, StatusCode::BAD_REQUEST);
    assert!(!answer.text().contains("KOE"), "{}", answer.text());
    is_koe(&authorize(&server, &[("scope", "friends")]).await, 400, "KOE205");
}

#[tokio::test]
async fn a_code_comes_back_with_the_state_and_nothing_else() {
    let server = server().await;
    let mut browser = server.proxied("hana");
    agree(&mut browser, &request(&[]), everything).await;
    let answer = browser.authorize(&request(&[])).await;
    let (address, query) = answer.location().split_once('?').unwrap();
    assert_eq!(address, CALLBACK);
    let names: Vec<&str> = query.split('&').map(|pair| pair.split('=').next().unwrap()).collect();
    assert_eq!(names, ["code", "state"]);
    assert_eq!(answer.location_parameter("state").unwrap(), "state of the shop");
    let without = browser.authorize(&request(&[("state", "")])).await;
    assert_eq!(without.location_parameter("state"), None);
}

#[tokio::test]
async fn lists_are_read_with_commas_and_with_spaces() {
    let server = server().await;
    let mut browser = server.proxied("hana");
    agree(&mut browser, &request(&[]), super::required).await;
    for scope in [
        "account_email,shipping_address",
        "account_email shipping_address",
        "account_email, shipping_address ",
    ] {
        let challenge = browser.authorize(&request(&[("scope", scope)])).await.challenge();
        let asked = browser.asked(&challenge).await;
        let ids: Vec<&str> = asked.personal_info.items.iter().map(|it| &*it.id).collect();
        assert_eq!(ids, ["account_email", "shipping_address"], "{scope}");
    }
    for tags in ["points,marketing", "points marketing"] {
        for name in ["service_terms", "extra.service_terms"] {
            let challenge = browser.authorize(&request(&[(name, tags)])).await.challenge();
            let asked = browser.asked(&challenge).await;
            let asked: Vec<&str> = asked.terms.iter().map(|it| &*it.tag).collect();
            assert_eq!(asked, ["marketing", "points"], "{name}={tags}");
        }
    }
    // The Flutter SDK ends prompt with a space, and Auth.js sends an empty scope.
    let silent = browser.authorize(&request(&[("prompt", "none ")])).await;
    assert!(silent.location_parameter("code").is_some());
    let empty = [&request(&[])[..], &[("scope", "")]].concat();
    assert!(browser.authorize(&empty).await.location_parameter("code").is_some());
    let null = browser.authorize(&request(&[("scope", "null"), ("prompt", "null")])).await;
    assert!(null.location_parameter("code").is_some());
}

#[tokio::test]
async fn sdk_parameters_are_ignored() {
    let server = server().await;
    let mut browser = server.proxied("hana");
    agree(&mut browser, &request(&[]), everything).await;
    let sdk = request(&[
        ("ka", "sdk/1.10.0 os/ios"),
        ("agt", "x"),
        ("is_popup", "true"),
        ("state_token", "x"),
        ("auth_tran_id", "x"),
        ("approval_type", "individual"),
        ("auth_type", "reauthenticate"),
        ("extra.plus_friend_public_id", "_shop"),
        ("request_uri", "urn:x"),
    ]);
    assert!(browser.authorize(&sdk).await.location_parameter("code").is_some());
}

#[tokio::test]
async fn prompts_lead_to_the_login_page_once() {
    let server = server().await;
    let mut browser = server.proxied("hana");
    agree(&mut browser, &request(&[]), everything).await;
    for prompt in ["login", "create", "cert", "select_account", "login,select_account"] {
        let hint = [("prompt", prompt), ("login_hint", "hana@example.com")];
        let answer = browser.authorize(&request(&hint)).await;
        let location = answer.location();
        assert!(location.starts_with("/login/?return_to="), "{prompt}: {location}");
        let location = format!("https://id.example{location}");
        assert_eq!(parameter(&location, "prompt").unwrap(), prompt);
        assert_eq!(parameter(&location, "login_hint").unwrap(), "hana@example.com");
        let back = parameter(&location, "return_to").unwrap();
        let answer = browser.get(&back).await;
        assert!(answer.location_parameter("code").is_some(), "{prompt}: {answer:?}");
    }
}

#[tokio::test]
async fn pkce_is_supported_and_not_required() {
    let server = server_with(&[("client_secret = \"a-secret-of-the-shop\"\n", "")]).await;
    let mut browser = server.proxied("hana");
    let announced = [("code_challenge", CHALLENGE), ("code_challenge_method", "S256")];
    let code = agree(&mut browser, &request(&announced), everything).await;
    let verifier = [("code_verifier", VERIFIER), ("client_secret", "kakao")];
    let answer = super::token(&server, &code, &verifier).await;
    assert_eq!(answer.status, StatusCode::OK, "{}", answer.text());
    // A loopback address of an app without a secret gets its code at once, as on the platform.
    let loopback = request(&[("redirect_uri", "http://localhost:3000/callback")]);
    assert!(browser.authorize(&loopback).await.location_parameter("code").is_some());
}

#[tokio::test]
async fn channels_are_selected_where_the_app_may() {
    let selection = [("app_id = 123456", "channel_selection = true")];
    let server = server_with(&selection).await;
    for (sent, offered) in
        [("_sale", &["_sale"][..]), ("_sale,_shop", &["_shop", "_sale"]), ("_unknown", &["_shop"])]
    {
        for name in ["channel_public_id", "extra.channel_public_id"] {
            let mut browser = server.proxied("hana");
            let challenge = browser.authorize(&request(&[(name, sent)])).await.challenge();
            let asked = browser.asked(&challenge).await;
            let shown: Vec<&str> = consent_contract::channel::offered(&asked)
                .iter()
                .map(|channel| &*channel.public_id)
                .collect();
            assert_eq!(shown, offered, "{name}={sent}");
        }
    }
}
