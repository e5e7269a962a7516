//! Responses to the service: the parameters, and their place in the query of its redirect URI.
//! [`crate::http`] has the other response mode, a form.

use consent_contract::redirect;
use url::form_urlencoded;

use super::{
    error::{self, AuthorizeError},
    request::AuthorizeRequest,
};
use crate::config::Dialect;

/// The `error_description` when the user cancels.
pub const USER_DENIED: &str = "User denied access";

/// The parameters of a response, in their order.
pub type Parameters = Vec<(&'static str, String)>;

/// The parameters with a code.
#[must_use]
pub fn code(state: Option<&str>, issuer: Option<&str>, code: &str) -> Parameters {
    response(state, issuer, [("code", code.to_owned())])
}

/// The parameters with an error.
#[must_use]
pub fn error(
    state: Option<&str>,
    issuer: Option<&str>,
    error: AuthorizeError,
    description: &str,
) -> Parameters {
    let description = error::description(description);
    let pairs = [("error", error.name().to_owned()), ("error_description", description)];
    response(state, issuer, pairs)
}

fn response<const N: usize>(
    state: Option<&str>,
    issuer: Option<&str>,
    first: [(&'static str, String); N],
) -> Parameters {
    let mut parameters = Vec::from(first);
    parameters.extend(state.map(|state| ("state", state.to_owned())));
    // RFC 9207: the service can check which server answered.
    parameters.extend(issuer.map(|issuer| ("iss", issuer.to_owned())));
    parameters
}

/// The issuer as the responses of a dialect name it (RFC 9207). Kakao's clients refuse an `iss` that
/// they do not know.
#[must_use]
pub fn issuer_for(dialect: Dialect, issuer: &str) -> Option<&str> {
    (dialect == Dialect::Standard).then_some(issuer)
}

/// Where a code is delivered, in the query.
#[must_use]
pub fn with_code(request: &AuthorizeRequest, issuer: &str, code: &str) -> String {
    let issuer = issuer_for(request.dialect, issuer);
    in_query(&request.redirect_uri, &self::code(request.state.as_deref(), issuer, code))
}

/// Where an error is delivered, in the query.
#[must_use]
pub fn with_error(
    redirect_uri: &str,
    state: Option<&str>,
    issuer: Option<&str>,
    error: AuthorizeError,
    description: &str,
) -> String {
    in_query(redirect_uri, &self::error(state, issuer, error, description))
}

/// The redirect URI with these parameters in its query.
#[must_use]
pub fn in_query(redirect_uri: &str, parameters: &Parameters) -> String {
    let mut query = form_urlencoded::Serializer::new(String::new());
    query.extend_pairs(parameters);
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
