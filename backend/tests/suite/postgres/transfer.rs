//! `consent-backend migrate`: from SQLite to PostgreSQL.

use std::{collections::BTreeMap, fs, path::Path};

use axum::http::StatusCode;
use consent_backend::{App, Location, Services, Store};
use sqlx::{AssertSqlSafe, Connection, PgConnection, SqlitePool, sqlite::SqliteConnectOptions};
use tempfile::TempDir;

use super::{
    cluster::cluster,
    trouble::{REQUEST, end_connections},
};
use crate::{
    browser::{Browser, Server, agreement, cancel, settings_on},
    client::{code, redeem, refresh, services, text, tokens},
    process::program,
};

/// A server on SQLite, whatever the other tests run on.
async fn on_sqlite() -> Server {
    let folder = TempDir::new().unwrap();
    let file = folder.path().join("services.toml");
    fs::write(&file, services()).unwrap();
    at(folder.path().join("data").into(), folder).await
}

async fn at(location: Location, folder: TempDir) -> Server {
    let file = folder.path().join("services.toml");
    let mut settings = settings_on(location, folder.path(), Services::File(file));
    settings.trusted_proxies = vec!["127.0.0.1".parse().unwrap()];
    let clock = settings.clock.clone();
    Server::of(App::open(settings).await.unwrap(), clock, folder)
}

fn migrate(from: &Path, to: &str) -> (i32, String) {
    let from = format!("sqlite:{}", from.display());
    let output = program().args(["migrate", "--from", &from, "--to", to]).output().unwrap();
    let all = [output.stdout, output.stderr].concat();
    (output.status.code().unwrap(), String::from_utf8(all).unwrap())
}

