//! Answers to the service, in the query of its redirect URI.

use consent_contract::redirect;
use url::form_urlencoded;

use super::request::AuthorizeRequest;

/// An error that the service is told by redirect (RFC 6749, 4.1.2.1; OpenID Connect Core, 3.1.2.6).
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum AuthorizeError {
    InvalidRequest,
    AccessDenied,
    UnsupportedResponseType,
    InvalidScope,
    LoginRequired,
    ConsentRequired,
    InteractionRequired,
    RequestNotSupported,
    RequestUriNotSupported,
}

impl AuthorizeError {
    /// The code as it is written.
    #[must_use]
    pub fn name(self) -> &'static str {
        match self {
            Self::InvalidRequest => "invalid_request",
            Self::AccessDenied => "access_denied",
            Self::UnsupportedResponseType => "unsupported_response_type",
            Self::InvalidScope => "invalid_scope",
            Self::LoginRequired => "login_required",
            Self::ConsentRequired => "consent_required",
            Self::InteractionRequired => "interaction_required",
            Self::RequestNotSupported => "request_not_supported",
            Self::RequestUriNotSupported => "request_uri_not_supported",
        }
    }
}

/// What a person who cancels makes the service hear.
pub const USER_DENIED: &str = "User denied access";

/// Where a code is delivered.
#[must_use]
pub fn with_code(request: &AuthorizeRequest, issuer: &str, code: &str) -> String {
    to_service(&request.redirect_uri, request.state.as_deref(), issuer, &[("code", code)])
}

/// Where an error is delivered.
#[must_use]
pub fn with_error(
    redirect_uri: &str,
    state: Option<&str>,
    issuer: &str,
    error: AuthorizeError,
    description: &str,
) -> String {
    let pairs = [("error", error.name()), ("error_description", description)];
    to_service(redirect_uri, state, issuer, &pairs)
}

fn to_service(
    redirect_uri: &str,
    state: Option<&str>,
    issuer: &str,
    pairs: &[(&str, &str)],
) -> String {
    let mut query = form_urlencoded::Serializer::new(String::new());
    query.extend_pairs(pairs);
    if let Some(state) = state {
        query.append_pair("state", state);
    }
    // RFC 9207: the service can tell which server answered.
    query.append_pair("iss", issuer);
    // A space as `%20` is read the same by every parser; a `+` only by those for forms.
    let query = query.finish().replace('+', "%20");
    // The registered address is kept to the letter, not taken apart and put together again.
    let joint = if redirect_uri.contains('?') { '&' } else { '?' };
    format!("{redirect_uri}{joint}{query}")
}

/// The origin that the person is told, and sent to. Registered addresses always have one.
#[must_use]
pub fn destination(redirect_uri: &str) -> String {
    redirect::origin(redirect_uri).unwrap_or_default()
}
