//! `POST /__test/reset`.

use axum::{extract::State, http::StatusCode};

use super::of;
use crate::{
    App,
    http::error::{ApiError, RequestError, responses::TestHookReadProblems},
};

/// Back to the state after the start: configured accounts and agreements; no receipts, sessions,
/// challenges, codes and tokens; no pending failures and answers; the system's time. The signing key
/// stays.
#[utoipa::path(post, path = "/__test/reset", tag = "test hooks", responses(
    (status = 204, description = "Done"),
    TestHookReadProblems,
))]
pub async fn reset(State(app): State<App>) -> Result<StatusCode, ApiError> {
    let reset = of(&app)?.reset().await;
    reset.map_err(|error| RequestError::Unavailable(error.to_string()))?;
    Ok(StatusCode::NO_CONTENT)
}
