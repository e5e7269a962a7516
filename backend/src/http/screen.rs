//! The built screen: its page, and the files beside it.

use std::{convert::Infallible, path::Path as FilePath};

use axum::{
    Router,
    body::Body,
    extract::{Path, Request, State},
    http::{HeaderValue, StatusCode, header},
    response::{IntoResponse, Response},
    routing::get,
};
use tower::ServiceExt;
use tower_http::services::{ServeDir, ServeFile};

use super::{
    built_page::BuiltPage, case::Case, consent, error::Error, headers::Policy, session::Visitor,
    terms::FOR_EVER,
};
use crate::{App, oauth::answer};

/// The page takes the decision's form, too: the static shell's cancel goes to the page's own
/// address and needs no script. Every other address is a file, or nothing.
pub fn router() -> Router<App> {
    Router::new().route("/consent/{challenge}", get(page).post(consent::decide)).fallback(file)
}

async fn page(
    State(app): State<App>,
    visitor: Option<Visitor>,
    Path(challenge): Path<String>,
    request: Request,
) -> Result<Response, Error> {
    let index = app.dist().join("index.html");
    // Read every time: a screen that is built again while this runs has other digests.
    let built = BuiltPage::read(&index).map_err(|_| Error::NoScreen)?;
    let destination = destination(&app, visitor, &challenge).await;
    let policy = Policy {
        scripts: true,
        script_digests: &built.script_digests,
        style_digests: &built.style_digests,
        destination: destination.as_deref(),
    };
    let file = ServeFile::new(index).precompressed_br().precompressed_gzip();
    let mut response = whole(file.oneshot(request).await);
    let headers = response.headers_mut();
    headers.insert(header::CONTENT_SECURITY_POLICY, policy.header());
    headers.insert(header::CACHE_CONTROL, HeaderValue::from_static("no-store"));
    headers.insert(header::VARY, HeaderValue::from_static("accept-encoding"));
    // A page that is never kept needs no time to compare with.
    headers.remove(header::LAST_MODIFIED);
    Ok(response)
}

/// Where this challenge's form leads, told only to the browser that was asked. The page comes even
/// when the database does not: it says so better than an error could.
async fn destination(app: &App, visitor: Option<Visitor>, challenge: &str) -> Option<String> {
    let case = Case::find(app, challenge).await.ok()?;
    case.is_of(&visitor?).then(|| answer::destination(&case.authorize.redirect_uri))
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
