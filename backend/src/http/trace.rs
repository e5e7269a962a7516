//! One line in the log and one span for each request. Never a query, a body, a cookie or a whole path: they hold
//! codes, challenges and what people typed.

use std::time::{Duration, Instant};

use axum::{
    extract::{MatchedPath, Request, State},
    http::{HeaderName, HeaderValue},
    middleware::Next,
    response::Response,
};
use tracing::{Instrument, Span};

use crate::{
    App,
    audit::request_id,
    crypto,
    metrics::known_method,
    slow_requests::Ended,
    telemetry::{Received, profile::Recording, trace_of},
};

/// Logs a request under a fresh id, which the answer and its span carry, too, and under the id of its trace:
/// that of `traceparent`, or of its span.
pub async fn every_request(State(app): State<App>, request: Request, next: Next) -> Response {
    let id: String = crypto::random_bytes::<8>().iter().map(|byte| format!("{byte:02x}")).collect();
    let matched = request.extensions().get::<MatchedPath>().cloned();
    let method = request.method().clone();
    let route = matched.as_ref().map_or("-", MatchedPath::as_str);
    let traced = app.traces().received(&Received {
        method: &method,
        route: matched.as_ref().map(MatchedPath::as_str),
        origin: app.origin(),
        headers: request.headers(),
        request_id: &id,
    });
    let trace_id = traced.trace_id().or_else(|| trace_of(request.headers()));
    let trace = trace_id.map(|id| id.to_string());
    let trace_id = trace_id.map(tracing::field::display);
    let span = tracing::info_span!("request", %id, trace_id, %method, route);
    let mut watch = Watch {
        app: app.clone(),
        route: matched,
        method: known_method(method.as_str()),
        id: id.clone(),
        trace,
        began: Instant::now(),
        recording: Recording::default(),
        span: span.clone(),
        is_answered: false,
    };
    let answered = request_id::scope(id.clone(), async move {
        let mut response = watch.recording.of(next.run(request)).await;
        let (status, elapsed) = (response.status().as_u16(), watch.began.elapsed());
        watch.answered(status, elapsed);
        tracing::info!(status, milliseconds = elapsed.as_millis(), "answered");
        if let Ok(value) = HeaderValue::from_str(&id) {
            response.headers_mut().insert(HeaderName::from_static("x-request-id"), value);
        }
        response
    });
    let response = traced.around(answered.instrument(span)).await;
    traced.answered(response.status().as_u16());
    response
}

/// Notes what a request has cost, also one whose client gave up: then what runs it is dropped.
struct Watch {
    app: App,
    route: Option<MatchedPath>,
    method: &'static str,
    id: String,
    trace: Option<String>,
    began: Instant,
    recording: Recording,
    span: Span,
    is_answered: bool,
}

impl Watch {
    fn answered(&mut self, status: u16, elapsed: Duration) {
        self.is_answered = true;
        self.app.metrics().answered(self.route(), self.method, status, elapsed.as_secs_f64());
        self.note(Some(status), elapsed);
    }

    fn note(&self, status: Option<u16>, elapsed: Duration) {
        let profile = self.recording.taken();
        for wait in &profile.waits {
            self.app.metrics().waited_for_connection(wait.as_secs_f64());
        }
        self.app.slow_requests().note(&Ended {
            ended_at: self.app.clock().timestamp(),
            route: self.route(),
            method: self.method,
            status,
            request_id: &self.id,
            trace_id: self.trace.clone(),
            took: elapsed,
            profile: &profile,
        });
    }

    fn route(&self) -> &str {
        self.route.as_ref().map_or("-", MatchedPath::as_str)
    }
}

impl Drop for Watch {
    fn drop(&mut self) {
        if !self.is_answered {
            let elapsed = self.began.elapsed();
            self.note(None, elapsed);
            let _of_request = self.span.enter();
            tracing::info!(milliseconds = elapsed.as_millis(), "ended without an answer");
        }
    }
}
