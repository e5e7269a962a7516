//! `consent-backend backup` and `restore` of a database of PostgreSQL.

use std::{
    collections::BTreeMap,
    fs,
    path::Path,
    sync::{
        Mutex,
        atomic::{AtomicBool, Ordering},
    },
    time::Duration,
};

use axum::http::StatusCode;
use consent_backend::{App, Location, Services, Store};
use jsonwebtoken::{DecodingKey, Validation, jwk::JwkSet};
use serde_json::Value;
use sqlx::{
    AssertSqlSafe, Connection, PgConnection, SqliteConnection, SqlitePool,
    sqlite::SqliteConnectOptions,
};
use tempfile::TempDir;

use super::{
    cluster::{Postmaster, cluster},
    trouble::{REQUEST, server_with},
};
use crate::{
    browser::{Server, agreement, cancel, parameter, settings_on},
    client::{code, redeem, refresh, services, text, tokens, userinfo},
    process::program,
};

/// The services of the suite, of which the shop hears of changes.
fn with_events() -> String {
    let events = "client_id = \"shop\"\nevents = { url = \"https://shop.example/events\" }\n";
    services().replacen("client_id = \"shop\"\n", events, 1)
}

/// A server on PostgreSQL with these services, and the URL of its database.
async fn server() -> Option<(Server, String)> {
    let (server, url) = server_with(|settings| {
        let Services::File(file) = &settings.services else { panic!("a file") };
        fs::write(file, with_events()).unwrap();
    })
    .await?;
    Some((server, url))
}

async fn at(location: Location) -> Server {
    let folder = TempDir::new().unwrap();
    let file = folder.path().join("services.toml");
    fs::write(&file, with_events()).unwrap();
    let mut settings = settings_on(location, folder.path(), Services::File(file));
    settings.trusted_proxies = vec!["127.0.0.1".parse().unwrap()];
    let clock = settings.clock.clone();
    Server::of(App::open(settings).await.unwrap(), clock, folder)
}

/// Runs `backup` or `restore` without holding a thread of the runtime.
async fn ran(command: &str, file: &Path, place: &str, more: &[&str]) -> (i32, String) {
    let mut program = program();
    program.arg(command).arg(file).args(["--data-dir", place]).args(more);
    let output = tokio::task::spawn_blocking(move || program.output().unwrap()).await.unwrap();
    let all = [output.stdout, output.stderr].concat();
    (output.status.code().unwrap(), String::from_utf8(all).unwrap())
}

async fn backup_of(url: &str, file: &Path) {
    let (status, said) = ran("backup", file, url, &[]).await;
    assert!(status == 0 && said.contains("no faults"), "{status} {said}");
}

async fn opened(file: &Path) -> SqlitePool {
    SqlitePool::connect_with(SqliteConnectOptions::new().filename(file)).await.unwrap()
}

/// How many rows each table of a file has.
async fn counted(file: &Path) -> BTreeMap<String, i64> {
    let pool = opened(file).await;
    let names: Vec<String> = sqlx::query_scalar(
        "SELECT name FROM sqlite_schema WHERE type = 'table' AND name NOT LIKE 'sqlite_%'
             AND name <> '_sqlx_migrations'",
    )
    .fetch_all(&pool)
    .await
    .unwrap();
    let mut rows = BTreeMap::new();
    for name in names {
        let count = AssertSqlSafe(format!("SELECT count(*) FROM {name}"));
        rows.insert(name, sqlx::query_scalar(count).fetch_one(&pool).await.unwrap());
    }
    pool.close().await;
    rows
}

/// How many tables of a database of PostgreSQL have rows.
async fn filled(url: &str) -> i64 {
    let mut connection = PgConnection::connect(url).await.unwrap();
    let names: Vec<String> = sqlx::query_scalar(
        "SELECT relname::text FROM pg_class WHERE relkind = 'r'
             AND relnamespace = 'public'::regnamespace
             AND relname NOT IN ('_sqlx_migrations', 'receipt_settings')",
    )
    .fetch_all(&mut connection)
    .await
    .unwrap();
    let mut filled = 0;
    for name in names {
        let count = AssertSqlSafe(format!("SELECT count(*) FROM {name}"));
        let rows: i64 = sqlx::query_scalar(count).fetch_one(&mut connection).await.unwrap();
        filled += i64::from(rows > 0);
    }
    filled
}

async fn faults(location: &Location) -> Vec<String> {
    let store = Store::open_existing(location).await.unwrap();
    let report = store.check_receipts(None, &[]).await.unwrap();
    store.close().await;
    report.faults
}

