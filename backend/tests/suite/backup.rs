//! `consent-backend backup` and `restore`: made while people decide, verified, and used again.

use std::{
    fs,
    path::{Path, PathBuf},
    process::Command,
    sync::{
        Mutex,
        atomic::{AtomicBool, Ordering},
    },
};

use consent_backend::{App, Services, Store};
use tempfile::TempDir;

use crate::browser::{Browser, Server, cancel, settings};

fn data(server: &Server) -> PathBuf {
    server.folder.path().join("data")
}

fn ran(arguments: &[&str], paths: &[(&str, &Path)]) -> (i32, String) {
    let mut command = Command::new(env!("CARGO_BIN_EXE_consent-backend"));
    command.args(arguments);
    for (option, path) in paths {
        if !option.is_empty() {
            command.arg(option);
        }
        command.arg(path);
    }
    let output = command.output().unwrap();
    let all = [output.stdout, output.stderr].concat();
    (output.status.code().unwrap(), String::from_utf8(all).unwrap())
}

fn back_up(data: &Path, file: &Path) -> (i32, String) {
    ran(&["backup"], &[("", file), ("--data-dir", data)])
}

fn restore(file: &Path, data: &Path, more: &[&str]) -> (i32, String) {
    ran(&[&["restore"], more].concat(), &[("", file), ("--data-dir", data)])
}

/// Decides and cancels all the time, and notes the receipts of what was answered.
async fn decides(server: &Server, stop: &AtomicBool, receipts: &Mutex<Vec<String>>) {
    let mut browser = server.browser_of("new").await;
    while !stop.load(Ordering::Relaxed) {
        for client_id in ["demo-shop", "demo-bookclub", "demo-travel"] {
            let challenge = browser.authorize(&crate::browser::service(client_id)).await;
            let location = challenge.location().to_owned();
            let Some(challenge) = location.strip_prefix("/consent/") else { continue };
            let answer = browser.decide(challenge, &cancel()).await;
            assert_eq!(answer.status, 200, "{}", answer.text());
            let recorded: consent_contract::decision::Recorded = answer.json();
            receipts.lock().unwrap().push(recorded.receipt_id);
        }
        server.app.seal_receipts().await;
        tokio::task::yield_now().await;
    }
}

async fn faults(data: &Path) -> Vec<String> {
    let store = Store::open_existing(data).await.unwrap();
    let report = store.check_receipts(None, &[]).await.unwrap();
    store.close().await;
    report.faults
}

#[tokio::test(flavor = "multi_thread", worker_threads = 3)]
async fn a_backup_under_load_restores_every_answered_decision() {
    let server = Server::demo().await;
    let folder = TempDir::new().unwrap();
    let (stop, receipts) = (AtomicBool::new(false), Mutex::new(Vec::new()));
    let backups = async {
        let mut made = Vec::new();
        for number in 0..4 {
            while receipts.lock().unwrap().len() < 6 * (number + 1) {
                tokio::task::yield_now().await;
            }
            let before = receipts.lock().unwrap().clone();
            let (file, data) = (folder.path().join(format!("{number}.sqlite")), data(&server));
            let path = file.clone();
            let ran = tokio::task::spawn_blocking(move || back_up(&data, &path)).await.unwrap();
            assert!(ran.0 == 0 && ran.1.contains("no faults"), "{}", ran.1);
            made.push((file, before));
        }
        stop.store(true, Ordering::Relaxed);
        made
    };
    let ((), made) = tokio::join!(decides(&server, &stop, &receipts), backups);
    for (file, before) in made {
        #[cfg(unix)]
        {
            use std::os::unix::fs::PermissionsExt;
            assert_eq!(fs::metadata(&file).unwrap().permissions().mode() & 0o777, 0o600);
        }
        let restored = TempDir::new().unwrap();
        let data = restored.path().join("data");
        let (status, said) = restore(&file, &data, &[]);
        assert_eq!(status, 0, "{said}");
        assert_eq!(faults(&data).await, [""; 0]);
        // A server goes on from there.
        let app = App::open(settings(restored.path(), Services::Demo)).await.unwrap();
        let store = Store::open_existing(&data).await.unwrap();
        let bundle = store.bundle(&Default::default()).await.unwrap();
        assert!(bundle.receipts.len() >= before.len(), "no answered decision is missing");
        let ids: Vec<String> = bundle
            .receipts
            .iter()
            .map(|it| consent_backend::receipt::verify(&it.jws, &bundle.keys).unwrap().jti)
            .collect();
        assert!(before.iter().all(|id| ids.contains(id)));
        let mut browser = Browser::new(&app);
        browser.get("/demo/login?account=new").await;
        let challenge = browser.challenged("demo-bookclub", &[]).await;
        browser.agrees(&challenge).await;
        app.seal_receipts().await;
        assert_eq!(faults(&data).await, [""; 0]);
        store.close().await;
    }
    let left: Vec<_> = fs::read_dir(folder.path()).unwrap().map(|it| it.unwrap().path()).collect();
    assert_eq!(left.len(), 4, "nothing is left beside the backups: {left:?}");
}

