//! Every endpoint of the API answers bad input in the API's own form, and nothing is lost.

use axum::{
    body::Body,
    http::{Method, Request},
};
use serde_json::Value;

use super::{FORM, admin, bearer, error, get, ok, server, sign_up, target, user_id};
use crate::browser::{Answer, Server, a_minute, settings};

/// Each endpoint with its methods, its parameters, and who may call it.
const ENDPOINTS: [(&str, &str, &str, Caller); 18] = [
    ("/v2/user/me", "GET,HEAD,POST", "", Caller::Both),
    ("/v1/user/update_profile", "POST", "properties=%7B%7D", Caller::Both),
    ("/v2/user/service_terms", "GET,HEAD", "", Caller::Both),
    ("/v2/user/revoke/service_terms", "POST", "tags=marketing", Caller::Both),
    ("/v2/user/upgrade/service_terms", "POST", "tags=tos", Caller::Both),
    ("/v1/user/service/terms", "GET,HEAD", "", Caller::Both),
    ("/v2/user/scopes", "GET,HEAD", "", Caller::Both),
    ("/v2/user/revoke/scopes", "POST", "scopes=account_email", Caller::Both),
    ("/v2/api/talk/channels", "GET,HEAD", "", Caller::Both),
    ("/v1/api/talk/channels", "GET,HEAD", "", Caller::Both),
    ("/v1/user/shipping_address", "GET,HEAD", "", Caller::Both),
    ("/v1/user/access_token_info", "GET,HEAD", "", Caller::User),
    ("/v1/user/signup", "POST", "", Caller::User),
    ("/v1/oidc/userinfo", "GET,HEAD,POST", "", Caller::User),
    ("/v2/app/users", "GET,HEAD", "target_id_type=user_id&target_ids=1", Caller::Admin),
    ("/v1/user/ids", "GET,HEAD", "", Caller::Admin),
    ("/v1/user/logout", "POST", "", Caller::Both),
    ("/v1/user/unlink", "POST", "", Caller::Both),
];

#[derive(Clone, Copy, PartialEq, Eq)]
enum Caller {
    User,
    Admin,
    Both,
}

async fn call(
    server: &Server,
    method: &str,
    path: &str,
    headers: &[(&str, &str)],
    body: &str,
) -> Answer {
    let mut request = Request::builder().method(method).uri(path);
    for (name, value) in headers.iter().filter(|(_, value)| !value.is_empty()) {
        request = request.header(*name, *value);
    }
    server.browser().send(request.body(Body::from(body.to_owned())).unwrap()).await
}

