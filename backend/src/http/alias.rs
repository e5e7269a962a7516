//! Pages that are opened under another name of this machine.
//!
//! `localhost` and `127.0.0.1` are one machine and two hosts: a browser keeps their cookies apart, and
//! a policy names one of them. So a page leads to the public origin, with its whole address: what a
//! service asked for, and the address to return to, stand in the query.
//!
//! Only a request for the same port is led there. A proxy on this machine may ask under the port of
//! this server, and would bring the browser back again and again.

use axum::{
    extract::{Request, State},
    http::{HeaderMap, Method, header},
    middleware::Next,
    response::Response,
};
use consent_contract::redirect;
use url::Url;

use super::{headers, host::under_our_origin, redirect::see_other};
use crate::App;

/// Where pages are, and what lies below.
const PAGES: [&str; 5] = ["/demo", "/oauth/authorize", "/consent", "/auto-login", "/studio"];

/// Leads to the same page under the public origin, or lets the request through.
pub async fn lead_to_our_origin(State(app): State<App>, request: Request, next: Next) -> Response {
    let there = request
        .uri()
        .path_and_query()
        .filter(|_| matches!(*request.method(), Method::GET | Method::HEAD))
        .filter(|target| is_page(target.path()))
        .map(|target| target.as_str())
        // Nothing else fits into a `Location`.
        .filter(|target| redirect::is_own_path(target))
        .filter(|_| is_for_our_port(&app, request.headers()))
        .and_then(|target| under_our_origin(&app, request.headers(), target));
    match there {
        Some(there) => see_other(&there),
        None => next.run(request).await,
    }
}

fn is_for_our_port(app: &App, headers: &HeaderMap) -> bool {
    let asked = headers::get(headers, header::HOST);
    let asked = asked.and_then(|host| Url::parse(&format!("http://{host}")).ok());
    let ours = Url::parse(app.origin()).ok();
    asked
        .zip(ours)
        .is_some_and(|(asked, ours)| asked.port_or_known_default() == ours.port_or_known_default())
}

/// Files have an ending, and mean the same under every name.
fn is_page(path: &str) -> bool {
    let below = |page: &&str| {
        path.strip_prefix(*page).is_some_and(|it| it.is_empty() || it.starts_with('/'))
    };
    PAGES.iter().any(below) && !path.rsplit('/').next().unwrap_or_default().contains('.')
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn files_and_the_api_are_no_pages() {
        for page in
            ["/demo", "/demo/start", "/oauth/authorize", "/consent/abc", "/studio/", "/auto-login"]
        {
            assert!(is_page(page), "{page}");
        }
        for other in [
            "/",
            "/demo/demo.css",
            "/demolition",
            "/oauth/token",
            "/api/v1/consents/abc",
            "/.well-known/openid-configuration",
            "/studio/app.js",
        ] {
            assert!(!is_page(other), "{other}");
        }
    }
}
