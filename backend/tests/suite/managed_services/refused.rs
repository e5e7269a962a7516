//! What is refused, in the form of the admin API, and changes nothing.

use axum::{body::Body, http::Request};
use serde_json::{Value, json};

use super::{
    CAFE, JSON, PATCH, SERVICES, TOKEN, cafe, cafe_with, call, create, created, file, get, patch,
    post, put, send, server, term,
};
use crate::{audit, browser::Server, client};

/// Every call, with a body that would do.
const CALLS: [(&str, &str); 10] = [
    ("GET", SERVICES),
    ("POST", SERVICES),
    ("GET", CAFE),
    ("PUT", CAFE),
    ("PATCH", CAFE),
    ("DELETE", CAFE),
    ("POST", "/admin/v1/services/cafe/approve"),
    ("POST", "/admin/v1/services/cafe/disable"),
    ("POST", "/admin/v1/services/cafe/enable"),
    ("POST", "/admin/v1/services/cafe/secret"),
];

#[tokio::test]
async fn without_a_token_nothing_is_there() {
    let server = server().await;
    let before = get(&server, SERVICES).await.text;
    for (method, path) in CALLS {
        for token in [None, Some("Bearer wrong"), Some("Basic x"), Some(TOKEN)] {
            let mut request = Request::builder().method(method).uri(path);
            if let Some(token) = token {
                request = request.header("authorization", token);
            }
            let body = Body::from(cafe().to_string());
            let request = request.header("content-type", JSON).body(body).unwrap();
            let reply = send(&server.app, request).await;
            assert_eq!(reply.status, 401, "{method} {path}: {}", reply.text);
            assert_eq!(reply.header("www-authenticate"), "Bearer realm=\"admin\"");
            assert_eq!(reply.header("content-type"), "application/problem+json");
            assert_eq!(reply.json()["status"], 401);
        }
        // Not where browsers come, whatever they send.
        let request = Request::builder().method(method).uri(path);
        let request = request.header("authorization", format!("Bearer {TOKEN}"));
        let public = server.browser().send(request.body(Body::empty()).unwrap()).await;
        assert!([404, 405].contains(&public.status.as_u16()), "{method} {path}: {public:?}");
    }
    assert_eq!(get(&server, SERVICES).await.text, before);
    let lines = audit::read(&server.app, server.folder.path());
    let wrong = lines.iter().filter(|it| it["credential"] == "admin_token");
    assert_eq!(wrong.count(), CALLS.len(), "only of those that have a token to compare");

    let without = Server::configured(&client::services()).await.unwrap();
    for (method, path) in CALLS {
        let reply = call(&without, (method, path), &[("content-type", JSON)], "{}").await;
        assert_eq!(reply.status, 404, "{method} {path}: {}", reply.text);
    }
}

