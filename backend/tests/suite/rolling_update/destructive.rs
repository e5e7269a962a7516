//! Migrations that break a rolling update are found, and others are not.

use sqlx::{
    AssertSqlSafe, SqlSafeStr,
    migrate::{Migration, MigrationType},
};

use super::{database::Engine, faults, release::last_release};

/// The version of a migration that comes after all.
const NEXT: i64 = 1_000_000;

fn and_then(engine: Engine, sql: &str) -> Vec<Migration> {
    let sql = AssertSqlSafe(sql.to_owned()).into_sql_str();
    let next = Migration::new(NEXT, "next".into(), MigrationType::Simple, sql, false);
    engine.migrations().into_iter().chain([next]).collect()
}

/// SQLite changes a column only by making its table again.
fn channel_relations(columns: &str, values: &str) -> String {
    format!(
        "CREATE TABLE made_again ({columns}, PRIMARY KEY (account, public_id)) STRICT;
         INSERT INTO made_again SELECT {values} FROM channel_relations;
         DROP TABLE channel_relations;
         ALTER TABLE made_again RENAME TO channel_relations"
    )
}

const CHANNEL_RELATION: &str =
    "account TEXT NOT NULL, public_id TEXT NOT NULL, relation TEXT NOT NULL";

/// Finds the faults of a migration of a table on each engine.
async fn finds(name: &str, table: &str, sqlite: &str, postgres: &str, wanted: &[&str]) {
    let release = last_release();
    for engine in Engine::installed() {
        let sql = match engine {
            Engine::Sqlite => sqlite,
            Engine::Postgres => postgres,
        };
        let found =
            faults::of(engine, &format!("rolling_{name}"), &release, &and_then(engine, sql), table)
                .await;
        for wanted in wanted {
            let is_found = found.iter().any(|it| it.contains(wanted));
            assert!(is_found, "{engine:?}, {sql}: {wanted} is not in {found:#?}");
        }
        assert_eq!(found.is_empty(), wanted.is_empty(), "{engine:?}, {sql}: {found:#?}");
    }
}

#[tokio::test]
async fn what_only_adds_has_no_faults() {
    let sql = "ALTER TABLE decisions ADD COLUMN note TEXT;
               ALTER TABLE sessions ADD COLUMN made_with TEXT NOT NULL DEFAULT 'browser';
               CREATE TABLE later (id TEXT PRIMARY KEY NOT NULL, at BIGINT NOT NULL);
               CREATE UNIQUE INDEX later_by_time ON later (at);
               CREATE INDEX sessions_by_maker ON sessions (made_with)";
    finds("adds", "sessions", sql, sql, &[]).await;
}

#[tokio::test]
async fn a_column_that_is_dropped_is_found() {
    let sql = "ALTER TABLE sessions DROP COLUMN device";
    finds("drops", "sessions", sql, sql, &["sessions.device is gone", "cannot be prepared"]).await;
}

#[tokio::test]
async fn a_column_that_is_renamed_is_found() {
    let sql = "ALTER TABLE links RENAME COLUMN how TO manner";
    let wanted = ["links.how is gone", "INSERT INTO links"];
    finds("renames", "links", sql, sql, &wanted).await;
}

#[tokio::test]
async fn a_table_that_is_dropped_or_renamed_is_found() {
    let sql = "DROP TABLE pushed_requests";
    finds(
        "drops_table",
        "pushed_requests",
        sql,
        sql,
        &["pushed_requests.id is gone", "cannot be prepared"],
    )
    .await;
    let sql = "ALTER TABLE notices RENAME TO notes";
    finds("renames_table", "notices", sql, sql, &["notices.due_at is gone", "cannot be prepared"])
        .await;
}

#[tokio::test]
async fn an_index_that_is_dropped_is_found() {
    let sql = "DROP INDEX codes_by_expiry";
    finds("drops_index", "codes", sql, sql, &["codes_by_expiry is gone"]).await;
}

#[tokio::test]
async fn a_column_that_an_older_server_does_not_write_is_found() {
    let sqlite = channel_relations(
        &format!("{CHANNEL_RELATION}, updated_at INTEGER, reason TEXT NOT NULL"),
        "*, 'none'",
    );
    // With rows in the table, a default is needed at first.
    let postgres = "ALTER TABLE channel_relations ADD COLUMN reason TEXT NOT NULL DEFAULT 'none';
                    ALTER TABLE channel_relations ALTER COLUMN reason DROP DEFAULT";
    let wanted = [
        "channel_relations.reason is new, NOT NULL and without a default",
        "INSERT INTO channel_relations",
        "was Ok(()), and is Err",
    ];
    finds("not_null", "channel_relations", &sqlite, postgres, &wanted).await;
}

#[tokio::test]
async fn a_column_of_another_type_is_found() {
    let sqlite = channel_relations(
        &format!("{CHANNEL_RELATION}, updated_at TEXT"),
        "account, public_id, relation, CAST(updated_at AS TEXT)",
    );
    let postgres = "ALTER TABLE channel_relations
                        ALTER COLUMN updated_at TYPE TEXT USING updated_at::TEXT";
    let wanted = ["channel_relations.updated_at is TEXT and not INTEGER any more"];
    finds("types", "channel_relations", &sqlite, postgres, &wanted).await;
}

#[tokio::test]
async fn a_column_that_cannot_be_null_any_more_is_found() {
    let sqlite = channel_relations(
        &format!("{CHANNEL_RELATION}, updated_at INTEGER NOT NULL"),
        "account, public_id, relation, coalesce(updated_at, 0)",
    );
    let postgres = "UPDATE channel_relations SET updated_at = 0 WHERE updated_at IS NULL;
                    ALTER TABLE channel_relations ALTER COLUMN updated_at SET NOT NULL";
    let wanted = ["channel_relations.updated_at can be NULL: true, and now false"];
    finds("null", "channel_relations", &sqlite, postgres, &wanted).await;
}

#[tokio::test]
async fn a_new_key_is_found() {
    let sql = "CREATE UNIQUE INDEX links_of_one ON links (account)";
    finds("key", "links", sql, sql, &["links has a new key"]).await;
}

/// Neither the schema's columns nor what statements return show a trigger: that writes fail does.
#[tokio::test]
async fn a_trigger_that_refuses_what_was_written_is_found() {
    let sqlite = "CREATE TRIGGER sessions_are_short BEFORE INSERT ON sessions
                      WHEN length(NEW.account) > 3
                      BEGIN SELECT RAISE(ABORT, 'too long'); END";
    let postgres = "CREATE TRIGGER sessions_are_short BEFORE INSERT ON sessions
                        FOR EACH ROW WHEN (length(NEW.account) > 3)
                        EXECUTE FUNCTION refuse('too long')";
    finds(
        "trigger",
        "sessions",
        sqlite,
        postgres,
        &["INSERT INTO sessions", "was Ok(()), and is Err"],
    )
    .await;
}
