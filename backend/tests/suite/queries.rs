//! The query data in `.sqlx`, against which the compiler checks SQL without a database.

use std::{
    fs,
    path::{Path, PathBuf},
};

use serde_json::Value;
use sqlx::{AssertSqlSafe, Connection, Executor, SqlSafeStr, SqliteConnection};

use crate::browser::Server;

const HOW: &str = "in backend/, with sqlx-cli: DATABASE_URL=sqlite://../target/schema.sqlite; \
                   cargo sqlx database setup && cargo sqlx prepare";

/// Query and description, by file name.
pub fn prepared() -> Vec<(String, String, Value)> {
    let folder = Path::new(env!("CARGO_MANIFEST_DIR")).join(".sqlx");
    let files = fs::read_dir(folder).unwrap().map(|entry| entry.unwrap().path());
    let read = files.map(|path| {
        let data: Value = serde_json::from_str(&fs::read_to_string(&path).unwrap()).unwrap();
        let name = path.file_name().unwrap().to_string_lossy().into_owned();
        (name, data["query"].as_str().unwrap().to_owned(), data["describe"].clone())
    });
    let read: Vec<_> = read.collect();
    assert!(read.len() > 30, "{}", read.len());
    read
}

/// The compiler fails on a query without data. Data of a schema from before a migration it would
/// believe.
#[tokio::test]
async fn prepared_queries_match_the_schema() {
    let server = Server::demo().await;
    let file = server.folder.path().join("data/consent.sqlite");
    let mut database =
        SqliteConnection::connect(&format!("sqlite://{}", file.display())).await.unwrap();
    for (name, query, described) in prepared() {
        let live = database.describe(AssertSqlSafe(query.clone()).into_sql_str()).await;
        let live = live.unwrap_or_else(|error| panic!("{name}: {error}\n{query}\n{HOW}"));
        assert_eq!(serde_json::to_value(live).unwrap(), described, "{name}: {query}\n{HOW}");
    }
}

/// The texts of every file below a directory.
pub fn sources(folder: &Path) -> Vec<String> {
    let paths = fs::read_dir(folder).unwrap().map(|entry| entry.unwrap().path());
    let read = |path: PathBuf| match path.is_dir() {
        true => sources(&path),
        false => vec![fs::read_to_string(path).unwrap()],
    };
    paths.flat_map(read).collect()
}

#[test]
fn no_prepared_query_is_left_over() {
    let sources = sources(&Path::new(env!("CARGO_MANIFEST_DIR")).join("src/store")).concat();
    for (name, query, _) in prepared() {
        assert!(sources.contains(&query), "{name} belongs to no query: {query}\n{HOW}");
    }
}
