//! Everything that was measured, as it is kept in `results.json`.
//!
//! A part that was not measured this time keeps what was measured last.

use crate::statistics::Summary;
use serde::{Deserialize, Serialize};
use std::collections::BTreeMap;
use std::path::Path;

/// The part names, as `--only` takes them.
pub const PARTS: [&str; 5] = ["page", "growth", "mounting", "load", "growing-data"];

/// What answers without a database: the lower bound.
pub const BARE: &str = "bare axum";

/// A backend on SQLite.
pub const SQLITE: &str = "SQLite";

/// So many backends on one database of PostgreSQL.
#[must_use]
pub fn postgres(backends: usize) -> String {
    match backends {
        1 => "PostgreSQL, 1 backend".to_owned(),
        more => format!("PostgreSQL, {more} backends"),
    }
}

#[derive(Debug, Default, Serialize, Deserialize)]
pub struct Results {
    /// What it was measured on and with, line by line.
    pub machine: Vec<(String, String)>,
    pub pages: Vec<PageResult>,
    pub growth: Vec<GrowthResult>,
    pub mounting: Vec<MountingResult>,
    pub load: Vec<LoadResult>,
    #[serde(default)]
    pub stored: Vec<StoredResult>,
    #[serde(default)]
    pub growing_data: Vec<DataResult>,
    #[serde(default)]
    pub data_sizes: Vec<DataSize>,
    #[serde(default)]
    pub webhooks: Option<DeliveredEvents>,
    #[serde(default)]
    pub sealing: Option<SealedReceipts>,
    #[serde(default)]
    pub attacks: Vec<AttackResult>,
    /// Visits that came to no end: what was not measured, and why.
    pub failures: Vec<String>,
    /// What was not asked of this machine, and why: by part.
    #[serde(default)]
    pub left_out: BTreeMap<String, Vec<String>>,
}

/// One contender on one line: by name of what was measured. Times are in milliseconds, sizes in
/// bytes.
#[derive(Debug, Serialize, Deserialize)]
pub struct PageResult {
    pub contender: String,
    pub profile: String,
    pub measured: BTreeMap<String, Summary>,
}

/// One contender with so many items, on a slow line; milliseconds.
#[derive(Debug, Serialize, Deserialize)]
pub struct GrowthResult {
    pub contender: String,
    pub items: usize,
    pub usable: Summary,
    /// From a click on a box to the frame that shows it.
    pub tick: Summary,
}

/// People who are quicker than the app.
#[derive(Debug, Serialize, Deserialize)]
pub struct MountingResult {
    pub profile: String,
    pub runs: usize,
    /// Runs in which every box and every field was as the person left it.
    pub kept: usize,
    /// Runs in which a click or a key came before the app did.
    pub early: usize,
    /// The largest layout shift of any run, as browsers count it.
    pub shift: f64,
    /// The farthest that any box moved in the frame in which the app mounts, in CSS pixels.
    pub moved: f64,
    /// What went wrong, run by run.
    pub faults: Vec<String>,
}

/// One kind of request at a number of connections; milliseconds.
#[derive(Debug, Serialize, Deserialize)]
pub struct LoadResult {
    /// Which backends on which database: [`SQLITE`], [`postgres`], or [`BARE`].
    #[serde(default)]
    pub database: String,
    pub what: String,
    pub connections: usize,
    pub requests: u64,
    pub per_second: f64,
    pub p50: f64,
    pub p90: f64,
    pub p99: f64,
    /// Answers that were not 200.
    pub refused: u64,
}

/// Honest decisions while one attacker is at work; milliseconds.
#[derive(Debug, Serialize, Deserialize)]
pub struct AttackResult {
    /// What the attacker does; none for the undisturbed decisions that the others are compared with.
    pub attack: Option<String>,
    /// Honest decisions.
    pub decisions: u64,
    pub p50: f64,
    pub p99: f64,
    /// Honest decisions that were not answered with 200.
    pub refused: u64,
    /// How many requests or connections the attacker made meanwhile.
    pub attempts: u64,
}

/// What is in a database after the load.
#[derive(Debug, Serialize, Deserialize)]
pub struct StoredResult {
    /// As in [`LoadResult`].
    pub database: String,
    pub recorded: Recorded,
    pub tokens: IssuedTokens,
}

