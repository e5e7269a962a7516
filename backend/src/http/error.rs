//! Everything that can go wrong over HTTP, and the only place that turns it into a status.
//!
//! The consent API speaks problem details, the OAuth endpoints speak RFC 6749. A person who gets a
//! problem in a browser window gets it as a page: see [`super::page`].

use std::borrow::Cow;

use axum::{
    Json,
    http::{HeaderValue, StatusCode, header},
    response::{IntoResponse, Response},
};
use consent_contract::{
    acceptance::Objection,
    item::ItemKey,
    problem::{Code, InvalidValue, MEDIA_TYPE, Problem},
};
use serde::Serialize;

use crate::{consent::Refusal, store};

/// Seconds after which it is worth trying again when the database was busy.
const RETRY_AFTER: u64 = 3;

/// What went wrong.
#[derive(Debug)]
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
    /// An access token that is no good (RFC 6750, 3.1).
    BadToken,
    /// An authorize request that leads nowhere.
    NoWayBack(Cow<'static, str>),
    NotFound,
    /// The built screen is not where it was said to be.
    NoScreen,
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

/// What a page needs to know of an answer that went wrong.
#[derive(Debug, Clone)]
pub enum Told {
    Problem(Box<Problem>),
    NoWayBack(Cow<'static, str>),
    NotFound,
    NoScreen,
}

impl Error {
    /// The error as problem details, where the contract has a code for it.
    fn problem(self) -> Option<Problem> {
        let new = |code, detail: Option<String>| Problem { detail, ..Problem::new(code) };
        Some(match self {
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
            | Self::BadToken
            | Self::NoWayBack(_)
            | Self::NotFound
            | Self::NoScreen => return None,
        })
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

impl IntoResponse for Error {
    fn into_response(self) -> Response {
        let retry_after = match &self {
            Self::RateLimited { retry_after } => Some(*retry_after),
            Self::Unavailable(reason) => {
                tracing::error!(reason, "unavailable");
                Some(RETRY_AFTER)
            }
            _ => None,
        };
        match self {
            Self::Token(error, description) => return token_error(error, description),
            Self::BadToken => return bad_token(),
            Self::NoWayBack(reason) => {
                return (StatusCode::BAD_REQUEST, told(Told::NoWayBack(reason.clone())), reason)
                    .into_response();
            }
            Self::NotFound => {
                return (StatusCode::NOT_FOUND, told(Told::NotFound), "not found").into_response();
            }
            Self::NoScreen => {
                let text = "the screen has not been built, see --dist";
                return (StatusCode::SERVICE_UNAVAILABLE, told(Told::NoScreen), text)
                    .into_response();
            }
            _ => {}
        }
        let problem = self.problem().expect("every error that is left is a problem");
        let status = StatusCode::from_u16(problem.status)
            .expect("the contract's problems have statuses that exist");
        let body = serde_json::to_vec(&problem).expect("a problem is always JSON");
        let mut response = (
            status,
            [(header::CONTENT_TYPE, MEDIA_TYPE)],
            told(Told::Problem(Box::new(problem))),
            body,
        )
            .into_response();
        if let Some(seconds) = retry_after {
            response.headers_mut().insert(header::RETRY_AFTER, HeaderValue::from(seconds));
        }
        response
    }
}

fn told(what: Told) -> axum::Extension<Told> {
    axum::Extension(what)
}

fn token_error(error: TokenError, error_description: &'static str) -> Response {
    #[derive(Serialize)]
    struct Body {
        error: &'static str,
        error_description: &'static str,
    }
    let (status, error) = match error {
        TokenError::InvalidRequest => (StatusCode::BAD_REQUEST, "invalid_request"),
        TokenError::InvalidClient => (StatusCode::UNAUTHORIZED, "invalid_client"),
        TokenError::InvalidGrant => (StatusCode::BAD_REQUEST, "invalid_grant"),
        TokenError::UnsupportedGrantType => (StatusCode::BAD_REQUEST, "unsupported_grant_type"),
    };
    let mut response = (status, Json(Body { error, error_description })).into_response();
    if status == StatusCode::UNAUTHORIZED {
        let basic = HeaderValue::from_static("Basic realm=\"token\"");
        response.headers_mut().insert(header::WWW_AUTHENTICATE, basic);
    }
    response
}

fn bad_token() -> Response {
    let challenge = "Bearer error=\"invalid_token\"";
    (StatusCode::UNAUTHORIZED, [(header::WWW_AUTHENTICATE, challenge)], "invalid token")
        .into_response()
}
