//! No statement searches a growing table row by row, on either engine: what a request takes does not grow
//! with the number of users. Exceptions are listed with their reasons.

#![cfg(unix)]

use std::collections::BTreeMap;

use consent_backend::postgres_text;
use serde_json::Value;
use sqlx::{
    AssertSqlSafe, Connection, Either, Executor, PgConnection, Row, SqlSafeStr, SqliteConnection,
    Statement,
};

use crate::{
    postgres::{
        cluster::cluster,
        schema::{OF_POSTGRES, OF_SQLITE},
    },
    rolling_update::release::statements,
};

/// Tables that have as many rows as the configuration has entries, or a fixed number.
const BOUNDED: [&str; 14] = [
    "database_mode",
    "documents",
    "erasing",
    "job_leases",
    "managed_client_secrets",
    "managed_services",
    "managed_services_revision",
    "readiness_probe",
    "receipt_keys",
    "receipt_settings",
    "secrets",
    "seeded",
    "signing_keys",
    "statements",
];

/// Partial indexes with what waits, and nothing else.
const OF_WAITING: [&str; 3] = ["outbox_due", "outbox_dead", "outbox_order"];

/// Statements that search a table, as they begin, with single spaces. One that does not end with an
/// ellipsis is whole.
const SEARCHES: [(&str, &str); 24] = [
    ("DELETE FROM challenges", ADOPTS),
    ("DELETE FROM codes", ADOPTS),
    ("DELETE FROM sessions", ADOPTS),
    ("DELETE FROM tokens", ADOPTS),
    ("SELECT service AS \"service!\" FROM documents UNION…", ADOPTS),
    ("DELETE FROM kakao_properties WHERE account = ?", ERASES),
    ("DELETE FROM kakao_sign_ups WHERE account = ?", ERASES),
    ("DELETE FROM outbox WHERE service = ? AND subject = ? AND next_at IS NULL", ERASES),
    ("DELETE FROM outbox WHERE next_at IS NULL AND (service, form, subject) IN (…", ERASES),
    ("SELECT DISTINCT service FROM outbox", ERASES),
    ("SELECT id, event FROM outbox WHERE service = ? AND subject = ? ORDER BY id", ERASES),
    ("SELECT old.receipt_id AS \"receipt_id!: String\", old.items…", ENDED_AGREEMENTS),
    ("SELECT account, service, key, version, agreed_at, agreed_by…", INSPECTS),
    ("SELECT EXISTS (SELECT 1 FROM links WHERE service = ?1) OR EXISTS…", DELETES),
    (
        "SELECT account AS \"account!: String\", service AS \"service!: String\" FROM decisions…",
        VERIFIES,
    ),
    ("SELECT account, service, how AS \"how: Named<How>\", linked_at FROM links", VERIFIES),
    ("SELECT account, service, key, version, statements, agreed_at, expires_at FROM…", VERIFIES),
    ("SELECT account, service, salt FROM subjects", VERIFIES),
    ("SELECT level, position, hash FROM log_nodes", VERIFIES),
    ("SELECT number AS \"number!\", receipt_id, about, jws, salt FROM signed_receipts…", VERIFIES),
    (
        "SELECT receipt_id AS \"receipt_id!: String\" FROM receipt_items WHERE receipt_id NOT IN…",
        VERIFIES,
    ),
    ("SELECT receipt_id AS \"receipt_id!: String\", is_unsigned…", VERIFIES),
    ("SELECT tree_size AS \"tree_size!\", note FROM checkpoints ORDER BY tree_size", VERIFIES),
    ("SELECT signed.number AS \"number!\", signed.jws, signed.salt…", EXPORTS),
];

const ADOPTS: &str = "a server that adopts a database from before there were modes";
const ERASES: &str = "an operator erases an account";
const VERIFIES: &str = "an operator verifies all receipts";
const EXPORTS: &str = "an operator exports receipts";
const INSPECTS: &str = "an operator inspects";
const DELETES: &str = "an operator deletes a service";
/// With `retention.ended_agreements` only, on a connection that reads.
const ENDED_AGREEMENTS: &str = "the clean-up looks for accounts that left long ago";

fn with_single_spaces(statement: &str) -> String {
    statement.split_whitespace().collect::<Vec<_>>().join(" ")
}

