//! Everything that answers over HTTP. Each resource has its own file with its own `router()`.

pub mod authorize;
pub mod auto_login;
pub mod body;
mod built_page;
mod built_page_cache;
mod case;
mod closing;
pub mod consent;
mod continue_page;
mod discovery;
pub mod error;
mod files;
pub mod headers;
mod health;
pub mod host;
mod icon;
mod limit;
pub mod page;
mod painted;
mod protocol;
mod screen;
pub mod session;
mod standing;
pub mod studio;
pub mod terms;
pub mod token;
mod trace;
mod words;

use std::time::Duration;

use axum::{
    Router,
    extract::Request,
    middleware::{Next, from_fn, from_fn_with_state},
    response::{IntoResponse, Response},
};
use tower_http::{catch_panic::CatchPanicLayer, compression::CompressionLayer};

pub use built_page::BuiltPage;
pub use built_page_cache::BuiltPageCache;
pub use limit::Limiter;

use crate::{App, demo};
use error::Error;
use protocol::Protocol;

/// How long one request may take.
const PATIENCE: Duration = Duration::from_secs(20);

/// Every address there is, in groups that answer errors in one protocol each.
pub fn router(app: &App) -> Router {
    let mut pages = Router::new()
        .merge(authorize::router())
        .merge(auto_login::pages())
        .merge(painted::router());
    if app.is_demo() {
        pages = pages.merge(demo::router());
    }
    let api = Router::new()
        .merge(consent::router())
        .merge(auto_login::router())
        .merge(terms::router())
        .merge(discovery::router())
        .merge(health::router());
    let mut files =
        Router::new().merge(icon::router()).merge(page::router()).merge(screen::router());
    if app.studio().is_some() {
        files = files.merge(studio::router());
    }
    let groups = [
        (Protocol::Page, pages),
        (Protocol::Api, api),
        (Protocol::Decision, consent::decision_router()),
        (Protocol::Token, token::router()),
        (Protocol::Bearer, token::userinfo_router()),
        (Protocol::File, files),
    ];
    groups
        .into_iter()
        .fold(Router::new(), |all, (protocol, router)| all.merge(around(router, protocol, app)))
}

/// Puts around every address of a group what all of them share, from the outermost inwards.
fn around(router: Router<App>, protocol: Protocol, app: &App) -> Router {
    router
        .layer(CatchPanicLayer::custom(|_| {
            // The panic's own words are in the log already.
            Error::Unavailable("a handler panicked".to_owned()).into_response()
        }))
        .layer(from_fn(in_time))
        .layer(from_fn_with_state(app.clone(), limit::hold_back))
        .layer(from_fn_with_state((app.clone(), protocol), protocol::speak))
        .layer(from_fn_with_state(app.clone(), demo::in_app::bar))
        .layer(from_fn_with_state((app.clone(), protocol), headers::on_every_answer))
        // Of what is made for each answer; files of the screen come with compressed siblings. A
        // painted page holds a secret (the csrf token) beside what a service put into its authorize
        // request. Who could read the size on the line would have to try that often with one
        // secret, but each different authorize request has a challenge and so a token of its own.
        .layer(CompressionLayer::new())
        .layer(from_fn(trace::every_request))
        .with_state(app.clone())
}

async fn in_time(request: Request, next: Next) -> Response {
    match tokio::time::timeout(PATIENCE, next.run(request)).await {
        Ok(response) => response,
        Err(_) => Error::Unavailable("the answer took too long".to_owned()).into_response(),
    }
}

/// A parameter of a query, when it is there once.
fn parameter(query: Option<&str>, name: &str) -> Option<String> {
    let pairs = url::form_urlencoded::parse(query.unwrap_or_default().as_bytes());
    let mut values = pairs.filter(|(key, _)| key == name).map(|(_, value)| value.into_owned());
    values.next().filter(|_| values.next().is_none())
}
