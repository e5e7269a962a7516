//! Responses to the service, in the query of its redirect URI.

use consent_contract::redirect;
use url::form_urlencoded;

use super::{error::AuthorizeError, request::AuthorizeRequest};
use crate::config::Dialect;

/// The `error_description` when the user cancels.
pub const USER_DENIED: &str = "User denied access";

/// Where a code is delivered.
#[must_use]
pub fn with_code(request: &AuthorizeRequest, issuer: &str, code: &str) -> String {
    let issuer = issuer_for(request.dialect, issuer);
    to_service(&request.redirect_uri, request.state.as_deref(), issuer, &[("code", code)])
}

/// The issuer as the responses of a dialect name it (RFC 9207). Kakao's clients refuse an `iss` that
/// they do not know.
#[must_use]
pub fn issuer_for(dialect: Dialect, issuer: &str) -> Option<&str> {
    (dialect == Dialect::Standard).then_some(issuer)
}

/// Where an error is delivered.
#[must_use]
pub fn with_error(
    redirect_uri: &str,
    state: Option<&str>,
    issuer: Option<&str>,
    error: AuthorizeError,
    description: &str,
) -> String {
    let pairs = [("error", error.name()), ("error_description", description)];
    to_service(redirect_uri, state, issuer, &pairs)
}

fn to_service(
    redirect_uri: &str,
    state: Option<&str>,
    issuer: Option<&str>,
    pairs: &[(&str, &str)],
) -> String {
    let mut query = form_urlencoded::Serializer::new(String::new());
    query.extend_pairs(pairs);
    if let Some(state) = state {
        query.append_pair("state", state);
    }
    // RFC 9207: the service can check which server answered.
    if let Some(issuer) = issuer {
        query.append_pair("iss", issuer);
    }
    // A space as `%20` is read the same by every parser; a `+` only by those for forms.
    let query = query.finish().replace('+', "%20");
    // The registered address is kept to the letter, not taken apart and put together again.
    let joint = if redirect_uri.contains('?') { '&' } else { '?' };
    format!("{redirect_uri}{joint}{query}")
}

/// The origin that the screen names, and the redirect goes to. Registered addresses always have one.
#[must_use]
pub fn destination(redirect_uri: &str) -> String {
    redirect::origin(redirect_uri).unwrap_or_default()
}