/// Each fault that a services.toml can have is one here, too, at its JSON pointer.
#[tokio::test]
async fn what_the_file_could_not_have_is_refused() {
    let server = server().await;
    let mut wrong = Vec::new();
    for (at, value, reason) in [
        ("/aproved", json!(true), "unknown field `aproved`"),
        ("/terms/0/requird", json!(true), "unknown field `requird`"),
        ("/redirect_uris/0", json!("http://cafe.example/"), "expected https"),
        ("/redirect_uris", json!("https://cafe.example/"), "expected a list of strings"),
        ("/terms/0/version", json!(1), "expected a string, found integer"),
        ("/terms/0/effective_from", json!("tomorrow"), "is not a day"),
        ("/personal_info/items/0/id", json!("shoe_size"), "expected one of"),
        ("/name", json!("가게"), "looks like"),
        ("/name/en", json!("Tea\u{202e}"), ""),
        ("/min_age", json!(null), "null is no value"),
        ("/icon", json!("/etc/passwd"), "only a services.toml has files"),
        ("/client_secret", json!({ "file": "/etc/passwd" }), "expected {\"generate\": true}"),
        ("/approved", json!(true), "the admin API approves"),
        ("/events", json!({ "url": "https://127.0.0.1/" }), ""),
        ("/client_id", json!("a/b"), "1 to 64 of A-Z"),
        ("/under_age", json!("guardian"), "it needs the table `[guardian]`"),
        ("/channels", json!([{ "public_id": "_shop", "name": { "ko": "찻집", "en": "Tea" } }]), ""),
    ] {
        let reply = create(&server, &cafe_with(at, value)).await;
        let at = match at {
            "/events" => "/events/url",
            "/channels" => "/channels/0/public_id",
            at => at,
        };
        if !reply.has_refused(at, reason) {
            wrong.push(format!("{at}: {reason}: {}", reply.text));
        }
    }
    assert!(wrong.is_empty(), "{}", wrong.join("\n"));
    let mut incomplete = cafe();
    incomplete.as_object_mut().unwrap().remove("personal_info");
    create(&server, &incomplete).await.refuses("", "`personal_info` is missing");
    assert_eq!(server.count("SELECT count(*) FROM managed_services").await, 0);
}

#[tokio::test]
async fn errors_of_the_lint_refuse_and_warnings_are_returned() {
    let server = server().await;
    let mut marketing = term("1", "2026-01-01", "소식을 보냅니다.");
    marketing["tag"] = json!("news");
    marketing["kind"] = json!("marketing");
    marketing["required"] = json!(false);
    marketing["title"] = json!({ "ko": "소식", "en": "News" });
    let service = cafe_with("/terms", json!([term("1", "2026-01-01", "차"), marketing]));
    let reply = create(&server, &service).await;
    let problem = reply.is(422, "invalid_service");
    let findings = problem["findings"].as_array().unwrap();
    assert!(findings.iter().all(|it| it["rule"].is_string() && it["locale"].is_string()));
    let error = findings.iter().find(|it| it["rule"] == "KR-P12").unwrap();
    assert_eq!(error["severity"], "error", "{error}");
    assert!(error["at"].as_str().unwrap().starts_with("/terms/1"), "{error}");
    get(&server, CAFE).await.is(404, "service_not_found");

    // `legal_name` with `required` may be lacking: a warning.
    let item = json!({
        "id": "legal_name", "required": true, "label": { "ko": "실명", "en": "Legal name" },
    });
    let mut service = cafe();
    service["personal_info"]["items"].as_array_mut().unwrap().push(item);
    let made = created(&server, &service).await.json();
    let findings = made["findings"].as_array().unwrap();
    let found = findings.iter().find(|it| it["at"] == "/personal_info/items/1");
    assert!(found.is_some_and(|it| it["severity"] != "error"), "{made}");
}

#[tokio::test]
async fn what_another_service_has_is_refused() {
    let server = server().await;
    created(&server, &cafe()).await;
    create(&server, &cafe()).await.is(409, "service_exists");
    let mut of_the_file = cafe();
    of_the_file["client_id"] = json!("shop");
    let problem = create(&server, &of_the_file).await.is(409, "service_of_the_file");
    assert!(problem["detail"].as_str().unwrap().contains("services.toml"), "{problem}");
    let headers = [("content-type", JSON), ("if-match", "*")];
    for (method, path) in [
        ("PUT", "/admin/v1/services/shop"),
        ("DELETE", "/admin/v1/services/shop"),
        ("POST", "/admin/v1/services/shop/approve"),
        ("POST", "/admin/v1/services/shop/disable"),
        ("POST", "/admin/v1/services/shop/enable"),
    ] {
        let reply = call(&server, (method, path), &headers, &of_the_file.to_string()).await;
        reply.is(409, "service_of_the_file");
    }
    // A name that looks like that of another managed service; also of one that is disabled.
    post(&server, "/admin/v1/services/cafe/disable").await;
    let mut alike = cafe();
    alike["client_id"] = json!("cafe-2");
    alike["company"] = json!({ "ko": "다른 회사", "en": "Another company" });
    create(&server, &alike).await.refuses("/name", "looks like");
}

