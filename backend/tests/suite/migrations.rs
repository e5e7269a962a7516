//! A database of an earlier version is brought up to date, and loses nothing that it proves.

use std::{fs, path::Path};

use sqlx::{
    SqlitePool,
    migrate::Migrator,
    sqlite::{SqliteConnectOptions, SqliteJournalMode},
};
use tempfile::TempDir;

use crate::{
    browser::{ORIGIN, Server},
    shop::SHOP,
};

const DIGEST: [u8; 32] = *b"a digest of a value, 32 bytes...";

/// A database as the first two migrations leave it, with decisions in it.
async fn before(folder: &Path) -> SqlitePool {
    let migrations = folder.join("migrations");
    fs::create_dir_all(&migrations).unwrap();
    fs::create_dir_all(folder.join("data")).unwrap();
    let all = Path::new(env!("CARGO_MANIFEST_DIR")).join("migrations");
    for file in ["0001_start.sql", "0002_in_app.sql"] {
        fs::copy(all.join(file), migrations.join(file)).unwrap();
    }
    let options = SqliteConnectOptions::new()
        .filename(folder.join("data/consent.sqlite"))
        .create_if_missing(true)
        .foreign_keys(true)
        .journal_mode(SqliteJournalMode::Wal);
    let pool = SqlitePool::connect_with(options).await.unwrap();
    #[cfg(unix)]
    {
        use std::os::unix::fs::PermissionsExt;
        let private = fs::Permissions::from_mode(0o600);
        fs::set_permissions(folder.join("data/consent.sqlite"), private).unwrap();
    }
    Migrator::new(migrations).await.unwrap().run(&pool).await.unwrap();
    for (receipt, decision) in [("r-2", "agree"), ("r-1", "cancel"), ("r-3", "agree")] {
        sqlx::query(
            "INSERT INTO decisions VALUES (?, 1, ?, 7, 'hana', 'shop', ?, 'sign_up', 'ko', ?, 9)",
        )
        .bind(receipt)
        .bind(receipt.as_bytes())
        .bind(decision)
        .bind(&DIGEST[..])
        .execute(&pool)
        .await
        .unwrap();
        sqlx::query(
            "INSERT INTO receipt_items
             VALUES (?, 0, 'term:tos', 'service', '이용약관', 1, '1', 'sha256-x', 'ko', 1, 9)",
        )
        .bind(receipt)
        .execute(&pool)
        .await
        .unwrap();
    }
    pool
}

async fn migrated() -> (Server, SqlitePool) {
    let folder = TempDir::new().unwrap();
    before(folder.path()).await.close().await;
    let server = Server::configured_in(folder, SHOP, ORIGIN).await.unwrap();
    let file = server.folder.path().join("data/consent.sqlite");
    let options = SqliteConnectOptions::new().filename(file).foreign_keys(true);
    (server, SqlitePool::connect_with(options).await.unwrap())
}

#[tokio::test]
async fn items_of_old_agreements_count_as_asked() {
    let folder = TempDir::new().unwrap();
    let pool = before(folder.path()).await;
    for (receipt, key, agreed) in [
        ("r-1", "item:name", 0),
        ("r-2", "item:account_email", 1),
        ("r-3", "item:account_email", 0),
        ("r-3", "item:birthday", 0),
    ] {
        sqlx::query(
            "INSERT INTO receipt_items SELECT ?1, max(position) + 1, ?2, 'provision', '', 0, NULL,
                 NULL, 'ko', ?3, 9 FROM receipt_items WHERE receipt_id = ?1",
        )
        .bind(receipt)
        .bind(key)
        .bind(agreed)
        .execute(&pool)
        .await
        .unwrap();
    }
    pool.close().await;
    let server = Server::configured_in(folder, SHOP, ORIGIN).await.unwrap();
    let asked = "SELECT count(*) FROM asked_items WHERE account = 'hana' AND service = 'shop'";
    assert_eq!(server.count(asked).await, 2, "a cancel answered nothing");
    let refused = "SELECT count(*) FROM asked_items WHERE key = 'item:birthday'";
    assert_eq!(server.count(refused).await, 1);
}

#[tokio::test]
async fn old_decisions_keep_everything_but_the_digest() {
    let (server, pool) = migrated().await;
    let kept: Vec<(i64, String, String, i64)> = sqlx::query_as(
        "SELECT rowid, receipt_id, decision, decided_at FROM decisions ORDER BY rowid",
    )
    .fetch_all(&pool)
    .await
    .unwrap();
    let expected = [(1, "r-2", "agree"), (2, "r-1", "cancel"), (3, "r-3", "agree")];
    let expected = expected.map(|(at, id, it)| (at, id.to_owned(), it.to_owned(), 9));
    assert_eq!(kept, expected);
    assert_eq!(server.count("SELECT count(*) FROM decisions WHERE body <> x''").await, 0);
    let joined = "SELECT count(*) FROM receipt_items JOIN decisions USING (receipt_id)";
    assert_eq!(server.count(joined).await, 3);
    let index = "SELECT count(*) FROM sqlite_master WHERE name = 'decisions_by_account'";
    assert_eq!(server.count(index).await, 1);

    // Nor is the digest left in what the file does not use any more.
    server.app.close().await;
    sqlx::query("PRAGMA wal_checkpoint(TRUNCATE)").execute(&pool).await.unwrap();
    pool.close().await;
    let files = fs::read_dir(server.folder.path().join("data")).unwrap();
    let mut with_digest: Vec<String> = files
        .map(|entry| entry.unwrap().path())
        .filter(|path| {
            let bytes = fs::read(path).unwrap();
            bytes.windows(DIGEST.len()).any(|window| window == DIGEST)
        })
        .map(|path| path.file_name().unwrap().to_string_lossy().into_owned())
        .collect();
    // The copy from before the migration has it: a way back must lead to the database as it was. The
    // operator deletes it, as the log and the documentation say.
    let copy = with_digest.pop().unwrap();
    assert!(copy.starts_with("consent.sqlite.version-2."), "{copy}");
    assert_eq!(with_digest, [""; 0]);
    let documentation = include_str!("../../../docs/DEPLOYING.md");
    let line = documentation.lines().find(|line| line.contains("`consent.sqlite.version-N.TIME`"));
    let line = line.unwrap();
    assert!(line.contains("digests of typed values. Delete it"), "{line}");
}