/// How long something takes in a database of a size; milliseconds.
#[derive(Debug, Serialize, Deserialize)]
pub struct DataResult {
    /// As in [`LoadResult`].
    pub database: String,
    /// How many decisions the database holds.
    pub decisions: u64,
    pub what: String,
    /// How often it was measured.
    pub count: u64,
    pub p50: f64,
    pub p99: f64,
}

/// A database of a size.
#[derive(Debug, Serialize, Deserialize)]
pub struct DataSize {
    /// As in [`LoadResult`].
    pub database: String,
    pub decisions: u64,
    pub bytes: u64,
    /// Decisions that were put into it in a second, with all rows that belong to each.
    pub inserted_per_second: f64,
    /// Seconds until the backend had sealed their receipts.
    pub sealed_after: f64,
}

/// What became of the decisions.
#[derive(Debug, Clone, Copy, PartialEq, Serialize, Deserialize)]
pub struct Recorded {
    /// Decisions answered with 200.
    pub answered: u64,
    /// Decisions in the database.
    pub recorded: u64,
    /// Different questions among them.
    pub questions: u64,
}

/// What became of the token requests.
#[derive(Debug, Clone, Copy, PartialEq, Serialize, Deserialize)]
pub struct IssuedTokens {
    /// Codes whose redemption was answered with 200.
    pub redeemed: u64,
    /// Refresh tokens whose use was answered with 200.
    pub refreshed: u64,
    /// Access tokens in the database.
    pub access_tokens: u64,
    /// Refresh tokens in the database that can be used.
    pub active: u64,
    /// Refresh tokens in the database that were exchanged.
    pub rotated: u64,
}

/// How events reach a service that has been away.
#[derive(Debug, Clone, Copy, PartialEq, Serialize, Deserialize)]
pub struct DeliveredEvents {
    /// Decisions, each with one event.
    pub decisions: u64,
    /// Different events that the service has received.
    pub events: u64,
    /// Events that it has received more than once.
    pub repeated: u64,
    /// Events a second, of the nine tenths in the middle.
    pub per_second: f64,
}

/// What sealing receipts into their log takes; times in microseconds.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct SealedReceipts {
    pub receipts: u64,
    /// Transactions: each holds up other writers.
    pub batches: u64,
    /// On average, for each receipt.
    pub each: u64,
    /// Of all batches, waiting for another writer included.
    pub longest: u64,
}

impl Results {
    /// What was measured last; nothing when there is no such file, or an older program wrote it.
    #[must_use]
    pub fn last(file: &Path) -> Self {
        let text = std::fs::read_to_string(file).unwrap_or_default();
        serde_json::from_str(&text).unwrap_or_default()
    }

    /// Keeps the version of PostgreSQL with what else was measured with.
    pub fn note_postgres(&mut self, version: Option<String>) {
        let Some(version) = version else { return };
        self.machine.retain(|(what, _)| what != "PostgreSQL");
        self.machine.push(("PostgreSQL".to_owned(), version));
    }

    /// The median of one measurement.
    #[must_use]
    pub fn page(&self, contender: &str, profile: &str, what: &str) -> Option<Summary> {
        let result =
            self.pages.iter().find(|it| it.contender == contender && it.profile == profile)?;
        result.measured.get(what).copied()
    }

    /// Different names, in the order in which they come.
    #[must_use]
    pub fn distinct<'r>(names: impl IntoIterator<Item = &'r String>) -> Vec<&'r str> {
        let mut found: Vec<&str> = Vec::new();
        for name in names {
            if !found.contains(&&**name) {
                found.push(name);
            }
        }
        found
    }

    /// One kind of request at so many connections.
    #[must_use]
    pub fn loaded(&self, database: &str, what: &str, connections: usize) -> Option<&LoadResult> {
        self.load
            .iter()
            .find(|it| it.database == database && it.what == what && it.connections == connections)
    }

    /// The measurement of one contender with so many items.
    #[must_use]
    pub fn grown(&self, contender: &str, items: usize) -> Option<&GrowthResult> {
        self.growth.iter().find(|it| it.contender == contender && it.items == items)
    }
}
