//! For whoever runs this: whether the process lives, and whether it can do its work.

use axum::{Router, extract::State, routing::get};

use super::error::Error;
use crate::App;

pub fn router() -> Router<App> {
    Router::new().route("/healthz", get(|| async { "ok\n" })).route("/readyz", get(ready))
}

async fn ready(State(app): State<App>) -> Result<&'static str, Error> {
    app.store().check_writable().await?;
    Ok("ok\n")
}