/// Why a statement may search a table; none when it may not.
fn reason(statement: &str) -> Option<&'static str> {
    let text = with_single_spaces(statement);
    let is_it = |start: &str| match start.strip_suffix('…') {
        Some(start) => text.starts_with(start),
        None => text == start,
    };
    SEARCHES.iter().find(|(start, _)| is_it(start)).map(|(_, why)| *why)
}

/// The statements of this tree that search a growing table, with what the engine plans.
async fn searching(
    mut plan: impl AsyncFnMut(&str) -> Vec<String>,
) -> (Vec<String>, Vec<&'static str>) {
    let (mut unexpected, mut reasons) = (Vec::new(), Vec::new());
    for statement in statements() {
        let searches = plan(&statement).await;
        match reason(&statement) {
            _ if searches.is_empty() => {}
            Some(why) => reasons.push(why),
            None => {
                unexpected.push(format!("{searches:?}: {}", with_single_spaces(&statement)));
            }
        }
    }
    (unexpected, reasons)
}

/// The searches of a statement in SQLite, which plans without statistics: the server keeps none.
async fn searches_of_sqlite(connection: &mut SqliteConnection, statement: &str) -> Vec<String> {
    let explain = AssertSqlSafe(format!("EXPLAIN QUERY PLAN {statement}"));
    // A plan that was prepared is not made again after a change of the schema.
    let steps = sqlx::query(explain).persistent(false).fetch_all(connection).await.unwrap();
    let steps: Vec<String> = steps.iter().map(|step| step.get("detail")).collect();
    // The first rows in the order of an index.
    let takes_first = statement.contains("LIMIT")
        && !statement.contains("WHERE")
        && !steps.iter().any(|step| step.starts_with("USE TEMP"));
    let is_search = |step: &str| {
        let Some(what) = step.strip_prefix("SCAN ") else { return false };
        let name = what.split_whitespace().next().unwrap_or_default();
        let is_subquery = name == "CONSTANT"
            || ["CO-ROUTINE", "MATERIALIZE"]
                .iter()
                .any(|kind| steps.iter().any(|step| *step == format!("{kind} {name}")));
        let of_waiting = OF_WAITING.iter().any(|index| what.ends_with(index));
        !BOUNDED.contains(&name) && !is_subquery && !of_waiting && !takes_first
    };
    steps.iter().filter(|step| is_search(step)).cloned().collect()
}

#[tokio::test]
async fn no_statement_searches_a_growing_table_of_sqlite() {
    let mut connection = SqliteConnection::connect("sqlite::memory:").await.unwrap();
    OF_SQLITE.run(&mut connection).await.unwrap();
    let (unexpected, reasons) =
        searching(async |statement| searches_of_sqlite(&mut connection, statement).await).await;
    assert!(unexpected.is_empty(), "{}", unexpected.join("\n"));
    for (_, why) in SEARCHES {
        assert!(reasons.contains(&why), "no statement searches a table because {why}");
    }
}

/// By the name of an index: its table and its first column.
type Indexes = BTreeMap<String, (String, String)>;

async fn indexes(connection: &mut PgConnection) -> Indexes {
    let found: Vec<(String, String, String)> = sqlx::query_as(
        "SELECT indexes.relname::text, tables.relname::text, columns.attname::text
         FROM pg_index JOIN pg_class AS indexes ON indexes.oid = indexrelid
         JOIN pg_class AS tables ON tables.oid = indrelid
         JOIN pg_attribute AS columns ON columns.attrelid = indrelid AND columns.attnum = indkey[0]
         WHERE tables.relnamespace = 'public'::regnamespace",
    )
    .fetch_all(connection)
    .await
    .unwrap();
    found.into_iter().map(|(index, table, column)| (index, (table, column))).collect()
}

/// The searches of a statement in PostgreSQL, which may not plan what reads a whole table as long as
/// there is another way; the tables are empty, and it would prefer that.
async fn searches_of_postgres(
    connection: &mut PgConnection,
    indexes: &Indexes,
    statement: &str,
) -> Vec<String> {
    let text = postgres_text(statement);
    let prepared = connection.prepare(AssertSqlSafe(text.clone()).into_sql_str()).await.unwrap();
    let values = match prepared.parameters() {
        Some(Either::Left(types)) if !types.is_empty() => {
            format!("({})", vec!["NULL"; types.len()].join(", "))
        }
        _ => String::new(),
    };
    let prepare = AssertSqlSafe(format!("PREPARE planned AS {text}"));
    sqlx::raw_sql(prepare).execute(&mut *connection).await.unwrap();
    let explain = AssertSqlSafe(format!("EXPLAIN (FORMAT JSON) EXECUTE planned{values}"));
    let row = sqlx::raw_sql(explain).fetch_one(&mut *connection).await.unwrap();
    sqlx::raw_sql("DEALLOCATE planned").execute(connection).await.unwrap();
    let plan: Value = serde_json::from_str(row.try_get_unchecked(0).unwrap()).unwrap();
    let mut found = Vec::new();
    collect(&plan[0]["Plan"], indexes, false, &mut found);
    found
}