#[tokio::test]
async fn a_database_is_replaced_only_when_asked_and_when_no_server_uses_it() {
    let server = Server::demo().await;
    let folder = TempDir::new().unwrap();
    let file = folder.path().join("backup.sqlite");
    assert_eq!(back_up(&data(&server), &file).0, 0);
    let (status, said) = back_up(&data(&server), &file);
    assert!(status == 2 && said.contains("it exists"), "{said}");
    let (status, said) = restore(&file, &data(&server), &[]);
    assert!(status == 2 && said.contains("it exists"), "{said}");
    let (status, said) = restore(&file, &data(&server), &["--replace"]);
    assert!(status == 2 && said.contains("stop the server first"), "{said}");
    // It goes on as if nothing had happened.
    let mut browser = server.browser_of("new").await;
    let challenge = browser.challenged("demo-shop", &[]).await;
    browser.agrees(&challenge).await;
    server.app.close().await;
    let (status, said) = restore(&file, &data(&server), &["--replace"]);
    assert!(status == 0 && said.contains("before-restore"), "{said}");
    assert_eq!(server.count("SELECT count(*) FROM decisions").await, 0);
    let aside = fs::read_dir(data(&server)).unwrap().map(|it| it.unwrap().path());
    let aside = aside.filter(|it| it.to_string_lossy().contains("before-restore")).count();
    assert_eq!(aside, 1, "what was there is kept");
    assert_eq!(faults(&data(&server)).await, [""; 0]);
}

#[tokio::test]
async fn a_damaged_or_changed_backup_is_not_put_in_place() {
    let server = Server::demo().await;
    let mut browser = server.browser_of("new").await;
    let challenge = browser.challenged("demo-shop", &[]).await;
    browser.agrees(&challenge).await;
    server.app.seal_receipts().await;
    let folder = TempDir::new().unwrap();
    let (good, bad) = (folder.path().join("good.sqlite"), folder.path().join("bad.sqlite"));
    assert_eq!(back_up(&data(&server), &good).0, 0);
    let new = folder.path().join("new");
    let refused = |expected: &str| {
        let (status, said) = restore(&bad, &new, &[]);
        assert!(status != 0 && said.contains(expected), "{status} {said}");
        assert!(!new.join("consent.sqlite").exists());
    };
    // Bytes of a page.
    let mut bytes = fs::read(&good).unwrap();
    let middle = bytes.len() / 2;
    bytes[middle..middle + 4096].fill(0xa5);
    fs::write(&bad, &bytes).unwrap();
    refused("FAULT");
    // No database at all.
    fs::write(
        &bad,
        "not a database, and longer than the header of one is, which has 100 bytes. ".repeat(2),
    )
    .unwrap();
    refused("not a database");
    // An answer that was changed.
    fs::copy(&good, &bad).unwrap();
    let options = sqlx::sqlite::SqliteConnectOptions::new().filename(&bad);
    let one = sqlx::sqlite::SqlitePoolOptions::new().max_connections(1);
    let pool = one.connect_with(options).await.unwrap();
    for sql in ["DROP TRIGGER receipt_items_stay", "UPDATE receipt_items SET agreed = 1 - agreed"] {
        sqlx::query(sql).execute(&pool).await.unwrap();
    }
    sqlx::query("PRAGMA journal_mode = DELETE").execute(&pool).await.unwrap();
    pool.close().await;
    refused("its items were changed");
}