#[tokio::test]
async fn a_change_by_another_caller_is_not_lost() {
    let server = server().await;
    let etag = created(&server, &cafe()).await.header("etag");
    let headers = [("content-type", PATCH)];
    let without = call(&server, ("PATCH", CAFE), &headers, "{}").await;
    without.is(428, "precondition_required");
    let (one, other) = (json!({ "verified": true }), json!({ "min_age": 19 }));
    let replies = tokio::join!(patch(&server, &etag, &one), patch(&server, &etag, &other));
    let mut statuses = [replies.0.status, replies.1.status];
    statuses.sort_unstable();
    assert_eq!(statuses, [200, 412]);
    let (winner, loser) =
        if replies.0.status == 200 { (&replies.0, &other) } else { (&replies.1, &one) };
    // Read again, and both are there.
    assert_eq!(patch(&server, &winner.header("etag"), loser).await.status, 200);
    let service = get(&server, CAFE).await.json()["service"].clone();
    assert_eq!((&service["verified"], &service["min_age"]), (&json!(true), &json!(19)));
    for etag in ["\"0\"", "W/\"1\"", "", "1", "\"1\", \"2"] {
        put(&server, etag, &cafe()).await.is(412, "precondition_failed");
    }
    let several = format!("\"0\", {}", get(&server, CAFE).await.header("etag"));
    assert_eq!(patch(&server, &several, &json!({})).await.status, 200);
}

#[tokio::test]
async fn a_text_stays_what_it_was_shown_as() {
    let server = server().await;
    let etag = created(&server, &cafe()).await.header("etag");
    for (changed, at) in [
        (term("1", "2026-01-01", "다른 것을 팝니다."), "/terms/0/version"),
        (term("1", "2026-01-02", "차를 팝니다."), "/terms/0/effective_from"),
    ] {
        let reply = patch(&server, &etag, &json!({ "terms": [changed] })).await;
        reply.refuses(at, "needs a new version");
    }
    // Not even under the same id again.
    call(&server, ("DELETE", CAFE), &[("if-match", &etag)], "").await;
    let again = cafe_with("/terms", json!([term("1", "2026-01-01", "다른 것")]));
    create(&server, &again).await.refuses("/terms/0/version", "needs a new version");
    created(&server, &cafe()).await;
}

#[tokio::test]
async fn the_client_id_never_changes() {
    let server = server().await;
    let etag = created(&server, &cafe()).await.header("etag");
    let renamed = cafe_with("/client_id", json!("cafe-2"));
    put(&server, &etag, &renamed).await.refuses("/client_id", "it never changes");
    let without = json!({ "client_id": null });
    patch(&server, &etag, &without).await.refuses("/client_id", "it never changes");
    let mut secret = cafe();
    secret["client_secret"] = json!({ "generate": true });
    put(&server, &etag, &secret).await.refuses("/client_secret", "rotate it by a call");
}

