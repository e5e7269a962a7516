//! Everything that answers over HTTP. Each resource has its own file with its own `router()`.

mod account;
mod admin;
pub mod admin_api;
pub mod admin_explain;
pub mod admin_services;
pub mod admin_slow_requests;
pub mod agreements;
mod alias;
mod auth_status;
pub mod authorize;
pub mod auto_login;
mod bearer;
pub mod body;
mod body_deadline;
mod bounded_state;
mod built_page;
mod built_page_cache;
pub mod challenge;
pub mod client_address;
mod client_authentication;
mod closing;
pub mod confirm;
pub mod consent;
mod consent_page;
pub mod continue_page;
pub mod cookies;
mod cors;
mod current;
pub mod decision;
mod device;
pub mod discovery;
pub mod error;
pub mod expected_user;
mod files;
mod form_post;
mod forwarded;
mod guardian;
pub mod headers;
mod health;
pub mod host;
mod icon;
pub mod introspect;
pub mod kakao;
mod limit;
mod login;
pub mod logout;
mod look;
pub mod messenger_events;
pub mod page;
mod protocol;
mod proxied_account;
pub mod pushed_request;
pub mod receipt_download;
pub mod redirect;
mod refusals;
mod response_mode;
pub mod revoke;
mod screen;
pub mod session;
mod sign_in;
pub mod studio;
pub mod terms;
pub mod text_changes;
pub mod token;
mod trace;
pub mod userinfo;
mod value_missing;
mod words;

use std::time::Duration;

use axum::{
    Router,
    extract::Request,
    middleware::{Next, from_fn, from_fn_with_state},
    response::{IntoResponse, Response},
};
use tower_http::{catch_panic::CatchPanicLayer, compression::CompressionLayer};

pub use admin::router as admin_router;
pub use built_page::{BuiltPage, lacks_a_screen};
pub use built_page_cache::BuiltPageCache;
pub use consent_page::page_policy;
pub use current::router as router_of_current;
pub use kakao::connection::unlink_incomplete_sign_ups;
pub use limit::Limiter;
pub use sign_in::{CALLBACK as SIGN_IN_CALLBACK, PATH as SIGN_IN};

use crate::{App, demo, test_hooks};
use error::RequestError;
use protocol::Protocol;

/// How long one request may take, until its answer begins.
pub const LONGEST_REQUEST: Duration = Duration::from_secs(20);

/// Every address there is, in groups that answer errors in one protocol each.
pub fn router(app: &App) -> Router {
    let mut pages = Router::new()
        .merge(authorize::router())
        .merge(auto_login::pages())
        .merge(logout::router())
        .merge(account::router())
        .merge(guardian::router())
        .merge(consent_page::router());
    if app.is_demo() {
        pages = pages.merge(demo::router());
    }
    if app.provider().is_some() {
        pages = pages.merge(sign_in::router());
    }
    let mut api = Router::new()
        .merge(consent::router())
        .merge(auto_login::router())
        .merge(terms::router())
        .merge(receipt_download::router())
        .merge(text_changes::router())
        .merge(messenger_events::router())
        .merge(discovery::router());
    if app.test_hooks().is_some() {
        api = api.merge(test_hooks::router());
    }
    let tokens = Router::new()
        .merge(token::router())
        .merge(pushed_request::router())
        .merge(revoke::router())
        .merge(introspect::router());
    let resources = Router::new().merge(userinfo::router()).merge(agreements::router());
    let mut files = Router::new()
        .merge(icon::router())
        .merge(look::router())
        .merge(page::router())
        .merge(screen::router());
    if app.studio().is_some() {
        files = files.merge(studio::router());
    }
    let groups = [
        (Protocol::Page, pages),
        (Protocol::Api, api),
        (Protocol::Decision, decision::router().merge(guardian::child::router())),
        (Protocol::Token, tokens.merge(kakao::tokens())),
        (Protocol::Kakao, kakao::api()),
        (Protocol::Bearer, resources),
        (Protocol::File, files),
        (Protocol::Health, health::router()),
    ];
    groups
        .into_iter()
        .fold(Router::new(), |all, (protocol, router)| all.merge(around(router, protocol, app)))
}

/// Puts around every address of a group what all of them share, from the outermost inwards.
fn around(router: Router<App>, protocol: Protocol, app: &App) -> Router {
    let mut router = router
        .layer(CatchPanicLayer::custom(|_| {
            // The panic's own words are in the log already.
            RequestError::Unavailable("a handler panicked".to_owned()).into_response()
        }))
        .layer(from_fn(body_deadline::limit))
        .layer(from_fn(timeout))
        .layer(from_fn_with_state(app.clone(), alias::lead_to_our_origin))
        .layer(from_fn_with_state(app.clone(), limit::rate_limit));
    if app.test_hooks().is_some() {
        router = router.layer(from_fn_with_state(app.clone(), test_hooks::failures::inject));
    }
    router = router
        .layer(from_fn_with_state(app.clone(), host::only_ours))
        .layer(from_fn_with_state((app.clone(), protocol), error::render::errors));
    if app.is_demo() {
        router = router.layer(from_fn_with_state(app.clone(), demo::in_app::bar));
    }
    router
        .layer(from_fn_with_state((app.clone(), protocol), headers::security_headers))
        // Of what is made for each answer; files of the screen come with compressed siblings. A
        // rendered page holds a secret (the csrf token) beside what a service put into its authorize
        // request. Who could read the size on the line would have to try that often with one
        // secret, but each different authorize request has a challenge and so a token of its own.
        .layer(CompressionLayer::new())
        .layer(from_fn_with_state(app.clone(), cors::cross_origin))
        .layer(from_fn_with_state(app.clone(), client_address::identify))
        .layer(from_fn_with_state(app.clone(), trace::every_request))
        .with_state(app.clone())
}

