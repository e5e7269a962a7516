//! `consent-backend migrate`: moves a database from SQLite to PostgreSQL.

use clap::Args;
use consent_backend::{Location, Moved, Side, Step, Store};

use super::progress::Progress;

#[derive(Args)]
pub struct Migrate {
    /// The data directory of a server that is stopped.
    #[arg(long, value_name = "sqlite:DIR")]
    from: Location,
    /// An empty database of PostgreSQL.
    #[arg(long, value_name = "postgres://…")]
    to: Location,
}

/// Moves every row, and verifies that the receipts prove the same. The exit status is 1 when they do not, and 2
/// when nothing was moved.
///
/// # Errors
/// When it cannot be moved, or not be verified afterwards.
pub async fn run(arguments: Migrate) -> Result<(String, u8), String> {
    let Migrate { from, to } = arguments;
    let names = format!("{from} to {to}");
    let (Location::Directory(from), Location::Postgres(to)) = (from, to) else {
        return Err(
            "expected --from sqlite:DIR and --to postgres://…: a database is moved from SQLite \
                    to PostgreSQL. For the other way stop the servers, and use backup and restore"
                .to_owned(),
        );
    };
    let progress = Progress::begin();
    let report = |step: Step<'_>| progress.print(step);
    let moved = Store::move_to_postgres(&from, *to, &report).await.map_err(|error| {
        let side = match error.side() {
            Side::Source => "--from: ",
            Side::Target => "--to: ",
            Side::Both => "",
        };
        let outcome = if error.wrote_nothing() { "\nnothing was moved" } else { "" };
        format!("{side}{error}{outcome}")
    })?;
    Ok((format!("{names}\n{}", described(&moved)), u8::from(!moved.is_proven())))
}

pub fn described(moved: &Moved) -> String {
    let mut text = String::new();
    for (table, rows) in moved.rows.iter().filter(|(_, rows)| **rows > 0) {
        text.push_str(&format!("{rows:>10} {table}\n"));
    }
    let rows: u64 = moved.rows.values().sum();
    text.push_str(&format!("{rows:>10} rows of {} tables, the same in both\n", moved.rows.len()));
    let Moved { before, after, .. } = moved;
    text.push_str(&format!(
        "{} signed receipts, {} leaves in the log\n",
        after.receipts, after.sealed
    ));
    if moved.is_proven() {
        text.push_str("no faults: the receipts prove what they proved before\n");
        return text;
    }
    text.push_str(&format!(
        "FAULT before there were {} signed receipts and {} leaves\n",
        before.receipts, before.sealed
    ));
    for fault in &after.faults {
        text.push_str(&format!("FAULT {fault}\n"));
    }
    text.push_str("do not use the new database: the old one is as it was\n");
    text
}
