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
    case::Case, consent, error::Error, headers::Policy, session::Visitor, terms::FOR_EVER,
};
use crate::{App, crypto, oauth::answer};

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
    let html = std::fs::read_to_string(&index).map_err(|_| Error::NoScreen)?;
    let destination = destination(&app, visitor, &challenge).await;
    let policy = Policy {
        scripts: true,
        script_digests: &inline(&html, "script"),
        style_digests: &inline(&html, "style"),
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

/// Digests of the inline elements of this kind, for the policy. Trunk writes plain, well-formed
/// tags; what this does not find the browser blocks, and a test on the built page sees it.
fn inline(html: &str, element: &str) -> Vec<String> {
    let (open, close) = (format!("<{element}"), format!("</{element}>"));
    let mut digests = Vec::new();
    let mut rest = html;
    while let Some(start) = rest.find(&open) {
        rest = &rest[start + open.len()..];
        let Some((attributes, after)) = rest.split_once('>') else { break };
        let Some((content, after)) = after.split_once(&close) else { break };
        // `<style` must not be found in `<styled`, nor a `src` be hashed.
        let is_this = attributes.is_empty() || attributes.starts_with(char::is_whitespace);
        if is_this && !attributes.split_whitespace().any(|it| it.starts_with("src")) {
            digests.push(crypto::sri(content.as_bytes()));
        }
        rest = after;
    }
    digests
}

/// The style sheets that the built page links to, for pages of the server's own.
#[must_use]
pub fn style_sheets(dist: &FilePath) -> Vec<String> {
    let Ok(html) = std::fs::read_to_string(dist.join("index.html")) else { return Vec::new() };
    let links = html.split("<link").skip(1).filter_map(|rest| rest.split_once('>')).map(|it| it.0);
    links
        .filter(|link| link.contains("rel=\"stylesheet\""))
        .filter_map(|link| Some(link.split_once("href=\"")?.1.split_once('"')?.0.to_owned()))
        .filter(|href| consent_contract::redirect::is_own_path(href))
        .collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn only_inline_scripts_are_hashed() {
        let html = "<script src=\"/a.js\"></script><script type=\"module\">let a = 1;</script>\
                    <style>a{}</style><script>\n</script>";
        assert_eq!(inline(html, "script"), [crypto::sri(b"let a = 1;"), crypto::sri(b"\n")]);
        assert_eq!(inline(html, "style"), [crypto::sri(b"a{}")]);
    }

    #[test]
    fn hashed_names_are_told_from_others() {
        assert!(is_hashed("/consent-screen-1a2b3c4d5e6f7890_bg.wasm"));
        assert!(is_hashed("/snippets/x-0123456789abcdef.js"));
        assert!(!is_hashed("/theme.css"));
        assert!(!is_hashed("/consent-screen.js"));
        assert!(!is_hashed("/icon-512.png"));
    }
}