/// What an old access token gives is what its account agrees to at the migration.
#[tokio::test]
async fn old_tokens_and_codes_stay_good() {
    let folder = TempDir::new().unwrap();
    let pool = before(folder.path()).await;
    let later = 4_000_000_000_i64;
    for (token, openid) in [("t-1", 1), ("t-2", 0)] {
        sqlx::query(
            "INSERT INTO codes VALUES (?, 'hana', 'shop', 'https://shop.example/callback', NULL,
                 NULL, ?, 9, ?, 1, NULL)",
        )
        .bind(token.as_bytes())
        .bind(openid)
        .bind(later)
        .execute(&pool)
        .await
        .unwrap();
        sqlx::query("INSERT INTO tokens VALUES (?, ?, 'hana', 'shop', ?)")
            .bind(token.as_bytes())
            .bind(token.as_bytes())
            .bind(later)
            .execute(&pool)
            .await
            .unwrap();
    }
    for key in ["term:tos", "item:profile_nickname", "item:account_email"] {
        sqlx::query("INSERT INTO agreements VALUES ('hana', 'shop', ?, NULL, NULL, 9)")
            .bind(key)
            .execute(&pool)
            .await
            .unwrap();
    }
    pool.close().await;
    let server = Server::configured_in(folder, SHOP, ORIGIN).await.unwrap();
    let file = server.folder.path().join("data/consent.sqlite");
    let pool = SqlitePool::connect_with(SqliteConnectOptions::new().filename(file)).await.unwrap();
    let scopes: Vec<(String, i64)> =
        sqlx::query_as("SELECT scope, expires_at - issued_at FROM tokens ORDER BY token")
            .fetch_all(&pool)
            .await
            .unwrap();
    let words = |scope: &str| {
        let mut words: Vec<String> = scope.split(' ').map(str::to_owned).collect();
        words.sort();
        words
    };
    let scopes: Vec<_> = scopes.iter().map(|(scope, age)| (words(scope), *age)).collect();
    let items = ["account_email", "profile_nickname"];
    let with_openid = ["account_email", "openid", "profile_nickname"];
    let expected = [
        (with_openid.map(str::to_owned).to_vec(), 3600),
        (items.map(str::to_owned).to_vec(), 3600),
    ];
    assert_eq!(scopes, expected);
    let codes: Vec<String> =
        sqlx::query_scalar("SELECT scope FROM codes ORDER BY code").fetch_all(&pool).await.unwrap();
    assert_eq!(codes, ["openid", ""]);
}

#[tokio::test]
async fn old_decisions_are_guarded_as_before() {
    let (_server, pool) = migrated().await;
    let broken: Vec<String> = sqlx::query_scalar("SELECT \"table\" FROM pragma_foreign_key_check")
        .fetch_all(&pool)
        .await
        .unwrap();
    assert!(broken.is_empty(), "{broken:?}");
    for (sql, why) in [
        ("UPDATE decisions SET decision = 'cancel'", "never changed"),
        ("DELETE FROM decisions", "never deleted"),
        ("UPDATE receipt_items SET agreed = 0", "never changed"),
        (
            "INSERT INTO receipt_items
             VALUES ('none', 0, 'term:tos', 'service', '', 1, '1', '', 'ko', 1, 9)",
            "FOREIGN KEY",
        ),
        (
            "INSERT INTO decisions VALUES ('r', 1, x'00', 7, 'a', 's', 'maybe', 'sign_up', 'ko', x'', 9)",
            "CHECK",
        ),
        (
            "INSERT INTO decisions VALUES ('r', 1, CAST('r-1' AS BLOB), 7, 'a', 's', 'agree', 'sign_up', 'ko', x'', 9)",
            "never replaced",
        ),
    ] {
        let refused = sqlx::query(sql).execute(&pool).await.unwrap_err().to_string();
        assert!(refused.contains(why), "{sql}: {refused}");
    }
    let refusal = "INSERT INTO decisions
                   VALUES ('r', 1, x'00', 7, 'a', 's', 'refused', 'sign_up', 'ko', x'', 9)";
    sqlx::query(refusal).execute(&pool).await.unwrap();
}
