//! The tables of the backend.

use super::table;
use crate::load::{CONNECTIONS, READS};
use crate::results::{BARE, LoadResult, Results};

/// The tables of the part `load`.
#[must_use]
pub fn load(results: &Results) -> String {
    let mut out = String::new();
    load_tables(&mut out, results);
    attack_table(&mut out, results);
    webhook_table(&mut out, results);
    sealing_table(&mut out, results);
    out
}

/// Databases side by side, and what answers without one last.
fn load_tables(out: &mut String, results: &Results) {
    let mut databases = Results::distinct(results.load.iter().map(|it| &it.database));
    databases.sort_by_key(|it| *it == BARE);
    let requests = Results::distinct(results.load.iter().map(|it| &it.what));
    let head = [&["Request", "Connections"][..], &databases[..]].concat();
    let mut compared = |title: &str, say: fn(&LoadResult) -> String| {
        let mut rows = Vec::new();
        for connections in CONNECTIONS {
            for what in &requests {
                let cell = |database: &&str| {
                    results.loaded(database, what, connections).map_or("–".to_owned(), say)
                };
                let row = [(*what).to_owned(), connections.to_string()].into_iter();
                rows.push(row.chain(databases.iter().map(cell)).collect());
            }
        }
        table(out, title, &head, rows);
    };
    let each = results.load.iter().map(|it| it.requests).max().unwrap_or_default();
    let title = format!(
        "Backend load: answers a second, of at most {each} requests of each kind that reads, and {} of the others",
        each / READS as u64
    );
    compared(&title, |it| match it.refused {
        0 => format!("{:.0}", it.per_second),
        refused => format!("{:.0} ({refused} not 200)", it.per_second),
    });
    compared("Backend load: p50, p90 and p99 (ms)", |it| {
        format!("{:.2}, {:.2}, {:.2}", it.p50, it.p90, it.p99)
    });
}

/// The tables of the part `growing-data`.
#[must_use]
pub fn growing_data(results: &Results) -> String {
    let mut out = String::new();
    let mut sizes: Vec<u64> = results.growing_data.iter().map(|it| it.decisions).collect();
    sizes.sort_unstable();
    sizes.dedup();
    let head: Vec<String> = sizes.iter().map(|it| format!("{it} decisions")).collect();
    let head: Vec<&str> =
        ["Database", ""].into_iter().chain(head.iter().map(String::as_str)).collect();
    let mut rows = Vec::new();
    for database in Results::distinct(results.growing_data.iter().map(|it| &it.database)) {
        let of_it = || results.growing_data.iter().filter(|it| it.database == database);
        for what in Results::distinct(of_it().map(|it| &it.what)) {
            let cell = |decisions: &u64| {
                let found = of_it().find(|it| it.decisions == *decisions && it.what == what);
                found.map_or("–".to_owned(), |it| format!("{:.2}, {:.2}", it.p50, it.p99))
            };
            let row = [database.to_owned(), what.to_owned()].into_iter();
            rows.push(row.chain(sizes.iter().map(cell)).collect());
        }
    }
    table(&mut out, "Growing data: p50 and p99 (ms)", &head, rows);
    let rows = results.data_sizes.iter().map(|it| {
        vec![
            it.database.clone(),
            it.decisions.to_string(),
            format!("{:.0}", it.bytes as f64 / 1e6),
            format!("{:.0}", it.inserted_per_second),
            format!("{:.1}", it.sealed_after),
        ]
    });
    let head =
        ["Database", "Decisions", "Size (MB)", "Inserted a second", "Receipts sealed after (s)"];
    table(&mut out, "Growing data: the databases", &head, rows.collect());
    out
}

fn webhook_table(out: &mut String, results: &Results) {
    let rows = results.webhooks.iter().map(|it| {
        vec![
            it.decisions.to_string(),
            it.events.to_string(),
            it.repeated.to_string(),
            format!("{:.0}", it.per_second),
        ]
    });
    let head = ["Decisions", "Events received", "Received again", "A second"];
    table(out, "Events for a service that comes back", &head, rows.collect());
}

fn sealing_table(out: &mut String, results: &Results) {
    let rows = results.sealing.iter().map(|it| {
        vec![
            it.receipts.to_string(),
            it.batches.to_string(),
            it.each.to_string(),
            it.longest.to_string(),
        ]
    });
    let head = ["Receipts", "Batches", "A receipt (\u{b5}s)", "Longest batch (\u{b5}s)"];
    table(out, "Sealing receipts", &head, rows.collect());
}

fn attack_table(out: &mut String, results: &Results) {
    let alone = results.attacks.iter().find(|it| it.attack.is_none()).map(|it| it.p99);
    let rows = results.attacks.iter().map(|it| {
        vec![
            it.attack.clone().unwrap_or_else(|| "none".to_owned()),
            it.attempts.to_string(),
            it.decisions.to_string(),
            format!("{:.2}", it.p50),
            format!("{:.2}", it.p99),
            alone.map_or("–".to_owned(), |alone| format!("{:.2}", it.p99 / alone)),
            it.refused.to_string(),
        ]
    });
    let head = [
        "Attacker",
        "Attempts",
        "Honest decisions",
        "p50 (ms)",
        "p99 (ms)",
        "Times undisturbed p99",
        "Not 200",
    ];
    table(out, "Honest decisions beside an attacker", &head, rows.collect());
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::results::{DataResult, SQLITE, postgres};

    #[test]
    fn databases_stand_side_by_side_and_the_bare_handler_last() {
        let result = |database: &str, what: &str, per_second, refused| LoadResult {
            database: database.into(),
            what: what.into(),
            connections: 16,
            requests: 10,
            per_second,
            p50: 1.0,
            p90: 2.0,
            p99: 3.0,
            refused,
        };
        let results = Results {
            load: vec![
                result(SQLITE, "GET", 100.0, 0),
                result(BARE, "GET", 900.0, 0),
                result(&postgres(2), "GET", 80.0, 3),
                result(SQLITE, "POST", 50.0, 0),
            ],
            ..Results::default()
        };
        let tables = load(&results);
        let head = "| Request | Connections | SQLite | PostgreSQL, 2 backends | bare axum |";
        assert!(tables.contains(head), "{tables}");
        assert!(tables.contains("| GET | 16 | 100 | 80 (3 not 200) | 900 |"), "{tables}");
        assert!(tables.contains("| POST | 16 | 50 | – | – |"), "{tables}");
        assert!(tables.contains("| GET | 16 | 1.00, 2.00, 3.00 |"), "{tables}");
    }

    #[test]
    fn sizes_stand_side_by_side() {
        let result = |decisions, p50| DataResult {
            database: SQLITE.into(),
            decisions,
            what: "decision".into(),
            count: 1,
            p50,
            p99: 9.0,
        };
        let results = Results {
            growing_data: vec![result(10_000, 1.0), result(1_000_000, 1.25)],
            ..Results::default()
        };
        let tables = growing_data(&results);
        assert!(tables.contains("| SQLite | decision | 1.00, 9.00 | 1.25, 9.00 |"), "{tables}");
        assert!(!tables.contains("the databases"), "{tables}");
    }
}
