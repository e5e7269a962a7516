//! The files of the built screen, beside its page.

use std::{convert::Infallible, path::Path as FilePath};

use axum::{
    Router,
    body::Body,
    extract::{Request, State},
    http::{HeaderValue, StatusCode, header},
    response::{IntoResponse, Response},
};
use tower::ServiceExt;
use tower_http::services::ServeDir;

use super::{error::Error, terms::FOR_EVER};
use crate::App;

/// Every address that is nothing else is a file, or nothing.
pub fn router() -> Router<App> {
    Router::new().fallback(file)
}

async fn file(State(app): State<App>, request: Request) -> Result<Response, Error> {
    let path = request.uri().path().to_owned();
    // The page has one kind of address; its file is none.
    if path == "/index.html" || path.starts_with("/index.html.") {
        return Err(Error::NotFound);
    }
    let files = ServeDir::new(app.dist())
        .append_index_html_on_directories(false)
        .precompressed_br()
        .precompressed_gzip();
    let mut response = whole(files.oneshot(request).await);
    let status = response.status();
    if status.is_client_error() && status != StatusCode::RANGE_NOT_SATISFIABLE {
        return Err(Error::NotFound);
    }
    let kept = if is_hashed(&path) { FOR_EVER } else { "no-cache" };
    let headers = response.headers_mut();
    headers.insert(header::CACHE_CONTROL, HeaderValue::from_static(kept));
    headers.insert(header::VARY, HeaderValue::from_static("accept-encoding"));
    Ok(response)
}

fn whole<B>(answer: Result<axum::http::Response<B>, Infallible>) -> Response
where
    B: axum::body::HttpBody<Data = axum::body::Bytes> + Send + 'static,
    B::Error: Into<axum::BoxError>,
{
    match answer {
        Ok(response) => response.map(Body::new).into_response(),
        Err(never) => match never {},
    }
}

/// Whether a file's name changes with its content: `screen-1a2b3c4d5e6f7890_bg.wasm`.
fn is_hashed(path: &str) -> bool {
    let name = FilePath::new(path).file_name().and_then(|name| name.to_str()).unwrap_or_default();
    let stem = name.split('.').next().unwrap_or_default();
    let stem = stem.strip_suffix("_bg").unwrap_or(stem);
    stem.rsplit_once('-').is_some_and(|(_, hash)| {
        hash.len() >= 8 && hash.bytes().all(|b| b.is_ascii_digit() || (b'a'..=b'f').contains(&b))
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn hashed_names_are_told_from_others() {
        assert!(is_hashed("/consent-screen-1a2b3c4d5e6f7890_bg.wasm"));
        assert!(is_hashed("/snippets/x-0123456789abcdef.js"));
        assert!(!is_hashed("/theme.css"));
        assert!(!is_hashed("/consent-screen.js"));
        assert!(!is_hashed("/icon-512.png"));
    }
}