/// Nodes of a plan that read a whole table, or a whole index without end. An index is searched by its
/// first column; by another one it is read as a whole.
fn collect(node: &Value, indexes: &Indexes, is_limited: bool, found: &mut Vec<String>) {
    let text = |name: &str| node[name].as_str().unwrap_or_default();
    let (kind, index) = (text("Node Type"), text("Index Name"));
    let (of_index, first) = indexes.get(index).cloned().unwrap_or_default();
    let table = node["Relation Name"].as_str().unwrap_or(&of_index);
    let reads_all = match (kind, node["Index Cond"].as_str()) {
        ("Seq Scan", _) => true,
        ("Index Scan" | "Index Only Scan" | "Bitmap Index Scan", Some(condition)) => {
            let is_word = |it: char| it.is_ascii_alphanumeric() || it == '_';
            !condition.split(|it| !is_word(it)).any(|word| word == first)
        }
        ("Index Scan" | "Index Only Scan" | "Bitmap Index Scan", None) => {
            !is_limited && !OF_WAITING.contains(&index)
        }
        _ => false,
    };
    if reads_all && !BOUNDED.contains(&table) {
        found.push(format!("{kind} {table} {index}"));
    }
    let is_limited = is_limited || kind == "Limit";
    for part in node["Plans"].as_array().into_iter().flatten() {
        collect(part, indexes, is_limited, found);
    }
}

/// Plans for any values, in the way in which statistics of many rows would have it.
const AS_IF_FULL: &str = "SET plan_cache_mode = force_generic_plan; SET enable_seqscan = off;
                          SET enable_hashjoin = off; SET enable_mergejoin = off";

#[tokio::test]
async fn no_statement_searches_a_growing_table_of_postgresql() {
    let Some(cluster) = cluster() else { return };
    let mut connection = PgConnection::connect(&cluster.empty("query_plans")).await.unwrap();
    OF_POSTGRES.run(&mut connection).await.unwrap();
    sqlx::raw_sql(AS_IF_FULL).execute(&mut connection).await.unwrap();
    let indexes = indexes(&mut connection).await;
    let plan =
        async |statement: &str| searches_of_postgres(&mut connection, &indexes, statement).await;
    let (unexpected, _) = searching(plan).await;
    assert!(unexpected.is_empty(), "{}", unexpected.join("\n"));
}

/// An index that is missing is found on both.
#[tokio::test]
async fn a_missing_index_is_found() {
    let statement = "SELECT 1 FROM kakao_user_ids WHERE account = ?";
    let drop = "DROP INDEX kakao_user_ids_by_account";
    let mut sqlite = SqliteConnection::connect("sqlite::memory:").await.unwrap();
    OF_SQLITE.run(&mut sqlite).await.unwrap();
    assert_eq!(searches_of_sqlite(&mut sqlite, statement).await, [""; 0]);
    sqlx::raw_sql(drop).execute(&mut sqlite).await.unwrap();
    assert_ne!(searches_of_sqlite(&mut sqlite, statement).await, [""; 0]);
    let Some(cluster) = cluster() else { return };
    let mut postgres = PgConnection::connect(&cluster.empty("missing_index")).await.unwrap();
    OF_POSTGRES.run(&mut postgres).await.unwrap();
    sqlx::raw_sql(AS_IF_FULL).execute(&mut postgres).await.unwrap();
    let indexes = indexes(&mut postgres).await;
    assert_eq!(searches_of_postgres(&mut postgres, &indexes, statement).await, [""; 0]);
    sqlx::raw_sql(drop).execute(&mut postgres).await.unwrap();
    assert_ne!(searches_of_postgres(&mut postgres, &indexes, statement).await, [""; 0]);
}