#[tokio::test]
async fn every_endpoint_answers_bad_input_in_its_own_form() {
    let server = server().await;
    let tokens = sign_up(&server, "hana").await;
    let bearer = bearer(&tokens);
    for (path, methods, parameters, caller) in ENDPOINTS {
        let method = if methods.contains("GET") { "GET" } else { "POST" };
        let good = match caller {
            Caller::Admin => admin(),
            Caller::User | Caller::Both => bearer.clone(),
        };
        let full = format!("{path}?{parameters}");
        // The wrong method.
        for wrong in [Method::PUT, Method::DELETE, Method::PATCH] {
            let headers = [("authorization", &*good)];
            let answer = call(&server, wrong.as_str(), &full, &headers, "").await;
            error(&answer, 405, -2);
            assert_eq!(answer.header("allow"), methods, "{path}");
        }
        let other = if methods.contains("POST") { None } else { Some("POST") };
        if let Some(other) = other {
            error(&call(&server, other, &full, &[("authorization", &good)], "").await, 405, -2);
        }
        // No credential, a wrong one, another kind, two of them.
        for bad in ["", "Bearer made-up", "Bearer", "KakaoAK made-up", "Basic eDp5", "x"] {
            let answer = call(&server, method, &full, &[("authorization", bad)], "").await;
            error(&answer, 401, -401);
        }
        let twice = [("authorization", &*good), ("authorization", &*good)];
        error(&call(&server, method, &full, &twice, "").await, 400, -2);
        // A parameter twice.
        let doubled = format!("{path}?x=1&x=2&{parameters}");
        error(&call(&server, method, &doubled, &[("authorization", &good)], "").await, 400, -2);
        if method == "POST" || methods.contains("POST") {
            let form = [("authorization", &*good), ("content-type", FORM)];
            error(&call(&server, "POST", &full, &form, "x=1&x=1").await, 400, -2);
            let differs = format!("{full}&x=1");
            error(&call(&server, "POST", &differs, &form, "x=2").await, 400, -2);
            for kind in ["application/json", "text/plain", "multipart/form-data; boundary=x"] {
                let headers = [("authorization", &*good), ("content-type", kind)];
                error(&call(&server, "POST", &full, &headers, "{\"x\":1}").await, 400, -2);
            }
            error(&call(&server, "POST", &full, &form[..1], "x=1").await, 400, -2);
            let large = format!("x={}", "x".repeat(20_000));
            error(&call(&server, "POST", &full, &form, &large).await, 413, -2);
            let many = "a=b&".repeat(200);
            error(&call(&server, "POST", &full, &form, &many).await, 400, -2);
        }
        // Another app's credential kind.
        let wrong_kind = match caller {
            Caller::Admin => Some(bearer.clone()),
            Caller::User => Some(admin()),
            Caller::Both => None,
        };
        if let Some(wrong) = wrong_kind {
            error(&call(&server, method, &full, &[("authorization", &wrong)], "").await, 401, -401);
        }
        if caller == Caller::Both {
            let without_target = [("authorization", &*admin())];
            error(&call(&server, method, &full, &without_target, "").await, 400, -2);
            let joint = if parameters.is_empty() { "" } else { "&" };
            let unknown = format!("{full}{joint}{}", target(7));
            error(&call(&server, method, &unknown, &without_target, "").await, 400, -103);
        }
    }
    // Nothing was lost.
    let me = ok(&get(&server, "/v2/user/me", &bearer).await);
    assert_eq!(me["kakao_account"]["email"], "hana@example.com");
    let terms = ok(&get(&server, "/v2/user/service_terms", &bearer).await);
    assert_eq!(terms["service_terms"].as_array().unwrap().len(), 2);
    assert_eq!(server.count("SELECT count(*) FROM grant_changes").await, 0);
}

#[tokio::test]
async fn unknown_addresses_answer_in_the_form_of_the_api() {
    let server = server().await;
    for path in ["/v1/user/nothing", "/v2/user/me/nothing", "/v1/nothing", "/v2/x"] {
        for method in ["GET", "POST"] {
            error(&call(&server, method, path, &[], "").await, 404, -2);
        }
    }
}

#[tokio::test]
async fn a_server_that_cannot_answer_is_minus_1() {
    let server = server().await;
    let tokens = sign_up(&server, "hana").await;
    let id = user_id(&server, &tokens).await;
    server.app.close().await;
    for (path, methods, parameters, caller) in ENDPOINTS {
        let method = if methods.contains("GET") { "GET" } else { "POST" };
        let (path, credential) = match caller {
            Caller::Admin => (format!("{path}?{parameters}"), admin()),
            Caller::User => (format!("{path}?{parameters}"), bearer(&tokens)),
            Caller::Both => {
                let joint = if parameters.is_empty() { "" } else { "&" };
                (format!("{path}?{parameters}{joint}{}", target(id)), admin())
            }
        };
        let answer = call(&server, method, &path, &[("authorization", &credential)], "").await;
        error(&answer, 503, -1);
        assert!(answer.header("retry-after").parse::<u32>().is_ok());
    }
}

#[tokio::test]
async fn too_many_requests_are_minus_10() {
    let folder = tempfile::TempDir::new().unwrap();
    let file = folder.path().join("services.toml");
    std::fs::write(&file, super::SHOP).unwrap();
    let mut settings = settings(folder.path(), consent_backend::Services::File(file));
    settings.rate_limit = a_minute(1);
    settings.trusted_proxies = vec!["127.0.0.1".parse().unwrap()];
    let clock = settings.clock.clone();
    let app = consent_backend::App::open(settings).await.unwrap();
    let server = Server::of(app, clock, folder);
    for _ in 0..300 {
        let answer = call(&server, "POST", "/v2/user/me", &[], "").await;
        if answer.status.as_u16() == 429 {
            let body: Value = error(&answer, 429, -10);
            assert_eq!(body["msg"], "API limit has been exceeded.");
            assert!(answer.header("retry-after").parse::<u32>().is_ok());
            return;
        }
    }
    panic!("there is no limit");
}
