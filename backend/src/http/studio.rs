//! The preview studio: two pages and their files. Nothing there is personal: the pages need no
//! session, and their policy keeps them from asking anything that is not their own file. On the admin
//! listener, they also offer the server's own services.toml, accounts included, to those who have a token.

use axum::{
    Extension, Router,
    extract::{Request, State},
    http::{HeaderName, HeaderValue, header, uri::Authority},
    middleware::{Next, from_fn_with_state},
    response::{Html, IntoResponse, Redirect, Response},
    routing::get,
};

use lol_html::{RewriteStrSettings, element, html_content::ContentType, rewrite_str};
use url::form_urlencoded;

use super::{
    admin_api,
    error::RequestError,
    files,
    headers::{self, Framing, Policy, Reach, Scripts},
    protocol::Protocol,
};
use crate::{App, BuiltFiles};

/// Where the studio is.
pub const PATH: &str = "/studio/";

/// Where the page is that stands in its frames.
const PREVIEW: &str = "/studio/preview/";

/// A deployer's style sheet, as on the screen itself.
const THEME: &str = "/studio/theme.css";

/// On the admin listener: the services of the file, for the studio there.
pub const SERVICES: &str = "/studio/services.toml";

/// In the page on the admin listener: there are [`SERVICES`].
const OFFER: &str = "<meta name=\"server-services\" content=\"services.toml\">";

/// Of a request to the admin listener.
#[derive(Clone)]
struct OnAdminListener {
    /// As its browser calls it.
    origin: String,
    has_services: bool,
}

/// The same on the admin listener, whose browsers name it in `Host`. [`SERVICES`] are with the admin API.
pub fn admin_router(app: &App) -> Router {
    let named = |State(app): State<App>, mut request: Request, next: Next| async move {
        let host = headers::get(request.headers(), header::HOST);
        let Some(host) = host.and_then(|host| host.parse::<Authority>().ok()) else {
            return RequestError::NotFound.into_response();
        };
        let has_services = app.current().catalog().admin.is_some();
        let listener = OnAdminListener { origin: format!("http://{host}"), has_services };
        request.extensions_mut().insert(listener);
        next.run(request).await
    };
    let named = router().layer(from_fn_with_state(app.clone(), named));
    admin_api::around(named, Protocol::Admin, app)
        .layer(from_fn_with_state((app.clone(), Protocol::Page), headers::security_headers))
        .with_state(app.clone())
}

/// The file as it is in force, without its secrets.
pub async fn services(State(app): State<App>) -> Response {
    let headers = [(header::CONTENT_TYPE, "application/toml"), (header::CACHE_CONTROL, "no-store")];
    (headers, app.current().services_toml().to_owned()).into_response()
}

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
async fn below(
    State(app): State<App>,
    listener: Option<Extension<OnAdminListener>>,
    request: Request,
) -> Result<Response, RequestError> {
    let listener = listener.as_deref();
    let files = files(&app, listener)?;
    let path = request.uri().path().to_owned();
    let name = path.strip_prefix(PATH).ok_or(RequestError::NotFound)?;
    if name.is_empty() {
        let frames = format!("{}{PREVIEW}", origin(&app, listener));
        return page(&app, files, listener, Framing::Holds(&frames)).await;
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

/// The page with what says that the server has services to open.
fn with_offer(html: &str) -> String {
    let settings = RewriteStrSettings::new().append_element_content_handler(element!(
        "meta[charset]",
        |meta| {
            meta.after(OFFER, ContentType::Html);
            Ok(())
        }
    ));
    rewrite_str(html, settings).unwrap_or_else(|_| html.to_owned())
}

async fn theme(State(app): State<App>, request: Request) -> Result<Response, RequestError> {
    files::answer(app.dist(), "/theme.css", request).await
}

async fn preview(
    State(app): State<App>,
    listener: Option<Extension<OnAdminListener>>,
) -> Result<Response, RequestError> {
    let listener = listener.as_deref();
    let files = files(&app, listener)?.join("preview");
    page(&app, &files, listener, Framing::Stands).await
}

fn files<'a>(
    app: &'a App,
    listener: Option<&OnAdminListener>,
) -> Result<&'a BuiltFiles, RequestError> {
    let files = if listener.is_some() { app.admin_studio() } else { app.studio() };
    files.ok_or(RequestError::NotFound)
}

fn origin<'a>(app: &'a App, listener: Option<&'a OnAdminListener>) -> &'a str {
    listener.map_or(app.origin(), |listener| &listener.origin)
}

async fn page(
    app: &App,
    files: &BuiltFiles,
    listener: Option<&OnAdminListener>,
    framing: Framing<'_>,
) -> Result<Response, RequestError> {
    let built = app.built_page(files).await.map_err(|_| RequestError::NotFound)?;
    let policy = Policy {
        scripts: Scripts::App(&built.script_digests),
        style_digests: &built.style_digests,
        reach: Reach::Below { origin: origin(app, listener), path: PATH },
        framing,
        ..Policy::default()
    };
    let headers = [
        (header::CONTENT_SECURITY_POLICY, policy.header()),
        (header::CACHE_CONTROL, HeaderValue::from_static("no-cache")),
        (HeaderName::from_static("x-robots-tag"), HeaderValue::from_static("noindex")),
    ];
    let html = match listener {
        Some(OnAdminListener { has_services: true, .. }) => with_offer(built.html()),
        _ => built.html().to_owned(),
    };
    Ok((headers, Html(html)).into_response())
}
