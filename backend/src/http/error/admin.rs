//! Errors of the admin API about services: problem details (RFC 9457), with what was found in a service.

use axum::{
    body::Body,
    http::{HeaderValue, StatusCode, header},
    response::{IntoResponse, Response},
};
use consent_contract::problem::MEDIA_TYPE;
use serde::Serialize;
use utoipa::ToSchema;

use super::{ApiError, RequestError, unrendered};
use crate::{managed::Finding, store};

/// How many findings a problem has. More help no one.
const MOST_FINDINGS: usize = 100;

/// A problem of the admin API about services. `type` and `title` are the same for every problem of a kind.
#[derive(Debug, Clone, Serialize, ToSchema)]
pub struct AdminProblem {
    /// A URI reference that names the kind of problem: `/problems/{code}`.
    pub r#type: String,
    /// In English, for developers.
    pub title: String,
    pub status: u16,
    pub code: String,
    /// What happened this time, in English, for developers.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub detail: Option<String>,
    /// With `invalid_service`: at most 100, errors first.
    #[serde(skip_serializing_if = "Vec::is_empty")]
    pub findings: Vec<Finding>,
}

/// What can go wrong with services and explanations of the admin API.
#[derive(Debug, Clone)]
pub enum AdminError {
    /// The client id is that of another service of the API.
    Exists,
    /// The service is one of services.toml.
    OfTheFile {
        /// The name of the file.
        file: String,
    },
    /// Users have decided about it, or are linked to it.
    InUse,
    /// There is no service of this id.
    NoService,
    /// There is no account of this id that can be used.
    NoAccount,
    /// The service is disabled, or does not fit services.toml: why.
    NotUsable(String),
    /// The caller's key may not approve services.
    NotAllowed,
    /// It is a public client: there is no secret to rotate.
    NoSecret,
    /// It has as many secrets as a client can have.
    TooManySecrets,
    /// With `--test-hooks`.
    NotHere,
    /// No `If-Match` (RFC 6585, 3).
    PreconditionRequired,
    /// The `ETag` is another one by now (RFC 9110, 15.5.13).
    PreconditionFailed,
    /// The service is refused.
    Invalid(Vec<Finding>),
    Request(RequestError),
}

impl AdminError {
    /// Code, status and title; or the failure that a request of any protocol can have.
    fn kind(&self) -> Result<(&'static str, StatusCode, &'static str), &RequestError> {
        Ok(match self {
            Self::Exists => {
                ("service_exists", StatusCode::CONFLICT, "There is a service with this client_id")
            }
            Self::OfTheFile { .. } => {
                ("service_of_the_file", StatusCode::CONFLICT, "The service is in services.toml")
            }
            Self::InUse => ("service_in_use", StatusCode::CONFLICT, "Users have decided about it"),
            Self::NoService => ("service_not_found", StatusCode::NOT_FOUND, "No such service"),
            Self::NoAccount => ("account_not_found", StatusCode::NOT_FOUND, "No such account"),
            Self::NotUsable(_) => {
                ("service_not_usable", StatusCode::CONFLICT, "The service cannot be used")
            }
            Self::NotAllowed => {
                ("approval_required", StatusCode::FORBIDDEN, "The key may not approve services")
            }
            Self::NoSecret => ("no_secret", StatusCode::CONFLICT, "The client has no secret"),
            Self::TooManySecrets => {
                ("too_many_secrets", StatusCode::CONFLICT, "The client has too many secrets")
            }
            Self::NotHere => {
                ("not_with_test_hooks", StatusCode::CONFLICT, "This server keeps no services")
            }
            Self::PreconditionRequired => (
                "precondition_required",
                StatusCode::PRECONDITION_REQUIRED,
                "The request needs If-Match",
            ),
            Self::PreconditionFailed => (
                "precondition_failed",
                StatusCode::PRECONDITION_FAILED,
                "The service has changed since it was read",
            ),
            Self::Invalid(_) => (
                "invalid_service",
                StatusCode::UNPROCESSABLE_ENTITY,
                "The service is not acceptable",
            ),
            Self::Request(error) => return Err(error),
        })
    }

    fn detail(&self) -> Option<String> {
        let detail = match self {
            Self::OfTheFile { file } => {
                return Some(format!("it is in {file}: change it there, and reload"));
            }
            Self::NotUsable(reason) => return Some(reason.clone()),
            Self::InUse => "its receipts and members need it: disable it",
            Self::NotAllowed => "a key with `approves = true` does this",
            Self::NoSecret => "a change with `client_secret` = {\"generate\": true} makes one",
            Self::TooManySecrets => {
                "wait until one has ended, or end all at once with `overlap_seconds` = 0"
            }
            Self::NotHere => "with --test-hooks the database is replaced by requests",
            Self::PreconditionRequired => "send the ETag of the service that you have read",
            Self::PreconditionFailed => "read it again, and send its ETag",
            Self::Exists
            | Self::NoService
            | Self::NoAccount
            | Self::Invalid(_)
            | Self::Request(_) => return None,
        };
        Some(detail.to_owned())
    }

    #[must_use]
    pub fn status(&self) -> StatusCode {
        match self.kind() {
            Ok((_, status, _)) => status,
            Err(error) => error.status(),
        }
    }

    pub(super) fn render(&self) -> Response {
        let (code, status, title) = match self.kind() {
            Ok(kind) => kind,
            Err(error) => return ApiError::Request(error.clone()).render(),
        };
        let findings = match self {
            Self::Invalid(findings) => findings.iter().take(MOST_FINDINGS).cloned().collect(),
            _ => Vec::new(),
        };
        let problem = AdminProblem {
            r#type: format!("/problems/{code}"),
            title: title.to_owned(),
            status: status.as_u16(),
            code: code.to_owned(),
            detail: self.detail(),
            findings,
        };
        let body = serde_json::to_vec(&problem).expect("strings and numbers always become JSON");
        let media_type = [(header::CONTENT_TYPE, HeaderValue::from_static(MEDIA_TYPE))];
        (media_type, Body::from(body)).into_response()
    }
}

impl From<RequestError> for AdminError {
    fn from(error: RequestError) -> Self {
        Self::Request(error)
    }
}

impl From<store::Error> for AdminError {
    fn from(error: store::Error) -> Self {
        Self::Request(error.into())
    }
}

impl IntoResponse for AdminError {
    fn into_response(self) -> Response {
        let cause = match &self {
            Self::Request(error) => Some(error),
            _ => None,
        };
        unrendered(self.status(), cause, self.clone())
    }
}
