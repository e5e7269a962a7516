//! Ways to tamper with a database and with a file: each is found, and what was changed is named.

use std::fs;

use consent_backend::receipt::Bundle;
use sqlx::SqlitePool;

use super::{data, database, downloaded, faults, published_keys, user_of};
use crate::browser::Server;

/// A database with receipts of decisions and of changes, sealed.
async fn server() -> (Server, String) {
    let server = Server::demo().await;
    let (_, receipt_id) = user_of(&server).await;
    super::store(&server).await.erase("returning", 1_800_000_000).await.unwrap();
    server.app.seal_receipts().await;
    assert_eq!(faults(&server).await, Vec::<String>::new());
    (server, receipt_id)
}

/// Runs statements as a careful attacker would: without the triggers, which are there again
/// afterwards.
async fn tamper(pool: &SqlitePool, statements: &str) {
    let triggers: Vec<(String, String)> =
        sqlx::query_as("SELECT name, sql FROM sqlite_master WHERE type = 'trigger'")
            .fetch_all(pool)
            .await
            .unwrap();
    let mut connection = pool.acquire().await.unwrap();
    let mut run = async |sql: String| {
        let done = sqlx::raw_sql(sqlx::AssertSqlSafe(sql.clone())).execute(&mut *connection).await;
        done.unwrap_or_else(|error| panic!("{sql}: {error}"))
    };
    run("PRAGMA foreign_keys = OFF".to_owned()).await;
    for (name, _) in &triggers {
        run(format!("DROP TRIGGER {name}")).await;
    }
    let done = run(statements.to_owned()).await;
    assert!(done.rows_affected() > 0, "{statements}: nothing was changed");
    for (_, sql) in triggers {
        run(sql).await;
    }
}

