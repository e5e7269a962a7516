//! For operators and load balancers: whether the process lives, and whether it can do its work.

use axum::{Router, extract::State, http::StatusCode, routing::get};

use crate::App;

pub fn router() -> Router<App> {
    Router::new().route("/healthz", get(|| async { "ok\n" })).route("/readyz", get(ready))
}

async fn ready(State(app): State<App>) -> (StatusCode, &'static str) {
    if app.readiness().is_draining() {
        (StatusCode::SERVICE_UNAVAILABLE, "draining\n")
    } else if app.readiness().can_write(app.store()).await {
        (StatusCode::OK, "ok\n")
    } else {
        (StatusCode::SERVICE_UNAVAILABLE, "the database cannot be written\n")
    }
}