/// Cancels all the time, and notes the receipts of what was answered.
async fn decides(server: &Server, stop: &AtomicBool, receipts: &Mutex<Vec<String>>) {
    let mut browser = server.proxied("duri");
    while !stop.load(Ordering::Relaxed) {
        let challenge = browser.authorize(&REQUEST).await.challenge();
        let answer = browser.decide(&challenge, &cancel()).await;
        assert_eq!(answer.status, StatusCode::OK, "{}", answer.text());
        let recorded: consent_contract::decision::Recorded = answer.json();
        receipts.lock().unwrap().push(recorded.receipt_id);
        server.app.seal_receipts().await;
    }
}

/// Whether the key set of a server verifies an ID token.
async fn verifies(server: &Server, id_token: &str) {
    let keys: JwkSet = server.browser().get("/.well-known/jwks.json").await.json();
    let kid = jsonwebtoken::decode_header(id_token).unwrap().kid.unwrap();
    let key = DecodingKey::from_jwk(keys.find(&kid).expect("the key is there")).unwrap();
    let mut validation = Validation::new(jsonwebtoken::Algorithm::RS256);
    validation.validate_aud = false;
    validation.validate_exp = false;
    jsonwebtoken::decode::<Value>(id_token, &key, &validation).unwrap();
}

#[tokio::test(flavor = "multi_thread", worker_threads = 3)]
async fn a_backup_under_load_restores_into_either_engine() {
    let Some((server, url)) = server().await else { return };
    let offline = "openid offline_access";
    let mut hana = server.proxied("hana");
    let first = tokens(&server, &mut hana, "shop", offline, &["term:news"]).await;
    let unused = code(&mut hana, "books", offline, &[]).await;
    let odd = "line\nline\\N\ttab\r\\x00 \u{1F375} \\. 'quoted'";
    let bytes: Vec<u8> = (0..=255).collect();
    let mut connection = PgConnection::connect(&url).await.unwrap();
    sqlx::query("INSERT INTO kakao_properties VALUES ('shop', 'hana', 'odd', $1)")
        .bind(odd)
        .execute(&mut connection)
        .await
        .unwrap();
    sqlx::query("INSERT INTO secrets (name, value) VALUES ('odd', $1)")
        .bind(&bytes)
        .execute(&mut connection)
        .await
        .unwrap();
    let sessions: i64 = sqlx::query_scalar("SELECT max(id) FROM sessions")
        .fetch_one(&mut connection)
        .await
        .unwrap();
    drop(connection);

    let folder = TempDir::new().unwrap();
    let file = folder.path().join("today.sqlite");
    let (stop, receipts) = (AtomicBool::new(false), Mutex::new(Vec::new()));
    let backup = async {
        while receipts.lock().unwrap().len() < 6 {
            tokio::task::yield_now().await;
        }
        let before = receipts.lock().unwrap().clone();
        backup_of(&url, &file).await;
        stop.store(true, Ordering::Relaxed);
        before
    };
    let ((), before) = tokio::join!(decides(&server, &stop, &receipts), backup);
    assert!(receipts.lock().unwrap().len() > before.len(), "decisions went on meanwhile");
    #[cfg(unix)]
    {
        use std::os::unix::fs::PermissionsExt;
        assert_eq!(fs::metadata(&file).unwrap().permissions().mode() & 0o777, 0o600);
    }
    let left = fs::read_dir(folder.path()).unwrap().count();
    assert_eq!(left, 1, "nothing is left beside the backup");
    let (status, said) = ran("backup", &file, &url, &[]).await;
    assert!(status == 2 && said.contains("it exists"), "{said}");
    let rows = counted(&file).await;
    assert!(rows["decisions"] > 6 && rows["outbox"] > 0 && rows["signing_keys"] > 0, "{rows:?}");
    server.app.close().await;

    // Into another cluster, and into a directory.
    let other = Postmaster::new("fsync = off\n").unwrap();
    other.run_on("postgres", vec!["CREATE DATABASE restored".to_owned()]).unwrap();
    let restored = other.url("restored");
    let (status, said) = ran("restore", &file, &restored, &[]).await;
    assert!(status == 0 && said.contains("prove what they proved before"), "{status} {said}");
    let mut connection = PgConnection::connect(&restored).await.unwrap();
    for (table, rows) in &rows {
        let count = AssertSqlSafe(format!("SELECT count(*) FROM {table}"));
        let there: i64 = sqlx::query_scalar(count).fetch_one(&mut connection).await.unwrap();
        assert_eq!(there, *rows, "{table}");
    }
    let value: String = sqlx::query_scalar("SELECT value FROM kakao_properties WHERE name = 'odd'")
        .fetch_one(&mut connection)
        .await
        .unwrap();
    assert_eq!(value, odd);
    let value: Vec<u8> = sqlx::query_scalar("SELECT value FROM secrets WHERE name = 'odd'")
        .fetch_one(&mut connection)
        .await
        .unwrap();
    assert_eq!(value, bytes);
    connection.close().await.unwrap();
    let data = folder.path().join("data");
    let (status, said) = ran("restore", &file, &data.display().to_string(), &[]).await;
    assert_eq!(status, 0, "{said}");

    for location in [restored.parse().unwrap(), Location::from(data)] {
        assert_eq!(faults(&location).await, [""; 0]);
        let server = at(location.clone()).await;
        // Who agreed is not asked again, the key set verifies tokens of before, and they are good.
        let answer = server.proxied("hana").authorize(&REQUEST).await;
        assert!(parameter(answer.location(), "code").is_some(), "{}", answer.location());
        verifies(&server, text(&first, "id_token")).await;
        assert_eq!(userinfo(&server, &first).await.status, StatusCode::OK);
        assert_eq!(redeem(&server, "books", &unused).await.status, StatusCode::OK);
        let refreshed = refresh(&server, "shop", text(&first, "refresh_token"), &[]).await;
        assert_eq!(refreshed.status, StatusCode::OK, "{}", refreshed.text());
        // Numbers go on where they were.
        let mut duri = server.proxied("duri");
        let challenge = duri.authorize(&REQUEST).await.challenge();
        let asked = duri.asked(&challenge).await;
        let decided = duri.decide(&challenge, &agreement(&asked, |_, _| true)).await;
        assert_eq!(decided.status, StatusCode::OK, "{}", decided.text());
        server.app.seal_receipts().await;
        server.app.close().await;
        let store = Store::open_existing(&location).await.unwrap();
        let bundle = store.bundle(&Default::default()).await.unwrap();
        let verified = bundle.receipts.iter();
        let verified = verified.map(|it| consent_backend::receipt::verify(&it.jws, &bundle.keys));
        let ids: Vec<String> = verified.map(|it| it.unwrap().jti).collect();
        assert!(before.iter().all(|id| ids.contains(id)), "no answered decision is missing");
        store.close().await;
        assert_eq!(faults(&location).await, [""; 0]);
    }
    let pool = opened(&folder.path().join("data/consent.sqlite")).await;
    let given: i64 = sqlx::query_scalar("SELECT seq FROM sqlite_sequence WHERE name = 'sessions'")
        .fetch_one(&pool)
        .await
        .unwrap();
    assert!(given >= sessions, "the id of an ended session is not given again");
    pool.close().await;

    // Nothing that is there is replaced.
    let before = filled(&restored).await;
    let (status, said) = ran("restore", &file, &restored, &[]).await;
    assert!(status == 2 && said.contains("not empty"), "{status} {said}");
    assert!(said.contains("nothing was restored"), "{said}");
    let (status, said) = ran("restore", &file, &restored, &["--replace"]).await;
    assert!(status == 2 && said.contains("never replaced"), "{status} {said}");
    assert_eq!(filled(&restored).await, before);
}

