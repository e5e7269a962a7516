//! Under which names the server answers, and whose pages may send it something.

use axum::{
    body::Body,
    http::{Request, StatusCode, Version},
};

use crate::browser::{Answer, ORIGIN, Server};

/// A server that browsers find at this origin.
async fn at(origin: &str) -> Server {
    let origin = origin.to_owned();
    Server::with(|settings| settings.public_origin = origin).await
}

async fn ask(server: &Server, target: &str, host: &str) -> Answer {
    server
        .browser()
        .send(Request::get(target).header("host", host).body(Body::empty()).unwrap())
        .await
}

#[tokio::test]
async fn a_foreign_host_is_refused_everywhere_but_at_health_checks() {
    let server = at("https://id.example").await;
    for host in [
        "evil.example",
        "evil.example:8080",
        "id.example.evil.example",
        "sub.id.example",
        "id.example.",
        "id.example:8443",
        "127.0.0.1",
        "127.0.0.1:8080",
        "localhost",
        "[::1]:8080",
    ] {
        for path in [
            "/oauth/authorize",
            "/consent/none",
            "/api/v1/consents/none",
            "/demo",
            "/icon.svg",
            "/nothing",
        ] {
            let answer = ask(&server, path, host).await;
            assert_eq!(answer.status, StatusCode::MISDIRECTED_REQUEST, "{path} {host}");
            assert!(!answer.headers.contains_key("set-cookie"));
            assert!(answer.header("content-security-policy").contains("default-src 'none'"));
        }
        for path in ["/healthz", "/readyz"] {
            assert_eq!(ask(&server, path, host).await.status, StatusCode::OK, "{path} {host}");
        }
    }
    for host in ["id.example", "ID.Example", "id.example:443"] {
        assert_eq!(
            ask(&server, "/api/v1/openapi.json", host).await.status,
            StatusCode::OK,
            "{host}"
        );
    }
}

#[tokio::test]
async fn a_port_that_is_named_must_be_ours() {
    let server = at("https://id.example:8443").await;
    for (host, is_ours) in [
        ("id.example:8443", true),
        // A proxy that passes on the name without its port.
        ("id.example", true),
        ("id.example:443", false),
        ("id.example:80", false),
    ] {
        let status = ask(&server, "/api/v1/openapi.json", host).await.status;
        assert_eq!(status == StatusCode::OK, is_ours, "{host}: {status}");
    }
}

#[tokio::test]
async fn aliases_of_a_loopback_origin_are_this_machine() {
    let server = Server::demo().await;
    for host in ["localhost:8080", "localhost", "127.0.0.1", "127.0.0.1:9", "[::1]:8080", "[::1]"] {
        let answer = ask(&server, "/api/v1/openapi.json", host).await;
        assert_eq!(answer.status, StatusCode::OK, "{host}");
    }
    for host in ["localhost.evil.example", "evil.example", "192.168.0.5:8080", "0.0.0.0:8080"] {
        let answer = ask(&server, "/api/v1/openapi.json", host).await;
        assert_eq!(answer.status, StatusCode::MISDIRECTED_REQUEST, "{host}");
    }
    for host in ["localhost:8080", "[::1]:8080"] {
        assert_eq!(
            ask(&server, "/demo", host).await.location(),
            format!("{ORIGIN}/demo"),
            "{host}"
        );
    }
}

#[tokio::test]
async fn a_request_names_its_host_once() {
    let server = at("https://id.example").await;
    let mut browser = server.browser();
    for hosts in [
        &["id.example", "id.example"][..],
        &["id.example", "evil.example"],
        &[""],
        &["id.example/evil"],
        &["user@id.example"],
        &["id.example evil.example"],
        &["id.example:port"],
        &["id.example:99999"],
        &[":443"],
    ] {
        for path in ["/api/v1/openapi.json", "/healthz"] {
            let mut request = Request::get(path);
            for host in hosts {
                request = request.header("host", *host);
            }
            let answer = browser.send(request.body(Body::empty()).unwrap()).await;
            assert_eq!(answer.status, StatusCode::BAD_REQUEST, "{path} {hosts:?}");
        }
    }
}