#[tokio::test]
async fn hostile_bodies_are_refused_in_time() {
    let server = server().await;
    let etag = created(&server, &cafe()).await.header("etag");
    let deep =
        |levels: usize| format!("{{\"terms\":{}{}}}", "[".repeat(levels), "]".repeat(levels));
    let long_text = cafe_with("/personal_info/purpose/ko", json!("가".repeat(400_000)));
    let many_keys: Value = (0..4_000).map(|at| (format!("requird{at}"), json!(1))).collect();
    let many_terms = cafe_with("/terms", json!(vec![json!({}); 10_000]));
    let twice = cafe().to_string().replacen('{', "{\"name\":\"x\",", 1);
    for (body, status) in [
        (String::new(), 400),
        ("{".repeat(1_000_000), 400),
        (deep(10), 422),
        (deep(60), 422),
        (deep(100_000), 422),
        ("\"text\"".to_owned(), 422),
        ("null".to_owned(), 422),
        ("{\"a\":1}{\"b\":2}".to_owned(), 400),
        (long_text.to_string(), 413),
        (format!("{{\"{}\":1}}", "k".repeat(900_000)), 422),
        (format!("{{\"name\":[{}1]}}", "1,".repeat(400_000)), 422),
        (many_keys.to_string(), 422),
        (many_terms.to_string(), 422),
        (twice, 422),
        ("{\"name\": 1e400}".to_owned(), 400),
        ("{\"name\": 18446744073709551615}".to_owned(), 422),
        ("{\"min_age\": -9223372036854775808}".to_owned(), 422),
        ("{\"\\u0000\": \"\\ud800\"}".to_owned(), 400),
        ("{\"\\u0000\": \"\\u007f\"}".to_owned(), 422),
    ] {
        let calls = [(("POST", SERVICES), JSON), (("PUT", CAFE), JSON), (("PATCH", CAFE), PATCH)];
        for (sent, media_type) in calls {
            let headers = [("content-type", media_type), ("if-match", &*etag)];
            let begun = std::time::Instant::now();
            let reply = call(&server, sent, &headers, &body).await;
            assert_eq!(reply.status, status, "{sent:?} {body:.60}: {:.300}", reply.text);
            let code = match status {
                400 => "malformed_request",
                413 => "too_large",
                _ => "invalid_service",
            };
            let problem = reply.is(status, code);
            if let Some(findings) = problem["findings"].as_array() {
                assert!((1..=100).contains(&findings.len()), "{}", findings.len());
            }
            assert!(begun.elapsed().as_secs() < 10, "{sent:?} {body:.60}: {:?}", begun.elapsed());
        }
    }
    let reply = call(&server, ("POST", SERVICES), &[("content-type", "text/plain")], "{}").await;
    reply.is(400, "malformed_request");
    let wrong = [("content-type", JSON), ("if-match", &*etag)];
    call(&server, ("PATCH", CAFE), &wrong, "{}").await.is(400, "malformed_request");
    assert_eq!(call(&server, ("BREW", CAFE), &[], "").await.status, 405);
    // It is as it was.
    assert_eq!(get(&server, CAFE).await.header("etag"), etag);
}

#[tokio::test]
async fn the_keys_of_the_api_must_differ_and_be_long() {
    for (keys, reason) in [
        ("[[admin.keys]]\nname = \"a\"\ntoken = \"short\"\n", "at least 32 characters"),
        (
            "[[admin.keys]]\nname = \"admin\"\ntoken = \"another-token-of-the-admin-api-01\"\n",
            "two keys",
        ),
        (
            "[[admin.keys]]\nname = \"a b\"\ntoken = \"another-token-of-the-admin-api-01\"\n",
            "1 to 64",
        ),
        (
            "[[admin.keys]]\nname = \"a\"\ntoken = \"a-token-of-the-admin-api-0123456789\"\n",
            "also that of another key",
        ),
    ] {
        let Err(error) = Server::configured(&format!("{}\n{keys}", file())).await else {
            panic!("{keys}")
        };
        assert!(error.to_string().contains(reason), "{error}");
        assert!(!error.to_string().contains("-token-of-"), "{error}");
    }
    let lonely = format!(
        "{}\n[admin]\napproval_required = true\n[[admin.keys]]\nname = \"desk\"\n\
         token = \"another-token-of-the-admin-api-01\"\n",
        client::services()
    );
    let Err(error) = Server::configured(&lonely).await else { panic!("no key approves") };
    assert!(error.to_string().contains("no key has `approves = true`"), "{error}");
    let Err(error) = Server::configured(&format!("{}\n[admin]\n", client::services())).await else {
        panic!("no key")
    };
    assert!(error.to_string().contains("`token` is missing"), "{error}");
}
