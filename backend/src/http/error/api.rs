//! Errors of the consent API: problem details (RFC 9457).

use axum::{
    body::Body,
    http::{HeaderValue, StatusCode, header},
    response::{IntoResponse, Response},
};
use consent_contract::{
    acceptance::Objection,
    item::ItemKey,
    problem::{Code, InvalidValue, MEDIA_TYPE, Problem},
};
use serde_json::json;

use super::{RequestError, problem_status, unrendered};
use crate::{consent::Refusal, store};

#[derive(Debug, Clone)]
pub enum ApiError {
    ChallengeNotFound,
    ChallengeExpired {
        restart_url: String,
    },
    /// `redirect_to` is for the browser session that decided.
    AlreadyDecided {
        redirect_to: Option<String>,
    },
    WrongSession {
        restart_url: String,
    },
    CsrfRejected(&'static str),
    /// An agreement that does not answer its request. Never empty.
    Objections(Vec<Objection>),
    Refused {
        refusal: Refusal,
        redirect_to: String,
    },
    ExtensionRefused,
    DocumentNotFound,
    /// The user goes on at another page, to which the restarted request leads.
    ContinueElsewhere {
        restart_url: String,
    },
    Request(RequestError),
}

impl ApiError {
    /// The error as problem details, where the contract has a code for it.
    #[must_use]
    pub fn problem(&self) -> Option<Problem> {
        Some(match self.clone() {
            Self::ChallengeNotFound => Problem::new(Code::ChallengeNotFound),
            Self::ChallengeExpired { restart_url } => {
                Problem { restart_url: Some(restart_url), ..Problem::new(Code::ChallengeExpired) }
            }
            Self::AlreadyDecided { redirect_to } => {
                Problem { redirect_to, ..Problem::new(Code::AlreadyDecided) }
            }
            Self::WrongSession { restart_url } => {
                Problem { restart_url: Some(restart_url), ..Problem::new(Code::WrongSession) }
            }
            Self::CsrfRejected(detail) => {
                Problem { detail: Some(detail.to_owned()), ..Problem::new(Code::CsrfRejected) }
            }
            Self::Objections(objections) => objected(objections),
            Self::Refused { refusal, redirect_to } => {
                let (code, redirect_to, min_age) = match refusal {
                    Refusal::SimpleSignUpInactive => (Code::SimpleSignUpInactive, None, None),
                    Refusal::NotATestMember => (Code::NotATestMember, None, None),
                    Refusal::GuardianNeeded | Refusal::ValueMissing => {
                        (Code::ContinueElsewhere, None, None)
                    }
                    Refusal::UnderAge { min_age } => {
                        (Code::UnderAge, Some(redirect_to), Some(min_age))
                    }
                };
                Problem { redirect_to, min_age, ..Problem::new(code) }
            }
            Self::ExtensionRefused => Problem::new(Code::ExtensionRefused),
            Self::DocumentNotFound => Problem::new(Code::DocumentNotFound),
            Self::ContinueElsewhere { restart_url } => {
                Problem { restart_url: Some(restart_url), ..Problem::new(Code::ContinueElsewhere) }
            }
            Self::Request(error) => return error.problem(),
        })
    }

    #[must_use]
    pub fn status(&self) -> StatusCode {
        match self {
            Self::Request(error) => error.status(),
            _ => problem_status(self.problem().as_ref()),
        }
    }

    pub(super) fn render(&self) -> Response {
        let body = match self.problem() {
            Some(problem) => {
                serde_json::to_vec(&problem).expect("strings and numbers always become JSON")
            }
            // No code of the contract: the title is the status's own (RFC 9457, 4.2.1).
            None => {
                let status = self.status();
                let title = super::render::reason(status);
                json!({ "type": "about:blank", "title": title, "status": status.as_u16() })
                    .to_string()
                    .into_bytes()
            }
        };
        let media_type = [(header::CONTENT_TYPE, HeaderValue::from_static(MEDIA_TYPE))];
        (media_type, Body::from(body)).into_response()
    }
}

/// One problem for all objections: the kind that must be fixed first. A text that changed takes the
/// screen back to reading; the other objections are found again after that.
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

impl From<RequestError> for ApiError {
    fn from(error: RequestError) -> Self {
        Self::Request(error)
    }
}

impl From<store::Error> for ApiError {
    fn from(error: store::Error) -> Self {
        Self::Request(error.into())
    }
}

impl IntoResponse for ApiError {
    fn into_response(self) -> Response {
        let cause = match &self {
            Self::Request(error) => Some(error),
            _ => None,
        };
        unrendered(self.status(), cause, self.clone())
    }
}
