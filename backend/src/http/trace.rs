//! One line in the log for each request. Never a query, a body, a cookie or a whole path: they hold
//! codes, challenges and what people typed.

use std::time::Instant;

use axum::{
    extract::{MatchedPath, Request},
    http::{HeaderName, HeaderValue},
    middleware::Next,
    response::Response,
};
use tracing::Instrument;

use crate::crypto;

/// Logs a request under a fresh id, which the answer carries, too.
pub async fn every_request(request: Request, next: Next) -> Response {
    let id: String = crypto::random_bytes::<8>().iter().map(|byte| format!("{byte:02x}")).collect();
    let route = request.extensions().get::<MatchedPath>().map_or("-", MatchedPath::as_str);
    let span = tracing::info_span!("request", %id, method = %request.method(), route);
    let start = Instant::now();
    async move {
        let mut response = next.run(request).await;
        let milliseconds = start.elapsed().as_millis();
        tracing::info!(status = response.status().as_u16(), milliseconds, "answered");
        if let Ok(value) = HeaderValue::from_str(&id) {
            response.headers_mut().insert(HeaderName::from_static("x-request-id"), value);
        }
        response
    }
    .instrument(span)
    .await
}
