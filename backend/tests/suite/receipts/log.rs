//! The log of receipts: sealing, its keys, and what the server does with a log that was changed.

use std::path::PathBuf;

use consent_backend::{App, ReceiptPurpose, Services, Settings, StartError};
use sqlx::{ConnectOptions, Connection, migrate::Migrator, sqlite::SqliteConnectOptions};

use super::{data, database, downloaded, faults, published_keys, store, user_of};
use crate::browser::{Browser, Server, cancel, settings};

/// Decisions of one user after another.
async fn decisions(server: &Server, many: usize) {
    let mut browser = server.browser_of("new").await;
    for _ in 0..many {
        let challenge = browser.challenged("demo-bookclub", &[]).await;
        assert_eq!(browser.decide(&challenge, &cancel()).await.status, 200);
    }
}

/// Parts that belong together are read at one moment.
#[tokio::test]
async fn a_check_beside_a_writing_server_finds_nothing() {
    let server = Server::demo().await;
    let write = async {
        for _ in 0..20 {
            decisions(&server, 2).await;
            server.app.seal_receipts().await;
        }
    };
    let check = async {
        loop {
            assert_eq!(faults(&server).await, [""; 0]);
        }
    };
    tokio::select! { () = write => {}, () = check => {} }
}

#[tokio::test]
async fn receipts_are_sealed_in_their_order_and_every_head_is_kept() {
    let server = Server::demo().await;
    for many in [1, 2, 4] {
        decisions(&server, many).await;
        server.app.seal_receipts().await;
        server.app.seal_receipts().await;
    }
    assert_eq!(server.count("SELECT count(*) FROM signed_receipts").await, 7);
    assert_eq!(server.count("SELECT count(*) FROM checkpoints").await, 3);
    assert_eq!(server.count("SELECT max(tree_size) FROM checkpoints").await, 7);
    // 7 leaves, 3 pairs, 1 of four.
    assert_eq!(server.count("SELECT count(*) FROM log_nodes").await, 11);
    assert_eq!(faults(&server).await, Vec::<String>::new());
    let bundle = store(&server).await.bundle(&Default::default()).await.unwrap();
    let report = bundle.verify(Some(&published_keys(&server).await));
    assert_eq!((report.faults.len(), report.unsealed.len(), report.receipts.len()), (0, 0, 7));
}

#[tokio::test]
async fn two_processes_that_seal_at_once_make_one_log() {
    let server = Server::demo().await;
    let same_clock = server.clock.clone();
    let settings = Settings { clock: same_clock, ..settings(server.folder.path(), Services::Demo) };
    let other = App::open(settings).await.unwrap();
    for _ in 0..5 {
        decisions(&server, 3).await;
        let mut second = Browser::new(&other);
        second.get("/demo/login?account=returning").await;
        let ((), (), ()) =
            tokio::join!(server.app.seal_receipts(), other.seal_receipts(), decisions(&server, 2));
    }
    server.app.seal_receipts().await;
    assert_eq!(server.count("SELECT count(*) FROM signed_receipts").await, 25);
    assert_eq!(server.count("SELECT max(tree_size) FROM checkpoints").await, 25);
    assert_eq!(faults(&server).await, Vec::<String>::new());
}

#[tokio::test]
async fn a_server_does_not_start_on_a_log_that_was_changed() {
    let server = Server::demo().await;
    decisions(&server, 3).await;
    server.app.seal_receipts().await;
    server.app.close().await;
    let pool = database(&server).await;
    let start = async || App::open(settings(server.folder.path(), Services::Demo)).await;
    assert!(start().await.is_ok());
    for sql in ["DROP TRIGGER log_nodes_stay", "UPDATE log_nodes SET hash = zeroblob(32)"] {
        sqlx::query(sql).execute(&pool).await.unwrap();
    }
    match start().await {
        Err(StartError::Other(reason)) => {
            assert!(reason.contains("receipts verify --data-dir"), "{reason}");
        }
        other => panic!("{:?}", other.err()),
    }
}

/// Sealing does not go on from a log that was changed while the server runs.
#[tokio::test]
async fn a_missing_receipt_stops_the_log() {
    let server = Server::demo().await;
    decisions(&server, 2).await;
    let pool = database(&server).await;
    for sql in
        ["DROP TRIGGER signed_receipts_remain", "DELETE FROM signed_receipts WHERE number = 1"]
    {
        sqlx::query(sql).execute(&pool).await.unwrap();
    }
    server.app.seal_receipts().await;
    assert_eq!(server.count("SELECT count(*) FROM checkpoints").await, 0);
}

