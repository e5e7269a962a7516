//! Two processes of this tree that start at once on a database of the version before: one migrates, the
//! other waits for it, and both serve.

use std::{
    ffi::OsString,
    fs::{self, File, OpenOptions},
    os::unix::fs::{DirBuilderExt, OpenOptionsExt},
    path::Path,
    time::{Duration, Instant},
};

use sqlx::{
    Connection as _, PgConnection,
    migrate::{Migrate, Migration},
};
use tempfile::TempDir;
use tokio::task::JoinHandle;

use super::{
    database::{Connection, Engine},
    release::last_release,
};
use crate::{
    client::services,
    instances::program::Running,
    postgres::{cluster::cluster, trouble::waiters},
};

/// The migrations of the last release. Where this tree has no further one: all but its last.
fn before(engine: Engine) -> Vec<Migration> {
    let mut migrations = last_release().migrations(engine);
    if migrations.len() == engine.migrations().len() {
        migrations.pop();
    }
    assert!(!migrations.is_empty());
    migrations
}

/// A decision that is older than the migration.
const DECISION: &str = "INSERT INTO decisions
    (receipt_id, schema_version, challenge, session, account, service, decision, purpose, locale, body,
     decided_at)
    VALUES ('r-1', 2, 'c-1', 1, 'hana', 'shop', 'agree', 'sign_up', 'ko', '', 9)";

async fn make(connection: &mut Connection, engine: Engine, decision: &'static str) {
    connection.migrate(before(engine)).await.unwrap();
    connection.script(decision).await;
}

/// A process that may have to wait.
fn start(folder: &Path, database: OsString) -> JoinHandle<Running> {
    let folder = folder.to_owned();
    tokio::task::spawn_blocking(move || Running::start_on(&folder, database, &[]))
}

/// What all processes of this folder have logged.
fn logs(folder: &Path) -> String {
    let files = fs::read_dir(folder).unwrap().map(|it| it.unwrap().path());
    let logs = files.filter(|it| it.file_name().unwrap().to_string_lossy().starts_with("log-"));
    logs.map(|it| fs::read_to_string(it).unwrap()).collect()
}

/// Both are ready, and have the same keys.
async fn both_serve(both: [JoinHandle<Running>; 2]) {
    let [one, two] = both;
    let (one, two) = (one.await.unwrap(), two.await.unwrap());
    let mut keys = Vec::new();
    for running in [&one, &two] {
        let ready = running.get("/readyz").await;
        assert_eq!(ready.status, 200, "{ready:?}");
        keys.push(running.get("/.well-known/jwks.json").await.body);
    }
    assert!(keys[0].contains("\"kid\""), "{}", keys[0]);
    assert_eq!(keys[0], keys[1]);
}

async fn is_up_to_date(connection: &mut Connection, engine: Engine) {
    let applied = connection.count("SELECT count(*) FROM _sqlx_migrations WHERE success").await;
    assert_eq!(usize::try_from(applied).unwrap(), engine.migrations().len());
    let decisions = "SELECT count(*) FROM decisions WHERE receipt_id = 'r-1'";
    assert_eq!(connection.count(decisions).await, 1);
}

fn folder() -> TempDir {
    let folder = TempDir::new().unwrap();
    fs::write(folder.path().join("services.toml"), services()).unwrap();
    folder
}

#[tokio::test(flavor = "multi_thread")]
async fn of_two_that_start_at_once_on_sqlite_one_migrates() {
    let folder = folder();
    let data = folder.path().join("data");
    fs::DirBuilder::new().mode(0o700).create(&data).unwrap();
    let file = data.join("consent.sqlite");
    // Its log has the mode of the file.
    drop(private(&file));
    let mut connection = Connection::to_sqlite(&file).await;
    let sqlite = DECISION.replace("'c-1'", "x'01'").replace("''", "x''");
    make(&mut connection, Engine::Sqlite, sqlite.leak()).await;
    drop(connection);
    // As a third process that is about to migrate.
    let lock = private(&data.join("consent.lock"));
    lock.lock().unwrap();
    let both =
        [start(folder.path(), data.clone().into()), start(folder.path(), data.clone().into())];
    let began = Instant::now();
    while logs(folder.path()).matches("waiting for another process that opens").count() < 2 {
        assert!(began.elapsed() < Duration::from_secs(30), "{}", logs(folder.path()));
        tokio::time::sleep(Duration::from_millis(20)).await;
    }
    assert!(both.iter().all(|it| !it.is_finished()));
    lock.unlock().unwrap();
    both_serve(both).await;

    is_up_to_date(&mut Connection::to_sqlite(&file).await, Engine::Sqlite).await;
    // The one that migrates copies the database before.
    let names = fs::read_dir(&data).unwrap().map(|it| it.unwrap().file_name());
    let copies = names.filter(|it| it.to_string_lossy().starts_with("consent.sqlite.version-"));
    assert_eq!(copies.count(), 1);
}

fn private(path: &Path) -> File {
    let mut options = OpenOptions::new();
    options.read(true).write(true).create(true).truncate(false).mode(0o600).open(path).unwrap()
}

#[tokio::test(flavor = "multi_thread")]
async fn of_two_that_start_at_once_on_postgresql_one_migrates() {
    let Some(cluster) = cluster() else { return };
    let (folder, url) = (folder(), cluster.empty("rolling_processes"));
    make(&mut Connection::to_postgres(&url).await, Engine::Postgres, DECISION).await;
    // As a third process that is about to migrate.
    let mut lock = PgConnection::connect(&url).await.unwrap();
    lock.lock().await.unwrap();
    let both = [start(folder.path(), url.clone().into()), start(folder.path(), url.clone().into())];
    waiters(&mut PgConnection::connect(&url).await.unwrap(), 2).await;
    assert!(both.iter().all(|it| !it.is_finished()));
    lock.unlock().await.unwrap();
    both_serve(both).await;
    is_up_to_date(&mut Connection::to_postgres(&url).await, Engine::Postgres).await;
}
