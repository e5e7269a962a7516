//! Redirects.

use axum::{
    http::{HeaderValue, StatusCode, header},
    response::{IntoResponse, Response},
};
use url::form_urlencoded;

/// A login address that comes back to us.
#[must_use]
pub fn with_return_to(login_url: &str, return_to: &str) -> String {
    let mut query = form_urlencoded::Serializer::new(String::new());
    query.append_pair("return_to", return_to);
    let joint = if login_url.contains('?') { '&' } else { '?' };
    format!("{login_url}{joint}{}", query.finish())
}

/// 303, so that no browser repeats a POST at the next address (SEC-30).
#[must_use]
pub fn see_other(to: &str) -> Response {
    let location = HeaderValue::from_str(to)
        .expect("addresses are registered or made here, and both are plain ASCII");
    (StatusCode::SEE_OTHER, [(header::LOCATION, location)]).into_response()
}
