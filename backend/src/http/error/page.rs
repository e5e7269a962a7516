//! Errors of addresses that a browser window opens: HTML pages.

use std::borrow::Cow;

use axum::{
    http::StatusCode,
    response::{IntoResponse, Response},
};

use super::{ApiError, RequestError, unrendered};
use crate::{kakao::koe::KoeError, store};

#[derive(Debug, Clone)]
pub enum PageError {
    /// An authorize request without a verified redirect URI.
    InvalidRedirect(Cow<'static, str>),
    /// An authorize request of a user who is not signed in, where another redirect to the login
    /// page would not help.
    NotSignedIn(Box<NotSignedIn>),
    /// The built screen is missing.
    NoScreen,
    /// An error of a service in Kakao's dialect; with the cause when the request failed on our side.
    Kakao { error: KoeError, cause: Option<RequestError> },
    /// An error that the consent API has, too.
    Api(ApiError),
}

/// Why the user is not signed in, and the links on that page.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct NotSignedIn {
    pub why: WhyNot,
    /// The redirect URI, with the error for the service. None where no service asks.
    pub back: Option<String>,
    /// The login page: a path on our own origin. None where there is no login page.
    pub again: Option<String>,
}

/// Why the user is not signed in.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum WhyNot {
    /// The proxy names an account that is not known.
    UnknownAccount,
    /// An operator has disabled the account.
    AccountDisabled,
    /// The OpenID provider does not answer.
    ProviderUnreachable,
    /// What the OpenID provider answers proves nothing.
    ProviderInvalid,
    /// The OpenID provider signed no one in: the user went back, for example.
    Cancelled,
    /// The browser was not sent to the OpenID provider, or too long ago.
    NoAttempt,
    /// The login page sent the browser back, and the proxy names no account.
    SignedOut,
    /// The service asked for a new login, and there is no proof of one.
    NotConfirmed,
    /// The proxy names no account, and there is no login page.
    NoLoginPage,
}

impl WhyNot {
    /// The word in the audit log.
    #[must_use]
    pub fn name(self) -> &'static str {
        match self {
            Self::UnknownAccount => "unknown_account",
            Self::AccountDisabled => "account_disabled",
            Self::ProviderUnreachable => "provider_unreachable",
            Self::ProviderInvalid => "provider_invalid",
            Self::Cancelled => "cancelled",
            Self::NoAttempt => "no_attempt",
            Self::SignedOut => "signed_out",
            Self::NotConfirmed => "not_confirmed",
            Self::NoLoginPage => "no_login_page",
        }
    }
}

impl PageError {
    #[must_use]
    pub fn status(&self) -> StatusCode {
        match self {
            Self::InvalidRedirect(_) => StatusCode::BAD_REQUEST,
            Self::NotSignedIn(error) => match error.why {
                WhyNot::ProviderUnreachable => StatusCode::SERVICE_UNAVAILABLE,
                WhyNot::ProviderInvalid => StatusCode::BAD_GATEWAY,
                WhyNot::NoAttempt => StatusCode::BAD_REQUEST,
                _ => StatusCode::FORBIDDEN,
            },
            Self::Kakao { error, .. } => error.koe.status(),
            Self::NoScreen => StatusCode::SERVICE_UNAVAILABLE,
            Self::Api(error) => error.status(),
        }
    }
}

impl From<KoeError> for PageError {
    fn from(error: KoeError) -> Self {
        Self::Kakao { error, cause: None }
    }
}

impl From<ApiError> for PageError {
    fn from(error: ApiError) -> Self {
        Self::Api(error)
    }
}

impl From<RequestError> for PageError {
    fn from(error: RequestError) -> Self {
        Self::Api(error.into())
    }
}

impl From<store::Error> for PageError {
    fn from(error: store::Error) -> Self {
        Self::Api(error.into())
    }
}

impl IntoResponse for PageError {
    fn into_response(self) -> Response {
        let cause = match &self {
            Self::Api(ApiError::Request(error)) => Some(error),
            Self::Kakao { cause, .. } => cause.as_ref(),
            _ => None,
        };
        unrendered(self.status(), cause, self.clone())
    }
}
