//! Errors of the token endpoint (RFC 6749, 5.2) and of protected resources (RFC 6750, 3.1).

use axum::{
    Json,
    http::{HeaderValue, StatusCode, header},
    response::{IntoResponse, Response},
};
use serde_json::json;

use super::{RequestError, unrendered};
use crate::{
    kakao::koe::KoeError,
    oauth::error::{self, AuthorizeError},
    store,
};

/// An error of the token endpoint, with its description.
#[derive(Debug, Clone)]
pub enum TokenError {
    InvalidRequest(&'static str),
    InvalidClient(&'static str),
    InvalidGrant(&'static str),
    UnsupportedGrantType(&'static str),
    InvalidScope(&'static str),
    /// An error of a service in Kakao's dialect; with the cause when the request failed on our side.
    Kakao {
        error: KoeError,
        cause: Option<RequestError>,
    },
    /// An error of the authorization endpoint, at the one for pushed requests (RFC 9126, 2.3).
    Authorize(AuthorizeError, String),
    Request(RequestError),
}

impl TokenError {
    #[must_use]
    pub fn status(&self) -> StatusCode {
        match self {
            Self::InvalidClient(_) => StatusCode::UNAUTHORIZED,
            Self::InvalidRequest(_)
            | Self::InvalidGrant(_)
            | Self::UnsupportedGrantType(_)
            | Self::InvalidScope(_)
            | Self::Authorize(..) => StatusCode::BAD_REQUEST,
            Self::Kakao { error, cause } => {
                cause.as_ref().map_or(error.koe.status(), RequestError::status)
            }
            Self::Request(error) => error.status(),
        }
    }

    pub(super) fn render(&self) -> Response {
        match self {
            Self::Kakao { error: KoeError { koe, description }, .. } => Json(json!({
                "error": koe.error(),
                "error_description": description,
                "error_code": koe.code(),
            }))
            .into_response(),
            Self::InvalidRequest(why) => oauth_error("invalid_request", why),
            Self::InvalidClient(why) => {
                let challenge = HeaderValue::from_static("Basic realm=\"token\"");
                let body = oauth_error("invalid_client", why);
                ([(header::WWW_AUTHENTICATE, challenge)], body).into_response()
            }
            Self::InvalidGrant(why) => oauth_error("invalid_grant", why),
            Self::UnsupportedGrantType(why) => oauth_error("unsupported_grant_type", why),
            Self::InvalidScope(why) => oauth_error("invalid_scope", why),
            Self::Authorize(error, why) => oauth_error(error.name(), &error::description(why)),
            Self::Request(error) if error.status() == StatusCode::UNAUTHORIZED => {
                Self::InvalidClient("the client is not authenticated").render()
            }
            Self::Request(error) => request_error(error),
        }
    }
}

/// Why an access token is not accepted.
#[derive(Debug, Clone)]
pub enum BearerError {
    /// No token was sent, or other credentials instead.
    Missing,
    /// The request does not carry one access token in one way.
    InvalidRequest,
    /// Unknown, expired or revoked.
    InvalidToken,
    /// The token was issued without this scope.
    InsufficientScope(&'static str),
    Request(RequestError),
}

impl BearerError {
    #[must_use]
    pub fn status(&self) -> StatusCode {
        match self {
            Self::InvalidRequest => StatusCode::BAD_REQUEST,
            Self::Missing | Self::InvalidToken => StatusCode::UNAUTHORIZED,
            Self::InsufficientScope(_) => StatusCode::FORBIDDEN,
            Self::Request(error) => error.status(),
        }
    }

    pub(super) fn render(&self) -> Response {
        let (code, description) = match self {
            // Without a token the answer names no error (RFC 6750, 3.1).
            Self::Missing => {
                let challenge = HeaderValue::from_static("Bearer realm=\"userinfo\"");
                return [(header::WWW_AUTHENTICATE, challenge)].into_response();
            }
            Self::InvalidRequest => ("invalid_request", "the request must carry one access token"),
            Self::InvalidToken => {
                ("invalid_token", "the access token is unknown, expired or revoked")
            }
            Self::InsufficientScope(_) => {
                ("insufficient_scope", "the access token was issued without this scope")
            }
            Self::Request(error) => match error.status() {
                StatusCode::UNAUTHORIZED => return Self::InvalidToken.render(),
                StatusCode::FORBIDDEN => {
                    ("insufficient_scope", "the access token was issued without the scope")
                }
                _ => return request_error(error),
            },
        };
        let mut challenge = format!(
            "Bearer realm=\"userinfo\", error=\"{code}\", error_description=\"{description}\""
        );
        if let Self::InsufficientScope(scope) = self {
            challenge.push_str(&format!(", scope=\"{scope}\""));
        }
        ([(header::WWW_AUTHENTICATE, challenge)], oauth_error(code, description)).into_response()
    }
}

/// `temporarily_unavailable` and `server_error` are codes of the authorization endpoint (RFC 6749,
/// 4.1.2.1): the token endpoint has none for an overload or a failure.
fn request_error(error: &RequestError) -> Response {
    let (code, description) = match error.status() {
        StatusCode::TOO_MANY_REQUESTS => {
            ("temporarily_unavailable", "too many requests, see Retry-After")
        }
        StatusCode::METHOD_NOT_ALLOWED => ("invalid_request", "the method is not supported"),
        StatusCode::MISDIRECTED_REQUEST => {
            ("invalid_request", "the request names the host of another server")
        }
        StatusCode::PAYLOAD_TOO_LARGE => ("invalid_request", "the request is too large"),
        StatusCode::SERVICE_UNAVAILABLE => {
            ("temporarily_unavailable", "the server cannot answer now, see Retry-After")
        }
        status if status.is_server_error() => ("server_error", "the server has failed"),
        _ => ("invalid_request", "the request cannot be read"),
    };
    oauth_error(code, description)
}

fn oauth_error(error: &str, description: &str) -> Response {
    Json(json!({ "error": error, "error_description": description })).into_response()
}

impl From<KoeError> for TokenError {
    fn from(error: KoeError) -> Self {
        Self::Kakao { error, cause: None }
    }
}

impl From<RequestError> for TokenError {
    fn from(error: RequestError) -> Self {
        Self::Request(error)
    }
}

impl From<store::Error> for TokenError {
    fn from(error: store::Error) -> Self {
        Self::Request(error.into())
    }
}

impl IntoResponse for TokenError {
    fn into_response(self) -> Response {
        let cause = match &self {
            Self::Request(error) => Some(error),
            Self::Kakao { cause, .. } => cause.as_ref(),
            _ => None,
        };
        unrendered(self.status(), cause, self.clone())
    }
}

impl From<RequestError> for BearerError {
    fn from(error: RequestError) -> Self {
        Self::Request(error)
    }
}

impl From<store::Error> for BearerError {
    fn from(error: store::Error) -> Self {
        Self::Request(error.into())
    }
}

impl IntoResponse for BearerError {
    fn into_response(self) -> Response {
        let cause = match &self {
            Self::Request(error) => Some(error),
            _ => None,
        };
        unrendered(self.status(), cause, self.clone())
    }
}
