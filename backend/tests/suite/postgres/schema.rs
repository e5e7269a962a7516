//! Both engines have the same tables, columns, keys, indexes, views and triggers.

use std::collections::{BTreeMap, BTreeSet};

use sqlx::{Connection, PgConnection, SqliteConnection};

use super::cluster::cluster;

pub static OF_POSTGRES: sqlx::migrate::Migrator = sqlx::migrate!("./migrations_postgres");
pub static OF_SQLITE: sqlx::migrate::Migrator = sqlx::migrate!("./migrations");

/// What has a meaning for statements.
#[derive(Debug, PartialEq, Eq)]
pub struct Schema {
    /// By table and column: the type, as SQLite names it, and whether it can be NULL.
    pub columns: BTreeMap<(String, String), (String, bool)>,
    /// Table and column of those that an INSERT need not name, though they cannot be NULL.
    pub defaults: BTreeSet<(String, String)>,
    /// By table: the columns of primary keys and unique constraints.
    pub keys: BTreeSet<(String, BTreeSet<String>)>,
    /// Names of indexes, views and triggers.
    pub names: BTreeSet<String>,
}

/// Columns that SQLite stores as 0 and 1.
const FLAGS: [(&str, &str); 10] = [
    ("codes", "used"),
    ("messenger_members", "registered"),
    ("pushed_requests", "presented"),
    ("receipt_items", "agreed"),
    ("receipt_items", "required"),
    ("refresh_tokens", "is_accepted_again"),
    ("refresh_tokens", "is_offline"),
    ("refresh_tokens", "is_received"),
    ("sign_in_attempts", "asks_login"),
    ("tokens", "is_offline"),
];

/// The schema of a database of SQLite.
pub async fn of_sqlite(connection: &mut SqliteConnection) -> Schema {
    let columns: Vec<(String, String, String, bool, bool, bool)> = sqlx::query_as(
        "SELECT tables.name, columns.name, columns.type, columns.\"notnull\", columns.pk > 0,
             columns.dflt_value IS NOT NULL
         FROM sqlite_schema AS tables JOIN pragma_table_info(tables.name) AS columns
         WHERE tables.type = 'table' AND tables.name NOT LIKE 'sqlite_%'
             AND tables.name <> '_sqlx_migrations'",
    )
    .fetch_all(&mut *connection)
    .await
    .unwrap();
    let unique: Vec<(String, String, String)> = sqlx::query_as(
        "SELECT tables.name, indexes.name, columns.name
         FROM sqlite_schema AS tables JOIN pragma_index_list(tables.name) AS indexes
         JOIN pragma_index_info(indexes.name) AS columns
         WHERE tables.type = 'table' AND indexes.\"unique\" AND tables.name <> '_sqlx_migrations'",
    )
    .fetch_all(&mut *connection)
    .await
    .unwrap();
    let names: Vec<String> = sqlx::query_scalar(
        "SELECT name FROM sqlite_schema
         WHERE type IN ('index', 'view', 'trigger') AND name NOT LIKE 'sqlite_%'",
    )
    .fetch_all(&mut *connection)
    .await
    .unwrap();
    let mut keys: BTreeMap<(String, String), BTreeSet<String>> = BTreeMap::new();
    for (table, index, column) in unique {
        keys.entry((table, index)).or_default().insert(column);
    }
    // A key of integers has no index of its own.
    for (table, column, ..) in columns.iter().filter(|it| it.4) {
        keys.entry((table.clone(), String::new())).or_default().insert(column.clone());
    }
    let defaults =
        columns.iter().filter(|it| it.5).map(|it| (it.0.clone(), it.1.clone())).collect();
    let columns = columns.into_iter().map(|(table, column, kind, is_not_null, is_key, _)| {
        let kind = match FLAGS.contains(&(&*table, &*column)) {
            true => "BOOLEAN".to_owned(),
            false => kind,
        };
        ((table, column), (kind, !is_not_null && !is_key))
    });
    Schema {
        columns: columns.collect(),
        defaults,
        keys: keys.into_iter().map(|((table, _), columns)| (table, columns)).collect(),
        // PostgreSQL has no INSERT OR REPLACE.
        names: names.into_iter().filter(|it| !it.ends_with("not_replaced")).collect(),
    }
}

