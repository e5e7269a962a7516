//! By which name a browser knows this server.

use axum::http::{HeaderMap, header};
use consent_contract::redirect;

use crate::App;

/// The same path under the origin that cookies, redirects and policies are for, when a browser asks
/// under another: `localhost` and `127.0.0.1` are the same machine, but not the same to a browser.
#[must_use]
pub fn under_our_origin(app: &App, headers: &HeaderMap, path: &str) -> Option<String> {
    let host = headers.get(header::HOST)?.to_str().ok()?;
    let ours = app.origin().split_once("://")?.1;
    let is_alias =
        |host: &str| redirect::is_loopback(host.rsplit_once(':').map_or(host, |it| it.0));
    (host != ours && is_alias(host) && is_alias(ours)).then(|| format!("{}{path}", app.origin()))
}