#[tokio::test]
async fn old_keys_stay_published_and_what_they_signed_stays_valid() {
    let server = Server::demo().await;
    let (mut browser, receipt_id) = user_of(&server).await;
    server.app.seal_receipts().await;
    let before = published_keys(&server).await;
    let which = [ReceiptPurpose::Receipts, ReceiptPurpose::Checkpoints];
    store(&server).await.rotate_receipt_keys(&which).await.unwrap();
    let keys = published_keys(&server).await;
    assert_eq!(keys.keys.len(), before.keys.len() + 2);
    assert!(before.keys.iter().all(|key| keys.keys.contains(key)));
    let without = "SELECT count(*) FROM receipt_keys WHERE pkcs8 IS NULL";
    assert_eq!(server.count(without).await, 2, "their private halves are gone");
    // The running server signs with the new ones.
    let mut other = server.browser_of("new").await;
    let challenge = other.challenged("demo-travel", &[]).await;
    let receipt = other.agrees(&challenge).await.receipt_id;
    server.app.seal_receipts().await;
    let kid = |bundle: &consent_backend::receipt::Bundle| {
        jsonwebtoken::decode_header(&bundle.receipts[0].jws).unwrap().kid
    };
    let (old, new) =
        (downloaded(&mut browser, &receipt_id).await, downloaded(&mut other, &receipt).await);
    assert_ne!(kid(&old), kid(&new));
    for bundle in [old, new] {
        assert_eq!(bundle.verify(Some(&keys)).faults, Vec::<String>::new());
    }
    assert_eq!(faults(&server).await, Vec::<String>::new());
}

/// A copy of a head that was kept elsewhere shows that the log has only grown since.
#[tokio::test]
async fn a_head_that_was_kept_elsewhere_is_compared() {
    let server = Server::demo().await;
    decisions(&server, 3).await;
    server.app.seal_receipts().await;
    let path = "/.well-known/consent-receipts/checkpoint";
    let kept = server.browser().get(path).await.text().to_owned();
    decisions(&server, 3).await;
    server.app.seal_receipts().await;
    let check = async |store: consent_backend::Store, kept: &String| {
        store.check_receipts(None, std::slice::from_ref(kept)).await.unwrap().faults
    };
    assert_eq!(check(store(&server).await, &kept).await, Vec::<String>::new());
    // The head of another log of the same name: of a server that was started again from nothing.
    let other = Server::demo().await;
    decisions(&other, 3).await;
    other.app.seal_receipts().await;
    let found = check(store(&other).await, &kept).await;
    assert!(found.iter().any(|fault| fault.starts_with("checkpoint file 1: ")), "{found:?}");
    assert!(data(&other).exists());
}

#[tokio::test]
async fn receipts_from_before_signatures_are_counted_and_not_verified() {
    let folder = tempfile::TempDir::new().unwrap();
    let directory = folder.path().join("data");
    std::fs::create_dir(&directory).unwrap();
    #[cfg(unix)]
    {
        use std::os::unix::fs::PermissionsExt;
        std::fs::set_permissions(&directory, std::fs::Permissions::from_mode(0o700)).unwrap();
    }
    let file = directory.join("consent.sqlite");
    let options = SqliteConnectOptions::new().filename(&file).create_if_missing(true);
    let mut connection = options.connect().await.unwrap();
    let migrations = PathBuf::from(env!("CARGO_MANIFEST_DIR")).join("migrations");
    Migrator::new(migrations).await.unwrap().run_to(13, &mut connection).await.unwrap();
    for sql in [
        "INSERT INTO decisions VALUES ('old', 1, x'01', 1, 'new', 'demo-shop', 'agree', 'sign_up', 'ko',
             x'', 1700000000)",
        "INSERT INTO receipt_items VALUES ('old', 0, 'term:tos', 'service', 'a title', 1, '1', 'd',
             'ko', 1, 1700000000)",
        "INSERT INTO grant_changes VALUES ('change', 1, 'new', 'demo-shop', 'withdraw', 'user_token',
             1700000001)",
    ] {
        sqlx::query(sql).execute(&mut connection).await.unwrap();
    }
    connection.close().await.unwrap();
    App::open(settings(folder.path(), Services::Demo)).await.unwrap().close().await;
    let store = consent_backend::Store::open_existing(&directory).await.unwrap();
    let report = store.check_receipts(None, &[]).await.unwrap();
    assert_eq!(report.faults, Vec::<String>::new());
    assert_eq!((report.unsigned, report.receipts), (2, 0));
    // They are erased like the others.
    assert_eq!(store.erase("new", 1_800_000_000).await.unwrap().receipts, 3);
    let report = store.check_receipts(None, &[]).await.unwrap();
    assert_eq!((report.faults.len(), report.unsigned, report.receipts), (0, 2, 1));
}
