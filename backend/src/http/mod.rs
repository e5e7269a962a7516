//! Everything that answers over HTTP. Each resource has its own file with its own `router()`.

pub mod authorize;
pub mod auto_login;
mod body;
mod built_page;
mod case;
mod closing;
pub mod consent;
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

pub use limit::Limiter;

use crate::{App, demo};
use error::Error;

/// How long one request may take.
const PATIENCE: Duration = Duration::from_secs(20);

/// Every address there is, without the demo's.
pub fn router() -> Router<App> {
    Router::new()
        .merge(authorize::router())
        .merge(auto_login::router())
        .merge(consent::router())
        .merge(token::router())
        .merge(discovery::router())
        .merge(terms::router())
        .merge(icon::router())
        .merge(health::router())
        .merge(page::router())
        .merge(painted::router())
        .merge(screen::router())
}

/// Puts around every address what all of them share, from the outermost inwards.
pub fn around(router: Router<App>, app: &App) -> Router {
    router
        .layer(CatchPanicLayer::custom(|_| {
            // The panic's own words are in the log already.
            Error::Unavailable("a handler panicked".to_owned()).into_response()
        }))
        .layer(from_fn(in_time))
        .layer(from_fn_with_state(app.clone(), limit::hold_back))
        .layer(from_fn_with_state(app.clone(), page::instead_of_problems))
        .layer(from_fn_with_state(app.clone(), demo::in_app::bar))
        .layer(from_fn_with_state(app.clone(), headers::on_every_answer))
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
