//! The file that a draft came from.

use serde::{Deserialize, Serialize};

use crate::share;

/// A service of a services.toml. The whole file is kept, to be saved with what was edited.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct Source {
    /// The name of the file.
    pub file: String,
    /// Which of its services, counted from 0.
    pub service: usize,
    /// The file, as [`share::encode`] packs it: a text of terms shrinks to a third.
    packed: String,
}

impl Source {
    #[must_use]
    pub fn new(file: &str, service: usize, toml: &str) -> Self {
        Self { file: file.to_owned(), service, packed: share::encode(&toml) }
    }

    /// The file. None of a draft that another version of the studio has kept.
    #[must_use]
    pub fn toml(&self) -> Option<String> {
        share::decode(&self.packed).ok()
    }
}
