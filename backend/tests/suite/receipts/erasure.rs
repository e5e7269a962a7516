//! Erasing an account: what names it goes, its receipts stay and prove the same without a name.

use std::fs;

use consent_backend::receipt::{Event, verify};
use sqlx::{AssertSqlSafe, Row};

use super::{data, database, faults, store};
use crate::browser::{Server, agreement};

const TYPED: &str = "typed@example.com";
const AT: i64 = 1_800_000_000;

/// Every table and column that has this text.
async fn places_of(server: &Server, text: &str) -> Vec<String> {
    let pool = database(server).await;
    let tables: Vec<String> =
        sqlx::query_scalar("SELECT name FROM sqlite_master WHERE type = 'table'")
            .fetch_all(&pool)
            .await
            .unwrap();
    let mut found = Vec::new();
    for table in tables {
        let columns = sqlx::query(AssertSqlSafe(format!("PRAGMA table_info({table})")))
            .fetch_all(&pool)
            .await
            .unwrap();
        for column in columns.iter().map(|row| row.get::<String, _>("name")) {
            let sql = format!("SELECT count(*) FROM {table} WHERE \"{column}\" = ?");
            let many: i64 =
                sqlx::query_scalar(AssertSqlSafe(sql)).bind(text).fetch_one(&pool).await.unwrap();
            if many > 0 {
                found.push(format!("{table}.{column}"));
            }
        }
    }
    found
}

/// Files of the data directory whose bytes have this text.
fn files_with(server: &Server, text: &str) -> Vec<String> {
    let files = fs::read_dir(data(server)).unwrap().map(|it| it.unwrap().path());
    let has = |path: &std::path::PathBuf| {
        fs::read(path).unwrap().windows(text.len()).any(|it| it == text.as_bytes())
    };
    files.filter(has).map(|it| it.file_name().unwrap().to_string_lossy().into_owned()).collect()
}

/// A user who typed an address at the shop, and cancelled elsewhere.
async fn signed_up(server: &Server) -> crate::browser::Browser {
    let mut browser = server.browser_of("no-email").await;
    let challenge = browser.challenged("demo-shop", &[]).await;
    let request = browser.asked(&challenge).await;
    let answer = browser.decide(&challenge, &agreement(&request, |_, _| true)).await;
    assert_eq!(answer.status, 200, "{}", answer.text());
    assert_eq!(server.count("SELECT count(*) FROM agreements WHERE value IS NOT NULL").await, 1);
    browser
}

#[tokio::test]
async fn what_names_an_account_is_deleted_also_from_the_files() {
    let server = Server::demo().await;
    let mut browser = signed_up(&server).await;
    server.app.seal_receipts().await;
    assert!(!files_with(&server, TYPED).is_empty());
    let before = places_of(&server, "no-email").await;
    for place in ["sessions.account", "decisions.account", "agreements.account", "links.account"] {
        assert!(before.contains(&place.to_owned()), "{before:?}");
    }
    let erased = store(&server).await.erase("no-email", AT).await.unwrap();
    assert_eq!(erased.services, ["demo-shop"]);
    assert_eq!(erased.receipts, 2, "of the decision, and of the erasure");
    assert!(erased.is_log_empty);
    assert_eq!(places_of(&server, "no-email").await, Vec::<String>::new());
    assert_eq!(files_with(&server, TYPED), Vec::<String>::new());
    assert_eq!(server.count("SELECT count(*) FROM erasing").await, 0);
    // The session is over.
    let answer = browser.get("/account/receipts/x/receipt.json").await;
    assert_eq!(answer.status, 401);
}

#[tokio::test]
async fn receipts_of_an_erased_account_still_prove() {
    let server = Server::demo().await;
    signed_up(&server).await;
    server.app.seal_receipts().await;
    let before = store(&server).await.bundle(&Default::default()).await.unwrap();
    let claims = verify(&before.receipts[0].jws, &before.keys).unwrap();
    store(&server).await.erase("no-email", AT).await.unwrap();
    server.app.seal_receipts().await;
    assert_eq!(faults(&server).await, Vec::<String>::new());
    let subject = claims.sub.clone().unwrap();
    let pool = database(&server).await;
    let accounts: Vec<String> = sqlx::query_scalar(
        "SELECT account FROM decisions UNION ALL SELECT account FROM grant_changes",
    )
    .fetch_all(&pool)
    .await
    .unwrap();
    assert_eq!(accounts, vec![format!("erased:{subject}"); 2]);
    let after = store(&server).await.bundle(&Default::default()).await.unwrap();
    assert!(after.verify(Some(&before.keys)).faults.is_empty());
    assert_eq!(verify(&after.receipts[0].jws, &after.keys).unwrap(), claims);
    let erasure = verify(&after.receipts[1].jws, &after.keys).unwrap();
    assert_eq!(erasure.sub, Some(subject));
    let Event::Change(change) = erasure.event else { panic!("{erasure:?}") };
    assert_eq!(serde_json::to_value(&change).unwrap()["change"], "erase");
    assert!(change.items.iter().any(|item| item.key.to_string() == "item:account_email"));
}

#[tokio::test]
async fn others_keep_what_they_have_and_an_unknown_account_changes_nothing() {
    let server = Server::demo().await;
    signed_up(&server).await;
    let mut other = server.browser_of("new").await;
    let challenge = other.challenged("demo-shop", &[]).await;
    let receipt_id = other.agrees(&challenge).await.receipt_id;
    let nothing = store(&server).await.erase("unknown", AT).await.unwrap();
    assert!(nothing.services.is_empty() && nothing.deleted.is_empty());
    assert_eq!(server.count("SELECT count(*) FROM grant_changes").await, 0);
    store(&server).await.erase("no-email", AT).await.unwrap();
    super::downloaded(&mut other, &receipt_id).await;
    assert_eq!(server.count("SELECT count(*) FROM links WHERE account = 'new'").await, 1);
    assert_eq!(faults(&server).await, Vec::<String>::new());
}

/// A user who comes back is a new subject: the old receipts are not theirs any more.
#[tokio::test]
async fn an_erased_account_can_come_back_as_another_subject() {
    let server = Server::demo().await;
    signed_up(&server).await;
    store(&server).await.erase("no-email", AT).await.unwrap();
    signed_up(&server).await;
    server.app.seal_receipts().await;
    let bundle = store(&server).await.bundle(&Default::default()).await.unwrap();
    let subjects: Vec<_> =
        bundle.receipts.iter().map(|it| verify(&it.jws, &bundle.keys).unwrap().sub).collect();
    assert_eq!(subjects.len(), 3);
    assert_eq!(subjects[0], subjects[1]);
    assert_ne!(subjects[0], subjects[2]);
    assert_eq!(faults(&server).await, Vec::<String>::new());
    // And can be erased again.
    store(&server).await.erase("no-email", AT + 1).await.unwrap();
    assert_eq!(faults(&server).await, Vec::<String>::new());
}