#[tokio::test(flavor = "multi_thread")]
async fn what_is_no_good_backup_is_not_restored() {
    let Some((server, url)) = server().await else { return };
    let folder = TempDir::new().unwrap();
    let (good, bad) = (folder.path().join("good.sqlite"), folder.path().join("bad.sqlite"));
    code(&mut server.proxied("hana"), "shop", "openid", &[]).await;
    server.app.seal_receipts().await;
    backup_of(&url, &good).await;
    let target = cluster().unwrap().empty("bad_backups");
    let changed = async |statements: &'static str| {
        let _ = fs::remove_file(&bad);
        fs::copy(&good, &bad).unwrap();
        let options = SqliteConnectOptions::new().filename(&bad);
        let mut connection = SqliteConnection::connect_with(&options).await.unwrap();
        sqlx::raw_sql(statements).execute(&mut connection).await.unwrap();
        sqlx::raw_sql("PRAGMA journal_mode = DELETE").execute(&mut connection).await.unwrap();
        connection.close().await.unwrap();
    };
    let refused = async |expected: &str| {
        let (status, said) = ran("restore", &bad, &target, &[]).await;
        assert!(status != 0 && said.contains(expected), "{status} {said}");
        assert_eq!(filled(&target).await, 0, "{said}");
        assert!(!folder.path().join("bad.sqlite.partial").exists());
    };
    fs::write(
        &bad,
        "no database, but longer than the header of one, which has 100 bytes".repeat(2),
    )
    .unwrap();
    refused("not a database").await;
    fs::write(&bad, "").unwrap();
    refused("no database of consent-backend").await;
    fs::remove_file(&bad).unwrap();
    refused("No such file").await;
    changed("DROP TRIGGER receipt_items_stay; UPDATE receipt_items SET agreed = 1 - agreed").await;
    refused("it was not put in place").await;
    changed(
        "INSERT INTO _sqlx_migrations
         SELECT 9999, 'newer', installed_on, success, checksum, execution_time
         FROM _sqlx_migrations LIMIT 1",
    )
    .await;
    refused("a newer version").await;
    let (status, said) = ran("restore", &good, "postgres://app@127.0.0.1:1/none", &[]).await;
    assert!(status == 2 && said.contains("nothing was restored"), "{status} {said}");

    // A database that a newer version has changed may have what this one does not know.
    server.app.close().await;
    let mut connection = PgConnection::connect(&url).await.unwrap();
    let newer = "INSERT INTO _sqlx_migrations
         SELECT 9999, 'newer', installed_on, success, checksum, execution_time
         FROM _sqlx_migrations LIMIT 1";
    sqlx::raw_sql(newer).execute(&mut connection).await.unwrap();
    let file = folder.path().join("newer.sqlite");
    let (status, said) = ran("backup", &file, &url, &[]).await;
    assert!(status == 2 && said.contains("migration 9999"), "{status} {said}");
    assert!(said.contains("no file was made") && !file.exists(), "{said}");
    // The good one is.
    let (status, said) = ran("restore", &good, &target, &[]).await;
    assert_eq!(status, 0, "{said}");
}

