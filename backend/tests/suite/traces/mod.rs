//! Traces, as a collector of OpenTelemetry gets them.

pub mod collector;
mod outages;
mod process;

use std::fs;

use axum::{body::Body, http::Request};
use consent_backend::{App, Services, Traces};
use opentelemetry_proto::tonic::trace::v1::span::SpanKind;
use tempfile::TempDir;

use crate::{
    browser::{Server, required_only, settings},
    client, database,
    webhooks::{self, answer, everything, receiver::Receiver},
};
use collector::{Collector, Does, Read, hex};

/// A server with this configuration whose spans go to a collector.
pub async fn server(toml: &str, traces: &Traces) -> Server {
    let folder = TempDir::new().unwrap();
    let file = folder.path().join("services.toml");
    fs::write(&file, toml).unwrap();
    let mut settings = settings(folder.path(), Services::File(file));
    settings.trusted_proxies = vec!["127.0.0.1".parse().unwrap()];
    settings.webhook_networks = vec!["127.0.0.1".parse().unwrap()];
    settings.traces = traces.clone();
    database::prepare(&settings).await;
    let clock = settings.clock.clone();
    Server::of(App::open(settings).await.unwrap(), clock, folder)
}

const TRACE: &str = "0af7651916cd43dd8448eb211c80319c";
const PARENT: &str = "b7ad6b7169203331";

#[tokio::test]
async fn a_request_is_a_span_below_that_of_its_client() {
    let collector = Collector::new(Does::Take).await;
    let traces = collector.traces();
    let server = server(&client::services(), &traces).await;
    let request = Request::get("/.well-known/openid-configuration?a=secret")
        .header("traceparent", format!("00-{TRACE}-{PARENT}-01"))
        .header("tracestate", "vendor=secret");
    let answer = server.browser().send(request.body(Body::empty()).unwrap()).await;
    let unsampled = Request::get("/.well-known/jwks.json")
        .header("traceparent", format!("00-{TRACE}-{PARENT}-00"));
    server.browser().send(unsampled.body(Body::empty()).unwrap()).await;
    let spans = collector.all(&traces).await;
    let span = spans.one("GET /.well-known/openid-configuration");
    assert!(span.is(SpanKind::Server) && !span.is_error(), "{span:?}");
    assert_eq!((hex(&span.trace_id), hex(&span.parent_span_id)), (TRACE.into(), PARENT.into()));
    assert_eq!(span.trace_state, "");
    for (key, value) in [
        ("http.request.method", "GET"),
        ("http.route", "/.well-known/openid-configuration"),
        ("http.response.status_code", "200"),
        ("url.scheme", "http"),
        ("server.address", "127.0.0.1"),
        ("server.port", "8080"),
        ("http.response.header.x-request-id", answer.header("x-request-id")),
    ] {
        assert_eq!(span.get(key).as_deref(), Some(value), "{key}");
    }
    assert!(span.end_time_unix_nano > span.start_time_unix_nano);
    assert_eq!(spans.0.len(), 1, "what the client does not sample is not exported: {spans:?}");
    assert!(!format!("{spans:?}").contains("secret"), "{spans:?}");
    assert_eq!(collector.resource("service.name"), "consent-backend");
    assert_eq!(collector.resource("service.version"), env!("CARGO_PKG_VERSION"));
}

#[tokio::test]
async fn a_decision_has_its_writes_and_nothing_of_a_person() {
    let collector = Collector::new(Does::Take).await;
    let traces = collector.traces();
    let server = server(&client::services(), &traces).await;
    let mut hana = server.proxied("hana");
    let request = client::request("shop", "https://shop.example/callback", "openid");
    let challenge = hana.authorize(&request).await.challenge();
    let asked = hana.asked(&challenge).await;
    let decided = hana.decide(&challenge, &required_only(&asked)).await.text().to_owned();
    let session = hana.cookie("session").to_owned();
    let spans = collector.all(&traces).await;
    let decision = spans.one("POST /api/v1/consents/{challenge}/decision");
    let writes = spans.below(decision);
    assert!(!writes.is_empty(), "{spans:?}");
    let system = match server.location().directory() {
        Some(_) => "sqlite",
        None => "postgresql",
    };
    for write in &writes {
        assert_eq!(write.name, "write transaction");
        assert!(write.is(SpanKind::Client), "{write:?}");
        assert_eq!(write.get("db.system.name").as_deref(), Some(system));
    }
    let committed = writes.iter().filter(|write| write.reached() == ["begun", "committed"]);
    let scopes: Vec<_> = committed.filter_map(|write| write.get("consent.write.scope")).collect();
    assert!(scopes.iter().any(|scope| ["account", "store"].contains(&&**scope)), "{writes:?}");
    let decided: serde_json::Value = serde_json::from_str(&decided).unwrap();
    let receipt = decided["receipt_id"].as_str().unwrap();
    let everything = format!("{spans:?}");
    for secret in ["hana", "하나", "a state", &challenge, &session, receipt, "code="] {
        assert!(!everything.contains(secret), "{secret}: {everything}");
    }
}

