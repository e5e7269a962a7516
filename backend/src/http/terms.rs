//! The full texts.

use axum::{
    Json, Router,
    extract::{Path, RawQuery, State},
    http::{HeaderMap, StatusCode, header},
    response::{IntoResponse, Response},
    routing::get,
};
use consent_contract::document::Document;

use super::{
    error::{ApiError, responses::TermProblems},
    headers,
};
use crate::App;

/// For what is named by its own digest.
pub const IMMUTABLE: &str = "public, max-age=31536000, immutable";

pub fn router() -> Router<App> {
    Router::new().route("/api/v1/terms/{tag}/{version}", get(read))
}

/// One version of a text, in the language of its digest. Never changes.
#[utoipa::path(get, path = "/api/v1/terms/{tag}/{version}", tag = "terms",
    params(
        ("tag" = String, Path, description = "The service's name for the term"),
        ("version" = String, Path, description = "Its version"),
        ("digest" = String, Query, description = "The digest of the text, as the consent request gives it"),
    ),
    responses(
        (status = 200, description = "The text; may be cached forever", body = Document),
        (status = 304, description = "The text that `If-None-Match` names is the one"),
        TermProblems,
    ))]
pub async fn read(
    State(app): State<App>,
    Path((tag, version)): Path<(String, String)>,
    RawQuery(query): RawQuery,
    headers: HeaderMap,
) -> Result<Response, ApiError> {
    let digest = super::parameter(query.as_deref(), "digest").ok_or(ApiError::DocumentNotFound)?;
    let document =
        app.store().document(&tag, &version, &digest).await?.ok_or(ApiError::DocumentNotFound)?;
    let tag = format!("\"{}\"", document.digest);
    let known = headers::knows(&headers, &tag);
    let kept = [(header::CACHE_CONTROL, IMMUTABLE.to_owned()), (header::ETAG, tag)];
    Ok(if known {
        (StatusCode::NOT_MODIFIED, kept).into_response()
    } else {
        (kept, Json(document)).into_response()
    })
}
