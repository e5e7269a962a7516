//! Databases that have their schema and their signing key: making these takes longer than most tests.

use std::{fs, path::Path};

use consent_backend::{App, Services, Settings};
use sqlx::{SqlitePool, sqlite::SqliteConnectOptions};
use tempfile::TempDir;
use tokio::sync::OnceCell;

use crate::browser::settings;

/// A service without terms: it leaves nothing in the database.
const EMPTY: &str = r#"[[service]]
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

/// The database after a first start of the demo, and of another configuration.
static DEMO: OnceCell<Vec<u8>> = OnceCell::const_new();
static PRODUCTION: OnceCell<Vec<u8>> = OnceCell::const_new();

async fn after_a_first_start(is_demo: bool) -> Vec<u8> {
    let folder = TempDir::new().unwrap();
    let file = folder.path().join("services.toml");
    fs::write(&file, EMPTY).unwrap();
    let services = if is_demo { Services::Demo } else { Services::File(file) };
    App::open(settings(folder.path(), services)).await.unwrap().close().await;
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
    match settings.services {
        Services::Demo => prepare_in(&settings.data_dir, &DEMO, true).await,
        Services::File(_) => prepare_in(&settings.data_dir, &PRODUCTION, false).await,
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