#[tokio::test]
async fn the_target_of_a_request_counts_as_its_host() {
    let server = at("https://id.example").await;
    for (target, host, status) in [
        ("https://id.example/api/v1/openapi.json", "id.example", 200),
        ("https://ID.example/api/v1/openapi.json", "id.example", 200),
        ("https://evil.example/api/v1/openapi.json", "id.example", 400),
        ("https://id.example/api/v1/openapi.json", "evil.example", 400),
        ("https://evil.example/api/v1/openapi.json", "evil.example", 421),
        ("https://user@id.example/api/v1/openapi.json", "id.example", 400),
    ] {
        let answer = ask(&server, target, host).await;
        assert_eq!(answer.status.as_u16(), status, "{target} {host}");
    }
}

#[tokio::test]
async fn what_a_proxy_says_of_the_host_is_not_read() {
    let server = at("https://id.example").await;
    let send = |host: &str, forwarded: &str| {
        let request = Request::get("/api/v1/openapi.json")
            .header("host", host)
            .header("x-forwarded-host", forwarded)
            .header("forwarded", format!("for=192.0.2.1;host={forwarded}"));
        let mut browser = server.browser();
        let request = request.body(Body::empty()).unwrap();
        async move { browser.send(request).await.status }
    };
    assert_eq!(send("evil.example", "id.example").await, StatusCode::MISDIRECTED_REQUEST);
    assert_eq!(send("id.example", "evil.example").await, StatusCode::OK);
}

/// A page that is open under an alias sends its own forms; another port of this machine does not.
#[tokio::test]
async fn a_page_under_an_alias_may_send_its_own_form() {
    let server = Server::demo().await;
    for (host, origin, is_ours) in [
        ("localhost:8080", "http://localhost:8080", true),
        ("[::1]:8080", "http://[::1]:8080", true),
        ("localhost:8080", ORIGIN, true),
        ("localhost:8080", "http://localhost:3000", false),
        ("localhost:8080", "https://localhost:8080", false),
        ("127.0.0.1:8080", "http://localhost:8080", false),
    ] {
        for site in [Some("same-origin"), None] {
            let mut request = Request::post("/api/v1/consents/none/decision")
                .header("host", host)
                .header("origin", origin)
                .header("content-type", "application/json");
            if let Some(site) = site {
                request = request.header("sec-fetch-site", site);
            }
            let body = Body::from("{\"decision\":\"cancel\"}");
            let answer = server.browser().send(request.body(body).unwrap()).await;
            let expected = if is_ours { StatusCode::NOT_FOUND } else { StatusCode::FORBIDDEN };
            assert_eq!(answer.status, expected, "{host} {origin} {site:?}");
        }
    }
    // Two origins are not one of ours.
    let request = Request::post("/api/v1/consents/none/decision")
        .header("origin", ORIGIN)
        .header("origin", "https://evil.example")
        .header("sec-fetch-site", "same-origin")
        .header("content-type", "application/json");
    let request = request.body(Body::from("{\"decision\":\"cancel\"}")).unwrap();
    assert_eq!(server.browser().send(request).await.status, StatusCode::FORBIDDEN);
}

/// HTTP/1.0 knows no Host: balancers check with it, and nothing else does.
#[tokio::test]
async fn http_1_0_without_a_host_may_check_health_only() {
    let server = Server::demo().await;
    let router = server.app.router();
    for (version, path, status) in [
        (Version::HTTP_10, "/healthz", 200),
        (Version::HTTP_10, "/readyz", 200),
        (Version::HTTP_10, "/api/v1/openapi.json", 400),
        (Version::HTTP_11, "/healthz", 400),
        (Version::HTTP_11, "/api/v1/openapi.json", 400),
    ] {
        let request = Request::get(path).version(version).body(Body::empty()).unwrap();
        let answer = tower::ServiceExt::oneshot(router.clone(), request).await.unwrap();
        assert_eq!(answer.status().as_u16(), status, "{version:?} {path}");
    }
}
