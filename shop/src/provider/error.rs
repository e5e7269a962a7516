//! Why the provider gave no answer that can be used.

/// A call that failed.
#[derive(Debug, thiserror::Error)]
pub enum ProviderError {
    /// No connection, a 5xx, or too many requests.
    #[error("the provider cannot be reached: {0}")]
    Down(String),
    #[error("the provider did not answer in time")]
    Slow,
    /// An answer that the protocol does not allow: no JSON, a wrong signature, another nonce.
    #[error("the provider's answer cannot be used: {0}")]
    Nonsense(String),
    /// The provider understood and refused. `code` is `KOE320`, `invalid_grant` or `-101`.
    #[error("the provider refused with {code}: {message}")]
    Refused { code: String, message: String },
}

impl ProviderError {
    /// The user is not linked to this app: -101, or -103 where the account itself is gone.
    #[must_use]
    pub fn is_not_connected(&self) -> bool {
        matches!(self, Self::Refused { code, .. } if code == "-101" || code == "-103")
    }
}

/// The causes of an error, in one line for the log.
#[must_use]
pub fn causes(error: &dyn std::error::Error) -> String {
    let mut text = error.to_string();
    let mut cause = error.source();
    while let Some(error) = cause {
        text = format!("{text}: {error}");
        cause = error.source();
    }
    text
}
