//! Retention periods: receipts go when they end, not before, and the log still shows that they were
//! there.

use consent_backend::{App, Services, StartError};

use super::{database, faults, store};
use crate::browser::{Server, cancel, settings};

const DAY: i64 = 24 * 60 * 60;

/// A shop whose file has these periods.
fn toml(retention: &str) -> String {
    crate::shop::proxied(&["hana"]) + "email = \"hana@example.com\"\n\n[retention]\n" + retention
}

/// Hana's decision at the shop: an agreement or a cancel.
async fn decide(server: &Server, agrees: bool) {
    let mut browser = server.proxied("hana");
    let challenge = browser
        .authorize(&[
            ("response_type", "code"),
            ("client_id", "shop"),
            ("redirect_uri", "https://shop.example/callback"),
            ("code_challenge", crate::browser::CHALLENGE),
            ("code_challenge_method", "S256"),
        ])
        .await
        .challenge();
    if agrees {
        browser.agrees(&challenge).await;
    } else {
        assert_eq!(browser.decide(&challenge, &cancel()).await.status, 200);
    }
}

async fn unlink(server: &Server) {
    // As the account page or Kakao's API would.
    let pool = database(server).await;
    for sql in ["DELETE FROM links", "DELETE FROM agreements"] {
        sqlx::query(sql).execute(&pool).await.unwrap();
    }
}

#[tokio::test]
async fn refusals_go_after_the_configured_days_and_a_signed_receipt_stays() {
    let server = Server::configured(&toml("refusals_days = 10\n")).await.unwrap();
    server.clock.advance(-11 * DAY);
    decide(&server, false).await;
    server.clock.advance(2 * DAY);
    decide(&server, false).await;
    server.app.seal_receipts().await;
    server.clock.advance(9 * DAY);
    server.app.run_maintenance().await;
    assert_eq!(server.count("SELECT count(*) FROM decisions").await, 1);
    assert_eq!(server.count("SELECT count(*) FROM signed_receipts").await, 2);
    let deletion = "SELECT count(*) FROM signed_receipts WHERE about = 'deletion'";
    assert_eq!(server.count(deletion).await, 1);
    server.app.seal_receipts().await;
    assert_eq!(faults(&server).await, Vec::<String>::new());
    let report = store(&server).await.check_receipts(None, &[]).await.unwrap();
    assert_eq!((report.receipts, report.sealed, report.deleted), (2, 3, 1));
    // Nothing more to do, and no further receipt of it.
    server.app.run_maintenance().await;
    assert_eq!(server.count(deletion).await, 1);
}

#[tokio::test]
async fn receipts_of_an_ended_relation_go_after_the_configured_days() {
    let toml = toml("refusals_days = 10\nended_agreements_days = 100\n");
    let server = Server::configured(&toml).await.unwrap();
    server.clock.advance(-101 * DAY);
    decide(&server, true).await;
    server.clock.advance(101 * DAY);
    server.app.run_maintenance().await;
    assert_eq!(server.count("SELECT count(*) FROM decisions").await, 1, "still linked");
    unlink(&server).await;
    server.app.run_maintenance().await;
    assert_eq!(server.count("SELECT count(*) FROM decisions").await, 0);
    assert_eq!(server.count("SELECT count(*) FROM receipt_items").await, 0);
    server.app.seal_receipts().await;
    assert_eq!(faults(&server).await, Vec::<String>::new());
}

/// The receipt of the erasure explains rows without a name, so it goes last.
#[tokio::test]
async fn receipts_of_an_erased_account_go_together() {
    let toml = toml("refusals_days = 3650\nended_agreements_days = 10\n");
    let server = Server::configured(&toml).await.unwrap();
    server.clock.advance(-30 * DAY);
    decide(&server, false).await;
    decide(&server, true).await;
    let at = server.clock.now();
    store(&server).await.erase("hana", at).await.unwrap();
    server.clock.advance(5 * DAY);
    server.app.seal_receipts().await;
    assert_eq!(faults(&server).await, Vec::<String>::new());
    server.clock.advance(25 * DAY);
    server.app.run_maintenance().await;
    assert_eq!(server.count("SELECT count(*) FROM decisions").await, 0);
    assert_eq!(server.count("SELECT count(*) FROM grant_changes").await, 0);
    server.app.seal_receipts().await;
    assert_eq!(faults(&server).await, Vec::<String>::new());
}

