//! Reading JSON on the end user's side.
//!
//! The messages that the screen receives are read with miniserde, whose code is small because it
//! is not generic. They also have serde's `Deserialize`, for crates without a size budget;
//! a test for each message sees to it that both read the same.

use std::fmt;

/// The text is not the message it should be. There is nothing to say beyond that: a message is
/// understood whole, or nothing of it is used.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Unreadable;

impl fmt::Display for Unreadable {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("not a message of the contract")
    }
}

impl std::error::Error for Unreadable {}

/// Reads a message.
///
/// # Errors
/// The text is not JSON, a field is missing or of another type, or a word is not one that the
/// contract knows.
pub fn read<T: miniserde::Deserialize>(text: &str) -> Result<T, Unreadable> {
    miniserde::json::from_str(text).map_err(|_| Unreadable)
}
