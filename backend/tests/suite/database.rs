//! Databases that have their schema and their signing key: making these takes longer than most tests.

use std::{ffi::OsString, fs, path::Path, sync::LazyLock, time::Duration};

use consent_backend::{App, Location, Services, Settings};
use sqlx::{ConnectOptions as _, PgPool, SqlitePool, sqlite::SqliteConnectOptions};
use tempfile::TempDir;
use tokio::sync::OnceCell;

use crate::browser::settings_on;

/// A service without terms: it leaves nothing in the database.
pub const EMPTY: &str = r#"[[service]]
client_id = "none"
name = "none"
company = "none"
redirect_uris = ["https://none.example/callback"]
events = { url = "https://none.example/events" }

[service.personal_info]
recipient = "none"
purpose = "none"
retention = "none"
refusal_effect = "none"

[[service.personal_info.items]]
id = "profile_nickname"
label = "none"
required = true
"#;

/// The database of a server in this folder: in its data directory, or on the cluster of this program
/// with `CONSENT_TEST_DATABASE=postgres`.
pub fn location(folder: &Path) -> Location {
    match postgres_url(folder) {
        Some(url) => url.parse().unwrap(),
        None => folder.join("data").into(),
    }
}

fn postgres_url(folder: &Path) -> Option<String> {
    #[cfg(unix)]
    if *IS_POSTGRES {
        let cluster = crate::postgres::cluster::cluster().expect("PostgreSQL is installed");
        return Some(cluster.database_of(folder));
    }
    None
}

#[cfg(unix)]
static IS_POSTGRES: LazyLock<bool> =
    LazyLock::new(|| match std::env::var("CONSENT_TEST_DATABASE").as_deref() {
        Ok("postgres") => true,
        Ok("sqlite") | Err(_) => false,
        Ok(other) => panic!("CONSENT_TEST_DATABASE={other}: expected sqlite or postgres"),
    });

/// A domain of this name is in no schema of ours; statements of tests cast texts to it, as in SQLite.
#[cfg(unix)]
pub const BLOB: &str = "CREATE DOMAIN blob AS bytea";

/// Whether the tests run on SQLite. Otherwise standard error names the test that does not run.
pub fn is_sqlite(test: &str) -> bool {
    #[cfg(unix)]
    if *IS_POSTGRES {
        use std::io::Write as _;
        let _ = writeln!(std::io::stderr(), "not run on PostgreSQL: {test}");
        return false;
    }
    let _ = test;
    true
}

/// The database of a server, beside the server.
pub enum Opened {
    Sqlite(SqlitePool),
    Postgres(PgPool),
}

/// Opens the database of a server in this folder.
pub async fn open(folder: &Path) -> Opened {
    if let Some(url) = postgres_url(folder) {
        return Opened::Postgres(PgPool::connect(&url).await.unwrap());
    }
    let options = SqliteConnectOptions::new().filename(folder.join("data/consent.sqlite"));
    Opened::Sqlite(SqlitePool::connect_with(options).await.unwrap())
}

/// A number in the database of a server in this folder.
pub async fn count(folder: &Path, sql: &'static str) -> i64 {
    match open(folder).await {
        Opened::Sqlite(pool) => sqlx::query_scalar(sql).fetch_one(&pool).await.unwrap(),
        Opened::Postgres(pool) => sqlx::query_scalar(sql).fetch_one(&pool).await.unwrap(),
    }
}

/// Changes it.
pub async fn execute(folder: &Path, sql: &'static str) -> Result<(), sqlx::Error> {
    match open(folder).await {
        Opened::Sqlite(pool) => sqlx::raw_sql(sql).execute(&pool).await.map(drop),
        Opened::Postgres(pool) => sqlx::raw_sql(sql).execute(&pool).await.map(drop),
    }
}

/// Whether no one holds SQLite's write lock now. In PostgreSQL nothing is locked as a whole.
#[cfg(unix)]
pub async fn is_writable(folder: &Path) -> bool {
    if *IS_POSTGRES {
        return true;
    }
    let options = SqliteConnectOptions::new()
        .filename(folder.join("data/consent.sqlite"))
        .busy_timeout(Duration::from_millis(50));
    let mut connection = options.connect().await.unwrap();
    sqlx::raw_sql("BEGIN IMMEDIATE; ROLLBACK").execute(&mut connection).await.is_ok()
}

/// What names it on a command line.
pub fn argument(folder: &Path) -> OsString {
    postgres_url(folder).map_or_else(|| folder.join("data").into(), OsString::from)
}

/// The database after a first start of the demo, and of another configuration.
static DEMO: OnceCell<Vec<u8>> = OnceCell::const_new();
static PRODUCTION: OnceCell<Vec<u8>> = OnceCell::const_new();

async fn after_a_first_start(is_demo: bool) -> Vec<u8> {
    let folder = TempDir::new().unwrap();
    let file = folder.path().join("services.toml");
    fs::write(&file, EMPTY).unwrap();
    let services = if is_demo { Services::Demo } else { Services::File(file) };
    let data = folder.path().join("data");
    let settings = settings_on(data.into(), folder.path(), services);
    App::open(settings).await.unwrap().close().await;
    let database = folder.path().join("data/consent.sqlite");
    let options = SqliteConnectOptions::new().filename(&database);
    let pool = SqlitePool::connect_with(options).await.unwrap();
    // Each server derives its own cookies, tokens and subjects.
    sqlx::query("DELETE FROM secrets").execute(&pool).await.unwrap();
    sqlx::query("PRAGMA wal_checkpoint(TRUNCATE)").execute(&pool).await.unwrap();
    pool.close().await;
    fs::read(database).unwrap()
}

/// Gives a server such a database, unless it has one already.
pub async fn prepare(settings: &Settings) {
    // Accounts are linked to the shops when they are first seen.
    if settings.demo_shops.shop.is_some() {
        return;
    }
    let Some(data) = settings.database.directory() else { return };
    match settings.services {
        Services::Demo => prepare_in(data, &DEMO, true).await,
        Services::File(_) => prepare_in(data, &PRODUCTION, false).await,
    }
}

/// The same for a process of the demo.
pub fn prepare_demo(data: &Path) {
    let runtime = tokio::runtime::Builder::new_current_thread().enable_all().build().unwrap();
    runtime.block_on(prepare_in(data, &DEMO, true));
}

async fn prepare_in(data: &Path, template: &OnceCell<Vec<u8>>, is_demo: bool) {
    let file = data.join("consent.sqlite");
    if file.exists() {
        return;
    }
    let bytes = template.get_or_init(|| after_a_first_start(is_demo)).await;
    fs::create_dir_all(data).unwrap();
    fs::write(&file, bytes).unwrap();
    #[cfg(unix)]
    {
        use std::os::unix::fs::PermissionsExt;
        fs::set_permissions(data, fs::Permissions::from_mode(0o700)).unwrap();
        fs::set_permissions(&file, fs::Permissions::from_mode(0o600)).unwrap();
    }
}
