//! The only code that sends HTTP requests: typed calls with a timeout, and their errors.

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

use crate::i18n::{self, Locale};

pub use error::{ApiError, RetryReason};

/// The timeout of a call.
const DEADLINE_MS: u32 = 15_000;

/// Loads the request of a challenge, in the given language or the backend's choice, and the screen's
/// own texts in the language of the request.
///
/// # Errors
/// See [`ApiError`].
pub async fn read_consent(challenge: &str, locale: Option<&str>) -> Result<ConsentState, ApiError> {
    let path = contract::consent_path(challenge);
    let path = match locale {
        Some(locale) => format!("{path}?locale={locale}"),
        None => path,
    };
    // Browsers cache some errors without a header that allows it, a 410 permanently: a retry must
    // bypass that.
    let body = transport::get(&path, true, DEADLINE_MS).await?;
    let answer = ConsentState::from_json(&body).map_err(|_| ApiError::Unreadable)?;
    if let ConsentState::Ask(request) = &answer
        && let Some(locale) = Locale::of(&request.locale)
        && !i18n::is_loaded(locale)
    {
        let path = ["/texts/", locale.tag(), ".json"].concat();
        let texts = transport::get(&path, false, DEADLINE_MS).await?;
        i18n::load(&texts).map_err(|_| ApiError::Unreadable)?;
    }
    Ok(answer)
}

/// Sends the decision. It is idempotent: the backend answers a repeated one as it did before.
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

/// Loads the full text of a term. `reload` bypasses the browser's cache: texts are immutable there,
/// so one that was garbled on its way would stay garbled.
///
/// # Errors
/// See [`ApiError`].
pub async fn read_document(path: &str, reload: bool) -> Result<Document, ApiError> {
    let body = transport::get(path, reload, DEADLINE_MS).await?;
    Document::from_json(&body).map_err(|_| ApiError::Unreadable)
}