/// How many rows each table has.
async fn counted(data: &Path) -> BTreeMap<String, i64> {
    let options = SqliteConnectOptions::new().filename(data.join("consent.sqlite"));
    let pool = SqlitePool::connect_with(options).await.unwrap();
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

async fn ask(browser: &mut Browser) -> String {
    browser.authorize(&REQUEST).await.challenge()
}

#[tokio::test(flavor = "multi_thread")]
async fn a_database_is_moved_with_everything_that_it_proves() {
    let Some(cluster) = cluster() else { return };
    let server = on_sqlite().await;
    let offline = "openid offline_access";
    let mut hana = server.proxied("hana");
    let first = tokens(&server, &mut hana, "shop", offline, &["term:news"]).await;
    let mut duri = server.proxied("duri");
    let challenge = ask(&mut duri).await;
    assert_eq!(duri.decide(&challenge, &cancel()).await.status, StatusCode::OK);
    let open = ask(&mut duri).await;
    let unused = code(&mut hana, "books", offline, &[]).await;
    server.app.seal_receipts().await;
    // What the text format of COPY writes in another way, and what is not in the log yet.
    let odd = "line\nline\\N\ttab\r\\x00 \u{1F375} \\. 'quoted'";
    let data = server.folder.path().join("data");
    let Server { app, folder, .. } = server;
    app.close().await;
    let options = SqliteConnectOptions::new().filename(data.join("consent.sqlite"));
    let pool = SqlitePool::connect_with(options).await.unwrap();
    sqlx::query("INSERT INTO kakao_properties VALUES ('shop', 'hana', 'odd', ?)")
        .bind(odd)
        .execute(&pool)
        .await
        .unwrap();
    sqlx::query("INSERT INTO secrets (name, value) VALUES ('odd', ?)")
        .bind(&(0..=255).collect::<Vec<u8>>()[..])
        .execute(&pool)
        .await
        .unwrap();
    pool.close().await;
    let before = counted(&data).await;
    assert!(before["decisions"] >= 3 && before["log_nodes"] > 0, "{before:?}");

    let url = cluster.empty("moved");
    let (status, said) = migrate(&data, &url);
    assert_eq!(status, 0, "{said}");
    assert!(said.contains("no faults"), "{said}");
    assert_eq!(counted(&data).await, before, "SQLite's stays as it was");
    let mut connection = PgConnection::connect(&url).await.unwrap();
    for (table, rows) in &before {
        let count = AssertSqlSafe(format!("SELECT count(*) FROM {table}"));
        let moved: i64 = sqlx::query_scalar(count).fetch_one(&mut connection).await.unwrap();
        assert_eq!(moved, *rows, "{table}");
    }
    let text_of_it: String = sqlx::query_scalar("SELECT value FROM kakao_properties")
        .fetch_one(&mut connection)
        .await
        .unwrap();
    assert_eq!(text_of_it, odd);
    let bytes: Vec<u8> = sqlx::query_scalar("SELECT value FROM secrets WHERE name = 'odd'")
        .fetch_one(&mut connection)
        .await
        .unwrap();
    assert_eq!(bytes, (0..=255).collect::<Vec<u8>>());

    // A server goes on there: sessions, open screens, codes and tokens are good, and numbers go on.
    let location: Location = url.parse().unwrap();
    let server = at(location.clone(), folder).await;
    let mut again = server.proxied("duri");
    again.cookies = duri.cookies.clone();
    let asked = again.asked(&open).await;
    let decision = agreement(&asked, |_, _| true);
    assert_eq!(again.decide(&open, &decision).await.status, StatusCode::OK);
    assert_eq!(redeem(&server, "books", &unused).await.status, StatusCode::OK);
    let refreshed = refresh(&server, "shop", text(&first, "refresh_token"), &[]).await;
    assert_eq!(refreshed.status, StatusCode::OK, "{}", refreshed.text());
    server.app.seal_receipts().await;
    let store = Store::open_existing(&location).await.unwrap();
    let report = store.check_receipts(None, &[]).await.unwrap();
    store.close().await;
    assert_eq!(report.faults, [""; 0]);
    server.app.close().await;

    // Nothing is written over.
    end_connections(&mut connection).await;
    let (status, said) = migrate(&data, &url);
    assert_eq!(status, 2, "{said}");
    assert!(said.contains("not empty") && said.contains("nothing was moved"), "{said}");
}

#[tokio::test(flavor = "multi_thread")]
async fn a_database_that_is_used_or_damaged_is_not_moved() {
    let Some(cluster) = cluster() else { return };
    let url = cluster.empty("not_moved");
    let server = on_sqlite().await;
    let challenge = ask(&mut server.proxied("hana")).await;
    assert!(!challenge.is_empty());
    let data = server.folder.path().join("data");
    let (status, said) = migrate(&data, &url);
    assert_eq!(status, 2, "{said}");
    assert!(said.contains("stop the server first"), "{said}");
    let mut hana = server.proxied("hana");
    code(&mut hana, "shop", "openid", &[]).await;
    let Server { app, folder: _folder, .. } = server;
    app.close().await;
    let options = SqliteConnectOptions::new().filename(data.join("consent.sqlite"));
    let pool = SqlitePool::connect_with(options).await.unwrap();
    let damage = "DROP TRIGGER receipt_items_stay; UPDATE receipt_items SET agreed = NOT agreed";
    sqlx::raw_sql(damage).execute(&pool).await.unwrap();
    pool.close().await;
    let (status, said) = migrate(&data, &url);
    assert_eq!(status, 2, "{said}");
    assert!(said.contains("has faults"), "{said}");
    // Not one table was made.
    let mut connection = PgConnection::connect(&url).await.unwrap();
    let tables = "SELECT count(*) FROM pg_class WHERE relnamespace = 'public'::regnamespace";
    let tables: i64 = sqlx::query_scalar(tables).fetch_one(&mut connection).await.unwrap();
    assert_eq!(tables, 0);
    let (status, said) = migrate(Path::new("/nowhere"), &url);
    assert_eq!(status, 2, "{said}");
    let output = program().args(["migrate", "--from", &url, "--to", &url]).output().unwrap();
    assert!(!output.status.success());
}
