//! The slowest requests by the admin API.

use axum::{Json, Router, extract::State, routing::get};
use serde::Serialize;
use utoipa::ToSchema;

use super::error::responses::ServiceListProblems;
use crate::{App, slow_requests::SlowRequest};

pub fn router() -> Router<App> {
    Router::new().route("/admin/v1/slow-requests", get(list))
}

/// The slowest requests of the last hour of this process.
#[derive(Serialize, ToSchema)]
pub struct SlowRequestList {
    /// Requests that take less are not listed.
    threshold_milliseconds: u64,
    /// At most 10 of each route and method, the slowest first.
    requests: Vec<SlowRequest>,
}

/// On the admin listener: the slowest requests of each route in the last hour that this process answered, or whose
/// clients gave up before, and where their time went. No path, query or value of a request is in it.
#[utoipa::path(get, path = "/admin/v1/slow-requests", tag = "admin", security(("admin_token" = [])),
    responses((status = 200, description = "An empty list where none was slow", body = SlowRequestList),
        ServiceListProblems))]
pub async fn list(State(app): State<App>) -> Json<SlowRequestList> {
    let slow = app.slow_requests();
    let threshold = u64::try_from(slow.threshold.as_millis()).unwrap_or(u64::MAX);
    Json(SlowRequestList { threshold_milliseconds: threshold, requests: slow.list() })
}
