//! From a service that is made to one that is deleted.

use axum::http::StatusCode;
use consent_contract::{problem::Code, request::Purpose};
use serde_json::{Value, json};

use super::{
    CAFE, SERVICES, authorize, cafe, call, create, created, get, patch, post, put, server, term,
};
use crate::{
    audit,
    browser::required_only,
    client::{self, is_error, redeem, tokens, userinfo},
    screen,
};

#[tokio::test]
async fn users_sign_up_to_a_service_that_was_made_and_are_asked_again_for_new_terms() {
    let server = server().await;
    let mut hana = server.proxied("hana");
    assert_eq!(hana.authorize(&authorize()).await.status, 400, "no such service yet");
    let reply = created(&server, &cafe()).await;
    assert_eq!(reply.header("location"), CAFE);
    let made = reply.json();
    assert_eq!((&made["state"], &made["origin"]), (&json!("active"), &json!("api")), "{made}");
    assert!(made.get("client_secret").is_none(), "it was brought along: {made}");

    let issued = tokens(&server, &mut hana, "cafe", "openid", &[]).await;
    let claims: Value = userinfo(&server, &issued).await.json();
    assert_eq!(claims["nickname"], "하나");
    let again = hana.authorize(&authorize()).await;
    assert!(again.location_parameter("code").is_some(), "a member is asked nothing");

    let terms = json!({ "terms": [
        term("1", "2026-01-01", "차를 팝니다."),
        term("2", "2026-02-01", "차와 과자를 팝니다."),
    ] });
    let changed = patch(&server, &reply.header("etag"), &terms).await;
    assert_eq!(changed.status, 200, "{}", changed.text);
    assert_ne!(changed.header("etag"), reply.header("etag"));
    let challenge = hana.authorize(&authorize()).await.challenge();
    let asked = hana.asked(&challenge).await;
    assert_eq!(asked.purpose, Purpose::AdditionalConsent);
    assert_eq!(asked.terms[0].version, "2");
    hana.decide(&challenge, &required_only(&asked)).await;
    assert!(hana.authorize(&authorize()).await.location_parameter("code").is_some());
}

#[tokio::test]
async fn what_is_read_can_be_sent_back_and_never_has_a_secret() {
    let server = server().await;
    let mut service = cafe();
    service["client_secret"] = json!({ "generate": true });
    service["dialect"] = json!("kakao");
    service["kakao"] = json!({ "admin_key": "the admin key of the cafe" });
    service["events"] = json!({
        "url": "https://cafe.example/events", "authorization_header": "Bearer of-the-cafe",
    });
    let made = created(&server, &service).await;
    let secret = made.json()["client_secret"].as_str().unwrap().to_owned();
    assert_eq!(secret.len(), 43);

    let read = get(&server, CAFE).await;
    let listed = get(&server, SERVICES).await;
    for hidden in [&*secret, "the admin key", "of-the-cafe", "sha256"] {
        assert!(!read.text.contains(hidden) && !listed.text.contains(hidden), "{}", read.text);
    }
    let document = read.json()["service"].clone();
    let kept = json!({ "kept": true });
    for at in ["/client_secret", "/kakao/admin_key", "/events/authorization_header"] {
        assert_eq!(document.pointer(at), Some(&kept), "{document}");
    }
    assert_eq!(put(&server, &read.header("etag"), &document).await.status, 200);
    assert_eq!(get(&server, CAFE).await.json()["service"], document);
    assert_eq!(
        server.texts("SELECT secrets FROM managed_services").await,
        [json!({
            "/events/authorization_header": "Bearer of-the-cafe",
            "/kakao/admin_key": "the admin key of the cafe",
        })
        .to_string()]
    );
    // Neither the database nor the audit log has the client's secret.
    let stored = server.texts("SELECT document FROM managed_services").await;
    assert!(!stored[0].contains(&secret) && !stored[0].contains("the admin key"), "{stored:?}");
    let lines = audit::read(&server.app, server.folder.path());
    assert!(lines.iter().all(|line| !line.to_string().contains(&secret)));

    // Without the key it is a public client.
    let etag = get(&server, CAFE).await.header("etag");
    let public = patch(&server, &etag, &json!({ "client_secret": null })).await;
    assert_eq!(public.status, 200, "{}", public.text);
    assert_eq!(server.count("SELECT count(*) FROM managed_client_secrets").await, 0);
    let again = json!({ "client_secret": { "generate": true } });
    let again = patch(&server, &public.header("etag"), &again).await;
    assert_ne!(again.json()["client_secret"], secret);
}

