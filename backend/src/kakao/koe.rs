//! Error codes of the authorization server (developers.kakao.com, Kakao Login > Troubleshooting).

use axum::http::StatusCode;

/// An error code. The statuses and some of the names are choices: the platform does not document
/// them, see docs/COMPATIBILITY.md.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Koe {
    MalformedRequest,
    Unavailable,
    LoginIsOff,
    NotATestMember,
    RedirectUriNotRegistered,
    LogoutRedirectUriNotRegistered,
    WrongKeyType,
    WrongClientSecret,
    UnknownClient,
    NoChannel,
    UnsupportedResponseType,
    ImplicitFlow,
    InvalidParameter,
    ScopeNotConfigured,
    MissingParameter,
    TooManyTokenRequests,
    OtherRedirectUri,
    UnsupportedGrantType,
    MissingRefreshToken,
    InvalidCode,
    InvalidRefreshToken,
    InvalidIdToken,
}

impl Koe {
    /// Every code that this server answers with.
    pub const ALL: [Self; 22] = [
        Self::MalformedRequest,
        Self::Unavailable,
        Self::LoginIsOff,
        Self::NotATestMember,
        Self::RedirectUriNotRegistered,
        Self::LogoutRedirectUriNotRegistered,
        Self::WrongKeyType,
        Self::WrongClientSecret,
        Self::UnknownClient,
        Self::NoChannel,
        Self::UnsupportedResponseType,
        Self::ImplicitFlow,
        Self::InvalidParameter,
        Self::ScopeNotConfigured,
        Self::MissingParameter,
        Self::TooManyTokenRequests,
        Self::OtherRedirectUri,
        Self::UnsupportedGrantType,
        Self::MissingRefreshToken,
        Self::InvalidCode,
        Self::InvalidRefreshToken,
        Self::InvalidIdToken,
    ];

    /// The code as it is written: `KOE006`.
    #[must_use]
    pub fn code(self) -> &'static str {
        self.row().0
    }

    /// The OAuth error.
    #[must_use]
    pub fn error(self) -> &'static str {
        self.row().1
    }

    /// The status, of a page and of JSON alike.
    #[must_use]
    pub fn status(self) -> StatusCode {
        self.row().2
    }

    fn row(self) -> (&'static str, &'static str, StatusCode) {
        use StatusCode as S;
        match self {
            Self::MalformedRequest => ("KOE001", "invalid_request", S::BAD_REQUEST),
            Self::Unavailable => ("KOE003", "server_error", S::SERVICE_UNAVAILABLE),
            Self::LoginIsOff => ("KOE004", "misconfigured", S::BAD_REQUEST),
            Self::NotATestMember => ("KOE005", "access_denied", S::FORBIDDEN),
            Self::RedirectUriNotRegistered => ("KOE006", "invalid_request", S::BAD_REQUEST),
            Self::LogoutRedirectUriNotRegistered => ("KOE007", "invalid_request", S::BAD_REQUEST),
            Self::WrongKeyType => ("KOE008", "invalid_client", S::UNAUTHORIZED),
            Self::WrongClientSecret => ("KOE010", "invalid_client", S::UNAUTHORIZED),
            Self::UnknownClient => ("KOE101", "invalid_client", S::UNAUTHORIZED),
            Self::NoChannel => ("KOE102", "invalid_client", S::BAD_REQUEST),
            Self::UnsupportedResponseType => ("KOE201", "invalid_request", S::BAD_REQUEST),
            Self::ImplicitFlow => ("KOE202", "invalid_request", S::BAD_REQUEST),
            Self::InvalidParameter => ("KOE204", "invalid_request", S::BAD_REQUEST),
            Self::ScopeNotConfigured => ("KOE205", "invalid_scope", S::BAD_REQUEST),
            Self::MissingParameter => ("KOE207", "invalid_request", S::BAD_REQUEST),
            Self::TooManyTokenRequests => ("KOE237", "invalid_request", S::TOO_MANY_REQUESTS),
            Self::OtherRedirectUri => ("KOE303", "invalid_grant", S::BAD_REQUEST),
            Self::UnsupportedGrantType => ("KOE310", "unsupported_grant_type", S::BAD_REQUEST),
            Self::MissingRefreshToken => ("KOE319", "invalid_request", S::BAD_REQUEST),
            Self::InvalidCode => ("KOE320", "invalid_grant", S::BAD_REQUEST),
            Self::InvalidRefreshToken => ("KOE322", "invalid_grant", S::BAD_REQUEST),
            Self::InvalidIdToken => ("KOE400", "invalid_token", S::BAD_REQUEST),
        }
    }

    /// The error with what is wrong in this request, in ASCII without `"` and `\`.
    #[must_use]
    pub fn because(self, description: impl AsRef<str>) -> KoeError {
        let is_plain = |c: &char| matches!(c, ' '..='~') && *c != '"' && *c != '\\';
        KoeError { koe: self, description: description.as_ref().chars().filter(is_plain).collect() }
    }
}

/// An error of the authorization server.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct KoeError {
    pub koe: Koe,
    pub description: String,
}
