//! What is recorded of a release: its migrations and its statements.

use std::{
    collections::{BTreeMap, BTreeSet},
    env, fs,
    path::Path,
};

use serde::{Deserialize, Serialize};
use sqlx::migrate::Migration;

use super::database::Engine;
use crate::queries::{prepared, sources};

/// Set to the version of a release to write the record instead of comparing it.
const RECORD: &str = "RECORD_RELEASE";

const FILE: &str = "tests/suite/rolling_update/last_release.json";

#[derive(Debug, Serialize, Deserialize)]
pub struct Release {
    pub release: String,
    /// Checksums of the migrations, in hexadecimal digits, by their version.
    sqlite: BTreeMap<i64, String>,
    postgres: BTreeMap<i64, String>,
    /// As they stand in the sources. INSERTs to which rows are added have one row.
    pub statements: Vec<String>,
}

pub fn last_release() -> Release {
    serde_json::from_str(include_str!("last_release.json")).unwrap()
}

impl Release {
    fn of_this_tree(release: String) -> Self {
        let checksums = |engine: Engine| engine.migrations().iter().map(checksum).collect();
        Self {
            release,
            sqlite: checksums(Engine::Sqlite),
            postgres: checksums(Engine::Postgres),
            statements: statements().into_iter().collect(),
        }
    }

    fn checksums(&self, engine: Engine) -> &BTreeMap<i64, String> {
        match engine {
            Engine::Sqlite => &self.sqlite,
            Engine::Postgres => &self.postgres,
        }
    }

    /// The migrations of this tree that the release has.
    pub fn migrations(&self, engine: Engine) -> Vec<Migration> {
        let has = |it: &Migration| self.checksums(engine).contains_key(&it.version);
        engine.migrations().into_iter().filter(has).collect()
    }
}

/// The statements of this tree, as they stand in the sources.
pub fn statements() -> BTreeSet<String> {
    let checked: BTreeSet<_> = prepared().into_iter().map(|(_, query, _)| query).collect();
    let unchecked = unchecked(&checked);
    checked.into_iter().chain(unchecked).collect()
}

fn checksum(migration: &Migration) -> (i64, String) {
    let digits = migration.checksum.iter().map(|byte| format!("{byte:02x}"));
    (migration.version, digits.collect())
}

/// Statements in the sources of the store that the compiler does not check, because they stand in lists
/// or are put together.
fn unchecked(checked: &BTreeSet<String>) -> BTreeSet<String> {
    let folder = Path::new(env!("CARGO_MANIFEST_DIR")).join("src/store");
    let mut found = BTreeSet::new();
    for source in sources(&folder) {
        let product = source.split("#[cfg(test)]").next().unwrap_or_default();
        for verb in ["\"INSERT INTO ", "\"DELETE FROM ", "\"UPDATE "] {
            for (at, _) in product.match_indices(verb) {
                let Some((text, _)) = product[at + 1..].split_once('"') else { continue };
                // Raw literals are of the macros, which the compiler checks.
                let is_raw = product[..at].ends_with('#');
                // Conditions that are added, names that are filled in, and SQLite's own tables.
                let is_part =
                    text.ends_with("= ") || text.contains('{') || text.contains("sqlite_");
                if !is_raw && !is_part && !checked.contains(text) {
                    found.insert(with_a_row(text));
                }
            }
        }
    }
    found
}

/// An INSERT to which rows are added, with one.
fn with_a_row(text: &str) -> String {
    if !text.starts_with("INSERT") || text.contains("VALUES") || !text.ends_with(')') {
        return text.to_owned();
    }
    let columns = text.matches(',').count() + 1;
    format!("{text} VALUES ({})", vec!["?"; columns].join(", "))
}

/// A migration that a release has applied is never changed, and none is taken away: sqlx refuses a
/// database whose migrations have other checksums. With `RECORD_RELEASE`, writes the record instead.
#[test]
fn the_last_release_has_migrations_of_this_tree() {
    if let Ok(release) = env::var(RECORD) {
        assert!(!release.is_empty(), "{RECORD} names the version of the release");
        let recorded = serde_json::to_string_pretty(&Release::of_this_tree(release)).unwrap();
        let file = Path::new(env!("CARGO_MANIFEST_DIR")).join(FILE);
        fs::write(file, recorded + "\n").unwrap();
        return;
    }
    let last = last_release();
    for engine in [Engine::Sqlite, Engine::Postgres] {
        let own: BTreeMap<_, _> = engine.migrations().iter().map(checksum).collect();
        let recorded = last.checksums(engine);
        assert!(!recorded.is_empty());
        for (version, checksum) in recorded {
            let is_same = own.get(version) == Some(checksum);
            assert!(is_same, "{} has applied migration {version}, {engine:?}", last.release);
        }
    }
    let checked = last.statements.len();
    assert!(checked > 200, "{checked} statements");
}

/// The record has what the compiler does not see, too.
#[test]
fn statements_of_lists_and_rows_that_are_added_are_recorded() {
    let found = unchecked(&BTreeSet::new());
    for wanted in [
        "DELETE FROM links WHERE account = ?",
        "INSERT INTO asked_items (account, service, key) VALUES (?, ?, ?)",
    ] {
        assert!(found.contains(wanted), "{found:#?}");
    }
    assert!(found.iter().all(|it| !it.ends_with(' ') && !it.contains('{')), "{found:#?}");
    assert_eq!(with_a_row("INSERT INTO a (b, c)"), "INSERT INTO a (b, c) VALUES (?, ?)");
    assert_eq!(with_a_row("DELETE FROM a WHERE b IN (c)"), "DELETE FROM a WHERE b IN (c)");
}
