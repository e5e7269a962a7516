//! Spans of HTTP, by the semantic conventions (<https://opentelemetry.io/docs/specs/semconv/http/>).

use axum::http::{HeaderMap, Method, uri::Authority};
use opentelemetry::{
    Array, Context, KeyValue, StringValue, Value,
    propagation::TextMapPropagator,
    trace::{SpanBuilder, SpanContext, SpanKind, TraceContextExt, TraceId, TraceState},
};
use opentelemetry_http::HeaderExtractor;
use opentelemetry_sdk::propagation::TraceContextPropagator;
use url::Url;

use super::{Span, Traces};

/// The methods of RFC 9110 and RFC 5789. A client can make up any other.
const METHODS: [&str; 9] =
    ["CONNECT", "DELETE", "GET", "HEAD", "OPTIONS", "PATCH", "POST", "PUT", "TRACE"];

/// A request of a client.
pub struct Received<'a> {
    pub method: &'a Method,
    /// The route of the router; none for an address of nothing.
    pub route: Option<&'a str>,
    /// Ours.
    pub origin: &'a str,
    pub headers: &'a HeaderMap,
    /// Ours.
    pub request_id: &'a str,
}

impl Traces {
    /// The span of a request, below the one that `traceparent` names.
    pub fn received(&self, request: &Received<'_>) -> Span {
        if self.0.is_none() {
            return Span::default();
        }
        let Received { method, route, origin, headers, request_id } = *request;
        let (method, named) = known(method);
        let name = route.map_or_else(|| named.to_owned(), |route| format!("{named} {route}"));
        let (scheme, authority) = origin.split_once("://").unwrap_or(("http", origin));
        let id = Array::String(vec![StringValue::from(request_id.to_owned())]);
        let mut attributes = vec![
            KeyValue::new("http.request.method", method),
            KeyValue::new("url.scheme", scheme.to_owned()),
            KeyValue::new("http.response.header.x-request-id", Value::Array(id)),
        ];
        attributes.extend(route.map(|route| KeyValue::new("http.route", route.to_owned())));
        if let Ok(authority) = authority.parse::<Authority>() {
            let host = authority.host().to_owned();
            attributes.push(KeyValue::new("server.address", host));
            let port = authority.port_u16().map(i64::from);
            attributes.extend(port.map(|port| KeyValue::new("server.port", port)));
        }
        let builder =
            SpanBuilder::from_name(name).with_kind(SpanKind::Server).with_attributes(attributes);
        Span::begin(self, builder, &parent(headers))
    }

    /// The span of an attempt to deliver an event to a configured service: the first is number 1.
    pub fn delivering(&self, service: &str, attempt: i64) -> Span {
        if self.0.is_none() {
            return Span::default();
        }
        let attributes = [
            KeyValue::new("consent.service", service.to_owned()),
            KeyValue::new("consent.event.attempt", attempt),
        ];
        let builder = SpanBuilder::from_name("deliver event").with_attributes(attributes);
        Span::begin(self, builder, &Context::new())
    }
}

impl Span {
    /// The status that a request was answered with. What a client did wrong is no error of this server.
    pub fn answered(&self, status: u16) {
        self.ended_with(status, 500);
    }

    /// The status of an answer to our request.
    pub fn got(&self, status: u16) {
        self.ended_with(status, 400);
    }

    /// Our request got no answer.
    pub fn got_none(&self, error: &reqwest::Error) {
        self.failed(match error {
            it if it.is_timeout() => "timeout",
            it if it.is_connect() => "no_connection",
            _ => "_OTHER",
        });
    }

    fn ended_with(&self, status: u16, least_error: u16) {
        self.set(KeyValue::new("http.response.status_code", i64::from(status)));
        if status >= least_error {
            self.failed(status.to_string());
        }
    }
}

/// The span of a request that this server sends, below the one that the task is in. `traceparent` is added to
/// its headers. Neither the path nor the query of the URL is in it.
pub fn calling(method: &Method, url: &Url, headers: &mut HeaderMap) -> Span {
    let span = Span::below(|| {
        let (method, named) = known(method);
        let mut attributes = vec![
            KeyValue::new("http.request.method", method),
            KeyValue::new("url.scheme", url.scheme().to_owned()),
        ];
        let host = url.host_str().map(str::to_owned);
        attributes.extend(host.map(|host| KeyValue::new("server.address", host)));
        let port = url.port_or_known_default().map(i64::from);
        attributes.extend(port.map(|port| KeyValue::new("server.port", port)));
        SpanBuilder::from_name(named).with_kind(SpanKind::Client).with_attributes(attributes)
    });
    span.inject(headers);
    span
}

/// A method as an attribute, and in the name of a span.
fn known(method: &Method) -> (&'static str, &'static str) {
    let method = METHODS.into_iter().find(|known| *known == method.as_str());
    method.map_or(("_OTHER", "HTTP"), |method| (method, method))
}

/// The trace of the client in `traceparent`; none where that is missing or malformed.
pub fn trace_of(headers: &HeaderMap) -> Option<TraceId> {
    let parent = parent(headers);
    parent.has_active_span().then(|| parent.span().span_context().trace_id())
}

/// The span of the client in `traceparent`. Its `tracestate`, which can hold anything, is left out.
fn parent(headers: &HeaderMap) -> Context {
    let none = Context::new();
    let extractor = HeaderExtractor(headers);
    let extracted = TraceContextPropagator::new().extract_with_context(&none, &extractor);
    let span = extracted.span().span_context().clone();
    if !span.is_valid() {
        return none;
    }
    let (trace, id, flags) = (span.trace_id(), span.span_id(), span.trace_flags());
    none.with_remote_span_context(SpanContext::new(trace, id, flags, true, TraceState::NONE))
}
