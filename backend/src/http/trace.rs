//! One line in the log and one span for each request. Never a query, a body, a cookie or a whole path: they hold
//! codes, challenges and what people typed.

use std::time::Instant;

use axum::{
    extract::{MatchedPath, Request, State},
    http::{HeaderName, HeaderValue},
    middleware::Next,
    response::Response,
};
use tracing::Instrument;

use crate::{
    App,
    audit::request_id,
    crypto,
    metrics::known_method,
    slow_requests::Answered,
    telemetry::{Received, profile::profiled, trace_of},
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
    let start = Instant::now();
    let answered = request_id::scope(id.clone(), async move {
        let (mut response, profile) = profiled(next.run(request)).await;
        let (elapsed, status) = (start.elapsed(), response.status().as_u16());
        let route = matched.as_ref().map_or("-", MatchedPath::as_str);
        let method = known_method(method.as_str());
        app.metrics().answered(route, method, status, elapsed.as_secs_f64());
        for wait in &profile.waits {
            app.metrics().waited_for_connection(wait.as_secs_f64());
        }
        app.slow_requests().note(&Answered {
            answered_at: app.clock().timestamp(),
            route,
            method,
            status,
            request_id: &id,
            trace_id: trace,
            took: elapsed,
            profile: &profile,
        });
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