/// What an attacker does, and how the fault begins that names it.
const IN_THE_DATABASE: [(&str, &str); 48] = [
    ("UPDATE decisions SET decision = 'cancel' WHERE decision = 'agree'", "receipt "),
    ("UPDATE decisions SET decided_at = decided_at + 1 WHERE decision = 'agree'", "receipt "),
    ("UPDATE decisions SET account = 'other' WHERE decision = 'agree'", "receipt "),
    // The account of the receipt, together with the salt that it is compared by.
    (
        "UPDATE decisions SET account = 'other' WHERE account = 'new';
         UPDATE subjects SET account = 'other' WHERE account = 'new'",
        "receipt ",
    ),
    ("UPDATE decisions SET account = 'erased:x' WHERE decision = 'agree'", "receipt "),
    ("UPDATE decisions SET service = 'demo-travel' WHERE decision = 'agree'", "receipt "),
    ("UPDATE decisions SET purpose = 'additional_consent' WHERE decision = 'agree'", "receipt "),
    ("UPDATE decisions SET locale = 'en' WHERE decision = 'agree'", "receipt "),
    ("UPDATE decisions SET session = session + 1 WHERE decision = 'agree'", "receipt "),
    ("UPDATE decisions SET challenge = x'00' WHERE decision = 'agree'", "receipt "),
    ("UPDATE decisions SET body = x'00' WHERE decision = 'agree'", "receipt "),
    ("UPDATE receipt_items SET agreed = 1 - agreed WHERE position = 1", "receipt "),
    ("UPDATE receipt_items SET title = title || '.' WHERE position = 1", "receipt "),
    ("UPDATE receipt_items SET version = '0' WHERE key = 'term:tos'", "receipt "),
    ("DELETE FROM receipt_items WHERE position = 1", "receipt "),
    (
        "INSERT OR REPLACE INTO receipt_items SELECT receipt_id, position, key, kind, title,
             required, version, digest, locale, 1 - agreed, decided_at FROM receipt_items",
        "receipt ",
    ),
    ("DELETE FROM decisions WHERE decision = 'cancel'", "receipt "),
    // A receipt with everything that belongs to it.
    (
        "DELETE FROM receipt_items WHERE receipt_id IN
             (SELECT receipt_id FROM decisions WHERE decision = 'cancel');
         DELETE FROM signed_receipts WHERE receipt_id IN
             (SELECT receipt_id FROM decisions WHERE decision = 'cancel');
         DELETE FROM decisions WHERE decision = 'cancel'",
        "leaf 1: its receipt is missing",
    ),
    // One that was never signed.
    (
        "INSERT INTO decisions SELECT 'forged', 2, x'01', session, account, service, decision,
             purpose, locale, body, decided_at FROM decisions WHERE decision = 'agree'",
        "receipt forged: it has no good signature",
    ),
    ("UPDATE grant_changes SET change = 'withdraw'", "receipt "),
    ("UPDATE grant_changes SET caused_by = 'user'", "receipt "),
    ("UPDATE grant_change_items SET key = 'term:other' WHERE position = 0", "receipt "),
    ("DELETE FROM grant_change_items WHERE position = 0", "receipt "),
    ("UPDATE documents SET title = title || '.' WHERE tag = 'tos'", "the text of `tos`"),
    ("UPDATE documents SET blocks = replace(blocks, '다', '라') WHERE tag = 'tos'", "the text of"),
    ("UPDATE documents SET blocks = blocks || ' '", "the text of"),
    ("UPDATE documents SET effective_from = '2020-01-01' WHERE tag = 'tos'", "receipt "),
    ("UPDATE statements SET text = text || ' '", "the statements "),
    ("DELETE FROM statements", "the statements "),
    ("UPDATE signed_receipts SET jws = replace(jws, 'A', 'B') WHERE number = 1", "receipt "),
    ("UPDATE signed_receipts SET salt = zeroblob(16) WHERE number = 1", "log hash 0/0"),
    (
        "UPDATE signed_receipts SET number = 99 WHERE number = 1;
         UPDATE signed_receipts SET number = 1 WHERE number = 2;
         UPDATE signed_receipts SET number = 2 WHERE number = 99",
        "log hash 0/0",
    ),
    ("DELETE FROM subjects", "receipt "),
    (
        "UPDATE receipt_keys SET public_jwk = replace(public_jwk, '\"x\":\"', '\"x\":\"A')",
        "key 1: ",
    ),
    ("UPDATE receipt_keys SET kid = 'other' WHERE signs = 'receipts'", "key 1: "),
    // One that is listed as unsigned: of now, and backdated.
    (
        "INSERT INTO decisions SELECT 'forged', 2, x'01', session, account, service, decision,
             purpose, locale, body, decided_at FROM decisions WHERE decision = 'agree';
         INSERT INTO unsigned_receipts VALUES ('forged')",
        "receipt forged: it is not from before receipts were signed",
    ),
    (
        "INSERT INTO decisions SELECT 'forged', 2, x'01', session, account, service, decision,
             purpose, locale, body, 1 FROM decisions WHERE decision = 'agree';
         INSERT INTO unsigned_receipts VALUES ('forged')",
        "receipt forged: it is not from before receipts were signed",
    ),
    // What holds, and what the receipts leave.
    (
        "INSERT INTO agreements (account, service, key, version, agreed_at)
             VALUES ('new', 'demo-bookclub', 'term:tos', '1', 1)",
        "agreement of ",
    ),
    (
        "INSERT INTO agreements (account, service, key, agreed_at)
             VALUES ('new', 'demo-shop', 'item:other', 1)",
        "agreement of ",
    ),
    ("DELETE FROM agreements WHERE account = 'new' AND key = 'term:tos'", "agreement of "),
    (
        "UPDATE agreements SET version = '0' WHERE account = 'new' AND key = 'term:tos'",
        "agreement of ",
    ),
    ("UPDATE agreements SET expires_at = 9999999999 WHERE account = 'new'", "agreement of "),
    ("UPDATE agreements SET agreed_at = agreed_at - 1 WHERE account = 'new'", "agreement of "),
    (
        "UPDATE agreements SET statements = 'sha256-x' WHERE account = 'new' AND key LIKE 'item:%'",
        "agreement of ",
    ),
    ("DELETE FROM links WHERE account = 'new' AND service = 'demo-shop'", "link of "),
    ("UPDATE links SET linked_at = linked_at - 1 WHERE account = 'new'", "link of "),
    ("INSERT INTO links VALUES ('new', 'demo-bookclub', 'combined_screen', 1)", "link of "),
    ("INSERT INTO erasing VALUES ('new')", "erasing: `new` "),
];

