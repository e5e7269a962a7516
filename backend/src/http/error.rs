//! Everything that can go wrong over HTTP, and its status. In which form it is said is the route's:
//! see [`super::protocol`].

use std::borrow::Cow;

use axum::{
    http::{HeaderValue, StatusCode, header},
    response::{IntoResponse, Response},
};
use consent_contract::{
    acceptance::Objection,
    item::ItemKey,
    problem::{Code, InvalidValue, Problem},
};

use super::login::NotSignedIn;
use crate::{consent::Refusal, store};

/// Seconds after which it is worth trying again when the database was busy.
const RETRY_AFTER: u64 = 3;

/// What went wrong.
#[derive(Debug, Clone)]
pub enum Error {
    ChallengeNotFound,
    ChallengeExpired {
        restart_url: String,
    },
    /// With the way on, for the browser session that decided.
    AlreadyDecided {
        redirect_to: Option<String>,
    },
    WrongSession {
        restart_url: String,
    },
    CsrfRejected(&'static str),
    /// An agreement that does not answer its request. Never empty.
    Objections(Vec<Objection>),
    /// With the way back, for those that have one.
    Refused {
        refusal: Refusal,
        redirect_to: String,
    },
    ExtensionRefused,
    DocumentNotFound,
    Malformed(String),
    TooLarge,
    RateLimited {
        /// Seconds.
        retry_after: u64,
    },
    /// The reason goes to the log only.
    Unavailable(String),
    /// The token endpoint's own kind of error (RFC 6749, 5.2).
    Token(TokenError, &'static str),
    /// A request for a protected resource without an access token that is good (RFC 6750, 3.1).
    Bearer(BearerError),
    /// An authorize request that leads nowhere.
    InvalidRedirect(Cow<'static, str>),
    /// An authorize request of a person who is not signed in here, and whom another redirect to
    /// the login page would not help.
    NotSignedIn(Box<NotSignedIn>),
    NotFound,
    /// The built screen is not where it was said to be.
    NoScreen,
    /// Refused by the router before any handler: a method that the route does not take, a path or
    /// a query that cannot be read.
    Status(StatusCode),
}

/// Codes of the token endpoint.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum TokenError {
    InvalidRequest,
    InvalidClient,
    InvalidGrant,
    UnsupportedGrantType,
}

impl From<store::Error> for Error {
    fn from(error: store::Error) -> Self {
        Self::Unavailable(error.to_string())
    }
}

/// Why an access token is not good enough (RFC 6750, 3.1).
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum BearerError {
    /// None was sent, or something else in its place.
    Missing,
    /// What was sent is not one access token: 400.
    InvalidRequest,
    /// Unknown, expired or revoked.
    InvalidToken,
}

impl Error {
    /// The error as problem details, where the contract has a code for it.
    #[must_use]
    pub fn problem(&self) -> Option<Problem> {
        let new = |code, detail: Option<String>| Problem { detail, ..Problem::new(code) };
        Some(match self.clone() {
            Self::ChallengeNotFound => new(Code::ChallengeNotFound, None),
            Self::ChallengeExpired { restart_url } => {
                Problem { restart_url: Some(restart_url), ..Problem::new(Code::ChallengeExpired) }
            }
            Self::AlreadyDecided { redirect_to } => {
                Problem { redirect_to, ..Problem::new(Code::AlreadyDecided) }
            }
            Self::WrongSession { restart_url } => {
                Problem { restart_url: Some(restart_url), ..Problem::new(Code::WrongSession) }
            }
            Self::CsrfRejected(detail) => new(Code::CsrfRejected, Some(detail.to_owned())),
            Self::Objections(objections) => objected(objections),
            Self::Refused { refusal, redirect_to } => {
                let (code, redirect_to) = match refusal {
                    Refusal::SimpleSignUpInactive => (Code::SimpleSignUpInactive, None),
                    Refusal::NotATestMember => (Code::NotATestMember, None),
                    Refusal::UnderAge => (Code::UnderAge, Some(redirect_to)),
                };
                Problem { redirect_to, ..Problem::new(code) }
            }
            Self::ExtensionRefused => new(Code::ExtensionRefused, None),
            Self::DocumentNotFound => new(Code::DocumentNotFound, None),
            Self::Malformed(detail) => new(Code::MalformedRequest, Some(detail)),
            Self::TooLarge => new(Code::TooLarge, None),
            Self::RateLimited { .. } => new(Code::RateLimited, None),
            Self::Unavailable(_) => new(Code::Unavailable, None),
            Self::Token(..)
            | Self::Bearer(_)
            | Self::InvalidRedirect(_)
            | Self::NotSignedIn(_)
            | Self::NotFound
            | Self::NoScreen
            | Self::Status(_) => return None,
        })
    }

    /// The status it is answered with, in every form.
    #[must_use]
    pub fn status(&self) -> StatusCode {
        match self {
            Self::Token(error, _) => error.status(),
            Self::Bearer(BearerError::InvalidRequest) | Self::InvalidRedirect(_) => {
                StatusCode::BAD_REQUEST
            }
            Self::Bearer(BearerError::Missing | BearerError::InvalidToken) => {
                StatusCode::UNAUTHORIZED
            }
            Self::NotSignedIn(_) => StatusCode::FORBIDDEN,
            Self::NotFound => StatusCode::NOT_FOUND,
            Self::NoScreen => StatusCode::SERVICE_UNAVAILABLE,
            Self::Status(status) => *status,
            _ => {
                let problem = self.problem().map(|problem| problem.status);
                let status = problem.and_then(|status| StatusCode::from_u16(status).ok());
                status.unwrap_or(StatusCode::INTERNAL_SERVER_ERROR)
            }
        }
    }

    /// Seconds after which it is worth trying again.
    fn retry_after(&self) -> Option<u64> {
        match self {
            Self::RateLimited { retry_after } => Some(*retry_after),
            Self::Unavailable(_) => Some(RETRY_AFTER),
            _ => None,
        }
    }
}

impl TokenError {
    fn status(self) -> StatusCode {
        match self {
            Self::InvalidClient => StatusCode::UNAUTHORIZED,
            Self::InvalidRequest | Self::InvalidGrant | Self::UnsupportedGrantType => {
                StatusCode::BAD_REQUEST
            }
        }
    }

    /// The code as it is written.
    #[must_use]
    pub fn name(self) -> &'static str {
        match self {
            Self::InvalidRequest => "invalid_request",
            Self::InvalidClient => "invalid_client",
            Self::InvalidGrant => "invalid_grant",
            Self::UnsupportedGrantType => "unsupported_grant_type",
        }
    }
}

/// One problem for all objections: the kind that must be mended first. A text that changed takes
/// the screen back to reading; what else is wrong is found again after that.
fn objected(objections: Vec<Objection>) -> Problem {
    let keys = |of: fn(&Objection) -> Option<&ItemKey>| -> Vec<ItemKey> {
        objections.iter().filter_map(of).cloned().collect()
    };
    let changed = keys(|o| match o {
        Objection::TextChanged(key) => Some(key),
        _ => None,
    });
    let unknown = keys(|o| match o {
        Objection::Unknown(key) | Objection::AnsweredTwice(key) => Some(key),
        _ => None,
    });
    let unanswered = keys(|o| match o {
        Objection::Unanswered(key) => Some(key),
        _ => None,
    });
    let required = keys(|o| match o {
        Objection::RequiredNotAgreed(key) => Some(key),
        _ => None,
    });
    let invalid: Vec<InvalidValue> = objections
        .iter()
        .filter_map(|objection| match objection {
            Objection::InvalidValue(id, reason) => {
                Some(InvalidValue { id: id.clone(), reason: *reason })
            }
            _ => None,
        })
        .collect();
    let statements_changed = objections.contains(&Objection::PersonalInfoChanged);
    let (code, missing, invalid) = if statements_changed || !changed.is_empty() {
        (Code::TermsChanged, changed, Vec::new())
    } else if !unknown.is_empty() {
        (Code::UnknownItem, unknown, Vec::new())
    } else if !unanswered.is_empty() {
        (Code::ItemUnanswered, unanswered, Vec::new())
    } else if !required.is_empty() {
        (Code::RequiredItemsMissing, required, Vec::new())
    } else {
        (Code::InvalidValue, Vec::new(), invalid)
    };
    let detail = statements_changed.then(|| "the statements about the provision changed".into());
    Problem { detail, missing, invalid, ..Problem::new(code) }
}

/// The status alone, and the error beside it: [`super::protocol::speak`] says it in the form of the
/// route.
impl IntoResponse for Error {
    fn into_response(self) -> Response {
        if let Self::Unavailable(reason) = &self {
            tracing::error!(reason, "unavailable");
        }
        let mut response = self.status().into_response();
        if let Some(seconds) = self.retry_after() {
            response.headers_mut().insert(header::RETRY_AFTER, HeaderValue::from(seconds));
        }
        response.extensions_mut().insert(self);
        response
    }
}
