//! The only code that speaks HTTP: typed calls with a deadline, and what can go wrong with them.

mod error;
pub(crate) mod retry_after;
mod transport;

use consent_contract::{
    self as contract,
    decision::{Decision, Extended, ExtensionRequest, Recorded},
    document::Document,
    json,
    request::ConsentState,
};

pub use error::ApiError;

/// A call without an answer is given up after this long.
const DEADLINE_MS: u32 = 15_000;

/// Reads the request behind a challenge, in the given language or the one the backend finds best.
///
/// # Errors
/// See [`ApiError`].
pub async fn read_consent(challenge: &str, locale: Option<&str>) -> Result<ConsentState, ApiError> {
    let path = contract::consent_path(challenge);
    let path = match locale {
        Some(locale) => format!("{path}?locale={locale}"),
        None => path,
    };
    // Browsers keep some errors without being told to, a 410 for ever: then asking again would not.
    let body = transport::get(&path, true, DEADLINE_MS).await?;
    ConsentState::from_json(&body).map_err(|_| ApiError::Unreadable)
}

/// Sends the decision. Sending the same one again is safe: the backend answers as it did before.
///
/// # Errors
/// See [`ApiError`].
pub async fn decide(challenge: &str, decision: &Decision) -> Result<Recorded, ApiError> {
    let body = serde_json::to_string(decision).map_err(|_| ApiError::Unreadable)?;
    let answer = transport::post(&contract::decision_path(challenge), body, DEADLINE_MS).await?;
    json::read(&answer).map_err(|_| ApiError::Unreadable)
}

/// Asks for more time.
///
/// # Errors
/// See [`ApiError`].
pub async fn extend(challenge: &str, csrf_token: String) -> Result<Extended, ApiError> {
    let body = serde_json::to_string(&ExtensionRequest { csrf_token })
        .map_err(|_| ApiError::Unreadable)?;
    let answer = transport::post(&contract::extension_path(challenge), body, DEADLINE_MS).await?;
    json::read(&answer).map_err(|_| ApiError::Unreadable)
}

/// Reads the full text of a term. With `anew`, past the browser's cache: texts are kept there for
/// ever, and one that was broken on its way would stay broken.
///
/// # Errors
/// See [`ApiError`].
pub async fn read_document(
    tag: &str,
    version: &str,
    digest: &str,
    anew: bool,
) -> Result<Document, ApiError> {
    let path = contract::document_path(tag, version, digest);
    let body = transport::get(&path, anew, DEADLINE_MS).await?;
    Document::from_json(&body).map_err(|_| ApiError::Unreadable)
}
