//! Where things stand in a configuration: for what shows only beside the database, and for warnings.
//!
//! Beside the catalog and not in it: two files that say the same in other places are equal.

use std::{collections::BTreeMap, path::PathBuf};

use time::Date;
use url::Url;

use super::catalog::Term;

/// Byte offsets into the source, see [`super::Source::fault`].
#[derive(Debug, Clone, Default)]
pub struct Places {
    /// By client id.
    pub services: BTreeMap<String, usize>,
    /// By id.
    pub accounts: BTreeMap<String, usize>,
    /// The dates of birth of an account, by id.
    pub birth_dates: BTreeMap<String, Vec<(Date, usize)>>,
    /// The admin keys of Kakao apps, by client id.
    pub admin_keys: BTreeMap<String, usize>,
    pub sign_in: Option<usize>,
    /// The targets of webhooks.
    pub webhooks: Vec<(Url, usize)>,
    /// Secrets that the configuration has in clear: their keys.
    pub clear_secrets: Vec<(&'static str, usize)>,
    /// Files that secrets were read from.
    pub secret_files: Vec<PathBuf>,
    /// By client id, tag and version.
    terms: BTreeMap<(String, String, String), TermPlaces>,
}

/// Where a version of a term stands.
#[derive(Debug, Clone, Copy, Default)]
pub struct TermPlaces {
    pub version: usize,
    pub effective_from: usize,
}

impl Places {
    pub(super) fn add_term(&mut self, client_id: &str, term: &Term, places: TermPlaces) {
        let key = (client_id.to_owned(), term.tag.clone(), term.version.clone());
        self.terms.insert(key, places);
    }

    /// Where a version of a term stands.
    #[must_use]
    pub fn term(&self, client_id: &str, tag: &str, version: &str) -> TermPlaces {
        let key = (client_id.to_owned(), tag.to_owned(), version.to_owned());
        self.terms.get(&key).copied().unwrap_or_default()
    }
}