#[tokio::test]
async fn without_a_period_receipts_of_agreements_stay() {
    let server = Server::configured(&toml("")).await.unwrap();
    server.clock.advance(-4_000 * DAY);
    decide(&server, true).await;
    server.clock.advance(4_000 * DAY);
    unlink(&server).await;
    server.app.run_maintenance().await;
    assert_eq!(server.count("SELECT count(*) FROM decisions").await, 1);
}

#[tokio::test]
async fn nothing_can_be_deleted_before_its_period_ends() {
    let toml = toml("refusals_days = 10\nended_agreements_days = 100\n");
    let server = Server::configured(&toml).await.unwrap();
    server.clock.advance(-99 * DAY);
    decide(&server, true).await;
    unlink(&server).await;
    server.clock.advance(90 * DAY);
    decide(&server, false).await;
    let pool = database(&server).await;
    for sql in [
        "DELETE FROM receipt_items",
        "DELETE FROM decisions WHERE decision = 'agree'",
        "DELETE FROM decisions WHERE decision = 'cancel'",
        "DELETE FROM signed_receipts",
    ] {
        let refused = sqlx::query(sql).execute(&pool).await.unwrap_err().to_string();
        assert!(refused.contains("never deleted"), "{sql}: {refused}");
    }
}

/// A receipt that was removed in another way is not hidden by those that went in time.
#[tokio::test]
async fn only_a_signed_deletion_explains_a_missing_receipt() {
    let server = Server::configured(&toml("refusals_days = 10\n")).await.unwrap();
    server.clock.advance(-11 * DAY);
    decide(&server, false).await;
    server.clock.advance(11 * DAY);
    decide(&server, false).await;
    server.app.run_maintenance().await;
    server.app.seal_receipts().await;
    assert_eq!(faults(&server).await, Vec::<String>::new());
    let pool = database(&server).await;
    for sql in ["DELETE FROM receipt_items", "DELETE FROM decisions"] {
        // Another period, which an attacker sets to get around the triggers.
        sqlx::query("UPDATE receipt_settings SET keep_refusals = -9").execute(&pool).await.unwrap();
        sqlx::query(sql).execute(&pool).await.unwrap();
    }
    assert_eq!(faults(&server).await, ["leaf 1: its receipt is missing"]);
}

#[tokio::test]
async fn every_fault_of_a_period_is_reported_with_its_line() {
    let folder = tempfile::TempDir::new().unwrap();
    let file = folder.path().join("services.toml");
    let faulty = "refusals_days = 0\nended_agreements_days = \"5 years\"\nother = 1\n";
    let toml = toml(faulty);
    std::fs::write(&file, &toml).unwrap();
    let line = toml.lines().position(|line| line == "refusals_days = 0").unwrap() + 1;
    let mut settings = settings(folder.path(), Services::File(file));
    settings.trusted_proxies = vec!["127.0.0.1".parse().unwrap()];
    let Err(StartError::Configuration(faults)) = App::open(settings).await else {
        panic!("it started")
    };
    let faults: Vec<String> = faults.iter().map(ToString::to_string).collect();
    assert_eq!(faults.len(), 3, "{faults:?}");
    for (at, expected) in
        ["a number from 1 to 36525, found", "a number from 1", "unknown field `other`"]
            .iter()
            .enumerate()
    {
        let place = format!(":{}:", line + at);
        assert!(faults[at].contains(&place) && faults[at].contains(expected), "{}", faults[at]);
    }
}