/// Ends the connections of commands once one of them waits for a lock. On a connection of its own: in a
/// transaction the list of connections stays as it was first read.
async fn end_the_waiting(url: &str) {
    let mut connection = PgConnection::connect(url).await.unwrap();
    let waiting = "SELECT count(*) FROM pg_stat_activity WHERE datname = current_database()
         AND wait_event_type = 'Lock'";
    loop {
        let waiting: i64 = sqlx::query_scalar(waiting).fetch_one(&mut connection).await.unwrap();
        if waiting > 0 {
            break;
        }
        tokio::time::sleep(Duration::from_millis(20)).await;
    }
    sqlx::raw_sql(
        "SELECT pg_terminate_backend(pid) FROM pg_stat_activity
         WHERE datname = current_database() AND application_name = 'consent-backend'",
    )
    .execute(&mut connection)
    .await
    .unwrap();
    connection.close().await.unwrap();
}

#[tokio::test(flavor = "multi_thread")]
async fn a_connection_that_is_lost_in_the_middle_loses_nothing() {
    let Some((server, url)) = server().await else { return };
    let folder = TempDir::new().unwrap();
    code(&mut server.proxied("hana"), "shop", "openid", &[]).await;
    server.app.seal_receipts().await;
    server.app.close().await;
    let file = folder.path().join("today.sqlite");

    // A backup that waits for a table is cut off.
    let mut holder = PgConnection::connect(&url).await.unwrap();
    let lock = "BEGIN; LOCK TABLE signed_receipts IN ACCESS EXCLUSIVE MODE";
    sqlx::raw_sql(lock).execute(&mut holder).await.unwrap();
    let (cut, ()) = tokio::join!(ran("backup", &file, &url, &[]), end_the_waiting(&url));
    let (status, said) = cut;
    assert!(status == 2 && said.contains("no file was made"), "{status} {said}");
    assert_eq!(fs::read_dir(folder.path()).unwrap().count(), 0, "{said}");
    holder.close().await.unwrap();
    backup_of(&url, &file).await;

    // So is a restore, when some tables are written. It can be done again.
    let target = cluster().unwrap().empty("cut_off");
    let mut holder = PgConnection::connect(&target).await.unwrap();
    migrated(&target).await;
    let lock = "BEGIN; LOCK TABLE signed_receipts IN EXCLUSIVE MODE";
    sqlx::raw_sql(lock).execute(&mut holder).await.unwrap();
    let (cut, ()) = tokio::join!(ran("restore", &file, &target, &[]), end_the_waiting(&target));
    let (status, said) = cut;
    assert!(status == 2 && said.contains("signed_receipts"), "{status} {said}");
    assert!(said.contains("nothing was restored"), "{said}");
    sqlx::raw_sql("ROLLBACK").execute(&mut holder).await.unwrap();
    assert_eq!(filled(&target).await, 0);
    let (status, said) = ran("restore", &file, &target, &[]).await;
    assert_eq!(status, 0, "{said}");
}

/// Makes the tables, without a row.
async fn migrated(url: &str) {
    let pool = sqlx::PgPool::connect(url).await.unwrap();
    sqlx::migrate!("./migrations_postgres").run(&pool).await.unwrap();
    pool.close().await;
}