/// The schema of a database of PostgreSQL.
pub async fn of_postgres(connection: &mut PgConnection) -> Schema {
    let columns: Vec<(String, String, String, bool, bool)> = sqlx::query_as(
        "SELECT columns.table_name::text, columns.column_name::text, columns.data_type::text,
             columns.is_nullable = 'YES',
             columns.column_default IS NOT NULL OR columns.is_identity = 'YES'
         FROM information_schema.columns JOIN information_schema.tables
             USING (table_schema, table_name)
         WHERE table_schema = 'public' AND table_type = 'BASE TABLE'
             AND table_name NOT IN ('_sqlx_migrations', 'rate_limits') AND column_name <> 'rowid'",
    )
    .fetch_all(&mut *connection)
    .await
    .unwrap();
    let unique: Vec<(String, i64, String)> = sqlx::query_as(
        "SELECT tables.relname::text, pg_index.indexrelid::bigint, columns.attname::text
         FROM pg_index JOIN pg_class AS tables ON tables.oid = pg_index.indrelid
         JOIN pg_attribute AS columns
             ON columns.attrelid = tables.oid AND columns.attnum = ANY (pg_index.indkey)
         WHERE pg_index.indisunique AND tables.relnamespace = 'public'::regnamespace
             AND tables.relname NOT IN ('_sqlx_migrations', 'rate_limits')",
    )
    .fetch_all(&mut *connection)
    .await
    .unwrap();
    let names: Vec<String> = sqlx::query_scalar(
        "SELECT indexname::text FROM pg_indexes
             WHERE schemaname = 'public' AND indexname NOT LIKE '%\\_pkey'
                 AND indexname NOT LIKE '%\\_key'
         UNION SELECT viewname::text FROM pg_views WHERE schemaname = 'public'
         UNION SELECT tgname::text FROM pg_trigger WHERE NOT tgisinternal",
    )
    .fetch_all(&mut *connection)
    .await
    .unwrap();
    let mut keys: BTreeMap<(String, i64), BTreeSet<String>> = BTreeMap::new();
    for (table, index, column) in unique {
        keys.entry((table, index)).or_default().insert(column);
    }
    let defaults =
        columns.iter().filter(|it| it.4).map(|it| (it.0.clone(), it.1.clone())).collect();
    let columns = columns.into_iter().map(|(table, column, kind, is_nullable, _)| {
        let kind = match &*kind {
            "bigint" => "INTEGER",
            "text" => "TEXT",
            "bytea" => "BLOB",
            "boolean" => "BOOLEAN",
            other => panic!("{table}.{column} is of the type {other}"),
        };
        ((table, column), (kind.to_owned(), is_nullable))
    });
    Schema {
        columns: columns.collect(),
        defaults,
        keys: keys.into_iter().map(|((table, _), columns)| (table, columns)).collect(),
        // SQLite has no TRUNCATE.
        names: names.into_iter().filter(|it| !it.ends_with("not_truncated")).collect(),
    }
}

#[tokio::test]
async fn both_engines_have_the_same_schema() {
    let Some(cluster) = cluster() else { return };
    let mut connection = SqliteConnection::connect("sqlite::memory:").await.unwrap();
    OF_SQLITE.run(&mut connection).await.unwrap();
    let sqlite = of_sqlite(&mut connection).await;
    let mut connection = PgConnection::connect(&cluster.empty("schema")).await.unwrap();
    OF_POSTGRES.run(&mut connection).await.unwrap();
    let postgres = of_postgres(&mut connection).await;
    assert!(sqlite.columns.len() > 150 && sqlite.keys.len() > 30, "{sqlite:?}");
    assert_eq!(postgres.columns, sqlite.columns);
    assert_eq!(postgres.keys, sqlite.keys);
    assert_eq!(postgres.names, sqlite.names);
}
