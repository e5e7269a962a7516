//! The files that Trunk has built, with the siblings that `cargo xtask` has compressed.

use std::{convert::Infallible, path::Path as FilePath};

use axum::{
    body::Body,
    extract::Request,
    http::{HeaderValue, StatusCode, Uri, header},
    response::{IntoResponse, Response},
};
use tower::ServiceExt;
use tower_http::services::fs::ServeDir;
use url::form_urlencoded;

use super::{error::RequestError, terms::IMMUTABLE};
use crate::BuiltFiles;

/// Answers with the file that is called `path` among these.
///
/// # Errors
/// When there is none, or it is a page's.
pub async fn answer(
    files: &BuiltFiles,
    path: &str,
    mut request: Request,
) -> Result<Response, RequestError> {
    if is_of_a_page(path) || is_hidden(path) {
        return Err(RequestError::NotFound);
    }
    *request.uri_mut() = path.parse::<Uri>().map_err(|_| RequestError::NotFound)?;
    let files = ServeDir::with_backend(files.path(), files.clone())
        .append_index_html_on_directories(false)
        .precompressed_br()
        .precompressed_gzip();
    let mut response = whole(files.oneshot(request).await);
    let status = response.status();
    if status.is_client_error() && status != StatusCode::RANGE_NOT_SATISFIABLE {
        return Err(RequestError::NotFound);
    }
    let kept = if is_hashed(path) { IMMUTABLE } else { "no-cache" };
    let headers = response.headers_mut();
    headers.insert(header::CACHE_CONTROL, HeaderValue::from_static(kept));
    headers.insert(header::VARY, HeaderValue::from_static("accept-encoding"));
    Ok(response)
}

/// A page has addresses and headers of its own; its file is no address, however it is written.
fn is_of_a_page(path: &str) -> bool {
    form_urlencoded::parse(path.as_bytes()).any(|(decoded, _)| {
        decoded.split('/').any(|part| part == "index.html" || part.starts_with("index.html."))
    })
}

/// What tools leave behind in the directory of a build, such as `.made-from`.
fn is_hidden(path: &str) -> bool {
    form_urlencoded::parse(path.as_bytes())
        .any(|(decoded, _)| decoded.split('/').any(|part| part.starts_with('.')))
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
    fn hashed_names_are_recognised() {
        assert!(is_hashed("/consent-screen-1a2b3c4d5e6f7890_bg.wasm"));
        assert!(is_hashed("/snippets/x-0123456789abcdef.js"));
        assert!(!is_hashed("/theme.css"));
        assert!(!is_hashed("/consent-screen.js"));
        assert!(!is_hashed("/icon-512.png"));
    }

    #[test]
    fn hidden_files_are_known_however_their_path_is_written() {
        for path in ["/.made-from", "//.trunk-lock", "/a/.b/c.js", "/%2emade-from", "/a%2f.b", "/."]
        {
            assert!(is_hidden(path), "{path}");
        }
        for path in ["/", "/theme.css", "/a.b/c", "/consent-screen-1a2b3c4d5e6f7890.js"] {
            assert!(!is_hidden(path), "{path}");
        }
    }

    #[test]
    fn a_page_s_file_is_known_however_its_path_is_written() {
        for path in [
            "/index.html",
            "//index.html",
            "/./index.html/",
            "/%69ndex%2ehtml",
            "/a%2findex.html.br",
        ] {
            assert!(is_of_a_page(path), "{path}");
        }
        for path in ["/", "/index.htm", "/my-index.html", "/index/a.js"] {
            assert!(!is_of_a_page(path), "{path}");
        }
    }
}
