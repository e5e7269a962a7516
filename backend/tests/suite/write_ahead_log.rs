//! A write-ahead log of SQLite that is damaged: what was committed before the damage is there, and the server
//! goes on.

use std::{fs, path::Path};

use axum::http::StatusCode;
use tempfile::TempDir;

use crate::{
    browser::{ORIGIN, Server},
    client::{code, server, services},
    database::is_sqlite,
    process::program,
};

const LOG: &str = "data/consent.sqlite-wal";

/// A server with decisions in its write-ahead log, and how long that was after each of them.
async fn decided() -> (Server, Vec<usize>) {
    let server = server().await;
    let mut lengths = Vec::new();
    for account in ["hana", "duri"] {
        for service in ["shop", "books", "maps"] {
            code(&mut server.proxied(account), service, "openid", &[]).await;
            lengths.push(fs::read(server.folder.path().join(LOG)).unwrap().len());
        }
    }
    assert!(lengths.is_sorted_by(|one, next| one < next), "nothing is overwritten: {lengths:?}");
    (server, lengths)
}

/// The files as they are now, as if the server had been killed.
fn copied(server: &Server) -> TempDir {
    let folder = TempDir::new().unwrap();
    let data = folder.path().join("data");
    fs::create_dir(&data).unwrap();
    for name in ["consent.sqlite", "consent.sqlite-wal"] {
        fs::copy(server.folder.path().join("data").join(name), data.join(name)).unwrap();
    }
    #[cfg(unix)]
    for path in [data.clone(), data.join("consent.sqlite"), data.join("consent.sqlite-wal")] {
        use std::os::unix::fs::PermissionsExt;
        let mode = if path.is_dir() { 0o700 } else { 0o600 };
        fs::set_permissions(&path, fs::Permissions::from_mode(mode)).unwrap();
    }
    folder
}

/// Starts on a copy with this damage, and asserts that so many decisions are there, and whole.
async fn keeps(server: &Server, decisions: i64, damage: impl FnOnce(&mut Vec<u8>)) {
    let folder = copied(server);
    let path = folder.path().join(LOG);
    let mut log = fs::read(&path).unwrap();
    damage(&mut log);
    fs::write(&path, log).unwrap();
    let server = Server::configured_in(folder, &services(), ORIGIN).await.unwrap();
    assert_eq!(server.count("SELECT count(*) FROM decisions").await, decisions);
    assert_eq!(server.count("SELECT count(*) FROM links").await, decisions);
    // Who is asked again can answer.
    code(&mut server.proxied("duri"), "maps", "openid", &[]).await;
    assert_eq!(server.count("SELECT count(*) FROM decisions").await, 6.min(decisions + 1));
    assert_eq!(server.browser().get("/readyz").await.status, StatusCode::OK);
    server.app.seal_receipts().await;
    verify(&server.folder.path().join("data"));
}

fn verify(data: &Path) {
    let verified = program().args(["receipts", "verify", "--data-dir"]).arg(data).output().unwrap();
    assert!(verified.status.success(), "{verified:?}");
}

#[tokio::test]
async fn a_torn_end_takes_only_what_was_not_whole() {
    if !is_sqlite("write_ahead_log::a_torn_end_takes_only_what_was_not_whole") {
        return;
    }
    let (server, lengths) = decided().await;
    keeps(&server, 6, |_| {}).await;
    // In the last transaction, and at its last byte.
    keeps(&server, 5, |log| log.truncate((lengths[4] + lengths[5]) / 2)).await;
    keeps(&server, 5, |log| log.truncate(lengths[5] - 1)).await;
    keeps(&server, 3, |log| log.truncate(lengths[2] + 100)).await;
    // A transaction that was begun and not finished.
    keeps(&server, 6, |log| log.extend([0xa5; 5000])).await;
}

#[tokio::test]
async fn garbage_in_the_middle_takes_what_came_after_it() {
    if !is_sqlite("write_ahead_log::garbage_in_the_middle_takes_what_came_after_it") {
        return;
    }
    let (server, lengths) = decided().await;
    for (kept, length) in (1..).zip(&lengths[..5]) {
        // In the header of a frame, and in its page.
        for at in [length + 8, length + 1000] {
            keeps(&server, kept, |log| log[at..at + 64].fill(0xa5)).await;
        }
    }
}
