//! A collector of OpenTelemetry: what it gets, read by the types of the protocol.

use std::{
    fmt::Write as _,
    sync::{Arc, Mutex},
    time::{Duration, Instant},
};

use axum::{
    Router,
    body::Bytes,
    extract::State,
    http::{HeaderMap, StatusCode},
    routing::post,
};
use consent_backend::Traces;
use opentelemetry_proto::tonic::{
    collector::trace::v1::ExportTraceServiceRequest,
    common::v1::{AnyValue, KeyValue, any_value::Value},
    trace::v1::{Span, span::SpanKind, status::StatusCode as SpanStatus},
};
use prost::Message as _;
use tokio::{net::TcpListener, task::JoinHandle};

/// What it does with a batch.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Does {
    Take,
    /// Answers with 500.
    Fail,
    /// Reads, and never answers.
    Hang,
}

#[derive(Clone, Default)]
struct Received(Arc<Mutex<Vec<ExportTraceServiceRequest>>>);

pub struct Collector {
    /// Without a path.
    pub url: String,
    received: Received,
    task: JoinHandle<()>,
}

impl Collector {
    pub async fn new(does: Does) -> Self {
        let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
        let url = format!("http://{}", listener.local_addr().unwrap());
        let received = Received::default();
        let state = (does, received.clone());
        let router = Router::new().route("/v1/traces", post(collect)).with_state(state);
        let task = tokio::spawn(async move { axum::serve(listener, router).await.unwrap() });
        Self { url, received, task }
    }

    pub fn traces(&self) -> Traces {
        Traces::open(Some(&self.url)).unwrap()
    }

    /// What arrived, once everything was sent.
    pub async fn all(&self, traces: &Traces) -> Spans {
        assert!(traces.close(Duration::from_secs(10)).await, "not everything was sent");
        self.spans()
    }

    /// What has arrived by now.
    pub fn spans(&self) -> Spans {
        let received = self.received.0.lock().unwrap();
        let resources = received.iter().flat_map(|it| &it.resource_spans);
        let scopes = resources.flat_map(|it| &it.scope_spans);
        Spans(scopes.flat_map(|it| it.spans.clone()).collect())
    }

    /// Waits for a span of this name.
    pub async fn waits_for(&self, name: &str) -> Spans {
        let start = Instant::now();
        while !self.spans().0.iter().any(|span| span.name == name) {
            assert!(start.elapsed() < Duration::from_secs(30), "no {name}: {:?}", self.spans());
            tokio::time::sleep(Duration::from_millis(50)).await;
        }
        self.spans()
    }

    /// An attribute that all spans have in common.
    pub fn resource(&self, key: &str) -> String {
        let received = self.received.0.lock().unwrap();
        let resource = received[0].resource_spans[0].resource.clone().unwrap();
        attribute(&resource.attributes, key).unwrap_or_else(|| panic!("no {key}: {resource:?}"))
    }
}

impl Drop for Collector {
    fn drop(&mut self) {
        self.task.abort();
    }
}

async fn collect(
    State((does, received)): State<(Does, Received)>,
    headers: HeaderMap,
    body: Bytes,
) -> StatusCode {
    assert_eq!(headers["content-type"], "application/x-protobuf");
    received.0.lock().unwrap().push(ExportTraceServiceRequest::decode(body).unwrap());
    match does {
        Does::Take => StatusCode::OK,
        Does::Fail => StatusCode::INTERNAL_SERVER_ERROR,
        Does::Hang => std::future::pending().await,
    }
}

#[derive(Debug)]
pub struct Spans(pub Vec<Span>);

impl Spans {
    /// The one of this name.
    #[track_caller]
    pub fn one(&self, name: &str) -> &Span {
        let mut found = self.0.iter().filter(|span| span.name == name);
        let span = found.next().unwrap_or_else(|| panic!("no {name}: {self:?}"));
        assert!(found.next().is_none(), "more than one {name}: {self:?}");
        span
    }

    /// Those directly below a span.
    pub fn below(&self, parent: &Span) -> Vec<&Span> {
        let is_below = |span: &&Span| {
            span.parent_span_id == parent.span_id && span.trace_id == parent.trace_id
        };
        self.0.iter().filter(is_below).collect()
    }
}

/// What the tests read of a span.
pub trait Read {
    fn get(&self, key: &str) -> Option<String>;
    fn is_error(&self) -> bool;
    fn is(&self, kind: SpanKind) -> bool;
    /// `trace-id-span-id`, as `traceparent` has them.
    fn id(&self) -> String;
    fn reached(&self) -> Vec<&str>;
}

impl Read for Span {
    fn get(&self, key: &str) -> Option<String> {
        attribute(&self.attributes, key)
    }

    fn is_error(&self) -> bool {
        self.status.as_ref().is_some_and(|status| status.code == SpanStatus::Error as i32)
    }

    fn is(&self, kind: SpanKind) -> bool {
        self.kind == kind as i32
    }

    fn id(&self) -> String {
        format!("{}-{}", hex(&self.trace_id), hex(&self.span_id))
    }

    fn reached(&self) -> Vec<&str> {
        self.events.iter().map(|event| &*event.name).collect()
    }
}

pub fn hex(bytes: &[u8]) -> String {
    bytes.iter().fold(String::new(), |mut text, byte| {
        let _ = write!(text, "{byte:02x}");
        text
    })
}

fn attribute(attributes: &[KeyValue], key: &str) -> Option<String> {
    let mut found = attributes.iter().filter(|attribute| attribute.key == key);
    let value = found.next()?.value.as_ref();
    assert!(found.next().is_none(), "{key} twice: {attributes:?}");
    Some(text(value.unwrap()))
}

fn text(value: &AnyValue) -> String {
    match value.value.as_ref().unwrap() {
        Value::StringValue(text) => text.clone(),
        Value::IntValue(number) => number.to_string(),
        Value::ArrayValue(array) => array.values.iter().map(text).collect::<Vec<_>>().join(","),
        other => panic!("{other:?}"),
    }
}