/// More of it, in the log itself.
const IN_THE_LOG: [(&str, &str); 7] = [
    ("UPDATE log_nodes SET hash = zeroblob(32) WHERE level = 0 AND position = 0", "log hash 0/0"),
    ("UPDATE log_nodes SET hash = zeroblob(32) WHERE level = 1", "log hash 1/0"),
    ("INSERT INTO log_nodes VALUES (5, 7, zeroblob(32))", "log hash 5/7: it belongs to no leaf"),
    ("DELETE FROM log_nodes WHERE level = 1", "log hash 1/0"),
    ("UPDATE checkpoints SET note = replace(note, '/consent', '/other')", "checkpoint "),
    ("UPDATE checkpoints SET tree_size = 2", "checkpoint 2"),
    ("DELETE FROM checkpoints", "log hash 0/0"),
];

#[tokio::test]
async fn every_change_of_the_database_is_found_and_named() {
    let (server, _) = server().await;
    server.app.close().await;
    let keys = {
        let file = super::store(&server).await;
        file.receipt_keys().await.unwrap()
    };
    // The file by itself may lack what a connection that still closes has in its log.
    let original = data(&server).join("original.sqlite");
    let copy = database(&server).await;
    sqlx::query("VACUUM INTO ?").bind(original.to_str()).execute(&copy).await.unwrap();
    for (statements, expected) in IN_THE_DATABASE.iter().chain(&IN_THE_LOG) {
        let folder = tempfile::TempDir::new().unwrap();
        fs::copy(&original, folder.path().join("consent.sqlite")).unwrap();
        let file = folder.path().join("consent.sqlite");
        let options = sqlx::sqlite::SqliteConnectOptions::new().filename(file);
        let pool = SqlitePool::connect_with(options).await.unwrap();
        tamper(&pool, statements).await;
        pool.close().await;
        let store = consent_backend::Store::open_existing(folder.path()).await.unwrap();
        let faults = store.check_receipts(Some(&keys), &[]).await.unwrap().faults;
        let is_named = faults.iter().any(|fault| fault.starts_with(expected));
        assert!(is_named, "{statements}: expected `{expected}`, found {faults:?}");
        store.close().await;
    }
}

#[tokio::test]
async fn a_trigger_that_is_missing_or_changed_is_found() {
    let (server, _) = server().await;
    let pool = database(&server).await;
    sqlx::query("DROP TRIGGER decisions_stay").execute(&pool).await.unwrap();
    assert_eq!(faults(&server).await, ["the trigger decisions_stay is missing"]);
    let weaker = "CREATE TRIGGER decisions_stay BEFORE UPDATE ON decisions BEGIN SELECT 1; END";
    sqlx::query(weaker).execute(&pool).await.unwrap();
    assert_eq!(faults(&server).await, ["the trigger decisions_stay was changed"]);
    let added = "CREATE TRIGGER added AFTER INSERT ON decisions BEGIN SELECT 1; END";
    sqlx::query(added).execute(&pool).await.unwrap();
    assert!(faults(&server).await.contains(&"the trigger added is not this program's".to_owned()));
}