async fn timeout(request: Request, next: Next) -> Response {
    match tokio::time::timeout(LONGEST_REQUEST, next.run(request)).await {
        Ok(response) => response,
        Err(_) => RequestError::Unavailable("the answer took too long".to_owned()).into_response(),
    }
}

/// A parameter of a query, when it is there once.
pub fn parameter(query: Option<&str>, name: &str) -> Option<String> {
    let pairs = url::form_urlencoded::parse(query.unwrap_or_default().as_bytes());
    let mut values = pairs.filter(|(key, _)| key == name).map(|(_, value)| value.into_owned());
    values.next().filter(|_| values.next().is_none())
}

#[cfg(test)]
mod tests {
    use axum::{
        body::{Body, to_bytes},
        http::{StatusCode, header},
        routing::post,
    };
    use tempfile::TempDir;
    use tower::ServiceExt;

    use super::*;
    use crate::{Services, Settings, clock::Clock};

    const SERVICES: &str = "[[service]]\nclient_id = \"shop\"\nname = \"가게\"\ncompany = \"가게\"\n\
        redirect_uris = [\"https://shop.example/\"]\n\n[service.personal_info]\nrecipient = \"가게\"\n\
        purpose = \"주문\"\nretention = \"1년\"\nrefusal_effect = \"없음\"\n\n\
        [[service.personal_info.items]]\nid = \"profile_nickname\"\nlabel = \"닉네임\"\nrequired = true\n";

    async fn app() -> (App, TempDir) {
        let folder = TempDir::new().unwrap();
        let services = folder.path().join("services.toml");
        std::fs::write(&services, SERVICES).unwrap();
        let settings = Settings {
            services: Services::File(services),
            public_origin: "https://id.example".to_owned(),
            dist: folder.path().join("dist").into(),
            studio: None,
            admin_studio: None,
            database: folder.path().join("data").into(),
            challenge_ttl: Duration::from_secs(60),
            rate_limit: None,
            hsts_include_subdomains: false,
            trusted_proxies: Vec::new(),
            webhook_networks: Vec::new(),
            demo_shops: Default::default(),
            test_hooks: false,
            other_hosts: Vec::new(),
            serves_https: false,
            audit_log: Default::default(),
            traces: Default::default(),
            slow_request: Duration::from_millis(500),
            clock: Clock::default(),
        };
        (App::open(settings).await.unwrap(), folder)
    }

    const JSON: &str = "application/json";
    const PROBLEM: &str = "application/problem+json";
    const HTML: &str = "text/html; charset=utf-8";

    /// Each protocol, what is sent to it, and what its errors are.
    const SAID: [(Protocol, &str, &str); 10] = [
        (Protocol::Page, "", HTML),
        (Protocol::Page, body::JSON, HTML),
        (Protocol::Api, body::FORM, PROBLEM),
        (Protocol::Decision, body::JSON, PROBLEM),
        (Protocol::Decision, body::FORM, HTML),
        (Protocol::Token, body::FORM, JSON),
        (Protocol::Bearer, body::FORM, JSON),
        (Protocol::Kakao, body::FORM, JSON),
        (Protocol::File, body::FORM, HTML),
        (Protocol::Health, body::FORM, "text/plain; charset=utf-8"),
    ];

    async fn asked(router: Router, media_type: &str) -> (StatusCode, String, String) {
        let request = Request::post("/x")
            .header(header::HOST, "id.example")
            .header(header::ACCEPT, "text/html")
            .header(header::CONTENT_TYPE, media_type);
        let answer = router.oneshot(request.body(Body::empty()).unwrap()).await.unwrap();
        assert_eq!(answer.headers()[header::RETRY_AFTER], "3");
        assert_eq!(answer.headers()[header::CACHE_CONTROL], "no-store");
        let kind = answer.headers()[header::CONTENT_TYPE].to_str().unwrap().to_owned();
        let status = answer.status();
        let body = to_bytes(answer.into_body(), usize::MAX).await.unwrap();
        (status, kind, String::from_utf8(body.to_vec()).unwrap())
    }

    async fn breaks() -> &'static str {
        panic!("a handler's own words are for the log")
    }

    #[tokio::test]
    async fn a_panic_is_rendered_by_protocol() {
        let (app, _folder) = app().await;
        for (protocol, media_type, expected) in SAID {
            let router = around(Router::new().route("/x", post(breaks)), protocol, &app);
            let (status, kind, body) = asked(router, media_type).await;
            assert_eq!((status.as_u16(), &*kind), (503, expected), "{protocol:?}: {body}");
            assert!(!body.contains("own words"), "{body}");
        }
    }

    #[tokio::test]
    async fn a_timeout_is_rendered_by_protocol() {
        let (app, _folder) = app().await;
        tokio::time::pause();
        for (protocol, media_type, expected) in SAID {
            let never = post(std::future::pending::<()>);
            let start = tokio::time::Instant::now();
            let router = around(Router::new().route("/x", never), protocol, &app);
            let (status, kind, body) = asked(router, media_type).await;
            assert_eq!((status.as_u16(), &*kind), (503, expected), "{protocol:?}: {body}");
            assert!(start.elapsed() >= LONGEST_REQUEST && start.elapsed() < LONGEST_REQUEST * 2);
        }
    }
}
