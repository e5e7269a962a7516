//! The preview studio: two pages and their files. Nothing there is personal: the pages need no
//! session, and their policy keeps them from asking anything that is not their own file.

use axum::{
    Router,
    extract::{Request, State},
    http::{HeaderName, HeaderValue, header},
    response::{Html, IntoResponse, Redirect, Response},
    routing::get,
};

use url::form_urlencoded;

use super::{
    error::RequestError,
    files,
    headers::{self, Framing, Policy, Reach, Scripts},
};
use crate::{App, BuiltFiles};

/// Where the studio is.
pub const PATH: &str = "/studio/";

/// Where the page is that stands in its frames.
const PREVIEW: &str = "/studio/preview/";

/// A deployer's style sheet, as on the screen itself.
const THEME: &str = "/studio/theme.css";

/// To be merged when there is a studio to serve.
pub fn router() -> Router<App> {
    Router::new()
        .route("/studio", get(|| async { Redirect::permanent(PATH) }))
        .route(PATH, get(below))
        .route("/studio/preview", get(|| async { Redirect::permanent(PREVIEW) }))
        .route(PREVIEW, get(preview))
        .route(THEME, get(theme))
        .route("/studio/{*path}", get(below))
}

/// Whether a path leads to the studio.
#[must_use]
pub fn is_at(app: &App, path: &str) -> bool {
    app.studio().is_some() && path.starts_with(PATH)
}

/// The studio's page, and its files. Every other address that its own router may know leads to the page, with the
/// path in the query: what the page loads is relative to its folder. The page's script restores the address.
async fn below(State(app): State<App>, request: Request) -> Result<Response, RequestError> {
    let files = app.studio().ok_or(RequestError::NotFound)?;
    let path = request.uri().path().to_owned();
    let name = path.strip_prefix(PATH).ok_or(RequestError::NotFound)?;
    if name.is_empty() {
        let frames = format!("{}{PREVIEW}", app.origin());
        return page(&app, files, Framing::Holds(&frames)).await;
    }
    if is_of_its_router(name) && headers::accepts_a_page(request.headers()) {
        return Ok(Redirect::temporary(&deep_link(name, request.uri().query())).into_response());
    }
    files::answer(files, &format!("/{name}"), request).await
}

fn deep_link(name: &str, query: Option<&str>) -> String {
    let page = PATH.to_owned() + "?";
    let begin = page.len();
    let mut deep_link = form_urlencoded::Serializer::for_suffix(page, begin);
    deep_link.append_pair("at", name);
    deep_link.extend_pairs(form_urlencoded::parse(query.unwrap_or_default().as_bytes()));
    deep_link.finish()
}

/// Files have an ending, and below the preview there is no other page.
fn is_of_its_router(name: &str) -> bool {
    let last = name.rsplit('/').next().unwrap_or_default();
    !last.contains('.') && !name.starts_with("preview/")
}

async fn theme(State(app): State<App>, request: Request) -> Result<Response, RequestError> {
    files::answer(app.dist(), "/theme.css", request).await
}

async fn preview(State(app): State<App>) -> Result<Response, RequestError> {
    let files = app.studio().ok_or(RequestError::NotFound)?.join("preview");
    page(&app, &files, Framing::Stands).await
}

async fn page(
    app: &App,
    files: &BuiltFiles,
    framing: Framing<'_>,
) -> Result<Response, RequestError> {
    let built = app.built_page(files).await.map_err(|_| RequestError::NotFound)?;
    let policy = Policy {
        scripts: Scripts::App(&built.script_digests),
        style_digests: &built.style_digests,
        reach: Reach::Below { origin: app.origin(), path: PATH },
        framing,
        ..Policy::default()
    };
    let headers = [
        (header::CONTENT_SECURITY_POLICY, policy.header()),
        (header::CACHE_CONTROL, HeaderValue::from_static("no-cache")),
        (HeaderName::from_static("x-robots-tag"), HeaderValue::from_static("noindex")),
    ];
    Ok((headers, Html(built.html().to_owned())).into_response())
}