/// The triggers refuse what the check would find.
#[tokio::test]
async fn nothing_of_the_proof_can_be_changed_replaced_or_deleted() {
    let (server, _) = server().await;
    let pool = database(&server).await;
    for sql in [
        "UPDATE signed_receipts SET jws = ''",
        "DELETE FROM signed_receipts",
        "INSERT OR REPLACE INTO signed_receipts SELECT * FROM signed_receipts",
        "INSERT OR REPLACE INTO signed_receipts SELECT number + 9, receipt_id, about, jws, salt
             FROM signed_receipts",
        "INSERT INTO unsigned_receipts VALUES ('x')",
        "UPDATE log_nodes SET hash = zeroblob(32)",
        "DELETE FROM log_nodes",
        "INSERT OR REPLACE INTO log_nodes SELECT level, position, zeroblob(32) FROM log_nodes",
        "UPDATE checkpoints SET note = ''",
        "DELETE FROM checkpoints",
        "INSERT OR REPLACE INTO checkpoints SELECT tree_size, '', made_at FROM checkpoints",
        "UPDATE receipt_keys SET public_jwk = ''",
        "UPDATE receipt_keys SET pkcs8 = x'00'",
        "DELETE FROM receipt_keys",
        "INSERT OR REPLACE INTO receipt_keys SELECT * FROM receipt_keys",
        "UPDATE subjects SET account = 'other'",
        "DELETE FROM subjects",
        "INSERT OR REPLACE INTO subjects SELECT account, service, x'00' FROM subjects",
        "UPDATE decisions SET account = 'erased:x'",
        "UPDATE grant_changes SET account = 'erased:x'",
    ] {
        let refused = sqlx::query(sql).execute(&pool).await.unwrap_err().to_string();
        assert!(refused.contains("never") || refused.contains("is signed"), "{sql}: {refused}");
    }
    assert_eq!(faults(&server).await, Vec::<String>::new());
}

/// How an attacker changes a file, and how the fault begins that names it.
type InAFile = (&'static str, fn(&mut Bundle), &'static str);

#[tokio::test]
async fn every_change_of_a_file_is_found_and_named() {
    let server = Server::demo().await;
    let (mut browser, receipt_id) = user_of(&server).await;
    server.app.seal_receipts().await;
    let good = downloaded(&mut browser, &receipt_id).await;
    let keys = published_keys(&server).await;
    let ways: [InAFile; 12] = [
        ("the payload", |it| flip(&mut it.receipts[0].jws, 200), "receipts[0]: "),
        ("the signature", |it| flip_last(&mut it.receipts[0].jws), "receipts[0]: "),
        ("the salt", |it| flip(&mut it.receipts[0].salt, 3), "receipts[0]: it is not leaf"),
        ("the place", |it| it.receipts[0].leaf = Some(1), "receipts[0]: it is not leaf"),
        ("the path", |it| flip(&mut it.receipts[0].path[0], 3), "receipts[0]: it is not leaf"),
        ("a shorter path", |it| it.receipts[0].path.clear(), "receipts[0]: it is not leaf"),
        ("the checkpoint", |it| flip(it.checkpoint.as_mut().unwrap(), 40), "checkpoint: "),
        ("no checkpoint", |it| it.checkpoint = None, "receipts[0]: its checkpoint"),
        ("a text", |it| it.texts[0].title.push('.'), "texts[0]: "),
        ("its day", |it| it.texts[0].effective_from = "2020-01-01".into(), "texts[0]: "),
        ("the statements", |it| it.statements[0].text.push('.'), "statements[0]: "),
        ("a missing text", |it| it.texts.clear(), "texts: "),
    ];
    assert!(good.verify(Some(&keys)).faults.is_empty());
    for (what, change, expected) in ways {
        let mut bundle = good.clone();
        change(&mut bundle);
        let faults = bundle.verify(Some(&keys)).faults;
        assert!(faults.iter().any(|it| it.starts_with(expected)), "{what}: {faults:?}");
    }
}

fn flip(text: &mut String, at: usize) {
    let other = if text.as_bytes()[at] == b'A' { "B" } else { "A" };
    text.replace_range(at..=at, other);
}

fn flip_last(text: &mut String) {
    flip(text, text.len() - 1);
}