#[tokio::test]
async fn a_failure_of_ours_is_an_error_and_one_of_a_client_is_none() {
    let collector = Collector::new(Does::Take).await;
    let traces = collector.traces();
    let server = server(&client::services(), &traces).await;
    let mut browser = server.browser();
    assert_eq!(browser.get("/a-path-of-nothing").await.status, 404);
    let brew = Request::builder().method("BREW").uri("/healthz").body(Body::empty()).unwrap();
    assert_eq!(browser.send(brew).await.status, 405);
    server.app.close().await;
    let mut hana = server.proxied("hana");
    let request = client::request("shop", "https://shop.example/callback", "openid");
    assert_eq!(hana.authorize(&request).await.status, 503);
    let spans = collector.all(&traces).await;
    let failed = spans.one("GET /oauth/authorize");
    assert!(failed.is_error(), "{failed:?}");
    assert_eq!(failed.get("error.type").as_deref(), Some("503"));
    let made_up = spans.one("HTTP /healthz");
    assert_eq!(made_up.get("http.request.method").as_deref(), Some("_OTHER"));
    let missing =
        spans.0.iter().find(|it| it.get("http.response.status_code").as_deref() == Some("404"));
    let missing = missing.unwrap_or_else(|| panic!("{spans:?}"));
    for span in [made_up, missing] {
        assert!(!span.is_error() && span.get("error.type").is_none(), "{span:?}");
    }
    assert!(!format!("{spans:?}").contains("a-path-of-nothing"), "{spans:?}");
}

#[tokio::test]
async fn a_webhook_carries_the_span_of_its_delivery() {
    let collector = Collector::new(Does::Take).await;
    let traces = collector.traces();
    let receiver = Receiver::new();
    receiver.answers(&[500]);
    let server = server(&webhooks::shop(&receiver.url("/events")), &traces).await;
    answer(&mut server.proxied("hana"), &[], everything).await;
    server.app.deliver_events().await;
    server.clock.advance(60);
    server.app.deliver_events().await;
    let heard = receiver.heard();
    let spans = collector.all(&traces).await;
    let attempts = spans.0.iter().filter(|span| span.name == "deliver event");
    let attempts: Vec<_> = attempts.collect();
    assert!(heard.len() >= 2 && attempts.len() == heard.len(), "{heard:?} {spans:?}");
    let mut calls = Vec::new();
    for attempt in attempts {
        assert_eq!(attempt.get("consent.service").as_deref(), Some("shop"));
        assert!(attempt.parent_span_id.is_empty(), "{attempt:?}");
        let below = spans.below(attempt);
        let [call] = below[..] else { panic!("one call: {below:?}") };
        assert!(call.is(SpanKind::Client) && call.name == "POST", "{call:?}");
        assert_eq!(call.get("server.address").as_deref(), Some("127.0.0.1"));
        let number = attempt.get("consent.event.attempt").unwrap();
        let status = call.get("http.response.status_code").unwrap();
        assert_eq!(call.is_error(), status == "500", "{call:?}");
        assert_eq!(attempt.is_error(), status == "500", "{attempt:?}");
        calls.push((format!("00-{}-01", call.id()), number, status));
    }
    assert!(calls.iter().any(|(_, number, status)| (&**number, &**status) == ("1", "500")));
    assert!(calls.iter().any(|(_, number, status)| (&**number, &**status) == ("2", "202")));
    for heard in heard {
        let parent = heard.header("traceparent");
        let status = heard.status.to_string();
        assert!(calls.iter().any(|(id, _, it)| id == parent && *it == status), "{heard:?}");
        assert!(heard.headers.iter().all(|(name, _)| name != "tracestate"), "{heard:?}");
    }
}