#[tokio::test]
async fn a_damaged_database_is_replaced_whole() {
    let server = Server::demo().await;
    let folder = TempDir::new().unwrap();
    let file = folder.path().join("backup.sqlite");
    assert_eq!(back_up(&data(&server), &file).0, 0);
    #[cfg(unix)]
    {
        use std::os::unix::fs::PermissionsExt;
        fs::set_permissions(&file, fs::Permissions::from_mode(0o644)).unwrap();
    }
    server.app.close().await;
    let database = data(&server).join("consent.sqlite");
    let log = data(&server).join("consent.sqlite-wal");
    fs::write(&database, [0xa5; 8192]).unwrap();
    fs::write(&log, [0xa5; 4096]).unwrap();
    let (status, said) = restore(&file, &data(&server), &["--replace"]);
    assert!(status == 0 && said.contains("before-restore"), "{said}");
    assert!(!log.exists(), "it would be written into the restored database");
    assert_eq!(faults(&data(&server)).await, [""; 0]);
    #[cfg(unix)]
    {
        use std::os::unix::fs::PermissionsExt;
        assert_eq!(fs::metadata(&database).unwrap().permissions().mode() & 0o777, 0o600);
    }
}

#[tokio::test]
async fn a_log_without_its_database_is_not_left_beside_a_restored_one() {
    let server = Server::demo().await;
    let folder = TempDir::new().unwrap();
    let file = folder.path().join("backup.sqlite");
    assert_eq!(back_up(&data(&server), &file).0, 0);
    let new = folder.path().join("new");
    fs::create_dir(&new).unwrap();
    #[cfg(unix)]
    {
        use std::os::unix::fs::PermissionsExt;
        fs::set_permissions(&new, fs::Permissions::from_mode(0o700)).unwrap();
    }
    let log = new.join("consent.sqlite-wal");
    fs::write(&log, [0xa5; 4096]).unwrap();
    let (status, said) = restore(&file, &new, &[]);
    assert!(status == 2 && said.contains("consent.sqlite-wal: it exists"), "{said}");
    let (status, said) = restore(&file, &new, &["--replace"]);
    assert!(status == 0 && !log.exists(), "{said}");
}

#[tokio::test]
async fn a_backup_of_an_older_version_is_brought_up_to_date() {
    let server = Server::demo().await;
    let mut browser = server.browser_of("new").await;
    let challenge = browser.challenged("demo-shop", &[]).await;
    browser.agrees(&challenge).await;
    let folder = TempDir::new().unwrap();
    let file = folder.path().join("backup.sqlite");
    assert_eq!(back_up(&data(&server), &file).0, 0);
    let one = sqlx::sqlite::SqlitePoolOptions::new().max_connections(1);
    let options = sqlx::sqlite::SqliteConnectOptions::new().filename(&file);
    let pool = one.connect_with(options).await.unwrap();
    // As before the migration that made this table.
    let before = "DROP TABLE job_leases; DELETE FROM _sqlx_migrations WHERE version = 35; \
                  PRAGMA journal_mode = DELETE";
    sqlx::raw_sql(before).execute(&pool).await.unwrap();
    pool.close().await;
    let bytes = fs::read(&file).unwrap();
    let new = folder.path().join("new");
    let (status, said) = restore(&file, &new, &[]);
    assert_eq!(status, 0, "{said}");
    assert_eq!(faults(&new).await, [""; 0]);
    assert_eq!(fs::read(&file).unwrap(), bytes, "the backup stays as it is");
}