#[tokio::test]
async fn services_are_listed_with_those_of_the_file() {
    let server = server().await;
    created(&server, &cafe()).await;
    let list = get(&server, SERVICES).await.json();
    let of = |name: &str| -> Vec<String> {
        let services = list["services"].as_array().unwrap();
        services.iter().map(|it| it[name].as_str().unwrap().to_owned()).collect()
    };
    assert_eq!(of("client_id"), ["books", "cafe", "maps", "shop"]);
    assert_eq!(of("origin"), ["file", "api", "file", "file"]);
    assert_eq!(of("name"), ["서점", "찻집", "지도", "가게"]);
    let shop = get(&server, "/admin/v1/services/shop").await;
    assert_eq!(shop.status, 200);
    assert!(!shop.text.contains("secret") && shop.json().get("service").is_none(), "{}", shop.text);
    assert!(!shop.headers.contains_key("etag"));
    get(&server, "/admin/v1/services/none").await.is(404, "service_not_found");
}

#[tokio::test]
async fn a_disabled_service_is_as_if_it_were_not_there() {
    let server = server().await;
    created(&server, &cafe()).await;
    let mut hana = server.proxied("hana");
    let code = client::code(&mut hana, "cafe", "openid", &[]).await;
    let mut duri = server.proxied("duri");
    let challenge = duri.authorize(&authorize()).await.challenge();
    let asked = duri.asked(&challenge).await;
    for _ in 0..2 {
        let disabled = post(&server, &format!("{CAFE}/disable")).await;
        assert_eq!((disabled.status, &disabled.json()["state"]), (200, &json!("disabled")));
    }
    let ended = duri.decide(&challenge, &required_only(&asked)).await;
    assert_eq!(ended.problem().code, Code::ChallengeNotFound);
    assert_eq!(duri.authorize(&authorize()).await.status, 400);
    is_error(&redeem(&server, "cafe", &code).await, 401, "invalid_client");
    assert_eq!(server.count("SELECT count(*) FROM links WHERE service = 'cafe'").await, 1);
    // What was agreed to stays, and can be withdrawn.
    screen::build(&server);
    screen::make_room(&server);
    let account = hana.get("/account").await;
    assert!(account.text().contains("cafe"), "{}: {}", account.status, account.text());

    let enabled = post(&server, &format!("{CAFE}/enable")).await;
    assert_eq!((enabled.status, &enabled.json()["state"]), (200, &json!("active")));
    assert_eq!(redeem(&server, "cafe", &code).await.status, StatusCode::OK);
    let recorded = duri.decide(&challenge, &required_only(&asked)).await;
    assert_eq!(recorded.status, 200, "{}", recorded.text());
}

#[tokio::test]
async fn a_service_is_deleted_while_nobody_has_decided_about_it() {
    let server = server().await;
    let etag = created(&server, &cafe()).await.header("etag");
    call(&server, ("DELETE", CAFE), &[], "").await.is(428, "precondition_required");
    let deleted = call(&server, ("DELETE", CAFE), &[("if-match", &etag)], "").await;
    assert_eq!((deleted.status, &*deleted.text), (204, ""));
    get(&server, CAFE).await.is(404, "service_not_found");
    assert_eq!(server.count("SELECT count(*) FROM managed_client_secrets").await, 0);

    let again = created(&server, &cafe()).await.header("etag");
    assert_ne!(again, etag, "what was read of the deleted one is out of date");
    let mut hana = server.proxied("hana");
    client::code(&mut hana, "cafe", "openid", &[]).await;
    let kept = call(&server, ("DELETE", CAFE), &[("if-match", &again)], "").await;
    kept.is(409, "service_in_use");
    assert_eq!(get(&server, CAFE).await.status, 200);
}

#[tokio::test]
async fn each_change_is_recorded_with_the_key_that_made_it() {
    let server = server().await;
    let etag = created(&server, &cafe()).await.header("etag");
    let etag = patch(&server, &etag, &json!({ "verified": true })).await.header("etag");
    post(&server, &format!("{CAFE}/secret")).await;
    post(&server, &format!("{CAFE}/disable")).await;
    post(&server, &format!("{CAFE}/enable")).await;
    patch(&server, &etag, &json!({})).await.is(412, "precondition_failed");
    create(&server, &json!({})).await.is(422, "invalid_service");
    let etag = get(&server, CAFE).await.header("etag");
    patch(&server, &etag, &json!({ "verified": "yes" })).await.is(422, "invalid_service");
    call(&server, ("DELETE", CAFE), &[("if-match", &etag)], "").await;
    let lines = audit::read(&server.app, server.folder.path());
    let changes = lines.iter().filter(|line| line["event"] == "service_change");
    let seen: Vec<String> = changes
        .map(|line| {
            assert_eq!((&line["actor"], &line["admin_key"]), (&json!("operator"), &json!("admin")));
            let words = ["change", "outcome", "reason", "service"].map(|name| &line[name]);
            let words = words.into_iter().filter_map(Value::as_str);
            words.collect::<Vec<_>>().join(" ")
        })
        .collect();
    assert_eq!(
        seen,
        [
            "create success cafe",
            "edit success cafe",
            "rotate_secret success cafe",
            "disable success cafe",
            "enable success cafe",
            "create failure faulty",
            "edit failure faulty cafe",
            "delete success cafe",
        ]
    );
}
