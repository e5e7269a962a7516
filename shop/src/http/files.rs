//! `/assets/{name}`: the style sheet and the drawings.

use axum::{
    extract::Path,
    http::{StatusCode, header},
    response::{IntoResponse, Response},
};

use crate::assets;

pub async fn asset(Path(name): Path<String>) -> Response {
    match assets::find(&name) {
        Some((kind, bytes)) => {
            let headers = [(header::CONTENT_TYPE, kind), (header::CACHE_CONTROL, "max-age=300")];
            (headers, bytes).into_response()
        }
        None => StatusCode::NOT_FOUND.into_response(),
    }
}
