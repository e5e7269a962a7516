//! What requests carry: JSON, and forms.

use axum::{
    body::{Body, to_bytes},
    http::{HeaderMap, header},
};
use serde::de::DeserializeOwned;
use url::form_urlencoded;

use super::{error::Error, headers};

/// The largest body, in bytes: a decision on thousands of items fits.
const LARGEST_BODY: usize = 1024 * 1024;

/// How much is read of a body that is too large, in bytes, before it is said.
const LARGEST_READ: usize = 4 * LARGEST_BODY;

/// The media type of messages.
pub const JSON: &str = "application/json";

/// The media type of forms.
pub const FORM: &str = "application/x-www-form-urlencoded";

/// The decoded fields of a form, in their order.
///
/// # Errors
/// When it is something else, or too large.
pub async fn form(headers: &HeaderMap, body: Body) -> Result<Vec<(String, String)>, Error> {
    if media_type(headers) != FORM {
        return Err(Error::Malformed(format!("expected {FORM}")));
    }
    let body = read(headers, body).await?;
    Ok(form_urlencoded::parse(&body).into_owned().collect())
}

/// The message in a JSON body.
///
/// # Errors
/// When it is something else, too large, or not a message of the contract.
pub async fn json<T: DeserializeOwned>(headers: &HeaderMap, body: Body) -> Result<T, Error> {
    if media_type(headers) != JSON {
        return Err(Error::Malformed(format!("expected {JSON}")));
    }
    let body = read(headers, body).await?;
    // The message quotes what was sent, which may be personal: only its place is told.
    serde_json::from_slice(&body).map_err(|error| {
        Error::Malformed(format!(
            "line {}, column {}: not a message of the contract",
            error.line(),
            error.column()
        ))
    })
}

/// What a request says that its body is.
#[must_use]
pub fn media_type(headers: &HeaderMap) -> String {
    let value = headers::get(headers, header::CONTENT_TYPE).unwrap_or_default();
    value.split(';').next().unwrap_or_default().trim().to_ascii_lowercase()
}

async fn read(headers: &HeaderMap, body: Body) -> Result<Vec<u8>, Error> {
    let announced = headers::get(headers, header::CONTENT_LENGTH);
    if announced.and_then(|length| length.parse().ok()).is_some_and(|n: usize| n > LARGEST_BODY) {
        // A browser that is still sending when the connection ends shows that, and not the answer.
        drop(to_bytes(body, LARGEST_READ).await);
        return Err(Error::TooLarge);
    }
    Ok(to_bytes(body, LARGEST_BODY).await.map_err(|_| Error::TooLarge)?.to_vec())
}
