//! What can go wrong over HTTP: one error type for each protocol, and [`RequestError`] for failures
//! that a request of any protocol can have.
//!
//! An error travels in the extensions of an empty response. Layers around the routes (rate limit,
//! timeout, panic) fail the same way as handlers, and [`render`] writes the body in the form of the
//! route.

pub mod admin;
mod api;
pub mod kakao;
mod oauth;
mod page;
pub mod render;
pub mod responses;

use axum::{
    http::{HeaderValue, StatusCode, header},
    response::{IntoResponse, Response},
};
use consent_contract::problem::{Code, Problem};

pub use admin::AdminError;
pub use api::ApiError;
pub use kakao::KakaoError;
pub use oauth::{BearerError, TokenError};
pub use page::{NotSignedIn, PageError, WhyNot};

use crate::store;

/// Seconds after which a retry is worthwhile when the database was busy.
const RETRY_AFTER: u64 = 3;

/// A failure that a request of any protocol can have.
#[derive(Debug, Clone)]
pub enum RequestError {
    Malformed(String),
    TooLarge,
    RateLimited {
        /// Seconds.
        retry_after: u64,
    },
    /// The reason goes to the log only.
    Unavailable(String),
    NotFound,
    /// The request names the host of another server (RFC 9110, 15.5.20).
    Misdirected,
    /// From the router, before any handler: a method that the route does not support, a path or a
    /// query that cannot be parsed.
    Status(StatusCode),
}

impl RequestError {
    #[must_use]
    pub fn status(&self) -> StatusCode {
        match self {
            Self::NotFound => StatusCode::NOT_FOUND,
            Self::Misdirected => StatusCode::MISDIRECTED_REQUEST,
            Self::Status(status) => *status,
            Self::Malformed(_)
            | Self::TooLarge
            | Self::RateLimited { .. }
            | Self::Unavailable(_) => problem_status(self.problem().as_ref()),
        }
    }

    /// The error as problem details, where the contract has a code for it.
    fn problem(&self) -> Option<Problem> {
        match self {
            Self::Malformed(detail) => Some(Problem {
                detail: Some(detail.clone()),
                ..Problem::new(Code::MalformedRequest)
            }),
            Self::TooLarge => Some(Problem::new(Code::TooLarge)),
            Self::RateLimited { .. } => Some(Problem::new(Code::RateLimited)),
            Self::Unavailable(_) => Some(Problem::new(Code::Unavailable)),
            Self::NotFound | Self::Misdirected | Self::Status(_) => None,
        }
    }

    /// Seconds after which a retry is worthwhile.
    fn retry_after(&self) -> Option<u64> {
        match self {
            Self::RateLimited { retry_after } => Some(*retry_after),
            Self::Unavailable(_) => Some(RETRY_AFTER),
            Self::Malformed(_)
            | Self::TooLarge
            | Self::NotFound
            | Self::Misdirected
            | Self::Status(_) => None,
        }
    }
}

impl From<store::Error> for RequestError {
    fn from(error: store::Error) -> Self {
        Self::Unavailable(error.to_string())
    }
}

impl IntoResponse for RequestError {
    fn into_response(self) -> Response {
        unrendered(self.status(), Some(&self), self.clone())
    }
}

fn problem_status(problem: Option<&Problem>) -> StatusCode {
    problem
        .and_then(|problem| StatusCode::from_u16(problem.status).ok())
        .unwrap_or(StatusCode::INTERNAL_SERVER_ERROR)
}

/// Status and headers of an error; [`render`] adds the body. Logs why a request failed on the
/// server's side.
fn unrendered<E>(status: StatusCode, cause: Option<&RequestError>, error: E) -> Response
where
    E: Clone + Send + Sync + 'static,
{
    if let Some(RequestError::Unavailable(reason)) = cause {
        tracing::error!(reason, "unavailable");
    }
    let mut response = status.into_response();
    if let Some(seconds) = cause.and_then(RequestError::retry_after) {
        response.headers_mut().insert(header::RETRY_AFTER, HeaderValue::from(seconds));
    }
    response.extensions_mut().insert(error);
    response
}
